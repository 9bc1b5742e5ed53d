/* Octets as what a home AAA is asked for one subscriber: requests with anything in them, proven by
 * its key, altered on the way, or by nobody's, and time. Who is not proven gets nothing and leaves
 * nothing, no two keys of a grant have one nonce (T24), and the same question has the same. */
#include "fuzz.h"

#include <string.h>

#include "base/ntp.h"
#include "proto/mip/keygen.h"

static struct lk_mip_keygen keygen;
static struct lk_mip_keygen_config config;
static struct lk_mip_keygen_outbox out;
static struct lk_mip_msa msa;
static uint64_t now_ms;

static void step(const struct lk_mip_request *request, bool proven, struct lk_reader *r)
{
    const struct lk_mip_keygen before = keygen;
    struct lk_mip_keygen_event event = { .kind = LK_MIP_KEYGEN_EV_REQUEST, .now_ms = now_ms,
                                         .request = request, .with = &msa,
                                         .agent = lk_span_text("ha.example") };
    const struct lk_mip_grant *grant;

    lk_get_copy(r, event.entropy, sizeof event.entropy / 2); /* the rest is zero */
    LK_ASSERT(lk_mip_keygen_step(&keygen, &config, &event, &out) == LK_OK && out.count == 1);
    if (!proven) {
        LK_ASSERT(lk_mip_keygen_find(&out, LK_MIP_KEYGEN_OUT_REFUSED) != NULL);
        LK_ASSERT(lk_span_equal(lk_span_of(&before, sizeof before),
                                lk_span_of(&keygen, sizeof keygen)));
    }
    if (lk_mip_keygen_find(&out, LK_MIP_KEYGEN_OUT_GRANT) == NULL)
        return;
    grant = &lk_mip_keygen_find(&out, LK_MIP_KEYGEN_OUT_GRANT)->given.grant;
    LK_ASSERT(!grant->mn_ha || !grant->mn_fa ||
              !lk_span_equal(grant->mn_ha_key.nonce, grant->mn_fa_key.nonce));
    LK_ASSERT(!grant->mn_ha || (grant->msa.there.spi >= LK_MIP_SPI_LEAST &&
                                grant->msa.spi_back == request->extensions.mn_ha_spi &&
                                grant->msa.ends_ms <= msa.ends_ms));
}

/* A request of the subscriber with whatever the octets want; with another octet perhaps. */
static void ask(struct lk_reader *r)
{
    static uint8_t whole[1024];
    struct lk_writer w = lk_writer_of(whole, sizeof whole);
    struct lk_mip_request request = { .lifetime_s = 600 };
    struct lk_mip_extensions to;
    uint8_t how = lk_get_u8(r), at = lk_get_u8(r);
    bool altered = (how & 1) != 0, chap = (how & 2) != 0;
    uint64_t ahead_ms = lk_get_u8(r) * 128u;

    request.identification = lk_ntp_of(now_ms + ahead_ms - 16384, lk_get_u8(r));
    memset(&to, 0, sizeof to);
    to.nai = lk_span_text("0001010123456789@realm");
    to.mn_ha_spi = 256u + lk_get_u8(r) % 4;
    to.mn_fa_spi = 256u + lk_get_u8(r) % 4;
    to.challenge = lk_span_text("challenge");
    msa.there.spi = chap ? LK_MIP_SPI_CHAP : 4096;
    lk_mip_request_put(&w, &request);
    lk_mip_extension_put(&w, LK_MIP_NAI, &to);
    if (how & 4)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &to);
    if (how & 8)
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REQUEST, &to);
    if (chap || (how & 16) != 0)
        lk_mip_extension_put(&w, LK_MIP_CHALLENGE, &to);
    if ((how & 32) == 0)
        lk_mip_msa_sign_aaa(&w, &msa, to.challenge);
    LK_ASSERT(w.status == LK_OK);
    if (altered)
        whole[at % w.len] ^= (uint8_t)(1u << (how >> 6));
    if (lk_mip_request_decode(&request, lk_writer_span(&w)) == LK_OK)
        step(&request, !altered && (how & 32) == 0, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_mip_request request;
    struct lk_span any;

    lk_mip_keygen_init(&keygen);
    lk_mip_keygen_defaults(&config);
    now_ms = UINT64_C(1767225600500);
    msa = (struct lk_mip_msa){ .there = { .algorithm = LK_MIP_HMAC_SHA256,
                                          .secret = { .len = 32, .octets = { 7 } } },
                               .ends_ms = now_ms + 3600000 };
    for (size_t count = 0; count < 64 && r.status == LK_OK && r.left > 0; count++) {
        uint8_t what = lk_get_u8(&r);

        now_ms += what * 64u;
        if (what % 8 != 0) {
            ask(&r);
            continue;
        }
        any = lk_get_lv8(&r);
        if (lk_mip_request_decode(&request, any) == LK_OK)
            step(&request, false, &r);
    }
    return 0;
}
