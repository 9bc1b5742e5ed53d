/* The EAP peer's part in the connection mode of a trusted WLAN. It asks for multi-connection mode
 * where that is announced under AT_MAC, and takes it as agreed when the result has come under
 * AT_MAC: there is no other way to it, and so none to be talked into or out of it. */
#include <string.h>

#include "proto/eap/peer_parts.h"

/* spec: TS 23.402 16.1.4A - a device that can do multi-connection mode asks for it where the
 * network can. Without AT_RESULT_IND there would be no result to trust. */
void lk_eap_peer_choose_mode(struct lk_eap_peering *p, const struct lk_eap_packet *request)
{
    struct lk_eap_peer *peer = p->peer;
    bool offers_result = lk_aka_has(&request->at, LK_AT_RESULT_IND);
    struct lk_mode_value offered;

    peer->multi = false;
    peer->mode_cause = LK_MODE_CAUSE_NONE;
    memset(&peer->twag, 0, sizeof peer->twag);
    peer->mode_asked = p->config->want_multi && request->type == LK_EAP_AKA_PRIME &&
                       offers_result &&
                       lk_aka_open_mode(&offered, request, &p->config->mode_layout,
                                        LK_MODE_CAPABILITY) &&
                       (offered.modes & LK_TWAN_MULTI) != 0;
    peer->result_ind = offers_result && (p->config->result_ind || peer->mode_asked);
}

void lk_eap_peer_put_mode(const struct lk_eap_peering *p, struct lk_writer *w)
{
    struct lk_mode_value value = { .message = LK_MODE_REQUEST, .modes = LK_TWAN_MULTI };

    if (!p->peer->mode_asked)
        return;
    if ((p->config->lab & LK_LAB_BOTH_MODES) != 0)
        value.modes |= LK_TWAN_SINGLE;
    lk_aka_put_mode(w, &p->config->mode_layout, &value);
}

/* spec: TS 29.273 5.2.3.25 - a result is one mode: single and multi at once is none. */
void lk_eap_peer_take_mode(struct lk_eap_peering *p)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_mode_value result = { .cause = LK_MODE_CAUSE_NONE };

    peer->multi = peer->mode_asked &&
                  lk_aka_open_mode(&result, p->packet, &p->config->mode_layout, LK_MODE_RESULT) &&
                  result.modes == LK_TWAN_MULTI;
    if (peer->multi)
        peer->twag = result.twag;
    else if (peer->mode_asked)
        peer->mode_cause = result.cause;
}
