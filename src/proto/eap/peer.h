/* The EAP peer of EAP-AKA (RFC 4187) and EAP-AKA' (RFC 9048).
 *
 * START begins a run (and ends one that is under way); then it answers requests. The USIM is
 * asked in ASK_CARD and answers in CARD. GRANT comes with EAP-Success, never before; FAILED
 * comes with EAP-Failure; when the peer itself gave up, refusal says why as soon as its answer
 * is out. A request that comes again with the same identifier gets the same octets again.
 *
 * Pseudonym and re-authentication context are kept across runs in lk_eap_peer.kept; a role may
 * save it, and must treat it as secret. */
#ifndef LK_PROTO_EAP_PEER_H
#define LK_PROTO_EAP_PEER_H

#include "proto/eap/identity.h"
#include "proto/outbox.h"
#include "proto/rules.h"
#include "wire/eap.h"
#include "wire/eap_mode.h"

/* A06: when the permanent identity, and in it the IMSI, is said in clear. */
enum lk_eap_permanent {
    LK_PERMANENT_FREELY, /* also where nobody asked for it: in EAP-Response/Identity */
    LK_PERMANENT_ASKED,  /* to EAP-AKA's or AKA''s own request; before it, the realm alone */
    LK_PERMANENT_NEVER,  /* who has no pseudonym that is known is not authenticated */
};

/* What a laboratory makes a peer do wrong. */
enum lk_eap_peer_lab {
    LK_LAB_WRONG_RES = 1 << 0,        /* AT_RES is not what the USIM said; AT_MAC is right */
    LK_LAB_WRONG_MAC = 1 << 1,        /* AT_MAC is damaged */
    LK_LAB_ANY_NETWORK_NAME = 1 << 2, /* AT_KDF_INPUT is not compared */
    LK_LAB_ANY_AMF = 1 << 3,          /* the separation bit is not looked at */
    LK_LAB_WRONG_CHECKCODE = 1 << 4,
    LK_LAB_COUNTER_TOO_SMALL = 1 << 5, /* says so to every re-authentication */
    LK_LAB_BOTH_MODES = 1 << 6, /* asks for single- and multi-connection mode in one */
};

struct lk_eap_peer_config {
    struct lk_imsi imsi;
    uint8_t realm_len;
    char realm[LK_REALM_MAX];
    /* Sent in EAP-Response/Identity in place of what the peer would choose; empty: it chooses. */
    uint8_t outer_len;
    char outer[LK_EAP_IDENTITY_MAX];
    bool allow_aka_prime; /* preferred when both */
    bool allow_aka;
    uint8_t network_name_len; /* empty: any name is taken */
    char network_name[LK_NETWORK_NAME_MAX];
    bool use_pseudonyms;
    bool use_reauth;
    enum lk_eap_permanent permanent;
    bool conservative; /* with a pseudonym at hand it refuses to give the permanent identity */
    bool result_ind;   /* answer AT_RESULT_IND when the server offers it */
    bool want_multi;   /* ask for multi-connection mode where it is announced in EAP-AKA' */
    struct lk_mode_layout mode_layout;
    unsigned lab;      /* bits of lk_eap_peer_lab */
};

/* Both methods, network name WLAN, pseudonyms, re-authentication, result_ind; no connection mode is
 * asked for. imsi and realm remain to be set. */
void lk_eap_peer_defaults(struct lk_eap_peer_config *config);

enum lk_eap_peer_state {
    LK_EAP_PEER_IDLE,
    LK_EAP_PEER_AWAIT_REQUEST, /* identity, challenge, re-authentication */
    LK_EAP_PEER_AWAIT_CARD,
    LK_EAP_PEER_AWAIT_RESULT,  /* keys are there: EAP-Success, or the notification before it */
    LK_EAP_PEER_AWAIT_SUCCESS, /* success was notified under MAC */
    LK_EAP_PEER_AWAIT_FAILURE, /* refusal says why: by us, or notified */
    LK_EAP_PEER_DONE,
    LK_EAP_PEER_FAILED,
    LK_EAP_PEER_STATE_COUNT
};

/* What outlives a run. Secret. */
struct lk_eap_kept {
    uint8_t pseudonym_type; /* the method it was given in; 0: none */
    uint8_t pseudonym_len;  /* a username without realm */
    char pseudonym[LK_EAP_IDENTITY_MAX];
    bool has_reauth;
    uint8_t reauth_len; /* used octet by octet */
    char reauth_id[LK_EAP_IDENTITY_MAX];
    struct lk_reauth_context reauth; /* its name is not used here */
};

enum { LK_EAP_RESPONSE_MAX = 512 };

struct lk_eap_peer {
    enum lk_eap_peer_state state;
    struct lk_eap_kept kept;
    /* this run */
    uint8_t type;                 /* the method that runs, or 0 */
    uint8_t id;                   /* of the request in work */
    enum lk_identity_ask asked;   /* the strongest identity asked for */
    bool reauth_used;             /* the re-authentication identity was sent, and is spent */
    bool fast;                    /* keys come from a re-authentication */
    bool result_ind;              /* agreed */
    bool mode_asked;              /* multi-connection mode */
    bool multi;                   /* and got it, under AT_MAC */
    uint8_t mode_cause;           /* why not, as the network says (lk_mode_cause); 0 */
    struct lk_twag_address twag;  /* where WLCP is spoken then */
    bool kdf_asked;               /* our choice of KDF is out */
    bool resynced;
    uint8_t identity_len;
    uint8_t identity[LK_EAP_IDENTITY_MAX]; /* the last we sent */
    struct lk_running_hash rounds;
    bool has_rounds;
    uint8_t kdf_count; /* of the first challenge, for the comparison */
    uint16_t kdf[LK_AKA_KDF_MAX];
    uint16_t challenge_len;
    uint8_t challenge[LK_EAP_PACKET_MAX]; /* that the card is asked about */
    struct lk_eap_keys keys;
    struct lk_reauth_context spent; /* what the re-authentication of this run starts from */
    struct lk_session_id session_id;
    struct lk_eap_kept next; /* becomes kept with EAP-Success */
    struct lk_refusal refusal;
    uint8_t answered_id;  /* the last request answered, */
    uint16_t answer_len;  /* and how: 0: none yet */
    uint8_t answer[LK_EAP_RESPONSE_MAX];
};

void lk_eap_peer_init(struct lk_eap_peer *peer);
LK_MUST_CHECK enum lk_status lk_eap_peer_step(struct lk_eap_peer *peer,
                                              const struct lk_eap_peer_config *config,
                                              const struct lk_event *event,
                                              struct lk_outbox *out);

extern const struct lk_rule_table lk_eap_peer_rules;
const char *lk_eap_peer_state_name(enum lk_eap_peer_state state);

#endif
