/* Keys of AKMA, inside the process of role ue: section ue.akma.
 *
 *     each attach by EAP-AKA': EMSK --> K_AKMA, A-KID; the next one replaces them
 *     applications: akma-key --> A-KID, and K_AF of an AF that they may use
 *
 * K_AKMA stays in here; K_AF of one authentication is always the same. */
#ifndef LK_ROLE_UE_AKMA_H
#define LK_ROLE_UE_AKMA_H

#include <jansson.h>

#include "io/control.h"
#include "keys/akma.h"
#include "proto/machine.h"

struct lk_ue_manager;

struct lk_ue_akma {
    bool has;
    unsigned keys; /* that there have been */
    struct lk_k_akma key; /* secret */
    char a_kid[LK_A_KID_MAX + 1];
    uint64_t made_s;
    char told[LK_FQDN_MAX + 1]; /* the AF that was told this A-KID first; "": none yet */
};

/* Behind an attach, before its EMSK is wiped. */
void lk_ue_akma_take(struct lk_ue_manager *ue, const struct lk_grant *grant);
void lk_ue_akma_end(struct lk_ue_manager *ue);

void lk_ue_akma_ask_key(struct lk_ue_manager *ue, struct lk_control_call *call,
                        const json_t *request);
void lk_ue_akma_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                           const json_t *request);

#endif
