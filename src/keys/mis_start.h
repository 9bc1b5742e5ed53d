/* The start mark of a chain: the home's signed word that it authenticated this mobile node, when,
 * for how long, and how many optimised establishments may follow.
 *
 * T40: a PoS of the chain can say of K's origin and count what it likes; it cannot make a mark. The
 * mark bounds the time and proves that the home was there; the count itself only the MN can hold
 * against a PoS that lies. Ours, in no standard. The key is Ed25519, the home's; a PoS has the
 * public keys of its partners' homes. sign and verify take scratch from the heap: call them from
 * roles, never from a machine. */
#ifndef LK_KEYS_MIS_START_H
#define LK_KEYS_MIS_START_H

#include "keys/types.h"

/* Spans look into what was decoded. */
struct lk_start_mark {
    struct lk_span mn_id;
    uint64_t start_s; /* since 1970: when the home authenticated the MN */
    uint32_t lifetime_s;
    uint8_t max;          /* optimised establishments */
    struct lk_span realm; /* of the home: says whose key it is */
};

void lk_home_key_derive(struct lk_home_key *key, const struct lk_home_secret *secret);
/* Writes the mark: names behind two octets of their length, then the signature. LK_E_LENGTH: a
 * name is empty or too long; LK_E_FULL. */
LK_MUST_CHECK enum lk_status lk_start_mark_sign(struct lk_writer *w,
                                                const struct lk_start_mark *mark,
                                                const struct lk_home_secret *secret);
/* Reads a mark without believing it: for its realm, to find the key. */
LK_MUST_CHECK enum lk_status lk_start_mark_read(struct lk_start_mark *mark, struct lk_span octets);
/* LK_E_AUTH: that home did not sign it; or what does not parse. Says nothing of time or person. */
LK_MUST_CHECK enum lk_status lk_start_mark_verify(struct lk_span octets,
                                                  const struct lk_home_key *key);

#endif
