/* The home AAA of Mobile IP: an agent asks for a node that is not proven to it (S4 7.3.4, 7.3.6).
 *
 *     KEYS    the node proves itself by MN-AAA; the machine of RFC 3957 (proto/mip/keygen.h) gives
 *             a nonce for each key that it asks for, and the agent its key
 *     PUSHED  the node proves itself to the agent already, by a key that the agent does not have:
 *             it is given where it does prove the request, and not before
 *
 * T23: nothing is said on a leg that others read, nor to a client whose row does not have the
 * agent's name, or says that it is the other kind of agent. T27: the role brings a key of the
 * subscriber whom the NAI names, or none. Nothing is kept of a question but the keygen state of who
 * has proven itself. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "node/aaa_parts.h"
#include "proto/pmip/identity.h"

enum { SECOND_MS = 1000 };

/* ---- answers ---- */

static enum lk_aaa_verdict refuse(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                  const struct lk_aaa_config *config, enum lk_reason reason,
                                  const char *came)
{
    struct lk_radius_answer head = lk_aaa_head(job, LK_RADIUS_ACCESS_REJECT);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);

    out->reason = reason;
    out->mip = LK_AAA_MIP_REFUSED;
    (void)snprintf(out->mip_came, sizeof out->mip_came, "%s", came == NULL ? "" : came);
    lk_radius_answer_begin(&w, &head);
    lk_radius_put_mip_refused(&w, config->enterprise, reason);
    return lk_aaa_seal_answer(job, out, &w, &head);
}

/* T20: Session-Timeout is what is left of the key, of which the session is none longer. */
static enum lk_aaa_verdict give(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                const struct lk_aaa_config *config,
                                const struct lk_radius_mip *mip)
{
    struct lk_radius_answer head = lk_aaa_head(job, LK_RADIUS_ACCESS_ACCEPT);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);
    struct lk_aaa_salts salts;

    out->mip = LK_AAA_MIP_GRANTED;
    lk_aaa_salts(&salts, job);
    lk_radius_answer_begin(&w, &head);
    lk_radius_put_mip(&w, config->enterprise, mip, &job->client->secret, job->authenticator,
                      salts.mis[0]);
    if (mip->secret.len > 0)
        lk_radius_put_u32(&w, LK_RADIUS_SESSION_TIMEOUT,
                          mip->agent == LK_RADIUS_MIP_HOME ? mip->home.lifetime_s
                                                           : mip->foreign.lifetime_s);
    return lk_aaa_seal_answer(job, out, &w, &head);
}

/* ---- the question ---- */

/* Which extension proves it, and what must stand before that. */
static enum lk_mip_extension proof_of(const struct lk_aaa_mip *mip)
{
    if (mip->wants == LK_RADIUS_MIP_KEYS)
        return LK_MIP_MN_AAA_AUTH;
    return mip->agent == LK_RADIUS_MIP_HOME ? LK_MIP_MN_HA_AUTH : LK_MIP_MN_FA_AUTH;
}

/* An AAA in between may stand for all agents of its domain. */
static bool is_his_name(const char *row, struct lk_span name)
{
    size_t len = row == NULL ? 0 : strlen(row);

    if (len > 1 && row[0] == '*')
        return name.len >= len && lk_span_equal(lk_span_of(name.at + name.len - (len - 1), len - 1),
                                                lk_span_of(row + 1, len - 1));
    return len > 0 && lk_span_equal(lk_span_text(row), name);
}

/* Invariant 20: whether it is home or foreign, it does not say itself. Who stands for a domain
 * stands for foreign agents. */
static bool is_his_kind(const struct lk_radius_client *client, enum lk_radius_mip_agent asks)
{
    bool is_home = client->is_home_agent && client->agent[0] != '*';

    return asks == (is_home ? LK_RADIUS_MIP_HOME : LK_RADIUS_MIP_FOREIGN);
}

/* T02, T23: which agent it is says its row. */
static enum lk_reason judge_client(const struct lk_aaa_job *job,
                                   const struct lk_radius_mip_ask *ask)
{
    if (!is_his_name(job->client->agent, ask->name) || !is_his_kind(job->client, ask->agent))
        return LK_REASON_MIP_CLIENT;
    return job->leg_is_closed ? LK_REASON_NONE : LK_REASON_MIP_LEG_OPEN;
}

/* What a client has made of MN-AAA under SPI 2 is what the request says. */
static bool is_same_chap(const struct lk_radius_mip_ask *ask, const struct lk_mip_extensions *e)
{
    const struct lk_mip_auth *auth = &e->auth[LK_MIP_MN_AAA_AUTH];
    struct lk_mip_chap chap;

    if (!ask->has_chap)
        return true;
    if (!lk_mip_has(e, LK_MIP_MN_AAA_AUTH) || auth->spi != LK_MIP_SPI_CHAP ||
        !lk_mip_has(e, LK_MIP_CHALLENGE) || e->challenge.len == 0 ||
        auth->authenticator.len != LK_MIP_CHAP_LEN)
        return false;
    lk_mip_chap_of(&chap, auth->covered, e->challenge);
    return chap.id == ask->chap.id &&
           lk_span_equal(lk_span_of(chap.challenge, chap.len),
                         lk_span_of(ask->chap.challenge, ask->chap.len)) &&
           lk_same_secret(auth->authenticator.at, ask->chap_answer, LK_MIP_CHAP_LEN);
}

/* The name by which the agent asks is that of the request, and one of ours. */
static enum lk_reason judge_name(struct lk_aaa_mip *mip, const struct lk_radius_mip_ask *ask,
                                 const struct lk_mip_request *request)
{
    const struct lk_mip_extensions *e = &request->extensions;

    if (!lk_mip_has(e, LK_MIP_NAI))
        return LK_REASON_MIP_NAI;
    if (!lk_span_equal(e->nai, ask->nai) || lk_pmip_nai_imsi(&mip->imsi, e->nai) != LK_OK)
        return LK_REASON_MIP_NODE;
    return LK_REASON_NONE;
}

static enum lk_reason judge_proof(struct lk_aaa_mip *mip, const struct lk_radius_mip_ask *ask,
                                  const struct lk_mip_request *request)
{
    const struct lk_mip_extensions *e = &request->extensions;
    enum lk_mip_extension proof = proof_of(mip);

    if (!lk_mip_has(e, proof))
        return LK_REASON_MIP_AUTH_MISSING;
    if (!lk_mip_before(e, LK_MIP_NAI, proof))
        return LK_REASON_MIP_ORDER;
    mip->spi = e->auth[proof].spi;
    if (mip->wants == LK_RADIUS_MIP_PUSHED && ask->spi != mip->spi)
        return LK_REASON_MIP_SPI;
    return is_same_chap(ask, e) ? LK_REASON_NONE : LK_REASON_MIP_AAA_AUTH;
}

/* What has to outlive the datagram. */
static void remember(struct lk_aaa_mip *mip, const struct lk_radius_mip_ask *ask,
                     const struct lk_mip_request *request, const struct lk_aaa_config *config)
{
    struct lk_span b_tid = lk_mip_vendor_value(&request->extensions, config->enterprise,
                                               LK_MIP_VENDOR_B_TID, proof_of(mip));

    (void)snprintf(mip->name, sizeof mip->name, "%.*s", (int)ask->name.len,
                   (const char *)ask->name.at);
    mip->request_len = (uint16_t)ask->request.len; /* it is in mip->request already */
    mip->b_tid_len = 0;
    if (b_tid.len > 0 && b_tid.len <= sizeof mip->b_tid) {
        mip->b_tid_len = (uint16_t)b_tid.len;
        memcpy(mip->b_tid, b_tid.at, b_tid.len);
    }
}

enum lk_aaa_verdict lk_aaa_mip_receive(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       const struct lk_aaa_config *config,
                                       const struct lk_radius_packet *packet)
{
    struct lk_aaa_mip *mip = &job->mip;
    struct lk_radius_mip_ask ask;
    struct lk_mip_request request;
    enum lk_reason reason;

    mip->imsi.digits[0] = '\0';
    if (lk_radius_take_mip_ask(&ask, packet, config->enterprise, mip->request,
                               sizeof mip->request) != LK_OK ||
        ask.name.len >= sizeof mip->name)
        return refuse(job, out, config, LK_REASON_MIP_MALFORMED, NULL);
    mip->agent = ask.agent;
    mip->wants = ask.wants;
    reason = judge_client(job, &ask);
    if (reason == LK_REASON_NONE && lk_mip_request_decode(&request, ask.request) != LK_OK)
        reason = LK_REASON_MIP_MALFORMED;
    if (reason == LK_REASON_NONE)
        reason = judge_name(mip, &ask, &request);
    if (reason == LK_REASON_NONE)
        reason = judge_proof(mip, &ask, &request);
    if (reason != LK_REASON_NONE)
        return refuse(job, out, config, reason, NULL);
    remember(mip, &ask, &request, config);
    job->state = LK_AAA_JOB_AWAIT_MIP;
    return LK_AAA_ASK_MIP;
}

/* ---- the key is there ---- */

static void numbers_of(struct lk_radius_mip_numbers *to, const struct lk_mip_key_reply *reply,
                       uint32_t spi_back)
{
    to->spi = reply->agent_spi;
    to->spi_back = spi_back;
    to->aaa_spi = reply->aaa_spi;
    to->algorithm = reply->algorithm;
    to->replay = reply->replay;
    to->lifetime_s = reply->lifetime_s;
    to->nonce_len = (uint8_t)reply->nonce.len;
    memcpy(to->nonce, reply->nonce.at, reply->nonce.len);
}

/* Invariant 20: the key of who asks, and no other. A home agent gets the nonce of MN-FA, for it
 * stands in its reply; of MN-HA a foreign agent gets nothing. */
static void of_grant(struct lk_radius_mip *mip, const struct lk_mip_keygen_output *output,
                     enum lk_radius_mip_agent agent, const struct lk_mip_request *request)
{
    const struct lk_mip_grant *grant = &output->given.grant;

    mip->agent = agent;
    if (grant->mn_fa) {
        mip->has_foreign = true;
        numbers_of(&mip->foreign, &grant->mn_fa_key, request->extensions.mn_fa_spi);
    }
    if (agent == LK_RADIUS_MIP_FOREIGN) {
        if (grant->mn_fa)
            mip->secret = output->given.foreign.there.secret;
        return;
    }
    if (!grant->mn_ha)
        return;
    mip->has_home = true;
    numbers_of(&mip->home, &grant->mn_ha_key, grant->msa.spi_back);
    mip->secret = grant->msa.there.secret;
}

static enum lk_aaa_verdict generate(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                    const struct lk_aaa_config *config,
                                    const struct lk_aaa_mip_told *told,
                                    const struct lk_mip_request *request)
{
    struct lk_mip_keygen_event event = { .kind = LK_MIP_KEYGEN_EV_REQUEST,
                                         .now_ms = told->now_ms, .request = request,
                                         .agent = lk_span_text(job->mip.name),
                                         .foreign = job->mip.agent == LK_RADIUS_MIP_FOREIGN,
                                         .with = told->with };
    struct lk_mip_keygen_outbox made;
    struct lk_radius_mip mip;
    const struct lk_mip_keygen_output *output;
    enum lk_aaa_verdict verdict;
    enum lk_status status;

    memset(&made, 0, sizeof made);
    memset(&mip, 0, sizeof mip);
    memcpy(event.entropy, told->entropy, sizeof event.entropy);
    status = lk_mip_keygen_step(told->keygen, &config->mip, &event, &made);
    LK_ASSERT(status == LK_OK);
    output = lk_mip_keygen_find(&made, LK_MIP_KEYGEN_OUT_GRANT);
    if (output != NULL) {
        of_grant(&mip, output, job->mip.agent, request);
        verdict = give(job, out, config, &mip);
    } else {
        verdict = refuse(job, out, config, made.item[0].refused.reason, NULL);
    }
    lk_wipe(&event, sizeof event);
    lk_wipe(&made, sizeof made);
    lk_wipe(&mip, sizeof mip);
    return verdict;
}

/* S4 7.3.6, case 1. The agent needs to know nothing of GBA. */
static enum lk_aaa_verdict push(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                const struct lk_aaa_config *config,
                                const struct lk_aaa_mip_told *told,
                                const struct lk_mip_request *request)
{
    const struct lk_mip_msa *with = told->with;
    struct lk_radius_mip mip;
    struct lk_radius_mip_numbers *numbers;
    enum lk_aaa_verdict verdict;
    uint64_t left_s;

    if (!lk_mip_msa_proves(with, job->mip.spi, &request->extensions, proof_of(&job->mip),
                           told->now_ms))
        return refuse(job, out, config, LK_REASON_MIP_MN_AUTH, NULL);
    memset(&mip, 0, sizeof mip);
    mip.agent = job->mip.agent;
    mip.has_home = mip.agent == LK_RADIUS_MIP_HOME;
    mip.has_foreign = !mip.has_home;
    numbers = mip.has_home ? &mip.home : &mip.foreign;
    numbers->spi = numbers->spi_back = job->mip.spi;
    numbers->algorithm = with->there.algorithm;
    numbers->replay = with->replay;
    left_s = (with->ends_ms - told->now_ms) / SECOND_MS;
    numbers->lifetime_s = left_s < UINT32_MAX ? (uint32_t)left_s : UINT32_MAX;
    mip.secret = with->there.secret;
    verdict = give(job, out, config, &mip);
    lk_wipe(&mip, sizeof mip);
    return verdict;
}

enum lk_aaa_verdict lk_aaa_job_told_mip(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                        const struct lk_aaa_config *config,
                                        const struct lk_aaa_mip_told *told)
{
    struct lk_mip_request request;
    enum lk_status status;

    LK_ASSERT(job->state == LK_AAA_JOB_AWAIT_MIP);
    lk_aaa_out_begin(out);
    job->now_ms = told->now_ms;
    if (told->with == NULL)
        return refuse(job, out, config, told->reason, told->came);
    status = lk_mip_request_decode(&request, lk_span_of(job->mip.request, job->mip.request_len));
    LK_ASSERT(status == LK_OK); /* as it was when it came */
    return job->mip.wants == LK_RADIUS_MIP_PUSHED ? push(job, out, config, told, &request)
                                                  : generate(job, out, config, told, &request);
}
