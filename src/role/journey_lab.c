/* Steps of the laboratory: numbers in virtual time, beside what went over sockets. The laboratory
 * is not the journey's: whoever runs the journey has it (lk_journey_options). */
#include <string.h>

#include "role/journey_parts.h"

static bool lab_key(struct lk_journey_reading *r, void *to, const char *key,
                    const yaml_node_t *value)
{
    struct lk_journey_call *words = to;

    if (words->count == LK_JOURNEY_ARGUMENTS)
        return lk_journey_mistake(r, lk_journey_line(value), "more than %d words",
                                  LK_JOURNEY_ARGUMENTS);
    snprintf(words->argument[words->count].name, sizeof words->argument->name, "%s", key);
    return lk_journey_take(r, words->argument[words->count++].value,
                           sizeof words->argument->value, value, key, LK_TAKE_TEXT);
}

static bool read_lab(struct lk_journey_reading *r, struct lk_journey_step *step,
                     const yaml_node_t *value)
{
    return lk_journey_each_key(r, value, "lab", lab_key, &step->call);
}

static void run_lab(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome)
{
    struct lk_journey_result *told = &r->report->step[index];
    struct lk_journey_lab answer = { .count = 0 };

    if (r->options->lab == NULL) {
        snprintf(told->failure, sizeof told->failure, "there is no laboratory here");
        return;
    }
    r->options->lab(&answer, &r->journey->step[index].call);
    for (size_t i = 0; i < answer.count; i++)
        lk_outcome_put(outcome, answer.row[i].name, "%s", answer.row[i].value);
    snprintf(told->result, sizeof told->result, "%s", answer.result);
    snprintf(told->failure, sizeof told->failure, "%s", answer.failure);
    r->figure[index] = answer.figure;
}

#define EXPECTS_OF(way)                                                                            \
    { way "-association", "kept|lost|anew" }, { way "-keys", "equal|unequal" },                    \
    { way "-suspension", "none|some" }, { way "-deauthentications", "#" }

static const struct lk_journey_expectation expects[] = {
    { "result", "measured" },   EXPECTS_OF("rrc-first"),    EXPECTS_OF("wt-first"),
    EXPECTS_OF("patient"),      EXPECTS_OF("ue-initiated"), { NULL, NULL },
};

const struct lk_journey_kind_row lk_journey_lab_kind = {
    .name = "lab", .read = read_lab, .run = run_lab, .must_expect = true, .expects = expects,
};
