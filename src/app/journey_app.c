#include "app/journey_app.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/journey_curious.h"
#include "app/journey_naf.h"
#include "app/ue_e2e.h"
#include "base/hex.h"
#include "base/secret.h"
#include "io/control.h"

enum {
    USERS = 8,
    NAME = 64,
    PORT_TEXT = 8,
    ASK_MS = 5000,
    PATH = 160,
    FINGERPRINT = 17,
    RELOADS = 60,
    RELOAD_US = 50000,
};

/* Whom the journey has enrolled with an application. Secret. */
struct user {
    char app[NAME], identity[NAME];
    bool has_p, has_key;
    uint8_t p[LK_E2E_KEY_LEN], secret[LK_E2E_KEY_LEN], key[LK_E2E_KEY_LEN];
};

static struct {
    struct user user[USERS];
    size_t count;
    char last[FINGERPRINT]; /* of the session before */
} maker;

static void put_number(struct lk_journey_lab *answer, const char *name, unsigned value)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%u", value);
    lk_journey_lab_put(answer, name, text);
}

/* One question to the network's daemon; NULL, and failure: there is no answer. */
static json_t *ask(struct lk_journey_lab *answer, const struct lk_journey_place *place,
                   const char *op)
{
    json_t *request = json_pack("{s:s}", "op", op), *told = NULL;
    char path[PATH], why[LK_CONTROL_ERROR_TEXT];

    (void)snprintf(path, sizeof path, "%s/control.sock", place->state_dir);
    if (lk_control_ask(&told, path, request, ASK_MS, why) != LK_OK)
        (void)snprintf(answer->failure, sizeof answer->failure, "%s: %.200s", op, why);
    json_decref(request);
    return told;
}

/* ---- enrolling ---- */

static void write_user(FILE *to, const struct user *user)
{
    char text[2 * LK_E2E_KEY_LEN + 1];

    (void)fprintf(to, "%s", user->identity);
    if (user->has_p && lk_hex_encode(text, sizeof text, LK_SPAN(user->p)) == LK_OK)
        (void)fprintf(to, " p=%s", text);
    if (user->has_key && lk_hex_encode(text, sizeof text, LK_SPAN(user->key)) == LK_OK)
        (void)fprintf(to, " key=%s", text);
    (void)fputc('\n', to);
    lk_wipe(text, sizeof text);
}

/* The application's maker tells its server who its users are. */
static bool write_users(const struct lk_journey_place *place, const char *app)
{
    char path[PATH + NAME];
    int fd;
    FILE *to;

    (void)snprintf(path, sizeof path, "%s/af/%s.users", place->state_dir, app);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    to = fd < 0 ? NULL : fdopen(fd, "w");
    for (size_t i = 0; to != NULL && i < maker.count; i++)
        if (strcmp(maker.user[i].app, app) == 0)
            write_user(to, &maker.user[i]);
    return to != NULL && fclose(to) == 0;
}

/* One that comes while the last one's processes still leave is refused. */
static bool reload(struct lk_journey_lab *answer, const struct lk_journey_place *place)
{
    bool done = false;

    for (unsigned i = 0; i < RELOADS && !done && answer->failure[0] == '\0'; i++) {
        json_t *told = ask(answer, place, "reload");

        done = json_is_true(json_object_get(told, "ok"));
        json_decref(told);
        if (!done)
            (void)usleep(RELOAD_US);
    }
    return done;
}

static void enrol(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                  const struct lk_journey_place *place)
{
    struct user *user = &maker.user[maker.count];
    const char *with = lk_journey_argument_of(words, "with", "p");
    uint8_t unused[LK_E2E_KEY_LEN];
    bool done;

    if (maker.count == USERS) {
        (void)snprintf(answer->failure, sizeof answer->failure, "more than %d users", USERS);
        return;
    }
    (void)snprintf(user->app, sizeof user->app, "%.60s",
                   lk_journey_argument_of(words, "app", "notes"));
    (void)snprintf(user->identity, sizeof user->identity, "%.60s",
                   lk_journey_argument_of(words, "identity", ""));
    user->has_p = strstr(with, "p") == with;
    user->has_key = strstr(with, "client-key") != NULL;
    maker.count++;
    done = (!user->has_p || lk_e2e_new_key(user->p, unused)) &&
           (!user->has_key || lk_e2e_new_key(user->secret, user->key)) &&
           write_users(place, user->app) && reload(answer, place);
    lk_journey_lab_put(answer, "result", done ? "done" : "refused");
    (void)snprintf(answer->result, sizeof answer->result, "%.40s of %.40s has %.40s",
                   user->identity, user->app, with);
}

/* ---- a session ---- */

static const struct user *find(const struct lk_journey_call *words)
{
    for (size_t i = 0; i < maker.count; i++)
        if (strcmp(maker.user[i].app, lk_journey_argument_of(words, "app", "notes")) == 0 &&
            strcmp(maker.user[i].identity, lk_journey_argument_of(words, "identity", "")) == 0)
            return &maker.user[i];
    return NULL;
}

/* As the application's maker built it: with the server's key in it. */
static bool pin(struct lk_journey_lab *answer, const struct lk_journey_place *place,
                char server[NAME], uint8_t key[LK_E2E_KEY_LEN])
{
    json_t *told = ask(answer, place, "af-apps");
    const char *text = json_string_value(json_object_get(told, "key"));
    const char *name = json_string_value(json_object_get(told, "server"));
    size_t len = 0;
    bool good = text != NULL && name != NULL &&
                lk_hex_decode(key, LK_E2E_KEY_LEN, &len, lk_span_text(text)) == LK_OK;

    if (good)
        (void)snprintf(server, NAME, "%.60s", name);
    else if (answer->failure[0] == '\0')
        (void)snprintf(answer->failure, sizeof answer->failure, "no af answers in the network");
    json_decref(told);
    return good;
}

static void keys_of(struct lk_e2e_client_setup *setup, const struct user *user)
{
    if (user->has_key)
        setup->client_secret = user->secret;
    if (user->has_p) {
        setup->secrets.app_key = user->p;
        setup->secrets.app_key_len = sizeof user->p;
    }
}

/* What the application of that user goes to its server with. */
static bool set_up(struct lk_journey_lab *answer, struct lk_ue_e2e *e2e,
                   const struct lk_journey_call *words, const struct lk_journey_place *place)
{
    static const uint8_t ua[LK_E2E_UA_LEN] = { 0xff, 0x00, 0xe2, 0xe0, 0x01 };
    static char server[NAME], socket[PATH], port[PORT_TEXT];
    static uint8_t server_key[LK_E2E_KEY_LEN];
    const struct user *user = find(words);
    const char *n = lk_journey_argument_of(words, "n", "");

    memset(e2e, 0, sizeof *e2e);
    if (user == NULL)
        (void)snprintf(answer->failure, sizeof answer->failure, "no step has enrolled that user");
    if (user == NULL || !pin(answer, place, server, server_key))
        return false;
    (void)snprintf(socket, sizeof socket, "%s/ue.sock", place->device_dir);
    (void)snprintf(port, sizeof port, "%u", place->port);
    e2e->setup = (struct lk_e2e_client_setup){ .server = server, .app = user->app,
                                               .server_key = server_key,
                                               .identity = user->identity };
    keys_of(&e2e->setup, user);
    memcpy(e2e->ua, ua, sizeof ua);
    e2e->host = place->address;
    e2e->port = port;
    e2e->socket = socket;
    e2e->as = lk_journey_argument_of(words, "as", NULL);
    e2e->n = strcmp(n, "gba") == 0    ? LK_UE_E2E_GBA
             : strcmp(n, "akma") == 0 ? LK_UE_E2E_AKMA
                                      : LK_UE_E2E_NO_N;
    e2e->timeout_s = 10;
    return true;
}

/* Whether the server says the same of the session. */
static const char *server_agrees(const json_t *told)
{
    json_t *who = json_loads(json_string_value(json_array_get(json_object_get(told, "answers"), 0)),
                             0, NULL);
    const char *here = json_string_value(json_object_get(told, "fingerprint"));
    const char *there = json_string_value(json_object_get(who, "fingerprint"));
    bool same = here != NULL && there != NULL && strcmp(here, there) == 0;

    json_decref(who);
    return same ? "yes" : "no";
}

static void tell(struct lk_journey_lab *answer, const json_t *told)
{
    static const char *const facts[] = { "n", "p", "client_key", "resumed" };
    const char *fingerprint = json_string_value(json_object_get(told, "fingerprint"));

    for (size_t i = 0; i < LK_COUNT_OF(facts); i++)
        lk_journey_lab_put(answer, facts[i],
                           json_is_true(json_object_get(told, facts[i])) ? "yes" : "no");
    lk_journey_lab_put(answer, "server-agrees", server_agrees(told));
    lk_journey_lab_put(answer, "key-of-before",
                       strcmp(maker.last, fingerprint) == 0 ? "the same" : "another");
    (void)snprintf(maker.last, sizeof maker.last, "%s", fingerprint);
    (void)snprintf(answer->result, sizeof answer->result, "a session, fingerprint %s at both ends",
                   fingerprint);
}

static void talk(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                 const struct lk_journey_place *place)
{
    static struct lk_ue_e2e e2e;
    json_t *told = NULL;

    if (!set_up(answer, &e2e, words, place))
        return;
    e2e.say[e2e.say_count++] = "who";
    if (lk_ue_e2e_run(&e2e, &told) == LK_EXIT_OK) {
        lk_journey_lab_put(answer, "result", "done");
        tell(answer, told);
    } else {
        lk_journey_lab_put(answer, "result", "refused");
        lk_journey_lab_put(answer, "reason", lk_reason_row(e2e.reason)->code);
        (void)snprintf(answer->result, sizeof answer->result, "%s %.100s",
                       lk_reason_row(e2e.reason)->code, e2e.error);
    }
    json_decref(told);
    lk_wipe(&e2e, sizeof e2e);
}

/* ---- the curious operator ---- */

/* Handshakes that the server has refused, ever. */
static unsigned refused_by_server(struct lk_journey_lab *answer,
                                  const struct lk_journey_place *place)
{
    json_t *told = ask(answer, place, "status"), *worker;
    unsigned refused = 0;
    size_t i;

    json_array_foreach(json_object_get(told, "workers"), i, worker)
    {
        json_t *counts = json_object_get(worker, "counts");

        refused += (unsigned)json_integer_value(json_object_get(counts, "af_refused_total"));
    }
    json_decref(told);
    return refused;
}

static const char *said_of(const struct lk_curious_report *report)
{
    return report->read ? "READ" : "nothing read";
}

static char *figure_of(const struct lk_curious_report *report)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);

    LK_ASSERT(to != NULL);
    fprintf(to, "<p>Which key of these sessions it can compute, and which not: "
                "<a href=\"#applications\">keys of applications</a>.</p>\n"
                "<p>The operator's report: %u recorded, %s. The same reader with the application's "
                "own keys: %s.</p>"
                "<table><tr><th>what it does</th><th>what comes of it</th></tr>\n",
            report->sessions, said_of(report), report->control ? "reads it" : "CANNOT READ IT");
    for (size_t i = 0; i < report->count; i++)
        fprintf(to, "<tr><td>%s</td><td>%s%s</td></tr>\n", report->act[i].what,
                report->act[i].opened ? "OPENED " : "", report->act[i].why);
    fputs("</table>\n", to);
    LK_ASSERT(fclose(to) == 0);
    return text;
}

static void spy(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                const struct lk_journey_place *place)
{
    static struct lk_ue_e2e e2e;
    struct lk_curious_report report;
    unsigned opened = 0, noticed = 0, before;

    if (!set_up(answer, &e2e, words, place))
        return;
    before = refused_by_server(answer, place);
    if (lk_ue_e2e_take_n(&e2e) != LK_EXIT_OK ||
        !lk_curious_run(&report, &e2e.setup, place->address, place->port)) {
        (void)snprintf(answer->failure, sizeof answer->failure, "the application gets no session");
        return;
    }
    for (size_t i = 0; i < report.count; i++) {
        opened += report.act[i].opened ? 1 : 0;
        noticed += report.act[i].opened || strcmp(report.act[i].why, "none") == 0 ? 0 : 1;
    }
    (void)usleep(300000); /* the process tells its counts now and then */
    lk_journey_lab_put(answer, "result", "done");
    lk_journey_lab_put(answer, "has-n", e2e.setup.secrets.operator_key != NULL ? "yes" : "no");
    lk_journey_lab_put(answer, "read", report.read ? "yes" : "no");
    lk_journey_lab_put(answer, "read-with-its-keys", report.control ? "yes" : "no");
    put_number(answer, "acts", (unsigned)report.count);
    put_number(answer, "opened", opened);
    put_number(answer, "noticed", noticed);
    put_number(answer, "noticed-by-server", refused_by_server(answer, place) - before);
    (void)snprintf(answer->result, sizeof answer->result,
                   "%u of %u acts noticed, %u sessions opened, %s", noticed, report.count, opened,
                   said_of(&report));
    answer->figure = figure_of(&report);
    lk_wipe(&e2e, sizeof e2e);
}

void lk_journey_app(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                    const struct lk_journey_place *place)
{
    const char *what = lk_journey_argument_of(words, "do", "talk");

    if (strcmp(what, "enrol") == 0)
        enrol(answer, words, place);
    else if (strcmp(what, "talk") == 0)
        talk(answer, words, place);
    else if (strcmp(what, "spy") == 0)
        spy(answer, words, place);
    else if (strcmp(what, "curl") == 0 || strcmp(what, "openssl") == 0)
        lk_journey_naf(answer, words, place);
    else
        (void)snprintf(answer->failure, sizeof answer->failure,
                       "application: do is enrol, talk, spy, curl or openssl, not '%.40s'", what);
}
