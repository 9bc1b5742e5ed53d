/* Establishment of an SA between MN and PoS by MIS_Auth (IEEE 802.21 9.2): what both machines,
 * mn_auth and pos_auth, take and put out.
 *
 *     MN                                    PoS                                home
 *      |  Auth ind: Nonce-T, offers -------> |                                   |
 *      | <-- Auth req: Nonce-N, EAP packet   |                                   |
 *      |  Auth rsp: EAP packet ------------> | --- EAP packet -----------------> |
 *      |             ...                     | <-- EAP packet, or keys --------- |
 *      | <-- Auth req: EAP packet, SAID, choice, lifetime, AUTH-N, start mark    |
 *      |  Auth rsp: AUTH-T ----------------> |
 *
 * EAP and ERP packets are octets here: who drives the machines gives them to the peer of EAP or
 * ERP, and to the home. The first Auth rsp has Nonce-T and offers again, as the PoS may have begun
 * by itself, or not have heard the indication; what the first rsp says counts. Of a K only the
 * event has it: no machine keeps it. AUTH proves that both ends said and heard the same (T42).
 *
 * A machine is of one establishment, and done with the SA: what is said under that, link keys and
 * its end among it, is of who holds it (node/pos, node/mis_device), as of an SA by an SPoS.
 * Messages come read, and leave as lists of TLVs: header and transactions are of
 * proto/mis/exchange. */
#ifndef LK_PROTO_MIS_AUTH_H
#define LK_PROTO_MIS_AUTH_H

#include "base/reason.h"
#include "proto/mis/agree.h"
#include "proto/mis/chain.h"
#include "proto/mis/lists.h"
#include "proto/mis/sa.h"
#include "proto/rules.h"

enum {
    LK_MIS_AUTH_DEADLINE_MS = 30000, /* for all of it; half-open for no longer */
    LK_MIS_AUTH_ENTROPY = LK_MIS_NONCE_LEN + LK_MIS_SA_ID_MAX,
};

struct lk_mis_auth_config {
    struct lk_mis_codes codes;
    struct lk_mis_name self;
    struct lk_mis_offers offers; /* of the MN; of the PoS: what it will have */
    uint32_t lifetime_s;         /* of an SA, at most */
    uint32_t deadline_ms;
    bool erp;                    /* PoS: begins with Re-auth-Start, not with EAP's identity */
    uint8_t id_len;              /* PoS: of the SAIDs that it draws */
};
/* No name; the default offers, an hour, 30 s; ERP, 16 octets. */
void lk_mis_auth_defaults(struct lk_mis_auth_config *config);

/* What is agreed about an SA, until it is one. */
struct lk_mis_auth_terms {
    uint8_t nonce_t[LK_MIS_NONCE_LEN], nonce_n[LK_MIS_NONCE_LEN];
    struct lk_mis_offers offers; /* of the MN */
    struct lk_mis_agreed agreed;
    size_t id_len;
    uint8_t id[LK_MIS_SA_ID_MAX];
    uint32_t lifetime_s;
    size_t mark_len;
    uint8_t mark[LK_MIS_START_MARK_MAX];
};

/* ---- events ---- */

enum lk_mis_auth_event_kind {
    LK_MIS_AUTH_EV_START = 1, /* begin */
    LK_MIS_AUTH_EV_MESSAGE,   /* of the other end, new or an answer (proto/mis/exchange) */
    LK_MIS_AUTH_EV_EAP,       /* MN: what our EAP or ERP says, or nothing; PoS: the home's next */
    LK_MIS_AUTH_EV_KEYS,      /* MN: of our EAP or ERP; PoS: the home accepts */
    LK_MIS_AUTH_EV_REFUSED,   /* MN: our EAP gave up; PoS: the home says no */
    LK_MIS_AUTH_EV_SILENT,    /* a request was not answered (proto/mis/exchange) */
    LK_MIS_AUTH_EV_EXPIRED,   /* the timer that was asked for */
};

/* Secret with KEYS. */
struct lk_mis_auth_event {
    enum lk_mis_auth_event_kind kind;
    uint64_t now_ms;
    uint8_t entropy[LK_MIS_AUTH_ENTROPY]; /* fresh random octets with every event */
    union {
        struct {
            const struct lk_mis_header *header;
            const struct lk_mis_message *message;
        } message;
        struct lk_span eap;
        struct {
            const struct lk_mis_k *k;
            enum lk_mis_run run; /* LK_MIS_RUN_FULL, or how ERP was done */
            uint32_t lifetime_s; /* of K, or what the home allows */
            struct lk_span mn;   /* MISF ID of the MN from now on; empty: as it was until now */
            struct lk_span eap;        /* PoS: the last packet */
            struct lk_span start_mark; /* PoS: of the home, may be empty */
        } keys;
        struct {
            struct lk_refusal why;
            struct lk_span eap; /* PoS: what the home says to the MN, may be empty */
        } refused;
    };
};

/* ---- outputs ---- */

enum lk_mis_auth_output_kind {
    LK_MIS_AUTH_OUT_SEND = 1,
    LK_MIS_AUTH_OUT_EAP,    /* MN: for our EAP or ERP; PoS: for the home */
    LK_MIS_AUTH_OUT_SA,
    LK_MIS_AUTH_OUT_TIMER,  /* tell me EXPIRED at that time */
    LK_MIS_AUTH_OUT_FAILED, /* there will be no SA */
};

struct lk_mis_auth_output {
    enum lk_mis_auth_output_kind kind;
    union {
        struct {
            struct lk_mis_header header; /* id; with a response also the TID */
            struct lk_span list;         /* into the outbox */
        } send;
        struct lk_span eap; /* in the event */
        struct {
            struct lk_mis_sa sa;
            enum lk_mis_run run;
            size_t mark_len;
            uint8_t mark[LK_MIS_START_MARK_MAX];
        } sa;
        uint64_t timer_ms;
        struct {
            struct lk_refusal why;
            enum lk_mis_reason told; /* by or to the other end */
        } failed;
    };
};

enum { LK_MIS_AUTH_OUTPUTS = 3 };

/* May hold keys: wipe it when it has been read. */
struct lk_mis_auth_outbox {
    size_t count;
    struct lk_mis_auth_output item[LK_MIS_AUTH_OUTPUTS];
    struct lk_mis_lists lists;
};
void lk_mis_auth_outbox_wipe(struct lk_mis_auth_outbox *out);

#endif
