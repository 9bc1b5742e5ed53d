/* Heartbeats between gateway and anchor: the octets, the rhythm, and who is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/pmip/heart.h"

static const uint64_t NOW = UINT64_C(1780000000000);

struct rig {
    struct lk_pmip_heart_config config;
    struct lk_pmip_heart heart;
    uint8_t octets[LK_PMIP_HEARTBEAT_MAX];
    size_t len; /* of the last question */
};

static int set_up(void **state)
{
    static struct rig rig;

    memset(&rig, 0, sizeof rig);
    lk_pmip_heart_defaults(&rig.config);
    *state = &rig;
    return 0;
}

static enum lk_pmip_heart_next due(struct rig *rig, uint64_t now_ms)
{
    struct lk_writer w = lk_writer_of(rig->octets, sizeof rig->octets);
    enum lk_pmip_heart_next next = lk_pmip_heart_due(&rig->heart, &rig->config, now_ms, &w);

    rig->len = w.len;
    return next;
}

/* spec: RFC 5847 3.1 - at an interval, sooner again without an answer, and then gone. */
static void silence_ends_the_channel(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(due(rig, NOW), LK_PMIP_HEART_NOTHING); /* not up yet */
    lk_pmip_heart_up(&rig->heart, NOW);
    assert_int_equal(due(rig, NOW), LK_PMIP_HEART_SEND);
    assert_int_equal(due(rig, NOW + 399), LK_PMIP_HEART_NOTHING);
    assert_int_equal(due(rig, NOW + 400), LK_PMIP_HEART_SEND);
    assert_int_equal(due(rig, NOW + 799), LK_PMIP_HEART_NOTHING);
    assert_int_equal(due(rig, NOW + 800), LK_PMIP_HEART_GONE);
    lk_pmip_heart_down(&rig->heart);
    assert_int_equal(due(rig, NOW + 5000), LK_PMIP_HEART_NOTHING);
    lk_pmip_heart_up(&rig->heart, NOW + 5000);
    assert_int_equal(due(rig, NOW + 5000), LK_PMIP_HEART_SEND);
}

static void whatever_comes_is_a_sign_of_life(void **state)
{
    struct rig *rig = *state;
    struct lk_span other = lk_span_text("not a mobility message");

    lk_pmip_heart_up(&rig->heart, NOW);
    assert_int_equal(due(rig, NOW), LK_PMIP_HEART_SEND);
    assert_int_equal(due(rig, NOW + 400), LK_PMIP_HEART_SEND);
    assert_false(lk_pmip_heart_received(&rig->heart, &rig->config, other, NOW + 500));
    assert_int_equal(due(rig, NOW + 1499), LK_PMIP_HEART_NOTHING);
    assert_int_equal(due(rig, NOW + 1500), LK_PMIP_HEART_SEND);
    assert_int_equal(due(rig, NOW + 1900), LK_PMIP_HEART_SEND);
    assert_int_equal(due(rig, NOW + 2300), LK_PMIP_HEART_GONE);
}

static void an_interval_of_zero_asks_never(void **state)
{
    struct rig *rig = *state;

    rig->config.interval_ms = 0;
    lk_pmip_heart_up(&rig->heart, NOW);
    assert_int_equal(due(rig, NOW + 100000), LK_PMIP_HEART_NOTHING);
}

/* spec: RFC 5847 3.2 - a response has the request's number and the Restart Counter.
 * spec: RFC 5847 3.3 - type 13, fourteen reserved bits, U, R, and 32 bits of sequence.
 * spec: RFC 5847 3.4 - the counter is an option of type 28 with four octets. */
static void a_question_is_answered_and_an_answer_is_not(void **state)
{
    static const uint8_t question[] = { 59, 1, 13, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 0 };
    static const uint8_t reply[] = { 59, 2, 13, 0, 0, 0, 0, 1, 0, 0, 0, 1,
                                     1, 0, 28, 4, 0, 0, 0x12, 0x34, 1, 2, 0, 0 };
    struct rig *rig = *state;
    uint8_t octets[LK_PMIP_HEARTBEAT_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mobility_message message;

    lk_pmip_heart_up(&rig->heart, NOW);
    assert_int_equal(due(rig, NOW), LK_PMIP_HEART_SEND);
    assert_int_equal(rig->len, sizeof question);
    assert_memory_equal(rig->octets, question, sizeof question);
    assert_int_equal(lk_mobility_decode(&message, lk_span_of(rig->octets, rig->len)), LK_OK);
    assert_true(lk_pmip_heart_answer(&w, &message, 0x1234));
    assert_int_equal(w.len, sizeof reply);
    assert_memory_equal(octets, reply, sizeof reply);
    assert_true(lk_pmip_heart_received(&rig->heart, &rig->config, lk_writer_span(&w), NOW + 1));

    assert_int_equal(lk_mobility_decode(&message, lk_writer_span(&w)), LK_OK);
    assert_int_equal(message.options.restarts, 0x1234);
    w = lk_writer_of(octets, sizeof octets);
    assert_false(lk_pmip_heart_answer(&w, &message, 0x1234)); /* nor do two anchors talk for ever */
    message.type = LK_MOBILITY_BU;
    message.flags = 0;
    assert_false(lk_pmip_heart_answer(&w, &message, 0x1234));
    assert_int_equal(w.len, 0);
}

/* T13: with the place of the tunnel, also where no sign of life is asked for: once then.
 * spec: RFC 5094 3 - type 19, length, enterprise number, subtype, data. */
static void the_place_of_the_tunnel_is_told(void **state)
{
    static const uint8_t question[] = { 59, 5, 13, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0,
                                        19, 31, 0, 0, 0x7e, 0xd9, 2, 0x9c, 0x41, 0, 0, 3, 0xe8,
                                        7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8,
                                        192, 0, 2, 1, 0 };
    struct rig *rig = *state;

    rig->config.enterprise = 32473;
    rig->config.place = (struct lk_mobility_place){
        .address = lk_address_v4((const uint8_t[4]){ 192, 0, 2, 1 }), .port = 40001,
        .word = { [0] = 7, [15] = 8 },
    };
    lk_pmip_heart_up(&rig->heart, NOW);
    assert_int_equal(due(rig, NOW), LK_PMIP_HEART_SEND);
    assert_int_equal(rig->len, sizeof question);
    assert_memory_equal(rig->octets, question, sizeof question);
    assert_int_equal(due(rig, NOW + 400), LK_PMIP_HEART_SEND);
    assert_false(lk_pmip_heart_has_told(&rig->heart, &rig->config));
    (void)lk_pmip_heart_received(&rig->heart, &rig->config, lk_span_text("a"), NOW + 500);
    assert_true(lk_pmip_heart_has_told(&rig->heart, &rig->config));
    rig->config.interval_ms = 0;
    assert_int_equal(due(rig, NOW + 100000), LK_PMIP_HEART_NOTHING);
    lk_pmip_heart_up(&rig->heart, NOW + 100000);
    assert_int_equal(due(rig, NOW + 100000), LK_PMIP_HEART_SEND);
    assert_int_equal(due(rig, NOW + 200000), LK_PMIP_HEART_NOTHING);
    assert_true(lk_pmip_heart_has_told(&rig->heart, &rig->config)); /* nobody has to answer */
    rig->config.interval_ms = 1000;
    assert_false(lk_pmip_heart_has_told(&rig->heart, &rig->config)); /* nor has, on this channel */
}

static void every_truncation_is_refused(void **state)
{
    static const uint8_t reply[] = { 59, 2, 13, 0, 0, 0, 0, 1, 0, 0, 0, 1,
                                     1, 0, 28, 4, 0, 0, 0x12, 0x34, 1, 2, 0, 0 };
    struct lk_mobility_message message;
    uint8_t octets[sizeof reply];

    for (size_t len = 0; len < sizeof reply; len++) {
        memcpy(octets, reply, len);
        assert_int_not_equal(lk_mobility_decode(&message, lk_span_of(octets, len)), LK_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(silence_ends_the_channel, set_up),
        cmocka_unit_test_setup(whatever_comes_is_a_sign_of_life, set_up),
        cmocka_unit_test_setup(an_interval_of_zero_asks_never, set_up),
        cmocka_unit_test_setup(a_question_is_answered_and_an_answer_is_not, set_up),
        cmocka_unit_test_setup(the_place_of_the_tunnel_is_told, set_up),
        cmocka_unit_test_setup(every_truncation_is_refused, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
