/* The daemon of a journey: a child of ours, on free ports, with a state directory of its own that
 * goes when it goes. */
#ifndef LK_ROLE_JOURNEY_DAEMON_H
#define LK_ROLE_JOURNEY_DAEMON_H

#include <sys/types.h>

#include "role/journey.h"

struct lk_journey_daemon {
    const struct lk_journey *journey;
    const struct lk_journey_options *options;
    pid_t pid; /* 0: not running */
    uint16_t port, accounting_port;
    char state_dir[64];
    char config[1024];
    char log[1024];
};

/* Makes the state directory, picks ports, starts. error says why not. */
LK_MUST_CHECK enum lk_status lk_journey_daemon_open(struct lk_journey_daemon *daemon,
                                                    const struct lk_journey *journey,
                                                    const struct lk_journey_options *options,
                                                    char error[LK_JOURNEY_ERROR]);
/* Starts it again, on the same ports and state; returns when it is ready. */
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
