/* proto/erp/peer: its Initiate by the vectors, which Finish it takes, SEQ, repeats, suites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "erp_rig.h"
#include "vectors.h"

static int open_rig(void **state)
{
    erp_open();
    return 0;
}

/* spec: RFC 6696 5.3.2 - the Initiate of another hand, octet by octet, its Finish, and the rMSK of
 * its SEQ. */
static void by_the_vectors(void **state)
{
    json_t *file = vectors_load("erp-kdf");
    static const struct {
        const char *name, *rrk, *initiate, *finish, *rmsk, *realm;
    } rows[] = {
        { "A.EMSKname", "A.rRK", "A.packet.EAP-Initiate/Re-auth", "A.packet.EAP-Finish/Re-auth",
          "A.rMSK.seq0", "home.example" },
        { "B.EMSKname", "B.rRK", "B.packet.EAP-Initiate/Re-auth", "B.packet.EAP-Finish/Re-auth",
          "B.rMSK.seq0", "example.com" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_CONTEXT };
        struct vector_octets octets =
            vector_hex(vectors_find(file, "vectors", rows[i].name), "output");

        memcpy(event.context.name, octets.at, sizeof event.context.name);
        octets = vector_hex(vectors_find(file, "vectors", rows[i].rrk), "output");
        memcpy(event.context.rrk.octets, octets.at, octets.len);
        event.context.expires_ms = erp.now_ms + UINT64_C(90000000);
        assert_int_equal(erp_peer_event(&event), LK_OK);
        erp.peer_config.realm = lk_span_text(rows[i].realm);
        erp.peer_config.ask_lifetimes = false;
        erp.peer.id = 41;
        assert_int_equal(erp_peer_start(), LK_OK);
        assert_vector(vectors_find(file, "vectors", rows[i].initiate), "packet", erp.initiate.at,
                      erp.initiate.len);
        octets = vector_hex(vectors_find(file, "vectors", rows[i].finish), "packet");
        assert_int_equal(erp_peer_hears(vector_span(&octets)), LK_OK);
        assert_true(erp.peer_granted);
        assert_vector(vectors_find(file, "vectors", rows[i].rmsk), "output",
                      erp.peer_grant.rmsk.octets, sizeof erp.peer_grant.rmsk.octets);
        assert_int_equal(erp.peer_grant.rmsk_lifetime_s, 3600);
        assert_int_equal(erp.peer_grant.rrk_lifetime_s, 86400);
    }
    json_decref(file);
}

/* A Finish to the Initiate that is out. */
static struct lk_erp finish_of(const struct erp_packet *initiate)
{
    struct lk_erp packet = erp_decoded(initiate);

    packet.code = LK_ERP_FINISH;
    packet.flags = 0;
    return packet;
}

/* spec: RFC 6696 5.3.3 - another identifier, another SEQ, another key, an altered octet: not the
 * server's, and the true one still counts. */
static void only_the_servers_finish_counts(void **state)
{
    struct erp_packet initiate, finish;
    struct lk_erp packet;

    assert_int_equal(erp_peer_start(), LK_OK);
    initiate = erp.initiate;
    packet = finish_of(&initiate);
    packet.id++;
    finish = erp_sealed(&packet);
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_E_VALUE);
    packet = finish_of(&initiate);
    packet.seq++;
    finish = erp_sealed(&packet);
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_E_VALUE);
    packet = finish_of(&initiate);
    packet.suite = LK_ERP_HMAC_SHA256_256; /* not that of the rIK */
    finish = erp_sealed(&packet);
    assert_int_not_equal(erp_peer_hears(erp_span(&finish)), LK_OK);
    assert_int_equal(erp_peer_hears(erp_span(&initiate)), LK_E_VALUE); /* thrown back */
    packet = finish_of(&initiate);
    finish = erp_sealed(&packet);
    for (size_t i = 0; i < finish.len; i++) {
        finish.at[i] ^= 0x80;
        assert_int_not_equal(erp_peer_hears(erp_span(&finish)), LK_OK);
        finish.at[i] ^= 0x80;
    }
    for (size_t len = 0; len < finish.len; len++)
        assert_int_not_equal(erp_peer_hears(lk_span_of(finish.at, len)), LK_OK);
    assert_int_equal(erp.peer.state, LK_ERP_PEER_AWAIT_FINISH);
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_OK);
    assert_true(erp.peer_granted);
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_E_UNEXPECTED); /* once */
}

/* spec: RFC 6696 5.3.2 - each run has its own SEQ and identifier, and the SEQ is kept before it is
 * sent; a repeat is the same octets. */
static void a_seq_is_used_once(void **state)
{
    struct erp_packet first;
    struct lk_erp_peer_event back = { .kind = LK_ERP_PEER_EV_CONTEXT };

    assert_int_equal(erp_peer_start(), LK_OK);
    first = erp.initiate;
    assert_int_equal(erp.at_peer.item[0].kind, LK_ERP_OUT_KEEP);
    assert_int_equal(erp.peer_kept.next_seq, 1);
    assert_int_equal(erp_peer_expired(), LK_OK);
    assert_memory_equal(&first, &erp.initiate, sizeof first.len + first.len);
    assert_int_equal(erp_peer_start(), LK_OK); /* given up by the owner, and begun again */
    assert_int_equal(erp_decoded(&erp.initiate).seq, 1);
    assert_int_not_equal(erp_decoded(&erp.initiate).id, erp_decoded(&first).id);
    back.context = erp.peer_kept; /* the device was restarted */
    assert_int_equal(erp_peer_event(&back), LK_OK);
    assert_int_equal(erp_peer_start(), LK_OK);
    assert_int_equal(erp_decoded(&erp.initiate).seq, 2);
}

/* spec: RFC 6696 5.3.2 - after the last SEQ, and past its lifetime, the key is gone. */
static void a_key_ends(void **state)
{
    erp.peer.context.next_seq = 65535;
    erp.context.next_seq = 65535;
    erp_round();
    assert_int_equal(erp_peer_start(), LK_OK);
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_EXPIRED);
    assert_int_equal(erp.initiate.len, 0);
    assert_int_equal(erp.peer.state, LK_ERP_PEER_OFF);
    assert_int_equal(erp_peer_start(), LK_E_UNEXPECTED);
    erp_open();
    erp.now_ms += ERP_LIFETIME_S * 1000;
    assert_int_equal(erp_peer_start(), LK_OK);
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_EXPIRED);
    assert_int_equal(erp.peer.state, LK_ERP_PEER_OFF);
    for (size_t i = 0; i < sizeof erp.peer.context.rrk.octets; i++)
        assert_int_equal(erp.peer.context.rrk.octets[i], 0);
}

static uint64_t timer_in(void)
{
    const struct lk_erp_output *timer = lk_erp_outbox_find(&erp.at_peer, LK_ERP_OUT_TIMER);

    return timer != NULL ? timer->timer_ms - erp.now_ms : 0;
}

/* spec: RFC 6696 5.3.2 - four tries, each twice as long; then it is over. */
static void silence_ends(void **state)
{
    static const uint64_t waits[] = { 1000, 2000, 4000, 8000 };

    assert_int_equal(erp_peer_start(), LK_OK);
    for (size_t i = 0; i < LK_COUNT_OF(waits); i++) {
        assert_int_equal(timer_in(), waits[i]);
        assert_true(erp.initiate.len > 0);
        erp.now_ms += waits[i];
        assert_int_equal(erp_peer_expired(), LK_OK);
    }
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_NO_ANSWER);
    assert_int_equal(erp.initiate.len, 0);
    assert_int_equal(erp.peer.state, LK_ERP_PEER_READY);
    assert_int_equal(erp_peer_expired(), LK_E_UNEXPECTED);
    erp.peer_config.retry_ms = 0;
    assert_int_equal(erp_peer_start(), LK_OK);
    assert_int_equal(timer_in(), 0);
}

/* spec: RFC 6696 5.3.1 - an authenticator begins; when it says so again, it gets the same. */
static void an_authenticator_begins(void **state)
{
    static const uint8_t start[] = { 5, 1, 0, 6, 1, 0 };
    struct erp_packet first;

    assert_int_equal(erp_peer_hears(LK_SPAN(start)), LK_OK);
    first = erp.initiate;
    assert_true(first.len > 0);
    assert_int_equal(erp_peer_hears(LK_SPAN(start)), LK_OK);
    assert_memory_equal(&first, &erp.initiate, sizeof first.len + first.len);
    assert_int_equal(erp_peer_event(&(struct lk_erp_peer_event){ .kind = LK_ERP_PEER_EV_FORGET }),
                     LK_OK);
    assert_int_equal(erp_peer_hears(LK_SPAN(start)), LK_E_UNEXPECTED);
}

/* spec: RFC 6696 5.3.3 - R under the rIK is the server's refusal; R of anybody else is nothing. */
static void a_refusal_is_proven(void **state)
{
    struct lk_erp packet;
    struct erp_packet finish;

    assert_int_equal(erp_peer_start(), LK_OK);
    packet = finish_of(&erp.initiate);
    packet.flags = LK_ERP_FAILED;
    finish = erp_sealed(&packet);
    finish.at[finish.len - 1] ^= 1;
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_E_MAC);
    assert_int_equal(erp.peer.state, LK_ERP_PEER_AWAIT_FINISH);
    finish.at[finish.len - 1] ^= 1;
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_OK);
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_REFUSED);
    assert_false(erp.peer_granted);
}

static struct erp_packet wants(const char *suites)
{
    struct lk_erp packet = finish_of(&erp.initiate);

    packet.flags = LK_ERP_FAILED;
    packet.suites = lk_span_text(suites);
    lk_erp_mark(&packet, LK_ERP_SUITES);
    return erp_sealed(&packet);
}

/* spec: RFC 6696 5.3.2 - the server names suites: the peer takes the first of them that is its own,
 * once; with none it gives up. */
static void the_server_may_want_another_suite(void **state)
{
    struct erp_packet finish;

    assert_int_equal(erp_peer_start(), LK_OK);
    finish = wants("\x09\x01\x03");
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_OK);
    assert_int_equal(erp_decoded(&erp.initiate).suite, LK_ERP_HMAC_SHA256_256);
    assert_int_equal(erp_decoded(&erp.initiate).seq, 1);
    finish = wants("\x02"); /* back again: no */
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_OK);
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_SUITE);
    assert_int_equal(erp_peer_start(), LK_OK);
    finish = wants("\x01"); /* 64 bits are not ours */
    assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_OK);
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_SUITE);
    assert_int_equal(erp.peer.state, LK_ERP_PEER_READY);
}

/* spec: RFC 6696 4.6 - a lifetime that is told is believed where it is shorter than ours. */
static void a_longer_life_is_not_believed(void **state)
{
    static const struct {
        uint32_t told_s, want_s;
    } rows[] = { { ERP_LIFETIME_S + 1, ERP_LIFETIME_S }, { 100, 100 } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_erp packet;
        struct erp_packet finish;

        assert_int_equal(erp_peer_start(), LK_OK);
        packet = finish_of(&erp.initiate);
        packet.flags = LK_ERP_LIFETIMES;
        packet.rrk_lifetime_s = packet.rmsk_lifetime_s = rows[i].told_s;
        lk_erp_mark(&packet, LK_ERP_RRK_LIFETIME);
        lk_erp_mark(&packet, LK_ERP_RMSK_LIFETIME);
        finish = erp_sealed(&packet);
        assert_int_equal(erp_peer_hears(erp_span(&finish)), LK_OK);
        assert_int_equal(erp.peer_grant.rmsk_lifetime_s, rows[i].want_s);
        assert_int_equal(erp.peer.context.expires_ms, erp.now_ms + 1000ull * rows[i].want_s);
    }
    assert_int_equal(erp.peer_kept.expires_ms, erp.now_ms + 100000);
}

static void a_realm_may_be_too_long(void **state)
{
    static char realm[LK_ERP_REALM_MAX + 1];

    memset(realm, 'a', sizeof realm);
    erp.peer_config.realm = lk_span_of(realm, LK_ERP_REALM_MAX);
    assert_int_equal(erp_peer_start(), LK_OK);
    assert_int_equal(erp_decoded(&erp.initiate).keyname_nai.len, LK_ERP_NAI_MAX);
    erp.peer_config.realm = LK_SPAN(realm);
    assert_int_equal(erp_peer_start(), LK_E_LENGTH);
}

static enum lk_status early(const char *cap)
{
    return erp_peer_event(&(struct lk_erp_peer_event){ .kind = LK_ERP_PEER_EV_EARLY,
                                                       .early = lk_span_text(cap) });
}

/* spec: RFC 6630 5.2 - with E the Initiate names for whom the key is, under the tag; the key is
 * there at once, and the SEQ is kept before. What was awaited is given up. */
static void an_early_key_needs_no_finish(void **state)
{
    struct lk_erp packet, opened;
    struct lk_pmsk pmsk;

    for (uint16_t seq = 0; seq < 4; seq++) {
        if (seq % 2 != 0) {
            assert_int_equal(erp_peer_start(), LK_OK);
            continue;
        }
        assert_int_equal(early("pos@b.example"), LK_OK);
        assert_int_equal(erp.at_peer.item[0].kind, LK_ERP_OUT_KEEP);
        assert_int_equal(erp.peer_kept.next_seq, seq + 1u);
        packet = erp_decoded(&erp.initiate);
        assert_int_equal(packet.flags, LK_ERP_EARLY);
        assert_int_equal(packet.seq, seq);
        assert_true(lk_span_equal(packet.cap_id, lk_span_text("pos@b.example")));
        assert_int_equal(lk_erp_open(&opened, erp_span(&erp.initiate), 0, &erp.context.rrk),
                         LK_OK);
        assert_true(erp.peer_granted && erp.peer_grant.early);
        lk_pmsk_derive(&pmsk, &erp.context.prk, seq);
        assert_memory_equal(&erp.peer_grant.pmsk, &pmsk, sizeof pmsk);
        assert_int_equal(erp.peer_grant.rmsk_lifetime_s, ERP_LIFETIME_S);
        assert_int_equal(erp.peer.state, LK_ERP_PEER_READY);
        assert_int_equal(erp_server_hears(erp_span(&erp.initiate), "pos@b.example"), LK_OK);
        assert_true(erp.server_granted);
        assert_memory_equal(&erp.server_grant.pmsk, &pmsk, sizeof pmsk);
        assert_int_equal(erp_peer_hears(erp_span(&erp.finish)), LK_E_UNEXPECTED);
    }
}

static void an_early_key_is_for_a_name_and_within_the_lifetime(void **state)
{
    char cap[LK_ERP_CAP_MAX + 2];

    memset(cap, 'c', sizeof cap);
    cap[sizeof cap - 1] = '\0';
    assert_int_equal(early(""), LK_E_LENGTH);
    assert_int_equal(early(cap), LK_E_LENGTH);
    cap[sizeof cap - 2] = '\0';
    assert_int_equal(early(cap), LK_OK);
    erp.peer.context.next_seq = LK_ERP_SEQ_END;
    assert_int_equal(early("pos"), LK_OK);
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_EXPIRED);
    assert_false(erp.peer_granted);
    assert_int_equal(early("pos"), LK_E_UNEXPECTED);
    erp_open();
    erp.now_ms = erp.context.expires_ms;
    assert_int_equal(early("pos"), LK_OK);
    assert_int_equal(erp.peer_failed, LK_REASON_ERP_EXPIRED);
    assert_false(erp.peer_granted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(by_the_vectors, open_rig),
        cmocka_unit_test_setup(only_the_servers_finish_counts, open_rig),
        cmocka_unit_test_setup(a_seq_is_used_once, open_rig),
        cmocka_unit_test_setup(a_key_ends, open_rig),
        cmocka_unit_test_setup(silence_ends, open_rig),
        cmocka_unit_test_setup(an_authenticator_begins, open_rig),
        cmocka_unit_test_setup(a_refusal_is_proven, open_rig),
        cmocka_unit_test_setup(the_server_may_want_another_suite, open_rig),
        cmocka_unit_test_setup(a_longer_life_is_not_believed, open_rig),
        cmocka_unit_test_setup(a_realm_may_be_too_long, open_rig),
        cmocka_unit_test_setup(an_early_key_needs_no_finish, open_rig),
        cmocka_unit_test_setup(an_early_key_is_for_a_name_and_within_the_lifetime, open_rig),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
