#include "app/printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

enum { ESCAPED = sizeof "\\x1b" - 1 };

static bool is_plain(char c)
{
    return c >= ' ' && c <= '~';
}

static void escape(json_t *text)
{
    const char *from = json_string_value(text);
    size_t len = json_string_length(text), at = 0;
    char *to = malloc(len * ESCAPED + 1);

    LK_ASSERT(to != NULL);
    for (size_t i = 0; i < len; i++) {
        if (is_plain(from[i]))
            to[at++] = from[i];
        else
            at += (size_t)snprintf(to + at, ESCAPED + 1, "\\x%02x", (unsigned char)from[i]);
    }
    (void)json_string_setn(text, to, at);
    free(to);
}

void lk_printable(json_t *value)
{
    const char *name;
    json_t *inner;
    size_t i;

    if (json_is_string(value))
        escape(value);
    json_array_foreach(value, i, inner)
        lk_printable(inner);
    json_object_foreach(value, name, inner)
        lk_printable(inner);
}
