/* Octets as the life of a visitor at a foreign agent: requests with anything in them, replies that
 * the home agent has proven, the same altered, and time. What is passed on is what the node said;
 * who is served was accepted in a reply that is as its home agent made it. */
#include "fuzz.h"

#include <string.h>

#include "proto/mip/fa.h"

static struct lk_mip_fa fa;
static struct lk_mip_fa_config config;
static struct lk_mip_fa_outbox out;
static struct lk_mip_msa home, foreign, agents;
static uint64_t now_ms;
static uint8_t octets[LK_MIP_MESSAGE_MAX];

static struct lk_mip_msa msa(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA256,
                                       .secret = { .len = 16 } },
                            .spi_back = spi, .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 16);
    return m;
}

static struct lk_address address(struct lk_reader *r)
{
    static const uint8_t some[][4] = { { 203, 0, 113, 1 }, { 192, 0, 2, 1 }, { 10, 45, 0, 7 },
                                       { 10, 45, 0, 8 }, { 0, 0, 0, 0 } };

    return lk_address_v4(some[lk_get_u8(r) % LK_COUNT_OF(some)]);
}

/* Whatever was said can be read, and nothing of it is between others than those who hear it. */
static void look(void)
{
    const struct lk_mip_fa_output *relay = lk_mip_fa_find(&out, LK_MIP_FA_OUT_RELAY);
    const struct lk_mip_fa_output *send = lk_mip_fa_find(&out, LK_MIP_FA_OUT_SEND);
    struct lk_mip_request request;
    struct lk_mip_reply reply;

    if (relay != NULL && lk_mip_request_decode(&request, relay->send.octets) == LK_OK) {
        LK_ASSERT(!lk_mip_has(&request.extensions, LK_MIP_MN_FA_AUTH));
        LK_ASSERT(lk_span_equal(lk_span_of(octets, 24), lk_span_of(relay->send.octets.at, 24)));
    }
    if (send != NULL && lk_mip_reply_decode(&reply, send->send.octets) == LK_OK)
        LK_ASSERT(!lk_mip_has(&reply.extensions, LK_MIP_FA_HA_AUTH));
}

/* altered: the message is not as whoever signed it last made it. */
static void step(const struct lk_mip_fa_event *event, bool altered)
{
    const struct lk_mip_fa before = fa;
    enum lk_status status = lk_mip_fa_step(&fa, &config, event, &out);
    const struct lk_mip_fa_output *served = lk_mip_fa_find(&out, LK_MIP_FA_OUT_SERVED);

    LK_ASSERT(status == LK_OK || (out.count == 0 && lk_span_equal(lk_span_of(&before, sizeof fa),
                                                                  lk_span_of(&fa, sizeof fa))));
    LK_ASSERT(served == NULL || (!altered && served->served.lifetime_s <= before.asked_s));
    LK_ASSERT((fa.bound_until_ms != 0) == (fa.state == LK_MIP_FA_SERVED ||
                                           fa.state == LK_MIP_FA_SERVED_PENDING));
    LK_ASSERT((fa.pending_ms != 0) == (fa.state == LK_MIP_FA_PENDING ||
                                       fa.state == LK_MIP_FA_SERVED_PENDING));
    LK_ASSERT(fa.state == LK_MIP_FA_NONE || fa.due_ms != 0);
    look();
}

static void ask(struct lk_reader *r)
{
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    uint8_t how = lk_get_u8(r), more = lk_get_u8(r), flags = lk_get_u8(r), given = lk_get_u8(r);
    struct lk_mip_request request = { .flags = flags, .lifetime_s = lk_get_be16(r) };
    struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REQUEST, .now_ms = now_ms, .port = 5000,
                                     .with = how & 1 ? &foreign : NULL, .home_with = &agents,
                                     .next = lk_span_text("next"), .request = &request,
                                     .given = { lk_span_text("old!"), lk_span_text("now!") } };
    struct lk_mip_extensions to;

    request.home = address(r);
    request.agent = address(r);
    request.care_of = address(r);
    request.identification = lk_get_u8(r);
    memset(&to, 0, sizeof to);
    to.challenge = lk_span_text(given & 1 ? "old!" : given & 2 ? "what?" : "now!");
    to.udp_request.encapsulation = LK_MIP_IN_IP;
    to.nai = lk_span_text("a@b");
    lk_mip_request_put(&w, &request);
    if (how & 2)
        lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    if (how & 4)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    if (how & 8)
        lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &to);
    if (how & 16)
        lk_mip_msa_sign(&w, &home, 256, LK_MIP_MN_HA_AUTH);
    if (how & 32)
        lk_mip_msa_sign(&w, &home, 256, LK_MIP_MN_AAA_AUTH);
    if (how & 64)
        lk_mip_msa_sign(&w, &foreign, 300, LK_MIP_MN_FA_AUTH);
    if (how & 128)
        lk_put_span(&w, lk_get_lv8(r));
    if (more & 1)
        octets[lk_get_u8(r) % w.len] ^= lk_get_u8(r);
    config.with_aaa = (more & 2) != 0;
    event.deny.code = more & 4 ? LK_MIP_CODE_FA_RESOURCES : 0;
    event.deny.reason = LK_REASON_MIP_TABLE_FULL;
    if (lk_mip_request_decode(&request, lk_writer_span(&w)) == LK_OK)
        step(&event, false);
}

static void answer(struct lk_reader *r)
{
    uint8_t said[LK_MIP_MESSAGE_MAX];
    struct lk_writer w = lk_writer_of(said, sizeof said);
    uint8_t how = lk_get_u8(r), at = lk_get_u8(r);
    struct lk_mip_reply reply = { .code = lk_get_u8(r), .lifetime_s = lk_get_be16(r) };
    struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REPLY, .now_ms = now_ms,
                                     .with = how & 1 ? &foreign : NULL, .home_with = &agents,
                                     .next = lk_span_text("next"), .reply = &reply };
    struct lk_mip_extensions to;
    bool altered = (how & 2) != 0;

    reply.code = how & 4 ? reply.code : 0;
    reply.home = address(r);
    reply.agent = address(r);
    reply.identification = fa.identification ^ (how & 8 ? 1 : 0);
    memset(&to, 0, sizeof to);
    to.challenge = lk_span_text("now!");
    lk_mip_reply_put(&w, &reply);
    if (how & 16)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    lk_mip_msa_sign(&w, &home, 256, LK_MIP_MN_HA_AUTH);
    if ((how & 32) == 0)
        lk_mip_extension_put(&w, LK_MIP_UDP_REPLY, &to);
    if (how & 64)
        lk_put_span(&w, lk_get_lv8(r));
    lk_mip_msa_sign(&w, &agents, 400, LK_MIP_FA_HA_AUTH);
    if (w.status != LK_OK)
        return;
    if (altered)
        said[at % w.len] ^= 0x10;
    if (lk_mip_reply_decode(&reply, lk_writer_span(&w)) == LK_OK)
        step(&event, altered);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(in, len));
    uint8_t how = lk_get_u8(&r);

    lk_mip_fa_init(&fa);
    lk_mip_fa_defaults(&config);
    config.care_of = lk_address_v4((const uint8_t[4]){ 203, 0, 113, 1 });
    config.udp = how & 1;
    config.challenge = how & 2;
    config.foreign_key = how & 4;
    config.reverse_mandatory = how & 8;
    home = msa(256, 1);
    foreign = msa(300, 2);
    agents = msa(400, 3);
    now_ms = UINT64_C(1767225600500);
    for (size_t count = 0; count < 64 && r.status == LK_OK && r.left > 0; count++) {
        struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_EXPIRED };
        uint8_t what = lk_get_u8(&r);

        now_ms += (uint64_t)what * (what & 8 ? 4096 : 1);
        event.now_ms = now_ms;
        if (what % 4 == 0) {
            if (what & 64) {
                event.kind = LK_MIP_FA_EV_UNREACHABLE;
                event.code = LK_MIP_CODE_FA_HA_PORT;
            }
            step(&event, false);
        } else if (what % 4 == 1) {
            answer(&r);
        } else {
            ask(&r);
        }
    }
    return 0;
}
