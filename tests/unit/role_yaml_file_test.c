/* Files that configuration names by mistake: such as block, never end, are too large or nest
 * without end are refused at once; and what stands in a file that is none of ours is not
 * repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "role/config.h"
#include "role/mis_codes.h"
#include "role/yaml_file.h"

static struct lk_config config;
static struct lk_config_report report;
static char dir[] = "/tmp/lk-yaml-XXXXXX", file[64], other[64];

static int begin(void **state)
{
    (void)state;
    alarm(20); /* whoever waits for a file, waits for ever */
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(file, sizeof file, "%s/main.yaml", dir);
    (void)snprintf(other, sizeof other, "%s/other.yaml", dir);
    return 0;
}

static int end(void **state)
{
    (void)state;
    (void)unlink(file);
    (void)unlink(other);
    return rmdir(dir);
}

static void write_to(const char *path, const char *text, size_t times)
{
    FILE *to = fopen(path, "w");

    assert_non_null(to);
    for (size_t i = 0; i < times; i++)
        assert_true(fputs(text, to) >= 0);
    assert_int_equal(fclose(to), 0);
}

static void expect(const char *words)
{
    assert_int_equal(lk_config_load(&config, &report, file, NULL, 0), LK_E_CONFIG);
    if (strstr(report.problem[0], words) == NULL)
        fail_msg("'%s' is not in: %s", words, report.problem[0]);
}

/* ---- what is no file of text ---- */

static void each_way_to_name_it_is_refused(const char *path, const char *why)
{
    struct lk_mis_codes codes;
    char text[512];

    assert_int_equal(lk_config_load(&config, &report, path, NULL, 0), LK_E_CONFIG);
    assert_non_null(strstr(report.problem[0], why));
    assert_int_equal(lk_mis_codes_load(&codes, &report, path), LK_E_CONFIG);
    assert_non_null(strstr(report.problem[0], why));
    (void)snprintf(text, sizeof text,
                   "roles: [pos]\npos:\n  points:\n  - id: pos@a.example\n    aaa: {secret: s}\n"
                   "    neighbours: %s\n", path);
    write_to(file, text, 1);
    expect(why);
    assert_non_null(strstr(report.problem[0], ":6: pos.points[0].neighbours: expected a list"));
    (void)snprintf(text, sizeof text, "radius:\n  clients: [{address: \"::1\", secret: \"@%s\"}]\n",
                   path);
    write_to(file, text, 1);
    expect(why);
    assert_non_null(strstr(report.problem[0], ":2: radius.clients[0].secret: expected a readable"));
}

static void what_is_no_regular_file_is_refused(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(other, 0600), 0);
    each_way_to_name_it_is_refused(other, "Not a regular file");
    assert_int_equal(unlink(other), 0);
    each_way_to_name_it_is_refused("/dev/zero", "Not a regular file");
    each_way_to_name_it_is_refused(dir, "Is a directory");
    each_way_to_name_it_is_refused("/dev/null/x", "Not a directory");
}

static void what_is_too_large_is_refused(void **state)
{
    (void)state;
    write_to(other, "# 45678\n", LK_FILE_OCTETS / 8);
    write_to(file, "# 45678\n", LK_FILE_OCTETS / 8);
    assert_int_equal(lk_config_load(&config, &report, file, NULL, 0), LK_OK);
    write_to(other, "# 45678\n", LK_FILE_OCTETS / 8 + 1);
    each_way_to_name_it_is_refused(other, "more than 1048576 octets");
}

/* ---- YAML that is too much ---- */

static void what_nests_too_deeply_is_refused(void **state)
{
    static const char *const openings[] = { "[", "{a: ", "- ", "? ", "[{a: " };

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(openings); i++) {
        write_to(file, openings[i], 200000 / strlen(openings[i]));
        expect("nested too deeply");
    }
}

static void what_has_too_many_values_is_refused(void **state)
{
    (void)state;
    write_to(file, "- a\n", LK_YAML_NODES);
    expect("more than 32768 keys and values");
    write_to(file, "a: b\n", LK_YAML_NODES / 2);
    expect("more than 32768 keys and values");
}

/* A list of a list of a list, each by its name, that is a thousand million values. */
static void what_is_multiplied_by_names_is_refused(void **state)
{
    FILE *to = fopen(file, "w");

    (void)state;
    assert_non_null(to);
    for (char name = 'b'; name < 'f'; name++) {
        (void)fprintf(to, "%c: &%c [", name, name);
        for (size_t i = 0; i < 1000; i++)
            (void)fprintf(to, name == 'b' ? "x," : "*%c,", name - 1);
        (void)fprintf(to, "]\n");
    }
    assert_int_equal(fclose(to), 0);
    assert_int_equal(lk_config_load(&config, &report, file, NULL, 0), LK_E_CONFIG);
    assert_true(report.count < 2 * LK_YAML_NODES);
}

/* ---- what stands in it ---- */

static void what_is_none_of_ours_is_not_shown(void **state)
{
    static const char *const texts[] = {
        "root:$6$hush:19000:0\nmail:*:19000:0\n",
        "\"root:$6$hush\": x\n",
        "hush hush hush: x\n",
        "hush/hush+hush=: {a: b}\n",
        "hushhushhushhushhushhushhushhushhushhushhush: x\n",
        "radius: hush\n",
        "\"hush hush\": 1\n\"hush hush\": 1\n",
        "eap:\n  \"hush!\": x\n",
        "-----BEGIN PRIVATE KEY-----\nhush\n",
        "a: 'hush\n",
        "a: *hush\n",
    };

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(texts); i++) {
        write_to(file, texts[i], 1);
        assert_int_equal(lk_config_load(&config, &report, file, NULL, 0), LK_E_CONFIG);
        assert_true(report.count > 0);
        for (size_t j = 0; j < report.count && j < LK_CONFIG_PROBLEMS; j++) {
            assert_null(strstr(report.problem[j], "hush"));
            assert_non_null(strstr(report.problem[j], "/main.yaml:")); /* and a line */
        }
    }
    write_to(file, "radius:\n  prot: 1812\n", 1); /* a slip is shown */
    expect(":2: radius.prot: expected a known key, found this one; fix: did you mean radius.port?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_regular_file_is_refused),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(what_nests_too_deeply_is_refused),
        cmocka_unit_test(what_has_too_many_values_is_refused),
        cmocka_unit_test(what_is_multiplied_by_names_is_refused),
        cmocka_unit_test(what_is_none_of_ours_is_not_shown),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
