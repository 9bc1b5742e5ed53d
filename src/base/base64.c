/* base64 and base64url: the same digits but for two, and padding or none. */
#include "base/base64.h"

#include "base/base64url.h"

struct form {
    char digit_62, digit_63;
    bool padded;
};
static const struct form form_base64 = { '+', '/', true };
static const struct form form_base64url = { '-', '_', false };

/* Without a table, and without a branch: a password at a NAF is a key in base64. */
static uint8_t digit_of(const struct form *form, uint32_t value)
{
    const uint32_t digit_62 = (uint8_t)form->digit_62, digit_63 = (uint8_t)form->digit_63;
    uint32_t digit = 'A' + value;

    digit += (25 - value) >> 8 & (uint32_t)('a' - 'Z' - 1);
    digit += (51 - value) >> 8 & (uint32_t)('0' - 'z' - 1);
    digit += (61 - value) >> 8 & (digit_62 - '9' - 1);
    digit += (62 - value) >> 8 & (digit_63 - digit_62 - 1);
    return (uint8_t)digit;
}

static int value_of(const struct form *form, uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == form->digit_62 ? 62 : c == form->digit_63 ? 63 : -1;
}

static void put(struct lk_writer *w, const struct form *form, struct lk_span octets)
{
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < octets.len; i++) {
        bits = bits << 8 | octets.at[i];
        for (count += 8; count >= 6; count -= 6)
            lk_put_u8(w, digit_of(form, bits >> (count - 6) & 63));
    }
    if (count > 0)
        lk_put_u8(w, digit_of(form, bits << (6 - count) & 63));
    for (size_t i = octets.len; form->padded && i % 3 != 0; i++)
        lk_put_u8(w, '=');
}

/* text is without its padding. */
static enum lk_status decode(uint8_t *octets, size_t cap, size_t *len, const struct form *form,
                             struct lk_span text)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t out = 0;

    if (text.len % 4 == 1)
        return LK_E_LENGTH;
    if (text.len / 4 * 3 + text.len % 4 * 3 / 4 > cap)
        return LK_E_FULL;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(form, text.at[i]);

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

void lk_base64_put(struct lk_writer *w, struct lk_span octets)
{
    put(w, &form_base64, octets);
}

enum lk_status lk_base64_decode(uint8_t *octets, size_t cap, size_t *len, struct lk_span text)
{
    size_t padding = 0;

    if (text.len % 4 != 0)
        return LK_E_LENGTH;
    while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
        padding++;
    return decode(octets, cap, len, &form_base64, lk_span_of(text.at, text.len - padding));
}

void lk_base64url_put(struct lk_writer *w, struct lk_span octets)
{
    put(w, &form_base64url, octets);
}

enum lk_status lk_base64url_decode(uint8_t *octets, size_t cap, size_t *len, struct lk_span text)
{
    return decode(octets, cap, len, &form_base64url, text);
}
