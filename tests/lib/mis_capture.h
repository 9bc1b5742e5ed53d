/* Captures of MIS for tests: PDUs as both ends write them, protected by proto/mis/sa, with the keys
 * that are wanted.
 *
 *   journey   an MN authenticates by EAP-AKA' at a, goes on optimised to b, c (X25519 mixed in) and
 *             d, is refused at the chain's limit, and takes e by ERP
 *   refused   at a, one after another: no trust, no common suite, an expired key, a target that
 *             cannot be reached, a replay, an unknown MN, no target; and one that nobody answers
 *   of_home   from a to b optimised, and from there to d with a K of the home's, which e gives
 *   spos      what a alone writes: the MN is there in full, and goes on to c
 *   liar      a and b optimised, and b tells c that it was the first run */
#ifndef LK_TEST_MIS_CAPTURE_H
#define LK_TEST_MIS_CAPTURE_H

#include "trace_file.h"

enum mis_keys {
    MIS_NO_KEYS, /* K between the PoS withheld */
    MIS_LINES,   /* the same, and MISKs as lines */
    MIS_ALL,     /* K in the capture, and the lines of what was mixed and of the first K */
};
enum mis_story { MIS_JOURNEY, MIS_REFUSED, MIS_LIAR, MIS_OF_HOME, MIS_SPOS };

void mis_capture_write(const char *path, enum mis_story story, enum mis_keys keys);
/* The same, read again. */
void mis_capture_load(struct lk_trace *trace, enum mis_story story, enum mis_keys keys);

#endif
