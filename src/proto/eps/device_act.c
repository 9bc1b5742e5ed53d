/* The device's handlers: what each event does. */
#include "proto/eps/device_parts.h"

#include <string.h>

#include "base/secret.h"

const uint8_t lk_eps_device_capability[LK_EPS_DEVICE_CAPABILITY_LEN] = { LK_NAS_CAPABLE_0,
                                                                         LK_NAS_CAPABLE_2 };

/* The least that an attach may ask of session management: PDN CONNECTIVITY REQUEST, transaction 1,
 * an initial request for IPv4. Nobody answers it here. */
static const uint8_t pdn_request[] = { 0x02, 0x01, 0xd0, 0x11 };

/* ---- what every handler may do ---- */

/* The keys of a run that is over. */
static void forget(struct lk_eps_device *d)
{
    lk_wipe(d->autn, sizeof d->autn);
    lk_wipe(&d->kasme, sizeof d->kasme);
    lk_wipe(&d->kenb, sizeof d->kenb);
}

static enum lk_status give_up(struct lk_eps_device_work *w, enum lk_reason reason,
                              const char *expected, const char *came)
{
    lk_eps_failed(w->out, reason, expected, came);
    forget(w->d);
    w->d->state = LK_EPS_DEVICE_IDLE;
    return LK_OK;
}

static enum lk_status answer(struct lk_eps_device_work *w, const struct lk_k_rrc_int *key,
                             const struct lk_rrc_attach *rrc)
{
    enum lk_status status = lk_eps_pdu_of(&w->d->answer, &w->d->srb, key, rrc);

    if (status == LK_OK)
        lk_eps_send(w->out, &w->d->answer);
    return status;
}

static enum lk_status answer_plain(struct lk_eps_device_work *w, const struct lk_nas *nas)
{
    struct lk_rrc_attach rrc = { .type = LK_RRC_UPLINK_NAS };
    enum lk_status status = lk_eps_nas_plain(&rrc, nas);

    if (status == LK_OK)
        status = answer(w, NULL, &rrc);
    lk_wipe(&rrc, sizeof rrc);
    return status;
}

/* What is answered, so that its repeat is known as one. */
static void keep_question(struct lk_eps_device_work *w)
{
    lk_eps_pdu_keep(&w->d->question, w->event->received);
    w->d->answer.len = 0;
}

static void await(struct lk_eps_device_work *w, enum lk_eps_device_state state)
{
    w->d->state = state;
    w->d->due_ms = w->event->now_ms + w->config->wait_ms;
    lk_eps_timer(w->out, w->d->due_ms);
}

/* ---- ATTACH REQUEST ---- */

static void send_request(struct lk_eps_device_work *w)
{
    w->d->tries++;
    w->d->due_ms = w->event->now_ms + w->config->retry_ms;
    lk_eps_send(w->out, &w->d->answer);
    lk_eps_timer(w->out, w->d->due_ms);
}

/* spec: TS 24.301 5.5.1.2.2 - ATTACH REQUEST with who the device is, what it can do, and that it
 * has no key: a context of before is not used again.
 * spec-not: TS 36.331 5.3.3.4 - it travels in ULInformationTransfer, not in the end of a connection
 * set-up, which is not here. */
enum lk_status lk_eps_device_attach(struct lk_eps_device_work *w)
{
    struct lk_nas nas = { .type = LK_NAS_ATTACH_REQUEST, .ksi = LK_NAS_NO_KSI,
                          .attach = LK_NAS_EPS_ATTACH, .has_imsi = true, .imsi = w->config->imsi,
                          .capability = LK_SPAN(lk_eps_device_capability),
                          .esm = LK_SPAN(pdn_request) };
    struct lk_rrc_attach rrc = { .type = LK_RRC_UPLINK_NAS };
    uint32_t asked = w->d->asked;
    enum lk_status status = lk_eps_nas_plain(&rrc, &nas);

    lk_eps_device_init(w->d); /* a new connection of RRC: COUNTs begin anew */
    w->d->asked = asked;
    if (status == LK_OK)
        status = lk_eps_pdu_of(&w->d->answer, &w->d->srb, NULL, &rrc);
    if (status != LK_OK)
        return status;
    w->d->state = LK_EPS_DEVICE_AWAIT_CHALLENGE;
    send_request(w);
    return LK_OK;
}

enum lk_status lk_eps_device_again(struct lk_eps_device_work *w)
{
    if (w->event->now_ms < w->d->due_ms)
        return LK_E_UNEXPECTED;
    if (w->d->tries >= w->config->tries)
        return give_up(w, LK_REASON_EPS_NO_ANSWER, "an answer", "nothing");
    send_request(w);
    return LK_OK;
}

/* ---- authentication ---- */

/* spec: TS 24.301 5.4.2.6 - a challenge that is refused is answered with why; the network may send
 * another one.
 * spec: TS 24.301 5.4.2.7 - after the third in a row the network is held for an impostor. */
static enum lk_status refuse(struct lk_eps_device_work *w, uint8_t cause, const uint8_t *auts,
                             struct lk_refusal why)
{
    struct lk_nas nas = { .type = LK_NAS_AUTHENTICATION_FAILURE, .cause = cause, .auts = auts };
    enum lk_status status = answer_plain(w, &nas);

    if (status != LK_OK)
        return status;
    lk_wipe(w->d->autn, sizeof w->d->autn);
    w->d->refused = why;
    if (++w->d->failures >= LK_EPS_FAILURES_MAX)
        return give_up(w, why.reason, why.expected, why.came);
    await(w, LK_EPS_DEVICE_AWAIT_ANOTHER);
    return LK_OK;
}

/* spec: TS 24.301 5.4.2.3 - the card is asked what it says to RAND and AUTN.
 * spec: TS 33.401 6.1.1 - in E-UTRAN the separation bit of AUTN is set; CK and IK of another
 * challenge may be known elsewhere. */
enum lk_status lk_eps_device_challenge(struct lk_eps_device_work *w)
{
    struct lk_eps_ask_card *question;

    if (w->nas.ksi == LK_NAS_NO_KSI)
        return LK_E_VALUE;
    keep_question(w);
    if ((w->nas.autn[LK_SQN_LEN] & 0x80) == 0)
        return refuse(w, LK_NAS_CAUSE_NON_EPS, NULL,
                      lk_refusal_of(LK_REASON_EPS_SEPARATION, "separation bit 1", "0"));
    w->d->ksi = w->nas.ksi;
    memcpy(w->d->autn, w->nas.autn, sizeof w->d->autn);
    question = &lk_eps_add(w->out, LK_EPS_OUT_ASK_CARD)->ask_card;
    question->asked = ++w->d->asked;
    memcpy(question->rand, w->nas.rand, sizeof question->rand);
    memcpy(question->autn, w->nas.autn, sizeof question->autn);
    await(w, LK_EPS_DEVICE_AWAIT_CARD);
    return LK_OK;
}

/* spec: TS 33.401 6.1.1 - KASME is made of CK and IK at once, for the network that the device
 * believes to be in, and RES is sent. */
static enum lk_status respond(struct lk_eps_device_work *w, const struct lk_aka_output *output)
{
    struct lk_nas nas = { .type = LK_NAS_AUTHENTICATION_RESPONSE,
                          .res = lk_span_of(output->res, output->res_len) };
    struct lk_ck ck;
    struct lk_ik ik;

    if (output->res_len > sizeof output->res)
        return LK_E_LENGTH;
    memcpy(ck.octets, output->ck, sizeof ck.octets);
    memcpy(ik.octets, output->ik, sizeof ik.octets);
    lk_kasme_derive(&w->d->kasme, &ck, &ik, w->config->sn_id, w->d->autn);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    lk_wipe(w->d->autn, sizeof w->d->autn);
    w->d->nas_uplink = w->d->nas_downlink = 0;
    w->d->refused = lk_refusal_of(LK_REASON_NONE, NULL, NULL);
    await(w, LK_EPS_DEVICE_AWAIT_NAS);
    return answer_plain(w, &nas);
}

/* A07: a refusal tells nothing beside what it must: its cause, and AUTS in one of the two. */
enum lk_status lk_eps_device_card(struct lk_eps_device_work *w)
{
    const struct lk_card_answer *card = &w->event->card;

    if (w->event->asked != w->d->asked)
        return LK_E_UNEXPECTED; /* the answer to a question of before */
    switch (card->verdict) {
    case LK_CARD_OK: return respond(w, &card->output);
    case LK_CARD_MAC_WRONG:
        return refuse(w, LK_NAS_CAUSE_MAC, NULL,
                      lk_refusal_of(LK_REASON_EPS_AUTN_MAC, "MAC-A", "another MAC"));
    case LK_CARD_SQN_RANGE: break;
    }
    if (w->d->resynced)
        return give_up(w, LK_REASON_EPS_AUTS_TWICE, "a fresh SQN", "one out of range again");
    w->d->resynced = true;
    return refuse(w, LK_NAS_CAUSE_SYNCH, card->auts,
                  lk_refusal_of(LK_REASON_EPS_AUTS_TWICE, "a fresh SQN", "one out of range"));
}

/* ---- security ---- */

static enum lk_status refuse_command(struct lk_eps_device_work *w, uint8_t cause,
                                     enum lk_reason reason, const char *expected, const char *came)
{
    struct lk_nas nas = { .type = LK_NAS_SECURITY_REJECT, .cause = cause };
    enum lk_status status = answer_plain(w, &nas);

    return status == LK_OK ? give_up(w, reason, expected, came) : status;
}

/* spec: TS 24.301 5.4.3.3 - a command that is right is answered under its context; KeNB is made of
 * the NAS COUNT of the answer.
 * spec: TS 24.301 5.4.3.5 - one that is not is refused: a MAC of another key, another key set,
 * other algorithms than we have; or capabilities that are not ours, which somebody has made less.
 */
enum lk_status lk_eps_device_command(struct lk_eps_device_work *w)
{
    struct lk_nas nas = { .type = LK_NAS_SECURITY_COMPLETE };
    struct lk_rrc_attach rrc = { .type = LK_RRC_UPLINK_NAS };
    struct lk_eps_device *d = w->d;
    enum lk_status status;

    keep_question(w);
    if (w->header.security != LK_NAS_NEW_INTEGRITY ||
        lk_eps_nas_judge(&d->nas_downlink, LK_EIA_DOWNLINK, &d->kasme, &w->header) != LK_OK)
        return refuse_command(w, LK_NAS_CAUSE_UNSPECIFIED, LK_REASON_EPS_COMMAND_MAC,
                              "a MAC under K_NASint", "another");
    if (!lk_span_equal(w->nas.capability, LK_SPAN(lk_eps_device_capability)))
        return refuse_command(w, LK_NAS_CAUSE_CAPABILITIES, LK_REASON_EPS_BIDDING_DOWN,
                              "our capabilities", "others");
    if (w->nas.ksi != d->ksi || w->nas.integrity != LK_EPS_EIA2 || w->nas.ciphering != LK_EPS_EEA0)
        return refuse_command(w, LK_NAS_CAUSE_UNSPECIFIED, LK_REASON_EPS_ALGORITHMS,
                              "128-EIA2, EEA0, our key set", "others");
    lk_kenb_derive(&d->kenb, &d->kasme, d->nas_uplink);
    status = lk_eps_nas_protected(&rrc, &d->nas_uplink, LK_EIA_UPLINK, LK_NAS_NEW_CIPHERED,
                                  &d->kasme, &nas);
    if (status != LK_OK)
        return status;
    await(w, LK_EPS_DEVICE_AWAIT_AS);
    return answer(w, NULL, &rrc);
}

static void grant(struct lk_eps_device_work *w)
{
    struct lk_eps_device *d = w->d;
    struct lk_eps_context *context = &lk_eps_add(w->out, LK_EPS_OUT_CONTEXT)->context;

    *context = (struct lk_eps_context){ .imsi = w->config->imsi, .ksi = d->ksi, .kasme = d->kasme,
                                        .kenb = d->kenb, .nas_uplink = d->nas_uplink,
                                        .nas_downlink = d->nas_downlink, .srb = d->srb };
    lk_nh_first(&context->nh, &d->kasme, &d->kenb);
}

static enum lk_status refuse_as(struct lk_eps_device_work *w, const char *expected,
                                const char *came)
{
    struct lk_rrc_attach rrc = { .type = LK_RRC_SECURITY_FAILURE,
                                 .transaction = w->rrc.transaction };
    enum lk_status status = answer(w, NULL, &rrc);

    return status == LK_OK ? give_up(w, LK_REASON_EPS_AS_COMMAND, expected, came) : status;
}

/* spec: TS 36.331 5.3.4.3 - SecurityModeCommand is judged under the key that it begins; right, it
 * is answered under it, wrong, with SecurityModeFailure and no protection. */
enum lk_status lk_eps_device_as_command(struct lk_eps_device_work *w)
{
    struct lk_rrc_attach rrc = { .type = LK_RRC_SECURITY_COMPLETE,
                                 .transaction = w->rrc.transaction };
    struct lk_eps_device *d = w->d;
    struct lk_k_rrc_int key;
    struct lk_span message;
    enum lk_status status;

    keep_question(w);
    lk_eps_k_rrc_int(&key, &d->kenb);
    if (lk_srb_receive(&d->srb, &message, &key, w->event->received) != LK_OK) {
        status = refuse_as(w, "a MAC-I under K_RRCint", "another");
    } else if (w->rrc.integrity != LK_EPS_EIA2 || w->rrc.ciphering != LK_EPS_EEA0) {
        status = refuse_as(w, "128-EIA2, EEA0", "others");
    } else {
        status = answer(w, &key, &rrc);
        if (status == LK_OK) {
            grant(w);
            forget(d);
            d->state = LK_EPS_DEVICE_ATTACHED;
        }
    }
    lk_wipe(&key, sizeof key);
    return status;
}

/* ---- ends ---- */

/* The answer was lost, or is late: it is what it was. */
enum lk_status lk_eps_device_repeat(struct lk_eps_device_work *w)
{
    lk_eps_send(w->out, &w->d->answer);
    return LK_OK;
}

/* spec: TS 24.301 5.4.2.5 - AUTHENTICATION REJECT, and ATTACH REJECT with its cause: believed
 * without protection, as there is none yet; who forges one costs an attach. Who has refused the
 * challenge himself knows better than the network why. */
enum lk_status lk_eps_device_rejected(struct lk_eps_device_work *w)
{
    const struct lk_refusal own = w->d->refused;

    if (own.reason == LK_REASON_EPS_AUTN_MAC || own.reason == LK_REASON_EPS_SEPARATION)
        return give_up(w, own.reason, own.expected, own.came);
    return give_up(w, LK_REASON_EPS_REJECTED, "a context", lk_nas_type_name(w->nas.type));
}

enum lk_status lk_eps_device_late(struct lk_eps_device_work *w)
{
    if (w->event->now_ms < w->d->due_ms)
        return LK_E_UNEXPECTED;
    return give_up(w, LK_REASON_EPS_NO_ANSWER, "the next question", "nothing");
}

enum lk_status lk_eps_device_stop(struct lk_eps_device_work *w)
{
    forget(w->d);
    w->d->state = LK_EPS_DEVICE_IDLE;
    return LK_OK;
}
