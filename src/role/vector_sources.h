/* Where questions for vectors come from, and how many each source may have for one subscriber,
 * before the vault is asked (A07).
 *
 * Who names an IMSI has proven nothing, and each vector moves the subscriber's SQN: the vault gives
 * ten a second. So strangers must not have them all. A station, at an address, that has proven the
 * IMSI in the last day has a budget of its own. All others share: a station has its own as well,
 * what comes by one address has one, and they all together have one that is less than what the
 * vault gives. Whoever proves the IMSI has all of his again.
 * The stations that are known are the subscriber's last few, so none pushes out another's;
 * re-authentication costs no vector, and makes no station known.
 *
 * Known or not, an IMSI that is named has the same budgets (A18). A vector is never given to a
 * second run in the place of another: two runs under one KASME would protect two messages under
 * one COUNT. A run repeats its own challenge until it is answered.
 *
 * An AUTS that is right is the card's, and is not counted; but whoever carries it can say it again
 * with the same State. So a run has one (A08). */
#ifndef LK_ROLE_VECTOR_SOURCES_H
#define LK_ROLE_VECTOR_SOURCES_H

#include "base/address.h"
#include "base/imsi.h"
#include "crypto/aka.h"
#include "base/budgets.h"
#include "role/proofs.h"

enum { LK_STATION_MAX = 32 };

struct lk_vector_source {
    struct lk_address address; /* of the access point, or of the device */
    struct lk_span station;    /* Calling-Station-Id, or a port: which device there */
};

struct lk_vector_sources {
    struct lk_budgets *budgets, *resyncs;
    struct lk_proofs *proven;
};

size_t lk_vector_sources_size(void);
/* memory is zeroed, and aligned to 8. */
void lk_vector_sources_in(struct lk_vector_sources *sources, void *memory, uint64_t seed);

/* Whether there may be one more vector. */
bool lk_vector_sources_may_ask(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                               const struct lk_vector_source *from, uint64_t now_us);
/* The subscriber has proven from there to be it, by the answer to a vector. */
void lk_vector_sources_proven(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                              const struct lk_vector_source *from, uint64_t now_us);
/* It has proven it without one: that it is known there counts anew, if it is. */
void lk_vector_sources_renewed(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                               const struct lk_vector_source *from, uint64_t now_us);
/* Whether it has proven it from there in the last day. */
bool lk_vector_sources_known(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                             const struct lk_vector_source *from, uint64_t now_us);

/* Whether the run of that challenge may have an AUTS looked at: none has been yet, or none came to
 * a vector. */
bool lk_vector_sources_may_resync(const struct lk_vector_sources *sources,
                                  const struct lk_imsi *imsi, const uint8_t rand[LK_RAND_LEN],
                                  uint64_t now_us);
void lk_vector_sources_no_resync(const struct lk_vector_sources *sources,
                                 const struct lk_imsi *imsi, const uint8_t rand[LK_RAND_LEN]);

#endif
