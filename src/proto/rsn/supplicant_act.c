/* The supplicant's handlers: what each event does. */
#include "proto/rsn/supplicant_parts.h"

#include <string.h>

#include "base/secret.h"

enum {
    STATION_EAPOL_VERSION = 1, /* of 802.1X: what stations say */
};

/* ---- keys from above, associations ---- */

/* spec: TS 36.331 5.6.14.2 - the new key is derived and kept; on the WLAN nothing happens yet. The
 * PMK in use stays beside it, as the WT may not have the new one. */
enum lk_status lk_rsn_supplicant_take_pmk(struct lk_rsn_supplicant_work *w)
{
    struct lk_rsn_supplicant *s = w->s;

    if (s->has_pmk) {
        s->pending = w->event->pmk;
        s->has_pending = true;
    } else {
        s->pmk = w->event->pmk;
        s->has_pmk = true;
    }
    return LK_OK;
}

static void forget_handshake(struct lk_rsn_supplicant *s)
{
    lk_wipe(&s->fresh, sizeof s->fresh);
    lk_wipe(&s->trying, sizeof s->trying);
    lk_wipe(s->snonce, sizeof s->snonce);
}

/* What an association had. Its PMKs stay: which one the WT has shows at the next one. */
static void close_keys(struct lk_rsn_supplicant *s)
{
    forget_handshake(s);
    lk_wipe(&s->ptk, sizeof s->ptk);
    lk_wipe(s->gtk, sizeof s->gtk);
    s->gtk_in = 0;
    s->has_ptk = s->has_replay = false;
    s->state = LK_RSN_SUPPLICANT_IDLE;
}

enum lk_status lk_rsn_supplicant_associate(struct lk_rsn_supplicant_work *w)
{
    const struct lk_rsn_associated *who = &w->event->associated;
    struct lk_rsn_supplicant *s = w->s;
    enum lk_status status;

    close_keys(s);
    memcpy(s->aa, who->aa, sizeof s->aa);
    memcpy(s->spa, who->spa, sizeof s->spa);
    status = lk_rsn_element_keep(&s->ap_rsne, who->ap_rsne);
    if (status == LK_OK)
        status = lk_rsn_element_keep(&s->sta_rsne, who->sta_rsne);
    s->state = LK_RSN_SUPPLICANT_AWAIT_M1;
    lk_rsn_timer(w->out, w->event->now_ms + w->config->wait_ms);
    return status;
}

enum lk_status lk_rsn_supplicant_leave(struct lk_rsn_supplicant_work *w)
{
    close_keys(w->s);
    return LK_OK;
}

/* A handshake that does not end leaves the keys before it in use, where there are any: it is the
 * WT's to end the association. */
enum lk_status lk_rsn_supplicant_give_up(struct lk_rsn_supplicant_work *w)
{
    struct lk_rsn_supplicant *s = w->s;

    if (s->has_ptk) {
        forget_handshake(s);
        s->state = LK_RSN_SUPPLICANT_OPEN;
        lk_rsn_notice(w->out, LK_REASON_RSN_NO_ANSWER, "message 3", "nothing");
        return LK_OK;
    }
    lk_rsn_end(w->out, LK_RSN_OUT_FAILED, LK_80211_REASON_HANDSHAKE_TIMEOUT,
               LK_REASON_RSN_NO_ANSWER);
    close_keys(s);
    return LK_OK;
}

/* ---- message 1 ---- */

static bool is_under_way(const struct lk_rsn_supplicant *s)
{
    return s->state == LK_RSN_SUPPLICANT_AWAIT_M3;
}

/* spec: IEEE 802.11 12.7.6.2 - the PMKID says which key message 1 means. The newest is tried
 * first. NULL: none of ours. */
static const struct lk_pmk *meant(const struct lk_rsn_supplicant *s,
                                  const struct lk_rsn_config *config, struct lk_span pmkid)
{
    const struct lk_pmk *const keys[] = { s->has_pending ? &s->pending : NULL,
                                          s->has_pmk ? &s->pmk : NULL,
                                          is_under_way(s) ? &s->trying : NULL };
    uint8_t own[LK_PMKID_LEN];

    for (size_t i = 0; i < LK_COUNT_OF(keys); i++) {
        if (keys[i] == NULL)
            continue;
        lk_pmkid_derive(own, config->akm, keys[i], s->aa, s->spa);
        if (lk_span_equal(LK_SPAN(own), pmkid))
            return keys[i];
    }
    return config->any_pmkid && pmkid.len > 0 && s->has_pmk ? &s->pmk : NULL;
}

/* A repeat of the message 1 that was answered: its SNonce and PTK stay, or message 3, which may be
 * on its way, would be of another. */
static bool is_repeat(const struct lk_rsn_supplicant *s, const struct lk_eapol_key *key,
                      struct lk_span pmkid)
{
    return is_under_way(s) && lk_span_equal(LK_SPAN(s->pmkid), pmkid) &&
           lk_span_equal(LK_SPAN(s->anonce), LK_SPAN(key->nonce));
}

static void start(struct lk_rsn_supplicant_work *w, const struct lk_pmk *pmk, struct lk_span pmkid)
{
    struct lk_rsn_supplicant *s = w->s;
    struct lk_ptk_input input;

    if (pmk != &s->trying)
        s->trying = *pmk;
    memcpy(s->pmkid, pmkid.at, sizeof s->pmkid);
    memcpy(s->anonce, w->frame->key.nonce, sizeof s->anonce);
    memcpy(s->snonce, w->event->entropy, sizeof s->snonce);
    memcpy(input.aa, s->aa, sizeof input.aa);
    memcpy(input.spa, s->spa, sizeof input.spa);
    memcpy(input.anonce, s->anonce, sizeof input.anonce);
    memcpy(input.snonce, s->snonce, sizeof input.snonce);
    lk_ptk_derive(&s->fresh, w->config->akm, &s->trying, &input);
}

static void send_answer(struct lk_rsn_supplicant_work *w, enum lk_eapol_message message,
                        const struct lk_ptk *ptk)
{
    struct lk_rsn_supplicant *s = w->s;
    struct lk_eapol_key key =
        lk_eapol_key_of(message, (uint8_t)lk_akm_key_version(w->config->akm), s->has_ptk);

    key.version = STATION_EAPOL_VERSION;
    key.replay = w->frame->key.replay;
    if (message == LK_EAPOL_M2) {
        memcpy(key.nonce, s->snonce, sizeof key.nonce);
        key.data = lk_span_of(s->sta_rsne.octets, s->sta_rsne.len);
    }
    lk_rsn_frame_send(w->out, &key, w->config->akm, &ptk->kck);
}

/* Message 1 has no MIC: nothing that was proven changes by it, neither the replay counter nor which
 * PMKs are kept. */
enum lk_status lk_rsn_supplicant_take_m1(struct lk_rsn_supplicant_work *w)
{
    struct lk_rsn_supplicant *s = w->s;
    struct lk_eapol_key_data data;
    enum lk_status status = lk_eapol_key_data_decode(&data, w->frame->key.data);
    const struct lk_pmk *pmk;

    if (status != LK_OK)
        return status;
    if (!is_repeat(s, &w->frame->key, data.pmkid)) {
        pmk = meant(s, w->config, data.pmkid);
        if (pmk == NULL) {
            lk_rsn_notice(w->out, LK_REASON_RSN_PMKID_UNKNOWN, "a PMKID of ours",
                          data.pmkid.len > 0 ? "another" : "none");
            return LK_OK;
        }
        if (s->has_ptk && !w->config->in_place) { /* A05 */
            lk_rsn_end(w->out, LK_RSN_OUT_REASSOCIATE, LK_80211_REASON_LEAVING,
                       LK_REASON_RSN_NOT_IN_PLACE);
            close_keys(s);
            return LK_OK;
        }
        start(w, pmk, data.pmkid);
    }
    send_answer(w, LK_EAPOL_M2, &s->fresh);
    lk_rsn_timer(w->out, w->event->now_ms + w->config->wait_ms);
    s->state = LK_RSN_SUPPLICANT_AWAIT_M3;
    return LK_OK;
}

/* ---- message 3 and the group's key ---- */

static bool is_mine(const struct lk_rsn_supplicant_work *w, const struct lk_ptk *ptk,
                    const uint8_t anonce[LK_RSN_NONCE_LEN])
{
    const struct lk_eapol_key *key = &w->frame->key;

    return (anonce == NULL || lk_span_equal(lk_span_of(anonce, LK_RSN_NONCE_LEN),
                                            LK_SPAN(key->nonce))) &&
           lk_eapol_mic_check(&ptk->kck, lk_akm_key_version(w->config->akm), key->whole) == LK_OK;
}

static enum lk_status drop(struct lk_rsn_supplicant_work *w, const char *came)
{
    lk_rsn_notice(w->out, LK_REASON_RSN_MIC, "a MIC under our KCK", came);
    return LK_OK;
}

static void proven(struct lk_rsn_supplicant_work *w)
{
    w->s->replay = w->frame->key.replay;
    w->s->has_replay = true;
}

/* spec: IEEE 802.11 12.7.7.4 - a group's key that is in is not installed again: its replay counter
 * would fall. A02: kept for each key id, so that an old one cannot come back for itself. */
static enum lk_status install_group(struct lk_rsn_supplicant_work *w,
                                    const struct lk_eapol_gtk *gtk)
{
    struct lk_rsn_supplicant *s = w->s;
    struct lk_reader rsc = lk_reader_of(LK_SPAN(w->frame->key.rsc));
    struct lk_gtk *place = &s->gtk[gtk->key_id];
    struct lk_rsn_output *output;
    uint64_t low, middle;

    if (gtk->key.len != sizeof place->octets || gtk->key_id == 0)
        return LK_E_VALUE;
    if ((s->gtk_in & 1u << gtk->key_id) != 0 &&
        lk_same_secret(place->octets, gtk->key.at, sizeof place->octets))
        return LK_OK;
    memcpy(place->octets, gtk->key.at, sizeof place->octets);
    s->gtk_in |= (uint8_t)(1u << gtk->key_id);
    output = lk_rsn_add(w->out, LK_RSN_OUT_INSTALL_GROUP);
    output->group.gtk = *place;
    output->group.key_id = gtk->key_id;
    low = lk_get_le16(&rsc);
    middle = lk_get_le16(&rsc);
    output->group.rsc = (uint64_t)lk_get_le16(&rsc) << 32 | middle << 16 | low;
    return LK_OK;
}

/* The PMK of the handshake is the one in use now; what is older is gone, what is newer waits. */
static void adopt(struct lk_rsn_supplicant *s)
{
    if (s->has_pending && lk_same_secret(s->pending.octets, s->trying.octets, sizeof s->pmk)) {
        s->has_pending = false;
        lk_wipe(&s->pending, sizeof s->pending);
    }
    s->pmk = s->trying;
    s->ptk = s->fresh;
    s->has_ptk = true;
    memcpy(s->installed_anonce, s->anonce, sizeof s->anonce);
    forget_handshake(s);
    s->state = LK_RSN_SUPPLICANT_OPEN;
}

/* Message 4 goes out before the new TK is in: under the key before, where there is one. */
static enum lk_status finish(struct lk_rsn_supplicant_work *w, const struct lk_eapol_gtk *gtk)
{
    struct lk_rsn_supplicant *s = w->s;
    bool rekey = s->has_ptk;

    send_answer(w, LK_EAPOL_M4, &s->fresh);
    proven(w);
    lk_rsn_add(w->out, LK_RSN_OUT_INSTALL)->tk = s->fresh.tk;
    adopt(s);
    lk_rsn_add(w->out, LK_RSN_OUT_OPEN)->rekey = rekey;
    return gtk->key.len > 0 ? install_group(w, gtk) : LK_OK;
}

/* spec: IEEE 802.11 12.7.6.4 - message 3: the ANonce of message 1, a MIC under the new KCK, key
 * data under the new KEK, and the element of the beacon. */
enum lk_status lk_rsn_supplicant_take_m3(struct lk_rsn_supplicant_work *w)
{
    struct lk_rsn_supplicant *s = w->s;
    struct lk_eapol_key_data elements;
    struct lk_key_data data;
    enum lk_status status;

    if (!is_mine(w, &s->fresh, s->anonce))
        return lk_rsn_supplicant_repeat_m4(w);
    status = lk_key_data_unwrap(&data, &s->fresh.kek, w->frame->key.data);
    if (status == LK_OK)
        status = lk_eapol_key_data_decode(&elements, lk_span_of(data.octets, data.len));
    if (status == LK_OK && !lk_rsn_element_is(&s->ap_rsne, elements.rsne)) {
        lk_rsn_end(w->out, LK_RSN_OUT_FAILED, LK_80211_REASON_RSNE_DIFFERS,
                   LK_REASON_RSN_RSNE_DIFFERS);
        close_keys(s);
    } else if (status == LK_OK) {
        status = finish(w, &elements.gtk);
    }
    lk_wipe(&data, sizeof data);
    return status;
}

/* spec: IEEE 802.11 12.7.6.5 - a message 3 that comes again, as its answer was lost, is answered
 * again. A02, T54: nothing is installed, so that no packet number begins anew. */
enum lk_status lk_rsn_supplicant_repeat_m4(struct lk_rsn_supplicant_work *w)
{
    struct lk_rsn_supplicant *s = w->s;

    if (!s->has_ptk || !is_mine(w, &s->ptk, s->installed_anonce))
        return drop(w, "message 3 with another");
    send_answer(w, LK_EAPOL_M4, &s->ptk);
    proven(w);
    return LK_OK;
}

/* spec: IEEE 802.11 12.7.7 - a new key of the group, under the PTK in use. */
enum lk_status lk_rsn_supplicant_take_g1(struct lk_rsn_supplicant_work *w)
{
    struct lk_rsn_supplicant *s = w->s;
    struct lk_eapol_key_data elements;
    struct lk_key_data data;
    enum lk_status status;

    if (!s->has_ptk || !is_mine(w, &s->ptk, NULL))
        return drop(w, "G1 with another");
    status = lk_key_data_unwrap(&data, &s->ptk.kek, w->frame->key.data);
    if (status == LK_OK)
        status = lk_eapol_key_data_decode(&elements, lk_span_of(data.octets, data.len));
    if (status == LK_OK && elements.gtk.key.len == 0)
        status = LK_E_MISSING;
    if (status == LK_OK)
        status = install_group(w, &elements.gtk);
    if (status == LK_OK) {
        proven(w);
        send_answer(w, LK_EAPOL_G2, &s->ptk);
    }
    lk_wipe(&data, sizeof data);
    return status;
}
