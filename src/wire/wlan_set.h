/* WLANs that a device may move among by itself, as RRC and XwAP name them: by SSID, BSSID, HESSID,
 * each of which may be absent. */
#ifndef LK_WIRE_WLAN_SET_H
#define LK_WIRE_WLAN_SET_H

#include "base/octets.h"

enum {
    LK_WLAN_SSID_MAX = 32,
    LK_WLAN_ADDRESS_LEN = 6,
    LK_WLAN_SET_MAX = 32, /* TS 36.331; XwAP allows 1024, of which RRC could tell no device */
};

struct lk_wlan_id {
    uint8_t ssid_len; /* 0: none */
    bool has_bssid, has_hessid;
    uint8_t ssid[LK_WLAN_SSID_MAX];
    uint8_t bssid[LK_WLAN_ADDRESS_LEN], hessid[LK_WLAN_ADDRESS_LEN];
};

struct lk_wlan_set {
    uint8_t count;
    struct lk_wlan_id id[LK_WLAN_SET_MAX];
};

#endif
