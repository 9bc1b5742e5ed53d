/* What the supervisor knows of an aaa worker. */
#include "io/forbid.h"
#include "role/aaa_worker.h"
#include "store/store.h"

static unsigned workers(const struct lk_config *config)
{
    return config->workers;
}

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < config->radius.listen_count && status == LK_OK; i++) {
        const char *address = config->radius.listen[i];

        status = add(context, address, config->radius.port, LK_TRANSPORT_UDP, LK_RADIUS_AUTH_PORT);
        if (status == LK_OK)
            status = add(context, address, config->radius.accounting_port, LK_TRANSPORT_UDP,
                         LK_RADIUS_ACCT_PORT);
    }
    for (size_t i = 0; i < config->radsec.listen.count && status == LK_OK; i++)
        if (lk_radsec_listens(config))
            status = add(context, config->radsec.listen.at[i], config->radsec.port,
                         LK_TRANSPORT_TCP, LK_AAA_SERVES_RADSEC);
    return status;
}

/* The way to PostgreSQL leads over a socket, and is lost and found again. Who serves TLS takes
 * connections, on the sockets that it was given. */
static unsigned permits(const struct lk_config *config)
{
    return (lk_store_connects(config->store.url) ? LK_FORBID_SOCKETS : 0) |
           (lk_radsec_listens(config) ? LK_FORBID_LISTENING : 0);
}

static const struct lk_service services[] = {
    [LK_RADIUS_AUTH_PORT] = { "authentication", "radius.listen", "radius.port" },
    [LK_RADIUS_ACCT_PORT] = { "accounting", "radius.listen", "radius.accounting_port" },
    [LK_AAA_SERVES_RADSEC] = { "radsec", "radsec.listen", "radsec.port" },
};

const struct lk_process_kind lk_aaa_kind = {
    .name = "aaa",
    .roles = LK_ROLE_AAA,
    .refuses = LK_BY_AAA,
    .workers = workers,
    .vault_keys = 1u << LK_VECTOR_CK_IK | 1u << LK_VECTOR_PRIME,
    .needs_node_key = true,
    .needs_store = true,
    .endpoints = endpoints,
    .permits = permits,
    .files = lk_kind_store_files,
    .services = services,
    .asks = lk_aaa_asks,
    .run = lk_aaa_run,
};
