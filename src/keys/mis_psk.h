/* The pre-shared key of the DTLS channel between a mobile node and a point of service: the MIS SA
 * of type TLS.
 *
 *   EMSK ──> USRK by usage label and the MISF ID of the PoS: it is the PSK
 *
 * The AAA server gives it to that PoS alone, and the mobile node derives it for the PoS that it
 * dials: so a PoS that was captured opens the channels of no other one, nor of its own domain.
 * Ours, in no standard; the label is a choice (wire/mis_codes.h). No K comes of it (T41). */
#ifndef LK_KEYS_MIS_PSK_H
#define LK_KEYS_MIS_PSK_H

#include "keys/psk_identity.h"
#include "keys/types.h"

enum { LK_MIS_PSK_IDENTITY_LEN = LK_PSK_IDENTITY_LEN };

/* The caller wipes psk, and emsk when it was its last child. */
void lk_mis_psk_derive(struct lk_mis_psk *psk, const struct lk_emsk *emsk, struct lk_span usage,
                       struct lk_span pos_id);
/* T07: what names the key in a handshake. */
void lk_mis_psk_identity(char identity[LK_MIS_PSK_IDENTITY_LEN + 1], const struct lk_mis_psk *psk);

#endif
