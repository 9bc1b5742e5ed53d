#include "app/codes_arg.h"

#include <stdio.h>
#include <stdlib.h>

#include "role/mis_codes.h"

bool lk_codes_arg(struct lk_mis_codes *codes, const char *command, const char *file)
{
    struct lk_config_report *report = calloc(1, sizeof *report);
    bool good = report != NULL && lk_mis_codes_load(codes, report, file) == LK_OK;

    for (size_t i = 0; report != NULL && i < report->count && i < LK_CONFIG_PROBLEMS; i++)
        fprintf(stderr, "latchkey %s: --codes: %s\n", command, report->problem[i]);
    free(report);
    return good;
}
