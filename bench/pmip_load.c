/* Registrations a second: a closed loop of gateways that speak PMIPv6 over DTLS.
 *
 *     pmip_load PORT [--bindings N] [--mags N] [--window N] [--seconds S] [--warm-up S] [--fill]
 *               [--victim PROCESS-GROUP --at N]
 *
 * Gateways bench-0, bench-1, ... with the pre-shared key PSK, each from an address of its own in
 * 127/8, share the subscribers; each subscriber's token is sealed under the node key of 32 octets
 * 0x42. --fill registers each subscriber once, for the first time, and says how long that took;
 * then, for so many seconds (0: not at all), all are renewed again and again in an order without
 * neighbours. A request that is not answered within a second is sent again and counts as lost.
 * --victim: is killed when so many are acknowledged; the report is of all that were. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "dtls_client.h"
#include "io/datagrams.h"
#include "proto/pmip/identity.h"
#include "proto/radius/state.h"

enum {
    MAGS_MAX = 32,
    WINDOW_MAX = 4096, /* a sequence number has the slot in its lower bits */
    LATENCIES = 1 << 20,
    PATIENCE_US = 1000000,
    TOKEN_MAX = 64,
    REQUEST_MAX = 512,
    ENTERPRISE = 32473,
    LIFETIME = 900,
    IMSI_DIGITS = 15,
};

static const char psk[] = "a key of the bench's gateways";
static const char realm[] = "nai.epc.mnc001.mcc001.3gppnetwork.org";
static const uint64_t first_imsi = UINT64_C(1010000000000);

struct mag {
    char name[LK_RADIUS_MAG_MAX + 1];
    struct dtls_client dtls;
    /* A PBU as it is, but for IMSI, sequence, timestamp, handoff indicator and token. */
    uint8_t request[REQUEST_MAX];
    size_t len, imsi_at, timestamp_at, handoff_at, token_at;
};

struct slot {
    bool busy;
    uint16_t sequence;
    uint32_t binding;
    uint64_t sent_us, begun_us;
};

static struct {
    struct mag mag[MAGS_MAX];
    struct slot slot[WINDOW_MAX];
    uint8_t (*token)[TOKEN_MAX];
    size_t token_len;
    uint32_t mags, bindings, window, up;
    uint64_t begun, acknowledged, done, lost, refused, stride;
    uint64_t kill_at;
    uint64_t since_1970_us; /* at the zero of our clock */
    pid_t victim; /* 0: none */
    bool filling, measuring, stopped;
    int fd;
    struct lk_datagram_peer server;
    struct lk_datagrams *in, *out;
    struct lk_entropy entropy;
    uint32_t latency[LATENCIES];
} load;

static double busy_s(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static uint64_t clock_us(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

/* ---- tokens and requests ---- */

static struct lk_imsi imsi_of(uint32_t binding)
{
    struct lk_imsi imsi = { .digits = "" };
    uint64_t number = first_imsi + binding;

    for (size_t i = IMSI_DIGITS; i > 0; i--, number /= 10)
        imsi.digits[i - 1] = (char)('0' + number % 10);
    return imsi;
}

static struct mag *mag_of(uint32_t binding)
{
    return &load.mag[binding % load.mags];
}

/* As an AAA with the same node key seals them into the Class of an Access-Accept. */
static void seal_tokens(void)
{
    struct lk_node_key node_key;
    struct lk_radius_class_key key;
    uint64_t attached_ms = clock_us(CLOCK_REALTIME) / 1000;
    uint8_t salt[LK_RADIUS_CLASS_SALT_LEN], value[LK_RADIUS_CLASS_MAX];

    memset(&node_key, 0x42, sizeof node_key);
    lk_radius_class_key_derive(&key, &node_key);
    load.token = calloc(load.bindings, sizeof *load.token);
    LK_ASSERT(load.token != NULL);
    for (uint32_t i = 0; i < load.bindings; i++) {
        struct lk_radius_class content = { .imsi = imsi_of(i), .attached_ms = attached_ms };

        memcpy(content.mag, mag_of(i)->name, sizeof content.mag);
        lk_entropy_take(&load.entropy, salt, sizeof salt);
        load.token_len = lk_radius_class_seal(value, &key, &content, salt);
        LK_ASSERT(load.token_len <= TOKEN_MAX);
        memcpy(load.token[i], value, load.token_len);
    }
}

static size_t place_of(const struct mag *mag, const void *octets, size_t len)
{
    for (size_t at = 0; at + len <= mag->len; at++)
        if (lk_span_equal(lk_span_of(mag->request + at, len), lk_span_of(octets, len)))
            return at;
    LK_ASSERT(len == 0);
    return 0;
}

/* A request in the encoder's own words; what changes is found in it by marks. */
static void make_request(struct mag *mag)
{
    static const uint64_t mark = UINT64_C(0x1122334455667788);
    struct lk_mobility_message pbu = {
        .type = LK_MOBILITY_BU,
        .lifetime = LIFETIME,
        .flags = LK_BU_ACKNOWLEDGE | LK_BU_HOME | LK_BU_PROXY,
        .options = { .service = lk_span_text("internet"), .handoff = LK_HANDOFF_NONE,
                     .access = LK_ACCESS_80211, .prefix_count = 1, .timestamp = mark,
                     .vendor_count = 1 },
    };
    struct lk_mobility_options *o = &pbu.options;
    static const enum lk_mobility_option_type there[] = {
        LK_MO_MN_ID, LK_MO_SERVICE, LK_MO_PREFIX, LK_MO_HANDOFF, LK_MO_ACCESS, LK_MO_TIMESTAMP,
        LK_MO_IPV4_REQUEST, LK_MO_VENDOR,
    };
    struct lk_imsi imsi = imsi_of(0);
    uint8_t nai[LK_PMIP_NAI_MAX], mark_octets[8], handoff[4] = { LK_MO_HANDOFF, 2, 0, 5 };
    struct lk_writer n = lk_writer_of(nai, sizeof nai);
    struct lk_writer w = lk_writer_of(mag->request, sizeof mag->request);

    LK_ASSERT(lk_pmip_nai_put(&n, &imsi, lk_span_text(realm)) == LK_OK);
    for (size_t i = 0; i < LK_COUNT_OF(there); i++)
        lk_mobility_mark(o, there[i]);
    o->mn_id.subtype = LK_MN_ID_NAI;
    o->mn_id.id = lk_writer_span(&n);
    o->vendor[0] = (struct lk_mobility_vendor){ ENTERPRISE, LK_PMIP_TOKEN_SUBTYPE,
                                                lk_span_of(load.token[0], load.token_len) };
    LK_ASSERT(lk_mobility_encode(&w, &pbu) == LK_OK);
    mag->len = w.len;
    for (size_t i = 0; i < sizeof mark_octets; i++)
        mark_octets[i] = (uint8_t)(mark >> (56 - 8 * i));
    mag->imsi_at = place_of(mag, imsi.digits, IMSI_DIGITS);
    mag->timestamp_at = place_of(mag, mark_octets, sizeof mark_octets);
    mag->handoff_at = place_of(mag, handoff, sizeof handoff) + 3;
    mag->token_at = place_of(mag, load.token[0], load.token_len);
}

static void set_up_mags(void)
{
    for (uint32_t i = 0; i < load.mags; i++)
        (void)snprintf(load.mag[i].name, sizeof load.mag[i].name, "bench-%u", i);
    seal_tokens();
    for (uint32_t i = 0; i < load.mags; i++) {
        load.mag[i].dtls.psk = lk_span_text(psk);
        load.mag[i].dtls.identity = lk_span_text(load.mag[i].name);
        load.mag[i].dtls.check = true;
        make_request(&load.mag[i]);
    }
}

/* ---- datagrams out ---- */

static void send_datagram(const struct mag *mag, struct lk_span octets)
{
    struct lk_datagram_peer to = load.server;

    to.local.ipi6_addr.s6_addr[10] = to.local.ipi6_addr.s6_addr[11] = 0xff;
    to.local.ipi6_addr.s6_addr[12] = 127;
    to.local.ipi6_addr.s6_addr[14] = 1;
    to.local.ipi6_addr.s6_addr[15] = (uint8_t)(mag - load.mag);
    lk_datagrams_put(load.out, &to, octets);
}

/* One look at the clock serves an answer and the request behind it. */
static uint64_t timestamp(uint64_t now)
{
    uint64_t us = now + load.since_1970_us;

    return us / 1000000 << 16 | (us % 1000000 << 16) / 1000000;
}

static void send_request(struct slot *slot, uint64_t now)
{
    struct mag *mag = mag_of(slot->binding);
    struct lk_imsi imsi = imsi_of(slot->binding);
    uint8_t octets[REQUEST_MAX + DTLS_OVERHEAD];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);
    uint64_t stamp = timestamp(now);

    slot->sequence = (uint16_t)(slot->sequence + WINDOW_MAX);
    slot->sent_us = now;
    mag->request[6] = (uint8_t)(slot->sequence >> 8);
    mag->request[7] = (uint8_t)slot->sequence;
    memcpy(mag->request + mag->imsi_at, imsi.digits, IMSI_DIGITS);
    for (size_t i = 0; i < sizeof stamp; i++)
        mag->request[mag->timestamp_at + i] = (uint8_t)(stamp >> (56 - 8 * i));
    mag->request[mag->handoff_at] = load.filling ? LK_HANDOFF_NEW : LK_HANDOFF_NONE;
    memcpy(mag->request + mag->token_at, load.token[slot->binding], load.token_len);
    dtls_client_seal(&mag->dtls, &w, LK_DTLS_APPLICATION_DATA,
                     lk_span_of(mag->request, mag->len));
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    send_datagram(mag, lk_writer_span(&w));
}

static void next(struct slot *slot, uint64_t now)
{
    slot->busy = !(load.filling && load.begun == load.bindings);
    if (!slot->busy)
        return;
    slot->binding = (uint32_t)(load.begun++ * load.stride % load.bindings);
    slot->begun_us = now;
    send_request(slot, now);
}

/* ---- datagrams in ---- */

static void on_answer(struct lk_span pba)
{
    uint64_t now = now_us();
    uint16_t sequence;
    struct slot *slot;

    if (pba.len < 12)
        return;
    sequence = (uint16_t)(pba.at[8] << 8 | pba.at[9]);
    slot = &load.slot[sequence % WINDOW_MAX];
    if (sequence % WINDOW_MAX >= load.window || !slot->busy || slot->sequence != sequence)
        return;
    if (pba.at[6] != LK_BA_ACCEPTED)
        load.refused++;
    else
        load.acknowledged++;
    if (load.measuring) {
        load.latency[load.done % LATENCIES] = (uint32_t)(now - slot->begun_us);
        load.done++;
    }
    next(slot, now);
}

static void on_datagram(const struct lk_datagram_peer *from, struct lk_span octets)
{
    struct mag *mag = &load.mag[from->local.ipi6_addr.s6_addr[15] % MAGS_MAX];
    struct lk_reader r = lk_reader_of(octets);
    struct lk_dtls_record record;

    while (r.left > 0 && lk_dtls_record_get(&record, &r) == LK_OK) {
        uint8_t room[LK_DATAGRAM_MAX];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        if (mag->dtls.awaits == DTLS_UP && record.epoch == 1 &&
            record.type == LK_DTLS_APPLICATION_DATA) {
            on_answer(dtls_client_open(&mag->dtls, room, &record));
        } else if (mag->dtls.awaits != DTLS_UP && mag->dtls.awaits != DTLS_IDLE) {
            LK_ASSERT(dtls_client_record(&mag->dtls, &w, &record));
            load.up += mag->dtls.awaits == DTLS_UP;
            if (w.len > 0)
                send_datagram(mag, lk_writer_span(&w));
        }
    }
}

/* ---- the loop ---- */

static void turn(void)
{
    struct pollfd ready = { .fd = load.fd, .events = POLLIN };
    static uint64_t looked_us;
    size_t count;

    (void)lk_datagrams_send(load.out);
    (void)poll(&ready, 1, 100);
    count = lk_datagrams_receive(load.in, load.fd);
    for (size_t i = 0; i < count; i++) {
        struct lk_datagram_peer from;
        struct lk_span octets = lk_datagrams_at(load.in, i, &from);

        on_datagram(&from, octets);
    }
    if (now_us() - looked_us < PATIENCE_US / 10)
        return;
    looked_us = now_us();
    for (uint32_t i = 0; i < load.window; i++)
        if (load.slot[i].busy && looked_us - load.slot[i].sent_us > PATIENCE_US &&
            looked_us > load.slot[i].sent_us) {
            load.lost++;
            send_request(&load.slot[i], looked_us);
        }
}

static void connect_mags(void)
{
    for (uint32_t i = 0; i < load.mags; i++) {
        uint8_t octets[256];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);

        dtls_client_begin(&load.mag[i].dtls, &w, &load.entropy);
        send_datagram(&load.mag[i], lk_writer_span(&w));
    }
    while (load.up < load.mags && !load.stopped)
        turn();
}

/* What it had said before it died is still in our socket. */
static void kill_victim(void)
{
    static uint64_t killed_us;

    if (load.victim == 0 || load.acknowledged < load.kill_at)
        return;
    if (killed_us == 0) {
        LK_ASSERT(kill(-load.victim, SIGKILL) == 0);
        killed_us = now_us();
    }
    load.stopped = now_us() - killed_us > PATIENCE_US / 4;
}

/* Seconds that it took. */
static double fill(void)
{
    uint64_t since = now_us();

    load.filling = true;
    for (uint32_t i = 0; i < load.window; i++)
        next(&load.slot[i], now_us());
    while (load.acknowledged + load.refused < load.bindings && !load.stopped) {
        turn();
        kill_victim();
    }
    load.filling = false;
    return (double)(now_us() - since) / 1e6;
}

static int by_size(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return one < other ? -1 : one > other;
}

static void report(double fill_s, double seconds, double busy)
{
    size_t kept = load.done < LATENCIES ? (size_t)load.done : LATENCIES;

    qsort(load.latency, kept, sizeof load.latency[0], by_size);
    printf("{\"acknowledged\": %llu, \"fill_s\": %.3f, \"done\": %llu, \"rate\": %.0f, "
           "\"lost\": %llu, \"refused\": %llu, \"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u, "
           "\"busy\": %.3f}\n",
           (unsigned long long)load.acknowledged, fill_s, (unsigned long long)load.done,
           seconds > 0 ? (double)load.done / seconds : 0, (unsigned long long)load.lost,
           (unsigned long long)load.refused, kept > 0 ? load.latency[kept / 2] : 0,
           kept > 0 ? load.latency[kept * 99 / 100] : 0, kept > 0 ? load.latency[kept - 1] : 0,
           seconds > 0 ? busy / seconds : 0);
}

static void measure(double warm_up, double seconds, double fill_s)
{
    uint64_t since = now_us();
    double busy;

    load.begun = 0;
    for (uint32_t i = 0; i < load.window; i++)
        next(&load.slot[i], now_us());
    while (now_us() - since < (uint64_t)(warm_up * 1e6) && !load.stopped)
        turn();
    load.measuring = true;
    since = now_us();
    busy = busy_s();
    while (now_us() - since < (uint64_t)(seconds * 1e6) && !load.stopped)
        turn();
    report(fill_s, (double)(now_us() - since) / 1e6, busy_s() - busy);
}

/* Odd, not a multiple of five, and far from one: it goes through all of 1,000 and of 500,000. */
static uint64_t stride_of(uint64_t bindings)
{
    uint64_t stride = bindings * 61 / 100 | 1;

    while (stride % 5 == 0)
        stride += 2;
    return stride;
}

int main(int count, char **word)
{
    struct lk_address any = lk_address_v4((const uint8_t[4]){ 0 });
    double seconds = 2, warm_up = 0.5, fill_s = 0;
    char error[LK_SOCKET_ERROR_TEXT];
    bool fills = false;

    load.window = 64;
    load.mags = 8;
    load.bindings = 1000;
    for (int i = 2; i < count; i++) {
        if (strcmp(word[i], "--fill") == 0)
            fills = true;
        else if (i + 1 == count)
            return 2;
        else if (strcmp(word[i], "--bindings") == 0)
            load.bindings = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--mags") == 0)
            load.mags = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--window") == 0)
            load.window = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--victim") == 0)
            load.victim = (pid_t)strtol(word[++i], NULL, 10);
        else if (strcmp(word[i], "--at") == 0)
            load.kill_at = strtoull(word[++i], NULL, 10);
        else if (strcmp(word[i], "--seconds") == 0)
            seconds = strtod(word[++i], NULL);
        else if (strcmp(word[i], "--warm-up") == 0)
            warm_up = strtod(word[++i], NULL);
        else
            return 2;
    }
    if (count < 2 || load.window == 0 || load.window > WINDOW_MAX || load.mags == 0 ||
        load.mags > MAGS_MAX || load.bindings < load.window ||
        lk_datagram_socket(&load.fd, &any, 0, error) != LK_OK)
        return 3;
    load.in = lk_datagrams_new();
    load.out = lk_datagrams_new();
    load.server.fd = load.fd;
    load.server.has_local = true;
    load.server.from.v4.sin_family = AF_INET;
    load.server.from.v4.sin_port = htons((uint16_t)strtoul(word[1], NULL, 10));
    load.server.from.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load.since_1970_us = clock_us(CLOCK_REALTIME) - now_us();
    load.stride = stride_of(load.bindings);
    for (uint32_t i = 0; i < load.window; i++)
        load.slot[i].sequence = (uint16_t)i;
    set_up_mags();
    connect_mags();
    if (fills)
        fill_s = fill();
    if (seconds > 0 && !load.stopped)
        measure(warm_up, seconds, fill_s);
    else
        report(fill_s, 0, 0);
    return 0;
}
