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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_the_kernel_chose_is_not_shared),
        cmocka_unit_test(a_port_that_was_named_has_a_socket_for_each_worker),
        cmocka_unit_test(what_is_unreachable_costs_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
