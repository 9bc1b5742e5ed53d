#include "proto/mis/partners.h"

struct lk_span lk_mis_realm(struct lk_span id)
{
    for (size_t i = id.len; i > 0; i--)
        if (id.at[i - 1] == '@')
            return lk_span_of(id.at + i, id.len - i);
    return id;
}

static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet - 'A' + 'a') : octet;
}

bool lk_mis_same_realm(struct lk_span a, struct lk_span b)
{
    if (a.len != b.len || a.len == 0)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

/* spec: IEEE 802.21.1 5.14.1 - roaming partners by their agreement, and nobody else. */
bool lk_mis_is_partner(const struct lk_mis_partners *partners, struct lk_span id)
{
    struct lk_span realm = lk_mis_realm(id);

    for (size_t i = 0; i < partners->count; i++)
        if (lk_mis_same_realm(partners->realm[i], realm))
            return true;
    return false;
}
