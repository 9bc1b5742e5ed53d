/* What a node gives away sealed and gets back, so that it need not keep it: AES-SIV under a key of
 * the day, which every node of a service makes of the node key by itself.
 *
 *     key id (1) | AES-SIV tag (16) | encrypted
 *
 * Today's key seals. Yesterday's opens too, and so does tomorrow's, for a node whose clock is a
 * little ahead of ours at midnight. */
#ifndef LK_KEYS_SEAL_H
#define LK_KEYS_SEAL_H

#include "crypto/crypto.h"
#include "keys/node.h"

enum { LK_SEAL_KEYS = 3, LK_SEAL_OVERHEAD = 1 + LK_SIV_TAG_LEN };

struct lk_seal_key {
    uint8_t id; /* the day modulo 256 */
    struct lk_siv_key key;
};

/* Secret. [0] is today's. */
struct lk_seal_keys {
    uint32_t day;
    struct lk_seal_key key[LK_SEAL_KEYS];
};

/* label says what for: what was sealed for one use opens in no other. */
void lk_seal_keys_derive(struct lk_seal_keys *keys, const struct lk_node_key *node_key,
                         const char *label, uint32_t day);
/* Writes LK_SEAL_OVERHEAD octets more than plain has. */
void lk_seal(uint8_t *out, const struct lk_seal_keys *keys, struct lk_span additional,
             struct lk_span plain);
/* Writes LK_SEAL_OVERHEAD octets less; LK_E_MAC: it does not open. */
LK_MUST_CHECK enum lk_status lk_unseal(uint8_t *out, const struct lk_seal_keys *keys,
                                       struct lk_span additional, struct lk_span sealed);

#endif
