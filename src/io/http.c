#include "io/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/peer.h"

struct lk_http {
    uv_loop_t *loop;
    uv_poll_t poll;
    uv_timer_t timer;
    struct MHD_Daemon *daemon;
    lk_http_handler *handler;
    void *context;
    unsigned closing; /* handles still open */
    bool running;     /* inside MHD_run: no need to call it again */
};

struct lk_http_request {
    struct lk_http *http;
    struct MHD_Connection *connection;
    struct MHD_Response *response;
    unsigned status;
    bool asked;     /* the handler has seen it */
    bool suspended; /* it answers later */
};

static void run(struct lk_http *http);

static void on_timer(uv_timer_t *timer)
{
    run(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

static void run(struct lk_http *http)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;

    http->running = true;
    (void)MHD_run(http->daemon);
    http->running = false;
    if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES)
        (void)uv_timer_start(&http->timer, on_timer, wait_ms, 0);
    else
        (void)uv_timer_stop(&http->timer);
}

static enum MHD_Result queue(struct lk_http_request *request)
{
    enum MHD_Result result =
        MHD_queue_response(request->connection, request->status, request->response);

    MHD_destroy_response(request->response);
    request->response = NULL;
    return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *url, const char *method, const char *version,
                                  const char *body, size_t *body_len, void **kept)
{
    struct lk_http *http = context;
    struct lk_http_request *request = *kept;

    (void)version;
    (void)body;
    if (request == NULL) {
        request = calloc(1, sizeof *request);
        if (request == NULL)
            return MHD_NO;
        request->http = http;
        request->connection = connection;
        *kept = request;
        if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
            return MHD_YES; /* it is called again when all has been read */
        request->asked = true;
        lk_http_answer(request, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
                       lk_span_text("only GET is served here\n"));
        return queue(request);
    }
    if (*body_len > 0) {
        *body_len = 0;
        return MHD_YES;
    }
    if (request->response != NULL)
        return queue(request);
    if (request->asked)
        return MHD_YES;
    request->asked = true;
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
    free(request);
    *kept = NULL;
}

void lk_http_answer(struct lk_http_request *request, unsigned status, const char *type,
                    struct lk_span text)
{
    struct lk_http *http = request->http;

    request->status = status;
    request->response = MHD_create_response_from_buffer(
        text.len, (void *)(uintptr_t)text.at, MHD_RESPMEM_MUST_COPY);
    LK_ASSERT(request->response != NULL);
    (void)MHD_add_response_header(request->response, "Content-Type", type);
    (void)MHD_add_response_header(request->response, "Cache-Control", "no-store");
    (void)MHD_add_response_header(request->response, "X-Content-Type-Options", "nosniff");
    if (!request->suspended)
        return;
    request->suspended = false;
    MHD_resume_connection(request->connection);
    if (!http->running)
        run(http);
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

enum lk_status lk_http_start(struct lk_http **out, uv_loop_t *loop,
                             const struct lk_address *address, uint16_t port,
                             lk_http_handler *handler, void *context,
                             char error[LK_HTTP_ERROR_TEXT])
{
    struct lk_http *http = calloc(1, sizeof *http);
    char text[LK_ADDRESS_TEXT];
    const union MHD_DaemonInfo *info = NULL;
    int fd = listen_on(address, port);

    *out = NULL;
    lk_address_text(text, address);
    if (http == NULL || fd < 0) {
        (void)snprintf(error, LK_HTTP_ERROR_TEXT, "cannot listen on TCP %s port %u: %s", text, port,
                       strerror(errno));
        free(http);
        if (fd >= 0)
            (void)close(fd);
        return LK_E_SYSTEM;
    }
    http->loop = loop;
    http->handler = handler;
    http->context = context;
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, http,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LK_HTTP_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LK_HTTP_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, NULL, MHD_OPTION_END);
    if (http->daemon != NULL)
        info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL) {
        (void)snprintf(error, LK_HTTP_ERROR_TEXT, "cannot start the HTTP server");
        free(http);
        (void)close(fd);
        return LK_E_SYSTEM;
    }
    (void)uv_poll_init(loop, &http->poll, info->epoll_fd);
    (void)uv_timer_init(loop, &http->timer);
    http->poll.data = http;
    http->timer.data = http;
    (void)uv_poll_start(&http->poll, UV_READABLE, on_poll);
    *out = http;
    return LK_OK;
}

void lk_http_stop(struct lk_http *http)
{
    if (http == NULL)
        return;
    (void)uv_poll_stop(&http->poll);
    MHD_stop_daemon(http->daemon);
    http->closing = 2;
    uv_close((uv_handle_t *)&http->poll, on_closed);
    uv_close((uv_handle_t *)&http->timer, on_closed);
}
