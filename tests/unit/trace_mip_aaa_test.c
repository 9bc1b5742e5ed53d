/* trace, of Mobile IP: what an agent asks the home AAA stands in the run of the registration, and
 * explains why that came to nothing: by what the AAA says, by its silence, and by keys that were
 * made for another NAF. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys/gba.h"
#include "proto/mip/msa.h"
#include "trace/explain.h"
#include "trace/mip.h"
#include "trace/radius.h"

#define IMSI "001010123456789"
#define NAI "0" IMSI "@nai.epc.mnc001.mcc001.3gppnetwork.org"
#define B_TID "bm9uY2U=@bsf.example"

enum { SPI = 777, RADIUS_HEAD = 20, ENTERPRISE = 32473 };

static const struct lk_capture_end node = { .address = { 127, 0, 0, 9 }, .port = 40000 },
                                   ha = { .address = { 127, 0, 0, 1 }, .port = 434 },
                                   client = { .address = { 127, 0, 0, 1 }, .port = 40001 },
                                   aaa = { .address = { 127, 0, 0, 3 }, .port = 1812 };
static const uint8_t ks_naf[2][32] = { "Ks_NAF of one home agent.......",
                                       "of another one................." };
static struct lk_trace trace;
static struct lk_explanation told;
static uint8_t asked[512];
static size_t asked_len;

static void add(enum lk_trace_protocol_id protocol, const struct lk_capture_end *from,
                const struct lk_capture_end *to, struct lk_span octets)
{
    struct lk_trace_packet packet = { .at_ns = 1790000000000000000u + trace.count,
                                      .datagram = { .carrier = LK_CARRIER_UDP, .from = *from,
                                                    .to = *to, .payload = octets } };

    assert_int_equal(lk_trace_protocol_for(&packet.datagram), protocol);
    assert_int_equal(lk_trace_add(&trace, protocol, &packet), LK_OK);
}

/* By Mobile-Home under a key, with a B-TID before it. */
static void begin(const uint8_t key[32])
{
    struct lk_mip_msa msa = { .there = { .spi = SPI, .algorithm = LK_MIP_HMAC_SHA256 },
                              .spi_back = SPI, .ends_ms = UINT64_MAX };
    struct lk_mip_request r = { .lifetime_s = 600, .identification = 1 };
    struct lk_writer w = lk_writer_of(asked, sizeof asked);

    lk_trace_init(&trace);
    assert_int_equal(lk_mip_secret_set(&msa.there.secret, lk_span_of(key, 32)), LK_OK);
    r.extensions.nai = lk_span_text(NAI);
    r.extensions.vendor_count = 1;
    r.extensions.vendor[0] = (struct lk_mip_vendor){ .id = ENTERPRISE,
                                                     .type = LK_MIP_VENDOR_B_TID,
                                                     .value = lk_span_text(B_TID) };
    lk_mip_request_put(&w, &r);
    lk_mip_extension_put(&w, LK_MIP_NAI, &r.extensions);
    lk_mip_extension_put(&w, LK_MIP_VENDOR, &r.extensions);
    lk_mip_msa_sign(&w, &msa, SPI, LK_MIP_MN_HA_AUTH);
    assert_int_equal(w.status, LK_OK);
    asked_len = w.len;
    add(LK_TRACE_MIP, &node, &ha, lk_writer_span(&w));
}

static void radius(uint8_t code, bool question, enum lk_reason reason)
{
    struct lk_radius_mip_ask ask = { .agent = LK_RADIUS_MIP_HOME, .wants = LK_RADIUS_MIP_PUSHED,
                                     .name = lk_span_text("ha.example"), .spi = SPI,
                                     .nai = lk_span_text(NAI),
                                     .request = lk_span_of(asked, asked_len) };
    uint8_t room[1024] = { code, 64 };
    struct lk_writer w = lk_writer_of(room, sizeof room);

    w.len = RADIUS_HEAD;
    if (question)
        lk_radius_put_mip_ask(&w, ENTERPRISE, &ask);
    else if (reason != LK_REASON_NONE)
        lk_radius_put_mip_refused(&w, ENTERPRISE, reason);
    assert_int_equal(w.status, LK_OK);
    room[2] = (uint8_t)(w.len >> 8);
    room[3] = (uint8_t)w.len;
    add(LK_TRACE_RADIUS, question ? &client : &aaa, question ? &aaa : &client, lk_writer_span(&w));
}

static void end(void)
{
    static const struct lk_explain_facts none;

    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, 1);
    for (size_t i = 0; i < trace.count; i++)
        assert_int_equal(trace.messages[i].run, 0);
    assert_int_equal(trace.runs[0].kind, LK_TRACE_REGISTRATION);
    lk_explain(&told, &trace, 0, &none);
}

static const struct lk_cause_found *cause(enum lk_cause which)
{
    for (size_t i = 0; i < told.count; i++)
        if (told.causes[i].cause == which)
            return &told.causes[i];
    return NULL;
}

/* Each reason that the AAA gives has its cause, with what was expected and what came. */
static void a_reason_has_its_cause(void **state)
{
    static const struct {
        enum lk_reason reason;
        enum lk_cause cause;
    } rows[] = {
        { LK_REASON_MIP_AAA_AUTH, LK_CAUSE_MIP_AAA },
        { LK_REASON_MIP_MN_AUTH, LK_CAUSE_MIP_AAA },
        { LK_REASON_MIP_SPI, LK_CAUSE_MIP_AAA_SPI },
        { LK_REASON_MIP_B_TID, LK_CAUSE_MIP_B_TID },
        { LK_REASON_MIP_WAY, LK_CAUSE_MIP_WAY },
        { LK_REASON_MIP_CLIENT, LK_CAUSE_MIP_CLIENT },
        { LK_REASON_MIP_LEG_OPEN, LK_CAUSE_MIP_LEG_OPEN },
        { LK_REASON_MIP_NODE, LK_CAUSE_MIP_NODE },
        { LK_REASON_MIP_NAI, LK_CAUSE_MIP_NODE },
        { LK_REASON_MIP_ORDER, LK_CAUSE_MIP_ORDER },
        { LK_REASON_MIP_REPLAY, LK_CAUSE_MIP_REPLAY },
        { LK_REASON_MIP_NONCE_AGAIN, LK_CAUSE_MIP_NONCE_AGAIN },
        { LK_REASON_MIP_KEY_EXPIRED, LK_CAUSE_MIP_OLD_KEY },
        { LK_REASON_MIP_AUTH_MISSING, LK_CAUSE_MIP_POOR },
        { LK_REASON_MIP_MALFORMED, LK_CAUSE_MIP_POOR },
        { LK_REASON_STORE_UNAVAILABLE, LK_CAUSE_MIP_AAA },
    };

    (void)state;
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const struct lk_cause_found *found;

        begin(ks_naf[0]);
        radius(LK_RADIUS_ACCESS_REQUEST, true, LK_REASON_NONE);
        radius(LK_RADIUS_ACCESS_REJECT, false, rows[i].reason);
        end();
        found = cause(rows[i].cause);
        assert_non_null(found);
        assert_int_equal(found->certainty, LK_PROVEN);
        assert_non_null(strstr(found->evidence, "expected "));
        assert_non_null(strstr(found->evidence, lk_reason_row(rows[i].reason)->code));
        assert_non_null(strstr(found->evidence, "home agent ha.example in message 3"));
        assert_true(strlen(lk_cause_row(rows[i].cause)->fix) > 0);
        lk_trace_free(&trace);
    }
}

/* A question without an answer; control: with one that has a key the AAA is not to blame. */
static void who_is_silent(void **state)
{
    (void)state;
    for (int answered = 0; answered < 2; answered++) {
        begin(ks_naf[0]);
        radius(LK_RADIUS_ACCESS_REQUEST, true, LK_REASON_NONE);
        radius(LK_RADIUS_ACCESS_REQUEST, true, LK_REASON_NONE); /* again */
        if (answered)
            radius(LK_RADIUS_ACCESS_ACCEPT, false, LK_REASON_NONE);
        end();
        assert_int_equal(cause(LK_CAUSE_MIP_AAA_SILENT) != NULL, !answered);
        if (!answered)
            assert_int_equal(cause(LK_CAUSE_MIP_AAA_SILENT)->certainty, LK_PROVEN);
        assert_null(cause(LK_CAUSE_MIP_WAY));
        assert_int_equal(cause(LK_CAUSE_MIP_SILENT) != NULL, answered); /* the proof says more */
        lk_trace_free(&trace);
    }
}

static void keep(enum lk_app_key_log_kind kind, const char *who, struct lk_span about,
                 const uint8_t key[32])
{
    const struct lk_span parts[] = { lk_span_text(who), about };
    struct lk_app_key_log entry;

    assert_int_equal(lk_app_key_log_of(&entry, kind, parts, 2, lk_span_of(key, 32)), LK_OK);
    entry.number = kind == LK_APP_KEY_LOG_MN_HA ? LK_MIP_HMAC_SHA256 : 0;
    assert_int_equal(lk_trace_keep_app_key(&trace, &entry), LK_OK);
}

/* T28: signed for one home agent, and refused (131) by who has the key of another; control: both
 * ends have the same key. */
static void a_key_of_another_naf(void **state)
{
    static const struct lk_ua_id ua = { { 1, 0, 0, 0, 0xf1 } };
    static const uint8_t spis[8] = { 0, 0, 3, 9, 0, 0, 3, 9 };
    struct lk_mip_reply reply = { .code = LK_MIP_CODE_HA_MN_AUTH, .identification = 1 };
    struct lk_naf_id id;
    uint8_t room[64];

    (void)state;
    for (int same = 0; same < 2; same++) {
        struct lk_writer w = lk_writer_of(room, sizeof room);

        begin(ks_naf[0]);
        lk_mip_reply_put(&w, &reply);
        add(LK_TRACE_MIP, &ha, &node, lk_writer_span(&w));
        lk_naf_id_of(&id, lk_span_text("one.example"), &ua);
        keep(LK_APP_KEY_LOG_KS_NAF, B_TID, lk_span_of(id.octets, id.len), ks_naf[0]);
        lk_naf_id_of(&id, lk_span_text("two.example"), &ua);
        keep(LK_APP_KEY_LOG_KS_NAF, B_TID, lk_span_of(id.octets, id.len), ks_naf[1]);
        keep(LK_APP_KEY_LOG_MN_HA, IMSI, LK_SPAN(spis), ks_naf[same ? 0 : 1]);
        end();
        if (same) {
            assert_null(cause(LK_CAUSE_MIP_NAF));
        } else {
            assert_int_equal(told.causes[0].cause, LK_CAUSE_MIP_NAF);
            assert_int_equal(told.causes[0].certainty, LK_PROVEN);
            assert_string_equal(told.causes[0].evidence, "expected Ks_NAF of two.example, "
                                "01000000f1, which the other end has; message 1 is signed by "
                                "Ks_NAF of one.example, 01000000f1");
        }
        lk_trace_free(&trace);
    }
}

/* Whatever is left of a question or an answer is told, and nothing is read behind it. */
static void cut_at_every_octet(void **state)
{
    char name[LK_TRACE_NAME_MAX], summary[LK_TRACE_SUMMARY_MAX];

    (void)state;
    begin(ks_naf[0]);
    radius(LK_RADIUS_ACCESS_REQUEST, true, LK_REASON_NONE);
    for (size_t len = RADIUS_HEAD; len < trace.messages[1].octets.len; len++) {
        uint8_t room[1024];

        memcpy(room, trace.messages[1].octets.at, len);
        room[2] = (uint8_t)(len >> 8);
        room[3] = (uint8_t)len;
        add(LK_TRACE_RADIUS, &client, &aaa, lk_span_of(room, len));
    }
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.messages[1].run, 0);
    for (size_t i = 1; i < trace.count; i++) {
        lk_trace_message_name(name, &trace.messages[i]);
        lk_trace_summary(summary, &trace.messages[i]);
        assert_true(strlen(name) > 0);
    }
    lk_trace_summary(summary, &trace.messages[1]);
    assert_non_null(strstr(summary, "home agent ha.example asks for the key that proves it, "
                                    "SPI 777, " NAI));
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_has_its_cause),
        cmocka_unit_test(who_is_silent),
        cmocka_unit_test(a_key_of_another_naf),
        cmocka_unit_test(cut_at_every_octet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
