/* The TWAG's half of the wlan process: DTLS for WLCP, the user plane, and the MAG towards the
 * anchor, joined around node/twag. For the files of the wlan process alone. */
#ifndef LK_ROLE_WLAN_TWAG_H
#define LK_ROLE_WLAN_TWAG_H

#include "io/channel.h"
#include "node/mag.h"
#include "proto/pmip/heart.h"
#include "node/twag.h"
#include "role/wlan_parts.h"

enum {
    LK_WLAN_LATER = 256, /* events that one step may bring about for the next */
    LK_WLAN_KEYS = 8,    /* keys that one step may bring */
};

struct lk_wlan_mag {
    struct lk_mag node;
    struct lk_mag_config config;
    struct lk_mag_outbox out;
    struct lk_address anchor;
    struct lk_mobility_place place; /* of our own end of the tunnel */
    uint16_t port, tunnel_port;
    struct lk_channel *channel; /* dials */
    int socket, tunnel_fd;
    struct lk_udp_port tunnel;
    uint64_t session;    /* of the channel; 0: none */
    bool up;
    uint64_t redial_ms;  /* when to dial again */
    uint32_t wait_ms;
    struct lk_pmip_heart_config beats;
    struct lk_pmip_heart heart;
};

struct lk_wlan_twag {
    struct lk_twag *node;
    struct lk_twag_config config;
    struct lk_wlcp_table table;
    struct lk_twag_outbox out;
    bool busy; /* out is being read */
    enum lk_status status; /* of the last event; what had no effect is counted and logged too */
    uint64_t wake_ms;
    struct lk_channel *channel; /* serves */
    size_t user_ports;
    int user_fd[LK_CONFIG_LISTENS];
    bool user_v4[LK_CONFIG_LISTENS];
    struct lk_twag_event later[LK_WLAN_LATER]; /* nothing in it points anywhere */
    size_t later_count;
    uint8_t key[LK_WLAN_KEYS][LK_CHANNEL_IDENTITY_MAX];
    size_t key_len[LK_WLAN_KEYS];
    size_t keys;
    struct lk_wlan_mag mag;
};

/* Steps the node, and carries out all that comes of it. */
void lk_wlan_twag_step(struct lk_wlan *wlan, const struct lk_twag_event *event);
/* To be stepped when what is under way is done. */
void lk_wlan_twag_later(struct lk_wlan *wlan, const struct lk_twag_event *event);

/* wlan_mag.c. begin: error says why not. */
LK_MUST_CHECK bool lk_wlan_mag_begin(struct lk_wlan *wlan, char error[LK_KIND_ERROR_TEXT]);
void lk_wlan_mag_configure(struct lk_wlan *wlan);
void lk_wlan_mag_register(struct lk_wlan *wlan, const struct lk_twag_output *item);
void lk_wlan_mag_deregister(struct lk_wlan *wlan, const struct lk_twag_output *item);
void lk_wlan_mag_tunnel(struct lk_wlan *wlan, struct lk_span packet);
void lk_wlan_mag_tick(struct lk_wlan *wlan);
void lk_wlan_mag_end(struct lk_wlan *wlan);

#endif
