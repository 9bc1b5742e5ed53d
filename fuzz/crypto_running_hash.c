/* A running hash that loads saves to the same octets, and goes on as if it had never been away. */
#include "fuzz.h"

#include <string.h>

#include "crypto/crypto.h"

static void survives_a_journey(enum lk_hash_kind kind, struct lk_span first, struct lk_span second)
{
    struct lk_running_hash here, there;
    uint8_t saved[LK_RUNNING_HASH_MAX], a[LK_SHA256_LEN], b[LK_SHA256_LEN];
    struct lk_writer w = lk_writer_of(saved, sizeof saved);
    struct lk_reader r;
    size_t len;

    lk_hash_start(&here, kind);
    lk_hash_add(&here, first);
    lk_hash_save(&here, &w);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    r = lk_reader_of(lk_writer_span(&w));
    LK_ASSERT(lk_hash_load(&there, &r) == LK_OK && lk_reader_end(&r) == LK_OK);
    lk_hash_add(&here, second);
    lk_hash_add(&there, second);
    len = lk_hash_value(&here, a);
    LK_ASSERT(lk_hash_value(&there, b) == len && memcmp(a, b, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_running_hash hash;
    uint8_t saved[LK_RUNNING_HASH_MAX];
    struct lk_writer w = lk_writer_of(saved, sizeof saved);

    if (lk_hash_load(&hash, &r) == LK_OK) {
        lk_hash_save(&hash, &w);
        LK_ASSERT(lk_writer_end(&w) == LK_OK);
        LK_ASSERT(w.len == len - r.left && memcmp(saved, octets, w.len) == 0);
        if (octets[1 + octets[0]] < 0xff) /* the count is not about to pass 32 bits */
            lk_hash_add(&hash, lk_span_of(octets, len));
        (void)lk_hash_value(&hash, saved);
    }
    if (len > 0) {
        size_t cut = octets[0] % len;

        survives_a_journey(len % 2 == 0 ? LK_HASH_SHA1 : LK_HASH_SHA256,
                           lk_span_of(octets, cut), lk_span_of(octets + cut, len - cut));
    }
    return 0;
}
