/* proto/erp/server: which SEQ is taken, whose tag, what is kept, and what a Finish says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "erp_rig.h"

static int open_rig(void **state)
{
    erp_open();
    return 0;
}

/* An Initiate of the peer, which is not told. */
static struct lk_erp initiate_of(uint16_t seq)
{
    static char nai[LK_ERP_NAI_MAX + 1];
    struct lk_erp packet = { .code = LK_ERP_INITIATE, .id = 9, .type = LK_ERP_REAUTH, .seq = seq,
                             .suite = LK_ERP_HMAC_SHA256_128 };

    packet.keyname_nai = lk_erp_name_say(nai, erp.peer.context.name, erp.peer_config.realm);
    lk_erp_mark(&packet, LK_ERP_KEYNAME_NAI);
    return packet;
}

static void hears(const struct lk_erp *packet, const char *authenticator)
{
    struct erp_packet octets = erp_sealed(packet);

    assert_int_equal(erp_server_hears(erp_span(&octets), authenticator), LK_OK);
    assert_int_equal(erp.server.state, LK_ERP_SERVER_IDLE);
}

/* A refusal that gives nothing away and takes nothing away. */
static void expect_refused(enum lk_reason reason, const struct lk_erp_context *before)
{
    assert_int_equal(erp.server_failed, reason);
    assert_false(erp.server_granted);
    assert_int_equal(erp.finish.len, 0);
    assert_true(erp.has);
    assert_memory_equal(&erp.context, before, sizeof *before);
}

/* spec: RFC 6696 5.2 - a SEQ that is expected or higher is taken and echoed, and the next is above
 * it; what is lower is not answered. */
static void a_seq_is_taken_once(void **state)
{
    static const struct {
        uint16_t seq;
        bool taken;
    } rows[] = { { 0, true }, { 0, false }, { 1, true }, { 7, true }, { 6, false }, { 2, false },
                 { 7, false }, { 8, true }, { 65534, true }, { 65535, true } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_erp packet = initiate_of(rows[i].seq);
        struct lk_erp_context before = erp.context;

        erp.now_ms += 1000; /* nothing is cached any more */
        hears(&packet, "pos");
        if (!rows[i].taken) {
            expect_refused(LK_REASON_ERP_SEQ, &before);
            continue;
        }
        assert_true(erp.server_granted);
        assert_int_equal(erp.server_grant.seq, rows[i].seq);
        assert_int_equal(erp_decoded(&erp.finish).seq, rows[i].seq);
        assert_int_equal(erp_decoded(&erp.finish).id, 9);
        assert_int_equal(erp.context.next_seq, rows[i].seq + 1u);
    }
    assert_int_equal(erp.context.next_seq, LK_ERP_SEQ_END);
}

/* spec: RFC 6696 5.3.2 - SEQ do not wrap: after the last only EAP leads on. */
static void no_seq_after_the_last(void **state)
{
    static const uint16_t seqs[] = { 0, 1, 65535 };

    erp.context.next_seq = LK_ERP_SEQ_END;
    for (size_t i = 0; i < LK_COUNT_OF(seqs); i++) {
        struct lk_erp packet = initiate_of(seqs[i]);
        struct lk_erp_context before = erp.context;

        hears(&packet, "pos");
        expect_refused(LK_REASON_ERP_SEQ, &before);
    }
}

/* spec: RFC 6696 4.6 - each SEQ has its own rMSK. */
static void no_two_authenticators_share_an_rmsk(void **state)
{
    struct lk_erp first = initiate_of(0), second = initiate_of(1);
    struct lk_rmsk rmsk;

    hears(&first, "pos-1");
    rmsk = erp.server_grant.rmsk;
    hears(&second, "pos-2");
    assert_memory_not_equal(&rmsk, &erp.server_grant.rmsk, sizeof rmsk);
    /* What went to the first is nobody else's, though it is the same Initiate within the time. */
    erp_open();
    hears(&first, "pos-1");
    hears(&first, "pos-2");
    assert_false(erp.server_granted);
    assert_int_equal(erp.server_failed, LK_REASON_ERP_SEQ);
}

/* spec: RFC 6696 5.2 - a repeat gets the same octets, for 100 ms, and no later. */
static void a_repeat_gets_the_same_finish(void **state)
{
    struct lk_erp packet = initiate_of(3), other = initiate_of(3);
    struct erp_packet first;
    struct lk_rmsk rmsk;

    packet.flags = LK_ERP_LIFETIMES;
    hears(&packet, "pos");
    first = erp.finish;
    rmsk = erp.server_grant.rmsk;
    erp.now_ms += LK_ERP_DUPLICATE_MS - 1;
    hears(&packet, "pos");
    assert_true(erp.server_granted);
    assert_int_equal(erp.finish.len, first.len);
    assert_memory_equal(erp.finish.at, first.at, first.len);
    assert_memory_equal(&rmsk, &erp.server_grant.rmsk, sizeof rmsk);
    hears(&other, "pos"); /* the same SEQ, and not the same packet */
    assert_int_equal(erp.server_failed, LK_REASON_ERP_SEQ);
    erp.now_ms += 1;
    hears(&packet, "pos");
    assert_int_equal(erp.server_failed, LK_REASON_ERP_SEQ);
    assert_int_equal(erp.context.next_seq, 4);
}

/* spec: RFC 6696 5.3.4 - no octet may be altered, and nothing of it counts or is lost. */
static void an_altered_initiate_changes_nothing(void **state)
{
    struct lk_erp packet = initiate_of(5);
    struct erp_packet octets = erp_sealed(&packet);
    struct lk_erp_context before = erp.context;

    for (size_t i = 0; i < octets.len; i++) {
        octets.at[i] ^= 0x20;
        (void)!erp_server_hears(erp_span(&octets), "pos");
        assert_false(erp.server_granted);
        assert_int_equal(erp.finish.len, 0);
        assert_true(erp.has);
        assert_memory_equal(&erp.context, &before, sizeof before);
        assert_int_equal(erp.server.state, LK_ERP_SERVER_IDLE);
        octets.at[i] ^= 0x20;
    }
    for (size_t len = 0; len < octets.len; len++)
        assert_int_not_equal(erp_server_hears(lk_span_of(octets.at, len), "pos"), LK_OK);
    octets.at[octets.len - 1] ^= 1; /* of the tag */
    assert_int_equal(erp_server_hears(erp_span(&octets), "pos"), LK_OK);
    expect_refused(LK_REASON_ERP_TAG, &before);
}

/* spec: RFC 6696 5.3.2 - the name is sixteen digits at the server's realm. */
static void a_name_is_of_our_realm(void **state)
{
    static const struct {
        const char *nai;
        enum lk_reason reason;
    } rows[] = {
        { "%@HOME.example", LK_REASON_NONE },
        { "%@home.example.org", LK_REASON_ERP_NAME },
        { "%@home.exampl", LK_REASON_ERP_NAME },
        { "%@", LK_REASON_ERP_NAME },
        { "%", LK_REASON_ERP_NAME },
        { "%%@home.example", LK_REASON_ERP_NAME },
        { "0011223344556677@home.example", LK_REASON_ERP_UNKNOWN },
        { "001122334455667@home.example", LK_REASON_ERP_NAME },
        { "001122334455667x@home.example", LK_REASON_ERP_NAME },
        { "0", LK_REASON_ERP_NAME },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_erp packet = initiate_of(0);
        char nai[128];
        size_t len = 0;

        for (const char *c = rows[i].nai; *c != '\0'; c++) {
            if (*c == '%') {
                memcpy(nai + len, packet.keyname_nai.at, 16);
                len += 16;
            } else {
                nai[len++] = *c;
            }
        }
        packet.keyname_nai = lk_span_of(nai, len);
        hears(&packet, "pos");
        assert_int_equal(erp.server_failed, rows[i].reason);
        assert_int_equal(erp.server_granted, rows[i].reason == LK_REASON_NONE);
        assert_true(erp.has);
    }
}

/* spec: RFC 6696 4.6 - an rMSK never outlives the rRK, and a dead rRK is kept no longer. */
static void lifetimes(void **state)
{
    struct lk_erp packet = initiate_of(0);

    packet.flags = LK_ERP_LIFETIMES;
    hears(&packet, "pos");
    assert_int_equal(erp.server_grant.rmsk_lifetime_s, 3600);
    assert_int_equal(erp_decoded(&erp.finish).rmsk_lifetime_s, 3600);
    assert_int_equal(erp_decoded(&erp.finish).rrk_lifetime_s, ERP_LIFETIME_S);
    erp.now_ms += (ERP_LIFETIME_S - 10) * 1000;
    packet = initiate_of(1);
    hears(&packet, "pos"); /* not asked for: not told */
    assert_int_equal(erp.server_grant.rmsk_lifetime_s, 10);
    assert_false(lk_erp_has(&(struct lk_erp){ .present = erp_decoded(&erp.finish).present },
                            LK_ERP_RMSK_LIFETIME));
    assert_int_equal(erp_decoded(&erp.finish).flags, 0);
    erp.now_ms += 10 * 1000;
    packet = initiate_of(2);
    hears(&packet, "pos");
    assert_int_equal(erp.server_failed, LK_REASON_ERP_EXPIRED);
    assert_false(erp.server_granted || erp.has);
    hears(&packet, "pos");
    assert_int_equal(erp.server_failed, LK_REASON_ERP_UNKNOWN);
}

/* spec: RFC 6696 5.3.3 - who bootstraps is told the domain. */
static void the_domain_is_told_to_who_bootstraps(void **state)
{
    struct lk_erp packet = initiate_of(0), finish;

    packet.flags = LK_ERP_BOOTSTRAP;
    hears(&packet, "pos");
    assert_true(erp.server_grant.bootstrap);
    finish = erp_decoded(&erp.finish);
    assert_int_equal(finish.flags, LK_ERP_BOOTSTRAP);
    assert_true(lk_span_equal(finish.domain, erp.server_config.domain));
    packet = initiate_of(1);
    hears(&packet, "pos");
    finish = erp_decoded(&erp.finish);
    assert_false(lk_erp_has(&finish, LK_ERP_DOMAIN) || erp.server_grant.bootstrap);
}

/* spec: RFC 6696 4.4 - each suite has a rIK of its own.
 * spec: RFC 6696 5.3.2 - a suite that is not taken is refused under its own tag, with those that
 * are; its SEQ is spent. The first that was taken is that of the key. */
static void suites(void **state)
{
    struct lk_erp packet = initiate_of(0), finish;
    struct erp_packet octets;

    packet.suite = LK_ERP_HMAC_SHA256_64;
    hears(&packet, "pos");
    assert_int_equal(erp.server_failed, LK_REASON_ERP_SUITE);
    assert_false(erp.server_granted);
    assert_int_equal(lk_erp_open(&finish, erp_span(&erp.finish), 0, &erp.context.rrk), LK_OK);
    assert_int_equal(finish.flags, LK_ERP_FAILED);
    assert_int_equal(finish.suite, LK_ERP_HMAC_SHA256_64);
    assert_true(lk_span_equal(finish.suites, lk_span_text("\x02\x03")));
    assert_int_equal(erp.context.next_seq, 1);
    packet.suite = LK_ERP_HMAC_SHA256_256;
    packet.seq = 1;
    hears(&packet, "pos");
    assert_true(erp.server_granted);
    packet.suite = LK_ERP_HMAC_SHA256_128;
    packet.seq = 2;
    octets = erp_sealed(&packet);
    assert_int_equal(erp_server_hears(erp_span(&octets), "pos"), LK_OK);
    assert_int_equal(erp.server_failed, LK_REASON_ERP_TAG);
    assert_int_equal(erp.context.next_seq, 2);
}

static struct lk_erp early_of(uint16_t seq, const char *cap)
{
    struct lk_erp packet = initiate_of(seq);

    packet.flags = LK_ERP_EARLY;
    packet.cap_id = lk_span_text(cap);
    if (packet.cap_id.len > 0)
        lk_erp_mark(&packet, LK_ERP_CAP_ID);
    return packet;
}

/* spec: RFC 6630 4 - a pMSK of the SEQ, for the attachment point that the peer names: to itself, or
 * to a PoS of the home, which brings it there. There is no rMSK beside it. */
static void an_early_key_is_for_whom_the_peer_names(void **state)
{
    const struct lk_rmsk none = { { 0 } };
    struct lk_pmsk pmsk;

    for (uint16_t seq = 0; seq < 2; seq++) {
        struct lk_erp packet = early_of(seq, "pos@b"), finish;

        erp.through_home = seq != 0;
        hears(&packet, seq == 0 ? "pos@b" : "pos@home.example");
        assert_true(erp.server_granted && erp.server_grant.early);
        lk_pmsk_derive(&pmsk, &erp.context.prk, seq);
        assert_memory_equal(&erp.server_grant.pmsk, &pmsk, sizeof pmsk);
        assert_memory_equal(&erp.server_grant.rmsk, &none, sizeof none);
        finish = erp_decoded(&erp.finish);
        assert_int_equal(finish.flags, LK_ERP_EARLY);
        assert_int_equal(erp.context.next_seq, seq + 1u);
    }
}

/* T40: a PoS on the way asks for itself, or the Initiate names nobody: no key, and the SEQ is
 * spent. The control is above. */
static void an_early_key_is_nobody_elses(void **state)
{
    static const struct {
        const char *cap, *through;
        bool of_home;
    } rows[] = { { "pos@b", "pos@a", false }, { "pos@b", "", false }, { "", "", false },
                 { "", "pos@home.example", true }, { "pos@b", "pos@B", false } };

    for (uint16_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_erp packet = early_of(i, rows[i].cap);

        erp.through_home = rows[i].of_home;
        hears(&packet, rows[i].through);
        assert_int_equal(erp.server_failed, LK_REASON_ERP_EARLY);
        assert_false(erp.server_granted);
        assert_int_equal(erp.context.next_seq, i + 1u);
    }
}

/* T43: who altered the name has no tag for it, and a SEQ serves once, whichever key it is for. */
static void an_early_initiate_serves_once(void **state)
{
    struct lk_erp packet = early_of(0, "pos@b");
    struct erp_packet octets = erp_sealed(&packet);

    erp.through_home = true;
    for (size_t i = 4; i < octets.len; i++) {
        octets.at[i] ^= 1;
        if (erp_server_hears(erp_span(&octets), "pos@home.example") != LK_OK)
            lk_erp_server_init(&erp.server);
        assert_false(erp.server_granted);
        octets.at[i] ^= 1;
    }
    for (size_t len = 0; len < octets.len; len++)
        assert_int_not_equal(erp_server_hears(lk_span_of(octets.at, len), "pos@home.example"),
                             LK_OK);
    assert_int_equal(erp.context.next_seq, 0);
    assert_int_equal(erp_server_hears(erp_span(&octets), "pos@home.example"), LK_OK);
    assert_true(erp.server_granted);
    erp.now_ms += LK_ERP_DUPLICATE_MS;
    assert_int_equal(erp_server_hears(erp_span(&octets), "pos@home.example"), LK_OK);
    assert_int_equal(erp.server_failed, LK_REASON_ERP_SEQ);
    packet = initiate_of(0);
    hears(&packet, "pos@b");
    assert_int_equal(erp.server_failed, LK_REASON_ERP_SEQ);
}

static void what_has_no_place_changes_nothing(void **state)
{
    struct lk_erp packet = initiate_of(0);
    struct erp_packet octets = erp_sealed(&packet);
    struct lk_erp_server_event context = { .kind = LK_ERP_SERVER_EV_CONTEXT,
                                           .context = erp.context };
    const struct lk_erp_server_event received = {
        .kind = LK_ERP_SERVER_EV_RECEIVED, .received = { erp_span(&octets), lk_span_text("pos") } };

    assert_int_equal(erp_server_event(&context), LK_E_UNEXPECTED);
    context.kind = LK_ERP_SERVER_EV_NO_CONTEXT;
    assert_int_equal(erp_server_event(&context), LK_E_UNEXPECTED);
    assert_int_equal(erp_server_event(&received), LK_OK);
    assert_int_equal(erp_server_event(&received), LK_E_UNEXPECTED);
    context.kind = LK_ERP_SERVER_EV_CONTEXT;
    context.context.name[0] ^= 1; /* of another */
    assert_int_equal(erp_server_event(&context), LK_E_VALUE);
    assert_int_equal(erp.server.state, LK_ERP_SERVER_AWAIT_CONTEXT);
    context.kind = LK_ERP_SERVER_EV_NO_CONTEXT;
    assert_int_equal(erp_server_event(&context), LK_OK);
    assert_int_equal(erp.server_failed, LK_REASON_ERP_UNKNOWN);
    packet.code = LK_ERP_FINISH;
    octets = erp_sealed(&packet);
    assert_int_equal(erp_server_hears(erp_span(&octets), "pos"), LK_E_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_seq_is_taken_once, open_rig),
        cmocka_unit_test_setup(no_seq_after_the_last, open_rig),
        cmocka_unit_test_setup(no_two_authenticators_share_an_rmsk, open_rig),
        cmocka_unit_test_setup(a_repeat_gets_the_same_finish, open_rig),
        cmocka_unit_test_setup(an_altered_initiate_changes_nothing, open_rig),
        cmocka_unit_test_setup(a_name_is_of_our_realm, open_rig),
        cmocka_unit_test_setup(lifetimes, open_rig),
        cmocka_unit_test_setup(the_domain_is_told_to_who_bootstraps, open_rig),
        cmocka_unit_test_setup(suites, open_rig),
        cmocka_unit_test_setup(an_early_key_is_for_whom_the_peer_names, open_rig),
        cmocka_unit_test_setup(an_early_key_is_nobody_elses, open_rig),
        cmocka_unit_test_setup(an_early_initiate_serves_once, open_rig),
        cmocka_unit_test_setup(what_has_no_place_changes_nothing, open_rig),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
