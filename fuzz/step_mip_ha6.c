/* Octets as the life of a binding of MIPv6: updates of its device with anything in them, the same
 * altered on the way or sent again, and time. Nothing that was altered changes it, nothing old
 * does, and every answer is proven. */
#include "fuzz.h"

#include <string.h>

#include "base/ntp.h"
#include "proto/mip/ha6.h"

static struct lk_mip_ha6 ha;
static struct lk_mip_ha6_config config;
static struct lk_mip_ha6_outbox out;
static struct lk_mip_msa msa;
static uint64_t now_ms;
static uint8_t update[LK_MOBILITY_MAX];
static size_t update_len;

static void step(const struct lk_mip_ha6_event *event, bool altered)
{
    const struct lk_mip_ha6 before = ha;
    bool asked = event->kind == LK_MIP_HA6_EV_REQUEST;
    enum lk_status status = lk_mip_ha6_step(&ha, &config, event, &out);
    const struct lk_mip_ha6_output *send = lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND);
    bool changed = lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_CHANGED) != NULL;
    struct lk_mobility_message ba;

    LK_ASSERT(changed || lk_span_equal(lk_span_of(&before, sizeof before),
                                       lk_span_of(&ha, sizeof ha)));
    LK_ASSERT(status == LK_OK || out.count == 0);
    LK_ASSERT(!changed || !asked || (!altered && ha.identification > before.identification));
    if (send == NULL)
        return;
    LK_ASSERT(lk_mobility_decode(&ba, send->send.octets) == LK_OK);
    LK_ASSERT(lk_mip6_msa_proves(&msa, msa.spi_back, &ba.options, &send->send.care_of,
                                 &send->send.home, now_ms));
}

static struct lk_address address(struct lk_reader *r)
{
    static const struct lk_address some[] = {
        { { 0x20, 1, 0xd, 0xb8, 0, 0x45, [15] = 7 } },
        { { 0x20, 1, 0xd, 0xb8, 0, 0x99, [15] = 3 } },
        { { 0 } },                                     { { 0xfe, 0x80, [15] = 1 } },
        { { [10] = 0xff, 0xff, 198, 51, 100, 23 } },   { { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 1 } },
    };

    return some[lk_get_u8(r) % LK_COUNT_OF(some)];
}

/* An update of the device, with whatever options the octets are. */
static void make(const struct lk_mip_ha6_event *as, struct lk_reader *r)
{
    struct lk_writer w = lk_writer_of(update, sizeof update);
    struct lk_mobility_message m = { .type = LK_MOBILITY_BU };
    uint8_t how = lk_get_u8(r);
    struct lk_mip_ha6_event event = *as;
    struct lk_address care_of;
    uint64_t ahead_ms;

    m.flags = how & 1 ? lk_get_be16(r) : LK_BU_HOME | LK_BU_ACKNOWLEDGE;
    m.lifetime = lk_get_u8(r);
    m.options.mn_id.subtype = LK_MN_ID_NAI;
    m.options.mn_id.id = lk_span_text("0001010123456789@realm");
    if ((how & 2) == 0)
        lk_mobility_mark(&m.options, LK_MO_MN_ID);
    ahead_ms = lk_get_u8(r) * 64u;
    m.options.mesg_id = lk_ntp_of(now_ms + ahead_ms - 8192, lk_get_u8(r));
    if ((how & 4) == 0)
        lk_mobility_mark(&m.options, LK_MO_MESG_ID);
    m.options.care_of = address(r);
    if (how & 8)
        lk_mobility_mark(&m.options, LK_MO_CARE_OF);
    lk_get_copy(r, m.options.ipv4_care_of.octets, 4);
    if (how & 16)
        lk_mobility_mark(&m.options, LK_MO_IPV4_CARE_OF);
    lk_get_copy(r, m.options.ipv4_home.address.octets, 4);
    if (how & 32)
        lk_mobility_mark(&m.options, LK_MO_IPV4_HOME);
    event.update = &m;
    care_of = lk_mip_ha6_care_of(&event);
    LK_ASSERT(lk_mip6_msa_sign(&w, &m, &msa, msa.there.spi, &care_of, &as->home) == LK_OK);
    update_len = w.len;
}

static void ask(struct lk_reader *r)
{
    struct lk_mip_ha6_event event = {
        .kind = LK_MIP_HA6_EV_REQUEST, .now_ms = now_ms, .agent = address(r),
        .prefix = { { { 0x20, 1, 0xd, 0xb8, 0, 0x45 } }, 64 }, .ipv4 = { { 10, 45, 0, 7 } },
    };
    struct lk_mobility_message m;
    static uint8_t came[LK_MOBILITY_MAX];
    uint8_t how = lk_get_u8(r);
    size_t at = lk_get_u8(r), covered;
    bool altered = (how & 1) != 0;

    event.source = address(r);
    event.home = address(r);
    event.from = address(r);
    event.port = how & 2 ? 4191 : 0;
    event.with = how & 4 ? NULL : &msa;
    if ((how & 8) == 0 || update_len == 0)
        make(&event, r);
    memcpy(came, update, update_len);
    at %= update_len;
    if (altered)
        came[at] ^= 0x10;
    event.digest = 1;
    for (size_t i = 0; i < update_len; i++)
        event.digest = event.digest * 31 + came[i];
    event.digest |= 1;
    event.update = &m;
    if (lk_mobility_decode(&m, lk_span_of(came, update_len)) != LK_OK || m.type != LK_MOBILITY_BU ||
        m.options.auth_count == 0)
        return;
    /* The checksum is not covered, nor is what pads the end. */
    covered = m.options.auth[0].covered.len + LK_MIP6_MN_HA_LEN;
    step(&event, altered && at != 4 && at != 5 && at < covered);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_mip_ha6_event expired = { .kind = LK_MIP_HA6_EV_EXPIRED };

    lk_mip_ha6_init(&ha);
    lk_mip_ha6_defaults(&config);
    memset(&msa, 0, sizeof msa);
    msa.there.spi = 4097;
    msa.spi_back = 4098;
    msa.there.algorithm = LK_MIP_HMAC_SHA1;
    msa.there.secret.len = 16;
    msa.ends_ms = UINT64_MAX;
    now_ms = UINT64_C(1767225600500);
    update_len = 0;
    for (size_t count = 0; count < 64 && r.status == LK_OK && r.left > 0; count++) {
        uint8_t what = lk_get_u8(&r);

        now_ms += what * 16u;
        expired.now_ms = now_ms;
        if (what % 8 == 0)
            step(&expired, false);
        else
            ask(&r);
    }
    return 0;
}
