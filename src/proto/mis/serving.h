/* What the machines of optimised establishment say alike: the SA that it begins from, and time. */
#ifndef LK_PROTO_MIS_SERVING_H
#define LK_PROTO_MIS_SERVING_H

#include "proto/mis/sa.h"

#define LK_MIS_NEVER UINT64_MAX

/* The SA that MN and SPoS have, as either end sees it. */
struct lk_mis_serving {
    struct lk_span peer; /* the other end's MISF ID */
    uint8_t type;        /* of enum lk_mis_id_type; of the TLS kind there is no struct lk_mis_sa */
    bool hides;          /* its suite encrypts */
    uint8_t chain_used;
    uint64_t expires_ms;
};
struct lk_mis_serving lk_mis_serving_of(const struct lk_mis_sa *sa);
/* Whole seconds until then, at most as many as a lifetime says. */
uint32_t lk_mis_left_s(uint64_t until_ms, uint64_t now_ms);

#endif
