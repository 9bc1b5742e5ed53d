#include "vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"

json_t *vectors_load(const char *name)
{
    const char *folder = getenv("LK_VECTORS");
    char path[1024];
    json_error_t error;
    json_t *file;

    snprintf(path, sizeof path, "%s/%s.json", folder != NULL ? folder : "tests/vectors", name);
    file = json_load_file(path, 0, &error);
    if (file == NULL)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return file;
}

/* The value at a path of names joined by dots, or NULL. */
static const json_t *value_at(const json_t *v, const char *path)
{
    char name[64];

    while (v != NULL) {
        size_t len = strcspn(path, ".");

        assert_true(len < sizeof name);
        memcpy(name, path, len);
        name[len] = '\0';
        v = json_object_get(v, name);
        if (path[len] == '\0')
            break;
        path += len + 1;
    }
    return v;
}

bool vector_has(const json_t *v, const char *path)
{
    return value_at(v, path) != NULL;
}

const char *vector_id(const json_t *v)
{
    const char *id = json_string_value(json_object_get(v, "id"));

    if (id == NULL)
        id = json_string_value(json_object_get(v, "name"));
    return id != NULL ? id : "(no id)";
}

const json_t *vectors_list(const json_t *file, const char *path)
{
    const json_t *list = value_at(file, path);

    if (!json_is_array(list) || json_array_size(list) == 0)
        fail_msg("no list '%s', or an empty one", path);
    return list;
}

const json_t *vectors_find(const json_t *file, const char *path, const char *id)
{
    const json_t *list = vectors_list(file, path);

    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(vector_id(json_array_get(list, i)), id) == 0)
            return json_array_get(list, i);
    fail_msg("no vector '%s'", id);
    return NULL;
}

const char *vector_text(const json_t *v, const char *path)
{
    const char *text = json_string_value(value_at(v, path));

    if (text == NULL)
        fail_msg("%s: no text '%s'", vector_id(v), path);
    return text;
}

long vector_int(const json_t *v, const char *path)
{
    const json_t *number = value_at(v, path);

    if (!json_is_integer(number))
        fail_msg("%s: no number '%s'", vector_id(v), path);
    return (long)json_integer_value(number);
}

struct vector_octets vector_hex(const json_t *v, const char *path)
{
    struct vector_octets octets = { .len = 0 };

    if (lk_hex_decode(octets.at, sizeof octets.at, &octets.len,
                      lk_span_text(vector_text(v, path))) != LK_OK)
        fail_msg("%s: '%s' is not hex, or longer than %d octets", vector_id(v), path, VECTOR_MAX);
    return octets;
}

struct lk_span vector_span(const struct vector_octets *octets)
{
    return lk_span_of(octets->at, octets->len);
}

void assert_vector(const json_t *v, const char *path, const void *octets, size_t len)
{
    const char *want = vector_text(v, path);
    char came[2 * VECTOR_MAX + 1];

    assert_int_equal(lk_hex_encode(came, sizeof came, lk_span_of(octets, len)), LK_OK);
    if (strcmp(want, came) != 0)
        fail_msg("%s: %s is %s, want %s", vector_id(v), path, came, want);
}
