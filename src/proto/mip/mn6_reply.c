/* The mobile node's machine of MIPv6: what of a Binding Acknowledgement is believed.
 *
 * A sequence number comes around, so it is MESG-ID that says which update is answered. Nothing but
 * the authenticator makes an acknowledgement one: without it nothing is said and nothing done. */
#include <string.h>

#include "proto/mip/mn6_parts.h"
#include "proto/mip/msa6.h"

/* spec: RFC 6275 11.7.3 - the sequence number of the update; where that one is out of the home
 * agent's window (135), the acknowledgement has the last that it took.
 * spec: RFC 4285 6 - MESG-ID comes back; with the home agent's time in the high half, where the
 * update's was wrong (144). */
static bool answers(const struct lk_mobility_message *ack, const struct lk_mip_mn6 *mn)
{
    uint64_t other = ack->options.mesg_id ^ mn->mesg_id;

    if (ack->sequence != mn->sequence && ack->status != LK_BA_SEQUENCE)
        return false;
    return ack->status == LK_BA_ID_MISMATCH ? (uint32_t)other == 0 : other == 0;
}

/* spec: RFC 4285 5 - by the association that signed the update, for its care-of address, and the
 * home address of this packet. */
static enum lk_reason prove(const struct lk_mip_mn6_heard *heard, const struct lk_mip_mn6 *mn,
                            uint64_t now_ms)
{
    const struct lk_mobility_options *o = &heard->ack.options;
    const struct lk_mip_mn_keys *by = lk_mip_mn_pair_signer(&mn->keys);
    const struct lk_mobility_auth *auth = lk_mobility_auth(o, LK_AUTH_MN_HA);

    if (!lk_mip_mn_keys_usable(by, now_ms) || auth->spi != by->msa.spi_back)
        return LK_REASON_MIP_SPI;
    return lk_mip6_msa_proves(&by->msa, by->msa.spi_back, o, &mn->place.care_of, &heard->home,
                              now_ms)
               ? LK_REASON_NONE
               : LK_REASON_MIP_MN_AUTH;
}

/* spec: RFC 6275 11.7.3 - from the home agent, to the home address: in a routing header, or that of
 * the packet.
 * spec: RFC 4285 5.2 - without an authentication option it is dropped, and nothing is said. */
static enum lk_reason judge(struct lk_mip_mn6_heard *heard, const struct lk_mip_mn6 *mn,
                            const struct lk_mip_mn6_event *event)
{
    struct lk_mip6_packet packet;
    struct lk_mobility_message *ack = &heard->ack;

    if (lk_mip6_read(&packet, event->received) != LK_OK ||
        lk_mobility_decode(ack, packet.message) != LK_OK)
        return LK_REASON_MIP_MALFORMED;
    heard->home = packet.way == LK_MIP6_HOME_ROUTE ? packet.home : packet.destination;
    if (ack->type != LK_MOBILITY_BA || !lk_address_equal(&packet.source, &mn->agent.address))
        return LK_REASON_MIP_NOT_PENDING;
    if (lk_mobility_auth(&ack->options, LK_AUTH_MN_HA) == NULL)
        return LK_REASON_MIP_AUTH_MISSING;
    if (!lk_mobility_has(&ack->options, LK_MO_MESG_ID))
        return LK_REASON_MIP_MESG_ID;
    if (!answers(ack, mn) ||
        (!lk_address_is_any(&mn->home) && !lk_address_equal(&heard->home, &mn->home)))
        return LK_REASON_MIP_NOT_PENDING;
    return prove(heard, mn, event->now_ms);
}

void lk_mip_mn6_hear(struct lk_mip_mn6_heard *heard, const struct lk_mip_mn6 *mn,
                     const struct lk_mip_mn6_event *event)
{
    memset(heard, 0, sizeof *heard);
    heard->doubt = judge(heard, mn, event);
    if (heard->doubt == LK_REASON_MIP_MALFORMED)
        memset(&heard->ack, 0, sizeof heard->ack);
}
