#include "io/discovery.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/peer.h"

enum { TICK_MS = 200, TIMEOUT_MS = 1000, TRIES = 2 };

/* A socket of the library. */
struct wire {
    uv_poll_t poll;
    struct lk_discovery *discovery;
    struct wire *next;
    ares_socket_t fd;
};

struct lk_discovery {
    uv_loop_t *loop;
    ares_channel channel;
    uv_timer_t tick;
    struct wire *wires;
    lk_discovery_done *done;
    void *context;
    bool busy, ended; /* ended: found, or not, and not told yet */
    bool is_found, tcp, v4;
    char domain[LK_DISCOVERY_NAME], detail[LK_DISCOVERY_DETAIL];
    struct lk_discovered found;
};

/* ---- sockets and time ---- */

static void on_wire(uv_poll_t *poll, int status, int events)
{
    struct wire *wire = poll->data;
    bool reads = status < 0 || (events & UV_READABLE) != 0;
    bool writes = status < 0 || (events & UV_WRITABLE) != 0;

    ares_process_fd(wire->discovery->channel, reads ? wire->fd : ARES_SOCKET_BAD,
                    writes ? wire->fd : ARES_SOCKET_BAD);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void drop_wire(struct lk_discovery *d, ares_socket_t fd)
{
    for (struct wire **at = &d->wires; *at != NULL; at = &(*at)->next)
        if ((*at)->fd == fd) {
            struct wire *wire = *at;

            *at = wire->next;
            uv_close((uv_handle_t *)&wire->poll, on_closed);
            return;
        }
}

static struct wire *wire_of(struct lk_discovery *d, ares_socket_t fd)
{
    struct wire *wire = d->wires;

    while (wire != NULL && wire->fd != fd)
        wire = wire->next;
    if (wire != NULL)
        return wire;
    wire = calloc(1, sizeof *wire);
    if (wire == NULL || uv_poll_init(d->loop, &wire->poll, fd) != 0) {
        free(wire);
        return NULL;
    }
    wire->poll.data = wire;
    wire->discovery = d;
    wire->fd = fd;
    wire->next = d->wires;
    d->wires = wire;
    return wire;
}

/* Without memory for it the question runs into its time. */
static void on_socket(void *context, ares_socket_t fd, int readable, int writable)
{
    struct lk_discovery *d = context;
    struct wire *wire;

    if (!readable && !writable) {
        drop_wire(d, fd);
        return;
    }
    wire = wire_of(d, fd);
    if (wire != NULL)
        (void)uv_poll_start(&wire->poll, (readable ? UV_READABLE : 0) |
                                             (writable ? UV_WRITABLE : 0), on_wire);
}

static void on_tick(uv_timer_t *timer)
{
    struct lk_discovery *d = timer->data;

    if (!d->ended)
        ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    if (!d->ended)
        return;
    (void)uv_timer_stop(timer);
    d->busy = d->ended = false;
    d->done(d->context, d->is_found ? &d->found : NULL, d->detail);
}

/* ---- question after question ---- */

/* Told from the loop, not from within the library. */
static void end(struct lk_discovery *d, bool is_found, const char *what, int status)
{
    d->is_found = is_found;
    d->ended = true;
    (void)snprintf(d->detail, sizeof d->detail, "%.40s%s%.40s", what, status == 0 ? "" : ": ",
                   status == 0 ? "" : ares_strerror(status));
    (void)uv_timer_start(&d->tick, on_tick, 0, TICK_MS);
}

static bool is_over(int status)
{
    return status == ARES_EDESTRUCTION || status == ARES_ECANCELLED;
}

static bool says_none(int status)
{
    return status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

static void on_address(void *context, int status, int timeouts, struct ares_addrinfo *answer)
{
    struct lk_discovery *d = context;

    (void)timeouts;
    if (is_over(status))
        return;
    if (status != ARES_SUCCESS || answer->nodes == NULL) {
        end(d, false, "no address of it", status);
    } else {
        struct sockaddr_storage at = { .ss_family = AF_UNSPEC };

        memcpy(&at, answer->nodes->ai_addr, answer->nodes->ai_addrlen);
        d->found.address = lk_peer_of(&at).address;
        end(d, true, "found", 0);
    }
    if (answer != NULL)
        ares_freeaddrinfo(answer);
}

static void ask_address(struct lk_discovery *d)
{
    const struct ares_addrinfo_hints hints = { .ai_family = d->v4 ? AF_INET : AF_INET6,
                                               .ai_flags = ARES_AI_NOSORT };

    ares_getaddrinfo(d->channel, d->found.host, NULL, &hints, on_address, d);
}

static bool take_host(struct lk_discovery *d, const char *host)
{
    size_t len = strlen(host);

    if (len > 0 && host[len - 1] == '.')
        len--;
    if (len == 0 || len >= sizeof d->found.host)
        return false;
    memcpy(d->found.host, host, len);
    d->found.host[len] = '\0';
    return true;
}

/* The lowest priority first, and of these not one at random by weight, as RFC 2782 has it, but the
 * heaviest: one mobile node balances no load. */
static void on_srv(void *context, int status, int timeouts, unsigned char *octets, int len)
{
    struct lk_discovery *d = context;
    struct ares_srv_reply *rows = NULL;
    const struct ares_srv_reply *best = NULL;

    (void)timeouts;
    if (is_over(status))
        return;
    if (status == ARES_SUCCESS)
        status = ares_parse_srv_reply(octets, len, &rows);
    for (const struct ares_srv_reply *row = rows; row != NULL; row = row->next)
        if (best == NULL || row->priority < best->priority ||
            (row->priority == best->priority && row->weight > best->weight))
            best = row;
    if (best != NULL && !take_host(d, best->host)) {
        end(d, false, "DNS says that the domain has none", 0);
    } else if (best == NULL && !(status == ARES_SUCCESS || says_none(status))) {
        end(d, false, "SRV", status);
    } else {
        /* spec: RFC 5679 2 - without SRV it is the domain's own address, at the port of MIS. */
        if (best == NULL)
            (void)take_host(d, d->domain);
        else
            d->found.port = best->port;
        ask_address(d);
    }
    if (rows != NULL)
        ares_free_data(rows);
}

static bool is_ours(const struct lk_discovery *d, const struct ares_naptr_reply *row)
{
    return strcasecmp((const char *)row->service, d->tcp ? "MIHCS+M2T" : "MIHCS+M2U") == 0 &&
           strcasecmp((const char *)row->flags, "s") == 0;
}

/* spec: RFC 5679 2 - NAPTR of the service MIHCS, M2T over TCP and M2U over UDP, with the flag s:
 * the lowest order, and of these the lowest preference; without one, SRV at once. */
static void on_naptr(void *context, int status, int timeouts, unsigned char *octets, int len)
{
    struct lk_discovery *d = context;
    struct ares_naptr_reply *rows = NULL;
    const struct ares_naptr_reply *best = NULL;
    char name[LK_DISCOVERY_NAME + 16];

    (void)timeouts;
    if (is_over(status))
        return;
    if (status == ARES_SUCCESS)
        status = ares_parse_naptr_reply(octets, len, &rows);
    for (const struct ares_naptr_reply *row = rows; row != NULL; row = row->next)
        if (is_ours(d, row) &&
            (best == NULL || row->order < best->order ||
             (row->order == best->order && row->preference < best->preference)))
            best = row;
    if (best == NULL && !(status == ARES_SUCCESS || says_none(status))) {
        end(d, false, "NAPTR", status);
    } else {
        if (best != NULL)
            (void)snprintf(name, sizeof name, "%s", best->replacement);
        else
            (void)snprintf(name, sizeof name, "_MIHCS._%s.%s", d->tcp ? "tcp" : "udp", d->domain);
        ares_query(d->channel, name, ns_c_in, ns_t_srv, on_srv, d);
    }
    if (rows != NULL)
        ares_free_data(rows);
}

/* ---- the whole ---- */

static bool use_server(struct lk_discovery *d, const char *server, uint16_t port)
{
    char text[LK_ADDRESS_TEXT + 16];

    if (server[0] == '\0')
        return true;
    (void)snprintf(text, sizeof text, strchr(server, ':') != NULL ? "[%s]:%u" : "%s:%u", server,
                   port);
    return ares_set_servers_ports_csv(d->channel, text) == ARES_SUCCESS;
}

struct lk_discovery *lk_discovery_new(uv_loop_t *loop, const char *server, uint16_t port,
                                      lk_discovery_done *done, void *context)
{
    struct lk_discovery *d = calloc(1, sizeof *d);
    char lookups[] = "b"; /* DNS alone: no file is read later */
    struct ares_options options = { .timeout = TIMEOUT_MS, .tries = TRIES, .lookups = lookups,
                                    .sock_state_cb = on_socket, .sock_state_cb_data = d };

    if (d == NULL || ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        free(d);
        return NULL;
    }
    if (ares_init_options(&d->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                          ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS) {
        ares_library_cleanup();
        free(d);
        return NULL;
    }
    d->loop = loop;
    d->done = done;
    d->context = context;
    LK_ASSERT(uv_timer_init(loop, &d->tick) == 0);
    d->tick.data = d;
    if (use_server(d, server, port))
        return d;
    lk_discovery_free(d);
    return NULL;
}

void lk_discovery_free(struct lk_discovery *d)
{
    if (d == NULL)
        return;
    ares_destroy(d->channel);
    while (d->wires != NULL)
        drop_wire(d, d->wires->fd);
    ares_library_cleanup();
    uv_close((uv_handle_t *)&d->tick, on_closed);
}

enum lk_status lk_discovery_ask(struct lk_discovery *d,
                                const struct lk_discovery_question *question)
{
    size_t len = strlen(question->domain);

    if (d->busy)
        return LK_E_EXISTS;
    if (len == 0 || len >= sizeof d->domain)
        return LK_E_VALUE;
    memcpy(d->domain, question->domain, len + 1);
    d->tcp = question->tcp;
    d->v4 = question->v4;
    d->found = (struct lk_discovered){ .port = question->port };
    d->busy = true;
    d->ended = false;
    (void)uv_timer_start(&d->tick, on_tick, TICK_MS, TICK_MS);
    ares_query(d->channel, d->domain, ns_c_in, ns_t_naptr, on_naptr, d);
    return LK_OK;
}
