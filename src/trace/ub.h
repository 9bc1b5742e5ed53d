/* Ub in a trace: HTTP Digest with AKA between a device and its BSF (TS 24.109). A run is one
 * bootstrapping, from who asks to the B-TID. */
#ifndef LK_TRACE_UB_H
#define LK_TRACE_UB_H

#include "trace/run_keys.h"

/* RAND and AUTN of a challenge; false: its nonce has none. */
bool lk_ub_challenge(uint8_t rand[LK_RAND_LEN], uint8_t autn[LK_AUTN_LEN],
                     const struct lk_trace_message *m);
/* Fills keys of a bootstrapping: known, when AUTN and the response are what the card makes. card
 * NULL: ks_known, when the response is what RES of the key log makes. */
void lk_ub_keys(struct lk_run_keys *keys, const struct lk_trace *trace, size_t run,
                const struct lk_recompute_card *card);

#endif
