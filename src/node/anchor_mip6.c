/* The anchor as home agent of MIPv6: its datagrams, each of which is a packet (RFC 5555 4), and its
 * machine given what Binding Updates ask. */
#include <string.h>

#include "node/anchor_mips.h"
#include "wire/mip6.h"
#include "wire/mip6_discovery.h"

/* A Binding Update as it came. */
struct lk_anchor_update {
    struct lk_mip6_packet packet;
    struct lk_mobility_message message;
};

static bool fits(const struct lk_pmip_lease *lease)
{
    return lease->has_prefix;
}

/* spec: RFC 6275 6.4 - to who has named a home address beside its packet's source there is a type 2
 * routing header; who has it as source is there itself. */
static bool wrap(struct lk_anchor_decided *decided, const struct lk_anchor_asking *a,
                 const struct lk_mip_ha6_output *send)
{
    const struct lk_anchor_update *update = a->request;
    bool named = update->packet.way == LK_MIP6_HOME_OPTION;
    struct lk_writer w = lk_writer_of(decided->packet, sizeof decided->packet);
    const struct lk_mip6_packet packet = {
        .source = a->anchor->config->mip.agent6,
        .destination = named ? update->packet.source : send->send.home,
        .way = named ? LK_MIP6_HOME_ROUTE : LK_MIP6_HOME_NONE,
        .home = send->send.home,
        .message = send->send.octets,
    };

    if (lk_mip6_write(&w, &packet) != LK_OK)
        return false;
    decided->said.send = lk_writer_span(&w);
    return true;
}

/* spec: RFC 6275 6.1.7 - a care-of address that is somebody's home address. */
static bool leads_back(const struct lk_anchor_config *config, const struct lk_mip_ha6_event *asked)
{
    const struct lk_address care_of = lk_mip_ha6_care_of(asked), end = lk_mip_ha6_end_of(asked);
    const struct lk_anchor_mip_config *mip = &config->mip;

    return lk_anchor_pool_of(config, &care_of) != NULL || lk_anchor_pool_of(config, &end) != NULL ||
           lk_address_equal(&care_of, &mip->agent) || lk_address_equal(&asked->from, &mip->agent) ||
           lk_address_equal(&asked->from, &mip->agent6);
}

static bool decide(struct lk_anchor_decided *decided, struct lk_binding *draft,
                   const struct lk_anchor_asking *a, const struct lk_pmip_lease *lease)
{
    static const struct lk_address none;
    const struct lk_anchor_config *config = a->anchor->config;
    const struct lk_anchor_event *event = a->event;
    const struct lk_anchor_update *update = a->request;
    bool named = update->packet.way == LK_MIP6_HOME_OPTION;
    struct lk_mip_ha6_event asked = {
        .kind = LK_MIP_HA6_EV_REQUEST, .now_ms = event->now_ms, .update = &update->message,
        .source = named ? update->packet.source : none,
        .home = named ? update->packet.home : update->packet.source,
        .from = event->from, .port = event->port,
        .digest = lk_anchor_digest_of(event->octets) | 1,
        .prefix = lease->prefix, .ipv4 = lease->ipv4, .agent = config->mip.agent6, .with = a->msa,
    };
    const struct lk_mip_ha6_output *refused, *send;

    asked.leads_back = leads_back(config, &asked);
    draft->mip6 = lk_anchor_mip6_of(a->anchor, a->binding);
    if (lk_mip_ha6_step(&draft->mip6, &config->mip.ha6, &asked, &decided->words6) != LK_OK)
        return false;
    decided->said = lk_anchor_mip6_said(&decided->words6);
    refused = lk_mip_ha6_find(&decided->words6, LK_MIP_HA6_OUT_REFUSED);
    if (refused != NULL) {
        decided->code = refused->refused.status;
        decided->refusal = refused->refused.refusal;
    }
    send = lk_mip_ha6_find(&decided->words6, LK_MIP_HA6_OUT_SEND);
    return send == NULL || wrap(decided, a, send);
}

static const struct lk_anchor_mip_kind kind = {
    .protocol = LK_BINDING_MIP6,
    .fits = fits,
    .decide = decide,
};

static void malformed(struct lk_anchor_asking *a, enum lk_status status)
{
    a->anchor->counters.malformed++;
    lk_anchor_mip_drop(a, LK_REASON_MIP_MALFORMED, lk_status_name(status));
}

/* What the steps look at that both Mobile IPs share. */
static void look(struct lk_anchor_asking *a, const struct lk_anchor_update *update)
{
    const struct lk_mobility_options *has = &update->message.options;
    const struct lk_mobility_auth *auth = lk_mobility_auth(has, LK_AUTH_MN_HA);

    a->request = update;
    a->has_nai = lk_mobility_has(has, LK_MO_MN_ID) && has->mn_id.subtype == LK_MN_ID_NAI;
    a->nai = has->mn_id.id;
    a->home = update->packet.way == LK_MIP6_HOME_OPTION ? update->packet.home
                                                        : update->packet.source;
    a->is_signed = auth != NULL;
    a->spi = auth == NULL ? 0 : auth->spi;
    if (!has->behind_auth)
        a->b_tid = lk_mobility_vendor_data(has, a->anchor->config->enterprise,
                                           LK_MOBILITY_B_TID_SUBTYPE);
}

static void update(struct lk_anchor_asking *a, struct lk_anchor_update *update)
{
    enum lk_status status = lk_mobility_decode(&update->message, update->packet.message);

    a->anchor->counters.mip_requests++;
    if (status != LK_OK)
        malformed(a, status);
    else if (!lk_address_equal(&update->packet.destination, &a->anchor->config->mip.agent6))
        lk_anchor_mip_drop(a, LK_REASON_MIP_AGENT, NULL);
    else {
        look(a, update);
        lk_anchor_mip_serve(a);
    }
}

/* ---- home agent address discovery ---- */

/* Of the home network, or of the prefix in it that a device has as its home network. */
static bool is_home_agents(const struct lk_anchor_config *config, const struct lk_address *asked)
{
    const struct lk_pool *pool = lk_anchor_pool_of(config, asked);
    const struct lk_address_prefix its = lk_address_prefix_of(asked, LK_ADDRESS_BITS / 2);
    const struct lk_address of_prefix = lk_mip6_home_agents(&its);
    struct lk_address of_network;

    if (pool == NULL)
        return false;
    of_network = lk_mip6_home_agents(&pool->network);
    return lk_address_equal(asked, &of_network) || lk_address_equal(asked, &of_prefix);
}

/* spec: RFC 6275 10.5.1 - a request to the home agents' anycast address is answered with their
 * addresses, of which there is one. T13, T15: whoever asks; so a place gets few. Whether it was
 * one. */
static bool discovers(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                      struct lk_anchor_outbox *out)
{
    const struct lk_address *agent = &anchor->config->mip.agent6;
    struct lk_writer w = lk_writer_of(out->octets, sizeof out->octets);
    struct lk_mip6_discovery asked, said;
    struct lk_anchor_output *item;

    if (lk_mip6_discovery_read(&asked, event->octets) != LK_OK || asked.reply ||
        !is_home_agents(anchor->config, &asked.destination))
        return false;
    said = (struct lk_mip6_discovery){ .reply = true, .source = *agent,
                                       .destination = asked.source,
                                       .identifier = asked.identifier, .agent_count = 1,
                                       .agent = { *agent } };
    if (!lk_anchor_mip_within_budget(anchor, event->now_ms) ||
        !lk_anchor_may_send(anchor, LK_ANCHOR_SENT_ANSWER, 0, &event->from, event->now_ms) ||
        lk_mip6_discovery_write(&w, &said) != LK_OK)
        return true;
    anchor->counters.mip_discovered++;
    item = lk_anchor_add(out, LK_ANCHOR_OUT_SEND, 0);
    item->to = (struct lk_anchor_place){ event->from, event->port, LK_BINDING_MIP6 };
    item->octets = lk_writer_span(&w);
    out->used += w.len;
    return true;
}

void lk_anchor_mip6(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                    struct lk_anchor_outbox *out)
{
    struct lk_anchor_asking a = { .anchor = anchor, .event = event, .out = out, .kind = &kind };
    struct lk_anchor_update read;
    enum lk_status status;

    if (!anchor->config->mip.serves6 || anchor->msas == NULL)
        return;
    status = lk_mip6_read(&read.packet, event->octets);
    if (status == LK_E_UNKNOWN) {
        if (!discovers(anchor, event, out))
            lk_anchor_from_tunnel(anchor, event, out);
        return;
    }
    if (!lk_anchor_mip_within_budget(anchor, event->now_ms))
        return;
    if (status != LK_OK)
        malformed(&a, status);
    else if (lk_mobility_type_of(read.packet.message) != LK_MOBILITY_BU)
        anchor->counters.malformed++;
    else
        update(&a, &read);
}
