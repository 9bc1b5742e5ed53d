/* The peer of the load generator: see load_peer.h. RFC 4187, RFC 9048. */
#include "role/load_peer.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "keys/kdf.h"
#include "wire/eap.h"

void lk_load_peer_start(struct lk_load_peer *peer, const struct lk_load_options *options,
                        const struct lk_imsi *imsi)
{
    bool prime = options->kind != LK_LOAD_AKA;
    int len;

    peer->type = prime ? LK_EAP_AKA_PRIME : LK_EAP_AKA;
    peer->hashing = false;
    peer->challenged = false;
    if (options->realm[0] != '\0')
        len = snprintf((char *)peer->identity, sizeof peer->identity, "%c%s@%s",
                       prime ? '6' : '0', imsi->digits, options->realm);
    else
        len = snprintf((char *)peer->identity, sizeof peer->identity,
                       "%c%s@wlan.mnc0%.2s.mcc%.3s.3gppnetwork.org", prime ? '6' : '0',
                       imsi->digits, imsi->digits + 3, imsi->digits);
    LK_ASSERT(len > 0 && (size_t)len < sizeof peer->identity);
    peer->identity_len = (size_t)len;
}

void lk_load_peer_identity(const struct lk_load_peer *peer, struct lk_writer *w)
{
    lk_eap_put_identity(w, LK_EAP_RESPONSE, 0, lk_span_of(peer->identity, peer->identity_len));
}

void lk_load_key_block(uint8_t *block, size_t len, uint8_t type, struct lk_span identity,
                       const struct lk_aka_output *keys, struct lk_span network_name,
                       const uint8_t autn[LK_AUTN_LEN])
{
    struct lk_ck ck;
    struct lk_ik ik;

    memcpy(ck.octets, keys->ck, sizeof ck.octets);
    memcpy(ik.octets, keys->ik, sizeof ik.octets);
    if (type == LK_EAP_AKA_PRIME) {
        struct lk_ck_prime ck_prime;
        struct lk_ik_prime ik_prime;
        uint8_t key[32];
        struct lk_span parts[2] = { lk_span_text("EAP-AKA'"), identity };

        lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck, &ik, network_name, autn);
        memcpy(key, ik_prime.octets, 16);
        memcpy(key + 16, ck_prime.octets, 16);
        lk_prf_prime(block, len, LK_SPAN(key), parts, 2);
    } else {
        struct lk_mk mk;

        lk_eap_aka_mk_derive(&mk, &ck, &ik, identity);
        lk_prf_fips186(block, (len + 19) / 20 * 20, mk.octets);
    }
}

static enum lk_load_error answer_identity(struct lk_load_peer *peer, struct lk_writer *w,
                                          const struct lk_eap_packet *request)
{
    lk_aka_begin(w, LK_EAP_RESPONSE, request->id, peer->type, LK_AKA_IDENTITY);
    lk_aka_put_text(w, LK_AT_IDENTITY, lk_span_of(peer->identity, peer->identity_len));
    lk_eap_finish(w);
    if (w->status != LK_OK)
        return LK_LOAD_MALFORMED;
    if (!peer->hashing)
        lk_hash_start(&peer->rounds,
                      peer->type == LK_EAP_AKA_PRIME ? LK_HASH_SHA256 : LK_HASH_SHA1);
    peer->hashing = true;
    lk_hash_add(&peer->rounds, request->whole);
    lk_hash_add(&peer->rounds, lk_writer_span(w));
    return LK_LOAD_OK;
}

void lk_load_packet_mac(uint8_t mac[LK_AKA_MAC_LEN], uint8_t type, const uint8_t *k_aut,
                        struct lk_span packet, size_t mac_offset)
{
    static const uint8_t zeroes[LK_AKA_MAC_LEN];
    size_t behind = mac_offset + LK_AKA_MAC_LEN;
    struct lk_span parts[3] = {
        lk_span_of(packet.at, mac_offset),
        LK_SPAN(zeroes),
        lk_span_of(packet.at + behind, packet.len - behind),
    };
    uint8_t full[LK_SHA256_LEN];

    if (type == LK_EAP_AKA_PRIME)
        lk_hmac_sha256(full, lk_span_of(k_aut, 32), parts, 3);
    else
        lk_hmac_sha1(full, lk_span_of(k_aut, 16), parts, 3);
    memcpy(mac, full, LK_AKA_MAC_LEN);
}

static enum lk_load_error put_challenge_response(struct lk_load_peer *peer, struct lk_writer *w,
                                                 const struct lk_eap_packet *request,
                                                 struct lk_span res, const uint8_t *k_aut)
{
    uint8_t value[LK_SHA256_LEN];
    size_t mac;

    lk_aka_begin(w, LK_EAP_RESPONSE, request->id, peer->type, LK_AKA_CHALLENGE);
    lk_aka_put_res(w, res);
    if (lk_aka_has(&request->at, LK_AT_CHECKCODE)) {
        size_t len = peer->hashing ? lk_hash_value(&peer->rounds, value) : 0;

        lk_aka_put_block(w, LK_AT_CHECKCODE, lk_span_of(value, len));
    }
    mac = lk_aka_put_mac_hole(w);
    lk_eap_finish(w);
    if (w->status != LK_OK)
        return LK_LOAD_MALFORMED;
    lk_load_packet_mac(value, peer->type, k_aut, lk_writer_span(w), mac);
    lk_patch_octets(w, mac, value, LK_AKA_MAC_LEN);
    return LK_LOAD_OK;
}

static enum lk_load_error answer_challenge(struct lk_load_peer *peer, struct lk_writer *w,
                                           const struct lk_aka_card *card,
                                           const struct lk_eap_packet *request)
{
    uint8_t block[160], sqn[LK_SQN_LEN], mac[LK_AKA_MAC_LEN];
    bool prime = peer->type == LK_EAP_AKA_PRIME;
    size_t want = prime ? (peer->want_msk ? 144 : 48) : (peer->want_msk ? 96 : 32);
    const struct lk_aka_attributes *at = &request->at;
    struct lk_aka_output keys;

    if (!lk_aka_has(at, LK_AT_RAND)) /* the list of KDF alone: not for this peer */
        return LK_LOAD_UNEXPECTED;
    lk_aka_f2345(&keys, card, at->rand.at);
    for (int i = 0; i < LK_SQN_LEN; i++)
        sqn[i] = at->autn.at[i] ^ keys.ak[i];
    lk_aka_f1(mac, card, at->rand.at, sqn, at->autn.at + LK_SQN_LEN);
    if (!lk_same_secret(mac, at->autn.at + LK_SQN_LEN + LK_AMF_LEN, LK_MAC_A_LEN))
        return LK_LOAD_AUTN_WRONG;
    lk_load_key_block(block, want, peer->type, lk_span_of(peer->identity, peer->identity_len),
                      &keys, at->kdf_input, at->autn.at);
    lk_load_packet_mac(mac, peer->type, block + 16, request->whole, request->mac_offset);
    if (!lk_same_secret(mac, at->mac.at, LK_AKA_MAC_LEN))
        return LK_LOAD_MAC_WRONG;
    if (peer->want_msk)
        memcpy(peer->msk.octets, block + (prime ? 80 : 32), sizeof peer->msk.octets);
    peer->challenged = true;
    return put_challenge_response(peer, w, request, lk_span_of(keys.res, keys.res_len),
                                  block + 16);
}

enum lk_load_error lk_load_peer_answer(struct lk_load_peer *peer, struct lk_writer *w,
                                       const struct lk_aka_card *card, struct lk_span request)
{
    struct lk_eap_packet packet;

    if (lk_eap_decode(&packet, request) != LK_OK)
        return LK_LOAD_MALFORMED;
    if (packet.code != LK_EAP_REQUEST || packet.type != peer->type)
        return LK_LOAD_UNEXPECTED;
    if (packet.subtype == LK_AKA_IDENTITY)
        return answer_identity(peer, w, &packet);
    if (packet.subtype == LK_AKA_CHALLENGE)
        return answer_challenge(peer, w, card, &packet);
    return packet.subtype == LK_AKA_NOTIFICATION ? LK_LOAD_NOTIFIED : LK_LOAD_UNEXPECTED;
}
