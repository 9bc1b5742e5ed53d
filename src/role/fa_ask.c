/* Questions from the control socket: who visits.
 *
 *     {"op": "fa-visitors", "home": "10.64.0.2", "after": 0}
 *
 * home is optional; the answer is a part of them (role/ask.h). */
#include "role/fa_process.h"

static json_t *row_of(const struct lk_fa_told *told, uint64_t now_ms)
{
    char at[LK_ADDRESS_TEXT], home[LK_ADDRESS_TEXT], agent[LK_ADDRESS_TEXT];
    uint64_t left_ms = told->until_ms > now_ms ? told->until_ms - now_ms : 0;
    json_t *row;

    lk_address_text(at, &told->at.address);
    row = json_pack("{s:s, s:s, s:i, s:b, s:I, s:I, s:I, s:I}", "state",
                    lk_mip_fa_state_name(told->state), "address", at, "port", (int)told->at.port,
                    "proven", told->proven, "epoch", (json_int_t)told->epoch, "left_s",
                    (json_int_t)(left_ms / 1000), "up_octets", (json_int_t)told->up_octets,
                    "down_octets", (json_int_t)told->down_octets);
    if (row == NULL)
        return NULL;
    if (told->nai[0] != '\0') /* left out where it is no text */
        (void)json_object_set_new(row, "nai", json_string(told->nai));
    if (!lk_address_is_any(&told->home)) {
        lk_address_text(home, &told->home);
        lk_address_text(agent, &told->agent);
        (void)json_object_set_new(row, "home", json_string(home));
        (void)json_object_set_new(row, "agent", json_string(agent));
    }
    return row;
}

static json_t *visitors(void *context, const json_t *request)
{
    const struct lk_fa_process *fa = context;
    const char *text = json_string_value(json_object_get(request, "home"));
    struct lk_address home;
    struct lk_fa_told told;
    struct lk_part part;
    json_t *answer;

    if (text != NULL && lk_address_parse(&home, text) != LK_OK)
        return lk_ask_refusal("that is no address", "give the home address of a visitor");
    for (lk_part_begin(&part, request, fa->config.visitors); lk_part_goes_on(&part); part.at++)
        if (lk_fa_told_at(&told, fa->node, (uint32_t)part.at) &&
            (text == NULL || lk_address_equal(&told.home, &home)))
            lk_part_add(&part, row_of(&told, lk_wall_ms()));
    answer = lk_part_end(&part, "visitors");
    (void)json_object_set_new(answer, "count", json_integer(lk_fa_served(fa->node)));
    (void)json_object_set_new(answer, "waiting", json_integer(lk_fa_waiting(fa->node)));
    return answer;
}

const struct lk_ask lk_fa_asks[] = { { .op = "fa-visitors", .answer = visitors }, { NULL } };
