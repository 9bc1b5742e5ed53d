/* What the trusted WLAN knows of one attached device: the value that the TWAP hands to the TWAG.
 *
 * The TWAP makes it of a verified Access-Accept: key and IMSI come from the AAA, the MAC address
 * from the request that this Accept answers. It is the one record against which all that a device
 * later asks is checked (T02): nobody adds an identity to it afterwards. In one process it travels
 * as it is; between machines as a CoA-Request over TLS with the same values in it. */
#ifndef LK_NODE_WLAN_SESSION_H
#define LK_NODE_WLAN_SESSION_H

#include "base/station.h"
#include "keys/types.h"
#include "wire/radius.h"

enum {
    LK_WLAN_CLASS_MAX = LK_RADIUS_VALUE_MAX,
    LK_WLAN_ACCT_SESSION_MAX = 64, /* what is longer is not kept */
};

/* Secret. */
struct lk_wlan_session {
    struct lk_imsi imsi;             /* from the AAA, never from the device */
    uint8_t ue_mac[LK_STATION_LEN]; /* from Calling-Station-Id */
    struct lk_wlcp_key key;
    uint64_t generation; /* T06: of the key; grows with each, for each MAC and IMSI, even over a
                          * restart of the TWAP, by any amount */
    uint32_t lifetime_s; /* from now on: Session-Timeout, and a grace; never 0 */
    uint64_t teller;     /* which TWAP says so; 0: the one in this process */
    uint8_t class_len;
    uint8_t class_value[LK_WLAN_CLASS_MAX]; /* Class of the Accept: the anchor's token, opaque */
    uint8_t acct_session_len;
    char acct_session[LK_WLAN_ACCT_SESSION_MAX]; /* Acct-Session-Id, when the request had one */
};

/* Why a session ends. */
enum lk_wlan_end {
    LK_WLAN_END_DETACHED = 1, /* accounting stop, or the access point restarted */
    LK_WLAN_END_DISCONNECTED, /* the AAA said so (RFC 5176) */
    LK_WLAN_END_MODE,         /* accepted anew, in another connection mode */
    LK_WLAN_END_REPLACED,     /* another subscriber is on that device, or he on another */
    LK_WLAN_END_LOST,         /* its place was taken, or its lifetime is over */
};

#endif
