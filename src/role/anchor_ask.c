/* Questions from the control socket: which bindings there are.
 *
 *     {"op": "bindings", "imsi": "001...", "after": 0}
 *
 * imsi is optional. At most LK_ANCHOR_TOLD rows in an answer; "next" is what "after" is in the
 * request for those behind them, and is not there behind the last. */
#include <string.h>

#include "role/anchor_parts.h"

enum { LK_ANCHOR_TOLD = 100 };

const char *const lk_anchor_ops[] = { "bindings", NULL };

static void put_address(json_t *row, const char *name, const struct lk_address *address,
                        unsigned bits)
{
    char text[LK_ADDRESS_TEXT];

    lk_address_text(text, address);
    if (bits == 0)
        (void)json_object_set_new(row, name, json_string(text));
    else
        (void)json_object_set_new(row, name, json_sprintf("%s/%u", text, bits));
}

static json_t *row_of(const struct lk_anchor_process *anchor, const struct lk_binding *b)
{
    struct lk_binding_record r;
    json_t *row;

    lk_anchor_record(&r, &anchor->node, b);
    row = json_pack("{s:s, s:s, s:s, s:s, s:I, s:b, s:I, s:I, s:I}", "imsi", r.imsi.digits,
                    "service", r.service, "mag", r.mag, "state", lk_pmip_lma_state_name(r.state),
                    "epoch", (json_int_t)r.epoch, "durable", b->durable, "up_octets",
                    (json_int_t)r.up_octets, "down_octets", (json_int_t)r.down_octets,
                    "expires_ms", (json_int_t)r.expires_ms);
    if (row != NULL && r.has_ipv4) {
        struct lk_address ipv4 = lk_address_v4(r.ipv4);

        put_address(row, "ipv4", &ipv4, 0);
    }
    if (row != NULL && r.has_prefix)
        put_address(row, "prefix", &r.prefix.address, r.prefix.bits);
    return row;
}

static bool wanted(const struct lk_binding *b, uint64_t subject)
{
    return b != NULL && (subject == 0 || b->subject == subject);
}

static json_t *bindings(const struct lk_anchor_process *anchor, uint64_t subject, uint32_t from)
{
    json_t *list = json_array(), *answer;
    uint32_t at = from;

    for (; at < lk_binding_used(anchor->table) && json_array_size(list) < LK_ANCHOR_TOLD;
         at++) {
        const struct lk_binding *b = lk_binding_row(anchor->table, at);

        if (wanted(b, subject))
            (void)json_array_append_new(list, row_of(anchor, b));
    }
    answer = json_pack("{s:b, s:I, s:o}", "ok", 1, "count",
                       (json_int_t)lk_binding_count(anchor->table), "bindings", list);
    if (answer != NULL && at < lk_binding_used(anchor->table))
        (void)json_object_set_new(answer, "next", json_integer(at));
    return answer;
}

void lk_anchor_asked(void *context, uint32_t number, const char *op, const json_t *request)
{
    struct lk_anchor_process *anchor = context;
    const char *text = json_string_value(json_object_get(request, "imsi"));
    json_int_t after = json_integer_value(json_object_get(request, "after"));
    struct lk_imsi imsi;
    uint64_t subject = 0;
    json_t *answer;

    (void)op;
    if (text != NULL && lk_imsi_parse(&imsi, lk_span_text(text)) == LK_OK)
        subject = lk_imsi_number(&imsi);
    if ((text != NULL && subject == 0) || after < 0 ||
        after > (json_int_t)lk_binding_used(anchor->table))
        answer = json_pack("{s:b, s:s, s:s}", "ok", 0, "error", "no such row", "fix",
                           "give an IMSI, or what \"next\" said");
    else
        answer = bindings(anchor, subject, (uint32_t)after);
    lk_process_answer(&anchor->process, number, answer);
}
