/* io/datagrams: who may have a port beside whom, and what ICMP does to a batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/datagrams.h"

static const uint8_t loopback[4] = { 127, 0, 0, 1 }, none[4] = { 0 };

static int opened(const uint8_t address[4], uint16_t port)
{
    const struct lk_address at = lk_address_v4(address);
    char error[LK_SOCKET_ERROR_TEXT];
    int fd;

    return lk_datagram_socket(&fd, &at, port, error) == LK_OK ? fd : -1;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in at;
    socklen_t len = sizeof at;

    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

/* What a server answers to such a socket must not come to another of ours, of this process or of
 * another one. */
static void a_port_that_the_kernel_chose_is_not_shared(void **state)
{
    int own = opened(none, 0);

    assert_true(own >= 0);
    assert_int_equal(opened(none, port_of(own)), -1);
    assert_int_equal(opened(loopback, port_of(own)), -1);
    assert_int_equal(close(own), 0);
}

static void a_port_that_was_named_has_a_socket_for_each_worker(void **state)
{
    int own = opened(loopback, 0), first, second;
    uint16_t port = port_of(own);

    assert_int_equal(close(own), 0);
    first = opened(loopback, port);
    second = opened(loopback, port);
    assert_true(first >= 0 && second >= 0);
    assert_int_equal(close(first), 0);
    assert_int_equal(close(second), 0);
}

/* ICMP of a datagram before, which anybody can forge, takes none that comes behind it. */
static void what_is_unreachable_costs_no_other(void **state)
{
    const struct lk_address at = lk_address_v4(loopback);
    struct lk_datagrams *out = lk_datagrams_new();
    int own = opened(loopback, 0), gone = opened(loopback, 0), other = opened(loopback, 0);
    uint16_t nowhere = port_of(gone);
    struct pollfd told = { .fd = own };
    struct lk_datagram_peer peer;
    uint8_t octets[8];

    assert_int_equal(close(gone), 0);
    lk_datagram_hear_unreachable(own);
    peer = lk_datagram_to(own, &at, nowhere);
    lk_datagrams_put(out, &peer, lk_span_text("gone"));
    assert_int_equal(lk_datagrams_send(out), 0);
    assert_int_equal(poll(&told, 1, 5000), 1);
    assert_true((told.revents & POLLERR) != 0);
    peer = lk_datagram_to(own, &at, port_of(other));
    lk_datagrams_put(out, &peer, lk_span_text("there"));
    assert_int_equal(lk_datagrams_send(out), 0);
    assert_int_equal(recv(other, octets, sizeof octets, MSG_DONTWAIT), 5);
    assert_true(lk_datagram_unreachable(&peer, own)); /* and it is told */
    assert_int_equal(lk_datagram_port(&peer), nowhere);
    lk_datagrams_free(out);
    assert_int_equal(close(own), 0);
    assert_int_equal(close(other), 0);
}

/* What a tunnel sends in one batch: many of one length to one place, a shorter one, some to another
 * place between them, and none that has nothing in it. */
struct burst {
    int from, one, other;
    struct lk_datagrams *out;
    struct lk_datagram_peer to_one, to_other;
};

static void burst_begin(struct burst *b)
{
    const struct lk_address at = lk_address_v4(loopback);

    b->from = opened(loopback, 0);
    b->one = opened(loopback, 0);
    b->other = opened(loopback, 0);
    b->out = lk_datagrams_new();
    assert_true(b->from >= 0 && b->one >= 0 && b->other >= 0 && b->out != NULL);
    lk_datagrams_together(b->out);
    b->to_one = lk_datagram_to(b->from, &at, port_of(b->one));
    b->to_other = lk_datagram_to(b->from, &at, port_of(b->other));
}

static void burst_put(struct burst *b, const struct lk_datagram_peer *to, uint8_t number,
                      size_t len)
{
    uint8_t octets[1200];

    for (size_t i = 0; i < len; i++)
        octets[i] = (uint8_t)(number + i);
    lk_datagrams_put(b->out, to, lk_span_of(octets, len));
}

static void burst_take(int fd, uint8_t number, size_t len)
{
    uint8_t octets[2048];

    assert_int_equal(recv(fd, octets, sizeof octets, MSG_DONTWAIT), len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(octets[i], (uint8_t)(number + i));
}

static void burst_passes(struct burst *b)
{
    enum { MANY = 20, LEN = 1100 };
    uint8_t nothing[1];

    for (uint8_t i = 0; i < MANY; i++)
        burst_put(b, &b->to_one, i, LEN);
    burst_put(b, &b->to_one, MANY, LEN / 3);
    burst_put(b, &b->to_one, MANY + 1, LEN);
    burst_put(b, &b->to_other, 77, LEN);
    burst_put(b, &b->to_one, MANY + 2, 0);
    for (uint8_t i = 0; i < MANY; i++)
        burst_put(b, &b->to_other, i, 5);
    assert_int_equal(lk_datagrams_send(b->out), 0);
    for (uint8_t i = 0; i < MANY; i++)
        burst_take(b->one, i, LEN);
    burst_take(b->one, MANY, LEN / 3);
    burst_take(b->one, MANY + 1, LEN);
    burst_take(b->one, MANY + 2, 0);
    burst_take(b->other, 77, LEN);
    for (uint8_t i = 0; i < MANY; i++)
        burst_take(b->other, i, 5);
    assert_int_equal(recv(b->one, nothing, sizeof nothing, MSG_DONTWAIT), -1);
    assert_int_equal(recv(b->other, nothing, sizeof nothing, MSG_DONTWAIT), -1);
}

static void burst_end(struct burst *b)
{
    lk_datagrams_free(b->out);
    assert_int_equal(close(b->from), 0);
    assert_int_equal(close(b->one), 0);
    assert_int_equal(close(b->other), 0);
}

static void those_that_go_together_arrive_one_by_one(void **state)
{
    struct burst b;

    burst_begin(&b);
    burst_passes(&b);
    burst_passes(&b);
    burst_end(&b);
}

/* A socket that makes no checksums may not have several taken as one: they go one by one. */
static void where_the_kernel_refuses_they_go_alone(void **state)
{
    struct burst b;
    int yes = 1;

    burst_begin(&b);
    assert_int_equal(setsockopt(b.from, SOL_SOCKET, SO_NO_CHECK, &yes, sizeof yes), 0);
    burst_passes(&b);
    burst_passes(&b);
    burst_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_the_kernel_chose_is_not_shared),
        cmocka_unit_test(a_port_that_was_named_has_a_socket_for_each_worker),
        cmocka_unit_test(what_is_unreachable_costs_no_other),
        cmocka_unit_test(those_that_go_together_arrive_one_by_one),
        cmocka_unit_test(where_the_kernel_refuses_they_go_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
