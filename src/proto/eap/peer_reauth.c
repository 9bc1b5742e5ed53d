/* The EAP peer's fast re-authentication (RFC 4187 5, RFC 9048 3.3). */
#include <string.h>

#include "base/secret.h"
#include "proto/eap/peer_parts.h"

static void put_counter(struct lk_eap_peering *p, struct lk_writer *w, uint16_t counter,
                        bool too_small)
{
    uint8_t room[LK_AES_BLOCK];
    struct lk_writer inner = lk_writer_of(room, sizeof room);

    lk_aka_put_u16(&inner, LK_AT_COUNTER, counter);
    if (too_small)
        lk_aka_put_empty(&inner, LK_AT_COUNTER_TOO_SMALL);
    lk_aka_put_padding(&inner);
    LK_ASSERT(lk_writer_end(&inner) == LK_OK);
    lk_aka_put_encrypted(w, &p->peer->keys.k_encr, p->event->entropy + LK_ENTROPY_IV,
                         lk_writer_span(&inner));
}

/* spec: RFC 4187 5.5 - a counter that is not above the last is answered with AT_COUNTER_TOO_SMALL;
 * a full authentication follows. */
static enum lk_status say_too_small(struct lk_eap_peering *p,
                                    const struct lk_aka_attributes *inner)
{
    struct lk_writer w = lk_eap_peer_response(p, LK_AKA_REAUTHENTICATION);

    put_counter(p, &w, inner->counter, true);
    lk_eap_peer_finish_signed(p, &w, p->packet, inner->nonce_s);
    p->peer->reauth_used = false;
    lk_wipe(&p->peer->spent, sizeof p->peer->spent);
    return lk_eap_peer_answer(p, &w);
}

static void derive_keys(struct lk_eap_peering *p, const struct lk_aka_attributes *inner)
{
    struct lk_eap_peer *peer = p->peer;

    if (peer->type == LK_EAP_AKA_PRIME)
        lk_eap_aka_prime_reauth_derive(&peer->keys.msk, &peer->keys.emsk, &peer->spent.k_re,
                                       lk_eap_peer_identity(peer), inner->counter,
                                       inner->nonce_s.at);
    else
        lk_eap_aka_reauth_derive(&peer->keys.msk, &peer->keys.emsk, &peer->spent.mk,
                                 lk_eap_peer_identity(peer), inner->counter, inner->nonce_s.at);
    lk_session_id_reauth(&peer->session_id, peer->type, inner->nonce_s.at,
                         p->packet->at.mac.at);
}

static enum lk_status answer(struct lk_eap_peering *p, const struct lk_aka_attributes *inner)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_writer w = lk_eap_peer_response(p, LK_AKA_REAUTHENTICATION);

    derive_keys(p, inner);
    peer->fast = true;
    peer->spent.counter = inner->counter;
    peer->next = peer->kept;
    lk_eap_peer_keep_reauth(p, inner, &peer->spent);
    lk_eap_peer_choose_mode(p, p->packet);
    put_counter(p, &w, inner->counter, false);
    lk_eap_peer_finish_signed(p, &w, p->packet, inner->nonce_s);
    peer->state = LK_EAP_PEER_AWAIT_RESULT;
    return lk_eap_peer_answer(p, &w);
}

enum lk_status lk_eap_peer_answer_reauth(struct lk_eap_peering *p)
{
    struct lk_eap_peer *peer = p->peer;
    uint8_t room[LK_AKA_INNER_MAX];
    struct lk_aka_attributes inner;
    enum lk_status status;

    if (!peer->reauth_used || p->packet->type != peer->spent.eap_type) {
        peer->type = p->packet->type;
        return lk_eap_peer_client_error(p, LK_REASON_EAP_UNEXPECTED, "a challenge",
                                        "Reauthentication without its identity");
    }
    peer->type = p->packet->type;
    peer->keys.mk = peer->spent.mk;
    peer->keys.k_encr = peer->spent.k_encr;
    peer->keys.k_aut = peer->spent.k_aut;
    peer->keys.k_re = peer->spent.k_re;
    if (!lk_aka_mac_is_right(p->packet, &peer->keys.k_aut, lk_span_of(NULL, 0)))
        return lk_eap_peer_client_error(p, LK_REASON_MAC_WRONG, NULL, NULL);
    if (!lk_eap_peer_checkcode_is_right(peer, &p->packet->at))
        return lk_eap_peer_client_error(p, LK_REASON_CHECKCODE_WRONG, NULL, NULL);
    status = lk_aka_open_encrypted(&inner, room, p->packet, &peer->keys.k_encr);
    if (status != LK_OK)
        return lk_eap_peer_client_error(p, LK_REASON_EAP_MALFORMED, NULL, "AT_ENCR_DATA");
    if (inner.counter <= peer->spent.counter ||
        (p->config->lab & LK_LAB_COUNTER_TOO_SMALL) != 0)
        status = say_too_small(p, &inner);
    else
        status = answer(p, &inner);
    lk_wipe(room, sizeof room);
    return status;
}
