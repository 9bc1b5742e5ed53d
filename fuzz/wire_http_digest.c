/* Octets as each of the three headers of HTTP Digest: what decodes and can be written decodes to
 * the same again, and no value has an octet that would end it. */
#include "fuzz.h"

#include "wire/http_digest.h"

static void once(struct lk_span text, enum lk_http_digest_kind kind)
{
    uint8_t first[2 * LK_HTTP_DIGEST_MAX];
    struct lk_writer w = lk_writer_of(first, sizeof first);
    struct lk_http_digest digest, again;

    if (lk_http_digest_decode(&digest, kind, text) != LK_OK)
        return;
    for (unsigned i = 0; i < LK_HTTP_DIGEST_PARAM_COUNT; i++)
        for (size_t j = 0; lk_http_digest_has(&digest, i) && j < digest.value[i].len; j++)
            LK_ASSERT(digest.value[i].at[j] >= ' ' && digest.value[i].at[j] != '"');
    if (lk_http_digest_encode(&w, kind, &digest) != LK_OK || w.len > LK_HTTP_DIGEST_MAX)
        return;
    LK_ASSERT(lk_http_digest_decode(&again, kind, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(again.present == digest.present);
    for (unsigned i = 0; i < LK_HTTP_DIGEST_PARAM_COUNT; i++)
        LK_ASSERT(lk_span_equal(again.value[i], digest.value[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    once(lk_span_of(octets, len), LK_HTTP_CHALLENGE);
    once(lk_span_of(octets, len), LK_HTTP_CREDENTIALS);
    once(lk_span_of(octets, len), LK_HTTP_INFO);
    return 0;
}
