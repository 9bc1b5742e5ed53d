/* Y10: of the configuration's secrets a process keeps those of its own roles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "role/config_rows.h"

static struct lk_config config;

/* Text into the last place of the row, and whether it is still there. */
static char *last_place(const struct lk_config_row *row)
{
    const size_t index[2] = { row->list[0].cap > 0 ? row->list[0].cap - 1 : 0,
                              row->list[1].cap > 0 ? row->list[1].cap - 1 : 0 };

    return lk_config_row_value(&config, row, index);
}

static void test_every_secret_has_holders(void **state)
{
    const struct lk_config_table *table;
    const struct lk_config_row *row;

    for (size_t i = 0; (row = lk_config_row_at(i, &table)) != NULL; i++) {
        if (row->kind == LK_KEY_SECRET && row->holders == 0)
            fail_msg("%s says nobody who holds it", row->path);
        if (table->roles != 0 && (row->holders & ~table->roles) != 0)
            fail_msg("%s is held by a role that has no use for it", row->path);
        if ((row->holders & LK_ROLE_VAULT) != 0)
            fail_msg("%s is none of the vault's", row->path);
    }
}

static void test_keep(void **state)
{
    const struct lk_config_row *row;

    for (unsigned role = LK_ROLE_AAA; role <= LK_ROLE_BSF; role <<= 1) {
        memset(&config, 'x', sizeof config);
        lk_config_keep(&config, role);
        for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++)
            if (*last_place(row) != (row->holders == 0 || (row->holders & role) != 0 ? 'x' : 0))
                fail_msg("%s of role %x", row->path, role);
    }
    /* of a process of two roles, both are heard */
    memset(&config, 'x', sizeof config);
    lk_config_keep(&config, LK_ROLE_TWAP | LK_ROLE_TWAG);
    assert_int_equal(config.mag.psk[0], 'x');
    assert_int_equal(config.twap.servers[0].secret[0], 'x');
    assert_int_equal(config.anchor.mags[0].psk[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_secret_has_holders),
        cmocka_unit_test(test_keep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
