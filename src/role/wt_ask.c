/* Questions from the control socket.
 *
 *     {"op": "wt-ues", "station": "02:00:00:00:00:01", "after": 0}
 *     {"op": "wt-release", "station": "02:00:00:00:00:01"}
 *
 * station is optional in wt-ues, whose answer is a part of them (role/ask.h). wt-release asks the
 * serving eNB to let the UE go (TS 36.463 8.12). */
#include <string.h>

#include "base/station.h"
#include "role/wt_process.h"

static json_t *row_of(const struct lk_wt_process *wt, const struct lk_wt_told *told)
{
    const struct lk_air_place *place = lk_air_place_of(&wt->places, told->mac);
    char station[LK_STATION_TEXT], at[LK_ADDRESS_TEXT];
    struct lk_address address;
    json_t *row;

    lk_station_text(station, told->mac);
    row = json_pack("{s:s, s:s, s:s, s:I, s:I, s:b, s:b, s:I}", "station", station, "state",
                    lk_rule_state_name(&lk_lwa_wt_rules, told->state), "enb",
                    wt->xw.name[told->link], "enb_ue_id", (json_int_t)told->enb_ue_id, "wt_ue_id",
                    (json_int_t)told->wt_ue_id, "associated", told->associated, "keys",
                    told->has_tk, "sent", (json_int_t)told->sent);
    if (row != NULL && place != NULL) {
        address = lk_datagram_address(&place->at);
        lk_address_text(at, &address);
        (void)json_object_set_new(row, "address", json_string(at));
        (void)json_object_set_new(row, "port", json_integer(lk_datagram_port(&place->at)));
    }
    return row;
}

static json_t *no_address(void)
{
    return lk_ask_refusal("no MAC address", "give the station as latchkey wt ues has it");
}

static json_t *ues(void *context, const json_t *request)
{
    const struct lk_wt_process *wt = context;
    const char *only = json_string_value(json_object_get(request, "station"));
    uint8_t mac[LK_STATION_LEN] = { 0 };
    struct lk_wt_told told;
    struct lk_part part;
    json_t *answer;

    if (only != NULL && lk_station_parse(mac, lk_span_text(only)) != LK_OK)
        return no_address();
    lk_part_begin(&part, request, only != NULL ? 0 : lk_wt_places(wt->node));
    if (only != NULL && lk_wt_told_of(&told, wt->node, mac))
        lk_part_add(&part, row_of(wt, &told));
    for (; lk_part_goes_on(&part); part.at++)
        if (lk_wt_told_at(&told, wt->node, (uint32_t)part.at))
            lk_part_add(&part, row_of(wt, &told));
    answer = lk_part_end(&part, "ues");
    (void)json_object_set_new(answer, "count", json_integer(lk_wt_ue_count(wt->node)));
    return answer;
}

static json_t *release(void *context, const json_t *request)
{
    struct lk_wt_process *wt = context;
    const char *station = json_string_value(json_object_get(request, "station"));
    struct lk_wt_event event = {
        .kind = LK_WT_EV_RELEASE,
        .want = { .cause = { LK_XWAP_CAUSE_RADIO, LK_XWAP_RADIO_UNSPECIFIED } },
    };
    enum lk_status status;

    if (station == NULL || lk_station_parse(event.want.mac, lk_span_text(station)) != LK_OK)
        return no_address();
    status = lk_wt_give(wt, &event, NULL);
    if (status == LK_OK)
        return json_pack("{s:b, s:s}", "ok", 1, "told", "its eNB is asked to let it go");
    return status == LK_E_NOT_FOUND
               ? lk_ask_refusal("no eNB has announced that station",
                                "latchkey wt ues tells who is there")
               : lk_ask_refusal("the UE is being released already", "wait for the eNB's answer");
}

const struct lk_ask lk_wt_asks[] = {
    { .op = "wt-ues", .answer = ues },
    { .op = "wt-release", .answer = release },
    { NULL },
};
