/* What the device's machines say is carried out, in the order in which they say it. One machine may
 * thereby move another: an association that is over moves the UE, which has the station join again;
 * a JOIN moves nobody, so that this ends. */
#include "node/lwa_device_parts.h"

#include <string.h>

#include "base/secret.h"

static void fact(struct lk_lwa_device_work *w, enum lk_lwa_device_fact what, uint16_t code)
{
    struct lk_lwa_device_output *output = lk_lwa_device_add(w, LK_LWA_DEVICE_OUT_FACT);

    output->fact.what = what;
    output->fact.code = code;
}

static void notice(struct lk_lwa_device_work *w, const struct lk_refusal *why)
{
    lk_lwa_device_add(w, LK_LWA_DEVICE_OUT_NOTICE)->why = *why;
}

/* ---- the end of an association ---- */

/* spec: IEEE 802.11 11.3.5 - its keys are gone with it. The PMKs stay: which of them the access
 * point has shows at the next one. */
static void end_association(struct lk_lwa_device_work *w)
{
    struct lk_rsn_event left = { .kind = LK_RSN_EV_LEFT };

    (void)!lk_lwa_device_to_supplicant(w, &left); /* it may have ended by itself */
    w->d->supplicant_due_ms = LK_LWA_DEVICE_NEVER;
    lk_rsn_ccmp_wipe(&w->d->ccmp);
    lk_rsn_ccmp_init(&w->d->ccmp);
    w->d->ap_has_tk = false;
    if (w->d->usable)
        fact(w, LK_LWA_DEVICE_UNUSABLE, 0);
    w->d->usable = false;
}

static void leave(struct lk_lwa_device_work *w, uint16_t reason)
{
    struct lk_rsn_station_event event = { .kind = LK_RSN_STATION_EV_LEAVE };
    bool associated = w->d->station.state == LK_RSN_STATION_ASSOCIATED;

    event.reason = reason;
    (void)!lk_lwa_device_to_station(w, &event); /* there may be none */
    w->d->station_due_ms = LK_LWA_DEVICE_NEVER;
    if (associated)
        fact(w, LK_LWA_DEVICE_LEFT, reason);
    end_association(w);
}

static void link_is(struct lk_lwa_device_work *w, enum lk_lwa_ue_event_kind kind)
{
    struct lk_lwa_ue_event event = { .kind = kind };

    (void)!lk_lwa_device_to_ue(w, &event); /* LWA may be over, or given up */
}

/* ---- what the UE says ---- */

static void name_pmk(struct lk_rsn_join *join, const struct lk_lwa_device_work *w,
                     const struct lk_pmk *pmk)
{
    lk_pmkid_derive(join->pmkid[join->pmkid_count++], w->config->rsn.akm, pmk, join->ap,
                    w->d->mac);
}

static void associate(struct lk_lwa_device_work *w, const struct lk_lwa_ue_target *target)
{
    struct lk_rsn_station_event event = { .kind = LK_RSN_STATION_EV_JOIN };
    const struct lk_rsn_supplicant *keys = &w->d->supplicant;
    enum lk_akm akm = w->config->rsn.akm;

    leave(w, LK_80211_REASON_LEAVING);
    w->d->target = *target;
    memcpy(event.join.ap, target->ap, sizeof event.join.ap);
    event.join.ssid_len = target->ssid_len;
    memcpy(event.join.ssid, target->ssid, target->ssid_len);
    if (akm == LK_AKM_8021X || akm == LK_AKM_8021X_SHA256) {
        if (keys->has_pending)
            name_pmk(&event.join, w, &keys->pending);
        if (keys->has_pmk)
            name_pmk(&event.join, w, &keys->pmk);
    }
    w->d->counters.joins++;
    LK_ASSERT(lk_lwa_device_to_station(w, &event) == LK_OK);
}

static void forget_pmks(struct lk_lwa_device *d)
{
    lk_rsn_supplicant_wipe(&d->supplicant);
    lk_rsn_supplicant_init(&d->supplicant);
}

static void hand_pmk(struct lk_lwa_device_work *w, const struct lk_pmk *pmk)
{
    struct lk_rsn_event event = { .kind = LK_RSN_EV_PMK };

    event.pmk = *pmk;
    LK_ASSERT(lk_lwa_device_to_supplicant(w, &event) == LK_OK);
    lk_wipe(&event, sizeof event);
}

static void carry_ue(struct lk_lwa_device_work *w, const struct lk_lwa_ue_output *output)
{
    switch (output->kind) {
    case LK_LWA_UE_OUT_SEND: lk_lwa_device_send(w, LK_LWA_DEVICE_OUT_RRC, output->send); break;
    case LK_LWA_UE_OUT_PMK: hand_pmk(w, &output->pmk); break;
    case LK_LWA_UE_OUT_ASSOCIATE: associate(w, &output->associate); break;
    case LK_LWA_UE_OUT_LEAVE:
        leave(w, LK_80211_REASON_LEAVING);
        if (output->forget)
            forget_pmks(w->d);
        break;
    case LK_LWA_UE_OUT_TIMER: w->d->ue_due_ms = output->timer_ms; break;
    case LK_LWA_UE_OUT_NOTICE: notice(w, &output->notice); break;
    }
}

enum lk_status lk_lwa_device_to_ue(struct lk_lwa_device_work *w, struct lk_lwa_ue_event *event)
{
    struct lk_lwa_ue_outbox out;
    enum lk_status status;

    event->now_ms = w->event->now_ms;
    status = lk_lwa_ue_step(&w->d->ue, &w->config->ue, event, &out);
    for (size_t i = 0; i < out.count; i++)
        carry_ue(w, &out.item[i]);
    lk_lwa_ue_outbox_wipe(&out);
    return status;
}

/* ---- what the station says ---- */

/* spec: IEEE 802.11 12.6.3 - the handshake is bound to the elements of both ends. Beacons there are
 * none here: the access point's is the one that our own asks for. */
static void begin_keys(struct lk_lwa_device_work *w)
{
    struct lk_rsne rsne = lk_rsne_of((uint8_t)w->config->rsn.akm, 0, lk_span_of(NULL, 0));
    const struct lk_rsn_element *own = &w->d->station.rsne;
    struct lk_rsn_event event = { .kind = LK_RSN_EV_ASSOCIATED };
    uint8_t octets[LK_RSN_ELEMENT_MAX];
    struct lk_writer writer = lk_writer_of(octets, sizeof octets);

    LK_ASSERT(lk_rsne_encode(&writer, &rsne) == LK_OK);
    memcpy(event.associated.aa, w->d->target.ap, sizeof event.associated.aa);
    memcpy(event.associated.spa, w->d->mac, sizeof event.associated.spa);
    event.associated.ap_rsne = lk_writer_span(&writer);
    event.associated.sta_rsne = lk_span_of(own->octets, own->len);
    w->d->station_due_ms = LK_LWA_DEVICE_NEVER;
    w->d->counters.associations++;
    fact(w, LK_LWA_DEVICE_ASSOCIATED, 0);
    LK_ASSERT(lk_lwa_device_to_supplicant(w, &event) == LK_OK);
}

static void not_in(struct lk_lwa_device_work *w, const struct lk_rsn_station_output *output,
                   bool was_in)
{
    w->d->station_due_ms = LK_LWA_DEVICE_NEVER;
    lk_lwa_device_add(w, LK_LWA_DEVICE_OUT_REFUSAL)->why = output->ended.why;
    if (was_in) {
        w->d->counters.losses++;
        fact(w, LK_LWA_DEVICE_DEAUTHENTICATED, output->ended.code);
    }
    end_association(w);
    link_is(w, LK_LWA_UE_EV_LINK_DOWN);
}

static void carry_station(struct lk_lwa_device_work *w, const struct lk_rsn_station_output *output,
                          bool was_in)
{
    switch (output->kind) {
    case LK_RSN_STATION_OUT_SEND:
        lk_lwa_device_send(w, LK_LWA_DEVICE_OUT_FRAME, output->send);
        break;
    case LK_RSN_STATION_OUT_TIMER: w->d->station_due_ms = output->timer_ms; break;
    case LK_RSN_STATION_OUT_ASSOCIATED: begin_keys(w); break;
    case LK_RSN_STATION_OUT_REFUSED:
    case LK_RSN_STATION_OUT_FAILED:
    case LK_RSN_STATION_OUT_ENDED: not_in(w, output, was_in); break;
    }
}

enum lk_status lk_lwa_device_to_station(struct lk_lwa_device_work *w,
                                        struct lk_rsn_station_event *event)
{
    struct lk_rsn_station_config config = w->config->station;
    struct lk_rsn_station_outbox out;
    bool was_in = w->d->station.state == LK_RSN_STATION_ASSOCIATED;
    enum lk_status status;

    config.akm = w->config->rsn.akm;
    event->now_ms = w->event->now_ms;
    status = lk_rsn_station_step(&w->d->station, &config, event, &out);
    for (size_t i = 0; i < out.count; i++)
        carry_station(w, &out.item[i], was_in);
    return status;
}

/* ---- what the supplicant says ---- */

static void send_eapol(struct lk_lwa_device_work *w, struct lk_span octets)
{
    struct lk_80211_payload payload = { LK_EAPOL_ETHERTYPE, octets };

    if (lk_lwa_device_put_frame(w, w->d->target.ap, &payload) != LK_OK)
        lk_lwa_device_refuse(w, LK_REASON_LWA_FRAME, "a packet number", "none is left");
}

/* A02: a key that is in is not put in again, and no packet number begins anew. */
static void install(struct lk_lwa_device_work *w, const struct lk_tk *tk)
{
    enum lk_status status = lk_rsn_ccmp_install(&w->d->ccmp, tk, w->event->now_ms);

    w->d->counters.installs += status == LK_OK;
    w->d->counters.installs_refused += status != LK_OK;
}

static void keys_are_in(struct lk_lwa_device_work *w, bool rekey)
{
    w->d->counters.handshakes++;
    w->d->counters.rekeys += rekey;
    fact(w, rekey ? LK_LWA_DEVICE_REKEYED : LK_LWA_DEVICE_KEYED, 0);
    if (!w->d->usable)
        fact(w, LK_LWA_DEVICE_USABLE, 0);
    w->d->usable = true;
    link_is(w, LK_LWA_UE_EV_LINK_UP);
}

static void given_up(struct lk_lwa_device_work *w, const struct lk_rsn_output *output)
{
    lk_lwa_device_add(w, LK_LWA_DEVICE_OUT_REFUSAL)->why = output->ended.why;
    leave(w, output->ended.code);
    link_is(w, LK_LWA_UE_EV_LINK_DOWN);
}

static void carry_supplicant(struct lk_lwa_device_work *w, const struct lk_rsn_output *output)
{
    switch (output->kind) {
    case LK_RSN_OUT_SEND: send_eapol(w, output->send); break;
    case LK_RSN_OUT_TIMER: w->d->supplicant_due_ms = output->timer_ms; break;
    case LK_RSN_OUT_INSTALL: install(w, &output->tk); break;
    case LK_RSN_OUT_OPEN: keys_are_in(w, output->rekey); break;
    case LK_RSN_OUT_REASSOCIATE:
    case LK_RSN_OUT_FAILED: given_up(w, output); break;
    case LK_RSN_OUT_NOTICE: notice(w, &output->notice); break;
    case LK_RSN_OUT_INSTALL_GROUP: break; /* LWA has no frames of groups */
    case LK_RSN_OUT_PREPARE:
    case LK_RSN_OUT_GROUP_DONE:
    case LK_RSN_OUT_REFUSED: break; /* the authenticator's */
    }
}

enum lk_status lk_lwa_device_to_supplicant(struct lk_lwa_device_work *w,
                                           struct lk_rsn_event *event)
{
    struct lk_rsn_outbox out;
    enum lk_status status;

    event->now_ms = w->event->now_ms;
    memcpy(event->entropy, w->event->entropy, sizeof event->entropy);
    status = lk_rsn_supplicant_step(&w->d->supplicant, &w->config->rsn, event, &out);
    for (size_t i = 0; i < out.count; i++)
        carry_supplicant(w, &out.item[i]);
    lk_rsn_outbox_wipe(&out);
    return status;
}
