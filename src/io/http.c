#include "io/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "io/heap.h"
#include "io/http_places.h"
#include "io/http_say.h"
#include "io/http_tls.h"
#include "io/peer.h"

struct lk_http {
    uv_poll_t poll;
    uv_timer_t timer;
    uv_idle_t idle;
    struct MHD_Daemon *daemon;
    struct lk_http_places places;
    lk_http_handler *handler;
    void *context;
    struct lk_http_watch watch;
    void (*on_stranger)(void *context, const struct lk_address *from);
    size_t body_max;
    bool tls;
    unsigned again_ms; /* over TLS: how long to wait where MHD wants none */
    unsigned closing; /* handles still open */
};

struct lk_http_request {
    struct lk_http *http;
    struct MHD_Connection *connection;
    struct MHD_Response *response;
    unsigned status;
    const char *method;
    char *target;
    uint8_t *body; /* of body_max */
    size_t body_len;
    bool asked;     /* the handler has seen it */
    bool suspended; /* it answers later */
};

enum {
    RUNS = 4,
    AGAIN_MS_MAX = 64,
    PASSED_MAX = 16384, /* of a body that nobody wants */
    ENDING = 64,        /* connections whose end MHD has not read yet, beside those with a place */
};

static void run(struct lk_http *http);

static void on_timer(uv_timer_t *timer)
{
    run(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct lk_http *http = poll->data;

    (void)status;
    (void)events;
    http->again_ms = 1;
    run(http);
}

static void on_idle(uv_idle_t *idle)
{
    run(idle->data);
}

/* MHD wants to be run again at once: so it is, when the loop has served the others. While the other
 * end of a handshake of TLS is silent it (0.9.75) wants nothing else, and would keep a core: there
 * is a pause, longer each time until something comes. */
static void run_again(struct lk_http *http)
{
    if (!http->tls) {
        (void)uv_idle_start(&http->idle, on_idle);
        return;
    }
    (void)uv_timer_start(&http->timer, on_timer, http->again_ms, 0);
    http->again_ms = http->again_ms < AGAIN_MS_MAX ? 2 * http->again_ms : AGAIN_MS_MAX;
}

static void run(struct lk_http *http)
{
    const uint64_t now_ms = uv_now(http->poll.loop);
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;
    uint64_t due_ms;
    bool waits = true;

    (void)lk_http_places_expire(&http->places, now_ms);
    /* Behind a request that was kept it has some turns to do until it waits for the next one. */
    for (unsigned i = 0; i < RUNS && waits && wait_ms == 0; i++) {
        (void)MHD_run(http->daemon);
        waits = MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES;
    }
    (void)uv_timer_stop(&http->timer);
    (void)uv_idle_stop(&http->idle);
    due_ms = lk_http_places_expire(&http->places, now_ms);
    if (waits && wait_ms == 0)
        run_again(http);
    else if (due_ms != UINT64_MAX)
        (void)uv_timer_start(&http->timer, on_timer, due_ms, 0);
}

/* ---- connections ---- */

static struct lk_peer peer_of(const struct sockaddr *at)
{
    struct sockaddr_storage from = { .ss_family = AF_UNSPEC };

    if (at != NULL && at->sa_family == AF_INET)
        memcpy(&from, at, sizeof(struct sockaddr_in));
    else if (at != NULL && at->sa_family == AF_INET6)
        memcpy(&from, at, sizeof(struct sockaddr_in6));
    return lk_peer_of(&from);
}

static struct lk_peer peer_at(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return peer_of(info == NULL ? NULL : info->client_addr);
}

/* MHD has a limit of connections for a source, too: it counts addresses, of which a host with IPv6
 * has as many as it likes. */
static enum MHD_Result on_source(void *context, const struct sockaddr *at, socklen_t len)
{
    struct lk_http *http = context;
    const struct lk_peer peer = peer_of(at);

    (void)len;
    return lk_http_places_may_come(&http->places, &peer) ? MHD_YES : MHD_NO;
}

/* What is kept of a connection. */
struct client {
    struct lk_http_place *place;
    struct lk_http_tls_shown shown;
};

static struct client *client_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static struct client *client_new(struct lk_http *http, struct MHD_Connection *connection, int fd)
{
    const struct lk_peer peer = peer_at(connection);
    struct client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return NULL;
    client->place = lk_http_place_take(&http->places, &peer, fd, uv_now(http->poll.loop));
    if (client->place != NULL)
        return client;
    free(client);
    return NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **kept,
                          enum MHD_ConnectionNotificationCode what)
{
    struct lk_http *http = context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

        *kept = client_new(http, connection, fd);
        if (*kept == NULL)
            (void)shutdown(fd, SHUT_RDWR);
        lk_http_tls_begin(connection);
    } else if (*kept != NULL) {
        struct client *client = *kept;

        if (http->on_stranger != NULL && http->closing == 0 &&
            !lk_http_place_has_asked(client->place)) {
            const struct lk_peer peer = peer_at(connection);

            http->on_stranger(http->context, &peer.address);
        }
        lk_http_place_leave(&http->places, client->place);
        lk_http_tls_end(&client->shown);
        free(client);
        *kept = NULL;
    }
}

/* ---- requests ---- */

static enum MHD_Result queue(struct lk_http_request *request)
{
    enum MHD_Result result =
        MHD_queue_response(request->connection, request->status, request->response);

    MHD_destroy_response(request->response);
    request->response = NULL;
    return result;
}

/* The request line has come: what is kept of a request begins here. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct lk_http_request *request =
        client_of(connection) == NULL ? NULL : calloc(1, sizeof *request);

    if (request == NULL || (request->target = strdup(target)) == NULL) {
        free(request);
        return NULL;
    }
    request->http = context;
    request->http->again_ms = 1;
    request->connection = connection;
    return request;
}

/* Its head is there. */
static enum MHD_Result begin(struct lk_http_request *request, const char *method)
{
    const struct lk_http *http = request->http;

    request->method = method;
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
        (http->body_max > 0 && strcmp(method, "POST") == 0))
        return MHD_YES; /* it is called again when all has been read */
    request->asked = true;
    lk_http_answer(request, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
                   http->body_max > 0 ? lk_span_text("only GET and POST are served here\n")
                                      : lk_span_text("only GET is served here\n"));
    return queue(request);
}

/* Where nobody wants a body it is passed over; what is too long ends the connection. */
static enum MHD_Result take_body(struct lk_http_request *request, const char *body, size_t len)
{
    const bool wanted = request->http->body_max > 0;
    const size_t most = wanted ? request->http->body_max : PASSED_MAX;

    if (len > most - request->body_len)
        return MHD_NO;
    if (wanted && request->body == NULL && (request->body = malloc(most)) == NULL)
        return MHD_NO;
    if (wanted)
        memcpy(request->body + request->body_len, body, len);
    request->body_len += len;
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *url, const char *method, const char *version,
                                  const char *body, size_t *body_len, void **kept)
{
    struct lk_http *http = context;
    struct lk_http_request *request = *kept;

    (void)version;
    if (request == NULL)
        return MHD_NO; /* no memory */
    if (request->method == NULL)
        return begin(request, method);
    if (*body_len > 0) {
        size_t len = *body_len;

        *body_len = 0;
        return take_body(request, body, len);
    }
    if (request->response != NULL)
        return queue(request);
    if (request->asked)
        return MHD_YES;
    request->asked = true;
    lk_http_place_asked(client_of(connection)->place);
    if (http->watch.on_message != NULL)
        lk_http_say_request(&http->watch, connection, method, request->target,
                            lk_http_body(request));
    if (strlen(url) >= LK_HTTP_PATH)
        lk_http_answer(request, MHD_HTTP_NOT_FOUND, "text/plain", lk_span_text("no such page\n"));
    else
        http->handler(http->context, request, url);
    if (request->response != NULL)
        return queue(request);
    request->suspended = true;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **kept,
                         enum MHD_RequestTerminationCode why)
{
    struct lk_http_request *request = *kept;

    (void)context;
    (void)connection;
    (void)why;
    if (request != NULL && request->response != NULL)
        MHD_destroy_response(request->response);
    if (request != NULL && request->body != NULL)
        lk_wipe(request->body, request->body_len);
    if (request != NULL) {
        free(request->body);
        free(request->target);
    }
    free(request);
    *kept = NULL;
}

/* ---- for the handler ---- */

const char *lk_http_method(const struct lk_http_request *request)
{
    return request->method;
}

const char *lk_http_target(const struct lk_http_request *request)
{
    return request->target;
}

struct lk_span lk_http_header(const struct lk_http_request *request, const char *name)
{
    const char *text = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);

    return text == NULL ? lk_span_of(NULL, 0) : lk_span_text(text);
}

struct lk_span lk_http_body(const struct lk_http_request *request)
{
    return lk_span_of(request->body, request->body == NULL ? 0 : request->body_len);
}

struct lk_address lk_http_from(const struct lk_http_request *request)
{
    return peer_at(request->connection).address;
}

bool lk_http_is_from(const struct lk_http_request *request, const char *name,
                     char subject[LK_STREAM_DETAIL])
{
    return lk_http_tls_is(&client_of(request->connection)->shown, request->connection,
                          uv_now(request->http->poll.loop), name, subject);
}

/* Not strftime's: its names are of the locale. */
void lk_http_date(char text[LK_HTTP_DATE_TEXT], uint64_t seconds)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] =
        "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t at = (time_t)seconds;
    struct tm utc;

    text[0] = '\0';
    if (gmtime_r(&at, &utc) != NULL)
        (void)snprintf(text, LK_HTTP_DATE_TEXT, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
                       days + 3 * utc.tm_wday, (unsigned)utc.tm_mday % 100,
                       months + 3 * utc.tm_mon, (unsigned)(utc.tm_year + 1900) % 10000,
                       (unsigned)utc.tm_hour % 100, (unsigned)utc.tm_min % 100,
                       (unsigned)utc.tm_sec % 100);
}

void lk_http_answer(struct lk_http_request *request, unsigned status, const char *type,
                    struct lk_span text)
{
    const struct lk_http_reply reply = { .status = status, .type = type, .text = text };

    lk_http_reply(request, &reply);
}

/* A copy of ours, for libmicrohttpd frees its own as they are: keys are in some. */
static struct MHD_Response *response_of(struct lk_span text)
{
    uint8_t *copy = malloc(text.len + 1);
    struct MHD_Response *response;

    LK_ASSERT(copy != NULL);
    if (text.len > 0)
        memcpy(copy, text.at, text.len);
    response = MHD_create_response_from_buffer_with_free_callback(text.len, copy, lk_free_wiped);
    LK_ASSERT(response != NULL);
    return response;
}

void lk_http_reply(struct lk_http_request *request, const struct lk_http_reply *reply)
{
    struct lk_http *http = request->http;

    if (http->watch.on_message != NULL)
        lk_http_say_reply(&http->watch, request->connection, reply);
    lk_http_place_answered(&http->places, client_of(request->connection)->place,
                           uv_now(http->poll.loop));
    request->status = reply->status;
    request->response = response_of(reply->text);
    if (reply->type != NULL)
        (void)MHD_add_response_header(request->response, "Content-Type", reply->type);
    for (size_t i = 0; i < reply->field_count; i++)
        (void)MHD_add_response_header(request->response, reply->fields[i].name,
                                      reply->fields[i].value);
    (void)MHD_add_response_header(request->response, "Cache-Control", "no-store");
    (void)MHD_add_response_header(request->response, "X-Content-Type-Options", "nosniff");
    if (!request->suspended)
        return;
    request->suspended = false;
    MHD_resume_connection(request->connection);
    /* Not from here: who answers is within a turn of its own, and the next request may be there. */
    (void)uv_idle_start(&http->idle, on_idle);
}

/* Our own socket, so that an address of either kind works and the error can be told. */
static int listen_on(const struct lk_address *address, uint16_t port)
{
    struct sockaddr_storage at;
    socklen_t len = lk_peer_sockaddr(&at, address, port);
    int yes = 1;
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, LK_HTTP_CONNECTIONS) == 0)
        return fd;
    if (fd >= 0) {
        int why = errno;

        (void)close(fd);
        errno = why;
    }
    return -1;
}

static void on_closed(uv_handle_t *handle)
{
    struct lk_http *http = handle->data;

    if (--http->closing == 0)
        free(http);
}

static void start(struct lk_http *http, const struct lk_http_setup *setup,
                  const struct lk_http_pem *pem)
{
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, pem->certificate.octets },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, pem->key.octets },
        { MHD_OPTION_HTTPS_MEM_TRUST, 0, pem->ca.octets },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)lk_http_priorities },
        { MHD_OPTION_END, 0, NULL },
    };

    http->handler = setup->handler;
    http->context = setup->context;
    http->watch = setup->watch;
    http->on_stranger = setup->on_stranger;
    http->body_max = setup->body_max;
    http->again_ms = 1;
    http->places.most = setup->connections;
    http->places.a_source =
        setup->connections_a_source > 0 ? setup->connections_a_source : setup->connections;
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (setup->tls != NULL ? MHD_USE_TLS : 0), 0,
        on_source, http, on_request, http, MHD_OPTION_LISTEN_SOCKET, setup->fd,
        MHD_OPTION_CONNECTION_LIMIT, setup->connections + ENDING, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, http, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        http, MHD_OPTION_ARRAY, setup->tls != NULL ? tls : &tls[LK_COUNT_OF(tls) - 1],
        MHD_OPTION_END);
}

enum lk_status lk_http_serve(struct lk_http **out, const struct lk_http_setup *setup,
                             char error[LK_HTTP_ERROR_TEXT])
{
    struct lk_http *http = calloc(1, sizeof *http);
    const union MHD_DaemonInfo *info = NULL;
    struct lk_http_pem pem = { .key = { NULL, 0 } };

    *out = NULL;
    if (setup->tls != NULL && lk_http_pem_read(&pem, setup->tls, error) != LK_OK) {
        lk_http_pem_wipe(&pem);
        free(http);
        (void)close(setup->fd);
        return LK_E_CONFIG;
    }
    if (http != NULL)
        start(http, setup, &pem);
    lk_http_pem_wipe(&pem);
    if (http != NULL && http->daemon != NULL)
        info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL) {
        (void)snprintf(error, LK_HTTP_ERROR_TEXT, "cannot start the HTTP server");
        free(http);
        (void)close(setup->fd);
        return LK_E_SYSTEM;
    }
    (void)uv_poll_init(setup->loop, &http->poll, info->epoll_fd);
    (void)uv_timer_init(setup->loop, &http->timer);
    (void)uv_idle_init(setup->loop, &http->idle);
    http->poll.data = http->timer.data = http->idle.data = http;
    http->tls = setup->tls != NULL;
    http->again_ms = 1;
    (void)uv_poll_start(&http->poll, UV_READABLE, on_poll);
    *out = http;
    return LK_OK;
}

enum lk_status lk_http_start(struct lk_http **out, uv_loop_t *loop,
                             const struct lk_address *address, uint16_t port,
                             lk_http_handler *handler, void *context,
                             char error[LK_HTTP_ERROR_TEXT])
{
    const struct lk_http_setup setup = { .loop = loop, .fd = listen_on(address, port),
                                         .connections = LK_HTTP_CONNECTIONS, .handler = handler,
                                         .context = context };
    char text[LK_ADDRESS_TEXT];

    if (setup.fd >= 0)
        return lk_http_serve(out, &setup, error);
    *out = NULL;
    lk_address_text(text, address);
    (void)snprintf(error, LK_HTTP_ERROR_TEXT, "cannot listen on TCP %s port %u: %s", text, port,
                   strerror(errno));
    return LK_E_SYSTEM;
}

void lk_http_stop(struct lk_http *http)
{
    if (http == NULL)
        return;
    (void)uv_poll_stop(&http->poll);
    MHD_stop_daemon(http->daemon);
    http->closing = 3;
    uv_close((uv_handle_t *)&http->poll, on_closed);
    uv_close((uv_handle_t *)&http->timer, on_closed);
    uv_close((uv_handle_t *)&http->idle, on_closed);
}
