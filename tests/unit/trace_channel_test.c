/* trace, of DTLS between an MN and a PoS that captured it alone: no MIS is in it. */
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
#include "trace/explain.h"
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
    const struct lk_capture_options options = { .link = LK_LINK_RAW_IP };
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

/* Of the handshake only what names a key, and the alert that refuses it. */
static void refused_handshake(struct recorder *r, const struct lk_capture_end *server)
{
    uint8_t body[128], room[256];
    struct lk_writer b = lk_writer_of(body, sizeof body), w = lk_writer_of(room, sizeof room);

    lk_put_lv16(&b, lk_span_text("00112233445566778899aabbccddeeff"));
    lk_put_lv8(&b, lk_span_of("01234567890123456789012345678901", 32));
    lk_dtls_put_message(&w, 2, LK_DTLS_CLIENT_KEY_EXCHANGE, 2, lk_writer_span(&b));
    put(r, &mn, server, lk_writer_span(&w));
    w = lk_writer_of(room, sizeof room);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_without_mis_in_it_is_of_mn_and_pos),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
