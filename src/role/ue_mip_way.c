/* The ways to the keys of Mobile IP (S4 7.3.4 to 7.3.6): what the device does in each.
 *
 * In all of them the key comes of the session of section ue.gba: Ks_NAF, for one NAF and one
 * protocol, under an SPI of the device's choice; its B-TID goes with each request. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/host.h"
#include "base/secret.h"
#include "io/log.h"
#include "role/ue_manager.h"

static const struct way {
    bool aaa;  /* its key is with the home AAA, which is asked for one with the agent */
    bool told; /* the BSF says which agent it is */
} ways[LK_MIP_WAYS] = {
    [LK_MIP_WAY_AAA] = { .aaa = true },
    [LK_MIP_WAY_BSF] = { .told = true },
};

void lk_ue_mip_take_way(struct lk_ue_manager *ue, enum lk_mip_way way, unsigned version)
{
    struct lk_ue_mip *mip = &ue->mip;

    if (mip->way == way && mip->version == version)
        return;
    mip->way = way;
    mip->version = version;
    lk_mip_mn_init(&mip->mn);
    lk_mip_mn6_init(&mip->mn6);
    mip->b_tid[0] = '\0';
    lk_ue_mip_see(ue);
}

/* ---- the key ---- */

static const char *name_of(const struct lk_ue_manager *ue)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    const struct way *way = &ways[ue->mip.way];

    return way->aaa ? c->aaa_name : way->told ? ue->gba.session.home_agent : c->home_agent_name;
}

void lk_ue_mip_key_words(char words[LK_UE_MIP_KEY_WORDS], const struct lk_ue_manager *ue)
{
    (void)snprintf(words, LK_UE_MIP_KEY_WORDS, "%s %.80s",
                   ways[ue->mip.way].aaa ? "a nonce of" : "Ks_NAF of", name_of(ue));
}

/* Whom it is for, and in which protocol. False: the BSF has named nobody. */
static bool naf_of(struct lk_naf_id *naf, const struct lk_ue_manager *ue)
{
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    const struct way *way = &ways[ue->mip.way];
    char name[LK_FQDN_MAX + 1];
    struct lk_ua_id ua;
    size_t len;

    (void)snprintf(name, sizeof name, "%s", name_of(ue));
    lk_host_lower(name);
    if (name[0] == '\0' ||
        lk_hex_decode(ua.octets, sizeof ua.octets, &len,
                      lk_span_text(way->aaa                             ? c->aaa_ua
                                   : ue->mip.version == LK_UE_MIP_V6 ? c->ua6
                                                                     : c->ua)) != LK_OK)
        return false;
    lk_naf_id_of(naf, lk_span_text(name), &ua);
    return true;
}

/* T26: another one for each key, so that the agent can tell them apart. */
static uint32_t new_spi(struct lk_ue_manager *ue)
{
    uint32_t spi;

    do
        lk_entropy_take(&ue->entropy, &spi, sizeof spi);
    while (spi < LK_MIP_SPI_LEAST || spi == ue->mip.spi);
    return spi;
}

/* T30: a request is out, or about to be, and there is a key that will do until it is answered. */
static bool is_moving(const struct lk_ue_mip *mip)
{
    const struct lk_mip_mn_keys *keys = ways[mip->way].aaa ? &mip->mn.aaa
                                                            : &lk_ue_mip_pair(mip)->with;
    bool waits = mip->mn.state == LK_MIP_MN_AWAIT_MOVED || mip->mn.state == LK_MIP_MN_AWAIT_BOUND ||
                 mip->mn.state == LK_MIP_MN_AWAIT_RENEWED ||
                 mip->mn.state == LK_MIP_MN_AWAIT_RELEASED || mip->stage == LK_UE_MIP_SOLICITS;

    return waits && keys->there && lk_wall_ms() < keys->msa.ends_ms;
}

static enum lk_status give_key(struct lk_ue_manager *ue, const struct lk_naf_id *naf)
{
    static const uint16_t algorithms[] = { LK_MIP_HMAC_MD5, LK_MIP_HMAC_SHA1, LK_MIP_HMAC_SHA256 };
    const struct lk_config_ue_mip *c = &ue->process.config->ue.mip;
    const struct lk_gba_session *session = &ue->gba.session;
    struct lk_ue_mip *mip = &ue->mip;
    struct lk_mip_mn_event event = { .kind = LK_MIP_MN_EV_KEYS };
    uint32_t spi = ways[mip->way].aaa ? c->aaa_spi : new_spi(ue);
    bool v6 = mip->version == LK_UE_MIP_V6; /* RFC 4285 5: HMAC-SHA-1, and 16 octets */
    struct lk_ks_naf key;
    enum lk_status status;

    lk_ue_gba_ks_naf(&key, ue, naf);
    event.keys.aaa = ways[mip->way].aaa;
    event.keys.msa.there.spi = event.keys.msa.spi_back = spi;
    event.keys.msa.there.algorithm = v6 ? LK_MIP_HMAC_SHA1 : algorithms[c->algorithm];
    event.keys.msa.replay = LK_MIP_TIMESTAMPS;
    event.keys.msa.ends_ms = session->expires_s * 1000;
    event.keys.b_tid = lk_span_text(session->b_tid);
    status = lk_mip_secret_set(&event.keys.msa.there.secret,
                               lk_span_of(key.octets, v6 ? LK_MIP_KEY_SHORT : sizeof key.octets));
    if (status == LK_OK) {
        lk_seen_named_key(&ue->seen, LK_APP_KEY_LOG_KS_NAF, session->b_tid, naf,
                          LK_SPAN(key.octets));
        lk_seen_mip_key(&ue->seen, event.keys.aaa ? LK_APP_KEY_LOG_MN_AAA : LK_APP_KEY_LOG_MN_HA,
                        mip->imsi.digits, spi, &event.keys.msa.there);
        status = lk_ue_mip_give(ue, &event);
    }
    if (status == LK_OK) {
        mip->spi = spi;
        (void)snprintf(mip->b_tid, sizeof mip->b_tid, "%s", session->b_tid);
    }
    lk_wipe(&key, sizeof key);
    lk_wipe(&event, sizeof event);
    return status;
}

enum lk_status lk_ue_mip_offer_key(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;
    struct lk_naf_id naf;

    if (!lk_ue_gba_has_session(&ue->gba))
        return LK_E_NOT_FOUND;
    if (strcmp(mip->b_tid, ue->gba.session.b_tid) == 0 || is_moving(mip))
        return LK_OK;
    return naf_of(&naf, ue) ? give_key(ue, &naf) : LK_E_VALUE;
}

/* ---- bootstrapping ---- */

/* Where the home agent is: as the BSF has told with its name, else as the configuration says. */
static void take_agent(struct lk_ue_manager *ue)
{
    const char *told = ue->gba.session.home_agent_address;
    struct lk_ue_mip *mip = &ue->mip;

    if (!ways[mip->way].told || lk_address_parse(&mip->home_agent, told) != LK_OK ||
        !lk_address_is_v4(&mip->home_agent))
        LK_ASSERT(lk_address_parse(&mip->home_agent,
                                   ue->process.config->ue.mip.home_agent) == LK_OK);
}

void lk_ue_mip_set_out(struct lk_ue_manager *ue)
{
    const struct lk_refusal nobody = lk_refusal_of(LK_REASON_MIP_NO_HOME_AGENT, "a name", "none");

    ue->mip.stage = LK_UE_MIP_RESTS;
    take_agent(ue);
    if (lk_ue_mip_offer_key(ue) == LK_OK) {
        lk_ue_mip_go_on(ue);
        return;
    }
    lk_ue_mip_refused(ue, &nobody, 0);
    lk_ue_mip_give_up(ue);
}

/* That it did not go well section ue.gba has logged. */
static void failed(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;

    if (mip->stage != LK_UE_MIP_BOOTSTRAPS && mip->asked != LK_UE_MIP_ASKED_RENEW)
        return;
    mip->refused = ue->gba.refused;
    mip->code = 0;
    if (mip->stage == LK_UE_MIP_BOOTSTRAPS)
        lk_ue_mip_give_up(ue);
    else if (mip->came == LK_UE_MIP_PENDING)
        mip->came = LK_UE_MIP_CAME_TO_NOTHING;
}

/* T30: renewed while it is registered, between two requests. With the home AAA the next key with
 * the agent will be made of it. */
static void renewed(struct lk_ue_manager *ue)
{
    struct lk_ue_mip *mip = &ue->mip;

    if (mip->tunnel.there && lk_ue_mip_offer_key(ue) != LK_OK)
        LK_LOG(LK_LOG_WARNING, "no-key", { "room", "mip" });
    if (ways[mip->way].aaa && mip->asked == LK_UE_MIP_ASKED_RENEW &&
        mip->came == LK_UE_MIP_PENDING)
        mip->came = LK_UE_MIP_DONE;
}

void lk_ue_mip_bootstrapped(struct lk_ue_manager *ue, bool done)
{
    if (!ue->mip.is_configured)
        return;
    if (!done)
        failed(ue);
    else if (ue->mip.stage == LK_UE_MIP_BOOTSTRAPS)
        lk_ue_mip_set_out(ue);
    else
        renewed(ue);
    lk_ue_mip_answer(ue);
}
