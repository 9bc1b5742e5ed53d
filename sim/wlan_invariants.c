/* The invariants of the trusted WLAN. What they are called and mean: invariants.h, sim.md. */
#include <inttypes.h>
#include <string.h>

#include "sim/invariants.h"
#include "sim/seam.h"

/* What a name in the ledger is of; apart from those of invariants.c. */
enum kind { OF_KEY_MATERIAL = 100, OF_WLCP, OF_HANDED, OF_GRANTS, OF_LIVES };

enum {
    LATE_MS = 2000, /* a TWAP looks for what is over some times a second */
    TWAP_BASE = 3 * 1024 * 1024 * SIM_NODES, TWAP_PER_UE = 1024,
};

static uint64_t name_of_session(const struct lk_session_id *id)
{
    return sim_name_of(OF_WLCP, id->octets, sizeof id->octets).high;
}

static bool same_key(const struct lk_wlcp_key *a, const struct lk_wlcp_key *b)
{
    return lk_span_equal(LK_SPAN(a->octets), LK_SPAN(b->octets));
}

/* ---- keys ---- */

/* 32 octets of key material: of one session, and there of one label. */
static void check_material(struct sim_world *world, const uint8_t octets[32], uint64_t of)
{
    bool fresh;
    uint64_t *at = sim_ledger_at(&world->ledger, sim_name_of(OF_KEY_MATERIAL, octets, 32), &fresh);

    if (!fresh && *at != of)
        sim_break(world, "keys-distinct", "a WLCP key, or half an MSK or EMSK, came again");
    *at = of;
}

void sim_check_wlan_grant(struct sim_world *world, const struct sim_job *job,
                          const struct lk_grant *grant)
{
    struct sim_ue *ue = sim_ue_of(world, &grant->imsi);
    struct lk_span answer = lk_span_of(world->aaa->out.answer, world->aaa->out.answer_len);
    uint64_t session = name_of_session(&grant->session_id);
    struct lk_radius_packet packet;
    struct lk_imsi imsi;
    bool fresh;

    /* The EMSK is gone by now; the key is in the Accept, hidden. */
    if (ue == NULL ||
        lk_radius_decode(&packet, answer) != LK_OK ||
        lk_radius_open_wlcp(&ue->its_key, &imsi, &packet, LK_RADIUS_ENTERPRISE,
                            &job->job.client->secret, job->job.authenticator) != LK_OK ||
        !lk_imsi_equal(&imsi, &grant->imsi)) {
        sim_break(world, "one-identity", "an Accept does not tell its TWAP whose key it has");
        return;
    }
    ue->has_granted = true;
    check_material(world, grant->msk.octets, session);
    check_material(world, grant->msk.octets + 32, session ^ 1);
    check_material(world, ue->its_key.octets, session ^ 4);
    *sim_ledger_at(&world->ledger, sim_name_of(OF_WLCP, &ue->its_key, sizeof ue->its_key),
                   &fresh) = session;
    ++*sim_ledger_at(&world->ledger, sim_name_of(OF_GRANTS, &ue->its_key, sizeof ue->its_key),
                     &fresh);
}

void sim_check_peer_wlcp(struct sim_world *world, const struct sim_ue *ue,
                         const struct lk_grant *grant)
{
    uint64_t session = name_of_session(&grant->session_id);
    const uint64_t *granted;

    check_material(world, grant->emsk.octets, session ^ 2);
    check_material(world, grant->emsk.octets + 32, session ^ 3);
    check_material(world, ue->wlcp.octets, session ^ 4);
    granted = sim_ledger_find(
        &world->ledger, sim_name_of(OF_WLCP, &ue->wlcp, sizeof ue->wlcp));

    if (granted == NULL || *granted != session)
        sim_break(world, "keys-equal", "ue %u has a WLCP key that no node has", ue->index);
}

/* ---- sessions ---- */

/* A key is handed over once in a life of its TWAP; and after a restart, of which a TWAP knows
 * nothing, not more often than nodes have granted it. */
static void check_retired(struct sim_world *world, const struct sim_twap *twap, unsigned ue,
                          const struct lk_wlcp_key *key)
{
    const uint64_t *granted = sim_ledger_find(&world->ledger,
                                              sim_name_of(OF_GRANTS, key, sizeof *key));
    uint64_t grants = granted == NULL ? 0 : *granted, life = twap->life << 8 | twap->index, *last;
    bool fresh;

    last = sim_ledger_at(&world->ledger, sim_name_of(OF_LIVES, key, sizeof *key), &fresh);
    if (!fresh && *last == life)
        sim_break(world, "nothing-retired", "twap %u: a key of ue %u was handed over before",
                  twap->index, ue);
    *last = life;
    if (++*sim_ledger_at(&world->ledger, sim_name_of(OF_HANDED, key, sizeof *key), &fresh) > grants)
        sim_break(world, "nothing-retired", "twap %u: a retired key of ue %u came back",
                  twap->index, ue);
}

void sim_check_session(struct sim_world *world, const struct sim_twap *twap,
                       const struct lk_wlan_session *session)
{
    unsigned index = sim_ue_of_mac(session->ue_mac);
    const struct sim_session *kept = &twap->session[index];

    if (index >= world->options->ues ||
        !lk_imsi_equal(&session->imsi, &world->aaa->ue[index].imsi)) {
        sim_break(world, "one-identity", "twap %u: the device of ue %u as another subscriber",
                  twap->index, index);
        return;
    }
    if (sim_ledger_find(&world->ledger,
                        sim_name_of(OF_WLCP, &session->key, sizeof session->key)) == NULL)
        sim_break(world, "proven-first", "twap %u: a session of ue %u that no node granted",
                  twap->index, index);
    if (session->generation <= kept->generation)
        sim_break(world, "nothing-retired",
                  "twap %u: generation %" PRIu64 " of ue %u after %" PRIu64, twap->index,
                  session->generation, index, kept->generation);
    check_retired(world, twap, index, &session->key);
}

/* Whether the table holds what was handed over, and nothing else. */
static void check_table(struct sim_world *world, const struct sim_twap *twap)
{
    const struct lk_twap_sessions *table = &twap->twap.sessions;
    unsigned on = 0;

    for (uint32_t i = 0; i < table->touched; i++) {
        const struct lk_twap_session *row = &table->row[i];
        unsigned index = sim_ue_of_mac(row->mac);

        if (!row->used)
            continue;
        on++;
        if (index >= world->options->ues || !twap->session[index].on)
            sim_break(world, "nothing-left-behind", "twap %u: a session without an Accept",
                      twap->index);
        else if (row->generation != twap->session[index].generation)
            sim_break(world, "failure-changes-nothing", "twap %u: the session of ue %u changed",
                      twap->index, index);
    }
    for (unsigned i = 0; i < world->options->ues; i++)
        on -= twap->session[i].on;
    if (on != 0)
        sim_break(world, "failure-changes-nothing", "twap %u: a session is gone without a word",
                  twap->index);
}

void sim_check_twap(struct sim_world *world, struct sim_twap *twap)
{
    uint64_t wall_ms = SIM_EPOCH_MS + world->now_ms;

    check_table(world, twap);
    for (unsigned n = 0; n < SIM_NODES; n++) {
        const struct lk_radius_proxy_slot *oldest =
            lk_radius_proxy_next(&twap->twap.proxy[n][LK_RADIUS_AUTH_PORT], NULL);

        if (oldest != NULL && oldest->at_ms + SIM_TWAP_LIFE_MS + LATE_MS < wall_ms)
            sim_break(world, "nothing-left-behind", "twap %u: a request is out for %llu ms",
                      twap->index, (unsigned long long)(wall_ms - oldest->at_ms));
    }
    for (size_t i = 0; i < SIM_GUARD_LEN; i++)
        if (twap->memory[twap->size + i] != SIM_GUARD)
            sim_break(world, "memory-bounded", "twap %u: wrote behind its memory",
                      twap->index);
    if (twap->size > TWAP_BASE + (size_t)world->options->ues * TWAP_PER_UE)
        sim_break(world, "memory-bounded", "twap %u: %zu octets", twap->index, twap->size);
}

/* ---- what others can read ---- */

void sim_check_wlcp_hidden(struct sim_world *world, struct lk_span octets)
{
    for (unsigned i = 0; i < world->options->ues; i++) {
        const struct sim_ue *ue = &world->aaa->ue[i];

        if (ue->has_granted && memmem(octets.at, octets.len, ue->its_key.octets,
                                      sizeof ue->its_key.octets) != NULL)
            sim_break(world, "nothing-clear", "the WLCP key of ue %u is in a datagram", i);
    }
}

/* T04: of what is private between TWAP and AAA the access point sees nothing, hidden or not. */
void sim_check_stripped(struct sim_world *world, struct lk_span octets)
{
    struct lk_radius_packet packet;
    struct lk_radius_attribute attribute;
    struct lk_radius_vendor vendor;
    struct lk_reader r;

    if (lk_radius_decode(&packet, octets) != LK_OK)
        return;
    r = lk_reader_of(packet.attributes);
    while (lk_radius_next(&r, &attribute))
        if (attribute.type == LK_RADIUS_VENDOR_SPECIFIC &&
            lk_radius_decode_vendor(&vendor, attribute.value) == LK_OK &&
            vendor.id == LK_RADIUS_ENTERPRISE)
            sim_break(world, "nothing-clear", "a private attribute goes to an access point");
}

/* ---- at the end ---- */

void sim_check_wlan_end(struct sim_world *world)
{
    for (unsigned i = 0; i < world->options->ues; i++) {
        const struct sim_ue *ue = &world->aaa->ue[i];
        const struct sim_session *session = &world->aaa->wlan->twap[ue->twap].session[i];

        if (!ue->last_won || !ue->config.want_multi || !ue->config.allow_aka_prime)
            continue;
        if (!ue->multi)
            sim_break(world, "live", "ue %u asked for multi-connection mode in vain", i);
        else if (!session->on || !same_key(&session->key, &ue->wlcp))
            sim_break(world, "live", "ue %u is in, its TWAP has another key", i);
    }
}
