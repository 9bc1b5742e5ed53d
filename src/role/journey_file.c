/* The journey's file, top down: subscribers, steps, what each step expects. */
#include <string.h>

#include "role/journey_parts.h"
#include "role/yaml_file.h"

/* ---- subscribers ---- */

static bool subscriber_key(struct lk_journey_reading *r, void *to, const char *key,
                           const yaml_node_t *value)
{
    struct lk_journey_subscriber *s = to;

    if (strcmp(key, "imsi") == 0)
        return lk_journey_take(r, s->imsi, sizeof s->imsi, value, key, LK_TAKE_DIGITS);
    if (strcmp(key, "k") == 0)
        return lk_journey_take(r, s->k, sizeof s->k, value, key, LK_TAKE_HEX);
    if (strcmp(key, "opc") == 0)
        return lk_journey_take(r, s->opc, sizeof s->opc, value, key, LK_TAKE_HEX);
    if (strcmp(key, "amf") == 0)
        return lk_journey_take(r, s->amf, sizeof s->amf, value, key, LK_TAKE_HEX);
    if (strcmp(key, "sqn") == 0)
        return lk_journey_take(r, s->sqn, sizeof s->sqn, value, key, LK_TAKE_HEX);
    return false;
}

static bool read_subscriber(struct lk_journey_reading *r, const yaml_node_t *item)
{
    struct lk_journey *j = r->journey;
    struct lk_journey_subscriber *s = &j->subscriber[j->subscriber_count];

    if (j->subscriber_count == LK_JOURNEY_SUBSCRIBERS)
        return lk_journey_mistake(r, lk_journey_line(item), "more than %d subscribers",
                                  LK_JOURNEY_SUBSCRIBERS);
    s->line = lk_journey_line(item);
    if (!lk_journey_each_key(r, item, "a subscriber", subscriber_key, s))
        return false;
    if (strlen(s->imsi) < LK_IMSI_MIN_DIGITS || strlen(s->k) != 32 || strlen(s->opc) != 32)
        return lk_journey_mistake(r, s->line, "a subscriber has imsi (6 to 15 digits), k and opc "
                                  "(32 hex digits each)");
    j->subscriber_count++;
    return true;
}

/* ---- steps ---- */

static bool expect_key(struct lk_journey_reading *r, void *to, const char *key,
                       const yaml_node_t *value)
{
    struct lk_journey_step *s = to;
    struct lk_journey_expect *e = &s->expect[s->expect_count];

    if (s->expect_count == LK_JOURNEY_EXPECTS)
        return lk_journey_mistake(r, lk_journey_line(value), "more than %d expectations",
                                  LK_JOURNEY_EXPECTS);
    e->line = lk_journey_line(value);
    snprintf(e->name, sizeof e->name, "%s", key);
    s->expect_count++;
    return lk_journey_take(r, e->value, sizeof e->value, value, key, LK_TAKE_TEXT);
}

static bool step_key(struct lk_journey_reading *r, void *to, const char *key,
                     const yaml_node_t *value)
{
    struct lk_journey_step *s = to;

    if (strcmp(key, "name") == 0)
        return lk_journey_take(r, s->name, sizeof s->name, value, key, LK_TAKE_TEXT);
    if (strcmp(key, "what") == 0)
        return lk_journey_take(r, s->what, sizeof s->what, value, key, LK_TAKE_TEXT);
    if (strcmp(key, "expect") == 0)
        return lk_journey_each_key(r, value, "expect", expect_key, s);
    for (int kind = 0; kind < LK_JOURNEY_KINDS; kind++) {
        const struct lk_journey_kind_row *row = lk_journey_kind_row((enum lk_journey_kind)kind);

        if (strcmp(key, row->name) != 0)
            continue;
        if (s->has_kind)
            return lk_journey_mistake(r, lk_journey_line(value), "a step does one thing: %s is the "
                                      "second", key);
        s->kind = (enum lk_journey_kind)kind;
        s->has_kind = true;
        return row->read(r, s, value);
    }
    return false;
}

static bool judge_step(struct lk_journey_reading *r, struct lk_journey_step *s)
{
    const struct lk_journey_kind_row *kind = lk_journey_kind_row(s->kind);
    struct lk_journey *j = r->journey;

    if (s->name[0] == '\0')
        return lk_journey_mistake(r, s->line, "a step has a name");
    if (!s->has_kind)
        return lk_journey_mistake(r, s->line, "a step does something: attach, call, network, lab, "
                                  "application, spoof or restart");
    for (size_t i = 0; i < j->step_count; i++)
        if (strcmp(j->step[i].name, s->name) == 0)
            return lk_journey_mistake(r, s->line, "a step before has this name too (line %d)",
                                      j->step[i].line);
    if (kind->check != NULL && !kind->check(r, s))
        return false;
    if (kind->must_expect && s->expect_count == 0)
        return lk_journey_mistake(r, s->line, "a step with %s says what to expect", kind->name);
    for (size_t i = 0; i < s->expect_count; i++) {
        const struct lk_journey_expect *e = &s->expect[i];
        const char *should = lk_journey_expect_check(kind, e->name, e->value);

        if (should != NULL)
            return lk_journey_mistake(r, e->line, "expect %s: '%s' should be %s", e->name, e->value,
                                      should);
    }
    return true;
}

static bool read_step(struct lk_journey_reading *r, const yaml_node_t *item)
{
    struct lk_journey *j = r->journey;
    struct lk_journey_step *s = &j->step[j->step_count];

    if (j->step_count == LK_JOURNEY_STEPS)
        return lk_journey_mistake(r, lk_journey_line(item), "more than %d steps", LK_JOURNEY_STEPS);
    s->line = lk_journey_line(item);
    if (!lk_journey_each_key(r, item, "a step", step_key, s) || !judge_step(r, s))
        return false;
    j->step_count++;
    return true;
}

/* ---- the whole ---- */

static bool read_set(struct lk_journey_reading *r, const yaml_node_t *item)
{
    struct lk_journey *j = r->journey;

    if (j->set_count == LK_JOURNEY_SETS)
        return lk_journey_mistake(r, lk_journey_line(item), "more than %d settings",
                                  LK_JOURNEY_SETS);
    return lk_journey_take(r, j->set[j->set_count++], LK_JOURNEY_SETTING, item, "set",
                           LK_TAKE_TEXT);
}

static bool read_device_set(struct lk_journey_reading *r, const yaml_node_t *item)
{
    struct lk_journey *j = r->journey;

    if (j->device_set_count == LK_JOURNEY_SETS)
        return lk_journey_mistake(r, lk_journey_line(item), "more than %d settings",
                                  LK_JOURNEY_SETS);
    return lk_journey_take(r, j->device_set[j->device_set_count++], LK_JOURNEY_SETTING, item,
                           "device-set", LK_TAKE_TEXT);
}

static bool top_key(struct lk_journey_reading *r, void *to, const char *key,
                    const yaml_node_t *value)
{
    struct lk_journey *j = to;

    if (strcmp(key, "name") == 0)
        return lk_journey_take(r, j->name, sizeof j->name, value, key, LK_TAKE_TEXT);
    if (strcmp(key, "config") == 0)
        return lk_journey_take(r, j->config, sizeof j->config, value, key, LK_TAKE_TEXT);
    if (strcmp(key, "device") == 0)
        return lk_journey_take(r, j->device, sizeof j->device, value, key, LK_TAKE_TEXT);
    if (strcmp(key, "realm") == 0)
        return lk_journey_take(r, j->realm, sizeof j->realm, value, key, LK_TAKE_TEXT);
    if (strcmp(key, "secret") == 0)
        return lk_journey_take(r, j->secret, sizeof j->secret, value, key, LK_TAKE_TEXT);
    if (strcmp(key, "captured") == 0)
        return lk_journey_take(r, j->captured, sizeof j->captured, value, key, LK_TAKE_TEXT);
    if (strcmp(key, "set") == 0)
        return lk_journey_each_item(r, value, "set", read_set);
    if (strcmp(key, "device-set") == 0)
        return lk_journey_each_item(r, value, "device-set", read_device_set);
    if (strcmp(key, "subscribers") == 0)
        return lk_journey_each_item(r, value, "subscribers", read_subscriber);
    if (strcmp(key, "steps") == 0)
        return lk_journey_each_item(r, value, "steps", read_step);
    return false;
}

static enum lk_status read_document(struct lk_journey_reading *r, struct lk_span octets)
{
    struct lk_yaml_wrong wrong;
    yaml_node_t *root;
    bool good;

    if (!lk_yaml_load(&r->document, &wrong, octets)) {
        (void)lk_journey_mistake(r, wrong.line, "%s; fix: %s", wrong.what, wrong.fix);
        return LK_E_CONFIG;
    }
    root = yaml_document_get_root_node(&r->document);
    good = root != NULL ? lk_journey_each_key(r, root, "a journey", top_key, r->journey) :
                          lk_journey_mistake(r, 1, "the file is empty");
    if (good && r->journey->step_count == 0)
        good = lk_journey_mistake(r, 1, "a journey has steps");
    yaml_document_delete(&r->document);
    return good ? LK_OK : LK_E_CONFIG;
}

enum lk_status lk_journey_read(struct lk_journey *journey, const char *file,
                               char error[LK_JOURNEY_ERROR])
{
    struct lk_journey_reading r = { .journey = journey, .error = error };
    struct lk_file_text text;
    char why[LK_FILE_WHY];
    enum lk_status status;

    memset(journey, 0, sizeof *journey);
    error[0] = '\0';
    snprintf(journey->file, sizeof journey->file, "%s", file);
    snprintf(journey->config, sizeof journey->config, "../conf/lab.yaml");
    snprintf(journey->secret, sizeof journey->secret, "testing123");
    if (!lk_file_text_read(&text, file, why)) {
        snprintf(error, LK_JOURNEY_ERROR, "%s: %s", file, why);
        return LK_E_SYSTEM;
    }
    status = read_document(&r, lk_span_of(text.octets, text.len));
    lk_file_text_close(&text);
    return status;
}
