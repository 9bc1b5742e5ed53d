/* T22, Y22: how long it takes to find an authenticator of Mobile IP wrong says nothing of where it
 * is wrong, nor how long it takes to find a B-TID unknown, of what it is like. By the clock: with
 * LK_LONG, on a machine that does nothing else. What gates is keys_mip_taint_test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "keys/mip.h"
#include "naf/parts.h"

enum { SAMPLES = 1000000, TRIES = 3, KNOWN = 4096 };
static const double T_MAX = 4.5;

static uint64_t seed = UINT64_C(88172645463325252);

static uint64_t any_bits(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static uint32_t now_ns(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint32_t)((uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec);
}

/* ---- Welch's t, of the lower nine tenths: what is above is the machine's ---- */

static uint32_t *taken[2], *all;

static int by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

struct moments { double count, mean, variance; };

static struct moments moments_of(const uint32_t *ns, size_t count, uint32_t most)
{
    struct moments m = { 0, 0, 0 };

    for (size_t i = 0; i < count; i++) {
        double from = (double)ns[i] - m.mean;

        if (ns[i] > most)
            continue;
        m.count++;
        m.mean += from / m.count;
        m.variance += from * ((double)ns[i] - m.mean);
    }
    m.variance /= m.count - 1;
    return m;
}

static double square_of_t(const size_t count[2])
{
    struct moments a, b;
    uint32_t most;

    memcpy(all, taken[0], count[0] * sizeof *all);
    memcpy(all + count[0], taken[1], count[1] * sizeof *all);
    qsort(all, count[0] + count[1], sizeof *all, by_size);
    most = all[(count[0] + count[1]) * 9 / 10];
    a = moments_of(taken[0], count[0], most);
    b = moments_of(taken[1], count[1], most);
    return (a.mean - b.mean) * (a.mean - b.mean) /
           (a.variance / a.count + b.variance / b.count + 1e-9);
}

/* ---- what is measured ---- */

/* Does it once, in the one way or the other. prepare is not measured. */
struct subject {
    const char *name;
    void (*prepare)(int way);
    void (*once)(void);
};

static double measure(const struct subject *subject, size_t samples)
{
    size_t count[2] = { 0, 0 };

    for (size_t i = 0; i < 2 * samples; i++) {
        int way = (int)(any_bits() >> 33 & 1);
        uint32_t since;

        if (count[way] == samples)
            continue;
        subject->prepare(way);
        since = now_ns();
        subject->once();
        taken[way][count[way]++] = now_ns() - since;
    }
    return square_of_t(count);
}

/* A leak is there each time; what the machine does besides is not. */
static double least(const struct subject *subject, size_t samples)
{
    double best = 1e30;

    for (int i = 0; i < TRIES && best >= T_MAX * T_MAX; i++) {
        double t2 = measure(subject, samples);

        best = t2 < best ? t2 : best;
    }
    print_message("%s: t * t = %.2f\n", subject->name, best);
    return best;
}

/* ---- authenticators: wrong in the first octet, or in the last ---- */

static struct lk_mip_association association;
static struct lk_mip_chap chap;
static struct lk_mip6_covered covered6;
static struct lk_span covered;
static uint8_t right[LK_MIP_AUTHENTICATOR_MAX], came[LK_MIP_AUTHENTICATOR_MAX];
static size_t len;
static volatile int verdict;

static void spoil(int way)
{
    memcpy(came, right, len);
    came[way == 0 ? 0 : len - 1] ^= (uint8_t)(1 + any_bits() % 255);
}

static void verify(void)
{
    verdict = lk_mip_verify(&association, covered, lk_span_of(came, len));
}

static void verify_chap(void)
{
    verdict = lk_mip_chap_verify(&chap, &association.secret, lk_span_of(came, len));
}

static void verify_mn_ha6(void)
{
    verdict = lk_mip6_mn_ha_verify(&association.secret, &covered6, lk_span_of(came, len));
}

static void verify_mn_aaa6(void)
{
    verdict = lk_mip6_mn_aaa_verify(&association.secret, &covered6, lk_span_of(came, len));
}

/* What none of them is: it stops at the first octet that differs. */
static void verify_badly(void)
{
    uint8_t made[LK_MIP_AUTHENTICATOR_MAX];
    size_t i = 0;

    (void)lk_mip_authenticate(made, &association, covered);
    while (i < len && *(volatile uint8_t *)&made[i] == *(volatile uint8_t *)&came[i])
        i++;
    verdict = i == len;
}

static void covers(void)
{
    static uint8_t octets[64];

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)any_bits();
    covered = LK_SPAN(octets);
    covered6.header = covered;
    association.spi = 256;
    association.secret.len = 32;
    for (size_t i = 0; i < association.secret.len; i++)
        association.secret.octets[i] = (uint8_t)any_bits();
}

/* T22: MN-HA and MN-AAA under an SPI, by each algorithm, and in the ways of CHAP and of MIPv6. */
static void test_t22_authenticators_take_one_time(void **state)
{
    static const enum lk_mip_algorithm algorithms[] = { LK_MIP_HMAC_MD5, LK_MIP_HMAC_SHA1,
                                                        LK_MIP_HMAC_SHA256 };
    static const struct subject plain = { "MN-HA, MN-AAA", spoil, verify },
                                bad = { "one that stops early", spoil, verify_badly };
    static const struct subject others[] = { { "MN-AAA under SPI 2", spoil, verify_chap },
                                             { "MIPv6, MN-HA", spoil, verify_mn_ha6 },
                                             { "MIPv6, MN-AAA", spoil, verify_mn_aaa6 } };

    covers();
    for (size_t i = 0; i < LK_COUNT_OF(algorithms); i++) {
        association.algorithm = (uint16_t)algorithms[i];
        len = lk_mip_authenticate(right, &association, covered);
        assert_true(least(&plain, SAMPLES) < T_MAX * T_MAX);
    }
    assert_true(least(&bad, SAMPLES) >= T_MAX * T_MAX); /* the control */
    lk_mip_chap_of(&chap, covered, lk_span_text("challenge"));
    for (size_t i = 0; i < LK_COUNT_OF(others); i++) {
        if (i == 0)
            lk_mip_chap_authenticate(right, &chap, &association.secret);
        else if (i == 1)
            lk_mip6_mn_ha(right, &association.secret, &covered6);
        else
            lk_mip6_mn_aaa(right, &association.secret, &covered6);
        len = i == 0 ? LK_MIP_CHAP_LEN : i == 1 ? LK_MIP6_MN_HA_LEN : LK_MIP6_MN_AAA_LEN;
        assert_true(least(&others[i], SAMPLES) < T_MAX * T_MAX);
    }
}

/* ---- B-TIDs that are nobody's ---- */

static struct lk_naf_keys table;
static struct lk_naf_question known[KNOWN], asked;

static void name(struct lk_naf_question *question)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    memset(question, 0, sizeof *question);
    for (size_t i = 0; i < 22; i++)
        question->b_tid[i] = letters[any_bits() >> 20 & 63];
    memcpy(question->b_tid + 22, "==@bsf.example", sizeof "==@bsf.example");
}

/* Of the first kind but one octet is that of one that is known; of the second nothing. */
static void guess(int way)
{
    name(&asked);
    if (way == 0) {
        char last = asked.b_tid[21];

        asked = known[any_bits() % KNOWN];
        asked.b_tid[21] = last == asked.b_tid[21] ? '!' : last;
    }
}

static void look_up(void)
{
    verdict = lk_naf_keys_find(&table, &asked, 1) != NULL;
}

/* The control: from the first on, each as far as it is the same. */
static void look_up_badly(void)
{
    verdict = 0;
    for (size_t i = 0; i < 64; i++)
        verdict |= strcmp(known[i].b_tid, asked.b_tid) == 0;
}

static void guess_of_few(int way)
{
    size_t of = (size_t)(any_bits() % 64);

    guess(1);
    if (way == 0)
        memcpy(asked.b_tid, known[of].b_tid, 21);
    for (size_t i = 0; way == 0 && i < 64; i++) /* all of them begin alike */
        memcpy(known[i].b_tid, known[of].b_tid, 21);
}

/* T22: a B-TID is found by its hash under a random key: who guesses does not learn how near he is
 * to one that there is. */
static void test_t22_a_b_tid_is_unknown_in_one_time(void **state)
{
    static const struct subject subject = { "B-TID", guess, look_up },
                                bad = { "one by one", guess_of_few, look_up_badly };
    const uint64_t random[2] = { any_bits(), any_bits() | 1 };

    assert_true(lk_naf_keys_begin(&table, KNOWN, random));
    for (size_t i = 0; i < KNOWN; i++) {
        struct lk_naf_entry *entry;

        name(&known[i]);
        entry = lk_naf_keys_add(&table, &known[i]);
        entry->user.expires_s = UINT64_MAX;
    }
    assert_true(least(&subject, SAMPLES) < T_MAX * T_MAX);
    assert_int_equal(table.count, KNOWN);
    assert_true(least(&bad, SAMPLES / 10) >= T_MAX * T_MAX); /* the control */
    lk_naf_keys_end(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t22_authenticators_take_one_time),
        cmocka_unit_test(test_t22_a_b_tid_is_unknown_in_one_time),
    };
    int result;

    if (getenv("LK_LONG") == NULL) {
        printf("mip_timing_test: skipped: measures time: set LK_LONG, on a machine that does "
               "nothing else\n");
        return 0;
    }
    taken[0] = malloc(SAMPLES * sizeof *all);
    taken[1] = malloc(SAMPLES * sizeof *all);
    all = malloc(2 * SAMPLES * sizeof *all);
    if (taken[0] == NULL || taken[1] == NULL || all == NULL)
        return 1;
    result = cmocka_run_group_tests(tests, NULL, NULL);
    free(taken[0]);
    free(taken[1]);
    free(all);
    return result;
}
