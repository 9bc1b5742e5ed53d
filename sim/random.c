#include "sim/random.h"

#include <string.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void sim_random_start(struct sim_random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        random->state[i] = splitmix(&seed);
}

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

uint64_t sim_random_next(struct sim_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t sim_random_below(struct sim_random *random, uint64_t below)
{
    uint64_t next = sim_random_next(random);

    return below == 0 ? 0 : next % below;
}

bool sim_random_chance(struct sim_random *random, unsigned per_mille)
{
    return sim_random_below(random, 1000) < per_mille;
}

void sim_random_fill(struct sim_random *random, void *to, size_t len)
{
    uint8_t *at = to;

    while (len > 0) {
        uint64_t next = sim_random_next(random);
        size_t piece = len < sizeof next ? len : sizeof next;

        memcpy(at, &next, piece);
        at += piece;
        len -= piece;
    }
}
