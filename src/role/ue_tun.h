/* The packets of the device's applications: a TUN device, in a network namespace of its own, whose
 * packets go by the access that is current. So a connection of TCP in that namespace lives on while
 * the device moves, as long as it keeps its address.
 *
 *     latchkey ue run -- PROGRAM   kernel of the namespace == TUN == this process
 *                                       --> frames to the TWAG        (ue_manager_plane.c)
 *                                       --> tunnel of Mobile IP
 *
 * An access takes the TUN when it is there, with its address, and leaves it when it is not. The one
 * that took it last is current; when it leaves, the one before it is. The TUN keeps its address
 * until another is taken: programs need not notice that there is no access for a while. */
#ifndef LK_ROLE_UE_TUN_H
#define LK_ROLE_UE_TUN_H

#include <jansson.h>
#include <uv.h>

#include "base/address.h"
#include "role/kinds.h"

struct lk_ue_manager;
struct lk_control_call;

enum lk_ue_tun_way { LK_UE_TUN_WLAN, LK_UE_TUN_MIP, LK_UE_TUN_WAYS };

struct lk_ue_tun {
    int fd; /* -1: there is none */
    uv_poll_t poll;
    struct {
        uint64_t turn; /* 0: it is not there; the greatest is current */
        struct lk_address address;
    } way[LK_UE_TUN_WAYS];
    uint64_t turn;
    uint32_t connection;        /* of WLAN: its ref */
    struct lk_address address4, address6; /* of the device */
    uint64_t up_packets, up_octets, down_packets, down_octets;
    uint64_t lost; /* from no address of the access, or there was none */
};

/* Of the kind's row. */
LK_MUST_CHECK enum lk_status lk_ue_tun_prepare(const struct lk_config *config, lk_prepared_add *add,
                                               void *context, char error[LK_KIND_ERROR_TEXT]);
void lk_ue_tun_begin(struct lk_ue_manager *ue);

/* That access has that address for applications, and is current from now on. */
void lk_ue_tun_take(struct lk_ue_manager *ue, enum lk_ue_tun_way way,
                    const struct lk_address *address);
void lk_ue_tun_leave(struct lk_ue_manager *ue, enum lk_ue_tun_way way);
/* A packet that came by an access. */
void lk_ue_tun_down(struct lk_ue_manager *ue, struct lk_span packet);
/* The manager has stepped: whether there is a PDN connection for it. */
void lk_ue_tun_look(struct lk_ue_manager *ue);

/* A question of the owner: {"op": "namespace"}. */
void lk_ue_tun_ask(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request);

#endif
