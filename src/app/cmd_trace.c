/* latchkey trace ladder|keys|explain FILE: looks into a capture. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/card_args.h"
#include "app/codes_arg.h"
#include "app/commands.h"
#include "base/secret.h"
#include "trace/html.h"
#include "trace/json.h"
#include "trace/ladder.h"
#include "trace/mis.h"

struct call {
    const char *what, *file, *svg, *html, *captured;
    bool json, show_keys;
    size_t run; /* LK_TRACE_NONE: all */
    struct lk_card_args card;
    struct lk_arg_text secret;
    struct lk_mis_codes codes;
    struct lk_explain_facts facts;
};

enum {
    OPTION_SVG = 256, OPTION_HTML, OPTION_JSON, OPTION_NAME, OPTION_CAPTURED, OPTION_SECRET,
    OPTION_CODES, OPTION_SHOW, OPTION_RUN, OPTION_HELP,
};

static const struct option long_options[] = {
    { "svg", required_argument, NULL, OPTION_SVG },
    { "html", required_argument, NULL, OPTION_HTML },
    { "json", no_argument, NULL, OPTION_JSON },
    { "k", required_argument, NULL, LK_CARD_OPTION_K },
    { "opc", required_argument, NULL, LK_CARD_OPTION_OPC },
    { "op", required_argument, NULL, LK_CARD_OPTION_OP },
    { "algorithm", required_argument, NULL, LK_CARD_OPTION_ALGORITHM },
    { "network-name", required_argument, NULL, OPTION_NAME },
    { "captured", required_argument, NULL, OPTION_CAPTURED },
    { "secret", required_argument, NULL, OPTION_SECRET },
    { "codes", required_argument, NULL, OPTION_CODES },
    { "show-keys", no_argument, NULL, OPTION_SHOW },
    { "run", required_argument, NULL, OPTION_RUN },
    { "help", no_argument, NULL, OPTION_HELP },
    { 0 },
};

static void usage(FILE *to)
{
    fputs(
        "usage: latchkey trace ladder|keys|explain FILE.pcapng [OPTIONS]\n\n"
        "Looks into a capture of RADIUS with EAP-AKA and EAP-AKA' inside, of DTLS, of WLCP and\n"
        "PMIPv6 messages that latchkeyd writes beside it, of LTE-WLAN aggregation, of MIS, and of\n"
        "bootstrappings (GBA).\n\n"
        "  ladder    who said what when; --svg FILE and --html FILE write drawings\n"
        "  keys      the key tree of each run; values only with --k, --opc and --show-keys;\n"
        "            of MIS, who could read each SA, which --svg FILE draws; of applications, who\n"
        "            can compute each key\n"
        "  explain   where each run failed, and why: causes ranked, proven or possible\n\n"
        "  --run N               only that run (as ladder numbers them)\n"
        "  --k HEX --opc HEX     of the card, or @FILE, or -: proves causes, opens AT_ENCR_DATA\n"
        "  --op HEX              in place of --opc, or beside it, to find one taken for the other\n"
        "  --algorithm NAME      milenage (default) or tuak\n"
        "  --network-name TEXT   what the device believes in (WLAN)\n"
        "  --secret TEXT         RADIUS secret, or @FILE, or -\n"
        "  --captured POS        MISF ID of a PoS: marks what it could read, from then on\n"
        "  --codes FILE          numbers of MIS: section mis.codes of that configuration\n"
        "  --show-keys           print key values\n"
        "  --json\n\n"
        "Exit: 0, 1 when explain found a run that failed, 2 usage, 3 no such file or no capture.\n",
        to);
}

static bool take_option(struct call *call, int option, char *argument)
{
    uint64_t number;

    switch (option) {
    case OPTION_SVG:
        call->svg = argument;
        return true;
    case OPTION_HTML:
        call->html = argument;
        return true;
    case OPTION_JSON:
        return call->json = true;
    case OPTION_SHOW:
        return call->show_keys = true;
    case OPTION_NAME:
        call->facts.network_name = lk_span_text(argument);
        return true;
    case OPTION_CAPTURED:
        call->captured = argument;
        return true;
    case OPTION_CODES:
        if (!lk_codes_arg(&call->codes, "trace", argument))
            return false;
        lk_mis_seen_codes = &call->codes;
        return true;
    case OPTION_SECRET:
        if (lk_arg_text(&call->secret, "--secret", argument) != LK_OK)
            return false;
        call->facts.secret = lk_span_of(call->secret.text, call->secret.len);
        lk_arg_hide(argument);
        return true;
    case OPTION_RUN:
        if (lk_arg_number(&number, 1, LK_TRACE_MESSAGES_MAX, "--run", argument) != LK_OK)
            return false;
        call->run = (size_t)number - 1;
        return true;
    default:
        return lk_card_arg(&call->card, option, argument) == LK_OK;
    }
}

static bool wanted(const struct call *call, size_t run)
{
    return call->run == LK_TRACE_NONE || call->run == run;
}

static int put_json(json_t *made)
{
    int failed = json_dumpf(made, stdout, JSON_INDENT(2));

    printf("\n");
    json_decref(made);
    return failed == 0 ? LK_EXIT_OK : LK_EXIT_SYSTEM;
}

/* A drawing goes to a file of its own. reach: that of who could read what; NULL: the ladder. */
static int draw(const struct call *call, const struct lk_trace *trace, const struct lk_reach *reach)
{
    struct lk_page page = { .title = "Trace", .subtitle = call->file, .trace = trace,
                            .facts = &call->facts, .show_keys = call->show_keys,
                            .captured = call->captured };
    const char *path = call->svg != NULL ? call->svg : call->html;
    FILE *to = fopen(path, "w");

    if (to == NULL) {
        fprintf(stderr, "latchkey trace: %s: %s\n", path, strerror(errno));
        return LK_EXIT_SYSTEM;
    }
    if (reach != NULL)
        lk_reach_svg(to, reach, trace, true);
    else if (call->svg != NULL)
        lk_ladder_svg(to, trace, call->run);
    else
        lk_page_write(to, &page);
    if (fclose(to) != 0) {
        fprintf(stderr, "latchkey trace: %s: %s\n", path, strerror(errno));
        return LK_EXIT_SYSTEM;
    }
    printf("%s\n", path);
    return LK_EXIT_OK;
}

static int ladder(const struct call *call, const struct lk_trace *trace)
{
    if (call->svg != NULL || call->html != NULL)
        return draw(call, trace, NULL);
    if (call->json)
        return put_json(lk_json_trace(trace));
    lk_ladder_text(stdout, trace, call->run);
    return LK_EXIT_OK;
}

static const char *why_no_values(const struct lk_trace_run *run)
{
    switch (run->kind) {
    case LK_TRACE_ASSOCIATION:
        return ": no values, the capture holds no key of this device (capture.secrets)";
    case LK_TRACE_ESTABLISHMENT:
        return ": no values, the capture holds no key of this SA (capture.secrets)";
    case LK_TRACE_AUTHENTICATION:
    case LK_TRACE_SESSION:
    case LK_TRACE_LINK:
    case LK_TRACE_CHANNEL:
    case LK_TRACE_BOOTSTRAPPING:
    case LK_TRACE_REGISTRATION:
        break;
    }
    return ": no values, K and OPc do not make the MACs of this run";
}

static json_t *json_keys(const struct call *call, const struct lk_trace *trace, size_t r,
                         const struct lk_keytree *tree, const struct lk_reach *reach)
{
    json_t *one = json_pack("{s:s, s:i, s:o}", "title", trace->runs[r].title, "run", (int)(r + 1),
                            "keys", lk_json_keytree(tree, call->show_keys));
    json_t *readers = lk_json_reach(reach, trace, r);

    if (readers != NULL)
        json_object_set_new(one, "readers", readers);
    return one;
}

/* The keys of one run, onto all or as text. */
static void tell_keys(const struct call *call, const struct lk_trace *trace, size_t r,
                      const struct lk_reach *reach, json_t *all)
{
    const struct lk_recompute_card *card = call->facts.card;
    const struct lk_trace_run *run = &trace->runs[r];
    size_t from = run->kind == LK_TRACE_SESSION && card != NULL ?
                  lk_run_of_identity(trace, run->identity, card) : LK_TRACE_NONE;
    struct lk_run_keys known;
    struct lk_keytree tree;

    lk_run_keys(&known, trace, from != LK_TRACE_NONE ? from : r, card);
    lk_keytree_make(&tree, trace, r, &known, from);
    if (call->json) {
        json_array_append_new(all, json_keys(call, trace, r, &tree, reach));
    } else {
        printf("== %s%s\n", run->title,
               !call->show_keys || lk_keytree_has_values(&tree) ? "" : why_no_values(run));
        lk_keytree_print(stdout, &tree, call->show_keys);
    }
    lk_wipe(&known, sizeof known);
    lk_wipe(&tree, sizeof tree);
}

/* Of the whole capture, where there are any. */
static void tell_applications(const struct call *call, const struct lk_trace *trace, json_t *all)
{
    struct lk_keytree tree;

    lk_keytree_applications(&tree, trace, call->facts.card);
    if (tree.count > 0 && call->json)
        json_array_append_new(all, json_pack("{s:s, s:n, s:o}", "title", "keys of applications",
                                             "run", "keys",
                                             lk_json_keytree(&tree, call->show_keys)));
    if (tree.count > 0 && !call->json) {
        printf("== keys of applications\n");
        lk_keytree_print(stdout, &tree, call->show_keys);
    }
    lk_wipe(&tree, sizeof tree);
}

static int keys_and_reach(const struct call *call, const struct lk_trace *trace,
                          const struct lk_reach *reach)
{
    json_t *all;
    int exit;

    if (call->svg != NULL)
        return draw(call, trace, reach);
    all = json_array();
    for (size_t r = 0; r < trace->run_count; r++)
        if (wanted(call, r) && lk_keytree_is_wanted(&trace->runs[r]))
            tell_keys(call, trace, r, reach, all);
    if (call->run == LK_TRACE_NONE)
        tell_applications(call, trace, all);
    if (!call->json)
        lk_reach_print(stdout, reach, trace, call->run);
    exit = call->json ? put_json(json_incref(all)) : LK_EXIT_OK;
    json_decref(all);
    return exit;
}

static int keys(const struct call *call, const struct lk_trace *trace)
{
    struct lk_reach *reach = malloc(sizeof *reach);
    int exit = LK_EXIT_USAGE;

    if (reach == NULL) {
        fprintf(stderr, "latchkey trace: %s\n", strerror(errno));
        return LK_EXIT_SYSTEM;
    }
    lk_reach_make(reach, trace);
    if (call->captured == NULL || lk_reach_capture(reach, call->captured)) {
        exit = keys_and_reach(call, trace, reach);
    } else {
        fprintf(stderr, "latchkey trace: no SA in %s is of a PoS %s; there are:", call->file,
                call->captured);
        for (size_t part = 0; part < reach->parts; part++)
            fprintf(stderr, " %s%s", reach->part[part], part + 1 < reach->parts ? "," : "");
        fprintf(stderr, "%s\n", reach->parts == 0 ? " none" : "");
    }
    free(reach);
    return exit;
}

/* Runs that failed as the one before them are counted, and told in one line. */
struct folded {
    struct lk_explanation first;
    bool any;
    size_t more, last;
};

static void tell_folded(struct folded *folded)
{
    if (folded->more > 0)
        printf("  The same %zu time%s more, up to run %zu of the capture.\n", folded->more,
               folded->more == 1 ? "" : "s", folded->last + 1);
    folded->more = 0;
}

static void tell(struct folded *folded, const struct lk_explanation *e,
                 const struct lk_trace *trace)
{
    if (folded->any && lk_explain_is_alike(&folded->first, e, trace)) {
        folded->more++;
        folded->last = e->run;
        return;
    }
    tell_folded(folded);
    lk_explain_print(stdout, e, trace);
    folded->first = *e;
    folded->any = true;
}

static int explain(const struct call *call, const struct lk_trace *trace)
{
    struct lk_explanation explanation;
    struct folded folded = { .any = false };
    json_t *all = json_array();
    int exit = LK_EXIT_OK;

    for (size_t r = 0; r < trace->run_count; r++) {
        if (!wanted(call, r))
            continue;
        lk_explain(&explanation, trace, r, &call->facts);
        if (explanation.failed)
            exit = LK_EXIT_REFUSED;
        if (call->json)
            json_array_append_new(all, lk_json_explanation(&explanation, trace));
        else
            tell(&folded, &explanation, trace);
    }
    tell_folded(&folded);
    if (call->json && put_json(json_incref(all)) != LK_EXIT_OK)
        exit = LK_EXIT_SYSTEM;
    json_decref(all);
    return exit;
}

static int look(const struct call *call)
{
    struct lk_trace trace;
    enum lk_status status = lk_trace_load(&trace, call->file);
    int exit = LK_EXIT_USAGE;

    if (status != LK_OK) {
        fprintf(stderr, "latchkey trace: %s: %s\n", call->file, status == LK_E_SYSTEM ?
                strerror(errno) : "not a pcapng capture; editcap -F pcapng IN OUT converts others");
        return LK_EXIT_SYSTEM;
    }
    if (trace.cut)
        fprintf(stderr, "latchkey trace: %s is cut short or damaged after packet %zu\n", call->file,
                trace.packets);
    if (call->run != LK_TRACE_NONE && call->run >= trace.run_count)
        fprintf(stderr, "latchkey trace: there is no run %zu, only %zu\n", call->run + 1,
                trace.run_count);
    else if (strcmp(call->what, "ladder") == 0)
        exit = ladder(call, &trace);
    else if (strcmp(call->what, "keys") == 0)
        exit = keys(call, &trace);
    else
        exit = explain(call, &trace);
    if (trace.count == 0 &&
        (strcmp(call->what, "keys") != 0 || !lk_keytree_has_applications(&trace)))
        fprintf(stderr, "latchkey trace: nothing that it knows in %s (%zu packets)\n", call->file,
                trace.packets);
    lk_trace_free(&trace);
    return exit;
}

static bool known_word(const char *word)
{
    return strcmp(word, "ladder") == 0 || strcmp(word, "keys") == 0 || strcmp(word, "explain") == 0;
}

int lk_cmd_trace(int argc, char **argv)
{
    struct call call = { .run = LK_TRACE_NONE };
    int option, exit = LK_EXIT_USAGE;

    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP || option == 'h') {
            usage(stdout);
            return LK_EXIT_OK;
        }
        if (option == '?' || !take_option(&call, option, optarg))
            goto done;
    }
    if (argc == optind) {
        usage(stderr);
        goto done;
    }
    if (!known_word(argv[optind]) || argc - optind != 2) {
        fprintf(stderr, "latchkey trace: expected ladder, keys or explain, and one capture: "
                        "latchkey trace explain FILE.pcapng; latchkey trace --help\n");
        goto done;
    }
    call.what = argv[optind];
    call.file = argv[optind + 1];
    if (call.card.has_k || call.card.has_topc || call.card.has_op) {
        if (lk_card_args_end(&call.card, "trace") != LK_OK)
            goto done;
        call.facts.card = &call.card.card;
    }
    exit = look(&call);
done:
    lk_wipe(&call, sizeof call);
    return exit;
}
