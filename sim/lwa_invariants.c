/* The invariants of LTE-WLAN aggregation: see lwa_invariants.h. */
#include "sim/lwa_invariants.h"

#include <string.h>

/* What a name in the ledger is of. */
enum kind { OF_PMK = 300, OF_XW_KEY, OF_TK, OF_COUNTER, OF_PACKET };
enum {
    INDEX_BITS = 20, /* of a value: whose it is; above it, when it came */
    GRACE_MS = 8000, /* T53: for the release to reach the device */
    EVENTS_BASE = 512, EVENTS_PER_UE = 64,
    OCTETS_BASE = 64 * 1024, OCTETS_PER_UE = 16 * 1024,
};

static const char *const end_names[SIM_ENDS] = { "device", "WT" };

static struct lk_span octets_of_tk(const struct lk_tk *tk)
{
    return lk_span_of(tk->octets, sizeof tk->octets);
}

/* ---- S-KWT, which is the PMK ---- */

static const struct lk_pmk *newest_pmk(const struct lk_rsn_supplicant *s)
{
    if (s->has_pending)
        return &s->pending;
    return s->has_pmk ? &s->pmk : NULL;
}

/* T52: what a device derives is new, to everybody. */
static void check_newest(struct sim_world *world, struct sim_phone *phone)
{
    const struct lk_pmk *pmk = newest_pmk(&phone->device.supplicant);
    struct sim_name name = sim_name_of(OF_PMK, pmk, pmk == NULL ? 0 : sizeof *pmk);
    uint64_t newest = pmk == NULL ? 0 : name.high, *at;
    bool fresh;

    if (newest == phone->newest)
        return;
    phone->newest = newest;
    phone->end[SIM_END_PHONE].pmk = 0;
    if (pmk == NULL)
        return;
    at = sim_ledger_at(&world->ledger, name, &fresh);
    if (!fresh)
        sim_break(world, "s-kwt-once", "ue %u has a key again that there was before", phone->index);
    phone->end[SIM_END_PHONE].pmk = ++world->lwa->serial;
    *at = world->lwa->serial << INDEX_BITS | phone->index;
}

/* T53: what the WT, and a device that is there and believes itself in, have in mind. */
static void check_same(struct sim_world *world, struct sim_phone *phone)
{
    if (phone->away || !phone->device.usable ||
        phone->end[SIM_END_PHONE].pmk == phone->end[SIM_END_WT].pmk) {
        phone->differ_ms = 0;
        return;
    }
    if (phone->differ_ms == 0)
        phone->differ_ms = world->now_ms;
    if (world->now_ms - phone->differ_ms > SIM_DEADLINE_MS + GRACE_MS)
        sim_break(world, "same-in-time", "ue %u and the WT have two keys for %llu ms",
                  phone->index, (unsigned long long)(world->now_ms - phone->differ_ms));
}

/* T50: on a live association the WT has a key only after the device. T51: and never an older one
 * after a newer. */
static void on_handshake(struct sim_world *world, struct sim_phone *phone, const struct lk_pmk *pmk)
{
    struct sim_end_seen *end = &phone->end[SIM_END_WT];
    const uint64_t *at = sim_ledger_find(&world->ledger, sim_name_of(OF_PMK, pmk, sizeof *pmk));
    uint64_t serial = at == NULL ? 0 : *at >> INDEX_BITS;

    if (at != NULL && (*at & ((1u << INDEX_BITS) - 1)) != phone->index)
        sim_break(world, "keys-distinct", "ue %u: a handshake under the key of another",
                  phone->index);
    if (at == NULL && phone->rekey)
        sim_break(world, "device-first", "ue %u: a handshake under a key that it has not",
                  phone->index);
    if (serial != 0 && serial < end->pmk)
        sim_break(world, "nothing-retired", "ue %u: a handshake under an older key", phone->index);
    end->pmk = serial;
    phone->tried = sim_name_of(OF_PMK, pmk, sizeof *pmk).high;
}

void sim_check_xw(struct sim_world *world, struct lk_span octets)
{
    struct lk_xwap_diagnostics found;
    struct lk_xwap m;
    bool fresh;

    if (lk_xwap_decode(&m, &found, octets) != LK_OK || m.key.len == 0)
        return;
    (void)sim_ledger_at(&world->ledger, sim_name_of(OF_XW_KEY, m.key.at, m.key.len), &fresh);
    if (fresh && m.type == LK_XWAP_MODIFICATION_REQUEST &&
        sim_ledger_find(&world->ledger, sim_name_of(OF_PMK, m.key.at, m.key.len)) == NULL)
        sim_break(world, "device-first", "the WT is told a key that no device has");
}

/* T52: the counter of a KeNB rises, and is kept before it is used. */
void sim_check_saved(struct sim_world *world, const struct lk_lwa_saved *saved)
{
    bool fresh;
    uint64_t *at = sim_ledger_at(&world->ledger,
                                 sim_name_of(OF_COUNTER, saved->print, sizeof saved->print),
                                 &fresh);

    if (saved->next < *at) /* the same again: the store was not able to */
        sim_break(world, "s-kwt-once", "a WT Counter of %u after %u under one KeNB", saved->next,
                  (unsigned)*at);
    *at = saved->next;
}

void sim_check_counter(struct sim_world *world, unsigned phone, uint16_t counter)
{
    if (world->lwa->enb.saved[phone].next <= counter)
        sim_break(world, "s-kwt-once", "ue %u: WT Counter %u, and the store does not know",
                  phone, counter);
}

/* ---- TK, and packet numbers ---- */

/* A02, T54: it is put in once at each end, at the device first. */
static void on_tk(struct sim_world *world, struct sim_phone *phone, enum sim_end end,
                  const struct lk_tk *tk)
{
    struct lk_span octets = octets_of_tk(tk);
    struct sim_name name = sim_name_of(OF_TK, octets.at, octets.len);
    uint64_t owner = (uint64_t)phone->index + 1, *at;
    bool fresh;

    at = sim_ledger_at(&world->ledger, name, &fresh);
    if (!fresh && *at >> SIM_ENDS != owner)
        sim_break(world, "keys-distinct", "ue %u has the TK of another", phone->index);
    if ((*at & 1u << end) != 0)
        sim_break(world, "installed-once", "ue %u: the %s has put a TK in again", phone->index,
                  end_names[end]);
    if (end == SIM_END_WT && (*at & 1u << SIM_END_PHONE) == 0)
        sim_break(world, "keys-equal", "ue %u: the WT has a TK that it has not", phone->index);
    *at = (*at & ((1u << SIM_ENDS) - 1)) | 1u << end | owner << SIM_ENDS;
    if (end == SIM_END_WT)
        phone->used = phone->tried;
    phone->end[end].tk = name.high;
    phone->end[end].sent = 0;
}

static void check_sent(struct sim_world *world, struct sim_phone *phone, enum sim_end end,
                       uint64_t sent)
{
    if (sent < phone->end[end].sent)
        sim_break(world, "numbers-rise", "ue %u: packet number %llu of the %s after %llu",
                  phone->index, (unsigned long long)sent, end_names[end],
                  (unsigned long long)phone->end[end].sent);
    phone->end[end].sent = sent;
}

void sim_check_phone(struct sim_world *world, struct sim_phone *phone)
{
    const struct lk_rsn_ccmp_key *now = &phone->device.ccmp.now;
    struct sim_end_seen *end = &phone->end[SIM_END_PHONE];

    check_newest(world, phone);
    check_same(world, phone);
    if (!now->is_set) {
        end->tk = 0;
        return;
    }
    if (end->tk != sim_name_of(OF_TK, now->tk.octets, sizeof now->tk.octets).high)
        on_tk(world, phone, SIM_END_PHONE, &now->tk);
    check_sent(world, phone, SIM_END_PHONE, now->sent);
}

void sim_check_wt_row(struct sim_world *world, struct sim_phone *phone)
{
    struct lk_wt_told told;

    if (lk_wt_told_of(&told, world->lwa->wt.wt, phone->mac) && told.has_tk)
        check_sent(world, phone, SIM_END_WT, told.sent);
}

void sim_check_wt_keys(struct sim_world *world, struct sim_phone *phone,
                       const struct lk_wt_output *item)
{
    if (item->keys.has_pmk)
        on_handshake(world, phone, &item->keys.pmk);
    else
        on_tk(world, phone, SIM_END_WT, &item->keys.tk);
}

/* ---- associations ---- */

/* T51: an association that had keys ends only where the radio has lost every try of a message. */
static void on_deauthenticated(struct sim_world *world, const struct sim_phone *phone,
                               enum lk_reason reason)
{
    unsigned lost = phone->lost - phone->lost_before;

    if (reason == LK_REASON_NONE)
        return; /* it was wanted */
    world->report->count[SIM_LWA_FAILED]++;
    if (phone->rekey && phone->device.usable && lost < world->lwa->tries)
        sim_break(world, "association-lives", "ue %u: %s, and %u frames were lost", phone->index,
                  lk_reason_row(reason)->code, lost);
}

void sim_check_wt_fact(struct sim_world *world, struct sim_phone *phone,
                       const struct lk_wt_output *item)
{
    sim_say(world, "wt: ue %u: fact %u", phone->index, item->fact.fact);
    switch (item->fact.fact) {
    case LK_WT_HANDSHAKE_BEGAN:
        phone->rekey = item->fact.rekey;
        phone->lost_before = phone->lost;
        break;
    case LK_WT_HANDSHAKE_FINISHED:
        world->report->count[SIM_LWA_HANDSHAKES]++;
        world->report->count[SIM_LWA_REKEYS] += item->fact.rekey;
        break;
    case LK_WT_DEAUTHENTICATED: on_deauthenticated(world, phone, item->fact.reason); break;
    case LK_WT_SUSPENDED: phone->end[SIM_END_WT].tk = 0; break;
    case LK_WT_ASSOCIATED:
    case LK_WT_LEFT:
    case LK_WT_RESUMED: break;
    }
}

/* An association with keys of its context, and a link to its eNB. */
void sim_check_place(struct sim_world *world, const struct sim_phone *phone,
                     const struct lk_wt_told *before, const struct lk_wt_told *after)
{
    bool there = before->has_tk && sim_xw_is_up(world, before->link) &&
                 (before->state == LK_LWA_WT_HANDSHAKE || before->state == LK_LWA_WT_ACTIVE);

    if (there && (after->wt_ue_id != before->wt_ue_id || after->state != before->state ||
                  !after->has_tk))
        sim_break(world, "place-held", "ue %u: another eNB has its place", phone->index);
}

/* ---- data ---- */

void sim_packet(uint8_t packet[SIM_PACKET_LEN], struct sim_phone *phone, enum sim_end from)
{
    struct lk_writer w = lk_writer_of(packet, SIM_PACKET_LEN);

    lk_put_be32(&w, phone->index);
    lk_put_be32(&w, from);
    lk_put_be64(&w, ++phone->said[from]);
}

void sim_check_packet(struct sim_world *world, struct sim_phone *phone, enum sim_end to,
                      struct lk_span packet)
{
    struct lk_reader r = lk_reader_of(packet);
    uint32_t index = lk_get_be32(&r), from = lk_get_be32(&r);
    bool fresh;

    world->report->count[SIM_LWA_PACKETS]++;
    if (packet.len != SIM_PACKET_LEN || index != phone->index || from == to)
        sim_break(world, "data-of-one", "ue %u: data of another", phone->index);
    (void)sim_ledger_at(&world->ledger, sim_name_of(OF_PACKET, packet.at, packet.len), &fresh);
    if (!fresh)
        sim_break(world, "data-once", "ue %u: a packet of data came twice", phone->index);
}

/* ---- what others can read ---- */

static bool shows(struct lk_span where, const void *what, size_t len)
{
    return memmem(where.at, where.len, what, len) != NULL;
}

static void check_clear(struct sim_world *world, const struct sim_phone *phone, const char *leg,
                        struct lk_span octets)
{
    const struct lk_rsn_supplicant *s = &phone->device.supplicant;
    const struct lk_pmk *pmk = newest_pmk(s);

    if (pmk != NULL && shows(octets, pmk->octets, sizeof pmk->octets))
        sim_break(world, "nothing-clear", "the S-KWT of ue %u is on %s", phone->index, leg);
    if (s->has_ptk && shows(octets, s->ptk.tk.octets, sizeof s->ptk.tk.octets))
        sim_break(world, "nothing-clear", "the TK of ue %u is on %s", phone->index, leg);
}

void sim_check_uu(struct sim_world *world, const struct sim_phone *phone, struct lk_span pdu)
{
    check_clear(world, phone, "Uu", pdu);
}

void sim_check_air(struct sim_world *world, const struct sim_phone *phone, struct lk_span frame)
{
    check_clear(world, phone, "the air", frame);
}

/* ---- after every event, and at the end ---- */

void sim_check_lwa_event(struct sim_world *world)
{
    size_t ues = world->options->ues;

    if (world->queue.count > EVENTS_BASE + ues * EVENTS_PER_UE ||
        world->queue.octets > OCTETS_BASE + ues * OCTETS_PER_UE)
        sim_break(world, "memory-bounded", "%zu events with %zu octets", world->queue.count,
                  world->queue.octets);
}

/* Once all is quiet, both ends are in, under one key. */
static void check_rest(struct sim_world *world, const struct sim_phone *phone)
{
    const struct sim_end_seen *ue = &phone->end[SIM_END_PHONE], *wt = &phone->end[SIM_END_WT];
    struct lk_wt_told told = { .has_tk = false };

    if (!lk_wt_told_of(&told, world->lwa->wt.wt, phone->mac) || !told.has_tk ||
        !phone->device.usable)
        sim_break(world, "live", "ue %u is not in after the faults: WT %u, UE %u", phone->index,
                  told.state, phone->device.ue.state);
    else if (ue->tk != wt->tk || ue->pmk != wt->pmk)
        sim_break(world, "keys-equal", "ue %u and the WT are in with two keys", phone->index);
}

void sim_check_lwa_end(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++)
        check_rest(world, &world->lwa->phone[i]);
}
