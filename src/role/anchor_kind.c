/* What the supervisor knows of the anchor process. */
#include "io/forbid.h"
#include "role/anchor_parts.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    const struct lk_config_anchor *anchor = &config->anchor;
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < anchor->listen.count && status == LK_OK; i++) {
        status = add(context, anchor->listen.at[i], anchor->port, LK_TRANSPORT_UDP,
                     LK_ANCHOR_CONTROL);
        if (status == LK_OK)
            status = add(context, anchor->listen.at[i], anchor->tunnel_port, LK_TRANSPORT_UDP,
                         LK_ANCHOR_TUNNELS);
    }
    if (status == LK_OK && anchor->mip.port != 0)
        status = add(context, anchor->mip.address, anchor->mip.port, LK_TRANSPORT_UDP,
                     LK_ANCHOR_MIP);
    if (status == LK_OK && anchor->mip.port6 != 0)
        status = add(context, anchor->mip.address, anchor->mip.port6, LK_TRANSPORT_UDP,
                     LK_ANCHOR_MIP6);
    if (status == LK_OK && anchor->mip.port6 != 0 && anchor->mip.address6[0] != '\0')
        status = add(context, anchor->mip.address6, anchor->mip.port6, LK_TRANSPORT_UDP,
                     LK_ANCHOR_MIP6);
    return status;
}

static unsigned permits(const struct lk_config *config)
{
    bool store = config->anchor.durable && lk_store_connects(config->store.url);

    bool tls = lk_anchor_asks_aaa(config) && config->anchor.mip.aaa.certificate[0] != '\0';

    return store || tls || lk_anchor_is_naf(config) ? LK_FORBID_SOCKETS : 0;
}

static void files(const struct lk_config *config,
                  void (*visit)(void *context, const char *path, bool write), void *context)
{
    if (config->anchor.durable)
        lk_store_paths(config->store.url, visit, context);
}

static bool tls(struct lk_kind_tls *tls, const struct lk_config *config, size_t index)
{
    const struct lk_config_mip_naf *naf = &config->anchor.mip.naf;

    const struct lk_config_mip_aaa *aaa = &config->anchor.mip.aaa;

    *tls = (struct lk_kind_tls){ "anchor.mip.naf", { naf->certificate, naf->key, naf->ca } };
    if (lk_anchor_is_naf(config) && index-- == 0)
        return true;
    *tls = (struct lk_kind_tls){ "anchor.mip.aaa", { aaa->certificate, aaa->key, aaa->ca } };
    return index == 0 && lk_anchor_asks_aaa(config) && aaa->certificate[0] != '\0';
}

static const struct lk_service services[LK_ANCHOR_SERVES_COUNT] = {
    [LK_ANCHOR_CONTROL] = { "PMIPv6", "anchor.listen", "anchor.port" },
    [LK_ANCHOR_TUNNELS] = { "tunnels", "anchor.listen", "anchor.tunnel_port" },
    [LK_ANCHOR_TUN] = { "TUN", NULL, NULL },
    [LK_ANCHOR_TUN_LINE] = { "TUN's namespace", NULL, NULL },
    [LK_ANCHOR_TUN_SHEET] = { "where that is", NULL, NULL },
    [LK_ANCHOR_MIP] = { "Mobile IP", "anchor.mip.address", "anchor.mip.port" },
    [LK_ANCHOR_MIP6] = { "MIPv6", "anchor.mip.address", "anchor.mip.port6" },
};

static const struct lk_own_counter counters[LK_ANCHOR_OWN_COUNT] = {
    [LK_ANCHOR_OWN_BINDINGS] = { "anchor_bindings",
                                 "Rows of the table: devices that have an address.", true },
    [LK_ANCHOR_OWN_MAGS] = { "anchor_mags", "Gateways that are connected.", true },
    [LK_ANCHOR_OWN_REQUESTS] = { "anchor_requests_total",
                                 "Mobility messages from gateways.", false },
    [LK_ANCHOR_OWN_ACCEPTED] = { "anchor_accepted_total",
                                 "Requests that changed a binding.", false },
    [LK_ANCHOR_OWN_REPEATED] = { "anchor_repeated_total",
                                 "Requests answered as the time before.", false },
    [LK_ANCHOR_OWN_HELD] = { "anchor_held_total",
                             "Requests that waited for the old gateway.", false },
    [LK_ANCHOR_OWN_REFUSED] = { "anchor_refused_total", "Requests refused.", false },
    [LK_ANCHOR_OWN_ALARMS] = { "anchor_alarms_total",
                               "Refusals that a captured gateway would cause.", false },
    [LK_ANCHOR_OWN_OVER_BUDGET] = { "anchor_over_budget_total",
                                    "Requests beyond what a gateway, or all, may send.", false },
    [LK_ANCHOR_OWN_MALFORMED] = { "anchor_malformed_total",
                                  "Messages that cannot be read.", false },
    [LK_ANCHOR_OWN_RELEASE_IGNORED] = { "anchor_release_ignored_total",
                                        "Releases of who is not the owner.", false },
    [LK_ANCHOR_OWN_CREATED] = { "anchor_created_total", "Bindings created.", false },
    [LK_ANCHOR_OWN_RENEWED] = { "anchor_renewed_total", "Bindings renewed.", false },
    [LK_ANCHOR_OWN_MOVED] = { "anchor_moved_total", "Bindings moved to another gateway.", false },
    [LK_ANCHOR_OWN_RELEASED] = { "anchor_released_total", "Bindings released.", false },
    [LK_ANCHOR_OWN_ENDED] = { "anchor_ended_total", "Bindings that ended.", false },
    [LK_ANCHOR_OWN_UP_PACKETS] = { "anchor_up_packets_total", "Packets from devices.", false },
    [LK_ANCHOR_OWN_UP_OCTETS] = { "anchor_up_octets_total", "Octets from devices.", false },
    [LK_ANCHOR_OWN_DOWN_PACKETS] = { "anchor_down_packets_total", "Packets to devices.", false },
    [LK_ANCHOR_OWN_DOWN_OCTETS] = { "anchor_down_octets_total", "Octets to devices.", false },
    [LK_ANCHOR_OWN_UP_UNBOUND] = { "anchor_up_unbound_total",
                                   "Packets from an address that nobody has.", false },
    [LK_ANCHOR_OWN_UP_FOREIGN] = { "anchor_up_foreign_total",
                                   "Packets not from their owner's gateway.", false },
    [LK_ANCHOR_OWN_DOWN_UNBOUND] = { "anchor_down_unbound_total",
                                     "Packets to an address that nobody has.", false },
    [LK_ANCHOR_OWN_PACKETS_MALFORMED] = { "anchor_packets_malformed_total",
                                          "What is no packet.", false },
    [LK_ANCHOR_OWN_POLICED] = { "anchor_policed_total", "Packets beyond a binding's rate.", false },
    [LK_ANCHOR_OWN_ECHOED] = { "anchor_echoed_total", "Echo requests answered.", false },
    [LK_ANCHOR_OWN_ECHO_LIMITED] = { "anchor_echo_limited_total",
                                     "Echo requests beyond the rate.", false },
    [LK_ANCHOR_OWN_TUN_LOST] = { "anchor_tun_lost_total",
                                 "Packets for a network that there is no way to.", false },
    [LK_ANCHOR_OWN_STORE_REFUSED] = { "anchor_store_refused_total",
                                      "Requests dropped because the store was behind.", false },
    [LK_ANCHOR_OWN_MIP_REQUESTS] = { "anchor_mip_requests_total",
                                     "Registration Requests and Binding Updates of mobile nodes.",
                                     false },
    [LK_ANCHOR_OWN_MIP_SILENT] = { "anchor_mip_silent_total",
                                   "Those of them that found no answer.", false },
    [LK_ANCHOR_OWN_MIP_ASKED] = { "anchor_mip_asked_total",
                                  "B-TIDs of mobile nodes for which the BSF was asked.", false },
    [LK_ANCHOR_OWN_MIP_DISCOVERED] = { "anchor_mip_discovered_total",
                                       "Mobile nodes of MIPv6 that asked for the home agent.",
                                       false },
    [LK_ANCHOR_OWN_REVOKED] = { "anchor_revoked_total",
                                "Bindings revoked by a foreign agent, or by who may here.",
                                false },
    [LK_ANCHOR_OWN_MIP_REVOCATIONS] = { "anchor_mip_revocations_total",
                                        "Registration Revocations that came.", false },
    [LK_ANCHOR_OWN_MIP_REVOCATIONS_SAID] = { "anchor_mip_revocations_said_total",
                                             "Bindings revoked to a foreign agent.", false },
    [LK_ANCHOR_OWN_MIP_REVOCATIONS_ACKED] = { "anchor_mip_revocations_acked_total",
                                              "Those of them that it acknowledged.", false },
    [LK_ANCHOR_OWN_MIP_REVOCATIONS_LOST] = { "anchor_mip_revocations_lost_total",
                                             "Those that it did not, or that could not be said.",
                                             false },
    [LK_ANCHOR_OWN_REACHED] = { "anchor_reached_total",
                                "Care-of addresses that proved to be their device's.", false },
    [LK_ANCHOR_OWN_UNREACHED] = { "anchor_unreached_total",
                                  "Packets kept from a care-of address that has not.", false },
};

const struct lk_process_kind lk_anchor_kind = {
    .name = "anchor",
    .roles = LK_ROLE_ANCHOR,
    .refuses = LK_BY_ANCHOR,
    .keeps_state = true,
    .needs_class_key = true,
    .needs_store = true,
    .endpoints = endpoints,
    .prepare = lk_anchor_prepare,
    .permits = permits,
    .files = files,
    .reads_again = lk_anchor_reads_again,
    .fits = lk_anchor_fits,
    .tls = tls,
    .reads_tls_again = true,
    .services = services,
    .asks = lk_anchor_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_anchor_run,
};
