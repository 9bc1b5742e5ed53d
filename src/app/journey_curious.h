/* The curious operator on the way between an application and its server: it has N, and every octet
 * in its hands. */
#ifndef LK_APP_JOURNEY_CURIOUS_H
#define LK_APP_JOURNEY_CURIOUS_H

#include <stdbool.h>

#include "latchkey/e2e.h"

enum { LK_CURIOUS_ACTS = 10, LK_CURIOUS_TEXT = 96 };

struct lk_curious_act {
    const char *what;
    bool opened;              /* the application has a session, or the server has one with it */
    char why[LK_CURIOUS_TEXT]; /* what the application says; or the server */
};

struct lk_curious_report {
    unsigned sessions;  /* that it recorded */
    bool read;          /* ... and opened one of them */
    bool control;       /* the same reader opens it when it has the application's own keys */
    unsigned count;
    struct lk_curious_act act[LK_CURIOUS_ACTS];
};

/* setup: of an application that gets a session when nobody interferes. False: it gets none, or
 * nobody is at host and port. */
bool lk_curious_run(struct lk_curious_report *report, const struct lk_e2e_client_setup *setup,
                    const char *host, unsigned port);

#endif
