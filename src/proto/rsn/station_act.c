/* The station's handlers: what each event does. */
#include "proto/rsn/station_parts.h"

#include <stdio.h>
#include <string.h>

enum {
    STATIONS_TRANSACTION = 1,
    LISTEN_INTERVAL = 1,
};

/* What a station of 2.4 GHz must have; they mean nothing here. */
static const uint8_t rates[] = { 0x82, 0x84, 0x8b, 0x96 };

static struct lk_rsn_station_output *add(struct lk_rsn_station_work *w,
                                         enum lk_rsn_station_output_kind kind)
{
    LK_ASSERT(w->out->count < LK_RSN_STATION_OUTPUTS);
    w->out->item[w->out->count] = (struct lk_rsn_station_output){ .kind = kind };
    return &w->out->item[w->out->count++];
}

/* ---- frames ---- */

static struct lk_writer begin(struct lk_rsn_station_work *w, enum lk_80211_kind kind)
{
    struct lk_writer writer = lk_writer_of(w->out->octets, sizeof w->out->octets);
    struct lk_80211_header header = { .kind = (uint8_t)kind, .sequence = w->s->sequence };

    memcpy(header.a1, w->s->ap, sizeof header.a1);
    memcpy(header.a2, w->s->own, sizeof header.a2);
    memcpy(header.a3, w->s->ap, sizeof header.a3);
    w->s->sequence = (w->s->sequence + 1) & LK_80211_SEQUENCE_MAX;
    LK_ASSERT(lk_80211_header_encode(&writer, &header) == LK_OK);
    return writer;
}

static enum lk_status send(struct lk_rsn_station_work *w, const struct lk_writer *writer)
{
    enum lk_status status = lk_writer_end(writer);

    if (status == LK_OK)
        add(w, LK_RSN_STATION_OUT_SEND)->send = lk_writer_span(writer);
    return status;
}

static enum lk_status send_authentication(struct lk_rsn_station_work *w)
{
    static const struct lk_80211_authentication message = {
        .algorithm = LK_80211_OPEN_SYSTEM, .transaction = STATIONS_TRANSACTION
    };
    struct lk_writer writer = begin(w, LK_80211_AUTHENTICATION);
    enum lk_status status = lk_80211_authentication_encode(&writer, &message);

    return status == LK_OK ? send(w, &writer) : status;
}

static enum lk_status send_association(struct lk_rsn_station_work *w)
{
    struct lk_80211_association_request message = {
        .capabilities = LK_80211_ESS | LK_80211_PRIVACY,
        .listen_interval = LISTEN_INTERVAL,
        .elements = { .ssid = lk_span_of(w->s->ssid, w->s->ssid_len), .rates = LK_SPAN(rates),
                      .rsne = lk_span_of(w->s->rsne.octets, w->s->rsne.len) },
    };
    struct lk_writer writer = begin(w, LK_80211_ASSOCIATION_REQUEST);
    enum lk_status status = lk_80211_association_request_encode(&writer, &message);

    return status == LK_OK ? send(w, &writer) : status;
}

static enum lk_status ask(struct lk_rsn_station_work *w)
{
    enum lk_status status = w->s->state == LK_RSN_STATION_AWAIT_AUTHENTICATION
                                ? send_authentication(w)
                                : send_association(w);

    w->s->tries++;
    w->s->due_ms = w->event->now_ms + w->config->retry_ms;
    if (status == LK_OK)
        add(w, LK_RSN_STATION_OUT_TIMER)->timer_ms = w->s->due_ms;
    return status;
}

static enum lk_status ask_first(struct lk_rsn_station_work *w, enum lk_rsn_station_state state)
{
    w->s->state = state;
    w->s->tries = 0;
    return ask(w);
}

/* ---- in ---- */

/* spec: IEEE 802.11 12.6.10 - with AKM 1 and 5 the station names the PMKs that it has for this
 * access point. */
static enum lk_status keep_element(struct lk_rsn_station_work *w)
{
    const struct lk_rsn_join *join = &w->event->join;
    struct lk_writer writer = lk_writer_of(w->s->rsne.octets, sizeof w->s->rsne.octets);
    struct lk_span pmkids = lk_span_of(join->pmkid, join->pmkid_count * (size_t)LK_PMKID_LEN);
    struct lk_rsne rsne = lk_rsne_of((uint8_t)w->config->akm, 0, pmkids);
    enum lk_status status = lk_rsne_encode(&writer, &rsne);

    w->s->rsne.len = writer.len;
    return status;
}

enum lk_status lk_rsn_station_join(struct lk_rsn_station_work *w)
{
    const struct lk_rsn_join *join = &w->event->join;
    enum lk_status status;

    if (join->ssid_len == 0 || join->ssid_len > LK_80211_SSID_MAX ||
        join->pmkid_count > LK_RSN_PMKIDS_MAX)
        return LK_E_LENGTH;
    memcpy(w->s->ap, join->ap, sizeof w->s->ap);
    memcpy(w->s->ssid, join->ssid, join->ssid_len);
    w->s->ssid_len = join->ssid_len;
    status = keep_element(w);
    return status == LK_OK ? ask_first(w, LK_RSN_STATION_AWAIT_AUTHENTICATION) : status;
}

static void end(struct lk_rsn_station_work *w, enum lk_rsn_station_output_kind kind,
                enum lk_reason reason, const char *expected, const char *came)
{
    struct lk_rsn_station_output *output = add(w, kind);

    output->ended.code = w->code;
    output->ended.why = lk_refusal_of(reason, expected, came);
    w->s->state = LK_RSN_STATION_IDLE;
}

/* What to do about it depends on the status. */
static enum lk_status not_let_in(struct lk_rsn_station_work *w, const char *expected)
{
    enum lk_reason reason = w->code == LK_80211_INVALID_AKM     ? LK_REASON_RSN_REFUSED_AKM
                            : w->code == LK_80211_INVALID_PMKID ? LK_REASON_RSN_REFUSED_KEY
                                                                : LK_REASON_RSN_REFUSED;
    char came[16];

    (void)snprintf(came, sizeof came, "status %u", w->code);
    end(w, LK_RSN_STATION_OUT_REFUSED, reason, expected, came);
    return LK_OK;
}

enum lk_status lk_rsn_station_authenticated(struct lk_rsn_station_work *w)
{
    if (w->code == LK_80211_SUCCESS)
        return ask_first(w, LK_RSN_STATION_AWAIT_ASSOCIATION);
    return not_let_in(w, "authentication, status 0");
}

enum lk_status lk_rsn_station_associated(struct lk_rsn_station_work *w)
{
    if (w->code != LK_80211_SUCCESS)
        return not_let_in(w, "association, status 0");
    w->s->state = LK_RSN_STATION_ASSOCIATED;
    add(w, LK_RSN_STATION_OUT_ASSOCIATED);
    return LK_OK;
}

/* ---- out ---- */

enum lk_status lk_rsn_station_ended(struct lk_rsn_station_work *w)
{
    end(w, LK_RSN_STATION_OUT_ENDED, LK_REASON_RSN_ENDED, NULL, NULL);
    return LK_OK;
}

/* An answer that does not come is asked for again, some times. */
enum lk_status lk_rsn_station_again(struct lk_rsn_station_work *w)
{
    char ap[LK_STATION_TEXT], expected[40];

    if (w->event->now_ms < w->s->due_ms)
        return LK_E_UNEXPECTED;
    if (w->s->tries < w->config->tries)
        return ask(w);
    lk_station_text(ap, w->s->ap);
    (void)snprintf(expected, sizeof expected, "an answer of %s", ap);
    end(w, LK_RSN_STATION_OUT_FAILED, LK_REASON_RSN_NO_ACCESS_POINT, expected, "nothing");
    return LK_OK;
}

/* The access point has nothing of us yet that could end. */
enum lk_status lk_rsn_station_forget(struct lk_rsn_station_work *w)
{
    w->s->state = LK_RSN_STATION_IDLE;
    return LK_OK;
}

enum lk_status lk_rsn_station_leave(struct lk_rsn_station_work *w)
{
    struct lk_writer writer = begin(w, LK_80211_DEAUTHENTICATION);

    lk_put_le16(&writer, w->event->reason);
    w->s->state = LK_RSN_STATION_IDLE;
    return send(w, &writer);
}
