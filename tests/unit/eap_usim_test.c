/* proto/eap/usim: MAC before SQN, the array of sequence numbers, AUTS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "proto/eap/usim.h"
#include "vectors.h"

static struct lk_aka_card card;
static struct lk_usim usim;

static int fresh(void **state)
{
    size_t len;

    memset(&card, 0, sizeof card);
    card.algorithm = LK_AKA_MILENAGE;
    card.res_len = 8;
    assert_int_equal(lk_hex_decode(card.k, sizeof card.k, &card.k_len,
                                   lk_span_text("465b5ce8b199b49faa5f0a2ee238a6bc")), LK_OK);
    assert_int_equal(lk_hex_decode(card.topc, sizeof card.topc, &len,
                                   lk_span_text("cd63cb71954a9f4e48a5994e37a02baf")), LK_OK);
    lk_usim_init(&usim, &card);
    return 0;
}

static void challenge(uint8_t rand[16], uint8_t autn[16], const uint8_t sqn[LK_SQN_LEN])
{
    static const uint8_t amf[2] = { 0x80, 0 };
    struct lk_aka_output out;
    uint8_t mac_a[LK_MAC_A_LEN];

    memset(rand, 0x42, 16);
    lk_aka_f2345(&out, &card, rand);
    lk_aka_f1(mac_a, &card, rand, sqn, amf);
    lk_aka_autn(autn, sqn, out.ak, amf, mac_a);
}

static struct lk_card_answer answer_to(const uint8_t sqn[LK_SQN_LEN])
{
    struct lk_card_answer answer;
    uint8_t rand[16], autn[16];

    challenge(rand, autn, sqn);
    lk_usim_answer(&usim, &answer, rand, autn);
    return answer;
}

static uint64_t seq_in_auts(const struct lk_card_answer *answer)
{
    uint8_t rand[16], autn[16], sqn[LK_SQN_LEN] = { 0 };
    uint64_t number = 0;

    challenge(rand, autn, sqn);
    assert_int_equal(lk_aka_auts_open(sqn, &card, rand, answer->auts), LK_OK);
    for (size_t i = 0; i < LK_SQN_LEN; i++)
        number = number << 8 | sqn[i];
    return number >> LK_USIM_IND_BITS;
}

/* spec: TS 33.102 C.2.2 - the published walk through the array; AUTS tells the highest SEQ. */
static void the_array_follows_the_published_walk(void **state)
{
    json_t *file = vectors_load("sqn");
    const json_t *steps = vectors_list(file, "steps");

    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        struct vector_octets sqn = vector_hex(step, "sqn");
        bool accept = strcmp(vector_text(step, "result"), "accept") == 0;
        uint64_t highest = (uint64_t)vector_int(step, "highest_seq_accepted_after");
        struct lk_card_answer answer = answer_to(sqn.at);
        uint8_t last[LK_SQN_LEN];

        assert_int_equal(answer.verdict, accept ? LK_CARD_OK : LK_CARD_SQN_RANGE);
        if (!accept)
            assert_int_equal(seq_in_auts(&answer), highest);
        lk_usim_sqn(&usim, last);
        assert_int_equal((((uint64_t)last[0] << 40 | (uint64_t)last[1] << 32 |
                           (uint64_t)last[2] << 24 | (uint64_t)last[3] << 16 |
                           (uint64_t)last[4] << 8 | last[5]) >> 5), highest);
    }
    json_decref(file);
}

/* spec: TS 33.102 6.3.3 - a wrong MAC is told before the sequence number is looked at.
 * A07: and nothing comes with it. */
static void a_wrong_mac_says_nothing_of_sqn(void **state)
{
    static const uint8_t good[LK_SQN_LEN] = { 0, 0, 0, 0, 0, 0x21 };
    static const uint8_t stale[LK_SQN_LEN] = { 0 };
    const uint8_t *const sqns[] = { good, stale };

    for (size_t i = 0; i < 2; i++) {
        static const struct lk_aka_output nothing;
        static const uint8_t no_auts[LK_AUTS_LEN];
        struct lk_usim before = usim;
        struct lk_card_answer answer;
        uint8_t rand[16], autn[16];

        challenge(rand, autn, sqns[i]);
        autn[15] ^= 1;
        lk_usim_answer(&usim, &answer, rand, autn);
        assert_int_equal(answer.verdict, LK_CARD_MAC_WRONG);
        assert_memory_equal(&answer.output, &nothing, sizeof nothing);
        assert_memory_equal(answer.auts, no_auts, sizeof no_auts);
        assert_memory_equal(&usim, &before, sizeof usim);
    }
}

static void a_stale_challenge_changes_nothing_and_yields_no_keys(void **state)
{
    static const uint8_t sqn[LK_SQN_LEN] = { 0, 0, 0, 0, 1, 0x01 };
    static const struct lk_aka_output nothing;
    struct lk_card_answer answer = answer_to(sqn);
    struct lk_usim before;

    assert_int_equal(answer.verdict, LK_CARD_OK);
    assert_int_equal(answer.output.res_len, 8);
    before = usim;
    answer = answer_to(sqn);
    assert_int_equal(answer.verdict, LK_CARD_SQN_RANGE);
    assert_memory_equal(&answer.output, &nothing, sizeof nothing);
    assert_memory_equal(&usim, &before, sizeof usim);
}

static void an_age_limit_refuses_what_is_too_old(void **state)
{
    static const uint8_t high[LK_SQN_LEN] = { 0, 0, 0, 1, 0, 0x01 };
    static const uint8_t old[LK_SQN_LEN] = { 0, 0, 0, 0, 0x10, 0x02 };

    usim.age_limit = 100;
    lk_usim_set_sqn(&usim, high);
    assert_int_equal(answer_to(old).verdict, LK_CARD_SQN_RANGE);
    usim.age_limit = (0x10000 >> LK_USIM_IND_BITS) - (0x1002 >> LK_USIM_IND_BITS) - 1;
    assert_int_equal(answer_to(old).verdict, LK_CARD_SQN_RANGE);
    usim.age_limit++; /* L itself is not too old */
    assert_int_equal(answer_to(old).verdict, LK_CARD_OK);
    usim.seq[2] = 0;
    usim.age_limit = 0;
    assert_int_equal(answer_to(old).verdict, LK_CARD_OK);
}

static void a_wiped_card_is_empty(void **state)
{
    static const struct lk_usim empty;

    lk_usim_wipe(&usim);
    assert_memory_equal(&usim, &empty, sizeof usim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_array_follows_the_published_walk, fresh),
        cmocka_unit_test_setup(a_wrong_mac_says_nothing_of_sqn, fresh),
        cmocka_unit_test_setup(a_stale_challenge_changes_nothing_and_yields_no_keys, fresh),
        cmocka_unit_test_setup(an_age_limit_refuses_what_is_too_old, fresh),
        cmocka_unit_test_setup(a_wiped_card_is_empty, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
