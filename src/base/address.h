/* Internet addresses: sixteen octets, an IPv4 one in its mapped form (::ffff:a.b.c.d). */
#ifndef LK_BASE_ADDRESS_H
#define LK_BASE_ADDRESS_H

#include "base/octets.h"

enum { LK_ADDRESS_LEN = 16, LK_ADDRESS_BITS = 128, LK_ADDRESS_TEXT = 46 };

struct lk_address {
    uint8_t octets[LK_ADDRESS_LEN];
};

struct lk_address lk_address_v4(const uint8_t octets[4]);
bool lk_address_is_v4(const struct lk_address *address);
/* 0.0.0.0 or ::. */
bool lk_address_is_any(const struct lk_address *address);
bool lk_address_equal(const struct lk_address *a, const struct lk_address *b);
/* True when the first bits bits are the same. */
bool lk_address_within(const struct lk_address *address, const struct lk_address *prefix,
                       unsigned bits);
/* The usual text, "127.0.0.1" or "2001:db8::1", terminated. */
void lk_address_text(char text[LK_ADDRESS_TEXT], const struct lk_address *address);
/* The other way; LK_E_VALUE when it is none. */
LK_MUST_CHECK enum lk_status lk_address_parse(struct lk_address *address, const char *text);

#endif
