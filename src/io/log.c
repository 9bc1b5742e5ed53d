#include "io/log.h"

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DIGITS_TO_MASK = 10, DIGITS_SHOWN_FIRST = 5, DIGITS_SHOWN_LAST = 2, FIELDS_MAX = 16 };

static struct lk_log_setup now = { .level = LK_LOG_INFO, .mask_imsi = true, .fd = STDERR_FILENO };
static const char *const level_names[] = { "error", "warning", "info", "debug" };

void lk_log_setup(const struct lk_log_setup *setup)
{
    now = *setup;
}

bool lk_log_wanted(enum lk_log_level level)
{
    return level <= now.level;
}

/* A line under construction: a field that does not fit is left out as a whole. */
struct line {
    char text[LK_LOG_LINE];
    size_t used;
    bool full;
};

static void put_char(struct line *line, char c)
{
    enum { TAIL = 4 }; /* quote, brace, newline, and one more */

    if (line->used + TAIL < sizeof line->text)
        line->text[line->used++] = c;
    else
        line->full = true;
}

static void put(struct line *line, const char *text)
{
    for (; *text != '\0'; text++)
        put_char(line, *text);
}

/* Hexadecimal that this side made and that somebody compares or copies: by chance it has long runs
 * of digits too, which are nobody's identity. */
static bool is_made_here(const char *name)
{
    return strcmp(name, "fingerprint") == 0 || strcmp(name, "public") == 0;
}

/* Copies value with every long run of digits masked in the middle. */
static void mask_digits(char *to, size_t cap, const char *value)
{
    size_t at = 0;

    for (const char *p = value; *p != '\0' && at + 1 < cap;) {
        size_t run = strspn(p, "0123456789");

        if (run == 0) {
            to[at++] = *p++;
            continue;
        }
        for (size_t i = 0; i < run && at + 1 < cap; i++)
            to[at++] = run >= DIGITS_TO_MASK && i >= DIGITS_SHOWN_FIRST &&
                               i + DIGITS_SHOWN_LAST < run
                           ? '.'
                           : p[i];
        p += run;
    }
    to[at] = '\0';
}

/* The escapes of JSON; they serve the text form as well. */
static void put_quoted(struct line *line, const char *value)
{
    char escape[8];

    put_char(line, '"');
    for (const unsigned char *p = (const unsigned char *)value; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            put_char(line, '\\');
            put_char(line, (char)*p);
        } else if (*p < 0x20 || *p >= 0x7f) {
            (void)snprintf(escape, sizeof escape, "\\u%04x", *p);
            put(line, escape);
        } else {
            put_char(line, (char)*p);
        }
    }
    put_char(line, '"');
}

static bool is_plain(const char *value)
{
    if (*value == '\0')
        return false;
    for (; *value != '\0'; value++)
        if (!isalnum((unsigned char)*value) && strchr("._-:/@+,[]", *value) == NULL)
            return false;
    return true;
}

static void put_field(struct line *line, const char *name, const char *value)
{
    if (now.json) {
        put(line, ",\"");
        put(line, name);
        put(line, "\":");
        put_quoted(line, value);
        return;
    }
    put_char(line, ' ');
    put(line, name);
    put_char(line, '=');
    if (is_plain(value))
        put(line, value);
    else
        put_quoted(line, value);
}

static void add_field(struct line *line, const char *name, const char *value)
{
    char shown[LK_LOG_VALUE];
    size_t mark = line->used;

    if (value == NULL)
        return;
    if (now.mask_imsi && !is_made_here(name))
        mask_digits(shown, sizeof shown, value);
    else
        (void)snprintf(shown, sizeof shown, "%s", value);
    put_field(line, name, shown);
    if (line->full) {
        line->used = mark;
        line->full = false;
    }
}

static void put_head(struct line *line, enum lk_log_level level, const char *event)
{
    struct timespec at;
    struct tm utc;
    char stamp[40];
    size_t len;

    (void)clock_gettime(CLOCK_REALTIME, &at);
    (void)gmtime_r(&at.tv_sec, &utc);
    len = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(stamp + len, sizeof stamp - len, ".%03uZ",
                   (unsigned)(at.tv_nsec / 1000000) % 1000);
    if (now.json) {
        put(line, "{\"time\":\"");
        put(line, stamp);
        put(line, "\",\"level\":\"");
        put(line, level_names[level]);
        put(line, "\",\"process\":\"");
        put(line, now.process);
        put(line, "\",\"event\":\"");
        put(line, event);
        put(line, "\"");
        return;
    }
    put(line, stamp);
    put_char(line, ' ');
    put(line, level_names[level]);
    put_char(line, ' ');
    put(line, now.process);
    put_char(line, ' ');
    put(line, event);
}

/* A reader that has stopped reading (a pager, a log collector that hangs) must not stop us: what it
 * has no room for is left out. */
static void write_line(const struct line *line)
{
    struct pollfd one = { .fd = now.fd, .events = POLLOUT };

    if (poll(&one, 1, 0) != 1 || (one.revents & POLLOUT) == 0 ||
        write(now.fd, line->text, line->used) < 0)
        return; /* nobody to tell */
}

void lk_log(enum lk_log_level level, const char *event, const struct lk_log_field *fields,
            size_t count)
{
    struct line line = { .used = 0 };

    if (!lk_log_wanted(level))
        return;
    put_head(&line, level, event);
    for (size_t i = 0; i < count; i++)
        add_field(&line, fields[i].name, fields[i].value);
    if (now.json)
        line.text[line.used++] = '}';
    line.text[line.used++] = '\n';
    write_line(&line);
}

bool lk_log_allowed(struct lk_log_limit *limit, uint64_t now_ms, uint32_t *left_out)
{
    enum { LINE = 1000 };
    uint64_t passed = now_ms > limit->last_ms ? now_ms - limit->last_ms : 0;
    uint64_t earned = passed * LK_LOG_PER_SECOND;

    limit->last_ms = now_ms;
    limit->spent = earned >= limit->spent ? 0 : limit->spent - (uint32_t)earned;
    if (limit->spent + LINE > LK_LOG_BURST * LINE) {
        limit->left_out++;
        return false;
    }
    limit->spent += LINE;
    *left_out = limit->left_out;
    limit->left_out = 0;
    return true;
}

void lk_log_imsi(char text[LK_IMSI_MAX_DIGITS + 1], const struct lk_imsi *imsi)
{
    if (now.mask_imsi)
        lk_imsi_mask(text, imsi);
    else
        (void)snprintf(text, LK_IMSI_MAX_DIGITS + 1, "%s", imsi->digits);
}

void lk_log_refusal(const struct lk_refusal *refusal, uint64_t now_ms,
                    const struct lk_log_field *fields, size_t count)
{
    static struct lk_log_limit limits[LK_REASON_COUNT];
    const struct lk_reason_row *row = lk_reason_row(refusal->reason);
    struct lk_log_field all[FIELDS_MAX];
    size_t used = 0;
    uint32_t left_out = 0;
    char left_out_text[16];

    if (!lk_log_wanted(LK_LOG_WARNING) ||
        !lk_log_allowed(&limits[refusal->reason], now_ms, &left_out))
        return;
    all[used++] = (struct lk_log_field){ "reason", row->code };
    for (size_t i = 0; i < count && used < FIELDS_MAX - 6; i++)
        all[used++] = fields[i];
    all[used++] = (struct lk_log_field){ "what", row->what };
    all[used++] = (struct lk_log_field){ "expected",
                                         refusal->expected[0] == '\0' ? NULL : refusal->expected };
    all[used++] = (struct lk_log_field){ "came", refusal->came[0] == '\0' ? NULL : refusal->came };
    all[used++] = (struct lk_log_field){ "clause", row->clause };
    all[used++] = (struct lk_log_field){ "fix", row->fix };
    (void)snprintf(left_out_text, sizeof left_out_text, "%u", left_out);
    all[used++] = (struct lk_log_field){ "left_out", left_out > 0 ? left_out_text : NULL };
    lk_log(LK_LOG_WARNING, "refused", all, used);
}
