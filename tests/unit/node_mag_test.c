/* node/mag: many sessions of one gateway, whose answers find them, and whose clocks are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/mag.h"

enum { ROWS = 64 };
static const uint64_t NOW = UINT64_C(1780000000000);

struct rig {
    struct lk_mag mag;
    struct lk_mag_config config;
    struct lk_mag_outbox out;
    void *memory;
};

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    rig->memory = malloc(lk_mag_size(ROWS));
    lk_mag_in(&rig->mag, rig->memory, ROWS, 3);
    lk_mag_defaults(&rig->config);
    memcpy(rig->config.realm, "realm", 6);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    free(rig->memory);
    free(rig);
    return 0;
}

static struct lk_mag_register wish(uint32_t row, uint32_t epoch, const char *service)
{
    struct lk_mag_register wanted = { .ref = { row, epoch }, .service = lk_span_text(service),
                                      .token = lk_span_text("token"), .want_ipv4 = true };

    (void)snprintf(wanted.imsi.digits, sizeof wanted.imsi.digits, "00101%010u", row);
    return wanted;
}

static const struct lk_mag_output *find(const struct rig *rig, enum lk_mag_output_kind kind)
{
    for (size_t i = 0; i < rig->out.count; i++)
        if (rig->out.item[i].kind == kind)
            return &rig->out.item[i];
    return NULL;
}

/* The request in out, and a copy of its octets for the spans. */
static struct lk_mobility_message sent(const struct rig *rig, uint8_t room[LK_PMIP_MAG_OCTETS])
{
    const struct lk_mag_output *item = find(rig, LK_MAG_OUT_SEND);
    struct lk_mobility_message m;

    assert_non_null(item);
    memcpy(room, item->send.at, item->send.len);
    assert_int_equal(lk_mobility_decode(&m, lk_span_of(room, item->send.len)), LK_OK);
    return m;
}

static enum lk_status answer(struct rig *rig, const struct lk_mobility_message *request,
                             uint8_t status, uint64_t now_ms)
{
    struct lk_mobility_message pba = { .type = LK_MOBILITY_BA, .flags = LK_BA_PROXY,
                                       .status = status, .sequence = request->sequence,
                                       .lifetime = request->lifetime };
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_mobility_mark(&pba.options, LK_MO_MN_ID);
    pba.options.mn_id = request->options.mn_id;
    lk_mobility_mark(&pba.options, LK_MO_TIMESTAMP);
    pba.options.timestamp = request->options.timestamp;
    lk_mobility_mark(&pba.options, LK_MO_HANDOFF);
    lk_mobility_mark(&pba.options, LK_MO_ACCESS);
    lk_mobility_mark(&pba.options, LK_MO_IPV4_REPLY);
    pba.options.ipv4_reply.bits = 16;
    pba.options.ipv4_reply.address = (struct lk_mobility_ipv4){ { 10, 45, 0, 7 } };
    assert_int_equal(lk_mobility_encode(&w, &pba), LK_OK);
    return lk_mag_received(&rig->mag, &rig->config, lk_writer_span(&w), now_ms, &rig->out);
}

static void bind(struct rig *rig, uint32_t row, uint32_t epoch, const char *service,
                 uint64_t now_ms)
{
    struct lk_mag_register wanted = wish(row, epoch, service);
    uint8_t room[LK_PMIP_MAG_OCTETS];
    struct lk_mobility_message request;

    assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, now_ms, &rig->out), LK_OK);
    request = sent(rig, room);
    assert_int_equal(answer(rig, &request, LK_BA_ACCEPTED, now_ms), LK_OK);
    assert_int_equal(find(rig, LK_MAG_OUT_BOUND)->ref.row, row);
    assert_int_equal(find(rig, LK_MAG_OUT_BOUND)->ref.epoch, epoch);
}

/* spec: RFC 5213 6.9.1.1 - a request for each connection; each answer finds its own. */
static void answers_find_their_sessions_in_any_order(void **state)
{
    struct rig *rig = *state;
    static uint8_t room[ROWS][LK_PMIP_MAG_OCTETS];
    struct lk_mobility_message request[ROWS];

    for (uint32_t i = 0; i < ROWS; i++) {
        struct lk_mag_register wanted = wish(i / 2, 1, i % 2 == 0 ? "internet" : "ims");

        wanted.ref.row = i;
        assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out), LK_OK);
        request[i] = sent(rig, room[i]);
    }
    for (uint32_t i = ROWS; i-- > 0;) {
        assert_int_equal(answer(rig, &request[i], LK_BA_ACCEPTED, NOW + 5), LK_OK);
        assert_int_equal(find(rig, LK_MAG_OUT_BOUND)->ref.row, i);
        assert_int_equal(answer(rig, &request[i], LK_BA_ACCEPTED, NOW + 5), LK_E_NOT_FOUND);
    }
}

static void a_refusal_is_told_in_the_devices_words(void **state)
{
    static const struct {
        uint8_t status, cause;
    } table[] = {
        { LK_BA_RESOURCES, LK_WLCP_CAUSE_RESOURCES },
        { LK_BA_SERVICE_NOT_AUTHORIZED, LK_WLCP_CAUSE_APN_UNKNOWN },
        { LK_BA_IPV4_NOT_AUTHORIZED, LK_WLCP_CAUSE_PDN_TYPE_UNKNOWN },
        { LK_BA_MAG_NOT_AUTHORIZED, LK_WLCP_CAUSE_REJECTED_BY_ANCHOR },
        { LK_BA_PROHIBITED, LK_WLCP_CAUSE_REJECTED_BY_ANCHOR },
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < LK_COUNT_OF(table); i++) {
        struct lk_mag_register wanted = wish(1, 1, "internet");
        uint8_t room[LK_PMIP_MAG_OCTETS];
        struct lk_mobility_message request;

        assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out), LK_OK);
        request = sent(rig, room);
        assert_int_equal(answer(rig, &request, table[i].status, NOW), LK_OK);
        assert_int_equal(find(rig, LK_MAG_OUT_REFUSED)->refused.cause, table[i].cause);
        assert_int_equal(find(rig, LK_MAG_OUT_REFUSED)->refused.back_off_ms > 0, i == 0);
        assert_int_equal(rig->mag.count, 0);
    }
}

/* A silent anchor: so many tries, then the device is told; of a renewal, that it is over. */
static void silence_ends_a_registration_and_a_renewal(void **state)
{
    struct rig *rig = *state;
    struct lk_mag_register wanted = wish(1, 1, "internet");
    unsigned sendings = 0;
    uint64_t now_ms = NOW;

    assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out), LK_OK);
    while (find(rig, LK_MAG_OUT_REFUSED) == NULL) {
        sendings += find(rig, LK_MAG_OUT_SEND) != NULL;
        assert_false(lk_mag_expired(&rig->mag, &rig->config, lk_mag_due_ms(&rig->mag) - 1,
                                    &rig->out));
        now_ms = lk_mag_due_ms(&rig->mag);
        assert_true(lk_mag_expired(&rig->mag, &rig->config, now_ms, &rig->out));
    }
    assert_int_equal(sendings, rig->config.pmip.tries);
    assert_int_equal(find(rig, LK_MAG_OUT_REFUSED)->refused.cause,
                     LK_WLCP_CAUSE_NETWORK_FAILURE);
    assert_int_equal(lk_mag_due_ms(&rig->mag), UINT64_MAX);

    bind(rig, 1, 2, "internet", NOW);
    while (rig->mag.count > 0)
        assert_true(lk_mag_expired(&rig->mag, &rig->config, lk_mag_due_ms(&rig->mag), &rig->out));
    assert_int_equal(find(rig, LK_MAG_OUT_UNBOUND)->ref.epoch, 2);
}

/* What is released and wanted again at once is not taken away by a repeated release. */
static void a_new_session_puts_an_end_to_the_release_before(void **state)
{
    struct rig *rig = *state;
    uint8_t room[LK_PMIP_MAG_OCTETS];
    struct lk_mobility_message release;

    bind(rig, 1, 1, "internet", NOW);
    assert_int_equal(lk_mag_deregister(&rig->mag, &rig->config, (struct lk_mag_ref){ 1, 1 }, NOW,
                                       &rig->out), LK_OK);
    release = sent(rig, room);
    assert_int_equal(release.lifetime, 0);
    assert_int_equal(lk_mag_deregister(&rig->mag, &rig->config, (struct lk_mag_ref){ 1, 1 }, NOW,
                                       &rig->out), LK_E_NOT_FOUND);
    bind(rig, 1, 2, "internet", NOW + 1);
    assert_int_equal(rig->mag.count, 1);
    assert_int_equal(answer(rig, &release, LK_BA_ACCEPTED, NOW + 2), LK_E_NOT_FOUND);
    assert_true(lk_mag_due_ms(&rig->mag) > NOW + 1000000);

    assert_int_equal(lk_mag_deregister(&rig->mag, &rig->config, (struct lk_mag_ref){ 1, 2 }, NOW,
                                       &rig->out), LK_OK);
    release = sent(rig, room);
    assert_int_equal(answer(rig, &release, LK_BA_ACCEPTED, NOW + 2), LK_OK);
    assert_int_equal(rig->mag.count, 0);
}

/* T31: the newest token goes with what is sent from then on. */
static void a_refresh_changes_the_token_and_says_what_is_bound(void **state)
{
    struct rig *rig = *state;
    struct lk_mag_register wanted = wish(1, 1, "internet");
    uint8_t room[LK_PMIP_MAG_OCTETS];
    struct lk_mobility_message request;

    bind(rig, 1, 1, "internet", NOW);
    wanted.token = lk_span_text("newer");
    assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out), LK_OK);
    assert_int_equal(rig->out.count, 1);
    assert_int_equal(find(rig, LK_MAG_OUT_BOUND)->bound.ipv4.octets[3], 7);
    assert_true(lk_mag_expired(&rig->mag, &rig->config, lk_mag_due_ms(&rig->mag), &rig->out));
    request = sent(rig, room);
    assert_true(lk_span_equal(lk_mobility_vendor_data(&request.options,
                                                      rig->config.pmip.enterprise,
                                                      LK_PMIP_TOKEN_SUBTYPE),
                              lk_span_text("newer")));
}

static void who_has_the_service_already_is_refused(void **state)
{
    struct rig *rig = *state;
    struct lk_mag_register wanted = wish(1, 1, "internet");

    bind(rig, 1, 1, "internet", NOW);
    wanted.ref.row = 2;
    assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out),
                     LK_E_EXISTS);
    wanted = wish(1, 2, "ims");
    assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out),
                     LK_E_EXISTS);
    wanted = wish(3, 1, "internet");
    wanted.want_ipv4 = false;
    assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out),
                     LK_E_VALUE);
    assert_int_equal(rig->mag.count, 1);
}

/* The clocks of many: those that come go, in the order of their times. */
static void the_heap_keeps_the_order(void **state)
{
    struct rig *rig = *state;
    uint32_t seed = 1, epoch = 0;

    for (unsigned round = 0; round < 4000; round++) {
        uint32_t row;
        uint64_t least = UINT64_MAX;

        seed = seed * 1664525 + 1013904223;
        row = seed >> 16 & (ROWS - 1);
        if (rig->mag.by_ref[row] == 0)
            bind(rig, row, ++epoch, "internet", NOW + (seed >> 8));
        else
            (void)!lk_mag_deregister(&rig->mag, &rig->config,
                                     rig->mag.session[rig->mag.by_ref[row] - 1].ref,
                                     NOW + (seed >> 8), &rig->out);
        for (uint32_t i = 0; i < rig->mag.touched; i++)
            if (rig->mag.session[i].used && rig->mag.session[i].due_ms < least)
                least = rig->mag.session[i].due_ms;
        assert_int_equal(lk_mag_due_ms(&rig->mag), least);
    }
}

/* When the anchor is back all are told to it again, a few in a millisecond; what is due before its
 * turn is not put off. */
static void hastening_puts_nothing_off(void **state)
{
    struct rig *rig = *state;

    for (uint32_t row = 0; row < 9; row++)
        bind(rig, row, 1, "internet", NOW);
    lk_mag_hasten(&rig->mag, NOW + 5);
    assert_int_equal(lk_mag_due_ms(&rig->mag), NOW + 5);
    for (uint32_t i = 0; i < rig->mag.count; i++)
        assert_int_equal(rig->mag.session[rig->mag.heap[i]].due_ms, NOW + 5 + i / 4);
    lk_mag_hasten(&rig->mag, NOW + 500);
    for (uint32_t i = 0; i < rig->mag.count; i++)
        assert_int_equal(rig->mag.session[rig->mag.heap[i]].due_ms, NOW + 5 + i / 4);
}

/* docs/keys.md: a session that is over leaves nothing of its token in memory, in whichever way it
 * ended: refused, released, given up, or never begun. */
static void a_session_that_is_over_leaves_no_token(void **state)
{
    static const char token[] = "a token that is found nowhere else";
    struct rig *rig = *state;

    for (unsigned way = 0; way < 4; way++) {
        struct lk_mag_register wanted = wish(1, way + 1, "internet");
        uint8_t room[LK_PMIP_MAG_OCTETS];
        struct lk_mobility_message request;

        wanted.token = lk_span_text(token);
        wanted.want_ipv4 = way < 3; /* the last one asks for no address, and fails */
        assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out),
                         way < 3 ? LK_OK : LK_E_VALUE);
        if (way < 3) {
            assert_non_null(memmem(rig->memory, lk_mag_size(ROWS), token, sizeof token - 1));
            request = sent(rig, room);
            assert_int_equal(answer(rig, &request,
                                    way == 0 ? LK_BA_PROHIBITED : LK_BA_ACCEPTED, NOW), LK_OK);
        }
        if (way == 1) {
            assert_int_equal(lk_mag_deregister(&rig->mag, &rig->config, wanted.ref, NOW,
                                               &rig->out), LK_OK);
            request = sent(rig, room);
            assert_int_equal(answer(rig, &request, LK_BA_ACCEPTED, NOW), LK_OK);
        }
        while (rig->mag.count > 0)
            assert_true(lk_mag_expired(&rig->mag, &rig->config, lk_mag_due_ms(&rig->mag),
                                       &rig->out));
        assert_null(memmem(rig->memory, lk_mag_size(ROWS), token, sizeof token - 1));
    }
}

/* Every truncation, and what is nobody's. */
static void what_is_no_answer_changes_nothing(void **state)
{
    struct rig *rig = *state;
    struct lk_mag_register wanted = wish(1, 1, "internet");
    uint8_t *before = malloc(lk_mag_size(ROWS)), room[LK_PMIP_MAG_OCTETS];
    struct lk_mobility_message request;

    assert_int_equal(lk_mag_register(&rig->mag, &rig->config, &wanted, NOW, &rig->out), LK_OK);
    request = sent(rig, room);
    memcpy(before, rig->memory, lk_mag_size(ROWS));
    for (size_t len = 0; len < 40; len++)
        assert_int_not_equal(lk_mag_received(&rig->mag, &rig->config, lk_span_of(room, len), NOW,
                                             &rig->out), LK_OK);
    request.sequence++;
    assert_int_equal(answer(rig, &request, LK_BA_ACCEPTED, NOW), LK_E_NOT_FOUND);
    request.options.mn_id.id = lk_span_text("0001010000000002@realm");
    request.sequence--;
    assert_int_equal(answer(rig, &request, LK_BA_ACCEPTED, NOW), LK_E_NOT_FOUND);
    request.options.mn_id.id = lk_span_text("somebody");
    assert_int_equal(answer(rig, &request, LK_BA_ACCEPTED, NOW), LK_E_NOT_FOUND);
    assert_memory_equal(before, rig->memory, lk_mag_size(ROWS));
    free(before);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(answers_find_their_sessions_in_any_order),
        TEST(a_refusal_is_told_in_the_devices_words),
        TEST(silence_ends_a_registration_and_a_renewal),
        TEST(a_new_session_puts_an_end_to_the_release_before),
        TEST(a_refresh_changes_the_token_and_says_what_is_bound),
        TEST(who_has_the_service_already_is_refused),
        TEST(the_heap_keeps_the_order),
        TEST(hastening_puts_nothing_off),
        TEST(a_session_that_is_over_leaves_no_token),
        TEST(what_is_no_answer_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
