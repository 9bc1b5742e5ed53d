/* What a trusted WLAN says of itself when a device attaches (TS 29.273 5.2.3.25, 5.2.3.29).
 *
 * The TWAP puts it into each Access-Request, the AAA server offers of it in EAP-AKA' what it may,
 * and the device learns the rest from there. Plain values: neither EAP nor RADIUS. */
#ifndef LK_WIRE_TWAN_H
#define LK_WIRE_TWAN_H

#include "base/octets.h"

/* Connection modes, as the bits of TWAN-Connection-Mode. */
enum lk_twan_mode {
    LK_TWAN_TRANSPARENT = 1 << 0, /* transparent single-connection mode: needs nothing */
    LK_TWAN_SINGLE = 1 << 1,
    LK_TWAN_MULTI = 1 << 2, /* WLCP */
    LK_TWAN_MODES = LK_TWAN_TRANSPARENT | LK_TWAN_SINGLE | LK_TWAN_MULTI,
};

/* Where WLCP is spoken: the control-plane addresses of the TWAG, at most one of each kind. */
struct lk_twag_address {
    bool has_ipv4, has_ipv6;
    uint8_t ipv4[4];
    uint8_t ipv6[16];
};

struct lk_twan_access {
    uint8_t modes; /* bits of lk_twan_mode that the network supports; 0: it says nothing */
    struct lk_twag_address twag;
};

#endif
