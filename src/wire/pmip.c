/* Mobility messages: the header, what is fixed in each message, checksum, timestamps.
 *
 *     payload protocol 59 | length in eights, less one | type | 0 | checksum (2) | data | options
 *
 * spec: RFC 6275 6.1.1 - the Mobility Header. */
#include "wire/pmip.h"

#include <string.h>

#include "base/checksum.h"

enum { NO_NEXT_HEADER = 59, LENGTH_AT = 1, TYPE_AT = 2, CHECKSUM_AT = 4, UNIT = 8 };

bool lk_mobility_has(const struct lk_mobility_options *options, enum lk_mobility_option_type type)
{
    return (options->present >> type & 1) != 0;
}

void lk_mobility_mark(struct lk_mobility_options *options, enum lk_mobility_option_type type)
{
    options->present |= UINT64_C(1) << type;
}

struct lk_span lk_mobility_vendor_data(const struct lk_mobility_options *options, uint32_t id,
                                       uint8_t subtype)
{
    for (size_t i = 0; i < options->vendor_count; i++)
        if (options->vendor[i].id == id && options->vendor[i].subtype == subtype)
            return options->vendor[i].data;
    return lk_span_of(NULL, 0);
}

const struct lk_mobility_auth *lk_mobility_auth(const struct lk_mobility_options *options,
                                                uint8_t subtype)
{
    for (size_t i = 0; i < options->auth_count; i++)
        if (options->auth[i].subtype == subtype)
            return &options->auth[i];
    return NULL;
}

/* ---- messages ---- */

static void get_fixed(struct lk_reader *r, struct lk_mobility_message *message)
{
    switch (message->type) {
    case LK_MOBILITY_BRR: /* spec: RFC 6275 6.1.2 - nothing but two reserved octets. */
        (void)lk_get_be16(r);
        break;
    case LK_MOBILITY_BU: /* spec: RFC 6275 6.1.7 - and the P flag of RFC 5213 8.1. */
        message->sequence = lk_get_be16(r);
        message->flags = lk_get_be16(r);
        message->lifetime = lk_get_be16(r);
        break;
    case LK_MOBILITY_BA: /* spec: RFC 6275 6.1.8 - and the P flag of RFC 5213 8.2. */
        message->status = lk_get_u8(r);
        message->flags = lk_get_u8(r);
        message->sequence = lk_get_be16(r);
        message->lifetime = lk_get_be16(r);
        break;
    case LK_MOBILITY_BE: /* spec: RFC 6275 6.1.9 - status, and the home address it is about. */
        message->status = lk_get_u8(r);
        (void)lk_get_u8(r);
        lk_get_copy(r, message->home.octets, sizeof message->home.octets);
        break;
    case LK_MOBILITY_HEARTBEAT: /* spec: RFC 5847 3.3 - flags U and R, a sequence of 32 bits. */
        message->flags = lk_get_be16(r);
        message->beat = lk_get_be32(r);
        break;
    default:
        lk_reader_fail(r, LK_E_UNKNOWN);
    }
}

int lk_mobility_type_of(struct lk_span octets)
{
    return octets.len > TYPE_AT ? octets.at[TYPE_AT] : -1;
}

enum lk_status lk_mobility_decode(struct lk_mobility_message *message, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    uint8_t payload, length;

    memset(message, 0, sizeof *message);
    payload = lk_get_u8(&r);
    length = lk_get_u8(&r);
    message->type = lk_get_u8(&r);
    (void)lk_get_u8(&r);
    message->checksum = lk_get_be16(&r);
    if (r.status != LK_OK)
        return r.status;
    /* spec: RFC 6275 9.2 - another payload protocol, or a length that is not the message's. */
    if (payload != NO_NEXT_HEADER)
        return LK_E_VALUE;
    if (octets.len < ((size_t)length + 1) * UNIT)
        return LK_E_SHORT;
    if (octets.len > ((size_t)length + 1) * UNIT)
        return LK_E_TRAILING;
    get_fixed(&r, message);
    if (r.status == LK_OK)
        lk_mobility_options_get(&r, &message->options, octets);
    return lk_reader_end(&r);
}

static void put_fixed(struct lk_writer *w, const struct lk_mobility_message *message)
{
    switch (message->type) {
    case LK_MOBILITY_BRR:
        lk_put_be16(w, 0);
        break;
    case LK_MOBILITY_BE:
        lk_put_u8(w, message->status);
        lk_put_u8(w, 0);
        lk_put_octets(w, message->home.octets, sizeof message->home.octets);
        break;
    case LK_MOBILITY_BU:
        lk_put_be16(w, message->sequence);
        lk_put_be16(w, message->flags);
        lk_put_be16(w, message->lifetime);
        break;
    case LK_MOBILITY_BA:
        lk_put_u8(w, message->status);
        lk_put_u8(w, (uint8_t)message->flags);
        lk_put_be16(w, message->sequence);
        lk_put_be16(w, message->lifetime);
        break;
    default:
        LK_ASSERT(message->type == LK_MOBILITY_HEARTBEAT);
        lk_put_be16(w, message->flags);
        lk_put_be32(w, message->beat);
    }
}

enum lk_status lk_mobility_encode(struct lk_writer *w, const struct lk_mobility_message *message)
{
    struct lk_writer own = lk_writer_of(w->at + w->len, w->cap - w->len);
    enum lk_status status = lk_writer_end(w);

    if (status != LK_OK)
        return status;
    lk_put_u8(&own, NO_NEXT_HEADER);
    lk_put_u8(&own, 0);
    lk_put_u8(&own, message->type);
    lk_put_u8(&own, 0);
    lk_put_be16(&own, 0);
    put_fixed(&own, message);
    lk_mobility_options_put(&own, &message->options);
    status = lk_writer_end(&own);
    if (status != LK_OK || own.len > LK_MOBILITY_MAX) {
        w->status = status != LK_OK ? status : LK_E_FULL;
        return w->status;
    }
    lk_patch_u8(&own, LENGTH_AT, (uint8_t)(own.len / UNIT - 1));
    w->len += own.len;
    return LK_OK;
}

/* ---- checksum ---- */

/* spec: RFC 6275 6.1.1 - the Internet checksum over pseudo header and message, next header 135,
 * the checksum itself taken as zero. */
uint16_t lk_mobility_sum(const struct lk_address *source, const struct lk_address *destination,
                         struct lk_span octets)
{
    uint32_t sum = LK_MOBILITY_NEXT_HEADER + (uint32_t)octets.len;

    LK_ASSERT(octets.len >= UNIT && octets.len <= LK_MOBILITY_MAX);
    sum = lk_checksum_add(sum, LK_SPAN(source->octets));
    sum = lk_checksum_add(sum, LK_SPAN(destination->octets));
    sum = lk_checksum_add(sum, lk_span_of(octets.at, CHECKSUM_AT));
    sum = lk_checksum_add(sum, lk_span_of(octets.at + CHECKSUM_AT + 2,
                                          octets.len - CHECKSUM_AT - 2));
    return lk_checksum_of(sum);
}

void lk_mobility_seal(uint8_t *octets, size_t len, const struct lk_address *source,
                      const struct lk_address *destination)
{
    uint16_t sum = lk_mobility_sum(source, destination, lk_span_of(octets, len));

    octets[CHECKSUM_AT] = (uint8_t)(sum >> 8);
    octets[CHECKSUM_AT + 1] = (uint8_t)sum;
}

/* ---- timestamps ---- */

/* spec: RFC 5213 8.8 - seconds since 1970 in 48 bits and 1/65536 of a second in 16: not NTP. */
uint64_t lk_mobility_timestamp_of(uint64_t ms)
{
    return ms / 1000 << 16 | (ms % 1000 << 16) / 1000;
}

uint64_t lk_mobility_timestamp_ms(uint64_t timestamp)
{
    return (timestamp >> 16) * 1000 + ((timestamp & 0xffff) * 1000 + 0xffff) / 0x10000;
}

/* ---- names ---- */

static const struct {
    uint8_t status;
    const char *name;
} status_names[] = {
    { LK_BA_ACCEPTED, "ACCEPTED" },
    { LK_BA_PREFIX_DISCOVERY, "PREFIX_DISCOVERY_NECESSARY" },
    { LK_BA_UNSPECIFIED, "REASON_UNSPECIFIED" },
    { LK_BA_PROHIBITED, "ADMINISTRATIVELY_PROHIBITED" },
    { LK_BA_RESOURCES, "INSUFFICIENT_RESOURCES" },
    { LK_BA_NO_HOME_REGISTRATION, "HOME_REGISTRATION_NOT_SUPPORTED" },
    { LK_BA_NOT_HOME_SUBNET, "NOT_HOME_SUBNET" },
    { LK_BA_NOT_HOME_AGENT, "NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE" },
    { LK_BA_DUPLICATE_ADDRESS, "DUPLICATE_ADDRESS_DETECTION_FAILED" },
    { LK_BA_SEQUENCE, "SEQUENCE_NUMBER_OUT_OF_WINDOW" },
    { LK_BA_NONCE_HOME, "EXPIRED_HOME_NONCE_INDEX" },
    { LK_BA_NONCE_CARE_OF, "EXPIRED_CARE_OF_NONCE_INDEX" },
    { LK_BA_NONCES, "EXPIRED_NONCES" },
    { LK_BA_TYPE_CHANGE, "REGISTRATION_TYPE_CHANGE_DISALLOWED" },
    { LK_BA_ID_MISMATCH, "MIPV6_ID_MISMATCH" },
    { LK_BA_MESG_ID_REQUIRED, "MIPV6_MESG_ID_REQD" },
    { LK_BA_AUTH_FAIL, "MIPV6_AUTH_FAIL" },
    { LK_BA_SERVICE_NOT_AUTHORIZED, "SERVICE_AUTHORIZATION_FAILED" },
    { LK_BA_PROXY_NOT_ENABLED, "PROXY_REG_NOT_ENABLED" },
    { LK_BA_NOT_LMA_FOR_NODE, "NOT_LMA_FOR_THIS_MOBILE_NODE" },
    { LK_BA_MAG_NOT_AUTHORIZED, "MAG_NOT_AUTHORIZED_FOR_PROXY_REG" },
    { LK_BA_PREFIX_NOT_AUTHORIZED, "NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX" },
    { LK_BA_TIMESTAMP_MISMATCH, "TIMESTAMP_MISMATCH" },
    { LK_BA_TIMESTAMP_LOWER, "TIMESTAMP_LOWER_THAN_PREV_ACCEPTED" },
    { LK_BA_MISSING_PREFIX, "MISSING_HOME_NETWORK_PREFIX_OPTION" },
    { LK_BA_PREFIX_SET_DIFFERS, "BCE_PBU_PREFIX_SET_DO_NOT_MATCH" },
    { LK_BA_MISSING_MN_ID, "MISSING_MN_IDENTIFIER_OPTION" },
    { LK_BA_MISSING_HANDOFF, "MISSING_HANDOFF_INDICATOR_OPTION" },
    { LK_BA_MISSING_ACCESS, "MISSING_ACCESS_TECH_TYPE_OPTION" },
    { LK_BA_IPV4_NOT_AUTHORIZED, "NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE" },
    { LK_BA_IPV4_HOME_NOT_AUTHORIZED, "NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS" },
    { LK_BA_IPV6_NOT_AUTHORIZED, "NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE" },
    { LK_BA_CARE_OF_INVALID, "INVALID_CARE_OF_ADDRESS" },
};

const char *lk_mobility_status_name(uint8_t status)
{
    for (size_t i = 0; i < LK_COUNT_OF(status_names); i++)
        if (status_names[i].status == status)
            return status_names[i].name;
    return "?";
}
