/* Explain, for DTLS between device and TWAG, TWAG and anchor, or MN and PoS: at what a handshake
 * failed. A TWAG answers an identity it does not know, a key that never came and a wrong key alike
 * (A18), so that the wire alone proves nothing; K and OPc tell which key the device used. */
#include <stdio.h>

#include "base/secret.h"
#include "trace/explain.h"
#include "trace/run_keys.h"
#include "wire/dtls.h"
#include "wire/wlcp.h"

/* The last authentication before the run that made a WLCP key, or LK_TRACE_NONE. */
static size_t last_key_before(const struct lk_trace *trace, size_t run)
{
    for (size_t r = run; r > 0; r--)
        if (trace->runs[r - 1].multi && trace->runs[r - 1].outcome == LK_TRACE_ACCEPTED)
            return r - 1;
    return LK_TRACE_NONE;
}

/* spec: TS 33.402 7.2.3.2.2 - a re-authentication replaces the key. */
static void prove_key(struct lk_explanation *e, const struct lk_trace *trace,
                      const struct lk_explain_facts *facts)
{
    const struct lk_trace_run *run = &trace->runs[e->run];
    size_t last = last_key_before(trace, e->run), used;
    struct lk_run_keys keys;
    bool known;

    if (facts->card == NULL || run->identity.len == 0 || last == LK_TRACE_NONE
        || run->kind != LK_TRACE_SESSION)
        return;
    lk_run_keys(&keys, trace, last, facts->card);
    known = keys.known;
    lk_wipe(&keys, sizeof keys);
    if (!known)
        return;
    e->recomputed = true;
    used = lk_run_of_identity(trace, run->identity, facts->card);
    if (used == last)
        lk_explain_add(e, LK_CAUSE_WLCP_KEY, LK_POSSIBLE, 75,
                       "the device uses the WLCP key of \"%s\", the latest: the TWAG does not",
                       trace->runs[last].title);
    else if (used != LK_TRACE_NONE)
        lk_explain_add(e, LK_CAUSE_WLCP_KEY, LK_PROVEN, 100,
                       "the identity names the WLCP key of \"%s\"; \"%s\" has made a newer one",
                       trace->runs[used].title, trace->runs[last].title);
    else
        lk_explain_add(e, LK_CAUSE_WLCP_KEY, LK_PROVEN, 100,
                       "the identity names no WLCP key that this card's authentications in the "
                       "capture have made with that KDF");
}

static enum lk_cause key_of(const struct lk_trace_run *run)
{
    return run->kind == LK_TRACE_CHANNEL ? LK_CAUSE_MIS_PSK : LK_CAUSE_WLCP_KEY;
}

static void refused(struct lk_explanation *e, const struct lk_trace_run *run)
{
    snprintf(e->where, sizeof e->where, "The handshake ended with the alert %s.",
             lk_trace_alert_name(run->alert));
    if (run->identity.len > 0)
        lk_explain_add(e, key_of(run), LK_POSSIBLE, 80,
                       "unknown identity, a key that never came and a wrong key all end in this "
                       "alert");
    else
        lk_explain_add(e, LK_CAUSE_DTLS_PROFILE, LK_POSSIBLE, 80,
                       "the alert answers the ClientHello: no key was named yet");
}

static void silent(struct lk_explanation *e, const struct lk_trace *trace,
                   const struct lk_trace_run *run)
{
    const struct lk_trace_message *first = &trace->messages[run->first];
    bool answered = false;

    for (size_t i = run->first; i <= run->last; i++)
        answered = answered || (trace->messages[i].run == e->run && !trace->messages[i].request);
    if (first->protocol == LK_TRACE_WLCP) {
        snprintf(e->where, sizeof e->where, "The TWAG answered nothing.");
        lk_explain_add(e, LK_CAUSE_WLCP_CLEAR, LK_PROVEN, 100,
                       "no handshake, and no record of DTLS around the message");
        return;
    }
    snprintf(e->where, sizeof e->where, "%s", answered ?
             "The server answered at first, and then nothing." : "The server answered nothing.");
    lk_explain_add(e, LK_CAUSE_SERVER_AWAY, LK_POSSIBLE, answered ? 20 : 70,
                   "a handshake message without an answer");
    if (run->kind == LK_TRACE_SESSION && first->from.port != LK_WLCP_PORT)
        lk_explain_add(e, LK_CAUSE_SERVER_AWAY, LK_POSSIBLE, 75,
                       "the source port is %u: both ends use %u, unless wlcp.any_source_port says "
                       "otherwise", first->from.port, LK_WLCP_PORT);
    if (run->identity.len > 0)
        lk_explain_add(e, key_of(run), LK_POSSIBLE, 60,
                       "a server without a key of this identity is silent for some time");
}

void lk_explain_connection(struct lk_explanation *e, const struct lk_trace *trace,
                           const struct lk_explain_facts *facts)
{
    const struct lk_trace_run *run = &trace->runs[e->run];

    switch (run->outcome) {
    case LK_TRACE_ACCEPTED:
        snprintf(e->where, sizeof e->where, "DTLS is up.");
        return;
    case LK_TRACE_REJECTED:
        refused(e, run);
        break;
    case LK_TRACE_SILENT:
        silent(e, trace, run);
        break;
    case LK_TRACE_OPEN:
        snprintf(e->where, sizeof e->where, "The client did not go on with the handshake.");
        lk_explain_add(e, LK_CAUSE_PEER_SILENT, LK_POSSIBLE, 80,
                       "the run ends with a message of the server");
        break;
    }
    prove_key(e, trace, facts);
}
