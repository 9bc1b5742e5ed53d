/* What the supervisor knows of the wlan process. */
#include "io/forbid.h"
#include "role/radsec.h"
#include "role/wlan.h"

static enum lk_status listen_on(const struct lk_config_listen *listen, unsigned port,
                                unsigned serves, lk_endpoint_add *add, void *context)
{
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < listen->count && port != 0 && status == LK_OK; i++)
        status = add(context, listen->at[i], port, LK_TRANSPORT_UDP, serves);
    return status;
}

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    const struct lk_config_twap *twap = &config->twap;
    enum lk_status status = LK_OK;

    if ((config->roles & LK_ROLE_TWAP) != 0) {
        status = listen_on(&twap->listen, twap->port, LK_WLAN_AP_AUTH, add, context);
        if (status == LK_OK)
            status = listen_on(&twap->listen, twap->accounting_port, LK_WLAN_AP_ACCT, add,
                               context);
        if (status == LK_OK)
            status = listen_on(&config->dynamic.listen, config->dynamic.port, LK_WLAN_DYNAMIC, add,
                               context);
    }
    if ((config->roles & LK_ROLE_TWAG) != 0 && status == LK_OK)
        status = listen_on(&config->wlcp.listen, config->wlcp.port, LK_WLAN_WLCP, add, context);
    if ((config->roles & LK_ROLE_TWAG) != 0 && status == LK_OK)
        status = listen_on(&config->wlcp.listen, config->wlcp.user_port, LK_WLAN_USER, add,
                           context);
    for (size_t i = 0; i < config->radsec.listen.count && status == LK_OK; i++)
        if (lk_wlan_link_listens(config))
            status = add(context, config->radsec.listen.at[i], config->radsec.port,
                         LK_TRANSPORT_TCP, LK_WLAN_LINK);
    return status;
}

/* Who is lost over TLS is dialled again; who listens takes connections. */
static unsigned permits(const struct lk_config *config)
{
    return (lk_radsec_is_on(config) ? LK_FORBID_SOCKETS : 0) |
           (lk_wlan_link_listens(config) ? LK_FORBID_LISTENING : 0);
}

static const struct lk_service services[LK_WLAN_SERVES_COUNT] = {
    [LK_WLAN_AP_AUTH] = { "authentication", "twap.listen", "twap.port" },
    [LK_WLAN_AP_ACCT] = { "accounting", "twap.listen", "twap.accounting_port" },
    [LK_WLAN_DYNAMIC] = { "dynamic authorisation", "dynamic.listen", "dynamic.port" },
    [LK_WLAN_WLCP] = { "WLCP", "wlcp.listen", "wlcp.port" },
    [LK_WLAN_USER] = { "user plane", "wlcp.listen", "wlcp.user_port" },
    [LK_WLAN_LINK] = { "session link", "radsec.listen", "radsec.port" },
};

static const struct lk_own_counter counters[LK_WLAN_COUNTERS] = {
    [LK_WLAN_SESSIONS] = { "wlan_sessions", "Devices in multi-connection mode now.", true },
    [LK_WLAN_SESSIONS_BEGUN] = { "wlan_sessions_begun_total",
                                 "WLCP keys that the AAA sent, of new sessions and old ones.",
                                 false },
    [LK_WLAN_SESSIONS_ENDED] = { "wlan_sessions_ended_total",
                                 "Sessions that ended in good order or were lost.", false },
    [LK_WLAN_SESSIONS_FAILED] = { "wlan_sessions_failed_total",
                                  "Sessions whose re-authentication failed.", false },
    [LK_WLAN_FORWARDED] = { "twap_forwarded_total", "Requests sent on to an AAA.", false },
    [LK_WLAN_ANSWERED] = { "twap_answered_total", "Answers sent to access points.", false },
    [LK_WLAN_RADSEC_ALIVE] = { "radsec_lines", "Connections to servers over TLS that are alive.",
                               true },
    [LK_WLAN_CHANNELS] = { "wlcp_channels", "DTLS sessions that are up.", true },
    [LK_WLAN_HALF_OPEN] = { "wlcp_half_open", "DTLS handshakes under way.", true },
    [LK_WLAN_HANDSHAKES] = { "wlcp_handshakes_total", "DTLS handshakes that succeeded.", false },
    [LK_WLAN_HANDSHAKES_REFUSED] = { "wlcp_handshakes_refused_total",
                                     "DTLS handshakes without a key, or with a wrong one.",
                                     false },
    [LK_WLAN_HANDSHAKES_HELD] = { "wlcp_handshakes_held_total",
                                  "DTLS handshakes that waited for their key.", false },
    [LK_WLAN_CONNECTIONS] = { "wlcp_connections", "PDN connections now.", true },
    [LK_WLAN_CONNECTIONS_UP] = { "wlcp_connections_up_total", "PDN connections that came up.",
                                 false },
    [LK_WLAN_REQUESTS_REFUSED] = { "wlcp_requests_refused_total", "WLCP requests rejected.",
                                   false },
    [LK_WLAN_ALARMS] = { "wlcp_alarms_total",
                         "Requests about a connection that is not the asking device's.", false },
    [LK_WLAN_TOO_FAST] = { "wlcp_too_fast_total", "WLCP messages beyond a device's rate.", false },
    [LK_WLAN_FRAMES_UP] = { "wlan_frames_up_total", "Frames of devices sent to the anchor.",
                            false },
    [LK_WLAN_FRAMES_DOWN] = { "wlan_frames_down_total", "Packets of the anchor sent to devices.",
                              false },
    [LK_WLAN_FRAMES_FOREIGN] = { "wlan_frames_foreign_total",
                                 "Frames with another's addresses, dropped.", false },
    [LK_WLAN_ANCHOR_UP] = { "wlan_anchor_up", "1: the channel to the anchor is up.", true },
    [LK_WLAN_PORTS_WRONG] = { "wlcp_ports_wrong_total",
                              "Datagrams not from the port of the protocol.", false },
    [LK_WLAN_HELLOS_REFUSED] = { "wlcp_hellos_refused_total",
                                 "DTLS hellos without the version, a suite, or the extended "
                                 "master secret.", false },
    [LK_WLAN_SOURCE_FULL] = { "wlcp_source_full_total",
                              "DTLS handshakes that made room for a newer one of their source.",
                              false },
    [LK_WLAN_TABLE_FULL] = { "wlcp_table_full_total",
                             "DTLS handshakes kept out because the gateway is full.", false },
};

const struct lk_process_kind lk_wlan_kind = {
    .name = "wlan",
    .roles = LK_ROLE_TWAP | LK_ROLE_TWAG,
    .refuses = LK_BY_WLAN,
    .keeps_state = true,
    .endpoints = endpoints,
    .permits = permits,
    .services = services,
    .asks = lk_wlan_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_wlan_run,
};
