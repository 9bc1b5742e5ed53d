/* The RADIUS clients that a server knows: address or network, and shared secret.
 *
 * A table sorted by prefix, longest first among those that hold an address. The caller owns the
 * memory and keeps the table while a job points into it. */
#ifndef LK_PROTO_RADIUS_CLIENTS_H
#define LK_PROTO_RADIUS_CLIENTS_H

#include "base/address.h"
#include "proto/radius/hiding.h"

enum {
    LK_RADIUS_MAG_MAX = 63, /* characters of a gateway's name */
    LK_RADIUS_CLIENT_TEXT = 48,
};

/* Message-Authenticator is required of every client; there is no switch. */
struct lk_radius_client {
    struct lk_address_prefix prefix;
    bool by_name; /* it goes by its certificate, not by its address: prefix stands for the name */
    const char *name; /* of one that goes by it; the caller's */
    struct lk_radius_secret secret;
    uint32_t tag; /* the caller's: which configuration entry this is */
    bool is_twap; /* of this gateway: it says which devices are attached */
    char mag[LK_RADIUS_MAG_MAX + 1]; /* the gateway behind it, as the anchor knows it; or empty */
    const char *agent; /* the agent of Mobile IP that it is, or "*.domain": it asks for agents of
                        * that; or NULL. The caller's */
    bool is_home_agent; /* it is a home agent, by that name; else a foreign one */
    const char *pos; /* the point of service of MIS that it is, by MISF ID; or NULL. The caller's */
};

struct lk_radius_clients {
    struct lk_radius_client *item;
    size_t count;
    uint8_t bits[LK_ADDRESS_BITS + 1]; /* the distinct prefix lengths, longest first */
    size_t bits_count;
};

/* Sorts item and takes it as the table. LK_E_TWICE when a prefix is there twice. */
LK_MUST_CHECK enum lk_status lk_radius_clients_set(struct lk_radius_clients *clients,
                                                   struct lk_radius_client *item, size_t count);
/* The entry with the longest prefix that holds address, or NULL. */
const struct lk_radius_client *lk_radius_clients_find(const struct lk_radius_clients *clients,
                                                      const struct lk_address *address);

#define LK_RADIUS_CLIENT_TLS "radsec:"
/* Who that is, as records have it: LK_RADIUS_CLIENT_TLS and the first forty octets of its name, or
 * the address that it asked from. */
void lk_radius_client_text(char text[LK_RADIUS_CLIENT_TEXT], const struct lk_radius_client *client,
                           const struct lk_address *source);

#endif
