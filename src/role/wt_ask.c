/* Questions from the control socket.
 *
 *     {"op": "wt-ues", "station": "02:00:00:00:00:01", "after": 0}
 *     {"op": "wt-release", "station": "02:00:00:00:00:01"}
 *
 * station is optional in wt-ues. At most TOLD rows in an answer; "next" is what "after" is in the
 * request for those behind them. wt-release asks the serving eNB to let the UE go (TS 36.463
 * 8.12). */
#include <string.h>

#include "role/wt_process.h"
#include "wire/radius.h"

enum { TOLD = 100, LOOKED_AT = 20000 };

const char *const lk_wt_ops[] = { "wt-ues", "wt-release", NULL };

static json_t *refusal(const char *error, const char *fix)
{
    return json_pack("{s:b, s:s, s:s}", "ok", 0, "error", error, "fix", fix);
}

static json_t *row_of(const struct lk_wt_process *wt, const struct lk_wt_told *told)
{
    const struct lk_air_place *place = lk_air_place_of(&wt->places, told->mac);
    char station[18], at[LK_ADDRESS_TEXT];
    struct lk_address address;
    json_t *row;

    lk_wt_mac_text(station, told->mac);
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

static json_t *ues(struct lk_wt_process *wt, const json_t *request)
{
    const char *only = json_string_value(json_object_get(request, "station"));
    json_int_t after = json_integer_value(json_object_get(request, "after"));
    uint32_t all = lk_wt_places(wt->node), at = after < 0 || after > all ? all : (uint32_t)after;
    json_t *list = json_array(), *answer;
    uint8_t mac[LK_STATION_LEN] = { 0 };
    struct lk_wt_told told;

    if (only != NULL && lk_radius_station(mac, lk_span_text(only)) != LK_OK) {
        json_decref(list);
        return refusal("no MAC address", "give \"station\" as wt-ues has it");
    }
    if (only != NULL) {
        if (lk_wt_told_of(&told, wt->node, mac))
            (void)json_array_append_new(list, row_of(wt, &told));
        at = all;
    }
    for (unsigned i = 0; at < all && i < LOOKED_AT && json_array_size(list) < TOLD; i++, at++)
        if (lk_wt_told_at(&told, wt->node, at))
            (void)json_array_append_new(list, row_of(wt, &told));
    answer = json_pack("{s:b, s:I, s:o}", "ok", 1, "count", (json_int_t)lk_wt_ue_count(wt->node),
                       "ues", list);
    if (answer != NULL && at < all)
        (void)json_object_set_new(answer, "next", json_integer(at));
    return answer;
}

static json_t *release(struct lk_wt_process *wt, const json_t *request)
{
    const char *station = json_string_value(json_object_get(request, "station"));
    struct lk_wt_event event = {
        .kind = LK_WT_EV_RELEASE,
        .want = { .cause = { LK_XWAP_CAUSE_RADIO, LK_XWAP_RADIO_UNSPECIFIED } },
    };
    enum lk_status status;

    if (station == NULL || lk_radius_station(event.want.mac, lk_span_text(station)) != LK_OK)
        return refusal("no MAC address", "give \"station\" as wt-ues has it");
    status = lk_wt_give(wt, &event, NULL);
    if (status == LK_OK)
        return json_pack("{s:b}", "ok", 1);
    return status == LK_E_NOT_FOUND
               ? refusal("no eNB has announced that station", "wt-ues tells who is there")
               : refusal("the UE is being released already", "wait for the eNB's answer");
}

void lk_wt_asked(void *context, uint32_t number, const char *op, const json_t *request)
{
    struct lk_wt_process *wt = context;

    lk_process_answer(&wt->process, number,
                      strcmp(op, "wt-ues") == 0 ? ues(wt, request) : release(wt, request));
}
