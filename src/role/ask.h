/* Questions from the control socket that a process answers. A kind has a table of them, up to a row
 * without an op: what it is asked is looked up there, and nowhere else. And what most answers are
 * made of: refusals, and parts of the rows of a table. */
#ifndef LK_ROLE_ASK_H
#define LK_ROLE_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct lk_ask {
    const char *op;
    /* Answers at once. NULL: later does, by lk_process_answer with number, within some seconds. */
    json_t *(*answer)(void *context, const json_t *request);
    void (*later)(void *context, uint32_t number, const json_t *request);
};

/* NULL: there is no such op; asks may be NULL, too. */
const struct lk_ask *lk_ask_find(const struct lk_ask *asks, const char *op);
/* What to say when it cannot be: an answer that is not of "ok": true. */
json_t *lk_ask_refusal(const char *error, const char *fix);

/* A part of a table's rows, from the place that the request names as "after"; what the answer names
 * as "next" is "after" of the request for the part behind it. So many rows are told at most, and a
 * large table is not gone through in one turn of the loop.
 *
 *     for (lk_part_begin(&part, request, places); lk_part_goes_on(&part); part.at++)
 *         if (...) lk_part_add(&part, row);
 *     return lk_part_end(&part, "ues");
 */
enum { LK_PART_ROWS = 100, LK_PART_LOOKED_AT = 20000 };

struct lk_part {
    json_t *rows;
    uint64_t at, all;
    unsigned looked_at;
};

void lk_part_begin(struct lk_part *part, const json_t *request, uint64_t all);
bool lk_part_goes_on(struct lk_part *part);
/* Takes over row. */
void lk_part_add(struct lk_part *part, json_t *row);
/* The answer, which has the rows under that name. */
json_t *lk_part_end(struct lk_part *part, const char *name);

#endif
