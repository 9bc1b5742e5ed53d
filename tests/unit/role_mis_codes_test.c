/* Section mis.codes: each number of wire/mis_codes.h can be another, and no two may be one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "role/config_rows.h"
#include "role/mis_codes.h"

static struct lk_config_report report;

static enum lk_status load(struct lk_mis_codes *codes, const char *text)
{
    char file[] = "/tmp/lk-codes-XXXXXX";
    int fd = mkstemp(file);
    enum lk_status status;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    memset(codes, 0xa5, sizeof *codes);
    status = lk_mis_codes_load(codes, &report, file);
    unlink(file);
    return status;
}

static bool same(const struct lk_mis_codes *a, const struct lk_mis_codes *b)
{
    return memcmp(a->tlv, b->tlv, sizeof a->tlv) == 0 && a->prereg_xfer == b->prereg_xfer &&
           a->n2n_prereg_xfer == b->n2n_prereg_xfer &&
           memcmp(a->suite, b->suite, sizeof a->suite) == 0 &&
           memcmp(a->prf, b->prf, sizeof a->prf) == 0 &&
           memcmp(a->reason, b->reason, sizeof a->reason) == 0 &&
           memcmp(a->origin, b->origin, sizeof a->origin) == 0 && a->secured == b->secured &&
           a->proactive == b->proactive && a->least_bit_first == b->least_bit_first &&
           strcmp(a->psk_usage, b->psk_usage) == 0 && strcmp(a->mn_usage, b->mn_usage) == 0 &&
           strcmp(a->k_usage, b->k_usage) == 0;
}

static void test_defaults_are_those_of_the_header(void **state)
{
    struct lk_mis_codes codes;

    assert_int_equal(lk_mis_codes_load(&codes, &report, NULL), LK_OK);
    assert_true(same(&codes, &lk_mis_codes_default));
    assert_int_equal(load(&codes, "roles: [pos]\npos:\n  points: [{unknown: 1}]\n"), LK_OK);
    assert_true(same(&codes, &lk_mis_codes_default));
}

/* Free beside all defaults. */
static const char *other_for(const char *path)
{
    return strstr(path, ".tlv.") != NULL            ? "64"
           : strstr(path, ".action.") != NULL       ? "1023"
           : strstr(path, ".prf.") != NULL          ? "7"
           : strstr(path, ".bit.") != NULL          ? "12"
           : strstr(path, "least_bit_first") != NULL ? "true"
           : strstr(path, "_usage") != NULL         ? "other@example"
                                                    : "255";
}

static void test_each_can_be_another(void **state)
{
    const struct lk_config_table *table = &lk_config_table_mis;
    struct lk_mis_codes codes, before = lk_mis_codes_default;
    char text[256];

    /* TLVs, actions, suites, PRFs, reasons, origins, bits, order, labels */
    assert_int_equal(table->count, LK_MIS_OWN_COUNT + 2 + LK_MIS_SUITE_COUNT + LK_MIS_PRF_COUNT +
                                       LK_MIS_REASON_COUNT + LK_MIS_ORIGIN_COUNT + 2 + 1 + 3);
    for (size_t i = 0; i < table->count; i++) {
        const char *path = table->rows[i].path, *key = path + strlen("mis.codes.");
        const char *dot = strchr(key, '.');

        if (dot != NULL)
            (void)snprintf(text, sizeof text, "mis:\n  codes:\n    %.*s:\n      %s: %s\n",
                           (int)(dot - key), key, dot + 1, other_for(path));
        else
            (void)snprintf(text, sizeof text, "mis:\n  codes:\n    %s: %s\n", key,
                           other_for(path));
        if (load(&codes, text) != LK_OK)
            fail_msg("%s: %s", path, report.problem[0]);
        assert_int_equal(lk_mis_codes_check(&codes), LK_OK);
        assert_false(same(&codes, &lk_mis_codes_default));
        assert_false(same(&codes, &before));
        before = codes;
    }
}

static void test_what_cannot_be(void **state)
{
    static const struct {
        const char *text, *words[3];
    } rows[] = {
        { "mis: {codes: {tlv: {said: 201}}}\n", { ":1: ", "tlv.said", "than that of" } },
        { "mis:\n  codes:\n    tlv:\n      said: 220\n      nonce_t: 220\n",
          { ":5: ", "tlv.nonce_t", "tlv.said, found 220" } },
        { "mis: {codes: {psk_usage: mis-mn@latchkey.example}}\n",
          { ":1: ", "psk_usage", "than that of mis.codes.mn_usage" } },
        { "mis:\n  codes:\n    psk_usage: a\n    mn_usage: a\n",
          { ":4: ", "mn_usage", "another label" } },
        { "mis:\n  codes:\n    psk_usage: a\n    k_usage: a\n",
          { ":4: ", "k_usage", "than that of mis.codes.psk_usage" } },
        { "mis:\n  codes: {tlv: {chain: 76}}\n", { ":2: ", "tlv.chain", "64 to 75" } },
        { "mis:\n  codes: {tlv: {chain: 100}}\n", { ":2: ", "tlv.chain", "found 100" } },
        { "mis:\n  codes: {tlv: {chain: 63}}\n", { ":2: ", "tlv.chain", "64 to 255" } },
        { "mis:\n  codes: {tlv: {chain: 256}}\n", { ":2: ", "tlv.chain", "64 to 255" } },
        { "mis:\n  codes: {action: {prereg_xfer: 12}}\n", { ":2: ", "13 to 1023", NULL } },
        { "mis:\n  codes: {action: {prereg_xfer: 514}}\n", { ":2: ", "n2n_prereg", "514" } },
        { "mis:\n  codes: {suite: {ccm: 0}}\n", { ":2: ", "suite.ccm", "1 to 255" } },
        { "mis:\n  codes: {suite: {ccm: 4}}\n", { ":2: ", "suite.ccm", "suite.null-cmac" } },
        { "mis:\n  codes: {prf: {hmac-sha256: 0}}\n", { ":2: ", "prf.cmac-aes", NULL } },
        { "mis:\n  codes: {prf: {hmac-sha256: 8}}\n", { ":2: ", "0 to 7", NULL } },
        { "mis:\n  codes: {reason: {replay: 0}}\n", { ":2: ", "reason.none", NULL } },
        { "mis:\n  codes: {origin: {erp: 1}}\n", { ":2: ", "origin.home", NULL } },
        { "mis:\n  codes: {bit: {secured: 15}}\n", { ":2: ", "bit.proactive", NULL } },
        { "mis:\n  codes: {bit: {secured: 11}}\n", { ":2: ", "12 to 15", NULL } },
        { "mis:\n  codes: {psk_usage: ''}\n", { ":2: ", "psk_usage", NULL } },
        { "mis:\n  codes: {k_usage: ''}\n", { ":2: ", "k_usage", NULL } },
        { "mis:\n  codes: {tvl: {said: 220}}\n", { ":2: ", "a known key", NULL } },
    };
    struct lk_mis_codes codes;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        assert_int_equal(load(&codes, rows[i].text), LK_E_CONFIG);
        for (size_t j = 0; j < 3 && rows[i].words[j] != NULL; j++)
            if (strstr(report.problem[0], rows[i].words[j]) == NULL)
                fail_msg("%s\nno '%s' in: %s", rows[i].text, rows[i].words[j], report.problem[0]);
        if (report.count != 1)
            fail_msg("%s\n%zu problems: %s, %s", rows[i].text, report.count, report.problem[0],
                     report.problem[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_those_of_the_header),
        cmocka_unit_test(test_each_can_be_another),
        cmocka_unit_test(test_what_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
