/* An anchor as home agent of MIPv6, and a device that asks it: for tests of node/anchor. */
#ifndef LK_TEST_ANCHOR_MIP6_RIG_H
#define LK_TEST_ANCHOR_MIP6_RIG_H

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

static inline int setup(void **state)
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
    const char *from; /* of the datagram: over IPv6 the care-of address, too */
    const char *alternate, *home, *agent;
    uint16_t lifetime, port, flags;
    uint64_t at_ms;   /* 0: now */
    size_t flip;      /* one bit of the octet that is so far from the end */
    const struct lk_mip_msa *signs; /* NULL: the one of all */
    const char *b_tid;
    const struct lk_mip_msa *key; /* that the BSF has for it, given again; NULL: nobody was asked */
};

static const struct asks over4 = { .n = N, .from = "198.51.100.23", .lifetime = 150 },
                         over6 = { .n = N, .from = "2001:db8:99::23", .lifetime = 150 };

static struct lk_mobility_message ack;
static struct lk_mip6_packet ack_packet;

static inline void options_of(struct lk_mobility_message *m, const struct asks *a, char nai[64])
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
static inline struct lk_span update_of(uint8_t octets[1024], const struct asks *a)
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

static inline void comes_with(const char *from, uint16_t port, struct lk_span octets,
                              const struct lk_mip_msa *key)
{
    const struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP6, .now_ms = rig->now_ms,
                                           .from = anchor_address(from), .port = port,
                                           .octets = octets, .key = key };

    lk_anchor_step(&rig->anchor, &event, &rig->out);
}

static inline void comes(const char *from, uint16_t port, struct lk_span octets)
{
    comes_with(from, port, octets, NULL);
}

/* The status of the acknowledgement, which is proven; -1: none. */
static inline int asks(const struct asks *a)
{
    uint8_t octets[1024];
    const struct lk_address from = anchor_address(a->from);
    const struct lk_address care_of = a->alternate == NULL ? from : anchor_address(a->alternate);
    const struct lk_anchor_output *sent;
    uint16_t port = a->port == 0 ? PORT : a->port;
    const struct lk_mip_msa *by = a->key == NULL ? &msa : a->key;
    const struct lk_address *home;

    comes_with(a->from, port, update_of(octets, a), a->key);
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
    assert_true(lk_mip6_msa_proves(by, by->there.spi, &ack.options, &care_of, home, rig->now_ms));
    return ack.status;
}

/* The home address that the last acknowledgement has. */
static inline struct lk_address own(void)
{
    return ack_packet.way == LK_MIP6_HOME_ROUTE ? ack_packet.home : ack_packet.destination;
}

static inline size_t ping(uint8_t octets[128], const struct lk_address *from, const char *to)
{
    struct lk_writer w = lk_writer_of(octets, 128);
    const struct lk_address destination = anchor_address(to);

    assert_int_equal(lk_ip_ping(&w, from, &destination, 5, 6, lk_span_text("hello")), LK_OK);
    return w.len;
}

/* A packet from the network to the device. */
static inline const struct lk_anchor_output *from_network(const struct lk_address *home)
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
static inline void answer_probe(const char *from, uint16_t port)
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

#endif
