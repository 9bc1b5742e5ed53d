/* What a daemon answers may be of its peers: on a terminal, nothing of it is a control. */
#ifndef LK_APP_PRINTABLE_H
#define LK_APP_PRINTABLE_H

#include <jansson.h>

/* In each text of value, however deep, what is not printable ASCII becomes \xNN, as does nothing
 * else: a name that says \x1b itself reads alike, and does nothing. */
void lk_printable(json_t *value);

#endif
