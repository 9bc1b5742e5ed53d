/* Steps of an application: it is whoever runs the journey (lk_journey_options), for its keys are in
 * none of the journey's daemons. */
#include <string.h>

#include "role/journey_parts.h"

static bool app_key(struct lk_journey_reading *r, void *to, const char *key,
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

static bool read_app(struct lk_journey_reading *r, struct lk_journey_step *step,
                     const yaml_node_t *value)
{
    return lk_journey_each_key(r, value, "application", app_key, &step->call);
}

static void run_app(struct lk_journey_runner *r, size_t index, struct lk_journey_outcome *outcome)
{
    struct lk_journey_result *told = &r->report->step[index];
    struct lk_journey_lab answer = { .count = 0 };
    char address[LK_JOURNEY_ADDRESS];
    const struct lk_journey_place place = { address, LK_JOURNEY_AF_PORT, r->daemon.state_dir,
                                            r->device_daemon.state_dir };

    if (r->options->application == NULL) {
        snprintf(told->failure, sizeof told->failure, "there is no application here");
        return;
    }
    lk_journey_net_address(address, &r->net, LK_JOURNEY_AF);
    r->options->application(&answer, &r->journey->step[index].call, &place);
    for (size_t i = 0; i < answer.count; i++)
        lk_outcome_put(outcome, answer.row[i].name, "%s", answer.row[i].value);
    snprintf(told->result, sizeof told->result, "%s", answer.result);
    if (answer.failure[0] != '\0')
        snprintf(told->failure, sizeof told->failure, "%.200s:%d: %.250s", r->journey->file,
                 r->journey->step[index].line, answer.failure);
    r->figure[index] = answer.figure;
}

static const struct lk_journey_expectation expects[] = {
    { "result", "done|refused" },
    { NULL, NULL },
};

const struct lk_journey_kind_row lk_journey_app_kind = {
    .name = "application", .read = read_app, .run = run_app, .any_name = true,
    .must_expect = true, .expects = expects,
};
