/* proto/radius/private_mis: what a PoS asks with, and what it is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "proto/radius/private_mis.h"

enum { OURS = 32473, OTHER = 9 };

static const uint8_t authenticator[16] = { 1, 2, 3 };
static const uint8_t salts[LK_RADIUS_MIS_SALTS][LK_RADIUS_SALT_LEN] = { { 0x80, 1 }, { 0x80, 2 },
                                                                        { 0x80, 3 } };
static uint8_t octets[LK_RADIUS_PACKET_MAX];
static struct lk_radius_secret secret;

static int setup(void **state)
{
    return lk_radius_secret_set(&secret, lk_span_text("testing123")) == LK_OK ? 0 : -1;
}

static struct lk_radius_packet packet_of(struct lk_writer *w)
{
    struct lk_radius_packet packet;

    assert_int_equal(lk_radius_end(w), LK_OK);
    assert_int_equal(lk_radius_decode(&packet, lk_writer_span(w)), LK_OK);
    return packet;
}

static struct lk_writer begin(void)
{
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_radius_begin(&w, LK_RADIUS_ACCESS_ACCEPT, 1);
    return w;
}

static struct lk_radius_mis example(bool psk, uint8_t mark_len)
{
    struct lk_radius_mis mis = { .has_psk = psk, .mn_len = 16, .mark_len = mark_len,
                                 .has_subscriber = psk, .lifetime_s = 0x01020304 };

    if (psk)
        memset(&mis.subscriber, 0x73, sizeof mis.subscriber);

    if (psk)
        memset(&mis.psk, 0x70, sizeof mis.psk);
    memcpy(mis.mn, "mn1@home.example", mis.mn_len);
    memset(mis.mark, 0x6d, mark_len);
    return mis;
}

static void the_pos_is_read_as_it_was_said(void **state)
{
    struct lk_writer w = begin();
    struct lk_radius_packet packet;
    struct lk_span pos;

    lk_radius_put_vendor(&w, OTHER, LK_RADIUS_MIS_POS, lk_span_text("another@vendor"));
    lk_radius_put_pos(&w, OURS, lk_span_text("pos@a.example"));
    packet = packet_of(&w);
    assert_int_equal(lk_radius_take_pos(&pos, &packet, OURS), LK_OK);
    assert_true(lk_span_equal(pos, lk_span_text("pos@a.example")));
    assert_int_equal(lk_radius_take_pos(&pos, &packet, OURS + 1), LK_OK);
    assert_int_equal(pos.len, 0);
}

/* Which of two it would be is nobody's to guess. */
static void two_names_and_none_are_refused(void **state)
{
    struct lk_writer w = begin();
    struct lk_radius_packet packet;
    struct lk_span pos;

    lk_radius_put_pos(&w, OURS, lk_span_text("pos@a.example"));
    lk_radius_put_pos(&w, OURS, lk_span_text("pos@a.example"));
    packet = packet_of(&w);
    assert_int_equal(lk_radius_take_pos(&pos, &packet, OURS), LK_E_TWICE);
    assert_int_equal(pos.len, 0);
    w = begin();
    lk_radius_put_pos(&w, OURS, lk_span_of("", 0));
    packet = packet_of(&w);
    assert_int_equal(lk_radius_take_pos(&pos, &packet, OURS), LK_E_LENGTH);
}

static void what_is_given_comes_as_it_went(void **state)
{
    for (unsigned i = 0; i < 4; i++) {
        struct lk_radius_mis mis = example((i & 1) != 0, (i & 2) != 0 ? LK_RADIUS_HIDDEN_MAX : 0);
        struct lk_radius_mis got;
        struct lk_writer w = begin();
        struct lk_radius_packet packet;

        lk_radius_put_mis(&w, OURS, &mis, &secret, authenticator, salts);
        packet = packet_of(&w);
        assert_int_equal(lk_radius_open_mis(&got, &packet, OURS, &secret, authenticator), LK_OK);
        assert_memory_equal(&got, &mis, sizeof mis);
        assert_null(memmem(octets, w.len, "pppp", 4));
        assert_null(memmem(octets, w.len, "mmmm", 4));
        assert_null(memmem(octets, w.len, "mn1@", 4));
    }
}

/* What one attribute of another length leaves: nothing. */
static void a_broken_one_gives_nothing(void **state)
{
    static const struct lk_radius_mis nothing;
    static const struct { uint8_t type; uint8_t len; bool hidden; enum lk_status want; } rows[] = {
        { LK_RADIUS_MIS_MN, 0, true, LK_E_LENGTH },
        { LK_RADIUS_MIS_MN, LK_RADIUS_MIS_MN_MAX + 1, true, LK_E_LENGTH },
        { LK_RADIUS_MIS_PSK, 63, true, LK_E_LENGTH },
        { LK_RADIUS_MIS_PSK, 65, true, LK_E_LENGTH },
        { LK_RADIUS_MIS_PSK, 7, false, LK_E_LENGTH },
        { LK_RADIUS_MIS_START_MARK, 0, true, LK_E_LENGTH },
        { LK_RADIUS_MIS_LIFETIME, 3, false, LK_E_LENGTH },
        { LK_RADIUS_MIS_SUBSCRIBER, 15, false, LK_E_LENGTH },
        { LK_RADIUS_MIS_SUBSCRIBER, 17, false, LK_E_LENGTH },
    };
    static const uint8_t plain[LK_RADIUS_HIDDEN_MAX] = { 1 };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_radius_mis mis = example(true, 8), got;
        struct lk_writer w = begin();
        struct lk_radius_packet packet;

        /* The first of a kind counts. */
        if (rows[i].hidden)
            lk_radius_put_hidden(&w, OURS, rows[i].type, &secret, authenticator, salts[0],
                                 lk_span_of(plain, rows[i].len));
        else
            lk_radius_put_vendor(&w, OURS, rows[i].type, lk_span_of(plain, rows[i].len));
        lk_radius_put_mis(&w, OURS, &mis, &secret, authenticator, salts);
        packet = packet_of(&w);
        assert_int_equal(lk_radius_open_mis(&got, &packet, OURS, &secret, authenticator),
                         rows[i].want);
        assert_memory_equal(&got, &nothing, sizeof got);
    }
}

static void without_mn_or_lifetime_there_is_none(void **state)
{
    static const uint8_t lifetime[4] = { 0, 0, 0, 1 };
    struct lk_radius_mis got;
    struct lk_radius_packet packet;
    struct lk_writer w = begin();

    lk_radius_put_vendor(&w, OURS, LK_RADIUS_MIS_LIFETIME, LK_SPAN(lifetime));
    packet = packet_of(&w);
    assert_int_equal(lk_radius_open_mis(&got, &packet, OURS, &secret, authenticator),
                     LK_E_MISSING);
    w = begin();
    lk_radius_put_hidden(&w, OURS, LK_RADIUS_MIS_MN, &secret, authenticator, salts[0],
                         lk_span_text("mn1@home.example"));
    packet = packet_of(&w);
    assert_int_equal(lk_radius_open_mis(&got, &packet, OURS, &secret, authenticator),
                     LK_E_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pos_is_read_as_it_was_said),
        cmocka_unit_test(two_names_and_none_are_refused),
        cmocka_unit_test(what_is_given_comes_as_it_went),
        cmocka_unit_test(a_broken_one_gives_nothing),
        cmocka_unit_test(without_mn_or_lifetime_there_is_none),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
