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

/* One association that signs, and what it makes. */
struct proof {
    uint8_t subtype;
    uint32_t spi;
    const struct lk_mip_secret *secret;
};

static size_t len_of(const struct proof *proof)
{
    return proof->subtype == LK_AUTH_MN_HA ? LK_MIP6_MN_HA_LEN : LK_MIP6_MN_AAA_LEN;
}

static void make(uint8_t made[LK_MIP6_MN_AAA_LEN], const struct proof *proof,
                 const struct lk_mip6_covered *covered)
{
    if (proof->subtype == LK_AUTH_MN_HA)
        lk_mip6_mn_ha(made, proof->secret, covered);
    else
        lk_mip6_mn_aaa(made, proof->secret, covered);
}

/* spec: RFC 4285 5 - a later one covers those before it, so each is made when they stand. */
static enum lk_status sign(struct lk_writer *w, const struct lk_mobility_message *message,
                           const struct proof *proof, size_t count,
                           struct lk_mip6_covered covered)
{
    static const uint8_t none[LK_MIP6_MN_AAA_LEN];
    struct lk_mobility_message with = *message;
    size_t from = w->len;
    enum lk_status status;

    lk_mobility_mark(&with.options, LK_MO_AUTH);
    with.options.auth_count = count;
    for (size_t i = 0; i < count; i++)
        with.options.auth[i] = (struct lk_mobility_auth){
            .subtype = proof[i].subtype, .spi = proof[i].spi,
            .authenticator = lk_span_of(none, len_of(&proof[i])) };
    status = lk_mobility_encode(w, &with);
    /* Where the authenticators have come to stand, it says itself when it is read. */
    if (status == LK_OK)
        status = lk_mobility_decode(&with, lk_span_of(w->at + from, w->len - from));
    for (size_t i = 0; status == LK_OK && i < count; i++) {
        uint8_t made[LK_MIP6_MN_AAA_LEN];

        covered.header = with.options.auth[i].covered;
        make(made, &proof[i], &covered);
        lk_patch_octets(w, from + covered.header.len, made, len_of(&proof[i]));
    }
    return status;
}

enum lk_status lk_mip6_msa_sign(struct lk_writer *w, const struct lk_mobility_message *message,
                                const struct lk_mip_msa *msa, uint32_t spi,
                                const struct lk_address *care_of, const struct lk_address *home)
{
    const struct proof proof = { LK_AUTH_MN_HA, spi, &msa->there.secret };

    if (msa->there.algorithm != LK_MIP_HMAC_SHA1)
        return LK_E_AUTH;
    return sign(w, message, &proof, 1,
                (struct lk_mip6_covered){ .care_of = *care_of, .home = *home });
}

enum lk_status lk_mip6_msa_sign_with(struct lk_writer *w,
                                     const struct lk_mobility_message *message,
                                     const struct lk_mip_msa *msa, const struct lk_mip_msa *aaa,
                                     const struct lk_address *care_of,
                                     const struct lk_address *home)
{
    const struct proof proof[] = {
        { LK_AUTH_MN_HA, msa->there.spi, &msa->there.secret },
        { LK_AUTH_MN_AAA, LK_MIP6_SPI_AAA, aaa == NULL ? NULL : &aaa->there.secret },
    };

    if (msa->there.algorithm != LK_MIP_HMAC_SHA1)
        return LK_E_AUTH;
    return sign(w, message, proof, aaa == NULL ? 1 : 2,
                (struct lk_mip6_covered){ .care_of = *care_of, .home = *home });
}
