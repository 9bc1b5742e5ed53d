/* The daemon of a journey: a child of ours, on free ports, with a state directory of its own that
 * goes when it goes. */
#ifndef LK_ROLE_JOURNEY_DAEMON_H
#define LK_ROLE_JOURNEY_DAEMON_H

#include <sys/types.h>

#include "role/journey.h"

enum { LK_JOURNEY_PORTS = 16 };

/* Ports that nobody on loopback had a moment ago, by the name that the journey's file gives. */
struct lk_journey_ports {
    size_t count;
    struct {
        char name[24];
        uint16_t port;
    } port[LK_JOURNEY_PORTS];
};

/* The port of that name, chosen when it is asked for first; 0: none was to be had. */
uint16_t lk_journey_port(struct lk_journey_ports *ports, const char *name);

struct lk_journey_daemon {
    const struct lk_journey *journey;
    const struct lk_journey_options *options;
    struct lk_journey_ports *ports; /* of the journey */
    bool device;                    /* else the network's */
    pid_t pid;                      /* 0: not running */
    uint16_t port;                  /* RADIUS authentication */
    char state_dir[64];
    char config[1024];
    char log[1024];
};

/* Makes the state directory, picks ports, starts. The caller has set journey, options, ports and
 * device, all else is zero. error says why not. */
LK_MUST_CHECK enum lk_status lk_journey_daemon_open(struct lk_journey_daemon *daemon,
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
