/* What the machines of ERP put out, peer and server. */
#ifndef LK_PROTO_ERP_MACHINE_H
#define LK_PROTO_ERP_MACHINE_H

#include "base/reason.h"
#include "proto/erp/packet.h"

/* The key for the authenticator, together with the Finish. */
struct lk_erp_grant {
    struct lk_imsi imsi;
    struct lk_mis_pseudonym mis_mn; /* of the context */
    bool early;          /* a pMSK, for the PoS that the Initiate names; there is no rMSK then */
    struct lk_rmsk rmsk;
    struct lk_pmsk pmsk;
    uint16_t seq;
    uint32_t rmsk_lifetime_s, rrk_lifetime_s; /* of the pMSK, with early; of its parent */
    bool bootstrap;
};

enum lk_erp_output_kind {
    LK_ERP_OUT_SEND = 1,
    LK_ERP_OUT_ASK,    /* server: the context of that name */
    LK_ERP_OUT_KEEP,   /* the context as it is now, durable before what is sent leaves */
    LK_ERP_OUT_TIMER,  /* peer: tell me EXPIRED at that time; a later one replaces it */
    LK_ERP_OUT_GRANT,
    LK_ERP_OUT_FAILED,
};
struct lk_erp_output {
    enum lk_erp_output_kind kind;
    union {
        struct lk_span send; /* into the outbox */
        uint8_t ask[LK_EMSK_NAME_LEN];
        struct lk_erp_context keep;
        uint64_t timer_ms;
        struct lk_erp_grant grant;
        struct lk_refusal failed;
    };
};
enum { LK_ERP_OUTPUTS = 4 };
/* May hold keys: wipe it when it has been read. */
struct lk_erp_outbox {
    size_t count, used;
    struct lk_erp_output item[LK_ERP_OUTPUTS];
    uint8_t octets[LK_ERP_PACKET_MAX];
};
void lk_erp_outbox_wipe(struct lk_erp_outbox *out);
const struct lk_erp_output *lk_erp_outbox_find(const struct lk_erp_outbox *out,
                                               enum lk_erp_output_kind kind);

/* Between the machines' files: the next output, for them to fill; and a packet under its tag as one
 * to be sent. Both fit a machine's step. */
struct lk_erp_output *lk_erp_outbox_add(struct lk_erp_outbox *out, enum lk_erp_output_kind kind);
LK_MUST_CHECK enum lk_status lk_erp_outbox_send(struct lk_erp_outbox *out,
                                                const struct lk_erp *packet,
                                                const struct lk_rrk *rrk);

#endif
