/* A server of HTTP that knows its users by their SIM, and tells them who they are; one connection
 * after the other.
 *
 *     http NAME BSF-URL BSF-ADDRESS CERTIFICATE KEY CA      prints its port */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <latchkey/naf.h>

/* A header's value, terminated in place; NULL. */
static char *header(char *head, const char *name)
{
    char *at = strstr(head, name), *value = at == NULL ? NULL : at + strlen(name);
    char *end = value == NULL ? NULL : strstr(value, "\r\n");

    if (end == NULL)
        return NULL;
    *end = '\0';
    return value;
}

static void serve(struct lk_naf *naf, FILE *client, char *head)
{
    char *authorization = header(head, "\r\nAuthorization: "), *method = head;
    char *uri = strchr(head, ' '), *end = uri == NULL ? NULL : strchr(uri + 1, ' ');

    if (end == NULL)
        return;
    *uri++ = *end = '\0';
    /* ten lines: */
    struct lk_naf_request request = { method, uri, authorization, NULL, 0 };
    struct lk_naf_answer answer;
    if (lk_naf_digest(naf, &answer, &request) == LK_NAF_GRANTED) {
        fprintf(client, "HTTP/1.0 200 OK\r\n\r\nyou are %s\n", answer.user.b_tid);
    } else {
        fprintf(client, "HTTP/1.0 %u -\r\n", answer.status);
        for (size_t i = 0; i < answer.challenges; i++)
            fprintf(client, "WWW-Authenticate: %s\r\n", answer.challenge[i]);
        fprintf(client, "\r\n%s %s\n", answer.what, answer.fix);
    }
    /* that was it */
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char error[LK_NAF_ERROR], head[8192];
    socklen_t at_len = sizeof at;

    if (argc < 7)
        return 2;
    struct lk_naf_setup setup = { .name = argv[1], .bsf = argv[2], .bsf_address = argv[3],
                                  .certificate = argv[4], .key = argv[5], .ca = argv[6] };
    struct lk_naf *naf = lk_naf_new(&setup, error);
    if (naf == NULL) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &at_len) != 0)
        return 3;
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int taken = accept(fd, NULL, NULL);
        ssize_t len = read(taken, head, sizeof head - 1);
        FILE *client = fdopen(taken, "w");

        head[len > 0 ? len : 0] = '\0';
        if (client == NULL)
            return 3;
        serve(naf, client, head);
        fclose(client);
    }
}
