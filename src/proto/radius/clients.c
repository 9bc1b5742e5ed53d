#include "proto/radius/clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest prefix first; among those of one length by address. */
static int order(const void *left, const void *right)
{
    const struct lk_radius_client *a = left, *b = right;

    if (a->prefix.bits != b->prefix.bits)
        return a->prefix.bits > b->prefix.bits ? -1 : 1;
    /* tidy: an order of public addresses. */
    return memcmp(a->prefix.address.octets, b->prefix.address.octets, LK_ADDRESS_LEN);
}

enum lk_status lk_radius_clients_set(struct lk_radius_clients *clients,
                                     struct lk_radius_client *item, size_t count)
{
    memset(clients, 0, sizeof *clients);
    if (count > 0)
        qsort(item, count, sizeof *item, order);
    for (size_t i = 0; i < count; i++) {
        LK_ASSERT(item[i].prefix.bits <= LK_ADDRESS_BITS);
        if (i > 0 && order(&item[i - 1], &item[i]) == 0)
            return LK_E_TWICE;
        if (i == 0 || item[i - 1].prefix.bits != item[i].prefix.bits)
            clients->bits[clients->bits_count++] = item[i].prefix.bits;
    }
    clients->item = item;
    clients->count = count;
    return LK_OK;
}

const struct lk_radius_client *lk_radius_clients_find(const struct lk_radius_clients *clients,
                                                      const struct lk_address *address)
{
    for (size_t i = 0; i < clients->bits_count; i++) {
        const struct lk_radius_client wanted = {
            .prefix = lk_address_prefix_of(address, clients->bits[i]),
        };
        const struct lk_radius_client *found =
            bsearch(&wanted, clients->item, clients->count, sizeof *clients->item, order);

        if (found != NULL)
            return found;
    }
    return NULL;
}

void lk_radius_client_text(char text[LK_RADIUS_CLIENT_TEXT], const struct lk_radius_client *client,
                           const struct lk_address *source)
{
    _Static_assert((int)LK_ADDRESS_TEXT <= (int)LK_RADIUS_CLIENT_TEXT, "it fits");
    if (client->by_name)
        (void)snprintf(text, LK_RADIUS_CLIENT_TEXT, LK_RADIUS_CLIENT_TLS "%.40s", client->name);
    else
        lk_address_text(text, source);
}
