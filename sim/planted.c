/* sim-planted: runs seeds with a planted bug until an invariant breaks, and says which.
 *
 *     sim-planted --list           "WORLD PLANT INVARIANT" a line
 *     sim-planted PLANT [SEEDS]    exit 0 when the named invariant broke, 1 otherwise */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plants.h"
#include "sim/sim.h"

static const struct {
    const char *world;
    const struct sim_plant *plants;
} gardens[] = {
    { "aaa", sim_plants_aaa },
    { "wlan", sim_plants_wlan },
    { "lwa", sim_plants_lwa },
    { "mis", sim_plants_mis },
    { "e2e", sim_plants_e2e },
    { "mip", sim_plants_mip },
};

static const struct sim_plant *chosen;

bool sim_planted(const char *name)
{
    return chosen != NULL && strcmp(chosen->name, name) == 0;
}

static void list(void)
{
    for (size_t i = 0; i < LK_COUNT_OF(gardens); i++)
        for (const struct sim_plant *p = gardens[i].plants; p->name != NULL; p++)
            printf("%s %s %s\n", gardens[i].world, p->name, p->caught_by);
}

/* Returns its world; NULL when there is no such plant. */
static const char *choose(const char *name)
{
    for (size_t i = 0; i < LK_COUNT_OF(gardens); i++)
        for (chosen = gardens[i].plants; chosen->name != NULL; chosen++)
            if (sim_planted(name))
                return gardens[i].world;
    return NULL;
}

static int run(const char *world, uint64_t seeds)
{
    struct lk_sim_options options;
    struct lk_sim_report report;

    lk_sim_defaults(&options);
    lk_sim_set_world(&options, lk_sim_world_named(world));
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        options.seed = seed;
        lk_sim_run(&report, &options);
        if (report.broken == NULL)
            continue;
        printf("%s: seed %llu, %s: %s\n", chosen->name, (unsigned long long)seed,
               report.broken->name, report.detail);
        return strcmp(report.broken->name, chosen->caught_by) == 0 ? 0 : 1;
    }
    printf("%s: %llu seeds, and nobody noticed\n", chosen->name, (unsigned long long)seeds);
    return 1;
}

int main(int argc, char **argv)
{
    const char *world;

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list();
        return 0;
    }
    world = argc < 2 ? NULL : choose(argv[1]);
    if (world == NULL) {
        fprintf(stderr, "usage: sim-planted --list | PLANT [SEEDS]\n");
        return 2;
    }
    return run(world, argc > 2 ? strtoull(argv[2], NULL, 10) : 100);
}
