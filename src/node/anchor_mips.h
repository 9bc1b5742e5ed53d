/* What both Mobile IPs have in common at the anchor: a request, from the cheapest check to the row
 * that it changes (anchor_mips.c). Each is a row of functions, for what its messages are and which
 * machine decides. */
#ifndef LK_NODE_ANCHOR_MIPS_H
#define LK_NODE_ANCHOR_MIPS_H

#include "node/anchor_parts.h"
#include "wire/mip6.h"

struct lk_anchor_mip_kind;

/* A request under way. */
struct lk_anchor_asking {
    struct lk_anchor *anchor;
    const struct lk_anchor_event *event;
    struct lk_anchor_outbox *out;
    const struct lk_anchor_mip_kind *kind;
    const void *request; /* as the kind has read it */
    /* What it says that all look at. */
    bool has_nai, is_signed;
    struct lk_span nai;
    struct lk_address home; /* ::, it names none */
    uint32_t spi;           /* where it is signed */
    struct lk_span b_tid;   /* under that authenticator; empty: none */
    /* What is found by it. */
    struct lk_imsi imsi;
    struct lk_binding *binding; /* NULL: the device has no row */
    const struct lk_mip_msa *msa;
    bool is_new;     /* that is the event's key, which is in no table yet */
    uint64_t holder; /* in the table of associations */
};

/* What the machine says to it. */
struct lk_anchor_decided {
    struct lk_anchor_said said;
    uint8_t code; /* of a refusal; 0: nothing is answered */
    struct lk_refusal refusal; /* reason NONE: it is not refused */
    bool proven;  /* who passed it on is where he says, and has asked the device himself */
    union {
        struct lk_mip_ha_outbox words;
        struct {
            struct lk_mip_ha6_outbox words6;
            uint8_t packet[LK_MIP_HA6_OCTETS + LK_MIP6_HEADERS_MAX]; /* that send is in */
        };
    };
};

struct lk_anchor_mip_kind {
    uint8_t protocol; /* enum lk_binding_protocol_number */
    /* The lease has what no device of this kind can be without. */
    bool (*fits)(const struct lk_pmip_lease *lease);
    /* Somebody whom we know has signed it, too: it is not for one more stranger there. NULL: nobody
     * does. */
    bool (*vouches)(const struct lk_anchor_asking *asking);
    /* Asks the AAA, where that is to be asked for it. NULL: it never is. */
    enum lk_anchor_aaa (*asks_aaa)(const struct lk_anchor_asking *asking);
    /* Gives the request to the machine of the draft, which is a copy of the row as it is. False: it
     * has nothing to say. */
    bool (*decide)(struct lk_anchor_decided *decided, struct lk_binding *draft,
                   const struct lk_anchor_asking *asking, const struct lk_pmip_lease *lease);
};

/* Whether another request may be looked at (T15). */
bool lk_anchor_mip_within_budget(struct lk_anchor *anchor, uint64_t now_ms);
/* Said to the log alone: with no association there is nobody to prove an answer to. */
void lk_anchor_mip_drop(struct lk_anchor_asking *asking, enum lk_reason reason, const char *came);
/* The same, by the machine's refusal. */
void lk_anchor_mip_refused(struct lk_anchor_asking *asking, const struct lk_refusal *refusal);
/* One that was read, by its kind, from the first look-up to the row. */
void lk_anchor_mip_serve(struct lk_anchor_asking *asking);
/* The core's word for what either home agent's machine did. */
enum lk_binding_change lk_anchor_mip_change(enum lk_mip_change change);

#endif
