/* AKMA (TS 33.535): K_AUSF -> K_AKMA, A-TID -> K_AF, and A-KID, the name of it all.
 *
 * K_AF has no input of the UE and no freshness: it is the same until the next primary
 * authentication. A-KID is a NAI; how its username is put together is not confirmed, so it is a
 * template of the configuration. */
#ifndef LK_KEYS_AKMA_H
#define LK_KEYS_AKMA_H

#include "keys/gba.h"

enum {
    LK_A_KID_MAX = 253,
    LK_RID_MAX = 4,
    LK_A_TID_TEXT = 43, /* in base64url */
};

/* The caller wipes each key, and its parent when it has no other child. supi: of an IMSI its digits
 * alone, else the NAI. */
void lk_k_ausf_of_emsk(struct lk_k_ausf *key, const struct lk_emsk *emsk);
void lk_k_ausf_of_5g_aka(struct lk_k_ausf *key, const struct lk_ck *ck, const struct lk_ik *ik,
                         struct lk_span serving_network,
                         const uint8_t sqn_xor_ak[LK_SQN_XOR_AK_LEN]);
void lk_k_akma_derive(struct lk_k_akma *key, const struct lk_k_ausf *k_ausf, struct lk_span supi);
void lk_a_tid_derive(struct lk_a_tid *a_tid, const struct lk_k_ausf *k_ausf, struct lk_span supi);
/* af_id: FQDN of the AF and the Ua* protocol, as a NAF_Id. */
void lk_k_af_derive(struct lk_k_af *key, const struct lk_k_akma *k_akma,
                    const struct lk_naf_id *af_id);

/* What may stand in a template: text, {rid}, {a-tid} (base64url), {a-tid-hex}, {mcc}, {mnc} (three
 * digits). */
#define LK_A_KID_TEMPLATE "rid{rid}.tid{a-tid}@akma.5gc.mnc{mnc}.mcc{mcc}.3gppnetwork.org"
struct lk_a_kid_home {
    const char *rid; /* routing indicator, 1 to 4 digits */
    const char *mcc, *mnc; /* digits: 3, 2 or 3 */
};
/* Terminated. LK_E_UNKNOWN: a name in braces that there is none of, or braces that do not match;
 * LK_E_MISSING: no A-TID in it; LK_E_VALUE: not one @, or a character that no NAI has, or a home
 * that is none; LK_E_FULL: too long. */
LK_MUST_CHECK enum lk_status lk_a_kid_say(char a_kid[LK_A_KID_MAX + 1], const char *form,
                                          const struct lk_a_tid *a_tid,
                                          const struct lk_a_kid_home *home);

/* The routing indicator, terminated, in an A-KID that was made by that template: for who routes
 * questions, and for nobody else; to all others an A-KID says nothing. LK_E_VALUE: the template
 * does not make such, or the indicator could be read in two ways; LK_E_UNKNOWN: it has none. */
LK_MUST_CHECK enum lk_status lk_a_kid_rid(char rid[LK_RID_MAX + 1], const char *form,
                                          struct lk_span a_kid);

#endif
