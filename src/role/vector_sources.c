#include "role/vector_sources.h"

#include <string.h>

#include "store/reauth.h"

#define SECOND_US UINT64_C(1000000)
#define PROVEN_US (24 * 3600 * SECOND_US)
#define RESYNC_US (LK_REAUTH_SPENT_MS * UINT64_C(1000)) /* no State is open for longer */

/* How much of a source one budget is for. */
enum scope { ALL, ADDRESS, STATION, RUN };

/* A run takes two at most, of EAP-AKA' and of EAP-AKA in its place. The process of eNBs and those
 * of the AAA count apart, and both together leave the vault two a second for the proven. */
static const struct lk_budget_rate rates[] = {
    [ALL] = { 8, SECOND_US / 4 },
    [ADDRESS] = { 6, SECOND_US / 2 },
    [STATION] = { 4, SECOND_US },
    [RUN] = { 1, RESYNC_US },
};

struct name {
    uint8_t octets[1 + LK_IMSI_BCD_LEN + LK_ADDRESS_LEN + LK_STATION_MAX];
    size_t len;
};

static struct lk_span span_of(const struct name *name)
{
    return lk_span_of(name->octets, name->len);
}

static struct name name_of(enum scope scope, const struct lk_imsi *imsi,
                           const struct lk_vector_source *from)
{
    size_t station = from->station.len < LK_STATION_MAX ? from->station.len : LK_STATION_MAX;
    struct name name = { .octets = { (uint8_t)scope }, .len = 1 };

    lk_imsi_to_bcd(name.octets + name.len, imsi);
    name.len += LK_IMSI_BCD_LEN;
    if (scope >= ADDRESS) {
        memcpy(name.octets + name.len, from->address.octets, LK_ADDRESS_LEN);
        name.len += LK_ADDRESS_LEN;
    }
    if (scope >= STATION && station > 0) {
        memcpy(name.octets + name.len, from->station.at, station);
        name.len += station;
    }
    return name;
}

static struct name name_of_run(const struct lk_imsi *imsi, const uint8_t rand[LK_RAND_LEN])
{
    struct name name = { .octets = { RUN }, .len = 1 + LK_IMSI_BCD_LEN + LK_RAND_LEN };

    lk_imsi_to_bcd(name.octets + 1, imsi);
    memcpy(name.octets + 1 + LK_IMSI_BCD_LEN, rand, LK_RAND_LEN);
    return name;
}

/* A subscriber's name is that of all his sources. */
static struct lk_proof_name proof_name(const struct name *all, const struct name *station)
{
    return (struct lk_proof_name){ .who = span_of(all), .place = span_of(station) };
}

size_t lk_vector_sources_size(void)
{
    return 2 * lk_budgets_size() + lk_proofs_size();
}

void lk_vector_sources_in(struct lk_vector_sources *sources, void *memory, uint64_t seed)
{
    uint8_t *at = memory;

    sources->budgets = lk_budgets_in(at, seed);
    sources->resyncs = lk_budgets_in(at + lk_budgets_size(), seed);
    sources->proven = lk_proofs_in(at + 2 * lk_budgets_size(), seed);
}

/* The narrowest first: who is over his own takes nothing of what he shares. */
bool lk_vector_sources_may_ask(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                               const struct lk_vector_source *from, uint64_t now_us)
{
    struct name station = name_of(STATION, imsi, from), address = name_of(ADDRESS, imsi, from);
    struct name all = name_of(ALL, imsi, from);

    if (!lk_budgets_take(sources->budgets, span_of(&station), &rates[STATION], now_us))
        return false;
    if (lk_vector_sources_known(sources, imsi, from, now_us))
        return true;
    return lk_budgets_take(sources->budgets, span_of(&address), &rates[ADDRESS], now_us) &&
           lk_budgets_take(sources->budgets, span_of(&all), &rates[ALL], now_us);
}

void lk_vector_sources_proven(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                              const struct lk_vector_source *from, uint64_t now_us)
{
    struct name station = name_of(STATION, imsi, from), all = name_of(ALL, imsi, from);
    struct lk_proof_name name = proof_name(&all, &station);

    lk_budgets_give_back(sources->budgets, span_of(&station));
    lk_proofs_keep(sources->proven, &name, now_us + PROVEN_US);
}

void lk_vector_sources_renewed(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                               const struct lk_vector_source *from, uint64_t now_us)
{
    if (lk_vector_sources_known(sources, imsi, from, now_us))
        lk_vector_sources_proven(sources, imsi, from, now_us);
}

bool lk_vector_sources_known(const struct lk_vector_sources *sources, const struct lk_imsi *imsi,
                             const struct lk_vector_source *from, uint64_t now_us)
{
    struct name station = name_of(STATION, imsi, from), all = name_of(ALL, imsi, from);
    struct lk_proof_name name = proof_name(&all, &station);

    return lk_proofs_has(sources->proven, &name, now_us);
}

bool lk_vector_sources_may_resync(const struct lk_vector_sources *sources,
                                  const struct lk_imsi *imsi, const uint8_t rand[LK_RAND_LEN],
                                  uint64_t now_us)
{
    struct name run = name_of_run(imsi, rand);

    return lk_budgets_take(sources->resyncs, span_of(&run), &rates[RUN], now_us);
}

void lk_vector_sources_no_resync(const struct lk_vector_sources *sources,
                                 const struct lk_imsi *imsi, const uint8_t rand[LK_RAND_LEN])
{
    struct name run = name_of_run(imsi, rand);

    lk_budgets_give_back(sources->resyncs, span_of(&run));
}
