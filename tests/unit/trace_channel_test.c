/* trace, of DTLS between an MN and a PoS: with no MIS of it in the capture, and with some. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/pcapng.h"
#include "keys/mis_start.h"
#include "trace/explain.h"
#include "trace/reach.h"
#include "wire/dtls.h"

static const struct lk_capture_end mn = { .address = { 127, 0, 0, 2 }, .port = 40006 };
static const struct lk_capture_end pos = { .address = { 127, 0, 0, 5 }, .port = 4551 };

struct recorder {
    struct lk_capture *capture;
    char path[64];
    uint64_t at_ns;
};

static void start(struct recorder *r)
{
    const struct lk_capture_options options = { .link = LK_LINK_RAW_IP, .opened = true };
    int fd;

    memset(r, 0, sizeof *r);
    (void)snprintf(r->path, sizeof r->path, "/tmp/lk-channel-XXXXXX");
    fd = mkstemp(r->path);
    assert_true(fd >= 0 && close(fd) == 0);
    assert_int_equal(lk_capture_open(&r->capture, r->path, &options), LK_OK);
}

static void load(struct lk_trace *trace, struct recorder *r)
{
    lk_capture_close(r->capture);
    assert_int_equal(lk_trace_load(trace, r->path), LK_OK);
    assert_int_equal(unlink(r->path), 0);
}

static void put(struct recorder *r, const struct lk_capture_end *from,
                const struct lk_capture_end *to, struct lk_span octets)
{
    r->at_ns += 1000000;
    assert_int_equal(lk_capture_udp(r->capture, r->at_ns, from, to, octets, NULL), LK_OK);
}

/* Of the handshake only what names a key. */
static void ask_for_channel(struct recorder *r, const struct lk_capture_end *server)
{
    uint8_t body[128], room[256];
    struct lk_writer b = lk_writer_of(body, sizeof body), w = lk_writer_of(room, sizeof room);

    lk_put_lv16(&b, lk_span_text("00112233445566778899aabbccddeeff"));
    lk_put_lv8(&b, lk_span_of("01234567890123456789012345678901", 32));
    lk_dtls_put_message(&w, 2, LK_DTLS_CLIENT_KEY_EXCHANGE, 2, lk_writer_span(&b));
    put(r, &mn, server, lk_writer_span(&w));
}

static void refused_handshake(struct recorder *r, const struct lk_capture_end *server)
{
    uint8_t room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    ask_for_channel(r, server);
    lk_dtls_put_alert(&w, 3, LK_DTLS_ALERT_DECRYPT_ERROR);
    put(r, server, &mn, lk_writer_span(&w));
}

/* By the usual port, and by what the two ends said before; between strangers it is a TWAG's. */
static void a_channel_without_mis_in_it_is_of_mn_and_pos(void **state)
{
    /* Capability_Discover of mn@h.example for p@abc.exampl */
    static const uint8_t ask[] = "\x10\x00\x14\x01\x00\x01\x00\x1e"
                                 "\x01\x0d\x0cmn@h.example\x02\x0d\x0cp@abc.exampl";
    static const struct lk_capture_end usual = { .address = { 127, 0, 0, 5 }, .port = 4553 };
    static const struct lk_capture_end other = { .address = { 127, 0, 0, 5 }, .port = 4573 };
    static const struct {
        const struct lk_capture_end *server;
        bool said;
        enum lk_trace_run_kind kind;
        const char *title;
        enum lk_cause cause;
    } rows[] = {
        { &usual, false, LK_TRACE_CHANNEL, "MN and PoS", LK_CAUSE_MIS_PSK },
        { &other, true, LK_TRACE_CHANNEL, "MN and PoS", LK_CAUSE_MIS_PSK },
        { &other, false, LK_TRACE_SESSION, "device and TWAG", LK_CAUSE_WLCP_KEY },
    };

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const struct lk_explain_facts facts = { 0 };
        struct lk_explanation e;
        struct lk_trace trace;
        struct recorder r;
        size_t at;

        start(&r);
        if (rows[i].said)
            put(&r, &mn, &pos, lk_span_of(ask, sizeof ask - 1));
        refused_handshake(&r, rows[i].server);
        load(&trace, &r);
        at = trace.run_count - 1;
        assert_int_equal(trace.runs[at].kind, rows[i].kind);
        assert_non_null(strstr(trace.runs[at].title, rows[i].title));
        lk_explain(&e, &trace, at, &facts);
        assert_true(e.failed);
        assert_int_equal(e.causes[0].cause, rows[i].cause);
        lk_trace_free(&trace);
    }
}

static void data(struct recorder *r, const struct lk_capture_end *from,
                 const struct lk_capture_end *to)
{
    uint8_t number = (uint8_t)(r->at_ns / 1000000);
    uint8_t record[] = { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, number, 0, 2, 0xaa, 0xbb };

    put(r, from, to, LK_SPAN(record));
}

/* An SA by EAP, of which only what the PoS ends it with: it tells the name that the MN has from now
 * on (A06), and the heading has no other. */
static void a_heading_has_the_final_name(void **state)
{
    static const uint8_t id[] = { 1, 2, 3, 4 };
    const struct lk_home_secret secret = { .octets = { 3 } };
    static const struct lk_start_mark mark = { .mn_id = { (const uint8_t *)"new@h.example", 13 },
                                               .lifetime_s = 60, .max = 3,
                                               .realm = { (const uint8_t *)"h.example", 9 } };
    const struct lk_mis_codes *codes = &lk_mis_codes_default;
    uint8_t signed_mark[LK_MIS_START_MARK_MAX], list[512], room[512];
    struct lk_writer s = lk_writer_of(signed_mark, sizeof signed_mark),
                     l = lk_writer_of(list, sizeof list), w = lk_writer_of(room, sizeof room);
    struct lk_mis_message message = { .said = { LK_MIS_SA_EAP, LK_SPAN(id) } };
    struct lk_mis_pdu pdu = { .header = { .id = lk_mis_message_id(LK_MIS_AUTH, LK_MIS_REQUEST,
                                                                  codes), .tid = 3 },
                              .source = lk_span_text("pos@h.example"),
                              .destination = lk_span_text("old@h.example") };
    struct lk_trace trace;
    struct recorder r;

    (void)state;
    assert_int_equal(lk_start_mark_sign(&s, &mark, &secret), LK_OK);
    message.start_mark = lk_writer_span(&s);
    lk_mis_mark(&message, LK_MIS_TLV_SAID);
    lk_mis_mark(&message, LK_MIS_TLV_START_MARK);
    assert_int_equal(lk_mis_message_put(&l, &message, codes), LK_OK);
    pdu.body = lk_writer_span(&l);
    assert_int_equal(lk_mis_encode(&w, &pdu, codes), LK_OK);
    start(&r);
    put(&r, &pos, &mn, lk_writer_span(&w));
    load(&trace, &r);
    assert_string_equal(trace.runs[0].title, "new@h.example at pos@h.example: run 1");
    lk_trace_free(&trace);
}

static void say(struct recorder *r, bool by_mn, enum lk_mis_action action,
                enum lk_mis_opcode opcode, const char *as)
{
    const struct lk_capture_opened about = { .dissector = "mih", .from = by_mn ? mn : pos,
                                             .to = by_mn ? pos : mn };
    const struct lk_mis_codes *codes = &lk_mis_codes_default;
    uint8_t room[256];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_mis_pdu pdu = { .header = { .id = lk_mis_message_id(action, opcode, codes),
                                          .tid = 7 },
                              .source = lk_span_text(by_mn ? as : "pos@h.example"),
                              .destination = lk_span_text(by_mn ? "pos@h.example" : as) };

    assert_int_equal(lk_mis_encode(&w, &pdu, codes), LK_OK);
    r->at_ns += 1000000;
    assert_int_equal(lk_capture_message(r->capture, r->at_ns, &about, lk_writer_span(&w), NULL),
                     LK_OK);
    data(r, &about.from, &about.to);
}

static void reads(struct lk_reach *reach, const struct lk_trace *trace, const char *name,
                  const char *told)
{
    char text[LK_REACH_SENTENCE];

    assert_true(lk_reach_capture(reach, name));
    lk_reach_sentence(text, reach, trace);
    assert_string_equal(text, told);
}

/* T40: the MN is who dialled. A PoS that asks (it ends the SA) is none, and a name that is claimed
 * later renames nobody.
 * spec: IEEE 802.21 9.2.2 - the PSK of a channel is of one PoS. */
static void who_dialled_is_the_mn(void **state)
{
    static const struct lk_explain_facts facts = { 0 };
    static struct lk_reach reach;
    struct lk_explanation e;
    struct lk_trace trace;
    struct recorder r;

    (void)state;
    start(&r);
    ask_for_channel(&r, &pos);
    say(&r, true, LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, "mn@h.example");
    say(&r, false, LK_MIS_CAPABILITY_DISCOVER, LK_MIS_RESPONSE, "mn@h.example");
    say(&r, false, LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST, "mn@h.example");
    say(&r, true, LK_MIS_TERMINATION_AUTH, LK_MIS_RESPONSE, "mn@h.example");
    say(&r, true, LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, "pos@x.example");
    data(&r, &mn, &pos);
    load(&trace, &r);
    assert_int_equal(trace.run_count, 1);
    assert_int_equal(trace.runs[0].kind, LK_TRACE_CHANNEL);
    assert_true(lk_span_equal(trace.runs[0].mis.mn, lk_span_text("mn@h.example")));
    assert_true(lk_span_equal(trace.runs[0].mis.pos, lk_span_text("pos@h.example")));
    assert_true(trace.messages[trace.count - 1].request); /* what is still sealed, too */
    lk_explain(&e, &trace, 0, &facts);
    assert_false(e.failed);
    lk_reach_make(&reach, &trace);
    reads(&reach, &trace, "pos@h.example", "Whoever captures pos@h.example reads 1 of 1 SAs.");
    lk_trace_free(&trace);
    /* its first message is the PoS's */
    start(&r);
    ask_for_channel(&r, &pos);
    say(&r, false, LK_MIS_TERMINATION_AUTH, LK_MIS_REQUEST, "mn@h.example");
    load(&trace, &r);
    assert_true(lk_span_equal(trace.runs[0].mis.pos, lk_span_text("pos@h.example")));
    lk_trace_free(&trace);
}

/* T40: where nothing names a PoS, it is the address that was dialled, and not left out. */
static void a_channel_that_nothing_went_through_is_counted(void **state)
{
    static const struct lk_capture_end silent = { .address = { 127, 0, 0, 5 }, .port = 4553 };
    static struct lk_reach reach;
    char title[LK_REACH_TITLE];
    struct lk_trace trace;
    struct recorder r;

    (void)state;
    start(&r);
    ask_for_channel(&r, &pos);
    say(&r, true, LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, "mn@h.example");
    ask_for_channel(&r, &silent);
    data(&r, &mn, &silent);
    load(&trace, &r);
    lk_reach_make(&reach, &trace);
    assert_int_equal(reach.sas, 2);
    reads(&reach, &trace, "127.0.0.5:4553", "Whoever captures 127.0.0.5:4553 reads 1 of 2 SAs.");
    reads(&reach, &trace, "pos@h.example", "Whoever captures pos@h.example reads 1 of 2 SAs. "
          "1 by DTLS may be its own: nothing in there names a PoS.");
    assert_string_equal(lk_reach_captured_text(&reach, &trace, 1), "not known");
    lk_reach_title(title, &reach, &trace, 1);
    assert_string_equal(title, "SA of an MN at 127.0.0.5:4553, by DTLS, with a key of the home");
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_without_mis_in_it_is_of_mn_and_pos),
        cmocka_unit_test(a_heading_has_the_final_name),
        cmocka_unit_test(who_dialled_is_the_mn),
        cmocka_unit_test(a_channel_that_nothing_went_through_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
