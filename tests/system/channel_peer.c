/* A channel without a role behind it, driven by lines: what system tests and the bench talk to.
 *
 *   channel_peer serve|dial [--listen A] [--port N] [--peer-port N] [--sessions N]
 *       [--half-open N] [--a-source N] [--hold MS] [--handshake MS] [--retry MS]
 *       [--suites HEX,...] [--secrets FILE] [--wait] [--quiet]
 *
 * Serving, it sends back what it receives; --wait: an unknown identity may still come. Words come
 * on standard input, one a line, answers go to standard output:
 *   key IDENTITY HEX        a key is there, and whoever waits for it goes on
 *   forget IDENTITY
 *   dial A PORT LOCAL IDENTITY HEX     LOCAL "-": the socket's own address
 *   send ID TEXT, close ID
 *   age MS                  the cookies are so much older
 *   stats                   one line of numbers
 *   quit
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "io/channel_parts.h"
#include "io/datagrams.h"

enum { KEYS_MAX = 4096, LINE_MAX_LEN = 2048, WORDS_MAX = 8 };

struct key_row {
    char identity[LK_CHANNEL_IDENTITY_MAX + 1];
    struct lk_channel_key key;
};

static struct {
    uv_loop_t loop;
    uv_poll_t input;
    struct lk_channel *channel;
    bool serves, waits, quiet;
    struct key_row keys[KEYS_MAX];
    size_t key_count;
    FILE *secrets;
    char line[LINE_MAX_LEN];
    size_t line_len;
} all;

static struct key_row *key_find(struct lk_span identity)
{
    for (size_t i = 0; i < all.key_count; i++)
        if (lk_span_equal(lk_span_text(all.keys[i].identity), identity))
            return &all.keys[i];
    return NULL;
}

/* ---- called back ---- */

static enum lk_channel_answer on_psk(void *context, struct lk_span identity,
                                     struct lk_channel_key *key)
{
    const struct key_row *row = key_find(identity);

    (void)context;
    if (row == NULL)
        return all.waits ? LK_CHANNEL_KEY_WAIT : LK_CHANNEL_KEY_UNKNOWN;
    *key = row->key;
    return LK_CHANNEL_KEY_IS;
}

static void on_up(void *context, uint64_t id, struct lk_span identity,
                  const struct lk_channel_peer *peer)
{
    char address[LK_ADDRESS_TEXT], local[LK_ADDRESS_TEXT];

    (void)context;
    if (all.quiet)
        return;
    lk_address_text(address, &peer->address);
    lk_address_text(local, &peer->local);
    printf("up %llu %.*s %s %u %s\n", (unsigned long long)id, (int)identity.len,
           (const char *)identity.at, address, peer->port, local);
}

static void on_data(void *context, uint64_t id, struct lk_span octets)
{
    (void)context;
    if (!all.quiet)
        printf("data %llu %.*s\n", (unsigned long long)id, (int)octets.len,
               (const char *)octets.at);
    if (all.serves && lk_channel_send(all.channel, id, octets) != LK_OK)
        printf("unsent %llu\n", (unsigned long long)id);
}

static void on_down(void *context, uint64_t id, enum lk_channel_down why)
{
    (void)context;
    if (!all.quiet)
        printf("down %llu %s\n", (unsigned long long)id, lk_channel_down_name(why));
}

static void on_secret(void *context, const char *line)
{
    (void)context;
    (void)fprintf(all.secrets, "%s\n", line);
    (void)fflush(all.secrets);
}

/* ---- words ---- */

static void key_put(const char *identity, const char *hex)
{
    struct key_row *row = key_find(lk_span_text(identity));

    if (row == NULL) {
        LK_ASSERT(all.key_count < KEYS_MAX);
        row = &all.keys[all.key_count++];
        (void)snprintf(row->identity, sizeof row->identity, "%s", identity);
    }
    LK_ASSERT(lk_hex_decode(row->key.octets, sizeof row->key.octets, &row->key.len,
                            lk_span_text(hex)) == LK_OK);
    lk_channel_key_came(all.channel, lk_span_text(identity));
}

static void key_forget(const char *identity)
{
    struct key_row *row = key_find(lk_span_text(identity));

    if (row != NULL)
        *row = all.keys[--all.key_count];
}

static void dial(char *const *word)
{
    struct lk_channel_peer peer = { .port = (uint16_t)strtoul(word[2], NULL, 10) };
    struct lk_channel_key key;
    uint64_t id = 0;
    enum lk_status status = lk_address_parse(&peer.address, word[1]);

    if (status == LK_OK && strcmp(word[3], "-") != 0)
        status = lk_address_parse(&peer.local, word[3]);
    if (status == LK_OK)
        status = lk_hex_decode(key.octets, sizeof key.octets, &key.len, lk_span_text(word[5]));
    if (status == LK_OK)
        status = lk_channel_dial(&id, all.channel, 0, &peer, lk_span_text(word[4]), &key);
    printf("dialled %llu %s\n", (unsigned long long)id, lk_status_name(status));
}

static void stats(void)
{
    const struct lk_channel_counters *c = lk_channel_counted(all.channel);
    struct mallinfo2 heap = mallinfo2();

    printf("stats {\"up_now\": %u, \"half_open\": %u, \"hellos\": %llu, \"cookies_wrong\": %llu, "
           "\"hellos_refused\": %llu, \"ports_wrong\": %llu, \"dropped\": %llu, ",
           lk_channel_up_count(all.channel), lk_channel_half_open_count(all.channel),
           (unsigned long long)c->hellos, (unsigned long long)c->cookies_wrong,
           (unsigned long long)c->hellos_refused, (unsigned long long)c->ports_wrong,
           (unsigned long long)c->dropped);
    printf("\"handshakes\": %llu, \"source_full\": %llu, \"table_full\": %llu, "
           "\"pushed_out\": %llu, \"held\": %llu, \"up\": %llu, \"refused\": %llu, ",
           (unsigned long long)c->handshakes, (unsigned long long)c->source_full,
           (unsigned long long)c->table_full, (unsigned long long)c->pushed_out,
           (unsigned long long)c->held, (unsigned long long)c->up,
           (unsigned long long)c->refused);
    printf("\"unfinished\": %llu, \"down\": %llu, \"send_lost\": %llu, \"heap\": %zu, "
           "\"work\": [%llu, %llu, %llu]}\n",
           (unsigned long long)c->unfinished, (unsigned long long)c->down,
           (unsigned long long)c->send_lost, heap.uordblks + heap.hblkhd,
           (unsigned long long)all.channel->steps, (unsigned long long)all.channel->engines,
           (unsigned long long)all.channel->engines_gone);
}

static void quit(void)
{
    if (all.channel != NULL)
        lk_channel_free(all.channel);
    all.channel = NULL;
    (void)uv_poll_stop(&all.input);
    uv_close((uv_handle_t *)&all.input, NULL);
}

static void obey(char *line)
{
    char *word[WORDS_MAX] = { NULL };
    size_t count = 0;
    char *rest = NULL;

    for (char *at = strtok_r(line, " ", &rest); at != NULL && count < WORDS_MAX;
         at = strtok_r(NULL, " ", &rest))
        word[count++] = at;
    if (count == 3 && strcmp(word[0], "key") == 0)
        key_put(word[1], word[2]);
    else if (count == 2 && strcmp(word[0], "forget") == 0)
        key_forget(word[1]);
    else if (count == 6 && strcmp(word[0], "dial") == 0)
        dial(word);
    else if (count == 3 && strcmp(word[0], "send") == 0)
        printf("sent %s\n", lk_status_name(lk_channel_send(all.channel,
                                                           strtoull(word[1], NULL, 10),
                                                           lk_span_text(word[2]))));
    else if (count == 2 && strcmp(word[0], "close") == 0)
        lk_channel_close(all.channel, strtoull(word[1], NULL, 10));
    else if (count == 2 && strcmp(word[0], "age") == 0)
        all.channel->cookies.since_ms -= strtoull(word[1], NULL, 10);
    else if (count == 1 && strcmp(word[0], "stats") == 0)
        stats();
    else if (count == 1 && strcmp(word[0], "quit") == 0)
        quit();
    else
        printf("what\n");
}

static void on_input(uv_poll_t *poll, int status, int events)
{
    ssize_t got = read(STDIN_FILENO, all.line + all.line_len, sizeof all.line - all.line_len);
    char *end;

    (void)poll;
    (void)status;
    (void)events;
    if (got <= 0) {
        quit();
        return;
    }
    all.line_len += (size_t)got;
    while (all.channel != NULL && (end = memchr(all.line, '\n', all.line_len)) != NULL) {
        size_t len = (size_t)(end - all.line) + 1;

        *end = '\0';
        obey(all.line);
        memmove(all.line, all.line + len, all.line_len - len);
        all.line_len -= len;
    }
}

/* ---- beginning ---- */

static void suites_set(struct lk_channel_setup *setup, const char *text)
{
    setup->suites = 0;
    for (char *end; *text != '\0'; text = *end == ',' ? end + 1 : end)
        setup->suite[setup->suites++] = (enum lk_channel_suite)strtoul(text, &end, 16);
}

static void options(struct lk_channel_setup *setup, struct lk_address *address, uint16_t *port,
                    char **word)
{
    for (; *word != NULL; word++) {
        const char *name = *word;
        unsigned long number;

        if (strcmp(name, "--wait") == 0) {
            all.waits = true;
            continue;
        }
        if (strcmp(name, "--quiet") == 0) {
            all.quiet = true;
            continue;
        }
        LK_ASSERT(word[1] != NULL);
        number = strtoul(*++word, NULL, 10);
        if (strcmp(name, "--listen") == 0)
            LK_ASSERT(lk_address_parse(address, *word) == LK_OK);
        else if (strcmp(name, "--port") == 0)
            *port = (uint16_t)number;
        else if (strcmp(name, "--peer-port") == 0)
            setup->peer_port = (uint16_t)number;
        else if (strcmp(name, "--sessions") == 0)
            setup->sessions = (uint32_t)number;
        else if (strcmp(name, "--half-open") == 0)
            setup->half_open = (uint32_t)number;
        else if (strcmp(name, "--a-source") == 0)
            setup->half_open_a_source = (uint32_t)number;
        else if (strcmp(name, "--hold") == 0)
            setup->hold_ms = (uint32_t)number;
        else if (strcmp(name, "--handshake") == 0)
            setup->handshake_ms = (uint32_t)number;
        else if (strcmp(name, "--retry") == 0)
            setup->retry_ms = (uint32_t)number;
        else if (strcmp(name, "--suites") == 0)
            suites_set(setup, *word);
        else
            all.secrets = fopen(*word, "a");
    }
}

int main(int count, char **word)
{
    struct lk_channel_setup setup;
    struct lk_address address = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];
    uint16_t port = 0;
    enum lk_status status;

    LK_ASSERT(count > 1);
    all.serves = strcmp(word[1], "serve") == 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    lk_channel_setup_defaults(&setup);
    options(&setup, &address, &port, word + 2);
    setup.calls = (struct lk_channel_calls){ .psk = on_psk, .on_up = on_up, .on_data = on_data,
                                             .on_down = on_down };
    setup.watch.on_secret = all.secrets != NULL ? on_secret : NULL;
    setup.sockets = 1;
    if (lk_datagram_socket(&setup.socket[0], &address, port, error) != LK_OK) {
        (void)fprintf(stderr, "%s\n", error);
        return 3;
    }
    LK_ASSERT(uv_loop_init(&all.loop) == 0);
    status = all.serves ? lk_channel_serve(&all.channel, &all.loop, &setup)
                        : lk_channel_dialler(&all.channel, &all.loop, &setup);
    if (status != LK_OK) {
        (void)fprintf(stderr, "channel_peer: %s\n", lk_status_name(status));
        return 3;
    }
    LK_ASSERT(uv_poll_init(&all.loop, &all.input, STDIN_FILENO) == 0);
    LK_ASSERT(uv_poll_start(&all.input, UV_READABLE, on_input) == 0);
    printf("ready\n");
    (void)uv_run(&all.loop, UV_RUN_DEFAULT);
    LK_ASSERT(uv_loop_close(&all.loop) == 0);
    (void)close(setup.socket[0]);
    return 0;
}
