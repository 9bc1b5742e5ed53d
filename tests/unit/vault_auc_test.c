/* vault/auc, vault/messages: rows that only their key opens, vectors that a card understands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys/eap.h"
#include "vault/auc.h"

/* K, OPc of TS 35.208 set 1; SQN of our own. */
static const struct lk_credentials milenage = {
    .card = { .algorithm = LK_AKA_MILENAGE,
              .k = { 0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f, 0xaa, 0x5f, 0x0a, 0x2e, 0xe2,
                     0x38, 0xa6, 0xbc },
              .k_len = 16,
              .topc = { 0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e, 0x48, 0xa5, 0x99, 0x4e,
                        0x37, 0xa0, 0x2b, 0xaf },
              .res_len = 8,
              .keccak_iterations = 1 },
    .amf = { 0x80, 0x00 },
};
static const struct lk_master_key master = { .octets = { 7 } };
static const struct lk_imsi imsi = { .digits = "001010000000001" };
static const uint64_t TICK = UINT64_C(17600000000);

struct world {
    struct lk_auc auc;
    struct lk_vault_request request;
    struct lk_vault_answer answer;
    struct lk_auc_entropy entropy;
    void *memory;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct lk_auc_row row;

    assert_non_null(w);
    w->memory = calloc(1, lk_sqn_recent_size());
    assert_non_null(w->memory);
    lk_row_key_derive(&w->auc.key, &master);
    assert_int_equal(lk_sqn_init(&w->auc.sqn, LK_SQN_TIME, 0, 0, w->memory), LK_OK);
    w->auc.sqn.ceiling = TICK + 1000;
    assert_int_equal(lk_auc_row_of(&row, &milenage, LK_SQN_TIME, TICK), LK_OK);
    lk_auc_seal(&w->request.row, &w->auc.key, &imsi, &row, (const uint8_t *)"nonce of 12.");
    w->request.id = 9;
    w->request.kind = LK_VAULT_VECTOR;
    w->request.imsi = imsi;
    w->request.network_name_len = 4;
    memcpy(w->request.network_name, "WLAN", 4);
    memset(&w->entropy, 0x23, sizeof w->entropy);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    free(w->memory);
    free(w);
    return 0;
}

/* What the card makes of RAND and AUTN. */
static void card_reads(uint8_t sqn[LK_SQN_LEN], uint8_t amf[LK_AMF_LEN], struct lk_aka_output *out,
                       const struct lk_vector *v)
{
    uint8_t mac[LK_MAC_A_LEN];

    lk_aka_f2345(out, &milenage.card, v->rand);
    for (int i = 0; i < LK_SQN_LEN; i++)
        sqn[i] = v->autn[i] ^ out->ak[i];
    memcpy(amf, v->autn + LK_SQN_LEN, LK_AMF_LEN);
    lk_aka_f1(mac, &milenage.card, v->rand, sqn, amf);
    assert_memory_equal(mac, v->autn + 8, LK_MAC_A_LEN);
    assert_int_equal(v->xres_len, out->res_len);
    assert_memory_equal(v->xres, out->res, out->res_len);
}

/* spec: TS 33.102 6.3.2 - the vector: RAND, AUTN, XRES, CK, IK.
 * spec: TS 33.402 6.2 - the separation bit follows the method, whatever the row's AMF says. */
static void vector_is_what_the_card_computes(void **state)
{
    struct world *w = *state;
    uint8_t sqn[LK_SQN_LEN], amf[LK_AMF_LEN];
    struct lk_aka_output out;

    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_NONE);
    assert_int_equal(w->answer.id, 9);
    assert_int_equal(w->answer.row.len, 0);
    card_reads(sqn, amf, &out, &w->answer.vector);
    assert_int_equal(lk_sqn_seq(sqn), 1);
    assert_int_equal(amf[0] & 0x80, 0);
    assert_int_equal(w->answer.vector.keys, LK_VECTOR_CK_IK);
    assert_memory_equal(w->answer.vector.ck.octets, out.ck, 16);
    assert_memory_equal(w->answer.vector.ik.octets, out.ik, 16);
}

static void prime_vector_is_bound_to_the_network_name(void **state)
{
    struct world *w = *state;
    uint8_t sqn[LK_SQN_LEN], amf[LK_AMF_LEN];
    struct lk_aka_output out;
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    static const struct lk_ck no_ck;

    w->request.keys = LK_VECTOR_PRIME;
    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_NONE);
    card_reads(sqn, amf, &out, &w->answer.vector);
    assert_int_equal(amf[0] & 0x80, 0x80);
    memcpy(ck.octets, out.ck, 16);
    memcpy(ik.octets, out.ik, 16);
    lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck, &ik, lk_span_text("WLAN"),
                          w->answer.vector.autn);
    assert_memory_equal(&w->answer.vector.ck_prime, &ck_prime, sizeof ck_prime);
    assert_memory_equal(&w->answer.vector.ik_prime, &ik_prime, sizeof ik_prime);
    assert_memory_equal(&w->answer.vector.ck, &no_ck, sizeof no_ck);
}

/* spec: TS 33.401 6.1.2 - the serving network gets KASME, bound to it, and neither CK nor IK. */
static void eps_vector_has_kasme_alone(void **state)
{
    static const uint8_t sn_id[LK_SN_ID_LEN] = { 0x00, 0xf1, 0x10 };
    struct world *w = *state;
    uint8_t sqn[LK_SQN_LEN], amf[LK_AMF_LEN], message[LK_VAULT_MESSAGE_MAX];
    struct lk_writer out = lk_writer_of(message, sizeof message);
    struct lk_aka_output card;
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_kasme kasme;
    struct lk_vault_answer came[LK_VAULT_BATCH];
    size_t count;

    w->request.keys = LK_VECTOR_KASME;
    memcpy(w->request.sn_id, sn_id, sizeof sn_id);
    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_NONE);
    card_reads(sqn, amf, &card, &w->answer.vector);
    assert_int_equal(amf[0] & 0x80, 0x80);
    memcpy(ck.octets, card.ck, 16);
    memcpy(ik.octets, card.ik, 16);
    lk_kasme_derive(&kasme, &ck, &ik, sn_id, w->answer.vector.autn);
    assert_int_equal(lk_vault_answers_encode(&out, &w->answer, 1), LK_OK);
    assert_null(memmem(message, out.len, card.ck, 16));
    assert_null(memmem(message, out.len, card.ik, 16));
    assert_int_equal(lk_vault_answers_decode(came, &count, lk_writer_span(&out)), LK_OK);
    assert_int_equal(came[0].vector.keys, LK_VECTOR_KASME);
    assert_memory_equal(&came[0].vector.kasme, &kasme, sizeof kasme);
    for (uint8_t keys = LK_VECTOR_KASME + 1; keys != 0; keys++) {
        message[out.len - 2 - sizeof kasme - 1] = keys;
        assert_int_equal(lk_vault_answers_decode(came, &count, lk_writer_span(&out)), LK_E_VALUE);
    }
}

static void separation_bit_is_set_whatever_the_row_says(void **state)
{
    struct world *w = *state;
    struct lk_credentials plain = milenage;
    uint8_t sqn[LK_SQN_LEN], amf[LK_AMF_LEN];
    struct lk_aka_output out;
    struct lk_auc_row row;

    plain.amf[0] = 0x12;
    plain.amf[1] = 0x34;
    assert_int_equal(lk_auc_row_of(&row, &plain, LK_SQN_TIME, TICK), LK_OK);
    lk_auc_seal(&w->request.row, &w->auc.key, &imsi, &row, (const uint8_t *)"nonce of 12!");
    w->request.keys = LK_VECTOR_PRIME;
    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_NONE);
    card_reads(sqn, amf, &out, &w->answer.vector);
    assert_int_equal(amf[0], 0x92);
    assert_int_equal(amf[1], 0x34);
}

/* By Python's hmac, from the master key and "latchkey subscriber row 1". */
static void the_row_key_is_that_of_another_hand(void **state)
{
    static const uint8_t want[32] = { 0xc0, 0x4f, 0x6d, 0x83, 0xa9, 0x0e, 0x43, 0xb7, 0x3a, 0x3e,
                                      0xc5, 0x47, 0xea, 0x98, 0xd8, 0xf0, 0x67, 0x63, 0x48, 0xe2,
                                      0xbc, 0x8c, 0x92, 0x7f, 0xc9, 0x00, 0xa1, 0x6b, 0x61, 0x47,
                                      0xbf, 0x6f };
    struct lk_row_key key;

    lk_row_key_derive(&key, &master);
    assert_memory_equal(key.octets, want, sizeof want);
}

/* Whoever is refused has nothing of K in his row. */
static void what_is_no_row_holds_no_key(void **state)
{
    static const struct lk_auc_row nothing;
    struct world *w = *state;
    struct lk_credentials credentials = milenage;
    struct lk_auc_row row;

    memset(credentials.sqn, 0xff, sizeof credentials.sqn); /* the range has ended */
    assert_int_equal(lk_auc_row_of(&row, &credentials, LK_SQN_TIME, TICK), LK_E_VALUE);
    assert_memory_equal(&row, &nothing, sizeof row);
    memset(&row, 0x5a, sizeof row);
    w->request.row.octets[w->request.row.len - 1] ^= 1;
    assert_int_equal(lk_auc_open(&row, &w->auc.key, &imsi, &w->request.row), LK_E_MAC);
    assert_memory_equal(&row, &nothing, sizeof row);
}

/* Y06: every octet of a row counts, and so do its IMSI and its key. */
static void row_opens_for_its_key_and_imsi_alone(void **state)
{
    struct world *w = *state;
    struct lk_sealed_row row = w->request.row;
    struct lk_auc_row open;
    struct lk_row_key other = w->auc.key;
    struct lk_imsi stranger = imsi;

    assert_int_equal(lk_auc_open(&open, &w->auc.key, &imsi, &row), LK_OK);
    assert_memory_equal(&open.card, &milenage.card, sizeof open.card);
    for (size_t i = 0; i < row.len; i++) {
        row.octets[i] ^= 1;
        assert_int_not_equal(lk_auc_open(&open, &w->auc.key, &imsi, &row), LK_OK);
        row.octets[i] ^= 1;
    }
    for (uint16_t len = 0; len < w->request.row.len; len++) {
        row.len = len;
        assert_int_not_equal(lk_auc_open(&open, &w->auc.key, &imsi, &row), LK_OK);
    }
    row = w->request.row;
    row.len = LK_ROW_MAX;
    assert_int_not_equal(lk_auc_open(&open, &w->auc.key, &imsi, &row), LK_OK);
    stranger.digits[14] = '2';
    assert_int_equal(lk_auc_open(&open, &w->auc.key, &stranger, &w->request.row), LK_E_MAC);
    other.octets[31] ^= 1;
    assert_int_equal(lk_auc_open(&open, &other, &imsi, &w->request.row), LK_E_MAC);
    w->request.imsi = stranger;
    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_SUBSCRIBER_ROW_BAD);
}

/* spec: TS 33.102 6.3.5 - AUTS of a card with another history: one vector that it accepts, and a
 * row to keep. A08: the same AUTS again, or one for another RAND, changes nothing. */
static void auts_corrects_once_and_for_its_rand_alone(void **state)
{
    struct world *w = *state;
    uint8_t sqn_ms[LK_SQN_LEN] = { 0x00, 0x12, 0x34, 0x56, 0x78, 0x21 };
    uint8_t sqn[LK_SQN_LEN], amf[LK_AMF_LEN];
    struct lk_aka_output out;

    w->request.kind = LK_VAULT_RESYNC;
    memset(w->request.rand, 0x5c, LK_RAND_LEN);
    lk_aka_auts(w->request.auts, &milenage.card, w->request.rand, sqn_ms);
    w->request.rand[15] ^= 1;
    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_AUTS_WRONG);
    assert_int_equal(w->answer.row.len, 0);
    w->request.rand[15] ^= 1;
    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_NONE);
    assert_true(w->answer.row.len > 0);
    card_reads(sqn, amf, &out, &w->answer.vector);
    assert_int_equal(lk_sqn_seq(sqn), lk_sqn_seq(sqn_ms) + 1);
    w->request.row = w->answer.row;
    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK + 1, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_NONE);
    assert_int_equal(w->answer.row.len, 0);
    for (size_t i = 0; i < LK_AUTS_LEN; i++) {
        w->request.auts[i] ^= 0x10;
        lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK + 2, &w->entropy);
        assert_int_equal(w->answer.refused, LK_REASON_AUTS_WRONG);
        w->request.auts[i] ^= 0x10;
    }
}

static void only_the_supervisor_seals(void **state)
{
    struct world *w = *state;
    struct lk_auc_row row;
    struct lk_credentials bad = milenage;

    w->request.kind = LK_VAULT_SEAL;
    w->request.credentials = &milenage;
    lk_auc_answer(&w->answer, &w->auc, &w->request, false, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_SEAL_DENIED);
    assert_int_equal(w->answer.row.len, 0);
    lk_auc_answer(&w->answer, &w->auc, &w->request, true, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_NONE);
    assert_int_equal(lk_auc_open(&row, &w->auc.key, &imsi, &w->answer.row), LK_OK);
    bad.card.k_len = 15;
    w->request.credentials = &bad;
    lk_auc_answer(&w->answer, &w->auc, &w->request, true, TICK, &w->entropy);
    assert_int_equal(w->answer.refused, LK_REASON_CREDENTIALS_UNUSABLE);
    assert_int_equal(w->answer.row.len, 0);
}

/* A18: nobody's question goes there and back, gives nothing, and is refused when named too often.
 */
static void nobody_gets_nothing(void **state)
{
    struct world *w = *state;
    uint8_t message[LK_VAULT_MESSAGE_MAX];
    struct lk_vault_request came;
    struct lk_credentials room;
    size_t granted = 0, count = 0;

    w->request.kind = LK_VAULT_NOBODY;
    w->request.imsi.digits[14] = '9';
    for (int i = 0; i < 100; i++) {
        struct lk_writer out = lk_writer_of(message, sizeof message);

        w->request.resync = i % 2 != 0;
        assert_int_equal(lk_vault_requests_encode(&out, &w->request, 1), LK_OK);
        assert_int_equal(lk_vault_requests_decode(&came, &room, &count, lk_writer_span(&out)),
                         LK_OK);
        assert_int_equal(came.kind, LK_VAULT_NOBODY);
        assert_int_equal(came.resync, w->request.resync);
        assert_int_equal(w->request.row.len, LK_VAULT_ROW_USUAL);
        assert_int_equal(came.row.len, LK_VAULT_ROW_USUAL);
        assert_int_equal(came.keys, w->request.keys);
        assert_true(lk_imsi_equal(&came.imsi, &w->request.imsi));
        lk_auc_answer(&w->answer, &w->auc, &came, false, TICK, &w->entropy);
        assert_int_equal(w->answer.row.len, 0);
        if (came.resync)
            assert_int_equal(w->answer.refused, LK_REASON_NONE);
        else if (w->answer.refused == LK_REASON_NONE)
            granted++;
        else
            assert_int_equal(w->answer.refused, LK_REASON_VECTORS_TOO_FAST);
        out = lk_writer_of(message, sizeof message);
        assert_int_equal(lk_vault_answers_encode(&out, &w->answer, 1), LK_OK);
        assert_true(out.len <= 16);
    }
    assert_int_equal(granted, LK_SQN_AHEAD_MAX + 1);
}

/* Nothing that the vault says holds K or OPc: every answer, searched. */
static void no_answer_holds_k(void **state)
{
    struct world *w = *state;
    uint8_t message[LK_VAULT_MESSAGE_MAX];

    for (int kind = LK_VAULT_PING; kind <= LK_VAULT_NOBODY; kind++) {
        struct lk_writer out = lk_writer_of(message, sizeof message);

        w->request.kind = (enum lk_vault_kind)kind;
        w->request.credentials = &milenage;
        lk_auc_answer(&w->answer, &w->auc, &w->request, true, TICK, &w->entropy);
        assert_int_equal(lk_vault_answers_encode(&out, &w->answer, 1), LK_OK);
        assert_null(memmem(message, out.len, milenage.card.k, 16));
        assert_null(memmem(message, out.len, milenage.card.topc, 16));
    }
}

static void fill(struct world *w, struct lk_vault_request requests[4])
{
    for (size_t i = 0; i < 4; i++) {
        requests[i] = w->request;
        requests[i].id = (uint32_t)(100 + i);
        requests[i].kind = (enum lk_vault_kind)(i + 1);
        requests[i].keys = (enum lk_vector_keys)(i % 3);
        memset(requests[i].sn_id, 0x43, LK_SN_ID_LEN);
        memset(requests[i].rand, 0x41, LK_RAND_LEN);
        memset(requests[i].auts, 0x42, LK_AUTS_LEN);
        requests[i].credentials = i == 3 ? &milenage : NULL;
    }
}

static void requests_survive_the_wire(void **state)
{
    struct world *w = *state;
    struct lk_vault_request in[4], *out = calloc(LK_VAULT_BATCH, sizeof *out);
    struct lk_credentials *credentials = calloc(LK_VAULT_BATCH, sizeof *credentials);
    uint8_t message[4096];
    struct lk_writer writer = lk_writer_of(message, sizeof message);
    size_t count;

    assert_non_null(out);
    assert_non_null(credentials);
    fill(w, in);
    assert_int_equal(lk_vault_requests_encode(&writer, in, 4), LK_OK);
    assert_int_equal(lk_vault_requests_decode(out, credentials, &count, lk_writer_span(&writer)),
                     LK_OK);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(out[i].id, in[i].id);
        assert_int_equal(out[i].kind, in[i].kind);
        if (i > 0)
            assert_string_equal(out[i].imsi.digits, imsi.digits);
    }
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(out[i].row.len, in[i].row.len);
        assert_memory_equal(out[i].row.octets, in[i].row.octets, in[i].row.len);
        assert_int_equal(out[i].keys, in[i].keys);
        if (out[i].keys == LK_VECTOR_KASME) {
            assert_int_equal(out[i].network_name_len, 0);
            assert_memory_equal(out[i].sn_id, in[i].sn_id, LK_SN_ID_LEN);
        } else {
            assert_int_equal(out[i].network_name_len, 4);
            assert_memory_equal(out[i].network_name, "WLAN", 4);
        }
    }
    assert_memory_equal(out[2].rand, in[2].rand, LK_RAND_LEN);
    assert_memory_equal(out[2].auts, in[2].auts, LK_AUTS_LEN);
    assert_memory_equal(out[3].credentials, &milenage, sizeof milenage);
    /* Cut at every length, and with one octet more. */
    for (size_t len = 0; len < writer.len; len++)
        assert_int_not_equal(
            lk_vault_requests_decode(out, credentials, &count, lk_span_of(message, len)), LK_OK);
    assert_int_equal(
        lk_vault_requests_decode(out, credentials, &count, lk_span_of(message, writer.len + 1)),
        LK_E_TRAILING);
    message[0] = 0;
    assert_int_equal(
        lk_vault_requests_decode(out, credentials, &count, lk_span_of(message, writer.len)),
        LK_E_LENGTH);
    message[0] = LK_VAULT_BATCH + 1;
    assert_int_equal(
        lk_vault_requests_decode(out, credentials, &count, lk_span_of(message, writer.len)),
        LK_E_LENGTH);
    free(out);
    free(credentials);
}

/* A captured worker says that its row, or its network's name, is longer than there is room for. */
static void a_field_too_long_is_refused(void **state)
{
    static struct lk_vault_request out[LK_VAULT_BATCH];
    static struct lk_credentials credentials[LK_VAULT_BATCH];
    static const struct {
        size_t row, name;
        enum lk_status status;
    } cases[] = {
        { LK_ROW_MAX, LK_NETWORK_NAME_MAX, LK_OK },
        { LK_ROW_MAX + 1, LK_NETWORK_NAME_MAX, LK_E_LENGTH },
        { LK_ROW_MAX, LK_NETWORK_NAME_MAX + 1, LK_E_LENGTH },
        { 0, 255, LK_E_LENGTH },
        { 1000, 0, LK_E_LENGTH },
    };
    static const uint8_t zeroes[1000];
    uint8_t message[2048], bcd[LK_IMSI_BCD_LEN];
    size_t count;

    lk_imsi_to_bcd(bcd, &imsi);
    for (size_t i = 0; i < LK_COUNT_OF(cases); i++) {
        struct lk_writer w = lk_writer_of(message, sizeof message);

        lk_put_u8(&w, 1);
        lk_put_be32(&w, 7);
        lk_put_u8(&w, LK_VAULT_VECTOR);
        lk_put_octets(&w, bcd, sizeof bcd);
        lk_put_lv16(&w, lk_span_of(zeroes, cases[i].row));
        lk_put_u8(&w, 1);
        lk_put_lv8(&w, lk_span_of(zeroes, cases[i].name));
        assert_int_equal(lk_writer_end(&w), LK_OK);
        assert_int_equal(lk_vault_requests_decode(out, credentials, &count, lk_writer_span(&w)),
                         cases[i].status);
    }
}

static void a_full_batch_fits_and_one_more_does_not(void **state)
{
    struct world *w = *state;
    struct lk_vault_request *in = calloc(LK_VAULT_BATCH + 1, sizeof *in);
    struct lk_vault_answer *answers = calloc(LK_VAULT_BATCH + 1, sizeof *answers);
    uint8_t message[LK_VAULT_MESSAGE_MAX];
    struct lk_writer writer = lk_writer_of(message, sizeof message);
    size_t count;

    assert_non_null(in);
    assert_non_null(answers);
    for (size_t i = 0; i < LK_VAULT_BATCH; i++) {
        in[i] = w->request;
        in[i].kind = LK_VAULT_RESYNC;
        in[i].row.len = LK_ROW_MAX;
        in[i].network_name_len = LK_NETWORK_NAME_MAX;
        answers[i].kind = LK_VAULT_RESYNC;
        answers[i].vector.xres_len = LK_RES_MAX;
        answers[i].row.len = LK_ROW_MAX;
        answers[i].id = (uint32_t)i;
    }
    assert_int_equal(lk_vault_requests_encode(&writer, in, LK_VAULT_BATCH), LK_OK);
    assert_int_equal(lk_vault_requests_encode(&writer, in, LK_VAULT_BATCH + 1), LK_E_FULL);
    writer = lk_writer_of(message, sizeof message);
    assert_int_equal(lk_vault_answers_encode(&writer, answers, LK_VAULT_BATCH), LK_OK);
    for (size_t len = 0; len < writer.len; len += 7)
        assert_int_not_equal(lk_vault_answers_decode(answers, &count, lk_span_of(message, len)),
                             LK_OK);
    assert_int_equal(lk_vault_answers_decode(answers, &count, lk_writer_span(&writer)), LK_OK);
    assert_int_equal(count, LK_VAULT_BATCH);
    assert_int_equal(answers[LK_VAULT_BATCH - 1].id, LK_VAULT_BATCH - 1);
    free(in);
    free(answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vector_is_what_the_card_computes, setup, teardown),
        cmocka_unit_test_setup_teardown(prime_vector_is_bound_to_the_network_name, setup, teardown),
        cmocka_unit_test_setup_teardown(eps_vector_has_kasme_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(separation_bit_is_set_whatever_the_row_says, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_row_key_is_that_of_another_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_row_holds_no_key, setup, teardown),
        cmocka_unit_test_setup_teardown(row_opens_for_its_key_and_imsi_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(auts_corrects_once_and_for_its_rand_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_supervisor_seals, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_gets_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(no_answer_holds_k, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_survive_the_wire, setup, teardown),
        cmocka_unit_test_setup_teardown(a_field_too_long_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_batch_fits_and_one_more_does_not, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
