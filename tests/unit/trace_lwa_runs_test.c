/* trace, associations that end and begin: which run a message is of, what is no failure, and what
 * is told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trace/explain.h"
#include "wire/nas.h"
#include "wire/pdcp.h"
#include "wire/rrc_attach.h"

enum { MARKED = 16 };

static const struct lk_capture_end phone = { .address = { 127, 0, 0, 5 }, .port = 50000 };
static const struct lk_capture_end enb = { .address = { 127, 0, 0, 1 }, .port = 36500 };
static struct lk_trace trace;

static void add(enum lk_trace_protocol_id id, enum lk_carrier carrier, bool of_device,
                struct lk_span octets)
{
    struct lk_trace_packet packet = { .at_ns = trace.count,
                                      .datagram = { .carrier = carrier, .payload = octets,
                                                    .from = of_device ? phone : enb,
                                                    .to = of_device ? enb : phone } };

    assert_int_equal(lk_trace_add(&trace, id, &packet), LK_OK);
}

static void add_frame(uint8_t kind, bool of_device, struct lk_span body)
{
    struct lk_80211_header header = { .kind = kind, .a1 = { 2, 0, 0, 0, 0, of_device ? 1 : 2 },
                                      .a2 = { 2, 0, 0, 0, 0, of_device ? 2 : 1 },
                                      .a3 = { 2, 0, 0, 0, 0, 1 },
                                      .sequence = (uint16_t)trace.count };
    uint8_t octets[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_80211_header_encode(&w, &header), LK_OK);
    lk_put_span(&w, body);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    add(LK_TRACE_WLAN, LK_CARRIER_80211, of_device, lk_writer_span(&w));
}

static void add_authentication(bool of_device, uint8_t status)
{
    const uint8_t body[] = { 0, 0, of_device ? 1 : 2, 0, status, 0 };

    add_frame(LK_80211_AUTHENTICATION, of_device, LK_SPAN(body));
}

static void add_end(bool of_device, uint8_t reason)
{
    const uint8_t body[] = { reason, 0 };

    add_frame(LK_80211_DEAUTHENTICATION, of_device, LK_SPAN(body));
}

static void add_hello(void)
{
    struct lk_uu_hello hello = { .mac = { 2, 0, 0, 0, 0, 2 } };
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_imsi_parse(&hello.imsi, lk_span_text("001010000000001")), LK_OK);
    assert_int_equal(lk_uu_hello_encode(&w, &hello), LK_OK);
    add(LK_TRACE_UU, LK_CARRIER_UDP, true, lk_writer_span(&w));
}

static void add_nas(uint8_t type)
{
    struct lk_rrc_attach nas = { .type = LK_RRC_DOWNLINK_NAS, .nas_len = 3, .nas = { 7, type } };
    uint8_t octets[128], pdu[128];
    struct lk_writer w = lk_writer_of(octets, sizeof octets), p = lk_writer_of(pdu, sizeof pdu);
    struct lk_uu uu = { .downlink = true };

    assert_int_equal(lk_rrc_attach_encode(&w, &nas), LK_OK);
    assert_int_equal(lk_pdcp_encode(&p, 3, lk_writer_span(&w)), LK_OK);
    lk_put_zeroes(&p, LK_PDCP_MAC_LEN);
    uu.pdu = lk_writer_span(&p);
    w = lk_writer_of(octets, sizeof octets);
    assert_int_equal(lk_uu_encode(&w, &uu), LK_OK);
    add(LK_TRACE_UU, LK_CARRIER_UDP, false, lk_writer_span(&w));
}

static struct lk_explanation explained(size_t run)
{
    const struct lk_explain_facts facts = { .card = NULL };
    struct lk_explanation e;

    lk_explain(&e, &trace, run, &facts);
    return e;
}

/* A new attach is of the association that it leads to, not of the one that was refused before. */
static void an_attach_anew_begins_a_run(void **state)
{
    lk_trace_init(&trace);
    add_hello();
    add_authentication(true, 0);
    add_authentication(false, 1);
    add_nas(LK_NAS_AUTHENTICATION_REQUEST);
    add_nas(LK_NAS_SECURITY_COMMAND);
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, 2);
    assert_int_equal(trace.messages[2].run, 0);
    assert_int_equal(trace.messages[3].run, 1);
    assert_int_equal(trace.messages[4].run, 1);
    assert_int_equal(trace.runs[0].outcome, LK_TRACE_REJECTED);
    assert_int_equal(trace.runs[1].outcome, LK_TRACE_OPEN);
    lk_trace_free(&trace);
}

/* Reason 3 is the station's own will: nothing failed by it. What the WT ends has failed. */
static void who_leaves_has_not_failed(void **state)
{
    for (int of_device = 0; of_device < 2; of_device++)
        for (int asked = 0; asked < 2; asked++) {
            lk_trace_init(&trace);
            add_hello();
            if (asked) {
                add_authentication(true, 0);
                add_authentication(false, 0);
            }
            add_end(of_device, LK_80211_REASON_LEAVING);
            add_nas(LK_NAS_AUTHENTICATION_REQUEST);
            assert_int_equal(lk_trace_finish(&trace), LK_OK);
            assert_int_equal(trace.runs[0].association.ended, !of_device || asked);
            assert_int_equal(trace.run_count, trace.runs[0].association.ended ? 2 : 1);
            assert_int_equal(explained(0).failed, !of_device);
            assert_null(strstr(explained(0).where, of_device ? "reason" : "asked for"));
            lk_trace_free(&trace);
        }
}

/* What failed alike is told as such; another station, status or success is not. */
static void runs_that_failed_alike_are_known(void **state)
{
    static const uint8_t status[] = { 1, 1, 17 };
    struct lk_explanation e[LK_COUNT_OF(status)];

    lk_trace_init(&trace);
    for (size_t i = 0; i < LK_COUNT_OF(status); i++) {
        add_authentication(true, 0);
        add_authentication(false, status[i]);
    }
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    assert_int_equal(trace.run_count, LK_COUNT_OF(status));
    for (size_t i = 0; i < LK_COUNT_OF(status); i++)
        e[i] = explained(i);
    assert_true(lk_explain_is_alike(&e[0], &e[1], &trace));
    assert_false(lk_explain_is_alike(&e[1], &e[2], &trace));
    trace.runs[1].association.station[0] ^= MARKED;
    assert_false(lk_explain_is_alike(&e[0], &e[1], &trace));
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attach_anew_begins_a_run),
        cmocka_unit_test(who_leaves_has_not_failed),
        cmocka_unit_test(runs_that_failed_alike_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
