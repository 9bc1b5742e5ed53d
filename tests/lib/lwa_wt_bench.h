/* A bench for the WT's machine of one UE: what an eNB says, steps, and what came of them. */
#ifndef LK_TESTS_LWA_WT_BENCH_H
#define LK_TESTS_LWA_WT_BENCH_H

#include "proto/lwa/wt.h"

enum { OUR_ID = 7, FRESH_ID = 8, ENB = 1, OTHER_ENB = 2, ENB_ID = 100 };
enum { BEARER = 5, OTHER_BEARER = 6 };
#define NOBODY LK_XWAP_TYPE_COUNT

extern struct lk_lwa_wt wt;
extern struct lk_lwa_wt_config config;
extern struct lk_lwa_wt_outbox out;
extern uint64_t now_ms;
extern uint32_t fresh_id;
extern const struct lk_xwap_cause any_cause;

void open_bench(void);
/* What the eNB says: a message with both ids; an addition of UE 2 with a key of that octet (0:
 * none) and one bearer; one that names our id; a re-key. */
struct lk_xwap message(enum lk_xwap_type type);
struct lk_xwap addition(uint8_t key);
struct lk_xwap take_over(uint8_t key);
struct lk_xwap modification(uint8_t key);
struct lk_span key_of(uint8_t octet);
void add_bearer(struct lk_xwap *m, uint8_t e_rab_id, uint8_t drb);
/* A step; what is refused changes nothing. */
enum lk_status hears_from(uint32_t link, const struct lk_xwap *m);
enum lk_status hears(struct lk_xwap m);
enum lk_status happens(enum lk_lwa_wt_event_kind kind);
/* An output; the at-th message that was sent, over that link; what both are; a rejection. */
const struct lk_lwa_wt_output *has(enum lk_lwa_wt_output_kind kind);
struct lk_xwap said(unsigned at, uint32_t link);
void assert_says(enum lk_xwap_type first, enum lk_xwap_type second);
void assert_refuses(uint8_t cause, enum lk_reason reason, uint32_t link);
/* Opens the bench, and brings the machine there. */
void bring_to(enum lk_lwa_wt_state to);

#endif
