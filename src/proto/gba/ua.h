/* Ua over HTTP (TS 24.109 5): the server's side of HTTP Digest, with base64(Ks_NAF) for a password.
 *
 *     401  WWW-Authenticate: Digest realm="3GPP-bootstrapping@naf.example", nonce, qop, algorithm
 *          Authorization: Digest username=B-TID, ...
 *     200  Authentication-Info: rspauth
 *
 * A challenge costs no memory: a nonce says when it was made and proves that it is ours. What has
 * come with a nonce is kept for users who have proven themselves, and for those alone; so is what
 * they are refused by, should it come again. Times are of a clock that never goes back. */
#ifndef LK_PROTO_GBA_UA_H
#define LK_PROTO_GBA_UA_H

#include "base/reason.h"
#include "keys/digest.h"
#include "keys/gba.h"
#include "wire/http_digest.h"

enum {
    LK_UA_NONCE_RANDOM = 8,
    LK_UA_NONCE_KEY = 32,
    LK_UA_NONCES = 8,  /* of one user, open at the same time: a browser has six connections */
    LK_UA_WINDOW = 64, /* counts of one nonce that may come in any order */
};
#define LK_UA_REALM "3GPP-bootstrapping@"

struct lk_ua_config {
    struct lk_span fqdn;
    unsigned hashes; /* offered: bits 1 << enum lk_digest_hash */
    bool integrity;  /* auth-int, and nothing else */
    uint64_t nonce_ms;
    uint8_t nonce_key[LK_UA_NONCE_KEY]; /* secret, random, of this server alone */
};

struct lk_ua_nonce {
    uint64_t made_ms;
    uint8_t random[LK_UA_NONCE_RANDOM];
};

struct lk_ua_request {
    struct lk_span method, uri, body;
    struct lk_span authorization;
};

/* What a request claims: views into it. */
struct lk_ua_claim {
    struct lk_digest_input input; /* its username is a B-TID */
    struct lk_span response;
    struct lk_ua_nonce nonce;
    uint32_t nc;
};

/* NONE: all is right but the response, which is for lk_ua_is_proven to judge. */
enum lk_reason lk_ua_read(struct lk_ua_claim *claim, const struct lk_ua_config *config,
                          const struct lk_ua_request *request, uint64_t now_ms);
bool lk_ua_is_proven(const struct lk_ua_claim *claim, const struct lk_ks_naf *key);

/* What has come with the nonces of one user. Zeroed: nothing. */
struct lk_ua_seen {
    struct {
        struct lk_ua_nonce nonce;
        uint32_t highest; /* count */
        uint64_t before;  /* bit i: highest - i has come */
    } row[LK_UA_NONCES];
    size_t count;
    uint64_t floor_ms; /* nonces made then or before, and not among the rows, are over */
};
/* Of a claim that is proven. False: it has come before, or is too old to tell. */
bool lk_ua_take(struct lk_ua_seen *seen, const struct lk_ua_claim *claim);
/* For who has it next in the same place: when the newest nonce was made that is told of here. */
uint64_t lk_ua_newest_ms(const struct lk_ua_seen *seen);

/* Header values; LK_E_FULL alone. stale: only the nonce was wrong. */
LK_MUST_CHECK enum lk_status lk_ua_challenge(struct lk_writer *w, const struct lk_ua_config *config,
                                             enum lk_digest_hash hash, bool stale,
                                             const struct lk_ua_nonce *nonce);
/* Authentication-Info for an answer with that body. */
LK_MUST_CHECK enum lk_status lk_ua_info(struct lk_writer *w, const struct lk_ua_claim *claim,
                                        const struct lk_ks_naf *key, struct lk_span body);

#endif
