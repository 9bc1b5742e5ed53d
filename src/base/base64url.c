#include "base/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void lk_base64url_put(struct lk_writer *w, struct lk_span octets)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < octets.len; i++) {
        bits = bits << 8 | octets.at[i];
        for (count += 8; count >= 6; count -= 6)
            lk_put_u8(w, (uint8_t)alphabet[bits >> (count - 6) & 63]);
    }
    if (count > 0)
        lk_put_u8(w, (uint8_t)alphabet[bits << (6 - count) & 63]);
}

static int value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

enum lk_status lk_base64url_decode(uint8_t *octets, size_t cap, size_t *len, struct lk_span text)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t out = 0;

    if (text.len % 4 == 1)
        return LK_E_LENGTH;
    if (text.len / 4 * 3 + text.len % 4 * 3 / 4 > cap)
        return LK_E_FULL;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.at[i]);

        if (value < 0)
            return LK_E_VALUE;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            octets[out++] = (uint8_t)(bits >> count);
        }
    }
    if ((bits & ((1u << count) - 1)) != 0)
        return LK_E_VALUE;
    *len = out;
    return LK_OK;
}
