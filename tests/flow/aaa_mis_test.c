/* The AAA node and a point of service of MIS: who is given what of an authentication, over which
 * leg, and what the mobile node has of it without being told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aaa_world.h"
#include "node/aaa_parts.h"
#include "wire/mis_codes.h"

static struct aaa_world a;
static const char pos[] = "pos@a.example";

static int fresh(void **state)
{
    aaa_init(&a);
    a.client[0].pos = a.client[1].pos = pos; /* the rows are sorted: both */
    strcpy(a.nas_config.pos, pos);
    a.nas_config.enterprise = LK_AAA_ENTERPRISE;
    memset(&a.mark_key, 0x6d, sizeof a.mark_key);
    for (unsigned i = 0; i < AAA_NODES; i++)
        a.node[i].mis.signs = true;
    return 0;
}

static void move_to_the_open_leg(void)
{
    static const uint8_t far[4] = { 192, 0, 2, 5 };

    a.source = lk_address_v4(far);
    a.nas_config.secret = lk_radius_clients_find(&a.clients, &a.source)->secret;
}

/* Accepted as ever, and nothing of ours in the answer. */
static void expect_nothing(enum lk_reason withheld)
{
    struct lk_radius_packet packet;
    struct lk_span value;

    aaa_expect_accept(&a);
    assert_false(a.outcome.has_mis);
    assert_int_equal(a.withheld, withheld);
    assert_int_equal(lk_radius_decode(&packet, lk_span_of(a.answer[a.rounds - 1],
                                                          a.answer_len[a.rounds - 1])), LK_OK);
    for (uint8_t type = 0; type < 16; type++)
        assert_false(lk_radius_find_vendor(&packet, LK_AAA_ENTERPRISE, type, &value));
}

/* A06: home and mobile node have made it of the EMSK; who reads it knows of no IMSI. */
static void expect_name(struct lk_span name)
{
    struct lk_mis_pseudonym expected;
    char room[80];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mis_pseudonym_derive(&expected, &a.w.peer_grant.emsk,
                            lk_span_text(lk_mis_codes_default.mn_usage));
    lk_mis_pseudonym_put(&w, &expected, lk_span_text("home.example"));
    assert_true(lk_span_equal(name, lk_writer_span(&w)));
    assert_null(memmem(name.at, name.len, a.w.peer_config.imsi.digits, 5));
}

static void expect_mis(void)
{
    const struct lk_radius_mis *mis = &a.outcome.mis;
    struct lk_mis_psk psk;

    aaa_expect_accept(&a);
    assert_true(a.outcome.has_mis);
    assert_int_equal(a.withheld, LK_REASON_NONE);
    /* The mobile node makes it of its own EMSK, for the PoS that it dials. */
    lk_mis_psk_derive(&psk, &a.w.peer_grant.emsk, lk_span_text(lk_mis_codes_default.psk_usage),
                      lk_span_text(pos));
    assert_true(mis->has_psk);
    assert_memory_equal(&mis->psk, &psk, sizeof psk);
    expect_name(lk_span_of(mis->mn, mis->mn_len));
    assert_int_equal(mis->lifetime_s, a.node[0].mis.lifetime_s);
}

/* T40: the home's word, under its own key: who, since when, for how long, how often. */
static void expect_mark(void)
{
    struct lk_span octets = lk_span_of(a.outcome.mis.mark, a.outcome.mis.mark_len);
    struct lk_home_key key;
    struct lk_start_mark mark;

    lk_home_key_derive(&key, &a.mark_key);
    assert_int_equal(lk_start_mark_verify(octets, &key), LK_OK);
    key.octets[0] ^= 1;
    assert_int_not_equal(lk_start_mark_verify(octets, &key), LK_OK);
    assert_int_equal(lk_start_mark_read(&mark, octets), LK_OK);
    assert_true(lk_span_equal(mark.mn_id, lk_span_of(a.outcome.mis.mn, a.outcome.mis.mn_len)));
    assert_true(lk_span_equal(mark.realm, lk_span_text("home.example")));
    assert_int_equal(mark.start_s, a.now_ms / 1000);
    assert_int_equal(mark.lifetime_s, a.node[0].mis.lifetime_s);
    assert_int_equal(mark.max, 3);
}

/* T40, T02: after each authentication, full or fast, another key and a new mark, and the home's own
 * word of who it was. */
static void a_pos_gets_what_the_mobile_node_has(void **state)
{
    struct lk_mis_psk last;

    memset(&last, 0, sizeof last);
    for (unsigned run = 0; run < 3; run++) {
        a.now_ms += 1000;
        aaa_attach(&a);
        expect_mis();
        expect_mark();
        assert_int_equal(a.grant.fast, run > 0);
        assert_memory_not_equal(&last, &a.outcome.mis.psk, sizeof last);
        last = a.outcome.mis.psk;
    }
}

static void a_home_without_a_key_makes_no_mark(void **state)
{
    a.node[0].mis.signs = false;
    aaa_attach(&a);
    expect_mis();
    assert_int_equal(a.outcome.mis.mark_len, 0);
}

static void limits_are_configuration(void **state)
{
    struct lk_start_mark mark;

    a.node[0].mis.max = 1;
    a.node[0].mis.lifetime_s = 77;
    aaa_attach(&a);
    expect_mis();
    assert_int_equal(lk_start_mark_read(&mark, lk_span_of(a.outcome.mis.mark,
                                                          a.outcome.mis.mark_len)), LK_OK);
    assert_int_equal(mark.max, 1);
    assert_int_equal(mark.lifetime_s, 77);
}

/* T04, T46: where others could read it nothing of it goes out, and the authentication goes on. */
static void an_open_leg_gets_nothing(void **state)
{
    move_to_the_open_leg();
    aaa_attach(&a);
    expect_nothing(LK_REASON_MIS_LEG_OPEN);
    a.is_protected = true;
    aaa_attach(&a);
    expect_mis();
}

/* T02, T04: a client whose row does not say that it is this PoS gets nothing, whatever it says. */
static void another_client_gets_nothing(void **state)
{
    a.client[0].pos = a.client[1].pos = NULL;
    aaa_attach(&a);
    expect_nothing(LK_REASON_MIS_POS);
    a.client[0].pos = a.client[1].pos = "pos2@a.example";
    aaa_attach(&a);
    expect_nothing(LK_REASON_MIS_POS);
    a.client[0].pos = a.client[1].pos = "pos@a.exampl"; /* all of it counts */
    aaa_attach(&a);
    expect_nothing(LK_REASON_MIS_POS);
}

static void who_does_not_ask_gets_nothing(void **state)
{
    a.nas_config.pos[0] = '\0';
    aaa_attach(&a);
    expect_nothing(LK_REASON_NONE);
}

/* Together with multi-connection mode: two keys of one EMSK, and no salt twice in one packet. */
static void beside_a_wlcp_key(void **state)
{
    struct lk_radius_attribute outer;
    struct lk_radius_packet packet;
    struct lk_radius_vendor vendor;
    uint8_t salts[16][LK_RADIUS_SALT_LEN];
    struct lk_reader r;
    size_t count = 0;

    a.w.peer_config.want_multi = true;
    a.nas_config.access.modes = LK_TWAN_MULTI;
    aaa_attach(&a);
    expect_mis();
    expect_mark();
    assert_true(a.outcome.has_wlcp);
    assert_int_equal(lk_radius_decode(&packet, lk_span_of(a.answer[a.rounds - 1],
                                                          a.answer_len[a.rounds - 1])), LK_OK);
    r = lk_reader_of(packet.attributes);
    while (lk_radius_next(&r, &outer)) {
        if (outer.type != LK_RADIUS_VENDOR_SPECIFIC ||
            lk_radius_decode_vendor(&vendor, outer.value) != LK_OK || vendor.attributes.len < 20)
            continue;
        assert_true((vendor.attributes.at[2] & 0x80) != 0);
        memcpy(salts[count], vendor.attributes.at + 2, LK_RADIUS_SALT_LEN);
        for (size_t i = 0; i < count; i++)
            assert_memory_not_equal(salts[i], salts[count], LK_RADIUS_SALT_LEN);
        count++;
    }
    assert_int_equal(count, 7);
}

static uint16_t salt_of(const uint8_t salt[LK_RADIUS_SALT_LEN])
{
    return (uint16_t)(salt[0] << 8 | salt[1]);
}

/* spec: RFC 2548 2.4.2 - each salt within one packet is unique, whatever was drawn, and has its
 * first bit set. MPPE's two come first. */
static void salts_are_unlike_each_other(void **state)
{
    static struct lk_aaa_job job;

    for (unsigned fill = 0; fill < 0x10000; fill++) {
        struct lk_aaa_salts salts;
        uint16_t taken[2 + sizeof salts / LK_RADIUS_SALT_LEN];

        memset(job.salts, (int)(fill & 0xff), sizeof job.salts);
        job.salts[1] = job.salts[3] = (uint8_t)(fill >> 8);
        lk_aaa_salts(&salts, &job);
        taken[0] = (uint16_t)(salt_of(job.salts) | 0x8000);
        taken[1] = taken[0] ^ 1; /* as lk_radius_put_mppe does */
        for (size_t i = 2; i < LK_COUNT_OF(taken); i++) {
            taken[i] = salt_of((const uint8_t *)&salts + (i - 2) * LK_RADIUS_SALT_LEN);
            assert_true((taken[i] & 0x8000) != 0);
            for (size_t j = 0; j < i; j++)
                assert_int_not_equal(taken[i], taken[j]);
        }
    }
}

/* The EMSK ends where its last child is made, and out keeps nothing when it is wiped. */
static void nothing_is_left(void **state)
{
    static const struct lk_emsk wiped;
    static const struct lk_radius_mis nothing;

    aaa_attach(&a);
    expect_mis();
    assert_memory_equal(&a.grant.emsk, &wiped, sizeof wiped);
    lk_aaa_out_wipe(&a.out);
    assert_memory_equal(&a.out.mis, &nothing, sizeof nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_pos_gets_what_the_mobile_node_has, fresh),
        cmocka_unit_test_setup(a_home_without_a_key_makes_no_mark, fresh),
        cmocka_unit_test_setup(limits_are_configuration, fresh),
        cmocka_unit_test_setup(an_open_leg_gets_nothing, fresh),
        cmocka_unit_test_setup(another_client_gets_nothing, fresh),
        cmocka_unit_test_setup(who_does_not_ask_gets_nothing, fresh),
        cmocka_unit_test_setup(beside_a_wlcp_key, fresh),
        cmocka_unit_test(salts_are_unlike_each_other),
        cmocka_unit_test_setup(nothing_is_left, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
