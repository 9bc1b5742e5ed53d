/* What an MN says that it knows, and a table of neighbours: only a partner whose link is up is
 * selected, one that the MN wants if it wants one, and the same from the same (T45, T46). */
#include "fuzz.h"

#include "proto/mis/select.h"

enum { COUNT = 4, TYPES = 3 };

static void make_table(struct lk_mis_neighbour table[COUNT], struct lk_reader *r)
{
    static const uint8_t types[] = { 1, 15, 19 };
    static const char *const name[COUNT] = { "a", "b", "wlan-c", "b" };

    for (unsigned i = 0; i < COUNT; i++) {
        uint8_t what = lk_get_u8(r);
        struct lk_mis_neighbour *n = &table[i];

        *n = (struct lk_mis_neighbour){ .network = lk_span_text(name[i]),
                                        .partner = (what & 1) != 0,
                                        .up = (what & 2) != 0,
                                        .has_circle = (what & 4) != 0,
                                        .radius_m = (uint32_t)what * what };
        n->pos.id = lk_span_text(name[i]);
        n->link_types = lk_span_of(types + what / 64 % TYPES, 1 + (what & 8) / 8 % TYPES);
        if (what / 64 % TYPES + n->link_types.len > TYPES)
            n->link_types.len = 1;
        n->centre.latitude_udeg = (int32_t)lk_get_be32(r) % (LK_MIS_UDEG_LATITUDE + 1);
        n->centre.longitude_udeg = (int32_t)lk_get_be32(r) % (LK_MIS_UDEG_LONGITUDE + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    const struct lk_mis_header header = {
        .id = lk_mis_message_id(LK_MIS_PREREG_XFER, LK_MIS_REQUEST, &lk_mis_codes_default)
    };
    struct lk_reader r = lk_reader_of(lk_span_of(octets, len));
    struct lk_mis_neighbour table[COUNT];
    const struct lk_mis_neighbours neighbours = { table, COUNT };
    struct lk_mis_message message;
    struct lk_mis_known known;
    size_t index, again;

    make_table(table, &r);
    if (lk_mis_message_get(&message, &header, lk_get_rest(&r), &lk_mis_codes_default) != LK_OK)
        return 0;
    lk_mis_known_of(&known, &message);
    known.has_position = len % 2 == 0;
    known.position = table[0].centre;
    if (lk_mis_select(&index, &neighbours, &known) == LK_MIS_REASON_NONE) {
        LK_ASSERT(index < COUNT && table[index].partner && table[index].up);
        LK_ASSERT(!known.has_target || known.target.by_address ||
                  lk_span_equal(known.target.network, table[index].network));
        LK_ASSERT(lk_mis_select(&again, &neighbours, &known) == LK_MIS_REASON_NONE);
        LK_ASSERT(again == index);
    }
    if (lk_mis_has(&message, LK_MIS_TLV_POS) &&
        lk_mis_select_named(&index, &neighbours, message.pos.id) == LK_MIS_REASON_NONE)
        LK_ASSERT(index < COUNT && table[index].partner && table[index].up);
    return 0;
}
