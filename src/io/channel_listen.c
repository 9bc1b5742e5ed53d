/* A hello, before anything is kept of it.
 *
 * The answer is a function of the hello, the peer and a secret that turns; it is written into one
 * buffer and is shorter than any hello that decodes. Only a hello that brings back the right cookie
 * costs memory, and that on account of an address where somebody answers. */
#include <string.h>

#include "base/secret.h"
#include "io/channel_parts.h"

enum { HELLO_MESSAGE_MAX = 1 /* message number: 0 without a cookie, 1 with one */ };

/* ---- cookies ---- */

static void secret_new(struct lk_channel *channel, unsigned index)
{
    uint8_t octets[LK_SHA256_LEN];

    lk_entropy_take(&channel->entropy, octets, sizeof octets);
    lk_hmac_sha256_set_key(&channel->cookies.secret[index], LK_SPAN(octets));
    lk_wipe(octets, sizeof octets);
}

void lk_channel_cookies_begin(struct lk_channel *channel)
{
    secret_new(channel, 0);
    secret_new(channel, 1);
    channel->cookies.since_ms = lk_channel_now(channel);
}

/* A16: two generations, so that a cookie lives through one turn and not through two. */
static void cookies_turn(struct lk_channel *channel)
{
    struct channel_cookies *cookies = &channel->cookies;
    uint64_t now = lk_channel_now(channel);

    for (unsigned turns = 0; turns < 2 && now - cookies->since_ms >= CHANNEL_COOKIE_TURN_MS;
         turns++) {
        cookies->since_ms += CHANNEL_COOKIE_TURN_MS;
        cookies->current++;
        secret_new(channel, cookies->current & 1);
    }
    if (now - cookies->since_ms >= CHANNEL_COOKIE_TURN_MS)
        cookies->since_ms = now;
}

/* cookie = generation || HMAC-SHA-256(secret, peer || what the hello must repeat), cut off.
 * spec: RFC 6347 4.2.1 - the client repeats version, random, session identifier, suites and
 * compressions. */
static void cookie_make(uint8_t cookie[CHANNEL_COOKIE_LEN], const struct lk_channel *channel,
                        uint8_t generation, const struct lk_datagram_peer *peer,
                        const struct lk_dtls_client_hello *hello)
{
    struct lk_address address = lk_datagram_address(peer);
    uint16_t port = lk_datagram_port(peer);
    uint8_t mac[LK_SHA256_LEN];
    uint8_t lengths[8] = {
        (uint8_t)(hello->version >> 8), (uint8_t)hello->version, (uint8_t)(port >> 8),
        (uint8_t)port, (uint8_t)hello->session_id.len, (uint8_t)(hello->suites.len >> 8),
        (uint8_t)hello->suites.len, (uint8_t)peer->has_local,
    };
    const struct lk_span parts[] = {
        LK_SPAN(lengths),
        LK_SPAN(address.octets),
        lk_span_of(peer->local.ipi6_addr.s6_addr, peer->has_local ? LK_ADDRESS_LEN : 0),
        hello->random,
        hello->session_id,
        hello->suites,
        hello->compressions,
    };

    lk_hmac_sha256_keyed(mac, &channel->cookies.secret[generation & 1], parts,
                         LK_COUNT_OF(parts));
    cookie[0] = generation;
    memcpy(cookie + 1, mac, CHANNEL_COOKIE_MAC_LEN);
}

static bool cookie_is_right(const struct lk_channel *channel, const struct lk_datagram_peer *peer,
                            const struct lk_dtls_client_hello *hello)
{
    uint8_t want[CHANNEL_COOKIE_LEN];
    uint8_t current = channel->cookies.current;

    if (hello->cookie.len != CHANNEL_COOKIE_LEN ||
        (uint8_t)(current - hello->cookie.at[0]) > 1)
        return false;
    cookie_make(want, channel, hello->cookie.at[0], peer, hello);
    return lk_same_secret(want, hello->cookie.at, sizeof want);
}

/* ---- answers ---- */

static void answer_cookie(struct lk_channel *channel, const struct lk_datagram_peer *peer,
                          const struct lk_dtls_record *record,
                          const struct lk_dtls_client_hello *hello)
{
    uint8_t cookie[CHANNEL_COOKIE_LEN];
    uint8_t octets[LK_DTLS_RECORD_HEADER_LEN + LK_DTLS_HANDSHAKE_HEADER_LEN + 3 + sizeof cookie];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    cookie_make(cookie, channel, channel->cookies.current, peer, hello);
    lk_dtls_put_hello_verify(&w, record->sequence, LK_SPAN(cookie));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    /* Y26: not one octet more than the question. */
    LK_ASSERT(w.len <= record->whole.len);
    lk_datagrams_put(channel->out, peer, lk_writer_span(&w));
}

static void answer_alert(struct lk_channel *channel, const struct lk_datagram_peer *peer,
                         const struct lk_dtls_record *record, enum lk_dtls_alert_code code)
{
    uint8_t octets[LK_DTLS_ALERT_LEN];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_dtls_put_alert(&w, record->sequence, code);
    LK_ASSERT(lk_writer_end(&w) == LK_OK && w.len <= record->whole.len);
    channel->count.hellos_refused++;
    lk_datagrams_put(channel->out, peer, lk_writer_span(&w));
    lk_channel_tell_refused(channel, LK_CHANNEL_REFUSED_HELLO, lk_span_of(NULL, 0), peer);
}

/* ---- the hello ---- */

void lk_channel_hello(struct lk_channel *channel, const struct lk_datagram_peer *peer,
                      const struct lk_dtls_record *record, const struct lk_dtls_message *message)
{
    struct lk_dtls_client_hello hello;

    /* A30: a hello in fragments would want memory before its cookie. */
    if (!lk_dtls_message_is_whole(message) || message->sequence > HELLO_MESSAGE_MAX ||
        lk_dtls_client_hello_decode(&hello, message->fragment) != LK_OK) {
        channel->count.dropped++;
        return;
    }
    /* spec: TS 33.210 6.2.1 - DTLS 1.0 is not allowed. A later version has a smaller number. */
    if (hello.version > LK_DTLS_1_2 || hello.version >> 8 != LK_DTLS_1_2 >> 8) {
        answer_alert(channel, peer, record, LK_DTLS_ALERT_PROTOCOL_VERSION);
        return;
    }
    /* spec: RFC 7627 5.2 - without the extension the handshake may be refused. */
    if (!hello.extended_master_secret || lk_channel_engine_suite(channel, &hello) < 0) {
        answer_alert(channel, peer, record, LK_DTLS_ALERT_HANDSHAKE_FAILURE);
        return;
    }
    cookies_turn(channel);
    if (!cookie_is_right(channel, peer, &hello)) {
        channel->count.hellos += hello.cookie.len == 0;
        channel->count.cookies_wrong += hello.cookie.len > 0;
        answer_cookie(channel, peer, record, &hello);
        return;
    }
    lk_channel_begin(channel, peer, record, message, &hello);
}
