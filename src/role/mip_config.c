#include "role/mip_config.h"

#include <string.h>

#include "base/check.h"

uint16_t lk_role_mip_algorithm(int place)
{
    static const uint16_t algorithms[] = { LK_MIP_HMAC_MD5, LK_MIP_HMAC_SHA1, LK_MIP_HMAC_SHA256 };

    return algorithms[place];
}

uint8_t lk_role_mip_replay(int place)
{
    static const uint8_t replays[] = { LK_MIP_TIMESTAMPS, LK_MIP_NONCES };

    return replays[place];
}

void lk_role_mip_msa_of(struct lk_mip_msa *to, const struct lk_config_mip_association *from)
{
    enum lk_status status;

    memset(to, 0, sizeof *to);
    to->there.spi = to->spi_back = from->spi;
    to->there.algorithm = lk_role_mip_algorithm(from->algorithm);
    to->replay = lk_role_mip_replay(from->replay);
    to->ends_ms = UINT64_MAX;
    status = lk_mip_secret_set(&to->there.secret, lk_span_text(from->key));
    LK_ASSERT(status == LK_OK);
}
