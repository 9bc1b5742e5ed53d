/* The journey's file. Each mistake is told with its line. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "role/journey.h"

struct reading {
    struct lk_journey *journey;
    yaml_document_t document;
    char *error; /* LK_JOURNEY_ERROR; the first mistake stays */
};

static int line_of(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

static bool mistake(struct reading *r, int line, const char *format, ...) LK_PRINTF(3, 4);

static bool mistake(struct reading *r, int line, const char *format, ...)
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

static const char *text_of(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

/* ---- values ---- */

enum form { TEXT, HEX, DIGITS };

static bool fits(const char *text, enum form form)
{
    for (; *text != '\0'; text++)
        if (form == HEX ? !isxdigit((unsigned char)*text) :
            form == DIGITS ? !isdigit((unsigned char)*text) :
                             (unsigned char)*text < 0x20)
            return false;
    return true;
}

static bool take_text(struct reading *r, char *to, size_t cap, const yaml_node_t *node,
                      const char *key, enum form form)
{
    static const char *const names[] = { "text", "hex digits", "decimal digits" };
    const char *text = text_of(node);

    if (text == NULL || strlen(text) >= cap || !fits(text, form))
        return mistake(r, line_of(node), "%s takes %s, at most %zu characters", key, names[form],
                       cap - 1);
    memcpy(to, text, strlen(text) + 1);
    return true;
}

static bool take_word(struct reading *r, int *to, const yaml_node_t *node, const char *key,
                      const char *const *words)
{
    const char *text = text_of(node);

    for (int i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0) {
            *to = i;
            return true;
        }
    return mistake(r, line_of(node), "%s: '%s' is none of: %s, %s ...", key,
                   text != NULL ? text : "(a list)", words[0], words[1]);
}

/* ---- mappings: a handler sees each key ---- */

typedef bool key_handler(struct reading *r, void *to, const char *key, const yaml_node_t *value);

static bool each_key(struct reading *r, const yaml_node_t *node, const char *what,
                     key_handler *handler, void *to)
{
    if (node == NULL || node->type != YAML_MAPPING_NODE)
        return mistake(r, node != NULL ? line_of(node) : 1, "%s is a mapping of key: value", what);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&r->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&r->document, pair->value);
        const char *name = text_of(key);

        if (name == NULL)
            return mistake(r, line_of(key), "%s: a key is a word", what);
        for (yaml_node_pair_t *before = node->data.mapping.pairs.start; before < pair; before++) {
            const char *other = text_of(yaml_document_get_node(&r->document, before->key));

            if (other != NULL && strcmp(other, name) == 0)
                return mistake(r, line_of(key), "%s: %s is there twice", what, name);
        }
        if (!handler(r, to, name, value))
            return mistake(r, line_of(key), "%s has no key '%s'", what, name);
    }
    return true;
}

typedef bool item_handler(struct reading *r, const yaml_node_t *item);

static bool each_item(struct reading *r, const yaml_node_t *node, const char *what,
                      item_handler *handler)
{
    if (node->type != YAML_SEQUENCE_NODE)
        return mistake(r, line_of(node), "%s is a list", what);
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++)
        if (!handler(r, yaml_document_get_node(&r->document, *item)))
            return false;
    return true;
}

/* ---- subscribers ---- */

static bool subscriber_key(struct reading *r, void *to, const char *key, const yaml_node_t *value)
{
    struct lk_journey_subscriber *s = to;

    if (strcmp(key, "imsi") == 0)
        return take_text(r, s->imsi, sizeof s->imsi, value, key, DIGITS);
    if (strcmp(key, "k") == 0)
        return take_text(r, s->k, sizeof s->k, value, key, HEX);
    if (strcmp(key, "opc") == 0)
        return take_text(r, s->opc, sizeof s->opc, value, key, HEX);
    if (strcmp(key, "amf") == 0)
        return take_text(r, s->amf, sizeof s->amf, value, key, HEX);
    if (strcmp(key, "sqn") == 0)
        return take_text(r, s->sqn, sizeof s->sqn, value, key, HEX);
    return false;
}

static bool read_subscriber(struct reading *r, const yaml_node_t *item)
{
    struct lk_journey *j = r->journey;
    struct lk_journey_subscriber *s = &j->subscriber[j->subscriber_count];

    if (j->subscriber_count == LK_JOURNEY_SUBSCRIBERS)
        return mistake(r, line_of(item), "more than %d subscribers", LK_JOURNEY_SUBSCRIBERS);
    s->line = line_of(item);
    if (!each_key(r, item, "a subscriber", subscriber_key, s))
        return false;
    if (strlen(s->imsi) < LK_IMSI_MIN_DIGITS || strlen(s->k) != 32 || strlen(s->opc) != 32)
        return mistake(r, s->line, "a subscriber has imsi (6 to 15 digits), k and opc (32 hex "
                       "digits each)");
    j->subscriber_count++;
    return true;
}

/* ---- steps ---- */

static bool expect_key(struct reading *r, void *to, const char *key, const yaml_node_t *value)
{
    struct lk_journey_step *s = to;
    struct lk_journey_expect *e = &s->expect[s->expect_count];
    const char *should;

    if (s->expect_count == LK_JOURNEY_EXPECTS)
        return mistake(r, line_of(value), "more than %d expectations", LK_JOURNEY_EXPECTS);
    e->line = line_of(value);
    if (!take_text(r, e->value, sizeof e->value, value, key, TEXT))
        return false;
    snprintf(e->name, sizeof e->name, "%s", key);
    should = lk_journey_expect_check(e->name, e->value);
    if (should != NULL)
        return mistake(r, e->line, "expect %s: '%s' should be %s", e->name, e->value, should);
    s->expect_count++;
    return true;
}

static bool attach_key(struct reading *r, void *to, const char *key, const yaml_node_t *value)
{
    static const char *const methods[] = { "any", "aka-prime", "aka", NULL };
    static const char *const uses[] = { "best", "permanent", "pseudonym", "reauth", NULL };
    static const char *const kills[] = { "nothing", "challenge", NULL };
    struct lk_journey_step *s = to;
    int word = 0;

    if (strcmp(key, "method") == 0) {
        if (!take_word(r, &word, value, key, methods))
            return false;
        s->aka_prime = word != 2;
        s->aka = word != 1;
        return true;
    }
    if (strcmp(key, "use") == 0) {
        bool taken = take_word(r, &word, value, key, uses);

        s->use = (enum lk_journey_use)word;
        return taken;
    }
    if (strcmp(key, "kill-daemon-before-answering") == 0) {
        bool taken = take_word(r, &word, value, key, kills);

        s->kill_before_answer = word == 1;
        return taken;
    }
    if (strcmp(key, "device") == 0)
        return take_text(r, s->device, sizeof s->device, value, key, TEXT);
    if (strcmp(key, "imsi") == 0)
        return take_text(r, s->imsi, sizeof s->imsi, value, key, DIGITS);
    if (strcmp(key, "k") == 0)
        return take_text(r, s->k, sizeof s->k, value, key, HEX);
    if (strcmp(key, "opc") == 0)
        return take_text(r, s->opc, sizeof s->opc, value, key, HEX);
    if (strcmp(key, "sqn") == 0)
        return take_text(r, s->sqn, sizeof s->sqn, value, key, HEX);
    if (strcmp(key, "network-name") == 0)
        return take_text(r, s->network_name, sizeof s->network_name, value, key, TEXT);
    if (strcmp(key, "realm") == 0)
        return take_text(r, s->realm, sizeof s->realm, value, key, TEXT);
    if (strcmp(key, "identity") == 0)
        return take_text(r, s->identity, sizeof s->identity, value, key, TEXT);
    return false;
}

static bool step_key(struct reading *r, void *to, const char *key, const yaml_node_t *value)
{
    static const char *const restarts[] = { "daemon", "", NULL };
    struct lk_journey_step *s = to;
    int word;

    if (strcmp(key, "name") == 0)
        return take_text(r, s->name, sizeof s->name, value, key, TEXT);
    if (strcmp(key, "what") == 0)
        return take_text(r, s->what, sizeof s->what, value, key, TEXT);
    if (strcmp(key, "expect") == 0)
        return each_key(r, value, "expect", expect_key, s);
    if (strcmp(key, "attach") == 0) {
        s->kind = LK_JOURNEY_ATTACH;
        return each_key(r, value, "attach", attach_key, s);
    }
    if (strcmp(key, "restart") == 0) {
        s->kind = LK_JOURNEY_RESTART;
        return take_word(r, &word, value, key, restarts);
    }
    return false;
}

static bool knows(const struct lk_journey *j, const char *imsi)
{
    for (size_t i = 0; i < j->subscriber_count; i++)
        if (strcmp(j->subscriber[i].imsi, imsi) == 0)
            return true;
    return false;
}

static bool judge_step(struct reading *r, struct lk_journey_step *s)
{
    struct lk_journey *j = r->journey;

    if (s->name[0] == '\0')
        return mistake(r, s->line, "a step has a name");
    for (size_t i = 0; i < j->step_count; i++)
        if (strcmp(j->step[i].name, s->name) == 0)
            return mistake(r, s->line, "a step before has this name too (line %d)",
                           j->step[i].line);
    if (s->kind == LK_JOURNEY_ATTACH && s->imsi[0] == '\0' && j->subscriber_count > 0)
        memcpy(s->imsi, j->subscriber[0].imsi, sizeof s->imsi);
    if (s->kind == LK_JOURNEY_ATTACH && !knows(j, s->imsi) &&
        (s->k[0] == '\0' || s->opc[0] == '\0'))
        return mistake(r, s->line, "no subscriber has the IMSI '%s', so the step needs k and opc",
                       s->imsi);
    if ((s->k[0] != '\0' && strlen(s->k) != 32) || (s->opc[0] != '\0' && strlen(s->opc) != 32)
        || (s->sqn[0] != '\0' && strlen(s->sqn) != 12))
        return mistake(r, s->line, "k and opc have 32 hex digits, sqn has 12");
    if (s->kind == LK_JOURNEY_ATTACH && s->expect_count == 0)
        return mistake(r, s->line, "a step that attaches says what to expect");
    return true;
}

static bool read_step(struct reading *r, const yaml_node_t *item)
{
    struct lk_journey *j = r->journey;
    struct lk_journey_step *s = &j->step[j->step_count];

    if (j->step_count == LK_JOURNEY_STEPS)
        return mistake(r, line_of(item), "more than %d steps", LK_JOURNEY_STEPS);
    s->line = line_of(item);
    s->aka = s->aka_prime = true;
    snprintf(s->device, sizeof s->device, "one");
    if (!each_key(r, item, "a step", step_key, s) || !judge_step(r, s))
        return false;
    j->step_count++;
    return true;
}

/* ---- the whole ---- */

static bool read_set(struct reading *r, const yaml_node_t *item)
{
    struct lk_journey *j = r->journey;

    if (j->set_count == LK_JOURNEY_SETS)
        return mistake(r, line_of(item), "more than %d settings", LK_JOURNEY_SETS);
    return take_text(r, j->set[j->set_count++], LK_JOURNEY_TEXT, item, "set", TEXT);
}

static bool top_key(struct reading *r, void *to, const char *key, const yaml_node_t *value)
{
    struct lk_journey *j = to;

    if (strcmp(key, "name") == 0)
        return take_text(r, j->name, sizeof j->name, value, key, TEXT);
    if (strcmp(key, "config") == 0)
        return take_text(r, j->config, sizeof j->config, value, key, TEXT);
    if (strcmp(key, "realm") == 0)
        return take_text(r, j->realm, sizeof j->realm, value, key, TEXT);
    if (strcmp(key, "secret") == 0)
        return take_text(r, j->secret, sizeof j->secret, value, key, TEXT);
    if (strcmp(key, "set") == 0)
        return each_item(r, value, "set", read_set);
    if (strcmp(key, "subscribers") == 0)
        return each_item(r, value, "subscribers", read_subscriber);
    if (strcmp(key, "steps") == 0)
        return each_item(r, value, "steps", read_step);
    return false;
}

static enum lk_status read_document(struct reading *r, FILE *from)
{
    yaml_parser_t parser;
    yaml_node_t *root;
    bool good;

    if (!yaml_parser_initialize(&parser))
        return LK_E_SYSTEM;
    yaml_parser_set_input_file(&parser, from);
    if (!yaml_parser_load(&parser, &r->document)) {
        (void)mistake(r, (int)parser.problem_mark.line + 1, "%s",
                      parser.problem != NULL ? parser.problem : "no YAML");
        yaml_parser_delete(&parser);
        return LK_E_CONFIG;
    }
    root = yaml_document_get_root_node(&r->document);
    good = root != NULL ? each_key(r, root, "a journey", top_key, r->journey) :
                          mistake(r, 1, "the file is empty");
    if (good && r->journey->step_count == 0)
        good = mistake(r, 1, "a journey has steps");
    yaml_document_delete(&r->document);
    yaml_parser_delete(&parser);
    return good ? LK_OK : LK_E_CONFIG;
}

enum lk_status lk_journey_read(struct lk_journey *journey, const char *file,
                               char error[LK_JOURNEY_ERROR])
{
    struct reading r = { .journey = journey, .error = error };
    FILE *from = fopen(file, "rb");
    enum lk_status status;

    memset(journey, 0, sizeof *journey);
    error[0] = '\0';
    snprintf(journey->file, sizeof journey->file, "%s", file);
    snprintf(journey->config, sizeof journey->config, "../conf/lab.yaml");
    snprintf(journey->secret, sizeof journey->secret, "testing123");
    if (from == NULL) {
        snprintf(error, LK_JOURNEY_ERROR, "%s: %s", file, strerror(errno));
        return LK_E_SYSTEM;
    }
    status = read_document(&r, from);
    (void)fclose(from);
    return status;
}
