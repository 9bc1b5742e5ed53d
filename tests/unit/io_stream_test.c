/* io/stream: both ends in one loop, certificates of every kind, and strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/certificate.h"
#include "io/http_tls.h"
#include "io/listener.h"
#include "io/stream.h"

#define NONE LK_STREAM_DOWN_REASONS
enum { DAY = 86400, SHORT_MS = 100, PATIENT_MS = 60000, A_SOURCE = 8 };

/* ---- certificates ---- */

static char folder[64];

static const char *file(const char *name, const char *kind)
{
    static char text[32][160];
    static unsigned next;
    char *to = text[next++ % 32];

    (void)snprintf(to, sizeof text[0], "%s/%s.%s", folder, name, kind);
    return to;
}

static void make(const char *stem, const char *name, const char *ca, int from_days, int until_days,
                 bool client, bool server)
{
    time_t now = time(NULL);
    char error[LK_CERTIFICATE_ERROR_TEXT];
    const struct lk_certificate_wish wish = {
        .name = name,
        .certificate = file(stem, "crt"),
        .key = file(stem, "key"),
        .ca = ca == NULL ? NULL : file(ca, "crt"),
        .ca_key = ca == NULL ? NULL : file(ca, "key"),
        .from_s = now + (int64_t)from_days * DAY,
        .until_s = now + (int64_t)until_days * DAY,
        .client = client,
        .server = server,
    };

    if (lk_certificate_make(&wish, error) != LK_OK)
        fail_msg("%s", error);
}

static int set_up(void **state)
{
    (void)snprintf(folder, sizeof folder, "/tmp/lk-stream-XXXXXX");
    assert_non_null(mkdtemp(folder));
    make("ca", "our CA", NULL, -1, 100, false, false);
    make("other-ca", "another CA", NULL, -1, 100, false, false);
    make("server", "aaa.example.org", "ca", -1, 100, false, true);
    make("client", "twap.example.org", "ca", -1, 100, true, false);
    make("stranger", "nobody.example.org", "ca", -1, 100, true, false);
    make("expired", "twap.example.org", "ca", -10, -1, true, false);
    make("early", "twap.example.org", "ca", 1, 10, true, false);
    make("untrusted", "twap.example.org", "other-ca", -1, 100, true, true);
    make("only-server", "twap.example.org", "ca", -1, 100, false, true);
    make("expired-server", "aaa.example.org", "ca", -10, -1, false, true);
    make("false-server", "aaa.example.org", "other-ca", -1, 100, false, true);
    return 0;
}

static int tear_down(void **state)
{
    char command[96];

    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static struct lk_stream_trust *trust_of(const char *stem, const char *ca)
{
    const struct lk_stream_files files = { file(stem, "crt"), file(stem, "key"), file(ca, "crt") };
    struct lk_stream_trust *trust;
    char error[LK_STREAM_ERROR_TEXT];

    if (lk_stream_trust_load(&trust, &files, error) != LK_OK)
        fail_msg("%s", error);
    return trust;
}

/* ---- a world of two ends ---- */

struct end {
    struct lk_streams *streams;
    struct lk_stream_trust *trust;
    uint64_t id; /* of the last stream that came up */
    unsigned ups, downs;
    enum lk_stream_down why;
    uint64_t down_id;
    size_t len;
    uint8_t octets[600000];
    bool echo, close_at_once;
};

struct world {
    uv_loop_t loop;
    int fd;
    uint16_t port;
    struct end server, client;
};

static bool known(void *context, const struct lk_stream_certificate *certificate, uint32_t *tag)
{
    *tag = 7;
    return lk_stream_certificate_is(certificate, "twap.example.org");
}

static void on_up(void *context, uint64_t id, const struct lk_peer *peer, uint32_t tag)
{
    struct end *end = context;

    assert_int_equal(tag, 7);
    end->id = id;
    end->ups++;
    if (end->close_at_once)
        lk_stream_close(end->streams, id);
}

static void on_octets(void *context, uint64_t id, struct lk_span octets)
{
    struct end *end = context;

    if (end->len + octets.len <= sizeof end->octets)
        memcpy(end->octets + end->len, octets.at, octets.len);
    end->len += octets.len;
    if (end->echo)
        (void)!lk_stream_send(end->streams, id, octets);
}

static void on_down(void *context, uint64_t id, const struct lk_peer *peer,
                    enum lk_stream_down why, const char *detail)
{
    struct end *end = context;

    assert_non_null(detail);
    if (getenv("LK_SAY") != NULL) print_message("%s: %s\n", lk_stream_down_name(why), detail);
    end->downs++;
    end->why = why;
    end->down_id = id;
}

static void end_in(struct end *end, uv_loop_t *loop, const char *stem, const char *ca,
                   uint32_t handshake_ms)
{
    struct lk_streams_setup setup;

    lk_streams_setup_defaults(&setup);
    setup.calls = (struct lk_stream_calls){ end, known, on_up, on_octets, on_down };
    setup.trust = end->trust = trust_of(stem, ca);
    setup.handshake_ms = handshake_ms;
    setup.half_open = 12;
    setup.half_open_a_source = A_SOURCE;
    end->why = NONE;
    end->streams = lk_streams_new(loop, &setup);
    assert_non_null(end->streams);
}

/* So much time has a handshake: none is too slow by a busy machine, where that is not meant. */
static struct world *world_of(const char *server, const char *client, uint32_t handshake_ms)
{
    struct world *w = calloc(1, sizeof *w);
    struct lk_address loopback;
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    char error[LK_SOCKET_ERROR_TEXT];

    assert_non_null(w);
    assert_int_equal(uv_loop_init(&w->loop), 0);
    end_in(&w->server, &w->loop, server, "ca", handshake_ms);
    end_in(&w->client, &w->loop, client, "ca", handshake_ms);
    assert_int_equal(lk_address_parse(&loopback, "127.0.0.1"), LK_OK);
    assert_int_equal(lk_listener_socket(&w->fd, &loopback, 0, error), LK_OK);
    assert_int_equal(getsockname(w->fd, (struct sockaddr *)&at, &len), 0);
    w->port = ntohs(at.sin_port);
    assert_int_equal(lk_streams_listen(w->server.streams, w->fd), LK_OK);
    return w;
}

static struct world *world_new(const char *server, const char *client)
{
    return world_of(server, client, PATIENT_MS);
}

static void world_free(struct world *w)
{
    lk_streams_free(w->client.streams);
    lk_streams_free(w->server.streams);
    (void)uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    lk_stream_trust_free(w->client.trust);
    lk_stream_trust_free(w->server.trust);
    (void)close(w->fd);
    free(w);
}

static uint64_t dial(struct world *w, const char *name)
{
    struct lk_peer peer = { .port = w->port };
    uint64_t id = 0;

    assert_int_equal(lk_address_parse(&peer.address, "127.0.0.1"), LK_OK);
    assert_int_equal(lk_stream_dial(&id, w->client.streams, &peer, name, 7), LK_OK);
    assert_int_not_equal(id, 0);
    return id;
}

static void turn(struct world *w)
{
    (void)uv_run(&w->loop, UV_RUN_ONCE);
}

#define UNTIL(w, true)                                          \
    do {                                                        \
        uint64_t since = uv_hrtime();                           \
        while (!(true)) {                                       \
            assert_true(uv_hrtime() - since < 5000000000ULL);   \
            turn(w);                                            \
        }                                                       \
    } while (0)

/* ---- two ends that know each other ---- */

/* spec: RFC 6614 2.3 - both ends show certificates; what goes in comes out, in order. */
static void octets_pass_both_ways(void **state)
{
    struct world *w = world_new("server", "client");
    static uint8_t sent[100000];

    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)(i * 7 + i / 251);
    w->server.echo = true;
    (void)dial(w, "aaa.example.org");
    UNTIL(w, w->client.ups == 1 && w->server.ups == 1);
    assert_int_equal(lk_streams_half_open_count(w->server.streams), 0);
    assert_int_equal(lk_streams_up_count(w->server.streams), 1);
    for (size_t at = 0; at < sizeof sent; at += 1000)
        assert_int_equal(lk_stream_send(w->client.streams, w->client.id,
                                        lk_span_of(sent + at, 1000)),
                         LK_OK);
    UNTIL(w, w->client.len == sizeof sent);
    assert_memory_equal(w->client.octets, sent, sizeof sent);
    lk_stream_close(w->client.streams, w->client.id);
    UNTIL(w, w->server.downs == 1);
    assert_int_equal(w->server.why, LK_STREAM_DOWN_CLOSED);
    assert_int_equal(w->server.down_id, w->server.id);
    assert_int_equal(w->client.downs, 0);
    assert_int_equal(lk_stream_send(w->client.streams, w->client.id, lk_span_text("x")),
                     LK_E_NOT_FOUND);
    world_free(w);
}

static void a_stream_may_be_closed_in_its_own_callback(void **state)
{
    struct world *w = world_new("server", "client");

    w->server.close_at_once = true;
    (void)dial(w, "aaa.example.org");
    UNTIL(w, w->client.downs == 1);
    assert_int_equal(w->client.why, LK_STREAM_DOWN_CLOSED);
    assert_int_equal(lk_streams_up_count(w->server.streams), 0);
    world_free(w);
}

/* Whoever asks and never reads is read no more, and then ended; memory stays bounded. */
static void who_does_not_read_is_ended(void **state)
{
    static const uint8_t octets[4096];
    struct world *w = world_new("server", "client");
    enum lk_status status = LK_OK;

    (void)dial(w, "aaa.example.org");
    UNTIL(w, w->client.ups == 1 && w->server.ups == 1);
    for (size_t i = 0; i <= LK_STREAM_OUT_MAX / sizeof octets; i++)
        status = lk_stream_send(w->server.streams, w->server.id, LK_SPAN(octets));
    assert_int_equal(status, LK_E_FULL);
    assert_int_equal(w->server.downs, 0);
    UNTIL(w, w->server.downs == 1);
    assert_int_equal(w->server.why, LK_STREAM_DOWN_BACKED_UP);
    world_free(w);
}

/* ---- refusals ---- */

static const struct {
    const char *server, *client, *name;
    enum lk_stream_down at_server, at_client; /* NONE: it does not matter, or nothing is said */
} refusals[] = {
    /* spec: RFC 6614 2.3 - the certificate leads to a CA that is trusted, at both ends. */
    { "server", "untrusted", "aaa.example.org", LK_STREAM_DOWN_UNTRUSTED, NONE },
    { "false-server", "client", "aaa.example.org", LK_STREAM_DOWN_ALERT, LK_STREAM_DOWN_UNTRUSTED },
    { "server", "expired", "aaa.example.org", LK_STREAM_DOWN_EXPIRED, NONE },
    { "server", "early", "aaa.example.org", LK_STREAM_DOWN_EXPIRED, NONE },
    { "expired-server", "client", "aaa.example.org", LK_STREAM_DOWN_ALERT, LK_STREAM_DOWN_EXPIRED },
    /* ... and names whom we expect. */
    { "server", "stranger", "aaa.example.org", LK_STREAM_DOWN_UNKNOWN, NONE },
    { "server", "client", "bbb.example.org", LK_STREAM_DOWN_ALERT, LK_STREAM_DOWN_UNKNOWN },
    /* A certificate for servers does not make a client. */
    { "server", "only-server", "aaa.example.org", LK_STREAM_DOWN_UNTRUSTED, NONE },
    { "client", "client", "twap.example.org", LK_STREAM_DOWN_ALERT, LK_STREAM_DOWN_UNTRUSTED },
};

static void no_stream_without_both_certificates(void **state)
{
    for (size_t i = 0; i < LK_COUNT_OF(refusals); i++) {
        struct world *w = world_new(refusals[i].server, refusals[i].client);

        (void)dial(w, refusals[i].name);
        UNTIL(w, w->server.downs == 1 && w->client.downs == 1);
        assert_int_equal(w->server.why, refusals[i].at_server);
        if (refusals[i].at_client != NONE)
            assert_int_equal(w->client.why, refusals[i].at_client);
        assert_int_equal(w->server.ups, 0);
        assert_int_equal(w->server.down_id, 0);
        assert_int_equal(w->server.len, 0);
        world_free(w);
    }
}

static void a_fingerprint_is_a_name(void **state)
{
    static const char digits[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
    char name[80];

    (void)snprintf(name, sizeof name, "sha256:%s", digits);
    assert_int_equal(lk_stream_name_check(name), LK_OK);
    name[sizeof "sha256:" + 61] = '\0';
    assert_int_equal(lk_stream_name_check(name), LK_E_VALUE);
    assert_int_equal(lk_stream_name_check("sha256:"), LK_E_VALUE);
    assert_int_equal(lk_stream_name_check("sha256:xy"), LK_E_VALUE);
    assert_int_equal(lk_stream_name_check(""), LK_E_VALUE);
    assert_int_equal(lk_stream_name_check("*.example.org"), LK_E_VALUE);
    assert_int_equal(lk_stream_name_check("aaa.example.org"), LK_OK);
}

static void files_that_do_not_fit_are_named(void **state)
{
    const struct {
        struct lk_stream_files files;
        const char *named;
    } rows[] = {
        { { file("server", "crt"), file("server", "key"), file("nowhere", "crt") }, "nowhere.crt" },
        { { file("nowhere", "crt"), file("server", "key"), file("ca", "crt") }, "nowhere.crt" },
        { { file("server", "crt"), file("nowhere", "key"), file("ca", "crt") }, "nowhere.key" },
        { { file("server", "crt"), file("client", "key"), file("ca", "crt") }, "server.crt" },
        { { file("server", "key"), file("server", "key"), file("ca", "crt") }, "server.key" },
        /* These would hold the reader up. */
        { { file("server", "crt"), file("server", "key"), file("fifo", "pem") }, "fifo.pem" },
        { { file("fifo", "pem"), file("server", "key"), file("ca", "crt") }, "fifo.pem" },
        { { file("server", "crt"), file("fifo", "pem"), file("ca", "crt") }, "fifo.pem" },
    };
    struct lk_http_pem pem;
    char why[LK_HTTP_ERROR_TEXT];

    (void)unlink(file("fifo", "pem"));
    assert_int_equal(mkfifo(file("fifo", "pem"), 0600), 0);

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_stream_trust *trust;
        char error[LK_STREAM_ERROR_TEXT];

        assert_int_equal(lk_stream_trust_load(&trust, &rows[i].files, error), LK_E_CONFIG);
        assert_null(trust);
        assert_non_null(strstr(error, rows[i].named));
        if (strcmp(rows[i].named, "fifo.pem") != 0)
            continue;
        assert_non_null(strstr(error, "Not a regular file"));
        assert_int_equal(lk_http_pem_read(&pem, &rows[i].files, why), LK_E_CONFIG);
        assert_non_null(strstr(why, "fifo.pem: cannot be read: Not a regular file"));
        lk_http_pem_wipe(&pem);
    }
    assert_int_equal(unlink(file("fifo", "pem")), 0);
}

/* ---- strangers ---- */

static int stranger(const struct world *w)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(w->port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void what_is_not_tls_is_told(void **state)
{
    static const char *const junk[] = {
        "GET / HTTP/1.0\r\n\r\n",
        "\x01\x02\x00\x14" "0123456789abcdef",
        "\x16\x03\x01\xff\xff" "0123456789abcdef",
    };

    for (size_t i = 0; i < LK_COUNT_OF(junk); i++) {
        struct world *w = world_new("server", "client");
        int fd = stranger(w);
        size_t len = i == 1 ? 20 : strlen(junk[i]);

        assert_int_equal(write(fd, junk[i], len), len);
        UNTIL(w, w->server.downs == 1);
        assert_int_equal(w->server.why, LK_STREAM_DOWN_NOT_TLS);
        (void)close(fd);
        world_free(w);
    }
}

/* One source does not take all places; and whom we know is served when they are free again. */
static void half_open_streams_of_a_source_are_few(void **state)
{
    struct world *w = world_new("server", "client");
    int fd[A_SOURCE + 2];

    for (size_t i = 0; i < LK_COUNT_OF(fd); i++)
        fd[i] = stranger(w);
    UNTIL(w, w->server.downs == 2);
    assert_int_equal(w->server.why, LK_STREAM_DOWN_TOO_MANY);
    assert_int_equal(lk_streams_half_open_count(w->server.streams), A_SOURCE);
    for (size_t i = 0; i < LK_COUNT_OF(fd); i++)
        (void)close(fd[i]);
    UNTIL(w, w->server.downs == LK_COUNT_OF(fd));
    assert_int_equal(lk_streams_half_open_count(w->server.streams), 0);
    (void)dial(w, "aaa.example.org");
    UNTIL(w, w->server.ups == 1);
    world_free(w);
}

/* Silence, and a hello that comes octet by octet, end in time: however slow we are ourselves, each
 * of them does, and before its hello is whole. */
static void half_open_streams_are_short(void **state)
{
    static const uint8_t hello[] = { 22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3 };
    static const uint8_t zero;
    struct world *w = world_of("server", "client", SHORT_MS);
    uint64_t begin = uv_hrtime();
    int fd[A_SOURCE];
    size_t sent = 0;

    for (size_t i = 0; i < LK_COUNT_OF(fd); i++)
        fd[i] = stranger(w);
    while (w->server.downs < LK_COUNT_OF(fd)) {
        assert_true(uv_hrtime() - begin < 10000000000ULL && sent < 500);
        (void)send(fd[0], sent < sizeof hello ? hello + sent : &zero, 1, MSG_NOSIGNAL);
        sent++;
        (void)uv_run(&w->loop, UV_RUN_NOWAIT);
        uv_sleep(SHORT_MS / 5);
    }
    assert_int_equal(w->server.why, LK_STREAM_DOWN_TOO_SLOW);
    assert_int_equal(lk_streams_half_open_count(w->server.streams), 0);
    for (size_t i = 0; i < LK_COUNT_OF(fd); i++)
        (void)close(fd[i]);
    world_free(w);
}

static void nobody_there_is_told(void **state)
{
    struct world *w = world_new("server", "client");

    lk_streams_deafen(w->server.streams);
    (void)close(w->fd);
    (void)dial(w, "aaa.example.org");
    UNTIL(w, w->client.downs == 1);
    assert_int_equal(w->client.why, LK_STREAM_DOWN_UNREACHABLE);
    w->fd = dup(0);
    world_free(w);
}

static void reasons_have_names(void **state)
{
    for (int i = 0; i < LK_STREAM_DOWN_REASONS; i++)
        assert_string_not_equal(lk_stream_down_name((enum lk_stream_down)i), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octets_pass_both_ways),
        cmocka_unit_test(a_stream_may_be_closed_in_its_own_callback),
        cmocka_unit_test(who_does_not_read_is_ended),
        cmocka_unit_test(no_stream_without_both_certificates),
        cmocka_unit_test(a_fingerprint_is_a_name),
        cmocka_unit_test(files_that_do_not_fit_are_named),
        cmocka_unit_test(what_is_not_tls_is_told),
        cmocka_unit_test(half_open_streams_of_a_source_are_few),
        cmocka_unit_test(half_open_streams_are_short),
        cmocka_unit_test(nobody_there_is_told),
        cmocka_unit_test(reasons_have_names),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
