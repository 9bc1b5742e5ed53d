/* The lists of TLVs that one step of a machine says: its outputs look into them. Part of its
 * outbox. */
#ifndef LK_PROTO_MIS_LISTS_H
#define LK_PROTO_MIS_LISTS_H

#include "base/reason.h"
#include "wire/mis.h"

enum { LK_MIS_LISTS_OCTETS = 4096 };

struct lk_mis_lists {
    size_t used;
    uint8_t octets[LK_MIS_LISTS_OCTETS];
};

/* list is the message's, behind those that are there. Fails as lk_mis_message_put does. */
LK_MUST_CHECK enum lk_status lk_mis_lists_put(struct lk_span *list, struct lk_mis_lists *lists,
                                              const struct lk_mis_message *message,
                                              const struct lk_mis_codes *codes);

/* By the other end: what came is the status and the reason of its answer. */
struct lk_refusal lk_mis_refused_by(const struct lk_mis_message *answer, const char *expected);

#endif
