/* What a PDU of SRB1 is to the UE: whose, whether it came before, and what it asks for. */
#include "crypto/crypto.h"
#include "proto/lwa/ue_parts.h"

static void digest_of(uint8_t digest[LK_LWA_UE_ASKED_LEN], struct lk_span message)
{
    _Static_assert((int)LK_LWA_UE_ASKED_LEN == (int)LK_SHA256_LEN, "a digest");
    lk_sha256(digest, &message, 1);
}

static bool was_asked(const struct lk_lwa_ue_bearer *bearer, const struct lk_lwa_ue_heard *heard)
{
    return bearer->has_asked && lk_span_equal(LK_SPAN(bearer->asked), LK_SPAN(heard->digest));
}

/* Opens the PDU; heard->srb is that of the bearer, moved on. */
static enum lk_status open_on(const struct lk_lwa_ue_bearer *bearer, struct lk_lwa_ue_heard *heard,
                              struct lk_span *message, struct lk_span pdu)
{
    enum lk_status status;

    heard->srb = bearer->srb;
    status = lk_srb_receive(&heard->srb, message, &bearer->key, pdu);
    if (status == LK_OK)
        digest_of(heard->digest, *message);
    return status;
}

/* spec: TS 36.331 5.3.5.4 - a handover within E-UTRA brings the NCC of the target's KeNB. A KeNB of
 * a new KASME would need what NAS says, which there is none of here. */
static bool has_usable_keys(const struct lk_rrc_handover *handover)
{
    return handover->has_security && !handover->key_change;
}

/* spec: TS 36.331 5.3.5.4 - LWA is released before anything else is followed, unless the handover
 * is one without change of the WT. */
static bool set_up_is_whole(struct lk_lwa_ue_heard *heard, const struct lk_lwa_ue *s,
                            const struct lk_lwa_ue_config *config)
{
    const struct lk_rrc_reconfiguration *m = &heard->message;
    bool anew = !lk_lwa_ue_has_lwa(s) || (m->has_handover && m->handover.wt == LK_RRC_WT_RELEASED);
    struct lk_lwa_ue_target target = { .ssid_len = 0 };

    heard->lwa = anew ? (struct lk_lwa_ue_lwa){ .has_key = false } : s->lwa;
    lk_lwa_ue_merge(&heard->lwa, &m->lwa);
    return (heard->lwa.has_key || m->lwa.has_counter) &&
           lk_lwa_ue_choose(&target, &heard->lwa, config);
}

static enum lk_lwa_ue_on strange(struct lk_lwa_ue_heard *heard, enum lk_reason reason)
{
    heard->strange = reason;
    return LK_LWA_UE_ON_STRANGE;
}

static enum lk_lwa_ue_on sort(struct lk_lwa_ue_heard *heard, const struct lk_lwa_ue *s,
                              const struct lk_lwa_ue_config *config)
{
    const struct lk_rrc_reconfiguration *m = &heard->message;

    if (m->has_handover && !has_usable_keys(&m->handover))
        return strange(heard, LK_REASON_LWA_KEY_CHANGE);
    if (m->has_lwa && !m->lwa.release && !set_up_is_whole(heard, s, config))
        return strange(heard, LK_REASON_LWA_INCOMPLETE);
    if (m->has_handover)
        return LK_LWA_UE_ON_HANDOVER;
    if (!m->has_lwa)
        return LK_LWA_UE_ON_RECONFIGURATION;
    return m->lwa.release ? LK_LWA_UE_ON_RELEASE : LK_LWA_UE_ON_SETUP;
}

/* What comes on the bearer of the source, once the UE has changed over, can only be the handover
 * again: the answer to it was lost. */
static enum lk_status hear_before(enum lk_lwa_ue_on *on, struct lk_lwa_ue_heard *heard,
                                  const struct lk_lwa_ue *s, struct lk_span pdu)
{
    struct lk_span message;
    enum lk_status status = open_on(&s->before, heard, &message, pdu);

    if (status != LK_OK || !was_asked(&s->before, heard))
        return LK_E_MAC;
    heard->by_before = true;
    *on = LK_LWA_UE_ON_AGAIN;
    return lk_rrc_reconfiguration_decode(&heard->message, message);
}

enum lk_status lk_lwa_ue_hear(enum lk_lwa_ue_on *on, struct lk_lwa_ue_heard *heard,
                              const struct lk_lwa_ue *s, const struct lk_lwa_ue_config *config,
                              struct lk_span pdu)
{
    struct lk_span message;
    enum lk_status status;

    heard->by_before = false;
    if (!s->now.is_set)
        return LK_E_UNEXPECTED;
    status = open_on(&s->now, heard, &message, pdu);
    if (status == LK_E_MAC && s->before.is_set)
        return hear_before(on, heard, s, pdu);
    if (status != LK_OK)
        return status;
    if (lk_rrc_reconfiguration_decode(&heard->message, message) != LK_OK)
        *on = strange(heard, LK_REASON_LWA_RRC_UNREADABLE);
    else
        *on = was_asked(&s->now, heard) ? LK_LWA_UE_ON_AGAIN : sort(heard, s, config);
    return LK_OK;
}
