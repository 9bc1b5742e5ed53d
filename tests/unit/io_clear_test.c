/* io/clear: how many may come, who gives way, and for how long who proves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clear.h"
#include "io/listener.h"

enum { STREAMS = 3, UNPROVEN_MS = 400, ENDS = 6 };

static struct {
    uv_loop_t loop;
    struct lk_clear *clear;
    int listener;
    struct sockaddr_in at;
    unsigned downs, heard;
    uint32_t last; /* who said something */
    uint32_t gone; /* and who went, from where */
    struct lk_peer from;
} w;

static void on_octets(void *context, uint32_t number, struct lk_span octets)
{
    w.heard += (unsigned)octets.len;
    w.last = number;
}

static void on_down(void *context, uint32_t number, const struct lk_peer *peer)
{
    w.downs++;
    w.gone = number;
    w.from = *peer;
}

static void turn(unsigned ms)
{
    uint64_t until = uv_hrtime() + (uint64_t)ms * 1000000;

    do {
        (void)uv_run(&w.loop, UV_RUN_NOWAIT);
        (void)usleep(1000);
    } while (uv_hrtime() < until);
}

static void begin(uint32_t a_source)
{
    const struct lk_clear_setup setup = { { NULL, on_octets, on_down }, STREAMS, a_source,
                                          UNPROVEN_MS };
    struct lk_address address = lk_address_v4((const uint8_t[]){ 127, 0, 0, 1 });
    char error[LK_SOCKET_ERROR_TEXT];
    socklen_t len = sizeof w.at;

    memset(&w, 0, sizeof w);
    assert_int_equal(uv_loop_init(&w.loop), 0);
    assert_int_equal(lk_listener_socket(&w.listener, &address, 0, error), LK_OK);
    assert_int_equal(getsockname(w.listener, (struct sockaddr *)&w.at, &len), 0);
    w.clear = lk_clear_new(&w.loop, w.listener, &setup);
    assert_non_null(w.clear);
}

static void end(void)
{
    lk_clear_free(w.clear);
    turn(5);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    (void)close(w.listener);
}

/* From 127.0.0.source. */
static int come(unsigned source)
{
    struct sockaddr_in from = { .sin_family = AF_INET,
                                .sin_addr = { htonl(0x7f000000u + source) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&w.at, sizeof w.at), 0);
    turn(10);
    return fd;
}

static bool is_over(int fd)
{
    uint8_t octet;

    turn(5);
    return recv(fd, &octet, 1, MSG_DONTWAIT) == 0 || (recv(fd, &octet, 1, MSG_DONTWAIT) < 0 &&
                                                     errno == ECONNRESET);
}

/* T44: of one source no more than its share. */
static void test_a_source_has_its_share(void **state)
{
    int fd[3];

    begin(1);
    for (unsigned i = 0; i < 3; i++)
        fd[i] = come(1 + i / 2);
    assert_false(is_over(fd[0]));
    assert_true(is_over(fd[1]));
    assert_false(is_over(fd[2]));
    assert_int_equal(lk_clear_counted(w.clear)->source_full, 1);
    assert_int_equal(lk_clear_count(w.clear), 2);
    for (unsigned i = 0; i < 3; i++)
        (void)close(fd[i]);
    end();
}

/* T44: when all places are taken, the oldest that has proven nothing gives way, and no other. */
static void test_who_has_proven_nothing_gives_way(void **state)
{
    int fd[ENDS];

    begin(ENDS);
    fd[0] = come(1);
    assert_int_equal(send(fd[0], "x", 1, 0), 1);
    turn(10);
    lk_clear_keep(w.clear, w.last);
    for (unsigned i = 1; i < 4; i++)
        fd[i] = come(1);
    assert_false(is_over(fd[0]));
    assert_true(is_over(fd[1]));
    assert_false(is_over(fd[2]));
    assert_int_equal(w.downs, 1);
    for (uint32_t i = 0; i < 2 * STREAMS; i++) /* those that are there, first or second */
        lk_clear_keep(w.clear, i);
    fd[4] = come(1);
    assert_true(is_over(fd[4]));
    assert_int_equal(lk_clear_counted(w.clear)->full, 1);
    turn(UNPROVEN_MS + 200);
    assert_int_equal(lk_clear_count(w.clear), STREAMS);
    for (unsigned i = 0; i < 5; i++)
        (void)close(fd[i]);
    end();
}

/* T44: who is released gives way before all others. */
static void test_who_is_released_goes_first(void **state)
{
    int fd[4];

    begin(ENDS);
    for (unsigned i = 0; i < 3; i++)
        fd[i] = come(1);
    assert_int_equal(send(fd[1], "x", 1, 0), 1);
    turn(10);
    lk_clear_keep(w.clear, w.last);
    lk_clear_release(w.clear, w.last);
    fd[3] = come(1);
    assert_true(is_over(fd[1]));
    assert_false(is_over(fd[0]) || is_over(fd[2]) || is_over(fd[3]));
    for (unsigned i = 0; i < 4; i++)
        (void)close(fd[i]);
    end();
}

/* T44: and has as long as who comes, however old its stream is, and no longer. */
static void test_who_is_released_has_its_time(void **state)
{
    int fd;

    begin(ENDS);
    fd = come(1);
    lk_clear_keep(w.clear, STREAMS - 1);
    turn(UNPROVEN_MS + 200);
    lk_clear_release(w.clear, STREAMS - 1);
    turn(UNPROVEN_MS / 2);
    assert_false(is_over(fd));
    turn(UNPROVEN_MS / 2 + 200);
    assert_true(is_over(fd));
    (void)close(fd);
    end();
}

/* T44: TCP itself looks after a peer that is gone without a word. */
static void test_a_peer_that_is_gone_is_noticed(void **state)
{
    struct sockaddr_in own, peer;
    socklen_t len = sizeof own, size = sizeof(int);
    int fd, ours = 2, on = 0, idle_s = 0;

    begin(ENDS);
    fd = come(1);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &len), 0);
    do {
        len = sizeof peer;
        assert_true(++ours < 1024);
    } while (ours == fd || getpeername(ours, (struct sockaddr *)&peer, &len) != 0 ||
             peer.sin_port != own.sin_port);
    assert_int_equal(getsockopt(ours, SOL_SOCKET, SO_KEEPALIVE, &on, &size), 0);
    assert_true(on != 0);
    assert_int_equal(getsockopt(ours, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, &size), 0);
    assert_true(idle_s <= 60);
    (void)close(fd);
    end();
}

/* T44 */
static void test_who_proves_nothing_in_time_goes(void **state)
{
    int fd;

    begin(ENDS);
    fd = come(1);
    turn(UNPROVEN_MS + 200);
    assert_true(is_over(fd));
    assert_int_equal(lk_clear_counted(w.clear)->too_slow, 1);
    assert_int_equal(w.downs, 1);
    (void)close(fd);
    end();
}

/* What waits is bounded: who asks and does not read is ended. */
static void test_who_does_not_read_is_ended(void **state)
{
    static uint8_t much[64 * 1024];
    enum lk_status status = LK_OK;
    int fd;

    begin(ENDS);
    fd = come(1);
    lk_clear_keep(w.clear, STREAMS - 1);
    for (unsigned i = 0; i < 500 && status == LK_OK; i++)
        status = lk_clear_send(w.clear, STREAMS - 1, LK_SPAN(much));
    assert_int_equal(status, LK_E_FULL);
    assert_int_equal(w.downs, 0); /* never from within */
    turn(200);
    assert_int_equal(w.downs, 1);
    assert_int_equal(lk_clear_send(w.clear, STREAMS - 1, LK_SPAN(much)), LK_E_NOT_FOUND);
    (void)close(fd);
    end();
}

/* T44: who goes is told with the address that it had; and its number reaches nobody, whoever has
 * its place next. */
static void test_a_number_is_of_one_stream(void **state)
{
    uint32_t first;
    int fd[2];

    begin(ENDS);
    fd[0] = come(7);
    assert_int_equal(send(fd[0], "x", 1, 0), 1);
    turn(10);
    first = w.last;
    assert_int_equal(lk_clear_peer_of(w.clear, first)->address.octets[LK_ADDRESS_LEN - 1], 7);
    (void)close(fd[0]);
    turn(10);
    assert_int_equal(w.gone, first);
    assert_int_equal(w.from.address.octets[LK_ADDRESS_LEN - 1], 7);
    fd[1] = come(8);
    assert_int_equal(send(fd[1], "x", 1, 0), 1);
    turn(10);
    assert_int_equal(lk_clear_place(w.clear, w.last), lk_clear_place(w.clear, first));
    assert_int_not_equal(w.last, first);
    assert_null(lk_clear_peer_of(w.clear, first));
    assert_int_equal(lk_clear_send(w.clear, first, lk_span_text("x")), LK_E_NOT_FOUND);
    lk_clear_close(w.clear, first);
    assert_int_equal(lk_clear_count(w.clear), 1);
    assert_int_equal(lk_clear_send(w.clear, w.last, lk_span_text("x")), LK_OK); /* control */
    (void)close(fd[1]);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_source_has_its_share),
        cmocka_unit_test(test_who_has_proven_nothing_gives_way),
        cmocka_unit_test(test_who_is_released_goes_first),
        cmocka_unit_test(test_who_is_released_has_its_time),
        cmocka_unit_test(test_a_peer_that_is_gone_is_noticed),
        cmocka_unit_test(test_who_proves_nothing_in_time_goes),
        cmocka_unit_test(test_who_does_not_read_is_ended),
        cmocka_unit_test(test_a_number_is_of_one_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
