/* The EAP server of EAP-AKA (RFC 4187) and EAP-AKA' (RFC 9048).
 *
 * A plain struct and a step. Whoever drives it feeds the peer's packets (the first one is
 * EAP-Response/Identity) and the answers to its questions:
 *
 *     RECEIVED         a packet of the peer
 *     VECTOR           answers ASK_VECTOR; NO_VECTOR: refused, and why
 *     REAUTH           answers ASK_REAUTH; NO_REAUTH: not there any more
 *
 * and carries out what it says: SEND, ASK_VECTOR, ASK_REAUTH, KEEP_REAUTH, GRANT (together with
 * the SEND of EAP-Success), FAILED (together with the SEND of EAP-Failure). While it awaits a
 * packet the whole of it fits into LK_EAP_SNAPSHOT_MAX octets: lk_eap_server_pack, unpack. What
 * it is given back is trusted only because the caller had it sealed. */
#ifndef LK_PROTO_EAP_SERVER_H
#define LK_PROTO_EAP_SERVER_H

#include "proto/eap/identity.h"
#include "proto/outbox.h"
#include "proto/rules.h"
#include "wire/eap.h"
#include "wire/eap_mode.h"

enum { LK_EAP_SNAPSHOT_MAX = 229 };

struct lk_eap_server_config {
    uint8_t network_name_len;
    char network_name[LK_NETWORK_NAME_MAX]; /* AT_KDF_INPUT; what the vault binds CK', IK' to */
    bool offer_aka_prime;
    bool offer_aka;
    bool use_pseudonyms;
    bool use_reauth;
    bool protect_success; /* offer AT_RESULT_IND */
    bool send_bidding;    /* AT_BIDDING in EAP-AKA when EAP-AKA' is offered too */
    bool ask_identity;    /* an AKA-Identity round even when the EAP identity would do */
    /* A18: a subscriber that nobody knows is challenged with random octets, so that it takes as
     * many rounds to be refused, with packets of the same form, as one with a wrong key. */
    bool hide_unknown;
    uint16_t reauth_max; /* re-authentications behind one full authentication; 0: 1000 */
    /* Offered in this order; the only one implemented is 1. Count 0 means the list [1]. */
    uint16_t kdf[LK_AKA_KDF_MAX - 1];
    uint8_t kdf_count;
    struct lk_pseudonym_key pseudonym_keys[LK_PSEUDONYM_KEYS];
    /* Connection modes that may be offered in EAP-AKA' where the access network supports them. Of
     * single-connection mode this server carries none of the parameters: it is never offered. */
    uint8_t modes;
    struct lk_mode_layout mode_layout;
};

/* Network name WLAN, both methods, pseudonyms (once keys are set), re-authentication, bidding,
 * hide_unknown, multi-connection mode; no protected success. */
void lk_eap_server_defaults(struct lk_eap_server_config *config);

enum lk_eap_server_state {
    LK_EAP_SERVER_START,
    LK_EAP_SERVER_AWAIT_IDENTITY,  /* AKA-Identity was asked */
    LK_EAP_SERVER_AWAIT_CONTEXT,   /* ASK_REAUTH was asked */
    LK_EAP_SERVER_AWAIT_VECTOR,    /* ASK_VECTOR was asked */
    LK_EAP_SERVER_AWAIT_CHALLENGE, /* the answer to AKA-Challenge */
    LK_EAP_SERVER_AWAIT_REAUTH,    /* the answer to AKA-Reauthentication */
    LK_EAP_SERVER_AWAIT_NOTIFIED,  /* the answer to AKA-Notification */
    LK_EAP_SERVER_DONE,
    LK_EAP_SERVER_FAILED,
    LK_EAP_SERVER_STATE_COUNT
};

struct lk_eap_server {
    enum lk_eap_server_state state;
    uint8_t type; /* the method that runs: 23, 50, or 0 */
    uint8_t id;   /* of the request that is out, or of the last response */
    enum lk_identity_ask asked;
    bool settled;     /* the peer has answered in this method: Nak has no place any more */
    bool switched;    /* by Nak, once */
    bool resynced;    /* one AUTS a run */
    bool unknown;     /* the challenge is made of random octets (hide_unknown) */
    bool kdf_chosen;  /* the peer has picked KDF 1 from a list that begins with another */
    bool result_ind;  /* we offered it; in AWAIT_NOTIFIED: success was notified */
    bool offered_reauth; /* a next re-authentication identity went out */
    bool fast;        /* a re-authentication runs */
    bool mode_offered; /* multi-connection mode was announced in the request that is out */
    bool multi;        /* and is the result that was notified */
    struct lk_imsi imsi;
    uint8_t identity_len;
    uint8_t identity[LK_EAP_IDENTITY_MAX]; /* the last the peer sent: it enters the keys */
    struct lk_running_hash rounds;         /* of identity packets, while they go on */
    uint8_t checkcode_len;                 /* 0: there were no identity rounds */
    uint8_t checkcode[LK_AKA_CHECKCODE_MAX];
    /* full authentication */
    uint8_t rand[LK_RAND_LEN];
    uint8_t autn[LK_AUTN_LEN];
    uint8_t xres_len;
    uint8_t xres[LK_RES_MAX];
    struct lk_ck_prime ck_prime; /* EAP-AKA' */
    struct lk_ik_prime ik_prime;
    struct lk_mk mk; /* EAP-AKA, also in re-authentication */
    /* re-authentication */
    struct lk_k_encr k_encr;
    struct lk_k_aut k_aut;
    struct lk_k_re k_re;
    uint16_t counter;
    uint8_t nonce_s[LK_AKA_NONCE_LEN];
    uint8_t mac[LK_AKA_MAC_LEN]; /* of the request: it enters the session id */
    struct lk_refusal refusal;   /* why, while a failure is being notified, and at the end */
    bool refusal_told;           /* at the end: it was notified a round before */
    /* What the access network says with the packet in work, and only of modes that may be used on
     * its leg. The caller sets it before a step; it is not carried from round to round. */
    struct lk_twan_access access;
};

void lk_eap_server_init(struct lk_eap_server *server);

/* One event. LK_OK: state may have moved and out holds what to do. Otherwise nothing has changed
 * and nothing is sent: LK_E_UNEXPECTED for what has no place now, the decoder's status for what
 * is no EAP packet. */
LK_MUST_CHECK enum lk_status lk_eap_server_step(struct lk_eap_server *server,
                                                const struct lk_eap_server_config *config,
                                                const struct lk_event *event,
                                                struct lk_outbox *out);
void lk_eap_server_wipe(struct lk_eap_server *server);

/* True in the states that await a packet of the peer: these can be packed. */
bool lk_eap_server_awaits_peer(const struct lk_eap_server *server);
/* At most LK_EAP_SNAPSHOT_MAX octets, secret. LK_E_UNEXPECTED in another state. */
LK_MUST_CHECK enum lk_status lk_eap_server_pack(const struct lk_eap_server *server,
                                                struct lk_writer *w);
/* Reads all of r. Refuses what pack cannot have written; server is then as after init. */
LK_MUST_CHECK enum lk_status lk_eap_server_unpack(struct lk_eap_server *server,
                                                  struct lk_reader *r);

extern const struct lk_rule_table lk_eap_server_rules;
const char *lk_eap_server_state_name(enum lk_eap_server_state state);

#endif
