/* The handlers of the serving PoS's machine: what each event does. */
#include <string.h>

#include "base/secret.h"
#include "proto/mis/spos_parts.h"

/* ---- what it says ---- */

static struct lk_mis_spos_output *put(struct lk_mis_spos_work *w,
                                      enum lk_mis_spos_output_kind kind)
{
    LK_ASSERT(w->out->count < LK_MIS_SPOS_OUTPUTS);
    w->out->item[w->out->count] = (struct lk_mis_spos_output){ .kind = kind };
    return &w->out->item[w->out->count++];
}

static void arm(struct lk_mis_spos_work *w, uint64_t at_ms)
{
    w->spos->due_ms = at_ms;
    put(w, LK_MIS_SPOS_OUT_TIMER)->timer_ms = at_ms;
}

static void mark_all(struct lk_mis_message *m, const enum lk_mis_tlv *tlvs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_mis_mark(m, tlvs[i]);
}

/* What goes through between MN and target as it came, where it came. */
static void pass(struct lk_mis_message *to, const struct lk_mis_message *from)
{
    to->dh = from->dh;
    to->link_frames = from->link_frames;
    if (lk_mis_has(from, LK_MIS_TLV_DH))
        lk_mis_mark(to, LK_MIS_TLV_DH);
    if (lk_mis_has(from, LK_MIS_TLV_LINK_FRAMES))
        lk_mis_mark(to, LK_MIS_TLV_LINK_FRAMES);
}

/* spec: IEEE 802.21.1 5.14.2 - K is known to this PoS: it is erased as soon as it has no more use,
 * so that who captures the PoS later does not find it. */
static void forget(struct lk_mis_spos_work *w)
{
    lk_wipe(&w->spos->k, sizeof w->spos->k);
    w->spos->state = LK_MIS_SPOS_IDLE;
    arm(w, LK_MIS_NEVER);
}

enum lk_status lk_mis_spos_forget(struct lk_mis_spos_work *w)
{
    forget(w);
    return LK_OK;
}

static enum lk_status refuse_for(struct lk_mis_spos_work *w, enum lk_mis_reason told,
                                 struct lk_refusal why)
{
    struct lk_mis_message m = { .present = 0 };
    struct lk_span list;
    enum lk_status status;

    lk_mis_status_put(&m, LK_MIS_REJECTED, told);
    status = lk_mis_lists_put(&list, &w->out->lists, &m, &w->config->codes);
    if (status != LK_OK)
        return status;
    put(w, LK_MIS_SPOS_OUT_ANSWER)->answer = list;
    put(w, LK_MIS_SPOS_OUT_REFUSED)->refused = why;
    forget(w);
    return LK_OK;
}

static enum lk_status refuse(struct lk_mis_spos_work *w, enum lk_mis_reason told,
                             enum lk_reason reason)
{
    return refuse_for(w, told, lk_refusal_of(reason, NULL, lk_mis_reason_text(told)));
}

/* ---- the MN's request ---- */

static uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static enum lk_status is_whole(const struct lk_mis_spos_work *w)
{
    static const enum lk_mis_tlv must[] = { LK_MIS_TLV_MN, LK_MIS_TLV_NONCE_T, LK_MIS_TLV_SUITES,
                                            LK_MIS_TLV_PRFS };
    const struct lk_mis_message *m = w->event->request.message;

    for (size_t i = 0; i < LK_COUNT_OF(must); i++)
        if (!lk_mis_has(m, must[i]))
            return LK_E_MISSING;
    if (lk_mis_has(m, LK_MIS_TLV_AUTH_INFO) && !lk_mis_has(m, LK_MIS_TLV_POS))
        return LK_E_MISSING;
    if (w->spos->state != LK_MIS_SPOS_IDLE &&
        lk_span_equal(m->nonce_t, LK_SPAN(w->spos->nonce_t)))
        return LK_E_EXISTS;
    return LK_OK;
}

/* The MN wants a K of its home, and we have none of it. */
static bool asks_home(const struct lk_mis_spos_event *event)
{
    return event->request.home_k == NULL &&
           lk_mis_has(event->request.message, LK_MIS_TLV_AUTH_INFO);
}

/* Where the chain stands before this run: what the MN counts and what we know, whichever is more. A
 * K that the home gave stands on no chain. */
static struct lk_mis_chain chain_of(const struct lk_mis_spos_work *w)
{
    const struct lk_mis_spos_event *event = w->event;
    const struct lk_mis_message *m = event->request.message;
    struct lk_mis_chain chain = { .max = least(w->config->max, event->request.max) };

    if (event->request.home_k != NULL)
        return chain;
    chain.used = event->request.serving.chain_used;
    if (lk_mis_has(m, LK_MIS_TLV_CHAIN) && m->chain.used > chain.used)
        chain.used = m->chain.used;
    return chain;
}

static enum lk_reason reason_of(enum lk_mis_reason told)
{
    switch (told) {
    case LK_MIS_REASON_CHAIN_LIMIT: return LK_REASON_MIS_CHAIN_END;
    case LK_MIS_REASON_UNKNOWN_MN: return LK_REASON_MIS_MALFORMED;
    case LK_MIS_REASON_UNREACHABLE: return LK_REASON_MIS_UNREACHABLE;
    case LK_MIS_REASON_FULL_AUTH_WANTED:
    case LK_MIS_REASON_KEY_EXPIRED: return LK_REASON_MIS_SA_TYPE;
    case LK_MIS_REASON_NO_TRUST:
    case LK_MIS_REASON_NO_TARGET: return LK_REASON_MIS_NO_TARGET;
    case LK_MIS_REASON_NONE: /* no refusal; what follows is no SPoS's to say of itself */
    case LK_MIS_REASON_NO_COMMON_SUITE:
    case LK_MIS_REASON_AUTH_FAILED:
    case LK_MIS_REASON_REPLAY:
    case LK_MIS_REASON_COUNT: break;
    }
    return LK_REASON_MIS_REFUSED;
}

/* T41: an SA by TLS leads to no K, and none is sent where it is not hidden; T40: nor beyond the
 * limit, which a K of the home does not stand under. */
static enum lk_mis_reason judge(const struct lk_mis_spos_work *w, const struct lk_mis_chain *chain)
{
    const struct lk_mis_spos_event *event = w->event;
    const struct lk_mis_serving *serving = &event->request.serving;
    enum lk_mis_reason may = lk_mis_chain_may(chain, serving->type);

    if (!lk_span_equal(event->request.message->mn, serving->peer))
        return LK_MIS_REASON_UNKNOWN_MN;
    if (!serving->hides)
        return LK_MIS_REASON_FULL_AUTH_WANTED;
    if (lk_mis_left_s(serving->expires_ms, event->now_ms) == 0)
        return LK_MIS_REASON_KEY_EXPIRED;
    return may == LK_MIS_REASON_CHAIN_LIMIT && asks_home(event) ? LK_MIS_REASON_NONE : may;
}

/* spec: IEEE 802.21.1 5.14.3 - the target that the MN names, or the one that fits best. */
static enum lk_mis_reason find_target(const struct lk_mis_pos **pos, struct lk_mis_spos_work *w)
{
    const struct lk_mis_spos_event *event = w->event;
    const struct lk_mis_neighbours *neighbours = event->request.neighbours;
    const struct lk_mis_message *m = event->request.message;
    struct lk_mis_known known;
    enum lk_mis_reason reason;
    size_t index;

    if (lk_mis_has(m, LK_MIS_TLV_POS)) {
        reason = lk_mis_select_named(&index, neighbours, m->pos.id);
    } else {
        lk_mis_known_of(&known, m);
        reason = lk_mis_select(&index, neighbours, &known);
    }
    if (reason != LK_MIS_REASON_NONE)
        return reason;
    *pos = &neighbours->neighbour[index].pos;
    return lk_mis_name_set(&w->spos->target, (*pos)->id) ? LK_MIS_REASON_NONE
                                                         : LK_MIS_REASON_UNREACHABLE;
}

/* The target of a K that the home gives is the MN's to name and the home's to judge. */
static enum lk_mis_reason find_home(const struct lk_mis_pos **pos, struct lk_mis_spos_work *w)
{
    const struct lk_mis_message *m = w->event->request.message;

    *pos = &m->pos;
    return w->event->request.home.len > 0 && lk_mis_name_set(&w->spos->target, m->pos.id)
               ? LK_MIS_REASON_NONE
               : LK_MIS_REASON_UNREACHABLE;
}

/* The K of this run, and what is said of it. */
static void make_k(struct lk_mis_spos_work *w, const struct lk_mis_chain *chain)
{
    const struct lk_mis_spos_event *event = w->event;
    struct lk_mis_spos *spos = w->spos;
    const struct lk_mis_home_k *home_k = event->request.home_k;

    spos->of_home = home_k != NULL || asks_home(event);
    spos->chain = *chain;
    if (asks_home(event)) {
        spos->chain.used = 0;
        return;
    }
    spos->lifetime_s = lk_mis_lifetime_s(w->config->lifetime_s, UINT32_MAX,
                                         lk_mis_left_s(event->request.serving.expires_ms,
                                                       event->now_ms));
    if (home_k != NULL) {
        spos->k = home_k->k;
        spos->origin = home_k->origin;
        return;
    }
    /* spec: IEEE 802.21.1 5.14.2 - K of the SPoS is of no other key: this PoS tells nothing of its
     * own SA with the MN. */
    spos->k.len = LK_MIS_K_MAX;
    memcpy(spos->k.octets, event->entropy, LK_MIS_K_MAX);
    spos->origin = LK_MIS_ORIGIN_SPOS;
    spos->chain.used++;
}

static void put_envelope(struct lk_mis_message *m, const struct lk_mis_spos *spos)
{
    lk_mis_mark(m, LK_MIS_TLV_KEY_ENVELOPE);
    m->envelope = (struct lk_mis_key_envelope){ .key = lk_span_of(spos->k.octets, spos->k.len),
                                                .lifetime_s = spos->lifetime_s,
                                                .used = spos->chain.used,
                                                .max = spos->chain.max,
                                                .origin = spos->origin };
}

/* To the target. */
static void put_k(struct lk_mis_message *m, const struct lk_mis_spos_work *w)
{
    put_envelope(m, w->spos);
    m->start_mark = w->event->request.start_mark;
    if (m->start_mark.len > 0)
        lk_mis_mark(m, LK_MIS_TLV_START_MARK);
}

/* To the home: for whom, and what proves it. */
static void put_wish(struct lk_mis_message *m, const struct lk_mis_message *from)
{
    lk_mis_mark(m, LK_MIS_TLV_POS);
    m->pos = from->pos;
    lk_mis_mark(m, LK_MIS_TLV_AUTH_INFO);
    m->auth_info = from->auth_info;
}

static enum lk_status ask(struct lk_mis_spos_work *w)
{
    static const enum lk_mis_tlv tlvs[] = { LK_MIS_TLV_MN, LK_MIS_TLV_NONCE_T, LK_MIS_TLV_SUITES,
                                            LK_MIS_TLV_PRFS };
    const struct lk_mis_message *from = w->event->request.message;
    struct lk_mis_message m = { .mn = from->mn, .nonce_t = from->nonce_t, .suites = from->suites,
                                .prfs = from->prfs };
    struct lk_mis_spos_output *output;
    struct lk_span list;
    enum lk_status status;

    mark_all(&m, tlvs, LK_COUNT_OF(tlvs));
    pass(&m, from);
    if (asks_home(w->event))
        put_wish(&m, from);
    else
        put_k(&m, w);
    status = lk_mis_lists_put(&list, &w->out->lists, &m, &w->config->codes);
    if (status != LK_OK)
        return status;
    w->spos->run++;
    output = put(w, LK_MIS_SPOS_OUT_ASK);
    output->ask.run = w->spos->run;
    output->ask.target = w->spos->target;
    if (asks_home(w->event) && !lk_mis_name_set(&output->ask.target, w->event->request.home))
        return LK_E_LENGTH;
    output->ask.list = list;
    return LK_OK;
}

enum lk_status lk_mis_spos_request(struct lk_mis_spos_work *w)
{
    struct lk_mis_chain chain = chain_of(w);
    const struct lk_mis_pos *pos = NULL;
    enum lk_status status = is_whole(w);
    enum lk_mis_reason told;

    if (status != LK_OK)
        return status;
    told = judge(w, &chain);
    if (told == LK_MIS_REASON_NONE)
        told = asks_home(w->event) ? find_home(&pos, w) : find_target(&pos, w);
    if (told != LK_MIS_REASON_NONE)
        return refuse(w, told, asks_home(w->event) && told == LK_MIS_REASON_UNREACHABLE
                                   ? LK_REASON_MIS_NO_HOME
                                   : reason_of(told));
    w->spos->address = pos->address;
    w->spos->port = pos->port;
    memcpy(w->spos->nonce_t, w->event->request.message->nonce_t.at, sizeof w->spos->nonce_t);
    make_k(w, &chain);
    status = ask(w);
    if (status != LK_OK)
        return status;
    w->spos->state = LK_MIS_SPOS_AWAIT_TARGET;
    arm(w, w->event->now_ms + w->config->target_ms);
    return LK_OK;
}

/* ---- the target's answer ---- */

static bool grants(const struct lk_mis_message *m)
{
    static const enum lk_mis_tlv must[] = { LK_MIS_TLV_NONCE_N, LK_MIS_TLV_SAID,
                                            LK_MIS_TLV_SUITES,  LK_MIS_TLV_PRFS,
                                            LK_MIS_TLV_LIFETIME, LK_MIS_TLV_CHAIN,
                                            LK_MIS_TLV_AUTH_VALUE };

    for (size_t i = 0; i < LK_COUNT_OF(must); i++)
        if (!lk_mis_has(m, must[i]))
            return false;
    return true;
}

/* spec: IEEE 802.21.1 5.14.3 - the MN gets K and the address of the target in one answer; a K of
 * its home it has of itself. */
static enum lk_status hand_out(struct lk_mis_spos_work *w)
{
    static const enum lk_mis_tlv tlvs[] = { LK_MIS_TLV_STATUS,   LK_MIS_TLV_POS,
                                            LK_MIS_TLV_NONCE_N,  LK_MIS_TLV_SAID,
                                            LK_MIS_TLV_SUITES,   LK_MIS_TLV_PRFS,
                                            LK_MIS_TLV_LIFETIME, LK_MIS_TLV_CHAIN,
                                            LK_MIS_TLV_AUTH_VALUE };
    const struct lk_mis_message *from = w->event->target.message;
    struct lk_mis_spos *spos = w->spos;
    struct lk_mis_message m = { .status = LK_MIS_SUCCESS, .nonce_n = from->nonce_n,
                                .said = from->said, .suites = from->suites, .prfs = from->prfs,
                                .lifetime_s = from->lifetime_s, .chain = from->chain,
                                .auth = from->auth };
    struct lk_span list;
    enum lk_status status;

    mark_all(&m, tlvs, LK_COUNT_OF(tlvs));
    m.pos = (struct lk_mis_pos){ .id = lk_mis_name_of(&spos->target), .address = spos->address,
                                 .port = spos->port };
    if (!spos->of_home)
        put_envelope(&m, spos);
    pass(&m, from);
    status = lk_mis_lists_put(&list, &w->out->lists, &m, &w->config->codes);
    if (status != LK_OK)
        return status;
    put(w, LK_MIS_SPOS_OUT_ANSWER)->answer = list;
    spos->state = LK_MIS_SPOS_AWAIT_ACK;
    arm(w, w->event->now_ms + w->config->half_open_ms);
    return LK_OK;
}

enum lk_status lk_mis_spos_answer(struct lk_mis_spos_work *w)
{
    const struct lk_mis_message *m = w->event->target.message;
    enum lk_mis_reason told = lk_mis_has(m, LK_MIS_TLV_REASON) ? m->reason : LK_MIS_REASON_NONE;

    if (!lk_mis_has(m, LK_MIS_TLV_STATUS) || m->status != LK_MIS_SUCCESS)
        return refuse_for(w, told, lk_mis_refused_by(m, "an SA of the target"));
    if (!grants(m))
        return refuse(w, LK_MIS_REASON_UNREACHABLE, LK_REASON_MIS_MALFORMED);
    return hand_out(w);
}

/* spec: IEEE 802.21.1 5.14.1 - the link between the PoS is protected, or nothing passes it (T46).
 * And a target that is silent is none. */
enum lk_status lk_mis_spos_no_target(struct lk_mis_spos_work *w)
{
    return refuse(w, LK_MIS_REASON_UNREACHABLE, LK_REASON_MIS_UNREACHABLE);
}
