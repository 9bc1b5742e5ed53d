/* Questions from the control socket.
 *
 *     {"op": "wlan-digest"}
 *     {"op": "wlan-sessions", "imsi": "001...", "after": 0}
 *     {"op": "wlan-session-end", "station": "02:00:00:00:00:01"}
 *
 * wlan-sessions: imsi is optional, and the answer a part of them (role/ask.h). A row is what TWAP
 * and TWAG know of one device; first come those of the TWAP, then those that the TWAG has of TWAPs
 * elsewhere. */
#include <string.h>

#include "base/hex.h"
#include "role/wlan_twag.h"

/* ---- digests ---- */

/* A hash over the table of each half, for whoever wants to know that something left no trace. */
static void add_digest(json_t *answer, const char *name, const uint8_t digest[LK_SHA256_LEN])
{
    char hex[2 * LK_SHA256_LEN + 1];

    (void)!lk_hex_encode(hex, sizeof hex, lk_span_of(digest, LK_SHA256_LEN));
    (void)json_object_set_new(answer, name, json_string(hex));
}

static json_t *digests(void *context, const json_t *request)
{
    struct lk_wlan *wlan = context;
    json_t *answer = json_pack("{s:b}", "ok", 1);
    uint8_t digest[LK_SHA256_LEN];

    (void)request;
    if (wlan->twap != NULL) {
        lk_twap_digest(digest, &wlan->twap->node);
        add_digest(answer, "twap", digest);
    }
    if (wlan->twag != NULL) {
        lk_wlan_twag_digest(wlan, digest);
        add_digest(answer, "twag", digest);
    }
    return answer;
}

/* ---- sessions ---- */

static json_t *row_begin(const struct lk_imsi *imsi, const uint8_t mac[LK_STATION_LEN])
{
    char station[LK_STATION_TEXT];

    lk_station_text(station, mac);
    return json_pack("{s:s, s:s}", "imsi", imsi->digits, "station", station);
}

static void add_gateway(json_t *row, const struct lk_twag_told *told)
{
    (void)json_object_set_new(row, "channel", json_boolean(told->has_channel));
    (void)json_object_set_new(row, "connections", json_integer((json_int_t)told->connections));
}

/* What access points say is theirs: it is told as text where it is text. */
static void add_proxy(json_t *row, const struct lk_twap_session *session)
{
    char access_point[LK_ADDRESS_TEXT];
    json_t *acct = json_stringn(session->acct_session, session->acct_session_len);

    lk_address_text(access_point, &session->ap);
    (void)json_object_set_new(row, "client", json_string(access_point));
    (void)json_object_set_new(row, "session", acct != NULL ? acct : json_string(""));
}

static bool wanted(const struct lk_imsi *imsi, const char *only)
{
    return only == NULL || strcmp(imsi->digits, only) == 0;
}

static void tell_proxys(struct lk_wlan *wlan, struct lk_part *part, const char *only, uint32_t at)
{
    const struct lk_twap_session *session = &wlan->twap->node.sessions.row[at];
    struct lk_twag_told told;
    json_t *row;

    if (!session->used || !wanted(&session->imsi, only))
        return;
    row = row_begin(&session->imsi, session->mac);
    add_proxy(row, session);
    if (wlan->twag != NULL && lk_twag_told_of(&told, wlan->twag->node, session->mac))
        add_gateway(row, &told);
    lk_part_add(part, row);
}

/* Those that no TWAP of ours has told of. */
static void tell_gateways(struct lk_wlan *wlan, struct lk_part *part, const char *only, uint32_t at)
{
    struct lk_twag_told told;
    json_t *row;

    if (!lk_twag_told_at(&told, wlan->twag->node, at) || !wanted(&told.imsi, only) ||
        (wlan->twap != NULL && lk_twap_sessions_find(&wlan->twap->node.sessions, told.mac) != NULL))
        return;
    row = row_begin(&told.imsi, told.mac);
    add_gateway(row, &told);
    lk_part_add(part, row);
}

static json_t *sessions(void *context, const json_t *request)
{
    struct lk_wlan *wlan = context;
    const char *only = json_string_value(json_object_get(request, "imsi"));
    uint64_t proxys = wlan->twap == NULL ? 0 : wlan->twap->node.sessions.touched;
    uint64_t gateways = wlan->twag == NULL ? 0 : lk_twag_places(wlan->twag->node);
    struct lk_part part;

    for (lk_part_begin(&part, request, proxys + gateways); lk_part_goes_on(&part); part.at++)
        if (part.at < proxys)
            tell_proxys(wlan, &part, only, (uint32_t)part.at);
        else
            tell_gateways(wlan, &part, only, (uint32_t)(part.at - proxys));
    return lk_part_end(&part, "sessions");
}

static json_t *end(void *context, const json_t *request)
{
    struct lk_wlan *wlan = context;
    const char *station = json_string_value(json_object_get(request, "station"));
    struct lk_twap_event event = { .kind = LK_TWAP_EV_END };

    if (station == NULL || lk_station_parse(event.mac, lk_span_text(station)) != LK_OK)
        return lk_ask_refusal("no MAC address", "give \"station\" as wlan-sessions has it");
    if (wlan->twap == NULL ||
        lk_twap_sessions_find(&wlan->twap->node.sessions, event.mac) == NULL)
        return lk_ask_refusal("no TWAP of this daemon has that session",
                       "latchkey session end, where the TWAP is that told of it");
    lk_wlan_turn_begin(wlan);
    lk_wlan_twap_step(wlan, &event);
    lk_wlan_turn_end(wlan);
    return json_pack("{s:b}", "ok", 1);
}

const struct lk_ask lk_wlan_asks[] = {
    { .op = "wlan-digest", .answer = digests },
    { .op = "wlan-sessions", .answer = sessions },
    { .op = "wlan-session-end", .answer = end },
    { NULL },
};
