/* The lines under expect: what a step gave, put beside what it should have given. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "role/journey_parts.h"

void lk_outcome_put(struct lk_journey_outcome *outcome, const char *name, const char *format, ...)
{
    va_list args;

    if (outcome->count == LK_OUTCOME_ROWS)
        return;
    snprintf(outcome->row[outcome->count].name, sizeof outcome->row[0].name, "%s", name);
    va_start(args, format);
    vsnprintf(outcome->row[outcome->count].value, LK_JOURNEY_TEXT, format, args);
    va_end(args);
    outcome->count++;
}

const char *lk_outcome_get(const struct lk_journey_outcome *outcome, const char *name)
{
    for (size_t i = 0; i < outcome->count; i++)
        if (strcmp(outcome->row[i].name, name) == 0)
            return outcome->row[i].value;
    return NULL;
}

static bool among(const char *words, const char *value)
{
    size_t len = strlen(value);

    for (const char *at = words; len > 0; at++) {
        if (strncmp(at, value, len) == 0 && (at[len] == '|' || at[len] == '\0'))
            return true;
        at = strchr(at, '|');
        if (at == NULL)
            return false;
    }
    return false;
}

static const char *list_of(const struct lk_journey_kind_row *kind)
{
    static char text[LK_JOURNEY_TEXT + 64];
    size_t len = (size_t)snprintf(text, sizeof text, "under one of:");

    for (const struct lk_journey_expectation *e = kind->expects; e->name != NULL; e++)
        if (len < sizeof text)
            len += (size_t)snprintf(text + len, sizeof text - len, " %s", e->name);
    return text;
}

static const char least[] = "at-least-";

static bool is_least(const char *name)
{
    return strncmp(name, least, sizeof least - 1) == 0;
}

static const char *number_check(const char *value)
{
    char *end;

    (void)strtoul(value, &end, 10);
    return *value >= '0' && *value <= '9' && *end == '\0' ? NULL : "a number";
}

const char *lk_journey_expect_check(const struct lk_journey_kind_row *kind, const char *name,
                                    const char *value)
{
    const struct lk_journey_expectation *e = kind->expects;

    while (e->name != NULL && strcmp(e->name, name) != 0)
        e++;
    if (e->name == NULL)
        return !kind->any_name ? list_of(kind) : is_least(name) ? number_check(value) : NULL;
    if (strcmp(e->words, "#") == 0)
        return number_check(value);
    if (e->words[0] == '\0')
        return value[0] != '\0' ? NULL : "a code";
    return among(e->words, value) ? NULL : e->words;
}

/* Of at-least-NAME and at-most-NAME a number stands against another; what the second is of is put
 * under its whole name. */
static bool is_met(const struct lk_journey_outcome *outcome, const char *name, const char *value,
                   const char **came)
{
    static const char most[] = "at-most-";
    bool at_least = is_least(name);

    *came = lk_outcome_get(outcome, at_least ? name + sizeof least - 1 : name);
    if (*came == NULL)
        return false;
    if (at_least)
        return strtod(*came, NULL) >= strtod(value, NULL);
    if (strncmp(name, most, sizeof most - 1) == 0)
        return strtod(*came, NULL) <= strtod(value, NULL);
    return strcmp(*came, value) == 0;
}

bool lk_journey_judge(char failure[LK_JOURNEY_ERROR], const struct lk_journey_runner *r,
                      const struct lk_journey_step *step, const struct lk_journey_outcome *outcome)
{
    for (size_t i = 0; i < step->expect_count; i++) {
        const struct lk_journey_expect *expect = &step->expect[i];
        const char *value = lk_journey_resolved(r, expect->value), *came;

        if (is_met(outcome, expect->name, value, &came))
            continue;
        snprintf(failure, LK_JOURNEY_ERROR, "%.200s:%d: expect %s: %s; came: %s",
                 r->journey->file, expect->line, expect->name, value,
                 came != NULL ? came : "nothing");
        return false;
    }
    return true;
}
