#include "dtls_client.h"

#include <string.h>

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

static void set_keys(struct dtls_client *c)
{
    gcm_aes128_set_key(&c->seal, c->keys.client);
    gcm_aes128_set_key(&c->open, c->keys.server);
}

static void derive(struct dtls_client *c)
{
    uint8_t premaster[2 * (2 + DTLS_PSK_MAX)] = { 0 };
    uint8_t hash[LK_SHA256_LEN], block[2 * (16 + DTLS_SALT_LEN)];
    uint8_t randoms[2 * LK_DTLS_RANDOM_LEN];
    size_t half = 2 + c->psk.len;

    LK_ASSERT(c->psk.len <= DTLS_PSK_MAX);
    premaster[1] = premaster[half + 1] = (uint8_t)c->psk.len;
    memcpy(premaster + half + 2, c->psk.at, c->psk.len);
    (void)lk_hash_value(&c->transcript, hash);
    prf(c->master, DTLS_MASTER_LEN, lk_span_of(premaster, 2 * half), "extended master secret",
        LK_SPAN(hash));
    memcpy(randoms, c->server_random, LK_DTLS_RANDOM_LEN);
    memcpy(randoms + LK_DTLS_RANDOM_LEN, c->random, LK_DTLS_RANDOM_LEN);
    prf(block, sizeof block, LK_SPAN(c->master), "key expansion", LK_SPAN(randoms));
    memcpy(c->keys.client, block, DTLS_AES_KEY_LEN);
    memcpy(c->keys.server, block + 16, DTLS_AES_KEY_LEN);
    memcpy(c->keys.client_salt, block + 32, DTLS_SALT_LEN);
    memcpy(c->keys.server_salt, block + 36, DTLS_SALT_LEN);
    c->keys.records = 0;
    set_keys(c);
}

static void verify_data(uint8_t out[DTLS_VERIFY_LEN], const struct dtls_client *c,
                        const char *label)
{
    uint8_t hash[LK_SHA256_LEN];

    (void)lk_hash_value(&c->transcript, hash);
    prf(out, DTLS_VERIFY_LEN, LK_SPAN(c->master), label, LK_SPAN(hash));
}

/* RFC 5288 3: salt and what the record says; additional data: number, type, version, length. */
static void start(struct gcm_aes128_ctx *gcm, const uint8_t salt[DTLS_SALT_LEN],
                  const uint8_t said[DTLS_EXPLICIT_LEN], const uint8_t number[DTLS_EXPLICIT_LEN],
                  uint8_t type, size_t len)
{
    uint8_t nonce[DTLS_SALT_LEN + DTLS_EXPLICIT_LEN];
    uint8_t additional[DTLS_EXPLICIT_LEN + 5];

    memcpy(nonce, salt, DTLS_SALT_LEN);
    memcpy(nonce + DTLS_SALT_LEN, said, DTLS_EXPLICIT_LEN);
    memcpy(additional, number, DTLS_EXPLICIT_LEN);
    additional[8] = type;
    additional[9] = LK_DTLS_1_2 >> 8;
    additional[10] = LK_DTLS_1_2 & 0xff;
    additional[11] = (uint8_t)(len >> 8);
    additional[12] = (uint8_t)len;
    gcm_aes128_set_iv(gcm, sizeof nonce, nonce);
    gcm_aes128_update(gcm, sizeof additional, additional);
}

void dtls_client_resume(struct dtls_client *c, const struct dtls_keys *keys)
{
    c->awaits = DTLS_UP;
    c->keys = *keys;
    set_keys(c);
}

void dtls_client_seal(struct dtls_client *c, struct lk_writer *w, uint8_t type,
                      struct lk_span plain)
{
    uint64_t number = UINT64_C(1) << 48 | c->keys.records++;
    uint8_t octets[DTLS_EXPLICIT_LEN], sealed[2048 + LK_GCM_TAG_LEN];

    LK_ASSERT(plain.len <= sizeof sealed - LK_GCM_TAG_LEN);
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(number >> (56 - 8 * i));
    start(&c->seal, c->keys.client_salt, octets, octets, type, plain.len);
    gcm_aes128_encrypt(&c->seal, plain.len, sealed, plain.at);
    gcm_aes128_digest(&c->seal, LK_GCM_TAG_LEN, sealed + plain.len);
    lk_put_u8(w, type);
    lk_put_be16(w, LK_DTLS_1_2);
    lk_put_octets(w, octets, sizeof octets);
    lk_put_be16(w, (uint16_t)(DTLS_EXPLICIT_LEN + plain.len + LK_GCM_TAG_LEN));
    lk_put_octets(w, octets, sizeof octets);
    lk_put_octets(w, sealed, plain.len + LK_GCM_TAG_LEN);
}

struct lk_span dtls_client_open(struct dtls_client *c, uint8_t *room,
                                const struct lk_dtls_record *record)
{
    struct lk_span body = record->body;
    uint8_t tag[LK_GCM_TAG_LEN];
    size_t len;

    if (body.len < DTLS_EXPLICIT_LEN + LK_GCM_TAG_LEN)
        return lk_span_of(NULL, 0);
    len = body.len - DTLS_EXPLICIT_LEN - LK_GCM_TAG_LEN;
    start(&c->open, c->keys.server_salt, body.at, record->whole.at + 3, record->type, len);
    gcm_aes128_decrypt(&c->open, len, room, body.at + DTLS_EXPLICIT_LEN);
    gcm_aes128_digest(&c->open, sizeof tag, tag);
    return lk_span_equal(LK_SPAN(tag), lk_span_of(body.at + DTLS_EXPLICIT_LEN + len, sizeof tag))
               ? lk_span_of(room, len)
               : lk_span_of(NULL, 0);
}

/* ---- what is said ---- */

static void add_message(struct dtls_client *c, const struct lk_writer *w, size_t before)
{
    lk_hash_add(&c->transcript,
                lk_span_of(lk_writer_span(w).at + before + LK_DTLS_RECORD_HEADER_LEN,
                           w->len - before - LK_DTLS_RECORD_HEADER_LEN));
}

/* The transcript begins with the last hello, the one that has the cookie if any has. */
static void put_hello(struct dtls_client *c, struct lk_writer *w, struct lk_span cookie)
{
    static const uint8_t tail[] = { 0, 2, 0, 0xa8, 1, 0, 0, 9, 0, 23, 0, 0, 0xff, 1, 0, 1, 0 };
    uint8_t body[128];
    struct lk_writer b = lk_writer_of(body, sizeof body);
    size_t before = w->len;

    lk_put_be16(&b, LK_DTLS_1_2);
    lk_put_octets(&b, c->random, sizeof c->random);
    lk_put_u8(&b, 0);
    lk_put_lv8(&b, cookie);
    lk_put_octets(&b, tail, sizeof tail);
    lk_dtls_put_message(w, c->messages, LK_DTLS_CLIENT_HELLO, c->messages, lk_writer_span(&b));
    c->messages++;
    lk_hash_start(&c->transcript, LK_HASH_SHA256);
    add_message(c, w, before);
}

void dtls_client_begin(struct dtls_client *c, struct lk_writer *w, struct lk_entropy *entropy)
{
    c->awaits = DTLS_COOKIE;
    c->messages = 0;
    lk_entropy_take(entropy, c->random, sizeof c->random);
    put_hello(c, w, lk_span_of(NULL, 0));
}

static void put_last_flight(struct dtls_client *c, struct lk_writer *w)
{
    uint8_t body[64];
    uint8_t finished[LK_DTLS_HANDSHAKE_HEADER_LEN + DTLS_VERIFY_LEN] = { LK_DTLS_FINISHED, 0, 0,
                                                                         12, [11] = 12 };
    struct lk_writer b = lk_writer_of(body, sizeof body);
    size_t before = w->len;

    lk_put_lv16(&b, c->identity);
    LK_ASSERT(lk_writer_end(&b) == LK_OK);
    lk_dtls_put_message(w, c->messages, LK_DTLS_CLIENT_KEY_EXCHANGE, c->messages,
                        lk_writer_span(&b));
    add_message(c, w, before);
    derive(c);
    c->messages++;
    lk_put_octets(w, "\x14\xfe\xfd\0\0\0\0\0\0", 9);
    lk_put_be16(w, c->messages);
    lk_put_octets(w, "\0\1\1", 3);
    finished[5] = (uint8_t)c->messages;
    verify_data(finished + LK_DTLS_HANDSHAKE_HEADER_LEN, c, "client finished");
    dtls_client_seal(c, w, LK_DTLS_HANDSHAKE, LK_SPAN(finished));
    if (c->check) {
        lk_hash_add(&c->transcript, LK_SPAN(finished));
        verify_data(c->server_verify, c, "server finished");
    }
}

/* ---- what is heard ---- */

static void on_message(struct dtls_client *c, struct lk_writer *w,
                       const struct lk_dtls_message *message, struct lk_span whole)
{
    struct lk_span at = message->fragment;

    if (message->type == LK_DTLS_HELLO_VERIFY_REQUEST) {
        if (c->awaits == DTLS_COOKIE && at.len > 3) {
            c->awaits = DTLS_FLIGHT;
            put_hello(c, w, lk_span_of(at.at + 3, at.len - 3));
        }
        return;
    }
    /* A server that wants no cookie. */
    if (c->awaits == DTLS_COOKIE && message->type == LK_DTLS_SERVER_HELLO)
        c->awaits = DTLS_FLIGHT;
    if (c->awaits != DTLS_FLIGHT)
        return;
    lk_hash_add(&c->transcript, whole);
    if (message->type == LK_DTLS_SERVER_HELLO && at.len > 34)
        memcpy(c->server_random, at.at + 2, LK_DTLS_RANDOM_LEN);
    if (message->type == LK_DTLS_SERVER_HELLO_DONE) {
        c->awaits = DTLS_PROOF;
        put_last_flight(c, w);
    }
}

static bool server_proves(struct dtls_client *c, const struct lk_dtls_record *record)
{
    uint8_t room[128];
    struct lk_span plain =
        record->body.len > sizeof room ? lk_span_of(NULL, 0) : dtls_client_open(c, room, record);

    return plain.len == LK_DTLS_HANDSHAKE_HEADER_LEN + DTLS_VERIFY_LEN &&
           lk_span_equal(lk_span_of(plain.at + LK_DTLS_HANDSHAKE_HEADER_LEN, DTLS_VERIFY_LEN),
                         LK_SPAN(c->server_verify));
}

bool dtls_client_record(struct dtls_client *c, struct lk_writer *w,
                        const struct lk_dtls_record *record)
{
    struct lk_reader r = lk_reader_of(record->body);
    struct lk_dtls_message message;

    if (record->type != LK_DTLS_HANDSHAKE)
        return true;
    if (record->epoch == 1 && c->awaits == DTLS_PROOF) {
        c->awaits = DTLS_UP;
        return !c->check || server_proves(c, record);
    }
    while (record->epoch == 0 && r.left > 0) {
        const uint8_t *at = r.at;

        if (lk_dtls_message_get(&message, &r) != LK_OK || !lk_dtls_message_is_whole(&message))
            break;
        on_message(c, w, &message, lk_span_of(at, (size_t)(r.at - at)));
    }
    return true;
}
