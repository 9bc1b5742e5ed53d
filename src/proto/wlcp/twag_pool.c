/* The pool of PDN connections, and what the TWAG's machine starts with. */
#include <string.h>

#include "proto/wlcp/twag_parts.h"

enum {
    ROW_BITS = 28, /* and the epoch's: what an identity of the user plane is made of */
    EPOCH_BITS = 12,
    HALF_BITS = (ROW_BITS + EPOCH_BITS) / 2,
    HALF = (1 << HALF_BITS) - 1,
    ROUNDS = 4,
};

void lk_wlcp_twag_defaults(struct lk_wlcp_twag_config *config)
{
    memset(config, 0, sizeof *config);
    config->table = &lk_wlcp_table;
    config->t_complete_ms = 8000;
    config->t_disconnect_ms = 8000;
    config->t_modify_ms = 8000;
    config->t_bind_ms = 10000;
    config->back_off_ms = 60000;
    config->tries = 5;
    config->connections = 8;
}

void lk_wlcp_twag_pool_init(struct lk_wlcp_twag_pool *pool, struct lk_wlcp_twag_pdn *rows,
                            uint32_t count, const uint8_t key[LK_WLCP_USER_PLANE_KEY_LEN])
{
    LK_ASSERT(count <= 1u << ROW_BITS);
    memset(pool, 0, sizeof *pool);
    lk_aes128_set_key(&pool->user_plane, key);
    pool->row = rows;
    pool->count = count;
    pool->free = LK_WLCP_NO_ROW;
}

/* The row that will be taken next: one that is free again, before one that was never used. */
static uint32_t next_row(const struct lk_wlcp_twag_pool *pool)
{
    if (pool->free != LK_WLCP_NO_ROW)
        return pool->free;
    return pool->touched < pool->count ? pool->touched : LK_WLCP_NO_ROW;
}

void lk_wlcp_twag_init(struct lk_wlcp_twag *ue, uint32_t owner)
{
    memset(ue, 0, sizeof *ue);
    ue->owner = owner;
}

/* The connection's identity: the next in the round that this UE does not have. */
uint8_t lk_wlcp_twag_pool_id(const struct lk_wlcp_twag_work *w)
{
    uint8_t most = lk_wlcp_pdn_id_max(w->config->table);
    uint8_t id = w->pool->last_id;

    for (;;) {
        bool taken = false;

        id = id >= most ? 1 : (uint8_t)(id + 1);
        for (size_t i = 0; i < w->ue->count; i++)
            taken = taken || w->pool->row[w->ue->row[i]].id == id;
        if (!taken)
            return id;
    }
}

void lk_wlcp_twag_pool_load(struct lk_wlcp_twag_work *w, uint32_t row)
{
    w->row = row;
    w->pdn = w->pool->row[row];
    w->has_pdn = true;
    w->fresh = false;
}

void lk_wlcp_twag_pool_fresh(struct lk_wlcp_twag_work *w)
{
    uint32_t epoch = w->pool->free != LK_WLCP_NO_ROW ? w->pool->row[w->pool->free].epoch : 0;

    w->row = next_row(w->pool);
    memset(&w->pdn, 0, sizeof w->pdn);
    w->pdn.owner = w->ue->owner;
    w->pdn.epoch = epoch;
    w->has_pdn = true;
    w->fresh = true;
}

static void take(struct lk_wlcp_twag_work *w)
{
    LK_ASSERT(w->row == next_row(w->pool) && w->ue->count < LK_WLCP_TWAG_CONNECTIONS);
    if (w->row == w->pool->touched)
        w->pool->touched++;
    else
        w->pool->free = w->pool->row[w->row].next;
    w->pool->in_use++;
    w->pool->last_id = w->pdn.id;
    w->ue->row[w->ue->count++] = w->row;
    w->pool->row[w->row] = w->pdn;
}

/* What was in the row stays readable for those who still have to tell the anchor. */
static void give_back(struct lk_wlcp_twag_work *w)
{
    size_t i = 0;

    while (i < w->ue->count && w->ue->row[i] != w->row)
        i++;
    LK_ASSERT(i < w->ue->count);
    w->ue->row[i] = w->ue->row[--w->ue->count];
    w->ue->row[w->ue->count] = 0;
    w->pdn.next = w->pool->free;
    w->pool->free = w->row;
    w->pool->in_use--;
    w->pool->row[w->row] = w->pdn;
}

void lk_wlcp_twag_pool_commit(struct lk_wlcp_twag_work *w)
{
    if (!w->has_pdn)
        return;
    if (w->fresh && w->pdn.state != LK_WLCP_TWAG_INACTIVE)
        take(w);
    else if (!w->fresh && w->pdn.state == LK_WLCP_TWAG_INACTIVE)
        give_back(w);
    else if (!w->fresh)
        w->pool->row[w->row] = w->pdn;
}

size_t lk_wlcp_twag_in_state(const struct lk_wlcp_twag *ue, const struct lk_wlcp_twag_pool *pool,
                             enum lk_wlcp_twag_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < ue->count; i++)
        count += pool->row[ue->row[i]].state == state;
    return count;
}

/* ---- user plane connection identities ---- */

/* T01: a device cannot keep its programs from sending frames from its address, so what a frame is
 * sent to must be known to the connection manager alone. Behind 02, which is a local address of one
 * station, are row and epoch under a permutation of 40 bits: nobody guesses one, no two are alike,
 * and nothing has to be remembered of them. It is a Feistel network of four rounds over AES. */
static uint64_t turn(const struct lk_aes128 *aes, uint8_t round, uint64_t half)
{
    uint8_t block[LK_AES_BLOCK] = { round };
    struct lk_writer w = lk_writer_of(block + 1, 8);
    struct lk_reader r;

    lk_put_be64(&w, half);
    lk_aes128_block(aes, block, block);
    r = lk_reader_of(LK_SPAN(block));
    return lk_get_be32(&r) & HALF;
}

static uint64_t hide(const struct lk_aes128 *aes, uint64_t value)
{
    uint64_t left = value >> HALF_BITS, right = value & HALF, next;

    for (uint8_t i = 0; i < ROUNDS; i++) {
        next = left ^ turn(aes, i, right);
        left = right;
        right = next;
    }
    return left << HALF_BITS | right;
}

static uint64_t show(const struct lk_aes128 *aes, uint64_t hidden)
{
    uint64_t left = hidden >> HALF_BITS, right = hidden & HALF, next;

    for (uint8_t i = ROUNDS; i-- > 0;) {
        next = right ^ turn(aes, i, left);
        right = left;
        left = next;
    }
    return left << HALF_BITS | right;
}

void lk_wlcp_twag_user_plane(uint8_t mac[LK_WLCP_MAC_LEN], const struct lk_wlcp_twag_pool *pool,
                             uint32_t row, uint32_t epoch)
{
    uint64_t hidden = hide(&pool->user_plane,
                           (uint64_t)row << EPOCH_BITS | (epoch & ((1u << EPOCH_BITS) - 1)));
    struct lk_writer w = lk_writer_of(mac, LK_WLCP_MAC_LEN);

    lk_put_u8(&w, 0x02);
    lk_put_u8(&w, (uint8_t)(hidden >> 32));
    lk_put_be32(&w, (uint32_t)hidden);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
}

uint32_t lk_wlcp_twag_row_of(const uint8_t mac[LK_WLCP_MAC_LEN],
                             const struct lk_wlcp_twag_pool *pool)
{
    struct lk_reader r = lk_reader_of(lk_span_of(mac, LK_WLCP_MAC_LEN));
    uint8_t first = lk_get_u8(&r);
    uint64_t hidden = (uint64_t)lk_get_u8(&r) << 32, shown;
    uint32_t row;

    hidden |= lk_get_be32(&r);
    shown = show(&pool->user_plane, hidden);
    row = (uint32_t)(shown >> EPOCH_BITS);
    if (first != 0x02 || row >= pool->touched ||
        ((pool->row[row].epoch ^ shown) & ((1u << EPOCH_BITS) - 1)) != 0)
        return LK_WLCP_NO_ROW;
    return row;
}
