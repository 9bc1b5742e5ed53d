/* Mobile IPv4 of who has no key with the home agent: MN-AAA proves the node to the home AAA, which
 * makes one (RFC 3957). There are 64 nodes, as aaa.mip.nodes takes, that ask by turns, each time
 * from another address and for another key.
 *
 * The floor are two: the one at the generator (hop) sends as many octets as a question to the
 * AAA has on to the other, with an HMAC as RADIUS has it, and answers when that has. */
#include "base/ntp.h"
#include "crypto/crypto.h"
#include "fleet.h"
#include "mip_nodes.h"
#include "mip_words.h"
#include "wire/mip.h"

enum {
    NODES = 64,
    LIFETIME = 1800,
    CARE_OF_AT = 12,
    IDENTIFICATION_AT = 16,
    DIGITS_AT = 24 + 2 + 1,
    MAC = 32,
    AAA_SPI = 1000,
};

static uint8_t model[BENCH_MIP_OCTETS];
static size_t model_len, spi_at;
static uint32_t asked;

static void begin(void)
{
    char nai[2 + BENCH_NODE_DIGITS + sizeof bench_node_realm];
    struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = LIFETIME,
        .agent = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 }),
    };
    struct lk_writer w = lk_writer_of(model, sizeof model);
    static const uint8_t udp[] = { 144, 6, 0, 0, 0x80, 4, 0, 0 };
    static const uint8_t key_request[] = { 42, 1, 0, 4 };
    static const uint8_t auth[] = { 36, 1, 0, 4 + MAC, 0, 0, AAA_SPI >> 8, AAA_SPI & 0xff };
    size_t len = bench_node_nai(nai, 0);

    lk_mip_request_put(&w, &request);
    lk_put_u8(&w, 131);
    lk_put_u8(&w, (uint8_t)len);
    lk_put_octets(&w, nai, len);
    lk_put_octets(&w, udp, sizeof udp);
    lk_put_octets(&w, key_request, sizeof key_request);
    spi_at = w.len;
    lk_put_be32(&w, 0);
    lk_put_octets(&w, auth, sizeof auth);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    model_len = w.len;
}

static void put(uint8_t *to, uint64_t value, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        to[i] = (uint8_t)(value >> 8 * (octets - 1 - i));
}

static size_t request(uint8_t octets[BENCH_MIP_OCTETS], uint32_t number, uint64_t us)
{
    char digits[BENCH_NODE_DIGITS + 1];
    struct lk_mip_association with;

    bench_node_digits(digits, number % NODES);
    bench_node_key(&with, digits, LK_MIP_HMAC_SHA256);
    memcpy(octets, model, model_len);
    bench_fleet_address(octets + CARE_OF_AT, number);
    put(octets + IDENTIFICATION_AT, lk_ntp_of(us / 1000, (uint32_t)(us % 1000) << 12), 8);
    memcpy(octets + DIGITS_AT, digits, BENCH_NODE_DIGITS);
    put(octets + spi_at, LK_MIP_SPI_LEAST + asked++, 4);
    (void)lk_mip_authenticate(octets + model_len, &with, lk_span_of(octets, model_len));
    return model_len + MAC;
}

static enum bench_mip_answer answer(struct lk_span octets)
{
    return bench_mip4.answer(octets);
}

static size_t echo(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span came)
{
    return bench_mip4.echo(octets, came);
}

/* ---- the floor ---- */

static void md5(uint8_t out[LK_MD5_LEN], struct lk_span octets)
{
    static struct lk_hmac_md5_key key;
    static bool has_key;

    if (!has_key)
        lk_hmac_md5_set_key(&key, lk_span_text("testing123"));
    has_key = true;
    lk_hmac_md5(out, &key, &octets, 1);
}

/* The registration goes along in the question. */
static size_t question(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span came)
{
    if (came.len != model_len + MAC)
        return 0;
    memset(octets, 0, BENCH_MIP_QUESTION);
    memcpy(octets + LK_MD5_LEN, came.at, came.len);
    md5(octets, lk_span_of(octets + LK_MD5_LEN, BENCH_MIP_QUESTION - LK_MD5_LEN));
    return BENCH_MIP_QUESTION;
}

/* The AAA: MN-AAA, a key of a nonce, and RADIUS at either end. */
static size_t floor_of(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span came)
{
    struct lk_span inner = lk_span_of(came.at + LK_MD5_LEN, model_len + MAC);
    struct lk_mip_association with;
    struct lk_mip_key key;

    if (came.len != BENCH_MIP_QUESTION)
        return 0;
    md5(octets, lk_span_of(came.at + LK_MD5_LEN, came.len - LK_MD5_LEN));
    bench_node_key(&with, inner.at + DIGITS_AT, LK_MIP_HMAC_SHA256);
    if (lk_mip_verify(&with, lk_span_of(inner.at, model_len),
                      lk_span_of(inner.at + model_len, MAC)) != LK_OK)
        return 0;
    lk_mip_key_derive(&key, lk_span_of(with.secret.octets, with.secret.len),
                      lk_span_of(octets, LK_MD5_LEN),
                      lk_span_of(inner.at + DIGITS_AT - 1, 1 + BENCH_NODE_DIGITS));
    memset(octets, 0, BENCH_MIP_GIVEN);
    memcpy(octets + LK_MD5_LEN, key.octets, LK_MIP_KEY_SHORT);
    memcpy(octets + BENCH_MIP_GIVEN - BENCH_MIP_TAG, came.at + came.len - BENCH_MIP_TAG,
           BENCH_MIP_TAG);
    md5(octets, lk_span_of(octets + LK_MD5_LEN, BENCH_MIP_GIVEN - LK_MD5_LEN));
    return BENCH_MIP_GIVEN;
}

static size_t reply(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span came)
{
    uint8_t made[LK_MD5_LEN];

    if (came.len != BENCH_MIP_GIVEN)
        return 0;
    md5(made, lk_span_of(came.at + LK_MD5_LEN, came.len - LK_MD5_LEN));
    memset(octets, 0, BENCH_MIP_KEY_REPLY);
    octets[0] = LK_MIP_REPLY;
    md5(octets + BENCH_MIP_KEY_REPLY - LK_MD5_LEN,
        lk_span_of(octets, BENCH_MIP_KEY_REPLY - LK_MD5_LEN));
    return BENCH_MIP_KEY_REPLY;
}

const struct bench_mip_words bench_mip_keys = {
    .algorithm = "hmac-sha256", .begin = begin, .request = request, .answer = answer,
    .echo = echo, .floor = floor_of, .question = question, .reply = reply,
};
