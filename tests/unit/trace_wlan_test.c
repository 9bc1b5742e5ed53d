/* trace, what a trusted WLAN adds to the session of a device: its packets on both legs, what its
 * applications ask, messages beside the datagrams that they were in, and WLCP in clear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/explain.h"
#include "trace/html.h"
#include "trace/keytree.h"
#include "trace/ladder.h"
#include "wire/dtls.h"

static const struct lk_capture_end twag = { .address = { 127, 0, 0, 1 }, .port = 36411 };
static const struct lk_capture_end device = { .address = { 127, 0, 0, 2 }, .port = 36411 };
static const struct lk_capture_end stranger = { .address = { 127, 0, 0, 66 }, .port = 36411 };
static const struct lk_capture_end application = { .address = { 127, 0, 0, 2 } };
static const struct lk_capture_end frames_twag = { .address = { 127, 0, 0, 1 }, .port = 36412 };
static const struct lk_capture_end frames_device = { .address = { 127, 0, 0, 2 }, .port = 36412 };
static const struct lk_capture_end tunnel_twag = { .address = { 127, 0, 0, 1 }, .port = 40007 };
static const struct lk_capture_end tunnel_anchor = { .address = { 127, 0, 0, 4 }, .port = 5437 };

static void add(struct lk_trace *trace, const char *dissector, const struct lk_capture_end *from,
                const struct lk_capture_end *to, struct lk_span octets, const char *comment)
{
    struct lk_trace_packet packet = {
        .at_ns = trace->count * 1000000u, .comment = lk_span_text(comment),
        .datagram = { .carrier = dissector != NULL ? LK_CARRIER_OPENED : LK_CARRIER_UDP,
                      .dissector = lk_span_text(dissector != NULL ? dissector : ""),
                      .from = *from, .to = *to, .payload = octets },
    };
    enum lk_trace_protocol_id protocol = LK_TRACE_PROTOCOLS;

    /* as a capture file is read */
    protocol = dissector == NULL && octets.len > 0 && from->port == 36412 ? LK_TRACE_USER :
               dissector == NULL && (from->port == 5437 || to->port == 5437) ? LK_TRACE_USER :
               dissector == NULL && octets.at[0] > 0x80 ? LK_TRACE_WLCP :
               dissector == NULL ? LK_TRACE_DTLS :
               strcmp(dissector, "mipv6") == 0 ? LK_TRACE_PMIP :
               strcmp(dissector, "json") == 0 ? LK_TRACE_ASKED : LK_TRACE_WLCP;
    assert_int_equal(lk_trace_add(trace, protocol, &packet), LK_OK);
}

static void add_record(struct lk_trace *trace, bool out)
{
    uint8_t octets[13 + 24] = { LK_DTLS_APPLICATION_DATA, 0xfe, 0xfd, 0, 1, [12] = 24 };

    octets[10] = (uint8_t)trace->count;
    add(trace, NULL, out ? &device : &twag, out ? &twag : &device, LK_SPAN(octets), "");
}

static void add_wlcp(struct lk_trace *trace, bool out, const char *comment)
{
    static const uint8_t request[] = { 0x81, 1, 0x11 }, reject[] = { 0x83, 1, 26 };

    add(trace, "wlcp", out ? &device : &twag, out ? &twag : &device,
        out ? LK_SPAN(request) : LK_SPAN(reject), comment);
}

static size_t echo(uint8_t octets[128], bool frame, bool reply)
{
    struct lk_address phone = lk_address_v4((const uint8_t[]){ 10, 64, 0, 7 });
    struct lk_address router = lk_address_v4((const uint8_t[]){ 10, 64, 0, 1 });
    struct lk_writer w = lk_writer_of(octets, 128);

    if (frame) {
        lk_put_zeroes(&w, 12);
        lk_put_be16(&w, 0x0800);
    }
    assert_int_equal(lk_ip_ping(&w, reply ? &router : &phone, reply ? &phone : &router, 7, 1,
                                lk_span_text("data")), LK_OK);
    if (reply)
        octets[(frame ? 14 : 0) + 20] = 0;
    return w.len;
}

static void add_echo(struct lk_trace *trace, bool frame, bool reply)
{
    uint8_t octets[128];
    struct lk_span all = lk_span_of(octets, echo(octets, frame, reply));

    if (frame)
        add(trace, NULL, reply ? &frames_twag : &frames_device,
            reply ? &frames_device : &frames_twag, all, "");
    else
        add(trace, NULL, reply ? &tunnel_anchor : &tunnel_twag,
            reply ? &tunnel_twag : &tunnel_anchor, all, "");
}

static void ask(struct lk_trace *trace, const char *question, const char *answer)
{
    add(trace, "json", &application, &device, lk_span_text(question), "a step");
    add(trace, "json", &device, &application, lk_span_text(answer), "a step");
}

static void expect(const struct lk_trace *trace, size_t index, const char *name,
                   enum lk_lane from, enum lk_lane to)
{
    char came[LK_TRACE_NAME_MAX];
    struct lk_rung rung;

    lk_trace_message_name(came, &trace->messages[index]);
    assert_string_equal(came, name);
    lk_rung_of(&rung, trace, index);
    assert_int_equal(rung.from, from);
    assert_int_equal(rung.to, to);
}

static char *page_of(const struct lk_trace *trace)
{
    struct lk_page page = { .title = "x", .subtitle = "", .trace = trace };
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_non_null(to);
    lk_page_write(to, &page);
    assert_int_equal(fclose(to), 0);
    return text;
}

/* A record that lies in the capture in clear as well is shown once, whichever was written first. */
static void a_record_beside_its_message_is_not_shown(void **state)
{
    struct lk_trace trace;

    lk_trace_init(&trace);
    add_wlcp(&trace, true, "");
    add_record(&trace, true);
    add_record(&trace, false);
    add_wlcp(&trace, false, "");
    add_record(&trace, true); /* of nobody */
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.messages[0].beside, 1);
    assert_int_equal(trace.messages[1].beside, 0);
    assert_int_equal(trace.messages[2].beside, 3);
    assert_int_equal(trace.messages[3].beside, 2);
    for (size_t i = 0; i < trace.count; i++)
        assert_int_equal(lk_trace_is_shown(&trace.messages[i]), i != 1 && i != 2);
    lk_trace_free(&trace);
}

static void packets_are_of_the_session_of_their_device(void **state)
{
    struct lk_trace trace;
    struct lk_lanes lanes;
    char text[LK_TRACE_SUMMARY_MAX], *page;

    lk_trace_init(&trace);
    add_wlcp(&trace, true, "");
    for (int i = 0; i < 2; i++) {
        add_echo(&trace, true, false);
        add_echo(&trace, false, false);
        add_echo(&trace, false, true);
        add_echo(&trace, true, true);
    }
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, 1);
    for (size_t i = 0; i < trace.count; i++) {
        assert_int_equal(trace.messages[i].run, 0);
        assert_int_equal(trace.messages[i].repeats, LK_TRACE_NONE); /* though it is the same */
    }
    expect(&trace, 1, "Echo request", LK_LANE_DEVICE, LK_LANE_TWAG);
    expect(&trace, 2, "Echo request", LK_LANE_TWAG, LK_LANE_ANCHOR);
    expect(&trace, 3, "Echo reply", LK_LANE_ANCHOR, LK_LANE_TWAG);
    expect(&trace, 4, "Echo reply", LK_LANE_TWAG, LK_LANE_DEVICE);
    lk_trace_summary(text, &trace.messages[1]);
    assert_string_equal(text, "10.64.0.7 to 10.64.0.1, sequence 1");
    lk_lanes_of(&lanes, &trace, 0);
    assert_int_equal(lanes.count, 3);
    page = page_of(&trace);
    assert_non_null(strstr(page, "Ping: 2 asked, 2 answered"));
    assert_non_null(strstr(page, "8 datagrams"));
    free(page);
    lk_trace_free(&trace);
}

static void applications_have_their_lane(void **state)
{
    struct lk_trace trace;
    char text[LK_TRACE_SUMMARY_MAX], *page;

    lk_trace_init(&trace);
    add_wlcp(&trace, true, "");
    for (int i = 0; i < 2; i++)
        ask(&trace, "{\"op\":\"connect\",\"as\":\"browser\",\"apn\":\"internet\",\"count\":3}",
            "{\"ok\":true,\"told\":\"PDN connection 1\"}");
    ask(&trace, "{\"op\":\"list\"}",
        "{\"ok\":false,\"reason\":\"manager.stranger\",\"error\":\"no\"}");
    add(&trace, "json", &application, &device, lk_span_text("[1]"), "");
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    expect(&trace, 1, "browser: connect", LK_LANE_APPLICATION, LK_LANE_DEVICE);
    expect(&trace, 2, "done", LK_LANE_DEVICE, LK_LANE_APPLICATION);
    expect(&trace, 5, "somebody: list", LK_LANE_APPLICATION, LK_LANE_DEVICE);
    expect(&trace, 6, "manager.stranger", LK_LANE_DEVICE, LK_LANE_APPLICATION);
    for (size_t i = 1; i < 7; i++)
        assert_int_equal(trace.messages[i].run, 0);
    assert_int_equal(trace.messages[3].repeats, LK_TRACE_NONE);
    assert_int_equal(trace.messages[4].answers, 3);
    assert_int_equal(trace.messages[7].status, LK_E_VALUE);
    lk_trace_summary(text, &trace.messages[1]);
    assert_string_equal(text, "apn internet, count 3");
    page = page_of(&trace);
    assert_non_null(strstr(page, "<h3 class=\"step\" id=\"at-2\"><span>a step</span></h3>"));
    free(page);
    lk_trace_free(&trace);
}

/* spec: TS 24.244 4.2.3.1 - WLCP runs over DTLS: in clear it is nobody's. */
static void wlcp_in_clear_is_explained(void **state)
{
    static const struct lk_explain_facts none;
    uint8_t octets[] = { 0x85, 1, 1 };
    struct lk_explanation e;
    struct lk_trace trace;
    char *page;

    lk_trace_init(&trace);
    add_wlcp(&trace, true, "");
    for (octets[1] = 1; octets[1] <= 5; octets[1]++)
        add(&trace, NULL, &stranger, &twag, LK_SPAN(octets), "spoof");
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, 2);
    assert_string_equal(trace.runs[1].title, "spoof");
    assert_int_equal(trace.runs[1].outcome, LK_TRACE_SILENT);
    lk_explain(&e, &trace, 1, &none);
    assert_true(e.failed);
    assert_int_equal(e.causes[0].cause, LK_CAUSE_WLCP_CLEAR);
    assert_int_equal(e.causes[0].certainty, LK_PROVEN);
    page = page_of(&trace);
    assert_non_null(strstr(page, "5 times PDN DISCONNECT REQUEST"));
    free(page);
    lk_trace_free(&trace);
}

/* spec: RFC 7627 4 - a session is the child of the key that both ends had before. */
static void a_session_has_a_key_tree(void **state)
{
    static const char identity[] = "00112233445566778899aabbccddeeff";
    struct lk_keytree tree;
    struct lk_trace trace;

    lk_trace_init(&trace);
    add_wlcp(&trace, true, "");
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_false(lk_keytree_is_wanted(&trace.runs[0]));
    trace.runs[0].identity = lk_span_text(identity);
    trace.runs[0].suite = 0xc037;
    assert_true(lk_keytree_is_wanted(&trace.runs[0]));
    lk_keytree_make(&tree, &trace, 0, NULL, LK_TRACE_NONE);
    assert_int_equal(tree.count, 3);
    assert_string_equal(tree.node[0].name, "WLCP key");
    assert_false(tree.node[0].has_value);
    assert_true(tree.node[1].has_value); /* it is on the wire */
    assert_int_equal(tree.node[1].value[15], 0xff);
    assert_string_equal(tree.node[2].name, "DTLS session");
    assert_int_equal(tree.node[2].parent, 1);
    assert_string_equal(tree.node[2].detail, "ECDHE-PSK-AES128-CBC-SHA256");
    trace.runs[0].kind = LK_TRACE_LINK;
    trace.runs[0].identity = lk_span_text("mag\x01");
    lk_keytree_make(&tree, &trace, 0, NULL, LK_TRACE_NONE);
    assert_int_equal(tree.count, 3);
    assert_string_equal(tree.node[0].name, "Pre-shared key");
    assert_string_equal(tree.node[1].detail, "mag?");
    lk_trace_free(&trace);
}

/* T13: what a gateway says of its tunnel is shown, and the token behind it is of the same run. */
static void a_token_is_of_who_told_the_place(void **state)
{
    static const struct lk_capture_end link_twag = { .address = { 127, 0, 0, 1 }, .port = 40006 };
    static const struct lk_capture_end link_anchor = { .address = { 127, 0, 0, 4 }, .port = 5436 };
    static const uint8_t beat[] = { 59, 5, 13, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0,
                                    19, 31, 0, 0, 0x7e, 0xd9, 2, 0x9c, 0x47, 0, 0, 3, 0xe8,
                                    7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8,
                                    127, 0, 0, 1, 0 };
    static const uint8_t token[17] = { 0, 1 };
    char text[LK_TRACE_SUMMARY_MAX];
    struct lk_trace trace;

    lk_trace_init(&trace);
    add(&trace, NULL, &tunnel_anchor, &tunnel_twag, LK_SPAN(token), "");
    add(&trace, "mipv6", &link_twag, &link_anchor, LK_SPAN(beat), "");
    add(&trace, NULL, &tunnel_anchor, &tunnel_twag, LK_SPAN(token), "");
    add(&trace, NULL, &tunnel_twag, &tunnel_anchor, LK_SPAN(token), "");
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, 1);
    assert_int_equal(trace.runs[0].kind, LK_TRACE_LINK);
    assert_int_equal(trace.messages[0].run, LK_TRACE_NONE); /* nobody told anything yet */
    for (size_t i = 1; i < trace.count; i++)
        assert_int_equal(trace.messages[i].run, 0);
    lk_trace_summary(text, &trace.messages[1]);
    assert_string_equal(text, "tunnel at 127.0.0.1 40007");
    free(page_of(&trace));
    lk_trace_free(&trace);
}

/* Whatever is cut off, and wherever: it is kept, and shown. */
static void every_cut_is_shown(void **state)
{
    static const char question[] = "{\"op\":\"ping\",\"as\":\"a\",\"pdn\":1,\"to\":\"10.64.0.1\"}";
    uint8_t frame[128], packet[128];
    size_t frame_len = echo(frame, true, false), packet_len = echo(packet, false, true);
    struct lk_trace trace;

    lk_trace_init(&trace);
    for (size_t len = 1; len <= frame_len; len++)
        add(&trace, NULL, &frames_device, &frames_twag, lk_span_of(frame, len), "");
    for (size_t len = 0; len <= packet_len; len++)
        add(&trace, NULL, &tunnel_anchor, &tunnel_twag, lk_span_of(packet, len), "");
    for (size_t len = 0; len < sizeof question; len++)
        add(&trace, "json", &application, &device, lk_span_of(question, len), "");
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    for (size_t i = 0; i < trace.count; i++)
        assert_int_equal(trace.messages[i].run, LK_TRACE_NONE); /* there is no session */
    free(page_of(&trace));
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_beside_its_message_is_not_shown),
        cmocka_unit_test(packets_are_of_the_session_of_their_device),
        cmocka_unit_test(applications_have_their_lane),
        cmocka_unit_test(wlcp_in_clear_is_explained),
        cmocka_unit_test(a_session_has_a_key_tree),
        cmocka_unit_test(a_token_is_of_who_told_the_place),
        cmocka_unit_test(every_cut_is_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
