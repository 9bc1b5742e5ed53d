/* The BSF at Ub (TS 33.220 4.5.2, TS 24.109 4): one HTTP request in, one answer out.
 *
 *     REQUEST     what a UE asks: who it is, or its response
 *     NAME        answers ASK_NAME: whose TMPI that is; NO_NAME: nobody's
 *     VECTOR      answers ASK_VECTOR; NO_VECTOR: why not
 *
 * The machine keeps nothing between requests: the same one may serve everybody, one at a time, and
 * any node answers what another began. What the second request needs is sealed in opaque. The
 * second request may come again, for the network loses answers: it has the same outcome, for as
 * long as a challenge lives. KEEP is to be durable before ANSWER leaves, and a session that was
 * created before the newest of its subscriber does not replace that.
 *
 * A18: who is no subscriber gets a challenge too, and no response to it is right. */
#ifndef LK_PROTO_GBA_BSF_H
#define LK_PROTO_GBA_BSF_H

#include "proto/gba/opaque.h"
#include "proto/rules.h"
#include "wire/gba_xml.h"

enum lk_gba_bsf_state {
    LK_GBA_BSF_IDLE,
    LK_GBA_BSF_AWAIT_NAME,
    LK_GBA_BSF_AWAIT_VECTOR,
    LK_GBA_BSF_AWAIT_RESYNC,
    LK_GBA_BSF_STATE_COUNT
};

enum { LK_GBA_CLOCKS_APART_S = 60 }; /* of two nodes, at most */

/* Of the user security settings, what Ub heeds. */
struct lk_gba_bsf_limit {
    struct lk_imsi imsi;
    uint32_t lifetime_s; /* its Ks lives no longer */
};

struct lk_gba_bsf_config {
    struct lk_span fqdn;       /* of this BSF: realm, and part of B-TIDs */
    struct lk_span impi_realm; /* of the IMPIs of our subscribers */
    struct lk_span home_agent; /* told to who bootstraps; empty: none */
    struct lk_span home_agent_address; /* with it; empty: only its name is */
    enum lk_gba_algorithm algorithm;
    uint32_t lifetime_s;       /* of Ks */
    const struct lk_gba_bsf_limit *limit; /* of limit_count subscribers */
    size_t limit_count;
    uint32_t challenge_s;      /* for so long the second request is answered */
    uint8_t decoy_amf[LK_AMF_LEN]; /* as the subscribers have it */
    const struct lk_seal_keys *keys; /* of LK_GBA_OPAQUE_LABEL, of today */
};
/* AKAv1-MD5, a day, a minute, AMF 0000. The rest remains to be set. */
void lk_gba_bsf_defaults(struct lk_gba_bsf_config *config);

struct lk_gba_bsf {
    enum lk_gba_bsf_state state;
    struct lk_gba_text username;
    struct lk_imsi imsi; /* empty: nobody's */
    bool stale, resynced;
};

enum lk_gba_bsf_event_kind {
    LK_GBA_BSF_EV_REQUEST = 1,
    LK_GBA_BSF_EV_NAME,
    LK_GBA_BSF_EV_NO_NAME,
    LK_GBA_BSF_EV_VECTOR,
    LK_GBA_BSF_EV_NO_VECTOR,
};
enum { LK_GBA_BSF_ENTROPY = 64 };
/* Secret with VECTOR. */
struct lk_gba_bsf_event {
    enum lk_gba_bsf_event_kind kind;
    uint64_t now_ms;
    uint8_t entropy[LK_GBA_BSF_ENTROPY]; /* fresh random octets with every event */
    bool untold; /* VECTOR: the subscriber may not hear of a home agent (S4 7.3.6) */
    union {
        struct {
            struct lk_span method, uri, authorization, body;
        } request;
        struct lk_imsi name;
        struct lk_vector vector; /* LK_VECTOR_CK_IK */
        enum lk_reason no_vector;
    };
};

enum lk_gba_bsf_output_kind {
    LK_GBA_BSF_OUT_ASK_NAME = 1,
    LK_GBA_BSF_OUT_ASK_VECTOR,
    LK_GBA_BSF_OUT_KEEP,
    LK_GBA_BSF_OUT_ANSWER,
    LK_GBA_BSF_OUT_FAILED, /* why; an ANSWER is beside it */
};
struct lk_gba_bsf_output {
    enum lk_gba_bsf_output_kind kind;
    union {
        struct lk_span ask_name; /* a TMPI, in the outbox */
        struct {
            struct lk_imsi imsi;
            bool nobody; /* no IMSI: what it would cost is spent nevertheless */
            bool resync; /* rand and auts are set */
            uint8_t rand[LK_RAND_LEN];
            uint8_t auts[LK_AUTS_LEN];
        } ask_vector;
        struct lk_gba_session keep;
        struct {
            unsigned status; /* of HTTP */
            struct lk_span challenge; /* WWW-Authenticate; empty: none */
            struct lk_span info;      /* Authentication-Info; empty: none */
            struct lk_span body;      /* application/vnd.3gpp.bsf+xml; empty: none */
            uint64_t expires_s;       /* with a body */
        } answer;
        struct lk_refusal failed;
    };
};
enum { LK_GBA_BSF_OUTPUTS = 3, LK_GBA_BSF_OCTETS = LK_HTTP_DIGEST_MAX + LK_GBA_XML_MAX };
/* May hold keys: wipe it when it has been read. */
struct lk_gba_bsf_outbox {
    size_t count, used;
    struct lk_gba_bsf_output item[LK_GBA_BSF_OUTPUTS];
    uint8_t octets[LK_GBA_BSF_OCTETS];
};
void lk_gba_bsf_outbox_wipe(struct lk_gba_bsf_outbox *out);
const struct lk_gba_bsf_output *lk_gba_bsf_outbox_find(const struct lk_gba_bsf_outbox *out,
                                                       enum lk_gba_bsf_output_kind kind);

void lk_gba_bsf_init(struct lk_gba_bsf *bsf);
/* out is emptied first. LK_OK: state may have moved. LK_E_UNEXPECTED: nothing has changed, and out
 * is empty. */
LK_MUST_CHECK enum lk_status lk_gba_bsf_step(struct lk_gba_bsf *bsf,
                                             const struct lk_gba_bsf_config *config,
                                             const struct lk_gba_bsf_event *event,
                                             struct lk_gba_bsf_outbox *out);

extern const struct lk_rule_table lk_gba_bsf_rules;

#endif
