/* Between eap.c and eap_attributes.c only. */
#ifndef LK_WIRE_EAP_ATTRIBUTES_H
#define LK_WIRE_EAP_ATTRIBUTES_H

#include "wire/eap.h"

/* Takes a run of attributes apart; type says which method it is. */
LK_MUST_CHECK enum lk_status lk_aka_take_attributes(struct lk_aka_attributes *at,
                                                    struct lk_span octets, uint8_t type);
/* Judges the outer attributes of a packet by the row of its message. */
LK_MUST_CHECK enum lk_status lk_aka_check_message(struct lk_eap_packet *packet);

#endif
