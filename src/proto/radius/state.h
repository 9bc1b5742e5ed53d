/* The sealed State: all that a server keeps of an exchange under way travels in it.
 *
 *     key id (1) | AES-SIV tag (16) | encrypted: expiry in seconds (4) | snapshot (up to 232)
 *
 * The associated data are a label and the address of the RADIUS client, so that a State taken to
 * another client does not open. Keys come from the node key, one a UTC day: any node that shares
 * the node key opens what any other sealed. Yesterday's is good too, and so is tomorrow's, for a
 * node whose clock is a little ahead of ours at midnight. */
#ifndef LK_PROTO_RADIUS_STATE_H
#define LK_PROTO_RADIUS_STATE_H

#include "base/address.h"
#include "base/imsi.h"
#include "crypto/crypto.h"
#include "keys/seal.h"
#include "proto/radius/clients.h"
#include "wire/radius.h"

enum {
    LK_RADIUS_STATE_EXPIRY_LEN = 4,
    LK_RADIUS_STATE_OVERHEAD = LK_SEAL_OVERHEAD + LK_RADIUS_STATE_EXPIRY_LEN,
    LK_RADIUS_SNAPSHOT_MAX = LK_RADIUS_VALUE_MAX - LK_RADIUS_STATE_OVERHEAD, /* 232 */
    LK_RADIUS_CLASS_SALT_LEN = 8,
    LK_RADIUS_CLASS_OVERHEAD = 1 + LK_SIV_TAG_LEN + LK_IMSI_BCD_LEN + LK_RADIUS_CLASS_SALT_LEN + 8,
    LK_RADIUS_CLASS_MAX = LK_RADIUS_CLASS_OVERHEAD + LK_RADIUS_MAG_MAX,
};

void lk_radius_state_keys_derive(struct lk_seal_keys *keys,
                                 const struct lk_node_key *node_key, uint32_t day);

/* The value of the State attribute, LK_RADIUS_STATE_OVERHEAD octets longer than the snapshot.
 * LK_E_FULL when the snapshot is longer than LK_RADIUS_SNAPSHOT_MAX. */
LK_MUST_CHECK enum lk_status lk_radius_state_seal(uint8_t value[LK_RADIUS_VALUE_MAX], size_t *len,
                                                  const struct lk_seal_keys *keys,
                                                  const struct lk_address *client,
                                                  uint64_t expires_ms, struct lk_span snapshot);
/* The snapshot, in room of LK_RADIUS_VALUE_MAX octets, secret. LK_E_MAC when it does not open for
 * this client, LK_E_EXPIRED when its time is over. */
LK_MUST_CHECK enum lk_status lk_radius_state_open(uint8_t room[LK_RADIUS_VALUE_MAX],
                                                  struct lk_span *snapshot,
                                                  const struct lk_seal_keys *keys,
                                                  const struct lk_address *client,
                                                  uint64_t now_ms, struct lk_span value);

/* Class says, sealed, whom the AAA saw attach, when, and behind which gateway. It tells accounting
 * whose it is without the access point learning it; to the anchor it is the AAA's authorisation
 * (T02, T03, T31): nobody without the node key makes one. Its key does not change by the day:
 * sessions are long.
 *
 *     2 (1) | AES-SIV tag (16) | encrypted: IMSI (8) | salt (8) | attached, ms (8) | MAG
 *     1 (1) | AES-SIV tag (16) | encrypted: IMSI (8) | salt (8)     older nodes: no token
 */
struct lk_radius_class_key {
    struct lk_siv_key key;
};
struct lk_radius_class {
    struct lk_imsi imsi;
    uint64_t attached_ms;            /* since the epoch; 0 from an older node */
    char mag[LK_RADIUS_MAG_MAX + 1]; /* terminated; empty from an older node */
};

void lk_radius_class_key_derive(struct lk_radius_class_key *key,
                                const struct lk_node_key *node_key);
/* Returns the length of value. */
size_t lk_radius_class_seal(uint8_t value[LK_RADIUS_CLASS_MAX],
                            const struct lk_radius_class_key *key,
                            const struct lk_radius_class *content,
                            const uint8_t salt[LK_RADIUS_CLASS_SALT_LEN]);
/* LK_E_MAC when it is not ours. */
LK_MUST_CHECK enum lk_status lk_radius_class_open(struct lk_radius_class *content,
                                                  const struct lk_radius_class_key *key,
                                                  struct lk_span value);
/* For the anchor: LK_E_MAC when it is not ours, LK_E_MISSING when it names no gateway, LK_E_EXPIRED
 * when the attach is lifetime_ms or more ago, or further ahead than two clocks may differ (a
 * minute). What it says is then to be compared with who presents it, and attached_ms with the
 * last one accepted. */
LK_MUST_CHECK enum lk_status lk_radius_class_open_token(struct lk_radius_class *content,
                                                        const struct lk_radius_class_key *key,
                                                        uint64_t now_ms, uint64_t lifetime_ms,
                                                        struct lk_span value);

#endif
