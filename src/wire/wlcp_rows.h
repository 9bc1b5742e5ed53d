/* What the WLCP codec and its table tell each other. */
#ifndef LK_WIRE_WLCP_ROWS_H
#define LK_WIRE_WLCP_ROWS_H

#include "wire/wlcp.h"

/* The octets that an element's value has, at least and at most. */
size_t lk_wlcp_ie_least(enum lk_wlcp_ie ie);
size_t lk_wlcp_ie_most(enum lk_wlcp_ie ie);

#endif
