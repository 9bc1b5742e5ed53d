/* The one source of chance in the world: xoshiro256** from one seed. */
#ifndef LK_SIM_RANDOM_H
#define LK_SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_random {
    uint64_t state[4];
};

void sim_random_start(struct sim_random *random, uint64_t seed);
uint64_t sim_random_next(struct sim_random *random);
/* 0 to below - 1; 0 when below is 0. */
uint64_t sim_random_below(struct sim_random *random, uint64_t below);
/* True in per_mille of a thousand cases. */
bool sim_random_chance(struct sim_random *random, unsigned per_mille);
void sim_random_fill(struct sim_random *random, void *to, size_t len);

#endif
