/* Between the files of the anchor only: anchor.c (events, records), anchor_row.c (whose row, which
 * addresses), anchor_request.c (control plane of PMIPv6), anchor_mips.c, anchor_mip.c and
 * anchor_mip6.c (that of both Mobile IPs, of either), anchor_aaa.c (when a key is asked for),
 * anchor_reach.c (where devices are), anchor_refuse.c (who hears of a refusal),
 * anchor_revoke.c (what foreign agents are told, and say), binding_pmip.c, binding_mip.c and
 * binding_mip6.c (their rows), anchor_packet.c (user plane). */
#ifndef LK_NODE_ANCHOR_PARTS_H
#define LK_NODE_ANCHOR_PARTS_H

#include "node/anchor.h"
#include "node/binding_protocol.h"

struct lk_anchor_output *lk_anchor_add(struct lk_anchor_outbox *out,
                                       enum lk_anchor_output_kind kind, uint32_t mag);
/* The pool in whose network it lies, or NULL. */
const struct lk_pool *lk_anchor_pool_of(const struct lk_anchor_config *config,
                                        const struct lk_address *address);
/* name is filled up with zeroes. 0: nobody's, which is empty. */
void lk_anchor_mag_name(char name[LK_BINDING_NAME_MAX + 1], const struct lk_anchor_config *config,
                        uint32_t mag);
/* The same of an owner: a gateway's name, or the care-of address. */
void lk_anchor_owner_name(char name[LK_BINDING_NAME_MAX + 1],
                          const struct lk_anchor_config *config,
                          const struct lk_binding_standing *standing);

/* What the machine of a row said. */
struct lk_anchor_said {
    struct lk_binding_standing before;
    enum lk_binding_change change; /* 0: nothing is to be stored */
    bool again;                    /* its answer is that of the time before, and waits for the store
                                    * as that one did */
    struct lk_span send;           /* to gateway mag, or to; empty: nothing */
    uint32_t mag;
    struct lk_anchor_place to;
};
void lk_anchor_carry(struct lk_anchor *anchor, struct lk_binding *binding,
                     const struct lk_anchor_said *said, uint64_t now_ms,
                     struct lk_anchor_outbox *out);
/* The same of PMIPv6's; before: how the row stood. */
void lk_anchor_carry_pmip(struct lk_anchor *anchor, struct lk_binding *binding,
                          const struct lk_binding_standing *before,
                          const struct lk_pmip_lma_outbox *said, uint32_t mag, uint64_t now_ms,
                          struct lk_anchor_outbox *out);
/* Mobile IP's words; before is left to the caller. */
struct lk_anchor_said lk_anchor_mip_said(const struct lk_mip_ha_outbox *words);
struct lk_anchor_said lk_anchor_mip6_said(const struct lk_mip_ha6_outbox *words);
/* The machine of the row, or what it begins with: behind all that another protocol has accepted.
 * binding may be NULL. */
struct lk_pmip_lma lk_anchor_pmip_of(const struct lk_anchor *anchor,
                                     const struct lk_binding *binding);
struct lk_mip_ha lk_anchor_mip_of(const struct lk_anchor *anchor, const struct lk_binding *binding);
struct lk_mip_ha6 lk_anchor_mip6_of(const struct lk_anchor *anchor,
                                    const struct lk_binding *binding);

/* anchor_row.c */
/* By which a machine knows a request again. */
uint64_t lk_anchor_digest_of(struct lk_span octets);
/* A subscriber of a network that we serve. */
bool lk_anchor_serves(const struct lk_anchor_config *config, const struct lk_imsi *imsi);
/* What the device has, and, for what it has not yet, what is free. False when a pool is empty. */
LK_MUST_CHECK bool lk_anchor_lease(struct lk_pmip_lease *lease, const struct lk_anchor *anchor,
                                   const struct lk_imsi *imsi, uint16_t service,
                                   const struct lk_binding *binding);
/* The lease is the row's now, and the row is of that protocol: the addresses were free a moment
 * ago, and nothing came between. */
void lk_anchor_settle(struct lk_anchor *anchor, struct lk_binding *binding,
                      const struct lk_pmip_lease *lease, uint8_t protocol);
/* The table is full: who has been away longest, of some rows, loses his. Nothing that he was
 * accepted with before serves any more: a token is older than it may be (T31). */
void lk_anchor_make_room(struct lk_anchor *anchor, uint64_t now_ms);

/* anchor_aaa.c: whether BSF or AAA may be asked once more for who is at that address. */
bool lk_anchor_may_ask(struct lk_anchor *anchor, const struct lk_anchor_event *event);
/* Whether the AAA is asked for that request, whose sender is known by an association
 * or is not; vouched: an agent that we know has signed it. */
enum lk_anchor_aaa { LK_ANCHOR_AAA_NO, LK_ANCHOR_AAA_ASKED, LK_ANCHOR_AAA_TOO_FAST };
enum lk_anchor_aaa lk_anchor_aaa(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                                 const struct lk_mip_extensions *extensions,
                                 const struct lk_imsi *imsi, bool is_known, bool vouched,
                                 struct lk_anchor_outbox *out);

/* anchor_revoke.c */
/* Its foreign agent is to be told when it has left. */
bool lk_anchor_is_revocable(const struct lk_binding *binding);
/* The row was so, and is changed: the foreign agent that it had is told, if that has it no more.
 * words: of the machine that it was, NULL where another protocol has taken it over. */
void lk_anchor_revoke_left(struct lk_anchor *anchor, const struct lk_binding *was,
                           const struct lk_mip_ha_outbox *words, uint64_t now_ms,
                           struct lk_anchor_outbox *out);
/* The row is changed: what is being said to the agent where it is now is over. */
void lk_anchor_revoke_returned(struct lk_anchor *anchor, const struct lk_binding *binding);
void lk_anchor_revoke(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                      struct lk_anchor_outbox *out);
/* Says again what is due, of one; false: nothing is. */
bool lk_anchor_revoke_due(struct lk_anchor *anchor, uint64_t now_ms, struct lk_anchor_outbox *out);
/* A Registration Revocation, and the acknowledgement of one. */
void lk_anchor_revoked(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                       struct lk_anchor_outbox *out);
void lk_anchor_revoke_acked(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                            struct lk_anchor_outbox *out);

/* anchor_mip.c, anchor_mip6.c */
bool lk_anchor_fa_has(const struct lk_anchor_fa *fa, const struct lk_address *address);
void lk_anchor_mip(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                   struct lk_anchor_outbox *out);
void lk_anchor_mip6(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                    struct lk_anchor_outbox *out);

/* anchor_refuse.c */
/* A row of the table of budgets: of one subscriber (address NULL), or of him at one place or in one
 * network. what, kind: which budget, and of which refusals. */
struct lk_anchor_whose {
    uint8_t octets[2 + sizeof(uint64_t) + LK_ADDRESS_LEN];
};
struct lk_anchor_whose lk_anchor_whose_of(uint8_t what, int kind, uint64_t subject,
                                          const struct lk_address *address);

/* anchor_reach.c */
/* Where the device's own tunnel ends; port 0: it has none. */
struct lk_anchor_place lk_anchor_place_of(const struct lk_binding *binding);
bool lk_anchor_is_at(const struct lk_binding *binding, const struct lk_anchor_place *place);
/* Its packets go there, or went there last. */
bool lk_anchor_was_at(const struct lk_binding *binding, const struct lk_address *address);
/* What a place gets that has not proven to be one (T13): what matters less leaves some of it. So
 * many at once are in parts[], of all kinds together; one comes back in 20 s. */
enum lk_anchor_sent {
    LK_ANCHOR_SENT_REFUSAL,       /* that anybody can cause, where the device is not yet */
    LK_ANCHOR_SENT_REFUSAL_THERE, /* the same, where its packets go, or went last */
    LK_ANCHOR_SENT_TRAFFIC,
    LK_ANCHOR_SENT_ANSWER,        /* to what the device itself has asked; the probe */
};
/* Whether one more may go there on account of that subscriber, though nobody there has proven to
 * be he: a few may. */
bool lk_anchor_may_send(struct lk_anchor *anchor, enum lk_anchor_sent what, uint64_t subject,
                        const struct lk_address *address, uint64_t now_ms);
/* The same, and nothing is spent yet: what else it depends on can be looked at before. */
bool lk_anchor_could_send(struct lk_anchor *anchor, enum lk_anchor_sent what, uint64_t subject,
                          const struct lk_address *address, uint64_t now_ms);
/* Whether one more packet may go to where the device is: all when that is proven, else a few. */
bool lk_anchor_may_reach(struct lk_anchor *anchor, enum lk_anchor_sent what,
                         const struct lk_binding *binding, uint64_t now_ms);
/* Asks where the device is, unless that is proven or nothing more may go there. */
void lk_anchor_probe(struct lk_anchor *anchor, const struct lk_binding *binding, uint64_t now_ms,
                     struct lk_anchor_outbox *out);
/* Something of the device's came from where it is, for the gateway's address: what a probe asked
 * for, perhaps. True: it was that, and there is nothing else to do with it. */
bool lk_anchor_reached(struct lk_anchor *anchor, struct lk_binding *binding,
                       const struct lk_ip_packet *packet);

/* anchor_refuse.c */
/* Who would hear of a refusal in a subscriber's name. */
struct lk_anchor_hearer {
    uint64_t subject;
    struct lk_address address;
    bool is_there;  /* the device's own place, which has answered */
    bool was_there; /* where its packets go, or went last */
    bool again;     /* it is the answer of the time before */
};
/* Somebody can cause it who is not the device. */
bool lk_anchor_anybody_causes(enum lk_reason reason);
/* Whether he may hear of one for that reason once more. */
bool lk_anchor_may_refuse(struct lk_anchor *anchor, enum lk_reason reason,
                          const struct lk_anchor_hearer *hearer, uint64_t now_ms);
/* The device has answered from there: what it was told before is of nobody's account. */
void lk_anchor_refuse_anew(struct lk_anchor *anchor, uint64_t subject,
                           const struct lk_address *address);

void lk_anchor_request(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                       struct lk_anchor_outbox *out);
/* Brings the request that was held for this row again, if it is there. */
void lk_anchor_resume(struct lk_anchor *anchor, struct lk_binding *binding, uint64_t now_ms,
                      struct lk_anchor_outbox *out);
void lk_anchor_from_tunnel(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                           struct lk_anchor_outbox *out);
void lk_anchor_from_network(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                            struct lk_anchor_outbox *out);

#endif
