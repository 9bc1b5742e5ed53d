/* What the supervisor knows of the pos process. */
#include <stdio.h>

#include "io/forbid.h"
#include "role/pos.h"

static enum lk_status endpoints(const struct lk_config *config, lk_endpoint_add *add, void *context)
{
    enum lk_status status = LK_OK;

    for (size_t i = 0; i < config->pos.point_count && status == LK_OK; i++) {
        const struct lk_config_point *at = &config->pos.points[i];
        unsigned first = (unsigned)i * LK_POS_PORTS;

        status = add(context, at->listen, at->port, LK_TRANSPORT_UDP, first + LK_POS_UDP_PORT);
        if (status == LK_OK)
            status = add(context, at->listen, at->port, LK_TRANSPORT_TCP, first + LK_POS_TCP_PORT);
        if (status == LK_OK && at->certificate[0] != '\0')
            status = add(context, at->listen, at->link_port, LK_TRANSPORT_TCP,
                         first + LK_POS_LINK_PORT);
        if (status == LK_OK)
            status = add(context, at->listen, at->dtls_port, LK_TRANSPORT_UDP,
                         first + LK_POS_DTLS_PORT);
    }
    return status;
}

/* Mobile nodes come over TCP; partners are dialled, anew when they were lost. */
static unsigned permits(const struct lk_config *config)
{
    (void)config;
    return LK_FORBID_LISTENING | LK_FORBID_SOCKETS;
}

static bool tls(struct lk_kind_tls *tls, const struct lk_config *config, size_t index)
{
    const struct lk_config_point *at = &config->pos.points[index];

    if (index >= config->pos.point_count)
        return false;
    (void)snprintf(tls->section, sizeof tls->section, "pos.points[%zu]", index);
    tls->files = (struct lk_stream_files){ at->certificate, at->key, at->ca };
    return true;
}

#define PORT_OF(i, which) "pos.points[" #i "]." which
#define SERVICES_OF(i)                                                                             \
    [(i) * LK_POS_PORTS + LK_POS_UDP_PORT] = { "MIS over UDP", PORT_OF(i, "listen"),               \
                                               PORT_OF(i, "port") },                               \
    [(i) * LK_POS_PORTS + LK_POS_TCP_PORT] = { "MIS over TCP", PORT_OF(i, "listen"),               \
                                               PORT_OF(i, "port") },                               \
    [(i) * LK_POS_PORTS + LK_POS_LINK_PORT] = { "MIS between PoS", PORT_OF(i, "listen"),           \
                                                PORT_OF(i, "link_port") },                         \
    [(i) * LK_POS_PORTS + LK_POS_DTLS_PORT] = { "MIS over DTLS", PORT_OF(i, "listen"),             \
                                                PORT_OF(i, "dtls_port") }

static const struct lk_service services[LK_POS_SERVES_COUNT] = {
    SERVICES_OF(0), SERVICES_OF(1), SERVICES_OF(2), SERVICES_OF(3),
    SERVICES_OF(4), SERVICES_OF(5), SERVICES_OF(6), SERVICES_OF(7),
};
_Static_assert((int)LK_CONFIG_POINTS == 8, "a row for each");

static const struct lk_own_counter counters[LK_POS_OWN_COUNT] = {
    [LK_POS_OWN_MNS] = { "pos_mns", "Mobile nodes that have an SA, or are about to.", true },
    [LK_POS_OWN_AUTHENTICATIONS] = { "pos_authentications", "Authentications under way.", true },
    [LK_POS_OWN_LINKS_UP] = { "pos_links_up", "Links to partners that are up.", true },
    [LK_POS_OWN_STREAMS] = { "pos_streams", "Connections of TCP.", true },
    [LK_POS_OWN_CHANNELS] = { "pos_channels", "Channels of DTLS that are up.", true },
    [LK_POS_OWN_MESSAGES] = { "pos_messages_total", "Messages of mobile nodes.", false },
    [LK_POS_OWN_MALFORMED] = { "pos_malformed_total", "Messages that cannot be read.", false },
    [LK_POS_OWN_FOREIGN] = {
        "pos_foreign_total", "Messages that are for another PoS, or in the name of one.", false
    },
    [LK_POS_OWN_STRANGERS] = {
        "pos_strangers_total", "Messages in clear that only an SA may carry.", false
    },
    [LK_POS_OWN_UNKNOWN_SA] = {
        "pos_unknown_sa_total", "Messages under an SA that nobody has.", false
    },
    [LK_POS_OWN_UNVERIFIED] = {
        "pos_unverified_total", "Messages that did not verify, or whose SA is over.", false
    },
    [LK_POS_OWN_REPLAYED] = { "pos_replayed_total", "Messages that were there before.", false },
    [LK_POS_OWN_UNEXPECTED] = { "pos_unexpected_total", "Messages that had no place.", false },
    [LK_POS_OWN_FULL] = { "pos_full_total", "Messages dropped because there was no place.", false },
    [LK_POS_OWN_SOURCE_FULL] = {
        "pos_source_full_total", "Authentications beyond the share of an address.", false
    },
    [LK_POS_OWN_DISPLACED] = {
        "pos_displaced_total", "Authentications that never answered, and gave way.", false
    },
    [LK_POS_OWN_ATTACHED] = {
        "pos_attached_total", "Mobile nodes authenticated with their home.", false
    },
    [LK_POS_OWN_REJECTED] = { "pos_rejected_total", "Authentications that failed.", false },
    [LK_POS_OWN_PREPARED] = {
        "pos_prepared_total", "SAs made of a K that a partner handed over.", false
    },
    [LK_POS_OWN_NOT_TAKEN] = {
        "pos_not_taken_total", "Mobile nodes that partners announced and that were refused.", false
    },
    [LK_POS_OWN_ARRIVED] = {
        "pos_arrived_total", "Mobile nodes that were announced, and came, and proved it.", false
    },
    [LK_POS_OWN_NOT_COME] = {
        "pos_not_come_total", "Mobile nodes that were announced and did not come.", false
    },
    [LK_POS_OWN_HANDED_OVER] = {
        "pos_handed_over_total", "Mobile nodes handed over to a partner.", false
    },
    [LK_POS_OWN_NOT_HANDED] = { "pos_not_handed_total", "Handovers that were refused.", false },
    [LK_POS_OWN_GIVEN] = {
        "pos_home_keys_given_total", "Keys of the home given to the target of a mobile node.", false
    },
    [LK_POS_OWN_NOT_GIVEN] = {
        "pos_home_keys_refused_total", "Wishes for a key of the home that were refused.", false
    },
    [LK_POS_OWN_NO_LINK] = {
        "pos_no_link_total", "Handovers for which there was no protected link.", false
    },
    [LK_POS_OWN_LEFT] = { "pos_left_total", "SAs that were terminated.", false },
    [LK_POS_OWN_ENDED] = { "pos_ended_total", "SAs past their lifetime.", false },
    [LK_POS_OWN_RELAYED] = {
        "pos_relayed_total", "Messages passed on between a mobile node and a partner.", false
    },
    [LK_POS_OWN_PUSHED] = { "pos_pushed_total", "Link keys that a mobile node took.", false },
    [LK_POS_OWN_NOT_PUSHED] = {
        "pos_not_pushed_total", "Link keys that none got, or that it did not take.", false
    },
    [LK_POS_OWN_PINGS] = { "pos_pings_total", "Questions and events under an SA.", false },
    [LK_POS_OWN_N2N] = { "pos_n2n_total", "Messages of partners.", false },
    [LK_POS_OWN_N2N_MALFORMED] = {
        "pos_n2n_malformed_total", "Messages of partners that cannot be read.", false
    },
    [LK_POS_OWN_N2N_UNEXPECTED] = {
        "pos_n2n_unexpected_total", "Messages of partners that had no place.", false
    },
    [LK_POS_OWN_N2N_UNSENT] = {
        "pos_n2n_unsent_total", "Messages to partners that did not leave.", false
    },
    [LK_POS_OWN_RADIUS_SENT] = { "pos_radius_sent_total", "RADIUS requests to the AAA.", false },
    [LK_POS_OWN_RADIUS_DROPPED] = {
        "pos_radius_dropped_total", "Answers of the AAA that were not taken.", false
    },
    [LK_POS_OWN_RADIUS_FOREIGN] = {
        "pos_radius_foreign_total", "RADIUS of anybody but the AAA.", false
    },
    [LK_POS_OWN_STREAMS_TAKEN] = {
        "pos_streams_total", "Connections of TCP that were taken.", false
    },
    [LK_POS_OWN_STREAMS_SOURCE_FULL] = {
        "pos_streams_source_full_total", "Connections beyond those of an address.", false
    },
    [LK_POS_OWN_STREAMS_FULL] = {
        "pos_streams_full_total", "Connections for which there was no place.", false
    },
    [LK_POS_OWN_STREAMS_DISPLACED] = {
        "pos_streams_displaced_total", "Connections that proved nothing, and gave way.",
        false
    },
    [LK_POS_OWN_STREAMS_TOO_SLOW] = {
        "pos_streams_too_slow_total", "Connections that proved nothing in time.", false
    },
    [LK_POS_OWN_LINK_STRANGERS] = {
        "pos_link_strangers_total", "Connections of no partner.", false
    },
};

const struct lk_process_kind lk_pos_kind = {
    .name = "pos",
    .roles = LK_ROLE_POS,
    .refuses = LK_BY_POS,
    .keeps_state = true,
    .endpoints = endpoints,
    .permits = permits,
    .tls = tls,
    .services = services,
    .asks = lk_pos_asks,
    .counters = counters,
    .counter_count = LK_COUNT_OF(counters),
    .run = lk_pos_run,
};
