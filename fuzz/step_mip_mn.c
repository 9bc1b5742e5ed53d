/* Octets as the life of a mobile node of Mobile IPv4: replies of its home agent and of a foreign
 * agent with anything in them, nonces of new keys, the same altered on the way or of another key,
 * keys, moves and time. What is not proven registers nothing, a key is another one only by a reply
 * that it has proven, and every request is signed. */
#include "fuzz.h"

#include <string.h>

#include "base/ntp.h"
#include "proto/mip/mn.h"

static struct lk_mip_mn mn;
static struct lk_mip_mn_config config;
static struct lk_mip_mn_outbox out;
static struct lk_mip_msa msa[3], aaa;
static uint64_t now_ms;
static uint8_t sent[LK_MIP_MN_OCTETS];
static struct lk_mip_request request;

static struct lk_address ipv4(uint8_t d)
{
    return (struct lk_address){ { [10] = 0xff, 0xff, 198, 51, 100, d } };
}

/* ---- the machine, and what it must keep to ---- */

static void look_at_request(struct lk_span octets)
{
    const struct lk_mip_extensions *e = &request.extensions;
    const struct lk_mip_mn_keys *by = lk_mip_mn_pair_signer(&mn.keys);

    memcpy(sent, octets.at, octets.len);
    LK_ASSERT(lk_mip_request_decode(&request, lk_span_of(sent, octets.len)) == LK_OK);
    LK_ASSERT(request.identification == mn.identification);
    if (lk_mip_has(e, LK_MIP_MN_HA_AUTH))
        LK_ASSERT(lk_mip_msa_proves(&by->msa, by->msa.there.spi, e, LK_MIP_MN_HA_AUTH, now_ms));
    else
        LK_ASSERT(lk_mip_has(e, LK_MIP_MN_HA_KEY_REQUEST) &&
                  lk_mip_msa_proves_aaa(&aaa, e, now_ms));
}

static void step(struct lk_mip_mn_event *event, bool believable)
{
    const struct lk_mip_mn before = mn;
    const struct lk_mip_mn_output *send;
    enum lk_status status;
    bool same;

    event->now_ms = now_ms;
    event->entropy = (now_ms + before.identification) * UINT64_C(6364136223846793005);
    status = lk_mip_mn_step(&mn, &config, event, &out);
    same = lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&mn, sizeof mn));
    send = lk_mip_mn_find(&out, LK_MIP_MN_OUT_SEND);
    LK_ASSERT(status == LK_OK || (out.count == 0 && same));
    if (lk_mip_mn_find(&out, LK_MIP_MN_OUT_BOUND) != NULL)
        LK_ASSERT(event->kind == LK_MIP_MN_EV_RECEIVED && believable);
    if (lk_mip_mn_find(&out, LK_MIP_MN_OUT_KEPT) != NULL)
        LK_ASSERT(event->kind == LK_MIP_MN_EV_RECEIVED && believable);
    if (event->kind == LK_MIP_MN_EV_RECEIVED && !believable)
        LK_ASSERT(mn.keys.with.there == before.keys.with.there && mn.state == before.state);
    if (send != NULL)
        look_at_request(send->send.octets);
}

/* ---- the agents ---- */

static void put_nonce(struct lk_writer *w, struct lk_mip_msa *made, uint8_t nonce)
{
    uint8_t octets[LK_MIP_NONCE_LEAST];
    struct lk_mip_extensions to;
    struct lk_mip_key key;

    memset(octets, nonce, sizeof octets);
    memset(&to, 0, sizeof to);
    to.mn_ha_key = (struct lk_mip_key_reply){ .lifetime_s = 600, .aaa_spi = aaa.there.spi,
                                              .agent_spi = 5000u + nonce,
                                              .algorithm = LK_MIP_HMAC_MD5,
                                              .replay = LK_MIP_TIMESTAMPS,
                                              .nonce = LK_SPAN(octets) };
    lk_mip_extension_put(w, LK_MIP_MN_HA_KEY_REPLY, &to);
    lk_mip_key_derive(&key, lk_span_of(aaa.there.secret.octets, aaa.there.secret.len),
                      LK_SPAN(octets), config.nai);
    *made = (struct lk_mip_msa){ .there = { .spi = 5000u + nonce, .algorithm = LK_MIP_HMAC_MD5,
                                            .secret = { .len = config.key_len } },
                                 .spi_back = request.extensions.mn_ha_spi,
                                 .ends_ms = UINT64_MAX };
    if (made->spi_back == 0)
        made->spi_back = made->there.spi;
    memcpy(made->there.secret.octets, key.octets, config.key_len);
}

static void put_reply(struct lk_writer *w, uint8_t how, struct lk_reader *r)
{
    struct lk_mip_reply reply = { .identification = request.identification };
    struct lk_mip_extensions to;

    reply.code = how & 1 ? lk_get_u8(r) : 0;
    reply.lifetime_s = how & 2 ? lk_get_u8(r) : request.lifetime_s;
    reply.home = ipv4(lk_get_u8(r));
    reply.agent = ipv4(lk_get_u8(r));
    if (how & 4)
        reply.identification ^= (uint64_t)lk_get_be16(r) << how / 8;
    memset(&to, 0, sizeof to);
    to.udp_reply.keepalive_s = lk_get_u8(r);
    to.dynamic_ha.subtype = LK_MIP_HA_REDIRECT;
    to.dynamic_ha.agent = ipv4(lk_get_u8(r));
    to.challenge = lk_get_lv8(r);
    lk_mip_reply_put(w, &reply);
    if (how & 8)
        lk_mip_extension_put(w, LK_MIP_UDP_REPLY, &to);
    if (how & 16)
        lk_mip_extension_put(w, LK_MIP_DYNAMIC_HA, &to);
    if (to.challenge.len >= 4)
        lk_mip_extension_put(w, LK_MIP_CHALLENGE, &to);
}

static void answer(struct lk_reader *r)
{
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_RECEIVED };
    static uint8_t whole[1024];
    struct lk_writer w = lk_writer_of(whole, sizeof whole);
    uint8_t how = lk_get_u8(r), what = lk_get_u8(r), nonce = lk_get_u8(r), at = lk_get_u8(r);
    const struct lk_mip_msa *by = &msa[what % LK_COUNT_OF(msa)];
    const struct lk_mip_mn_keys *signer = lk_mip_mn_pair_signer(&mn.keys);
    bool altered = (what & 8) != 0, fresh = (what & 16) != 0;
    struct lk_mip_msa made;

    put_reply(&w, how, r);
    if (fresh) {
        put_nonce(&w, &made, nonce);
        by = &made;
    }
    if ((how & 32) == 0)
        lk_mip_msa_sign(&w, by, by->spi_back, LK_MIP_MN_HA_AUTH);
    if (w.status != LK_OK)
        return;
    if (altered)
        whole[at % w.len] ^= (uint8_t)(1u << (what >> 5));
    event.received = lk_writer_span(&w);
    step(&event, !altered && (how & 32) == 0 &&
                     (fresh || (mn.home_spi == 0 && by->there.spi == signer->msa.there.spi) ||
                      whole[1] > LK_MIP_CODE_ACCEPTED_SINGLE));
}

/* ---- the life ---- */

static struct lk_mip_mn_place place(struct lk_reader *r)
{
    struct lk_mip_mn_place place = { .care_of = ipv4(lk_get_u8(r)) };
    uint8_t last = lk_get_u8(r);

    if (last % 4 == 0) {
        place.fa = ipv4(last);
        place.challenge_len = 4;
    }
    return place;
}

static void go(uint8_t what, struct lk_reader *r)
{
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_EXPIRED };

    switch (what % 8) {
    case 0:
    case 1: break;
    case 2:
        event.kind = LK_MIP_MN_EV_KEYS;
        event.keys.aaa = (what & 8) != 0;
        event.keys.msa = event.keys.aaa ? aaa : msa[what / 16 % LK_COUNT_OF(msa)];
        event.keys.b_tid = lk_get_lv8(r);
        break;
    case 3:
        event.kind = LK_MIP_MN_EV_START;
        event.start.place = place(r);
        event.start.agent = ipv4(1);
        break;
    case 4:
        event.kind = LK_MIP_MN_EV_MOVE;
        event.move = place(r);
        break;
    case 5:
        event.kind = LK_MIP_MN_EV_RECEIVED;
        event.received = lk_get_lv8(r);
        break;
    default:
        if (what == 255)
            event.kind = LK_MIP_MN_EV_STOP;
    }
    if (what % 8 < 6 || what == 255)
        step(&event, false);
    else if (mn.identification != 0)
        answer(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));

    lk_mip_mn_init(&mn);
    lk_mip_mn_defaults(&config);
    config.nai = lk_span_text("0001010123456789@realm");
    config.foreign_key = (lk_get_u8(&r) & 1) != 0;
    now_ms = UINT64_C(1767225600500);
    for (uint8_t i = 0; i <= LK_COUNT_OF(msa); i++) {
        struct lk_mip_msa *m = i < LK_COUNT_OF(msa) ? &msa[i] : &aaa;

        *m = (struct lk_mip_msa){ .there = { .spi = 4096u + 2 * i, .algorithm = LK_MIP_HMAC_MD5,
                                             .secret = { .len = 16, .octets = { i } } },
                                  .spi_back = 4097u + 2 * i,
                                  .replay = i == 1 ? LK_MIP_NONCES : LK_MIP_TIMESTAMPS,
                                  .ends_ms = now_ms + 400000u * (i + 1u) };
    }
    for (size_t count = 0; count < 64 && r.status == LK_OK && r.left > 0; count++) {
        now_ms += lk_get_u8(&r) * 64u;
        go(lk_get_u8(&r), &r);
    }
    return 0;
}
