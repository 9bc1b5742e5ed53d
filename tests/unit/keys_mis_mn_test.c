/* keys/mis_mn: what a mobile node of MIS is called, and by what a PoS knows it again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/erp.h"
#include "keys/mis_mn.h"
#include "wire/mis_codes.h"

static struct lk_mis_pseudonym name_of(uint8_t emsk_octet, const char *usage)
{
    struct lk_emsk emsk;
    struct lk_mis_pseudonym name;

    memset(&emsk, emsk_octet, sizeof emsk);
    lk_mis_pseudonym_derive(&name, &emsk, lk_span_text(usage));
    return name;
}

/* spec: RFC 5295 3.1 - USRK = KDF(EMSK, usage label, usage data, length); here the first of it. */
static void it_is_of_the_root_key_of_its_usage(void **state)
{
    const char *usage = lk_mis_codes_default.mn_usage;
    struct lk_mis_pseudonym name = name_of(7, usage);
    struct lk_emsk emsk;
    struct lk_usrk usrk;

    memset(&emsk, 7, sizeof emsk);
    lk_usrk_derive(&usrk, &emsk, lk_span_text(usage), lk_span_of(NULL, 0));
    assert_memory_equal(&name, &usrk, sizeof name);
}

/* A06: another run, or another use, another name. */
static void another_run_another_name(void **state)
{
    const char *usage = lk_mis_codes_default.mn_usage;
    const struct lk_mis_pseudonym name = name_of(7, usage);
    const struct lk_mis_pseudonym other[] = { name_of(8, usage), name_of(7, "x@y"),
                                              name_of(7, lk_mis_codes_default.psk_usage) };

    for (size_t i = 0; i < LK_COUNT_OF(other); i++)
        assert_memory_not_equal(&other[i], &name, sizeof name);
}

static void its_text_is_a_nai(void **state)
{
    const struct lk_mis_pseudonym name = { { 0xff, 0xff, 0xfe } };
    char room[64];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mis_pseudonym_put(&w, &name, lk_span_text("home.example"));
    assert_int_equal(w.len, LK_MIS_PSEUDONYM_TEXT + 1 + strlen("home.example"));
    assert_memory_equal(room, "___-AAAAAAAAAAAAAAAAAA@home.example", w.len);
}

static struct lk_mis_subscriber at(uint8_t day, const char *pos, const char *digits)
{
    struct lk_mis_subscriber subscriber;
    struct lk_node_day_key key;
    struct lk_imsi imsi;

    memset(&key, day, sizeof key);
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text(digits)), LK_OK);
    lk_mis_subscriber_derive(&subscriber, &key, lk_span_text(pos), &imsi);
    return subscriber;
}

/* A06: a PoS knows its own again for a day, and nobody else's. */
static void a_pos_knows_its_own_again_for_a_day(void **state)
{
    const struct lk_mis_subscriber known = at(1, "pos@a.example", "001010000000001");
    const struct lk_mis_subscriber again = at(1, "pos@a.example", "001010000000001");
    const struct lk_mis_subscriber other[] = { at(2, "pos@a.example", "001010000000001"),
                                               at(1, "pos@b.example", "001010000000001"),
                                               at(1, "pos@a.example", "001010000000002"),
                                               at(1, "1pos@a.example", "00101000000000") };

    assert_memory_equal(&again, &known, sizeof known);
    for (size_t i = 0; i < LK_COUNT_OF(other); i++)
        assert_memory_not_equal(&other[i], &known, sizeof known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_of_the_root_key_of_its_usage),
        cmocka_unit_test(another_run_another_name),
        cmocka_unit_test(its_text_is_a_nai),
        cmocka_unit_test(a_pos_knows_its_own_again_for_a_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
