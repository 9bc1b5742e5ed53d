/* The room e2e, both ends: what goes into a session, what comes out, and everybody who has no right
 * to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "e2e_rig.h"

enum { N = LK_E2E_WITH_N, P = LK_E2E_WITH_P, C = LK_E2E_WITH_CLIENT_KEY, ALL = N | P | C };

static int close_rig(void **state)
{
    e2e_close();
    return 0;
}

static void expect_session(void)
{
    assert_true(e2e.ue_granted && e2e.server_granted);
    assert_memory_equal(&e2e.ue_session.exporter, &e2e.server_session.exporter, 32);
    assert_memory_equal(&e2e.ue_session.resumption, &e2e.server_session.resumption, 32);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(e2e_say(&e2e.ue_session, &e2e.server_session, "up"), LK_OK);
        assert_int_equal(e2e_say(&e2e.server_session, &e2e.ue_session, "down"), LK_OK);
    }
}

static void expect_none(void)
{
    assert_false(e2e.ue_granted);
    assert_false(e2e.server_granted);
}

/* Every combination of what can go in, none of it included, gives a session; and no two of them one
 * key. TR 33.835 5.6: it works with the operator's key absent. */
static void every_combination(void **state)
{
    uint8_t seen[8][32];

    for (uint8_t flags = 0; flags < 8; flags++) {
        e2e_open(flags);
        e2e_run();
        assert_int_equal(e2e.asked, 1);
        expect_session();
        assert_int_equal(e2e.server_session.flags, flags);
        memcpy(seen[flags], &e2e.ue_session.exporter, 32);
        for (unsigned i = 0; i < flags; i++)
            assert_memory_not_equal(seen[i], seen[flags], 32);
    }
}

/* T61: an end that requires what the other does not offer, or what it has not itself, refuses, and
 * nothing is said. */
static void nothing_falls_back(void **state)
{
    for (uint8_t require = 1; require < 8; require++) {
        for (uint8_t flags = 0; flags < 8; flags++) {
            const bool enough = (require & ~flags) == 0;

            e2e_open(flags);
            e2e.ue_config.require = require;
            e2e_run();
            assert_int_equal(e2e.ue_granted, enough);
            assert_int_equal(e2e.ue_failed, enough ? LK_REASON_NONE : LK_REASON_E2E_POLICY);
            assert_int_equal(e2e.hello.len > 0, enough);

            e2e_open(flags);
            e2e.apps[0].require = require;
            e2e_run();
            assert_int_equal(e2e.server_granted, enough);
            assert_int_equal(e2e.server_failed, enough ? LK_REASON_NONE : LK_REASON_E2E_POLICY);
            assert_int_equal(e2e.reply.len > 0, enough);
        }
    }
}

/* T61: whoever is in the path takes an input off the offer, or adds one: message 1 does not prove
 * itself any more. So with each octet of every message, and with each cut. */
static void an_altered_message_is_noticed(void **state)
{
    struct e2e_octets other;

    for (unsigned which = 0; which < 3; which++) {
        for (size_t i = 0;; i++) {
            const struct e2e_octets *good;
            enum lk_status status;

            e2e_open(ALL);
            e2e_start();
            if (which > 0)
                assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
            if (which > 1)
                assert_int_equal(e2e_at_ue(e2e_span(&e2e.reply)), LK_OK);
            good = which == 0 ? &e2e.hello : which == 1 ? &e2e.reply : &e2e.finish;
            if (i == 2 * good->len)
                break;
            other = *good;
            if (i % 2 == 0)
                other.at[i / 2] ^= 1;
            else
                other.len = i / 2;
            status = which == 1 ? e2e_at_ue(e2e_span(&other)) : e2e_at_server(e2e_span(&other));
            if (which == 1)
                assert_true(status != LK_OK || e2e.ue_failed != LK_REASON_NONE);
            else
                assert_true(status != LK_OK || e2e.server_failed != LK_REASON_NONE);
            assert_false(e2e.server_granted);
            assert_int_equal(e2e.ue_granted, which == 2);
        }
    }
}

/* T61: the flags swapped in the offer alone, with lengths kept: not one stripped offer is taken. */
static void a_stripped_offer_is_noticed(void **state)
{
    for (uint8_t flags = 0; flags < 4; flags++) {
        for (uint8_t other = 0; other < 4; other++) {
            e2e_open(flags);
            e2e_start();
            e2e.hello.at[LK_E2E_HEADER + 1] = other;
            assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
            assert_int_equal(e2e.server_failed,
                             flags == other ? LK_REASON_NONE : LK_REASON_E2E_UNPROVEN);
        }
    }
}

/* T61: secrets that are not equal at both ends: the application sees it by message 2, and says
 * nothing to such a server; a server sees it by FINISH. Both give the same reason. */
static void unequal_secrets(void **state)
{
    for (unsigned i = 0; i < 3; i++) {
        e2e_open(ALL);
        if (i == 0)
            e2e.server_n.octets[0] ^= 1;
        else if (i == 1)
            e2e.server_p.octets[31] ^= 1;
        else
            e2e.known = false;
        e2e_run();
        expect_none();
        assert_int_equal(e2e.ue_failed, LK_REASON_E2E_UNPROVEN);
        assert_int_equal(e2e.finish.len, 0);
    }
}

/* A18: who names keys that are not there gets a REPLY of the same length, and what fails comes
 * later. */
static void nobody_gets_what_everybody_gets(void **state)
{
    size_t len[2];

    for (unsigned i = 0; i < 2; i++) {
        e2e_open(N | P);
        e2e.known = i == 0;
        e2e_start();
        assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
        assert_int_equal(e2e.server_failed, LK_REASON_NONE);
        len[i] = e2e.reply.len;
        if (i == 1) {
            memset(e2e.finish.at, 0, sizeof e2e.finish.at);
            lk_e2e_sealed_header(e2e.finish.at, LK_E2E_FINISH, 0, 0, LK_E2E_TAG);
            e2e.finish.len = LK_E2E_RECORD_HEADER + LK_E2E_TAG;
            assert_int_equal(e2e_at_server(e2e_span(&e2e.finish)), LK_OK);
            assert_int_equal(e2e.server_failed, LK_REASON_E2E_KEYS);
        }
    }
    assert_int_equal(len[0], len[1]);
}

/* T61: points of small order, as message 1, as message 2, as the application's key: refused by both
 * ends. RFC 7748 6.1. */
static void points_of_small_order(void **state)
{
    static const uint8_t small[][32] = {
        { 0 },
        { 1 },
        { 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
          0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
          0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
        { 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
          0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
          0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
    };
    const size_t offer = 2 + 1 + sizeof E2E_FQDN - 1 + 1 + sizeof E2E_APP - 1;

    for (size_t i = 0; i < LK_COUNT_OF(small); i++) {
        e2e_open(N);
        e2e_start();
        memcpy(e2e.hello.at + LK_E2E_HEADER + offer, small[i], 32);
        assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
        assert_int_equal(e2e.server_failed, LK_REASON_E2E_POINT);
        e2e_open(N);
        e2e_start();
        assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
        memcpy(e2e.reply.at + LK_E2E_HEADER, small[i], 32);
        assert_int_equal(e2e_at_ue(e2e_span(&e2e.reply)), LK_OK);
        assert_int_equal(e2e.ue_failed, LK_REASON_E2E_POINT);
        e2e_open(N);
        memcpy(e2e.ue_config.server.octets, small[i], 32);
        e2e_start();
        assert_int_equal(e2e.ue_failed, LK_REASON_E2E_POINT);
        assert_int_equal(e2e.hello.len, 0);
    }
}

/* A19: what an end says comes back to it, in the handshake and in the session; and an end that is
 * application and server at once does not talk to itself. */
static void reflection(void **state)
{
    struct e2e_octets other;

    e2e_open(ALL);
    e2e_start();
    assert_int_equal(e2e_at_ue(e2e_span(&e2e.hello)), LK_E_UNEXPECTED);
    other = e2e.hello;
    other.at[0] = LK_E2E_REPLY;
    assert_int_equal(e2e_at_ue(e2e_span(&other)), LK_OK);
    assert_int_equal(e2e.ue_failed, LK_REASON_E2E_UNPROVEN);

    e2e_open(ALL); /* the session */
    e2e_run();
    assert_int_equal(e2e_say(&e2e.ue_session, &e2e.server_session, "the control"), LK_OK);
    assert_int_equal(e2e_say(&e2e.server_session, &e2e.ue_session, "the control"), LK_OK);
    {
        struct lk_e2e_session self = e2e.ue_session;

        assert_int_not_equal(e2e_say(&e2e.ue_session, &self, "to itself"), LK_OK);
        self = e2e.ue_session;
        self.channel.takes.next = self.channel.sends.next;
        assert_int_equal(e2e_say(&e2e.ue_session, &self, "to itself"), LK_E_MAC);
    }
    e2e_open(ALL); /* one end that is both */
    memcpy(e2e.c, e2e.s, sizeof e2e.c);
    e2e.c_public = e2e.s_public;
    e2e_start();
    assert_int_equal(e2e.ue_failed, LK_REASON_E2E_REFLECTION);
}

/* A19, at the server: message 1 of who has the server's own key. */
static void the_servers_own_key(void **state)
{
    struct lk_e2e_hello hello = { C, lk_span_text(E2E_FQDN), lk_span_text(E2E_APP), { NULL, 0 },
                                  { NULL, 0 } };
    struct lk_e2e_who who = { LK_E2E_NO_KEY_ID, { NULL, 0 }, lk_span_text("ann") };
    uint8_t offer[LK_E2E_OFFER_MAX], payload[64], frame[LK_E2E_HANDSHAKE_MAX], shared[32];
    struct lk_writer o = lk_writer_of(offer, sizeof offer), p = lk_writer_of(payload, 64);
    struct lk_writer w = lk_writer_of(frame, sizeof frame);
    enum lk_noise_need need;
    struct lk_noise noise;

    e2e_open(C);
    e2e_start();
    lk_e2e_noise_start(&noise, true, &hello, &e2e.e_public, &e2e.s_public, &e2e.s_public);
    lk_e2e_who_encode(&p, &who);
    assert_int_equal(lk_noise_say(&noise, lk_writer_span(&p)), LK_OK);
    while (lk_noise_go(&noise, &need) == LK_OK && need == LK_NOISE_DH) {
        assert_int_equal(lk_x25519_shared(shared, noise.ask.own_static ? e2e.s : e2e.e,
                                          noise.ask.peer.octets), LK_OK);
        lk_noise_dh(&noise, shared);
    }
    lk_e2e_offer_encode(&o, &hello);
    assert_int_equal(lk_e2e_frame_of(&w, LK_E2E_HELLO, lk_writer_span(&o), &noise), LK_OK);
    assert_int_equal(e2e_at_server(lk_writer_span(&w)), LK_OK);
    assert_int_equal(e2e.server_failed, LK_REASON_E2E_REFLECTION);
    assert_int_equal(e2e.asked, 0);
}

/* A HELLO that comes again leads to another message 2, and no FINISH of the first fits to it. */
static void a_replayed_hello(void **state)
{
    struct e2e_octets hello, reply, finish;

    e2e_open(N);
    e2e_run();
    expect_session();
    hello = e2e.hello;
    reply = e2e.reply;
    finish = e2e.finish;
    assert_int_equal(e2e_at_server(e2e_span(&hello)), LK_OK);
    assert_int_equal(reply.len, e2e.reply.len);
    assert_memory_not_equal(reply.at, e2e.reply.at, reply.len);
    assert_int_equal(e2e_at_server(e2e_span(&finish)), LK_OK);
    assert_int_equal(e2e.server_failed, LK_REASON_E2E_UNPROVEN);
    assert_false(e2e.server_granted);
}

/* In datagrams a HELLO is said again until REPLY comes: the same octets back, no new question. */
static void a_hello_again_in_datagrams(void **state)
{
    struct e2e_octets reply;

    e2e_open(N);
    e2e.ue_config.datagrams = e2e.server_config.datagrams = true;
    e2e_start();
    assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
    reply = e2e.reply;
    assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
    assert_int_equal(reply.len, e2e.reply.len);
    assert_memory_equal(reply.at, e2e.reply.at, reply.len);
    assert_int_equal(e2e.asked, 1);
    e2e.hello.at[e2e.hello.len - 1] ^= 1;
    assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_E_UNEXPECTED);
    assert_int_equal(e2e_at_ue(lk_span_of("\7\0\1\1", 4)), LK_E_DENIED); /* an ALERT is nothing */
    assert_int_equal(e2e_at_ue(e2e_span(&reply)), LK_OK);
    assert_int_equal(e2e_at_server(e2e_span(&e2e.finish)), LK_OK);
    expect_session();
}

/* T63: another name of server or application at the other end, or swapped on the way. */
static void names_are_bound(void **state)
{
    e2e_open(N | P);
    e2e.ue_config.scope.fqdn = lk_span_text("bpp.example");
    e2e_run();
    assert_int_equal(e2e.server_failed, LK_REASON_E2E_SERVER);
    e2e_open(N | P);
    e2e.ue_config.scope.app = lk_span_text("notez");
    e2e_run();
    assert_int_equal(e2e.server_failed, LK_REASON_E2E_APP);
    e2e_open(N | P);
    e2e.ue_config.scope.app = lk_span_text("chat");
    e2e_start();
    e2e.hello.at[LK_E2E_HEADER + 1 + 1 + 1 + sizeof E2E_FQDN - 1] = 5; /* to notes, and longer */
    assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
    assert_int_not_equal(e2e.server_failed, LK_REASON_NONE);
}

/* T63: two applications on one server, with the same P and the same N: other keys, and neither
 * opens the other's. */
static void applications_apart(void **state)
{
    struct lk_e2e_session notes;

    e2e_open(N | P);
    e2e_run();
    notes = e2e.ue_session;
    e2e.ue_config.scope.app = lk_span_text("chat");
    e2e.draws -= 2; /* the very same ephemeral keys */
    e2e_run();
    assert_true(e2e.ue_granted && e2e.server_granted);
    assert_memory_not_equal(&notes.exporter, &e2e.ue_session.exporter, 32);
    assert_int_equal(e2e_say(&notes, &e2e.server_session, "swapped"), LK_E_MAC);
}

/* An earlier session's secret in the place of P and N: fresh Diffie-Hellman all the same, and what
 * is required counts by what that session had. */
static void resumed(void **state)
{
    e2e_open(ALL);
    e2e_run();
    expect_session();
    e2e.resumption = e2e.ue_session.resumption;
    e2e.server_resumption = e2e.server_session.resumption;
    e2e.resumed_flags = e2e.server_resumed_flags = ALL;
    e2e.flags = ALL | LK_E2E_RESUMED;
    e2e.apps[0].require = e2e.ue_config.require = ALL;
    e2e_run();
    expect_session();
    assert_memory_not_equal(&e2e.resumption, &e2e.ue_session.resumption, 32);
}

/* T63: a ticket's secret of another application, of other flags or of nobody. */
static void swapped_tickets(void **state)
{
    for (unsigned i = 0; i < 4; i++) {
        e2e_open(N | P);
        e2e_run();
        e2e.resumption = e2e.ue_session.resumption;
        e2e.server_resumption = e2e.server_session.resumption;
        e2e.resumed_flags = e2e.server_resumed_flags = N | P;
        e2e.flags |= LK_E2E_RESUMED;
        if (i == 0) {
            e2e.server_resumption.octets[0] ^= 1;
        } else if (i == 1) {
            e2e.server_resumed_flags = N;
        } else if (i == 2) {
            struct lk_e2e_scope chat = { lk_span_text(E2E_FQDN), lk_span_text("chat") };

            lk_e2e_resumption_derive(&e2e.server_resumption, &e2e.server_session.exporter, &chat,
                                     N | P);
        } else {
            struct lk_e2e_scope same = { lk_span_text(E2E_FQDN), lk_span_text(E2E_APP) };

            lk_e2e_resumption_derive(&e2e.server_resumption, &e2e.server_session.exporter, &same,
                                     N);
        }
        e2e.server_granted = false;
        e2e_run();
        expect_none();
        assert_int_equal(i == 1 ? e2e.server_failed : e2e.ue_failed,
                         i == 1 ? LK_REASON_E2E_KEYS : LK_REASON_E2E_UNPROVEN);
    }
}

/* What the server's role tells must be what the offer names: N and P, each there or not. */
static void keys_that_do_not_fit(void **state)
{
    for (uint8_t offer = 0; offer < 4; offer++)
        for (uint8_t mistold = 0; mistold < 4; mistold++) {
            e2e_open(offer);
            e2e.mistold = mistold;
            e2e_run();
            assert_int_equal(e2e.server_granted, mistold == 0);
            assert_int_equal(e2e.server_failed,
                             mistold == 0 ? LK_REASON_NONE : LK_REASON_E2E_KEYS);
        }
}

/* A ticket is what a resumed session comes with, and no other. */
static void who_it_is_in_another_way(void **state)
{
    for (unsigned resumed = 0; resumed < 2; resumed++) {
        e2e_open(N | P);
        if (resumed == 1) {
            e2e_run();
            e2e_resume();
        }
        e2e.other_kind = true;
        e2e.server_granted = false;
        e2e_run();
        expect_none();
        assert_int_equal(e2e.server_failed, LK_REASON_E2E_MALFORMED);
    }
}

/* An ALERT at the server: over a stream the handshake is over, in datagrams it is nobody's. */
static void an_alert_at_the_server(void **state)
{
    const struct lk_span alert = lk_span_of("\7\0\1\4", 4);

    for (unsigned datagrams = 0; datagrams < 2; datagrams++) {
        e2e_open(P);
        e2e.ue_config.datagrams = e2e.server_config.datagrams = datagrams == 1;
        e2e_start();
        assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
        assert_int_equal(e2e_at_server(alert), datagrams == 1 ? LK_E_DENIED : LK_OK);
        assert_int_equal(e2e.server_failed,
                         datagrams == 1 ? LK_REASON_NONE : LK_REASON_E2E_POLICY);
        assert_int_equal(e2e_at_ue(e2e_span(&e2e.reply)), LK_OK);
        assert_int_equal(e2e_at_server(e2e_span(&e2e.finish)),
                         datagrams == 1 ? LK_OK : LK_E_UNEXPECTED);
        assert_int_equal(e2e.server_granted, datagrams == 1);
    }
}

/* FINISH says nothing: one that does, or that has not even a tag, is none. And psk is gone before
 * it comes. */
static void a_finish_of_another_length(void **state)
{
    static const struct lk_e2e_psk none;

    for (size_t text = 0; text < 200; text++) {
        uint8_t frame[LK_E2E_RECORD_HEADER + 200 + LK_E2E_TAG] = { 0 };
        const size_t sealed = text < 100 ? text : text - 100 + LK_E2E_TAG;

        if (sealed == LK_E2E_TAG)
            continue;
        e2e_open(P);
        e2e_start();
        assert_int_equal(e2e_at_server(e2e_span(&e2e.hello)), LK_OK);
        assert_memory_equal(&e2e.server.psk, &none, sizeof none);
        lk_e2e_sealed_header(frame, LK_E2E_FINISH, 0, 0, sealed);
        assert_int_equal(e2e_at_server(lk_span_of(frame, LK_E2E_RECORD_HEADER + sealed)), LK_OK);
        assert_int_equal(e2e.server_failed, LK_REASON_E2E_MALFORMED);
    }
}

/* Nothing of a handshake is left in either machine when it is over, however it ended. */
static void nothing_is_left(void **state)
{
    static const struct lk_e2e_ue no_ue; /* zero */
    static const struct lk_e2e_server no_server;

    for (unsigned i = 0; i < 2; i++) {
        e2e_open(ALL);
        if (i == 1)
            e2e.server_p.octets[0] ^= 1;
        e2e_run();
        if (i == 1) {
            memset(e2e.finish.at, 0, sizeof e2e.finish.at);
            lk_e2e_sealed_header(e2e.finish.at, LK_E2E_FINISH, 0, 0, LK_E2E_TAG);
            e2e.finish.len = LK_E2E_RECORD_HEADER + LK_E2E_TAG;
            assert_int_equal(e2e_at_server(e2e_span(&e2e.finish)), LK_OK);
            assert_int_equal(e2e.server_failed, LK_REASON_E2E_UNPROVEN);
        }
        assert_memory_equal(&e2e.ue, &no_ue, sizeof no_ue);
        assert_memory_equal(&e2e.server, &no_server, sizeof no_server);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_combination), TEST(nothing_falls_back), TEST(an_altered_message_is_noticed),
        TEST(a_stripped_offer_is_noticed), TEST(unequal_secrets),
        TEST(nobody_gets_what_everybody_gets), TEST(points_of_small_order), TEST(reflection),
        TEST(the_servers_own_key), TEST(a_replayed_hello), TEST(a_hello_again_in_datagrams),
        TEST(names_are_bound), TEST(applications_apart), TEST(resumed), TEST(swapped_tickets),
        TEST(nothing_is_left), TEST(keys_that_do_not_fit), TEST(who_it_is_in_another_way),
        TEST(an_alert_at_the_server), TEST(a_finish_of_another_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
