#include "trace/association.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "trace/s_kwt.h"
#include "wire/ccmp.h"

enum { RUNS_LOOKED_AT = 1024 };

void lk_pmk_text(char text[LK_PMK_TEXT], const struct lk_trace *trace, size_t pmk)
{
    text[0] = '\0';
    if (pmk < trace->key_count && trace->keys[pmk].number != LK_TRACE_NO_NUMBER)
        (void)snprintf(text, LK_PMK_TEXT, "S-KWT of WT Counter %u", trace->keys[pmk].number);
    else if (pmk < trace->key_count)
        (void)snprintf(text, LK_PMK_TEXT, "S-KWT of Xw");
}

/* ---- runs ---- */

static bool is_station(const uint8_t a[LK_STATION_LEN], const uint8_t b[LK_STATION_LEN])
{
    return lk_span_equal(lk_span_of(a, LK_STATION_LEN), lk_span_of(b, LK_STATION_LEN));
}

enum lk_status lk_association_place(struct lk_trace *trace, size_t index,
                                    const uint8_t station[LK_STATION_LEN], bool begins)
{
    struct lk_trace_association *made;
    char title[LK_STATION_TEXT + 16], text[LK_STATION_TEXT];
    enum lk_status status;

    for (size_t r = trace->run_count; r > 0 && r + RUNS_LOOKED_AT > trace->run_count; r--) {
        const struct lk_trace_run *run = &trace->runs[r - 1];

        if (run->kind != LK_TRACE_ASSOCIATION || !is_station(run->association.station, station))
            continue;
        if (begins && (run->association.ended || run->association.refused))
            break;
        trace->messages[index].run = r - 1;
        return LK_OK;
    }
    lk_station_text(text, station);
    (void)snprintf(title, sizeof title, "device %s: run", text);
    status = lk_trace_start_run(trace, index, LK_TRACE_ASSOCIATION, title);
    if (status != LK_OK)
        return status;
    made = &trace->runs[trace->run_count - 1].association;
    made->has_station = true;
    memcpy(made->station, station, sizeof made->station);
    made->m1 = made->m2 = made->failed_m1 = LK_TRACE_NONE;
    return LK_OK;
}

/* ---- keys ---- */

static enum lk_status keep_key_of(struct lk_trace *trace, const struct lk_trace_message *m)
{
    static const uint8_t withheld[LK_XWAP_KEY_LEN];
    struct lk_key_log entry = { .kind = LK_KEY_LOG_S_KWT, .number = LK_TRACE_NO_NUMBER };
    enum lk_status status;

    if (m->xw.key.len != sizeof entry.key || m->run == LK_TRACE_NONE ||
        lk_same_secret(m->xw.key.at, withheld, sizeof withheld))
        return LK_OK;
    memcpy(entry.station, trace->runs[m->run].association.station, sizeof entry.station);
    memcpy(entry.key, m->xw.key.at, sizeof entry.key);
    status = lk_trace_keep_key(trace, &entry);
    lk_wipe(&entry, sizeof entry);
    return status == LK_E_FULL ? LK_OK : status;
}

/* Of the suites of one hash, it is no matter which. */
static enum lk_akm akm_of(const struct lk_eapol_key *key)
{
    return (key->info & LK_KEY_INFO_VERSION) == LK_KEY_VERSION_CMAC ? LK_AKM_PSK_SHA256
                                                                    : LK_AKM_PSK;
}

static bool is_pmk_of(const struct lk_trace *trace, size_t key, const struct lk_trace_wlan *wlan)
{
    return trace->keys[key].kind == LK_KEY_LOG_S_KWT &&
           is_station(trace->keys[key].station, wlan->station);
}

static void pmk_at(struct lk_pmk *pmk, const struct lk_trace *trace, size_t key)
{
    memcpy(pmk->octets, trace->keys[key].key, sizeof pmk->octets);
}

/* spec: IEEE 802.11 12.7.1.3 - the PMKID of message 1 names the authenticator's PMK. */
static void judge_m1_by_keys(const struct lk_trace *trace, struct lk_trace_wlan *wlan)
{
    uint8_t pmkid[LK_PMKID_LEN];
    struct lk_pmk pmk;

    for (size_t i = trace->key_count; i > 0 && wlan->judged != LK_TRACE_RIGHT; i--) {
        if (!is_pmk_of(trace, i - 1, wlan) || wlan->pmkid.len != sizeof pmkid)
            continue;
        pmk_at(&pmk, trace, i - 1);
        lk_pmkid_derive(pmkid, akm_of(&wlan->key), &pmk, wlan->ap, wlan->station);
        wlan->judged = LK_TRACE_WRONG;
        if (!lk_span_equal(LK_SPAN(pmkid), wlan->pmkid))
            continue;
        wlan->judged = LK_TRACE_RIGHT;
        wlan->pmk = i - 1;
    }
    lk_wipe(&pmk, sizeof pmk);
}

static enum lk_status judge_m1(struct lk_trace *trace, struct lk_trace_wlan *wlan, size_t index)
{
    enum lk_status status;

    judge_m1_by_keys(trace, wlan);
    if (wlan->judged == LK_TRACE_RIGHT || wlan->pmkid.len != LK_PMKID_LEN)
        return LK_OK;
    status = lk_s_kwt_find(trace, index, akm_of(&wlan->key));
    judge_m1_by_keys(trace, wlan);
    return status;
}

/* Under which PMK the device answers: that which makes the MIC right. */
static void judge_m2(const struct lk_trace *trace, struct lk_trace_wlan *wlan,
                     struct lk_trace_association *of)
{
    struct lk_ptk_input in;
    struct lk_ptk ptk;
    struct lk_pmk pmk;

    lk_wipe(&of->next, sizeof of->next);
    if (of->m1 == LK_TRACE_NONE)
        return;
    memcpy(in.aa, wlan->ap, sizeof in.aa);
    memcpy(in.spa, wlan->station, sizeof in.spa);
    memcpy(in.anonce, trace->messages[of->m1].wlan.key.nonce, sizeof in.anonce);
    memcpy(in.snonce, wlan->key.nonce, sizeof in.snonce);
    for (size_t i = trace->key_count; i > 0 && wlan->judged != LK_TRACE_RIGHT; i--) {
        if (!is_pmk_of(trace, i - 1, wlan))
            continue;
        pmk_at(&pmk, trace, i - 1);
        lk_ptk_derive(&ptk, akm_of(&wlan->key), &pmk, &in);
        wlan->judged = LK_TRACE_WRONG;
        if (lk_eapol_mic_check(&ptk.kck, lk_akm_key_version(akm_of(&wlan->key)), wlan->key.whole) !=
            LK_OK)
            continue;
        wlan->judged = LK_TRACE_RIGHT;
        wlan->pmk = i - 1;
        of->next = (struct lk_trace_ptk){ true, i - 1, ptk };
    }
    lk_wipe(&ptk, sizeof ptk);
    lk_wipe(&pmk, sizeof pmk);
}

static void judge_mic(struct lk_trace_wlan *wlan, const struct lk_trace_ptk *under)
{
    if (!under->is_set)
        return;
    wlan->judged = lk_eapol_mic_check(&under->ptk.kck, lk_akm_key_version(akm_of(&wlan->key)),
                                      wlan->key.whole) == LK_OK ? LK_TRACE_RIGHT : LK_TRACE_WRONG;
    wlan->pmk = wlan->judged == LK_TRACE_RIGHT ? under->pmk : LK_TRACE_NONE;
}

static enum lk_status judge_handshake(struct lk_trace *trace, struct lk_trace_wlan *wlan,
                                      size_t index, struct lk_trace_association *of)
{
    switch (wlan->message) {
    case LK_EAPOL_M1:
        of->m1 = index;
        return judge_m1(trace, wlan, index);
    case LK_EAPOL_M2:
        of->m2 = index;
        judge_m2(trace, wlan, of);
        break;
    case LK_EAPOL_M3:
        judge_mic(wlan, &of->next);
        break;
    case LK_EAPOL_M4:
        judge_mic(wlan, of->next.is_set ? &of->next : &of->now);
        of->m1 = of->m2 = LK_TRACE_NONE;
        of->handshakes++;
        if (!of->next.is_set)
            break;
        of->before = of->now;
        of->now = of->next;
        lk_wipe(&of->next, sizeof of->next);
        break;
    case LK_EAPOL_G1:
    case LK_EAPOL_G2:
        judge_mic(wlan, &of->now);
        break;
    case LK_EAPOL_NO_MESSAGE:
    case LK_EAPOL_MESSAGE_COUNT:
        break;
    }
    return LK_OK;
}

/* ---- data ---- */

/* What was in it, behind LLC. */
static void take_plain(struct lk_trace_wlan *wlan, const struct lk_80211_header *header,
                       struct lk_span plain)
{
    struct lk_80211_payload payload;
    struct lk_lwaap lwaap;

    if (lk_80211_payload_decode(&payload, header, plain) != LK_OK)
        return;
    wlan->ethertype = payload.ethertype;
    wlan->len = payload.octets.len;
    if (payload.ethertype == LK_LWA_ETHERTYPE && lk_lwaap_decode(&lwaap, payload.octets) == LK_OK)
        wlan->drb = lwaap.drb;
    if (payload.ethertype == LK_EAPOL_ETHERTYPE)
        lk_wlan_read_eapol(wlan, payload.octets);
}

static bool open_with(struct lk_trace_message *m, const struct lk_trace_ptk *under)
{
    struct lk_80211_header header;
    struct lk_ccmp_header ccmp;
    struct lk_ccmp_input in;
    struct lk_aes128 aes;
    struct lk_reader r;
    struct lk_span body;
    size_t len;

    if (!under->is_set || lk_80211_decode(&header, &body, m->octets) != LK_OK)
        return false;
    r = lk_reader_of(body);
    if (lk_ccmp_header_get(&ccmp, &r) != LK_OK || r.left < LK_CCMP_MIC_LEN)
        return false;
    in = lk_ccmp_input_of(&header, ccmp.pn);
    len = r.left - LK_CCMP_MIC_LEN;
    lk_aes128_set_key(&aes, under->ptk.tk.octets);
    m->wlan.opened = lk_ccm128_open(m->wlan.room, &aes, in.nonce, LK_CCMP_MIC_LEN,
                                    lk_span_of(in.aad, in.aad_len), lk_get_rest(&r)) == LK_OK;
    lk_wipe(&aes, sizeof aes);
    if (!m->wlan.opened)
        return false;
    m->wlan.pmk = under->pmk;
    take_plain(&m->wlan, &header, lk_span_of(m->wlan.room, len));
    return true;
}

/* An end may send under the next key before message 4 is seen, and under the last one after it. */
static void open_data(struct lk_trace_message *m, const struct lk_trace_association *of)
{
    if (!m->wlan.group && !open_with(m, &of->now) && !open_with(m, &of->next))
        (void)open_with(m, &of->before);
}

/* ---- how an association goes ---- */

/* What an access point says of a handshake that came to nothing. */
static bool is_of_handshake(uint16_t reason)
{
    return reason == LK_80211_REASON_AUTHENTICATION_ENDED || reason == LK_80211_REASON_MIC ||
           reason == LK_80211_REASON_HANDSHAKE_TIMEOUT || reason == LK_80211_REASON_RSNE_DIFFERS ||
           reason == LK_80211_REASON_GROUP_TIMEOUT || reason == LK_80211_REASON_INVALID_PMKID;
}

static void ends(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    struct lk_trace_association *of = &run->association;

    bool leaves = m->request && m->wlan.code == LK_80211_REASON_LEAVING;

    if (of->ended || (leaves && !of->asked))
        return;
    of->ended = true;
    of->code = m->wlan.code;
    of->failed_m1 = of->m1;
    if (of->m1 != LK_TRACE_NONE || (of->handshakes == 0 && !leaves) ||
        (!m->request && is_of_handshake(m->wlan.code)))
        run->outcome = LK_TRACE_REJECTED;
}

static void follow(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    switch (m->wlan.kind) {
    case LK_80211_AUTHENTICATION:
    case LK_80211_ASSOCIATION_RESPONSE:
    case LK_80211_REASSOCIATION_RESPONSE:
        run->association.asked = true;
        if (m->request || m->wlan.code == LK_80211_SUCCESS)
            break;
        run->association.refused = true;
        run->association.code = m->wlan.code;
        run->outcome = LK_TRACE_REJECTED;
        break;
    case LK_80211_DEAUTHENTICATION:
    case LK_80211_DISASSOCIATION:
        ends(run, m);
        break;
    default:
        run->association.asked = true;
        if (m->wlan.message == LK_EAPOL_M4)
            run->outcome = LK_TRACE_ACCEPTED;
        break;
    }
}

enum lk_status lk_association_judge(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct lk_trace_run *run;
    enum lk_status status;

    if (m->protocol == LK_TRACE_XW)
        return keep_key_of(trace, m);
    if (m->protocol != LK_TRACE_WLAN || m->run == LK_TRACE_NONE || m->status != LK_OK)
        return LK_OK;
    run = &trace->runs[m->run];
    m->wlan.pmk = LK_TRACE_NONE;
    m->wlan.judged = LK_TRACE_NOT_JUDGED;
    if (m->repeats != LK_TRACE_NONE)
        return LK_OK;
    if (m->wlan.sealed)
        open_data(m, &run->association);
    m->wlan.rekey = m->wlan.message != LK_EAPOL_NO_MESSAGE && run->association.handshakes > 0;
    status = judge_handshake(trace, &m->wlan, index, &run->association);
    follow(run, m);
    return status;
}
