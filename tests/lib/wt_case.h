/* What the test programs of a WT share: one rig, which each case opens and which is closed behind
 * it. */
#ifndef LK_TESTS_WT_CASE_H
#define LK_TESTS_WT_CASE_H

#include "wt_rig.h"

extern struct wt_rig rig;
int wt_case_end(void **state);

#define CASE(name) cmocka_unit_test_teardown(name, wt_case_end)

#endif
