/* Explain, for a registration of Mobile IP: what each code and each silence means, by what the
 * capture shows of it. A code is taken for proven where the authenticator of its reply verifies
 * under a key of the capture: anybody could have written another one. */
#include "trace/explain_mip.h"

#include <stdio.h>
#include <string.h>

#include "base/ntp.h"

enum { WINDOW_S = 7, DAY_S = 86400 };

/* A refusal that is looked at. */
struct told {
    struct lk_explanation *e;
    const struct lk_trace *trace;
    size_t asked, said;
    const struct lk_trace_message *request, *reply;
    enum lk_certainty certainty; /* of what the reply says */
};

static bool is_agents(const struct lk_trace_message *reply)
{
    return !reply->mip.v6 && (reply->mip.code == LK_MIP_CODE_FA_HA_ADDRESS ||
                              (reply->mip.code >= LK_MIP_CODE_FA_UNSPECIFIED &&
                               reply->mip.code < LK_MIP_CODE_HA_UNSPECIFIED));
}

static const char *code_name(const struct lk_trace_message *reply)
{
    return reply->mip.v6 ? lk_mobility_status_name(reply->mip.code)
                         : lk_mip_code_name(reply->mip.code);
}

static bool is_refusal(const struct lk_trace_message *m)
{
    return lk_mip_seen_is(m) && m->mip.kind == LK_TRACE_MIP_REPLY && m->status == LK_OK &&
           m->mip.code >= (m->mip.v6 ? LK_BA_UNSPECIFIED : LK_MIP_CODE_FA_UNSPECIFIED);
}

/* ---- time, nonce, order ---- */

/* The newest request of that node before this one that was accepted, or that is the same. */
static size_t newer_one(const struct told *t, bool *same)
{
    size_t found = LK_TRACE_NONE;

    for (size_t i = t->asked; i > lk_trace_look_back(t->asked); i--) {
        const struct lk_trace_message *m = &t->trace->messages[i - 1], *of;

        if (m->protocol == t->request->protocol && m->mip.kind == LK_TRACE_MIP_REQUEST &&
            lk_span_equal(m->octets, t->request->octets)) {
            *same = true;
            return i - 1;
        }
        if (m->protocol != t->request->protocol || m->mip.kind != LK_TRACE_MIP_REPLY ||
            m->status != LK_OK || is_refusal(m) || m->answers == LK_TRACE_NONE ||
            found != LK_TRACE_NONE)
            continue;
        of = &t->trace->messages[m->answers];
        if (lk_mip_seen_is_same_node(of, t->request) &&
            of->mip.identification >= t->request->mip.identification)
            found = m->answers;
    }
    return found;
}

static void put_seconds(char text[32], double seconds)
{
    double size = seconds < 0 ? -seconds : seconds;

    (void)snprintf(text, 32, size < 120 ? "%.1f s %s" : "%.0f s %s", size,
                   seconds < 0 ? "behind" : "ahead of");
}

/* spec: RFC 5944 5.7.1 - the high half of the answer is the agent's time.
 * spec: RFC 5944 5.7.2 - or a nonce, which is no time of these days. */
static void about_identification(const struct told *t, uint64_t asked, uint64_t told)
{
    double off_s = (double)(int32_t)((uint32_t)(asked >> 32) - (uint32_t)(told >> 32));
    double clock_s = (double)(int64_t)(lk_ntp_ms(told) - t->reply->at_ns / 1000000u) / 1e3;
    bool same = false;
    size_t newer = newer_one(t, &same);
    char by[32];

    if (newer != LK_TRACE_NONE) {
        lk_explain_add(t->e, LK_CAUSE_MIP_REPLAY, LK_PROVEN, 95,
                       same ? "message %zu is message %zu again, octet by octet"
                            : "message %zu is not newer than message %zu, which was accepted",
                       t->asked + 1, newer + 1);
        return;
    }
    if (clock_s < -DAY_S || clock_s > DAY_S) {
        lk_explain_add(t->e, LK_CAUSE_MIP_NONCE, t->certainty, 85, "the answer has %08x in its "
                       "high half, which is no time; the request had %08x", (uint32_t)(told >> 32),
                       (uint32_t)(asked >> 32));
        return;
    }
    put_seconds(by, off_s);
    if (off_s < -WINDOW_S || off_s > WINDOW_S)
        lk_explain_add(t->e, LK_CAUSE_MIP_CLOCK, t->certainty, 90, "the Identification of message "
                       "%zu is %s the agent's clock, which its answer has", t->asked + 1, by);
    else
        lk_explain_add(t->e, LK_CAUSE_MIP_QUARANTINE, LK_POSSIBLE, 70, "the Identification is %s "
                       "the agent's clock, and the capture has no newer one that was accepted", by);
}

static void about_mesg_id(const struct told *t)
{
    struct lk_mobility_message asked, told;
    struct lk_mip6_packet packet;

    if (lk_mip_seen_mobility(&packet, &asked, t->request) &&
        lk_mip_seen_mobility(&packet, &told, t->reply))
        about_identification(t, asked.options.mesg_id, told.options.mesg_id);
}

/* ---- addresses ---- */

static void about_care_of(const struct told *t)
{
    char address[LK_ADDRESS_TEXT], home[LK_ADDRESS_TEXT];
    const struct lk_trace_mip *mip = &t->request->mip;
    bool away = !lk_mip_seen_is_at(&t->request->from, &mip->care_of);

    lk_address_text(address, &mip->care_of);
    lk_address_text(home, &mip->home);
    lk_explain_add(t->e, LK_CAUSE_MIP_CARE_OF, LK_POSSIBLE, away ? 85 : 40,
                   "the care-of address is %s, %s", address,
                   away ? "which is not where the request came from" : "the sender's own");
    if (!lk_address_is_any(&mip->home))
        lk_explain_add(t->e, LK_CAUSE_MIP_HOME, LK_POSSIBLE, away ? 40 : 75,
                       "it asks for home address %s", home);
}

static void about_home(const struct told *t)
{
    char home[LK_ADDRESS_TEXT];

    lk_address_text(home, &t->request->mip.home);
    lk_explain_add(t->e, LK_CAUSE_MIP_HOME, t->certainty, 85, "it asks for home address %s", home);
}

static void about_home_agent(const struct told *t)
{
    char asked[LK_ADDRESS_TEXT], told[LK_ADDRESS_TEXT];

    lk_address_text(asked, &t->request->mip.agent);
    lk_address_text(told, &t->reply->mip.agent);
    lk_explain_add(t->e, LK_CAUSE_MIP_HOME_AGENT, t->certainty, 90,
                   "the request names %s, the answer %s", asked, told);
}

/* ---- what the foreign agent wants ---- */

static bool challenge_of(struct lk_span *challenge, const struct lk_trace_message *m)
{
    struct lk_mip_request request;

    if (!lk_mip_seen_request(&request, m) || !lk_mip_has(&request.extensions, LK_MIP_CHALLENGE))
        return false;
    *challenge = request.extensions.challenge;
    return true;
}

static void about_challenge(const struct told *t)
{
    struct lk_span challenge, other;
    bool there = challenge_of(&challenge, t->request);

    for (size_t i = t->asked; there && i > lk_trace_look_back(t->asked); i--)
        if (t->trace->messages[i - 1].answers == LK_TRACE_NONE &&
            challenge_of(&other, &t->trace->messages[i - 1]) &&
            t->trace->messages[i - 1].mip.identification != t->request->mip.identification &&
            lk_span_equal(challenge, other)) {
            lk_explain_add(t->e, LK_CAUSE_MIP_CHALLENGE, LK_PROVEN, 90,
                           "message %zu had the challenge of message %zu before", i, t->asked + 1);
            return;
        }
    lk_explain_add(t->e, LK_CAUSE_MIP_CHALLENGE, there ? t->certainty : LK_PROVEN, 80,
                   there ? "the challenge of message %zu is not one of the agent's last"
                         : "message %zu has none", t->asked + 1);
}

static void about_mn_fa(const struct told *t)
{
    struct lk_mip_extensions e;
    bool asked = lk_mip_seen_extensions(&e, t->request) &&
                 lk_mip_has(&e, LK_MIP_MN_FA_KEY_REQUEST);

    lk_explain_add(t->e, LK_CAUSE_MIP_MN_FA, t->certainty, 85,
                   asked ? "message %zu asks for a key, and the home gave none"
                         : "message %zu asks for none", t->asked + 1);
}

/* Whether it went on to the home agent at all. */
static void about_silent_agent(const struct told *t)
{
    for (size_t i = t->asked; i < t->said; i++) {
        const struct lk_trace_message *m = &t->trace->messages[i];

        if (lk_mip_seen_is(m) && m->mip.kind == LK_TRACE_MIP_REQUEST &&
            m->mip.from == LK_LANE_FA && m->run == t->e->run) {
            lk_explain_add(t->e, LK_CAUSE_MIP_HA_SILENT, LK_PROVEN, 90,
                           "message %zu went on to the home agent and has no answer", i + 1);
            return;
        }
    }
    lk_explain_add(t->e, LK_CAUSE_MIP_HA_SILENT, t->certainty, 80,
                   "the foreign agent says so; the capture does not have the way behind it");
}

/* ---- codes ---- */

static void simply(const struct told *t, enum lk_cause cause)
{
    lk_explain_add(t->e, cause, t->certainty, 80, "%s says %u, %s, to message %zu",
                   is_agents(t->reply) ? "the foreign agent" : "the home agent", t->reply->mip.code,
                   code_name(t->reply), t->asked + 1);
}

/* Of codes that say what it is themselves. */
static enum lk_cause plain_cause(uint8_t code)
{
    static const uint8_t tunnel[] = {
        LK_MIP_CODE_FA_ENCAPSULATION, LK_MIP_CODE_FA_REVERSE_NONE,
        LK_MIP_CODE_FA_REVERSE_MANDATORY, LK_MIP_CODE_FA_TOO_DISTANT,
        LK_MIP_CODE_FA_DELIVERY_STYLE, LK_MIP_CODE_HA_REVERSE_NONE,
        LK_MIP_CODE_HA_REVERSE_MANDATORY, LK_MIP_CODE_HA_ENCAPSULATION, LK_MIP_CODE_HA_UDP_NONE,
    };
    static const uint8_t policy[] = {
        LK_MIP_CODE_FA_UNSPECIFIED, LK_MIP_CODE_FA_PROHIBITED, LK_MIP_CODE_FA_RESOURCES,
        LK_MIP_CODE_HA_UNSPECIFIED, LK_MIP_CODE_HA_RESOURCES, LK_MIP_CODE_HA_BINDINGS,
    };

    for (size_t i = 0; i < LK_COUNT_OF(tunnel); i++)
        if (tunnel[i] == code)
            return LK_CAUSE_MIP_TUNNEL;
    for (size_t i = 0; i < LK_COUNT_OF(policy); i++)
        if (policy[i] == code)
            return LK_CAUSE_MIP_POLICY;
    return LK_CAUSE_MIP_POOR;
}

static void about_code4(const struct told *t)
{
    switch (t->reply->mip.code) {
    case LK_MIP_CODE_HA_MN_AUTH:
        lk_explain_mip_naf(t->e, t->trace, t->asked, LK_MIP_MN_HA_AUTH);
        lk_explain_mip_proof(t->e, t->trace, t->asked, LK_MIP_MN_HA_AUTH, 80);
        break;
    case LK_MIP_CODE_HA_FA_AUTH:
    case LK_MIP_CODE_FA_HA_AUTH:
        lk_explain_mip_proof(t->e, t->trace, t->reply->mip.code == LK_MIP_CODE_HA_FA_AUTH ? t->asked
                                                                                      : t->said,
                             LK_MIP_FA_HA_AUTH, 80);
        break;
    case LK_MIP_CODE_FA_MN_AUTH:
        lk_explain_mip_naf(t->e, t->trace, t->asked, LK_MIP_MN_FA_AUTH);
        lk_explain_mip_proof(t->e, t->trace, t->asked, LK_MIP_MN_FA_AUTH, 80);
        break;
    case LK_MIP_CODE_HA_AAA_AUTH:
    case LK_MIP_CODE_FA_AAA_AUTH:
        lk_explain_mip_aaa(t->e, t->trace, t->asked);
        break;
    case LK_MIP_CODE_HA_IDENTIFICATION:
        about_identification(t, t->request->mip.identification, t->reply->mip.identification);
        break;
    case LK_MIP_CODE_HA_PROHIBITED:
    case LK_MIP_CODE_FA_CARE_OF:
        about_care_of(t);
        break;
    case LK_MIP_CODE_HA_UNKNOWN:
    case LK_MIP_CODE_HA_REDIRECTED:
    case LK_MIP_CODE_FA_HA_ADDRESS:
    case LK_MIP_CODE_FA_HA_ZERO:
    case LK_MIP_CODE_FA_HA_MISSING:
        about_home_agent(t);
        break;
    case LK_MIP_CODE_FA_LIFETIME:
        lk_explain_add(t->e, LK_CAUSE_MIP_LIFETIME, t->certainty, 90,
                       "it asks for %u s, and may have %u s", t->request->mip.lifetime_s,
                       t->reply->mip.lifetime_s);
        break;
    case LK_MIP_CODE_FA_TIMEOUT:
    case LK_MIP_CODE_FA_HOME_NETWORK:
    case LK_MIP_CODE_FA_HA_HOST:
    case LK_MIP_CODE_FA_HA_PORT:
    case LK_MIP_CODE_FA_HA_UNREACHABLE:
        about_silent_agent(t);
        break;
    case LK_MIP_CODE_FA_CHALLENGE_UNKNOWN:
    case LK_MIP_CODE_FA_CHALLENGE_MISSING:
    case LK_MIP_CODE_FA_CHALLENGE_STALE:
    case LK_MIP_CODE_FA_HA_CHALLENGE:
        about_challenge(t);
        break;
    case LK_MIP_CODE_FA_MISSING_MN_FA:
        about_mn_fa(t);
        break;
    default:
        simply(t, plain_cause(t->reply->mip.code));
        break;
    }
}

static void about_status6(const struct told *t)
{
    switch (t->reply->mip.code) {
    case LK_BA_AUTH_FAIL:
        lk_explain_mip_naf(t->e, t->trace, t->asked, LK_MIP_MN_HA_AUTH);
        lk_explain_mip6_proof(t->e, t->trace, t->asked, 80);
        break;
    case LK_BA_ID_MISMATCH:
        about_mesg_id(t);
        break;
    case LK_BA_MESG_ID_REQUIRED:
        simply(t, LK_CAUSE_MIP_MESG_ID);
        break;
    case LK_BA_SEQUENCE:
        simply(t, LK_CAUSE_MIP_REPLAY);
        break;
    case LK_BA_NOT_HOME_SUBNET:
    case LK_BA_NO_HOME_REGISTRATION:
    case LK_BA_DUPLICATE_ADDRESS:
        about_home(t);
        break;
    case LK_BA_NOT_HOME_AGENT:
        about_home_agent(t);
        break;
    case LK_BA_CARE_OF_INVALID:
        about_care_of(t);
        break;
    default:
        simply(t, LK_CAUSE_MIP_POLICY);
        break;
    }
}

static enum lk_certainty certainty_of(const struct lk_trace_message *reply)
{
    return reply->mip.judged[reply->mip.v6 ? LK_AUTH_MN_HA - 1 : LK_MIP_MN_HA_AUTH] ==
                   LK_TRACE_RIGHT
               ? LK_PROVEN : LK_POSSIBLE;
}

static void about_refusal(struct lk_explanation *e, const struct lk_trace *trace, size_t said)
{
    const struct lk_trace_message *reply = &trace->messages[said];
    struct told t = { .e = e, .trace = trace, .said = said, .asked = reply->answers,
                      .reply = reply, .certainty = certainty_of(reply) };

    if (t.asked == LK_TRACE_NONE)
        return;
    t.request = &trace->messages[t.asked];
    if (reply->mip.v6)
        about_status6(&t);
    else
        about_code4(&t);
}

/* ---- what is wrong with an answer ---- */

static bool is_nonce_again(const struct lk_trace *trace, size_t index, struct lk_span nonce,
                           size_t *before)
{
    struct lk_mip_reply other;

    for (size_t i = 0; i < index && nonce.len > 0; i++)
        if (lk_mip_seen_reply(&other, &trace->messages[i]) &&
            (uint32_t)other.identification !=
                (uint32_t)trace->messages[index].mip.identification &&
            (lk_span_equal(other.extensions.mn_ha_key.nonce, nonce) ||
             lk_span_equal(other.extensions.mn_fa_key.nonce, nonce))) {
            *before = i;
            return true;
        }
    return false;
}

/* spec: RFC 3957 6 - a nonce stands before the authenticator that its key makes (T25), is asked
 * for, and is never there again (T24). */
static void look_at_nonces(struct lk_explanation *e, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    struct lk_mip_extensions asked;
    struct lk_mip_reply reply;
    size_t before = 0;

    if (!lk_mip_seen_reply(&reply, m) || reply.code > LK_MIP_CODE_ACCEPTED_SINGLE)
        return;
    if ((lk_mip_has(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY) &&
         !lk_mip_before(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_HA_AUTH)) ||
        (lk_mip_has(&reply.extensions, LK_MIP_MN_FA_KEY_REPLY) &&
         lk_mip_has(&reply.extensions, LK_MIP_MN_FA_AUTH) &&
         !lk_mip_before(&reply.extensions, LK_MIP_MN_FA_KEY_REPLY, LK_MIP_MN_FA_AUTH)))
        lk_explain_add(e, LK_CAUSE_MIP_ORDER, LK_PROVEN, 95,
                       "message %zu has its nonce behind the authenticator that is to cover it",
                       index + 1);
    if (is_nonce_again(trace, index, reply.extensions.mn_ha_key.nonce, &before) ||
        is_nonce_again(trace, index, reply.extensions.mn_fa_key.nonce, &before))
        lk_explain_add(e, LK_CAUSE_MIP_NONCE_AGAIN, LK_PROVEN, 95,
                       "message %zu has a nonce of message %zu", index + 1, before + 1);
    else if (reply.extensions.mn_ha_key.nonce.len > 0 &&
             lk_span_equal(reply.extensions.mn_ha_key.nonce, reply.extensions.mn_fa_key.nonce))
        lk_explain_add(e, LK_CAUSE_MIP_NONCE_AGAIN, LK_PROVEN, 95,
                       "message %zu has one nonce for both keys", index + 1);
    if (m->answers != LK_TRACE_NONE &&
        lk_mip_seen_extensions(&asked, &trace->messages[m->answers]) &&
        lk_mip_has(&asked, LK_MIP_MN_HA_KEY_REQUEST) &&
        !lk_mip_has(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY))
        lk_explain_add(e, LK_CAUSE_MIP_KEYS_DUE, LK_PROVEN, 85,
                       "message %zu asks for an MN-HA key, and message %zu has no nonce",
                       m->answers + 1, index + 1);
}

/* An answer that its node cannot believe. */
static void look_at_answer(struct lk_explanation *e, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    look_at_nonces(e, trace, index);
    if (m->mip.v6 && m->mip.judged[LK_AUTH_MN_HA - 1] == LK_TRACE_WRONG)
        lk_explain_mip6_proof(e, trace, index, 70);
    else if (!m->mip.v6 && m->mip.judged[LK_MIP_MN_HA_AUTH] == LK_TRACE_WRONG)
        lk_explain_mip_proof(e, trace, index, LK_MIP_MN_HA_AUTH, 70);
}

/* ---- silence ---- */

static bool has_key_of(const struct lk_trace *trace, uint32_t spi, bool *any)
{
    struct lk_mip_seen_key key;
    bool found = false;

    for (size_t i = 0; i < trace->app_key_count && !found; i++)
        if (trace->app_keys[i].kind == LK_APP_KEY_LOG_MN_HA && lk_mip_seen_key(&key, trace, i)) {
            *any = true;
            found = key.spi == spi || key.spi_back == spi;
        }
    return found;
}

static bool spi_of(uint32_t *spi, const struct lk_trace_message *m)
{
    struct lk_mip_extensions e;
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;

    if (lk_mip_seen_extensions(&e, m) && lk_mip_has(&e, LK_MIP_MN_HA_AUTH)) {
        *spi = e.auth[LK_MIP_MN_HA_AUTH].spi;
        return true;
    }
    if (!lk_mip_seen_mobility(&packet, &message, m) ||
        lk_mobility_auth(&message.options, LK_AUTH_MN_HA) == NULL)
        return false;
    *spi = lk_mobility_auth(&message.options, LK_AUTH_MN_HA)->spi;
    return true;
}

static void say_refused(struct lk_explanation *e, const struct lk_trace *trace, size_t said,
                        const char *behind)
{
    const struct lk_trace_message *reply = &trace->messages[said];

    e->at = said;
    (void)snprintf(e->where, sizeof e->where, "The %s agent refused with %s %u: %s%s.",
                   is_agents(reply) ? "foreign" : "home", reply->mip.v6 ? "status" : "code",
                   reply->mip.code, code_name(reply), behind);
}

/* refusal: what came to an earlier try; LK_TRACE_NONE: nothing did. With one there is somebody, and
 * why he refused is the cause: a home agent tells that seldom, and is silent to who asks again. */
static void silent(struct lk_explanation *e, const struct lk_trace *trace, size_t refusal)
{
    size_t asked = trace->runs[e->run].mip.request;
    const struct lk_trace_message *m = &trace->messages[asked];
    bool any = false, known;
    uint32_t spi = 0;

    e->at = asked;
    if (refusal != LK_TRACE_NONE)
        say_refused(e, trace, refusal, "; what was asked behind that has no answer");
    else
        (void)snprintf(e->where, sizeof e->where, "Nobody answered %s.",
                       m->mip.v6 ? "the Binding Update" : "the Registration Request");
    lk_explain_mip_unheard(e, trace, asked, refusal != LK_TRACE_NONE);
    if (m->status == LK_E_AUTH)
        lk_explain_add(e, LK_CAUSE_MIP_TWICE, LK_PROVEN, 95, "message %zu has one twice",
                       asked + 1);
    lk_explain_mip_aaa(e, trace, asked);
    if ((refusal != LK_TRACE_NONE && !is_agents(&trace->messages[refusal])) || !spi_of(&spi, m))
        return;
    known = has_key_of(trace, spi, &any);
    if (!known)
        lk_explain_add(e, LK_CAUSE_MIP_SPI, LK_POSSIBLE, any ? 85 : 60, "SPI %u, %s", spi,
                       any ? "of which the capture has no key, though it has others"
                           : "and who has no association says nothing");
}

/* ---- the whole ---- */

enum { PROOFS_TEXT = 96 };

/* Nothing, where there is no key. */
static void put_proofs(char text[PROOFS_TEXT], const struct lk_explanation *e,
                       const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[e->run];
    size_t right = 0, all = 0;

    for (size_t i = run->first; i <= run->last; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (m->run != e->run || !lk_mip_seen_is(m))
            continue;
        for (size_t k = 0; k < LK_TRACE_MIP_PROOFS; k++) {
            right += m->mip.judged[k] == LK_TRACE_RIGHT;
            all += m->mip.judged[k] != LK_TRACE_NOT_JUDGED;
        }
    }
    text[0] = '\0';
    if (all > 0)
        (void)snprintf(text, PROOFS_TEXT, " %zu of %zu authenticators are made again by the "
                       "keys of the capture.", right, all);
}

static void say_accepted(struct lk_explanation *e, const struct lk_trace *trace, size_t refused)
{
    const struct lk_trace_registration *of = &trace->runs[e->run].mip;
    char home[LK_ADDRESS_TEXT + 16], care_of[LK_ADDRESS_TEXT], after[48] = "";
    char proofs[PROOFS_TEXT];

    lk_mip_seen_home_text(home, &of->home);
    lk_address_text(care_of, &of->care_of);
    if (refused > 0)
        (void)snprintf(after, sizeof after, ", after %zu refusal%s", refused,
                       refused > 1 ? "s" : "");
    put_proofs(proofs, e, trace);
    if (of->deregisters)
        (void)snprintf(e->where, sizeof e->where, "Deregistered, %s%s.%s", home, after, proofs);
    else
        (void)snprintf(e->where, sizeof e->where, "Registered, %s at %s%s, for %u s%s.%s", home,
                       care_of, of->by_agent ? " by way of a foreign agent" : "", of->lifetime_s,
                       after, proofs);
}

void lk_explain_mip(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[e->run];
    size_t refused = 0, last = LK_TRACE_NONE;

    for (size_t i = run->first; i <= run->last; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (m->run != e->run || !lk_mip_seen_is(m) || m->mip.kind != LK_TRACE_MIP_REPLY)
            continue;
        /* of a reply that a foreign agent passes on, the one that came from it is told */
        if (is_refusal(m) && (m->mip.to == LK_LANE_MN || i == run->mip.reply)) {
            refused++;
            last = i;
            about_refusal(e, trace, i);
        }
        look_at_answer(e, trace, i);
    }
    if (run->outcome == LK_TRACE_ACCEPTED)
        say_accepted(e, trace, refused);
    else if (run->outcome == LK_TRACE_REJECTED)
        say_refused(e, trace, run->mip.reply, "");
    else
        silent(e, trace, last);
}
