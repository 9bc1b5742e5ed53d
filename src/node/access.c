#include "node/access.h"

#include <string.h>

struct work {
    struct lk_access *access; /* the draft */
    const struct lk_access_config *config;
    const struct lk_access_event *event;
    struct lk_access_outbox *out;
};

static struct lk_access_output *put(struct work *w, enum lk_access_output_kind kind)
{
    struct lk_access_output *item;

    LK_ASSERT(w->out->count < LK_ACCESS_OUTBOX_MAX);
    item = &w->out->item[w->out->count++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

static void enter(struct work *w, enum lk_access_state state)
{
    w->access->state = state;
}

static void settled(struct work *w, const struct lk_refusal *refusal)
{
    put(w, LK_ACCESS_OUT_SETTLED)->refusal = *refusal;
}

static void well(struct work *w)
{
    const struct lk_refusal none = lk_refusal_of(LK_REASON_NONE, NULL, NULL);

    settled(w, &none);
}

/* A channel that stood for long shows that all was well: what comes now is another trouble. */
static void forget_refusals(struct work *w)
{
    if (w->event->now_ms - w->access->up_ms >= w->config->retry_max_ms)
        w->access->refused = 0;
}

static void attach(struct work *w, bool fresh)
{
    w->access->fresh = fresh;
    put(w, LK_ACCESS_OUT_ATTACH)->fresh = fresh;
    enter(w, LK_ACCESS_ATTACHING);
}

/* The wait doubles, and half of it is left to chance, so that all the devices of a gateway that was
 * restarted do not come back at once. */
static void wait(struct work *w)
{
    uint64_t ms = w->config->retry_ms;

    for (uint8_t i = 0; i < w->access->refused && ms < w->config->retry_max_ms; i++)
        ms *= 2;
    if (ms > w->config->retry_max_ms)
        ms = w->config->retry_max_ms;
    if (w->access->refused < UINT8_MAX)
        w->access->refused++;
    ms = ms / 2 + w->event->entropy % (ms / 2 + 1);
    w->access->due_ms = w->event->now_ms + ms;
    put(w, LK_ACCESS_OUT_TIMER)->timer_at_ms = w->access->due_ms;
    enter(w, LK_ACCESS_WAITING);
}

/* ---- what the rules name ---- */

static enum lk_status begin(struct work *w)
{
    w->access->refused = 0;
    attach(w, w->event->fresh);
    return LK_OK;
}

/* The end of the attach that runs is the answer to this one too. */
static enum lk_status join(struct work *w)
{
    (void)w;
    return LK_OK;
}

static enum lk_status leave(struct work *w)
{
    put(w, LK_ACCESS_OUT_LOST);
    put(w, LK_ACCESS_OUT_CLOSE);
    w->access->channel = false;
    enter(w, LK_ACCESS_OFF);
    return LK_OK;
}

/* spec: TS 33.402 7.2.3.2.3 - after each authentication in multi-connection mode, a DTLS connection
 * under the key just derived. */
static enum lk_status accepted(struct work *w)
{
    if (w->access->fresh || w->event->plain)
        put(w, LK_ACCESS_OUT_LOST);
    w->access->channel = false;
    if (w->event->plain) {
        put(w, LK_ACCESS_OUT_CLOSE);
        w->access->refused = 0;
        well(w);
    } else {
        put(w, LK_ACCESS_OUT_DIAL);
    }
    enter(w, w->event->plain ? LK_ACCESS_PLAIN : LK_ACCESS_DIALLING);
    return LK_OK;
}

/* With a channel that is up, the network decides what becomes of it. */
static enum lk_status refused(struct work *w)
{
    w->access->last = w->event->refusal;
    settled(w, &w->event->refusal);
    if (w->access->channel)
        enter(w, LK_ACCESS_UP);
    else
        wait(w);
    return LK_OK;
}

static enum lk_status open_up(struct work *w)
{
    w->access->channel = true;
    w->access->up_ms = w->event->now_ms;
    put(w, LK_ACCESS_OUT_OPEN);
    well(w);
    enter(w, LK_ACCESS_UP);
    return LK_OK;
}

/* spec: TS 24.244 4.1 - without a channel the connections are over. */
static void lose(struct work *w, const struct lk_refusal *why)
{
    w->access->channel = false;
    w->access->last = *why;
    put(w, LK_ACCESS_OUT_LOST)->refusal = *why;
}

static enum lk_status not_dialled(struct work *w)
{
    lose(w, &w->event->refusal);
    settled(w, &w->event->refusal);
    wait(w);
    return LK_OK;
}

static enum lk_status hung_up(struct work *w)
{
    forget_refusals(w);
    lose(w, &w->event->refusal);
    wait(w);
    return LK_OK;
}

/* The channel that is to be replaced ends before. */
static enum lk_status note_down(struct work *w)
{
    if (w->access->channel)
        lose(w, &w->event->refusal);
    return LK_OK;
}

/* A gateway that does not answer has lost the key with everything else, or is gone: no handshake
 * under it is worth the time. */
static enum lk_status silent(struct work *w)
{
    const struct lk_refusal why = lk_refusal_of(LK_REASON_UE_GATEWAY_SILENT, NULL, NULL);

    forget_refusals(w);
    lose(w, &why);
    put(w, LK_ACCESS_OUT_CLOSE);
    attach(w, false);
    return LK_OK;
}

static enum lk_status note_silent(struct work *w)
{
    const struct lk_refusal why = lk_refusal_of(LK_REASON_UE_GATEWAY_SILENT, NULL, NULL);

    if (w->access->channel) {
        lose(w, &why);
        put(w, LK_ACCESS_OUT_CLOSE);
    }
    return LK_OK;
}

/* By fast re-authentication first; who was refused takes the long way. */
static enum lk_status again(struct work *w)
{
    if (w->event->now_ms < w->access->due_ms)
        return LK_E_UNEXPECTED;
    attach(w, w->access->refused > 1);
    return LK_OK;
}

/* ---- the rules ---- */

#define TO(state) (1u << (state))
#define OFF TO(LK_ACCESS_OFF)
#define ATTACHING TO(LK_ACCESS_ATTACHING)
#define DIALLING TO(LK_ACCESS_DIALLING)
#define UP TO(LK_ACCESS_UP)
#define PLAIN TO(LK_ACCESS_PLAIN)
#define WAITING TO(LK_ACCESS_WAITING)
#define ROW(in, on, act, may_enter, clause) { { in, on, may_enter, #act, clause }, act }

static const char *const on_names[LK_ACCESS_EVENT_KIND_COUNT] = {
    [LK_ACCESS_EV_ATTACH] = "ATTACH",
    [LK_ACCESS_EV_DETACH] = "DETACH",
    [LK_ACCESS_EV_ACCEPTED] = "ACCEPTED",
    [LK_ACCESS_EV_REFUSED] = "REFUSED",
    [LK_ACCESS_EV_CHANNEL_UP] = "CHANNEL UP",
    [LK_ACCESS_EV_CHANNEL_DOWN] = "CHANNEL DOWN",
    [LK_ACCESS_EV_SILENT] = "SILENT",
    [LK_ACCESS_EV_EXPIRED] = "EXPIRED",
};

static const struct access_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct work *w);
} rows[] = {
    ROW(OFF, LK_ACCESS_EV_ATTACH, begin, ATTACHING, "-"),

    ROW(ATTACHING, LK_ACCESS_EV_ACCEPTED, accepted, DIALLING | PLAIN, "TS 33.402 7.2.3.2.3"),
    ROW(ATTACHING, LK_ACCESS_EV_REFUSED, refused, WAITING | UP, "-"),
    ROW(ATTACHING, LK_ACCESS_EV_CHANNEL_DOWN, note_down, ATTACHING, "TS 24.244 4.1"),
    ROW(ATTACHING, LK_ACCESS_EV_SILENT, note_silent, ATTACHING, "TS 24.244 5.1.1"),
    ROW(ATTACHING, LK_ACCESS_EV_ATTACH, join, ATTACHING, "-"),
    ROW(ATTACHING, LK_ACCESS_EV_DETACH, leave, OFF, "-"),

    ROW(DIALLING, LK_ACCESS_EV_CHANNEL_UP, open_up, UP, "TS 33.402 7.2.3.2.3"),
    ROW(DIALLING, LK_ACCESS_EV_CHANNEL_DOWN, not_dialled, WAITING, "TS 24.244 4.1"),
    ROW(DIALLING, LK_ACCESS_EV_ATTACH, join, DIALLING, "-"),
    ROW(DIALLING, LK_ACCESS_EV_DETACH, leave, OFF, "-"),

    ROW(UP, LK_ACCESS_EV_ATTACH, begin, ATTACHING, "TS 33.402 7.2.3.2.2"),
    ROW(UP, LK_ACCESS_EV_CHANNEL_DOWN, hung_up, WAITING, "TS 24.244 4.1"),
    ROW(UP, LK_ACCESS_EV_SILENT, silent, ATTACHING, "TS 24.244 5.1.1"),
    ROW(UP, LK_ACCESS_EV_DETACH, leave, OFF, "-"),

    ROW(PLAIN, LK_ACCESS_EV_ATTACH, begin, ATTACHING, "-"),
    ROW(PLAIN, LK_ACCESS_EV_DETACH, leave, OFF, "-"),

    ROW(WAITING, LK_ACCESS_EV_EXPIRED, again, ATTACHING, "-"),
    ROW(WAITING, LK_ACCESS_EV_ATTACH, begin, ATTACHING, "-"),
    ROW(WAITING, LK_ACCESS_EV_DETACH, leave, OFF, "-"),
};

static const char *const state_names[LK_ACCESS_STATE_COUNT] = {
    [LK_ACCESS_OFF] = "OFF",
    [LK_ACCESS_ATTACHING] = "ATTACHING",
    [LK_ACCESS_DIALLING] = "DIALLING",
    [LK_ACCESS_UP] = "UP",
    [LK_ACCESS_PLAIN] = "PLAIN",
    [LK_ACCESS_WAITING] = "WAITING",
};

const char *lk_access_state_name(enum lk_access_state state)
{
    return lk_rule_state_name(&lk_access_rules, state);
}

const struct lk_rule_table lk_access_rules = {
    .name = "ue-access",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_ACCESS_STATE_COUNT,
    .on_count = LK_ACCESS_EVENT_KIND_COUNT,
    .first = OFF,
    .last = OFF,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

void lk_access_defaults(struct lk_access_config *config)
{
    *config = (struct lk_access_config){ .retry_ms = 1000, .retry_max_ms = 60000 };
}

void lk_access_init(struct lk_access *access)
{
    memset(access, 0, sizeof *access);
}

enum lk_status lk_access_step(struct lk_access *access, const struct lk_access_config *config,
                              const struct lk_access_event *event, struct lk_access_outbox *out)
{
    struct lk_access draft = *access;
    struct work work = { .access = &draft, .config = config, .event = event, .out = out };
    size_t row;
    enum lk_status status = lk_rule_find(&row, &lk_access_rules, access->state, event->kind);

    out->count = 0;
    if (status != LK_OK)
        return status;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, access->state, draft.state);
        *access = draft;
    } else {
        out->count = 0;
    }
    return status;
}
