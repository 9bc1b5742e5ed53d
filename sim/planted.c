/* sim-planted: runs seeds with a planted bug until an invariant breaks, and says which.
 *
 *     sim-planted --list           "PLANT INVARIANT" a line
 *     sim-planted PLANT [SEEDS]    exit 0 when the named invariant broke, 1 otherwise */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plants.h"
#include "sim/sim.h"

static const struct sim_plant *find(const char *name)
{
    for (size_t i = 0; sim_plant_row(i)->name != NULL; i++)
        if (strcmp(sim_plant_row(i)->name, name) == 0)
            return sim_plant_row(i);
    return NULL;
}

static int run(const struct sim_plant *plant, uint64_t seeds)
{
    struct lk_sim_options options;
    struct lk_sim_report report;

    lk_sim_defaults(&options);
    options.wlan = plant->wlan;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        options.seed = seed;
        lk_sim_run(&report, &options);
        if (report.broken == NULL)
            continue;
        printf("%s: seed %llu, %s: %s\n", plant->name, (unsigned long long)seed, report.broken,
               report.detail);
        return strcmp(report.broken, plant->caught_by) == 0 ? 0 : 1;
    }
    printf("%s: %llu seeds, and nobody noticed\n", plant->name, (unsigned long long)seeds);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; sim_plant_row(i)->name != NULL; i++)
            printf("%s %s\n", sim_plant_row(i)->name, sim_plant_row(i)->caught_by);
        return 0;
    }
    if (argc < 2 || !sim_plant_choose(argv[1])) {
        fprintf(stderr, "usage: sim-planted --list | PLANT [SEEDS]\n");
        return 2;
    }
    return run(find(argv[1]), argc > 2 ? strtoull(argv[2], NULL, 10) : 100);
}
