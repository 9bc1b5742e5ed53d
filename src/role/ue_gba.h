/* Keys of GBA, inside the process of role ue: section ue.gba.
 *
 *     applications: naf-key --> Ks_NAF of a NAF that they may use; Ks stays in here
 *     BSF <--Ub-- role/ue_bootstrap, with the card of the other attaches
 *
 * It bootstraps when a key is asked for and there is none, and again when a tenth of the key's life
 * is left (T30): what applications were given stays good. Ks is wiped at its end. A server
 * may not know a key any more that is not over: an application that says so ("not": the B-TID) gets
 * one of a new bootstrapping, which is made so once a minute. */
#ifndef LK_ROLE_UE_GBA_H
#define LK_ROLE_UE_GBA_H

#include <jansson.h>

#include "io/control.h"
#include "role/kinds.h"
#include "role/ue_bootstrap.h"
#include "role/ue_keys.h"
#include "role/wake.h"

struct lk_ue_manager;

enum { LK_UE_GBA_WAITERS = 16 };

/* Who waits for a bootstrapping. */
struct lk_ue_gba_waiter {
    struct lk_control_call *call; /* NULL: free */
    struct lk_ue_key_wish wish; /* fqdn empty: the owner, for no key */
    bool fresh; /* the key that there is will not do */
};

struct lk_ue_gba {
    bool is_configured, running;
    char url[LK_UE_URL], impi[LK_IMPI_MAX + 1];
    struct lk_ue_bootstrap bootstrap;
    struct lk_gba_session session; /* secret; expires_s 0: none */
    unsigned bootstraps;
    uint64_t renewal_s;
    uint64_t fresh_after_ms; /* monotonic: before that none is made because a key will not do */
    struct lk_wake renewal, end; /* when it is tried, and when Ks is over */
    uint64_t next_ms;            /* monotonic: before that the BSF would not keep another session */
    struct lk_wake soon;         /* a bootstrapping that waits for it */
    struct lk_ue_gba_waiter waiter[LK_UE_GBA_WAITERS];
    struct lk_refusal refused; /* the last one */
};

/* LK_OK too when there is no GBA. */
LK_MUST_CHECK enum lk_status lk_ue_gba_begin(struct lk_ue_manager *ue,
                                             char error[LK_KIND_ERROR_TEXT]);
void lk_ue_gba_end(struct lk_ue_manager *ue);

bool lk_ue_gba_has_session(const struct lk_ue_gba *gba);
/* Begins a bootstrapping, unless one is under way; lk_ue_mip_bootstrapped follows. False: there is
 * no GBA, or it cannot begin now. */
LK_MUST_CHECK bool lk_ue_gba_bootstrap(struct lk_ue_manager *ue);
/* A key of the session that there is, for the device itself. The caller wipes it. */
void lk_ue_gba_ks_naf(struct lk_ks_naf *key, struct lk_ue_manager *ue,
                      const struct lk_naf_id *naf);

void lk_ue_gba_ask_bootstrap(struct lk_ue_manager *ue, struct lk_control_call *call,
                             const json_t *request);
void lk_ue_gba_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request);
void lk_ue_gba_ask_key(struct lk_ue_manager *ue, struct lk_control_call *call,
                       const json_t *request);

#endif
