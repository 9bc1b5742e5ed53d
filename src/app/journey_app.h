/* Applications with end-to-end keys, and the curious operator between them and their server, as
 * steps of a journey. The process that runs the journey is the application, and nobody else: what
 * it agrees with its server is in none of the journey's daemons. */
#ifndef LK_APP_JOURNEY_APP_H
#define LK_APP_JOURNEY_APP_H

#include "role/journey.h"

/* Of lk_journey_options. */
void lk_journey_app(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                    const struct lk_journey_place *place);

#endif
