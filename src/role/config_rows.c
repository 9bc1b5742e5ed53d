#include "role/config_rows.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct lk_config_table *const tables[] = {
    &lk_config_table_daemon, &lk_config_table_aaa,    &lk_config_table_wlan, &lk_config_table_wlcp,
    &lk_config_table_radsec, &lk_config_table_anchor, &lk_config_table_wt,   &lk_config_table_enb,
    &lk_config_table_pos,    &lk_config_table_bsf,    &lk_config_table_akma, &lk_config_table_aanf,
    &lk_config_table_ausf,   &lk_config_table_mis,    &lk_config_table_ue,   &lk_config_table_af,
    &lk_config_table_naf,    &lk_config_table_fa,
    &lk_config_table_naf,    &lk_config_table_aaa_mip, &lk_config_table_anchor_aaa,
};

const struct lk_config_row *lk_config_row_at(size_t index, const struct lk_config_table **table)
{
    for (size_t i = 0; i < LK_COUNT_OF(tables); i++) {
        if (index < tables[i]->count) {
            if (table != NULL)
                *table = tables[i];
            return &tables[i]->rows[index];
        }
        index -= tables[i]->count;
    }
    return NULL;
}

/* "a.b[12].c" becomes "a.b[].c", and the places 12 and 0. */
static void pattern_of(char *pattern, size_t cap, size_t index[2], const char *path)
{
    size_t at = 0;
    size_t level = 0;

    index[0] = index[1] = 0;
    for (const char *p = path; *p != '\0' && at + 1 < cap; p++) {
        pattern[at++] = *p;
        if (*p == '[') {
            if (level < 2)
                index[level++] = strtoul(p + 1, NULL, 10);
            while (isdigit((unsigned char)p[1]))
                p++;
        }
    }
    pattern[at] = '\0';
}

const struct lk_config_row *lk_config_row_find(const char *path, size_t index[2])
{
    char pattern[LK_CONFIG_KEY];
    const struct lk_config_row *row;
    size_t len;

    pattern_of(pattern, sizeof pattern, index, path);
    len = strlen(pattern);
    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++) {
        if (strcmp(row->path, pattern) == 0)
            return row;
        if (strncmp(row->path, pattern, len) == 0 && strcmp(row->path + len, "[]") == 0)
            return row;
    }
    return NULL;
}

bool lk_config_row_is_section(const char *path)
{
    char pattern[LK_CONFIG_KEY];
    const struct lk_config_row *row;
    size_t index[2];
    size_t len;

    pattern_of(pattern, sizeof pattern, index, path);
    len = strlen(pattern);
    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++)
        if (strncmp(row->path, pattern, len) == 0 &&
            (row->path[len] == '.' || row->path[len] == '['))
            return true;
    return false;
}

bool lk_config_row_in_file(const char *path)
{
    char pattern[LK_CONFIG_KEY];
    const struct lk_config_row *row;
    size_t index[2];
    size_t len;

    pattern_of(pattern, sizeof pattern, index, path);
    len = strlen(pattern);
    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++)
        if (row->in_file && strncmp(row->path, pattern, len) == 0 &&
            strncmp(row->path + len, "[].", 3) == 0)
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
    const struct lk_config_row *row;
    const char *best = NULL;
    unsigned least = 6;
    size_t index[2];

    pattern_of(pattern, sizeof pattern, index, path);
    for (size_t i = 0; (row = lk_config_row_at(i, NULL)) != NULL; i++) {
        bool is_begun = strncmp(row->path, pattern, strlen(pattern)) == 0;
        unsigned edits = is_begun ? 1 : edits_between(pattern, row->path);

        if (edits < least) {
            least = edits;
            best = row->path;
        }
    }
    return best;
}

void lk_config_row_path(char path[LK_CONFIG_KEY], const struct lk_config_row *row,
                        const size_t index[2])
{
    size_t at = 0;
    size_t level = 0;

    for (const char *p = row->path; *p != '\0' && at + 1 < LK_CONFIG_KEY; p++) {
        path[at++] = *p;
        if (*p == '[' && level < 2)
            at += (size_t)snprintf(path + at, LK_CONFIG_KEY - at, "%zu", index[level++]);
    }
    path[at < LK_CONFIG_KEY ? at : LK_CONFIG_KEY - 1] = '\0';
}

void *lk_config_row_value(struct lk_config *config, const struct lk_config_row *row,
                          const size_t index[2])
{
    return (char *)config + row->at + index[0] * row->list[0].stride +
           index[1] * row->list[1].stride;
}

size_t lk_config_row_count(const struct lk_config *config, const struct lk_config_row *row,
                           unsigned level, size_t outer)
{
    size_t at = row->list[level].count + (level == 0 ? 0 : outer * row->list[0].stride);

    if (row->list[level].stride == 0 || row->list[level].count == 0)
        return 1;
    return *(const size_t *)(const void *)((const char *)config + at);
}

const char *lk_config_row_example(const struct lk_config_row *row)
{
    return row->example != NULL    ? row->example
           : row->fallback != NULL ? row->fallback
           : row->each != NULL     ? row->each
                                   : "\"\"";
}

size_t lk_config_row_size(const struct lk_config_row *row)
{
    switch (row->kind) {
    case LK_KEY_NUMBER:
    case LK_KEY_SET:
        return sizeof(unsigned);
    case LK_KEY_BOOL:
        return sizeof(bool);
    case LK_KEY_CHOICE:
        return sizeof(int);
    case LK_KEY_ADDRESS:
        return LK_CONFIG_ADDRESS;
    case LK_KEY_PREFIX:
        return sizeof(struct lk_address_prefix);
    case LK_KEY_HEX:
        return 2 * (size_t)row->max + 1;
    case LK_KEY_SECRET:
        return LK_CONFIG_SECRET;
    case LK_KEY_PATH:
        return LK_CONFIG_PATH;
    case LK_KEY_TEXT:
    case LK_KEY_HOST:
        break;
    }
    return (size_t)row->max + 1;
}
