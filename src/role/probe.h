/* The health probe: a login of a reserved subscriber, through the real path.
 *
 * A USIM and an EAP peer in this process talk RADIUS, over a UDP socket of our own, with a worker
 * that cannot tell them from others, but for their secret and their row, which are in memory only
 * and made at each start. So an answer says that socket, worker, node, store and vault do their
 * work. The IMSI is in no PLMN (MCC 000). A result is good for a second: more askers share it. */
#ifndef LK_ROLE_PROBE_H
#define LK_ROLE_PROBE_H

#include <uv.h>

#include "role/config.h"
#include "role/shared.h"
#include "vault/vault.h"

enum {
    LK_PROBE_WITHIN_MS = 1500,
    LK_PROBE_GOOD_FOR_MS = 1000,
    LK_PROBE_TEXT = 256,
};

struct lk_probe;

struct lk_probe_result {
    bool healthy;
    uint64_t took_us;
    char why[LK_PROBE_TEXT]; /* when it is not */
};

typedef void lk_probe_done(void *context, const struct lk_probe_result *result);

/* Makes the subscriber (sealed by the vault) and the socket, and fills in shared->probe. Before the
 * workers are forked. */
LK_MUST_CHECK enum lk_status lk_probe_new(struct lk_probe **probe, uv_loop_t *loop,
                                          struct lk_shared *shared,
                                          const struct lk_config *config,
                                          struct lk_vault_client vault,
                                          char error[LK_PROBE_TEXT]);
/* In a process that was forked: its secrets are the supervisor's alone. It is not used any more. */
void lk_probe_forget(struct lk_probe *probe);
/* After a reload. */
void lk_probe_configure(struct lk_probe *probe, const struct lk_config *config);
/* Calls done once, now or when the login has ended. */
void lk_probe_ask(struct lk_probe *probe, lk_probe_done *done, void *context);
/* -1: no result yet; 0, 1. */
int lk_probe_last(const struct lk_probe *probe);
/* Everyone who waits is told "stopping". The loop must run once more. */
void lk_probe_stop(struct lk_probe *probe);

#endif
