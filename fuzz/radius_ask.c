/* Octets become a request of dynamic authorisation that is out, answers to it, raw and signed, and
 * time that passes.
 *
 * Promises: the request verifies, and stays the same octets however often it is sent, which is no
 * oftener than it may be; an answer is taken only signed, for what is out, and once. */
#include "fuzz.h"

#include <string.h>

#include "proto/radius/ask.h"
#include "proto/radius/server.h"

struct run {
    struct lk_reader r;
    struct lk_radius_secret secret;
    struct lk_radius_ask_config config;
    struct lk_radius_ask ask;
    uint8_t first[LK_RADIUS_ASK_MAX];
    uint64_t now_ms;
};

static const uint8_t zeroes[LK_RADIUS_AUTHENTICATOR_LEN];

static void ask(struct run *f)
{
    enum lk_radius_code code = (lk_get_u8(&f->r) & 1) != 0 ? LK_RADIUS_COA_REQUEST
                                                            : LK_RADIUS_DISCONNECT_REQUEST;
    struct lk_writer w = lk_radius_ask_begin(&f->ask, code, lk_get_u8(&f->r), f->now_ms);
    struct lk_radius_packet packet;

    LK_ASSERT(!f->ask.out);
    lk_radius_put(&w, LK_RADIUS_ACCT_SESSION_ID, lk_get_lv8(&f->r));
    if (lk_radius_ask_end(&f->ask, &f->config, &w, f->now_ms) != LK_OK)
        return;
    LK_ASSERT(f->ask.out && f->ask.len <= sizeof f->first);
    LK_ASSERT(lk_radius_decode(&packet, lk_span_of(f->ask.octets, f->ask.len)) == LK_OK);
    LK_ASSERT(packet.attributes.at[0] == LK_RADIUS_MESSAGE_AUTHENTICATOR);
    LK_ASSERT(lk_radius_authenticator_verify(&packet, &f->secret, zeroes) == LK_OK);
    LK_ASSERT(lk_radius_mac_verify(&packet, &f->secret, zeroes) == LK_OK);
    memcpy(f->first, f->ask.octets, f->ask.len);
}

static void wait(struct run *f)
{
    uint8_t random[2] = { lk_get_u8(&f->r), lk_get_u8(&f->r) };
    bool out = f->ask.out, due;
    uint8_t sent = f->ask.sent;

    f->now_ms += (uint64_t)lk_get_u8(&f->r) * 100;
    due = out && f->now_ms >= f->ask.due_ms;
    switch (lk_radius_ask_due(&f->ask, &f->config, f->now_ms, random)) {
    case LK_RADIUS_ASK_NOTHING:
        LK_ASSERT(!due && f->ask.out == out);
        break;
    case LK_RADIUS_ASK_AGAIN:
        LK_ASSERT(due && f->ask.sent == sent + 1 && f->ask.sent <= f->config.tries);
        LK_ASSERT(f->ask.due_ms > f->now_ms);
        LK_ASSERT(lk_span_equal(lk_span_of(f->first, f->ask.len),
                                lk_span_of(f->ask.octets, f->ask.len)));
        break;
    case LK_RADIUS_ASK_GIVE_UP:
        LK_ASSERT(due && !f->ask.out && sent == f->config.tries);
        break;
    }
}

static enum lk_status receive(struct run *f, struct lk_span octets)
{
    struct lk_radius_ask_outcome outcome;
    bool out = f->ask.out;
    enum lk_status status = lk_radius_ask_received(&f->ask, &f->config, octets, &outcome);

    LK_ASSERT(status != LK_OK || out);
    LK_ASSERT(f->ask.out == (out && status != LK_OK));
    LK_ASSERT(status == LK_OK || (!outcome.ack && !outcome.has_cause));
    return status;
}

/* Signed as who was asked signs it. */
static void receive_signed(struct run *f)
{
    uint8_t octets[LK_RADIUS_ASK_MAX], code = lk_get_u8(&f->r) % 8;
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_radius_answer head = { .code = (enum lk_radius_code)(f->ask.octets[0] + code),
                                     .identifier = f->ask.octets[1],
                                     .request_code = f->ask.octets[0],
                                     .authenticator = f->ask.octets + LK_RADIUS_AUTHENTICATOR_AT,
                                     .secret = &f->secret };

    if (!f->ask.out)
        return;
    lk_radius_answer_begin(&w, &head);
    lk_put_span(&w, lk_get_lv8(&f->r));
    if (lk_radius_answer_end(&w, &head) != LK_OK)
        return;
    if (receive(f, lk_writer_span(&w)) == LK_OK) {
        LK_ASSERT(code == 1 || code == 2);
        LK_ASSERT(receive(f, lk_writer_span(&w)) != LK_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct run f = { .r = lk_reader_of(lk_span_of(octets, len)), .now_ms = 1780000000000 };

    LK_ASSERT(lk_radius_secret_set(&f.secret, lk_span_text("secret")) == LK_OK);
    f.config = (struct lk_radius_ask_config){ &f.secret, 1000, 3 };
    while (f.r.left > 0 && f.r.status == LK_OK) {
        switch (lk_get_u8(&f.r) % 4) {
        case 0: ask(&f); break;
        case 1: wait(&f); break;
        case 2: LK_ASSERT(receive(&f, lk_get_lv8(&f.r)) != LK_OK); break;
        default: receive_signed(&f); break;
        }
    }
    return 0;
}
