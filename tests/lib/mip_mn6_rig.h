/* A mobile node of MIPv6 under test, and the home agent that answers it: for
 * tests/unit/mip_mn6_*_test. */
#ifndef LK_TEST_MIP_MN6_RIG_H
#define LK_TEST_MIP_MN6_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "proto/mip/mn6.h"
#include "proto/mip/msa6.h"

static const uint64_t NOW = UINT64_C(1767225600500);

static struct lk_mip_mn6_config config;
static struct lk_mip_mn6 mn;
static struct lk_mip_mn6_outbox out;
static struct lk_mip_msa old, fresh, aaa;
static uint64_t now_ms, entropy;
/* The last that was sent. */
static uint8_t sent[LK_MIP_MN6_OCTETS];
static struct lk_address sent_to;
static struct lk_mip6_packet packet;
static struct lk_mobility_message asked;

static inline struct lk_address at(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static inline bool is(const struct lk_address *address, const char *text)
{
    struct lk_address wanted = at(text);

    return lk_address_equal(address, &wanted);
}

static inline struct lk_mip_msa msa(uint32_t spi, uint8_t first)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA1,
                                       .secret = { .len = 16 } },
                            .spi_back = spi + 1, .replay = LK_MIP_TIMESTAMPS,
                            .ends_ms = NOW + 86400000 };

    for (uint8_t i = 0; i < 16; i++)
        m.there.secret.octets[i] = (uint8_t)(first + i);
    return m;
}

static inline int setup(void **state)
{
    lk_mip_mn6_defaults(&config);
    config.nai = lk_span_text("0001010123456789@realm");
    lk_mip_mn6_init(&mn);
    old = msa(256, 0x10);
    fresh = msa(400, 0x50);
    aaa = msa(LK_MIP6_SPI_AAA, 0x40);
    now_ms = NOW;
    entropy = UINT64_C(0x123456789abcdef);
    return 0;
}

/* ---- events ---- */

static inline enum lk_status give(struct lk_mip_mn6_event event)
{
    const struct lk_mip_mn6_output *item;
    enum lk_status status;

    entropy = entropy * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    event.now_ms = now_ms;
    event.entropy = entropy;
    status = lk_mip_mn6_step(&mn, &config, &event, &out);
    item = lk_mip_mn6_find(&out, LK_MIP_MN6_OUT_SEND);
    if (status != LK_OK)
        assert_int_equal(out.count, 0);
    if (item == NULL)
        return status;
    memcpy(sent, item->send.octets.at, item->send.octets.len);
    sent_to = item->send.to;
    assert_int_equal(lk_mip6_read(&packet, lk_span_of(sent, item->send.octets.len)), LK_OK);
    assert_int_equal(lk_mobility_decode(&asked, packet.message), LK_OK);
    assert_int_equal(asked.type, LK_MOBILITY_BU);
    return status;
}

static inline enum lk_status keys(const struct lk_mip_msa *m, bool is_aaa)
{
    return give((struct lk_mip_mn6_event){
        .kind = LK_MIP_MN6_EV_KEYS,
        .keys = { .aaa = is_aaa, .msa = *m,
                  .b_tid = lk_span_text(is_aaa ? "b-tid@bsf" : "") } });
}

static inline struct lk_mip_mn6_place here(const char *care_of)
{
    return (struct lk_mip_mn6_place){ .care_of = at(care_of) };
}

static inline enum lk_status start(struct lk_mip_mn6_place place, const char *home)
{
    return give((struct lk_mip_mn6_event){
        .kind = LK_MIP_MN6_EV_START,
        .start = { .place = place, .agent = { at("2001:db8:1::1"), at("192.0.2.1") },
                   .home = at(home) } });
}

static inline enum lk_status plain(enum lk_mip_mn6_event_kind kind)
{
    return give((struct lk_mip_mn6_event){ .kind = kind, .move = here("2001:db8:99::24") });
}

static inline enum lk_status expired(uint64_t later_ms)
{
    now_ms += later_ms;
    return plain(LK_MIP_MN6_EV_EXPIRED);
}

/* ---- a home agent's answers ---- */

struct answer {
    uint8_t status;
    uint16_t lifetime;   /* 0: as asked */
    uint16_t refresh;    /* 0: no advice */
    int sequence;        /* -1: another one; 0: as asked; else this one */
    uint64_t mesg_id;    /* 0: as asked */
    const struct lk_mip_msa *by; /* NULL: nothing proves it */
    uint32_t spi;        /* of the proof; 0: spi_back */
    const char *home;    /* NULL: as asked, or 2001:db8:45::1 */
    const char *care_of; /* that the proof is made for; NULL: as asked */
    const char *from;    /* NULL: who was asked */
    const char *ipv4;    /* the IPv4 home address; NULL: not a word of it */
    uint8_t ipv4_status;
    bool nat;
    uint32_t nat_refresh_s;
    bool no_mesg_id, no_lifetime, plain; /* plain: without a routing header */
    uint8_t type;        /* 0: an acknowledgement */
};

static uint8_t datagram[512];

static inline struct lk_mobility_message ack_of(const struct answer *a)
{
    struct lk_mobility_message m = {
        .type = a->type != 0 ? a->type : LK_MOBILITY_BA, .status = a->status,
        .sequence = a->sequence == -1 ? asked.sequence ^ 1
                    : a->sequence != 0 ? (uint16_t)a->sequence
                                       : asked.sequence,
        .lifetime = a->no_lifetime     ? 0
                    : a->lifetime != 0 ? a->lifetime
                                       : asked.lifetime };
    struct lk_mobility_options *o = &m.options;

    o->mesg_id = a->mesg_id != 0 ? a->mesg_id : asked.options.mesg_id;
    if (!a->no_mesg_id)
        lk_mobility_mark(o, LK_MO_MESG_ID);
    o->refresh = a->refresh;
    if (a->refresh != 0)
        lk_mobility_mark(o, LK_MO_REFRESH);
    o->nat.udp = true;
    o->nat.refresh_s = a->nat_refresh_s;
    if (a->nat)
        lk_mobility_mark(o, LK_MO_NAT);
    if (a->ipv4 != NULL) {
        struct lk_address ipv4 = at(a->ipv4);

        o->ipv4_home_ack.status = a->ipv4_status;
        o->ipv4_home_ack.bits = 32;
        memcpy(o->ipv4_home_ack.address.octets, ipv4.octets + 12, 4);
        lk_mobility_mark(o, LK_MO_IPV4_HOME_ACK);
    }
    return m;
}

static inline struct lk_span packed(const struct answer *a, const struct lk_address *home,
                                    struct lk_span message)
{
    struct lk_writer w = lk_writer_of(datagram, sizeof datagram);
    struct lk_mip6_packet p = { .source = at(a->from != NULL ? a->from : "2001:db8:1::1"),
                                .destination = *home, .message = message };

    if (packet.way == LK_MIP6_HOME_OPTION && !a->plain) {
        p.destination = packet.source;
        p.way = LK_MIP6_HOME_ROUTE;
        p.home = *home;
    }
    assert_int_equal(lk_mip6_write(&w, &p), LK_OK);
    return lk_writer_span(&w);
}

static inline struct lk_span ack(struct answer a)
{
    uint8_t octets[256];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_mobility_message m = ack_of(&a);
    struct lk_address care_of = mn.place.care_of;
    struct lk_address home = packet.way == LK_MIP6_HOME_OPTION ? packet.home : packet.source;

    if (a.care_of != NULL)
        care_of = at(a.care_of);
    if (a.home != NULL || lk_address_is_any(&home))
        home = at(a.home != NULL ? a.home : "2001:db8:45::1");
    if (a.by == NULL)
        assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    else
        assert_int_equal(lk_mip6_msa_sign(&w, &m, a.by, a.spi != 0 ? a.spi : a.by->spi_back,
                                          &care_of, &home), LK_OK);
    return packed(&a, &home, lk_writer_span(&w));
}

static inline enum lk_status receive(struct lk_span octets)
{
    return give((struct lk_mip_mn6_event){ .kind = LK_MIP_MN6_EV_RECEIVED, .received = octets });
}

static inline void answer(struct answer a)
{
    assert_int_equal(receive(ack(a)), LK_OK);
}

static inline bool said(enum lk_mip_mn6_output_kind kind)
{
    return lk_mip_mn6_find(&out, kind) != NULL;
}

static inline enum lk_reason why(enum lk_mip_mn6_output_kind kind)
{
    const struct lk_mip_mn6_output *item = lk_mip_mn6_find(&out, kind);

    return item == NULL ? LK_REASON_NONE : item->why.refusal.reason;
}

static inline void is_dropped(struct answer a, enum lk_reason reason)
{
    const struct lk_mip_mn6 before = mn;

    answer(a);
    assert_int_equal(why(LK_MIP_MN6_OUT_DROPPED), reason);
    assert_int_equal(out.count, 1);
    assert_memory_equal(&before, &mn, sizeof mn);
}

static inline void registering(void)
{
    assert_int_equal(keys(&old, false), LK_OK);
    assert_int_equal(start(here("2001:db8:99::23"), "2001:db8:45::7"), LK_OK);
}

/* Bound with the old key, at 2001:db8:99::23. */
static inline void bound(void)
{
    registering();
    answer((struct answer){ .by = &old, .ipv4 = "10.45.0.7" });
    assert_int_equal(mn.state, LK_MIP_MN6_BOUND);
}

#endif
