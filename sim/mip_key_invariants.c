/* The invariants of keys in the world of Mobile IP (20, T24, T26): see mip_invariants.h. */
#include "sim/mip_invariants.h"

#include "base/ntp.h"

enum { COMPARED = 16 }; /* octets: what begins as another does is no other key */

void sim_check_key(struct sim_world *world, unsigned node, enum sim_mip_role role,
                   const struct lk_mip_msa *msa)
{
    const struct lk_mip_secret *secret = &msa->there.secret;
    uint64_t whose = (uint64_t)node << 8 | role;
    size_t len = secret->len < COMPARED ? secret->len : COMPARED;
    bool fresh;
    uint64_t *at =
        sim_ledger_at(&world->ledger, sim_name_of(SIM_OF_KEY, secret->octets, len), &fresh);

    if (!fresh && *at != whose)
        sim_break(world, "keys-distinct", "node %u has a key that there is, for another or in "
                  "another role", node);
    *at = whose;
}

void sim_check_node_keys(struct sim_world *world, const struct sim_mobile *node)
{
    const struct lk_mip_mn *mn = &node->mn;
    const struct lk_mip_mn_pair *pair = node->six ? &node->mn6.keys : &mn->keys;
    const struct lk_anchor_place fa = { mn->place.fa, LK_MIP_PORT, LK_BINDING_MIP };

    if (pair->with.there)
        sim_check_key(world, node->index, SIM_ROLE_HA, &pair->with.msa);
    if (pair->next.there)
        sim_check_key(world, node->index, SIM_ROLE_HA, &pair->next.msa);
    if (mn->aaa.there)
        sim_check_key(world, node->index, SIM_ROLE_AAA, &mn->aaa.msa);
    if (mn->has_foreign)
        sim_check_key(world, node->index,
                      (enum sim_mip_role)(SIM_ROLE_FA + sim_place_number(sim_place_at(world, &fa))),
                      &mn->foreign);
}

/* ---- nonces ---- */

struct asked {
    uint64_t node, life, foreign;
    uint32_t home_spi, foreign_spi; /* by which the node knows its question */
    uint64_t parent_spi, parent_ends_ms; /* its key with the AAA: of another, it is another (T30) */
};

/* T24: of one question, and in one role. */
static void check_nonce(struct sim_world *world, const struct asked *q, struct lk_span nonce)
{
    const struct asked whose = { .node = q->node, .foreign = q->foreign,
                                 .home_spi = q->home_spi, .foreign_spi = q->foreign_spi };
    uint64_t is = sim_name_of(SIM_OF_NONCE, &whose, sizeof whose).low;
    bool fresh;
    uint64_t *of =
        sim_ledger_at(&world->ledger, sim_name_of(SIM_OF_NONCE, nonce.at, nonce.len), &fresh);

    if (!fresh && *of != is)
        sim_break(world, "nonces-fresh", "node %u: a nonce that there was, of another question or "
                  "in another role", (unsigned)q->node);
    *of = is;
}

/* T26: who asks again has the same, while the AAA knows that, and what came of it lives. */
static void check_again(struct sim_world *world, const struct asked *q,
                        const struct lk_mip_keygen *given)
{
    const uint64_t of[] = { q->node, q->life, q->foreign };
    const struct lk_mip_keygen_nonce *nonce = q->foreign ? &given->foreign : &given->home;
    uint64_t question = sim_name_of(SIM_OF_ASKED, q, sizeof *q).low;
    uint64_t hash = sim_name_of(SIM_OF_QUESTION, nonce->octets, sizeof nonce->octets).low;
    uint64_t repeat_ms = given->given_ms + world->mip->home.config.mip.repeat_ms;
    uint64_t *last, *is, *until_ms;
    bool fresh, again, other;

    last = sim_ledger_at(&world->ledger, sim_name_of(SIM_OF_QUESTION, of, sizeof of), &fresh);
    again = *last == question && (q->foreign ? q->foreign_spi : q->home_spi) != 0;
    *last = question;
    is = sim_ledger_at(&world->ledger, sim_name_of(SIM_OF_ASKED, of, sizeof of), &fresh);
    other = *is != hash;
    *is = hash;
    until_ms = sim_ledger_at(&world->ledger, sim_name_of(SIM_OF_UNTIL, of, sizeof of), &fresh);
    if (again && other && sim_mip_clock(world) < *until_ms)
        sim_break(world, "same-nonce", "node %u: the same question has another nonce",
                  (unsigned)q->node);
    *until_ms = given->ends_ms < repeat_ms ? given->ends_ms : repeat_ms;
}

static bool is_timely(const struct sim_world *world, const struct lk_mip_request *request)
{
    uint64_t at_ms = lk_ntp_ms(request->identification), now_ms = sim_mip_clock(world);

    return (at_ms > now_ms ? at_ms - now_ms : now_ms - at_ms) <= SIM_MIP_WINDOW_MS;
}

void sim_check_given(struct sim_world *world, const struct lk_aaa_mip *asked,
                     const struct lk_mip_keygen *given)
{
    const struct sim_mobile *node = sim_mobile_of(world, &asked->imsi);
    struct lk_mip_request request;
    struct asked q = { .life = world->mip->home.life };

    if (node == NULL || given == NULL || asked->wants != LK_RADIUS_MIP_KEYS ||
        lk_mip_request_decode(&request, lk_span_of(asked->request, asked->request_len)) != LK_OK ||
        !is_timely(world, &request))
        return;
    q.node = node->index;
    q.home_spi = request.extensions.mn_ha_spi;
    q.foreign_spi = request.extensions.mn_fa_spi;
    q.parent_spi = given->parent_spi;
    q.parent_ends_ms = given->parent_ends_ms;
    for (q.foreign = 0; q.foreign < 2; q.foreign++)
        check_again(world, &q, given);
}

void sim_check_granted(struct sim_world *world, unsigned who, const struct sim_mip_held *held,
                       const struct lk_mip_aaa_answer *answer)
{
    const struct lk_radius_mip *mip = &answer->mip;
    const struct sim_mobile *node;
    struct lk_mip_request request;
    struct lk_mip_msa msa;

    if (answer->reason != LK_REASON_NONE ||
        lk_mip_request_decode(&request, lk_span_of(held->octets, held->len)) != LK_OK)
        return;
    node = sim_mobile_named(world, request.extensions.nai);
    if (node == NULL)
        return;
    for (unsigned foreign = 0; foreign < 2; foreign++) {
        const struct lk_radius_mip_numbers *n = foreign ? &mip->foreign : &mip->home;
        const struct asked q = { .node = node->index, .foreign = foreign,
                                 .home_spi = request.extensions.mn_ha_spi,
                                 .foreign_spi = request.extensions.mn_fa_spi };

        if ((foreign ? !mip->has_foreign : !mip->has_home) || n->nonce_len == 0)
            continue;
        check_nonce(world, &q, lk_span_of(n->nonce, n->nonce_len));
    }
    if (mip->secret.len == 0)
        return;
    lk_mip_aaa_msa(&msa, mip, sim_mip_clock(world));
    sim_check_key(world, node->index,
                  who == 0 ? SIM_ROLE_HA : (enum sim_mip_role)(SIM_ROLE_FA + who - 1), &msa);
}
