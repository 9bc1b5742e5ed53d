/* The process of role ue, from begin to end, and its row. */
#include "role/ue_manager.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/secret.h"
#include "io/forbid.h"
#include "io/log.h"
#include "role/privileges.h"


static void tick(void *context)
{
    struct lk_ue_manager *ue = context;

    lk_process_gauge(&ue->process, LK_UE_CHANNEL_UP, ue->channel_id != 0);
    lk_process_gauge(&ue->process, LK_UE_MIP_IS_REGISTERED, ue->mip.tunnel.there);
    lk_process_gauge(&ue->process, LK_UE_LWA_IS_ACTIVE,
                     lk_ue_lwa_state_of(&ue->lte) == LK_UE_LWA_ACTIVE);
}

static void leave(void *context)
{
    struct lk_ue_manager *ue = context;

    lk_ue_manager_detach(ue);
    lk_ue_lte_end(ue);
    lk_ue_mis_end(ue);
    lk_ue_mip_end(ue);
    lk_ue_gba_end(ue);
    lk_ue_akma_end(ue);
    lk_control_stop(ue->control);
    ue->control = NULL;
    lk_process_end(&ue->process, 0);
}

static bool begin(void *context, char error[LK_KIND_ERROR_TEXT])
{
    struct lk_ue_manager *ue = context;
    const struct lk_config *config = ue->process.config;

    if (lk_ue_manager_card(ue, error) != LK_OK || lk_ue_manager_rules(ue, error) != LK_OK)
        return false;
    if (!lk_ue_manager_audit_open(ue, config->ue.audit)) {
        snprintf(error, LK_KIND_ERROR_TEXT, "%.200s cannot be written", config->ue.audit);
        return false;
    }
    lk_seen_begin(&ue->seen, ue->process.setup);
    if (lk_ue_manager_channel(ue) != LK_OK) {
        snprintf(error, LK_KIND_ERROR_TEXT, "no DTLS engine");
        return false;
    }
    for (size_t i = 0; i < LK_MANAGER_TIMERS; i++)
        lk_wake_begin(&ue->wakes[i], &ue->process.loop, ue, lk_ue_manager_due);
    lk_ue_manager_plane(ue);
    lk_ue_tun_begin(ue);
    if (lk_ue_lte_begin(ue, error) != LK_OK || lk_ue_mis_begin(ue, error) != LK_OK ||
        lk_ue_gba_begin(ue, error) != LK_OK || lk_ue_mip_begin(ue, error) != LK_OK)
        return false;
    if (lk_control_start(&ue->control, &ue->process.loop, config->ue.socket, lk_ue_manager_asked,
                         NULL, ue, error) != LK_OK)
        return false;
    lk_control_open_to_all(ue->control, lk_ue_manager_knows);
    if (config->ue.attach)
        lk_ue_manager_attach(ue, NULL, true);
    return true;
}

int lk_ue_manager_run(const struct lk_worker_setup *setup)
{
    static const struct lk_process_handlers handlers = {
        .begin = begin, .tick = tick, .leave = leave,
    };
    struct lk_ue_manager *ue = calloc(1, sizeof *ue);
    int exit_code;

    /* T01: neither a core file nor a tracer shows the key */
    if (ue == NULL || prctl(PR_SET_DUMPABLE, 0) != 0)
        return LK_PROCESS_NO_START;
    exit_code = lk_process_run(&ue->process, setup, &handlers, ue);
    lk_wipe(ue, sizeof *ue);
    free(ue);
    return exit_code;
}

/* ---- the row ---- */

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    enum lk_status status = add(context, config->ue.address, config->wlcp.port, LK_TRANSPORT_UDP,
                                LK_UE_WLCP);

    if (status == LK_OK)
        status = add(context, config->ue.address, config->wlcp.user_port, LK_TRANSPORT_UDP,
                     LK_UE_USER_PLANE);
    if (status == LK_OK && config->ue.lte.cell_count > 0)
        status = add(context, config->ue.lte.address, config->ue.lte.port, LK_TRANSPORT_UDP,
                     LK_UE_UU);
    if (status == LK_OK && config->ue.lte.cell_count > 0)
        status = add(context, config->ue.lte.address, config->ue.lte.air_port, LK_TRANSPORT_UDP,
                     LK_UE_AIR);
    if (status == LK_OK && lk_ue_mis_wanted(config))
        status = add(context, config->ue.mis.address, config->ue.mis.port, LK_TRANSPORT_UDP,
                     LK_UE_MIS);
    if (status == LK_OK && lk_ue_mis_wanted(config))
        status = add(context, config->ue.mis.address, config->ue.mis.dtls_port, LK_TRANSPORT_UDP,
                     LK_UE_MIS_DTLS_PORT);
    return status;
}

/* It takes connections of applications, and each attach has a socket of its own. */
static unsigned permits(const struct lk_config *config)
{
    (void)config;
    return LK_FORBID_LISTENING | LK_FORBID_SOCKETS;
}

static void files(const struct lk_config *config,
                  void (*visit)(void *context, const char *path, bool write), void *context)
{
    (void)config;
    visit(context, "/dev/urandom", false);
}

static bool fits(const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT])
{
    uid_t uid;

    for (size_t i = 0; i < config->ue.application_count; i++)
        if (!lk_privileges_uid(&uid, config->ue.applications[i].uid)) {
            (void)snprintf(unfit, LK_KIND_UNFIT_TEXT,
                           "ue.applications[%zu].uid: expected a number or a user of this machine, "
                           "found '%s'; fix: write the number that id -u shows for who runs %s",
                           i, config->ue.applications[i].uid, config->ue.applications[i].name);
            return false;
        }
    return true;
}

static const struct lk_service services[] = {
    [LK_UE_WLCP] = { "wlcp", "ue.address", "wlcp.port" },
    [LK_UE_USER_PLANE] = { "user plane", "ue.address", "wlcp.user_port" },
    [LK_UE_UU] = { "Uu", "ue.lte.address", "ue.lte.port" },
    [LK_UE_AIR] = { "air", "ue.lte.address", "ue.lte.air_port" },
    [LK_UE_MIS] = { "MIS over UDP", "ue.mis.address", "ue.mis.port" },
    [LK_UE_MIS_DTLS_PORT] = { "MIS over DTLS", "ue.mis.address", "ue.mis.dtls_port" },
    [LK_UE_TUN] = { "TUN", NULL, NULL },
    [LK_UE_TUN_LINE] = { "TUN's namespace", NULL, NULL },
    [LK_UE_TUN_SHEET] = { "where that is", NULL, NULL },
};

static const struct lk_own_counter counters[LK_UE_COUNTERS] = {
    [LK_UE_ATTACHES] = { "ue_attaches_total", "Attaches that went well.", false },
    [LK_UE_ATTACHES_REFUSED] = { "ue_attaches_refused_total", "Attaches that did not.", false },
    [LK_UE_CHANNELS] = { "ue_channels_total", "Channels to the TWAG that came up.", false },
    [LK_UE_ASKED] = { "ue_asked_total", "Questions of applications.", false },
    [LK_UE_REFUSED] = { "ue_refused_total", "Questions that were refused.", false },
    [LK_UE_LTE_ATTACHES] = { "ue_lte_attaches_total", "Attaches over LTE that went well.", false },
    [LK_UE_LTE_ATTACHES_REFUSED] = { "ue_lte_attaches_refused_total",
                                     "Attaches over LTE that did not.", false },
    [LK_UE_LTE_STRANGERS] = { "ue_lte_strangers_total",
                              "Datagrams on Uu or the air of no cell, and not of the WT.", false },
    [LK_UE_MIS_ATTACHES] = { "ue_mis_attaches_total", "SAs of MIS by EAP or ERP.", false },
    [LK_UE_MIS_HANDOVERS] = { "ue_mis_handovers_total", "Points of service that began to serve.",
                              false },
    [LK_UE_MIS_REFUSED] = { "ue_mis_refused_total", "What MIS did not do, and why.", false },
    [LK_UE_MIP_REGISTRATIONS] = { "ue_mip_registrations_total",
                                  "Registrations of Mobile IP, moves and renewals too.", false },
    [LK_UE_MIP_REFUSED] = { "ue_mip_refused_total", "What Mobile IP did not do, or believe.",
                            false },
    [LK_UE_CHANNEL_UP] = { "ue_channel_up", "1: the channel to the TWAG is up.", true },
    [LK_UE_LWA_IS_ACTIVE] = { "ue_lwa_active", "1: there is a link for LTE-WLAN aggregation.",
                              true },
    [LK_UE_MIP_IS_REGISTERED] = { "ue_mip_registered", "1: there is a tunnel of Mobile IP.", true },
};

const struct lk_process_kind lk_ue_kind = {
    .name = "ue",
    .roles = LK_ROLE_UE,
    .refuses = LK_BY_UE | LK_BY_LWA,
    .keeps_state = true,
    .endpoints = endpoints,
    .prepare = lk_ue_tun_prepare,
    .permits = permits,
    .files = files,
    .fits = fits,
    .services = services,
    .counters = counters,
    .counter_count = LK_UE_COUNTERS,
    .run = lk_ue_manager_run,
};
