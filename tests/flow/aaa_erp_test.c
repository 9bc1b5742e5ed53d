/* ERP between a mobile node and the AAA node, through points of service of MIS: keys in one round
 * trip behind an EAP run, each SEQ once, and nothing for who is no PoS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aaa_world.h"
#include "keys/erp.h"
#include "keys/mis.h"
#include "proto/erp/peer.h"
#include "wire/mis_codes.h"

static struct aaa_world a;
static struct lk_erp_peer peer;
static struct lk_erp_peer_config peer_config;
static struct lk_erp_grant peer_grant;
static unsigned peer_granted;
static size_t initiate_len;
static uint8_t initiate[LK_ERP_PACKET_MAX]; /* the last */

enum { HOUR_S = 3600 };

static int fresh(void **state)
{
    aaa_init(&a);
    a.client[0].pos = a.client[1].pos = "pos@a.example";
    strcpy(a.nas_config.pos, "pos@a.example");
    a.nas_config.enterprise = LK_AAA_ENTERPRISE;
    memset(&a.mark_key, 0x6d, sizeof a.mark_key);
    for (unsigned i = 0; i < AAA_NODES; i++)
        a.node[i].mis.signs = true;
    lk_erp_peer_init(&peer);
    lk_erp_peer_defaults(&peer_config);
    peer_config.realm = lk_span_text("home.example");
    peer_granted = 0;
    return 0;
}

/* What the EAP run has left at the mobile node. */
static void take_context(void)
{
    struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_CONTEXT, .now_ms = a.now_ms };
    struct lk_erp_outbox out;

    event.context.imsi = a.w.peer_grant.imsi;
    lk_mis_pseudonym_derive(&event.context.mis_mn, &a.w.peer_grant.emsk,
                            lk_span_text(lk_mis_codes_default.mn_usage));
    lk_emsk_name(event.context.name, LK_SPAN(a.w.peer_grant.session_id.octets));
    lk_rrk_of_emsk(&event.context.rrk, &a.w.peer_grant.emsk);
    lk_prk_of_emsk(&event.context.prk, &a.w.peer_grant.emsk);
    event.context.expires_ms = a.now_ms + HOUR_S * 1000;
    assert_int_equal(lk_erp_peer_step(&peer, &peer_config, &event, &out), LK_OK);
}

static void attach(void)
{
    aaa_attach(&a);
    aaa_expect_accept(&a);
    assert_true(a.outcome.has_mis);
    take_context();
}

/* What the peer says next, as the last Initiate; false: nothing. */
static bool keep_initiate(const struct lk_erp_outbox *out)
{
    const struct lk_erp_output *send = lk_erp_outbox_find(out, LK_ERP_OUT_SEND);

    if (send == NULL)
        return false;
    memcpy(initiate, send->send.at, send->send.len);
    initiate_len = send->send.len;
    return true;
}

static void start(bool bootstrap)
{
    struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_START, .now_ms = a.now_ms };
    struct lk_erp_outbox out;

    event.bootstrap = bootstrap;
    assert_int_equal(lk_erp_peer_step(&peer, &peer_config, &event, &out), LK_OK);
    assert_true(keep_initiate(&out));
}

/* One Access-Request with the last Initiate, and its answer in outcome. */
static void ask(unsigned node)
{
    struct lk_outbox out;
    struct lk_event event;
    struct lk_span sent;

    a.erp_granted = a.erp_failed = 0;
    world_entropy(&a.w, &event);
    lk_outbox_empty(&out);
    assert_int_equal(lk_radius_nas_send_eap(&a.nas, &a.nas_config,
                                            lk_span_of(initiate, initiate_len), a.now_ms,
                                            event.entropy, &out), LK_OK);
    sent = lk_outbox_find(&out, LK_OUT_SEND)->send;
    assert_int_equal(aaa_serve(&a, node, LK_RADIUS_AUTH_PORT, sent), LK_AAA_ANSWER);
    memcpy(a.answer[0], a.out.answer, a.out.answer_len);
    a.answer_len[0] = a.out.answer_len;
    assert_int_equal(lk_radius_nas_received(&a.nas, &a.nas_config,
                                            lk_span_of(a.answer[0], a.answer_len[0]), &a.outcome),
                     LK_OK);
}

/* The Finish to the peer; LK_OK: it proved itself. */
static enum lk_status tell_peer(void)
{
    struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_RECEIVED, .now_ms = a.now_ms };
    struct lk_erp_outbox out;
    const struct lk_erp_output *grant;
    enum lk_status status;

    assert_true(a.outcome.has_eap);
    event.received = a.outcome.eap;
    status = lk_erp_peer_step(&peer, &peer_config, &event, &out);
    grant = lk_erp_outbox_find(&out, LK_ERP_OUT_GRANT);
    if (grant != NULL) {
        peer_grant = grant->grant;
        peer_granted++;
    }
    (void)keep_initiate(&out);
    return status;
}

/* spec: RFC 6696 4.6 - both ends have the rMSK of that SEQ; T40, T45: the PoS has not, but K that
 * they make of it and of its row's name, where MSKs are. */
static void expect_accept(uint32_t lifetime_s)
{
    struct lk_mis_k k;

    assert_int_equal(a.outcome.code, LK_RADIUS_ACCESS_ACCEPT);
    assert_int_equal(a.erp_granted, 1);
    assert_int_equal(a.erp_failed, 0);
    assert_int_equal(tell_peer(), LK_OK);
    assert_int_equal(peer_granted, 1);
    assert_true(a.outcome.has_msk);
    lk_mis_k_of_rmsk(&k, &peer_grant.rmsk, lk_span_text(a.node[0].mis.k_usage),
                     lk_span_text(lk_radius_clients_find(&a.clients, &a.source)->pos));
    assert_memory_equal(&a.outcome.msk, k.octets, sizeof a.outcome.msk);
    assert_memory_equal(&a.erp_grant.rmsk, &peer_grant.rmsk, sizeof peer_grant.rmsk);
    assert_true(a.outcome.has_session_timeout);
    assert_int_equal(a.outcome.session_timeout_s, lifetime_s);
    peer_granted = 0;
}

/* T40: the home was there again. The EMSK, and with it the parent of a PSK, is not. */
static void expect_mark(uint32_t lifetime_s)
{
    const struct lk_radius_mis *mis = &a.outcome.mis;
    char room[64];
    struct lk_writer name = lk_writer_of(room, sizeof room);
    struct lk_home_key key;
    struct lk_start_mark mark;

    lk_mis_pseudonym_put(&name, &peer.context.mis_mn, lk_span_text("home.example"));
    assert_true(a.outcome.has_mis);
    assert_false(mis->has_psk);
    assert_int_equal(mis->lifetime_s, lifetime_s);
    /* A06: it is called as before, and nothing more is given away. */
    assert_true(lk_span_equal(lk_span_of(mis->mn, mis->mn_len), lk_writer_span(&name)));
    lk_home_key_derive(&key, &a.mark_key);
    assert_int_equal(lk_start_mark_verify(lk_span_of(mis->mark, mis->mark_len), &key), LK_OK);
    assert_int_equal(lk_start_mark_read(&mark, lk_span_of(mis->mark, mis->mark_len)), LK_OK);
    assert_int_equal(mark.start_s, a.now_ms / 1000);
    assert_int_equal(mark.lifetime_s, lifetime_s);
}

static void expect_nothing_of_mis(void)
{
    struct lk_radius_packet packet;
    struct lk_span value;

    assert_int_equal(lk_radius_decode(&packet, lk_span_of(a.answer[0], a.answer_len[0])), LK_OK);
    for (uint8_t type = 0; type < 16; type++)
        assert_false(lk_radius_find_vendor(&packet, LK_AAA_ENTERPRISE, type, &value));
}

/* spec: RFC 6696 5.2 - what fails is told in a Finish with R. Without proof: a peer that can do
 * without does not believe it. */
static void expect_reject(enum lk_reason reason)
{
    struct lk_erp finish, asked;

    assert_int_equal(a.outcome.code, LK_RADIUS_ACCESS_REJECT);
    assert_int_equal(a.erp_granted, 0);
    assert_int_equal(a.erp_failed, 1);
    assert_int_equal(a.reason, reason);
    assert_false(a.outcome.has_msk);
    expect_nothing_of_mis();
    assert_int_equal(lk_erp_decode(&finish, a.outcome.eap, 0), LK_OK);
    assert_int_equal(lk_erp_decode(&asked, lk_span_of(initiate, initiate_len), 0), LK_OK);
    assert_int_equal(finish.code, LK_ERP_FINISH);
    assert_int_equal(finish.id, asked.id);
    assert_int_equal(finish.seq, asked.seq);
    assert_true((finish.flags & LK_ERP_FAILED) != 0);
    assert_true(lk_span_equal(finish.keyname_nai, asked.keyname_nai));
}

/* ---- what it is for ---- */

/* spec: RFC 6696 5.1 - one round trip, each with a SEQ and an rMSK of its own. */
static void one_round_trip_behind_an_eap_run(void **state)
{
    struct lk_msk last;

    memset(&last, 0, sizeof last);
    attach();
    for (unsigned run = 0; run < 3; run++) {
        start(run == 0);
        ask(run % 2); /* workers of one node share the table */
        expect_accept(HOUR_S);
        expect_mark(HOUR_S);
        assert_int_equal(peer_grant.seq, run);
        assert_int_equal(a.erp_grant.bootstrap, run == 0);
        assert_memory_not_equal(&last, &a.outcome.msk, sizeof last);
        last = a.outcome.msk;
    }
    assert_int_equal(a.w.vectors, 1);
}

/* The next PoS has an rMSK, and the one before does not. */
static void another_pos_is_served(void **state)
{
    static const uint8_t far[4] = { 192, 0, 2, 5 };

    attach();
    a.source = lk_address_v4(far);
    a.nas_config.secret = lk_radius_clients_find(&a.clients, &a.source)->secret;
    a.client[0].pos = a.client[1].pos = "pos@b.example";
    strcpy(a.nas_config.pos, "pos@b.example");
    a.is_protected = true;
    start(false);
    ask(0);
    expect_accept(HOUR_S);
    expect_mark(HOUR_S);
}

/* A PoS that does not ask for the MIS service gets its key, and nothing beside it; and a home that
 * signs no mark goes on without. */
static void less_is_asked_or_there(void **state)
{
    attach();
    a.nas_config.pos[0] = '\0';
    start(false);
    ask(0);
    expect_accept(HOUR_S);
    expect_nothing_of_mis();
    strcpy(a.nas_config.pos, "pos@a.example");
    a.node[0].mis.signs = false;
    start(false);
    ask(0);
    expect_accept(HOUR_S);
    assert_true(a.outcome.has_mis);
    assert_int_equal(a.outcome.mis.mark_len, 0);
}

/* spec: RFC 6696 4.6 - nothing outlives what it is derived from: key, session and mark end with the
 * authentication that they stand on. */
static void nothing_outlives_the_eap_run(void **state)
{
    attach();
    a.now_ms += (HOUR_S - 100) * 1000;
    start(false);
    ask(0);
    expect_accept(100);
    expect_mark(100);
    start(false);
    a.now_ms += 100 * 1000;
    ask(0);
    expect_reject(LK_REASON_ERP_UNKNOWN);
}

/* spec: RFC 6696 5.3.2 - another suite is wanted: told under the tag of the one that came. */
static void a_weak_suite_is_refused_and_another_taken(void **state)
{
    attach();
    peer_config.suites |= 1u << LK_ERP_HMAC_SHA256_64;
    peer_config.suite = LK_ERP_HMAC_SHA256_64;
    start(false);
    ask(0);
    assert_int_equal(a.outcome.code, LK_RADIUS_ACCESS_REJECT);
    assert_int_equal(a.reason, LK_REASON_ERP_SUITE);
    assert_int_equal(tell_peer(), LK_OK); /* it believes it, and begins anew with another */
    ask(0);
    expect_accept(HOUR_S);
}

/* spec: RFC 6630 4 - a key for a PoS that the mobile node is not at yet: both ends have it, and the
 * home's PoS gets it, or the one that is named, with a mark. T40: another PoS, through which the
 * Initiate came, gets nothing. */
static void an_early_key_goes_through_the_homes_pos(void **state)
{
    static const struct {
        const char *pos;
        bool gets;
    } rows[] = { { "pos@home.example", true }, { "pos@b.example", true },
                 { "pos@a.example", false }, { "pos@home.example.evil", false } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_erp_peer_event event = { .kind = LK_ERP_PEER_EV_EARLY };
        struct lk_erp_outbox out;

        assert_int_equal(fresh(NULL), 0);
        attach();
        a.client[0].pos = a.client[1].pos = rows[i].pos;
        strcpy(a.nas_config.pos, rows[i].pos);
        event.now_ms = a.now_ms;
        event.early = lk_span_text("pos@b.example");
        assert_int_equal(lk_erp_peer_step(&peer, &peer_config, &event, &out), LK_OK);
        assert_true(keep_initiate(&out));
        ask(0);
        if (!rows[i].gets) {
            expect_reject(LK_REASON_ERP_EARLY);
            continue;
        }
        assert_int_equal(a.outcome.code, LK_RADIUS_ACCESS_ACCEPT);
        expect_mark(HOUR_S);
        assert_true(a.outcome.has_msk);
        assert_memory_equal(&a.outcome.msk,
                            &lk_erp_outbox_find(&out, LK_ERP_OUT_GRANT)->grant.pmsk,
                            sizeof a.outcome.msk);
    }
}

/* ---- what it is not for ---- */

/* T43: an Initiate that was seen serves nobody a second time, behind whatever request it comes, nor
 * after the authentication was played again. */
static void a_seq_serves_once(void **state)
{
    uint8_t request[LK_RADIUS_PACKET_MAX], old[LK_ERP_PACKET_MAX];
    size_t len, old_len;

    attach();
    len = a.request_len[a.rounds - 1];
    memcpy(request, a.request[a.rounds - 1], len);
    start(false);
    memcpy(old, initiate, old_len = initiate_len);
    ask(0);
    expect_accept(HOUR_S);
    a.now_ms += 1000;
    ask(0);
    expect_reject(LK_REASON_ERP_SEQ);
    assert_int_not_equal(tell_peer(), LK_OK);
    /* The last answer of the EAP run once more, which opens: State is within its time. */
    assert_int_equal(aaa_serve(&a, 1, LK_RADIUS_AUTH_PORT, lk_span_of(request, len)),
                     LK_AAA_ANSWER);
    assert_int_equal(a.out.answer[0], LK_RADIUS_ACCESS_ACCEPT);
    assert_true(a.out.keeps_erp);
    ask(1);
    expect_reject(LK_REASON_ERP_SEQ);
    start(false);
    ask(0);
    expect_accept(HOUR_S - 1);
    memcpy(initiate, old, initiate_len = old_len);
    ask(0);
    expect_reject(LK_REASON_ERP_SEQ);
}

/* T04: a client that is no PoS, a leg that others read, ERP switched off: the same answer, octet by
 * octet, as where there is no such key (A18), and the SEQ is not used up. */
static void who_is_no_pos_gets_nothing(void **state)
{
    static const uint8_t far[4] = { 192, 0, 2, 5 };
    uint8_t finish[LK_ERP_PACKET_MAX];
    size_t len;

    attach();
    start(false);
    a.client[0].pos = a.client[1].pos = NULL;
    ask(0);
    expect_reject(LK_REASON_ERP_CLIENT);
    memcpy(finish, a.outcome.eap.at, len = a.outcome.eap.len);
    a.client[0].pos = a.client[1].pos = "pos@a.example";
    a.node[0].mis.erp = false;
    ask(0);
    expect_reject(LK_REASON_ERP_CLIENT);
    assert_true(lk_span_equal(a.outcome.eap, lk_span_of(finish, len)));
    a.node[0].mis.erp = true;
    a.source = lk_address_v4(far);
    a.nas_config.secret = lk_radius_clients_find(&a.clients, &a.source)->secret;
    ask(0);
    expect_reject(LK_REASON_MIS_LEG_OPEN);
    assert_true(lk_span_equal(a.outcome.eap, lk_span_of(finish, len)));
    a.is_protected = true;
    ask(0);
    expect_accept(HOUR_S);
    ask(0);
    a.now_ms += 1000;
    ask(0);
    expect_reject(LK_REASON_ERP_SEQ);
    assert_true(lk_span_equal(a.outcome.eap, lk_span_of(finish, len)));
}

static void an_unknown_name_leads_to_eap(void **state)
{
    attach();
    memset(a.erp_memory, 0, sizeof a.erp_memory); /* the node was started anew */
    a.erp = lk_erp_table_in(a.erp_memory, 8);
    start(false);
    ask(0);
    expect_reject(LK_REASON_ERP_UNKNOWN);
    assert_int_not_equal(tell_peer(), LK_OK);
    lk_erp_peer_init(&peer);
    attach();
    start(false);
    ask(0);
    expect_accept(HOUR_S);
    peer_config.realm = lk_span_text("other.example");
    start(false);
    ask(0);
    expect_reject(LK_REASON_ERP_NAME);
}

/* Who only knows the name, which is public, neither gets a key nor takes the context away. */
static void a_wrong_tag_changes_nothing(void **state)
{
    attach();
    start(false);
    initiate[initiate_len - 1] ^= 1;
    ask(0);
    expect_reject(LK_REASON_ERP_TAG);
    initiate[initiate_len - 1] ^= 1;
    ask(0);
    expect_accept(HOUR_S);
}

static void without_erp_nothing_is_kept(void **state)
{
    a.node[0].mis.erp = false;
    attach();
    assert_int_equal(lk_erp_table_count(a.erp), 0);
    a.node[0].mis.erp = true;
    a.nas_config.pos[0] = '\0'; /* nor behind who is not asked for the service */
    aaa_attach(&a);
    assert_int_equal(lk_erp_table_count(a.erp), 0);
}

static void what_is_no_initiate_is_dropped(void **state)
{
    struct lk_outbox out;
    struct lk_event event;

    attach();
    start(false);
    for (size_t len = 4; len < initiate_len; len++) {
        world_entropy(&a.w, &event);
        lk_outbox_empty(&out);
        lk_radius_nas_reset(&a.nas);
        assert_int_equal(lk_radius_nas_send_eap(&a.nas, &a.nas_config, lk_span_of(initiate, len),
                                                a.now_ms, event.entropy, &out), LK_OK);
        assert_int_equal(aaa_serve(&a, 0, LK_RADIUS_AUTH_PORT,
                                   lk_outbox_find(&out, LK_OUT_SEND)->send), LK_AAA_DROP);
        assert_int_equal(a.reason, LK_REASON_EAP_MALFORMED);
    }
}

/* Neither rRK nor rMSK stays where the role does not keep it. */
static void nothing_is_left(void **state)
{
    struct lk_rrk rrk;
    struct lk_mis_k k;

    attach();
    rrk = peer.context.rrk;
    lk_aaa_out_wipe(&a.out);
    assert_null(memmem(&a.out, sizeof a.out, rrk.octets, sizeof rrk));
    start(false);
    ask(0);
    expect_accept(HOUR_S);
    lk_aaa_out_wipe(&a.out);
    lk_aaa_job_wipe(&a.job);
    assert_null(memmem(&a.out, sizeof a.out, rrk.octets, sizeof rrk));
    assert_null(memmem(&a.job, sizeof a.job, rrk.octets, sizeof rrk));
    lk_mis_k_of_rmsk(&k, &peer_grant.rmsk, lk_span_text(a.node[0].mis.k_usage),
                     lk_span_text(a.client[0].pos));
    assert_null(memmem(&a.out, sizeof a.out, k.octets, 32));
    assert_null(memmem(&a.out, sizeof a.out, peer_grant.rmsk.octets, 32));
    assert_null(memmem(&a.job, sizeof a.job, peer_grant.rmsk.octets, 32));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_round_trip_behind_an_eap_run, fresh),
        cmocka_unit_test_setup(another_pos_is_served, fresh),
        cmocka_unit_test_setup(less_is_asked_or_there, fresh),
        cmocka_unit_test_setup(nothing_outlives_the_eap_run, fresh),
        cmocka_unit_test_setup(a_weak_suite_is_refused_and_another_taken, fresh),
        cmocka_unit_test_setup(an_early_key_goes_through_the_homes_pos, fresh),
        cmocka_unit_test_setup(a_seq_serves_once, fresh),
        cmocka_unit_test_setup(who_is_no_pos_gets_nothing, fresh),
        cmocka_unit_test_setup(an_unknown_name_leads_to_eap, fresh),
        cmocka_unit_test_setup(a_wrong_tag_changes_nothing, fresh),
        cmocka_unit_test_setup(without_erp_nothing_is_kept, fresh),
        cmocka_unit_test_setup(what_is_no_initiate_is_dropped, fresh),
        cmocka_unit_test_setup(nothing_is_left, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
