/* The MAC address of a station, or of an access point, as octets and as text. */
#ifndef LK_BASE_STATION_H
#define LK_BASE_STATION_H

#include "base/octets.h"

enum {
    LK_STATION_LEN = 6,
    LK_STATION_TEXT = 3 * LK_STATION_LEN, /* its text, and the terminator */
};

/* Twelve hexadecimal digits in either case, between whose octets there may be '-', ':' or '.':
 * programs and access points write it as they like. LK_E_VALUE for anything else. */
LK_MUST_CHECK enum lk_status lk_station_parse(uint8_t mac[LK_STATION_LEN], struct lk_span text);
/* As we tell it everywhere but in RADIUS (lk_radius_put_station): 02:00:00:00:00:01. */
void lk_station_text(char text[LK_STATION_TEXT], const uint8_t mac[LK_STATION_LEN]);

#endif
