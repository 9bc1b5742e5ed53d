/* What the supervisor knows of the fa process. */
#include "io/forbid.h"
#include "role/fa.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    return add(context, config->fa.listen, config->fa.port, LK_TRANSPORT_UDP, LK_FA_SERVES_MIP);
}

/* The BSF, and an AAA over TLS, are dialled. */
static unsigned permits(const struct lk_config *config)
{
    bool tls = lk_fa_asks_aaa(config) && config->fa.aaa.certificate[0] != '\0';

    return tls || lk_fa_is_naf(config) ? LK_FORBID_SOCKETS : 0;
}

static bool tls(struct lk_kind_tls *tls, const struct lk_config *config, size_t index)
{
    const struct lk_config_mip_naf *naf = &config->fa.naf;
    const struct lk_config_mip_aaa *aaa = &config->fa.aaa;

    *tls = (struct lk_kind_tls){ "fa.naf", { naf->certificate, naf->key, naf->ca } };
    if (lk_fa_is_naf(config) && index-- == 0)
        return true;
    *tls = (struct lk_kind_tls){ "fa.aaa", { aaa->certificate, aaa->key, aaa->ca } };
    return index == 0 && lk_fa_asks_aaa(config) && aaa->certificate[0] != '\0';
}

static const struct lk_service services[LK_FA_SERVES_COUNT] = {
    [LK_FA_SERVES_MIP] = { "Mobile IP", "fa.listen", "fa.port" },
};

static const struct lk_own_counter counters[LK_FA_OWN_COUNT] = {
    [LK_FA_OWN_VISITORS] = { "fa_visitors", "Nodes that are served.", true },
    [LK_FA_OWN_WAITING] = { "fa_waiting", "Nodes whose first request is at their home agent.",
                            true },
    [LK_FA_OWN_REQUESTS] = { "fa_requests_total", "Registration Requests.", false },
    [LK_FA_OWN_RELAYED] = { "fa_relayed_total", "Requests that were passed on.", false },
    [LK_FA_OWN_REFUSED] = { "fa_refused_total", "Requests and replies that were not.", false },
    [LK_FA_OWN_OVER_BUDGET] = { "fa_over_budget_total",
                                "Messages beyond what an address, or all, may send.", false },
    [LK_FA_OWN_MALFORMED] = { "fa_malformed_total", "Messages that cannot be read.", false },
    [LK_FA_OWN_MADE_ROOM] = { "fa_made_room_total",
                              "Nodes that waited for an answer, and gave way to others.", false },
    [LK_FA_OWN_REPLIES] = { "fa_replies_total", "Registration Replies.", false },
    [LK_FA_OWN_REPLIES_UNKNOWN] = { "fa_replies_unknown_total",
                                    "Replies that nobody waits for.", false },
    [LK_FA_OWN_ARRIVED] = { "fa_arrived_total", "Visitors that came.", false },
    [LK_FA_OWN_RENEWED] = { "fa_renewed_total", "Registrations of visitors renewed.", false },
    [LK_FA_OWN_LEFT] = { "fa_left_total", "Visitors that are served no more.", false },
    [LK_FA_OWN_SOLICITED] = { "fa_solicited_total", "Agent Solicitations.", false },
    [LK_FA_OWN_ADVERTISED] = { "fa_advertised_total", "Agent Advertisements.", false },
    [LK_FA_OWN_ASKED] = { "fa_asked_total", "Questions to BSF and AAA about nodes.", false },
    [LK_FA_OWN_REVOCATIONS] = { "fa_revocations_total", "Registration Revocations that came.",
                                false },
    [LK_FA_OWN_REVOKED] = { "fa_revoked_total", "Visitors whom their home agent revoked.", false },
    [LK_FA_OWN_REVOCATIONS_SAID] = { "fa_revocations_said_total",
                                     "Visitors revoked to their home agent.", false },
    [LK_FA_OWN_REVOCATIONS_ACKED] = { "fa_revocations_acked_total",
                                      "Those of them that it acknowledged.", false },
    [LK_FA_OWN_REVOCATIONS_LOST] = { "fa_revocations_lost_total",
                                     "Those that it did not, or that could not be said.", false },
    [LK_FA_OWN_INFORMED] = { "fa_informed_total",
                             "Visitors that were told that they are served no more.", false },
    [LK_FA_OWN_UP_PACKETS] = { "fa_up_packets_total", "Packets from visitors.", false },
    [LK_FA_OWN_UP_OCTETS] = { "fa_up_octets_total", "Octets from visitors.", false },
    [LK_FA_OWN_DOWN_PACKETS] = { "fa_down_packets_total", "Packets to visitors.", false },
    [LK_FA_OWN_DOWN_OCTETS] = { "fa_down_octets_total", "Octets to visitors.", false },
    [LK_FA_OWN_UP_UNBOUND] = { "fa_up_unbound_total",
                               "Packets of no visitor, or not with its home address.", false },
    [LK_FA_OWN_DOWN_UNBOUND] = { "fa_down_unbound_total",
                                 "Packets of a home agent to no visitor of it.", false },
    [LK_FA_OWN_PACKETS_MALFORMED] = { "fa_packets_malformed_total", "What is no packet.", false },
    [LK_FA_OWN_HOPS] = { "fa_hops_total", "Packets that had no hop left.", false },
};

const struct lk_process_kind lk_fa_kind = {
    .name = "fa",
    .roles = LK_ROLE_FA,
    .refuses = LK_BY_FA,
    .keeps_state = true,
    .endpoints = endpoints,
    .permits = permits,
    .tls = tls,
    .reads_tls_again = true,
    .services = services,
    .asks = lk_fa_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_fa_run,
};
