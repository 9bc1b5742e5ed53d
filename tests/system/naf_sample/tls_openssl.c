/* A server of TLS-PSK, by OpenSSL, that knows its users by their SIM.
 *
 *     tls_openssl NAME BSF-URL BSF-ADDRESS CERTIFICATE KEY CA      prints its port */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <latchkey/naf_openssl.h>

static void serve(SSL_CTX *ctx, struct lk_naf *naf, int fd)
{
    SSL *ssl = SSL_new(ctx);
    struct lk_naf_user user;
    char text[LK_NAF_B_TID + 16];

    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1 && lk_naf_openssl_user(ssl, naf, &user)) {
        snprintf(text, sizeof text, "you are %s\n", user.b_tid);
        SSL_write(ssl, text, (int)strlen(text));
        SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    socklen_t at_len = sizeof at;
    char error[LK_NAF_ERROR];

    if (argc < 7 || ctx == NULL)
        return 2;
    struct lk_naf_setup setup = { .name = argv[1], .bsf = argv[2], .bsf_address = argv[3],
                                  .certificate = argv[4], .key = argv[5], .ca = argv[6] };
    struct lk_naf *naf = lk_naf_new(&setup, error);
    if (naf == NULL) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    lk_naf_openssl_use(ctx, naf);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &at_len) != 0)
        return 3;
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;)
        serve(ctx, naf, accept(fd, NULL, NULL));
}
