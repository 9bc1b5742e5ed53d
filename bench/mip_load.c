/* Registrations a second: a closed loop of mobile nodes of Mobile IPv4 or, --six, MIPv6.
 *
 *     mip_load PORT [--six | --keys] [--bindings N] [--window N] [--seconds S] [--warm-up S]
 *              [--fill] [--from PORT] [--victim PROCESS-GROUP --at N]
 *     mip_load 0 [--six] --nodes N    associations of so many, as anchor.mip.nodes_file has them
 *
 * Each node has an address of its own in 127/8, its co-located care-of address, and answers the
 * echo requests that prove it. --fill registers each once, and says how long that took; then, for
 * so many seconds (0: not at all), all are renewed again and again in an order without neighbours.
 * --from: the port of them all: who would renew what another run has registered has the same, or
 * each of its requests is a move. --keys: of 64 nodes without a key each asks for one, from
 * another address each time. A request that is not answered within a second is sent again and
 * counts as lost. --victim: is killed when so many are acknowledged; the report is of all that
 * were. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fleet.h"
#include "mip_nodes.h"
#include "mip_words.h"

enum {
    WINDOW_MAX = 4096,
    PATIENCE_US = 1000000,
    NOBODY = 0xffff,
};

struct slot {
    bool busy;
    uint32_t node;
    uint64_t sent_us, begun_us;
};

static struct {
    struct bench_fleet fleet;
    struct bench_meter meter;
    struct slot slot[WINDOW_MAX];
    uint16_t *slot_of; /* by node */
    const struct bench_mip_words *words;
    uint32_t bindings, window;
    uint64_t begun, acknowledged, lost, refused, stride, kill_at;
    uint64_t since_1970_us; /* at the zero of our clock */
    pid_t victim;           /* 0: none */
    bool filling, measuring, stopped;
    bool resting; /* nothing new is asked */
} load = { .words = &bench_mip4, .bindings = 1000, .window = 64 };

/* ---- out ---- */

static void send_request(struct slot *slot, uint64_t now)
{
    uint8_t octets[BENCH_MIP_OCTETS];
    size_t len;

    slot->sent_us = now;
    len = load.words->request(octets, slot->node, now + load.since_1970_us);
    bench_fleet_send(&load.fleet, slot->node, lk_span_of(octets, len));
}

static void next(struct slot *slot, uint64_t now)
{
    slot->busy = !load.resting && !(load.filling && load.begun == load.bindings);
    if (!slot->busy)
        return;
    slot->node = (uint32_t)(load.begun++ * load.stride % load.bindings);
    slot->begun_us = now;
    load.slot_of[slot->node] = (uint16_t)(slot - load.slot);
    send_request(slot, now);
}

/* ---- in ---- */

static void on_datagram(uint32_t number, struct lk_span octets)
{
    enum bench_mip_answer answer = load.words->answer(octets);
    uint8_t echo[BENCH_MIP_OCTETS];
    struct slot *slot;
    size_t len;

    if (number >= load.bindings)
        return;
    if (answer == BENCH_MIP_NONE) {
        len = load.words->echo(echo, octets);
        if (len > 0)
            bench_fleet_send(&load.fleet, number, lk_span_of(echo, len));
        return;
    }
    if (load.slot_of[number] == NOBODY)
        return;
    slot = &load.slot[load.slot_of[number]];
    load.slot_of[number] = NOBODY;
    *(answer == BENCH_MIP_ACCEPTED ? &load.acknowledged : &load.refused) += 1;
    if (load.measuring)
        bench_meter_add(&load.meter, slot->begun_us);
    next(slot, bench_now_us());
}

/* ---- the loop ---- */

static void turn(void)
{
    static uint64_t looked_us;
    uint64_t now;

    (void)bench_fleet_turn(&load.fleet, on_datagram);
    now = bench_now_us();
    if (now - looked_us < PATIENCE_US / 10)
        return;
    looked_us = now;
    for (uint32_t i = 0; i < load.window; i++)
        if (load.slot[i].busy && now > load.slot[i].sent_us + PATIENCE_US) {
            load.lost++;
            send_request(&load.slot[i], now);
        }
}

/* What it had said before it died is still in our socket. */
static void kill_victim(void)
{
    static uint64_t killed_us;

    if (load.victim == 0 || load.acknowledged < load.kill_at)
        return;
    if (killed_us == 0) {
        LK_ASSERT(kill(-load.victim, SIGKILL) == 0);
        killed_us = bench_now_us();
    }
    load.stopped = bench_now_us() - killed_us > PATIENCE_US / 4;
}

static void begin(void)
{
    for (uint32_t i = 0; i < load.window; i++)
        next(&load.slot[i], bench_now_us());
}

static void turns(double seconds)
{
    uint64_t since = bench_now_us();

    while (bench_now_us() - since < (uint64_t)(seconds * 1e6))
        turn();
}

/* Answers what is still to be proven. */
static void rest(void)
{
    load.resting = true;
    turns(0.3);
    load.resting = false;
}

/* Seconds that it took. */
static double fill(void)
{
    uint64_t since = bench_now_us(), took;

    load.filling = true;
    begin();
    while (load.acknowledged + load.refused < load.bindings && !load.stopped) {
        turn();
        kill_victim();
    }
    took = bench_now_us() - since;
    if (!load.stopped)
        rest();
    load.filling = false;
    return (double)took / 1e6;
}

/* Odd, not a multiple of five, and far from one: it goes through all of 1,000 and of 1,000,000. */
static uint64_t stride_of(uint64_t bindings)
{
    uint64_t stride = bindings * 61 / 100 | 1;

    while (stride % 5 == 0)
        stride += 2;
    return stride;
}

static int list_nodes(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char digits[BENCH_NODE_DIGITS + 1];

        bench_node_digits(digits, i);
        printf("%s %d key-of-%s %s\n", digits, BENCH_NODE_SPI, digits, load.words->algorithm);
    }
    return 0;
}

int main(int count, char **word)
{
    double seconds = 2, warm_up = 0.5, fill_s = 0;
    struct timespec wall;
    uint32_t nodes = 0;
    uint16_t local = 0;
    bool fills = false;

    for (int i = 2; i < count; i++) {
        if (strcmp(word[i], "--fill") == 0)
            fills = true;
        else if (strcmp(word[i], "--six") == 0)
            load.words = &bench_mip6;
        else if (strcmp(word[i], "--keys") == 0)
            load.words = &bench_mip_keys;
        else if (i + 1 == count)
            return 2;
        else if (strcmp(word[i], "--bindings") == 0)
            load.bindings = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--window") == 0)
            load.window = (uint32_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--from") == 0)
            local = (uint16_t)strtoul(word[++i], NULL, 10);
        else if (strcmp(word[i], "--nodes") == 0)
            nodes = (uint32_t)strtoul(word[++i], NULL, 10);
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
    if (nodes > 0)
        return list_nodes(nodes);
    if (count < 2 || load.window == 0 || load.window > WINDOW_MAX ||
        load.bindings < load.window || load.bindings > BENCH_ADDRESSES ||
        !bench_fleet_open_from(&load.fleet, local, (uint16_t)strtoul(word[1], NULL, 10)))
        return 3;
    load.slot_of = malloc(load.bindings * sizeof *load.slot_of);
    LK_ASSERT(load.slot_of != NULL);
    memset(load.slot_of, 0xff, load.bindings * sizeof *load.slot_of);
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    load.since_1970_us =
        (uint64_t)wall.tv_sec * 1000000 + (uint64_t)wall.tv_nsec / 1000 - bench_now_us();
    load.stride = load.words == &bench_mip_keys ? 1 : stride_of(load.bindings);
    load.words->begin();
    if (fills)
        fill_s = fill();
    if (seconds > 0 && !load.stopped) {
        load.begun = 0;
        begin();
        turns(warm_up);
        load.measuring = true;
        bench_meter_begin(&load.meter);
        turns(seconds);
        load.meter.errors = load.lost + load.refused;
        bench_meter_report(&load.meter);
        rest();
    }
    printf("{\"fill_s\": %.3f, \"acknowledged\": %llu, \"refused\": %llu, \"lost\": %llu}\n",
           fill_s, (unsigned long long)load.acknowledged, (unsigned long long)load.refused,
           (unsigned long long)load.lost);
    return 0;
}
