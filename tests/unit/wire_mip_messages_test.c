/* wire/mip: what is no registration: revocation, tunnel data; names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/mip.h"

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static void assert_address(const struct lk_address *address, const char *text)
{
    struct lk_address want = address_of(text);

    assert_true(lk_address_equal(address, &want));
}

static void put_auth(struct lk_writer *w)
{
    (void)lk_mip_auth_put(w, LK_MIP_FA_HA_AUTH, 256, 16);
    lk_put_octets(w, "authenticator...", 16);
}

/* spec: RFC 3543 3.3 - revocation.
 * spec: RFC 3543 3.4 - its acknowledgement. */
static void a_revocation_comes_back(void **state)
{
    struct lk_mip_revocation m = { true, true, address_of("10.45.0.7"), address_of("192.0.2.1"),
                                   address_of("203.0.113.5"), 0xcafe0001, { .count = 0 } };
    struct lk_mip_revocation back;
    uint8_t room[128];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mip_revocation_put(&w, &m);
    put_auth(&w);
    assert_int_equal(lk_mip_revocation_decode(&back, lk_writer_span(&w)), LK_OK);
    assert_true(back.from_ha && back.informs);
    assert_address(&back.home_domain, "192.0.2.1");
    assert_address(&back.foreign_domain, "203.0.113.5");
    assert_int_equal(back.identifier, 0xcafe0001);
    assert_int_equal(back.extensions.auth[LK_MIP_FA_HA_AUTH].covered.len, 20 + 6);
    for (size_t len = 0; len < 20; len++)
        assert_int_not_equal(lk_mip_revocation_decode(&back, lk_span_of(room, len)), LK_OK);
    w = lk_writer_of(room, sizeof room);
    lk_mip_revocation_ack_put(&w, &m);
    put_auth(&w);
    assert_int_equal(lk_mip_revocation_ack_decode(&back, lk_writer_span(&w)), LK_OK);
    assert_true(back.informs && !back.from_ha);
    assert_address(&back.home, "10.45.0.7");
    assert_int_equal(back.identifier, 0xcafe0001);
    assert_int_equal(back.extensions.auth[LK_MIP_FA_HA_AUTH].covered.len, 12 + 6);
    assert_int_equal(lk_mip_revocation_decode(&back, lk_writer_span(&w)), LK_E_UNKNOWN);
}

/* spec: RFC 3519 3.3 - tunnel data. */
static void tunnel_data_comes_back(void **state)
{
    struct lk_mip_tunnel tunnel = { LK_MIP_IN_IP, lk_span_text("packet") }, back;
    uint8_t room[16];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mip_tunnel_put(&w, &tunnel);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_memory_equal(room, "\4\4\0\0packet", 10);
    assert_int_equal(lk_mip_tunnel_decode(&back, lk_writer_span(&w)), LK_OK);
    assert_int_equal(back.encapsulation, LK_MIP_IN_IP);
    assert_true(lk_span_equal(back.packet, tunnel.packet));
    for (size_t len = 0; len < 4; len++)
        assert_int_not_equal(lk_mip_tunnel_decode(&back, lk_span_of(room, len)), LK_OK);
    room[1] = 6;
    assert_int_equal(lk_mip_tunnel_decode(&back, lk_writer_span(&w)), LK_E_VALUE);
    room[0] = 1;
    assert_int_equal(lk_mip_tunnel_decode(&back, lk_writer_span(&w)), LK_E_UNKNOWN);
}

static void names(void **state)
{
    /* All codes but those that are reserved, of vendors or for experiments. */
    static const struct { uint8_t first, last; } codes[] = {
        { 0, 1 }, { 64, 72 }, { 74, 82 }, { 88, 88 }, { 90, 90 }, { 96, 101 }, { 104, 109 },
        { 128, 144 }, { 194, 194 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(codes); i++)
        for (unsigned code = codes[i].first; code <= codes[i].last; code++)
            assert_string_not_equal(lk_mip_code_name((uint8_t)code), "?");
    assert_string_equal(lk_mip_type_name(1), "Registration Request");
    assert_string_equal(lk_mip_type_name(-1), "?");
    assert_string_equal(lk_mip_code_name(131), "mobile node failed authentication");
    assert_string_equal(lk_mip_code_name(194), "Invalid Home Agent Address");
    assert_string_equal(lk_mip_code_name(73), "?");
    for (int which = 0; which < LK_MIP_EXTENSION_COUNT; which++)
        assert_non_null(lk_mip_extension_name((enum lk_mip_extension)which));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revocation_comes_back),
        cmocka_unit_test(tunnel_data_comes_back),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
