/* Between the files of the network only: network.c (rules, step) and network_act.c (handlers). */
#ifndef LK_PROTO_EPS_NETWORK_PARTS_H
#define LK_PROTO_EPS_NETWORK_PARTS_H

#include "proto/eps/network.h"
#include "proto/eps/parts.h"

/* One step under way: n is the draft. With RECEIVED, rrc is the message, and header and nas the NAS
 * in it: views into rrc. */
struct lk_eps_network_work {
    struct lk_eps_network *n;
    const struct lk_eps_network_config *config;
    const struct lk_eps_event *event;
    struct lk_rrc_attach rrc;
    struct lk_nas_header header;
    struct lk_nas nas;
    struct lk_eps_outbox *out;
};

enum lk_status lk_eps_network_attach(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_go_on(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_challenge(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_no_vector(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_response(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_failure(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_complete(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_refused(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_as_complete(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_as_failure(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_again(struct lk_eps_network_work *w);
enum lk_status lk_eps_network_stop(struct lk_eps_network_work *w);

#endif
