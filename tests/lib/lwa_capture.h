/* Writes all that the nodes of a lwa_world say to each other into a capture, as the processes of a
 * daemon would: Uu, Xw over SCTP, and the air, with the keys that are wanted. */
#ifndef LK_TEST_LWA_CAPTURE_H
#define LK_TEST_LWA_CAPTURE_H

#include "io/pcapng.h"
#include "lwa_world.h"
#include "trace_file.h"

/* Which of them a capture has. */
enum lwa_keys {
    LWA_NO_KEYS,
    LWA_KENB_ALONE, /* KASME and the first KeNB, as lines; those of Xw are withheld */
    LWA_ALL_KEYS,
};

struct lwa_capture {
    struct lk_capture *file;
    enum lwa_keys keys;
    uint32_t tsn;
};

/* The way of the scenarios below. */
enum lwa_story {
    LWA_RIGHT_ORDER, /* set-up, data, two re-keys, data, release */
    LWA_WRONG_ORDER, /* set-up, data, a re-key by which the WT is told first */
    LWA_HANDOVER,    /* set-up, a handover with the WT kept, data */
};
/* A whole capture of one story. */
void lwa_capture_write(const char *path, enum lwa_story story, enum lwa_keys keys);
/* The same, read again. */
void lwa_capture_load(struct lk_trace *trace, enum lwa_story story, enum lwa_keys keys);

#endif
