/* What the supervisor knows of the enb process. */
#include "io/forbid.h"
#include "role/enb.h"
#include "role/xw.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    const struct lk_config_enb *enb = &config->enb;
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < enb->cell_count && status == LK_OK; i++)
        status = add(context, enb->cells[i].listen, enb->cells[i].port, LK_TRANSPORT_UDP,
                     (unsigned)i);
    if (status != LK_OK || enb->xw.transport != LK_CONFIG_XW_SCTP)
        return status;
    return add(context, enb->xw_address, enb->xw_udp_port, LK_TRANSPORT_UDP, LK_ENB_SERVES_XW);
}

/* The WT is dialled, anew when it was lost; usrsctp asks the kernel for its interfaces. */
static unsigned permits(const struct lk_config *config)
{
    (void)config;
    return LK_FORBID_SOCKETS;
}

static bool fits(const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT])
{
    return lk_role_xw_fits(config, &config->enb.xw, "enb", unfit);
}

static const struct lk_service services[LK_ENB_SERVES_COUNT + 1] = {
    { "Uu", "enb.cells[0].listen", "enb.cells[0].port" },
    { "Uu", "enb.cells[1].listen", "enb.cells[1].port" },
    { "Uu", "enb.cells[2].listen", "enb.cells[2].port" },
    { "Uu", "enb.cells[3].listen", "enb.cells[3].port" },
    { "Uu", "enb.cells[4].listen", "enb.cells[4].port" },
    { "Uu", "enb.cells[5].listen", "enb.cells[5].port" },
    { "Uu", "enb.cells[6].listen", "enb.cells[6].port" },
    { "Uu", "enb.cells[7].listen", "enb.cells[7].port" },
    [LK_ENB_SERVES_XW] = { "Xw over SCTP", "enb.xw_address", "enb.xw_udp_port" },
};

static const struct lk_own_counter counters[LK_ENB_OWN_COUNT] = {
    [LK_ENB_OWN_UES] = { "enb_ues", "Devices that are attached.", true },
    [LK_ENB_OWN_STRANGERS] = { "enb_strangers",
                               "Devices that are not attached, or not yet.", true },
    [LK_ENB_OWN_WT_UP] = { "enb_wt_up", "1: the WT is connected.", true },
    [LK_ENB_OWN_ATTACHES] = { "enb_attaches_total", "Attaches that went well.", false },
    [LK_ENB_OWN_ATTACHES_REFUSED] = { "enb_attaches_refused_total",
                                      "Attaches that did not.", false },
    [LK_ENB_OWN_OVER_BUDGET] = { "enb_over_budget_total",
                                 "Attaches beyond what an address may begin.", false },
    [LK_ENB_OWN_FULL] = { "enb_full_total", "Devices for which there was no place.", false },
    [LK_ENB_OWN_MADE_ROOM] = { "enb_made_room_total",
                               "Places of strangers that others got.", false },
    [LK_ENB_OWN_UNKNOWN] = { "enb_unknown_total",
                             "Datagrams on Uu of devices that have not said who they are.", false },
    [LK_ENB_OWN_MALFORMED] = { "enb_malformed_total",
                               "Datagrams on Uu that cannot be read.", false },
    [LK_ENB_OWN_MAC_TAKEN] = { "enb_mac_taken_total",
                               "Devices whose MAC address is that of another subscriber.", false },
    [LK_ENB_OWN_SAVES] = { "enb_saves_total", "WT Counters that were to be written down.", false },
    [LK_ENB_OWN_SAVES_FAILED] = { "enb_saves_failed_total",
                                  "WT Counters that could not be, and so were not used.", false },
    [LK_ENB_OWN_LWA_SET_UP] = { "enb_lwa_set_up_total",
                                "Times that LTE-WLAN aggregation was set up.", false },
    [LK_ENB_OWN_REKEYS_BEGUN] = { "enb_rekeys_begun_total", "Re-keys begun.", false },
    [LK_ENB_OWN_REKEYS] = { "enb_rekeys_total", "Re-keys that UE and WT have finished.", false },
    [LK_ENB_OWN_REFRESHES] = { "enb_refreshes_total", "KeNBs changed within a cell.", false },
    [LK_ENB_OWN_HANDOVERS] = { "enb_handovers_total", "Handovers.", false },
    [LK_ENB_OWN_HANDOVERS_FAILED] = {
        "enb_handovers_failed_total",
        "Handovers after which the device was not at the target.", false
    },
    [LK_ENB_OWN_LWA_RELEASED] = { "enb_lwa_released_total",
                                  "Times that LTE-WLAN aggregation ended.", false },
    [LK_ENB_OWN_RRC_REFUSED] = { "enb_rrc_refused_total",
                                 "PDUs of SRB1 that had no effect.", false },
    [LK_ENB_OWN_XW_MALFORMED] = { "enb_xw_malformed_total",
                                  "Messages of the WT that cannot be read.", false },
    [LK_ENB_OWN_XW_UNKNOWN] = { "enb_xw_unknown_total",
                                "Messages of the WT about nobody who is here.", false },
    [LK_ENB_OWN_XW_REFUSED] = { "enb_xw_refused_total",
                                "Messages of the WT that had no effect.", false },
    [LK_ENB_OWN_XW_UNSENT] = { "enb_xw_unsent_total",
                               "Messages to a WT that is not connected, or too slow.", false },
    [LK_ENB_OWN_UNEXPECTED] = { "enb_unexpected_total", "Events that had no place.", false },
    [LK_ENB_OWN_NOTICES] = { "enb_notices_total", "What is noteworthy.", false },
};

const struct lk_process_kind lk_enb_kind = {
    .name = "enb",
    .roles = LK_ROLE_ENB,
    .refuses = LK_BY_LWA | LK_BY_AAA,
    .keeps_state = true,
    .vault_keys = 1u << LK_VECTOR_KASME,
    .needs_store = true,
    .endpoints = endpoints,
    .permits = permits,
    .files = lk_kind_store_files,
    .fits = fits,
    .services = services,
    .asks = lk_enb_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_enb_run,
};
