/* The sockets: opened by the supervisor for all kinds of processes, kept while a process is
 * replaced. */
#include "role/supervisor_parts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/listener.h"

/* One round through what the kinds say. */
struct asking {
    struct lk_supervisor *s;
    const struct lk_config *config;
    const struct lk_process_kind *kind;
    char *error;
    const struct lk_endpoint *sought;
    bool found;
};

static enum lk_status ask_all(struct asking *asking, lk_endpoint_add *add)
{
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < lk_kind_count() && status == LK_OK; i++) {
        asking->kind = lk_kind_at(i);
        if (lk_kind_runs(asking->kind, asking->config) && asking->kind->endpoints != NULL)
            status = asking->kind->endpoints(asking->config, add, asking);
    }
    return status;
}

static bool is_endpoint(const struct lk_endpoint *e, const struct lk_process_kind *kind,
                        const char *address, unsigned port, enum lk_transport transport,
                        unsigned serves)
{
    return e->kind == kind && e->port == port && e->transport == transport && e->serves == serves &&
           strcmp(e->address, address) == 0;
}

/* Which keys say so, before what the socket says. */
static enum lk_status name_key(const struct asking *asking, unsigned serves,
                               enum lk_status status)
{
    char why[LK_SOCKET_ERROR_TEXT];

    if (status != LK_OK) {
        (void)snprintf(why, sizeof why, "%s", asking->error);
        (void)snprintf(asking->error, LK_SOCKET_ERROR_TEXT, "%s, or %s: %.160s",
                       asking->kind->services[serves].port,
                       asking->kind->services[serves].address, why);
    }
    return status;
}

/* ---- opening ---- */

static struct lk_endpoint *endpoint_for(struct asking *asking, const char *address, unsigned port,
                                        enum lk_transport transport, unsigned serves)
{
    struct lk_supervisor *s = asking->s;
    struct lk_endpoint *e;

    for (size_t i = 0; i < s->endpoint_count; i++)
        if (is_endpoint(&s->endpoints[i], asking->kind, address, port, transport, serves))
            return &s->endpoints[i];
    if (s->endpoint_count == LK_ENDPOINTS) {
        (void)snprintf(asking->error, LK_SOCKET_ERROR_TEXT, "more than %d addresses and ports",
                       LK_ENDPOINTS);
        return NULL;
    }
    e = &s->endpoints[s->endpoint_count++];
    memset(e, 0, sizeof *e);
    (void)snprintf(e->address, sizeof e->address, "%s", address);
    e->port = (uint16_t)port;
    e->kind = asking->kind;
    e->transport = transport;
    e->serves = serves;
    return e;
}

static enum lk_status open_one(void *context, const char *text, unsigned port,
                               enum lk_transport transport, unsigned serves)
{
    struct asking *asking = context;
    unsigned wanted = lk_kind_workers(asking->kind, asking->config);
    struct lk_address address;
    struct lk_endpoint *e;

    if (port == 0)
        return LK_OK;
    if (lk_address_parse(&address, text) != LK_OK)
        return LK_E_VALUE;
    e = endpoint_for(asking, text, port, transport, serves);
    if (e == NULL)
        return LK_E_FULL;
    for (; e->count < wanted; e->count++) {
        int *fd = &e->fds[e->count];
        enum lk_status status = transport == LK_TRANSPORT_TCP
                                    ? lk_listener_socket(fd, &address, e->port, asking->error)
                                    : lk_datagram_socket(fd, &address, e->port, asking->error);

        if (status != LK_OK)
            return name_key(asking, serves, status);
    }
    return LK_OK;
}

enum lk_status lk_endpoints_open(struct lk_supervisor *s, const struct lk_config *config,
                                 char error[LK_SOCKET_ERROR_TEXT])
{
    struct asking asking = { .s = s, .config = config, .error = error };

    return ask_all(&asking, open_one);
}

static enum lk_status keep_one(void *context, const char *name, int fd, unsigned serves)
{
    struct asking *asking = context;
    struct lk_endpoint *e = endpoint_for(asking, name, 0, LK_TRANSPORT_PREPARED, serves);

    if (e == NULL || e->count == LK_CONFIG_WORKERS)
        return LK_E_FULL;
    e->fds[e->count++] = fd;
    return LK_OK;
}

enum lk_status lk_endpoints_prepare(struct lk_supervisor *s, char error[LK_KIND_ERROR_TEXT])
{
    struct asking asking = { .s = s, .config = s->config, .error = error };
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < lk_kind_count() && status == LK_OK; i++) {
        asking.kind = lk_kind_at(i);
        if (lk_kind_runs(asking.kind, s->config) && asking.kind->prepare != NULL)
            status = asking.kind->prepare(s->config, keep_one, &asking, error);
    }
    return status;
}

/* ---- before that ---- */

static enum lk_status is_free(void *context, const char *text, unsigned port,
                              enum lk_transport transport, unsigned serves)
{
    struct asking *asking = context;
    struct lk_address address;
    enum lk_status status;

    if (port == 0)
        return LK_OK;
    if (lk_address_parse(&address, text) != LK_OK)
        return LK_E_VALUE;
    status = transport == LK_TRANSPORT_TCP
                 ? lk_listener_port_is_free(&address, (uint16_t)port, asking->error)
                 : lk_datagram_port_is_free(&address, (uint16_t)port, asking->error);
    return name_key(asking, serves, status);
}

/* The processes of a daemon that was killed a moment ago may take another moment to go. */
enum lk_status lk_endpoints_are_free(const struct lk_config *config,
                                     char error[LK_SOCKET_ERROR_TEXT])
{
    enum { TRIES = 30 };
    const struct timespec moment = { .tv_nsec = 100000000 };
    struct asking asking = { .config = config, .error = error };
    enum lk_status status = LK_OK;

    for (int try = 0; try < TRIES; try++) {
        status = ask_all(&asking, is_free);
        if (status != LK_E_EXISTS)
            break;
        if (try == 0)
            LK_LOG(LK_LOG_WARNING, "port-in-use", { "why", error },
                   { "what", "who is there may be about to end: tried again for three seconds" });
        (void)nanosleep(&moment, NULL);
    }
    return status;
}

/* ---- and after ---- */

static enum lk_status is_sought(void *context, const char *text, unsigned port,
                                enum lk_transport transport, unsigned serves)
{
    struct asking *asking = context;

    asking->found =
        asking->found || is_endpoint(asking->sought, asking->kind, text, port, transport, serves);
    return LK_OK;
}

static bool is_wanted(const struct lk_endpoint *e, const struct lk_config *config)
{
    struct asking asking = { .config = config, .sought = e };

    if (e->transport == LK_TRANSPORT_PREPARED)
        return lk_kind_runs(e->kind, config);
    return ask_all(&asking, is_sought) == LK_OK && asking.found;
}

void lk_endpoints_trim(struct lk_supervisor *s, const struct lk_config *config)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->endpoint_count; i++) {
        struct lk_endpoint *e = &s->endpoints[i];

        if (is_wanted(e, config)) {
            if (kept != i)
                s->endpoints[kept] = *e;
            kept++;
            continue;
        }
        for (size_t j = 0; j < e->count; j++)
            (void)close(e->fds[j]);
    }
    s->endpoint_count = kept;
}

/* Of the sockets of an endpoint, every one is read by somebody; what was prepared, by all. */
void lk_endpoints_give(struct lk_supervisor *s, struct lk_worker_setup *setup)
{
    unsigned workers = lk_kind_workers(setup->kind, setup->config);

    for (size_t i = 0; i < s->endpoint_count; i++) {
        const struct lk_endpoint *e = &s->endpoints[i];
        bool shared = e->transport == LK_TRANSPORT_PREPARED;

        if (e->kind != setup->kind || !is_wanted(e, setup->config))
            continue;
        for (size_t j = shared ? 0 : setup->index; j < e->count; j += shared ? 1 : workers)
            if (setup->socket_count < LK_KIND_SOCKETS)
                setup->sockets[setup->socket_count++] =
                    (struct lk_worker_socket){ e->fds[j], e->serves };
    }
}
