/* role/load: percentiles, the range of subscribers, and the whole loop against the null responder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "role/load.h"
#include "role/load_latency.h"

static const volatile bool never;

static void percentiles_are_off_by_three_per_cent_at_most(void **state)
{
    static struct lk_latency latency;

    assert_true(lk_latency_percentile_us(&latency, 0.5) == 0);
    for (uint64_t us = 1; us <= 10000; us++)
        lk_latency_add(&latency, us * 1000);
    for (int share = 1; share <= 99; share++) {
        double found = lk_latency_percentile_us(&latency, share / 100.0);

        assert_true(found > share * 100 * 0.97 && found < share * 100 * 1.03);
    }
    assert_true(latency.max_ns == 10000000);
}

/* Half a minute until an exchange is given up: generator and responder share the machine with
 * others, and one waits for the other. */
static struct lk_load_options options_of(enum lk_load_kind kind)
{
    struct lk_load_options o = {
        .kind = kind, .window = 300, .count = 2000, .subscribers = 1, .timeout_ms = 500,
        .tries = 60, .secret_len = 6,
        .card = { .algorithm = LK_AKA_MILENAGE, .k = { 1 }, .k_len = 16, .topc = { 2 },
                  .res_len = 8 },
    };

    memcpy(o.secret, "secret", 6);
    assert_int_equal(lk_imsi_parse(&o.first_imsi, lk_span_text("001010000000099")), LK_OK);
    o.server.sin_family = AF_INET;
    o.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return o;
}

static void subscribers_count_up_and_come_round(void **state)
{
    struct lk_load_options o = options_of(LK_LOAD_AKA);

    o.subscribers = 3;
    assert_string_equal(lk_load_imsi(&o, 0).digits, "001010000000099");
    assert_string_equal(lk_load_imsi(&o, 1).digits, "001010000000100");
    assert_string_equal(lk_load_imsi(&o, 3).digits, "001010000000099");
}

static pid_t responder(struct lk_load_options *o)
{
    socklen_t len = sizeof o->server;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    pid_t child;

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&o->server, sizeof o->server), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&o->server, &len), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        lk_load_null_responder(fd, o);
    }
    close(fd);
    return child;
}

static void stop(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void every_exchange_ends_well(void **state)
{
    static const enum lk_load_kind kinds[] = { LK_LOAD_AKA_PRIME, LK_LOAD_AKA, LK_LOAD_HALF_OPEN };

    for (size_t i = 0; i < LK_COUNT_OF(kinds); i++) {
        struct lk_load_options o = options_of(kinds[i]);
        struct lk_load_report report;
        pid_t child = responder(&o);

        assert_int_equal(lk_load_run(&report, &o, &never), LK_OK);
        stop(child);
        assert_int_equal(report.done, 2000);
        /* On a busy machine a repeat is answered, too, when its slot is at the next request. */
        assert_true(report.errors[LK_LOAD_RADIUS_WRONG] <= report.repeats);
        for (unsigned e = 1; e < LK_LOAD_ERROR_COUNT; e++)
            assert_true(report.errors[e] == 0 || e == LK_LOAD_RADIUS_WRONG);
    }
}

static void errors_are_told_by_kind(void **state)
{
    struct lk_load_options o = options_of(LK_LOAD_AKA_PRIME);
    struct lk_load_report report;
    pid_t child = responder(&o);

    o.count = 20;
    o.card.k[0]++; /* the generator's card has another key than the responder's */
    assert_int_equal(lk_load_run(&report, &o, &never), LK_OK);
    assert_int_equal(report.errors[LK_LOAD_AUTN_WRONG], 20);
    o.card.k[0]--;
    /* Another secret: each answer is dropped, and comes twice, when it comes in time. */
    o.secret[0]++;
    o.tries = 2;
    o.timeout_ms = 1500;
    assert_int_equal(lk_load_run(&report, &o, &never), LK_OK);
    assert_int_equal(report.errors[LK_LOAD_NO_ANSWER], 20);
    assert_in_range(report.errors[LK_LOAD_RADIUS_WRONG], 1, 40);
    assert_int_equal(report.repeats, 20);
    assert_int_equal(report.done, 0);
    o.secret[0]--;
    o.tries = 60;
    o.timeout_ms = 500;
    o.check_every = 1; /* the responder's keys are no keys */
    assert_int_equal(lk_load_run(&report, &o, &never), LK_OK);
    assert_int_equal(report.errors[LK_LOAD_KEYS_DIFFER], 20);
    stop(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_off_by_three_per_cent_at_most),
        cmocka_unit_test(subscribers_count_up_and_come_round),
        cmocka_unit_test(every_exchange_ends_well),
        cmocka_unit_test(errors_are_told_by_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
