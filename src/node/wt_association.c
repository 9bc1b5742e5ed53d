/* Associations at the WT: how one begins, where its station is and elsewhere. */
#include <string.h>

#include "base/secret.h"
#include "node/wt_parts.h"

static const uint8_t rates[LK_80211_RATES_MAX] = { 0x8c, 0x12, 0x98, 0x24, 0xb0, 0x48, 0x60, 0x6c };

/* ---- answers ---- */

struct lk_writer lk_wt_frame_to(struct lk_wt *wt, const uint8_t mac[LK_STATION_LEN], uint8_t kind,
                                struct lk_wt_outbox *out)
{
    struct lk_80211_header header = { .kind = kind };
    struct lk_wt_ue *ue = lk_wt_of_mac(wt, mac);
    struct lk_writer w = lk_wt_room(out);

    memcpy(header.a1, mac, sizeof header.a1);
    memcpy(header.a2, wt->config.lwa.mac, sizeof header.a2);
    memcpy(header.a3, wt->config.lwa.mac, sizeof header.a3);
    if (ue != NULL) {
        ue->sequence = (ue->sequence + 1) & LK_80211_SEQUENCE_MAX;
        header.sequence = ue->sequence;
    }
    LK_ASSERT(lk_80211_header_encode(&w, &header) == LK_OK);
    return w;
}

void lk_wt_send_frame(const uint8_t mac[LK_STATION_LEN], const struct lk_writer *w,
                      struct lk_wt_outbox *out)
{
    LK_ASSERT(lk_writer_end(w) == LK_OK);
    lk_wt_out(out, LK_WT_OUT_FRAME, mac)->frame = lk_writer_span(w);
    out->used += w->len;
}

static void respond(struct lk_wt *wt, const struct lk_80211_header *header, uint16_t code,
                    uint16_t aid, struct lk_wt_outbox *out)
{
    struct lk_80211_association_response response = {
        .capabilities = LK_80211_ESS | LK_80211_PRIVACY, .status = code, .aid = aid,
        .elements = { .rates = LK_SPAN(rates) },
    };
    uint8_t kind = header->kind == LK_80211_ASSOCIATION_REQUEST ? LK_80211_ASSOCIATION_RESPONSE
                                                                : LK_80211_REASSOCIATION_RESPONSE;
    struct lk_writer w = lk_wt_frame_to(wt, header->a2, kind, out);

    LK_ASSERT(lk_80211_association_response_encode(&w, &response) == LK_OK);
    lk_wt_send_frame(header->a2, &w, out);
}

static void accept(struct lk_wt *wt, const struct lk_wt_ue *ue,
                   const struct lk_80211_header *header, struct lk_wt_outbox *out)
{
    uint16_t aid = (uint16_t)((ue - wt->ue) % LK_80211_AID_MAX + 1);

    respond(wt, header, LK_80211_SUCCESS, aid, out);
}

enum lk_status lk_wt_turn_down(struct lk_wt *wt, const struct lk_80211_header *header,
                               uint16_t code, const struct lk_refusal *why,
                               struct lk_wt_outbox *out)
{
    respond(wt, header, code, 0, out);
    wt->counters.associations_refused++;
    lk_wt_refuse(out, header->a2, why->reason, why->expected, why->came);
    return LK_E_DENIED;
}

/* ---- drafts ---- */

static enum lk_status step_draft(struct lk_wt *wt, struct lk_rsn_authenticator *draft,
                                 struct lk_rsn_event *event, struct lk_rsn_outbox *said)
{
    lk_wt_prepare_event(wt, event);
    return lk_rsn_authenticator_step(draft, &wt->config.rsn, event, said);
}

/* What the authenticator says of the association, under the newest key: judged on a draft, so that
 * a request that is refused changes nothing. anonce: NULL where a fresh one is drawn.
 *
 * spec: TS 33.401 G.2 - the key that came last, over Xw, is the PMK of the next association; A03:
 * there is no other. */
static enum lk_status try_association(struct lk_wt *wt, const struct lk_wt_ue *ue,
                                      struct lk_rsn_authenticator *draft, struct lk_span rsne,
                                      const uint8_t *anonce, struct lk_rsn_outbox *said)
{
    struct lk_rsn_event left = { .kind = LK_RSN_EV_LEFT }, pmk = { .kind = LK_RSN_EV_PMK };
    struct lk_rsn_event group = { .kind = LK_RSN_EV_GROUP };
    struct lk_rsn_event associated = { .kind = LK_RSN_EV_ASSOCIATED };
    enum lk_status status = LK_OK;

    pmk.pmk = ue->lwa.key;
    group.group = wt->group;
    memcpy(associated.associated.aa, wt->config.lwa.mac, LK_STATION_LEN);
    memcpy(associated.associated.spa, ue->mac, LK_STATION_LEN);
    associated.associated.ap_rsne = lk_wt_rsne(wt);
    associated.associated.sta_rsne = rsne;
    if (draft->state != LK_RSN_AUTHENTICATOR_IDLE)
        status = step_draft(wt, draft, &left, said);
    if (status == LK_OK)
        status = step_draft(wt, draft, &pmk, said);
    if (status == LK_OK)
        status = step_draft(wt, draft, &group, said);
    lk_wt_prepare_event(wt, &associated);
    if (anonce != NULL)
        memcpy(associated.entropy, anonce, sizeof associated.entropy);
    if (status == LK_OK)
        status = lk_rsn_authenticator_step(draft, &wt->config.rsn, &associated, said);
    lk_wipe(&pmk, sizeof pmk);
    lk_wipe(&group, sizeof group);
    return status;
}

/* The association before is over without a word, and another one begins. */
static void take_draft(struct lk_wt *wt, struct lk_wt_ue *ue,
                       const struct lk_rsn_authenticator *draft, struct lk_wt_outbox *out)
{
    lk_wt_forget_keys(wt, ue, out);
    ue->rsn = *draft;
    ue->authenticated = ue->associated = true;
    ue->group_due = false;
    ue->invitation.until_ms = 0;
    wt->counters.associations++;
    lk_wt_fact(wt, ue, LK_WT_ASSOCIATED, out);
    lk_wt_tell(wt, ue, LK_LWA_WT_EV_ASSOCIATED, out);
}

/* ---- where the station is ---- */

/* The handshake of an association without keys is under way, under the newest key. */
static bool is_under_way(const struct lk_wt_ue *ue)
{
    return ue->associated && ue->rsn.state == LK_RSN_AUTHENTICATOR_AWAIT_M2 && !ue->rsn.has_ptk &&
           lk_same_secret(ue->rsn.pmk.octets, ue->lwa.key.octets, sizeof ue->rsn.pmk.octets);
}

/* T53: a request that comes again is answered, and the handshake that it began goes on: it has one
 * deadline, which nobody who proves nothing puts off. */
enum lk_status lk_wt_associate(struct lk_wt *wt, struct lk_wt_ue *ue,
                               const struct lk_80211_header *header, struct lk_span rsne,
                               struct lk_wt_outbox *out)
{
    struct lk_rsn_authenticator draft = ue->rsn;
    struct lk_rsn_outbox said;
    const struct lk_rsn_output *refused;
    enum lk_status status = try_association(wt, ue, &draft, rsne, NULL, &said);

    refused = status == LK_OK ? lk_rsn_outbox_find(&said, LK_RSN_OUT_REFUSED) : NULL;
    if (refused != NULL) {
        status = lk_wt_turn_down(wt, header, refused->ended.code, &refused->ended.why, out);
    } else if (status == LK_OK) {
        accept(wt, ue, header, out);
        if (!is_under_way(ue)) {
            take_draft(wt, ue, &draft, out);
            lk_wt_carry_rsn(wt, ue, &said, out);
        }
    }
    lk_rsn_outbox_wipe(&said);
    lk_wipe(&draft, sizeof draft);
    return status;
}

/* ---- elsewhere ---- */

/* As long as a handshake has for its first answer. */
static void renew_invitation(struct lk_wt *wt, struct lk_wt_ue *ue)
{
    if (wt->now_ms < ue->invitation.until_ms)
        return;
    ue->invitation.until_ms =
        wt->now_ms + (uint64_t)wt->config.rsn.retry_ms * wt->config.rsn.tries;
    ue->invitation.replay = ue->rsn.replay;
    lk_draw(&wt->draw, ue->invitation.secret, sizeof ue->invitation.secret);
}

_Static_assert((int)LK_SHA256_LEN == (int)LK_RSN_NONCE_LEN, "an ANonce is an HMAC");

/* The authenticator that has sent message 1 to that place, made anew: its ANonce is of the place
 * and of the element, so that neither need be kept. */
static enum lk_status draft_invited(struct lk_wt *wt, const struct lk_wt_ue *ue,
                                    struct lk_rsn_authenticator *draft, struct lk_span rsne,
                                    struct lk_span from, struct lk_rsn_outbox *said)
{
    const struct lk_span label[] = { from, rsne };
    uint8_t anonce[LK_SHA256_LEN];

    lk_hmac_sha256(anonce, LK_SPAN(ue->invitation.secret), label, LK_COUNT_OF(label));
    *draft = ue->rsn;
    draft->replay = ue->invitation.replay;
    return try_association(wt, ue, draft, rsne, anonce, said);
}

/* A02, T13: whoever asks elsewhere has shown nothing: he gets message 1, and the association that
 * there is, its keys and its place stay as they are. */
enum lk_status lk_wt_invite(struct lk_wt *wt, struct lk_wt_ue *ue,
                            const struct lk_80211_header *header, struct lk_span rsne,
                            struct lk_span from, struct lk_wt_outbox *out)
{
    struct lk_rsn_authenticator draft;
    struct lk_rsn_outbox said;
    const struct lk_rsn_output *refused, *sent;
    enum lk_status status;

    renew_invitation(wt, ue);
    status = draft_invited(wt, ue, &draft, rsne, from, &said);
    refused = status == LK_OK ? lk_rsn_outbox_find(&said, LK_RSN_OUT_REFUSED) : NULL;
    sent = status == LK_OK ? lk_rsn_outbox_find(&said, LK_RSN_OUT_SEND) : NULL;
    if (refused != NULL) {
        status = lk_wt_turn_down(wt, header, refused->ended.code, &refused->ended.why, out);
    } else if (sent != NULL) {
        accept(wt, ue, header, out);
        lk_wt_send_clear(wt, ue, sent->send, out);
    }
    lk_rsn_outbox_wipe(&said);
    lk_wipe(&draft, sizeof draft);
    return status;
}

static enum lk_status read_m2(struct lk_eapol_key_data *data, struct lk_span octets)
{
    struct lk_eapol eapol;
    struct lk_eapol_key key;
    enum lk_status status = lk_eapol_decode(&eapol, octets);

    if (status == LK_OK)
        status = lk_eapol_key_decode(&key, &eapol);
    if (status == LK_OK && lk_eapol_key_message(&key) != LK_EAPOL_M2)
        status = LK_E_UNEXPECTED;
    return status == LK_OK ? lk_eapol_key_data_decode(data, key.data) : status;
}

/* spec: IEEE 802.11 12.7.6.3 - message 2 shows that its sender has the PMK. T54: once: an
 * invitation that was taken is over, and the next one has another ANonce. */
static enum lk_status judge_m2(struct lk_wt *wt, struct lk_wt_ue *ue,
                               struct lk_rsn_authenticator *draft, struct lk_span eapol,
                               struct lk_rsn_outbox *said, struct lk_wt_outbox *out)
{
    struct lk_rsn_event m2 = { .kind = LK_RSN_EV_RECEIVED, .received = eapol };
    enum lk_status status = step_draft(wt, draft, &m2, said);

    if (status != LK_OK)
        return status;
    if (draft->state != LK_RSN_AUTHENTICATOR_AWAIT_M4) {
        wt->counters.eapol_refused++;
        return LK_E_MAC;
    }
    take_draft(wt, ue, draft, out);
    lk_wt_handshake_began(wt, ue, out);
    lk_wt_carry_rsn(wt, ue, said, out);
    return LK_OK;
}

enum lk_status lk_wt_take_invited(struct lk_wt *wt, struct lk_wt_ue *ue, struct lk_span eapol,
                                  struct lk_span from, struct lk_wt_outbox *out)
{
    struct lk_rsn_authenticator draft;
    struct lk_rsn_outbox said = { .count = 0 };
    struct lk_eapol_key_data data;
    enum lk_status status = read_m2(&data, eapol);

    if (status != LK_OK)
        return status;
    if (!ue->lwa.has_key || wt->now_ms >= ue->invitation.until_ms)
        return LK_E_SYNC;
    status = draft_invited(wt, ue, &draft, data.rsne, from, &said);
    if (status == LK_OK && draft.state != LK_RSN_AUTHENTICATOR_AWAIT_M2)
        status = LK_E_DENIED;
    if (status == LK_OK)
        status = judge_m2(wt, ue, &draft, eapol, &said, out);
    lk_rsn_outbox_wipe(&said);
    lk_wipe(&draft, sizeof draft);
    return status;
}
