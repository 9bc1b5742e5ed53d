/* io/http under strangers: who is counted with whom, who gives way, how long a question may take,
 * and what is passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/http.h"
#include "io/http_places.h"

/* ---- places, with time by hand ---- */

enum { PAIRS = 8 };

static struct {
    struct lk_http_places places;
    int near[PAIRS], far[PAIRS];
    struct lk_http_place *place[PAIRS];
} p;

static struct lk_peer peer(const char *address)
{
    struct lk_peer it = { .port = 1 };

    assert_int_equal(lk_address_parse(&it.address, address), LK_OK);
    return it;
}

static bool comes(unsigned i, const char *address, uint64_t now_ms)
{
    const struct lk_peer it = peer(address);

    if (!lk_http_places_may_come(&p.places, &it))
        return false;
    p.place[i] = lk_http_place_take(&p.places, &it, p.near[i], now_ms);
    return p.place[i] != NULL;
}

static bool is_ended(unsigned i)
{
    char octet;

    return recv(p.far[i], &octet, 1, MSG_DONTWAIT) == 0;
}

static int begin_places(void **state)
{
    (void)state;
    memset(&p, 0, sizeof p);
    p.places.most = 4;
    p.places.a_source = 2;
    for (unsigned i = 0; i < PAIRS; i++) {
        int pair[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        p.near[i] = pair[0];
        p.far[i] = pair[1];
    }
    return 0;
}

static int end_places(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PAIRS; i++) {
        if (p.place[i] != NULL)
            lk_http_place_leave(&p.places, p.place[i]);
        (void)close(p.near[i]);
        (void)close(p.far[i]);
    }
    return p.places.count == 0 && p.places.first == NULL && p.places.last == NULL ? 0 : -1;
}

/* T15: a host with IPv6 has a /64 of addresses, and no more places for it. */
static void a_source_has_so_many(void **state)
{
    (void)state;
    assert_true(comes(0, "2001:db8::1", 0));
    assert_true(comes(1, "2001:db8::2", 0));
    assert_false(comes(2, "2001:db8::3", 0));
    assert_true(comes(2, "2001:db8:0:1::3", 0));
    assert_true(comes(3, "192.0.2.1", 0));
    lk_http_place_leave(&p.places, p.place[0]);
    p.place[0] = NULL;
    assert_true(comes(4, "2001:db8::3", 0));
    assert_false(is_ended(1));
}

/* T15: the oldest gives way that has not asked, and who was answered is as new as who comes. */
static void the_oldest_gives_way(void **state)
{
    (void)state;
    assert_true(comes(0, "192.0.2.1", 0));
    assert_true(comes(1, "192.0.2.2", 0));
    assert_true(comes(2, "192.0.2.3", 0));
    assert_true(comes(3, "192.0.2.4", 0));
    lk_http_place_asked(p.place[0]);
    lk_http_place_asked(p.place[1]);
    lk_http_place_answered(&p.places, p.place[1], 5);
    assert_true(comes(4, "192.0.2.5", 6));
    assert_true(is_ended(2));
    assert_true(comes(5, "192.0.2.6", 7));
    assert_true(is_ended(3));
    assert_true(comes(6, "192.0.2.7", 8));
    assert_true(is_ended(1));
    assert_false(is_ended(0));
    assert_int_equal(p.places.count, 4);
    /* All wait for answers: nobody can come. */
    lk_http_place_asked(p.place[4]);
    lk_http_place_asked(p.place[5]);
    lk_http_place_asked(p.place[6]);
    assert_false(comes(7, "192.0.2.8", 9));
    assert_false(is_ended(0));
    lk_http_place_answered(&p.places, p.place[0], 10);
    assert_true(comes(7, "192.0.2.8", 11));
    assert_true(is_ended(0));
    /* An answer to one that has ended moves nothing. */
    lk_http_place_answered(&p.places, p.place[0], 12);
    assert_int_equal(p.places.count, 4);
}

/* T15: so long to ask, from the beginning and from each answer on; an answer has its time. */
static void a_question_has_a_deadline(void **state)
{
    (void)state;
    assert_true(lk_http_places_expire(&p.places, 0) == UINT64_MAX);
    assert_true(comes(0, "192.0.2.1", 100));
    assert_true(comes(1, "192.0.2.2", 200));
    assert_true(comes(2, "192.0.2.3", 300));
    assert_int_equal(lk_http_places_expire(&p.places, 300), LK_HTTP_ASK_MS - 200);
    lk_http_place_asked(p.place[0]);
    assert_int_equal(lk_http_places_expire(&p.places, LK_HTTP_ASK_MS + 199), 1);
    assert_int_equal(lk_http_places_expire(&p.places, LK_HTTP_ASK_MS + 200), 100);
    assert_false(is_ended(0));
    assert_true(is_ended(1));
    assert_false(is_ended(2));
    lk_http_place_answered(&p.places, p.place[0], LK_HTTP_ASK_MS + 200);
    assert_int_equal(lk_http_places_expire(&p.places, LK_HTTP_ASK_MS + 300), LK_HTTP_ASK_MS - 100);
    assert_true(is_ended(2));
    assert_true(lk_http_places_expire(&p.places, 2 * LK_HTTP_ASK_MS + 200) == UINT64_MAX);
    assert_true(is_ended(0));
}

/* ---- a server ---- */

static struct {
    uv_loop_t loop;
    uv_timer_t timer;
    struct lk_http *http;
    struct lk_http_request *kept;
    uint16_t port;
    int fd[8];
} t;

static void on_request(void *context, struct lk_http_request *request, const char *path)
{
    (void)context;
    if (strcmp(path, "/later") == 0) {
        t.kept = request;
        return;
    }
    assert_int_equal(lk_http_body(request).len, 0);
    lk_http_answer(request, 200, "text/plain", lk_span_text("here"));
}

static void on_timer(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static int begin(void **state)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    struct lk_http_setup setup = { .loop = &t.loop, .connections = 3, .connections_a_source = 2,
                                   .handler = on_request };
    char error[LK_HTTP_ERROR_TEXT];

    (void)state;
    memset(&t, 0, sizeof t);
    memset(t.fd, -1, sizeof t.fd);
    (void)uv_loop_init(&t.loop);
    (void)uv_timer_init(&t.loop, &t.timer);
    setup.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(setup.fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(setup.fd, 8), 0);
    assert_int_equal(getsockname(setup.fd, (struct sockaddr *)&at, &len), 0);
    t.port = ntohs(at.sin_port);
    return lk_http_serve(&t.http, &setup, error) == LK_OK ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof t.fd / sizeof t.fd[0]; i++)
        if (t.fd[i] >= 0)
            (void)close(t.fd[i]);
    lk_http_stop(t.http);
    uv_close((uv_handle_t *)&t.timer, NULL);
    (void)uv_run(&t.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&t.loop);
}

static void turn(unsigned ms)
{
    (void)uv_timer_start(&t.timer, on_timer, ms, 0);
    (void)uv_run(&t.loop, UV_RUN_DEFAULT);
}

/* From 127.0.0.source. */
static void connect_from(unsigned i, unsigned source, const char *text)
{
    struct sockaddr_in from = { .sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(0x7f000000 | source) };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(t.port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    t.fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(t.fd[i], (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(t.fd[i], (struct sockaddr *)&to, sizeof to), 0);
    (void)send(t.fd[i], text, strlen(text), MSG_NOSIGNAL);
    turn(30);
}

/* 'a': answered; 'e': ended; '-': neither. */
static char state_of(unsigned i)
{
    char text[1024];
    ssize_t len = recv(t.fd[i], text, sizeof text - 1, MSG_DONTWAIT);

    if (len < 0)
        return errno == EAGAIN ? '-' : 'e';
    text[len] = '\0';
    return len == 0 ? 'e' : strstr(text, "\r\n\r\nhere") != NULL ? 'a' : '?';
}

#define SLOW "GET / HTTP/1.1\r\nHost: a\r\nX: "
#define WHOLE "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/* T15: all places are taken by who speaks slowly, and whoever asks is served. */
static void slow_heads_give_way(void **state)
{
    (void)state;
    connect_from(0, 2, SLOW);
    connect_from(1, 2, SLOW);
    connect_from(2, 2, WHOLE); /* the third of that source */
    assert_int_equal(state_of(2), 'e');
    connect_from(3, 3, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    connect_from(4, 4, WHOLE);
    assert_int_equal(state_of(4), 'a');
    assert_int_equal(state_of(0), 'e');
    assert_int_equal(state_of(1), '-');
    assert_int_equal(state_of(3), '-');
    connect_from(5, 5, WHOLE);
    assert_int_equal(state_of(5), 'a');
    assert_int_equal(state_of(1), 'e');
    /* Who asked has his answer, and may ask again. */
    lk_http_answer(t.kept, 200, "text/plain", lk_span_text("here"));
    turn(30);
    assert_int_equal(state_of(3), 'a');
    assert_int_equal(send(t.fd[3], WHOLE, strlen(WHOLE), MSG_NOSIGNAL), (ssize_t)strlen(WHOLE));
    turn(30);
    assert_int_equal(state_of(3), 'a');
}

/* A body that nobody wants is passed over, and not for ever. */
static void a_body_is_passed_over_so_far(void **state)
{
    static char chunk[4096 + 16] = "1000\r\n";
    size_t sent = 0;

    (void)state;
    memset(chunk + 6, 'x', 4096);
    memcpy(chunk + 6 + 4096, "\r\n", 2);
    connect_from(0, 2, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
    assert_int_equal(state_of(0), 'a');
    connect_from(1, 3, "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(send(t.fd[1], chunk, 6 + 4096 + 2, MSG_NOSIGNAL), 6 + 4096 + 2);
        turn(10);
    }
    assert_int_equal(state_of(1), '-'); /* 16 KiB */
    for (unsigned i = 0; i < 20 && send(t.fd[1], chunk, 6 + 4096 + 2, MSG_NOSIGNAL) > 0; i++) {
        sent++;
        turn(10);
    }
    assert_int_equal(state_of(1), 'e');
    assert_true(sent <= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_source_has_so_many, begin_places, end_places),
        cmocka_unit_test_setup_teardown(the_oldest_gives_way, begin_places, end_places),
        cmocka_unit_test_setup_teardown(a_question_has_a_deadline, begin_places, end_places),
        cmocka_unit_test_setup_teardown(slow_heads_give_way, begin, finish),
        cmocka_unit_test_setup_teardown(a_body_is_passed_over_so_far, begin, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
