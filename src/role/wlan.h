/* The wlan process: one that plays twap, twag, or both. It keeps the sessions of all devices, so
 * there is one of it, and a reload leaves it alone. */
#ifndef LK_ROLE_WLAN_H
#define LK_ROLE_WLAN_H

#include "role/kinds.h"

/* What a socket of ours is for. */
enum lk_wlan_serves {
    LK_WLAN_AP_AUTH, /* as enum lk_radius_port: RADIUS of access points */
    LK_WLAN_AP_ACCT,
    LK_WLAN_DYNAMIC, /* RFC 5176, from the AAA */
    LK_WLAN_WLCP,    /* DTLS */
    LK_WLAN_USER,    /* the user plane of devices */
    LK_WLAN_LINK,    /* TCP: RADIUS over TLS, from a TWAP on another machine */
    LK_WLAN_SERVES_COUNT
};

/* Places in lk_worker_slot.own, and in the row's table of counters. */
enum lk_wlan_counter {
    LK_WLAN_SESSIONS, /* gauge */
    LK_WLAN_SESSIONS_BEGUN,
    LK_WLAN_SESSIONS_ENDED,
    LK_WLAN_SESSIONS_FAILED,
    LK_WLAN_FORWARDED,
    LK_WLAN_ANSWERED,
    LK_WLAN_RADSEC_ALIVE, /* gauge */
    LK_WLAN_CHANNELS, /* gauge */
    LK_WLAN_HALF_OPEN, /* gauge */
    LK_WLAN_HANDSHAKES,
    LK_WLAN_HANDSHAKES_REFUSED,
    LK_WLAN_HANDSHAKES_HELD,
    LK_WLAN_CONNECTIONS, /* gauge */
    LK_WLAN_CONNECTIONS_UP,
    LK_WLAN_REQUESTS_REFUSED,
    LK_WLAN_ALARMS,
    LK_WLAN_TOO_FAST,
    LK_WLAN_FRAMES_UP,
    LK_WLAN_FRAMES_DOWN,
    LK_WLAN_FRAMES_FOREIGN,
    LK_WLAN_ANCHOR_UP, /* gauge */
    LK_WLAN_PORTS_WRONG,
    LK_WLAN_HELLOS_REFUSED,
    LK_WLAN_SOURCE_FULL,
    LK_WLAN_TABLE_FULL,
    LK_WLAN_COUNTERS
};

/* Where the halves are on two machines: whether our TWAP tells a gateway over TLS, and whether our
 * TWAG listens for one. */
bool lk_wlan_link_is_remote(const struct lk_config *config);
bool lk_wlan_link_listens(const struct lk_config *config);

int lk_wlan_run(const struct lk_worker_setup *setup);

extern const struct lk_ask lk_wlan_asks[];

#endif
