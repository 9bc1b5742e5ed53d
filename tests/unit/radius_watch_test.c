/* proto/radius/watch: a connection that is to stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/radius/server.h"
#include "proto/radius/watch.h"

static struct lk_radius_secret secret, wrong;
static uint8_t entropy[LK_RADIUS_WATCH_ENTROPY] = { 1, 2, 3, 4 };
static uint8_t question[LK_RADIUS_STATUS_LEN];

static int set_up(void **state)
{
    assert_int_equal(lk_radius_secret_set(&secret, lk_span_text("radsec")), LK_OK);
    assert_int_equal(lk_radius_secret_set(&wrong, lk_span_text("radius")), LK_OK);
    return 0;
}

static enum lk_radius_watch_next due(struct lk_radius_watch *watch, uint64_t now_ms)
{
    entropy[0]++;
    return lk_radius_watch_due(watch, &secret, now_ms, entropy, question);
}

/* What the server says to question. */
static bool answer(struct lk_radius_watch *watch, const struct lk_radius_secret *theirs,
                   uint64_t now_ms)
{
    const struct lk_radius_client client = { .secret = *theirs };
    struct lk_radius_request request;
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    enum lk_reason reason;
    const struct lk_radius_answer head = {
        .code = LK_RADIUS_ACCESS_ACCEPT,
        .request_code = LK_RADIUS_STATUS_SERVER,
        .identifier = question[1],
        .authenticator = question + LK_RADIUS_AUTHENTICATOR_AT,
        .secret = theirs,
    };

    if (theirs == &secret)
        assert_int_equal(lk_radius_request_open(&request, &reason, &client, LK_RADIUS_AUTH_PORT,
                                                LK_SPAN(question)),
                         LK_OK);
    lk_radius_answer_begin(&w, &head);
    assert_int_equal(lk_radius_answer_end(&w, &head), LK_OK);
    for (size_t cut = 0; cut < w.len; cut++) {
        struct lk_radius_watch copy = *watch;

        assert_false(lk_radius_watch_received(&copy, &secret, lk_span_of(octets, cut), now_ms));
        assert_int_equal(copy.alive, watch->alive);
    }
    return lk_radius_watch_received(watch, &secret, lk_writer_span(&w), now_ms);
}

/* spec: RFC 5997 2.1 - Status-Server with Message-Authenticator and a random authenticator.
 * spec: RFC 6613 2.6.4 - zero is the watchdog's. */
static void it_is_alive_when_it_has_answered(void **state)
{
    struct lk_radius_watch watch = { LK_RADIUS_WATCH_DOWN };

    assert_int_equal(due(&watch, 1000), LK_RADIUS_WATCH_DIAL);
    assert_int_equal(due(&watch, 9000), LK_RADIUS_WATCH_NOTHING);
    lk_radius_watch_up(&watch, 9000);
    assert_false(watch.alive);
    assert_int_equal(due(&watch, 9000), LK_RADIUS_WATCH_SEND);
    assert_int_equal(question[0], LK_RADIUS_STATUS_SERVER);
    assert_int_equal(question[1], 0);
    assert_int_equal(due(&watch, 9001), LK_RADIUS_WATCH_NOTHING);
    assert_false(answer(&watch, &wrong, 9002));
    assert_false(watch.alive);
    assert_true(answer(&watch, &secret, 9002));
    assert_true(watch.alive);
    assert_false(answer(&watch, &secret, 9003)); /* once */
}

static struct lk_radius_watch alive(uint64_t now_ms)
{
    struct lk_radius_watch watch = { LK_RADIUS_WATCH_DOWN };

    assert_int_equal(due(&watch, now_ms), LK_RADIUS_WATCH_DIAL);
    lk_radius_watch_up(&watch, now_ms);
    assert_int_equal(due(&watch, now_ms), LK_RADIUS_WATCH_SEND);
    assert_true(answer(&watch, &secret, now_ms));
    return watch;
}

/* spec: RFC 3539 3.4.1 - silence is asked about, and no answer means that it is over. */
static void silence_is_asked_about(void **state)
{
    struct lk_radius_watch watch = alive(1000);
    uint8_t packet[20] = { LK_RADIUS_ACCESS_ACCEPT, 0, 0, 20 };
    uint64_t now_ms = 1000 + LK_RADIUS_WATCH_SILENCE_MS;

    assert_int_equal(due(&watch, now_ms - 1), LK_RADIUS_WATCH_NOTHING);
    /* what comes is not silence, and an answer to somebody else's request is not taken away */
    assert_false(lk_radius_watch_received(&watch, &secret, LK_SPAN(packet), now_ms - 1));
    assert_int_equal(due(&watch, now_ms), LK_RADIUS_WATCH_NOTHING);
    now_ms += LK_RADIUS_WATCH_SILENCE_MS;
    /* a question that others spoke after is answered late */
    assert_int_equal(due(&watch, now_ms), LK_RADIUS_WATCH_SEND);
    assert_false(lk_radius_watch_received(&watch, &secret, LK_SPAN(packet), now_ms));
    assert_int_equal(due(&watch, now_ms + LK_RADIUS_WATCH_ANSWER_MS), LK_RADIUS_WATCH_NOTHING);
    assert_true(answer(&watch, &secret, now_ms));
    now_ms += LK_RADIUS_WATCH_SILENCE_MS;
    for (int i = 0; i < LK_RADIUS_WATCH_QUESTIONS; i++) {
        assert_int_equal(due(&watch, now_ms), LK_RADIUS_WATCH_SEND);
        assert_true(watch.alive);
        now_ms += LK_RADIUS_WATCH_ANSWER_MS;
    }
    assert_int_equal(due(&watch, now_ms), LK_RADIUS_WATCH_HANG_UP);
    lk_radius_watch_down(&watch, now_ms, entropy);
    assert_false(watch.alive);
}

static void tries_grow_rare_and_differ(void **state)
{
    static const uint8_t low[2] = { 0, 0 }, high[2] = { 255, 255 };
    uint64_t longest = LK_RADIUS_WATCH_FIRST_MS;
    struct lk_radius_watch watch = { LK_RADIUS_WATCH_DOWN };

    for (int i = 0; i < 300; i++) {
        struct lk_radius_watch other;

        assert_int_equal(due(&watch, 0), LK_RADIUS_WATCH_DIAL);
        other = watch;
        lk_radius_watch_down(&watch, 0, low);
        lk_radius_watch_down(&other, 0, high);
        assert_int_equal(watch.due_ms, longest / 2);
        assert_int_equal(other.due_ms, longest);
        assert_int_equal(due(&watch, longest / 2 - 1), LK_RADIUS_WATCH_NOTHING);
        watch.due_ms = 0;
        longest = longest * 2 > LK_RADIUS_WATCH_LONGEST_MS ? LK_RADIUS_WATCH_LONGEST_MS
                                                           : longest * 2;
    }
    /* it was alive: from the beginning again */
    watch = alive(5000);
    lk_radius_watch_down(&watch, 5000, high);
    assert_int_equal(watch.due_ms, 5000 + LK_RADIUS_WATCH_FIRST_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_alive_when_it_has_answered),
        cmocka_unit_test(silence_is_asked_about),
        cmocka_unit_test(tries_grow_rare_and_differ),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
