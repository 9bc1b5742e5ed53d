/* node/anchor, control plane: who may have which binding, and what the store is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "anchor_rig.h"

enum { MAG_1 = 1, MAG_2 = 2 };

static struct anchor_rig *rig;

static int setup(void **state)
{
    rig = anchor_rig_open(64);
    return 0;
}

static int teardown(void **state)
{
    anchor_rig_close(rig);
    return 0;
}

struct digest {
    uint8_t octets[LK_BINDING_DIGEST_LEN];
};

static struct digest digest_of(void)
{
    struct digest digest;

    lk_anchor_digest(digest.octets, &rig->anchor);
    return digest;
}

static enum lk_reason reason(void)
{
    const struct lk_anchor_output *item = anchor_find(rig, LK_ANCHOR_OUT_REFUSED);

    return item == NULL ? LK_REASON_NONE : item->refused.refusal.reason;
}

static void assert_unchanged(const struct digest *before)
{
    struct digest now = digest_of();

    assert_memory_equal(before->octets, now.octets, sizeof now.octets);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_STORE));
}

static void attach(unsigned n, uint32_t mag)
{
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = n, .mag = mag, .lifetime = 900 }),
                     LK_BA_ACCEPTED);
    rig->now_ms += 10;
}

static void a_device_is_bound_where_it_attached(void **state)
{
    const struct lk_anchor_output *store;
    struct lk_mobility_message pba;
    size_t stored_at = 9, sent_at = 0;

    attach(1, MAG_1);
    store = anchor_find(rig, LK_ANCHOR_OUT_STORE);
    assert_non_null(store);
    assert_int_equal(store->store.change, LK_BINDING_CREATED);
    assert_string_equal(store->store.record.imsi.digits, "001010000000001");
    assert_string_equal(store->store.record.mag, "mag-1");
    assert_string_equal(store->store.record.service, "internet");
    assert_int_equal(store->store.record.epoch, 1);
    /* Durable before the answer leaves: it stands in front. */
    for (size_t i = 0; i < rig->out.count; i++) {
        if (rig->out.item[i].kind == LK_ANCHOR_OUT_STORE)
            stored_at = i;
        if (rig->out.item[i].kind == LK_ANCHOR_OUT_SEND)
            sent_at = i;
    }
    assert_true(stored_at < sent_at);
    pba = anchor_answer(rig);
    assert_int_equal(pba.options.prefix[0].bits, 64);
    assert_int_equal(pba.options.ipv4_reply.status, LK_IPV4_HOME_OK);
    assert_int_equal(pba.options.ipv4_reply.bits, 16);
    assert_int_equal(pba.options.ipv4_router.octets[3], 1);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, MAG_1);
}

/* T03: a gateway asks for a subscriber with the token of another: create, change and delete are
 * refused with the reason, and nothing of either is touched. */
static void a_token_of_another_subscriber_is_refused(void **state)
{
    struct digest before;

    attach(1, MAG_1);
    attach(2, MAG_1);
    before = digest_of();
    for (uint16_t lifetime = 0; lifetime <= 900; lifetime += 900)
        for (unsigned n = 1; n <= 3; n += 2) {
            assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = n, .mag = MAG_1,
                                                                   .lifetime = lifetime,
                                                                   .token_n = 2 }),
                             LK_BA_MAG_NOT_AUTHORIZED);
            assert_int_equal(reason(), LK_REASON_PMIP_TOKEN_IMSI);
            assert_true(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.alarm);
            assert_unchanged(&before);
        }
    assert_int_equal(rig->anchor.counters.alarms, 4);
}

/* T31: a captured gateway asks for who attached at another: refused, alarm. */
static void a_token_of_another_gateway_is_refused(void **state)
{
    struct digest before;

    attach(1, MAG_1);
    before = digest_of();
    for (uint16_t lifetime = 0; lifetime <= 900; lifetime += 900) {
        assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_2,
                                                               .lifetime = lifetime,
                                                               .token_mag = MAG_1 }),
                         LK_BA_MAG_NOT_AUTHORIZED);
        assert_int_equal(reason(), LK_REASON_PMIP_TOKEN_MAG);
        assert_unchanged(&before);
    }
    assert_int_equal(rig->anchor.counters.alarms, 2);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, MAG_1);
}

/* T10: a request without a token, with a bit of it changed, or of an AAA with another key. */
static void no_token_no_binding(void **state)
{
    struct anchor_ask ask = { .n = 1, .mag = MAG_1, .lifetime = 900 };
    struct lk_radius_class_key key = rig->config.class_key;
    struct digest before;
    struct lk_span octets;
    uint8_t copy[1024];

    attach(1, MAG_1);
    before = digest_of();
    octets = anchor_request(rig, &ask);
    memcpy(copy, octets.at, octets.len);
    for (size_t bit = 0; bit < 8; bit++) {
        copy[octets.len - 20] ^= (uint8_t)(1 << bit);
        assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, octets.len)),
                         LK_BA_MAG_NOT_AUTHORIZED);
        assert_int_equal(reason(), LK_REASON_PMIP_TOKEN_WRONG);
        assert_true(anchor_find(rig, LK_ANCHOR_OUT_REFUSED)->refused.alarm);
        copy[octets.len - 20] ^= (uint8_t)(1 << bit);
        assert_unchanged(&before);
    }
    rig->config.enterprise++;
    assert_int_equal(anchor_give(rig, MAG_1, octets), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_TOKEN_MISSING);
    rig->config.enterprise--;
    lk_radius_class_key_derive(&rig->config.class_key, &(struct lk_node_key){ { 8 } });
    assert_int_equal(anchor_give(rig, MAG_1, octets), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_TOKEN_WRONG);
    assert_unchanged(&before);
    rig->config.class_key = key;
}

/* T11: a release from who is not the owner, with everything else in order, keeps the binding. */
static void a_release_of_a_stranger_keeps_the_binding(void **state)
{
    uint64_t first = rig->now_ms;
    struct digest before;

    attach(1, MAG_1);
    attach(1, MAG_2);
    before = digest_of();
    /* The device was at the first gateway once: its late release is answered, and ignored. */
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_1,
                                                           .attach_ms = first }),
                     LK_BA_ACCEPTED);
    assert_unchanged(&before);
    /* Even an attachment that the AAA saw just now releases nothing that is another's. */
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_1 }),
                     LK_BA_ACCEPTED);
    assert_unchanged(&before);
    assert_int_equal(rig->anchor.counters.release_ignored, 2);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_ACTIVE);
}

/* Captured later: a gateway that once had the device cannot take it back. */
static void an_old_attachment_takes_nothing_back(void **state)
{
    uint64_t first = rig->now_ms;
    struct digest before;

    attach(1, MAG_1);
    attach(1, MAG_2);
    before = digest_of();
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_1, .lifetime = 900,
                                                           .attach_ms = first }),
                     LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_ATTACH_OLD);
    assert_unchanged(&before);
    /* And a token has an end, but for who renews by it. */
    rig->config.token_lifetime_ms = 1000;
    rig->now_ms += 5000;
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 2, .mag = MAG_1, .lifetime = 900,
                                                           .attach_ms = rig->now_ms - 1000 }),
                     LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_ATTACH_OLD);
    first = anchor_binding(rig, 1)->pmip.attach_ms;
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_2, .lifetime = 900,
                                                           .attach_ms = first }),
                     LK_BA_ACCEPTED);
}

/* spec: RFC 5213 4.1 - and so the address stays the device's wherever it is, and after a restart.
 */
static void the_address_stays(void **state)
{
    struct lk_binding_record record;
    struct lk_address home, again;

    attach(1, MAG_1);
    home = anchor_home(rig, 1);
    attach(1, MAG_2);
    again = anchor_home(rig, 1);
    assert_true(lk_address_equal(&home, &again));
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){
                                         .n = 1, .mag = MAG_2,
                                         .attach_ms = anchor_binding(rig, 1)->pmip.attach_ms }),
                     LK_BA_ACCEPTED);
    anchor_tick(rig, rig->now_ms + 10200);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.change, LK_BINDING_ENDED);
    lk_anchor_record(&record, &rig->anchor, anchor_binding(rig, 1));
    anchor_rig_restart(rig, 64);
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_OK);
    attach(2, MAG_1);
    attach(1, MAG_1);
    again = anchor_home(rig, 1);
    assert_true(lk_address_equal(&home, &again));
    assert_int_equal(anchor_binding(rig, 1)->pmip.epoch, record.epoch + 1);
}

/* After a restart the anchor knows whose a binding is, and what is older than it. */
static void a_restart_forgets_nothing(void **state)
{
    struct lk_binding_record record;
    struct lk_mobility_message first, again;
    struct lk_span request;
    uint8_t copy[1024], answer[1024];
    struct digest before;
    size_t len;

    request = anchor_request(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_1, .lifetime = 900 });
    memcpy(copy, request.at, len = request.len);
    assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, len)), LK_BA_ACCEPTED);
    memcpy(answer, anchor_find(rig, LK_ANCHOR_OUT_SEND)->octets.at,
           anchor_find(rig, LK_ANCHOR_OUT_SEND)->octets.len);
    first = anchor_answer(rig);
    record = anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record;
    before = digest_of();
    anchor_rig_restart(rig, 128);
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_OK);
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_E_EXISTS);
    assert_unchanged(&before);
    /* Invariant 11: the same request has the same answer even now. */
    assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, len)), LK_BA_ACCEPTED);
    again = anchor_answer(rig);
    assert_int_equal(first.lifetime, again.lifetime);
    assert_memory_equal(answer, anchor_find(rig, LK_ANCHOR_OUT_SEND)->octets.at,
                        anchor_find(rig, LK_ANCHOR_OUT_SEND)->octets.len);
    assert_unchanged(&before);
    /* The lifetime goes on. */
    anchor_tick(rig, record.expires_ms + 200);
    assert_int_equal(anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.change, LK_BINDING_ENDED);
    /* What is not ours any more is not loaded. */
    snprintf(record.service, sizeof record.service, "gone");
    record.imsi.digits[14] = '7';
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_E_VALUE);
    snprintf(record.service, sizeof record.service, "internet");
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_E_VALUE);
    record.ipv4[0] = 192; /* of no pool: another will be found */
    record.has_prefix = false;
    assert_int_equal(lk_anchor_load(&rig->anchor, &record, rig->now_ms), LK_OK);
    assert_false(anchor_binding(rig, 7)->has_ipv4);
    attach(7, MAG_1);
    assert_true(anchor_binding(rig, 7)->has_ipv4 && anchor_binding(rig, 7)->has_prefix);
}

/* What could not be stored is stored with the repeat, before its answer. */
static void a_repeat_is_stored_when_the_first_was_not(void **state)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_STORED, .now_ms = rig->now_ms };
    struct lk_span request =
        anchor_request(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_1, .lifetime = 900 });
    struct lk_binding_record record;
    uint8_t copy[1024];
    size_t len = request.len;

    memcpy(copy, request.at, len);
    assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, len)), LK_BA_ACCEPTED);
    record = anchor_find(rig, LK_ANCHOR_OUT_STORE)->store.record;
    assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, len)), LK_BA_ACCEPTED);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_STORE));
    event.stored = &record;
    record.epoch++;
    lk_anchor_step(&rig->anchor, &event, &rig->out); /* of another epoch: no effect */
    assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, len)), LK_BA_ACCEPTED);
    assert_non_null(anchor_find(rig, LK_ANCHOR_OUT_STORE));
    record.epoch--;
    lk_anchor_step(&rig->anchor, &event, &rig->out);
    assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, len)), LK_BA_ACCEPTED);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_STORE));
}

/* spec: RFC 5213 5.3.1 - 153: not ours; 152: not enabled; 154: gateway closed.
 * spec: RFC 5149 4 - no such service. */
static void each_refusal_has_its_status(void **state)
{
    struct digest before = digest_of();
    struct anchor_ask ask = { .n = 1, .mag = MAG_1, .lifetime = 900 };
    struct lk_span octets;
    uint8_t copy[1024];

    ask.service = "other";
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_SERVICE_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_SERVICE_UNKNOWN);
    ask.service = "ims";
    rig->config.service[1].closed = true;
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_PROXY_NOT_ENABLED);
    ask.service = NULL;
    rig->config.plmn_count = 1;
    memcpy(rig->config.plmn[0], "00102", 6);
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_NOT_LMA_FOR_NODE);
    assert_int_equal(reason(), LK_REASON_PMIP_NOT_OURS);
    memcpy(rig->config.plmn[0], "00101", 6);
    rig->config.mag[0].closed = true;
    assert_int_equal(anchor_ask(rig, &ask), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_MAG_UNKNOWN);
    rig->config.mag[0].closed = false;
    octets = anchor_request(rig, &ask);
    memcpy(copy, octets.at, octets.len);
    for (size_t at = 14; at <= 15; at++) { /* no NAI; and 6<IMSI>@... */
        copy[at] ^= 6;
        assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, octets.len)),
                         LK_BA_NOT_LMA_FOR_NODE);
        assert_int_equal(reason(), LK_REASON_PMIP_IDENTITY);
        copy[at] ^= 6;
    }
    rig->now_ms += 301;
    assert_int_equal(anchor_give(rig, MAG_1, octets), LK_BA_TIMESTAMP_MISMATCH);
    assert_int_equal(reason(), LK_REASON_PMIP_TIME);
    for (size_t len = 0; len < octets.len; len++) {
        assert_int_equal(anchor_give(rig, MAG_1, lk_span_of(copy, len)), -1);
        assert_int_equal(reason(), LK_REASON_PMIP_MALFORMED);
    }
    assert_unchanged(&before);
    assert_int_equal(lk_binding_count(rig->table), 0);
}

static void what_is_full_refuses(void **state)
{
    struct lk_address_prefix network;
    struct lk_address none = { { 0 } };

    for (unsigned n = 0; n < 64; n++)
        attach(100 + n, MAG_1);
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_1, .lifetime = 9 }),
                     LK_BA_RESOURCES);
    assert_int_equal(reason(), LK_REASON_PMIP_TABLE_FULL);
    attach(100, MAG_2); /* who is there may move */
    anchor_rig_restart(rig, 64);
    assert_int_equal(lk_address_prefix_parse(&network, "10.45.0.0/30"), LK_OK);
    assert_int_equal(lk_pool_of(&rig->config.pool4[0], &network, 128, &none), LK_OK);
    attach(1, MAG_1);
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 2, .mag = MAG_1, .lifetime = 9 }),
                     LK_BA_RESOURCES);
    assert_int_equal(reason(), LK_REASON_PMIP_POOL_EMPTY);
    assert_int_equal(lk_binding_count(rig->table), 1);
}

/* Away for a week, and the table is full: the row that was left first is somebody else's. T31: with
 * a token from before, nobody gets back in. */
static void a_row_that_was_left_is_given_up_for_another(void **state)
{
    struct anchor_ask late = { .n = 100, .mag = MAG_1, .lifetime = 900 };
    struct anchor_ask leaving = { .mag = MAG_1 };
    const struct anchor_ask other = { .n = 1, .mag = MAG_1, .lifetime = 900 };
    uint64_t epoch;

    (void)state;
    for (unsigned n = 0; n < 64; n++)
        attach(100 + n, MAG_1);
    for (unsigned n = 0; n < 2; n++) {
        rig->now_ms += 1000;
        leaving.n = 100 + n;
        leaving.attach_ms = anchor_binding(rig, leaving.n)->pmip.attach_ms;
        assert_int_equal(anchor_ask(rig, &leaving), LK_BA_ACCEPTED);
    }
    late.attach_ms = anchor_binding(rig, 100)->pmip.attach_ms;
    anchor_tick(rig, rig->now_ms += 20000);
    epoch = anchor_binding(rig, 100)->pmip.epoch;
    for (unsigned n = 0; n < 64; n++) {
        anchor_binding(rig, 100 + n)->durable = true;
        if (n > 1)
            anchor_binding(rig, 100 + n)->pmip.due_ms = 0; /* they stay */
    }
    rig->now_ms += rig->config.reserve_ms - 20000;
    assert_int_equal(anchor_ask(rig, &other), LK_BA_RESOURCES);
    rig->now_ms += 20000;
    assert_int_equal(anchor_ask(rig, &other), 0);
    assert_int_equal(lk_binding_count(rig->table), 64);
    assert_null(anchor_binding(rig, 100));
    assert_non_null(anchor_binding(rig, 101));
    assert_true(anchor_binding(rig, 1)->pmip.epoch > epoch);
    assert_int_equal(rig->anchor.counters.given_up, 1);
    assert_int_equal(anchor_ask(rig, &late), LK_BA_MAG_NOT_AUTHORIZED);
    assert_int_equal(reason(), LK_REASON_PMIP_ATTACH_OLD);
    late.attach_ms = 0;
    assert_int_equal(anchor_ask(rig, &late), 0);
    assert_null(anchor_binding(rig, 101));
}

static void two_services_are_two_bindings(void **state)
{
    struct lk_mobility_message first, second;

    attach(1, MAG_1);
    first = anchor_answer(rig);
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_1, .lifetime = 900,
                                                           .service = "ims" }),
                     LK_BA_ACCEPTED);
    second = anchor_answer(rig);
    assert_memory_not_equal(first.options.ipv4_reply.address.octets,
                            second.options.ipv4_reply.address.octets, 4);
    assert_int_equal(lk_binding_count(rig->table), 2);
}

/* A service has the families that the configuration gives it. */
static void a_service_may_have_one_family(void **state)
{
    rig->config.service[0].no_ipv4 = true;
    attach(1, MAG_1);
    assert_true(anchor_binding(rig, 1)->has_prefix && !anchor_binding(rig, 1)->has_ipv4);
    rig->config.service[0].no_ipv4 = false;
    rig->config.service[0].no_ipv6 = true;
    attach(2, MAG_1);
    assert_true(!anchor_binding(rig, 2)->has_prefix && anchor_binding(rig, 2)->has_ipv4);
}

/* spec: RFC 5213 5.4.1.2 - handoff unknown: held, then moved when the time is over, or at once
 * when the old gateway releases. */
static void an_unknown_handoff_is_held(void **state)
{
    const struct lk_anchor_output *send = NULL;

    attach(1, MAG_1);
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_2, .lifetime = 900,
                                                           .handoff = LK_HANDOFF_UNKNOWN }),
                     -1);
    assert_int_equal(rig->anchor.counters.held, 1);
    anchor_tick(rig, rig->now_ms + 1400);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, MAG_1);
    anchor_tick(rig, rig->now_ms + 300);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, MAG_2);
    send = anchor_find(rig, LK_ANCHOR_OUT_SEND);
    assert_non_null(send);
    assert_int_equal(send->mag, MAG_2);
    /* And back, by release. */
    rig->now_ms += 10;
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_1, .lifetime = 900,
                                                           .handoff = LK_HANDOFF_UNKNOWN }),
                     -1);
    rig->now_ms += 5;
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){
                                         .n = 1, .mag = MAG_2,
                                         .attach_ms = anchor_binding(rig, 1)->pmip.attach_ms }),
                     LK_BA_ACCEPTED);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, MAG_1);
    assert_int_equal(rig->out.item[rig->out.count - 1].kind, LK_ANCHOR_OUT_SEND);
    assert_int_equal(rig->out.item[rig->out.count - 1].mag, MAG_1);
}

/* When too many are held, the next one does not wait. */
static void holding_has_an_end(void **state)
{
    for (unsigned n = 1; n <= LK_ANCHOR_HELD; n++)
        rig->anchor.held[n - 1] = (struct lk_anchor_held){ .subject = n,
                                                           .until_ms = UINT64_MAX };
    attach(1, MAG_1);
    assert_int_equal(anchor_ask(rig, &(struct anchor_ask){ .n = 1, .mag = MAG_2, .lifetime = 900,
                                                           .handoff = LK_HANDOFF_UNKNOWN }),
                     LK_BA_ACCEPTED);
    assert_int_equal(anchor_binding(rig, 1)->pmip.mag, MAG_2);
}

/* T15: who is unknown costs nothing; who is known has a budget, and so have all together. The
 * address of the anchor need not be a secret for that (T32: it is in the flood's hands here). */
static void a_flood_leaves_no_trace(void **state)
{
    struct anchor_ask ask = { .n = 1, .mag = MAG_1, .lifetime = 900, .token_n = 2 };
    uint64_t good = 0;
    struct lk_span bogus;
    uint8_t copy[1024];
    size_t len;

    attach(9, MAG_2);
    rig->config.mag_rate = 1000;
    rig->config.rate = 1500;
    bogus = anchor_request(rig, &ask);
    memcpy(copy, bogus.at, len = bogus.len);
    for (unsigned i = 0; i < 20000; i++) { /* a tenth of a second at 200,000 a second */
        rig->now_ms += i % 200 == 0;
        assert_int_equal(anchor_give(rig, i % 2 == 0 ? 0 : 77, lk_span_of(copy, len)), -1);
        assert_int_equal(rig->out.count, 0);
        (void)anchor_give(rig, MAG_1, lk_span_of(copy, len));
        if (i % 200 == 0) { /* the well-behaved gateway, once a millisecond */
            struct lk_anchor_event tick = { .kind = LK_ANCHOR_EV_TICK, .now_ms = rig->now_ms };

            good += anchor_ask(rig, &(struct anchor_ask){
                                        .n = 9, .mag = MAG_2, .lifetime = 900,
                                        .attach_ms = anchor_binding(rig, 9)->pmip.attach_ms }) ==
                    LK_BA_ACCEPTED;
            lk_anchor_step(&rig->anchor, &tick, &rig->out);
        }
    }
    assert_int_equal(good, 100);
    assert_int_equal(rig->anchor.counters.unknown_mag, 20000);
    assert_in_range(rig->anchor.counters.refused, 1, 1100 + 10);
    assert_in_range(rig->anchor.counters.over_budget, 18800, 20000);
    assert_int_equal(lk_binding_count(rig->table), 1);
}

/* T14: every move writes a mark of the epoch that it ends, with what was carried in it. */
static void epochs_are_marked(void **state)
{
    const struct lk_anchor_output *mark;

    attach(1, MAG_1);
    assert_null(anchor_find(rig, LK_ANCHOR_OUT_MARK));
    anchor_binding(rig, 1)->volume.up_octets = 100;
    anchor_binding(rig, 1)->volume.down_octets = 2000;
    attach(1, MAG_2);
    mark = anchor_find(rig, LK_ANCHOR_OUT_MARK);
    assert_non_null(mark);
    assert_int_equal(mark->mark.epoch, 1);
    assert_string_equal(mark->mark.mag, "mag-1");
    assert_int_equal(mark->mark.up_octets, 100);
    assert_int_equal(mark->mark.down_octets, 2000);
    assert_int_equal(mark->mark.until_ms - mark->mark.since_ms, 10);
    assert_int_equal(anchor_binding(rig, 1)->volume.down_octets, 0);
    assert_int_equal(anchor_binding(rig, 1)->pmip.epoch, 2);
}

/* A clock that steps back neither loses an end nor turns in a circle. */
static void a_clock_may_step_back(void **state)
{
    attach(1, MAG_1);
    anchor_tick(rig, rig->now_ms + 3599000);
    anchor_tick(rig, rig->now_ms - 3600000);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_ACTIVE);
    anchor_tick(rig, rig->now_ms + 3600000 + 2000);
    assert_int_equal(anchor_binding(rig, 1)->pmip.state, LK_PMIP_LMA_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_device_is_bound_where_it_attached),
        TEST(a_token_of_another_subscriber_is_refused),
        TEST(a_token_of_another_gateway_is_refused),
        TEST(no_token_no_binding),
        TEST(a_release_of_a_stranger_keeps_the_binding),
        TEST(an_old_attachment_takes_nothing_back),
        TEST(the_address_stays),
        TEST(a_restart_forgets_nothing),
        TEST(a_repeat_is_stored_when_the_first_was_not),
        TEST(each_refusal_has_its_status),
        TEST(what_is_full_refuses),
        TEST(a_row_that_was_left_is_given_up_for_another),
        TEST(two_services_are_two_bindings),
        TEST(a_service_may_have_one_family),
        TEST(an_unknown_handoff_is_held),
        TEST(holding_has_an_end),
        TEST(a_flood_leaves_no_trace),
        TEST(epochs_are_marked),
        TEST(a_clock_may_step_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
