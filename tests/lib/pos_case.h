/* What the test programs of a PoS share: one rig, open when a case begins, with a link between any
 * two PoS. */
#ifndef LK_TESTS_POS_CASE_H
#define LK_TESTS_POS_CASE_H

#include "mis_rig.h"

extern struct mis_rig rig;
int pos_case_of_three(void **state);
int pos_case_of_five(void **state);
int pos_case_end(void **state);
void nobody_is_there(unsigned pos);

#define CASE_OF_THREE(name) \
    cmocka_unit_test_setup_teardown(name, pos_case_of_three, pos_case_end)
#define CASE(name) cmocka_unit_test_setup_teardown(name, pos_case_of_five, pos_case_end)

#endif
