#include "wire/eap_mode.h"

#include <string.h>

void lk_mode_layout_defaults(struct lk_mode_layout *layout)
{
    *layout = (struct lk_mode_layout){
        .message = { 1, 2, 3 },
        .transparent = LK_TWAN_TRANSPARENT, .single = LK_TWAN_SINGLE, .multi = LK_TWAN_MULTI,
        .cause = 1, .twag_ipv4 = 2, .twag_ipv6 = 3, .back_off = 4,
    };
}

static bool is_one_bit(unsigned octet)
{
    return octet != 0 && (octet & (octet - 1)) == 0;
}

bool lk_mode_layout_is_sound(const struct lk_mode_layout *layout)
{
    const uint8_t tags[] = { 0, layout->cause, layout->twag_ipv4, layout->twag_ipv6,
                             layout->back_off };
    unsigned all = layout->transparent | layout->single | layout->multi;

    if (!is_one_bit(layout->transparent) || !is_one_bit(layout->single) ||
        !is_one_bit(layout->multi) ||
        all != (unsigned)layout->transparent + layout->single + layout->multi)
        return false;
    for (size_t i = 0; i < LK_COUNT_OF(tags); i++)
        for (size_t j = 0; j < i; j++)
            if (tags[i] == tags[j])
                return false;
    for (size_t i = 0; i < LK_MODE_MESSAGE_COUNT; i++)
        for (size_t j = 0; j < i; j++)
            if (layout->message[i] == layout->message[j])
                return false;
    return true;
}

/* ---- decoding ---- */

static uint8_t modes_of(uint8_t bits, const struct lk_mode_layout *layout)
{
    return (uint8_t)(((bits & layout->transparent) != 0 ? LK_TWAN_TRANSPARENT : 0) |
                     ((bits & layout->single) != 0 ? LK_TWAN_SINGLE : 0) |
                     ((bits & layout->multi) != 0 ? LK_TWAN_MULTI : 0));
}

static enum lk_mode_message message_of(struct lk_reader *r, const struct lk_mode_layout *layout)
{
    uint8_t number = lk_get_u8(r);

    for (unsigned i = 0; i < LK_MODE_MESSAGE_COUNT; i++)
        if (layout->message[i] == number)
            return (enum lk_mode_message)i;
    lk_reader_fail(r, LK_E_UNKNOWN);
    return LK_MODE_CAPABILITY;
}

/* The octets of an item that comes once and has that length. */
static bool take(struct lk_reader *r, bool *has, struct lk_span item, size_t len)
{
    if (*has)
        lk_reader_fail(r, LK_E_TWICE);
    else if (item.len != len)
        lk_reader_fail(r, LK_E_LENGTH);
    else
        *has = true;
    return r->status == LK_OK;
}

static void get_item(struct lk_reader *r, struct lk_mode_value *value, uint8_t tag,
                     const struct lk_mode_layout *layout)
{
    struct lk_span item = lk_get_lv8(r);
    struct lk_reader inside = lk_reader_of(item);

    if (r->status != LK_OK)
        return;
    if (tag == layout->cause) {
        if (take(r, &value->has_cause, item, sizeof value->cause))
            value->cause = lk_get_u8(&inside);
    } else if (tag == layout->twag_ipv4) {
        if (take(r, &value->twag.has_ipv4, item, sizeof value->twag.ipv4))
            memcpy(value->twag.ipv4, item.at, item.len);
    } else if (tag == layout->twag_ipv6) {
        if (take(r, &value->twag.has_ipv6, item, sizeof value->twag.ipv6))
            memcpy(value->twag.ipv6, item.at, item.len);
    } else if (tag == layout->back_off) {
        if (take(r, &value->has_back_off, item, sizeof value->back_off_s))
            value->back_off_s = lk_get_be32(&inside);
    }
}

/* What fills up to a multiple of four is zeroes, and never a whole word of them. */
static void get_fill(struct lk_reader *r)
{
    struct lk_span fill = lk_get_rest(r);

    if (fill.len > 2)
        lk_reader_fail(r, LK_E_LENGTH);
    for (size_t i = 0; i < fill.len; i++)
        if (fill.at[i] != 0)
            lk_reader_fail(r, LK_E_VALUE);
}

/* spec: TS 24.302 8.2.7 - the attribute of the connection mode; its layout is ours. */
enum lk_status lk_mode_decode(struct lk_mode_value *value, const struct lk_mode_layout *layout,
                              struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);

    memset(value, 0, sizeof *value);
    value->message = message_of(&r, layout);
    value->modes = modes_of(lk_get_u8(&r), layout);
    while (r.left > 0) {
        uint8_t tag = lk_get_u8(&r);

        if (tag == 0)
            get_fill(&r);
        else
            get_item(&r, value, tag, layout);
    }
    if (lk_reader_end(&r) != LK_OK)
        memset(value, 0, sizeof *value);
    return lk_reader_end(&r);
}

/* ---- encoding ---- */

static void put_item(struct lk_writer *w, uint8_t tag, struct lk_span item)
{
    lk_put_u8(w, tag);
    lk_put_lv8(w, item);
}

void lk_mode_encode(struct lk_writer *w, const struct lk_mode_layout *layout,
                    const struct lk_mode_value *value)
{
    lk_put_u8(w, layout->message[value->message]);
    lk_put_u8(w, (uint8_t)(((value->modes & LK_TWAN_TRANSPARENT) != 0 ? layout->transparent : 0) |
                           ((value->modes & LK_TWAN_SINGLE) != 0 ? layout->single : 0) |
                           ((value->modes & LK_TWAN_MULTI) != 0 ? layout->multi : 0)));
    if (value->has_cause)
        put_item(w, layout->cause, lk_span_of(&value->cause, 1));
    if (value->twag.has_ipv4)
        put_item(w, layout->twag_ipv4, LK_SPAN(value->twag.ipv4));
    if (value->twag.has_ipv6)
        put_item(w, layout->twag_ipv6, LK_SPAN(value->twag.ipv6));
    if (value->has_back_off) {
        lk_put_u8(w, layout->back_off);
        lk_put_u8(w, sizeof value->back_off_s);
        lk_put_be32(w, value->back_off_s);
    }
}
