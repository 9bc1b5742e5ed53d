/* Keys below an EMSK: usages and domains (RFC 5295), re-authentication (ERP, RFC 6696) and early
 * authentication (ERP/AAK, RFC 6630).
 *
 *   EMSK ─┬─> USRK                        of one usage, by its label
 *         ├─> DSRK ──> DSUSRK             of one domain, and of one usage in it
 *         │    ├─> rRK, pRK as below      where the domain runs an ER server of its own
 *         ├─> rRK ─┬─> rIK                proves the packets of ERP, derives nothing
 *         │        └─> rMSK               K of one authenticator, by its SEQ
 *         └─> pRK ──> pMSK                K of one candidate attachment point
 *
 * rRK, rIK and pRK never leave peer and server. Each key is as long as its parent: 64 octets.
 * Callers wipe what they are given, and a parent that has no other use. */
#ifndef LK_KEYS_ERP_H
#define LK_KEYS_ERP_H

#include "base/erp.h"
#include "keys/types.h"

enum { LK_KEY_LABEL_MAX = 255 };

/* RFC 5295 3.1: KDF(K, S) with S = label || 00 || data || length, which is prf+ of IKEv2. len at
 * most 8160. */
void lk_erp_kdf(uint8_t *out, size_t len, struct lk_span key, struct lk_span label,
                struct lk_span data);

/* A name, which is public. session_id is that of the EAP run. */
void lk_emsk_name(uint8_t name[LK_EMSK_NAME_LEN], struct lk_span session_id);

void lk_usrk_derive(struct lk_usrk *usrk, const struct lk_emsk *emsk, struct lk_span label,
                    struct lk_span data);
void lk_dsrk_derive(struct lk_dsrk *dsrk, const struct lk_emsk *emsk, struct lk_span domain);
void lk_dsusrk_derive(struct lk_dsusrk *dsusrk, const struct lk_dsrk *dsrk, struct lk_span label,
                      struct lk_span data);
/* Proves an authorisation indication (TLV 6) to the domain. */
void lk_delivery_key_derive(struct lk_delivery_key *key, const struct lk_emsk *emsk,
                            struct lk_span domain);

/* ERP with the home server, and with one of the domain. */
void lk_rrk_of_emsk(struct lk_rrk *rrk, const struct lk_emsk *emsk);
void lk_rrk_of_dsrk(struct lk_rrk *rrk, const struct lk_dsrk *dsrk);
void lk_rik_derive(struct lk_rik *rik, const struct lk_rrk *rrk, enum lk_erp_suite suite);
void lk_rmsk_derive(struct lk_rmsk *rmsk, const struct lk_rrk *rrk, uint16_t seq);

void lk_prk_of_emsk(struct lk_prk *prk, const struct lk_emsk *emsk);
void lk_prk_of_dsrk(struct lk_prk *prk, const struct lk_dsrk *dsrk);
void lk_pmsk_derive(struct lk_pmsk *pmsk, const struct lk_prk *prk, uint16_t seq);

/* The tag at the end of a packet: covered is the packet from its code to its cryptosuite. Writes
 * lk_erp_tag_len(suite) octets. check: LK_E_MAC, or LK_E_LENGTH. */
void lk_erp_tag(uint8_t tag[LK_ERP_TAG_MAX], enum lk_erp_suite suite, const struct lk_rik *rik,
                struct lk_span covered);
LK_MUST_CHECK enum lk_status lk_erp_tag_check(struct lk_span tag, enum lk_erp_suite suite,
                                              const struct lk_rik *rik, struct lk_span covered);

#endif
