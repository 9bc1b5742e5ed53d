/* proto/mis/agree: what is offered, what is chosen of it, and what comes of a K by the vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/mis/agree.h"
#include "vectors.h"

#define CODES (&lk_mis_codes_default)
enum { SHA1 = 1 << LK_MIS_PRF_HMAC_SHA1, SHA256 = 1 << LK_MIS_PRF_HMAC_SHA256,
       CMAC = 1 << LK_MIS_PRF_CMAC_AES };

/* T42: the first suite of the MN that the PoS has, and the strongest PRF of both. */
static void what_both_can_is_chosen(void **state)
{
    static const struct {
        struct lk_mis_offers mn, pos;
        bool found;
        uint8_t c, prf;
    } wanted[] = {
        { { { 1, 2 }, 2, SHA256 | CMAC }, { { 2, 1 }, 2, SHA256 | CMAC }, true, 1, 2 },
        { { { 2, 1 }, 2, SHA256 | CMAC }, { { 1, 2 }, 2, CMAC }, true, 2, 0 },
        { { { 3, 4, 2 }, 3, SHA1 | CMAC }, { { 1, 2 }, 2, SHA1 | CMAC }, true, 2, 1 },
        { { { 99, 1 }, 2, CMAC }, { { 99, 1 }, 2, CMAC }, true, 1, 0 }, /* 99 is no suite */
        { { { 3, 4 }, 2, SHA256 }, { { 1, 2 }, 2, SHA256 }, false, 0, 0 },
        { { { 1 }, 1, SHA1 }, { { 1 }, 1, SHA256 }, false, 0, 0 },
        { { { 1 }, 0, SHA256 }, { { 1 }, 1, SHA256 }, false, 0, 0 },
    };
    struct lk_mis_agreed agreed;

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        assert_int_equal(lk_mis_choose(&agreed, &wanted[i].mn, &wanted[i].pos, CODES),
                         wanted[i].found);
        if (!wanted[i].found)
            continue;
        assert_int_equal(agreed.c, wanted[i].c);
        assert_int_equal(agreed.suite, lk_mis_suite_of(CODES, wanted[i].c));
        assert_int_equal(agreed.prf_code, wanted[i].prf);
        assert_int_equal(agreed.prf, wanted[i].prf);
    }
}

/* T42: one suite and one PRF of what was offered; nothing else. */
static void only_what_was_offered_is_taken(void **state)
{
    static const uint8_t two[] = { 1, 2 }, three = 3;
    struct lk_mis_offers offers = { { 1, 2, 0 }, 3, SHA256 | CMAC };
    struct lk_mis_agreed agreed = { LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256, 1, 2 }, taken;
    struct lk_mis_message good = { .present = 0 }, bad;

    lk_mis_chosen_say(&good, &agreed);
    assert_true(lk_mis_chosen(&taken, &good, &offers, CODES));
    assert_int_equal(taken.suite, agreed.suite);
    assert_int_equal(taken.prf, agreed.prf);
    assert_int_equal(taken.c, agreed.c);
    assert_int_equal(taken.prf_code, agreed.prf_code);
    bad = good;
    bad.suites = LK_SPAN(two);
    assert_false(lk_mis_chosen(&taken, &bad, &offers, CODES));
    bad.suites = lk_span_of(&three, 1);
    assert_false(lk_mis_chosen(&taken, &bad, &offers, CODES));
    bad.suites = lk_span_of("", 1); /* offered, and no suite */
    assert_false(lk_mis_chosen(&taken, &bad, &offers, CODES));
    bad = good;
    bad.prfs = SHA256 | CMAC;
    assert_false(lk_mis_chosen(&taken, &bad, &offers, CODES));
    bad.prfs = SHA1;
    assert_false(lk_mis_chosen(&taken, &bad, &offers, CODES));
    bad.prfs = 0;
    assert_false(lk_mis_chosen(&taken, &bad, &offers, CODES));
    bad.present = 0;
    assert_false(lk_mis_chosen(&taken, &bad, &offers, CODES));
}

static void offers_are_said_and_heard(void **state)
{
    static const uint8_t octets[] = { 1, 2, 0xa0 };
    struct lk_mis_offers offers, heard;
    struct lk_mis_message m = { .present = 0 };
    uint8_t offered[LK_MIS_OFFERED_MAX];
    struct lk_span span;

    lk_mis_offers_default(&offers, CODES);
    assert_false(lk_mis_offers_of(&heard, &m));
    lk_mis_offers_say(&m, &offers);
    assert_true(lk_mis_offers_of(&heard, &m));
    assert_memory_equal(&heard, &offers, sizeof heard);
    span = lk_mis_offered(offered, &offers, CODES);
    assert_int_equal(span.len, sizeof octets);
    assert_memory_equal(offered, octets, sizeof octets);
}

/* spec: IEEE 802.21.1 5.14.2 - keys and proofs of the vectors. */
static void a_k_makes_keys_and_proofs(void **state)
{
    json_t *file = vectors_load("mis-handover");
    const json_t *v = vectors_find(file, "vectors", "auth.HMAC-SHA-256.c1");
    struct vector_octets t = vector_hex(v, "nonce_t"), n = vector_hex(v, "nonce_n"),
                         octets = vector_hex(v, "K");
    struct lk_mis_said said = { LK_MIS_SA_SPOS, lk_span_of("\x5a\x01\x02\x03", 4) };
    uint8_t value[LK_MIS_SAID_VALUE_MAX];
    struct lk_mis_transcript transcript = {
        .said = lk_mis_said_value(value, &said),
        .agreed = { LK_MIS_SUITE_CCM, LK_MIS_PRF_HMAC_SHA256, 1, 2 },
        .mn_id = lk_span_text("mn1@home.example"),
        .tpos_id = lk_span_text("tpos@b.example"),
        .spos_id = lk_span_text("spos@a.example"),
        .chain_used = 1,
        .lifetime_s = 3600,
    };
    struct lk_mis_made made;
    struct lk_mis_k k;

    memcpy(transcript.nonce_t, t.at, sizeof transcript.nonce_t);
    memcpy(transcript.nonce_n, n.at, sizeof transcript.nonce_n);
    assert_int_equal(lk_mis_k_set(&k, vector_span(&octets)), LK_OK);
    lk_mis_make(&made, &k, &transcript);
    assert_vector(v, "MIAK", made.keys.miak.octets, made.keys.miak.len);
    assert_vector(v, "AUTH_N", made.auth_n.octets, sizeof made.auth_n.octets);
    assert_vector(v, "AUTH_T", made.auth_t.octets, sizeof made.auth_t.octets);
    json_decref(file);
}

/* The root of link keys is of K and the names of MN and target, in that order, by the PRF that was
 * agreed on. */
static void msrk_is_of_k_and_both_names(void **state)
{
    const struct lk_mis_said said = { LK_MIS_SA_SPOS, lk_span_of("\x5a\x01\x02\x03", 4) };
    const struct lk_mis_k k = { { 7 }, LK_MIS_K_MAX };
    uint8_t value[LK_MIS_SAID_VALUE_MAX];
    struct lk_mis_transcript transcript = {
        .said = lk_mis_said_value(value, &said),
        .agreed = { .suite = LK_MIS_SUITE_CCM, .c = 1 },
        .mn_id = lk_span_text("mn1@home.example"),
        .tpos_id = lk_span_text("tpos@b.example"),
        .spos_id = lk_span_text("spos@a.example"),
    };
    struct lk_mis_made made;
    struct lk_msrk msrk;

    for (unsigned prf = 0; prf < LK_MIS_PRF_COUNT; prf++) {
        transcript.agreed.prf = (enum lk_mis_prf)prf;
        transcript.agreed.prf_code = CODES->prf[prf];
        lk_mis_make(&made, &k, &transcript);
        lk_msrk_derive(&msrk, (enum lk_mis_prf)prf, &k, transcript.mn_id, transcript.tpos_id);
        assert_memory_equal(&made.msrk, &msrk, sizeof msrk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_both_can_is_chosen),
        cmocka_unit_test(only_what_was_offered_is_taken),
        cmocka_unit_test(offers_are_said_and_heard),
        cmocka_unit_test(a_k_makes_keys_and_proofs),
        cmocka_unit_test(msrk_is_of_k_and_both_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
