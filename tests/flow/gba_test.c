/* The room gba, both ends at Ub, over the vault's own functions: Ks on both sides, AUTS, TMPI,
 * loss, replay, and whoever has no right to any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gba_rig.h"

static void expect_equal_sessions(void)
{
    assert_true(gba.granted && gba.kept);
    assert_memory_equal(gba.grant.ks.octets, gba.keep.ks.octets, 32);
    assert_memory_equal(gba.grant.rand, gba.keep.rand, LK_RAND_LEN);
    assert_string_equal(gba.grant.b_tid, gba.keep.b_tid);
    assert_string_equal(gba.grant.tmpi, gba.keep.tmpi);
    assert_string_equal(gba.grant.impi, gba.keep.impi);
    assert_int_equal(gba.grant.expires_s, gba.keep.expires_s);
}

/* spec: TS 24.109 4.2 - the UE's two requests.
 * spec: RFC 3310 3.1 - AKAv1-MD5 is the name of the algorithm.
 * spec: TS 24.109 4.3 - the BSF's two answers: both ends have the same Ks, B-TID, TMPI and expiry,
 * with either version of AKA. */
static void a_bootstrapping_with_either_algorithm(void **state)
{
    struct lk_ks last = { { 0 } };

    for (unsigned i = 0; i < LK_GBA_ALGORITHM_COUNT; i++) {
        gba.bsf_config.algorithm = (enum lk_gba_algorithm)i;
        assert_int_equal(gba_run(""), 2);
        expect_equal_sessions();
        assert_string_equal(gba.keep.impi, GBA_IMPI);
        assert_int_equal(gba.keep.created_s, gba.now_ms / 1000);
        assert_int_equal(gba.keep.expires_s, gba.now_ms / 1000 + gba.bsf_config.lifetime_s);
        assert_string_equal(gba.keep.imsi.digits, GBA_IMSI);
        assert_memory_not_equal(gba.keep.ks.octets, last.octets, 32);
        last = gba.keep.ks;
        gba.now_ms += 1000;
    }
    assert_int_equal(gba.vectors, 2);
}

/* The BSF keeps nothing between two requests: another of its nodes answers the second. */
static void any_node_answers(void **state)
{
    gba_respond();
    lk_gba_bsf_init(&gba.bsf);
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.answer.status, 200);
    assert_false(gba_tell());
    expect_equal_sessions();
}

/* spec: TS 24.109 4.4 - a card that is ahead says so by AUTS, and the next challenge is right.
 * spec: RFC 3310 3.4 - under the empty password. */
static void resynchronisation(void **state)
{
    gba_card_ahead(0x10);
    assert_int_equal(gba_run(""), 3);
    expect_equal_sessions();
    assert_int_equal(gba.resyncs, 1);
    gba.now_ms += 1000;
    assert_int_equal(gba_run(""), 2); /* and stays right */
    gba_card_ahead(0x20);
    gba_respond(); /* with AUTS */
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.answer.status, 401);
    gba_card_ahead(0x30); /* once in a run, and no more */
    assert_false(gba_tell());
    assert_int_equal(gba.ue_failed, LK_REASON_AUTS_TWICE);
}

/* spec: TS 33.220 B.4 - the next time the UE is named by its TMPI, and IMPI is not sent; keys are
 * of the IMPI all the same. A TMPI that the BSF has forgotten costs one more round. */
static void tmpi(void **state)
{
    assert_int_equal(gba_run(""), 2);
    memcpy(gba.tmpi, gba.keep.tmpi, sizeof gba.tmpi);
    gba.now_ms += 1000;
    assert_int_equal(gba_run(gba.tmpi), 2);
    expect_equal_sessions();
    assert_string_equal(gba.grant.impi, GBA_IMPI);
    assert_int_equal(gba.names, 1);
    assert_string_not_equal(gba.keep.tmpi, gba.tmpi); /* the next is another */
    gba.now_ms += 1000;
    assert_int_equal(gba_run("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@" LK_TMPI_REALM), 3);
    expect_equal_sessions();
    assert_int_equal(gba.nobodies, 1);
}

/* A lost answer: the same second request has the same outcome, and asks for no vector. Times are
 * those of the challenge, so what was created later is not replaced by it. */
static void a_second_request_comes_again(void **state)
{
    struct lk_gba_session first;
    struct gba_octets sent, body, info;
    uint64_t created_s;

    gba_respond();
    sent = gba.sent;
    gba_ask(gba_span(&sent));
    first = gba.keep;
    body = gba.answer.body;
    info = gba.answer.info;
    gba.now_ms += 20000;
    gba_ask(gba_span(&sent));
    assert_int_equal(gba.answer.status, 200);
    assert_true(gba.kept);
    assert_memory_equal(&gba.keep, &first, sizeof first);
    assert_true(lk_span_equal(gba_span(&gba.answer.body), gba_span(&body)));
    assert_true(lk_span_equal(gba_span(&gba.answer.info), gba_span(&info)));
    assert_int_equal(gba.vectors, 1);
    created_s = gba.keep.created_s;
    assert_int_equal(gba_run(""), 2);
    assert_true(gba.keep.created_s > created_s);
    gba_ask(gba_span(&sent));
    assert_true(gba.kept && gba.keep.created_s == created_s);
}

/* spec: RFC 7616 3.3 - stale: a challenge that waited too long is given anew, and the UE goes on
 * with it, once. */
static void a_challenge_gets_old(void **state)
{
    for (unsigned late_s = 60; late_s <= 61; late_s++) {
        gba.now_ms += 200000;
        gba_respond();
        gba.now_ms += late_s * 1000;
        gba_ask(gba_span(&gba.sent));
        assert_int_equal(gba.answer.status, late_s == 60 ? 200 : 401);
        assert_int_equal(gba.kept, late_s == 60);
    }
    assert_true(gba_tell());
    gba.now_ms += 61000; /* and once more */
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.answer.status, 401);
    assert_false(gba_tell());
    assert_int_equal(gba.ue_failed, LK_REASON_GBA_REFUSED);
}

/* Of a node whose clock is ahead of ours: by a minute, and no more. */
static void a_challenge_of_the_future(void **state)
{
    gba_respond();
    gba.now_ms -= 60000;
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.answer.status, 200);
    gba.now_ms -= 1000;
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.answer.status, 401);
    assert_false(gba.kept);
}

/* Keys of the seal change by the day; a challenge around midnight is answered after it. */
static void over_midnight(void **state)
{
    const struct lk_node_key node = { { 9 } }, other = { { 8 } };
    uint32_t day = lk_node_day_of(gba.now_ms);

    gba_respond();
    lk_seal_keys_derive(&gba.keys, &node, LK_GBA_OPAQUE_LABEL, day + 1);
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.answer.status, 200);
    lk_seal_keys_derive(&gba.keys, &node, LK_GBA_OPAQUE_LABEL, day + 2);
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_OPAQUE);
    lk_seal_keys_derive(&gba.keys, &other, LK_GBA_OPAQUE_LABEL, day);
    gba_ask(gba_span(&gba.sent));
    assert_int_equal(gba.bsf_failed, LK_REASON_GBA_OPAQUE);
    assert_int_equal(gba.answer.status, 403);
}

/* Another card's K: no grant on either side. */
static void a_card_with_another_key(void **state)
{
    gba.usim.card.k[0] ^= 1;
    assert_int_equal(gba_run(""), 1);
    assert_int_equal(gba.ue_failed, LK_REASON_GBA_AUTN_MAC);
    assert_false(gba.kept);
}

/* T29: no octet of the last answer's body or rspauth may be altered, and none left out: the UE
 * takes nothing of it, the name of the home agent least of all. */
static void an_altered_result_is_not_read(void **state)
{
    struct gba_octets body, info;

    gba.bsf_config.home_agent = lk_span_text("ha.example");
    gba.bsf_config.home_agent_address = lk_span_text("192.0.2.1");
    for (size_t i = 0;; i++) {
        gba.now_ms += 1000;
        gba_respond();
        gba_ask(gba_span(&gba.sent));
        body = gba.answer.body;
        info = gba.answer.info;
        if (i < body.len) {
            gba.answer.body.at[i] ^= 1;
        } else if (i < 2 * body.len) {
            gba.answer.body.len = i - body.len;
        } else if (i == 2 * body.len) {
            gba.answer.info.len = 0;
        } else if (i == 2 * body.len + 1) { /* the end of it is rspauth */
            gba.answer.info.at[info.len - 2] ^= 1;
        } else if (i == 2 * body.len + 2) {
            gba.answer.info.len -= 2 + 32 + sizeof ", rspauth=" - 1;
        } else if (i == 2 * body.len + 3) { /* qop=auth: the body would not be covered */
            memmove(gba.answer.info.at + 8, gba.answer.info.at + 12, info.len - 12);
            gba.answer.info.len -= 4;
        } else {
            break;
        }
        assert_false(gba_tell());
        assert_false(gba.granted);
        assert_int_equal(gba.ue_failed, LK_REASON_GBA_UNPROVEN);
    }
    assert_false(gba_tell()); /* the control: unaltered it is taken */
    assert_true(gba.granted);
    assert_string_equal(gba.grant.home_agent, "ha.example");
    assert_string_equal(gba.grant.home_agent_address, "192.0.2.1");
}

/* A18: who is no subscriber gets the same: a 401 with a challenge of the same length, whose AMF is
 * everybody's, a vector is spent for it, and what answers it is refused in the same way. */
static void nobody_gets_what_a_subscriber_gets(void **state)
{
    struct gba_octets challenge[2], sent;
    struct lk_http_digest digest[2];
    uint8_t nonce[2][LK_GBA_NONCE_OCTETS];
    size_t len;

    for (unsigned i = 0; i < 2; i++) {
        gba.known = i == 0;
        gba_start("");
        sent = gba.sent;
        gba_ask(gba_span(&sent));
        assert_int_equal(gba.answer.status, 401);
        assert_int_equal(gba.bsf_failed, i == 0 ? LK_REASON_NONE : LK_REASON_SUBSCRIBER_UNKNOWN);
        challenge[i] = gba.answer.challenge;
        assert_int_equal(lk_http_digest_decode(&digest[i], LK_HTTP_CHALLENGE,
                                               gba_span(&challenge[i])), LK_OK);
        assert_int_equal(lk_base64_decode(nonce[i], sizeof nonce[i], &len,
                                          digest[i].value[LK_HTTP_NONCE]), LK_OK);
        assert_int_equal(gba.vectors, i + 1);
    }
    assert_int_equal(challenge[0].len, challenge[1].len);
    assert_int_equal(digest[0].present, digest[1].present);
    assert_int_equal(digest[0].value[LK_HTTP_OPAQUE].len, digest[1].value[LK_HTTP_OPAQUE].len);
    assert_memory_equal(nonce[0] + LK_RAND_LEN + LK_SQN_LEN, nonce[1] + LK_RAND_LEN + LK_SQN_LEN,
                        LK_AMF_LEN);
    assert_memory_not_equal(nonce[0], nonce[1], LK_RAND_LEN);
}

/* spec: TS 33.220 4.5.2 - a subscriber's settings make the life of its Ks shorter, never longer. */
static void a_limit_of_the_subscriber(void **state)
{
    struct lk_gba_bsf_limit limit[2] = { { .lifetime_s = 10 }, { .lifetime_s = 60 } };

    (void)state;
    assert_int_equal(lk_imsi_parse(&limit[0].imsi, lk_span_text("001019999999999")), LK_OK);
    assert_int_equal(lk_imsi_parse(&limit[1].imsi, lk_span_text(GBA_IMSI)), LK_OK);
    gba.bsf_config.limit = limit;
    gba.bsf_config.limit_count = 2;
    assert_int_equal(gba_run(""), 2);
    expect_equal_sessions();
    assert_int_equal(gba.keep.expires_s, gba.now_ms / 1000 + 60);
    limit[1].lifetime_s = gba.bsf_config.lifetime_s + 1;
    gba.now_ms += 1000;
    assert_int_equal(gba_run(""), 2);
    assert_int_equal(gba.keep.expires_s, gba.now_ms / 1000 + gba.bsf_config.lifetime_s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bootstrapping_with_either_algorithm, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(a_limit_of_the_subscriber, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(any_node_answers, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(resynchronisation, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(tmpi, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(a_second_request_comes_again, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(a_challenge_gets_old, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(a_challenge_of_the_future, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(over_midnight, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(a_card_with_another_key, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(an_altered_result_is_not_read, gba_open, gba_close),
        cmocka_unit_test_setup_teardown(nobody_gets_what_a_subscriber_gets, gba_open, gba_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
