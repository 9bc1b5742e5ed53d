/* Handshakes a second: a closed loop of DTLS 1.2 clients with TLS_PSK_WITH_AES_128_GCM_SHA256.
 *
 *     dtls_load PORT [--window N] [--seconds S] [--warm-up S] [--count N] [--keep] [--echo]
 *
 * A client here is a few hundred octets of state and just the arithmetic of the handshake, so that
 * the generator costs less than any server. Each session speaks from an address of its own in
 * 127/8, all of them from one socket. --keep: sessions stay, each has sent one record. --echo: the
 * same datagrams without any meaning, for a server that only answers with as many octets. */
#include <nettle/gcm.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "crypto/crypto.h"
#include "io/datagrams.h"
#include "io/entropy.h"
#include "wire/dtls.h"

enum {
    WINDOW_MAX = 4096,
    ADDRESSES = 1 << 22,
    LATENCIES = 1 << 20,
    PATIENCE_US = 1000000,
    CHECK_EVERY = 64, /* of so many servers' Finished one is opened and compared */
    KEY_LEN = 32,
    SALT_LEN = 4,
    EXPLICIT_LEN = 8,
    VERIFY_LEN = 12,
    MASTER_LEN = 48,
    ECHO_STEPS = 3,
};
/* Octets of our datagrams, in their order; --echo sends as many. */
static const size_t echo_len[ECHO_STEPS + 1] = { 83, 100, 125, 39 };

enum awaits { IDLE, COOKIE, FLIGHT, PROOF };

struct client {
    enum awaits awaits;
    uint32_t number; /* which address: the client's place in the window, and its turns */
    uint32_t turn;
    uint64_t begun_us;
    uint8_t random[LK_DTLS_RANDOM_LEN], server_random[LK_DTLS_RANDOM_LEN];
    struct lk_running_hash transcript;
    struct gcm_aes128_ctx seal, open;
    uint8_t client_salt[SALT_LEN], server_salt[SALT_LEN];
    uint8_t master[MASTER_LEN], server_verify[VERIFY_LEN];
    unsigned records;
};

static struct {
    struct client clients[WINDOW_MAX];
    uint32_t window;
    uint64_t count_wanted;
    bool keep, echo;
    int fd;
    struct lk_datagram_peer server;
    struct lk_datagrams *in, *out;
    struct lk_entropy entropy;
    uint64_t done, errors, begun;
    bool measuring;
    uint32_t latency[LATENCIES];
} load;

static const uint8_t psk[KEY_LEN] = "0123456789abcdef0123456789abcdef";
static const char identity[] = "00112233445566778899aabbccddeeff";

/* Seconds that this process had a core. */
static double busy_s(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static uint64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- arithmetic ---- */

/* P_SHA256 of RFC 5246 5. */
static void prf(uint8_t *out, size_t len, struct lk_span secret, const char *label,
                struct lk_span seed)
{
    struct lk_hmac_sha256_key key;
    uint8_t a[LK_SHA256_LEN], block[LK_SHA256_LEN];
    struct lk_span first[2] = { lk_span_text(label), seed };
    struct lk_span more[3] = { LK_SPAN(a), first[0], seed };

    lk_hmac_sha256_set_key(&key, secret);
    lk_hmac_sha256_keyed(a, &key, first, 2);
    for (;;) {
        size_t part = len < sizeof block ? len : sizeof block;

        lk_hmac_sha256_keyed(block, &key, more, 3);
        memcpy(out, block, part);
        out += part;
        len -= part;
        if (len == 0)
            return;
        lk_hmac_sha256_keyed(a, &key, more, 1);
    }
}

static void derive(struct client *c)
{
    uint8_t premaster[2 + KEY_LEN + 2 + KEY_LEN] = { 0, KEY_LEN };
    uint8_t hash[LK_SHA256_LEN], block[2 * (16 + SALT_LEN)];
    uint8_t randoms[2 * LK_DTLS_RANDOM_LEN];

    premaster[2 + KEY_LEN + 1] = KEY_LEN;
    memcpy(premaster + 2 + KEY_LEN + 2, psk, KEY_LEN);
    (void)lk_hash_value(&c->transcript, hash);
    prf(c->master, MASTER_LEN, LK_SPAN(premaster), "extended master secret", LK_SPAN(hash));
    memcpy(randoms, c->server_random, LK_DTLS_RANDOM_LEN);
    memcpy(randoms + LK_DTLS_RANDOM_LEN, c->random, LK_DTLS_RANDOM_LEN);
    prf(block, sizeof block, LK_SPAN(c->master), "key expansion", LK_SPAN(randoms));
    gcm_aes128_set_key(&c->seal, block);
    gcm_aes128_set_key(&c->open, block + 16);
    memcpy(c->client_salt, block + 32, SALT_LEN);
    memcpy(c->server_salt, block + 36, SALT_LEN);
}

static void seal(struct client *c, struct lk_writer *w, uint8_t type, struct lk_span plain)
{
    uint8_t nonce[SALT_LEN + EXPLICIT_LEN] = { 0 };
    uint8_t additional[EXPLICIT_LEN + 5];
    uint8_t sealed[128 + LK_GCM_TAG_LEN];

    memcpy(nonce, c->client_salt, SALT_LEN);
    nonce[SALT_LEN + 1] = 1;
    nonce[sizeof nonce - 1] = (uint8_t)c->records++;
    memcpy(additional, nonce + SALT_LEN, EXPLICIT_LEN);
    additional[8] = type;
    additional[9] = LK_DTLS_1_2 >> 8;
    additional[10] = LK_DTLS_1_2 & 0xff;
    additional[11] = 0;
    additional[12] = (uint8_t)plain.len;
    gcm_aes128_set_iv(&c->seal, sizeof nonce, nonce);
    gcm_aes128_update(&c->seal, sizeof additional, additional);
    gcm_aes128_encrypt(&c->seal, plain.len, sealed, plain.at);
    gcm_aes128_digest(&c->seal, LK_GCM_TAG_LEN, sealed + plain.len);
    lk_put_u8(w, type);
    lk_put_be16(w, LK_DTLS_1_2);
    lk_put_octets(w, nonce + SALT_LEN, EXPLICIT_LEN);
    lk_put_be16(w, (uint16_t)(EXPLICIT_LEN + plain.len + LK_GCM_TAG_LEN));
    lk_put_octets(w, nonce + SALT_LEN, EXPLICIT_LEN);
    lk_put_octets(w, sealed, plain.len + LK_GCM_TAG_LEN);
}

static bool server_proves(struct client *c, struct lk_span body)
{
    uint8_t nonce[SALT_LEN + EXPLICIT_LEN];
    uint8_t additional[EXPLICIT_LEN + 5] = { [8] = LK_DTLS_HANDSHAKE, 0xfe, 0xfd, 0, 24 };
    uint8_t plain[24];

    if (body.len != EXPLICIT_LEN + sizeof plain + LK_GCM_TAG_LEN)
        return false;
    memcpy(nonce, c->server_salt, SALT_LEN);
    memcpy(nonce + SALT_LEN, body.at, EXPLICIT_LEN);
    memcpy(additional, body.at, EXPLICIT_LEN);
    gcm_aes128_set_iv(&c->open, sizeof nonce, nonce);
    gcm_aes128_update(&c->open, sizeof additional, additional);
    gcm_aes128_decrypt(&c->open, sizeof plain, plain, body.at + EXPLICIT_LEN);
    return lk_span_equal(lk_span_of(plain + 12, VERIFY_LEN), LK_SPAN(c->server_verify));
}

/* ---- datagrams out ---- */

static void send_datagram(const struct client *c, struct lk_span octets)
{
    struct lk_datagram_peer to = load.server;

    to.local.ipi6_addr.s6_addr[10] = to.local.ipi6_addr.s6_addr[11] = 0xff;
    to.local.ipi6_addr.s6_addr[12] = 127;
    to.local.ipi6_addr.s6_addr[13] = (uint8_t)(2 + (c->number >> 16));
    to.local.ipi6_addr.s6_addr[14] = (uint8_t)(c->number >> 8);
    to.local.ipi6_addr.s6_addr[15] = (uint8_t)c->number;
    lk_datagrams_put(load.out, &to, octets);
}

static void send_hello(struct client *c, struct lk_span cookie)
{
    static const uint8_t tail[] = { 0, 2, 0, 0xa8, 1, 0, 0, 9, 0, 23, 0, 0, 0xff, 1, 0, 1, 0 };
    uint8_t body[128], octets[192];
    struct lk_writer b = lk_writer_of(body, sizeof body);
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    uint16_t sequence = cookie.len > 0;

    lk_put_be16(&b, LK_DTLS_1_2);
    lk_put_octets(&b, c->random, sizeof c->random);
    lk_put_u8(&b, 0);
    lk_put_lv8(&b, cookie);
    lk_put_octets(&b, tail, sizeof tail);
    lk_dtls_put_message(&w, sequence, LK_DTLS_CLIENT_HELLO, sequence, lk_writer_span(&b));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    if (cookie.len > 0) {
        lk_hash_start(&c->transcript, LK_HASH_SHA256);
        lk_hash_add(&c->transcript, lk_span_of(octets + LK_DTLS_RECORD_HEADER_LEN,
                                               w.len - LK_DTLS_RECORD_HEADER_LEN));
    }
    send_datagram(c, lk_writer_span(&w));
}

static void send_last_flight(struct client *c)
{
    uint8_t body[64], octets[256], hash[LK_SHA256_LEN];
    uint8_t finished[LK_DTLS_HANDSHAKE_HEADER_LEN + VERIFY_LEN] = { LK_DTLS_FINISHED, 0, 0, 12,
                                                                    0, 3, 0, 0, 0, 0, 0, 12 };
    struct lk_writer b = lk_writer_of(body, sizeof body);
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_put_lv16(&b, lk_span_text(identity));
    lk_dtls_put_message(&w, 2, LK_DTLS_CLIENT_KEY_EXCHANGE, 2, lk_writer_span(&b));
    lk_hash_add(&c->transcript, lk_span_of(octets + LK_DTLS_RECORD_HEADER_LEN,
                                           w.len - LK_DTLS_RECORD_HEADER_LEN));
    derive(c);
    lk_put_octets(&w, "\x14\xfe\xfd\0\0\0\0\0\0\0\3\0\1\1", 14);
    (void)lk_hash_value(&c->transcript, hash);
    prf(finished + LK_DTLS_HANDSHAKE_HEADER_LEN, VERIFY_LEN, LK_SPAN(c->master),
        "client finished", LK_SPAN(hash));
    c->records = 0;
    seal(c, &w, LK_DTLS_HANDSHAKE, LK_SPAN(finished));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    if (c->number % CHECK_EVERY == 0) {
        lk_hash_add(&c->transcript, LK_SPAN(finished));
        (void)lk_hash_value(&c->transcript, hash);
        prf(c->server_verify, VERIFY_LEN, LK_SPAN(c->master), "server finished", LK_SPAN(hash));
    }
    send_datagram(c, lk_writer_span(&w));
}

/* The end of a session, or, of one that stays, a record of what it might say. */
static void send_end(struct client *c)
{
    uint8_t octets[192];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    if (load.keep)
        seal(c, &w, LK_DTLS_APPLICATION_DATA, lk_span_text("a request of some thirty octets"));
    else
        seal(c, &w, LK_DTLS_ALERT, lk_span_of("\1\0", 2));
    send_datagram(c, lk_writer_span(&w));
}

static void send_echo(const struct client *c, unsigned step)
{
    static uint8_t octets[256];

    octets[0] = (uint8_t)step;
    send_datagram(c, lk_span_of(octets, echo_len[step]));
}

/* ---- one client ---- */

static void begin(struct client *c)
{
    if (load.count_wanted > 0 && load.begun == load.count_wanted) {
        c->awaits = IDLE;
        return;
    }
    load.begun++;
    c->number = (uint32_t)(c - load.clients) + load.window * c->turn;
    c->turn = (c->turn + 1) % (ADDRESSES / load.window);
    c->begun_us = now_us();
    c->awaits = COOKIE;
    if (load.echo) {
        send_echo(c, 0);
        return;
    }
    lk_entropy_take(&load.entropy, c->random, sizeof c->random);
    send_hello(c, lk_span_of(NULL, 0));
}

static void finish(struct client *c)
{
    if (load.measuring) {
        load.latency[load.done % LATENCIES] = (uint32_t)(now_us() - c->begun_us);
        load.done++;
    }
    if (load.echo)
        send_echo(c, ECHO_STEPS);
    else
        send_end(c);
    begin(c);
}

static void give_up(struct client *c)
{
    load.errors++;
    begin(c);
}

static void on_message(struct client *c, const struct lk_dtls_message *message,
                       struct lk_span whole)
{
    if (message->type == LK_DTLS_HELLO_VERIFY_REQUEST && c->awaits == COOKIE &&
        message->fragment.len > 3) {
        c->awaits = FLIGHT;
        send_hello(c, lk_span_of(message->fragment.at + 3, message->fragment.len - 3));
        return;
    }
    if (c->awaits != FLIGHT || message->type == LK_DTLS_HELLO_VERIFY_REQUEST)
        return;
    lk_hash_add(&c->transcript, whole);
    if (message->type == LK_DTLS_SERVER_HELLO && message->fragment.len > 34)
        memcpy(c->server_random, message->fragment.at + 2, LK_DTLS_RANDOM_LEN);
    if (message->type == LK_DTLS_SERVER_HELLO_DONE) {
        c->awaits = PROOF;
        send_last_flight(c);
    }
}

static void on_record(struct client *c, const struct lk_dtls_record *record)
{
    struct lk_reader r = lk_reader_of(record->body);
    struct lk_dtls_message message;

    if (record->type != LK_DTLS_HANDSHAKE)
        return;
    if (record->epoch == 1 && c->awaits == PROOF) {
        if (c->number % CHECK_EVERY == 0 && !server_proves(c, record->body))
            give_up(c);
        else
            finish(c);
        return;
    }
    while (record->epoch == 0 && r.left > 0) {
        const uint8_t *at = r.at;

        if (lk_dtls_message_get(&message, &r) != LK_OK || !lk_dtls_message_is_whole(&message))
            return;
        on_message(c, &message, lk_span_of(at, (size_t)(r.at - at)));
    }
}

static void on_datagram(const struct lk_datagram_peer *from, struct lk_span octets)
{
    const uint8_t *local = from->local.ipi6_addr.s6_addr;
    uint32_t number = (uint32_t)(local[13] - 2) << 16 | (uint32_t)local[14] << 8 | local[15];
    struct client *c = &load.clients[number % load.window];
    struct lk_reader r = lk_reader_of(octets);
    struct lk_dtls_record record;

    if (c->number != number || c->awaits == IDLE)
        return;
    if (load.echo) {
        if (c->awaits == PROOF)
            finish(c);
        else
            send_echo(c, (unsigned)c->awaits++);
        return;
    }
    while (r.left > 0 && lk_dtls_record_get(&record, &r) == LK_OK)
        on_record(c, &record);
}

/* ---- the loop ---- */

static bool is_over(uint64_t end)
{
    if (load.count_wanted == 0)
        return now_us() >= end;
    for (uint32_t i = 0; i < load.window; i++)
        if (load.clients[i].awaits != IDLE)
            return false;
    return true;
}

static void run_until(uint64_t end)
{
    struct pollfd ready = { .fd = load.fd, .events = POLLIN };

    while (!is_over(end)) {
        size_t count;

        (void)lk_datagrams_send(load.out);
        if (poll(&ready, 1, 100) == 0)
            for (uint32_t i = 0; i < load.window; i++)
                if (load.clients[i].awaits != IDLE &&
                    now_us() - load.clients[i].begun_us > PATIENCE_US)
                    give_up(&load.clients[i]);
        count = lk_datagrams_receive(load.in, load.fd);
        for (size_t i = 0; i < count; i++) {
            struct lk_datagram_peer from;
            struct lk_span octets = lk_datagrams_at(load.in, i, &from);

            on_datagram(&from, octets);
        }
    }
    (void)lk_datagrams_send(load.out);
}

static int by_size(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return one < other ? -1 : one > other;
}

static void report(double seconds, double busy)
{
    size_t kept = load.done < LATENCIES ? (size_t)load.done : LATENCIES;

    qsort(load.latency, kept, sizeof load.latency[0], by_size);
    printf("{\"done\": %llu, \"rate\": %.0f, \"errors\": %llu, \"p50_us\": %u, \"p99_us\": %u, "
           "\"busy\": %.3f}\n",
           (unsigned long long)load.done, (double)load.done / seconds,
           (unsigned long long)load.errors, kept > 0 ? load.latency[kept / 2] : 0,
           kept > 0 ? load.latency[kept * 99 / 100] : 0, busy / seconds);
}

int main(int count, char **word)
{
    struct lk_address any = lk_address_v4((const uint8_t[4]){ 0 });
    char error[LK_SOCKET_ERROR_TEXT];
    double seconds = 2, warm_up = 0.5, busy;
    uint64_t since;

    load.window = 64;
    if (count < 2)
        return 2;
    for (int i = 2; i < count; i++) {
        if (strcmp(word[i], "--keep") == 0)
            load.keep = true;
        else if (strcmp(word[i], "--echo") == 0)
            load.echo = true;
        else if (i + 1 == count)
            return 2;
        else if (strcmp(word[i], "--window") == 0)
            load.window = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--seconds") == 0)
            seconds = strtod(word[++i], NULL);
        else if (strcmp(word[i], "--warm-up") == 0)
            warm_up = strtod(word[++i], NULL);
        else if (strcmp(word[i], "--count") == 0)
            load.count_wanted = strtoull(word[++i], NULL, 10);
        else
            return 2;
    }
    if (load.window == 0 || load.window > WINDOW_MAX ||
        lk_datagram_socket(&load.fd, &any, 0, error) != LK_OK)
        return 3;
    load.in = lk_datagrams_new();
    load.out = lk_datagrams_new();
    load.server.fd = load.fd;
    load.server.has_local = true;
    load.server.from.v4.sin_family = AF_INET;
    load.server.from.v4.sin_port = htons((uint16_t)strtoul(word[1], NULL, 10));
    load.server.from.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (uint32_t i = 0; i < load.window; i++)
        begin(&load.clients[i]);
    load.measuring = load.count_wanted > 0;
    since = now_us();
    if (load.count_wanted == 0) {
        run_until(since + (uint64_t)(warm_up * 1e6));
        load.measuring = true;
        since = now_us();
    }
    busy = busy_s();
    run_until(since + (uint64_t)(seconds * 1e6));
    report((double)(now_us() - since) / 1e6, busy_s() - busy);
    return 0;
}
