/* What an entry says, put where its row says. */
#include "role/config_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/host.h"
#include "base/secret.h"
#include "io/file_text.h"

struct value {
    struct lk_config_report *report;
    const struct lk_config_row *row;
    const struct lk_config_entry *entry;
};

/* The fix can be pasted: the last word of the key, without the brackets of a list. */
static void refuse(const struct value *v, const char *expected)
{
    const char *quote = v->row->kind == LK_KEY_SECRET ? "" : "'";
    const char *found = v->row->kind == LK_KEY_SECRET ? "another (not shown)" : v->entry->value;
    const char *dot = strrchr(v->row->path, '.');
    const char *key = dot == NULL ? v->row->path : dot + 1;

    lk_config_problem(v->report, v->entry->file, v->entry->line,
                      "%s: expected %s, found %s%.100s%s; fix: write for example %.*s: %s",
                      v->entry->path, expected, quote, found, quote, (int)strcspn(key, "["), key,
                      lk_config_row_example(v->row));
}

static void put_number(const struct value *v, unsigned *to)
{
    char expected[64];
    char *end = NULL;
    long number;

    errno = 0;
    number = strtol(v->entry->value, &end, 10);
    if (errno == 0 && end != v->entry->value && *end == '\0' && number >= v->row->min &&
        number <= v->row->max) {
        *to = (unsigned)number;
        return;
    }
    (void)snprintf(expected, sizeof expected, "a whole number from %ld to %ld", v->row->min,
                   v->row->max);
    refuse(v, expected);
}

static void put_bool(const struct value *v, bool *to)
{
    static const char *const yes[] = { "true", "yes", "on" };
    static const char *const no[] = { "false", "no", "off" };

    for (size_t i = 0; i < LK_COUNT_OF(yes); i++) {
        if (strcasecmp(v->entry->value, yes[i]) == 0) {
            *to = true;
            return;
        }
        if (strcasecmp(v->entry->value, no[i]) == 0) {
            *to = false;
            return;
        }
    }
    refuse(v, "true or false");
}

/* Of a path, there is room for what stands before it. */
static long longest(const struct lk_config_row *row)
{
    enum { PATH_SAID_MAX = 400 };

    return row->kind == LK_KEY_SECRET                  ? LK_CONFIG_SECRET - 1
           : row->kind == LK_KEY_PATH && row->max == 0 ? PATH_SAID_MAX
                                                       : row->max;
}

static void put_text(const struct value *v, char *to)
{
    size_t len = strlen(v->entry->value);
    char expected[64];

    if ((long)len >= v->row->min && (long)len <= longest(v->row)) {
        memcpy(to, v->entry->value, len + 1);
        return;
    }
    (void)snprintf(expected, sizeof expected, "text of %ld to %ld characters", v->row->min,
                   longest(v->row));
    refuse(v, expected);
}

static void put_host(const struct value *v, char *to)
{
    if ((v->entry->value[0] == '\0' && v->row->min == 0) || lk_host_is_name(v->entry->value))
        put_text(v, to);
    else
        refuse(v, "the name of a host, of letters, digits, dots and hyphens");
}

/* The place of the value in the row's words, or -1 after a problem. */
static int word_of(const struct value *v)
{
    char expected[96] = "one of";
    size_t used = strlen(expected);

    for (int i = 0; v->row->words[i] != NULL; i++) {
        if (strcmp(v->entry->value, v->row->words[i]) == 0)
            return i;
        if (used < sizeof expected)
            used += (size_t)snprintf(expected + used, sizeof expected - used, "%s %s",
                                     i == 0 ? "" : ",", v->row->words[i]);
    }
    refuse(v, expected);
    return -1;
}

static void put_address(const struct value *v, char *to)
{
    struct lk_address address;

    bool may_lack = v->row->fallback == NULL && v->row->each == NULL && !v->row->required;

    if ((may_lack && v->entry->value[0] == '\0') ||
        lk_address_parse(&address, v->entry->value) == LK_OK)
        (void)snprintf(to, LK_CONFIG_ADDRESS, "%.63s", v->entry->value);
    else
        refuse(v, "an IP address (names are not looked up)");
}

static void put_prefix(const struct value *v, struct lk_address_prefix *to)
{
    if (lk_address_prefix_parse(to, v->entry->value) != LK_OK)
        refuse(v, "an IP address or network (address/bits)");
}

static void put_hex(const struct value *v, char *to)
{
    uint8_t octets[LK_CONFIG_SECRET];
    char expected[64];
    size_t len = 0;

    if (lk_hex_decode(octets, sizeof octets, &len, lk_span_text(v->entry->value)) == LK_OK &&
        (long)len >= v->row->min && (long)len <= v->row->max &&
        lk_hex_encode(to, 2 * (size_t)v->row->max + 1, lk_span_of(octets, len)) == LK_OK)
        return;
    (void)snprintf(expected, sizeof expected, "%ld to %ld octets in hexadecimal digits",
                   v->row->min, v->row->max);
    refuse(v, expected);
}

/* The first line of the file that "@FILE" names. */
static void put_secret_file(const struct value *v, char *to)
{
    struct lk_file_text text;
    char why[LK_FILE_WHY];
    size_t len = 0;

    if (!lk_file_text_read(&text, v->entry->value + 1, why) || text.len == 0) {
        lk_config_problem(v->report, v->entry->file, v->entry->line,
                          "%s: expected a readable file with the secret, found '%.200s' (%s); fix: "
                          "check the path and its mode",
                          v->entry->path, v->entry->value, why[0] != '\0' ? why : "empty");
    } else {
        while (len < text.len && strchr("\r\n", text.octets[len]) == NULL) /* or an octet 0 */
            len++;
        if (len < 1 || len >= LK_CONFIG_SECRET)
            refuse(v, "a secret of 1 to 127 characters in that file");
        else
            memcpy(to, text.octets, len);
    }
    lk_file_text_close(&text);
}

/* Where the entry's value belongs, its list lengthened to hold it. NULL after a problem. */
static void *place_of(struct lk_config *config, const struct value *v, const size_t index[2])
{
    for (unsigned level = 0; level < 2; level++) {
        const struct lk_config_list *list = &v->row->list[level];
        size_t at = list->count + (level == 0 ? 0 : index[0] * v->row->list[0].stride);
        size_t *count = (size_t *)(void *)((char *)config + at);

        if (list->cap > 0 && index[level] >= list->cap) {
            lk_config_problem(v->report, v->entry->file, v->entry->line,
                              "%s: expected at most %zu of these, found more; fix: remove some, or "
                              "use networks instead of single addresses",
                              v->entry->path, list->cap);
            return NULL;
        }
        if (list->count != 0 && *count < index[level] + 1)
            *count = index[level] + 1;
    }
    return lk_config_row_value(config, v->row, index);
}

void lk_config_row_apply(struct lk_config *config, struct lk_config_report *report,
                         const struct lk_config_row *row, const size_t index[2],
                         const struct lk_config_entry *entry)
{
    const struct value v = { report, row, entry };
    void *to = place_of(config, &v, index);
    int word;

    if (to == NULL)
        return;
    if (row->kind != LK_KEY_SET)
        memset(to, 0, lk_config_row_size(row)); /* nothing of the default shows behind it */
    switch (row->kind) {
    case LK_KEY_NUMBER:
        put_number(&v, to);
        break;
    case LK_KEY_BOOL:
        put_bool(&v, to);
        break;
    case LK_KEY_TEXT:
    case LK_KEY_PATH:
        put_text(&v, to);
        break;
    case LK_KEY_HOST:
        put_host(&v, to);
        break;
    case LK_KEY_CHOICE:
        word = word_of(&v);
        if (word >= 0)
            *(int *)to = word;
        break;
    case LK_KEY_SET:
        word = word_of(&v);
        if (word >= 0)
            *(unsigned *)to |= 1u << word;
        break;
    case LK_KEY_ADDRESS:
        put_address(&v, to);
        break;
    case LK_KEY_PREFIX:
        put_prefix(&v, to);
        break;
    case LK_KEY_HEX:
        put_hex(&v, to);
        break;
    case LK_KEY_SECRET:
        if (entry->value[0] == '@')
            put_secret_file(&v, to);
        else
            put_text(&v, to);
        break;
    }
}
