/* The EAP server's full authentication: challenge, answer, resynchronisation, choice of the KDF. */
#include <string.h>

#include "base/secret.h"
#include "keys/kdf.h"
#include "proto/eap/server_parts.h"

enum { REAUTH_HALF = LK_REAUTH_NAME_LEN / 2 };

void lk_eap_server_keys(const struct lk_eap_server *server, struct lk_eap_keys *keys)
{
    if (server->type == LK_EAP_AKA_PRIME)
        lk_eap_aka_prime_keys_derive(keys, &server->ck_prime, &server->ik_prime,
                                     lk_eap_server_identity(server));
    else
        lk_eap_aka_keys_derive(keys, &server->mk);
}

const struct lk_eap_keys *lk_eap_server_run_keys(struct lk_eap_serving *s)
{
    if (!s->derived)
        lk_eap_server_keys(s->server, &s->keys);
    s->derived = true;
    return &s->keys;
}

/* K_encr and K_aut: the session's keys are derived when the peer has answered. */
static void message_keys(const struct lk_eap_server *server, struct lk_eap_keys *keys)
{
    if (server->type == LK_EAP_AKA_PRIME)
        lk_eap_aka_prime_message_keys_derive(keys, &server->ck_prime, &server->ik_prime,
                                             lk_eap_server_identity(server));
    else
        lk_eap_aka_message_keys_derive(keys, &server->mk);
}

/* The second half of a name: it binds the first half to the realm that the name goes out with. */
static void bind_name(uint8_t tag[REAUTH_HALF], const struct lk_k_aut *k_aut,
                      const uint8_t half[REAUTH_HALF], struct lk_span realm)
{
    struct lk_span parts[] = { lk_span_text("Latchkey re-authentication realm"),
                               lk_span_of(half, REAUTH_HALF), realm };
    uint8_t out[LK_SHA256_LEN];

    lk_hmac_sha256(out, lk_span_of(k_aut->octets, k_aut->len), parts, LK_COUNT_OF(parts));
    memcpy(tag, out, REAUTH_HALF);
    lk_wipe(out, sizeof out);
}

void lk_eap_server_next_name(uint8_t name[LK_REAUTH_NAME_LEN], const struct lk_eap_server *server,
                             const struct lk_k_aut *k_aut)
{
    struct lk_span fresh = server->fast ? LK_SPAN(server->nonce_s) : LK_SPAN(server->rand);
    struct lk_span parts[] = { lk_span_text("Latchkey next re-authentication name"), fresh };
    uint8_t out[LK_SHA256_LEN];
    struct lk_nai nai;

    lk_nai_parse(&nai, lk_eap_server_identity(server));
    lk_hmac_sha256(out, lk_span_of(k_aut->octets, k_aut->len), parts, LK_COUNT_OF(parts));
    memcpy(name, out, REAUTH_HALF);
    bind_name(name + REAUTH_HALF, k_aut, name, nai.realm);
    lk_wipe(out, sizeof out);
}

/* A whole NAI, as it goes out; LK_E_FULL when it does not fit the snapshot of the next run. */
static enum lk_status put_reauth_id(struct lk_writer *w, uint8_t eap_type,
                                    const uint8_t name[LK_REAUTH_NAME_LEN], struct lk_span realm)
{
    char username[LK_REAUTH_USERNAME_LEN];

    lk_reauth_name_make(username, eap_type, name);
    lk_put_octets(w, username, sizeof username);
    if (realm.len > 0)
        lk_put_u8(w, '@');
    lk_put_span(w, realm);
    return lk_writer_end(w);
}

/* spec: RFC 4187 10.11 - the next re-authentication identity is used octet by octet: a whole NAI,
 * with the realm of the identity in use. */
bool lk_eap_server_put_next_reauth_id(struct lk_writer *w, const struct lk_eap_server *server,
                                      const struct lk_k_aut *k_aut)
{
    uint8_t name[LK_REAUTH_NAME_LEN], text[LK_EAP_SERVER_REAUTH_IDENTITY_MAX];
    struct lk_writer id = lk_writer_of(text, sizeof text);
    struct lk_nai nai;

    lk_nai_parse(&nai, lk_eap_server_identity(server));
    lk_eap_server_next_name(name, server, k_aut);
    if (put_reauth_id(&id, server->type, name, nai.realm) != LK_OK)
        return false;
    lk_aka_put_text(w, LK_AT_NEXT_REAUTH_ID, lk_writer_span(&id));
    return true;
}

bool lk_eap_server_issued(const struct lk_eap_server *server,
                          const struct lk_reauth_context *context)
{
    uint8_t text[LK_EAP_SERVER_REAUTH_IDENTITY_MAX], tag[REAUTH_HALF];
    struct lk_writer id = lk_writer_of(text, sizeof text);
    struct lk_nai nai;

    lk_nai_parse(&nai, lk_eap_server_identity(server));
    bind_name(tag, &context->k_aut, context->name, nai.realm);
    return lk_same_secret(tag, context->name + REAUTH_HALF, sizeof tag) &&
           put_reauth_id(&id, context->eap_type, context->name, nai.realm) == LK_OK &&
           lk_span_equal(lk_writer_span(&id), lk_eap_server_identity(server));
}

void lk_eap_server_put_checkcode(struct lk_writer *w, const struct lk_eap_server *server)
{
    lk_aka_put_block(w, LK_AT_CHECKCODE, lk_span_of(server->checkcode, server->checkcode_len));
}

/* The pseudonym and the re-authentication identity for next time, encrypted; nothing when
 * neither is used. */
static void put_next_identities(struct lk_eap_serving *s, struct lk_writer *w,
                                const struct lk_eap_keys *keys)
{
    struct lk_eap_server *server = s->server;
    const struct lk_pseudonym_key *key = &s->config->pseudonym_keys[0];
    uint8_t room[LK_AKA_INNER_MAX];
    struct lk_writer inner = lk_writer_of(room, sizeof room);

    if (s->config->use_pseudonyms && key->set) {
        char username[LK_PSEUDONYM_LEN];

        lk_pseudonym_make(username, server->type, &server->imsi, key,
                          s->event->entropy + LK_ENTROPY_SALT);
        lk_aka_put_text(&inner, LK_AT_NEXT_PSEUDONYM, LK_SPAN(username));
    }
    server->offered_reauth =
        s->config->use_reauth &&
        lk_eap_server_put_next_reauth_id(&inner, server, &keys->k_aut);
    if (inner.len == 0)
        return;
    lk_aka_put_padding(&inner);
    LK_ASSERT(lk_writer_end(&inner) == LK_OK);
    lk_aka_put_encrypted(w, &keys->k_encr, s->event->entropy + LK_ENTROPY_IV,
                         lk_writer_span(&inner));
}

static uint16_t first_kdf(const struct lk_eap_server_config *config)
{
    return config->kdf_count > 0 ? config->kdf[0] : LK_AKA_KDF_CK_IK_PRIME;
}

/* spec: RFC 9048 3.2 - the list of functions in order of preference; a choice of the peer is put in
 * front of the list that was offered, unchanged. */
static void put_kdf_list(const struct lk_eap_serving *s, struct lk_writer *w)
{
    if (s->server->kdf_chosen)
        lk_aka_put_u16(w, LK_AT_KDF, LK_AKA_KDF_CK_IK_PRIME);
    if (s->config->kdf_count == 0)
        lk_aka_put_u16(w, LK_AT_KDF, LK_AKA_KDF_CK_IK_PRIME);
    for (size_t i = 0; i < s->config->kdf_count; i++)
        lk_aka_put_u16(w, LK_AT_KDF, s->config->kdf[i]);
}

/* spec: RFC 4187 9.3 - the challenge.
 * spec: RFC 9048 3.1 - in EAP-AKA' with the network's name. */
static enum lk_status send_challenge(struct lk_eap_serving *s)
{
    struct lk_eap_server *server = s->server;
    struct lk_writer w = lk_eap_server_request(s, LK_AKA_CHALLENGE);
    struct lk_eap_keys keys;

    message_keys(server, &keys);
    lk_aka_put_block(&w, LK_AT_RAND, LK_SPAN(server->rand));
    lk_aka_put_block(&w, LK_AT_AUTN, LK_SPAN(server->autn));
    if (server->type == LK_EAP_AKA_PRIME) {
        lk_aka_put_text(&w, LK_AT_KDF_INPUT,
                        lk_span_of(s->config->network_name, s->config->network_name_len));
        put_kdf_list(s, &w);
    }
    lk_eap_server_put_checkcode(&w, server);
    put_next_identities(s, &w, &keys);
    lk_eap_server_put_modes(s, &w);
    /* spec: RFC 9048 4 - EAP-AKA says under AT_MAC that EAP-AKA' is to be had. */
    if (server->type == LK_EAP_AKA && s->config->send_bidding && s->config->offer_aka_prime)
        lk_aka_put_u16(&w, LK_AT_BIDDING, LK_AKA_BIDDING_D);
    lk_aka_finish_signed(&w, server->type, &keys.k_aut, lk_span_of(NULL, 0), NULL);
    lk_wipe(&keys, sizeof keys);
    server->state = LK_EAP_SERVER_AWAIT_CHALLENGE;
    return lk_outbox_send(s->out, &w);
}

enum lk_status lk_eap_server_challenge(struct lk_eap_serving *s)
{
    const struct lk_vector *vector = &s->event->vector;
    struct lk_eap_server *server = s->server;
    bool prime = server->type == LK_EAP_AKA_PRIME;
    enum lk_vector_keys wanted = prime ? LK_VECTOR_PRIME : LK_VECTOR_CK_IK;

    if (vector->keys != wanted || vector->xres_len < LK_RES_MIN || vector->xres_len > LK_RES_MAX)
        return LK_E_VALUE;
    memcpy(server->rand, vector->rand, sizeof server->rand);
    memcpy(server->autn, vector->autn, sizeof server->autn);
    memcpy(server->xres, vector->xres, vector->xres_len);
    server->xres_len = (uint8_t)vector->xres_len;
    server->ck_prime = vector->ck_prime;
    server->ik_prime = vector->ik_prime;
    if (!prime)
        lk_eap_aka_mk_derive(&server->mk, &vector->ck, &vector->ik,
                             lk_eap_server_identity(server));
    return send_challenge(s);
}

/* A18: nobody's challenge, made of what the event's entropy yields. It has the form of a real one,
 * and no answer to it is right. */
static enum lk_status challenge_nobody(struct lk_eap_serving *s)
{
    struct lk_span label = lk_span_text("Latchkey challenge of nobody");
    struct lk_eap_server *server = s->server;
    uint8_t octets[16 + 16 + 8 + 32];
    struct lk_reader r = lk_reader_of(LK_SPAN(octets));

    lk_prf_prime(octets, sizeof octets, LK_SPAN(s->event->entropy), &label, 1);
    lk_get_copy(&r, server->rand, sizeof server->rand);
    lk_get_copy(&r, server->autn, sizeof server->autn);
    lk_get_copy(&r, server->xres, 8);
    lk_get_copy(&r, server->ck_prime.octets, 16);
    lk_get_copy(&r, server->ik_prime.octets, 16);
    memcpy(server->mk.octets, server->ck_prime.octets, 16);
    LK_ASSERT(lk_reader_end(&r) == LK_OK);
    lk_wipe(octets, sizeof octets);
    server->xres_len = 8;
    /* The AMF stands in the clear in AUTN: the separation bit, as a subscriber's would be. */
    server->autn[6] = server->type == LK_EAP_AKA_PRIME ? 0x80 : 0x00;
    server->autn[7] = 0;
    server->unknown = true;
    return send_challenge(s);
}

enum lk_status lk_eap_server_no_vector(struct lk_eap_serving *s)
{
    enum lk_reason reason = s->event->no_vector;

    if (reason == LK_REASON_SUBSCRIBER_UNKNOWN && s->config->hide_unknown && !s->server->resynced)
        return challenge_nobody(s);
    if (reason == LK_REASON_NONE || (unsigned)reason >= LK_REASON_COUNT)
        reason = LK_REASON_VAULT_UNAVAILABLE;
    return lk_eap_server_refuse(s, reason, NULL, NULL);
}

/* What is wrong with an answer, by the keys of the run; NONE: nothing. */
static enum lk_reason judge_response(const struct lk_eap_serving *s,
                                     const struct lk_eap_keys *keys)
{
    const struct lk_eap_server *server = s->server;
    const struct lk_aka_attributes *at = &s->packet->at;

    /* spec: RFC 4187 9.4 - AT_MAC first, then AT_RES, then AT_CHECKCODE. */
    if (!lk_aka_mac_is_right(s->packet, &keys->k_aut, lk_span_of(NULL, 0)))
        return LK_REASON_MAC_WRONG;
    /* spec: RFC 9048 3.2 - who answers a list in full accepts its first function. */
    if (server->type == LK_EAP_AKA_PRIME && !server->kdf_chosen &&
        first_kdf(s->config) != LK_AKA_KDF_CK_IK_PRIME)
        return LK_REASON_KDF_NEGOTIATION;
    if (at->res.len != server->xres_len ||
        !lk_same_secret(at->res.at, server->xres, server->xres_len))
        return LK_REASON_RES_WRONG;
    if (!lk_aka_checkcode_is_right(at, server->checkcode, server->checkcode_len))
        return LK_REASON_CHECKCODE_WRONG;
    /* A18: nobody is never let in, even by who guesses what the random octets were. */
    return server->unknown ? LK_REASON_SUBSCRIBER_UNKNOWN : LK_REASON_NONE;
}

enum lk_status lk_eap_server_check_response(struct lk_eap_serving *s)
{
    const struct lk_eap_keys *keys = lk_eap_server_run_keys(s);
    enum lk_reason reason = judge_response(s, keys);

    s->server->settled = true;
    if (reason != LK_REASON_NONE)
        return lk_eap_server_refuse(s, reason, NULL, NULL);
    return lk_eap_server_succeed(s, &keys->k_aut, &keys->k_encr);
}

/* spec: RFC 9048 3.2 - the choice must be in the list, must not be its first, and comes once. */
enum lk_status lk_eap_server_choose_kdf(struct lk_eap_serving *s)
{
    const struct lk_aka_attributes *at = &s->packet->at;
    bool offered = false;

    s->server->settled = true;
    for (size_t i = 1; i < s->config->kdf_count; i++)
        offered = offered || s->config->kdf[i] == LK_AKA_KDF_CK_IK_PRIME;
    if (at->kdf_count != 1 || at->kdf[0] != LK_AKA_KDF_CK_IK_PRIME || !offered ||
        first_kdf(s->config) == LK_AKA_KDF_CK_IK_PRIME || s->server->kdf_chosen)
        return lk_eap_server_refuse(s, LK_REASON_KDF_NEGOTIATION, "AT_KDF 1 out of the list",
                                    "another choice");
    s->server->kdf_chosen = true;
    return send_challenge(s);
}

/* spec: RFC 9048 3.2 - a synchronisation failure in EAP-AKA' repeats the list of the challenge. */
static bool kdf_list_is_ours(const struct lk_eap_serving *s)
{
    const struct lk_aka_attributes *at = &s->packet->at;
    const struct lk_eap_server_config *config = s->config;
    size_t front = s->server->kdf_chosen ? 1 : 0;
    size_t count = config->kdf_count > 0 ? config->kdf_count : 1;

    if (at->kdf_count == 0) /* EAP-AKA, or a peer older than this rule */
        return true;
    if (at->kdf_count != front + count || (front && at->kdf[0] != LK_AKA_KDF_CK_IK_PRIME))
        return false;
    for (size_t i = 0; i < count; i++)
        if (at->kdf[front + i] !=
            (config->kdf_count > 0 ? config->kdf[i] : LK_AKA_KDF_CK_IK_PRIME))
            return false;
    return true;
}

/* A08: AUTS goes to the vault with the RAND that is outstanding, no other, and once in a run. */
enum lk_status lk_eap_server_resynchronise(struct lk_eap_serving *s)
{
    s->server->settled = true;
    if (s->server->resynced)
        return lk_eap_server_refuse(s, LK_REASON_AUTS_TWICE, "one AUTS in a run", "another");
    if (!kdf_list_is_ours(s))
        return lk_eap_server_refuse(s, LK_REASON_KDF_NEGOTIATION, "the list of the challenge",
                                    "another list");
    s->server->resynced = true;
    return lk_eap_server_want_vector(s, s->packet->at.auts);
}
