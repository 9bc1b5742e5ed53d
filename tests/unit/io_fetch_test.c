/* io/fetch against io/http in one loop: what is posted, and who is believed over TLS. That they
 * share the loop shows that neither keeps it for itself while the other is silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/certificate.h"
#include "io/fetch.h"
#include "io/http.h"

static char folder[64];
static struct {
    uv_loop_t loop;
    struct lk_http *http;
    struct lk_fetch *fetch;
    uint16_t port;
    unsigned status;
    char body[64], subject[LK_STREAM_DETAIL];
} t;

static const char *file(const char *place, const char *name, const char *kind)
{
    static char text[32][160];
    static unsigned next;
    char *to = text[next++ % 32];

    (void)snprintf(to, sizeof text[0], "%s/%s/%s.%s", folder, place, name, kind);
    return to;
}

static void make(const char *place, const char *name)
{
    char dir[128], error[LK_CERTIFICATE_ERROR_TEXT];
    const struct lk_certificate_place at = { .dir = dir, .name = name, .now_s = time(NULL),
                                              .days = 2 };

    (void)snprintf(dir, sizeof dir, "%s/%s", folder, place);
    if (lk_certificate_make_at(&at, error) != LK_OK)
        fail_msg("%s", error);
}

static struct lk_stream_files files_of(const char *place, const char *name)
{
    return (struct lk_stream_files){ file(place, name, "crt"), file(place, name, "key"),
                                     file(place, "ca", "crt") };
}

/* Says what was asked. */
static void on_request(void *context, struct lk_http_request *request, const char *path)
{
    char text[64];
    struct lk_span body = lk_http_body(request);
    bool is_client = lk_http_is_from(request, "client.example", t.subject);

    (void)context;
    (void)snprintf(text, sizeof text, "%s %s %.*s %d", lk_http_method(request), path,
                   (int)body.len, body.len == 0 ? "" : (const char *)body.at, is_client);
    lk_http_answer(request, 200, "text/plain", lk_span_text(text));
}

static void on_done(void *context, const struct lk_fetched *fetched)
{
    (void)context;
    uv_stop(&t.loop);
    t.status = fetched->status;
    (void)snprintf(t.body, sizeof t.body, "%.*s", (int)fetched->body.len,
                   (const char *)fetched->body.at);
}

static void serve(const struct lk_stream_files *tls)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    struct lk_http_setup setup = { .loop = &t.loop, .connections = 8, .body_max = 64, .tls = tls,
                                   .handler = on_request };
    char error[LK_HTTP_ERROR_TEXT];

    setup.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(setup.fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(setup.fd, 8), 0);
    assert_int_equal(getsockname(setup.fd, (struct sockaddr *)&at, &len), 0);
    t.port = ntohs(at.sin_port);
    assert_int_equal(lk_http_serve(&t.http, &setup, error), LK_OK);
}

static void ask(const char *scheme, const char *host, const struct lk_stream_files *tls,
                const char *body)
{
    char url[96];
    const struct lk_fetch_request request = {
        .url = url, .address = "127.0.0.1", .agent = "test", .tls = tls, .timeout_ms = 5000,
        .type = body == NULL ? NULL : "text/plain",
        .body = lk_span_text(body == NULL ? "" : body),
    };

    (void)snprintf(url, sizeof url, "%s://%s:%u/a", scheme, host, t.port);
    assert_int_equal(lk_fetch_begin(t.fetch, &request), LK_OK);
    assert_int_equal(lk_fetch_begin(t.fetch, &request), LK_E_EXISTS);
    (void)uv_run(&t.loop, UV_RUN_DEFAULT);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/lk-fetch-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int drop_folder(void **state)
{
    char command[96];

    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    (void)uv_loop_init(&t.loop);
    t.fetch = lk_fetch_new(&t.loop, on_done, NULL);
    return t.fetch == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    lk_fetch_free(t.fetch);
    lk_http_stop(t.http);
    (void)uv_run(&t.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&t.loop);
}

static void in_clear(void **state)
{
    (void)state;
    serve(NULL);
    ask("http", "nowhere.example", NULL, NULL);
    assert_string_equal(t.body, "GET /a  0");
    ask("http", "nowhere.example", NULL, "what is posted");
    assert_string_equal(t.body, "POST /a what is posted 0");
}

static void over_tls(void **state)
{
    struct lk_stream_files server, ours, rogue;

    (void)state;
    make("ours", "server.example");
    make("ours", "client.example");
    make("rogue", "client.example");
    server = files_of("ours", "server.example");
    ours = files_of("ours", "client.example");
    rogue = files_of("rogue", "client.example");
    serve(&server);
    ask("https", "server.example", &ours, "x");
    assert_int_equal(t.status, 200);
    assert_string_equal(t.body, "POST /a x 1");
    /* Another name than that of the server's certificate, another CA, none of ours. */
    ask("https", "other.example", &ours, "x");
    assert_int_equal(t.status, 0);
    ask("https", "server.example", &rogue, "x");
    assert_int_equal(t.status, 0);
    ask("https", "server.example", NULL, "x");
    assert_int_equal(t.status, 0);
    /* No word in clear where TLS is wanted. */
    ask("http", "server.example", &ours, "x");
    assert_int_equal(t.status, 0);
    /* A certificate of theirs, and trust in ours: the server refuses. */
    rogue.ca = ours.ca;
    ask("https", "server.example", &rogue, "x");
    assert_int_equal(t.status, 0);
    ask("https", "server.example", &ours, NULL);
    assert_string_equal(t.body, "GET /a  1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_clear, set_up, tear_down),
        cmocka_unit_test_setup_teardown(over_tls, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
