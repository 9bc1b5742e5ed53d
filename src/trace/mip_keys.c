/* What the key log of a capture says of authenticators of Mobile IP: each is made again, under
 * every association that its SPI may mean. */
#include <string.h>

#include "base/secret.h"
#include "trace/mip.h"

enum { SPI_LEN = 4 };

enum lk_app_key_log_kind lk_mip_seen_kind_of(enum lk_mip_extension which)
{
    static const enum lk_app_key_log_kind kinds[LK_MIP_AUTH_COUNT] = {
        [LK_MIP_MN_HA_AUTH] = LK_APP_KEY_LOG_MN_HA,
        [LK_MIP_MN_FA_AUTH] = LK_APP_KEY_LOG_MN_FA,
        [LK_MIP_FA_HA_AUTH] = LK_APP_KEY_LOG_FA_HA,
        [LK_MIP_MN_AAA_AUTH] = LK_APP_KEY_LOG_MN_AAA,
    };

    LK_ASSERT((unsigned)which < LK_MIP_AUTH_COUNT);
    return kinds[which];
}

bool lk_mip_seen_key(struct lk_mip_seen_key *key, const struct lk_trace *trace, size_t number)
{
    const struct lk_app_key_log *entry = &trace->app_keys[number];
    struct lk_reader r = lk_reader_of(lk_app_key_log_part(entry, 1));

    lk_wipe(key, sizeof *key);
    if (entry->kind < LK_APP_KEY_LOG_MN_HA || entry->kind > LK_APP_KEY_LOG_FA_HA ||
        r.left != 2 * SPI_LEN || lk_mip_authenticator_len(entry->number) == 0)
        return false;
    key->who = lk_app_key_log_part(entry, 0);
    key->spi = lk_get_be32(&r);
    key->spi_back = lk_get_be32(&r);
    key->association.spi = key->spi;
    key->association.algorithm = entry->number;
    return lk_mip_secret_set(&key->association.secret,
                             lk_span_of(entry->key, entry->key_len)) == LK_OK;
}

/* spec: RFC 4721 4 - under SPI 2 an MN-AAA proof is MD5 in the way of CHAP. */
static bool proves_chap(const struct lk_mip_seen_key *key, const struct lk_mip_extensions *all)
{
    const struct lk_mip_auth *auth = &all->auth[LK_MIP_MN_AAA_AUTH];
    struct lk_mip_chap chap;

    if (!lk_mip_has(all, LK_MIP_CHALLENGE))
        return false;
    lk_mip_chap_of(&chap, auth->covered, all->challenge);
    return lk_mip_chap_verify(&chap, &key->association.secret, auth->authenticator) == LK_OK;
}

bool lk_mip_seen_proves(const struct lk_mip_seen_key *key, const struct lk_mip_extensions *all,
                        enum lk_mip_extension which, uint16_t by)
{
    const struct lk_mip_auth *auth = &all->auth[which];
    struct lk_mip_association with = key->association;
    bool proven;

    if (which == LK_MIP_MN_AAA_AUTH && auth->spi == LK_MIP_SPI_CHAP)
        return proves_chap(key, all);
    with.algorithm = by != 0 ? by : with.algorithm;
    proven = lk_mip_verify(&with, auth->covered, auth->authenticator) == LK_OK;
    lk_wipe(&with, sizeof with);
    return proven;
}

/* spec: RFC 4285 5 - care-of and home address as they stand in the packet are covered with it. */
bool lk_mip_seen_proves6(const struct lk_mip_seen_key *key, const struct lk_trace_message *m,
                         const struct lk_mobility_auth *auth)
{
    const struct lk_trace_mip *mip = &m->mip;
    struct lk_mip6_covered covered = { .care_of = mip->care_of, .home = mip->home,
                                       .header = auth->covered };

    return auth->subtype == LK_AUTH_MN_HA
               ? lk_mip6_mn_ha_verify(&key->association.secret, &covered, auth->authenticator) ==
                     LK_OK
               : lk_mip6_mn_aaa_verify(&key->association.secret, &covered,
                                       auth->authenticator) == LK_OK;
}

static bool is_spi(const struct lk_mip_seen_key *key, uint32_t spi)
{
    return spi == key->spi || spi == key->spi_back || spi == LK_MIP_SPI_CHAP;
}

static void judge_v4(const struct lk_trace *trace, struct lk_trace_message *m,
                     const struct lk_mip_seen_key *key, enum lk_app_key_log_kind kind,
                     const struct lk_mip_extensions *all)
{
    for (unsigned i = 0; i < LK_MIP_AUTH_COUNT; i++) {
        enum lk_mip_extension which = (enum lk_mip_extension)i;

        if (!lk_mip_has(all, which) || lk_mip_seen_kind_of(which) != kind ||
            !is_spi(key, all->auth[i].spi) || m->mip.judged[i] == LK_TRACE_RIGHT)
            continue;
        m->mip.judged[i] = lk_mip_seen_proves(key, all, which, 0) ? LK_TRACE_RIGHT
                                                                  : LK_TRACE_WRONG;
    }
}

static void judge_v6(struct lk_trace_message *m, const struct lk_mip_seen_key *key,
                     enum lk_app_key_log_kind kind, const struct lk_mobility_options *options)
{
    for (size_t i = 0; i < options->auth_count; i++) {
        const struct lk_mobility_auth *auth = &options->auth[i];
        uint8_t *judged;

        if (!(auth->subtype == LK_AUTH_MN_HA && kind == LK_APP_KEY_LOG_MN_HA) &&
            !(auth->subtype == LK_AUTH_MN_AAA && kind == LK_APP_KEY_LOG_MN_AAA))
            continue;
        judged = &m->mip.judged[auth->subtype - 1];
        if (!is_spi(key, auth->spi) || *judged == LK_TRACE_RIGHT)
            continue;
        *judged = lk_mip_seen_proves6(key, m, auth) ? LK_TRACE_RIGHT : LK_TRACE_WRONG;
    }
}

void lk_mip_seen_judge(const struct lk_trace *trace, struct lk_trace_message *m)
{
    struct lk_mip_extensions all;
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;
    struct lk_mip_seen_key key;
    bool v4, v6;

    memset(m->mip.judged, 0, sizeof m->mip.judged);
    if (m->status != LK_OK || trace->app_key_count == 0 ||
        (m->mip.kind != LK_TRACE_MIP_REQUEST && m->mip.kind != LK_TRACE_MIP_REPLY))
        return;
    if (m->mip.v6 && m->mip.kind == LK_TRACE_MIP_REPLY && m->answers != LK_TRACE_NONE)
        m->mip.care_of = trace->messages[m->answers].mip.care_of; /* where it is sent to */
    v4 = lk_mip_seen_extensions(&all, m);
    v6 = lk_mip_seen_mobility(&packet, &message, m);
    for (size_t i = 0; i < trace->app_key_count; i++) {
        if (!lk_mip_seen_key(&key, trace, i))
            continue;
        if (v4)
            judge_v4(trace, m, &key, trace->app_keys[i].kind, &all);
        if (v6)
            judge_v6(m, &key, trace->app_keys[i].kind, &message.options);
    }
    lk_wipe(&key, sizeof key);
}
