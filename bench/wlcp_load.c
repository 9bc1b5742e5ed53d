/* Devices that set up a PDN connection each: a closed loop towards a TWAG.
 *
 *     wlcp_load PORT [--devices N] [--window N] [--fixed]
 *               [--link PORT --folder DIR --node-key FILE --mag NAME]
 *
 * Reads a word a line, does it, and prints a line of JSON:
 *
 *     tell        tells the TWAG of the devices, as a TWAP would
 *     connect     a DTLS handshake of each
 *     setup       PDN CONNECTIVITY REQUEST, ACCEPT, COMPLETE of each
 *     check N     N of them, spread over all, ask again, and are told that they have it
 *
 * --fixed: all have one pair of keys and need no handshake, for a server that is a floor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtls_client.h"
#include "fleet.h"
#include "keys/wlcp.h"
#include "wire/wlcp.h"
#include "wlcp_devices.h"

enum {
    WINDOW_MAX = 4096,
    PATIENCE_US = 1000000,
    PROOF_EVERY = 64, /* of so many servers' Finished one is opened and compared */
    PTI_CHECK = BENCH_PTI + 1,
    NO_SLOT = 0xffff,
    DATAGRAM = 512,
};

static const char apn[] = "\x28\x09\x08internet"; /* its identifier, lengths and label */

struct device {
    struct dtls_keys keys;
    uint16_t slot;
};

struct slot {
    uint32_t number;
    bool used;
    uint64_t begun_us;
    struct dtls_client dtls;
    struct lk_wlcp_key key;
    char identity[LK_WLCP_IDENTITY_LEN + 1];
};

enum phase { CONNECT, SETUP, CHECK };

static struct {
    uint32_t devices, window;
    bool fixed;
    struct bench_link link;
    struct bench_fleet fleet;
    struct bench_meter meter;
    struct device *device;
    struct dtls_client speaker; /* of the device that speaks or hears */
    struct slot slot[WINDOW_MAX];
    enum phase phase;
    uint32_t next, every; /* the device that comes next, and how far it is to the one after it */
    uint32_t used;
} load = { .devices = 1000, .window = 64 };

/* ---- what a device says ---- */

static void say(uint32_t number, struct lk_span message)
{
    uint8_t octets[DATAGRAM];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    dtls_client_resume(&load.speaker, &load.device[number].keys);
    dtls_client_seal(&load.speaker, &w, LK_DTLS_APPLICATION_DATA, message);
    load.device[number].keys.records = load.speaker.keys.records;
    bench_fleet_send(&load.fleet, number, lk_writer_span(&w));
}

static uint8_t number_of(enum lk_wlcp_type type)
{
    return lk_wlcp_table.layout[type].number;
}

static void ask(uint32_t number, uint8_t pti)
{
    uint8_t message[64];
    struct lk_writer w = lk_writer_of(message, sizeof message);

    lk_put_u8(&w, number_of(LK_WLCP_CONNECTIVITY_REQUEST));
    lk_put_u8(&w, pti);
    lk_put_u8(&w, LK_WLCP_IPV4 << 4 | LK_WLCP_INITIAL);
    lk_put_octets(&w, apn, sizeof apn - 1);
    say(number, lk_writer_span(&w));
}

static void greet(struct slot *slot)
{
    uint8_t octets[DATAGRAM];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    slot->key = bench_device_key(slot->number);
    lk_wlcp_psk_identity(slot->identity, &slot->key);
    slot->dtls.check = slot->number % PROOF_EVERY == 0;
    slot->dtls.psk = LK_SPAN(slot->key.octets);
    slot->dtls.identity = lk_span_text(slot->identity);
    dtls_client_begin(&slot->dtls, &w, &load.fleet.entropy);
    bench_fleet_send(&load.fleet, slot->number, lk_writer_span(&w));
}

static void begin(struct slot *slot)
{
    slot->begun_us = bench_now_us();
    if (load.phase == CONNECT)
        greet(slot);
    else
        ask(slot->number, load.phase == SETUP ? BENCH_PTI : PTI_CHECK);
}

/* ---- the loop ---- */

static void take(struct slot *slot)
{
    slot->used = load.next < load.devices;
    if (!slot->used)
        return;
    slot->number = load.next;
    load.next += load.every;
    load.device[slot->number].slot = (uint16_t)(slot - load.slot);
    load.used++;
    begin(slot);
}

static void finish(struct slot *slot)
{
    bench_meter_add(&load.meter, slot->begun_us);
    load.device[slot->number].slot = NO_SLOT;
    load.used--;
    take(slot);
}

static void on_handshake(struct slot *slot, struct lk_span octets)
{
    uint8_t answer[DATAGRAM];
    struct lk_writer w = lk_writer_of(answer, sizeof answer);
    struct lk_reader r = lk_reader_of(octets);
    struct lk_dtls_record record;
    bool genuine = true;

    while (r.left > 0 && genuine && lk_dtls_record_get(&record, &r) == LK_OK)
        genuine = dtls_client_record(&slot->dtls, &w, &record);
    if (w.len > 0)
        bench_fleet_send(&load.fleet, slot->number, lk_writer_span(&w));
    if (!genuine) {
        load.meter.errors++;
        begin(slot);
    } else if (slot->dtls.awaits == DTLS_UP) {
        load.device[slot->number].keys = slot->dtls.keys;
        finish(slot);
    }
}

static void on_message(struct slot *slot, struct lk_span message)
{
    const uint8_t complete[] = { number_of(LK_WLCP_CONNECTIVITY_COMPLETE), BENCH_PTI };

    if (load.phase == SETUP && message.len > 2 &&
        message.at[0] == number_of(LK_WLCP_CONNECTIVITY_ACCEPT) && message.at[1] == BENCH_PTI) {
        say(slot->number, LK_SPAN(complete));
        finish(slot);
    } else if (load.phase == CHECK && message.len > 2 &&
               message.at[0] == number_of(LK_WLCP_CONNECTIVITY_REJECT) &&
               message.at[1] == PTI_CHECK && message.at[2] == LK_WLCP_CAUSE_ONE_PER_APN) {
        finish(slot);
    } else {
        load.meter.errors++; /* patience asks once more */
    }
}

static void on_datagram(uint32_t number, struct lk_span octets)
{
    struct lk_reader r = lk_reader_of(octets);
    uint8_t plain[DATAGRAM];
    struct lk_dtls_record record;
    struct slot *slot;

    if (number >= load.devices || load.device[number].slot == NO_SLOT)
        return;
    slot = &load.slot[load.device[number].slot];
    if (load.phase == CONNECT)
        on_handshake(slot, octets);
    else if (octets.len <= sizeof plain && lk_dtls_record_get(&record, &r) == LK_OK &&
             record.type == LK_DTLS_APPLICATION_DATA) {
        dtls_client_resume(&load.speaker, &load.device[number].keys);
        on_message(slot, dtls_client_open(&load.speaker, plain, &record));
    }
}

static void run(enum phase phase, uint32_t every)
{
    load.phase = phase;
    load.next = 0;
    load.every = every > 0 ? every : 1;
    bench_meter_begin(&load.meter);
    for (uint32_t i = 0; i < load.window; i++)
        take(&load.slot[i]);
    while (load.used > 0) {
        if (bench_fleet_turn(&load.fleet, on_datagram))
            continue;
        for (uint32_t i = 0; i < load.window; i++)
            if (load.slot[i].used && bench_now_us() - load.slot[i].begun_us > PATIENCE_US) {
                load.meter.errors++;
                begin(&load.slot[i]);
            }
    }
    bench_fleet_flush(&load.fleet);
    bench_meter_report(&load.meter);
}

/* ---- words ---- */

static bool read_words(int count, char **word)
{
    for (int i = 2; i < count; i++) {
        if (strcmp(word[i], "--fixed") == 0)
            load.fixed = true;
        else if (i + 1 == count)
            return false;
        else if (strcmp(word[i], "--devices") == 0)
            load.devices = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--window") == 0)
            load.window = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--link") == 0)
            load.link.port = (uint16_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--folder") == 0)
            load.link.folder = word[++i];
        else if (strcmp(word[i], "--node-key") == 0)
            load.link.node_key = word[++i];
        else if (strcmp(word[i], "--mag") == 0)
            load.link.mag = word[++i];
        else
            return false;
    }
    return count > 1 && load.window > 0 && load.window <= WINDOW_MAX && load.devices > 0 &&
           load.devices <= BENCH_ADDRESSES;
}

static void tell(void)
{
    bench_meter_begin(&load.meter);
    if (!bench_link_tell(&load.link, load.devices))
        exit(4);
    load.meter.done = load.devices;
    bench_meter_report(&load.meter);
}

int main(int count, char **word)
{
    char line[64];

    if (!read_words(count, word))
        return 2;
    load.device = calloc(load.devices, sizeof *load.device);
    if (load.device == NULL ||
        !bench_fleet_open(&load.fleet, (uint16_t)strtoul(word[1], NULL, 10)))
        return 3;
    for (uint32_t i = 0; i < load.devices; i++) {
        load.device[i].slot = NO_SLOT;
        if (load.fixed)
            load.device[i].keys = bench_fixed_keys;
    }
    while (fgets(line, sizeof line, stdin) != NULL)
        if (strcmp(line, "tell\n") == 0)
            tell();
        else if (strcmp(line, "connect\n") == 0)
            run(CONNECT, 1);
        else if (strcmp(line, "setup\n") == 0)
            run(SETUP, 1);
        else if (strncmp(line, "check ", 6) == 0)
            run(CHECK, load.devices / (uint32_t)strtoul(line + 6, NULL, 10));
        else
            return 2;
    return 0;
}
