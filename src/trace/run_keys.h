/* The keys of a run, calculated again from the card: of a full authentication and a bootstrapping
 * from its challenge, of a fast re-authentication from the run before it that made its keys. What
 * does not verify under the MACs and responses of the wire is not taken. Secret as a whole. */
#ifndef LK_TRACE_RUN_KEYS_H
#define LK_TRACE_RUN_KEYS_H

#include "trace/recompute.h"
#include "trace/trace.h"

struct lk_run_keys {
    bool known;           /* AUTN and AT_MAC verify, or AUTN and the response at Ub */
    bool fast;
    size_t full_run;      /* the run that the challenge belongs to */
    uint8_t eap_type;
    struct lk_aka_card card;
    struct lk_aka_output aka;
    struct lk_ck_prime ck_prime; /* EAP-AKA' */
    struct lk_ik_prime ik_prime;
    struct lk_eap_keys keys; /* msk and emsk are those of this run */
    uint16_t counter;        /* fast */
    struct lk_wlcp_key wlcp; /* when multi-connection mode was agreed */
    char wlcp_identity[LK_WLCP_IDENTITY_LEN + 1]; /* what names it in DTLS; else "" */
    bool ks_known;           /* of a bootstrapping: by the card, or by the key log alone */
    struct lk_ks ks;
    struct lk_span response_text; /* of a bootstrapping: the one that was judged */
    enum lk_trace_judged response, rspauth;
};

/* It has an authentication by EAP-AKA or EAP-AKA' in it, on its way to an access point or a PoS. */
bool lk_run_is_eap(const struct lk_trace_run *run);
/* Fills keys; keys->known says whether it could. card may be NULL: of a bootstrapping the key log
 * of the capture is taken then. The caller wipes keys. */
void lk_run_keys(struct lk_run_keys *keys, const struct lk_trace *trace, size_t run,
                 const struct lk_recompute_card *card);
/* The run whose WLCP key goes by that identity, or LK_TRACE_NONE. */
size_t lk_run_of_identity(const struct lk_trace *trace, struct lk_span identity,
                          const struct lk_recompute_card *card);
/* Decrypts AT_ENCR_DATA of a packet of that run into plain, which holds cap octets. Empty when
 * there is none or the keys are not known. */
struct lk_span lk_run_decrypt(uint8_t *plain, size_t cap, const struct lk_run_keys *keys,
                              const struct lk_eap_packet *packet);

#endif
