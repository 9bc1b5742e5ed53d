/* The network's handlers: what each event does. */
#include "proto/eps/network_parts.h"

#include <string.h>

#include "base/secret.h"

enum { AUTN_AMF = LK_SQN_LEN, AMF_SEPARATION = 0x80, NOBODYS_RES = 8 };

/* ---- what every handler may do ---- */

/* The keys of a run that is over, and what was said in it. */
static void forget(struct lk_eps_network *n)
{
    lk_wipe(n->rand, sizeof n->rand);
    lk_wipe(n->xres, sizeof n->xres);
    n->xres_len = 0;
    lk_wipe(&n->kasme, sizeof n->kasme);
    lk_wipe(&n->kenb, sizeof n->kenb);
    lk_wipe(&n->question, sizeof n->question);
    n->tries = 0;
    n->resynced = false;
    n->unknown = false;
}

/* To the operator it is always the unknown subscriber that was refused, whatever was said. */
static void failed(struct lk_eps_network_work *w, enum lk_reason reason, const char *expected,
                   const char *came)
{
    if (w->n->unknown)
        lk_eps_failed(w->out, LK_REASON_SUBSCRIBER_UNKNOWN, NULL, NULL);
    else
        lk_eps_failed(w->out, reason, expected, came);
}

static enum lk_status pdu_of(struct lk_eps_network_work *w, const struct lk_k_rrc_int *key,
                             struct lk_rrc_attach *rrc)
{
    rrc->transaction = w->n->transaction;
    w->n->transaction = (uint8_t)((w->n->transaction + 1) % 4);
    return lk_eps_pdu_of(&w->n->question, &w->n->srb, key, rrc);
}

/* The question is repeated until it is answered, or for the last time. */
static void send_question(struct lk_eps_network_work *w)
{
    w->n->tries++;
    w->n->due_ms = w->event->now_ms + w->config->retry_ms;
    lk_eps_send(w->out, &w->n->question);
    lk_eps_timer(w->out, w->n->due_ms);
}

static enum lk_status ask(struct lk_eps_network_work *w, const struct lk_k_rrc_int *key,
                          struct lk_rrc_attach *rrc, enum lk_eps_network_state state)
{
    enum lk_status status = pdu_of(w, key, rrc);

    if (status != LK_OK)
        return status;
    w->n->state = state;
    w->n->tries = 0;
    send_question(w);
    return LK_OK;
}

/* Ends the run with a message that needs no answer. */
static enum lk_status reject(struct lk_eps_network_work *w, enum lk_nas_type type, uint8_t cause)
{
    struct lk_nas nas = { .type = type, .cause = cause };
    struct lk_rrc_attach rrc = { .type = LK_RRC_DOWNLINK_NAS };
    enum lk_status status = lk_eps_nas_plain(&rrc, &nas);

    if (status == LK_OK)
        status = pdu_of(w, NULL, &rrc);
    if (status != LK_OK)
        return status;
    lk_eps_send(w->out, &w->n->question);
    forget(w->n);
    w->n->state = LK_EPS_NETWORK_IDLE;
    return LK_OK;
}

static enum lk_status give_up(struct lk_eps_network_work *w, enum lk_reason reason,
                              const char *expected, const char *came)
{
    failed(w, reason, expected, came);
    forget(w->n);
    w->n->state = LK_EPS_NETWORK_IDLE;
    return LK_OK;
}

static enum lk_status ask_vector(struct lk_eps_network_work *w, const uint8_t *auts)
{
    struct lk_eps_ask_vector *question = &lk_eps_add(w->out, LK_EPS_OUT_ASK_VECTOR)->ask_vector;

    question->asked = ++w->n->asked;
    question->imsi = w->n->imsi;
    if (auts != NULL) {
        question->resync = true;
        memcpy(question->rand, w->n->rand, sizeof question->rand);
        memcpy(question->auts, auts, sizeof question->auts);
    }
    w->n->state = LK_EPS_NETWORK_AWAIT_VECTOR;
    w->n->due_ms = w->event->now_ms + w->config->retry_ms;
    lk_eps_timer(w->out, w->n->due_ms);
    return LK_OK;
}

/* ---- ATTACH REQUEST ---- */

static bool can_eia2(struct lk_span capability)
{
    return (capability.at[0] & LK_NAS_CAPABLE_0) != 0 && (capability.at[1] & LK_NAS_CAPABLE_2) != 0;
}

/* spec: TS 24.301 5.5.1.2.2 - a device asks to be attached; who it is must be proven first.
 * spec-not: TS 24.301 5.4.4.1 - a device with another identity than an IMSI is not asked for the
 * IMSI but refused: GUTIs are not given out here. */
enum lk_status lk_eps_network_attach(struct lk_eps_network_work *w)
{
    struct lk_eps_network *n = w->n;

    /* A new connection of RRC: COUNTs begin anew, under keys that are new as well. */
    forget(n);
    lk_srb_begin(&n->srb, LK_EIA_DOWNLINK);
    if (!w->nas.has_imsi) {
        lk_eps_failed(w->out, LK_REASON_EPS_IDENTITY, "an IMSI", "another identity");
        return reject(w, LK_NAS_ATTACH_REJECT, LK_NAS_CAUSE_NO_IDENTITY);
    }
    if (!can_eia2(w->nas.capability)) {
        lk_eps_failed(w->out, LK_REASON_EPS_CAPABILITY, "128-EIA2, EEA0", "neither or one");
        return reject(w, LK_NAS_ATTACH_REJECT, LK_NAS_CAUSE_CAPABILITIES);
    }
    n->imsi = w->nas.imsi;
    n->capability_len = (uint8_t)w->nas.capability.len;
    memcpy(n->capability, w->nas.capability.at, w->nas.capability.len);
    /* spec: TS 33.401 6.3 - another key set identifier than that of the context before. */
    n->ksi = (uint8_t)((n->ksi + 1) % (LK_NAS_KSI_MAX + 1));
    return ask_vector(w, NULL);
}

/* What is out is repeated in its own time. */
enum lk_status lk_eps_network_go_on(struct lk_eps_network_work *w)
{
    (void)w;
    return LK_OK;
}

/* ---- authentication ---- */

/* spec: TS 24.301 5.4.2.2 - AUTHENTICATION REQUEST with RAND, AUTN and the key set identifier. */
static enum lk_status challenge_with(struct lk_eps_network_work *w, const uint8_t *autn)
{
    struct lk_eps_network *n = w->n;
    struct lk_nas nas = { .type = LK_NAS_AUTHENTICATION_REQUEST, .ksi = n->ksi,
                          .rand = n->rand, .autn = autn };
    struct lk_rrc_attach rrc = { .type = LK_RRC_DOWNLINK_NAS };
    enum lk_status status = lk_eps_nas_plain(&rrc, &nas);

    return status == LK_OK ? ask(w, NULL, &rrc, LK_EPS_NETWORK_AWAIT_RESPONSE) : status;
}

/* spec: TS 33.401 6.1.2 - what comes from the home network is KASME, not CK and IK. */
enum lk_status lk_eps_network_challenge(struct lk_eps_network_work *w)
{
    const struct lk_vector *vector = &w->event->vector;
    struct lk_eps_network *n = w->n;

    if (w->event->asked != n->asked)
        return LK_E_UNEXPECTED; /* the answer to a question of before */
    if (vector->keys != LK_VECTOR_KASME || vector->xres_len < LK_RES_MIN ||
        vector->xres_len > sizeof n->xres)
        return LK_E_VALUE;
    memcpy(n->rand, vector->rand, sizeof n->rand);
    memcpy(n->xres, vector->xres, vector->xres_len);
    n->xres_len = (uint8_t)vector->xres_len;
    n->kasme = vector->kasme;
    n->unknown = false;
    return challenge_with(w, vector->autn);
}

/* A18: nobody's challenge has the form of a real one, with the separation bit in its AMF, and no
 * answer to it is right.
 * spec-not: TS 24.301 5.5.1.2.5 - so who is unknown is not told so in an ATTACH REJECT. */
static enum lk_status challenge_nobody(struct lk_eps_network_work *w)
{
    struct lk_reader r = lk_reader_of(LK_SPAN(w->event->entropy));
    struct lk_eps_network *n = w->n;
    uint8_t autn[LK_AUTN_LEN];

    lk_get_copy(&r, n->rand, sizeof n->rand);
    lk_get_copy(&r, autn, sizeof autn);
    LK_ASSERT(lk_reader_end(&r) == LK_OK);
    autn[AUTN_AMF] = AMF_SEPARATION;
    autn[AUTN_AMF + 1] = 0;
    n->xres_len = NOBODYS_RES;
    n->unknown = true;
    return challenge_with(w, autn);
}

/* A18: whatever else the reason is, a device hears the same: that somebody is barred, or asked too
 * often is no one's business. Nor is, after an AUTS, that nobody has it: a wrong one of a known
 * subscriber ends here too. */
enum lk_status lk_eps_network_no_vector(struct lk_eps_network_work *w)
{
    if (w->event->asked != w->n->asked)
        return LK_E_UNEXPECTED;
    if (w->event->no_vector == LK_REASON_SUBSCRIBER_UNKNOWN && !w->n->resynced)
        return challenge_nobody(w);
    lk_eps_failed(w->out, w->event->no_vector, NULL, NULL);
    return reject(w, LK_NAS_ATTACH_REJECT, LK_NAS_CAUSE_NETWORK);
}

/* spec: TS 24.301 5.4.3.2 - SECURITY MODE COMMAND, protected under the new context, whose COUNTs
 * begin at zero.
 * spec: TS 33.401 7.2.4.4 - it replays what the device can do as the network heard it. Of a longer
 * list only what has a place there, without UCS2, which is no algorithm (TS 24.301 9.9.3.36). */
static enum lk_status command(struct lk_eps_network_work *w)
{
    struct lk_eps_network *n = w->n;
    uint8_t replayed[4], len = n->capability_len < 4 ? n->capability_len : 4;
    struct lk_nas nas = { .type = LK_NAS_SECURITY_COMMAND, .ksi = n->ksi,
                          .ciphering = LK_EPS_EEA0, .integrity = LK_EPS_EIA2 };
    struct lk_rrc_attach rrc = { .type = LK_RRC_DOWNLINK_NAS };
    enum lk_status status;

    memcpy(replayed, n->capability, len);
    if (len == 4)
        replayed[3] &= 0x7f;
    nas.capability = lk_span_of(replayed, len);
    n->nas_uplink = n->nas_downlink = 0;
    status = lk_eps_nas_protected(&rrc, &n->nas_downlink, LK_EIA_DOWNLINK, LK_NAS_NEW_INTEGRITY,
                                  &n->kasme, &nas);
    return status == LK_OK ? ask(w, NULL, &rrc, LK_EPS_NETWORK_AWAIT_NAS) : status;
}

/* spec: TS 24.301 5.4.2.4 - RES is compared with XRES, as secrets are.
 * spec: TS 24.301 5.4.2.5 - another RES ends the run with AUTHENTICATION REJECT. */
enum lk_status lk_eps_network_response(struct lk_eps_network_work *w)
{
    struct lk_eps_network *n = w->n;
    struct lk_span res = w->nas.res;
    bool same = res.len == n->xres_len && lk_same_secret(res.at, n->xres, res.len);

    if (!same || n->unknown) { /* A18: nor is it for who guesses what is compared */
        failed(w, LK_REASON_EPS_RES_WRONG, "XRES", "another RES");
        return reject(w, LK_NAS_AUTHENTICATION_REJECT, 0);
    }
    lk_wipe(n->xres, sizeof n->xres);
    n->xres_len = 0;
    return command(w);
}

/* spec: TS 24.301 5.4.2.7 - a synchronisation failure is treated with its AUTS; any other failure
 * ends the run.
 * A08: once in a run, and for the RAND that is outstanding. */
enum lk_status lk_eps_network_failure(struct lk_eps_network_work *w)
{
    struct lk_eps_network *n = w->n;

    if (w->nas.cause != LK_NAS_CAUSE_SYNCH) {
        failed(w, LK_REASON_EPS_AUTN_REFUSED, "RES",
               w->nas.cause == LK_NAS_CAUSE_MAC ? "MAC failure" : "another failure");
        return reject(w, LK_NAS_AUTHENTICATION_REJECT, 0);
    }
    if (w->nas.auts == NULL)
        return LK_E_MISSING;
    if (n->resynced) {
        lk_eps_failed(w->out, LK_REASON_EPS_AUTS_TWICE, "RES", "a second AUTS");
        return reject(w, LK_NAS_AUTHENTICATION_REJECT, 0);
    }
    n->resynced = true;
    lk_wipe(n->xres, sizeof n->xres);
    lk_wipe(&n->kasme, sizeof n->kasme);
    return ask_vector(w, w->nas.auts);
}

/* ---- security ---- */

/* spec: TS 24.301 5.4.3.4 - SECURITY MODE COMPLETE, protected under the new context.
 * spec: TS 33.401 7.2.6.1 - KeNB is made of its uplink NAS COUNT. */
enum lk_status lk_eps_network_complete(struct lk_eps_network_work *w)
{
    struct lk_eps_network *n = w->n;
    struct lk_rrc_attach rrc = { .type = LK_RRC_SECURITY_COMMAND, .ciphering = LK_EPS_EEA0,
                                 .integrity = LK_EPS_EIA2 };
    struct lk_k_rrc_int key;
    enum lk_status status;

    if (w->header.security != LK_NAS_NEW_CIPHERED)
        return LK_E_MAC;
    status = lk_eps_nas_judge(&n->nas_uplink, LK_EIA_UPLINK, &n->kasme, &w->header);
    if (status != LK_OK)
        return status;
    lk_kenb_derive(&n->kenb, &n->kasme, n->nas_uplink - 1);
    lk_eps_k_rrc_int(&key, &n->kenb);
    status = ask(w, &key, &rrc, LK_EPS_NETWORK_AWAIT_AS);
    lk_wipe(&key, sizeof key);
    return status;
}

enum lk_status lk_eps_network_refused(struct lk_eps_network_work *w)
{
    return give_up(w, LK_REASON_EPS_SECURITY_REJECTED, "SECURITY MODE COMPLETE",
                   w->nas.cause == LK_NAS_CAUSE_CAPABILITIES ? "capabilities mismatch" : "REJECT");
}

static void grant(struct lk_eps_network_work *w)
{
    struct lk_eps_network *n = w->n;
    struct lk_eps_context *context = &lk_eps_add(w->out, LK_EPS_OUT_CONTEXT)->context;

    *context = (struct lk_eps_context){ .imsi = n->imsi, .ksi = n->ksi, .kasme = n->kasme,
                                        .kenb = n->kenb, .nas_uplink = n->nas_uplink,
                                        .nas_downlink = n->nas_downlink, .srb = n->srb };
    lk_nh_first(&context->nh, &n->kasme, &n->kenb);
}

/* spec: TS 36.331 5.3.4.3 - SecurityModeComplete is the first message under K_RRCint; its
 * transaction is that of the command. */
enum lk_status lk_eps_network_as_complete(struct lk_eps_network_work *w)
{
    struct lk_eps_network *n = w->n;
    struct lk_k_rrc_int key;
    struct lk_span message;
    enum lk_status status;

    lk_eps_k_rrc_int(&key, &n->kenb);
    status = lk_srb_receive(&n->srb, &message, &key, w->event->received);
    lk_wipe(&key, sizeof key);
    if (status != LK_OK)
        return status;
    if ((w->rrc.transaction + 1) % 4 != n->transaction)
        return LK_E_UNEXPECTED;
    grant(w);
    forget(n);
    n->state = LK_EPS_NETWORK_ATTACHED;
    return LK_OK;
}

enum lk_status lk_eps_network_as_failure(struct lk_eps_network_work *w)
{
    return give_up(w, LK_REASON_EPS_AS_REJECTED, "SecurityModeComplete", "SecurityModeFailure");
}

/* ---- ends ---- */

/* spec: TS 24.301 5.4.2.7 - T3460: a question is repeated some times, then the run is over. */
enum lk_status lk_eps_network_again(struct lk_eps_network_work *w)
{
    struct lk_eps_network *n = w->n;

    if (w->event->now_ms < n->due_ms)
        return LK_E_UNEXPECTED;
    if (n->state == LK_EPS_NETWORK_AWAIT_VECTOR) {
        lk_eps_failed(w->out, LK_REASON_VAULT_UNAVAILABLE, "a vector", "nothing");
        return reject(w, LK_NAS_ATTACH_REJECT, LK_NAS_CAUSE_NETWORK);
    }
    if (n->tries < w->config->tries) {
        send_question(w);
        return LK_OK;
    }
    return give_up(w, LK_REASON_EPS_NO_ANSWER, "an answer", "nothing");
}

enum lk_status lk_eps_network_stop(struct lk_eps_network_work *w)
{
    forget(w->n);
    w->n->state = LK_EPS_NETWORK_IDLE;
    return LK_OK;
}
