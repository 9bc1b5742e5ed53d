/* proto/mis/exchange: TIDs, acknowledgements and repeats over UDP and over TCP, what comes again,
 * and what may answer what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/mis/exchange.h"

enum { COUNT = 6 };
#define CODES (&lk_mis_codes_default)

static struct lk_mis_transaction transactions[COUNT];
static struct lk_mis_exchange x;
static uint64_t now_ms;
static enum lk_mis_heard heard;
static struct lk_mis_due due;

static uint16_t auth(enum lk_mis_opcode opcode)
{
    return lk_mis_message_id(LK_MIS_AUTH, opcode, CODES);
}

static void begin(bool udp, uint16_t entropy)
{
    lk_mis_exchange_init(&x, transactions, COUNT, udp, entropy);
    now_ms = 1000;
}

static struct lk_mis_header sent(enum lk_mis_opcode opcode, bool secured)
{
    struct lk_mis_header header;

    assert_int_equal(lk_mis_exchange_begin(&x, &header, auth(opcode)), LK_OK);
    header.secured = secured;
    assert_int_equal(lk_mis_exchange_sent(&x, &header, lk_span_text("octets"), now_ms), LK_OK);
    return header;
}

static enum lk_status hear(enum lk_mis_opcode opcode, uint16_t tid, bool secured, bool bare,
                           bool replayed)
{
    struct lk_mis_header header = { .ack_request = !bare, .ack_response = bare, .secured = secured,
                                    .id = auth(opcode), .tid = tid };

    return lk_mis_exchange_hear(&x, &heard, &header, bare, replayed, now_ms);
}

static enum lk_status hear_new(uint16_t tid)
{
    return hear(LK_MIS_REQUEST, tid, false, false, false);
}

static bool is_due(void)
{
    return lk_mis_exchange_due(&x, &due, now_ms);
}

static void answer(uint16_t tid)
{
    struct lk_mis_header request = { .id = auth(LK_MIS_REQUEST), .tid = tid }, header;

    assert_int_equal(lk_mis_exchange_answer(&x, &header, &request), LK_OK);
    assert_int_equal(header.id, auth(LK_MIS_RESPONSE));
    assert_int_equal(header.tid, tid);
    assert_int_equal(lk_mis_exchange_sent(&x, &header, lk_span_text("answer"), now_ms), LK_OK);
}

static void expect_ack(enum lk_mis_opcode of, uint16_t tid, bool secured)
{
    assert_true(is_due());
    assert_int_equal(due.kind, LK_MIS_DUE_ACK);
    assert_int_equal(due.header.id, auth(of));
    assert_int_equal(due.header.tid, tid);
    assert_true(due.header.ack_response && !due.header.ack_request);
    assert_int_equal(due.header.secured, secured);
    assert_false(is_due());
}

/* spec: IEEE 802.21 8.2 - 1 to 4095, one after the other, none that is live. */
static void tids(void **state)
{
    struct lk_mis_header header;

    begin(true, 4093);
    assert_int_equal(sent(LK_MIS_REQUEST, false).tid, 4094);
    assert_int_equal(sent(LK_MIS_INDICATION, false).tid, 4095);
    assert_int_equal(sent(LK_MIS_REQUEST, false).tid, 1);
    x.next_tid = 4094;
    assert_int_equal(sent(LK_MIS_REQUEST, false).tid, 2);
    assert_int_equal(lk_mis_exchange_begin(&x, &header, auth(LK_MIS_REQUEST)), LK_OK);
    assert_int_equal(header.tid, 3);
    header.tid = 2; /* a live one is not sent */
    assert_int_equal(lk_mis_exchange_sent(&x, &header, lk_span_text("x"), now_ms), LK_E_FULL);
    assert_int_equal(hear_new(0), LK_OK); /* of others, 0 is one as well */
    begin(true, LK_MIS_TID_MAX);
    assert_int_equal(sent(LK_MIS_REQUEST, false).tid, 1);
}

/* spec: RFC 5677 6.3 - repeats of the same octets after 3 and 6 seconds; then silence, when the
 * transaction's time is over. */
static void a_request_is_repeated(void **state)
{
    static const uint64_t waits[] = { 3000, 6000 };
    struct lk_mis_header header;

    begin(true, 0);
    header = sent(LK_MIS_REQUEST, false);
    assert_true(header.ack_request && !header.ack_response);
    for (size_t i = 0; i < LK_COUNT_OF(waits); i++) {
        assert_int_equal(lk_mis_exchange_next_ms(&x), now_ms + waits[i]);
        now_ms += waits[i] - 1;
        assert_false(is_due());
        now_ms += 1;
        assert_true(is_due());
        assert_int_equal(due.kind, LK_MIS_DUE_SEND);
        assert_true(lk_span_equal(due.octets, lk_span_text("octets")));
        assert_false(is_due());
    }
    assert_int_equal(lk_mis_exchange_next_ms(&x), 1000 + LK_MIS_TRANSACTION_MS);
    now_ms = 1000 + LK_MIS_TRANSACTION_MS;
    assert_true(is_due());
    assert_int_equal(due.kind, LK_MIS_DUE_SILENT);
    assert_int_equal(due.header.tid, header.tid);
    assert_int_equal(due.header.id, header.id);
    assert_false(is_due());
    assert_int_equal(lk_mis_exchange_next_ms(&x), UINT64_MAX);
    assert_int_equal(hear(LK_MIS_RESPONSE, header.tid, false, false, false), LK_E_NOT_FOUND);
}

/* spec: RFC 5677 6.3 - two repeats, however short the time is, and no wait above 30 seconds. */
static void repeats_are_counted(void **state)
{
    begin(true, 0);
    x.first_ms = 100;
    (void)sent(LK_MIS_INDICATION, false);
    for (unsigned i = 0; i < LK_MIS_REPEATS; i++) {
        now_ms += 100u << i;
        assert_true(is_due() && due.kind == LK_MIS_DUE_SEND);
    }
    now_ms += 400;
    assert_true(is_due() && due.kind == LK_MIS_DUE_SILENT);
    begin(true, 0);
    x.first_ms = 14000;
    (void)sent(LK_MIS_REQUEST, false);
    now_ms += 14000;
    assert_true(is_due() && due.kind == LK_MIS_DUE_SEND);
    assert_int_equal(transactions[COUNT - 1].again_ms, now_ms + 28000);
    x.first_ms = 20000;
    transactions[COUNT - 1].again_ms = now_ms;
    transactions[COUNT - 1].repeats = 1;
    assert_true(is_due() && due.kind == LK_MIS_DUE_SEND);
    assert_int_equal(transactions[COUNT - 1].again_ms, now_ms + LK_MIS_REPEAT_MS);
}

static void an_acknowledged_request_is_not_repeated(void **state)
{
    struct lk_mis_header header;

    begin(true, 0);
    header = sent(LK_MIS_REQUEST, false);
    assert_int_equal(hear(LK_MIS_REQUEST, header.tid, false, true, false), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_ACK);
    now_ms += 10000;
    assert_false(is_due());
    assert_int_equal(hear(LK_MIS_REQUEST, header.tid, false, true, false), LK_OK);
    now_ms += 5000; /* and there was no answer */
    assert_true(is_due());
    assert_int_equal(due.kind, LK_MIS_DUE_SILENT);
    header = sent(LK_MIS_INDICATION, false); /* has none */
    assert_int_equal(hear(LK_MIS_INDICATION, header.tid, false, true, false), LK_OK);
    assert_int_equal(lk_mis_exchange_next_ms(&x), UINT64_MAX);
}

/* spec: IEEE 802.21 8.2 - an answer counts once; when it comes again, it is acknowledged again. */
static void an_answer_counts_once(void **state)
{
    uint16_t tid;

    begin(true, 0);
    tid = sent(LK_MIS_REQUEST, false).tid;
    assert_int_equal(hear(LK_MIS_RESPONSE, tid, false, false, false), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_ANSWER);
    expect_ack(LK_MIS_RESPONSE, tid, false);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(hear(LK_MIS_RESPONSE, tid, false, false, i == 1), LK_OK);
        assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
        expect_ack(LK_MIS_RESPONSE, tid, false);
    }
    assert_int_equal(hear(LK_MIS_RESPONSE, (uint16_t)(tid + 1), false, false, false),
                     LK_E_NOT_FOUND);
    now_ms += LK_MIS_TRANSACTION_MS;
    assert_false(is_due());
    assert_int_equal(hear(LK_MIS_RESPONSE, tid, false, false, false), LK_E_NOT_FOUND);
}

/* spec: IEEE 802.21 8.2 - a request that comes again is acknowledged, or answered, as before. */
static void a_request_is_processed_once(void **state)
{
    begin(true, 0);
    assert_int_equal(hear_new(7), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
    expect_ack(LK_MIS_REQUEST, 7, false); /* the answer is not there yet */
    assert_int_equal(hear_new(7), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
    expect_ack(LK_MIS_REQUEST, 7, false);
    answer(7);
    assert_false(is_due());
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(hear_new(7), LK_OK);
        assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
        assert_true(is_due());
        assert_int_equal(due.kind, LK_MIS_DUE_SEND);
        assert_true(lk_span_equal(due.octets, lk_span_text("answer")));
        assert_false(is_due());
        if (i == 1) {
            assert_int_equal(hear(LK_MIS_RESPONSE, 7, false, true, false), LK_OK);
            assert_int_equal(heard, LK_MIS_HEARD_ACK);
            assert_int_equal(hear(LK_MIS_RESPONSE, 7, false, true, false), LK_OK);
        }
    }
    now_ms += LK_MIS_TRANSACTION_MS;
    assert_false(is_due()); /* acknowledged: not repeated, and over in silence */
    assert_int_equal(hear_new(7), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
}

/* An answer that nobody acknowledges is repeated, and then kept for who asks again. */
static void an_answer_is_repeated(void **state)
{
    begin(true, 0);
    assert_int_equal(hear_new(7), LK_OK);
    answer(7); /* acknowledges by itself */
    assert_false(is_due());
    now_ms += 3000;
    assert_true(is_due() && due.kind == LK_MIS_DUE_SEND);
    now_ms += 6000;
    assert_true(is_due() && due.kind == LK_MIS_DUE_SEND);
    x.transaction[COUNT - 1].again_ms = now_ms;
    assert_false(is_due());
    assert_int_equal(hear_new(7), LK_OK);
    assert_true(is_due() && due.kind == LK_MIS_DUE_SEND);
}

static void an_answer_acknowledges_where_that_was_asked(void **state)
{
    struct lk_mis_header request = { .id = auth(LK_MIS_REQUEST), .tid = 9 }, header;

    begin(true, 0);
    assert_int_equal(lk_mis_exchange_answer(&x, &header, &request), LK_E_NOT_FOUND);
    assert_int_equal(lk_mis_exchange_hear(&x, &heard, &request, false, false, now_ms), LK_OK);
    assert_false(is_due());
    assert_int_equal(lk_mis_exchange_answer(&x, &header, &request), LK_OK);
    assert_true(header.ack_request && !header.ack_response);
    assert_int_equal(lk_mis_exchange_sent(&x, &header, lk_span_text("a"), now_ms), LK_OK);
    assert_int_equal(lk_mis_exchange_answer(&x, &header, &request), LK_E_NOT_FOUND); /* once */
    assert_int_equal(lk_mis_exchange_sent(&x, &header, lk_span_text("a"), now_ms), LK_E_NOT_FOUND);
    request.tid = 10;
    request.ack_request = true;
    assert_int_equal(lk_mis_exchange_hear(&x, &heard, &request, false, false, now_ms), LK_OK);
    assert_int_equal(lk_mis_exchange_answer(&x, &header, &request), LK_OK);
    assert_true(header.ack_request && header.ack_response);
}

static void an_indication_is_processed_once(void **state)
{
    begin(true, 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(hear(LK_MIS_INDICATION, 3, false, false, false), LK_OK);
        assert_int_equal(heard, i == 0 ? LK_MIS_HEARD_NEW : LK_MIS_HEARD_AGAIN);
        expect_ack(LK_MIS_INDICATION, 3, false);
    }
    /* A request of that TID is another thing of the same transaction: it came before. */
    assert_int_equal(hear_new(3), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
}

/* spec: RFC 5677 6 - over TCP nothing is acknowledged or repeated, whatever its bits say. */
static void over_tcp(void **state)
{
    struct lk_mis_header header;

    begin(false, 0);
    header = sent(LK_MIS_REQUEST, false);
    assert_false(header.ack_request);
    assert_int_equal(hear(LK_MIS_REQUEST, header.tid, false, true, false), LK_E_VALUE);
    now_ms += 14999;
    assert_false(is_due());
    assert_int_equal(hear(LK_MIS_RESPONSE, header.tid, false, false, false), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_ANSWER);
    assert_int_equal(lk_mis_exchange_next_ms(&x), UINT64_MAX);
    (void)sent(LK_MIS_INDICATION, false);
    assert_int_equal(hear(LK_MIS_INDICATION, 5, false, false, false), LK_OK);
    assert_int_equal(lk_mis_exchange_next_ms(&x), UINT64_MAX);
    assert_int_equal(hear_new(5), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
    assert_false(is_due());
    answer(5);
    assert_int_equal(lk_mis_exchange_next_ms(&x), UINT64_MAX);
    (void)sent(LK_MIS_REQUEST, false);
    now_ms += LK_MIS_TRANSACTION_MS;
    assert_true(is_due() && due.kind == LK_MIS_DUE_SILENT);
}

/* spec: IEEE 802.21 9 - what is under an SA is neither answered nor acknowledged in clear, and what
 * came in clear does not use up its TID. */
static void what_is_secured_stays_so(void **state)
{
    struct lk_mis_header header;

    begin(true, 0);
    header = sent(LK_MIS_REQUEST, true);
    assert_int_equal(hear(LK_MIS_REQUEST, header.tid, false, true, false), LK_E_DENIED);
    assert_int_equal(hear(LK_MIS_RESPONSE, header.tid, false, false, false), LK_E_DENIED);
    assert_int_equal(hear(LK_MIS_REQUEST, header.tid, true, true, false), LK_OK);
    assert_int_equal(hear(LK_MIS_RESPONSE, header.tid, true, false, false), LK_OK);
    expect_ack(LK_MIS_RESPONSE, header.tid, true);
    assert_int_equal(hear(LK_MIS_REQUEST, 44, false, false, false), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
    expect_ack(LK_MIS_REQUEST, 44, false);
    assert_int_equal(hear(LK_MIS_REQUEST, 44, true, false, false), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
    expect_ack(LK_MIS_REQUEST, 44, true);
    header = (struct lk_mis_header){ .secured = true, .id = auth(LK_MIS_REQUEST), .tid = 44 };
    assert_int_equal(lk_mis_exchange_answer(&x, &header, &header), LK_OK);
    assert_true(header.secured);
    assert_int_equal(lk_mis_exchange_sent(&x, &header, lk_span_text("answer"), now_ms), LK_OK);
    assert_int_equal(hear(LK_MIS_RESPONSE, 44, false, true, false), LK_E_UNEXPECTED);
    assert_int_equal(hear(LK_MIS_RESPONSE, 44, true, true, false), LK_OK);
}

/* T43: a PDU that verified before is known by its transaction, or is nothing: it is no request, no
 * answer to a later question of the same TID, and acknowledges nothing. */
static void what_is_replayed_is_not_new(void **state)
{
    uint16_t tid;

    begin(true, 0);
    assert_int_equal(hear(LK_MIS_REQUEST, 8, true, false, true), LK_E_SYNC);
    assert_int_equal(hear(LK_MIS_INDICATION, 8, true, false, true), LK_E_SYNC);
    assert_int_equal(hear(LK_MIS_REQUEST, 8, true, false, false), LK_OK);
    assert_int_equal(hear(LK_MIS_REQUEST, 8, true, false, true), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
    tid = sent(LK_MIS_REQUEST, true).tid;
    assert_int_equal(hear(LK_MIS_RESPONSE, tid, true, false, true), LK_E_SYNC);
    assert_int_equal(hear(LK_MIS_REQUEST, tid, true, true, true), LK_E_SYNC);
    assert_int_equal(hear(LK_MIS_RESPONSE, tid, true, false, false), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_ANSWER);
    assert_int_equal(hear(LK_MIS_RESPONSE, tid, true, false, true), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
}

/* spec: IEEE 802.21 8.2 - service and action are of the key: another action is another transaction,
 * and its answer is none to ours. */
static void a_tid_is_of_its_action(void **state)
{
    struct lk_mis_header other = {
        .id = lk_mis_message_id(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_RESPONSE, CODES) };

    begin(true, 0);
    other.tid = sent(LK_MIS_REQUEST, false).tid;
    assert_int_equal(lk_mis_exchange_hear(&x, &heard, &other, false, false, now_ms),
                     LK_E_NOT_FOUND);
    assert_int_equal(hear_new(7), LK_OK);
    other.id = lk_mis_message_id(LK_MIS_CAPABILITY_DISCOVER, LK_MIS_REQUEST, CODES);
    other.tid = 7;
    assert_int_equal(lk_mis_exchange_hear(&x, &heard, &other, false, false, now_ms), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
}

/* T44: a peer that asks without end has so many places, and this end still has its own. */
static void the_table_is_bounded(void **state)
{
    struct lk_mis_header header;
    uint16_t tid = 0;

    begin(true, 0);
    for (; tid < COUNT - LK_MIS_OWN_TRANSACTIONS; tid++)
        assert_int_equal(hear_new(tid), LK_OK);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(hear_new((uint16_t)(tid + i)), LK_E_FULL);
    assert_int_equal(hear_new(0), LK_OK); /* those that are known are served */
    assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
    (void)sent(LK_MIS_REQUEST, false);
    (void)sent(LK_MIS_REQUEST, false);
    assert_int_equal(lk_mis_exchange_begin(&x, &header, auth(LK_MIS_REQUEST)), LK_E_FULL);
    now_ms += LK_MIS_TRANSACTION_MS;
    while (is_due())
        ;
    assert_int_equal(hear_new(tid), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
}

/* A request of theirs that is answered, and whose answer is acknowledged: done with. */
static void done_with(uint16_t tid, bool secured)
{
    struct lk_mis_header request = { .id = auth(LK_MIS_REQUEST), .tid = tid, .secured = secured };
    struct lk_mis_header header;

    assert_int_equal(hear(LK_MIS_REQUEST, tid, secured, false, false), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
    assert_int_equal(lk_mis_exchange_answer(&x, &header, &request), LK_OK);
    assert_int_equal(lk_mis_exchange_sent(&x, &header, lk_span_text("answer"), now_ms), LK_OK);
    assert_int_equal(hear(LK_MIS_RESPONSE, tid, secured, true, false), LK_OK);
}

/* Three whole runs within the time of one transaction find room: the oldest that is done with gives
 * way, and what is under way does not. */
static void what_is_done_with_gives_way(void **state)
{
    uint16_t tid = 0;

    begin(true, 0);
    assert_int_equal(hear_new(99), LK_OK); /* under way */
    for (; tid < 4 * COUNT; tid++, now_ms++)
        done_with(tid, false);
    assert_int_equal(hear_new(99), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
    assert_int_equal(hear_new(tid - 1), LK_OK); /* the newest is still known, the oldest is not */
    assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
    assert_int_equal(hear_new(0), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
    (void)sent(LK_MIS_REQUEST, false);
}

/* T42: in clear, nobody makes us forget what is under an SA; under it (control) it gives way. */
static void in_clear_nothing_secured_gives_way(void **state)
{
    uint16_t tid = 0;

    begin(true, 0);
    for (; tid < COUNT - LK_MIS_OWN_TRANSACTIONS; tid++)
        done_with(tid, true);
    assert_int_equal(hear(LK_MIS_REQUEST, 500, false, false, false), LK_E_FULL);
    assert_int_equal(hear(LK_MIS_REQUEST, 500, true, false, false), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
}

static void a_message_may_be_too_long_for_udp(void **state)
{
    static const uint8_t octets[LK_MIS_KEPT_MAX + 1];
    struct lk_mis_header header, request = { .id = auth(LK_MIS_REQUEST), .tid = 7 };

    begin(true, 0);
    assert_int_equal(lk_mis_exchange_begin(&x, &header, auth(LK_MIS_REQUEST)), LK_OK);
    assert_int_equal(lk_mis_exchange_sent(&x, &header, LK_SPAN(octets), now_ms), LK_E_LENGTH);
    assert_int_equal(lk_mis_exchange_next_ms(&x), UINT64_MAX);
    assert_int_equal(lk_mis_exchange_sent(&x, &header, lk_span_of(octets, LK_MIS_KEPT_MAX), now_ms),
                     LK_OK);
    assert_int_equal(hear_new(7), LK_OK);
    assert_int_equal(lk_mis_exchange_answer(&x, &header, &request), LK_OK);
    assert_int_equal(lk_mis_exchange_sent(&x, &header, LK_SPAN(octets), now_ms), LK_E_LENGTH);
    expect_ack(LK_MIS_REQUEST, 7, false);
    answer(7);
    begin(false, 0);
    assert_int_equal(lk_mis_exchange_begin(&x, &header, auth(LK_MIS_REQUEST)), LK_OK);
    assert_int_equal(lk_mis_exchange_sent(&x, &header, LK_SPAN(octets), now_ms), LK_OK);
}

/* Both ends begin with the same TID and action: two transactions. */
/* What is awaited under an SA that is over is forgotten; what is done with, in clear or of theirs
 * stays. */
static void what_is_withdrawn_is_forgotten(void **state)
{
    struct lk_mis_header first, done, clear;

    for (int udp = 0; udp < 2; udp++) {
        begin(udp, 7);
        first = sent(LK_MIS_REQUEST, true);
        done = sent(LK_MIS_REQUEST, true);
        clear = sent(LK_MIS_REQUEST, false);
        assert_int_equal(hear(LK_MIS_RESPONSE, done.tid, true, false, false), LK_OK);
        assert_int_equal(hear(LK_MIS_REQUEST, 99, true, false, false), LK_OK);
        assert_int_equal(lk_mis_exchange_withdraw(&x, auth(LK_MIS_REQUEST), true), 1);
        assert_int_equal(lk_mis_exchange_withdraw(&x, auth(LK_MIS_REQUEST), true), 0);
        assert_int_equal(hear(LK_MIS_RESPONSE, first.tid, true, false, false), LK_E_NOT_FOUND);
        assert_int_equal(hear(LK_MIS_RESPONSE, clear.tid, false, false, false), LK_OK);
        assert_int_equal(hear(LK_MIS_REQUEST, 99, true, false, false), LK_OK);
        assert_int_equal(heard, LK_MIS_HEARD_AGAIN);
    }
}

static void both_may_begin_with_one_tid(void **state)
{
    uint16_t tid;

    begin(true, 0);
    tid = sent(LK_MIS_INDICATION, false).tid;
    assert_int_equal(hear_new(tid), LK_OK);
    assert_int_equal(heard, LK_MIS_HEARD_NEW);
    expect_ack(LK_MIS_REQUEST, tid, false);
    assert_int_equal(hear(LK_MIS_INDICATION, tid, false, true, false), LK_OK);
    answer(tid);
    assert_int_equal(hear(LK_MIS_RESPONSE, tid, false, true, false), LK_OK);
    assert_false(is_due());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tids),
        cmocka_unit_test(a_request_is_repeated),
        cmocka_unit_test(repeats_are_counted),
        cmocka_unit_test(an_acknowledged_request_is_not_repeated),
        cmocka_unit_test(an_answer_counts_once),
        cmocka_unit_test(a_request_is_processed_once),
        cmocka_unit_test(an_answer_is_repeated),
        cmocka_unit_test(an_answer_acknowledges_where_that_was_asked),
        cmocka_unit_test(an_indication_is_processed_once),
        cmocka_unit_test(over_tcp),
        cmocka_unit_test(what_is_secured_stays_so),
        cmocka_unit_test(what_is_replayed_is_not_new),
        cmocka_unit_test(a_tid_is_of_its_action),
        cmocka_unit_test(the_table_is_bounded),
        cmocka_unit_test(what_is_done_with_gives_way),
        cmocka_unit_test(in_clear_nothing_secured_gives_way),
        cmocka_unit_test(a_message_may_be_too_long_for_udp),
        cmocka_unit_test(what_is_withdrawn_is_forgotten),
        cmocka_unit_test(both_may_begin_with_one_tid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
