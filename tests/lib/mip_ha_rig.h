/* A device of Mobile IPv4 and what it would send, for tests of the home agent's machine. */
#ifndef LK_TEST_MIP_HA_RIG_H
#define LK_TEST_MIP_HA_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "proto/mip/ha.h"

static const uint64_t NOW = UINT64_C(1767225600500);
enum { PORT = 434, SPI = 256, SPI_BACK = 300, FA = 3 };

static struct lk_mip_ha_config config;
static struct lk_mip_msa with, agents, fresh;
static struct lk_mip_grant granted;
static struct lk_mip_ha_outbox out;

static inline struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

static inline struct lk_mip_msa msa(uint32_t spi, uint32_t back, uint8_t first)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_MD5 },
                            .spi_back = back, .replay = LK_MIP_TIMESTAMPS,
                            .ends_ms = UINT64_MAX };

    m.there.secret.len = 16;
    for (uint8_t i = 0; i < 16; i++)
        m.there.secret.octets[i] = (uint8_t)(first + i);
    return m;
}

static inline int setup(void **state)
{
    lk_mip_ha_defaults(&config);
    with = msa(SPI, SPI_BACK, 0x10);
    agents = msa(8193, 8193, 0x30);
    fresh = msa(SPI, SPI_BACK, 0x50);
    memset(&granted, 0, sizeof granted);
    return 0;
}

/* A device, and what it would send. */
struct node {
    uint8_t flags;
    uint16_t lifetime_s;
    struct lk_address home, agent, care_of;
    uint64_t identification;
    bool udp, nai, asks_key;
    bool agent_udp, behind; /* a tunnel in UDP for the agent: before its proof, or not */
    const struct lk_mip_msa *signs, *agent_signs;
    uint8_t octets[512];
    size_t len;
    struct lk_mip_request request;
};

static inline struct node node(uint64_t at_ms)
{
    return (struct node){ .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = 600,
                          .home = ipv4(10, 45, 0, 7), .agent = ipv4(192, 0, 2, 1),
                          .care_of = ipv4(198, 51, 100, 23),
                          .identification = lk_ntp_of(at_ms, 0), .udp = true, .signs = &with };
}

static inline uint64_t digest_of(const uint8_t *octets, size_t len)
{
    uint64_t digest = 1;

    for (size_t i = 0; i < len; i++)
        digest = digest * 31 + octets[i];
    return digest | 1;
}

static inline struct lk_mip_ha_event asks(struct node *n, uint64_t now_ms)
{
    struct lk_writer w = lk_writer_of(n->octets, sizeof n->octets);
    const struct lk_mip_request request = { .flags = n->flags, .lifetime_s = n->lifetime_s,
                                            .home = n->home, .agent = n->agent,
                                            .care_of = n->care_of,
                                            .identification = n->identification };
    struct lk_mip_extensions has;

    memset(&has, 0, sizeof has);
    has.nai = lk_span_text("0001010123456789@realm");
    has.udp_request.encapsulation = LK_MIP_IN_IP;
    has.mn_ha_spi = SPI_BACK;
    lk_mip_request_put(&w, &request);
    if (n->nai)
        lk_mip_extension_put(&w, LK_MIP_NAI, &has);
    if (n->udp)
        lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &has);
    if (n->asks_key)
        lk_mip_extension_put(&w, LK_MIP_MN_HA_KEY_REQUEST, &has);
    if (n->signs != NULL)
        lk_mip_msa_sign(&w, n->signs, n->signs->there.spi, LK_MIP_MN_HA_AUTH);
    if (n->agent_udp)
        lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &has);
    if (n->agent_signs != NULL)
        lk_mip_msa_sign(&w, n->agent_signs, n->agent_signs->there.spi, LK_MIP_FA_HA_AUTH);
    if (n->behind)
        lk_mip_extension_put(&w, LK_MIP_UDP_REQUEST, &has);
    assert_int_equal(w.status, LK_OK);
    n->len = w.len;
    assert_int_equal(lk_mip_request_decode(&n->request, lk_span_of(n->octets, n->len)), LK_OK);
    return (struct lk_mip_ha_event){ .kind = LK_MIP_HA_EV_REQUEST, .now_ms = now_ms,
                                     .request = &n->request, .from = n->care_of, .port = PORT,
                                     .digest = digest_of(n->octets, n->len),
                                     .home = ipv4(10, 45, 0, 7), .agent = ipv4(192, 0, 2, 1),
                                     .with = &with };
}

static inline struct lk_mip_reply heard(const struct lk_mip_msa *by, uint64_t now_ms)
{
    const struct lk_mip_ha_output *item = lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND);
    struct lk_mip_reply reply;

    assert_non_null(item);
    assert_int_equal(lk_mip_reply_decode(&reply, item->send), LK_OK);
    assert_true(lk_mip_msa_proves(by, by->spi_back, &reply.extensions, LK_MIP_MN_HA_AUTH, now_ms));
    return reply;
}

static inline int changed(void)
{
    const struct lk_mip_ha_output *item = lk_mip_ha_find(&out, LK_MIP_HA_OUT_CHANGED);

    return item == NULL ? 0 : (int)item->changed;
}

static inline enum lk_reason refused(void)
{
    const struct lk_mip_ha_output *item = lk_mip_ha_find(&out, LK_MIP_HA_OUT_REFUSED);

    return item == NULL ? LK_REASON_NONE : item->refused.refusal.reason;
}

static inline struct lk_mip_reply step(struct lk_mip_ha *ha, const struct lk_mip_ha_event *event)
{
    assert_int_equal(lk_mip_ha_step(ha, &config, event, &out), LK_OK);
    return heard(event->with, event->now_ms);
}

/* Bound at 198.51.100.23 since NOW. */
static inline struct lk_mip_ha bound(void)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    lk_mip_ha_init(&ha);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    return ha;
}

static inline void nothing_changed(const struct lk_mip_ha *before, const struct lk_mip_ha *ha)
{
    assert_memory_equal(before, ha, sizeof *ha);
    assert_int_equal(changed(), 0);
}

#endif
