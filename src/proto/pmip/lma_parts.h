/* Between the files of the anchor's machine only: lma.c (rules and step), lma_act.c (handlers),
 * lma_answer.c (what is checked before, and the acknowledgement). */
#ifndef LK_PROTO_PMIP_LMA_PARTS_H
#define LK_PROTO_PMIP_LMA_PARTS_H

#include "proto/pmip/lma.h"

/* One step under way: lma is the draft. */
struct lk_pmip_lma_serving {
    struct lk_pmip_lma *lma;
    const struct lk_pmip_lma_config *config;
    const struct lk_pmip_lma_event *event;
    struct lk_pmip_lma_outbox *out;
};

/* The handlers. */
enum lk_status lk_pmip_lma_register(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_renew(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_move(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_hold(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_release(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_let_go(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_keep(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_return(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_repeat(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_stale(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_old_attach(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_resume(struct lk_pmip_lma_serving *s);
enum lk_status lk_pmip_lma_end(struct lk_pmip_lma_serving *s);

struct lk_pmip_lma_output *lk_pmip_lma_add(struct lk_pmip_lma_outbox *out,
                                           enum lk_pmip_lma_output_kind kind);
/* Whether the addresses that a request names are those of the lease. */
struct lk_pmip_verdict lk_pmip_lma_addresses(const struct lk_mobility_message *request,
                                             const struct lk_pmip_lease *lease, bool bound);
/* An acknowledgement as a message; its spans are those of the request. */
struct lk_pmip_answer {
    uint8_t status;
    uint16_t sequence;
    uint16_t lifetime;
    const struct lk_pmip_lease *lease; /* NULL: refused */
    uint64_t now_ms;
};
enum lk_status lk_pmip_lma_answer(struct lk_writer *w, const struct lk_pmip_lma_config *config,
                                  const struct lk_mobility_message *request,
                                  const struct lk_pmip_answer *answer);

#endif
