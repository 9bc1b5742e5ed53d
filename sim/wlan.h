/* The trusted WLAN of the world: two TWAPs between the access points and the AAA nodes.
 *
 * The machines are those of the daemon (node/twap.h). A device stands at an access point of one of
 * the two and moves between its attempts. What a TWAP hands over as a session is remembered here:
 * it is what a TWAG would know. */
#ifndef LK_SIM_WLAN_H
#define LK_SIM_WLAN_H

#include "keys/wlcp.h"
#include "node/twap.h"
#include "sim/aaa.h"

enum {
    SIM_TWAPS = 2,
    SIM_POINT_PORT = 1024, /* an access point's port for its first device */
    SIM_TWAP_PORT = 2000,
    SIM_TWAP_LIFE_MS = 10000, /* of a forwarded request */
    SIM_GUARD = 0xa5,         /* behind the memory that a table was given */
    SIM_GUARD_LEN = 64,
};

/* What a TWAP has handed over for a device. */
struct sim_session {
    bool on;
    uint64_t generation; /* the last one, over restarts */
    struct lk_wlcp_key key;
};

struct sim_twap {
    unsigned index;
    uint64_t life;
    uint64_t down_until_ms;
    bool ticking;
    struct lk_twap_config config;
    struct lk_twap_limits limits;
    struct lk_twap twap;
    size_t size; /* of memory, without the guard */
    uint8_t *memory;
    struct sim_session *session; /* one a UE */
};

struct sim_wlan {
    struct lk_radius_client client[SIM_TWAPS]; /* as the AAA nodes know the TWAPs */
    struct lk_radius_clients clients;
    struct lk_wlcp_kdf kdf;
    struct sim_twap twap[SIM_TWAPS];
    struct lk_twap_outbox out; /* of the step that runs */
};

extern const struct sim_actor sim_twap_actor;

/* How a node sees who asks: as sim_node_receive's from; its address. */
unsigned sim_twap_as_client(const struct sim_world *world, unsigned twap);
struct lk_address sim_twap_address(unsigned twap);
/* The UE with that MAC address. */
unsigned sim_ue_of_mac(const uint8_t mac[LK_STATION_LEN]);

#endif
