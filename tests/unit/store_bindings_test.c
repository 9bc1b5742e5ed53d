/* store/bindings: one suite for both engines, as store_test (store_rig.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "anchor_rig.h"
#include "store/backend.h"
#include "store/bindings.h"
#include "store_rig.h"

static struct lk_store *store;
static struct lk_bindings_log bindings;

static int setup(void **state)
{
    store = store_rig_setup();
    bindings = (struct lk_bindings_log){ .writer = 1 };
    assert_int_equal(lk_store_bindings_begin(store, &bindings), LK_OK);
    return 0;
}

static int teardown(void **state)
{
    store_rig_teardown(store);
    return 0;
}

static struct lk_binding_record record_of(unsigned n, uint64_t epoch)
{
    struct lk_binding_record record = { .epoch = epoch, .protocol = LK_BINDING_PMIP,
                                        .has_prefix = true, .has_ipv4 = true,
                                        .expires_ms = 1767229200500, .since_ms = 5,
                                        .up_octets = n, .down_octets = UINT64_MAX,
                                        .pmip = { .state = LK_PMIP_LMA_ACTIVE, .handoff = 1,
                                                  .access = 4, .sequence = (uint16_t)n,
                                                  .lifetime = 900,
                                                  .timestamp = UINT64_C(0xfffffffffffffffe),
                                                  .attach_ms = 1767225600500,
                                                  .digest = UINT64_MAX - n,
                                                  .due_ms = 1767229200500 } };

    snprintf(record.imsi.digits, sizeof record.imsi.digits, "00101%010u", n);
    snprintf(record.service, sizeof record.service, "internet");
    snprintf(record.mag, sizeof record.mag, "mag-1");
    snprintf(record.pmip.answered, sizeof record.pmip.answered, "mag-2");
    assert_int_equal(lk_address_prefix_parse(&record.prefix, "2001:db8:4500::/64"), LK_OK);
    record.prefix.address.octets[5] = (uint8_t)(n >> 16);
    record.prefix.address.octets[6] = (uint8_t)(n >> 8);
    record.prefix.address.octets[7] = (uint8_t)n;
    record.ipv4[0] = 10;
    record.ipv4[1] = (uint8_t)(64 + (n >> 16));
    record.ipv4[2] = (uint8_t)(n >> 8);
    record.ipv4[3] = (uint8_t)n;
    return record;
}

struct seen {
    size_t count, stop;
    struct lk_binding_record last;
    struct lk_binding_mark mark;
};

static bool take_record(void *context, const struct lk_binding_record *record)
{
    struct seen *seen = context;

    seen->last = *record;
    return ++seen->count != seen->stop;
}

static bool take_mark(void *context, const struct lk_binding_mark *mark)
{
    struct seen *seen = context;

    seen->mark = *mark;
    return ++seen->count != seen->stop;
}

static void a_record_comes_back_as_it_was(void **state)
{
    struct lk_binding_record record = record_of(1, 7);
    struct seen seen = { 0 };
    struct lk_store *other;

    memset(record.service, 's', LK_BINDING_SERVICE_MAX);
    memset(record.mag, 'm', LK_BINDING_NAME_MAX);
    memset(record.pmip.answered, 'a', LK_BINDING_NAME_MAX);
    record.pmip.released = true;
    assert_int_equal(lk_store_bindings_write(store, &bindings, &record, 1, NULL, 0), LK_OK);
    other = store_rig_open();
    assert_int_equal(lk_store_bindings_load(other, take_record, &seen), LK_OK);
    assert_int_equal(seen.count, 1);
    assert_memory_equal(&seen.last, &record, sizeof record);
    lk_store_close(other);
}

static void a_record_of_mobile_ip_comes_back_as_it_was(void **state)
{
    struct lk_binding_record record = record_of(1, 7);
    struct seen seen = { 0 };

    record.protocol = LK_BINDING_MIP;
    memset(&record.pmip, 0, sizeof record.pmip);
    record.mip = (struct lk_binding_record_mip){
        .state = LK_MIP_HA_ACTIVE, .flags = 0x22, .udp = true, .released = true, .port = 434,
        .lifetime_s = 1800, .care_of = { 198, 51, 100, 23 }, .from = { 203, 0, 113, 5 },
        .identification = UINT64_C(0xe0c58d3a9b7f1c42), .digest = 3, .due_ms = 4,
        .revocation = 3, .ours_s = 0x01020304, .theirs_s = 0xf0e0d0c0,
    };
    memset(record.mip.fa, 'f', LK_BINDING_NAME_MAX);
    assert_int_equal(lk_store_bindings_write(store, &bindings, &record, 1, NULL, 0), LK_OK);
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_memory_equal(&seen.last, &record, sizeof record);
}

static void a_record_of_mipv6_comes_back_as_it_was(void **state)
{
    struct lk_binding_record record = record_of(1, 7);
    struct seen seen = { 0 };

    record.protocol = LK_BINDING_MIP6;
    memset(&record.pmip, 0, sizeof record.pmip);
    record.mip6 = (struct lk_binding_record_mip6){
        .state = LK_MIP_HA6_ACTIVE, .udp = true, .released = true, .port = 4191, .lifetime = 450,
        .from = { 203, 0, 113, 5 }, .care_of = { { 0x20, 1, 0xd, 0xb8, [15] = 7 } },
        .home = { { 0x20, 1, 0xd, 0xb8, 0x45, [15] = 9 } },
        .identification = UINT64_C(0xe0c58d3a9b7f1c42), .digest = 3
    };
    assert_int_equal(lk_store_bindings_write(store, &bindings, &record, 1, NULL, 0), LK_OK);
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_memory_equal(&seen.last, &record, sizeof record);
}

/* What was written before there was another protocol than PMIPv6: one record, octet by octet. */
static void a_batch_of_the_first_form_is_read(void **state)
{
    const struct lk_binding_record record = record_of(1, 7);
    const struct lk_binding_record_pmip *p = &record.pmip;
    uint8_t room[512];
    struct lk_writer w = lk_writer_of(room, sizeof room);
    struct seen seen = { 0 };
    int64_t number;

    lk_put_u8(&w, 1);
    lk_put_be64(&w, (uint64_t)lk_store_key(&record.imsi));
    lk_put_lv8(&w, lk_span_text(record.service));
    lk_put_be64(&w, record.epoch);
    lk_put_u8(&w, record.protocol);
    lk_put_u8(&w, p->state);
    lk_put_u8(&w, p->handoff);
    lk_put_u8(&w, p->access);
    lk_put_u8(&w, 3); /* prefix, IPv4; not released */
    lk_put_octets(&w, record.prefix.address.octets, LK_ADDRESS_LEN);
    lk_put_u8(&w, record.prefix.bits);
    lk_put_octets(&w, record.ipv4, sizeof record.ipv4);
    lk_put_lv8(&w, lk_span_text(record.mag));
    lk_put_lv8(&w, lk_span_text(p->answered));
    lk_put_be16(&w, p->sequence);
    lk_put_be16(&w, p->lifetime);
    lk_put_be64(&w, p->timestamp);
    lk_put_be64(&w, p->attach_ms);
    lk_put_be64(&w, p->digest);
    lk_put_be64(&w, record.expires_ms);
    lk_put_be64(&w, p->due_ms);
    lk_put_be64(&w, record.since_ms);
    lk_put_be64(&w, record.up_octets);
    lk_put_be64(&w, record.down_octets);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_int_equal(store->backend->log_append(store, 1, lk_writer_span(&w), &number), LK_OK);
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_int_equal(seen.count, 1);
    assert_memory_equal(&seen.last, &record, sizeof record);
}

/* What was written before form 3: all that a record may have, octet by octet. */
static void a_batch_of_the_second_form_is_read(void **state)
{
    struct lk_binding_record record = record_of(1, 7);
    uint8_t room[512], own[64];
    struct lk_writer w = lk_writer_of(room, sizeof room), part = lk_writer_of(own, sizeof own);
    struct seen seen = { 0 };
    int64_t number;

    record.protocol = LK_BINDING_MIP6;
    memset(&record.pmip, 0, sizeof record.pmip);
    record.mip6 = (struct lk_binding_record_mip6){ .state = 1, .udp = true, .port = 4191,
                                                   .lifetime = 450, .identification = 5,
                                                   .digest = 3 };
    lk_put_u8(&part, 1);
    lk_put_u8(&part, 1); /* udp */
    lk_put_be16(&part, 4191);
    lk_put_be16(&part, 450);
    lk_put_zeroes(&part, 4 + 2 * LK_ADDRESS_LEN);
    lk_put_be64(&part, 5);
    lk_put_be64(&part, 3);
    lk_put_u8(&w, 2);
    for (int twice = 0; twice < 2; twice++) {
        lk_put_be64(&w, (uint64_t)lk_store_key(&record.imsi));
        lk_put_lv8(&w, lk_span_text(record.service));
        lk_put_be64(&w, record.epoch);
        lk_put_u8(&w, record.protocol);
        lk_put_u8(&w, 3); /* prefix, IPv4 */
        lk_put_octets(&w, record.prefix.address.octets, LK_ADDRESS_LEN);
        lk_put_u8(&w, record.prefix.bits);
        lk_put_octets(&w, record.ipv4, sizeof record.ipv4);
        lk_put_lv8(&w, lk_span_text(record.mag));
        lk_put_be64(&w, record.expires_ms);
        lk_put_be64(&w, record.since_ms);
        lk_put_be64(&w, record.up_octets);
        lk_put_be64(&w, record.down_octets);
        lk_put_lv8(&w, lk_writer_span(&part));
    }
    assert_int_equal(lk_writer_end(&w), LK_OK);
    assert_int_equal(store->backend->log_append(store, 1, lk_writer_span(&w), &number), LK_OK);
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_int_equal(seen.count, 2);
    assert_memory_equal(&seen.last, &record, sizeof record);
}

enum { SHORTER = 6 };

/* Each without something else that most have, and of another service now and then. */
static void shorter_records(struct lk_binding_record records[SHORTER])
{
    for (unsigned i = 0; i < SHORTER; i++)
        records[i] = record_of(i, i + 1);
    records[0].up_octets = records[0].down_octets = 0;
    records[1].has_prefix = false;
    memset(&records[1].prefix, 0, sizeof records[1].prefix);
    memset(records[1].service, 'x', LK_BINDING_SERVICE_MAX);
    records[2].has_ipv4 = false;
    memset(records[2].ipv4, 0, sizeof records[2].ipv4);
    memset(records[2].service, 'x', LK_BINDING_SERVICE_MAX);
    records[3].prefix.bits = 128;
    records[3].prefix.address.octets[LK_ADDRESS_LEN - 1] = 1;
    memset(records[3].service, 0, sizeof records[3].service);
    memset(records[4].mag, 0, sizeof records[4].mag);
    records[4].has_ipv4 = false; /* and has one all the same */
    records[5].protocol = LK_BINDING_MIP;
    memset(&records[5].pmip, 0, sizeof records[5].pmip);
    records[5].mip = (struct lk_binding_record_mip){ .state = LK_MIP_HA_ACTIVE, .udp = true,
                                                     .identification = 5, .digest = 3 };
}

struct several {
    size_t count;
    struct lk_binding_record record[SHORTER];
};

static bool take_several(void *context, const struct lk_binding_record *record)
{
    struct several *several = context;

    assert_true(several->count < SHORTER);
    several->record[several->count++] = *record;
    return true;
}

static void what_is_not_there_takes_no_room(void **state)
{
    struct lk_binding_record records[SHORTER];
    struct several several = { 0 };

    shorter_records(records);
    assert_int_equal(lk_store_bindings_write(store, &bindings, records, SHORTER, NULL, 0), LK_OK);
    assert_int_equal(lk_store_bindings_load(store, take_several, &several), LK_OK);
    assert_int_equal(several.count, SHORTER);
    for (size_t i = 0; i < SHORTER; i++)
        assert_memory_equal(&several.record[i], &records[SHORTER - 1 - i], sizeof records[0]);
}

struct batch {
    uint8_t octets[2048];
    size_t len;
};

static bool take_batch(void *context, struct lk_span octets)
{
    struct batch *batch = context;

    assert_true(octets.len <= sizeof batch->octets);
    memcpy(batch->octets, octets.at, octets.len);
    batch->len = octets.len;
    return false; /* the newest alone */
}

/* A batch that is not whole is told, wherever it ends but between two records; so is a flag that
 * only a later version knows. */
static void a_torn_batch_is_told(void **state)
{
    struct lk_binding_record records[SHORTER];
    struct batch batch = { .len = 0 };
    size_t whole = 0;
    int64_t number;

    shorter_records(records);
    assert_int_equal(lk_store_bindings_write(store, &bindings, records, SHORTER, NULL, 0), LK_OK);
    assert_int_equal(store->backend->log_read(store, take_batch, &batch), LK_OK);
    for (size_t len = 0; len <= batch.len; len++) {
        struct seen seen = { 0 };
        enum lk_status status;

        assert_int_equal(store->backend->log_forget(store, INT64_MAX), LK_OK);
        assert_int_equal(store->backend->log_append(store, 1, lk_span_of(batch.octets, len),
                                                    &number), LK_OK);
        status = lk_store_bindings_load(store, take_record, &seen);
        assert_true(status == LK_OK || status == LK_E_STORE);
        whole += status == LK_OK;
    }
    assert_int_equal(whole, SHORTER + 1);
    batch.octets[1 + 2 + 8] |= 0x80;
    assert_int_equal(store->backend->log_append(store, 1, lk_span_of(batch.octets, batch.len),
                                                &number), LK_OK);
    assert_int_equal(lk_store_bindings_load(store, take_several, &(struct several){ 0 }),
                     LK_E_STORE);
}

static void the_newest_comes_first(void **state)
{
    struct lk_binding_record batch[3] = { record_of(1, 7), record_of(2, 1), record_of(1, 8) };
    struct lk_binding_record newer = record_of(1, 8);
    struct seen seen = { .stop = 1 };

    batch[2].pmip.sequence = 88;
    assert_int_equal(lk_store_bindings_write(store, &bindings, batch, 3, NULL, 0), LK_OK);
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_int_equal(seen.last.pmip.sequence, 88);
    newer.pmip.sequence = 89;
    assert_int_equal(lk_store_bindings_write(store, &bindings, &newer, 1, NULL, 0), LK_OK);
    seen.count = 0;
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_int_equal(seen.last.pmip.sequence, 89);
    seen = (struct seen){ 0 };
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_int_equal(seen.count, 4);
    assert_int_equal(seen.last.epoch, 7);
}

/* Invariant 9: an anchor that another has followed writes nothing any more, neither bindings nor
 * marks, whatever it still believes. */
static void who_began_before_writes_no_more(void **state)
{
    struct lk_binding_record old = record_of(1, 7), new = record_of(1, 8);
    struct lk_binding_mark mark = { .imsi = old.imsi, .service = "internet", .epoch = 6 };
    struct lk_bindings_log other = { .writer = 2 };
    struct lk_store *others = store_rig_open();
    struct seen seen = { 0 };

    assert_int_equal(lk_store_bindings_write(store, &bindings, &old, 1, NULL, 0), LK_OK);
    assert_int_equal(lk_store_bindings_begin(others, &other), LK_OK);
    assert_int_equal(lk_store_bindings_write(store, &bindings, &old, 1, &mark, 1), LK_E_CONFLICT);
    assert_int_equal(lk_store_bindings_write(others, &other, &new, 1, NULL, 0), LK_OK);
    assert_int_equal(lk_store_bindings_write(store, &bindings, NULL, 0, &mark, 1), LK_E_CONFLICT);
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_int_equal(seen.count, 2);
    seen = (struct seen){ 0 };
    assert_int_equal(lk_store_marks_load(store, take_mark, &seen), LK_OK);
    assert_int_equal(seen.count, 0);
    assert_int_equal(lk_store_bindings_begin(store, &bindings), LK_OK);
    assert_int_equal(lk_store_bindings_write(store, &bindings, &old, 1, NULL, 0), LK_OK);
    lk_store_close(others);
}

/* What is not needed any more goes, a little with each batch, and nothing else does. */
static void what_is_not_needed_goes(void **state)
{
    struct lk_binding_record record = record_of(1, 1);
    struct seen seen = { 0 };

    for (unsigned n = 0; n < 20; n++) {
        record.pmip.sequence = (uint16_t)n;
        assert_int_equal(lk_store_bindings_write(store, &bindings, &record, 1, NULL, 0), LK_OK);
    }
    bindings.from = bindings.newest;
    for (unsigned n = 20; n < 30; n++) {
        record.pmip.sequence = (uint16_t)n;
        assert_int_equal(lk_store_bindings_write(store, &bindings, &record, 1, NULL, 0), LK_OK);
    }
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_int_equal(seen.count, 11);
    assert_int_equal(seen.last.pmip.sequence, 19);
}

/* T14: a mark is written once, beside the record that ends its epoch, or not at all; also when the
 * word was lost that both had been written, and they are written again. */
static void marks_are_kept_once(void **state)
{
    struct lk_binding_record record = record_of(1, 2);
    struct lk_binding_mark mark = { .imsi = record.imsi, .epoch = 1, .since_ms = 5, .until_ms = 9,
                                    .up_octets = 100, .down_octets = 2000 };
    struct lk_bindings_log untold = bindings;
    struct seen seen = { 0 };

    snprintf(mark.service, sizeof mark.service, "internet");
    snprintf(mark.mag, sizeof mark.mag, "mag-1");
    assert_int_equal(lk_store_bindings_write(store, &bindings, &record, 1, &mark, 1), LK_OK);
    assert_int_equal(lk_store_bindings_write(store, &untold, &record, 1, &mark, 1), LK_OK);
    assert_int_equal(untold.newest, bindings.newest);
    assert_int_equal(lk_store_marks_load(store, take_mark, &seen), LK_OK);
    assert_int_equal(seen.count, 1);
    assert_memory_equal(&seen.mark, &mark, sizeof mark);
    seen.count = 0;
    assert_int_equal(lk_store_bindings_load(store, take_record, &seen), LK_OK);
    assert_int_equal(seen.count, 1);
    mark.epoch = 2;
    assert_int_equal(lk_store_bindings_write(store, &bindings, NULL, 0, &mark, 1), LK_OK);
    seen.count = 0;
    assert_int_equal(lk_store_marks_load(store, take_mark, &seen), LK_OK);
    assert_int_equal(seen.count, 2);
    assert_int_equal(lk_store_bindings_write(store, &bindings, NULL, 0, NULL, 0), LK_OK);
}

static uint64_t cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- far ---- */

enum { FAR = 40 };

struct far {
    unsigned asked[FAR], soon[FAR][2], seen[FAR];
    uint64_t epoch[FAR];
    size_t count, stop;
};

static unsigned number_of(uint64_t key)
{
    return (unsigned)(key % 1000);
}

static void far_soon(void *context, uint64_t key, struct lk_span service, unsigned how_soon)
{
    struct far *far = context;
    unsigned n = number_of(key);

    assert_true(lk_span_equal(service, lk_span_text("internet")));
    assert_in_range(how_soon, 1, 2);
    /* Nothing is decided on before both are told, the earlier first. */
    assert_true(how_soon == 2 || far->soon[n][0] < far->soon[n][1]);
    far->soon[n][how_soon - 1]++;
}

static bool far_known(void *context, uint64_t key, struct lk_span service)
{
    struct far *far = context;
    unsigned n = number_of(key);

    far->asked[n]++;
    assert_int_equal(far->soon[n][0], far->soon[n][1]);
    assert_true(far->soon[n][0] >= far->asked[n]);
    return far->seen[n] > 0;
}

static bool far_visit(void *context, const struct lk_binding_record *record)
{
    struct far *far = context;
    unsigned n = number_of(lk_imsi_number(&record->imsi));

    far->seen[n]++;
    far->epoch[n] = record->epoch;
    return ++far->count != far->stop;
}

static void what_is_known_is_not_read_again(void **state)
{
    struct far far = { .stop = 0 };
    const struct lk_bindings_loading by = { far_visit, far_soon, far_known, &far };
    struct lk_binding_record records[FAR];

    for (uint64_t epoch = 1; epoch <= 3; epoch++) {
        for (unsigned i = 0; i < FAR; i++)
            records[i] = record_of(i, epoch);
        assert_int_equal(
            lk_store_bindings_write(store, &bindings, records, epoch == 2 ? 3 : FAR, NULL, 0),
            LK_OK);
    }
    assert_int_equal(lk_store_bindings_load_far(store, &by), LK_OK);
    assert_int_equal(far.count, FAR);
    for (unsigned i = 0; i < FAR; i++) {
        assert_int_equal(far.seen[i], 1);
        assert_int_equal(far.epoch[i], 3);
        assert_int_equal(far.asked[i], i < 3 ? 3 : 2);
    }
    far = (struct far){ .stop = 5 };
    assert_int_equal(lk_store_bindings_load_far(store, &by), LK_OK);
    assert_int_equal(far.count, 5);
}

static bool load_into(void *context, const struct lk_binding_record *record)
{
    struct anchor_rig *rig = context;
    enum lk_status status = lk_anchor_load(&rig->anchor, record, rig->now_ms);

    assert_true(status == LK_OK || status == LK_E_EXISTS);
    return true;
}

/* Y13: a hundred thousand bindings are there again within two seconds, from a log as long as it
 * gets. */
static void all_are_loaded_at_start(void **state)
{
    enum { COUNT = 100000, BATCH = LK_STORE_BINDINGS_BATCH, TIMES = 6 };
    static struct lk_binding_record records[BATCH];
    struct anchor_rig *rig = anchor_rig_open(COUNT);
    struct lk_address none = { { 0 } };
    struct lk_address_prefix network;
    uint64_t began;

    assert_int_equal(lk_address_prefix_parse(&network, "10.64.0.0/10"), LK_OK);
    assert_int_equal(lk_pool_of(&rig->config.pool4[0], &network, 128, &none), LK_OK);
    for (unsigned n = 0; n < TIMES * COUNT; n += BATCH) {
        for (unsigned i = 0; i < BATCH; i++)
            records[i] = record_of((n + i) % COUNT, 1);
        assert_int_equal(lk_store_bindings_write(store, &bindings, records, BATCH, NULL, 0), LK_OK);
    }
    began = cpu_ms();
    assert_int_equal(lk_store_bindings_load(store, load_into, rig), LK_OK);
    assert_int_equal(lk_binding_count(rig->table), COUNT);
    assert_true(cpu_ms() - began < 2000);
    print_message("%d bindings loaded in %d ms of CPU\n", COUNT, (int)(cpu_ms() - began));
    anchor_rig_close(rig);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_record_comes_back_as_it_was),
        TEST(a_record_of_mobile_ip_comes_back_as_it_was),
        TEST(a_record_of_mipv6_comes_back_as_it_was),
        TEST(a_batch_of_the_first_form_is_read),
        TEST(a_batch_of_the_second_form_is_read),
        TEST(what_is_not_there_takes_no_room),
        TEST(a_torn_batch_is_told),
        TEST(the_newest_comes_first),
        TEST(who_began_before_writes_no_more),
        TEST(what_is_not_needed_goes),
        TEST(marks_are_kept_once),
        TEST(what_is_known_is_not_read_again),
        TEST(all_are_loaded_at_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
