/* Octets as the life of a binding of Mobile IPv4: requests of its device, by itself or through a
 * foreign agent, with a key that it has or one that the home AAA gives, by time or by nonces; the
 * same altered on the way or sent again, and time. Nothing that was altered changes it, nothing old
 * does, and every answer is proven. */
#include "fuzz.h"

#include <string.h>

#include "base/ntp.h"
#include "proto/mip/ha.h"

enum { FA = 2, OCTETS = 512 };

static struct lk_mip_ha ha;
static struct lk_mip_ha_config config;
static struct lk_mip_ha_outbox out;
static struct lk_mip_msa msa, given, agents;
static uint64_t now_ms;
static uint32_t nonce; /* that the last answer has told */
static uint8_t request[OCTETS];
static size_t request_len, proven; /* octets that the device's proof is about, and its own */

static void look_at_reply(const struct lk_mip_ha_event *event, struct lk_span octets)
{
    const struct lk_mip_msa *by =
        event->grant != NULL && event->grant->mn_ha ? &event->grant->msa : event->with;
    struct lk_mip_reply reply;

    LK_ASSERT(by != NULL && lk_mip_reply_decode(&reply, octets) == LK_OK);
    LK_ASSERT(lk_mip_msa_proves(by, by->spi_back, &reply.extensions, LK_MIP_MN_HA_AUTH, now_ms));
    LK_ASSERT(event->fa_with == NULL || event->request->lifetime_s == 0 ||
              lk_mip_is_last(&reply.extensions, LK_MIP_FA_HA_AUTH));
    LK_ASSERT(by == event->with || /* T25 */
              lk_mip_before(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_HA_AUTH));
    LK_ASSERT((uint32_t)reply.identification == (uint32_t)event->request->identification);
    nonce = (uint32_t)(reply.identification >> 32);
}

static void step(const struct lk_mip_ha_event *event, bool altered)
{
    const struct lk_mip_ha before = ha;
    bool asked = event->kind == LK_MIP_HA_EV_REQUEST;
    enum lk_status status = lk_mip_ha_step(&ha, &config, event, &out);
    const struct lk_mip_ha_output *send = lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND);
    bool changed = lk_mip_ha_find(&out, LK_MIP_HA_OUT_CHANGED) != NULL;

    LK_ASSERT(changed || lk_span_equal(lk_span_of(&before, sizeof before),
                                       lk_span_of(&ha, sizeof ha)));
    LK_ASSERT(status == LK_OK || out.count == 0);
    LK_ASSERT(!changed || !asked || (!altered && (event->with != NULL || event->grant != NULL)));
    LK_ASSERT(ha.identification >= before.identification && ha.epoch >= before.epoch);
    LK_ASSERT(!changed || !asked || msa.replay == LK_MIP_NONCES ||
              event->request->identification > before.identification);
    if (send != NULL && asked)
        look_at_reply(event, send->send);
}

static struct lk_address address(struct lk_reader *r)
{
    static const uint8_t some[][4] = { { 10, 45, 0, 7 },      { 198, 51, 100, 23 },
                                       { 198, 51, 100, 24 },  { 0, 0, 0, 0 },
                                       { 192, 0, 2, 1 },      { 203, 0, 113, 1 },
                                       { 255, 255, 255, 255 } };

    return lk_address_v4(some[lk_get_u8(r) % LK_COUNT_OF(some)]);
}

/* A request of the device, with whatever the octets want; an agent's is behind it. */
static void make(struct lk_reader *r, bool through)
{
    struct lk_writer w = lk_writer_of(request, sizeof request);
    uint8_t how = lk_get_u8(r), lifetime = lk_get_u8(r);
    struct lk_mip_request m = { .flags = how & 1 ? lk_get_u8(r) : LK_MIP_REVERSE,
                                .lifetime_s = how & 2 ? 0 : lifetime * 16u };
    struct lk_mip_extensions to;
    uint64_t ahead_ms;

    m.home = address(r);
    m.agent = address(r);
    m.care_of = address(r);
    ahead_ms = lk_get_u8(r) * 64u;
    m.identification = lk_ntp_of(now_ms + ahead_ms - 8192, lk_get_u8(r));
    if (how & 4)
        m.identification = (uint64_t)nonce << 32 | (uint32_t)m.identification;
    memset(&to, 0, sizeof to);
    to.nai = lk_span_text("0001010123456789@realm");
    to.mn_ha_spi = 700;
    to.udp_request.encapsulation = how & 8 ? lk_get_u8(r) : LK_MIP_IN_IP;
    to.revocable.timestamp = lk_get_u8(r);
    lk_mip_request_put(&w, &m);
    lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    if ((how & 16) == 0)
        lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &to);
    if (how & 32)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &to);
    if ((how & 64) == 0)
        lk_mip_msa_sign(&w, &msa, msa.there.spi, LK_MIP_MN_HA_AUTH);
    proven = w.len;
    if (through) {
        if (how & 16)
            lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &to);
        if (how & 128)
            lk_mip_extension_put(&w, LK_MIP_REVOCABLE, &to);
        lk_mip_msa_sign(&w, &agents, agents.there.spi, LK_MIP_FA_HA_AUTH);
    }
    LK_ASSERT(w.status == LK_OK);
    request_len = w.len;
}

static void ask(struct lk_reader *r)
{
    static const uint8_t octets[LK_MIP_NONCE_LEAST] = { 1 };
    struct lk_mip_grant grant = { .mn_ha = true, .msa = given,
                                  .mn_ha_key = { .lifetime_s = 60, .aaa_spi = 1000,
                                                 .agent_spi = given.there.spi,
                                                 .algorithm = LK_MIP_HMAC_MD5,
                                                 .replay = LK_MIP_TIMESTAMPS,
                                                 .nonce = LK_SPAN(octets) } };
    struct lk_mip_ha_event event = { .kind = LK_MIP_HA_EV_REQUEST, .now_ms = now_ms, .port = 434 };
    static uint8_t came[OCTETS];
    struct lk_mip_request m;
    uint8_t how = lk_get_u8(r);
    size_t at = lk_get_u8(r);
    bool altered = (how & 1) != 0, through = (how & 2) != 0;
    const uint8_t home[4] = { 10, 45, 0, 7 }, agent[4] = { 192, 0, 2, 1 };

    event.from = address(r);
    event.home = lk_address_v4(home);
    event.agent = lk_address_v4(agent);
    event.fa = through ? FA : 0;
    event.fa_with = through ? &agents : NULL;
    event.care_of_is_fas = (how & 4) == 0;
    event.with = how & 8 ? NULL : &msa;
    grant.mn_ha = (how & 16) == 0;
    event.grant = how & 32 ? &grant : NULL;
    if ((how & 64) == 0 || request_len == 0)
        make(r, through);
    memcpy(came, request, request_len);
    at %= request_len;
    if (altered)
        came[at] ^= 0x10;
    event.digest = 1;
    for (size_t i = 0; i < request_len; i++)
        event.digest = event.digest * 31 + came[i];
    event.digest |= 1;
    event.request = &m;
    if (lk_mip_request_decode(&m, lk_span_of(came, request_len)) == LK_OK)
        step(&event, altered && event.with != NULL && at < proven);
}

static struct lk_mip_msa association(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_MD5,
                                       .secret = { .len = 16 } },
                            .spi_back = spi + 1, .replay = LK_MIP_TIMESTAMPS,
                            .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 16);
    return m;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_mip_ha_event other = { .kind = LK_MIP_HA_EV_EXPIRED };
    uint8_t first = lk_get_u8(&r);

    lk_mip_ha_init(&ha);
    lk_mip_ha_defaults(&config);
    config.udp_mandatory = (first & 2) != 0;
    config.reverse_mandatory = (first & 4) != 0;
    msa = association(256, 1);
    msa.replay = first & 1 ? LK_MIP_NONCES : LK_MIP_TIMESTAMPS;
    given = association(600, 2);
    agents = association(400, 3);
    now_ms = UINT64_C(1767225600500);
    nonce = 0;
    request_len = 0;
    for (size_t count = 0; count < 64 && r.status == LK_OK && r.left > 0; count++) {
        uint8_t what = lk_get_u8(&r);

        now_ms += what * 16u;
        other.now_ms = now_ms;
        other.kind = what & 8 ? LK_MIP_HA_EV_WITHDRAWN : LK_MIP_HA_EV_EXPIRED;
        if (what % 8 == 0)
            step(&other, false);
        else
            ask(&r);
    }
    return 0;
}
