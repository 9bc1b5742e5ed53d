/* proto/mip/fa: what a foreign agent passes on, what it adds, and what it refuses. */
#include "mip_fa_rig.h"

/* T12, spec: RFC 5944 3.7.2.2 - what the home agent is to have, octet by octet.
 * spec: RFC 5944 3.5.4 - Foreign-Home last, but not where nothing is registered. */
static void test_t12_a_request_is_passed_on_as_it_is(void **state)
{
    for (int gone = 0; gone < 2; gone++) {
        struct lk_mip_fa_event event =
            asks((struct node){ .gone = gone != 0, .foreign = &foreign });
        const struct lk_mip_fa_output *item;
        struct lk_mip_request passed;
        struct lk_mip_fa fa;

        lk_mip_fa_init(&fa);
        config.with_aaa = true;
        step(&fa, &event);
        item = lk_mip_fa_find(&out, LK_MIP_FA_OUT_RELAY);
        assert_non_null(item);
        assert_true(lk_address_equal(&item->send.to, &request.agent));
        assert_int_equal(item->send.port, LK_MIP_PORT);
        assert_memory_equal(item->send.octets.at, asked, home_end);
        assert_int_equal(lk_mip_request_decode(&passed, item->send.octets), LK_OK);
        assert_false(lk_mip_has(&passed.extensions, LK_MIP_MN_FA_AUTH));
        assert_int_equal(lk_mip_is_last(&passed.extensions, LK_MIP_FA_HA_AUTH), gone == 0);
        assert_int_equal(lk_mip_msa_proves(&agents, agents.there.spi, &passed.extensions,
                                           LK_MIP_FA_HA_AUTH, NOW),
                         gone == 0);
    }
}

/* spec: RFC 5944 3.7.3.2 - a reply is passed back, without what was for us.
 * spec: RFC 4721 3.3 - and with the next challenge. */
static void test_a_reply_is_passed_back(void **state)
{
    struct lk_mip_fa fa = pending();
    struct lk_mip_fa_event event = answers((struct answer){ .agents = &agents });
    const struct lk_mip_fa_output *item;
    struct lk_mip_reply heard;

    event.with = &foreign;
    step(&fa, &event);
    heard = told();
    assert_true(lk_mip_msa_proves(&home, home.spi_back, &heard.extensions, LK_MIP_MN_HA_AUTH,
                                  NOW));
    assert_false(lk_mip_has(&heard.extensions, LK_MIP_FA_HA_AUTH));
    assert_true(lk_span_equal(heard.extensions.challenge, lk_span_text("next")));
    assert_true(lk_mip_is_last(&heard.extensions, LK_MIP_MN_FA_AUTH));
    assert_true(lk_mip_msa_proves(&foreign, foreign.spi_back, &heard.extensions,
                                  LK_MIP_MN_FA_AUTH, NOW));
    item = lk_mip_fa_find(&out, LK_MIP_FA_OUT_SERVED);
    assert_non_null(item);
    assert_int_equal(item->served.lifetime_s, 600);
    assert_true(fa.due_ms == NOW + 600000);
    event.kind = LK_MIP_FA_EV_REPLY; /* again: nobody waits for it */
    assert_int_equal(lk_mip_fa_step(&fa, &config, &event, &out), LK_E_UNEXPECTED);
}

/* spec: RFC 3957 6.2 - the nonce of our key is before what the key proves.
 * spec: RFC 3957 3 - no key, no service, where it is a must. */
static void test_a_key_of_the_home_aaa(void **state)
{
    struct lk_mip_fa fa;
    struct lk_mip_fa_event event;
    struct lk_mip_reply heard;

    config.foreign_key = true;
    for (int key = 0; key < 2; key++) { /* nor one of which the node is not told */
        fa = pending();
        event = answers((struct answer){ .agents = &agents });
        event.key = key ? &foreign : NULL;
        step(&fa, &event);
        is_refused(LK_MIP_CODE_FA_MISSING_MN_FA, LK_REASON_MIP_NO_MN_FA);
        assert_int_equal(fa.state, LK_MIP_FA_NONE);
    }
    fa = pending();
    event = answers((struct answer){ .agents = &agents, .nonce = true });
    event.key = &foreign;
    step(&fa, &event);
    heard = told();
    assert_true(lk_mip_before(&heard.extensions, LK_MIP_MN_FA_KEY_REPLY, LK_MIP_MN_FA_AUTH));
    assert_true(lk_mip_msa_proves(&foreign, foreign.spi_back, &heard.extensions,
                                  LK_MIP_MN_FA_AUTH, NOW));
    assert_int_equal(fa.state, LK_MIP_FA_SERVED);
}

/* What a node asks by extensions in that order, ended by -1. */
static struct lk_mip_fa_event asks_so(const int *order)
{
    struct lk_mip_fa_event event = asks((struct node){ .flags = 0 });
    struct lk_writer w = lk_writer_of(asked, sizeof asked);
    const struct lk_mip_request fixed = { .lifetime_s = 600, .home = ipv4(10, 45, 0, 7),
                                          .agent = ipv4(192, 0, 2, 1),
                                          .care_of = ipv4(203, 0, 113, 1),
                                          .identification = request.identification };
    const struct lk_mip_extensions to = { .challenge = lk_span_text("now!") };

    lk_mip_request_put(&w, &fixed);
    for (; *order >= 0; order++)
        if (*order < LK_MIP_AUTH_COUNT)
            lk_mip_msa_sign(&w, *order == LK_MIP_MN_FA_AUTH ? &foreign : &home,
                            *order == LK_MIP_MN_FA_AUTH ? 300 : 256,
                            (enum lk_mip_extension)*order);
        else
            lk_mip_extension_put(&w, (enum lk_mip_extension)*order, &to);
    assert_int_equal(w.status, LK_OK);
    assert_int_equal(lk_mip_request_decode(&request, lk_writer_span(&w)), LK_OK);
    return event;
}

/* T12, spec: RFC 5944 3.7.2.1 - something is there that its home network can verify, all of it
 * before what is for us; and Foreign-Home is nobody's to put but ours. The last rows are the
 * control. */
static void test_t12_the_order_of_proofs(void **state)
{
    enum { HA = LK_MIP_MN_HA_AUTH, FA = LK_MIP_MN_FA_AUTH, BOTH = LK_MIP_FA_HA_AUTH,
           AAA = LK_MIP_MN_AAA_AUTH, CHALLENGE = LK_MIP_CHALLENGE };
    static const struct { int order[5]; bool with, good; } rows[] = {
        { { CHALLENGE, -1 }, false, false },
        { { CHALLENGE, FA, -1 }, true, false },
        { { CHALLENGE, FA, HA, -1 }, true, false },
        { { CHALLENGE, FA, AAA, -1 }, true, false },
        { { CHALLENGE, HA, FA, AAA, -1 }, true, false },
        { { CHALLENGE, AAA, FA, HA, -1 }, true, false },
        { { CHALLENGE, HA, BOTH, -1 }, false, false },
        { { CHALLENGE, HA, AAA, FA, -1 }, true, true },
        { { CHALLENGE, AAA, FA, -1 }, true, true },
        { { CHALLENGE, HA, -1 }, false, true },
    };

    for (size_t i = 0; i < 2 * LK_COUNT_OF(rows); i++) {
        struct lk_mip_fa_event event = asks_so(rows[i / 2].order);
        struct lk_mip_fa fa;

        config.challenge = i % 2 == 0;
        event.with = rows[i / 2].with ? &foreign : NULL;
        lk_mip_fa_init(&fa);
        step(&fa, &event);
        if (rows[i / 2].good)
            assert_int_equal(fa.state, LK_MIP_FA_PENDING);
        else
            is_refused(LK_MIP_CODE_FA_POOR_REQUEST, LK_REASON_MIP_ORDER);
    }
}

/* T12, spec: RFC 5944 3.7.3.1 - who is accepted has an address: without one nobody is served, also
 * not who has asked for any. */
static void test_t12_a_reply_has_a_home_address(void **state)
{
    for (int none = 1; none >= 0; none--) {
        struct lk_mip_fa fa = pending();
        const struct lk_mip_fa_event event =
            answers((struct answer){ .agents = &agents, .no_home = none != 0 });

        fa.home = ipv4(0, 0, 0, 0);
        step(&fa, &event);
        if (none != 0)
            is_refused(LK_MIP_CODE_FA_POOR_REPLY, LK_REASON_MIP_MALFORMED);
        assert_int_equal(fa.state, none != 0 ? LK_MIP_FA_NONE : LK_MIP_FA_SERVED);
    }
}

/* T12, spec: RFC 3543 3.2 - that it can revoke, the home agent says to us behind what it says to
 * the node; and to an offer, where we have made one. The last is the control. */
static void test_t12_who_may_revoke_says_it_to_us(void **state)
{
    for (int way = 0; way < 3; way++) {
        struct lk_mip_fa fa;
        struct lk_mip_fa_event event;
        struct lk_writer w = lk_writer_of(answered, sizeof answered);
        const struct lk_mip_extensions has = { .revocable = { .timestamp = 7 } };
        const struct lk_mip_reply fixed = { .lifetime_s = 600, .home = ipv4(10, 45, 0, 7),
                                            .agent = ipv4(192, 0, 2, 1),
                                            .identification = UINT64_C(0x1122334455667788) };

        config.revokes = way > 0;
        fa = pending();
        event = answers((struct answer){ .agents = &agents });
        lk_mip_reply_put(&w, &fixed);
        if (way == 1)
            lk_mip_extension_put(&w, LK_MIP_REVOCABLE, &has);
        lk_mip_msa_sign(&w, &home, home.spi_back, LK_MIP_MN_HA_AUTH);
        if (way != 1)
            lk_mip_extension_put(&w, LK_MIP_REVOCABLE, &has);
        lk_mip_msa_sign(&w, &agents, agents.spi_back, LK_MIP_FA_HA_AUTH);
        assert_int_equal(lk_mip_reply_decode(&reply, lk_writer_span(&w)), LK_OK);
        step(&fa, &event);
        assert_int_equal(fa.state, LK_MIP_FA_SERVED);
        assert_int_equal((fa.revocation & LK_MIP_FA_MAY_REVOKE) != 0, way == 2);
    }
}

/* spec: RFC 5944 3.7.2.1 - what is asked of us.
 * spec: RFC 5944 3.7.2.3 - and refused: in either state nothing is passed on or has changed. */
static void test_what_is_refused(void **state)
{
    struct lk_mip_msa other = msa(300, 9);
    const struct {
        struct node n;
        uint8_t code;
        enum lk_reason reason;
    } rows[] = {
        { { .no_proof = true }, LK_MIP_CODE_FA_POOR_REQUEST, LK_REASON_MIP_ORDER },
        { { .foreign_first = true }, LK_MIP_CODE_FA_POOR_REQUEST, LK_REASON_MIP_ORDER },
        { { .proof_first = true }, LK_MIP_CODE_FA_POOR_REQUEST, LK_REASON_MIP_ORDER },
        { { .critical = true }, LK_MIP_CODE_FA_VENDOR_MN, LK_REASON_MIP_VENDOR },
        { { .foreign = &other }, LK_MIP_CODE_FA_MN_AUTH, LK_REASON_MIP_MN_AUTH },
        { { .no_challenge = true }, LK_MIP_CODE_FA_CHALLENGE_MISSING,
          LK_REASON_MIP_CHALLENGE },
        { { .challenge = "who?" }, LK_MIP_CODE_FA_CHALLENGE_UNKNOWN,
          LK_REASON_MIP_CHALLENGE },
        { { .care_of = 2 }, LK_MIP_CODE_FA_CARE_OF, LK_REASON_MIP_CARE_OF },
        { { .no_agent = true }, LK_MIP_CODE_FA_HA_ZERO, LK_REASON_MIP_AGENT },
        { { .no_home = true }, LK_MIP_CODE_FA_NAI_MISSING, LK_REASON_MIP_NAI },
        { { .flags = LK_MIP_GRE }, LK_MIP_CODE_FA_ENCAPSULATION, LK_REASON_MIP_ENCAPSULATION },
        { { .flags = LK_MIP_REVERSE, .none = true }, LK_MIP_CODE_FA_REVERSE_NONE,
          LK_REASON_MIP_REVERSE },
        { { .must = true }, LK_MIP_CODE_FA_REVERSE_MANDATORY, LK_REASON_MIP_REVERSE },
        { { .lifetime_s = 1801 }, LK_MIP_CODE_FA_LIFETIME, LK_REASON_MIP_LIFETIME },
        { { .denied = true }, LK_MIP_CODE_FA_RESOURCES, LK_REASON_MIP_TABLE_FULL },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows) * 2; i++) {
        const size_t row = i / 2;
        struct lk_mip_fa fa, before;
        struct lk_mip_fa_event event;

        (void)setup(state);
        lk_mip_fa_init(&fa);
        if (i % 2 != 0)
            fa = served();
        fa.used = 0;
        before = fa;
        config.reverse = !rows[row].n.none;
        config.reverse_mandatory = rows[row].n.must;
        event = asks(rows[row].n);
        if (rows[row].n.foreign != NULL)
            event.with = &foreign;
        step(&fa, &event);
        is_refused(rows[row].code, rows[row].reason);
        assert_true(lk_span_equal(told().extensions.challenge, lk_span_text("next")));
        assert_memory_equal(&before, &fa, sizeof fa);
        if (rows[row].code == LK_MIP_CODE_FA_LIFETIME)
            assert_int_equal(told().lifetime_s, 1800);
    }
}

/* spec: RFC 3519 4.6 - the agent asks for its tunnel in UDP behind what is the node's, where the
 * node has not asked itself, and serves nobody without one. */
static void test_a_tunnel_in_udp(void **state)
{
    for (int way = 0; way < 3; way++) {
        struct lk_mip_fa_event event =
            asks((struct node){ .udp = way == 1, .udp_behind = way == 2 });
        struct lk_mip_request passed;
        struct lk_mip_reply heard;
        struct lk_mip_fa fa;

        config.udp = true;
        lk_mip_fa_init(&fa);
        step(&fa, &event);
        assert_int_equal(lk_mip_request_decode(
                             &passed, lk_mip_fa_find(&out, LK_MIP_FA_OUT_RELAY)->send.octets),
                         LK_OK);
        assert_int_equal(lk_mip_before(&passed.extensions, LK_MIP_UDP_REQUEST, LK_MIP_MN_HA_AUTH),
                         way == 1);
        assert_true(lk_mip_before(&passed.extensions, LK_MIP_UDP_REQUEST, LK_MIP_FA_HA_AUTH));
        event = answers((struct answer){ .agents = &agents, .udp = way > 0,
                                         .udp_declined = way == 1 });
        step(&fa, &event);
        heard = told();
        assert_int_equal(heard.code, way == 2 ? 0 : LK_MIP_CODE_FA_ENCAPSULATION);
        assert_false(lk_mip_has(&heard.extensions, LK_MIP_UDP_REPLY));
        if (way < 2)
            is_refused(LK_MIP_CODE_FA_ENCAPSULATION, LK_REASON_MIP_UDP);
    }
}

/* A proof between node and agent under an SPI that nobody has is none; one that is not there where
 * there is a key neither. */
static void test_a_proof_of_nobody(void **state)
{
    struct lk_mip_fa fa;
    struct lk_mip_fa_event event = asks((struct node){ .foreign = &foreign });

    lk_mip_fa_init(&fa);
    event.with = NULL;
    step(&fa, &event);
    is_refused(LK_MIP_CODE_FA_MN_AUTH, LK_REASON_MIP_MN_AUTH);
    event = asks((struct node){ .flags = 0 });
    event.with = &foreign;
    step(&fa, &event);
    is_refused(LK_MIP_CODE_FA_MN_AUTH, LK_REASON_MIP_MN_AUTH);
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
}

/* A22, spec: RFC 4721 3.2 - a challenge is good once; while its request is out, for the same. */
static void test_a22_a_challenge_is_good_once(void **state)
{
    struct lk_mip_fa fa = pending();
    struct lk_mip_fa_event event = asks((struct node){ .flags = 0 });

    step(&fa, &event);
    assert_non_null(lk_mip_fa_find(&out, LK_MIP_FA_OUT_RELAY));
    fa = served();
    event = asks((struct node){ .flags = 0 });
    step(&fa, &event);
    is_refused(LK_MIP_CODE_FA_CHALLENGE_STALE, LK_REASON_MIP_CHALLENGE);
    event = asks((struct node){ .challenge = "old!" }); /* the control */
    step(&fa, &event);
    assert_int_equal(fa.state, LK_MIP_FA_SERVED_PENDING);
}

/* T12, spec: RFC 5944 3.7.3.1 - a reply that is not passed back; what was served still is. */
static void test_t12_what_no_reply_is(void **state)
{
    struct lk_mip_msa other = msa(400, 9);
    const struct {
        struct answer a;
        uint8_t code;
        enum lk_reason reason;
    } rows[] = {
        { { .agents = NULL }, LK_MIP_CODE_FA_HA_AUTH, LK_REASON_MIP_FA_AUTH },
        { { .agents = &other }, LK_MIP_CODE_FA_HA_AUTH, LK_REASON_MIP_FA_AUTH },
        { { .agents = &agents, .behind = true }, LK_MIP_CODE_FA_HA_AUTH,
          LK_REASON_MIP_FA_AUTH },
        { { .agents = &agents, .lifetime_s = 601 }, LK_MIP_CODE_FA_POOR_REPLY,
          LK_REASON_MIP_MALFORMED },
        { { .agents = &agents, .no_home = true }, LK_MIP_CODE_FA_POOR_REPLY,
          LK_REASON_MIP_MALFORMED },
        { { .agents = &agents, .other_home = true }, LK_MIP_CODE_FA_POOR_REPLY,
          LK_REASON_MIP_MALFORMED },
        { { .agents = &agents, .critical = true }, LK_MIP_CODE_FA_VENDOR_HA,
          LK_REASON_MIP_VENDOR },
        { { .agents = &agents, .challenge = "who?" }, LK_MIP_CODE_FA_HA_CHALLENGE,
          LK_REASON_MIP_HA_CHALLENGE },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows) * 2; i++) {
        bool was = i % 2 != 0;
        struct lk_mip_fa fa = was ? served() : pending();
        struct lk_mip_fa_event event = asks((struct node){ .challenge = "old!" });

        step(&fa, &event);
        event = answers((struct answer){ .agents = &agents, .identification = 5 });
        assert_int_equal(lk_mip_fa_step(&fa, &config, &event, &out), LK_E_UNEXPECTED);
        event = answers(rows[i / 2].a);
        step(&fa, &event);
        is_refused(rows[i / 2].code, rows[i / 2].reason);
        assert_int_equal(fa.state, was ? LK_MIP_FA_SERVED : LK_MIP_FA_NONE);
    }
}

/* T12: no altered octet of a reply makes a binding, and none that is cut. */
static void test_an_altered_reply_serves_nobody(void **state)
{
    struct lk_mip_fa fa = pending(), draft;
    struct lk_mip_fa_event event = answers((struct answer){ .agents = &agents });
    size_t len = reply.extensions.whole.len;

    for (size_t i = 0; i < len; i++)
        for (int cut = 0; cut < 2; cut++) {
            answered[i] ^= (uint8_t)!cut;
            draft = fa;
            if (lk_mip_reply_decode(&reply, lk_span_of(answered, cut ? i : len)) == LK_OK &&
                lk_mip_fa_step(&draft, &config, &event, &out) == LK_OK)
                assert_int_equal(draft.state, LK_MIP_FA_NONE);
            answered[i] ^= (uint8_t)!cut;
        }
    assert_int_equal(lk_mip_reply_decode(&reply, lk_span_of(answered, len)), LK_OK);
    step(&fa, &event); /* the control */
    assert_int_equal(fa.state, LK_MIP_FA_SERVED);
}

static void test_time_and_the_path(void **state)
{
    struct lk_mip_fa fa = pending();
    struct lk_mip_fa_event event = { .kind = LK_MIP_FA_EV_EXPIRED, .now_ms = NOW + 6999 };

    assert_int_equal(lk_mip_fa_step(&fa, &config, &event, &out), LK_E_UNEXPECTED);
    event.now_ms++;
    step(&fa, &event);
    is_refused(LK_MIP_CODE_FA_TIMEOUT, LK_REASON_MIP_NO_ANSWER);
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
    fa = pending();
    event.kind = LK_MIP_FA_EV_UNREACHABLE;
    event.code = LK_MIP_CODE_FA_HA_PORT;
    step(&fa, &event);
    is_refused(LK_MIP_CODE_FA_HA_PORT, LK_REASON_MIP_UNREACHABLE);
    fa = served();
    event.kind = LK_MIP_FA_EV_EXPIRED;
    event.now_ms = NOW + 600000;
    step(&fa, &event);
    assert_non_null(lk_mip_fa_find(&out, LK_MIP_FA_OUT_ENDED));
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
}

static void test_a_deregistration_ends_it(void **state)
{
    struct lk_mip_fa fa = served();
    struct lk_mip_fa_event event = asks((struct node){ .gone = true, .challenge = "old!" });

    step(&fa, &event);
    event = answers((struct answer){ .code = LK_MIP_CODE_HA_IDENTIFICATION });
    step(&fa, &event);
    assert_int_equal(told().code, LK_MIP_CODE_HA_IDENTIFICATION);
    assert_int_equal(fa.state, LK_MIP_FA_SERVED);
    event = asks((struct node){ .gone = true });
    step(&fa, &event);
    event = answers((struct answer){ .code = 0 });
    step(&fa, &event);
    assert_non_null(lk_mip_fa_find(&out, LK_MIP_FA_OUT_ENDED));
    assert_int_equal(fa.state, LK_MIP_FA_NONE);
}

/* Every state meets every event: it is taken, or nothing has changed. */
static void test_every_state_meets_every_event(void **state)
{
    for (unsigned in = 0; in < LK_MIP_FA_STATE_COUNT; in++)
        for (unsigned kind = LK_MIP_FA_EV_REQUEST; kind <= LK_MIP_FA_EV_EXPIRED; kind++) {
            bool served_now = in == LK_MIP_FA_SERVED || in == LK_MIP_FA_SERVED_PENDING;
            bool out_now = in == LK_MIP_FA_PENDING || in == LK_MIP_FA_SERVED_PENDING;
            bool fits = kind == LK_MIP_FA_EV_REQUEST || out_now ||
                        (kind == LK_MIP_FA_EV_EXPIRED && served_now);
            struct lk_mip_fa fa, before;
            struct lk_mip_fa_event event;

            lk_mip_fa_init(&fa);
            if (served_now)
                fa = served();
            event = asks((struct node){ .challenge = "old!" });
            if (out_now)
                step(&fa, &event);
            before = fa;
            if (kind == LK_MIP_FA_EV_REPLY)
                event = answers((struct answer){ .agents = &agents });
            event.kind = (enum lk_mip_fa_event_kind)kind;
            event.now_ms = kind == LK_MIP_FA_EV_EXPIRED ? NOW + 900000 : NOW;
            event.code = LK_MIP_CODE_FA_HA_HOST;
            assert_int_equal(before.state, in);
            assert_int_equal(lk_mip_fa_step(&fa, &config, &event, &out),
                             fits ? LK_OK : LK_E_UNEXPECTED);
            if (!fits)
                assert_memory_equal(&before, &fa, sizeof fa);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_t12_a_request_is_passed_on_as_it_is, setup),
        cmocka_unit_test_setup(test_a_reply_is_passed_back, setup),
        cmocka_unit_test_setup(test_a_key_of_the_home_aaa, setup),
        cmocka_unit_test_setup(test_t12_the_order_of_proofs, setup),
        cmocka_unit_test_setup(test_t12_a_reply_has_a_home_address, setup),
        cmocka_unit_test_setup(test_t12_who_may_revoke_says_it_to_us, setup),
        cmocka_unit_test_setup(test_what_is_refused, setup),
        cmocka_unit_test_setup(test_a_tunnel_in_udp, setup),
        cmocka_unit_test_setup(test_a_proof_of_nobody, setup),
        cmocka_unit_test_setup(test_a22_a_challenge_is_good_once, setup),
        cmocka_unit_test_setup(test_t12_what_no_reply_is, setup),
        cmocka_unit_test_setup(test_an_altered_reply_serves_nobody, setup),
        cmocka_unit_test_setup(test_time_and_the_path, setup),
        cmocka_unit_test_setup(test_a_deregistration_ends_it, setup),
        cmocka_unit_test_setup(test_every_state_meets_every_event, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
