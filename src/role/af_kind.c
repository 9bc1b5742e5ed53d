/* What the supervisor knows of the af process. */
#include "io/forbid.h"
#include "role/af.h"
#include "role/af_users.h"
#include "role/apart.h"
#include "role/lab_certificates.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    return add(context, config->af.listen, config->af.port, LK_TRANSPORT_TCP, LK_AF_PORT);
}

static unsigned permits(const struct lk_config *config)
{
    const bool asks = config->af.bsf.name[0] != '\0' || config->af.aanf.name[0] != '\0';

    return LK_FORBID_LISTENING | (asks ? LK_FORBID_SOCKETS : 0);
}

/* A reload reads the users again; each connection to the operator the files of TLS. */
static void files(const struct lk_config *config,
                  void (*visit)(void *context, const char *path, bool write), void *context)
{
    const char *const tls[] = { config->af.certificate, config->af.certificate_key,
                                config->af.ca };

    for (size_t i = 0; i < LK_COUNT_OF(tls); i++)
        if (tls[i][0] != '\0')
            visit(context, tls[i], false);
    for (size_t i = 0; i < config->af.app_count; i++) {
        char folder[LK_CONFIG_FILE];

        if (config->af.apps[i].users[0] == '\0')
            continue;
        /* Where the directory holds nothing else, also files that come to be there, or anew. */
        lk_af_users_folder(folder, config->af.apps[i].users);
        visit(context, folder, false);
        visit(context, config->af.apps[i].users, false);
    }
}

static bool fits(const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT])
{
    const struct lk_stream_files files = { config->af.certificate, config->af.certificate_key,
                                           config->af.ca };

    return config->af.certificate[0] == '\0' || lk_lab_makes(config, &files) ||
           lk_apart_tls_fits(config, "af", &files, unfit);
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
    [LK_AF_OWN_RESUMED] = { "af_resumed_total", "Sessions that were opened by a ticket.", false },
    [LK_AF_OWN_REFUSED] = { "af_refused_total", "Handshakes and sessions that failed.", false },
    [LK_AF_OWN_N_ASKED] = { "af_operator_keys_asked_total", "Keys of the operator asked for.",
                            false },
    [LK_AF_OWN_N_MISSING] = { "af_operator_keys_missing_total",
                              "Keys of the operator that were not to be had, or not the user's.",
                              false },
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
    .files = files,
    .fits = fits,
    .services = services,
    .asks = lk_af_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_af_run,
};
