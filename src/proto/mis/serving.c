#include "proto/mis/serving.h"

enum { MS_PER_S = 1000 };

struct lk_mis_serving lk_mis_serving_of(const struct lk_mis_sa *sa)
{
    return (struct lk_mis_serving){ .peer = lk_mis_name_of(&sa->peer),
                                    .type = (uint8_t)sa->type,
                                    .hides = lk_miek_len(sa->agreed.suite) > 0,
                                    .chain_used = sa->chain_used,
                                    .expires_ms = sa->expires_ms };
}

uint32_t lk_mis_left_s(uint64_t until_ms, uint64_t now_ms)
{
    uint64_t left_s = until_ms > now_ms ? (until_ms - now_ms) / MS_PER_S : 0;

    return left_s < UINT32_MAX ? (uint32_t)left_s : UINT32_MAX;
}
