/* What the supervisor knows of the naf process. */
#include "io/forbid.h"
#include "role/naf.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    enum lk_status status = add(context, config->naf.listen, config->naf.port, LK_TRANSPORT_TCP,
                                LK_NAF_HTTP_PORT);

    return status != LK_OK ? status
                           : add(context, config->naf.listen, config->naf.tls_port,
                                 LK_TRANSPORT_TCP, LK_NAF_TLS_PORT);
}

/* It takes connections, and makes those to the BSF. */
static unsigned permits(const struct lk_config *config)
{
    (void)config;
    return LK_FORBID_LISTENING | LK_FORBID_SOCKETS;
}

static bool tls(struct lk_kind_tls *tls, const struct lk_config *config, size_t index)
{
    const struct lk_config_naf_role *naf = &config->naf;

    *tls = (struct lk_kind_tls){ "naf", { naf->certificate, naf->key, naf->ca } };
    return index == 0;
}

static const struct lk_service services[LK_NAF_SERVES_COUNT] = {
    [LK_NAF_HTTP_PORT] = { "Ua, HTTP", "naf.listen", "naf.port" },
    [LK_NAF_TLS_PORT] = { "Ua, TLS-PSK", "naf.listen", "naf.tls_port" },
};

static const struct lk_own_counter counters[LK_NAF_OWN_COUNT] = {
    [LK_NAF_OWN_REQUESTS] = { "naf_requests_total", "Requests of HTTP.", false },
    [LK_NAF_OWN_GRANTED] = { "naf_granted_total", "Requests of HTTP whose user has proven himself.",
                             false },
    [LK_NAF_OWN_CHALLENGED] = { "naf_challenged_total", "Challenges given, first or because one "
                                "was too old.", false },
    [LK_NAF_OWN_REFUSED] = { "naf_refused_total", "Requests of HTTP that were refused.", false },
    [LK_NAF_OWN_UNAVAILABLE] = { "naf_unavailable_total",
                                 "Requests of HTTP for which the BSF could not be asked.", false },
    [LK_NAF_OWN_OVER_BUDGET] = { "naf_over_budget_total",
                                 "Questions to the BSF beyond what an address may cause.", false },
    [LK_NAF_OWN_FULL] = { "naf_full_total", "Requests and connections for which there was no "
                          "place.", false },
    [LK_NAF_OWN_TLS] = { "naf_tls_total", "Connections of TLS.", false },
    [LK_NAF_OWN_TLS_GRANTED] = { "naf_tls_granted_total", "Handshakes of TLS that went well.",
                                 false },
    [LK_NAF_OWN_TLS_REFUSED] = { "naf_tls_refused_total", "Handshakes of TLS that did not.",
                                 false },
    [LK_NAF_OWN_QUESTIONS] = { "naf_questions", "Questions to the BSF.", true },
    [LK_NAF_OWN_USERS] = { "naf_users", "Keys of users that are here.", true },
};

const struct lk_process_kind lk_naf_kind = {
    .name = "naf",
    .roles = LK_ROLE_NAF,
    .refuses = LK_BY_NAF,
    .keeps_state = true,
    .endpoints = endpoints,
    .permits = permits,
    .tls = tls,
    .reads_tls_again = true,
    .services = services,
    .asks = lk_naf_role_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_naf_role_run,
};
