/* Signalling radio bearer 1 between eNB and UE: RRC messages in PDCP, integrity protected with
 * 128-EIA2 under the RRC integrity key of the KeNB in use.
 *
 * Messages are not ciphered (EEA0): what matters of the WT Counter is that nobody can change it. A
 * COUNT is used once under one key: with a new KeNB both ends begin anew (lk_srb_begin), and at its
 * end nothing is sent until they have.
 *
 * Before there is a key (an attach, proto/eps) messages go with a MAC-I of zeroes, and their COUNTs
 * count: those under the key go on where they end. They stay in the first hyper frame, so a
 * receiver need not follow what nobody has proven. */
#ifndef LK_PROTO_SRB_H
#define LK_PROTO_SRB_H

#include "keys/eps.h"

struct lk_srb {
    enum lk_eia_direction sends; /* LK_EIA_DOWNLINK at the eNB */
    uint32_t send_next;          /* COUNT of the next message */
    uint32_t receive_next;       /* the least COUNT that the next message can have */
};

/* The COUNTs that a key has been used with already: all below these. */
struct lk_srb_used {
    uint32_t sent, received;
};

/* A bearer under a new key. */
void lk_srb_begin(struct lk_srb *srb, enum lk_eia_direction sends);
/* A bearer under a key that somebody else has used before. */
void lk_srb_go_on(struct lk_srb *srb, enum lk_eia_direction sends, const struct lk_srb_used *used);
/* Writes message as a PDU with the next COUNT; key NULL: without protection. LK_E_FULL: no COUNT is
 * left, so the KeNB must be refreshed first, or the writer is full; then no COUNT is used. */
LK_MUST_CHECK enum lk_status lk_srb_send(struct lk_srb *srb, struct lk_writer *w,
                                         const struct lk_k_rrc_int *key, struct lk_span message);
/* A view of the PDU's message; key NULL: of one without protection, whose COUNT is not followed.
 * LK_E_MAC: of another key, changed, or played again; then nothing has happened. */
LK_MUST_CHECK enum lk_status lk_srb_receive(struct lk_srb *srb, struct lk_span *message,
                                            const struct lk_k_rrc_int *key, struct lk_span pdu);

#endif
