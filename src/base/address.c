#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

enum { V4_BITS = 96 };

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct lk_address lk_address_v4(const uint8_t octets[4])
{
    struct lk_address address;

    memcpy(address.octets, mapped, sizeof mapped);
    memcpy(address.octets + sizeof mapped, octets, 4);
    return address;
}

bool lk_address_is_v4(const struct lk_address *address)
{
    return memcmp(address->octets, mapped, sizeof mapped) == 0;
}

bool lk_address_is_any(const struct lk_address *address)
{
    size_t from = lk_address_is_v4(address) ? LK_ADDRESS_LEN - 4 : 0;

    for (size_t i = from; i < LK_ADDRESS_LEN; i++)
        if (address->octets[i] != 0)
            return false;
    return true;
}

bool lk_address_is_loopback(const struct lk_address *address)
{
    static const struct lk_address v6 = { { [LK_ADDRESS_LEN - 1] = 1 } };

    return lk_address_is_v4(address) ? address->octets[sizeof mapped] == 127
                                     : lk_address_equal(address, &v6);
}

bool lk_address_is_unicast(const struct lk_address *address)
{
    enum { LINK_1 = 169, LINK_2 = 254, MULTICAST4 = 224, MULTICAST6 = 0xff };
    const uint8_t *o = address->octets;

    if (lk_address_is_v4(address)) {
        o += sizeof mapped;
        return o[0] != 0 && o[0] < MULTICAST4 && (o[0] != LINK_1 || o[1] != LINK_2);
    }
    return !lk_address_is_any(address) && o[0] != MULTICAST6 &&
           (o[0] != 0xfe || (o[1] & 0xc0) != 0x80);
}

bool lk_address_equal(const struct lk_address *a, const struct lk_address *b)
{
    return memcmp(a->octets, b->octets, LK_ADDRESS_LEN) == 0;
}

/* Each record of a binding has one: libc's would format it by printf, which takes as long as a MAC.
 */
static void text_v4(char text[LK_ADDRESS_TEXT], const uint8_t octets[4])
{
    size_t len = 0;

    for (size_t i = 0; i < 4; i++) {
        if (octets[i] >= 100)
            text[len++] = (char)('0' + octets[i] / 100);
        if (octets[i] >= 10)
            text[len++] = (char)('0' + octets[i] / 10 % 10);
        text[len++] = (char)('0' + octets[i] % 10);
        text[len++] = i < 3 ? '.' : '\0';
    }
}

void lk_address_text(char text[LK_ADDRESS_TEXT], const struct lk_address *address)
{
    const char *done = text;

    if (lk_address_is_v4(address))
        text_v4(text, address->octets + sizeof mapped);
    else
        done = inet_ntop(AF_INET6, address->octets, text, LK_ADDRESS_TEXT);
    LK_ASSERT(done != NULL);
}

enum lk_status lk_address_parse(struct lk_address *address, const char *text)
{
    uint8_t octets[4];

    if (inet_pton(AF_INET, text, octets) == 1) {
        *address = lk_address_v4(octets);
        return LK_OK;
    }
    return inet_pton(AF_INET6, text, address->octets) == 1 ? LK_OK : LK_E_VALUE;
}

/* ---- prefixes ---- */

/* So many ones, and zeroes behind them. */
static uint64_t first_bits(unsigned bits)
{
    return bits == 0 ? 0 : UINT64_MAX << (64 - bits);
}

struct lk_address_prefix lk_address_prefix_of(const struct lk_address *address, unsigned bits)
{
    struct lk_address_prefix prefix = { .bits = (uint8_t)bits };
    uint64_t first = lk_be64_of(address->octets), last = lk_be64_of(address->octets + 8);

    LK_ASSERT(bits <= LK_ADDRESS_BITS);
    lk_be64_to(prefix.address.octets, first & first_bits(bits < 64 ? bits : 64));
    lk_be64_to(prefix.address.octets + 8, last & first_bits(bits < 64 ? 0 : bits - 64));
    return prefix;
}

bool lk_address_prefix_equal(const struct lk_address_prefix *a, const struct lk_address_prefix *b)
{
    return a->bits == b->bits && lk_address_equal(&a->address, &b->address);
}

struct lk_address_prefix lk_address_source(const struct lk_address *address)
{
    enum { SITE_BITS = 64 };
    const unsigned bits = lk_address_is_v4(address) ? LK_ADDRESS_BITS : SITE_BITS;

    return lk_address_prefix_of(address, bits);
}

/* A decimal number up to most, and nothing behind it. */
static enum lk_status read_bits(unsigned *bits, const char *text, unsigned most)
{
    size_t len = strlen(text);

    *bits = 0;
    if (len == 0 || len > 3)
        return LK_E_VALUE;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return LK_E_VALUE;
        *bits = *bits * 10 + (unsigned)(text[i] - '0');
    }
    return *bits <= most ? LK_OK : LK_E_VALUE;
}

enum lk_status lk_address_prefix_parse(struct lk_address_prefix *prefix, const char *text)
{
    char head[LK_ADDRESS_TEXT];
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
    unsigned base, bits = LK_ADDRESS_BITS;
    struct lk_address address;
    enum lk_status status;

    if (len >= sizeof head)
        return LK_E_VALUE;
    memcpy(head, text, len);
    head[len] = '\0';
    status = lk_address_parse(&address, head);
    if (status != LK_OK)
        return status;
    base = strchr(head, ':') == NULL ? V4_BITS : 0;
    if (slash != NULL) {
        status = read_bits(&bits, slash + 1, LK_ADDRESS_BITS - base);
        bits += base;
    }
    if (status == LK_OK)
        *prefix = lk_address_prefix_of(&address, bits);
    return status;
}
