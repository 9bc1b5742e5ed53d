/* EAP packets: the header, and the way back from values to octets (RFC 3748 4, RFC 4187 8). */
#include "wire/eap.h"

#include <string.h>

#include "wire/eap_attributes.h"

/* spec: RFC 4187 8.1 - subtype, two reserved octets, attributes. */
static enum lk_status decode_aka(struct lk_eap_packet *packet)
{
    struct lk_reader r = lk_reader_of(packet->type_data);
    enum lk_status status;

    packet->subtype = lk_get_u8(&r);
    (void)lk_get_be16(&r);
    packet->attributes = lk_get_rest(&r);
    if (r.status != LK_OK)
        return r.status;
    status = lk_aka_take_attributes(&packet->at, packet->attributes, packet->type);
    if (status != LK_OK)
        return status;
    if (packet->at.mac.len > 0)
        packet->mac_offset = (size_t)(packet->at.mac.at - packet->whole.at);
    return lk_aka_check_message(packet);
}

/* spec: RFC 3748 4 - code, identifier, length of the whole, then the type in requests and
 * responses; Success and Failure are four octets long. */
enum lk_status lk_eap_decode(struct lk_eap_packet *packet, struct lk_span datagram)
{
    struct lk_reader r = lk_reader_of(datagram);
    size_t len;
    bool result;

    memset(packet, 0, sizeof *packet);
    packet->code = lk_get_u8(&r);
    packet->id = lk_get_u8(&r);
    len = lk_get_be16(&r);
    if (r.status != LK_OK)
        return r.status;
    if (packet->code < LK_EAP_REQUEST || packet->code > LK_EAP_FAILURE)
        return LK_E_VALUE;
    result = packet->code == LK_EAP_SUCCESS || packet->code == LK_EAP_FAILURE;
    if (len > LK_EAP_PACKET_MAX || (result ? len != LK_EAP_HEADER_LEN : len <= LK_EAP_HEADER_LEN))
        return LK_E_LENGTH;
    if (len > datagram.len)
        return LK_E_SHORT;
    if (len < datagram.len)
        return LK_E_TRAILING;
    packet->whole = lk_span_of(datagram.at, len);
    if (result)
        return lk_reader_end(&r);
    packet->type = lk_get_u8(&r);
    if (packet->type == LK_EAP_NO_TYPE)
        return LK_E_VALUE;
    packet->type_data = lk_get_rest(&r);
    if (packet->type == LK_EAP_AKA || packet->type == LK_EAP_AKA_PRIME)
        return decode_aka(packet);
    return lk_reader_end(&r);
}

/* ---- encoding ---- */

void lk_eap_begin(struct lk_writer *w, enum lk_eap_code code, uint8_t id, uint8_t type)
{
    lk_put_u8(w, (uint8_t)code);
    lk_put_u8(w, id);
    (void)lk_put_hole(w, 2);
    lk_put_u8(w, type);
}

void lk_aka_begin(struct lk_writer *w, enum lk_eap_code code, uint8_t id, uint8_t type,
                  uint8_t subtype)
{
    lk_eap_begin(w, code, id, type);
    lk_put_u8(w, subtype);
    lk_put_zeroes(w, 2);
}

void lk_eap_finish(struct lk_writer *w)
{
    if (w->status == LK_OK && w->len > LK_EAP_PACKET_MAX)
        w->status = LK_E_FULL;
    lk_patch_be16(w, 2, (uint16_t)w->len);
}

void lk_eap_put_result(struct lk_writer *w, enum lk_eap_code code, uint8_t id)
{
    lk_put_u8(w, (uint8_t)code);
    lk_put_u8(w, id);
    lk_put_be16(w, LK_EAP_HEADER_LEN);
}

void lk_eap_put_identity(struct lk_writer *w, enum lk_eap_code code, uint8_t id,
                         struct lk_span text)
{
    lk_eap_begin(w, code, id, LK_EAP_IDENTITY);
    lk_put_span(w, text);
    lk_eap_finish(w);
}

/* Type and length of an attribute whose value, all told, has len octets; returns how many zeroes
 * fill it up. */
static size_t begin_attribute(struct lk_writer *w, enum lk_at type, size_t len)
{
    size_t words = (2 + len + 3) / 4;

    if (words > UINT8_MAX) {
        if (w->status == LK_OK)
            w->status = LK_E_LENGTH;
        return 0;
    }
    lk_put_u8(w, (uint8_t)type);
    lk_put_u8(w, (uint8_t)words);
    return 4 * words - 2 - len;
}

void lk_aka_put_empty(struct lk_writer *w, enum lk_at type)
{
    lk_put_zeroes(w, 2 + begin_attribute(w, type, 2));
}

void lk_aka_put_u16(struct lk_writer *w, enum lk_at type, uint16_t value)
{
    (void)begin_attribute(w, type, 2);
    lk_put_be16(w, value);
}

void lk_aka_put_block(struct lk_writer *w, enum lk_at type, struct lk_span value)
{
    LK_ASSERT(value.len % 4 == 0);
    (void)begin_attribute(w, type, 2 + value.len);
    lk_put_zeroes(w, 2);
    lk_put_span(w, value);
}

static void put_counted(struct lk_writer *w, enum lk_at type, struct lk_span value, unsigned unit)
{
    size_t fill = begin_attribute(w, type, 2 + value.len);

    lk_put_be16(w, (uint16_t)(value.len * 8 / unit));
    lk_put_span(w, value);
    lk_put_zeroes(w, fill);
}

void lk_aka_put_text(struct lk_writer *w, enum lk_at type, struct lk_span value)
{
    put_counted(w, type, value, 8);
}

/* spec: RFC 4187 10.8 - the length of RES counts bits. */
void lk_aka_put_res(struct lk_writer *w, struct lk_span res)
{
    put_counted(w, LK_AT_RES, res, 1);
}

/* spec: RFC 4187 10.9 - AUTS follows the length directly, without reserved octets. */
void lk_aka_put_auts(struct lk_writer *w, struct lk_span auts)
{
    LK_ASSERT(auts.len == 14);
    lk_aka_put_raw(w, LK_AT_AUTS, auts);
}

void lk_aka_put_raw(struct lk_writer *w, enum lk_at type, struct lk_span value)
{
    size_t fill = begin_attribute(w, type, value.len);

    lk_put_span(w, value);
    lk_put_zeroes(w, fill);
}

size_t lk_aka_put_mac_hole(struct lk_writer *w)
{
    (void)begin_attribute(w, LK_AT_MAC, 2 + LK_AKA_MAC_LEN);
    lk_put_zeroes(w, 2);
    return lk_put_hole(w, LK_AKA_MAC_LEN);
}

void lk_aka_put_padding(struct lk_writer *w)
{
    size_t missing = (16 - w->len % 16) % 16;

    if (missing == 0)
        return;
    LK_ASSERT(missing % 4 == 0);
    (void)begin_attribute(w, LK_AT_PADDING, missing - 2);
    lk_put_zeroes(w, missing - 2);
}

/* ---- names ---- */

const char *lk_eap_code_name(uint8_t code)
{
    switch (code) {
    case LK_EAP_REQUEST: return "Request";
    case LK_EAP_RESPONSE: return "Response";
    case LK_EAP_SUCCESS: return "Success";
    case LK_EAP_FAILURE: return "Failure";
    default: return "?";
    }
}

const char *lk_eap_type_name(uint8_t type)
{
    switch (type) {
    case LK_EAP_IDENTITY: return "Identity";
    case LK_EAP_NOTIFICATION: return "Notification";
    case LK_EAP_NAK: return "Nak";
    case LK_EAP_AKA: return "AKA";
    case LK_EAP_AKA_PRIME: return "AKA'";
    default: return "?";
    }
}

const char *lk_aka_subtype_name(uint8_t subtype)
{
    switch (subtype) {
    case LK_AKA_CHALLENGE: return "Challenge";
    case LK_AKA_AUTHENTICATION_REJECT: return "Authentication-Reject";
    case LK_AKA_SYNCHRONIZATION_FAILURE: return "Synchronization-Failure";
    case LK_AKA_IDENTITY: return "Identity";
    case LK_AKA_NOTIFICATION: return "Notification";
    case LK_AKA_REAUTHENTICATION: return "Reauthentication";
    case LK_AKA_CLIENT_ERROR: return "Client-Error";
    default: return "?";
    }
}

void lk_eap_packet_name(char name[LK_EAP_NAME_MAX], const struct lk_eap_packet *packet)
{
    struct lk_writer w = lk_writer_of(name, LK_EAP_NAME_MAX);

    lk_put_span(&w, lk_span_text(lk_eap_code_name(packet->code)));
    if (packet->type != LK_EAP_NO_TYPE) {
        lk_put_span(&w, lk_span_text("/"));
        lk_put_span(&w, lk_span_text(lk_eap_type_name(packet->type)));
    }
    if (packet->type == LK_EAP_AKA || packet->type == LK_EAP_AKA_PRIME) {
        lk_put_span(&w, lk_span_text("-"));
        lk_put_span(&w, lk_span_text(lk_aka_subtype_name(packet->subtype)));
    }
    lk_put_u8(&w, 0);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}
