/* What the peer does: its Initiate, what comes of it, and time. */
#include <string.h>

#include "base/secret.h"
#include "proto/erp/peer_parts.h"

enum { MS = 1000, DOUBLED_MAX = 6 };

static void failed(struct lk_erp_peer_work *w, enum lk_reason reason, const char *expected,
                   const char *came)
{
    lk_erp_outbox_add(w->out, LK_ERP_OUT_FAILED)->failed = lk_refusal_of(reason, expected, came);
}

enum lk_status lk_erp_peer_forget(struct lk_erp_peer_work *w)
{
    uint8_t id = w->s->id;

    lk_wipe(w->s, sizeof *w->s);
    *w->s = (struct lk_erp_peer){ .state = LK_ERP_PEER_OFF, .id = id };
    return LK_OK;
}

enum lk_status lk_erp_peer_take(struct lk_erp_peer_work *w)
{
    (void)lk_erp_peer_forget(w);
    w->s->context = w->event->context;
    w->s->state = LK_ERP_PEER_READY;
    lk_erp_outbox_add(w->out, LK_ERP_OUT_KEEP)->keep = w->s->context;
    return LK_OK;
}

/* ---- Initiate ---- */

/* Twice as long each time, up to a limit. */
static void set_timer(struct lk_erp_peer_work *w)
{
    unsigned doubled = w->s->tries - 1u < DOUBLED_MAX ? w->s->tries - 1u : DOUBLED_MAX;

    if (w->config->retry_ms > 0)
        lk_erp_outbox_add(w->out, LK_ERP_OUT_TIMER)->timer_ms =
            w->event->now_ms + ((uint64_t)w->config->retry_ms << doubled);
}

/* spec: RFC 6696 5.3.2 - what is begun has a new identifier and the next SEQ, kept before it is
 * sent: under a SEQ that was used, an rMSK would come again. */
static enum lk_status put_initiate(struct lk_erp_peer_work *w, struct lk_erp *packet)
{
    struct lk_erp_peer *s = w->s;
    char nai[LK_ERP_NAI_MAX + 1];

    if (w->config->realm.len > LK_ERP_REALM_MAX)
        return LK_E_LENGTH;
    s->seq = (uint16_t)s->context.next_seq++;
    packet->code = LK_ERP_INITIATE;
    packet->type = LK_ERP_REAUTH;
    packet->id = ++s->id;
    packet->seq = s->seq;
    packet->suite = s->context.suite;
    packet->keyname_nai = lk_erp_name_say(nai, s->context.name, w->config->realm);
    lk_erp_mark(packet, LK_ERP_KEYNAME_NAI);
    lk_erp_outbox_add(w->out, LK_ERP_OUT_KEEP)->keep = s->context;
    return lk_erp_outbox_send(w->out, packet, &s->context.rrk);
}

static enum lk_status send(struct lk_erp_peer_work *w)
{
    struct lk_erp_peer *s = w->s;
    struct lk_erp packet = {
        .flags = (uint8_t)((s->bootstrap ? LK_ERP_BOOTSTRAP : 0) |
                           (w->config->ask_lifetimes ? LK_ERP_LIFETIMES : 0)),
    };
    struct lk_writer copy;
    enum lk_status status = put_initiate(w, &packet);

    if (status != LK_OK)
        return status;
    s->tries = 1;
    copy = lk_writer_of(s->initiate, sizeof s->initiate);
    lk_put_octets(&copy, w->out->octets, w->out->used);
    s->len = copy.len;
    s->state = LK_ERP_PEER_AWAIT_FINISH;
    set_timer(w);
    return lk_writer_end(&copy);
}

/* spec: RFC 6696 5.3.2 - SEQ do not begin again at 0: before that, EAP. */
static bool is_over(const struct lk_erp_peer_work *w)
{
    const struct lk_erp_context *context = &w->s->context;

    return w->event->now_ms >= context->expires_ms || context->next_seq >= LK_ERP_SEQ_END;
}

static enum lk_status end(struct lk_erp_peer_work *w)
{
    failed(w, LK_REASON_ERP_EXPIRED, "a key and a SEQ", "none any more");
    return lk_erp_peer_forget(w);
}

/* spec: RFC 6696 5.3.2 - the suite of the first use is that of the rIK from there on. */
static void settle_suite(struct lk_erp_peer_work *w)
{
    if (w->s->context.suite == 0)
        w->s->context.suite = (uint8_t)w->config->suite;
}

static enum lk_status start(struct lk_erp_peer_work *w)
{
    if (is_over(w))
        return end(w);
    settle_suite(w);
    return send(w);
}

/* spec: RFC 6630 5.2 - with E the Initiate names the candidate attachment point that the key is
 * for, under the tag: who brings it home cannot name another.
 * spec: RFC 6630 4 - pMSK, of a SEQ that no other key has. */
enum lk_status lk_erp_peer_early(struct lk_erp_peer_work *w)
{
    struct lk_erp_peer *s = w->s;
    struct lk_erp packet = { .flags = LK_ERP_EARLY, .cap_id = w->event->early };
    struct lk_erp_grant *grant;
    enum lk_status status;
    uint64_t left_s;

    if (packet.cap_id.len == 0 || packet.cap_id.len > LK_ERP_CAP_MAX)
        return LK_E_LENGTH;
    if (is_over(w))
        return end(w);
    settle_suite(w);
    lk_erp_mark(&packet, LK_ERP_CAP_ID);
    s->state = LK_ERP_PEER_READY;
    status = put_initiate(w, &packet);
    if (status != LK_OK)
        return status;
    left_s = (s->context.expires_ms - w->event->now_ms) / MS;
    grant = &lk_erp_outbox_add(w->out, LK_ERP_OUT_GRANT)->grant;
    *grant = (struct lk_erp_grant){ .imsi = s->context.imsi, .mis_mn = s->context.mis_mn,
                                    .early = true, .seq = s->seq };
    grant->rmsk_lifetime_s = grant->rrk_lifetime_s =
        left_s < UINT32_MAX ? (uint32_t)left_s : UINT32_MAX;
    lk_pmsk_derive(&grant->pmsk, &s->context.prk, s->seq);
    return LK_OK;
}

enum lk_status lk_erp_peer_begin(struct lk_erp_peer_work *w)
{
    w->s->bootstrap = w->event->bootstrap;
    w->s->switched = false;
    return start(w);
}

enum lk_status lk_erp_peer_begin_anew(struct lk_erp_peer_work *w)
{
    w->s->bootstrap = false;
    w->s->switched = false;
    return start(w);
}

/* The authenticator has not heard us: the same octets, and the timer goes on. */
enum lk_status lk_erp_peer_say_again(struct lk_erp_peer_work *w)
{
    struct lk_writer copy = lk_writer_of(w->out->octets, sizeof w->out->octets);

    lk_put_octets(&copy, w->s->initiate, w->s->len);
    w->out->used = copy.len;
    lk_erp_outbox_add(w->out, LK_ERP_OUT_SEND)->send = lk_writer_span(&copy);
    return lk_writer_end(&copy);
}

enum lk_status lk_erp_peer_expired(struct lk_erp_peer_work *w)
{
    if (w->s->tries >= w->config->tries) {
        w->s->state = LK_ERP_PEER_READY;
        failed(w, LK_REASON_ERP_NO_ANSWER, "a Finish", "nothing");
        return LK_OK;
    }
    w->s->tries++;
    set_timer(w);
    return lk_erp_peer_say_again(w);
}

/* ---- Finish ---- */

/* spec: RFC 6696 4.6 - no lifetime is longer than that of the key above. */
static uint32_t least_of(uint32_t told_s, uint64_t left_s)
{
    return told_s < left_s ? told_s : (uint32_t)left_s;
}

enum lk_status lk_erp_peer_finish(struct lk_erp_peer_work *w)
{
    struct lk_erp_context *context = &w->s->context;
    const struct lk_erp *finish = w->packet;
    uint64_t now_ms = w->event->now_ms;
    uint64_t left_s = now_ms < context->expires_ms ? (context->expires_ms - now_ms) / MS : 0;
    uint32_t rrk_s = least_of(lk_erp_has(finish, LK_ERP_RRK_LIFETIME) ? finish->rrk_lifetime_s
                                                                     : UINT32_MAX, left_s);
    uint32_t rmsk_s = least_of(lk_erp_has(finish, LK_ERP_RMSK_LIFETIME) ? finish->rmsk_lifetime_s
                                                                       : UINT32_MAX, rrk_s);
    struct lk_erp_grant *grant = &lk_erp_outbox_add(w->out, LK_ERP_OUT_GRANT)->grant;

    if (lk_erp_has(finish, LK_ERP_RRK_LIFETIME) && rrk_s < left_s) {
        context->expires_ms = now_ms + (uint64_t)rrk_s * MS;
        lk_erp_outbox_add(w->out, LK_ERP_OUT_KEEP)->keep = *context;
    }
    *grant = (struct lk_erp_grant){ .imsi = context->imsi, .mis_mn = context->mis_mn,
                                    .seq = finish->seq,
                                    .rmsk_lifetime_s = rmsk_s, .rrk_lifetime_s = rrk_s,
                                    .bootstrap = w->s->bootstrap };
    lk_rmsk_derive(&grant->rmsk, &context->rrk, finish->seq);
    w->s->state = LK_ERP_PEER_READY;
    return LK_OK;
}

/* Its tag was right: the server has refused. With a list of suites it means the suite; the peer
 * takes one of them, once, and under the rIK of that one. */
enum lk_status lk_erp_peer_refused(struct lk_erp_peer_work *w)
{
    struct lk_span wanted = w->packet->suites;
    uint8_t suite = 0;

    w->s->state = LK_ERP_PEER_READY;
    if (!lk_erp_has(w->packet, LK_ERP_SUITES)) {
        failed(w, LK_REASON_ERP_REFUSED, "a Finish without R", "R");
        return LK_OK;
    }
    for (size_t i = 0; suite == 0 && i < wanted.len; i++)
        if (lk_erp_tag_len(wanted.at[i]) > 0 && (w->config->suites & 1u << wanted.at[i]) != 0)
            suite = wanted.at[i];
    if (suite == 0 || suite == w->s->context.suite || w->s->switched) {
        failed(w, LK_REASON_ERP_SUITE, "a cryptosuite of ours", "none");
        return LK_OK;
    }
    w->s->switched = true;
    w->s->context.suite = suite;
    return start(w);
}
