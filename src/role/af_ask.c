/* Questions from the control socket.
 *
 *     {"op": "af-apps"}
 *     {"op": "af-sessions", "after": 0}
 *     {"op": "af-hand-over", "app": "notes", "identity": "bob"}
 *
 * The answer to the last is a parcel (docs/rooms/e2e.md), which may go to the application by the
 * operator or anybody; the key in it does not leave this process otherwise. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "io/entropy.h"
#include "role/af_process.h"

static json_t *hex_json(struct lk_span octets)
{
    char text[2 * LK_E2E_PARCEL_MAX + 1];

    return lk_hex_encode(text, sizeof text, octets) == LK_OK ? json_string(text) : json_null();
}

/* ---- applications ---- */

static json_t *words_of(unsigned require)
{
    static const char *const words[] = { "n", "p", "client-key", "own" };
    json_t *list = json_array();

    for (size_t i = 0; i < LK_COUNT_OF(words); i++)
        if ((require & 1u << i) != 0)
            (void)json_array_append_new(list, json_string(words[i]));
    return list;
}

static json_t *apps(void *context, const json_t *request)
{
    const struct lk_af_process *af = context;
    const struct lk_config_af *config = &af->process.config->af;
    json_t *rows = json_array();

    (void)request;
    for (size_t i = 0; i < config->app_count; i++) {
        const struct lk_config_af_app *app = &config->apps[i];

        (void)json_array_append_new(
            rows, json_pack("{s:s, s:o, s:b, s:i}", "app", app->app, "require",
                            words_of(app->require), "operator_plays_users",
                            (app->require & ~(unsigned)LK_CONFIG_AF_N) == 0, "users",
                            (int)af->users[i].count));
    }
    return json_pack("{s:b, s:s, s:o, s:o}", "ok", 1, "server", config->name, "key",
                     hex_json(LK_SPAN(af->key)), "apps", rows);
}

/* ---- sessions ---- */

static json_t *row_of(const struct lk_af_process *af, const struct lk_af_session *session)
{
    const struct lk_peer *peer = lk_clear_peer_of(af->streams, session->number);
    char address[LK_ADDRESS_TEXT] = "", with[LK_AF_WITH_TEXT], fingerprint[LK_AF_FINGERPRINT];

    if (peer != NULL)
        lk_address_text(address, &peer->address);
    lk_af_with_text(with, session->with);
    lk_af_fingerprint(fingerprint, session->end);
    return json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:I}", "app",
                     af->process.config->af.apps[session->app].app, "identity", session->identity,
                     "with", with, "resumed", session->resumed, "fingerprint", fingerprint,
                     "address", address, "since_ms", (json_int_t)session->since_ms);
}

static json_t *sessions(void *context, const json_t *request)
{
    const struct lk_af_process *af = context;
    struct lk_part part;

    for (lk_part_begin(&part, request, af->process.config->af.connections);
         lk_part_goes_on(&part); part.at++)
        if (af->session[part.at].open)
            lk_part_add(&part, row_of(af, &af->session[part.at]));
    return lk_part_end(&part, "sessions");
}

/* ---- a key of the server's own making ---- */

static struct lk_af_user *user_of(struct lk_af_process *af, const char *app, const char *identity)
{
    const struct lk_config_af *config = &af->process.config->af;

    for (size_t i = 0; i < config->app_count && app != NULL && identity != NULL; i++)
        if (strcmp(config->apps[i].app, app) == 0)
            return lk_af_users_find(&af->users[i], identity);
    return NULL;
}

static json_t *hand_over_to(struct lk_af_process *af, const char *app, struct lk_af_user *user)
{
    const struct lk_e2e_secrets none = { .source = LK_E2E_NO_OPERATOR_KEY };
    uint8_t parcel[LK_E2E_PARCEL_MAX], p[LK_E2E_KEY_LEN];
    struct lk_entropy entropy = { .left = 0 };
    size_t len;

    lk_entropy_take(&entropy, p, sizeof p);
    lk_entropy_forget(&entropy);
    len = lk_e2e_wrap_key(parcel, af->process.config->af.name, app, af->secret, user->key, &none,
                          p, sizeof p);
    if (len > 0) {
        lk_wipe(user->p, sizeof user->p);
        memcpy(user->p, p, sizeof p);
        user->p_len = sizeof p;
        user->handed = true;
        lk_af_sessions_review(af);
    }
    lk_wipe(p, sizeof p);
    if (len == 0)
        return lk_ask_refusal("no key can be sealed to that user's",
                              "give it another key pair: latchkey af make-key");
    lk_process_count(&af->process, LK_AF_OWN_HANDED_OVER);
    LK_LOG(LK_LOG_INFO, "e2e-handed-over", { "app", app }, { "identity", user->identity });
    return json_pack("{s:b, s:s, s:s, s:o}", "ok", 1, "app", app, "identity", user->identity,
                     "parcel", hex_json(lk_span_of(parcel, len)));
}

static json_t *hand_over(void *context, const json_t *request)
{
    struct lk_af_process *af = context;
    const char *app = json_string_value(json_object_get(request, "app"));
    struct lk_af_user *user =
        user_of(af, app, json_string_value(json_object_get(request, "identity")));

    if (user == NULL)
        return lk_ask_refusal("the application has no such user",
                              "latchkey af apps tells the applications; files have the users");
    if (!user->has_key)
        return lk_ask_refusal("the user has no key pair to seal it to",
                              "write key= into the user's line: latchkey af make-key makes one");
    if (user->p_len > 0 && !user->handed)
        return lk_ask_refusal("the user has a P already, in the file",
                              "take p= out of the user's line, and latchkey reload");
    return hand_over_to(af, app, user);
}

const struct lk_ask lk_af_asks[] = {
    { .op = "af-apps", .answer = apps },
    { .op = "af-sessions", .answer = sessions },
    { .op = "af-hand-over", .answer = hand_over },
    { NULL },
};
