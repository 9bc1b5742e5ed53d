/* node/anchor as home agent: from a datagram to the row, the same address on every access, and who
 * is sent packets (T10, T11, T13, T14, T33; invariants 8 to 11). */
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

enum { ROWS = 16, MSAS = 256, N = 7, SPI = 4097, PORT = 434 };

static struct anchor_rig *rig;
static void *msas_memory, *unproven_memory;
static struct lk_mip_msa msa;

static int setup(void **state)
{
    rig = anchor_rig_open(ROWS);
    msas_memory = calloc(1, lk_mip_msas_size(MSAS));
    unproven_memory = calloc(1, lk_budgets_size());
    assert_true(msas_memory != NULL && unproven_memory != NULL);
    rig->config.mip.serves = true;
    rig->config.mip.agent = anchor_address("192.0.2.1");
    lk_anchor_serve_mip(&rig->anchor, lk_mip_msas_in(msas_memory, MSAS, 1),
                        lk_budgets_in(unproven_memory, 2));
    msa = (struct lk_mip_msa){ .there = { .spi = SPI, .algorithm = LK_MIP_HMAC_MD5 },
                               .spi_back = SPI, .replay = LK_MIP_TIMESTAMPS,
                               .ends_ms = UINT64_MAX };
    msa.there.secret.len = 16;
    memset(msa.there.secret.octets, 0x5a, 16);
    lk_mip_msas_put(rig->anchor.msas, UINT64_C(1) + 0, &msa, 0); /* another's */
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
    const char *care_of;
    const char *from; /* the datagram; NULL: there */
    uint16_t lifetime_s, port;
    uint64_t at_ms;  /* 0: now */
    bool flip;       /* one bit of the authenticator */
    const struct lk_mip_msa *signs; /* NULL: the one of all */
    const struct lk_mip_msa *agent; /* a foreign agent's, from care_of; NULL: there is none */
    bool knows;      /* its address */
    const char *b_tid;
};

/* The code of the reply; -1: none. */
static int asks(const struct asks *a)
{
    static uint8_t octets[512];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_imsi imsi = imsi_of(a->n);
    const struct lk_mip_request request = {
        .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = a->lifetime_s,
        .agent = anchor_address("192.0.2.1"), .care_of = anchor_address(a->care_of),
        .home = a->knows ? anchor_home(rig, a->n) : (struct lk_address){ { 0 } },
        .identification = lk_ntp_of(a->at_ms == 0 ? rig->now_ms : a->at_ms, 0),
    };
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .now_ms = rig->now_ms,
                                     .from = anchor_address(a->from == NULL ? a->care_of
                                                                            : a->from),
                                     .port = a->port == 0 ? PORT : a->port };
    const struct lk_mip_msa *by = a->signs == NULL ? &msa : a->signs;
    char nai[64];
    struct lk_mip_extensions has;
    const struct lk_anchor_output *sent;
    struct lk_mip_reply reply;

    memset(&has, 0, sizeof has);
    (void)snprintf(nai, sizeof nai, "0%s@realm", imsi.digits);
    has.nai = lk_span_text(nai);
    has.udp_request.encapsulation = LK_MIP_IN_IP;
    lk_mip_request_put(&w, &request);
    lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &has);
    if (a->b_tid != NULL) {
        has.vendor_count = 1;
        has.vendor[0] = (struct lk_mip_vendor){ .id = rig->config.enterprise,
                                                .type = LK_MIP_VENDOR_B_TID,
                                                .value = lk_span_text(a->b_tid) };
        lk_mip_extension_put(&w, LK_MIP_VENDOR, &has);
    }
    lk_mip_msa_sign(&w, by, by->there.spi, LK_MIP_MN_HA_AUTH);
    if (a->agent != NULL)
        lk_mip_msa_sign(&w, a->agent, a->agent->there.spi, LK_MIP_FA_HA_AUTH);
    assert_int_equal(w.status, LK_OK);
    if (a->flip)
        octets[w.len - 1] ^= 1;
    event.octets = lk_span_of(octets, w.len);
    lk_anchor_step(&rig->anchor, &event, &rig->out);
    sent = anchor_find(rig, LK_ANCHOR_OUT_SEND);
    if (sent == NULL)
        return -1;
    assert_true(lk_address_equal(&sent->to.address, &event.from));
    assert_int_equal(sent->to.port, event.port);
    assert_int_equal(lk_mip_reply_decode(&reply, sent->octets), LK_OK);
    return reply.code;
}

static const struct asks there = { .n = N, .care_of = "198.51.100.23", .lifetime_s = 600 };

static void packet_in_tunnel(const char *from, uint16_t port, struct lk_span packet)
{
    static uint8_t octets[2048];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    const struct lk_mip_tunnel tunnel = { .encapsulation = LK_MIP_IN_IP, .packet = packet };
    const struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .now_ms = rig->now_ms,
                                           .from = anchor_address(from), .port = port,
                                           .octets = lk_span_of(octets, 4 + packet.len) };

    lk_mip_tunnel_put(&w, &tunnel);
    assert_int_equal(w.status, LK_OK);
    lk_anchor_step(&rig->anchor, &event, &rig->out);
}

static size_t ping(uint8_t *octets, size_t cap, const struct lk_address *from, const char *to)
{
    struct lk_writer w = lk_writer_of(octets, cap);
    const struct lk_address destination = anchor_address(to);

    assert_int_equal(lk_ip_ping(&w, from, &destination, 5, 6, lk_span_text("hello")), LK_OK);
    return w.len;
}

/* A packet from the network to the device: whether it leaves towards a place, or to which. */
static const struct lk_anchor_output *from_network(void)
{
    static uint8_t octets[128];
    const struct lk_address home = anchor_home(rig, N), outside = anchor_address("203.0.113.200");
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_NETWORK, .now_ms = rig->now_ms };

    assert_int_equal(lk_ip_ping(&w, &outside, &home, 1, 1, lk_span_text("x")), LK_OK);
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
    assert_int_equal(lk_ip_echo(&w, &packet), LK_OK);
    packet_in_tunnel(from, port, lk_writer_span(&w));
}

static void answer_probe_if_asked(const char *from)
{
    if (anchor_find(rig, LK_ANCHOR_OUT_TUNNEL) != NULL)
        answer_probe(from, PORT);
}

/* T13: a foreign agent that proves itself is where its packets come from, and has asked its
 * visitors: theirs pass at once. An address of nobody's is asked as any other. */
static void test_t13_a_foreign_agent_is_where_it_is(void **state)
{
    struct lk_mip_msa agents = msa;
    struct asks through = there;

    agents.there.spi = agents.spi_back = 4097;
    rig->config.mip.fa_count = 1;
    memcpy(rig->config.mip.fa[0].name, "fa-1", 5);
    rig->config.mip.fa[0].msa = agents;
    rig->config.mip.fa[0].address_count = 1;
    rig->config.mip.fa[0].address[0] = anchor_address("198.51.100.23");
    associate(N);
    through.agent = &agents;
    assert_int_equal(asks(&through), LK_MIP_CODE_ACCEPTED);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_TUNNEL)); /* no probe */
    for (int i = 0; i < 10; i++)
        assert_non_null(from_network());
    assert_int_equal(rig->anchor.counters.probes + rig->anchor.counters.unreached, 0);
    rig->now_ms += 1000;
    through.care_of = "198.51.100.24"; /* the control */
    through.agent = NULL;
    assert_int_equal(asks(&through), LK_MIP_CODE_ACCEPTED);
    assert_int_equal(rig->anchor.counters.probes, 1);
}

/* spec: RFC 2794 4 - by the NAI.
 * spec: RFC 3519 4.10 - the echo request in the tunnel. */
static void test_a_device_registers_and_is_reached(void **state)
{
    uint8_t octets[128];
    struct lk_address home;
    struct lk_binding *b;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    b = anchor_binding(rig, N);
    assert_non_null(b);
    assert_false(b->reached);
    answer_probe("198.51.100.23", PORT);
    assert_true(b->reached);
    for (unsigned i = 0; i < 10; i++) {
        const struct lk_anchor_output *out = from_network();

        assert_non_null(out);
        assert_int_equal(out->mag, 0);
        assert_int_equal(out->to.port, PORT);
    }
    home = anchor_home(rig, N);
    packet_in_tunnel("198.51.100.23", PORT,
                     lk_span_of(octets, ping(octets, sizeof octets, &home, "203.0.113.200")));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_NETWORK));
    assert_int_equal(rig->anchor.counters.up_packets, 1);
}

/* T10: the digest of the table says that nothing moved, and packets go on to the device. */
static void test_t10_strangers_move_nothing(void **state)
{
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    struct lk_mip_msa other = msa;
    struct asks a = there;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe("198.51.100.23", PORT);
    lk_anchor_digest(before, &rig->anchor);
    other.there.secret.octets[3] ^= 1;
    a.care_of = "203.0.113.66";
    a.n = N + 1; /* who has no association */
    assert_int_equal(asks(&a), -1);
    a.n = N;
    a.flip = true;
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_MN_AUTH);
    a.flip = false;
    a.signs = &other;
    a.care_of = "203.0.113.67";
    a.lifetime_s = 0; /* T11 */
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_MN_AUTH);
    /* At most once per rate window: what a place gets that has proven nothing. */
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(asks(&a), -1);
    lk_anchor_digest(after, &rig->anchor);
    assert_memory_equal(before, after, sizeof before);
    assert_true(lk_address_equal(&from_network()->to.address,
                                 &(struct lk_address[]){ anchor_address("198.51.100.23") }[0]));
}

/* What is said to strangers in the next seconds who ask from everywhere, and what the device hears
 * that asks now and then. */
static unsigned flooded(struct asks a, unsigned count, unsigned seconds, struct asks *device)
{
    unsigned answers = 0;

    for (unsigned i = 0; i < count; i++) {
        char from[LK_ADDRESS_TEXT];

        (void)snprintf(from, sizeof from, "203.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
        a.care_of = a.flip ? from : a.care_of;
        a.from = from;
        answers += asks(&a) >= 0;
        if (device == NULL || i % (count / seconds) != 0)
            continue;
        rig->now_ms += 1000;
        assert_int_equal(asks(device), LK_MIP_CODE_ACCEPTED);
        answer_probe_if_asked(device->care_of);
    }
    return answers;
}

/* T10, A22: from random places, and so from nobody's budget, what a stranger made or recorded
 * finds few answers. The control: the device itself renews among them, and is answered. */
static void test_t10_a22_strangers_from_everywhere_hear_little(void **state)
{
    uint8_t before[LK_BINDING_DIGEST_LEN], after[LK_BINDING_DIGEST_LEN];
    struct asks device = there, made = there, recorded = there;
    unsigned answers;

    associate(N);
    device.knows = true;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe(there.care_of, PORT);
    recorded.at_ms = rig->now_ms;
    made.flip = true;
    answers = flooded(made, 50000, 10, &device);
    assert_in_range(answers, 1, 4 + 10 / 5 + 1);
    answers = flooded(recorded, 50000, 10, &device);
    assert_in_range(answers, 1, 8 + 10 + 1);
    /* Its own clock's trouble the device hears of, for strangers are elsewhere. */
    device.at_ms = rig->now_ms - 3600000;
    assert_int_equal(asks(&device), LK_MIP_CODE_HA_IDENTIFICATION);
    /* Nor is the last one again answered everywhere, though it was a good one. */
    rig->now_ms += 60000;
    device.at_ms = 0;
    assert_int_equal(asks(&device), LK_MIP_CODE_ACCEPTED);
    recorded = device;
    answers = flooded(recorded, 1000, 1, NULL);
    assert_in_range(answers, 1, 8);
    assert_int_equal(asks(&device), LK_MIP_CODE_ACCEPTED);
    /* T10: and at its own address, which anybody can write, it is not flooded either. */
    made.from = made.care_of = there.care_of;
    lk_anchor_digest(before, &rig->anchor);
    for (unsigned i = answers = 0; i < 1000; i++)
        answers += asks(&made) >= 0;
    lk_anchor_digest(after, &rig->anchor);
    assert_in_range(answers, 1, 4);
    assert_memory_equal(before, after, sizeof before);
    assert_non_null(from_network());
}

/* T10: nor do they if they ask in the name of many. */
static void test_t10_all_names_together_hear_little(void **state)
{
    struct asks a = there;
    unsigned answers = 0;

    for (unsigned n = N; n <= N + 200; n++)
        associate(n);
    a.flip = true;
    for (unsigned i = 0; i < 20; i++)
        for (a.n = N; a.n < N + 200; a.n++) {
            char from[LK_ADDRESS_TEXT];

            (void)snprintf(from, sizeof from, "203.0.%u.%u", i, a.n);
            a.care_of = from;
            answers += asks(&a) >= 0;
        }
    assert_int_equal(answers, 64);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED); /* the control */
    rig->now_ms += 1000;
    a.n = N + 200;
    a.care_of = "203.1.0.1";
    assert_int_equal(asks(&a), LK_MIP_CODE_HA_MN_AUTH);
}

/* T13: a valid device names a victim. Three packets, and nothing more however often it tries. */
static void test_t13_a_victim_gets_three_packets(void **state)
{
    struct asks a = there;
    unsigned got = 0;

    associate(N);
    a.care_of = "203.0.113.66";
    for (unsigned i = 0; i < 20; i++) {
        rig->now_ms += 10;
        (void)asks(&a);
        for (size_t j = 0; j < rig->out.count; j++)
            got += rig->out.item[j].to.port != 0;
        for (unsigned j = 0; j < 5; j++)
            got += from_network() != NULL;
    }
    assert_true(got > 0);
    assert_true(got <= 3);
    assert_false(anchor_binding(rig, N)->reached);
    assert_true(rig->anchor.counters.unreached > 0);
    /* A guess of the token is no proof. */
    {
        uint8_t octets[128], reply[128];
        const struct lk_address home = anchor_home(rig, N);
        struct lk_writer w = lk_writer_of(reply, sizeof reply);
        struct lk_ip_packet packet;
        size_t len = ping(octets, sizeof octets, &home, "10.45.0.1");

        assert_int_equal(lk_ip_read(&packet, lk_span_of(octets, len)), LK_OK);
        assert_int_equal(lk_ip_echo(&w, &packet), LK_OK);
        packet_in_tunnel("203.0.113.66", PORT, lk_writer_span(&w));
        assert_false(anchor_binding(rig, N)->reached);
    }
    /* The control: where the device really is. */
    rig->now_ms += 1000;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    answer_probe("198.51.100.23", PORT);
    for (unsigned i = 0; i < 10; i++)
        assert_non_null(from_network());
}

/* T13: who is there, and renews before it was proven, is proven in the end: the question goes
 * before the reply where there is but one packet left. */
static void test_t13_replies_do_not_starve_the_proof(void **state)
{
    struct asks a = there;

    associate(N);
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    a.knows = true;
    rig->now_ms += 1000;
    assert_int_equal(asks(&a), -1); /* the last of three */
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_TUNNEL));
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_STORE));
    answer_probe("198.51.100.23", PORT);
    assert_true(anchor_binding(rig, N)->reached);
    for (unsigned i = 0; i < 10; i++) {
        rig->now_ms += 1000;
        assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    }
}

static struct lk_mip_msa agent_msa;

static void add_agent(const char *address)
{
    struct lk_anchor_fa *fa = &rig->config.mip.fa[rig->config.mip.fa_count++];

    agent_msa = msa;
    agent_msa.there.spi = agent_msa.spi_back = SPI + 1;
    agent_msa.there.secret.octets[0] ^= 1;
    memcpy(fa->name, "fa1", sizeof "fa1");
    fa->msa = agent_msa;
    fa->address_count = 1;
    fa->address[0] = anchor_address(address);
    rig->config.mip.ha.udp_mandatory = false;
}

/* S4 7.3.5: from one address few are asked for, but not of those whom a foreign agent has there. */
static void test_many_bootstrap_behind_a_foreign_agent(void **state)
{
    struct asks a = there;

    rig->config.mip.asks = true;
    a.b_tid = "b-tid@bsf.example";
    a.care_of = "192.0.2.77";
    for (a.n = N; a.n < N + 70; a.n++) {
        (void)asks(&a);
        assert_true((anchor_find(rig, LK_ANCHOR_OUT_ASK) != NULL) == (a.n < N + 64));
    }
    add_agent(a.care_of);
    for (a.agent = &agent_msa, a.n = N; a.n < N + 10; a.n++) {
        (void)asks(&a);
        assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_ASK));
    }
}

/* T33: a packet of the device from elsewhere than where it registered is nobody's. */
static void test_t33_packets_come_from_where_it_is(void **state)
{
    uint8_t octets[128];
    struct lk_address home;
    size_t len;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    home = anchor_home(rig, N);
    len = ping(octets, sizeof octets, &home, "203.0.113.200");
    packet_in_tunnel("203.0.113.66", PORT, lk_span_of(octets, len));
    assert_int_equal(rig->out.count, 0);
    packet_in_tunnel("198.51.100.23", PORT + 1, lk_span_of(octets, len));
    assert_int_equal(rig->out.count, 0);
    assert_int_equal(rig->anchor.counters.up_foreign, 2);
}

/* One anchor, one address: from a gateway to Mobile IP and back, and what is late moves nothing
 * (invariants 8, 9, 10). T14: each stay is an epoch with a mark. */
static void test_the_address_stays_from_one_protocol_to_another(void **state)
{
    const struct anchor_ask wlan = { .n = N, .mag = 1, .lifetime = 900 };
    struct lk_address at_wlan, at_mip;
    uint64_t attached_ms = rig->now_ms, epoch;
    struct anchor_ask old = wlan;

    associate(N);
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    at_wlan = anchor_home(rig, N);
    epoch = lk_binding_stands(anchor_binding(rig, N)).epoch;
    rig->now_ms += 5000;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    at_mip = anchor_home(rig, N);
    assert_true(lk_address_equal(&at_wlan, &at_mip));
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_MIP);
    assert_true(lk_binding_stands(anchor_binding(rig, N)).epoch > epoch);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_MARK));
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.mag, "mag-1");
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record.mag,
                        "198.51.100.23");

    /* The gateway's session of before is older than where the device is. */
    rig->now_ms += 1000;
    old.attach_ms = attached_ms;
    assert_int_equal(anchor_ask(rig, &old), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_MIP);

    rig->now_ms += 1000; /* a new attachment */
    assert_int_equal(anchor_ask(rig, &wlan), LK_BA_ACCEPTED);
    at_wlan = anchor_home(rig, N);
    assert_true(lk_address_equal(&at_wlan, &at_mip));
    assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    assert_string_equal(anchor_find(rig, LK_ANCHOR_OUT_MARK)->mark.mag, "198.51.100.23");

    { /* And a registration of Mobile IP from before it. */
        struct asks late = there;

        late.at_ms = rig->now_ms - 500;
        assert_int_equal(asks(&late), LK_MIP_CODE_HA_IDENTIFICATION);
        assert_int_equal(anchor_binding(rig, N)->protocol, LK_BINDING_PMIP);
    }
}

/* After a restart it is as it was, and a repeat brings nothing back. */
static void test_a22_a_restart_forgets_nothing(void **state)
{
    struct lk_binding_record record;
    struct asks late = there;

    associate(N);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
    late.at_ms = rig->now_ms - 1;
    record = anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record;
    anchor_rig_restart(rig, ROWS);
    memset(unproven_memory, 0, lk_budgets_size());
    lk_anchor_serve_mip(&rig->anchor, lk_mip_msas_in(msas_memory, MSAS, 1),
                        lk_budgets_in(unproven_memory, 2));
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_OK);
    assert_int_equal(asks(&late), LK_MIP_CODE_HA_IDENTIFICATION);
    assert_true(lk_binding_stands(anchor_binding(rig, N)).passes);
    rig->now_ms += 10;
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED);
}

static const struct lk_mip_msa *has(uint32_t spi)
{
    const struct lk_imsi imsi = imsi_of(N);

    return lk_mip_msas_find(rig->anchor.msas, lk_imsi_number(&imsi), spi, rig->now_ms);
}

/* T26: two associations live side by side until the new one has been used. */
static void test_t26_old_and_new_key(void **state)
{
    const struct lk_imsi imsi = imsi_of(N);
    struct lk_mip_msa newer;
    struct asks a = there;

    msa.ends_ms = rig->now_ms + 3600000; /* of a USIM */
    newer = msa;
    associate(N);
    newer.there.spi = SPI + 1;
    newer.there.secret.octets[0] ^= 1;
    lk_mip_msas_put(rig->anchor.msas, lk_imsi_number(&imsi), &newer, rig->now_ms);
    assert_int_equal(asks(&there), LK_MIP_CODE_ACCEPTED); /* it has not heard of the new one */
    assert_true(has(SPI) != NULL && has(SPI + 1) != NULL);
    a.signs = &newer;
    rig->now_ms += 10;
    assert_int_equal(asks(&a), LK_MIP_CODE_ACCEPTED);
    assert_true(has(SPI) == NULL && has(SPI + 1) != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_t13_a_foreign_agent_is_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_device_registers_and_is_reached, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t10_strangers_move_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t10_a22_strangers_from_everywhere_hear_little, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t10_all_names_together_hear_little, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t13_a_victim_gets_three_packets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t13_replies_do_not_starve_the_proof, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_bootstrap_behind_a_foreign_agent, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_t33_packets_come_from_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_address_stays_from_one_protocol_to_another,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a22_a_restart_forgets_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_t26_old_and_new_key, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
