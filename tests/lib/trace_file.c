#include "trace_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

void trace_file_begin(char path[sizeof TRACE_FILE])
{
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
}

void trace_file_load(struct lk_trace *trace, const char *path)
{
    assert_int_equal(lk_trace_load(trace, path), LK_OK);
    unlink(path);
}
