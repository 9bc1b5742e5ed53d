#include "base/hex.h"

/* Without a table, and without a branch: H(A1) is said in hex, and is as good as a password. */
static char digit_of(unsigned value)
{
    return (char)('0' + value + ((9 - value) >> 8 & ('a' - '9' - 1)));
}

enum lk_status lk_hex_encode(char *text, size_t cap, struct lk_span octets)
{
    if (cap == 0 || (cap - 1) / 2 < octets.len)
        return LK_E_FULL;
    for (size_t i = 0; i < octets.len; i++) {
        text[2 * i] = digit_of(octets.at[i] >> 4);
        text[2 * i + 1] = digit_of(octets.at[i] & 0x0f);
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
