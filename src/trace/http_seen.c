#include "trace/http_seen.h"

#include <string.h>

#include "wire/http_digest.h"

/* Up to that text, which goes too; false: it is not there, and all stays. */
static bool cut(struct lk_span *head, struct lk_span *rest, const char *at)
{
    size_t len = strlen(at);

    for (size_t i = 0; i + len <= rest->len; i++)
        if (lk_span_equal(lk_span_of(rest->at + i, len), lk_span_text(at))) {
            *head = lk_span_of(rest->at, i);
            *rest = lk_span_of(rest->at + i + len, rest->len - i - len);
            return true;
        }
    return false;
}

static bool is_http(struct lk_span version)
{
    return version.len == 8 && lk_span_equal(lk_span_of(version.at, 7), lk_span_text("HTTP/1."));
}

/* Three digits. */
static bool read_status(uint16_t *status, struct lk_span text)
{
    *status = 0;
    for (size_t i = 0; i < text.len && i < 3; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *status = (uint16_t)(10 * *status + text.at[i] - '0');
    }
    return text.len >= 3 && (text.len == 3 || text.at[3] == ' ');
}

static bool read_line(struct lk_http_seen *seen, struct lk_span line)
{
    struct lk_span word;

    if (!cut(&word, &line, " "))
        return false;
    seen->request = !is_http(word);
    if (!seen->request)
        return read_status(&seen->status, line);
    seen->method = word;
    return word.len > 0 && cut(&seen->target, &line, " ") && is_http(line);
}

enum lk_status lk_http_seen_read(struct lk_http_seen *seen, struct lk_span message)
{
    struct lk_span head, line;

    memset(seen, 0, sizeof *seen);
    if (!cut(&head, &message, "\r\n\r\n"))
        return LK_E_SHORT;
    seen->body = message;
    if (!cut(&line, &head, "\r\n")) {
        line = head;
        head = lk_span_of(NULL, 0);
    }
    seen->fields = head;
    return read_line(seen, line) ? LK_OK : LK_E_VALUE;
}

struct lk_span lk_http_seen_field(const struct lk_http_seen *seen, const char *name)
{
    struct lk_span rest = seen->fields, line, before;

    while (rest.len > 0) {
        if (!cut(&line, &rest, "\r\n")) {
            line = rest;
            rest = lk_span_of(NULL, 0);
        }
        if (!cut(&before, &line, ":") || !lk_http_token_is(before, name))
            continue;
        while (line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
            line = lk_span_of(line.at + 1, line.len - 1);
        while (line.len > 0 && (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\t'))
            line.len--;
        return line;
    }
    return lk_span_of(NULL, 0);
}
