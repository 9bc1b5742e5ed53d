/* proto/mis/chain: the scenarios of the sheet, and PoS that lie, forget or relabel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/mis/chain.h"
#include "proto/mis/sa.h"
#include "vectors.h"

static enum lk_mis_reason count(struct lk_mis_chain *chain, enum lk_mis_run run, unsigned announced)
{
    return lk_mis_chain_count(chain, run, (uint8_t)announced);
}

/* ---- the scenarios ---- */

/* An MN in a scenario. */
struct scene {
    struct lk_mis_chain chain;
    uint8_t sa_type;
    uint64_t now_s, ends_s; /* of the authentication that all stands on */
    uint32_t lifetime_s;    /* of the SA */
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool says(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

static enum lk_mis_reason optimised(struct scene *scene, unsigned announced)
{
    enum lk_mis_reason reason = lk_mis_chain_may(&scene->chain, scene->sa_type);

    if (reason == LK_MIS_REASON_NONE)
        reason = count(&scene->chain, LK_MIS_RUN_OPTIMISED, announced);
    if (reason == LK_MIS_REASON_NONE)
        scene->sa_type = LK_MIS_SA_SPOS;
    return reason;
}

/* One event: what it is called, and the reason it ends with. */
static enum lk_mis_reason event(struct scene *scene, const char *what)
{
    const char *announced = strstr(what, "announces chain="), *at = strstr(what, "t=");

    if (at != NULL)
        scene->now_s = strtoul(at + 2, NULL, 10);
    if (begins(what, "full_auth")) {
        const char *life = strstr(what, "life ");

        scene->sa_type = LK_MIS_SA_EAP;
        scene->ends_s = scene->now_s + (life != NULL ? strtoul(life + 5, NULL, 10) : 3600);
        return count(&scene->chain, LK_MIS_RUN_FULL, 0);
    }
    if (begins(what, "tls_auth")) {
        scene->sa_type = LK_MIS_SA_TLS;
        return count(&scene->chain, LK_MIS_RUN_FULL, 0);
    }
    if (begins(what, "erp with home"))
        return count(&scene->chain, LK_MIS_RUN_ERP_HOME, 0);
    if (begins(what, "erp with an ER server"))
        return count(&scene->chain, LK_MIS_RUN_ERP_CHAIN, 0);
    if (begins(what, "use at"))
        return scene->now_s < scene->ends_s ? LK_MIS_REASON_NONE : LK_MIS_REASON_KEY_EXPIRED;
    assert_true(begins(what, "optimized"));
    scene->lifetime_s =
        lk_mis_lifetime_s(3600, LK_MIS_SA_LIFETIME_S, (uint32_t)(scene->ends_s - scene->now_s));
    return optimised(scene, announced != NULL ? (unsigned)strtoul(announced + 16, NULL, 10)
                                              : scene->chain.used + 1u);
}

static enum lk_mis_reason wanted(const char *outcome)
{
    if (says(outcome, "reason 1"))
        return LK_MIS_REASON_CHAIN_LIMIT;
    if (says(outcome, "reason 6"))
        return LK_MIS_REASON_FULL_AUTH_WANTED;
    if (says(outcome, "MN rejects"))
        return LK_MIS_REASON_AUTH_FAILED;
    if (says(outcome, "expired"))
        return LK_MIS_REASON_KEY_EXPIRED;
    assert_true(says(outcome, "ok") || says(outcome, "accept"));
    return LK_MIS_REASON_NONE;
}

/* spec: IEEE 802.21.1 5.14.2 - the chain is limited: each scenario, event for event, and the count
 * behind each. */
/* spec: RFC 6696 8 - an ER server in the chain does not begin it anew. */
static void every_scenario(void **state)
{
    json_t *file = vectors_load("mis-handover");
    const json_t *list = vectors_list(file, "scenarios");

    assert_int_equal(json_array_size(list), 8);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i), *events = json_object_get(v, "events");
        struct scene scene = { .chain = { .used = 0, .max = (uint8_t)vector_int(v, "chain_max") },
                               .sa_type = LK_MIS_SA_EAP,
                               .ends_s = 3600 };

        assert_true(json_array_size(events) > 0);
        for (size_t j = 0; j < json_array_size(events); j++) {
            const json_t *row = json_array_get(events, j);
            const char *outcome = json_string_value(json_array_get(row, 1));

            assert_int_equal(event(&scene, json_string_value(json_array_get(row, 0))),
                             wanted(outcome));
            assert_int_equal(scene.chain.used, json_integer_value(json_array_get(row, 2)));
            if (says(outcome, "cut to 200"))
                assert_int_equal(scene.lifetime_s, 200);
        }
    }
    json_decref(file);
}

/* ---- liars ---- */

/* T40: an SPoS that reports a count of zero at each hop, one that restored a backup, one that calls
 * its K the home's, and one that counts backwards: after max hops the MN authenticates in full. */
static void the_mn_counts_by_itself(void **state)
{
    for (unsigned max = 0; max <= LK_MIS_CHAIN_MOST; max++) {
        struct lk_mis_chain chain = { .used = 0, .max = (uint8_t)max };
        unsigned hops = 0;

        for (unsigned hop = 0; hop < 10 + max; hop++) {
            assert_int_not_equal(count(&chain, LK_MIS_RUN_OPTIMISED, 0), LK_MIS_REASON_NONE);
            assert_int_not_equal(count(&chain, LK_MIS_RUN_OPTIMISED, chain.used),
                                 LK_MIS_REASON_NONE);
            assert_int_equal(chain.used, hops); /* nothing is counted that was refused */
            if (count(&chain, LK_MIS_RUN_OPTIMISED, chain.used + 1u) == LK_MIS_REASON_NONE)
                hops++;
        }
        assert_int_equal(hops, max);
        assert_true(lk_mis_chain_at_end(&chain));
        assert_int_equal(lk_mis_chain_may(&chain, LK_MIS_SA_SPOS), LK_MIS_REASON_CHAIN_LIMIT);
        assert_int_equal(count(&chain, LK_MIS_RUN_OPTIMISED, max + 1), LK_MIS_REASON_CHAIN_LIMIT);
        assert_int_equal(count(&chain, LK_MIS_RUN_ERP_CHAIN, 0), LK_MIS_REASON_CHAIN_LIMIT);
        assert_int_equal(chain.used, max);
        assert_int_equal(count(&chain, LK_MIS_RUN_ERP_HOME, 0), LK_MIS_REASON_NONE);
        assert_int_equal(chain.used, 0);
    }
}

/* The control of T40: an MN that believes what it is told never comes to an end. */
static void an_mn_that_believes(void **state)
{
    struct lk_mis_chain chain = { .used = 0, .max = 3 };

    for (unsigned hop = 0; hop < 10; hop++) {
        chain.used = 0; /* what the liar says */
        assert_int_equal(count(&chain, LK_MIS_RUN_OPTIMISED, 1), LK_MIS_REASON_NONE);
        assert_false(lk_mis_chain_at_end(&chain));
    }
}

/* A configured limit beyond the most there is does not count. */
static void the_most_there_is(void **state)
{
    struct lk_mis_chain chain = { .used = LK_MIS_CHAIN_MOST, .max = 255 };

    assert_true(lk_mis_chain_at_end(&chain));
    assert_int_equal(count(&chain, LK_MIS_RUN_OPTIMISED, 16), LK_MIS_REASON_CHAIN_LIMIT);
    chain.used = 14;
    assert_false(lk_mis_chain_at_end(&chain));
}

/* ---- a TPoS ---- */

enum { NOW = 1780000000 };

static struct lk_start_mark a_mark(void)
{
    return (struct lk_start_mark){ lk_span_text("mn1@home.example"), NOW - 1000, 7200, 3,
                                   lk_span_text("home.example") };
}

static enum lk_mis_reason judged(const struct lk_start_mark *mark, unsigned used, unsigned max,
                                 unsigned own_max, uint32_t want_s)
{
    struct lk_mis_offer offer = { lk_span_text("mn1@home.example"), (uint8_t)used, (uint8_t)max,
                                  3600, mark };
    uint32_t lifetime_s = 99;
    enum lk_mis_reason reason = lk_mis_chain_judge(&lifetime_s, &offer, (uint8_t)own_max, NOW);

    assert_int_equal(lifetime_s, want_s);
    return reason;
}

/* T40: no mark, one of another MN, of the past, of the future; and more runs than the least of what
 * home, SPoS and TPoS allow. */
static void what_a_tpos_takes(void **state)
{
    struct lk_start_mark mark = a_mark();

    assert_int_equal(judged(&mark, 1, 3, 3, 3600), LK_MIS_REASON_NONE);
    assert_int_equal(judged(&mark, 3, 3, 3, 3600), LK_MIS_REASON_NONE);
    assert_int_equal(judged(NULL, 1, 3, 3, 0), LK_MIS_REASON_NO_TRUST);
    assert_int_equal(judged(&mark, 0, 3, 3, 0), LK_MIS_REASON_CHAIN_LIMIT);
    assert_int_equal(judged(&mark, 4, 15, 15, 0), LK_MIS_REASON_CHAIN_LIMIT); /* the home's */
    assert_int_equal(judged(&mark, 3, 2, 3, 0), LK_MIS_REASON_CHAIN_LIMIT);   /* the SPoS's */
    assert_int_equal(judged(&mark, 3, 3, 2, 0), LK_MIS_REASON_CHAIN_LIMIT);   /* our own */
    assert_int_equal(judged(&mark, 1, 3, 0, 0), LK_MIS_REASON_CHAIN_LIMIT);
    mark.max = 15;
    assert_int_equal(judged(&mark, 4, 15, 15, 3600), LK_MIS_REASON_NONE);
    mark = a_mark();
    mark.mn_id = lk_span_text("mn2@home.example");
    assert_int_equal(judged(&mark, 1, 3, 3, 0), LK_MIS_REASON_UNKNOWN_MN);
}

/* T40: a home speaks for the MN of its own realm. */
static void a_mark_is_of_the_home_of_its_mn(void **state)
{
    struct lk_start_mark mark = a_mark();

    mark.realm = lk_span_text("other.example");
    assert_int_equal(judged(&mark, 1, 3, 3, 0), LK_MIS_REASON_NO_TRUST);
    mark.realm = lk_span_text("HOME.example");
    assert_int_equal(judged(&mark, 1, 3, 3, 3600), LK_MIS_REASON_NONE);
}

static void what_a_mark_bounds(void **state)
{
    struct lk_start_mark mark = a_mark();
    struct lk_mis_offer offer = { mark.mn_id, 1, 3, 0, &mark };
    uint32_t lifetime_s;

    mark.lifetime_s = 1001; /* a second is left */
    assert_int_equal(judged(&mark, 1, 3, 3, 1), LK_MIS_REASON_NONE);
    mark.lifetime_s = 1000;
    assert_int_equal(judged(&mark, 1, 3, 3, 0), LK_MIS_REASON_KEY_EXPIRED);
    mark = a_mark();
    mark.start_s = NOW + LK_MIS_START_AHEAD_S; /* a clock that is ahead */
    assert_int_equal(judged(&mark, 1, 3, 3, 3600), LK_MIS_REASON_NONE);
    mark.lifetime_s = 60;
    assert_int_equal(judged(&mark, 1, 3, 3, 60), LK_MIS_REASON_NONE);
    mark.start_s++;
    assert_int_equal(judged(&mark, 1, 3, 3, 0), LK_MIS_REASON_NO_TRUST);
    mark = a_mark();
    assert_int_equal(lk_mis_chain_judge(&lifetime_s, &offer, 3, NOW), LK_MIS_REASON_KEY_EXPIRED);
}

static void lifetimes(void **state)
{
    assert_int_equal(lk_mis_lifetime_s(100, 200, 300), 100);
    assert_int_equal(lk_mis_lifetime_s(300, 100, 200), 100);
    assert_int_equal(lk_mis_lifetime_s(200, 300, 100), 100);
    assert_int_equal(lk_mis_lifetime_s(200, 300, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario),      cmocka_unit_test(the_mn_counts_by_itself),
        cmocka_unit_test(an_mn_that_believes), cmocka_unit_test(the_most_there_is),
        cmocka_unit_test(what_a_tpos_takes),   cmocka_unit_test(what_a_mark_bounds),
        cmocka_unit_test(lifetimes),           cmocka_unit_test(a_mark_is_of_the_home_of_its_mn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
