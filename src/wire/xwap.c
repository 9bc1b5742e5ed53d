/* XwAP messages: the three outcomes of a procedure, and elements in a container, judged by the rows
 * of xwap_table.c.                                             TS 36.463 9.3, 10; TS 36.413 10.3
 *
 * Called by the LWA machines of eNB and WT. An element is an identifier, how critical it is, and a
 * value that can be passed over: what is not known is judged by how critical it is, and only after
 * the rest was read, so that an answer can name the UE. */
#include "wire/xwap.h"

#include "base/secret.h"
#include "wire/xwap_rows.h"

static const struct lk_per_size elements_size = { 0, LK_XWAP_ID_MAX, false };

void lk_xwap_mark(struct lk_xwap *message, enum lk_xwap_ie ie)
{
    message->present |= 1u << ie;
}

bool lk_xwap_has(const struct lk_xwap *message, enum lk_xwap_ie ie)
{
    return (message->present >> ie & 1u) != 0;
}

/* ---- decode ---- */

struct judge {
    struct lk_xwap *message;
    const struct lk_xwap_layout *layout;
    struct lk_xwap_diagnostics *found;
    size_t next;           /* the row that the next element may be of */
    enum lk_status status; /* the first thing to reject for, LK_OK else */
};

/* spec: TS 36.413 10.3.4 - what is not understood: rejected, ignored, or ignored and told of.
 * spec: TS 36.413 10.3.5 - what is missing: the same. */
static void find(struct judge *j, uint16_t id, enum lk_xwap_criticality criticality, bool missing)
{
    if (criticality == LK_XWAP_REJECT && j->status == LK_OK)
        j->status = missing ? LK_E_MISSING : LK_E_UNKNOWN;
    if (criticality == LK_XWAP_IGNORE || j->found->count == LK_XWAP_DIAGNOSTICS_MAX)
        return;
    j->found->item[j->found->count].criticality = criticality;
    j->found->item[j->found->count].id = id;
    j->found->item[j->found->count++].missing = missing;
}

static bool not_understood(enum lk_status status)
{
    return status == LK_E_UNKNOWN || status == LK_E_UNSUPPORTED;
}

/* spec: TS 36.413 10.3.6 - elements in another order, or twice: the whole message is in error. */
static const struct lk_xwap_row *row_of(struct judge *j, struct lk_per_reader *r, uint64_t id)
{
    for (size_t i = 0; j->layout->row[i].used; i++) {
        if (lk_xwap_elements[j->layout->row[i].ie].id != id)
            continue;
        if (i < j->next)
            lk_per_fail(r, i + 1 == j->next ? LK_E_TWICE : LK_E_VALUE);
        j->next = i + 1;
        return &j->layout->row[i];
    }
    return NULL;
}

static void get_element(struct judge *j, struct lk_per_reader *r)
{
    uint16_t id = (uint16_t)lk_per_get_whole(r, 0, LK_XWAP_ID_MAX);
    enum lk_xwap_criticality criticality = lk_xwap_get_criticality(r);
    struct lk_per_reader value = lk_per_get_open(r);
    const struct lk_xwap_row *row = row_of(j, r, id);
    const struct lk_xwap_element *element;
    enum lk_status status = LK_E_UNKNOWN;

    if (lk_per_status(r) != LK_OK)
        return;
    if (row != NULL) {
        element = &lk_xwap_elements[row->ie];
        element->get(j->message, &value, &element->list);
        status = lk_per_end(&value);
    }
    if (status == LK_OK)
        lk_xwap_mark(j->message, row->ie);
    else if (not_understood(status))
        find(j, id, criticality, false);
    else
        lk_per_fail(r, status);
}

static void get_message(struct judge *j, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r);
    size_t count = lk_per_get_length(r, elements_size);

    for (; count > 0 && lk_per_status(r) == LK_OK; count--)
        get_element(j, r);
    if (additions)
        lk_per_skip_additions(r);
    if (lk_per_status(r) != LK_OK)
        return;
    for (const struct lk_xwap_row *row = j->layout->row; row->used; row++)
        if (row->mandatory && !lk_xwap_has(j->message, row->ie))
            find(j, lk_xwap_elements[row->ie].id, row->criticality, true);
}

static enum lk_xwap_type type_of(uint64_t procedure, uint32_t outcome)
{
    unsigned type = 0;

    while (type < LK_XWAP_TYPE_COUNT && (lk_xwap_layouts[type].procedure != procedure ||
                                         (uint32_t)lk_xwap_layouts[type].outcome != outcome))
        type++;
    return (enum lk_xwap_type)type;
}

enum lk_status lk_xwap_decode(struct lk_xwap *message, struct lk_xwap_diagnostics *found,
                              struct lk_span octets)
{
    struct lk_per_reader r = lk_per_reader_of(octets, LK_PER_ALIGNED), value;
    uint32_t outcome = lk_per_get_index(&r, LK_XWAP_UNSUCCESSFUL + 1, true);
    uint8_t procedure = (uint8_t)lk_per_get_whole(&r, 0, UINT8_MAX);
    enum lk_xwap_criticality criticality = lk_xwap_get_criticality(&r);
    struct judge j = { message, NULL, found, 0, LK_OK };
    enum lk_status status;

    *message = (struct lk_xwap){ .type = type_of(procedure, outcome) };
    *found = (struct lk_xwap_diagnostics){ 0 };
    value = lk_per_get_open(&r);
    status = lk_per_end(&r);
    if (status != LK_OK)
        return status;
    if (outcome > LK_XWAP_UNSUCCESSFUL)
        return LK_E_UNKNOWN;
    found->has_message = found->has_criticality = true;
    found->procedure = procedure;
    found->outcome = (enum lk_xwap_outcome)outcome;
    found->criticality = criticality;
    if (message->type == LK_XWAP_TYPE_COUNT)
        return LK_E_UNKNOWN;
    j.layout = &lk_xwap_layouts[message->type];
    get_message(&j, &value);
    status = lk_per_end(&value);
    return status != LK_OK ? status : j.status;
}

/* ---- encode ---- */

/* Writes one element; a secret may have gone through room. */
static void put_element(struct lk_per_writer *w, const struct lk_xwap *message,
                        const struct lk_xwap_row *row)
{
    const struct lk_xwap_element *element = &lk_xwap_elements[row->ie];
    uint8_t room[LK_XWAP_VALUE_MAX];
    struct lk_per_writer value = lk_per_writer_of(room, sizeof room, LK_PER_ALIGNED);

    element->put(&value, message, &element->list);
    lk_per_put_whole(w, element->id, 0, LK_XWAP_ID_MAX);
    lk_per_put_whole(w, row->criticality, 0, LK_XWAP_CRITICALITIES - 1);
    lk_per_put_open(w, &value);
    lk_wipe(room, value.octets.len);
}

static enum lk_status put_message(struct lk_per_writer *w, const struct lk_xwap *message,
                                  const struct lk_xwap_layout *layout)
{
    uint32_t rest = message->present;
    size_t count = 0;

    for (const struct lk_xwap_row *row = layout->row; row->used; row++) {
        if (row->mandatory && !lk_xwap_has(message, row->ie))
            return LK_E_MISSING;
        count += lk_xwap_has(message, row->ie);
        rest &= ~(1u << row->ie);
    }
    if (rest != 0)
        return LK_E_VALUE;
    lk_per_put_bool(w, false);
    lk_per_put_length(w, count, elements_size);
    for (const struct lk_xwap_row *row = layout->row; row->used; row++)
        if (lk_xwap_has(message, row->ie))
            put_element(w, message, row);
    return LK_OK;
}

enum lk_status lk_xwap_encode(struct lk_writer *w, const struct lk_xwap *message)
{
    const struct lk_xwap_layout *layout;
    uint8_t inner[LK_XWAP_MAX], outer[LK_XWAP_MAX];
    struct lk_per_writer value = lk_per_writer_of(inner, sizeof inner, LK_PER_ALIGNED);
    struct lk_per_writer pdu = lk_per_writer_of(outer, sizeof outer, LK_PER_ALIGNED);
    enum lk_status status;

    LK_ASSERT((unsigned)message->type < LK_XWAP_TYPE_COUNT);
    layout = &lk_xwap_layouts[message->type];
    status = put_message(&value, message, layout);
    if (status == LK_OK) {
        lk_per_put_index(&pdu, layout->outcome, LK_XWAP_UNSUCCESSFUL + 1, true);
        lk_per_put_whole(&pdu, layout->procedure, 0, UINT8_MAX);
        lk_per_put_whole(&pdu, layout->criticality, 0, LK_XWAP_CRITICALITIES - 1);
        lk_per_put_open(&pdu, &value);
        status = lk_per_finish(&pdu);
    }
    if (status == LK_OK) {
        lk_put_span(w, lk_per_written(&pdu));
        status = lk_writer_end(w);
    }
    lk_wipe(inner, value.octets.len);
    lk_wipe(outer, pdu.octets.len);
    return status;
}
