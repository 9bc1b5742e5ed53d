/* The floor of a target PoS: the same link, the same octets and the same cryptography, and nothing
 * of a protocol between them.
 *
 *     mis_floor PORT FOLDER
 *
 * For each request of mis_load: the mark's signature, a pair of X25519 and what comes of it and the
 * mobile node's, K mixed, all keys of an SA with both proofs, random octets; and an answer as long
 * as a PoS's. Nothing is looked for, judged or kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "io/entropy.h"
#include "io/listener.h"
#include "mis_offer.h"
#include "wire/mis.h"

enum { INPUT = 2 * LK_STREAM_READ, LIFETIME_S = 3600, SAID_LEN = 16 };

static struct {
    struct bench_offer like; /* where things are */
    struct lk_home_key home;
    struct lk_entropy entropy;
    struct lk_streams *streams;
    size_t len, answer_len, auth_at;
    uint8_t input[INPUT], answer[BENCH_OFFER_MAX];
} floor_of;

static void derive(struct lk_mis_made *made, const uint8_t *request)
{
    const struct bench_offer *at = &floor_of.like;
    uint8_t secret[LK_X25519_LEN], dh[LK_X25519_LEN], z[LK_X25519_LEN];
    uint8_t value[LK_MIS_SAID_VALUE_MAX], drawn[SAID_LEN];
    struct lk_mis_said said = { LK_MIS_SA_SPOS, LK_SPAN(drawn) };
    struct lk_mis_transcript t = {
        .agreed = { LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256, 1, 2 },
        .mn_id = lk_span_text(at->mn), .tpos_id = lk_span_text(BENCH_TPOS),
        .spos_id = lk_span_text(BENCH_SPOS), .chain_used = 1, .lifetime_s = LIFETIME_S,
        .dh_mn = lk_span_of(request + at->dh_at, LK_X25519_LEN), .dh_pos = LK_SPAN(dh),
        .offered = lk_span_of("\1\2\5", 3),
    };
    struct lk_mis_k k;
    bool is_sound = lk_start_mark_verify(lk_span_of(request + at->mark_at, at->mark_len),
                                         &floor_of.home) == LK_OK &&
                    lk_mis_k_set(&k, lk_span_of(request + at->key_at, LK_MIS_K_MAX)) == LK_OK;

    lk_entropy_take(&floor_of.entropy, secret, sizeof secret);
    lk_entropy_take(&floor_of.entropy, drawn, sizeof drawn);
    lk_entropy_take(&floor_of.entropy, t.nonce_n, sizeof t.nonce_n);
    memcpy(t.nonce_t, request + at->nonce_at, sizeof t.nonce_t);
    t.said = lk_mis_said_value(value, &said);
    lk_x25519_public(dh, secret);
    is_sound = is_sound && lk_x25519_shared(z, secret, request + at->dh_at) == LK_OK;
    LK_ASSERT(is_sound);
    lk_mis_k_mix(&k, z, t.nonce_t, t.nonce_n);
    lk_mis_make(made, &k, &t);
}

/* As long as a PoS's, and with all of its TLVs. */
static void make_answer(void)
{
    static const enum lk_mis_tlv tlvs[] = { LK_MIS_TLV_STATUS, LK_MIS_TLV_NONCE_N, LK_MIS_TLV_SAID,
                                            LK_MIS_TLV_LIFETIME, LK_MIS_TLV_CHAIN,
                                            LK_MIS_TLV_AUTH_VALUE, LK_MIS_TLV_DH };
    const struct lk_mis_codes *codes = &lk_mis_codes_default;
    const struct lk_mis_agreed agreed = { LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256, 1, 2 };
    uint8_t zeroes[64] = { 0 }, auth[LK_MIS_AUTH_LEN], list[BENCH_OFFER_MAX];
    struct lk_writer w = lk_writer_of(list, sizeof list);
    struct lk_mis_message m = { .status = LK_MIS_SUCCESS, .lifetime_s = LIFETIME_S,
                                .nonce_n = lk_span_of(zeroes, LK_MIS_NONCE_LEN),
                                .said = { LK_MIS_SA_SPOS, lk_span_of(zeroes, SAID_LEN) },
                                .auth = LK_SPAN(auth),
                                .dh = lk_span_of(zeroes, LK_MIS_DH_LEN), .chain = { 1, 3 } };
    struct lk_mis_pdu pdu = { .source = lk_span_text(BENCH_TPOS),
                              .destination = lk_span_text(BENCH_SPOS) };
    enum lk_status status;

    memset(auth, 0xa5, sizeof auth);
    for (size_t i = 0; i < LK_COUNT_OF(tlvs); i++)
        lk_mis_mark(&m, tlvs[i]);
    lk_mis_chosen_say(&m, &agreed);
    status = lk_mis_message_put(&w, &m, codes);
    pdu.header.id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_RESPONSE, codes);
    pdu.body = lk_writer_span(&w);
    w = lk_writer_of(floor_of.answer, sizeof floor_of.answer);
    if (status == LK_OK)
        status = lk_mis_encode(&w, &pdu, codes);
    LK_ASSERT(status == LK_OK);
    floor_of.answer_len = w.len;
    floor_of.auth_at = bench_place_of(m.auth, lk_writer_span(&w));
}

static void answer(uint64_t id, const uint8_t *request)
{
    struct lk_mis_made made;

    derive(&made, request);
    memcpy(floor_of.answer + BENCH_TID_AT, request + BENCH_TID_AT, 2);
    memcpy(floor_of.answer + floor_of.auth_at, made.auth_n.octets, sizeof made.auth_n.octets);
    LK_ASSERT(lk_stream_send(floor_of.streams, id, lk_span_of(floor_of.answer,
                                                              floor_of.answer_len)) == LK_OK);
}

static bool known(void *context, const struct lk_stream_certificate *certificate, uint32_t *tag)
{
    (void)context;
    *tag = 0;
    return lk_stream_certificate_is(certificate, "a");
}

static void on_up(void *context, uint64_t id, const struct lk_peer *peer, uint32_t tag)
{
    (void)context;
    (void)id;
    (void)peer;
    (void)tag;
    floor_of.len = 0;
}

static void on_octets(void *context, uint64_t id, struct lk_span octets)
{
    size_t at = 0, len;

    (void)context;
    LK_ASSERT(floor_of.len + octets.len <= sizeof floor_of.input);
    memcpy(floor_of.input + floor_of.len, octets.at, octets.len);
    floor_of.len += octets.len;
    while ((len = bench_message_len(lk_span_of(floor_of.input + at, floor_of.len - at))) > 0) {
        LK_ASSERT(len == floor_of.like.len);
        answer(id, floor_of.input + at);
        at += len;
    }
    memmove(floor_of.input, floor_of.input + at, floor_of.len - at);
    floor_of.len -= at;
}

static void on_down(void *context, uint64_t id, const struct lk_peer *peer,
                    enum lk_stream_down why, const char *detail)
{
    (void)context;
    (void)id;
    (void)peer;
    (void)why;
    (void)detail;
}

int main(int count, char **word)
{
    struct lk_address own = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];
    struct lk_streams_setup setup;
    uv_loop_t loop;
    int fd;

    if (count != 3)
        return 2;
    bench_offer_make(&floor_of.like, 0);
    bench_home_key(&floor_of.home);
    make_answer();
    lk_streams_setup_defaults(&setup);
    setup.calls = (struct lk_stream_calls){ NULL, known, on_up, on_octets, on_down };
    setup.trust = bench_trust(word[2], "b");
    if (lk_listener_socket(&fd, &own, (uint16_t)strtoul(word[1], NULL, 10), error) != LK_OK)
        return 3;
    LK_ASSERT(uv_loop_init(&loop) == 0);
    floor_of.streams = lk_streams_new(&loop, &setup);
    LK_ASSERT(floor_of.streams != NULL && lk_streams_listen(floor_of.streams, fd) == LK_OK);
    printf("ready\n");
    (void)fflush(stdout);
    return uv_run(&loop, UV_RUN_DEFAULT);
}
