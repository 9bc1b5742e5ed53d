/* What both ends of Ub share: algorithms, names, and how a response is made. */
#ifndef LK_PROTO_GBA_UB_H
#define LK_PROTO_GBA_UB_H

#include "base/address.h"
#include "base/base64.h"
#include "base/reason.h"
#include "keys/digest.h"
#include "keys/gba.h"
#include "wire/http_digest.h"

/* spec: RFC 3310 3.1 - AKAv1-MD5; RFC 4169 has AKAv2-MD5. */
enum lk_gba_algorithm {
    LK_GBA_AKAV1_MD5,
    LK_GBA_AKAV2_MD5,
    LK_GBA_ALGORITHM_COUNT, /* another */
};

enum {
    LK_IMPI_MAX = 253,
    LK_GBA_NONCE_OCTETS = LK_RAND_LEN + LK_AUTN_LEN,
    LK_GBA_NONCE_LEN = LK_BASE64_LEN(LK_GBA_NONCE_OCTETS),
    LK_GBA_CNONCE_LEN = 32, /* of ours */
    LK_GBA_TEXT_MAX = 512,  /* a nonce or an opaque of another BSF */
};
#define LK_GBA_NC "00000001"
#define LK_GBA_QOP "auth-int"

/* Text in a machine. */
struct lk_gba_text {
    uint16_t len;
    char at[LK_GBA_TEXT_MAX];
};
/* False: it is longer. */
bool lk_gba_text_set(struct lk_gba_text *text, struct lk_span from);
struct lk_span lk_gba_text_span(const struct lk_gba_text *text);

enum lk_gba_algorithm lk_gba_algorithm_of(struct lk_span token);
const char *lk_gba_algorithm_name(enum lk_gba_algorithm algorithm);

/* The password of a right response. Secret: the caller wipes it. */
void lk_gba_password(struct lk_digest_password *password, enum lk_gba_algorithm algorithm,
                     struct lk_span res, const struct lk_ck *ck, const struct lk_ik *ik);
/* The input of a response with those credentials; method GET, empty body. */
struct lk_digest_input lk_gba_input(const struct lk_http_digest *credentials);

/* What came of one bootstrapping. Secret as a whole. */
struct lk_gba_session {
    struct lk_imsi imsi; /* at the BSF */
    char impi[LK_IMPI_MAX + 1];
    struct lk_ks ks;
    uint8_t rand[LK_RAND_LEN];
    char b_tid[LK_B_TID_MAX + 1];
    char tmpi[LK_TMPI_MAX + 1];
    char home_agent[LK_FQDN_MAX + 1]; /* at the UE, as the next; empty: none was told */
    char home_agent_address[LK_ADDRESS_TEXT];
    uint64_t created_s, expires_s;    /* since the epoch */
};

#endif
