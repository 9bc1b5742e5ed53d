#include "trace/s_kwt.h"

#include <string.h>

#include "base/secret.h"
#include "keys/eps.h"

enum {
    COUNTERS_BEFORE = 4,       /* that a message 1 may go back to */
    DERIVATIONS_MAX = 1 << 20, /* of one capture: whoever wrote it does not hold us for long */
};

static bool tells(const struct lk_trace_message *m)
{
    return m->protocol == LK_TRACE_UU && m->status == LK_OK && m->uu.has_counter &&
           m->run != LK_TRACE_NONE;
}

static bool is_of(const struct lk_trace_message *m, const struct lk_trace *trace,
                  const uint8_t station[LK_STATION_LEN])
{
    return tells(m) && lk_span_equal(LK_SPAN(trace->runs[m->run].association.station),
                                     lk_span_of(station, LK_STATION_LEN));
}

static void add(struct lk_wt_counters *counters, size_t most, uint16_t counter)
{
    for (size_t i = 0; i < counters->count; i++)
        if (counters->counter[i] == counter)
            return;
    if (counters->count < most)
        counters->counter[counters->count++] = counter;
}

void lk_wt_counters_of(struct lk_wt_counters *counters, const struct lk_trace *trace,
                       const uint8_t station[LK_STATION_LEN])
{
    counters->count = 0;
    for (size_t i = 0; i < trace->count; i++)
        if (is_of(&trace->messages[i], trace, station))
            add(counters, LK_WT_COUNTERS_MAX, trace->messages[i].uu.wt_counter);
}

static bool is_named(const struct lk_s_kwt *s_kwt, const struct lk_trace_wlan *m1, enum lk_akm akm)
{
    uint8_t pmkid[LK_PMKID_LEN];
    struct lk_pmk pmk;
    bool named;

    memcpy(pmk.octets, s_kwt->octets, sizeof pmk.octets);
    lk_pmkid_derive(pmkid, akm, &pmk, m1->ap, m1->station);
    named = lk_span_equal(LK_SPAN(pmkid), m1->pmkid);
    lk_wipe(&pmk, sizeof pmk);
    return named;
}

/* The counters that RRC told last, the last one first. */
static void last_counters(struct lk_wt_counters *last, const struct lk_trace *trace, size_t index,
                          const uint8_t station[LK_STATION_LEN])
{
    size_t end = index > LK_TRACE_LOOK_BACK ? index - LK_TRACE_LOOK_BACK : 0;

    last->count = 0;
    for (size_t i = index; i > end && last->count < COUNTERS_BEFORE; i--)
        if (is_of(&trace->messages[i - 1], trace, station))
            add(last, COUNTERS_BEFORE, trace->messages[i - 1].uu.wt_counter);
}

/* spec: TS 33.401 A.18 - S-KWT of KeNB and the WT Counter; spec: IEEE 802.11 12.7.1.3 - what a
 * PMKID names is proven by it. */
enum lk_status lk_s_kwt_find(struct lk_trace *trace, size_t index, enum lk_akm akm)
{
    const struct lk_trace_wlan *m1 = &trace->messages[index].wlan;
    struct lk_key_log entry = { .kind = LK_KEY_LOG_S_KWT };
    enum lk_status status = LK_OK;
    struct lk_wt_counters last;
    struct lk_s_kwt s_kwt;
    struct lk_kenb kenb;
    bool found = false;

    last_counters(&last, trace, index, m1->station);
    for (size_t c = 0; c < last.count; c++)
        for (size_t i = trace->key_count; i > 0 && !found; i--) {
            if (trace->keys[i - 1].kind != LK_KEY_LOG_KENB ||
                !lk_span_equal(LK_SPAN(trace->keys[i - 1].station), LK_SPAN(m1->station)) ||
                trace->derivations == DERIVATIONS_MAX)
                continue;
            trace->derivations++;
            memcpy(kenb.octets, trace->keys[i - 1].key, sizeof kenb.octets);
            lk_s_kwt_derive(&s_kwt, &kenb, LK_S_KWT_FC, last.counter[c]);
            found = is_named(&s_kwt, m1, akm);
            entry.number = last.counter[c];
        }
    if (found) {
        memcpy(entry.station, m1->station, sizeof entry.station);
        memcpy(entry.key, s_kwt.octets, sizeof entry.key);
        status = lk_trace_keep_key(trace, &entry);
    }
    lk_wipe(&entry, sizeof entry);
    lk_wipe(&s_kwt, sizeof s_kwt);
    lk_wipe(&kenb, sizeof kenb);
    return status == LK_E_FULL ? LK_OK : status;
}
