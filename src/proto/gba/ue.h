/* The UE at Ub (TS 33.220 4.5.2, TS 24.109 4): bootstraps a Ks with the BSF.
 *
 *     START       bootstrap, as this subscriber
 *     ANSWER      of the BSF to what was sent; NO_ANSWER: there is none
 *     CARD        answers ASK_CARD
 *     INFO        answers READ: what the body says; NO_INFO: it cannot be read
 *
 * T29: READ comes when the body has proven itself, and not before: nothing else of an answer is to
 * be used. A21: an algorithm that is not asked for, another qop or another realm ends it.
 *
 * SEND is a GET of / at the BSF with that Authorization, and User-Agent with 3gpp-gba-tmpi. */
#ifndef LK_PROTO_GBA_UE_H
#define LK_PROTO_GBA_UE_H

#include "proto/gba/ub.h"
#include "proto/machine.h"
#include "proto/rules.h"

enum lk_gba_ue_state {
    LK_GBA_UE_IDLE,
    LK_GBA_UE_AWAIT_CHALLENGE,
    LK_GBA_UE_AWAIT_CARD,
    LK_GBA_UE_AWAIT_RESULT,
    LK_GBA_UE_AWAIT_INFO,
    LK_GBA_UE_STATE_COUNT
};

struct lk_gba_ue_config {
    struct lk_span fqdn;  /* of the BSF */
    unsigned algorithms;  /* bits 1 << enum lk_gba_algorithm that are taken */
};

/* Secret from AWAIT_CARD on. */
struct lk_gba_ue {
    enum lk_gba_ue_state state;
    struct lk_gba_text impi, tmpi; /* tmpi empty: none, or the BSF did not know it */
    bool resynced, was_stale;
    enum lk_gba_algorithm algorithm;
    struct lk_gba_text nonce, opaque;
    bool has_opaque;
    char cnonce[LK_GBA_CNONCE_LEN];
    uint8_t rand[LK_RAND_LEN];
    struct lk_digest_password password;
    struct lk_ks ks;
};

enum lk_gba_ue_event_kind {
    LK_GBA_UE_EV_START = 1,
    LK_GBA_UE_EV_ANSWER,
    LK_GBA_UE_EV_NO_ANSWER,
    LK_GBA_UE_EV_CARD,
    LK_GBA_UE_EV_INFO,
    LK_GBA_UE_EV_NO_INFO,
};
/* Secret with CARD. */
struct lk_gba_ue_event {
    enum lk_gba_ue_event_kind kind;
    uint64_t now_ms;
    uint8_t entropy[LK_GBA_CNONCE_LEN / 2];
    union {
        struct {
            struct lk_span impi;
            struct lk_span tmpi; /* of the last bootstrapping with this BSF; empty: none */
        } start;
        struct {
            unsigned status;          /* of HTTP */
            struct lk_span challenge; /* WWW-Authenticate; empty: none */
            struct lk_span info;      /* Authentication-Info; empty: none */
            struct lk_span body;
        } answer;
        struct lk_card_answer card;
        struct {
            struct lk_span b_tid;
            uint64_t expires_s;
            struct lk_span home_agent, home_agent_address; /* empty: none */
        } info;
    };
};

enum lk_gba_ue_output_kind {
    LK_GBA_UE_OUT_SEND = 1,
    LK_GBA_UE_OUT_ASK_CARD,
    LK_GBA_UE_OUT_READ,  /* the body of the ANSWER of this very event */
    LK_GBA_UE_OUT_GRANT, /* replaces what was bootstrapped before */
    LK_GBA_UE_OUT_FAILED,
};
struct lk_gba_ue_output {
    enum lk_gba_ue_output_kind kind;
    union {
        struct lk_span send; /* Authorization */
        struct {
            uint8_t rand[LK_RAND_LEN];
            uint8_t autn[LK_AUTN_LEN];
        } ask_card;
        struct lk_span read;
        struct lk_gba_session grant;
        struct lk_refusal failed;
    };
};
enum { LK_GBA_UE_OUTPUTS = 2 };
/* May hold keys: wipe it when it has been read. */
struct lk_gba_ue_outbox {
    size_t count, used;
    struct lk_gba_ue_output item[LK_GBA_UE_OUTPUTS];
    uint8_t octets[LK_HTTP_DIGEST_MAX];
};
void lk_gba_ue_outbox_wipe(struct lk_gba_ue_outbox *out);
const struct lk_gba_ue_output *lk_gba_ue_outbox_find(const struct lk_gba_ue_outbox *out,
                                                     enum lk_gba_ue_output_kind kind);

void lk_gba_ue_init(struct lk_gba_ue *ue);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED, or LK_E_LENGTH for a START with a name that is too long. */
LK_MUST_CHECK enum lk_status lk_gba_ue_step(struct lk_gba_ue *ue,
                                            const struct lk_gba_ue_config *config,
                                            const struct lk_gba_ue_event *event,
                                            struct lk_gba_ue_outbox *out);

extern const struct lk_rule_table lk_gba_ue_rules;

#endif
