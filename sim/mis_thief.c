/* What somebody does who has captured points of service, and how far he gets (T40). */
#include <string.h>

#include "crypto/crypto.h"
#include "node/pos_parts.h"
#include "sim/mis_invariants.h"

enum { UNMARKED = 50, OTHERS = 500, NAME_AT = 2, LIFETIME_S = 86400 };

/* ---- what he says of MNs that did ask ---- */

/* The MN that is heard; SIM_MIS_NOBODY: it is nobody's. */
static unsigned mn_heard(const struct sim_world *world, const struct lk_pos_event *event)
{
    const uint8_t *o = event->heard.peer.address.octets + 12;
    unsigned mn = (unsigned)o[1] << 16 | (unsigned)o[2] << 8 | o[3];

    return event->kind == LK_POS_EV_HEARD && o[0] == 10 && mn < world->options->ues
               ? mn
               : SIM_MIS_NOBODY;
}

/* T40: each MN has just been authenticated, and may go on for long. */
void sim_thief_lies(struct sim_world *world, struct sim_pos *pos, const struct lk_pos_event *event)
{
    unsigned from = mn_heard(world, event);
    struct lk_pos_mn *mn;

    if (!pos->captured || from == SIM_MIS_NOBODY)
        return;
    mn = lk_pos_mn_of(pos->pos, lk_mis_device_named(&world->mis->mn[from].device));
    if (mn == NULL)
        return;
    mn->sa.chain_used = 0;
    mn->max = LK_MIS_CHAIN_MOST;
    if (sim_random_chance(&world->random, UNMARKED))
        mn->mark_len = 0;
}

/* The same of what he says to a target with a K: the least count that there is. To the MN he will
 * say what the target makes of that. */
static void lie_to_target(struct sim_pos *pos, struct lk_pos_output *item)
{
    static uint8_t octets[SIM_DATAGRAM_MAX], list[SIM_DATAGRAM_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets), l = lk_writer_of(list, sizeof list);
    struct lk_mis_message m;
    struct lk_mis_pdu pdu;
    struct lk_pos_mn *mn;

    if (lk_mis_decode(&pdu, item->n2n.octets, &lk_mis_codes_default) != LK_OK ||
        lk_mis_message_get(&m, &pdu.header, pdu.body, &lk_mis_codes_default) != LK_OK ||
        !lk_mis_has(&m, LK_MIS_TLV_KEY_ENVELOPE))
        return;
    m.envelope.used = m.chain.used = 1;
    mn = lk_pos_mn_of(pos->pos, m.mn);
    if (mn != NULL)
        mn->spos.chain.used = 1;
    LK_ASSERT(lk_mis_message_put(&l, &m, &lk_mis_codes_default) == LK_OK);
    pdu.body = lk_writer_span(&l);
    LK_ASSERT(lk_mis_encode(&w, &pdu, &lk_mis_codes_default) == LK_OK);
    item->n2n.octets = lk_writer_span(&w);
}

void sim_thief_lies_to_targets(struct sim_pos *pos)
{
    for (size_t i = 0; pos->captured && i < pos->out.count; i++)
        if (pos->out.item[i].kind == LK_POS_OUT_N2N)
            lie_to_target(pos, &pos->out.item[i]);
}

/* ---- and of those that did not ---- */

/* A row that has a start mark, from anywhere on; NULL: there is none. */
static const struct lk_pos_mn *marked(struct sim_world *world, const struct sim_pos *pos)
{
    uint32_t count = lk_pos_places(pos->pos);
    uint32_t first = (uint32_t)sim_random_below(&world->random, count + 1);

    for (uint32_t i = 0; i < count; i++) {
        const struct lk_pos_mn *mn = &pos->pos->mn[(first + i) % count];

        if (mn->used && mn->mark_len > 0 && mn->has_sa)
            return mn;
    }
    return NULL;
}

struct forged {
    uint8_t nonce[LK_MIS_NONCE_LEN], k[LK_MIS_K_MAX], mark[LK_MIS_START_MARK_MAX];
    size_t mark_len;
    unsigned mn;
    struct lk_mis_name name; /* of it */
    bool marked; /* the home signed that mark, and for that MN */
};

static void take_another(struct sim_world *world, struct forged *f)
{
    unsigned mn = (unsigned)sim_random_below(&world->random, world->options->ues);
    struct lk_span name = lk_mis_device_named(&world->mis->mn[mn].device);

    if (mn == f->mn || name.len != f->name.len)
        return;
    f->mn = mn;
    (void)lk_mis_name_set(&f->name, name);
    memcpy(f->mark + NAME_AT, name.at, name.len);
}

/* Whose mark he has; or somebody whose name he writes into it. */
static bool make_up(struct sim_world *world, struct forged *f, const struct sim_pos *pos)
{
    const struct lk_pos_mn *mn = marked(world, pos);
    unsigned of;

    if (mn == NULL)
        return false;
    of = f->mn = sim_mn_named(world, lk_mis_name_of(&mn->name));
    if (of == SIM_MIS_NOBODY)
        return false;
    f->mark_len = mn->mark_len;
    memcpy(f->mark, mn->mark, mn->mark_len);
    f->name = mn->name;
    if (sim_random_chance(&world->random, OTHERS))
        take_another(world, f);
    f->marked = f->mn == of;
    sim_random_fill(&world->random, f->nonce, sizeof f->nonce);
    sim_random_fill(&world->random, f->k, sizeof f->k);
    return true;
}

/* Under the number of a question that may be there. */
static void hand_over(struct sim_world *world, const struct sim_pos *pos, const struct sim_pos *to,
                      const struct forged *f)
{
    uint8_t octets[SIM_DATAGRAM_MAX], list[SIM_DATAGRAM_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets), l = lk_writer_of(list, sizeof list);
    struct lk_mis_message m = { .mn = lk_mis_name_of(&f->name),
                                .nonce_t = LK_SPAN(f->nonce),
                                .start_mark = lk_span_of(f->mark, f->mark_len) };
    struct lk_mis_pdu pdu = { .source = lk_span_text(pos->name),
                              .destination = lk_span_text(to->name) };

    m.envelope = (struct lk_mis_key_envelope){ .key = LK_SPAN(f->k), .lifetime_s = LIFETIME_S,
                                               .used = 1, .max = LK_MIS_CHAIN_MOST };
    m.envelope.origin = sim_random_chance(&world->random, OTHERS) ? LK_MIS_ORIGIN_HOME
                                                                  : LK_MIS_ORIGIN_SPOS;
    m.envelope.used = m.envelope.origin == LK_MIS_ORIGIN_SPOS;
    lk_mis_mark(&m, LK_MIS_TLV_MN);
    lk_mis_mark(&m, LK_MIS_TLV_NONCE_T);
    lk_mis_mark(&m, LK_MIS_TLV_KEY_ENVELOPE);
    lk_mis_mark(&m, LK_MIS_TLV_START_MARK);
    lk_mis_offers_say(&m, &world->mis->mn[0].config.mn.offers);
    LK_ASSERT(lk_mis_message_put(&l, &m, &lk_mis_codes_default) == LK_OK);
    pdu.header.id = lk_mis_message_id(LK_MIS_N2N_PREREG_XFER, LK_MIS_REQUEST,
                                      &lk_mis_codes_default);
    pdu.header.tid = (uint16_t)(1 + sim_random_below(&world->random, LK_POS_TIDS - 1));
    pdu.body = lk_writer_span(&l);
    LK_ASSERT(lk_mis_encode(&w, &pdu, &lk_mis_codes_default) == LK_OK);
    sim_check_forged(world, f->nonce, f->marked);
    sim_link(world, (struct sim_event){ .kind = SIM_POS_N2N, .who = to->index, .from = pos->index,
                                        .life = *sim_mis_link(world, pos->index, to->index) },
             lk_writer_span(&w));
}

void sim_thief_forges(struct sim_world *world)
{
    struct sim_mis *mis = world->mis;
    unsigned first = (unsigned)sim_random_below(&world->random, mis->count);
    unsigned to = (unsigned)sim_random_below(&world->random, mis->count);
    const struct sim_pos *pos = &mis->pos[first];
    struct forged forged;

    for (unsigned i = 1; i < mis->count && !pos->captured; i++)
        pos = &mis->pos[(first + i) % mis->count];
    if (pos->captured && to != pos->index && sim_mis_is_up(world, pos->index, to) &&
        make_up(world, &forged, pos))
        hand_over(world, pos, &mis->pos[to], &forged);
}

/* ---- how far he gets ---- */

static const char *const rows[] = {
    "never at a captured PoS",
    "an SA with one, and no K behind it",
    "1 K behind it",
    "2 K",
    "3 K, which is the limit",
    "more than the limit",
};
static const char *const columns[SIM_THIEVES] = { [SIM_LISTENS] = "listens",
                                                  [SIM_ALTERS] = "alters" };
_Static_assert(SIM_MIS_LIMIT == 3 && LK_COUNT_OF(rows) <= (size_t)LK_SIM_TABLE_ROWS, "as rows say");

const struct lk_sim_table sim_mis_reach = {
    .name = "reach",
    .says = "how far he gets who captured PoS and listens, or alters what goes by, too; MNs:",
    .row = rows, .rows = LK_COUNT_OF(rows), .column = columns, .columns = SIM_THIEVES,
};

static uint64_t *cell_of(struct sim_world *world, unsigned row, enum sim_thief thief)
{
    return &world->report->table[row < LK_COUNT_OF(rows) ? row : LK_COUNT_OF(rows) - 1][thief];
}

void sim_thief_reach_none(struct sim_world *world)
{
    for (enum sim_thief thief = SIM_LISTENS; thief < SIM_THIEVES; thief++)
        *cell_of(world, 0, thief) = world->options->ues;
}

/* An SA with a captured PoS he has; one that was made under an SA that he has, too. Who does not
 * only listen is between both ends of X25519. */
static void go_on(struct sim_world *world, struct sim_mn *mn, unsigned link, bool stands,
                  enum sim_thief thief)
{
    unsigned pos = sim_pos_named(lk_mis_name_of(&mn->device.link[link].id));
    unsigned before = stands ? mn->row[link ^ 1][thief] : 0;
    bool captured = pos != SIM_MIS_NOBODY && world->mis->pos[pos].captured;
    unsigned row = before > 0 ? before + 1 : captured;

    mn->row[link][thief] = row;
    if (row > mn->longest[thief]) {
        --*cell_of(world, mn->longest[thief], thief);
        ++*cell_of(world, row, thief);
        mn->longest[thief] = row;
    }
    if (row > 1 + SIM_MIS_LIMIT)
        sim_break(world, "reach", "MN %u: %u SAs in a row that a thief knows who %s", mn->index,
                  row, columns[thief]);
}

void sim_thief_reach(struct sim_world *world, struct sim_mn *mn, unsigned link, bool optimised)
{
    go_on(world, mn, link, optimised && !mn->mixing, SIM_LISTENS);
    go_on(world, mn, link, optimised, SIM_ALTERS);
    world->report->count[SIM_MIS_KNOWN] += mn->row[link][SIM_LISTENS] > 0;
}
