/* The MN's handovers: the machine of optimised establishment between the two links, and what
 * happens where it does not lead on. */
#include <string.h>

#include "base/secret.h"
#include "node/mis_device_parts.h"

/* ---- what the machine says ---- */

static void say(struct lk_mis_device_work *w, enum lk_mis_mn_under under, enum lk_mis_opcode opcode,
                struct lk_span list)
{
    struct lk_mis_device_saying saying = { .action = LK_MIS_PREREG_XFER, .opcode = opcode,
                                           .list = list, .secured = true };
    uint8_t link = under == LK_MIS_MN_UNDER_NEW ? lk_mis_device_target(w->d) : w->d->serving;
    enum lk_status status = lk_mis_device_say(w, link, &saying);

    if (status != LK_OK) /* the machine hears of it when its time is over */
        lk_mis_device_refuse(w, LK_REASON_MIS_NO_ANSWER, "a message that can be sent",
                             lk_status_name(status));
}

/* T45: where a PoS is that the MN knows, is not for an SPoS to say. */
static void keep_own_way(struct lk_mis_pos *pos, const struct lk_mis_device_work *w)
{
    const struct lk_mis_device_link *named = &w->d->link[lk_mis_device_target(w->d)];
    const struct lk_mis_device_config *c = w->config;

    if (lk_mis_name_is(&named->id, pos->id) && named->port > 0) {
        pos->address = named->address;
        pos->port = named->port;
        return;
    }
    for (size_t i = 0; i < c->point_count; i++)
        if (lk_span_equal(c->points[i].id, pos->id)) {
            *pos = c->points[i];
            return;
        }
}

static void open_half(struct lk_mis_device_work *w, const struct lk_mis_mn_output *output)
{
    uint8_t which = lk_mis_device_target(w->d);
    struct lk_mis_pos pos = { .id = lk_mis_name_of(&output->sa.sa.peer),
                              .address = output->sa.address,
                              .port = output->sa.port };

    keep_own_way(&pos, w);
    LK_ASSERT(lk_mis_device_name(w, which, &pos) == LK_OK); /* a name of an SA fits */
    w->d->asked_home = false;
    lk_mis_device_put_sa(w, which, &output->sa.sa);
    w->d->link[which].holds = LK_MIS_DEVICE_HALF_OPEN;
}

static void become_served(struct lk_mis_device_work *w)
{
    uint8_t before = w->d->serving;

    if (w->d->authenticating && w->d->auth_link == before)
        lk_mis_device_stop_auth(w);
    w->d->serving = lk_mis_device_target(w->d);
    lk_mis_device_leave(w, before);
    w->d->counters.handovers++;
    (void)lk_mis_device_tell(w, LK_MIS_DEVICE_SERVED, w->d->serving);
}

/* spec: IEEE 802.21.1 5.14.2 - it falls back to full establishment whenever that is possible: with
 * the target, where the MN named it, or has found it to be a partner of its home. T45: with a
 * target that only an SPoS named, and that is none, it is not possible: the MN stays. */
static void authenticate(struct lk_mis_device_work *w, const struct lk_mis_mn_output *output)
{
    bool background = output->full_auth.background;
    uint8_t link = background ? w->d->serving : lk_mis_device_target(w->d);
    bool can = w->d->link[link].id.len > 0;
    struct lk_mis_device_output *fact =
        lk_mis_device_tell(w, can ? LK_MIS_DEVICE_FALLBACK : LK_MIS_DEVICE_STAYS, link);

    fact->fact.why = output->full_auth.why;
    fact->fact.told = output->full_auth.told;
    fact->fact.background = background;
    if (!can)
        return;
    w->d->counters.fallbacks++;
    if (lk_mis_device_authenticate(w, link, background) != LK_OK)
        lk_mis_device_refuse(w, LK_REASON_MIS_NO_ANSWER, "a full establishment", NULL);
}

static struct lk_mis_serving serving_of(const struct lk_mis_device *d);

/* The home gave no K: K of the SPoS, which counts, under the same names. */
static void ask_chain(struct lk_mis_device_work *w, const struct lk_refusal *why)
{
    struct lk_mis_device *d = w->d;
    const struct lk_mis_device_link *link = &d->link[lk_mis_device_target(d)];
    const struct lk_mis_pos target = { .id = lk_mis_name_of(&link->id), .address = link->address,
                                       .port = link->port };
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_WANT };
    uint8_t dh[LK_MIS_DH_LEN];

    d->asked_home = false;
    lk_mis_device_add(w, LK_MIS_DEVICE_OUT_REFUSAL, 0)->why = *why;
    memcpy(dh, d->mn.dh, sizeof dh);
    event.want.serving = serving_of(d);
    event.want.target = &target;
    event.want.dh = d->mn.mixes ? dh : NULL;
    if (lk_mis_device_to_mn(w, &event) != LK_OK)
        lk_mis_device_refuse(w, LK_REASON_MIS_NO_ANSWER, "a message that can be sent", NULL);
}

/* An SPoS that has not answered is not asked for the other K, either. */
static void fall_back(struct lk_mis_device_work *w, const struct lk_mis_mn_output *output)
{
    if (w->d->asked_home && !output->full_auth.background &&
        output->full_auth.why.reason != LK_REASON_MIS_NO_ANSWER)
        ask_chain(w, &output->full_auth.why);
    else
        authenticate(w, output);
}

static void carry(struct lk_mis_device_work *w, const struct lk_mis_mn_output *output)
{
    uint8_t target = lk_mis_device_target(w->d);

    switch (output->kind) {
    case LK_MIS_MN_OUT_SEND:
        say(w, output->send.under, output->send.opcode, output->send.list);
        break;
    case LK_MIS_MN_OUT_AGAIN: break; /* the link's transactions repeat what was not acknowledged */
    case LK_MIS_MN_OUT_SA: open_half(w, output); break;
    case LK_MIS_MN_OUT_DROP: lk_mis_device_drop_sa(w, target); break;
    case LK_MIS_MN_OUT_SAVE:
        lk_mis_device_add(w, LK_MIS_DEVICE_OUT_SAVE, 0)->save = output->save;
        break;
    case LK_MIS_MN_OUT_TIMER: w->d->mn_due_ms = output->timer_ms; break;
    case LK_MIS_MN_OUT_READY:
        w->d->link[target].holds = LK_MIS_DEVICE_SA;
        (void)lk_mis_device_tell(w, LK_MIS_DEVICE_READY, target);
        break;
    case LK_MIS_MN_OUT_SERVED: become_served(w); break;
    case LK_MIS_MN_OUT_FULL_AUTH: fall_back(w, output); break;
    }
}

enum lk_status lk_mis_device_to_mn(struct lk_mis_device_work *w, struct lk_mis_mn_event *event)
{
    const struct lk_mis_device_link *serving = &w->d->link[w->d->serving];
    struct lk_mis_mn_config config = w->config->mn;
    struct lk_mis_mn_outbox said;
    enum lk_status status;

    event->now_ms = w->event->now_ms;
    lk_draw(&w->draw, event->entropy, sizeof event->entropy);
    /* A06: the name is the authentication's that the chain stands on. */
    (void)lk_mis_name_set(&config.self,
                          lk_mis_device_self(serving, serving->holds == LK_MIS_DEVICE_SA));
    status = lk_mis_mn_step(&w->d->mn, &config, event, &said);
    for (size_t i = 0; i < said.count; i++)
        carry(w, &said.item[i]);
    lk_mis_mn_outbox_wipe(&said);
    return status;
}

/* ---- what it is told ---- */

/* T41: a channel of DTLS is an SA of type TLS, whatever it would rather be. */
static struct lk_mis_serving serving_of(const struct lk_mis_device *d)
{
    const struct lk_mis_device_link *link = &d->link[d->serving];

    if (link->holds == LK_MIS_DEVICE_SA)
        return lk_mis_serving_of(&link->sa);
    return (struct lk_mis_serving){ .peer = lk_mis_name_of(&link->id), .type = LK_MIS_SA_TLS,
                                    .hides = true, .chain_used = d->mn.chain.used,
                                    .expires_ms = LK_MIS_NEVER };
}

/* Only for a target that is named: the key is for that one. */
static void ask_home(struct lk_mis_device_work *w, struct lk_mis_mn_event *event,
                     struct lk_mis_mn_own *own, uint8_t initiate[LK_ERP_EARLY_MAX])
{
    w->d->asked_home =
        event->want.target != NULL &&
        lk_mis_device_own_k(w, own, initiate, event->want.target->id) == LK_OK;
    if (w->d->asked_home)
        event->want.own = own;
    else
        lk_mis_device_refuse(w, LK_REASON_ERP_EXPIRED, "a target, and what ERP starts from",
                             event->want.target == NULL ? "no target" : "none");
}

enum lk_status lk_mis_device_hand_over(struct lk_mis_device_work *w)
{
    struct lk_mis_device *d = w->d;
    uint8_t initiate[LK_ERP_EARLY_MAX];
    struct lk_mis_mn_own own = { .k.len = 0 };
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_WANT };
    const struct lk_mis_pos *target = w->event->handover.target;
    const struct lk_mis_device_link *link = lk_mis_device_serving(d);
    enum lk_status status = LK_OK;

    if (link == NULL || d->mn.state == LK_MIS_MN_WAIT_SPOS || d->mn.state == LK_MIS_MN_SAVING ||
        d->mn.state == LK_MIS_MN_HALF_OPEN || d->mn.state == LK_MIS_MN_READY ||
        (target != NULL && lk_mis_name_is(&link->id, target->id))) {
        lk_mis_device_refuse(w, LK_REASON_MIS_NOT_NOW, "an MN that is served, by another PoS",
                             link == NULL ? "none serves" : "a handover is under way");
        return LK_E_UNEXPECTED;
    }
    lk_mis_device_stop_auth(w); /* one that succeeded would end what begins here */
    if (target == NULL)
        lk_mis_device_leave(w, lk_mis_device_target(d));
    else
        status = lk_mis_device_name(w, lk_mis_device_target(d), target);
    if (status != LK_OK)
        return status;
    event.want.serving = serving_of(d);
    event.want.target = target;
    event.want.known = w->event->handover.known;
    event.want.dh = w->event->handover.dh;
    d->asked_home = false;
    if (w->event->handover.of_home)
        ask_home(w, &event, &own, initiate);
    status = lk_mis_device_to_mn(w, &event);
    lk_wipe(&own, sizeof own);
    if (status == LK_OK && target != NULL && d->mn.state == LK_MIS_MN_WAIT_SPOS)
        lk_mis_device_open(w, lk_mis_device_target(d));
    return status;
}

enum lk_status lk_mis_device_switch(struct lk_mis_device_work *w)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_SWITCHED };

    if (w->d->mn.state == LK_MIS_MN_READY)
        return lk_mis_device_to_mn(w, &event);
    if (w->d->link[lk_mis_device_target(w->d)].holds == LK_MIS_DEVICE_SA) {
        become_served(w); /* by full establishment */
        return LK_OK;
    }
    lk_mis_device_refuse(w, LK_REASON_MIS_NOT_NOW, "an SA with the target", "none");
    return LK_E_UNEXPECTED;
}

static enum lk_status tell_mn(struct lk_mis_device_work *w, const struct lk_mis_device_heard *heard,
                              const uint8_t *z)
{
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_HEARD };
    enum lk_mis_mn_under under = heard->link == w->d->serving ? LK_MIS_MN_UNDER_SPOS
                                                              : LK_MIS_MN_UNDER_NEW;

    event.heard.under = heard->opened == NULL ? LK_MIS_MN_IN_CLEAR : under;
    event.heard.action = LK_MIS_PREREG_XFER;
    event.heard.opcode = lk_mis_opcode_of(heard->header->id);
    event.heard.message = heard->message;
    event.heard.z = z;
    return lk_mis_device_to_mn(w, &event);
}

/* An answer with a key of X25519 is kept until the owner has said what comes of it. */
enum lk_status lk_mis_device_prereg(struct lk_mis_device_work *w,
                                    const struct lk_mis_device_heard *heard)
{
    struct lk_mis_device *d = w->d;
    bool mixes = d->mn.state == LK_MIS_MN_WAIT_SPOS && d->mn.mixes &&
                 heard->link == d->serving && lk_mis_has(heard->message, LK_MIS_TLV_DH);

    if (!mixes || heard->opened == NULL)
        return tell_mn(w, heard, NULL);
    d->asking_shared = true;
    d->answer_header = *heard->header;
    d->answer = *heard->opened;
    memcpy(lk_mis_device_add(w, LK_MIS_DEVICE_OUT_ASK_SHARED, heard->link)->ask_shared,
           heard->message->dh.at, LK_MIS_DH_LEN);
    return LK_OK;
}

enum lk_status lk_mis_device_shared(struct lk_mis_device_work *w)
{
    struct lk_mis_device *d = w->d;
    struct lk_mis_message message;
    struct lk_mis_device_heard heard = { .link = d->serving, .header = &d->answer_header,
                                         .opened = &d->answer, .message = &message };
    enum lk_status status = d->asking_shared ? LK_OK : LK_E_UNEXPECTED;

    if (status == LK_OK)
        status = lk_mis_message_get(&message, &d->answer_header,
                                    lk_span_of(d->answer.octets, d->answer.len),
                                    &w->config->mn.codes);
    if (status == LK_OK)
        status = tell_mn(w, &heard, w->event->z);
    d->asking_shared = false;
    lk_wipe(&d->answer, sizeof d->answer);
    return status;
}
