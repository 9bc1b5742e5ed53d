/* The keys that the nodes of one service derive from their common node key, without talking.
 *
 * Every node makes today's key by itself: HMAC-SHA-256(node key, label || 0 || day), where day
 * counts UTC days since 1970 in four octets, and is zero for a key that does not change. */
#ifndef LK_KEYS_NODE_H
#define LK_KEYS_NODE_H

#include "base/octets.h"

struct lk_node_key { uint8_t octets[32]; };      /* handed out by latchkey node-key */
struct lk_node_day_key { uint8_t octets[32]; };  /* one use, one day: AES-SIV-CMAC-256 */

enum { LK_DAY_MS = 24 * 60 * 60 * 1000 };

uint32_t lk_node_day_of(uint64_t now_ms);
/* The caller wipes key. label is text of at most 64 octets. */
void lk_node_day_key_derive(struct lk_node_day_key *key, const struct lk_node_key *node_key,
                            const char *label, uint32_t day);

#endif
