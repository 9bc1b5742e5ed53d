/* io/datagrams: who may have a port beside whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_the_kernel_chose_is_not_shared),
        cmocka_unit_test(a_port_that_was_named_has_a_socket_for_each_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
