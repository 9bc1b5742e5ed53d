/* Reading tests/vectors/NAME.json: values by a dotted path, text or hex to octets.
 *
 * Test code: whatever is missing or malformed fails the test at once, so no caller checks. Messages
 * name the vector's id. */
#ifndef LK_TEST_VECTORS_H
#define LK_TEST_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/octets.h"

enum { VECTOR_MAX = 2048 }; /* octets of the longest value */

struct vector_octets {
    uint8_t at[VECTOR_MAX];
    size_t len;
};

/* tests/vectors/NAME.json, or the folder that LK_VECTORS names. json_decref() it. */
json_t *vectors_load(const char *name);
/* The list at path in the file ("vectors"), with at least one member. */
const json_t *vectors_list(const json_t *file, const char *path);
/* The member of the list at path whose "id" (or "name") is id. */
const json_t *vectors_find(const json_t *file, const char *path, const char *id);

bool vector_has(const json_t *v, const char *path);
const char *vector_text(const json_t *v, const char *path);
long vector_int(const json_t *v, const char *path);
/* Hex at path, as octets. */
struct vector_octets vector_hex(const json_t *v, const char *path);
struct lk_span vector_span(const struct vector_octets *octets);
/* The vector's id, for messages. */
const char *vector_id(const json_t *v);

/* octets are what the hex at path says. */
void assert_vector(const json_t *v, const char *path, const void *octets, size_t len);

#endif
