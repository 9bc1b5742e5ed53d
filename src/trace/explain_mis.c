/* Explain, for an establishment of an SA of MIS: what a PoS refused it with, what the capture shows
 * for that, and what is wrong although nobody refused.
 *
 * A reason is proven where what states it is protected: under an SA, or between two PoS. Auth in
 * clear anybody could have written. */
#include <stdio.h>

#include "proto/mis/partners.h"
#include "trace/explain.h"
#include "trace/mis.h"

enum { CHAIN_LOOKED_AT = 64 };

static const struct lk_trace_run *run_of(const struct lk_explanation *e,
                                         const struct lk_trace *trace)
{
    return &trace->runs[e->run];
}

/* ---- the chain ---- */

/* The run that made that SA; LK_TRACE_NONE: not in the capture. */
static size_t run_with(const struct lk_trace *trace, const struct lk_mis_said *said, size_t before)
{
    for (size_t r = before; r > 0; r--)
        if (trace->runs[r - 1].kind == LK_TRACE_ESTABLISHMENT &&
            lk_mis_said_is(&trace->runs[r - 1].mis.said, said))
            return r - 1;
    return LK_TRACE_NONE;
}

/* Optimised runs up to this one, by the SAIDs that they went under: so many at least. first: the
 * last one that was found. */
static unsigned chain_of(const struct lk_trace *trace, size_t run, size_t *first)
{
    unsigned used = 0;

    *first = run;
    while (run != LK_TRACE_NONE && used < CHAIN_LOOKED_AT && trace->runs[run].mis.optimised) {
        const struct lk_mis_said *under = &trace->runs[run].mis.under;

        *first = run;
        if (lk_mis_seen_of_home(&trace->runs[run].mis))
            break;
        used++;
        run = run_with(trace, under, run);
        if (run == LK_TRACE_NONE && under->id.len > 0 && under->type == LK_MIS_SA_SPOS)
            used++; /* of which the capture has no more than the SA */
    }
    if (run != LK_TRACE_NONE)
        *first = run;
    return used;
}

/* T40: the count that an SPoS tells against that of the SAIDs.
 * spec: IEEE 802.21.1 5.14.2 - after a number of runs an SA is established in full. */
static void look_at_count(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_establishment *of = &run_of(e, trace)->mis;
    size_t first;
    unsigned used = chain_of(trace, e->run, &first);

    if (!of->optimised || !of->has_envelope)
        return;
    if (of->chain.used < used)
        lk_explain_add(e, LK_CAUSE_MIS_COUNT, LK_PROVEN, 95,
                       "it says run %u; by the SAIDs it is run %u since run %zu of the capture",
                       of->chain.used, used, first + 1);
    else if (run_of(e, trace)->outcome == LK_TRACE_ACCEPTED && of->chain.used > of->chain.max)
        lk_explain_add(e, LK_CAUSE_MIS_CHAIN, LK_PROVEN, 90,
                       "run %u was accepted, where the SPoS says that %u is the limit",
                       of->chain.used, of->chain.max);
}

/* ---- each reason ---- */

struct told {
    struct lk_explanation *e;
    const struct lk_trace *trace;
    const struct lk_trace_establishment *of;
    enum lk_certainty certainty;
    char who[LK_MIS_TEXT]; /* refused it */
};

static void about_chain(const struct told *t)
{
    size_t first;
    unsigned used = chain_of(t->trace, t->e->run, &first);

    lk_explain_add(t->e, LK_CAUSE_MIS_CHAIN, t->certainty, 90,
                   "%s says so; it would have been optimised run %u since run %zu of the capture",
                   t->who, used, first + 1);
}

static void about_trust(const struct told *t)
{
    char spos[LK_MIS_TEXT], pos[LK_MIS_TEXT];

    lk_mis_text(spos, t->of->spos);
    lk_mis_text(pos, t->of->pos);
    lk_explain_add(t->e, LK_CAUSE_MIS_TRUST, t->certainty, 90, "%s says so, of %s and %s", t->who,
                   spos[0] != '\0' ? spos : "the MN", pos[0] != '\0' ? pos : "its target");
}

static void about_suite(const struct told *t)
{
    char offers[64] = "";
    size_t len = 0;

    for (size_t i = 0; i < t->of->offered.len && len + 8 < sizeof offers; i++)
        len += (size_t)snprintf(offers + len, sizeof offers - len, "%s%u", i > 0 ? ", " : "",
                                t->of->offered.at[i]);
    lk_explain_add(t->e, LK_CAUSE_MIS_SUITE, t->certainty, 90, "%s says so; the MN offers %s%s",
                   t->who, offers[0] != '\0' ? "codes " : "what is protected", offers);
}

static void about_expiry(const struct told *t)
{
    size_t first;
    const struct lk_trace_run *run = &t->trace->runs[t->e->run], *start;

    (void)chain_of(t->trace, t->e->run, &first);
    start = &t->trace->runs[first];
    lk_explain_add(t->e, LK_CAUSE_MIS_EXPIRED, t->certainty, 90,
                   "%s says so; run %zu of the capture, of %u s, began %.1f s before", t->who,
                   first + 1, start->mis.lifetime_s,
                   (double)(int64_t)(t->trace->messages[run->first].at_ns -
                                     t->trace->messages[start->first].at_ns) / 1e9);
}

static void about_target(const struct told *t)
{
    char pos[LK_MIS_TEXT];

    lk_mis_text(pos, t->of->pos);
    lk_explain_add(t->e, LK_CAUSE_MIS_UNREACHABLE, t->certainty, 90, "%s says so of %s%s", t->who,
                   pos[0] != '\0' ? pos : "its target",
                   t->of->n2n ? "; the link was up, for it carried the question: what is missing "
                                "is the answer, or it came too late" :
                   "; no question to it is in the capture");
}

/* In full: what was to be reached is the AAA of the PoS. */
static void about_home(const struct told *t)
{
    lk_explain_add(t->e, LK_CAUSE_MIS_AAA, t->certainty, 90, "%s says that its AAA is silent",
                   t->who);
}

/* What the MN told, where the capture can read it. */
static void about_no_target(const struct told *t)
{
    const struct lk_trace_run *run = run_of(t->e, t->trace);
    struct lk_mis_message asked;
    char network[LK_MIS_TEXT] = "", pos[LK_MIS_TEXT] = "";
    bool read = lk_mis_seen_read(&asked, &t->trace->messages[run->first]);

    if (read && lk_mis_has(&asked, LK_MIS_TLV_TARGET) && !asked.target.by_address)
        lk_mis_text(network, asked.target.network);
    if (read && lk_mis_has(&asked, LK_MIS_TLV_POS))
        lk_mis_text(pos, asked.pos.id);
    lk_explain_add(t->e, LK_CAUSE_MIS_NO_TARGET, t->certainty, 90, "%s says so%s%s%s%s%s%s",
                   t->who, pos[0] != '\0' ? "; the MN names " : "", pos,
                   network[0] != '\0' ? "; the MN wants network " : "", network,
                   read && lk_mis_has(&asked, LK_MIS_TLV_PLACE) ? "; it says where it is" : "",
                   read && lk_mis_has(&asked, LK_MIS_TLV_LINK_TYPES) ? "; it names link types"
                                                                     : "");
}

static void about_full(const struct told *t)
{
    bool tls = t->of->under.id.len > 0 && t->of->under.type == LK_MIS_SA_TLS;

    lk_explain_add(t->e, LK_CAUSE_MIS_FULL, t->certainty, 90, "%s says so%s", t->who,
                   tls ? "; the SA with the SPoS is of TLS" : "");
}

/* Another run of this MN with the same nonce. */
static void about_replay(const struct told *t)
{
    for (size_t r = t->e->run; r > 0; r--) {
        const struct lk_trace_establishment *other = &t->trace->runs[r - 1].mis;

        if (t->trace->runs[r - 1].kind == LK_TRACE_ESTABLISHMENT && t->of->nonce_t.len > 0 &&
            lk_span_equal(other->nonce_t, t->of->nonce_t) && lk_span_equal(other->mn, t->of->mn)) {
            lk_explain_add(t->e, LK_CAUSE_MIS_REPLAY, LK_PROVEN, 95,
                           "%s says so, and Nonce-T is that of run %zu of the capture", t->who, r);
            return;
        }
    }
    lk_explain_add(t->e, LK_CAUSE_MIS_REPLAY, t->certainty, 90,
                   "%s says so; the capture has no other exchange with this nonce", t->who);
}

static void about(const struct told *t, enum lk_cause cause, unsigned weight)
{
    lk_explain_add(t->e, cause, t->certainty, weight, "%s says so", t->who);
}

/* A refusal without a reason, by its status. */
static void about_status(const struct told *t)
{
    struct told guess = *t;

    guess.certainty = LK_POSSIBLE;
    if (t->of->status == LK_MIS_AUTH_FAILURE)
        about(t, LK_CAUSE_MIS_AUTH, 80);
    else if (t->of->status == LK_MIS_NOT_AUTHORIZED)
        about_trust(&guess);
    else if (t->of->status == LK_MIS_NETWORK_ERROR)
        about_target(&guess);
    else
        about_full(&guess);
}

static void about_reason(const struct told *t)
{
    switch (t->of->reason) {
    case LK_MIS_REASON_CHAIN_LIMIT:
        about_chain(t);
        break;
    case LK_MIS_REASON_NO_TRUST:
        about_trust(t);
        break;
    case LK_MIS_REASON_UNKNOWN_MN:
        about(t, LK_CAUSE_MIS_UNKNOWN_MN, 90);
        break;
    case LK_MIS_REASON_NO_COMMON_SUITE:
        about_suite(t);
        break;
    case LK_MIS_REASON_KEY_EXPIRED:
        about_expiry(t);
        break;
    case LK_MIS_REASON_FULL_AUTH_WANTED:
        about_full(t);
        break;
    case LK_MIS_REASON_UNREACHABLE:
        if (t->of->optimised)
            about_target(t);
        else
            about_home(t);
        break;
    case LK_MIS_REASON_AUTH_FAILED:
        about(t, LK_CAUSE_MIS_AUTH, 90);
        break;
    case LK_MIS_REASON_REPLAY:
        about_replay(t);
        break;
    case LK_MIS_REASON_NO_TARGET:
        about_no_target(t);
        break;
    case LK_MIS_REASON_NONE:
    case LK_MIS_REASON_COUNT:
        about_status(t);
        break;
    }
}

/* ---- how it ended ---- */

static void refused(struct lk_explanation *e, const struct lk_trace *trace)
{
    struct told t = { .e = e, .trace = trace, .of = &run_of(e, trace)->mis };
    const struct lk_trace_message *m = &trace->messages[t.of->refused_at];

    e->at = t.of->refused_at;
    t.certainty = m->mis.sealed || (m->opened && m->mis.action == LK_MIS_N2N_PREREG_XFER) ?
                      LK_PROVEN : LK_POSSIBLE; /* what goes over TCP is opened, too, and in clear */
    lk_mis_text(t.who, m->mis.source);
    (void)snprintf(e->where, sizeof e->where, "%s refused with status %u (%s)%s%s.", t.who,
                   t.of->status, lk_mis_status_text(t.of->status),
                   t.of->reason != LK_MIS_REASON_NONE ? ", reason: " : "",
                   t.of->reason != LK_MIS_REASON_NONE ? lk_mis_reason_text(t.of->reason) : "");
    about_reason(&t);
}

static void unanswered(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_message *m = &trace->messages[e->at];
    char who[LK_MIS_TEXT];

    lk_mis_text(who, m->mis.destination);
    (void)snprintf(e->where, sizeof e->where, "%s did not answer %s.", who,
                   lk_mis_action_name(m->mis.action));
    if (m->mis.action == LK_MIS_N2N_PREREG_XFER)
        lk_explain_add(e, LK_CAUSE_MIS_UNREACHABLE, LK_POSSIBLE, 80,
                       "message %zu has no answer", e->at + 1);
    lk_explain_add(e, LK_CAUSE_MIS_SILENT, LK_POSSIBLE, 70, "message %zu has no answer",
                   e->at + 1);
}

static void did_not_go_on(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_message *m = &trace->messages[e->at];
    const struct lk_trace_establishment *of = &run_of(e, trace)->mis;
    char domain[LK_MIS_TEXT];

    if (m->mis.sealed && !m->mis.opened)
        (void)snprintf(e->where, sizeof e->where, "The MN did not go on. What the SPoS answered is "
                       "protected, and the capture has no keys of that SA (capture.secrets).");
    else
        (void)snprintf(e->where, sizeof e->where, "The MN did not go on.");
    if (!of->optimised)
        lk_explain_add(e, LK_CAUSE_PEER_SILENT, LK_POSSIBLE, 60,
                       "the run ends behind a message of the PoS");
    lk_mis_text(domain, lk_mis_realm(of->pos));
    if (of->optimised && of->said.id.len > 0 &&
        !lk_mis_same_realm(lk_mis_realm(of->pos), lk_mis_realm(of->mn)))
        lk_explain_add(e, LK_CAUSE_MIS_TARGET, LK_POSSIBLE, 60,
                       "the target is ready, and is of %.40s; the MN never came", domain);
}

static void open_end(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_establishment *of = &run_of(e, trace)->mis;
    bool elsewhere = lk_mis_seen_goes_on_elsewhere(trace, e->run);
    char spos[LK_MIS_TEXT];

    e->failed = of->asked && !elsewhere;
    lk_mis_text(spos, of->spos);
    if (e->failed)
        did_not_go_on(e, trace);
    else if (elsewhere)
        (void)snprintf(e->where, sizeof e->where, "The target is ready. What followed is not in "
                       "this capture, which has %s's messages alone.", spos);
    else
        (void)snprintf(e->where, sizeof e->where, "No SA was asked for.");
}

void lk_explain_mis(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_run *run = run_of(e, trace);
    const struct lk_trace_message *first = &trace->messages[run->first];

    switch (run->outcome) {
    case LK_TRACE_ACCEPTED:
        (void)snprintf(e->where, sizeof e->where, "The SA is there%s.",
                       run->mis.ended ? ", and was ended by one of its ends" : "");
        break;
    case LK_TRACE_REJECTED:
        refused(e, trace);
        break;
    case LK_TRACE_SILENT:
        unanswered(e, trace);
        break;
    case LK_TRACE_OPEN:
        open_end(e, trace);
        break;
    }
    look_at_count(e, trace);
    if (run->mis.optimised && first->mis.action == LK_MIS_PREREG_XFER && !first->mis.sealed)
        lk_explain_add(e, LK_CAUSE_MIS_CLEAR, LK_PROVEN, 100, "message %zu is under no SA",
                       run->first + 1);
}
