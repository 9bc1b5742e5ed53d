/* proto/radius/route: a server by realm, and by who is alive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/route.h"

enum { NOBODY = 255, MISSES = 3, DEAD_MS = 10000 };

static const struct lk_radius_route routes[] = {
    { "3gppnetwork.org", 1 },
    { "wlan.mnc001.mcc001.3gppnetwork.org", 2 },
    { "*", 0 },
    { "example.org", 3 },
    { "example.org", 4 },
    { "", 5 },
};

static uint8_t found(const struct lk_radius_health *health, const char *user, uint64_t now_ms)
{
    uint8_t server = NOBODY;

    if (lk_radius_route_find(&server, routes, LK_COUNT_OF(routes), health, lk_span_text(user),
                             now_ms) != LK_OK)
        return NOBODY;
    return server;
}

/* spec: RFC 7542 2.2 - the realm is what follows the last "@".
 * spec: RFC 7542 2.4 - realms are compared without regard to case, label by label. */
static void the_longest_realm_counts(void **state)
{
    static const struct {
        const char *user;
        uint8_t server;
    } rows[] = {
        { "6001010000000001@wlan.mnc001.mcc001.3gppnetwork.org", 2 },
        { "6001010000000001@WLAN.MNC001.mcc001.3GPPnetwork.ORG", 2 },
        { "x@sub.wlan.mnc001.mcc001.3gppnetwork.org", 2 },
        { "x@wlan.mnc002.mcc001.3gppnetwork.org", 1 },
        { "x@3gppnetwork.org", 1 },
        { "x@other3gppnetwork.org", 0 },
        { "x@example.org@3gppnetwork.org", 1 },
        { "x@3gppnetwork.org@nowhere.net", 0 },
        { "x@", 0 },
        { "nobody", 0 },
        { "", 0 },
        /* A keyName-NAI of ERP (RFC 6696 5.3.2) is an NAI as any. */
        { "0123456789abcdef@wlan.mnc001.mcc001.3gppnetwork.org", 2 },
        { "@example.org", 3 },
        { "x@.example.org", 3 },
    };
    const struct lk_radius_health health[6] = { { 0 } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(found(health, rows[i].user, 0), rows[i].server);
}

static void without_a_default_strangers_go_nowhere(void **state)
{
    const struct lk_radius_health health[6] = { { 0 } };
    uint8_t server;

    assert_int_equal(lk_radius_route_find(&server, routes, 2, health, lk_span_text("x@y"), 0),
                     LK_E_NOT_FOUND);
    assert_int_equal(lk_radius_route_find(&server, routes, 0, health, lk_span_text("x@y"), 0),
                     LK_E_NOT_FOUND);
}

static void others_of_the_group_stand_in_for_the_dead(void **state)
{
    struct lk_radius_health health[6] = { { 0 } };

    for (int i = 1; i < MISSES; i++) {
        lk_radius_health_missed(&health[3], MISSES, DEAD_MS, 1000);
        assert_int_equal(found(health, "x@example.org", 1000), 3);
    }
    lk_radius_health_missed(&health[3], MISSES, DEAD_MS, 1000);
    assert_false(lk_radius_health_alive(&health[3], 1000));
    assert_int_equal(found(health, "x@example.org", 1000), 4);
    /* it is tried again when its time is over, and one miss more is enough */
    assert_int_equal(found(health, "x@example.org", 1000 + DEAD_MS), 3);
    lk_radius_health_missed(&health[3], MISSES, DEAD_MS, 20000);
    assert_int_equal(found(health, "x@example.org", 20001), 4);
    /* all dead: the one whose time is over first, and never one of another group */
    for (int i = 0; i < MISSES; i++)
        lk_radius_health_missed(&health[4], MISSES, DEAD_MS, 25000);
    assert_int_equal(found(health, "x@example.org", 25001), 3);
    for (int i = 0; i < 300; i++)
        lk_radius_health_missed(&health[3], MISSES, DEAD_MS, 26000);
    assert_int_equal(found(health, "x@example.org", 26001), 4);
    lk_radius_health_answered(&health[3]);
    assert_int_equal(found(health, "x@example.org", 26001), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_realm_counts),
        cmocka_unit_test(without_a_default_strangers_go_nowhere),
        cmocka_unit_test(others_of_the_group_stand_in_for_the_dead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
