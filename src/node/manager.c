#include "node/manager.h"

#include <string.h>

enum { AGAIN_MS = 250 };

struct work {
    struct lk_manager *manager;
    const struct lk_manager_config *config;
    const struct lk_manager_event *event;
    struct lk_manager_outbox *out;
    bool silent; /* a request was given up */
};

void lk_manager_defaults(struct lk_manager_config *config)
{
    memset(config, 0, sizeof *config);
    lk_wlcp_ue_defaults(&config->wlcp);
    lk_access_defaults(&config->access);
    config->connections_max = LK_WLCP_UE_CONNECTIONS;
}

void lk_manager_init(struct lk_manager *manager)
{
    memset(manager, 0, sizeof *manager);
    lk_wlcp_ue_init(&manager->ue);
    lk_access_init(&manager->access);
}

/* ---- outputs ---- */

static struct lk_manager_output *put(struct work *w, enum lk_manager_output_kind kind)
{
    struct lk_manager_output *output;

    /* at most two times eight of the WLCP machine, each an answer and an audit here, and five of
     * the access */
    LK_ASSERT(w->out->count < LK_MANAGER_OUTBOX_MAX);
    output = &w->out->item[w->out->count++];
    *output = (struct lk_manager_output){ .kind = kind, .application = LK_MANAGER_STRANGER };
    return output;
}

static void audit(struct work *w, const char *what, uint8_t application, uint32_t ref,
                  const struct lk_refusal *refusal)
{
    struct lk_manager_output *output = put(w, LK_MANAGER_OUT_AUDIT);

    output->what = what;
    output->application = application;
    output->ref = ref;
    output->refusal = *refusal;
}

static struct lk_manager_output *answer(struct work *w, uint64_t asker, uint8_t application,
                                        uint32_t ref, const struct lk_refusal *refusal)
{
    struct lk_manager_output *output = put(w, LK_MANAGER_OUT_ANSWER);

    output->asker = asker;
    output->application = application;
    output->ref = ref;
    output->refusal = *refusal;
    return output;
}

static const char *word_of(enum lk_manager_event_kind kind)
{
    return kind == LK_MANAGER_EV_CONNECT    ? "connect"
           : kind == LK_MANAGER_EV_DISCONNECT ? "disconnect"
                                              : "status";
}

/* The asker is told told; the log has why, which may say more. */
static void refuse_as(struct work *w, enum lk_reason told, enum lk_reason why, const char *expected,
                      const char *came)
{
    const struct lk_manager_event *e = w->event;
    struct lk_refusal refusal = lk_refusal_of(told, expected, came);

    (void)answer(w, e->asker, e->application, e->ref, &refusal);
    refusal.reason = why;
    audit(w, word_of(e->kind), e->application, e->ref, &refusal);
}

static void refuse(struct work *w, enum lk_reason reason, const char *expected, const char *came)
{
    refuse_as(w, reason, reason, expected, came);
}

static void granted(struct work *w, uint32_t ref)
{
    const struct lk_manager_event *e = w->event;
    const struct lk_refusal none = lk_refusal_of(LK_REASON_NONE, NULL, NULL);

    (void)answer(w, e->asker, e->application, ref, &none);
    audit(w, word_of(e->kind), e->application, ref, &none);
}

/* ---- what the WLCP machine says ---- */

static struct lk_manager_owner *owner_of(struct work *w, uint32_t ref)
{
    for (size_t i = 0; ref != 0 && i < LK_WLCP_UE_CONNECTIONS; i++)
        if (w->manager->owner[i].ref == ref)
            return &w->manager->owner[i];
    return NULL;
}

static void came_up(struct work *w, struct lk_manager_owner *owner)
{
    const struct lk_refusal none = lk_refusal_of(LK_REASON_NONE, NULL, NULL);

    if (owner->asker != 0)
        (void)answer(w, owner->asker, owner->application, owner->ref, &none);
    owner->asker = 0;
    audit(w, "connected", owner->application, owner->ref, &none);
}

/* The network has a connection to that APN, and we have none: it is of a time before. It asks us
 * now whether we know it, and ends it; so the question is worth being asked again. */
static bool asks_again(struct work *w, struct lk_manager_owner *owner,
                       const struct lk_wlcp_output *down)
{
    struct lk_manager_output *output;

    if (owner->asker == 0 || down->down.reason != LK_REASON_WLCP_REJECTED ||
        down->down.cause != LK_WLCP_CAUSE_ONE_PER_APN || owner->again == LK_MANAGER_ASKS_AGAIN)
        return false;
    owner->again_ms = w->event->now_ms + ((uint64_t)AGAIN_MS << owner->again++);
    output = put(w, LK_MANAGER_OUT_TIMER);
    output->which = (uint32_t)(LK_MANAGER_AGAIN_TIMER + (owner - w->manager->owner));
    output->timer_at_ms = owner->again_ms;
    return true;
}

/* A connection that was to end, or that came to nothing.
 *
 * spec: TS 24.301 10.3 - on the fifth expiry a procedure is given up, and this end has the
 * connection no more. */
static void came_down(struct work *w, struct lk_manager_owner *owner,
                      const struct lk_wlcp_output *down)
{
    struct lk_refusal refusal = lk_refusal_of(down->down.reason, NULL,
                                              lk_wlcp_cause_name(down->down.cause));
    struct lk_manager_output *output;

    if (owner->asker != 0) {
        output = answer(w, owner->asker, owner->application, owner->ref, &refusal);
    } else {
        output = put(w, LK_MANAGER_OUT_LOST);
        output->application = owner->application;
        output->ref = owner->ref;
        output->refusal = refusal;
    }
    output->cause = down->down.cause;
    output->until_ms = down->down.until_ms;
    audit(w, "disconnected", owner->application, owner->ref, &refusal);
    memset(owner, 0, sizeof *owner);
}

static void take(struct work *w, const struct lk_wlcp_output *said)
{
    struct lk_manager_owner *owner = owner_of(w, said->ref);
    struct lk_manager_output *output;

    switch (said->kind) {
    case LK_WLCP_OUT_SEND:
        put(w, LK_MANAGER_OUT_SEND)->send = said->send;
        break;
    case LK_WLCP_OUT_TIMER:
        output = put(w, LK_MANAGER_OUT_TIMER);
        output->which = said->which;
        output->timer_at_ms = said->timer_at_ms;
        break;
    case LK_WLCP_OUT_UP:
        if (owner != NULL)
            came_up(w, owner);
        break;
    case LK_WLCP_OUT_DOWN:
        w->silent = w->silent || said->down.reason == LK_REASON_WLCP_NO_ANSWER;
        if (owner != NULL && !asks_again(w, owner, said))
            came_down(w, owner, said);
        break;
    case LK_WLCP_OUT_NOTICE:
        audit(w, "notice", LK_MANAGER_STRANGER, 0, &said->notice);
        break;
    case LK_WLCP_OUT_MODIFIED:
        w->silent = w->silent || said->modified.reason == LK_REASON_WLCP_NO_ANSWER;
        break;
    case LK_WLCP_OUT_BIND:
    case LK_WLCP_OUT_UNBIND:
    case LK_WLCP_OUTPUT_KIND_COUNT:
        break;
    }
}

static enum lk_status feed(struct work *w, const struct lk_wlcp_event *event)
{
    enum lk_status status;

    lk_wlcp_outbox_empty(&w->out->wlcp);
    status = lk_wlcp_ue_step(&w->manager->ue, &w->config->wlcp, event, &w->out->wlcp);
    for (size_t i = 0; status == LK_OK && i < w->out->wlcp.count; i++)
        take(w, &w->out->wlcp.item[i]);
    return status;
}

/* ---- what applications ask ---- */

static bool has_right(struct work *w, unsigned right)
{
    const struct lk_manager_event *e = w->event;

    if (e->application >= w->config->application_count) {
        refuse(w, LK_REASON_MANAGER_STRANGER, "an application of the configuration", "none");
        return false;
    }
    if ((w->config->application[e->application].rights & right) != 0)
        return true;
    refuse(w, LK_REASON_MANAGER_NO_RIGHT, word_of(e->kind), "no such right");
    return false;
}

static bool may_use(const struct lk_manager_application *application,
                    const struct lk_wlcp_apn *apn)
{
    for (size_t i = 0; i < application->apn_count; i++)
        if (lk_wlcp_apn_equal(apn, &application->apn[i]))
            return true;
    return application->apn_count == 0;
}

static enum lk_status ask_for(struct work *w, struct lk_manager_owner *owner)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT, .now_ms = w->event->now_ms };

    owner->again_ms = 0;
    event.want.ref = owner->ref;
    event.want.apn = owner->apn;
    event.want.request_type = owner->request_type;
    event.want.pdn_type = owner->pdn_type;
    return feed(w, &event);
}

static enum lk_status want(struct work *w, struct lk_manager_owner *owner)
{
    const struct lk_refusal none = lk_refusal_of(LK_REASON_NONE, NULL, NULL);
    const struct lk_manager_event *e = w->event;
    enum lk_status status;

    *owner = (struct lk_manager_owner){ .ref = ++w->manager->last_ref, .asker = e->asker,
                                        .application = e->application, .apn = e->apn,
                                        .request_type = e->request_type,
                                        .pdn_type = e->pdn_type };
    audit(w, "connect", e->application, owner->ref, &none);
    status = ask_for(w, owner);
    if (status == LK_OK)
        return LK_OK;
    memset(owner, 0, sizeof *owner);
    refuse(w, LK_REASON_MANAGER_FULL, NULL, lk_status_name(status));
    return LK_OK;
}

/* Of two applications that want one APN the second is refused here: no network gives it twice. */
static bool has_apn(const struct lk_manager *manager, const struct lk_wlcp_apn *apn)
{
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++) {
        const struct lk_manager_owner *owner = &manager->owner[i];
        const struct lk_wlcp_ue_connection *c = lk_wlcp_ue_find(&manager->ue, owner->ref);

        if (owner->ref != 0 &&
            (lk_wlcp_apn_equal(&owner->apn, apn) ||
             (c != NULL && apn->len > 0 && c->apn.len > 0 && lk_wlcp_apn_is_of(apn, &c->apn))))
            return true;
    }
    return false;
}

static enum lk_status connect_one(struct work *w)
{
    struct lk_manager_owner *owner = NULL;
    size_t used = 0;

    if (!has_right(w, LK_MANAGER_MAY_CONNECT))
        return LK_OK;
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++) {
        used += w->manager->owner[i].ref != 0;
        if (w->manager->owner[i].ref == 0 && owner == NULL)
            owner = &w->manager->owner[i];
    }
    if (!may_use(&w->config->application[w->event->application], &w->event->apn))
        refuse(w, LK_REASON_MANAGER_APN, "an APN of its own", "another");
    else if (!w->manager->channel_up)
        refuse(w, LK_REASON_MANAGER_NO_CHANNEL, "a channel to the TWAG", "none");
    else if (has_apn(w->manager, &w->event->apn))
        refuse(w, LK_REASON_MANAGER_ONE_PER_APN, "an APN that is free", "one in use");
    else if (owner == NULL || used >= w->config->connections_max)
        refuse(w, LK_REASON_MANAGER_FULL, NULL, "as many connections as there may be");
    else
        return want(w, owner);
    return LK_OK;
}

/* NULL, and refused, when it is not the asker's: what is another's and what is not there look the
 * same to it, and not to the log. */
static struct lk_manager_owner *own(struct work *w)
{
    struct lk_manager_owner *owner = owner_of(w, w->event->ref);

    if (owner != NULL && owner->application == w->event->application)
        return owner;
    refuse_as(w, LK_REASON_MANAGER_NO_SUCH,
              owner != NULL ? LK_REASON_MANAGER_NOT_YOURS : LK_REASON_MANAGER_NO_SUCH, NULL, NULL);
    return NULL;
}

static enum lk_status disconnect_one(struct work *w)
{
    const struct lk_refusal none = lk_refusal_of(LK_REASON_NONE, NULL, NULL);
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RELEASE, .now_ms = w->event->now_ms };
    struct lk_manager_owner *owner;

    if (!has_right(w, LK_MANAGER_MAY_DISCONNECT))
        return LK_OK;
    owner = own(w);
    if (owner == NULL)
        return LK_OK;
    if (owner->asker != 0) {
        refuse(w, LK_REASON_MANAGER_BUSY, NULL, "another question about it waits");
        return LK_OK;
    }
    event.which = (uint32_t)(lk_wlcp_ue_find(&w->manager->ue, owner->ref)
                             - w->manager->ue.connection);
    owner->asker = w->event->asker;
    audit(w, "disconnect", owner->application, owner->ref, &none);
    return feed(w, &event);
}

static enum lk_status status_of(struct work *w)
{
    if (!has_right(w, LK_MANAGER_MAY_STATUS))
        return LK_OK;
    if (w->event->ref == 0 || own(w) != NULL)
        granted(w, w->event->ref);
    return LK_OK;
}

/* ---- the access ---- */

/* Those that wait to be asked for again end as the others do. */
static enum lk_status lose_all(struct work *w)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_LOST, .now_ms = w->event->now_ms };
    const struct lk_wlcp_output lost = { .kind = LK_WLCP_OUT_DOWN,
                                         .down = { .reason = LK_REASON_WLCP_LOST } };

    w->manager->channel_up = false;
    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++)
        if (w->manager->owner[i].again_ms != 0)
            came_down(w, &w->manager->owner[i], &lost);
    return feed(w, &event);
}

static enum lk_status tell_access(struct work *w, const struct lk_access_event *event)
{
    struct lk_access_event now = *event;
    struct lk_access_outbox out;
    struct lk_manager_output *output;
    enum lk_status status;

    now.now_ms = w->event->now_ms;
    now.entropy = w->event->entropy;
    status = lk_access_step(&w->manager->access, &w->config->access, &now, &out);
    for (size_t i = 0; status == LK_OK && i < out.count; i++) {
        if (out.item[i].kind == LK_ACCESS_OUT_OPEN) {
            w->manager->channel_up = true;
            continue;
        }
        if (out.item[i].kind == LK_ACCESS_OUT_LOST)
            status = lose_all(w);
        output = put(w, out.item[i].kind == LK_ACCESS_OUT_TIMER ? LK_MANAGER_OUT_TIMER
                                                                : LK_MANAGER_OUT_ACCESS);
        output->access = out.item[i];
        output->which = LK_MANAGER_ACCESS_TIMER;
        output->timer_at_ms = out.item[i].timer_at_ms;
    }
    return status;
}

/* ---- the step ---- */

static enum lk_status expired(struct work *w)
{
    const struct lk_access_event access = { .kind = LK_ACCESS_EV_EXPIRED };
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_EXPIRED, .now_ms = w->event->now_ms,
                                   .which = w->event->which };
    struct lk_manager_owner *owner;

    if (event.which < LK_MANAGER_AGAIN_TIMER)
        return feed(w, &event);
    if (event.which >= LK_MANAGER_ACCESS_TIMER)
        return tell_access(w, &access);
    owner = &w->manager->owner[event.which - LK_MANAGER_AGAIN_TIMER];
    if (owner->again_ms == 0 || w->event->now_ms < owner->again_ms)
        return LK_E_UNEXPECTED;
    return ask_for(w, owner);
}

static enum lk_status on_event(struct work *w)
{
    const struct lk_manager_event *e = w->event;
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED, .now_ms = e->now_ms,
                                   .octets = e->octets };

    switch (e->kind) {
    case LK_MANAGER_EV_CONNECT: return connect_one(w);
    case LK_MANAGER_EV_DISCONNECT: return disconnect_one(w);
    case LK_MANAGER_EV_STATUS: return status_of(w);
    case LK_MANAGER_EV_RECEIVED: return feed(w, &event);
    case LK_MANAGER_EV_EXPIRED: return expired(w);
    case LK_MANAGER_EV_ACCESS: return tell_access(w, &e->access);
    }
    return LK_E_UNEXPECTED;
}

enum lk_status lk_manager_step(struct lk_manager *manager, const struct lk_manager_config *config,
                               const struct lk_manager_event *event, struct lk_manager_outbox *out)
{
    const struct lk_access_event silent = { .kind = LK_ACCESS_EV_SILENT };
    struct work work = { .manager = manager, .config = config, .event = event, .out = out };
    enum lk_status status;

    out->count = 0;
    status = on_event(&work);
    /* In a state in which nobody listens for it, it says nothing. */
    if (status == LK_OK && work.silent)
        (void)tell_access(&work, &silent);
    return status;
}

const struct lk_wlcp_ue_connection *lk_manager_next(const struct lk_manager *manager,
                                                    uint8_t application, uint32_t *ref)
{
    const struct lk_manager_owner *best = NULL;

    for (size_t i = 0; i < LK_WLCP_UE_CONNECTIONS; i++) {
        const struct lk_manager_owner *owner = &manager->owner[i];

        if (owner->ref > *ref && owner->application == application
            && (best == NULL || owner->ref < best->ref))
            best = owner;
    }
    if (best == NULL)
        return NULL;
    *ref = best->ref;
    return lk_wlcp_ue_find(&manager->ue, best->ref);
}
