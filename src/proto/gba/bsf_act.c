/* What the BSF does with a request, and with what it asked for it. */
#include <string.h>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "proto/gba/bsf_parts.h"

enum {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_UNAUTHORIZED = 401,
    HTTP_FORBIDDEN = 403,
    HTTP_UNAVAILABLE = 503,
    MS = 1000,
    DECOY_RES_LEN = 8,
    DECOY_LEN = LK_RAND_LEN + LK_AUTN_LEN + DECOY_RES_LEN,
};
static const char tmpi_realm[] = LK_TMPI_REALM;

/* ---- outputs ---- */

static struct lk_gba_bsf_output *add(struct lk_gba_bsf_work *w, enum lk_gba_bsf_output_kind kind)
{
    struct lk_gba_bsf_output *item;

    LK_ASSERT(w->out->count < LK_GBA_BSF_OUTPUTS);
    item = &w->out->item[w->out->count++];
    *item = (struct lk_gba_bsf_output){ .kind = kind };
    return item;
}

static struct lk_writer writer_of(struct lk_gba_bsf_outbox *out)
{
    return lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
}

static struct lk_span take(struct lk_gba_bsf_outbox *out, const struct lk_writer *w)
{
    out->used += w->len;
    return lk_writer_span(w);
}

static void tell(struct lk_gba_bsf_work *w, enum lk_reason reason, const char *expected,
                 const char *came)
{
    add(w, LK_GBA_BSF_OUT_FAILED)->failed = lk_refusal_of(reason, expected, came);
}

static enum lk_status refuse(struct lk_gba_bsf_work *w, unsigned status, enum lk_reason reason,
                             const char *expected, const char *came)
{
    w->s->state = LK_GBA_BSF_IDLE;
    tell(w, reason, expected, came);
    add(w, LK_GBA_BSF_OUT_ANSWER)->answer.status = status;
    return LK_OK;
}

static enum lk_status forbid(struct lk_gba_bsf_work *w, enum lk_reason reason,
                             const char *expected, const char *came)
{
    return refuse(w, HTTP_FORBIDDEN, reason, expected, came);
}

/* ---- who asks ---- */

static bool ends_with(struct lk_span name, struct lk_span realm)
{
    return name.len > realm.len + 1 && name.at[name.len - realm.len - 1] == '@' &&
           lk_span_equal(lk_span_of(name.at + name.len - realm.len, realm.len), realm);
}

static enum lk_status ask_vector(struct lk_gba_bsf_work *w)
{
    struct lk_gba_bsf_output *ask = add(w, LK_GBA_BSF_OUT_ASK_VECTOR);

    w->s->state = LK_GBA_BSF_AWAIT_VECTOR;
    ask->ask_vector.imsi = w->s->imsi;
    ask->ask_vector.nobody = w->s->imsi.digits[0] == '\0';
    return LK_OK;
}

/* spec: TS 33.220 B.4 - a UE may name itself by the TMPI of its last bootstrapping. */
static enum lk_status identify(struct lk_gba_bsf_work *w)
{
    struct lk_span name = lk_gba_text_span(&w->s->username), realm = w->config->impi_realm;
    struct lk_writer text = writer_of(w->out);

    memset(&w->s->imsi, 0, sizeof w->s->imsi);
    if (ends_with(name, lk_span_of(tmpi_realm, sizeof tmpi_realm - 1))) {
        w->s->state = LK_GBA_BSF_AWAIT_NAME;
        lk_put_span(&text, name);
        LK_ASSERT(lk_writer_end(&text) == LK_OK);
        add(w, LK_GBA_BSF_OUT_ASK_NAME)->ask_name = take(w->out, &text);
        return LK_OK;
    }
    if (!ends_with(name, realm) ||
        lk_imsi_parse(&w->s->imsi, lk_span_of(name.at, name.len - realm.len - 1)) != LK_OK)
        return forbid(w, LK_REASON_GBA_IMPI, "an IMSI at our realm, or a TMPI", "another name");
    return ask_vector(w);
}

enum lk_status lk_gba_bsf_named(struct lk_gba_bsf_work *w)
{
    w->s->imsi = w->event->name;
    return ask_vector(w);
}

/* A18: a TMPI that nobody has is answered as one that somebody has. */
enum lk_status lk_gba_bsf_unnamed(struct lk_gba_bsf_work *w)
{
    return ask_vector(w);
}

/* ---- the challenge ---- */

static enum lk_status put_challenge(struct lk_gba_bsf_work *w, const uint8_t *rand,
                                    const uint8_t *autn, const struct lk_gba_opaque *opaque)
{
    char nonce[LK_GBA_NONCE_LEN], sealed[LK_GBA_OPAQUE_LEN];
    struct lk_writer text = lk_writer_of(nonce, sizeof nonce), header = writer_of(w->out);
    uint8_t both[LK_GBA_NONCE_OCTETS];
    struct lk_http_digest digest = { 0 };
    struct lk_gba_bsf_output *answer;
    enum lk_status status;

    /* spec: RFC 3310 3.2 - the nonce is base64(RAND || AUTN). */
    memcpy(both, rand, LK_RAND_LEN);
    memcpy(both + LK_RAND_LEN, autn, LK_AUTN_LEN);
    lk_base64_put(&text, LK_SPAN(both));
    LK_ASSERT(lk_writer_end(&text) == LK_OK && text.len == sizeof nonce);
    lk_gba_opaque_seal(sealed, opaque, w->config->keys, lk_gba_text_span(&w->s->username),
                       LK_SPAN(nonce));
    lk_http_digest_set(&digest, LK_HTTP_REALM, w->config->fqdn);
    lk_http_digest_set(&digest, LK_HTTP_NONCE, LK_SPAN(nonce));
    /* spec: TS 24.109 4.3 - qop is auth-int: A21, no other is offered, nor is another algorithm. */
    lk_http_digest_set(&digest, LK_HTTP_QOP, lk_span_text(LK_GBA_QOP));
    lk_http_digest_set(&digest, LK_HTTP_ALGORITHM,
                       lk_span_text(lk_gba_algorithm_name(w->config->algorithm)));
    lk_http_digest_set(&digest, LK_HTTP_OPAQUE, LK_SPAN(sealed));
    if (w->s->stale)
        lk_http_digest_set(&digest, LK_HTTP_STALE, lk_span_text("true"));
    status = lk_http_digest_encode(&header, LK_HTTP_CHALLENGE, &digest);
    LK_ASSERT(status == LK_OK);
    answer = add(w, LK_GBA_BSF_OUT_ANSWER);
    answer->answer.status = HTTP_UNAUTHORIZED;
    answer->answer.challenge = take(w->out, &header);
    w->s->state = LK_GBA_BSF_IDLE;
    return LK_OK;
}

static struct lk_gba_opaque opaque_of(const struct lk_gba_bsf_work *w)
{
    return (struct lk_gba_opaque){ .resynced = w->s->resynced,
                                   .algorithm = w->config->algorithm,
                                   .imsi = w->s->imsi,
                                   .issued_s = w->event->now_ms / MS };
}

enum lk_status lk_gba_bsf_challenge(struct lk_gba_bsf_work *w)
{
    const struct lk_vector *vector = &w->event->vector;
    struct lk_gba_opaque opaque = opaque_of(w);
    enum lk_status status;

    if (vector->keys != LK_VECTOR_CK_IK || vector->xres_len > LK_RES_MAX ||
        w->s->imsi.digits[0] == '\0')
        return LK_E_VALUE; /* not what was asked for */
    memcpy(opaque.xres, vector->xres, vector->xres_len);
    opaque.xres_len = vector->xres_len;
    opaque.untold = w->event->untold;
    opaque.ck = vector->ck;
    opaque.ik = vector->ik;
    status = put_challenge(w, vector->rand, vector->autn, &opaque);
    lk_wipe(&opaque, sizeof opaque);
    return status;
}

/* A18: who is nobody gets a challenge of random octets, in which AMF is as everybody's. */
static enum lk_status decoy(struct lk_gba_bsf_work *w)
{
    struct lk_gba_opaque opaque = opaque_of(w);
    uint8_t made[DECOY_LEN];
    enum lk_status status;

    _Static_assert((int)DECOY_LEN <= (int)LK_GBA_BSF_ENTROPY, "one event is enough");
    memcpy(made, w->event->entropy, sizeof made);
    memcpy(made + LK_RAND_LEN + LK_SQN_LEN, w->config->decoy_amf, LK_AMF_LEN);
    opaque.decoy = true;
    if (opaque.imsi.digits[0] == '\0')
        memset(opaque.imsi.digits, '0', LK_IMSI_MAX_DIGITS); /* of a TMPI that is nobody's */
    memcpy(opaque.xres, made + LK_GBA_NONCE_OCTETS, DECOY_RES_LEN);
    opaque.xres_len = DECOY_RES_LEN;
    status = put_challenge(w, made, made + LK_RAND_LEN, &opaque);
    lk_wipe(&opaque, sizeof opaque);
    return status;
}

enum lk_status lk_gba_bsf_no_vector(struct lk_gba_bsf_work *w)
{
    enum lk_reason reason = w->event->no_vector;

    if (reason != LK_REASON_SUBSCRIBER_UNKNOWN)
        return refuse(w, HTTP_UNAVAILABLE, reason, "a vector", "none");
    tell(w, reason, "a subscriber", "nobody: the challenge is a decoy");
    return decoy(w);
}

enum lk_status lk_gba_bsf_no_resync(struct lk_gba_bsf_work *w)
{
    enum lk_reason reason = w->event->no_vector;

    /* A18: of nobody an AUTS is as wrong as a wrong one. */
    if (reason == LK_REASON_SUBSCRIBER_UNKNOWN || reason == LK_REASON_AUTS_WRONG ||
        reason == LK_REASON_AUTS_STALE)
        return forbid(w, reason, "the AUTS of a USIM", "another");
    return refuse(w, HTTP_UNAVAILABLE, reason, "a vector", "none");
}

/* ---- the response ---- */

/* One second request under way. Secret. */
struct second {
    const struct lk_http_digest *digest;
    struct lk_digest_input input;
    struct lk_digest_password password;
    struct lk_gba_opaque opaque;
    struct lk_gba_session session;
};

static struct lk_span value(const struct lk_http_digest *digest, enum lk_http_digest_param param)
{
    return lk_http_digest_has(digest, param) ? digest->value[param] : lk_span_of(NULL, 0);
}

static enum lk_status put_result(struct lk_gba_bsf_work *w, struct second *t)
{
    struct lk_bootstrapping_info info = { .b_tid = lk_span_text(t->session.b_tid),
                                          .expires_s = t->session.expires_s };
    struct lk_writer body = writer_of(w->out), header;
    struct lk_http_digest digest = { 0 };
    struct lk_gba_bsf_output *answer;
    struct lk_digest_text rspauth;
    enum lk_status status;

    if (!t->opaque.untold) {
        info.home_agent = w->config->home_agent;
        info.home_agent_address = w->config->home_agent_address;
    }
    status = lk_bootstrapping_info_encode(&body, &info);
    if (status != LK_OK)
        return status;
    /* spec: TS 24.109 4.3 - T29: the answer proves itself, its body with it: rspauth. */
    t->input.method = lk_span_of(NULL, 0);
    t->input.body = take(w->out, &body);
    lk_digest_response(&rspauth, &t->input, &t->password);
    lk_http_digest_set(&digest, LK_HTTP_QOP, lk_span_text(LK_GBA_QOP));
    lk_http_digest_set(&digest, LK_HTTP_NC, t->input.nc);
    lk_http_digest_set(&digest, LK_HTTP_CNONCE, t->input.cnonce);
    lk_http_digest_set(&digest, LK_HTTP_RSPAUTH, lk_span_of(rspauth.at, rspauth.len));
    header = writer_of(w->out);
    status = lk_http_digest_encode(&header, LK_HTTP_INFO, &digest);
    if (status != LK_OK)
        return status;
    add(w, LK_GBA_BSF_OUT_KEEP)->keep = t->session;
    answer = add(w, LK_GBA_BSF_OUT_ANSWER);
    answer->answer.status = HTTP_OK;
    answer->answer.body = t->input.body;
    answer->answer.info = take(w->out, &header);
    answer->answer.expires_s = t->session.expires_s;
    return LK_OK;
}

/* spec: TS 33.220 4.5.2 - the lifetime is local policy's, and no longer than the subscriber's user
 * security settings say. */
static uint32_t lifetime_of(const struct lk_gba_bsf_config *config, const struct lk_imsi *imsi)
{
    for (size_t i = 0; i < config->limit_count; i++)
        if (lk_imsi_equal(&config->limit[i].imsi, imsi) &&
            config->limit[i].lifetime_s < config->lifetime_s)
            return config->limit[i].lifetime_s;
    return config->lifetime_s;
}

/* The response is right: Ks and its names. Times are those of the challenge, so that the same
 * request makes the same of it. */
static enum lk_status accept(struct lk_gba_bsf_work *w, struct second *t)
{
    struct lk_gba_session *session = &t->session;
    struct lk_writer impi = lk_writer_of(session->impi, sizeof session->impi);

    session->imsi = t->opaque.imsi;
    session->created_s = t->opaque.issued_s;
    session->expires_s = t->opaque.issued_s + lifetime_of(w->config, &session->imsi);
    lk_put_span(&impi, lk_span_text(session->imsi.digits));
    lk_put_u8(&impi, '@');
    lk_put_span(&impi, w->config->impi_realm);
    lk_put_u8(&impi, '\0');
    LK_ASSERT(lk_writer_end(&impi) == LK_OK);
    lk_ks_of(&session->ks, &t->opaque.ck, &t->opaque.ik);
    lk_b_tid_say(session->b_tid, session->rand, w->config->fqdn);
    lk_tmpi_derive(session->tmpi, &session->ks, session->rand, lk_span_text(session->impi),
                   w->config->fqdn);
    return put_result(w, t);
}

static enum lk_status ask_resync(struct lk_gba_bsf_work *w, const struct second *t)
{
    struct lk_span text = t->digest->value[LK_HTTP_AUTS];
    struct lk_gba_bsf_output *ask;
    uint8_t auts[LK_AUTS_LEN];
    size_t len = 0;

    if (lk_base64_decode(auts, sizeof auts, &len, text) != LK_OK || len != sizeof auts)
        return refuse(w, HTTP_BAD_REQUEST, LK_REASON_GBA_MALFORMED, "auts of 14 octets",
                      "another");
    if (t->opaque.resynced)
        return forbid(w, LK_REASON_AUTS_TWICE, "one AUTS in a bootstrapping", "another");
    w->s->imsi = t->opaque.imsi;
    w->s->resynced = true;
    w->s->state = LK_GBA_BSF_AWAIT_RESYNC;
    ask = add(w, LK_GBA_BSF_OUT_ASK_VECTOR);
    ask->ask_vector.imsi = t->opaque.imsi;
    ask->ask_vector.nobody = t->opaque.decoy;
    ask->ask_vector.resync = true;
    memcpy(ask->ask_vector.rand, t->session.rand, LK_RAND_LEN);
    memcpy(ask->ask_vector.auts, auts, LK_AUTS_LEN);
    return LK_OK;
}

static enum lk_status respond(struct lk_gba_bsf_work *w, struct second *t)
{
    uint64_t now_s = w->event->now_ms / MS, issued_s = t->opaque.issued_s;
    bool auts = lk_http_digest_has(t->digest, LK_HTTP_AUTS), same;
    struct lk_digest_text right;

    if (t->opaque.algorithm != w->config->algorithm || issued_s > now_s + LK_GBA_CLOCKS_APART_S ||
        (now_s > issued_s && now_s - issued_s > w->config->challenge_s)) {
        /* spec: RFC 7616 3.3 - stale: the response may be right, but its nonce is of the past. */
        w->s->stale = true;
        return identify(w);
    }
    /* spec: RFC 3310 3.4 - with auts the password is empty. */
    if (!auts)
        lk_gba_password(&t->password, t->opaque.algorithm,
                        lk_span_of(t->opaque.xres, t->opaque.xres_len), &t->opaque.ck,
                        &t->opaque.ik);
    lk_digest_response(&right, &t->input, &t->password);
    same = lk_digest_same(&right, value(t->digest, LK_HTTP_RESPONSE));
    lk_wipe(&right, sizeof right);
    if (!same || (t->opaque.decoy && !auts))
        return forbid(w, LK_REASON_GBA_RESPONSE, "a response by XRES", "another");
    return auts ? ask_resync(w, t) : accept(w, t);
}

/* A21: what the response must be made with, before it is looked at. */
static enum lk_status second(struct lk_gba_bsf_work *w, const struct lk_http_digest *digest)
{
    struct second t = { .digest = digest, .input = lk_gba_input(digest) };
    struct lk_span cnonce = value(digest, LK_HTTP_CNONCE);
    uint8_t nonce[LK_GBA_NONCE_OCTETS];
    enum lk_status status;
    size_t len = 0;

    if (!lk_http_token_is(t.input.qop, LK_GBA_QOP))
        return forbid(w, LK_REASON_GBA_QOP, "auth-int", "another qop");
    if (!lk_span_equal(value(digest, LK_HTTP_NC), lk_span_text(LK_GBA_NC)) || cnonce.len == 0 ||
        lk_base64_decode(nonce, sizeof nonce, &len, t.input.nonce) != LK_OK ||
        len != sizeof nonce)
        return refuse(w, HTTP_BAD_REQUEST, LK_REASON_GBA_MALFORMED, "a nonce of ours, used once",
                      "another");
    memcpy(t.session.rand, nonce, LK_RAND_LEN);
    if (lk_gba_opaque_open(&t.opaque, w->config->keys, t.input.username, t.input.nonce,
                           value(digest, LK_HTTP_OPAQUE)) != LK_OK)
        status = forbid(w, LK_REASON_GBA_OPAQUE, "an opaque of ours, for this name and nonce",
                        "another");
    else if (!lk_http_token_is(value(digest, LK_HTTP_ALGORITHM),
                               t.opaque.algorithm < LK_GBA_ALGORITHM_COUNT
                                   ? lk_gba_algorithm_name(t.opaque.algorithm)
                                   : ""))
        status = forbid(w, LK_REASON_GBA_METHOD, "the algorithm of the challenge", "another");
    else
        status = respond(w, &t);
    lk_wipe(&t, sizeof t);
    return status;
}

/* ---- a request ---- */

enum lk_status lk_gba_bsf_judge(struct lk_gba_bsf_work *w)
{
    struct lk_span came = w->event->request.authorization;
    struct lk_http_digest digest;
    struct lk_span name;

    if (lk_http_digest_decode(&digest, LK_HTTP_CREDENTIALS, came) != LK_OK ||
        !lk_span_equal(w->event->request.method, lk_span_text("GET")) ||
        !lk_span_equal(w->event->request.uri, digest.value[LK_HTTP_URI]) ||
        w->event->request.body.len > 0)
        return refuse(w, HTTP_BAD_REQUEST, LK_REASON_GBA_MALFORMED, "GET with who asks",
                      "another request");
    name = digest.value[LK_HTTP_USERNAME];
    if (name.len == 0 || name.len > LK_IMPI_MAX)
        return refuse(w, HTTP_BAD_REQUEST, LK_REASON_GBA_MALFORMED, "a username", "none");
    /* spec: TS 24.109 4.2 - the realm is the name of the BSF: an answer to another is none. */
    if (!lk_span_equal(digest.value[LK_HTTP_REALM], w->config->fqdn))
        return forbid(w, LK_REASON_GBA_REALM, "the realm of this BSF", "another");
    w->s->stale = w->s->resynced = false;
    LK_ASSERT(lk_gba_text_set(&w->s->username, name));
    if (digest.value[LK_HTTP_NONCE].len > 0 || digest.value[LK_HTTP_RESPONSE].len > 0)
        return second(w, &digest);
    if (lk_http_digest_has(&digest, LK_HTTP_ALGORITHM) &&
        lk_gba_algorithm_of(digest.value[LK_HTTP_ALGORITHM]) == LK_GBA_ALGORITHM_COUNT)
        return forbid(w, LK_REASON_GBA_METHOD, "AKAv1-MD5 or AKAv2-MD5", "another algorithm");
    return identify(w);
}
