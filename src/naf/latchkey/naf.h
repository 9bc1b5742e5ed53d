/* liblatchkey-naf: a server that knows its users by their SIM (GBA, TS 33.220), without a password
 * of its own and without ever seeing a subscription's key.
 *
 * The device has a key for this server and this protocol, Ks_NAF, from its USIM. The server gets
 * the same key of the operator's BSF (Zn), once for each user and protocol, and keeps it until it
 * is over. With HTTP:
 *
 *     struct lk_naf *naf = lk_naf_new(&setup, error);          once; NULL: error says what to mend
 *
 *     struct lk_naf_request request = { "GET", "/mail", authorization header or NULL };
 *     struct lk_naf_answer answer;
 *     if (lk_naf_digest(naf, &answer, &request) == LK_NAF_GRANTED)
 *         ... serve answer.user ...
 *     else {
 *         for (size_t i = 0; i < answer.challenges; i++)
 *             ... header WWW-Authenticate: answer.challenge[i] ...
 *         ... send answer.status, answer.what, answer.fix ...
 *     }
 *
 * With TLS-PSK: latchkey/naf_openssl.h or latchkey/naf_gnutls.h has the callback.
 *
 * Threads: all functions but lk_naf_new and lk_naf_free may be called by any number of threads at
 * the same time; a question to the BSF blocks its caller alone, setup.timeout_ms at most. A server
 * that may not block at all sets never_wait, and calls lk_naf_fetch elsewhere when it is told so.
 * There is no state outside of struct lk_naf, but libcurl's own (curl_global_init is called).
 *
 * Keys are wiped when they are over, are pushed out by others, and by lk_naf_free. */
#ifndef LK_LATCHKEY_NAF_H
#define LK_LATCHKEY_NAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    LK_NAF_KEY = 32,
    LK_NAF_UA = 5,         /* octets that name a protocol of Ua, TS 33.220 H */
    LK_NAF_B_TID = 279,    /* terminated */
    LK_NAF_IMPI = 254,     /* terminated */
    LK_NAF_HEADER = 768,   /* a header's value, terminated */
    LK_NAF_ERROR = 256,
    LK_NAF_CHALLENGES = 2,
    LK_NAF_SERVICES = 8,
};

/* Algorithms of HTTP Digest: bits. */
enum lk_naf_algorithms { LK_NAF_MD5 = 1, LK_NAF_SHA256 = 2 };

struct lk_naf_setup {
    const char *name;        /* our FQDN: in the realm, in our certificate, and at the BSF */
    const char *bsf;         /* Zn: "https://bsf.example:8443": host as in the BSF's certificate */
    const char *bsf_address; /* where that is; NULL: DNS knows */
    const char *certificate; /* ours, PEM, with the chain above it; read at each connection */
    const char *key;
    const char *ca;          /* who signs the BSF's: no other is trusted */
    unsigned algorithms;     /* offered in HTTP Digest; 0: both */
    bool integrity;          /* bodies are protected, too: qop is auth-int and nothing else */
    unsigned nonce_s;        /* how long a challenge is good; 0: 300 */
    unsigned users;          /* keys that are kept, at most; 0: 4096. One more pushes one out */
    unsigned questions;      /* of the BSF in a second, at most; 0: 50 */
    unsigned timeout_ms;     /* of one; 0: 5000 */
    bool never_wait;         /* LK_NAF_LATER instead of asking the BSF */
};

struct lk_naf;

/* NULL: error says what is wrong with the setup, and what to do. */
struct lk_naf *lk_naf_new(const struct lk_naf_setup *setup, char error[LK_NAF_ERROR]);
/* No other call may be under way. NULL is fine. */
void lk_naf_free(struct lk_naf *naf);

enum lk_naf_verdict {
    LK_NAF_GRANTED,     /* it is that user */
    LK_NAF_REFUSED,     /* not proven: 401 with the challenges, or 400 */
    LK_NAF_UNAVAILABLE, /* the user is not known here yet, and the BSF cannot be asked: 503 */
    LK_NAF_LATER,       /* with never_wait: lk_naf_fetch, then the same again */
};

/* A user security setting: the operator says what a user may at a service. */
struct lk_naf_service {
    uint32_t id;    /* GAA service identifier */
    uint64_t flags; /* bit n: flag n is set; what it means is the service's */
};

struct lk_naf_user {
    char b_tid[LK_NAF_B_TID];
    char impi[LK_NAF_IMPI];   /* "": the BSF does not tell us */
    uint64_t bootstrapped_s;  /* since 1970 */
    uint64_t expires_s;       /* the key is good until then */
    struct lk_naf_service service[LK_NAF_SERVICES]; /* those of ours, as the BSF said them */
    size_t service_count;
};

/* What lk_naf_fetch asks the BSF for. */
struct lk_naf_question {
    char b_tid[LK_NAF_B_TID];
    uint8_t ua[LK_NAF_UA];
};

/* ---- HTTP Digest, TS 24.109 ---- */

struct lk_naf_request {
    const char *method;        /* "GET" */
    const char *uri;           /* as in the request line: "/mail?all" */
    const char *authorization; /* the header's value; NULL: there is none */
    const void *body;
    size_t body_len;
};

struct lk_naf_answer {
    unsigned status;   /* 200, 400, 401 or 503 */
    const char *why;   /* a stable code, "ua.b-tid", for the log; "none" */
    const char *told;  /* the code for the peer, who does not learn whose a B-TID is: "ua.response"
                        * for "ua.b-tid" as well; what and fix are of this one */
    const char *what;  /* one sentence for a human */
    const char *fix;   /* and what to do */
    char detail[LK_NAF_ERROR]; /* of 503, for the log: what went wrong with the BSF; "" */
    size_t challenges; /* of 401: so many headers WWW-Authenticate, in this order */
    char challenge[LK_NAF_CHALLENGES][LK_NAF_HEADER];
    struct lk_naf_user user;         /* of LK_NAF_GRANTED */
    struct lk_naf_question question; /* of LK_NAF_LATER */
};

/* Judges one request. One that comes again with the same count is refused: call it once for
 * each. */
enum lk_naf_verdict lk_naf_digest(struct lk_naf *naf, struct lk_naf_answer *answer,
                                  const struct lk_naf_request *request);
/* The value of Authentication-Info for an answer with that body to a request that was granted: by
 * it the client sees that the server has the key, too. false: the key is not there any more. */
bool lk_naf_digest_info(struct lk_naf *naf, char info[LK_NAF_HEADER],
                        const struct lk_naf_request *request, const void *body, size_t len);

/* ---- TLS-PSK, TS 33.222 5.4 and 24.109 ---- */

#define LK_NAF_PSK_HINT "3GPP-bootstrapping" /* for the client, where TLS is older than 1.3 */

/* The key of "3GPP-bootstrapping;B-TID". suite: that of TLS 1.2, 0x00a8; 0: TLS 1.3. A key is of
 * one protocol: the device has that of 01 00 01 yy zz or of 01 00 00 00 07. user may be NULL, and
 * so may why; the key is secret, the caller wipes it. */
enum lk_naf_verdict lk_naf_psk(struct lk_naf *naf, uint8_t key[LK_NAF_KEY],
                               struct lk_naf_user *user, const char **why, const char *identity,
                               size_t identity_len, uint16_t suite);
/* The question behind an identity. false: it is none of GBA. */
bool lk_naf_psk_question(struct lk_naf_question *question, const char *identity,
                         size_t identity_len, uint16_t suite);

/* ---- a protocol of your own ---- */

/* The key for a question: as lk_naf_psk. Its ua is a protocol that the BSF's row lists for us, as
 * that of liblatchkey-e2e, where Ks_NAF may go in. That the user has it, the protocol proves. */
enum lk_naf_verdict lk_naf_key(struct lk_naf *naf, uint8_t key[LK_NAF_KEY],
                               struct lk_naf_user *user, const char **why,
                               const struct lk_naf_question *question);

/* ---- the BSF ---- */

/* Asks, and blocks. GRANTED: the key is here. why as in the answer; detail may be NULL. */
enum lk_naf_verdict lk_naf_fetch(struct lk_naf *naf, const char **why, char detail[LK_NAF_ERROR],
                                 const struct lk_naf_question *question);
/* Forgets a user's keys, of all protocols: his next request asks the BSF. */
void lk_naf_forget(struct lk_naf *naf, const char *b_tid);

struct lk_naf_counts {
    uint64_t granted, refused, replayed, challenged; /* requests of HTTP */
    uint64_t psk_granted, psk_refused;               /* keys for TLS, or another protocol */
    uint64_t questions, unanswered, unknown;         /* of the BSF, and what came of them */
    uint64_t too_fast;                               /* not asked: over the budget */
    uint64_t users;                                  /* keys that are here now */
};
void lk_naf_count(struct lk_naf *naf, struct lk_naf_counts *counts);

#ifdef __cplusplus
}
#endif

#endif
