/* Steps of an application: it is whoever runs the journey (lk_journey_options), for its keys are in
 * none of the journey's daemons. */
#include <string.h>

#include "role/journey_parts.h"

static bool read_app(struct lk_journey_reading *r, struct lk_journey_step *step,
                     const yaml_node_t *value)
{
    return lk_journey_each_key(r, value, "application", lk_journey_argument_key, &step->call);
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
    lk_journey_lab_tell(r, index, outcome, &answer);
}

static const struct lk_journey_expectation expects[] = {
    { "result", "done|refused" },
    { NULL, NULL },
};

const struct lk_journey_kind_row lk_journey_app_kind = {
    .name = "application", .read = read_app, .run = run_app, .any_name = true,
    .must_expect = true, .expects = expects,
};
