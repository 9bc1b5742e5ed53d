#include "base/erp.h"

size_t lk_erp_tag_len(uint8_t cryptosuite)
{
    switch (cryptosuite) {
    case LK_ERP_HMAC_SHA256_64: return 8;
    case LK_ERP_HMAC_SHA256_128: return 16;
    case LK_ERP_HMAC_SHA256_256: return 32;
    default: return 0;
    }
}
