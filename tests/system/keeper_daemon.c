/* latchkeyd with one more kind of process, for keeper_test.py: a keeper of state that can be asked
 * what it holds and made to try what it may not. It plays role ue. The table of kinds is this
 * one; all else is the daemon's own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/forbid.h"
#include "role/process.h"

enum { KEEPS_DATAGRAM = 3, COUNT_KEPT = 0 };

struct keeper {
    struct lk_process process;
    uv_poll_t socket;
    unsigned kept; /* its state: what has come so far */
    unsigned reloads;
};

static void on_datagram(uv_poll_t *poll, int status, int events)
{
    struct keeper *keeper = poll->data;
    uint8_t octets[16];

    (void)status;
    (void)events;
    while (recv(keeper->process.setup->sockets[0].fd, octets, sizeof octets, MSG_DONTWAIT) >= 0) {
        keeper->kept++;
        lk_process_count(&keeper->process, COUNT_KEPT);
    }
}

static void configure(void *context, const struct lk_config *before)
{
    struct keeper *keeper = context;

    keeper->reloads += before != keeper->process.config;
}

/* What a captured process would do next: ask its own daemon, as the user that both are. */
static bool is_listened_to(const struct lk_config *config)
{
    static const char request[] = "{\"op\": \"status\"}\n";
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char answer[16];
    bool heard;

    memcpy(at.sun_path, config->control, strlen(config->control) + 1);
    heard = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
            send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 &&
            recv(fd, answer, sizeof answer, 0) > 0;
    if (fd >= 0)
        close(fd);
    return heard;
}

static json_t *what_it_holds(void *context, const json_t *request)
{
    const struct keeper *keeper = context;
    const struct lk_worker_setup *setup = keeper->process.setup;
    uint8_t key_sum = 0;

    for (size_t i = 0; i < sizeof keeper->process.node_key->octets; i++)
        key_sum ^= keeper->process.node_key->octets[i];
    return json_pack("{s:b, s:i, s:i, s:i, s:i, s:b, s:i, s:i}", "ok", 1, "kept",
                     (int)keeper->kept, "reloads", (int)keeper->reloads, "pdn_max",
                     (int)keeper->process.config->ue.pdn_max, "serves",
                     (int)setup->sockets[0].serves, "vault", setup->vault.fd >= 0, "sockets",
                     (int)setup->socket_count, "key_sum", (int)key_sum);
}

static json_t *knock(void *context, const json_t *request)
{
    const struct keeper *keeper = context;

    return json_pack("{s:b, s:b}", "ok", 1, "heard", is_listened_to(keeper->process.config));
}

static json_t *open_file(void *context, const json_t *request)
{
    const char *path = json_string_value(json_object_get(request, "path"));
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);

    return json_pack("{s:b, s:s}", "ok", 1, "came", fd >= 0 ? "open" : strerror(errno));
}

static json_t *die(void *context, const json_t *request)
{
    abort();
}

static void say_nothing(void *context, uint32_t number, const json_t *request)
{
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct keeper *keeper = context;

    uv_poll_init(&keeper->process.loop, &keeper->socket, keeper->process.setup->sockets[0].fd);
    keeper->socket.data = keeper;
    return uv_poll_start(&keeper->socket, UV_READABLE, on_datagram) == 0;
}

static int run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = { .begin = begin, .configure = configure };
    struct keeper *keeper = calloc(1, sizeof *keeper);

    return keeper == NULL ? 3 : lk_process_run(&keeper->process, setup, &handlers, keeper);
}

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    return add(context, config->ue.address, config->wlcp.port, LK_TRANSPORT_UDP, KEEPS_DATAGRAM);
}

static enum lk_status prepare(const struct lk_config *config, lk_prepared_add *add, void *context,
                              char error[LK_KIND_ERROR_TEXT])
{
    (void)config;
    (void)error;
    return add(context, "null", open("/dev/null", O_RDWR | O_CLOEXEC), 1);
}

static unsigned permits(const struct lk_config *config)
{
    (void)config;
    return LK_FORBID_SOCKETS;
}

static const struct lk_service services[] = {
    [1] = { "null", NULL, NULL },
    [KEEPS_DATAGRAM] = { "keeping", "ue.address", "wlcp.port" },
};
static const struct lk_ask asks[] = {
    { .op = "keeper-digest", .answer = what_it_holds },
    { .op = "keeper-knock", .answer = knock },
    { .op = "keeper-open", .answer = open_file },
    { .op = "keeper-die", .answer = die },
    { .op = "keeper-silent", .later = say_nothing },
    { NULL },
};
static const struct lk_own_counter counters[] = {
    { .name = "keeper_kept_total", .help = "Datagrams kept." },
};

static const struct lk_process_kind keeper_kind = {
    .name = "keeper",
    .roles = LK_ROLE_UE,
    .keeps_state = true,
    .needs_node_key = true,
    .endpoints = endpoints,
    .prepare = prepare,
    .permits = permits,
    .services = services,
    .asks = asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = run,
};

size_t lk_kind_count(void)
{
    return 2;
}

const struct lk_process_kind *lk_kind_at(size_t index)
{
    return index == 0 ? &lk_aaa_kind : &keeper_kind;
}
