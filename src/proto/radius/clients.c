#include "proto/radius/clients.h"

#include <stdlib.h>
#include <string.h>

enum { V4_BITS = 96 };

static void clear_host_part(struct lk_address *address, unsigned bits)
{
    for (unsigned i = bits; i < LK_ADDRESS_BITS; i++)
        address->octets[i / 8] &= (uint8_t)~(0x80 >> i % 8);
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

enum lk_status lk_radius_client_prefix(struct lk_radius_client *client, const char *text)
{
    char address[LK_ADDRESS_TEXT];
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
    unsigned base, bits = LK_ADDRESS_BITS;
    enum lk_status status;

    if (len >= sizeof address)
        return LK_E_VALUE;
    memcpy(address, text, len);
    address[len] = '\0';
    status = lk_address_parse(&client->address, address);
    if (status != LK_OK)
        return status;
    base = strchr(address, ':') == NULL ? V4_BITS : 0;
    if (slash != NULL) {
        status = read_bits(&bits, slash + 1, LK_ADDRESS_BITS - base);
        bits += base;
    }
    if (status != LK_OK)
        return status;
    client->bits = (uint8_t)bits;
    clear_host_part(&client->address, bits);
    return LK_OK;
}

/* Longest prefix first; among those of one length by address. */
static int order(const void *left, const void *right)
{
    const struct lk_radius_client *a = left, *b = right;

    if (a->bits != b->bits)
        return a->bits > b->bits ? -1 : 1;
    /* tidy: an order of public addresses. */
    return memcmp(a->address.octets, b->address.octets, LK_ADDRESS_LEN);
}

enum lk_status lk_radius_clients_set(struct lk_radius_clients *clients,
                                     struct lk_radius_client *item, size_t count)
{
    memset(clients, 0, sizeof *clients);
    if (count > 0)
        qsort(item, count, sizeof *item, order);
    for (size_t i = 0; i < count; i++) {
        LK_ASSERT(item[i].bits <= LK_ADDRESS_BITS);
        if (i > 0 && order(&item[i - 1], &item[i]) == 0)
            return LK_E_TWICE;
        if (i == 0 || item[i - 1].bits != item[i].bits)
            clients->bits[clients->bits_count++] = item[i].bits;
    }
    clients->item = item;
    clients->count = count;
    return LK_OK;
}

const struct lk_radius_client *lk_radius_clients_find(const struct lk_radius_clients *clients,
                                                      const struct lk_address *address)
{
    for (size_t i = 0; i < clients->bits_count; i++) {
        struct lk_radius_client wanted = { .address = *address, .bits = clients->bits[i] };
        const struct lk_radius_client *found;

        clear_host_part(&wanted.address, wanted.bits);
        found = bsearch(&wanted, clients->item, clients->count, sizeof *clients->item, order);
        if (found != NULL)
            return found;
    }
    return NULL;
}
