/* What an answer of the AAA means for the session of a device.
 *
 *     Accept with a WLCP key      SESSION, of a new generation; before it another subscriber's on
 *                                 this device ends, and this one's on another device
 *       one handed on before      nothing: the exchange was over
 *     Accept without              what was there ends: the device is in another mode
 *     Reject                      SESSION_FAILED, when the device is where it asked from, this
 *                                 answered the last challenge, and the AAA names the subscriber
 *     Challenge                   nothing, but that it is the last one
 *     overtaken by anything newer nothing (T20) */
#include <string.h>

#include "base/secret.h"
#include "node/twap_parts.h"

enum {
    DAY_S = 86400,
    GRACE_S = 300,
    ADDRESS_V4 = 4,
    IDLE_MS = 3600000, /* a session that nobody heard of for so long makes room */
};

/* ---- ends ---- */

/* Answers still due for this device, to what was asked before run, mean nothing any more. */
static void make_void(const struct lk_twap_now *now, const uint8_t *mac, uint64_t run)
{
    struct lk_span wanted = lk_span_of(mac, LK_STATION_LEN);

    for (size_t i = 0; i < now->twap->upstreams; i++) {
        struct lk_radius_proxy *proxy = &now->twap->proxy[i][LK_RADIUS_AUTH_PORT];
        struct lk_radius_proxy_slot *slot = NULL;

        while ((slot = lk_radius_proxy_next(proxy, slot)) != NULL)
            if (slot->has_station && slot->run < run &&
                lk_span_equal(LK_SPAN(slot->station), wanted))
                slot->is_void = true;
    }
}

static struct lk_twap_output *put_end(const struct lk_twap_now *now,
                                      const struct lk_twap_session *session,
                                      enum lk_twap_output_kind kind)
{
    struct lk_twap_output *item = lk_twap_put(now, kind);

    memcpy(item->end.ue_mac, session->mac, sizeof item->end.ue_mac);
    item->end.imsi = session->imsi;
    item->end.generation = session->generation;
    return item;
}

void lk_twap_end(const struct lk_twap_now *now, struct lk_twap_session *session,
                 enum lk_wlan_end why, uint64_t run)
{
    put_end(now, session, LK_TWAP_OUT_SESSION_END)->end.why = why;
    make_void(now, session->mac, run);
    lk_twap_sessions_remove(&now->twap->sessions, session);
}

/* ---- where a device is ---- */

uint8_t lk_twap_nas(char nas[LK_TWAP_NAS_MAX], const struct lk_radius_packet *packet)
{
    struct lk_span value;
    size_t len;

    memset(nas, 0, LK_TWAP_NAS_MAX);
    (void)lk_radius_find(packet, LK_RADIUS_NAS_IDENTIFIER, &value);
    len = value.len < LK_TWAP_NAS_MAX ? value.len : LK_TWAP_NAS_MAX;
    if (len > 0)
        memcpy(nas, value.at, len);
    return (uint8_t)len;
}

static void called_digest(uint8_t called[LK_TWAP_CALLED_LEN], const struct lk_radius_packet *asked)
{
    uint8_t digest[LK_SHA256_LEN];
    struct lk_span value;

    (void)lk_radius_find(asked, LK_RADIUS_CALLED_STATION_ID, &value);
    lk_sha256(digest, &value, 1);
    memcpy(called, digest, LK_TWAP_CALLED_LEN);
}

/* Of the State in a packet; zeroes when there is none. */
static void state_digest(uint8_t challenge[LK_TWAP_CHALLENGE_LEN],
                         const struct lk_radius_packet *packet)
{
    uint8_t digest[LK_SHA256_LEN] = { 0 };
    struct lk_span value;

    if (lk_radius_find(packet, LK_RADIUS_STATE, &value))
        lk_sha256(digest, &value, 1);
    memcpy(challenge, digest, LK_TWAP_CHALLENGE_LEN);
}

static bool is_where_it_asked_from(const struct lk_twap_session *session,
                                   const struct lk_radius_proxy_slot *slot,
                                   const struct lk_radius_packet *asked)
{
    char nas[LK_TWAP_NAS_MAX];
    uint8_t nas_len = lk_twap_nas(nas, asked), called[LK_TWAP_CALLED_LEN];

    called_digest(called, asked);
    return lk_address_equal(&session->ap, &slot->source) &&
           lk_span_equal(lk_span_of(nas, nas_len), lk_span_of(session->nas, session->nas_len)) &&
           lk_span_equal(LK_SPAN(called), LK_SPAN(session->called));
}

/* Copies an attribute of at most cap octets; what is longer is not kept. */
static uint8_t keep(void *to, size_t cap, const struct lk_radius_packet *packet, uint8_t type)
{
    struct lk_span value;

    if (!lk_radius_find(packet, type, &value) || value.len == 0 || value.len > cap)
        return 0;
    memcpy(to, value.at, value.len);
    return (uint8_t)value.len;
}

static void take_place(struct lk_twap_session *session, const struct lk_radius_proxy_slot *slot,
                       const struct lk_radius_packet *asked)
{
    struct lk_span value;

    session->ap = slot->source;
    session->nas_address = slot->source;
    if (lk_radius_find(asked, LK_RADIUS_NAS_IP_ADDRESS, &value) && value.len == ADDRESS_V4)
        session->nas_address = lk_address_v4(value.at);
    else if (lk_radius_find(asked, LK_RADIUS_NAS_IPV6_ADDRESS, &value) &&
             value.len == LK_ADDRESS_LEN)
        memcpy(session->nas_address.octets, value.at, LK_ADDRESS_LEN);
    session->nas_len = lk_twap_nas(session->nas, asked);
    called_digest(session->called, asked);
    memset(session->challenge, 0, sizeof session->challenge);
    session->user_len = keep(session->user, sizeof session->user, asked, LK_RADIUS_USER_NAME);
    session->acct_session_len = keep(session->acct_session, sizeof session->acct_session, asked,
                                     LK_RADIUS_ACCT_SESSION_ID);
}

/* ---- answers ---- */

static uint64_t lasts_until(const struct lk_twap_now *now, const struct lk_radius_packet *answer)
{
    uint32_t session_s = now->config->session_s != 0 ? now->config->session_s : DAY_S;
    struct lk_span value;

    /* spec: RFC 2865 5.27 - at its Session-Timeout a session is over, or authenticated anew. */
    if (lk_radius_find(answer, LK_RADIUS_SESSION_TIMEOUT, &value) &&
        lk_radius_u32(&session_s, value) != LK_OK)
        session_s = DAY_S;
    return now->event->now_ms + ((uint64_t)session_s + GRACE_S) * 1000;
}

static uint32_t seconds_left(const struct lk_twap_now *now, const struct lk_twap_session *row)
{
    uint64_t left_s = (row->until_ms - now->event->now_ms) / 1000;

    return left_s < UINT32_MAX ? (uint32_t)left_s : UINT32_MAX;
}

static void put_session(const struct lk_twap_now *now, const struct lk_twap_session *row,
                        const struct lk_wlcp_key *key)
{
    struct lk_wlan_session *session = &lk_twap_put(now, LK_TWAP_OUT_SESSION)->session;

    session->imsi = row->imsi;
    memcpy(session->ue_mac, row->mac, sizeof session->ue_mac);
    session->key = *key;
    session->generation = row->generation;
    session->lifetime_s = seconds_left(now, row);
    session->class_len = row->class_len;
    memcpy(session->class_value, row->class_value, sizeof session->class_value);
    session->acct_session_len = row->acct_session_len;
    memcpy(session->acct_session, row->acct_session, sizeof session->acct_session);
}

/* T02: a subscriber has one session: where he was before there is none of his any more that
 * somebody else on that device could end. False: he has a newer one elsewhere (T20). */
static bool leave_elsewhere(const struct lk_twap_now *now, const struct lk_twap_session *session,
                            const struct lk_radius_proxy_slot *slot, const struct lk_imsi *imsi)
{
    struct lk_twap_session *elsewhere = lk_twap_sessions_find_imsi(&now->twap->sessions, imsi);

    if (elsewhere == NULL || elsewhere == session)
        return true;
    if (elsewhere->run > slot->run) {
        lk_twap_note(now, LK_REASON_TWAP_STALE);
        return false;
    }
    lk_twap_end(now, elsewhere, LK_WLAN_END_REPLACED, slot->run);
    return true;
}

static struct lk_twap_session *add(const struct lk_twap_now *now, const uint8_t *mac,
                                   const struct lk_imsi *imsi)
{
    struct lk_twap_sessions *sessions = &now->twap->sessions;
    struct lk_twap_session *oldest = lk_twap_sessions_in_the_way(sessions);

    if (oldest != NULL && now->event->now_ms >= oldest->heard_ms + IDLE_MS)
        lk_twap_end(now, oldest, LK_WLAN_END_LOST, oldest->run);
    return lk_twap_sessions_add(sessions, mac, imsi, now->event->now_ms);
}

/* spec: TS 33.402 7.2.3.2.2 - a fast re-authentication brings a new key as a full one does. T06:
 * who lets the AAA accept the same exchange again, by a request sent once more from another port,
 * does not bring a key back.
 * T02: the IMSI is the one that the AAA sent with the key, and no other event sets it. */
static void begin(const struct lk_twap_now *now, struct lk_twap_session *session,
                  const struct lk_radius_proxy_slot *slot, const struct lk_radius_packet *asked,
                  const struct lk_radius_packet *answer, const struct lk_imsi *imsi,
                  const struct lk_wlcp_key *key)
{
    if (lk_twap_sessions_was_handed(&now->twap->sessions, key)) {
        lk_twap_note(now, LK_REASON_TWAP_KEY_AGAIN);
        return;
    }
    if (!leave_elsewhere(now, session, slot, imsi))
        return;
    if (session != NULL && !lk_imsi_equal(&session->imsi, imsi)) {
        lk_twap_end(now, session, LK_WLAN_END_REPLACED, slot->run);
        session = NULL;
    }
    if (session == NULL)
        session = add(now, slot->station, imsi);
    if (session == NULL) {
        lk_twap_note(now, LK_REASON_TWAP_FULL);
        return;
    }
    lk_twap_sessions_heard(&now->twap->sessions, session, now->event->now_ms);
    session->generation = lk_twap_sessions_generation(&now->twap->sessions, session,
                                                      now->event->now_ms);
    session->run = slot->run;
    session->began_ms = now->event->now_ms;
    session->until_ms = lasts_until(now, answer);
    take_place(session, slot, asked);
    session->class_len = keep(session->class_value, sizeof session->class_value, answer,
                              LK_RADIUS_CLASS);
    lk_twap_sessions_handed(&now->twap->sessions, key);
    put_session(now, session, key);
}

static void accepted(const struct lk_twap_now *now, struct lk_twap_session *session,
                     const struct lk_radius_proxy_slot *slot, const struct lk_radius_packet *asked,
                     const struct lk_radius_packet *answer)
{
    const struct lk_twap_upstream *server = &now->config->upstream[now->event->upstream];
    struct lk_span value;
    struct lk_wlcp_key key;
    struct lk_imsi imsi;
    enum lk_status status;

    if (lk_radius_find_vendor(answer, now->config->enterprise, LK_RADIUS_WLCP_KEY, &value)) {
        status = lk_radius_open_wlcp(&key, &imsi, answer, now->config->enterprise,
                                     &server->secret, asked->authenticator.at);
        if (!slot->has_station)
            lk_twap_note(now, LK_REASON_TWAP_NO_STATION);
        else if (!server->may_carry_keys)
            lk_twap_note(now, LK_REASON_TWAP_KEY_IN_CLEAR);
        else if (status != LK_OK)
            lk_twap_note(now, LK_REASON_TWAP_KEY_UNUSABLE);
        else {
            begin(now, session, slot, asked, answer, &imsi, &key);
            session = NULL;
        }
        lk_wipe(&key, sizeof key);
    }
    if (session != NULL)
        lk_twap_end(now, session, LK_WLAN_END_MODE, slot->run);
}

/* A request that was recorded some time ago is rejected, too: for its State, which has expired. It
 * says nothing of the device. One without State begins an exchange, and is no answer. */
static bool answers_the_last(const struct lk_twap_session *session,
                             const struct lk_radius_packet *asked)
{
    uint8_t challenge[LK_TWAP_CHALLENGE_LEN];
    struct lk_span value;

    if (!lk_radius_find(asked, LK_RADIUS_STATE, &value))
        return true;
    state_digest(challenge, asked);
    return lk_span_equal(LK_SPAN(challenge), LK_SPAN(session->challenge));
}

static void challenged(struct lk_twap_session *session, const struct lk_radius_proxy_slot *slot,
                       const struct lk_radius_packet *asked, const struct lk_radius_packet *answer)
{
    if (is_where_it_asked_from(session, slot, asked))
        state_digest(session->challenge, answer);
}

/* T02: any stranger may be rejected on this MAC address: the AAA says whom it means. */
static bool is_rejected(const struct lk_twap_now *now, const struct lk_twap_session *session,
                        const struct lk_radius_packet *asked,
                        const struct lk_radius_packet *answer)
{
    const struct lk_twap_upstream *server = &now->config->upstream[now->event->upstream];
    struct lk_imsi imsi;

    return lk_radius_open_imsi(&imsi, answer, now->config->enterprise, &server->secret,
                               asked->authenticator.at) == LK_OK &&
           lk_imsi_equal(&imsi, &session->imsi);
}

/* spec: TS 24.244 5.1.5 - when EAP re-authentication fails, the TWAG disconnects what there is. */
static void rejected(const struct lk_twap_now *now, struct lk_twap_session *session,
                     const struct lk_radius_proxy_slot *slot, const struct lk_radius_packet *asked,
                     const struct lk_radius_packet *answer)
{
    if (session == NULL || !is_where_it_asked_from(session, slot, asked))
        return;
    if (!answers_the_last(session, asked)) {
        lk_twap_note(now, LK_REASON_TWAP_STALE);
        return;
    }
    if (!is_rejected(now, session, asked, answer)) {
        lk_twap_note(now, LK_REASON_TWAP_REJECT);
        return;
    }
    (void)put_end(now, session, LK_TWAP_OUT_SESSION_FAILED);
    make_void(now, session->mac, slot->run);
    lk_twap_sessions_remove(&now->twap->sessions, session);
}

void lk_twap_answered(const struct lk_twap_now *now, const struct lk_radius_proxy_slot *slot,
                      const struct lk_radius_packet *answer)
{
    struct lk_twap_session *session = NULL;
    struct lk_radius_packet asked;
    enum lk_status status = lk_radius_decode(&asked, lk_span_of(slot->octets, slot->len));

    LK_ASSERT(status == LK_OK);
    if (slot->has_station)
        session = lk_twap_sessions_find(&now->twap->sessions, slot->station);
    if (answer->code == LK_RADIUS_ACCESS_CHALLENGE) {
        if (session != NULL)
            challenged(session, slot, &asked, answer);
        return;
    }
    if (slot->is_void || (session != NULL && slot->run < session->run)) {
        lk_twap_note(now, LK_REASON_TWAP_STALE);
        return;
    }
    if (answer->code == LK_RADIUS_ACCESS_ACCEPT)
        accepted(now, session, slot, &asked, answer);
    else
        rejected(now, session, slot, &asked, answer);
}
