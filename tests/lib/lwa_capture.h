/* Writes all that the nodes of a lwa_world say to each other into a capture, as the processes of a
 * daemon would: Uu, Xw over SCTP, and the air; KASME and the first KeNB with it when asked to. */
#ifndef LK_TEST_LWA_CAPTURE_H
#define LK_TEST_LWA_CAPTURE_H

#include "io/pcapng.h"
#include "lwa_world.h"

struct lwa_capture {
    struct lk_capture *file;
    bool withhold; /* the keys of Xw */
    uint32_t tsn;
};

/* The way of the scenarios below. */
enum lwa_story {
    LWA_RIGHT_ORDER, /* set-up, data, two re-keys, data, release */
    LWA_WRONG_ORDER, /* set-up, data, a re-key by which the WT is told first */
    LWA_HANDOVER,    /* set-up, a handover with the WT kept, data */
};
/* A whole capture of one story. */
void lwa_capture_write(const char *path, enum lwa_story story, bool secrets);

#endif
