/* trace: runs, ladder, keys and causes. Each cause is made in a world of its own, recorded as the
 * RADIUS it would have been, and has to come out on top: possible from the wire alone, proven with
 * K and OPc where these can prove it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eap_world.h"
#include "trace/explain.h"
#include "trace/html.h"
#include "trace/keytree.h"
#include "trace/ladder.h"
#include "trace/run_keys.h"

struct recorder {
    struct lk_trace trace;
    uint8_t id, state, eap_type;
    uint64_t at_ns;
    const char *title;
    const char *identity_for_server; /* replaces the peer's on its way */
    bool drop_answer;                /* nothing of the server arrives */
};

static const struct lk_capture_end client = { .address = { 127, 0, 0, 1 }, .port = 40000 };
static const struct lk_capture_end server = { .address = { 127, 0, 0, 1 }, .port = 1812 };

static void add(struct recorder *r, bool to_client, struct lk_span octets, const char *comment)
{
    struct lk_trace_packet packet = {
        .at_ns = r->at_ns,
        .datagram = { .from = to_client ? server : client, .to = to_client ? client : server,
                      .payload = octets },
        .comment = lk_span_text(comment),
    };

    assert_int_equal(lk_trace_add(&r->trace, LK_TRACE_RADIUS, &packet), LK_OK);
}

static void record(struct recorder *r, bool to_peer, struct lk_span eap)
{
    enum lk_radius_code code = LK_RADIUS_ACCESS_REQUEST;
    uint8_t room[LK_RADIUS_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    bool first = eap.at[0] == LK_EAP_RESPONSE && eap.at[4] == LK_EAP_IDENTITY;

    if (to_peer && eap.at[0] == LK_EAP_REQUEST && eap.at[4] == LK_EAP_IDENTITY)
        return; /* the access point's own */
    if (to_peer)
        code = eap.at[0] == LK_EAP_SUCCESS ? LK_RADIUS_ACCESS_ACCEPT :
               eap.at[0] == LK_EAP_FAILURE ? LK_RADIUS_ACCESS_REJECT : LK_RADIUS_ACCESS_CHALLENGE;
    r->id += !to_peer;
    r->state += code == LK_RADIUS_ACCESS_CHALLENGE;
    r->at_ns += 1000000;
    lk_radius_begin(&w, code, r->id);
    lk_radius_put_eap(&w, eap);
    if (code == LK_RADIUS_ACCESS_CHALLENGE || (!to_peer && !first))
        lk_radius_put(&w, LK_RADIUS_STATE, lk_span_of(&r->state, 1));
    assert_int_equal(lk_radius_end(&w), LK_OK);
    add(r, to_peer, lk_writer_span(&w), r->title);
}

static bool on_packet(struct world *w, bool to_peer, uint8_t *octets, size_t *len)
{
    struct recorder *r = w->meddle_with;
    struct lk_writer writer;
    bool lost = to_peer && r->drop_answer && r->id > 0;

    if (!lost)
        record(r, to_peer, lk_span_of(octets, *len));
    if (!to_peer && octets[4] == LK_EAP_IDENTITY && r->identity_for_server != NULL) {
        writer = lk_writer_of(octets, LK_EAP_PACKET_MAX);
        lk_eap_put_identity(&writer, LK_EAP_RESPONSE, octets[1],
                            lk_span_text(r->identity_for_server));
        *len = writer.len;
    }
    return !lost;
}

static void start(struct world *w, struct recorder *r, bool prime)
{
    memset(r, 0, sizeof *r);
    r->title = "a run";
    lk_trace_init(&r->trace);
    world_init(w);
    w->meddle = on_packet;
    w->meddle_with = r;
    w->peer_config.allow_aka = !prime;
    w->peer_config.allow_aka_prime = prime;
}

static void run(struct world *w, struct recorder *r)
{
    world_run(w);
    assert_int_equal(lk_trace_finish(&r->trace), LK_OK);
}

static struct lk_recompute_card card_of(const struct world *w)
{
    return (struct lk_recompute_card){ .card = w->usim.card };
}

static const struct lk_cause_found *find(const struct lk_explanation *e, enum lk_cause cause)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->causes[i].cause == cause)
            return &e->causes[i];
    return NULL;
}

/* ---- runs that go well ---- */

static void a_good_run_is_read_as_one(void **state)
{
    for (int prime = 0; prime < 2; prime++) {
        struct lk_explain_facts facts = { 0 };
        struct lk_explanation e;
        struct recorder r;
        struct world w;

        start(&w, &r, prime);
        run(&w, &r);
        world_expect_success(&w);
        assert_int_equal(r.trace.run_count, 1);
        assert_int_equal(r.trace.runs[0].outcome, LK_TRACE_ACCEPTED);
        assert_int_equal(r.trace.runs[0].count, r.trace.count);
        assert_int_equal(r.trace.runs[0].eap_type, prime ? LK_EAP_AKA_PRIME : LK_EAP_AKA);
        assert_string_equal(r.trace.runs[0].title, "a run");
        lk_explain(&e, &r.trace, 0, &facts);
        assert_false(e.failed);
        assert_int_equal(e.count, 0);
        lk_trace_free(&r.trace);
    }
}

/* The keys of the world's own grant come out of the wire and the card again, full and fast. */
static void keys_are_recomputed_for_full_and_fast(void **state)
{
    for (int prime = 0; prime < 2; prime++) {
        struct lk_recompute_card card;
        struct lk_run_keys keys;
        struct recorder r;
        struct world w;

        start(&w, &r, prime);
        world_run(&w);
        card = card_of(&w);
        assert_int_equal(lk_trace_finish(&r.trace), LK_OK);
        lk_run_keys(&keys, &r.trace, 0, &card);
        assert_true(keys.known);
        assert_memory_equal(keys.keys.msk.octets, w.peer_grant.msk.octets, 64);
        assert_memory_equal(keys.keys.emsk.octets, w.peer_grant.emsk.octets, 64);
        world_run(&w);
        run(&w, &r); /* the second fast one: its counter is 2 */
        assert_true(w.peer_grant.fast);
        assert_int_equal(r.trace.run_count, 3);
        assert_true(r.trace.runs[1].fast && r.trace.runs[2].fast);
        lk_run_keys(&keys, &r.trace, 2, &card);
        assert_true(keys.known && keys.fast);
        assert_int_equal(keys.counter, w.peer_grant.counter);
        assert_memory_equal(keys.keys.msk.octets, w.peer_grant.msk.octets, 64);
        assert_memory_equal(keys.keys.emsk.octets, w.peer_grant.emsk.octets, 64);
        card.card.k[0] ^= 1;
        lk_run_keys(&keys, &r.trace, 0, &card);
        assert_false(keys.known);
        lk_trace_free(&r.trace);
    }
}

/* ---- causes ---- */

static void wrong_k(struct world *w, struct recorder *r)
{
    w->auc.k[3] ^= 0x10;
}

/* The network was given OP and took it for OPc: it derives nothing, the card holds the derived. */
static void op_taken_for_opc(struct world *w, struct recorder *r)
{
    uint8_t op[16];

    memcpy(op, w->auc.topc, sizeof op);
    lk_aka_topc_derive(&w->usim.card, op);
}

/* The network derived OPc from what was OPc already. */
static void opc_taken_for_op(struct world *w, struct recorder *r)
{
    uint8_t opc[16];

    memcpy(opc, w->auc.topc, sizeof opc);
    lk_aka_topc_derive(&w->auc, opc);
}

static void amf_clear(struct world *w, struct recorder *r)
{
    w->amf_fixed = true;
}

static void other_network(struct world *w, struct recorder *r)
{
    memcpy(w->server_config.network_name, "HRPD", 4);
}

static void twice(struct world *w, struct lk_vector *v)
{
    struct lk_ck ck;
    struct lk_ik ik;

    memcpy(ck.octets, v->ck_prime.octets, 16);
    memcpy(ik.octets, v->ik_prime.octets, 16);
    lk_ck_ik_prime_derive(&v->ck_prime, &v->ik_prime, &ck, &ik, lk_span_text("WLAN"), v->autn);
}

static void prime_twice(struct world *w, struct recorder *r)
{
    w->tweak = twice;
}

static void never(struct world *w, struct lk_vector *v)
{
    struct lk_aka_output out;

    lk_aka_f2345(&out, &w->auc, v->rand);
    memcpy(v->ck_prime.octets, out.ck, 16);
    memcpy(v->ik_prime.octets, out.ik, 16);
}

static void prime_never(struct world *w, struct recorder *r)
{
    w->tweak = never;
}

static void bound_to_another_name(struct world *w, struct lk_vector *v)
{
    struct lk_aka_output out;
    struct lk_ck ck;
    struct lk_ik ik;

    lk_aka_f2345(&out, &w->auc, v->rand);
    memcpy(ck.octets, out.ck, 16);
    memcpy(ik.octets, out.ik, 16);
    lk_ck_ik_prime_derive(&v->ck_prime, &v->ik_prime, &ck, &ik, lk_span_text("ETHERNET"), v->autn);
}

/* AT_KDF_INPUT says WLAN, and the vault bound CK' and IK' to something else. */
static void name_of_the_vault(struct world *w, struct recorder *r)
{
    w->tweak = bound_to_another_name;
}

static void mnc_of_three_digits(struct world *w, struct recorder *r)
{
    r->identity_for_server = "6001010000000001@wlan.mnc010.mcc001.3gppnetwork.org";
}

static void no_realm(struct world *w, struct recorder *r)
{
    r->identity_for_server = "6001010000000001";
}

static void wrong_res(struct world *w, struct recorder *r)
{
    w->peer_config.lab = LK_LAB_WRONG_RES;
}

static void unknown(struct world *w, struct recorder *r)
{
    w->known = false;
    w->server_config.hide_unknown = false;
}

static void foreign_realm(struct world *w, struct recorder *r)
{
    unknown(w, r);
    memcpy(w->peer_config.realm, "wlan.mnc099.mcc001.3gppnetwork.org", 34);
    w->peer_config.realm_len = 34;
}

static void silence(struct world *w, struct recorder *r)
{
    r->drop_answer = true;
}

struct row {
    const char *name;
    void (*break_it)(struct world *w, struct recorder *r);
    bool op_known;             /* the card of the explanation is told OP as well */
    enum lk_cause wire;        /* on top without keys */
    enum lk_cause card;        /* on top with K and OPc */
    enum lk_certainty certain; /* with K and OPc */
    const char *evidence;      /* some words of it */
};

static const struct row rows[] = {
    { "wrong K", wrong_k, false, LK_CAUSE_KEYS, LK_CAUSE_KEYS, LK_PROVEN, "MAC-A" },
    { "OP as OPc", op_taken_for_opc, true, LK_CAUSE_KEYS, LK_CAUSE_OP_AS_OPC, LK_PROVEN,
      "OP itself" },
    { "OPc as OP", opc_taken_for_op, false, LK_CAUSE_KEYS, LK_CAUSE_OP_AS_OPC, LK_PROVEN,
      "derived from the OPc given" },
    { "AMF", amf_clear, false, LK_CAUSE_AMF, LK_CAUSE_AMF, LK_PROVEN, "AMF 0000" },
    { "network name", other_network, false, LK_CAUSE_NETWORK_NAME, LK_CAUSE_NETWORK_NAME, LK_PROVEN,
      "HRPD" },
    { "name of the vault", name_of_the_vault, false, LK_CAUSE_PRIME_TWICE, LK_CAUSE_NETWORK_NAME,
      LK_PROVEN, "ETHERNET" },
    { "twice", prime_twice, false, LK_CAUSE_PRIME_TWICE, LK_CAUSE_PRIME_TWICE, LK_PROVEN,
      "the server does that" },
    { "never", prime_never, false, LK_CAUSE_PRIME_TWICE, LK_CAUSE_PRIME_NEVER, LK_PROVEN,
      "CK and IK themselves" },
    { "MNC of three digits", mnc_of_three_digits, false, LK_CAUSE_PRIME_TWICE, LK_CAUSE_REALM,
      LK_PROVEN, "mnc010" },
    { "no realm", no_realm, false, LK_CAUSE_PRIME_TWICE, LK_CAUSE_REALM, LK_PROVEN,
      "the identity 6001010000000001: the server" },
    { "wrong RES", wrong_res, false, LK_CAUSE_REALM, LK_CAUSE_KEYS, LK_PROVEN, "AT_RES" },
    { "unknown", unknown, false, LK_CAUSE_SUBSCRIBER, LK_CAUSE_SUBSCRIBER, LK_POSSIBLE,
      "no vector" },
    { "foreign realm", foreign_realm, false, LK_CAUSE_REALM, LK_CAUSE_REALM, LK_POSSIBLE,
      "does not hold" },
    { "silence", silence, false, LK_CAUSE_SECRET, LK_CAUSE_SECRET, LK_POSSIBLE, "says nothing" },
};

/* spec: TS 33.102 6.3.3 - MAC-A over SQN, RAND and AMF tells whether K and OPc agree. */
/* spec: RFC 4187 10.15 - AT_MAC tells whether keys and identity agree. */
/* spec: RFC 4187 7 - the last identity, realm included, enters the keys. */
/* spec: RFC 9048 3.1 - and in EAP-AKA' the network name. */
static void each_cause_comes_out_on_top(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_explain_facts facts = { .network_name = lk_span_text("WLAN") };
        struct lk_recompute_card card;
        struct lk_explanation e;
        struct recorder r;
        struct world w;

        start(&w, &r, true);
        card = (struct lk_recompute_card){ .has_op = rows[i].op_known };
        memcpy(card.op, w.auc.topc, 16);
        rows[i].break_it(&w, &r);
        card.card = w.usim.card;
        run(&w, &r);
        assert_true(r.trace.run_count >= 1);
        lk_explain(&e, &r.trace, 0, &facts);
        if (!e.failed || e.count == 0 || e.causes[0].cause != rows[i].wire
            || e.causes[0].certainty != LK_POSSIBLE) {
            lk_explain_print(stderr, &e, &r.trace);
            fail_msg("%s: without keys", rows[i].name);
        }
        facts.card = &card;
        lk_explain(&e, &r.trace, 0, &facts);
        if (e.count == 0 || e.causes[0].cause != rows[i].card
            || e.causes[0].certainty != rows[i].certain
            || strstr(e.causes[0].evidence, rows[i].evidence) == NULL) {
            lk_explain_print(stderr, &e, &r.trace);
            lk_ladder_text(stderr, &r.trace, 0);
            fail_msg("%s: with K and OPc", rows[i].name);
        }
        lk_trace_free(&r.trace);
    }
}

/* An AUTS proves the history of SQN by itself, and with K and OPc tells both numbers. */
static void resynchronisation_is_told(void **state)
{
    uint8_t ahead[6] = { 0, 0, 0, 1, 0, 0 };
    struct lk_explain_facts facts = { 0 };
    struct lk_recompute_card card;
    struct lk_explanation e;
    struct recorder r;
    struct world w;

    start(&w, &r, true);
    for (uint8_t ind = 0; ind < LK_USIM_ARRAY; ind++) {
        ahead[5] = ind;
        lk_usim_set_sqn(&w.usim, ahead);
    }
    run(&w, &r);
    world_expect_success(&w);
    assert_true(r.trace.runs[0].resync);
    lk_explain(&e, &r.trace, 0, &facts);
    assert_false(e.failed);
    assert_int_equal(e.count, 1);
    assert_int_equal(e.causes[0].cause, LK_CAUSE_SQN);
    assert_int_equal(e.causes[0].certainty, LK_PROVEN);
    card = card_of(&w);
    facts.card = &card;
    lk_explain(&e, &r.trace, 0, &facts);
    assert_int_equal(e.causes[0].cause, LK_CAUSE_SQN);
    assert_non_null(strstr(e.causes[0].evidence, "(SEQ 2048, IND"));
    lk_trace_free(&r.trace);
}

/* What agrees is ruled out, so that nobody looks there. */
static void what_agrees_is_ruled_out(void **state)
{
    struct lk_explain_facts facts = { .network_name = lk_span_text("WLAN") };
    struct lk_recompute_card card;
    struct lk_explanation e;
    struct recorder r;
    struct world w;

    start(&w, &r, true);
    prime_twice(&w, &r);
    run(&w, &r);
    card = card_of(&w);
    facts.card = &card;
    lk_explain(&e, &r.trace, 0, &facts);
    assert_non_null(find(&e, LK_CAUSE_KEYS));
    assert_int_equal(find(&e, LK_CAUSE_KEYS)->certainty, LK_RULED_OUT);
    assert_int_equal(e.causes[e.count - 1].certainty, LK_RULED_OUT);
    lk_trace_free(&r.trace);
}

/* ---- rendering ---- */

static char *page_of(const struct lk_trace *trace, const struct lk_explain_facts *facts, bool show)
{
    struct lk_page page = { .title = "<b>title</b>", .subtitle = "", .trace = trace,
                            .facts = facts, .show_keys = show };
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    lk_page_write(to, &page);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void the_page_shows_no_key_unless_asked(void **state)
{
    struct lk_explain_facts facts = { 0 };
    struct lk_recompute_card card;
    struct recorder r;
    struct world w;
    char msk[33], *text;

    start(&w, &r, true);
    r.title = "<script>alert(1)</script>";
    run(&w, &r);
    card = card_of(&w);
    facts.card = &card;
    for (size_t i = 0; i < 16; i++)
        snprintf(msk + 2 * i, 3, "%02x", w.peer_grant.msk.octets[i]);
    text = page_of(&r.trace, &facts, false);
    assert_null(strstr(text, msk));
    assert_null(strstr(text, "465b5ce8b199b49f"));
    assert_null(strstr(text, "<script>alert"));
    assert_null(strstr(text, "<b>title"));
    assert_null(strstr(text, "http://"));
    assert_null(strstr(text, "https://"));
    assert_non_null(strstr(text, "EAP-Request/AKA&#39;-Challenge"));
    assert_non_null(strstr(text, "AT_NEXT_REAUTH_ID")); /* decrypted: no key, but needs one */
    free(text);
    text = page_of(&r.trace, &facts, true);
    assert_non_null(strstr(text, msk));
    free(text);
    lk_trace_free(&r.trace);
}

/* Octets that are no RADIUS, no EAP, or cut at any length are shown as such and harm nothing. */
static void damaged_messages_are_kept_and_shown(void **state)
{
    struct recorder r;
    struct world w;
    size_t whole;
    char *text;

    start(&w, &r, true);
    run(&w, &r);
    whole = r.trace.count;
    for (size_t i = 0; i < whole; i++) {
        struct lk_span radius = r.trace.messages[i].octets;

        for (size_t len = 0; len < radius.len; len += 7)
            add(&r, false, lk_span_of(radius.at, len), "");
    }
    assert_int_equal(lk_trace_finish(&r.trace), LK_OK);
    assert_int_equal(r.trace.run_count, 1);
    text = page_of(&r.trace, NULL, false);
    assert_non_null(strstr(text, "not RADIUS"));
    free(text);
    lk_trace_free(&r.trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_run_is_read_as_one),
        cmocka_unit_test(keys_are_recomputed_for_full_and_fast),
        cmocka_unit_test(each_cause_comes_out_on_top),
        cmocka_unit_test(resynchronisation_is_told),
        cmocka_unit_test(what_agrees_is_ruled_out),
        cmocka_unit_test(the_page_shows_no_key_unless_asked),
        cmocka_unit_test(damaged_messages_are_kept_and_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
