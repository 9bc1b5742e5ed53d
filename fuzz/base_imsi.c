/* An IMSI that parses comes back the same from BCD; BCD that parses comes back the same octets. */
#include "fuzz.h"

#include <string.h>

#include "base/imsi.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    struct lk_imsi imsi, again;
    uint8_t bcd[LK_IMSI_BCD_LEN];
    char masked[LK_IMSI_MAX_DIGITS + 1];

    if (lk_imsi_parse(&imsi, lk_span_of(octets, len)) == LK_OK) {
        lk_imsi_to_bcd(bcd, &imsi);
        LK_ASSERT(lk_imsi_from_bcd(&again, bcd) == LK_OK);
        LK_ASSERT(lk_imsi_equal(&imsi, &again));
        lk_imsi_mask(masked, &imsi);
        LK_ASSERT(strlen(masked) == strlen(imsi.digits));
        LK_ASSERT(strcmp(masked, imsi.digits) != 0 || strlen(masked) <= 7);
    }
    if (len == LK_IMSI_BCD_LEN && lk_imsi_from_bcd(&imsi, octets) == LK_OK) {
        lk_imsi_to_bcd(bcd, &imsi);
        LK_ASSERT(memcmp(bcd, octets, sizeof bcd) == 0);
    }
    return 0;
}
