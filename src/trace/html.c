/* The page. Style and script are files of their own (page/), built into the program. */
#include "trace/html.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "trace/fields.h"
#include "trace/keytree.h"
#include "trace/ladder.h"
#include "trace/page_files.h"

static const struct lk_explain_facts no_facts;

static const struct lk_page_step *step_of(const struct lk_page *page, const char *title)
{
    for (size_t i = 0; i < page->step_count; i++)
        if (strcmp(page->steps[i].name, title) == 0)
            return &page->steps[i];
    return NULL;
}

static const struct lk_explain_facts *facts_of(const struct lk_page *page, size_t run)
{
    const struct lk_page_step *step = step_of(page, page->trace->runs[run].title);
    const struct lk_explain_facts *facts = step != NULL ? step->facts : page->facts;

    return facts != NULL ? facts : &no_facts;
}

static double run_ms(const struct lk_page *page, size_t run)
{
    const struct lk_trace *trace = page->trace;

    return (double)(trace->messages[trace->runs[run].last].at_ns
                    - trace->messages[trace->runs[run].first].at_ns) / 1e6;
}

/* ---- head, tally, table of steps ---- */

static bool connections(const struct lk_trace *trace)
{
    for (size_t r = 0; r < trace->run_count; r++)
        if (trace->runs[r].kind != LK_TRACE_AUTHENTICATION)
            return true;
    return false;
}

static void write_tally(FILE *to, const struct lk_page *page)
{
    size_t passed = 0, total = page->steps != NULL ? page->step_count : page->trace->run_count;
    double ms = 0;

    for (size_t i = 0; i < total; i++) {
        passed += page->steps != NULL ? page->steps[i].passed
                                      : page->trace->runs[i].outcome == LK_TRACE_ACCEPTED;
        ms += page->steps != NULL ? page->steps[i].ms : run_ms(page, i);
    }
    fprintf(to, "<div class=\"tally\"><div class=\"good\"><b>%zu</b><span>%s</span></div>"
            "<div%s><b>%zu</b><span>%s</span></div><div><b>%zu</b><span>%s"
            "</span></div><div><b>%zu</b><span>messages</span></div>"
            "<div><b>%.2f s</b><span>in all</span></div></div>\n", passed,
            page->steps != NULL ? "steps passed" : "accepted",
            total > passed ? " class=\"bad\"" : "",
            total - passed, page->steps != NULL ? "steps failed" : "not accepted",
            page->trace->run_count, connections(page->trace) ? "runs" : "authentication runs",
            page->trace->count, ms / 1000);
}

static size_t first_run_of(const struct lk_page *page, const char *name)
{
    for (size_t r = 0; r < page->trace->run_count; r++)
        if (strcmp(page->trace->runs[r].title, name) == 0)
            return r;
    return LK_TRACE_NONE;
}

static void write_step(FILE *to, const struct lk_page *page, size_t index)
{
    const struct lk_page_step *step = &page->steps[index];
    size_t run = first_run_of(page, step->name);

    fprintf(to, "<tr><td>%zu</td><td>", index + 1);
    if (run != LK_TRACE_NONE)
        fprintf(to, "<a href=\"#run-%zu\">", run + 1);
    lk_escape(to, step->name);
    fprintf(to, "%s<small>", run != LK_TRACE_NONE ? "</a>" : "");
    lk_escape(to, step->what);
    fprintf(to, "</small></td><td>");
    lk_escape(to, step->result);
    fprintf(to, "</td><td class=\"num\">%.1f ms</td><td><span class=\"badge %s\">%s</span></td>"
            "</tr>\n",
            step->ms, step->passed ? "passed" : "failed", step->passed ? "passed" : "failed");
}

static void write_steps(FILE *to, const struct lk_page *page)
{
    fprintf(to, "<div class=\"sheet\"><table class=\"steps\"><thead><tr><th>#</th><th>Step</th>"
            "<th>Result</th><th class=\"num\">Time</th><th></th></tr></thead><tbody>\n");
    for (size_t i = 0; i < page->step_count && page->steps != NULL; i++)
        write_step(to, page, i);
    for (size_t r = 0; r < page->trace->run_count && page->steps == NULL; r++) {
        const struct lk_trace_run *run = &page->trace->runs[r];

        fprintf(to, "<tr><td>%zu</td><td><a href=\"#run-%zu\">", r + 1, r + 1);
        lk_escape(to, run->title);
        fprintf(to, "</a></td><td>%zu messages%s</td><td class=\"num\">%.1f ms</td>"
                "<td><span class=\"badge %s\">%s</span></td></tr>\n", run->count,
                run->fast ? ", fast" : "", run_ms(page, r),
                run->outcome == LK_TRACE_ACCEPTED ? "granted" : "refused",
                lk_trace_outcome_name(run));
    }
    fprintf(to, "</tbody></table></div>\n");
}

/* ---- why ---- */

static void write_cause(FILE *to, const struct lk_cause_found *found)
{
    const struct lk_cause_row *row = lk_cause_row(found->cause);
    bool out = found->certainty == LK_RULED_OUT;

    fprintf(to, "<li%s><span><span class=\"badge %s\">%s</span></span><div><b>",
            out ? " class=\"out\"" : "",
            found->certainty == LK_PROVEN ? "proven" : out ? "out" : "possible",
            lk_certainty_name(found->certainty));
    lk_escape(to, row->what);
    fprintf(to, "</b> <code>");
    lk_escape(to, row->code);
    fprintf(to, "</code><small>");
    lk_escape(to, found->evidence);
    if (!out) {
        fprintf(to, " (%s)</small><small>Mend: ", row->clause);
        lk_escape(to, row->fix);
    }
    fprintf(to, "</small></div></li>\n");
}

static void write_why(FILE *to, const struct lk_page *page, size_t run)
{
    struct lk_explanation explanation;

    lk_explain(&explanation, page->trace, run, facts_of(page, run));
    if (!explanation.failed && explanation.count == 0)
        return;
    fprintf(to, "<div class=\"sheet why\"%s><h3>%s</h3><p>",
            explanation.failed ? "" : " style=\"border-left-color:var(--sync)\"",
            explanation.failed ? "Why it failed" : "What happened");
    lk_escape(to, explanation.where);
    fprintf(to, "</p><ol>\n");
    for (size_t i = 0; i < explanation.count; i++)
        write_cause(to, &explanation.causes[i]);
    fprintf(to, "</ol></div>\n");
}

/* ---- the ladder ---- */

static void write_field(void *context, const struct lk_field *field)
{
    FILE *to = context;

    fprintf(to, "<tr class=\"d%u\"><td>", field->depth);
    lk_escape(to, field->name);
    fprintf(to, "</td><td>");
    lk_escape(to, field->value);
    fprintf(to, "</td><td>");
    lk_escape(to, field->clause);
    fprintf(to, "</td></tr>\n");
}

/* Between lanes, which may be broken: style for whatever has the class "at". */
static void write_between(FILE *to, const char *class, double a, double b)
{
    fprintf(to, "<span class=\"at %s\" style=\"--a:%g;--b:%g\">", class, a < b ? a : b,
            a < b ? b : a);
}

static void write_stroke(FILE *to, const struct lk_lanes *lanes, enum lk_lane from,
                         enum lk_lane target, bool air, bool head)
{
    size_t a = lanes->place[from], b = lanes->place[target];
    char class[32];

    snprintf(class, sizeof class, "wire%s%s", air ? " air" : "",
             !head ? "" : a < b ? " to-right" : " to-left");
    write_between(to, class, (double)a, (double)b);
    fprintf(to, "</span>");
}

static void write_arrow(FILE *to, const struct lk_lanes *lanes, const struct lk_rung *rung)
{
    bool air = rung->air != LK_LANE_NONE;
    enum lk_lane captured = air && !rung->air_first ? rung->to : rung->from;

    if (air && rung->air_first)
        write_stroke(to, lanes, rung->air, rung->from, true, false);
    if (air && !rung->air_first)
        write_stroke(to, lanes, rung->to, rung->air, true, true);
    write_stroke(to, lanes, rung->from, rung->to, false, !air || rung->air_first);
    fprintf(to, "<span class=\"dot\" style=\"--a:%zu\"></span>", lanes->place[captured]);
}

/* Where the words of a rung stand: a from the lane most to the left, b at the lane most to the
 * right. Where few lanes leave room, the carrier has its place in the gap behind b; else words go
 * on to the edge, and begin earlier when that is too near. */
struct words {
    double a, b;
    bool gap, at_edge;
};

static struct words words_of(const struct lk_lanes *lanes, const struct lk_rung *rung)
{
    enum { FEW = 4, WIDTH = 980, LEAST = 400 };
    enum lk_lane ends[] = { rung->from, rung->to, rung->air };
    double need = LEAST * (double)lanes->count / WIDTH, edge = (double)lanes->count - .5;
    struct words words = { .a = (double)lanes->count, .b = 0 };

    for (size_t i = 0; i < LK_COUNT_OF(ends); i++) {
        double x;

        if (ends[i] == LK_LANE_NONE)
            continue;
        x = (double)lanes->place[ends[i]];
        words.a = x < words.a ? x : words.a;
        words.b = x > words.b ? x : words.b;
    }
    words.gap = lanes->count <= FEW && words.b >= words.a + 2
                && words.b + 1 < (double)lanes->count;
    if (words.gap)
        return words;
    words.b = edge;
    words.at_edge = words.a + need > edge;
    if (words.at_edge)
        words.a = edge - need > -.5 ? edge - need : -.5;
    return words;
}

static void write_words(FILE *to, const struct lk_lanes *lanes, const struct lk_rung *rung,
                        const struct lk_trace_message *m)
{
    char name[LK_TRACE_NAME_MAX], carrier[2 * LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];
    struct words words = words_of(lanes, rung);
    size_t len;

    lk_trace_message_name(name, m);
    lk_trace_carrier_name(carrier, m);
    lk_trace_summary(summary, m);
    len = strlen(carrier);
    snprintf(carrier + len, sizeof carrier - len, "%s%zu octets%s", len > 0 ? ", " : "",
             m->octets.len, m->opened ? ", opened" : "");
    write_between(to, words.at_edge ? "label end" : "label", words.a, words.b);
    fprintf(to, "<b>");
    lk_escape(to, name);
    fprintf(to, "</b>%s</span>", m->repeats != LK_TRACE_NONE ? " (again)" : "");
    if (summary[0] != '\0' || !words.gap) {
        write_between(to, words.at_edge ? "under end" : "under", words.a, words.b);
        fprintf(to, "<span>");
        if (!words.gap) {
            fprintf(to, "<i>");
            lk_escape(to, carrier);
            fprintf(to, "%s</i>", summary[0] != '\0' ? ": " : "");
        }
        lk_escape(to, summary);
        fprintf(to, "</span></span>");
    }
    if (words.gap) {
        write_between(to, "carrier", words.b, words.b + 1);
        fprintf(to, "<span>");
        lk_escape(to, carrier);
        fprintf(to, "</span></span>");
    }
}

static void write_vault(FILE *to, const struct lk_page *page, const struct lk_lanes *lanes,
                        const struct lk_trace_message *m)
{
    double aaa = (double)lanes->place[LK_LANE_AAA], vault = (double)lanes->place[LK_LANE_VAULT];
    struct lk_rung asked = { .kind = LK_RUNG_PLAIN };

    if (m->answers != LK_TRACE_NONE)
        lk_rung_of(&asked, page->trace, m->answers);
    fprintf(to, "<div class=\"msg vault\">");
    write_between(to, "wire air ask to-right", aaa, vault);
    fprintf(to, "</span>");
    write_between(to, "wire air told to-left", aaa, vault);
    fprintf(to, "</span>");
    write_between(to, "label", aaa, vault);
    fprintf(to, "<span>%s</span></span></div>\n",
            asked.kind == LK_RUNG_SYNC ? "AUTS in, one vector out" : "one vector");
}

static void write_message(FILE *to, const struct lk_page *page, const struct lk_lanes *lanes,
                          size_t index, uint64_t since, const struct lk_run_keys *keys)
{
    const struct lk_trace_message *m = &page->trace->messages[index];
    struct lk_rung rung;

    lk_rung_of(&rung, page->trace, index);
    if (rung.asks_vault)
        write_vault(to, page, lanes, m);
    fprintf(to, "<details class=\"msg k-%s%s\" id=\"m%zu\"><summary><time>%+.3f ms</time>",
            lk_rung_kind_name(rung.kind), m->repeats != LK_TRACE_NONE ? " again" : "", index + 1,
            (double)(int64_t)(m->at_ns - since) / 1e6);
    write_arrow(to, lanes, &rung);
    write_words(to, lanes, &rung, m);
    fprintf(to, "</summary>\n<div class=\"fields\"><table>\n");
    lk_fields_visit(m, keys, write_field, to);
    fprintf(to, "</table></div></details>\n");
}

static void write_lanes(FILE *to, const struct lk_lanes *lanes)
{
    fprintf(to, "<div class=\"sheet ladder\" style=\"--lanes:%zu\"><div class=\"rails\">",
            lanes->count);
    for (size_t i = 0; i < lanes->count; i++)
        fprintf(to, "<i style=\"--n:%zu\"></i>", i);
    fprintf(to, "</div><div class=\"lanes\"><span></span>");
    for (size_t i = 0; i < lanes->count; i++) {
        const struct lk_lane_name *name = lk_lane_name(lanes->lane[i]);

        fprintf(to, "<span><b>%s</b><abbr>%s</abbr><small>%s</small></span>", name->full,
                name->brief, name->part);
    }
    fprintf(to, "</div>\n");
}

/* ---- the key tree ---- */

static void write_key(FILE *to, const struct lk_page *page, const struct lk_key_node *node)
{
    char text[2 * LK_KEYTREE_VALUE_MAX + 1];
    bool leaves = strcmp(node->name, "MSK") == 0 || strcmp(node->name, "EMSK") == 0
                  || strcmp(node->name, "WLCP key") == 0;

    fprintf(to, "<span class=\"key%s\"><b>", node->depth == 0 ? " root" : leaves ? " out" : "");
    lk_escape(to, node->name);
    fprintf(to, "</b><span class=\"len\">%zu octets</span><span class=\"how\">", node->len);
    lk_escape(to, node->how);
    fprintf(to, "</span><span class=\"clause\">%s</span><span class=\"who\">%s</span>",
            node->clause, node->holders);
    if (page->show_keys && node->has_value) {
        LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(node->value, node->len)) == LK_OK);
        fprintf(to, "<code>%s</code>", text);
        lk_wipe(text, sizeof text);
    }
    fprintf(to, "</span>");
}

static void write_branch(FILE *to, const struct lk_page *page, const struct lk_keytree *tree,
                         size_t parent)
{
    bool any = false;

    for (size_t i = 0; i < tree->count; i++) {
        if (tree->node[i].parent != parent)
            continue;
        fprintf(to, "%s<li>", any ? "" : "<ul>");
        any = true;
        write_key(to, page, &tree->node[i]);
        write_branch(to, page, tree, i);
        fprintf(to, "</li>\n");
    }
    fprintf(to, "%s", any ? "</ul>" : "");
}

static void write_keys(FILE *to, const struct lk_page *page, const struct lk_trace_run *run,
                       const struct lk_run_keys *keys)
{
    struct lk_keytree tree;

    if (run->eap_type == 0)
        return;
    lk_keytree_make(&tree, run, keys);
    fprintf(to, "<details class=\"sheet keys\"><summary>Key tree, %zu keys%s</summary>"
            "<div class=\"tree\">", tree.count,
            page->show_keys ? keys->known ? "" : " (values not known)" : ", names only");
    write_branch(to, page, &tree, LK_TRACE_NONE);
    fprintf(to, "</div></details>\n");
    lk_wipe(&tree, sizeof tree);
}

/* ---- runs ---- */

static void write_identity(FILE *to, struct lk_span identity)
{
    char text[256] = "";
    size_t len = identity.len < sizeof text - 1 ? identity.len : sizeof text - 1;

    for (size_t i = 0; i < len; i++)
        text[i] = identity.at[i] >= 0x20 && identity.at[i] < 0x7f ? (char)identity.at[i] : '?';
    lk_escape(to, text);
}

static const char *what_of(const struct lk_trace_run *run)
{
    switch (run->kind) {
    case LK_TRACE_SESSION:
        return "DTLS and WLCP between device and TWAG, ";
    case LK_TRACE_LINK:
        return "DTLS and PMIPv6 between TWAG and anchor, ";
    case LK_TRACE_AUTHENTICATION:
        break;
    }
    return run->eap_type == LK_EAP_AKA ? "EAP-AKA, " :
           run->eap_type == LK_EAP_AKA_PRIME ? "EAP-AKA', " : "";
}

/* Which authentication made the key of a session. */
static void write_key_of(FILE *to, const struct lk_page *page, size_t r)
{
    const struct lk_trace *trace = page->trace;
    size_t found = LK_TRACE_NONE;

    if (trace->runs[r].kind != LK_TRACE_SESSION || trace->runs[r].identity.len == 0)
        return;
    for (size_t auth = 0; auth < trace->run_count && found == LK_TRACE_NONE; auth++)
        if (trace->runs[auth].multi && facts_of(page, auth)->card != NULL)
            found = lk_run_of_identity(trace, trace->runs[r].identity,
                                       facts_of(page, auth)->card);
    if (found == LK_TRACE_NONE)
        return;
    fprintf(to, ": the WLCP key of <a href=\"#run-%zu\">%zu ", found + 1, found + 1);
    lk_escape(to, trace->runs[found].title);
    fprintf(to, "</a>");
}

static void write_run(FILE *to, const struct lk_page *page, size_t r)
{
    const struct lk_trace_run *run = &page->trace->runs[r];
    struct lk_run_keys keys;
    struct lk_lanes lanes;

    lk_run_keys(&keys, page->trace, r, facts_of(page, r)->card);
    fprintf(to, "<section class=\"run\" id=\"run-%zu\"><h2><span class=\"no\">%zu</span><span>",
            r + 1, r + 1);
    lk_escape(to, run->title);
    fprintf(to, "</span> <span class=\"badge %s\">%s</span>",
            run->outcome == LK_TRACE_ACCEPTED ? "granted" : "refused",
            lk_trace_outcome_name(run));
    if (run->fast)
        fprintf(to, " <span class=\"badge fast\">fast re-authentication</span>");
    if (run->resync)
        fprintf(to, " <span class=\"badge sync\">resynchronisation</span>");
    fprintf(to, "</h2><p>%s%zu messages, %.1f ms", what_of(run), run->count, run_ms(page, r));
    if (run->identity.len > 0) {
        fprintf(to, ", as <code>");
        write_identity(to, run->identity);
        fprintf(to, "</code>");
    }
    write_key_of(to, page, r);
    fprintf(to, "</p>\n");
    write_why(to, page, r);
    lk_lanes_of(&lanes, page->trace, r);
    write_lanes(to, &lanes);
    for (size_t i = run->first; i <= run->last; i++)
        if (page->trace->messages[i].run == r)
            write_message(to, page, &lanes, i, page->trace->messages[run->first].at_ns, &keys);
    fprintf(to, "</div>\n");
    write_keys(to, page, run, &keys);
    fprintf(to, "</section>\n");
    lk_wipe(&keys, sizeof keys);
}

static void write_strays(FILE *to, const struct lk_page *page)
{
    struct lk_lanes lanes;
    bool any = false;

    lk_lanes_of(&lanes, page->trace, LK_TRACE_NONE);
    for (size_t i = 0; i < page->trace->count; i++) {
        if (page->trace->messages[i].run != LK_TRACE_NONE)
            continue;
        if (!any) {
            fprintf(to, "<section class=\"run\" id=\"others\"><h2>Other messages</h2>"
                    "<p>Accounting, dynamic authorisation, Status-Server, and what belongs to "
                    "no run.</p>\n");
            write_lanes(to, &lanes);
        }
        any = true;
        write_message(to, page, &lanes, i, page->trace->messages[0].at_ns, NULL);
    }
    fprintf(to, "%s", any ? "</div></section>\n" : "");
}

void lk_page_write(FILE *to, const struct lk_page *page)
{
    fprintf(to, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
            "<meta name=\"generator\" content=\"latchkey %s\"><title>", LK_VERSION);
    lk_escape(to, page->title);
    fprintf(to, "</title><style>\n%s</style></head><body><div class=\"page\">\n"
            "<header class=\"top\"><div><h1>", lk_page_css);
    lk_escape(to, page->title);
    fprintf(to, "</h1><p>");
    lk_escape(to, page->subtitle);
    fprintf(to, "</p></div><div class=\"tools\" hidden><button id=\"open-all\">Open all</button>"
            "<button id=\"close-all\">Close all</button><button id=\"theme\">Light or dark</button>"
            "</div></header>\n<main>\n");
    write_tally(to, page);
    write_steps(to, page);
    fprintf(to, "<div class=\"legend\"><span><i></i>on the wire, in the capture</span>"
            "<span><i class=\"air\"></i>not captured, concluded from what is</span>"
            "<span>Open a message to see its fields.</span></div>\n");
    for (size_t r = 0; r < page->trace->run_count; r++)
        write_run(to, page, r);
    write_strays(to, page);
    fprintf(to, "</main><footer>latchkey %s. %s</footer></div>\n<script>\n%s</script></body>"
            "</html>\n",
            LK_VERSION, page->show_keys ? "This page holds keys: keep it to yourself." :
            "This page holds no key.", lk_page_js);
}
