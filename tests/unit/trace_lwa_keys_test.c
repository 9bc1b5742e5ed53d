/* trace, the keys of LTE-WLAN aggregation that a capture does not tell and lets know; and what it
 * does not let know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "keys/eps.h"
#include "lwa_capture.h"
#include "trace/keytree.h"
#include "trace/trace.h"

static struct lk_trace trace;
static struct lk_keytree tree;

static void load(enum lwa_story story, enum lwa_keys keys)
{
    lwa_capture_load(&trace, story, keys);
    lk_keytree_make(&tree, &trace, 0, NULL, LK_TRACE_NONE);
}

static void done(void)
{
    lk_wipe(&tree, sizeof tree);
    lk_trace_free(&trace);
}

/* spec: TS 33.401 A.18 - where S-KWT is withheld, KeNB and the WT Counter in RRC make it, and the
 * PMKID of message 1 proves it. */
static void an_s_kwt_is_made_of_what_the_capture_has(void **state)
{
    size_t s_kwts = 0;

    load(LWA_RIGHT_ORDER, LWA_KENB_ALONE);
    assert_int_equal(trace.runs[0].association.handshakes, 3);
    for (size_t i = 0; i < trace.count; i++)
        if (trace.messages[i].protocol == LK_TRACE_WLAN)
            assert_int_equal(trace.messages[i].wlan.opened, trace.messages[i].wlan.sealed);
    for (size_t i = 0; i < tree.count; i++)
        s_kwts += strcmp(tree.node[i].name, "S-KWT") == 0 && tree.node[i].has_value;
    assert_int_equal(s_kwts, 3);
    done();
}

/* Of a KeNB that no message 1 bears out nothing is made, whatever counters there are. */
static void an_s_kwt_that_nothing_names_is_not_made(void **state)
{
    struct lk_key_log other = { .kind = LK_KEY_LOG_KENB, .station = { 2, 0, 0, 0, 0, 2 },
                                .key = { 7 } };

    load(LWA_RIGHT_ORDER, LWA_NO_KEYS);
    assert_int_equal(lk_trace_keep_key(&trace, &other), LK_OK);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_true(trace.derivations > 0);
    assert_int_equal(trace.key_count, 1);
    done();
}

/* A KeNB, and an association under keys that it makes none of. */
static void set_up(const struct lk_kenb *kenb)
{
    static const struct lk_capture_end end = { .mac = true };
    static const uint8_t request[] = { 0xb0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
                                       2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0 };
    struct lk_trace_packet packet = { .datagram = { .carrier = LK_CARRIER_80211, .from = end,
                                                    .to = end, .payload = LK_SPAN(request) } };
    struct lk_key_log entry = { .kind = LK_KEY_LOG_KENB, .station = { 2, 0, 0, 0, 0, 2 } };

    lk_trace_init(&trace);
    memcpy(entry.key, kenb->octets, sizeof entry.key);
    assert_int_equal(lk_trace_keep_key(&trace, &entry), LK_OK);
    assert_int_equal(lk_trace_add(&trace, LK_TRACE_WLAN, &packet), LK_OK);
    assert_int_equal(lk_trace_add(&trace, LK_TRACE_WLAN, &packet), LK_OK);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, 1);
}

/* The KeNB is shown, and that there is no S-KWT is said. */
static void a_tree_says_what_it_lacks(void **state)
{
    static const struct lk_kenb kenb = { .octets = { 7 } };

    set_up(&kenb);
    lk_keytree_make(&tree, &trace, 0, NULL, LK_TRACE_NONE);
    assert_true(lk_keytree_has_values(&tree));
    assert_string_equal(tree.node[1].name, "KeNB");
    assert_true(tree.node[1].has_value);
    assert_string_equal(tree.node[2].name, "S-KWT");
    assert_false(tree.node[2].has_value);
    assert_non_null(strstr(tree.node[2].detail, "missing"));
    done();
}

/* The counter of an S-KWT that Xw handed over is the one that RRC told, however high. */
static void an_s_kwt_of_a_high_counter_finds_its_kenb(void **state)
{
    static const struct lk_kenb kenb = { .octets = { 7 } };
    struct lk_key_log entry = { .kind = LK_KEY_LOG_S_KWT, .number = LK_TRACE_NO_NUMBER,
                                .station = { 2, 0, 0, 0, 0, 2 } };
    struct lk_trace_message *told;
    struct lk_s_kwt s_kwt;

    set_up(&kenb);
    lk_s_kwt_derive(&s_kwt, &kenb, LK_S_KWT_FC, 1234);
    memcpy(entry.key, s_kwt.octets, sizeof entry.key);
    assert_int_equal(lk_trace_keep_key(&trace, &entry), LK_OK);
    lk_keytree_make(&tree, &trace, 0, NULL, LK_TRACE_NONE);
    assert_false(tree.node[1].has_value);
    assert_non_null(strstr(tree.node[2].detail, "of no KeNB"));

    told = &trace.messages[1];
    told->protocol = LK_TRACE_UU;
    told->uu = (struct lk_trace_uu){ .has_counter = true, .wt_counter = 1234 };
    lk_keytree_make(&tree, &trace, 0, NULL, LK_TRACE_NONE);
    assert_true(tree.node[1].has_value);
    assert_string_equal(tree.node[2].detail, "WT Counter 1234");
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_s_kwt_is_made_of_what_the_capture_has),
        cmocka_unit_test(an_s_kwt_that_nothing_names_is_not_made),
        cmocka_unit_test(a_tree_says_what_it_lacks),
        cmocka_unit_test(an_s_kwt_of_a_high_counter_finds_its_kenb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
