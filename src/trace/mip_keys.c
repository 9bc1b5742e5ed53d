/* What the key log of a capture says of authenticators of Mobile IP: each is made again, under
 * every association that its SPI may mean. */
#include <string.h>

#include "base/secret.h"
#include "proto/pmip/identity.h"
#include "trace/mip.h"

enum { SPI_LEN = 4 };

/* ---- one key ---- */

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

/* ---- keys of nonces ---- */

/* spec: RFC 3957 5 - the NAI of the request, or else its home address. */
static struct lk_span identifier_of(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    if (m->answers != LK_TRACE_NONE)
        m = &trace->messages[m->answers];
    return m->mip.nai.len > 0 ? m->mip.nai
                              : lk_span_of(m->mip.home.octets + LK_ADDRESS_LEN - 4, 4);
}

/* spec: RFC 3957 6.3 - the SPI that the node has asked for it with is that of what it is sent. */
static uint32_t asked_spi(const struct lk_trace *trace, size_t index,
                          enum lk_mip_extension which)
{
    size_t answers = trace->messages[index].answers;
    struct lk_mip_extensions asked;

    if (answers == LK_TRACE_NONE || !lk_mip_seen_extensions(&asked, &trace->messages[answers]))
        return 0;
    return which == LK_MIP_MN_HA_AUTH ? asked.mn_ha_spi : asked.mn_fa_spi;
}

/* Of its octets a key has 16 or all 20: which, the home AAA's configuration says, and the proof. */
static bool makes(struct lk_mip_seen_key *made, const struct lk_mip_seen_key *aaa,
                  const struct lk_mip_extensions *all, enum lk_mip_extension which,
                  struct lk_span nonce, struct lk_span identifier)
{
    static const size_t lengths[] = { LK_MIP_KEY_SHORT, sizeof((struct lk_mip_key *)0)->octets };
    const struct lk_mip_secret *parent = &aaa->association.secret;
    struct lk_mip_key key;
    bool proven = false;

    lk_mip_key_derive(&key, lk_span_of(parent->octets, parent->len), nonce, identifier);
    for (size_t i = 0; i < LK_COUNT_OF(lengths) && !proven; i++)
        proven = lk_mip_secret_set(&made->association.secret,
                                   lk_span_of(key.octets, lengths[i])) == LK_OK &&
                 lk_mip_seen_proves(made, all, which, 0);
    lk_wipe(&key, sizeof key);
    return proven;
}

bool lk_mip_seen_of_nonce(struct lk_mip_seen_key *made, const struct lk_mip_seen_key *aaa,
                          const struct lk_trace *trace, size_t index, enum lk_mip_extension which)
{
    const struct lk_mip_key_reply *key;
    uint32_t asked = asked_spi(trace, index, which);
    struct lk_mip_extensions all;

    lk_wipe(made, sizeof *made);
    if (!lk_mip_seen_extensions(&all, &trace->messages[index]) || !lk_mip_has(&all, which))
        return false;
    key = which == LK_MIP_MN_HA_AUTH ? &all.mn_ha_key : &all.mn_fa_key;
    if (key->nonce.len == 0 || key->aaa_spi != aaa->spi ||
        lk_mip_authenticator_len(key->algorithm) == 0)
        return false;
    made->who = aaa->who;
    made->spi = made->association.spi = key->agent_spi;
    made->spi_back = asked != 0 ? asked : key->agent_spi;
    made->association.algorithm = key->algorithm;
    return makes(made, aaa, &all, which, key->nonce, identifier_of(trace, index));
}

static enum lk_status keep(struct lk_trace *trace, enum lk_mip_extension which,
                           const struct lk_mip_seen_key *made)
{
    uint8_t spis[2 * SPI_LEN];
    struct lk_writer w = lk_writer_of(spis, sizeof spis);
    const struct lk_span parts[] = { made->who, LK_SPAN(spis) };
    const struct lk_mip_secret *secret = &made->association.secret;
    struct lk_app_key_log entry;
    enum lk_status status;

    lk_put_be32(&w, made->spi);
    lk_put_be32(&w, made->spi_back);
    status = lk_app_key_log_of(&entry, lk_mip_seen_kind_of(which), parts, LK_COUNT_OF(parts),
                               lk_span_of(secret->octets, secret->len));
    entry.number = made->association.algorithm;
    if (status == LK_OK)
        status = lk_trace_keep_app_key(trace, &entry);
    lk_wipe(&entry, sizeof entry);
    return status == LK_E_FULL ? LK_OK : status;
}

/* A list that grows moves: what a key says of itself is copied before one more is kept. */
static enum lk_status learn_of(struct lk_trace *trace, size_t index, size_t number,
                               enum lk_mip_extension which)
{
    uint8_t who[LK_APP_KEY_LOG_WHOSE_MAX];
    struct lk_mip_seen_key aaa, made;
    enum lk_status status = LK_OK;

    if (lk_mip_seen_key(&aaa, trace, number) &&
        lk_mip_seen_of_nonce(&made, &aaa, trace, index, which)) {
        memcpy(who, made.who.at, made.who.len);
        made.who = lk_span_of(who, made.who.len);
        status = keep(trace, which, &made);
    }
    lk_wipe(&aaa, sizeof aaa);
    lk_wipe(&made, sizeof made);
    return status;
}

enum lk_status lk_mip_seen_learn(struct lk_trace *trace, size_t index)
{
    const size_t count = trace->app_key_count;
    struct lk_mip_reply reply;
    enum lk_status status = LK_OK;

    if (!lk_mip_seen_reply(&reply, &trace->messages[index]) ||
        (reply.extensions.mn_ha_key.nonce.len == 0 && reply.extensions.mn_fa_key.nonce.len == 0))
        return LK_OK;
    for (size_t i = 0; i < count && status == LK_OK; i++) {
        if (trace->app_keys[i].kind != LK_APP_KEY_LOG_MN_AAA)
            continue;
        status = learn_of(trace, index, i, LK_MIP_MN_HA_AUTH);
        if (status == LK_OK)
            status = learn_of(trace, index, i, LK_MIP_MN_FA_AUTH);
    }
    return status;
}

/* ---- what they say ---- */

/* Two subscribers may use one SPI: the key of another says nothing. */
static bool is_anothers(const struct lk_mip_seen_key *key, const struct lk_trace *trace,
                        const struct lk_trace_message *m)
{
    struct lk_span nai = m->mip.nai;
    struct lk_imsi imsi, of;

    if (nai.len == 0 && m->answers != LK_TRACE_NONE)
        nai = trace->messages[m->answers].mip.nai;
    return lk_pmip_nai_imsi(&imsi, nai) == LK_OK && lk_imsi_parse(&of, key->who) == LK_OK &&
           strcmp(imsi.digits, of.digits) != 0;
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

static bool is_kind6(uint8_t subtype, enum lk_app_key_log_kind kind)
{
    return (subtype == LK_AUTH_MN_HA && kind == LK_APP_KEY_LOG_MN_HA) ||
           (subtype == LK_AUTH_MN_AAA && kind == LK_APP_KEY_LOG_MN_AAA);
}

static void judge_v6(struct lk_trace_message *m, const struct lk_mip_seen_key *key,
                     enum lk_app_key_log_kind kind, const struct lk_mobility_options *options)
{
    for (size_t i = 0; i < options->auth_count; i++) {
        const struct lk_mobility_auth *auth = &options->auth[i];
        uint8_t *judged;

        if (!is_kind6(auth->subtype, kind))
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
        m->mip.kind == LK_TRACE_MIP_TUNNEL || m->mip.kind == LK_TRACE_MIP_OTHER)
        return;
    if (m->mip.v6 && m->mip.kind == LK_TRACE_MIP_REPLY && m->answers != LK_TRACE_NONE)
        m->mip.care_of = trace->messages[m->answers].mip.care_of; /* where it is sent to */
    v4 = lk_mip_seen_extensions(&all, m);
    v6 = lk_mip_seen_mobility(&packet, &message, m);
    for (size_t i = 0; i < trace->app_key_count; i++) {
        if (!lk_mip_seen_key(&key, trace, i) || is_anothers(&key, trace, m))
            continue;
        if (v4)
            judge_v4(trace, m, &key, trace->app_keys[i].kind, &all);
        if (v6)
            judge_v6(m, &key, trace->app_keys[i].kind, &message.options);
    }
    lk_wipe(&key, sizeof key);
}

/* ---- and how often ---- */

static size_t count4(const struct lk_mip_seen_key *key, enum lk_app_key_log_kind kind,
                     const struct lk_trace_message *m)
{
    struct lk_mip_extensions all;
    size_t count = 0;

    if (!lk_mip_seen_extensions(&all, m))
        return 0;
    for (unsigned i = 0; i < LK_MIP_AUTH_COUNT; i++) {
        enum lk_mip_extension which = (enum lk_mip_extension)i;

        count += lk_mip_has(&all, which) && lk_mip_seen_kind_of(which) == kind &&
                 is_spi(key, all.auth[i].spi) && lk_mip_seen_proves(key, &all, which, 0);
    }
    return count;
}

static size_t count6(const struct lk_mip_seen_key *key, enum lk_app_key_log_kind kind,
                     const struct lk_trace_message *m)
{
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;
    size_t count = 0;

    if (!lk_mip_seen_mobility(&packet, &message, m))
        return 0;
    for (size_t i = 0; i < message.options.auth_count; i++) {
        const struct lk_mobility_auth *auth = &message.options.auth[i];

        count += is_kind6(auth->subtype, kind) && is_spi(key, auth->spi) &&
                 lk_mip_seen_proves6(key, m, auth);
    }
    return count;
}

size_t lk_mip_seen_count(const struct lk_trace *trace, size_t number, size_t *run)
{
    enum lk_app_key_log_kind kind = trace->app_keys[number].kind;
    struct lk_mip_seen_key key;
    size_t count = 0;

    *run = LK_TRACE_NONE;
    if (!lk_mip_seen_key(&key, trace, number))
        return 0;
    for (size_t i = 0; i < trace->count; i++) {
        const struct lk_trace_message *m = &trace->messages[i];
        size_t more = 0;

        if (lk_mip_seen_is(m) && m->status == LK_OK)
            more = m->mip.v6 ? count6(&key, kind, m) : count4(&key, kind, m);
        if (count == 0 && more > 0)
            *run = m->run;
        count += more;
    }
    lk_wipe(&key, sizeof key);
    return count;
}
