/* Connections of applications: an end of liblatchkey-e2e each, on streams without TLS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "role/af_process.h"

enum { SECOND_MS = 1000 };
_Static_assert((int)LK_CONFIG_AF_N == (int)LK_E2E_NEEDS_N &&
                   (int)LK_CONFIG_AF_P == (int)LK_E2E_NEEDS_P &&
                   (int)LK_CONFIG_AF_CLIENT_KEY == (int)LK_E2E_NEEDS_CLIENT_KEY &&
                   (int)LK_CONFIG_AF_OWN == (int)LK_E2E_NEEDS_OWN,
               "what is configured is what the library is told");

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

/* What a session of that user has, N aside. T63: its tickets are good as long as his row is as it
 * was: a P that is taken back, or whose N it must be, does not live on in them. */
static void secrets_of(struct lk_e2e_secrets *secrets, struct lk_af_session *session,
                       const struct lk_af_user *user, unsigned with)
{
    lk_af_users_row(session->row, user);
    secrets->row = session->row;
    if (user == NULL || (with & LK_E2E_NEEDS_P) == 0)
        return;
    secrets->app_key = user->p;
    secrets->app_key_len = user->p_len;
}

/* T27: N is of whom the user's row names, where it names one. */
static bool is_his(const struct lk_af_user *user, const struct lk_af_operator_key *key)
{
    return user == NULL || user->subscriber.digits[0] == '\0' ||
           lk_imsi_equal(&user->subscriber, &key->subscriber);
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
    if (found) {
        secrets.operator_key = key->key;
        secrets.expires_s = key->expires_s;
    } else {
        lk_process_count(&af->process, LK_AF_OWN_N_MISSING);
    }
    secrets_of(&secrets, session, user, session->with);
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

/* For a capture: that there is a session, and what went into it. Of its keys there is nothing. */
static void show(struct lk_af_process *af, const struct lk_af_session *session)
{
    const char *app = app_of(af, session);
    struct lk_span parts[4] = { lk_span_text(session->key_id),
                                lk_span_text(app == NULL ? "" : app),
                                lk_span_text(session->identity) };
    struct lk_naf_id server;
    struct lk_ua_id ua;
    uint8_t fingerprint[LK_APP_KEY_LOG_FINGERPRINT];
    struct lk_app_key_log entry;

    memcpy(ua.octets, af->ua, sizeof ua.octets);
    lk_naf_id_of(&server, lk_span_text(af->process.config->af.name), &ua);
    parts[3] = lk_span_of(server.octets, server.len);
    if (!lk_e2e_export_key(session->end, "latchkey fingerprint", fingerprint, sizeof fingerprint) ||
        lk_app_key_log_of(&entry, LK_APP_KEY_LOG_E2E, parts, LK_COUNT_OF(parts),
                          LK_SPAN(fingerprint)) != LK_OK)
        return;
    entry.number = (uint16_t)(session->with | (session->resumed ? LK_APP_KEY_LOG_RESUMED : 0));
    lk_seen_app_key(&af->seen, &entry);
}

static void dismiss(struct lk_af_process *af, struct lk_af_session *session, enum lk_af_own why)
{
    lk_process_count(&af->process, why);
    lk_e2e_close(session->end);
    drain(af, session);
    lk_clear_close(af->streams, session->number);
    forget(af, session);
}

/* T44: of an application a user has so many sessions, and his oldest gives way to one more. Those
 * of nobody in particular have half of all places together. */
static void make_room(struct lk_af_process *af, const struct lk_af_session *newest)
{
    const struct lk_config_af *config = &af->process.config->af;
    const uint32_t most = newest->identity[0] != '\0' ? config->sessions_a_user
                                                      : (config->connections + 1) / 2;
    struct lk_af_session *oldest = NULL;
    uint32_t count = 0;

    for (uint32_t i = 0; i < config->connections; i++) {
        struct lk_af_session *s = &af->session[i];

        if (!s->open || s->app != newest->app || strcmp(s->identity, newest->identity) != 0)
            continue;
        count++;
        if (oldest == NULL || s->order < oldest->order)
            oldest = s;
    }
    if (count > most)
        dismiss(af, oldest, LK_AF_OWN_GAVE_WAY);
}

void lk_af_sessions_tick(struct lk_af_process *af)
{
    const struct lk_config_af *config = &af->process.config->af;
    const uint64_t now_ms = lk_mono_ms();

    for (uint32_t i = 0; i < config->connections && af->open > 0; i++)
        if (af->session[i].open &&
            now_ms - af->session[i].heard_ms >= (uint64_t)config->idle_s * SECOND_MS)
            dismiss(af, &af->session[i], LK_AF_OWN_IDLE);
}

static void say_row_changed(const struct lk_af_process *af, const struct lk_af_session *session,
                            bool gone)
{
    static struct lk_log_limit limit;
    char left_out_text[16];
    uint32_t left_out;

    if (!lk_log_wanted(LK_LOG_INFO) || !lk_log_allowed(&limit, lk_mono_ms(), &left_out))
        return;
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    LK_LOG(LK_LOG_INFO, "e2e-session-ended", { "app", app_of(af, session) },
           { "identity", session->identity },
           { "why", gone ? "the user is gone" : "the user's row is another" },
           { "left_out", left_out == 0 ? NULL : left_out_text });
}

/* T27: what is taken back from a user lives on in no session of his; nor in one that is beginning,
 * which was judged by the row of before. */
void lk_af_sessions_review(struct lk_af_process *af)
{
    uint8_t row[LK_E2E_KEY_LEN];

    for (uint32_t i = 0; i < af->process.config->af.connections; i++) {
        struct lk_af_session *session = &af->session[i];
        const struct lk_af_user *user;

        if (session->end == NULL || session->identity[0] == '\0')
            continue;
        user = lk_af_users_find(&af->users[session->app], session->identity);
        lk_af_users_row(row, user);
        if (user != NULL && lk_same_secret(row, session->row, sizeof row))
            continue;
        say_row_changed(af, session, user == NULL);
        dismiss(af, session, LK_AF_OWN_ROW_CHANGED);
    }
    lk_wipe(row, sizeof row);
}

static void opened(struct lk_af_process *af, struct lk_af_session *session)
{
    static struct lk_log_limit limit;
    char with[LK_AF_WITH_TEXT], fingerprint[LK_AF_FINGERPRINT], left_out_text[16];
    uint32_t left_out;

    session->open = true;
    session->since_ms = lk_wall_ms();
    session->order = ++af->opened;
    af->open++;
    lk_clear_keep(af->streams, session->number);
    lk_askers_proven(&af->askers, &session->from, lk_mono_us());
    make_room(af, session);
    lk_process_count(&af->process, LK_AF_OWN_OPENED);
    if (session->resumed)
        lk_process_count(&af->process, LK_AF_OWN_RESUMED);
    show(af, session);
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
static bool may_begin(struct lk_af_process *af, const struct lk_address *from)
{
    if (lk_askers_may_come(&af->askers, from, af->process.config->af.rate, lk_mono_us()))
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
        session->from = lk_clear_peer_of(af->streams, number)->address;
        session->app = LK_CONFIG_AF_APPS;
        session->end = may_begin(af, &session->from) ? new_end(af, session) : NULL;
        if (session->end == NULL) {
            lk_clear_close(af->streams, number);
            return;
        }
    }
    session->heard_ms = lk_mono_ms();
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
        secrets_of(secrets, session, user, peer->with);
        return session->denied ? LK_E2E_UNKNOWN : LK_E2E_FOUND;
    }
    lk_af_users_row(session->row, user);
    /* A18: also for a user whom nobody knows, so that it takes as long. */
    session->source = peer->source;
    (void)snprintf(session->key_id, sizeof session->key_id, "%s", peer->key_id);
    session->waits = true;
    lk_process_count(&af->process, LK_AF_OWN_N_ASKED);
    lk_af_source_go(af->source);
    return LK_E2E_LATER;
}

void lk_af_later(struct lk_af_process *af, uint32_t number)
{
    struct lk_af_session *session = session_of(af, number);

    if (session->number == number)
        session->asked = false;
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
