/* trace/reach: who could read an SA of MIS, from captures of whole chains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mis_capture.h"
#include "trace/reach.h"

static struct lk_trace trace;
static struct lk_reach reach;

static const struct lk_reach_cell *cell_of(size_t sa, const char *name)
{
    for (size_t i = 0; i < reach.parts; i++)
        if (strcmp(reach.part[i], name) == 0)
            return &reach.sa[sa].cell[i];
    fail_msg("there is no %s", name);
    return NULL;
}

static void has(size_t sa, const char *name, enum lk_reach_how how, bool active_only)
{
    assert_int_equal(cell_of(sa, name)->how, how);
    assert_int_equal(cell_of(sa, name)->active_only, active_only);
}

static void give_away(const char *name, const char *const told[], size_t count)
{
    assert_true(lk_reach_capture(&reach, name));
    assert_int_equal(reach.sas, count);
    for (size_t sa = 0; sa < count; sa++)
        assert_string_equal(lk_reach_captured_text(&reach, &trace, sa), told[sa]);
}

/* T40: what one captured PoS gives away: what it made, what stands on that, and nothing from the
 * next establishment with the home on. It is told without a key, too.
 * spec: IEEE 802.21.1 5.14.2 - the K of a compromised SPoS, and the remaining chain. */
static void a_captured_pos_reads_until_it_is_cut_off(void **state)
{
    static const char *const a[] = { "reads", "reads", "reads if it alters", "reads if it alters",
                                     "cut off" };
    static const char *const b[] = { "nothing", "reads", "reads if it alters",
                                     "reads if it alters", "cut off" };
    static const char *const c[] = { "nothing", "nothing", "reads", "reads", "cut off" };
    static const char *const e[] = { "nothing", "nothing", "nothing", "nothing", "reads" };

    for (enum mis_keys keys = MIS_NO_KEYS; keys <= MIS_ALL; keys++) {
        mis_capture_load(&trace, MIS_JOURNEY, keys);
        lk_reach_make(&reach, &trace);
        assert_int_equal(reach.parts, 6);
        give_away("a@north.example", a, LK_COUNT_OF(a));
        give_away("b@north.example", b, LK_COUNT_OF(b));
        give_away("c@south.example", c, LK_COUNT_OF(c));
        give_away("e@home.example", e, LK_COUNT_OF(e));
        assert_false(lk_reach_capture(&reach, "x@y.example"));
        has(0, "home.example (home)", LK_REACH_HOME, false);
        has(0, "a@north.example", LK_REACH_OWN, false);
        has(1, "a@north.example", LK_REACH_MADE, false);
        has(2, "b@north.example", LK_REACH_MADE, true);
        has(3, "c@south.example", LK_REACH_MADE, false);
        has(3, "a@north.example", LK_REACH_HEARS, true);
        has(4, "d@south.example", LK_REACH_NOT, false);
        lk_trace_free(&trace);
    }
}

/* Without X25519 who made one K works out all that stand on it. */
static void without_mixing_a_listener_is_enough(void **state)
{
    mis_capture_load(&trace, MIS_LIAR, MIS_NO_KEYS);
    lk_reach_make(&reach, &trace);
    has(2, "b@north.example", LK_REACH_MADE, false);
    has(2, "a@north.example", LK_REACH_HEARS, false);
    has(2, "home.example (home)", LK_REACH_HEARS, false);
    lk_trace_free(&trace);
}

/* spec: RFC 6696 8 - an ER server of a domain may be a PoS of the chain: its ERP cuts nobody off.
 */
static void erp_with_a_domain_begins_no_chain(void **state)
{
    mis_capture_load(&trace, MIS_JOURNEY, MIS_NO_KEYS);
    trace.runs[5].mis.erp_nai = lk_span_text("0011223344556677@south.example");
    lk_reach_make(&reach, &trace);
    assert_false(reach.sa[4].cut);
    has(4, "south.example (ER server)", LK_REACH_DOMAIN, false);
    has(4, "d@south.example", LK_REACH_DOMAIN, false);
    has(4, "a@north.example", LK_REACH_DOMAIN, true);
    lk_trace_free(&trace);
}

/* spec: IEEE 802.21.1 5.14.2 - a K of a higher entity: the wish for it goes to the home's PoS, and
 * what that gives to the target is one establishment. T40: who had the chain before is cut off. */
static void a_k_of_the_home_cuts_the_chain_off(void **state)
{
    mis_capture_load(&trace, MIS_OF_HOME, MIS_ALL);
    assert_int_equal(trace.run_count, 3);
    assert_true(lk_span_equal(trace.runs[2].mis.pos, lk_span_text("d@south.example")));
    assert_true(lk_span_equal(trace.runs[2].mis.spos, lk_span_text("b@north.example")));
    assert_true(lk_span_equal(trace.runs[2].mis.maker, lk_span_text("e@home.example")));
    assert_true(trace.runs[2].mis.wish && trace.runs[2].mis.optimised && !trace.runs[2].mis.erp);
    assert_int_equal(trace.runs[2].outcome, LK_TRACE_ACCEPTED);
    lk_reach_make(&reach, &trace);
    assert_int_equal(reach.sas, 3);
    assert_true(reach.sa[2].cut);
    has(2, "b@north.example", LK_REACH_NOT, false);
    has(2, "a@north.example", LK_REACH_NOT, false);
    has(2, "e@home.example", LK_REACH_MADE, false);
    has(2, "home.example (home)", LK_REACH_MADE, false);
    has(2, "d@south.example", LK_REACH_OWN, false);
    has(1, "a@north.example", LK_REACH_MADE, false);
    lk_trace_free(&trace);
}

/* T41: a channel of DTLS is of its PoS and the home, and nothing stands on it. */
static void a_channel_is_of_its_pos_and_the_home(void **state)
{
    mis_capture_load(&trace, MIS_LIAR, MIS_NO_KEYS);
    trace.runs[0].kind = LK_TRACE_CHANNEL;
    lk_reach_make(&reach, &trace);
    assert_int_equal(reach.sas, 3);
    has(0, "home.example (home)", LK_REACH_HOME, false);
    has(0, "a@north.example", LK_REACH_OWN, false);
    assert_int_equal(reach.sa[1].parent, LK_TRACE_NONE);
    has(1, "home.example (home)", LK_REACH_NOT, false);
    trace.runs[0].outcome = LK_TRACE_REJECTED;
    lk_reach_make(&reach, &trace);
    assert_int_equal(reach.sas, 2);
    lk_trace_free(&trace);
}

/* What was made ready and not used is in no count. */
static void what_no_mn_came_to_is_not_counted(void **state)
{
    char text[LK_REACH_SENTENCE], title[LK_REACH_TITLE];

    mis_capture_load(&trace, MIS_LIAR, MIS_NO_KEYS);
    trace.runs[2].outcome = LK_TRACE_OPEN;
    lk_reach_make(&reach, &trace);
    assert_true(lk_reach_capture(&reach, "c@south.example"));
    lk_reach_sentence(text, &reach, &trace);
    assert_string_equal(text, "Whoever captures c@south.example reads 0 of 2 SAs.");
    lk_reach_title(title, &reach, &trace, 2);
    assert_non_null(strstr(title, "optimised, 1 of at most 3; the MN did not come"));
    lk_trace_free(&trace);
}

/* What follows is not in the capture of an SPoS, and may well have come. */
static void what_an_spos_alone_has_made_is_counted(void **state)
{
    char text[LK_REACH_SENTENCE];

    mis_capture_load(&trace, MIS_SPOS, MIS_LINES);
    lk_reach_make(&reach, &trace);
    assert_true(lk_reach_capture(&reach, "c@south.example"));
    lk_reach_sentence(text, &reach, &trace);
    assert_non_null(strstr(text, "reads 1 of 2"));
    lk_trace_free(&trace);
}

/* The words in its cells, and no others. */
static void the_legend_has_what_is_drawn(void **state)
{
    char *drawing = NULL;
    size_t len;
    FILE *to;

    mis_capture_load(&trace, MIS_OF_HOME, MIS_NO_KEYS);
    lk_reach_make(&reach, &trace);
    assert_true(lk_reach_capture(&reach, "b@north.example"));
    to = open_memstream(&drawing, &len);
    assert_non_null(to);
    lk_reach_svg(to, &reach, &trace, false);
    assert_int_equal(fclose(to), 0);
    assert_non_null(strstr(drawing, ">Own SA:"));
    assert_non_null(strstr(drawing, ">Authenticated:"));
    assert_non_null(strstr(drawing, ">Nothing:"));
    assert_non_null(strstr(drawing, ">Cut off:"));
    assert_null(strstr(drawing, ">Only by altering:"));
    assert_null(strstr(drawing, ">Own, unused:"));
    assert_null(strstr(drawing, ">Who could read this<"));
    free(drawing);
    trace.runs[2].outcome = LK_TRACE_SILENT;
    lk_reach_make(&reach, &trace);
    to = open_memstream(&drawing, &len);
    assert_non_null(to);
    lk_reach_svg(to, &reach, &trace, true);
    assert_int_equal(fclose(to), 0);
    assert_non_null(strstr(drawing, ">own, unused<"));
    assert_non_null(strstr(drawing, ">Own, unused:"));
    assert_non_null(strstr(drawing, ">Who could read this<"));
    free(drawing);
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_captured_pos_reads_until_it_is_cut_off),
        cmocka_unit_test(without_mixing_a_listener_is_enough),
        cmocka_unit_test(erp_with_a_domain_begins_no_chain),
        cmocka_unit_test(a_k_of_the_home_cuts_the_chain_off),
        cmocka_unit_test(a_channel_is_of_its_pos_and_the_home),
        cmocka_unit_test(what_no_mn_came_to_is_not_counted),
        cmocka_unit_test(what_an_spos_alone_has_made_is_counted),
        cmocka_unit_test(the_legend_has_what_is_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
