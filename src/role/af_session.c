/* Connections of applications: an end of liblatchkey-e2e each, on streams without TLS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/af_process.h"

enum { SECOND_MS = 1000, SECOND_US = 1000000 };

static struct lk_af_session *session_of(const struct lk_af_process *af, uint32_t number)
{
    return &af->session[lk_clear_place(af->streams, number)];
}

static void forget(struct lk_af_process *af, struct lk_af_session *session)
{
    af->open -= session->open ? 1 : 0;
    lk_e2e_free(session->end);
    lk_wipe(session, sizeof *session);
}

static const char *app_of(const struct lk_af_process *af, const struct lk_af_session *session)
{
    return session->app == LK_CONFIG_AF_APPS ? NULL
                                             : af->process.config->af.apps[session->app].app;
}

/* ---- whose is it ---- */

static size_t app_named(const struct lk_config_af *config, const char *name)
{
    size_t i = 0;

    while (i < config->app_count - 1 && strcmp(config->apps[i].app, name) != 0)
        i++;
    return i; /* the library asks for no other */
}

/* Of lk_e2e_server: called within lk_e2e_input. */
static enum lk_e2e_answer find(void *context, const struct lk_e2e_peer *peer,
                               struct lk_e2e_secrets *secrets);

/* What a session of that user has, N aside. */
static void secrets_of(struct lk_e2e_secrets *secrets, const struct lk_af_user *user, unsigned with)
{
    if (user == NULL || (with & LK_E2E_NEEDS_P) == 0)
        return;
    secrets->app_key = user->p;
    secrets->app_key_len = user->p_len;
}

/* T27: N is of whom the user's row names, where it names one. */
static bool is_his(const struct lk_af_user *user, const struct lk_af_operator_key *key)
{
    return user == NULL || user->subscriber[0] == '\0' ||
           strcmp(user->subscriber, key->subscriber) == 0;
}

/* The application is told that it is not proven, and no more (A18): why, is in here. */
static void say_unknown(struct lk_af_process *af, const struct lk_af_session *session,
                        const char *identity, const char *came)
{
    const struct lk_refusal refusal =
        lk_refusal_of(LK_REASON_E2E_KEYS, "keys of a user of the application", came);
    const struct lk_log_field fields[] = { { "app", app_of(af, session) },
                                           { "identity", identity } };

    lk_process_refused(&af->process, refusal.reason);
    if (lk_log_wanted(LK_LOG_WARNING))
        lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static void answer(struct lk_af_process *af, struct lk_af_session *session,
                   const struct lk_af_operator_key *key)
{
    const struct lk_af_user *user = lk_af_users_find(&af->users[session->app], session->identity);
    struct lk_e2e_secrets secrets = { .source = session->source, .ua = af->ua };
    const bool his = key != NULL && is_his(user, key);
    const bool found = his && !session->denied && (user != NULL || session->identity[0] == '\0');

    session->waits = session->asked = false;
    if (key != NULL && !his)
        say_unknown(af, session, session->identity, "N of another subscriber");
    if (found)
        secrets.operator_key = key->key;
    else
        lk_process_count(&af->process, LK_AF_OWN_N_MISSING);
    secrets_of(&secrets, user, session->with);
    lk_e2e_found(session->end, found ? &secrets : NULL);
}

/* ---- octets ---- */

void lk_af_fingerprint(char text[LK_AF_FINGERPRINT], const struct lk_e2e_end *end)
{
    uint8_t octets[(LK_AF_FINGERPRINT - 1) / 2];
    bool good = lk_e2e_export_key(end, "latchkey fingerprint", octets, sizeof octets) &&
                lk_hex_encode(text, LK_AF_FINGERPRINT, LK_SPAN(octets)) == LK_OK;

    if (!good)
        text[0] = '\0';
}

static void drain(struct lk_af_process *af, struct lk_af_session *session)
{
    static uint8_t octets[LK_E2E_OUTPUT_MAX];
    enum lk_status status = LK_OK;
    size_t len;

    while (status == LK_OK && (len = lk_e2e_output(session->end, octets, sizeof octets)) > 0)
        status = lk_clear_send(af->streams, session->number, lk_span_of(octets, len));
}

static void refused(struct lk_af_process *af, const struct lk_af_session *session)
{
    const struct lk_peer *peer = lk_clear_peer_of(af->streams, session->number);
    const struct lk_refusal refusal =
        lk_refusal_of(lk_reason_named(lk_e2e_why(session->end)), NULL, NULL);
    char from[LK_ADDRESS_TEXT] = "";
    const struct lk_log_field fields[] = {
        { "app", app_of(af, session) },
        { "identity", session->identity[0] == '\0' ? NULL : session->identity },
        { "address", from },
    };

    if (peer != NULL)
        lk_address_text(from, &peer->address);
    lk_process_refused(&af->process, refusal.reason);
    lk_process_count(&af->process, LK_AF_OWN_REFUSED);
    if (lk_log_wanted(LK_LOG_WARNING))
        lk_log_refusal(&refusal, lk_mono_ms(), fields, LK_COUNT_OF(fields));
}

static void opened(struct lk_af_process *af, struct lk_af_session *session)
{
    static struct lk_log_limit limit;
    char with[LK_AF_WITH_TEXT], fingerprint[LK_AF_FINGERPRINT], left_out_text[16];
    uint32_t left_out;

    session->open = true;
    session->since_ms = lk_wall_ms();
    af->open++;
    lk_clear_keep(af->streams, session->number);
    lk_process_count(&af->process, LK_AF_OWN_OPENED);
    if (session->resumed)
        lk_process_count(&af->process, LK_AF_OWN_RESUMED);
    if (!lk_e2e_export_key(session->end, "application", session->application_key,
                           sizeof session->application_key))
        return;
    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    lk_af_with_text(with, session->with);
    lk_af_fingerprint(fingerprint, session->end);
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, "e2e-session", { "app", app_of(af, session) },
           { "identity", session->identity[0] == '\0' ? NULL : session->identity },
           { "with", with }, { "resumed", session->resumed ? "yes" : NULL },
           { "fingerprint", fingerprint }, { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* What its end has come to. */
static void follow(struct lk_af_process *af, struct lk_af_session *session)
{
    enum lk_e2e_end_state state = lk_e2e_state(session->end);
    bool over;

    if (state == LK_E2E_OPEN && !session->open)
        opened(af, session);
    over = state == LK_E2E_FAILED || !lk_af_serve(af, session) ||
           lk_e2e_state(session->end) == LK_E2E_CLOSED;
    drain(af, session);
    if (!over)
        return;
    if (state == LK_E2E_FAILED)
        refused(af, session);
    lk_clear_close(af->streams, session->number);
    forget(af, session);
}

static struct lk_e2e_end *new_end(struct lk_af_process *af, struct lk_af_session *session)
{
    const struct lk_config_af *config = &af->process.config->af;
    struct lk_e2e_service services[LK_CONFIG_AF_APPS];
    const struct lk_e2e_server_setup setup = {
        .server = config->name, .server_secret = af->secret, .services = services,
        .service_count = config->app_count, .find = find, .user = session,
        .ticket_key = config->ticket_s > 0 ? af->ticket_key : NULL, .ticket_s = config->ticket_s,
    };

    for (size_t i = 0; i < config->app_count; i++)
        services[i] = (struct lk_e2e_service){ config->apps[i].app, config->apps[i].require };
    return lk_e2e_server(&setup);
}

/* T44: before anything is multiplied. */
static bool may_begin(struct lk_af_process *af, uint32_t number)
{
    const struct lk_budget_rate rate = { af->process.config->af.rate,
                                         SECOND_US / af->process.config->af.rate };
    struct lk_address_prefix source = lk_peer_source(lk_clear_peer_of(af->streams, number));

    if (lk_budgets_take(af->rates, lk_span_of(source.address.octets, LK_ADDRESS_LEN), &rate,
                        lk_mono_ms() * 1000))
        return true;
    lk_process_count(&af->process, LK_AF_OWN_OVER_BUDGET);
    return false;
}

static void on_octets(void *context, uint32_t number, struct lk_span octets)
{
    struct lk_af_process *af = context;
    struct lk_af_session *session = session_of(af, number);

    if (session->end == NULL) {
        session->af = af;
        session->number = number;
        session->app = LK_CONFIG_AF_APPS;
        session->end = may_begin(af, number) ? new_end(af, session) : NULL;
        if (session->end == NULL) {
            lk_clear_close(af->streams, number);
            return;
        }
    }
    (void)lk_e2e_input(session->end, octets.at, octets.len);
    follow(af, session);
}

static void on_down(void *context, uint32_t number, const struct lk_peer *peer)
{
    struct lk_af_process *af = context;

    (void)peer;
    forget(af, session_of(af, number));
}

/* ---- N ---- */

static enum lk_e2e_answer find(void *context, const struct lk_e2e_peer *peer,
                               struct lk_e2e_secrets *secrets)
{
    struct lk_af_session *session = context;
    struct lk_af_process *af = session->af;
    const struct lk_af_user *user;

    session->app = app_named(&af->process.config->af, peer->app);
    session->with = peer->with;
    session->resumed = peer->resumed;
    session->denied = !lk_af_users_judge(&user, &af->users[session->app], peer);
    if (session->denied)
        say_unknown(af, session, peer->identity, "no such user, or not with that");
    if (user != NULL && !session->denied)
        (void)snprintf(session->identity, sizeof session->identity, "%s", user->identity);
    if (peer->resumed || (peer->with & LK_E2E_NEEDS_N) == 0) {
        secrets_of(secrets, user, peer->with);
        return session->denied ? LK_E2E_UNKNOWN : LK_E2E_FOUND;
    }
    /* A18: also for a user whom nobody knows, so that it takes as long. */
    session->source = peer->source;
    (void)snprintf(session->key_id, sizeof session->key_id, "%s", peer->key_id);
    session->waits = true;
    lk_process_count(&af->process, LK_AF_OWN_N_ASKED);
    lk_af_source_go(af->source);
    return LK_E2E_LATER;
}

void lk_af_keyed(struct lk_af_process *af, uint32_t number, const struct lk_af_operator_key *key)
{
    struct lk_af_session *session = session_of(af, number);

    if (session->number != number || !session->waits)
        return; /* it has gone meanwhile */
    answer(af, session, key);
    follow(af, session);
}

/* ---- beginning and end ---- */

bool lk_af_sessions_begin(struct lk_af_process *af, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config_af *config = &af->process.config->af;
    const struct lk_clear_setup setup = { { af, on_octets, on_down }, config->connections,
                                          config->connections_a_source,
                                          config->handshake_s * SECOND_MS };

    af->source = lk_af_source_new(af);
    af->session = lk_process_memory(config->connections * sizeof *af->session);
    af->streams = lk_clear_new(&af->process.loop, lk_process_socket(&af->process, LK_AF_PORT),
                               &setup);
    if (af->session != NULL && af->streams != NULL && af->source != NULL)
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT, "no memory for connections");
    return false;
}

void lk_af_sessions_end(struct lk_af_process *af)
{
    for (uint32_t i = 0; af->session != NULL && i < af->process.config->af.connections; i++)
        if (af->session[i].end != NULL)
            forget(af, &af->session[i]);
    lk_clear_free(af->streams);
    lk_af_source_free(af->source);
}
