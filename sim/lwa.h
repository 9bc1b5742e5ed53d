/* The world of LTE-WLAN aggregation: one process of eNBs with several cells, one WT, and devices.
 *
 * The nodes are those of the daemon (node/enb.h, node/wt.h, node/lwa_device.h). Three legs: Uu
 * between a device and its cell keeps its order and loses whole messages, as when the radio link
 * fails; Xw between eNBs and WT keeps its order, says some things twice, and is cut now and then;
 * the air between device and WT loses, doubles and overtakes. Devices are handed over at random
 * moments, walk out of the WLAN and back; the process of the eNBs dies. The world is their MME. */
#ifndef LK_SIM_LWA_H
#define LK_SIM_LWA_H

#include "node/enb.h"
#include "node/lwa_device.h"
#include "node/wt.h"
#include "sim/world.h"

enum {
    SIM_CELLS = 4,
    SIM_LWA_UES_MAX = 200000,
    SIM_DEADLINE_MS = 10000, /* T53: the eNB's */
};

/* Kinds of events. They are in traces: each keeps its number. */
enum sim_lwa_kind {
    SIM_AT_CELL = 1, /* a PDU of a device arrives at its cell */
    SIM_ENB_XW,      /* a message of the WT at a cell; life: of its Xw */
    SIM_ENB_SAVED,   /* the store has what was to be kept */
    SIM_ENB_WISH,    /* LWA is wanted for a device, again */
    SIM_ENB_WAKE,
    SIM_ENB_RESTART,
    SIM_WT_XW,       /* a message of an eNB; life: of Xw */
    SIM_WT_FRAME,
    SIM_WT_WAKE,
    SIM_AT_PHONE,    /* a PDU of cell `from` */
    SIM_PHONE_FRAME,
    SIM_PHONE_WAKE,
    SIM_CONNECT,     /* a device has an RRC connection, and both ends a new KeNB */
    SIM_HANDOVER,    /* it is to go to another cell */
    SIM_WALK,        /* it leaves the WLAN, or comes back */
    SIM_SPEAK,       /* there is data both ways */
    SIM_XW_CUT,      /* Xw is cut, or whole again */
    SIM_CLAIM,       /* another eNB adds a device by its MAC address */
};

enum sim_lwa_count {
    SIM_LWA_CONNECTED,
    SIM_LWA_HANDOVERS,  /* that came to their end */
    SIM_LWA_HANDSHAKES,
    SIM_LWA_REKEYS,     /* those of them on a live association */
    SIM_LWA_RELEASED,   /* LWA, by an eNB */
    SIM_LWA_FAILED,     /* associations that the WT ended, for it got no answer */
    SIM_LWA_CUTS,
    SIM_LWA_WALKS,
    SIM_LWA_PACKETS,    /* of data, that came through */
    SIM_LWA_COUNTS
};

enum sim_end { SIM_END_PHONE, SIM_END_WT, SIM_ENDS };

/* What the invariants remember of one end of an association. Keys have serial numbers, in the order
 * in which devices derive them. */
struct sim_end_seen {
    uint64_t pmk;  /* the serial number of the newest; WT: of the last handshake */
    uint64_t tk;   /* the name of the one in use; 0: none */
    uint64_t sent; /* the last packet number under it */
};

struct sim_phone {
    unsigned index;
    uint8_t mac[LK_STATION_LEN];
    struct lk_lwa_device device;
    struct lk_kasme kasme;
    uint32_t nas_count;
    uint64_t wake;       /* counts wishes to be woken */
    uint64_t connection; /* counts RRC connections */
    uint64_t up_ms, down_ms; /* when the last message arrives */
    bool away;           /* from the WLAN */
    unsigned lost;       /* frames to and from it, ever; those that came too late too */
    uint32_t said[SIM_ENDS]; /* packets of data */
    /* the invariants' memory */
    struct sim_end_seen end[SIM_ENDS];
    uint64_t newest;        /* name of the PMK with the number above, */
    uint64_t tried, used;   /* of that which the WT's last handshake is of, or its TK */
    unsigned lost_before;   /* the handshake that is, or was, under way */
    bool rekey;             /* it is on an association that had keys */
    uint64_t differ_ms;     /* since then the ends have had different keys; 0: they have not */
};

struct sim_wt {
    struct lk_wt_config config;
    struct lk_wt *wt;
    void *memory;
    uint64_t wake;
    struct lk_wt_outbox out;
};

/* A cell's way to the WT. */
struct sim_xw {
    uint64_t life; /* odd: it is up */
    uint64_t last_ms[2]; /* when the last message arrives: at the cell, at the WT */
};

struct sim_enb {
    uint64_t life;
    struct lk_enb_config config;
    struct lk_enb *node;
    void *memory;
    uint64_t wake;
    struct lk_lwa_saved *saved; /* the store, one a UE: durable; next 0: none */
    struct lk_enb_outbox out;
};

struct sim_lwa {
    struct sim_phone *phone;
    struct lk_lwa_device_config phone_config;
    struct lk_lwa_device_outbox out; /* of the device whose step runs */
    struct sim_enb enb;
    struct sim_wt wt;
    struct sim_xw xw[SIM_CELLS];
    /* What becomes of whatever travels. */
    struct sim_leg (*leg)(struct sim_world *world, const struct sim_event *event,
                          struct lk_span octets);
    unsigned store_least_ms, store_ms; /* takes so long, and less than that more */
    unsigned store_fails; /* of a thousand */
    unsigned tries;  /* of a message of a handshake */
    uint64_t serial; /* of the PMK that was derived last */
};

extern const struct sim_actor sim_enb_actor, sim_wt_actor, sim_phone_actor, sim_weather_actor;
extern const struct lk_sim_row sim_lwa_row;

/* lwa.c */
struct sim_phone *sim_phone_of(struct sim_world *world, const uint8_t mac[LK_STATION_LEN]);
void sim_cell(struct lk_eps_cell *cell, unsigned index);
/* The nodes' configurations and memory, for a row to change before its actors are made. */
void sim_lwa_make(struct sim_world *world);
void sim_lwa_unmake(struct sim_world *world);
/* A leg that loses nothing: what keeps its order on it, and who counts its losses. */
struct sim_leg sim_lwa_plain_leg(struct sim_world *world, const struct sim_event *event);
/* lwa->leg. */
struct sim_leg sim_lwa_leg(struct sim_world *world, const struct sim_event *event,
                           struct lk_span octets);
/* Takes SIM_CONNECT, unless it is said of a connection that there is no more. */
void sim_lwa_connect(struct sim_world *world, const struct sim_event *event);
bool sim_xw_is_up(const struct sim_world *world, unsigned cell);
/* Cuts it, or makes it whole: what is under way is lost. */
void sim_xw_turn(struct sim_world *world, unsigned cell);
/* Whether anything may still begin then. */
bool sim_lwa_goes_on(const struct sim_world *world, uint64_t at_ms);
/* Its connection is over, and it does not know yet. */
void sim_lwa_lost(struct sim_world *world, struct sim_phone *phone);

/* lwa_enb.c */
void sim_enb_connected(struct sim_world *world, const struct sim_phone *phone);
void sim_enb_handover(struct sim_world *world, const struct sim_phone *phone, unsigned cell);
void sim_enb_xw(struct sim_world *world, unsigned cell, bool up);

/* lwa_wt.c */
void sim_wt_xw(struct sim_world *world, unsigned cell, bool up);
void sim_wt_speak(struct sim_world *world, struct sim_phone *phone);
/* Of a subscriber who says that device's MAC address, at an eNB that is none of ours. */
void sim_wt_claim(struct sim_world *world, struct sim_phone *phone);

/* lwa_phone.c */
void sim_phone_connected(struct sim_world *world, struct sim_phone *phone,
                         const struct lk_lwa_ue_context *context);
void sim_phone_speak(struct sim_world *world, struct sim_phone *phone);
unsigned sim_phone_cell(const struct sim_phone *phone);

#endif
