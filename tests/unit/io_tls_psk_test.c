/* io/tls_psk: its answer reaches who says more than is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include "io/tls_psk.h"

static const uint8_t the_key[LK_TLS_PSK_KEY] = { 1, 2, 3 };
static struct {
    int server, client;
    pthread_barrier_t said; /* the client has said more than it was asked for */
    enum lk_status status;
} t;

static bool find(void *context, uint8_t key[LK_TLS_PSK_KEY], struct lk_span identity,
                 uint16_t suite)
{
    (void)context;
    (void)identity;
    (void)suite;
    memcpy(key, the_key, LK_TLS_PSK_KEY);
    return true;
}

static size_t answer(void *context, char *text, struct lk_span identity, uint16_t suite)
{
    (void)context;
    (void)identity;
    (void)suite;
    (void)pthread_barrier_wait(&t.said);
    memcpy(text, "hello", 5);
    return 5;
}

static void *serve(void *argument)
{
    const struct lk_tls_psk_setup setup = { .fd = t.server, .hint = "h", .handshake_ms = 5000,
                                            .write_ms = 5000, .drain_ms = 5000, .find = find,
                                            .answer = answer };
    char error[LK_TLS_PSK_ERROR];

    t.status = lk_tls_psk_serve(&setup, error);
    (void)close(t.server);
    return argument;
}

static void connect_both(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int listens = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(listens, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listens, 1), 0);
    assert_int_equal(getsockname(listens, (struct sockaddr *)&at, &len), 0);
    t.client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(t.client, (struct sockaddr *)&at, sizeof at), 0);
    t.server = accept(listens, NULL, NULL);
    assert_true(t.server >= 0);
    (void)close(listens);
}

/* Closing with octets unread would be a reset. */
static void an_answer_ends_well(void **state)
{
    const gnutls_datum_t key = { (unsigned char *)(uintptr_t)the_key, sizeof the_key };
    gnutls_psk_client_credentials_t credentials;
    gnutls_session_t session;
    uint8_t octets[8000] = { 0 };
    pthread_t thread;

    (void)state;
    connect_both();
    assert_int_equal(pthread_barrier_init(&t.said, NULL, 2), 0);
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
    assert_int_equal(gnutls_psk_allocate_client_credentials(&credentials), 0);
    assert_int_equal(gnutls_psk_set_client_credentials(credentials, "who", &key,
                                                       GNUTLS_PSK_KEY_RAW), 0);
    assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL), 0);
    assert_int_equal(gnutls_priority_set_direct(
                         session, "NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK", NULL), 0);
    assert_int_equal(gnutls_credentials_set(session, GNUTLS_CRD_PSK, credentials), 0);
    gnutls_transport_set_int(session, t.client);
    assert_int_equal(gnutls_handshake(session), 0);
    assert_int_equal(gnutls_record_send(session, octets, sizeof octets), sizeof octets);
    (void)pthread_barrier_wait(&t.said);
    assert_int_equal(gnutls_record_recv(session, octets, sizeof octets), 5);
    assert_memory_equal(octets, "hello", 5);
    assert_int_equal(gnutls_record_recv(session, octets, sizeof octets), 0);
    assert_int_equal(recv(t.client, octets, sizeof octets, 0), 0);
    gnutls_deinit(session);
    gnutls_psk_free_client_credentials(credentials);
    (void)close(t.client);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(t.status, LK_OK);
    (void)pthread_barrier_destroy(&t.said);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(an_answer_ends_well) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
