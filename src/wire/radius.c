#include "wire/radius.h"

#include <stdio.h>
#include <string.h>

enum { ATTRIBUTE_HEADER = 2, LENGTH_AT = 2, VENDOR_ID_LEN = 4 };

/* True when attributes of type, length and value fill the span exactly. */
static bool well_formed(struct lk_span attributes)
{
    size_t at = 0;

    while (attributes.len - at >= ATTRIBUTE_HEADER) {
        size_t len = attributes.at[at + 1];

        if (len < ATTRIBUTE_HEADER || len > attributes.len - at)
            return false;
        at += len;
    }
    return at == attributes.len;
}

/* spec: RFC 2865 3 - length from 20 to 4096; a datagram shorter than it says is discarded, octets
 * behind it are padding and ignored. */
enum lk_status lk_radius_decode(struct lk_radius_packet *packet, struct lk_span datagram)
{
    struct lk_reader r = lk_reader_of(datagram);
    uint16_t length;

    memset(packet, 0, sizeof *packet);
    packet->code = lk_get_u8(&r);
    packet->identifier = lk_get_u8(&r);
    length = lk_get_be16(&r);
    packet->authenticator = lk_get_span(&r, LK_RADIUS_AUTHENTICATOR_LEN);
    if (r.status != LK_OK)
        return r.status;
    if (length < LK_RADIUS_HEADER_LEN || length > LK_RADIUS_PACKET_MAX)
        return LK_E_LENGTH;
    packet->attributes = lk_get_span(&r, (size_t)length - LK_RADIUS_HEADER_LEN);
    if (r.status != LK_OK)
        return r.status;
    packet->whole = lk_span_of(datagram.at, length);
    /* spec: RFC 2865 5 - an attribute's length counts its two octets and ends within the packet. */
    return well_formed(packet->attributes) ? LK_OK : LK_E_LENGTH;
}

bool lk_radius_next(struct lk_reader *r, struct lk_radius_attribute *attribute)
{
    uint8_t len;

    if (r->left == 0 || r->status != LK_OK)
        return false;
    attribute->type = lk_get_u8(r);
    len = lk_get_u8(r);
    if (len < ATTRIBUTE_HEADER)
        lk_reader_fail(r, LK_E_LENGTH);
    attribute->value = lk_get_span(r, (size_t)len - ATTRIBUTE_HEADER);
    return r->status == LK_OK;
}

static bool find_in(struct lk_span attributes, uint8_t type, struct lk_span *value)
{
    struct lk_reader r = lk_reader_of(attributes);
    struct lk_radius_attribute attribute;

    while (lk_radius_next(&r, &attribute))
        if (attribute.type == type) {
            *value = attribute.value;
            return true;
        }
    *value = lk_span_of(NULL, 0);
    return false;
}

bool lk_radius_find(const struct lk_radius_packet *packet, uint8_t type, struct lk_span *value)
{
    return find_in(packet->attributes, type, value);
}

enum lk_status lk_radius_u32(uint32_t *number, struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);

    *number = lk_get_be32(&r);
    return lk_reader_end(&r) == LK_OK ? LK_OK : LK_E_LENGTH;
}

/* Where the EAP-Message attributes begin and end, headers included. */
static enum lk_status eap_run(struct lk_span *run, size_t *count,
                              const struct lk_radius_packet *packet)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;
    const uint8_t *from = r.at;
    bool ended = false;

    *count = 0;
    *run = lk_span_of(NULL, 0);
    for (; lk_radius_next(&r, &attribute); from = r.at) {
        if (attribute.type != LK_RADIUS_EAP_MESSAGE) {
            ended = *count > 0;
            continue;
        }
        /* spec: RFC 3579 3.1 - they stand next to each other, in order. */
        if (ended)
            return LK_E_VALUE;
        if ((*count)++ == 0)
            run->at = from;
        run->len = (size_t)(r.at - run->at);
    }
    return *count > 0 ? LK_OK : LK_E_MISSING;
}

enum lk_status lk_radius_join_eap(struct lk_span *eap, const struct lk_radius_packet *packet,
                                  uint8_t *room, size_t cap)
{
    struct lk_writer w = lk_writer_of(room, cap);
    struct lk_radius_attribute attribute;
    struct lk_reader r;
    struct lk_span run;
    size_t count;
    enum lk_status status = eap_run(&run, &count, packet);

    *eap = lk_span_of(NULL, 0);
    if (status != LK_OK)
        return status;
    r = lk_reader_of(run);
    if (count == 1) {
        (void)lk_radius_next(&r, &attribute);
        *eap = attribute.value;
        return LK_OK;
    }
    while (lk_radius_next(&r, &attribute))
        lk_put_span(&w, attribute.value);
    status = lk_writer_end(&w);
    if (status == LK_OK)
        *eap = lk_writer_span(&w);
    return status;
}

enum lk_status lk_radius_decode_vendor(struct lk_radius_vendor *vendor, struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);

    vendor->id = lk_get_be32(&r);
    vendor->attributes = lk_get_rest(&r);
    if (r.status != LK_OK)
        return r.status;
    return well_formed(vendor->attributes) ? LK_OK : LK_E_LENGTH;
}

bool lk_radius_find_vendor(const struct lk_radius_packet *packet, uint32_t vendor, uint8_t type,
                           struct lk_span *value)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;
    struct lk_radius_vendor found;

    while (lk_radius_next(&r, &attribute))
        if (attribute.type == LK_RADIUS_VENDOR_SPECIFIC &&
            lk_radius_decode_vendor(&found, attribute.value) == LK_OK && found.id == vendor &&
            find_in(found.attributes, type, value))
            return true;
    *value = lk_span_of(NULL, 0);
    return false;
}

/* ---- encoding ---- */

void lk_radius_begin(struct lk_writer *w, enum lk_radius_code code, uint8_t identifier)
{
    LK_ASSERT(w->len == 0);
    lk_put_u8(w, (uint8_t)code);
    lk_put_u8(w, identifier);
    (void)lk_put_hole(w, sizeof(uint16_t) + LK_RADIUS_AUTHENTICATOR_LEN);
}

static bool put_header(struct lk_writer *w, uint8_t type, size_t len)
{
    if (len > LK_RADIUS_VALUE_MAX) {
        if (w->status == LK_OK)
            w->status = LK_E_LENGTH;
        return false;
    }
    lk_put_u8(w, type);
    lk_put_u8(w, (uint8_t)(len + ATTRIBUTE_HEADER));
    return true;
}

void lk_radius_put(struct lk_writer *w, uint8_t type, struct lk_span value)
{
    if (put_header(w, type, value.len))
        lk_put_span(w, value);
}

void lk_radius_put_u32(struct lk_writer *w, uint8_t type, uint32_t number)
{
    (void)put_header(w, type, sizeof number);
    lk_put_be32(w, number);
}

/* spec: RFC 3580 3.21 - the station's MAC address as text, its octets apart by dashes. */
void lk_radius_put_station(struct lk_writer *w, const uint8_t mac[LK_STATION_LEN])
{
    char text[LK_STATION_TEXT];

    (void)snprintf(text, sizeof text, "%02X-%02X-%02X-%02X-%02X-%02X", mac[0], mac[1], mac[2],
                   mac[3], mac[4], mac[5]);
    lk_radius_put(w, LK_RADIUS_CALLING_STATION_ID, lk_span_text(text));
}

size_t lk_radius_put_hole(struct lk_writer *w, uint8_t type, size_t len)
{
    return put_header(w, type, len) ? lk_put_hole(w, len) : w->len;
}

void lk_radius_put_eap(struct lk_writer *w, struct lk_span eap)
{
    do {
        size_t len = eap.len < LK_RADIUS_VALUE_MAX ? eap.len : LK_RADIUS_VALUE_MAX;

        lk_radius_put(w, LK_RADIUS_EAP_MESSAGE, lk_span_of(eap.at, len));
        if (len > 0)
            eap = lk_span_of(eap.at + len, eap.len - len);
    } while (eap.len > 0);
}

static bool put_vendor_header(struct lk_writer *w, uint32_t vendor, uint8_t type, size_t len)
{
    if (!put_header(w, LK_RADIUS_VENDOR_SPECIFIC, VENDOR_ID_LEN + ATTRIBUTE_HEADER + len))
        return false;
    lk_put_be32(w, vendor);
    return put_header(w, type, len);
}

void lk_radius_put_vendor(struct lk_writer *w, uint32_t vendor, uint8_t type, struct lk_span value)
{
    if (put_vendor_header(w, vendor, type, value.len))
        lk_put_span(w, value);
}

size_t lk_radius_put_vendor_hole(struct lk_writer *w, uint32_t vendor, uint8_t type, size_t len)
{
    return put_vendor_header(w, vendor, type, len) ? lk_put_hole(w, len) : w->len;
}

enum lk_status lk_radius_end(struct lk_writer *w)
{
    if (w->status == LK_OK && w->len > LK_RADIUS_PACKET_MAX)
        w->status = LK_E_FULL;
    lk_patch_be16(w, LENGTH_AT, (uint16_t)w->len);
    return lk_writer_end(w);
}
