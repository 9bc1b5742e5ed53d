#include "io/entropy.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/check.h"
#include "base/secret.h"

static void refill(struct lk_entropy *entropy)
{
    size_t have = 0;

    while (have < sizeof entropy->pool) {
        ssize_t got = getrandom(entropy->pool + have, sizeof entropy->pool - have, 0);

        LK_ASSERT(got >= 0 || errno == EINTR);
        if (got > 0)
            have += (size_t)got;
    }
    entropy->left = sizeof entropy->pool;
}

void lk_entropy_take(struct lk_entropy *entropy, void *to, size_t len)
{
    uint8_t *from;

    LK_ASSERT(len <= sizeof entropy->pool);
    if (entropy->left < len)
        refill(entropy);
    from = entropy->pool + sizeof entropy->pool - entropy->left;
    memcpy(to, from, len);
    lk_wipe(from, len);
    entropy->left -= len;
}

void lk_entropy_forget(struct lk_entropy *entropy)
{
    lk_wipe(entropy->pool, sizeof entropy->pool);
    entropy->left = 0;
}
