/* What the owner asks of MIS, and is told.
 *
 *     {"op": "mis-attach", "pos": "pos@a.example"}, and "by": "eap", or "erp": as it is without by,
 *                                         where an EAP run left a key for it
 *     {"op": "mis-handover", "pos": ...}, and "from": "home" for a K of the home; or "network",
 *                                         "cell", "link", "position" for the PoS that serves to
 *                                         select by
 *     {"op": "mis-status"}, {"op": "mis-ping"}, {"op": "mis-detach"}
 *     {"op": "mis-tls", "pos": ...}: an SA by DTLS
 *
 * Where no pos is said it is what the DNS of ue.mis.domain names, for mis-attach, or the first of
 * ue.mis.points; of mis-tls, the one that serves. An answer comes when it is done, or nothing will
 * come of it; one question at a time. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "io/log.h"
#include "role/pos.h"
#include "role/ue_manager.h"

enum { US_PER_MS = 1000 };

/* ---- answers ---- */

static json_t *text_json(struct lk_span text)
{
    return json_stringn(text.len == 0 ? "" : (const char *)text.at, text.len);
}

static void put_refusal(json_t *answer, const struct lk_refusal *refused, uint64_t at_ms)
{
    const struct lk_reason_row *row = lk_reason_row(refused->reason);

    if (refused->reason != LK_REASON_NONE)
        (void)json_object_update_new(
            answer, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "reason", row->code, "what",
                              row->what, "expected", refused->expected, "came",
                              refused->came, "fix", row->fix, "refused-ms-ago",
                              (json_int_t)(lk_mono_ms() - at_ms)));
}

/* What there is with the PoS that serves. */
static const char *sa_name(const struct lk_mis_device *device)
{
    const struct lk_mis_device_link *link = lk_mis_device_serving(device);

    if (link == NULL)
        return "none";
    if (link->holds == LK_MIS_DEVICE_CHANNEL)
        return "tls";
    return link->sa.type == LK_MIS_SA_SPOS ? "optimised" : "full";
}

static json_t *state_json(const struct lk_ue_mis *mis)
{
    static const char *const ways[] = { "none", "eap", "erp", "home" };
    const struct lk_mis_device_link *link = lk_mis_device_serving(&mis->device);
    const struct lk_mis_chain *chain = &mis->device.mn.chain;
    uint64_t now_ms = lk_mono_ms();
    json_t *state = json_pack("{s:b, s:s, s:o, s:o, s:s, s:i, s:i}", "ok", 1, "sa",
                              sa_name(&mis->device), "pos",
                              text_json(link == NULL ? lk_span_of(NULL, 0)
                                                     : lk_mis_name_of(&link->id)),
                              "mn", text_json(lk_mis_device_named(&mis->device)),
                              "authentication", ways[mis->by], "chain-used",
                              (int)chain->used, "chain-max", (int)chain->max);

    if (link != NULL && link->holds == LK_MIS_DEVICE_SA && link->sa.expires_ms > now_ms)
        (void)json_object_set_new(state, "expires-s",
                                  json_integer((json_int_t)(link->sa.expires_ms - now_ms) / 1000));
    return state;
}

static json_t *done_json(const struct lk_ue_mis *mis)
{
    static const char *const told[] = {
        [LK_UE_MIS_ASKED_NOTHING] = "",
        [LK_UE_MIS_ASKED_ATTACH] = "attached: an SA by full establishment",
        [LK_UE_MIS_ASKED_HANDOVER] = "handed over: an SA by optimised establishment",
        [LK_UE_MIS_ASKED_PING] = "the PoS answers, under the SA",
        [LK_UE_MIS_ASKED_DETACH] = "the SA is over",
        [LK_UE_MIS_ASKED_TLS] = "an SA by DTLS",
    };
    const struct lk_mis_chain *chain = &mis->device.mn.chain;
    json_t *answer = state_json(mis);
    uint64_t took_us = lk_mono_us() - mis->asked_us;
    bool of_home = mis->asked == LK_UE_MIS_ASKED_HANDOVER && mis->by == LK_UE_MIS_BY_HOME;
    char words[160], how[64] = "";

    if (mis->fell_back || mis->asked == LK_UE_MIS_ASKED_ATTACH)
        (void)snprintf(how, sizeof how, ", by %s%s%s", mis->by == LK_UE_MIS_BY_ERP ? "ERP" : "EAP",
                       mis->fell_back ? ": " : "",
                       mis->fell_back ? lk_reason_row(mis->refused.reason)->code : "");
    else if (mis->asked == LK_UE_MIS_ASKED_HANDOVER)
        (void)snprintf(how, sizeof how, ", %u of %u", chain->used, chain->max);
    (void)snprintf(words, sizeof words, "%s%s",
                   mis->fell_back ? "handed over: an SA by full establishment"
                   : of_home      ? "handed over: an SA by a key of the home"
                                  : told[mis->asked],
                   how);
    (void)json_object_update_new(answer,
                                 json_pack("{s:s, s:s, s:f}", "result", "done", "told", words,
                                           "ms", (double)took_us / US_PER_MS));
    if (mis->fell_back || mis->asked == LK_UE_MIS_ASKED_HANDOVER)
        put_refusal(answer, &mis->refused, mis->refused_ms); /* of a key of the home, it may be */
    return answer;
}

static json_t *failed_json(const struct lk_ue_mis *mis)
{
    const struct lk_reason_row *row = lk_reason_row(mis->refused.reason);
    bool known = mis->refused.reason != LK_REASON_NONE;
    json_t *answer = json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "result", "refused", "error",
                               known ? row->what : "it is over, or nobody answered", "fix",
                               "latchkey ue mis-status");

    put_refusal(answer, &mis->refused, mis->refused_ms);
    return answer;
}

void lk_ue_mis_answer(struct lk_ue_manager *ue)
{
    struct lk_ue_mis *mis = &ue->mis;
    struct lk_control_call *call = mis->call;
    json_t *answer;

    if (mis->came == LK_UE_MIS_PENDING)
        return;
    lk_wipe(mis->dh_secret, sizeof mis->dh_secret); /* of one handover, whichever K it came to */
    if (call == NULL)
        return;
    answer = mis->came == LK_UE_MIS_DONE ? done_json(mis) : failed_json(mis);
    mis->call = NULL;
    mis->asked = LK_UE_MIS_ASKED_NOTHING;
    mis->config.use_erp = ue->process.config->ue.mis.erp;
    (void)uv_timer_stop(&mis->patience);
    lk_control_answer(call, answer);
}

void lk_ue_mis_came_to_nothing(struct lk_ue_manager *ue)
{
    if (ue->mis.came == LK_UE_MIS_PENDING)
        ue->mis.came = LK_UE_MIS_FAILED;
}

void lk_ue_mis_refused(struct lk_ue_manager *ue, const struct lk_refusal *why)
{
    struct lk_ue_mis *mis = &ue->mis;

    if (why->reason == LK_REASON_NONE)
        return;
    mis->refused = *why;
    mis->refused_ms = lk_mono_ms();
    if (why->reason != LK_REASON_MIS_NOT_NOW) { /* what the owner asked amiss hides no reason */
        mis->last = *why;
        mis->last_ms = mis->refused_ms;
    }
    lk_process_refused(&ue->process, why->reason);
    lk_process_count(&ue->process, LK_UE_MIS_REFUSED);
    lk_log_refusal(why, mis->refused_ms, NULL, 0);
}

static bool is_it(const struct lk_ue_mis *mis, const struct lk_mis_device_output *fact)
{
    switch (mis->asked) {
    case LK_UE_MIS_ASKED_NOTHING: return false;
    case LK_UE_MIS_ASKED_ATTACH:
        return fact->fact.what == LK_MIS_DEVICE_SERVED ||
               (fact->fact.what == LK_MIS_DEVICE_ATTACHED && fact->link == mis->device.serving);
    case LK_UE_MIS_ASKED_HANDOVER:
    case LK_UE_MIS_ASKED_TLS: return fact->fact.what == LK_MIS_DEVICE_SERVED;
    case LK_UE_MIS_ASKED_PING: return fact->fact.what == LK_MIS_DEVICE_PONG;
    case LK_UE_MIS_ASKED_DETACH: return fact->fact.what == LK_MIS_DEVICE_LOST;
    }
    return false;
}

void lk_ue_mis_came(struct lk_ue_manager *ue, const struct lk_mis_device_output *fact)
{
    struct lk_ue_mis *mis = &ue->mis;

    if (fact->fact.what == LK_MIS_DEVICE_ATTACHED) {
        lk_process_count(&ue->process, LK_UE_MIS_ATTACHES);
        mis->by = fact->fact.by_erp ? LK_UE_MIS_BY_ERP : LK_UE_MIS_BY_EAP;
    }
    if (fact->fact.what == LK_MIS_DEVICE_SERVED) {
        lk_process_count(&ue->process, LK_UE_MIS_HANDOVERS);
        if (mis->asked == LK_UE_MIS_ASKED_HANDOVER && !mis->fell_back &&
            lk_mis_device_serving(&mis->device)->sa.type == LK_MIS_SA_EAP)
            mis->by = LK_UE_MIS_BY_HOME;
    }
    if (mis->asked == LK_UE_MIS_ASKED_HANDOVER && fact->fact.what == LK_MIS_DEVICE_FALLBACK &&
        !fact->fact.background)
        mis->fell_back = true;
    if (mis->came != LK_UE_MIS_PENDING)
        return;
    if (is_it(mis, fact))
        mis->came = LK_UE_MIS_DONE;
    else if ((fact->fact.what == LK_MIS_DEVICE_STAYS && !fact->fact.background) ||
             (mis->asked == LK_UE_MIS_ASKED_PING &&
              (fact->fact.what == LK_MIS_DEVICE_SILENT || fact->fact.what == LK_MIS_DEVICE_LOST)))
        mis->came = LK_UE_MIS_FAILED;
}

static void impatient(uv_timer_t *timer)
{
    struct lk_ue_manager *ue = timer->data;
    const struct lk_refusal why = lk_refusal_of(LK_REASON_MIS_NO_ANSWER, "an end of it in time",
                                                "none");

    if (ue->mis.came == LK_UE_MIS_PENDING && ue->mis.refused.reason == LK_REASON_NONE)
        lk_ue_mis_refused(ue, &why);
    lk_ue_mis_came_to_nothing(ue);
    lk_ue_mis_answer(ue);
}

/* ---- questions ---- */

/* False: somebody else waits, and this one is refused. */
static bool begin(struct lk_ue_manager *ue, struct lk_control_call *call,
                  enum lk_ue_mis_asked asked)
{
    struct lk_ue_mis *mis = &ue->mis;

    if (mis->call != NULL) {
        lk_control_refuse(call, "something else of MIS is under way", "wait for its end");
        return false;
    }
    mis->call = call;
    mis->asked = asked;
    mis->came = LK_UE_MIS_PENDING;
    mis->fell_back = false;
    mis->asked_us = lk_mono_us();
    mis->refused.reason = LK_REASON_NONE;
    (void)uv_timer_start(&mis->patience, impatient, LK_UE_MIS_WAIT_MS, 0);
    return true;
}

static void ask(struct lk_ue_manager *ue, struct lk_mis_device_event *event)
{
    if (lk_ue_mis_give(ue, event) == LK_OK)
        return;
    lk_ue_mis_came_to_nothing(ue);
    lk_ue_mis_answer(ue);
}

/* The point that request names; fallback where it names none. False: there is no such one, and the
 * call is refused. */
static bool take_point(size_t *point, const struct lk_ue_manager *ue, struct lk_control_call *call,
                       const json_t *request, size_t fallback)
{
    const json_t *said = json_object_get(request, "pos");
    const char *id = json_string_value(said);

    *point = said == NULL ? fallback :
             id == NULL   ? LK_UE_MIS_NO_POINT : lk_ue_mis_point(ue, lk_span_text(id));
    if (*point < LK_UE_MIS_NO_POINT)
        return true;
    lk_control_refuse(call, "there is no such point of service", "name one of ue.mis.points");
    return false;
}

static size_t first_of(const struct lk_ue_manager *ue)
{
    return ue->process.config->ue.mis.point_count > 0 ? 0 : LK_UE_MIS_NO_POINT;
}

/* A06: the one that the WLAN's attach has left names nobody, and is as good here. */
static void take_pseudonym(struct lk_ue_manager *ue)
{
    struct lk_eap_kept *kept = &ue->mis.device.eap.kept;
    const struct lk_eap_kept *other = &ue->ue.peer.kept;

    if (kept->pseudonym_len > 0)
        return;
    kept->pseudonym_type = other->pseudonym_type;
    kept->pseudonym_len = other->pseudonym_len;
    memcpy(kept->pseudonym, other->pseudonym, sizeof kept->pseudonym);
}

void lk_ue_mis_ask_attach(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_ATTACH };
    const char *by = json_string_value(json_object_get(request, "by"));
    bool discovers = ue->mis.discovery != NULL && json_object_get(request, "pos") == NULL;
    size_t point;

    if (by != NULL && strcmp(by, "eap") != 0 && strcmp(by, "erp") != 0) {
        lk_control_refuse(call, "by is no way to authenticate", "say by=eap, or by=erp");
        return;
    }
    if ((!discovers && !take_point(&point, ue, call, request, first_of(ue))) ||
        !begin(ue, call, LK_UE_MIS_ASKED_ATTACH))
        return;
    take_pseudonym(ue);
    if (by != NULL)
        ue->mis.config.use_erp = strcmp(by, "erp") == 0;
    if (discovers && lk_ue_mis_discover(ue))
        return;
    if (discovers)
        point = first_of(ue);
    if (point == LK_UE_MIS_NO_POINT) {
        lk_ue_mis_came_to_nothing(ue);
        lk_ue_mis_answer(ue);
        return;
    }
    event.pos = lk_ue_mis_pos(ue, point);
    ask(ue, &event);
}

void lk_ue_mis_discovered(void *context, const struct lk_discovered *found, const char *detail)
{
    struct lk_ue_manager *ue = context;
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_ATTACH };
    size_t point = first_of(ue);

    if (lk_ue_mis_take_found(ue, found, detail))
        point = LK_UE_MIS_FOUND;
    if (ue->mis.call == NULL || ue->mis.asked != LK_UE_MIS_ASKED_ATTACH)
        return; /* nobody waits any more */
    if (point == LK_UE_MIS_NO_POINT) {
        lk_ue_mis_came_to_nothing(ue);
        lk_ue_mis_answer(ue);
        return;
    }
    event.pos = lk_ue_mis_pos(ue, point);
    ask(ue, &event);
}

/* What the PoS that serves selects by; looks into cover and request. False: cell, link or position
 * is none. */
static bool take_known(struct lk_mis_message *known, struct lk_pos_cover *cover,
                       const json_t *request)
{
    const char *network = json_string_value(json_object_get(request, "network"));
    const char *cell = json_string_value(json_object_get(request, "cell"));
    const char *link = json_string_value(json_object_get(request, "link"));
    const char *position = json_string_value(json_object_get(request, "position"));

    if (cell != NULL) {
        if (!lk_pos_cover_cells(cover, cell) || cover->cells != 1)
            return false;
        known->target.by_address = true;
        known->target.poa = cover->cell[0];
        lk_mis_mark(known, LK_MIS_TLV_TARGET);
    } else if (network != NULL) {
        known->target.network = lk_span_text(network);
        lk_mis_mark(known, LK_MIS_TLV_TARGET);
    }
    if (link != NULL) {
        if (!lk_pos_cover_link_types(cover, link))
            return false;
        known->link_types = lk_span_of(cover->link_type, cover->link_types);
        lk_mis_mark(known, LK_MIS_TLV_LINK_TYPES);
    }
    if (position != NULL) {
        if (!lk_pos_place(&known->place, position))
            return false;
        lk_mis_mark(known, LK_MIS_TLV_PLACE);
    }
    return true;
}

static bool is_home(const json_t *request)
{
    const char *from = json_string_value(json_object_get(request, "from"));

    return from != NULL && strcmp(from, "home") == 0 && json_object_get(request, "pos") != NULL;
}

void lk_ue_mis_ask_handover(struct lk_ue_manager *ue, struct lk_control_call *call,
                            const json_t *request)
{
    struct lk_ue_mis *mis = &ue->mis;
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_HANDOVER };
    struct lk_mis_message known = { .present = 0 };
    struct lk_pos_cover cover;
    uint8_t dh[LK_X25519_LEN];
    struct lk_mis_pos target;
    size_t point = 0;

    if (!take_known(&known, &cover, request)) {
        lk_control_refuse(call, "cell is no cell, link is no link type, or position is none",
                          "say for example cell=02:00:00:00:36:62, link=wlan,umts, or "
                          "position=48.137,11.575");
        return;
    }
    if (json_object_get(request, "pos") != NULL) {
        if (!take_point(&point, ue, call, request, 0))
            return;
        target = lk_ue_mis_pos(ue, point);
        event.handover.target = &target;
    }
    if (json_object_get(request, "from") != NULL && !(event.handover.of_home = is_home(request))) {
        lk_control_refuse(call, "from is home alone, for a PoS that is named",
                          "say pos=ID from=home, or leave from out");
        return;
    }
    if (!begin(ue, call, LK_UE_MIS_ASKED_HANDOVER))
        return;
    event.handover.known = known.present != 0 ? &known : NULL;
    if (ue->process.config->ue.mis.mix != LK_CONFIG_MIX_OFF) {
        lk_entropy_take(&ue->entropy, mis->dh_secret, sizeof mis->dh_secret);
        lk_x25519_public(dh, mis->dh_secret);
        event.handover.dh = dh;
    }
    ask(ue, &event);
}

void lk_ue_mis_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    const struct lk_ue_mis *mis = &ue->mis;
    const struct lk_mis_device_counters *c = &mis->device.counters;
    json_t *answer = state_json(mis), *last = json_object();

    (void)request;
    (void)json_object_set_new(
        answer, "counts",
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "attaches",
                  (json_int_t)c->attaches, "handovers", (json_int_t)c->handovers, "fallbacks",
                  (json_int_t)c->fallbacks, "heard", (json_int_t)c->heard, "unreadable",
                  (json_int_t)c->unreadable, "in-clear", (json_int_t)c->in_clear, "altered",
                  (json_int_t)c->altered, "replayed", (json_int_t)c->replayed, "strangers",
                  (json_int_t)(c->foreign + mis->counters.strangers), "unasked",
                  (json_int_t)c->unasked, "too-long", (json_int_t)mis->counters.too_long, "unsent",
                  (json_int_t)mis->counters.unsent));
    (void)json_object_set_new(answer, "link-keys", lk_ue_mis_link_keys_json(mis));
    put_refusal(last, &mis->last, mis->last_ms);
    if (json_object_size(last) > 0)
        (void)json_object_set(answer, "last-refusal", last);
    json_decref(last);
    lk_control_answer(call, answer);
}

void lk_ue_mis_ask_ping(struct lk_ue_manager *ue, struct lk_control_call *call,
                        const json_t *request)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_PING };

    (void)request;
    if (begin(ue, call, LK_UE_MIS_ASKED_PING))
        ask(ue, &event);
}

void lk_ue_mis_ask_detach(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    struct lk_mis_device_event event = { .kind = LK_MIS_DEVICE_EV_DETACH };

    (void)request;
    if (begin(ue, call, LK_UE_MIS_ASKED_DETACH))
        ask(ue, &event);
}

static void refuse_tls(struct lk_control_call *call, enum lk_status why)
{
    if (why == LK_E_NOT_FOUND)
        lk_control_refuse(call, "there is no key for a channel with that PoS",
                          "latchkey ue mis-attach pos=ID by=eap");
    else if (why == LK_E_VALUE)
        lk_control_refuse(call, "no port for channels of that PoS is known",
                          "give it a dtls_port in ue.mis.points");
    else if (why == LK_E_DENIED)
        lk_control_refuse(call, "SAs by TLS are not among those that it may have",
                          "name tls in ue.mis.demand");
    else if (why == LK_E_EXISTS)
        lk_control_refuse(call, "a channel with that PoS is there", "latchkey ue mis-ping");
    else
        lk_control_refuse(call, "the channel cannot begin", "look at the device's log");
}

void lk_ue_mis_ask_tls(struct lk_ue_manager *ue, struct lk_control_call *call,
                       const json_t *request)
{
    const struct lk_mis_device_link *link = lk_mis_device_serving(&ue->mis.device);
    size_t fallback = link == NULL ? LK_UE_MIS_NO_POINT
                                   : lk_ue_mis_point(ue, lk_mis_name_of(&link->id));
    enum lk_status status;
    size_t point;

    if (link == NULL && json_object_get(request, "pos") == NULL) {
        lk_control_refuse(call, "no point of service serves",
                          "latchkey ue mis-attach by=eap, or name one that it was of: pos=ID");
        return;
    }
    if (!take_point(&point, ue, call, request, fallback) ||
        !begin(ue, call, LK_UE_MIS_ASKED_TLS))
        return;
    status = lk_ue_mis_dial(ue, point);
    if (status == LK_OK)
        return;
    ue->mis.call = NULL;
    ue->mis.asked = LK_UE_MIS_ASKED_NOTHING;
    (void)uv_timer_stop(&ue->mis.patience);
    refuse_tls(call, status);
}
