/* What the ER server does with an Initiate, once it has what it knows of that name. */
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "proto/erp/server_parts.h"

enum { MS = 1000, SUITES = 3 };

static enum lk_status fail(struct lk_erp_server_work *w, enum lk_reason reason,
                           const char *expected, const char *came)
{
    w->s->state = LK_ERP_SERVER_IDLE;
    lk_erp_outbox_add(w->out, LK_ERP_OUT_FAILED)->failed = lk_refusal_of(reason, expected, came);
    return LK_OK;
}

/* ---- the name ---- */

/* Whom it came through is part of it: what is answered twice is answered to one authenticator, as
 * no other may have its rMSK. */
static void print_of(uint8_t print[LK_ERP_PRINT_LEN], struct lk_span authenticator,
                     struct lk_span packet)
{
    uint8_t len[2] = { (uint8_t)(authenticator.len >> 8), (uint8_t)authenticator.len };
    struct lk_span parts[] = { LK_SPAN(len), authenticator, packet };

    lk_sha256(print, parts, LK_COUNT_OF(parts));
}

enum lk_status lk_erp_server_ask(struct lk_erp_server_work *w)
{
    struct lk_span packet = w->packet->whole;
    struct lk_erp_output *ask;

    if (!lk_erp_name_read(w->s->name, w->packet->keyname_nai, w->config->realm))
        return fail(w, LK_REASON_ERP_NAME, "sixteen digits at our realm", "another name");
    w->s->state = LK_ERP_SERVER_AWAIT_CONTEXT;
    w->s->is_for_it = w->event->received.of_home ||
                      lk_span_equal(w->packet->cap_id, w->event->received.authenticator);
    w->s->len = packet.len;
    memcpy(w->s->packet, packet.at, packet.len);
    print_of(w->s->print, w->event->received.authenticator, packet);
    ask = lk_erp_outbox_add(w->out, LK_ERP_OUT_ASK);
    memcpy(ask->ask, w->s->name, sizeof ask->ask);
    return LK_OK;
}

enum lk_status lk_erp_server_unknown(struct lk_erp_server_work *w)
{
    return fail(w, LK_REASON_ERP_UNKNOWN, "a key of that name", "none");
}

/* ---- Finish ---- */

static void keep(struct lk_erp_server_work *w, const struct lk_erp_context *context)
{
    lk_erp_outbox_add(w->out, LK_ERP_OUT_KEEP)->keep = *context;
}

/* What every Finish echoes. */
static struct lk_erp finish_of(const struct lk_erp *initiate)
{
    struct lk_erp finish = { .code = LK_ERP_FINISH, .id = initiate->id, .type = LK_ERP_REAUTH,
                             .flags = initiate->flags & (LK_ERP_BOOTSTRAP | LK_ERP_EARLY),
                             .seq = initiate->seq, .keyname_nai = initiate->keyname_nai,
                             .suite = initiate->suite };

    lk_erp_mark(&finish, LK_ERP_KEYNAME_NAI);
    return finish;
}

/* spec: RFC 6696 4.6 - an rMSK of its own for each SEQ; RFC 6630 4 - with E, a pMSK of it, and no
 * rMSK: who may bring a key home must not have one of its own. */
static void make_key(struct lk_erp_grant *grant, const struct lk_erp_context *context)
{
    if (grant->early)
        lk_pmsk_derive(&grant->pmsk, &context->prk, grant->seq);
    else
        lk_rmsk_derive(&grant->rmsk, &context->rrk, grant->seq);
}

/* spec: RFC 6696 5.3.3 - lifetimes to who asks for them, the domain to who bootstraps. */
static enum lk_status finish(struct lk_erp_server_work *w, const struct lk_erp_context *context,
                             const struct lk_erp *initiate)
{
    struct lk_erp packet = finish_of(initiate);
    struct lk_erp_output *grant;

    if ((initiate->flags & LK_ERP_LIFETIMES) != 0) {
        packet.flags |= LK_ERP_LIFETIMES;
        packet.rrk_lifetime_s = context->rrk_lifetime_s;
        packet.rmsk_lifetime_s = context->rmsk_lifetime_s;
        lk_erp_mark(&packet, LK_ERP_RRK_LIFETIME);
        lk_erp_mark(&packet, LK_ERP_RMSK_LIFETIME);
    }
    if ((initiate->flags & LK_ERP_BOOTSTRAP) != 0 && w->config->domain.len > 0) {
        packet.domain = w->config->domain;
        lk_erp_mark(&packet, LK_ERP_DOMAIN);
    }
    keep(w, context);
    grant = lk_erp_outbox_add(w->out, LK_ERP_OUT_GRANT);
    grant->grant = (struct lk_erp_grant){
        .imsi = context->imsi,
        .mis_mn = context->mis_mn,
        .early = (initiate->flags & LK_ERP_EARLY) != 0,
        .seq = initiate->seq,
        .rmsk_lifetime_s = context->rmsk_lifetime_s,
        .rrk_lifetime_s = context->rrk_lifetime_s,
        .bootstrap = (initiate->flags & LK_ERP_BOOTSTRAP) != 0,
    };
    make_key(&grant->grant, context);
    w->s->state = LK_ERP_SERVER_IDLE;
    return lk_erp_outbox_send(w->out, &packet, &context->rrk);
}

/* spec: RFC 6696 5.3.2 - another suite is wanted: the peer is told which, under the tag of the one
 * that it took, so that nobody else can bid it down. */
static enum lk_status other_suite(struct lk_erp_server_work *w, struct lk_erp_context *context,
                                  const struct lk_erp *initiate)
{
    struct lk_erp packet = finish_of(initiate);
    uint8_t suites[SUITES];
    size_t count = 0;
    enum lk_status status;

    for (uint8_t suite = LK_ERP_HMAC_SHA256_64; suite <= LK_ERP_HMAC_SHA256_256; suite++)
        if ((w->config->suites & 1u << suite) != 0)
            suites[count++] = suite;
    packet.flags |= LK_ERP_FAILED;
    packet.suites = lk_span_of(suites, count);
    if (count > 0)
        lk_erp_mark(&packet, LK_ERP_SUITES);
    context->suite = 0;
    keep(w, context);
    status = lk_erp_outbox_send(w->out, &packet, &context->rrk);
    return status != LK_OK ? status
                           : fail(w, LK_REASON_ERP_SUITE, "a cryptosuite of ours", "another");
}

/* Refused, and what there is of the name stays as it is. */
static enum lk_status refuse(struct lk_erp_server_work *w, const struct lk_erp_context *context,
                             enum lk_reason reason, const char *expected, const char *came)
{
    keep(w, context);
    return fail(w, reason, expected, came);
}

/* spec: RFC 6630 5.2 - the key is for the candidate attachment point that the peer names, and no
 * other. T40: a PoS on the way, which may be one of a chain, must not get it by asking. */
static bool is_for_whom_it_came_through(const struct lk_erp_server_work *w,
                                        const struct lk_erp *initiate)
{
    return lk_erp_has(initiate, LK_ERP_CAP_ID) && initiate->cap_id.len > 0 && w->s->is_for_it;
}

/* A SEQ that is now used up. */
static enum lk_status accept(struct lk_erp_server_work *w, struct lk_erp_context *context,
                             const struct lk_erp *initiate)
{
    uint64_t now_ms = w->event->now_ms, left_s = (context->expires_ms - now_ms) / MS;

    context->next_seq = initiate->seq + 1u;
    context->until_ms = 0;
    if ((w->config->suites & 1u << initiate->suite) == 0)
        return other_suite(w, context, initiate);
    if ((initiate->flags & LK_ERP_EARLY) != 0 && !is_for_whom_it_came_through(w, initiate))
        return refuse(w, context, LK_REASON_ERP_EARLY, "the home's PoS, or the one that is named",
                      "another");
    context->suite = initiate->suite;
    /* spec: RFC 6696 4.6 - nothing outlives what it is derived from. */
    context->rrk_lifetime_s = left_s < UINT32_MAX ? (uint32_t)left_s : UINT32_MAX;
    context->rmsk_lifetime_s = context->rrk_lifetime_s < w->config->rmsk_lifetime_s
                                   ? context->rrk_lifetime_s
                                   : w->config->rmsk_lifetime_s;
    context->until_ms = now_ms + w->config->duplicate_ms;
    memcpy(context->print, w->s->print, sizeof context->print);
    return finish(w, context, initiate);
}

static bool is_duplicate(const struct lk_erp_server_work *w, const struct lk_erp_context *context,
                         const struct lk_erp *initiate)
{
    return initiate->seq + 1u == context->next_seq && w->event->now_ms < context->until_ms &&
           lk_span_equal(LK_SPAN(context->print), LK_SPAN(w->s->print));
}

/* What came is in the draft; the context is a copy, which is wiped at the end. */
static enum lk_status with(struct lk_erp_server_work *w, struct lk_erp_context *context)
{
    struct lk_span packet = lk_span_of(w->s->packet, w->s->len);
    struct lk_erp initiate;

    if (!lk_span_equal(LK_SPAN(context->name), LK_SPAN(w->s->name)))
        return LK_E_VALUE;
    if (w->event->now_ms >= context->expires_ms)
        return fail(w, LK_REASON_ERP_EXPIRED, "a key within its lifetime", "one past it");
    /* spec: RFC 6696 5.3.2 - the suite that the peer began with is that of its rIK. */
    if (lk_erp_open(&initiate, packet, context->suite, &context->rrk) != LK_OK)
        return refuse(w, context, LK_REASON_ERP_TAG, "a tag under the rIK", "another");
    /* spec: RFC 6696 5.2 - a retransmission gets the same Finish, for a short time. */
    if (is_duplicate(w, context, &initiate))
        return finish(w, context, &initiate);
    /* spec: RFC 6696 5.2 - a SEQ is taken once: what is less than expected is not answered. It
     * does not begin again at 0: next_seq is then above all that a packet can have. */
    if (initiate.seq < context->next_seq)
        return refuse(w, context, LK_REASON_ERP_SEQ, "a SEQ not used yet", "one that was");
    return accept(w, context, &initiate);
}

enum lk_status lk_erp_server_judge(struct lk_erp_server_work *w)
{
    struct lk_erp_context context = w->event->context;
    enum lk_status status = with(w, &context);

    lk_wipe(&context, sizeof context);
    return status;
}
