/* GBA (TS 33.220): Ks, what is derived of it for one NAF, and the names that go with it.
 *
 * A key of a NAF is bound to the NAF's name and to the protocol that it is used in, by NAF_Id: the
 * same host has another key in each protocol. */
#ifndef LK_KEYS_GBA_H
#define LK_KEYS_GBA_H

#include "keys/types.h"

enum {
    LK_FQDN_MAX = 253,  /* characters of a host's name, RFC 1035 2.3.4 */
    LK_UA_ID_LEN = 5,   /* Ua security protocol identifier, TS 33.220 H */
    LK_NAF_ID_MAX = LK_FQDN_MAX + LK_UA_ID_LEN,
    LK_TMPI_MAX = 32 + 1 + 24, /* characters, LK_TMPI_REALM the last 24 */
    LK_B_TID_MAX = 24 + 1 + LK_FQDN_MAX,
    LK_TMPI_OCTETS = 24,
};
#define LK_TMPI_REALM "tmpi.bsf.3gppnetwork.org"

/* TS 33.220 H.2: an organisation's octet and four of its own. */
struct lk_ua_id {
    uint8_t octets[LK_UA_ID_LEN];
};
extern const struct lk_ua_id lk_ua_id_http_digest; /* 0100000002, TS 24.109 */
extern const struct lk_ua_id lk_ua_id_tls13;       /* 0100000007, TS 33.222 */
extern const struct lk_ua_id lk_ua_id_tmpi;        /* 0100000100 */

/* FQDN of the NAF, 1 to LK_FQDN_MAX octets, and the protocol. */
struct lk_naf_id {
    uint8_t octets[LK_NAF_ID_MAX];
    size_t len;
};
void lk_naf_id_of(struct lk_naf_id *id, struct lk_span fqdn, const struct lk_ua_id *ua);

/* The caller wipes each key, and its parent when it has no other child. impi at most 65,535
 * octets. */
void lk_ks_of(struct lk_ks *ks, const struct lk_ck *ck, const struct lk_ik *ik);
void lk_ks_naf_derive(struct lk_ks_naf *key, const struct lk_ks *ks,
                      const uint8_t rand[LK_RAND_LEN], struct lk_span impi,
                      const struct lk_naf_id *naf);
void lk_ks_int_naf_derive(struct lk_ks_int_naf *key, const struct lk_ks *ks,
                          const uint8_t rand[LK_RAND_LEN], struct lk_span impi,
                          const struct lk_naf_id *naf);

/* Names, terminated. bsf: its FQDN. */
void lk_b_tid_say(char b_tid[LK_B_TID_MAX + 1], const uint8_t rand[LK_RAND_LEN],
                  struct lk_span bsf);
/* What the UE is called at its next bootstrapping with this BSF, so that its IMPI is not sent. */
void lk_tmpi_derive(char tmpi[LK_TMPI_MAX + 1], const struct lk_ks *ks,
                    const uint8_t rand[LK_RAND_LEN], struct lk_span impi, struct lk_span bsf);

#endif
