/* The page. Style and script are files of their own (page/), built into the program. */
#include "trace/html.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "trace/fields.h"
#include "trace/keytree.h"
#include "trace/html_parts.h"
#include "trace/ladder.h"
#include "trace/page_files.h"
#include "trace/reach.h"

enum { PLACE = 32 };

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
    size_t passed = 0, skipped = 0, failed;
    size_t total = page->steps != NULL ? page->step_count : page->trace->run_count;
    double ms = 0;

    for (size_t i = 0; i < total; i++) {
        passed += page->steps != NULL ? page->steps[i].passed
                                      : page->trace->runs[i].outcome == LK_TRACE_ACCEPTED;
        skipped += page->steps != NULL && page->steps[i].skipped;
        ms += page->steps != NULL ? page->steps[i].ms : run_ms(page, i);
    }
    failed = total - passed - skipped;
    fprintf(to, "<div class=\"tally\"><div class=\"good\"><b>%zu</b><span>%s</span></div>"
            "<div%s><b>%zu</b><span>%s</span></div><div><b>%zu</b><span>%s"
            "</span></div><div><b>%zu</b><span>messages</span></div>"
            "<div><b>%.2f s</b><span>in all</span></div></div>\n", passed,
            page->steps != NULL ? "steps passed" : "accepted",
            failed > 0 ? " class=\"bad\"" : "",
            failed, page->steps != NULL ? "steps failed" : "not accepted",
            page->trace->run_count, connections(page->trace) ? "runs" : "authentication runs",
            page->trace->count, ms / 1000);
}

/* Where on the page a step begins: at a run, or at a message within one. "": nowhere. */
static void place_of(char place[PLACE], const struct lk_page *page, const char *name)
{
    const struct lk_trace *trace = page->trace;

    place[0] = '\0';
    for (size_t i = 0; i < trace->count; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (!lk_trace_is_shown(m) || !lk_span_equal(m->comment, lk_span_text(name)))
            continue;
        if (m->run == LK_TRACE_NONE || strcmp(trace->runs[m->run].title, name) != 0)
            snprintf(place, PLACE, "at-%zu", i + 1);
        else
            snprintf(place, PLACE, "run-%zu", m->run + 1);
        return;
    }
}

static void write_step(FILE *to, const struct lk_page *page, size_t index)
{
    const struct lk_page_step *step = &page->steps[index];
    char place[PLACE];

    place_of(place, page, step->name);
    if (step->figure != NULL)
        snprintf(place, PLACE, "figure-%zu", index + 1);
    fprintf(to, "<tr><td>%zu</td><td>", index + 1);
    if (place[0] != '\0')
        fprintf(to, "<a href=\"#%s\">", place);
    lk_escape(to, step->name);
    fprintf(to, "%s<small>", place[0] != '\0' ? "</a>" : "");
    lk_escape(to, step->what);
    fprintf(to, "</small></td><td>");
    lk_escape(to, step->result);
    fprintf(to, "</td><td class=\"num\">%.1f ms</td><td><span class=\"badge %s\">%s</span></td>"
            "</tr>\n",
            step->ms, step->passed ? "passed" : step->skipped ? "" : "failed",
            step->passed ? "passed" : step->skipped ? "left out" : "failed");
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

/* What a step shows without messages. */
static void write_figures(FILE *to, const struct lk_page *page)
{
    for (size_t i = 0; i < page->step_count && page->steps != NULL; i++) {
        const struct lk_page_step *step = &page->steps[i];

        if (step->figure == NULL)
            continue;
        fprintf(to, "<section class=\"run figure\" id=\"figure-%zu\"><h2><span class=\"no\">step "
                "%zu</span><span>", i + 1, i + 1);
        lk_escape(to, step->name);
        fprintf(to, "</span></h2><p>");
        lk_escape(to, step->what);
        fprintf(to, "</p>\n%s</section>\n", step->figure);
    }
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

/* ---- the key tree ---- */

static void write_key(FILE *to, const struct lk_page *page, size_t run,
                      const struct lk_key_node *node)
{
    char text[2 * LK_KEYTREE_VALUE_MAX + 1];
    bool leaves = strcmp(node->name, "MSK") == 0 || strcmp(node->name, "EMSK") == 0
                  || strcmp(node->name, "WLCP key") == 0
                  || strcmp(node->name, "DTLS session") == 0;

    fprintf(to, "<span class=\"key%s\"><b>", node->depth == 0 ? " root" : leaves ? " out" : "");
    lk_escape(to, node->name);
    fprintf(to, "</b>");
    if (node->len > 0)
        fprintf(to, "<span class=\"len\">%zu octets</span>", node->len);
    fprintf(to, "<span class=\"how\">");
    lk_escape(to, node->how);
    fprintf(to, "</span>");
    if (node->detail[0] != '\0') {
        fprintf(to, "<span class=\"detail\">");
        lk_escape(to, node->detail);
        fprintf(to, "</span>");
    }
    if (node->run != LK_TRACE_NONE && node->run != run)
        fprintf(to, "<a href=\"#run-%zu\">run %zu</a>", node->run + 1, node->run + 1);
    fprintf(to, "<span class=\"clause\">%s</span><span class=\"who\">%s</span>",
            node->clause, node->holders);
    if (node->who != 0) {
        lk_keytree_who_text(text, node);
        fprintf(to, "<span class=\"badge %s\">",
                (node->who & LK_WHO_OPERATOR) != 0 ? "possible" : "granted");
        lk_escape(to, text);
        fprintf(to, "</span>");
    }
    if (page->show_keys && node->has_value) {
        LK_ASSERT(lk_hex_encode(text, sizeof text, lk_span_of(node->value, node->len)) == LK_OK);
        fprintf(to, "<code>%s</code>", text);
        lk_wipe(text, sizeof text);
    }
    fprintf(to, "</span>");
}

static void write_branch(FILE *to, const struct lk_page *page, size_t run,
                         const struct lk_keytree *tree, size_t parent)
{
    bool any = false;

    for (size_t i = 0; i < tree->count; i++) {
        if (tree->node[i].parent != parent)
            continue;
        fprintf(to, "%s<li>", any ? "" : "<ul>");
        any = true;
        write_key(to, page, run, &tree->node[i]);
        write_branch(to, page, run, tree, i);
        fprintf(to, "</li>\n");
    }
    fprintf(to, "%s", any ? "</ul>" : "");
}

/* Of a session, keys are those of the authentication from. */
static void write_keys(FILE *to, const struct lk_page *page, size_t run,
                       const struct lk_run_keys *keys, size_t from)
{
    struct lk_keytree tree;

    if (!lk_keytree_is_wanted(&page->trace->runs[run]))
        return;
    lk_keytree_make(&tree, page->trace, run, keys, from);
    fprintf(to, "<details class=\"sheet keys\"><summary>Key tree, %zu keys%s</summary>"
            "<div class=\"tree\">", tree.count,
            page->show_keys ? lk_keytree_has_values(&tree) ? "" : " (values not known)" :
            ", names only");
    write_branch(to, page, run, &tree, LK_TRACE_NONE);
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
    case LK_TRACE_CHANNEL:
        return "DTLS and MIS between MN and PoS, ";
    case LK_TRACE_ASSOCIATION:
        return "association, its handshakes, RRC and XwAP, ";
    case LK_TRACE_ESTABLISHMENT:
        return run->mis.optimised ? "SA of MIS with the target, by way of the SPoS, "
                                  : "SA of MIS between MN and PoS, ";
    case LK_TRACE_BOOTSTRAPPING:
        return "HTTP Digest with AKA between device and BSF, ";
    case LK_TRACE_REGISTRATION:
        return run->mip.by_agent ? "Mobile IP by way of a foreign agent, " : "Mobile IP, ";
    case LK_TRACE_AUTHENTICATION:
        break;
    }
    return run->eap_type == LK_EAP_AKA ? "EAP-AKA, " :
           run->eap_type == LK_EAP_AKA_PRIME ? "EAP-AKA', " : "";
}

/* Which PoS of MIS they are: the ladder has no more than what they play. */
static void write_parties(FILE *to, const struct lk_trace_run *run)
{
    if ((run->kind != LK_TRACE_ESTABLISHMENT && run->kind != LK_TRACE_CHANNEL) ||
        run->mis.pos.len == 0)
        return;
    fprintf(to, ", %s <code>", run->mis.spos.len > 0 ? "from" : "at");
    if (run->mis.spos.len > 0) {
        write_identity(to, run->mis.spos);
        fprintf(to, "</code> to <code>");
    }
    write_identity(to, run->mis.pos);
    fprintf(to, "</code>");
}

/* Where a mobile node is, and how much went through its tunnel. */
static void write_binding(FILE *to, const struct lk_trace_run *run)
{
    char home[LK_ADDRESS_TEXT], care_of[LK_ADDRESS_TEXT];

    if (run->kind != LK_TRACE_REGISTRATION)
        return;
    lk_address_text(home, &run->mip.home);
    lk_address_text(care_of, &run->mip.care_of);
    fprintf(to, ", <code>%s</code> at <code>%s</code>", home, care_of);
    if (run->mip.packets > 0)
        fprintf(to, ", %zu packets and %llu octets in its tunnel", run->mip.packets,
                (unsigned long long)run->mip.octets);
}

/* Which authentication made the key of a session; LK_TRACE_NONE: not known. */
static size_t authentication_of(const struct lk_page *page, size_t r)
{
    const struct lk_trace *trace = page->trace;
    size_t found = LK_TRACE_NONE;

    if (trace->runs[r].kind != LK_TRACE_SESSION || trace->runs[r].identity.len == 0)
        return LK_TRACE_NONE;
    for (size_t auth = 0; auth < trace->run_count && found == LK_TRACE_NONE; auth++)
        if (trace->runs[auth].multi && facts_of(page, auth)->card != NULL)
            found = lk_run_of_identity(trace, trace->runs[r].identity,
                                       facts_of(page, auth)->card);
    return found;
}

static void write_badges(FILE *to, const struct lk_trace_run *run)
{
    fprintf(to, "<span class=\"badge %s\">%s</span>",
            run->outcome == LK_TRACE_ACCEPTED ? "granted" : "refused",
            lk_trace_outcome_name(run));
    if (run->kind != LK_TRACE_AUTHENTICATION)
        fprintf(to, " <span class=\"badge\">%s</span>",
                run->kind == LK_TRACE_SESSION ? "device and TWAG" :
                run->kind == LK_TRACE_LINK ? "TWAG and anchor" :
                run->kind == LK_TRACE_ASSOCIATION ? "device and WT" :
                run->kind == LK_TRACE_CHANNEL ? "by DTLS" :
                run->kind == LK_TRACE_BOOTSTRAPPING ? "device and BSF" :
                run->kind == LK_TRACE_REGISTRATION ? run->mip.v6 ? "MIPv6" : "Mobile IPv4" :
                run->mis.optimised ? "optimised" : "in full");
    if (run->fast)
        fprintf(to, " <span class=\"badge fast\">fast re-authentication</span>");
    if (run->resync)
        fprintf(to, " <span class=\"badge sync\">resynchronisation</span>");
}

static void write_run(FILE *to, const struct lk_page *page, size_t r)
{
    const struct lk_trace_run *run = &page->trace->runs[r];
    const struct lk_page_step *step = step_of(page, run->title);
    size_t from = authentication_of(page, r), whose = from != LK_TRACE_NONE ? from : r;
    struct lk_run_keys keys;

    lk_run_keys(&keys, page->trace, whose, facts_of(page, whose)->card);
    fprintf(to, "<section class=\"run\" id=\"run-%zu\"><h2><span class=\"no\">run %zu", r + 1,
            r + 1);
    if (step != NULL)
        fprintf(to, ", of step %zu", (size_t)(step - page->steps) + 1);
    fprintf(to, "</span><span>");
    lk_escape(to, run->title);
    fprintf(to, "</span> ");
    write_badges(to, run);
    fprintf(to, "</h2><p>%s%zu messages, %.1f ms", what_of(run), run->count, run_ms(page, r));
    if (run->identity.len > 0) {
        fprintf(to, ", as <code>");
        write_identity(to, run->identity);
        fprintf(to, "</code>");
    }
    write_parties(to, run);
    write_binding(to, run);
    if (from != LK_TRACE_NONE) {
        fprintf(to, ": the WLCP key of <a href=\"#run-%zu\">%zu ", from + 1, from + 1);
        lk_escape(to, page->trace->runs[from].title);
        fprintf(to, "</a>");
    }
    fprintf(to, "</p>\n");
    write_why(to, page, r);
    lk_page_ladder(to, page->trace, r, &keys);
    write_keys(to, page, r, &keys, from);
    fprintf(to, "</section>\n");
    lk_wipe(&keys, sizeof keys);
}

/* Of all of the capture: who can compute which. */
static void write_applications(FILE *to, const struct lk_page *page)
{
    struct lk_keytree tree;

    lk_keytree_applications(&tree, page->trace, page->facts != NULL ? page->facts->card : NULL);
    if (tree.count > 0) {
        fprintf(to, "<section class=\"run figure\" id=\"applications\"><h2>Keys of applications"
                "</h2><p>By the key log of this capture: which key comes of which, and who can "
                "compute it.</p>\n<div class=\"sheet keys\"><div class=\"tree\">");
        write_branch(to, page, LK_TRACE_NONE, &tree, LK_TRACE_NONE);
        fprintf(to, "</div></div></section>\n");
    }
    lk_wipe(&tree, sizeof tree);
}

static void write_strays(FILE *to, const struct lk_page *page)
{
    bool any = false;

    for (size_t i = 0; i < page->trace->count; i++)
        any = any || page->trace->messages[i].run == LK_TRACE_NONE;
    if (!any)
        return;
    fprintf(to, "<section class=\"run\" id=\"others\"><h2>Other messages</h2>"
            "<p>Accounting, dynamic authorisation, Status-Server, and what belongs to no run.</p>"
            "\n");
    lk_page_ladder(to, page->trace, LK_TRACE_NONE, NULL);
    fprintf(to, "</section>\n");
}

static bool has_mis(const struct lk_trace *trace)
{
    for (size_t r = 0; r < trace->run_count; r++)
        if (trace->runs[r].kind == LK_TRACE_ESTABLISHMENT && trace->runs[r].mis.said.id.len > 0)
            return true;
    return false;
}

/* Of MIS: which PoS has which K. Left out where there is no memory for it. */
static void write_reach(FILE *to, const struct lk_page *page)
{
    struct lk_reach *reach = malloc(sizeof *reach);
    char sentence[LK_REACH_SENTENCE];

    if (reach == NULL)
        return;
    lk_reach_make(reach, page->trace);
    if (page->captured != NULL)
        (void)lk_reach_capture(reach, page->captured);
    if (reach->sas > 0) {
        fprintf(to, "<section class=\"run figure\" id=\"reach\"><h2>Who could read this</h2>"
                "<p>Which PoS, and which home, has the K of each SA of MIS, or can work it out. ");
        lk_reach_sentence(sentence, reach, page->trace);
        lk_escape(to, sentence);
        fprintf(to, "</p>\n<div class=\"sheet reach\">");
        lk_reach_theme(to);
        lk_reach_svg(to, reach, page->trace, false);
        fprintf(to, "</div></section>\n");
    }
    free(reach);
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
            "<span>Open a message to see its fields, a fold to see its messages.</span>%s</div>\n",
            has_mis(page->trace) ? "<a href=\"#reach\">Who could read which key of MIS</a>" : "");
    if (lk_keytree_has_applications(page->trace))
        fprintf(to, "<div class=\"legend\"><a href=\"#applications\">Who can compute which key of "
                "applications</a></div>\n");
    for (size_t r = 0; r < page->trace->run_count; r++)
        write_run(to, page, r);
    write_figures(to, page);
    write_reach(to, page);
    write_applications(to, page);
    write_strays(to, page);
    fprintf(to, "</main><footer>latchkey %s. %s</footer></div>\n<script>\n%s</script></body>"
            "</html>\n",
            LK_VERSION, page->show_keys ? "This page holds keys: keep it to yourself." :
            "This page holds no key.", lk_page_js);
}
