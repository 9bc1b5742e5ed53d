/* Runs of MIS: which establishment of an SA a PDU is of, and what that learns of it.
 *
 *     in full      Auth between one MN and one PoS, from an indication or the PoS's first request
 *     optimised    Prereg_Xfer of an MN under the SA that it has with its SPoS, N2N_Prereg_Xfer
 *                  from there to the target, Prereg_Xfer under the new SA
 *
 * Action, identifiers and SAID are in clear in every PDU, so runs are found without a key. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "keys/mis_start.h"
#include "trace/eap_seen.h"
#include "proto/mis/partners.h"
#include "trace/mis.h"
#include "wire/erp.h"

enum { RUNS_LOOKED_AT = 1024 };

/* ---- which run ---- */

static bool is_decided(const struct lk_trace_run *run)
{
    return run->outcome == LK_TRACE_ACCEPTED || run->outcome == LK_TRACE_REJECTED;
}

static size_t find_request(const struct lk_trace *trace, size_t index)
{
    const struct lk_trace_mis *mis = &trace->messages[index].mis;

    for (size_t i = index; i > lk_trace_look_back(index); i--) {
        const struct lk_trace_message *before = &trace->messages[i - 1];

        if (before->protocol == LK_TRACE_MIS && before->status == LK_OK &&
            before->mis.opcode == LK_MIS_REQUEST && before->mis.action == mis->action &&
            before->mis.header.tid == mis->header.tid && before->repeats == LK_TRACE_NONE &&
            lk_span_equal(before->mis.source, mis->destination) &&
            lk_span_equal(before->mis.destination, mis->source))
            return i - 1;
    }
    return LK_TRACE_NONE;
}

/* What a run is called that no comment names: whose, and by way of which PoS. */
static void entitle(struct lk_trace *trace, size_t r)
{
    struct lk_trace_run *run = &trace->runs[r];
    const struct lk_trace_establishment *of = &run->mis;
    char mn[LK_MIS_TEXT], spos[LK_MIS_TEXT], pos[LK_MIS_TEXT];

    if (trace->messages[run->first].comment.len > 0)
        return;
    lk_mis_text(mn, lk_mis_seen_name(of));
    lk_mis_text(spos, of->spos);
    lk_mis_text(pos, of->pos);
    if (of->optimised)
        (void)snprintf(run->title, sizeof run->title, "%.24s, %.24s%s%.24s: run %zu", mn, spos,
                       pos[0] != '\0' ? " to " : " to another", pos, r + 1);
    else
        (void)snprintf(run->title, sizeof run->title, "%.30s at %.30s: run %zu", mn, pos, r + 1);
}

static enum lk_status begin(struct lk_trace *trace, size_t index, bool optimised, struct lk_span mn,
                            struct lk_span pos)
{
    struct lk_trace_establishment *made;
    enum lk_status status = lk_trace_start_run(trace, index, LK_TRACE_ESTABLISHMENT, "run");

    if (status != LK_OK)
        return status;
    trace->runs[trace->run_count - 1].identity = mn;
    made = &trace->runs[trace->run_count - 1].mis;
    *made = (struct lk_trace_establishment){ .optimised = optimised, .mn = mn,
                                             .reason = LK_MIS_REASON_NONE,
                                             .refused_at = LK_TRACE_NONE };
    if (optimised)
        made->spos = pos;
    else
        made->pos = pos;
    entitle(trace, trace->run_count - 1);
    return LK_OK;
}

/* Of which runs one is looked for, the latest first. */
struct wanted {
    const struct lk_trace_mis *mis;
    struct lk_span mn, pos;
};

static size_t latest(const struct lk_trace *trace, const struct wanted *wanted,
                     bool (*fits)(const struct lk_trace_run *run, const struct wanted *wanted))
{
    for (size_t r = trace->run_count; r > 0 && r + RUNS_LOOKED_AT > trace->run_count; r--)
        if (trace->runs[r - 1].kind == LK_TRACE_ESTABLISHMENT && fits(&trace->runs[r - 1], wanted))
            return r - 1;
    return LK_TRACE_NONE;
}

static bool is_of_mn(const struct lk_trace_run *run, const struct wanted *wanted)
{
    return run->mis.optimised && !is_decided(run) && lk_span_equal(run->mis.mn, wanted->mn);
}

/* The MN's first PDU under the new SA; where that is not known, its first to another PoS. */
static bool goes_on(const struct lk_trace_run *run, const struct wanted *wanted)
{
    const struct lk_mis_said *said = &run->mis.said;

    if (!is_of_mn(run, wanted) || !wanted->mis->sealed)
        return false;
    return said->id.len > 0 ? lk_mis_said_is(said, &wanted->mis->said)
                            : !lk_span_equal(run->mis.spos, wanted->pos);
}

/* spec: IEEE 802.21.1 5.14.2 - the MN asks its SPoS, then shows the TPoS that it has the keys. */
static enum lk_status place_prereg(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    bool from_mn = lk_mis_seen_from_mn(&m->mis);
    struct wanted wanted = { &m->mis, from_mn ? m->mis.source : m->mis.destination,
                             from_mn ? m->mis.destination : m->mis.source };
    enum lk_status status;
    size_t run = latest(trace, &wanted, from_mn ? goes_on : is_of_mn);

    if (run != LK_TRACE_NONE) {
        m->run = run;
        if (from_mn && trace->runs[run].mis.pos.len == 0)
            trace->runs[run].mis.pos = wanted.pos;
        entitle(trace, run);
        return LK_OK;
    }
    status = begin(trace, index, true, wanted.mn, wanted.pos);
    if (status == LK_OK && m->mis.sealed)
        trace->runs[m->run].mis.under = m->mis.said;
    return status;
}

/* One of that SPoS which waits for its target. */
static bool waits(const struct lk_trace_run *run, const struct wanted *wanted)
{
    return run->mis.optimised && !is_decided(run) && !run->mis.n2n &&
           (wanted->mn.len > 0 ? lk_span_equal(run->mis.mn, wanted->mn)
                               : lk_span_equal(run->mis.spos, wanted->pos));
}

static enum lk_status place_n2n(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct wanted wanted = { .mis = &m->mis, .pos = m->mis.source };
    struct lk_mis_message list;
    enum lk_status status;
    bool wish = false;

    if (m->mis.opcode != LK_MIS_REQUEST)
        return LK_OK; /* to a question that is not in the capture */
    if (lk_mis_seen_read(&list, m)) {
        wanted.mn = list.mn;
        wish = lk_mis_has(&list, LK_MIS_TLV_AUTH_INFO);
    }
    m->run = latest(trace, &wanted, waits);
    status = m->run != LK_TRACE_NONE ? LK_OK :
             begin(trace, index, true, wanted.mn, m->mis.source);
    if (status != LK_OK || wish)
        return status; /* to the home: what it gives the target comes in a message of its own */
    trace->runs[m->run].mis.n2n = true;
    trace->runs[m->run].mis.maker = m->mis.source;
    trace->runs[m->run].mis.pos = m->mis.destination;
    entitle(trace, m->run);
    return LK_OK;
}

/* An establishment in full that has not come to its end, nor to a beginning twice. */
static bool is_open(const struct lk_trace_run *run, const struct wanted *wanted)
{
    const struct lk_trace_establishment *of = &run->mis;

    return !of->optimised && !is_decided(run) && lk_span_equal(of->mn, wanted->mn) &&
           lk_span_equal(of->pos, wanted->pos) &&
           !(of->asked && (wanted->mis->action == LK_MIS_CAPABILITY_DISCOVER ||
                           wanted->mis->opcode == LK_MIS_INDICATION));
}

static enum lk_status place_full(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    bool from_mn = lk_mis_seen_from_mn(&m->mis);
    struct wanted wanted = { &m->mis, from_mn ? m->mis.source : m->mis.destination,
                             from_mn ? m->mis.destination : m->mis.source };

    m->run = latest(trace, &wanted, is_open);
    return m->run != LK_TRACE_NONE ? LK_OK : begin(trace, index, false, wanted.mn, wanted.pos);
}

static bool has_that_sa(const struct lk_trace_run *run, const struct wanted *wanted)
{
    return lk_mis_said_is(&run->mis.said, &wanted->mis->said);
}

/* Out of a connection of DTLS: who dialled that is the MN, whoever asks, and what a message claims
 * later renames nobody. */
static bool is_of_channel(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    bool turned;
    size_t pair = m->opened && !m->mis.sealed ? lk_trace_pair(trace, index, &turned)
                                              : LK_TRACE_NONE;
    struct lk_trace_run *run = pair == LK_TRACE_NONE ? NULL
                                                     : &trace->runs[trace->messages[pair].run];

    if (run == NULL || (run->kind != LK_TRACE_SESSION && run->kind != LK_TRACE_CHANNEL))
        return false;
    m->run = trace->messages[pair].run;
    m->request = trace->messages[pair].request != turned;
    run->kind = LK_TRACE_CHANNEL;
    if (run->mis.pos.len > 0)
        return true;
    run->mis = (struct lk_trace_establishment){ .mn = m->request ? m->mis.source
                                                                 : m->mis.destination,
                                                .pos = m->request ? m->mis.destination
                                                                  : m->mis.source,
                                                .refused_at = LK_TRACE_NONE };
    entitle(trace, m->run);
    return true;
}

enum lk_status lk_mis_seen_place(struct lk_trace *trace, size_t index)
{
    struct lk_trace_message *m = &trace->messages[index];
    struct wanted wanted = { .mis = &m->mis };

    if (m->status != LK_OK || is_of_channel(trace, index))
        return LK_OK;
    if (m->mis.opcode == LK_MIS_RESPONSE) {
        m->answers = find_request(trace, index);
        m->run = m->answers != LK_TRACE_NONE ? trace->messages[m->answers].run : LK_TRACE_NONE;
        if (m->run != LK_TRACE_NONE)
            return LK_OK;
    }
    if (m->mis.action == LK_MIS_CAPABILITY_DISCOVER && m->mis.sealed)
        m->run = latest(trace, &wanted, has_that_sa);
    if (m->run != LK_TRACE_NONE)
        return LK_OK;
    if (m->mis.action == LK_MIS_PREREG_XFER)
        return place_prereg(trace, index);
    if (m->mis.action == LK_MIS_N2N_PREREG_XFER)
        return place_n2n(trace, index);
    if (m->mis.action == LK_MIS_AUTH || m->mis.action == LK_MIS_CAPABILITY_DISCOVER)
        return place_full(trace, index);
    m->run = m->mis.sealed ? latest(trace, &wanted, has_that_sa) : LK_TRACE_NONE;
    return LK_OK;
}

/* ---- what a run learns ---- */

/* K, unless it was withheld: then it is zeroes. */
static void learn_k(struct lk_trace_establishment *of, const struct lk_mis_key_envelope *envelope)
{
    static const uint8_t withheld[LK_MIS_K_MAX];

    of->has_envelope = true;
    of->origin = envelope->origin;
    of->lifetime_s = envelope->lifetime_s;
    of->has_chain = true;
    of->chain = (struct lk_mis_chain){ envelope->used, envelope->max };
    if (envelope->key.len >= LK_MIS_K_MIN && envelope->key.len <= LK_MIS_K_MAX &&
        !lk_same_secret(envelope->key.at, withheld, envelope->key.len))
        of->k = envelope->key;
}

/* What it ends by counts: an offer of ERP is none, and EAP may take over from it. With a K of an
 * SPoS or the home, an Initiate is the MN's wish for one of the home. */
static void learn_erp(struct lk_trace_establishment *of, const struct lk_trace_mis *mis)
{
    struct lk_erp erp;

    if (of->optimised) {
        of->wish = of->wish || mis->erp;
        return;
    }
    if (mis->has_eap && !mis->erp)
        of->erp = false;
    if (!mis->erp || lk_erp_decode(&erp, mis->eap_octets, 0) != LK_OK)
        return;
    of->erp = of->erp || erp.type != LK_ERP_START;
    if (lk_erp_has(&erp, LK_ERP_KEYNAME_NAI))
        of->erp_nai = erp.keyname_nai;
}

/* By a PoS, in an answer; nonces, SAID and choice stand together. */
static void learn_answer(struct lk_trace_establishment *of, const struct lk_mis_message *list)
{
    struct lk_start_mark mark;

    if (!lk_mis_has(list, LK_MIS_TLV_SAID))
        return;
    of->said = list->said;
    if (lk_mis_has(list, LK_MIS_TLV_SUITES))
        of->suite = list->suites;
    if (lk_mis_has(list, LK_MIS_TLV_PRFS))
        of->prfs = list->prfs;
    if (lk_mis_has(list, LK_MIS_TLV_LIFETIME))
        of->lifetime_s = list->lifetime_s;
    of->dh_pos = of->dh_pos || lk_mis_has(list, LK_MIS_TLV_DH);
    if (!of->optimised && lk_mis_has(list, LK_MIS_TLV_START_MARK) &&
        lk_start_mark_read(&mark, list->start_mark) == LK_OK)
        of->called = mark.mn_id;
}

static void learn_list(struct lk_trace_establishment *of, const struct lk_mis_message *list)
{
    if (lk_mis_has(list, LK_MIS_TLV_NONCE_T))
        of->nonce_t = list->nonce_t;
    if (lk_mis_has(list, LK_MIS_TLV_NONCE_N))
        of->nonce_n = list->nonce_n;
    if (lk_mis_has(list, LK_MIS_TLV_CHAIN) && !of->has_envelope) {
        of->has_chain = true;
        of->chain = list->chain;
    }
    if (lk_mis_has(list, LK_MIS_TLV_KEY_ENVELOPE))
        learn_k(of, &list->envelope);
    if (lk_mis_has(list, LK_MIS_TLV_POS) && of->optimised && of->pos.len == 0)
        of->pos = list->pos.id;
    if (lk_mis_has(list, LK_MIS_TLV_SAID))
        learn_answer(of, list);
    else if (lk_mis_has(list, LK_MIS_TLV_DH))
        of->dh_mn = true;
    if (lk_mis_has(list, LK_MIS_TLV_SUITES) && !lk_mis_has(list, LK_MIS_TLV_SAID))
        of->offered = list->suites;
}

static void refuse(struct lk_trace_run *run, size_t index, const struct lk_mis_message *list)
{
    run->outcome = LK_TRACE_REJECTED;
    if (run->mis.refused_at != LK_TRACE_NONE &&
        (run->mis.reason != LK_MIS_REASON_NONE || !lk_mis_has(list, LK_MIS_TLV_REASON)))
        return; /* the target has refused, and the SPoS tells the MN */
    run->mis.refused_at = index;
    run->mis.status = list->status;
    run->mis.reason = lk_mis_has(list, LK_MIS_TLV_REASON) ? list->reason : LK_MIS_REASON_NONE;
}

static bool is_last_step(const struct lk_trace_establishment *of, const struct lk_trace_mis *mis,
                         const struct lk_mis_message *list)
{
    if (mis->action == LK_MIS_AUTH)
        return mis->opcode == LK_MIS_RESPONSE && list != NULL &&
               lk_mis_has(list, LK_MIS_TLV_AUTH_VALUE);
    if (mis->action == LK_MIS_N2N_PREREG_XFER || mis->opcode == LK_MIS_INDICATION)
        return false;
    /* from the target under the SA: it has taken AUTH-T, or a later PDU */
    return of->optimised && mis->sealed && mis->opcode == LK_MIS_RESPONSE &&
           lk_span_equal(mis->source, of->pos) && !lk_span_equal(of->pos, of->spos) &&
           !lk_mis_said_is(&of->under, &mis->said);
}

/* list: NULL where it is sealed. */
static void decide(struct lk_trace_run *run, size_t index, const struct lk_trace_mis *mis,
                   const struct lk_mis_message *list)
{
    bool refused = list != NULL && lk_mis_has(list, LK_MIS_TLV_STATUS) &&
                   list->status != LK_MIS_SUCCESS;

    if (mis->action == LK_MIS_TERMINATION_AUTH) {
        run->mis.ended = run->mis.ended || mis->opcode == LK_MIS_RESPONSE;
        return;
    }
    if (run->outcome == LK_TRACE_ACCEPTED)
        return;
    if (refused || (mis->has_eap && !mis->erp && mis->eap_status == LK_OK &&
                    mis->eap.code == LK_EAP_FAILURE && list != NULL)) {
        refuse(run, index, list);
        return;
    }
    if (is_decided(run))
        return;
    if (is_last_step(&run->mis, mis, list))
        run->outcome = LK_TRACE_ACCEPTED;
    else
        run->outcome = mis->opcode == LK_MIS_RESPONSE ? LK_TRACE_OPEN : LK_TRACE_SILENT;
}

/* What K makes of the run's SA, so that what goes under it can be opened. */
static enum lk_status keep_misk(struct lk_trace *trace, const struct lk_trace_establishment *of)
{
    const struct lk_mis_key_log *logged = lk_mis_key_of(trace, LK_MIS_KEY_LOG_K, &of->said);
    struct lk_span k = logged != NULL ? lk_span_of(logged->key, logged->key_len) : of->k;
    struct lk_mis_key_log misk;
    struct lk_mis_agreed agreed;
    struct lk_mis_keys keys;
    enum lk_status status = LK_OK;

    if (k.len == 0 || of->said.id.len == 0 || of->said.type == LK_MIS_SA_TLS ||
        lk_mis_key_of(trace, LK_MIS_KEY_LOG_MISK, &of->said) != NULL)
        return LK_OK;
    if (lk_mis_seen_derive(&keys, &agreed, of, k)) {
        lk_mis_key_log_misk(&misk, of->said.type, of->said.id, &agreed, &keys);
        status = lk_trace_keep_mis_key(trace, &misk);
        lk_wipe(&misk, sizeof misk);
    }
    lk_wipe(&keys, sizeof keys);
    return status == LK_E_FULL ? LK_OK : status;
}

enum lk_status lk_mis_seen_learn(struct lk_trace *trace, size_t index)
{
    const struct lk_trace_message *m = &trace->messages[index];
    struct lk_trace_run *run;
    struct lk_mis_message list;
    bool read;

    if (m->protocol != LK_TRACE_MIS || m->run == LK_TRACE_NONE || m->repeats != LK_TRACE_NONE)
        return LK_OK;
    run = &trace->runs[m->run];
    if (run->kind == LK_TRACE_CHANNEL)
        return LK_OK;
    read = lk_mis_seen_read(&list, m);
    if (m->mis.action != LK_MIS_AUTH && m->mis.action != LK_MIS_PREREG_XFER &&
        m->mis.action != LK_MIS_N2N_PREREG_XFER && m->mis.action != LK_MIS_TERMINATION_AUTH) {
        if (run->outcome == LK_TRACE_OPEN && m->mis.opcode != LK_MIS_RESPONSE)
            run->outcome = LK_TRACE_SILENT;
        else if (run->outcome == LK_TRACE_SILENT && m->mis.opcode == LK_MIS_RESPONSE)
            run->outcome = LK_TRACE_OPEN;
        return LK_OK;
    }
    run->mis.asked = true;
    if (lk_trace_eap(m) != NULL)
        lk_eap_note(run, lk_trace_eap(m));
    learn_erp(&run->mis, &m->mis);
    if (read) {
        learn_list(&run->mis, &list);
        entitle(trace, m->run); /* its target, and the name that the MN has in the end */
    }
    decide(run, index, &m->mis, read ? &list : NULL);
    return keep_misk(trace, &run->mis);
}

bool lk_mis_seen_of_home(const struct lk_trace_establishment *of)
{
    struct lk_span maker = of->maker.len > 0 ? of->maker : of->spos;

    return of->has_envelope && of->origin != LK_MIS_ORIGIN_SPOS && of->chain.used == 0 &&
           lk_mis_same_realm(lk_mis_realm(maker), lk_mis_realm(of->mn)) &&
           (of->wish || !lk_span_equal(maker, of->spos));
}

static bool is_of_pos(const struct lk_trace_mis *mis, struct lk_span pos)
{
    return mis->destination.len == 0 || lk_span_equal(mis->source, pos) ||
           lk_span_equal(mis->destination, pos);
}

bool lk_mis_seen_goes_on_elsewhere(const struct lk_trace *trace, size_t run)
{
    const struct lk_trace_establishment *of = &trace->runs[run].mis;
    bool asked = false; /* no device sees what two PoS say to each other */

    if (trace->runs[run].kind != LK_TRACE_ESTABLISHMENT || !of->optimised ||
        trace->runs[run].outcome != LK_TRACE_OPEN || of->said.id.len == 0)
        return false;
    for (size_t i = 0; i < trace->count; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (m->protocol != LK_TRACE_MIS || m->status != LK_OK)
            continue;
        if (!is_of_pos(&m->mis, of->spos))
            return false;
        asked = asked || (m->run == run && m->mis.action == LK_MIS_N2N_PREREG_XFER);
    }
    return asked;
}
