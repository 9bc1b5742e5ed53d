/* The runner of a journey. One daemon, devices that keep their state from step to step, one
 * capture; the page is drawn from that capture as anybody could read it. */
#include "role/journey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/journey_daemon.h"
#include "role/journey_expect.h"
#include "role/ue.h"
#include "trace/html.h"

enum { DEVICES = 16, ATTACH_TIMEOUT_MS = 20000, PATH = 1024 };

struct device {
    char name[32];
    struct lk_ue ue;
};

struct runner {
    const struct lk_journey *journey;
    const struct lk_journey_options *options;
    struct lk_journey_report *report;
    struct lk_journey_daemon daemon;
    struct lk_capture *capture;
    size_t device_count;
    struct device device[DEVICES];
    struct lk_recompute_card card[LK_JOURNEY_STEPS]; /* of each step, for the page */
    struct lk_explain_facts facts[LK_JOURNEY_STEPS];
    bool killed; /* in this step */
    char *error;
};

static double now_ms(void)
{
    struct timespec now;

    LK_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- devices ---- */

static void card_of_step(struct lk_recompute_card *card, const struct lk_journey *journey,
                         const struct lk_journey_step *step)
{
    const char *k = step->k, *opc = step->opc;
    size_t len;

    for (size_t i = 0; i < journey->subscriber_count; i++) {
        const struct lk_journey_subscriber *s = &journey->subscriber[i];

        if (strcmp(s->imsi, step->imsi) != 0)
            continue;
        k = k[0] != '\0' ? k : s->k;
        opc = opc[0] != '\0' ? opc : s->opc;
    }
    memset(card, 0, sizeof *card);
    card->card.algorithm = LK_AKA_MILENAGE;
    card->card.res_len = 8;
    card->card.keccak_iterations = 1;
    /* the file's reader has judged both */
    LK_ASSERT(lk_hex_decode(card->card.k, 16, &card->card.k_len, lk_span_text(k)) == LK_OK);
    LK_ASSERT(lk_hex_decode(card->card.topc, 16, &len, lk_span_text(opc)) == LK_OK);
}

static struct device *device_of(struct runner *r, const struct lk_journey_step *step,
                                const struct lk_aka_card *card)
{
    struct device *d = NULL;

    for (size_t i = 0; i < r->device_count; i++)
        if (strcmp(r->device[i].name, step->device) == 0)
            d = &r->device[i];
    if (d == NULL && r->device_count < DEVICES) {
        d = &r->device[r->device_count++];
        memcpy(d->name, step->device, sizeof d->name);
        lk_eap_peer_init(&d->ue.peer);
        lk_usim_init(&d->ue.usim, card);
    }
    if (d != NULL)
        d->ue.usim.card = *card;
    return d;
}

/* Every entry of the card's array has come as far as that. */
static void set_sqn(struct lk_usim *usim, const char *hex)
{
    uint8_t sqn[LK_SQN_LEN];
    size_t len;

    if (hex[0] == '\0' || lk_hex_decode(sqn, sizeof sqn, &len, lk_span_text(hex)) != LK_OK)
        return;
    for (unsigned ind = 0; ind < LK_USIM_ARRAY; ind++) {
        sqn[5] = (uint8_t)((sqn[5] & ~(LK_USIM_ARRAY - 1u)) | ind);
        lk_usim_set_sqn(usim, sqn);
    }
}

static void choose_identity(struct lk_eap_kept *kept, enum lk_journey_use use)
{
    if (use == LK_USE_PERMANENT || use == LK_USE_PSEUDONYM)
        kept->has_reauth = false;
    if (use == LK_USE_PERMANENT)
        kept->pseudonym_type = 0;
}

/* ---- one attach ---- */

static uint8_t put_text(char *to, size_t cap, const char *text)
{
    size_t len = strnlen(text, cap);

    memcpy(to, text, len);
    return (uint8_t)len;
}

static enum lk_status configure(struct runner *r, struct lk_ue_config *config,
                                const struct lk_journey_step *step)
{
    struct lk_eap_peer_config *peer = &config->peer;
    const char *realm = step->realm[0] != '\0' ? step->realm : r->journey->realm;
    struct lk_writer w = lk_writer_of(peer->realm, sizeof peer->realm);
    char error[128];

    memset(config, 0, sizeof *config);
    lk_eap_peer_defaults(peer);
    if (lk_imsi_parse(&peer->imsi, lk_span_text(step->imsi)) != LK_OK)
        return LK_E_VALUE;
    if (realm[0] != '\0')
        lk_put_span(&w, lk_span_text(realm));
    else
        lk_realm_put(&w, "wlan", &peer->imsi, 2);
    peer->realm_len = (uint8_t)w.len;
    peer->allow_aka = step->aka;
    peer->allow_aka_prime = step->aka_prime;
    peer->outer_len = put_text(peer->outer, sizeof peer->outer, step->identity);
    if (step->network_name[0] != '\0')
        peer->network_name_len = put_text(peer->network_name, sizeof peer->network_name,
                                          step->network_name);
    config->nas.ask_key_name = true;
    config->nas.retry_ms = 1000;
    snprintf(config->nas.identifier, sizeof config->nas.identifier, "latchkey-journey");
    snprintf(config->nas.called, sizeof config->nas.called, "02-00-00-00-00-02:latchkey");
    config->timeout_ms = ATTACH_TIMEOUT_MS;
    config->capture = r->capture;
    config->comment = step->name;
    if (lk_radius_secret_set(&config->nas.secret, lk_span_text(r->journey->secret)) != LK_OK)
        return LK_E_VALUE;
    return lk_ue_server(&config->server, "127.0.0.1", r->daemon.port, error);
}

static void before_answer(void *context, uint8_t subtype)
{
    struct runner *r = context;

    if (subtype != LK_AKA_CHALLENGE || r->killed)
        return;
    r->killed = true;
    lk_journey_daemon_kill(&r->daemon);
    if (lk_journey_daemon_start(&r->daemon, r->error) != LK_OK)
        fprintf(stderr, "latchkey journey: %s\n", r->error);
}

static void explain(struct runner *r, size_t index, struct lk_trace *trace,
                    const struct lk_ue_result *result, struct lk_explanation *explanation)
{
    struct lk_explain_facts facts = r->facts[index];

    facts.refusal = &result->refusal;
    memset(explanation, 0, sizeof *explanation);
    if (lk_trace_finish(trace) != LK_OK || trace->run_count == 0)
        return;
    lk_explain(explanation, trace, trace->run_count - 1, &facts);
    if (explanation->failed && explanation->count > 0) {
        const struct lk_cause_found *first = &explanation->causes[0];

        snprintf(r->report->step[index].explained, LK_JOURNEY_ERROR, "%s: %s %s",
                 lk_certainty_name(first->certainty), lk_cause_row(first->cause)->what,
                 first->evidence);
    }
}

static void attach(struct runner *r, size_t index)
{
    const struct lk_journey_step *step = &r->journey->step[index];
    struct lk_journey_result *told = &r->report->step[index];
    struct lk_explanation explanation;
    struct lk_ue_config config;
    struct lk_ue_result result;
    struct lk_trace trace;
    struct device *device;

    card_of_step(&r->card[index], r->journey, step);
    r->facts[index].card = &r->card[index];
    r->facts[index].network_name = lk_span_text(step->network_name[0] != '\0' ? step->network_name
                                                                            : "WLAN");
    device = device_of(r, step, &r->card[index].card);
    if (device == NULL || configure(r, &config, step) != LK_OK) {
        snprintf(told->failure, sizeof told->failure, "%.200s:%d: more than %d devices, or no IMSI",
                 r->journey->file, step->line, DEVICES);
        return;
    }
    set_sqn(&device->ue.usim, step->sqn);
    choose_identity(&device->ue.peer.kept, step->use);
    config.before_answer = step->kill_before_answer ? before_answer : NULL;
    config.context = r;
    lk_trace_init(&trace);
    config.trace = &trace;
    if (lk_ue_attach(&device->ue, &config, &result) == LK_OK) {
        explain(r, index, &trace, &result, &explanation);
        told->passed = lk_journey_judge(told->failure, r->journey, step, &result, &explanation);
        lk_journey_sum_up(told->result, &result);
    } else {
        snprintf(told->failure, sizeof told->failure, "no socket: %s", strerror(errno));
    }
    lk_trace_free(&trace);
    lk_wipe(&result, sizeof result);
    lk_wipe(&config, sizeof config);
}

/* ---- steps ---- */

static void restart(struct runner *r, size_t index)
{
    struct lk_journey_result *told = &r->report->step[index];

    lk_journey_daemon_kill(&r->daemon);
    told->passed = lk_journey_daemon_start(&r->daemon, told->failure) == LK_OK;
    snprintf(told->result, sizeof told->result, "%s", told->passed ? "ready again" : "not ready");
}

static void run_step(struct runner *r, size_t index)
{
    const struct lk_journey_step *step = &r->journey->step[index];
    struct lk_journey_result *told = &r->report->step[index];
    double started = now_ms();

    r->killed = false;
    told->ran = true;
    if (step->kind == LK_JOURNEY_ATTACH)
        attach(r, index);
    else
        restart(r, index);
    if (r->killed && told->passed)
        snprintf(told->result + strlen(told->result), sizeof told->result - strlen(told->result),
                 ", daemon killed");
    told->ms = now_ms() - started;
    if (told->passed)
        r->report->passed++;
    if (r->options->progress != NULL)
        fprintf(r->options->progress, "%3zu  %-6s  %-46s %8.1f ms  %s\n", index + 1,
                told->passed ? "passed" : "FAILED", step->name, told->ms, told->result);
}

/* ---- the page ---- */

static enum lk_status write_page(struct runner *r, const char *capture)
{
    struct lk_page_step steps[LK_JOURNEY_STEPS];
    struct lk_page page = { .title = r->journey->name, .steps = steps,
                            .subtitle = "Every message of this page went over a real socket, and "
                            "is in the capture beside it.",
                            .step_count = r->journey->step_count,
                            .show_keys = r->options->show_keys };
    struct lk_trace trace;
    char path[PATH];
    enum lk_status status = lk_trace_load(&trace, capture);
    FILE *to;

    if (status != LK_OK)
        return status;
    for (size_t i = 0; i < r->journey->step_count; i++)
        steps[i] = (struct lk_page_step){ .name = r->journey->step[i].name,
            .what = r->journey->step[i].what, .result = r->report->step[i].passed ?
            r->report->step[i].result : r->report->step[i].failure,
            .passed = r->report->step[i].passed, .ms = r->report->step[i].ms,
            .facts = &r->facts[i] };
    page.trace = &trace;
    snprintf(path, sizeof path, "%.900s/journey.html", r->options->out);
    to = fopen(path, "w");
    if (to != NULL) {
        lk_page_write(to, &page);
        if (fclose(to) != 0)
            status = LK_E_SYSTEM;
    } else {
        status = LK_E_SYSTEM;
    }
    lk_trace_free(&trace);
    return status;
}

/* ---- the whole ---- */

static enum lk_status run_all(struct runner *r, const char *capture)
{
    struct lk_capture_options options = { .link = LK_LINK_RAW_IP, .interface = "journey" };
    enum lk_status status = LK_E_SYSTEM;

    if (mkdir(r->options->out, 0777) != 0 && errno != EEXIST) {
        snprintf(r->error, LK_JOURNEY_ERROR, "%.300s: %s; --out DIR takes another place",
                 r->options->out, strerror(errno));
        return LK_E_SYSTEM;
    }
    if (lk_capture_open(&r->capture, capture, &options) != LK_OK) {
        snprintf(r->error, LK_JOURNEY_ERROR, "%.300s: %s; --out DIR takes another place",
                 capture, strerror(errno));
        return LK_E_SYSTEM;
    }
    status = lk_journey_daemon_open(&r->daemon, r->journey, r->options, r->error);
    for (size_t i = 0; status == LK_OK && i < r->journey->subscriber_count; i++)
        status = lk_journey_daemon_add(&r->daemon, &r->journey->subscriber[i], r->error);
    for (size_t i = 0; status == LK_OK && i < r->journey->step_count; i++)
        run_step(r, i);
    return status;
}

enum lk_status lk_journey_run(const struct lk_journey *journey,
                              const struct lk_journey_options *options,
                              struct lk_journey_report *report, char error[LK_JOURNEY_ERROR])
{
    struct runner *r = calloc(1, sizeof *r);
    double started = now_ms();
    char capture[PATH];
    enum lk_status status;

    memset(report, 0, sizeof *report);
    error[0] = '\0';
    if (r == NULL)
        return LK_E_SYSTEM;
    r->journey = journey;
    r->options = options;
    r->report = report;
    r->error = error;
    snprintf(capture, sizeof capture, "%.900s/journey.pcapng", options->out);
    status = run_all(r, capture);
    lk_journey_daemon_close(&r->daemon);
    lk_capture_close(r->capture);
    report->failed = journey->step_count - report->passed;
    report->ms = now_ms() - started;
    if (status == LK_OK && write_page(r, capture) != LK_OK) {
        snprintf(error, LK_JOURNEY_ERROR, "%.200s/journey.html could not be written: %s",
                 options->out, strerror(errno));
        status = LK_E_SYSTEM;
    }
    lk_wipe(r, sizeof *r);
    free(r);
    return status;
}
