/* The anchor as home agent of Mobile IPv4: its datagrams, and its machine given what they ask. */
#include <string.h>

#include "node/anchor_mips.h"

static bool fits(const struct lk_pmip_lease *lease)
{
    return lease->has_ipv4;
}

bool lk_anchor_fa_has(const struct lk_anchor_fa *fa, const struct lk_address *address)
{
    for (size_t i = 0; i < fa->address_count; i++)
        if (lk_address_equal(&fa->address[i], address))
            return true;
    return false;
}

/* A foreign agent of ours has signed it. */
static bool is_signed_by_agent(const struct lk_anchor_asking *a)
{
    const struct lk_anchor_mip_config *mip = &a->anchor->config->mip;
    const struct lk_mip_request *request = a->request;

    for (size_t i = 0; i < mip->fa_count; i++)
        if (!mip->fa[i].closed && lk_anchor_fa_has(&mip->fa[i], &a->event->from) &&
            lk_mip_msa_proves(&mip->fa[i].msa, mip->fa[i].msa.there.spi, &request->extensions,
                              LK_MIP_FA_HA_AUTH, a->event->now_ms))
            return true;
    return false;
}

/* T12: who sent it is a foreign agent when it comes from an address of one. */
static void through(struct lk_mip_ha_event *to, const struct lk_anchor_asking *a)
{
    const struct lk_anchor_mip_config *mip = &a->anchor->config->mip;

    for (size_t i = 0; i < mip->fa_count; i++) {
        const struct lk_anchor_fa *fa = &mip->fa[i];

        if (fa->closed || !lk_anchor_fa_has(fa, &a->event->from))
            continue;
        to->fa = (uint16_t)(i + 1);
        to->fa_with = &fa->msa;
        to->care_of_is_fas = lk_anchor_fa_has(fa, &to->request->care_of);
    }
}

static enum lk_anchor_aaa asks_aaa(const struct lk_anchor_asking *a)
{
    const struct lk_mip_request *request = a->request;

    return lk_anchor_aaa(a->anchor, a->event, &request->extensions, &a->imsi, a->msa != NULL,
                         is_signed_by_agent(a), a->out);
}

/* Invariant 11, T26: what was answered is answered with the key that it was answered with, or not
 * at all: another one would be kept by the node alone. The AAA, too, may have begun anew. */
static bool is_answered_otherwise(const struct lk_anchor_asking *a, uint64_t digest)
{
    const struct lk_anchor_event *event = a->event;

    return event->grant != NULL && event->grant->mn_ha && a->binding != NULL &&
           a->binding->protocol == LK_BINDING_MIP && a->binding->mip.digest == digest &&
           lk_mip_msas_find(a->anchor->msas, a->holder, event->grant->msa.there.spi,
                            event->now_ms) == NULL;
}

static bool decide(struct lk_anchor_decided *decided, struct lk_binding *draft,
                   const struct lk_anchor_asking *a, const struct lk_pmip_lease *lease)
{
    const struct lk_anchor_config *config = a->anchor->config;
    const struct lk_anchor_event *event = a->event;
    struct lk_mip_ha_event asked = { .kind = LK_MIP_HA_EV_REQUEST, .now_ms = event->now_ms,
                                     .request = a->request, .from = event->from,
                                     .port = event->port,
                                     .digest = lk_anchor_digest_of(event->octets) | 1,
                                     .home = lk_address_v4(lease->ipv4.octets),
                                     .agent = config->mip.agent, .with = a->msa,
                                     .grant = event->grant };
    const struct lk_mip_ha_output *refused;

    if (is_answered_otherwise(a, asked.digest))
        return false;
    asked.leads_back = lk_anchor_pool_of(config, &asked.request->care_of) != NULL ||
                       lk_anchor_pool_of(config, &event->from) != NULL ||
                       lk_address_equal(&event->from, &config->mip.agent);
    through(&asked, a);
    draft->mip = lk_anchor_mip_of(a->anchor, a->binding);
    if (lk_mip_ha_step(&draft->mip, &config->mip.ha, &asked, &decided->words) != LK_OK)
        return false;
    decided->said = lk_anchor_mip_said(&decided->words);
    /* Foreign-Home proves where an agent is, and the agent has asked its visitor. */
    decided->proven = draft->mip.fa != 0 && draft->mip.state == LK_MIP_HA_ACTIVE;
    refused = lk_mip_ha_find(&decided->words, LK_MIP_HA_OUT_REFUSED);
    if (refused != NULL) {
        decided->code = refused->refused.code;
        decided->refusal = refused->refused.refusal;
    }
    return true;
}

static const struct lk_anchor_mip_kind kind = {
    .protocol = LK_BINDING_MIP,
    .fits = fits,
    .vouches = is_signed_by_agent,
    .asks_aaa = asks_aaa,
    .decide = decide,
};

static bool readable(struct lk_anchor_asking *a, struct lk_mip_request *request)
{
    enum lk_status status = lk_mip_request_decode(request, a->event->octets);

    if (status == LK_OK)
        return true;
    a->anchor->counters.malformed++;
    lk_anchor_mip_drop(a,
                       status == LK_E_AUTH      ? LK_REASON_MIP_AUTH_TWICE
                       : status == LK_E_UNKNOWN ? LK_REASON_MIP_EXTENSION
                                                : LK_REASON_MIP_MALFORMED,
                       lk_status_name(status));
    return false;
}

/* What the steps look at that both Mobile IPs share. */
static void look(struct lk_anchor_asking *a, const struct lk_mip_request *request)
{
    const struct lk_mip_extensions *has = &request->extensions;

    a->request = request;
    a->has_nai = lk_mip_has(has, LK_MIP_NAI);
    a->nai = has->nai;
    a->home = request->home;
    a->is_signed = lk_mip_has(has, LK_MIP_MN_HA_AUTH);
    a->spi = has->auth[LK_MIP_MN_HA_AUTH].spi;
    a->b_tid = lk_mip_vendor_value(has, a->anchor->config->enterprise, LK_MIP_VENDOR_B_TID,
                                   LK_MIP_MN_HA_AUTH);
}

static void request(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                    struct lk_anchor_outbox *out)
{
    struct lk_anchor_asking a = { .anchor = anchor, .event = event, .out = out, .kind = &kind };
    struct lk_mip_request read;

    anchor->counters.mip_requests++;
    if (!lk_anchor_mip_within_budget(anchor, event->now_ms) || !readable(&a, &read))
        return;
    look(&a, &read);
    lk_anchor_mip_serve(&a);
}

void lk_anchor_mip(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                   struct lk_anchor_outbox *out)
{
    if (!anchor->config->mip.serves || anchor->msas == NULL)
        return;
    switch (lk_mip_type_of(event->octets)) {
    case LK_MIP_REQUEST: request(anchor, event, out); break;
    case LK_MIP_TUNNEL: lk_anchor_from_tunnel(anchor, event, out); break;
    case LK_MIP_REVOCATION: lk_anchor_revoked(anchor, event, out); break;
    case LK_MIP_REVOCATION_ACK: lk_anchor_revoke_acked(anchor, event, out); break;
    default: anchor->counters.malformed++; break;
    }
}
