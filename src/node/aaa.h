/* The AAA node: the radius room and the eap room joined, from datagram to answer; and, for points
 * of service of MIS, what the home gives them.
 *
 * One job a request. receive takes a datagram and says what is to be done; when the EAP machine
 * asks for something, the job waits and told brings the answer. Between two requests of one
 * authentication nothing is kept: the EAP machine travels in the sealed State. A job is a plain
 * struct; a role keeps as many as it lets wait for the vault at a time.
 *
 *     receive --> DROP | ANSWER | ASK | STORE | SIGN | ASK_MIP
 *     ASK:   carry out ASK_VECTOR or ASK_REAUTH of out->eap, then told --> as receive, but STORE
 *     SIGN:  sign out->mark as the home, then signed, with out as it was --> ANSWER
 *     ASK_ERP: take the context that out->erp asks for, then told_erp --> DROP | ANSWER | SIGN
 *     ASK_MIP: find the key that job->mip is to be proven with, then told_mip --> ANSWER
 *     STORE: make out->record durable, then stored --> DROP | ANSWER
 *     ANSWER: send out->answer; out->eap may hold KEEP_REAUTH, GRANT or FAILED to be carried out,
 *             or out->erp GRANT or FAILED; with keeps_erp, out->erp_context is to be kept.
 */
#ifndef LK_NODE_AAA_H
#define LK_NODE_AAA_H

#include "keys/akma.h"
#include "keys/wlcp.h"
#include "proto/eap/server.h"
#include "proto/erp/server.h"
#include "proto/mip/keygen.h"
#include "proto/radius/private_mip.h"
#include "proto/radius/private_mis.h"
#include "proto/radius/server.h"
#include "proto/radius/state.h"
#include "store/store.h"

enum {
    LK_AAA_ENTROPY_LEN = LK_ENTROPY_LEN + 22, /* for the EAP machine, then for salts */
    LK_AAA_CALLING_MAX = 32,
    LK_AAA_ENTERPRISE = LK_RADIUS_ENTERPRISE,
    LK_AAA_MIP_NAME = 255,
    LK_AAA_MIP_B_TID = 278,
};

/* The home's side of MIS. The key that start marks are signed with stays with the role: signing
 * takes scratch from the heap. */
struct lk_aaa_mis_config {
    char realm[LK_MIS_REALM_MAX + 1]; /* our own: of MN, and in start marks */
    char psk_usage[64];  /* usage label of the key of an SA by TLS */
    char mn_usage[64];   /* of what an MN is called */
    char k_usage[64];    /* of K of a PoS */
    struct lk_node_day_key subscriber_key;
    bool signs;          /* SIGN is answered */
    uint8_t max;         /* optimised establishments behind one authentication */
    uint32_t lifetime_s; /* of what comes of one authentication */
    bool erp;            /* and ERP behind it */
    uint32_t erp_lifetime_s; /* of the rRK */
};

struct lk_aaa_config {
    struct lk_eap_server_config eap; /* its pseudonym keys are set by lk_aaa_config_roll */
    struct lk_seal_keys state_keys;
    struct lk_radius_class_key class_key;
    uint32_t state_lifetime_s;  /* how long a challenge may be answered */
    uint32_t session_timeout_s; /* Session-Timeout of an Accept; 0 leaves it out */
    bool reauthenticate; /* Termination-Action RADIUS-Request: at the timeout authenticate anew */
    bool always_key_name; /* EAP-Key-Name also when it was not asked for */
    uint32_t enterprise;         /* of the private vendor attributes */
    struct lk_wlcp_kdf wlcp_kdf; /* what enters the WLCP key, as at the device */
    struct lk_aaa_mis_config mis;
    bool akma;                   /* out->akma is made */
    struct lk_mip_keygen_config mip;
    bool rolled;         /* keys are there */
};

/* EAP defaults; 60 s to answer, an hour a session, enterprise LK_AAA_ENTERPRISE; MIS for an hour
 * and three establishments, without start marks, and ERP for an hour. No keys yet. */
void lk_aaa_config_defaults(struct lk_aaa_config *config);
/* Derives the keys of the day; does nothing while the day is the same. Call it before a batch. */
void lk_aaa_config_roll(struct lk_aaa_config *config, const struct lk_node_key *node_key,
                        uint64_t now_ms);
void lk_aaa_config_wipe(struct lk_aaa_config *config);

enum lk_aaa_verdict {
    LK_AAA_DROP,   /* silence; out->reason says why */
    LK_AAA_ANSWER, /* out->answer is to be sent to where the request came from */
    LK_AAA_ASK,    /* out->eap holds a question: the job waits for told */
    LK_AAA_STORE,  /* out->record is to be made durable: the job waits for stored */
    LK_AAA_SIGN,   /* out->mark is to be signed: the job waits for signed */
    LK_AAA_ASK_ERP, /* out->erp holds a question: the job waits for told_erp */
    LK_AAA_ASK_MIP, /* job->mip says whose key is wanted: the job waits for told_mip */
};

enum lk_aaa_job_state {
    LK_AAA_JOB_IDLE,
    LK_AAA_JOB_AWAIT_TOLD,
    LK_AAA_JOB_AWAIT_STORED,
    LK_AAA_JOB_AWAIT_SIGNED,
    LK_AAA_JOB_AWAIT_ERP,
    LK_AAA_JOB_AWAIT_MIP,
};

/* What an agent of Mobile IP asks, while its key is looked for. */
struct lk_aaa_mip {
    enum lk_radius_mip_agent agent;
    enum lk_radius_mip_wants wants;
    char name[LK_AAA_MIP_NAME + 1]; /* of the agent */
    struct lk_imsi imsi;            /* as the NAI says; empty where it was not read */
    uint32_t spi;                   /* under which the node proves itself */
    uint16_t b_tid_len;             /* 0: it names no bootstrapping */
    uint8_t b_tid[LK_AAA_MIP_B_TID];
    uint16_t request_len;
    uint8_t request[LK_MIP_MESSAGE_MAX];
};

struct lk_aaa_job {
    enum lk_aaa_job_state state;
    const struct lk_radius_client *client; /* its table must outlive the job */
    struct lk_address source;
    uint8_t code;
    uint8_t identifier;
    uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN];
    bool wants_key_name;
    bool leg_is_closed; /* nobody else reads what the client is sent */
    bool is_pos;        /* a PoS asks for the MIS service, and may have it */
    enum lk_reason withheld; /* why multi-connection mode or MIS was not offered; NONE */
    uint8_t eap_id; /* of the EAP packet that came */
    uint8_t salts[LK_AAA_ENTROPY_LEN - LK_ENTROPY_LEN];
    uint8_t calling_len;
    char calling[LK_AAA_CALLING_MAX]; /* Calling-Station-Id, cut: for logs */
    uint16_t proxy_states_len;
    uint8_t proxy_states[LK_RADIUS_PROXY_STATES_MAX];
    uint64_t now_ms;
    struct lk_eap_server eap; /* secret; after ANSWER to an Access-Request its imsi, type, state and
                                * refusal may be read for logs */
    struct lk_erp_server erp; /* of ERP instead */
    struct lk_aaa_mip mip;    /* of Mobile IP instead */
};

/* What came, and with what to treat it. */
struct lk_aaa_datagram {
    struct lk_span octets;
    enum lk_radius_port port;
    struct lk_address source;
    const struct lk_radius_client *client; /* NULL: none covers source */
    uint64_t now_ms;
    const uint8_t *entropy; /* LK_AAA_ENTROPY_LEN octets, used once */
    bool is_protected; /* it came over TLS from a client that showed who it is */
};

/* Of a primary authentication: what goes to the AAnF. Secret. */
struct lk_aaa_akma_keys {
    bool is_there;
    struct lk_k_akma key;
    struct lk_a_tid a_tid;
};

enum lk_aaa_mip_outcome { LK_AAA_MIP_NONE, LK_AAA_MIP_GRANTED, LK_AAA_MIP_REFUSED };

/* Owned by the caller, one a worker is enough: read it before the next call, then wipe it. */
struct lk_aaa_out {
    enum lk_reason reason; /* of DROP; and of an Access-Reject, as in FAILED */
    enum lk_reason withheld; /* of an Access-Accept that gives less than was asked; NONE */
    struct lk_outbox eap;  /* ASK_VECTOR, ASK_REAUTH, KEEP_REAUTH, GRANT, FAILED; SEND is for us */
    struct lk_erp_outbox erp; /* ASK, KEEP, GRANT, FAILED; SEND is for us */
    bool keeps_erp;
    struct lk_erp_context erp_context; /* secret */
    struct lk_accounting record; /* of STORE */
    struct lk_start_mark mark;   /* of SIGN: views into mis and into the configuration */
    struct lk_mis_pseudonym mis_mn; /* of an EAP run */
    struct lk_radius_mis mis;    /* secret: what a PoS is given */
    struct lk_aaa_akma_keys akma; /* behind GRANT of out->eap */
    enum lk_aaa_mip_outcome mip;
    char mip_came[LK_REFUSAL_TEXT]; /* of REFUSED: what was found, for the log; "" */
    size_t answer_len;
    uint8_t answer[LK_RADIUS_PACKET_MAX];
};

/* job need not be initialised. */
enum lk_aaa_verdict lk_aaa_job_receive(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       const struct lk_aaa_config *config,
                                       const struct lk_aaa_datagram *datagram);
/* event: VECTOR, NO_VECTOR, REAUTH or NO_REAUTH, with its time and entropy. */
enum lk_aaa_verdict lk_aaa_job_told(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                    const struct lk_aaa_config *config,
                                    const struct lk_event *event);
/* event: CONTEXT or NO_CONTEXT. KEEP of out->erp is to be carried out before anything is sent. */
enum lk_aaa_verdict lk_aaa_job_told_erp(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                        const struct lk_aaa_config *config,
                                        const struct lk_erp_server_event *event);
/* What the role has found for ASK_MIP. */
struct lk_aaa_mip_told {
    uint64_t now_ms; /* since 1970 */
    /* The key that the request is to be proven with. KEYS: the subscriber's with the home AAA,
     * under job->mip.spi; PUSHED: the one with the agent. T27: of job->mip.imsi. NULL: none. */
    const struct lk_mip_msa *with;
    enum lk_reason reason; /* why there is none */
    const char *came;      /* and what was found instead; or NULL */
    struct lk_mip_keygen *keygen; /* KEYS: of the subscriber; nobody else has it meanwhile */
    uint8_t entropy[LK_MIP_KEYGEN_ENTROPY]; /* fresh */
};
enum lk_aaa_verdict lk_aaa_job_told_mip(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                        const struct lk_aaa_config *config,
                                        const struct lk_aaa_mip_told *told);
/* ok: the record is durable. Otherwise there is no answer, and the client will ask again. */
enum lk_aaa_verdict lk_aaa_job_stored(struct lk_aaa_job *job, struct lk_aaa_out *out, bool ok);
/* mark: what lk_start_mark_sign made of out->mark; empty: it could not, and the PoS gets none. out
 * is as SIGN left it. */
enum lk_aaa_verdict lk_aaa_job_signed(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                      const struct lk_aaa_config *config, struct lk_span mark);
/* Wipes what a job, and what an out, holds of secrets. */
void lk_aaa_job_wipe(struct lk_aaa_job *job);
void lk_aaa_out_wipe(struct lk_aaa_out *out);

#endif
