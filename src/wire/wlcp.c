#include "wire/wlcp.h"

#include <string.h>

#include "wire/wlcp_rows.h"

/* The layout in work, and how far the rows are read. */
struct reading {
    struct lk_wlcp_message *message;
    struct lk_wlcp_verdict *verdict;
    struct lk_span whole;
    struct lk_reader r;
};

static size_t offset_of(const struct reading *in)
{
    return in->whole.len - in->r.left;
}

/* ---- one value ---- */

static enum lk_status take_octet(struct lk_wlcp_message *m, enum lk_wlcp_ie ie, uint8_t octet)
{
    switch (ie) {
    case LK_WLCP_IE_REQUEST_TYPE:
        m->request_type = octet & 7;
        /* spec: TS 24.008 10.5.6.17 - the unused value is read as an initial request. */
        if (m->request_type == LK_WLCP_UNUSED_INITIAL)
            m->request_type = LK_WLCP_INITIAL;
        return m->request_type >= LK_WLCP_INITIAL && m->request_type <= LK_WLCP_EMERGENCY
                   ? LK_OK
                   : LK_E_VALUE;
    case LK_WLCP_IE_PDN_TYPE: m->pdn_type = octet & 7; return LK_OK;
    case LK_WLCP_IE_N3G: m->n3g = octet & 0x0f; return LK_OK;
    case LK_WLCP_IE_PDN_ID: m->pdn_id = octet; return LK_OK;
    case LK_WLCP_IE_CAUSE: m->cause = octet; return LK_OK;
    case LK_WLCP_IE_TW1: m->tw1 = octet; return LK_OK;
    case LK_WLCP_IE_NONE:
    case LK_WLCP_IE_APN:
    case LK_WLCP_IE_PCO:
    case LK_WLCP_IE_NBIFOM:
    case LK_WLCP_IE_PDN_ADDRESS:
    case LK_WLCP_IE_USER_PLANE:
    case LK_WLCP_IE_COUNT: break;
    }
    return LK_E_UNKNOWN;
}

/* A MAC address of one station. */
static bool is_station(struct lk_span mac)
{
    uint8_t any = 0;

    for (size_t i = 0; i < mac.len; i++)
        any |= mac.at[i];
    return mac.len == LK_WLCP_MAC_LEN && any != 0 && (mac.at[0] & 1) == 0;
}

static enum lk_status take_value(struct lk_wlcp_message *m, enum lk_wlcp_ie ie,
                                 struct lk_span value)
{
    switch (ie) {
    case LK_WLCP_IE_APN: m->apn = value; return lk_wlcp_apn_check(value);
    case LK_WLCP_IE_PCO: m->pco = value; return lk_pco_check(value);
    case LK_WLCP_IE_NBIFOM: m->nbifom = value; return LK_OK;
    case LK_WLCP_IE_PDN_ADDRESS: return lk_wlcp_address_decode(&m->address, value);
    case LK_WLCP_IE_USER_PLANE:
        memcpy(m->user_plane, value.at, LK_WLCP_MAC_LEN);
        return is_station(value) ? LK_OK : LK_E_VALUE;
    case LK_WLCP_IE_NONE:
    case LK_WLCP_IE_REQUEST_TYPE:
    case LK_WLCP_IE_PDN_TYPE:
    case LK_WLCP_IE_N3G:
    case LK_WLCP_IE_PDN_ID:
    case LK_WLCP_IE_CAUSE:
    case LK_WLCP_IE_TW1:
    case LK_WLCP_IE_COUNT: break;
    }
    return take_octet(m, ie, value.at[0]);
}

/* Takes a value that is well formed; the message stays as it was when it is not. */
static enum lk_status take(struct lk_wlcp_message *m, enum lk_wlcp_ie ie, struct lk_span value)
{
    struct lk_wlcp_message draft = *m;

    if (value.len < lk_wlcp_ie_least(ie) || value.len > lk_wlcp_ie_most(ie))
        return LK_E_LENGTH;
    if (take_value(&draft, ie, value) != LK_OK)
        return LK_E_VALUE;
    draft.present |= 1u << ie;
    *m = draft;
    return LK_OK;
}

/* ---- the mandatory part ---- */

static enum lk_status fail(struct reading *in, enum lk_wlcp_cause cause, enum lk_status status,
                           size_t offset)
{
    in->verdict->cause = cause;
    in->verdict->offset = offset;
    return status;
}

/* The next mandatory value; a half octet goes to half. */
static struct lk_span next_value(struct reading *in, const struct lk_wlcp_row *row, uint8_t *half)
{
    switch (row->format) {
    case LK_WLCP_FORMAT_LOW: *half = lk_get_u8(&in->r) & 0x0f; return lk_span_of(half, 1);
    case LK_WLCP_FORMAT_HIGH: /* of the octet that LOW has taken */
        *half = in->whole.at[offset_of(in) - 1] >> 4;
        return lk_span_of(half, 1);
    case LK_WLCP_FORMAT_LV: return lk_get_lv8(&in->r);
    default: return lk_get_span(&in->r, lk_wlcp_ie_least((enum lk_wlcp_ie)row->ie));
    }
}

/* spec: TS 24.301 7.5.1 - a mandatory element that is missing or wrong: cause 96. */
static enum lk_status read_mandatory(struct reading *in, const struct lk_wlcp_row *row)
{
    size_t offset = offset_of(in);
    uint8_t half;
    struct lk_span value = next_value(in, row, &half);

    if (in->r.status != LK_OK)
        return fail(in, LK_WLCP_CAUSE_MANDATORY, LK_E_MISSING, offset);
    if (take(in->message, (enum lk_wlcp_ie)row->ie, value) != LK_OK)
        return fail(in, LK_WLCP_CAUSE_MANDATORY, LK_E_VALUE, offset);
    return LK_OK;
}

/* ---- the optional part ---- */

static const struct lk_wlcp_row *row_of(const struct lk_wlcp_layout *layout, uint8_t octet)
{
    uint8_t iei = (octet & 0x80) != 0 ? octet & 0xf0 : octet;

    for (const struct lk_wlcp_row *row = layout->row; row->ie != LK_WLCP_IE_NONE; row++)
        if (row->presence != LK_WLCP_MANDATORY && row->iei == iei)
            return row;
    return NULL;
}

/* spec: TS 24.007 11.2.4 - how to pass by an element that is not known. */
static struct lk_span value_at(struct reading *in, const struct lk_wlcp_row *row, uint8_t *half)
{
    uint8_t octet = lk_get_u8(&in->r);

    if ((octet & 0x80) != 0) {
        *half = octet & 0x0f;
        return lk_span_of(half, 1);
    }
    if (row != NULL && row->format == LK_WLCP_FORMAT_TV)
        return lk_get_span(&in->r, lk_wlcp_ie_least((enum lk_wlcp_ie)row->ie));
    return octet >= 0x78 ? lk_get_lv16(&in->r) : lk_get_lv8(&in->r);
}

static enum lk_status read_optional(struct reading *in, const struct lk_wlcp_layout *layout)
{
    const struct lk_wlcp_row *last = NULL;

    while (in->r.left > 0) {
        size_t offset = offset_of(in);
        uint8_t first = in->r.at[0], half;
        const struct lk_wlcp_row *row = row_of(layout, first);
        struct lk_span value = value_at(in, row, &half);

        /* spec: TS 24.301 7.6.1 - what must be understood and is not known is an error of the
         * message; anything else that is not known is passed by. */
        if (row == NULL && (first & 0xf0) == 0)
            return fail(in, LK_WLCP_CAUSE_MANDATORY, LK_E_UNKNOWN, offset);
        /* spec: TS 24.301 7.6.3 - the first of a repeated element counts.
         * spec: TS 24.301 7.6.2 - one that comes later than its place is passed by.
         * spec: TS 24.301 7.7.1 - one that is not well formed is as if it were absent. */
        if (row == NULL || (last != NULL && row <= last) || in->r.status != LK_OK ||
            take(in->message, (enum lk_wlcp_ie)row->ie, value) != LK_OK)
            in->verdict->ignored++;
        if (row != NULL && (last == NULL || row > last))
            last = row;
    }
    return LK_OK;
}

/* spec: TS 24.301 7.7.2 - a conditional element that is missing, or not well formed: cause 100. */
static enum lk_status judge_conditional(struct reading *in, const struct lk_wlcp_layout *layout,
                                        enum lk_wlcp_end receiver)
{
    if (receiver != LK_WLCP_UE)
        return LK_OK;
    for (const struct lk_wlcp_row *row = layout->row; row->ie != LK_WLCP_IE_NONE; row++)
        if (row->presence == LK_WLCP_CONDITIONAL && !LK_WLCP_HAS(in->message, row->ie))
            return fail(in, LK_WLCP_CAUSE_CONDITIONAL, LK_E_MISSING, in->whole.len);
    return LK_OK;
}

static enum lk_status read_rows(struct reading *in, const struct lk_wlcp_layout *layout,
                                enum lk_wlcp_end receiver)
{
    enum lk_status status = LK_OK;
    const struct lk_wlcp_row *row = layout->row;

    for (; status == LK_OK && row->presence == LK_WLCP_MANDATORY; row++)
        status = read_mandatory(in, row);
    if (status == LK_OK)
        status = read_optional(in, layout);
    if (status == LK_OK)
        status = judge_conditional(in, layout, receiver);
    return status;
}

enum lk_status lk_wlcp_decode(struct lk_wlcp_message *message, struct lk_wlcp_verdict *verdict,
                              const struct lk_wlcp_table *table, enum lk_wlcp_end receiver,
                              struct lk_span octets)
{
    struct reading in = { .message = message, .verdict = verdict, .whole = octets,
                          .r = lk_reader_of(octets) };
    const struct lk_wlcp_layout *layout;
    enum lk_status status;
    uint8_t number;

    memset(message, 0, sizeof *message);
    memset(verdict, 0, sizeof *verdict);
    number = lk_get_u8(&in.r);
    message->pti = lk_get_u8(&in.r);
    /* spec: TS 24.244 6.2 - too short for type and PTI: discard. */
    if (in.r.status != LK_OK)
        return LK_E_SHORT;
    verdict->has_header = true;
    /* spec: TS 24.301 7.4 - a type that is not known, or not in this direction: cause 97. */
    if (!lk_wlcp_type_of(&message->type, table, number) ||
        (table->layout[message->type].senders & ~(unsigned)receiver) == 0)
        return fail(&in, LK_WLCP_CAUSE_TYPE_UNKNOWN, LK_E_UNKNOWN, 0);
    verdict->has_type = true;
    layout = &table->layout[message->type];
    status = read_rows(&in, layout, receiver);
    if (status != LK_OK) {
        enum lk_wlcp_type type = message->type;
        uint8_t pti = message->pti;

        memset(message, 0, sizeof *message);
        message->type = type;
        message->pti = pti;
    }
    return status;
}

/* ---- encode ---- */

static uint8_t octet_of(const struct lk_wlcp_message *m, enum lk_wlcp_ie ie)
{
    switch (ie) {
    case LK_WLCP_IE_REQUEST_TYPE: return m->request_type;
    case LK_WLCP_IE_PDN_TYPE: return m->pdn_type;
    case LK_WLCP_IE_N3G: return m->n3g;
    case LK_WLCP_IE_PDN_ID: return m->pdn_id;
    case LK_WLCP_IE_CAUSE: return m->cause;
    case LK_WLCP_IE_TW1: return m->tw1;
    case LK_WLCP_IE_NONE:
    case LK_WLCP_IE_APN:
    case LK_WLCP_IE_PCO:
    case LK_WLCP_IE_NBIFOM:
    case LK_WLCP_IE_PDN_ADDRESS:
    case LK_WLCP_IE_USER_PLANE:
    case LK_WLCP_IE_COUNT: break;
    }
    return 0;
}

/* The octets of an element's value, in room where they are not there already. */
static struct lk_span value_of(const struct lk_wlcp_message *m, enum lk_wlcp_ie ie,
                               uint8_t room[LK_WLCP_ADDRESS_MAX])
{
    struct lk_writer w = lk_writer_of(room, LK_WLCP_ADDRESS_MAX);

    switch (ie) {
    case LK_WLCP_IE_APN: return m->apn;
    case LK_WLCP_IE_PCO: return m->pco;
    case LK_WLCP_IE_NBIFOM: return m->nbifom;
    case LK_WLCP_IE_USER_PLANE: return LK_SPAN(m->user_plane);
    case LK_WLCP_IE_PDN_ADDRESS: lk_wlcp_address_put(&w, &m->address); break;
    case LK_WLCP_IE_NONE:
    case LK_WLCP_IE_REQUEST_TYPE:
    case LK_WLCP_IE_PDN_TYPE:
    case LK_WLCP_IE_N3G:
    case LK_WLCP_IE_PDN_ID:
    case LK_WLCP_IE_CAUSE:
    case LK_WLCP_IE_TW1:
    case LK_WLCP_IE_COUNT: lk_put_u8(&w, octet_of(m, ie)); break;
    }
    return lk_writer_span(&w);
}

static enum lk_status put_row(struct lk_writer *w, const struct lk_wlcp_row *row,
                              struct lk_span value)
{
    switch (row->format) {
    case LK_WLCP_FORMAT_V: lk_put_span(w, value); break;
    case LK_WLCP_FORMAT_LOW: lk_put_u8(w, value.at[0]); break;
    case LK_WLCP_FORMAT_HIGH:
        if (w->status == LK_OK)
            w->at[w->len - 1] |= (uint8_t)(value.at[0] << 4);
        break;
    case LK_WLCP_FORMAT_LV: lk_put_lv8(w, value); break;
    case LK_WLCP_FORMAT_TV:
        lk_put_u8(w, row->iei);
        lk_put_span(w, value);
        break;
    case LK_WLCP_FORMAT_NIBBLE: lk_put_u8(w, row->iei | value.at[0]); break;
    case LK_WLCP_FORMAT_TLV:
        lk_put_u8(w, row->iei);
        lk_put_lv8(w, value);
        break;
    case LK_WLCP_FORMAT_TLV_E:
        lk_put_u8(w, row->iei);
        lk_put_lv16(w, value);
        break;
    default: return LK_E_VALUE;
    }
    return LK_OK;
}

static bool is_half(const struct lk_wlcp_row *row)
{
    return row->format == LK_WLCP_FORMAT_LOW || row->format == LK_WLCP_FORMAT_HIGH ||
           row->format == LK_WLCP_FORMAT_NIBBLE;
}

enum lk_status lk_wlcp_encode(struct lk_writer *w, const struct lk_wlcp_table *table,
                              const struct lk_wlcp_message *message)
{
    const struct lk_wlcp_layout *layout;
    struct lk_wlcp_message again = { 0 };
    uint8_t room[LK_WLCP_ADDRESS_MAX];

    if ((unsigned)message->type >= LK_WLCP_TYPE_COUNT)
        return LK_E_VALUE;
    layout = &table->layout[message->type];
    lk_put_u8(w, layout->number);
    lk_put_u8(w, message->pti);
    for (const struct lk_wlcp_row *row = layout->row; row->ie != LK_WLCP_IE_NONE; row++) {
        enum lk_wlcp_ie ie = (enum lk_wlcp_ie)row->ie;
        struct lk_span value;

        if (!LK_WLCP_HAS(message, ie)) {
            if (row->presence == LK_WLCP_MANDATORY)
                return LK_E_MISSING;
            continue;
        }
        value = value_of(message, ie, room);
        if (take(&again, ie, value) != LK_OK || octet_of(&again, ie) != octet_of(message, ie) ||
            (is_half(row) && value.at[0] > 0x0f))
            return LK_E_VALUE;
        if (put_row(w, row, value) != LK_OK)
            return LK_E_VALUE;
    }
    return lk_writer_end(w);
}
