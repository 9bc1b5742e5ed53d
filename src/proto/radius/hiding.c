#include "proto/radius/hiding.h"

#include <string.h>

#include "base/secret.h"

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

enum { ATTRIBUTES_AT = LK_RADIUS_HEADER_LEN, BLOCK = LK_MD5_LEN, MPPE_KEY_LEN = 32 };

enum lk_status lk_radius_secret_set(struct lk_radius_secret *secret, struct lk_span octets)
{
    if (octets.len == 0 || octets.len > LK_RADIUS_SECRET_MAX)
        return LK_E_LENGTH;
    lk_wipe(secret, sizeof *secret);
    memcpy(secret->octets, octets.at, octets.len);
    secret->len = octets.len;
    lk_hmac_md5_set_key(&secret->hmac, octets);
    return LK_OK;
}

/* ---- Message-Authenticator ---- */

enum lk_status lk_radius_mac_offset(size_t *offset, const struct lk_radius_packet *packet)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute attribute;

    *offset = 0;
    while (lk_radius_next(&r, &attribute)) {
        if (attribute.type != LK_RADIUS_MESSAGE_AUTHENTICATOR)
            continue;
        /* spec: RFC 3579 3.2 - one Message-Authenticator of sixteen octets. */
        if (*offset != 0)
            return LK_E_TWICE;
        if (attribute.value.len != LK_RADIUS_MAC_LEN)
            return LK_E_LENGTH;
        *offset = (size_t)(attribute.value.at - packet->whole.at);
    }
    return *offset != 0 ? LK_OK : LK_E_MISSING;
}

/* spec: RFC 3579 3.2 - HMAC-MD5(secret, code, identifier, length, request authenticator,
 * attributes), its own sixteen octets taken as zeroes. */
void lk_radius_mac(uint8_t mac[LK_RADIUS_MAC_LEN], struct lk_span octets, size_t offset,
                   const struct lk_radius_secret *secret, const uint8_t authenticator[16])
{
    size_t behind = offset + LK_RADIUS_MAC_LEN;
    struct lk_span parts[] = {
        lk_span_of(octets.at, LK_RADIUS_AUTHENTICATOR_AT),
        lk_span_of(authenticator, LK_RADIUS_AUTHENTICATOR_LEN),
        lk_span_of(octets.at + ATTRIBUTES_AT, offset - ATTRIBUTES_AT),
        LK_SPAN(zeroes),
        lk_span_of(octets.at + behind, octets.len - behind),
    };

    LK_ASSERT(offset > ATTRIBUTES_AT && behind <= octets.len);
    lk_hmac_md5(mac, &secret->hmac, parts, LK_COUNT_OF(parts));
}

enum lk_status lk_radius_mac_verify(const struct lk_radius_packet *packet,
                                    const struct lk_radius_secret *secret,
                                    const uint8_t authenticator[16])
{
    uint8_t mac[LK_RADIUS_MAC_LEN];
    size_t offset;
    enum lk_status status = lk_radius_mac_offset(&offset, packet);

    if (status != LK_OK)
        return status;
    lk_radius_mac(mac, packet->whole, offset, secret, authenticator);
    if (!lk_same_secret(mac, packet->whole.at + offset, sizeof mac))
        status = LK_E_MAC;
    lk_wipe(mac, sizeof mac);
    return status;
}

const uint8_t *lk_radius_mac_header(uint8_t request_code, const uint8_t authenticator[16])
{
    return request_code == LK_RADIUS_ACCOUNTING_REQUEST ? zeroes : authenticator;
}

/* ---- authenticators of the header ---- */

void lk_radius_authenticator(uint8_t out[LK_RADIUS_AUTHENTICATOR_LEN], struct lk_span octets,
                             const struct lk_radius_secret *secret,
                             const uint8_t authenticator[16])
{
    struct lk_span parts[] = {
        lk_span_of(octets.at, LK_RADIUS_AUTHENTICATOR_AT),
        lk_span_of(authenticator, LK_RADIUS_AUTHENTICATOR_LEN),
        lk_span_of(octets.at + ATTRIBUTES_AT, octets.len - ATTRIBUTES_AT),
        lk_span_of(secret->octets, secret->len),
    };

    LK_ASSERT(octets.len >= LK_RADIUS_HEADER_LEN);
    lk_md5(out, parts, LK_COUNT_OF(parts));
}

enum lk_status lk_radius_authenticator_verify(const struct lk_radius_packet *packet,
                                              const struct lk_radius_secret *secret,
                                              const uint8_t authenticator[16])
{
    uint8_t expected[LK_RADIUS_AUTHENTICATOR_LEN];
    enum lk_status status = LK_OK;

    lk_radius_authenticator(expected, packet->whole, secret, authenticator);
    if (!lk_same_secret(expected, packet->authenticator.at, sizeof expected))
        status = LK_E_MAC;
    lk_wipe(expected, sizeof expected);
    return status;
}

/* ---- hidden attributes ---- */

/* spec: RFC 2548 2.4.2 - b(1) = MD5(secret, authenticator, salt), c(i) = p(i) xor b(i),
 * b(i+1) = MD5(secret, c(i)). With chain pointing at the ciphertext it hides and opens alike:
 * text is turned in place, block by block. */
static void turn(uint8_t *text, size_t len, const struct lk_radius_secret *secret,
                 const uint8_t authenticator[16], struct lk_span salt, bool hide)
{
    struct lk_span first[] = { lk_span_of(secret->octets, secret->len),
                               lk_span_of(authenticator, LK_RADIUS_AUTHENTICATOR_LEN), salt };
    uint8_t cipher[BLOCK], b[BLOCK];

    for (size_t at = 0; at < len; at += BLOCK) {
        struct lk_span next[] = { first[0], LK_SPAN(cipher) };

        if (at == 0)
            lk_md5(b, first, LK_COUNT_OF(first));
        else
            lk_md5(b, next, LK_COUNT_OF(next));
        if (!hide)
            memcpy(cipher, text + at, BLOCK);
        for (size_t i = 0; i < BLOCK; i++)
            text[at + i] ^= b[i];
        if (hide)
            memcpy(cipher, text + at, BLOCK);
    }
    lk_wipe(b, sizeof b);
}

void lk_radius_put_hidden(struct lk_writer *w, uint32_t vendor, uint8_t type,
                          const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                          const uint8_t salt[LK_RADIUS_SALT_LEN], struct lk_span plain)
{
    uint8_t text[LK_RADIUS_HIDDEN_MAX + 1] = { 0 };
    size_t len = (1 + plain.len + BLOCK - 1) / BLOCK * BLOCK;
    size_t offset;

    LK_ASSERT(plain.len <= LK_RADIUS_HIDDEN_MAX);
    /* spec: RFC 2548 2.4.2 - the leftmost bit of the salt is set. */
    LK_ASSERT((salt[0] & 0x80) != 0);
    text[0] = (uint8_t)plain.len;
    if (plain.len > 0)
        memcpy(text + 1, plain.at, plain.len);
    turn(text, len, secret, authenticator, lk_span_of(salt, LK_RADIUS_SALT_LEN), true);
    offset = lk_radius_put_vendor_hole(w, vendor, type, LK_RADIUS_SALT_LEN + len);
    lk_patch_octets(w, offset, salt, LK_RADIUS_SALT_LEN);
    lk_patch_octets(w, offset + LK_RADIUS_SALT_LEN, text, len);
    lk_wipe(text, sizeof text);
}

enum lk_status lk_radius_open_hidden(uint8_t *plain, size_t *len, struct lk_span value,
                                     const struct lk_radius_secret *secret,
                                     const uint8_t authenticator[16])
{
    uint8_t text[LK_RADIUS_HIDDEN_MAX + 1];
    struct lk_reader r = lk_reader_of(value);
    struct lk_span salt = lk_get_span(&r, LK_RADIUS_SALT_LEN);
    struct lk_span cipher = lk_get_rest(&r);
    enum lk_status status = LK_OK;

    *len = 0;
    if (cipher.len == 0 || cipher.len % BLOCK != 0 || cipher.len > sizeof text)
        return LK_E_LENGTH;
    memcpy(text, cipher.at, cipher.len);
    turn(text, cipher.len, secret, authenticator, salt, false);
    if (text[0] >= cipher.len) {
        status = LK_E_VALUE;
    } else {
        *len = text[0];
        memcpy(plain, text + 1, *len);
    }
    lk_wipe(text, sizeof text);
    return status;
}

void lk_radius_put_mppe(struct lk_writer *w, const struct lk_msk *msk,
                        const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                        const uint8_t entropy[2 * LK_RADIUS_SALT_LEN])
{
    uint8_t recv[LK_RADIUS_SALT_LEN] = { entropy[0] | 0x80, entropy[1] };
    uint8_t send[LK_RADIUS_SALT_LEN] = { entropy[2] | 0x80, entropy[3] };

    /* spec: RFC 2548 2.4.2 - each salt within one packet is unique. */
    if (lk_span_equal(LK_SPAN(recv), LK_SPAN(send)))
        send[1] ^= 1;
    lk_radius_put_hidden(w, LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_RECV_KEY, secret, authenticator,
                         recv, lk_span_of(msk->octets, MPPE_KEY_LEN));
    lk_radius_put_hidden(w, LK_RADIUS_MICROSOFT, LK_RADIUS_MS_MPPE_SEND_KEY, secret, authenticator,
                         send, lk_span_of(msk->octets + MPPE_KEY_LEN, MPPE_KEY_LEN));
}

enum lk_status lk_radius_open_mppe(struct lk_msk *msk, const struct lk_radius_packet *packet,
                                   const struct lk_radius_secret *secret,
                                   const uint8_t authenticator[16])
{
    static const uint8_t types[] = { LK_RADIUS_MS_MPPE_RECV_KEY, LK_RADIUS_MS_MPPE_SEND_KEY };
    uint8_t plain[LK_RADIUS_HIDDEN_MAX + 1];
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < LK_COUNT_OF(types) && status == LK_OK; i++) {
        struct lk_span value;
        size_t len;

        if (!lk_radius_find_vendor(packet, LK_RADIUS_MICROSOFT, types[i], &value)) {
            status = LK_E_MISSING;
            break;
        }
        status = lk_radius_open_hidden(plain, &len, value, secret, authenticator);
        if (status == LK_OK && len != MPPE_KEY_LEN)
            status = LK_E_LENGTH;
        if (status == LK_OK)
            memcpy(msk->octets + i * MPPE_KEY_LEN, plain, MPPE_KEY_LEN);
    }
    if (status != LK_OK)
        lk_wipe(msk, sizeof *msk);
    lk_wipe(plain, sizeof plain);
    return status;
}
