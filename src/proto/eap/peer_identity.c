/* The EAP peer says who it is, and no more of it than it is asked for. */
#include <string.h>

#include "base/secret.h"
#include "proto/eap/peer_parts.h"

struct lk_span lk_eap_peer_identity(const struct lk_eap_peer *peer)
{
    return lk_span_of(peer->identity, peer->identity_len);
}

struct lk_writer lk_eap_peer_response(struct lk_eap_peering *p, uint8_t subtype)
{
    struct lk_writer w = lk_outbox_writer(p->out);

    lk_aka_begin(&w, LK_EAP_RESPONSE, p->peer->id, p->peer->type, subtype);
    return w;
}

enum lk_status lk_eap_peer_answer(struct lk_eap_peering *p, const struct lk_writer *w)
{
    struct lk_span octets = lk_writer_span(w);

    if (lk_writer_end(w) != LK_OK)
        return lk_writer_end(w);
    if (octets.len > sizeof p->peer->answer)
        return LK_E_FULL;
    memcpy(p->peer->answer, octets.at, octets.len);
    p->peer->answer_len = (uint16_t)octets.len;
    p->peer->answered_id = p->peer->id;
    return lk_outbox_send(p->out, w);
}

/* Everything of the last run goes; what is kept stays. */
enum lk_status lk_eap_peer_start(struct lk_eap_peering *p)
{
    struct lk_eap_kept kept = p->peer->kept;

    lk_wipe(p->peer, sizeof *p->peer);
    p->peer->kept = kept;
    p->peer->state = LK_EAP_PEER_AWAIT_REQUEST;
    lk_wipe(&kept, sizeof kept);
    return LK_OK;
}

static struct lk_span realm_of(const struct lk_eap_peer_config *config)
{
    return lk_span_of(config->realm, config->realm_len);
}

static bool has_reauth(const struct lk_eap_peering *p, uint8_t type)
{
    return p->config->use_reauth && p->peer->kept.has_reauth &&
           p->peer->kept.reauth.eap_type == type;
}

static bool has_pseudonym(const struct lk_eap_peering *p, uint8_t type)
{
    return p->config->use_pseudonyms && p->peer->kept.pseudonym_len > 0 &&
           p->peer->kept.pseudonym_type == type;
}

/* spec: RFC 4187 4.1.1 - a pseudonym is a username: the realm comes behind it. */
static void put_pseudonym(struct lk_writer *w, const struct lk_eap_peering *p)
{
    lk_put_octets(w, p->peer->kept.pseudonym, p->peer->kept.pseudonym_len);
    if (p->config->realm_len > 0)
        lk_put_u8(w, '@');
    lk_put_span(w, realm_of(p->config));
}

static bool must_be_permanent(const struct lk_eap_peering *p, uint8_t type,
                              enum lk_identity_ask ask)
{
    bool reauth = has_reauth(p, type) || (p->peer->reauth_used && p->peer->spent.eap_type == type);

    return !(ask == LK_ASK_ANY && reauth) && !(ask <= LK_ASK_FULLAUTH && has_pseudonym(p, type));
}

/* spec: RFC 7542 2.4 - a NAI without a username: the home is found by it, and nobody named. */
static enum lk_status say_nobody(struct lk_eap_peering *p)
{
    struct lk_writer w = lk_writer_of(p->peer->identity, sizeof p->peer->identity);

    lk_put_u8(&w, '@');
    lk_put_span(&w, realm_of(p->config));
    p->peer->identity_len = (uint8_t)w.len;
    return lk_writer_end(&w);
}

/* spec: RFC 4187 4.1.5 - to each request the least that it allows: the re-authentication identity,
 * then the pseudonym, then the permanent identity. A re-authentication identity is used once. */
static enum lk_status choose_identity(struct lk_eap_peering *p, uint8_t type,
                                      enum lk_identity_ask ask)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_writer w = lk_writer_of(peer->identity, sizeof peer->identity);

    if (ask == LK_ASK_ANY && peer->reauth_used && peer->spent.eap_type == type)
        return LK_OK; /* the one it has said in this run already */
    peer->reauth_used = false;
    lk_wipe(&peer->spent, sizeof peer->spent);
    if (ask == LK_ASK_ANY && has_reauth(p, type)) {
        lk_put_octets(&w, peer->kept.reauth_id, peer->kept.reauth_len);
        peer->spent = peer->kept.reauth;
        peer->reauth_used = true;
        peer->kept.has_reauth = false;
        lk_wipe(&peer->kept.reauth, sizeof peer->kept.reauth);
    } else if (ask <= LK_ASK_FULLAUTH && has_pseudonym(p, type)) {
        put_pseudonym(&w, p);
    } else {
        lk_permanent_identity_put(&w, type, &p->config->imsi, realm_of(p->config));
    }
    peer->identity_len = (uint8_t)w.len;
    return lk_writer_end(&w);
}

/* spec: RFC 3748 5.1 - EAP-Response/Identity. Asked again before a method runs, it says the
 * same. */
enum lk_status lk_eap_peer_say_identity(struct lk_eap_peering *p)
{
    struct lk_eap_peer *peer = p->peer;
    struct lk_writer w = lk_outbox_writer(p->out);
    uint8_t type = p->config->allow_aka_prime ? LK_EAP_AKA_PRIME : LK_EAP_AKA;
    enum lk_status status = LK_OK;

    if (peer->type != LK_EAP_NO_TYPE)
        return LK_E_UNEXPECTED;
    if (p->config->outer_len > 0) {
        memcpy(peer->identity, p->config->outer, p->config->outer_len);
        peer->identity_len = p->config->outer_len;
    } else if (peer->identity_len == 0) {
        status = p->config->permanent != LK_PERMANENT_FREELY &&
                         must_be_permanent(p, type, LK_ASK_ANY)
                     ? say_nobody(p)
                     : choose_identity(p, type, LK_ASK_ANY);
    }
    if (status != LK_OK)
        return status;
    lk_eap_put_identity(&w, LK_EAP_RESPONSE, peer->id, lk_eap_peer_identity(peer));
    return lk_eap_peer_answer(p, &w);
}

static enum lk_identity_ask asked_by(const struct lk_aka_attributes *at)
{
    if (lk_aka_has(at, LK_AT_PERMANENT_ID_REQ))
        return LK_ASK_PERMANENT;
    return lk_aka_has(at, LK_AT_FULLAUTH_ID_REQ) ? LK_ASK_FULLAUTH : LK_ASK_ANY;
}

/* spec: RFC 4187 4.1.5 - a request no stronger than the one before is an error. A06: who asks for
 * the permanent identity twice gets it once. */
enum lk_status lk_eap_peer_give_identity(struct lk_eap_peering *p)
{
    enum lk_identity_ask ask = asked_by(&p->packet->at);
    struct lk_eap_peer *peer = p->peer;
    struct lk_writer w;
    enum lk_status status;

    peer->type = p->packet->type;
    if (ask <= peer->asked)
        return lk_eap_peer_client_error(p, LK_REASON_EAP_UNEXPECTED,
                                        "a request for a stronger identity", "the same again");
    if (ask == LK_ASK_PERMANENT && p->config->conservative && has_pseudonym(p, peer->type))
        return lk_eap_peer_client_error(p, LK_REASON_EAP_UNEXPECTED, "the pseudonym to be known",
                                        "AT_PERMANENT_ID_REQ");
    if (p->config->permanent == LK_PERMANENT_NEVER && must_be_permanent(p, peer->type, ask))
        return lk_eap_peer_client_error(p, LK_REASON_EAP_UNEXPECTED, "the pseudonym to be known",
                                        "a request for the permanent identity");
    peer->asked = ask;
    status = choose_identity(p, peer->type, ask);
    if (status != LK_OK)
        return status;
    w = lk_eap_peer_response(p, LK_AKA_IDENTITY);
    lk_aka_put_text(&w, LK_AT_IDENTITY, lk_eap_peer_identity(peer));
    lk_eap_finish(&w);
    if (!peer->has_rounds)
        lk_hash_start(&peer->rounds, lk_aka_checkcode_hash(peer->type));
    peer->has_rounds = true;
    lk_hash_add(&peer->rounds, p->packet->whole);
    lk_hash_add(&peer->rounds, lk_writer_span(&w));
    return lk_eap_peer_answer(p, &w);
}

/* spec: RFC 3748 5.3.1 - Nak names the methods that would do, the preferred one first. A27:
 * there are two. */
enum lk_status lk_eap_peer_refuse_method(struct lk_eap_peering *p)
{
    struct lk_writer w = lk_outbox_writer(p->out);

    lk_eap_begin(&w, LK_EAP_RESPONSE, p->peer->id, LK_EAP_NAK);
    if (p->config->allow_aka_prime)
        lk_put_u8(&w, LK_EAP_AKA_PRIME);
    if (p->config->allow_aka)
        lk_put_u8(&w, LK_EAP_AKA);
    if (!p->config->allow_aka_prime && !p->config->allow_aka)
        lk_put_u8(&w, 0);
    lk_eap_finish(&w);
    return lk_eap_peer_answer(p, &w);
}
