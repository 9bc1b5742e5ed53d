/* GBA user security settings: their text, whose they are, and which server gets which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "role/bsf_users.h"

static struct lk_config_bsf config;

static struct lk_config_bsf_user user_of(const char *first, const char *second)
{
    struct lk_config_bsf_user user = { .identity = true };

    (void)snprintf(user.services[0], LK_CONFIG_GAA_SERVICE, "%s", first);
    user.service_count = 1;
    if (second != NULL)
        (void)snprintf(user.services[user.service_count++], LK_CONFIG_GAA_SERVICE, "%s", second);
    return user;
}

static void the_text_of_a_service(void **state)
{
    static const struct {
        const char *text;
        uint32_t id;
        uint64_t flags;
    } good[] = { { "1", 1, 0 },
                 { "1:1,2", 1, 6 },
                 { "0:0", 0, 1 },
                 { "4294967295:63", UINT32_MAX, UINT64_C(1) << 63 } };
    static const char *const bad[] = { "",   ":",    "1:",   "1,2",         "1:1,", "1:1:2",
                                       "x",  "1:64", "1 ",   "-1",          "1:-1", "1:x",
                                       ":1", "+1",   "1::1", "4294967296",
                                       "1:18446744073709551617" };
    struct lk_bsf_service service[LK_CONFIG_GAA_SERVICES];
    struct lk_config_bsf_user user;

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(good); i++) {
        user = user_of(good[i].text, NULL);
        assert_true(lk_bsf_services_read(service, &user));
        assert_int_equal(service[0].id, good[i].id);
        assert_true(service[0].flags == good[i].flags);
    }
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        user = user_of(bad[i], NULL);
        if (lk_bsf_services_read(service, &user))
            fail_msg("'%s' is read", bad[i]);
    }
    user = user_of("1:1", "2:1");
    assert_true(lk_bsf_services_read(service, &user));
    user = user_of("1:1", "1:2");
    assert_false(lk_bsf_services_read(service, &user));
}

static void expect_settings(const struct lk_config_naf *naf, const char *text)
{
    const struct lk_config_bsf_user user = user_of("1:1,63", "7");
    json_t *settings = lk_bsf_users_settings(&user, naf);
    char *said = settings == NULL ? NULL : json_dumps(settings, JSON_COMPACT);

    if (text == NULL)
        assert_null(said);
    else
        assert_string_equal(said, text);
    free(said);
    json_decref(settings);
}

/* spec: TS 33.220 4.5.3 - a NAF is given the settings of its own services.
 * T28: and of no others. */
static void a_server_gets_its_own(void **state)
{
    (void)state;
    expect_settings(&(struct lk_config_naf){ .service_count = 0 }, NULL);
    expect_settings(&(struct lk_config_naf){ .services = { 2 }, .service_count = 1 }, NULL);
    expect_settings(&(struct lk_config_naf){ .services = { 2, 1 }, .service_count = 2 },
                    "{\"uss\":[{\"id\":1,\"flags\":[1,63]}]}");
    expect_settings(&(struct lk_config_naf){ .services = { 7 }, .service_count = 1 },
                    "{\"uss\":[{\"id\":7,\"flags\":[]}]}");
    assert_null(lk_bsf_users_settings(
        NULL, &(struct lk_config_naf){ .services = { 1 }, .service_count = 1 }));
}

static void whose_they_are(void **state)
{
    struct lk_gba_bsf_limit limit[LK_CONFIG_BSF_USERS];
    struct lk_imsi imsi;

    (void)state;
    config.user_count = 2;
    (void)snprintf(config.users[0].imsi, sizeof config.users[0].imsi, "001010000000002");
    (void)snprintf(config.users[1].imsi, sizeof config.users[1].imsi, "001010000000001");
    config.users[1].lifetime_s = 60;
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("001010000000001")), LK_OK);
    assert_ptr_equal(lk_bsf_users_find(&config, &imsi), &config.users[1]);
    assert_int_equal(lk_bsf_users_limits(limit, &config), 1);
    assert_true(lk_imsi_equal(&limit[0].imsi, &imsi));
    assert_int_equal(limit[0].lifetime_s, 60);
    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text("00101000000000")), LK_OK);
    assert_null(lk_bsf_users_find(&config, &imsi));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_of_a_service),
        cmocka_unit_test(a_server_gets_its_own),
        cmocka_unit_test(whose_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
