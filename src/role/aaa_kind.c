/* What the supervisor knows of an aaa worker. */
#include <string.h>

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

static bool has_akma(const struct lk_config *config)
{
    return config->aaa.akma.aanf[0] != '\0';
}

/* The ways to PostgreSQL and to the AAnF lead over sockets, and are lost and found again. Who
 * serves TLS takes connections, on the sockets that it was given. */
static unsigned permits(const struct lk_config *config)
{
    return (lk_store_connects(config->store.url) || has_akma(config) || lk_aaa_is_mip_naf(config)
                ? LK_FORBID_SOCKETS
                : 0) |
           (lk_radsec_listens(config) ? LK_FORBID_LISTENING : 0);
}

static bool tls(struct lk_kind_tls *tls, const struct lk_config *config, size_t index)
{
    const struct lk_config_ausf *akma = &config->aaa.akma;
    const struct lk_config_mip_naf *naf = &config->aaa.mip.naf;

    *tls = (struct lk_kind_tls){ "aaa.akma", { akma->certificate, akma->key, akma->ca } };
    if (has_akma(config) && index-- == 0)
        return true;
    *tls = (struct lk_kind_tls){ "aaa.mip.naf", { naf->certificate, naf->key, naf->ca } };
    return index == 0 && lk_aaa_is_mip_naf(config);
}

static void add_agent(const char *also[LK_CERTIFICATE_ALSO], const char *name)
{
    size_t i = 0;

    while (i < LK_CERTIFICATE_ALSO && also[i] != NULL && strcmp(also[i], name) != 0)
        i++;
    if (name[0] != '\0' && name[0] != '*' && i < LK_CERTIFICATE_ALSO)
        also[i] = name;
}

/* S4 7.3.6: at the BSF it speaks for agents, by their names. */
static void tls_also(const char *also[LK_CERTIFICATE_ALSO], const struct lk_config *config,
                     size_t index)
{
    struct lk_kind_tls which;

    if (!config->aaa.mip.push || !tls(&which, config, index) ||
        strcmp(which.section, "aaa.mip.naf") != 0)
        return;
    for (size_t i = 0; i < config->radius.client_count; i++)
        add_agent(also, config->radius.clients[i].agent);
    for (size_t i = 0; i < config->radsec.peer_count; i++)
        add_agent(also, config->radsec.peers[i].agent);
}

static const struct lk_own_counter counters[LK_AAA_OWN_COUNT] = {
    [LK_AAA_OWN_AKMA_REGISTERED] = { "akma_registered_total",
                                     "Keys of AKMA that the AAnF has taken.", false },
    [LK_AAA_OWN_AKMA_LOST] = { "akma_lost_total", "Keys of AKMA that it has not, and are gone.",
                               false },
    [LK_AAA_OWN_AKMA_NOT_ALLOWED] = { "akma_not_allowed_total",
                                      "Keys of AKMA of subscribers who may have none.", false },
    [LK_AAA_OWN_MIP_GRANTED] = { "mip_keys_granted_total",
                                 "Questions of agents of Mobile IP that were granted.", false },
    [LK_AAA_OWN_MIP_REFUSED] = { "mip_keys_refused_total", "And those that were refused.", false },
    [LK_AAA_OWN_AKMA_WAITING] = { "akma_waiting", "Keys of AKMA on their way to it.", true },
};

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
    .tls = tls,
    .tls_also = tls_also,
    .reads_tls_again = true,
    .services = services,
    .asks = lk_aaa_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_aaa_run,
};
