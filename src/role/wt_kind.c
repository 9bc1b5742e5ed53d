/* What the supervisor knows of the wt process. */
#include "io/forbid.h"
#include "role/wt.h"
#include "role/xw.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    const struct lk_config_wt *wt = &config->wt;
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < wt->listen.count && status == LK_OK; i++)
        status = add(context, wt->listen.at[i], wt->port, LK_TRANSPORT_UDP, LK_WT_AIR);
    if (status != LK_OK)
        return status;
    return wt->xw.transport == LK_CONFIG_XW_SCTP
               ? add(context, wt->xw_listen, wt->xw_udp_port, LK_TRANSPORT_UDP, LK_WT_XW_SCTP)
               : add(context, wt->xw_listen, wt->xw_port, LK_TRANSPORT_TCP, LK_WT_XW_TCP);
}

/* usrsctp asks the kernel for its interfaces when it begins; over TCP eNBs come. */
static unsigned permits(const struct lk_config *config)
{
    return config->wt.xw.transport == LK_CONFIG_XW_SCTP ? LK_FORBID_SOCKETS : LK_FORBID_LISTENING;
}

static bool fits(const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT])
{
    return lk_role_xw_fits(config, &config->wt.xw, "wt", unfit);
}

static const struct lk_service services[LK_WT_SERVES_COUNT] = {
    [LK_WT_AIR] = { "air", "wt.listen", "wt.port" },
    [LK_WT_XW_SCTP] = { "Xw over SCTP", "wt.xw_listen", "wt.xw_udp_port" },
    [LK_WT_XW_TCP] = { "Xw over TCP", "wt.xw_listen", "wt.xw_port" },
};

static const struct lk_own_counter counters[LK_WT_OWN_COUNT] = {
    [LK_WT_OWN_UES] = { "wt_ues", "UEs that an eNB has announced and not released.", true },
    [LK_WT_OWN_ASSOCIATED] = { "wt_associations", "Stations that are associated.", true },
    [LK_WT_OWN_ENBS_UP] = { "wt_enbs_up", "eNBs that are connected.", true },
    [LK_WT_OWN_XW_STRANGERS] = {
        "wt_xw_strangers_total",
        "Datagrams and connections on Xw of no eNB that is configured.", false
    },
    [LK_WT_OWN_XW_MESSAGES] = { "wt_xw_messages_total", "Messages of eNBs.", false },
    [LK_WT_OWN_XW_MALFORMED] = { "wt_xw_malformed_total",
                                 "Messages of eNBs that cannot be read.", false },
    [LK_WT_OWN_XW_REFUSED] = { "wt_xw_refused_total",
                               "Messages of eNBs that were refused.", false },
    [LK_WT_OWN_XW_UNEXPECTED] = { "wt_xw_unexpected_total",
                                  "Messages of eNBs that had no effect.", false },
    [LK_WT_OWN_XW_UNSENT] = { "wt_xw_unsent_total",
                              "Messages to eNBs that are not connected, or too slow.", false },
    [LK_WT_OWN_FRAMES] = { "wt_frames_total", "Frames of stations.", false },
    [LK_WT_OWN_FRAMES_MALFORMED] = { "wt_frames_malformed_total",
                                     "Frames that cannot be read.", false },
    [LK_WT_OWN_FRAMES_FOREIGN] = { "wt_frames_foreign_total",
                                   "Frames to others, or of nobody.", false },
    [LK_WT_OWN_FRAMES_UNASSOCIATED] = { "wt_frames_unassociated_total",
                                        "Data of stations without an association.", false },
    [LK_WT_OWN_FRAMES_ELSEWHERE] = { "wt_frames_elsewhere_total",
                                     "Frames in a station's name from where it is not.", false },
    [LK_WT_OWN_FRAMES_UNPLACED] = {
        "wt_frames_unplaced_total",
        "Frames to stations of which nobody knows where they are.", false
    },
    [LK_WT_OWN_AUTHENTICATIONS] = { "wt_authentications_total",
                                    "Authentications (open system).", false },
    [LK_WT_OWN_ASSOCIATIONS] = { "wt_associations_total", "Associations accepted.", false },
    [LK_WT_OWN_ASSOCIATIONS_REFUSED] = { "wt_associations_refused_total",
                                         "Associations refused.", false },
    [LK_WT_OWN_STRANGERS_REFUSED] = {
        "wt_strangers_refused_total",
        "Associations refused, as no eNB has announced the station.", false
    },
    [LK_WT_OWN_HANDSHAKES] = { "wt_handshakes_total", "4-way handshakes begun.", false },
    [LK_WT_OWN_DEAUTHENTICATIONS] = { "wt_deauthentications_total",
                                      "Deauthentications sent.", false },
    [LK_WT_OWN_IN_CLEAR] = { "wt_in_clear_total",
                             "Frames without protection, where there is a key.", false },
    [LK_WT_OWN_IN_PIECES] = { "wt_in_pieces_total", "Fragments and aggregates.", false },
    [LK_WT_OWN_REPLAYED] = { "wt_replayed_total", "Frames that came again, or too late.", false },
    [LK_WT_OWN_ALTERED] = { "wt_altered_total", "Frames whose MIC is wrong.", false },
    [LK_WT_OWN_EAPOL_REFUSED] = { "wt_eapol_refused_total",
                                  "Frames of a handshake that had no effect.", false },
    [LK_WT_OWN_NOTICES] = { "wt_notices_total", "What is noteworthy, and changed nothing.", false },
    [LK_WT_OWN_INSTALLS] = { "wt_installs_total", "Keys installed.", false },
    [LK_WT_OWN_INSTALLS_REFUSED] = { "wt_installs_refused_total",
                                     "Keys that were in already, or are none.", false },
    [LK_WT_OWN_DATA_UP] = { "wt_data_up_total", "PDUs of UEs.", false },
    [LK_WT_OWN_DATA_DOWN] = { "wt_data_down_total", "PDUs to UEs.", false },
    [LK_WT_OWN_UP_DROPPED] = { "wt_up_dropped_total", "Data frames dropped.", false },
    [LK_WT_OWN_DOWN_DROPPED] = { "wt_down_dropped_total",
                                 "PDUs to UEs that cannot have them now.", false },
    [LK_WT_OWN_ECHOED] = { "wt_echoed_total", "PDUs given back to their UE.", false },
};

const struct lk_process_kind lk_wt_kind = {
    .name = "wt",
    .roles = LK_ROLE_WT,
    .refuses = LK_BY_LWA,
    .keeps_state = true,
    .endpoints = endpoints,
    .permits = permits,
    .fits = fits,
    .services = services,
    .asks = lk_wt_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_wt_run,
};
