/* What accounting means for the sessions of the TWAP.
 *
 *     start, interim      its Acct-Session-Id is the session's
 *     stop                ends the session that it is about
 *     on, off             all of that access point end, one after another
 *
 * An Accounting-Request has no nonce: whoever recorded one may send it again, for ever, and the
 * authenticator is right. So nothing is taken from one that is not new: Event-Timestamp says when
 * it happened, and where that is missing, what the request knows of this very session. A restart
 * forgets what was taken, and all sessions with it: what happened before it means nothing.
 *
 * RFC 2866 4.1, 5.1, 5.5; RFC 2869 5.3. */
#include <string.h>

#include "node/accounting.h"
#include "node/twap_parts.h"

enum {
    WINDOW_S = LK_RADIUS_DYNAMIC_WINDOW_S,
    CLOCK_S = 5, /* so much an access point's clock may be behind ours */
};

/* ---- when it happened ---- */

struct moment {
    bool told;
    uint64_t at_s; /* 0: told, and not to be understood */
};

static struct moment moment_of(const struct lk_radius_packet *packet)
{
    struct lk_span value;
    uint32_t at_s = 0;
    bool told = lk_radius_find(packet, LK_RADIUS_EVENT_TIMESTAMP, &value);

    if (told && lk_radius_u32(&at_s, value) != LK_OK)
        at_s = 0;
    return (struct moment){ told, at_s };
}

static bool is_current(const struct lk_twap_now *now, struct moment moment)
{
    uint64_t now_s = now->event->now_ms / 1000;

    return moment.at_s + WINDOW_S >= now_s && moment.at_s <= now_s + WINDOW_S;
}

static void refuse(const struct lk_twap_now *now, const char *came)
{
    lk_twap_note_came(now, LK_REASON_TWAP_ACCOUNTING, came);
}

/* ---- of one session ---- */

/* Class is of the AAA: a request with another one than the session's is about another session. */
static bool is_anothers(const struct lk_twap_session *session,
                        const struct lk_radius_request *request)
{
    return session->class_len > 0 && request->class_value.len > 0 &&
           !lk_span_equal(request->class_value, lk_span_of(session->class_value,
                                                           session->class_len));
}

static bool has_its_class(const struct lk_twap_session *session,
                          const struct lk_radius_request *request)
{
    return session->class_len > 0 && request->class_value.len > 0 && !is_anothers(session, request);
}

/* spec: RFC 2869 5.3 - it happened then: before the session began, or in a time to come, it is not
 * this session's. Later than the window it may arrive, for an access point goes on trying. */
static bool is_of_its_time(const struct lk_twap_now *now, const struct lk_twap_session *session,
                           struct moment moment)
{
    return !moment.told || (moment.at_s + CLOCK_S >= session->began_ms / 1000 &&
                            moment.at_s <= now->event->now_ms / 1000 + WINDOW_S);
}

/* What is no other session's: under its Class any, and the first that a request of its time
 * names. */
static void learn(struct lk_twap_session *session, const struct lk_radius_request *request,
                  struct lk_span acct_session)
{
    bool first = session->acct_session_len == 0 && moment_of(&request->packet).told;

    if ((!has_its_class(session, request) && !first) || acct_session.len == 0 ||
        acct_session.len > sizeof session->acct_session)
        return;
    memcpy(session->acct_session, acct_session.at, acct_session.len);
    session->acct_session_len = (uint8_t)acct_session.len;
}

/* spec: RFC 2866 5.5 - Acct-Session-Id says which session a stop ends. While we know none, only its
 * Class does. */
static void stop(const struct lk_twap_now *now, struct lk_twap_session *session,
                 const struct lk_radius_request *request, struct lk_span acct_session, uint64_t run)
{
    bool is_its_own = has_its_class(session, request);

    if (session->acct_session_len > 0 && acct_session.len > 0)
        is_its_own = lk_span_equal(acct_session, lk_span_of(session->acct_session,
                                                            session->acct_session_len));
    else if (!is_its_own && !is_anothers(session, request))
        refuse(now, "a stop with neither Class nor a known Acct-Session-Id");
    if (is_its_own)
        lk_twap_end(now, session, LK_WLAN_END_DETACHED, run);
}

/* An access point says something only of what is at it: the device may have moved on. */
static void account_session(const struct lk_twap_now *now, const struct lk_radius_request *request,
                            uint32_t status, uint64_t run)
{
    struct lk_twap_session *session = NULL;
    struct lk_span acct_session;
    uint8_t mac[LK_STATION_LEN];

    (void)lk_radius_find(&request->packet, LK_RADIUS_ACCT_SESSION_ID, &acct_session);
    if (lk_station_parse(mac, request->calling_station) == LK_OK)
        session = lk_twap_sessions_find(&now->twap->sessions, mac);
    if (session == NULL || !lk_address_equal(&session->ap, &now->event->source))
        return;
    if (!is_of_its_time(now, session, moment_of(&request->packet))) {
        refuse(now, "an Event-Timestamp of another session");
    } else if (status == LK_ACCT_STOP) {
        stop(now, session, request, acct_session, run);
    } else if (!is_anothers(session, request)) {
        learn(session, request, acct_session);
        lk_twap_sessions_heard(&now->twap->sessions, session, now->event->now_ms);
    }
}

/* ---- of a whole access point ---- */

/* Nothing of it would be missed: what is older is refused by its timestamp alone. */
static bool is_idle(const struct lk_twap_now *now, const struct lk_twap_boots *boots)
{
    return boots->seen_count == 0 && boots->at_s + WINDOW_S < now->event->now_ms / 1000;
}

/* What is remembered of that access point, or a row for it; NULL: there is none, and none is taken
 * away from others. */
static struct lk_twap_boots *boots_of(const struct lk_twap_now *now,
                                      const struct lk_radius_packet *packet)
{
    struct lk_twap_boots *free = NULL;
    char nas[LK_TWAP_NAS_MAX];
    uint8_t nas_len = lk_twap_nas(nas, packet);

    for (size_t i = 0; i < LK_TWAP_BOOTS; i++) {
        struct lk_twap_boots *boots = &now->twap->boots[i];

        if (lk_address_equal(&boots->ap, &now->event->source) &&
            lk_span_equal(lk_span_of(boots->nas, boots->nas_len), lk_span_of(nas, nas_len)))
            return boots;
        if (free == NULL && is_idle(now, boots))
            free = boots;
    }
    if (free != NULL) {
        *free = (struct lk_twap_boots){ .ap = now->event->source, .nas_len = nas_len };
        memcpy(free->nas, nas, sizeof free->nas);
    }
    return free;
}

/* Why it is not known to be new; NULL: it is, and from now on is not any more. */
static const char *take_moment(const struct lk_twap_now *now, struct lk_twap_boots *boots,
                               struct moment moment)
{
    if (!is_current(now, moment))
        return "an Event-Timestamp outside the window";
    if (moment.at_s < now->twap->since_ms / 1000)
        return "an Event-Timestamp from before the start";
    if (moment.at_s <= boots->at_s)
        return "an Event-Timestamp that is not newer";
    boots->at_s = moment.at_s;
    return NULL;
}

/* The same without a clock: each once, and so many of them that all are remembered. */
static const char *take_octets(struct lk_twap_boots *boots, const struct lk_radius_packet *packet)
{
    uint64_t seen;

    memcpy(&seen, packet->authenticator.at, sizeof seen);
    if (boots->at_s != 0)
        return "no Event-Timestamp, and there was one before";
    for (size_t i = 0; i < boots->seen_count; i++)
        if (boots->seen[i] == seen)
            return "the same octets";
    if (boots->seen_count == LK_TWAP_BOOTS_SEEN)
        return "no Event-Timestamp, and too many before it";
    boots->seen[boots->seen_count++] = seen;
    return NULL;
}

static void begin_sweep(const struct lk_twap_now *now, const struct lk_radius_packet *packet,
                        uint64_t run)
{
    struct lk_twap_boots *boots = boots_of(now, packet);
    struct lk_twap_sweep *sweep = now->twap->sweep;
    struct moment moment = moment_of(packet);
    const char *why;

    while (sweep < now->twap->sweep + LK_TWAP_SWEEPS && sweep->on)
        sweep++;
    if (boots == NULL || sweep == now->twap->sweep + LK_TWAP_SWEEPS) {
        lk_twap_note(now, LK_REASON_TWAP_FULL); /* what remains ends by its lifetime */
        return;
    }
    why = moment.told ? take_moment(now, boots, moment) : take_octets(boots, packet);
    if (why != NULL) {
        refuse(now, why);
        return;
    }
    *sweep = (struct lk_twap_sweep){ .on = true, .ap = now->event->source, .run = run };
    sweep->nas_len = lk_twap_nas(sweep->nas, packet);
    now->out->again = true;
}

/* spec: RFC 2866 5.1 - start, interim and stop speak of one session; on and off say that the access
 * point has none. */
void lk_twap_account(const struct lk_twap_now *now, const struct lk_radius_request *request,
                     uint64_t run)
{
    struct lk_span value;
    uint32_t status = 0;

    if (!lk_radius_find(&request->packet, LK_RADIUS_ACCT_STATUS_TYPE, &value) ||
        lk_radius_u32(&status, value) != LK_OK)
        return;
    switch (status) {
    case LK_ACCT_START:
    case LK_ACCT_INTERIM:
    case LK_ACCT_STOP:
        account_session(now, request, status, run);
        break;
    case LK_ACCT_ON:
    case LK_ACCT_OFF:
        begin_sweep(now, &request->packet, run);
        break;
    default:
        break;
    }
}
