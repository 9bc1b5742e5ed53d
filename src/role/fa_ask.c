/* Questions from the control socket: who visits; and that one visits no more.
 *
 *     {"op": "fa-visitors", "home": "10.64.0.2", "after": 0}
 *     {"op": "fa-revoke", "home": "10.64.0.2"}
 *
 * home is optional in the first; the answer is a part of them (role/ask.h). */
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

static bool says(const struct lk_fa_outbox *out, enum lk_fa_output_kind kind, int type)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind &&
            (type < 0 || lk_mip_type_of(out->item[i].send.octets) == type))
            return true;
    return false;
}

static json_t *send_away(void *context, const json_t *request)
{
    struct lk_fa_process *fa = context;
    const char *text = json_string_value(json_object_get(request, "home"));
    struct lk_fa_event event = { .kind = LK_FA_EV_REVOKE, .now_ms = lk_wall_ms() };

    if (text == NULL || lk_address_parse(&event.home, text) != LK_OK)
        return lk_ask_refusal("that is no address", "give the home address of a visitor");
    (void)lk_fa_give(fa, &event);
    if (!says(&fa->out, LK_FA_OUT_CHANGED, -1))
        return lk_ask_refusal("nobody with that home address is served",
                              "latchkey fa visitors tells who is");
    return json_pack("{s:b, s:s}", "ok", 1, "told",
                     says(&fa->out, LK_FA_OUT_SEND, LK_MIP_REVOCATION)
                         ? "it is served no more, and its home agent is told"
                         : "it is served no more; its home agent takes no revocations");
}

const struct lk_ask lk_fa_asks[] = {
    { .op = "fa-visitors", .answer = visitors },
    { .op = "fa-revoke", .answer = send_away },
    { NULL },
};
