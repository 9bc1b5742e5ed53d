/* The EAP server finds out who the peer is: which method, which identity, which subscriber. */
#include <string.h>

#include "proto/eap/server_parts.h"

struct lk_span lk_eap_server_identity(const struct lk_eap_server *server)
{
    return lk_span_of(server->identity, server->identity_len);
}

struct lk_writer lk_eap_server_request(struct lk_eap_serving *s, uint8_t subtype)
{
    struct lk_writer w = lk_outbox_writer(s->out);

    s->server->id++;
    lk_aka_begin(&w, LK_EAP_REQUEST, s->server->id, s->server->type, subtype);
    return w;
}

/* spec: RFC 4187 4.1.4 - the requests go from any over full authentication to permanent identity,
 * never back; A06: the permanent one is asked for last, and once. */
enum lk_status lk_eap_server_escalate(struct lk_eap_serving *s, enum lk_identity_ask at_least)
{
    static const enum lk_at attribute[] = {
        [LK_ASK_ANY] = LK_AT_ANY_ID_REQ,
        [LK_ASK_FULLAUTH] = LK_AT_FULLAUTH_ID_REQ,
        [LK_ASK_PERMANENT] = LK_AT_PERMANENT_ID_REQ,
    };
    struct lk_eap_server *server = s->server;
    enum lk_identity_ask next = server->asked + 1u > at_least ? server->asked + 1u : at_least;
    struct lk_writer w;

    if (next > LK_ASK_PERMANENT)
        return lk_eap_server_refuse(s, LK_REASON_IDENTITY_UNUSABLE, "0<IMSI> or 6<IMSI>",
                                    "something else, in every round");
    if (server->asked == LK_ASK_NOTHING)
        lk_hash_start(&server->rounds, lk_aka_checkcode_hash(server->type));
    server->asked = next;
    w = lk_eap_server_request(s, LK_AKA_IDENTITY);
    lk_aka_put_empty(&w, attribute[next]);
    lk_eap_finish(&w);
    lk_hash_add(&server->rounds, lk_writer_span(&w));
    server->state = LK_EAP_SERVER_AWAIT_IDENTITY;
    return lk_outbox_send(s->out, &w);
}

void lk_eap_server_close_rounds(struct lk_eap_server *server)
{
    server->checkcode_len = 0;
    if (server->asked != LK_ASK_NOTHING)
        server->checkcode_len = (uint8_t)lk_hash_value(&server->rounds, server->checkcode);
}

enum lk_status lk_eap_server_want_vector(struct lk_eap_serving *s, struct lk_span auts)
{
    struct lk_output *ask = lk_outbox_add(s->out, LK_OUT_ASK_VECTOR);

    if (ask == NULL)
        return LK_E_FULL;
    ask->ask_vector.imsi = s->server->imsi;
    ask->ask_vector.prime = s->server->type == LK_EAP_AKA_PRIME;
    ask->ask_vector.resync = auts.len > 0;
    if (auts.len > 0) {
        LK_ASSERT(auts.len == LK_AUTS_LEN);
        memcpy(ask->ask_vector.rand, s->server->rand, LK_RAND_LEN);
        memcpy(ask->ask_vector.auts, auts.at, LK_AUTS_LEN);
    }
    s->server->state = LK_EAP_SERVER_AWAIT_VECTOR;
    return LK_OK;
}

static enum lk_status use_imsi(struct lk_eap_serving *s, const struct lk_imsi *imsi)
{
    if (s->server->identity_len > LK_EAP_SERVER_IDENTITY_MAX)
        return lk_eap_server_refuse(s, LK_REASON_IDENTITY_TOO_LONG, "at most 101 octets",
                                    "more");
    s->server->imsi = *imsi;
    lk_eap_server_close_rounds(s->server);
    return lk_eap_server_want_vector(s, lk_span_of(NULL, 0));
}

static enum lk_status ask_context(struct lk_eap_serving *s, const struct lk_nai *nai)
{
    uint8_t name[LK_REAUTH_NAME_LEN];
    struct lk_output *ask;

    /* spec: RFC 4187 4.1.4 - a re-authentication identity is no answer once a full one was
     * asked. */
    if (!s->config->use_reauth || s->server->asked >= LK_ASK_FULLAUTH ||
        s->server->identity_len > LK_EAP_SERVER_REAUTH_IDENTITY_MAX ||
        lk_reauth_name_open(name, nai) != LK_OK)
        return lk_eap_server_escalate(s, LK_ASK_FULLAUTH);
    ask = lk_outbox_add(s->out, LK_OUT_ASK_REAUTH);
    if (ask == NULL)
        return LK_E_FULL;
    memcpy(ask->ask_reauth, name, sizeof name);
    s->server->state = LK_EAP_SERVER_AWAIT_CONTEXT;
    return LK_OK;
}

static enum lk_status use_identity(struct lk_eap_serving *s)
{
    struct lk_imsi imsi;
    struct lk_nai nai;

    lk_nai_parse(&nai, lk_eap_server_identity(s->server));
    switch (nai.kind) {
    case LK_IDENTITY_PERMANENT:
        if (lk_nai_imsi(&imsi, &nai) == LK_OK)
            return use_imsi(s, &imsi);
        break;
    case LK_IDENTITY_PSEUDONYM:
        if (lk_pseudonym_open(&imsi, &nai, s->config->pseudonym_keys) == LK_OK)
            return use_imsi(s, &imsi);
        /* A06: only a pseudonym that nobody knows leads to the permanent identity. */
        return lk_eap_server_escalate(s, LK_ASK_PERMANENT);
    case LK_IDENTITY_REAUTH:
        return ask_context(s, &nai);
    case LK_IDENTITY_OTHER:
        break;
    }
    return lk_eap_server_escalate(s, LK_ASK_ANY);
}

static enum lk_status keep_identity(struct lk_eap_serving *s, struct lk_span text)
{
    if (text.len > LK_EAP_IDENTITY_MAX)
        return lk_eap_server_refuse(s, LK_REASON_IDENTITY_TOO_LONG, "at most 253 octets", "more");
    s->server->identity_len = (uint8_t)text.len;
    if (text.len > 0)
        memcpy(s->server->identity, text.at, text.len);
    return LK_OK;
}

/* spec: TS 23.003 14.3 - the digit says which method the peer wants. A peer that says nothing is
 * offered EAP-AKA' first. */
static uint8_t pick_method(const struct lk_eap_server_config *config, struct lk_span identity)
{
    struct lk_nai nai;

    lk_nai_parse(&nai, identity);
    if (nai.eap_type == LK_EAP_AKA && config->offer_aka)
        return LK_EAP_AKA;
    if (config->offer_aka_prime)
        return LK_EAP_AKA_PRIME;
    return config->offer_aka ? LK_EAP_AKA : LK_EAP_NO_TYPE;
}

enum lk_status lk_eap_server_begin(struct lk_eap_serving *s)
{
    struct lk_span text = s->packet->type_data;
    enum lk_status status;

    s->server->id = s->packet->id;
    s->server->type = pick_method(s->config, text);
    if (s->server->type == LK_EAP_NO_TYPE)
        return lk_eap_server_fail(s, LK_REASON_METHOD_REFUSED, "a method switched on", "none");
    status = keep_identity(s, text);
    if (status != LK_OK || s->server->state != LK_EAP_SERVER_START)
        return status;
    return s->config->ask_identity ? lk_eap_server_escalate(s, LK_ASK_ANY) : use_identity(s);
}

enum lk_status lk_eap_server_take_identity(struct lk_eap_serving *s)
{
    enum lk_status status;

    s->server->settled = true;
    lk_hash_add(&s->server->rounds, s->packet->whole);
    status = keep_identity(s, s->packet->at.identity);
    if (status != LK_OK || s->server->state != LK_EAP_SERVER_AWAIT_IDENTITY)
        return status;
    return use_identity(s);
}

enum lk_status lk_eap_server_no_context(struct lk_eap_serving *s)
{
    return lk_eap_server_escalate(s, LK_ASK_FULLAUTH);
}

/* spec: RFC 3748 5.3.1 - Nak answers the first request of a method, and names those wanted. */
enum lk_status lk_eap_server_switch_method(struct lk_eap_serving *s)
{
    struct lk_eap_server *server = s->server;
    uint8_t other = server->type == LK_EAP_AKA ? LK_EAP_AKA_PRIME : LK_EAP_AKA;
    bool offered = other == LK_EAP_AKA ? s->config->offer_aka : s->config->offer_aka_prime;
    struct lk_span wanted = s->packet->type_data;

    if (server->settled)
        return LK_E_UNEXPECTED;
    if (wanted.len == 0 || memchr(wanted.at, other, wanted.len) == NULL || !offered ||
        server->switched)
        return lk_eap_server_fail(s, LK_REASON_METHOD_REFUSED, "AKA' or AKA", "another method");
    server->switched = true;
    server->type = other;
    server->fast = false;
    server->mode_offered = false;
    server->checkcode_len = 0;
    if (server->state == LK_EAP_SERVER_AWAIT_CHALLENGE)
        return lk_eap_server_want_vector(s, lk_span_of(NULL, 0));
    server->asked = LK_ASK_NOTHING;
    return lk_eap_server_escalate(s, LK_ASK_ANY);
}
