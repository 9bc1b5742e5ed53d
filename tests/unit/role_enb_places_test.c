/* role/enb_places: devices that come and go, found by source, IMSI and MAC address; what strangers
 * may take; questions that outlive who asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "role/enb_places.h"

enum { COUNT = 64, STRANGERS_MOST = COUNT / 4 + 8, OF_AN_ADDRESS = 4, PORT = 4000 };

static struct lk_enb_places places;
static uint64_t now_ms;
static const struct lk_address here = { { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 } };

static int set_up(void **state)
{
    void *memory = calloc(1, lk_enb_places_size(COUNT));

    lk_enb_places_in(&places, memory, COUNT, 7);
    now_ms = 100000;
    return memory == NULL;
}

static int tear_down(void **state)
{
    free(places.place);
    return 0;
}

static struct lk_imsi imsi_of(unsigned number)
{
    struct lk_imsi imsi = { "" };

    (void)snprintf(imsi.digits, sizeof imsi.digits, "00101%010u", number);
    return imsi;
}

static struct lk_enb_place *take(const struct lk_address *address, uint16_t port)
{
    return lk_enb_place_take(&places, address, port, now_ms);
}

static struct lk_enb_place *attach(unsigned number)
{
    struct lk_enb_place *place = take(&here, (uint16_t)(PORT + number));
    struct lk_imsi imsi = imsi_of(number);
    const uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)number };

    assert_non_null(place);
    lk_enb_place_attach(&places, place, &imsi, mac, false);
    return place;
}

/* Strangers have their part and no more; who is attached has the rest. */
static void strangers_leave_room(void **state)
{
    unsigned strangers = 0;

    while (take(&here, (uint16_t)(1000 + strangers)) != NULL)
        strangers++;
    assert_int_equal(strangers, STRANGERS_MOST);
    for (unsigned i = 0; i < strangers; i++)
        lk_enb_place_release(&places, lk_enb_place_from(&places, &here, (uint16_t)(1000 + i)));
    for (unsigned i = 0; i < COUNT; i++)
        (void)attach(i);
    assert_null(take(&here, 999));
    assert_int_equal(places.attached, COUNT);
}

static void all_are_found_however_they_came_and_went(void **state)
{
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < COUNT / 2; i++)
            (void)attach(i);
        for (unsigned i = 0; i < COUNT / 2; i++) {
            struct lk_imsi imsi = imsi_of(i);
            const uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)i };
            struct lk_enb_place *place = lk_enb_place_of_imsi(&places, &imsi);

            assert_non_null(place);
            assert_ptr_equal(place, lk_enb_place_of_mac(&places, mac));
            assert_ptr_equal(place, lk_enb_place_from(&places, &here, (uint16_t)(PORT + i)));
            assert_null(lk_enb_place_from(&places, &here, (uint16_t)(PORT + COUNT + i)));
            if ((i + round) % 3 != 0)
                lk_enb_place_release(&places, place);
        }
        for (unsigned i = 0; i < COUNT / 2; i++) {
            struct lk_imsi imsi = imsi_of(i);
            struct lk_enb_place *place = lk_enb_place_of_imsi(&places, &imsi);

            assert_int_equal(place != NULL, (i + round) % 3 == 0);
            if (place != NULL)
                lk_enb_place_release(&places, place);
        }
        assert_int_equal(places.used, 0);
    }
}

static const uint8_t wanted[6] = { 2, 7 };

/* Comes from that port, again, and says the address that all want. */
static struct lk_enb_place *wants(unsigned number, bool keeps)
{
    struct lk_enb_place *place = lk_enb_place_from(&places, &here, (uint16_t)(PORT + number));
    struct lk_imsi imsi = imsi_of(number);

    if (place == NULL)
        place = take(&here, (uint16_t)(PORT + number));
    lk_enb_place_attach(&places, place, &imsi, wanted, keeps);
    return place;
}

/* A MAC address stays with whom it was first, also when the second one goes. */
static void a_mac_address_is_the_first_ones(void **state)
{
    struct lk_enb_place *first = wants(1, false), *second = wants(2, false);

    assert_int_equal(second->mac_is, LK_ENB_MAC_WAITS);
    assert_ptr_equal(lk_enb_place_of_mac(&places, wanted), first);
    assert_null(lk_enb_place_heir(&places, wanted));
    assert_false(lk_enb_place_claim(&places, second));
    assert_true(lk_enb_place_claim(&places, first));
    lk_enb_place_release(&places, second);
    assert_ptr_equal(lk_enb_place_of_mac(&places, wanted), first);
    assert_int_equal(places.mac_waiting, 0);
}

/* When it is let go, or who had it leaves, who has waited longest gets it, and nobody before him:
 * neither who comes then nor who had it and did not use it. */
static void a_mac_address_goes_to_who_waited_longest(void **state)
{
    struct lk_enb_place *place[4], *other = attach(20);

    for (unsigned i = 0; i < 4; i++)
        place[i] = wants(i, false);
    assert_int_equal(places.mac_waiting, 3);
    lk_enb_place_let_go(&places, place[0]);
    assert_ptr_equal(lk_enb_place_heir(&places, wanted), place[1]);
    assert_ptr_equal(lk_enb_place_of_mac(&places, wanted), place[1]);
    assert_false(lk_enb_place_claim(&places, place[0]));
    lk_enb_place_release(&places, place[1]);
    (void)wants(0, false); /* before the heir is asked for */
    assert_int_equal(place[0]->mac_is, LK_ENB_MAC_WAITS);
    assert_ptr_equal(lk_enb_place_heir(&places, wanted), place[2]);
    (void)wants(2, false); /* attaches anew without having used it */
    assert_int_equal(place[2]->mac_is, LK_ENB_MAC_WAITS);
    assert_ptr_equal(lk_enb_place_heir(&places, wanted), place[3]);
    (void)wants(3, true); /* ... and having used it */
    assert_int_equal(place[3]->mac_is, LK_ENB_MAC_HAS);
    assert_true(place[3]->mac_used);
    lk_enb_place_release(&places, place[3]);
    assert_ptr_equal(lk_enb_place_heir(&places, wanted), place[0]);
    lk_enb_place_let_go(&places, place[0]);
    assert_ptr_equal(lk_enb_place_heir(&places, wanted), place[2]);
    lk_enb_place_let_go(&places, place[2]);
    assert_null(lk_enb_place_heir(&places, wanted));
    assert_true(lk_enb_place_claim(&places, place[0])); /* by the operator */
    assert_int_equal(places.mac_waiting, 0);
    assert_ptr_equal(lk_enb_place_of_mac(&places, other->mac), other);
}

/* An answer finds the one who asked, and nobody who has his place. */
static void an_answer_is_for_who_asked(void **state)
{
    struct lk_enb_place *place = take(&here, 1), *other;
    uint32_t id = lk_enb_question_id(&places, place);

    place->question.id = id;
    place->question.place = LK_QUESTION_QUEUED;
    assert_ptr_equal(lk_enb_place_of_question(&places, id), place);
    lk_enb_place_release(&places, place);
    assert_null(lk_enb_place_of_question(&places, id));
    other = take(&here, 2);
    assert_ptr_not_equal(other, place); /* the queue leads to it still */
    place->question.place = LK_QUESTION_NONE;
    lk_enb_place_settle(&places, place);
    other = take(&here, 3);
    assert_ptr_equal(other, place);
    other->question.id = lk_enb_question_id(&places, other);
    assert_int_not_equal(other->question.id, id);
    assert_null(lk_enb_place_of_question(&places, id));
}

/* ---- newcomers ---- */

static struct lk_address there(unsigned number)
{
    struct lk_address address = here;

    address.octets[14] = (uint8_t)(number >> 8);
    address.octets[15] = (uint8_t)number;
    return address;
}

/* A newcomer, and who makes room for it: 0, nobody, else one more than its number; it is told that
 * there is no place by UINT32_MAX. */
static uint32_t come(unsigned address, uint16_t port)
{
    struct lk_address from = there(address);
    struct lk_enb_place *goes;
    uint32_t went = 0;

    now_ms++;
    if (!lk_enb_place_room(&goes, &places, &from, now_ms))
        return UINT32_MAX;
    if (goes != NULL) {
        went = lk_enb_place_number(&places, goes) + 1;
        lk_enb_place_release(&places, goes);
    }
    assert_non_null(take(&from, port));
    return went;
}

static uint32_t number_at(unsigned address, uint16_t port)
{
    struct lk_address from = there(address);
    const struct lk_enb_place *place = lk_enb_place_from(&places, &from, port);

    assert_non_null(place);
    return lk_enb_place_number(&places, place) + 1;
}

static void under_way(unsigned address, uint16_t port)
{
    struct lk_address from = there(address);

    lk_enb_place_line(&places, lk_enb_place_from(&places, &from, port), LK_ENB_UNDER_WAY, now_ms);
}

/* T15: from one address as many come as like: they have their few places, of which the oldest that
 * waits goes first, and one that another has is not theirs. */
static void an_address_has_few_places(void **state)
{
    uint32_t first;

    assert_int_equal(come(1, 1), 0);
    for (uint16_t port = 1; port <= OF_AN_ADDRESS; port++)
        assert_int_equal(come(2, port), 0);
    under_way(2, 1);
    for (uint16_t port = 2; port <= OF_AN_ADDRESS; port++) {
        first = number_at(2, port);
        assert_int_equal(come(2, (uint16_t)(100 + port)), first);
    }
    assert_int_equal(places.used, 1 + OF_AN_ADDRESS);
    (void)number_at(1, 1);
    (void)number_at(2, 1);
    /* All under way: whoever comes waits, until one of them gets nowhere. */
    for (uint16_t port = 2; port <= OF_AN_ADDRESS; port++)
        under_way(2, (uint16_t)(100 + port));
    assert_int_equal(come(2, 50), UINT32_MAX);
    first = number_at(2, 1);
    now_ms += 996;
    assert_int_equal(come(2, 50), first);
    (void)number_at(2, 102);
}

/* T15: when strangers from everywhere have all the places there are, the oldest that waits makes
 * room, then the oldest whose attach gets nowhere; who is attached never does. */
static void the_oldest_stranger_makes_room(void **state)
{
    uint32_t first;

    (void)attach(1);
    for (unsigned i = 0; i < STRANGERS_MOST; i++)
        assert_int_equal(come(100 + i, 1), 0);
    under_way(100, 1);
    under_way(102, 1);
    for (unsigned i = 1; i < STRANGERS_MOST; i++) {
        if (i == 2)
            continue;
        first = number_at(100 + i, 1);
        assert_int_equal(come(200 + i, 1), first);
        under_way(200 + i, 1);
    }
    assert_int_equal(come(300, 1), UINT32_MAX);
    now_ms += 1000;
    first = number_at(100, 1);
    assert_int_equal(come(300, 1), first);
    under_way(300, 1);
    first = number_at(102, 1);
    assert_int_equal(come(301, 1), first);
    assert_int_equal(places.attached, 1);
    assert_int_equal(places.used, 1 + STRANGERS_MOST);
}

/* Lines and heads are right however strangers come, go on, attach and go. */
static void strangers_come_and_go(void **state)
{
    uint32_t random = 1;

    for (unsigned i = 0; i < 50000; i++) {
        struct lk_enb_place *place;
        struct lk_imsi imsi = imsi_of(i);
        const uint8_t mac[6] = { 2, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

        random = random * 1664525 + 1013904223;
        place = lk_enb_place_at(&places, (random >> 8) % COUNT);
        if (place == NULL || random % 4 == 0)
            (void)come(random >> 10 & 31, (uint16_t)(i % 50000 + 1));
        else if (random % 4 == 1)
            lk_enb_place_line(&places, place, (random >> 20) % LK_ENB_LINES, now_ms);
        else if (random % 4 == 2 && places.attached < COUNT / 2)
            lk_enb_place_attach(&places, place, &imsi, mac, false);
        else
            lk_enb_place_release(&places, place);
    }
    for (uint32_t number = 0; number < COUNT; number++)
        if (lk_enb_place_at(&places, number) != NULL)
            lk_enb_place_release(&places, &places.place[number]);
    assert_int_equal(places.used, 0);
    for (unsigned line = 0; line < LK_ENB_LINES; line++) {
        assert_int_equal(places.oldest[line], LK_ENB_NO_PLACE);
        assert_int_equal(places.youngest[line], LK_ENB_NO_PLACE);
    }
    for (uint32_t head = 0; head <= places.by[LK_ENB_BY_ADDRESS].mask; head++)
        assert_int_equal(places.by[LK_ENB_BY_ADDRESS].bucket[head], LK_INDEX_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strangers_leave_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_are_found_however_they_came_and_went, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_mac_address_is_the_first_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mac_address_goes_to_who_waited_longest, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_is_for_who_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_address_has_few_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_oldest_stranger_makes_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strangers_come_and_go, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
