/* The machine of an agent that revokes: it says so until the other one acknowledges it, or it is
 * enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/mip/revoker.h"

static const uint64_t NOW = UINT64_C(1767225600500);
static const uint32_t NOW_S = UINT32_C(1767225600);

static struct lk_mip_revoker_config revoker_config;
static struct lk_mip_msa agents, wrong; /* FA-HA, another one */
static struct lk_mip_revoker_outbox said;

static struct lk_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t octets[] = { a, b, c, d };

    return lk_address_v4(octets);
}

static struct lk_mip_msa msa(uint32_t spi, uint8_t octet)
{
    struct lk_mip_msa m = { .there = { .spi = spi, .algorithm = LK_MIP_HMAC_SHA256,
                                       .secret = { .len = 16 } },
                            .spi_back = spi + 1, .ends_ms = UINT64_MAX };

    memset(m.there.secret.octets, octet, 16);
    return m;
}

static int setup(void **state)
{
    lk_mip_revoker_defaults(&revoker_config);
    agents = msa(400, 3);
    wrong = msa(400, 9);
    return 0;
}

static struct lk_mip_revocation of(bool from_ha, uint32_t identifier, bool informs)
{
    return (struct lk_mip_revocation){ .from_ha = from_ha, .informs = informs,
                                       .home = ipv4(10, 45, 0, 7),
                                       .home_domain = ipv4(192, 0, 2, 1),
                                       .foreign_domain = ipv4(203, 0, 113, 1),
                                       .identifier = identifier };
}

static struct lk_mip_revoker revoker;

static enum lk_status tell(enum lk_mip_revoker_event_kind kind, uint64_t now_ms,
                           const struct lk_mip_msa *with, const struct lk_mip_revocation *what)
{
    const struct lk_mip_revoker_event event = { .kind = kind, .now_ms = now_ms, .with = with,
                                                .revocation = what };

    return lk_mip_revoker_step(&revoker, &revoker_config, &event, &said);
}

/* 1 s, 2 s, 4 s, 8 s, 16 s; the same octets each time. */
static void test_it_is_said_again_until_it_is_enough(void **state)
{
    const struct lk_mip_revocation what = of(true, 7, true);
    uint64_t now_ms = NOW;
    uint8_t first[128];
    size_t len;

    lk_mip_revoker_init(&revoker);
    assert_int_equal(tell(LK_MIP_REVOKER_EV_EXPIRED, NOW, &agents, NULL), LK_E_UNEXPECTED);
    assert_int_equal(tell(LK_MIP_REVOKER_EV_START, NOW, &agents, &what), LK_OK);
    len = said.item[0].send.len;
    memcpy(first, said.item[0].send.at, len);
    for (uint64_t wait_ms = 1000; wait_ms < 16000; wait_ms *= 2) {
        now_ms += wait_ms;
        assert_int_equal(tell(LK_MIP_REVOKER_EV_EXPIRED, now_ms - 1, &agents, NULL),
                         LK_E_UNEXPECTED);
        assert_int_equal(tell(LK_MIP_REVOKER_EV_EXPIRED, now_ms, &agents, NULL), LK_OK);
        assert_true(lk_span_equal(said.item[0].send, lk_span_of(first, len)));
    }
    assert_int_equal(tell(LK_MIP_REVOKER_EV_EXPIRED, now_ms + 16000, &agents, NULL), LK_OK);
    assert_non_null(lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_GIVEN_UP));
    assert_int_equal(revoker.state, LK_MIP_REVOKER_IDLE);
}

/* An agent that the configuration has no more: there is nothing to say it with. */
static void test_without_a_key_it_ends(void **state)
{
    const struct lk_mip_revocation what = of(true, 7, true);

    lk_mip_revoker_init(&revoker);
    assert_int_equal(tell(LK_MIP_REVOKER_EV_START, NOW, NULL, &what), LK_E_AUTH);
    assert_int_equal(revoker.state, LK_MIP_REVOKER_IDLE);
    assert_int_equal(tell(LK_MIP_REVOKER_EV_START, NOW, &agents, &what), LK_OK);
    assert_int_equal(tell(LK_MIP_REVOKER_EV_EXPIRED, NOW + 1000, NULL, NULL), LK_OK);
    assert_non_null(lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_GIVEN_UP));
}

/* T12, spec: RFC 3543 3.4 - only the other agent's word for this one ends it. */
static void test_t12_only_the_other_agent_acknowledges(void **state)
{
    const struct lk_mip_extensions more = {
        .vendor_count = 1, .vendor = { { .id = 32473, .type = 9, .value = lk_span_text("x") } } };
    struct lk_mip_revocation what = of(true, 7, true), ack;
    uint8_t message[128];

    lk_mip_revoker_init(&revoker);
    assert_int_equal(tell(LK_MIP_REVOKER_EV_START, NOW, &agents, &what), LK_OK);
    for (int way = 0; way < 6; way++) {
        struct lk_writer w = lk_writer_of(message, sizeof message);
        struct lk_mip_revocation came = what;

        came.identifier = way == 1 ? 8 : 7;
        came.home = way == 2 ? ipv4(10, 45, 0, 8) : came.home;
        came.from_ha = way != 3; /* 3: our own word, sent back */
        lk_mip_revocation_acknowledge(&w, &came, true, way == 0 ? &wrong : &agents);
        if (way == 4) /* what stands behind the proof */
            lk_mip_extension_put(&w, LK_MIP_VENDOR, &more);
        assert_int_equal(lk_mip_revocation_ack_decode(&ack, lk_writer_span(&w)), LK_OK);
        assert_int_equal(tell(LK_MIP_REVOKER_EV_ACK, NOW, &agents, &ack),
                         way == 1 || way == 2 ? LK_E_UNEXPECTED : LK_OK);
        assert_int_equal(revoker.state, way < 5 ? LK_MIP_REVOKER_AWAIT_ACK
                                                : LK_MIP_REVOKER_IDLE);
    }
    assert_true(lk_mip_revoker_find(&said, LK_MIP_REVOKER_OUT_ACKED)->informs);
    assert_int_equal(tell(LK_MIP_REVOKER_EV_ACK, NOW, &agents, &ack), LK_E_UNEXPECTED);
}

/* They go round: a clock is not stopped by its width. */
static void test_timestamps_go_round(void **state)
{
    assert_true(lk_mip_later(1, 0) && !lk_mip_later(0, 1) && !lk_mip_later(5, 5));
    assert_true(lk_mip_later(3, UINT32_MAX - 3) && !lk_mip_later(UINT32_MAX - 3, 3));
    assert_int_equal(lk_mip_timestamp(NOW, 0), NOW_S);
    assert_int_equal(lk_mip_timestamp(NOW, NOW_S + 4), NOW_S + 4);
    assert_int_equal(lk_mip_timestamp(NOW, NOW_S - 4), NOW_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_it_is_said_again_until_it_is_enough, setup),
        cmocka_unit_test_setup(test_without_a_key_it_ends, setup),
        cmocka_unit_test_setup(test_t12_only_the_other_agent_acknowledges, setup),
        cmocka_unit_test_setup(test_timestamps_go_round, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
