/* The YAML file as a flat list: "radius.clients[0].secret" has the value "..." on line 14.
 *
 * Only the shape of YAML is judged here (syntax, a key twice, nesting); what the keys mean is in
 * the rows, config_rows.h. */
#ifndef LK_ROLE_CONFIG_SOURCE_H
#define LK_ROLE_CONFIG_SOURCE_H

#include "role/config.h"

enum { LK_CONFIG_KEY = 96, LK_CONFIG_VALUE = 512, LK_CONFIG_ENTRIES = 2048 };

struct lk_config_entry {
    char path[LK_CONFIG_KEY];
    char value[LK_CONFIG_VALUE];
    const char *file; /* NULL: from the command line */
    int line;         /* 0 there */
};

struct lk_config_source {
    const char *file;
    struct lk_config_entry *entries; /* on the heap */
    size_t count;
    char list_file[LK_CONFIG_POINTS][LK_CONFIG_PATH]; /* of lists that are in a file of their own */
    size_t list_files;
};

/* All add what they find wrong to report. */
void lk_config_source_file(struct lk_config_source *source, struct lk_config_report *report,
                           const char *file);
/* One "path=value"; a value that begins with [ or { is YAML. Replaces what was there. */
void lk_config_source_set(struct lk_config_source *source, struct lk_config_report *report,
                          const char *set);
/* The lists that stand in files of their own, wherever the name of one stands; one that is not
 * absolute is looked for beside the file that names it. */
void lk_config_source_lists(struct lk_config_source *source, struct lk_config_report *report);
/* Wipes and frees the entries. */
void lk_config_source_close(struct lk_config_source *source);

/* The first entry at path or below it; NULL when nothing is said there. */
const struct lk_config_entry *lk_config_entry_at(const struct lk_config_source *source,
                                                 const char *path);

/* Adds "file:line: ..." to report; line 0 says "--set" instead of the file. */
void lk_config_problem(struct lk_config_report *report, const char *file, int line,
                       const char *format, ...) LK_PRINTF(4, 5);
/* The same of one key, "path: ...", with the line where it stands, or with the file alone where
 * nobody says it. */
void lk_config_problem_at(struct lk_config_report *report, const struct lk_config_source *source,
                          const char *path, const char *format, ...) LK_PRINTF(4, 5);

#endif
