/* The TWAG's WLCP machine on a bench: one machine, its clock, and what it puts out as text.
 * One test program has one. */
#ifndef LK_TESTS_WLCP_TWAG_BENCH_H
#define LK_TESTS_WLCP_TWAG_BENCH_H

#include "wlcp_rig.h"

enum { ROWS = 6 };

/* What the first row's ACCEPT is: APN a, 10.0.0.7, identity 1. */
#define ACCEPT_1 "820102016105010a00000701020000000000"

extern struct lk_wlcp_twag ue;
extern struct lk_wlcp_twag_pool pool;
extern struct lk_wlcp_twag_pdn rows[ROWS];
extern struct lk_wlcp_twag_config config;
extern struct lk_wlcp_outbox out;
extern uint64_t now;
extern uint32_t channel;
extern char text[WLCP_TEXT];

int start(void **state);
enum lk_status step(struct lk_wlcp_event *event);
enum lk_status receive_octets(struct lk_span octets);
void answers(const char *hex, const char *expected);
void ignores(const char *hex, enum lk_status status);
enum lk_status give(enum lk_wlcp_event_kind kind, uint32_t which);
void does(enum lk_wlcp_event_kind kind, const char *expected);
void bound(uint32_t which, uint8_t pdn_type, const char *expected);
void is(enum lk_wlcp_twag_state state);
void connect_a(void);

#endif
