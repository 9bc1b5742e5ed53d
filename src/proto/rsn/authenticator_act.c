/* The authenticator's handlers: what each event does. */
#include "proto/rsn/authenticator_parts.h"

#include <string.h>

#include "base/secret.h"
#include "wire/rsne.h"

/* ---- what is sent ---- */

static struct lk_eapol_key frame_of(struct lk_rsn_authenticator_work *w,
                                    enum lk_eapol_message message)
{
    struct lk_rsn_authenticator *a = w->a;
    struct lk_eapol_key key =
        lk_eapol_key_of(message, (uint8_t)lk_akm_key_version(w->config->akm), a->has_ptk);

    /* spec: IEEE 802.11 12.7.2 - the replay counter rises with every frame, a repeated one too. */
    key.replay = ++a->replay;
    return key;
}

/* spec: IEEE 802.11 12.7.6.2 - message 1: ANonce, and the PMKID of the key that is meant. */
static void send_m1(struct lk_rsn_authenticator_work *w)
{
    struct lk_rsn_authenticator *a = w->a;
    struct lk_eapol_key key = frame_of(w, LK_EAPOL_M1);
    struct lk_eapol_key_data data = { .pmkid = LK_SPAN(a->pmkid) };
    uint8_t octets[64];
    struct lk_writer kde = lk_writer_of(octets, sizeof octets);

    LK_ASSERT(lk_eapol_key_data_encode(&kde, &data) == LK_OK);
    memcpy(key.nonce, a->anonce, sizeof key.nonce);
    key.data = lk_writer_span(&kde);
    lk_rsn_frame_send(w->out, &key, w->config->akm, NULL);
}

/* The group's key in the form of key data, wrapped under the KEK, and how far it was used. */
static void send_group(struct lk_rsn_authenticator_work *w, struct lk_eapol_key *key,
                       struct lk_eapol_key_data *data, const struct lk_ptk *ptk)
{
    struct lk_rsn_authenticator *a = w->a;
    uint8_t plain[LK_KEY_DATA_MAX], wrapped[LK_KEY_DATA_WRAPPED_MAX];
    struct lk_writer elements = lk_writer_of(plain, sizeof plain);
    struct lk_writer rsc = lk_writer_of(key->rsc, sizeof key->rsc);
    size_t len;

    if (a->has_group) {
        data->gtk.key_id = a->group.key_id;
        data->gtk.key = LK_SPAN(a->group.gtk.octets);
        lk_put_le16(&rsc, (uint16_t)a->group.rsc);
        lk_put_le16(&rsc, (uint16_t)(a->group.rsc >> 16));
        lk_put_le16(&rsc, (uint16_t)(a->group.rsc >> 32));
    }
    LK_ASSERT(lk_eapol_key_data_encode(&elements, data) == LK_OK);
    LK_ASSERT(lk_key_data_wrap(wrapped, &len, &ptk->kek, lk_writer_span(&elements)) == LK_OK);
    key->data = lk_span_of(wrapped, len);
    lk_rsn_frame_send(w->out, key, w->config->akm, &ptk->kck);
    lk_wipe(plain, sizeof plain);
}

/* spec: IEEE 802.11 12.7.6.4 - message 3: ANonce again, the element of the beacon, the group's key.
 */
static void send_m3(struct lk_rsn_authenticator_work *w)
{
    struct lk_rsn_authenticator *a = w->a;
    struct lk_eapol_key key = frame_of(w, LK_EAPOL_M3);
    struct lk_eapol_key_data data = { .rsne = lk_span_of(a->ap_rsne.octets, a->ap_rsne.len) };

    memcpy(key.nonce, a->anonce, sizeof key.nonce);
    send_group(w, &key, &data, &a->fresh);
}

/* spec: IEEE 802.11 12.7.7 - the group key handshake: one message, one answer, under the PTK. */
static void send_g1(struct lk_rsn_authenticator_work *w)
{
    struct lk_eapol_key key = frame_of(w, LK_EAPOL_G1);
    struct lk_eapol_key_data data = { .rsne = lk_span_of(NULL, 0) };

    send_group(w, &key, &data, &w->a->ptk);
}

static void send(struct lk_rsn_authenticator_work *w)
{
    switch (w->a->state) {
    case LK_RSN_AUTHENTICATOR_AWAIT_M2: send_m1(w); break;
    case LK_RSN_AUTHENTICATOR_AWAIT_M4: send_m3(w); break;
    case LK_RSN_AUTHENTICATOR_AWAIT_G2: send_g1(w); break;
    case LK_RSN_AUTHENTICATOR_IDLE:
    case LK_RSN_AUTHENTICATOR_OPEN:
    case LK_RSN_AUTHENTICATOR_STATE_COUNT: LK_ASSERT(!"a state that sends"); break;
    }
    lk_rsn_timer(w->out, w->event->now_ms + w->config->retry_ms);
}

/* The first try of the message of a state. */
static void enter(struct lk_rsn_authenticator_work *w, enum lk_rsn_authenticator_state state)
{
    w->a->state = state;
    w->a->tries = 1;
    w->a->replay_first = w->a->replay + 1;
    send(w);
}

/* ---- beginning and end ---- */

/* spec: IEEE 802.11 12.7.6.2 - a new ANonce for every handshake. */
static void begin(struct lk_rsn_authenticator_work *w)
{
    struct lk_rsn_authenticator *a = w->a;

    memcpy(a->anonce, w->event->entropy, sizeof a->anonce);
    lk_pmkid_derive(a->pmkid, w->config->akm, &a->pmk, a->aa, a->spa);
    a->wrong_mics = 0;
    a->group_due = false;
    enter(w, LK_RSN_AUTHENTICATOR_AWAIT_M2);
}

static void take_next(struct lk_rsn_authenticator *a)
{
    a->pmk = a->next;
    a->has_next = false;
    lk_wipe(&a->next, sizeof a->next);
}

static void close_ptk(struct lk_rsn_authenticator *a)
{
    lk_wipe(&a->ptk, sizeof a->ptk);
    lk_wipe(&a->fresh, sizeof a->fresh);
    a->has_ptk = a->group_due = false;
}

/* The association is over, and its keys are gone, the PMK too: the next one is told again, which
 * may be another by then. What stays is the replay counter. */
static void close_keys(struct lk_rsn_authenticator *a)
{
    close_ptk(a);
    lk_wipe(&a->pmk, sizeof a->pmk);
    lk_wipe(&a->next, sizeof a->next);
    a->has_pmk = a->has_next = false;
    a->state = LK_RSN_AUTHENTICATOR_IDLE;
}

static void fail(struct lk_rsn_authenticator_work *w, uint16_t code, enum lk_reason reason)
{
    lk_rsn_end(w->out, LK_RSN_OUT_FAILED, code, reason);
    close_keys(w->a);
}

/* A05: a new key on a live association, in place or by a new association. */
static void change_key(struct lk_rsn_authenticator_work *w)
{
    if (w->config->in_place || !w->a->has_ptk) {
        begin(w);
        return;
    }
    lk_rsn_end(w->out, LK_RSN_OUT_REASSOCIATE, LK_80211_REASON_AUTHENTICATION_ENDED,
               LK_REASON_RSN_NOT_IN_PLACE);
    close_keys(w->a);
}

/* ---- keys from above ---- */

/* spec: TS 33.401 G.2 - the WT keeps the key that came before its station. */
enum lk_status lk_rsn_authenticator_keep_pmk(struct lk_rsn_authenticator_work *w)
{
    w->a->pmk = w->event->pmk;
    w->a->has_pmk = true;
    return LK_OK;
}

/* T51: the next key waits for the end of the handshake under way; the newest wins. */
enum lk_status lk_rsn_authenticator_keep_next(struct lk_rsn_authenticator_work *w)
{
    w->a->next = w->event->pmk;
    w->a->has_next = true;
    return LK_OK;
}

enum lk_status lk_rsn_authenticator_rekey(struct lk_rsn_authenticator_work *w)
{
    w->a->pmk = w->event->pmk;
    change_key(w);
    return LK_OK;
}

static bool is_group(const struct lk_rsn_group *group)
{
    return group->key_id == 1 || group->key_id == 2;
}

/* False when only the number has risen. */
static bool is_new(const struct lk_rsn_authenticator *a, const struct lk_rsn_group *group)
{
    return !a->has_group || a->group.key_id != group->key_id ||
           !lk_same_secret(a->group.gtk.octets, group->gtk.octets, sizeof group->gtk.octets);
}

enum lk_status lk_rsn_authenticator_keep_group(struct lk_rsn_authenticator_work *w)
{
    if (!is_group(&w->event->group))
        return LK_E_VALUE;
    w->a->group = w->event->group;
    w->a->has_group = true;
    return LK_OK;
}

/* Message 3 is out with the key before: a repeat is not installed, so another handshake is due. */
enum lk_status lk_rsn_authenticator_owe_group(struct lk_rsn_authenticator_work *w)
{
    bool due = is_new(w->a, &w->event->group);

    w->a->group_due = w->a->group_due || due;
    return lk_rsn_authenticator_keep_group(w);
}

enum lk_status lk_rsn_authenticator_tell_group(struct lk_rsn_authenticator_work *w)
{
    bool due = is_new(w->a, &w->event->group);
    enum lk_status status = lk_rsn_authenticator_keep_group(w);

    if (status == LK_OK && due)
        enter(w, LK_RSN_AUTHENTICATOR_AWAIT_G2);
    return status;
}

/* The group handshake with the key that the station has: it answers, and installs nothing (A02). */
enum lk_status lk_rsn_authenticator_ask(struct lk_rsn_authenticator_work *w)
{
    if (!w->a->has_group)
        return LK_E_UNEXPECTED;
    enter(w, LK_RSN_AUTHENTICATOR_AWAIT_G2);
    return LK_OK;
}

/* ---- association ---- */

/* What is wrong with a station's element, as a status code of the association; 0: nothing. */
static uint16_t element_wrong(const struct lk_rsn_authenticator_work *w, struct lk_span element)
{
    uint8_t pmkid[LK_PMKID_LEN];
    enum lk_akm akm = w->config->akm;
    const struct lk_rsn_associated *who = &w->event->associated;
    struct lk_rsne rsne;

    if (element.len > LK_RSN_ELEMENT_MAX || lk_rsne_decode(&rsne, element) != LK_OK)
        return LK_80211_INVALID_ELEMENT;
    if (!lk_rsne_has_suite(rsne.pairwise, LK_RSN_CIPHER_CCMP))
        return LK_80211_INVALID_PAIRWISE_CIPHER;
    if (!lk_rsne_has_suite(rsne.akm, LK_RSN_SUITES + (uint32_t)akm))
        return LK_80211_INVALID_AKM;
    if (!w->a->has_pmk)
        return LK_80211_INVALID_PMKID;
    if (akm == LK_AKM_PSK || akm == LK_AKM_PSK_SHA256)
        return 0;
    /* spec: IEEE 802.11 12.6.10 - with an AKM of 802.1X a station names the PMKSA that it means.
     * One that is not here is refused: there is nobody for an EAP run. */
    lk_pmkid_derive(pmkid, akm, w->a->has_next ? &w->a->next : &w->a->pmk, who->aa, who->spa);
    return lk_rsne_has_pmkid(&rsne, pmkid) ? 0 : LK_80211_INVALID_PMKID;
}

static enum lk_reason reason_of(const struct lk_rsn_authenticator *a, uint16_t code)
{
    if (code != LK_80211_INVALID_PMKID)
        return LK_REASON_RSN_SUITE;
    return a->has_pmk ? LK_REASON_RSN_PMKID_UNKNOWN : LK_REASON_RSN_NO_PMK;
}

static void turn_down(struct lk_rsn_authenticator_work *w, uint16_t code)
{
    struct lk_rsn_output *output = lk_rsn_add(w->out, LK_RSN_OUT_REFUSED);
    struct lk_rsne own = lk_rsne_of((uint8_t)w->config->akm, 0, lk_span_of(NULL, 0)), its;
    bool suite = code == LK_80211_INVALID_AKM &&
                 lk_rsne_decode(&its, w->event->associated.sta_rsne) == LK_OK;

    output->ended.code = code;
    output->ended.why = lk_refusal_of(reason_of(w->a, code),
                                      suite ? lk_rsne_akm_name(own.akm) : NULL,
                                      suite ? lk_rsne_akm_name(its.akm) : NULL);
}

/* What is refused changes nothing: anybody may send a request. */
enum lk_status lk_rsn_authenticator_associate(struct lk_rsn_authenticator_work *w)
{
    const struct lk_rsn_associated *who = &w->event->associated;
    struct lk_rsn_authenticator *a = w->a;
    uint16_t code = element_wrong(w, who->sta_rsne);
    enum lk_status status;

    if (code != 0) {
        turn_down(w, code);
        return LK_OK;
    }
    close_ptk(a);
    if (a->has_next)
        take_next(a);
    memcpy(a->aa, who->aa, sizeof a->aa);
    memcpy(a->spa, who->spa, sizeof a->spa);
    status = lk_rsn_element_keep(&a->ap_rsne, who->ap_rsne);
    if (status == LK_OK)
        status = lk_rsn_element_keep(&a->sta_rsne, who->sta_rsne);
    if (status == LK_OK)
        begin(w);
    return status;
}

enum lk_status lk_rsn_authenticator_leave(struct lk_rsn_authenticator_work *w)
{
    close_keys(w->a);
    return LK_OK;
}

/* ---- answers ---- */

static enum lk_status check_mic(const struct lk_rsn_authenticator_work *w, const struct lk_ptk *ptk)
{
    return lk_eapol_mic_check(&ptk->kck, lk_akm_key_version(w->config->akm), w->frame->key.whole);
}

/* The PTK with the SNonce of a message 2. */
static struct lk_ptk ptk_with(const struct lk_rsn_authenticator_work *w)
{
    const struct lk_rsn_authenticator *a = w->a;
    struct lk_ptk_input input;
    struct lk_ptk ptk;

    memcpy(input.aa, a->aa, sizeof input.aa);
    memcpy(input.spa, a->spa, sizeof input.spa);
    memcpy(input.anonce, a->anonce, sizeof input.anonce);
    memcpy(input.snonce, w->frame->key.nonce, sizeof input.snonce);
    lk_ptk_derive(&ptk, w->config->akm, &a->pmk, &input);
    return ptk;
}

static void take_proven_m2(struct lk_rsn_authenticator_work *w, const struct lk_ptk *ptk)
{
    struct lk_rsn_authenticator *a = w->a;
    struct lk_eapol_key_data data;

    if (lk_eapol_key_data_decode(&data, w->frame->key.data) != LK_OK ||
        !lk_rsn_element_is(&a->sta_rsne, data.rsne)) {
        fail(w, LK_80211_REASON_RSNE_DIFFERS, LK_REASON_RSN_RSNE_DIFFERS);
        return;
    }
    a->fresh = *ptk;
    enter(w, LK_RSN_AUTHENTICATOR_AWAIT_M4);
    /* The station will send under its new TK before its message 4 has come, or when it is lost. */
    lk_rsn_add(w->out, LK_RSN_OUT_PREPARE)->tk = a->fresh.tk;
}

/* spec: IEEE 802.11 12.7.6.3 - message 2: the PTK is derived with its SNonce and judged by its MIC,
 * and its element must be that of the association. One with a wrong MIC is anybody's and changes
 * nothing: the PTK of a handshake given up stays, as the station may send under its TK. */
enum lk_status lk_rsn_authenticator_take_m2(struct lk_rsn_authenticator_work *w)
{
    struct lk_ptk ptk = ptk_with(w);

    if (check_mic(w, &ptk) == LK_OK) {
        take_proven_m2(w, &ptk);
    } else {
        w->a->wrong_mics++;
        lk_rsn_notice(w->out, LK_REASON_RSN_M2_MIC, "a MIC under our PMK", "another");
    }
    lk_wipe(&ptk, sizeof ptk);
    return LK_OK;
}

static enum lk_status drop(struct lk_rsn_authenticator_work *w, const char *came)
{
    lk_rsn_notice(w->out, LK_REASON_RSN_MIC, "a MIC under the handshake's KCK", came);
    return LK_OK;
}

/* Both ends have the keys. */
static void install(struct lk_rsn_authenticator_work *w)
{
    struct lk_rsn_authenticator *a = w->a;

    lk_rsn_add(w->out, LK_RSN_OUT_INSTALL)->tk = a->fresh.tk;
    a->ptk = a->fresh;
    a->has_ptk = true;
    lk_wipe(&a->fresh, sizeof a->fresh);
}

/* What waited for the end of the handshake begins now. */
static void finish(struct lk_rsn_authenticator_work *w)
{
    struct lk_rsn_authenticator *a = w->a;
    bool rekey = a->has_ptk;

    install(w);
    lk_rsn_add(w->out, LK_RSN_OUT_OPEN)->rekey = rekey;
    a->state = LK_RSN_AUTHENTICATOR_OPEN;
    if (a->has_next) {
        take_next(a);
        change_key(w);
    } else if (a->group_due) {
        a->group_due = false;
        enter(w, LK_RSN_AUTHENTICATOR_AWAIT_G2);
    }
}

/* spec: IEEE 802.11 12.7.6.5 - message 4 ends the handshake. */
enum lk_status lk_rsn_authenticator_take_m4(struct lk_rsn_authenticator_work *w)
{
    if (check_mic(w, &w->a->fresh) != LK_OK)
        return drop(w, "message 4 with another");
    finish(w);
    return LK_OK;
}

static bool is_fresh(const struct lk_rsn_authenticator *a, const struct lk_tk *tk)
{
    return lk_same_secret(a->fresh.tk.octets, tk->octets, sizeof tk->octets);
}

/* spec-not: IEEE 802.11 12.7.6.5 - a frame under the new TK ends it as well: the station has that
 * TK in since message 3, as message 4 would say, which may be lost with each of its repeats. */
enum lk_status lk_rsn_authenticator_take_used(struct lk_rsn_authenticator_work *w)
{
    if (!is_fresh(w->a, &w->event->used))
        return LK_E_SYNC;
    finish(w);
    return LK_OK;
}

/* T51: the handshake of that TK was given up, as message 4 did not come and a newer key waited. The
 * station has it in, and will not have the one before for long: the rest of the next handshake goes
 * under it. */
enum lk_status lk_rsn_authenticator_install_used(struct lk_rsn_authenticator_work *w)
{
    if (!is_fresh(w->a, &w->event->used))
        return LK_E_SYNC;
    install(w);
    return LK_OK;
}

enum lk_status lk_rsn_authenticator_take_g2(struct lk_rsn_authenticator_work *w)
{
    if (check_mic(w, &w->a->ptk) != LK_OK)
        return drop(w, "G2 with another");
    (void)lk_rsn_add(w->out, LK_RSN_OUT_GROUP_DONE);
    w->a->state = LK_RSN_AUTHENTICATOR_OPEN;
    return LK_OK;
}

/* T51: a newer key waits, and the station may have moved on to it: message 1 is not worth another
 * try. Message 3 is, as the station may have installed what it brings. */
static bool moves_on(const struct lk_rsn_authenticator_work *w)
{
    return w->a->has_next && (w->a->state == LK_RSN_AUTHENTICATOR_AWAIT_M2 ||
                              w->a->tries >= w->config->tries);
}

/* spec: IEEE 802.11 12.7.6.6 - a message goes out again as often as it may, then the association
 * ends. */
enum lk_status lk_rsn_authenticator_retry(struct lk_rsn_authenticator_work *w)
{
    struct lk_rsn_authenticator *a = w->a;

    if (moves_on(w)) {
        take_next(a);
        change_key(w);
    } else if (a->tries < w->config->tries) {
        a->tries++;
        send(w);
    } else if (a->state == LK_RSN_AUTHENTICATOR_AWAIT_G2) {
        fail(w, LK_80211_REASON_GROUP_TIMEOUT, LK_REASON_RSN_GROUP_NO_ANSWER);
    } else {
        fail(w, LK_80211_REASON_HANDSHAKE_TIMEOUT,
             a->wrong_mics > 0 ? LK_REASON_RSN_M2_MIC : LK_REASON_RSN_NO_ANSWER);
    }
    return LK_OK;
}
