/* proto/mip/ha: what the home agent's machine does with each request in each state. */
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

static struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

static struct lk_mip_msa msa(uint32_t spi, uint32_t back, uint8_t first)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_MD5 },
                            .spi_back = back, .replay = LK_MIP_TIMESTAMPS,
                            .ends_ms = UINT64_MAX };

    m.there.secret.len = 16;
    for (uint8_t i = 0; i < 16; i++)
        m.there.secret.octets[i] = (uint8_t)(first + i);
    return m;
}

static int setup(void **state)
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

static struct node node(uint64_t at_ms)
{
    return (struct node){ .flags = LK_MIP_DECAPSULATES | LK_MIP_REVERSE, .lifetime_s = 600,
                          .home = ipv4(10, 45, 0, 7), .agent = ipv4(192, 0, 2, 1),
                          .care_of = ipv4(198, 51, 100, 23),
                          .identification = lk_ntp_of(at_ms, 0), .udp = true, .signs = &with };
}

static uint64_t digest_of(const uint8_t *octets, size_t len)
{
    uint64_t digest = 1;

    for (size_t i = 0; i < len; i++)
        digest = digest * 31 + octets[i];
    return digest | 1;
}

static struct lk_mip_ha_event asks(struct node *n, uint64_t now_ms)
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

static struct lk_mip_reply heard(const struct lk_mip_msa *by, uint64_t now_ms)
{
    const struct lk_mip_ha_output *item = lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND);
    struct lk_mip_reply reply;

    assert_non_null(item);
    assert_int_equal(lk_mip_reply_decode(&reply, item->send), LK_OK);
    assert_true(lk_mip_msa_proves(by, by->spi_back, &reply.extensions, LK_MIP_MN_HA_AUTH, now_ms));
    return reply;
}

static int changed(void)
{
    const struct lk_mip_ha_output *item = lk_mip_ha_find(&out, LK_MIP_HA_OUT_CHANGED);

    return item == NULL ? 0 : (int)item->changed;
}

static enum lk_reason refused(void)
{
    const struct lk_mip_ha_output *item = lk_mip_ha_find(&out, LK_MIP_HA_OUT_REFUSED);

    return item == NULL ? LK_REASON_NONE : item->refused.refusal.reason;
}

static struct lk_mip_reply step(struct lk_mip_ha *ha, const struct lk_mip_ha_event *event)
{
    assert_int_equal(lk_mip_ha_step(ha, &config, event, &out), LK_OK);
    return heard(event->with, event->now_ms);
}

/* Bound at 198.51.100.23 since NOW. */
static struct lk_mip_ha bound(void)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    lk_mip_ha_init(&ha);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    return ha;
}

static void nothing_changed(const struct lk_mip_ha *before, const struct lk_mip_ha *ha)
{
    assert_memory_equal(before, ha, sizeof *ha);
    assert_int_equal(changed(), 0);
}

/* spec: RFC 5944 3.8.3.1 - a registration is granted. */
static void test_a_registration_is_granted(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);
    struct lk_mip_reply reply;

    lk_mip_ha_init(&ha);
    reply = step(&ha, &event);
    assert_int_equal(reply.code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(reply.lifetime_s, 600);
    assert_true(reply.identification == n.identification);
    assert_true(lk_address_equal(&reply.home, &event.home));
    assert_true(lk_mip_has(&reply.extensions, LK_MIP_UDP_REPLY));
    assert_int_equal(changed(), LK_MIP_CREATED);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
    assert_true(ha.expires_ms == NOW + 600000 && ha.due_ms == ha.expires_ms);
    assert_true(ha.epoch == 1);
}

static void test_the_lifetime_has_an_end(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    const struct lk_mip_ha_event late = { .kind = LK_MIP_HA_EV_EXPIRED, .now_ms = NOW + 1800000 };

    n.lifetime_s = LK_MIP_INFINITE;
    event = asks(&n, NOW);
    lk_mip_ha_init(&ha);
    assert_int_equal(step(&ha, &event).lifetime_s, 1800);
    assert_int_equal(lk_mip_ha_step(&ha, &config, &late, &out), LK_OK);
    assert_int_equal(changed(), LK_MIP_ENDED);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    /* Invariant 10: what ordered requests is still there. */
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
}

/* T10 (i) to (iv): no extension, another SPI, one bit, another device's key. */
static void test_t10_only_the_device_moves_its_binding(void **state)
{
    struct lk_mip_ha ha = bound(), before = ha;
    struct lk_mip_msa other = msa(SPI, SPI_BACK, 0x90);
    struct node n = node(NOW + 1000);
    struct lk_mip_ha_event event;

    n.care_of = ipv4(203, 0, 113, 66);
    n.signs = NULL;
    event = asks(&n, NOW + 1000);
    event.with = NULL;
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    assert_null(lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND));
    assert_int_equal(refused(), LK_REASON_MIP_SPI);
    nothing_changed(&before, &ha);

    n.signs = &agents;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &with;
    event = asks(&n, NOW + 1000);
    n.octets[n.len - 1] ^= 1;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    assert_int_equal(refused(), LK_REASON_MIP_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &other;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &with; /* the control */
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(changed(), LK_MIP_MOVED);
    assert_true(ha.epoch == before.epoch + 1);
}

/* T11, spec: RFC 5944 3.8.2.2 - a deregistration is proven like a registration. */
static void test_t11_nobody_else_releases(void **state)
{
    struct lk_mip_ha ha = bound(), before = ha;
    struct lk_mip_msa other = msa(SPI, SPI_BACK, 0x90);
    struct node n = node(NOW + 1000);
    struct lk_mip_ha_event event;

    n.lifetime_s = 0;
    n.signs = &other;
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    nothing_changed(&before, &ha);

    n.signs = &with;
    n.care_of = ipv4(203, 0, 113, 66); /* where the binding is not */
    event = asks(&n, NOW + 1000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
    assert_true(ha.epoch == before.epoch);

    n.care_of = ipv4(198, 51, 100, 23);
    n.identification = lk_ntp_of(NOW + 1001, 0);
    event = asks(&n, NOW + 1001);
    assert_int_equal(step(&ha, &event).lifetime_s, 0);
    assert_int_equal(changed(), LK_MIP_RELEASED);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    /* Invariant 11: again, and the same is said. */
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(changed(), 0);
}

/* A22, invariant 10, spec: RFC 5944 5.7 - by time. */
static void test_a22_old_and_far_identifications_are_refused(void **state)
{
    static const int64_t far_ms[] = { -7001, 7001, -3600000, 3600000 };
    struct lk_mip_ha ha = bound(), before = ha;
    struct lk_mip_reply reply;
    struct lk_mip_ha_event event;
    struct node n;

    for (size_t i = 0; i < LK_COUNT_OF(far_ms); i++) {
        n = node(NOW + 60000 + (uint64_t)far_ms[i]);
        event = asks(&n, NOW + 60000);
        reply = step(&ha, &event);
        assert_int_equal(reply.code, LK_MIP_CODE_HA_IDENTIFICATION);
        assert_int_equal(refused(), LK_REASON_MIP_TIME);
        /* Our clock in the high half, its own low half. */
        assert_true(reply.identification >> 32 == lk_ntp_of(NOW + 60000, 0) >> 32);
        assert_true((uint32_t)reply.identification == (uint32_t)n.identification);
        nothing_changed(&before, &ha);
    }
    n = node(NOW - 1);
    event = asks(&n, NOW + 1);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal(refused(), LK_REASON_MIP_REPLAY);
    n = node(NOW + 53000); /* the control: at the window's edge */
    event = asks(&n, NOW + 60000);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

/* A home agent without a store: nothing up to its floor. */
static void test_a22_quarantine(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    lk_mip_ha_init(&ha);
    config.floor = lk_ntp_of(NOW + 1, 0);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal(refused(), LK_REASON_MIP_QUARANTINE);
    n = node(NOW + 2);
    event = asks(&n, NOW + 2);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

/* spec: RFC 5944 5.7.2 - nonces. */
static void test_nonces(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    struct lk_mip_reply reply;

    uint32_t nonce;

    with.replay = LK_MIP_NONCES;
    lk_mip_ha_init(&ha);
    n.identification = 5;
    event = asks(&n, NOW);
    reply = step(&ha, &event);
    nonce = (uint32_t)(reply.identification >> 32);
    assert_int_equal(reply.code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal((uint32_t)reply.identification, 5);
    /* An old one again takes the nonce from nobody. */
    assert_true(step(&ha, &event).identification >> 32 == nonce);
    n.identification = (uint64_t)nonce << 32 | 6;
    event = asks(&n, NOW);
    reply = step(&ha, &event);
    assert_int_equal(reply.code, LK_MIP_CODE_ACCEPTED);
    assert_true(reply.identification >> 32 != nonce);
    assert_int_equal((uint32_t)reply.identification, 6);
    n.lifetime_s = 300; /* used once */
    event = asks(&n, NOW);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_IDENTIFICATION);
    n.identification = (reply.identification >> 32) << 32 | 7; /* the control */
    event = asks(&n, NOW);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

/* Invariant 11. */
static void test_a_repeat_has_the_same_answer(void **state)
{
    struct lk_mip_ha ha, before;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);
    uint8_t first[LK_MIP_HA_OCTETS];
    struct lk_span said;

    lk_mip_ha_init(&ha);
    (void)step(&ha, &event);
    said = lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND)->send;
    memcpy(first, said.at, said.len);
    before = ha;
    event.now_ms += 60000;
    (void)step(&ha, &event);
    nothing_changed(&before, &ha);
    assert_int_equal(lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND)->send.len, said.len);
    assert_memory_equal(lk_mip_ha_find(&out, LK_MIP_HA_OUT_SEND)->send.at, first, said.len);
}

/* T12, spec: RFC 5944 3.5.4 - a foreign agent alters nothing that the node signed, and proves
 * itself. */
static void test_t12_a_foreign_agent_alters_nothing(void **state)
{
    static const size_t altered[] = { 1, 3, 7, 11, 15, 23 };
    struct lk_mip_ha ha, before;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;

    lk_mip_ha_init(&ha);
    before = ha;
    n.udp = false;
    n.flags = LK_MIP_REVERSE;
    n.agent_signs = &agents;
    for (size_t i = 0; i < LK_COUNT_OF(altered); i++) {
        event = asks(&n, NOW);
        n.octets[altered[i]] ^= 0x02;
        assert_int_equal(
            lk_mip_request_decode(&n.request, lk_span_of(n.octets, n.len)), LK_OK);
        event.fa = FA;
        event.fa_with = &agents;
        event.care_of_is_fas = true;
        assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
        nothing_changed(&before, &ha);
    }
    event = asks(&n, NOW);
    event.fa = FA;
    event.fa_with = &fresh; /* another key than the agent's */
    fresh.there.spi = agents.there.spi;
    event.care_of_is_fas = true;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_FA_AUTH);
    nothing_changed(&before, &ha);

    event.fa_with = &agents;
    event.care_of_is_fas = false; /* an address that the agent is not known by */
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_PROHIBITED);
    assert_int_equal(refused(), LK_REASON_MIP_CARE_OF);
    nothing_changed(&before, &ha);

    config.udp_mandatory = false; /* the control */
    event.care_of_is_fas = true;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
    assert_int_equal(ha.fa, FA);
}

/* T12, spec: RFC 3519 4.6 - what is behind the node's proof counts where Foreign-Home covers it. */
static void test_t12_a_foreign_agent_asks_for_a_tunnel(void **state)
{
    struct lk_mip_ha ha = { .state = LK_MIP_HA_NONE };
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    struct lk_mip_reply reply;

    n.udp = false;
    n.agent_signs = &agents;
    for (int way = 0; way < 3; way++) { /* behind the proof; no agent of ours; as it must be */
        n.behind = way == 0;
        n.agent_udp = way > 0;
        event = asks(&n, NOW);
        event.fa_with = way == 1 ? NULL : &agents;
        event.fa = FA;
        event.care_of_is_fas = true;
        reply = step(&ha, &event);
        assert_int_equal(reply.code, way < 2 ? LK_MIP_CODE_HA_ENCAPSULATION : 0);
    }
    assert_true(ha.udp && lk_mip_before(&reply.extensions, LK_MIP_MN_HA_AUTH, LK_MIP_UDP_REPLY));
}

/* T22: an SPI has one algorithm. */
static void test_t22_an_spi_has_one_algorithm(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    lk_mip_ha_init(&ha);
    with.there.algorithm = LK_MIP_HMAC_SHA256;
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_HA_MN_AUTH);
    event = asks(&n, NOW); /* the control */
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED);
}

static void test_an_association_that_ended_proves_nothing(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event = asks(&n, NOW);

    lk_mip_ha_init(&ha);
    with.ends_ms = NOW;
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    assert_int_equal(refused(), LK_REASON_MIP_MN_AUTH);
}

/* What is wanted, one at a time. */
static void test_what_is_not_granted(void **state)
{
    const struct {
        uint8_t flags;
        struct lk_address home, agent, care_of;
        bool udp, reverse_mandatory;
        uint8_t code;
        enum lk_reason reason;
    } rows[] = {
        { LK_MIP_GRE, .udp = true, .code = LK_MIP_CODE_HA_ENCAPSULATION,
          .reason = LK_REASON_MIP_ENCAPSULATION },
        { LK_MIP_MINIMAL, .udp = true, .code = LK_MIP_CODE_HA_ENCAPSULATION,
          .reason = LK_REASON_MIP_ENCAPSULATION },
        { 0, .udp = false, .code = LK_MIP_CODE_HA_ENCAPSULATION, .reason = LK_REASON_MIP_UDP },
        { 0, .udp = true, .reverse_mandatory = true, .code = LK_MIP_CODE_HA_REVERSE_MANDATORY,
          .reason = LK_REASON_MIP_REVERSE },
        { 0, .home = ipv4(10, 45, 0, 8), .udp = true, .code = LK_MIP_CODE_HA_PROHIBITED,
          .reason = LK_REASON_MIP_HOME_ADDRESS },
        { 0, .agent = ipv4(192, 0, 2, 9), .udp = true, .code = LK_MIP_CODE_HA_UNKNOWN,
          .reason = LK_REASON_MIP_AGENT },
        { 0, .care_of = ipv4(10, 45, 0, 7), .udp = true, .code = LK_MIP_CODE_HA_PROHIBITED,
          .reason = LK_REASON_MIP_CARE_OF },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_mip_ha ha, before;
        struct node n = node(NOW);
        struct lk_mip_ha_event event;
        struct lk_mip_reply reply;

        n.flags = (uint8_t)(LK_MIP_DECAPSULATES | rows[i].flags);
        n.udp = rows[i].udp;
        if (!lk_address_is_any(&rows[i].home))
            n.home = rows[i].home;
        if (!lk_address_is_any(&rows[i].agent))
            n.agent = rows[i].agent;
        if (!lk_address_is_any(&rows[i].care_of))
            n.care_of = rows[i].care_of;
        config.reverse_mandatory = rows[i].reverse_mandatory;
        lk_mip_ha_init(&ha);
        before = ha;
        event = asks(&n, NOW);
        reply = step(&ha, &event);
        assert_int_equal(reply.code, rows[i].code);
        assert_int_equal(refused(), rows[i].reason);
        assert_true(lk_address_equal(&reply.agent, &event.agent));
        nothing_changed(&before, &ha);
    }
}

/* T25, spec: RFC 2794 3 - the nonce comes before the authenticator, which is by the key that comes
 * of it. */
static void test_t25_a_key_of_the_home_aaa(void **state)
{
    static const uint8_t nonce[16] = { 1, 2, 3 };
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;
    struct lk_mip_reply reply;

    n.signs = NULL;
    n.asks_key = n.nai = true;
    event = asks(&n, NOW);
    event.with = NULL;
    event.grant = &granted;
    granted.mn_ha = true;
    granted.msa = fresh;
    granted.mn_ha_key = (struct lk_mip_key_reply){ .lifetime_s = 3600, .aaa_spi = 1000,
                                                   .agent_spi = SPI,
                                                   .algorithm = LK_MIP_HMAC_MD5,
                                                   .replay = LK_MIP_TIMESTAMPS,
                                                   .nonce = LK_SPAN(nonce) };
    lk_mip_ha_init(&ha);
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    reply = heard(&fresh, NOW);
    assert_int_equal(reply.code, LK_MIP_CODE_ACCEPTED);
    assert_true(lk_mip_before(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_HA_AUTH));
    assert_memory_equal(reply.extensions.mn_ha_key.nonce.at, nonce, sizeof nonce);
    assert_true(lk_mip_has(&reply.extensions, LK_MIP_NAI));
    assert_int_equal(changed(), LK_MIP_CREATED);

    n.identification = lk_ntp_of(NOW - 60000, 0); /* a refusal is by that key too */
    event = asks(&n, NOW);
    event.with = NULL;
    event.grant = &granted;
    assert_int_equal(lk_mip_ha_step(&ha, &config, &event, &out), LK_OK);
    reply = heard(&fresh, NOW);
    assert_int_equal(reply.code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_true(lk_mip_before(&reply.extensions, LK_MIP_MN_HA_KEY_REPLY, LK_MIP_MN_HA_AUTH));
}

/* spec: RFC 5944 3.5 - S is not granted. */
static void test_simultaneous_bindings_are_not_granted(void **state)
{
    struct lk_mip_ha ha;
    struct node n = node(NOW);
    struct lk_mip_ha_event event;

    n.flags |= LK_MIP_SIMULTANEOUS;
    event = asks(&n, NOW);
    lk_mip_ha_init(&ha);
    assert_int_equal(step(&ha, &event).code, LK_MIP_CODE_ACCEPTED_SINGLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_registration_is_granted, setup),
        cmocka_unit_test_setup(test_the_lifetime_has_an_end, setup),
        cmocka_unit_test_setup(test_t10_only_the_device_moves_its_binding, setup),
        cmocka_unit_test_setup(test_t11_nobody_else_releases, setup),
        cmocka_unit_test_setup(test_a22_old_and_far_identifications_are_refused, setup),
        cmocka_unit_test_setup(test_a22_quarantine, setup),
        cmocka_unit_test_setup(test_nonces, setup),
        cmocka_unit_test_setup(test_a_repeat_has_the_same_answer, setup),
        cmocka_unit_test_setup(test_t12_a_foreign_agent_alters_nothing, setup),
        cmocka_unit_test_setup(test_t12_a_foreign_agent_asks_for_a_tunnel, setup),
        cmocka_unit_test_setup(test_t22_an_spi_has_one_algorithm, setup),
        cmocka_unit_test_setup(test_an_association_that_ended_proves_nothing, setup),
        cmocka_unit_test_setup(test_what_is_not_granted, setup),
        cmocka_unit_test_setup(test_t25_a_key_of_the_home_aaa, setup),
        cmocka_unit_test_setup(test_simultaneous_bindings_are_not_granted, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
