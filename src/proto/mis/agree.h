/* What two ends of MIS agree on, and what they make of it: offers, the choice, keys and proofs.
 *
 *     MN  --- offers, Nonce-T --->  PoS        chooses what both can
 *     MN  <-- choice, Nonce-N ----  PoS        and proves by AUTH-N that it heard the same offers
 *
 * Offers are not protected where an SA is only being made; AUTH over the transcript tells the MN of
 * a choice that was bid down (T42). Plain functions over plain values. */
#ifndef LK_PROTO_MIS_AGREE_H
#define LK_PROTO_MIS_AGREE_H

#include "keys/mis.h"
#include "wire/mis.h"

/* What an end offers, or will have. */
struct lk_mis_offers {
    uint8_t suite[LK_MIS_SUITES_MAX]; /* codes c, best first */
    uint8_t suites;
    uint8_t prfs;                     /* bits 1 << enum lk_mis_prf */
};
enum { LK_MIS_OFFERED_MAX = LK_MIS_SUITES_MAX + 1, LK_MIS_SAID_VALUE_MAX = LK_MIS_SA_ID_MAX + 2 };

/* CCM, then CBC; HMAC-SHA-256 and CMAC. Suites that do not encrypt are nobody's default. */
void lk_mis_offers_default(struct lk_mis_offers *offers, const struct lk_mis_codes *codes);
/* Those of a message; false: it has none. And into a message, which then looks into offers. */
bool lk_mis_offers_of(struct lk_mis_offers *offers, const struct lk_mis_message *message);
void lk_mis_offers_say(struct lk_mis_message *message, const struct lk_mis_offers *offers);
/* As a transcript has them. */
struct lk_span lk_mis_offered(uint8_t to[LK_MIS_OFFERED_MAX], const struct lk_mis_offers *offers,
                              const struct lk_mis_codes *codes);

/* The first suite of offers that is among ours, and the strongest PRF of both. False: there is no
 * such suite, or PRF. */
bool lk_mis_choose(struct lk_mis_agreed *agreed, const struct lk_mis_offers *offers,
                   const struct lk_mis_offers *ours, const struct lk_mis_codes *codes);
/* What the PoS chose, in a message; false: not one suite and one PRF of what was offered. */
bool lk_mis_chosen(struct lk_mis_agreed *agreed, const struct lk_mis_message *message,
                   const struct lk_mis_offers *offers, const struct lk_mis_codes *codes);
/* The message then looks into agreed. */
void lk_mis_chosen_say(struct lk_mis_message *message, const struct lk_mis_agreed *agreed);

/* The value of TLV SAID. */
struct lk_span lk_mis_said_value(uint8_t to[LK_MIS_SAID_VALUE_MAX], const struct lk_mis_said *said);

/* All that comes of a K. Secret. */
struct lk_mis_made {
    struct lk_mis_keys keys;
    struct lk_msrk msrk;
    struct lk_mis_auth auth_n, auth_t;
};
void lk_mis_make(struct lk_mis_made *made, const struct lk_mis_k *k,
                 const struct lk_mis_transcript *transcript);

#endif
