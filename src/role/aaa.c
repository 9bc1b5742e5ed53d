/* A worker's loop: sockets, vault, writer, and what role/process.h has for all. */
#include "role/aaa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/secret.h"
#include "role/aaa_worker.h"
#include "role/home_key.h"
#include "role/mode.h"

enum { EXIT_LEFT = 0, REPLY_LIFETIME_MS = 10000, STORE_CHECK_EVERY = 5 };

/* ---- configuration ---- */

_Static_assert((int)LK_RADIUS_MAG_MAX < (int)LK_CONFIG_NAME, "a client's name is a gateway's");

static bool clients_set(struct lk_aaa_worker *worker)
{
    const struct lk_config *config = worker->process.setup->config;
    size_t count = config->radius.client_count;

    worker->client_items = calloc(count + 1, sizeof *worker->client_items);
    if (worker->client_items == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct lk_config_client *from = &config->radius.clients[i];
        struct lk_radius_client *to = &worker->client_items[i];

        to->prefix = from->address;
        to->tag = (uint32_t)i;
        to->pos = from->pos[0] == '\0' ? NULL : from->pos;
        to->agent = from->agent[0] == '\0' ? NULL : from->agent;
        to->is_home_agent = from->agent_is == LK_CONFIG_AGENT_HOME;
        memcpy(to->mag, from->mag[0] == '\0' ? from->name : from->mag, sizeof to->mag - 1);
        if (lk_radius_secret_set(&to->secret, lk_span_text(from->secret)) != LK_OK)
            return false;
    }
    worker->probe_client.tag = LK_AAA_PROBE_TAG;
    worker->probe_client.prefix.bits = LK_ADDRESS_BITS;
    return lk_radius_secret_set(&worker->probe_client.secret,
                                LK_SPAN(worker->process.setup->shared->probe.secret)) == LK_OK &&
           lk_radius_clients_set(&worker->clients, worker->client_items, count) == LK_OK;
}

static bool mis_set(struct lk_aaa_worker *worker, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = worker->process.setup->config;
    struct lk_aaa_mis_config *mis = &worker->node.mis;
    struct lk_span key = lk_span_text(config->aaa.mis_mark_key);

    _Static_assert((int)LK_CONFIG_NAME == (int)sizeof mis->realm, "a realm fits");
    memcpy(mis->realm, config->aaa.realm, sizeof mis->realm);
    mis->max = (uint8_t)config->aaa.mis_max;
    mis->lifetime_s = config->aaa.mis_lifetime_s;
    (void)snprintf(mis->psk_usage, sizeof mis->psk_usage, "%s", config->mis.codes.psk_usage);
    (void)snprintf(mis->mn_usage, sizeof mis->mn_usage, "%s", config->mis.codes.mn_usage);
    (void)snprintf(mis->k_usage, sizeof mis->k_usage, "%s", config->mis.codes.k_usage);
    mis->erp = config->aaa.erp;
    mis->erp_lifetime_s = config->aaa.erp_lifetime_s;
    mis->signs = key.len > 0;
    if (!mis->signs || lk_home_secret_parse(&worker->mark_key, key) == LK_OK)
        return true;
    (void)snprintf(error, LK_KIND_ERROR_TEXT,
                   "aaa.mis_mark_key: expected 64 hexadecimal digits, found another (not shown)");
    return false;
}

static bool node_set(struct lk_aaa_worker *worker, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = worker->process.setup->config;
    struct lk_aaa_config *node = &worker->node;
    size_t name_len = strlen(config->eap.network_name);

    lk_aaa_config_defaults(node);
    LK_ASSERT(name_len <= sizeof node->eap.network_name);
    node->eap.network_name_len = (uint8_t)name_len;
    memcpy(node->eap.network_name, config->eap.network_name, name_len);
    node->eap.offer_aka_prime = (config->eap.methods & LK_CONFIG_AKA_PRIME) != 0;
    node->eap.offer_aka = (config->eap.methods & LK_CONFIG_AKA) != 0;
    node->eap.send_bidding = node->eap.offer_aka_prime;
    node->eap.use_pseudonyms = config->eap.pseudonyms;
    node->eap.use_reauth = config->eap.reauth;
    node->eap.protect_success = config->eap.protect_success;
    node->eap.reauth_max = (uint16_t)config->eap.reauth_max;
    node->state_lifetime_s = config->eap.state_lifetime_s;
    node->session_timeout_s = config->eap.session_timeout_s;
    node->enterprise = config->radius.enterprise;
    if (!config->eap.multi_connection)
        node->eap.modes &= (uint8_t)~LK_TWAN_MULTI;
    lk_mode_layout_of(&node->eap.mode_layout, config);
    lk_aaa_mip_set(&node->mip, &config->aaa.mip);
    lk_wlcp_kdf_of(&node->wlcp_kdf, config);
    return mis_set(worker, error);
}

/* ---- one turn ---- */

void lk_aaa_turn_begin(struct lk_aaa_worker *worker)
{
    worker->now_ms = lk_wall_ms();
    lk_aaa_config_roll(&worker->node, worker->process.setup->node_key, worker->now_ms);
}

/* All that this turn has gathered goes out: questions, writes, answers. */
void lk_aaa_turn_end(struct lk_aaa_worker *worker)
{
    lk_vectors_flush(&worker->vectors);
    lk_durable_flush(&worker->durable);
    lk_count_add(&worker->count->send_lost, lk_datagrams_send(worker->out));
    lk_aaa_akma_go_on(worker);
}

static void stop_reading(struct lk_aaa_worker *worker)
{
    for (size_t i = 0; i < worker->ports; i++)
        lk_udp_port_end(&worker->port[i]);
    if (worker->radsec != NULL)
        lk_radsec_server_leave(worker->radsec);
}

/* Ends the loop once nothing waits any more. */
static void leave_when_done(struct lk_aaa_worker *worker)
{
    if (worker->leaving && worker->process.slot->jobs == 0 && !worker->durable.busy &&
        lk_aaa_akma_is_idle(worker))
        lk_process_end(&worker->process, EXIT_LEFT);
}

static void on_leave(void *context)
{
    struct lk_aaa_worker *worker = context;

    worker->leaving = true;
    stop_reading(worker);
    leave_when_done(worker);
}

static void turn_begins(void *context)
{
    lk_aaa_turn_begin(context);
}

static void turn_ends(void *context)
{
    lk_aaa_turn_end(context);
}

static void receive(void *context, const struct lk_udp_port *port,
                    const struct lk_datagram_peer *peer, struct lk_span octets)
{
    const struct lk_aaa_origin origin = { .port = (enum lk_radius_port)port->serves,
                                          .peer = *peer };

    lk_aaa_receive(context, &origin, octets);
}

static void on_vault(uv_poll_t *poll, int status, int events)
{
    struct lk_aaa_worker *worker = poll->data;

    (void)status;
    (void)events;
    lk_aaa_turn_begin(worker);
    lk_vectors_receive(&worker->vectors);
    lk_aaa_turn_end(worker);
    if (worker->vectors.vault_gone) {
        (void)uv_poll_stop(&worker->vault_poll);
        lk_process_end(&worker->process, LK_VECTORS_GONE);
    }
    leave_when_done(worker);
}

static void on_tick(void *context)
{
    struct lk_aaa_worker *worker = context;

    lk_aaa_turn_begin(worker);
    lk_aaa_jobs_sweep(worker);
    lk_aaa_asks_sweep(worker);
    if (++worker->ticks % STORE_CHECK_EVERY == 0)
        lk_vectors_check_store(&worker->vectors);
    lk_aaa_turn_end(worker);
    leave_when_done(worker);
}

/* ---- beginning and end ---- */

static bool memory_set(struct lk_aaa_worker *worker)
{
    void *cache = NULL;
    uint64_t seed;

    worker->udp = (struct lk_udp_owner){ &worker->process.loop, lk_datagrams_new(), worker,
                                         turn_begins, turn_ends, NULL };
    worker->out = lk_datagrams_new();
    worker->jobs = mmap(NULL, LK_AAA_JOBS * sizeof *worker->jobs, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (worker->udp.in == NULL || worker->out == NULL || worker->jobs == MAP_FAILED ||
        posix_memalign(&cache, 64, LK_REPLY_CACHE_DEFAULT) != 0)
        return false;
    (void)madvise(worker->jobs, LK_AAA_JOBS * sizeof *worker->jobs, MADV_DONTDUMP);
    lk_entropy_take(&worker->entropy, &seed, sizeof seed);
    worker->cache = lk_reply_cache_in(cache, LK_REPLY_CACHE_DEFAULT, REPLY_LIFETIME_MS, seed);
    lk_aaa_jobs_init(worker);
    return clients_set(worker);
}

static void polls_set(struct lk_aaa_worker *worker)
{
    const struct lk_worker_setup *setup = worker->process.setup;
    int status = uv_poll_init(&worker->process.loop, &worker->vault_poll, setup->vault.fd);

    LK_ASSERT(status == 0);
    worker->vault_poll.data = worker;
    (void)uv_poll_start(&worker->vault_poll, UV_READABLE, on_vault);
    for (size_t i = 0; i < setup->socket_count; i++)
        if (setup->sockets[i].serves != LK_AAA_SERVES_RADSEC)
            lk_udp_port_begin(&worker->port[worker->ports++], &worker->udp, setup->sockets[i].fd,
                              setup->sockets[i].serves, receive);
}

static bool vectors_set(struct lk_aaa_worker *worker, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_vectors *vectors = &worker->vectors;

    worker->durable = (struct lk_durable){ .loop = &worker->process.loop,
                                           .url = worker->process.setup->config->store.url,
                                           .context = worker, .on_written = lk_aaa_written,
                                           .on_done = turn_ends };
    vectors->process = &worker->process;
    vectors->calls = lk_aaa_vectors_calls;
    vectors->calls.context = worker;
    vectors->durable = &worker->durable;
    vectors->network_name =
        lk_span_of(worker->node.eap.network_name, worker->node.eap.network_name_len);
    vectors->queue_max = LK_AAA_JOBS;
    return lk_durable_begin(&worker->durable) && lk_vectors_begin(vectors, error);
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_aaa_worker *worker = context;

    worker->count = &worker->process.slot->count;
    worker->process.slot->jobs = 0;
    lk_seen_begin(&worker->seen, worker->process.setup);
    if (!memory_set(worker))
        return false;
    if (!node_set(worker, error) || !vectors_set(worker, error) ||
        !lk_aaa_akma_begin_worker(worker) || !lk_aaa_mip_begin(worker, error))
        return false;
    polls_set(worker);
    return lk_aaa_radsec_begin(worker, error);
}

static void end(void *context)
{
    struct lk_aaa_worker *worker = context;

    lk_aaa_akma_end(worker);
    lk_aaa_mip_end(worker);
    lk_radsec_server_free(worker->radsec);
    lk_aaa_config_wipe(&worker->node);
    lk_wipe(&worker->mark_key, sizeof worker->mark_key);
    lk_entropy_forget(&worker->entropy);
    lk_vectors_end(&worker->vectors);
    lk_seen_end(&worker->seen);
}

int lk_aaa_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = on_tick, .leave = on_leave, .end = end,
    };
    struct lk_aaa_worker *worker = calloc(1, sizeof *worker);

    return worker == NULL ? LK_PROCESS_NO_START
                          : lk_process_run(&worker->process, setup, &handlers, worker);
}
