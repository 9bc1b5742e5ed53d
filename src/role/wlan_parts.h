/* What the files of the wlan process share, and nobody else includes. */
#ifndef LK_ROLE_WLAN_PARTS_H
#define LK_ROLE_WLAN_PARTS_H

#include "io/datagrams.h"
#include "io/entropy.h"
#include "io/log.h"
#include "node/twap.h"
#include "node/wlan_link.h"
#include "role/process.h"
#include "role/radsec_client.h"
#include "role/seen.h"
#include "role/udp_port.h"
#include "role/wlan.h"

enum {
    LK_WLAN_LEGS = 2, /* sockets towards each server: 512 requests out at each of its two ports */
    LK_WLAN_DOORS = 16,
    LK_WLAN_PORTS = LK_KIND_SOCKETS,
};

struct lk_wlan;

/* A socket and the address of ours that something came to: there the answer leaves. */
struct lk_wlan_door {
    int fd;
    bool has_local;
    struct in6_pktinfo local;
};

struct lk_wlan_twap {
    struct lk_twap node;
    struct lk_twap_config config;
    struct lk_radius_client clients[LK_CONFIG_CLIENTS];
    struct lk_radius_client askers[LK_CONFIG_SERVERS];
    struct lk_address server[LK_TWAP_UPSTREAMS];
    uint16_t server_port[LK_TWAP_UPSTREAMS][2]; /* by enum lk_radius_port; 0: none */
    struct lk_udp_port leg[LK_TWAP_UPSTREAMS][LK_WLAN_LEGS];
    struct lk_radsec_client *radsec; /* NULL: no RADIUS over TLS */
    size_t line[LK_TWAP_UPSTREAMS][2][LK_WLAN_LEGS]; /* of radsec, by enum lk_radius_port */
    size_t asked_on; /* the line that the request of this turn came on */
    struct lk_udp_port to_ap; /* for Disconnect-Requests of ours */
    struct lk_wlan_door door[LK_WLAN_DOORS];
    size_t doors;
    struct lk_twap_outbox out;
};

struct lk_wlan {
    struct lk_process process;
    struct lk_counters *count;
    struct lk_entropy entropy;
    struct lk_udp_owner udp;
    struct lk_datagrams *out;
    uint64_t now_ms; /* of the turn */
    struct lk_udp_port port[LK_WLAN_PORTS];
    size_t ports;
    struct lk_wlan_twap *twap; /* NULL: not played */
    struct lk_wlan_twag *twag; /* the same */
    struct lk_wlan_link_out *link_out; /* NULL: the TWAG is here */
    struct lk_wlan_link_in *link_in;   /* NULL: no other machine's TWAP */
    struct lk_seen seen;
};

/* wlan.c */
/* One turn: between them now_ms is the time, and datagrams gather in out. */
void lk_wlan_turn_begin(struct lk_wlan *wlan);
void lk_wlan_turn_end(struct lk_wlan *wlan);
/* Counts and logs it; the second has nothing to say but the reason. */
void lk_wlan_refusal(struct lk_wlan *wlan, const struct lk_refusal *refusal,
                     const struct lk_address *source);
void lk_wlan_refused(struct lk_wlan *wlan, enum lk_reason reason, const struct lk_address *source);

/* wlan_twap.c. begin: error says why not. */
LK_MUST_CHECK bool lk_wlan_twap_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT]);
lk_udp_receive lk_wlan_twap_receive;
void lk_wlan_twap_tick(struct lk_wlan *wlan);
void lk_wlan_twap_end(struct lk_wlan *wlan);
/* Takes one step, for what did not come as a datagram. */
void lk_wlan_twap_step(struct lk_wlan *wlan, struct lk_twap_event *event);

/* wlan_radsec.c: servers of the TWAP that are peers over TLS. begin reads certificates. */
LK_MUST_CHECK bool lk_wlan_radsec_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT]);
LK_MUST_CHECK bool lk_wlan_radsec_configure(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT]);
/* The row of radsec.peers with that name, or NULL. */
const struct lk_config_peer *lk_wlan_peer_row(const struct lk_config *config, const char *name);
void lk_wlan_radsec_send(struct lk_wlan *wlan, const struct lk_twap_output *item);
/* To the server that asked in this turn. */
void lk_wlan_radsec_answer(struct lk_wlan *wlan, struct lk_span octets);

/* wlan_twag.c. begin: error says why not. */
LK_MUST_CHECK bool lk_wlan_twag_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT]);
void lk_wlan_twag_configure(struct lk_wlan *wlan);
/* What the TWAP says. False: it had no effect. */
bool lk_wlan_twag_session(struct lk_wlan *wlan, const struct lk_wlan_session *session);
bool lk_wlan_twag_session_end(struct lk_wlan *wlan, const struct lk_wlan_gone *gone);
void lk_wlan_twag_twap_restarted(struct lk_wlan *wlan, uint64_t teller, uint64_t generation);
/* The user plane of devices. */
lk_udp_receive lk_wlan_twag_receive;
void lk_wlan_twag_tick(struct lk_wlan *wlan);
void lk_wlan_twag_digest(const struct lk_wlan *wlan, uint8_t digest[LK_SHA256_LEN]);
void lk_wlan_twag_end(struct lk_wlan *wlan);

/* wlan_twap_config.c: from the configuration in force. False: error says why it cannot be. */
LK_MUST_CHECK bool lk_wlan_twap_configure(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT]);

#endif
