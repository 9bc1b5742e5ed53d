/* The peer of ERP (RFC 6696): keys for an authenticator in one round trip, from an EAP run before;
 * and of early authentication (RFC 6630): a key for one that it names and is not at yet.
 *
 *     CONTEXT    what that run left: rRK, its name, its lifetime; replaces what there was
 *     START      the peer begins by itself
 *     EARLY      an Initiate for somebody else to bring home, and the key that comes of it: who has
 *                that key, the home gave it to. No Finish is awaited; one that was, is no more
 *     RECEIVED   EAP-Initiate/Re-auth-Start of an authenticator, or EAP-Finish/Re-auth
 *     EXPIRED    the timer that was asked for
 *     FORGET     nothing is to be kept
 *
 * KEEP comes before SEND: a SEQ that went out is not used again, whatever happens to the device.
 * What is sent again is the same octets; what is begun anew has the next SEQ. A Finish that does
 * not prove itself changes nothing: the true one may still come. */
#ifndef LK_PROTO_ERP_PEER_H
#define LK_PROTO_ERP_PEER_H

#include "proto/erp/machine.h"
#include "proto/rules.h"

enum lk_erp_peer_state {
    LK_ERP_PEER_OFF, /* no context: only EAP leads on */
    LK_ERP_PEER_READY,
    LK_ERP_PEER_AWAIT_FINISH,
    LK_ERP_PEER_STATE_COUNT
};

struct lk_erp_peer_config {
    struct lk_span realm;   /* of the home */
    uint8_t suites;         /* bits 1 << enum lk_erp_suite that may be used */
    enum lk_erp_suite suite; /* to begin with, one of them */
    bool ask_lifetimes;
    uint32_t retry_ms;      /* to the first repeat, then twice as long each; 0: none are needed */
    uint8_t tries;
};
/* HMAC-SHA256-128, and that of 256 bits where the server wants it; lifetimes; a second, four tries.
 * The realm remains to be set. */
void lk_erp_peer_defaults(struct lk_erp_peer_config *config);

enum {
    LK_ERP_INITIATE_MAX = 8 + 2 + LK_ERP_NAI_MAX + 1 + LK_ERP_TAG_MAX,
    LK_ERP_CAP_MAX = 255, /* octets of a name */
    LK_ERP_EARLY_MAX = LK_ERP_INITIATE_MAX + 2 + LK_ERP_CAP_MAX,
};

struct lk_erp_peer {
    enum lk_erp_peer_state state;
    struct lk_erp_context context;
    uint8_t id;     /* of the last Initiate */
    uint16_t seq;
    bool bootstrap;
    bool switched;  /* to the suite that the server wants, once */
    uint8_t tries;
    size_t len;
    uint8_t initiate[LK_ERP_INITIATE_MAX];
};

enum lk_erp_peer_event_kind {
    LK_ERP_PEER_EV_CONTEXT = 1,
    LK_ERP_PEER_EV_START,
    LK_ERP_PEER_EV_EARLY,
    LK_ERP_PEER_EV_RECEIVED,
    LK_ERP_PEER_EV_EXPIRED,
    LK_ERP_PEER_EV_FORGET,
};
/* Secret with CONTEXT. */
struct lk_erp_peer_event {
    enum lk_erp_peer_event_kind kind;
    uint64_t now_ms;
    union {
        struct lk_erp_context context;
        bool bootstrap; /* START: of a network whose domain is not known yet */
        struct lk_span early;    /* EARLY: the candidate attachment point's name */
        struct lk_span received;
    };
};

void lk_erp_peer_init(struct lk_erp_peer *peer);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED; LK_E_MAC, LK_E_VALUE or the decoder's status for what is not the Finish
 * that is awaited; LK_E_LENGTH for a realm or a name that is too long, or no name. */
LK_MUST_CHECK enum lk_status lk_erp_peer_step(struct lk_erp_peer *peer,
                                              const struct lk_erp_peer_config *config,
                                              const struct lk_erp_peer_event *event,
                                              struct lk_erp_outbox *out);

extern const struct lk_rule_table lk_erp_peer_rules;

#endif
