/* Ua over HTTP: proto/gba/ua with the keys that are here. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/secret.h"
#include "naf/parts.h"

enum { OK = 200, BAD_REQUEST = 400, UNAUTHORIZED = 401, UNAVAILABLE = 503 };

static struct lk_span span_of(const char *text)
{
    return text == NULL ? lk_span_of(NULL, 0) : lk_span_text(text);
}

/* A18: a B-TID that is nobody's and a response that is wrong look alike to the peer. */
static void say(struct lk_naf_answer *answer, unsigned status, enum lk_reason why)
{
    const struct lk_reason_row *row =
        lk_reason_row(why == LK_REASON_UA_B_TID ? LK_REASON_UA_RESPONSE : why);

    answer->status = status;
    answer->why = lk_reason_row(why)->code;
    answer->told = row->code;
    answer->what = row->what;
    answer->fix = row->fix;
}

/* spec: RFC 7616 3.7 - the strongest first. */
static void challenge(struct lk_naf *naf, struct lk_naf_answer *answer, bool stale)
{
    static const enum lk_digest_hash order[] = { LK_DIGEST_SHA256, LK_DIGEST_MD5 };
    struct lk_ua_nonce nonce = { .made_ms = naf->ticks_ms() };
    struct lk_writer w;

    LK_ASSERT(getrandom(nonce.random, sizeof nonce.random, 0) == (ssize_t)sizeof nonce.random);
    for (size_t i = 0; i < LK_COUNT_OF(order); i++) {
        if ((naf->ua.hashes & 1u << order[i]) == 0)
            continue;
        w = lk_writer_of(answer->challenge[answer->challenges++], LK_NAF_HEADER);
        LK_ASSERT(lk_ua_challenge(&w, &naf->ua, order[i], stale, &nonce) == LK_OK);
        lk_put_u8(&w, '\0');
        LK_ASSERT(lk_writer_end(&w) == LK_OK);
    }
}

static enum lk_naf_verdict refuse(struct lk_naf *naf, struct lk_naf_answer *answer,
                                  enum lk_reason why)
{
    (void)pthread_mutex_lock(&naf->lock);
    if (why == LK_REASON_NONE || why == LK_REASON_UA_NONCE)
        naf->counts.challenged++;
    else if (why == LK_REASON_UA_REPLAY)
        naf->counts.replayed++;
    else
        naf->counts.refused++;
    (void)pthread_mutex_unlock(&naf->lock);
    /* spec: RFC 7616 3.4.6 - credentials for another request are a bad one. */
    say(answer, why == LK_REASON_UA_URI ? BAD_REQUEST : UNAUTHORIZED, why);
    if (why == LK_REASON_NONE) {
        answer->what = "This server knows its users by the key of their SIM (GBA).";
        answer->fix = "Use HTTP Digest with the B-TID for a username and base64 of Ks_NAF for a "
                      "password.";
    }
    if (answer->status == UNAUTHORIZED)
        challenge(naf, answer, why == LK_REASON_UA_NONCE || why == LK_REASON_UA_REPLAY);
    return LK_NAF_REFUSED;
}

/* A key is here. What has come before is asked last, and of whoever is proven: nobody else uses up
 * what is kept of a user. */
static enum lk_naf_verdict prove(struct lk_naf *naf, struct lk_naf_answer *answer,
                                 const struct lk_ua_claim *claim,
                                 const struct lk_naf_outcome *outcome,
                                 const struct lk_naf_question *question)
{
    struct lk_naf_entry *entry;
    bool is_new;

    if (!lk_ua_is_proven(claim, &outcome->key))
        return refuse(naf, answer, LK_REASON_UA_RESPONSE);
    (void)pthread_mutex_lock(&naf->lock);
    entry = lk_naf_keys_find(&naf->keys, question, naf->clock_s());
    is_new = entry != NULL && lk_ua_take(&entry->seen, claim);
    if (is_new)
        naf->counts.granted++;
    (void)pthread_mutex_unlock(&naf->lock);
    if (!is_new)
        return refuse(naf, answer, LK_REASON_UA_REPLAY);
    say(answer, OK, LK_REASON_NONE);
    answer->user = outcome->user;
    return LK_NAF_GRANTED;
}

static struct lk_ua_request request_of(const struct lk_naf_request *request)
{
    return (struct lk_ua_request){ .method = span_of(request->method),
                                   .uri = span_of(request->uri),
                                   .body = lk_span_of(request->body, request->body_len),
                                   .authorization = span_of(request->authorization) };
}

enum lk_naf_verdict lk_naf_digest(struct lk_naf *naf, struct lk_naf_answer *answer,
                                  const struct lk_naf_request *request)
{
    const struct lk_ua_request asked = request_of(request);
    enum lk_naf_verdict verdict = LK_NAF_LATER;
    struct lk_naf_outcome outcome;
    struct lk_ua_claim claim;
    enum lk_reason why;

    memset(answer, 0, sizeof *answer);
    if (request->authorization == NULL)
        return refuse(naf, answer, LK_REASON_NONE);
    why = lk_ua_read(&claim, &naf->ua, &asked, naf->ticks_ms());
    if (why == LK_REASON_NONE &&
        !lk_naf_question_of(&answer->question, claim.input.username, &lk_ua_id_http_digest))
        why = LK_REASON_UA_MALFORMED;
    if (why != LK_REASON_NONE)
        return refuse(naf, answer, why);
    lk_naf_find(naf, &outcome, &answer->question, !naf->never_wait);
    switch (outcome.found) {
    case LK_NAF_HERE: verdict = prove(naf, answer, &claim, &outcome, &answer->question); break;
    case LK_NAF_NOT_HERE: say(answer, UNAVAILABLE, LK_REASON_NONE); break;
    case LK_NAF_NOBODYS: verdict = refuse(naf, answer, outcome.why); break;
    case LK_NAF_AWAY:
        say(answer, UNAVAILABLE, outcome.why);
        memcpy(answer->detail, outcome.detail, sizeof answer->detail);
        verdict = LK_NAF_UNAVAILABLE;
        break;
    }
    lk_wipe(&outcome, sizeof outcome);
    return verdict;
}

bool lk_naf_digest_info(struct lk_naf *naf, char info[LK_NAF_HEADER],
                        const struct lk_naf_request *request, const void *body, size_t len)
{
    const struct lk_ua_request asked = request_of(request);
    struct lk_writer w = lk_writer_of(info, LK_NAF_HEADER);
    struct lk_naf_question question;
    struct lk_naf_outcome outcome;
    struct lk_ua_claim claim;
    bool fine;

    info[0] = '\0';
    if (lk_ua_read(&claim, &naf->ua, &asked, naf->ticks_ms()) != LK_REASON_NONE ||
        !lk_naf_question_of(&question, claim.input.username, &lk_ua_id_http_digest))
        return false;
    lk_naf_find(naf, &outcome, &question, false);
    fine = outcome.found == LK_NAF_HERE &&
           lk_ua_info(&w, &claim, &outcome.key, lk_span_of(body, len)) == LK_OK;
    lk_wipe(&outcome, sizeof outcome);
    lk_put_u8(&w, '\0');
    fine = fine && lk_writer_end(&w) == LK_OK;
    if (!fine)
        info[0] = '\0';
    return fine;
}
