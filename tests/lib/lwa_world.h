/* LTE-WLAN aggregation whole: the eNBs' node, the WT's and one device, with delays between them and
 * a clock of its own. What is said waits in one queue; a test may lose radio messages, cut the way
 * to the WT, or let the store fail. */
#ifndef LK_TEST_LWA_WORLD_H
#define LK_TEST_LWA_WORLD_H

#include "node/enb.h"
#include "node/lwa_device.h"
#include "node/wt.h"

enum { LWA_CELLS = 3, LWA_UE = 5, LWA_OTHER_UE = 6 };
enum { LWA_WORLD_QUEUE = 256, LWA_WORLD_OCTETS = 2400 };

enum lwa_leg { LWA_RRC_DOWN, LWA_RRC_UP, LWA_XW_DOWN, LWA_XW_UP, LWA_AIR_DOWN, LWA_AIR_UP,
               LWA_STORE, LWA_LEGS };

struct lwa_sent {
    enum lwa_leg leg;
    uint64_t at_ms, number;
    uint32_t cell, ue;
    struct lk_lwa_saved saved;
    size_t len;
    uint8_t octets[LWA_WORLD_OCTETS];
};

/* Is shown what arrives. */
struct lwa_world;
typedef void lwa_watch(void *context, const struct lwa_world *world, const struct lwa_sent *sent);

struct lwa_world {
    lwa_watch *watch; /* NULL: nobody looks */
    void *watch_context;
    struct lk_enb_config enb_config;
    struct lk_wt_config wt_config;
    struct lk_lwa_device_config device_config;
    struct lk_enb *enb;
    struct lk_wt *wt;
    struct lk_lwa_device device;
    uint64_t now_ms, number, drawn;
    uint64_t enb_wake_ms, wt_wake_ms, device_wake_ms;
    unsigned count;
    struct lwa_sent queue[LWA_WORLD_QUEUE];
    struct lk_kasme kasme;
    uint64_t delay_ms[LWA_LEGS];
    /* what goes wrong */
    bool cut;                 /* the way to the WT */
    bool store_fails;
    unsigned lose[LWA_LEGS];  /* in a hundred */
    bool deaf[LWA_LEGS];      /* all */
    /* what was seen */
    unsigned wt_facts[LK_WT_RESUMED + 1], device_facts[LK_LWA_DEVICE_UNUSABLE + 1];
    unsigned active, handed_over, released, data_down;
    unsigned others_failures; /* of LWA for the other UE */
    enum lk_reason reason;    /* of the last RELEASED */
    uint32_t saved;           /* the last counter that was saved */
    uint64_t active_at_ms;    /* the last time that UE and WT had the newest key */
    unsigned messages[LWA_LEGS];
};

/* Nodes under their configurations, which the test may change between the two calls. */
void lwa_world_defaults(struct lwa_world *world);
void lwa_world_open(struct lwa_world *world, uint64_t seed);
void lwa_world_close(struct lwa_world *world);
/* The UE is connected to cell 0 under that uplink NAS COUNT; both ends have KASME. */
void lwa_world_attach(struct lwa_world *world, uint32_t ul_nas_count, uint32_t saved_next);
/* The same, to that cell, without counters. */
void lwa_world_attach_at(struct lwa_world *world, uint32_t cell, uint32_t ul_nas_count);
/* Another subscriber is connected to that cell, says the device's MAC address, and wants LWA. */
void lwa_world_claim(struct lwa_world *world, uint32_t cell);
enum lk_status lwa_world_wish(struct lwa_world *world, enum lk_enb_event_kind kind, uint32_t cell);
void lwa_world_cut(struct lwa_world *world, bool cut);
/* All that happens in that time. */
void lwa_world_run(struct lwa_world *world, uint64_t ms);
/* A PDU of data from the WT gets to the device. */
bool lwa_world_talks(struct lwa_world *world);

#endif
