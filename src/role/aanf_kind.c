/* What the supervisor knows of the aanf process. */
#include "io/forbid.h"
#include "role/aanf.h"
#include "store/store.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    return add(context, config->aanf.listen, config->aanf.port, LK_TRANSPORT_TCP, 0);
}

/* The way to PostgreSQL leads over a socket, and is lost and found again. */
static unsigned permits(const struct lk_config *config)
{
    return (lk_store_connects(config->store.url) ? LK_FORBID_SOCKETS : 0) | LK_FORBID_LISTENING;
}

static bool tls(struct lk_kind_tls *tls, const struct lk_config *config, size_t index)
{
    const struct lk_config_aanf *aanf = &config->aanf;

    *tls = (struct lk_kind_tls){ "aanf", { aanf->certificate, aanf->key, aanf->ca } };
    return index == 0;
}

static const struct lk_service services[] = { { "Naanf", "aanf.listen", "aanf.port" } };

static const struct lk_own_counter counters[LK_AANF_OWN_COUNT] = {
    [LK_AANF_OWN_REQUESTS] = { "aanf_requests_total", "Requests to the AAnF.", false },
    [LK_AANF_OWN_REGISTERED] = { "aanf_registered_total", "Keys that AUSFs registered.", false },
    [LK_AANF_OWN_REMOVED] = { "aanf_removed_total", "Contexts that were removed.", false },
    [LK_AANF_OWN_AF_KEYS] = { "aanf_af_keys_total", "Keys given to AFs.", false },
    [LK_AANF_OWN_ANONYMOUS] = { "aanf_anonymous_total",
                                "Of these, keys of users that stayed anonymous.", false },
    [LK_AANF_OWN_REFUSED] = { "aanf_refused_total", "Requests that were refused.", false },
    [LK_AANF_OWN_OVER_BUDGET] = { "aanf_over_budget_total",
                                  "Requests beyond what an address may ask for.", false },
    [LK_AANF_OWN_FULL] = { "aanf_full_total", "Registrations for which there was no place.",
                           false },
    [LK_AANF_OWN_NOT_KEPT] = { "aanf_not_kept_total", "Keys that the store did not keep.", false },
};

const struct lk_process_kind lk_aanf_kind = {
    .name = "aanf",
    .roles = LK_ROLE_AANF,
    .refuses = LK_BY_AANF,
    .keeps_state = true,
    .needs_node_key = true,
    .needs_store = true,
    .endpoints = endpoints,
    .permits = permits,
    .files = lk_kind_store_files,
    .tls = tls,
    .services = services,
    .asks = lk_aanf_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_aanf_run,
};
