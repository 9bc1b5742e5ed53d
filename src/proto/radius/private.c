#include "proto/radius/private.h"

#include <string.h>

#include "base/imsi.h"
#include "base/secret.h"

static void put_u32(struct lk_writer *w, uint32_t enterprise, uint8_t type, uint32_t number)
{
    uint8_t octets[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                          (uint8_t)number };

    lk_radius_put_vendor(w, enterprise, type, LK_SPAN(octets));
}

/* spec: TS 29.273 5.2.3.25 - the modes that the network supports, undefined bits clear.
 * spec: TS 29.273 5.2.3.29 - up to two control-plane addresses, one of each kind. */
void lk_radius_put_access(struct lk_writer *w, uint32_t enterprise,
                          const struct lk_twan_access *access)
{
    put_u32(w, enterprise, LK_RADIUS_TWAN_CONNECTION_MODE, access->modes & LK_TWAN_MODES);
    if (access->twag.has_ipv4)
        lk_radius_put_vendor(w, enterprise, LK_RADIUS_TWAG_CP_ADDRESS, LK_SPAN(access->twag.ipv4));
    if (access->twag.has_ipv6)
        lk_radius_put_vendor(w, enterprise, LK_RADIUS_TWAG_CP_ADDRESS, LK_SPAN(access->twag.ipv6));
}

static enum lk_status take_address(struct lk_twag_address *twag, struct lk_span value)
{
    bool ipv4 = value.len == sizeof twag->ipv4;
    bool *has = ipv4 ? &twag->has_ipv4 : &twag->has_ipv6;

    if (!ipv4 && value.len != sizeof twag->ipv6)
        return LK_E_LENGTH;
    if (*has)
        return LK_E_TWICE;
    *has = true;
    memcpy(ipv4 ? twag->ipv4 : twag->ipv6, value.at, value.len);
    return LK_OK;
}

static enum lk_status take_one(struct lk_twan_access *access, bool *has_mode,
                               const struct lk_radius_attribute *attribute)
{
    uint32_t modes;
    enum lk_status status;

    switch (attribute->type) {
    case LK_RADIUS_TWAN_CONNECTION_MODE:
        if (*has_mode)
            return LK_E_TWICE;
        *has_mode = true;
        status = lk_radius_u32(&modes, attribute->value);
        if (status == LK_OK)
            access->modes = modes & LK_TWAN_MODES;
        return status;
    case LK_RADIUS_TWAG_CP_ADDRESS:
        return take_address(&access->twag, attribute->value);
    default:
        return LK_OK;
    }
}

enum lk_status lk_radius_take_access(struct lk_twan_access *access,
                                     const struct lk_radius_packet *packet, uint32_t enterprise)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute outer, inner;
    struct lk_radius_vendor vendor;
    enum lk_status status = LK_OK;
    bool has_mode = false;

    memset(access, 0, sizeof *access);
    while (status == LK_OK && lk_radius_next(&r, &outer)) {
        struct lk_reader ours;

        /* Another vendor may lay out its attribute as it likes. */
        if (outer.type != LK_RADIUS_VENDOR_SPECIFIC ||
            lk_radius_decode_vendor(&vendor, outer.value) != LK_OK || vendor.id != enterprise)
            continue;
        ours = lk_reader_of(vendor.attributes);
        while (status == LK_OK && lk_radius_next(&ours, &inner))
            status = take_one(access, &has_mode, &inner);
    }
    if (status != LK_OK)
        memset(access, 0, sizeof *access);
    return status;
}

void lk_radius_put_imsi(struct lk_writer *w, uint32_t enterprise, const struct lk_imsi *imsi,
                        const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                        const uint8_t salt[LK_RADIUS_SALT_LEN])
{
    lk_radius_put_hidden(w, enterprise, LK_RADIUS_WLCP_IMSI, secret, authenticator, salt,
                         lk_span_text(imsi->digits));
}

/* spec: TS 33.402 7.2.3.2.1 - the WLCP key travels beside EAP, never inside it. */
void lk_radius_put_wlcp(struct lk_writer *w, uint32_t enterprise, const struct lk_wlcp_key *key,
                        const struct lk_imsi *imsi, const struct lk_radius_secret *secret,
                        const uint8_t authenticator[16],
                        const uint8_t salts[2][LK_RADIUS_SALT_LEN])
{
    lk_radius_put_hidden(w, enterprise, LK_RADIUS_WLCP_KEY, secret, authenticator, salts[0],
                         LK_SPAN(key->octets));
    lk_radius_put_imsi(w, enterprise, imsi, secret, authenticator, salts[1]);
}

/* One hidden attribute; a second one of its kind is not looked at. */
static enum lk_status open_one(uint8_t plain[LK_RADIUS_HIDDEN_MAX + 1], size_t *len,
                               const struct lk_radius_packet *packet, uint32_t enterprise,
                               uint8_t type, const struct lk_radius_secret *secret,
                               const uint8_t authenticator[16])
{
    struct lk_span value;

    if (!lk_radius_find_vendor(packet, enterprise, type, &value))
        return LK_E_MISSING;
    return lk_radius_open_hidden(plain, len, value, secret, authenticator);
}

enum lk_status lk_radius_open_imsi(struct lk_imsi *imsi, const struct lk_radius_packet *packet,
                                   uint32_t enterprise, const struct lk_radius_secret *secret,
                                   const uint8_t authenticator[16])
{
    uint8_t plain[LK_RADIUS_HIDDEN_MAX + 1];
    size_t len = 0;
    enum lk_status status = open_one(plain, &len, packet, enterprise, LK_RADIUS_WLCP_IMSI, secret,
                                     authenticator);

    if (status == LK_OK)
        status = lk_imsi_parse(imsi, lk_span_of(plain, len));
    if (status != LK_OK)
        lk_wipe(imsi, sizeof *imsi);
    lk_wipe(plain, sizeof plain);
    return status;
}

/* spec: TS 29.273 5.2.3.25 - an answer names the one mode that shall be used: single and multi at
 * once, or another than multi beside a WLCP key, is refused. */
static enum lk_status check_mode(const struct lk_radius_packet *packet, uint32_t enterprise)
{
    struct lk_twan_access authorised;
    struct lk_span value;
    enum lk_status status = lk_radius_take_access(&authorised, packet, enterprise);

    if (status != LK_OK ||
        !lk_radius_find_vendor(packet, enterprise, LK_RADIUS_TWAN_CONNECTION_MODE, &value))
        return status;
    return authorised.modes == LK_TWAN_MULTI ? LK_OK : LK_E_VALUE;
}

enum lk_status lk_radius_open_wlcp(struct lk_wlcp_key *key, struct lk_imsi *imsi,
                                   const struct lk_radius_packet *packet, uint32_t enterprise,
                                   const struct lk_radius_secret *secret,
                                   const uint8_t authenticator[16])
{
    uint8_t plain[LK_RADIUS_HIDDEN_MAX + 1];
    size_t len = 0;
    enum lk_status status = open_one(plain, &len, packet, enterprise, LK_RADIUS_WLCP_KEY, secret,
                                     authenticator);

    if (status == LK_OK && len != sizeof key->octets)
        status = LK_E_LENGTH;
    if (status == LK_OK) {
        memcpy(key->octets, plain, sizeof key->octets);
        status = lk_radius_open_imsi(imsi, packet, enterprise, secret, authenticator);
    }
    if (status == LK_OK)
        status = check_mode(packet, enterprise);
    if (status != LK_OK) {
        lk_wipe(key, sizeof *key);
        lk_wipe(imsi, sizeof *imsi);
    }
    lk_wipe(plain, sizeof plain);
    return status;
}
