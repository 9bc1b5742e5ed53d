/* The EAP peer's full authentication: it looks at the challenge, asks the USIM, answers. */
#include <string.h>

#include "base/secret.h"
#include "proto/eap/peer_parts.h"

bool lk_eap_peer_checkcode_is_right(const struct lk_eap_peer *peer,
                                    const struct lk_aka_attributes *at)
{
    uint8_t checkcode[LK_SHA256_LEN] = { 0 };
    size_t len = peer->has_rounds ? lk_hash_value(&peer->rounds, checkcode) : 0;

    return lk_aka_checkcode_is_right(at, checkcode, len);
}

/* spec: RFC 4187 10.13 - a peer that got AT_CHECKCODE sends its own. */
void lk_eap_peer_finish_signed(struct lk_eap_peering *p, struct lk_writer *w,
                               const struct lk_eap_packet *request, struct lk_span extra)
{
    const struct lk_eap_peer *peer = p->peer;
    uint8_t checkcode[LK_SHA256_LEN] = { 0 };
    size_t len = peer->has_rounds ? lk_hash_value(&peer->rounds, checkcode) : 0;

    if ((p->config->lab & LK_LAB_WRONG_CHECKCODE) != 0) {
        len = peer->type == LK_EAP_AKA_PRIME ? LK_SHA256_LEN : LK_SHA1_LEN;
        checkcode[0] ^= 1;
    }
    if (lk_aka_has(&request->at, LK_AT_CHECKCODE))
        lk_aka_put_block(w, LK_AT_CHECKCODE, lk_span_of(checkcode, len));
    if (peer->result_ind)
        lk_aka_put_empty(w, LK_AT_RESULT_IND);
    lk_eap_peer_put_mode(p, w);
    lk_aka_finish_signed(w, peer->type, &peer->keys.k_aut, extra, NULL);
    if ((p->config->lab & LK_LAB_WRONG_MAC) != 0 && w->status == LK_OK)
        w->at[w->len - 1] ^= 1;
}

/* ---- before the USIM is asked ---- */

static bool has_kdf(const uint16_t *list, size_t count, uint16_t kdf)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == kdf)
            return true;
    return false;
}

static bool has_duplicate(const struct lk_aka_attributes *at)
{
    for (size_t i = 0; i < at->kdf_count; i++)
        if (has_kdf(at->kdf, i, at->kdf[i]))
            return true;
    return false;
}

/* spec: RFC 9048 3.2 - after our choice the list must be that choice and then the list as it
 * was. */
static bool list_honours_choice(const struct lk_eap_peer *peer, const struct lk_aka_attributes *at)
{
    if (at->kdf_count != peer->kdf_count + 1u || at->kdf[0] != LK_AKA_KDF_CK_IK_PRIME)
        return false;
    for (size_t i = 0; i < peer->kdf_count; i++)
        if (at->kdf[i + 1] != peer->kdf[i])
            return false;
    return true;
}

/* spec: RFC 9048 3.2 - to want another function of the list is to answer with AT_KDF alone. */
static enum lk_status ask_kdf(struct lk_eap_peering *p)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_writer w = lk_eap_peer_response(p, LK_AKA_CHALLENGE);

    peer->kdf_asked = true;
    peer->kdf_count = (uint8_t)p->packet->at.kdf_count;
    memcpy(peer->kdf, p->packet->at.kdf, sizeof peer->kdf);
    lk_aka_put_u16(&w, LK_AT_KDF, LK_AKA_KDF_CK_IK_PRIME);
    lk_eap_finish(&w);
    return lk_eap_peer_answer(p, &w);
}

/* What is wrong with an EAP-AKA' challenge before any key is there; NONE: nothing. */
static enum lk_reason judge_prime(const struct lk_eap_peering *p)
{
    const struct lk_aka_attributes *at = &p->packet->at;
    const struct lk_eap_peer_config *config = p->config;
    struct lk_span mine = lk_span_of(config->network_name, config->network_name_len);

    if (p->peer->kdf_asked ? !list_honours_choice(p->peer, at) : has_duplicate(at))
        return LK_REASON_KDF_NEGOTIATION;
    if (!has_kdf(at->kdf, at->kdf_count, LK_AKA_KDF_CK_IK_PRIME))
        return LK_REASON_KDF_NEGOTIATION;
    /* spec: RFC 9048 3.1 - the network must be the one the peer believes to be in. */
    if (mine.len > 0 && (config->lab & LK_LAB_ANY_NETWORK_NAME) == 0 &&
        !lk_network_name_matches(mine, at->kdf_input))
        return LK_REASON_NETWORK_NAME;
    /* spec: TS 33.402 6.2 - a vector for EAP-AKA' has the separation bit of the AMF set. */
    if ((at->autn.at[LK_SQN_LEN] & 0x80) == 0 && (config->lab & LK_LAB_ANY_AMF) == 0)
        return LK_REASON_AMF_SEPARATION;
    return LK_REASON_NONE;
}

static enum lk_status refuse_prime(struct lk_eap_peering *p, enum lk_reason reason)
{
    struct lk_span came = p->packet->at.kdf_input;
    char mine[LK_REFUSAL_TEXT] = { 0 }, theirs[LK_REFUSAL_TEXT] = { 0 };

    if (reason != LK_REASON_NETWORK_NAME)
        return lk_eap_peer_reject(p, reason, NULL, NULL);
    for (size_t i = 0; i < p->config->network_name_len && i + 1 < sizeof mine; i++)
        mine[i] = p->config->network_name[i];
    for (size_t i = 0; i < came.len && i + 1 < sizeof theirs; i++)
        theirs[i] = came.at[i] >= ' ' && came.at[i] < 0x7f ? (char)came.at[i] : '?';
    return lk_eap_peer_reject(p, reason, mine, theirs);
}

enum lk_status lk_eap_peer_ask_card(struct lk_eap_peering *p)
{
    const struct lk_aka_attributes *at = &p->packet->at;
    struct lk_eap_peer *peer = p->peer;
    struct lk_output *ask;

    peer->type = p->packet->type;
    if (peer->type == LK_EAP_AKA_PRIME) {
        enum lk_reason reason = judge_prime(p);

        if (reason != LK_REASON_NONE)
            return refuse_prime(p, reason);
        if (at->kdf[0] != LK_AKA_KDF_CK_IK_PRIME)
            return ask_kdf(p);
    } else if ((at->bidding & LK_AKA_BIDDING_D) != 0 && p->config->allow_aka_prime) {
        /* spec: RFC 9048 4 - both ends can do EAP-AKA': somebody talked them out of it. */
        return lk_eap_peer_reject(p, LK_REASON_BIDDING_DOWN, "EAP-AKA'", "EAP-AKA");
    }
    ask = lk_outbox_add(p->out, LK_OUT_ASK_CARD);
    if (ask == NULL)
        return LK_E_FULL;
    memcpy(ask->ask_card.rand, at->rand.at, LK_RAND_LEN);
    memcpy(ask->ask_card.autn, at->autn.at, LK_AUTN_LEN);
    memcpy(peer->challenge, p->packet->whole.at, p->packet->whole.len);
    peer->challenge_len = (uint16_t)p->packet->whole.len;
    peer->state = LK_EAP_PEER_AWAIT_CARD;
    return LK_OK;
}

/* ---- with the USIM's answer ---- */

/* spec: RFC 4187 9.6 - AUTS, unsigned.
 * spec: RFC 9048 3.2 - and the list of functions as it came. */
static enum lk_status say_out_of_range(struct lk_eap_peering *p,
                                       const struct lk_eap_packet *challenge)
{
    struct lk_writer w = lk_eap_peer_response(p, LK_AKA_SYNCHRONIZATION_FAILURE);

    lk_aka_put_auts(&w, LK_SPAN(p->event->card.auts));
    for (size_t i = 0; i < challenge->at.kdf_count; i++)
        lk_aka_put_u16(&w, LK_AT_KDF, challenge->at.kdf[i]);
    lk_eap_finish(&w);
    p->peer->resynced = true;
    p->peer->state = LK_EAP_PEER_AWAIT_REQUEST;
    return lk_eap_peer_answer(p, &w);
}

static void derive_keys(struct lk_eap_peering *p, const struct lk_eap_packet *challenge)
{
    const struct lk_aka_output *card = &p->event->card.output;
    struct lk_eap_peer *peer = p->peer;
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_mk mk;
    struct lk_ck ck;
    struct lk_ik ik;

    memcpy(ck.octets, card->ck, sizeof ck.octets);
    memcpy(ik.octets, card->ik, sizeof ik.octets);
    if (peer->type == LK_EAP_AKA_PRIME) {
        lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck, &ik, challenge->at.kdf_input,
                              challenge->at.autn.at);
        lk_eap_aka_prime_keys_derive(&peer->keys, &ck_prime, &ik_prime,
                                     lk_eap_peer_identity(peer));
        lk_wipe(&ck_prime, sizeof ck_prime);
        lk_wipe(&ik_prime, sizeof ik_prime);
    } else {
        lk_eap_aka_mk_derive(&mk, &ck, &ik, lk_eap_peer_identity(peer));
        lk_eap_aka_keys_derive(&peer->keys, &mk);
        lk_wipe(&mk, sizeof mk);
    }
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
}

void lk_eap_peer_keep_reauth(struct lk_eap_peering *p, const struct lk_aka_attributes *inner,
                             const struct lk_reauth_context *context)
{
    struct lk_eap_kept *next = &p->peer->next;

    next->has_reauth = p->config->use_reauth && lk_aka_has(inner, LK_AT_NEXT_REAUTH_ID) &&
                       inner->next_reauth_id.len <= sizeof next->reauth_id;
    if (!next->has_reauth)
        return;
    next->reauth = *context;
    next->reauth_len = (uint8_t)inner->next_reauth_id.len;
    memcpy(next->reauth_id, inner->next_reauth_id.at, inner->next_reauth_id.len);
}

static void keep_next(struct lk_eap_peering *p, const struct lk_aka_attributes *inner)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_reauth_context context = {
        .eap_type = peer->type, .imsi = p->config->imsi, .mk = peer->keys.mk,
        .k_encr = peer->keys.k_encr, .k_aut = peer->keys.k_aut, .k_re = peer->keys.k_re,
    };

    peer->next = peer->kept;
    if (p->config->use_pseudonyms && lk_aka_has(inner, LK_AT_NEXT_PSEUDONYM) &&
        inner->next_pseudonym.len <= sizeof peer->next.pseudonym) {
        peer->next.pseudonym_type = peer->type;
        peer->next.pseudonym_len = (uint8_t)inner->next_pseudonym.len;
        memcpy(peer->next.pseudonym, inner->next_pseudonym.at, inner->next_pseudonym.len);
    }
    lk_eap_peer_keep_reauth(p, inner, &context);
    lk_wipe(&context, sizeof context);
}

static enum lk_status send_res(struct lk_eap_peering *p, const struct lk_eap_packet *challenge)
{
    struct lk_writer w = lk_eap_peer_response(p, LK_AKA_CHALLENGE);
    struct lk_aka_output card = p->event->card.output;

    if ((p->config->lab & LK_LAB_WRONG_RES) != 0)
        card.res[0] ^= 1;
    lk_aka_put_res(&w, lk_span_of(card.res, card.res_len));
    lk_wipe(&card, sizeof card);
    lk_eap_peer_finish_signed(p, &w, challenge, lk_span_of(NULL, 0));
    p->peer->state = LK_EAP_PEER_AWAIT_RESULT;
    return lk_eap_peer_answer(p, &w);
}

/* spec: RFC 4187 9.3 - AT_MAC, AT_CHECKCODE and what is encrypted are judged before the answer. */
static enum lk_status answer_with_keys(struct lk_eap_peering *p,
                                       const struct lk_eap_packet *challenge)
{
    struct lk_eap_peer *peer = p->peer;
    uint8_t room[LK_AKA_INNER_MAX];
    struct lk_aka_attributes inner;
    enum lk_status status = LK_OK;

    derive_keys(p, challenge);
    if (!lk_aka_mac_is_right(challenge, &peer->keys.k_aut, lk_span_of(NULL, 0)))
        return lk_eap_peer_client_error(p, LK_REASON_MAC_WRONG, NULL, NULL);
    if (!lk_eap_peer_checkcode_is_right(peer, &challenge->at))
        return lk_eap_peer_client_error(p, LK_REASON_CHECKCODE_WRONG, NULL, NULL);
    memset(&inner, 0, sizeof inner);
    if (lk_aka_has(&challenge->at, LK_AT_ENCR_DATA))
        status = lk_aka_open_encrypted(&inner, room, challenge, &peer->keys.k_encr);
    if (status != LK_OK)
        return lk_eap_peer_client_error(p, LK_REASON_EAP_MALFORMED, NULL, "AT_ENCR_DATA");
    keep_next(p, &inner);
    lk_wipe(room, sizeof room);
    peer->fast = false;
    lk_eap_peer_choose_mode(p, challenge);
    lk_session_id_full(&peer->session_id, peer->type, challenge->at.rand.at,
                       challenge->at.autn.at);
    return send_res(p, challenge);
}

enum lk_status lk_eap_peer_answer_challenge(struct lk_eap_peering *p)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_eap_packet challenge;
    enum lk_status status =
        lk_eap_decode(&challenge, lk_span_of(peer->challenge, peer->challenge_len));

    LK_ASSERT(status == LK_OK); /* it decoded when it came */
    switch (p->event->card.verdict) {
    case LK_CARD_OK:
        if (p->event->card.output.res_len < LK_RES_MIN ||
            p->event->card.output.res_len > LK_RES_MAX)
            return LK_E_LENGTH;
        return answer_with_keys(p, &challenge);
    case LK_CARD_SQN_RANGE:
        return say_out_of_range(p, &challenge);
    case LK_CARD_MAC_WRONG:
        break;
    }
    return lk_eap_peer_reject(p, LK_REASON_AUTN_MAC_WRONG, NULL, NULL);
}
