/* role/enb_places: devices that come and go, found by source, IMSI and MAC address; what strangers
 * may take; questions that outlive who asked; budgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "role/enb_places.h"

enum { COUNT = 64, STRANGERS_MOST = COUNT / 4 + 8, PORT = 4000 };

static struct lk_enb_places places;
static const struct lk_address here = { { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 } };

static int set_up(void **state)
{
    void *memory = calloc(1, lk_enb_places_size(COUNT));

    lk_enb_places_in(&places, memory, COUNT, 7);
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

static struct lk_enb_place *attach(unsigned number)
{
    struct lk_enb_place *place = lk_enb_place_take(&places, &here, (uint16_t)(PORT + number));
    struct lk_imsi imsi = imsi_of(number);
    const uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)number };

    assert_non_null(place);
    lk_enb_place_attach(&places, place, &imsi, mac);
    return place;
}

/* Strangers have their part and no more; who is attached has the rest. */
static void strangers_leave_room(void **state)
{
    unsigned strangers = 0;

    while (lk_enb_place_take(&places, &here, (uint16_t)(1000 + strangers)) != NULL)
        strangers++;
    assert_int_equal(strangers, STRANGERS_MOST);
    for (unsigned i = 0; i < strangers; i++)
        lk_enb_place_release(&places, lk_enb_place_from(&places, &here, (uint16_t)(1000 + i)));
    for (unsigned i = 0; i < COUNT; i++)
        (void)attach(i);
    assert_null(lk_enb_place_take(&places, &here, 999));
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

/* A MAC address stays with whom it was first, also when the second one goes. */
static void a_mac_address_is_the_first_ones(void **state)
{
    struct lk_enb_place *first = attach(1), *second = lk_enb_place_take(&places, &here, 9);
    struct lk_imsi imsi = imsi_of(2);

    lk_enb_place_attach(&places, second, &imsi, first->mac);
    assert_true(second->mac_is_anothers);
    assert_ptr_equal(lk_enb_place_of_mac(&places, first->mac), first);
    lk_enb_place_release(&places, second);
    assert_ptr_equal(lk_enb_place_of_mac(&places, first->mac), first);
}

/* An answer finds the one who asked, and nobody who has his place. */
static void an_answer_is_for_who_asked(void **state)
{
    struct lk_enb_place *place = lk_enb_place_take(&places, &here, 1), *other;
    uint32_t id = lk_enb_question_id(&places, place);

    place->question.id = id;
    place->question.place = LK_QUESTION_QUEUED;
    assert_ptr_equal(lk_enb_place_of_question(&places, id), place);
    lk_enb_place_release(&places, place);
    assert_null(lk_enb_place_of_question(&places, id));
    other = lk_enb_place_take(&places, &here, 2);
    assert_ptr_not_equal(other, place); /* the queue leads to it still */
    place->question.place = LK_QUESTION_NONE;
    lk_enb_place_settle(&places, place);
    other = lk_enb_place_take(&places, &here, 3);
    assert_ptr_equal(other, place);
    other->question.id = lk_enb_question_id(&places, other);
    assert_int_not_equal(other->question.id, id);
    assert_null(lk_enb_place_of_question(&places, id));
}

static void an_address_has_its_budget(void **state)
{
    unsigned allowed = 0;

    for (unsigned i = 0; i < 100; i++)
        allowed += lk_enb_may_attach(&places, &here, 5, 100000);
    assert_int_equal(allowed, 5);
    assert_false(lk_enb_may_attach(&places, &here, 5, 100100));
    assert_true(lk_enb_may_attach(&places, &here, 5, 100200));
    assert_false(lk_enb_may_attach(&places, &here, 5, 100201));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strangers_leave_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_are_found_however_they_came_and_went, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_mac_address_is_the_first_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_is_for_who_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_address_has_its_budget, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
