/* HTTP Digest (RFC 7616) and its AKA forms (RFC 3310, RFC 4169): responses of both ends, and the
 * password that they are made with.
 *
 * Values are those between the quotes, octet for octet. Whoever compares a response does it with
 * lk_digest_same. */
#ifndef LK_KEYS_DIGEST_H
#define LK_KEYS_DIGEST_H

#include "keys/types.h"

enum lk_digest_hash { LK_DIGEST_MD5, LK_DIGEST_SHA256 };
enum { LK_DIGEST_TEXT_MAX = 64, LK_DIGEST_RES_MAX = 32 };

/* ---- passwords: the caller wipes them ---- */

/* AKAv1: RES itself, at most LK_DIGEST_RES_MAX octets. */
void lk_digest_password_akav1(struct lk_digest_password *password, struct lk_span res);
/* AKAv2 with MD5: base64 of PRF(RES || IK || CK, ...). */
void lk_digest_password_akav2(struct lk_digest_password *password, struct lk_span res,
                              const struct lk_ik *ik, const struct lk_ck *ck);
/* IK' and CK' of AKAv2: for who protects more than HTTP with them. GBA does not. */
void lk_digest_akav2_keys(struct lk_ik_prime *ik_prime, struct lk_ck_prime *ck_prime,
                          const struct lk_ik *ik, const struct lk_ck *ck);
/* Ua: base64 of Ks_NAF. */
void lk_digest_password_naf(struct lk_digest_password *password, const struct lk_ks_naf *key);

/* ---- responses ---- */

/* What a response covers. qop empty: the form of RFC 2069, without nc and cnonce. */
struct lk_digest_input {
    enum lk_digest_hash hash;
    struct lk_span username, realm, nonce, uri;
    struct lk_span qop, nc, cnonce;
    struct lk_span method; /* empty: rspauth, what the server proves itself with */
    struct lk_span body;   /* with qop auth-int; else it does not enter */
};

/* Lower-case hex digits: 32 or 64. */
struct lk_digest_text {
    char at[LK_DIGEST_TEXT_MAX];
    size_t len;
};
void lk_digest_response(struct lk_digest_text *response, const struct lk_digest_input *input,
                        const struct lk_digest_password *password);
/* H(A1) and H(A2), of which a response is made. H(A1) is as good as the password. */
void lk_digest_a1(struct lk_digest_text *a1, const struct lk_digest_input *input,
                  const struct lk_digest_password *password);
void lk_digest_a2(struct lk_digest_text *a2, const struct lk_digest_input *input);

/* Whether what came is that response; in constant time for its length. */
bool lk_digest_same(const struct lk_digest_text *response, struct lk_span came);

#endif
