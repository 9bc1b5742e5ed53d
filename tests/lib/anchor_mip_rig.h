/* Devices of Mobile IPv4 at an anchor (anchor_rig.h), and the network behind it. */
#ifndef LK_TEST_ANCHOR_MIP_RIG_H
#define LK_TEST_ANCHOR_MIP_RIG_H

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

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
    anchor_rig_close(rig);
    free(msas_memory);
    free(unproven_memory);
    return 0;
}

static inline struct lk_imsi imsi_of(unsigned n)
{
    struct lk_imsi imsi = { .digits = "" };

    (void)snprintf(imsi.digits, sizeof imsi.digits, "00101%010u", n);
    return imsi;
}

static inline void associate(unsigned n)
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
    const struct lk_mip_msa *key; /* that the BSF has for it, given again; NULL: nobody was asked */
};

/* The code of the reply; -1: none. */
static inline int asks(const struct asks *a)
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
                                     .port = a->port == 0 ? PORT : a->port, .key = a->key };
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

static inline void packet_in_tunnel(const char *from, uint16_t port, struct lk_span packet)
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

static inline size_t ping(uint8_t *octets, size_t cap, const struct lk_address *from,
                          const char *to)
{
    struct lk_writer w = lk_writer_of(octets, cap);
    const struct lk_address destination = anchor_address(to);

    assert_int_equal(lk_ip_ping(&w, from, &destination, 5, 6, lk_span_text("hello")), LK_OK);
    return w.len;
}

/* A packet from the network to the device: whether it leaves towards a place, or to which. */
static inline const struct lk_anchor_output *from_network(void)
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
static inline void answer_probe(const char *from, uint16_t port)
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

static inline void answer_probe_if_asked(const char *from)
{
    if (anchor_find(rig, LK_ANCHOR_OUT_TUNNEL) != NULL)
        answer_probe(from, PORT);
}

#endif
