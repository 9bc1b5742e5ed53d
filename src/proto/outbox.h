/* The outbox: a bounded list of outputs and the octets they send.
 *
 * The caller of a step owns it, empties it before, reads it after, and wipes it when done: it may
 * hold keys. A step that fails takes back what it has put in (lk_outbox_mark, lk_outbox_undo). */
#ifndef LK_PROTO_OUTBOX_H
#define LK_PROTO_OUTBOX_H

#include "proto/machine.h"

enum { LK_OUTBOX_MAX = 6, LK_OUTBOX_OCTETS = 2048 };

struct lk_outbox {
    size_t count;
    size_t used;
    struct lk_output item[LK_OUTBOX_MAX];
    uint8_t octets[LK_OUTBOX_OCTETS];
};

struct lk_outbox_mark {
    size_t count;
    size_t used;
};

/* Makes it empty; what it held before need not be initialised. */
void lk_outbox_empty(struct lk_outbox *out);
/* Wipes what is in use and makes it empty. */
void lk_outbox_wipe(struct lk_outbox *out);
struct lk_outbox_mark lk_outbox_mark(const struct lk_outbox *out);
void lk_outbox_undo(struct lk_outbox *out, struct lk_outbox_mark mark);
/* The next output of that kind, for the caller to fill; NULL when the outbox is full. */
struct lk_output *lk_outbox_add(struct lk_outbox *out, enum lk_output_kind kind);
/* A writer over the free octets; lk_outbox_send adds what was written as one SEND. */
struct lk_writer lk_outbox_writer(struct lk_outbox *out);
LK_MUST_CHECK enum lk_status lk_outbox_send(struct lk_outbox *out, const struct lk_writer *w);
/* The first output of that kind, or NULL. */
const struct lk_output *lk_outbox_find(const struct lk_outbox *out, enum lk_output_kind kind);

#endif
