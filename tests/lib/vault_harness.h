/* A vault of one's own: in a temporary directory, with one subscriber. */
#ifndef LK_TESTS_VAULT_HARNESS_H
#define LK_TESTS_VAULT_HARNESS_H

#include "vault/vault.h"

extern char vault_harness_folder[64], vault_harness_master[128], vault_harness_ceiling[128];
extern const struct lk_imsi vault_harness_imsi;

struct lk_vault_settings vault_harness_settings(void);
/* For cmocka. */
int vault_harness_setup(void **state);
int vault_harness_teardown(void **state);
void vault_harness_start(struct lk_vault *vault, size_t clients);
/* A random K and OPc. */
struct lk_credentials vault_harness_credentials(void);
/* The subscriber's row, by the supervisor's socket. */
struct lk_sealed_row vault_harness_enrol(const struct lk_vault *vault,
                                         const struct lk_credentials *c);
/* One vector for EAP-AKA'. */
enum lk_status vault_harness_ask(struct lk_vault_client client, const struct lk_sealed_row *row,
                                 struct lk_vault_answer *answer);

#endif
