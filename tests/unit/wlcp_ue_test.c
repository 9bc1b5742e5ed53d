/* proto/wlcp/ue: the device's machine against typed octets, procedure by procedure, and the error
 * rules of clause 6 that need to know its connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wlcp/ue.h"

#define ACCEPT_1 "82 01 09 08 69 6e 74 65 72 6e 65 74 05 01 0a 00 00 07 05 02 00 00 00 00 01"

struct world {
    struct lk_wlcp_ue ue;
    struct lk_wlcp_ue_config config;
    struct lk_wlcp_outbox out;
    uint64_t now_ms;
};

static void begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    lk_wlcp_ue_init(&w->ue);
    lk_wlcp_ue_defaults(&w->config);
    w->now_ms = 1000000;
}

static enum lk_status step(struct world *w, struct lk_wlcp_event *event)
{
    event->now_ms = w->now_ms;
    lk_wlcp_outbox_empty(&w->out);
    return lk_wlcp_ue_step(&w->ue, &w->config, event, &w->out);
}

static enum lk_status heard(struct world *w, const char *hex)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_RECEIVED };
    uint8_t octets[256];
    size_t len = 0;

    for (const char *p = hex; *p != '\0'; p += *p == ' ' ? 1 : 2) {
        unsigned value;

        if (*p != ' ') {
            assert_int_equal(sscanf(p, "%2x", &value), 1);
            octets[len++] = (uint8_t)value;
        }
    }
    event.octets = lk_span_of(octets, len);
    return step(w, &event);
}

static enum lk_status happens(struct world *w, enum lk_wlcp_event_kind kind, uint32_t which)
{
    struct lk_wlcp_event event = { .kind = kind, .which = which };

    return step(w, &event);
}

static enum lk_status want(struct world *w, uint32_t ref, const char *apn)
{
    struct lk_wlcp_event event = { .kind = LK_WLCP_EV_WANT };

    event.want.ref = ref;
    event.want.request_type = LK_WLCP_INITIAL;
    event.want.pdn_type = LK_WLCP_IPV4V6;
    if (apn != NULL)
        assert_int_equal(lk_wlcp_apn_parse(&event.want.apn, apn), LK_OK);
    return step(w, &event);
}

/* The one message sent is this, and "" says that there is none. */
static void sent(const struct world *w, const char *hex)
{
    const struct lk_wlcp_output *o = lk_wlcp_outbox_find(&w->out, LK_WLCP_OUT_SEND);
    char text[3 * 256] = "";
    size_t sends = 0;

    for (size_t i = 0; i < w->out.count; i++)
        sends += w->out.item[i].kind == LK_WLCP_OUT_SEND;
    assert_true(sends <= 1);
    for (size_t i = 0; o != NULL && i < o->send.len; i++)
        snprintf(text + strlen(text), 4, "%s%02x", i > 0 ? " " : "", o->send.at[i]);
    assert_string_equal(text, hex);
}

static const struct lk_wlcp_output *told(const struct world *w, enum lk_wlcp_output_kind kind)
{
    const struct lk_wlcp_output *o = lk_wlcp_outbox_find(&w->out, kind);

    assert_non_null(o);
    return o;
}

static void is(const struct world *w, uint32_t which, enum lk_wlcp_ue_state state)
{
    assert_int_equal(w->ue.connection[which].state, state);
}

static void connected(struct world *w)
{
    begin(w);
    assert_int_equal(want(w, 7, "internet"), LK_OK);
    assert_int_equal(heard(w, ACCEPT_1), LK_OK);
    is(w, 0, LK_WLCP_UE_ACTIVE);
}

/* spec: TS 24.244 5.2.1 - REQUEST, ACCEPT, COMPLETE; each further connection alike.
 * spec: TS 24.244 5.1.3 - the UE chooses the PTI, and never one that is in use. */
static void a_connection_comes_up_and_another_one(void **state)
{
    struct world w;

    begin(&w);
    assert_int_equal(want(&w, 7, "internet"), LK_OK);
    sent(&w, "81 01 31 28 09 08 69 6e 74 65 72 6e 65 74");
    is(&w, 0, LK_WLCP_UE_CONNECT_PENDING);
    assert_int_equal(want(&w, 8, "ims"), LK_OK);
    sent(&w, "81 02 31 28 04 03 69 6d 73");
    assert_int_equal(heard(&w, ACCEPT_1), LK_OK);
    sent(&w, "84 01");
    assert_int_equal(told(&w, LK_WLCP_OUT_UP)->ref, 7);
    assert_int_equal(lk_wlcp_ue_find(&w.ue, 7)->pdn_id, 5);
    assert_int_equal(lk_wlcp_ue_find(&w.ue, 7)->address.ipv4[3], 7);
    w.ue.last_pti = LK_WLCP_UE_PTI_LAST;
    w.ue.connection[0].pti = 1; /* as if a procedure of it ran */
    assert_int_equal(want(&w, 9, "x"), LK_OK);
    sent(&w, "81 03 31 28 02 01 78");
}

/* spec: TS 24.244 5.1.1 - a timer repeats the same octets.
 * spec: TS 24.301 10.3 - on expiries one to four; the fifth gives up. */
static void a_request_is_repeated_four_times(void **state)
{
    struct world w;

    begin(&w);
    assert_int_equal(want(&w, 7, "internet"), LK_OK);
    assert_int_equal(happens(&w, LK_WLCP_EV_EXPIRED, 0), LK_E_UNEXPECTED); /* too early */
    for (int i = 0; i < 4; i++) {
        w.now_ms += 8000;
        assert_int_equal(happens(&w, LK_WLCP_EV_EXPIRED, 0), LK_OK);
        sent(&w, "81 01 31 28 09 08 69 6e 74 65 72 6e 65 74");
        assert_true(told(&w, LK_WLCP_OUT_TIMER)->timer_at_ms == w.now_ms + 8000);
    }
    w.now_ms += 8000;
    assert_int_equal(happens(&w, LK_WLCP_EV_EXPIRED, 0), LK_OK);
    sent(&w, "");
    assert_int_equal(told(&w, LK_WLCP_OUT_DOWN)->down.reason, LK_REASON_WLCP_NO_ANSWER);
    is(&w, 0, LK_WLCP_UE_INACTIVE);
}

/* spec: TS 24.244 5.1.6 - Tw1 of a REJECT keeps the UE from asking for that APN, and that only;
 * emergency is not kept back. */
static void tw1_is_honoured(void **state)
{
    struct world w;

    begin(&w);
    assert_int_equal(want(&w, 7, "internet"), LK_OK);
    assert_int_equal(heard(&w, "83 01 1a 37 01 65"), LK_OK); /* cause 26, five times two seconds */
    assert_int_equal(told(&w, LK_WLCP_OUT_DOWN)->down.cause, LK_WLCP_CAUSE_RESOURCES);
    assert_true(told(&w, LK_WLCP_OUT_DOWN)->down.until_ms == w.now_ms + 10000);
    assert_int_equal(want(&w, 8, "internet"), LK_OK);
    sent(&w, "");
    assert_int_equal(told(&w, LK_WLCP_OUT_DOWN)->down.reason, LK_REASON_WLCP_BACK_OFF);
    assert_int_equal(want(&w, 9, "ims"), LK_OK);
    sent(&w, "81 02 31 28 04 03 69 6d 73");
    w.now_ms += 10000;
    assert_int_equal(want(&w, 10, "internet"), LK_OK);
    sent(&w, "81 03 31 28 09 08 69 6e 74 65 72 6e 65 74");
}

/* spec: TS 24.244 5.4 - DISCONNECT REQUEST, ACCEPT; a REJECT leaves the connection as it is, unless
 * it says that there is none. */
static void the_ue_disconnects(void **state)
{
    struct world w;

    connected(&w);
    assert_int_equal(happens(&w, LK_WLCP_EV_RELEASE, 0), LK_OK);
    sent(&w, "85 02 05");
    assert_int_equal(heard(&w, "87 02 1f"), LK_OK);
    is(&w, 0, LK_WLCP_UE_ACTIVE);
    assert_int_equal(happens(&w, LK_WLCP_EV_RELEASE, 0), LK_OK);
    sent(&w, "85 03 05");
    assert_int_equal(heard(&w, "86 03"), LK_OK);
    assert_int_equal(told(&w, LK_WLCP_OUT_DOWN)->down.reason, LK_REASON_NONE);
    is(&w, 0, LK_WLCP_UE_INACTIVE);
    connected(&w);
    assert_int_equal(happens(&w, LK_WLCP_EV_RELEASE, 0), LK_OK);
    assert_int_equal(heard(&w, "87 02 36"), LK_OK);
    is(&w, 0, LK_WLCP_UE_INACTIVE);
}

/* A connection that is taken back before it is there ends as soon as it is. */
static void what_is_not_wanted_any_more_ends_at_once(void **state)
{
    struct world w;

    begin(&w);
    assert_int_equal(want(&w, 7, "internet"), LK_OK);
    assert_int_equal(happens(&w, LK_WLCP_EV_RELEASE, 0), LK_OK);
    assert_int_equal(heard(&w, ACCEPT_1), LK_OK);
    is(&w, 0, LK_WLCP_UE_DISCONNECT_PENDING);
    assert_null(lk_wlcp_outbox_find(&w.out, LK_WLCP_OUT_UP));
}

/* spec: TS 24.244 5.3 - the TWAG disconnects; a repeat of its request gets the same answer, and
 * where both ask at once each accepts. */
static void the_twag_disconnects(void **state)
{
    struct world w;

    connected(&w);
    assert_int_equal(heard(&w, "85 80 05 58 24"), LK_OK);
    sent(&w, "86 80");
    assert_int_equal(told(&w, LK_WLCP_OUT_DOWN)->down.reason, LK_REASON_WLCP_DISCONNECTED);
    assert_int_equal(told(&w, LK_WLCP_OUT_DOWN)->down.cause, LK_WLCP_CAUSE_REGULAR);
    assert_int_equal(heard(&w, "85 80 05 58 24"), LK_OK);
    sent(&w, "86 80");
    assert_null(lk_wlcp_outbox_find(&w.out, LK_WLCP_OUT_DOWN));
    connected(&w);
    assert_int_equal(happens(&w, LK_WLCP_EV_RELEASE, 0), LK_OK);
    assert_int_equal(heard(&w, "85 81 05 58 24"), LK_OK);
    sent(&w, "86 81");
    is(&w, 0, LK_WLCP_UE_INACTIVE);
    assert_int_equal(told(&w, LK_WLCP_OUT_DOWN)->down.reason, LK_REASON_NONE);
}

/* spec: TS 24.244 5.6 - the TWAG modifies.
 * spec: TS 24.244 5.7 - the UE does; without an answer the connection stays as it was. */
static void modification_by_either(void **state)
{
    struct world w;

    connected(&w);
    assert_int_equal(heard(&w, "89 81 05"), LK_OK);
    sent(&w, "8a 81");
    assert_int_equal(told(&w, LK_WLCP_OUT_MODIFIED)->modified.reason, LK_REASON_NONE);
    assert_int_equal(happens(&w, LK_WLCP_EV_MODIFY, 0), LK_OK);
    sent(&w, "8c 02 05");
    is(&w, 0, LK_WLCP_UE_MODIFY_PENDING);
    assert_int_equal(heard(&w, "89 82 05"), LK_OK); /* collision: the TWAG's is taken */
    sent(&w, "8a 82");
    is(&w, 0, LK_WLCP_UE_MODIFY_PENDING);
    assert_int_equal(heard(&w, "8b 02 38"), LK_OK);
    is(&w, 0, LK_WLCP_UE_ACTIVE);
    assert_int_equal(told(&w, LK_WLCP_OUT_MODIFIED)->modified.cause, LK_WLCP_CAUSE_COLLISION);
    assert_int_equal(happens(&w, LK_WLCP_EV_MODIFY, 0), LK_OK);
    for (int i = 0; i < 5; i++) {
        w.now_ms += 8000;
        assert_int_equal(happens(&w, LK_WLCP_EV_EXPIRED, 0), LK_OK);
    }
    is(&w, 0, LK_WLCP_UE_ACTIVE);
}

/* spec: TS 24.244 5.5 - STATUS with a cause that says so ends the procedure it names, and no other.
 * spec-not: TS 24.301 7.5.1 - a broken STATUS is not answered with STATUS. */
static void status_ends_a_procedure(void **state)
{
    struct world w;

    begin(&w);
    assert_int_equal(want(&w, 7, "internet"), LK_OK);
    assert_int_equal(heard(&w, "88 02 2f"), LK_OK);
    is(&w, 0, LK_WLCP_UE_CONNECT_PENDING);
    assert_int_equal(heard(&w, "88 01 60"), LK_OK);
    is(&w, 0, LK_WLCP_UE_CONNECT_PENDING);
    assert_int_equal(heard(&w, "88 01 2f"), LK_OK);
    is(&w, 0, LK_WLCP_UE_INACTIVE);
    assert_int_equal(heard(&w, "88 01"), LK_OK);
    sent(&w, "");
}

/* spec: TS 24.244 4.1 - with the channel all connections end, without a word.
 * spec: TS 24.244 5.9 - one that lives on elsewhere ends without a word. */
static void what_is_lost_ends_without_a_word(void **state)
{
    struct world w;

    connected(&w);
    assert_int_equal(want(&w, 8, "ims"), LK_OK);
    assert_int_equal(happens(&w, LK_WLCP_EV_LOST, 0), LK_OK);
    sent(&w, "");
    is(&w, 0, LK_WLCP_UE_INACTIVE);
    is(&w, 1, LK_WLCP_UE_INACTIVE);
    connected(&w);
    assert_int_equal(happens(&w, LK_WLCP_EV_MOVED, 0), LK_OK);
    sent(&w, "");
    assert_int_equal(told(&w, LK_WLCP_OUT_DOWN)->down.reason, LK_REASON_NONE);
}

/* spec: TS 24.301 7.3.1 - a repeated ACCEPT: COMPLETE again; an ACCEPT of no procedure: 47; answers
 * without a procedure are ignored; a request that clashes: 47.
 * spec: TS 24.244 6.3 - a reserved or unassigned PTI in an ACCEPT: 81. */
static void transaction_identities(void **state)
{
    struct world w;

    connected(&w);
    assert_int_equal(heard(&w, ACCEPT_1), LK_OK);
    sent(&w, "84 01");
    assert_null(lk_wlcp_outbox_find(&w.out, LK_WLCP_OUT_UP));
    assert_int_equal(heard(&w, "82 09 04 03 69 6d 73 05 01 0a 00 00 07 05 02 00 00 00 00 01"),
                     LK_OK);
    sent(&w, "88 09 2f");
    assert_int_equal(heard(&w, "82 ff 04 03 69 6d 73 05 01 0a 00 00 07 05 02 00 00 00 00 01"),
                     LK_OK);
    sent(&w, "88 ff 51");
    assert_int_equal(heard(&w, "83 09 1a"), LK_E_UNEXPECTED);
    assert_int_equal(heard(&w, "83 ff 1a"), LK_E_UNEXPECTED);
    assert_int_equal(heard(&w, "87 00 36"), LK_E_UNEXPECTED);
    assert_int_equal(heard(&w, "86 ff"), LK_E_UNEXPECTED);
    assert_int_equal(heard(&w, "85 ff 05"), LK_OK);
    sent(&w, "88 ff 2f");
    is(&w, 0, LK_WLCP_UE_ACTIVE);
    assert_int_equal(happens(&w, LK_WLCP_EV_MODIFY, 0), LK_OK); /* PTI 2 */
    assert_int_equal(heard(&w, "85 02 05"), LK_OK);
    sent(&w, "88 02 2f");
    is(&w, 0, LK_WLCP_UE_MODIFY_PENDING);
}

/* spec: TS 24.301 7.3.2 - a DISCONNECT REQUEST for a connection that is not there is accepted; a
 * modification of it is not.
 * spec: TS 24.301 7.4 - an unknown message: 97; one that does not fit the state: 98.
 * spec: TS 24.301 7.8 - an ACCEPT that is not what was asked for: 95, and the request stands. */
static void what_does_not_fit_is_told(void **state)
{
    struct world w;

    connected(&w);
    assert_int_equal(heard(&w, "85 80 09 58 24"), LK_OK);
    sent(&w, "86 80");
    is(&w, 0, LK_WLCP_UE_ACTIVE);
    assert_int_equal(heard(&w, "89 81 09"), LK_OK);
    sent(&w, "8b 81 36");
    assert_int_equal(heard(&w, "bf 81"), LK_OK);
    sent(&w, "88 81 61");
    assert_int_equal(want(&w, 8, "ims"), LK_OK);
    assert_int_equal(heard(&w, "86 02"), LK_OK);
    sent(&w, "88 02 62");
    assert_int_equal(heard(&w, "82 02 04 03 78 78 78 05 01 0a 00 00 08 06 02 00 00 00 00 02"),
                     LK_OK);
    sent(&w, "88 02 5f");
    is(&w, 1, LK_WLCP_UE_CONNECT_PENDING);
    /* the identity of the first connection for the second one */
    assert_int_equal(heard(&w, "82 02 04 03 69 6d 73 05 01 0a 00 00 08 05 02 00 00 00 00 02"),
                     LK_OK);
    sent(&w, "88 02 5f");
    is(&w, 1, LK_WLCP_UE_CONNECT_PENDING);
    assert_int_equal(lk_wlcp_ue_find(&w.ue, 7)->pdn_id, 5);
}

/* A24: each mandatory part away in turn: an error answer, no crash, nothing changed. */
static void every_truncation_of_an_accept(void **state)
{
    struct world w;
    char hex[sizeof ACCEPT_1];

    for (size_t octets = 0; octets < sizeof ACCEPT_1 / 3; octets++) {
        begin(&w);
        assert_int_equal(want(&w, 7, "internet"), LK_OK);
        snprintf(hex, sizeof hex, "%.*s", (int)(3 * octets), ACCEPT_1);
        (void)heard(&w, hex);
        is(&w, 0, LK_WLCP_UE_CONNECT_PENDING);
        if (octets >= 2)
            sent(&w, "88 01 60");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_comes_up_and_another_one),
        cmocka_unit_test(a_request_is_repeated_four_times),
        cmocka_unit_test(tw1_is_honoured),
        cmocka_unit_test(the_ue_disconnects),
        cmocka_unit_test(what_is_not_wanted_any_more_ends_at_once),
        cmocka_unit_test(the_twag_disconnects),
        cmocka_unit_test(modification_by_either),
        cmocka_unit_test(status_ends_a_procedure),
        cmocka_unit_test(what_is_lost_ends_without_a_word),
        cmocka_unit_test(transaction_identities),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(every_truncation_of_an_accept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
