/* trace, beyond one leg of RADIUS: an attach through a TWAP, the session link, DTLS, WLCP and
 * PMIPv6 written into a capture file and read back as runs, lanes, names, causes and key tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "eap_world.h"
#include "proto/radius/private.h"
#include "trace/explain.h"
#include "trace/html.h"
#include "trace/keytree.h"
#include "trace/ladder.h"
#include "wire/dtls.h"

enum { ENTERPRISE = 32473 };

static const struct lk_capture_end ap = { .address = { 127, 0, 0, 1 }, .port = 40000 };
static const struct lk_capture_end twap = { .address = { 127, 0, 0, 1 }, .port = 1822 };
static const struct lk_capture_end twap_out = { .address = { 127, 0, 0, 1 }, .port = 40001 };
static const struct lk_capture_end twap_accounting = { .address = { 127, 0, 0, 1 }, .port = 1823 };
static const struct lk_capture_end aaa = { .address = { 127, 0, 0, 1 }, .port = 2083 };
static const struct lk_capture_end aaa_accounting = { .address = { 127, 0, 0, 1 }, .port = 1813 };
static const struct lk_capture_end dynamic = { .address = { 127, 0, 0, 1 }, .port = 3799 };
static const struct lk_capture_end gateway = { .address = { 127, 0, 0, 9 }, .port = 2083 };
static const struct lk_capture_end twag = { .address = { 127, 0, 0, 1 }, .port = 36411 };
static const struct lk_capture_end device = { .address = { 127, 0, 0, 2 }, .port = 36411 };
static const struct lk_capture_end mag = { .address = { 127, 0, 0, 1 }, .port = 40005 };
static const struct lk_capture_end anchor = { .address = { 127, 0, 0, 1 }, .port = 5436 };

struct recorder {
    struct lk_capture *capture;
    char dir[64], path[96];
    uint64_t at_ns;
    uint8_t id, state;
    bool proxy;
    const char *title;
};

static void put_udp(struct recorder *r, const struct lk_capture_end *from,
                    const struct lk_capture_end *to, struct lk_span octets)
{
    r->at_ns += 1000000;
    assert_int_equal(lk_capture_udp(r->capture, r->at_ns, from, to, octets, r->title), LK_OK);
}

static void put_opened(struct recorder *r, const char *dissector,
                       const struct lk_capture_end *from, const struct lk_capture_end *to,
                       struct lk_span octets)
{
    struct lk_capture_opened about = { .dissector = dissector, .from = *from, .to = *to,
                                       .stream = strcmp(dissector, "radius") == 0 };

    r->at_ns += 1000000;
    assert_int_equal(lk_capture_message(r->capture, r->at_ns, &about, octets, NULL), LK_OK);
}

/* ---- RADIUS ---- */

static struct lk_span radius(uint8_t *room, struct recorder *r, enum lk_radius_code code,
                             struct lk_span eap, bool state, bool leg)
{
    static const uint8_t multi[4] = { 0, 0, 0, LK_TWAN_MULTI }, hidden[34] = { 0x80, 1 };
    struct lk_writer w = lk_writer_of(room, LK_RADIUS_PACKET_MAX);

    lk_radius_begin(&w, code, (uint8_t)(leg ? r->id + 100 : r->id));
    lk_radius_put_eap(&w, eap);
    if (state)
        lk_radius_put(&w, LK_RADIUS_STATE, lk_span_of(&r->state, 1));
    if (leg && code == LK_RADIUS_ACCESS_REQUEST)
        lk_radius_put_vendor(&w, ENTERPRISE, LK_RADIUS_TWAN_CONNECTION_MODE, LK_SPAN(multi));
    if (code == LK_RADIUS_ACCESS_ACCEPT)
        lk_radius_put(&w, LK_RADIUS_CLASS, lk_span_text("class"));
    if (leg && code == LK_RADIUS_ACCESS_ACCEPT)
        lk_radius_put_vendor(&w, ENTERPRISE, LK_RADIUS_WLCP_KEY, LK_SPAN(hidden));
    assert_int_equal(lk_radius_end(&w), LK_OK);
    return lk_writer_span(&w);
}

static void link_coa(struct recorder *r)
{
    static const uint8_t hidden[34] = { 0x80, 1 };
    uint8_t room[LK_RADIUS_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_radius_begin(&w, LK_RADIUS_COA_REQUEST, 7);
    lk_radius_put(&w, LK_RADIUS_CLASS, lk_span_text("class"));
    lk_radius_put_vendor(&w, ENTERPRISE, LK_RADIUS_WLCP_KEY, LK_SPAN(hidden));
    assert_int_equal(lk_radius_end(&w), LK_OK);
    put_opened(r, "radius", &twap_out, &gateway, lk_writer_span(&w));
    w = lk_writer_of(room, sizeof room);
    lk_radius_begin(&w, LK_RADIUS_COA_ACK, 7);
    assert_int_equal(lk_radius_end(&w), LK_OK);
    put_opened(r, "radius", &gateway, &twap_out, lk_writer_span(&w));
}

/* Each EAP packet goes over both legs, the inner one opened by who ended its TLS. */
static bool on_packet(struct world *w, bool to_peer, uint8_t *octets, size_t *len)
{
    struct recorder *r = w->meddle_with;
    struct lk_span eap = lk_span_of(octets, *len);
    bool first = octets[0] == LK_EAP_RESPONSE && octets[4] == LK_EAP_IDENTITY, state;
    enum lk_radius_code code = LK_RADIUS_ACCESS_REQUEST;
    uint8_t room[LK_RADIUS_PACKET_MAX];

    if (to_peer && octets[0] == LK_EAP_REQUEST && octets[4] == LK_EAP_IDENTITY)
        return true;
    if (to_peer)
        code = octets[0] == LK_EAP_SUCCESS ? LK_RADIUS_ACCESS_ACCEPT :
               octets[0] == LK_EAP_FAILURE ? LK_RADIUS_ACCESS_REJECT : LK_RADIUS_ACCESS_CHALLENGE;
    r->id += !to_peer;
    r->state += code == LK_RADIUS_ACCESS_CHALLENGE;
    state = code == LK_RADIUS_ACCESS_CHALLENGE || (!to_peer && !first);
    if (!to_peer) {
        put_udp(r, &ap, &twap, radius(room, r, code, eap, state, false));
        put_opened(r, "radius", &twap_out, &aaa, radius(room, r, code, eap, state, true));
        return true;
    }
    put_opened(r, "radius", &aaa, &twap_out, radius(room, r, code, eap, state, true));
    if (code == LK_RADIUS_ACCESS_ACCEPT)
        link_coa(r);
    put_udp(r, &twap, &ap, radius(room, r, code, eap, state, false));
    return true;
}

static void accounting(struct recorder *r, const struct lk_capture_end *from,
                       const struct lk_capture_end *to, enum lk_radius_code code, uint8_t id)
{
    uint8_t room[LK_RADIUS_PACKET_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_radius_begin(&w, code, id);
    if (code == LK_RADIUS_ACCOUNTING_REQUEST)
        lk_radius_put_u32(&w, LK_RADIUS_ACCT_STATUS_TYPE, 1);
    if (code == LK_RADIUS_ACCOUNTING_REQUEST || code == LK_RADIUS_DISCONNECT_REQUEST)
        lk_radius_put(&w, LK_RADIUS_ACCT_SESSION_ID, lk_span_text("session"));
    assert_int_equal(lk_radius_end(&w), LK_OK);
    put_udp(r, from, to, lk_writer_span(&w));
}

/* ---- DTLS ---- */

static void dtls_hello(struct recorder *r, bool cookie)
{
    uint8_t body[128], room[256];
    struct lk_writer b = lk_writer_of(body, sizeof body), w = lk_writer_of(room, sizeof room);

    lk_put_be16(&b, LK_DTLS_1_2);
    lk_put_zeroes(&b, LK_DTLS_RANDOM_LEN);
    lk_put_u8(&b, 0);
    lk_put_lv8(&b, lk_span_text(cookie ? "cookie" : ""));
    lk_put_lv16(&b, lk_span_text("\xcc\xac"));
    lk_put_lv8(&b, lk_span_of("", 1));
    lk_put_be16(&b, 4);
    lk_put_be32(&b, 0x00170000); /* extended master secret */
    lk_dtls_put_message(&w, cookie, LK_DTLS_CLIENT_HELLO, cookie, lk_writer_span(&b));
    put_udp(r, &device, &twag, lk_writer_span(&w));
    if (cookie)
        return;
    w = lk_writer_of(room, sizeof room);
    lk_dtls_put_hello_verify(&w, 0, lk_span_text("cookie"));
    put_udp(r, &twag, &device, lk_writer_span(&w));
}

static void put_record(struct lk_writer *w, uint8_t type, uint16_t epoch, size_t len)
{
    lk_put_u8(w, type);
    lk_put_be16(w, LK_DTLS_1_2);
    lk_put_be16(w, epoch);
    lk_put_zeroes(w, 6);
    lk_put_be16(w, (uint16_t)len);
    lk_put_zeroes(w, len);
}

static void dtls_middle(struct recorder *r, const char *identity)
{
    uint8_t body[128], room[512];
    struct lk_writer b = lk_writer_of(body, sizeof body), w = lk_writer_of(room, sizeof room);

    lk_put_be16(&b, LK_DTLS_1_2);
    lk_put_zeroes(&b, LK_DTLS_RANDOM_LEN + 1);
    lk_put_be16(&b, 0xccac);
    lk_put_u8(&b, 0);
    lk_dtls_put_message(&w, 1, LK_DTLS_SERVER_HELLO, 1, lk_writer_span(&b));
    lk_dtls_put_message(&w, 2, LK_DTLS_SERVER_HELLO_DONE, 2, lk_span_of(NULL, 0));
    put_udp(r, &twag, &device, lk_writer_span(&w));
    b = lk_writer_of(body, sizeof body);
    lk_put_lv16(&b, lk_span_text(identity));
    lk_put_lv8(&b, lk_span_of("01234567890123456789012345678901", 32));
    w = lk_writer_of(room, sizeof room);
    lk_dtls_put_message(&w, 2, LK_DTLS_CLIENT_KEY_EXCHANGE, 2, lk_writer_span(&b));
    put_record(&w, LK_DTLS_CHANGE_CIPHER_SPEC, 0, 1);
    put_record(&w, LK_DTLS_HANDSHAKE, 1, 40);
    put_udp(r, &device, &twag, lk_writer_span(&w));
}

static void dtls_end(struct recorder *r, bool good)
{
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    if (good) {
        put_record(&w, LK_DTLS_CHANGE_CIPHER_SPEC, 0, 1);
        put_record(&w, LK_DTLS_HANDSHAKE, 1, 40);
    } else {
        lk_dtls_put_alert(&w, 3, LK_DTLS_ALERT_DECRYPT_ERROR);
    }
    put_udp(r, &twag, &device, lk_writer_span(&w));
}

static void dtls(struct recorder *r, const char *identity, bool good)
{
    dtls_hello(r, false);
    dtls_hello(r, true);
    dtls_middle(r, identity);
    dtls_end(r, good);
}

/* ---- WLCP and PMIPv6 ---- */

static void wlcp(struct recorder *r, enum lk_wlcp_type type, uint32_t present, bool to_device)
{
    static const uint8_t labels[] = "\x08internet";
    struct lk_wlcp_message m = { .type = type, .pti = 1, .present = present, .request_type = 1,
                                 .pdn_type = LK_WLCP_IPV4, .pdn_id = 5, .cause = 36,
                                 .address = { .pdn_type = LK_WLCP_IPV4, .ipv4 = { 10, 0, 0, 7 } },
                                 .user_plane = { 2, 0, 0, 0, 0, 9 },
                                 .apn = lk_span_of(labels, 9) };
    uint8_t room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_wlcp_encode(&w, &lk_wlcp_table, &m), LK_OK);
    put_opened(r, "wlcp", to_device ? &twag : &device, to_device ? &device : &twag,
               lk_writer_span(&w));
}

static void pmip(struct recorder *r, bool answer, uint16_t lifetime)
{
    struct lk_mobility_message m = { .type = answer ? LK_MOBILITY_BA : LK_MOBILITY_BU,
                                     .flags = answer ? LK_BA_PROXY : LK_BU_PROXY,
                                     .sequence = 9, .lifetime = lifetime };
    uint8_t room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    m.options.mn_id.subtype = LK_MN_ID_NAI;
    m.options.mn_id.id = lk_span_text("0001010000000001@example");
    lk_mobility_mark(&m.options, LK_MO_MN_ID);
    assert_int_equal(lk_mobility_encode(&w, &m), LK_OK);
    put_opened(r, "mipv6", answer ? &anchor : &mag, answer ? &mag : &anchor, lk_writer_span(&w));
}

#define IE(name) (1u << LK_WLCP_IE_##name)

static void pdn(struct recorder *r)
{
    wlcp(r, LK_WLCP_CONNECTIVITY_REQUEST, IE(REQUEST_TYPE) | IE(PDN_TYPE) | IE(APN), false);
    pmip(r, false, 900);
    pmip(r, true, 900);
    wlcp(r, LK_WLCP_CONNECTIVITY_ACCEPT, IE(APN) | IE(PDN_ADDRESS) | IE(PDN_ID) | IE(USER_PLANE),
         true);
    wlcp(r, LK_WLCP_CONNECTIVITY_COMPLETE, 0, false);
    wlcp(r, LK_WLCP_DISCONNECT_REQUEST, IE(PDN_ID) | IE(CAUSE), true);
    wlcp(r, LK_WLCP_DISCONNECT_ACCEPT, 0, false);
}

/* ---- a capture ---- */

static void start(struct world *w, struct recorder *r)
{
    struct lk_capture_options options = { .link = LK_LINK_RAW_IP, .opened = true };

    memset(r, 0, sizeof *r);
    snprintf(r->dir, sizeof r->dir, "/tmp/lk-rooms-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    snprintf(r->path, sizeof r->path, "%s/x.pcapng", r->dir);
    assert_int_equal(lk_capture_open(&r->capture, r->path, &options), LK_OK);
    world_init(w);
    w->meddle = on_packet;
    w->meddle_with = r;
    w->peer_config.allow_aka = false;
    w->peer_config.allow_aka_prime = true;
}

static void load(struct lk_trace *trace, struct recorder *r)
{
    lk_capture_close(r->capture);
    assert_int_equal(lk_trace_load(trace, r->path), LK_OK);
    unlink(r->path);
    rmdir(r->dir);
}

static void identity_of(char identity[LK_WLCP_IDENTITY_LEN + 1], const struct world *w)
{
    struct lk_wlcp_kdf kdf;
    struct lk_wlcp_key key;

    lk_wlcp_kdf_defaults(&kdf);
    lk_wlcp_key_derive(&key, &w->peer_grant.emsk, &kdf);
    lk_wlcp_psk_identity(identity, &key);
}

static size_t index_of(const struct lk_trace *trace, const char *wanted, size_t from)
{
    char name[LK_TRACE_NAME_MAX];

    for (size_t i = from; i < trace->count; i++) {
        lk_trace_message_name(name, &trace->messages[i]);
        if (strcmp(name, wanted) == 0)
            return i;
    }
    fail_msg("no message %s", wanted);
    return 0;
}

static void expect_rung(const struct lk_trace *trace, size_t index, enum lk_lane from,
                        enum lk_lane to, enum lk_lane air)
{
    struct lk_rung rung;

    lk_rung_of(&rung, trace, index);
    assert_int_equal(rung.from, from);
    assert_int_equal(rung.to, to);
    assert_int_equal(rung.air, air);
}

/* ---- tests ---- */

/* spec: TS 23.402 16.1.4A.1 - the mode that holds decides whether there is a WLCP key. */
static void both_legs_are_one_run(void **state)
{
    struct lk_explain_facts facts = { 0 };
    struct lk_explanation e;
    struct lk_lanes lanes;
    struct lk_trace trace;
    struct recorder r;
    struct world w;
    size_t challenges = 0;

    start(&w, &r);
    world_run(&w);
    world_expect_success(&w);
    load(&trace, &r);
    assert_int_equal(trace.run_count, 1);
    assert_int_equal(trace.runs[0].count, trace.count);
    assert_int_equal(trace.runs[0].outcome, LK_TRACE_ACCEPTED);
    assert_true(trace.runs[0].multi);
    expect_rung(&trace, 0, LK_LANE_ACCESS_POINT, LK_LANE_TWAP, LK_LANE_DEVICE);
    expect_rung(&trace, 1, LK_LANE_TWAP, LK_LANE_AAA, LK_LANE_NONE);
    expect_rung(&trace, 2, LK_LANE_AAA, LK_LANE_TWAP, LK_LANE_NONE);
    expect_rung(&trace, 3, LK_LANE_TWAP, LK_LANE_ACCESS_POINT, LK_LANE_DEVICE);
    expect_rung(&trace, trace.count - 3, LK_LANE_TWAP, LK_LANE_TWAG, LK_LANE_NONE);
    expect_rung(&trace, trace.count - 2, LK_LANE_TWAG, LK_LANE_TWAP, LK_LANE_NONE);
    for (size_t i = lk_trace_find(&trace, 0, 0, LK_EAP_REQUEST, LK_AKA_CHALLENGE);
         i != LK_TRACE_NONE;
         i = lk_trace_find(&trace, 0, i + 1, LK_EAP_REQUEST, LK_AKA_CHALLENGE))
        challenges++;
    assert_int_equal(challenges, 1); /* and not one a leg */
    lk_lanes_of(&lanes, &trace, 0);
    assert_int_equal(lanes.count, 6);
    assert_int_equal(lanes.lane[3], LK_LANE_TWAG);
    lk_explain(&e, &trace, 0, &facts);
    assert_false(e.failed);
    lk_trace_free(&trace);
}

static void accounting_and_disconnect_have_their_lanes(void **state)
{
    struct lk_trace trace;
    struct recorder r;
    struct world w;

    start(&w, &r);
    world_run(&w);
    accounting(&r, &ap, &twap_accounting, LK_RADIUS_ACCOUNTING_REQUEST, 1);
    accounting(&r, &twap_out, &aaa_accounting, LK_RADIUS_ACCOUNTING_REQUEST, 2);
    accounting(&r, &aaa_accounting, &twap_out, LK_RADIUS_ACCOUNTING_RESPONSE, 2);
    accounting(&r, &twap_accounting, &ap, LK_RADIUS_ACCOUNTING_RESPONSE, 1);
    accounting(&r, &aaa, &dynamic, LK_RADIUS_DISCONNECT_REQUEST, 3);
    accounting(&r, &dynamic, &aaa, LK_RADIUS_DISCONNECT_ACK, 3);
    load(&trace, &r);
    assert_int_equal(trace.run_count, 1);
    expect_rung(&trace, trace.count - 6, LK_LANE_ACCESS_POINT, LK_LANE_TWAP, LK_LANE_NONE);
    expect_rung(&trace, trace.count - 5, LK_LANE_TWAP, LK_LANE_AAA, LK_LANE_NONE);
    expect_rung(&trace, trace.count - 4, LK_LANE_AAA, LK_LANE_TWAP, LK_LANE_NONE);
    expect_rung(&trace, trace.count - 3, LK_LANE_TWAP, LK_LANE_ACCESS_POINT, LK_LANE_NONE);
    expect_rung(&trace, trace.count - 2, LK_LANE_AAA, LK_LANE_TWAP, LK_LANE_NONE);
    expect_rung(&trace, trace.count - 1, LK_LANE_TWAP, LK_LANE_AAA, LK_LANE_NONE);
    for (size_t i = trace.count - 6; i < trace.count; i++)
        assert_int_equal(trace.messages[i].run, LK_TRACE_NONE);
    lk_trace_free(&trace);
}

/* spec: RFC 6347 4.2.4 - the server's Finished ends the handshake. */
/* spec: TS 24.244 5.1.3 - an answer has the PTI of its request. */
/* spec: TS 33.402 7.2.3.2.1 - the WLCP key is a child of the EMSK. */
static void a_session_is_one_run(void **state)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1], text[LK_TRACE_SUMMARY_MAX];
    struct lk_recompute_card card;
    struct lk_run_keys keys;
    struct lk_keytree tree;
    struct lk_trace trace;
    struct recorder r;
    struct world w;
    size_t at;

    start(&w, &r);
    world_run(&w);
    identity_of(identity, &w);
    dtls(&r, identity, true);
    pdn(&r);
    pmip(&r, false, 0); /* of nobody that waits */
    load(&trace, &r);
    assert_int_equal(trace.run_count, 3);
    assert_int_equal(trace.runs[1].kind, LK_TRACE_SESSION);
    assert_int_equal(trace.runs[1].outcome, LK_TRACE_ACCEPTED);
    assert_int_equal(trace.runs[2].kind, LK_TRACE_LINK);
    assert_int_equal(trace.runs[1].count + trace.runs[0].count + 1, trace.count);
    assert_true(lk_span_equal(trace.runs[1].identity, lk_span_text(identity)));
    at = index_of(&trace, "ClientKeyExchange to Finished, encrypted", 0);
    expect_rung(&trace, at, LK_LANE_DEVICE, LK_LANE_TWAG, LK_LANE_NONE);
    at = index_of(&trace, "Proxy Binding Update", 0);
    expect_rung(&trace, at, LK_LANE_TWAG, LK_LANE_ANCHOR, LK_LANE_NONE);
    assert_int_equal(trace.messages[at].run, 1);
    assert_int_equal(trace.messages[at + 1].answers, at);
    at = index_of(&trace, "PDN CONNECTIVITY ACCEPT", 0);
    expect_rung(&trace, at, LK_LANE_TWAG, LK_LANE_DEVICE, LK_LANE_NONE);
    assert_int_equal(trace.messages[at].answers, at - 3);
    assert_int_equal(trace.messages[at + 1].answers, at);
    lk_trace_summary(text, &trace.messages[at]);
    assert_string_equal(text, "internet, PDN 5, 10.0.0.7");
    at = index_of(&trace, "PDN DISCONNECT ACCEPT", at);
    assert_int_equal(trace.messages[at].answers, at - 1);
    card = (struct lk_recompute_card){ .card = w.usim.card };
    assert_int_equal(lk_run_of_identity(&trace, trace.runs[1].identity, &card), 0);
    lk_run_keys(&keys, &trace, 0, &card);
    assert_string_equal(keys.wlcp_identity, identity);
    lk_keytree_make(&tree, &trace, 0, &keys, LK_TRACE_NONE);
    assert_string_equal(tree.node[tree.count - 3].name, "WLCP key");
    assert_string_equal(tree.node[tree.count - 3].detail, "generation 1 in this capture");
    assert_string_equal(tree.node[tree.node[tree.count - 3].parent].name, "EMSK");
    assert_memory_equal(tree.node[tree.count - 3].value, keys.wlcp.octets, 32);
    assert_string_equal(tree.node[tree.count - 2].name, "PSK identity");
    assert_string_equal(tree.node[tree.count - 1].name, "DTLS session");
    assert_int_equal(tree.node[tree.count - 1].run, 1);
    lk_trace_free(&trace);
}

/* spec: TS 33.402 7.2.3.2.2 - after a re-authentication the key is a new one. */
static void a_wrong_key_is_explained(void **state)
{
    char first[LK_WLCP_IDENTITY_LEN + 1], second[LK_WLCP_IDENTITY_LEN + 1];
    const struct {
        const char *identity;
        enum lk_certainty certainty;
        const char *evidence;
    } rows[] = {
        { first, LK_PROVEN, "has made a newer one" },
        { second, LK_POSSIBLE, "unknown identity" },
        { "00112233445566778899aabbccddeeff", LK_PROVEN, "names no WLCP key" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_explain_facts facts = { 0 };
        struct lk_recompute_card card;
        struct lk_explanation e;
        struct lk_trace trace;
        struct recorder r;
        struct world w;

        start(&w, &r);
        world_run(&w);
        identity_of(first, &w);
        world_run(&w);
        identity_of(second, &w);
        assert_string_not_equal(first, second);
        dtls(&r, rows[i].identity, false);
        load(&trace, &r);
        assert_int_equal(trace.run_count, 3);
        assert_int_equal(trace.runs[2].outcome, LK_TRACE_REJECTED);
        lk_explain(&e, &trace, 2, &facts);
        assert_true(e.failed);
        assert_int_equal(e.causes[0].cause, LK_CAUSE_WLCP_KEY);
        assert_int_equal(e.causes[0].certainty, LK_POSSIBLE);
        assert_non_null(strstr(e.where, "decrypt_error"));
        card = (struct lk_recompute_card){ .card = w.usim.card };
        facts.card = &card;
        lk_explain(&e, &trace, 2, &facts);
        assert_int_equal(e.causes[0].cause, LK_CAUSE_WLCP_KEY);
        assert_int_equal(e.causes[0].certainty, rows[i].certainty);
        assert_non_null(strstr(e.causes[0].evidence, rows[i].evidence));
        lk_trace_free(&trace);
    }
}

static char *drawn(const struct lk_trace *trace, int how)
{
    struct lk_page page = { .title = "x", .subtitle = "", .trace = trace };
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    if (how == 0)
        lk_ladder_text(to, trace, LK_TRACE_NONE);
    else if (how == 1)
        lk_ladder_svg(to, trace, LK_TRACE_NONE);
    else
        lk_page_write(to, &page);
    assert_int_equal(fclose(to), 0);
    return text;
}

/* Seven lanes at most; each way of drawing names who is there. */
static void all_of_it_is_drawn(void **state)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1];
    struct lk_trace trace;
    struct recorder r;
    struct world w;

    start(&w, &r);
    world_run(&w);
    identity_of(identity, &w);
    dtls(&r, identity, true);
    pdn(&r);
    accounting(&r, &ap, &twap_accounting, LK_RADIUS_ACCOUNTING_REQUEST, 1);
    load(&trace, &r);
    for (int how = 0; how < 3; how++) {
        static const char *const words[] = { "TWAP", "TWAG", "PDN CONNECTIVITY REQUEST",
                                             "Proxy Binding Acknowledgement", "HelloVerifyRequest",
                                             "CoA-Request", "Accounting-Request" };
        char *text = drawn(&trace, how);

        for (size_t i = 0; i < LK_COUNT_OF(words); i++)
            if (strstr(text, words[i]) == NULL)
                fail_msg("drawing %d has no %s", how, words[i]);
        free(text);
    }
    lk_trace_free(&trace);
}

/* Every message of every kind, cut at every length: kept, shown, and no harm done. */
static void every_cut_is_kept_and_shown(void **state)
{
    char identity[LK_WLCP_IDENTITY_LEN + 1], *text;
    struct lk_trace whole, cut;
    struct recorder r;
    struct world w;

    start(&w, &r);
    world_run(&w);
    identity_of(identity, &w);
    dtls(&r, identity, true);
    pdn(&r);
    load(&whole, &r);
    lk_trace_init(&cut);
    for (size_t i = 0; i < whole.count; i++)
        for (size_t len = 0; len < whole.messages[i].octets.len; len++) {
            const struct lk_trace_message *m = &whole.messages[i];
            struct lk_trace_packet packet = {
                .datagram = { .carrier = m->opened ? LK_CARRIER_OPENED : LK_CARRIER_UDP,
                              .from = m->from, .to = m->to,
                              .payload = lk_span_of(m->octets.at, len) },
            };

            if (m->protocol == LK_TRACE_RADIUS && len % 17 != 0)
                continue;
            assert_int_equal(lk_trace_add(&cut, m->protocol, &packet), LK_OK);
        }
    assert_int_equal(lk_trace_finish(&cut), LK_OK);
    for (int how = 0; how < 3; how++) {
        text = drawn(&cut, how);
        assert_non_null(strstr(text, "not WLCP"));
        assert_non_null(strstr(text, "that does not decode"));
        free(text);
    }
    lk_trace_free(&cut);
    lk_trace_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_legs_are_one_run),
        cmocka_unit_test(accounting_and_disconnect_have_their_lanes),
        cmocka_unit_test(a_session_is_one_run),
        cmocka_unit_test(a_wrong_key_is_explained),
        cmocka_unit_test(all_of_it_is_drawn),
        cmocka_unit_test(every_cut_is_kept_and_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
