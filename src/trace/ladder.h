/* The ladder of a trace: device, access point, AAA server, and the vault where a challenge shows
 * that it was asked. As text, as SVG, and (html.h) as a page. */
#ifndef LK_TRACE_LADDER_H
#define LK_TRACE_LADDER_H

#include <stdio.h>

#include "trace/trace.h"

enum lk_lane { LK_LANE_DEVICE, LK_LANE_ACCESS_POINT, LK_LANE_AAA, LK_LANE_VAULT, LK_LANE_COUNT };

/* What kind of message it is, for its colour. */
enum lk_rung_kind {
    LK_RUNG_PLAIN,     /* identities, accounting, the rest */
    LK_RUNG_CHALLENGE, /* challenge and its response */
    LK_RUNG_FAST,      /* re-authentication */
    LK_RUNG_SYNC,      /* synchronisation failure */
    LK_RUNG_REFUSED,
    LK_RUNG_GRANTED,
    LK_RUNG_KIND_COUNT
};

const char *lk_lane_name(enum lk_lane lane);
const char *lk_rung_kind_name(enum lk_rung_kind kind);
enum lk_rung_kind lk_rung_kind_of(const struct lk_trace_message *message);
/* True when the server must have asked the vault before it sent this: a challenge. */
bool lk_rung_shows_vault(const struct lk_trace *trace, size_t index);

/* run LK_TRACE_NONE: all of them, and what belongs to none. */
void lk_ladder_text(FILE *to, const struct lk_trace *trace, size_t run);
void lk_ladder_svg(FILE *to, const struct lk_trace *trace, size_t run);

/* Writes text with &, <, > and quotes escaped for XML and HTML. */
void lk_escape(FILE *to, const char *text);

#endif
