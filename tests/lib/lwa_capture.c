#include "lwa_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/log.h"
#include "role/seen.h"
#include "wire/sctp.h"
#include "wire/uu.h"

enum { UL_NAS_COUNT = 1, PORT_CELL = 36500, PORT_SCTP = 9899 };

static const struct lk_capture_end device = { .address = { 127, 0, 0, 5 }, .port = 50000 };
static const struct lk_capture_end wt = { .address = { 127, 0, 0, 9 }, .port = PORT_SCTP };
static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 2 };

static uint64_t ns_of(const struct lwa_world *world)
{
    return UINT64_C(1700000000000000000) + world->now_ms * 1000000u;
}

static struct lk_capture_end cell(uint32_t number, uint16_t port)
{
    struct lk_capture_end end = { .address = { 127, 0, 0, (uint8_t)(1 + number) }, .port = port };

    return end;
}

static void write_uu(struct lwa_capture *capture, const struct lwa_world *world,
                     const struct lwa_sent *sent)
{
    struct lk_uu uu = { .downlink = sent->leg == LWA_RRC_DOWN, .ue_id = 0x1000,
                        .pdu = lk_span_of(sent->octets, sent->len) };
    struct lk_capture_end enb = cell(sent->cell, PORT_CELL);
    uint8_t octets[LWA_WORLD_OCTETS + LK_UU_HEAD_LEN];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    assert_int_equal(lk_uu_encode(&w, &uu), LK_OK);
    assert_int_equal(lk_capture_udp(capture->file, ns_of(world), uu.downlink ? &enb : &device,
                                    uu.downlink ? &device : &enb, lk_writer_span(&w), NULL), LK_OK);
}

static void write_xw(struct lwa_capture *capture, const struct lwa_world *world,
                     const struct lwa_sent *sent)
{
    struct lk_capture_end enb = cell(sent->cell, PORT_SCTP);
    uint8_t octets[LWA_WORLD_OCTETS + 32], shown[sizeof octets];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    bool down = sent->leg == LWA_XW_DOWN;
    uint32_t sum;

    lk_put_be16(&w, LK_XWAP_PORT);
    lk_put_be16(&w, LK_XWAP_PORT);
    lk_put_be64(&w, 0x0000000700000000);
    lk_put_be16(&w, 0x0003); /* DATA, begins and ends */
    lk_put_be16(&w, (uint16_t)(16 + sent->len));
    lk_put_be32(&w, ++capture->tsn);
    lk_put_be32(&w, 0);
    lk_put_be32(&w, LK_XWAP_PPID);
    lk_put_octets(&w, sent->octets, sent->len);
    lk_put_zeroes(&w, (4 - sent->len % 4) % 4);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    sum = lk_sctp_checksum(lk_writer_span(&w));
    for (size_t i = 0; i < 4; i++)
        octets[LK_SCTP_CHECKSUM_AT + i] = (uint8_t)(sum >> 8 * i);
    memcpy(shown, octets, w.len);
    if (capture->keys != LWA_ALL_KEYS)
        lk_seen_withhold_sctp(shown, lk_writer_span(&w));
    assert_int_equal(lk_capture_udp(capture->file, ns_of(world), down ? &enb : &wt,
                                    down ? &wt : &enb, lk_span_of(shown, w.len), NULL), LK_OK);
}

static void watch(void *context, const struct lwa_world *world, const struct lwa_sent *sent)
{
    struct lwa_capture *capture = context;

    switch (sent->leg) {
    case LWA_RRC_DOWN:
    case LWA_RRC_UP:
        write_uu(capture, world, sent);
        break;
    case LWA_XW_DOWN:
    case LWA_XW_UP:
        write_xw(capture, world, sent);
        break;
    case LWA_AIR_DOWN:
    case LWA_AIR_UP:
        assert_int_equal(lk_capture_air(capture->file, ns_of(world),
                                        lk_span_of(sent->octets, sent->len), NULL), LK_OK);
        break;
    case LWA_STORE:
    case LWA_LEGS:
        break;
    }
}

static void write_key(struct lwa_capture *capture, enum lk_key_log_kind kind,
                      const uint8_t key[LK_KEY_LOG_KEY_LEN])
{
    struct lk_key_log entry = { .kind = kind };
    char line[LK_KEY_LOG_LINE];

    memcpy(entry.station, mac, sizeof mac);
    memcpy(entry.key, key, sizeof entry.key);
    lk_key_log_write(line, &entry);
    assert_int_equal(lk_capture_secrets(capture->file, LK_SECRETS_LATCHKEY, lk_span_text(line)),
                     LK_OK);
}

static void begin(struct lwa_capture *capture, struct lwa_world *world)
{
    struct lk_uu_hello hello = { .mac = { 2, 0, 0, 0, 0, 2 } };
    struct lk_capture_end enb = cell(0, PORT_CELL);
    uint8_t octets[64];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    struct lk_kenb kenb;

    lwa_world_open(world, 1);
    world->watch = watch;
    world->watch_context = capture;
    assert_int_equal(lk_imsi_parse(&hello.imsi, lk_span_text("001010000000001")), LK_OK);
    assert_int_equal(lk_uu_hello_encode(&w, &hello), LK_OK);
    assert_int_equal(lk_capture_udp(capture->file, ns_of(world), &device, &enb,
                                    lk_writer_span(&w), NULL), LK_OK);
    lwa_world_attach(world, UL_NAS_COUNT, 0);
    if (capture->keys != LWA_NO_KEYS) {
        lk_kenb_derive(&kenb, &world->kasme, UL_NAS_COUNT);
        write_key(capture, LK_KEY_LOG_KASME, world->kasme.octets);
        write_key(capture, LK_KEY_LOG_KENB, kenb.octets);
    }
    assert_int_equal(lwa_world_wish(world, LK_ENB_EV_ADD, 0), LK_OK);
    lwa_world_run(world, 500);
    assert_true(lwa_world_talks(world));
}

static void tell(struct lwa_world *world, enum lwa_story story)
{
    switch (story) {
    case LWA_RIGHT_ORDER:
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(lwa_world_wish(world, LK_ENB_EV_REKEY, 0), LK_OK);
            lwa_world_run(world, 200);
            assert_true(lwa_world_talks(world));
        }
        assert_int_equal(lwa_world_wish(world, LK_ENB_EV_RELEASE, 0), LK_OK);
        lwa_world_run(world, 500);
        break;
    case LWA_WRONG_ORDER:
        assert_int_equal(lwa_world_wish(world, LK_ENB_EV_REKEY, 0), LK_OK);
        lwa_world_run(world, 3000);
        assert_int_equal(world->wt_facts[LK_WT_DEAUTHENTICATED], 1);
        assert_true(lwa_world_talks(world));
        break;
    case LWA_HANDOVER:
        assert_int_equal(lwa_world_wish(world, LK_ENB_EV_HANDOVER, 1), LK_OK);
        lwa_world_run(world, 300);
        assert_true(lwa_world_talks(world));
        break;
    }
}

void lwa_capture_write(const char *path, enum lwa_story story, enum lwa_keys keys)
{
    static struct lwa_world world;
    struct lwa_capture capture = { .keys = keys };

    assert_int_equal(lk_capture_open(&capture.file, path, &lk_seen_options), LK_OK);
    lwa_world_defaults(&world);
    if (story == LWA_WRONG_ORDER) {
        for (unsigned i = 0; i < LWA_CELLS; i++) {
            world.enb_config.cell[i].laboratory = true;
            world.enb_config.cell[i].order = LK_LWA_WT_FIRST;
        }
        world.wt_config.deauth_on_mismatch = true;
        world.wt_config.rsn.retry_ms = 10;
        world.delay_ms[LWA_RRC_DOWN] = world.delay_ms[LWA_RRC_UP] = 60;
    }
    begin(&capture, &world);
    tell(&world, story);
    lwa_world_close(&world);
    lk_capture_close(capture.file);
}

void lwa_capture_load(struct lk_trace *trace, enum lwa_story story, enum lwa_keys keys)
{
    char path[] = TRACE_FILE;

    trace_file_begin(path);
    lwa_capture_write(path, story, keys);
    trace_file_load(trace, path);
}
