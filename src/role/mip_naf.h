/* Who asks the BSF for keys of Mobile IP, as NAF: a home agent, a foreign agent, the home AAA. The
 * library blocks, so it is asked on the loop's pool.
 *
 * T27: the B-TID is of the subscriber whom the NAI names, or of no use. */
#ifndef LK_ROLE_MIP_NAF_H
#define LK_ROLE_MIP_NAF_H

#include <uv.h>

#include "base/imsi.h"
#include "proto/mip/msa.h"
#include "role/config.h"
#include "role/kinds.h"
#include "role/seen.h"

enum { LK_MIP_NAF_WAITING = 32 };

struct lk_mip_naf;

/* What is asked, and comes back with the answer. Spans are the caller's until lk_mip_naf_ask has
 * returned; the answer has copies. */
struct lk_mip_naf_question {
    struct lk_imsi imsi;  /* as the NAI says */
    uint32_t spi;         /* that the association will have */
    struct lk_span b_tid;
    bool six;                 /* for MIPv6: Ua and octets are its own */
    uint64_t tag;             /* the caller's, as port and octets */
    struct lk_address from;   /* whose share it is of (T15); ::, that is not known */
    uint16_t port;
    struct lk_span octets;
};

struct lk_mip_naf_answer {
    const struct lk_mip_naf_question *question;
    enum lk_reason reason; /* NONE: msa is there; MIP_WAY, MIP_B_TID, or how the BSF is away */
    const char *came;      /* what was found instead, for the log */
    struct lk_mip_msa msa; /* secret; ends with the bootstrapping */
    const char *b_tid;     /* terminated */
};

typedef void lk_mip_naf_done(void *context, const struct lk_mip_naf_answer *answer);

/* name: who we are to the BSF; NULL: as config says. NULL: error says why. section: of the
 * configuration, for error. seen: what keys go into. */
struct lk_mip_naf *lk_mip_naf_new(const struct lk_config_mip_naf *config, const char *section,
                                  const char *name, uv_loop_t *loop, struct lk_seen *seen,
                                  lk_mip_naf_done *done, void *context,
                                  char error[LK_KIND_ERROR_TEXT]);
/* NONE: it calls done, later. MIP_QUESTIONS: there are too many, and the node asks again.
 * MIP_B_TID: it can be none. */
LK_MUST_CHECK enum lk_reason lk_mip_naf_ask(struct lk_mip_naf *naf,
                                            const struct lk_mip_naf_question *question);
/* Nothing is called any more. What is on the pool stays until the process ends. NULL is fine. */
void lk_mip_naf_free(struct lk_mip_naf *naf);

#endif
