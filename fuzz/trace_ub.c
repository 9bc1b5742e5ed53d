/* Octets as a message of Ub in a capture: what is read of it lies within it. And as lines of keys
 * for applications, which go there and back. */
#include <string.h>

#include "fuzz.h"

#include "keys/log.h"
#include "trace/http_seen.h"

static struct lk_span all;

static void inside(struct lk_span part)
{
    LK_ASSERT(part.len == 0 ||
              (part.at >= all.at && part.len <= all.len - (size_t)(part.at - all.at)));
}

static void read_http(void)
{
    struct lk_http_seen seen;

    if (lk_http_seen_read(&seen, all) != LK_OK)
        return;
    LK_ASSERT(seen.request ? seen.method.len > 0 && seen.status == 0 : seen.status < 1000);
    inside(seen.method);
    inside(seen.target);
    inside(seen.fields);
    inside(seen.body);
    inside(lk_http_seen_field(&seen, "Authorization"));
}

static void read_lines(void)
{
    struct lk_app_key_log entry, again;
    struct lk_span text = all, one;
    char line[LK_APP_KEY_LOG_LINE];
    enum lk_status status;

    while ((status = lk_app_key_log_next(&entry, &text)) != LK_E_NOT_FOUND) {
        if (status != LK_OK)
            continue;
        for (size_t i = 0; i < 5; i++)
            LK_ASSERT(lk_app_key_log_part(&entry, i).len <= entry.whose_len);
        lk_app_key_log_write(line, &entry);
        one = lk_span_text(line);
        LK_ASSERT(lk_app_key_log_next(&again, &one) == LK_OK);
        LK_ASSERT(memcmp(&entry, &again, sizeof entry) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    all = lk_span_of(octets, len);
    read_http();
    read_lines();
    return 0;
}
