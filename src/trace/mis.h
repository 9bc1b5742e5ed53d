/* MIS in a trace: PDUs between MN and PoS, and between two PoS. A run is the establishment of one
 * SA, in full or optimised, and what goes under it.
 *
 * What an SA protects is shown as header, identifiers and SAID, unless the capture has its keys: as
 * lines of keys/log.h, or because a K is in it in clear, or in what was opened. */
#ifndef LK_TRACE_MIS_H
#define LK_TRACE_MIS_H

#include "trace/mis_read.h"
#include "trace/protocol.h"

/* Its TLVs; false: they are sealed, or do not decode. */
bool lk_mis_seen_read(struct lk_mis_message *message, const struct lk_trace_message *m);
/* Looks into tlvs, which are in clear now. */
void lk_mis_seen_list(struct lk_trace_message *m);
/* With the keys that are known by now. */
void lk_mis_seen_open(struct lk_trace *trace, size_t index);
/* Of a message that is placed: what its run learns of it, keys among it. */
LK_MUST_CHECK enum lk_status lk_mis_seen_learn(struct lk_trace *trace, size_t index);
LK_MUST_CHECK enum lk_status lk_mis_seen_place(struct lk_trace *trace, size_t index);
/* From the MN, where it is not between two PoS. */
bool lk_mis_seen_from_mn(const struct lk_trace_mis *mis);
/* T40: K of the home's own PoS, which the MN has of itself: it stands on no chain. What that PoS
 * hands out itself, unasked for, does. */
bool lk_mis_seen_of_home(const struct lk_trace_establishment *of);
/* The run of an SPoS whose own capture this is, and of nobody else: its target is ready, and what
 * the MN says there, nobody can have seen here. */
bool lk_mis_seen_goes_on_elsewhere(const struct lk_trace *trace, size_t run);
/* A06: the MN's name under the SA: one in full begins under another. */
struct lk_span lk_mis_seen_name(const struct lk_trace_establishment *of);
bool lk_mis_said_is(const struct lk_mis_said *a, const struct lk_mis_said *b);
/* K, nonces, suite and PRF are there, and K was not mixed: its keys. */
bool lk_mis_seen_derive(struct lk_mis_keys *keys, struct lk_mis_agreed *agreed,
                        const struct lk_trace_establishment *of, struct lk_span k);
/* What the PoS chose; false: not one suite and one PRF that we know. */
bool lk_mis_seen_agreed(struct lk_mis_agreed *agreed, const struct lk_trace_establishment *of);
/* The entry of that kind and SAID; NULL: there is none. */
const struct lk_mis_key_log *lk_mis_key_of(const struct lk_trace *trace,
                                           enum lk_mis_key_log_kind kind,
                                           const struct lk_mis_said *said);
/* The next from *at on, in the order of their lines; NULL: there is none any more. */
const struct lk_mis_key_log *lk_mis_key_next(size_t *at, const struct lk_trace *trace,
                                             enum lk_mis_key_log_kind kind,
                                             const struct lk_mis_said *said);
/* A name of the wire, printable. */
enum { LK_MIS_TEXT = 64 };
void lk_mis_text(char text[LK_MIS_TEXT], struct lk_span name);
/* "SPoS-made SA 5a010203" */
void lk_mis_sa_text(char text[LK_MIS_TEXT], const struct lk_mis_said *said);
const char *lk_mis_origin_text(enum lk_mis_origin origin);
const char *lk_mis_suite_text(enum lk_mis_suite suite);
const char *lk_mis_prf_text(enum lk_mis_prf prf);

void lk_mis_fields(const struct lk_teller *teller, const struct lk_trace_message *message);

#endif
