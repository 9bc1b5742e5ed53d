/* The TLVs of MIS into one struct and back by the rows of mis_rows.c, and what each message must
 * have. */
#include <string.h>

#include "wire/mis_rows.h"

enum {
    SOURCE = 1,
    DESTINATION = 2,
    EXPERIMENTAL = 101, /* from here on */
};

static uint8_t type_of(const struct lk_mis_row *row, const struct lk_mis_codes *codes)
{
    return row->type != 0 ? row->type : codes->tlv[row->own];
}

_Static_assert(LK_MIS_TLV_COUNT <= 64, "each TLV has a bit of present");

static const struct lk_mis_row *row_of(uint8_t type, const struct lk_mis_codes *codes)
{
    for (size_t i = 0; i < LK_MIS_ROWS; i++)
        if (type_of(&lk_mis_rows[i], codes) == type)
            return &lk_mis_rows[i];
    return NULL;
}

enum lk_mis_tlv lk_mis_tlv_of(uint8_t type, const struct lk_mis_codes *codes)
{
    const struct lk_mis_row *row = row_of(type, codes);

    return row != NULL ? row->tlv : LK_MIS_TLV_COUNT;
}

const char *lk_mis_tlv_name(uint8_t type, const struct lk_mis_codes *codes)
{
    const struct lk_mis_row *row = row_of(type, codes);

    if (type == SOURCE)
        return "Source-ID";
    if (type == DESTINATION)
        return "Destination-ID";
    if (type == codes->tlv[LK_MIS_OWN_SECURITY])
        return "Security";
    return row != NULL ? row->name : "?";
}

bool lk_mis_tlv_holds_key(uint8_t type, const struct lk_mis_codes *codes)
{
    const struct lk_mis_row *row = row_of(type, codes);

    return row != NULL && row->holds_key;
}

bool lk_mis_has(const struct lk_mis_message *message, enum lk_mis_tlv tlv)
{
    return (message->present >> tlv & 1) != 0;
}

void lk_mis_mark(struct lk_mis_message *message, enum lk_mis_tlv tlv)
{
    message->present |= UINT64_C(1) << tlv;
}

void lk_mis_status_put(struct lk_mis_message *message, enum lk_mis_status status,
                       enum lk_mis_reason reason)
{
    message->status = (uint8_t)status;
    message->reason = reason;
    lk_mis_mark(message, LK_MIS_TLV_STATUS);
    if (reason != LK_MIS_REASON_NONE)
        lk_mis_mark(message, LK_MIS_TLV_REASON);
}

/* ---- what a message must have ---- */

#define HAS(tlv) (UINT64_C(1) << LK_MIS_TLV_##tlv)

/* Auth, Prereg_Xfer and N2N_Prereg_Xfer come in several shapes, which their machines tell apart. */
static const struct {
    enum lk_mis_action action;
    enum lk_mis_opcode opcode;
    uint64_t must;
} needs[] = {
    { LK_MIS_CAPABILITY_DISCOVER, LK_MIS_RESPONSE, HAS(STATUS) },
    { LK_MIS_REGISTER, LK_MIS_REQUEST, HAS(REGISTER_CODE) },
    { LK_MIS_REGISTER, LK_MIS_RESPONSE, HAS(STATUS) },
    { LK_MIS_DEREGISTER, LK_MIS_RESPONSE, HAS(STATUS) },
    { LK_MIS_LINK_UP, LK_MIS_INDICATION, HAS(LINK) },
    { LK_MIS_LINK_DETECTED, LK_MIS_INDICATION, HAS(DETECTED) },
    { LK_MIS_LINK_GOING_DOWN, LK_MIS_INDICATION,
      HAS(LINK) | HAS(TIME_INTERVAL) | HAS(GOING_DOWN_REASON) },
    { LK_MIS_LL_AUTH, LK_MIS_REQUEST, HAS(LINK) | HAS(LINK_FRAMES) },
    { LK_MIS_LL_AUTH, LK_MIS_RESPONSE, HAS(STATUS) },
    { LK_MIS_AUTH, LK_MIS_INDICATION, HAS(NONCE_T) | HAS(SUITES) | HAS(PRFS) },
    { LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST, HAS(REASON) },
    { LK_MIS_TERMINATION_AUTH, LK_MIS_RESPONSE, HAS(STATUS) },
    { LK_MIS_PUSH_KEY, LK_MIS_REQUEST, HAS(LINK_KEYS) },
    { LK_MIS_PUSH_KEY, LK_MIS_RESPONSE, HAS(STATUS) },
    { LK_MIS_PREREG_XFER, LK_MIS_RESPONSE, HAS(STATUS) },
    { LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST, HAS(MN) | HAS(NONCE_T) | HAS(SUITES) | HAS(PRFS) },
    { LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, HAS(STATUS) },
};

/* spec: IEEE 802.21-2017 8.6 - a message without a TLV that it must have is discarded. */
static enum lk_status judge(const struct lk_mis_message *message,
                            const struct lk_mis_header *header, const struct lk_mis_codes *codes)
{
    enum lk_mis_action action = lk_mis_action_of(header->id, codes);

    for (size_t i = 0; i < LK_COUNT_OF(needs); i++)
        if (needs[i].action == action && needs[i].opcode == lk_mis_opcode_of(header->id) &&
            (needs[i].must & ~message->present) != 0)
            return LK_E_MISSING;
    return LK_OK;
}

/* ---- list to struct ---- */

static enum lk_status get_one(struct lk_mis_message *message, const struct lk_mis_row *row,
                              struct lk_span value, const struct lk_mis_codes *codes)
{
    struct lk_reader r = lk_reader_of(value);
    uint8_t *member = (uint8_t *)message + row->member;
    enum lk_status status;

    row->get(&r, member, row, codes);
    status = lk_reader_end(&r);
    if (status == LK_OK)
        lk_mis_mark(message, row->tlv);
    else
        memset(member, 0, row->size); /* half of a value is none */
    return status;
}

/* spec: IEEE 802.21-2017 8.4 - a TLV that is not known is passed over, and in the experimental
 * range also one whose value cannot be; not so where a key or its proof is in it. */
static enum lk_status take(struct lk_mis_message *message, uint8_t type, struct lk_span value,
                           const struct lk_mis_codes *codes)
{
    const struct lk_mis_row *row = row_of(type, codes);
    enum lk_status status;

    if (type == codes->tlv[LK_MIS_OWN_SECURITY])
        return LK_E_VALUE;
    if (row == NULL)
        return LK_OK;
    if (lk_mis_has(message, row->tlv))
        return row->secures ? LK_E_TWICE : LK_OK;
    status = get_one(message, row, value, codes);
    return type >= EXPERIMENTAL && !row->secures ? LK_OK : status;
}

enum lk_status lk_mis_message_get(struct lk_mis_message *message,
                                  const struct lk_mis_header *header, struct lk_span tlvs,
                                  const struct lk_mis_codes *codes)
{
    struct lk_reader r = lk_reader_of(tlvs);
    enum lk_status status = LK_OK;
    struct lk_span value;
    uint8_t type;

    *message = (struct lk_mis_message){ 0 };
    while (status == LK_OK && lk_mis_tlv_next(&r, &type, &value))
        status = take(message, type, value, codes);
    if (status == LK_OK)
        status = lk_reader_end(&r);
    if (status != LK_OK || lk_mis_is_bare_ack(header, tlvs))
        return status;
    return judge(message, header, codes);
}

/* ---- struct to list ---- */

enum lk_status lk_mis_message_put(struct lk_writer *w, const struct lk_mis_message *message,
                                  const struct lk_mis_codes *codes)
{
    for (size_t i = 0; i < LK_MIS_ROWS; i++) {
        const struct lk_mis_row *row = &lk_mis_rows[i];
        size_t at;

        if (!lk_mis_has(message, row->tlv))
            continue;
        lk_put_u8(w, type_of(row, codes));
        at = w->len;
        row->put(w, (const uint8_t *)message + row->member, row, codes);
        lk_mis_put_length_at(w, at);
    }
    return lk_writer_end(w);
}
