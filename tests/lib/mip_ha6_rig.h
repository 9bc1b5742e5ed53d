/* A device of MIPv6 and what it would send, for tests of the home agent's machine. */
#ifndef LK_TEST_MIP_HA6_RIG_H
#define LK_TEST_MIP_HA6_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "proto/mip/ha6.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { PORT = 4191, SPI = 4097, SPI_BACK = 4098 };

static struct lk_mip_ha6_config config;
static struct lk_mip_msa with;
static struct lk_mip_ha6_outbox out;

static inline struct lk_address at(const char *text)
{
    struct lk_address address;

    assert_int_equal(lk_address_parse(&address, text), LK_OK);
    return address;
}

static inline struct lk_mip_msa msa(uint8_t first)
{
    struct lk_mip_msa m = { .there = { .spi = SPI, .algorithm = LK_MIP_HMAC_SHA1 },
                            .spi_back = SPI_BACK, .replay = LK_MIP_TIMESTAMPS,
                            .ends_ms = UINT64_MAX };

    m.there.secret.len = 16;
    for (uint8_t i = 0; i < 16; i++)
        m.there.secret.octets[i] = (uint8_t)(first + i);
    return m;
}

static inline int setup(void **state)
{
    lk_mip_ha6_defaults(&config);
    with = msa(0x80);
    return 0;
}

/* A device, and what it would send. */
struct node {
    struct lk_mobility_message says;
    struct lk_address source, home, from; /* from: in UDP, where its datagram comes from */
    const struct lk_mip_msa *signs;
    uint8_t octets[512];
    size_t len;
    struct lk_mobility_message update;
};

static inline struct node node(uint64_t at_ms)
{
    struct node n = { .says = { .type = LK_MOBILITY_BU,
                                .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME,
                                .sequence = 7, .lifetime = 150 },
                      .source = at("2001:db8:99::23"), .home = at("2001:db8:45::7"),
                      .signs = &with };
    struct lk_mobility_options *o = &n.says.options;

    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = lk_span_text("0001010123456789@realm");
    lk_mobility_mark(o, LK_MO_MN_ID);
    o->mesg_id = lk_ntp_of(at_ms, 0);
    lk_mobility_mark(o, LK_MO_MESG_ID);
    return n;
}

static inline uint64_t digest_of(const uint8_t *octets, size_t len)
{
    uint64_t digest = 1;

    for (size_t i = 0; i < len; i++)
        digest = digest * 31 + octets[i];
    return digest | 1;
}

static inline struct lk_mip_ha6_event received(struct node *n, uint64_t now_ms)
{
    assert_int_equal(lk_mobility_decode(&n->update, lk_span_of(n->octets, n->len)), LK_OK);
    return (struct lk_mip_ha6_event){
        .kind = LK_MIP_HA6_EV_REQUEST, .now_ms = now_ms, .update = &n->update,
        .source = n->source, .home = n->home, .from = n->from,
        .port = lk_address_is_any(&n->from) ? 0 : PORT,
        .digest = digest_of(n->octets, n->len), .prefix = { at("2001:db8:45::"), 64 },
        .ipv4 = { { 10, 45, 0, 7 } }, .agent = at("2001:db8:1::1"), .with = &with,
    };
}

static inline struct lk_mip_ha6_event asks(struct node *n, uint64_t now_ms)
{
    struct lk_writer w = lk_writer_of(n->octets, sizeof n->octets);
    const struct lk_mip_ha6_event as = { .update = &n->says, .source = n->source, .from = n->from };
    const struct lk_address care_of = lk_mip_ha6_care_of(&as);

    if (n->signs == NULL)
        assert_int_equal(lk_mobility_encode(&w, &n->says), LK_OK);
    else
        assert_int_equal(lk_mip6_msa_sign(&w, &n->says, n->signs, SPI, &care_of, &n->home), LK_OK);
    n->len = w.len;
    return received(n, now_ms);
}

static inline struct lk_mobility_message heard(const struct lk_mip_ha6_event *event)
{
    const struct lk_mip_ha6_output *item = lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND);
    struct lk_mobility_message ba;

    assert_non_null(item);
    assert_int_equal(lk_mobility_decode(&ba, item->send.octets), LK_OK);
    assert_int_equal(ba.type, LK_MOBILITY_BA);
    assert_int_equal(ba.sequence, event->update->sequence);
    assert_true(lk_mip6_msa_proves(event->with, SPI_BACK, &ba.options, &item->send.care_of,
                                   &item->send.home, event->now_ms));
    return ba;
}

static inline int changed(void)
{
    const struct lk_mip_ha6_output *item = lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_CHANGED);

    return item == NULL ? 0 : (int)item->changed;
}

static inline enum lk_reason refused(void)
{
    const struct lk_mip_ha6_output *item = lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_REFUSED);

    return item == NULL ? LK_REASON_NONE : item->refused.refusal.reason;
}

static inline struct lk_mobility_message step(struct lk_mip_ha6 *ha,
                                              const struct lk_mip_ha6_event *event)
{
    assert_int_equal(lk_mip_ha6_step(ha, &config, event, &out), LK_OK);
    return heard(event);
}

static inline void silent(struct lk_mip_ha6 *ha, const struct lk_mip_ha6_event *event,
                   enum lk_reason reason)
{
    assert_int_equal(lk_mip_ha6_step(ha, &config, event, &out), LK_OK);
    assert_null(lk_mip_ha6_find(&out, LK_MIP_HA6_OUT_SEND));
    assert_int_equal(refused(), reason);
}

/* Bound at 2001:db8:99::23 since NOW. */
static inline struct lk_mip_ha6 bound(void)
{
    struct lk_mip_ha6 ha;
    struct node n = node(NOW);
    struct lk_mip_ha6_event event = asks(&n, NOW);

    lk_mip_ha6_init(&ha);
    assert_int_equal(step(&ha, &event).status, LK_BA_ACCEPTED);
    return ha;
}

static inline void nothing_changed(const struct lk_mip_ha6 *before, const struct lk_mip_ha6 *ha)
{
    assert_memory_equal(before, ha, sizeof *ha);
    assert_int_equal(changed(), 0);
}

#endif
