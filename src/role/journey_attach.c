/* Steps that attach: the device and the access point are the journey's own, the USIM is proved to
 * the daemon over a real socket. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/journey_parts.h"

enum { ATTACH_TIMEOUT_MS = 20000 };

/* ---- the file ---- */

#define TEXT_ROW(key, member, form) \
    { key, offsetof(struct lk_journey_attach, member), \
      sizeof ((struct lk_journey_attach *)0)->member, form }

static const struct {
    const char *key;
    size_t offset, cap;
    enum lk_journey_form form;
} texts[] = {
    TEXT_ROW("device", device, LK_TAKE_TEXT),
    TEXT_ROW("imsi", imsi, LK_TAKE_DIGITS),
    TEXT_ROW("k", k, LK_TAKE_HEX),
    TEXT_ROW("opc", opc, LK_TAKE_HEX),
    TEXT_ROW("sqn", sqn, LK_TAKE_HEX),
    TEXT_ROW("network-name", network_name, LK_TAKE_TEXT),
    TEXT_ROW("realm", realm, LK_TAKE_TEXT),
    TEXT_ROW("identity", identity, LK_TAKE_TEXT),
};

static bool attach_key(struct lk_journey_reading *r, void *to, const char *key,
                       const yaml_node_t *value)
{
    static const char *const methods[] = { "any", "aka-prime", "aka", NULL };
    static const char *const uses[] = { "best", "permanent", "pseudonym", "reauth", NULL };
    static const char *const kills[] = { "nothing", "challenge", NULL };
    struct lk_journey_attach *s = to;
    int word = 0;

    if (strcmp(key, "method") == 0) {
        if (!lk_journey_word(r, &word, value, key, methods))
            return false;
        s->aka_prime = word != 2;
        s->aka = word != 1;
        return true;
    }
    if (strcmp(key, "use") == 0) {
        bool taken = lk_journey_word(r, &word, value, key, uses);

        s->use = (enum lk_journey_use)word;
        return taken;
    }
    if (strcmp(key, "kill-daemon-before-answering") == 0) {
        bool taken = lk_journey_word(r, &word, value, key, kills);

        s->kill_before_answer = word == 1;
        return taken;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(key, texts[i].key) == 0)
            return lk_journey_take(r, (char *)s + texts[i].offset, texts[i].cap, value, key,
                                   texts[i].form);
    return false;
}

static bool knows(const struct lk_journey *j, const char *imsi)
{
    for (size_t i = 0; i < j->subscriber_count; i++)
        if (strcmp(j->subscriber[i].imsi, imsi) == 0)
            return true;
    return false;
}


static bool read_attach(struct lk_journey_reading *r, struct lk_journey_step *step,
                        const yaml_node_t *value)
{
    struct lk_journey_attach *s = &step->attach;

    s->aka = s->aka_prime = true;
    snprintf(s->device, sizeof s->device, "one");
    return lk_journey_each_key(r, value, "attach", attach_key, s);
}

static bool check_attach(struct lk_journey_reading *r, struct lk_journey_step *step)
{
    const struct lk_journey *j = r->journey;
    struct lk_journey_attach *s = &step->attach;

    if (s->imsi[0] == '\0' && j->subscriber_count > 0)
        memcpy(s->imsi, j->subscriber[0].imsi, sizeof s->imsi);
    if (!knows(j, s->imsi) && (s->k[0] == '\0' || s->opc[0] == '\0'))
        return lk_journey_mistake(r, step->line, "no subscriber has the IMSI '%s', so the step "
                                  "needs k and opc", s->imsi);
    if ((s->k[0] != '\0' && strlen(s->k) != 32) || (s->opc[0] != '\0' && strlen(s->opc) != 32)
        || (s->sqn[0] != '\0' && strlen(s->sqn) != 12))
        return lk_journey_mistake(r, step->line, "k and opc have 32 hex digits, sqn has 12");
    return true;
}

/* ---- devices ---- */

void lk_journey_card(struct lk_recompute_card *card, const struct lk_journey *journey,
                     const struct lk_journey_attach *step)
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

static struct lk_journey_device *device_of(struct lk_journey_runner *r,
                                           const struct lk_journey_attach *step,
                                           const struct lk_aka_card *card)
{
    struct lk_journey_device *d = NULL;

    for (size_t i = 0; i < r->device_count; i++)
        if (strcmp(r->device[i].name, step->device) == 0)
            d = &r->device[i];
    if (d == NULL && r->device_count < LK_JOURNEY_DEVICES) {
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

static enum lk_status configure(struct lk_journey_runner *r, struct lk_ue_config *config,
                                const struct lk_journey_attach *step, const char *comment)
{
    struct lk_eap_peer_config *peer = &config->peer;
    const char *realm = step->realm[0] != '\0' ? step->realm : r->journey->realm;
    struct lk_writer w = lk_writer_of(peer->realm, sizeof peer->realm);
    char error[128], address[LK_JOURNEY_ADDRESS];

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
    config->comment = comment;
    if (lk_radius_secret_set(&config->nas.secret, lk_span_text(r->journey->secret)) != LK_OK)
        return LK_E_VALUE;
    lk_journey_net_address(address, &r->net, LK_JOURNEY_AAA);
    return lk_ue_server(&config->server, address, LK_JOURNEY_RADIUS_PORT, error);
}

static void before_answer(void *context, uint8_t subtype)
{
    struct lk_journey_runner *r = context;

    if (subtype != LK_AKA_CHALLENGE || r->killed)
        return;
    r->killed = true;
    lk_journey_daemon_kill(&r->daemon);
    if (lk_journey_daemon_start(&r->daemon, r->error) != LK_OK)
        fprintf(stderr, "latchkey journey: %s\n", r->error);
}

static void explain(struct lk_journey_runner *r, size_t index, struct lk_trace *trace,
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

/* ---- what came ---- */

static const struct lk_journey_expectation expects[] = {
    { "result", "accepted|refused" },
    { "method", "aka-prime|aka" },
    { "fast", "yes|no" },
    { "identity", "permanent|pseudonym|reauth|other" },
    { "resynchronised", "yes|no" },
    { "msk", "agrees" },
    { "key-name", "agrees" },
    { "reason", "" },
    { "cause", "" },
    { "certainty", "proven|possible|ruled out" },
    { "requests", "#" },
    { "counter", "#" },
    { "at-most-ms", "#" },
    { NULL, NULL },
};

static const char *kind_of_identity(const char *identity)
{
    struct lk_nai nai;

    lk_nai_parse(&nai, lk_span_text(identity));
    switch (nai.kind) {
    case LK_IDENTITY_PERMANENT:
        return "permanent";
    case LK_IDENTITY_PSEUDONYM:
        return "pseudonym";
    case LK_IDENTITY_REAUTH:
        return "reauth";
    case LK_IDENTITY_OTHER:
        break;
    }
    return "other";
}

static const char *yes(bool holds)
{
    return holds ? "yes" : "no";
}

static const char *agrees(bool there, bool same)
{
    return !there ? "none" : same ? "agrees" : "differs";
}

static void put_outcome(struct lk_journey_outcome *o, const struct lk_ue_result *r,
                        const struct lk_explanation *why)
{
    const struct lk_cause_found *first = why->count > 0 ? &why->causes[0] : NULL;

    lk_outcome_put(o, "result", "%s", r->accepted ? "accepted" : "refused");
    lk_outcome_put(o, "method", "%s", !r->accepted ? "none" :
                   r->grant.eap_type == LK_EAP_AKA ? "aka" : "aka-prime");
    lk_outcome_put(o, "fast", "%s", yes(r->accepted && r->grant.fast));
    lk_outcome_put(o, "identity", "%s", kind_of_identity(r->identity));
    lk_outcome_put(o, "resynchronised", "%s", yes(r->resynced));
    lk_outcome_put(o, "msk", "%s", agrees(r->has_msk, r->msk_same));
    lk_outcome_put(o, "key-name", "%s", agrees(r->has_key_name, r->key_name_same));
    lk_outcome_put(o, "reason", "%s", lk_reason_row(r->refusal.reason)->code);
    lk_outcome_put(o, "cause", "%s", first != NULL ? lk_cause_row(first->cause)->code : "none");
    lk_outcome_put(o, "certainty", "%s",
                   first != NULL ? lk_certainty_name(first->certainty) : "none");
    lk_outcome_put(o, "requests", "%u", r->requests);
    lk_outcome_put(o, "counter", "%u", r->grant.counter);
    lk_outcome_put(o, "at-most-ms", "%.1f", r->ms);
}

/* "accepted, EAP-AKA' full, permanent identity, 2 requests" */
static void sum_up(char text[LK_JOURNEY_TEXT], const struct lk_ue_result *result)
{
    if (!result->accepted) {
        snprintf(text, LK_JOURNEY_TEXT, "refused: %s", lk_reason_row(result->refusal.reason)->code);
        return;
    }
    snprintf(text, LK_JOURNEY_TEXT, "accepted, EAP-AKA%s %s, %s identity, %u requests%s",
             result->grant.eap_type == LK_EAP_AKA ? "" : "'", result->grant.fast ? "fast" : "full",
             kind_of_identity(result->identity), result->requests,
             result->resynced ? ", resynchronised" : "");
}

/* ---- the step ---- */

static void run_attach(struct lk_journey_runner *r, size_t index,
                       struct lk_journey_outcome *outcome)
{
    const struct lk_journey_attach *step = &r->journey->step[index].attach;
    struct lk_journey_result *told = &r->report->step[index];
    struct lk_explanation explanation;
    struct lk_journey_device *device;
    struct lk_ue_config config;
    struct lk_ue_result result;
    struct lk_trace trace;

    lk_journey_card(&r->card[index], r->journey, step);
    r->facts[index].card = &r->card[index];
    r->facts[index].network_name = lk_span_text(step->network_name[0] != '\0' ? step->network_name
                                                                            : "WLAN");
    device = device_of(r, step, &r->card[index].card);
    if (device == NULL
        || configure(r, &config, step, r->journey->step[index].name) != LK_OK) {
        snprintf(told->failure, sizeof told->failure, "%.200s:%d: more than %d devices, or no IMSI",
                 r->journey->file, r->journey->step[index].line, LK_JOURNEY_DEVICES);
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
        put_outcome(outcome, &result, &explanation);
        sum_up(told->result, &result);
    } else {
        snprintf(told->failure, sizeof told->failure, "no socket: %s", strerror(errno));
    }
    lk_trace_free(&trace);
    lk_wipe(&result, sizeof result);
    lk_wipe(&config, sizeof config);
}

const struct lk_journey_kind_row lk_journey_attach_kind = {
    .name = "attach", .read = read_attach, .check = check_attach, .run = run_attach,
    .must_expect = true, .expects = expects,
};
