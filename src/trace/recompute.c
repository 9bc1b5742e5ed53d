#include "trace/recompute.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"

/* True when the card computes the MAC-A of that AUTN; fills result on the way. */
static bool try_card(struct lk_recomputed_card *result, const struct lk_aka_card *card,
                     const uint8_t rand[LK_RAND_LEN], const uint8_t autn[LK_AUTN_LEN])
{
    uint8_t mac_a[LK_MAC_A_LEN];
    bool same;

    result->card = *card;
    lk_aka_f2345(&result->output, card, rand);
    /* spec: TS 33.102 6.3.3 - SQN is what AUTN begins with, xor AK; MAC-A covers SQN, RAND, AMF. */
    for (size_t i = 0; i < LK_SQN_LEN; i++)
        result->sqn[i] = autn[i] ^ result->output.ak[i];
    memcpy(result->amf, autn + LK_SQN_LEN, LK_AMF_LEN);
    lk_aka_f1(mac_a, card, rand, result->sqn, result->amf);
    same = lk_same_secret(mac_a, autn + LK_SQN_LEN + LK_AMF_LEN, sizeof mac_a);
    lk_wipe(mac_a, sizeof mac_a);
    return same;
}

static size_t topc_len(const struct lk_aka_card *card)
{
    return card->algorithm == LK_AKA_TUAK ? 32 : 16;
}

void lk_recompute_autn(struct lk_recomputed_card *result, const struct lk_recompute_card *given,
                       const uint8_t rand[LK_RAND_LEN], const uint8_t autn[LK_AUTN_LEN])
{
    struct lk_aka_card card = given->card;

    memset(result, 0, sizeof *result);
    result->variant = LK_CARD_AS_GIVEN;
    if (try_card(result, &card, rand, autn))
        goto done;
    result->variant = given->has_op ? LK_CARD_DERIVED_TWICE : LK_CARD_GIVEN_IS_OP;
    lk_aka_topc_derive(&card, given->card.topc);
    if (try_card(result, &card, rand, autn))
        goto done;
    if (given->has_op) {
        result->variant = LK_CARD_OP_AS_OPC;
        memcpy(card.topc, given->op, topc_len(&card));
        if (try_card(result, &card, rand, autn))
            goto done;
    }
    (void)try_card(result, &given->card, rand, autn);
    result->variant = LK_CARD_NO_VARIANT;
done:
    lk_wipe(&card, sizeof card);
}

static void prime_keys(struct lk_eap_keys *keys, const struct lk_key_candidates *c,
                       const struct lk_key_variant *variant)
{
    struct lk_ck_prime ck_prime;
    struct lk_ik_prime ik_prime;
    struct lk_ck ck = c->ck;
    struct lk_ik ik = c->ik;

    memcpy(ck_prime.octets, ck.octets, sizeof ck_prime.octets);
    memcpy(ik_prime.octets, ik.octets, sizeof ik_prime.octets);
    for (int i = 0; i < (int)variant->times; i++) {
        lk_ck_ik_prime_derive(&ck_prime, &ik_prime, &ck, &ik, c->names[variant->name], c->autn);
        memcpy(ck.octets, ck_prime.octets, sizeof ck.octets);
        memcpy(ik.octets, ik_prime.octets, sizeof ik.octets);
    }
    lk_eap_aka_prime_keys_derive(keys, &ck_prime, &ik_prime, c->identities[variant->identity]);
    lk_wipe(&ck_prime, sizeof ck_prime);
    lk_wipe(&ik_prime, sizeof ik_prime);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
}

void lk_recompute_keys(struct lk_eap_keys *keys, const struct lk_key_candidates *candidates,
                       const struct lk_key_variant *variant)
{
    struct lk_mk mk;

    LK_ASSERT(variant->identity < candidates->identity_count);
    lk_wipe(keys, sizeof *keys);
    if (candidates->eap_type == LK_EAP_AKA_PRIME) {
        LK_ASSERT(variant->name < candidates->name_count);
        prime_keys(keys, candidates, variant);
        return;
    }
    lk_eap_aka_mk_derive(&mk, &candidates->ck, &candidates->ik,
                         candidates->identities[variant->identity]);
    lk_eap_aka_keys_derive(keys, &mk);
    lk_wipe(&mk, sizeof mk);
}

/* spec: RFC 4187 10.15 - AT_MAC covers the whole packet with the sixteen octets of the value zero,
 * and what the message says behind it.
 * spec: RFC 9048 3.1 - in EAP-AKA' it is HMAC-SHA-256, cut to sixteen octets. */
bool lk_recompute_mac_is(const struct lk_eap_packet *packet, uint8_t eap_type,
                         const struct lk_k_aut *k_aut, struct lk_span extra)
{
    static const uint8_t zero[LK_AKA_MAC_LEN];
    size_t behind = packet->mac_offset + LK_AKA_MAC_LEN;
    uint8_t mac[LK_SHA256_LEN];
    struct lk_span parts[4],
        key = lk_span_of(k_aut->octets, eap_type == LK_EAP_AKA_PRIME ? 32 : 16);
    bool same;

    if (packet->mac_offset == 0 || behind > packet->whole.len)
        return false;
    parts[0] = lk_span_of(packet->whole.at, packet->mac_offset);
    parts[1] = LK_SPAN(zero);
    parts[2] = lk_span_of(packet->whole.at + behind, packet->whole.len - behind);
    parts[3] = extra;
    if (eap_type == LK_EAP_AKA_PRIME)
        lk_hmac_sha256(mac, key, parts, LK_COUNT_OF(parts));
    else
        lk_hmac_sha1(mac, key, parts, LK_COUNT_OF(parts));
    same = lk_same_secret(mac, packet->whole.at + packet->mac_offset, LK_AKA_MAC_LEN);
    lk_wipe(mac, sizeof mac);
    return same;
}

/* The order of trial: first what is right, then one mistake, then two. */
void lk_recompute_mac(struct lk_key_variant *variant, const struct lk_key_candidates *candidates,
                      const struct lk_eap_packet *packet, struct lk_span extra)
{
    static const enum lk_prime_times order[] = { LK_PRIME_ONCE, LK_PRIME_TWICE, LK_PRIME_NEVER };
    bool prime = candidates->eap_type == LK_EAP_AKA_PRIME;
    size_t names = prime ? candidates->name_count : 1;
    struct lk_eap_keys keys;

    memset(variant, 0, sizeof *variant);
    for (size_t t = 0; t < (prime ? LK_COUNT_OF(order) : 1) && !variant->found; t++)
        for (size_t n = 0; n < (order[t] == LK_PRIME_NEVER ? 1 : names) && !variant->found; n++)
            for (size_t i = 0; i < candidates->identity_count && !variant->found; i++) {
                struct lk_key_variant tried = { true, order[t], n, i };

                lk_recompute_keys(&keys, candidates, &tried);
                if (lk_recompute_mac_is(packet, candidates->eap_type, &keys.k_aut, extra))
                    *variant = tried;
            }
    lk_wipe(&keys, sizeof keys);
}
