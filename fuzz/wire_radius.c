/* Octets as a RADIUS packet: what decodes is well formed to the last octet, and attribute by
 * attribute encodes to the same octets again. */
#include "fuzz.h"

#include "wire/radius.h"

static void walk_vendor(struct lk_span value)
{
    struct lk_radius_vendor vendor;
    struct lk_radius_attribute attribute;
    struct lk_reader r;

    if (lk_radius_decode_vendor(&vendor, value) != LK_OK)
        return;
    r = lk_reader_of(vendor.attributes);
    while (lk_radius_next(&r, &attribute))
        LK_ASSERT(lk_radius_vendor_attribute_name(vendor.id, attribute.type) != NULL);
    LK_ASSERT(lk_reader_end(&r) == LK_OK);
}

static void encode_again(const struct lk_radius_packet *packet)
{
    static uint8_t octets[LK_RADIUS_PACKET_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;

    lk_radius_begin(&w, (enum lk_radius_code)packet->code, packet->identifier);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, packet->authenticator.at,
                    packet->authenticator.len);
    while (lk_radius_next(&r, &attribute)) {
        struct lk_span found;

        lk_radius_put(&w, attribute.type, attribute.value);
        LK_ASSERT(lk_radius_find(packet, attribute.type, &found));
        LK_ASSERT(lk_radius_attribute_name(attribute.type) != NULL);
        if (attribute.type == LK_RADIUS_VENDOR_SPECIFIC)
            walk_vendor(attribute.value);
    }
    LK_ASSERT(lk_radius_end(&w) == LK_OK);
    LK_ASSERT(lk_span_equal(lk_writer_span(&w), packet->whole));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t room[1500];
    struct lk_radius_packet packet;
    struct lk_span eap, value;
    uint32_t number;

    walk_vendor(lk_span_of(octets, len));
    if (lk_radius_decode(&packet, lk_span_of(octets, len)) != LK_OK)
        return 0;
    LK_ASSERT(packet.whole.len <= len && packet.whole.len <= LK_RADIUS_PACKET_MAX);
    encode_again(&packet);
    if (lk_radius_join_eap(&eap, &packet, room, sizeof room) == LK_OK && eap.len > 0)
        LK_ASSERT(eap.at[0] + eap.at[eap.len - 1] >= 0); /* readable */
    if (lk_radius_find(&packet, LK_RADIUS_SESSION_TIMEOUT, &value))
        LK_ASSERT((lk_radius_u32(&number, value) == LK_OK) == (value.len == 4));
    return 0;
}
