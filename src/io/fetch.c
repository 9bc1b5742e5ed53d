#include "io/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "io/fetch_watch.h"
#include "io/heap.h"

struct header {
    const char *name; /* of the caller's text; NULL: none is wanted */
    size_t len;
    bool there;
    char text[LK_FETCH_HEADER_MAX];
};

struct lk_fetch {
    uv_loop_t *loop;
    uv_timer_t timer;
    CURLM *multi;
    CURL *easy; /* NULL: none under way */
    struct curl_slist *fields, *connect_to;
    lk_fetch_done *done;
    void *context;
    const char *trouble; /* with an answer that is of no use */
    struct header header[LK_FETCH_HEADERS];
    struct lk_fetch_watch watch;
    size_t body_len;
    char body[LK_FETCH_BODY_MAX];
};

/* One of curl's sockets. */
struct watch {
    uv_poll_t poll;
    struct lk_fetch *fetch;
    curl_socket_t socket;
};

/* ---- what curl keeps ---- */

/* Its buffers have had what was sent and what came: keys, too. */
static void *resize_memory(void *memory, size_t size)
{
    size_t had = memory == NULL ? 0 : malloc_usable_size(memory);
    void *another = malloc(size);

    if (another == NULL)
        return NULL;
    if (had > 0)
        memcpy(another, memory, had < size ? had : size);
    lk_free_wiped(memory);
    return another;
}

/* ---- what comes ---- */

static size_t on_body(char *octets, size_t size, size_t count, void *context)
{
    struct lk_fetch *fetch = context;
    size_t len = size * count;

    if (len > sizeof fetch->body - fetch->body_len) {
        fetch->trouble = "the answer is too long";
        return 0;
    }
    memcpy(fetch->body + fetch->body_len, octets, len);
    fetch->body_len += len;
    return len;
}

static void forget(struct lk_fetch *fetch)
{
    for (size_t i = 0; i < LK_FETCH_HEADERS; i++) {
        fetch->header[i].len = 0;
        fetch->header[i].there = false;
    }
    fetch->body_len = 0;
    fetch->trouble = NULL;
}

/* The value, without the spaces around it. False: it is too long, or came before. */
static bool take_value(struct header *header, struct lk_span value)
{
    while (value.len > 0 && (value.at[0] == ' ' || value.at[0] == '\t'))
        value = lk_span_of(value.at + 1, value.len - 1);
    while (value.len > 0 && strchr(" \t\r\n", value.at[value.len - 1]) != NULL)
        value.len--;
    if (header->there || value.len > sizeof header->text)
        return false;
    header->there = true;
    header->len = value.len;
    if (value.len > 0)
        memcpy(header->text, value.at, value.len);
    return true;
}

/* A line of the head. Of several heads (100 Continue) the last counts. */
static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    struct lk_fetch *fetch = context;
    size_t len = size * count, name;

    if (len >= 5 && lk_span_equal(lk_span_of(line, 5), lk_span_text("HTTP/")))
        forget(fetch);
    for (size_t i = 0; i < LK_FETCH_HEADERS && fetch->header[i].name != NULL; i++) {
        name = strlen(fetch->header[i].name);
        if (len <= name || line[name] != ':' ||
            strncasecmp(line, fetch->header[i].name, name) != 0)
            continue;
        if (!take_value(&fetch->header[i], lk_span_of(line + name + 1, len - name - 1))) {
            fetch->trouble = "a header is too long, or there twice";
            return 0;
        }
    }
    return len;
}

/* ---- the end of one ---- */

static void drop(struct lk_fetch *fetch)
{
    if (fetch->easy == NULL)
        return;
    (void)curl_multi_remove_handle(fetch->multi, fetch->easy);
    curl_easy_cleanup(fetch->easy);
    curl_slist_free_all(fetch->fields);
    curl_slist_free_all(fetch->connect_to);
    fetch->easy = NULL;
    fetch->fields = fetch->connect_to = NULL;
}

static void end(struct lk_fetch *fetch, CURLcode code)
{
    struct lk_fetched fetched = { .status = 0 };
    long status = 0;

    if (code == CURLE_OK && fetch->trouble == NULL &&
        curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        fetched.status = (unsigned)status;
    else
        fetched.error = fetch->trouble != NULL ? fetch->trouble : curl_easy_strerror(code);
    for (size_t i = 0; i < LK_FETCH_HEADERS; i++)
        fetched.header[i] = lk_span_of(fetch->header[i].text, fetch->header[i].len);
    fetched.body = lk_span_of(fetch->body, fetch->body_len);
    if (fetch->watch.to.on_message != NULL)
        lk_fetch_watch_end(&fetch->watch);
    drop(fetch);
    fetch->done(fetch->context, &fetched);
    if (fetch->easy == NULL)
        lk_wipe(fetch->body, sizeof fetch->body);
}

static void look(struct lk_fetch *fetch)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(fetch->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE) {
            end(fetch, message->data.result);
            return; /* there is no other */
        }
}

/* ---- between curl and the loop ---- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    struct lk_fetch *fetch = watch->fetch;
    int running, flags = ((events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
                         ((events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0) |
                         (status < 0 ? CURL_CSELECT_ERR : 0);

    (void)curl_multi_socket_action(fetch->multi, watch->socket, flags, &running);
    look(fetch);
}

static void on_timer(uv_timer_t *timer)
{
    struct lk_fetch *fetch = timer->data;
    int running;

    (void)curl_multi_socket_action(fetch->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    look(fetch);
}

static int set_timer(CURLM *multi, long ms, void *context)
{
    struct lk_fetch *fetch = context;

    (void)multi;
    if (ms < 0)
        (void)uv_timer_stop(&fetch->timer);
    else
        (void)uv_timer_start(&fetch->timer, on_timer, (uint64_t)ms, 0);
    return 0;
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static int set_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *kept)
{
    struct lk_fetch *fetch = context;
    struct watch *watch = kept;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL)
            uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
        (void)curl_multi_assign(fetch->multi, socket, NULL);
        return 0;
    }
    if (watch == NULL) {
        watch = calloc(1, sizeof *watch);
        if (watch == NULL)
            return -1;
        watch->fetch = fetch;
        watch->socket = socket;
        if (uv_poll_init(fetch->loop, &watch->poll, socket) != 0) {
            free(watch);
            return -1;
        }
        watch->poll.data = watch;
        (void)curl_multi_assign(fetch->multi, socket, watch);
    }
    (void)uv_poll_start(&watch->poll, (what != CURL_POLL_OUT ? UV_READABLE : 0) |
                                          (what != CURL_POLL_IN ? UV_WRITABLE : 0), on_poll);
    return 0;
}

/* ---- beginning and end ---- */

struct lk_fetch *lk_fetch_new(uv_loop_t *loop, lk_fetch_done *done, void *context)
{
    struct lk_fetch *fetch = calloc(1, sizeof *fetch);

    if (fetch == NULL ||
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, lk_free_wiped, resize_memory, strdup,
                             calloc) != CURLE_OK ||
        (fetch->multi = curl_multi_init()) == NULL) {
        free(fetch);
        return NULL;
    }
    fetch->loop = loop;
    fetch->done = done;
    fetch->context = context;
    (void)uv_timer_init(loop, &fetch->timer);
    fetch->timer.data = fetch;
    (void)curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    (void)curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETDATA, fetch);
    (void)curl_multi_setopt(fetch->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(fetch->multi, CURLMOPT_TIMERDATA, fetch);
    return fetch;
}

static bool add_line(struct curl_slist **list, const char *before, const char *between,
                     const char *value, const char *behind)
{
    char line[LK_FETCH_HEADER_MAX + 64];
    struct curl_slist *longer;
    int len;

    if (value == NULL)
        return true;
    len = snprintf(line, sizeof line, "%s%s%s%s", before, between, value, behind);
    longer = len < 0 || (size_t)len >= sizeof line ? NULL : curl_slist_append(*list, line);
    lk_wipe(line, sizeof line);
    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

static bool add_field(struct lk_fetch *fetch, const char *name, const char *value)
{
    return add_line(&fetch->fields, name, ": ", value, "");
}

/* For any host and port: that address, and the port of the URL. */
static bool set_address(struct lk_fetch *fetch, const char *address)
{
    const bool is_v6 = address != NULL && strchr(address, ':') != NULL;

    return add_line(&fetch->connect_to, "::", is_v6 ? "[" : "", address, is_v6 ? "]:" : ":") &&
           curl_easy_setopt(fetch->easy, CURLOPT_CONNECT_TO, fetch->connect_to) == CURLE_OK;
}

static bool set_body(CURL *easy, const struct lk_fetch_request *request)
{
    return request->type == NULL ||
           (curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body.len) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.at) == CURLE_OK);
}

/* No CA of the system's: only that of the files. */
static bool set_tls(CURL *easy, const struct lk_stream_files *files)
{
    return files == NULL ||
           (curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
                CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_CAINFO, files->ca) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_SSLCERT, files->certificate) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_SSLKEY, files->key) == CURLE_OK);
}

static bool set_watch(struct lk_fetch *fetch, const struct lk_http_watch *watch)
{
    fetch->watch.to = *watch;
    return watch->on_message == NULL || lk_fetch_watch_begin(&fetch->watch, fetch->easy, watch);
}

static bool prepare(struct lk_fetch *fetch, const struct lk_fetch_request *request)
{
    CURL *easy = fetch->easy;

    return add_field(fetch, "Host", request->host) &&
           add_field(fetch, "Authorization", request->authorization) &&
           add_field(fetch, "Content-Type", request->type) &&
           set_address(fetch, request->address) && set_body(easy, request) &&
           set_watch(fetch, &request->watch) &&
           curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           set_tls(easy, request->tls) &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, request->agent) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fetch->fields) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch) == CURLE_OK;
}

enum lk_status lk_fetch_begin(struct lk_fetch *fetch, const struct lk_fetch_request *request)
{
    if (fetch->easy != NULL)
        return LK_E_EXISTS;
    forget(fetch);
    for (size_t i = 0; i < LK_FETCH_HEADERS; i++)
        fetch->header[i].name = request->wanted[i];
    fetch->easy = curl_easy_init();
    if (fetch->easy == NULL)
        return LK_E_SYSTEM;
    if (prepare(fetch, request) && curl_multi_add_handle(fetch->multi, fetch->easy) == CURLM_OK)
        return LK_OK;
    drop(fetch);
    return LK_E_SYSTEM;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void lk_fetch_free(struct lk_fetch *fetch)
{
    if (fetch == NULL)
        return;
    drop(fetch);
    (void)curl_multi_cleanup(fetch->multi);
    lk_wipe(fetch->header, sizeof fetch->header);
    lk_wipe(fetch->body, sizeof fetch->body);
    lk_wipe(&fetch->watch, sizeof fetch->watch);
    uv_close((uv_handle_t *)&fetch->timer, on_closed);
}
