/* Explain, of Mobile IP: what its files share. */
#ifndef LK_TRACE_EXPLAIN_MIP_H
#define LK_TRACE_EXPLAIN_MIP_H

#include "trace/explain.h"
#include "trace/mip.h"

/* Why an authenticator of that message was refused, or does not verify: by the keys of the capture,
 * and by what else is in it. weight: of what stays a suspicion. */
void lk_explain_mip_proof(struct lk_explanation *e, const struct lk_trace *trace, size_t index,
                          enum lk_mip_extension which, unsigned weight);
/* The same of MIPv6's MN-HA authentication option. */
void lk_explain_mip6_proof(struct lk_explanation *e, const struct lk_trace *trace, size_t index,
                           unsigned weight);

/* What the home AAA, or the BSF behind it, has to do with that request's coming to nothing. */
void lk_explain_mip_aaa(struct lk_explanation *e, const struct lk_trace *trace, size_t index);
/* Where it is signed by Ks_NAF of another NAF than the other end has asked for. */
void lk_explain_mip_naf(struct lk_explanation *e, const struct lk_trace *trace, size_t index,
                        enum lk_mip_extension which);

/* That nobody answered, and whether that place had an answer a moment before. refused: an earlier
 * try was, which says more. */
void lk_explain_mip_unheard(struct lk_explanation *e, const struct lk_trace *trace, size_t asked,
                            bool refused);

#endif
