/* The daemon of a journey: a child of ours, on a network of its own, with a state directory of its
 * own that goes when it goes. */
#ifndef LK_ROLE_JOURNEY_DAEMON_H
#define LK_ROLE_JOURNEY_DAEMON_H

#include <sys/types.h>

#include "role/journey.h"

/* A network of its own on loopback: so that a journey disturbs nobody, and everything in its
 * capture is on the port where Wireshark looks for it. */
struct lk_journey_net {
    char prefix[16]; /* "127.81.3" */
};

/* Hosts in it that the runner knows of. */
enum { LK_JOURNEY_TWAG = 1, LK_JOURNEY_AAA = 3, LK_JOURNEY_ANCHOR = 4, LK_JOURNEY_AF = 12,
       LK_JOURNEY_STRANGER = 66, LK_JOURNEY_VICTIM = 77 };
enum { LK_JOURNEY_RADIUS_PORT = 1812, LK_JOURNEY_AF_PORT = 8420, LK_JOURNEY_MIP_PORT = 4434 };

/* False: none was to be had. */
LK_MUST_CHECK bool lk_journey_net_choose(struct lk_journey_net *net);
/* "127.81.3.HOST" */
void lk_journey_net_address(char address[LK_JOURNEY_ADDRESS], const struct lk_journey_net *net,
                            unsigned host);

struct lk_journey_daemon {
    const struct lk_journey *journey;
    const struct lk_journey_options *options;
    const struct lk_journey_net *net; /* of the journey */
    bool device;                    /* else the network's */
    const struct lk_journey_call *also; /* settings of a restart, behind the journey's; NULL */
    pid_t pid;                      /* 0: not running */
    char state_dir[64];
    char config[1024];
    char log[1024];
};

/* Makes the state directory, starts. The caller has set journey, options, net and device, all else
 * is zero. error says why not. */
LK_MUST_CHECK enum lk_status lk_journey_daemon_open(struct lk_journey_daemon *daemon,
                                                    char error[LK_JOURNEY_ERROR]);
/* Starts it again, on the same network and state; returns when it is ready. */
LK_MUST_CHECK enum lk_status lk_journey_daemon_start(struct lk_journey_daemon *daemon,
                                                     char error[LK_JOURNEY_ERROR]);
/* kill -9, the whole of it. */
void lk_journey_daemon_kill(struct lk_journey_daemon *daemon);
/* Through the control socket. */
LK_MUST_CHECK enum lk_status lk_journey_daemon_add(struct lk_journey_daemon *daemon,
                                                   const struct lk_journey_subscriber *subscriber,
                                                   char error[LK_JOURNEY_ERROR]);
/* Stops it and removes its state. */
void lk_journey_daemon_close(struct lk_journey_daemon *daemon);

#endif
