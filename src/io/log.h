/* The log: one line an event, as text or as JSON, on standard error.
 *
 * A line has a time, a level, the process, an event and fields. No secret is ever a field. Unless
 * the operator says otherwise IMSIs are masked, and so is any run of ten or more digits in any
 * field, whoever put it there. Whatever came from outside is escaped. Lines that a peer can
 * provoke are limited per event: the next one that is let through says how many were left out. */
#ifndef LK_IO_LOG_H
#define LK_IO_LOG_H

#include "base/imsi.h"
#include "base/reason.h"

enum lk_log_level { LK_LOG_ERROR, LK_LOG_WARNING, LK_LOG_INFO, LK_LOG_DEBUG };

enum {
    LK_LOG_LINE = 1024,
    LK_LOG_VALUE = 256,
    LK_LOG_BURST = 20,     /* lines of one limited event at once, */
    LK_LOG_PER_SECOND = 5, /* and in the long run */
};

struct lk_log_setup {
    bool json;
    enum lk_log_level level;
    bool mask_imsi;
    char process[24]; /* "latchkeyd", "aaa/0" */
    int fd;
};

/* Once in each process; it may be called again (reload). */
void lk_log_setup(const struct lk_log_setup *setup);
bool lk_log_wanted(enum lk_log_level level);

struct lk_log_field {
    const char *name;
    const char *value; /* NULL: the field is left out */
};

#define LK_LOG(level, event, ...)                                                               \
    lk_log((level), (event), (const struct lk_log_field[]){ __VA_ARGS__ },                       \
           sizeof((const struct lk_log_field[]){ __VA_ARGS__ }) / sizeof(struct lk_log_field))

void lk_log(enum lk_log_level level, const char *event, const struct lk_log_field *fields,
            size_t count);

/* A bucket of one limited event. Zeroed at first. */
struct lk_log_limit {
    uint64_t last_ms;
    uint32_t spent; /* in thousandths of a line */
    uint32_t left_out;
};
/* True when a line may be written at now_ms; then *left_out is how many were not since the last. */
bool lk_log_allowed(struct lk_log_limit *limit, uint64_t now_ms, uint32_t *left_out);

/* The form of an IMSI for logs. */
void lk_log_imsi(char text[LK_IMSI_MAX_DIGITS + 1], const struct lk_imsi *imsi);

/* A refusal, limited by its reason: code, what, expected, came, clause, fix, and fields. */
void lk_log_refusal(const struct lk_refusal *refusal, uint64_t now_ms,
                    const struct lk_log_field *fields, size_t count);

#endif
