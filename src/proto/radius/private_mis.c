#include "proto/radius/private_mis.h"

#include <string.h>

#include "base/secret.h"

_Static_assert(2 + LK_RADIUS_MIS_MN_MAX + 8 + 4 + 1 + 2 + LK_MIS_REALM_MAX + 64 <=
                   LK_RADIUS_HIDDEN_MAX,
               "a mark of ours fits one attribute");

/* ---- the request ---- */

void lk_radius_put_pos(struct lk_writer *w, uint32_t enterprise, struct lk_span pos_id)
{
    lk_radius_put_vendor(w, enterprise, LK_RADIUS_MIS_POS, pos_id);
}

enum lk_status lk_radius_take_pos(struct lk_span *pos_id, const struct lk_radius_packet *packet,
                                  uint32_t enterprise)
{
    struct lk_reader r = lk_reader_of(packet->attributes);
    struct lk_radius_attribute outer, inner;
    struct lk_radius_vendor vendor;
    bool found = false;

    *pos_id = lk_span_of(NULL, 0);
    while (lk_radius_next(&r, &outer)) {
        struct lk_reader ours;

        if (outer.type != LK_RADIUS_VENDOR_SPECIFIC ||
            lk_radius_decode_vendor(&vendor, outer.value) != LK_OK || vendor.id != enterprise)
            continue;
        ours = lk_reader_of(vendor.attributes);
        while (lk_radius_next(&ours, &inner)) {
            if (inner.type != LK_RADIUS_MIS_POS)
                continue;
            if (found || inner.value.len == 0) {
                *pos_id = lk_span_of(NULL, 0);
                return found ? LK_E_TWICE : LK_E_LENGTH;
            }
            found = true;
            *pos_id = inner.value;
        }
    }
    return LK_OK;
}

/* ---- the answer ---- */

void lk_radius_put_mis(struct lk_writer *w, uint32_t enterprise, const struct lk_radius_mis *mis,
                       const struct lk_radius_secret *secret, const uint8_t authenticator[16],
                       const uint8_t salts[LK_RADIUS_MIS_SALTS][LK_RADIUS_SALT_LEN])
{
    const uint8_t lifetime[4] = { (uint8_t)(mis->lifetime_s >> 24),
                                  (uint8_t)(mis->lifetime_s >> 16),
                                  (uint8_t)(mis->lifetime_s >> 8), (uint8_t)mis->lifetime_s };

    if (mis->has_psk)
        lk_radius_put_hidden(w, enterprise, LK_RADIUS_MIS_PSK, secret, authenticator, salts[0],
                             LK_SPAN(mis->psk.octets));
    /* T02: the home says who it is, not the device. */
    lk_radius_put_hidden(w, enterprise, LK_RADIUS_MIS_MN, secret, authenticator, salts[1],
                         lk_span_of(mis->mn, mis->mn_len));
    if (mis->mark_len > 0)
        lk_radius_put_hidden(w, enterprise, LK_RADIUS_MIS_START_MARK, secret, authenticator,
                             salts[2], lk_span_of(mis->mark, mis->mark_len));
    lk_radius_put_vendor(w, enterprise, LK_RADIUS_MIS_LIFETIME, LK_SPAN(lifetime));
    if (mis->has_subscriber)
        lk_radius_put_vendor(w, enterprise, LK_RADIUS_MIS_SUBSCRIBER,
                             LK_SPAN(mis->subscriber.octets));
}

/* What the opening of an answer has at hand. */
struct opening {
    const struct lk_radius_packet *packet;
    uint32_t enterprise;
    const struct lk_radius_secret *secret;
    const uint8_t *authenticator;
};

/* One hidden attribute of least to most octets. LK_E_MISSING: *len is 0. */
static enum lk_status open_one(const struct opening *o, uint8_t type, uint8_t *to, uint8_t *len,
                               size_t least, size_t most)
{
    uint8_t plain[LK_RADIUS_HIDDEN_MAX + 1];
    struct lk_span value;
    size_t got = 0;
    enum lk_status status = LK_E_MISSING;

    *len = 0;
    if (lk_radius_find_vendor(o->packet, o->enterprise, type, &value))
        status = lk_radius_open_hidden(plain, &got, value, o->secret, o->authenticator);
    if (status == LK_OK && (got < least || got > most))
        status = LK_E_LENGTH;
    if (status == LK_OK) {
        memcpy(to, plain, got);
        *len = (uint8_t)got;
    }
    lk_wipe(plain, sizeof plain);
    return status;
}

static enum lk_status open_who(struct lk_radius_mis *mis, const struct opening *o)
{
    struct lk_span value;
    enum lk_status status = open_one(o, LK_RADIUS_MIS_MN, mis->mn, &mis->mn_len, 1, sizeof mis->mn);

    if (status != LK_OK)
        return status;
    if (!lk_radius_find_vendor(o->packet, o->enterprise, LK_RADIUS_MIS_LIFETIME, &value))
        return LK_E_MISSING;
    return lk_radius_u32(&mis->lifetime_s, value);
}

static enum lk_status open_subscriber(struct lk_radius_mis *mis, const struct opening *o)
{
    struct lk_span value;

    if (!lk_radius_find_vendor(o->packet, o->enterprise, LK_RADIUS_MIS_SUBSCRIBER, &value))
        return LK_OK;
    if (value.len != sizeof mis->subscriber.octets)
        return LK_E_LENGTH;
    mis->has_subscriber = true;
    memcpy(mis->subscriber.octets, value.at, value.len);
    return LK_OK;
}

static enum lk_status open_psk(struct lk_radius_mis *mis, const struct opening *o)
{
    uint8_t len;
    enum lk_status status = open_one(o, LK_RADIUS_MIS_PSK, mis->psk.octets, &len,
                                     sizeof mis->psk.octets, sizeof mis->psk.octets);

    mis->has_psk = status == LK_OK;
    return status == LK_E_MISSING ? LK_OK : status;
}

static enum lk_status open_mark(struct lk_radius_mis *mis, const struct opening *o)
{
    enum lk_status status = open_one(o, LK_RADIUS_MIS_START_MARK, mis->mark, &mis->mark_len, 1,
                                     sizeof mis->mark);

    return status == LK_E_MISSING ? LK_OK : status;
}

enum lk_status lk_radius_open_mis(struct lk_radius_mis *mis, const struct lk_radius_packet *packet,
                                  uint32_t enterprise, const struct lk_radius_secret *secret,
                                  const uint8_t authenticator[16])
{
    const struct opening o = { packet, enterprise, secret, authenticator };
    enum lk_status status;

    lk_wipe(mis, sizeof *mis);
    status = open_who(mis, &o);
    if (status == LK_OK)
        status = open_subscriber(mis, &o);
    if (status == LK_OK)
        status = open_psk(mis, &o);
    if (status == LK_OK)
        status = open_mark(mis, &o);
    if (status != LK_OK)
        lk_wipe(mis, sizeof *mis);
    return status;
}
