/* The EAP codec: whatever decodes lies inside the packet, shows itself whole, and fits its
 * tables. */
#include "fuzz.h"

#include <string.h>

#include "wire/eap.h"

static void lies_inside(struct lk_span part, struct lk_span whole)
{
    LK_ASSERT(part.len == 0 ||
              (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
}

static void attributes_lie_inside(const struct lk_aka_attributes *at, struct lk_span whole)
{
    const struct lk_span parts[] = { at->rand,    at->autn,           at->res,
                                     at->auts,    at->mac,            at->identity,
                                     at->nonce_s, at->iv,             at->encr_data,
                                     at->kdf_input, at->next_pseudonym, at->next_reauth_id,
                                     at->checkcode, at->conn_mode };

    for (size_t i = 0; i < LK_COUNT_OF(parts); i++)
        lies_inside(parts[i], whole);
    LK_ASSERT(at->kdf_count <= LK_AKA_KDF_MAX);
}

static void walks_to_the_end(const struct lk_eap_packet *packet)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_aka_item item;
    size_t seen = 0;

    while (lk_aka_walk(&r, &item)) {
        LK_ASSERT(item.whole.len >= 4 && item.name != NULL && item.clause != NULL);
        lies_inside(item.value, item.whole);
        seen += item.whole.len;
    }
    LK_ASSERT(seen == packet->attributes.len);
}

static void is_one_of_its_table(const struct lk_eap_packet *packet)
{
    bool found = false;

    for (size_t i = 0; i < lk_aka_message_row_count(); i++) {
        const struct lk_aka_message_row *row = lk_aka_message_row(i);

        found = found || (row->code == packet->code && row->subtype == packet->subtype &&
                          (packet->at.present & row->must) == row->must);
    }
    LK_ASSERT(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_span datagram = lk_span_of(octets, len);
    struct lk_eap_packet packet;
    struct lk_aka_attributes inner;
    struct lk_reader r = lk_reader_of(datagram);
    struct lk_aka_item item;
    char name[LK_EAP_NAME_MAX];
    enum lk_status status = lk_eap_decode(&packet, datagram);

    lk_eap_packet_name(name, &packet);
    while (lk_aka_walk(&r, &item)) /* of anything at all */
        LK_ASSERT(item.whole.len >= 4);
    if (status == LK_OK) {
        LK_ASSERT(packet.whole.len == len);
        lies_inside(packet.type_data, datagram);
        if (packet.type == LK_EAP_AKA || packet.type == LK_EAP_AKA_PRIME) {
            attributes_lie_inside(&packet.at, datagram);
            walks_to_the_end(&packet);
            is_one_of_its_table(&packet);
            LK_ASSERT(packet.at.mac.len == 0 ||
                      packet.mac_offset + LK_AKA_MAC_LEN <= packet.whole.len);
        }
    }
    if (lk_aka_decode_encrypted(&inner, &packet, datagram) == LK_OK)
        attributes_lie_inside(&inner, datagram);
    return 0;
}
