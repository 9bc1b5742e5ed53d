/* Users of an application server of GBA as steps of a journey: curl and openssl, which know nothing
 * of GBA, with the key that the device gives its application. */
#ifndef LK_APP_JOURNEY_NAF_H
#define LK_APP_JOURNEY_NAF_H

#include "role/journey.h"

/* words: do (curl or openssl), as, naf, ua, port. Twice: with the key, and with another. */
void lk_journey_naf(struct lk_journey_lab *answer, const struct lk_journey_call *words,
                    const struct lk_journey_place *place);

#endif
