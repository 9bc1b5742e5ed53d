/* The lines under expect: what an attach gave, put beside what it should have given. */
#ifndef LK_ROLE_JOURNEY_EXPECT_H
#define LK_ROLE_JOURNEY_EXPECT_H

#include "role/journey.h"
#include "role/ue.h"
#include "trace/explain.h"

/* explanation: NULL when there is none. True when every line holds; else failure has the first that
 * does not, with its place. */
bool lk_journey_judge(char failure[LK_JOURNEY_ERROR], const struct lk_journey *journey,
                      const struct lk_journey_step *step, const struct lk_ue_result *result,
                      const struct lk_explanation *explanation);
/* "accepted, EAP-AKA' full, permanent identity, 2 requests" */
void lk_journey_sum_up(char text[LK_JOURNEY_TEXT], const struct lk_ue_result *result);

#endif
