/* A foreign agent is found by its advertisement (RFC 5944 2). In the laboratory there is no link
 * with it: solicitation and advertisement are packets in tunnel data, to and from its port of
 * Mobile IP. */
#include <string.h>

#include "role/ue_manager.h"
#include "wire/mip_agent.h"

enum { ENVELOPE = 4, ICMP_MAX = 16, IP_HEADER = 20, ONE_HOP = 1, AGAIN_MS = 5000 };

static const struct lk_config_ue_place *place_of(const struct lk_ue_manager *ue)
{
    return &ue->process.config->ue.mip.places[ue->mip.going];
}

static struct lk_address agent_of(const struct lk_ue_manager *ue)
{
    struct lk_address agent = { { 0 } };

    LK_ASSERT(lk_address_parse(&agent, place_of(ue)->agent) == LK_OK); /* as its row says */
    return agent;
}

/* spec: RFC 5944 2.4 - a solicitation, one hop far, under no address yet. */
static void ask(struct lk_ue_manager *ue)
{
    static const uint8_t nobody[4] = { 0 }, all[4] = { 255, 255, 255, 255 };
    const struct lk_address from = lk_address_v4(nobody), to = lk_address_v4(all);
    const struct lk_address agent = agent_of(ue);
    uint8_t icmp[ICMP_MAX], packet[IP_HEADER + ICMP_MAX], octets[ENVELOPE + sizeof packet];
    struct lk_writer i = lk_writer_of(icmp, sizeof icmp), p = lk_writer_of(packet, sizeof packet),
                     w = lk_writer_of(octets, sizeof octets);
    struct lk_mip_tunnel message = { .encapsulation = LK_MIP_IN_IP };

    lk_mip_solicitation_put(&i);
    if (lk_ip_icmp(&p, &from, &to, ONE_HOP, lk_writer_span(&i)) != LK_OK)
        return;
    message.packet = lk_writer_span(&p);
    lk_mip_tunnel_put(&w, &message);
    if (w.status == LK_OK)
        lk_ue_mip_send(ue, ue->mip.going, &agent, (uint16_t)place_of(ue)->agent_port,
                       lk_writer_span(&w));
    (void)uv_timer_start(&ue->mip.solicit, lk_ue_mip_unadvertised, LK_UE_MIP_SOLICIT_MS, 0);
}

void lk_ue_mip_solicit(struct lk_ue_manager *ue)
{
    ue->mip.solicitations = 1;
    ue->mip.told_anew = false;
    ue->mip.trouble[0] = '\0';
    ask(ue);
}

void lk_ue_mip_unadvertised(uv_timer_t *timer)
{
    struct lk_ue_manager *ue = timer->data;
    struct lk_ue_mip *mip = &ue->mip;
    const struct lk_refusal why = lk_refusal_of(LK_REASON_MIP_ADVERTISEMENT,
                                                "an advertisement of the agent",
                                                mip->trouble[0] != '\0' ? mip->trouble : "none");

    if (mip->stage != LK_UE_MIP_SOLICITS)
        return;
    if (mip->solicitations++ < LK_UE_MIP_SOLICITATIONS) {
        ask(ue);
        return;
    }
    lk_ue_mip_refused(ue, &why, 0);
    lk_ue_mip_give_up(ue);
    lk_ue_mip_answer(ue);
}

/* What a node can use: a foreign agent that takes more, with a care-of address of IPv4, and a
 * challenge that there is room for. */
static const char *useless(struct lk_mip_advertisement *a, struct lk_span icmp)
{
    if (lk_mip_advertisement_decode(a, icmp) != LK_OK)
        return "one that cannot be read";
    if (!a->has_agent || (a->flags & LK_MIP_AGENT_FOREIGN) == 0)
        return "no foreign agent";
    if ((a->flags & LK_MIP_AGENT_BUSY) != 0)
        return "a busy one";
    if (a->care_of_count == 0 || a->challenge.len > LK_MIP_MN_CHALLENGE)
        return "no care-of address, or a long challenge";
    return NULL;
}

/* T12: that an agent has begun anew anybody can say, and so, right behind it, that it has another
 * care-of address: with a wrong one no registration comes about. Then only the one that we are
 * registered with will do. NULL: it has not that one. */
static const struct lk_address *care_of(const struct lk_ue_mip *mip,
                                        const struct lk_mip_advertisement *a)
{
    if (!mip->told_anew)
        return &a->care_of[0];
    for (size_t i = 0; i < a->care_of_count; i++)
        if (lk_address_equal(&a->care_of[i], &mip->mn.place.care_of))
            return &a->care_of[i];
    return NULL;
}

static void take(struct lk_ue_manager *ue, const struct lk_mip_advertisement *a)
{
    struct lk_mip_mn_place *here = &ue->mip.here;

    here->care_of = *care_of(&ue->mip, a);
    here->fa = agent_of(ue);
    here->challenge_len = (uint8_t)a->challenge.len;
    if (a->challenge.len > 0)
        memcpy(here->challenge, a->challenge.at, a->challenge.len);
}

/* An agent that nobody asked, with sequence number 0, has begun anew, and knows us no more.
 * spec: RFC 3543 4.1 - it says so of purpose when the registration was revoked.
 * We register with it again, which costs nothing more than that if somebody made it up; and not
 * often (T15). */
static void unasked(struct lk_ue_manager *ue, const struct lk_datagram_peer *from,
                    struct lk_span icmp)
{
    struct lk_ue_mip *mip = &ue->mip;
    const struct lk_address sender = lk_datagram_address(from);
    const struct lk_refusal why = lk_refusal_of(LK_REASON_MIP_REVOKED, NULL, NULL);
    struct lk_mip_advertisement a;

    if (mip->stage != LK_UE_MIP_RESTS || !mip->tunnel.there ||
        lk_address_is_any(&mip->mn.place.fa))
        return;
    if (!lk_address_equal(&sender, &mip->tunnel.address) ||
        lk_datagram_port(from) != mip->tunnel.port) {
        mip->counters.strangers++;
        return;
    }
    if (useless(&a, icmp) != NULL || a.sequence != 0 ||
        (mip->counters.revoked > 0 && lk_mono_ms() < mip->revoked_ms + AGAIN_MS))
        return;
    mip->counters.revoked++;
    mip->revoked_ms = lk_mono_ms();
    lk_ue_mip_refused(ue, &why, 0);
    mip->going = mip->at;
    lk_ue_mip_go_on(ue);
    mip->told_anew = true;
}

bool lk_ue_mip_advertised(struct lk_ue_manager *ue, const struct lk_datagram_peer *from,
                          const struct lk_ip_packet *packet)
{
    struct lk_ue_mip *mip = &ue->mip;
    const struct lk_address sender = lk_datagram_address(from);
    struct lk_mip_advertisement a;
    struct lk_address agent;
    struct lk_refusal why;
    const char *what;

    if (packet->version != 4 || packet->protocol != LK_IP_ICMP || packet->payload.len == 0 ||
        packet->payload.at[0] != LK_MIP_ADVERTISEMENT)
        return false;
    if (mip->stage != LK_UE_MIP_SOLICITS) {
        unasked(ue, from, packet->payload);
        return true;
    }
    agent = agent_of(ue);
    if (!lk_address_equal(&sender, &agent) ||
        lk_datagram_port(from) != place_of(ue)->agent_port) {
        mip->counters.strangers++;
        return true;
    }
    what = useless(&a, packet->payload);
    if (what == NULL && care_of(mip, &a) == NULL)
        what = "another care-of address than it had";
    if (what != NULL) {
        why = lk_refusal_of(LK_REASON_MIP_ADVERTISEMENT, "a foreign agent that takes more", what);
        lk_ue_mip_refused(ue, &why, 0); /* another one may come */
        return true;
    }
    (void)uv_timer_stop(&mip->solicit);
    take(ue, &a);
    lk_ue_mip_go_on(ue);
    return true;
}
