/* Mobility security associations of a home agent: by whose they are, and the SPI that the mobile
 * node puts into what it sends.
 *
 * Nothing is put here that its holder has not proven, but what a configuration has, which has no
 * end. Beside that a subscriber may have two: the one that it uses and one more, older or newer,
 * because who gets new keys may not have heard of it (T26). The older one goes when the newer is
 * used. A table has room for as many as it was made for. What gives way, to a third key of a
 * subscriber and in a full table, is what has ended, else what nobody is bound by, and of those
 * what ends first: what has no end is the last. By which somebody is bound, that is given up for
 * another subscriber never, and for its own where both are so. Who has lost his bootstraps
 * again. */
#ifndef LK_NODE_MIP_MSAS_H
#define LK_NODE_MIP_MSAS_H

#include "proto/mip/msa.h"

struct lk_mip_msas;

/* Octets for so many; zeroed memory of that size, aligned to 16, becomes a table. seed:
 * unpredictable. lk_mip_msas_wipe before it is given back. */
size_t lk_mip_msas_size(uint32_t capacity);
struct lk_mip_msas *lk_mip_msas_in(void *memory, uint32_t capacity, uint64_t seed);

/* NULL: it has none of that SPI, or none that lives. Good until the next change. */
const struct lk_mip_msa *lk_mip_msas_find(const struct lk_mip_msas *msas, uint64_t subject,
                                          uint32_t spi, uint64_t now_ms);
/* Fetch what find looks at, while something else is being done: first where its chain begins, then
 * the row. Half a million of them lie far from the core. */
void lk_mip_msas_fetch_chain(const struct lk_mip_msas *msas, uint64_t subject);
void lk_mip_msas_fetch(const struct lk_mip_msas *msas, uint64_t subject);
/* The one that came last, of those that live; NULL. */
const struct lk_mip_msa *lk_mip_msas_newest(const struct lk_mip_msas *msas, uint64_t subject,
                                            uint64_t now_ms);
/* Beside what the subscriber has; one of the same SPI is replaced. Where nothing gives way it is
 * not there afterwards. */
void lk_mip_msas_put(struct lk_mip_msas *msas, uint64_t subject, const struct lk_mip_msa *msa,
                     uint64_t now_ms);
/* The subscriber has proven itself by that SPI: those before it are over, but for what is
 * configured. */
void lk_mip_msas_used(struct lk_mip_msas *msas, uint64_t subject, uint32_t spi);
/* It has proven a binding by that SPI, which lives until then. */
void lk_mip_msas_hold(struct lk_mip_msas *msas, uint64_t subject, uint32_t spi, uint64_t until_ms);
/* All that never end, which are of a configuration: the caller puts those that are in it now. */
void lk_mip_msas_remove_endless(struct lk_mip_msas *msas);
/* All that are there; memory that was never used stays so. */
void lk_mip_msas_wipe(struct lk_mip_msas *msas);

#endif
