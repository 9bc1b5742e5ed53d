/* crypto/milenage, crypto/tuak, crypto/aka: every published vector, then the tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/aka.h"
#include "crypto/milenage.h"
#include "crypto/tuak.h"
#include "vectors.h"

static json_t *milenage, *tuak;

static int load(void **state)
{
    milenage = vectors_load("milenage");
    tuak = vectors_load("tuak");
    return 0;
}

static int unload(void **state)
{
    json_decref(milenage);
    json_decref(tuak);
    return 0;
}

static struct lk_aka_card milenage_card(const json_t *v)
{
    struct lk_aka_card card = { .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
    struct vector_octets k = vector_hex(v, "k"), op = vector_hex(v, "op");

    memcpy(card.k, k.at, 16);
    lk_aka_topc_derive(&card, op.at);
    assert_int_equal(lk_aka_card_check(&card), LK_OK);
    return card;
}

/* spec: TS 35.206 4.1 - all functions, over the twenty sets of TS 35.208 4.3. */
static void milenage_vectors(void **state)
{
    const json_t *list = vectors_list(milenage, "vectors");

    assert_int_equal(json_array_size(list), 20);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct lk_aka_card card = milenage_card(v);
        struct vector_octets rand = vector_hex(v, "rand"), sqn = vector_hex(v, "sqn");
        struct vector_octets amf = vector_hex(v, "amf");
        struct lk_aka_output out, again;
        uint8_t mac[8], ak_star[6], autn[16], vector_autn[16];

        assert_vector(v, "opc", card.topc, 16);
        lk_aka_f1(mac, &card, rand.at, sqn.at, amf.at);
        assert_vector(v, "f1_mac_a", mac, sizeof mac);
        lk_aka_f2345(&out, &card, rand.at);
        assert_vector(v, "f2_res", out.res, out.res_len);
        assert_vector(v, "f3_ck", out.ck, sizeof out.ck);
        assert_vector(v, "f4_ik", out.ik, sizeof out.ik);
        assert_vector(v, "f5_ak", out.ak, sizeof out.ak);
        lk_aka_autn(autn, sqn.at, out.ak, amf.at, mac);
        assert_vector(v, "derived.autn", autn, sizeof autn);
        lk_aka_vector(&again, vector_autn, &card, rand.at, sqn.at, amf.at);
        assert_memory_equal(vector_autn, autn, sizeof autn);
        assert_memory_equal(&again, &out, sizeof out);
        lk_aka_f1_star(mac, &card, rand.at, sqn.at, amf.at);
        assert_vector(v, "f1star_mac_s", mac, sizeof mac);
        lk_aka_f5_star(ak_star, &card, rand.at);
        assert_vector(v, "f5star_ak", ak_star, sizeof ak_star);
    }
}

static struct lk_tuak tuak_of(const json_t *v, const struct vector_octets *k, const uint8_t *top)
{
    struct lk_tuak t = {
        .k = vector_span(k), .topc = top, .mac_len = 8, .res_len = 8, .ck_len = 16, .ik_len = 16
    };

    t.iterations = (unsigned)vector_int(v, "keccak_iterations");
    if (vector_has(v, "mac_bits"))
        t.mac_len = (size_t)vector_int(v, "mac_bits") / 8;
    if (vector_has(v, "res_bits")) {
        t.res_len = (size_t)vector_int(v, "res_bits") / 8;
        t.ck_len = (size_t)vector_int(v, "ck_bits") / 8;
        t.ik_len = (size_t)vector_int(v, "ik_bits") / 8;
    }
    assert_int_equal(lk_tuak_check(&t), LK_OK);
    return t;
}

/* All sets of TS 35.232, with every length: */
/* spec: TS 35.231 TOPc - from TOP. */
/* spec: TS 35.231 INSTANCE - of every function and length. */
/* spec: TS 35.231 f1 - and f1*. */
/* spec: TS 35.231 f2345 - f2 to f5. */
/* spec: TS 35.231 f5star - AK*. */
static void tuak_vectors(void **state)
{
    const json_t *list = vectors_list(tuak, "vectors");
    size_t macs = 0, keys = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets k = vector_hex(v, "k"), top = vector_hex(v, "top");
        struct vector_octets rand = vector_hex(v, "rand");
        struct lk_tuak t = tuak_of(v, &k, top.at);
        uint8_t topc[32], mac[32], res[32], ck[32], ik[32], ak[6];

        lk_tuak_topc(topc, &t);
        assert_vector(v, "topc", topc, sizeof topc);
        t.topc = topc;
        if (vector_has(v, "mac_a")) {
            struct vector_octets sqn = vector_hex(v, "sqn"), amf = vector_hex(v, "amf");

            lk_tuak_mac(mac, &t, LK_TUAK_F1, rand.at, sqn.at, amf.at);
            assert_vector(v, "mac_a", mac, t.mac_len);
            lk_tuak_mac(mac, &t, LK_TUAK_F1_STAR, rand.at, sqn.at, amf.at);
            assert_vector(v, "mac_s", mac, t.mac_len);
            macs++;
        } else {
            lk_tuak_f2345(res, ck, ik, ak, &t, rand.at);
            assert_vector(v, "res", res, t.res_len);
            assert_vector(v, "ck", ck, t.ck_len);
            assert_vector(v, "ik", ik, t.ik_len);
            assert_vector(v, "ak", ak, sizeof ak);
            lk_tuak_f5_star(ak, &t, rand.at);
            assert_vector(v, "ak_star", ak, sizeof ak);
            keys++;
        }
    }
    assert_int_equal(macs, 6);
    assert_int_equal(keys, 6);
}

static void tuak_instances_are_all_different(void **state)
{
    static const size_t k[] = { 16, 32 }, mac[] = { 8, 16, 32 }, res[] = { 4, 8, 16, 32 };
    bool seen[256] = { false };
    struct lk_tuak t = { .iterations = 1, .mac_len = 8, .res_len = 4, .ck_len = 16, .ik_len = 16 };

    for (size_t i = 0; i < 2; i++) {
        t.k.len = k[i];
        assert_false(seen[lk_tuak_instance(&t, LK_TUAK_TOPC)]);
        seen[lk_tuak_instance(&t, LK_TUAK_TOPC)] = true;
        assert_false(seen[lk_tuak_instance(&t, LK_TUAK_F5_STAR)]);
        seen[lk_tuak_instance(&t, LK_TUAK_F5_STAR)] = true;
        for (size_t j = 0; j < 3; j++) {
            t.mac_len = mac[j];
            assert_false(seen[lk_tuak_instance(&t, LK_TUAK_F1)]);
            seen[lk_tuak_instance(&t, LK_TUAK_F1)] = true;
            assert_false(seen[lk_tuak_instance(&t, LK_TUAK_F1_STAR)]);
            seen[lk_tuak_instance(&t, LK_TUAK_F1_STAR)] = true;
        }
        for (size_t j = 0; j < 16; j++) {
            t.res_len = res[j / 4];
            t.ck_len = j & 1 ? 32 : 16;
            t.ik_len = j & 2 ? 32 : 16;
            assert_false(seen[lk_tuak_instance(&t, LK_TUAK_F2345)]);
            seen[lk_tuak_instance(&t, LK_TUAK_F2345)] = true;
        }
    }
}

/* A TUAK card with the lengths that EAP allows, from the set of the same lengths. */
static struct lk_aka_card tuak_card(const json_t *v)
{
    struct lk_aka_card card = { .algorithm = LK_AKA_TUAK, .res_len = 8 };
    struct vector_octets k = vector_hex(v, "k"), top = vector_hex(v, "top");

    memcpy(card.k, k.at, k.len);
    card.k_len = k.len;
    card.keccak_iterations = (unsigned)vector_int(v, "keccak_iterations");
    if (vector_has(v, "res_bits"))
        card.res_len = (size_t)vector_int(v, "res_bits") / 8;
    lk_aka_topc_derive(&card, top.at);
    assert_vector(v, "topc", card.topc, 32);
    return card;
}

static void tuak_by_the_dispatcher(void **state)
{
    static const char *const keys[] = { "tuak-f2345-1", "tuak-f2345-2", "tuak-f2345-4" };
    static const char *const macs[] = { "tuak-f1-1", "tuak-f1-5" }; /* MAC of 64 bits */

    for (size_t i = 0; i < LK_COUNT_OF(keys); i++) {
        const json_t *v = vectors_find(tuak, "vectors", keys[i]);
        struct lk_aka_card card = tuak_card(v);
        struct vector_octets rand = vector_hex(v, "rand");
        struct lk_aka_output out;
        uint8_t ak_star[6];

        assert_int_equal(lk_aka_card_check(&card), LK_OK);
        lk_aka_f2345(&out, &card, rand.at);
        assert_vector(v, "res", out.res, out.res_len);
        assert_vector(v, "ck", out.ck, 16);
        assert_vector(v, "ik", out.ik, 16);
        assert_vector(v, "ak", out.ak, 6);
        lk_aka_f5_star(ak_star, &card, rand.at);
        assert_vector(v, "ak_star", ak_star, 6);
    }
    for (size_t i = 0; i < LK_COUNT_OF(macs); i++) {
        const json_t *v = vectors_find(tuak, "vectors", macs[i]);
        struct lk_aka_card card = tuak_card(v);
        struct vector_octets rand = vector_hex(v, "rand"), sqn = vector_hex(v, "sqn");
        struct vector_octets amf = vector_hex(v, "amf");
        struct lk_aka_output out, vector;
        uint8_t mac_a[8], mac_s[8], autn[16], vector_autn[16];

        lk_aka_f1(mac_a, &card, rand.at, sqn.at, amf.at);
        assert_vector(v, "mac_a", mac_a, 8);
        lk_aka_f1_star(mac_s, &card, rand.at, sqn.at, amf.at);
        assert_vector(v, "mac_s", mac_s, 8);
        lk_aka_f2345(&out, &card, rand.at);
        lk_aka_autn(autn, sqn.at, out.ak, amf.at, mac_a);
        lk_aka_vector(&vector, vector_autn, &card, rand.at, sqn.at, amf.at);
        assert_memory_equal(&vector, &out, sizeof out);
        assert_memory_equal(vector_autn, autn, sizeof autn);
    }
}

/* spec: TS 33.102 6.3.2 - AUTN in the order of the clause, with the AMF in clear. */
static void autn_layout(void **state)
{
    static const uint8_t sqn[6] = { 1, 2, 3, 4, 5, 6 }, ak[6] = { 16, 16, 16, 16, 16, 16 };
    static const uint8_t amf[2] = { 0x80, 0x01 }, mac[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
    static const uint8_t want[16] = { 17, 18, 19, 20, 21, 22, 0x80, 1, 9, 9, 9, 9, 9, 9, 9, 9 };
    uint8_t autn[16];

    lk_aka_autn(autn, sqn, ak, amf, mac);
    assert_memory_equal(autn, want, sizeof want);
}

/* spec: TS 33.102 6.3.3 - AUTS is made with an AMF of zeroes, whatever the vector's was. */
static void auts_vectors(void **state)
{
    const json_t *list = vectors_list(milenage, "vectors");
    json_t *packets = vectors_load("eap_aka_prime_packets");
    const json_t *sent = json_array_get(vectors_list(packets, "packets"), 6);
    uint8_t auts[14], sqn_ms[6];

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct lk_aka_card card = milenage_card(v);
        struct vector_octets rand = vector_hex(v, "rand"), sqn = vector_hex(v, "sqn");

        lk_aka_auts(auts, &card, rand.at, sqn.at);
        assert_vector(v, "derived.auts_if_sqn_ms_equals_sqn", auts, sizeof auts);
        assert_int_equal(lk_aka_auts_open(sqn_ms, &card, rand.at, auts), LK_OK);
        assert_vector(v, "sqn", sqn_ms, sizeof sqn_ms);
        if (vector_int(v, "test_set") == 19)
            assert_vector(sent, "auts", auts, sizeof auts);
    }
    json_decref(packets);
}

/* spec: TS 33.102 6.3.5 - an AUTS of another RAND, another card, or altered in any bit is not
 * believed. A08: nothing of it reaches the caller. */
static void auts_altered_is_refused(void **state)
{
    static const enum lk_aka_algorithm algorithms[] = { LK_AKA_MILENAGE, LK_AKA_TUAK };
    static const uint8_t sqn[6] = { 0, 0, 0, 1, 2, 3 }, marks[6] = { 7, 7, 7, 7, 7, 7 };

    for (size_t i = 0; i < LK_COUNT_OF(algorithms); i++) {
        struct lk_aka_card card = { .algorithm = algorithms[i],
                                    .k = { 1, 2, 3 },
                                    .k_len = 16,
                                    .topc = { 4 },
                                    .res_len = 8,
                                    .keccak_iterations = 1 };
        uint8_t rand[16] = { 5 }, auts[14], sqn_ms[6];

        lk_aka_auts(auts, &card, rand, sqn);
        memcpy(sqn_ms, marks, sizeof marks);
        for (size_t bit = 0; bit < 8 * sizeof auts; bit++) {
            auts[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(lk_aka_auts_open(sqn_ms, &card, rand, auts), LK_E_AUTH);
            auts[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        rand[15] ^= 1;
        assert_int_equal(lk_aka_auts_open(sqn_ms, &card, rand, auts), LK_E_AUTH);
        rand[15] ^= 1;
        card.k[0] ^= 1;
        assert_int_equal(lk_aka_auts_open(sqn_ms, &card, rand, auts), LK_E_AUTH);
        card.k[0] ^= 1;
        assert_memory_equal(sqn_ms, marks, sizeof marks);
        assert_int_equal(lk_aka_auts_open(sqn_ms, &card, rand, auts), LK_OK);
        assert_memory_equal(sqn_ms, sqn, sizeof sqn);
    }
}

/* spec: RFC 4187 10.8 - a RES that AT_RES cannot carry is refused with the card. */
static void card_lengths(void **state)
{
    static const struct {
        enum lk_aka_algorithm algorithm;
        size_t k_len, res_len;
        unsigned iterations;
        enum lk_status want;
    } rows[] = {
        { LK_AKA_MILENAGE, 16, 8, 0, LK_OK },
        { LK_AKA_MILENAGE, 32, 8, 0, LK_E_LENGTH },
        { LK_AKA_MILENAGE, 0, 8, 0, LK_E_LENGTH },
        { LK_AKA_MILENAGE, 16, 16, 0, LK_E_LENGTH },
        { LK_AKA_TUAK, 16, 4, 1, LK_OK },
        { LK_AKA_TUAK, 32, 8, 1, LK_OK },
        { LK_AKA_TUAK, 32, 16, 2, LK_OK },
        { LK_AKA_TUAK, 32, 32, 1, LK_E_LENGTH },
        { LK_AKA_TUAK, 24, 8, 1, LK_E_LENGTH },
        { LK_AKA_TUAK, 16, 5, 1, LK_E_LENGTH },
        { LK_AKA_TUAK, 16, 8, 0, LK_E_LENGTH },
        { (enum lk_aka_algorithm)0, 16, 8, 1, LK_E_VALUE },
        { (enum lk_aka_algorithm)3, 16, 8, 1, LK_E_VALUE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_aka_card card = { .algorithm = rows[i].algorithm,
                                    .k_len = rows[i].k_len,
                                    .res_len = rows[i].res_len,
                                    .keccak_iterations = rows[i].iterations };

        assert_int_equal(lk_aka_card_check(&card), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(milenage_vectors),
        cmocka_unit_test(tuak_vectors),
        cmocka_unit_test(tuak_instances_are_all_different),
        cmocka_unit_test(tuak_by_the_dispatcher),
        cmocka_unit_test(autn_layout),
        cmocka_unit_test(auts_vectors),
        cmocka_unit_test(auts_altered_is_refused),
        cmocka_unit_test(card_lengths),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
