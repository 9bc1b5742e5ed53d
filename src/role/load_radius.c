/* The RADIUS client of the load generator: see load_radius.h. */
#include "role/load_radius.h"

#include <string.h>

#include "base/secret.h"

enum { HEADER_LEN = 20, ATTRIBUTE_MAX = 253 };
enum {
    USER_NAME = 1,
    STATE = 24,
    VENDOR_SPECIFIC = 26,
    CALLING_STATION_ID = 31,
    NAS_IDENTIFIER = 32,
    ACCT_STATUS_TYPE = 40,
    ACCT_SESSION_ID = 44,
    NAS_PORT_TYPE = 61,
    EAP_MESSAGE = 79,
    MESSAGE_AUTHENTICATOR = 80,
};
enum { VENDOR_MICROSOFT = 311, MS_MPPE_SEND_KEY = 16, MS_MPPE_RECV_KEY = 17 };

static const uint8_t zeroes[LK_MD5_LEN];

void lk_load_radius_start(struct lk_load_radius *radius, struct lk_span secret)
{
    LK_ASSERT(secret.len <= sizeof radius->secret);
    memcpy(radius->secret, secret.at, secret.len);
    radius->secret_len = secret.len;
    lk_hmac_md5_set_key(&radius->hmac, secret);
}

static void put_attribute(struct lk_writer *w, uint8_t type, struct lk_span value)
{
    lk_put_u8(w, type);
    lk_put_u8(w, (uint8_t)(2 + value.len));
    lk_put_span(w, value);
}

static void put_header(struct lk_writer *w, uint8_t code, uint8_t id, const uint8_t *authenticator)
{
    lk_put_u8(w, code);
    lk_put_u8(w, id);
    lk_put_be16(w, 0);
    lk_put_octets(w, authenticator, LK_LOAD_AUTHENTICATOR_LEN);
}

size_t lk_load_access_request(const struct lk_load_radius *radius, uint8_t *to, size_t cap,
                              uint8_t id, const uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN],
                              struct lk_span user, struct lk_span state, struct lk_span eap)
{
    static const uint8_t wireless[4] = { 0, 0, 0, 19 };
    struct lk_writer w = lk_writer_of(to, cap);
    struct lk_span whole;
    size_t mac_at;

    put_header(&w, LK_LOAD_ACCESS_REQUEST, id, authenticator);
    put_attribute(&w, MESSAGE_AUTHENTICATOR, LK_SPAN(zeroes));
    mac_at = w.len - LK_MD5_LEN;
    put_attribute(&w, USER_NAME, user);
    put_attribute(&w, NAS_IDENTIFIER, lk_span_text("load"));
    put_attribute(&w, CALLING_STATION_ID, lk_span_text("02-00-00-00-00-01"));
    put_attribute(&w, NAS_PORT_TYPE, LK_SPAN(wireless));
    if (state.len > 0)
        put_attribute(&w, STATE, state);
    for (size_t at = 0; at < eap.len; at += ATTRIBUTE_MAX) {
        size_t piece = eap.len - at < ATTRIBUTE_MAX ? eap.len - at : ATTRIBUTE_MAX;

        put_attribute(&w, EAP_MESSAGE, lk_span_of(eap.at + at, piece));
    }
    lk_patch_be16(&w, 2, (uint16_t)w.len);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    whole = lk_writer_span(&w);
    lk_hmac_md5(to + mac_at, &radius->hmac, &whole, 1);
    return w.len;
}

size_t lk_load_accounting_request(const struct lk_load_radius *radius, uint8_t *to, size_t cap,
                                  uint8_t id, uint32_t status, struct lk_span user,
                                  uint64_t session)
{
    struct lk_writer w = lk_writer_of(to, cap);
    uint8_t value[4] = { 0, 0, 0, (uint8_t)status };
    uint8_t digest[LK_MD5_LEN];
    char name[16];
    struct lk_span parts[2];

    for (int i = 0; i < 16; i++)
        name[i] = "0123456789abcdef"[session >> (60 - 4 * i) & 15];
    put_header(&w, LK_LOAD_ACCOUNTING_REQUEST, id, zeroes);
    put_attribute(&w, ACCT_STATUS_TYPE, LK_SPAN(value));
    put_attribute(&w, USER_NAME, user);
    put_attribute(&w, NAS_IDENTIFIER, lk_span_text("load"));
    put_attribute(&w, ACCT_SESSION_ID, LK_SPAN(name));
    lk_patch_be16(&w, 2, (uint16_t)w.len);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    parts[0] = lk_writer_span(&w);
    parts[1] = lk_span_of(radius->secret, radius->secret_len);
    lk_md5(digest, parts, 2);
    lk_patch_octets(&w, 4, digest, sizeof digest);
    return w.len;
}

static bool response_authenticator_right(const struct lk_load_radius *radius,
                                         struct lk_span datagram, const uint8_t *authenticator)
{
    struct lk_span parts[4] = {
        lk_span_of(datagram.at, 4),
        lk_span_of(authenticator, LK_LOAD_AUTHENTICATOR_LEN),
        lk_span_of(datagram.at + HEADER_LEN, datagram.len - HEADER_LEN),
        lk_span_of(radius->secret, radius->secret_len),
    };
    uint8_t digest[LK_MD5_LEN];

    lk_md5(digest, parts, 4);
    return lk_same_secret(digest, datagram.at + 4, sizeof digest);
}

static bool message_authenticator_right(const struct lk_load_radius *radius,
                                        struct lk_span datagram, const uint8_t *authenticator,
                                        const uint8_t *mac)
{
    size_t at = (size_t)(mac - datagram.at);
    struct lk_span parts[5] = {
        lk_span_of(datagram.at, 4),
        lk_span_of(authenticator, LK_LOAD_AUTHENTICATOR_LEN),
        lk_span_of(datagram.at + HEADER_LEN, at - HEADER_LEN),
        LK_SPAN(zeroes),
        lk_span_of(mac + LK_MD5_LEN, datagram.len - at - LK_MD5_LEN),
    };
    uint8_t digest[LK_MD5_LEN];

    lk_hmac_md5(digest, &radius->hmac, parts, 5);
    return lk_same_secret(digest, mac, sizeof digest);
}

static void take_vendor(struct lk_load_answer *answer, struct lk_span value)
{
    struct lk_reader r = lk_reader_of(value);
    uint8_t type, len;

    if (lk_get_be32(&r) != VENDOR_MICROSOFT)
        return;
    type = lk_get_u8(&r);
    len = lk_get_u8(&r);
    if (r.status != LK_OK || len != r.left + 2)
        return;
    if (type == MS_MPPE_SEND_KEY)
        answer->mppe[0] = lk_get_rest(&r);
    else if (type == MS_MPPE_RECV_KEY)
        answer->mppe[1] = lk_get_rest(&r);
}

static bool take(struct lk_load_answer *answer, const uint8_t **mac, uint8_t type,
                 struct lk_span value)
{
    switch (type) {
    case STATE:
        answer->state = value;
        break;
    case VENDOR_SPECIFIC:
        take_vendor(answer, value);
        break;
    case MESSAGE_AUTHENTICATOR:
        if (value.len != LK_MD5_LEN || *mac != NULL)
            return false;
        *mac = value.at;
        break;
    case EAP_MESSAGE:
        if (answer->eap_len + value.len > sizeof answer->eap)
            return false;
        memcpy(answer->eap + answer->eap_len, value.at, value.len);
        answer->eap_len += value.len;
        break;
    default:
        break;
    }
    return true;
}

enum lk_load_error lk_load_radius_open(const struct lk_load_radius *radius,
                                       struct lk_load_answer *answer, struct lk_span datagram,
                                       const uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN])
{
    struct lk_reader r = lk_reader_of(datagram);
    const uint8_t *mac = NULL;

    answer->code = lk_get_u8(&r);
    answer->state = answer->mppe[0] = answer->mppe[1] = lk_span_of(NULL, 0);
    answer->eap_len = 0;
    (void)lk_get_u8(&r);
    if (lk_get_be16(&r) != datagram.len || datagram.len < HEADER_LEN)
        return LK_LOAD_MALFORMED;
    (void)lk_get_span(&r, LK_LOAD_AUTHENTICATOR_LEN);
    while (r.left > 0 && r.status == LK_OK) {
        uint8_t type = lk_get_u8(&r);
        uint8_t len = lk_get_u8(&r);

        if (len < 2 || !take(answer, &mac, type, lk_get_span(&r, len - 2u)))
            return LK_LOAD_MALFORMED;
    }
    if (r.status != LK_OK)
        return LK_LOAD_MALFORMED;
    if (!response_authenticator_right(radius, datagram, authenticator))
        return LK_LOAD_RADIUS_WRONG;
    if (answer->code == LK_LOAD_ACCOUNTING_RESPONSE)
        return LK_LOAD_OK;
    if (mac == NULL || !message_authenticator_right(radius, datagram, authenticator, mac))
        return LK_LOAD_RADIUS_WRONG;
    return LK_LOAD_OK;
}

/* spec: RFC 2548 2.4.2 - salt, then the length and the key hidden by a chain of MD5. */
static bool mppe_matches(const struct lk_load_radius *radius, struct lk_span hidden,
                         const uint8_t *authenticator, const uint8_t key[32])
{
    uint8_t plain[48], pad[LK_MD5_LEN];
    struct lk_span parts[3] = { lk_span_of(radius->secret, radius->secret_len),
                                lk_span_of(authenticator, LK_LOAD_AUTHENTICATOR_LEN),
                                lk_span_of(hidden.at, 2) };

    if (hidden.len != 2 + sizeof plain)
        return false;
    for (size_t block = 0; block < sizeof plain; block += LK_MD5_LEN) {
        lk_md5(pad, parts, block == 0 ? 3 : 2);
        for (size_t i = 0; i < LK_MD5_LEN; i++)
            plain[block + i] = hidden.at[2 + block + i] ^ pad[i];
        parts[1] = lk_span_of(hidden.at + 2 + block, LK_MD5_LEN);
    }
    return plain[0] == 32 && lk_same_secret(plain + 1, key, 32);
}

bool lk_load_msk_matches(const struct lk_load_radius *radius, const struct lk_load_answer *answer,
                         const uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN],
                         const struct lk_msk *msk)
{
    return mppe_matches(radius, answer->mppe[1], authenticator, msk->octets) &&
           mppe_matches(radius, answer->mppe[0], authenticator, msk->octets + 32);
}

void lk_load_radius_sign(const struct lk_load_radius *radius, uint8_t *datagram, size_t len,
                         size_t mac_at, const uint8_t authenticator[LK_LOAD_AUTHENTICATOR_LEN])
{
    struct lk_span parts[2] = { lk_span_of(datagram, len),
                                lk_span_of(radius->secret, radius->secret_len) };

    memset(datagram + mac_at, 0, LK_MD5_LEN);
    memcpy(datagram + 4, authenticator, LK_LOAD_AUTHENTICATOR_LEN);
    lk_hmac_md5(datagram + mac_at, &radius->hmac, parts, 1);
    lk_md5(datagram + 4, parts, 2);
}
