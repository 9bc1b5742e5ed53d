#include "keys/node.h"

#include "crypto/crypto.h"

uint32_t lk_node_day_of(uint64_t now_ms)
{
    return (uint32_t)(now_ms / LK_DAY_MS);
}

void lk_node_day_key_derive(struct lk_node_day_key *key, const struct lk_node_key *node_key,
                            const char *label, uint32_t day)
{
    const uint8_t behind[5] = { 0, (uint8_t)(day >> 24), (uint8_t)(day >> 16), (uint8_t)(day >> 8),
                                (uint8_t)day };
    struct lk_span parts[] = { lk_span_text(label), LK_SPAN(behind) };

    LK_ASSERT(parts[0].len <= 64);
    lk_hmac_sha256(key->octets, LK_SPAN(node_key->octets), parts, LK_COUNT_OF(parts));
}
