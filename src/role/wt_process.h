/* What the files of the wt process share; tests look in, too. */
#ifndef LK_ROLE_WT_PROCESS_H
#define LK_ROLE_WT_PROCESS_H

#include "io/entropy.h"
#include "io/log.h"
#include "node/wt.h"
#include "role/air_places.h"
#include "role/process.h"
#include "role/seen.h"
#include "role/udp_port.h"
#include "role/wake.h"
#include "role/wt.h"
#include "role/xw.h"

enum { LK_WT_PORTS = LK_CONFIG_LISTENS };

struct lk_wt_process {
    struct lk_process process;
    struct lk_counters *count;
    struct lk_entropy entropy;
    struct lk_wt *node;
    struct lk_wt_config config;
    struct lk_wt_outbox out;
    struct lk_role_xw xw;
    struct lk_wake wake;
    uv_prepare_t before_wait;
    struct lk_udp_owner udp;
    struct lk_datagrams *to_air;
    struct lk_air_places places;
    struct lk_udp_port port[LK_WT_PORTS];
    size_t ports;
    uint64_t elsewhere, unplaced, unsent, echoed;
    struct {
        bool is_due;
        uint32_t wt_ue_id;
        uint8_t drb;
        size_t len;
        uint8_t octets[LK_WT_PDU_MAX];
    } echo;
    struct lk_seen seen;
};

/* Who is behind an event: the sender of a frame, and the MAC address in it; else NULL. */
struct lk_wt_sender {
    const struct lk_datagram_peer *peer;
    const uint8_t *mac;
    bool elsewhere; /* that is where its station is not: what is said of it, is said to it alone */
};

/* wt.c */
/* Steps the node, and carries out all that comes of it. */
enum lk_status lk_wt_give(struct lk_wt_process *wt, struct lk_wt_event *event,
                          const struct lk_wt_sender *sender);
void lk_wt_refused(struct lk_wt_process *wt, const uint8_t *mac, const struct lk_refusal *refusal,
                   const struct lk_datagram_peer *from);

/* wt_air.c */
void lk_wt_air_begin(struct lk_wt_process *wt);
/* A frame of ours, to where it belongs. */
void lk_wt_air_send(struct lk_wt_process *wt, const struct lk_wt_output *item,
                    const struct lk_wt_sender *sender);
/* What an association's beginning and end mean for where its station is. */
void lk_wt_air_fact(struct lk_wt_process *wt, const struct lk_wt_output *item,
                    const struct lk_wt_sender *sender);

/* wt_config.c: the configuration in force, as the node reads it. */
void lk_wt_config_take(struct lk_wt_process *wt);

/* wt.c: what is counted, but for what node and Xw are asked for. */
void lk_wt_own_values(uint64_t values[LK_WT_OWN_COUNT], const struct lk_wt_process *wt,
                      const struct lk_wt_counters *c);

#endif
