#include "role/af_source.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/aanf_client.h"
#include "role/af_process.h"
#include "role/http_json.h"
#include "wire/gba_xml.h"

enum { URL = 320, BODY = 768, TIMEOUT_MS = 5000, AWAY_MS = 1000, LATER_MS = 200, SECOND_MS = 1000 };
enum { OK = 200, TOO_MANY = 429, UNAVAILABLE = 503 };

struct lk_af_source {
    struct lk_af_process *af;
    struct lk_wake wake;
    struct lk_stream_files files;
    struct lk_fetch *zn;            /* NULL: no BSF */
    struct lk_aanf_client *aanf;    /* NULL: no AAnF */
    uint32_t asked_zn, asked_aanf;  /* for whom */
    bool zn_busy, aanf_busy;
    uint64_t zn_away_ms, aanf_away_ms; /* it did not answer: nobody waits for it until then */
    uint64_t zn_busy_ms, aanf_busy_ms; /* it says "later": it is not asked before, and who waits,
                                        * waits */
    struct lk_af_operator_key key;  /* what came; secret */
    char body[BODY];
};

static const struct lk_config_af *config_of(const struct lk_af_source *source)
{
    return &source->af->process.config->af;
}

/* ---- answers ---- */

static void refused(struct lk_af_source *source, const char *whom, const char *detail)
{
    const struct lk_refusal refusal = lk_refusal_of(LK_REASON_E2E_NO_N, NULL, NULL);
    const struct lk_log_field fields[] = { { "asked", whom }, { "detail", detail } };

    lk_process_refused(&source->af->process, refusal.reason);
    if (lk_log_wanted(LK_LOG_WARNING))
        lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static void tell(struct lk_af_source *source, uint32_t number, bool found)
{
    lk_af_keyed(source->af, number, found ? &source->key : NULL);
    lk_wipe(&source->key, sizeof source->key);
    lk_af_source_go(source);
}

/* 429 and 503 say nothing of the key, and an application that is told "unproven" would take its own
 * for wrong: it waits. */
static void later(struct lk_af_source *source, uint32_t number, uint64_t *busy_ms)
{
    lk_process_count(&source->af->process, LK_AF_OWN_N_LATER);
    *busy_ms = lk_mono_ms() + LATER_MS;
    lk_af_later(source->af, number);
    lk_af_source_go(source);
}

/* spec: TS 29.109 5.2 - the key, its end, and where we may know, whose it is. */
static bool read_zn(struct lk_af_operator_key *to, struct lk_span body)
{
    json_t *json = lk_json_read(body);
    const char *key = NULL, *expires = "", *impi = "";
    size_t len = 0;
    bool good = json_unpack(json, "{s:s, s:s, s?s}", "keyMaterial", &key, "keyExpiryTime",
                            &expires, "impi", &impi) == 0 &&
                lk_xml_time_read(&to->expires_s, lk_span_text(expires)) == LK_OK &&
                lk_hex_decode(to->key, sizeof to->key, &len, lk_span_text(key)) == LK_OK &&
                len == sizeof to->key;

    if (good && lk_af_subscriber_read(&to->subscriber, impi) != LK_OK)
        to->subscriber = (struct lk_imsi){ "" }; /* not told */
    json_decref(json);
    return good;
}

static void on_zn(void *context, const struct lk_fetched *fetched)
{
    struct lk_af_source *source = context;
    bool found = fetched->status == OK && read_zn(&source->key, fetched->body);
    char detail[96];

    source->zn_busy = false;
    if (fetched->status == 0)
        source->zn_away_ms = lk_mono_ms() + AWAY_MS;
    if (fetched->status == 0)
        (void)snprintf(detail, sizeof detail, "%.90s", fetched->error);
    else
        (void)snprintf(detail, sizeof detail, "it answers HTTP %u%s", fetched->status,
                       found ? "" : " and no key");
    if (fetched->status == TOO_MANY || fetched->status == UNAVAILABLE) {
        later(source, source->asked_zn, &source->zn_busy_ms);
        return;
    }
    if (!found)
        refused(source, "BSF", detail);
    tell(source, source->asked_zn, found);
}

static void on_aanf(void *context, const struct lk_aanf_answer *answer)
{
    struct lk_af_source *source = context;
    bool found = answer->reason == LK_REASON_NONE;

    source->aanf_busy = false;
    if (answer->says_later) {
        later(source, source->asked_aanf, &source->aanf_busy_ms);
        return;
    }
    if (answer->reason == LK_REASON_AKMA_NO_ANSWER)
        source->aanf_away_ms = lk_mono_ms() + AWAY_MS;
    if (found) {
        memcpy(source->key.key, answer->key.octets, sizeof source->key.key);
        source->key.expires_s = answer->expires_s;
        source->key.subscriber = answer->imsi;
    } else {
        refused(source, "AAnF", answer->detail);
    }
    tell(source, source->asked_aanf, found);
}

/* ---- questions ---- */

static bool ask_zn(struct lk_af_source *source, const struct lk_af_session *session)
{
    const struct lk_config_af *config = config_of(source);
    char url[URL];
    struct lk_fetch_request request = {
        .url = url, .address = config->bsf.address, .type = "application/json",
        .tls = &source->files, .agent = "latchkey", .timeout_ms = TIMEOUT_MS,
    };
    json_t *question = json_pack("{s:s, s:{s:s, s:s}}", "transactionIdentifier", session->key_id,
                                 "nafId", "nafFqdn", config->name, "uaSecProtId", config->ua_id);
    size_t len = json_dumpb(question, source->body, sizeof source->body, JSON_COMPACT);

    json_decref(question);
    (void)snprintf(url, sizeof url, "https://%s:%u/zn/bir", config->bsf.name, config->bsf.port);
    request.body = lk_span_of(source->body, len);
    source->asked_zn = session->number;
    source->zn_busy = len > 0 && len <= sizeof source->body &&
                      lk_fetch_begin(source->zn, &request) == LK_OK;
    return source->zn_busy;
}

static bool ask_aanf(struct lk_af_source *source, const struct lk_af_session *session)
{
    struct lk_ua_id ua;

    memcpy(ua.octets, source->af->ua, sizeof ua.octets);
    source->asked_aanf = session->number;
    source->aanf_busy = lk_aanf_get(source->aanf, lk_span_text(session->key_id),
                                    config_of(source)->name, &ua, false) == LK_OK;
    return source->aanf_busy;
}

/* Whether it may not be asked for now, and when it may is seen to. */
static bool must_wait(struct lk_af_source *source, const struct lk_af_session *session,
                      uint64_t busy_ms)
{
    const unsigned questions = config_of(source)->questions;
    const uint64_t now_ms = lk_mono_ms();

    if (now_ms < busy_ms)
        lk_wake_at(&source->wake, busy_ms);
    else if (!lk_askers_may_ask(&source->af->askers, &session->from, questions, lk_mono_us()))
        lk_wake_at(&source->wake, now_ms + SECOND_MS / questions + 1);
    else
        return false;
    return true;
}

/* Whether somebody is asked for it now, or later. Otherwise there is nobody to ask. */
static bool asks(struct lk_af_source *source, struct lk_af_session *session)
{
    const bool gba = session->source == LK_E2E_KS_NAF;

    if (gba ? source->zn == NULL : source->aanf == NULL)
        return false;
    if (lk_mono_ms() < (gba ? source->zn_away_ms : source->aanf_away_ms))
        return false;
    if ((gba ? source->zn_busy : source->aanf_busy) ||
        must_wait(source, session, gba ? source->zn_busy_ms : source->aanf_busy_ms))
        return true;
    session->asked = gba ? ask_zn(source, session) : ask_aanf(source, session);
    return session->asked;
}

/* The laboratory's file first. */
static void serve(struct lk_af_source *source, struct lk_af_session *session)
{
    const struct lk_af_operator_key *key =
        lk_af_keys_find(&source->af->operator_keys, session->source, session->key_id);

    if (key != NULL || !asks(source, session))
        lk_af_keyed(source->af, session->number, key);
}

static void serve_all(struct lk_af_source *source, bool strangers)
{
    struct lk_af_process *af = source->af;

    for (uint32_t i = 0; i < af->process.config->af.connections; i++) {
        struct lk_af_session *session = &af->session[i];

        if (session->waits && !session->asked &&
            lk_askers_know(&af->askers, &session->from, lk_mono_us()) != strangers)
            serve(source, session);
    }
}

/* Y02: strangers behind those from whose address somebody has proven himself. */
static void on_wake(struct lk_wake *wake)
{
    serve_all(wake->context, false);
    serve_all(wake->context, true);
}

void lk_af_source_go(struct lk_af_source *source)
{
    lk_wake_at(&source->wake, lk_mono_ms());
}

/* ---- beginning and end ---- */

struct lk_af_source *lk_af_source_new(struct lk_af_process *af)
{
    struct lk_af_source *source = calloc(1, sizeof *source);
    const struct lk_config_af *config = &af->process.config->af;
    struct lk_aanf_client_setup setup = {
        .loop = &af->process.loop, .name = config->aanf.name, .address = config->aanf.address,
        .port = config->aanf.port, .timeout_ms = TIMEOUT_MS, .done = on_aanf, .context = source,
        .files = { config->certificate, config->certificate_key, config->ca } };

    if (source == NULL)
        return NULL;
    source->af = af;
    source->files = setup.files;
    lk_wake_begin(&source->wake, &af->process.loop, source, on_wake);
    if (config->bsf.name[0] != '\0')
        source->zn = lk_fetch_new(&af->process.loop, on_zn, source);
    if (config->aanf.name[0] != '\0')
        source->aanf = lk_aanf_client_new(&setup);
    if ((config->bsf.name[0] == '\0' || source->zn != NULL) &&
        (config->aanf.name[0] == '\0' || source->aanf != NULL))
        return source;
    lk_af_source_free(source);
    return NULL;
}

void lk_af_source_free(struct lk_af_source *source)
{
    if (source == NULL)
        return;
    lk_fetch_free(source->zn);
    lk_aanf_client_free(source->aanf);
    lk_wipe(source, sizeof *source);
    /* its timer is the loop's until that has turned: the process ends behind it */
}
