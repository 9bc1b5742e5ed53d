/* The table of protocols: one row a protocol, and everything that a trace wants of one is in it. A
 * new one adds a tag and a member of the union in trace.h, a file with its functions, a row in
 * protocol.c, and perhaps a lane in rung.h. */
#ifndef LK_TRACE_PROTOCOL_H
#define LK_TRACE_PROTOCOL_H

#include "trace/fields.h"
#include "trace/rung.h"

struct lk_trace_protocol {
    const char *name;
    bool recurs; /* the same octets again are another message, and repeat none */
    /* Is it one of mine? Rows are asked in their order; the first one gets it. */
    bool (*claims)(const struct lk_datagram *datagram);
    /* Sets status, request and the member of the union. room is for what must be joined, and lives
     * as long as the message. */
    void (*decode)(struct lk_trace_message *message, uint8_t *room, size_t cap);
    /* Sets run and answers of a message that repeats none; may begin a run. */
    enum lk_status (*place)(struct lk_trace *trace, size_t index);
    /* What the message tells of its run. */
    void (*sum_up)(struct lk_trace_run *run, const struct lk_trace_message *message);
    void (*name_of)(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message);
    void (*carrier)(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message);
    void (*summary)(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *message);
    void (*rung)(struct lk_rung *rung, const struct lk_trace *trace, size_t index);
    void (*fields)(const struct lk_teller *teller, const struct lk_trace_message *message);
};

extern const struct lk_trace_protocol lk_trace_protocol_radius, lk_trace_protocol_dtls,
    lk_trace_protocol_wlcp, lk_trace_protocol_pmip, lk_trace_protocol_user,
    lk_trace_protocol_asked, lk_trace_protocol_uu, lk_trace_protocol_xw, lk_trace_protocol_wlan,
    lk_trace_protocol_mis, lk_trace_protocol_ub, lk_trace_protocol_mip, lk_trace_protocol_mip6;

const struct lk_trace_protocol *lk_trace_protocol(enum lk_trace_protocol_id id);
/* LK_TRACE_PROTOCOLS: nobody's. */
enum lk_trace_protocol_id lk_trace_protocol_for(const struct lk_datagram *datagram);

/* ---- what rows share ---- */

bool lk_trace_same_end(const struct lk_capture_end *a, const struct lk_capture_end *b);
/* The first message that is still looked at from index. */
size_t lk_trace_look_back(size_t index);
/* Begins a run at that message. Its title is the message's comment, or else title and a number. */
LK_MUST_CHECK enum lk_status lk_trace_start_run(struct lk_trace *trace, size_t index,
                                                enum lk_trace_run_kind kind, const char *title);
/* The last message before index between the same two ends that is of a connection's run, or
 * LK_TRACE_NONE; turned: it went the other way. */
size_t lk_trace_pair(const struct lk_trace *trace, size_t index, bool *turned);
/* The dissector of a message in clear is that one. */
bool lk_trace_is_opened(const struct lk_datagram *datagram, const char *dissector);
/* Which lane an end is known to be, and what is known now. Ports count. */
void lk_trace_learn(struct lk_trace *trace, const struct lk_capture_end *end, enum lk_lane lane);
enum lk_lane lk_trace_lane_of(const struct lk_trace *trace, const struct lk_capture_end *end);
/* Appends to a summary: a comma between, dots where it is full, nothing unprintable. */
void lk_trace_append(char text[LK_TRACE_SUMMARY_MAX], struct lk_span what, bool separate);
/* The same, made of a format; at most 47 characters. */
void lk_trace_append_f(char text[LK_TRACE_SUMMARY_MAX], const char *format, ...) LK_PRINTF(2, 3);

/* Tell a field to whoever shows it. */
void lk_tell(const struct lk_teller *t, unsigned depth, const char *name, const char *clause,
             const char *format, ...) LK_PRINTF(5, 6);
void lk_field_hex(char text[LK_FIELD_VALUE_MAX], struct lk_span octets);
/* Text as it is when it is printable, else its octets. */
void lk_field_text(char text[LK_FIELD_VALUE_MAX], struct lk_span octets);

#endif
