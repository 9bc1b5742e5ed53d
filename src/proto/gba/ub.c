#include "proto/gba/ub.h"

#include <string.h>

static const char *const names[LK_GBA_ALGORITHM_COUNT] = {
    [LK_GBA_AKAV1_MD5] = "AKAv1-MD5",
    [LK_GBA_AKAV2_MD5] = "AKAv2-MD5",
};

bool lk_gba_text_set(struct lk_gba_text *text, struct lk_span from)
{
    if (from.len > sizeof text->at)
        return false;
    text->len = (uint16_t)from.len;
    if (from.len > 0)
        memcpy(text->at, from.at, from.len);
    return true;
}

struct lk_span lk_gba_text_span(const struct lk_gba_text *text)
{
    return lk_span_of(text->at, text->len);
}

enum lk_gba_algorithm lk_gba_algorithm_of(struct lk_span token)
{
    enum lk_gba_algorithm algorithm = 0;

    while (algorithm < LK_GBA_ALGORITHM_COUNT && !lk_http_token_is(token, names[algorithm]))
        algorithm++;
    return algorithm;
}

const char *lk_gba_algorithm_name(enum lk_gba_algorithm algorithm)
{
    LK_ASSERT(algorithm < LK_GBA_ALGORITHM_COUNT);
    return names[algorithm];
}

void lk_gba_password(struct lk_digest_password *password, enum lk_gba_algorithm algorithm,
                     struct lk_span res, const struct lk_ck *ck, const struct lk_ik *ik)
{
    LK_ASSERT(algorithm < LK_GBA_ALGORITHM_COUNT);
    if (algorithm == LK_GBA_AKAV1_MD5)
        lk_digest_password_akav1(password, res);
    else
        lk_digest_password_akav2(password, res, ik, ck);
}

struct lk_digest_input lk_gba_input(const struct lk_http_digest *credentials)
{
    return (struct lk_digest_input){ .hash = LK_DIGEST_MD5,
                                     .username = credentials->value[LK_HTTP_USERNAME],
                                     .realm = credentials->value[LK_HTTP_REALM],
                                     .nonce = credentials->value[LK_HTTP_NONCE],
                                     .uri = credentials->value[LK_HTTP_URI],
                                     .qop = credentials->value[LK_HTTP_QOP],
                                     .nc = credentials->value[LK_HTTP_NC],
                                     .cnonce = credentials->value[LK_HTTP_CNONCE],
                                     .method = lk_span_text("GET"),
                                     .body = lk_span_of(NULL, 0) };
}
