/* proto/mis/select and partners: which of the networks around it an SPoS hands an MN to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/mis/partners.h"
#include "proto/mis/select.h"

enum { WLAN = LK_MIS_LINK_80211, UMTS = LK_MIS_LINK_UMTS, WIMAX = LK_MIS_LINK_80216 };
enum { CAFE, CITY, MALL, RIVAL, DARK, COUNT, NOBODY };

static const uint8_t wlan[] = { WLAN }, umts[] = { UMTS }, both[] = { WLAN, UMTS };
static struct lk_mis_link_addr cafe_cell, city_cells[2], rival_cell;
static struct lk_mis_neighbour table[COUNT];
static struct lk_mis_neighbours neighbours = { table, COUNT };

static struct lk_mis_link_addr mac(const char *octets)
{
    return (struct lk_mis_link_addr){ LK_MIS_ADDR_MAC, LK_MIS_FAMILY_MAC, lk_span_of(octets, 6) };
}

static struct lk_mis_link_addr cell(const char *octets)
{
    return (struct lk_mis_link_addr){ LK_MIS_ADDR_3G_CELL, 0,
                                      lk_span_of(octets, LK_MIS_CELL_LEN) };
}

static void set(unsigned at, const char *name, const char *pos, struct lk_span link_types,
                int32_t latitude, int32_t longitude, uint32_t radius_m)
{
    table[at] = (struct lk_mis_neighbour){ .network = lk_span_text(name),
                                           .pos.id = lk_span_text(pos),
                                           .link_types = link_types,
                                           .has_circle = radius_m > 0,
                                           .centre = { latitude, longitude },
                                           .radius_m = radius_m,
                                           .partner = true,
                                           .up = true };
}

/* A café in a city, a mall across the river, a rival's network that covers all, and one whose PoS
 * cannot be reached. */
static int begin(void **state)
{
    cafe_cell = mac("\x02\0\0\0\0\1");
    city_cells[0] = cell("\0\1\2\0\0\0\7");
    city_cells[1] = cell("\0\1\2\0\0\0\x8");
    rival_cell = mac("\x02\0\0\0\0\2");
    set(CAFE, "cafe", "pos@cafe.example", LK_SPAN(wlan), 52520000, 13405000, 100);
    set(CITY, "city", "pos@city.example", LK_SPAN(umts), 52520000, 13400000, 20000);
    set(MALL, "mall", "pos@mall.example", LK_SPAN(both), 52530000, 13405000, 500);
    set(RIVAL, "rival", "pos@rival.example", LK_SPAN(both), 52520000, 13405000, 20000);
    set(DARK, "dark", "pos@dark.example", LK_SPAN(both), 0, 0, 0);
    table[CAFE].cell = &cafe_cell;
    table[CITY].cell = city_cells;
    table[RIVAL].cell = &rival_cell;
    table[CAFE].cells = table[RIVAL].cells = 1;
    table[CITY].cells = 2;
    table[RIVAL].partner = false;
    table[DARK].up = false;
    return 0;
}

static unsigned chosen(enum lk_mis_reason *reason, const struct lk_mis_known *known)
{
    size_t index;

    *reason = lk_mis_select(&index, &neighbours, known);
    return *reason == LK_MIS_REASON_NONE ? (unsigned)index : (unsigned)NOBODY;
}

static void it_is(unsigned at, enum lk_mis_reason why, const struct lk_mis_known *known)
{
    enum lk_mis_reason reason;

    assert_int_equal(chosen(&reason, known), at);
    assert_int_equal(reason, why);
}

static struct lk_mis_known at_place(int32_t latitude, int32_t longitude)
{
    return (struct lk_mis_known){ .has_position = true, .position = { latitude, longitude } };
}

/* spec: IEEE 802.21.1 5.14.3 - the networks around it, where the MN is, and its radios. */
static void what_covers_the_place(void **state)
{
    struct lk_mis_known known = at_place(52520000, 13405000);

    it_is(CAFE, LK_MIS_REASON_NONE, &known); /* the nearer one, by its radius */
    known.link_types = LK_SPAN(umts);
    it_is(CITY, LK_MIS_REASON_NONE, &known);
    known = at_place(52520850, 13405000); /* 95 m north */
    known.link_types = LK_SPAN(wlan);
    it_is(CAFE, LK_MIS_REASON_NONE, &known);
    known.position.latitude_udeg = 52520950; /* 106 m */
    it_is(NOBODY, LK_MIS_REASON_NO_TRUST, &known);
    known = at_place(52520000, 13405000 + 1440); /* 97 m east, on this latitude */
    known.link_types = LK_SPAN(wlan);
    it_is(CAFE, LK_MIS_REASON_NONE, &known);
    known.position.longitude_udeg = 13405000 + 1520; /* 103 m */
    it_is(NOBODY, LK_MIS_REASON_NO_TRUST, &known);
    known = at_place(-52520000, 13405000);
    it_is(NOBODY, LK_MIS_REASON_NO_TARGET, &known);
    set(CAFE, "cafe", "pos@cafe.example", LK_SPAN(wlan), 0, 179999900, 100);
    known = at_place(0, -179999900); /* across the date line, 22 m */
    it_is(CAFE, LK_MIS_REASON_NONE, &known);
}

/* A place that is not exact: what may cover it fits; who stands nearer by its radius goes first. */
static void what_may_cover_the_place(void **state)
{
    struct lk_mis_message m = { .place = { { 52520950, 13405000 }, 5 } }; /* 106 m north */
    struct lk_mis_known known;

    lk_mis_known_of(&known, &m);
    assert_false(known.has_position);
    m.link_types = LK_SPAN(wlan);
    lk_mis_mark(&m, LK_MIS_TLV_LINK_TYPES);
    lk_mis_mark(&m, LK_MIS_TLV_PLACE);
    lk_mis_known_of(&known, &m);
    it_is(NOBODY, LK_MIS_REASON_NO_TRUST, &known);
    m.place.accuracy_m = 10;
    lk_mis_known_of(&known, &m);
    it_is(CAFE, LK_MIS_REASON_NONE, &known);
}

static void the_better_link_type_first(void **state)
{
    static const uint8_t order[] = { WIMAX, UMTS, WLAN };
    struct lk_mis_known known = at_place(52520000, 13405000);

    known.link_types = LK_SPAN(order);
    it_is(CITY, LK_MIS_REASON_NONE, &known);
    known.link_types = lk_span_of(order, 1);
    it_is(NOBODY, LK_MIS_REASON_NO_TARGET, &known);
}

static struct lk_span seen(const struct lk_mis_link_addr *const *cells, size_t count)
{
    static uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_mis_put_length(&w, count);
    for (size_t i = 0; i < count; i++)
        lk_mis_put_target(&w, &(struct lk_mis_target){ .by_address = true, .poa = *cells[i] });
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return lk_writer_span(&w);
}

static void what_is_seen_goes_before_what_covers(void **state)
{
    const struct lk_mis_link_addr other = mac("\x02\0\0\0\0\3");
    const struct lk_mis_link_addr *two[] = { &other, &city_cells[1] }, *one[] = { &other };
    const struct lk_mis_link_addr *rival[] = { &rival_cell };
    struct lk_mis_known known = at_place(52520000, 13405000);

    known.targets = seen(two, 2);
    it_is(CITY, LK_MIS_REASON_NONE, &known);
    known.targets = seen(one, 1);
    it_is(CAFE, LK_MIS_REASON_NONE, &known);
    known.has_position = false;
    it_is(NOBODY, LK_MIS_REASON_NO_TARGET, &known);
    known.targets = seen(rival, 1);
    it_is(NOBODY, LK_MIS_REASON_NO_TRUST, &known);
}

static void the_wanted_one_or_none(void **state)
{
    static const struct {
        const char *network;
        unsigned at;
        enum lk_mis_reason reason;
    } wanted[] = {
        { "mall", MALL, LK_MIS_REASON_NONE },
        { "rival", NOBODY, LK_MIS_REASON_NO_TRUST },
        { "dark", NOBODY, LK_MIS_REASON_UNREACHABLE },
        { "mal", NOBODY, LK_MIS_REASON_NO_TARGET },
        { "", NOBODY, LK_MIS_REASON_NO_TARGET },
    };
    struct lk_mis_message m = { .present = 0 };
    struct lk_mis_known known;

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        m.target.network = lk_span_text(wanted[i].network);
        lk_mis_mark(&m, LK_MIS_TLV_TARGET);
        lk_mis_known_of(&known, &m);
        it_is(wanted[i].at, wanted[i].reason, &known);
    }
    known.target = (struct lk_mis_target){ .by_address = true, .poa = cafe_cell };
    it_is(CAFE, LK_MIS_REASON_NONE, &known);
    known.link_types = LK_SPAN(umts); /* the MN cannot */
    it_is(NOBODY, LK_MIS_REASON_NO_TARGET, &known);
}

static void who_knows_nothing_gets_the_first(void **state)
{
    struct lk_mis_message m = { .link_types = LK_SPAN(umts) };
    struct lk_mis_known known;

    lk_mis_known_of(&known, &m);
    it_is(CAFE, LK_MIS_REASON_NONE, &known);
    lk_mis_mark(&m, LK_MIS_TLV_LINK_TYPES);
    lk_mis_known_of(&known, &m);
    it_is(CITY, LK_MIS_REASON_NONE, &known);
    neighbours.count = 0;
    it_is(NOBODY, LK_MIS_REASON_NO_TARGET, &known);
    neighbours.count = COUNT;
}

/* No neighbour: it may be a partner all the same, so nothing is said of trust. */
static void a_pos_by_its_name(void **state)
{
    size_t index;

    assert_int_equal(lk_mis_select_named(&index, &neighbours, lk_span_text("pos@mall.example")),
                     LK_MIS_REASON_NONE);
    assert_int_equal(index, MALL);
    assert_int_equal(lk_mis_select_named(&index, &neighbours, lk_span_text("pos@rival.example")),
                     LK_MIS_REASON_NO_TRUST);
    assert_int_equal(lk_mis_select_named(&index, &neighbours, lk_span_text("pos@dark.example")),
                     LK_MIS_REASON_UNREACHABLE);
    assert_int_equal(lk_mis_select_named(&index, &neighbours, lk_span_text("pos@other.example")),
                     LK_MIS_REASON_NO_TARGET);
}

/* spec: IEEE 802.21.1 5.14.1 - a partner by its realm, all of it and nothing more. */
static void partners_by_realm(void **state)
{
    static const struct {
        const char *id;
        bool is;
    } wanted[] = {
        { "pos@a.example", true },      { "a.example", true },       { "pos@A.EXAMPLE", true },
        { "x@y@a.example", true },      { "pos@b.a.example", false }, { "pos@a.example.b", false },
        { "a.example@b", false },       { "pos@", false },           { "", false },
        { "pos@a_example", false },
    };
    struct lk_span realm = lk_span_text("a.example");
    struct lk_mis_partners partners = { &realm, 1 }, empty = { &(struct lk_span){ NULL, 0 }, 1 };

    for (size_t i = 0; i < LK_COUNT_OF(wanted); i++) {
        assert_int_equal(lk_mis_is_partner(&partners, lk_span_text(wanted[i].id)), wanted[i].is);
        assert_false(lk_mis_is_partner(&empty, lk_span_text(wanted[i].id)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_covers_the_place, begin),
        cmocka_unit_test_setup(what_may_cover_the_place, begin),
        cmocka_unit_test_setup(the_better_link_type_first, begin),
        cmocka_unit_test_setup(what_is_seen_goes_before_what_covers, begin),
        cmocka_unit_test_setup(the_wanted_one_or_none, begin),
        cmocka_unit_test_setup(who_knows_nothing_gets_the_first, begin),
        cmocka_unit_test_setup(a_pos_by_its_name, begin),
        cmocka_unit_test_setup(partners_by_realm, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
