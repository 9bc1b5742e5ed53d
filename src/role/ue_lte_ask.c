/* What the owner asks of LTE and of LTE-WLAN aggregation, and is told.
 *
 *     {"op": "lte-attach", "cell": "a"}
 *     {"op": "lte-status", "wait": "active", "rekeys": 1, "ms": 3000}
 *     {"op": "lwa-ping", "count": 3, "octets": 100, "drb": 1}
 *     {"op": "lte-detach"}
 *
 * cell is the first one where none is said. A status with wait, or with the least number of
 * handovers, re-keys or associations, is answered when it is so, or when ms are over: then with
 * "ok": false, and how it is. */
#include <inttypes.h>
#include <string.h>

#include "role/ue_manager.h"

static const char *const lte_names[] = {
    [LK_UE_LTE_DETACHED] = "detached",
    [LK_UE_LTE_WAITING] = "waiting for the card",
    [LK_UE_LTE_ATTACHING] = "attaching",
    [LK_UE_LTE_ATTACHED] = "attached",
};

static const char *const lwa_names[LK_UE_LWA_STATES] = {
    [LK_UE_LWA_OFF] = "off",
    [LK_UE_LWA_JOINING] = "joining",
    [LK_UE_LWA_ACTIVE] = "active",
    [LK_UE_LWA_STOPPED] = "stopped",
};

enum { WAIT_MS = 3000 };

/* ---- the state ---- */

static void put_number(json_t *to, const char *name, uint64_t number)
{
    (void)json_object_set_new(to, name, json_integer((json_int_t)number));
}

static json_t *counts_json(const struct lk_ue_lte *lte)
{
    const struct lk_lwa_device_counters *c = &lte->device.counters;
    const struct {
        const char *name;
        uint64_t number;
    } counts[] = {
        { "joins", c->joins },
        { "associations", c->associations },
        { "deauthentications", lte->counters.deauthentications },
        { "losses", c->losses },
        { "handshakes", c->handshakes },
        { "rekeys", c->rekeys },
        { "handovers", lte->counters.handovers },
        { "returns", lte->counters.returns },
        { "suspended-ms", lk_ue_lte_suspended_ms(lte) },
        { "data-up", c->data_up },
        { "data-down", c->data_down },
        { "rrc", c->rrc },
        { "rrc-dropped", c->rrc_dropped },
        { "frames", c->frames },
        { "frames-refused", c->frames_refused },
        { "in-clear", c->in_clear },
        { "replayed", c->replayed },
        { "altered", c->altered },
        { "installs", c->installs },
        { "installs-refused", c->installs_refused },
        { "strangers", lte->counters.strangers },
        { "malformed", lte->counters.malformed },
    };
    json_t *made = json_object();

    for (size_t i = 0; i < LK_COUNT_OF(counts); i++)
        put_number(made, counts[i].name, counts[i].number);
    return made;
}

/* T351, or what stands for it: how long it tries yet. 0: it does not. */
static uint64_t t351_ms(const struct lk_ue_lte *lte)
{
    uint64_t now_ms = lk_mono_ms();

    return lk_ue_lwa_state_of(lte) == LK_UE_LWA_JOINING && lte->device.ue.deadline_ms > now_ms
               ? lte->device.ue.deadline_ms - now_ms
               : 0;
}

static const char *lte_name(const struct lk_ue_lte *lte)
{
    bool waits = lte->state == LK_UE_LTE_DETACHED && lte->way_back.wanted;

    return waits ? "about to attach again" : lte_names[lte->state];
}

/* "at cell b, LWA active, 2 handovers, 2 re-keys, 1 association" */
static json_t *told_json(const struct lk_ue_lte *lte, const char *cell)
{
    const struct lk_lwa_device_counters *c = &lte->device.counters;
    char text[160];

    if (lte->state != LK_UE_LTE_ATTACHED)
        return json_string(lte_name(lte));
    (void)snprintf(text, sizeof text,
                   "at cell %.32s, LWA %s, handovers %" PRIu64 ", re-keys %" PRIu64
                   ", associations %" PRIu64,
                   cell, lwa_names[lk_ue_lwa_state_of(lte)], lte->counters.handovers, c->rekeys,
                   c->associations);
    return json_string(text);
}

/* Which WLAN it is that the eNB told, and what is known of who should be there. */
static void tell_wlan(json_t *made, const struct lk_ue_lte *lte)
{
    const struct lk_lwa_ue_target *target = &lte->device.ue.target;
    char bssid[LK_STATION_TEXT], ssid[LK_80211_SSID_TEXT];

    lk_station_text(bssid, target->ap);
    lk_80211_ssid_text(ssid, lk_span_of(target->ssid, target->ssid_len));
    (void)json_object_set_new(made, "bssid", json_string(bssid));
    (void)json_object_set_new(made, "ssid", json_string(ssid));
    if (lte->wt_heard_ms != 0)
        put_number(made, "wt-heard-ms-ago", lk_mono_ms() - lte->wt_heard_ms);
    if (lte->wt_unreachable)
        (void)json_object_set_new(made, "wt-unreachable", json_true());
}

static json_t *last_refusal(const struct lk_ue_manager *ue)
{
    json_t *made = json_object();

    lk_ue_lte_tell_refusal(ue, made, 0, "");
    return made;
}

static json_t *status_json(const struct lk_ue_manager *ue)
{
    const struct lk_ue_lte *lte = &ue->lte;
    const struct lk_lwa_device *d = &lte->device;
    bool attached = lte->state == LK_UE_LTE_ATTACHED;
    bool associated = d->station.state == LK_RSN_STATION_ASSOCIATED;
    size_t at = attached ? lk_ue_lte_serving(ue) : LK_CONFIG_LTE_CELLS;
    const char *cell = at < LK_CONFIG_LTE_CELLS ? ue->process.config->ue.lte.cells[at].name : "";
    char own[LK_STATION_TEXT], ap[LK_STATION_TEXT] = "", pci[40];
    json_t *made;

    (void)snprintf(pci, sizeof pci, "PCI %u, not in ue.lte.cells", d->ue.context.cell.pci);
    if (attached && at == LK_CONFIG_LTE_CELLS)
        cell = pci;
    lk_station_text(own, d->mac);
    if (associated)
        lk_station_text(ap, d->station.ap);
    made = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "lte", lte_name(lte),
                     "cell", cell, "lwa", lwa_names[lk_ue_lwa_state_of(lte)], "mac", own,
                     "access-point", ap, "associated", (int)associated, "data-can-pass",
                     (int)d->usable, "counts", counts_json(lte));
    if (lk_ue_lwa_state_of(lte) != LK_UE_LWA_OFF)
        tell_wlan(made, lte);
    if (lte->refused.reason != LK_REASON_NONE)
        (void)json_object_set_new(made, "last-refusal", last_refusal(ue));
    (void)json_object_set_new(made, "told", told_json(lte, cell));
    put_number(made, "t351-ms", t351_ms(lte));
    if (attached) {
        put_number(made, "ncc", d->ue.context.ncc);
        put_number(made, "c-rnti", d->ue.context.c_rnti);
    }
    return made;
}

/* ---- who waits ---- */

static bool has_come(const struct lk_ue_lte_waiter *waiter, const struct lk_ue_lte *lte)
{
    return (waiter->state == LK_UE_LWA_STATES || waiter->state == lk_ue_lwa_state_of(lte)) &&
           lte->device.counters.rekeys >= waiter->rekeys &&
           lte->device.counters.associations >= waiter->associations &&
           lte->counters.handovers >= waiter->handovers;
}

/* What kept it from coming, where something is known that is as young as the attach. */
static void tell_late(json_t *made, const struct lk_ue_lte_waiter *waiter)
{
    const struct lk_ue_lte *lte = &waiter->ue->lte;
    char text[96];

    (void)snprintf(text, sizeof text, "it has not come to that in time: LTE %s, LWA %s",
                   lte_name(lte), lwa_names[lk_ue_lwa_state_of(lte)]);
    (void)json_object_set_new(made, "fix", json_string("ms=NUMBER waits longer"));
    lk_ue_lte_tell_refusal(waiter->ue, made, lte->way_back.attached_ms, text);
}

static void answer(struct lk_ue_lte_waiter *waiter)
{
    struct lk_control_call *call = waiter->call;
    bool came = has_come(waiter, &waiter->ue->lte);
    json_t *made = status_json(waiter->ue);

    waiter->call = NULL;
    (void)uv_timer_stop(&waiter->timer);
    (void)json_object_set_new(made, "ok", json_boolean(came));
    if (!came) {
        tell_late(made, waiter);
    }
    lk_control_answer(call, made);
}

static void on_late(uv_timer_t *timer)
{
    answer(timer->data);
}

void lk_ue_lte_look(struct lk_ue_manager *ue)
{
    for (size_t i = 0; i < LK_UE_LTE_WAITERS; i++)
        if (ue->lte.waiter[i].call != NULL && has_come(&ue->lte.waiter[i], &ue->lte))
            answer(&ue->lte.waiter[i]);
}

void lk_ue_lte_dismiss(struct lk_ue_manager *ue)
{
    lk_ue_lte_ping_end(ue);
    for (size_t i = 0; i < LK_UE_LTE_WAITERS; i++)
        if (ue->lte.waiter[i].call != NULL)
            answer(&ue->lte.waiter[i]);
}

/* ---- questions ---- */

/* A number that need not be there. */
static bool take_number(uint64_t *to, const json_t *request, const char *key, json_int_t most)
{
    const json_t *said = json_object_get(request, key);
    json_int_t number = json_integer_value(said);

    if (said == NULL)
        return true;
    *to = (uint64_t)number;
    return json_is_integer(said) && number >= 0 && number <= most;
}

static bool take_state(enum lk_ue_lwa_state *to, const json_t *said)
{
    const char *word = json_string_value(said);

    for (*to = LK_UE_LWA_OFF; word != NULL && *to < LK_UE_LWA_STATES; (*to)++)
        if (strcmp(word, lwa_names[*to]) == 0)
            return true;
    *to = LK_UE_LWA_STATES;
    return said == NULL;
}

void lk_ue_lte_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    struct lk_ue_lte_waiter asked = { .ue = ue }, *waiter = NULL;
    uint64_t ms = WAIT_MS;

    if (!take_state(&asked.state, json_object_get(request, "wait")) ||
        !take_number(&ms, request, "ms", LK_UE_LTE_WAIT_MAX_MS) ||
        !take_number(&asked.rekeys, request, "rekeys", UINT32_MAX) ||
        !take_number(&asked.handovers, request, "handovers", UINT32_MAX) ||
        !take_number(&asked.associations, request, "associations", UINT32_MAX)) {
        lk_control_refuse(call, "wait is no state, or a number is none",
                          "wait is off, joining, active or stopped; ms at most 50000");
        return;
    }
    for (size_t i = 0; i < LK_UE_LTE_WAITERS && waiter == NULL; i++)
        if (ue->lte.waiter[i].call == NULL)
            waiter = &ue->lte.waiter[i];
    if (waiter == NULL) {
        lk_control_refuse(call, "too many wait", "ask again later");
        return;
    }
    waiter->call = call;
    waiter->state = asked.state;
    waiter->rekeys = asked.rekeys;
    waiter->handovers = asked.handovers;
    waiter->associations = asked.associations;
    if (has_come(waiter, &ue->lte))
        answer(waiter);
    else
        (void)uv_timer_start(&waiter->timer, on_late, ms, 0);
}

void lk_ue_lte_ask_attach(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    const struct lk_config_lte *c = &ue->process.config->ue.lte;
    const json_t *said = json_object_get(request, "cell");
    const char *name = said == NULL ? c->cells[0].name : json_string_value(said);

    for (size_t i = 0; name != NULL && i < c->cell_count; i++)
        if (strcmp(c->cells[i].name, name) == 0) {
            lk_ue_lte_attach(ue, call, i);
            return;
        }
    lk_control_refuse(call, "there is no such cell", "name one of ue.lte.cells");
}

void lk_ue_lte_ask_detach(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request)
{
    (void)request;
    lk_ue_lte_detach(ue);
    lk_control_answer(call, json_pack("{s:b, s:s}", "ok", 1, "told", "detached from LTE"));
}
