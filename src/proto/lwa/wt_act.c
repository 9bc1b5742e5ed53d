/* The handlers of the WT's machine: what each event does. */
#include <string.h>

#include "base/secret.h"
#include "proto/lwa/wt_parts.h"

/* ---- keys ---- */

struct new_key {
    bool there;
    bool same; /* as the newest that we have */
    struct lk_pmk pmk;
};

/* spec: TS 33.401 G.2 - the key is an S-KWT of 256 bits, made by the eNB; A03: there is no other
 * source. LK_E_VALUE: one that nobody can have derived. */
static enum lk_status key_of(struct new_key *key, const struct lk_lwa_wt *wt,
                             const struct lk_xwap *m)
{
    static const struct lk_pmk zeroes;

    *key = (struct new_key){ .there = m->key.len > 0 || lk_xwap_has(m, LK_XWAP_SECURITY) };
    if (!key->there)
        return LK_OK;
    if (m->key.len != sizeof key->pmk.octets ||
        lk_same_secret(m->key.at, zeroes.octets, sizeof zeroes.octets))
        return LK_E_VALUE;
    memcpy(key->pmk.octets, m->key.at, sizeof key->pmk.octets);
    key->same = wt->has_key &&
                lk_same_secret(wt->key.octets, key->pmk.octets, sizeof key->pmk.octets);
    return LK_OK;
}

static void set_key(struct lk_lwa_wt *wt, const struct new_key *key)
{
    wt->has_key = key->there;
    wt->key = key->pmk;
}

/* ---- time ---- */

/* An answer of the eNB is awaited, and may come. */
static bool is_asking(const struct lk_lwa_wt *wt)
{
    return wt->required && !wt->is_down;
}

static void arm(struct lk_lwa_wt_work *w)
{
    struct lk_lwa_wt *wt = w->wt;

    if (wt->state == LK_LWA_WT_RELEASING || is_asking(wt))
        wt->due_ms = w->event->now_ms + w->config->retry_ms;
    else if (wt->state == LK_LWA_WT_AWAIT_UE)
        wt->due_ms = w->event->now_ms + w->config->away_ms;
    else
        wt->due_ms = LK_LWA_WT_NEVER;
    lk_lwa_wt_put(w->out, LK_LWA_WT_OUT_TIMER)->timer_ms = wt->due_ms;
}

/* Our own procedure makes room for the eNB's. */
static void give_way(struct lk_lwa_wt_work *w)
{
    if (!w->wt->required)
        return;
    w->wt->required = false;
    lk_lwa_wt_notice(w, LK_REASON_LWA_CROSSED, NULL, NULL);
    arm(w);
}

/* Its station has shown no key. */
static bool is_away(const struct lk_lwa_wt *wt)
{
    return (wt->state == LK_LWA_WT_AWAIT_UE || wt->state == LK_LWA_WT_HANDSHAKE) && !wt->proven;
}

/* Another addition of an eNB whose station is away already does not hold the MAC address for
 * longer, whether it was released in between or not: else who never associates would hold it for
 * ever. */
static void await_ue(struct lk_lwa_wt_work *w, const struct lk_lwa_wt *before)
{
    w->wt->away_since_ms = w->event->now_ms;
    if (is_away(before) && before->link == w->wt->link)
        w->wt->away_since_ms = before->away_since_ms;
    else if (before->state == LK_LWA_WT_IDLE && w->event->xw.away_since_ms != 0)
        w->wt->away_since_ms = w->event->xw.away_since_ms;
    w->wt->state = LK_LWA_WT_AWAIT_UE;
    w->wt->proven = false;
    arm(w);
}

/* ---- addition ---- */

static bool is_repeat(const struct lk_lwa_wt_work *w, const struct new_key *key)
{
    const struct lk_lwa_wt *wt = w->wt;

    return (wt->state == LK_LWA_WT_AWAIT_UE || lk_lwa_wt_is_open(wt)) &&
           w->event->xw.link == wt->link && w->event->xw.message->enb_ue_id == wt->enb_ue_id &&
           key->there == wt->has_key && (!key->there || key->same);
}

/* The UE is that eNB's from now on. */
static void serve(struct lk_lwa_wt_work *w)
{
    w->wt->link = w->event->xw.link;
    w->wt->enb_ue_id = w->event->xw.message->enb_ue_id;
    w->wt->is_down = false;
    w->wt->confirmed = false;
}

/* LK_E_FULL: not one of the bearers can be served. */
static enum lk_status acknowledge(struct lk_lwa_wt_work *w)
{
    struct lk_xwap answer = lk_lwa_wt_message(w->wt, LK_XWAP_ADDITION_ACKNOWLEDGE);

    lk_lwa_wt_admit(w, &answer);
    if (answer.added.count == 0)
        return LK_E_FULL;
    lk_xwap_mark(&answer, LK_XWAP_WT_MAC);
    memcpy(answer.wt_mac, w->config->mac, sizeof answer.wt_mac);
    lk_lwa_wt_send(w, &answer);
    return LK_OK;
}

static enum lk_status add_context(struct lk_lwa_wt_work *w, const struct new_key *key)
{
    struct lk_lwa_wt before = *w->wt;
    bool again = is_repeat(w, key);
    enum lk_status status;

    if (!again) {
        lk_lwa_wt_init(w->wt);
        w->wt->wt_ue_id = w->event->xw.fresh_id;
        memcpy(w->wt->mac, w->event->xw.message->ue_identity, sizeof w->wt->mac);
        set_key(w->wt, key);
    }
    serve(w);
    status = acknowledge(w);
    if (status != LK_OK) {
        *w->wt = before;
        status = lk_lwa_wt_turn_down(w, LK_XWAP_RADIO_UNSPECIFIED, LK_REASON_LWA_BEARERS);
    } else if (!again) {
        await_ue(w, &before);
    } else if (w->wt->state == LK_LWA_WT_ACTIVE) {
        lk_lwa_wt_confirm(w);
    }
    lk_wipe(&before, sizeof before);
    return status;
}

/* spec: TS 36.463 8.8 - a context for a UE, by its MAC address. T53: where there is one, the newest
 * wins; its key waits for the next association, as an eNB that was restarted has not told the UE of
 * it by RRC yet. The same request again changes nothing. */
enum lk_status lk_lwa_wt_add(struct lk_lwa_wt_work *w)
{
    struct new_key key;
    enum lk_status status = key_of(&key, w->wt, w->event->xw.message);

    if (status != LK_OK)
        status = lk_lwa_wt_turn_down(w, LK_XWAP_SECURITY_FAILURE, LK_REASON_LWA_KEY);
    else
        status = add_context(w, &key);
    lk_wipe(&key, sizeof key);
    return status;
}

/* spec: TS 36.463 8.8 - the UE's identity on Xw is its MAC address, which proves nothing: whoever
 * is attached to another eNB may have said the same one. The UE that is here stays; a handover
 * names our id. One that nobody holds any more is let go, and its association with it. */
enum lk_status lk_lwa_wt_claim(struct lk_lwa_wt_work *w)
{
    struct lk_lwa_wt before = *w->wt;
    enum lk_status status;

    if (lk_lwa_wt_is_held(w->wt, w->config, w->event->now_ms))
        status = lk_lwa_wt_turn_down(w, LK_XWAP_WLAN_NOT_AVAILABLE, LK_REASON_LWA_MAC_HELD);
    else
        status = lk_lwa_wt_add(w);
    if (w->wt->link != before.link) {
        lk_lwa_wt_say_taken(w, &before);
        lk_lwa_wt_notice(w, LK_REASON_LWA_MAC_TAKEN, NULL, NULL);
        (void)lk_lwa_wt_put(w->out, LK_LWA_WT_OUT_TAKEN);
    }
    lk_wipe(&before, sizeof before);
    return status;
}

static enum lk_status move_context(struct lk_lwa_wt_work *w, const struct new_key *key)
{
    struct lk_lwa_wt before = *w->wt;
    enum lk_status status;

    serve(w);
    status = acknowledge(w);
    if (status != LK_OK) {
        *w->wt = before;
        status = lk_lwa_wt_turn_down(w, LK_XWAP_RADIO_UNSPECIFIED, LK_REASON_LWA_BEARERS);
    } else {
        give_way(w);
        if (key->there && !key->same) {
            set_key(w->wt, key);
            await_ue(w, &before);
        } else if (w->wt->state == LK_LWA_WT_ACTIVE) {
            lk_lwa_wt_confirm(w);
        }
    }
    lk_wipe(&before, sizeof before);
    return status;
}

/* spec: TS 36.463 8.8 - a handover with the WT kept: the eNB that names our id serves the UE from
 * now on, with the key that there is, and is told at once when the association stands. */
enum lk_status lk_lwa_wt_take_over(struct lk_lwa_wt_work *w)
{
    const struct lk_xwap *m = w->event->xw.message;
    struct new_key key;
    enum lk_status status;

    if (!lk_span_equal(LK_SPAN(m->ue_identity), LK_SPAN(w->wt->mac)))
        return lk_lwa_wt_turn_down(w, LK_XWAP_UNKNOWN_WT_ID, LK_REASON_LWA_UE_UNKNOWN);
    status = key_of(&key, w->wt, m);
    if (status != LK_OK)
        status = lk_lwa_wt_turn_down(w, LK_XWAP_SECURITY_FAILURE, LK_REASON_LWA_KEY);
    else
        status = move_context(w, &key);
    lk_wipe(&key, sizeof key);
    return status;
}

enum lk_status lk_lwa_wt_refuse_leaving(struct lk_lwa_wt_work *w)
{
    return lk_lwa_wt_turn_down(w, LK_XWAP_WLAN_NOT_AVAILABLE, LK_REASON_LWA_WT_LEAVING);
}

/* The eNB before a handover does not know yet that another one serves the UE. */
enum lk_status lk_lwa_wt_refuse_foreign(struct lk_lwa_wt_work *w)
{
    return lk_lwa_wt_turn_down(w, LK_XWAP_PROCEDURE_CANCELLED, LK_REASON_LWA_NOT_SERVING);
}

/* ---- modification ---- */

/* spec: TS 33.401 G.2 - a new key for a UE that is associated is used at once; else it is kept for
 * the next association. T51: during a handshake the authenticator keeps it for the end of that one,
 * and the newest wins. The key that is in use already starts nothing. */
static void use_key(struct lk_lwa_wt_work *w, const struct new_key *key)
{
    if (key->same) {
        if (w->wt->state == LK_LWA_WT_ACTIVE)
            lk_lwa_wt_confirm(w);
        return;
    }
    set_key(w->wt, key);
    if (!lk_lwa_wt_is_open(w->wt))
        return;
    lk_lwa_wt_put(w->out, LK_LWA_WT_OUT_KEY)->key = key->pmk;
    w->wt->state = LK_LWA_WT_HANDSHAKE;
}

/* spec: TS 36.463 8.10.4 - what the eNB asks goes before what the WT has asked.
 * spec: TS 36.463 9.2.4 - a key that cannot be used is a security failure. */
enum lk_status lk_lwa_wt_modify(struct lk_lwa_wt_work *w)
{
    struct lk_xwap answer = lk_lwa_wt_message(w->wt, LK_XWAP_MODIFICATION_ACKNOWLEDGE);
    struct new_key key;
    enum lk_status status = key_of(&key, w->wt, w->event->xw.message);

    if (status != LK_OK) {
        status = lk_lwa_wt_turn_down(w, LK_XWAP_SECURITY_FAILURE, LK_REASON_LWA_KEY);
    } else {
        w->wt->is_down = false;
        give_way(w);
        lk_lwa_wt_change(w, &answer);
        lk_lwa_wt_send(w, &answer);
        if (key.there)
            use_key(w, &key);
    }
    lk_wipe(&key, sizeof key);
    return status;
}

/* spec: TS 36.463 8.10 - the WT gives up a bearer, and the eNB confirms that or refuses. */
enum lk_status lk_lwa_wt_require(struct lk_lwa_wt_work *w)
{
    struct lk_lwa_wt *wt = w->wt;
    bool found = false;

    if (wt->required)
        return LK_E_BUSY;
    for (uint8_t i = 0; i < wt->bearers; i++)
        found = found || wt->bearer[i].e_rab_id == w->event->want.e_rab_id;
    if (!found)
        return LK_E_NOT_FOUND;
    wt->required = true;
    wt->required_e_rab = w->event->want.e_rab_id;
    wt->cause = w->event->want.cause;
    wt->tries = 1;
    lk_lwa_wt_ask(w);
    arm(w);
    return LK_OK;
}

enum lk_status lk_lwa_wt_confirmed(struct lk_lwa_wt_work *w)
{
    if (!w->wt->required)
        return LK_E_UNEXPECTED;
    w->wt->required = false;
    lk_lwa_wt_remove(w->wt, w->wt->required_e_rab);
    arm(w);
    return LK_OK;
}

enum lk_status lk_lwa_wt_not_confirmed(struct lk_lwa_wt_work *w)
{
    if (!w->wt->required)
        return LK_E_UNEXPECTED;
    w->wt->required = false;
    lk_lwa_wt_notice(w, LK_REASON_LWA_WT_REFUSED, "MODIFICATION CONFIRM",
                     lk_xwap_cause_name(w->event->xw.message->cause));
    arm(w);
    return LK_OK;
}

/* ---- release ---- */

static void end(struct lk_lwa_wt_work *w)
{
    lk_lwa_wt_put(w->out, LK_LWA_WT_OUT_RELEASED)->away_since_ms =
        is_away(w->wt) ? w->wt->away_since_ms : 0;
    lk_lwa_wt_wipe(w->wt);
    lk_lwa_wt_init(w->wt);
}

/* spec: TS 36.463 8.11 - the eNB is done with the UE; one that says that the context is kept means
 * that another eNB has it, and ends nothing. */
enum lk_status lk_lwa_wt_released(struct lk_lwa_wt_work *w)
{
    if (!lk_xwap_has(w->event->xw.message, LK_XWAP_CONTEXT_KEPT))
        end(w);
    return LK_OK;
}

/* spec: TS 36.463 8.12 - the WT is done with the UE, for a cause; no association begins now. */
static void leave(struct lk_lwa_wt_work *w, struct lk_xwap_cause cause)
{
    struct lk_lwa_wt *wt = w->wt;

    wt->state = LK_LWA_WT_RELEASING;
    wt->required = wt->has_key = false;
    lk_wipe(&wt->key, sizeof wt->key);
    wt->cause = cause;
    wt->tries = 1;
    lk_lwa_wt_ask(w);
    arm(w);
}

enum lk_status lk_lwa_wt_release(struct lk_lwa_wt_work *w)
{
    leave(w, w->event->want.cause);
    return LK_OK;
}

/* ---- the station ---- */

enum lk_status lk_lwa_wt_begin(struct lk_lwa_wt_work *w)
{
    bool waited = w->wt->state == LK_LWA_WT_AWAIT_UE;

    if (!w->wt->has_key)
        return LK_E_UNEXPECTED;
    w->wt->state = LK_LWA_WT_HANDSHAKE;
    if (waited && !is_asking(w->wt))
        arm(w);
    return LK_OK;
}

enum lk_status lk_lwa_wt_finish(struct lk_lwa_wt_work *w)
{
    w->wt->state = LK_LWA_WT_ACTIVE;
    w->wt->proven = true;
    lk_lwa_wt_confirm(w);
    return LK_OK;
}

/* A handshake that comes to nothing is anybody's, and holds nothing for longer. */
enum lk_status lk_lwa_wt_lose(struct lk_lwa_wt_work *w)
{
    w->wt->state = LK_LWA_WT_AWAIT_UE;
    if (w->wt->proven)
        w->wt->away_since_ms = w->event->now_ms;
    w->wt->proven = false;
    if (!is_asking(w->wt))
        arm(w);
    return LK_OK;
}

/* ---- time and the link ---- */

/* T53: what is asked is asked so often, and then the WT goes on without an answer. */
static enum lk_status try_again(struct lk_lwa_wt_work *w)
{
    struct lk_lwa_wt *wt = w->wt;

    if (wt->tries < w->config->tries) {
        wt->tries++;
        lk_lwa_wt_ask(w);
        arm(w);
        return LK_OK;
    }
    lk_lwa_wt_notice(w, LK_REASON_LWA_WT_NO_ANSWER, NULL, NULL);
    wt->required = false;
    if (wt->state == LK_LWA_WT_RELEASING)
        end(w);
    else
        arm(w);
    return LK_OK;
}

enum lk_status lk_lwa_wt_expire(struct lk_lwa_wt_work *w)
{
    struct lk_lwa_wt *wt = w->wt;

    if (wt->state == LK_LWA_WT_RELEASING || is_asking(wt))
        return try_again(w);
    if (wt->state != LK_LWA_WT_AWAIT_UE)
        return LK_E_UNEXPECTED;
    lk_lwa_wt_notice(w, LK_REASON_LWA_UE_AWAY, NULL, NULL);
    leave(w, (struct lk_xwap_cause){ LK_XWAP_CAUSE_RADIO, LK_XWAP_UE_LOST });
    return LK_OK;
}

/* T53: nothing is tried while the link is down; when it is up, what is out goes out at once, and a
 * CONFIRMATION too, as the last one may be lost. */
enum lk_status lk_lwa_wt_go_down(struct lk_lwa_wt_work *w)
{
    if (!w->wt->is_down)
        w->wt->down_since_ms = w->event->now_ms;
    w->wt->is_down = true;
    if (w->wt->required)
        arm(w);
    return LK_OK;
}

enum lk_status lk_lwa_wt_come_up(struct lk_lwa_wt_work *w)
{
    struct lk_lwa_wt *wt = w->wt;

    wt->is_down = false;
    if (wt->required || wt->state == LK_LWA_WT_RELEASING) {
        wt->tries = 1;
        lk_lwa_wt_ask(w);
        arm(w);
    }
    if (wt->state == LK_LWA_WT_ACTIVE) {
        wt->confirmed = false;
        lk_lwa_wt_confirm(w);
    }
    return LK_OK;
}
