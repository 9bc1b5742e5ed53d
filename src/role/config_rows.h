/* The keys of the configuration: one row each. */
#ifndef LK_ROLE_CONFIG_ROWS_H
#define LK_ROLE_CONFIG_ROWS_H

#include "role/config_source.h"

enum lk_config_kind {
    LK_KEY_NUMBER,  /* an unsigned between min and max */
    LK_KEY_BOOL,
    LK_KEY_TEXT,    /* min to max characters into max + 1 */
    LK_KEY_CHOICE,  /* a word of words; its place is the value (int) */
    LK_KEY_SET,     /* a list of words, each a bit */
    LK_KEY_ADDRESS, /* an IP address, as text into 64 characters */
    LK_KEY_PREFIX,  /* address or address/bits */
    LK_KEY_SECRET,  /* text, or @FILE */
};

struct lk_config_row {
    const char *path; /* "[]" stands for an index */
    enum lk_config_kind kind;
    size_t offset; /* in struct lk_config; of element 0 in a list */
    long min, max;
    const char *example;
    const char *const *words; /* CHOICE, SET: up to a NULL */
    size_t stride;            /* lists: from one element to the next */
    size_t cap;               /* lists: how many elements fit */
    size_t count_offset;      /* lists: where their number is kept; 0 for none */
};

/* The row for an entry's path, and the index in its list. NULL when there is none. A plain value
 * where a list may stand is its first element. */
const struct lk_config_row *lk_config_row_find(const char *path, size_t *index);
/* True when keys exist below path ("radius", "radius.clients[0]"). */
bool lk_config_row_is_section(const char *path);
/* The known key nearest in spelling, for "did you mean". NULL when none is near. */
const char *lk_config_row_near(const char *path);

/* Writes the entry's value into config, or adds a problem. */
void lk_config_row_apply(struct lk_config *config, struct lk_config_report *report,
                         const char *file, const struct lk_config_row *row, size_t index,
                         const struct lk_config_entry *entry);

#endif
