/* The peer of the DTLS table: OpenSSL as its manual has it, one thread.
 *
 *     dtls_openssl PORT
 *
 * DTLSv1_listen answers hellos statelessly; who brings the cookie back gets a connected socket of
 * his own, and epoll tells which of them has something to say. */
#include <arpa/inet.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, KEY_LEN = 32, SECRET_LEN = 16, BUFFER = 4 * 1024 * 1024 };

static unsigned char secret[SECRET_LEN];

static int cookie_make(SSL *ssl, unsigned char *cookie, unsigned *len)
{
    BIO_ADDR *peer = BIO_ADDR_new();
    unsigned char text[64];
    size_t address_len = 0;
    unsigned short port;

    (void)BIO_dgram_get_peer(SSL_get_rbio(ssl), peer);
    (void)BIO_ADDR_rawaddress(peer, text, &address_len);
    port = BIO_ADDR_rawport(peer);
    memcpy(text + address_len, &port, sizeof port);
    BIO_ADDR_free(peer);
    return HMAC(EVP_sha256(), secret, sizeof secret, text, address_len + sizeof port, cookie,
                len) != NULL;
}

static int cookie_check(SSL *ssl, const unsigned char *cookie, unsigned len)
{
    unsigned char want[EVP_MAX_MD_SIZE];
    unsigned want_len = 0;

    return cookie_make(ssl, want, &want_len) && len == want_len &&
           CRYPTO_memcmp(want, cookie, len) == 0;
}

static unsigned on_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned room)
{
    (void)ssl;
    (void)identity;
    (void)room;
    memcpy(psk, "0123456789abcdef0123456789abcdef", KEY_LEN);
    return KEY_LEN;
}

static int socket_at(const struct sockaddr_in *own)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), on = 1, size = BUFFER;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(fd, (const struct sockaddr *)own, sizeof *own) != 0)
        exit(3);
    return fd;
}

static SSL *listener(SSL_CTX *context, int fd)
{
    SSL *ssl = SSL_new(context);

    SSL_set_bio(ssl, BIO_new_dgram(fd, BIO_NOCLOSE), NULL);
    SSL_set_bio(ssl, SSL_get_rbio(ssl), SSL_get_rbio(ssl));
    SSL_set_options(ssl, SSL_OP_COOKIE_EXCHANGE);
    SSL_set_mtu(ssl, 1400);
    return ssl;
}

static void session_end(SSL *ssl)
{
    int fd = SSL_get_fd(ssl);

    SSL_free(ssl);
    (void)close(fd);
}

static void session_go_on(SSL *ssl)
{
    unsigned char data[2048];
    int got = SSL_is_init_finished(ssl) ? 1 : SSL_accept(ssl);

    if (got == 1)
        got = SSL_read(ssl, data, sizeof data);
    if (got <= 0 && SSL_get_error(ssl, got) != SSL_ERROR_WANT_READ)
        session_end(ssl);
}

/* Who brought back the cookie gets a socket of his own. */
static void session_begin(SSL *ssl, const BIO_ADDR *peer, const struct sockaddr_in *own, int epoll)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = BIO_ADDR_rawport(peer) };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = ssl };
    size_t len = sizeof to.sin_addr;
    int fd = socket_at(own);

    (void)BIO_ADDR_rawaddress(peer, &to.sin_addr, &len);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        exit(3);
    (void)BIO_set_fd(SSL_get_rbio(ssl), fd, BIO_NOCLOSE);
    (void)BIO_ctrl(SSL_get_rbio(ssl), BIO_CTRL_DGRAM_SET_CONNECTED, 0, &to);
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    session_go_on(ssl);
}

int main(int count, char **word)
{
    struct sockaddr_in own = { .sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct epoll_event event = { .events = EPOLLIN };
    SSL_CTX *context = SSL_CTX_new(DTLS_server_method());
    int epoll = epoll_create1(0), fd;
    BIO_ADDR *peer = BIO_ADDR_new();
    SSL *next;

    if (count != 2 || RAND_bytes(secret, sizeof secret) != 1)
        return 2;
    own.sin_port = htons((unsigned short)strtoul(word[1], NULL, 10));
    (void)SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    (void)SSL_CTX_set_cipher_list(context, "PSK-AES128-GCM-SHA256");
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_cookie_generate_cb(context, cookie_make);
    SSL_CTX_set_cookie_verify_cb(context, cookie_check);
    SSL_CTX_set_psk_server_callback(context, on_psk);
    fd = socket_at(&own);
    next = listener(context, fd);
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    printf("ready\n");
    (void)fflush(stdout);
    for (;;) {
        struct epoll_event ready[EVENTS];
        int got = epoll_wait(epoll, ready, EVENTS, -1);

        for (int i = 0; i < got; i++) {
            if (ready[i].data.ptr != NULL) {
                session_go_on(ready[i].data.ptr);
                continue;
            }
            while (DTLSv1_listen(next, peer) > 0) {
                session_begin(next, peer, &own, epoll);
                next = listener(context, fd);
            }
        }
    }
}
