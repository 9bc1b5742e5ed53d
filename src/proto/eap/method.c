#include "proto/eap/method.h"

#include <string.h>

#include "base/secret.h"

/* spec: RFC 4187 10.15 - HMAC-SHA-1-128 over the packet, the MAC's place zeroed, and what the
 * message adds. spec: RFC 9048 3.4.2 - HMAC-SHA-256-128 in EAP-AKA'. */
void lk_aka_mac(uint8_t mac[LK_AKA_MAC_LEN], uint8_t eap_type, const struct lk_k_aut *k_aut,
                struct lk_span packet, size_t mac_offset, struct lk_span extra)
{
    static const uint8_t zeroes[LK_AKA_MAC_LEN];
    size_t behind = mac_offset + LK_AKA_MAC_LEN;
    uint8_t out[LK_SHA256_LEN];

    LK_ASSERT(behind <= packet.len);
    struct lk_span parts[] = {
        lk_span_of(packet.at, mac_offset),
        LK_SPAN(zeroes),
        lk_span_of(packet.at + behind, packet.len - behind),
        extra,
    };
    if (eap_type == LK_EAP_AKA_PRIME)
        lk_hmac_sha256(out, lk_span_of(k_aut->octets, k_aut->len), parts, LK_COUNT_OF(parts));
    else
        lk_hmac_sha1(out, lk_span_of(k_aut->octets, k_aut->len), parts, LK_COUNT_OF(parts));
    memcpy(mac, out, LK_AKA_MAC_LEN);
    lk_wipe(out, sizeof out);
}

bool lk_aka_mac_is_right(const struct lk_eap_packet *packet, const struct lk_k_aut *k_aut,
                         struct lk_span extra)
{
    uint8_t mac[LK_AKA_MAC_LEN];
    bool right;

    if (packet->mac_offset == 0)
        return false;
    lk_aka_mac(mac, packet->type, k_aut, packet->whole, packet->mac_offset, extra);
    right = lk_same_secret(mac, packet->at.mac.at, sizeof mac);
    lk_wipe(mac, sizeof mac);
    return right;
}

void lk_aka_finish_signed(struct lk_writer *w, uint8_t eap_type, const struct lk_k_aut *k_aut,
                          struct lk_span extra, uint8_t mac[LK_AKA_MAC_LEN])
{
    size_t hole = lk_aka_put_mac_hole(w);
    uint8_t own[LK_AKA_MAC_LEN] = { 0 };

    lk_eap_finish(w);
    if (lk_writer_end(w) == LK_OK) {
        lk_aka_mac(own, eap_type, k_aut, lk_writer_span(w), hole, extra);
        lk_patch_octets(w, hole, own, sizeof own);
    }
    if (mac != NULL)
        memcpy(mac, own, sizeof own);
    lk_wipe(own, sizeof own);
}

/* spec: RFC 4187 10.12 - AES-128-CBC under K_encr, IV in the clear. */
void lk_aka_put_encrypted(struct lk_writer *w, const struct lk_k_encr *k_encr,
                          const uint8_t iv[LK_AKA_IV_LEN], struct lk_span plain)
{
    uint8_t sealed[LK_AKA_INNER_MAX];

    LK_ASSERT(plain.len % LK_AES_BLOCK == 0 && plain.len <= sizeof sealed);
    lk_aes128_cbc_encrypt(sealed, k_encr->octets, iv, plain);
    lk_aka_put_block(w, LK_AT_IV, lk_span_of(iv, LK_AKA_IV_LEN));
    lk_aka_put_block(w, LK_AT_ENCR_DATA, lk_span_of(sealed, plain.len));
}

enum lk_status lk_aka_open_encrypted(struct lk_aka_attributes *inner,
                                     uint8_t room[LK_AKA_INNER_MAX],
                                     const struct lk_eap_packet *packet,
                                     const struct lk_k_encr *k_encr)
{
    struct lk_span sealed = packet->at.encr_data;

    memset(inner, 0, sizeof *inner);
    if (!lk_aka_has(&packet->at, LK_AT_ENCR_DATA) || !lk_aka_has(&packet->at, LK_AT_IV))
        return LK_E_MISSING;
    LK_ASSERT(sealed.len <= LK_AKA_INNER_MAX);
    lk_aes128_cbc_decrypt(room, k_encr->octets, packet->at.iv.at, sealed);
    return lk_aka_decode_encrypted(inner, packet, lk_span_of(room, sealed.len));
}

enum lk_hash_kind lk_aka_checkcode_hash(uint8_t eap_type)
{
    return eap_type == LK_EAP_AKA_PRIME ? LK_HASH_SHA256 : LK_HASH_SHA1;
}

/* spec: RFC 4187 10.13 - an empty checkcode says that no identity packets were exchanged. */
bool lk_aka_checkcode_is_right(const struct lk_aka_attributes *at, const uint8_t *checkcode,
                               size_t len)
{
    if (!lk_aka_has(at, LK_AT_CHECKCODE))
        return true;
    return at->checkcode.len == len &&
           (len == 0 || lk_same_secret(at->checkcode.at, checkcode, len));
}

bool lk_aka_open_mode(struct lk_mode_value *value, const struct lk_eap_packet *packet,
                      const struct lk_mode_layout *layout, enum lk_mode_message message)
{
    bool is_there = lk_aka_has(&packet->at, LK_AT_TWAN_CONN_MODE) &&
                    lk_mode_decode(value, layout, packet->at.conn_mode) == LK_OK &&
                    value->message == message;

    if (!is_there)
        memset(value, 0, sizeof *value);
    return is_there;
}

void lk_aka_put_mode(struct lk_writer *w, const struct lk_mode_layout *layout,
                     const struct lk_mode_value *value)
{
    uint8_t octets[LK_MODE_WRITTEN_MAX];
    struct lk_writer inside = lk_writer_of(octets, sizeof octets);

    lk_mode_encode(&inside, layout, value);
    LK_ASSERT(lk_writer_end(&inside) == LK_OK);
    lk_aka_put_raw(w, LK_AT_TWAN_CONN_MODE, lk_writer_span(&inside));
}

/* spec: RFC 9048 3.1 - names are compared field by field, fields parted by colons, up to the end of
 * the shorter one. */
bool lk_network_name_matches(struct lk_span mine, struct lk_span theirs)
{
    struct lk_span shorter = mine.len <= theirs.len ? mine : theirs;
    struct lk_span longer = mine.len <= theirs.len ? theirs : mine;

    if (shorter.len == 0 || !lk_span_equal(shorter, lk_span_of(longer.at, shorter.len)))
        return false;
    return shorter.len == longer.len || longer.at[shorter.len] == ':';
}
