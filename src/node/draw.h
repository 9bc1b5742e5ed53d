/* Random octets out of one seed, for nodes: what was drawn does not follow from what the memory
 * holds later. */
#ifndef LK_NODE_DRAW_H
#define LK_NODE_DRAW_H

#include "crypto/crypto.h"

enum { LK_DRAW_SEED_LEN = LK_SHA256_LEN };

struct lk_draw {
    uint8_t key[LK_DRAW_SEED_LEN]; /* secret; moves on with each draw */
};

/* seed: random, secret, used once. */
void lk_draw_in(struct lk_draw *draw, const uint8_t seed[LK_DRAW_SEED_LEN]);
void lk_draw(struct lk_draw *draw, uint8_t *to, size_t len);

#endif
