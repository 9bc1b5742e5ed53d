#include "base/hex.h"

enum lk_status lk_hex_encode(char *text, size_t cap, struct lk_span octets)
{
    static const char digits[] = "0123456789abcdef";

    if (cap == 0 || (cap - 1) / 2 < octets.len)
        return LK_E_FULL;
    for (size_t i = 0; i < octets.len; i++) {
        text[2 * i] = digits[octets.at[i] >> 4];
        text[2 * i + 1] = digits[octets.at[i] & 0x0f];
    }
    text[2 * octets.len] = '\0';
    return LK_OK;
}

int lk_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum lk_status lk_hex_decode(uint8_t *octets, size_t cap, size_t *len, struct lk_span text)
{
    if (text.len % 2 != 0)
        return LK_E_LENGTH;
    if (text.len / 2 > cap)
        return LK_E_FULL;
    for (size_t i = 0; i < text.len / 2; i++) {
        int high = lk_hex_digit(text.at[2 * i]);
        int low = lk_hex_digit(text.at[2 * i + 1]);

        if (high < 0 || low < 0)
            return LK_E_VALUE;
        octets[i] = (uint8_t)(high << 4 | low);
    }
    *len = text.len / 2;
    return LK_OK;
}
