/* Between the files of mn_auth and pos_auth only: what both say alike (auth.c). */
#ifndef LK_PROTO_MIS_AUTH_PARTS_H
#define LK_PROTO_MIS_AUTH_PARTS_H

#include "proto/mis/auth.h"

/* The next output, for its machine to fill. */
struct lk_mis_auth_output *lk_mis_auth_add(struct lk_mis_auth_outbox *out,
                                           enum lk_mis_auth_output_kind kind);
LK_MUST_CHECK enum lk_status lk_mis_auth_send(struct lk_mis_auth_outbox *out,
                                              const struct lk_mis_auth_config *config,
                                              const struct lk_mis_header *header,
                                              const struct lk_mis_message *message);
void lk_mis_auth_fail(struct lk_mis_auth_outbox *out, const struct lk_refusal *why,
                      enum lk_mis_reason told);
/* The header of a message of that action; it goes in clear. */
struct lk_mis_header lk_mis_auth_header(const struct lk_mis_auth_config *config,
                                        enum lk_mis_action action, enum lk_mis_opcode opcode);

struct lk_mis_said lk_mis_auth_said(const struct lk_mis_auth_terms *terms);
/* Keys and both proofs of terms and K. */
void lk_mis_auth_make_all(struct lk_mis_made *made, const struct lk_mis_auth_terms *terms,
                          const struct lk_mis_k *k, const struct lk_mis_codes *codes,
                          struct lk_span mn_id, struct lk_span pos_id);
/* The SA as an output. */
LK_MUST_CHECK enum lk_status lk_mis_auth_put_sa(struct lk_mis_auth_outbox *out,
                                                const struct lk_mis_auth_terms *terms,
                                                const struct lk_mis_sa_start *start,
                                                enum lk_mis_run run);
/* Of a packet of EAP or ERP; 0: there is none. */
uint8_t lk_mis_auth_code(struct lk_span packet);
/* A start mark that names that MN; nothing is verified. */
bool lk_mis_auth_mark_is_of(struct lk_span mark, struct lk_span mn_id);

#endif
