#include "vault_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/master.h"

char vault_harness_folder[64], vault_harness_master[128], vault_harness_ceiling[128];
const struct lk_imsi vault_harness_imsi = { .digits = "001010000000001" };

struct lk_vault_settings vault_harness_settings(void)
{
    return (struct lk_vault_settings){ .master_key = vault_harness_master,
                                       .ceiling = vault_harness_ceiling,
                                       .mode = LK_SQN_TIME };
}

int vault_harness_setup(void **state)
{
    char error[LK_MASTER_ERROR_TEXT];

    snprintf(vault_harness_folder, sizeof vault_harness_folder, "/tmp/lk-vault-XXXXXX");
    assert_non_null(mkdtemp(vault_harness_folder));
    snprintf(vault_harness_master, sizeof vault_harness_master, "%s/master.key",
             vault_harness_folder);
    snprintf(vault_harness_ceiling, sizeof vault_harness_ceiling, "%s/ceiling",
             vault_harness_folder);
    assert_int_equal(lk_master_key_create(vault_harness_master, error), LK_OK);
    return 0;
}

int vault_harness_teardown(void **state)
{
    unlink(vault_harness_master);
    unlink(vault_harness_ceiling);
    rmdir(vault_harness_folder);
    return 0;
}

void vault_harness_start(struct lk_vault *vault, size_t clients)
{
    struct lk_vault_settings settings = vault_harness_settings();
    char error[LK_VAULT_ERROR_TEXT] = "";

    if (lk_vault_start(vault, &settings, clients, error) != LK_OK)
        fail_msg("%s", error);
}

struct lk_credentials vault_harness_credentials(void)
{
    struct lk_credentials c = {
        .card = { .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8, .keccak_iterations = 1 }
    };

    assert_int_equal(getrandom(c.card.k, 16, 0), 16);
    assert_int_equal(getrandom(c.card.topc, 16, 0), 16);
    return c;
}

struct lk_sealed_row vault_harness_enrol(const struct lk_vault *vault,
                                         const struct lk_credentials *c)
{
    struct lk_vault_client client = lk_vault_client_of(vault, 0);
    struct lk_vault_request request = {
        .id = 1, .kind = LK_VAULT_SEAL, .imsi = vault_harness_imsi, .credentials = c
    };
    struct lk_vault_answer answer;

    assert_int_equal(lk_vault_client_call(&client, &request, &answer, 5000), LK_OK);
    assert_int_equal(answer.refused, LK_REASON_NONE);
    return answer.row;
}

enum lk_status vault_harness_ask(struct lk_vault_client client, const struct lk_sealed_row *row,
                                 struct lk_vault_answer *answer)
{
    struct lk_vault_request request = { .id = 2,
                                        .kind = LK_VAULT_VECTOR,
                                        .imsi = vault_harness_imsi,
                                        .row = *row,
                                        .keys = LK_VECTOR_PRIME,
                                        .network_name_len = 4,
                                        .network_name = "WLAN" };

    return lk_vault_client_call(&client, &request, answer, 5000);
}
