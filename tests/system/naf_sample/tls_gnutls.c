/* The same as tls_openssl.c, by GnuTLS. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <latchkey/naf_gnutls.h>

static void serve(gnutls_psk_server_credentials_t credentials, struct lk_naf *naf, int fd)
{
    gnutls_session_t session;
    struct lk_naf_gnutls peer = { .naf = naf };
    struct lk_naf_user user;
    char text[LK_NAF_B_TID + 16];

    gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_TICKETS);
    gnutls_priority_set_direct(session, "NORMAL:-KX-ALL:+ECDHE-PSK:+PSK", NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_PSK, credentials);
    lk_naf_gnutls_use(session, &peer);
    gnutls_transport_set_int(session, fd);
    if (gnutls_handshake(session) == 0 && lk_naf_gnutls_user(session, &user)) {
        snprintf(text, sizeof text, "you are %s\n", user.b_tid);
        gnutls_record_send(session, text, strlen(text));
        gnutls_bye(session, GNUTLS_SHUT_WR);
    }
    gnutls_deinit(session);
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    gnutls_psk_server_credentials_t credentials;
    socklen_t at_len = sizeof at;
    char error[LK_NAF_ERROR];

    if (argc < 7)
        return 2;
    struct lk_naf_setup setup = { .name = argv[1], .bsf = argv[2], .bsf_address = argv[3],
                                  .certificate = argv[4], .key = argv[5], .ca = argv[6] };
    struct lk_naf *naf = lk_naf_new(&setup, error);
    if (naf == NULL) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    gnutls_psk_allocate_server_credentials(&credentials);
    gnutls_psk_set_server_credentials_function2(credentials, lk_naf_gnutls_psk);
    gnutls_psk_set_server_credentials_hint(credentials, LK_NAF_PSK_HINT);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &at_len) != 0)
        return 3;
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;)
        serve(credentials, naf, accept(fd, NULL, NULL));
}
