/* Octets as what an agent of Mobile IP hears of its AAA: answers as they come, cut, altered, or
 * proven with anything in them, to questions that are out and to none, and time. What is not proven
 * answers nothing, a question is answered once, and no refusal brings a key. */
#include "fuzz.h"

#include <string.h>

#include "base/ntp.h"
#include "node/mip_aaa.h"

static struct lk_mip_aaa aaa;
static struct lk_mip_aaa_config config;
static struct lk_mip_msa key;
static uint64_t now_ms, tags;
static uint8_t asked[LK_MIP_AAA_OCTETS]; /* the last question */
static uint8_t heard[LK_RADIUS_PACKET_MAX];

static unsigned out_now(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < LK_MIP_AAA_QUESTIONS; i++)
        count += aaa.question[i].out;
    return count;
}

static void ask(struct lk_reader *r)
{
    static uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    uint8_t how = lk_get_u8(r), random[LK_RADIUS_AUTHENTICATOR_LEN] = { how, (uint8_t)++tags };
    const struct lk_mip_request fixed = { .lifetime_s = 600 };
    const struct lk_mip_extensions to = { .nai = lk_span_text("0001010123456789@realm"),
                                          .challenge = lk_span_text("challenge"),
                                          .mn_ha_spi = 300, .mn_fa_spi = 301 };
    struct lk_mip_request request;
    unsigned before = out_now();
    struct lk_span send;

    config.agent = how & 1 ? LK_RADIUS_MIP_FOREIGN : LK_RADIUS_MIP_HOME;
    key.there.spi = how & 2 ? LK_MIP_SPI_CHAP : 1000;
    lk_mip_request_put(&w, &fixed);
    if ((how & 4) == 0)
        lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &to);
    lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    lk_mip_msa_sign_aaa(&w, &key, to.challenge);
    LK_ASSERT(lk_mip_request_decode(&request, lk_writer_span(&w)) == LK_OK);
    if (lk_mip_aaa_ask(&aaa, &send, &config, &request,
                       how & 8 ? LK_RADIUS_MIP_PUSHED : LK_RADIUS_MIP_KEYS, tags, now_ms,
                       random) != LK_OK) {
        LK_ASSERT((how & 4) != 0 || before == LK_MIP_AAA_QUESTIONS);
        return;
    }
    LK_ASSERT(out_now() == before + 1 && send.len <= sizeof asked);
    memcpy(asked, send.at, send.len);
}

static void hear(struct lk_span octets, bool proven)
{
    struct lk_mip_aaa_answer answer;
    struct lk_mip_grant grant;
    struct lk_mip_msa msa;
    unsigned before = out_now();
    uint64_t dropped = aaa.dropped;
    bool taken = lk_mip_aaa_received(&aaa, &answer, &config, octets) == LK_OK;

    LK_ASSERT(proven || !taken);
    LK_ASSERT(out_now() == before - taken && aaa.dropped == dropped + !taken);
    LK_ASSERT(answer.mip.secret.len == 0 || (taken && answer.reason == LK_REASON_NONE));
    if (!taken)
        return;
    LK_ASSERT(answer.tag <= tags && lk_mip_aaa_received(&aaa, &answer, &config, octets) != LK_OK);
    if (answer.mip.secret.len == 0)
        return;
    lk_mip_aaa_msa(&msa, &answer.mip, now_ms);
    lk_mip_aaa_grant(&grant, &answer.mip, now_ms);
    LK_ASSERT(msa.there.spi >= LK_MIP_SPI_LEAST && msa.there.secret.len >= LK_MIP_SECRET_LEAST);
    LK_ASSERT(!grant.mn_ha || config.agent == LK_RADIUS_MIP_HOME);
}

/* An answer to the last question, with the octets as attributes; or one that was altered. */
static void answer(struct lk_reader *r)
{
    struct lk_writer w = lk_writer_of(heard, sizeof heard);
    const uint8_t *authenticator = asked + LK_RADIUS_AUTHENTICATOR_AT;
    uint8_t code = lk_get_u8(r), how = lk_get_u8(r), flip = lk_get_u8(r), value[LK_RADIUS_MAC_LEN];
    static const uint8_t salt[LK_RADIUS_SALT_LEN] = { 0x80, 1 };
    struct lk_radius_mip mip = { .agent = config.agent, .has_home = (how & 1) != 0,
                                 .has_foreign = (how & 2) != 0, .secret = { .len = 16 },
                                 .home = { .spi = 300, .spi_back = 301, .algorithm = 2,
                                           .replay = 2, .lifetime_s = flip, .nonce_len = 16 },
                                 .foreign = { .spi = 400, .spi_back = 401, .algorithm = 2,
                                              .lifetime_s = flip } };
    bool altered = (how & 64) != 0;
    size_t at;

    lk_radius_begin(&w, (enum lk_radius_code)(code % 12 + 1), asked[1]);
    at = lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    if (how & 4)
        lk_radius_put_mip(&w, config.enterprise, &mip, &config.secret, authenticator, salt);
    if (how & 8)
        lk_radius_put_mip_refused(&w, config.enterprise, LK_REASON_MIP_B_TID);
    lk_put_span(&w, lk_get_lv8(r));
    if (lk_radius_end(&w) != LK_OK)
        return;
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, authenticator, LK_RADIUS_AUTHENTICATOR_LEN);
    lk_radius_mac(value, lk_writer_span(&w), at, &config.secret, authenticator);
    if ((how & 16) == 0)
        lk_patch_octets(&w, at, value, sizeof value);
    lk_radius_authenticator(value, lk_writer_span(&w), &config.secret, authenticator);
    if ((how & 32) == 0)
        lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    if (altered)
        heard[flip % w.len] ^= (uint8_t)(1u << (code & 7));
    hear(lk_writer_span(&w), !altered && (how & (16 | 32)) == 0);
}

static void wait(void)
{
    struct lk_mip_aaa_answer over;
    enum lk_mip_aaa_next next;
    struct lk_span send;
    unsigned said = 0;

    while ((next = lk_mip_aaa_due(&aaa, &send, &over, &config, now_ms)) != LK_MIP_AAA_NOTHING) {
        LK_ASSERT(said++ < 4 * LK_MIP_AAA_QUESTIONS);
        LK_ASSERT(next == LK_MIP_AAA_AGAIN ? send.len > 0
                                           : over.reason == LK_REASON_MIP_AAA_SILENT);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    memset(&aaa, 0, sizeof aaa);
    memset(&config, 0, sizeof config);
    config.enterprise = LK_RADIUS_ENTERPRISE;
    config.agent = LK_RADIUS_MIP_HOME;
    memcpy(config.name, "ha.example", sizeof "ha.example");
    LK_ASSERT(lk_radius_secret_set(&config.secret, lk_span_text("radsec")) == LK_OK);
    key = (struct lk_mip_msa){ .there = { .spi = 1000, .algorithm = LK_MIP_HMAC_SHA256,
                                          .secret = { .len = 32 } },
                               .ends_ms = UINT64_MAX };
    memset(asked, 0, sizeof asked);
    now_ms = 1000;
    tags = 0;
    for (size_t count = 0; count < 200 && r.status == LK_OK && r.left > 0; count++) {
        uint8_t what = lk_get_u8(&r);

        switch (what % 4) {
        case 0: ask(&r); break;
        case 1: answer(&r); break;
        case 2: hear(lk_get_lv8(&r), false); break;
        default:
            now_ms += what * 64u;
            wait();
        }
    }
    return 0;
}
