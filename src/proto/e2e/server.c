/* The server's end.
 *
 *     IDLE --HELLO--> AWAIT_FIRST_DH --DH--> AWAIT_KEYS --KEYS--> AWAIT_SECOND_DH
 *     AWAIT_SECOND_DH --DH--> AWAIT_FINISH, message 2 is sent
 *     AWAIT_FINISH --FINISH--> IDLE, with a grant
 *
 * The pattern is NKpsk2, or IKpsk2 with a key of the application's own (Noise 7.5, 9.4). */
#include "proto/e2e/server.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"

struct work {
    struct lk_e2e_server *s;
    const struct lk_e2e_server_config *config;
    const struct lk_e2e_server_event *event;
    struct lk_e2e_server_outbox *out;
    struct lk_e2e_frame frame; /* of RECEIVED */
};

static struct lk_e2e_server_output *add(struct work *w, enum lk_e2e_server_output_kind kind)
{
    struct lk_e2e_server_output *item = &w->out->item[w->out->count++];

    LK_ASSERT(w->out->count <= LK_E2E_SERVER_OUTPUTS);
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

static enum lk_status fail(struct work *w, enum lk_reason reason, const char *expected,
                           const char *came)
{
    add(w, LK_E2E_SERVER_OUT_FAILED)->failed = lk_refusal_of(reason, expected, came);
    w->s->state = LK_E2E_SERVER_IDLE;
    return LK_OK;
}

static enum lk_status ask(struct work *w, enum lk_e2e_server_state state)
{
    add(w, LK_E2E_SERVER_OUT_ASK_DH)->ask_dh = w->s->noise.ask;
    w->s->state = state;
    return LK_OK;
}

static struct lk_e2e_scope scope_of(const struct work *w)
{
    return (struct lk_e2e_scope){ .fqdn = w->config->fqdn,
                                  .app = w->config->apps[w->s->app].name };
}

static bool find_app(struct work *w, struct lk_span name)
{
    for (size_t i = 0; i < w->config->app_count; i++) {
        if (lk_span_equal(w->config->apps[i].name, name)) {
            w->s->app = i;
            return true;
        }
    }
    return false;
}

static enum lk_status meet(struct work *w)
{
    struct lk_e2e_hello hello;
    enum lk_noise_need need;
    enum lk_status status = lk_e2e_hello_decode(&hello, w->frame.body);

    if (status != LK_OK)
        return fail(w, LK_REASON_E2E_MALFORMED, "a HELLO", lk_status_name(status));
    if (!lk_span_equal(hello.fqdn, w->config->fqdn))
        return fail(w, LK_REASON_E2E_SERVER, "our name", "another");
    if (!find_app(w, hello.app))
        return fail(w, LK_REASON_E2E_APP, "an application of ours", "another");
    /* T61: less than the application's sessions must have is refused. That nobody took something
     * off the offer on the way, message 1 proves. */
    if ((w->config->apps[w->s->app].require & ~hello.flags) != 0 ||
        (w->config->apps[w->s->app].own &&
         (hello.flags & (LK_E2E_WITH_P | LK_E2E_WITH_CLIENT_KEY)) == 0))
        return fail(w, LK_REASON_E2E_POLICY, "all that the application requires", NULL);
    w->s->flags = hello.flags;
    lk_sha256(w->s->hello, &w->event->received.frame, 1);
    lk_e2e_noise_start(&w->s->noise, false, &hello, &w->event->received.e, &w->config->key, NULL);
    status = lk_noise_take(&w->s->noise, hello.message);
    if (status == LK_OK)
        status = lk_noise_go(&w->s->noise, &need);
    if (status != LK_OK)
        return fail(w, lk_e2e_reason_of(status), "message 1", NULL);
    LK_ASSERT(need == LK_NOISE_DH);
    return ask(w, LK_E2E_SERVER_AWAIT_FIRST_DH);
}

static enum lk_status take(struct work *w)
{
    struct lk_noise *noise = &w->s->noise;
    struct lk_e2e_server_output *item;
    struct lk_e2e_who who;
    enum lk_noise_need need;
    enum lk_status status;

    lk_noise_dh(noise, w->event->dh);
    status = lk_noise_go(noise, &need);
    if (status != LK_OK)
        return fail(w, lk_e2e_reason_of(status), "a message 1 for our key",
                    "for another, or altered");
    if (need == LK_NOISE_DH)
        return ask(w, LK_E2E_SERVER_AWAIT_FIRST_DH);
    status = lk_e2e_who_decode(&who, lk_span_of(noise->out.octets, noise->out.len));
    if (status != LK_OK || ((w->s->flags & LK_E2E_RESUMED) != 0) != (who.kind == LK_E2E_BY_TICKET))
        return fail(w, LK_REASON_E2E_MALFORMED, "who it is", lk_status_name(status));
    /* A19: whoever comes with the server's own key is the server, or has it: not an application. */
    if ((w->s->flags & LK_E2E_WITH_CLIENT_KEY) != 0 &&
        lk_same_secret(&noise->rs, &w->config->key, sizeof noise->rs))
        return fail(w, LK_REASON_E2E_REFLECTION, "the key of an application", "our own");
    item = add(w, LK_E2E_SERVER_OUT_ASK_KEYS);
    item->ask_keys.app = w->s->app;
    item->ask_keys.flags = w->s->flags;
    item->ask_keys.who = who;
    item->ask_keys.client_key = noise->rs;
    w->s->state = LK_E2E_SERVER_AWAIT_KEYS;
    return LK_OK;
}

static enum lk_status answer(struct work *w, const struct lk_e2e_psk *psk)
{
    enum lk_noise_need need;
    enum lk_status status = lk_noise_say(&w->s->noise, lk_span_of(NULL, 0));

    /* Nothing before ee needs psk: it comes last, and is kept until then. */
    if (status == LK_OK)
        status = lk_noise_go(&w->s->noise, &need);
    if (status != LK_OK)
        return status;
    LK_ASSERT(need == LK_NOISE_DH);
    w->s->psk = *psk;
    return ask(w, LK_E2E_SERVER_AWAIT_SECOND_DH);
}

/* What the flags name is there, and nothing else. */
static bool fits(const struct work *w)
{
    const uint8_t inputs = w->s->flags & (LK_E2E_WITH_N | LK_E2E_WITH_P);

    if ((w->s->flags & LK_E2E_RESUMED) != 0)
        return w->event->keys.resumption != NULL && w->event->keys.p == NULL &&
               w->event->keys.n == NULL &&
               w->event->keys.resumed_flags == (w->s->flags & LK_E2E_INPUTS);
    return w->event->keys.resumption == NULL &&
           (w->event->keys.n != NULL) == ((inputs & LK_E2E_WITH_N) != 0) &&
           (w->event->keys.p != NULL) == ((inputs & LK_E2E_WITH_P) != 0);
}

static enum lk_status keyed(struct work *w)
{
    struct lk_e2e_scope scope = scope_of(w);
    struct lk_e2e_psk psk;
    enum lk_status status;

    if (!fits(w))
        return fail(w, LK_REASON_E2E_KEYS, "the keys that the offer names", "others");
    lk_e2e_psk_combine(&psk, &scope, w->event->keys.p, w->event->keys.n,
                       w->event->keys.resumption);
    status = answer(w, &psk);
    lk_wipe(&psk, sizeof psk);
    return status;
}

static enum lk_status keyless(struct work *w)
{
    struct lk_e2e_psk psk;
    enum lk_status status;

    memcpy(psk.octets, w->event->no_keys, sizeof psk.octets);
    w->s->unknown = true;
    status = answer(w, &psk);
    lk_wipe(&psk, sizeof psk);
    return status;
}

static enum lk_status send(struct work *w)
{
    struct lk_writer out = lk_writer_of(w->out->octets, sizeof w->out->octets);
    enum lk_status status = lk_e2e_frame_of(&out, LK_E2E_REPLY, lk_span_of(NULL, 0), &w->s->noise);

    if (status == LK_OK)
        add(w, LK_E2E_SERVER_OUT_SEND)->send = lk_writer_span(&out);
    w->s->state = LK_E2E_SERVER_AWAIT_FINISH;
    return status;
}

static enum lk_status reply(struct work *w)
{
    enum lk_noise_need need;
    enum lk_status status;

    lk_noise_dh(&w->s->noise, w->event->dh);
    status = lk_e2e_noise_go(&w->s->noise, &need, &w->s->psk);
    if (status != LK_OK)
        return status;
    if (need == LK_NOISE_DH)
        return ask(w, LK_E2E_SERVER_AWAIT_SECOND_DH);
    lk_wipe(&w->s->psk, sizeof w->s->psk);
    return send(w);
}

/* In datagrams: the REPLY was lost. Any other HELLO is of another session. */
static enum lk_status again(struct work *w)
{
    uint8_t hash[32];

    lk_sha256(hash, &w->event->received.frame, 1);
    if (!w->config->datagrams || !lk_same_secret(hash, w->s->hello, sizeof hash))
        return LK_E_UNEXPECTED;
    return send(w);
}

/* T61: who does not have all that went into psk, and the application's own key where one is asked
 * for, does not come past here. */
static enum lk_status prove(struct work *w)
{
    struct lk_e2e_scope scope = scope_of(w);
    struct lk_e2e_session session;
    uint8_t nothing[1];
    enum lk_status status;
    size_t len;

    if (w->frame.body.len != 2 + 8 + LK_E2E_TAG)
        return fail(w, LK_REASON_E2E_MALFORMED, "a FINISH", NULL);
    lk_e2e_session_of(&session, &w->s->noise, &scope, w->s->flags, w->config->datagrams,
                      w->event->now_ms);
    status = lk_e2e_channel_take(&session.channel, nothing, &len, &w->frame);
    if (status == LK_OK && !w->s->unknown) {
        add(w, LK_E2E_SERVER_OUT_GRANT)->grant = session;
        w->s->state = LK_E2E_SERVER_IDLE;
    } else {
        status = fail(w, w->s->unknown ? LK_REASON_E2E_KEYS : LK_REASON_E2E_UNPROVEN,
                      "the holder of all secrets", "somebody without");
    }
    lk_wipe(&session, sizeof session);
    return status;
}

static enum lk_status small(struct work *w)
{
    return fail(w, LK_REASON_E2E_POINT, "a point of the group", "one of small order");
}

/* As at the application's end: over a stream an end, and in datagrams nothing. */
static enum lk_status refused(struct work *w)
{
    if (w->config->datagrams)
        return LK_E_DENIED;
    return fail(w, lk_e2e_reason_told(w->frame.body), "a FINISH", "an ALERT");
}

enum on { ON_HELLO, ON_DH, ON_NO_DH, ON_KEYS, ON_NO_KEYS, ON_FINISH, ON_ALERT, ON_COUNT };
static const char *const on_names[ON_COUNT] = {
    [ON_HELLO] = "HELLO", [ON_DH] = "DH",           [ON_NO_DH] = "NO_DH",
    [ON_KEYS] = "KEYS",   [ON_NO_KEYS] = "NO_KEYS", [ON_FINISH] = "FINISH",
    [ON_ALERT] = "ALERT",
};
static const char *const state_names[LK_E2E_SERVER_STATE_COUNT] = {
    [LK_E2E_SERVER_IDLE] = "IDLE",
    [LK_E2E_SERVER_AWAIT_FIRST_DH] = "AWAIT_FIRST_DH",
    [LK_E2E_SERVER_AWAIT_KEYS] = "AWAIT_KEYS",
    [LK_E2E_SERVER_AWAIT_SECOND_DH] = "AWAIT_SECOND_DH",
    [LK_E2E_SERVER_AWAIT_FINISH] = "AWAIT_FINISH",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_E2E_SERVER_IDLE)
#define FIRST_DH TO(LK_E2E_SERVER_AWAIT_FIRST_DH)
#define KEYS TO(LK_E2E_SERVER_AWAIT_KEYS)
#define SECOND_DH TO(LK_E2E_SERVER_AWAIT_SECOND_DH)
#define FINISH TO(LK_E2E_SERVER_AWAIT_FINISH)
#define ROW(in, on, act, may_enter, clause) \
    { { in, ON_##on, may_enter, #act, clause }, act }

static const struct row {
    struct lk_rule rule;
    enum lk_status (*act)(struct work *w);
} rows[] = {
    ROW(IDLE, HELLO, meet, FIRST_DH | IDLE, "Noise 7.5"),
    ROW(FIRST_DH, DH, take, FIRST_DH | KEYS | IDLE, "Noise 7.5"),
    ROW(KEYS, KEYS, keyed, SECOND_DH | IDLE, "Noise 9.4"),
    ROW(KEYS, NO_KEYS, keyless, SECOND_DH, "Noise 9.4"),
    ROW(SECOND_DH, DH, reply, SECOND_DH | FINISH, "Noise 9.4"),
    ROW(FINISH, HELLO, again, FINISH, "docs/rooms/e2e.md"),
    ROW(FINISH, FINISH, prove, IDLE, "docs/rooms/e2e.md"),
    ROW(FIRST_DH | SECOND_DH, NO_DH, small, IDLE, "RFC 7748 6.1"),
    ROW(IDLE | KEYS | FINISH, ALERT, refused, IDLE, "docs/rooms/e2e.md"),
};

const struct lk_rule_table lk_e2e_server_rules = {
    .name = "e2e-server",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_E2E_SERVER_STATE_COUNT,
    .on_count = ON_COUNT,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum lk_status on_of(enum on *on, struct work *w)
{
    enum lk_status status = LK_OK;

    *on = ON_COUNT;
    switch (w->event->kind) {
    case LK_E2E_SERVER_EV_DH: *on = ON_DH; break;
    case LK_E2E_SERVER_EV_NO_DH: *on = ON_NO_DH; break;
    case LK_E2E_SERVER_EV_KEYS: *on = ON_KEYS; break;
    case LK_E2E_SERVER_EV_NO_KEYS: *on = ON_NO_KEYS; break;
    case LK_E2E_SERVER_EV_RECEIVED:
        status = lk_e2e_frame_decode(&w->frame, w->event->received.frame);
        if (status == LK_OK && w->frame.type == LK_E2E_HELLO)
            *on = ON_HELLO;
        else if (status == LK_OK && w->frame.type == LK_E2E_FINISH)
            *on = ON_FINISH;
        else if (status == LK_OK && w->frame.type == LK_E2E_ALERT)
            *on = ON_ALERT;
        break;
    }
    return status;
}

enum lk_status lk_e2e_server_step(struct lk_e2e_server *server,
                                  const struct lk_e2e_server_config *config,
                                  const struct lk_e2e_server_event *event,
                                  struct lk_e2e_server_outbox *out)
{
    struct lk_e2e_server draft;
    struct work work = { .s = &draft, .config = config, .event = event, .out = out };
    enum lk_status status;
    size_t row;
    enum on on;

    out->count = 0;
    status = on_of(&on, &work);
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_e2e_server_rules, server->state, on);
    if (status != LK_OK)
        return status;
    draft = *server;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, server->state, draft.state);
        if (draft.state == LK_E2E_SERVER_IDLE)
            lk_wipe(&draft, sizeof draft); /* nothing outlives a handshake, and IDLE is zero */
        *server = draft;
        /* Who it is was decoded in the draft: the same again, of octets that stay. */
        if (out->count > 0 && out->item[0].kind == LK_E2E_SERVER_OUT_ASK_KEYS)
            LK_ASSERT(lk_e2e_who_decode(&out->item[0].ask_keys.who,
                                        lk_span_of(server->noise.out.octets,
                                                   server->noise.out.len)) == LK_OK);
    } else {
        lk_e2e_server_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_e2e_server_init(struct lk_e2e_server *server)
{
    _Static_assert(LK_E2E_SERVER_IDLE == 0, "a wiped machine is idle");
    lk_wipe(server, sizeof *server);
}

void lk_e2e_server_outbox_wipe(struct lk_e2e_server_outbox *out)
{
    lk_wipe(out, sizeof *out);
}
