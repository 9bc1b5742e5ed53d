/* trace, of Ub: the messages of a bootstrapping, cut at every octet; what is none; other
 * connections; an answer that was altered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/protocol.h"
#include "trace/run_keys.h"

/* Of nobody: responses are digits. */
static const char *const said[] = {
    "GET / HTTP/1.1\r\nHost: bsf.example\r\nauthorization:  Digest username=\"u@ims\", "
    "realm=\"bsf.example\", nonce=\"\", uri=\"/\", response=\"\" \r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"bsf.example\", "
    "nonce=\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\", qop=\"auth-int\", "
    "algorithm=AKAv1-MD5, opaque=\"x\"\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: bsf.example\r\nAuthorization: Digest username=\"u@ims\", "
    "realm=\"bsf.example\", nonce=\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\", uri=\"/\", "
    "qop=auth-int, nc=00000001, cnonce=\"c\", response=\"0123456789abcdef0123456789abcdef\", "
    "algorithm=AKAv1-MD5, opaque=\"x\"\r\n\r\n",
    "HTTP/1.1 200 OK\r\nAuthentication-Info: qop=auth-int, "
    "rspauth=\"0123456789abcdef0123456789abcdef\", cnonce=\"c\", nc=00000001\r\n\r\n"
    "<?xml version=\"1.0\"?><g:BootstrappingInfo xmlns:g=\"uri:3gpp-gba\"><g:btid>b@bsf.example"
    "</g:btid><g:lifetime>2026-11-22T21:30:00Z</g:lifetime></g:BootstrappingInfo>",
};
static struct lk_trace trace;

/* From the device or to it; port: of the device's connection. */
static void add(struct lk_span octets, bool up, uint16_t port)
{
    struct lk_trace_packet packet = { .datagram = { .carrier = LK_CARRIER_OPENED,
                                                    .dissector = lk_span_text("http"),
                                                    .payload = octets } };
    struct lk_capture_end device = { .address = { 127, 0, 0, 2 }, .port = port };
    struct lk_capture_end bsf = { .address = { 127, 0, 0, 1 }, .port = 8088 };

    packet.datagram.from = up ? device : bsf;
    packet.datagram.to = up ? bsf : device;
    assert_int_equal(lk_trace_protocol_for(&packet.datagram), LK_TRACE_UB);
    assert_int_equal(lk_trace_add(&trace, LK_TRACE_UB, &packet), LK_OK);
}

static void add_said(size_t i, uint16_t port)
{
    add(lk_span_text(said[i]), i % 2 == 0, port);
}

static const char *name_of(size_t index)
{
    static char name[LK_TRACE_NAME_MAX];

    lk_trace_message_name(name, &trace.messages[index]);
    return name;
}

/* spec: TS 24.109 4.3 - each request by a connection of its own, and another device between. */
static void it_is_one_run(void **state)
{
    static const enum lk_rung_kind kinds[] = { LK_RUNG_PLAIN, LK_RUNG_CHALLENGE,
                                               LK_RUNG_CHALLENGE, LK_RUNG_GRANTED };
    struct lk_trace_run *run;
    struct lk_rung rung;

    lk_trace_init(&trace);
    add_said(0, 1000);
    add_said(0, 2000);
    add_said(1, 1000);
    add_said(2, 3000);
    add_said(3, 3000);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, 2);
    run = &trace.runs[0];
    assert_int_equal(run->count, 4);
    assert_int_equal(run->outcome, LK_TRACE_ACCEPTED);
    assert_true(lk_span_equal(run->ub.b_tid, lk_span_text("b@bsf.example")));
    assert_int_equal(trace.runs[1].outcome, LK_TRACE_SILENT);
    for (size_t i = 0, at = 0; i < LK_COUNT_OF(kinds); i++, at += i == 1 ? 2 : 1) {
        lk_rung_of(&rung, &trace, at);
        assert_int_equal(rung.kind, kinds[i]);
        assert_int_equal(rung.from, i % 2 == 0 ? LK_LANE_DEVICE : LK_LANE_BSF);
        assert_int_equal(rung.asks_vault, i == 1);
    }
    assert_string_equal(name_of(3), "GET with response");
    lk_trace_free(&trace);
}

/* Of a 200 without rspauth, or without a B-TID, nobody knows who said it. */
static void an_answer_that_proves_nothing_grants_nothing(void **state)
{
    static const char *const bad[] = {
        "HTTP/1.1 200 OK\r\n\r\n<a><btid>b</btid></a>",
        "HTTP/1.1 200 OK\r\nAuthentication-Info: rspauth=\"0123456789abcdef0123456789abcdef\", "
        "qop=auth-int, cnonce=\"c\", nc=00000001\r\n\r\n<a>btid>b</a>",
        "HTTP/1.1 403 Forbidden\r\n\r\n",
    };

    for (size_t i = 0; i < LK_COUNT_OF(bad); i++) {
        lk_trace_init(&trace);
        for (size_t k = 0; k < 3; k++)
            add_said(k, 1000);
        add(lk_span_text(bad[i]), false, 1000);
        assert_int_equal(lk_trace_finish(&trace), LK_OK);
        assert_int_equal(trace.runs[0].outcome, LK_TRACE_REJECTED);
        assert_int_equal(trace.runs[0].ub.b_tid.len, 0);
        lk_trace_free(&trace);
    }
}

/* Whatever is left of a message: it is shown, and begins no run where it says not who it is. */
static void cut_at_every_octet(void **state)
{
    char name[LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];

    for (size_t i = 0; i < LK_COUNT_OF(said); i++)
        for (size_t len = 0; len < strlen(said[i]); len++) {
            uint8_t *exact = malloc(len > 0 ? len : 1);
            const char *head = strstr(said[i], "\r\n\r\n");

            assert_non_null(exact);
            memcpy(exact, said[i], len);
            lk_trace_init(&trace);
            add(lk_span_of(exact, len), i % 2 == 0, 1000);
            assert_int_equal(lk_trace_finish(&trace), LK_OK);
            assert_int_equal(trace.messages[0].status,
                             len >= (size_t)(head - said[i]) + 4 ? LK_OK : LK_E_SHORT);
            lk_trace_message_name(name, &trace.messages[0]);
            lk_trace_summary(summary, &trace.messages[0]);
            assert_int_equal(trace.run_count, 0);
            lk_trace_free(&trace);
            free(exact);
        }
}

static void what_is_no_http(void **state)
{
    static const struct {
        const char *text;
        enum lk_status status;
    } rows[] = {
        { "GET /\r\n\r\n", LK_E_VALUE },
        { "GET / HTTP/2.0\r\n\r\n", LK_E_VALUE },
        { " / HTTP/1.1\r\n\r\n", LK_E_VALUE },
        { "HTTP/1.1 2x0 OK\r\n\r\n", LK_E_VALUE },
        { "HTTP/1.1 20\r\n\r\n", LK_E_VALUE },
        { "HTTP/1.1 2000\r\n\r\n", LK_E_VALUE },
        { "HTTP/1.1 200\r\n\r\n", LK_OK },
        { "HTTP/1.1 200 OK\r\n\r\n", LK_OK },
    };
    struct lk_http_seen seen;

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        assert_int_equal(lk_http_seen_read(&seen, lk_span_text(rows[i].text)), rows[i].status);
    assert_int_equal(lk_http_seen_read(&seen, lk_span_text("GET /a HTTP/1.1\r\nB:\tc d \r\nb: e"
                                                           "\r\n\r\nx")), LK_OK);
    assert_true(lk_span_equal(seen.target, lk_span_text("/a")));
    assert_true(lk_span_equal(lk_http_seen_field(&seen, "b"), lk_span_text("c d")));
    assert_int_equal(lk_http_seen_field(&seen, "c").len, 0);
    assert_true(lk_span_equal(seen.body, lk_span_text("x")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_one_run),
        cmocka_unit_test(an_answer_that_proves_nothing_grants_nothing),
        cmocka_unit_test(cut_at_every_octet),
        cmocka_unit_test(what_is_no_http),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
