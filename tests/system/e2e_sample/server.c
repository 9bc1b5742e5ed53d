/* A server with end-to-end keys, over TCP: says back what comes, to one after the other.
 *
 *     server SERVER_SECRET APP_KEY [KS_NAF CLIENT_KEY]     keys in hex; prints its port */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <latchkey/e2e.h>

#include "hex.h"

static uint8_t secret[32], app_key[32], ks_naf[32], client_key[32], ticket_key[32];

static enum lk_e2e_answer find(void *user, const struct lk_e2e_peer *peer,
                               struct lk_e2e_secrets *secrets)
{
    static const uint8_t ua[] = { 1, 0, 0, 0, 2 };

    if (strcmp(peer->identity, "ann") != 0 ||
        (peer->client_key != NULL && memcmp(peer->client_key, client_key, 32) != 0))
        return LK_E2E_UNKNOWN;
    secrets->app_key = app_key;
    secrets->app_key_len = sizeof app_key;
    if (peer->source == LK_E2E_KS_NAF && strcmp(peer->key_id, "cmFuZA==@bsf.example") == 0) {
        secrets->source = LK_E2E_KS_NAF;
        secrets->operator_key = ks_naf;
        secrets->ua = ua;
    }
    return LK_E2E_FOUND;
}

static void serve(int fd, const struct lk_e2e_server_setup *setup)
{
    struct lk_e2e_end *end = lk_e2e_server(setup);
    uint8_t octets[LK_E2E_OUTPUT_MAX];
    size_t len;
    ssize_t n;

    while ((n = read(fd, octets, sizeof octets)) > 0) {
        (void)lk_e2e_input(end, octets, (size_t)n);
        while ((len = lk_e2e_read(end, octets, sizeof octets)) > 0)
            (void)lk_e2e_write(end, octets, len);
        while ((len = lk_e2e_output(end, octets, sizeof octets)) > 0)
            if (write(fd, octets, len) < 0)
                break;
        if (lk_e2e_state(end) == LK_E2E_CLOSED || lk_e2e_state(end) == LK_E2E_FAILED)
            break;
    }
    printf("%s\n", lk_e2e_why(end));
    fflush(stdout);
    lk_e2e_free(end);
    close(fd);
}

int main(int argc, char **argv)
{
    static const struct lk_e2e_service services[] = { { "notes", LK_E2E_NEEDS_P } };
    const struct lk_e2e_server_setup setup = { .server = "app.example", .server_secret = secret,
                                               .services = services, .service_count = 1,
                                               .find = find, .ticket_key = ticket_key };
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t at_len = sizeof at;

    if (argc < 3 || !hex(secret, argv[1]) || !hex(app_key, argv[2]) ||
        (argc > 4 && (!hex(ks_naf, argv[3]) || !hex(client_key, argv[4]))))
        return 2;
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &at_len) != 0)
        return 3;
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;)
        serve(accept(fd, NULL, NULL), &setup);
}
