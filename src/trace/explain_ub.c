/* Explain, for a bootstrapping: who refused whom at Ub, and what K and OPc say of it. */
#include <stdio.h>

#include "base/secret.h"
#include "trace/explain.h"
#include "trace/ub.h"

static void refused(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[e->run];
    const struct lk_trace_message *m = &trace->messages[e->at];

    if (m->ub.http.status == 200) {
        (void)snprintf(e->where, sizeof e->where, "The BSF's last answer has no B-TID, or does not "
                       "prove itself.");
        lk_explain_add(e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 50,
                       "message %zu is 200 without rspauth or B-TID", e->at + 1);
        return;
    }
    (void)snprintf(e->where, sizeof e->where, "The BSF refused with %u%s.", m->ub.http.status,
                   run->ub.response != LK_TRACE_NONE ? " after the device's response" :
                                                       " before any challenge");
    if (run->ub.response == LK_TRACE_NONE) {
        lk_explain_add(e, LK_CAUSE_SUBSCRIBER, LK_POSSIBLE, 60, "a name of another realm");
        lk_explain_add(e, LK_CAUSE_SERVER, LK_POSSIBLE, m->ub.http.status >= 500 ? 80 : 20,
                       "status %u", m->ub.http.status);
        return;
    }
    lk_explain_add(e, LK_CAUSE_KEYS, LK_POSSIBLE, 60, "the response is not what the BSF expects");
    lk_explain_add(e, LK_CAUSE_METHOD, LK_POSSIBLE, 40,
                   "the BSF takes the algorithm and qop of its challenge and no other");
    lk_explain_add(e, LK_CAUSE_SERVER, LK_POSSIBLE, m->ub.http.status >= 500 ? 80 : 20,
                   "status %u", m->ub.http.status);
}

static void left(struct lk_explanation *e)
{
    (void)snprintf(e->where, sizeof e->where,
                   "The device did not go on: its card or its policy refused the challenge.");
    lk_explain_add(e, LK_CAUSE_KEYS, LK_POSSIBLE, 80, "a card with another K or OPc stops here");
    lk_explain_add(e, LK_CAUSE_SUBSCRIBER, LK_POSSIBLE, 60,
                   "a BSF that hides who is unknown challenges everybody, with random octets");
    lk_explain_add(e, LK_CAUSE_METHOD, LK_POSSIBLE, 30,
                   "the device refuses what is not AKA with auth-int of the BSF that it asked");
}

/* What K and OPc prove. */
static void prove(struct lk_explanation *e, const struct lk_trace *trace,
                  const struct lk_recompute_card *card)
{
    size_t challenge = trace->runs[e->run].ub.challenge;
    uint8_t rand[LK_RAND_LEN], autn[LK_AUTN_LEN];
    struct lk_recomputed_card again;
    struct lk_run_keys keys;

    e->provable = e->failed && challenge != LK_TRACE_NONE &&
                  lk_ub_challenge(rand, autn, &trace->messages[challenge]);
    if (!e->provable || card == NULL)
        return;
    e->recomputed = true;
    lk_recompute_autn(&again, card, rand, autn);
    lk_run_keys(&keys, trace, e->run, card);
    if (again.variant == LK_CARD_NO_VARIANT)
        lk_explain_add(e, LK_CAUSE_KEYS, LK_PROVEN, 90,
                       "MAC-A, calculated again from the K and OPc given, is not the one in AUTN");
    else if (again.variant != LK_CARD_AS_GIVEN)
        lk_explain_add(e, LK_CAUSE_OP_AS_OPC, LK_PROVEN, 100,
                       "MAC-A verifies with another OPc made of the one given");
    else if (keys.response == LK_TRACE_WRONG)
        lk_explain_add(e, LK_CAUSE_KEYS, LK_PROVEN, 90,
                       "AUTN is right under K and OPc, and the response is not what they make");
    else
        lk_explain_add(e, LK_CAUSE_KEYS, LK_RULED_OUT, 0, "MAC-A verifies under K and OPc");
    if (keys.rspauth == LK_TRACE_WRONG)
        lk_explain_add(e, LK_CAUSE_TAMPERED, LK_PROVEN, 95,
                       "rspauth, calculated again, is not of this body");
    lk_wipe(&again, sizeof again);
    lk_wipe(&keys, sizeof keys);
}

void lk_explain_ub(struct lk_explanation *e, const struct lk_trace *trace,
                   const struct lk_explain_facts *facts)
{
    const struct lk_trace_run *run = &trace->runs[e->run];

    switch (run->outcome) {
    case LK_TRACE_ACCEPTED:
        (void)snprintf(e->where, sizeof e->where, "%s", run->resync ?
                       "Bootstrapped, after one resynchronisation." : "Bootstrapped.");
        if (run->resync)
            lk_explain_add(e, LK_CAUSE_SQN, LK_PROVEN, 60,
                           "the card sent AUTS, and accepted the next challenge");
        break;
    case LK_TRACE_REJECTED:
        refused(e, trace);
        break;
    case LK_TRACE_SILENT:
        (void)snprintf(e->where, sizeof e->where, "The BSF did not answer.");
        lk_explain_add(e, LK_CAUSE_SERVER_AWAY, LK_POSSIBLE, 80, "message %zu has no answer",
                       e->at + 1);
        break;
    case LK_TRACE_OPEN:
        left(e);
        break;
    }
    prove(e, trace, facts->card);
}
