/* Writes a capture of LTE-WLAN aggregation, made by the nodes themselves.
 *
 *   lwa_capture FILE right-order|wrong-order|handover [secrets] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lwa_capture.h"

static const char *file;
static enum lwa_story story;
static bool secrets;

static void write_it(void **state)
{
    lwa_capture_write(file, story, secrets);
}

int main(int argc, char **argv)
{
    static const char *const stories[] = { "right-order", "wrong-order", "handover" };
    const struct CMUnitTest all[] = { cmocka_unit_test(write_it) };

    while (argc >= 3 && story < LK_COUNT_OF(stories) && strcmp(argv[2], stories[story]) != 0)
        story++;
    if (argc < 3 || story == LK_COUNT_OF(stories)) {
        (void)fprintf(stderr, "usage: lwa_capture FILE right-order|wrong-order|handover"
                              " [secrets]\n");
        return 2;
    }
    file = argv[1];
    secrets = argc > 3;
    return cmocka_run_group_tests(all, NULL, NULL);
}
