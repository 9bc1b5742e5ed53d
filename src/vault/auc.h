/* The authentication centre: sealed row in, vector out. Pure.
 *
 * The vault process calls it with its clock and its random octets, the simulator with its own. No
 * function here returns K or OPc but lk_auc_open, which serves the command line off line and takes
 * the key that only the vault and the holder of the master key file have. */
#ifndef LK_VAULT_AUC_H
#define LK_VAULT_AUC_H

#include "vault/messages.h"
#include "vault/sqn.h"

enum { LK_MASTER_KEY_LEN = 32 };
struct lk_master_key {
    uint8_t octets[LK_MASTER_KEY_LEN];
};
struct lk_row_key {
    uint8_t octets[32];
}; /* from the master key; seals the rows */

void lk_row_key_derive(struct lk_row_key *key, const struct lk_master_key *master);

/* An opened row. Secret as a whole: the caller wipes it. */
struct lk_auc_row {
    struct lk_aka_card card;
    uint8_t amf[LK_AMF_LEN];
    struct lk_sqn_record sqn;
};

/* What a new subscriber's row holds. tick is the wall clock's (milliseconds / LK_SQN_TICK_MS).
 * LK_E_LENGTH or LK_E_VALUE when the credentials are not usable. */
LK_MUST_CHECK enum lk_status lk_auc_row_of(struct lk_auc_row *row,
                                           const struct lk_credentials *credentials,
                                           enum lk_sqn_mode mode, uint64_t tick);
/* The row as the store keeps it. nonce is fresh from the system's generator. */
void lk_auc_seal(struct lk_sealed_row *sealed, const struct lk_row_key *key,
                 const struct lk_imsi *imsi, const struct lk_auc_row *row, const uint8_t nonce[12]);
/* LK_E_MAC when it was sealed under another key, for another IMSI, or changed since. */
LK_MUST_CHECK enum lk_status lk_auc_open(struct lk_auc_row *row, const struct lk_row_key *key,
                                         const struct lk_imsi *imsi,
                                         const struct lk_sealed_row *sealed);

struct lk_auc {
    struct lk_row_key key;
    struct lk_sqn sqn;
};

/* Fresh random octets for one request: RAND, nonce, reservation name. */
struct lk_auc_entropy {
    uint8_t rand[LK_RAND_LEN];
    uint8_t nonce[12];
    uint8_t reservation[8];
};

/* Answers one request. The ceiling has been raised for tick (lk_sqn_ceiling_wanted). may_seal: the
 * request came from the supervisor. answer is set as a whole, refusals included. */
void lk_auc_answer(struct lk_vault_answer *answer, struct lk_auc *auc,
                   const struct lk_vault_request *request, bool may_seal, uint64_t tick,
                   const struct lk_auc_entropy *entropy);

/* The two that matter, by themselves. */
LK_MUST_CHECK enum lk_reason lk_auc_vector(struct lk_vault_answer *answer, struct lk_auc *auc,
                                           const struct lk_vault_request *request, uint64_t tick,
                                           const struct lk_auc_entropy *entropy);
LK_MUST_CHECK enum lk_reason lk_auc_resync(struct lk_vault_answer *answer, struct lk_auc *auc,
                                           const struct lk_vault_request *request, uint64_t tick,
                                           const struct lk_auc_entropy *entropy);

#endif
