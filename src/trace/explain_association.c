/* Explain, for an association: what the access point refused, and why a handshake came to nothing.
 *
 * What S3 calls option 1, the WT told before the UE, is proven by the order of RRC and XwAP in the
 * capture, or by keys: message 1 names one S-KWT, message 2 is under another. */
#include <stdio.h>

#include "trace/association.h"
#include "trace/explain.h"
#include "wire/rsne.h"

/* The last S-KWT that the WT was given on this association, and what the UE had been told then. */
struct order {
    bool rrc_is_there;  /* else the capture does not have that leg */
    size_t key;         /* MODIFICATION REQUEST; LK_TRACE_NONE */
    bool told;          /* the UE, before it */
    bool confirmed;     /* and it said so */
    size_t told_late;   /* after it; LK_TRACE_NONE */
};

struct told {
    bool owed;      /* the counter of a set-up, which comes after its key */
    bool pending;   /* a counter whose key the WT has not got yet */
    bool confirmed;
    bool any;
    uint16_t counter;
};

static void take_rrc(struct order *order, struct told *told, const struct lk_trace_uu *uu,
                     size_t index)
{
    bool again = told->any && uu->wt_counter == told->counter && !uu->has_handover;

    order->rrc_is_there = true;
    if (uu->rrc == LK_TRACE_RRC_COMPLETE)
        told->confirmed = told->pending;
    if (!uu->has_counter || again)
        return;
    told->any = true;
    told->counter = uu->wt_counter;
    told->confirmed = false;
    if (order->key != LK_TRACE_NONE && !order->told && order->told_late == LK_TRACE_NONE)
        order->told_late = index;
    else if (told->owed)
        told->owed = false;
    else
        told->pending = true;
}

static void take_xw(struct order *order, struct told *told, const struct lk_trace_xw *xw,
                    size_t index)
{
    if (!xw->has_key)
        return;
    if (xw->type == LK_XWAP_ADDITION_REQUEST) {
        told->owed = true;
        return;
    }
    if (xw->type != LK_XWAP_MODIFICATION_REQUEST)
        return;
    order->key = index;
    order->told = told->pending;
    order->confirmed = told->confirmed;
    order->told_late = LK_TRACE_NONE;
    told->pending = told->confirmed = false;
}

static struct order order_of(const struct lk_trace *trace, size_t run)
{
    struct order order = { .key = LK_TRACE_NONE, .told_late = LK_TRACE_NONE };
    struct told told = { false };

    for (size_t i = trace->runs[run].first; i <= trace->runs[run].last; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (m->run != run || m->repeats != LK_TRACE_NONE || m->status != LK_OK)
            continue;
        if (m->protocol == LK_TRACE_UU && !m->uu.hello)
            take_rrc(&order, &told, &m->uu, i);
        else if (m->protocol == LK_TRACE_XW)
            take_xw(&order, &told, &m->xw, i);
    }
    return order;
}

/* spec: TS 33.401 G.2 - UE and WT use the same S-KWT, which the UE makes when RRC has told it. */
static void look_at_order(struct lk_explanation *e, const struct lk_trace *trace)
{
    struct order order = order_of(trace, e->run);

    if (order.key == LK_TRACE_NONE || (order.told && order.confirmed))
        return;
    e->at = order.key;
    if (!order.rrc_is_there)
        lk_explain_add(e, LK_CAUSE_WT_FIRST, LK_POSSIBLE, 50,
                       "message %zu gives the WT a new S-KWT; what the UE was told is not in the "
                       "capture", order.key + 1);
    else if (order.told)
        lk_explain_add(e, LK_CAUSE_WT_FIRST, LK_POSSIBLE, 70,
                       "message %zu gives the WT the new S-KWT before the UE has confirmed its "
                       "counter", order.key + 1);
    else if (order.told_late != LK_TRACE_NONE)
        lk_explain_add(e, LK_CAUSE_WT_FIRST, LK_PROVEN, 90,
                       "message %zu gives the WT the new S-KWT; its counter goes to the UE in "
                       "message %zu", order.key + 1, order.told_late + 1);
    else
        lk_explain_add(e, LK_CAUSE_WT_FIRST, LK_PROVEN, 80,
                       "message %zu gives the WT a new S-KWT; by the end of the association no "
                       "counter of it has gone to the UE", order.key + 1);
}

/* The S-KWT that the two ends took in the handshake that failed. */
static void look_at_keys(struct lk_explanation *e, const struct lk_trace *trace, size_t m1)
{
    const struct lk_trace_run *run = &trace->runs[e->run];
    const struct lk_trace_wlan *first = &trace->messages[m1].wlan;
    char wt[LK_PMK_TEXT], ue[LK_PMK_TEXT];

    for (size_t i = m1; i <= run->last; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (m->run != e->run || m->protocol != LK_TRACE_WLAN || m->wlan.message != LK_EAPOL_M2 ||
            first->judged != LK_TRACE_RIGHT || m->wlan.judged == LK_TRACE_NOT_JUDGED ||
            m->wlan.pmk == first->pmk)
            continue;
        lk_pmk_text(wt, trace, first->pmk);
        lk_pmk_text(ue, trace, m->wlan.pmk);
        if (m->wlan.judged == LK_TRACE_RIGHT && first->pmk > m->wlan.pmk)
            lk_explain_add(e, LK_CAUSE_WT_FIRST, LK_PROVEN, 100,
                           "message 1 names the %s, message 2 is under the %s", wt, ue);
        else
            lk_explain_add(e, LK_CAUSE_S_KWT, LK_PROVEN, 95,
                           "message 1 names the %s, message 2 is under %s", wt,
                           ue[0] != '\0' ? ue : "a key that the capture does not have");
        return;
    }
}

static void handshake_failed(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_association *of = &trace->runs[e->run].association;

    look_at_order(e, trace);
    if (of->failed_m1 != LK_TRACE_NONE) {
        e->at = of->failed_m1;
        look_at_keys(e, trace, of->failed_m1);
    }
    lk_explain_add(e, LK_CAUSE_S_KWT, LK_POSSIBLE, 60,
                   "a device passes over a PMKID that it does not know, and a WT a MIC that is "
                   "wrong");
    lk_explain_add(e, LK_CAUSE_WLAN_SILENT, LK_POSSIBLE, 20, "frames may have been lost");
}

/* The last request to be associated, SSID and AKM as text; false: there is none. */
static bool find_request(char ssid[LK_80211_SSID_TEXT], const char **akm,
                         const struct lk_trace *trace, size_t run)
{
    bool found = false;

    for (size_t i = trace->runs[run].first; i <= trace->runs[run].last; i++) {
        const struct lk_trace_message *m = &trace->messages[i];
        struct lk_80211_association_request request;
        struct lk_80211_header header;
        struct lk_rsne rsne;
        struct lk_span body;

        if (m->run != run || m->protocol != LK_TRACE_WLAN || m->status != LK_OK ||
            (m->wlan.kind != LK_80211_ASSOCIATION_REQUEST &&
             m->wlan.kind != LK_80211_REASSOCIATION_REQUEST) ||
            lk_80211_decode(&header, &body, m->octets) != LK_OK ||
            lk_80211_association_request_decode(
                &request, header.kind == LK_80211_REASSOCIATION_REQUEST, body) != LK_OK)
            continue;
        lk_80211_ssid_text(ssid, request.elements.ssid);
        *akm = lk_rsne_decode(&rsne, request.elements.rsne) == LK_OK ? lk_rsne_akm_name(rsne.akm)
                                                                     : "none that can be read";
        found = true;
    }
    return found;
}

/* What each status of the WT is for. */
static void look_at_status(struct lk_explanation *e, const struct lk_trace *trace, uint16_t code)
{
    char ssid[LK_80211_SSID_TEXT];
    const char *akm = NULL;
    bool asked = find_request(ssid, &akm, trace, e->run);

    if (code == LK_80211_REFUSED && asked) {
        lk_explain_add(e, LK_CAUSE_SSID, LK_POSSIBLE, 80, "status 1; the request names SSID '%s'",
                       ssid);
        return;
    }
    if (code == LK_80211_INVALID_AKM && asked) {
        lk_explain_add(e, LK_CAUSE_AKM, LK_POSSIBLE, 90, "status 43; the request offers %s", akm);
        return;
    }
    lk_explain_add(e, LK_CAUSE_STATION, LK_POSSIBLE, 70, "status %u", code);
    if (code == LK_80211_INVALID_PMKID)
        lk_explain_add(e, LK_CAUSE_S_KWT, LK_POSSIBLE, 80,
                       "the PMKID in the request is of no key that the WT has");
}

static void rejected(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_association *of = &trace->runs[e->run].association;

    if (of->ended) {
        (void)snprintf(e->where, sizeof e->where, "The association ended with reason %u%s.",
                       of->code, of->handshakes > 0 ? ", in a re-key" : ", before it had keys");
        handshake_failed(e, trace);
        return;
    }
    (void)snprintf(e->where, sizeof e->where, "The WT refused the station with status %u.",
                   of->code);
    look_at_status(e, trace, of->code);
}

/* Something that had to lead to keys. */
static bool is_wish(const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_XW ? m->xw.has_key :
           m->protocol == LK_TRACE_WLAN &&
               (m->wlan.kind == LK_80211_ASSOCIATION_REQUEST ||
                m->wlan.kind == LK_80211_REASSOCIATION_REQUEST || m->wlan.has_key);
}

/* Authentication is open to everybody, and a WT answers each. */
static bool nobody_answers(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[e->run];
    char ap[LK_STATION_TEXT] = "";
    size_t asked = 0;

    for (size_t i = run->first; i <= run->last; i++) {
        const struct lk_trace_message *m = &trace->messages[i];

        if (m->run != e->run || m->protocol != LK_TRACE_WLAN || m->status != LK_OK)
            continue;
        if (!m->request)
            return false;
        if (m->wlan.kind != LK_80211_AUTHENTICATION)
            continue;
        asked++;
        e->at = i;
        lk_station_text(ap, m->wlan.ap);
    }
    if (asked == 0)
        return false;
    e->failed = true;
    (void)snprintf(e->where, sizeof e->where, "Nobody answers as %s.", ap);
    lk_explain_add(e, LK_CAUSE_NO_ACCESS_POINT, LK_POSSIBLE, 80,
                   "%zu authentication request%s to %s, and no frame from there", asked,
                   asked == 1 ? "" : "s", ap);
    return true;
}

static void not_finished(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[e->run];
    bool wanted = false;

    if (nobody_answers(e, trace))
        return;
    for (size_t i = run->first; i <= run->last; i++)
        wanted = wanted || (trace->messages[i].run == e->run && is_wish(&trace->messages[i]));
    e->failed = wanted;
    (void)snprintf(e->where, sizeof e->where, "%s", !wanted ? "No association was asked for." :
                   run->association.m1 != LK_TRACE_NONE ? "The handshake was not finished." :
                   "No handshake began.");
    if (!wanted)
        return;
    if (run->association.m1 != LK_TRACE_NONE)
        look_at_order(e, trace);
    lk_explain_add(e, LK_CAUSE_WLAN_SILENT, LK_POSSIBLE, 60,
                   "the capture ends before the association has keys");
}

void lk_explain_association(struct lk_explanation *e, const struct lk_trace *trace)
{
    const struct lk_trace_run *run = &trace->runs[e->run];

    switch (run->outcome) {
    case LK_TRACE_ACCEPTED:
        (void)snprintf(e->where, sizeof e->where, "Up: %zu handshake%s%s.",
                       run->association.handshakes, run->association.handshakes == 1 ? "" : "s",
                       run->association.ended ? "; ended by one of its ends" : "");
        break;
    case LK_TRACE_REJECTED:
        rejected(e, trace);
        break;
    case LK_TRACE_OPEN:
    case LK_TRACE_SILENT:
        not_finished(e, trace);
        break;
    }
}
