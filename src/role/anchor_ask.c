/* Questions from the control socket: which bindings there are, the end of one
 * (role/anchor_revoke.c), and where the network behind the anchor is.
 *
 *     {"op": "bindings", "imsi": "001...", "after": 0}
 *     {"op": "anchor-namespace"}
 *
 * imsi is optional; the answer is a part of them (role/ask.h). */
#include <string.h>

#include "role/anchor_parts.h"
#include "role/kind_tun.h"

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
    row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:I, s:I, s:I}", "imsi", r.imsi.digits,
                    "service", r.service, "mag", r.mag, "state",
                    lk_binding_protocol(b->protocol)->state_name(b), "protocol",
                    lk_binding_protocol(b->protocol)->name, "epoch",
                    (json_int_t)r.epoch, "durable", b->durable, "up_octets",
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

static json_t *bindings(void *context, const json_t *request)
{
    const struct lk_anchor_process *anchor = context;
    const char *text = json_string_value(json_object_get(request, "imsi"));
    struct lk_imsi imsi = { { 0 } };
    struct lk_part part;
    json_t *answer;

    if (text != NULL && lk_imsi_parse(&imsi, lk_span_text(text)) != LK_OK)
        return lk_ask_refusal("that is no IMSI", "give \"imsi\" as bindings has it");
    for (lk_part_begin(&part, request, lk_binding_used(anchor->table)); lk_part_goes_on(&part);
         part.at++) {
        const struct lk_binding *b = lk_binding_row(anchor->table, (uint32_t)part.at);

        if (wanted(b, text == NULL ? 0 : lk_imsi_number(&imsi)))
            lk_part_add(&part, row_of(anchor, b));
    }
    answer = lk_part_end(&part, "bindings");
    (void)json_object_set_new(answer, "count", json_integer(lk_binding_count(anchor->table)));
    return answer;
}

static json_t *where(void *context, const json_t *request)
{
    const struct lk_anchor_process *anchor = context;

    (void)request;
    return lk_kind_tun_where(lk_process_socket(&anchor->process, LK_ANCHOR_TUN_SHEET),
                             "anchor.tun_in");
}

const struct lk_ask lk_anchor_asks[] = {
    { .op = "bindings", .answer = bindings },
    { .op = "anchor-namespace", .answer = where },
    { .op = "mip-revoke", .answer = lk_anchor_ask_revoke },
    { NULL },
};
