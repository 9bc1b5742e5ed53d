/* Explain, the part that looks: which message a run failed at, and which causes that leaves, by
 * what can be seen without any key. explain_proof.c then proves some and rules out others. */
#include "trace/explain.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "proto/eap/identity.h"
#include "trace/run_keys.h"

const char *lk_certainty_name(enum lk_certainty certainty)
{
    switch (certainty) {
    case LK_RULED_OUT:
        return "ruled out";
    case LK_POSSIBLE:
        return "possible";
    case LK_PROVEN:
        return "proven";
    }
    return "?";
}

/* What is known already is worth more. */
static bool beats(const struct lk_cause_found *found, enum lk_certainty certainty, unsigned weight)
{
    if (found->certainty == certainty)
        return found->weight >= weight;
    return certainty == LK_POSSIBLE || found->certainty == LK_PROVEN;
}

void lk_explain_add(struct lk_explanation *explanation, enum lk_cause cause,
                    enum lk_certainty certainty, unsigned weight, const char *format, ...)
{
    struct lk_cause_found *found = NULL;
    va_list args;

    for (size_t i = 0; i < explanation->count; i++)
        if (explanation->causes[i].cause == cause)
            found = &explanation->causes[i];
    if (found == NULL)
        found = &explanation->causes[explanation->count++];
    else if (beats(found, certainty, weight))
        return;
    found->cause = cause;
    found->certainty = certainty;
    found->weight = weight;
    va_start(args, format);
    vsnprintf(found->evidence, sizeof found->evidence, format, args);
    va_end(args);
}

/* ---- what can be seen ---- */

/* A realm whose MCC and MNC are not those of the IMSI, or that is none of 3GPP. */
static void look_at_identity(struct lk_explanation *e, const struct lk_trace_run *run,
                             unsigned weight)
{
    struct lk_nai nai;
    struct lk_imsi imsi;

    lk_nai_parse(&nai, run->identity);
    if (nai.kind != LK_IDENTITY_PERMANENT || lk_nai_imsi(&imsi, &nai) != LK_OK)
        return;
    if (nai.realm.len == 0)
        lk_explain_add(e, LK_CAUSE_REALM, LK_POSSIBLE, weight, "the identity has no realm");
    else if (lk_realm_mnc_len(nai.realm, &imsi) == 0)
        lk_explain_add(e, LK_CAUSE_REALM, LK_POSSIBLE, weight + 25,
                       "the realm %.*s does not hold the MCC and MNC of the IMSI, with an MNC of "
                       "two or of three digits",
                       (int)nai.realm.len, (const char *)nai.realm.at);
}

/* What the challenge shows in clear. */
static void look_at_challenge(struct lk_explanation *e, const struct lk_eap_packet *challenge,
                              const struct lk_explain_facts *facts, unsigned weight)
{
    const struct lk_aka_attributes *at = &challenge->at;
    struct lk_span wlan = lk_span_text("WLAN");

    if (challenge->type != LK_EAP_AKA_PRIME) {
        if (lk_aka_has(at, LK_AT_BIDDING) && (at->bidding & LK_AKA_BIDDING_D) != 0)
            lk_explain_add(e, LK_CAUSE_BIDDING, LK_POSSIBLE, weight,
                           "the challenge of EAP-AKA says in AT_BIDDING that the server prefers "
                           "EAP-AKA'");
        return;
    }
    if (at->autn.len == LK_AUTN_LEN && (at->autn.at[6] & 0x80) == 0)
        lk_explain_add(e, LK_CAUSE_AMF, LK_POSSIBLE, weight + 30,
                       "AUTN carries AMF %02x%02x: the first bit is clear", at->autn.at[6],
                       at->autn.at[7]);
    if (facts->network_name.len > 0 && !lk_span_equal(at->kdf_input, facts->network_name))
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, weight + 25,
                       "AT_KDF_INPUT names %.*s, the device believes in %.*s",
                       (int)at->kdf_input.len, (const char *)at->kdf_input.at,
                       (int)facts->network_name.len, (const char *)facts->network_name.at);
    else if (facts->network_name.len == 0 && !lk_span_equal(at->kdf_input, wlan))
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, weight + 15,
                       "AT_KDF_INPUT names %.*s; for Wi-Fi the name is WLAN",
                       (int)at->kdf_input.len, (const char *)at->kdf_input.at);
}

static void peer_rejected(struct lk_explanation *e, const struct lk_eap_packet *challenge,
                          const struct lk_explain_facts *facts)
{
    snprintf(e->where, sizeof e->where,
             "The device answered the challenge with Authentication-Reject: its card or its policy "
             "refused AUTN.");
    lk_explain_add(e, LK_CAUSE_KEYS, LK_POSSIBLE, 80,
                   "a card that computes another MAC-A answers so");
    lk_explain_add(e, LK_CAUSE_OP_AS_OPC, LK_POSSIBLE, 70,
                   "OP for OPc gives another MAC-A, and is the usual way to get there");
    lk_explain_add(e, LK_CAUSE_SUBSCRIBER, LK_POSSIBLE, 25,
                   "a server that hides who is unknown challenges everybody, with random octets");
    if (challenge->type == LK_EAP_AKA_PRIME) {
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, 40,
                       "a device that is somewhere else than AT_KDF_INPUT (%.*s) says answers so",
                       (int)challenge->at.kdf_input.len, (const char *)challenge->at.kdf_input.at);
        lk_explain_add(e, LK_CAUSE_KDF, LK_POSSIBLE, 10, "a device without AT_KDF 1 answers so");
    }
    look_at_challenge(e, challenge, facts, 70);
}

static void client_error(struct lk_explanation *e, const struct lk_trace_run *run,
                         const struct lk_eap_packet *before, const struct lk_eap_packet *error,
                         const struct lk_explain_facts *facts)
{
    bool challenge = before != NULL && before->subtype == LK_AKA_CHALLENGE;

    snprintf(e->where, sizeof e->where, "The device answered Client-Error %u: it could not process "
             "the message before.", error->at.client_error);
    if (!challenge) {
        lk_explain_add(e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 40, "the message before is no challenge");
        return;
    }
    if (before->type == LK_EAP_AKA_PRIME) {
        lk_explain_add(e, LK_CAUSE_PRIME_TWICE, LK_POSSIBLE, 60,
                       "AT_MAC of the challenge fails at a device whose CK' and IK' are others");
        lk_explain_add(e, LK_CAUSE_PRIME_NEVER, LK_POSSIBLE, 45, "the same");
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, 50,
                       "the network name enters CK' and IK': AT_MAC fails");
    }
    lk_explain_add(e, LK_CAUSE_REALM, LK_POSSIBLE, 55,
                   "the identity enters the keys: AT_MAC fails when the ends take different ones");
    lk_explain_add(e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 20, "AT_MAC or AT_CHECKCODE may have failed");
    look_at_identity(e, run, 60);
    look_at_challenge(e, before, facts, 50);
}

/* The last AUTS stood before the refusal. */
static void resync_failed(struct lk_explanation *e, bool twice)
{
    if (twice) {
        snprintf(e->where, sizeof e->where, "The card reported a synchronisation failure again, "
                 "after the server had treated the first one.");
        lk_explain_add(e, LK_CAUSE_SQN, LK_PROVEN, 90, "two AUTS in one run");
        return;
    }
    snprintf(e->where, sizeof e->where,
             "The server refused after the card's synchronisation failure.");
    lk_explain_add(e, LK_CAUSE_SQN, LK_PROVEN, 60,
                   "the card sent AUTS: it accepted MAC-A and not SQN");
    lk_explain_add(e, LK_CAUSE_KEYS, LK_POSSIBLE, 70,
                   "an AUTS that does not verify at the server comes from another K or OPc");
}

static void response_refused(struct lk_explanation *e, const struct lk_trace_run *run,
                             const struct lk_eap_packet *challenge,
                             const struct lk_explain_facts *facts)
{
    snprintf(e->where, sizeof e->where,
             "The server refused the device's answer to the challenge: AT_RES or AT_MAC was not "
             "what it expected.");
    lk_explain_add(e, LK_CAUSE_REALM, LK_POSSIBLE, 60,
                   "the card accepted AUTN, so K and OPc agree; the identity enters the keys");
    lk_explain_add(e, LK_CAUSE_KEYS, LK_POSSIBLE, 30,
                   "AT_RES may be wrong although the card accepted AUTN");
    if (challenge->type == LK_EAP_AKA_PRIME) {
        lk_explain_add(e, LK_CAUSE_PRIME_TWICE, LK_POSSIBLE, 55, "CK' and IK' enter AT_MAC");
        lk_explain_add(e, LK_CAUSE_NETWORK_NAME, LK_POSSIBLE, 40, "the name enters CK' and IK'");
    }
    lk_explain_add(e, LK_CAUSE_STATE, LK_POSSIBLE, 20, "a State that does not open is refused so");
    lk_explain_add(e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 10, "AT_CHECKCODE may have failed");
    look_at_identity(e, run, 55);
    look_at_challenge(e, challenge, facts, 40);
}

static void identity_refused(struct lk_explanation *e, const struct lk_trace_run *run)
{
    struct lk_nai nai;

    snprintf(e->where, sizeof e->where,
             "The server refused before any challenge: after the identity %.*s.",
             (int)(run->identity.len < 100 ? run->identity.len : 100),
             (const char *)run->identity.at);
    lk_nai_parse(&nai, run->identity);
    lk_explain_add(e, LK_CAUSE_SUBSCRIBER, LK_POSSIBLE, nai.kind == LK_IDENTITY_OTHER ? 40 : 80,
                   "no vector was made for this identity");
    if (nai.kind == LK_IDENTITY_OTHER)
        lk_explain_add(e, LK_CAUSE_METHOD, LK_POSSIBLE, 70,
                       "the identity does not begin with 0, 2, 4 (EAP-AKA) or 6, 7, 8 (EAP-AKA')");
    lk_explain_add(e, LK_CAUSE_SERVER, LK_POSSIBLE, 30, "no vector was made for this identity");
    lk_explain_add(e, LK_CAUSE_STATE, LK_POSSIBLE, 10, "a State that does not open is refused so");
    look_at_identity(e, run, 60);
}

static void no_answer(struct lk_explanation *e, const struct lk_explain_facts *facts, bool at_first)
{
    if (facts->refusal != NULL && strstr(facts->refusal->came, "unreachable") != NULL)
        lk_explain_add(e, LK_CAUSE_SERVER_AWAY, LK_POSSIBLE, 95, "%s", facts->refusal->came);
    snprintf(e->where, sizeof e->where, "%s",
             at_first ? "The server answered nothing at all." :
                        "The server answered at first, and then nothing.");
    lk_explain_add(e, LK_CAUSE_SERVER_AWAY, LK_POSSIBLE, 60,
                   at_first ? "a request without an answer" : "it may have ended meanwhile");
    lk_explain_add(e, LK_CAUSE_SECRET, LK_POSSIBLE, at_first ? 70 : 5,
                   "a server that cannot verify Message-Authenticator says nothing");
}

/* The last response of the peer in the run that is a method's, or Nak. The answer to a notification
 * says nothing: what came before it was refused. */
static size_t last_response(const struct lk_trace *trace, size_t run)
{
    size_t last = LK_TRACE_NONE;

    for (size_t i = lk_trace_find(trace, run, 0, LK_EAP_RESPONSE, 0); i != LK_TRACE_NONE;
         i = lk_trace_find(trace, run, i + 1, LK_EAP_RESPONSE, 0))
        if (lk_trace_eap(&trace->messages[i])->subtype != LK_AKA_NOTIFICATION)
            last = i;
    return last;
}

static size_t last_request_before(const struct lk_trace *trace, size_t run, size_t before)
{
    size_t last = LK_TRACE_NONE;

    for (size_t i = lk_trace_find(trace, run, 0, LK_EAP_REQUEST, 0);
         i != LK_TRACE_NONE && i < before;
         i = lk_trace_find(trace, run, i + 1, LK_EAP_REQUEST, 0))
        last = i;
    return last;
}

static size_t count_syncs(const struct lk_trace *trace, size_t run)
{
    size_t count = 0;

    for (size_t i = lk_trace_find(trace, run, 0, LK_EAP_RESPONSE, LK_AKA_SYNCHRONIZATION_FAILURE);
         i != LK_TRACE_NONE; i = lk_trace_find(trace, run, i + 1, LK_EAP_RESPONSE,
                                               LK_AKA_SYNCHRONIZATION_FAILURE))
        count++;
    return count;
}

static void refused_at(struct lk_explanation *e, const struct lk_trace *trace, size_t run,
                       const struct lk_explain_facts *facts)
{
    const struct lk_trace_run *r = &trace->runs[run];
    size_t response = last_response(trace, run);
    const struct lk_eap_packet *said, *before = NULL;
    size_t request;

    if (response == LK_TRACE_NONE) {
        identity_refused(e, r);
        return;
    }
    said = lk_trace_eap(&trace->messages[response]);
    request = last_request_before(trace, run, response);
    if (request != LK_TRACE_NONE)
        before = lk_trace_eap(&trace->messages[request]);
    e->at = response;
    if (said->type == LK_EAP_NAK) {
        snprintf(e->where, sizeof e->where, "The device refused the EAP method with Nak.");
        lk_explain_add(e, LK_CAUSE_METHOD, LK_POSSIBLE, 90, "the device sent Nak");
    } else if (said->subtype == LK_AKA_AUTHENTICATION_REJECT && before != NULL) {
        peer_rejected(e, before, facts);
    } else if (said->subtype == LK_AKA_CLIENT_ERROR) {
        client_error(e, r, before, said, facts);
    } else if (said->subtype == LK_AKA_SYNCHRONIZATION_FAILURE) {
        resync_failed(e, count_syncs(trace, run) > 1);
    } else if (said->subtype == LK_AKA_CHALLENGE && before != NULL) {
        response_refused(e, r, before, facts);
    } else {
        identity_refused(e, r);
    }
}

/* What is proven explains the failure: suspicions beside it only distract. One stays: a network
 * that does not use this card's K may be one that does not know the card. */
static void drop_suspicions(struct lk_explanation *e)
{
    bool proven = false, keys = false;
    size_t kept = 0;

    for (size_t i = 0; i < e->count; i++) {
        proven = proven || e->causes[i].certainty == LK_PROVEN;
        keys = keys || (e->causes[i].certainty == LK_PROVEN && e->causes[i].cause == LK_CAUSE_KEYS);
    }
    for (size_t i = 0; i < e->count; i++)
        if (!proven || e->causes[i].certainty != LK_POSSIBLE
            || (keys && e->causes[i].cause == LK_CAUSE_SUBSCRIBER))
            e->causes[kept++] = e->causes[i];
    e->count = kept;
}

static int by_rank(const void *left, const void *right)
{
    const struct lk_cause_found *a = left, *b = right;

    if (a->certainty != b->certainty)
        return a->certainty < b->certainty ? 1 : -1;
    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    return (int)a->cause - (int)b->cause;
}

/* An establishment of MIS that EAP has ended: what it shows of card and home is the same there. */
static bool is_refused_by_home(const struct lk_trace *trace, size_t run)
{
    const struct lk_trace_run *r = &trace->runs[run];

    if (r->outcome != LK_TRACE_REJECTED || r->mis.optimised)
        return false;
    return (lk_run_is_eap(r) && r->mis.reason == LK_MIS_REASON_NONE) ||
           (r->mis.reason == LK_MIS_REASON_AUTH_FAILED &&
            lk_trace_find(trace, run, 0, LK_EAP_FAILURE, 0) != LK_TRACE_NONE);
}

void lk_explain(struct lk_explanation *explanation, const struct lk_trace *trace, size_t run,
                const struct lk_explain_facts *facts)
{
    const struct lk_trace_run *r = &trace->runs[run];

    memset(explanation, 0, sizeof *explanation);
    explanation->run = run;
    explanation->at = r->last;
    explanation->failed = r->outcome != LK_TRACE_ACCEPTED;
    if (r->kind == LK_TRACE_ASSOCIATION) {
        lk_explain_association(explanation, trace);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    if (r->kind == LK_TRACE_ESTABLISHMENT && !is_refused_by_home(trace, run)) {
        lk_explain_mis(explanation, trace);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    if (r->kind == LK_TRACE_SESSION || r->kind == LK_TRACE_LINK || r->kind == LK_TRACE_CHANNEL) {
        lk_explain_connection(explanation, trace, facts);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    if (r->kind == LK_TRACE_REGISTRATION) {
        lk_explain_mip(explanation, trace);
        drop_suspicions(explanation);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    if (r->kind == LK_TRACE_BOOTSTRAPPING) {
        lk_explain_ub(explanation, trace, facts);
        if (explanation->recomputed)
            drop_suspicions(explanation);
        qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
        return;
    }
    switch (r->outcome) {
    case LK_TRACE_ACCEPTED:
        snprintf(explanation->where, sizeof explanation->where, "%s",
                 r->resync ? "Accepted, after one resynchronisation." : "Accepted.");
        if (r->resync)
            lk_explain_add(explanation, LK_CAUSE_SQN, LK_PROVEN, 60,
                           "the card sent AUTS, and accepted the next challenge");
        break;
    case LK_TRACE_SILENT:
        no_answer(explanation, facts,
                  r->count < 2 || lk_trace_find(trace, run, 0, LK_EAP_REQUEST, 0) == LK_TRACE_NONE);
        break;
    case LK_TRACE_OPEN:
        snprintf(explanation->where, sizeof explanation->where,
                 "The device did not answer the server's last message.");
        lk_explain_add(explanation, LK_CAUSE_PEER_SILENT, LK_POSSIBLE, 80,
                       "the run ends with a challenge outstanding");
        break;
    case LK_TRACE_REJECTED:
        refused_at(explanation, trace, run, facts);
        break;
    }
    explanation->provable = explanation->failed
                            && lk_trace_find(trace, run, 0, LK_EAP_REQUEST, LK_AKA_CHALLENGE)
                                   != LK_TRACE_NONE;
    lk_explain_prove(explanation, trace, facts);
    if (explanation->recomputed)
        drop_suspicions(explanation);
    qsort(explanation->causes, explanation->count, sizeof explanation->causes[0], by_rank);
}

bool lk_explain_is_alike(const struct lk_explanation *a, const struct lk_explanation *b,
                         const struct lk_trace *trace)
{
    const struct lk_trace_run *one = &trace->runs[a->run], *other = &trace->runs[b->run];
    bool alike = one->kind == LK_TRACE_ASSOCIATION && other->kind == one->kind &&
                 a->failed && b->failed && a->count == b->count &&
                 lk_span_equal(LK_SPAN(one->association.station),
                               LK_SPAN(other->association.station)) &&
                 strcmp(a->where, b->where) == 0;

    for (size_t i = 0; alike && i < a->count; i++)
        alike = a->causes[i].cause == b->causes[i].cause &&
                a->causes[i].certainty == b->causes[i].certainty;
    return alike;
}

void lk_explain_print(FILE *to, const struct lk_explanation *explanation,
                      const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[explanation->run];
    size_t rank = 0;

    fprintf(to, "%s: %s\n  %s\n", run->title, lk_trace_outcome_name(run),
            explanation->where);
    for (size_t i = 0; i < explanation->count; i++) {
        const struct lk_cause_found *found = &explanation->causes[i];
        const struct lk_cause_row *row = lk_cause_row(found->cause);

        if (found->certainty == LK_RULED_OUT) {
            fprintf(to, "  ruled out: %s (%s)\n", row->code, found->evidence);
            continue;
        }
        fprintf(to, "  %zu. %-8s %s\n", ++rank, lk_certainty_name(found->certainty), row->code);
        fprintf(to, "     %s [%s]\n     evidence: %s\n     fix: %s\n", row->what, row->clause,
                found->evidence, row->fix);
    }
    if (explanation->provable && !explanation->recomputed)
        fprintf(to, "  With --k @file --opc @file the causes can be proven or ruled out.\n");
}
