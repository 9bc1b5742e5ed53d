/* Section ue.gba.
 *
 *     {"op": "naf-key", "as": "browser", "naf": "naf.example", "ua": "0100000002"}
 *     and "not": B-TID, of a key that the server does not know any more
 *     {"op": "gba-bootstrap"}, {"op": "gba-status"}: of the owner */
#include "role/ue_gba.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "io/log.h"
#include "role/ue_manager.h"

enum { TIMEOUT_MS = 10000, MS = 1000, RETRY_S = 60, LEFT_PART = 10 };

static uint64_t now_s(void)
{
    return lk_wall_ms() / MS;
}

static uint64_t left_s(const struct lk_ue_gba *gba)
{
    uint64_t now = now_s();

    return gba->session.expires_s > now ? gba->session.expires_s - now : 0;
}

static bool has_session(const struct lk_ue_gba *gba)
{
    return left_s(gba) > 0;
}

/* ---- answers ---- */

static json_t *session_json(const struct lk_ue_gba *gba)
{
    return json_pack("{s:b, s:s, s:I}", "ok", 1, "b_tid", gba->session.b_tid, "expires_s",
                     (json_int_t)gba->session.expires_s);
}

void lk_ue_gba_ks_naf(struct lk_ks_naf *key, struct lk_ue_manager *ue, const struct lk_naf_id *naf)
{
    const struct lk_gba_session *session = &ue->gba.session;

    lk_ks_naf_derive(key, &session->ks, session->rand, lk_span_text(session->impi), naf);
    lk_seen_named_key(&ue->seen, LK_APP_KEY_LOG_KS_NAF, session->b_tid, naf, LK_SPAN(key->octets));
}

static void give_key(struct lk_ue_manager *ue, const struct lk_ue_gba_waiter *to)
{
    struct lk_ks_naf key;
    struct lk_naf_id naf;

    lk_naf_id_of(&naf, lk_span_text(to->wish.fqdn), &to->wish.ua);
    lk_ue_gba_ks_naf(&key, ue, &naf);
    lk_ue_key_give(ue, to->call, to->wish.application, LK_UE_KEYS_GBA, session_json(&ue->gba),
                   LK_SPAN(key.octets));
    lk_wipe(&key, sizeof key);
}

/* failed: no new session came of it; there may be the one before. */
static void answer_waiter(struct lk_ue_manager *ue, const struct lk_ue_gba_waiter *to, bool failed)
{
    const struct lk_reason_row *row = lk_reason_row(ue->gba.refused.reason);

    if (!has_session(&ue->gba) || (failed && to->fresh))
        lk_control_refuse(to->call, row->what, row->fix);
    else if (to->wish.fqdn[0] != '\0')
        give_key(ue, to);
    else
        lk_control_answer(to->call, session_json(&ue->gba));
}

/* Who is answered may ask again at once: his place is free by then. */
static void answer_all(struct lk_ue_manager *ue, bool failed)
{
    for (size_t i = 0; i < LK_UE_GBA_WAITERS; i++) {
        struct lk_ue_gba_waiter to = ue->gba.waiter[i];

        ue->gba.waiter[i].call = NULL;
        if (to.call != NULL)
            answer_waiter(ue, &to, failed);
    }
}

/* ---- bootstrapping ---- */

static void renew_in(struct lk_ue_gba *gba, uint64_t seconds)
{
    gba->renewal_s = now_s() + seconds;
    lk_wake_at(&gba->renewal, lk_mono_ms() + seconds * MS);
}

/* In time for another try before the end. */
static void try_again(struct lk_ue_gba *gba)
{
    uint64_t half_s = left_s(gba) / 2 + 1;

    renew_in(gba, half_s < RETRY_S ? half_s : RETRY_S);
}

/* T30: no Ks outlives its end, whatever has come of its renewal. The clock may have been put back
 * meanwhile. */
static void on_end(struct lk_wake *wake)
{
    struct lk_ue_manager *ue = wake->context;
    struct lk_ue_gba *gba = &ue->gba;

    if (has_session(gba))
        lk_wake_at(&gba->end, lk_mono_ms() + left_s(gba) * MS);
    else
        lk_wipe(&gba->session, sizeof gba->session);
}

static void refused(struct lk_ue_manager *ue, const struct lk_refusal *refusal, const char *detail)
{
    const struct lk_log_field fields[] = { { "room", "gba" }, { "detail", detail } };

    ue->gba.refused = *refusal;
    lk_process_refused(&ue->process, refusal->reason);
    if (lk_log_wanted(LK_LOG_WARNING))
        lk_log_refusal(refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static bool ask(struct lk_ue_gba *gba)
{
    return lk_ue_bootstrap_start(&gba->bootstrap, gba->impi,
                                 has_session(gba) ? gba->session.tmpi : "") == LK_OK;
}

/* A BSF tells two sessions of a subscriber apart by the second of their challenges, and keeps none
 * of the same second: who asks so soon again waits for the next. */
static bool start(struct lk_ue_manager *ue)
{
    struct lk_ue_gba *gba = &ue->gba;
    bool waits = lk_mono_ms() < gba->next_ms;

    if (gba->running)
        return true;
    if (waits)
        lk_wake_at(&gba->soon, gba->next_ms);
    gba->running = waits || ask(gba);
    return gba->running;
}

/* T30: a renewal that fails leaves the key that there is, and is tried again. */
static void on_done(void *context, const struct lk_gba_session *session,
                    const struct lk_refusal *refusal, const char *detail)
{
    struct lk_ue_manager *ue = context;
    struct lk_ue_gba *gba = &ue->gba;

    gba->running = false;
    if (session != NULL) {
        gba->session = *session;
        lk_seen_named_key(&ue->seen, LK_APP_KEY_LOG_KS, session->b_tid, NULL,
                          LK_SPAN(session->ks.octets));
        gba->bootstraps++;
        gba->next_ms = lk_mono_ms() + MS;
        renew_in(gba, left_s(gba) - left_s(gba) / LEFT_PART);
        lk_wake_at(&gba->end, lk_mono_ms() + left_s(gba) * MS);
        LK_LOG(LK_LOG_INFO, "bootstrapped", { "b_tid", session->b_tid });
    } else {
        refused(ue, refusal, detail);
        if (has_session(gba))
            try_again(gba);
    }
    answer_all(ue, session == NULL);
    lk_ue_mip_bootstrapped(ue, session != NULL);
}

static void on_soon(struct lk_wake *wake)
{
    const struct lk_refusal why = lk_refusal_of(LK_REASON_GBA_NO_ANSWER, "a bootstrapping",
                                                "none can begin");
    struct lk_ue_manager *ue = wake->context;

    if (ue->gba.running && !ask(&ue->gba))
        on_done(ue, NULL, &why, "");
}

static void on_renewal(struct lk_wake *wake)
{
    struct lk_ue_manager *ue = wake->context;

    if (has_session(&ue->gba) && !start(ue))
        try_again(&ue->gba);
}

/* For a capture with secrets: what response and rspauth at Ub are made with. */
static void show_res(struct lk_ue_manager *ue, const struct lk_aka_output *output,
                     const uint8_t rand[LK_RAND_LEN])
{
    const struct lk_span name = lk_span_of(rand, LK_RAND_LEN);
    struct lk_app_key_log entry;

    if (lk_app_key_log_of(&entry, LK_APP_KEY_LOG_RES, &name, 1,
                          lk_span_of(output->res, output->res_len)) == LK_OK)
        lk_seen_app_key(&ue->seen, &entry);
    lk_wipe(&entry, sizeof entry);
}

/* spec: TS 33.102 6.3.3 - what the card has accepted it keeps, before it answers. */
static bool on_card(void *context, struct lk_card_answer *answer, const uint8_t rand[LK_RAND_LEN],
                    const uint8_t autn[LK_AUTN_LEN])
{
    struct lk_ue_manager *ue = context;

    lk_usim_answer(&ue->ue.usim, answer, rand, autn);
    if (answer->verdict == LK_CARD_OK)
        show_res(ue, &answer->output, rand);
    return answer->verdict != LK_CARD_OK || lk_ue_sqn_write(&ue->sqn, &ue->ue.usim) == LK_OK;
}

/* ---- questions ---- */

static void wait_for(struct lk_ue_manager *ue, const struct lk_ue_gba_waiter *who)
{
    struct lk_ue_gba_waiter *place = NULL;

    for (size_t i = 0; i < LK_UE_GBA_WAITERS && place == NULL; i++)
        if (ue->gba.waiter[i].call == NULL)
            place = &ue->gba.waiter[i];
    if (place == NULL || !start(ue)) {
        lk_control_refuse(who->call, "the device cannot bootstrap now", "ask again later");
        return;
    }
    *place = *who;
}

static bool is_configured(const struct lk_ue_manager *ue, struct lk_control_call *call)
{
    if (!ue->gba.is_configured)
        lk_control_refuse(call, "this device has no GBA", "give it a BSF: ue.gba.bsf");
    return ue->gba.is_configured;
}

void lk_ue_gba_ask_bootstrap(struct lk_ue_manager *ue, struct lk_control_call *call,
                             const json_t *request)
{
    const struct lk_ue_gba_waiter who = { .call = call, .fresh = true };

    (void)request;
    if (is_configured(ue, call))
        wait_for(ue, &who);
}

void lk_ue_gba_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    const struct lk_ue_gba *gba = &ue->gba;
    bool has = has_session(gba);
    json_t *answer;

    (void)request;
    if (!is_configured(ue, call))
        return;
    answer = json_pack("{s:b, s:b, s:b, s:i, s:s}", "ok", 1, "bootstrapped", has, "running",
                       gba->running, "bootstraps", (int)gba->bootstraps, "impi", gba->impi);
    if (has) {
        (void)json_object_update_new(answer, session_json(gba));
        (void)json_object_set_new(answer, "renewal_s", json_integer((json_int_t)gba->renewal_s));
        (void)json_object_set_new(answer, "home_agent", json_string(gba->session.home_agent));
        (void)json_object_set_new(answer, "home_agent_address",
                                  json_string(gba->session.home_agent_address));
    }
    if (gba->refused.reason != LK_REASON_NONE)
        (void)json_object_set_new(answer, "last_refusal",
                                  json_string(lk_reason_row(gba->refused.reason)->code));
    lk_control_answer(call, answer);
}

/* Applications share one session: none may have it made over and over. */
static bool may_force(struct lk_ue_gba *gba, struct lk_control_call *call)
{
    const uint64_t now_ms = lk_mono_ms();
    char fix[96];

    if (now_ms >= gba->fresh_after_ms) {
        gba->fresh_after_ms = now_ms + RETRY_S * MS;
        return true;
    }
    (void)snprintf(fix, sizeof fix, "use the key that there is, or ask again in %u s",
                   (unsigned)((gba->fresh_after_ms - now_ms + MS - 1) / MS));
    lk_control_refuse(call, "the device has bootstrapped for not=, of any application and server, "
                            "within the last minute",
                      fix);
    return false;
}

void lk_ue_gba_ask_key(struct lk_ue_manager *ue, struct lk_control_call *call,
                       const json_t *request)
{
    const char *dead = json_string_value(json_object_get(request, "not"));
    struct lk_ue_gba_waiter who = { .call = call };

    if (!is_configured(ue, call) ||
        !lk_ue_key_wished(&who.wish, ue, call, request, LK_UE_KEYS_GBA))
        return;
    who.fresh = has_session(&ue->gba) && dead != NULL && strcmp(dead, ue->gba.session.b_tid) == 0;
    if (who.fresh && !ue->gba.running && !may_force(&ue->gba, call))
        return;
    if (has_session(&ue->gba) && !who.fresh)
        give_key(ue, &who);
    else
        wait_for(ue, &who);
}

bool lk_ue_gba_has_session(const struct lk_ue_gba *gba)
{
    return has_session(gba);
}

bool lk_ue_gba_bootstrap(struct lk_ue_manager *ue)
{
    return ue->gba.is_configured && start(ue);
}

/* ---- beginning and end ---- */

enum lk_status lk_ue_gba_begin(struct lk_ue_manager *ue, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_ue *config = &ue->process.config->ue;
    struct lk_ue_gba *gba = &ue->gba;
    bool is_v6 = strchr(config->gba.address, ':') != NULL;
    const struct lk_ue_bootstrap_setup setup = {
        .loop = &ue->process.loop, .url = gba->url, .fqdn = config->gba.bsf,
        .timeout_ms = TIMEOUT_MS, .watch = lk_seen_ub(&ue->seen), .context = ue,
        .card = on_card, .done = on_done,
    };

    gba->is_configured = config->gba.bsf[0] != '\0';
    if (!gba->is_configured)
        return LK_OK;
    (void)snprintf(gba->url, sizeof gba->url, "http://%s%s%s:%u/", is_v6 ? "[" : "",
                   config->gba.address, is_v6 ? "]" : "", config->gba.port);
    if (snprintf(gba->impi, sizeof gba->impi, "%s@%s", config->imsi, config->gba.impi_realm) >=
        (int)sizeof gba->impi) {
        (void)snprintf(error, LK_KIND_ERROR_TEXT, "ue.gba.impi_realm is too long for an IMPI");
        return LK_E_VALUE;
    }
    lk_wake_begin(&gba->renewal, &ue->process.loop, ue, on_renewal);
    lk_wake_begin(&gba->soon, &ue->process.loop, ue, on_soon);
    lk_wake_begin(&gba->end, &ue->process.loop, ue, on_end);
    if (lk_ue_bootstrap_begin(&gba->bootstrap, &setup))
        return LK_OK;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "no client of HTTP");
    return LK_E_SYSTEM;
}

void lk_ue_gba_end(struct lk_ue_manager *ue)
{
    if (!ue->gba.is_configured)
        return;
    lk_ue_bootstrap_end(&ue->gba.bootstrap);
    lk_wipe(&ue->gba.session, sizeof ue->gba.session);
    ue->gba.running = false;
    lk_wake_at(&ue->gba.soon, LK_WAKE_NEVER);
    answer_all(ue, true);
}
