/* What the files of the enb process share; tests look in, too. */
#ifndef LK_ROLE_ENB_PROCESS_H
#define LK_ROLE_ENB_PROCESS_H

#include "io/entropy.h"
#include "io/log.h"
#include "node/due.h"
#include "node/enb.h"
#include "role/enb.h"
#include "role/enb_places.h"
#include "role/seen.h"
#include "role/udp_port.h"
#include "role/wake.h"
#include "role/xw.h"

enum { LK_ENB_DRIVES = 8, LK_ENB_UNSAVED = 64, LK_ENB_LATE = 256, LK_ENB_LATE_OCTETS = 512 };

struct lk_enb_process;

/* Wishes for one UE that follow each other in time: several handovers to and fro, or re-keys. */
struct lk_enb_drive {
    uv_timer_t timer;
    struct lk_enb_process *enb;
    uint32_t left; /* 0: none */
    uint32_t place, generation;
    enum lk_enb_event_kind kind;
    uint32_t cell, other; /* of the next handover, and of the one after it */
};

struct lk_enb_late_datagram {
    uint64_t at_ms;
    struct lk_datagram_peer peer;
    size_t len;
    uint8_t octets[LK_ENB_LATE_OCTETS];
};

struct lk_enb_process {
    struct lk_process process;
    struct lk_counters *count;
    struct lk_entropy entropy;
    struct lk_enb *node;
    struct lk_enb_config config;
    struct lk_enb_outbox out;
    struct lk_eps_network_config eps_config;
    struct lk_enb_places places;
    struct lk_due due; /* of places */
    struct lk_vectors vectors;
    struct lk_vector_sources sources;
    struct lk_durable durable;
    struct lk_role_xw xw;
    struct lk_wake wake, place_wake;
    uv_poll_t vault_poll;
    struct lk_udp_owner udp;
    struct lk_datagrams *to_uu;
    struct lk_udp_port port[LK_CONFIG_CELLS];
    struct lk_enb_drive drive[LK_ENB_DRIVES];
    unsigned ticks;
    uint32_t unasked, unasked_end; /* places that have no new key since the WT is back */
    uint64_t attaches, attaches_refused, over_budget, full, made_room, strangers, malformed;
    uint64_t mac_taken, unsent, saves, saves_failed;
    uint64_t offers_at_ms; /* no offer is due before; 0: there is none */
    size_t unsaved; /* of this turn: there was no room to write them */
    struct { uint32_t ue; struct lk_lwa_saved what; } not_saved[LK_ENB_UNSAVED];
    struct {
        struct lk_wake wake;
        size_t first, count;
        struct lk_enb_late_datagram datagram[LK_ENB_LATE];
    } late;
    struct lk_seen seen;
};

/* ---- enb.c ---- */

/* Steps the node, and carries out all that comes of it. */
enum lk_status lk_enb_give(struct lk_enb_process *enb, struct lk_enb_event *event);
/* What has gathered goes out: questions, writes, datagrams. */
void lk_enb_turn_end(struct lk_enb_process *enb);
void lk_enb_refused(struct lk_enb_process *enb, const struct lk_enb_place *place,
                    const struct lk_refusal *refusal);
const char *lk_enb_cell_name(const struct lk_enb_process *enb, uint32_t cell);
/* The UE is no more: it leaves the node, and its place is free. */
void lk_enb_drop(struct lk_enb_process *enb, struct lk_enb_place *place);

/* ---- enb_uu.c ---- */

void lk_enb_uu_begin(struct lk_enb_process *enb);
/* The timer of attaches, as it is to be now. */
void lk_enb_uu_schedule(struct lk_enb_process *enb);
/* A PDU of SRB1 to that device, from that cell. */
void lk_enb_say_uu(struct lk_enb_process *enb, const struct lk_enb_place *place, uint32_t cell,
                   struct lk_span pdu);
extern const struct lk_vectors_calls lk_enb_vectors_calls;

/* When the place is looked at again. */
void lk_enb_set_due(struct lk_enb_process *enb, struct lk_enb_place *place);

/* ---- enb_mac.c ---- */

/* That MAC address may be free. */
void lk_enb_mac_pass_on(struct lk_enb_process *enb, const uint8_t mac[LK_WLAN_ADDRESS_LEN]);
/* LTE-WLAN aggregation is wanted for who has a MAC address, and over for good. */
void lk_enb_mac_add(struct lk_enb_process *enb, struct lk_enb_place *place);
void lk_enb_mac_over(struct lk_enb_process *enb, struct lk_enb_place *place,
                     enum lk_reason reason);
void lk_enb_mac_tick(struct lk_enb_process *enb);

/* ---- enb_late.c ---- */

void lk_enb_late_begin(struct lk_enb_process *enb);
void lk_enb_put_uu(struct lk_enb_process *enb, const struct lk_datagram_peer *peer,
                   struct lk_span octets);

/* ---- enb_ask.c ---- */

void lk_enb_ask_begin(struct lk_enb_process *enb);

/* enb.c: what is counted. */
void lk_enb_own_values(uint64_t values[LK_ENB_OWN_COUNT], const struct lk_enb_process *enb,
                       const struct lk_enb_counters *c);

#endif
