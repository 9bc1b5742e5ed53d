/* Questions from the control socket.
 *
 *     {"op": "enb-ues", "imsi": "001...", "after": 0}
 *     {"op": "enb-handover", "imsi": "001...", "cell": "b", "count": 10, "spacing_ms": 20}
 *     {"op": "enb-rekey", "imsi": "001...", "count": 1, "spacing_ms": 20}
 *     {"op": "enb-lwa", "imsi": "001...", "on": false}
 *     {"op": "enb-drop", "imsi": "001..."}
 *
 * imsi is optional in enb-ues, whose answer is a part of them (role/ask.h). Of several handovers
 * every other one leads back; they are begun after the answer, spacing_ms apart, whatever becomes
 * of the one before. enb-drop forgets a device as if the radio had lost it: in a laboratory only.
 */
#include <string.h>

#include "role/enb_process.h"

enum { MOST = 1000, SPACING_MOST_MS = 60000 };

/* ---- who is there ---- */

static json_t *row_of(const struct lk_enb_process *enb, const struct lk_enb_place *place)
{
    struct lk_enb_told told = { .cell = place->cell };
    char mac[LK_STATION_TEXT], at[LK_ADDRESS_TEXT];
    json_t *row;

    (void)lk_enb_told_of(&told, enb->node, lk_enb_place_number(&enb->places, place));
    lk_station_text(mac, place->mac);
    lk_address_text(at, &place->address);
    row = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:s, s:I}", "imsi",
                    place->imsi.digits, "mac", mac, "cell", lk_enb_cell_name(enb, told.cell),
                    "state", lk_rule_state_name(&lk_lwa_enb_rules, told.state), "wanted",
                    told.wanted, "hands_over", told.hands_over, "counter", (json_int_t)told.counter,
                    "enb_ue_id", (json_int_t)told.enb_ue_id, "attached_ms_ago",
                    (json_int_t)(lk_mono_ms() - place->attached_ms), "address", at, "port",
                    (json_int_t)place->port);
    if (row == NULL)
        return NULL;
    (void)json_object_update_new(
        row, json_pack("{s:I, s:I, s:I, s:I}", "set_up", (json_int_t)place->set_up, "rekeys",
                       (json_int_t)place->rekeys, "handovers", (json_int_t)place->handovers,
                       "released", (json_int_t)place->released));
    if (place->released_for != LK_REASON_NONE)
        (void)json_object_set_new(row, "released_for",
                                  json_string(lk_reason_row(place->released_for)->code));
    if (place->mac_is == LK_ENB_MAC_WAITS)
        (void)json_object_set_new(row, "mac_is_anothers", json_true());
    if (told.wanted && enb->xw.up == 0)
        (void)json_object_set_new(row, "waits", json_string("no way to the WT"));
    return row;
}

static struct lk_enb_place *place_asked(const struct lk_enb_process *enb, const json_t *request)
{
    const char *text = json_string_value(json_object_get(request, "imsi"));
    struct lk_imsi imsi;

    if (text == NULL || lk_imsi_parse(&imsi, lk_span_text(text)) != LK_OK)
        return NULL;
    return lk_enb_place_of_imsi(&enb->places, &imsi);
}

static void nobody_text(char text[64], const json_t *request)
{
    const char *imsi = json_string_value(json_object_get(request, "imsi"));

    (void)snprintf(text, 64, "no device with the IMSI %.15s is attached", imsi != NULL ? imsi : "");
}

static json_t *nobody(const json_t *request)
{
    char text[64];

    nobody_text(text, request);
    return lk_ask_refusal(text, "latchkey enb ues tells who is");
}

/* Without Xw nothing begins: that is told with what is answered otherwise. */
static void tell_of_wt(json_t *answer, const struct lk_enb_process *enb, const char *what)
{
    const struct lk_config_xw_peer *wt = &enb->process.config->enb.wt;
    const char *before = json_string_value(json_object_get(answer, "told"));
    char told[320];

    if (enb->xw.up > 0)
        return;
    (void)snprintf(told, sizeof told,
                   "%s%s%sno way to the WT %s, %s port %u; the daemon's log says why: "
                   "xw-unreachable, or xw-down",
                   before != NULL ? before : "", before != NULL ? "; " : "", what, wt->name,
                   wt->address, wt->port);
    (void)json_object_set_new(answer, "told", json_string(told));
}

static json_t *ues(void *context, const json_t *request)
{
    const struct lk_enb_process *enb = context;
    bool one = json_object_get(request, "imsi") != NULL;
    const struct lk_enb_place *place = one ? place_asked(enb, request) : NULL;
    char text[64] = "no device is attached";
    struct lk_part part;
    json_t *answer;

    lk_part_begin(&part, request, one ? 0 : enb->places.touched);
    if (place != NULL)
        lk_part_add(&part, row_of(enb, place));
    for (; lk_part_goes_on(&part); part.at++) {
        place = lk_enb_place_at(&enb->places, (uint32_t)part.at);
        if (place != NULL && place->attached)
            lk_part_add(&part, row_of(enb, place));
    }
    if (one && place == NULL)
        nobody_text(text, request);
    answer = lk_part_end(&part, "ues");
    if (enb->places.attached == 0 || (one && place == NULL))
        (void)json_object_set_new(answer, "told", json_string(text));
    (void)json_object_set_new(answer, "count", json_integer(enb->places.attached));
    (void)json_object_set_new(answer, "wt_up", json_boolean(enb->xw.up > 0));
    tell_of_wt(answer, enb, "");
    return answer;
}

/* ---- wishes ---- */

static enum lk_status wish(struct lk_enb_process *enb, enum lk_enb_event_kind kind, uint32_t ue,
                           uint32_t cell)
{
    struct lk_enb_event event = { .kind = kind, .ue = ue, .cell = cell };
    enum lk_status status = lk_enb_give(enb, &event);

    lk_enb_turn_end(enb);
    return status;
}

static void on_drive(uv_timer_t *timer)
{
    struct lk_enb_drive *drive = timer->data;
    const struct lk_enb_place *place = lk_enb_place_at(&drive->enb->places, drive->place);
    uint32_t cell = drive->cell;

    if (place == NULL || place->generation != drive->generation || drive->left == 0) {
        drive->left = 0;
        (void)uv_timer_stop(timer);
        return;
    }
    drive->cell = drive->other;
    drive->other = cell;
    if (--drive->left == 0)
        (void)uv_timer_stop(timer);
    (void)(wish(drive->enb, drive->kind, drive->place, cell) == LK_OK);
}

void lk_enb_ask_begin(struct lk_enb_process *enb)
{
    for (size_t i = 0; i < LK_ENB_DRIVES; i++) {
        (void)uv_timer_init(&enb->process.loop, &enb->drive[i].timer);
        enb->drive[i].timer.data = &enb->drive[i];
        enb->drive[i].enb = enb;
    }
}

static json_t *granted(const char *told)
{
    return json_pack("{s:b, s:s}", "ok", 1, "told", told);
}

static json_t *refusal_of(enum lk_status status)
{
    return status == LK_E_EXISTS
               ? lk_ask_refusal("the device is in that cell already",
                                "latchkey enb ues tells where it is")
               : lk_ask_refusal("that has no place now",
                                "latchkey enb ues tells in what state the device is");
}

static json_t *begun(enum lk_enb_event_kind kind, json_int_t count, json_int_t spacing_ms)
{
    const char *what = kind == LK_ENB_EV_HANDOVER ? "handover" : "re-key";
    char told[96];

    if (count == 1)
        (void)snprintf(told, sizeof told, "%s begun", what);
    else
        (void)snprintf(told, sizeof told, "%d %ss begun, %d ms apart", (int)count, what,
                       (int)spacing_ms);
    return granted(told);
}

/* The first at once, so that what cannot be is said; the others by a timer. */
static json_t *drive(struct lk_enb_process *enb, const json_t *request,
                     const struct lk_enb_place *place, enum lk_enb_event_kind kind, uint32_t cell)
{
    const json_t *many = json_object_get(request, "count");
    json_int_t count = many == NULL ? 1 : json_integer_value(many);
    json_int_t spacing_ms = json_integer_value(json_object_get(request, "spacing_ms"));
    /* libuv takes a repeat after 0 ms for none; a turn of the loop is between two in any case. */
    uint64_t every_ms = spacing_ms > 0 ? (uint64_t)spacing_ms : 1;
    uint32_t number = lk_enb_place_number(&enb->places, place);
    struct lk_enb_drive *idle = NULL;
    struct lk_enb_told told;
    enum lk_status status;

    if (count < 1 || count > MOST || spacing_ms < 0 || spacing_ms > SPACING_MOST_MS)
        return lk_ask_refusal("a count or spacing_ms out of range",
                       "count 1 to 1000, spacing_ms to 60000");
    for (size_t i = 0; i < LK_ENB_DRIVES && idle == NULL; i++)
        if (enb->drive[i].left == 0)
            idle = &enb->drive[i];
    if (idle == NULL)
        return lk_ask_refusal("too many are under way", "wait until they are over");
    if (!lk_enb_told_of(&told, enb->node, number))
        return refusal_of(LK_E_UNEXPECTED);
    status = wish(enb, kind, number, cell);
    if (status == LK_OK && count > 1) {
        idle->left = (uint32_t)count - 1;
        idle->place = number;
        idle->generation = place->generation;
        idle->kind = kind;
        idle->cell = told.cell;
        idle->other = cell;
        (void)uv_timer_start(&idle->timer, on_drive, every_ms, every_ms);
    }
    return status == LK_OK ? begun(kind, count, spacing_ms) : refusal_of(status);
}

static uint32_t cell_asked(const struct lk_enb_process *enb, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "cell"));

    for (uint32_t cell = 0; name != NULL && cell < enb->config.cells; cell++)
        if (strcmp(lk_enb_cell_name(enb, cell), name) == 0)
            return cell;
    return LK_ENB_NOBODY;
}

static json_t *no_cell(const struct lk_enb_process *enb, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "cell"));
    char error[96], fix[256] = "name one of enb.cells:";
    size_t used = strlen(fix);

    (void)snprintf(error, sizeof error, "no cell is called '%.40s'", name != NULL ? name : "");
    for (uint32_t cell = 0; cell < enb->config.cells && used < sizeof fix; cell++)
        used += (size_t)snprintf(fix + used, sizeof fix - used, "%s %s", cell > 0 ? "," : "",
                                 lk_enb_cell_name(enb, cell));
    return lk_ask_refusal(error, fix);
}

static json_t *hand_over(void *context, const json_t *request)
{
    struct lk_enb_process *enb = context;
    const struct lk_enb_place *place = place_asked(enb, request);
    uint32_t cell = cell_asked(enb, request);

    if (place == NULL)
        return nobody(request);
    if (cell == LK_ENB_NOBODY)
        return no_cell(enb, request);
    return drive(enb, request, place, LK_ENB_EV_HANDOVER, cell);
}

static json_t *rekey(void *context, const json_t *request)
{
    struct lk_enb_process *enb = context;
    const struct lk_enb_place *place = place_asked(enb, request);

    return place == NULL ? nobody(request)
                         : drive(enb, request, place, LK_ENB_EV_REKEY, LK_ENB_NOBODY);
}

static json_t *turn_lwa(void *context, const json_t *request)
{
    struct lk_enb_process *enb = context;
    struct lk_enb_place *place = place_asked(enb, request);
    const json_t *on = json_object_get(request, "on");
    enum lk_status status;
    json_t *answer;

    if (place == NULL)
        return nobody(request);
    if (!json_is_boolean(on))
        return lk_ask_refusal("neither on nor off", "give \"on\": true or false");
    if (json_is_true(on) && !lk_enb_place_claim(&enb->places, place))
        return lk_ask_refusal("another subscriber has that MAC address",
                              "give each device a MAC address of its own");
    place->offer_at_ms = 0;
    status = wish(enb, json_is_true(on) ? LK_ENB_EV_ADD : LK_ENB_EV_RELEASE,
                  lk_enb_place_number(&enb->places, place), LK_ENB_NOBODY);
    if (status != LK_OK)
        return refusal_of(status);
    if (!json_is_true(on))
        return granted("its end is asked for");
    answer = granted("LTE-WLAN aggregation is asked for");
    tell_of_wt(answer, enb, "it waits: ");
    return answer;
}

static json_t *drop(void *context, const json_t *request)
{
    struct lk_enb_process *enb = context;
    struct lk_enb_place *place = place_asked(enb, request);

    if (place == NULL)
        return nobody(request);
    if (!enb->process.config->laboratory)
        return lk_ask_refusal("that is for a laboratory", "write laboratory: true");
    lk_enb_drop(enb, place);
    lk_enb_turn_end(enb);
    return granted("forgotten");
}

const struct lk_ask lk_enb_asks[] = {
    { .op = "enb-ues", .answer = ues },
    { .op = "enb-handover", .answer = hand_over },
    { .op = "enb-rekey", .answer = rekey },
    { .op = "enb-lwa", .answer = turn_lwa },
    { .op = "enb-drop", .answer = drop },
    { NULL },
};
