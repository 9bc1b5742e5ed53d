/* Revocation of registrations (RFC 3543): the machines of home agent and foreign agent with each
 * other's octets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ntp.h"
#include "proto/mip/fa.h"
#include "proto/mip/ha.h"

static const uint64_t NOW = UINT64_C(1767225600500);
static const uint32_t NOW_S = UINT32_C(1767225600);
enum { PORT = 5000, FA = 3, OTHER_FA = 4 };

static struct lk_mip_ha_config ha_config;
static struct lk_mip_fa_config fa_config;
static struct lk_mip_msa home, agents, wrong; /* MN-HA, FA-HA, another FA-HA */
static struct lk_mip_ha_outbox ha_out;
static struct lk_mip_fa_outbox fa_out;
static struct lk_mip_ha ha;
static struct lk_mip_fa fa;
static uint64_t clock_ms; /* of the node */

static struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

static struct lk_address home_address(void)
{
    return ipv4(10, 45, 0, 7);
}

static struct lk_address home_agent(void)
{
    return ipv4(192, 0, 2, 1);
}

static struct lk_address foreign_agent(void)
{
    return ipv4(203, 0, 113, 1);
}

static struct lk_mip_msa msa(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA256,
                                       .secret = { .len = 16 } },
                            .spi_back = spi + 1, .replay = LK_MIP_TIMESTAMPS,
                            .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 16);
    return m;
}

static int setup(void **state)
{
    lk_mip_ha_defaults(&ha_config);
    ha_config.udp_mandatory = false;
    lk_mip_fa_defaults(&fa_config);
    fa_config.care_of = foreign_agent();
    fa_config.challenge = false;
    fa_config.revokes = true;
    home = msa(256, 1);
    agents = msa(400, 3);
    wrong = msa(400, 9);
    lk_mip_ha_init(&ha);
    lk_mip_fa_init(&fa);
    clock_ms = NOW;
    return 0;
}

/* ---- a registration, by way of the foreign agent ---- */

static struct lk_mip_request request;
static uint8_t asked[512], passed[1024], answer[1024];
static size_t passed_len, answer_len;

static void keep(uint8_t *to, size_t *len, struct lk_span octets)
{
    memcpy(to, octets.at, octets.len);
    *len = octets.len;
}

/* The node asks; what the foreign agent passes on is in passed. */
static void node_asks(uint64_t now_ms, uint32_t least_s)
{
    struct lk_writer w = lk_writer_of(asked, sizeof asked);
    const struct lk_mip_request fixed = { .flags = LK_MIP_REVERSE, .lifetime_s = 600,
                                          .home = home_address(), .agent = home_agent(),
                                          .care_of = foreign_agent(),
                                          .identification = lk_ntp_of(clock_ms++, 0) };
    struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REQUEST, .now_ms = now_ms,
                                     .home_with = &agents, .request = &request,
                                     .least_s = least_s, .from = ipv4(203, 0, 113, 77),
                                     .port = PORT };

    lk_mip_request_put(&w, &fixed);
    lk_mip_msa_sign(&w, &home, 256, LK_MIP_MN_HA_AUTH);
    assert_int_equal(lk_mip_request_decode(&request, lk_writer_span(&w)), LK_OK);
    assert_int_equal(lk_mip_fa_step(&fa, &fa_config, &event, &fa_out), LK_OK);
    keep(passed, &passed_len, lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_RELAY)->send.octets);
}

/* The home agent hears what is in passed from that agent; its answer is in answer. */
static uint8_t home_agent_hears(uint64_t now_ms, uint16_t from)
{
    struct lk_mip_request heard;
    struct lk_mip_reply reply;
    struct lk_mip_ha_event event = { .kind = LK_MIP_HA_EV_REQUEST, .now_ms = now_ms,
                                     .request = &heard, .from = ipv4(203, 0, 113, from),
                                     .port = 434, .digest = now_ms | 1, .home = home_address(),
                                     .agent = home_agent(), .with = &home, .fa = from,
                                     .fa_with = &agents, .care_of_is_fas = true };

    event.digest += passed[23];
    assert_int_equal(lk_mip_request_decode(&heard, lk_span_of(passed, passed_len)), LK_OK);
    assert_int_equal(lk_mip_ha_step(&ha, &ha_config, &event, &ha_out), LK_OK);
    keep(answer, &answer_len, lk_mip_ha_find(&ha_out, LK_MIP_HA_OUT_SEND)->send);
    assert_int_equal(lk_mip_reply_decode(&reply, lk_span_of(answer, answer_len)), LK_OK);
    return reply.code;
}

/* The foreign agent hears what is in answer. The code that the node gets. */
static uint8_t foreign_agent_hears(uint64_t now_ms)
{
    struct lk_mip_reply heard, told;
    const struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REPLY, .now_ms = now_ms,
                                           .home_with = &agents, .reply = &heard };

    assert_int_equal(lk_mip_reply_decode(&heard, lk_span_of(answer, answer_len)), LK_OK);
    assert_int_equal(lk_mip_fa_step(&fa, &fa_config, &event, &fa_out), LK_OK);
    assert_int_equal(lk_mip_reply_decode(&told, lk_mip_fa_find(&fa_out, LK_MIP_FA_OUT_SEND)
                                                    ->send.octets), LK_OK);
    assert_false(lk_mip_has(&told.extensions, LK_MIP_REVOCABLE)); /* is between the agents */
    return told.code;
}

static void registered(uint64_t now_ms)
{
    node_asks(now_ms, 0);
    assert_int_equal(home_agent_hears(now_ms, FA), 0);
    assert_int_equal(foreign_agent_hears(now_ms), 0);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
    assert_int_equal(fa.state, LK_MIP_FA_SERVED);
}

/* ---- revocations ---- */

static uint8_t message[256];
static struct lk_mip_revocation decoded;

static struct lk_mip_revocation of(bool from_ha, uint32_t identifier, bool informs)
{
    return (struct lk_mip_revocation){ .from_ha = from_ha, .informs = informs,
                                       .home = home_address(), .home_domain = home_agent(),
                                       .foreign_domain = foreign_agent(),
                                       .identifier = identifier };
}

/* Made by who has that association. */
static void make(const struct lk_mip_revocation *revocation, const struct lk_mip_msa *with)
{
    struct lk_writer w = lk_writer_of(message, sizeof message);

    lk_mip_revocation_put(&w, revocation);
    if (with != NULL)
        lk_mip_msa_sign(&w, with, revocation->from_ha ? with->spi_back : with->there.spi,
                        LK_MIP_FA_HA_AUTH);
    assert_int_equal(lk_mip_revocation_decode(&decoded, lk_writer_span(&w)), LK_OK);
}

/* The same with an extension behind what proves it. */
static void make_with_more(const struct lk_mip_revocation *revocation)
{
    const struct lk_mip_extensions more = { .nai = lk_span_text("somebody") };
    struct lk_writer w = lk_writer_of(message, sizeof message);

    lk_mip_revocation_put(&w, revocation);
    lk_mip_msa_sign(&w, &agents, agents.there.spi, LK_MIP_FA_HA_AUTH);
    lk_mip_extension_put(&w, LK_MIP_NAI, &more);
    assert_int_equal(lk_mip_revocation_decode(&decoded, lk_writer_span(&w)), LK_OK);
}

static void fa_is_revoked(uint64_t now_ms)
{
    const struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_REVOKED, .now_ms = now_ms,
                                           .home_with = &agents, .revocation = &decoded,
                                           .from = home_agent() };

    assert_int_equal(lk_mip_fa_step(&fa, &fa_config, &event, &fa_out), LK_OK);
}

static void ha_is_revoked(uint64_t now_ms)
{
    const struct lk_mip_ha_event event = { .kind = LK_MIP_HA_EV_REVOKED, .now_ms = now_ms,
                                           .home = home_address(), .agent = home_agent(),
                                           .fa = FA, .fa_with = &agents,
                                           .revocation = &decoded };

    assert_int_equal(lk_mip_ha_step(&ha, &ha_config, &event, &ha_out), LK_OK);
}

static struct lk_mip_revocation ack_in(struct lk_span octets, bool by_ha)
{
    struct lk_mip_revocation ack;

    assert_int_equal(lk_mip_revocation_ack_decode(&ack, octets), LK_OK);
    assert_true(lk_mip_revocation_is_proven(&ack, &agents, by_ha, NOW));
    return ack;
}

static const struct lk_mip_fa_output *of_fa(enum lk_mip_fa_output_kind kind)
{
    return lk_mip_fa_find(&fa_out, kind);
}

static const struct lk_mip_ha_output *of_ha(enum lk_mip_ha_output_kind kind)
{
    return lk_mip_ha_find(&ha_out, kind);
}

/* The home agent withdraws; its words as octets in message. */
static void ha_withdraws(uint64_t now_ms)
{
    const struct lk_mip_ha_event event = { .kind = LK_MIP_HA_EV_WITHDRAWN, .now_ms = now_ms };
    struct lk_mip_revocation revocation;

    assert_int_equal(lk_mip_ha_step(&ha, &ha_config, &event, &ha_out), LK_OK);
    assert_int_equal(of_ha(LK_MIP_HA_OUT_CHANGED)->changed, LK_MIP_REVOKED);
    revocation = of(true, of_ha(LK_MIP_HA_OUT_REVOKE)->revoke.identifier,
                    of_ha(LK_MIP_HA_OUT_REVOKE)->revoke.informs);
    make(&revocation, &agents);
}

static void fa_withdraws(uint64_t now_ms)
{
    const struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_WITHDRAWN, .now_ms = now_ms };
    struct lk_mip_revocation revocation;

    assert_int_equal(lk_mip_fa_step(&fa, &fa_config, &event, &fa_out), LK_OK);
    assert_non_null(of_fa(LK_MIP_FA_OUT_ENDED));
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
    revocation = of(false, of_fa(LK_MIP_FA_OUT_REVOKE)->revoke.identifier,
                    of_fa(LK_MIP_FA_OUT_REVOKE)->revoke.informs);
    make(&revocation, &agents);
}

/* ---- tests ---- */

/* spec: RFC 3543 3.2 - both say so, covered by Foreign-Home and by nothing of the node's. */
static void test_revocation_is_agreed_on(void **state)
{
    struct lk_mip_request heard;
    struct lk_mip_reply reply;

    registered(NOW);
    assert_int_equal(lk_mip_request_decode(&heard, lk_span_of(passed, passed_len)), LK_OK);
    assert_true(lk_mip_before(&heard.extensions, LK_MIP_MN_HA_AUTH, LK_MIP_REVOCABLE));
    assert_true(lk_mip_before(&heard.extensions, LK_MIP_REVOCABLE, LK_MIP_FA_HA_AUTH));
    assert_int_equal(heard.extensions.revocable.timestamp, NOW_S);
    assert_int_equal(lk_mip_reply_decode(&reply, lk_span_of(answer, answer_len)), LK_OK);
    assert_true(lk_mip_before(&reply.extensions, LK_MIP_MN_HA_AUTH, LK_MIP_REVOCABLE));
    assert_true(lk_mip_is_last(&reply.extensions, LK_MIP_FA_HA_AUTH));
    assert_int_equal(reply.extensions.revocable.timestamp, NOW_S);
    assert_true(heard.extensions.revocable.informs && reply.extensions.revocable.informs);
    assert_int_equal(ha.revocation, LK_MIP_MAY_REVOKE | LK_MIP_MAY_INFORM);
    assert_int_equal(fa.revocation, LK_MIP_FA_MAY_REVOKE | LK_MIP_FA_MAY_INFORM);
}

/* Nothing is agreed on with who does not offer it: nothing is revoked then. */
static void test_without_an_offer_there_is_none(void **state)
{
    const struct lk_mip_ha_event withdrawn = { .kind = LK_MIP_HA_EV_WITHDRAWN, .now_ms = NOW };
    struct lk_mip_revocation revocation = of(false, NOW_S + 9, false);

    fa_config.revokes = false;
    registered(NOW);
    assert_int_equal(ha.revocation | fa.revocation, 0);
    make(&revocation, &agents);
    ha_is_revoked(NOW);
    assert_int_equal(of_ha(LK_MIP_HA_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_REVOCATION);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
    revocation = of(true, NOW_S + 9, false);
    make(&revocation, &agents);
    fa_is_revoked(NOW);
    assert_int_equal(fa.state, LK_MIP_FA_SERVED);
    assert_null(of_fa(LK_MIP_FA_OUT_RELAY));
    assert_int_equal(lk_mip_ha_step(&ha, &ha_config, &withdrawn, &ha_out), LK_OK);
    assert_null(of_ha(LK_MIP_HA_OUT_REVOKE));
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
}

/* spec: RFC 3543 3.3 - the home agent revokes: the visitor is served no more.
 * spec: RFC 3543 3.4 - that is acknowledged.
 * spec: RFC 3543 4.1 - and the visitor is told so. */
static void test_the_home_agent_revokes(void **state)
{
    struct lk_mip_revocation ack;

    registered(NOW);
    ha_withdraws(NOW); /* within the second in which it was registered */
    assert_int_equal(decoded.identifier, NOW_S + 1);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    fa_is_revoked(NOW);
    assert_non_null(of_fa(LK_MIP_FA_OUT_ENDED));
    assert_non_null(of_fa(LK_MIP_FA_OUT_INFORM));
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
    ack = ack_in(of_fa(LK_MIP_FA_OUT_RELAY)->send.octets, false);
    assert_int_equal(ack.identifier, decoded.identifier);
    /* Once more: its answer was lost. Nothing else happens. */
    fa_is_revoked(NOW + 1000);
    assert_null(of_fa(LK_MIP_FA_OUT_ENDED));
    assert_null(of_fa(LK_MIP_FA_OUT_INFORM));
    ack = ack_in(of_fa(LK_MIP_FA_OUT_RELAY)->send.octets, false);
    assert_int_equal(ack.identifier, decoded.identifier);
}

/* spec: RFC 3543 4 - the foreign agent revokes: the binding ends, and the home network says that
 * the node may hear it. */
static void test_the_foreign_agent_revokes(void **state)
{
    struct lk_mip_revocation ack;

    registered(NOW);
    fa_withdraws(NOW + 5000);
    assert_int_equal(decoded.identifier, NOW_S + 5);
    assert_true(decoded.informs);
    assert_null(of_fa(LK_MIP_FA_OUT_INFORM)); /* the home agent is asked first */
    for (int again = 0; again < 2; again++) {
        ha_is_revoked(NOW + 5000);
        assert_int_equal(of_ha(LK_MIP_HA_OUT_CHANGED) != NULL, !again);
        ack = ack_in(of_ha(LK_MIP_HA_OUT_SEND)->send, true);
        assert_true(ack.informs && ack.identifier == decoded.identifier);
        assert_int_equal(ha.state, LK_MIP_HA_NONE);
        assert_null(of_ha(LK_MIP_HA_OUT_REVOKE));
    }
}

/* T10, T12: without Foreign-Home, by another's key, with one bit altered, in the wrong direction,
 * for another place, from another agent, nothing ends. */
static void test_t10_only_who_has_the_key_revokes(void **state)
{
    struct lk_mip_revocation good = of(true, NOW_S + 9, true), bad;
    struct lk_mip_ha ha_before;
    struct lk_mip_fa fa_before;

    registered(NOW);
    ha_before = ha;
    fa_before = fa;
    for (int way = 0; way < 5; way++) {
        bad = good;
        bad.from_ha = way == 2 ? false : true;
        if (way == 3)
            bad.foreign_domain = ipv4(203, 0, 113, 9);
        if (way == 4)
            bad.home_domain = ipv4(192, 0, 2, 9);
        make(&bad, way == 0 ? NULL : way == 1 ? &wrong : &agents);
        fa_is_revoked(NOW);
        assert_memory_equal(&fa_before, &fa, sizeof fa);
        assert_null(of_fa(LK_MIP_FA_OUT_RELAY));
        assert_non_null(of_fa(LK_MIP_FA_OUT_REFUSED));
    }
    good = of(false, NOW_S + 9, true);
    for (int way = 0; way < 4; way++) {
        bad = good;
        bad.from_ha = way == 2 ? true : false;
        if (way == 3)
            bad.home_domain = ipv4(192, 0, 2, 9);
        make(&bad, way == 0 ? NULL : way == 1 ? &wrong : &agents);
        ha_is_revoked(NOW);
        assert_memory_equal(&ha_before, &ha, sizeof ha);
        assert_null(of_ha(LK_MIP_HA_OUT_SEND));
        assert_non_null(of_ha(LK_MIP_HA_OUT_REFUSED));
    }
    make(&good, &agents); /* the control */
    ha_is_revoked(NOW);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
}

/* T10: where one association is for both directions, what the home agent has said comes back to it,
 * or to the foreign agent its own word: neither is the other's. Nor does what names another home
 * address, or another care-of address, end this binding; nor what stands behind the proof count. */
static void test_t10_what_is_reflected_revokes_nothing(void **state)
{
    struct lk_mip_revocation said;
    struct lk_mip_ha before;
    struct lk_mip_fa visitor;

    agents.spi_back = agents.there.spi;
    registered(NOW);
    before = ha;
    visitor = fa;
    said = of(true, NOW_S + 9, true);
    make(&said, &agents);
    ha_is_revoked(NOW);
    assert_memory_equal(&before, &ha, sizeof ha);
    said = of(false, NOW_S + 9, true);
    make(&said, &agents);
    fa_is_revoked(NOW);
    assert_memory_equal(&visitor, &fa, sizeof fa);
    said.home = ipv4(10, 45, 0, 8);
    make(&said, &agents);
    ha_is_revoked(NOW);
    assert_memory_equal(&before, &ha, sizeof ha);
    assert_null(of_ha(LK_MIP_HA_OUT_SEND));
    said.home = home_address();
    said.foreign_domain = ipv4(203, 0, 113, 9);
    make(&said, &agents);
    ha_is_revoked(NOW);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
    said.foreign_domain = foreign_agent();
    make_with_more(&said);
    ha_is_revoked(NOW);
    assert_memory_equal(&before, &ha, sizeof ha);
    make(&said, &agents); /* the control */
    ha_is_revoked(NOW);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    said.from_ha = true;
    make(&said, &agents);
    fa_is_revoked(NOW);
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
}

/* T12: no bit of it is anybody else's. */
static void test_t12_every_bit_is_proven(void **state)
{
    struct lk_mip_revocation revocation = of(true, NOW_S + 9, true);
    struct lk_writer w = lk_writer_of(message, sizeof message);
    const struct lk_mip_fa *before;
    struct lk_mip_fa was;
    size_t len;

    registered(NOW);
    was = fa;
    before = &was;
    lk_mip_revocation_put(&w, &revocation);
    lk_mip_msa_sign(&w, &agents, agents.spi_back, LK_MIP_FA_HA_AUTH);
    len = w.len;
    for (size_t i = 0; i < len * 8; i++) {
        message[i / 8] ^= (uint8_t)(1 << i % 8);
        if (lk_mip_revocation_decode(&decoded, lk_span_of(message, len)) == LK_OK) {
            fa_is_revoked(NOW);
            assert_memory_equal(before, &fa, sizeof fa);
        }
        message[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    assert_int_equal(lk_mip_revocation_decode(&decoded, lk_span_of(message, len)), LK_OK);
    fa_is_revoked(NOW); /* the control */
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
}

/* T11: what ended a registration ends none that came behind it, not even within the same second. */
static void test_t11_an_old_revocation_ends_nothing_newer(void **state)
{
    registered(NOW);
    ha_withdraws(NOW);
    fa_is_revoked(NOW);
    registered(NOW);
    fa_is_revoked(NOW); /* the same octets */
    assert_int_equal(of_fa(LK_MIP_FA_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_REVOCATION);
    assert_int_equal(fa.state, LK_MIP_FA_SERVED);
    fa_withdraws(NOW);
    ha_is_revoked(NOW);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    lk_mip_fa_init(&fa); /* another visitor's row: what is kept is the agent's newest */
    node_asks(NOW, decoded.identifier);
    assert_int_equal(home_agent_hears(NOW, FA), 0);
    ha_is_revoked(NOW);
    assert_int_equal(of_ha(LK_MIP_HA_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_REVOCATION);
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
}

/* spec: RFC 3543 4 - the device has gone to another agent: the one before is told, the device not,
 * for it knows. Its own registration there goes on. */
static void test_the_agent_that_was_left_is_told(void **state)
{
    struct lk_mip_revocation revocation;

    registered(NOW);
    node_asks(NOW, 0);
    assert_int_equal(home_agent_hears(NOW, OTHER_FA), 0);
    assert_int_equal(of_ha(LK_MIP_HA_OUT_CHANGED)->changed, LK_MIP_MOVED);
    assert_int_equal(of_ha(LK_MIP_HA_OUT_REVOKE)->revoke.identifier, NOW_S + 1);
    assert_false(of_ha(LK_MIP_HA_OUT_REVOKE)->revoke.informs);
    revocation = of(true, NOW_S + 1, false);
    make(&revocation, &agents);
    /* The agent that it came from revokes late: that is not about where the device is now. */
    revocation = of(false, NOW_S + 1, false);
    make(&revocation, &agents);
    ha_is_revoked(NOW);
    assert_non_null(of_ha(LK_MIP_HA_OUT_SEND));
    assert_int_equal(ha.state, LK_MIP_HA_ACTIVE);
}

/* Through the same agent nobody is told: it sees the answer itself. */
static void test_a_renewal_revokes_nothing(void **state)
{
    registered(NOW);
    registered(NOW + 5000);
    assert_null(of_ha(LK_MIP_HA_OUT_REVOKE));
    assert_int_equal(ha.ours_s, NOW_S + 5);
    assert_int_equal(fa.theirs_s, NOW_S + 5);
}

/* An answer that the home agent sent before it revoked, and that comes behind, serves nobody. */
static void test_an_overtaken_answer_serves_nobody(void **state)
{
    const struct lk_mip_fa_output *refused;

    registered(NOW);
    node_asks(NOW + 2000, 0);
    assert_int_equal(home_agent_hears(NOW + 2000, FA), 0);
    ha_withdraws(NOW + 2000);
    fa_is_revoked(NOW + 2000);
    assert_int_equal(fa.state, LK_MIP_FA_PENDING);
    assert_int_equal(foreign_agent_hears(NOW + 2000), LK_MIP_CODE_FA_UNSPECIFIED);
    refused = of_fa(LK_MIP_FA_OUT_REFUSED);
    assert_int_equal(refused->refused.refusal.reason, LK_REASON_MIP_REVOCATION);
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
    registered(NOW + 3000); /* and nothing of it stays */
}

/* The same for a request that the foreign agent passed on before it revoked. */
static void test_an_overtaken_request_binds_nobody(void **state)
{
    uint8_t late[sizeof passed];
    size_t len;

    registered(NOW);
    node_asks(NOW + 2000, 0);
    memcpy(late, passed, len = passed_len);
    fa_withdraws(NOW + 3000);
    ha_is_revoked(NOW + 3000);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    memcpy(passed, late, passed_len = len);
    assert_int_equal(home_agent_hears(NOW + 3000, FA), LK_MIP_CODE_HA_UNSPECIFIED);
    assert_int_equal(of_ha(LK_MIP_HA_OUT_REFUSED)->refused.refusal.reason,
                     LK_REASON_MIP_REVOCATION);
    assert_int_equal(ha.state, LK_MIP_HA_NONE);
    node_asks(NOW + 3000, decoded.identifier); /* what is asked for behind it is granted */
    assert_int_equal(home_agent_hears(NOW + 3000, FA), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_revocation_is_agreed_on, setup),
        cmocka_unit_test_setup(test_without_an_offer_there_is_none, setup),
        cmocka_unit_test_setup(test_the_home_agent_revokes, setup),
        cmocka_unit_test_setup(test_the_foreign_agent_revokes, setup),
        cmocka_unit_test_setup(test_t10_only_who_has_the_key_revokes, setup),
        cmocka_unit_test_setup(test_t10_what_is_reflected_revokes_nothing, setup),
        cmocka_unit_test_setup(test_t12_every_bit_is_proven, setup),
        cmocka_unit_test_setup(test_t11_an_old_revocation_ends_nothing_newer, setup),
        cmocka_unit_test_setup(test_the_agent_that_was_left_is_told, setup),
        cmocka_unit_test_setup(test_a_renewal_revokes_nothing, setup),
        cmocka_unit_test_setup(test_an_overtaken_answer_serves_nobody, setup),
        cmocka_unit_test_setup(test_an_overtaken_request_binds_nobody, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
