/* ERP packets: one row an attribute, in the order in which they are written.
 *
 *     Re-auth-Start   code | id | length (2) | 1 | flags | attributes
 *     Re-auth         code | id | length (2) | 2 | flags | SEQ (2) | attributes | suite | tag
 *
 * spec: RFC 6696 5.3 - the packets; RFC 6630 gives them a flag and attributes more. */
#include "wire/erp.h"

#include <stddef.h>

enum { LENGTH_AT = 2, SUITE_LEN = 1, TLV = 0, TLV_MAX = 255, IPV4_LEN = 4, IPV6_LEN = 16 };

/* spec: RFC 6696 5.3.4 - a TV has no length: its type says it.
 * spec: RFC 6630 5.2 - sequence number, lifetimes of pRK and pMSK are TVs too. */
static const struct row {
    uint8_t type;
    uint8_t tv;          /* octets of a TV's value, or TLV */
    uint8_t least, most; /* octets of a TLV's */
    bool many;
    size_t member;
    const char *name;
} rows[] = {
#define OF(field) offsetof(struct lk_erp, field)
    { LK_ERP_KEYNAME_NAI, TLV, 1, LK_ERP_NAI_MAX, false, OF(keyname_nai), "keyName-NAI" },
    { LK_ERP_RRK_LIFETIME, 4, 0, 0, false, OF(rrk_lifetime_s), "rRK-Lifetime" },
    { LK_ERP_RMSK_LIFETIME, 4, 0, 0, false, OF(rmsk_lifetime_s), "rMSK-Lifetime" },
    { LK_ERP_DOMAIN, TLV, 1, TLV_MAX, false, OF(domain), "Domain-Name" },
    { LK_ERP_SUITES, TLV, 1, TLV_MAX, false, OF(suites), "Cryptosuites" },
    { LK_ERP_AUTHORIZATION, TLV, 0, TLV_MAX, false, OF(authorization),
      "Authorization-Indication" },
    { LK_ERP_AAK_SEQUENCE, 2, 0, 0, false, OF(aak_sequence), "Sequence-Number" },
    { LK_ERP_AAK_KEY, TLV, 0, TLV_MAX, true, OF(aak_key), "ERP/AAK-Key" },
    { LK_ERP_PRK_LIFETIME, 4, 0, 0, false, OF(prk_lifetime_s), "pRK-Lifetime" },
    { LK_ERP_PMSK_LIFETIME, 4, 0, 0, false, OF(pmsk_lifetime_s), "pMSK-Lifetime" },
    { LK_ERP_CAP_ID, TLV, 0, TLV_MAX, true, OF(cap_id), "CAP-Identifier" },
    { LK_ERP_CALLED_STATION, TLV, 0, TLV_MAX, false, OF(called_station), "Called-Station-Id" },
    { LK_ERP_CALLING_STATION, TLV, 0, TLV_MAX, false, OF(calling_station), "Calling-Station-Id" },
    { LK_ERP_NAS_ID, TLV, 0, TLV_MAX, true, OF(nas_id), "NAS-Identifier" },
    { LK_ERP_NAS_IP, TLV, IPV4_LEN, IPV4_LEN, false, OF(nas_ip), "NAS-IP-Address" },
    { LK_ERP_NAS_IPV6, TLV, IPV6_LEN, IPV6_LEN, false, OF(nas_ipv6), "NAS-IPv6-Address" },
#undef OF
};

static const struct row *row_of(uint8_t type)
{
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if (rows[i].type == type)
            return &rows[i];
    return NULL;
}

const char *lk_erp_attribute_name(uint8_t type)
{
    const struct row *row = row_of(type);

    return row != NULL ? row->name : "?";
}

/* Bits 0 to 11 for the numbers below 128, and what is left for those from 128 on. */
static uint32_t bit_of(unsigned attribute)
{
    enum { FROM_128 = 16 };

    return 1u << (attribute < LK_ERP_CALLED_STATION
                      ? attribute
                      : attribute - LK_ERP_CALLED_STATION + FROM_128);
}

bool lk_erp_has(const struct lk_erp *packet, enum lk_erp_attribute attribute)
{
    return (packet->present & bit_of(attribute)) != 0;
}

void lk_erp_mark(struct lk_erp *packet, enum lk_erp_attribute attribute)
{
    packet->present |= bit_of(attribute);
}

/* ---- decode ---- */

bool lk_erp_attribute_next(struct lk_reader *r, uint8_t *type, struct lk_span *value)
{
    const struct row *row;

    if (r->status != LK_OK || r->left == 0)
        return false;
    *type = lk_get_u8(r);
    row = row_of(*type);
    *value = row != NULL && row->tv != TLV ? lk_get_span(r, row->tv) : lk_get_lv8(r);
    return r->status == LK_OK;
}

static void take(struct lk_erp *packet, const struct row *row, struct lk_span value)
{
    uint8_t *member = (uint8_t *)packet + row->member;
    struct lk_reader r = lk_reader_of(value);

    if (row->tv == TLV)
        *(struct lk_span *)(void *)member = value;
    else if (row->tv == sizeof(uint16_t))
        *(uint16_t *)(void *)member = lk_get_be16(&r);
    else
        *(uint32_t *)(void *)member = lk_get_be32(&r);
    lk_erp_mark(packet, (enum lk_erp_attribute)row->type);
}

static enum lk_status get_attributes(struct lk_erp *packet, struct lk_span attributes)
{
    struct lk_reader r = lk_reader_of(attributes);
    struct lk_span value;
    uint8_t type;

    packet->attributes = attributes;
    while (lk_erp_attribute_next(&r, &type, &value)) {
        const struct row *row = row_of(type);

        if (row == NULL)
            continue;
        if (row->tv == TLV && (value.len < row->least || value.len > row->most))
            return LK_E_LENGTH;
        if (!lk_erp_has(packet, (enum lk_erp_attribute)type))
            take(packet, row, value);
        else if (!row->many)
            return LK_E_TWICE;
    }
    return lk_reader_end(&r);
}

/* The rest of a Re-auth as one of that suite; LK_E_NOT_FOUND: it is not. */
static enum lk_status get_as(struct lk_erp *packet, struct lk_span rest, uint8_t suite)
{
    size_t tag_len = lk_erp_tag_len(suite), attributes_len;
    enum lk_status status;

    if (tag_len == 0 || rest.len < SUITE_LEN + tag_len)
        return LK_E_NOT_FOUND;
    attributes_len = rest.len - SUITE_LEN - tag_len;
    if (rest.at[attributes_len] != suite)
        return LK_E_NOT_FOUND;
    status = get_attributes(packet, lk_span_of(rest.at, attributes_len));
    packet->suite = suite;
    packet->tag = lk_span_of(rest.at + attributes_len + SUITE_LEN, tag_len);
    packet->covered = lk_span_of(packet->whole.at, packet->whole.len - tag_len);
    /* spec: RFC 6696 5.3.2 - exactly one keyName-NAI. */
    if (status == LK_OK && !lk_erp_has(packet, LK_ERP_KEYNAME_NAI))
        return LK_E_MISSING;
    return status;
}

/* spec: RFC 6696 5.3.2 - the suite stands behind the attributes and before the tag, and only it
 * says how long the tag is: it is looked for where each would have it, unless a key says which it
 * is. */
static enum lk_status get_reauth(struct lk_erp *packet, struct lk_span rest, uint8_t suite)
{
    const uint8_t order[] = { LK_ERP_HMAC_SHA256_128, LK_ERP_HMAC_SHA256_256,
                              LK_ERP_HMAC_SHA256_64 };
    enum lk_status first = LK_E_NOT_FOUND;

    for (size_t i = 0; i < LK_COUNT_OF(order); i++) {
        struct lk_erp candidate = *packet;
        enum lk_status status = LK_E_NOT_FOUND;

        if (suite == 0 || suite == order[i])
            status = get_as(&candidate, rest, order[i]);
        if (status == LK_OK) {
            *packet = candidate;
            return LK_OK;
        }
        if (first == LK_E_NOT_FOUND)
            first = status;
    }
    return first != LK_E_NOT_FOUND ? first : LK_E_VALUE;
}

enum lk_status lk_erp_decode(struct lk_erp *packet, struct lk_span octets, uint8_t suite)
{
    struct lk_reader r = lk_reader_of(octets);
    size_t length;

    *packet = (struct lk_erp){ 0 };
    packet->code = lk_get_u8(&r);
    packet->id = lk_get_u8(&r);
    length = lk_get_be16(&r);
    if (r.status != LK_OK || length > octets.len)
        return LK_E_SHORT;
    packet->whole = lk_span_of(octets.at, length);
    r = lk_reader_of(packet->whole);
    (void)lk_get_be32(&r);
    packet->type = lk_get_u8(&r);
    packet->flags = lk_get_u8(&r);
    if (packet->type == LK_ERP_REAUTH)
        packet->seq = lk_get_be16(&r);
    if (r.status != LK_OK)
        return r.status;
    if (packet->code != LK_ERP_INITIATE && packet->code != LK_ERP_FINISH)
        return LK_E_VALUE;
    if (packet->type == LK_ERP_REAUTH)
        return get_reauth(packet, lk_get_rest(&r), suite);
    if (packet->type != LK_ERP_START || packet->code != LK_ERP_INITIATE)
        return LK_E_VALUE;
    return get_attributes(packet, lk_get_rest(&r));
}

/* ---- encode ---- */

static void put_attribute(struct lk_writer *w, const struct lk_erp *packet, const struct row *row)
{
    const uint8_t *member = (const uint8_t *)packet + row->member;
    const struct lk_span *span = (const void *)member;

    lk_put_u8(w, row->type);
    if (row->tv == sizeof(uint16_t)) {
        lk_put_be16(w, *(const uint16_t *)(const void *)member);
    } else if (row->tv != TLV) {
        lk_put_be32(w, *(const uint32_t *)(const void *)member);
    } else {
        if (w->status == LK_OK && (span->len < row->least || span->len > row->most))
            w->status = LK_E_LENGTH;
        lk_put_lv8(w, *span);
    }
}

enum lk_status lk_erp_encode(struct lk_writer *w, const struct lk_erp *packet)
{
    size_t begin = w->len;

    lk_put_u8(w, packet->code);
    lk_put_u8(w, packet->id);
    lk_put_be16(w, 0);
    lk_put_u8(w, packet->type);
    lk_put_u8(w, packet->flags);
    if (packet->type == LK_ERP_REAUTH)
        lk_put_be16(w, packet->seq);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if (lk_erp_has(packet, (enum lk_erp_attribute)rows[i].type))
            put_attribute(w, packet, &rows[i]);
    if (packet->type == LK_ERP_REAUTH) {
        if (lk_erp_tag_len(packet->suite) == 0)
            return LK_E_VALUE;
        lk_put_u8(w, packet->suite);
        lk_put_zeroes(w, lk_erp_tag_len(packet->suite));
    }
    if (w->status == LK_OK && w->len - begin > LK_ERP_PACKET_MAX)
        w->status = LK_E_LENGTH;
    lk_patch_be16(w, begin + LENGTH_AT, (uint16_t)(w->len - begin));
    return lk_writer_end(w);
}
