/* The ER server of ERP (RFC 6696): one EAP-Initiate/Re-auth, and its Finish.
 *
 *     RECEIVED     EAP-Initiate/Re-auth, and whom it came through
 *     CONTEXT      answers ASK: what there is of that name, and it is out of the table now
 *     NO_CONTEXT   answers ASK: nothing
 *
 * ASK takes the context out of the table, so that no SEQ serves at two places at once, and KEEP
 * puts it back. It comes with every outcome but that of a context past its lifetime: a name is
 * public, and who only names it must not take it away. KEEP is to be done before SEND leaves.
 *
 * The machine keeps nothing between packets: the same one may serve everybody, one at a time. */
#ifndef LK_PROTO_ERP_SERVER_H
#define LK_PROTO_ERP_SERVER_H

#include "proto/erp/machine.h"
#include "proto/rules.h"

enum lk_erp_server_state {
    LK_ERP_SERVER_IDLE,
    LK_ERP_SERVER_AWAIT_CONTEXT,
    LK_ERP_SERVER_STATE_COUNT
};

enum { LK_ERP_DUPLICATE_MS = 100 };

struct lk_erp_server_config {
    struct lk_span realm;  /* of keyName-NAIs */
    struct lk_span domain; /* told to who bootstraps; empty: none */
    uint8_t suites;        /* bits 1 << enum lk_erp_suite that are taken */
    uint32_t rmsk_lifetime_s; /* at most, and never past that of the rRK */
    uint32_t duplicate_ms; /* for so long the same Initiate gets the same Finish */
};
/* All suites but that of 64 bits, an hour, 100 ms. Realm and domain remain to be set. */
void lk_erp_server_defaults(struct lk_erp_server_config *config);

struct lk_erp_server {
    enum lk_erp_server_state state;
    bool is_for_it; /* an early key of that packet may go to whom it came through */
    uint8_t name[LK_EMSK_NAME_LEN];
    uint8_t print[LK_ERP_PRINT_LEN]; /* of the packet and of whom it came through */
    size_t len;
    uint8_t packet[LK_ERP_PACKET_MAX];
};

enum lk_erp_server_event_kind {
    LK_ERP_SERVER_EV_RECEIVED = 1,
    LK_ERP_SERVER_EV_CONTEXT,
    LK_ERP_SERVER_EV_NO_CONTEXT,
};
/* Secret with CONTEXT. */
struct lk_erp_server_event {
    enum lk_erp_server_event_kind kind;
    uint64_t now_ms;
    union {
        struct {
            struct lk_span packet;
            struct lk_span authenticator; /* its name: the rMSK is its own */
            bool of_home; /* it may have what is for another, to bring it there */
        } received;
        struct lk_erp_context context;
    };
};

void lk_erp_server_init(struct lk_erp_server *server);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED, or the decoder's status for what is no Initiate/Re-auth. */
LK_MUST_CHECK enum lk_status lk_erp_server_step(struct lk_erp_server *server,
                                                const struct lk_erp_server_config *config,
                                                const struct lk_erp_server_event *event,
                                                struct lk_erp_outbox *out);

extern const struct lk_rule_table lk_erp_server_rules;

#endif
