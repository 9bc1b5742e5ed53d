/* The floor of Ub and Zn: libmicrohttpd and nothing else, on one thread.
 *
 *     gba_floor PORT
 *     gba_floor PORT CERTIFICATE KEY CA
 *
 * Ub: the two pages of a bootstrapping as they were for somebody, fields and all. A request whose
 * credentials have no nonce yet gets the challenge, any other one the result. With certificates it
 * is Zn: what a NAF was answered once, over TLS with certificates of both ends and the suites of
 * the BSF. */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
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

/* ---- Zn ---- */

static const char suites[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA:-CIPHER-ALL:"
    "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:%SAFE_RENEGOTIATION";
static const char key[] =
    "{\"keyMaterial\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\","
    "\"keyExpiryTime\":\"2026-11-22T21:30:00Z\","
    "\"bootstrapInfoCreationTime\":\"2026-11-21T21:30:00Z\","
    "\"impi\":\"001010000000001@ims.mnc001.mcc001.3gppnetwork.org\"}";

static enum MHD_Result serve_key(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *size, void **request)
{
    struct MHD_Response *response;
    enum MHD_Result result;

    (void)url, (void)method, (void)version, (void)data;
    if (*request == NULL || *size > 0) { /* the head alone, and the body */
        *request = context;
        *size = 0;
        return MHD_YES;
    }
    response = MHD_create_response_from_buffer(sizeof key - 1, (void *)(uintptr_t)key,
                                               MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static int trusts(gnutls_session_t session)
{
    unsigned unfit = 1;

    return gnutls_certificate_verify_peers2(session, &unfit) == 0 && unfit == 0
               ? 0
               : GNUTLS_E_CERTIFICATE_ERROR;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **kept,
                          enum MHD_ConnectionNotificationCode what)
{
    const union MHD_ConnectionInfo *tls =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    (void)context, (void)kept;
    if (what != MHD_CONNECTION_NOTIFY_STARTED || tls == NULL)
        return;
    gnutls_certificate_server_set_request(tls->tls_session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_function(tls->tls_session, trusts);
}

static char *text_of(const char *path)
{
    static char texts[3][16384], *at = texts[0];
    FILE *from = fopen(path, "r");
    char *text = at;

    if (from == NULL || fread(text, 1, sizeof texts[0] - 1, from) == 0)
        exit(1);
    (void)fclose(from);
    at += sizeof texts[0];
    return text;
}

static struct MHD_Daemon *start_zn(struct sockaddr_in *at, char **word)
{
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS, 0, NULL, NULL, serve_key,
                            word, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)at,
                            MHD_OPTION_CONNECTION_LIMIT, 64U, MHD_OPTION_HTTPS_MEM_CERT,
                            text_of(word[2]), MHD_OPTION_HTTPS_MEM_KEY, text_of(word[3]),
                            MHD_OPTION_HTTPS_MEM_TRUST, text_of(word[4]),
                            MHD_OPTION_HTTPS_PRIORITIES, suites, MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection, NULL, MHD_OPTION_END);
}

static struct MHD_Daemon *start_ub(struct sockaddr_in *at, char **word)
{
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, serve, word,
                            MHD_OPTION_SOCK_ADDR, (struct sockaddr *)at,
                            MHD_OPTION_CONNECTION_LIMIT, 64U, MHD_OPTION_END);
}

int main(int count, char **word)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    sigset_t ends;
    int number;

    if (count != 2 && count != 5)
        return 2;
    at.sin_port = htons((uint16_t)strtoul(word[1], NULL, 10));
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    if ((count == 2 ? start_ub(&at, word) : start_zn(&at, word)) == NULL)
        return 1;
    printf("ready\n");
    (void)fflush(stdout);
    (void)sigwait(&ends, &number);
    return 0;
}
