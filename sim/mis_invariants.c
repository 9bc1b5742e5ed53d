/* The invariants of MIS: see mis_invariants.h. */
#include "sim/mis_invariants.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "node/pos_parts.h"

/* What a name in the ledger is of. */
enum kind { OF_KEYS = 400, OF_MN_KEYS, OF_NONCE, OF_NONCE_T, OF_FORGED, OF_MN_NAME };
enum {
    ANSWER_MS = 150000,  /* an SA, or a reason */
    HALF_OPEN_MS = 35000, /* the machine's, and a little */
    EVENTS_BASE = 4096, EVENTS_PER_UE = 64,
    OCTETS_BASE = 1024 * 1024, OCTETS_PER_UE = 32 * 1024,
};

/* ---- names ---- */

/* A06: what MIS calls an MN says of nobody who it is, and is of one MN alone. */
void sim_check_mn_name(struct sim_world *world, const struct lk_aaa_out *answer)
{
    const struct lk_output *eap = lk_outbox_find(&answer->eap, LK_OUT_GRANT);
    const struct lk_erp_output *erp = lk_erp_outbox_find(&answer->erp, LK_ERP_OUT_GRANT);
    struct lk_span name = lk_span_of(answer->mis.mn, answer->mis.mn_len);
    uint64_t mn, *at;
    bool fresh;

    if (name.len == 0 || (eap == NULL && erp == NULL))
        return;
    mn = sim_mn_of(world, eap != NULL ? eap->grant.imsi.digits : erp->grant.imsi.digits);
    at = sim_ledger_at(&world->ledger, sim_name_of(OF_MN_NAME, name.at, name.len), &fresh);
    if (!fresh && *at != mn)
        sim_break(world, "names-distinct", "MN %u is called as MN %u is", (unsigned)mn,
                  (unsigned)*at);
    *at = mn;
}

unsigned sim_mn_named(const struct sim_world *world, struct lk_span name)
{
    const struct sim_name of = sim_name_of(OF_MN_NAME, name.at, name.len);
    const uint64_t *at = sim_ledger_find(&world->ledger, of);

    return at == NULL ? SIM_MIS_NOBODY : (unsigned)*at;
}

/* ---- what is on the air ---- */

void sim_check_mis_air(struct sim_world *world, struct lk_span octets)
{
    const struct sim_mis *mis = world->mis;

    for (unsigned i = 0; i < SIM_KS; i++)
        if (mis->k[i].len > 0 &&
            memmem(octets.at, octets.len, mis->k[i].octets, mis->k[i].len) != NULL)
            sim_break(world, "nothing-clear", "a K is on the air");
}

static bool read_n2n(struct lk_mis_pdu *pdu, struct lk_mis_message *m, struct lk_span octets)
{
    return lk_mis_decode(pdu, octets, &lk_mis_codes_default) == LK_OK &&
           !pdu->header.secured &&
           lk_mis_message_get(m, &pdu->header, pdu->body, &lk_mis_codes_default) == LK_OK;
}

/* T45, T46: what has a K goes to partners, over links that are up. */
void sim_check_n2n(struct sim_world *world, const struct sim_pos *from, unsigned to,
                   struct lk_span octets)
{
    struct sim_mis *mis = world->mis;
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;

    if (!sim_mis_is_up(world, from->index, to))
        sim_break(world, "link-is-up", "PoS %u says something to %u, and the link is down",
                  from->index, to);
    if (!read_n2n(&pdu, &m, octets) || !lk_mis_has(&m, LK_MIS_TLV_KEY_ENVELOPE))
        return;
    if (mis->pos[to].realm == SIM_REALMS - 1 && !from->captured)
        sim_break(world, "partners-only", "PoS %u offers a K to %u", from->index, to);
    LK_ASSERT(m.envelope.key.len <= LK_MIS_K_MAX);
    mis->k[mis->ks % SIM_KS].len = m.envelope.key.len;
    memcpy(mis->k[mis->ks++ % SIM_KS].octets, m.envelope.key.at, m.envelope.key.len);
}

/* ---- keys ---- */

/* Without MIAK, which an end has no more when it counts. */
static struct sim_name name_of_keys(enum kind kind, const struct lk_mis_sa *sa)
{
    struct lk_mis_keys keys = sa->keys;

    lk_wipe(&keys.miak, sizeof keys.miak);
    return sim_name_of(kind, &keys, sizeof keys);
}

void sim_check_pos_keys(struct sim_world *world, const struct sim_pos *pos,
                        const struct lk_mis_sa *sa)
{
    unsigned mn = sim_mn_named(world, lk_mis_name_of(&sa->peer));
    bool fresh;
    uint64_t *at = sim_ledger_at(&world->ledger, name_of_keys(OF_KEYS, sa), &fresh);

    if (!fresh)
        sim_break(world, "keys-distinct", "PoS %u has a MISK for MN %u that there was before",
                  pos->index, mn);
    *at = (uint64_t)pos->index << 32 | mn;
    /* By EAP or ERP the MN has it first, by what a PoS hands out the PoS. */
    if (sa->type == LK_MIS_SA_EAP &&
        sim_ledger_find(&world->ledger, name_of_keys(OF_MN_KEYS, sa)) == NULL)
        sim_break(world, "keys-equal", "PoS %u has a MISK that MN %u has not", pos->index, mn);
}

/* Both ends of an SA have one MISK. */
static void check_equal(struct sim_world *world, const struct sim_mn *mn,
                        const struct lk_mis_device_link *link)
{
    const uint64_t *at = sim_ledger_find(&world->ledger, name_of_keys(OF_KEYS, &link->sa));

    if (at == NULL)
        sim_break(world, "keys-equal", "MN %u has a MISK that no PoS has", mn->index);
    else if (*at != ((uint64_t)sim_pos_named(lk_mis_name_of(&link->id)) << 32 | mn->index))
        sim_break(world, "keys-equal", "MN %u has a MISK of another pair", mn->index);
}

static void on_sa(struct sim_world *world, struct sim_mn *mn,
                  const struct lk_mis_device_output *item, bool optimised)
{
    uint64_t *count = world->report->count;
    unsigned pos = sim_pos_named(lk_mis_name_of(&mn->device.link[item->link].id));
    bool fresh;

    mn->wanted_ms = 0;
    (void)sim_ledger_at(&world->ledger, name_of_keys(OF_MN_KEYS, &mn->device.link[item->link].sa),
                        &fresh);
    if (optimised)
        check_equal(world, mn, &mn->device.link[item->link]);
    sim_thief_reach(world, mn, item->link, optimised);
    count[SIM_MIS_SELECTED] += optimised && mn->names_none;
    count[optimised ? SIM_MIS_OPTIMISED : item->fact.by_erp ? SIM_MIS_BY_ERP : SIM_MIS_ATTACHED]++;
    if (optimised && pos != SIM_MIS_NOBODY && world->mis->pos[pos].realm == SIM_REALMS - 1)
        sim_break(world, "partners-only", "MN %u took a K for PoS %u", mn->index, pos);
}

void sim_check_mn_fact(struct sim_world *world, struct sim_mn *mn,
                       const struct lk_mis_device_output *item)
{
    switch (item->fact.what) {
    case LK_MIS_DEVICE_ATTACHED: on_sa(world, mn, item, false); break;
    case LK_MIS_DEVICE_READY: on_sa(world, mn, item, true); break;
    case LK_MIS_DEVICE_SERVED: world->report->count[SIM_MIS_SERVED]++; break;
    case LK_MIS_DEVICE_FALLBACK:
        world->report->count[SIM_MIS_FALLBACKS]++;
        if (!item->fact.background)
            mn->wanted_ms = world->now_ms;
        break;
    case LK_MIS_DEVICE_STAYS:
        world->report->count[SIM_MIS_STAYED]++;
        mn->wanted_ms = 0;
        break;
    case LK_MIS_DEVICE_LOST: memset(mn->row[item->link], 0, sizeof mn->row[0]); break;
    case LK_MIS_DEVICE_PONG: world->report->count[SIM_MIS_PONGS]++; break;
    case LK_MIS_DEVICE_SILENT:
    case LK_MIS_DEVICE_FACT_COUNT: break;
    }
}

/* ---- what makes nothing, what leaves nothing ---- */

static bool has_fact(const struct lk_pos_outbox *out, enum lk_pos_fact fact, struct lk_span *mn)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == LK_POS_OUT_FACT && out->item[i].fact.fact == fact) {
            *mn = out->item[i].fact.mn;
            return true;
        }
    return false;
}

/* ---- what a thief makes up ---- */

void sim_check_forged(struct sim_world *world, const uint8_t nonce[LK_MIS_NONCE_LEN], bool marked)
{
    bool fresh;

    *sim_ledger_at(&world->ledger, sim_name_of(OF_FORGED, nonce, LK_MIS_NONCE_LEN), &fresh) =
        marked;
}

/* T40: what is made up for an MN that the thief has no mark of makes nothing. Whose mark he has, he
 * can hand over, and be: until the mark ends, and nobody else is the worse for it. */
static void check_made_up(struct sim_world *world, const struct sim_pos *pos, unsigned mn,
                          const uint8_t *nonce)
{
    const uint64_t *at =
        sim_ledger_find(&world->ledger, sim_name_of(OF_FORGED, nonce, LK_MIS_NONCE_LEN));

    if (at == NULL)
        return;
    world->report->count[SIM_MIS_FORGED]++;
    if (*at == 0)
        sim_break(world, "forged-in-vain", "PoS %u takes a K for MN %u that nobody asked for, by a "
                  "mark that the home did not sign", pos->index, mn);
}

/* T40: no SA outlives the authentication that it stands on. */
static void check_end_of(struct sim_world *world, const struct sim_pos *pos, struct lk_span name,
                         const struct lk_start_mark *mark)
{
    const struct lk_pos_mn *mn = lk_pos_mn_of(pos->pos, name);

    if (mn != NULL && mn->has_next &&
        mn->next.expires_ms > (mark->start_s + mark->lifetime_s + 1) * 1000)
        sim_break(world, "within-its-mark", "PoS %u: an SA that outlives its start mark by %llu ms",
                  pos->index, (unsigned long long)(mn->next.expires_ms -
                                                   (mark->start_s + mark->lifetime_s) * 1000));
}

/* T43: a nonce of an MN makes one SA at most, in a life of the PoS. */
void sim_check_prepared(struct sim_world *world, const struct sim_pos *pos,
                        const struct lk_pos_event *event)
{
    uint8_t what[sizeof(uint64_t) + sizeof(uint32_t) + LK_MIS_NONCE_LEN] = { 0 };
    uint64_t where = pos->life << 32 | pos->index;
    struct lk_start_mark mark;
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;
    struct lk_span name;
    unsigned mn;
    bool fresh;

    if (event->kind != LK_POS_EV_N2N || !has_fact(&pos->out, LK_POS_PREPARED, &name) ||
        !read_n2n(&pdu, &m, event->link.octets))
        return;
    mn = sim_mn_named(world, name);
    check_made_up(world, pos, mn, m.nonce_t.at);
    if (!lk_mis_has(&m, LK_MIS_TLV_START_MARK) || event->link.told == NULL ||
        !event->link.told->mark_is_signed || lk_start_mark_read(&mark, m.start_mark) != LK_OK) {
        sim_break(world, "marked-only", "PoS %u takes a K without a mark", pos->index);
        return;
    }
    check_end_of(world, pos, name, &mark);
    memcpy(what, &where, sizeof where);
    memcpy(what + sizeof where, &mn, sizeof mn);
    memcpy(what + sizeof where + sizeof(uint32_t), m.nonce_t.at, LK_MIS_NONCE_LEN);
    (void)sim_ledger_at(&world->ledger, sim_name_of(OF_NONCE, what, sizeof what), &fresh);
    if (!fresh)
        sim_break(world, "replay-makes-nothing", "PoS %u: a half-open SA of a replay, for MN %u",
                  pos->index, mn);
    if (mn == SIM_MIS_NOBODY)
        return;
    world->mis->mn[mn].half_ms[pos->index] = world->now_ms;
    (void)snprintf(world->mis->mn[mn].half_name[pos->index], sizeof world->mis->mn[mn].half_name[0],
                   "%.*s", (int)name.len, (const char *)name.at);
}

/* T41: a channel asks for a K in vain. */
void sim_check_tls(struct sim_world *world, const struct sim_pos *pos,
                   const struct lk_pos_event *event)
{
    if (event->kind == LK_POS_EV_HEARD && event->heard.peer.way == LK_POS_CHANNEL &&
        lk_pos_outbox_find(&pos->out, LK_POS_OUT_N2N) != NULL)
        sim_break(world, "no-k-by-tls", "PoS %u asks a target for who has a channel", pos->index);
}

/* T43: what an MN asks with is new. T41: and it asks under an SA that may have a K; that a channel
 * takes the place of that SA while the MN waits for its target changes nothing of the K. */
void sim_check_nonce_t(struct sim_world *world, const struct sim_mn *mn)
{
    const struct lk_mis_mn *m = &mn->device.mn;
    bool fresh;

    if (m->state != LK_MIS_MN_WAIT_SPOS)
        return;
    if (mn->device.link[mn->device.serving].holds != LK_MIS_DEVICE_SA)
        sim_break(world, "no-k-by-tls", "MN %u asks for a K without an SA for it", mn->index);
    (void)sim_ledger_at(&world->ledger, sim_name_of(OF_NONCE_T, m->nonce_t, sizeof m->nonce_t),
                        &fresh);
    if (!fresh)
        sim_break(world, "nonces-fresh", "MN %u says a nonce again", mn->index);
}

static void check_half_open(struct sim_world *world, struct sim_mn *mn, unsigned pos)
{
    struct lk_pos_mn_told told;

    if (mn->half_ms[pos] == 0)
        return;
    if (!lk_pos_told_of(&told, world->mis->pos[pos].pos, lk_span_text(mn->half_name[pos])) ||
        !told.half_open)
        mn->half_ms[pos] = 0;
    else if (world->now_ms - mn->half_ms[pos] > HALF_OPEN_MS)
        sim_break(world, "nothing-left-behind", "PoS %u: half-open for MN %u since %llu", pos,
                  mn->index, (unsigned long long)mn->half_ms[pos]);
}

void sim_check_mn_waits(struct sim_world *world, struct sim_mn *mn)
{
    for (unsigned pos = 0; pos < world->mis->count; pos++)
        check_half_open(world, mn, pos);
    if (mn->wanted_ms != 0 && world->now_ms - mn->wanted_ms > ANSWER_MS)
        sim_break(world, "answered-in-time", "MN %u: no SA and no reason since %llu", mn->index,
                  (unsigned long long)mn->wanted_ms);
}

/* T44. */
void sim_check_stranger(struct sim_world *world, const struct sim_pos *pos, uint32_t rows)
{
    if (lk_pos_mn_count(pos->pos) != rows)
        sim_break(world, "strangers-cost-no-row", "PoS %u: %u rows after a stranger's word, %u "
                  "before", pos->index, lk_pos_mn_count(pos->pos), rows);
}

/* ---- after every event, and at the end ---- */

void sim_check_mis_event(struct sim_world *world)
{
    size_t ues = world->options->ues;

    if (world->queue.count > EVENTS_BASE + ues * EVENTS_PER_UE ||
        world->queue.octets > OCTETS_BASE + ues * OCTETS_PER_UE)
        sim_break(world, "memory-bounded", "%zu events with %zu octets", world->queue.count,
                  world->queue.octets);
}

/* Once all is quiet, each MN is served by a PoS that knows it. */
static void check_rest(struct sim_world *world, struct sim_mn *mn)
{
    const struct lk_mis_device_link *link = lk_mis_device_serving(&mn->device);
    unsigned pos = link == NULL ? SIM_MIS_NOBODY : sim_pos_named(lk_mis_name_of(&link->id));
    struct lk_pos_mn_told told;

    if (pos == SIM_MIS_NOBODY ||
        !lk_pos_told_of(&told, world->mis->pos[pos].pos, lk_mis_device_named(&mn->device)) ||
        (link->holds == LK_MIS_DEVICE_SA ? !told.has_sa : !told.channel))
        sim_break(world, "live", "MN %u is not served after the faults: PoS %u", mn->index, pos);
    else if (link->holds == LK_MIS_DEVICE_SA)
        check_equal(world, mn, link);
}

void sim_check_mis_end(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++)
        check_rest(world, &world->mis->mn[i]);
}
