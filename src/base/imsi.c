#include "base/imsi.h"

#include <string.h>

enum lk_status lk_imsi_parse(struct lk_imsi *imsi, struct lk_span text)
{
    if (text.len < LK_IMSI_MIN_DIGITS || text.len > LK_IMSI_MAX_DIGITS)
        return LK_E_LENGTH;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return LK_E_VALUE;
    memset(imsi, 0, sizeof *imsi);
    memcpy(imsi->digits, text.at, text.len);
    return LK_OK;
}

void lk_imsi_to_bcd(uint8_t bcd[LK_IMSI_BCD_LEN], const struct lk_imsi *imsi)
{
    size_t len = strlen(imsi->digits);

    memset(bcd, 0xff, LK_IMSI_BCD_LEN);
    for (size_t i = 0; i < len; i++) {
        uint8_t digit = (uint8_t)(imsi->digits[i] - '0');

        bcd[i / 2] = i % 2 == 0 ? (uint8_t)(digit << 4 | 0x0f)
                                : (uint8_t)((bcd[i / 2] & 0xf0) | digit);
    }
}

enum lk_status lk_imsi_from_bcd(struct lk_imsi *imsi, const uint8_t bcd[LK_IMSI_BCD_LEN])
{
    char text[2 * LK_IMSI_BCD_LEN];
    size_t len = 0;
    bool ended = false;

    for (size_t i = 0; i < sizeof text; i++) {
        uint8_t half = i % 2 == 0 ? bcd[i / 2] >> 4 : bcd[i / 2] & 0x0f;

        if (half == 0x0f) {
            ended = true;
            continue;
        }
        if (ended || half > 9)
            return LK_E_VALUE;
        text[len++] = (char)('0' + half);
    }
    return lk_imsi_parse(imsi, lk_span_of(text, len));
}

void lk_imsi_put(struct lk_writer *w, const struct lk_imsi *imsi)
{
    uint8_t bcd[LK_IMSI_BCD_LEN];

    lk_imsi_to_bcd(bcd, imsi);
    lk_put_octets(w, bcd, sizeof bcd);
}

void lk_imsi_get(struct lk_reader *r, struct lk_imsi *imsi)
{
    uint8_t bcd[LK_IMSI_BCD_LEN];
    enum lk_status status;

    lk_get_copy(r, bcd, sizeof bcd);
    status = lk_imsi_from_bcd(imsi, bcd);
    if (status != LK_OK)
        lk_reader_fail(r, status);
}

uint64_t lk_imsi_number(const struct lk_imsi *imsi)
{
    uint64_t number = 1;

    for (size_t i = 0; i < LK_IMSI_MAX_DIGITS && imsi->digits[i] != '\0'; i++)
        number = number * 10 + (uint64_t)(imsi->digits[i] - '0');
    return number;
}

enum lk_status lk_imsi_from_number(struct lk_imsi *imsi, uint64_t number)
{
    char text[LK_IMSI_MAX_DIGITS + 1];
    size_t at = sizeof text;

    for (; number >= 10 && at > 0; number /= 10)
        text[--at] = (char)('0' + number % 10);
    if (number != 1)
        return LK_E_VALUE;
    return lk_imsi_parse(imsi, lk_span_of(text + at, sizeof text - at)) == LK_OK ? LK_OK
                                                                                : LK_E_VALUE;
}

bool lk_imsi_equal(const struct lk_imsi *a, const struct lk_imsi *b)
{
    return memcmp(a->digits, b->digits, sizeof a->digits) == 0;
}

void lk_imsi_mask(char masked[LK_IMSI_MAX_DIGITS + 1], const struct lk_imsi *imsi)
{
    size_t len = strlen(imsi->digits);

    memset(masked, 0, LK_IMSI_MAX_DIGITS + 1);
    for (size_t i = 0; i < len; i++)
        masked[i] = i < 5 || i + 2 >= len ? imsi->digits[i] : '.';
}
