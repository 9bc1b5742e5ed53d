/* The devices of the WLCP table, made of their number: who they are, their keys, and what the AAA
 * said of them. wlcp_link tells a TWAG of them as a TWAP on another machine would. */
#ifndef LK_BENCH_WLCP_DEVICES_H
#define LK_BENCH_WLCP_DEVICES_H

#include "dtls_client.h"
#include "node/wlan_session.h"
#include "proto/radius/state.h"

struct lk_wlcp_key bench_device_key(uint32_t number);
/* class_key: what the AAA seals its word for the anchor with. */
void bench_device_session(struct lk_wlan_session *session, uint32_t number, const char *mag,
                          const struct lk_radius_class_key *class_key);

enum { BENCH_PTI = 1 }; /* of each device's request */

/* Keys of a session that never was, for the floor: both directions alike. */
static const struct dtls_keys bench_fixed_keys = { .client = "0123456789abcde",
                                                   .server = "0123456789abcde",
                                                   .client_salt = "salt",
                                                   .server_salt = "salt" };

struct bench_link {
    uint16_t port;        /* of the TWAG's session link on 127.0.0.1 */
    const char *folder;   /* with ca.crt, and the certificate twap.crt with its key */
    const char *node_key; /* its file */
    const char *mag;
};
/* Tells of the devices 0 to count - 1. False: error has been printed. */
LK_MUST_CHECK bool bench_link_tell(const struct bench_link *link, uint32_t count);

#endif
