#include "eap_peer_rig.h"

struct world w;
struct lk_eap_peer peer;
struct lk_outbox out;

enum lk_status give(struct lk_event *event)
{
    world_entropy(&w, event);
    lk_outbox_empty(&out);
    return lk_eap_peer_step(&peer, &w.peer_config, event, &out);
}

enum lk_status give_octets(struct lk_span octets)
{
    struct lk_event event = { .kind = LK_EV_RECEIVED };

    event.received = octets;
    return give(&event);
}
