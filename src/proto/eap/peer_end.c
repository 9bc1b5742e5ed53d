/* How a run of the EAP peer ends: notifications, EAP-Success with the grant, EAP-Failure. */
#include <string.h>

#include "base/secret.h"
#include "proto/eap/peer_parts.h"

enum lk_status lk_eap_peer_answer_again(struct lk_eap_peering *p)
{
    struct lk_writer w = lk_outbox_writer(p->out);

    lk_put_octets(&w, p->peer->answer, p->peer->answer_len);
    return lk_outbox_send(p->out, &w);
}

/* spec: RFC 3748 5.2 - an EAP notification is acknowledged, and changes nothing. */
enum lk_status lk_eap_peer_read_notice(struct lk_eap_peering *p)
{
    struct lk_writer w = lk_outbox_writer(p->out);

    lk_eap_begin(&w, LK_EAP_RESPONSE, p->peer->id, LK_EAP_NOTIFICATION);
    lk_eap_finish(&w);
    return lk_eap_peer_answer(p, &w);
}

static enum lk_status give_up(struct lk_eap_peering *p, const struct lk_writer *w,
                              struct lk_refusal refusal)
{
    p->peer->refusal = refusal;
    p->peer->state = LK_EAP_PEER_AWAIT_FAILURE;
    lk_wipe(&p->peer->keys, sizeof p->peer->keys);
    lk_wipe(&p->peer->next, sizeof p->peer->next);
    return lk_eap_peer_answer(p, w);
}

/* spec: RFC 4187 9.9 - code 0: unable to process packet. */
enum lk_status lk_eap_peer_client_error(struct lk_eap_peering *p, enum lk_reason reason,
                                        const char *expected, const char *came)
{
    struct lk_writer w = lk_eap_peer_response(p, LK_AKA_CLIENT_ERROR);

    lk_aka_put_u16(&w, LK_AT_CLIENT_ERROR_CODE, 0);
    lk_eap_finish(&w);
    return give_up(p, &w, lk_refusal_of(reason, expected, came));
}

/* spec: RFC 4187 9.5 - Authentication-Reject carries nothing. A07: it is the same whatever was
 * wrong with AUTN. */
enum lk_status lk_eap_peer_reject(struct lk_eap_peering *p, enum lk_reason reason,
                                  const char *expected, const char *came)
{
    struct lk_writer w = lk_eap_peer_response(p, LK_AKA_AUTHENTICATION_REJECT);

    lk_eap_finish(&w);
    return give_up(p, &w, lk_refusal_of(reason, expected, came));
}

enum lk_status lk_eap_peer_broken(struct lk_eap_peering *p)
{
    p->peer->type = p->packet->type;
    return lk_eap_peer_client_error(p, LK_REASON_EAP_MALFORMED, NULL, NULL);
}

/* ---- notifications ---- */

/* The counter of a signed notification after re-authentication. */
static bool counter_is_right(const struct lk_eap_peering *p)
{
    uint8_t room[LK_AKA_INNER_MAX];
    struct lk_aka_attributes inner;

    return !p->peer->fast ||
           (lk_aka_open_encrypted(&inner, room, p->packet, &p->peer->keys.k_encr) == LK_OK &&
            inner.counter == p->peer->spent.counter);
}

/* spec: RFC 4187 9.11 - the answer is signed when the notification is, with the counter after a
 * re-authentication. */
static struct lk_writer acknowledgement(struct lk_eap_peering *p, bool is_signed)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_writer w = lk_eap_peer_response(p, LK_AKA_NOTIFICATION);

    if (!is_signed) {
        lk_eap_finish(&w);
        return w;
    }
    if (peer->fast) {
        uint8_t room[LK_AES_BLOCK];
        struct lk_writer inner = lk_writer_of(room, sizeof room);

        lk_aka_put_u16(&inner, LK_AT_COUNTER, peer->spent.counter);
        lk_aka_put_padding(&inner);
        lk_aka_put_encrypted(&w, &peer->keys.k_encr, p->event->entropy + LK_ENTROPY_IV,
                             lk_writer_span(&inner));
    }
    lk_aka_finish_signed(&w, peer->type, &peer->keys.k_aut, lk_span_of(NULL, 0), NULL);
    return w;
}

static struct lk_refusal refusal_for(uint16_t code)
{
    switch (code) {
    case LK_NOTIFY_TEMPORARILY_DENIED:
        return lk_refusal_of(LK_REASON_NOTIFIED_FAILURE, NULL, "1026: temporarily denied");
    case LK_NOTIFY_NOT_SUBSCRIBED:
        return lk_refusal_of(LK_REASON_NOTIFIED_FAILURE, NULL, "1031: service not subscribed");
    case LK_NOTIFY_FAILURE_AFTER:
        return lk_refusal_of(LK_REASON_NOTIFIED_FAILURE, NULL, "0: failure after authentication");
    case LK_NOTIFY_FAILURE_BEFORE:
        return lk_refusal_of(LK_REASON_NOTIFIED_FAILURE, NULL, "16384: general failure");
    default:
        return lk_refusal_of(LK_REASON_NOTIFIED_FAILURE, NULL, "another code of failure");
    }
}

/* spec: RFC 4187 6.1 - the P bit says whether AT_MAC is there, the S bit whether it is success. */
enum lk_status lk_eap_peer_notified(struct lk_eap_peering *p)
{
    struct lk_eap_peer *peer = p->peer;
    uint16_t code = p->packet->at.notification;
    bool success = (code & LK_NOTIFICATION_S) != 0;
    bool must_be_signed = (code & LK_NOTIFICATION_P) == 0;
    bool has_keys = peer->state == LK_EAP_PEER_AWAIT_RESULT;
    bool gave_up = peer->state == LK_EAP_PEER_AWAIT_FAILURE;
    struct lk_writer w;

    peer->type = p->packet->type;
    if (gave_up && must_be_signed)
        return LK_E_UNEXPECTED;
    if (must_be_signed != lk_aka_has(&p->packet->at, LK_AT_MAC) || (success && !must_be_signed) ||
        (must_be_signed && !has_keys)) {
        if (has_keys || gave_up)
            return LK_E_VALUE;
        return lk_eap_peer_client_error(p, LK_REASON_EAP_MALFORMED, NULL, "AT_NOTIFICATION");
    }
    if (must_be_signed &&
        (!lk_aka_mac_is_right(p->packet, &peer->keys.k_aut, lk_span_of(NULL, 0)) ||
         !counter_is_right(p)))
        return LK_E_MAC;
    /* spec: RFC 4187 6.2 - success is notified only when both have said AT_RESULT_IND. */
    if (success && !peer->result_ind)
        return LK_E_UNEXPECTED;
    if (success)
        lk_eap_peer_take_mode(p);
    w = acknowledgement(p, must_be_signed);
    if (!success)
        return give_up(p, &w, gave_up ? peer->refusal : refusal_for(code));
    peer->state = LK_EAP_PEER_AWAIT_SUCCESS;
    return lk_eap_peer_answer(p, &w);
}

/* ---- results ---- */

/* spec: RFC 4187 6.2 - with AT_RESULT_IND agreed an EAP-Success before the notification is ignored.
 * A11: the keys are there, or there is no row for this. */
enum lk_status lk_eap_peer_succeed(struct lk_eap_peering *p)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_output *granted;

    if (peer->state == LK_EAP_PEER_AWAIT_RESULT && peer->result_ind)
        return LK_E_UNEXPECTED;
    granted = lk_outbox_add(p->out, LK_OUT_GRANT);
    if (granted == NULL)
        return LK_E_FULL;
    granted->grant.imsi = p->config->imsi;
    granted->grant.eap_type = peer->type;
    granted->grant.fast = peer->fast;
    granted->grant.mode = peer->multi ? LK_TWAN_MULTI : LK_TWAN_TRANSPARENT;
    granted->grant.counter = peer->fast ? peer->spent.counter : 0;
    granted->grant.msk = peer->keys.msk;
    granted->grant.emsk = peer->keys.emsk;
    granted->grant.session_id = peer->session_id;
    peer->kept = peer->next;
    lk_wipe(&peer->next, sizeof peer->next);
    lk_wipe(&peer->keys, sizeof peer->keys);
    lk_wipe(&peer->spent, sizeof peer->spent);
    peer->state = LK_EAP_PEER_DONE;
    return LK_OK;
}

enum lk_status lk_eap_peer_fail(struct lk_eap_peering *p)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_output *failed = lk_outbox_add(p->out, LK_OUT_FAILED);

    if (failed == NULL)
        return LK_E_FULL;
    if (peer->refusal.reason == LK_REASON_NONE)
        peer->refusal = lk_refusal_of(LK_REASON_REJECTED, "EAP-Success", "EAP-Failure");
    failed->failed = peer->refusal;
    lk_wipe(&peer->next, sizeof peer->next);
    lk_wipe(&peer->keys, sizeof peer->keys);
    lk_wipe(&peer->spent, sizeof peer->spent);
    peer->state = LK_EAP_PEER_FAILED;
    return LK_OK;
}
