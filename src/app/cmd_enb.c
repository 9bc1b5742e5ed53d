/* latchkey enb VERB: the devices at the cells of the running daemon, and what is wished for one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/daemon_call.h"

enum { TIMEOUT_MS = 5000 };

static const char help[] =
    "usage: latchkey enb ues [IMSI] [OPTIONS]\n"
    "       latchkey enb handover IMSI CELL [count=N] [spacing_ms=N] [OPTIONS]\n"
    "       latchkey enb rekey IMSI [count=N] [spacing_ms=N] [OPTIONS]\n"
    "       latchkey enb lwa IMSI on|off [OPTIONS]\n"
    "       latchkey enb drop IMSI [OPTIONS]\n\n"
    "Asks the running daemon with role enb about the devices at its cells, or wishes something\n"
    "for one of them: a handover (of several every other one leads back), another S-KWT, LTE-WLAN\n"
    "aggregation or its end. drop forgets a device as if the radio had lost it; in a laboratory\n"
    "only. A wish is not waited for: ues tells what became of it.\n\n"
    "  -c FILE          of the daemon\n"
    "  --set KEY=VALUE  replaces what that file says\n"
    "  --json           the answer as it is\n\n"
    "Exit: 0 done, 1 refused, 2 the call is wrong, 3 no daemon answers.\n";

static const struct verb {
    const char *name, *op;
    int words_least, words_most; /* behind it, before any KEY=VALUE */
    bool drives;                 /* count and spacing_ms are its */
} verbs[] = {
    { "ues", "enb-ues", 0, 1, false },   { "handover", "enb-handover", 2, 2, true },
    { "rekey", "enb-rekey", 1, 1, true }, { "lwa", "enb-lwa", 2, 2, false },
    { "drop", "enb-drop", 1, 1, false },
};

static const struct verb *verb_of(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* "count=10"; false: it is no such thing, and told. */
static bool add_number(json_t *request, const char *word)
{
    static const char *const keys[] = { "count", "spacing_ms" };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t len = strlen(keys[i]);
        char *end = NULL;
        long value;

        if (strncmp(word, keys[i], len) != 0 || word[len] != '=')
            continue;
        value = strtol(word + len + 1, &end, 10);
        if (*end != '\0' || end == word + len + 1) {
            fprintf(stderr, "latchkey enb: expected a number for %s, found '%s'\n", keys[i],
                    word + len + 1);
            return false;
        }
        return json_object_set_new(request, keys[i], json_integer(value)) == 0;
    }
    fprintf(stderr, "latchkey enb: expected count=N or spacing_ms=N, found '%s'\n", word);
    return false;
}

static bool add_on_or_off(json_t *request, const char *word)
{
    bool on = strcmp(word, "on") == 0;

    if (!on && strcmp(word, "off") != 0) {
        fprintf(stderr, "latchkey enb: expected on or off, found '%s'\n", word);
        return false;
    }
    return json_object_set_new(request, "on", json_boolean(on)) == 0;
}

static bool has_words(const struct verb *verb, char *const *words, int count)
{
    const char *expected = verb->words_most == 2 && verb->drives ? "IMSI CELL"
                           : verb->words_most == 2               ? "IMSI on|off"
                           : verb->words_least == 1              ? "IMSI"
                                                                 : "[IMSI]";
    bool all = count >= verb->words_least, more = count > verb->words_most && !verb->drives;

    if (all && !more)
        return true;
    fprintf(stderr, "latchkey enb %s: expected %s, found '%s'; latchkey enb --help\n", verb->name,
            expected, more ? words[verb->words_most] : count > 0 ? words[count - 1] : "");
    return false;
}

/* NULL: the words are not those of the verb, and that is told. */
static json_t *request_of(const struct verb *verb, char *const *words, int count)
{
    json_t *request = json_pack("{s:s}", "op", verb->op);
    int named = count < verb->words_most ? count : verb->words_most;
    bool good = has_words(verb, words, count);

    if (good && named > 0)
        (void)json_object_set_new(request, "imsi", json_string(words[0]));
    if (good && strcmp(verb->name, "handover") == 0)
        (void)json_object_set_new(request, "cell", json_string(words[1]));
    if (good && strcmp(verb->name, "lwa") == 0)
        good = add_on_or_off(request, words[1]);
    for (int i = named; i < count && good; i++)
        good = add_number(request, words[i]);
    if (good)
        return request;
    json_decref(request);
    return NULL;
}

static void print_row(const json_t *row)
{
    const char *imsi = "", *mac = "", *cell = "", *state = "";
    const char *waits = json_string_value(json_object_get(row, "waits"));
    json_int_t rekeys = 0, handovers = 0;

    (void)json_unpack((json_t *)(uintptr_t)row, "{s:s, s:s, s:s, s:s, s:I, s:I}", "imsi", &imsi,
                      "mac", &mac, "cell", &cell, "state", &state, "rekeys", &rekeys, "handovers",
                      &handovers);
    printf("%-15s  %s  cell %-8s %-20s %" JSON_INTEGER_FORMAT " re-keys, %" JSON_INTEGER_FORMAT
           " handovers%s%s\n",
           imsi, mac, cell, state, rekeys, handovers, waits != NULL ? ", waits: " : "",
           waits != NULL ? waits : "");
}

int lk_cmd_enb(int argc, char **argv)
{
    static struct lk_daemon_call call = { .name = "enb", .help = help, .takes_words = true,
                                          .timeout_ms = TIMEOUT_MS };
    const struct verb *verb;
    json_t *request = NULL;
    int exit_code;

    if (!lk_daemon_call_read(&call, &exit_code, argc, argv))
        return exit_code;
    verb = verb_of(call.words_at < argc ? argv[call.words_at] : NULL);
    if (verb != NULL)
        request = request_of(verb, argv + call.words_at + 1, argc - call.words_at - 1);
    if (verb == NULL)
        fprintf(stderr, "latchkey enb: expected ues, handover IMSI CELL, rekey IMSI, lwa IMSI "
                        "on|off or drop IMSI, found '%s'; latchkey enb --help\n",
                call.words_at < argc ? argv[call.words_at] : "");
    if (request == NULL)
        exit_code = LK_EXIT_USAGE;
    else if (strcmp(verb->name, "ues") == 0)
        exit_code = lk_daemon_call_list(&call, request, "ues", print_row, NULL);
    else
        exit_code = lk_daemon_call_wish(&call, request);
    json_decref(request);
    lk_config_wipe(&call.config);
    return exit_code;
}
