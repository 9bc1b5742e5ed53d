/* The UE's WLCP machine on a bench: one machine, its clock, and what it puts out as text.
 * One test program has one. */
#ifndef LK_TESTS_WLCP_UE_BENCH_H
#define LK_TESTS_WLCP_UE_BENCH_H

#include "wlcp_rig.h"

/* The ACCEPT for PTI 1, APN a, 10.0.0.7, identity 5, MAC 02:00:00:00:00:01; and two others. */
#define ACCEPT_1 "8201020161 05010a000007 05 020000000001"
#define ACCEPT_2 "8202020162 05010a000008 06 020000000002"

extern struct lk_wlcp_ue ue;
extern struct lk_wlcp_ue_config config;
extern struct lk_wlcp_outbox out;
extern uint64_t now;
extern char text[WLCP_TEXT];

int start(void **state);
enum lk_status step(struct lk_wlcp_event *event);
void want(const char *apn, const char *expected);
enum lk_status give(enum lk_wlcp_event_kind kind, uint32_t which);
void does(enum lk_wlcp_event_kind kind, const char *expected);
enum lk_status receive_octets(struct lk_span octets);
enum lk_status receive(const char *hex);
void answers(const char *hex, const char *expected);
void ignores_octets(struct lk_span octets);
void ignores(const char *hex);
void is(enum lk_wlcp_ue_state state);
void connect_a(void);

#endif
