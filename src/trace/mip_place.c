/* Messages of Mobile IP to registrations, and to the lanes between which they go. */
#include <string.h>

#include "trace/mip.h"
#include "wire/mip_agent.h"

bool lk_mip_seen_is(const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_MIP || m->protocol == LK_TRACE_MIP6;
}

bool lk_mip_seen_is_at(const struct lk_capture_end *end, const struct lk_address *address)
{
    if (!end->v6)
        return lk_address_is_v4(address) &&
               lk_span_equal(lk_span_of(end->address, 4),
                             lk_span_of(address->octets + LK_ADDRESS_LEN - 4, 4));
    return lk_span_equal(LK_SPAN(end->address), LK_SPAN(address->octets));
}

bool lk_mip_seen_is_same_node(const struct lk_trace_message *a, const struct lk_trace_message *b)
{
    if (a->mip.nai.len > 0 && b->mip.nai.len > 0)
        return lk_span_equal(a->mip.nai, b->mip.nai);
    return !lk_address_is_any(&a->mip.home) && lk_address_equal(&a->mip.home, &b->mip.home);
}

static bool of_run(const struct lk_trace *trace, const struct lk_trace_message *m)
{
    return m->run != LK_TRACE_NONE && trace->runs[m->run].kind == LK_TRACE_REGISTRATION;
}

bool lk_mip_seen_is_final(const struct lk_trace_message *m)
{
    if (m->mip.v6)
        return m->mip.code >= LK_BA_UNSPECIFIED && m->mip.code != LK_BA_ID_MISMATCH &&
               m->mip.code != LK_BA_MESG_ID_REQUIRED && m->mip.code != LK_BA_SEQUENCE &&
               m->mip.code != LK_BA_AUTH_FAIL;
    switch (m->mip.code) {
    case LK_MIP_CODE_ACCEPTED:
    case LK_MIP_CODE_ACCEPTED_SINGLE:
    case LK_MIP_CODE_FA_LIFETIME:
    case LK_MIP_CODE_FA_TIMEOUT:
    case LK_MIP_CODE_FA_HOME_NETWORK:
    case LK_MIP_CODE_FA_HA_HOST:
    case LK_MIP_CODE_FA_HA_PORT:
    case LK_MIP_CODE_FA_HA_UNREACHABLE:
    case LK_MIP_CODE_FA_CHALLENGE_UNKNOWN:
    case LK_MIP_CODE_FA_CHALLENGE_MISSING:
    case LK_MIP_CODE_FA_CHALLENGE_STALE:
    case LK_MIP_CODE_FA_MISSING_MN_FA:
    case LK_MIP_CODE_HA_MN_AUTH:
    case LK_MIP_CODE_HA_FA_AUTH:
    case LK_MIP_CODE_HA_IDENTIFICATION:
    case LK_MIP_CODE_HA_UNKNOWN:
    case LK_MIP_CODE_HA_REDIRECTED:
        return false;
    default:
        return true;
    }
}

/* ---- lanes ---- */

/* A foreign agent is known by what it adds and whose care-of address it has; else by what it passes
 * on, which shows only then. */
static void lanes_of_request(struct lk_trace *trace, struct lk_trace_message *m)
{
    const struct lk_trace_mip *mip = &m->mip;
    struct lk_mip_extensions extensions;
    bool lent = !mip->v6 && (mip->flags & LK_MIP_DECAPSULATES) == 0 && mip->lifetime_s > 0;

    m->mip.from = lk_trace_lane_of(trace, &m->from) == LK_LANE_FA ? LK_LANE_FA : LK_LANE_MN;
    m->mip.to = lk_trace_lane_of(trace, &m->to) == LK_LANE_FA ? LK_LANE_FA : LK_LANE_ANCHOR;
    if ((lent && lk_mip_seen_is_at(&m->from, &mip->care_of)) ||
        (lk_mip_seen_extensions(&extensions, m) &&
         lk_mip_has(&extensions, LK_MIP_FA_HA_AUTH)))
        m->mip.from = LK_LANE_FA;
    else if (lent && lk_mip_seen_is_at(&m->to, &mip->care_of))
        m->mip.to = LK_LANE_FA;
    if (m->mip.from == LK_LANE_FA) {
        m->mip.to = LK_LANE_ANCHOR;
        lk_trace_learn(trace, &m->from, LK_LANE_FA);
    }
    lk_trace_learn(trace, &m->to, (enum lk_lane)m->mip.to);
}

/* Between the same two ends, either way. */
static bool same_ends(const struct lk_trace_message *a, const struct lk_trace_message *b,
                      bool *turned)
{
    *turned = lk_trace_same_end(&a->from, &b->to) && lk_trace_same_end(&a->to, &b->from);
    return *turned ||
           (lk_trace_same_end(&a->from, &b->from) && lk_trace_same_end(&a->to, &b->to));
}

static void lanes_as(struct lk_trace_message *m, const struct lk_trace_message *known, bool turned)
{
    m->mip.from = turned ? known->mip.to : known->mip.from;
    m->mip.to = turned ? known->mip.from : known->mip.to;
}

/* Of what nothing was asked before: the agent is who has the port. */
static void lanes_by_port(const struct lk_trace *trace, struct lk_trace_message *m)
{
    uint16_t port = m->mip.v6 ? LK_MIP6_PORT : LK_MIP_PORT;
    enum lk_lane from = lk_trace_lane_of(trace, &m->from), to = lk_trace_lane_of(trace, &m->to);
    bool down = from != LK_LANE_NONE ? true : to != LK_LANE_NONE ? false : m->from.port == port;

    m->mip.from = from != LK_LANE_NONE ? from : down ? LK_LANE_ANCHOR : LK_LANE_MN;
    m->mip.to = to != LK_LANE_NONE ? to : down ? LK_LANE_MN : LK_LANE_ANCHOR;
    if (m->mip.from == m->mip.to)
        m->mip.to = m->mip.from == LK_LANE_MN ? LK_LANE_ANCHOR : LK_LANE_MN;
}

/* ---- requests ---- */

/* What a foreign agent passes on has all that the node sent, and came from there. */
static bool passes_on(const struct lk_trace *trace, const struct lk_trace_message *before,
                      const struct lk_trace_message *m)
{
    return !m->mip.v6 && before->mip.identification == m->mip.identification &&
           lk_trace_same_end(&before->to, &m->from) && !lk_trace_same_end(&before->from, &m->to) &&
           trace->runs[before->run].mip.reply == LK_TRACE_NONE;
}

/* It wants what that run wanted, and has not got it. */
static bool goes_on(const struct lk_trace *trace, const struct lk_trace_message *before,
                    const struct lk_trace_message *m)
{
    const struct lk_trace_run *run = &trace->runs[before->run];
    size_t reply = run->mip.reply;

    return run->outcome != LK_TRACE_ACCEPTED && run->mip.deregisters == (m->mip.lifetime_s == 0) &&
           lk_span_equal(before->comment, m->comment) &&
           (reply == LK_TRACE_NONE || !lk_mip_seen_is_final(&trace->messages[reply]));
}

static enum lk_status place_request(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct lk_trace_registration *of;
    enum lk_status status;

    for (size_t i = index; m->run == LK_TRACE_NONE && i > lk_trace_look_back(index); i--) {
        struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol != m->protocol || !of_run(trace, before) ||
            before->mip.kind != LK_TRACE_MIP_REQUEST || !lk_mip_seen_is_same_node(before, m))
            continue;
        if (passes_on(trace, before, m)) {
            m->run = before->run;
            before->mip.from = LK_LANE_MN;
            before->mip.to = LK_LANE_FA;
            lk_trace_learn(trace, &m->from, LK_LANE_FA);
        } else if (lk_trace_same_end(&before->from, &m->from)) {
            if (!goes_on(trace, before, m))
                break;
            m->run = before->run;
        }
    }
    lanes_of_request(trace, m);
    if (m->run == LK_TRACE_NONE) {
        status = lk_trace_start_run(trace, index, LK_TRACE_REGISTRATION, "registration");
        if (status != LK_OK)
            return status;
        trace->runs[m->run].mip.reply = LK_TRACE_NONE;
    }
    of = &trace->runs[m->run].mip;
    of->request = index;
    of->by_agent = of->by_agent || m->mip.from == LK_LANE_FA || m->mip.to == LK_LANE_FA;
    return LK_OK;
}

/* ---- replies ---- */

/* spec: RFC 5944 5.7 - the low half of the Identification is that of the request. */
static bool answers(const struct lk_trace_message *request, const struct lk_trace_message *m)
{
    return request->protocol == m->protocol && request->mip.kind == LK_TRACE_MIP_REQUEST &&
           (uint32_t)request->mip.identification == (uint32_t)m->mip.identification;
}

static size_t find_request(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    size_t found = LK_TRACE_NONE;

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (!answers(before, m) || !lk_trace_same_end(&before->from, &m->to))
            continue;
        if (lk_trace_same_end(&before->to, &m->from))
            return i - 1;
        if (found == LK_TRACE_NONE)
            found = i - 1; /* from elsewhere, if there is no better one */
    }
    return found;
}

static void place_reply(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];

    m->answers = find_request(trace, index);
    if (m->answers == LK_TRACE_NONE) {
        lanes_by_port(trace, m);
        return;
    }
    m->run = trace->messages[m->answers].run;
    lanes_as(m, &trace->messages[m->answers], true);
    if (of_run(trace, m))
        trace->runs[m->run].mip.reply = index;
}

/* ---- revocation ---- */

static void place_revocation(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    bool to_ha = m->mip.kind == LK_TRACE_MIP_REVOKE && (m->mip.flags & 1) == 0;

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol != LK_TRACE_MIP || !of_run(trace, before) ||
            !lk_address_equal(&trace->runs[before->run].mip.home, &m->mip.home))
            continue;
        if (m->mip.kind == LK_TRACE_MIP_REVOKED && before->mip.kind == LK_TRACE_MIP_REVOKE &&
            before->mip.identification == m->mip.identification) {
            m->answers = i - 1;
            to_ha = before->mip.from == LK_LANE_ANCHOR;
        }
        m->run = before->run;
        break;
    }
    m->mip.from = to_ha ? LK_LANE_FA : LK_LANE_ANCHOR;
    m->mip.to = to_ha ? LK_LANE_ANCHOR : LK_LANE_FA;
}

/* ---- tunnel data ---- */

/* Many may share a tunnel between two agents: the address inside says whose it is. */
static bool is_of_home(const struct lk_trace_message *m, const struct lk_trace_run *run)
{
    return lk_address_equal(&m->mip.inner.source, &run->mip.home) ||
           lk_address_equal(&m->mip.inner.destination, &run->mip.home);
}

/* spec: RFC 5944 2.1 - a foreign agent tells of itself, to who solicits or to all: what is at the
 * other end is not asked before. */
static bool is_of_link(struct lk_trace *trace, struct lk_trace_message *m)
{
    bool down = m->mip.inner.icmp == LK_MIP_ADVERTISEMENT;

    if (m->mip.inner.protocol != LK_IP_ICMP ||
        (!down && m->mip.inner.icmp != LK_MIP_SOLICITATION))
        return false;
    lk_trace_learn(trace, down ? &m->from : &m->to, LK_LANE_FA);
    m->mip.from = down ? LK_LANE_FA : LK_LANE_MN;
    m->mip.to = down ? LK_LANE_MN : LK_LANE_FA;
    return true;
}

static void place_tunnel(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    const struct lk_trace_message *known = NULL;
    bool turned = false, known_turned = false;

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol != m->protocol || before->run == LK_TRACE_NONE ||
            !same_ends(before, m, &turned))
            continue;
        if (known == NULL || is_of_home(m, &trace->runs[before->run])) {
            known = before;
            known_turned = turned;
        }
        if (is_of_home(m, &trace->runs[before->run]))
            break;
    }
    if (is_of_link(trace, m)) {
        m->run = known != NULL ? known->run : LK_TRACE_NONE;
    } else if (known == NULL) {
        lanes_by_port(trace, m);
    } else {
        m->run = known->run;
        lanes_as(m, known, known_turned);
    }
    m->request = m->mip.from == LK_LANE_MN || m->mip.to == LK_LANE_ANCHOR;
}

/* ---- the whole ---- */

/* What does not decode is shown with the others, and begins nothing. */
enum lk_status lk_mip_seen_place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    enum lk_status status = LK_OK;

    /* an authenticator that is there twice is answered */
    if (m->mip.kind == LK_TRACE_MIP_REQUEST && (m->status == LK_OK || m->status == LK_E_AUTH))
        status = place_request(trace, index);
    else if (m->mip.kind == LK_TRACE_MIP_REPLY && m->status == LK_OK)
        place_reply(trace, index);
    else if (m->mip.kind == LK_TRACE_MIP_REVOKE || m->mip.kind == LK_TRACE_MIP_REVOKED)
        place_revocation(trace, index);
    else if (m->mip.kind == LK_TRACE_MIP_TUNNEL)
        place_tunnel(trace, index);
    else
        lanes_by_port(trace, m);
    if (status == LK_OK && m->mip.kind == LK_TRACE_MIP_REPLY)
        status = lk_mip_seen_learn(trace, index);
    lk_mip_seen_judge(trace, m);
    return status;
}

static void sum_reply(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    bool good = m->mip.v6 ? m->mip.code < LK_BA_UNSPECIFIED
                          : m->mip.code <= LK_MIP_CODE_ACCEPTED_SINGLE;

    run->outcome = good ? LK_TRACE_ACCEPTED : LK_TRACE_REJECTED;
    run->mip.code = m->mip.code;
    if (!good)
        return;
    run->mip.lifetime_s = m->mip.lifetime_s;
    if (!lk_address_is_any(&m->mip.home))
        run->mip.home = m->mip.home;
    run->mip.agent = m->mip.agent;
}

void lk_mip_seen_sum_up(struct lk_trace_run *run, const struct lk_trace_message *m)
{
    run->mip.v6 = m->mip.v6;
    switch (m->mip.kind) {
    case LK_TRACE_MIP_REQUEST:
        if (m->mip.nai.len > 0)
            run->identity = m->mip.nai;
        run->mip.deregisters = m->mip.lifetime_s == 0;
        run->mip.home = m->mip.home;
        run->mip.agent = m->mip.agent;
        run->mip.care_of = m->mip.care_of;
        run->outcome = LK_TRACE_SILENT;
        break;
    case LK_TRACE_MIP_REPLY:
        sum_reply(run, m);
        break;
    case LK_TRACE_MIP_TUNNEL:
        run->mip.packets++;
        run->mip.octets += m->octets.len;
        break;
    case LK_TRACE_MIP_REVOKE:
    case LK_TRACE_MIP_REVOKED:
    case LK_TRACE_MIP_OTHER:
        break;
    }
}

void lk_mip_seen_rung(struct lk_rung *rung, const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];

    rung->from = (enum lk_lane)m->mip.from;
    rung->to = (enum lk_lane)m->mip.to;
    rung->kind = LK_RUNG_PLAIN;
    if (m->status != LK_OK)
        rung->kind = LK_RUNG_REFUSED;
    else if (m->mip.kind == LK_TRACE_MIP_REQUEST)
        rung->kind = LK_RUNG_CHALLENGE;
    else if (m->mip.kind == LK_TRACE_MIP_REPLY)
        rung->kind = m->mip.code < (m->mip.v6 ? LK_BA_UNSPECIFIED : LK_MIP_CODE_FA_UNSPECIFIED)
                         ? LK_RUNG_GRANTED
                         : LK_RUNG_REFUSED;
    else if (m->mip.kind == LK_TRACE_MIP_REVOKE)
        rung->kind = LK_RUNG_SYNC;
}
