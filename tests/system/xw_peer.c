/* One end of Xw without a role behind it, driven by lines: what system tests talk to.
 *
 *   xw_peer sctp|tcp PORT [--peer ADDRESS PORT dial|wait NAME]... [--silent MS] [--retry MS]
 *       [--retry-max MS] [--sctp-port N] [--ppid N] [--tls CERTIFICATE KEY CA] [--deaf]
 *       [--confined]
 *
 * --confined: as a worker is, with no file to open, before Xw begins.
 * Words come on standard input, one a line, answers go to standard output:
 *   send PEER HEX           one message to the peer of that row: "sent" or "not-sent STATUS"
 *   burst PEER COUNT LEN    numbered messages, each again when the queue is full: "burst-done"
 *   fill PEER LEN           messages until the queue is full: "filled COUNT"
 *   close PEER, stats, quit
 * Events: up PEER ID; down PEER ID WHY DETAIL; message PEER HEX; in numbered order only, of a
 * burst: numbered COUNT at its end, or "disorder".
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/hex.h"
#include "io/forbid.h"
#include "io/landlock.h"
#include "io/listener.h"
#include "io/xw.h"

enum { LINE_MAX_LEN = 2 * LK_XWAP_MAX + 64, WORDS_MAX = 5, BURST_MARK = 0xb5, BURST_HEAD = 9 };

static struct {
    uv_loop_t loop;
    uv_poll_t input;
    uv_timer_t again;
    struct lk_xw *xw;
    struct lk_xw_setup setup;
    struct lk_stream_files files;
    bool deaf, confined;
    char line[LINE_MAX_LEN];
    size_t line_len;
    size_t burst_peer, burst_len;
    uint32_t burst_at, burst_count, numbered;
} all;

/* ---- called back ---- */

static void on_up(void *context, uint64_t id, size_t peer)
{
    (void)printf("up %zu %llu\n", peer, (unsigned long long)id);
}

static void on_down(void *context, uint64_t id, size_t peer, enum lk_xw_down why,
                    const char *detail)
{
    (void)printf("down %zu %llu %s %s\n", peer, (unsigned long long)id, lk_xw_down_name(why),
                 detail);
}

static void numbered(struct lk_span message)
{
    struct lk_reader r = lk_reader_of(message);

    (void)lk_get_u8(&r);
    if (lk_get_be32(&r) != all.numbered++)
        (void)printf("disorder\n");
    if (lk_get_be32(&r) == all.numbered) {
        (void)printf("numbered %u\n", all.numbered);
        all.numbered = 0;
    }
}

static void on_message(void *context, uint64_t id, struct lk_span message)
{
    static char text[2 * LK_XWAP_MAX + 1];

    if (message.len >= BURST_HEAD && message.at[0] == BURST_MARK) {
        numbered(message);
        return;
    }
    for (size_t i = 0; i < message.len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", message.at[i]);
    for (size_t i = 0; i < all.setup.peers; i++)
        if (lk_xw_of_peer(all.xw, i) == id)
            (void)printf("message %zu %s\n", i, text);
}

/* ---- words ---- */

static void send_one(size_t peer, const char *hex)
{
    static uint8_t octets[LK_XWAP_MAX + 64];
    size_t len = 0;
    enum lk_status status = lk_hex_decode(octets, sizeof octets, &len, lk_span_text(hex));

    if (status == LK_OK)
        status = lk_xw_send(all.xw, lk_xw_of_peer(all.xw, peer), lk_span_of(octets, len));
    if (status == LK_OK)
        (void)printf("sent\n");
    else
        (void)printf("not-sent %s\n", lk_status_name(status));
}

static enum lk_status send_number(size_t peer, size_t len, uint32_t number, uint32_t count)
{
    static uint8_t octets[LK_XWAP_MAX];
    struct lk_writer w = lk_writer_of(octets, sizeof octets);

    lk_put_u8(&w, BURST_MARK);
    lk_put_be32(&w, number);
    lk_put_be32(&w, count);
    return lk_xw_send(all.xw, lk_xw_of_peer(all.xw, peer), lk_span_of(octets, len));
}

static void on_again(uv_timer_t *timer)
{
    while (all.burst_at < all.burst_count) {
        enum lk_status status = send_number(all.burst_peer, all.burst_len, all.burst_at,
                                            all.burst_count);

        if (status == LK_E_FULL)
            return;
        if (status != LK_OK) {
            (void)printf("burst-ended %s\n", lk_status_name(status));
            all.burst_at = all.burst_count;
            break;
        }
        all.burst_at++;
    }
    (void)uv_timer_stop(timer);
    (void)printf("burst-done\n");
}

static void fill(size_t peer, size_t len)
{
    uint32_t count = 0;

    while (count < 1000000 && send_number(peer, len, count, 0) == LK_OK)
        count++;
    (void)printf("filled %u\n", count);
}

static void stats(void)
{
    const struct lk_xw_counters *c = lk_xw_counted(all.xw);
    struct mallinfo2 heap = mallinfo2();

    (void)printf("stats {\"up\": %llu, \"down\": %llu, \"unreachable\": %llu, \"strangers\": %llu, "
                 "\"sent\": %llu, \"received\": %llu, \"full\": %llu, \"ppid_wrong\": %llu, "
                 "\"heap\": %zu}\n",
                 (unsigned long long)c->up, (unsigned long long)c->down,
                 (unsigned long long)c->unreachable, (unsigned long long)c->strangers,
                 (unsigned long long)c->sent, (unsigned long long)c->received,
                 (unsigned long long)c->full, (unsigned long long)c->ppid_wrong, heap.uordblks);
}

static void obey(char *line)
{
    char *word[WORDS_MAX] = { NULL };
    size_t count = 0;
    char *rest = NULL;
    size_t peer;

    for (char *w = strtok_r(line, " ", &rest); w != NULL && count < WORDS_MAX;
         w = strtok_r(NULL, " ", &rest))
        word[count++] = w;
    if (count == 0)
        return;
    peer = count > 1 ? strtoul(word[1], NULL, 10) : 0;
    if (strcmp(word[0], "send") == 0 && count == 3) {
        send_one(peer, word[2]);
    } else if (strcmp(word[0], "burst") == 0 && count == 4) {
        all.burst_peer = peer;
        all.burst_at = 0;
        all.burst_count = (uint32_t)strtoul(word[2], NULL, 10);
        all.burst_len = strtoul(word[3], NULL, 10);
        (void)uv_timer_start(&all.again, on_again, 0, 2);
    } else if (strcmp(word[0], "fill") == 0 && count == 3) {
        fill(peer, strtoul(word[2], NULL, 10));
    } else if (strcmp(word[0], "close") == 0) {
        lk_xw_close(all.xw, lk_xw_of_peer(all.xw, peer));
    } else if (strcmp(word[0], "stats") == 0) {
        stats();
    } else if (strcmp(word[0], "quit") == 0) {
        uv_stop(&all.loop);
    }
}

static void on_input(uv_poll_t *poll, int status, int events)
{
    char *end;
    ssize_t got = read(STDIN_FILENO, all.line + all.line_len, sizeof all.line - all.line_len - 1);

    if (got <= 0) {
        uv_stop(&all.loop);
        return;
    }
    all.line_len += (size_t)got;
    all.line[all.line_len] = '\0';
    while ((end = strchr(all.line, '\n')) != NULL) {
        *end = '\0';
        obey(all.line);
        all.line_len -= (size_t)(end + 1 - all.line);
        memmove(all.line, end + 1, all.line_len + 1);
    }
}

/* ---- beginning ---- */

static void fail(const char *what)
{
    (void)printf("cannot %s\n", what);
    exit(1);
}

static void add_peer(char **word)
{
    struct lk_xw_peer *peer = &all.setup.peer[all.setup.peers++];

    if (lk_address_parse(&peer->address, word[0]) != LK_OK)
        fail("read the address");
    peer->port = (uint16_t)strtoul(word[1], NULL, 10);
    peer->dial = strcmp(word[2], "dial") == 0;
    peer->name = word[3];
}

static void take_options(int argc, char **argv)
{
    for (int i = 3; i < argc; i++) {
        const char *option = argv[i];

        if (strcmp(option, "--deaf") == 0) {
            all.deaf = true;
        } else if (strcmp(option, "--confined") == 0) {
            all.confined = true;
        } else if (strcmp(option, "--peer") == 0 && i + 4 < argc) {
            add_peer(argv + i + 1);
            i += 4;
        } else if (strcmp(option, "--tls") == 0 && i + 3 < argc) {
            all.files = (struct lk_stream_files){ argv[i + 1], argv[i + 2], argv[i + 3] };
            i += 3;
        } else if (i + 1 < argc) {
            uint32_t value = (uint32_t)strtoul(argv[++i], NULL, 10);

            if (strcmp(option, "--silent") == 0)
                all.setup.silent_ms = value;
            else if (strcmp(option, "--retry") == 0)
                all.setup.retry_ms = value;
            else if (strcmp(option, "--retry-max") == 0)
                all.setup.retry_max_ms = value;
            else if (strcmp(option, "--ppid") == 0)
                all.setup.ppid = value;
            else if (strcmp(option, "--sctp-port") == 0)
                all.setup.sctp_port = (uint16_t)value;
            else
                fail(option);
        }
    }
}

static int fd_of(uint16_t port)
{
    static const uint8_t octets[] = { 127, 0, 0, 1 };
    const struct lk_address loopback = lk_address_v4(octets);
    char error[LK_SOCKET_ERROR_TEXT];
    int fd = -1;

    if (all.deaf)
        return -1;
    if ((all.setup.transport == LK_XW_SCTP ? lk_datagram_socket(&fd, &loopback, port, error)
                                           : lk_listener_socket(&fd, &loopback, port, error)) !=
        LK_OK)
        fail(error);
    return fd;
}

static void confine(void)
{
    struct lk_landlock nothing;
    enum lk_status status = lk_landlock_begin(&nothing);

    if (status == LK_OK) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || lk_landlock_enforce(&nothing) != LK_OK)
            fail("give up files");
        lk_landlock_drop(&nothing);
    }
    (void)printf("landlock %u\n", status == LK_OK ? nothing.abi : 0);
    if (lk_forbid_calls(LK_FORBID_FOREIGN | LK_FORBID_PROCESSES |
                        (all.deaf ? LK_FORBID_LISTENING : 0)) != LK_OK)
        fail("give up system calls");
}

int main(int argc, char **argv)
{
    struct lk_stream_trust *trust = NULL;
    char error[LK_XW_ERROR_TEXT];

    if (argc < 3)
        return 2;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    lk_xw_setup_defaults(&all.setup);
    all.setup.transport = strcmp(argv[1], "sctp") == 0 ? LK_XW_SCTP : LK_XW_TCP;
    all.setup.calls = (struct lk_xw_calls){ NULL, on_up, on_message, on_down };
    take_options(argc, argv);
    if (all.files.ca != NULL && lk_stream_trust_load(&trust, &all.files, error) != LK_OK)
        fail(error);
    all.setup.trust = trust;
    all.setup.socket = fd_of((uint16_t)strtoul(argv[2], NULL, 10));
    (void)uv_loop_init(&all.loop);
    (void)uv_timer_init(&all.loop, &all.again);
    (void)uv_poll_init(&all.loop, &all.input, STDIN_FILENO);
    (void)uv_poll_start(&all.input, UV_READABLE, on_input);
    if (all.confined)
        confine();
    if (lk_xw_new(&all.xw, &all.loop, &all.setup, error) != LK_OK)
        fail(error);
    (void)printf("ready\n");
    (void)uv_run(&all.loop, UV_RUN_DEFAULT);
    lk_xw_free(all.xw);
    uv_close((uv_handle_t *)&all.input, NULL);
    uv_close((uv_handle_t *)&all.again, NULL);
    (void)uv_run(&all.loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&all.loop);
    lk_stream_trust_free(trust);
    if (all.setup.socket >= 0)
        (void)close(all.setup.socket);
    return 0;
}
