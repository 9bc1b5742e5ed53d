/* Writes a capture of MIS (tests/lib/mis_capture.h).
 *
 *   mis_capture FILE journey|refused|liar [lines|all] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/octets.h"
#include "mis_capture.h"

static const char *file;
static enum mis_story story;
static enum mis_keys keys;

static void write_it(void **state)
{
    mis_capture_write(file, story, keys);
}

int main(int argc, char **argv)
{
    static const char *const stories[] = { "journey", "refused", "liar" };
    const struct CMUnitTest all[] = { cmocka_unit_test(write_it) };

    while (argc >= 3 && story < LK_COUNT_OF(stories) && strcmp(argv[2], stories[story]) != 0)
        story++;
    if (argc < 3 || story == LK_COUNT_OF(stories)) {
        (void)fprintf(stderr, "usage: mis_capture FILE journey|refused|liar [lines|all]\n");
        return 2;
    }
    file = argv[1];
    keys = argc < 4 ? MIS_NO_KEYS : strcmp(argv[3], "all") == 0 ? MIS_ALL : MIS_LINES;
    return cmocka_run_group_tests(all, NULL, NULL);
}
