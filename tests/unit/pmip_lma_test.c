/* proto/pmip/lma: what the anchor's machine does with each request in each state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/pmip/lma.h"

enum { MAG_1 = 1, MAG_2 = 2 };
static const uint64_t NOW = UINT64_C(1767225600500);

static struct lk_pmip_lma_config config;
static struct lk_pmip_lease lease;

static int setup(void **state)
{
    lk_pmip_lma_defaults(&config);
    memset(&lease, 0, sizeof lease);
    lease.has_prefix = lease.has_ipv4 = true;
    assert_int_equal(lk_address_prefix_parse(&lease.prefix, "2001:db8:45:7::/64"), LK_OK);
    lease.ipv4 = (struct lk_mobility_ipv4){ { 10, 45, 0, 7 } };
    lease.ipv4_bits = 16;
    lease.ipv4_router = (struct lk_mobility_ipv4){ { 10, 45, 0, 1 } };
    return 0;
}

/* A request with all that it must have. */
static struct lk_mobility_message pbu(uint64_t at_ms, uint16_t sequence, uint16_t lifetime)
{
    struct lk_mobility_message m = { .type = LK_MOBILITY_BU, .sequence = sequence,
                                     .lifetime = lifetime,
                                     .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY };
    static const enum lk_mobility_option_type there[] = { LK_MO_MN_ID, LK_MO_PREFIX, LK_MO_HANDOFF,
                                                          LK_MO_ACCESS, LK_MO_TIMESTAMP,
                                                          LK_MO_IPV4_REQUEST };

    for (size_t i = 0; i < LK_COUNT_OF(there); i++)
        lk_mobility_mark(&m.options, there[i]);
    m.options.mn_id.subtype = LK_MN_ID_NAI;
    m.options.mn_id.id = lk_span_text("0001010123456789@realm");
    m.options.prefix_count = 1;
    m.options.handoff = LK_HANDOFF_NEW;
    m.options.access = LK_ACCESS_80211;
    m.options.timestamp = lk_mobility_timestamp_of(at_ms);
    return m;
}

struct lma_asked {
    struct lk_mobility_message request;
    struct lk_pmip_lma_event event;
};

static void ask(struct lma_asked *a, uint64_t now_ms, uint32_t mag, uint64_t attach_ms,
                uint16_t lifetime)
{
    static uint64_t digest;

    a->request = pbu(now_ms, (uint16_t)++digest, lifetime);
    a->event = (struct lk_pmip_lma_event){ .kind = LK_PMIP_LMA_EV_REQUEST, .now_ms = now_ms,
                                           .request = &a->request, .lease = &lease, .mag = mag,
                                           .attach_ms = attach_ms, .digest = digest };
}

static struct lk_mobility_message answer_of(const struct lk_pmip_lma_outbox *out)
{
    const struct lk_pmip_lma_output *item = lk_pmip_lma_find(out, LK_PMIP_LMA_OUT_SEND);
    struct lk_mobility_message pba;

    assert_non_null(item);
    assert_int_equal(lk_mobility_decode(&pba, item->send), LK_OK);
    assert_int_equal(pba.type, LK_MOBILITY_BA);
    assert_int_equal(pba.flags, LK_BA_PROXY);
    return pba;
}

static int changed(const struct lk_pmip_lma_outbox *out)
{
    const struct lk_pmip_lma_output *item = lk_pmip_lma_find(out, LK_PMIP_LMA_OUT_CHANGED);

    return item == NULL ? 0 : (int)item->changed;
}

/* One request that is accepted. */
static void accepted(struct lk_pmip_lma *lma, uint64_t now_ms, uint32_t mag, uint64_t attach_ms,
                     uint16_t lifetime, int change)
{
    struct lk_pmip_lma_outbox out;
    struct lma_asked a;

    ask(&a, now_ms, mag, attach_ms, lifetime);
    assert_int_equal(lk_pmip_lma_step(lma, &config, &a.event, &out), LK_OK);
    assert_int_equal(answer_of(&out).status, LK_BA_ACCEPTED);
    assert_int_equal(changed(&out), change);
}

static void refused(struct lk_pmip_lma *lma, const struct lk_pmip_lma_event *event, uint8_t status)
{
    struct lk_pmip_lma before = *lma;
    struct lk_pmip_lma_outbox out;

    assert_int_equal(lk_pmip_lma_step(lma, &config, event, &out), LK_OK);
    assert_int_equal(answer_of(&out).status, status);
    assert_int_equal(lk_pmip_lma_find(&out, LK_PMIP_LMA_OUT_REFUSED)->refused.status, status);
    assert_true(lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(lma, sizeof *lma)));
}

static void expired(struct lk_pmip_lma *lma, uint64_t now_ms, struct lk_pmip_lma_outbox *out)
{
    struct lk_pmip_lma_event event = { .kind = LK_PMIP_LMA_EV_EXPIRED, .now_ms = now_ms };

    assert_int_equal(lk_pmip_lma_step(lma, &config, &event, out), LK_OK);
}

/* spec: RFC 5213 5.3.2 - registration.
 * spec: RFC 5213 5.3.6 - what the answer carries.
 * spec: RFC 5844 3.1.2 - both families. */
static void a_first_request_binds(void **state)
{
    struct lk_pmip_lma lma;
    struct lk_pmip_lma_outbox out;
    struct lk_mobility_message pba;
    struct lma_asked a;

    lk_pmip_lma_init(&lma);
    ask(&a, NOW, MAG_1, NOW - 50, 450);
    lk_mobility_mark(&a.request.options, LK_MO_LINK_LOCAL);
    a.request.options.link_layer_id = lk_span_text("\2\0\0\0\0\1");
    lk_mobility_mark(&a.request.options, LK_MO_LINK_LAYER_ID);
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    pba = answer_of(&out);
    assert_int_equal(pba.status, LK_BA_ACCEPTED);
    assert_int_equal(pba.sequence, a.request.sequence);
    assert_int_equal(pba.lifetime, 450);
    assert_true(lk_span_equal(pba.options.mn_id.id, a.request.options.mn_id.id));
    assert_int_equal(pba.options.prefix_count, 1);
    assert_true(lk_address_prefix_equal(&pba.options.prefix[0], &lease.prefix));
    assert_int_equal(pba.options.handoff, LK_HANDOFF_NEW);
    assert_int_equal(pba.options.access, LK_ACCESS_80211);
    assert_true(pba.options.timestamp == a.request.options.timestamp);
    assert_int_equal(pba.options.link_local.octets[0], 0xfe);
    assert_int_equal(pba.options.ipv4_reply.status, LK_IPV4_HOME_OK);
    assert_int_equal(pba.options.ipv4_reply.address.octets[3], 7);
    assert_int_equal(pba.options.ipv4_reply.bits, 16);
    assert_int_equal(pba.options.ipv4_router.octets[3], 1);
    assert_int_equal(changed(&out), LK_PMIP_CREATED);
    assert_int_equal(lma.state, LK_PMIP_LMA_ACTIVE);
    assert_int_equal(lma.mag, MAG_1);
    assert_int_equal(lma.epoch, 1);
    assert_int_equal(lk_pmip_lma_find(&out, LK_PMIP_LMA_OUT_TIMER)->timer_ms, NOW + 1800000);
}

/* spec: RFC 5213 5.3.1 - the granted lifetime is at most ours.
 * spec: RFC 5213 5.3.3 - renewal.
 * spec: RFC 5213 5.3.4 - move. */
static void it_is_renewed_and_moves(void **state)
{
    struct lk_pmip_lma lma;
    struct lk_pmip_lma_outbox out;

    lk_pmip_lma_init(&lma);
    accepted(&lma, NOW, MAG_1, NOW, 0xffff, LK_PMIP_CREATED);
    assert_int_equal(lma.lifetime, config.lifetime_max);
    accepted(&lma, NOW + 10, MAG_1, NOW, 10, LK_PMIP_RENEWED);
    assert_int_equal(lma.epoch, 1);
    accepted(&lma, NOW + 20, MAG_2, NOW + 15, 10, LK_PMIP_MOVED);
    assert_int_equal(lma.epoch, 2);
    assert_int_equal(lma.mag, MAG_2);
    /* And when nobody renews it, it ends. */
    assert_int_equal(lma.due_ms, NOW + 20 + 40000);
    expired(&lma, lma.due_ms, &out);
    assert_int_equal(changed(&out), LK_PMIP_ENDED);
    assert_int_equal(lma.epoch, 3);
    assert_int_equal(lma.mag, 0);
}

/* T11: a release from another gateway keeps the binding.
 * spec: RFC 5213 5.3.5 - releases; MinDelayBeforeBCEDelete. */
static void a_release_is_the_owners(void **state)
{
    struct lk_pmip_lma lma, before;
    struct lk_pmip_lma_outbox out;
    struct lma_asked a;

    lk_pmip_lma_init(&lma);
    accepted(&lma, NOW, MAG_1, NOW, 900, LK_PMIP_CREATED);
    accepted(&lma, NOW + 20, MAG_2, NOW + 15, 900, LK_PMIP_MOVED);
    before = lma;
    accepted(&lma, NOW + 30, MAG_1, NOW, 0, 0);       /* late: the device has left it */
    accepted(&lma, NOW + 31, MAG_1, NOW + 29, 0, 0);  /* even with a newer attachment */
    assert_true(lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&lma, sizeof lma)));
    accepted(&lma, NOW + 40, MAG_2, NOW + 15, 0, LK_PMIP_RELEASED);
    assert_int_equal(lma.state, LK_PMIP_LMA_LEAVING);
    assert_int_equal(lma.due_ms, NOW + 40 + 10000);
    /* Before the delay is over: nothing. */
    ask(&a, NOW, MAG_1, NOW, 1);
    a.event.kind = LK_PMIP_LMA_EV_EXPIRED;
    a.event.now_ms = NOW + 9000;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_E_UNEXPECTED);
    /* It may come back, or go to another, meanwhile: no new address, no gap in epochs. */
    accepted(&lma, NOW + 50, MAG_2, NOW + 15, 900, LK_PMIP_RETURNED);
    assert_int_equal(lma.epoch, 2);
    accepted(&lma, NOW + 60, MAG_2, NOW + 15, 0, LK_PMIP_RELEASED);
    accepted(&lma, NOW + 70, MAG_1, NOW + 65, 900, LK_PMIP_MOVED);
    accepted(&lma, NOW + 80, MAG_1, NOW + 65, 0, LK_PMIP_RELEASED);
    expired(&lma, NOW + 80 + 10000, &out);
    assert_int_equal(changed(&out), LK_PMIP_ENDED);
    assert_int_equal(lma.state, LK_PMIP_LMA_NONE);
    /* What is not there is released at once. */
    accepted(&lma, NOW + 11000, MAG_1, NOW + 65, 0, 0);
}

/* spec: RFC 5213 4.1 - an attachment that the AAA saw earlier than the last accepted moves nothing.
 */
static void an_old_attachment_moves_nothing(void **state)
{
    struct lk_pmip_lma lma;
    struct lma_asked a;

    lk_pmip_lma_init(&lma);
    accepted(&lma, NOW, MAG_1, NOW, 900, LK_PMIP_CREATED);
    ask(&a, NOW + 10, MAG_2, NOW - 1, 900);
    refused(&lma, &a.event, LK_BA_MAG_NOT_AUTHORIZED);
    ask(&a, NOW + 10, MAG_2, NOW, 900); /* as old is not newer */
    refused(&lma, &a.event, LK_BA_MAG_NOT_AUTHORIZED);
    ask(&a, NOW + 10, MAG_1, NOW - 1, 900);
    refused(&lma, &a.event, LK_BA_MAG_NOT_AUTHORIZED);
}

/* spec: RFC 5213 5.5 - timestamps of a device only grow. Invariant 10. */
static void an_old_timestamp_is_refused(void **state)
{
    struct lk_pmip_lma lma;
    struct lma_asked a;

    lk_pmip_lma_init(&lma);
    accepted(&lma, NOW, MAG_1, NOW, 900, LK_PMIP_CREATED);
    ask(&a, NOW, MAG_1, NOW, 900);
    refused(&lma, &a.event, LK_BA_TIMESTAMP_LOWER);
    ask(&a, NOW - 1, MAG_1, NOW, 0);
    refused(&lma, &a.event, LK_BA_TIMESTAMP_LOWER);
    ask(&a, NOW - 1, MAG_2, NOW + 1, 900);
    refused(&lma, &a.event, LK_BA_TIMESTAMP_LOWER);
}

/* spec: RFC 6275 9.5.1 - sequence numbers modulo 65536.
 * spec: RFC 6275 9.5.4 - a stale one is answered with the last accepted. */
static void sequence_numbers_order_without_timestamps(void **state)
{
    struct lk_pmip_lma lma;
    struct lk_pmip_lma_outbox out;
    struct lma_asked a;

    config.timestamps = false;
    lk_pmip_lma_init(&lma);
    ask(&a, NOW, MAG_1, NOW, 900);
    a.request.sequence = 0xfff0;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    ask(&a, NOW, MAG_1, NOW, 900);
    a.request.sequence = 5;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    assert_int_equal(answer_of(&out).status, LK_BA_ACCEPTED);
    ask(&a, NOW, MAG_1, NOW, 900);
    a.request.sequence = 0xfff1;
    refused(&lma, &a.event, LK_BA_SEQUENCE);
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    assert_int_equal(answer_of(&out).sequence, 5);
    /* The numbers of another gateway are its own: the attachment orders the two. */
    ask(&a, NOW, MAG_2, NOW + 1, 900);
    a.request.sequence = 1;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    assert_int_equal(changed(&out), LK_PMIP_MOVED);
    assert_int_equal(lma.timestamp, 0);
}

/* Invariant 11: the same request again has the same answer and no effect; not so when what it
 * registered has ended. */
static void a_repeat_has_the_same_answer(void **state)
{
    struct lk_pmip_lma lma, before;
    struct lk_pmip_lma_outbox first, again;
    struct lma_asked a;

    lk_pmip_lma_init(&lma);
    for (unsigned lifetime = 0; lifetime < 2; lifetime++) {
        accepted(&lma, NOW + lifetime * 10, MAG_1, NOW, 900, lifetime ? LK_PMIP_RETURNED
                                                                      : LK_PMIP_CREATED);
        ask(&a, NOW + lifetime * 10 + 1, MAG_1, NOW, lifetime ? 900 : 0);
        assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &first), LK_OK);
        before = lma;
        a.event.now_ms += 5000; /* the window does not matter to it */
        assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &again), LK_OK);
        assert_true(lk_span_equal(first.item[first.count - 1].send, again.item[0].send) ||
                    lk_span_equal(
                        lk_pmip_lma_find(&first, LK_PMIP_LMA_OUT_SEND)->send, again.item[0].send));
        assert_int_equal(again.count, 1);
        assert_true(
            lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&lma, sizeof lma)));
    }
    expired(&lma, lma.due_ms, &again);
    refused(&lma, &a.event, LK_BA_TIMESTAMP_LOWER);
}

/* spec: RFC 5213 5.4.1.2 - handoff unknown: MaxDelayBeforeNewBCEAssign. */
static void an_unknown_handoff_waits_for_the_old_gateway(void **state)
{
    struct lk_pmip_lma lma;
    struct lk_pmip_lma_outbox out;
    struct lma_asked a;

    /* The time passes. */
    lk_pmip_lma_init(&lma);
    accepted(&lma, NOW, MAG_1, NOW, 900, LK_PMIP_CREATED);
    ask(&a, NOW + 10, MAG_2, NOW + 5, 900);
    a.request.options.handoff = LK_HANDOFF_UNKNOWN;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    assert_null(lk_pmip_lma_find(&out, LK_PMIP_LMA_OUT_SEND));
    assert_non_null(lk_pmip_lma_find(&out, LK_PMIP_LMA_OUT_HOLD));
    assert_int_equal(lma.state, LK_PMIP_LMA_HELD);
    assert_int_equal(lma.due_ms, NOW + 10 + 1500);
    assert_int_equal(lma.mag, MAG_1);
    accepted(&lma, NOW + 9, MAG_1, NOW, 900, LK_PMIP_RENEWED); /* traffic goes on */
    assert_int_equal(lma.state, LK_PMIP_LMA_HELD);
    assert_int_equal(lma.due_ms, NOW + 10 + 1500);
    expired(&lma, NOW + 1510, &out);
    assert_non_null(lk_pmip_lma_find(&out, LK_PMIP_LMA_OUT_RESUME));
    a.event.waited = true;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    assert_int_equal(changed(&out), LK_PMIP_MOVED);
    /* The old one releases. */
    ask(&a, NOW + 20, MAG_1, NOW + 15, 900);
    a.request.options.handoff = LK_HANDOFF_UNKNOWN;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    {
        struct lma_asked release;

        ask(&release, NOW + 15, MAG_2, NOW + 5, 0);
        assert_int_equal(lk_pmip_lma_step(&lma, &config, &release.event, &out), LK_OK);
    }
    assert_int_equal(changed(&out), LK_PMIP_RELEASED);
    assert_non_null(lk_pmip_lma_find(&out, LK_PMIP_LMA_OUT_RESUME));
    a.event.waited = true;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    assert_int_equal(changed(&out), LK_PMIP_MOVED);
    assert_int_equal(lma.mag, MAG_1);
    /* Without the delay there is none. */
    config.max_assign_ms = 0;
    ask(&a, NOW + 30, MAG_2, NOW + 25, 900);
    a.request.options.handoff = LK_HANDOFF_UNKNOWN;
    assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
    assert_int_equal(changed(&out), LK_PMIP_MOVED);
}

/* spec: RFC 5213 5.3.1 - addresses that are not the device's. */
static void foreign_addresses_are_refused(void **state)
{
    static const struct {
        const char *prefix[2];
        uint8_t ipv4;   /* last octet asked for; 0 any; 255: not asked */
        bool has_prefix, has_ipv4;
        uint8_t status; /* in NONE */
        uint8_t bound;  /* in ACTIVE */
        uint8_t ipv4_status;
    } rows[] = {
        { { "::/0" }, 0, true, true, 0, 0, LK_IPV4_HOME_OK },
        { { "2001:db8:45:7::/64" }, 7, true, true, 0, 0, LK_IPV4_HOME_OK },
        { { "2001:db8:45:8::/64" }, 7, true, true, 155, 155, 0 },
        { { "2001:db8:45:7::/63" }, 7, true, true, 155, 155, 0 },
        { { "2001:db8:45:7::/64", "2001:db8:45:8::/64" }, 255, true, true, 155, 159, 0 },
        { { "::/0" }, 8, true, true, 171, 171, 0 },
        { { NULL }, 8, true, true, 171, 171, 0 },
        { { NULL }, 0, true, false, 170, 170, 0 },
        { { NULL }, 0, false, true, 0, 0, LK_IPV4_HOME_OK },
        { { "::/0" }, 0, true, false, 0, 0, LK_IPV4_HOME_NO_DYNAMIC },
        { { "::/0" }, 9, true, false, 0, 0, LK_IPV4_HOME_PROHIBITED },
        { { "::/0" }, 255, false, true, 172, 172, 0 },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows) * 2; i++) {
        bool bound = i % 2 == 1;
        uint8_t status = bound ? rows[i / 2].bound : rows[i / 2].status;
        struct lk_pmip_lma lma;
        struct lk_pmip_lma_outbox out;
        struct lk_mobility_message pba;
        struct lk_mobility_options *o;
        struct lma_asked a;

        lk_pmip_lma_init(&lma);
        if (bound)
            accepted(&lma, NOW, MAG_1, NOW, 900, LK_PMIP_CREATED);
        ask(&a, NOW + 1, MAG_1, NOW, 900);
        o = &a.request.options;
        o->prefix_count = 0;
        o->present &= ~(UINT64_C(1) << LK_MO_PREFIX | UINT64_C(1) << LK_MO_IPV4_REQUEST);
        for (size_t p = 0; p < 2 && rows[i / 2].prefix[p] != NULL; p++) {
            assert_int_equal(lk_address_prefix_parse(&o->prefix[p], rows[i / 2].prefix[p]), LK_OK);
            o->prefix_count++;
            lk_mobility_mark(o, LK_MO_PREFIX);
        }
        if (rows[i / 2].ipv4 != 255)
            lk_mobility_mark(o, LK_MO_IPV4_REQUEST);
        if (rows[i / 2].ipv4 != 255 && rows[i / 2].ipv4 != 0)
            o->ipv4_request.address = (struct lk_mobility_ipv4){ { 10, 45, 0, rows[i / 2].ipv4 } };
        lease.has_prefix = rows[i / 2].has_prefix;
        lease.has_ipv4 = rows[i / 2].has_ipv4;
        if (status != 0) {
            refused(&lma, &a.event, status);
            setup(NULL);
            continue;
        }
        assert_int_equal(lk_pmip_lma_step(&lma, &config, &a.event, &out), LK_OK);
        pba = answer_of(&out);
        assert_int_equal(pba.status, status);
        assert_int_equal(pba.options.ipv4_reply.status, rows[i / 2].ipv4_status);
        setup(NULL);
    }
}

/* spec: RFC 5213 5.3.1 - what must be there.
 * spec: RFC 5213 5.5 - the window of the timestamp, and our clock in the answer.
 * spec: RFC 5213 8.1 - flags. */
static void a_request_is_checked_before_anything(void **state)
{
    static const struct {
        enum lk_mobility_option_type without;
        uint8_t status;
    } rows[] = {
        { LK_MO_MN_ID, 160 },
        { LK_MO_HANDOFF, 161 },
        { LK_MO_ACCESS, 162 },
        { LK_MO_TIMESTAMP, 156 },
        { LK_MO_PREFIX, 0 }, /* an IPv4 request is there */
        { LK_MO_IPV4_REQUEST, 0 },
    };
    struct lk_mobility_message m = pbu(NOW, 1, 900), pba;
    struct lk_pmip_verdict verdict;
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        m = pbu(NOW, 1, 900);
        m.options.present &= ~(UINT64_C(1) << rows[i].without);
        assert_int_equal(lk_pmip_lma_check(&verdict, &config, &m, NOW),
                         rows[i].status == 0 ? LK_OK : LK_E_DENIED);
        assert_int_equal(verdict.status, rows[i].status);
    }
    m = pbu(NOW, 1, 900);
    m.options.present &= ~(UINT64_C(1) << LK_MO_PREFIX | UINT64_C(1) << LK_MO_IPV4_REQUEST);
    assert_int_equal(lk_pmip_lma_check(&verdict, &config, &m, NOW), LK_E_DENIED);
    assert_int_equal(verdict.status, LK_BA_MISSING_PREFIX);
    for (int off = -301; off <= 301; off += 602 / 2) {
        m = pbu(NOW, 1, 900);
        assert_int_equal(lk_pmip_lma_check(&verdict, &config, &m, NOW + (uint64_t)(int64_t)off),
                         off == 0 ? LK_OK : LK_E_DENIED);
        assert_int_equal(lk_pmip_lma_check(&verdict, &config, &m,
                                           NOW + (uint64_t)(int64_t)(off * 300 / 301)),
                         LK_OK);
    }
    m.options.timestamp = UINT64_MAX;
    assert_int_equal(lk_pmip_lma_check(&verdict, &config, &m, NOW), LK_E_DENIED);
    assert_int_equal(verdict.status, LK_BA_TIMESTAMP_MISMATCH);
    assert_int_equal(lk_pmip_lma_refuse(&w, &config, &m, verdict.status, NOW), LK_OK);
    assert_int_equal(lk_mobility_decode(&pba, lk_writer_span(&w)), LK_OK);
    assert_int_equal(lk_mobility_timestamp_ms(pba.options.timestamp), NOW);
    config.timestamps = false;
    assert_int_equal(lk_pmip_lma_check(&verdict, &config, &m, NOW), LK_OK);
    for (unsigned bit = 0; bit < 3; bit++) {
        static const uint16_t flags[] = { LK_BU_ACKNOWLEDGE, LK_BU_HOME, LK_BU_PROXY };

        m = pbu(NOW, 1, 900);
        m.flags &= (uint16_t)~flags[bit];
        assert_int_equal(lk_pmip_lma_check(&verdict, &config, &m, NOW), LK_E_VALUE);
    }
    m = pbu(NOW, 1, 900);
    m.type = LK_MOBILITY_BA;
    assert_int_equal(lk_pmip_lma_check(&verdict, &config, &m, NOW), LK_E_VALUE);
}

/* spec: TS 23.003 19.3.2 - 0, IMSI, @, realm. */
static void an_identifier_is_an_imsi_at_a_realm(void **state)
{
    static const char *const bad[] = { "", "@", "0@x", "0001010123456789", "6001010123456789@x",
                                       "0001010123456789012@x", "000101012345678a@x", "00@x" };
    struct lk_imsi imsi, back;
    uint8_t room[LK_PMIP_NAI_MAX];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    assert_int_equal(lk_pmip_nai_imsi(&imsi, lk_span_text("0001010123456789@nai.epc")), LK_OK);
    assert_string_equal(imsi.digits, "001010123456789");
    assert_int_equal(lk_pmip_nai_put(&w, &imsi, lk_span_text("nai.epc")), LK_OK);
    assert_int_equal(lk_pmip_nai_imsi(&back, lk_writer_span(&w)), LK_OK);
    assert_true(lk_imsi_equal(&imsi, &back));
    for (size_t i = 0; i < LK_COUNT_OF(bad); i++)
        assert_int_equal(lk_pmip_nai_imsi(&imsi, lk_span_text(bad[i])), LK_E_VALUE);
}

/* Every state meets every event: what has no rule changes nothing and says nothing. */
static void every_state_meets_every_event(void **state)
{
    struct lk_rule_view rule;

    for (unsigned in = 0; in < LK_PMIP_LMA_STATE_COUNT; in++)
        for (unsigned what = 0; what < 64; what++) {
            struct lk_pmip_lma lma, before;
            struct lk_pmip_lma_outbox out;
            struct lma_asked a;
            enum lk_status status;

            lk_pmip_lma_init(&lma);
            if (in != LK_PMIP_LMA_NONE)
                accepted(&lma, NOW, MAG_1, NOW, 900, LK_PMIP_CREATED);
            lma.state = (uint8_t)in;
            before = lma;
            ask(&a, NOW + (what & 1) * 10, what & 2 ? MAG_1 : MAG_2, NOW + (what & 4 ? 5 : 0),
                what & 8 ? 0 : 900);
            a.event.kind = what & 16 ? LK_PMIP_LMA_EV_EXPIRED : LK_PMIP_LMA_EV_REQUEST;
            if (what & 32)
                a.request.options.handoff = LK_HANDOFF_UNKNOWN;
            status = lk_pmip_lma_step(&lma, &config, &a.event, &out);
            assert_true(lma.epoch >= before.epoch && lma.timestamp >= before.timestamp);
            if (status == LK_OK)
                continue;
            assert_int_equal(status, LK_E_UNEXPECTED);
            assert_int_equal(out.count, 0);
            assert_true(
                lk_span_equal(lk_span_of(&before, sizeof before), lk_span_of(&lma, sizeof lma)));
        }
    for (size_t i = 0; lk_rule_show(&rule, &lk_pmip_lma_rules, i); i++)
        assert_non_null(rule.on);
    assert_string_equal(lk_pmip_lma_state_name(LK_PMIP_LMA_LEAVING), "LEAVING");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_first_request_binds, setup),
        cmocka_unit_test_setup(it_is_renewed_and_moves, setup),
        cmocka_unit_test_setup(a_release_is_the_owners, setup),
        cmocka_unit_test_setup(an_old_attachment_moves_nothing, setup),
        cmocka_unit_test_setup(an_old_timestamp_is_refused, setup),
        cmocka_unit_test_setup(sequence_numbers_order_without_timestamps, setup),
        cmocka_unit_test_setup(a_repeat_has_the_same_answer, setup),
        cmocka_unit_test_setup(an_unknown_handoff_waits_for_the_old_gateway, setup),
        cmocka_unit_test_setup(foreign_addresses_are_refused, setup),
        cmocka_unit_test_setup(a_request_is_checked_before_anything, setup),
        cmocka_unit_test_setup(an_identifier_is_an_imsi_at_a_realm, setup),
        cmocka_unit_test_setup(every_state_meets_every_event, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
