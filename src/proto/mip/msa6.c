#include "proto/mip/msa6.h"

bool lk_mip6_msa_proves(const struct lk_mip_msa *msa, uint32_t spi,
                        const struct lk_mobility_options *options,
                        const struct lk_address *care_of, const struct lk_address *home,
                        uint64_t now_ms)
{
    const struct lk_mobility_auth *auth = lk_mobility_auth(options, LK_AUTH_MN_HA);
    struct lk_mip6_covered covered = { .care_of = *care_of, .home = *home };

    if (auth == NULL || auth->spi != spi || options->behind_auth || now_ms >= msa->ends_ms ||
        msa->there.algorithm != LK_MIP_HMAC_SHA1)
        return false;
    covered.header = auth->covered;
    return lk_mip6_mn_ha_verify(&msa->there.secret, &covered, auth->authenticator) == LK_OK;
}

enum lk_status lk_mip6_msa_sign(struct lk_writer *w, const struct lk_mobility_message *message,
                                const struct lk_mip_msa *msa, uint32_t spi,
                                const struct lk_address *care_of, const struct lk_address *home)
{
    static const uint8_t none[LK_MIP6_MN_HA_LEN];
    struct lk_mip6_covered covered = { .care_of = *care_of, .home = *home };
    struct lk_mobility_message with = *message;
    uint8_t made[LK_MIP6_MN_HA_LEN];
    size_t from = w->len;
    enum lk_status status;

    if (msa->there.algorithm != LK_MIP_HMAC_SHA1)
        return LK_E_AUTH;
    lk_mobility_mark(&with.options, LK_MO_AUTH);
    with.options.auth_count = 1;
    with.options.auth[0] = (struct lk_mobility_auth){ .subtype = LK_AUTH_MN_HA, .spi = spi,
                                                      .authenticator = LK_SPAN(none) };
    status = lk_mobility_encode(w, &with);
    /* Where the authenticator has come to stand, it says itself when it is read. */
    if (status == LK_OK)
        status = lk_mobility_decode(&with, lk_span_of(w->at + from, w->len - from));
    if (status != LK_OK)
        return status;
    covered.header = with.options.auth[0].covered;
    lk_mip6_mn_ha(made, &msa->there.secret, &covered);
    lk_patch_octets(w, from + covered.header.len, made, sizeof made);
    return LK_OK;
}
