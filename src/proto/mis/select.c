#include "proto/mis/select.h"

#include <stdint.h>

void lk_mis_known_of(struct lk_mis_known *known, const struct lk_mis_message *message)
{
    *known = (struct lk_mis_known){ .has_target = lk_mis_has(message, LK_MIS_TLV_TARGET) };
    if (known->has_target)
        known->target = message->target;
    if (lk_mis_has(message, LK_MIS_TLV_TARGETS))
        known->targets = message->targets;
    if (lk_mis_has(message, LK_MIS_TLV_LINK_TYPES))
        known->link_types = message->link_types;
    known->has_position = lk_mis_has(message, LK_MIS_TLV_PLACE);
    if (known->has_position) {
        known->position = message->place.at;
        known->accuracy_m = message->place.accuracy_m;
    }
}

/* ---- is it that network ---- */

static bool same_link(const struct lk_mis_link_addr *a, const struct lk_mis_link_addr *b)
{
    return a->kind == b->kind && (a->kind != LK_MIS_ADDR_MAC || a->family == b->family) &&
           lk_span_equal(a->octets, b->octets);
}

static bool is_target(const struct lk_mis_neighbour *neighbour, const struct lk_mis_target *target)
{
    if (!target->by_address)
        return target->network.len > 0 && lk_span_equal(neighbour->network, target->network);
    for (size_t i = 0; i < neighbour->cells; i++)
        if (same_link(&neighbour->cell[i], &target->poa))
            return true;
    return false;
}

static bool is_seen(const struct lk_mis_neighbour *neighbour, struct lk_span targets)
{
    struct lk_reader r = lk_reader_of(targets);
    struct lk_mis_target target;

    for (size_t count = lk_mis_get_length(&r); count > 0 && r.status == LK_OK; count--) {
        lk_mis_get_target(&r, &target);
        if (r.status == LK_OK && is_target(neighbour, &target))
            return true;
    }
    return false;
}

/* ---- is it in reach ---- */

/* cos of a latitude, to a thousandth: a sphere that coverage is drawn on is no better. */
static double cos_of(int32_t udeg)
{
    double x = udeg * (3.14159265358979 / 180 / 1e6), x2 = x * x;

    return 1 - x2 / 2 * (1 - x2 / 12 * (1 - x2 / 30));
}

static double radius_of(const struct lk_mis_neighbour *neighbour)
{
    return neighbour->radius_m > 0 ? neighbour->radius_m : 1;
}

/* Square of the distance, in radii. At most 1: inside. */
static double away(const struct lk_mis_neighbour *neighbour, const struct lk_mis_position *at)
{
    static const double metres = 0.111195; /* of a millionth of a degree of a great circle */
    const double turn = 2.0 * LK_MIS_UDEG_LONGITUDE;
    double north = (double)at->latitude_udeg - neighbour->centre.latitude_udeg;
    double east = (double)at->longitude_udeg - neighbour->centre.longitude_udeg;
    double radius = radius_of(neighbour);

    if (east > LK_MIS_UDEG_LONGITUDE) /* the short way round */
        east -= turn;
    else if (east < -LK_MIS_UDEG_LONGITUDE)
        east += turn;
    north *= metres / radius;
    east *= metres / radius * cos_of(neighbour->centre.latitude_udeg);
    return north * north + east * east;
}

/* The MN is somewhere in a circle of its own: the two touch. */
static bool may_cover(const struct lk_mis_neighbour *neighbour, double away_squared,
                      uint32_t accuracy_m)
{
    double reach = 1 + accuracy_m / radius_of(neighbour);

    return neighbour->has_circle && away_squared <= reach * reach;
}

/* ---- which is the best ---- */

/* Better: less. */
struct fit {
    unsigned evidence; /* 0: wanted or seen; 1: covers the place; 2: nothing is known of it */
    size_t link_type;  /* place in the MN's list */
    double away;
};

/* False: none in common. An MN that names none takes all. */
static bool fit_link(struct fit *fit, const struct lk_mis_neighbour *neighbour,
                     struct lk_span wanted)
{
    for (size_t i = 0; i < wanted.len; i++)
        for (size_t j = 0; j < neighbour->link_types.len; j++)
            if (wanted.at[i] == neighbour->link_types.at[j]) {
                fit->link_type = i;
                return true;
            }
    return wanted.len == 0;
}

static bool fit_place(struct fit *fit, const struct lk_mis_neighbour *neighbour,
                      const struct lk_mis_known *known)
{
    bool seen = known->has_target || is_seen(neighbour, known->targets);

    fit->away = 0;
    if (known->has_position && neighbour->has_circle)
        fit->away = away(neighbour, &known->position);
    if (seen) {
        fit->evidence = 0;
        return true;
    }
    fit->evidence = known->has_position ? 1 : 2;
    if (known->has_position)
        return may_cover(neighbour, fit->away, known->accuracy_m);
    return known->targets.len == 0;
}

static bool fits(struct fit *fit, const struct lk_mis_neighbour *neighbour,
                 const struct lk_mis_known *known)
{
    *fit = (struct fit){ .evidence = 0 };
    if (known->has_target && !is_target(neighbour, &known->target))
        return false;
    return fit_link(fit, neighbour, known->link_types) && fit_place(fit, neighbour, known);
}

static bool is_better(const struct fit *fit, const struct fit *than)
{
    if (fit->evidence != than->evidence)
        return fit->evidence < than->evidence;
    if (fit->link_type != than->link_type)
        return fit->link_type < than->link_type;
    return fit->away < than->away;
}

/* spec: IEEE 802.21.1 5.14.3 - the SPoS determines the target by what it knows of the networks
 * around it and of the MN; between operators it takes only one it has a security relation with. */
enum lk_mis_reason lk_mis_select(size_t *index, const struct lk_mis_neighbours *neighbours,
                                 const struct lk_mis_known *known)
{
    enum lk_mis_reason reason = LK_MIS_REASON_NO_TARGET;
    struct fit best = { .evidence = 0 }, fit;

    *index = 0;
    for (size_t i = 0; i < neighbours->count; i++) {
        const struct lk_mis_neighbour *neighbour = &neighbours->neighbour[i];

        if (!fits(&fit, neighbour, known))
            continue;
        if (!neighbour->partner || !neighbour->up) {
            if (reason == LK_MIS_REASON_NO_TARGET || reason == LK_MIS_REASON_UNREACHABLE)
                reason = neighbour->partner ? LK_MIS_REASON_UNREACHABLE : LK_MIS_REASON_NO_TRUST;
            continue;
        }
        if (reason == LK_MIS_REASON_NONE && !is_better(&fit, &best))
            continue;
        reason = LK_MIS_REASON_NONE;
        best = fit;
        *index = i;
    }
    return reason;
}

enum lk_mis_reason lk_mis_select_named(size_t *index, const struct lk_mis_neighbours *neighbours,
                                       struct lk_span id)
{
    *index = 0;
    for (size_t i = 0; i < neighbours->count; i++)
        if (lk_span_equal(neighbours->neighbour[i].pos.id, id)) {
            *index = i;
            if (!neighbours->neighbour[i].partner)
                return LK_MIS_REASON_NO_TRUST;
            return neighbours->neighbour[i].up ? LK_MIS_REASON_NONE : LK_MIS_REASON_UNREACHABLE;
        }
    return LK_MIS_REASON_NO_TARGET; /* partner or not: it is no neighbour */
}
