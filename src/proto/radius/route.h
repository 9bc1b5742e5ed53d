/* Which server an Access-Request goes to: by the realm of its User-Name, and by who is alive.
 *
 * A row is a realm and a server of it. Several rows of one realm are a group: the first that is
 * alive serves, the others stand in for it. A realm answers for all realms below it, and the
 * longest one that fits counts; "*" fits what no other does, also a name without a realm. */
#ifndef LK_PROTO_RADIUS_ROUTE_H
#define LK_PROTO_RADIUS_ROUTE_H

#include "base/octets.h"

enum { LK_RADIUS_REALM_MAX = 63 };

struct lk_radius_route {
    char realm[LK_RADIUS_REALM_MAX + 1]; /* without a dot in front; "*": any other */
    uint8_t server;
};

/* Whether a server answers. Zeroed at first: it is alive. */
struct lk_radius_health {
    uint8_t misses;          /* since its last answer */
    uint64_t dead_until_ms;  /* 0: alive */
};

/* It answered: alive, whatever was. */
void lk_radius_health_answered(struct lk_radius_health *health);
/* It left a request without an answer; after so many in a row it counts as dead for dead_ms, and
 * with the next one at once again. */
void lk_radius_health_missed(struct lk_radius_health *health, uint8_t misses, uint64_t dead_ms,
                             uint64_t now_ms);
bool lk_radius_health_alive(const struct lk_radius_health *health, uint64_t now_ms);

/* What stands behind the last "@"; empty when there is none. */
struct lk_span lk_radius_realm_of(struct lk_span user_name);
/* The server of a User-Name; health has one for each server. When all of the group are dead, it is
 * the one whose time is over first. LK_E_NOT_FOUND: no row fits. */
LK_MUST_CHECK enum lk_status lk_radius_route_find(uint8_t *server,
                                                  const struct lk_radius_route *route, size_t count,
                                                  const struct lk_radius_health *health,
                                                  struct lk_span user_name, uint64_t now_ms);

#endif
