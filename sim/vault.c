/* The vault's process with its clock and its disk, and the store that both nodes share. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "sim/invariants.h"
#include "sim/seam.h"

enum { HOUR_MS = 60 * 60 * 1000, DOWN_MS = 2000, VAULT_TIMEOUT_MS = 1000 };

/* The wall clock at a vault's start is whatever it is; the ceiling must do. */
static uint64_t wall_at_start(struct sim_world *world, const struct sim_node *node)
{
    uint64_t wall = sim_wall_ms(world, node);

    if (!world->faults)
        return wall;
    switch (sim_random_below(&world->random, 6)) {
    case 0: return wall - HOUR_MS;
    case 1: return wall + HOUR_MS;
    case 2: return wall - sim_random_below(&world->random, 5000);
    default: return wall;
    }
}

void sim_vault_start(struct sim_world *world, struct sim_node *node)
{
    struct sim_vault *vault = &node->vault;
    enum lk_status status;

    free(vault->recent);
    vault->recent = calloc(1, lk_sqn_recent_size());
    LK_ASSERT(vault->recent != NULL);
    memset(&vault->auc, 0, sizeof vault->auc);
    vault->auc.key = world->aaa->row_key;
    status = lk_sqn_init(&vault->auc.sqn, world->aaa->mode, node->index, world->aaa->block,
                         vault->recent);
    LK_ASSERT(status == LK_OK);
    memset(&vault->ceiling, 0, sizeof vault->ceiling);
    if (lk_ceiling_decode(&vault->ceiling,
                          (const uint8_t(*)[LK_CEILING_SLOT_LEN])vault->disk) != LK_OK)
        vault->ceiling.node = (uint8_t)node->index;
    vault->auc.sqn.ceiling = vault->ceiling.tick;
    lk_sqn_clock_start(&vault->clock, wall_at_start(world, node), world->now_ms,
                       vault->ceiling.tick);
}

void sim_vault_restart(struct sim_world *world, struct sim_node *node)
{
    node->vault.life++;
    node->vault.down_until_ms = world->now_ms + sim_random_below(&world->random, DOWN_MS);
    world->report->restarts++;
    sim_vault_start(world, node);
}

/* Raises the ceiling. False when the power went in the middle of the write. */
static bool keep_ceiling(struct sim_world *world, struct sim_node *node, uint64_t tick)
{
    struct sim_vault *vault = &node->vault;
    struct lk_ceiling next = vault->ceiling;
    uint8_t slot[LK_CEILING_SLOT_LEN];
    size_t at;

    if (!lk_sqn_ceiling_wanted(&vault->auc.sqn, tick, &next.tick))
        return true;
    next.generation++;
    lk_ceiling_encode(slot, &next);
    at = next.generation % LK_CEILING_SLOTS;
    if (world->faults && sim_random_chance(&world->random, 10)) { /* torn */
        memcpy(vault->disk[at], slot, sim_random_below(&world->random, sizeof slot));
        sim_vault_restart(world, node);
        return false;
    }
    sim_seam_sync(vault, at, slot);
    vault->ceiling = next;
    vault->auc.sqn.ceiling = next.tick;
    return true;
}

void sim_vault_receive(struct sim_world *world, struct sim_node *node, uint64_t job,
                       const struct lk_vault_request *request)
{
    struct sim_event said = { .kind = SIM_VAULT_SAID, .who = node->index, .from = (unsigned)job,
                              .life = node->life };
    struct sim_vault *vault = &node->vault;
    struct lk_auc_entropy entropy;
    struct lk_vault_answer answer;
    uint64_t tick;

    if (world->now_ms < vault->down_until_ms) {
        sim_later(world, said, VAULT_TIMEOUT_MS, NULL, 0);
        return;
    }
    tick = lk_sqn_clock_tick(&vault->clock, world->now_ms);
    if (!keep_ceiling(world, node, tick)) {
        sim_later(world, said, VAULT_TIMEOUT_MS, NULL, 0);
        return;
    }
    sim_random_fill(&world->random, &entropy, sizeof entropy);
    memset(&answer, 0, sizeof answer);
    sim_seam_vault(world, node, &answer, request, tick, &entropy);
    /* One in a hundred answers is lost with the vault, after it was made. */
    if (world->faults && sim_random_chance(&world->random, 10)) {
        sim_vault_restart(world, node);
        sim_later(world, said, VAULT_TIMEOUT_MS, NULL, 0);
    } else {
        sim_later(world, said, sim_random_below(&world->random, 2), &answer, sizeof answer);
    }
    lk_wipe(&answer, sizeof answer);
}

/* ---- the store ---- */

struct sim_ue *sim_ue_of(struct sim_world *world, const struct lk_imsi *imsi)
{
    for (unsigned i = 0; i < world->options->ues; i++)
        if (lk_imsi_equal(&world->aaa->ue[i].imsi, imsi))
            return &world->aaa->ue[i];
    return NULL;
}

void sim_row_make(struct sim_world *world, const struct sim_ue *ue, const uint8_t sqn[LK_SQN_LEN])
{
    struct lk_credentials credentials = { .card = ue->card };
    struct lk_auc_row row;
    uint8_t nonce[LK_GCM_NONCE_LEN];
    enum lk_status status;

    memcpy(credentials.sqn, sqn, LK_SQN_LEN);
    status = lk_auc_row_of(&row, &credentials, world->aaa->mode,
                           (SIM_EPOCH_MS + world->now_ms) / LK_SQN_TICK_MS);
    LK_ASSERT(status == LK_OK);
    sim_random_fill(&world->random, nonce, sizeof nonce);
    lk_auc_seal(&world->aaa->row[ue->index], &world->aaa->row_key, &ue->imsi, &row, nonce);
    world->aaa->rows_digest ^= sim_name_of(ue->index, &world->aaa->row[ue->index],
                                      sizeof world->aaa->row[ue->index]).high;
    lk_wipe(&row, sizeof row);
    lk_wipe(&credentials, sizeof credentials);
}

bool sim_row_swap(struct sim_world *world, const struct sim_swap *swap)
{
    const struct lk_sealed_row *old = &swap->why.row;
    unsigned ue = sim_ue_of(world, &swap->why.imsi)->index;
    struct lk_sealed_row *kept = &world->aaa->row[ue];
    struct lk_auc_row was, is;

    if (!lk_span_equal(lk_span_of(kept->octets, kept->len), lk_span_of(old->octets, old->len)))
        return false;
    if (lk_auc_open(&was, &world->aaa->row_key, &swap->why.imsi, kept) != LK_OK ||
        lk_auc_open(&is, &world->aaa->row_key, &swap->why.imsi, &swap->row) != LK_OK) {
        sim_break(world, "failure-changes-nothing", "a row of ue %u does not open", ue);
        return false;
    }
    sim_check_correction(world, ue, &was, &is, &swap->why);
    world->aaa->rows_digest ^= sim_name_of(ue, kept, sizeof *kept).high;
    *kept = swap->row;
    world->aaa->rows_digest ^= sim_name_of(ue, kept, sizeof *kept).high;
    world->aaa->durable++;
    lk_wipe(&was, sizeof was);
    lk_wipe(&is, sizeof is);
    return true;
}
