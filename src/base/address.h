/* Internet addresses: sixteen octets, an IPv4 one in its mapped form (::ffff:a.b.c.d). */
#ifndef LK_BASE_ADDRESS_H
#define LK_BASE_ADDRESS_H

#include "base/octets.h"

enum { LK_ADDRESS_LEN = 16, LK_ADDRESS_BITS = 128, LK_ADDRESS_TEXT = 46 };

struct lk_address {
    uint8_t octets[LK_ADDRESS_LEN];
};

/* An address or a network: what lies beyond bits is zero. */
struct lk_address_prefix {
    struct lk_address address;
    uint8_t bits; /* 0 to 128; 96 more than an IPv4 prefix says */
};

struct lk_address lk_address_v4(const uint8_t octets[4]);
bool lk_address_is_v4(const struct lk_address *address);
/* 0.0.0.0 or ::. */
bool lk_address_is_any(const struct lk_address *address);
/* 127.0.0.0/8 or ::1. */
bool lk_address_is_loopback(const struct lk_address *address);
/* Of one host, for whoever sends to it across links: no multicast or broadcast one, no link's own,
 * none of those that nobody has (::, 0.0.0.0/8, 240.0.0.0/4). */
bool lk_address_is_unicast(const struct lk_address *address);
bool lk_address_equal(const struct lk_address *a, const struct lk_address *b);
/* The usual text, "127.0.0.1" or "2001:db8::1", terminated. */
void lk_address_text(char text[LK_ADDRESS_TEXT], const struct lk_address *address);
/* The other way; LK_E_VALUE when it is none. */
LK_MUST_CHECK enum lk_status lk_address_parse(struct lk_address *address, const char *text);

/* Reads "192.0.2.0/24", "192.0.2.1", "2001:db8::/32", and clears what lies beyond the prefix.
 * LK_E_VALUE. */
LK_MUST_CHECK enum lk_status lk_address_prefix_parse(struct lk_address_prefix *prefix,
                                                     const char *text);
/* The prefix of that length that holds address. */
struct lk_address_prefix lk_address_prefix_of(const struct lk_address *address, unsigned bits);
/* What strangers are counted by: an IPv4 address, or the /64 of an IPv6 one, which has them all. */
struct lk_address_prefix lk_address_source(const struct lk_address *address);
bool lk_address_prefix_equal(const struct lk_address_prefix *a, const struct lk_address_prefix *b);

#endif
