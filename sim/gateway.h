/* What stands behind the TWAPs: a TWAG with its MAG in the process of each, one anchor with a
 * store, and the devices' side of WLCP.
 *
 * A channel is modelled: it comes up only when both ends have the same key under the same identity,
 * it loses, doubles and overtakes records, and nobody else can write into it. Its handle names its
 * device in the lower half. */
#ifndef LK_SIM_GATEWAY_H
#define LK_SIM_GATEWAY_H

#include "node/anchor.h"
#include "node/mag.h"
#include "node/twag.h"
#include "proto/wlcp/ue.h"
#include "sim/wlan.h"

enum {
    SIM_APNS = 2, /* a device has one connection to each that it wants; ref 1 is of the first */
    SIM_RECORD_MAX = 1024,
    SIM_CALM_MS = 90000, /* after the faults: then nobody begins anything any more */
};

/* What a record begins with. */
enum sim_record { SIM_RECORD_HELLO = 1, SIM_RECORD_UP, SIM_RECORD_DATA, SIM_RECORD_CLOSE };

struct sim_hello {
    uint64_t nonce;
    uint8_t is[8]; /* the same as octets */
    uint64_t handle;
};

struct sim_gateway {
    unsigned index;
    uint64_t life;
    struct lk_twag_config config;
    struct lk_twag *twag;
    void *memory;
    struct lk_twag_outbox out;
    struct lk_mag_config mag_config;
    struct lk_mag mag;
    void *mag_memory;
    uint64_t wake, mag_wake; /* count wishes to be woken */
    struct sim_hello *hello; /* the last of each UE */
};

struct sim_device {
    struct lk_wlcp_ue_config config;
    struct lk_wlcp_ue wlcp;
    uint64_t timer[LK_WLCP_UE_CONNECTIONS]; /* count settings */
    unsigned gateway;
    uint64_t gateway_life;
    uint64_t handle; /* 0: no channel */
    uint64_t nonce;  /* of the last handshake that it began, */
    uint64_t up;     /* and of the last one that was done */
    unsigned tries;
    uint64_t turn;
    bool had[SIM_APNS];
    uint8_t address[SIM_APNS][4]; /* that it had first */
};

struct sim_kept {
    bool there;
    struct lk_binding_record record;
};

struct sim_order {
    uint64_t epoch, timestamp, attach_ms;
};

struct sim_anchor {
    uint64_t life;
    uint64_t down_until_ms;
    struct lk_anchor_config config;
    struct lk_anchor anchor;
    struct lk_binding_table *table;
    struct lk_anchor_outbox out;
    bool captured; /* who sent the message in work */
    uint8_t before[LK_BINDING_DIGEST_LEN]; /* the step that runs */
    struct sim_order *order; /* as store: what a row had reached */
    struct sim_kept *store; /* [ue * SIM_APNS + service]: durable */
};

struct sim_mobility {
    uint64_t handles;
    struct sim_gateway gateway[SIM_TWAPS];
    struct sim_anchor anchor;
    struct sim_device *device;
};

extern const char *const sim_apn[SIM_APNS];

extern const struct sim_actor sim_gateway_actor, sim_anchor_actor, sim_device_actor;

/* gateway.c */
void sim_gateway_restart(struct sim_world *world, struct sim_gateway *gateway);
void sim_gateway_session(struct sim_world *world, struct sim_gateway *gateway,
                         const struct lk_wlan_session *session);
void sim_gateway_end(struct sim_world *world, struct sim_gateway *gateway,
                     const struct lk_twap_output *ended);

/* device.c: it has a new key, under which there is to be a channel; it has left. */
void sim_device_key(struct sim_world *world, unsigned ue);
void sim_device_lost(struct sim_world *world, unsigned ue);
bool sim_device_wants(unsigned ue, unsigned apn);

/* What the invariants look at. */
void sim_check_channel(struct sim_world *world, unsigned ue, const struct lk_imsi *imsi);
/* After an event from outside; before: the digest. */
void sim_check_twag(struct sim_world *world, const struct sim_gateway *gateway,
                    const uint8_t before[LK_TWAG_DIGEST_LEN], enum lk_status status);
void sim_check_pdn_up(struct sim_world *world, const struct lk_imsi *imsi, const uint8_t ipv4[4]);
void sim_check_device_up(struct sim_world *world, unsigned ue, unsigned apn,
                         const struct lk_wlcp_ue_connection *connection);
/* Before and after each step of the anchor. */
void sim_check_anchor_before(struct sim_world *world);
void sim_check_anchor(struct sim_world *world, const struct lk_anchor_event *event);
void sim_check_captured(struct sim_world *world);
void sim_check_mobility_end(struct sim_world *world);

#endif
