#include "trace/fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "trace/protocol.h"

void lk_tell(const struct lk_teller *t, unsigned depth, const char *name, const char *clause,
             const char *format, ...)
{
    struct lk_field field = { .depth = depth };
    va_list args;

    snprintf(field.name, sizeof field.name, "%s", name);
    snprintf(field.clause, sizeof field.clause, "%s", clause);
    va_start(args, format);
    vsnprintf(field.value, sizeof field.value, format, args);
    va_end(args);
    t->visit(t->context, &field);
}

void lk_field_hex(char text[LK_FIELD_VALUE_MAX], struct lk_span octets)
{
    size_t most = (LK_FIELD_VALUE_MAX - 8) / 2;

    if (octets.len <= most) {
        LK_ASSERT(lk_hex_encode(text, LK_FIELD_VALUE_MAX, octets) == LK_OK);
        return;
    }
    LK_ASSERT(lk_hex_encode(text, LK_FIELD_VALUE_MAX, lk_span_of(octets.at, most)) == LK_OK);
    (void)snprintf(text + strlen(text), 4, "...");
}

/* Text as it is when it is printable, else its octets. */
void lk_field_text(char text[LK_FIELD_VALUE_MAX], struct lk_span octets)
{
    bool printable = octets.len < LK_FIELD_VALUE_MAX;

    for (size_t i = 0; i < octets.len; i++)
        printable = printable && octets.at[i] >= 0x20 && octets.at[i] < 0x7f;
    if (!printable) {
        lk_field_hex(text, octets);
        return;
    }
    if (octets.len > 0)
        memcpy(text, octets.at, octets.len);
    text[octets.len] = '\0';
}

void lk_fields_visit(const struct lk_trace_message *message, const struct lk_run_keys *keys,
                     void (*visit)(void *context, const struct lk_field *field), void *context)
{
    struct lk_teller teller = { visit, context, keys };

    lk_trace_protocol(message->protocol)->fields(&teller, message);
}
