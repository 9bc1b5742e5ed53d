/* An EAP peer by itself: what it is given, and what it puts out. The world is there for its
 * configuration, vectors and card, and never runs. One test program has one. */
#ifndef LK_TESTS_EAP_PEER_RIG_H
#define LK_TESTS_EAP_PEER_RIG_H

#include "eap_world.h"

extern struct world w;
extern struct lk_eap_peer peer;
extern struct lk_outbox out;

/* An event, with fresh entropy; out has what came of it. */
enum lk_status give(struct lk_event *event);
enum lk_status give_octets(struct lk_span octets);

#endif
