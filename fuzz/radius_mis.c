/* Octets as the attributes of an Access-Request, and of an Access-Accept, of a PoS: what it names
 * stands in them; what the home gives is whole, or there is nothing of it; and what is put comes
 * back. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "proto/radius/private_mis.h"
#include "wire/radius.h"

enum { ENTERPRISE = 32473, MOST = 4096 };

static const uint8_t authenticator[16] = { 1, 2, 3 };

static void put_and_open(const struct lk_radius_mis *mis, const struct lk_radius_secret *secret)
{
    static const uint8_t salts[LK_RADIUS_MIS_SALTS][LK_RADIUS_SALT_LEN] = {
        { 0x80, 1 }, { 0x80, 2 }, { 0x80, 3 }
    };
    uint8_t room[MOST] = { 2, 1 };
    struct lk_writer w = lk_writer_of(room + LK_RADIUS_HEADER_LEN,
                                      sizeof room - LK_RADIUS_HEADER_LEN);
    struct lk_radius_packet packet;
    struct lk_radius_mis again;
    size_t len;

    lk_radius_put_mis(&w, ENTERPRISE, mis, secret, authenticator, salts);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    len = LK_RADIUS_HEADER_LEN + w.len;
    room[2] = (uint8_t)(len >> 8);
    room[3] = (uint8_t)len;
    LK_ASSERT(lk_radius_decode(&packet, lk_span_of(room, len)) == LK_OK);
    LK_ASSERT(lk_radius_open_mis(&again, &packet, ENTERPRISE, secret, authenticator) == LK_OK);
    LK_ASSERT(again.mn_len == mis->mn_len && again.mark_len == mis->mark_len &&
              again.lifetime_s == mis->lifetime_s && again.has_psk == mis->has_psk);
    LK_ASSERT(memcmp(again.mn, mis->mn, mis->mn_len) == 0);
    lk_wipe(&again, sizeof again);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    uint8_t room[MOST] = { 2, 1 };
    struct lk_radius_packet packet;
    struct lk_radius_secret secret;
    struct lk_radius_mis mis;
    struct lk_span pos;

    if (len > sizeof room - LK_RADIUS_HEADER_LEN)
        return 0;
    memcpy(room + LK_RADIUS_HEADER_LEN, octets, len);
    len += LK_RADIUS_HEADER_LEN;
    room[2] = (uint8_t)(len >> 8);
    room[3] = (uint8_t)len;
    LK_ASSERT(lk_radius_secret_set(&secret, lk_span_text("fuzz")) == LK_OK);
    if (lk_radius_decode(&packet, lk_span_of(room, len)) != LK_OK)
        return 0;
    if (lk_radius_take_pos(&pos, &packet, ENTERPRISE) == LK_OK)
        LK_ASSERT(pos.len <= LK_RADIUS_MIS_POS_MAX);
    if (lk_radius_open_mis(&mis, &packet, ENTERPRISE, &secret, authenticator) == LK_OK) {
        LK_ASSERT(mis.mn_len > 0 && mis.mn_len <= LK_RADIUS_MIS_MN_MAX);
        put_and_open(&mis, &secret);
    }
    lk_wipe(&mis, sizeof mis);
    return 0;
}
