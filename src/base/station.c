#include "base/station.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"

enum lk_status lk_station_parse(uint8_t mac[LK_STATION_LEN], struct lk_span text)
{
    uint8_t read[LK_STATION_LEN] = { 0 };
    size_t digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.at[i];
        int digit = lk_hex_digit(octet);

        if (digit < 0 && (octet == '-' || octet == ':' || octet == '.') && digits > 0 &&
            digits < 2 * sizeof read && digits % 2 == 0 && lk_hex_digit(text.at[i - 1]) >= 0)
            continue;
        if (digit < 0 || digits == 2 * sizeof read)
            return LK_E_VALUE;
        read[digits / 2] = (uint8_t)(read[digits / 2] << 4 | digit);
        digits++;
    }
    if (digits != 2 * sizeof read)
        return LK_E_VALUE;
    memcpy(mac, read, sizeof read);
    return LK_OK;
}

void lk_station_text(char text[LK_STATION_TEXT], const uint8_t mac[LK_STATION_LEN])
{
    (void)snprintf(text, LK_STATION_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                   mac[3], mac[4], mac[5]);
}
