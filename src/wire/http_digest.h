/* The headers of HTTP Digest (RFC 7616) with what AKA adds (RFC 3310): values of WWW-Authenticate,
 * Authorization and Authentication-Info.
 *
 * A decoded header is spans into its text. A parameter that is not known is passed over; a known
 * one that comes twice is refused, for the two ends might take different ones. */
#ifndef LK_WIRE_HTTP_DIGEST_H
#define LK_WIRE_HTTP_DIGEST_H

#include "base/octets.h"

enum { LK_HTTP_DIGEST_MAX = 2048, LK_HTTP_DIGEST_PARAMS = 32, LK_HTTP_DIGEST_NC_LEN = 8 };

enum lk_http_digest_kind {
    LK_HTTP_CHALLENGE,   /* WWW-Authenticate */
    LK_HTTP_CREDENTIALS, /* Authorization */
    LK_HTTP_INFO,        /* Authentication-Info */
};

/* In the order in which they are written. */
enum lk_http_digest_param {
    LK_HTTP_USERNAME,
    LK_HTTP_REALM,
    LK_HTTP_NONCE,
    LK_HTTP_URI,
    LK_HTTP_QOP,
    LK_HTTP_NC,
    LK_HTTP_CNONCE,
    LK_HTTP_RESPONSE,
    LK_HTTP_RSPAUTH,
    LK_HTTP_ALGORITHM,
    LK_HTTP_OPAQUE,
    LK_HTTP_STALE,
    LK_HTTP_NEXTNONCE,
    LK_HTTP_AUTS, /* base64 */
    LK_HTTP_DIGEST_PARAM_COUNT
};

struct lk_http_digest {
    uint32_t present; /* bits 1 << enum lk_http_digest_param */
    struct lk_span value[LK_HTTP_DIGEST_PARAM_COUNT]; /* between the quotes, if there are any */
};

bool lk_http_digest_has(const struct lk_http_digest *digest, enum lk_http_digest_param param);
void lk_http_digest_set(struct lk_http_digest *digest, enum lk_http_digest_param param,
                        struct lk_span value);

/* LK_E_LENGTH: longer than LK_HTTP_DIGEST_MAX; LK_E_SHORT: it ends within a parameter; LK_E_VALUE:
 * another scheme, a character that has no place, a quoted pair, an nc that is none; LK_E_FULL: more
 * than LK_HTTP_DIGEST_PARAMS parameters; LK_E_TWICE; LK_E_MISSING: what this kind must have. */
LK_MUST_CHECK enum lk_status lk_http_digest_decode(struct lk_http_digest *digest,
                                                   enum lk_http_digest_kind kind,
                                                   struct lk_span text);
/* LK_E_VALUE: a value that cannot be written; LK_E_MISSING; LK_E_FULL. */
LK_MUST_CHECK enum lk_status lk_http_digest_encode(struct lk_writer *w,
                                                   enum lk_http_digest_kind kind,
                                                   const struct lk_http_digest *digest);

/* Tokens are the same in either case of letters. */
bool lk_http_token_is(struct lk_span value, const char *token);
/* Whether a token is in a list, as that of qop in a challenge. */
bool lk_http_list_has(struct lk_span list, const char *token);

#endif
