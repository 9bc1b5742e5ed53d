/* How often somebody is told that a request in a subscriber's name was refused (T10, A22). */
#include <string.h>

#include "node/anchor_parts.h"

enum { SECOND_US = 1000000, MINUTE_US = 60 * SECOND_US };

struct limit {
    struct lk_budget_rate of_one;     /* what is said in the name of one subscriber */
    struct lk_budget_rate of_network; /* of it, to one network: a part */
    uint32_t of_all;                  /* a second, and as many at once */
};

static const struct limit limits[LK_ANCHOR_REFUSALS] = {
    [LK_ANCHOR_UNPROVEN] = { { 4, 5 * SECOND_US }, { 3, 10 * SECOND_US }, 64 },
    [LK_ANCHOR_UNTIMELY] = { { 8, SECOND_US }, { 4, 4 * SECOND_US }, 1024 },
    [LK_ANCHOR_COPIED] = { { 8, SECOND_US }, { 4, 4 * SECOND_US }, 1024 },
};

/* A window (T10) of a place where nobody has proven to be: one answer tells all. */
static const struct lk_budget_rate of_place = { 1, MINUTE_US };

/* Anybody can send what nothing proves, and who has recorded a request can send it again; the
 * newest, only who has just copied it: what is old spends nothing of what the device hears then.
 * All else was sent by the device, and once. */
static int kind_of(enum lk_reason reason)
{
    static const enum lk_reason untimely[] = { LK_REASON_MIP_TIME, LK_REASON_MIP_REPLAY,
                                               LK_REASON_MIP_NONCE, LK_REASON_MIP_QUARANTINE };

    for (size_t i = 0; i < LK_COUNT_OF(untimely); i++)
        if (reason == untimely[i])
            return LK_ANCHOR_UNTIMELY;
    if (reason == LK_REASON_MIP_COPY)
        return LK_ANCHOR_COPIED;
    return reason == LK_REASON_MIP_MN_AUTH ? LK_ANCHOR_UNPROVEN : LK_ANCHOR_REFUSALS;
}

bool lk_anchor_anybody_causes(enum lk_reason reason)
{
    return kind_of(reason) != LK_ANCHOR_REFUSALS;
}

struct lk_anchor_whose lk_anchor_whose_of(uint8_t what, int kind, uint64_t subject,
                                          const struct lk_address *address)
{
    struct lk_anchor_whose who = { { what, (uint8_t)kind } };

    memcpy(who.octets + 2, &subject, sizeof subject);
    if (address != NULL)
        memcpy(who.octets + 2 + sizeof subject, address->octets, LK_ADDRESS_LEN);
    return who;
}

/* What one owner of addresses has at least, and a stranger has many of. */
static struct lk_address network_of(const struct lk_address *address)
{
    enum { BITS4 = 96 + 24, BITS6 = 48 };

    return lk_address_prefix_of(address, lk_address_is_v4(address) ? BITS4 : BITS6).address;
}

/* What a refusal is of. */
struct shares {
    size_t count;
    struct lk_anchor_whose who[3];
    struct lk_budget_share share[3];
};

static void add(struct shares *shares, struct lk_anchor_whose who, struct lk_budget_rate rate)
{
    size_t i = shares->count++;

    shares->who[i] = who;
    shares->share[i] = (struct lk_budget_share){ LK_SPAN(shares->who[i].octets), rate };
}

/* By the narrowest first: who has had his at his place takes nothing of the subscriber's, nor does
 * a network more than its part; so the device itself hears of its trouble wherever it has come to.
 * Where it was last has a budget of its own, that strangers elsewhere do not spend. */
static void shares_of(struct shares *shares, int kind, const struct lk_anchor_hearer *hearer)
{
    const struct lk_address network = network_of(&hearer->address);
    uint64_t subject = hearer->subject;

    shares->count = 0;
    if (!hearer->is_there && !hearer->again)
        add(shares, lk_anchor_whose_of('p', kind, subject, &hearer->address), of_place);
    if (!hearer->was_there)
        add(shares, lk_anchor_whose_of('n', kind, subject, &network), limits[kind].of_network);
    add(shares, lk_anchor_whose_of(hearer->was_there ? 'h' : 'r', kind, subject, NULL),
        limits[kind].of_one);
}

/* All of them or none: what is refused for one is not taken of another. */
bool lk_anchor_may_refuse(struct lk_anchor *anchor, enum lk_reason reason,
                          const struct lk_anchor_hearer *hearer, uint64_t now_ms)
{
    int kind = kind_of(hearer->again ? LK_REASON_MIP_REPLAY : reason);
    uint64_t now_us = now_ms * 1000;
    struct shares shares;

    if (kind == LK_ANCHOR_REFUSALS)
        return true;
    shares_of(&shares, kind, hearer);
    if (!lk_budgets_have(anchor->unproven, shares.share, shares.count, now_us) ||
        !lk_budget_take(&anchor->refusals[kind], limits[kind].of_all, limits[kind].of_all, now_ms))
        return false;
    (void)lk_budgets_take_each(anchor->unproven, shares.share, shares.count, now_us);
    return true;
}

void lk_anchor_refuse_anew(struct lk_anchor *anchor, uint64_t subject,
                           const struct lk_address *address)
{
    for (int kind = 0; kind < LK_ANCHOR_REFUSALS; kind++) {
        const struct lk_anchor_whose there = lk_anchor_whose_of('p', kind, subject, address);

        lk_budgets_give_back(anchor->unproven, LK_SPAN(there.octets));
    }
}
