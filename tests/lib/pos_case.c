#include "pos_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct mis_rig rig;

int pos_case_of_three(void **state)
{
    rig_open(&rig, 3);
    return 0;
}

int pos_case_of_five(void **state)
{
    rig_open(&rig, 5);
    return 0;
}

int pos_case_end(void **state)
{
    rig_close(&rig);
    return 0;
}

void nobody_is_there(unsigned pos)
{
    assert_int_equal(lk_pos_mn_count(rig.pos[pos].pos), 0);
}
