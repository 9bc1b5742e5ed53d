/* Authentication in full: MIS_Auth with the mobile node, RADIUS with the home. EAP and ERP packets
 * pass through; what the home says of the MN is believed, what the MN says of itself is not: it
 * begins under a name of this run alone, and the SA is with the name that the home gives (A06). */
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"
#include "wire/eap.h"

enum { MS_PER_S = 1000 };

static void carry(struct lk_pos *pos, struct lk_pos_auth *auth, struct lk_mis_auth_outbox *said,
                  struct lk_pos_outbox *out);

/* ---- the machine ---- */

/* The machine, and all that it says. */
static enum lk_status feed(struct lk_pos *pos, struct lk_pos_auth *auth,
                           struct lk_mis_auth_event *event, struct lk_pos_outbox *out)
{
    struct lk_mis_auth_outbox said;
    enum lk_status status;

    event->now_ms = pos->now_ms;
    lk_draw(&pos->draw, event->entropy, sizeof event->entropy);
    if (auth->machine.state == LK_MIS_POS_AUTH_IDLE)
        memcpy(event->entropy, auth->words.octets, LK_POS_TID_AT); /* Nonce-N, EAP identifier */
    status = lk_mis_pos_auth_step(&auth->machine, &pos->config.auth, event, &said);
    if (status == LK_OK)
        carry(pos, auth, &said, out);
    else
        pos->counters.unexpected++;
    lk_mis_auth_outbox_wipe(&said);
    return status;
}

/* The home says no, or nothing, or what we do not believe. */
static void refuse(struct lk_pos *pos, struct lk_pos_auth *auth, struct lk_refusal why,
                   struct lk_span eap, struct lk_pos_outbox *out)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_REFUSED };

    event.refused.why = why;
    event.refused.eap = eap;
    (void)(feed(pos, auth, &event, out) == LK_OK);
}

/* ---- RADIUS ---- */

static void ask_home(struct lk_pos *pos, struct lk_pos_auth *auth, struct lk_span eap,
                     struct lk_pos_outbox *out)
{
    struct lk_refusal why;

    lk_address_text(auth->leg.nas.calling, &auth->peer.address);
    if (!lk_pos_leg_ask(pos, &auth->leg, eap, &why, out))
        refuse(pos, auth, why, lk_span_of(NULL, 0), out);
}

static struct lk_span given_name(const struct lk_radius_outcome *outcome)
{
    return lk_span_of(outcome->mis.mn, outcome->mis.mn_len);
}

/* That of the same MN, whatever it was called then. */
static struct lk_pos_mn *row_before(const struct lk_pos *pos, const struct lk_radius_mis *given)
{
    return given->has_subscriber ? lk_pos_mn_of_subscriber(pos, &given->subscriber) : NULL;
}

/* T02: whom the home has authenticated, it says, and nothing else leads to a row. */
static enum lk_reason judge(const struct lk_pos *pos, const struct lk_radius_outcome *outcome)
{
    if (!outcome->has_msk || !outcome->has_mis || !outcome->has_eap)
        return LK_REASON_MIS_HOME_SILENT;
    if (!lk_pos_has_room(pos) && lk_pos_mn_first_over(pos) == NULL &&
        lk_pos_mn_of(pos, given_name(outcome)) == NULL &&
        row_before(pos, &outcome->mis) == NULL)
        return LK_REASON_MIS_FULL;
    return LK_REASON_NONE;
}

static void accept(struct lk_pos *pos, struct lk_pos_auth *auth,
                   const struct lk_radius_outcome *outcome, struct lk_pos_outbox *out)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_KEYS };
    enum lk_reason reason = judge(pos, outcome);
    struct lk_mis_k k;

    if (reason != LK_REASON_NONE) {
        refuse(pos, auth, lk_refusal_of(reason, NULL, NULL), lk_span_of(NULL, 0), out);
        return;
    }
    auth->given = outcome->mis;
    lk_mis_k_of_msk(&k, &outcome->msk);
    event.keys.k = &k;
    event.keys.run = outcome->eap.at[0] == LK_EAP_SUCCESS ? LK_MIS_RUN_FULL
                                                          : LK_MIS_RUN_ERP_HOME;
    event.keys.lifetime_s = outcome->mis.lifetime_s;
    event.keys.mn = given_name(outcome);
    event.keys.eap = outcome->eap;
    event.keys.start_mark = lk_span_of(auth->given.mark, auth->given.mark_len);
    (void)(feed(pos, auth, &event, out) == LK_OK);
    lk_wipe(&k, sizeof k);
    lk_wipe(&event, sizeof event);
}

static void answered(struct lk_pos *pos, struct lk_pos_auth *auth,
                     const struct lk_radius_outcome *outcome, struct lk_pos_outbox *out)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EAP, .eap = outcome->eap };
    struct lk_span eap = outcome->has_eap ? outcome->eap : lk_span_of(NULL, 0);

    if (outcome->code == LK_RADIUS_ACCESS_ACCEPT)
        accept(pos, auth, outcome, out);
    else if (outcome->code != LK_RADIUS_ACCESS_CHALLENGE)
        refuse(pos, auth, lk_refusal_of(LK_REASON_MIS_HOME_REFUSES, NULL, NULL), eap, out);
    else if (outcome->has_eap)
        (void)(feed(pos, auth, &event, out) == LK_OK);
    else
        refuse(pos, auth, lk_refusal_of(LK_REASON_RADIUS_MALFORMED, NULL, NULL), eap, out);
}

/* Nothing of ours is still to arrive. */
static bool is_idle(const struct lk_mis_exchange *x)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->transaction[i].state == LK_MIS_EXCHANGE_AWAIT_ACK)
            return false;
    return true;
}

/* Y26: who has not answered yet may be anybody, to whom another one has us talk: no more octets go
 * there than came in its name. */
static struct lk_pos_with with_auth(struct lk_pos_auth *auth)
{
    return (struct lk_pos_with){ .x = &auth->x, .peer = &auth->peer,
                                 .name = lk_mis_name_of(&auth->name),
                                 .most = auth->proven ? NULL : &auth->most };
}

/* What became of the place: settled, or given back. */
static void finish(struct lk_pos *pos, struct lk_pos_auth *auth, struct lk_pos_outbox *out)
{
    struct lk_pos_with with = with_auth(auth);

    if (lk_pos_talk_due(pos, &with, out) && !auth->over) {
        struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_SILENT };

        (void)(feed(pos, auth, &event, out) == LK_OK);
    }
    if (auth->end_ms <= pos->now_ms || (auth->over && is_idle(&auth->x)))
        lk_pos_auth_drop(pos, auth);
    else
        lk_pos_auth_settle(pos, auth);
}

void lk_pos_auth_answered(struct lk_pos *pos, struct lk_pos_auth *auth,
                          const struct lk_radius_outcome *outcome, struct lk_pos_outbox *out)
{
    answered(pos, auth, outcome, out);
    finish(pos, auth, out);
}

static void leg_due(struct lk_pos *pos, struct lk_pos_auth *auth, struct lk_pos_outbox *out)
{
    struct lk_refusal why;

    if (!lk_pos_leg_due(pos, &auth->leg, &why, out))
        refuse(pos, auth, why, lk_span_of(NULL, 0), out);
}

/* ---- what the machine says ---- */

static void say(struct lk_pos *pos, struct lk_pos_auth *auth,
                const struct lk_mis_auth_output *item, struct lk_pos_outbox *out)
{
    struct lk_pos_with with = with_auth(auth);
    struct lk_mis_header header;

    if (lk_mis_exchange_begin(&auth->x, &header, item->send.header.id) != LK_OK ||
        lk_pos_say(pos, &with, &header, item->send.list, out) != LK_OK)
        pos->counters.full++;
}

static void remember_mark(struct lk_pos_mn *mn, const uint8_t *mark, size_t len)
{
    struct lk_start_mark read;

    mn->mark_len = len;
    memcpy(mn->mark, mark, len);
    mn->max = lk_start_mark_read(&read, lk_span_of(mark, len)) == LK_OK ? read.max : 0;
}

/* T44: whom the home has authenticated just now gets the row of one whom a partner handed over,
 * where there is no other: no partner keeps the home's out. */
static struct lk_pos_mn *row_for(struct lk_pos *pos, struct lk_span name,
                                 struct lk_pos_outbox *out)
{
    struct lk_pos_mn *mn = lk_pos_mn_add(pos, name);
    struct lk_pos_mn *over = mn == NULL ? lk_pos_mn_first_over(pos) : NULL;

    if (over == NULL)
        return mn;
    lk_pos_release(pos, over, out);
    return lk_pos_mn_add(pos, name);
}

/* The SA counts; what the MN had here before is over. */
static void attach(struct lk_pos *pos, struct lk_pos_auth *auth,
                   const struct lk_mis_auth_output *item, struct lk_pos_outbox *out)
{
    struct lk_pos_mn *mn = row_before(pos, &auth->given);
    struct lk_mis_chain chain;

    auth->over = true;
    if (mn != NULL && !lk_mis_name_is(&mn->name, lk_mis_name_of(&item->sa.sa.peer)))
        lk_pos_forget(pos, mn, out);
    mn = row_for(pos, lk_mis_name_of(&item->sa.sa.peer), out);
    if (mn == NULL) {
        pos->counters.full++;
        return;
    }
    lk_pos_end_old(pos, mn, out);
    if (auth->given.has_subscriber)
        lk_pos_subscriber_set(pos, mn, &auth->given.subscriber);
    lk_pos_sa_set(pos, mn, &item->sa.sa);
    lk_pos_place_set(pos, mn, &auth->peer, out);
    lk_pos_from_set(pos, mn, lk_span_of(NULL, 0));
    remember_mark(mn, item->sa.mark, item->sa.mark_len);
    mn->until_ms = pos->now_ms + (uint64_t)MS_PER_S * auth->given.lifetime_s;
    if (auth->given.has_psk)
        lk_pos_psk_set(pos, mn, &auth->given.psk);
    pos->counters.attached++;
    chain = (struct lk_mis_chain){ mn->sa.chain_used, mn->max };
    lk_pos_fact(out, LK_POS_ATTACHED, lk_mis_name_of(&mn->name), lk_span_of(NULL, 0), &chain,
                NULL);
    lk_pos_offer(pos, &item->sa.sa, out);
    lk_pos_settle(pos, mn);
}

static void carry(struct lk_pos *pos, struct lk_pos_auth *auth, struct lk_mis_auth_outbox *said,
                  struct lk_pos_outbox *out)
{
    for (size_t i = 0; i < said->count; i++) {
        const struct lk_mis_auth_output *item = &said->item[i];

        switch (item->kind) {
        case LK_MIS_AUTH_OUT_SEND: say(pos, auth, item, out); break;
        case LK_MIS_AUTH_OUT_EAP: ask_home(pos, auth, item->eap, out); break;
        case LK_MIS_AUTH_OUT_SA: attach(pos, auth, item, out); break;
        case LK_MIS_AUTH_OUT_TIMER: auth->machine_due_ms = item->timer_ms; break;
        case LK_MIS_AUTH_OUT_FAILED:
            auth->over = true;
            pos->counters.rejected++;
            lk_pos_fact(out, LK_POS_REJECTED, lk_mis_name_of(&auth->name), lk_span_of(NULL, 0),
                        NULL, &item->failed.why);
            break;
        }
    }
}

/* ---- what comes ---- */

/* Whether these are the words that the MN had from us, now or in the epoch before, by the Nonce-N
 * that it says again: it is where it says it is. */
static bool knows_words(struct lk_pos_words *words, const struct lk_pos *pos,
                        const struct lk_pos_peer *peer, struct lk_span name,
                        const struct lk_mis_message *m)
{
    uint64_t epoch = pos->now_ms / LK_POS_EPOCH_MS;

    for (uint64_t back = 0; back < 2; back++) {
        lk_pos_words_make(words, pos, peer, name, m->nonce_t, epoch - back);
        if (lk_same_secret(words->octets, m->nonce_n.at, LK_MIS_NONCE_LEN))
            return true;
    }
    return false;
}

/* T44: who answers over UDP, and whose place strangers have by now, gets one anew, as it was: our
 * first step is done again, with the words of then, and nothing of it leaves. */
static struct lk_pos_auth *place_again(struct lk_pos *pos, const struct lk_pos_peer *peer,
                                       struct lk_span name, const struct lk_mis_message *m,
                                       struct lk_pos_outbox *out)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_START };
    size_t count = out->count, used = out->used;
    struct lk_pos_words words;
    struct lk_pos_auth *auth;

    if (!lk_pos_is_udp(peer) || !lk_mis_has(m, LK_MIS_TLV_NONCE_T) ||
        !lk_mis_has(m, LK_MIS_TLV_NONCE_N) || !knows_words(&words, pos, peer, name, m))
        return NULL;
    auth = lk_pos_auth_add(pos, peer, name, &words);
    if (auth == NULL)
        return NULL;
    lk_pos_auth_prove(pos, auth);
    (void)(feed(pos, auth, &event, out) == LK_OK);
    out->count = count;
    out->used = used;
    return auth;
}

/* T44: a place only for who says everything that an authentication begins with. */
static struct lk_pos_auth *place_for(struct lk_pos *pos, const struct lk_pos_peer *peer,
                                     const struct lk_mis_pdu *pdu, const struct lk_mis_message *m,
                                     struct lk_pos_outbox *out, enum lk_status *status)
{
    struct lk_pos_auth *auth = lk_pos_auth_of(pos, peer, pdu->source);
    enum lk_mis_opcode opcode = lk_mis_opcode_of(pdu->header.id);
    struct lk_pos_words words;

    *status = LK_OK;
    if (auth == NULL && opcode == LK_MIS_RESPONSE)
        auth = place_again(pos, peer, pdu->source, m, out);
    if (auth != NULL)
        return auth;
    *status = LK_E_NOT_FOUND;
    if (opcode != LK_MIS_INDICATION || pdu->header.ack_response)
        return NULL;
    *status = LK_E_FULL;
    if (lk_pos_is_udp(peer))
        lk_pos_words_make(&words, pos, peer, pdu->source, m->nonce_t,
                          pos->now_ms / LK_POS_EPOCH_MS);
    else
        lk_draw(&pos->draw, words.octets, sizeof words.octets);
    return lk_pos_auth_add(pos, peer, pdu->source, &words);
}

enum lk_status lk_pos_on_auth(struct lk_pos *pos, const struct lk_pos_peer *peer,
                              const struct lk_mis_pdu *pdu, size_t len,
                              struct lk_pos_outbox *out)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_MESSAGE };
    struct lk_mis_message m;
    struct lk_pos_auth *auth;
    enum lk_mis_heard heard;
    enum lk_status status = lk_mis_message_get(&m, &pdu->header, pdu->body, &pos->config.codes);

    if (status != LK_OK) {
        pos->counters.malformed++;
        return status;
    }
    auth = place_for(pos, peer, pdu, &m, out, &status);
    if (auth == NULL) {
        pos->counters.unexpected += status == LK_E_NOT_FOUND;
        return status;
    }
    auth->most += len;
    status = lk_mis_exchange_hear(&auth->x, &heard, &pdu->header,
                                  lk_mis_is_bare_ack(&pdu->header, pdu->body), false, pos->now_ms);
    if (status != LK_OK) {
        pos->counters.unexpected++;
        lk_pos_auth_settle(pos, auth);
        return status;
    }
    if (heard == LK_MIS_HEARD_ANSWER)
        lk_pos_auth_prove(pos, auth);
    event.message.header = &pdu->header;
    event.message.message = &m;
    if (!auth->over && (heard == LK_MIS_HEARD_NEW || heard == LK_MIS_HEARD_ANSWER))
        status = feed(pos, auth, &event, out);
    finish(pos, auth, out);
    return status;
}

void lk_pos_auth_due(struct lk_pos *pos, struct lk_pos_auth *auth, struct lk_pos_outbox *out)
{
    struct lk_mis_auth_event event = { .kind = LK_MIS_AUTH_EV_EXPIRED };

    if (auth->leg.due_ms <= pos->now_ms)
        leg_due(pos, auth, out);
    if (auth->machine_due_ms <= pos->now_ms) {
        auth->machine_due_ms = LK_DUE_NEVER;
        if (!auth->over && auth->leg.asked)
            refuse(pos, auth, lk_pos_aaa_silent(pos), lk_span_of(NULL, 0), out);
        else if (!auth->over)
            (void)(feed(pos, auth, &event, out) == LK_OK);
    }
    finish(pos, auth, out);
}
