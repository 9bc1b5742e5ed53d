/* Between the files of the EPS room only: what both machines do alike with PDUs and outputs. */
#ifndef LK_PROTO_EPS_PARTS_H
#define LK_PROTO_EPS_PARTS_H

#include "proto/eps/machine.h"
#include "wire/rrc_attach.h"

/* Adds an output; there is always room. */
struct lk_eps_output *lk_eps_add(struct lk_eps_outbox *out, enum lk_eps_output_kind kind);
void lk_eps_timer(struct lk_eps_outbox *out, uint64_t at_ms);
void lk_eps_failed(struct lk_eps_outbox *out, enum lk_reason reason, const char *expected,
                   const char *came);
/* Sends a PDU that was made before. */
void lk_eps_send(struct lk_eps_outbox *out, const struct lk_eps_pdu *pdu);

/* Makes a PDU of an RRC message; key NULL: before there is security. */
LK_MUST_CHECK enum lk_status lk_eps_pdu_of(struct lk_eps_pdu *pdu, struct lk_srb *srb,
                                           const struct lk_k_rrc_int *key,
                                           const struct lk_rrc_attach *message);
/* The PDU is this one, octet for octet. */
bool lk_eps_pdu_is(const struct lk_eps_pdu *pdu, struct lk_span octets);
void lk_eps_pdu_keep(struct lk_eps_pdu *pdu, struct lk_span octets);

/* Fills in what RRC carries: a plain message, and one that is integrity protected under KASME with
 * the next NAS COUNT. */
LK_MUST_CHECK enum lk_status lk_eps_nas_plain(struct lk_rrc_attach *to,
                                              const struct lk_nas *message);
LK_MUST_CHECK enum lk_status lk_eps_nas_protected(struct lk_rrc_attach *to, uint32_t *count,
                                                  enum lk_eia_direction direction,
                                                  enum lk_nas_security security,
                                                  const struct lk_kasme *kasme,
                                                  const struct lk_nas *message);
/* Judges the MAC of the first message of a context, which has one; count is then that of the next
 * message. LK_E_MAC: of another key, or changed. */
LK_MUST_CHECK enum lk_status lk_eps_nas_judge(uint32_t *count, enum lk_eia_direction direction,
                                              const struct lk_kasme *kasme,
                                              const struct lk_nas_header *header);
/* K_RRCint of a KeNB, for 128-EIA2. */
void lk_eps_k_rrc_int(struct lk_k_rrc_int *key, const struct lk_kenb *kenb);

#endif
