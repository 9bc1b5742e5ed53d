/* The session link in the wlan process. For its files alone. */
#ifndef LK_ROLE_WLAN_LINK_H
#define LK_ROLE_WLAN_LINK_H

#include "node/wlan_link.h"
#include "role/radsec_server.h"
#include "role/wlan_parts.h"

enum { LK_WLAN_NO_LINE = LK_RADSEC_LINES };
/* Of its line at the client of RADIUS over TLS; those of servers are smaller. */
#define LK_WLAN_LINK_TAG 0x80000000u

struct lk_wlan_link_out {
    struct lk_wlan_link node;
    struct lk_radius_secret secret;
    size_t line;
};

struct lk_wlan_link_in {
    struct lk_radsec_server *server;
    struct lk_radius_dynamic_server seen_by;
    struct lk_radius_dynamic_seen *seen;
};

/* The TWAP's end: its line, among those that wlan_radsec.c begins; what it says; what comes. */
LK_MUST_CHECK bool lk_wlan_link_line(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT]);
void lk_wlan_link_tell(struct lk_wlan *wlan, const struct lk_wlan_session *session);
void lk_wlan_link_tell_gone(struct lk_wlan *wlan, const struct lk_wlan_gone *gone);
void lk_wlan_link_packet(struct lk_wlan *wlan, struct lk_span packet);
void lk_wlan_link_alive(struct lk_wlan *wlan, bool alive);

/* The TWAG's end. */
LK_MUST_CHECK bool lk_wlan_link_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT]);
void lk_wlan_link_end(struct lk_wlan *wlan);

#endif
