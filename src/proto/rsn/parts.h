/* Between the files of the rsn room only: what both machines do alike with frames and outputs. */
#ifndef LK_PROTO_RSN_PARTS_H
#define LK_PROTO_RSN_PARTS_H

#include "proto/rsn/machine.h"

/* Keeps an element. LK_E_LENGTH: it is longer than we keep. */
LK_MUST_CHECK enum lk_status lk_rsn_element_keep(struct lk_rsn_element *element,
                                                 struct lk_span octets);
bool lk_rsn_element_is(const struct lk_rsn_element *element, struct lk_span octets);
/* Adds an output; there is always room. */
struct lk_rsn_output *lk_rsn_add(struct lk_rsn_outbox *out, enum lk_rsn_output_kind kind);
void lk_rsn_notice(struct lk_rsn_outbox *out, enum lk_reason reason, const char *expected,
                   const char *came);
void lk_rsn_end(struct lk_rsn_outbox *out, enum lk_rsn_output_kind kind, uint16_t code,
                enum lk_reason reason);
void lk_rsn_timer(struct lk_rsn_outbox *out, uint64_t at_ms);

struct lk_rsn_frame {
    struct lk_eapol_key key;
    enum lk_eapol_message message;
};
/* LK_E_VALUE: its version is not that of the AKM; LK_E_UNKNOWN: no message of ours. */
LK_MUST_CHECK enum lk_status lk_rsn_frame_read(struct lk_rsn_frame *frame, enum lk_akm akm,
                                               struct lk_span octets);
/* Sends that frame, with a MIC where there is a KCK. */
void lk_rsn_frame_send(struct lk_rsn_outbox *out, const struct lk_eapol_key *key, enum lk_akm akm,
                       const struct lk_kck *kck);

#endif
