/* ERP (RFC 6696) at the home: a mobile node that was authenticated through a point of service of
 * MIS gets keys for the next one in one round trip.
 *
 *     Access-Request, EAP-Initiate  -> context by its name -> ER server machine
 *       GRANT    Access-Accept:  EAP-Finish, K of rMSK and PoS, and what a PoS is given, but for
 *                                the PSK, whose parent is gone
 *                or, for a PoS that it is not at yet, a pMSK (RFC 6630) through the home's PoS
 *       FAILED   Access-Reject:  EAP-Finish with R, so that the peer authenticates in full
 *
 * Only points of service are served, and only where nobody else reads: an rMSK makes one K. */
#include <string.h>

#include "base/secret.h"
#include "node/aaa_parts.h"
#include "proto/mis/partners.h"

enum { S = 1000 };

void lk_aaa_erp_begin(const struct lk_aaa_job *job, struct lk_aaa_out *out,
                      const struct lk_aaa_config *config, const struct lk_grant *grant)
{
    struct lk_erp_context *context = &out->erp_context;

    *context = (struct lk_erp_context){
        .imsi = grant->imsi,
        .mis_mn = out->mis_mn,
        .expires_ms = job->now_ms + (uint64_t)config->mis.erp_lifetime_s * S,
    };
    lk_emsk_name(context->name, LK_SPAN(grant->session_id.octets));
    lk_rrk_of_emsk(&context->rrk, &grant->emsk);
    lk_prk_of_emsk(&context->prk, &grant->emsk);
    out->keeps_erp = true;
}

/* No domain is told: there is no local ER server, which would be one of the chain's PoS (RFC 6696
 * 8). */
static struct lk_erp_server_config server_config(const struct lk_aaa_config *config)
{
    struct lk_erp_server_config server;

    lk_erp_server_defaults(&server);
    server.realm = lk_span_text(config->mis.realm);
    server.rmsk_lifetime_s = config->mis.lifetime_s;
    return server;
}

/* ---- answers ---- */

/* spec: RFC 6696 5.2 - what fails is told in a Finish with R.
 * spec-not: RFC 6696 5.2 - where there is a key the Finish should prove itself; ours does not, but
 * for the suite. A18: so it is the same for who guesses names as for who replays, and the PoS acts
 * on Access-Reject. */
static void put_failure(struct lk_writer *w, const struct lk_erp *initiate)
{
    struct lk_erp finish = { .code = LK_ERP_FINISH, .id = initiate->id, .type = LK_ERP_REAUTH,
                             .flags = LK_ERP_FAILED | (initiate->flags & LK_ERP_BOOTSTRAP),
                             .seq = initiate->seq, .keyname_nai = initiate->keyname_nai,
                             .suite = initiate->suite };
    uint8_t octets[LK_ERP_PACKET_MAX];
    struct lk_writer packet = lk_writer_of(octets, sizeof octets);

    lk_erp_mark(&finish, LK_ERP_KEYNAME_NAI);
    if (lk_erp_encode(&packet, &finish) == LK_OK)
        lk_radius_put_eap(w, lk_writer_span(&packet));
}

static enum lk_aaa_verdict reject(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                  struct lk_span eap)
{
    struct lk_radius_answer head = lk_aaa_head(job, LK_RADIUS_ACCESS_REJECT);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);
    const struct lk_erp_output *send = lk_erp_outbox_find(&out->erp, LK_ERP_OUT_SEND);
    struct lk_erp initiate;

    lk_radius_answer_begin(&w, &head);
    if (send != NULL)
        lk_radius_put_eap(&w, send->send);
    else if (lk_erp_decode(&initiate, eap, 0) == LK_OK)
        put_failure(&w, &initiate);
    return lk_aaa_seal_answer(job, out, &w, &head);
}

static struct lk_erp_grant *grant_of(struct lk_aaa_out *out)
{
    for (size_t i = 0; i < out->erp.count; i++)
        if (out->erp.item[i].kind == LK_ERP_OUT_GRANT)
            return &out->erp.item[i].grant;
    return NULL;
}

enum lk_aaa_verdict lk_aaa_erp_accept(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                      const struct lk_aaa_config *config)
{
    struct lk_radius_answer head = lk_aaa_head(job, LK_RADIUS_ACCESS_ACCEPT);
    struct lk_writer w = lk_writer_of(out->answer, sizeof out->answer);
    struct lk_erp_grant *grant = grant_of(out);
    struct lk_mis_k k;

    if (grant->early)
        lk_mis_k_of_pmsk(&k, &grant->pmsk);
    else
        lk_mis_k_of_rmsk(&k, &grant->rmsk, lk_span_text(config->mis.k_usage),
                         lk_span_text(job->client->pos));
    lk_radius_answer_begin(&w, &head);
    lk_radius_put_eap(&w, lk_erp_outbox_find(&out->erp, LK_ERP_OUT_SEND)->send);
    lk_aaa_put_k(&w, job, &k);
    lk_wipe(&k, sizeof k);
    lk_aaa_put_class(&w, job, config, &grant->imsi);
    out->withheld = job->withheld;
    if (job->is_pos)
        lk_aaa_put_mis(&w, job, out, config);
    lk_aaa_put_session(&w, config, grant->rmsk_lifetime_s);
    return lk_aaa_seal_answer(job, out, &w, &head);
}

/* ---- the machine ---- */

/* What the PoS is given holds as long as the rMSK, and so no longer than the authentication that it
 * stands on. */
static enum lk_aaa_verdict conclude(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                    const struct lk_aaa_config *config, struct lk_span eap)
{
    const struct lk_erp_output *failed = lk_erp_outbox_find(&out->erp, LK_ERP_OUT_FAILED);
    const struct lk_erp_grant *grant = grant_of(out);

    if (failed != NULL) {
        out->reason = failed->failed.reason;
        return reject(job, out, eap);
    }
    if (grant == NULL) {
        job->state = LK_AAA_JOB_AWAIT_ERP;
        return LK_AAA_ASK_ERP;
    }
    if (!job->is_pos)
        return lk_aaa_erp_accept(job, out, config);
    lk_aaa_mis_begin(job, out, config, &grant->imsi, &grant->mis_mn, grant->rmsk_lifetime_s);
    if (!config->mis.signs)
        return lk_aaa_erp_accept(job, out, config);
    job->state = LK_AAA_JOB_AWAIT_SIGNED;
    return LK_AAA_SIGN;
}

/* T04: who may have rMSKs. */
static enum lk_reason refusal_of(const struct lk_aaa_job *job, const struct lk_aaa_config *config)
{
    if (!config->mis.erp || job->client->pos == NULL)
        return LK_REASON_ERP_CLIENT;
    return job->leg_is_closed ? LK_REASON_NONE : LK_REASON_MIS_LEG_OPEN;
}

/* A PoS of our own realm may bring a key to the PoS that it is for. */
static bool is_of_home(struct lk_span pos, const struct lk_aaa_config *config)
{
    return lk_mis_same_realm(lk_mis_realm(pos), lk_span_text(config->mis.realm));
}

/* To the one who asks as if there were no key of that name. */
static enum lk_aaa_verdict refuse(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                  enum lk_reason reason, struct lk_span eap)
{
    out->erp.count = 1;
    out->erp.item[0].kind = LK_ERP_OUT_FAILED;
    out->erp.item[0].failed = lk_refusal_of(reason, NULL, NULL);
    out->reason = reason;
    return reject(job, out, eap);
}

enum lk_aaa_verdict lk_aaa_erp_receive(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                       const struct lk_aaa_config *config, struct lk_span eap)
{
    const struct lk_erp_server_config server = server_config(config);
    struct lk_erp_server_event event = { .kind = LK_ERP_SERVER_EV_RECEIVED,
                                         .now_ms = job->now_ms };
    enum lk_reason reason = refusal_of(job, config);

    lk_erp_server_init(&job->erp);
    event.received.packet = eap;
    event.received.authenticator = lk_span_text(job->client->pos != NULL ? job->client->pos : "");
    event.received.of_home = is_of_home(event.received.authenticator, config);
    if (lk_erp_server_step(&job->erp, &server, &event, &out->erp) != LK_OK)
        return lk_aaa_drop(job, out, LK_REASON_EAP_MALFORMED);
    if (reason != LK_REASON_NONE)
        return refuse(job, out, reason, eap);
    return conclude(job, out, config, eap);
}

enum lk_aaa_verdict lk_aaa_job_told_erp(struct lk_aaa_job *job, struct lk_aaa_out *out,
                                        const struct lk_aaa_config *config,
                                        const struct lk_erp_server_event *event)
{
    const struct lk_erp_server_config server = server_config(config);

    LK_ASSERT(job->state == LK_AAA_JOB_AWAIT_ERP);
    lk_aaa_out_begin(out);
    job->now_ms = event->now_ms;
    if (lk_erp_server_step(&job->erp, &server, event, &out->erp) != LK_OK)
        return lk_aaa_drop(job, out, LK_REASON_EAP_UNEXPECTED);
    return conclude(job, out, config, lk_span_of(job->erp.packet, job->erp.len));
}
