/* What a request, or its answer, says to the invariants, of either Mobile IP. */
#include <string.h>

#include "sim/mip_invariants.h"

static bool request4(struct sim_mip_words *w, struct lk_span octets)
{
    struct lk_mip_request request;
    struct lk_span covered;

    if (lk_mip_type_of(octets) != LK_MIP_REQUEST ||
        lk_mip_request_decode(&request, octets) != LK_OK)
        return false;
    covered = lk_mip_forwardable(&request.extensions, false);
    w->nai = request.extensions.nai;
    w->identification = request.identification;
    w->covered = sim_name_of(SIM_OF_REQUEST, covered.at, covered.len);
    return true;
}

/* A mobility message of that type in its packet. */
static bool message6(struct sim_mip_words *w, struct lk_mobility_message *message,
                     struct lk_mip6_packet *packet, struct lk_span octets, uint8_t type)
{
    if (lk_mip6_read(packet, octets) != LK_OK || lk_mobility_type_of(packet->message) != type ||
        lk_mobility_decode(message, packet->message) != LK_OK ||
        !lk_mobility_has(&message->options, LK_MO_MN_ID))
        return false;
    w->nai = message->options.mn_id.id;
    w->identification = message->options.mesg_id;
    return true;
}

/* The proof covers the home address beside the message (RFC 4285 5.1). */
static bool request6(struct sim_mip_words *w, struct lk_span octets)
{
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;
    const struct lk_mobility_auth *auth;
    uint8_t whole[LK_ADDRESS_LEN + SIM_DATAGRAM_MAX];

    if (!message6(w, &message, &packet, octets, LK_MOBILITY_BU))
        return false;
    auth = lk_mobility_auth(&message.options, LK_AUTH_MN_HA);
    if (auth == NULL || auth->covered.len > SIM_DATAGRAM_MAX)
        return false;
    memcpy(whole, packet.source.octets, LK_ADDRESS_LEN);
    memcpy(whole + LK_ADDRESS_LEN, auth->covered.at, auth->covered.len);
    w->covered = sim_name_of(SIM_OF_REQUEST, whole, LK_ADDRESS_LEN + auth->covered.len);
    return true;
}

bool sim_request_read(struct sim_mip_words *w, bool six, struct lk_span octets)
{
    memset(w, 0, sizeof *w);
    w->by = six ? LK_BINDING_MIP6 : LK_BINDING_MIP;
    return six ? request6(w, octets) : request4(w, octets);
}

bool sim_reply_read(struct sim_mip_words *w, bool six, struct lk_span octets)
{
    struct lk_mobility_message message;
    struct lk_mip6_packet packet;
    struct lk_mip_reply reply;

    memset(w, 0, sizeof *w);
    w->by = six ? LK_BINDING_MIP6 : LK_BINDING_MIP;
    if (six) {
        w->accepted = message6(w, &message, &packet, octets, LK_MOBILITY_BA) &&
                      message.status < SIM_REFUSED6;
        return w->nai.len > 0;
    }
    if (lk_mip_reply_decode(&reply, octets) != LK_OK)
        return false;
    w->nai = reply.extensions.nai;
    w->identification = reply.identification;
    w->accepted = reply.code <= LK_MIP_CODE_ACCEPTED_SINGLE;
    return true;
}
