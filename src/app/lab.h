/* What the laboratory (sim/lab.h) is asked, and how it is told: as a table, JSON, a chart, a part
 * of the journey's page. cmd_lab.c is the command line. */
#ifndef LK_APP_LAB_H
#define LK_APP_LAB_H

#include <jansson.h>
#include <stdio.h>

#include "role/journey.h"
#include "sim/lab.h"

enum { LK_LAB_ERROR = 200, LK_LAB_COMMAND = 600 };

struct lk_lab_table {
    struct lk_lab_options options;
    bool wanted[LK_LAB_WAYS];
    struct lk_lab_result result[LK_LAB_WAYS]; /* of those wanted */
    char command[LK_LAB_COMMAND];             /* that does it again */
};

/* lab_options.c */
void lk_lab_table_defaults(struct lk_lab_table *table);
/* A word of the command line without its dashes, or a key of a journey's step. False: error says
 * why, in words that go behind its name. */
LK_MUST_CHECK bool lk_lab_take(struct lk_lab_table *table, const char *name, const char *value,
                               char error[LK_LAB_ERROR]);
/* When all are taken: they fit together. Writes command. */
LK_MUST_CHECK bool lk_lab_fits(struct lk_lab_table *table, char error[LK_LAB_ERROR]);
/* How many numbers lk_lab_take knows; by index their names, and what --help says. */
size_t lk_lab_word_count(void);
void lk_lab_word(const char **name, char help[LK_LAB_ERROR], size_t index);

void lk_lab_table_run(struct lk_lab_table *table);
void lk_lab_table_free(struct lk_lab_table *table);

/* lab_words.c: what follows from the numbers, a sentence at a time. False behind the last. */
bool lk_lab_finding(char text[LK_LAB_COMMAND], const struct lk_lab_table *table, size_t index);
/* Whether the UE's timer between associations is what data waited for, the WT having been first. */
bool lk_lab_rejoin_shows(const struct lk_lab_table *table);

/* lab_report.c */
void lk_lab_text(FILE *to, const struct lk_lab_table *table);
json_t *lk_lab_json(const struct lk_lab_table *table);
/* Table, chart and findings, for a page with the style of trace/html.h. */
void lk_lab_html(FILE *to, const struct lk_lab_table *table);
/* Text of one delay: "4-6 ms". */
const char *lk_lab_range_text(char text[32], const struct lk_lab_range *range);

/* lab_journey.c: what lk_journey_options.lab is. */
void lk_lab_journey(struct lk_journey_lab *answer, const struct lk_journey_call *words);
/* Before a journey is run: the words of its lab steps are right. Else error says where not. */
LK_MUST_CHECK bool lk_lab_journey_check(const struct lk_journey *journey,
                                        char error[LK_JOURNEY_ERROR]);

/* lab_svg.c; alone: a file of its own, with colours; else for a page that has them. */
void lk_lab_svg(FILE *to, const struct lk_lab_table *table, bool alone);

#endif
