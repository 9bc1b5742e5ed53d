#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

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

bool lk_address_equal(const struct lk_address *a, const struct lk_address *b)
{
    return memcmp(a->octets, b->octets, LK_ADDRESS_LEN) == 0;
}

bool lk_address_within(const struct lk_address *address, const struct lk_address *prefix,
                       unsigned bits)
{
    unsigned whole = bits / 8;
    unsigned rest = bits % 8;

    LK_ASSERT(bits <= LK_ADDRESS_BITS);
    if (memcmp(address->octets, prefix->octets, whole) != 0)
        return false;
    return rest == 0 || (address->octets[whole] ^ prefix->octets[whole]) >> (8 - rest) == 0;
}

void lk_address_text(char text[LK_ADDRESS_TEXT], const struct lk_address *address)
{
    bool v4 = lk_address_is_v4(address);
    const char *done = v4 ? inet_ntop(AF_INET, address->octets + sizeof mapped, text,
                                      LK_ADDRESS_TEXT)
                          : inet_ntop(AF_INET6, address->octets, text, LK_ADDRESS_TEXT);

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
