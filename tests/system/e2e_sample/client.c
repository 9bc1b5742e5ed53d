/* An application with end-to-end keys, over TCP: says one line after the other, each when the one
 * before came back, and shows what comes.
 *
 *     client PORT SERVER_KEY APP_KEY TEXT...       keys in hex */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <latchkey/e2e.h>

#include "hex.h"

int main(int argc, char **argv)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    uint8_t server_key[32], app_key[32], octets[LK_E2E_OUTPUT_MAX];
    struct lk_e2e_client_setup setup = { .server = "app.example", .app = "notes",
                                         .server_key = server_key, .identity = "ann",
                                         .needs = LK_E2E_NEEDS_P };
    struct lk_e2e_end *end;
    int fd = socket(AF_INET, SOCK_STREAM, 0), next = 4;
    bool asks = true;
    size_t len;
    ssize_t n;

    if (argc < 5 || !hex(server_key, argv[2]) || !hex(app_key, argv[3]))
        return 2;
    setup.secrets.app_key = app_key;
    setup.secrets.app_key_len = sizeof app_key;
    to.sin_port = htons((uint16_t)atoi(argv[1]));
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        return 3;

    end = lk_e2e_client(&setup);
    for (;;) {
        if ((len = lk_e2e_read(end, octets, sizeof octets)) > 0) {
            printf("%.*s\n", (int)len, (char *)octets);
            asks = next < argc;
            if (!asks)
                lk_e2e_close(end);
        }
        if (lk_e2e_state(end) == LK_E2E_OPEN && asks) {
            asks = !lk_e2e_write(end, argv[next], strlen(argv[next]));
            next++;
        }
        while ((len = lk_e2e_output(end, octets, sizeof octets)) > 0)
            if (write(fd, octets, len) < 0)
                return 3;
        if (lk_e2e_state(end) == LK_E2E_FAILED || (n = read(fd, octets, sizeof octets)) <= 0)
            break;
        (void)lk_e2e_input(end, octets, (size_t)n);
    }
    printf("%s\n", lk_e2e_why(end));
    n = lk_e2e_state(end) == LK_E2E_CLOSED ? 0 : 1;
    lk_e2e_free(end);
    close(fd);
    return (int)n;
}
