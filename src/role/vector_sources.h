/* Where questions for vectors come from, and how many each source may have for one subscriber,
 * before the vault is asked (A07).
 *
 * Who names an IMSI has proven nothing, and each vector moves the subscriber's SQN: the vault gives
 * ten a second. So strangers must not have them all. A station, at an address, that has proven the
 * IMSI in the last day has a budget of its own. All others share: a station has its own as well,
 * what comes by one address has one, and they all together have one that is less than what the
 * vault gives. Whoever proves the IMSI has all of his again.
 *
 * Known or not, an IMSI that is named has the same budgets (A18). A vector is never given to a
 * second run in the place of another: two runs under one KASME would protect two messages under
 * one COUNT. A run repeats its own challenge until it is answered. */
#ifndef LK_ROLE_VECTOR_SOURCES_H
#define LK_ROLE_VECTOR_SOURCES_H

#include "base/address.h"
#include "base/imsi.h"
#include "role/budgets.h"

enum { LK_STATION_MAX = 32 };

struct lk_vector_source {
    struct lk_address address; /* of the access point, or of the device */
    struct lk_span station;    /* Calling-Station-Id, or a port: which device there */
};

struct lk_vector_sources {
    struct lk_budgets *budgets, *proven;
};

size_t lk_vector_sources_size(void);
/* memory is zeroed, and aligned to 8. */
void lk_vector_sources_in(struct lk_vector_sources *sources, void *memory, uint64_t seed);

/* Whether there may be one more vector. */
bool lk_vector_sources_may_ask(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                               const struct lk_vector_source *from, uint64_t now_us);
/* The subscriber has proven from there to be it. */
void lk_vector_sources_proven(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                              const struct lk_vector_source *from, uint64_t now_us);

#endif
