/* trace, of MIS: captures of whole chains, with all keys, with lines alone, and with none; every
 * message cut at every octet; messages out of TCP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mis_capture.h"
#include "role/seen.h"
#include "trace/explain.h"
#include "trace/keytree.h"
#include "trace/mis.h"
#include "trace/mis_read.h"

static struct lk_trace trace;

static void goes(size_t index, enum lk_lane from, enum lk_lane to, enum lk_rung_kind kind)
{
    struct lk_rung rung;

    lk_rung_of(&rung, &trace, index);
    assert_int_equal(rung.from, from);
    assert_int_equal(rung.to, to);
    assert_int_equal(rung.kind, kind);
}

static const char *name_of(size_t index)
{
    static char name[LK_TRACE_NAME_MAX];

    lk_trace_message_name(name, &trace.messages[index]);
    return name;
}

/* spec: IEEE 802.21.1 5.14.2 - MN to SPoS, SPoS to TPoS, and MN to TPoS under the new SA. */
static void a_chain_is_shown(void **state)
{
    static const enum lk_trace_outcome outcomes[] = {
        LK_TRACE_ACCEPTED, LK_TRACE_ACCEPTED, LK_TRACE_ACCEPTED,
        LK_TRACE_ACCEPTED, LK_TRACE_REJECTED, LK_TRACE_ACCEPTED,
    };
    size_t at;

    mis_capture_load(&trace, MIS_JOURNEY, MIS_LINES);
    assert_int_equal(trace.run_count, LK_COUNT_OF(outcomes));
    for (size_t r = 0; r < trace.run_count; r++) {
        assert_int_equal(trace.runs[r].kind, LK_TRACE_ESTABLISHMENT);
        assert_int_equal(trace.runs[r].outcome, outcomes[r]);
        assert_int_equal(trace.runs[r].mis.optimised, r >= 1 && r <= 4);
    }
    assert_string_equal(trace.runs[1].title,
                        "mn1@home.example, a@north.example to b@north.example: run 2");
    assert_true(trace.runs[5].mis.erp);
    assert_int_equal(trace.runs[4].mis.reason, LK_MIS_REASON_CHAIN_LIMIT);
    at = trace.runs[1].first;
    goes(at, LK_LANE_MN, LK_LANE_SPOS, LK_RUNG_PLAIN);
    goes(at + 1, LK_LANE_SPOS, LK_LANE_TPOS, LK_RUNG_FAST);
    goes(at + 2, LK_LANE_TPOS, LK_LANE_SPOS, LK_RUNG_GRANTED);
    goes(at + 3, LK_LANE_SPOS, LK_LANE_MN, LK_RUNG_GRANTED);
    goes(at + 4, LK_LANE_MN, LK_LANE_TPOS, LK_RUNG_PLAIN);
    goes(at + 5, LK_LANE_TPOS, LK_LANE_MN, LK_RUNG_PLAIN);
    goes(trace.runs[4].last, LK_LANE_SPOS, LK_LANE_MN, LK_RUNG_REFUSED);
    lk_trace_free(&trace);
}

/* EAP in Auth is the EAP that RADIUS would carry. */
static void eap_and_erp_are_read(void **state)
{
    size_t first;

    mis_capture_load(&trace, MIS_JOURNEY, MIS_NO_KEYS);
    assert_int_equal(trace.runs[0].eap_type, LK_EAP_AKA_PRIME);
    assert_non_null(memchr(trace.runs[0].identity.at, '@', trace.runs[0].identity.len));
    first = lk_trace_find(&trace, 0, 0, LK_EAP_REQUEST, LK_AKA_CHALLENGE);
    assert_int_not_equal(first, LK_TRACE_NONE);
    assert_string_equal(name_of(first), "EAP-Request/AKA'-Challenge");
    goes(first, LK_LANE_SPOS, LK_LANE_MN, LK_RUNG_CHALLENGE);
    assert_string_equal(name_of(trace.runs[5].first + 3), "EAP-Initiate/Re-auth-Start");
    assert_string_equal(name_of(trace.runs[5].first + 4), "EAP-Initiate/Re-auth");
    assert_string_equal(name_of(trace.runs[5].first + 5), "EAP-Finish/Re-auth");
    lk_trace_free(&trace);
}

static size_t sealed_and(bool opened)
{
    size_t count = 0;

    for (size_t i = 0; i < trace.count; i++)
        count += trace.messages[i].mis.sealed && trace.messages[i].mis.opened == opened;
    return count;
}

/* spec: IEEE 802.21 9 - what an SA protects is read with its MISK, and not without. */
static void protected_pdus_are_opened_with_the_keys_of_the_capture(void **state)
{
    char summary[LK_TRACE_SUMMARY_MAX];

    mis_capture_load(&trace, MIS_JOURNEY, MIS_LINES);
    assert_int_equal(sealed_and(true), 14);
    assert_int_equal(sealed_and(false), 0);
    lk_trace_free(&trace);
    /* MISKs are made of the K in the capture, but the mixed one's. */
    mis_capture_load(&trace, MIS_JOURNEY, MIS_ALL);
    assert_int_equal(sealed_and(true), 14);
    lk_trace_free(&trace);
    mis_capture_load(&trace, MIS_JOURNEY, MIS_NO_KEYS);
    assert_int_equal(sealed_and(false), 14);
    assert_false(trace.has_secrets);
    assert_int_equal(trace.runs[1].outcome, LK_TRACE_ACCEPTED);
    lk_trace_summary(summary, &trace.messages[trace.runs[1].first]);
    assert_string_equal(summary, "EAP SA 5a010201, who began, number 1");
    assert_int_equal(trace.runs[4].outcome, LK_TRACE_OPEN); /* who can say that it was refused? */
    lk_trace_free(&trace);
}

/* A key of another SA opens nothing, and a wrong one neither. */
static void another_key_opens_nothing(void **state)
{
    mis_capture_load(&trace, MIS_JOURNEY, MIS_NO_KEYS);
    for (size_t i = 0; i < trace.count; i++) {
        struct lk_mis_key_log misk = { .kind = LK_MIS_KEY_LOG_MISK, .number = 258, .key_len = 48 };

        if (!trace.messages[i].mis.sealed)
            continue;
        misk.said[0] = trace.messages[i].mis.said.type;
        misk.said_len = 1 + trace.messages[i].mis.said.id.len;
        memcpy(misk.said + 1, trace.messages[i].mis.said.id.at, misk.said_len - 1);
        assert_int_equal(lk_trace_keep_mis_key(&trace, &misk), LK_OK);
        misk.said_len--;
        misk.number = 0xffff;
        assert_int_equal(lk_trace_keep_mis_key(&trace, &misk), LK_OK);
    }
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(sealed_and(true), 0);
    lk_trace_free(&trace);
}

/* ---- key tree ---- */

static const struct lk_key_node *node_of(const struct lk_keytree *tree, const char *name)
{
    for (size_t i = 0; i < tree->count; i++)
        if (strcmp(tree->node[i].name, name) == 0)
            return &tree->node[i];
    fail_msg("there is no %s", name);
    return NULL;
}

static struct lk_keytree tree_of(size_t run)
{
    struct lk_keytree tree;
    struct lk_run_keys keys;

    lk_run_keys(&keys, &trace, run, NULL);
    lk_keytree_make(&tree, &trace, run, &keys, LK_TRACE_NONE);
    return tree;
}

/* spec: IEEE 802.21 9.2 - K makes MISK, and MISK is cut into MIAK and MIEK.
 * spec: RFC 6696 4.1 - rRK hangs below the EMSK, and K of ERP is an rMSK. */
static void the_tree_goes_from_k_to_the_slices(void **state)
{
    struct lk_keytree tree;

    mis_capture_load(&trace, MIS_JOURNEY, MIS_ALL);
    tree = tree_of(1);
    assert_int_equal(tree.node[0].parent, LK_TRACE_NONE);
    assert_string_equal(tree.node[0].name, "K");
    assert_non_null(strstr(tree.node[0].detail, "from a@north.example; run 1 of 3"));
    assert_true(tree.node[0].has_value);
    assert_true(node_of(&tree, "MISK")->has_value);
    assert_null(strstr(node_of(&tree, "MISK")->detail, "NOT"));
    assert_int_equal(node_of(&tree, "MIAK")->len, 32);
    assert_memory_equal(node_of(&tree, "MISK")->value, node_of(&tree, "MIAK")->value, 32);
    assert_memory_equal(node_of(&tree, "MISK")->value + 32, node_of(&tree, "MIEK")->value, 16);
    tree = tree_of(2);
    assert_false(node_of(&tree, "K, mixed")->has_value);
    assert_true(node_of(&tree, "MISK")->has_value);
    tree = tree_of(0);
    assert_string_equal(tree.node[node_of(&tree, "rRK")->parent].name, "EMSK");
    assert_string_equal(tree.node[node_of(&tree, "MISK")->parent].name, "K");
    assert_true(node_of(&tree, "MISK")->has_value);
    tree = tree_of(5);
    assert_string_equal(tree.node[node_of(&tree, "K")->parent].name, "rMSK");
    assert_int_equal(node_of(&tree, "EMSK")->run, 0);
    lk_trace_free(&trace);
    mis_capture_load(&trace, MIS_JOURNEY, MIS_NO_KEYS);
    for (size_t r = 0; r < trace.run_count; r++) {
        tree = tree_of(r);
        assert_true(tree.count > 0);
        assert_false(lk_keytree_has_values(&tree));
    }
    lk_trace_free(&trace);
}

/* Link keys hang below the MSRK of K, where a line tells of one; who has K could make them. */
static void link_keys_hang_below_k(void **state)
{
    const struct lk_mis_link_pair link = { 19, { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0x36, 0x62 } };
    const struct lk_trace_establishment *of;
    struct lk_mis_key_log entry;
    struct lk_keytree tree;
    struct lk_mspmk key;
    struct lk_msrk msrk;
    struct lk_mis_k k;

    mis_capture_load(&trace, MIS_JOURNEY, MIS_ALL);
    tree = tree_of(1);
    for (size_t i = 0; i < tree.count; i++)
        assert_string_not_equal(tree.node[i].name, "MSRK");
    of = &trace.runs[1].mis;
    assert_int_equal(lk_mis_k_set(&k, of->k), LK_OK);
    lk_msrk_derive(&msrk, LK_MIS_PRF_HMAC_SHA256, &k, lk_mis_seen_name(of), of->pos);
    for (int right = 0; right < 2; right++) {
        lk_mspmk_derive(&key, LK_MIS_PRF_HMAC_SHA256, &msrk, LK_SPAN(link.mn), LK_SPAN(link.poa));
        key.octets[0] ^= !right;
        lk_mis_key_log_mspmk(&entry, of->said.type, of->said.id, &link, &key);
        assert_int_equal(lk_trace_keep_mis_key(&trace, &entry), LK_OK);
    }
    tree = tree_of(1);
    assert_string_equal(tree.node[node_of(&tree, "MSRK")->parent].name, "K");
    assert_memory_equal(node_of(&tree, "MSRK")->value, &msrk, sizeof msrk);
    assert_non_null(strstr(node_of(&tree, "MSRK")->holders, "who has K"));
    assert_string_equal(tree.node[node_of(&tree, "MSPMK")->parent].name, "MSRK");
    assert_string_equal(node_of(&tree, "MSPMK")->detail,
                        "of 02:00:00:00:00:01 at 02:00:00:00:36:62; NOT WHAT THIS K MAKES");
    assert_string_equal(tree.node[tree.count - 1].detail,
                        "of 02:00:00:00:00:01 at 02:00:00:00:36:62");
    assert_memory_equal(tree.node[tree.count - 1].value, &key, sizeof key);
    lk_trace_free(&trace);
}

/* A MISK that is not what the K beside it makes is told. */
static void a_misk_of_another_k_is_told(void **state)
{
    struct lk_keytree tree;

    mis_capture_load(&trace, MIS_JOURNEY, MIS_ALL);
    for (size_t i = 0; i < trace.mis_key_count; i++)
        if (trace.mis_keys[i].kind == LK_MIS_KEY_LOG_MISK)
            trace.mis_keys[i].key[40] ^= 1;
    tree = tree_of(1);
    assert_non_null(strstr(node_of(&tree, "MISK")->detail, "NOT WHAT THIS K MAKES"));
    lk_trace_free(&trace);
}

/* ---- explain ---- */

static struct lk_explanation explained(size_t run)
{
    const struct lk_explain_facts facts = { .card = NULL };
    struct lk_explanation e;

    lk_explain(&e, &trace, run, &facts);
    return e;
}

static void each_refusal_is_explained(void **state)
{
    static const enum lk_cause causes[] = {
        LK_CAUSE_MIS_UNREACHABLE, LK_CAUSE_MIS_EXPIRED, LK_CAUSE_MIS_UNKNOWN_MN,
        LK_CAUSE_MIS_NO_TARGET,   LK_CAUSE_MIS_TRUST,   LK_CAUSE_MIS_SUITE,
        LK_CAUSE_MIS_REPLAY,      LK_CAUSE_MIS_FULL,    LK_CAUSE_MIS_AUTH,
    };

    mis_capture_load(&trace, MIS_REFUSED, MIS_LINES);
    assert_int_equal(trace.run_count, 2 + LK_COUNT_OF(causes));
    assert_false(explained(0).failed);
    for (size_t i = 0; i < LK_COUNT_OF(causes); i++) {
        struct lk_explanation e = explained(1 + i);

        assert_true(e.failed);
        assert_int_equal(e.count, 1);
        assert_int_equal(e.causes[0].cause, causes[i]);
        assert_int_equal(e.causes[0].certainty, LK_PROVEN);
        /* the target's own refusal, where it was the target's */
        assert_non_null(strstr(e.where, i < 4 ? "a@north.example" : "b@north.example"));
    }
    trace.runs[1].mis.n2n = true;
    assert_non_null(strstr(explained(1).causes[0].evidence, "the link was up"));
    assert_non_null(strstr(explained(4).causes[0].evidence, "the MN names b@north.example"));
    assert_int_equal(explained(10).causes[0].cause, LK_CAUSE_MIS_SILENT);
    assert_int_equal(explained(10).causes[0].certainty, LK_POSSIBLE);
    lk_trace_free(&trace);
    /* What is sealed says no reason; what went between PoS does. */
    mis_capture_load(&trace, MIS_REFUSED, MIS_NO_KEYS);
    assert_int_equal(explained(1).count, 0);
    assert_true(explained(1).failed);
    assert_int_equal(explained(5).causes[0].cause, LK_CAUSE_MIS_TRUST);
    lk_trace_free(&trace);
    mis_capture_load(&trace, MIS_JOURNEY, MIS_LINES);
    assert_int_equal(explained(4).causes[0].cause, LK_CAUSE_MIS_CHAIN);
    assert_non_null(strstr(explained(4).causes[0].evidence, "run 4 since run 1"));
    lk_trace_free(&trace);
}

/* EAP that its home ended is explained as EAP is anywhere: with a card of another K, that is it. An
 * AAA that is silent has a cause of its own. */
static void eap_within_mis_is_explained(void **state)
{
    const struct lk_recompute_card other = { .card = { .k = { 1 } } };
    const struct lk_explain_facts facts = { .card = &other };
    struct lk_trace_run *run;
    struct lk_explanation e;

    mis_capture_load(&trace, MIS_JOURNEY, MIS_NO_KEYS);
    run = &trace.runs[0];
    run->outcome = LK_TRACE_REJECTED;
    run->mis.reason = LK_MIS_REASON_AUTH_FAILED;
    run->mis.refused_at = run->last;
    e = explained(0);
    assert_int_equal(e.causes[0].cause, LK_CAUSE_MIS_AUTH); /* EAP did not fail */
    for (size_t i = 0; i <= run->last; i++)
        if (trace.messages[i].run == 0 && trace.messages[i].mis.has_eap &&
            trace.messages[i].mis.eap.code == LK_EAP_SUCCESS)
            trace.messages[i].mis.eap.code = LK_EAP_FAILURE;
    lk_explain(&e, &trace, 0, &facts);
    assert_true(e.recomputed);
    assert_int_equal(e.causes[0].cause, LK_CAUSE_KEYS);
    assert_int_equal(e.causes[0].certainty, LK_PROVEN);
    run->mis.reason = LK_MIS_REASON_UNREACHABLE;
    assert_int_equal(explained(0).causes[0].cause, LK_CAUSE_MIS_AAA);
    lk_trace_free(&trace);
}

/* An SPoS does not see what its MN says to the target. */
static void an_spos_alone_sees_no_end(void **state)
{
    mis_capture_load(&trace, MIS_SPOS, MIS_LINES);
    assert_int_equal(trace.run_count, 2);
    assert_int_equal(trace.runs[1].outcome, LK_TRACE_OPEN);
    assert_false(explained(1).failed);
    assert_int_equal(explained(1).count, 0);
    assert_non_null(strstr(explained(1).where, "not in this capture"));
    /* where the capture has more than the SPoS, it has the end, too */
    trace.messages[0].mis.source = trace.messages[0].mis.destination = lk_span_text("x@y.example");
    assert_true(explained(1).failed);
    lk_trace_free(&trace);
}

/* T43: the same Nonce-T in two exchanges is seen. */
static void a_replay_is_proven_by_its_nonce(void **state)
{
    mis_capture_load(&trace, MIS_REFUSED, MIS_LINES);
    trace.runs[7].mis.nonce_t = trace.runs[6].mis.nonce_t;
    assert_non_null(strstr(explained(7).causes[0].evidence, "that of run 7"));
    lk_trace_free(&trace);
}

/* T40: an SPoS that says that the chain has only begun. SAIDs tell how long it is. */
static void a_count_that_is_too_low_is_proven(void **state)
{
    struct lk_explanation e;
    struct lk_span spos;

    mis_capture_load(&trace, MIS_LIAR, MIS_NO_KEYS);
    assert_int_equal(explained(1).count, 0);
    e = explained(2);
    assert_int_equal(e.causes[0].cause, LK_CAUSE_MIS_COUNT);
    assert_int_equal(e.causes[0].certainty, LK_PROVEN);
    trace.runs[2].mis.origin = LK_MIS_ORIGIN_HOME; /* which b cannot say, and a PoS at home can */
    trace.runs[2].mis.chain.used = 0;
    assert_int_equal(explained(2).causes[0].cause, LK_CAUSE_MIS_COUNT);
    trace.runs[2].mis.maker = lk_span_text("pos@home.example");
    assert_int_equal(explained(2).count, 0);
    spos = trace.runs[2].mis.spos; /* the same, when it serves the MN under an SA of the chain */
    trace.runs[2].mis.spos = trace.runs[2].mis.maker;
    assert_int_equal(explained(2).causes[0].cause, LK_CAUSE_MIS_COUNT);
    trace.runs[2].mis.wish = true; /* of the MN, which has that K of itself */
    assert_int_equal(explained(2).count, 0);
    trace.runs[2].mis.wish = false;
    trace.runs[2].mis.maker = trace.runs[2].mis.spos = spos;
    trace.runs[0].kind = LK_TRACE_LINK; /* the capture begins later: still too low */
    assert_int_equal(explained(2).causes[0].cause, LK_CAUSE_MIS_COUNT);
    lk_trace_free(&trace);
    mis_capture_load(&trace, MIS_JOURNEY, MIS_ALL);
    for (size_t r = 0; r < 4; r++)
        assert_int_equal(explained(r).count, 0);
    lk_trace_free(&trace);
}

/* ---- what others write ---- */

static void count_field(void *context, const struct lk_field *field)
{
    ++*(size_t *)context;
    assert_null(strstr(field->value, "c2c2c2c2")); /* a K of the generator */
    assert_null(strstr(field->value, "c4c4c4c4"));
}

static void show(const struct lk_trace *shown)
{
    char text[LK_TRACE_SUMMARY_MAX];
    struct lk_rung rung;
    size_t fields = 0;

    for (size_t i = 0; i < shown->count; i++) {
        lk_fields_visit(&shown->messages[i], NULL, count_field, &fields);
        lk_trace_summary(text, &shown->messages[i]);
        lk_rung_of(&rung, shown, i);
    }
    assert_true(fields >= shown->count);
}

/* Every message, cut at every octet, alone and behind the whole ones before it. */
static void cut_messages_are_shown(void **state)
{
    mis_capture_load(&trace, MIS_JOURNEY, MIS_ALL);
    show(&trace);
    for (size_t i = 0; i < trace.count; i++) {
        const struct lk_trace_message *m = &trace.messages[i];

        for (size_t cut = 0; cut < m->octets.len; cut += 1 + cut / 32) {
            struct lk_trace_packet packet = { .at_ns = m->at_ns };
            uint8_t *copy = malloc(cut + 1); /* so that reading beyond it is seen */
            struct lk_trace one;

            assert_non_null(copy);
            memcpy(copy, m->octets.at, cut);
            packet.datagram = (struct lk_datagram){ .from = m->from, .to = m->to,
                                                    .payload = lk_span_of(copy, cut) };
            lk_trace_init(&one);
            assert_int_equal(lk_trace_add(&one, LK_TRACE_MIS, &packet), LK_OK);
            packet.datagram.payload = m->octets;
            assert_int_equal(lk_trace_add(&one, LK_TRACE_MIS, &packet), LK_OK);
            assert_int_equal(lk_trace_finish(&one), LK_OK);
            assert_int_not_equal(one.messages[0].status, LK_OK);
            show(&one);
            lk_trace_free(&one);
            free(copy);
        }
    }
    lk_trace_free(&trace);
}

/* spec: RFC 5677 5 - over TCP the header's length alone says where a message ends. On whatever
 * port: a stream that begins with a whole message is of MIS. */
static void messages_are_found_in_tcp(void **state)
{
    static struct lk_mis_reader reader;
    static const uint16_t ports[] = { LK_MIS_PORT, 24551 };
    const struct lk_trace_message *first, *second;
    uint8_t both[2048];
    struct lk_span message;
    size_t len;

    mis_capture_load(&trace, MIS_JOURNEY, MIS_NO_KEYS);
    first = &trace.messages[0], second = &trace.messages[2];
    len = first->octets.len + second->octets.len;
    memcpy(both, first->octets.at, first->octets.len);
    memcpy(both + first->octets.len, second->octets.at, second->octets.len);
    for (size_t p = 0; p < LK_COUNT_OF(ports); p++)
        for (size_t cut = first->octets.len; cut <= len; cut++) {
            struct lk_datagram d = { .carrier = LK_CARRIER_TCP, .from = first->from,
                                     .to = first->to, .sequence = UINT32_MAX - 3,
                                     .payload = lk_span_of(both, cut) };

            d.to.port = ports[p];
            lk_mis_reader_init(&reader);
            assert_true(lk_mis_read(&reader, &d));
            assert_int_equal(lk_mis_read_next(&reader, &message), LK_OK);
            assert_true(lk_span_equal(message, first->octets));
            d.sequence += (uint32_t)cut;
            d.payload = lk_span_of(both + cut, len - cut);
            if (cut < len) {
                assert_int_equal(lk_mis_read_next(&reader, &message), LK_E_NOT_FOUND);
                assert_true(lk_mis_read(&reader, &d));
            }
            assert_int_equal(lk_mis_read_next(&reader, &message), LK_OK);
            assert_true(lk_span_equal(message, second->octets));
            assert_int_equal(lk_mis_read_next(&reader, &message), LK_E_NOT_FOUND);
        }
    lk_trace_free(&trace);
}

static void other_streams_are_left_alone(void **state)
{
    static struct lk_mis_reader reader;
    struct lk_datagram d = { .carrier = LK_CARRIER_TCP, .to = { .port = 443 },
                             .payload = lk_span_text("GET / HTTP/1.1\r\n\r\n") };

    lk_mis_reader_init(&reader);
    assert_false(lk_mis_read(&reader, &d));
    d.carrier = LK_CARRIER_UDP;
    d.to.port = LK_MIS_PORT;
    assert_false(lk_mis_read(&reader, &d));
}

/* T46: what is written of a message between two PoS has no K in it where no secrets are wanted. */
static void k_is_withheld(void **state)
{
    static const uint8_t zeroes[LK_MIS_K_MAX];
    uint8_t room[2048];
    struct lk_mis_message list;
    size_t seen = 0;

    mis_capture_load(&trace, MIS_JOURNEY, MIS_ALL);
    for (size_t i = 0; i < trace.count; i++) {
        const struct lk_trace_message *m = &trace.messages[i];
        struct lk_trace_message copy = *m;
        struct lk_mis_pdu pdu;

        lk_seen_withhold_mis(room, m->octets, &lk_mis_codes_default);
        if (m->mis.action != LK_MIS_N2N_PREREG_XFER) {
            assert_memory_equal(room, m->octets.at, m->octets.len);
            continue;
        }
        assert_int_equal(lk_mis_decode(&pdu, lk_span_of(room, m->octets.len),
                                       &lk_mis_codes_default), LK_OK);
        copy.mis.tlvs = pdu.body;
        assert_true(lk_mis_seen_read(&list, &copy));
        if (!lk_mis_has(&list, LK_MIS_TLV_KEY_ENVELOPE))
            continue;
        seen++;
        assert_memory_equal(list.envelope.key.at, zeroes, LK_MIS_K_MAX);
        assert_int_equal(list.envelope.max, 3);
        lk_seen_withhold_mis(room, lk_span_of(m->octets.at, m->octets.len - 1),
                             &lk_mis_codes_default);
        for (size_t at = 0; at + 1 < m->octets.len; at++)
            assert_int_equal(room[at], 0);
    }
    assert_int_equal(seen, 3);
    lk_trace_free(&trace);
}

/* Link keys go as a whole; what stands beside them stays. */
static void link_keys_are_withheld(void **state)
{
    static const uint8_t zeroes[6];
    struct lk_mis_header header = { .id = lk_mis_message_id(LK_MIS_PUSH_KEY, LK_MIS_REQUEST,
                                                            &lk_mis_codes_default) };
    const uint8_t list[] = { 3, 1, 0, lk_mis_codes_default.tlv[LK_MIS_OWN_LINK_KEYS], 6,
                             1, 19, 3, 0, 'k', 9 };
    struct lk_mis_pdu pdu = { .header = header, .source = lk_span_text("pos@a.example"),
                              .destination = lk_span_text("mn@home.example"),
                              .body = LK_SPAN(list) };
    uint8_t frame[128], room[128];
    struct lk_writer w = lk_writer_of(frame, sizeof frame);

    assert_int_equal(lk_mis_encode(&w, &pdu, &lk_mis_codes_default), LK_OK);
    lk_seen_withhold_mis(room, lk_writer_span(&w), &lk_mis_codes_default);
    assert_memory_equal(room, frame, w.len - sizeof zeroes);
    assert_memory_equal(room + w.len - sizeof zeroes, zeroes, sizeof zeroes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_is_shown),
        cmocka_unit_test(link_keys_are_withheld),
        cmocka_unit_test(eap_and_erp_are_read),
        cmocka_unit_test(protected_pdus_are_opened_with_the_keys_of_the_capture),
        cmocka_unit_test(another_key_opens_nothing),
        cmocka_unit_test(the_tree_goes_from_k_to_the_slices),
        cmocka_unit_test(link_keys_hang_below_k),
        cmocka_unit_test(a_misk_of_another_k_is_told),
        cmocka_unit_test(an_spos_alone_sees_no_end),
        cmocka_unit_test(each_refusal_is_explained),
        cmocka_unit_test(eap_within_mis_is_explained),
        cmocka_unit_test(a_replay_is_proven_by_its_nonce),
        cmocka_unit_test(a_count_that_is_too_low_is_proven),
        cmocka_unit_test(cut_messages_are_shown),
        cmocka_unit_test(messages_are_found_in_tcp),
        cmocka_unit_test(other_streams_are_left_alone),
        cmocka_unit_test(k_is_withheld),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
