/* The instruments of the laboratory. They look at the nodes after every event, so each number is of
 * the stamp of an event. */
#include "sim/lab_parts.h"

#include <stdlib.h>

/* Data passes while both ends have a TK. In a re-key they have two for a moment, and each receives
 * under both. */
static bool passes(const struct sim_world *world)
{
    const struct sim_phone *phone = &world->lwa->phone[0];

    return phone->device.usable && phone->end[SIM_END_PHONE].tk != 0 &&
           phone->end[SIM_END_WT].tk != 0;
}

bool sim_lab_is_up(const struct sim_world *world)
{
    const struct sim_phone *phone = &world->lwa->phone[0];
    struct lk_enb_told told;

    return passes(world) && phone->end[SIM_END_PHONE].tk == phone->end[SIM_END_WT].tk &&
           lk_enb_told_of(&told, world->lwa->enb.node, 0) && told.state == LK_LWA_ENB_ACTIVE;
}

static void begin(struct sim_world *world, struct sim_lab *lab)
{
    lab->begun = true;
    lab->enb = *lk_enb_counted(world->lwa->enb.node);
    lab->wt = *lk_wt_counted(world->lwa->wt.wt);
    world->report->count[SIM_LWA_FAILED] = 0;
    world->report->count[SIM_LWA_CONNECTED] = 0;
}

void sim_lab_wish(struct sim_world *world)
{
    struct sim_lab *lab = sim_lab_of(world);

    if (!lab->begun)
        begin(world, lab);
    lab->wishes++;
    lab->result->asked++;
    lab->result->samples++;
}

/* Time since the last event, in which nothing has changed. */
static void measure_suspension(struct sim_world *world, struct sim_lab *lab)
{
    if (lab->down)
        lab->result->suspension_ms[lab->down_of] += (uint32_t)(world->now_ms - lab->looked_ms);
    lab->looked_ms = world->now_ms;
    if (!lab->down)
        lab->down_of = lab->result->samples - 1;
    lab->down = !passes(world);
}

/* UE and WT use the newest key of the UE, which is of the last handover. */
static bool has_settled(const struct sim_world *world, const struct sim_lab *lab)
{
    const struct sim_phone *phone = &world->lwa->phone[0];

    return passes(world) && phone->end[SIM_END_PHONE].tk == phone->end[SIM_END_WT].tk &&
           phone->newest == phone->used && phone->newest != lab->before;
}

static void measure_keys(struct sim_world *world, struct sim_lab *lab)
{
    const struct lk_enb_counters *now = lk_enb_counted(world->lwa->enb.node);
    struct lk_lab_result *r = lab->result;

    if (now->handovers != lab->enb.handovers) {
        lab->there_ms = world->now_ms;
        lab->before = world->lwa->phone[0].newest;
        lab->waiting++;
        r->done++;
    }
    r->rekeys += now->rekeys_begun - lab->enb.rekeys_begun;
    r->releases += now->released - lab->enb.released;
    lab->enb = *now;
    if (lab->waiting == 0 || !has_settled(world, lab))
        return;
    lab->rekey_ms[r->rekey.sum++] = (uint32_t)(world->now_ms - lab->there_ms);
    r->equal += lab->waiting;
    lab->waiting = 0;
}

void sim_lab_look(struct sim_world *world)
{
    struct sim_lab *lab = sim_lab_of(world);

    if (!lab->begun)
        return;
    measure_suspension(world, lab);
    measure_keys(world, lab);
}

void sim_lab_end(struct sim_world *world)
{
    struct sim_lab *lab = sim_lab_of(world);
    struct lk_lab_result *r = lab->result;
    const struct lk_wt_counters *wt = lk_wt_counted(world->lwa->wt.wt);

    r->never_up += !lab->begun || !sim_lab_is_up(world);
    r->lost -= world->report->count[SIM_LWA_PACKETS];
    if (!lab->begun)
        return;
    r->associations += wt->associations - lab->wt.associations;
    r->deauthentications += world->report->count[SIM_LWA_FAILED];
    r->connections += world->report->count[SIM_LWA_CONNECTED];
}

/* ---- in the end ---- */

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Nearest rank: the least value that so many of a hundred do not exceed. */
static uint32_t rank(const uint32_t *sorted, size_t count, size_t of_hundred)
{
    return count == 0 ? 0 : sorted[(count * of_hundred + 99) / 100 - 1];
}

static struct lk_lab_spread spread_of(uint32_t *value, size_t count)
{
    struct lk_lab_spread spread = { .sum = 0 };

    qsort(value, count, sizeof *value, by_value);
    for (size_t i = 0; i < count; i++)
        spread.sum += value[i];
    spread.median = rank(value, count, 50);
    spread.p99 = rank(value, count, 99);
    spread.most = rank(value, count, 100);
    return spread;
}

void sim_lab_sum_up(struct lk_lab_result *result, uint32_t *rekey_ms)
{
    size_t measured = (size_t)result->rekey.sum;

    result->rekey = spread_of(rekey_ms, measured);
    result->suspension = spread_of(result->suspension_ms, result->samples);
    for (size_t i = 0; i < result->samples; i++)
        result->suspended += result->suspension_ms[i] > 0;
    result->collapsed = result->equal - measured;
}
