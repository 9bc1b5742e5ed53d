/* proto/pmip/mag: the gateway's machine against answers made by the anchor's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/pmip/lma.h"
#include "proto/pmip/mag.h"

static const uint64_t NOW = UINT64_C(1767225600500);

static struct lk_pmip_mag_config config;
static struct lk_pmip_mag mag;
static struct lk_pmip_mag_outbox out;
static uint16_t sequence;

static int setup(void **state)
{
    lk_pmip_mag_defaults(&config);
    lk_pmip_mag_init(&mag);
    sequence = 100;
    return 0;
}

static struct lk_pmip_mag_event event_of(enum lk_pmip_mag_event_kind kind, uint64_t now_ms)
{
    return (struct lk_pmip_mag_event){ .kind = kind, .now_ms = now_ms, .sequence = ++sequence };
}

static struct lk_pmip_attach attachment(void)
{
    return (struct lk_pmip_attach){ .nai = lk_span_text("0001010123456789@realm"),
                                    .service = lk_span_text("internet"),
                                    .token = lk_span_text("token"),
                                    .link_layer_id = lk_span_text("\2\1\1\1\1\1"),
                                    .handoff = LK_HANDOFF_NEW,
                                    .access = LK_ACCESS_80211,
                                    .want_ipv6 = true,
                                    .want_ipv4 = true };
}

static enum lk_status step(const struct lk_pmip_mag_event *event)
{
    return lk_pmip_mag_step(&mag, &config, event, &out);
}

static const struct lk_pmip_mag_output *find(enum lk_pmip_mag_output_kind kind)
{
    for (size_t i = 0; i < out.count; i++)
        if (out.item[i].kind == kind)
            return &out.item[i];
    return NULL;
}

/* The request in out, and a copy of its octets for the spans. */
static struct lk_mobility_message sent(void)
{
    static uint8_t copy[LK_PMIP_MAG_OCTETS];
    struct lk_mobility_message m;
    const struct lk_pmip_mag_output *item = find(LK_PMIP_MAG_OUT_SEND);

    assert_non_null(item);
    memcpy(copy, item->send.at, item->send.len);
    assert_int_equal(lk_mobility_decode(&m, lk_span_of(copy, item->send.len)), LK_OK);
    return m;
}

static void attach(uint64_t now_ms)
{
    struct lk_pmip_mag_event event = event_of(LK_PMIP_MAG_EV_ATTACH, now_ms);

    event.attach = attachment();
    assert_int_equal(step(&event), LK_OK);
}

/* An answer with the usual addresses, changed by the caller before it is given. */
static struct lk_mobility_message answer_to(const struct lk_mobility_message *request,
                                            uint8_t status)
{
    struct lk_mobility_message pba = { .type = LK_MOBILITY_BA, .flags = LK_BA_PROXY,
                                       .status = status, .sequence = request->sequence,
                                       .lifetime = request->lifetime,
                                       .options = request->options };

    pba.options.present &= ~(UINT64_C(1) << LK_MO_IPV4_REQUEST | UINT64_C(1) << LK_MO_SERVICE);
    pba.options.vendor_count = 0;
    assert_int_equal(lk_address_prefix_parse(&pba.options.prefix[0], "2001:db8:45:7::/64"), LK_OK);
    lk_mobility_mark(&pba.options, LK_MO_IPV4_REPLY);
    pba.options.ipv4_reply.address = (struct lk_mobility_ipv4){ { 10, 45, 0, 7 } };
    pba.options.ipv4_reply.bits = 16;
    lk_mobility_mark(&pba.options, LK_MO_IPV4_ROUTER);
    pba.options.ipv4_router = (struct lk_mobility_ipv4){ { 10, 45, 0, 1 } };
    return pba;
}

static enum lk_status give(const struct lk_mobility_message *pba, uint64_t now_ms)
{
    uint8_t room[1024];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct lk_pmip_mag_event event = event_of(LK_PMIP_MAG_EV_RECEIVED, now_ms);

    assert_int_equal(lk_mobility_encode(&w, pba), LK_OK);
    event.received = lk_writer_span(&w);
    return step(&event);
}

/* spec: RFC 5213 6.9.1.5 - what a request carries.
 * spec: RFC 5213 6.9.1.2 - an accepted one binds. */
static void attaching_binds(void **state)
{
    struct lk_mobility_message request, pba;
    const struct lk_pmip_addresses *bound;

    attach(NOW);
    assert_int_equal(mag.state, LK_PMIP_MAG_AWAIT_BOUND);
    assert_false(lk_pmip_mag_is_bound(&mag));
    request = sent();
    assert_int_equal(request.flags, LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY);
    assert_int_equal(request.sequence, 101);
    assert_int_equal(request.lifetime, 900);
    assert_int_equal(request.options.handoff, LK_HANDOFF_NEW);
    assert_true(lk_address_is_any(&request.options.prefix[0].address));
    assert_true(lk_span_equal(request.options.service, lk_span_text("internet")));
    assert_true(lk_span_equal(lk_mobility_vendor_data(&request.options, 32473, 1),
                              lk_span_text("token")));
    assert_true(request.options.timestamp == lk_mobility_timestamp_of(NOW));
    assert_int_equal(find(LK_PMIP_MAG_OUT_TIMER)->timer_ms, NOW + 1000);
    pba = answer_to(&request, LK_BA_ACCEPTED);
    assert_int_equal(give(&pba, NOW + 5), LK_OK);
    assert_int_equal(mag.state, LK_PMIP_MAG_BOUND);
    bound = &find(LK_PMIP_MAG_OUT_BOUND)->bound;
    assert_true(bound->has_prefix && bound->has_ipv4);
    assert_int_equal(bound->prefix.bits, 64);
    assert_int_equal(bound->ipv4.octets[3], 7);
    assert_int_equal(bound->ipv4_router.octets[3], 1);
    assert_int_equal(bound->lifetime_s, 3600);
    assert_int_equal(find(LK_PMIP_MAG_OUT_TIMER)->timer_ms, NOW + 5 + 1800000);
    assert_int_equal(give(&pba, NOW + 6), LK_E_SYNC); /* again */
}

/* spec: RFC 6275 11.8 - the wait doubles.
 * spec: RFC 5213 6.9.4 - each try has a timestamp of its own; in the end it is given up. */
static void silence_is_asked_again_and_again(void **state)
{
    static const uint64_t waits[] = { 1000, 2000, 4000, 8000, 16000 };
    struct lk_pmip_mag_event event;
    uint64_t now = NOW, timestamp = 0;

    attach(NOW);
    for (size_t i = 0; i < LK_COUNT_OF(waits); i++) {
        struct lk_mobility_message request = sent();

        assert_true(request.options.timestamp > timestamp);
        timestamp = request.options.timestamp;
        assert_int_equal(request.sequence, 101 + i);
        assert_int_equal(find(LK_PMIP_MAG_OUT_TIMER)->timer_ms, now + waits[i]);
        now += waits[i];
        event = event_of(LK_PMIP_MAG_EV_EXPIRED, now);
        assert_int_equal(step(&event), LK_OK);
    }
    assert_int_equal(mag.state, LK_PMIP_MAG_FAILED);
    assert_int_equal(find(LK_PMIP_MAG_OUT_FAILED)->failed.refusal.reason,
                     LK_REASON_PMIP_NO_ANSWER);
}

/* spec: RFC 5213 6.9.4 - each request has a timestamp of its own: two of one tick of the clock, or
 * behind a clock that went back, are in order still. */
static void timestamps_grow_though_the_clock_does_not(void **state)
{
    struct lk_pmip_mag_event event;
    uint64_t last;

    attach(NOW);
    last = sent().options.timestamp;
    event = event_of(LK_PMIP_MAG_EV_EXPIRED, NOW);
    assert_int_equal(step(&event), LK_OK);
    assert_true(sent().options.timestamp > last);
    last = sent().options.timestamp;
    event = event_of(LK_PMIP_MAG_EV_DETACH, NOW - 5000);
    assert_int_equal(step(&event), LK_OK);
    assert_true(sent().options.timestamp > last);
    assert_true(sent().options.timestamp < lk_mobility_timestamp_of(NOW + 1));
}

/* spec: RFC 5213 6.9.1.2 - sequence number, identifier and timestamp must be the request's. */
static void other_answers_change_nothing(void **state)
{
    struct lk_mobility_message request, pba;

    attach(NOW);
    request = sent();
    pba = answer_to(&request, LK_BA_ACCEPTED);
    pba.sequence++;
    assert_int_equal(give(&pba, NOW), LK_E_SYNC);
    pba = answer_to(&request, LK_BA_ACCEPTED);
    pba.options.timestamp++;
    assert_int_equal(give(&pba, NOW), LK_E_SYNC);
    pba = answer_to(&request, LK_BA_ACCEPTED);
    pba.options.mn_id.id = lk_span_text("0001010123456780@realm");
    assert_int_equal(give(&pba, NOW), LK_E_SYNC);
    pba = answer_to(&request, LK_BA_ACCEPTED);
    pba.flags = 0;
    assert_int_equal(give(&pba, NOW), LK_E_SYNC);
    assert_int_equal(give(&request, NOW), LK_E_SYNC);
    assert_int_equal(mag.state, LK_PMIP_MAG_AWAIT_BOUND);
}

static void refusals_end_it(void **state)
{
    for (unsigned status = 128; status < 256; status++) {
        struct lk_mobility_message request, pba;

        if (status == LK_BA_SEQUENCE || status == LK_BA_TIMESTAMP_MISMATCH ||
            status == LK_BA_TIMESTAMP_LOWER)
            continue;
        lk_pmip_mag_init(&mag);
        attach(NOW);
        request = sent();
        pba = answer_to(&request, (uint8_t)status);
        assert_int_equal(give(&pba, NOW), LK_OK);
        assert_int_equal(mag.state, LK_PMIP_MAG_FAILED);
        assert_int_equal(find(LK_PMIP_MAG_OUT_FAILED)->failed.status, status);
    }
}

/* Accepted without a lifetime or an address is not accepted. */
static void an_empty_acceptance_is_none(void **state)
{
    struct lk_mobility_message request, pba;

    attach(NOW);
    request = sent();
    pba = answer_to(&request, LK_BA_ACCEPTED);
    pba.lifetime = 0;
    assert_int_equal(give(&pba, NOW), LK_OK);
    assert_int_equal(mag.state, LK_PMIP_MAG_FAILED);
}

/* spec: RFC 5213 6.9.1.2 - a mismatch of clocks is mended once, with the clock in the answer. */
static void the_anchors_clock_is_taken_once(void **state)
{
    struct lk_mobility_message request, pba;

    attach(NOW);
    request = sent();
    pba = answer_to(&request, LK_BA_TIMESTAMP_MISMATCH);
    pba.options.timestamp = lk_mobility_timestamp_of(NOW - 7000);
    assert_int_equal(give(&pba, NOW + 1000), LK_OK);
    request = sent();
    assert_true(request.options.timestamp == lk_mobility_timestamp_of(NOW - 7000));
    assert_int_equal(request.sequence, 102);
    pba = answer_to(&request, LK_BA_TIMESTAMP_MISMATCH);
    assert_int_equal(give(&pba, NOW + 1001), LK_OK);
    assert_int_equal(mag.state, LK_PMIP_MAG_FAILED);
}

/* In sequence mode the anchor's last accepted number is gone beyond. */
static void the_anchors_sequence_is_taken_once(void **state)
{
    struct lk_mobility_message request, pba;

    config.timestamps = false;
    attach(NOW);
    request = sent();
    assert_false(lk_mobility_has(&request.options, LK_MO_TIMESTAMP));
    pba = answer_to(&request, LK_BA_SEQUENCE);
    pba.sequence = 0x8001;
    assert_int_equal(give(&pba, NOW), LK_OK);
    assert_int_equal(sent().sequence, 0x8002);
}

static void bind(void)
{
    struct lk_mobility_message request, pba;

    attach(NOW);
    request = sent();
    pba = answer_to(&request, LK_BA_ACCEPTED);
    assert_int_equal(give(&pba, NOW), LK_OK);
}

/* spec: RFC 5213 6.9.1.2 - renewed in time, with handoff indicator 5 and the addresses it has. */
static void it_is_renewed_while_it_lasts(void **state)
{
    struct lk_pmip_mag_event event;
    struct lk_mobility_message request, pba;

    bind();
    event = event_of(LK_PMIP_MAG_EV_TOKEN, NOW + 100);
    event.token = lk_span_text("newer");
    assert_int_equal(step(&event), LK_OK);
    event = event_of(LK_PMIP_MAG_EV_EXPIRED, NOW + 1800000);
    assert_int_equal(step(&event), LK_OK);
    assert_true(lk_pmip_mag_is_bound(&mag));
    request = sent();
    assert_int_equal(request.options.handoff, LK_HANDOFF_NONE);
    assert_int_equal(request.options.prefix[0].bits, 64);
    assert_int_equal(request.options.ipv4_request.address.octets[3], 7);
    assert_true(lk_span_equal(lk_mobility_vendor_data(&request.options, 32473, 1),
                              lk_span_text("newer")));
    pba = answer_to(&request, LK_BA_ACCEPTED);
    assert_int_equal(give(&pba, NOW + 1800001), LK_OK);
    assert_int_equal(mag.state, LK_PMIP_MAG_BOUND);
    /* Without answers it lasts as long as the binding, and no longer. */
    event = event_of(LK_PMIP_MAG_EV_EXPIRED, NOW + 3600000);
    assert_int_equal(step(&event), LK_OK);
    for (unsigned i = 0; i < 300 && mag.state == LK_PMIP_MAG_AWAIT_RENEWED; i++) {
        event = event_of(LK_PMIP_MAG_EV_EXPIRED, find(LK_PMIP_MAG_OUT_TIMER)->timer_ms);
        assert_int_equal(step(&event), LK_OK);
    }
    assert_int_equal(mag.state, LK_PMIP_MAG_FAILED);
    assert_true(event.now_ms >= NOW + 1800001 + 3600000 && event.now_ms < NOW + 5500000);
}

/* spec: RFC 5213 6.9.1.4 - released with lifetime 0 and handoff indicator 4. */
static void it_is_released(void **state)
{
    struct lk_pmip_mag_event event;
    struct lk_mobility_message request, pba;

    for (unsigned how = 0; how < 3; how++) {
        setup(NULL);
        bind();
        event = event_of(LK_PMIP_MAG_EV_DETACH, NOW + 50);
        assert_int_equal(step(&event), LK_OK);
        assert_false(lk_pmip_mag_is_bound(&mag));
        request = sent();
        assert_int_equal(request.lifetime, 0);
        assert_int_equal(request.options.handoff, LK_HANDOFF_UNKNOWN);
        pba = answer_to(&request, how == 0 ? LK_BA_ACCEPTED : LK_BA_MAG_NOT_AUTHORIZED);
        if (how < 2)
            assert_int_equal(give(&pba, NOW + 51), LK_OK);
        for (unsigned i = 0; i < 5 && how == 2; i++) {
            event = event_of(LK_PMIP_MAG_EV_EXPIRED, NOW + 1000 * i);
            assert_int_equal(step(&event), LK_OK);
        }
        assert_int_equal(mag.state, LK_PMIP_MAG_RELEASED);
        assert_non_null(find(LK_PMIP_MAG_OUT_RELEASED));
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    static uint8_t large[256];
    struct lk_pmip_mag_event event = event_of(LK_PMIP_MAG_EV_ATTACH, NOW);

    for (unsigned what = 0; what < 6; what++) {
        event.attach = attachment();
        switch (what) {
        case 0: event.attach.nai = lk_span_of(large, LK_PMIP_NAI_MAX + 1); break;
        case 1: event.attach.service = lk_span_of(large, LK_PMIP_SERVICE_MAX + 1); break;
        case 2: event.attach.token = lk_span_of(large, LK_PMIP_TOKEN_MAX + 1); break;
        case 3: event.attach.link_layer_id = lk_span_of(large, 9); break;
        case 4: event.attach.nai = lk_span_of(NULL, 0); break;
        default: event.attach.want_ipv4 = event.attach.want_ipv6 = false;
        }
        assert_int_equal(step(&event), what < 4 ? LK_E_LENGTH : LK_E_VALUE);
        assert_int_equal(out.count, 0);
        assert_int_equal(mag.state, LK_PMIP_MAG_IDLE);
    }
    /* The longest of everything does. */
    event.attach = attachment();
    event.attach.nai = lk_span_of(large, LK_PMIP_NAI_MAX);
    event.attach.service = lk_span_of(large, LK_PMIP_SERVICE_MAX);
    event.attach.token = lk_span_of(large, LK_PMIP_TOKEN_MAX);
    event.attach.link_layer_id = lk_span_of(large, 8);
    assert_int_equal(step(&event), LK_OK);
}

static void every_state_meets_every_event(void **state)
{
    static const enum lk_pmip_mag_event_kind kinds[] = {
        LK_PMIP_MAG_EV_ATTACH, LK_PMIP_MAG_EV_EXPIRED, LK_PMIP_MAG_EV_TOKEN, LK_PMIP_MAG_EV_DETACH
    };

    for (unsigned in = 0; in < LK_PMIP_MAG_STATE_COUNT; in++)
        for (size_t k = 0; k < LK_COUNT_OF(kinds); k++) {
            struct lk_pmip_mag_event event = event_of(kinds[k], NOW + 10);
            struct lk_pmip_mag before;
            struct lk_rule_view rule;
            bool ruled = false;

            setup(NULL);
            bind();
            mag.state = (enum lk_pmip_mag_state)in;
            before = mag;
            if (kinds[k] == LK_PMIP_MAG_EV_ATTACH)
                event.attach = attachment();
            else
                event.token = lk_span_text("t");
            for (size_t i = 0; lk_rule_show(&rule, &lk_pmip_mag_rules, i); i++) {
                static const char *const on[] = { "ATTACH", "EXPIRED", "TOKEN", "DETACH" };

                ruled = ruled || (rule.in == in && strcmp(rule.on, on[k]) == 0);
            }
            assert_int_equal(step(&event), ruled ? LK_OK : LK_E_UNEXPECTED);
            if (!ruled)
                assert_true(lk_span_equal(lk_span_of(&before, sizeof before),
                                          lk_span_of(&mag, sizeof mag)));
        }
    assert_string_equal(lk_pmip_mag_state_name(LK_PMIP_MAG_BOUND), "BOUND");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(attaching_binds, setup),
        cmocka_unit_test_setup(silence_is_asked_again_and_again, setup),
        cmocka_unit_test_setup(timestamps_grow_though_the_clock_does_not, setup),
        cmocka_unit_test_setup(other_answers_change_nothing, setup),
        cmocka_unit_test_setup(refusals_end_it, setup),
        cmocka_unit_test_setup(an_empty_acceptance_is_none, setup),
        cmocka_unit_test_setup(the_anchors_clock_is_taken_once, setup),
        cmocka_unit_test_setup(the_anchors_sequence_is_taken_once, setup),
        cmocka_unit_test_setup(it_is_renewed_while_it_lasts, setup),
        cmocka_unit_test_setup(it_is_released, setup),
        cmocka_unit_test_setup(what_does_not_fit_is_refused, setup),
        cmocka_unit_test_setup(every_state_meets_every_event, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
