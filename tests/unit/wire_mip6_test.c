/* wire/mip6: mobility messages in IPv6 packets, every truncation, every bad header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/ip.h"
#include "wire/mip6.h"

enum { IPV6 = 40, HOME = 24 };

static uint8_t update[16] = { 59, 1, 5, 0, 0, 0, 0, 1, 0xc0, 0, 1, 0xc2, 1, 2, 0, 0 };

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static struct lk_mip6_packet packet_of(enum lk_mip6_home way)
{
    return (struct lk_mip6_packet){ .source = address_of("2001:db8:99::23"),
                                    .destination = address_of("2001:db8:1::1"),
                                    .way = (uint8_t)way,
                                    .home = address_of("2001:db8:45::7"),
                                    .message = LK_SPAN(update) };
}

static struct lk_span written(uint8_t room[256], const struct lk_mip6_packet *packet)
{
    struct lk_writer w = lk_writer_of(room, 256);

    assert_int_equal(lk_mip6_write(&w, packet), LK_OK);
    return lk_writer_span(&w);
}

/* spec: RFC 6275 6.1.1 - the checksum is of the home address, by another hand. */
static void the_checksum_of_a_sample(void **state)
{
    json_t *file = vectors_load("mip6-rfc4285");
    const json_t *v = vectors_find(file, "vectors", "bu-mnha");
    struct vector_octets octets = vector_hex(v, "mh_with_checksum_zero");
    struct lk_mip6_packet p = packet_of(LK_MIP6_HOME_OPTION), back;
    uint8_t room[256];
    struct lk_span on_wire;

    p.message = vector_span(&octets);
    on_wire = written(room, &p);
    assert_vector(v, "mh_on_wire", on_wire.at + IPV6 + HOME, on_wire.len - IPV6 - HOME);
    assert_int_equal(lk_mip6_read(&back, on_wire), LK_OK);
    assert_vector(v, "mh_on_wire", back.message.at, back.message.len);
    json_decref(file);
}

/* spec: RFC 6275 6.3 - Home Address option.
 * spec: RFC 6275 6.4 - type 2 routing header. */
static void every_way_comes_back(void **state)
{
    static const uint8_t option[] = { 135, 2, 1, 2, 0, 0, 0xc9, 16 };
    static const uint8_t route[] = { 135, 2, 2, 1, 0, 0, 0, 0 };

    for (uint8_t way = LK_MIP6_HOME_NONE; way <= LK_MIP6_HOME_ROUTE; way++) {
        struct lk_mip6_packet p = packet_of(way), back;
        uint8_t room[256], small[256];
        struct lk_span on_wire = written(room, &p);

        assert_int_equal(lk_mip6_read(&back, on_wire), LK_OK);
        assert_int_equal(back.way, way);
        assert_true(lk_address_equal(&back.source, &p.source));
        assert_true(lk_address_equal(&back.destination, &p.destination));
        assert_int_equal(back.message.len, sizeof update);
        if (way != LK_MIP6_HOME_NONE) {
            assert_true(lk_address_equal(&back.home, &p.home));
            assert_memory_equal(on_wire.at + IPV6, way == LK_MIP6_HOME_OPTION ? option : route, 8);
        }
        for (size_t len = 0; len < on_wire.len; len++) {
            struct lk_writer w = lk_writer_of(small, len);

            assert_int_equal(lk_mip6_read(&back, lk_span_of(room, len)), LK_E_SHORT);
            assert_int_equal(lk_mip6_write(&w, &p), LK_E_FULL);
        }
        /* Any bit of addresses or message: another checksum, or none that is a mobility message. */
        for (size_t at = 8; at < on_wire.len; at++) {
            room[at] ^= 1;
            if (lk_mip6_read(&back, on_wire) == LK_OK)
                assert_true(way != LK_MIP6_HOME_NONE && at < IPV6 + HOME);
            room[at] ^= 1;
        }
    }
}

/* RFC 5555 4: what is no mobility message is the tunnel's. */
static void what_the_tunnel_carries_is_told_apart(void **state)
{
    struct lk_address a = address_of("10.45.0.7"), b = address_of("10.45.0.1");
    struct lk_address c = address_of("2001:db8:45::7"), d = address_of("2001:db8:1::1");
    struct lk_mip6_packet p;
    uint8_t room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_ip_ping(&w, &a, &b, 1, 1, lk_span_text("data")), LK_OK);
    assert_int_equal(lk_mip6_read(&p, lk_writer_span(&w)), LK_E_UNKNOWN);
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_ip_ping(&w, &c, &d, 1, 1, lk_span_text("data")), LK_OK);
    assert_int_equal(lk_mip6_read(&p, lk_writer_span(&w)), LK_E_UNKNOWN);
    room[0] = 0x20;
    assert_int_equal(lk_mip6_read(&p, lk_writer_span(&w)), LK_E_VALUE);
}

/* spec: RFC 8200 4.2 - an option that is not known ends the packet, or is skipped. */
static void bad_headers_are_told_apart(void **state)
{
    static const struct {
        enum lk_mip6_home way;
        uint8_t at, octet; /* of the header behind the IPv6 one */
        enum lk_status status;
    } rows[] = {
        { LK_MIP6_HOME_OPTION, 0, 17, LK_E_UNKNOWN },
        { LK_MIP6_HOME_OPTION, 1, 0, LK_E_SHORT },   /* the option ends outside */
        { LK_MIP6_HOME_OPTION, 1, 200, LK_E_SHORT },
        { LK_MIP6_HOME_OPTION, 2, 0x1e, LK_OK },     /* not known, skipped */
        { LK_MIP6_HOME_OPTION, 2, 0x5e, LK_E_VALUE },
        { LK_MIP6_HOME_OPTION, 7, 15, LK_E_SHORT },  /* an address of 15 octets */
        { LK_MIP6_HOME_ROUTE, 2, 0, LK_E_UNKNOWN },
        { LK_MIP6_HOME_ROUTE, 3, 0, LK_E_VALUE },
        { LK_MIP6_HOME_ROUTE, 3, 2, LK_E_VALUE },
        { LK_MIP6_HOME_ROUTE, 1, 1, LK_E_SHORT },
        { LK_MIP6_HOME_ROUTE, 1, 3, LK_E_LENGTH },
        { LK_MIP6_HOME_ROUTE, 0, 43, LK_E_UNKNOWN }, /* the message as a routing header */
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mip6_packet p = packet_of(rows[i].way), back;
        uint8_t room[256];
        struct lk_span on_wire = written(room, &p);

        room[IPV6 + rows[i].at] = rows[i].octet;
        if (lk_mip6_read(&back, on_wire) != rows[i].status)
            fail_msg("row %zu: %d", i, (int)lk_mip6_read(&back, on_wire));
    }
}

static void one_home_address_is_all_there_is(void **state)
{
    struct lk_mip6_packet p = packet_of(LK_MIP6_HOME_OPTION), back;
    uint8_t room[256], twice[256];
    struct lk_span on_wire = written(room, &p);

    memcpy(twice, room, IPV6 + HOME);
    memcpy(twice + IPV6 + HOME, room + IPV6, on_wire.len - IPV6);
    twice[5] = (uint8_t)(on_wire.len - IPV6 + HOME);
    twice[IPV6] = 60;
    assert_int_equal(lk_mip6_read(&back, lk_span_of(twice, on_wire.len + HOME)), LK_E_TWICE);
    p.message.len = 7;
    assert_int_equal(lk_mip6_write(&(struct lk_writer){ .at = room, .cap = 256 }, &p), LK_E_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_of_a_sample),
        cmocka_unit_test(every_way_comes_back),
        cmocka_unit_test(what_the_tunnel_carries_is_told_apart),
        cmocka_unit_test(bad_headers_are_told_apart),
        cmocka_unit_test(one_home_address_is_all_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
