#include "proto/mip/msa.h"

#include "base/check.h"

bool lk_mip_msa_proves(const struct lk_mip_msa *msa, uint32_t spi,
                       const struct lk_mip_extensions *extensions, enum lk_mip_extension which,
                       uint64_t now_ms)
{
    const struct lk_mip_auth *auth = &extensions->auth[which];

    return now_ms < msa->ends_ms && lk_mip_has(extensions, which) && auth->spi == spi &&
           lk_mip_verify(&msa->there, auth->covered, auth->authenticator) == LK_OK;
}

void lk_mip_msa_sign(struct lk_writer *w, const struct lk_mip_msa *msa, uint32_t spi,
                     enum lk_mip_extension which)
{
    uint8_t authenticator[LK_MIP_AUTHENTICATOR_MAX];
    size_t len = lk_mip_authenticator_len(msa->there.algorithm);
    struct lk_span covered = lk_mip_auth_put(w, which, spi, len);

    LK_ASSERT(len > 0);
    if (w->status == LK_OK)
        (void)lk_mip_authenticate(authenticator, &msa->there, covered);
    if (w->status == LK_OK)
        lk_put_octets(w, authenticator, len);
}

/* spec: RFC 4721 8 - under SPI 2 a challenge comes in, and it is before the authenticator. */
static bool proves_by_chap(const struct lk_mip_msa *msa,
                           const struct lk_mip_extensions *extensions)
{
    const struct lk_mip_auth *auth = &extensions->auth[LK_MIP_MN_AAA_AUTH];
    struct lk_mip_chap chap;

    if (!lk_mip_before(extensions, LK_MIP_CHALLENGE, LK_MIP_MN_AAA_AUTH))
        return false;
    lk_mip_chap_of(&chap, auth->covered, extensions->challenge);
    return lk_mip_chap_verify(&chap, &msa->there.secret, auth->authenticator) == LK_OK;
}

bool lk_mip_msa_proves_aaa(const struct lk_mip_msa *msa,
                           const struct lk_mip_extensions *extensions, uint64_t now_ms)
{
    uint32_t spi = msa->there.spi;

    if (spi != LK_MIP_SPI_CHAP)
        return lk_mip_msa_proves(msa, spi, extensions, LK_MIP_MN_AAA_AUTH, now_ms);
    return now_ms < msa->ends_ms && lk_mip_has(extensions, LK_MIP_MN_AAA_AUTH) &&
           extensions->auth[LK_MIP_MN_AAA_AUTH].spi == spi && proves_by_chap(msa, extensions);
}

void lk_mip_msa_sign_aaa(struct lk_writer *w, const struct lk_mip_msa *msa,
                         struct lk_span challenge)
{
    uint8_t authenticator[LK_MIP_CHAP_LEN];
    struct lk_mip_chap chap;
    struct lk_span covered;

    if (msa->there.spi != LK_MIP_SPI_CHAP) {
        lk_mip_msa_sign(w, msa, msa->there.spi, LK_MIP_MN_AAA_AUTH);
        return;
    }
    if (challenge.len == 0 && w->status == LK_OK)
        w->status = LK_E_MISSING;
    covered = lk_mip_auth_put(w, LK_MIP_MN_AAA_AUTH, LK_MIP_SPI_CHAP, LK_MIP_CHAP_LEN);
    if (w->status != LK_OK)
        return;
    lk_mip_chap_of(&chap, covered, challenge);
    lk_mip_chap_authenticate(authenticator, &chap, &msa->there.secret);
    lk_put_octets(w, authenticator, sizeof authenticator);
}
