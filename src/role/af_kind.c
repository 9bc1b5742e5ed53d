/* What the supervisor knows of the af process. */
#include <stdio.h>

#include "io/forbid.h"
#include "role/af.h"
#include "role/af_users.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    return add(context, config->af.listen, config->af.port, LK_TRANSPORT_TCP, LK_AF_PORT);
}

static unsigned permits(const struct lk_config *config)
{
    const bool asks = config->af.bsf.name[0] != '\0' || config->af.aanf.name[0] != '\0';

    return LK_FORBID_LISTENING | (asks ? LK_FORBID_SOCKETS : 0);
}

/* "": that application has no users of its own. */
static const char *reads_again(const struct lk_config *config, size_t index)
{
    return index < config->af.app_count ? config->af.apps[index].users : NULL;
}

static bool fits(const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT])
{
    bool fit = true;

    for (size_t i = 0; i < config->af.app_count && fit; i++) {
        struct lk_af_users users = { .at = NULL };
        char error[LK_AF_USERS_ERROR_TEXT];
        enum lk_status status = lk_af_users_read(&users, config->af.apps[i].users, error);

        if (status == LK_E_NOT_FOUND && config->af.apps[i].users[0] != '\0')
            (void)snprintf(unfit, LK_KIND_UNFIT_TEXT,
                           "nobody is a user of %.60s: %.500s is not there; fix: write it, and "
                           "latchkey reload",
                           config->af.apps[i].app, config->af.apps[i].users);
        fit = status == LK_OK || status == LK_E_NOT_FOUND;
        if (!fit)
            (void)snprintf(unfit, LK_KIND_UNFIT_TEXT, "%.600s; fix: mend it, for users of %.60s",
                           error, config->af.apps[i].app);
        lk_af_users_free(&users);
    }
    return fit;
}

static bool tls(struct lk_kind_tls *tls, const struct lk_config *config, size_t index)
{
    const struct lk_config_af *af = &config->af;

    *tls = (struct lk_kind_tls){ "af", { af->certificate, af->certificate_key, af->ca } };
    return index == 0;
}

static const struct lk_service services[LK_AF_SERVES_COUNT] = {
    [LK_AF_PORT] = { "end-to-end sessions", "af.listen", "af.port" },
};

static const struct lk_own_counter counters[LK_AF_OWN_COUNT] = {
    [LK_AF_OWN_CONNECTIONS] = { "af_connections", "Connections.", true },
    [LK_AF_OWN_SESSIONS] = { "af_sessions", "Sessions that are open.", true },
    [LK_AF_OWN_TAKEN] = { "af_connections_total", "Connections that were taken.", false },
    [LK_AF_OWN_SOURCE_FULL] = { "af_source_full_total", "Connections beyond those of an address.",
                                false },
    [LK_AF_OWN_FULL] = { "af_full_total", "Connections for which there was no place.", false },
    [LK_AF_OWN_DISPLACED] = { "af_displaced_total",
                              "Connections that proved nothing, and gave way.", false },
    [LK_AF_OWN_TOO_SLOW] = { "af_too_slow_total", "Connections that proved nothing in time.",
                             false },
    [LK_AF_OWN_OVER_BUDGET] = { "af_over_budget_total",
                                "Handshakes beyond what an address may begin.", false },
    [LK_AF_OWN_OPENED] = { "af_opened_total", "Sessions that were opened.", false },
    [LK_AF_OWN_GAVE_WAY] = { "af_gave_way_total",
                             "Sessions that gave way to newer ones of their user.", false },
    [LK_AF_OWN_IDLE] = { "af_idle_total", "Sessions that ended because nothing came.", false },
    [LK_AF_OWN_ROW_CHANGED] = { "af_row_changed_total",
                                "Sessions that ended because their user's row is gone or another.",
                                false },
    [LK_AF_OWN_RESUMED] = { "af_resumed_total", "Sessions that were opened by a ticket.", false },
    [LK_AF_OWN_REFUSED] = { "af_refused_total", "Handshakes and sessions that failed.", false },
    [LK_AF_OWN_N_ASKED] = { "af_operator_keys_asked_total", "Keys of the operator asked for.",
                            false },
    [LK_AF_OWN_N_MISSING] = { "af_operator_keys_missing_total",
                              "Keys of the operator that were not to be had, or not the user's.",
                              false },
    [LK_AF_OWN_N_LATER] = { "af_operator_keys_later_total",
                            "Answers of the operator that asked to be asked later.", false },
    [LK_AF_OWN_ANSWERS] = { "af_answers_total", "Lines that were answered.", false },
    [LK_AF_OWN_HANDED_OVER] = { "af_handed_over_total", "Application keys that were handed over.",
                                false },
};

const struct lk_process_kind lk_af_kind = {
    .name = "af",
    .roles = LK_ROLE_AF,
    .refuses = LK_BY_AF,
    .keeps_state = true,
    .endpoints = endpoints,
    .permits = permits,
    .reads_again = reads_again,
    .fits = fits,
    .tls = tls,
    .reads_tls_again = true,
    .services = services,
    .asks = lk_af_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_af_run,
};
