#include "node/mis_device.h"

#include <string.h>

#include "base/secret.h"
#include "node/mis_device_parts.h"

enum { RENEW_MS = 60000, ERP_LIFETIME_S = 7200 };

void lk_mis_device_defaults(struct lk_mis_device_config *config)
{
    *config = (struct lk_mis_device_config){ .use_erp = true, .erp_lifetime_s = ERP_LIFETIME_S,
                                             .renew_ms = RENEW_MS };
    lk_mis_mn_defaults(&config->mn);
    lk_mis_auth_defaults(&config->auth);
    lk_eap_peer_defaults(&config->eap);
    lk_erp_peer_defaults(&config->erp);
    config->erp.retry_ms = 0; /* the link repeats */
}

void lk_mis_device_init(struct lk_mis_device *device, const struct lk_mis_chain *chain)
{
    *device = (struct lk_mis_device){ .mn_due_ms = LK_MIS_NEVER, .auth_due_ms = LK_MIS_NEVER,
                                      .told_ms = LK_MIS_NEVER };
    lk_mis_mn_init(&device->mn, chain);
    lk_eap_peer_init(&device->eap);
    lk_erp_peer_init(&device->erp);
}

void lk_mis_device_wipe(struct lk_mis_device *device)
{
    lk_wipe(device, sizeof *device);
}

void lk_mis_device_outbox_wipe(struct lk_mis_device_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_mis_device_link *lk_mis_device_serving(const struct lk_mis_device *device)
{
    const struct lk_mis_device_link *link = &device->link[device->serving];

    return link->holds == LK_MIS_DEVICE_SA || link->holds == LK_MIS_DEVICE_CHANNEL ? link : NULL;
}

struct lk_span lk_mis_device_named(const struct lk_mis_device *device)
{
    const struct lk_mis_device_link *link = lk_mis_device_serving(device);

    return link == NULL ? lk_span_of(NULL, 0)
                        : lk_mis_device_self(link, link->holds == LK_MIS_DEVICE_SA);
}

uint8_t lk_mis_device_target(const struct lk_mis_device *d)
{
    return 1 - d->serving;
}

/* ---- outputs ---- */

struct lk_mis_device_output *lk_mis_device_add(struct lk_mis_device_work *w,
                                               enum lk_mis_device_output_kind kind, uint8_t link)
{
    LK_ASSERT(w->out->count < LK_MIS_DEVICE_OUTPUTS);
    w->out->item[w->out->count] = (struct lk_mis_device_output){ .kind = kind, .link = link };
    return &w->out->item[w->out->count++];
}

struct lk_mis_device_output *lk_mis_device_tell(struct lk_mis_device_work *w,
                                                enum lk_mis_device_fact what, uint8_t link)
{
    struct lk_mis_device_output *output = lk_mis_device_add(w, LK_MIS_DEVICE_OUT_FACT, link);

    output->fact.what = what;
    output->fact.pos = w->d->link[link].id;
    return output;
}

void lk_mis_device_refuse(struct lk_mis_device_work *w, enum lk_reason reason,
                          const char *expected, const char *came)
{
    lk_mis_device_add(w, LK_MIS_DEVICE_OUT_REFUSAL, 0)->why = lk_refusal_of(reason, expected, came);
}

/* ---- events ---- */

/* The first PoS, or the one that serves, on its link; another one on the target's. */
static enum lk_status take_attach(struct lk_mis_device_work *w)
{
    struct lk_mis_device *d = w->d;
    const struct lk_mis_device_link *serving = lk_mis_device_serving(d);
    bool here = serving == NULL || lk_mis_name_is(&serving->id, w->event->pos.id);
    uint8_t link = here ? d->serving : lk_mis_device_target(d);
    enum lk_status status;

    lk_mis_device_stop_auth(w);
    status = lk_mis_device_name(w, link, &w->event->pos);
    d->counters.attaches++;
    return status == LK_OK ? lk_mis_device_authenticate(w, link, false) : status;
}

/* T41: what comes over the channel is protected, and carries no K. */
static enum lk_status take_channel(struct lk_mis_device_work *w)
{
    struct lk_mis_device *d = w->d;
    enum lk_status status;

    lk_mis_device_stop_auth(w);
    status = lk_mis_device_name(w, d->serving, &w->event->channel.pos);
    if (status == LK_OK && !lk_mis_name_set(&d->link[d->serving].self, w->event->channel.self))
        status = LK_E_LENGTH;
    if (status != LK_OK)
        return status;
    lk_mis_device_drop_sa(w, d->serving);
    d->link[d->serving].open = true; /* the channel */
    d->link[d->serving].holds = LK_MIS_DEVICE_CHANNEL;
    (void)lk_mis_device_tell(w, LK_MIS_DEVICE_SERVED, d->serving);
    return LK_OK;
}

static bool is_link(const struct lk_mis_device_work *w)
{
    return w->event->way.link < LK_MIS_DEVICE_LINKS &&
           w->d->link[w->event->way.link].id.len > 0;
}

static enum lk_status take_heard(struct lk_mis_device_work *w)
{
    return is_link(w) ? lk_mis_device_hear(w, w->event->way.link, w->event->way.octets)
                      : LK_E_NOT_FOUND;
}

/* Full establishment, or an optimised one, that awaits an answer over that way. */
static void cut_establishment(struct lk_mis_device_work *w, uint8_t which)
{
    struct lk_mis_device *d = w->d;
    struct lk_mis_mn_event lost = { .kind = LK_MIS_MN_EV_LOST };
    struct lk_mis_device_output *fact;

    if (d->authenticating && d->auth_link == which) {
        fact = lk_mis_device_tell(w, LK_MIS_DEVICE_STAYS, which);
        fact->fact.why = lk_refusal_of(LK_REASON_MIS_NO_ANSWER, "a way to the PoS", "none");
        fact->fact.background = d->in_background;
        lk_mis_device_stop_auth(w);
    }
    if (d->mn.state == (which == d->serving ? LK_MIS_MN_WAIT_SPOS : LK_MIS_MN_HALF_OPEN))
        (void)!lk_mis_device_to_mn(w, &lost);
}

/* The SA is not the way's: it goes on over the next one. A channel ends with its way. */
static enum lk_status take_down(struct lk_mis_device_work *w)
{
    uint8_t which = w->event->way.link;

    if (!is_link(w))
        return LK_E_NOT_FOUND;
    w->d->link[which].open = false;
    cut_establishment(w, which);
    lk_mis_device_cut(w, which);
    if (w->d->link[which].holds == LK_MIS_DEVICE_CHANNEL) {
        lk_mis_device_drop_sa(w, which);
        (void)lk_mis_device_tell(w, LK_MIS_DEVICE_LOST, which);
    }
    return LK_OK;
}

static enum lk_status take_saved(struct lk_mis_device_work *w)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_SAVED };

    event.saved.used = w->event->saved.used;
    event.saved.done = w->event->saved.done;
    return lk_mis_device_to_mn(w, &event);
}

/* To the serving PoS, under the SA; over a channel, that protects it. */
static enum lk_status say_to_serving(struct lk_mis_device_work *w, enum lk_mis_action action,
                                     const struct lk_mis_message *message)
{
    const struct lk_mis_device_link *link = lk_mis_device_serving(w->d);
    struct lk_mis_device_saying saying = { .action = action, .opcode = LK_MIS_REQUEST };
    uint8_t octets[16];
    struct lk_writer list = lk_writer_of(octets, sizeof octets);
    enum lk_status status = lk_mis_message_put(&list, message, &w->config->mn.codes);

    LK_ASSERT(status == LK_OK);
    if (link == NULL) {
        lk_mis_device_refuse(w, LK_REASON_MIS_NOT_NOW, "an MN that is served", "none serves");
        return LK_E_NOT_FOUND;
    }
    saying.list = lk_writer_span(&list);
    saying.secured = link->holds == LK_MIS_DEVICE_SA;
    return lk_mis_device_say(w, w->d->serving, &saying);
}

static enum lk_status take_ping(struct lk_mis_device_work *w)
{
    struct lk_mis_message nothing = { .present = 0 };

    return say_to_serving(w, LK_MIS_CAPABILITY_DISCOVER, &nothing);
}

static enum lk_status take_detach(struct lk_mis_device_work *w)
{
    struct lk_mis_message bye = { .reason = LK_MIS_REASON_NONE };

    lk_mis_mark(&bye, LK_MIS_TLV_REASON);
    lk_mis_device_stop_auth(w); /* who leaves wants no other SA */
    return say_to_serving(w, LK_MIS_TERMINATION_AUTH, &bye);
}

static bool is_due(uint64_t *due_ms, uint64_t now_ms)
{
    bool due = *due_ms <= now_ms;

    if (due)
        *due_ms = LK_MIS_NEVER;
    return due;
}

/* spec: IEEE 802.21 9.2 - past its lifetime there is no SA. Before that the MN authenticates
 * anew, in the background. */
static void look_at_lifetimes(struct lk_mis_device_work *w)
{
    struct lk_mis_device *d = w->d;
    uint64_t now_ms = w->event->now_ms;

    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        if (d->link[i].holds != LK_MIS_DEVICE_SA || now_ms < d->link[i].sa.expires_ms)
            continue;
        lk_mis_device_drop_sa(w, i);
        (void)lk_mis_device_tell(w, LK_MIS_DEVICE_LOST, i);
    }
}

static uint64_t renew_at_ms(const struct lk_mis_device_work *w)
{
    const struct lk_mis_device *d = w->d;
    const struct lk_mis_device_link *link = &d->link[d->serving];

    if (link->holds != LK_MIS_DEVICE_SA || d->renewed || d->authenticating)
        return LK_MIS_NEVER;
    return link->renew_ms;
}

static void take_time(struct lk_mis_device_work *w)
{
    struct lk_mis_mn_event mn = { .kind = LK_MIS_MN_EV_EXPIRED };
    uint64_t now_ms = w->event->now_ms;

    w->d->told_ms = LK_MIS_NEVER;
    look_at_lifetimes(w);
    if (is_due(&w->d->auth_due_ms, now_ms))
        lk_mis_device_auth_expired(w);
    if (is_due(&w->d->mn_due_ms, now_ms))
        (void)!lk_mis_device_to_mn(w, &mn);
    if (renew_at_ms(w) <= now_ms) {
        w->d->renewed = true; /* once for each SA */
        (void)!lk_mis_device_authenticate(w, w->d->serving, true);
    }
    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++)
        lk_mis_device_settle(w, i);
}

static enum lk_status take(struct lk_mis_device_work *w)
{
    switch (w->event->kind) {
    case LK_MIS_DEVICE_EV_ATTACH: return take_attach(w);
    case LK_MIS_DEVICE_EV_HANDOVER: return lk_mis_device_hand_over(w);
    case LK_MIS_DEVICE_EV_SWITCHED: return lk_mis_device_switch(w);
    case LK_MIS_DEVICE_EV_HEARD: return take_heard(w);
    case LK_MIS_DEVICE_EV_DOWN: return take_down(w);
    case LK_MIS_DEVICE_EV_CHANNEL: return take_channel(w);
    case LK_MIS_DEVICE_EV_CARD: return lk_mis_device_card(w);
    case LK_MIS_DEVICE_EV_SHARED: return lk_mis_device_shared(w);
    case LK_MIS_DEVICE_EV_SAVED: return take_saved(w);
    case LK_MIS_DEVICE_EV_EXPIRED: take_time(w); return LK_OK;
    case LK_MIS_DEVICE_EV_PING: return take_ping(w);
    case LK_MIS_DEVICE_EV_DETACH: return take_detach(w);
    }
    return LK_E_UNEXPECTED;
}

/* ---- the one step ---- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void say_when(struct lk_mis_device_work *w)
{
    struct lk_mis_device *d = w->d;
    uint64_t due_ms = least(least(d->mn_due_ms, d->auth_due_ms), renew_at_ms(w));

    for (uint8_t i = 0; i < LK_MIS_DEVICE_LINKS; i++) {
        due_ms = least(due_ms, lk_mis_device_due_ms(w, i));
        if (d->link[i].holds == LK_MIS_DEVICE_SA)
            due_ms = least(due_ms, d->link[i].sa.expires_ms);
    }
    if (due_ms == d->told_ms)
        return;
    d->told_ms = due_ms;
    lk_mis_device_add(w, LK_MIS_DEVICE_OUT_WAKE, 0)->wake_ms = due_ms;
}

enum lk_status lk_mis_device_step(struct lk_mis_device *device,
                                  const struct lk_mis_device_config *config,
                                  const struct lk_mis_device_event *event,
                                  struct lk_mis_device_outbox *out)
{
    struct lk_mis_device_work work = { .d = device, .config = config, .event = event, .out = out };
    enum lk_status status;

    out->count = out->used = 0;
    lk_draw_in(&work.draw, event->seed);
    status = take(&work);
    say_when(&work);
    lk_wipe(&work, sizeof work);
    return status;
}
