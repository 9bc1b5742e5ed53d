/* node/anchor as home agent of MIPv6: from a packet in a datagram to the row, who is sent packets,
 * and one address on every access (T10, T11, T13, T33, A22, A32; invariants 8 to 11). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"
#include "base/ntp.h"
#include "node/binding_protocol.h"
#include "wire/mip6.h"

enum { ROWS = 16, N = 7, SPI = 4097, PORT = 4191 };

static struct anchor_rig *rig;
static void *msas_memory, *unproven_memory;
static struct lk_mip_msa msa;

static int setup(void **state)
{
    rig = anchor_rig_open(ROWS);
    msas_memory = calloc(1, lk_mip_msas_size(ROWS));
    unproven_memory = calloc(1, lk_budgets_size());
    assert_true(msas_memory != NULL && unproven_memory != NULL);
    rig->config.mip.serves6 = true;
    rig->config.mip.agent6 = rig->config.pool6[0].gateway;
    lk_anchor_serve_mip(&rig->anchor, lk_mip_msas_in(msas_memory, ROWS, 1),
                        lk_budgets_in(unproven_memory, 2));
    msa = (struct lk_mip_msa){ .there = { .spi = SPI, .algorithm = LK_MIP_HMAC_SHA1 },
                               .spi_back = SPI, .replay = LK_MIP_TIMESTAMPS,
                               .ends_ms = UINT64_MAX };
    msa.there.secret.len = 16;
    memset(msa.there.secret.octets, 0x5a, 16);
    return 0;
}

static int teardown(void **state)
{
    anchor_rig_close(rig);
    free(msas_memory);
    free(unproven_memory);
    return 0;
}

static struct lk_imsi imsi_of(unsigned n)
{
    struct lk_imsi imsi = { .digits = "" };

    (void)snprintf(imsi.digits, sizeof imsi.digits, "00101%010u", n);
    return imsi;
}

static void associate(unsigned n)
{
    const struct lk_imsi imsi = imsi_of(n);

    lk_mip_msas_put(rig->anchor.msas, lk_imsi_number(&imsi), &msa, rig->now_ms);
}

struct asks {
    unsigned n;
    const char *from; /* of the datagram: over IPv6 the care-of address, too */
    const char *alternate, *home, *agent;
    uint16_t lifetime, port, flags;
    uint64_t at_ms;   /* 0: now */
    size_t flip;      /* one bit of the octet that is so far from the end */
    const struct lk_mip_msa *signs; /* NULL: the one of all */
    const char *b_tid;
};

static const struct asks over4 = { .n = N, .from = "198.51.100.23", .lifetime = 150 },
                         over6 = { .n = N, .from = "2001:db8:99::23", .lifetime = 150 };

static struct lk_mobility_message ack;
static struct lk_mip6_packet ack_packet;

static void options_of(struct lk_mobility_message *m, const struct asks *a, char nai[64])
{
    struct lk_mobility_options *o = &m->options;
    const struct lk_address from = anchor_address(a->from);
    const struct lk_imsi imsi = imsi_of(a->n);

    (void)snprintf(nai, 64, "0%s@realm", imsi.digits);
    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = lk_span_text(nai);
    lk_mobility_mark(o, LK_MO_MN_ID);
    o->mesg_id = lk_ntp_of(a->at_ms == 0 ? rig->now_ms : a->at_ms, 0);
    lk_mobility_mark(o, LK_MO_MESG_ID);
    o->ipv4_home.bits = 32;
    lk_mobility_mark(o, LK_MO_IPV4_HOME);
    if (a->alternate != NULL) {
        o->care_of = anchor_address(a->alternate);
        lk_mobility_mark(o, LK_MO_CARE_OF);
    }
    if (lk_address_is_v4(&from)) {
        memcpy(o->ipv4_care_of.octets, from.octets + 12, 4);
        lk_mobility_mark(o, LK_MO_IPV4_CARE_OF);
    }
    if (a->b_tid != NULL) {
        o->vendor[0] = (struct lk_mobility_vendor){ rig->config.enterprise,
                                                    LK_MOBILITY_B_TID_SUBTYPE,
                                                    lk_span_text(a->b_tid) };
        o->vendor_count = 1;
        lk_mobility_mark(o, LK_MO_VENDOR);
    }
}

/* The Binding Update, in the packet that it comes in. */
static struct lk_span update_of(uint8_t octets[1024], const struct asks *a)
{
    uint8_t message[768];
    struct lk_writer inner = lk_writer_of(message, sizeof message), w = lk_writer_of(octets, 1024);
    struct lk_mobility_message m = { .type = LK_MOBILITY_BU, .lifetime = a->lifetime,
                                     .flags = a->flags != 0 ? a->flags
                                                            : LK_BU_ACKNOWLEDGE | LK_BU_HOME };
    const struct lk_mip_msa *by = a->signs == NULL ? &msa : a->signs;
    const struct lk_address from = anchor_address(a->from);
    const struct lk_address home = anchor_address(a->home == NULL ? "::" : a->home);
    const struct lk_address care_of = a->alternate == NULL ? from : anchor_address(a->alternate);
    struct lk_mip6_packet p = { .source = home, .destination = rig->config.mip.agent6 };
    char nai[64];

    options_of(&m, a, nai);
    assert_int_equal(lk_mip6_msa_sign(&inner, &m, by, by->there.spi, &care_of, &home), LK_OK);
    if (a->flip != 0)
        message[inner.len - a->flip] ^= 1;
    if (!lk_address_is_v4(&from)) {
        p.source = from;
        p.way = LK_MIP6_HOME_OPTION;
        p.home = home;
    }
    if (a->agent != NULL)
        p.destination = anchor_address(a->agent);
    p.message = lk_writer_span(&inner);
    assert_int_equal(lk_mip6_write(&w, &p), LK_OK);
    return lk_writer_span(&w);
}

static void comes(const char *from, uint16_t port, struct lk_span octets)
{
    const struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP6, .now_ms = rig->now_ms,
                                           .from = anchor_address(from), .port = port,
                                           .octets = octets };

    lk_anchor_step(&rig->anchor, &event, &rig->out);
}

/* The status of the acknowledgement, which is proven; -1: none. */
static int asks(const struct asks *a)
{
    uint8_t octets[1024];
    const struct lk_address from = anchor_address(a->from);
    const struct lk_address care_of = a->alternate == NULL ? from : anchor_address(a->alternate);
    const struct lk_anchor_output *sent;
    uint16_t port = a->port == 0 ? PORT : a->port;
    const struct lk_address *home;

    comes(a->from, port, update_of(octets, a));
    sent = anchor_find(rig, LK_ANCHOR_OUT_SEND);
    if (sent == NULL)
        return -1;
    assert_true(lk_address_equal(&sent->to.address, &from));
    assert_int_equal(sent->to.port, port);
    assert_int_equal(sent->to.by, LK_BINDING_MIP6);
    assert_int_equal(lk_mip6_read(&ack_packet, sent->octets), LK_OK);
    assert_true(lk_address_equal(&ack_packet.source, &rig->config.mip.agent6));
    assert_int_equal(lk_mobility_decode(&ack, ack_packet.message), LK_OK);
    assert_int_equal(ack.type, LK_MOBILITY_BA);
    home = ack_packet.way == LK_MIP6_HOME_ROUTE ? &ack_packet.home : &ack_packet.destination;
    assert_int_equal(ack_packet.way == LK_MIP6_HOME_ROUTE, !lk_address_is_v4(&from));
    assert_true(lk_mip6_msa_proves(&msa, SPI, &ack.options, &care_of, home, rig->now_ms));
    return ack.status;
}

/* The home address that the last acknowledgement has. */
static struct lk_address own(void)
{
    return ack_packet.way == LK_MIP6_HOME_ROUTE ? ack_packet.home : ack_packet.destination;
}

static size_t ping(uint8_t octets[128], const struct lk_address *from, const char *to)
{
    struct lk_writer w = lk_writer_of(octets, 128);
    const struct lk_address destination = anchor_address(to);

    assert_int_equal(lk_ip_ping(&w, from, &destination, 5, 6, lk_span_text("hello")), LK_OK);
    return w.len;
}

/* A packet from the network to the device. */
static const struct lk_anchor_output *from_network(const struct lk_address *home)
{
    uint8_t octets[128];
    const struct lk_address outside =
        anchor_address(lk_address_is_v4(home) ? "203.0.113.200" : "2001:db8:ffff::1");
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_NETWORK, .now_ms = rig->now_ms };

    assert_int_equal(lk_ip_ping(&w, &outside, home, 1, 1, lk_span_text("x")), LK_OK);
    event.octets = lk_writer_span(&w);
    lk_anchor_step(&rig->anchor, &event, &rig->out);
    return anchor_find(rig, LK_ANCHOR_OUT_TUNNEL);
}

/* The probe in rig->out, answered from there as a stack does. */
static void answer_probe(const char *from, uint16_t port)
{
    const struct lk_anchor_output *probe = anchor_find(rig, LK_ANCHOR_OUT_TUNNEL);
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_ip_packet packet;

    assert_non_null(probe);
    assert_int_equal(lk_ip_read(&packet, probe->octets), LK_OK);
    assert_int_equal(packet.version, 6);
    assert_int_equal(lk_ip_echo(&w, &packet), LK_OK);
    comes(from, port, lk_writer_span(&w));
}

/* spec: RFC 5555 4 - a datagram is a packet, of either family.
 * spec: RFC 6275 6.4 - the acknowledgement's routing header. */
static void registers(const struct asks *a)
{
    uint8_t octets[128];
    struct lk_address home, ipv4;
    struct lk_binding *b;

    associate(N);
    assert_int_equal(asks(a), LK_BA_ACCEPTED);
    home = own();
    assert_int_equal(ack.lifetime, 150);
    b = anchor_binding(rig, N);
    assert_non_null(b);
    assert_int_equal(b->protocol, LK_BINDING_MIP6);
    ipv4 = anchor_home(rig, N);
    assert_memory_equal(ack.options.ipv4_home_ack.address.octets, ipv4.octets + 12, 4);
    assert_false(b->reached);
    answer_probe(a->from, PORT);
    assert_true(b->reached);
    for (unsigned i = 0; i < 10; i++) {
        const struct lk_anchor_output *out = from_network(i % 2 == 0 ? &home : &ipv4);

        assert_non_null(out);
        assert_int_equal(out->to.by, LK_BINDING_MIP6);
        assert_int_equal(out->to.port, PORT);
    }
    comes(a->from, PORT, lk_span_of(octets, ping(octets, &home, "2001:db8:ffff::1")));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
    comes(a->from, PORT, lk_span_of(octets, ping(octets, &ipv4, "203.0.113.200")));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
}

static void test_a_device_registers_over_ipv4_and_is_reached(void **state)
{
    registers(&over4);
}

static void test_a_device_registers_over_ipv6_and_is_reached(void **state)
{
    registers(&over6);
}

/* Another address of its own prefix is one that the proof is asked at. */
static void test_a_home_address_of_the_devices_choice(void **state)
{
    struct asks a = over6;
    struct lk_address home;
    char text[LK_ADDRESS_TEXT];

    associate(N);
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
    home = own();
    memset(home.octets + 8, 0xab, 8);
    lk_address_text(text, &home);
    a.home = text;
    rig->now_ms += LK_PATH_RENEW_MS;
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
    {
        struct lk_ip_packet packet;

        assert_int_equal(lk_ip_read(&packet, anchor_find(rig, LK_ANCHOR_OUT_TUNNEL)->octets),
                         LK_OK);
        assert_true(lk_address_equal(&packet.destination, &home));
    }
    answer_probe(a.from, PORT);
    assert_true(anchor_binding(rig, N)->reached);
    a.home = "2001:db8:4600::1"; /* the control: one that is not its own */
    rig->now_ms += 1000;
    assert_int_equal(asks(&a), LK_BA_NOT_HOME_SUBNET);
    assert_int_equal(rig->anchor.counters.alarms, 1);
}

/* T10, T11: the digest of the table says that nothing moved, and packets go on to the device. */
static void test_t10_strangers_move_nothing(void **state)
{
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    const struct lk_address there = anchor_address("198.51.100.23");
    struct lk_mip_msa other = msa;
    struct asks a = over4;
    struct lk_address home;

    associate(N);
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    answer_probe("198.51.100.23", PORT);
    lk_anchor_digest(before, &rig->anchor);
    other.there.secret.octets[3] ^= 1;
    a.from = "203.0.113.66";
    a.n = N + 1; /* who has no association */
    assert_int_equal(asks(&a), -1);
    a.n = N;
    a.flip = 2;
    assert_int_equal(asks(&a), LK_BA_AUTH_FAIL);
    {
        const struct lk_address told = own(), none = anchor_address("::");

        assert_true(lk_address_equal(&told, &none)); /* who is refused learns no address */
    }
    a.flip = 0;
    a.signs = &other;
    a.lifetime = 0; /* T11 */
    assert_int_equal(asks(&a), LK_BA_AUTH_FAIL);
    assert_int_equal(asks(&a), LK_BA_AUTH_FAIL);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(asks(&a), -1);
    lk_anchor_digest(after, &rig->anchor);
    assert_memory_equal(before, after, sizeof before);
    assert_true(lk_address_equal(&from_network(&home)->to.address, &there));
}

/* What goes to the victim when the device asks and packets come, a few times. */
static unsigned drowns(struct asks a, const char *victim)
{
    const struct lk_address there = anchor_address(victim);
    unsigned got = 0;

    for (unsigned i = 0; i < 20; i++) {
        const struct lk_address home = anchor_home(rig, N);

        rig->now_ms += 10;
        (void)asks(&a);
        for (size_t j = 0; j < rig->out.count; j++)
            got += rig->out.item[j].to.port != 0 &&
                   lk_address_equal(&rig->out.item[j].to.address, &there);
        for (unsigned j = 0; j < 5; j++)
            got += from_network(&home) != NULL;
    }
    return got;
}

/* A32, T13: a valid device names a victim as its alternate care-of address. Three packets, and the
 * acknowledgement goes to where the update came from. */
static void test_a32_an_alternate_care_of_address_is_asked_first(void **state)
{
    struct asks a = over6;
    struct lk_address home;
    unsigned got;

    associate(N);
    assert_int_equal(asks(&over6), LK_BA_ACCEPTED); /* the control: it is there itself */
    home = own();
    answer_probe(over6.from, PORT);
    assert_true(anchor_binding(rig, N)->reached);
    a.alternate = "2001:db8:66::66";
    rig->now_ms += 1000;
    got = drowns(a, a.alternate);
    assert_true(got > 0 && got <= 3);
    assert_false(anchor_binding(rig, N)->reached);
    assert_true(rig->anchor.counters.unreached > 0);
    rig->now_ms += LK_PATH_RENEW_MS; /* its acknowledgements came to where it is */
    assert_int_equal(asks(&over6), LK_BA_ACCEPTED);
    answer_probe(over6.from, PORT);
    for (unsigned i = 0; i < 10; i++)
        assert_non_null(from_network(&home));
    /* One that does answer from there. */
    rig->now_ms += 1000;
    a.alternate = "2001:db8:77::77";
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
    answer_probe(a.alternate, PORT);
    assert_true(anchor_binding(rig, N)->reached);
}

/* A32: over IPv4 an alternate care-of address is an IPv4 one, mapped, or an IPv6 one. */
static void test_a32_over_ipv4_as_well(void **state)
{
    struct asks a = over4;
    unsigned got;

    associate(N);
    a.alternate = "203.0.113.66";
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    got = drowns(a, a.alternate);
    assert_true(got > 0 && got <= 3);
    assert_false(anchor_binding(rig, N)->reached);
}

/* T12: what a packet over IPv6 has as source is where its datagram comes from. */
static void test_t12_a_source_that_is_not_its_own(void **state)
{
    uint8_t octets[1024];
    struct lk_span update;

    associate(N);
    update = update_of(octets, &over6);
    comes("2001:db8:66::66", PORT, update);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.status,
                     LK_BA_CARE_OF_INVALID);
    assert_null(anchor_binding(rig, N));
    comes(over6.from, PORT, update); /* the control */
    assert_non_null(anchor_binding(rig, N));
}

/* T33: a packet of the device from elsewhere than where it registered is nobody's; nor does one
 * protocol's tunnel lead into the other's. */
static void test_t33_packets_come_from_where_it_is(void **state)
{
    uint8_t octets[128];
    struct lk_address home;
    size_t len;

    associate(N);
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    len = ping(octets, &home, "2001:db8:ffff::1");
    comes("203.0.113.66", PORT, lk_span_of(octets, len));
    assert_int_equal(rig->out.count, 0);
    comes("198.51.100.23", PORT + 1, lk_span_of(octets, len));
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.up_foreign, 2);
    comes("198.51.100.23", PORT, lk_span_of(octets, len)); /* the control */
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
}

/* Another home agent's; another message; what is no packet. */
static void test_what_finds_no_answer(void **state)
{
    uint8_t octets[1024];
    struct asks a = over6;
    struct lk_span update;

    associate(N);
    a.agent = "2001:db8:1::1";
    assert_int_equal(asks(&a), -1);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_AGENT);
    update = update_of(octets, &over6);
    for (size_t cut = 0; cut < update.len; cut++) {
        comes(over6.from, PORT, lk_span_of(octets, cut));
        assert_null(anchor_find(rig, LK_ANCHOR_OUT_SEND));
    }
    assert_null(anchor_binding(rig, N));
    comes(over6.from, PORT, update); /* the control */
    assert_non_null(anchor_binding(rig, N));
}

/* A22: MESG-ID, and invariant 11. */
static void test_a22_old_updates_and_repeats(void **state)
{
    struct asks late = over4;
    uint8_t octets[1024];
    struct lk_span update;
    uint64_t epoch;

    associate(N);
    late.at_ms = rig->now_ms;
    rig->now_ms += 500;
    update = update_of(octets, &over4);
    comes(over4.from, PORT, update);
    epoch = lk_binding_stands(anchor_binding(rig, N)).epoch;
    rig->anchor.unproven = lk_budgets_in(memset(unproven_memory, 0, lk_budgets_size()), 2);
    comes(over4.from, PORT, update);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_SEND));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_STORE)); /* the first is not durable yet */
    assert_true(lk_binding_stands(anchor_binding(rig, N)).epoch == epoch);
    assert_int_equal(asks(&late), LK_BA_ID_MISMATCH);
    late.at_ms = rig->now_ms + 60000;
    assert_int_equal(asks(&late), LK_BA_ID_MISMATCH);
    assert_true(ack.options.mesg_id >> 32 == lk_ntp_of(rig->now_ms, 0) >> 32);
}

/* One anchor, one address and one prefix: from a gateway to MIPv6 and back (invariants 8 to 10). */
static void test_the_addresses_stay_from_one_protocol_to_another(void **state)
{
    const struct anchor_ask wlan = { .n = N, .mag = 1, .lifetime = 900 };
    struct anchor_ask old = wlan;
    struct asks late = over6;
    struct lk_address_prefix prefix, has;
    struct lk_address ipv4, now, home;

    associate(N);
    old.attach_ms = rig->now_ms;
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    prefix = anchor_binding(rig, N)->prefix;
    ipv4 = anchor_home(rig, N);
    rig->now_ms += 5000;
    assert_int_equal(asks(&over6), LK_BA_ACCEPTED);
    home = own();
    has = lk_address_prefix_of(&home, prefix.bits);
    assert_true(lk_address_prefix_equal(&has, &prefix));
    now = anchor_home(rig, N);
    assert_true(lk_address_equal(&now, &ipv4));
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.mag, "mag-1");
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record.mag,
                        "2001:db8:99::23");
    rig->now_ms += 1000;
    assert_int_equal(anchor_ask(rig, &old), LK_BA_MAG_NOT_AUTHORIZED);
    rig->now_ms += 1000; /* a new attachment, and an update from before it */
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    late.at_ms = rig->now_ms - 500;
    assert_int_equal(asks(&late), LK_BA_ID_MISMATCH);
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    rig->now_ms += 1000;
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    has = lk_address_prefix_of(&home, prefix.bits);
    assert_true(lk_address_prefix_equal(&has, &prefix));
}

/* Over a restart: the binding, what orders updates, and where the device is asked. */
static void test_a22_what_is_stored_is_there_again(void **state)
{
    struct lk_binding_record record;
    struct asks old = over4;
    struct lk_address home;

    associate(N);
    old.at_ms = rig->now_ms - 10;
    assert_int_equal(asks(&over4), LK_BA_ACCEPTED);
    home = own();
    record = anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record;
    anchor_rig_restart(rig, ROWS);
    lk_anchor_serve_mip(&rig->anchor,
                        lk_mip_msas_in(memset(msas_memory, 0, lk_mip_msas_size(ROWS)), ROWS, 1),
                        lk_budgets_in(memset(unproven_memory, 0, lk_budgets_size()), 2));
    associate(N);
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_OK);
    assert_int_equal(asks(&old), LK_BA_ID_MISMATCH);
    assert_non_null(from_network(&home)); /* a probe, to begin with */
    answer_probe(over4.from, PORT);
    assert_true(anchor_binding(rig, N)->reached);
    rig->now_ms += 601000;
    anchor_tick(rig, rig->now_ms);
    assert_int_equal(anchor_binding(rig, N)->mip6.state, LK_MIP_HA6_NONE);
    assert_null(from_network(&home));
}

/* S4 7.3.5: who names a B-TID under its authenticator is asked for; what is made of it is not
 * Mobile IPv4's. */
static void test_a_b_tid_is_asked_for(void **state)
{
    const struct lk_imsi imsi = imsi_of(N);
    struct asks a = over4;
    const struct lk_anchor_output *item;

    rig->config.mip.asks = true;
    assert_int_equal(asks(&a), -1);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    a.b_tid = "cmFuZA==@bsf.example";
    assert_int_equal(asks(&a), -1);
    item = anchor_find(rig, LK_ANCHOR_OUT_ASK);
    assert_non_null(item);
    assert_int_equal(item->ask.spi, SPI);
    assert_true(lk_span_equal(item->ask.b_tid, lk_span_text(a.b_tid)));
    msa.ends_ms = rig->now_ms + 3600000;
    lk_mip_msas_put(rig->anchor.msas, lk_imsi_number(&imsi), &msa, rig->now_ms);
    assert_int_equal(asks(&a), -1); /* of Mobile IPv4 */
    lk_mip_msas_put(rig->anchor.msas, lk_anchor_msa_holder(&imsi, LK_BINDING_MIP6), &msa,
                    rig->now_ms);
    assert_int_equal(asks(&a), LK_BA_ACCEPTED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_device_registers_over_ipv4_and_is_reached),
        TEST(test_a_device_registers_over_ipv6_and_is_reached),
        TEST(test_a_home_address_of_the_devices_choice),
        TEST(test_t10_strangers_move_nothing),
        TEST(test_a32_an_alternate_care_of_address_is_asked_first),
        TEST(test_a32_over_ipv4_as_well),
        TEST(test_t12_a_source_that_is_not_its_own),
        TEST(test_t33_packets_come_from_where_it_is),
        TEST(test_what_finds_no_answer),
        TEST(test_a22_old_updates_and_repeats),
        TEST(test_the_addresses_stay_from_one_protocol_to_another),
        TEST(test_a22_what_is_stored_is_there_again),
        TEST(test_a_b_tid_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
