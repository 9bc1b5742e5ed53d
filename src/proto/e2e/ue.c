/* The application's end.
 *
 *     IDLE --START--> AWAIT_FIRST_DH --DH--> AWAIT_REPLY, message 1 is sent
 *     AWAIT_REPLY --REPLY--> AWAIT_SECOND_DH --DH--> IDLE, with a grant, FINISH is sent
 *
 * The pattern is NKpsk2, or IKpsk2 with a key of the application's own (Noise 7.5, 9.4). */
#include "proto/e2e/ue.h"

#include <string.h>

#include "base/secret.h"

struct work {
    struct lk_e2e_ue *s;
    const struct lk_e2e_ue_config *config;
    const struct lk_e2e_ue_event *event;
    struct lk_e2e_ue_outbox *out;
    struct lk_e2e_frame frame; /* of RECEIVED */
};

static struct lk_e2e_ue_output *add(struct work *w, enum lk_e2e_ue_output_kind kind)
{
    struct lk_e2e_ue_output *item = &w->out->item[w->out->count++];

    LK_ASSERT(w->out->count <= LK_E2E_UE_OUTPUTS);
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

static enum lk_status fail(struct work *w, enum lk_reason reason, const char *expected,
                           const char *came)
{
    add(w, LK_E2E_UE_OUT_FAILED)->failed = lk_refusal_of(reason, expected, came);
    w->s->state = LK_E2E_UE_IDLE;
    return LK_OK;
}

static struct lk_e2e_hello hello_of(const struct work *w)
{
    return (struct lk_e2e_hello){ .flags = w->s->flags, .fqdn = w->config->scope.fqdn,
                                  .app = w->config->scope.app };
}

static enum lk_status send(struct work *w, enum lk_e2e_type type, struct lk_span first)
{
    struct lk_writer out = lk_writer_of(w->out->octets, sizeof w->out->octets);
    enum lk_status status = lk_e2e_frame_of(&out, type, first, &w->s->noise);

    if (status == LK_OK)
        add(w, LK_E2E_UE_OUT_SEND)->send = lk_writer_span(&out);
    return status;
}

static enum lk_status ask(struct work *w, enum lk_e2e_ue_state state)
{
    add(w, LK_E2E_UE_OUT_ASK_DH)->ask_dh = w->s->noise.ask;
    w->s->state = state;
    return LK_OK;
}

static uint8_t flags_of(const struct work *w)
{
    uint8_t flags = w->config->client_key != NULL ? LK_E2E_WITH_CLIENT_KEY : 0;

    if (w->event->start.resumption != NULL)
        return flags | LK_E2E_RESUMED |
               (w->event->start.resumed_flags & (LK_E2E_WITH_N | LK_E2E_WITH_P));
    return flags | (w->event->start.n != NULL ? LK_E2E_WITH_N : 0) |
           (w->event->start.p != NULL ? LK_E2E_WITH_P : 0);
}

static enum lk_status begin(struct work *w)
{
    const struct lk_e2e_ue_config *config = w->config;
    uint8_t payload[LK_NOISE_TEXT_MAX];
    struct lk_writer p = lk_writer_of(payload, sizeof payload);
    struct lk_e2e_hello hello;
    enum lk_noise_need need;
    enum lk_status status;

    w->s->flags = flags_of(w);
    /* T61: no silent fall-back to less than the application asks for. */
    if ((config->require & ~w->s->flags) != 0)
        return fail(w, LK_REASON_E2E_POLICY, "all that the application requires", NULL);
    /* A19: an end that is both does not talk to itself. */
    if (config->client_key != NULL &&
        lk_same_secret(config->client_key, &config->server, sizeof config->server))
        return fail(w, LK_REASON_E2E_REFLECTION, "the key of somebody else", "our own");
    lk_e2e_psk_combine(&w->s->psk, &config->scope, w->event->start.p, w->event->start.n,
                       w->event->start.resumption);
    hello = hello_of(w);
    lk_e2e_noise_start(&w->s->noise, true, &hello, &w->event->start.e, config->client_key,
                       &config->server);
    lk_e2e_who_encode(&p, &w->event->start.who);
    status = lk_writer_end(&p);
    if (status == LK_OK)
        status = lk_noise_say(&w->s->noise, lk_writer_span(&p));
    if (status == LK_OK)
        status = lk_e2e_noise_go(&w->s->noise, &need, &w->s->psk);
    if (status != LK_OK)
        return status;
    LK_ASSERT(need == LK_NOISE_DH); /* es comes before the payload */
    return ask(w, LK_E2E_UE_AWAIT_FIRST_DH);
}

/* ss may be asked for after es. */
static enum lk_status say(struct work *w)
{
    uint8_t offer[LK_E2E_OFFER_MAX];
    struct lk_writer o = lk_writer_of(offer, sizeof offer);
    struct lk_e2e_hello hello = hello_of(w);
    enum lk_noise_need need;
    enum lk_status status;

    lk_noise_dh(&w->s->noise, w->event->dh);
    status = lk_e2e_noise_go(&w->s->noise, &need, &w->s->psk);
    if (status != LK_OK)
        return status;
    if (need == LK_NOISE_DH)
        return ask(w, LK_E2E_UE_AWAIT_FIRST_DH);
    lk_e2e_offer_encode(&o, &hello);
    w->s->state = LK_E2E_UE_AWAIT_REPLY;
    return send(w, LK_E2E_HELLO, lk_writer_span(&o));
}

static enum lk_status take(struct work *w)
{
    enum lk_noise_need need;
    enum lk_status status = lk_noise_take(&w->s->noise, w->frame.body);

    if (status == LK_OK)
        status = lk_e2e_noise_go(&w->s->noise, &need, &w->s->psk);
    if (status != LK_OK)
        return fail(w, lk_e2e_reason_of(status), "a REPLY", NULL);
    LK_ASSERT(need == LK_NOISE_DH);
    return ask(w, LK_E2E_UE_AWAIT_SECOND_DH);
}

/* T61: who does not have the server's key and all that went into psk does not come past here. */
static enum lk_status prove(struct work *w)
{
    uint8_t finish[LK_E2E_RECORD_HEADER + LK_E2E_TAG];
    struct lk_writer f = lk_writer_of(w->out->octets, sizeof finish);
    struct lk_e2e_session *session;
    enum lk_noise_need need;
    enum lk_status status;

    lk_noise_dh(&w->s->noise, w->event->dh);
    status = lk_e2e_noise_go(&w->s->noise, &need, &w->s->psk);
    if (status != LK_OK)
        return fail(w, lk_e2e_reason_of(status), "the holder of the pinned key and of all secrets",
                    "somebody without");
    if (need == LK_NOISE_DH)
        return ask(w, LK_E2E_UE_AWAIT_SECOND_DH);
    add(w, LK_E2E_UE_OUT_SEND);
    session = &add(w, LK_E2E_UE_OUT_GRANT)->grant;
    lk_e2e_session_of(session, &w->s->noise, &w->config->scope, w->s->flags, w->config->datagrams,
                      w->event->now_ms);
    status = lk_e2e_channel_say(&session->channel, &f, LK_E2E_FINISH, lk_span_of(NULL, 0),
                                w->event->now_ms);
    w->out->item[0].send = lk_writer_span(&f);
    w->s->state = LK_E2E_UE_IDLE;
    return status;
}

static enum lk_status small(struct work *w)
{
    return fail(w, LK_REASON_E2E_POINT, "a point of the group", "one of small order");
}

/* Nobody proves an ALERT: over a stream, where only one in the path can say it, it is an end; in
 * datagrams it is nothing. */
static enum lk_status refused(struct work *w)
{
    if (w->config->datagrams)
        return LK_E_DENIED;
    return fail(w, lk_e2e_reason_told(w->frame.body), "a REPLY", "an ALERT");
}

enum on { ON_START, ON_DH, ON_NO_DH, ON_REPLY, ON_ALERT, ON_COUNT };
static const char *const on_names[ON_COUNT] = {
    [ON_START] = "START", [ON_DH] = "DH",       [ON_NO_DH] = "NO_DH",
    [ON_REPLY] = "REPLY", [ON_ALERT] = "ALERT",
};
static const char *const state_names[LK_E2E_UE_STATE_COUNT] = {
    [LK_E2E_UE_IDLE] = "IDLE",
    [LK_E2E_UE_AWAIT_FIRST_DH] = "AWAIT_FIRST_DH",
    [LK_E2E_UE_AWAIT_REPLY] = "AWAIT_REPLY",
    [LK_E2E_UE_AWAIT_SECOND_DH] = "AWAIT_SECOND_DH",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_E2E_UE_IDLE)
#define FIRST_DH TO(LK_E2E_UE_AWAIT_FIRST_DH)
#define REPLY TO(LK_E2E_UE_AWAIT_REPLY)
#define SECOND_DH TO(LK_E2E_UE_AWAIT_SECOND_DH)
#define ROW(in, on, act, may_enter, clause) \
    { { in, ON_##on, may_enter, #act, clause }, act }

static const struct row {
    struct lk_rule rule;
    enum lk_status (*act)(struct work *w);
} rows[] = {
    ROW(IDLE, START, begin, FIRST_DH | IDLE, "Noise 7.5"),
    ROW(FIRST_DH, DH, say, FIRST_DH | REPLY, "Noise 7.5"),
    ROW(REPLY, REPLY, take, SECOND_DH | IDLE, "Noise 7.5"),
    ROW(SECOND_DH, DH, prove, SECOND_DH | IDLE, "Noise 9.4"),
    ROW(FIRST_DH | SECOND_DH, NO_DH, small, IDLE, "RFC 7748 6.1"),
    ROW(REPLY, ALERT, refused, IDLE, "docs/rooms/e2e.md"),
};

const struct lk_rule_table lk_e2e_ue_rules = {
    .name = "e2e-ue",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_E2E_UE_STATE_COUNT,
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
    case LK_E2E_UE_EV_START: *on = ON_START; break;
    case LK_E2E_UE_EV_DH: *on = ON_DH; break;
    case LK_E2E_UE_EV_NO_DH: *on = ON_NO_DH; break;
    case LK_E2E_UE_EV_RECEIVED:
        status = lk_e2e_frame_decode(&w->frame, w->event->received);
        if (status == LK_OK && w->frame.type == LK_E2E_REPLY)
            *on = ON_REPLY;
        else if (status == LK_OK && w->frame.type == LK_E2E_ALERT)
            *on = ON_ALERT;
        break;
    }
    return status;
}

enum lk_status lk_e2e_ue_step(struct lk_e2e_ue *ue, const struct lk_e2e_ue_config *config,
                              const struct lk_e2e_ue_event *event, struct lk_e2e_ue_outbox *out)
{
    struct lk_e2e_ue draft;
    struct work work = { .s = &draft, .config = config, .event = event, .out = out };
    enum lk_status status;
    size_t row;
    enum on on;

    out->count = 0;
    status = on_of(&on, &work);
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_e2e_ue_rules, ue->state, on);
    if (status != LK_OK)
        return status;
    draft = *ue;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, ue->state, draft.state);
        if (draft.state == LK_E2E_UE_IDLE)
            lk_wipe(&draft, sizeof draft); /* nothing outlives a handshake, and IDLE is zero */
        *ue = draft;
    } else {
        lk_e2e_ue_outbox_wipe(out);
    }
    lk_wipe(&draft, sizeof draft);
    return status;
}

void lk_e2e_ue_init(struct lk_e2e_ue *ue)
{
    _Static_assert(LK_E2E_UE_IDLE == 0, "a wiped machine is idle");
    lk_wipe(ue, sizeof *ue);
}

void lk_e2e_ue_outbox_wipe(struct lk_e2e_ue_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_e2e_ue_output *lk_e2e_ue_outbox_find(const struct lk_e2e_ue_outbox *out,
                                                     enum lk_e2e_ue_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}
