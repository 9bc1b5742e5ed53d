/* The IMSI: 6 to 15 decimal digits (TS 23.003 2.2), kept as a C string and carried as BCD. */
#ifndef LK_BASE_IMSI_H
#define LK_BASE_IMSI_H

#include "base/octets.h"

enum {
    LK_IMSI_MIN_DIGITS = 6,
    LK_IMSI_MAX_DIGITS = 15,
    LK_IMSI_BCD_LEN = 8, /* 16 half octets, the first digit in the high half, 0xf behind the last */
};

struct lk_imsi {
    char digits[LK_IMSI_MAX_DIGITS + 1]; /* terminated, zero filled: may be compared with memcmp */
};

/* LK_E_LENGTH or LK_E_VALUE when text is not an IMSI. */
LK_MUST_CHECK enum lk_status lk_imsi_parse(struct lk_imsi *imsi, struct lk_span text);
void lk_imsi_to_bcd(uint8_t bcd[LK_IMSI_BCD_LEN], const struct lk_imsi *imsi);
LK_MUST_CHECK enum lk_status lk_imsi_from_bcd(struct lk_imsi *imsi,
                                              const uint8_t bcd[LK_IMSI_BCD_LEN]);
/* The same eight octets in a message; what is no IMSI fails the reader. */
void lk_imsi_put(struct lk_writer *w, const struct lk_imsi *imsi);
void lk_imsi_get(struct lk_reader *r, struct lk_imsi *imsi);
/* The digits with a 1 in front, as a number: leading zeroes count, and the order is that of the
 * IMSIs. from_number: LK_E_VALUE when it is none of these. */
uint64_t lk_imsi_number(const struct lk_imsi *imsi);
LK_MUST_CHECK enum lk_status lk_imsi_from_number(struct lk_imsi *imsi, uint64_t number);
bool lk_imsi_equal(const struct lk_imsi *a, const struct lk_imsi *b);
/* The form for logs: the first five digits (the PLMN), dots, the last two ("00101........01"). */
void lk_imsi_mask(char masked[LK_IMSI_MAX_DIGITS + 1], const struct lk_imsi *imsi);

#endif
