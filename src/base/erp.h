/* Cryptosuites of ERP (RFC 6696 5.3.2) and the length of an EMSKname, which packets and keys both
 * name. */
#ifndef LK_BASE_ERP_H
#define LK_BASE_ERP_H

#include <stddef.h>
#include <stdint.h>

enum { LK_ERP_TAG_MAX = 32, LK_EMSK_NAME_LEN = 8 };

enum lk_erp_suite {
    LK_ERP_HMAC_SHA256_64 = 1,
    LK_ERP_HMAC_SHA256_128 = 2, /* every implementation has it */
    LK_ERP_HMAC_SHA256_256 = 3,
};
/* Octets of a tag; 0: no such cryptosuite. */
size_t lk_erp_tag_len(uint8_t cryptosuite);

#endif
