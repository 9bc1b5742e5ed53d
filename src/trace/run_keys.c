#include "trace/run_keys.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "trace/ub.h"

bool lk_run_is_eap(const struct lk_trace_run *run)
{
    return run->kind == LK_TRACE_AUTHENTICATION ||
           (run->kind == LK_TRACE_ESTABLISHMENT && run->eap_type != 0);
}

struct lk_span lk_run_decrypt(uint8_t *plain, size_t cap, const struct lk_run_keys *keys,
                              const struct lk_eap_packet *packet)
{
    struct lk_span in = packet->at.encr_data;

    if (!keys->known || in.len == 0 || in.len > cap || in.len % LK_AES_BLOCK != 0
        || packet->at.iv.len != LK_AKA_IV_LEN)
        return lk_span_of(NULL, 0);
    lk_aes128_cbc_decrypt(plain, keys->keys.k_encr.octets, packet->at.iv.at, in);
    return lk_span_of(plain, in.len);
}

/* The keys of the last challenge of a run, if they are what the wire shows. */
static void full_keys(struct lk_run_keys *keys, const struct lk_trace *trace, size_t run,
                      const struct lk_recompute_card *card)
{
    struct lk_recomputed_card again;
    struct lk_key_candidates c;
    struct lk_key_variant right = { .found = true, .times = LK_PRIME_ONCE };
    const struct lk_eap_packet *challenge = NULL;

    for (size_t i = lk_trace_find(trace, run, 0, LK_EAP_REQUEST, LK_AKA_CHALLENGE);
         i != LK_TRACE_NONE; i = lk_trace_find(trace, run, i + 1, LK_EAP_REQUEST, LK_AKA_CHALLENGE))
        challenge = lk_trace_eap(&trace->messages[i]);
    if (challenge == NULL || challenge->at.rand.len != LK_RAND_LEN
        || challenge->at.autn.len != LK_AUTN_LEN)
        return;
    lk_recompute_autn(&again, card, challenge->at.rand.at, challenge->at.autn.at);
    memset(&c, 0, sizeof c);
    c.eap_type = challenge->type;
    memcpy(c.ck.octets, again.output.ck, sizeof c.ck.octets);
    memcpy(c.ik.octets, again.output.ik, sizeof c.ik.octets);
    memcpy(c.autn, challenge->at.autn.at, LK_AUTN_LEN);
    c.names[c.name_count++] = challenge->at.kdf_input;
    c.identities[c.identity_count++] = trace->runs[run].identity;
    lk_recompute_keys(&keys->keys, &c, &right);
    keys->eap_type = challenge->type;
    keys->full_run = run;
    keys->card = again.card;
    keys->aka = again.output;
    if (challenge->type == LK_EAP_AKA_PRIME)
        lk_ck_ik_prime_derive(&keys->ck_prime, &keys->ik_prime, &c.ck, &c.ik,
                              challenge->at.kdf_input, challenge->at.autn.at);
    keys->known = again.variant != LK_CARD_NO_VARIANT
                  && lk_recompute_mac_is(challenge, challenge->type, &keys->keys.k_aut,
                                         lk_span_of(NULL, 0));
    lk_wipe(&again, sizeof again);
    lk_wipe(&c, sizeof c);
}

/* MSK and EMSK of a re-authentication whose request verifies under the keys of a full run. */
static bool fast_keys(struct lk_run_keys *keys, const struct lk_trace *trace, size_t run)
{
    size_t at = lk_trace_find(trace, run, 0, LK_EAP_REQUEST, LK_AKA_REAUTHENTICATION);
    const struct lk_eap_packet *request;
    struct lk_aka_attributes inner;
    struct lk_span identity = trace->runs[run].identity, plain;
    uint8_t room[LK_EAP_PACKET_MAX];
    bool made = false;

    if (at == LK_TRACE_NONE || !keys->known)
        return false;
    request = lk_trace_eap(&trace->messages[at]);
    if (request->type != keys->eap_type
        || !lk_recompute_mac_is(request, request->type, &keys->keys.k_aut, lk_span_of(NULL, 0)))
        return false;
    plain = lk_run_decrypt(room, sizeof room, keys, request);
    if (lk_aka_decode_encrypted(&inner, request, plain) == LK_OK
        && inner.nonce_s.len == LK_AKA_NONCE_LEN) {
        keys->counter = inner.counter;
        if (request->type == LK_EAP_AKA_PRIME)
            lk_eap_aka_prime_reauth_derive(&keys->keys.msk, &keys->keys.emsk, &keys->keys.k_re,
                                           identity, inner.counter, inner.nonce_s.at);
        else
            lk_eap_aka_reauth_derive(&keys->keys.msk, &keys->keys.emsk, &keys->keys.mk, identity,
                                     inner.counter, inner.nonce_s.at);
        made = true;
    }
    lk_wipe(room, sizeof room);
    return made;
}

static bool find_keys(struct lk_run_keys *keys, const struct lk_trace *trace, size_t run,
                      const struct lk_recompute_card *card)
{
    if (!trace->runs[run].fast) {
        full_keys(keys, trace, run, card);
        return true;
    }
    for (size_t before = run; before > 0; before--) {
        if (trace->runs[before - 1].outcome != LK_TRACE_ACCEPTED || trace->runs[before - 1].fast
            || !lk_run_is_eap(&trace->runs[before - 1]))
            continue;
        lk_wipe(keys, sizeof *keys);
        full_keys(keys, trace, before - 1, card);
        if (fast_keys(keys, trace, run)) {
            keys->fast = true;
            return true;
        }
    }
    return false;
}

void lk_run_keys(struct lk_run_keys *keys, const struct lk_trace *trace, size_t run,
                 const struct lk_recompute_card *card)
{
    struct lk_wlcp_kdf kdf;

    lk_wipe(keys, sizeof *keys);
    if (trace->runs[run].kind == LK_TRACE_BOOTSTRAPPING)
        lk_ub_keys(keys, trace, run, card);
    if (card == NULL || !lk_run_is_eap(&trace->runs[run]))
        return;
    if (!find_keys(keys, trace, run, card)) {
        lk_wipe(keys, sizeof *keys);
        return;
    }
    if (!keys->known || !trace->runs[run].multi)
        return;
    lk_wlcp_kdf_defaults(&kdf);
    lk_wlcp_key_derive(&keys->wlcp, &keys->keys.emsk, card->has_kdf ? &card->kdf : &kdf);
    lk_wlcp_psk_identity(keys->wlcp_identity, &keys->wlcp);
}

size_t lk_run_of_identity(const struct lk_trace *trace, struct lk_span identity,
                          const struct lk_recompute_card *card)
{
    size_t found = LK_TRACE_NONE;
    struct lk_run_keys keys;

    for (size_t r = 0; r < trace->run_count && found == LK_TRACE_NONE; r++) {
        if (!trace->runs[r].multi)
            continue;
        lk_run_keys(&keys, trace, r, card);
        if (keys.known && lk_span_equal(lk_span_text(keys.wlcp_identity), identity))
            found = r;
    }
    lk_wipe(&keys, sizeof keys);
    return found;
}
