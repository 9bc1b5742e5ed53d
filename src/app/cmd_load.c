/* latchkey load NAME: closed-loop load over UDP, with percentiles. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/args.h"
#include "app/commands.h"
#include "base/hex.h"
#include "base/secret.h"
#include "role/load.h"

struct call {
    struct lk_load_options options;
    bool json, ceiling, print_subscribers;
    int responder_cpu; /* -1: wherever */
};

enum { /* long options without a letter */
    OPTION_SERVER = 256, OPTION_SECRET, OPTION_WINDOW, OPTION_SOCKETS, OPTION_COUNT,
    OPTION_SECONDS, OPTION_WARM_UP, OPTION_IMSI, OPTION_SUBSCRIBERS, OPTION_K, OPTION_OPC,
    OPTION_DERIVE, OPTION_REALM, OPTION_TIMEOUT, OPTION_TRIES, OPTION_CHECK, OPTION_JSON,
    OPTION_CEILING, OPTION_RESPONDER_CPU, OPTION_PRINT, OPTION_HELP,
};

static const struct option long_options[] = {
    { "server", required_argument, NULL, OPTION_SERVER },
    { "secret", required_argument, NULL, OPTION_SECRET },
    { "window", required_argument, NULL, OPTION_WINDOW },
    { "sockets", required_argument, NULL, OPTION_SOCKETS },
    { "count", required_argument, NULL, OPTION_COUNT },
    { "seconds", required_argument, NULL, OPTION_SECONDS },
    { "warm-up", required_argument, NULL, OPTION_WARM_UP },
    { "imsi", required_argument, NULL, OPTION_IMSI },
    { "subscribers", required_argument, NULL, OPTION_SUBSCRIBERS },
    { "k", required_argument, NULL, OPTION_K },
    { "opc", required_argument, NULL, OPTION_OPC },
    { "derive-keys", no_argument, NULL, OPTION_DERIVE },
    { "realm", required_argument, NULL, OPTION_REALM },
    { "timeout-ms", required_argument, NULL, OPTION_TIMEOUT },
    { "tries", required_argument, NULL, OPTION_TRIES },
    { "check-every", required_argument, NULL, OPTION_CHECK },
    { "json", no_argument, NULL, OPTION_JSON },
    { "ceiling", no_argument, NULL, OPTION_CEILING },
    { "responder-cpu", required_argument, NULL, OPTION_RESPONDER_CPU },
    { "print-subscribers", no_argument, NULL, OPTION_PRINT },
    { "help", no_argument, NULL, OPTION_HELP },
    { 0 },
};

static volatile bool stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = true;
}

static void usage(FILE *to)
{
    fputs("usage: latchkey load NAME [OPTIONS]\n\n"
          "Keeps a window of exchanges in flight and tells how many a second end well.\n\n"
          "  radius-aka-prime   full authentications by EAP-AKA'\n"
          "  radius-aka         full authentications by EAP-AKA\n"
          "  radius-half-open   EAP-AKA' up to the challenge, left there\n"
          "  accounting         start and stop\n"
          "  floor              datagrams of the same sizes, for bench/floor\n\n"
          "  --server HOST:PORT      IPv4 address (127.0.0.1:1812)\n"
          "  --secret TEXT           or @FILE, or - (testing123)\n"
          "  --window N              in flight at a time (64)\n"
          "  --sockets N             source sockets; at least one for each 256 in flight\n"
          "  --count N, --seconds N  when to end (10 seconds)\n"
          "  --warm-up SECONDS       before the measurement (0)\n"
          "  --imsi IMSI             the first subscriber (001010000000001)\n"
          "  --subscribers N         as many from there on, in turn (10000); each is good for ten\n"
          "                          authentications a second\n"
          "  --k HEX, --opc HEX      of all subscribers, or @FILE (those of the laboratory)\n"
          "  --derive-keys           each its own K: AES-CMAC(--k, IMSI digits)\n"
          "  --realm TEXT            (wlan.mncMMM.mccCCC.3gppnetwork.org, two digits of MNC)\n"
          "  --timeout-ms N, --tries N   before a repeat (1000), and how often it is said (3)\n"
          "  --check-every N         compare the MSK of every so many (64; 0: never)\n"
          "  --ceiling               measure the generator against a null responder instead\n"
          "  --responder-cpu N       where that responder runs\n"
          "  --print-subscribers     print the subscribers as hostapd lines, and end\n"
          "  --json\n",
          to);
}

/* A secret of the command line: read, then out of the sight of a process list. */
static bool read_key(uint8_t key[16], const char *option, char *hex)
{
    bool read = lk_arg_hex_exact(key, 16, option, hex) == LK_OK;

    lk_arg_hide(hex);
    return read;
}

static bool read_secret(struct lk_load_options *o, char *text)
{
    struct lk_arg_text value;
    bool read = lk_arg_text(&value, "--secret", text) == LK_OK && value.len > 0 &&
                value.len <= sizeof o->secret;

    if (read) {
        memcpy(o->secret, value.text, value.len);
        o->secret_len = value.len;
    }
    lk_wipe(&value, sizeof value);
    lk_arg_hide(text);
    return read;
}

static bool read_server(struct sockaddr_in *server, const char *text)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    long port = colon == NULL ? 1812 : strtol(colon + 1, NULL, 10);
    size_t len = colon == NULL ? strlen(text) : (size_t)(colon - text);

    if (len >= sizeof host || port < 1 || port > 65535)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    server->sin_family = AF_INET;
    server->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
                     &server->sin_addr) == 1;
}

static bool read_unsigned(unsigned *value, const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    *value = (unsigned)n;
    return *end == '\0' && end != text && n <= UINT32_MAX;
}

static bool read_text(char *to, size_t cap, const char *text)
{
    size_t len = strlen(text);

    if (len >= cap)
        return false;
    memcpy(to, text, len + 1);
    return true;
}

static bool take_number(struct call *call, int option, const char *text)
{
    struct lk_load_options *o = &call->options;
    char *end = NULL;
    unsigned cpu;

    switch (option) {
    case OPTION_WINDOW: return read_unsigned(&o->window, text);
    case OPTION_SOCKETS: return read_unsigned(&o->sockets, text);
    case OPTION_TIMEOUT: return read_unsigned(&o->timeout_ms, text);
    case OPTION_TRIES: return read_unsigned(&o->tries, text) && o->tries > 0;
    case OPTION_CHECK: return read_unsigned(&o->check_every, text);
    case OPTION_COUNT: o->count = strtoull(text, &end, 10); break;
    case OPTION_SUBSCRIBERS: o->subscribers = strtoull(text, &end, 10); break;
    case OPTION_SECONDS: o->seconds = strtod(text, &end); break;
    case OPTION_WARM_UP: o->warm_up = strtod(text, &end); break;
    case OPTION_RESPONDER_CPU:
        if (!read_unsigned(&cpu, text) || cpu >= CPU_SETSIZE)
            return false;
        call->responder_cpu = (int)cpu;
        return true;
    default: return false;
    }
    return end != text && *end == '\0';
}

static bool take_option(struct call *call, int option, char *text)
{
    struct lk_load_options *o = &call->options;

    switch (option) {
    case OPTION_SERVER: return read_server(&o->server, text);
    case OPTION_SECRET: return read_secret(o, text);
    case OPTION_IMSI: return lk_imsi_parse(&o->first_imsi, lk_span_text(text)) == LK_OK;
    case OPTION_K: return read_key(o->card.k, "--k", text);
    case OPTION_OPC: return read_key(o->card.topc, "--opc", text);
    case OPTION_REALM: return read_text(o->realm, sizeof o->realm, text);
    case OPTION_DERIVE: return o->derive_keys = true;
    case OPTION_JSON: return call->json = true;
    case OPTION_CEILING: return call->ceiling = true;
    case OPTION_PRINT: return call->print_subscribers = true;
    default: return take_number(call, option, text);
    }
}

static void defaults(struct call *call)
{
    struct lk_load_options *o = &call->options;
    static const uint8_t k[16] = { 0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f,
                                   0xaa, 0x5f, 0x0a, 0x2e, 0xe2, 0x38, 0xa6, 0xbc };
    static const uint8_t opc[16] = { 0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e,
                                     0x48, 0xa5, 0x99, 0x4e, 0x37, 0xa0, 0x2b, 0xaf };
    bool read;

    memset(call, 0, sizeof *call);
    call->responder_cpu = -1;
    o->window = 64;
    o->subscribers = 10000;
    o->timeout_ms = 1000;
    o->tries = 3;
    o->check_every = 64;
    o->card = (struct lk_aka_card){ .algorithm = LK_AKA_MILENAGE, .k_len = 16, .res_len = 8 };
    memcpy(o->card.k, k, sizeof k); /* test set 1 of TS 35.208 */
    memcpy(o->card.topc, opc, sizeof opc);
    o->secret_len = strlen("testing123");
    memcpy(o->secret, "testing123", o->secret_len);
    read = read_server(&o->server, "127.0.0.1:1812") &&
           lk_imsi_parse(&o->first_imsi, lk_span_text("001010000000001")) == LK_OK;
    LK_ASSERT(read);
}

static bool read_name(enum lk_load_kind *kind, const char *name)
{
    for (unsigned k = 0; k < LK_LOAD_KIND_COUNT; k++)
        if (strcmp(name, lk_load_kind_name((enum lk_load_kind)k)) == 0) {
            *kind = (enum lk_load_kind)k;
            return true;
        }
    return false;
}

/* Prints what is off and returns false. */
static bool read_call(struct call *call, int argc, char **argv)
{
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            usage(stdout);
            exit(LK_EXIT_OK);
        }
        if (option == '?')
            return false;
        if (!take_option(call, option, optarg)) {
            fprintf(stderr, "latchkey load: --%s does not take that\n",
                    long_options[option - OPTION_SERVER].name);
            return false;
        }
    }
    if (optind + 1 == argc && !read_name(&call->options.kind, argv[optind])) {
        fprintf(stderr, "latchkey load: no load '%s'; latchkey load --help lists them\n",
                argv[optind]);
        return false;
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "latchkey load: one NAME is wanted; latchkey load --help lists them\n");
        return false;
    }
    if (call->options.count == 0 && call->options.seconds <= 0)
        call->options.seconds = 10;
    return true;
}

static int print_subscribers(const struct lk_load_options *o)
{
    char k[33], opc[33];

    for (uint64_t i = 0; i < o->subscribers; i++) {
        struct lk_imsi imsi = lk_load_imsi(o, i);
        struct lk_aka_card card = lk_load_card(o, &imsi);

        if (lk_hex_encode(k, sizeof k, lk_span_of(card.k, 16)) != LK_OK ||
            lk_hex_encode(opc, sizeof opc, lk_span_of(card.topc, 16)) != LK_OK)
            return LK_EXIT_SYSTEM;
        printf("%s %s %s 8000 000000000000\n", imsi.digits, k, opc);
    }
    return fflush(stdout) == 0 ? LK_EXIT_OK : LK_EXIT_SYSTEM;
}

/* A null responder in a process of its own, which dies with us. */
static bool start_responder(struct call *call)
{
    struct lk_load_options *o = &call->options;
    struct sockaddr_in *server = &o->server;
    socklen_t len = sizeof *server;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int buffer = 4 << 20;
    cpu_set_t cpus;
    pid_t child;

    o->subscribers = 1;
    server->sin_port = 0;
    if (fd < 0 || bind(fd, (struct sockaddr *)server, sizeof *server) != 0 ||
        getsockname(fd, (struct sockaddr *)server, &len) != 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    child = fork();
    if (child < 0)
        return false;
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        CPU_ZERO(&cpus);
        if (call->responder_cpu >= 0) {
            CPU_SET(call->responder_cpu, &cpus);
            (void)sched_setaffinity(0, sizeof cpus, &cpus);
        }
        lk_load_null_responder(fd, o);
    }
    close(fd);
    return true;
}

static uint64_t error_count(const struct lk_load_report *r)
{
    uint64_t sum = 0;

    for (unsigned e = 1; e < LK_LOAD_ERROR_COUNT; e++)
        sum += r->errors[e];
    return sum;
}

static void print_text(const struct call *call, const struct lk_load_report *r)
{
    double cpu = r->cpu_user_s + r->cpu_system_s;

    printf("%s%s, window %u: %llu in %.2f s, %.0f a second\n",
           lk_load_kind_name(call->options.kind), call->ceiling ? " (null responder)" : "",
           call->options.window, (unsigned long long)r->done, r->seconds,
           (double)r->done / r->seconds);
    printf("latency p50 %.0f us, p90 %.0f us, p99 %.0f us, max %.0f us\n", r->p50_us, r->p90_us,
           r->p99_us, r->max_us);
    printf("own CPU %.0f %% (%.2f s user, %.2f s system): %.0f a second at 100 %%\n",
           100 * cpu / r->seconds, r->cpu_user_s, r->cpu_system_s, (double)r->done / cpu);
    printf("repeats %llu, errors %llu", (unsigned long long)r->repeats,
           (unsigned long long)error_count(r));
    for (unsigned e = 1; e < LK_LOAD_ERROR_COUNT; e++)
        if (r->errors[e] > 0)
            printf(", %s %llu", lk_load_error_name((enum lk_load_error)e),
                   (unsigned long long)r->errors[e]);
    printf("\n");
    if (r->errors[LK_LOAD_AUTN_WRONG] > 0)
        printf("fix: are they in the store, with these keys? latchkey load %s "
               "--print-subscribers | latchkey subscriber import --format hostapd --replace -\n",
               lk_load_kind_name(call->options.kind));
    if (r->errors[LK_LOAD_NOTIFIED] > 0)
        printf("fix: more --subscribers; the vault makes ten vectors a second for each, and lends "
               "a few. Other reasons are in the daemon's log\n");
}

static void print_json(const struct call *call, const struct lk_load_report *r)
{
    double cpu = r->cpu_user_s + r->cpu_system_s;

    printf("{\"name\": \"%s\", \"ceiling\": %s, \"window\": %u, \"subscribers\": %llu, ",
           lk_load_kind_name(call->options.kind), call->ceiling ? "true" : "false",
           call->options.window, (unsigned long long)call->options.subscribers);
    printf("\"done\": %llu, \"seconds\": %.4f, \"rate\": %.1f, ", (unsigned long long)r->done,
           r->seconds, (double)r->done / r->seconds);
    printf("\"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, ", r->p50_us,
           r->p90_us, r->p99_us, r->max_us);
    printf("\"cpu_user_s\": %.3f, \"cpu_system_s\": %.3f, \"rate_at_full_cpu\": %.1f, ",
           r->cpu_user_s, r->cpu_system_s, cpu > 0 ? (double)r->done / cpu : 0);
    printf("\"repeats\": %llu, \"errors\": {", (unsigned long long)r->repeats);
    for (unsigned e = 1; e < LK_LOAD_ERROR_COUNT; e++)
        printf("%s\"%s\": %llu", e == 1 ? "" : ", ", lk_load_error_name((enum lk_load_error)e),
               (unsigned long long)r->errors[e]);
    printf("}}\n");
}

int lk_cmd_load(int argc, char **argv)
{
    struct call call;
    struct lk_load_report report;
    enum lk_status status;

    defaults(&call);
    if (!read_call(&call, argc, argv))
        return LK_EXIT_USAGE;
    if (call.print_subscribers)
        return print_subscribers(&call.options);
    if (call.ceiling && !start_responder(&call)) {
        fprintf(stderr, "latchkey load: no socket for the null responder: %s\n", strerror(errno));
        return LK_EXIT_SYSTEM;
    }
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    status = lk_load_run(&report, &call.options, &stopped);
    if (status == LK_E_VALUE) {
        fprintf(stderr, "latchkey load: a window of 1 to %d, and up to %d sockets\n",
                LK_LOAD_WINDOW_MAX, LK_LOAD_WINDOW_MAX / 256);
        return LK_EXIT_USAGE;
    }
    if (status != LK_OK) {
        fprintf(stderr, "latchkey load: %s\n", strerror(errno));
        return LK_EXIT_SYSTEM;
    }
    if (call.json)
        print_json(&call, &report);
    else
        print_text(&call, &report);
    return report.done > 0 && error_count(&report) == 0 ? LK_EXIT_OK : LK_EXIT_REFUSED;
}
