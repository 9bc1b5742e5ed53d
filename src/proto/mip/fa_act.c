/* The foreign agent's machine: what each rule does, and what it sends. */
#include "proto/mip/fa_parts.h"

enum { SECOND_MS = 1000 };

static bool is_served(const struct lk_mip_fa *fa)
{
    return fa->bound_until_ms != 0;
}

void lk_mip_fa_due(struct lk_mip_fa_serving *s, uint64_t at_ms)
{
    s->fa->due_ms = at_ms;
    lk_mip_fa_add(s->out, LK_MIP_FA_OUT_TIMER)->timer_ms = at_ms;
}

enum lk_status lk_mip_fa_send(struct lk_mip_fa_serving *s, const struct lk_writer *w,
                              enum lk_mip_fa_output_kind kind, const struct lk_address *to,
                              uint16_t port)
{
    struct lk_mip_fa_output *item;

    if (w->status != LK_OK)
        return w->status;
    item = lk_mip_fa_add(s->out, kind);
    item->send.octets = lk_writer_span(w);
    item->send.to = *to;
    item->send.port = port;
    return LK_OK;
}

void lk_mip_fa_settle(struct lk_mip_fa_serving *s)
{
    struct lk_mip_fa *fa = s->fa;

    fa->pending_ms = 0;
    fa->due_ms = 0;
    fa->revocation &= (uint8_t)~(LK_MIP_FA_OFFERED | LK_MIP_FA_OVERTAKEN);
    fa->state = is_served(fa) ? LK_MIP_FA_SERVED : LK_MIP_FA_NONE;
    if (is_served(fa))
        lk_mip_fa_due(s, fa->bound_until_ms);
}

/* ---- to the home agent ---- */

/* What is passed on has the node's own request for a tunnel in UDP. */
static bool asks_itself(const struct lk_mip_extensions *e, bool with_aaa)
{
    bool home = lk_mip_has(e, LK_MIP_MN_HA_AUTH);

    return lk_mip_before(e, LK_MIP_UDP_REQUEST, LK_MIP_MN_HA_AUTH) ||
           ((!home || with_aaa) && lk_mip_before(e, LK_MIP_UDP_REQUEST, LK_MIP_MN_AAA_AUTH));
}

/* spec: RFC 3519 4.6 - the agent's own request, which Foreign-Home proves and nothing else. */
static void ask_udp(struct lk_mip_fa_serving *s, struct lk_writer *w)
{
    struct lk_mip_extensions to = { .udp_request = { .flags = LK_MIP_UDP_FORCED,
                                                     .encapsulation = LK_MIP_IN_IP } };

    if (s->config->udp &&
        !asks_itself(&s->event->request->extensions, s->config->with_aaa))
        lk_mip_extension_put(w, LK_MIP_UDP_REQUEST, &to);
}

/* spec: RFC 5944 3.7.2.2 - octet by octet what the home agent is to have.
 * spec: RFC 5944 3.5.4 - Foreign-Home behind it, but not on a deregistration. */
enum lk_status lk_mip_fa_relay(struct lk_mip_fa_serving *s)
{
    const struct lk_mip_fa_event *event = s->event;
    const struct lk_mip_request *request = event->request;
    const struct lk_mip_extensions *e = &request->extensions;
    struct lk_mip_fa *fa = s->fa;
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);

    fa->state = is_served(fa) ? LK_MIP_FA_SERVED_PENDING : LK_MIP_FA_PENDING;
    fa->asked_s = request->lifetime_s;
    fa->from = event->from;
    fa->port = event->port;
    fa->home = request->home;
    fa->agent = request->agent;
    fa->identification = request->identification;
    fa->challenge = lk_mip_has(e, LK_MIP_CHALLENGE) ? lk_mip_fa_hash(e->challenge) : 0;
    fa->pending_ms = event->now_ms + s->config->wait_ms;
    lk_mip_fa_due(s, is_served(fa) && fa->bound_until_ms < fa->pending_ms ? fa->bound_until_ms
                                                                          : fa->pending_ms);
    lk_put_span(&w, lk_mip_forwardable(e, s->config->with_aaa));
    if (event->home_with != NULL && request->lifetime_s > 0) {
        ask_udp(s, &w);
        lk_mip_fa_offer(s, &w);
        lk_mip_msa_sign(&w, event->home_with, event->home_with->there.spi, LK_MIP_FA_HA_AUTH);
    }
    return lk_mip_fa_send(s, &w, LK_MIP_FA_OUT_RELAY, &fa->agent, LK_MIP_PORT);
}

/* ---- to the node ---- */

/* spec: RFC 4721 3.3 - the challenge of the next request. spec: RFC 5944 3.7.3.2 - and what proves
 * that we say it. */
static void put_own(struct lk_writer *w, const struct lk_mip_fa_event *event,
                    const struct lk_mip_msa *by, bool challenge)
{
    const struct lk_mip_extensions to = { .challenge = event->next };

    if (challenge && event->next.len > 0)
        lk_mip_extension_put(w, LK_MIP_CHALLENGE, &to);
    if (by != NULL)
        lk_mip_msa_sign(w, by, by->spi_back, LK_MIP_MN_FA_AUTH);
}

static void log_refusal(struct lk_mip_fa_serving *s, uint8_t code, enum lk_reason reason)
{
    struct lk_mip_fa_output *item = lk_mip_fa_add(s->out, LK_MIP_FA_OUT_REFUSED);

    item->refused.code = code;
    item->refused.refusal = lk_refusal_of(reason, NULL, lk_mip_code_name(code));
}

/* A reply of our own. Of 69 the lifetime is what may be asked for. */
static enum lk_status say(struct lk_mip_fa_serving *s, struct lk_mip_reply reply,
                          const struct lk_address *to, uint16_t port)
{
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);

    reply.code = s->code;
    if (s->code == LK_MIP_CODE_FA_LIFETIME)
        reply.lifetime_s = s->config->lifetime_max_s;
    log_refusal(s, s->code, s->reason);
    lk_mip_reply_put(&w, &reply);
    put_own(&w, s->event, s->event->with, true);
    return lk_mip_fa_send(s, &w, LK_MIP_FA_OUT_SEND, to, port);
}

/* spec: RFC 5944 3.7.2.3 - a request that is not passed on leaves nothing behind. */
enum lk_status lk_mip_fa_refuse(struct lk_mip_fa_serving *s)
{
    const struct lk_mip_request *request = s->event->request;
    const struct lk_mip_reply reply = { .lifetime_s = request->lifetime_s,
                                        .home = request->home,
                                        .agent = request->agent,
                                        .identification = request->identification };

    return say(s, reply, &s->event->from, s->event->port);
}

/* The home agent has not answered, or not so that we could pass it back. */
enum lk_status lk_mip_fa_failed(struct lk_mip_fa_serving *s)
{
    struct lk_mip_fa *fa = s->fa;
    const struct lk_mip_reply reply = { .lifetime_s = fa->asked_s,
                                        .home = fa->home,
                                        .agent = fa->agent,
                                        .identification = fa->identification };

    lk_mip_fa_settle(s);
    return say(s, reply, &fa->from, fa->port);
}

/* spec: RFC 5944 3.7.3.2 - octet by octet what the home agent has proven; then our own. */
static enum lk_status pass_back(struct lk_mip_fa_serving *s)
{
    const struct lk_mip_extensions *e = &s->event->reply->extensions;
    const struct lk_mip_msa *by = s->event->key != NULL ? s->event->key : s->event->with;
    struct lk_writer w = lk_writer_of(s->out->octets, sizeof s->out->octets);

    lk_put_span(&w, lk_mip_forwardable(e, false));
    /* spec: RFC 3957 6.2 - the nonce for the key with us is before what that key proves. */
    if (lk_mip_before(e, LK_MIP_MN_HA_AUTH, LK_MIP_MN_FA_KEY_REPLY))
        lk_mip_extension_put(&w, LK_MIP_MN_FA_KEY_REPLY, e);
    put_own(&w, s->event, by, !lk_mip_has(e, LK_MIP_CHALLENGE));
    return lk_mip_fa_send(s, &w, LK_MIP_FA_OUT_SEND, &s->fa->from, s->fa->port);
}

/* A challenge is used with what it brought (A22). */
static void use_challenge(struct lk_mip_fa *fa)
{
    if (fa->challenge != 0)
        fa->used = fa->challenge;
}

enum lk_status lk_mip_fa_served(struct lk_mip_fa_serving *s)
{
    const struct lk_mip_reply *reply = s->event->reply;
    struct lk_mip_fa *fa = s->fa;
    struct lk_mip_fa_output *item = lk_mip_fa_add(
        s->out, fa->asked_s > 0 && reply->lifetime_s > 0 ? LK_MIP_FA_OUT_SERVED
                                                         : LK_MIP_FA_OUT_ENDED);

    item->served.home = reply->home;
    item->served.agent = fa->agent;
    item->served.lifetime_s = reply->lifetime_s;
    fa->bound_until_ms = 0;
    lk_mip_fa_agree(s);
    if (item->kind == LK_MIP_FA_OUT_SERVED)
        fa->bound_until_ms = s->event->now_ms + (uint64_t)reply->lifetime_s * SECOND_MS;
    use_challenge(fa);
    lk_mip_fa_settle(s);
    return pass_back(s);
}

enum lk_status lk_mip_fa_denied(struct lk_mip_fa_serving *s)
{
    use_challenge(s->fa);
    lk_mip_fa_settle(s);
    return pass_back(s);
}

/* The lifetime is over; a request that is out still waits for its answer. */
enum lk_status lk_mip_fa_end(struct lk_mip_fa_serving *s)
{
    struct lk_mip_fa *fa = s->fa;

    fa->bound_until_ms = 0;
    lk_mip_fa_add(s->out, LK_MIP_FA_OUT_ENDED);
    if (fa->state == LK_MIP_FA_SERVED) {
        lk_mip_fa_settle(s);
        return LK_OK;
    }
    fa->state = LK_MIP_FA_PENDING;
    lk_mip_fa_due(s, fa->pending_ms);
    return LK_OK;
}
