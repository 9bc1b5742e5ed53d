/* What a K of the home may, and for how long: bounds that stand behind another one, each by itself.
 * PoS 0 is the home's own, 1 serves, 2 is the target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mis_whole.h"
#include "node/pos_parts.h"

enum { HOME, SERVING, TARGET };

static void begin(void)
{
    whole_open(false, true);
    rig_at_home(&whole.rig, HOME);
}

static void ask(void)
{
    whole.of_home = true;
    assert_int_equal(whole_hand_over(TARGET, NULL), LK_OK);
}

static struct lk_pos *home(void)
{
    return whole.rig.pos[HOME].pos;
}

static struct lk_pos_errand *errand(void)
{
    for (uint32_t i = 0; i < whole.rig.pos[HOME].config.errands; i++)
        if (home()->errand[i].used)
            return &home()->errand[i];
    return NULL;
}

/* T02: the home's Accept gives a K with a key and a name alone, though the rest of it be right. */
static void an_accept_without_its_terms_gives_nothing(void **state)
{
    static struct lk_pos_outbox out;
    enum { NO_KEY, NO_NAME, WHOLE, KINDS };

    for (unsigned kind = 0; kind < KINDS; kind++) {
        struct lk_radius_outcome outcome = { .code = LK_RADIUS_ACCESS_ACCEPT,
                                             .has_msk = kind != NO_KEY,
                                             .has_mis = kind != NO_NAME };
        struct lk_span mn;

        begin();
        whole_attach(SERVING);
        whole.rig.aaa_down = true;
        ask();
        assert_non_null(errand());
        mn = lk_mis_name_of(&errand()->mn);
        outcome.mis.lifetime_s = 3600;
        outcome.mis.mn_len = (uint8_t)mn.len;
        memcpy(outcome.mis.mn, mn.at, mn.len);
        out.count = out.used = 0;
        lk_pos_errand_answered(home(), errand(), &outcome, &out);
        assert_int_equal(lk_pos_counted(home())->not_given, kind != WHOLE);
        if (kind == WHOLE) /* the target is asked */
            assert_int_equal(errand()->spos.state, LK_MIS_SPOS_AWAIT_TARGET);
        else
            assert_null(errand());
        whole_close();
    }
}

static struct lk_mis_key_envelope offered; /* to the target, by the home's PoS */
static bool is_lost;

static bool look_at_offer(struct mis_rig *rig, struct rig_packet *packet)
{
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    if (packet->leg != RIG_N2N || packet->from != HOME || packet->to != TARGET)
        return true;
    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(packet->octets, packet->len),
                                   &lk_mis_codes_default), LK_OK);
    assert_int_equal(lk_mis_message_get(&m, &pdu.header, pdu.body, &lk_mis_codes_default), LK_OK);
    assert_true(lk_mis_has(&m, LK_MIS_TLV_KEY_ENVELOPE));
    offered = m.envelope;
    return !is_lost;
}

/* T40: the target is told the home's own limit, and its lifetime, and not only the mark. */
static void limit_and_lifetime_are_the_homes(void **state)
{
    begin();
    for (unsigned i = 0; i < AAA_NODES; i++) {
        whole.rig.a.node[i].mis.max = 2;
        whole.rig.a.node[i].mis.lifetime_s = 300;
    }
    whole_attach(SERVING);
    whole.rig.meddle = look_at_offer;
    is_lost = false;
    ask();
    assert_int_equal(whole.rig.pos[HOME].facts[LK_POS_GIVEN], 1);
    assert_int_equal(offered.max, 2);
    assert_int_equal(whole.rig.pos[HOME].chain.max, 2);
    assert_true(offered.lifetime_s > 0 && offered.lifetime_s <= 300);
    whole_close();
}

/* T44: an errand takes as long as an answer of the target may take, and no longer, though the AAA
 * was slow, and the target only then is silent. */
static void an_errand_ends_in_its_time(void **state)
{
    uint64_t most_ms, begun_ms;

    begin();
    whole_attach(SERVING);
    most_ms = whole.rig.pos[HOME].config.spos.target_ms;
    whole.rig.meddle = look_at_offer;
    is_lost = true;
    offered.lifetime_s = 0;
    whole.rig.aaa_down = true;
    ask();
    begun_ms = whole.rig.now_ms;
    rig_wait(&whole.rig, 500);
    whole.rig.aaa_down = false;
    rig_wait(&whole.rig, most_ms - 600);
    assert_true(offered.lifetime_s > 0); /* it was asked, late */
    assert_non_null(errand());
    rig_wait(&whole.rig, begun_ms + most_ms - whole.rig.now_ms);
    assert_null(errand());
    assert_int_equal(whole.rig.pos[HOME].facts[LK_POS_NOT_GIVEN], 1);
    whole_close();
}

/* T40: for the MN its SA lasts no longer than its own early key, whatever lifetime it is told. */
static void no_longer_than_the_mns_own_key(void **state)
{
    enum { KEY_S = 200, MS = 1000 };
    uint64_t over_ms;

    begin();
    whole.config.erp_lifetime_s = KEY_S;
    whole_attach(SERVING);
    over_ms = whole.rig.now_ms + KEY_S * MS;
    ask();
    assert_int_equal(whole.rig.pos[HOME].facts[LK_POS_GIVEN], 1);
    assert_int_equal(whole_switched(), LK_OK);
    assert_int_equal(whole_serving(), TARGET);
    assert_int_equal(lk_mis_device_serving(&whole.d)->sa.type, LK_MIS_SA_EAP);
    assert_true(lk_mis_device_serving(&whole.d)->sa.expires_ms <= over_ms);
    whole_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accept_without_its_terms_gives_nothing),
        cmocka_unit_test(limit_and_lifetime_are_the_homes),
        cmocka_unit_test(an_errand_ends_in_its_time),
        cmocka_unit_test(no_longer_than_the_mns_own_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
