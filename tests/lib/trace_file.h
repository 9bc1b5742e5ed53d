/* A capture on its way through a file of its own into a trace. */
#ifndef LK_TEST_TRACE_FILE_H
#define LK_TEST_TRACE_FILE_H

#include "trace/trace.h"

#define TRACE_FILE "/tmp/lk-trace-XXXXXX"

/* path: TRACE_FILE; an empty file, which nobody else has. */
void trace_file_begin(char path[sizeof TRACE_FILE]);
/* Reads what was written there, and removes it. */
void trace_file_load(struct lk_trace *trace, const char *path);

#endif
