#include "role/config_rows.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "store/reauth.h"

#define AT(member) offsetof(struct lk_config, member)
#define TEXT_MAX(member) ((long)sizeof(((struct lk_config *)0)->member) - 1)

/* A State opens for a second more than its lifetime at most. */
enum { STATE_LIFETIME_MAX_S = LK_REAUTH_SPENT_MS / 1000 - 1 };

static const char *const role_words[] = { "aaa", "vault", NULL };
static const char *const method_words[] = { "aka-prime", "aka", NULL };
static const char *const sqn_words[] = { "time", "counter", NULL };
static const char *const format_words[] = { "text", "json", NULL };
static const char *const level_words[] = { "error", "warning", "info", "debug", NULL };

static const struct lk_config_row rows[] = {
    { "roles[]", LK_KEY_SET, AT(roles), 0, 0, "[aaa, vault]", role_words, 0, 8, 0 },
    { "state_dir", LK_KEY_TEXT, AT(state_dir), 1, 400, "var", NULL, 0, 0, 0 },
    { "control", LK_KEY_TEXT, AT(control), 1, 90, "control.sock", NULL, 0, 0, 0 },
    { "node_key", LK_KEY_TEXT, AT(node_key), 1, 400, "node.key", NULL, 0, 0, 0 },
    { "user", LK_KEY_TEXT, AT(user), 0, TEXT_MAX(user), "latchkey", NULL, 0, 0, 0 },
    { "workers", LK_KEY_NUMBER, AT(workers), 0, LK_CONFIG_WORKERS, "0", NULL, 0, 0, 0 },
    { "store.url", LK_KEY_TEXT, AT(store.url), 1, 400, "sqlite:store/latchkey.db", NULL, 0, 0, 0 },
    { "vault.master_key", LK_KEY_TEXT, AT(vault.master_key), 1, 400, "master.key", NULL, 0, 0, 0 },
    { "vault.ceiling", LK_KEY_TEXT, AT(vault.ceiling), 1, 400, "sqn.ceiling", NULL, 0, 0, 0 },
    { "vault.node", LK_KEY_NUMBER, AT(vault.node), 0, 3, "0", NULL, 0, 0, 0 },
    { "vault.sqn", LK_KEY_CHOICE, AT(vault.sqn), 0, 0, "time", sqn_words, 0, 0, 0 },
    { "vault.user", LK_KEY_TEXT, AT(vault.user), 0, TEXT_MAX(vault.user), "latchkey-vault", NULL, 0,
      0, 0 },
    { "vault.block", LK_KEY_NUMBER, AT(vault.block), 1, 1024, "32", NULL, 0, 0, 0 },
    { "radius.listen[]", LK_KEY_ADDRESS, AT(radius.listen), 0, 0, "127.0.0.1", NULL, 64,
      LK_CONFIG_LISTENS, AT(radius.listen_count) },
    { "radius.port", LK_KEY_NUMBER, AT(radius.port), 1, 65535, "1812", NULL, 0, 0, 0 },
    { "radius.accounting_port", LK_KEY_NUMBER, AT(radius.accounting_port), 0, 65535, "1813", NULL,
      0, 0, 0 },
    { "radius.enterprise", LK_KEY_NUMBER, AT(radius.enterprise), 0, 16777215, "32473", NULL, 0, 0,
      0 },
    { "radius.clients[].address", LK_KEY_PREFIX, AT(radius.clients[0].address), 0, 0,
      "192.0.2.0/24", NULL, sizeof(struct lk_config_client), LK_CONFIG_CLIENTS,
      AT(radius.client_count) },
    { "radius.clients[].secret", LK_KEY_SECRET, AT(radius.clients[0].secret), 1,
      LK_CONFIG_SECRET - 1, "\"@/etc/latchkey/ap.secret\"", NULL, sizeof(struct lk_config_client),
      LK_CONFIG_CLIENTS, AT(radius.client_count) },
    { "radius.clients[].name", LK_KEY_TEXT, AT(radius.clients[0].name), 0, LK_CONFIG_NAME - 1,
      "hall", NULL, sizeof(struct lk_config_client), LK_CONFIG_CLIENTS, AT(radius.client_count) },
    { "eap.network_name", LK_KEY_TEXT, AT(eap.network_name), 1, LK_CONFIG_NAME - 1, "WLAN", NULL, 0,
      0, 0 },
    { "eap.methods[]", LK_KEY_SET, AT(eap.methods), 0, 0, "[aka-prime, aka]", method_words, 0, 8,
      0 },
    { "eap.pseudonyms", LK_KEY_BOOL, AT(eap.pseudonyms), 0, 0, "true", NULL, 0, 0, 0 },
    { "eap.reauth", LK_KEY_BOOL, AT(eap.reauth), 0, 0, "true", NULL, 0, 0, 0 },
    { "eap.protect_success", LK_KEY_BOOL, AT(eap.protect_success), 0, 0, "false", NULL, 0, 0, 0 },
    { "eap.reauth_max", LK_KEY_NUMBER, AT(eap.reauth_max), 1, 65535, "16", NULL, 0, 0, 0 },
    { "eap.reauth_contexts", LK_KEY_NUMBER, AT(eap.reauth_contexts), 64, 10000000, "65536", NULL, 0,
      0, 0 },
    { "eap.state_lifetime_s", LK_KEY_NUMBER, AT(eap.state_lifetime_s), 5, STATE_LIFETIME_MAX_S,
      "60", NULL, 0, 0, 0 },
    { "eap.session_timeout_s", LK_KEY_NUMBER, AT(eap.session_timeout_s), 60, 604800, "3600", NULL,
      0, 0, 0 },
    { "log.format", LK_KEY_CHOICE, AT(log.format), 0, 0, "text", format_words, 0, 0, 0 },
    { "log.level", LK_KEY_CHOICE, AT(log.level), 0, 0, "info", level_words, 0, 0, 0 },
    { "log.mask_imsi", LK_KEY_BOOL, AT(log.mask_imsi), 0, 0, "true", NULL, 0, 0, 0 },
    { "console.listen", LK_KEY_ADDRESS, AT(console.listen), 0, 0, "127.0.0.1", NULL, 0, 0, 0 },
    { "console.port", LK_KEY_NUMBER, AT(console.port), 0, 65535, "9464", NULL, 0, 0, 0 },
};

/* ---- finding ---- */

/* "a.b[12].c" becomes "a.b[].c", and the index 12. */
static void pattern_of(char *pattern, size_t cap, size_t *index, const char *path)
{
    size_t at = 0;

    *index = 0;
    for (const char *p = path; *p != '\0' && at + 1 < cap; p++) {
        pattern[at++] = *p;
        if (*p == '[') {
            *index = strtoul(p + 1, NULL, 10);
            while (isdigit((unsigned char)p[1]))
                p++;
        }
    }
    pattern[at] = '\0';
}

const struct lk_config_row *lk_config_row_find(const char *path, size_t *index)
{
    char pattern[LK_CONFIG_KEY];
    size_t len;

    pattern_of(pattern, sizeof pattern, index, path);
    len = strlen(pattern);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const char *known = rows[i].path;

        if (strcmp(known, pattern) == 0)
            return &rows[i];
        if (strncmp(known, pattern, len) == 0 && strcmp(known + len, "[]") == 0)
            return &rows[i];
    }
    return NULL;
}

bool lk_config_row_is_section(const char *path)
{
    char pattern[LK_CONFIG_KEY];
    size_t index;
    size_t len;

    pattern_of(pattern, sizeof pattern, &index, path);
    len = strlen(pattern);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if (strncmp(rows[i].path, pattern, len) == 0 &&
            (rows[i].path[len] == '.' || rows[i].path[len] == '['))
            return true;
    return false;
}

/* The number of single-character edits between a and b (Levenshtein), both shorter than a key. */
static unsigned edits_between(const char *a, const char *b)
{
    unsigned row[LK_CONFIG_KEY + 1];
    size_t len = strlen(b);

    for (size_t j = 0; j <= len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        unsigned corner = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= len; j++) {
            unsigned best = corner + (a[i - 1] != b[j - 1]);

            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[len];
}

const char *lk_config_row_near(const char *path)
{
    char pattern[LK_CONFIG_KEY];
    const char *best = NULL;
    unsigned least = 6;
    size_t index;

    pattern_of(pattern, sizeof pattern, &index, path);
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        unsigned edits = edits_between(pattern, rows[i].path);

        if (edits < least) {
            least = edits;
            best = rows[i].path;
        }
    }
    return best;
}

/* ---- values ---- */

struct value {
    struct lk_config_report *report;
    const char *file;
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

    lk_config_problem(v->report, v->entry->line > 0 ? v->file : NULL, v->entry->line,
                      "%s: expected %s, found %s%.100s%s; fix: write for example %.*s: %s",
                      v->entry->path, expected, quote, found, quote, (int)strcspn(key, "["), key,
                      v->row->example);
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

static void put_text(const struct value *v, char *to)
{
    size_t len = strlen(v->entry->value);
    char expected[64];

    if ((long)len >= v->row->min && (long)len <= v->row->max) {
        memcpy(to, v->entry->value, len + 1);
        return;
    }
    (void)snprintf(expected, sizeof expected, "text of %ld to %ld characters", v->row->min,
                   v->row->max);
    refuse(v, expected);
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

    if (lk_address_parse(&address, v->entry->value) == LK_OK)
        (void)snprintf(to, 64, "%.63s", v->entry->value);
    else
        refuse(v, "an IP address (names are not looked up)");
}

static void put_prefix(const struct value *v, struct lk_address_prefix *to)
{
    if (lk_address_prefix_parse(to, v->entry->value) != LK_OK)
        refuse(v, "an IP address or network (address/bits)");
}

/* The first line of the file that "@FILE" names. */
static void put_secret_file(const struct value *v, char *to)
{
    FILE *in = fopen(v->entry->value + 1, "re");
    char line[LK_CONFIG_SECRET + 2] = "";
    size_t len;

    if (in == NULL || fgets(line, sizeof line, in) == NULL) {
        lk_config_problem(v->report, v->entry->line > 0 ? v->file : NULL, v->entry->line,
                          "%s: expected a readable file with the secret, found '%.200s' (%s); fix: "
                          "check the path and its mode",
                          v->entry->path, v->entry->value, in == NULL ? strerror(errno) : "empty");
    } else {
        len = strcspn(line, "\r\n");
        line[len] = '\0';
        if (len < 1 || len >= LK_CONFIG_SECRET)
            refuse(v, "a secret of 1 to 127 characters in that file");
        else
            memcpy(to, line, len + 1);
    }
    lk_wipe(line, sizeof line);
    if (in != NULL)
        (void)fclose(in);
}

void lk_config_row_apply(struct lk_config *config, struct lk_config_report *report,
                         const char *file, const struct lk_config_row *row, size_t index,
                         const struct lk_config_entry *entry)
{
    const struct value v = { report, file, row, entry };
    char *to = (char *)config + row->offset + index * row->stride;
    int word;

    if (row->cap > 0 && index >= row->cap) {
        lk_config_problem(report, entry->line > 0 ? file : NULL, entry->line,
                          "%s: expected at most %zu of these, found more; fix: remove some, or use "
                          "networks instead of single addresses",
                          entry->path, row->cap);
        return;
    }
    if (row->count_offset != 0) {
        size_t *count = (size_t *)(void *)((char *)config + row->count_offset);

        if (*count < index + 1)
            *count = index + 1;
    }
    switch (row->kind) {
    case LK_KEY_NUMBER:
        put_number(&v, (unsigned *)(void *)to);
        break;
    case LK_KEY_BOOL:
        put_bool(&v, (bool *)to);
        break;
    case LK_KEY_TEXT:
        put_text(&v, to);
        break;
    case LK_KEY_CHOICE:
        word = word_of(&v);
        if (word >= 0)
            *(int *)(void *)to = word;
        break;
    case LK_KEY_SET:
        word = word_of(&v);
        if (word >= 0)
            *(unsigned *)(void *)to |= 1u << word;
        break;
    case LK_KEY_ADDRESS:
        put_address(&v, to);
        break;
    case LK_KEY_PREFIX:
        put_prefix(&v, (struct lk_address_prefix *)(void *)to);
        break;
    case LK_KEY_SECRET:
        if (entry->value[0] == '@')
            put_secret_file(&v, to);
        else
            put_text(&v, to);
        break;
    }
}
