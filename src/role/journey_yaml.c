/* Values out of the journey's file. Each mistake is told with its line. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "role/journey_parts.h"

int lk_journey_line(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

bool lk_journey_mistake(struct lk_journey_reading *r, int line, const char *format, ...)
{
    va_list args;
    int len;

    if (r->error[0] != '\0')
        return false;
    len = snprintf(r->error, LK_JOURNEY_ERROR, "%s:%d: ", r->journey->file, line);
    va_start(args, format);
    vsnprintf(r->error + len, LK_JOURNEY_ERROR - (size_t)len, format, args);
    va_end(args);
    return false;
}

const char *lk_journey_text(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

/* ---- values ---- */

static bool fits(const char *text, enum lk_journey_form form)
{
    for (; *text != '\0'; text++)
        if (form == LK_TAKE_HEX ? !isxdigit((unsigned char)*text) :
            form == LK_TAKE_DIGITS ? !isdigit((unsigned char)*text) :
                             (unsigned char)*text < 0x20)
            return false;
    return true;
}

bool lk_journey_take(struct lk_journey_reading *r, char *to, size_t cap, const yaml_node_t *node,
                      const char *key, enum lk_journey_form form)
{
    static const char *const names[] = { "text", "hex digits", "decimal digits" };
    const char *text = lk_journey_text(node);

    if (text == NULL || strlen(text) >= cap || !fits(text, form))
        return lk_journey_mistake(r, lk_journey_line(node), "%s takes %s, at most %zu characters",
                                  key, names[form],
                       cap - 1);
    memcpy(to, text, strlen(text) + 1);
    return true;
}

bool lk_journey_word(struct lk_journey_reading *r, int *to, const yaml_node_t *node,
                     const char *key,
                      const char *const *words)
{
    const char *text = lk_journey_text(node);

    for (int i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0) {
            *to = i;
            return true;
        }
    return lk_journey_mistake(r, lk_journey_line(node), "%s: '%s' is none of: %s, %s ...", key,
                   text != NULL ? text : "(a list)", words[0], words[1]);
}

/* ---- mappings: a handler sees each key ---- */

bool lk_journey_each_key(struct lk_journey_reading *r, const yaml_node_t *node, const char *what,
                     lk_journey_key_handler *handler, void *to)
{
    if (node == NULL || node->type != YAML_MAPPING_NODE)
        return lk_journey_mistake(r, node != NULL ? lk_journey_line(node) : 1,
                                  "%s is a mapping of key: value", what);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&r->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&r->document, pair->value);
        const char *name = lk_journey_text(key);

        if (name == NULL)
            return lk_journey_mistake(r, lk_journey_line(key), "%s: a key is a word", what);
        for (yaml_node_pair_t *before = node->data.mapping.pairs.start; before < pair; before++) {
            const char *other = lk_journey_text(yaml_document_get_node(&r->document, before->key));

            if (other != NULL && strcmp(other, name) == 0)
                return lk_journey_mistake(r, lk_journey_line(key), "%s: %s is there twice", what,
                                          name);
        }
        if (!handler(r, to, name, value))
            return lk_journey_mistake(r, lk_journey_line(key), "%s has no key '%s'", what, name);
    }
    return true;
}

bool lk_journey_each_item(struct lk_journey_reading *r, const yaml_node_t *node, const char *what,
                      lk_journey_item_handler *handler)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return lk_journey_mistake(r, lk_journey_line(node), "%s is a list", what);
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++)
        if (!handler(r, yaml_document_get_node(&r->document, *item)))
            return false;
    return true;
}

bool lk_journey_pair(struct lk_journey_reading *r, struct lk_journey_argument *to, size_t *count,
                     const char *key, const yaml_node_t *value)
{
    if (*count == LK_JOURNEY_ARGUMENTS)
        return lk_journey_mistake(r, lk_journey_line(value), "more than %d words",
                                  LK_JOURNEY_ARGUMENTS);
    snprintf(to[*count].name, sizeof to->name, "%s", key);
    return lk_journey_take(r, to[(*count)++].value, sizeof to->value, value, key, LK_TAKE_TEXT);
}

bool lk_journey_argument_key(struct lk_journey_reading *r, void *to, const char *key,
                             const yaml_node_t *value)
{
    struct lk_journey_call *call = to;

    return lk_journey_pair(r, call->argument, &call->count, key, value);
}
