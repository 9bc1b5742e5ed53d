/* wire/ip: packets that are none, echo, and one hop less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/ip.h"

static struct lk_address address_of(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static struct lk_span ping(uint8_t *room, size_t cap, bool v6)
{
    struct lk_writer w = lk_writer_of(room, cap);
    struct lk_address from = address_of(v6 ? "2001:db8::7" : "10.45.0.7");
    struct lk_address to = address_of(v6 ? "2001:db8::1" : "10.45.0.1");

    assert_int_equal(lk_ip_ping(&w, &from, &to, 0x1234, 7, lk_span_text("odd data.")), LK_OK);
    return lk_writer_span(&w);
}

/* spec: RFC 792 1 - echo.
 * spec: RFC 4443 4.2 - echo.
 * spec: RFC 4443 2.3 - its checksum. */
static void a_ping_is_answered(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        uint8_t room[128], answer[128];
        struct lk_writer w = lk_writer_of(answer, sizeof answer);
        struct lk_span request = ping(room, sizeof room, v6);
        struct lk_ip_packet packet, reply;

        assert_int_equal(lk_ip_read(&packet, request), LK_OK);
        assert_int_equal(packet.version, v6 ? 6 : 4);
        assert_false(lk_ip_is_pong(&packet, 0x1234, 7));
        assert_int_equal(lk_ip_echo(&w, &packet), LK_OK);
        assert_int_equal(w.len, request.len);
        assert_int_equal(lk_ip_read(&reply, lk_writer_span(&w)), LK_OK);
        assert_true(lk_address_equal(&reply.source, &packet.destination));
        assert_true(lk_address_equal(&reply.destination, &packet.source));
        assert_true(lk_ip_is_pong(&reply, 0x1234, 7));
        assert_false(lk_ip_is_pong(&reply, 0x1234, 8));
        assert_int_equal(lk_ip_echo(&w, &reply), LK_E_UNKNOWN);
        /* A wrong checksum is not answered. */
        room[request.len - 1] ^= 1;
        assert_int_equal(lk_ip_echo(&w, &packet), LK_E_UNKNOWN);
    }
}

/* T16: what is a part of a packet is no ping, whatever it looks like: the first, one in the middle
 * and the last get no answer. A packet that must not be cut is whole. */
static void a_part_of_a_ping_is_not_answered(void **state)
{
    static const uint8_t parts[][2] = { { 0x20, 0 }, { 0x20, 1 }, { 0, 1 }, { 0x10, 0 } };
    uint8_t room[128], answer[128];
    struct lk_span whole = ping(room, sizeof room, false);
    struct lk_writer w = lk_writer_of(answer, sizeof answer);
    struct lk_ip_packet packet;

    for (size_t i = 0; i < LK_COUNT_OF(parts); i++) {
        memcpy(room + 6, parts[i], sizeof parts[i]);
        assert_int_equal(lk_ip_read(&packet, whole), LK_OK);
        assert_true(packet.fragment);
        assert_int_equal(lk_ip_echo(&w, &packet), LK_E_UNKNOWN);
        assert_int_equal(w.len, 0);
    }
    memcpy(room + 6, (const uint8_t[]){ 0x40, 0 }, 2);
    assert_int_equal(lk_ip_read(&packet, whole), LK_OK);
    assert_int_equal(lk_ip_echo(&w, &packet), LK_OK);
}

/* An echo request of a known good stack: its checksums are ours. */
static void a_foreign_ping_is_read(void **state)
{
    static const uint8_t octets[] = { 0x45, 0, 0, 0x1c, 0, 1, 0, 0, 0x40, 1, 0x66, 0x7f,
                                      10, 45, 0, 7, 10, 45, 0, 1, 8, 0, 0xf7, 0xfd, 0, 1, 0, 1 };
    uint8_t answer[64];
    struct lk_writer w = lk_writer_of(answer, sizeof answer);
    struct lk_ip_packet packet;

    assert_int_equal(lk_ip_read(&packet, LK_SPAN(octets)), LK_OK);
    assert_int_equal(lk_ip_echo(&w, &packet), LK_OK);
    assert_int_equal(answer[20], 0);
    assert_int_equal(answer[22] << 8 | answer[23], 0xfffd);
}

/* spec: RFC 791 3.1 - lengths.
 * spec: RFC 8200 3 - lengths. */
static void every_truncation_is_refused(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        uint8_t room[128];
        struct lk_span whole = ping(room, sizeof room, v6);
        struct lk_ip_packet packet;

        for (size_t len = 0; len < whole.len; len++) {
            uint8_t *copy = test_malloc(len + 1);

            memcpy(copy, room, len);
            assert_int_not_equal(lk_ip_read(&packet, lk_span_of(copy, len)), LK_OK);
            test_free(copy);
        }
        room[whole.len] = 0xff;
        assert_int_equal(lk_ip_read(&packet, lk_span_of(room, whole.len + 1)), LK_OK);
        assert_int_equal(packet.whole.len, whole.len);
    }
}

static void what_is_no_packet_is_refused(void **state)
{
    uint8_t room[128];
    struct lk_span whole = ping(room, sizeof room, false);
    struct lk_ip_packet packet;

    for (unsigned version = 0; version < 16; version++)
        if (version != 4 && version != 6) {
            room[0] = (uint8_t)(version << 4 | 5);
            assert_int_equal(lk_ip_read(&packet, whole), LK_E_VALUE);
        }
    room[0] = 0x44; /* sixteen octets of header */
    assert_int_equal(lk_ip_read(&packet, whole), LK_E_LENGTH);
    room[0] = 0x45;
    room[3] = 19;
    assert_int_equal(lk_ip_read(&packet, whole), LK_E_LENGTH);
    whole = ping(room, sizeof room, false);
    room[6] = 0x20; /* more fragments */
    assert_int_equal(lk_ip_read(&packet, whole), LK_OK);
    assert_true(packet.fragment);
    /* An IPv4-mapped address inside an IPv6 header. */
    whole = ping(room, sizeof room, true);
    memcpy(room + 8, address_of("10.45.0.7").octets, 16);
    assert_int_equal(lk_ip_read(&packet, whole), LK_E_VALUE);
}

/* spec: RFC 1812 5.3.1 - one hop less, and the checksum is right again. */
static void a_hop_is_counted(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        uint8_t room[128], next[128];
        struct lk_span whole = ping(room, sizeof room, v6);
        struct lk_writer w = lk_writer_of(next, sizeof next);
        struct lk_ip_packet packet;

        assert_int_equal(lk_ip_read(&packet, whole), LK_OK);
        assert_int_equal(packet.hops, 64);
        assert_int_equal(lk_ip_hop(&w, &packet), LK_OK);
        assert_int_equal(lk_ip_read(&packet, lk_writer_span(&w)), LK_OK);
        assert_int_equal(packet.hops, 63);
        if (!v6) {
            uint32_t sum = 0;

            for (size_t i = 0; i < 20; i += 2)
                sum += (uint32_t)next[i] << 8 | next[i + 1];
            assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
        }
        packet.hops = 1;
        assert_int_equal(lk_ip_hop(&w, &packet), LK_E_EXPIRED);
    }
}

/* A message of ICMP that goes one hop. */
static void icmp_goes_as_far_as_it_is_told(void **state)
{
    static const uint8_t solicitation[8] = { 10, 0, 0xf5, 0xff };
    const struct lk_address from = address_of("0.0.0.0"), to = address_of("255.255.255.255");
    uint8_t room[64];
    struct lk_writer w = lk_writer_of(room, sizeof room), tight = lk_writer_of(room, 27);
    struct lk_ip_packet packet;
    uint32_t sum = 0;

    assert_int_equal(lk_ip_icmp(&w, &from, &to, 1, LK_SPAN(solicitation)), LK_OK);
    assert_int_equal(lk_ip_read(&packet, lk_writer_span(&w)), LK_OK);
    assert_int_equal(packet.hops, 1);
    assert_int_equal(packet.protocol, LK_IP_ICMP);
    assert_true(lk_address_equal(&packet.source, &from));
    assert_true(lk_address_equal(&packet.destination, &to));
    assert_int_equal(packet.payload.len, sizeof solicitation);
    assert_memory_equal(packet.payload.at, solicitation, sizeof solicitation);
    for (size_t i = 0; i < 20; i += 2)
        sum += (uint32_t)room[i] << 8 | room[i + 1];
    assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
    assert_int_not_equal(lk_ip_icmp(&tight, &from, &to, 1, LK_SPAN(solicitation)), LK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icmp_goes_as_far_as_it_is_told),
        cmocka_unit_test(a_ping_is_answered),
        cmocka_unit_test(a_part_of_a_ping_is_not_answered),
        cmocka_unit_test(a_foreign_ping_is_read),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(what_is_no_packet_is_refused),
        cmocka_unit_test(a_hop_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
