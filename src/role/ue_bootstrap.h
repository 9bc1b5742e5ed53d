/* One device's bootstrapping at Ub: proto/gba/ue over HTTP (io/fetch), with a card. For the command
 * `latchkey ue bootstrap` and for role ue. One at a time. */
#ifndef LK_ROLE_UE_BOOTSTRAP_H
#define LK_ROLE_UE_BOOTSTRAP_H

#include <uv.h>

#include "io/entropy.h"
#include "io/fetch.h"
#include "proto/gba/ue.h"

enum { LK_UE_URL = 512 };

struct lk_ue_bootstrap_setup {
    uv_loop_t *loop;
    const char *url;  /* of the BSF, "http://127.0.0.1:8088/"; outlives this */
    const char *fqdn; /* of the BSF: its realm; outlives this */
    unsigned timeout_ms; /* of a request */
    struct lk_http_watch watch; /* of what goes over the wire; on_message NULL: nobody looks */
    void *context;
    /* The card answers. False: it cannot, and the run ends. */
    bool (*card)(void *context, struct lk_card_answer *answer, const uint8_t rand[LK_RAND_LEN],
                 const uint8_t autn[LK_AUTN_LEN]);
    /* It is over: with a session, which is gone when this returns, or why there is none. detail:
     * where it was asked, and what came, or NULL. Never inside lk_ue_bootstrap_start. */
    void (*done)(void *context, const struct lk_gba_session *session,
                 const struct lk_refusal *refusal, const char *detail);
};

enum { LK_UE_BOOTSTRAP_DETAIL = 320 };

struct lk_ue_bootstrap {
    struct lk_ue_bootstrap_setup setup;
    struct lk_gba_ue_config config;
    struct lk_gba_ue machine; /* secret; so is out */
    struct lk_gba_ue_outbox out;
    struct lk_entropy entropy;
    struct lk_fetch *fetch;
    char detail[LK_UE_BOOTSTRAP_DETAIL]; /* "": nothing was asked yet */
};

/* False: no memory. */
LK_MUST_CHECK bool lk_ue_bootstrap_begin(struct lk_ue_bootstrap *bootstrap,
                                         const struct lk_ue_bootstrap_setup *setup);
/* tmpi: of the last bootstrapping with this BSF; "": none. LK_E_UNEXPECTED: one is under way.
 * LK_E_SYSTEM: nothing can be sent. */
LK_MUST_CHECK enum lk_status lk_ue_bootstrap_start(struct lk_ue_bootstrap *bootstrap,
                                                   const char *impi, const char *tmpi);
/* Without a word more. Turn the loop once more after it. */
void lk_ue_bootstrap_end(struct lk_ue_bootstrap *bootstrap);

#endif
