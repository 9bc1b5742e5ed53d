/* Octets become requests of dynamic authorisation: raw ones, ones signed as the AAA signs them, the
 * last one again, and time that passes.
 *
 * Promises: what is not signed is dropped; a new request is new once, and again gets the same
 * octets while its timestamp could be good; every answer is one that verifies; a request names a
 * session only by attributes that it has. */
#include "fuzz.h"

#include <string.h>

#include "proto/radius/dynamic.h"

enum { SEEN = 4, MAC_AT = LK_RADIUS_HEADER_LEN + 2, START_S = 1780000000 };

struct run {
    struct lk_reader r;
    struct lk_radius_secret secret;
    struct lk_radius_dynamic_server server;
    struct lk_radius_dynamic_seen seen[SEEN];
    struct lk_radius_dynamic_config config;
    uint64_t now_ms;
    uint8_t last[1024], answer[LK_RADIUS_DYNAMIC_ANSWER_MAX];
    size_t last_len, answer_len; /* of the last that was new; 0: none, or settled too long ago */
};

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

static void check_answer(struct run *f, const struct lk_radius_dynamic_request *request,
                         bool again)
{
    uint8_t octets[LK_RADIUS_DYNAMIC_ANSWER_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const uint8_t *asked = request->request.packet.authenticator.at;
    struct lk_radius_packet packet;

    LK_ASSERT(lk_radius_dynamic_answer(&w, request, &f->secret) == LK_OK);
    LK_ASSERT(lk_radius_decode(&packet, lk_writer_span(&w)) == LK_OK);
    LK_ASSERT(packet.identifier == request->request.packet.identifier);
    LK_ASSERT(lk_radius_authenticator_verify(&packet, &f->secret, asked) == LK_OK);
    LK_ASSERT(lk_radius_mac_verify(&packet, &f->secret, asked) == LK_OK);
    LK_ASSERT(!again || lk_span_equal(lk_writer_span(&w), lk_span_of(f->answer, f->answer_len)));
    memcpy(f->answer, octets, w.len);
    f->answer_len = w.len;
}

static enum lk_radius_dynamic_verdict give(struct run *f, struct lk_span octets, bool again)
{
    static const struct lk_radius_dynamic_session nobody = { .mac = zeroes };
    struct lk_radius_dynamic_request request;
    enum lk_reason reason = LK_REASON_NONE;
    enum lk_radius_dynamic_verdict verdict = lk_radius_dynamic_open(
        &request, &reason, &f->server, &f->config, &f->secret, octets, f->now_ms);

    LK_ASSERT(f->server.count <= SEEN);
    LK_ASSERT((verdict == LK_RADIUS_DYNAMIC_DROP) == (reason != LK_REASON_NONE));
    if (verdict == LK_RADIUS_DYNAMIC_DROP)
        return verdict;
    if (verdict == LK_RADIUS_DYNAMIC_NEW) {
        if (request.has_acct_session)
            LK_ASSERT(!lk_radius_dynamic_names(&request, &f->config, &nobody));
        lk_radius_dynamic_decide(&f->server, &request,
                                 lk_radius_dynamic_found(lk_get_u8(&f->r) % 3));
    }
    check_answer(f, &request, again);
    return verdict;
}

/* Attributes of the input, in a request signed as RFC 5176 2.3 says. */
static void give_signed(struct run *f, bool coa)
{
    uint8_t value[LK_RADIUS_AUTHENTICATOR_LEN];
    struct lk_writer w = lk_writer_of(f->last, sizeof f->last);

    lk_radius_begin(&w, coa ? LK_RADIUS_COA_REQUEST : LK_RADIUS_DISCONNECT_REQUEST,
                    lk_get_u8(&f->r));
    (void)lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    lk_radius_put_u32(&w, LK_RADIUS_EVENT_TIMESTAMP,
                      (uint32_t)(f->now_ms / 1000) + lk_get_be16(&f->r) - 0x8000);
    lk_put_span(&w, lk_get_lv8(&f->r));
    f->last_len = 0;
    if (lk_radius_end(&w) != LK_OK)
        return;
    lk_radius_mac(value, lk_writer_span(&w), MAC_AT, &f->secret, zeroes);
    lk_patch_octets(&w, MAC_AT, value, sizeof value);
    lk_radius_authenticator(value, lk_writer_span(&w), &f->secret, zeroes);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, value, sizeof value);
    if (give(f, lk_writer_span(&w), false) == LK_RADIUS_DYNAMIC_NEW)
        f->last_len = w.len;
}

static void give_again(struct run *f)
{
    enum lk_radius_dynamic_verdict verdict;

    if (f->last_len == 0)
        return;
    verdict = give(f, lk_span_of(f->last, f->last_len), true);
    LK_ASSERT(verdict == LK_RADIUS_DYNAMIC_REPEAT || verdict == LK_RADIUS_DYNAMIC_DROP);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct run f = { .r = lk_reader_of(lk_span_of(octets, len)),
                     .now_ms = (uint64_t)START_S * 1000 };
    uint8_t how = lk_get_u8(&f.r);

    LK_ASSERT(lk_radius_secret_set(&f.secret, lk_span_text("secret")) == LK_OK);
    lk_radius_dynamic_server_in(&f.server, f.seen, SEEN);
    f.config.many_nas = (how & 1) != 0;
    f.config.coa = (how & 2) != 0;
    while (f.r.left > 0 && f.r.status == LK_OK) {
        uint8_t op = lk_get_u8(&f.r) % 8;

        if (op == 0)
            LK_ASSERT(give(&f, lk_get_lv8(&f.r), false) == LK_RADIUS_DYNAMIC_DROP);
        else if (op < 4)
            give_signed(&f, op == 3);
        else if (op < 7)
            give_again(&f);
        else
            f.now_ms += (uint64_t)lk_get_u8(&f.r) * 4000;
    }
    return 0;
}
