#include "node/draw.h"

#include <string.h>

#include "base/secret.h"

void lk_draw_in(struct lk_draw *draw, const uint8_t seed[LK_DRAW_SEED_LEN])
{
    memcpy(draw->key, seed, sizeof draw->key);
}

/* A chain of HMACs. */
void lk_draw(struct lk_draw *draw, uint8_t *to, size_t len)
{
    static const uint8_t now = 1, next = 2;
    struct lk_span label;
    uint8_t block[LK_SHA256_LEN];

    for (size_t done = 0, part; done < len; done += part) {
        part = len - done < sizeof block ? len - done : sizeof block;
        label = lk_span_of(&now, sizeof now);
        lk_hmac_sha256(block, LK_SPAN(draw->key), &label, 1);
        memcpy(to + done, block, part);
        label = lk_span_of(&next, sizeof next);
        lk_hmac_sha256(block, LK_SPAN(draw->key), &label, 1);
        memcpy(draw->key, block, sizeof draw->key);
    }
    lk_wipe(block, sizeof block);
}
