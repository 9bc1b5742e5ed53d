/* Steps of the laboratory: numbers in virtual time, beside what went over sockets. The laboratory
 * is not the journey's: whoever runs the journey has it (lk_journey_options). */
#include <string.h>

#include "role/journey_parts.h"

static bool read_lab(struct lk_journey_reading *r, struct lk_journey_step *step,
                     const yaml_node_t *value)
{
    return lk_journey_each_key(r, value, "lab", lk_journey_argument_key, &step->call);
}

void lk_journey_lab_put(struct lk_journey_lab *answer, const char *name, const char *value)
{
    struct lk_journey_argument *row = &answer->row[answer->count];

    LK_ASSERT(answer->count++ < LK_JOURNEY_LAB_ROWS);
    snprintf(row->name, sizeof row->name, "%s", name);
    snprintf(row->value, sizeof row->value, "%.150s", value);
}

void lk_journey_lab_tell(struct lk_journey_runner *r, size_t index,
                         struct lk_journey_outcome *outcome, const struct lk_journey_lab *answer)
{
    struct lk_journey_result *told = &r->report->step[index];

    for (size_t i = 0; i < answer->count; i++)
        lk_outcome_put(outcome, answer->row[i].name, "%s", answer->row[i].value);
    snprintf(told->result, sizeof told->result, "%s", answer->result);
    if (answer->failure[0] != '\0')
        snprintf(told->failure, sizeof told->failure, "%.200s:%d: %.250s", r->journey->file,
                 r->journey->step[index].line, answer->failure);
    r->figure[index] = answer->figure;
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
    lk_journey_lab_tell(r, index, outcome, &answer);
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
