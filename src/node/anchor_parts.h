/* Between the files of the anchor only: anchor.c (events, records), anchor_request.c (control
 * plane of PMIPv6), binding_pmip.c (its rows), anchor_packet.c (user plane). */
#ifndef LK_NODE_ANCHOR_PARTS_H
#define LK_NODE_ANCHOR_PARTS_H

#include "node/anchor.h"
#include "node/binding_protocol.h"

struct lk_anchor_output *lk_anchor_add(struct lk_anchor_outbox *out,
                                       enum lk_anchor_output_kind kind, uint32_t mag);
/* The pool in whose network it lies, or NULL. */
const struct lk_pool *lk_anchor_pool_of(const struct lk_anchor_config *config,
                                        const struct lk_address *address);
/* name is filled up with zeroes. 0: nobody's, which is empty. */
void lk_anchor_mag_name(char name[LK_BINDING_NAME_MAX + 1], const struct lk_anchor_config *config,
                        uint32_t mag);

/* What the machine of a row said. */
struct lk_anchor_said {
    struct lk_binding_standing before;
    enum lk_binding_change change; /* 0: nothing is to be stored */
    struct lk_span send;           /* to gateway mag; empty: nothing */
    uint32_t mag;
};
void lk_anchor_carry(struct lk_anchor *anchor, struct lk_binding *binding,
                     const struct lk_anchor_said *said, uint64_t now_ms,
                     struct lk_anchor_outbox *out);
/* The same of PMIPv6's; before: the machine as it was. */
void lk_anchor_carry_pmip(struct lk_anchor *anchor, struct lk_binding *binding,
                          const struct lk_pmip_lma *before, const struct lk_pmip_lma_outbox *said,
                          uint32_t mag, uint64_t now_ms, struct lk_anchor_outbox *out);

void lk_anchor_request(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                       struct lk_anchor_outbox *out);
/* Brings the request that was held for this row again, if it is there. */
void lk_anchor_resume(struct lk_anchor *anchor, struct lk_binding *binding, uint64_t now_ms,
                      struct lk_anchor_outbox *out);
void lk_anchor_from_tunnel(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                           struct lk_anchor_outbox *out);
void lk_anchor_from_network(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                            struct lk_anchor_outbox *out);

#endif
