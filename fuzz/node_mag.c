/* Octets become a sequence of events for the MAG: registrations, releases, answers raw and answers
 * that fit the last request, time.
 *
 * Promises: the time to be woken is the least of all; nobody has a service twice; what is told is
 * about a session that its owner has, and at most once that it is over. */
#include "fuzz.h"

#include <string.h>

#include "node/mag.h"

enum { ROWS = 4, MEMORY = 64 * 1024 };

struct run {
    struct lk_mag mag;
    struct lk_mag_config config;
    struct lk_mag_outbox out;
    struct lk_reader r;
    uint64_t now_ms;
    uint32_t epoch[ROWS];
    bool has[ROWS]; /* as the owner believes */
    uint8_t request[LK_PMIP_MAG_OCTETS];
    size_t request_len;
};

static void keep_promises(struct run *f)
{
    uint64_t least = UINT64_MAX;

    for (size_t i = 0; i < f->out.count; i++) {
        const struct lk_mag_output *item = &f->out.item[i];

        if (item->kind == LK_MAG_OUT_SEND) {
            memcpy(f->request, item->send.at, item->send.len);
            f->request_len = item->send.len;
            continue;
        }
        LK_ASSERT(item->ref.row < ROWS && item->ref.epoch == f->epoch[item->ref.row]);
        LK_ASSERT(f->has[item->ref.row]);
        if (item->kind != LK_MAG_OUT_BOUND)
            f->has[item->ref.row] = false;
    }
    f->out.count = 0;
    for (uint32_t i = 0; i < f->mag.touched; i++)
        if (f->mag.session[i].used && f->mag.session[i].due_ms < least)
            least = f->mag.session[i].due_ms;
    LK_ASSERT(lk_mag_due_ms(&f->mag) == least);
    for (uint32_t i = 0; i < ROWS; i++)
        LK_ASSERT((f->mag.by_ref[i] != 0) == f->has[i]);
}

static void want(struct run *f, uint8_t what)
{
    static const char *const services[] = { "internet", "ims" };
    uint32_t row = what / 8 % ROWS;
    struct lk_mag_register wanted = {
        .ref = { row, f->has[row] ? f->epoch[row] : f->epoch[row] + 1 },
        .imsi = { "001010000000000" }, .service = lk_span_text(services[what / 32 % 2]),
        .want_ipv4 = what / 64 % 2 == 0, .want_ipv6 = what / 128 % 2 == 0,
    };
    enum lk_status status;

    wanted.imsi.digits[14] = (char)('0' + row / 2);
    wanted.token = lk_get_lv8(&f->r);
    status = lk_mag_register(&f->mag, &f->config, &wanted, f->now_ms, &f->out);
    if (status == LK_OK) {
        f->epoch[row] = wanted.ref.epoch;
        f->has[row] = true;
    }
    LK_ASSERT(status == LK_OK || f->out.count == 0);
    keep_promises(f);
}

static void release(struct run *f, uint32_t row)
{
    bool had = f->has[row];

    f->has[row] = false;
    LK_ASSERT(had == (lk_mag_deregister(&f->mag, &f->config,
                                        (struct lk_mag_ref){ row, f->epoch[row] }, f->now_ms,
                                        &f->out) == LK_OK));
    keep_promises(f);
}

/* The last request, turned into an answer. */
static void answer(struct run *f, uint8_t status)
{
    struct lk_mobility_message m;
    uint8_t room[1024];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    if (f->request_len == 0 ||
        lk_mobility_decode(&m, lk_span_of(f->request, f->request_len)) != LK_OK)
        return;
    m.type = LK_MOBILITY_BA;
    m.flags = LK_BA_PROXY;
    m.status = status;
    m.options.vendor_count = 0;
    m.options.present &= ~(UINT64_C(1) << LK_MO_IPV4_REQUEST);
    lk_mobility_mark(&m.options, LK_MO_IPV4_REPLY);
    m.options.ipv4_reply.bits = 24;
    m.options.ipv4_reply.address.octets[0] = 10;
    LK_ASSERT(lk_mobility_encode(&w, &m) == LK_OK);
    (void)!lk_mag_received(&f->mag, &f->config, lk_writer_span(&w), f->now_ms, &f->out);
    keep_promises(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static struct run f;
    static _Alignas(16) uint8_t memory[MEMORY];

    memset(&f, 0, sizeof f);
    LK_ASSERT(lk_mag_size(ROWS) <= sizeof memory);
    lk_mag_in(&f.mag, memory, ROWS, 1);
    lk_mag_defaults(&f.config);
    memcpy(f.config.realm, "r", 2);
    f.now_ms = UINT64_C(1780000000000);
    f.r = lk_reader_of(lk_span_of(octets, len));
    while (f.r.left > 0) {
        uint8_t what = lk_get_u8(&f.r);

        switch (what % 8) {
        case 0:
        case 1: want(&f, what); break;
        case 2: release(&f, what / 8 % ROWS); break;
        case 3: answer(&f, 0); break;
        case 4: answer(&f, lk_get_u8(&f.r)); break;
        case 5:
            (void)!lk_mag_received(&f.mag, &f.config, lk_get_lv8(&f.r), f.now_ms, &f.out);
            keep_promises(&f);
            break;
        case 6: f.config.pmip.timestamps = what / 8 % 2 == 0; break;
        default:
            f.now_ms += UINT64_C(250) << what / 8 % 16;
            while (lk_mag_expired(&f.mag, &f.config, f.now_ms, &f.out))
                keep_promises(&f);
            break;
        }
    }
    return 0;
}
