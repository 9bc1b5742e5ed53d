/* Ua over TLS-PSK, and over what a server has of its own: the key behind an identity. */
#include <string.h>

#include "base/secret.h"
#include "naf/parts.h"

/* spec: TS 33.220 H.3 - 01 00 01 and the cipher suite; TLS 1.3 has one protocol for all. */
static struct lk_ua_id ua_of(uint16_t suite)
{
    const struct lk_ua_id of_suite = { { 1, 0, 1, (uint8_t)(suite >> 8), (uint8_t)suite } };

    return suite == 0 ? lk_ua_id_tls13 : of_suite;
}

bool lk_naf_psk_question(struct lk_naf_question *question, const char *identity,
                         size_t identity_len, uint16_t suite)
{
    const struct lk_ua_id ua = ua_of(suite);
    const struct lk_span before = lk_span_text(LK_NAF_PSK_HINT ";");

    /* spec: TS 24.109 F.3 - psk_identity is 3GPP-bootstrapping, a semicolon and the B-TID. */
    return identity_len > before.len &&
           lk_span_equal(lk_span_of(identity, before.len), before) &&
           lk_naf_question_of(question, lk_span_of(identity + before.len,
                                                   identity_len - before.len), &ua);
}

/* Nobody has no question. */
static enum lk_naf_verdict find(struct lk_naf *naf, uint8_t key[LK_NAF_KEY],
                                struct lk_naf_user *user, const char **why,
                                const struct lk_naf_question *question)
{
    struct lk_naf_outcome outcome = { .found = LK_NAF_NOBODYS, .why = LK_REASON_UA_IDENTITY };
    enum lk_naf_verdict verdict = LK_NAF_REFUSED;

    lk_wipe(key, LK_NAF_KEY);
    if (question != NULL)
        lk_naf_find(naf, &outcome, question, !naf->never_wait);
    switch (outcome.found) {
    case LK_NAF_HERE:
        memcpy(key, outcome.key.octets, LK_NAF_KEY);
        verdict = LK_NAF_GRANTED;
        break;
    case LK_NAF_NOT_HERE: verdict = LK_NAF_LATER; break;
    case LK_NAF_NOBODYS: break;
    case LK_NAF_AWAY: verdict = LK_NAF_UNAVAILABLE; break;
    }
    if (user != NULL)
        *user = outcome.user;
    if (why != NULL)
        *why = lk_reason_row(outcome.why)->code;
    (void)pthread_mutex_lock(&naf->lock);
    if (verdict == LK_NAF_GRANTED)
        naf->counts.psk_granted++;
    else if (verdict == LK_NAF_REFUSED)
        naf->counts.psk_refused++;
    (void)pthread_mutex_unlock(&naf->lock);
    lk_wipe(&outcome, sizeof outcome);
    return verdict;
}

enum lk_naf_verdict lk_naf_psk(struct lk_naf *naf, uint8_t key[LK_NAF_KEY],
                               struct lk_naf_user *user, const char **why, const char *identity,
                               size_t identity_len, uint16_t suite)
{
    struct lk_naf_question question;
    bool is_ours = lk_naf_psk_question(&question, identity, identity_len, suite);

    return find(naf, key, user, why, is_ours ? &question : NULL);
}

enum lk_naf_verdict lk_naf_key(struct lk_naf *naf, uint8_t key[LK_NAF_KEY],
                               struct lk_naf_user *user, const char **why,
                               const struct lk_naf_question *question)
{
    struct lk_naf_question copy;
    struct lk_ua_id ua;

    memcpy(ua.octets, question->ua, sizeof ua.octets);
    return find(naf, key, user, why,
                memchr(question->b_tid, '\0', sizeof question->b_tid) != NULL &&
                        lk_naf_question_of(&copy, lk_span_text(question->b_tid), &ua)
                    ? &copy : NULL);
}
