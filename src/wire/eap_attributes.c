/* The attributes of EAP-AKA and EAP-AKA': what each looks like and which message may carry it.
 *
 * Two tables say everything: a row an attribute (number, layout, least and greatest length, clause)
 * and a row a message (what it must and may hold, outside and inside AT_ENCR_DATA). The code below
 * only applies them. */
#include "wire/eap.h"

#include <string.h>

#include "wire/eap_attributes.h"

static const struct lk_at_row rows[] = {
    /* type                    name                   form           min  max   many   clause */
    { LK_AT_RAND, "AT_RAND", LK_FORM_BLOCK, 16, 16, false, "RFC 4187 10.6" },
    { LK_AT_AUTN, "AT_AUTN", LK_FORM_BLOCK, 16, 16, false, "RFC 4187 10.7" },
    { LK_AT_RES, "AT_RES", LK_FORM_RES, 4, 16, false, "RFC 4187 10.8" },
    { LK_AT_AUTS, "AT_AUTS", LK_FORM_RAW, 14, 14, false, "RFC 4187 10.9" },
    { LK_AT_PADDING, "AT_PADDING", LK_FORM_RAW, 2, 10, false, "RFC 4187 10.12" },
    { LK_AT_PERMANENT_ID_REQ, "AT_PERMANENT_ID_REQ", LK_FORM_EMPTY, 0, 0, false, "RFC 4187 10.2" },
    { LK_AT_MAC, "AT_MAC", LK_FORM_BLOCK, 16, 16, false, "RFC 4187 10.15" },
    { LK_AT_NOTIFICATION, "AT_NOTIFICATION", LK_FORM_U16, 2, 2, false, "RFC 4187 10.19" },
    { LK_AT_ANY_ID_REQ, "AT_ANY_ID_REQ", LK_FORM_EMPTY, 0, 0, false, "RFC 4187 10.3" },
    { LK_AT_IDENTITY, "AT_IDENTITY", LK_FORM_TEXT, 0, 1016, false, "RFC 4187 10.5" },
    { LK_AT_FULLAUTH_ID_REQ, "AT_FULLAUTH_ID_REQ", LK_FORM_EMPTY, 0, 0, false, "RFC 4187 10.4" },
    { LK_AT_COUNTER, "AT_COUNTER", LK_FORM_U16, 2, 2, false, "RFC 4187 10.16" },
    { LK_AT_COUNTER_TOO_SMALL, "AT_COUNTER_TOO_SMALL", LK_FORM_EMPTY, 0, 0, false,
      "RFC 4187 10.17" },
    { LK_AT_NONCE_S, "AT_NONCE_S", LK_FORM_BLOCK, 16, 16, false, "RFC 4187 10.18" },
    { LK_AT_CLIENT_ERROR_CODE, "AT_CLIENT_ERROR_CODE", LK_FORM_U16, 2, 2, false,
      "RFC 4187 10.20" },
    { LK_AT_KDF_INPUT, "AT_KDF_INPUT", LK_FORM_TEXT, 1, 1016, false, "RFC 9048 3.1" },
    { LK_AT_KDF, "AT_KDF", LK_FORM_U16, 2, 2, true, "RFC 9048 3.2" },
    { LK_AT_IV, "AT_IV", LK_FORM_BLOCK, 16, 16, false, "RFC 4187 10.12" },
    { LK_AT_ENCR_DATA, "AT_ENCR_DATA", LK_FORM_BLOCK, 16, 1008, false, "RFC 4187 10.12" },
    { LK_AT_NEXT_PSEUDONYM, "AT_NEXT_PSEUDONYM", LK_FORM_TEXT, 1, 1016, false, "RFC 4187 10.10" },
    { LK_AT_NEXT_REAUTH_ID, "AT_NEXT_REAUTH_ID", LK_FORM_TEXT, 1, 1016, false, "RFC 4187 10.11" },
    { LK_AT_CHECKCODE, "AT_CHECKCODE", LK_FORM_BLOCK, 0, 32, false, "RFC 4187 10.13" },
    { LK_AT_RESULT_IND, "AT_RESULT_IND", LK_FORM_EMPTY, 0, 0, false, "RFC 4187 10.14" },
    { LK_AT_BIDDING, "AT_BIDDING", LK_FORM_U16, 2, 2, false, "RFC 9048 4" },
    { LK_AT_TWAN_CONN_MODE, "AT_TWAN_CONN_MODE", LK_FORM_RAW, 2, 1018, false, "TS 24.302 8.2.7" },
};

/* The same order as the rows: the bits of present. */
enum {
    HAS_RAND = 1 << 0,
    HAS_AUTN = 1 << 1,
    HAS_RES = 1 << 2,
    HAS_AUTS = 1 << 3,
    HAS_PADDING = 1 << 4,
    HAS_PERMANENT_ID_REQ = 1 << 5,
    HAS_MAC = 1 << 6,
    HAS_NOTIFICATION = 1 << 7,
    HAS_ANY_ID_REQ = 1 << 8,
    HAS_IDENTITY = 1 << 9,
    HAS_FULLAUTH_ID_REQ = 1 << 10,
    HAS_COUNTER = 1 << 11,
    HAS_COUNTER_TOO_SMALL = 1 << 12,
    HAS_NONCE_S = 1 << 13,
    HAS_CLIENT_ERROR_CODE = 1 << 14,
    HAS_KDF_INPUT = 1 << 15,
    HAS_KDF = 1 << 16,
    HAS_IV = 1 << 17,
    HAS_ENCR_DATA = 1 << 18,
    HAS_NEXT_PSEUDONYM = 1 << 19,
    HAS_NEXT_REAUTH_ID = 1 << 20,
    HAS_CHECKCODE = 1 << 21,
    HAS_RESULT_IND = 1 << 22,
    HAS_BIDDING = 1 << 23,
    HAS_TWAN_CONN_MODE = 1 << 24,
    HAS_ENCRYPTED = HAS_IV | HAS_ENCR_DATA,
};

/* spec: RFC 4187 10.1 - which attribute belongs into which message, and how often.
 * spec: RFC 9048 3.2 - a peer that wants another KDF answers with AT_KDF and nothing else. */
static const struct lk_aka_message_row messages[] = {
    { .code = LK_EAP_REQUEST, .subtype = LK_AKA_IDENTITY,
      .one_of = HAS_PERMANENT_ID_REQ | HAS_ANY_ID_REQ | HAS_FULLAUTH_ID_REQ,
      .clause = "RFC 4187 9.1" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_IDENTITY, .must = HAS_IDENTITY,
      .clause = "RFC 4187 9.2" },
    { .code = LK_EAP_REQUEST, .subtype = LK_AKA_CHALLENGE, .type = LK_EAP_AKA,
      .must = HAS_RAND | HAS_AUTN | HAS_MAC,
      .may = HAS_ENCRYPTED | HAS_CHECKCODE | HAS_RESULT_IND | HAS_BIDDING | HAS_TWAN_CONN_MODE,
      .inner_may = HAS_NEXT_PSEUDONYM | HAS_NEXT_REAUTH_ID | HAS_PADDING,
      .clause = "RFC 4187 9.3" },
    { .code = LK_EAP_REQUEST, .subtype = LK_AKA_CHALLENGE, .type = LK_EAP_AKA_PRIME,
      .must = HAS_RAND | HAS_AUTN | HAS_MAC | HAS_KDF | HAS_KDF_INPUT,
      .may = HAS_ENCRYPTED | HAS_CHECKCODE | HAS_RESULT_IND | HAS_TWAN_CONN_MODE,
      .inner_may = HAS_NEXT_PSEUDONYM | HAS_NEXT_REAUTH_ID | HAS_PADDING,
      .clause = "RFC 9048 3.1" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_CHALLENGE, .type = LK_EAP_AKA_PRIME,
      .when = HAS_KDF, .must = HAS_KDF, .clause = "RFC 9048 3.2" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_CHALLENGE, .must = HAS_RES | HAS_MAC,
      .may = HAS_ENCRYPTED | HAS_CHECKCODE | HAS_RESULT_IND | HAS_TWAN_CONN_MODE,
      .inner_may = HAS_PADDING,
      .clause = "RFC 4187 9.4" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_AUTHENTICATION_REJECT,
      .clause = "RFC 4187 9.5" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_SYNCHRONIZATION_FAILURE, .type = LK_EAP_AKA,
      .must = HAS_AUTS, .clause = "RFC 4187 9.6" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_SYNCHRONIZATION_FAILURE,
      .type = LK_EAP_AKA_PRIME, .must = HAS_AUTS, .may = HAS_KDF, .clause = "RFC 9048 3.2" },
    { .code = LK_EAP_REQUEST, .subtype = LK_AKA_REAUTHENTICATION,
      .must = HAS_ENCRYPTED | HAS_MAC,
      .may = HAS_CHECKCODE | HAS_RESULT_IND | HAS_TWAN_CONN_MODE,
      .inner_must = HAS_COUNTER | HAS_NONCE_S, .inner_may = HAS_NEXT_REAUTH_ID | HAS_PADDING,
      .clause = "RFC 4187 9.7" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_REAUTHENTICATION,
      .must = HAS_ENCRYPTED | HAS_MAC,
      .may = HAS_CHECKCODE | HAS_RESULT_IND | HAS_TWAN_CONN_MODE,
      .inner_must = HAS_COUNTER, .inner_may = HAS_COUNTER_TOO_SMALL | HAS_PADDING,
      .clause = "RFC 4187 9.8" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_CLIENT_ERROR, .must = HAS_CLIENT_ERROR_CODE,
      .clause = "RFC 4187 9.9" },
    { .code = LK_EAP_REQUEST, .subtype = LK_AKA_NOTIFICATION, .must = HAS_NOTIFICATION,
      .may = HAS_MAC | HAS_ENCRYPTED | HAS_TWAN_CONN_MODE, .inner_must = HAS_COUNTER,
      .inner_may = HAS_PADDING, .clause = "RFC 4187 9.10" },
    { .code = LK_EAP_RESPONSE, .subtype = LK_AKA_NOTIFICATION, .may = HAS_MAC | HAS_ENCRYPTED,
      .inner_must = HAS_COUNTER, .inner_may = HAS_PADDING, .clause = "RFC 4187 9.11" },
};

size_t lk_at_row_count(void)
{
    return LK_COUNT_OF(rows);
}

const struct lk_at_row *lk_at_row(size_t index)
{
    LK_ASSERT(index < LK_COUNT_OF(rows));
    return &rows[index];
}

size_t lk_aka_message_row_count(void)
{
    return LK_COUNT_OF(messages);
}

const struct lk_aka_message_row *lk_aka_message_row(size_t index)
{
    LK_ASSERT(index < LK_COUNT_OF(messages));
    return &messages[index];
}

static const struct lk_at_row *row_of(uint8_t type)
{
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if (rows[i].type == type)
            return &rows[i];
    return NULL;
}

uint32_t lk_at_bit(enum lk_at type)
{
    const struct lk_at_row *row = row_of((uint8_t)type);

    return row == NULL ? 0 : 1u << (row - rows);
}

bool lk_aka_has(const struct lk_aka_attributes *at, enum lk_at type)
{
    return (at->present & lk_at_bit(type)) != 0;
}

/* ---- one attribute ---- */

/* The octets that count in a body whose first two octets hold their length in units of unit bits;
 * what is behind them only fills up to a multiple of four. */
static struct lk_span counted(struct lk_reader *body, unsigned unit)
{
    uint16_t length = lk_get_be16(body);
    size_t len = (size_t)length * unit / 8;
    struct lk_span value;

    if (length * unit % 8 != 0)
        lk_reader_fail(body, LK_E_VALUE);
    value = lk_get_span(body, len);
    if (body->left > 3)
        lk_reader_fail(body, LK_E_LENGTH);
    (void)lk_get_rest(body);
    return value;
}

static enum lk_status read_body(struct lk_aka_item *item, struct lk_span octets)
{
    struct lk_reader body = lk_reader_of(octets);

    switch (item->form) {
    case LK_FORM_EMPTY:
        (void)lk_get_be16(&body);
        break;
    case LK_FORM_U16:
        item->value = octets;
        item->number = lk_get_be16(&body);
        break;
    case LK_FORM_BLOCK:
        (void)lk_get_be16(&body);
        item->value = lk_get_rest(&body);
        break;
    case LK_FORM_TEXT:
        item->value = counted(&body, 8);
        break;
    case LK_FORM_RES:
        item->value = counted(&body, 1);
        break;
    case LK_FORM_RAW:
    case LK_FORM_UNKNOWN:
        item->value = lk_get_rest(&body);
        break;
    }
    return lk_reader_end(&body) == LK_E_TRAILING ? LK_E_LENGTH : lk_reader_end(&body);
}

static void name_unknown(struct lk_aka_item *item)
{
    unsigned n = item->type;

    memcpy(item->name_room, "AT_", 3);
    item->name_room[3] = (char)('0' + n / 100);
    item->name_room[4] = (char)('0' + n / 10 % 10);
    item->name_room[5] = (char)('0' + n % 10);
    item->name_room[6] = '\0';
    item->name = item->name_room;
    item->clause = "";
    item->form = LK_FORM_UNKNOWN;
}

/* spec: RFC 4187 8.1 - an attribute is type, length in units of four octets, value; a length of
 * zero would never end. */
static enum lk_status next_item(struct lk_reader *r, struct lk_aka_item *item,
                                const struct lk_at_row **row)
{
    const uint8_t *start = r->at;
    size_t words;
    struct lk_span body;

    memset(item, 0, sizeof *item);
    item->type = lk_get_u8(r);
    words = lk_get_u8(r);
    if (r->status == LK_OK && words == 0)
        lk_reader_fail(r, LK_E_LENGTH);
    body = lk_get_span(r, words > 0 ? 4 * words - 2 : 0);
    *row = row_of(item->type);
    name_unknown(item);
    if (r->status != LK_OK)
        return r->status;
    item->whole = lk_span_of(start, 2 + body.len);
    if (*row != NULL) {
        item->name = (*row)->name;
        item->clause = (*row)->clause;
        item->form = (*row)->form;
    }
    return read_body(item, body);
}

bool lk_aka_walk(struct lk_reader *r, struct lk_aka_item *item)
{
    const struct lk_at_row *row;

    if (r->status != LK_OK || r->left == 0) {
        memset(item, 0, sizeof *item);
        name_unknown(item);
        return false;
    }
    return next_item(r, item, &row) == LK_OK;
}

static enum lk_status keep_kdf(struct lk_aka_attributes *at, uint16_t number)
{
    if (at->kdf_count == LK_AKA_KDF_MAX)
        return LK_E_FULL;
    at->kdf[at->kdf_count++] = number;
    return LK_OK;
}

static enum lk_status keep(struct lk_aka_attributes *at, const struct lk_aka_item *item)
{
    switch (item->type) {
    case LK_AT_RAND: at->rand = item->value; break;
    case LK_AT_AUTN: at->autn = item->value; break;
    case LK_AT_RES: at->res = item->value; break;
    case LK_AT_AUTS: at->auts = item->value; break;
    case LK_AT_MAC: at->mac = item->value; break;
    case LK_AT_NOTIFICATION: at->notification = item->number; break;
    case LK_AT_IDENTITY: at->identity = item->value; break;
    case LK_AT_COUNTER: at->counter = item->number; break;
    case LK_AT_NONCE_S: at->nonce_s = item->value; break;
    case LK_AT_CLIENT_ERROR_CODE: at->client_error = item->number; break;
    case LK_AT_KDF_INPUT: at->kdf_input = item->value; break;
    case LK_AT_KDF: return keep_kdf(at, item->number);
    case LK_AT_IV: at->iv = item->value; break;
    case LK_AT_ENCR_DATA: at->encr_data = item->value; break;
    case LK_AT_NEXT_PSEUDONYM: at->next_pseudonym = item->value; break;
    case LK_AT_NEXT_REAUTH_ID: at->next_reauth_id = item->value; break;
    case LK_AT_CHECKCODE: at->checkcode = item->value; break;
    case LK_AT_BIDDING: at->bidding = item->number; break;
    case LK_AT_TWAN_CONN_MODE: at->conn_mode = item->value; break;
    default: break; /* the empty ones: present says it all */
    }
    return LK_OK;
}

/* spec: RFC 4187 10.12 - padding is zeroes, the last of the encrypted attributes; what is encrypted
 * fills whole blocks.
 * spec: RFC 4187 10.13 - AT_CHECKCODE is empty or one hash long: SHA-1 here, SHA-256 in EAP-AKA'
 * (RFC 9048 3.4.2). */
static enum lk_status check_value(const struct lk_aka_item *item, const struct lk_reader *rest,
                                  uint8_t type)
{
    size_t hash_len = type == LK_EAP_AKA_PRIME ? 32 : 20;

    switch (item->type) {
    case LK_AT_PADDING:
        for (size_t i = 0; i < item->value.len; i++)
            if (item->value.at[i] != 0)
                return LK_E_VALUE;
        return rest->left == 0 ? LK_OK : LK_E_UNEXPECTED;
    case LK_AT_ENCR_DATA:
        return item->value.len % 16 == 0 ? LK_OK : LK_E_LENGTH;
    case LK_AT_CHECKCODE:
        return item->value.len == 0 || item->value.len == hash_len ? LK_OK : LK_E_LENGTH;
    default:
        return LK_OK;
    }
}

static enum lk_status take_one(struct lk_aka_attributes *at, struct lk_reader *r, uint8_t type)
{
    struct lk_aka_item item;
    const struct lk_at_row *row;
    enum lk_status status = next_item(r, &item, &row);
    uint32_t bit;

    at->refused = item.type;
    if (status != LK_OK)
        return status;
    if (row == NULL) /* spec: RFC 4187 8.1 - from 128 on an unknown attribute is skipped */
        return item.type < LK_AT_FIRST_SKIPPABLE ? LK_E_UNKNOWN : LK_OK;
    bit = 1u << (row - rows);
    if ((at->present & bit) != 0 && !row->many)
        return LK_E_TWICE;
    if (item.value.len < row->min || item.value.len > row->max)
        return LK_E_LENGTH;
    status = check_value(&item, r, type);
    if (status != LK_OK)
        return status;
    at->present |= bit;
    return keep(at, &item);
}

enum lk_status lk_aka_take_attributes(struct lk_aka_attributes *at, struct lk_span octets,
                                      uint8_t type)
{
    struct lk_reader r = lk_reader_of(octets);

    memset(at, 0, sizeof *at);
    while (r.left > 0) {
        enum lk_status status = take_one(at, &r, type);

        if (status != LK_OK)
            return status;
    }
    at->refused = 0;
    return lk_reader_end(&r);
}

/* ---- one message ---- */

static const struct lk_aka_message_row *message_of(const struct lk_eap_packet *packet)
{
    for (size_t i = 0; i < LK_COUNT_OF(messages); i++) {
        const struct lk_aka_message_row *row = &messages[i];

        if (row->code == packet->code && row->subtype == packet->subtype &&
            (row->type == 0 || row->type == packet->type) &&
            (row->when == 0 || (row->when & packet->at.present) != 0))
            return row;
    }
    return NULL;
}

/* The lowest of the bits, as an attribute's number. */
static uint8_t first_of(uint32_t bits)
{
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if ((bits & 1u << i) != 0)
            return rows[i].type;
    return 0;
}

static enum lk_status check_set(struct lk_aka_attributes *at, uint32_t must, uint32_t may)
{
    if ((at->present & ~(must | may)) != 0) {
        at->refused = first_of(at->present & ~(must | may));
        return LK_E_UNEXPECTED;
    }
    if ((must & ~at->present) != 0) {
        at->refused = first_of(must & ~at->present);
        return LK_E_MISSING;
    }
    return LK_OK;
}

enum lk_status lk_aka_check_message(struct lk_eap_packet *packet)
{
    const struct lk_aka_message_row *row = message_of(packet);
    struct lk_aka_attributes *at = &packet->at;
    uint32_t chosen;
    enum lk_status status;

    if (row == NULL)
        return LK_E_UNKNOWN;
    status = check_set(at, row->must, row->may | row->one_of);
    if (status != LK_OK)
        return status;
    chosen = at->present & row->one_of;
    if (row->one_of != 0 && chosen == 0)
        return LK_E_MISSING;
    if ((chosen & (chosen - 1)) != 0)
        return LK_E_TWICE;
    /* spec: RFC 4187 10.12 - AT_IV and AT_ENCR_DATA come together or not at all. */
    if ((at->present & HAS_ENCRYPTED) != 0 && (at->present & HAS_ENCRYPTED) != HAS_ENCRYPTED)
        return LK_E_MISSING;
    return LK_OK;
}

enum lk_status lk_aka_decode_encrypted(struct lk_aka_attributes *inner,
                                       const struct lk_eap_packet *packet, struct lk_span plain)
{
    const struct lk_aka_message_row *row = message_of(packet);
    enum lk_status status = lk_aka_take_attributes(inner, plain, packet->type);

    if (status != LK_OK)
        return status;
    if (row == NULL)
        return LK_E_UNKNOWN;
    return check_set(inner, row->inner_must, row->inner_may);
}
