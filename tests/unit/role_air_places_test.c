/* Where stations are: places that come and go, and what counts from where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "role/air_places.h"

enum { STATIONS = 500, ROUNDS = 40000, HERE = 1000, ELSEWHERE = 1001 };

struct mac {
    uint8_t octets[LK_80211_ADDRESS_LEN];
};

static struct mac mac_of(unsigned i)
{
    return (struct mac){ { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };
}

static struct lk_datagram_peer at_port(uint16_t port)
{
    static const uint8_t octets[] = { 127, 0, 0, 1 };
    const struct lk_address loopback = lk_address_v4(octets);

    return lk_datagram_to(3, &loopback, port);
}

/* Whatever comes and goes, each is found where it was bound last, or not at all. */
static void come_and_go(void **state)
{
    void *memory = calloc(1, lk_air_places_size(STATIONS));
    uint16_t port[2 * STATIONS] = { 0 };
    struct lk_air_places places;
    unsigned random = 1, count = 0;

    assert_non_null(memory);
    lk_air_places_in(&places, memory, STATIONS, 5);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned i = (random = random * 1103515245u + 12345u) / 65536 % (2 * STATIONS);
        struct mac mac = mac_of(i);
        struct lk_datagram_peer peer = at_port((uint16_t)(1 + round % 60000));
        bool full = port[i] == 0 && count == STATIONS;

        if (round % 3 == 2) {
            count -= port[i] != 0;
            port[i] = 0;
            lk_air_forget(&places, mac.octets);
        } else if (lk_air_bind(&places, mac.octets, &peer, round) != NULL) {
            assert_false(full);
            count += port[i] == 0;
            port[i] = (uint16_t)(1 + round % 60000);
        } else {
            assert_true(full);
        }
        assert_int_equal(places.count, count);
    }
    for (unsigned i = 0; i < 2 * STATIONS; i++) {
        struct mac mac = mac_of(i);
        const struct lk_air_place *place = lk_air_place_of(&places, mac.octets);

        assert_int_equal(place != NULL, port[i] != 0);
        if (place != NULL)
            assert_int_equal(lk_datagram_port(&place->at), port[i]);
    }
    free(memory);
}

/* T13: of a place where the station is not nothing counts but an association's beginning, and that
 * when its own place is quiet; then its data is told so. A02: while a first handshake runs, not
 * that either, however long the station says nothing: it ends by its tries. */
static void what_counts(void **state)
{
    static const uint8_t kinds[] = { LK_80211_AUTHENTICATION, LK_80211_ASSOCIATION_REQUEST,
                                     LK_80211_REASSOCIATION_REQUEST, LK_80211_DEAUTHENTICATION,
                                     LK_80211_DISASSOCIATION, LK_80211_DATA, LK_80211_QOS_DATA };
    const struct lk_datagram_peer here = at_port(HERE), elsewhere = at_port(ELSEWHERE);
    const struct lk_air_place place = { .used = true, .heard_ms = 100, .at = here };

    for (unsigned i = 0; i < sizeof kinds; i++) {
        enum lk_air_verdict late = i < 3 ? LK_AIR_COUNTS : i < 5 ? LK_AIR_DROPPED : LK_AIR_TOLD;
        uint64_t quiet_ms = 100 + LK_AIR_QUIET_MS;

        assert_int_equal(lk_air_judge(&place, &here, kinds[i], true, 100), LK_AIR_COUNTS);
        assert_int_equal(lk_air_judge(&place, &here, kinds[i], true, quiet_ms), LK_AIR_COUNTS);
        assert_int_equal(lk_air_judge(&place, &elsewhere, kinds[i], true, quiet_ms - 1),
                         LK_AIR_DROPPED);
        assert_int_equal(lk_air_judge(&place, &elsewhere, kinds[i], true, quiet_ms), late);
        assert_int_equal(lk_air_judge(&place, &here, kinds[i], false, 100), LK_AIR_COUNTS);
        assert_int_equal(lk_air_judge(&place, &elsewhere, kinds[i], false, quiet_ms - 1),
                         LK_AIR_DROPPED);
        assert_int_equal(lk_air_judge(&place, &elsewhere, kinds[i], false, quiet_ms),
                         i < 5 ? LK_AIR_DROPPED : LK_AIR_TOLD);
    }
}

/* The place before is the last that had keys, however often somebody else comes. */
static void the_place_before(void **state)
{
    void *memory = calloc(1, lk_air_places_size(1));
    const struct lk_datagram_peer here = at_port(HERE), elsewhere = at_port(ELSEWHERE);
    const struct lk_datagram_peer third = at_port(9);
    struct lk_air_places places;
    const struct lk_air_place *place;
    struct mac mac = mac_of(1);

    assert_non_null(memory);
    lk_air_places_in(&places, memory, 1, 0);
    assert_null(lk_air_place_of(&places, mac.octets));
    place = lk_air_bind(&places, mac.octets, &here, 1);
    assert_false(place->has_before);
    place = lk_air_bind(&places, mac.octets, &here, 2);
    assert_false(place->has_before);
    place = lk_air_bind(&places, mac.octets, &elsewhere, 3);
    assert_true(place->has_before && lk_air_is_at(&place->before, &here));
    place = lk_air_bind(&places, mac.octets, &third, 4);
    assert_true(place->has_before && lk_air_is_at(&place->before, &here));
    assert_true(lk_air_is_at(&place->at, &third));
    assert_int_equal(place->heard_ms, 4);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(come_and_go),
        cmocka_unit_test(what_counts),
        cmocka_unit_test(the_place_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
