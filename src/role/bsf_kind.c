/* What the supervisor knows of the bsf process. */
#include "io/forbid.h"
#include "role/bsf.h"
#include "store/store.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    enum lk_status status = add(context, config->bsf.listen, config->bsf.port, LK_TRANSPORT_TCP,
                                LK_BSF_UB_PORT);

    return status != LK_OK ? status
                           : add(context, config->bsf.zn_listen, config->bsf.zn_port,
                                 LK_TRANSPORT_TCP, LK_BSF_ZN_PORT);
}

/* The way to PostgreSQL leads over a socket, and is lost and found again. */
static unsigned permits(const struct lk_config *config)
{
    return (lk_store_connects(config->store.url) ? LK_FORBID_SOCKETS : 0) | LK_FORBID_LISTENING;
}

static bool tls(struct lk_kind_tls *tls, const struct lk_config *config, size_t index)
{
    const struct lk_config_bsf *bsf = &config->bsf;

    *tls = (struct lk_kind_tls){ "bsf", { bsf->certificate, bsf->key, bsf->ca } };
    return index == 0 && bsf->zn_port != 0;
}

static const struct lk_service services[LK_BSF_SERVES_COUNT] = {
    [LK_BSF_UB_PORT] = { "Ub", "bsf.listen", "bsf.port" },
    [LK_BSF_ZN_PORT] = { "Zn", "bsf.zn_listen", "bsf.zn_port" },
};

static const struct lk_own_counter counters[LK_BSF_OWN_COUNT] = {
    [LK_BSF_OWN_REQUESTS] = { "bsf_requests_total", "Requests at Ub.", false },
    [LK_BSF_OWN_CHALLENGES] = { "bsf_challenges_total", "Challenges given.", false },
    [LK_BSF_OWN_BOOTSTRAPPED] = { "bsf_bootstrapped_total", "Bootstrappings that went well.",
                                  false },
    [LK_BSF_OWN_REFUSED] = { "bsf_refused_total", "Requests at Ub that were refused.", false },
    [LK_BSF_OWN_OVER_BUDGET] = { "bsf_over_budget_total",
                                 "Challenges beyond what an address, or strangers, may ask for.",
                                 false },
    [LK_BSF_OWN_FULL] = { "bsf_full_total", "Requests for which there was no place.", false },
    [LK_BSF_OWN_NOT_KEPT] = { "bsf_not_kept_total",
                              "Bootstrappings that the store did not keep.", false },
    [LK_BSF_OWN_NAF_KEYS] = { "bsf_naf_keys_total", "Keys given to NAFs.", false },
    [LK_BSF_OWN_NAF_REFUSED] = { "bsf_naf_refused_total", "Questions of NAFs that were refused.",
                                 false },
    [LK_BSF_OWN_NAF_OVER_BUDGET] = { "bsf_naf_over_budget_total",
                                     "Questions beyond what one NAF may ask.", false },
};

const struct lk_process_kind lk_bsf_kind = {
    .name = "bsf",
    .roles = LK_ROLE_BSF,
    .refuses = LK_BY_BSF | LK_BY_AAA,
    .keeps_state = true,
    .vault_keys = 1u << LK_VECTOR_CK_IK,
    .needs_node_key = true,
    .needs_store = true,
    .endpoints = endpoints,
    .permits = permits,
    .files = lk_kind_store_files,
    .tls = tls,
    .services = services,
    .asks = lk_bsf_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_bsf_run,
};
