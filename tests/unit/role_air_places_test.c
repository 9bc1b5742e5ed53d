/* Where stations are: places that come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "role/air_places.h"

enum { STATIONS = 500, ROUNDS = 40000 };

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
        } else if (lk_air_bind(&places, mac.octets, &peer) != NULL) {
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
