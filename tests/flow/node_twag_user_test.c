/* The user plane of the TWAG: whose frames pass, and where packets go (T33). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "node/path.h"
#include "twag_rig.h"
#include "wire/ip.h"

enum { A, B, HEADER = 14 };

static const struct lk_twag_output *found(const struct twag_rig *rig,
                                          enum lk_twag_output_kind kind)
{
    const struct lk_twag_output *item = lk_twag_outbox_find(&rig->out, kind);

    assert_non_null(item);
    return item;
}

static void an_own_frame_passes(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    const struct lk_twag_output *item;
    struct lk_ip_packet packet;

    assert_int_equal(twag_rig_frame(rig, A, ref.row, 7), LK_OK);
    item = found(rig, LK_TWAG_OUT_TUNNEL);
    assert_true(lk_imsi_equal(item->imsi, &rig->device[A].session.imsi));
    assert_int_equal(lk_ip_read(&packet, item->packet.octets), LK_OK);
    assert_int_equal(packet.source.octets[15], 7);
    assert_int_equal(lk_twag_counted(rig->twag)->frames_up, 1);
}

static void assert_foreign(struct twag_rig *rig, enum lk_status status)
{
    assert_int_equal(status, LK_E_DENIED);
    assert_int_equal(twag_rig_count(rig, LK_TWAG_OUT_TUNNEL), 0);
    assert_int_equal(rig->refusal, LK_REASON_WLCP_FRAME_FOREIGN);
}

/* T33: a neighbour's source address, a neighbour's connection, a neighbour's MAC address, and a
 * datagram from elsewhere: dropped and counted. */
static void a_foreign_frame_is_dropped(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref of_a = twag_rig_attach(rig, A, "internet", 7);
    struct lk_twag_ref of_b = twag_rig_attach(rig, B, "internet", 8);
    uint8_t mac[LK_STATION_LEN];
    struct lk_address address;

    assert_foreign(rig, twag_rig_frame(rig, A, of_a.row, 8));
    assert_foreign(rig, twag_rig_frame(rig, A, of_b.row, 7));
    assert_foreign(rig, twag_rig_frame(rig, A, of_b.row, 8));
    assert_foreign(rig, twag_rig_frame(rig, A, 4000, 7));
    memcpy(mac, rig->device[B].session.ue_mac, sizeof mac);
    rig->device[B].session.ue_mac[5]++;
    assert_foreign(rig, twag_rig_frame(rig, B, of_b.row, 8));
    memcpy(rig->device[B].session.ue_mac, mac, sizeof mac);
    address = rig->device[B].address;
    rig->device[B].address = rig->device[A].address;
    assert_foreign(rig, twag_rig_frame(rig, B, of_b.row, 8));
    rig->device[B].address = address;
    assert_int_equal(lk_twag_counted(rig->twag)->frames_foreign, 6);
    assert_int_equal(lk_twag_counted(rig->twag)->frames_up, 0);
    assert_int_equal(twag_rig_frame(rig, B, of_b.row, 8), LK_OK);
}

/* T01: a program of the device has the device's addresses. Without the identity, which no
 * application is told, its frames reach nobody; from another port than the manager's they pass
 * only where the configuration says that ports may be any. */
static void a_program_of_the_device_cannot_use_its_connection(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    struct twag_digest before = twag_rig_digest(rig);
    struct lk_twag_event event = { .kind = LK_TWAG_EV_USER_FRAME };
    uint8_t frame[HEADER + 28] = { 0x02 };

    memcpy(frame + 6, rig->device[A].session.ue_mac, 6);
    memcpy(frame + 12, "\x08\0\x45\0\0\x1c\0\0\0\0\x40\x11\0\0\x0a\0\0\x07\x0a\0\0\x01", 22);
    event.packet.octets = LK_SPAN(frame);
    event.packet.from = rig->device[A].address;
    event.packet.from_port = rig->config.user_port;
    for (unsigned row = 0; row < 4; row++) { /* as these identities once were */
        frame[5] = (uint8_t)row;
        assert_foreign(rig, twag_rig_step(rig, &event));
    }
    rig->config.any_source_port = false;
    lk_twag_configure(rig->twag, &rig->config);
    assert_foreign(rig, twag_rig_frame(rig, A, ref.row, 7)); /* from 40000 */
    twag_rig_same(rig, before);
    twag_rig_user_plane(rig, frame, ref.row);
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
}

/* T33: between two connections of one device as well. */
static void each_connection_has_its_own_address(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref one = twag_rig_attach(rig, A, "internet", 7);
    struct lk_twag_ref two = twag_rig_attach(rig, A, "ims", 8);

    assert_int_equal(twag_rig_frame(rig, A, one.row, 7), LK_OK);
    assert_int_equal(twag_rig_frame(rig, A, two.row, 8), LK_OK);
    assert_foreign(rig, twag_rig_frame(rig, A, one.row, 8));
}

static void no_frame_passes_before_the_connection_is_up(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref;

    assert_int_equal(twag_rig_session(rig, A), LK_OK);
    assert_int_equal(twag_rig_up(rig, A, rig->device[A].identity), LK_OK);
    (void)twag_rig_want(rig, A, "internet");
    ref = rig->ref;
    assert_int_equal(twag_rig_frame(rig, A, ref.row, 7), LK_E_NOT_FOUND);
    assert_int_equal(twag_rig_bound(rig, ref, 7), LK_OK);
    assert_int_equal(twag_rig_frame(rig, A, ref.row, 7), LK_OK);
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_SESSION_END), LK_OK);
    assert_int_equal(twag_rig_frame(rig, A, ref.row, 7), LK_E_NOT_FOUND);
    assert_int_equal(lk_twag_counted(rig->twag)->frames_unbound, 2);
}

static enum lk_status packet_for(struct twag_rig *rig, struct lk_address to)
{
    static uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_address from = lk_address_v4((const uint8_t[]){ 10, 0, 0, 254 });
    struct lk_twag_event event = { .kind = LK_TWAG_EV_TUNNEL_PACKET };

    if (!lk_address_is_v4(&to))
        assert_int_equal(lk_address_parse(&from, "2001:db8:ffff::1"), LK_OK);
    assert_int_equal(lk_ip_ping(&w, &from, &to, 1, 1, lk_span_text("pong")), LK_OK);
    event.packet.octets = lk_writer_span(&w);
    return twag_rig_step(rig, &event);
}

static struct lk_address v4(uint8_t host)
{
    return lk_address_v4((const uint8_t[]){ 10, 0, 0, host });
}

static void a_packet_reaches_the_device_whose_address_it_has(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref;
    const struct lk_twag_output *item;
    struct lk_address to;
    uint8_t mac[LK_WLCP_MAC_LEN];

    (void)twag_rig_attach(rig, A, "internet", 7);
    ref = twag_rig_attach(rig, B, "internet", 8);
    assert_int_equal(packet_for(rig, v4(8)), LK_OK);
    item = found(rig, LK_TWAG_OUT_FRAME);
    twag_rig_user_plane(rig, mac, ref.row);
    assert_memory_equal(item->packet.octets.at, rig->device[B].session.ue_mac, 6);
    assert_memory_equal(item->packet.octets.at + 6, mac, 6);
    assert_true(lk_address_equal(&item->packet.to, &rig->device[B].address));
    assert_int_equal(item->packet.to_port, rig->config.user_port);
    assert_int_equal(twag_rig_frame(rig, B, ref.row, 8), LK_OK);
    assert_int_equal(lk_address_parse(&to, "2001:db8:0:8::2"), LK_OK);
    assert_int_equal(packet_for(rig, to), LK_OK);
    item = found(rig, LK_TWAG_OUT_FRAME);
    assert_true(lk_imsi_equal(item->imsi, &rig->device[B].session.imsi));
    /* Its frame came from elsewhere, where nobody has answered yet. */
    assert_int_equal(item->packet.to_port, rig->config.user_port);
}

enum { VICTIM = 40000, MANY = 200 }; /* the rig's frames come from there */

/* How many frames of the last step go to that port, and the token of the last of them. */
static unsigned frames_to(const struct twag_rig *rig, uint16_t port, struct lk_span *token)
{
    unsigned count = 0;

    for (size_t i = 0; i < rig->out.count; i++) {
        const struct lk_twag_output *item = &rig->out.item[i];
        struct lk_span frame = item->kind == LK_TWAG_OUT_FRAME ? item->packet.octets
                                                               : lk_span_of(NULL, 0);

        if (frame.len == 0 || item->packet.to_port != port)
            continue;
        count++;
        if (frame.len == HEADER + LK_PATH_TOKEN_LEN)
            *token = lk_span_of(frame.at + HEADER, LK_PATH_TOKEN_LEN);
    }
    return count;
}

static enum lk_status send_back(struct twag_rig *rig, size_t device, uint32_t row, uint16_t port,
                                struct lk_span token)
{
    uint8_t frame[HEADER + LK_PATH_TOKEN_LEN];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    struct lk_twag_event event = { .kind = LK_TWAG_EV_USER_FRAME };
    uint8_t mac[LK_WLCP_MAC_LEN];

    twag_rig_user_plane(rig, mac, row);
    lk_put_octets(&w, mac, sizeof mac);
    lk_put_octets(&w, rig->device[device].session.ue_mac, sizeof mac);
    lk_put_be16(&w, LK_PATH_ETHER_TYPE);
    lk_put_span(&w, token);
    event.packet.octets = lk_writer_span(&w);
    event.packet.from = rig->device[device].address;
    event.packet.from_port = port;
    return twag_rig_step(rig, &event);
}

/* T13: a device that has every right points its flow at a victim, by frames that seem to come from
 * there. At another address than its channel's the victim gets nothing; at another port of it three
 * packets, whatever is sent; the flow goes on to where the device is, and the log tells. */
static void a_victim_gets_no_flow(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    struct lk_address own = rig->device[A].address;
    struct lk_span token = lk_span_of(NULL, 0);
    unsigned got = 0, refused = 0;

    rig->device[A].address = rig->device[B].address;
    assert_foreign(rig, twag_rig_frame(rig, A, ref.row, 7));
    assert_int_equal(twag_rig_count(rig, LK_TWAG_OUT_FRAME), 0);
    assert_int_equal(packet_for(rig, v4(7)), LK_OK);
    assert_true(lk_address_equal(&found(rig, LK_TWAG_OUT_FRAME)->packet.to, &own));
    rig->device[A].address = own;
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(twag_rig_frame(rig, A, ref.row, 7), LK_OK);
        got += frames_to(rig, VICTIM, &token);
        refused += (unsigned)twag_rig_count(rig, LK_TWAG_OUT_REFUSAL);
        assert_int_equal(packet_for(rig, v4(7)), LK_OK);
        got += frames_to(rig, VICTIM, &token);
        assert_int_equal(frames_to(rig, rig->config.user_port, &token), 1);
    }
    assert_int_equal(got, LK_PATH_ALLOWANCE);
    assert_int_equal(refused, 1);
    assert_int_equal(rig->refusal, LK_REASON_PATH_UNPROVEN);
}

/* T13: who is there, and says so, gets the packets; a token is worth nothing for another port, to
 * another device, or with a bit changed. */
static void a_port_that_answers_gets_the_flow(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref of_a = twag_rig_attach(rig, A, "internet", 7);
    struct lk_twag_ref of_b = twag_rig_attach(rig, B, "internet", 8);
    uint8_t token[LK_PATH_TOKEN_LEN];
    struct lk_span asked = lk_span_of(NULL, 0);

    assert_int_equal(twag_rig_frame(rig, B, of_b.row, 8), LK_OK);
    assert_int_equal(twag_rig_frame(rig, A, of_a.row, 7), LK_OK);
    assert_int_equal(frames_to(rig, VICTIM, &asked), 1);
    assert_int_equal(asked.len, sizeof token);
    memcpy(token, asked.at, sizeof token);
    assert_int_equal(send_back(rig, A, of_a.row, VICTIM + 1, LK_SPAN(token)), LK_E_DENIED);
    assert_int_equal(send_back(rig, B, of_b.row, VICTIM, LK_SPAN(token)), LK_E_DENIED);
    assert_int_equal(send_back(rig, A, of_a.row, VICTIM, lk_span_of(token, 15)), LK_E_DENIED);
    token[0] ^= 1;
    assert_int_equal(send_back(rig, A, of_a.row, VICTIM, LK_SPAN(token)), LK_E_DENIED);
    assert_int_equal(packet_for(rig, v4(7)), LK_OK);
    assert_int_equal(frames_to(rig, VICTIM, &asked), 0);
    token[0] ^= 1;
    assert_int_equal(send_back(rig, A, of_a.row, VICTIM, LK_SPAN(token)), LK_OK);
    assert_int_equal(packet_for(rig, v4(7)), LK_OK);
    assert_int_equal(frames_to(rig, VICTIM, &asked), 1);
    assert_int_equal(packet_for(rig, v4(8)), LK_OK);
    assert_int_equal(frames_to(rig, VICTIM, &asked), 0);
}

/* The token that went to where that device is, for its last frame. */
static void learn(struct twag_rig *rig, size_t device, uint32_t row, uint8_t host,
                  uint8_t token[LK_PATH_TOKEN_LEN])
{
    struct lk_span asked = lk_span_of(NULL, 0);

    assert_int_equal(twag_rig_frame(rig, device, row, host), LK_OK);
    assert_int_equal(frames_to(rig, rig->device[device].port, &asked), 1);
    assert_int_equal(asked.len, LK_PATH_TOKEN_LEN);
    memcpy(token, asked.at, LK_PATH_TOKEN_LEN);
}

/* T13: a token says where it was sent: who learns one at a port of his own proves nothing of the
 * victim's, from which he then seems to send. */
static void a_token_is_of_one_port(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    uint8_t own[LK_PATH_TOKEN_LEN], victims[LK_PATH_TOKEN_LEN];

    rig->device[A].port = VICTIM + 1;
    learn(rig, A, ref.row, 7, own);
    rig->device[A].port = VICTIM;
    learn(rig, A, ref.row, 7, victims);
    assert_int_equal(send_back(rig, A, ref.row, VICTIM, LK_SPAN(own)), LK_E_DENIED);
    assert_int_equal(packet_for(rig, v4(7)), LK_OK);
    assert_int_equal(found(rig, LK_TWAG_OUT_FRAME)->packet.to_port, rig->config.user_port);
}

/* T13: nor is it another device's, though both are behind one address and seem to be at one port:
 * who learns it there does not draw the other's flow to it. */
static void a_token_is_of_one_device(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref of_a, of_b;
    uint8_t of[2][LK_PATH_TOKEN_LEN];

    rig->device[B].address = rig->device[A].address;
    of_a = twag_rig_attach(rig, A, "internet", 7);
    of_b = twag_rig_attach(rig, B, "internet", 8);
    learn(rig, A, of_a.row, 7, of[A]);
    learn(rig, B, of_b.row, 8, of[B]);
    assert_int_equal(send_back(rig, B, of_b.row, VICTIM, LK_SPAN(of[A])), LK_E_DENIED);
    assert_int_equal(packet_for(rig, v4(8)), LK_OK);
    assert_int_equal(found(rig, LK_TWAG_OUT_FRAME)->packet.to_port, rig->config.user_port);
    assert_int_equal(send_back(rig, B, of_b.row, VICTIM, LK_SPAN(of[B])), LK_OK);
}

static void a_packet_for_nobody_is_dropped(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_TUNNEL_PACKET };

    (void)twag_rig_attach(rig, A, "internet", 7);
    assert_int_equal(packet_for(rig, v4(9)), LK_E_NOT_FOUND);
    assert_int_equal(twag_rig_end(rig, A, LK_TWAG_EV_SESSION_END), LK_OK);
    assert_int_equal(packet_for(rig, v4(7)), LK_E_NOT_FOUND);
    assert_int_equal(lk_twag_counted(rig->twag)->packets_unbound, 2);
    assert_int_not_equal(twag_rig_step(rig, &event), LK_OK);
    /* The router's word, when it came up. */
    assert_int_equal(lk_twag_counted(rig->twag)->frames_down, 1);
}

/* The sum over pseudo header and message is all ones when the checksum is right. */
static void assert_sum(const struct lk_ip_packet *packet)
{
    struct lk_reader r[] = { lk_reader_of(LK_SPAN(packet->source.octets)),
                             lk_reader_of(LK_SPAN(packet->destination.octets)),
                             lk_reader_of(packet->payload) };
    uint32_t sum = (uint32_t)packet->payload.len + LK_IP_ICMPV6;

    for (size_t i = 0; i < LK_COUNT_OF(r); i++)
        while (r[i].left >= 2)
            sum += lk_get_be16(&r[i]);
    while (sum > 0xffff)
        sum = (sum >> 16) + (sum & 0xffff);
    assert_int_equal(sum, 0xffff);
}

static void assert_advertised(const struct twag_rig *rig, uint8_t host)
{
    const struct lk_twag_output *item = found(rig, LK_TWAG_OUT_FRAME);
    struct lk_ip_packet packet;

    assert_int_equal(lk_ip_read(&packet, lk_span_of(item->packet.octets.at + HEADER,
                                                    item->packet.octets.len - HEADER)),
                     LK_OK);
    assert_int_equal(packet.hops, 255);
    assert_int_equal(packet.protocol, LK_IP_ICMPV6);
    assert_int_equal(packet.payload.len, 16 + 8 + 32);
    assert_int_equal(packet.payload.at[0], 134);
    assert_int_equal(packet.payload.at[24], 3);
    assert_int_equal(packet.payload.at[26], 64);
    assert_int_equal(packet.payload.at[24 + 16 + 7], host);
    assert_sum(&packet);
}

/* spec: RFC 4861 4.2 - the device is told its prefix when it comes up, and when it asks.
 * spec: RFC 5213 6.7 - the prefix is its own, on a link of its own. */
static void the_router_says_the_prefix(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    struct lk_address local;
    struct lk_twag_event event = { .kind = LK_TWAG_EV_USER_FRAME };
    uint8_t frame[HEADER + 40 + 8] = { 0 };

    assert_advertised(rig, 7);
    twag_rig_user_plane(rig, frame, ref.row);
    memcpy(frame + 6, rig->device[A].session.ue_mac, 6);
    memcpy(frame + 12, "\x86\xdd\x60\0\0\0\0\x08\x3a\xff", 10);
    assert_int_equal(lk_address_parse(&local, "fe80::2"), LK_OK);
    memcpy(frame + HEADER + 8, local.octets, 16);
    memcpy(frame + HEADER + 24, "\xff\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\x02", 16);
    frame[HEADER + 40] = 133;
    event.packet.octets = LK_SPAN(frame);
    event.packet.from = rig->device[A].address;
    event.packet.from_port = 40000;
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
    assert_advertised(rig, 7);
    assert_int_equal(twag_rig_count(rig, LK_TWAG_OUT_TUNNEL), 0);
    frame[HEADER + 40] = 128; /* any other word from the link is not for the anchor */
    assert_foreign(rig, twag_rig_step(rig, &event));
    frame[12] = 0x08; /* not what the frame says it is */
    frame[13] = 0;
    assert_int_equal(twag_rig_step(rig, &event), LK_E_VALUE);
}

/* A24: every truncation of a frame. */
static void no_truncated_frame_passes(void **state)
{
    struct twag_rig *rig = *state;
    struct lk_twag_ref ref = twag_rig_attach(rig, A, "internet", 7);
    struct lk_twag_event event = { .kind = LK_TWAG_EV_USER_FRAME };
    uint8_t frame[HEADER + 28] = { 0 };

    twag_rig_user_plane(rig, frame, ref.row);
    memcpy(frame + 6, rig->device[A].session.ue_mac, 6);
    memcpy(frame + 12, "\x08\0\x45\0\0\x1c\0\0\0\0\x40\x11\0\0\x0a\0\0\x07\x0a\0\0\x01", 22);
    event.packet.from = rig->device[A].address;
    for (size_t len = 0; len < sizeof frame; len++) {
        event.packet.octets = lk_span_of(frame, len);
        assert_int_not_equal(twag_rig_step(rig, &event), LK_OK);
    }
    event.packet.octets = LK_SPAN(frame);
    assert_int_equal(twag_rig_step(rig, &event), LK_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, twag_rig_set_up, twag_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_own_frame_passes),
        TEST(a_foreign_frame_is_dropped),
        TEST(a_program_of_the_device_cannot_use_its_connection),
        TEST(each_connection_has_its_own_address),
        TEST(no_frame_passes_before_the_connection_is_up),
        TEST(a_packet_reaches_the_device_whose_address_it_has),
        TEST(a_packet_for_nobody_is_dropped),
        TEST(a_victim_gets_no_flow),
        TEST(a_port_that_answers_gets_the_flow),
        TEST(a_token_is_of_one_port),
        TEST(a_token_is_of_one_device),
        TEST(the_router_says_the_prefix),
        TEST(no_truncated_frame_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
