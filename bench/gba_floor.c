/* The floor of Ub: libmicrohttpd and nothing else, which serves the two pages of a bootstrapping as
 * they were for somebody, fields and all, on one thread.
 *
 *     gba_floor PORT
 *
 * A request whose credentials have no nonce yet gets the challenge, any other one the result. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NONCE_AS_LONG "I1NbcX7mTVS94rHPFVMVKg8gMEBQYHCAkKCw0ODwABE="
#define OPAQUE_AS_LONG                                                                             \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BB" \
    "QkNERUZHSElKS0xNTk8="
static const char challenge[] =
    "Digest realm=\"bsf.mnc001.mcc001.pub.3gppnetwork.org\", nonce=\"" NONCE_AS_LONG
    "\", qop=\"auth-int\", algorithm=AKAv1-MD5, opaque=\"" OPAQUE_AS_LONG "\"";
static const char info[] = "qop=auth-int, nc=00000001, "
                           "cnonce=\"00112233445566778899aabbccddeeff\", "
                           "rspauth=\"00112233445566778899aabbccddeeff\"";
static const char body[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<BootstrappingInfo xmlns=\"uri:3gpp-gba\"><btid>I1NbcX7mTVS94rHPFVMVKg=="
    "@bsf.mnc001.mcc001.pub.3gppnetwork.org</btid><lifetime>2026-11-21T21:30:00Z</lifetime>"
    "</BootstrappingInfo>\n";

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **request)
{
    const char *said = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
    int first = said == NULL || strstr(said, "nonce=\"\"") != NULL;
    struct MHD_Response *response;
    enum MHD_Result result;

    (void)context, (void)url, (void)method, (void)version, (void)data, (void)size;
    if (*request == NULL) { /* the head alone: who answers now has the connection closed */
        *request = context;
        return MHD_YES;
    }
    response = MHD_create_response_from_buffer(first ? 0 : sizeof body - 1, (void *)body,
                                               MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Server", "latchkey 3gpp-gba-tmpi");
    if (first) {
        (void)MHD_add_response_header(response, "WWW-Authenticate", challenge);
    } else {
        (void)MHD_add_response_header(response, "Content-Type", "application/vnd.3gpp.bsf+xml");
        (void)MHD_add_response_header(response, "Authentication-Info", info);
        (void)MHD_add_response_header(response, "Expires", "Sat, 21 Nov 2026 21:30:00 GMT");
    }
    result = MHD_queue_response(connection, first ? 401 : 200, response);
    MHD_destroy_response(response);
    return result;
}

int main(int count, char **word)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    sigset_t ends;
    int number;

    if (count != 2)
        return 2;
    at.sin_port = htons((uint16_t)strtoul(word[1], NULL, 10));
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    if (MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, serve, word,
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at, MHD_OPTION_CONNECTION_LIMIT,
                         64U, MHD_OPTION_END) == NULL)
        return 1;
    printf("ready\n");
    (void)fflush(stdout);
    (void)sigwait(&ends, &number);
    return 0;
}
