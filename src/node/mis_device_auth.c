/* The MN's full establishment: MIS_Auth on one of the links, with EAP's or ERP's peer behind it. */
#include <string.h>

#include "base/secret.h"
#include "keys/erp.h"
#include "keys/mis_mn.h"
#include "keys/mis_psk.h"
#include "node/mis_device_parts.h"
#include "wire/eap.h"
#include "wire/erp.h"

enum { EAP_CODE_INITIATE = 5, MS_PER_S = 1000 };

static void to_auth(struct lk_mis_device_work *w, struct lk_mis_auth_event *event);

/* ---- beginning and end ---- */

/* Nothing is left of a run that came to nothing; what outlives runs, does. */
static void end_eap(struct lk_mis_device *d)
{
    struct lk_eap_kept kept = d->eap.kept;

    lk_wipe(&d->eap, sizeof d->eap);
    lk_eap_peer_init(&d->eap);
    d->eap.kept = kept;
    lk_wipe(&kept, sizeof kept);
}

void lk_mis_device_stop_auth(struct lk_mis_device_work *w)
{
    struct lk_mis_device *d = w->d;

    if (!d->authenticating)
        return;
    lk_mis_mn_auth_wipe(&d->auth);
    end_eap(d);
    d->authenticating = false;
    d->auth_due_ms = LK_MIS_NEVER;
}

static void set_name(struct lk_mis_device_work *w, struct lk_mis_name *to,
                     const struct lk_mis_pseudonym *name)
{
    uint8_t octets[LK_MIS_ID_MAX];
    struct lk_writer id = lk_writer_of(octets, sizeof octets);

    lk_mis_pseudonym_put(&id, name, w->config->erp.realm);
    LK_ASSERT(lk_writer_end(&id) == LK_OK);
    (void)lk_mis_name_set(to, lk_writer_span(&id));
}

/* A06: for this run, and of the form of those that an authentication makes. */
static void draw_name(struct lk_mis_device_work *w, struct lk_mis_name *to)
{
    struct lk_mis_pseudonym drawn;

    lk_draw(&w->draw, drawn.octets, sizeof drawn.octets);
    set_name(w, to, &drawn);
}

enum lk_status lk_mis_device_authenticate(struct lk_mis_device_work *w, uint8_t link,
                                          bool background)
{
    struct lk_mis_device *d = w->d;
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_START };
    enum lk_status status;

    lk_mis_device_stop_auth(w);
    status = lk_mis_mn_auth_init(&d->auth, lk_mis_name_of(&d->link[link].id));
    if (status != LK_OK)
        return status;
    d->authenticating = true;
    d->in_background = background;
    d->auth_link = link;
    draw_name(w, &d->link[link].once);
    to_auth(w, &event);
    return LK_OK;
}

/* What our own EAP has refused with, for home and PoS know only that it failed. */
static const struct lk_refusal *why_of(const struct lk_mis_device *d, const struct lk_refusal *why)
{
    const struct lk_refusal *own = &d->eap.refusal;
    bool says_more = own->reason != LK_REASON_NONE && own->reason != LK_REASON_REJECTED;

    return why->reason == LK_REASON_MIS_REFUSED && says_more ? own : why;
}

/* Nothing came of it. An SA that there was before is as good as it was. */
static void fail(struct lk_mis_device_work *w, const struct lk_refusal *why,
                 enum lk_mis_reason told)
{
    struct lk_mis_device *d = w->d;
    struct lk_mis_device_output *fact = lk_mis_device_tell(w, LK_MIS_DEVICE_STAYS, d->auth_link);

    fact->fact.why = *why_of(d, why);
    fact->fact.told = told;
    fact->fact.background = d->in_background;
    lk_mis_device_stop_auth(w);
    if (d->link[d->auth_link].holds == LK_MIS_DEVICE_NOTHING)
        lk_mis_device_leave(w, d->auth_link);
}

/* ---- what the machine of MIS_Auth says ---- */

static void send(struct lk_mis_device_work *w, const struct lk_mis_auth_output *output)
{
    const struct lk_mis_codes *codes = &w->config->mn.codes;
    const struct lk_mis_header *header = &output->send.header;
    struct lk_mis_header request = { .tid = header->tid, .secured = header->secured };
    struct lk_mis_device_saying saying = {
        .action = lk_mis_action_of(header->id, codes),
        .opcode = lk_mis_opcode_of(header->id),
        .list = output->send.list,
        .secured = header->secured,
    };
    enum lk_status status;

    request.id = lk_mis_message_id(saying.action, LK_MIS_REQUEST, codes);
    if (saying.opcode == LK_MIS_RESPONSE)
        saying.answers = &request;
    status = lk_mis_device_say(w, w->d->auth_link, &saying);
    if (status != LK_OK) /* the machine hears of it when its time is over */
        lk_mis_device_refuse(w, LK_REASON_MIS_NO_ANSWER, "a message that can be sent",
                             lk_status_name(status));
}

/* spec: IEEE 802.21.1 5.14.2 - an authentication by the home ends the chain, and the count begins
 * anew; what was under way of it is over. */
static void take_sa(struct lk_mis_device_work *w, const struct lk_mis_auth_output *output)
{
    struct lk_mis_device *d = w->d;
    struct lk_mis_mn_event event = { .kind = LK_MIS_MN_EV_AUTHENTICATED, .run = output->sa.run };
    struct lk_mis_device_link *link = &d->link[d->auth_link];
    struct lk_mis_device_output *fact;

    if (lk_mis_device_to_mn(w, &event) != LK_OK)
        return;
    lk_mis_device_end_before(w, d->auth_link);
    lk_mis_device_put_sa(w, d->auth_link, &output->sa.sa);
    link->holds = LK_MIS_DEVICE_SA;
    lk_mis_device_ask_again(w, d->auth_link);
    d->renewed = false;
    fact = lk_mis_device_tell(w, LK_MIS_DEVICE_ATTACHED, d->auth_link);
    fact->fact.by_erp = output->sa.run != LK_MIS_RUN_FULL;
    fact->fact.background = d->in_background;
    lk_mis_device_stop_auth(w);
}

static void to_eap(struct lk_mis_device_work *w, struct lk_event *event);
static void to_erp(struct lk_mis_device_work *w, struct lk_erp_peer_event *event);

/* A packet of the PoS, or of the home through it. */
static void take_packet(struct lk_mis_device_work *w, struct lk_span packet)
{
    struct lk_event eap = { .kind = LK_EV_RECEIVED, .received = packet };
    struct lk_erp_peer_event erp = { .kind = LK_ERP_PEER_EV_RECEIVED, .received = packet };

    if (packet.len > 0 && packet.at[0] >= EAP_CODE_INITIATE)
        to_erp(w, &erp);
    else
        to_eap(w, &eap);
}

static void carry(struct lk_mis_device_work *w, const struct lk_mis_auth_output *output)
{
    switch (output->kind) {
    case LK_MIS_AUTH_OUT_SEND: send(w, output); break;
    case LK_MIS_AUTH_OUT_EAP: take_packet(w, output->eap); break;
    case LK_MIS_AUTH_OUT_SA: take_sa(w, output); break;
    case LK_MIS_AUTH_OUT_TIMER: w->d->auth_due_ms = output->timer_ms; break;
    case LK_MIS_AUTH_OUT_FAILED: fail(w, &output->failed.why, output->failed.told); break;
    }
}

static void to_auth(struct lk_mis_device_work *w, struct lk_mis_auth_event *event)
{
    struct lk_mis_auth_config config = w->config->auth;
    struct lk_mis_auth_outbox said;

    config.codes = w->config->mn.codes;
    config.offers = w->config->mn.offers;
    config.lifetime_s = w->config->mn.lifetime_s;
    event->now_ms = w->event->now_ms;
    lk_draw(&w->draw, event->entropy, sizeof event->entropy);
    if (lk_mis_mn_auth_step(&w->d->auth, &config, event, &said) == LK_OK)
        for (size_t i = 0; w->d->authenticating && i < said.count; i++)
            carry(w, &said.item[i]);
    else
        w->d->counters.unasked++;
    lk_mis_auth_outbox_wipe(&said);
}

/* ---- EAP and ERP ---- */

static void say_packet(struct lk_mis_device_work *w, struct lk_span packet)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EAP, .eap = packet };

    to_auth(w, &event);
}

static void refused(struct lk_mis_device_work *w, const struct lk_refusal *why)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_REFUSED };

    event.refused.why = *why;
    to_auth(w, &event);
}

/* A packet that our EAP or ERP makes nothing of: another one may come. Of the last one, that is the
 * end: there are no keys (A11). */
static void say_nothing(struct lk_mis_device_work *w)
{
    struct lk_refusal why = { .reason = LK_REASON_NONE };

    if (w->d->auth.state == LK_MIS_MN_AUTH_AWAIT_KEYS)
        refused(w, &why);
    else
        say_packet(w, lk_span_of(NULL, 0));
}

/* What EAP leaves for ERP: no EMSK. */
static void keep_for_erp(struct lk_mis_device_work *w, const struct lk_grant *grant,
                         const struct lk_mis_pseudonym *name)
{
    struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_CONTEXT };

    event.context.imsi = grant->imsi;
    event.context.mis_mn = *name;
    event.context.expires_ms =
        w->event->now_ms + (uint64_t)w->config->erp_lifetime_s * MS_PER_S;
    lk_emsk_name(event.context.name, LK_SPAN(grant->session_id.octets));
    lk_rrk_of_emsk(&event.context.rrk, &grant->emsk);
    lk_prk_of_emsk(&event.context.prk, &grant->emsk);
    to_erp(w, &event);
    lk_wipe(&event, sizeof event);
}

/* The PoS that we authenticate with, as we call it: K and PSK are of no other (T40, T45). */
static struct lk_span dialled(const struct lk_mis_device_work *w)
{
    return lk_mis_name_of(&w->d->link[w->d->auth_link].id);
}

static void give_psk(struct lk_mis_device_work *w, const struct lk_emsk *emsk)
{
    struct lk_mis_device_output *psk =
        lk_mis_device_add(w, LK_MIS_DEVICE_OUT_PSK, w->d->auth_link);

    psk->psk.self = w->d->named;
    lk_mis_psk_derive(&psk->psk.key, emsk,
                      lk_span_text(w->config->mn.codes.psk_usage),
                      dialled(w));
}

static void take_grant(struct lk_mis_device_work *w, const struct lk_grant *grant)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_KEYS };
    struct lk_mis_pseudonym name;
    struct lk_mis_k k;

    lk_mis_pseudonym_derive(&name, &grant->emsk, lk_span_text(w->config->mn.codes.mn_usage));
    set_name(w, &w->d->named, &name);
    keep_for_erp(w, grant, &name);
    give_psk(w, &grant->emsk);
    lk_mis_k_of_emsk(&k, &grant->emsk, lk_span_text(w->config->mn.codes.k_usage), dialled(w));
    event.keys.k = &k;
    event.keys.run = LK_MIS_RUN_FULL;
    event.keys.mn = lk_mis_name_of(&w->d->named);
    event.keys.lifetime_s = w->config->mn.lifetime_s;
    to_auth(w, &event);
    lk_wipe(&k, sizeof k);
}

static void to_eap(struct lk_mis_device_work *w, struct lk_event *event)
{
    struct lk_outbox said;
    enum lk_status status;
    bool silent = true;

    if (w->d->eap.state == LK_EAP_PEER_IDLE) {
        struct lk_event start = { .kind = LK_EV_START, .now_ms = w->event->now_ms };

        lk_draw(&w->draw, start.entropy, sizeof start.entropy);
        lk_outbox_empty(&said);
        if (lk_eap_peer_step(&w->d->eap, &w->config->eap, &start, &said) != LK_OK)
            w->d->counters.unasked++;
    }
    event->now_ms = w->event->now_ms;
    lk_draw(&w->draw, event->entropy, sizeof event->entropy);
    lk_outbox_empty(&said);
    status = lk_eap_peer_step(&w->d->eap, &w->config->eap, event, &said);
    for (size_t i = 0; status == LK_OK && w->d->authenticating && i < said.count; i++) {
        const struct lk_output *item = &said.item[i];

        silent = false;
        if (item->kind == LK_OUT_SEND) {
            say_packet(w, item->send);
        } else if (item->kind == LK_OUT_ASK_CARD) {
            struct lk_mis_device_output *ask =
                lk_mis_device_add(w, LK_MIS_DEVICE_OUT_ASK_CARD, w->d->auth_link);

            memcpy(ask->ask_card.rand, item->ask_card.rand, sizeof ask->ask_card.rand);
            memcpy(ask->ask_card.autn, item->ask_card.autn, sizeof ask->ask_card.autn);
        } else if (item->kind == LK_OUT_GRANT) {
            take_grant(w, &item->grant);
        } else if (item->kind == LK_OUT_FAILED) {
            refused(w, &item->failed);
        }
    }
    lk_outbox_wipe(&said);
    if (silent && event->kind == LK_EV_RECEIVED && w->d->authenticating)
        say_nothing(w);
}

static void take_rmsk(struct lk_mis_device_work *w, const struct lk_erp_grant *grant)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_KEYS };
    struct lk_mis_k k;

    set_name(w, &w->d->named, &grant->mis_mn);
    lk_mis_k_of_rmsk(&k, &grant->rmsk, lk_span_text(w->config->mn.codes.k_usage), dialled(w));
    event.keys.k = &k;
    event.keys.mn = lk_mis_name_of(&w->d->named);
    event.keys.run = LK_MIS_RUN_ERP_HOME; /* its rRK is below our EMSK: no PoS has it */
    event.keys.lifetime_s = grant->rmsk_lifetime_s;
    to_auth(w, &event);
    lk_wipe(&k, sizeof k);
}

static void carry_erp(struct lk_mis_device_work *w, const struct lk_erp_output *item)
{
    switch (item->kind) {
    case LK_ERP_OUT_SEND: say_packet(w, item->send); break;
    case LK_ERP_OUT_KEEP: break; /* it lives as long as this process */
    case LK_ERP_OUT_GRANT: take_rmsk(w, &item->grant); break;
    case LK_ERP_OUT_FAILED: say_nothing(w); break; /* the PoS may go on with EAP */
    case LK_ERP_OUT_TIMER: break; /* the link repeats */
    case LK_ERP_OUT_ASK: break;   /* of a server */
    }
}

/* spec: RFC 6696 5.1 - a PoS that begins with ERP's Re-auth-Start would do with EAP, too: who has
 * nothing for ERP answers with EAP's identity at once, as if it had been asked for, and no round is
 * lost. Otherwise the PoS is told nothing, and goes on with EAP. */
static void do_without_erp(struct lk_mis_device_work *w, struct lk_span packet)
{
    uint8_t octets[LK_EAP_HEADER_LEN + 1];
    struct lk_writer request = lk_writer_of(octets, sizeof octets);
    struct lk_erp start;

    if (lk_erp_decode(&start, packet, 0) != LK_OK || start.type != LK_ERP_START ||
        w->d->eap.state != LK_EAP_PEER_IDLE) {
        say_nothing(w);
        return;
    }
    lk_eap_put_identity(&request, LK_EAP_REQUEST, start.id, lk_span_of(NULL, 0));
    take_packet(w, lk_writer_span(&request));
}

/* A home that refuses, or a context that is over: EAP does. */
static void to_erp(struct lk_mis_device_work *w, struct lk_erp_peer_event *event)
{
    struct lk_erp_outbox said;
    enum lk_status status = LK_E_UNEXPECTED;

    event->now_ms = w->event->now_ms;
    if (w->config->use_erp || event->kind != LK_ERP_PEER_EV_RECEIVED) {
        status = lk_erp_peer_step(&w->d->erp, &w->config->erp, event, &said);
        for (size_t i = 0; status == LK_OK && i < said.count; i++)
            carry_erp(w, &said.item[i]);
        lk_erp_outbox_wipe(&said);
    }
    if (status != LK_OK && event->kind == LK_ERP_PEER_EV_RECEIVED)
        do_without_erp(w, event->received);
}

static void take_own(struct lk_mis_mn_own *own, uint8_t initiate[LK_ERP_EARLY_MAX],
                     struct lk_mis_device_work *w, const struct lk_erp_output *item)
{
    switch (item->kind) {
    case LK_ERP_OUT_SEND:
        LK_ASSERT(item->send.len <= LK_ERP_EARLY_MAX);
        memcpy(initiate, item->send.at, item->send.len);
        own->initiate = lk_span_of(initiate, item->send.len);
        break;
    case LK_ERP_OUT_GRANT:
        lk_mis_k_of_pmsk(&own->k, &item->grant.pmsk);
        own->until_ms = w->event->now_ms + (uint64_t)item->grant.rmsk_lifetime_s * MS_PER_S;
        break;
    case LK_ERP_OUT_KEEP:
    case LK_ERP_OUT_FAILED:
    case LK_ERP_OUT_TIMER:
    case LK_ERP_OUT_ASK: break;
    }
}

/* spec: RFC 6630 4 - a pMSK of an EAP run before, for an attachment point that we are not at. */
enum lk_status lk_mis_device_own_k(struct lk_mis_device_work *w, struct lk_mis_mn_own *own,
                                   uint8_t initiate[LK_ERP_EARLY_MAX], struct lk_span target)
{
    struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_EARLY,
                                       .now_ms = w->event->now_ms, .early = target };
    struct lk_erp_outbox said;

    *own = (struct lk_mis_mn_own){ .k.len = 0 };
    if (lk_erp_peer_step(&w->d->erp, &w->config->erp, &event, &said) != LK_OK)
        return LK_E_NOT_FOUND;
    for (size_t i = 0; i < said.count; i++)
        take_own(own, initiate, w, &said.item[i]);
    lk_erp_outbox_wipe(&said);
    return own->k.len > 0 ? LK_OK : LK_E_NOT_FOUND;
}

/* ---- events ---- */

enum lk_status lk_mis_device_auth_heard(struct lk_mis_device_work *w,
                                        const struct lk_mis_device_heard *heard)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_MESSAGE };

    if (!w->d->authenticating || heard->link != w->d->auth_link || heard->opened != NULL)
        return LK_E_UNEXPECTED;
    event.message.header = heard->header;
    event.message.message = heard->message;
    to_auth(w, &event);
    return LK_OK;
}

enum lk_status lk_mis_device_card(struct lk_mis_device_work *w)
{
    struct lk_event event = { .kind = LK_EV_CARD };

    if (!w->d->authenticating)
        return LK_E_UNEXPECTED;
    event.card = w->event->card;
    to_eap(w, &event);
    lk_wipe(&event, sizeof event);
    return LK_OK;
}

void lk_mis_device_auth_expired(struct lk_mis_device_work *w)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EXPIRED };

    if (w->d->authenticating)
        to_auth(w, &event);
}

void lk_mis_device_auth_silent(struct lk_mis_device_work *w, uint8_t link)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_SILENT };

    if (w->d->authenticating && w->d->auth_link == link)
        to_auth(w, &event);
}
