#include "proto/radius/watch.h"

#include <string.h>

enum {
    STATUS_IDENTIFIER = 0, /* spec: RFC 6613 2.6.4 - zero is the watchdog's */
    MAC_AT = LK_RADIUS_HEADER_LEN + 2,
    MANY = 32, /* failures: more say nothing new */
};

/* spec: RFC 5997 2.1 - Status-Server with Message-Authenticator and a random authenticator. */
static void ask(struct lk_radius_watch *watch, const struct lk_radius_secret *secret,
                const uint8_t entropy[LK_RADIUS_AUTHENTICATOR_LEN],
                uint8_t question[LK_RADIUS_STATUS_LEN])
{
    struct lk_writer w = lk_writer_of(question, LK_RADIUS_STATUS_LEN);
    uint8_t mac[LK_RADIUS_MAC_LEN];
    enum lk_status status;

    memcpy(watch->authenticator, entropy, sizeof watch->authenticator);
    watch->out = true;
    lk_radius_begin(&w, LK_RADIUS_STATUS_SERVER, STATUS_IDENTIFIER);
    (void)lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    status = lk_radius_end(&w);
    LK_ASSERT(status == LK_OK);
    lk_patch_octets(&w, LK_RADIUS_AUTHENTICATOR_AT, watch->authenticator,
                    sizeof watch->authenticator);
    lk_radius_mac(mac, lk_writer_span(&w), MAC_AT, secret, watch->authenticator);
    lk_patch_octets(&w, MAC_AT, mac, sizeof mac);
}

enum lk_radius_watch_next lk_radius_watch_due(struct lk_radius_watch *watch,
                                              const struct lk_radius_secret *secret,
                                              uint64_t now_ms,
                                              const uint8_t entropy[LK_RADIUS_WATCH_ENTROPY],
                                              uint8_t question[LK_RADIUS_STATUS_LEN])
{
    if (watch->state == LK_RADIUS_WATCH_DIALLING || now_ms < watch->due_ms)
        return LK_RADIUS_WATCH_NOTHING; /* who dials has a deadline of its own */
    if (watch->state == LK_RADIUS_WATCH_DOWN) {
        watch->state = LK_RADIUS_WATCH_DIALLING;
        return LK_RADIUS_WATCH_DIAL;
    }
    /* spec: RFC 3539 3.4.1 - silence is asked about, and no answer means that it is over. */
    if (watch->state == LK_RADIUS_WATCH_ASKED && watch->questions >= LK_RADIUS_WATCH_QUESTIONS)
        return LK_RADIUS_WATCH_HANG_UP;
    watch->state = LK_RADIUS_WATCH_ASKED;
    watch->questions++;
    watch->due_ms = now_ms + LK_RADIUS_WATCH_ANSWER_MS;
    ask(watch, secret, entropy, question);
    return LK_RADIUS_WATCH_SEND;
}

void lk_radius_watch_up(struct lk_radius_watch *watch, uint64_t now_ms)
{
    watch->state = LK_RADIUS_WATCH_ASKED;
    watch->out = false;
    watch->questions = 0;
    watch->due_ms = now_ms;
}

void lk_radius_watch_down(struct lk_radius_watch *watch, uint64_t now_ms, const uint8_t entropy[2])
{
    uint32_t chance = (uint32_t)entropy[0] << 8 | entropy[1];
    uint64_t wait_ms = LK_RADIUS_WATCH_FIRST_MS;

    for (uint8_t i = 0; i < watch->failures && wait_ms < LK_RADIUS_WATCH_LONGEST_MS; i++)
        wait_ms *= 2;
    if (wait_ms > LK_RADIUS_WATCH_LONGEST_MS)
        wait_ms = LK_RADIUS_WATCH_LONGEST_MS;
    if (watch->failures < MANY)
        watch->failures++;
    watch->state = LK_RADIUS_WATCH_DOWN;
    watch->alive = false;
    watch->out = false;
    /* Between half of it and all of it. */
    watch->due_ms = now_ms + wait_ms / 2 + wait_ms / 2 * chance / UINT16_MAX;
}

static bool answers(const struct lk_radius_watch *watch, const struct lk_radius_secret *secret,
                    struct lk_span octets)
{
    struct lk_radius_packet packet;

    return watch->out && lk_radius_decode(&packet, octets) == LK_OK &&
           packet.identifier == STATUS_IDENTIFIER &&
           (packet.code == LK_RADIUS_ACCESS_ACCEPT ||
            packet.code == LK_RADIUS_ACCOUNTING_RESPONSE) &&
           lk_radius_authenticator_verify(&packet, secret, watch->authenticator) == LK_OK;
}

bool lk_radius_watch_received(struct lk_radius_watch *watch, const struct lk_radius_secret *secret,
                              struct lk_span octets, uint64_t now_ms)
{
    bool taken = answers(watch, secret, octets);

    /* Whatever comes says that it lives; before its first answer only that answer does. */
    if (taken || watch->alive) {
        watch->state = LK_RADIUS_WATCH_ALIVE;
        watch->alive = true;
        watch->failures = 0;
        watch->questions = 0;
        watch->due_ms = now_ms + LK_RADIUS_WATCH_SILENCE_MS;
    }
    if (taken)
        watch->out = false;
    return taken;
}
