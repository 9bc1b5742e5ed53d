/* The keys of a bootstrapping, calculated again from the card or the key log: RES makes the
 * response, the response of the server covers the body with the B-TID, CK and IK are Ks. */
#include <string.h>

#include "base/secret.h"
#include "proto/gba/ub.h"
#include "trace/ub.h"

static enum lk_trace_judged judge(const struct lk_digest_input *input,
                                  const struct lk_digest_password *password, struct lk_span came)
{
    struct lk_digest_text made;
    bool same;

    lk_digest_response(&made, input, password);
    same = lk_digest_same(&made, came);
    lk_wipe(&made, sizeof made);
    return same ? LK_TRACE_RIGHT : LK_TRACE_WRONG;
}

/* spec: RFC 3310 3.3 - the response is made with RES, over what the request says. */
static void judge_response(struct lk_run_keys *keys, const struct lk_trace_message *m,
                           const struct lk_digest_password *password)
{
    struct lk_digest_input input = lk_gba_input(&m->ub.digest);

    if (lk_http_digest_has(&m->ub.digest, LK_HTTP_AUTS))
        return; /* of the empty password */
    input.method = m->ub.http.method;
    keys->response_text = m->ub.digest.value[LK_HTTP_RESPONSE];
    keys->response = judge(&input, password, keys->response_text);
}

/* spec: TS 24.109 4.3 - rspauth covers the body. T29: so does what is told of it here. */
static void judge_result(struct lk_run_keys *keys, const struct lk_trace_message *asked,
                         const struct lk_trace_message *m,
                         const struct lk_digest_password *password)
{
    struct lk_digest_input input = lk_gba_input(&asked->ub.digest);

    if (!m->ub.has_digest || !lk_http_digest_has(&m->ub.digest, LK_HTTP_RSPAUTH))
        return;
    input.method = lk_span_of(NULL, 0);
    input.body = m->ub.http.body;
    keys->rspauth = judge(&input, password, m->ub.digest.value[LK_HTTP_RSPAUTH]);
}

static void judge_run(struct lk_run_keys *keys, const struct lk_trace *trace, size_t run)
{
    const struct lk_trace_bootstrapping *of = &trace->runs[run].ub;
    const struct lk_trace_message *response, *challenge = &trace->messages[of->challenge];
    struct lk_digest_password password;
    enum lk_gba_algorithm algorithm =
        lk_gba_algorithm_of(challenge->ub.digest.value[LK_HTTP_ALGORITHM]);
    struct lk_ck ck;
    struct lk_ik ik;

    if (of->response == LK_TRACE_NONE || algorithm == LK_GBA_ALGORITHM_COUNT)
        return;
    response = &trace->messages[of->response];
    memcpy(ck.octets, keys->aka.ck, sizeof ck.octets);
    memcpy(ik.octets, keys->aka.ik, sizeof ik.octets);
    lk_gba_password(&password, algorithm, lk_span_of(keys->aka.res, keys->aka.res_len), &ck, &ik);
    judge_response(keys, response, &password);
    if (of->result != LK_TRACE_NONE)
        judge_result(keys, response, &trace->messages[of->result], &password);
    lk_ks_of(&keys->ks, &ck, &ik);
    lk_wipe(&password, sizeof password);
    lk_wipe(&ck, sizeof ck);
    lk_wipe(&ik, sizeof ik);
}

/* RES by RAND, CK and IK out of Ks. */
static bool take_logged(struct lk_run_keys *keys, const struct lk_trace *trace, struct lk_span rand,
                        struct lk_span b_tid)
{
    bool has_res = false, has_ks = false;

    for (size_t i = 0; i < trace->app_key_count; i++) {
        const struct lk_app_key_log *key = &trace->app_keys[i];

        if (key->kind == LK_APP_KEY_LOG_RES && key->key_len <= sizeof keys->aka.res &&
            lk_span_equal(lk_app_key_log_part(key, 0), rand)) {
            has_res = true;
            keys->aka.res_len = key->key_len;
            memcpy(keys->aka.res, key->key, key->key_len);
        } else if (key->kind == LK_APP_KEY_LOG_KS && b_tid.len > 0 &&
                   lk_span_equal(lk_app_key_log_part(key, 0), b_tid)) {
            has_ks = true;
            memcpy(keys->aka.ck, key->key, sizeof keys->aka.ck);
            memcpy(keys->aka.ik, key->key + sizeof keys->aka.ck, sizeof keys->aka.ik);
        }
    }
    return has_res && has_ks;
}

void lk_ub_keys(struct lk_run_keys *keys, const struct lk_trace *trace, size_t run,
                const struct lk_recompute_card *card)
{
    const struct lk_trace_bootstrapping *of = &trace->runs[run].ub;
    uint8_t rand[LK_RAND_LEN], autn[LK_AUTN_LEN];
    struct lk_recomputed_card again;

    if (of->challenge == LK_TRACE_NONE ||
        !lk_ub_challenge(rand, autn, &trace->messages[of->challenge]))
        return;
    if (card == NULL) {
        if (take_logged(keys, trace, LK_SPAN(rand), of->b_tid))
            judge_run(keys, trace, run);
        keys->ks_known = keys->response == LK_TRACE_RIGHT;
        return;
    }
    lk_recompute_autn(&again, card, rand, autn);
    keys->card = again.card;
    keys->aka = again.output;
    judge_run(keys, trace, run);
    keys->known = again.variant != LK_CARD_NO_VARIANT && keys->response == LK_TRACE_RIGHT;
    keys->ks_known = keys->known;
    lk_wipe(&again, sizeof again);
}
