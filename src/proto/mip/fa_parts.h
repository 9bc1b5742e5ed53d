/* Between the files of the foreign agent's machine only: fa.c (rules, the step), fa_judge.c (what
 * is refused), fa_act.c (handlers). */
#ifndef LK_PROTO_MIP_FA_PARTS_H
#define LK_PROTO_MIP_FA_PARTS_H

#include "proto/mip/fa.h"

/* One step under way: fa is the draft. */
struct lk_mip_fa_serving {
    struct lk_mip_fa *fa;
    const struct lk_mip_fa_config *config;
    const struct lk_mip_fa_event *event;
    enum lk_reason reason; /* why it is refused, and the code that says so */
    uint8_t code;
    struct lk_mip_fa_outbox *out;
};

enum lk_status lk_mip_fa_relay(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_refuse(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_served(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_denied(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_failed(struct lk_mip_fa_serving *s);
enum lk_status lk_mip_fa_end(struct lk_mip_fa_serving *s);

/* Why a request is not passed on, or a reply not passed back, and the code; NONE: it is. */
enum lk_reason lk_mip_fa_judge_request(uint8_t *code, const struct lk_mip_fa *fa,
                                       const struct lk_mip_fa_config *config,
                                       const struct lk_mip_fa_event *event);
enum lk_reason lk_mip_fa_judge_reply(uint8_t *code, const struct lk_mip_fa *fa,
                                     const struct lk_mip_fa_config *config,
                                     const struct lk_mip_fa_event *event);

struct lk_mip_fa_output *lk_mip_fa_add(struct lk_mip_fa_outbox *out,
                                       enum lk_mip_fa_output_kind kind);
/* A challenge's; never 0. */
uint64_t lk_mip_fa_hash(struct lk_span challenge);

#endif
