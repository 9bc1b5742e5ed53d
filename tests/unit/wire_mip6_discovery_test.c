/* wire/mip6_discovery: requests and replies, every truncation, and the address that is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/mip6_discovery.h"

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static struct lk_mip6_discovery reply(void)
{
    return (struct lk_mip6_discovery){ .reply = true, .source = address_of("2001:db8:1::1"),
                                       .destination = address_of("2001:db8:99::23"),
                                       .identifier = 0x4c4b, .agent_count = 2,
                                       .agent = { address_of("2001:db8:1::1"),
                                                  address_of("2001:db8:1::2") } };
}

/* spec: RFC 6275 6.5 - octet by octet; the checksum is of another hand.
 * spec: RFC 4443 2.3 - which has the pseudo header in it. */
static void a_request_is_eight_octets(void **state)
{
    static const uint8_t wanted[8] = { 144, 0, 0xc9, 0x43, 0x4c, 0x4b, 0, 0 };
    struct lk_mip6_discovery request = { .source = address_of("2001:db8:99::23"),
                                         .identifier = 0x4c4b }, back;
    const struct lk_address_prefix network = { address_of("2001:db8:1::"), 64 };
    uint8_t room[LK_MIP6_DISCOVERY_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    request.destination = lk_mip6_home_agents(&network);
    assert_int_equal(lk_mip6_discovery_write(&w, &request), LK_OK);
    assert_int_equal(w.len, 48);
    assert_memory_equal(room + 40, wanted, sizeof wanted);
    assert_int_equal(lk_mip6_discovery_read(&back, lk_writer_span(&w)), LK_OK);
    assert_memory_equal(&back, &request, sizeof back);
    room[40] = 128; /* an echo request is what the tunnel carries */
    assert_int_equal(lk_mip6_discovery_read(&back, lk_writer_span(&w)), LK_E_UNKNOWN);
}

/* spec: RFC 6275 6.6 - addresses behind it. */
static void a_reply_has_agents(void **state)
{
    struct lk_mip6_discovery said = reply(), back;
    uint8_t room[LK_MIP6_DISCOVERY_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_mip6_discovery_write(&w, &said), LK_OK);
    assert_int_equal(lk_mip6_discovery_read(&back, lk_writer_span(&w)), LK_OK);
    assert_memory_equal(&back, &said, sizeof back);
    for (size_t cut = 0; cut < w.len; cut++)
        assert_int_not_equal(lk_mip6_discovery_read(&back, lk_span_of(room, cut)), LK_OK);
    for (size_t at = 40; at < w.len; at++) {
        room[at] ^= 4;
        assert_int_not_equal(lk_mip6_discovery_read(&back, lk_writer_span(&w)), LK_OK);
        room[at] ^= 4;
    }
    said.agent_count = 0;
    w = lk_writer_of(room, sizeof room);
    assert_int_equal(lk_mip6_discovery_write(&w, &said), LK_E_VALUE);
    said = reply();
    w = lk_writer_of(room, 60);
    assert_int_equal(lk_mip6_discovery_write(&w, &said), LK_E_FULL);
}

/* spec: RFC 2526 2 - the anycast address, of a network of 64 bits and of another. */
static void the_address_of_all_agents(void **state)
{
    static const struct {
        const char *network;
        uint8_t bits;
        const char *address;
    } rows[] = {
        { "2001:db8:1::", 64, "2001:db8:1:0:fdff:ffff:ffff:fffe" },
        { "2001:db8:6400::", 40, "2001:db8:64ff:ffff:ffff:ffff:ffff:fffe" },
        { "2001:db8:1:2:3::", 80, "2001:db8:1:2:3:ffff:ffff:fffe" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const struct lk_address_prefix network = { address_of(rows[i].network), rows[i].bits };
        const struct lk_address wanted = address_of(rows[i].address);
        const struct lk_address is = lk_mip6_home_agents(&network);

        if (!lk_address_equal(&is, &wanted))
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_eight_octets),
        cmocka_unit_test(a_reply_has_agents),
        cmocka_unit_test(the_address_of_all_agents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
