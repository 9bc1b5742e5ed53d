/* How often somebody is told that a request in a subscriber's name was refused (T10, A22). */
#include <string.h>

#include "node/anchor_parts.h"

enum { SECOND_US = 1000000, MINUTE_US = 60 * SECOND_US };

/* One subscriber; one subscriber at one place. */
struct whose {
    uint8_t octets[2 + sizeof(uint64_t) + LK_ADDRESS_LEN];
};

struct limit {
    struct lk_budget_rate of_one; /* what is said in the name of one subscriber */
    uint32_t of_all;              /* a second, and as many at once */
};

static const struct limit limits[LK_ANCHOR_REFUSALS] = {
    [LK_ANCHOR_UNPROVEN] = { { 4, 5 * SECOND_US }, 64 },
    [LK_ANCHOR_UNTIMELY] = { { 8, SECOND_US }, 1024 },
};

/* A window (T10) of a place where nobody has proven to be: one answer tells all. */
static const struct lk_budget_rate of_place = { 1, MINUTE_US };

/* Anybody can send what nothing proves, and who has recorded a request can send it again. All else
 * was sent by the device, and once. */
static int kind_of(enum lk_reason reason)
{
    static const enum lk_reason untimely[] = { LK_REASON_MIP_TIME, LK_REASON_MIP_REPLAY,
                                               LK_REASON_MIP_NONCE, LK_REASON_MIP_QUARANTINE };

    for (size_t i = 0; i < LK_COUNT_OF(untimely); i++)
        if (reason == untimely[i])
            return LK_ANCHOR_UNTIMELY;
    return reason == LK_REASON_MIP_MN_AUTH ? LK_ANCHOR_UNPROVEN : LK_ANCHOR_REFUSALS;
}

static struct whose whose_of(uint8_t what, int kind, uint64_t subject,
                             const struct lk_address *address)
{
    struct whose who = { { what, (uint8_t)kind } };

    memcpy(who.octets + 2, &subject, sizeof subject);
    if (address != NULL)
        memcpy(who.octets + 2 + sizeof subject, address->octets, LK_ADDRESS_LEN);
    return who;
}

/* By the subscriber first, so that what is said in the name of one takes little from all. Where the
 * device was last has a budget of its own, that strangers elsewhere do not spend. */
bool lk_anchor_may_refuse(struct lk_anchor *anchor, enum lk_reason reason, uint64_t subject,
                          bool known_there, uint64_t now_ms)
{
    int kind = kind_of(reason);
    struct whose one;

    if (kind == LK_ANCHOR_REFUSALS)
        return true;
    one = whose_of(known_there ? 'h' : 'r', kind, subject, NULL);
    return lk_budgets_take(anchor->unproven, LK_SPAN(one.octets), &limits[kind].of_one,
                           now_ms * 1000) &&
           lk_budget_take(&anchor->refusals[kind], limits[kind].of_all, limits[kind].of_all,
                          now_ms);
}

/* Of the three packets that a place gets (T13) the most are left for who really is there: for what
 * it asks itself, and its proof. */
bool lk_anchor_may_refuse_at(struct lk_anchor *anchor, enum lk_reason reason, uint64_t subject,
                             const struct lk_address *address, uint64_t now_ms)
{
    int kind = kind_of(reason);
    struct whose place;

    if (kind == LK_ANCHOR_REFUSALS)
        return true;
    place = whose_of('p', kind, subject, address);
    return lk_budgets_take(anchor->unproven, LK_SPAN(place.octets), &of_place, now_ms * 1000);
}
