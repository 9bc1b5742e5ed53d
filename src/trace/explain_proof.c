/* Explain, the part that proves: K and OPc are tried on what the wire shows. What the standard says
 * is tried first, then each of the usual mistakes; the one that gives the octets of the wire is
 * what that end did. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "proto/eap/identity.h"
#include "proto/radius/hiding.h"
#include "trace/explain.h"

enum { ROOM = 4096 };

/* All that is known of one challenge. */
struct proof {
    struct lk_explanation *e;
    const struct lk_trace *trace;
    const struct lk_trace_run *run;
    const struct lk_explain_facts *facts;
    const struct lk_eap_packet *challenge;
    const struct lk_eap_packet *response; /* to that challenge; NULL: none */
    struct lk_recomputed_card card;
    struct lk_key_candidates keys;
    struct lk_writer room; /* of identities that were made up */
    uint8_t octets[ROOM];
};

/* ---- identities that an end may have taken by mistake ---- */

static void candidate(struct proof *p, struct lk_span identity)
{
    for (size_t i = 0; i < p->keys.identity_count; i++)
        if (lk_span_equal(p->keys.identities[i], identity))
            return;
    if (p->keys.identity_count < LK_RECOMPUTE_CANDIDATES)
        p->keys.identities[p->keys.identity_count++] = identity;
}

static void made_up(struct proof *p, char digit, struct lk_span user, struct lk_span realm)
{
    size_t start = p->room.len;

    lk_put_u8(&p->room, (uint8_t)digit);
    lk_put_span(&p->room, user);
    if (realm.len > 0) {
        lk_put_u8(&p->room, '@');
        lk_put_span(&p->room, realm);
    }
    if (p->room.status == LK_OK)
        candidate(p, lk_span_of(p->room.at + start, p->room.len - start));
}

static void realms(struct proof *p, const struct lk_imsi *imsi, char digit, struct lk_span user)
{
    static const char *const prefixes[] = { "wlan", "nai.epc" };

    for (size_t i = 0; i < LK_COUNT_OF(prefixes); i++)
        for (unsigned mnc_len = 2; mnc_len <= 3; mnc_len++) {
            uint8_t realm[LK_REALM_MAX];
            struct lk_writer w = lk_writer_of(realm, sizeof realm);

            lk_realm_put(&w, prefixes[i], imsi, mnc_len);
            if (w.status == LK_OK)
                made_up(p, digit, user, lk_writer_span(&w));
        }
}

static void gather_identities(struct proof *p)
{
    struct lk_imsi imsi;
    struct lk_span user;
    struct lk_nai nai;

    /* spec: RFC 4187 7 - the identity in the keys is the last one the peer sent, realm included. */
    candidate(p, p->run->identity);
    if (p->run->outer.at != NULL)
        candidate(p, p->run->outer);
    lk_nai_parse(&nai, p->run->identity);
    if (nai.username.len < 2)
        return;
    candidate(p, nai.username);
    user = lk_span_of(nai.username.at + 1, nai.username.len - 1);
    made_up(p, '0', user, nai.realm);
    made_up(p, '6', user, nai.realm);
    candidate(p, user);
    if (nai.kind == LK_IDENTITY_PERMANENT && lk_nai_imsi(&imsi, &nai) == LK_OK)
        realms(p, &imsi, (char)nai.username.at[0], user);
}

static void gather_names(struct proof *p)
{
    static const char *const usual[] = { "WLAN", "wlan", "ETHERNET", "HRPD", "WIMAX", "EHRPD",
                                         "NR", "5G:mnc001.mcc001.3gppnetwork.org", "" };

    p->keys.names[p->keys.name_count++] = p->challenge->at.kdf_input;
    if (p->facts->network_name.len > 0)
        p->keys.names[p->keys.name_count++] = p->facts->network_name;
    for (size_t i = 0; i < LK_COUNT_OF(usual); i++)
        p->keys.names[p->keys.name_count++] = lk_span_text(usual[i]);
}

/* ---- K and OPc against AUTN ---- */

static void prove_card(struct proof *p)
{
    p->e->recomputed = true;
    switch (p->card.variant) {
    case LK_CARD_AS_GIVEN:
        break;
    case LK_CARD_GIVEN_IS_OP:
        lk_explain_add(p->e, LK_CAUSE_OP_AS_OPC, LK_PROVEN, 100,
                       "MAC-A verifies when OPc is derived from the OPc given: the value given is "
                       "OP, and the network derived OPc from it");
        break;
    case LK_CARD_DERIVED_TWICE:
        lk_explain_add(p->e, LK_CAUSE_OP_AS_OPC, LK_PROVEN, 100,
                       "MAC-A verifies when OPc is derived a second time: the network was given "
                       "OPc as OP");
        break;
    case LK_CARD_OP_AS_OPC:
        lk_explain_add(p->e, LK_CAUSE_OP_AS_OPC, LK_PROVEN, 100,
                       "MAC-A verifies with OP itself in place of OPc: the network took OP for "
                       "OPc");
        break;
    case LK_CARD_NO_VARIANT:
        lk_explain_add(p->e, LK_CAUSE_KEYS, LK_PROVEN, 90,
                       "MAC-A, calculated again from the K and OPc given, is not the one in AUTN, "
                       "nor is it with OP for OPc");
        break;
    }
    if (p->card.variant == LK_CARD_NO_VARIANT)
        lk_explain_add(p->e, LK_CAUSE_OP_AS_OPC, LK_RULED_OUT, 0,
                       "MAC-A does not verify with OP for OPc either");
    else if (p->card.variant != LK_CARD_AS_GIVEN)
        lk_explain_add(p->e, LK_CAUSE_KEYS, LK_RULED_OUT, 0, "K is the same at both ends");
}

/* AUTN is right for the card: then what the device refused is something else. */
static void prove_policy(struct proof *p)
{
    const struct lk_aka_attributes *at = &p->challenge->at;
    struct lk_span believed = p->facts->network_name;

    if (p->card.variant != LK_CARD_AS_GIVEN || p->challenge->type != LK_EAP_AKA_PRIME)
        return;
    if ((p->card.amf[0] & 0x80) == 0)
        lk_explain_add(p->e, LK_CAUSE_AMF, LK_PROVEN, 95,
                       "MAC-A verifies under K and OPc, and covers AMF %02x%02x: the first bit is "
                       "clear", p->card.amf[0], p->card.amf[1]);
    else if (believed.len > 0 && !lk_span_equal(believed, at->kdf_input))
        lk_explain_add(p->e, LK_CAUSE_NETWORK_NAME, LK_PROVEN, 95,
                       "AUTN is right under K and OPc; AT_KDF_INPUT says %.*s, the device believes "
                       "in %.*s", (int)at->kdf_input.len, (const char *)at->kdf_input.at,
                       (int)believed.len, (const char *)believed.at);
}

static void clear_card(struct proof *p)
{
    bool other = false;

    if (p->card.variant != LK_CARD_AS_GIVEN || !p->e->failed)
        return;
    for (size_t i = 0; i < p->e->count; i++)
        other = other || (p->e->causes[i].certainty == LK_PROVEN
                          && p->e->causes[i].cause != LK_CAUSE_KEYS);
    if (other || p->response != NULL) {
        lk_explain_add(p->e, LK_CAUSE_KEYS, LK_RULED_OUT, 0,
                       "MAC-A of AUTN verifies under the K and OPc given");
        lk_explain_add(p->e, LK_CAUSE_OP_AS_OPC, LK_RULED_OUT, 0,
                       "MAC-A of AUTN verifies under the K and OPc given");
    } else {
        lk_explain_add(p->e, LK_CAUSE_KEYS, LK_POSSIBLE, 85,
                       "the challenge is right for the K and OPc given: if the card refused it, "
                       "the card holds others");
    }
    lk_explain_add(p->e, LK_CAUSE_SUBSCRIBER, LK_RULED_OUT, 0,
                   "a vector was made with the K and OPc given");
}

/* ---- AUTS ---- */

static uint64_t number_of(const uint8_t sqn[LK_SQN_LEN])
{
    uint64_t value = 0;

    for (size_t i = 0; i < LK_SQN_LEN; i++)
        value = value << 8 | sqn[i];
    return value;
}

static void prove_auts(struct proof *p, const struct lk_eap_packet *failure)
{
    uint8_t sqn_ms[LK_SQN_LEN];
    uint64_t card, network;

    if (failure->at.auts.len != LK_AUTS_LEN)
        return;
    if (lk_aka_auts_open(sqn_ms, &p->facts->card->card, p->challenge->at.rand.at,
                         failure->at.auts.at) != LK_OK) {
        lk_explain_add(p->e, LK_CAUSE_KEYS, LK_PROVEN, 100,
                       "MAC-S of AUTS does not verify under the K and OPc given: the card holds "
                       "others");
        return;
    }
    card = number_of(sqn_ms);
    network = number_of(p->card.sqn);
    lk_explain_add(p->e, LK_CAUSE_SQN, LK_PROVEN, 90,
                   "AUTS verifies; the card is at SQN %llu (SEQ %llu, IND %llu), the network "
                   "offered %llu (SEQ %llu, IND %llu)", (unsigned long long)card,
                   (unsigned long long)(card >> 5), (unsigned long long)(card & 31),
                   (unsigned long long)network, (unsigned long long)(network >> 5),
                   (unsigned long long)(network & 31));
    lk_explain_add(p->e, LK_CAUSE_KEYS, LK_RULED_OUT, 0,
                   "AUTS verifies under the K and OPc given");
}

/* ---- AT_MAC and AT_RES ---- */

static void prove_variant(struct proof *p, const struct lk_key_variant *variant, const char *end,
                          const char *packet)
{
    if (variant->times == LK_PRIME_TWICE)
        lk_explain_add(p->e, LK_CAUSE_PRIME_TWICE, LK_PROVEN, 100,
                       "AT_MAC of the %s verifies when CK' and IK' are derived twice: %s does "
                       "that", packet, end);
    if (variant->times == LK_PRIME_NEVER)
        lk_explain_add(p->e, LK_CAUSE_PRIME_NEVER, LK_PROVEN, 100,
                       "AT_MAC of the %s verifies with CK and IK themselves: %s uses them", packet,
                       end);
    if (variant->times != LK_PRIME_NEVER && variant->name != 0
        && p->challenge->type == LK_EAP_AKA_PRIME)
        lk_explain_add(p->e, LK_CAUSE_NETWORK_NAME, LK_PROVEN, 100,
                       "AT_MAC of the %s verifies with the network name \"%.*s\": %s uses it, and "
                       "AT_KDF_INPUT says \"%.*s\"", packet,
                       (int)p->keys.names[variant->name].len,
                       (const char *)p->keys.names[variant->name].at, end,
                       (int)p->keys.names[0].len, (const char *)p->keys.names[0].at);
    if (variant->identity != 0)
        lk_explain_add(p->e, LK_CAUSE_REALM, LK_PROVEN, 100,
                       "AT_MAC of the %s verifies with the identity %.*s: %s uses it; the last "
                       "identity sent is %.*s", packet,
                       (int)p->keys.identities[variant->identity].len,
                       (const char *)p->keys.identities[variant->identity].at, end,
                       (int)p->keys.identities[0].len, (const char *)p->keys.identities[0].at);
}

static bool is_right(const struct lk_key_variant *variant)
{
    return variant->found && variant->times == LK_PRIME_ONCE && variant->name == 0
           && variant->identity == 0;
}

static void clear_keys(struct proof *p, const char *why)
{
    static const enum lk_cause cleared[] = { LK_CAUSE_PRIME_TWICE, LK_CAUSE_PRIME_NEVER,
                                             LK_CAUSE_NETWORK_NAME, LK_CAUSE_REALM };

    for (size_t i = 0; i < LK_COUNT_OF(cleared); i++)
        for (size_t j = 0; j < p->e->count; j++)
            if (p->e->causes[j].cause == cleared[i])
                lk_explain_add(p->e, cleared[i], LK_RULED_OUT, 0, "%s", why);
}

static void prove_res(struct proof *p)
{
    struct lk_span res = p->response->at.res;

    if (res.len == 0)
        return;
    if (res.len == p->card.output.res_len
        && lk_same_secret(res.at, p->card.output.res, res.len))
        lk_explain_add(p->e, LK_CAUSE_KEYS, LK_RULED_OUT, 0,
                       "AT_RES is f2 of the K and OPc given");
    else
        lk_explain_add(p->e, LK_CAUSE_KEYS, LK_PROVEN, 100,
                       "AT_RES is not f2 of the K and OPc given: the device calculates with "
                       "others, or with another RAND");
}

static void prove_macs(struct proof *p)
{
    struct lk_key_variant server, device;
    struct lk_span nothing = lk_span_of(NULL, 0);

    if (p->card.variant == LK_CARD_NO_VARIANT)
        return;
    p->keys.eap_type = p->challenge->type;
    memcpy(p->keys.ck.octets, p->card.output.ck, sizeof p->keys.ck.octets);
    memcpy(p->keys.ik.octets, p->card.output.ik, sizeof p->keys.ik.octets);
    memcpy(p->keys.autn, p->challenge->at.autn.at, LK_AUTN_LEN);
    gather_identities(p);
    gather_names(p);
    lk_recompute_mac(&server, &p->keys, p->challenge, nothing);
    if (!server.found)
        lk_explain_add(p->e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 75,
                       "AUTN is right, yet AT_MAC of the challenge verifies under nothing that "
                       "was tried");
    else if (!is_right(&server))
        prove_variant(p, &server, "the server", "challenge");
    if (p->response == NULL || !lk_aka_has(&p->response->at, LK_AT_MAC)) {
        if (is_right(&server) && p->e->failed)
            lk_explain_add(p->e, LK_CAUSE_TAMPERED, LK_RULED_OUT, 0,
                           "AT_MAC of the challenge verifies");
        return;
    }
    lk_recompute_mac(&device, &p->keys, p->response, nothing);
    if (device.found && !is_right(&device))
        prove_variant(p, &device, "the device", "response");
    if (!device.found)
        lk_explain_add(p->e, LK_CAUSE_TAMPERED, LK_POSSIBLE, 75,
                       "AT_MAC of the response verifies under nothing that was tried");
    if (is_right(&server) && is_right(&device)) {
        clear_keys(p, "AT_MAC of the challenge and of the response verify");
        if (p->e->failed)
            lk_explain_add(p->e, LK_CAUSE_STATE, LK_POSSIBLE, 65,
                           "both ends calculated right; the server refused for another reason");
    }
}

/* The challenge that decides: the last one before the failure, and what answered it. */
static bool find_challenge(struct proof *p, size_t run)
{
    size_t last = LK_TRACE_NONE, answer;

    for (size_t i = lk_trace_find(p->trace, run, 0, LK_EAP_REQUEST, LK_AKA_CHALLENGE);
         i != LK_TRACE_NONE;
         i = lk_trace_find(p->trace, run, i + 1, LK_EAP_REQUEST, LK_AKA_CHALLENGE))
        last = i;
    if (last == LK_TRACE_NONE)
        return false;
    p->challenge = lk_trace_eap(&p->trace->messages[last]);
    answer = lk_trace_find(p->trace, run, last + 1, LK_EAP_RESPONSE, LK_AKA_CHALLENGE);
    p->response = answer == LK_TRACE_NONE ? NULL : lk_trace_eap(&p->trace->messages[answer]);
    return p->challenge->at.rand.len == LK_RAND_LEN && p->challenge->at.autn.len == LK_AUTN_LEN;
}

/* The challenge that the last AUTS answers. */
static void prove_sync(struct proof *p, size_t run)
{
    size_t failure = LK_TRACE_NONE, challenge = LK_TRACE_NONE;

    for (size_t i =
             lk_trace_find(p->trace, run, 0, LK_EAP_RESPONSE, LK_AKA_SYNCHRONIZATION_FAILURE);
         i != LK_TRACE_NONE;
         i = lk_trace_find(p->trace, run, i + 1, LK_EAP_RESPONSE, LK_AKA_SYNCHRONIZATION_FAILURE))
        failure = i;
    if (failure == LK_TRACE_NONE)
        return;
    for (size_t i = lk_trace_find(p->trace, run, 0, LK_EAP_REQUEST, LK_AKA_CHALLENGE);
         i != LK_TRACE_NONE && i < failure;
         i = lk_trace_find(p->trace, run, i + 1, LK_EAP_REQUEST, LK_AKA_CHALLENGE))
        challenge = i;
    if (challenge == LK_TRACE_NONE)
        return;
    p->challenge = lk_trace_eap(&p->trace->messages[challenge]);
    if (p->challenge->at.rand.len != LK_RAND_LEN || p->challenge->at.autn.len != LK_AUTN_LEN)
        return;
    lk_recompute_autn(&p->card, p->facts->card, p->challenge->at.rand.at,
                      p->challenge->at.autn.at);
    prove_auts(p, lk_trace_eap(&p->trace->messages[failure]));
}

/* The client's own Message-Authenticator, under the secret given. */
static void prove_secret(struct lk_explanation *e, const struct lk_trace *trace,
                         const struct lk_explain_facts *facts)
{
    const struct lk_trace_message *m = &trace->messages[trace->runs[e->run].first];
    const struct lk_radius_packet *packet = &m->radius.packet;
    struct lk_radius_secret secret;

    if (m->protocol != LK_TRACE_RADIUS || !e->failed ||
        lk_radius_secret_set(&secret, facts->secret) != LK_OK)
        return;
    /* spec: RFC 3579 3.2 - in a request the MAC covers the authenticator that the packet carries.
     */
    if (lk_radius_mac_verify(packet, &secret, packet->authenticator.at) == LK_E_MAC)
        lk_explain_add(
            e, LK_CAUSE_SECRET, LK_PROVEN, 100,
            "Message-Authenticator of the request does not verify under the secret given");
    lk_wipe(&secret, sizeof secret);
}

void lk_explain_prove(struct lk_explanation *explanation, const struct lk_trace *trace,
                      const struct lk_explain_facts *facts)
{
    struct proof *p;

    prove_secret(explanation, trace, facts);
    if (facts->card == NULL)
        return;
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return; /* nothing proven: causes stay possible */
    p->e = explanation;
    p->trace = trace;
    p->run = &trace->runs[explanation->run];
    p->facts = facts;
    p->room = lk_writer_of(p->octets, sizeof p->octets);
    if (find_challenge(p, explanation->run)) {
        lk_recompute_autn(&p->card, facts->card, p->challenge->at.rand.at,
                          p->challenge->at.autn.at);
        if (explanation->failed) {
            prove_card(p);
            prove_policy(p);
            if (p->response != NULL)
                prove_res(p);
        }
        prove_macs(p);
        clear_card(p);
        prove_sync(p, explanation->run);
    }
    lk_wipe(p, sizeof *p);
    free(p);
}
