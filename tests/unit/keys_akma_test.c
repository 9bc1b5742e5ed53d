/* keys/akma and keys/best: every vector, and what an A-KID may look like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "keys/best.h"
#include "vectors.h"

static void ck_ik_of_set1(struct lk_ck *ck, struct lk_ik *ik)
{
    json_t *aka = vectors_load("digest-aka");

    memcpy(ck->octets, vector_hex(aka, "aka.ck").at, sizeof ck->octets);
    memcpy(ik->octets, vector_hex(aka, "aka.ik").at, sizeof ik->octets);
    json_decref(aka);
}

/* spec: TS 33.535 A.2 - K_AKMA of every vector.
 * spec: TS 33.535 A.3 - its A-TID.
 * spec: TS 33.535 A.4 - its K_AF. */
static void every_vector(void **state)
{
    json_t *file = vectors_load("akma-kdf");
    const json_t *list = vectors_list(file, "vectors");

    assert_int_equal(json_array_size(list), 4);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct lk_span supi = lk_span_text(vector_text(v, "supi"));
        struct lk_k_ausf k_ausf;
        struct lk_k_akma k_akma;
        struct lk_naf_id af_id;
        struct lk_a_tid a_tid;
        struct lk_k_af k_af;
        struct lk_ua_id ua;

        memcpy(k_ausf.octets, vector_hex(v, "kausf").at, sizeof k_ausf.octets);
        memcpy(ua.octets, vector_hex(v, "ua_star_id").at, sizeof ua.octets);
        lk_naf_id_of(&af_id, lk_span_text(vector_text(v, "af_fqdn")), &ua);
        assert_vector(v, "af_id", af_id.octets, af_id.len);
        lk_k_akma_derive(&k_akma, &k_ausf, supi);
        assert_vector(v, "k_akma", k_akma.octets, sizeof k_akma.octets);
        lk_a_tid_derive(&a_tid, &k_ausf, supi);
        assert_vector(v, "a_tid", a_tid.octets, sizeof a_tid.octets);
        lk_k_af_derive(&k_af, &k_akma, &af_id);
        assert_vector(v, "k_af", k_af.octets, sizeof k_af.octets);
    }
    json_decref(file);
}

/* spec: TS 33.501 A.2 - K_AUSF of 5G AKA.
 * spec: TS 33.501 6.1.3.1 - of EAP-AKA', the first half of the EMSK. */
static void k_ausf(void **state)
{
    json_t *file = vectors_load("akma-kdf");
    const json_t *v = vectors_find(file, "vectors", "akma-set1-5gaka");
    struct lk_k_ausf key;
    struct lk_emsk emsk;
    struct lk_ck ck;
    struct lk_ik ik;

    ck_ik_of_set1(&ck, &ik);
    lk_k_ausf_of_5g_aka(&key, &ck, &ik, lk_span_text(vector_text(v, "serving_network")),
                        (const uint8_t[]){ 0x55, 0xf3, 0x28, 0xb4, 0x35, 0x77 });
    assert_vector(v, "kausf", key.octets, sizeof key.octets);
    for (size_t i = 0; i < sizeof emsk.octets; i++)
        emsk.octets[i] = (uint8_t)i;
    lk_k_ausf_of_emsk(&key, &emsk);
    assert_memory_equal(key.octets, emsk.octets, sizeof key.octets);
    json_decref(file);
}

/* spec: TS 33.163 5.1.0a - K_HSE; that of EAP-AKA' has another function code. */
static void k_hse(void **state)
{
    json_t *file = vectors_load("akma-best-khse");
    const json_t *v = vectors_find(file, "vectors", "khse-5gaka");
    struct lk_span network = lk_span_text(vector_text(v, "serving_network"));
    struct vector_octets sqn = vector_hex(v, "sqn_xor_ak");
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_k_hse key;
    struct lk_ck ck;
    struct lk_ik ik;

    ck_ik_of_set1(&ck, &ik);
    assert_int_equal(sqn.len, LK_SQN_XOR_AK_LEN);
    lk_k_hse_of_5g_aka(&key, &ck, &ik, network, sqn.at);
    assert_vector(v, "k_hse", key.octets, sizeof key.octets);
    memcpy(ck_prime.octets, ck.octets, sizeof ck.octets);
    memcpy(ik_prime.octets, ik.octets, sizeof ik.octets);
    lk_k_hse_of_eap_aka_prime(&key, &ck_prime, &ik_prime, network, sqn.at);
    /* another hand: HMAC-SHA-256(CK || IK, 64 || network || 0020 || SQN xor AK || 0006) */
    assert_memory_equal(key.octets,
                        "\x6e\x71\x1a\xac\x71\xb1\x32\x69\x2c\xdc\x31"
                        "\x08\x62\x22\x35\xd6\x74\x67\xa6\xdf\x44\x2d"
                        "\xcb\xc4\x37\x24\x69\xf9\x20\x23\x4d\x07", sizeof key.octets);
    json_decref(file);
}

static const struct lk_a_kid_home home = { "1", "001", "01" };

/* spec-not: TS 33.535 6.1 - how RID and A-TID stand in the username is not confirmed: a template.
 * spec: TS 23.003 28.2 - an MNC of two digits has a zero before it in the realm. */
static void a_kid_by_its_template(void **state)
{
    static const struct {
        const char *form, *want;
    } rows[] = {
        { LK_A_KID_TEMPLATE,
          "rid1.tidAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
          "@akma.5gc.mnc001.mcc001.3gppnetwork.org" },
        { "{rid}.{a-tid-hex}@5gc.mnc{mnc}.mcc{mcc}.3gppnetwork.org",
          "1.000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
          "@5gc.mnc001.mcc001.3gppnetwork.org" },
        { "{a-tid}@x", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8@x" },
    };
    struct lk_a_tid a_tid;
    char a_kid[LK_A_KID_MAX + 1];

    for (size_t i = 0; i < sizeof a_tid.octets; i++)
        a_tid.octets[i] = (uint8_t)i;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        assert_int_equal(lk_a_kid_say(a_kid, rows[i].form, &a_tid, &home), LK_OK);
        assert_string_equal(a_kid, rows[i].want);
    }
}

/* spec: TS 33.535 6.1 - the routing indicator is found where it is sure, and nowhere else: with
 * nothing behind it too, for an A-TID has one length. */
static void rid_of_an_a_kid(void **state)
{
    static const char *const forms[] = { LK_A_KID_TEMPLATE, "{rid}{a-tid}@x", "{a-tid}{rid}@x",
                                         "{mcc}{rid}{mnc}{a-tid-hex}@{mnc}.x" };
    static const char *const rids[] = { "0", "17", "170", "0001" };
    struct lk_a_tid a_tid = { { 0 } };
    char a_kid[LK_A_KID_MAX + 1], rid[LK_RID_MAX + 1];

    memset(a_tid.octets, 0xd7, sizeof a_tid.octets); /* "17" all over */
    for (size_t i = 0; i < LK_COUNT_OF(forms); i++)
        for (size_t j = 0; j < LK_COUNT_OF(rids); j++) {
            const struct lk_a_kid_home at = { rids[j], "001", "01" };

            assert_int_equal(lk_a_kid_say(a_kid, forms[i], &a_tid, &at), LK_OK);
            assert_int_equal(lk_a_kid_rid(rid, forms[i], lk_span_text(a_kid)), LK_OK);
            assert_string_equal(rid, rids[j]);
            for (size_t len = 0; len < strlen(a_kid); len++)
                assert_int_not_equal(lk_a_kid_rid(rid, forms[i], lk_span_of(a_kid, len)), LK_OK);
        }
    assert_int_equal(lk_a_kid_rid(rid, "{a-tid}@x", lk_span_text("@x")), LK_E_UNKNOWN);
    assert_int_equal(lk_a_kid_rid(rid, LK_A_KID_TEMPLATE, lk_span_text("a@b")), LK_E_VALUE);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* A20: of a thousand authentications no two names or keys are one, nor are those of two AFs: what
 * two AFs can join a user by is the A-KID of one authentication alone. */
static void nothing_joins_two_authentications(void **state)
{
    enum { RUNS = 1000 };
    static char text[3 * RUNS][LK_A_KID_MAX + 1];
    const struct lk_ua_id ua = lk_ua_id_tls13;
    struct lk_naf_id af[2];

    lk_naf_id_of(&af[0], lk_span_text("af.example"), &ua);
    lk_naf_id_of(&af[1], lk_span_text("other.example"), &ua);
    for (unsigned i = 0; i < RUNS; i++) {
        struct lk_k_ausf k_ausf = { { (uint8_t)i, (uint8_t)(i >> 8) } };
        struct lk_span supi = lk_span_text("001010000000001");
        struct lk_k_akma k_akma;
        struct lk_a_tid a_tid;
        struct lk_k_af key;

        lk_k_akma_derive(&k_akma, &k_ausf, supi);
        lk_a_tid_derive(&a_tid, &k_ausf, supi);
        assert_int_equal(lk_a_kid_say(text[3 * i], LK_A_KID_TEMPLATE, &a_tid, &home), LK_OK);
        for (unsigned j = 0; j < 2; j++) {
            lk_k_af_derive(&key, &k_akma, &af[j]);
            assert_int_equal(lk_hex_encode(text[3 * i + 1 + j], sizeof text[0],
                                           LK_SPAN(key.octets)), LK_OK);
        }
    }
    qsort(text, LK_COUNT_OF(text), sizeof text[0], by_text);
    for (size_t i = 1; i < LK_COUNT_OF(text); i++)
        assert_string_not_equal(text[i - 1], text[i]);
}

static void templates_that_are_refused(void **state)
{
    static const struct {
        const char *form;
        enum lk_status status;
    } rows[] = {
        { "", LK_E_MISSING },
        { "rid{rid}@x", LK_E_MISSING },
        { "{a-tid}", LK_E_VALUE },
        { "{a-tid}@x@y", LK_E_VALUE },
        { "{a-tid}@x y", LK_E_VALUE },
        { "{a-tid}@x\"", LK_E_VALUE },
        { "{a-tid}@\xc3\xa4", LK_E_VALUE },
        { "{a-tid}@x\n", LK_E_VALUE },
        { "{supi}.{a-tid}@x", LK_E_UNKNOWN },
        { "{}{a-tid}@x", LK_E_UNKNOWN },
        { "{a-tid@x", LK_E_UNKNOWN },
        { "{{a-tid}}@x", LK_E_UNKNOWN },
        { "a-tid}@x", LK_E_UNKNOWN },
        { "{a-tid}@x{", LK_E_UNKNOWN },
        { "{a-tid}{a-tid}{a-tid}{a-tid}{a-tid}{a-tid}@x", LK_E_FULL },
    };
    static const struct lk_a_kid_home bad[] = {
        { "", "001", "01" },    { "12345", "001", "01" }, { "a", "001", "01" },
        { "1", "01", "01" },    { "1", "001", "1" },      { "1", "001", "0001" },
        { "1", "00x", "01" },
    };
    const struct lk_a_tid a_tid = { { 0 } };
    char a_kid[LK_A_KID_MAX + 1];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(lk_a_kid_say(a_kid, rows[i].form, &a_tid, &home), rows[i].status);
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++)
        assert_int_equal(lk_a_kid_say(a_kid, LK_A_KID_TEMPLATE, &a_tid, &bad[i]), LK_E_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector),
        cmocka_unit_test(k_ausf),
        cmocka_unit_test(k_hse),
        cmocka_unit_test(a_kid_by_its_template),
        cmocka_unit_test(rid_of_an_a_kid),
        cmocka_unit_test(nothing_joins_two_authentications),
        cmocka_unit_test(templates_that_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
