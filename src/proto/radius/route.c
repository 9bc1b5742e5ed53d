#include "proto/radius/route.h"

#include <ctype.h>
#include <string.h>

enum { NOT_AT_ALL = 0, BY_DEFAULT = 1 }; /* how well a row fits; by realm: longer than these */

void lk_radius_health_answered(struct lk_radius_health *health)
{
    health->misses = 0;
    health->dead_until_ms = 0;
}

void lk_radius_health_missed(struct lk_radius_health *health, uint8_t misses, uint64_t dead_ms,
                             uint64_t now_ms)
{
    if (health->misses < UINT8_MAX)
        health->misses++;
    if (health->misses >= misses)
        health->dead_until_ms = now_ms + dead_ms;
}

bool lk_radius_health_alive(const struct lk_radius_health *health, uint64_t now_ms)
{
    return now_ms >= health->dead_until_ms;
}

/* spec: RFC 7542 2.2 - the realm is what follows the last "@". */
struct lk_span lk_radius_realm_of(struct lk_span user_name)
{
    for (size_t i = user_name.len; i > 0; i--)
        if (user_name.at[i - 1] == '@')
            return lk_span_of(user_name.at + i, user_name.len - i);
    return lk_span_of(NULL, 0);
}

/* spec: RFC 7542 2.4 - realms are compared without regard to case, label by label. */
static size_t fit_of(const struct lk_radius_route *route, struct lk_span realm)
{
    size_t len = strlen(route->realm);
    size_t before = realm.len - len;

    if (len == 1 && route->realm[0] == '*')
        return BY_DEFAULT;
    if (len == 0 || len > realm.len || (before > 0 && realm.at[before - 1] != '.'))
        return NOT_AT_ALL;
    for (size_t i = 0; i < len; i++)
        if (tolower((unsigned char)route->realm[i]) != tolower(realm.at[before + i]))
            return NOT_AT_ALL;
    return BY_DEFAULT + len;
}

enum lk_status lk_radius_route_find(uint8_t *server, const struct lk_radius_route *route,
                                    size_t count, const struct lk_radius_health *health,
                                    struct lk_span user_name, uint64_t now_ms)
{
    struct lk_span realm = lk_radius_realm_of(user_name);
    const struct lk_radius_route *best = NULL;
    size_t best_fit = NOT_AT_ALL;

    for (size_t i = 0; i < count; i++) {
        size_t fit = fit_of(&route[i], realm);
        const struct lk_radius_health *mine = &health[route[i].server];
        bool better = fit > best_fit;

        if (fit == best_fit && best != NULL)
            better = !lk_radius_health_alive(&health[best->server], now_ms) &&
                     (lk_radius_health_alive(mine, now_ms) ||
                      mine->dead_until_ms < health[best->server].dead_until_ms);
        if (!better)
            continue;
        best = &route[i];
        best_fit = fit;
    }
    if (best == NULL)
        return LK_E_NOT_FOUND;
    *server = best->server;
    return LK_OK;
}
