/* What the UE does with an answer, and with what its card says. */
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "proto/gba/ue_parts.h"

enum { HTTP_OK = 200, HTTP_UNAUTHORIZED = 401, MS = 1000 };

static struct lk_gba_ue_output *add(struct lk_gba_ue_work *w, enum lk_gba_ue_output_kind kind)
{
    struct lk_gba_ue_output *item;

    LK_ASSERT(w->out->count < LK_GBA_UE_OUTPUTS);
    item = &w->out->item[w->out->count++];
    *item = (struct lk_gba_ue_output){ .kind = kind };
    return item;
}

static enum lk_status fail(struct lk_gba_ue_work *w, enum lk_reason reason, const char *expected,
                           const char *came)
{
    w->s->state = LK_GBA_UE_IDLE;
    add(w, LK_GBA_UE_OUT_FAILED)->failed = lk_refusal_of(reason, expected, came);
    return LK_OK;
}

static enum lk_status send(struct lk_gba_ue_work *w, const struct lk_http_digest *digest,
                           enum lk_gba_ue_state state)
{
    struct lk_writer text = lk_writer_of(w->out->octets, sizeof w->out->octets);
    enum lk_status status = lk_http_digest_encode(&text, LK_HTTP_CREDENTIALS, digest);

    if (status != LK_OK)
        return status;
    w->out->used = text.len;
    add(w, LK_GBA_UE_OUT_SEND)->send = lk_writer_span(&text);
    w->s->state = state;
    return LK_OK;
}

/* ---- the first request ---- */

static struct lk_span username(const struct lk_gba_ue *ue)
{
    return lk_gba_text_span(ue->tmpi.len > 0 ? &ue->tmpi : &ue->impi);
}

static struct lk_http_digest who(const struct lk_gba_ue_work *w)
{
    struct lk_http_digest digest = { 0 };

    lk_http_digest_set(&digest, LK_HTTP_USERNAME, username(w->s));
    lk_http_digest_set(&digest, LK_HTTP_REALM, w->config->fqdn);
    lk_http_digest_set(&digest, LK_HTTP_NONCE, lk_span_text(""));
    lk_http_digest_set(&digest, LK_HTTP_URI, lk_span_text("/"));
    lk_http_digest_set(&digest, LK_HTTP_RESPONSE, lk_span_text(""));
    return digest;
}

/* spec: TS 24.109 4.2 - the first request says who asks, with an empty nonce and response. */
static enum lk_status ask(struct lk_gba_ue_work *w)
{
    struct lk_http_digest digest = who(w);

    return send(w, &digest, LK_GBA_UE_AWAIT_CHALLENGE);
}

enum lk_status lk_gba_ue_begin(struct lk_gba_ue_work *w)
{
    lk_gba_ue_init(w->s);
    if (w->event->start.impi.len == 0 || w->event->start.impi.len > LK_IMPI_MAX ||
        w->event->start.tmpi.len > LK_TMPI_MAX ||
        !lk_gba_text_set(&w->s->impi, w->event->start.impi) ||
        !lk_gba_text_set(&w->s->tmpi, w->event->start.tmpi))
        return LK_E_LENGTH;
    return ask(w);
}

enum lk_status lk_gba_ue_silent(struct lk_gba_ue_work *w)
{
    return fail(w, LK_REASON_GBA_NO_ANSWER, "an answer", "none");
}

/* ---- the challenge ---- */

/* A21: what a challenge may ask for. LK_REASON_NONE, and then algorithm, nonce and opaque are
 * kept. */
static enum lk_reason judge(struct lk_gba_ue_work *w, const struct lk_http_digest *digest,
                            uint8_t nonce[LK_GBA_TEXT_MAX])
{
    struct lk_span algorithm = digest->value[LK_HTTP_ALGORITHM];
    size_t len = 0;

    /* spec: TS 24.109 4.2 - the realm is the BSF that was asked. */
    if (!lk_span_equal(digest->value[LK_HTTP_REALM], w->config->fqdn))
        return LK_REASON_GBA_REALM;
    w->s->algorithm = lk_http_digest_has(digest, LK_HTTP_ALGORITHM)
                          ? lk_gba_algorithm_of(algorithm)
                          : LK_GBA_ALGORITHM_COUNT;
    if (w->s->algorithm == LK_GBA_ALGORITHM_COUNT ||
        (w->config->algorithms & 1u << w->s->algorithm) == 0)
        return LK_REASON_GBA_METHOD;
    if (!lk_http_digest_has(digest, LK_HTTP_QOP) ||
        !lk_http_list_has(digest->value[LK_HTTP_QOP], LK_GBA_QOP))
        return LK_REASON_GBA_QOP;
    w->s->has_opaque = lk_http_digest_has(digest, LK_HTTP_OPAQUE);
    /* spec: RFC 3310 3.2 - RAND and AUTN are the first octets of the nonce; a server may have data
     * of its own behind them. */
    if (!lk_gba_text_set(&w->s->nonce, digest->value[LK_HTTP_NONCE]) ||
        lk_base64_decode(nonce, LK_GBA_TEXT_MAX, &len, digest->value[LK_HTTP_NONCE]) != LK_OK ||
        len < LK_GBA_NONCE_OCTETS ||
        (w->s->has_opaque && !lk_gba_text_set(&w->s->opaque, digest->value[LK_HTTP_OPAQUE])))
        return LK_REASON_GBA_MALFORMED;
    return LK_REASON_NONE;
}

static enum lk_status take_challenge(struct lk_gba_ue_work *w)
{
    uint8_t nonce[LK_GBA_TEXT_MAX];
    struct lk_http_digest digest;
    struct lk_gba_ue_output *out;
    enum lk_reason reason;

    if (lk_http_digest_decode(&digest, LK_HTTP_CHALLENGE, w->event->answer.challenge) != LK_OK)
        return fail(w, LK_REASON_GBA_MALFORMED, "a challenge of Digest", "another");
    reason = judge(w, &digest, nonce);
    if (reason != LK_REASON_NONE)
        return fail(w, reason, "AKA with auth-int, of the BSF that was asked", "another");
    memcpy(w->s->rand, nonce, LK_RAND_LEN);
    out = add(w, LK_GBA_UE_OUT_ASK_CARD);
    memcpy(out->ask_card.rand, nonce, LK_RAND_LEN);
    memcpy(out->ask_card.autn, nonce + LK_RAND_LEN, LK_AUTN_LEN);
    w->s->state = LK_GBA_UE_AWAIT_CARD;
    return LK_OK;
}

enum lk_status lk_gba_ue_challenged(struct lk_gba_ue_work *w)
{
    if (w->event->answer.status != HTTP_UNAUTHORIZED)
        return fail(w, LK_REASON_GBA_REFUSED, "401 and a challenge", "another status");
    return take_challenge(w);
}

/* ---- the response ---- */

/* The credentials without their response, which enter it. */
static struct lk_http_digest credentials(const struct lk_gba_ue_work *w)
{
    struct lk_http_digest digest = who(w);

    lk_http_digest_set(&digest, LK_HTTP_NONCE, lk_gba_text_span(&w->s->nonce));
    lk_http_digest_set(&digest, LK_HTTP_QOP, lk_span_text(LK_GBA_QOP));
    lk_http_digest_set(&digest, LK_HTTP_NC, lk_span_text(LK_GBA_NC));
    lk_http_digest_set(&digest, LK_HTTP_CNONCE, LK_SPAN(w->s->cnonce));
    lk_http_digest_set(&digest, LK_HTTP_ALGORITHM,
                       lk_span_text(lk_gba_algorithm_name(w->s->algorithm)));
    if (w->s->has_opaque)
        lk_http_digest_set(&digest, LK_HTTP_OPAQUE, lk_gba_text_span(&w->s->opaque));
    return digest;
}

/* spec: TS 24.109 4.2 - the second request has the response, and AUTS where there is one. */
static enum lk_status send_response(struct lk_gba_ue_work *w, struct lk_span auts,
                                    enum lk_gba_ue_state state)
{
    char hex[LK_GBA_CNONCE_LEN + 1], text[LK_BASE64_LEN(LK_AUTS_LEN)];
    struct lk_writer base64 = lk_writer_of(text, sizeof text);
    struct lk_http_digest digest;
    struct lk_digest_text response;
    struct lk_digest_input input;

    LK_ASSERT(lk_hex_encode(hex, sizeof hex, LK_SPAN(w->event->entropy)) == LK_OK);
    memcpy(w->s->cnonce, hex, sizeof w->s->cnonce);
    digest = credentials(w);
    input = lk_gba_input(&digest);
    lk_digest_response(&response, &input, &w->s->password);
    lk_http_digest_set(&digest, LK_HTTP_RESPONSE, lk_span_of(response.at, response.len));
    if (auts.len > 0) {
        lk_base64_put(&base64, auts);
        lk_http_digest_set(&digest, LK_HTTP_AUTS, lk_writer_span(&base64));
    }
    return send(w, &digest, state);
}

static enum lk_status resynchronise(struct lk_gba_ue_work *w)
{
    if (w->s->resynced)
        return fail(w, LK_REASON_AUTS_TWICE, "a challenge in range", "one out of range again");
    w->s->resynced = true;
    /* spec: RFC 3310 3.4 - the password of a response with AUTS is empty. */
    lk_digest_password_akav1(&w->s->password, lk_span_of(NULL, 0));
    return send_response(w, LK_SPAN(w->event->card.auts), LK_GBA_UE_AWAIT_CHALLENGE);
}

enum lk_status lk_gba_ue_respond(struct lk_gba_ue_work *w)
{
    const struct lk_card_answer *card = &w->event->card;
    enum lk_status status;
    struct lk_ck ck;
    struct lk_ik ik;

    switch (card->verdict) {
    case LK_CARD_SQN_RANGE:
        return resynchronise(w);
    case LK_CARD_MAC_WRONG:
        if (w->s->tmpi.len == 0)
            return fail(w, LK_REASON_GBA_AUTN_MAC, "a challenge of our home", "another");
        w->s->tmpi.len = 0; /* which may not know it any more: once more, by IMPI */
        return ask(w);
    case LK_CARD_OK:
        break;
    }
    memcpy(ck.octets, card->output.ck, sizeof ck.octets);
    memcpy(ik.octets, card->output.ik, sizeof ik.octets);
    lk_ks_of(&w->s->ks, &ck, &ik);
    lk_gba_password(&w->s->password, w->s->algorithm,
                    lk_span_of(card->output.res, card->output.res_len), &ck, &ik);
    status = send_response(w, lk_span_of(NULL, 0), LK_GBA_UE_AWAIT_RESULT);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
    return status;
}

/* ---- the result ---- */

/* T29: whether the answer was made by who knows the password, over this very body. */
static bool is_proven(const struct lk_gba_ue_work *w)
{
    struct lk_http_digest info, ours = credentials(w);
    struct lk_digest_input input = lk_gba_input(&ours);
    struct lk_digest_text rspauth;
    bool same;

    if (lk_http_digest_decode(&info, LK_HTTP_INFO, w->event->answer.info) != LK_OK ||
        !lk_http_digest_has(&info, LK_HTTP_RSPAUTH) || !lk_http_digest_has(&info, LK_HTTP_QOP) ||
        !lk_http_token_is(info.value[LK_HTTP_QOP], LK_GBA_QOP))
        return false;
    if (lk_http_digest_has(&info, LK_HTTP_CNONCE) &&
        !lk_span_equal(info.value[LK_HTTP_CNONCE], input.cnonce))
        return false;
    /* spec: TS 24.109 4.3 - the UE checks rspauth, which with auth-int covers the body. */
    input.method = lk_span_of(NULL, 0);
    input.body = w->event->answer.body;
    lk_digest_response(&rspauth, &input, &w->s->password);
    same = lk_digest_same(&rspauth, info.value[LK_HTTP_RSPAUTH]);
    lk_wipe(&rspauth, sizeof rspauth);
    return same;
}

static bool is_stale(struct lk_span challenge)
{
    struct lk_http_digest digest;

    return lk_http_digest_decode(&digest, LK_HTTP_CHALLENGE, challenge) == LK_OK &&
           lk_http_digest_has(&digest, LK_HTTP_STALE) &&
           lk_http_token_is(digest.value[LK_HTTP_STALE], "true");
}

enum lk_status lk_gba_ue_prove(struct lk_gba_ue_work *w)
{
    unsigned status = w->event->answer.status;

    /* spec: RFC 7616 3.3 - stale: once more, with another nonce; here once. */
    if (status == HTTP_UNAUTHORIZED && !w->s->was_stale &&
        is_stale(w->event->answer.challenge)) {
        w->s->was_stale = true;
        return take_challenge(w);
    }
    if (status != HTTP_OK)
        return fail(w, LK_REASON_GBA_REFUSED, "200", "another status");
    if (!is_proven(w))
        return fail(w, LK_REASON_GBA_UNPROVEN, "an rspauth over this body", "none, or another");
    lk_wipe(&w->s->password, sizeof w->s->password);
    add(w, LK_GBA_UE_OUT_READ)->read = w->event->answer.body;
    w->s->state = LK_GBA_UE_AWAIT_INFO;
    return LK_OK;
}

enum lk_status lk_gba_ue_unread(struct lk_gba_ue_work *w)
{
    return fail(w, LK_REASON_GBA_INFO, "BootstrappingInfo", "another document");
}

/* Copies text of visible characters, terminated; false: it is none, or too long. */
static bool copy(char *to, size_t cap, struct lk_span text)
{
    if (text.len >= cap)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] >= 0x7f)
            return false;
        to[i] = (char)text.at[i];
    }
    to[text.len] = '\0';
    return true;
}

enum lk_status lk_gba_ue_finish(struct lk_gba_ue_work *w)
{
    uint64_t now_s = w->event->now_ms / MS;
    struct lk_gba_session session = { .ks = w->s->ks, .created_s = now_s,
                                      .expires_s = w->event->info.expires_s };
    enum lk_status status = LK_OK;

    memcpy(session.rand, w->s->rand, sizeof session.rand);
    memcpy(session.impi, w->s->impi.at, w->s->impi.len);
    lk_tmpi_derive(session.tmpi, &session.ks, session.rand, lk_gba_text_span(&w->s->impi),
                   w->config->fqdn);
    /* The B-TID of another BSF need not be base64 of RAND: it is opaque to all others. */
    if (w->event->info.b_tid.len == 0 ||
        !copy(session.b_tid, sizeof session.b_tid, w->event->info.b_tid) ||
        !copy(session.home_agent, sizeof session.home_agent, w->event->info.home_agent) ||
        !copy(session.home_agent_address, sizeof session.home_agent_address,
              w->event->info.home_agent_address) ||
        session.expires_s <= now_s) {
        status = fail(w, LK_REASON_GBA_INFO, "a B-TID and a lifetime ahead", "another");
    } else {
        add(w, LK_GBA_UE_OUT_GRANT)->grant = session;
        w->s->state = LK_GBA_UE_IDLE;
    }
    lk_wipe(&session, sizeof session);
    return status;
}
