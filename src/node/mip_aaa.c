#include "node/mip_aaa.h"

#include <string.h>

#include "base/secret.h"

enum {
    DEFAULT_RETRY_MS = 1000,
    DEFAULT_TRIES = 3,
    TURNS = 256 / LK_MIP_AAA_QUESTIONS,
    SECOND_MS = 1000,
    SERVICE_AUTHORIZE_ONLY = 17,
};

static uint8_t identifier_of(const struct lk_mip_aaa *aaa,
                             const struct lk_mip_aaa_question *question)
{
    return (uint8_t)((question - aaa->question) + question->turn * LK_MIP_AAA_QUESTIONS);
}

static struct lk_mip_aaa_question *free_one(struct lk_mip_aaa *aaa)
{
    for (size_t i = 0; i < LK_MIP_AAA_QUESTIONS; i++)
        if (!aaa->question[i].out)
            return &aaa->question[i];
    return NULL;
}

/* spec: RFC 4721 8 - of a proof under SPI 2 the middle is made here. */
static void put_chap_in(struct lk_radius_mip_ask *ask, const struct lk_mip_extensions *e)
{
    const struct lk_mip_auth *auth = &e->auth[LK_MIP_MN_AAA_AUTH];

    if (ask->wants != LK_RADIUS_MIP_KEYS || !lk_mip_has(e, LK_MIP_MN_AAA_AUTH) ||
        auth->spi != LK_MIP_SPI_CHAP || auth->authenticator.len != LK_MIP_CHAP_LEN ||
        !lk_mip_before(e, LK_MIP_CHALLENGE, LK_MIP_MN_AAA_AUTH) || e->challenge.len == 0)
        return;
    ask->has_chap = true;
    lk_mip_chap_of(&ask->chap, auth->covered, e->challenge);
    memcpy(ask->chap_answer, auth->authenticator.at, LK_MIP_CHAP_LEN);
}

static struct lk_radius_mip_ask ask_of(const struct lk_mip_aaa_config *config,
                                       const struct lk_mip_request *request,
                                       enum lk_radius_mip_wants wants)
{
    const struct lk_mip_extensions *e = &request->extensions;
    bool home = config->agent == LK_RADIUS_MIP_HOME;
    struct lk_radius_mip_ask ask = { .agent = config->agent, .wants = wants,
                                     .name = lk_span_text(config->name), .nai = e->nai,
                                     .request = e->whole };

    if (wants == LK_RADIUS_MIP_PUSHED)
        ask.spi = e->auth[home ? LK_MIP_MN_HA_AUTH : LK_MIP_MN_FA_AUTH].spi;
    else
        ask.spi = home ? e->mn_ha_spi : e->mn_fa_spi;
    put_chap_in(&ask, e);
    return ask;
}

/* spec: RFC 3579 3.2 - the Message-Authenticator covers all of it: it is made last. */
static enum lk_status finish(struct lk_mip_aaa_question *question,
                             const struct lk_mip_aaa_config *config, struct lk_writer *w,
                             size_t mac_at,
                             const uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN])
{
    uint8_t mac[LK_RADIUS_MAC_LEN];

    if (lk_radius_end(w) != LK_OK)
        return LK_E_FULL;
    lk_patch_octets(w, LK_RADIUS_AUTHENTICATOR_AT, authenticator, LK_RADIUS_AUTHENTICATOR_LEN);
    lk_radius_mac(mac, lk_writer_span(w), mac_at, &config->secret, authenticator);
    lk_patch_octets(w, mac_at, mac, sizeof mac);
    question->len = w->len;
    return LK_OK;
}

enum lk_status lk_mip_aaa_ask(struct lk_mip_aaa *aaa, struct lk_span *send,
                              const struct lk_mip_aaa_config *config,
                              const struct lk_mip_request *request,
                              enum lk_radius_mip_wants wants, uint64_t tag, uint64_t now_ms,
                              const uint8_t entropy[LK_RADIUS_AUTHENTICATOR_LEN])
{
    const struct lk_radius_mip_ask ask = ask_of(config, request, wants);
    struct lk_mip_aaa_question *question = free_one(aaa);
    struct lk_writer w;
    size_t mac_at;

    if (ask.nai.len == 0)
        return LK_E_MISSING;
    if (question == NULL)
        return LK_E_FULL;
    question->turn = (uint8_t)((question->turn + 1) % TURNS);
    w = lk_writer_of(question->octets, sizeof question->octets);
    lk_radius_begin(&w, LK_RADIUS_ACCESS_REQUEST, identifier_of(aaa, question));
    mac_at = lk_radius_put_hole(&w, LK_RADIUS_MESSAGE_AUTHENTICATOR, LK_RADIUS_MAC_LEN);
    lk_radius_put(&w, LK_RADIUS_NAS_IDENTIFIER, ask.name);
    lk_radius_put_u32(&w, LK_RADIUS_SERVICE_TYPE, SERVICE_AUTHORIZE_ONLY);
    lk_radius_put_mip_ask(&w, config->enterprise, &ask);
    if (finish(question, config, &w, mac_at, entropy) != LK_OK)
        return LK_E_FULL;
    question->out = true;
    question->sent = 1;
    question->wait_ms = config->retry_ms == 0 ? DEFAULT_RETRY_MS : config->retry_ms;
    question->due_ms = now_ms + question->wait_ms;
    question->tag = tag;
    *send = lk_span_of(question->octets, question->len);
    return LK_OK;
}

/* ---- answers ---- */

static struct lk_mip_aaa_question *awaited(struct lk_mip_aaa *aaa,
                                           const struct lk_radius_packet *packet)
{
    struct lk_mip_aaa_question *question =
        &aaa->question[packet->identifier % LK_MIP_AAA_QUESTIONS];

    return question->out && identifier_of(aaa, question) == packet->identifier &&
                   (packet->code == LK_RADIUS_ACCESS_ACCEPT ||
                    packet->code == LK_RADIUS_ACCESS_REJECT)
               ? question
               : NULL;
}

/* A01: an answer without Message-Authenticator is none. */
static enum lk_status verify(const struct lk_radius_packet *packet,
                             const struct lk_mip_aaa_config *config, const uint8_t *authenticator)
{
    enum lk_status status =
        lk_radius_authenticator_verify(packet, &config->secret, authenticator);

    return status == LK_OK ? lk_radius_mac_verify(packet, &config->secret, authenticator) : status;
}

static void over(struct lk_mip_aaa_question *question, struct lk_mip_aaa_answer *answer)
{
    answer->tag = question->tag;
    question->out = false;
}

enum lk_status lk_mip_aaa_received(struct lk_mip_aaa *aaa, struct lk_mip_aaa_answer *answer,
                                   const struct lk_mip_aaa_config *config,
                                   struct lk_span datagram)
{
    struct lk_radius_packet packet;
    struct lk_mip_aaa_question *question = NULL;
    const uint8_t *authenticator;
    enum lk_status status = lk_radius_decode(&packet, datagram);

    lk_wipe(answer, sizeof *answer);
    if (status == LK_OK)
        question = awaited(aaa, &packet);
    if (status == LK_OK && question == NULL)
        status = LK_E_UNEXPECTED;
    if (status == LK_OK)
        status = verify(&packet, config, question->octets + LK_RADIUS_AUTHENTICATOR_AT);
    if (status != LK_OK) {
        aaa->dropped++;
        return status;
    }
    authenticator = question->octets + LK_RADIUS_AUTHENTICATOR_AT;
    if (packet.code == LK_RADIUS_ACCESS_REJECT) {
        answer->reason = LK_REASON_MIP_AAA_REFUSED;
        answer->told = lk_radius_take_mip_refused(&packet, config->enterprise);
    } else if (lk_radius_open_mip(&answer->mip, &packet, config->enterprise, config->agent,
                                  &config->secret, authenticator) != LK_OK) {
        answer->reason = LK_REASON_MIP_AAA_REFUSED;
        answer->told = LK_REASON_RADIUS_MALFORMED;
    }
    over(question, answer);
    return LK_OK;
}

enum lk_mip_aaa_next lk_mip_aaa_due(struct lk_mip_aaa *aaa, struct lk_span *send,
                                    struct lk_mip_aaa_answer *answer,
                                    const struct lk_mip_aaa_config *config, uint64_t now_ms)
{
    unsigned tries = config->tries == 0 ? DEFAULT_TRIES : config->tries;

    for (size_t i = 0; i < LK_MIP_AAA_QUESTIONS; i++) {
        struct lk_mip_aaa_question *question = &aaa->question[i];

        if (!question->out || now_ms < question->due_ms)
            continue;
        if (question->sent >= tries) {
            lk_wipe(answer, sizeof *answer);
            answer->reason = LK_REASON_MIP_AAA_SILENT;
            over(question, answer);
            return LK_MIP_AAA_OVER;
        }
        question->sent++;
        question->wait_ms *= 2;
        question->due_ms = now_ms + question->wait_ms;
        *send = lk_span_of(question->octets, question->len);
        return LK_MIP_AAA_AGAIN;
    }
    return LK_MIP_AAA_NOTHING;
}

/* ---- what an agent makes of it ---- */

static struct lk_mip_key_reply reply_of(const struct lk_radius_mip_numbers *numbers)
{
    return (struct lk_mip_key_reply){
        .lifetime_s = numbers->lifetime_s,
        .aaa_spi = numbers->aaa_spi,
        .agent_spi = numbers->spi,
        .algorithm = numbers->algorithm,
        .replay = numbers->replay,
        .nonce = lk_span_of(numbers->nonce, numbers->nonce_len),
    };
}

void lk_mip_aaa_msa(struct lk_mip_msa *msa, const struct lk_radius_mip *mip, uint64_t now_ms)
{
    const struct lk_radius_mip_numbers *numbers =
        mip->agent == LK_RADIUS_MIP_HOME ? &mip->home : &mip->foreign;

    lk_wipe(msa, sizeof *msa);
    msa->there.spi = numbers->spi;
    msa->there.algorithm = numbers->algorithm;
    msa->there.secret = mip->secret;
    msa->spi_back = numbers->spi_back;
    msa->replay = (uint8_t)numbers->replay;
    msa->ends_ms = now_ms + (uint64_t)numbers->lifetime_s * SECOND_MS;
}

void lk_mip_aaa_grant(struct lk_mip_grant *grant, const struct lk_radius_mip *mip,
                      uint64_t now_ms)
{
    lk_wipe(grant, sizeof *grant);
    if (mip->has_home && mip->home.nonce_len > 0) {
        grant->mn_ha = true;
        grant->mn_ha_key = reply_of(&mip->home);
        lk_mip_aaa_msa(&grant->msa, mip, now_ms);
    }
    if (mip->has_foreign && mip->foreign.nonce_len > 0) {
        grant->mn_fa = true;
        grant->mn_fa_key = reply_of(&mip->foreign);
    }
}
