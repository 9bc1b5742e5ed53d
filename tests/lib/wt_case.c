#include "wt_case.h"

struct wt_rig rig;

int wt_case_end(void **state)
{
    rig_close(&rig);
    return 0;
}
