/* Zn: what the BSF is asked and what it says (TS 29.109, JSON over HTTPS), and the keys that are
 * here already. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "naf/parts.h"
#include "wire/gba_xml.h"

enum { OK = 200, FORBIDDEN = 403, NOT_FOUND = 404, TOO_MANY = 429, RETRY_MS = 1000, FLAGS = 64 };

bool lk_naf_question_of(struct lk_naf_question *question, struct lk_span b_tid,
                        const struct lk_ua_id *ua)
{
    memset(question, 0, sizeof *question);
    if (b_tid.len == 0 || b_tid.len >= sizeof question->b_tid)
        return false;
    for (size_t i = 0; i < b_tid.len; i++)
        if (b_tid.at[i] <= ' ' || b_tid.at[i] > '~')
            return false;
    memcpy(question->b_tid, b_tid.at, b_tid.len);
    memcpy(question->ua, ua->octets, sizeof question->ua);
    return true;
}

/* ---- what it is asked ---- */

/* Terminated, of malloc; NULL: no memory. */
static char *write_question(const struct lk_naf *naf, const struct lk_naf_question *question)
{
    char ua[2 * LK_NAF_UA + 1];
    json_t *json;
    char *text;

    LK_ASSERT(lk_hex_encode(ua, sizeof ua, LK_SPAN(question->ua)) == LK_OK);
    json = json_pack("{s:s, s:{s:s, s:s}}", "transactionIdentifier", question->b_tid, "nafId",
                     "nafFqdn", naf->name, "uaSecProtId", ua);
    text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

/* ---- what it says ---- */

static bool read_time(uint64_t *seconds, const char *text)
{
    return text != NULL && lk_xml_time_read(seconds, lk_span_text(text)) == LK_OK;
}

static bool read_flags(uint64_t *flags, const json_t *list)
{
    const json_t *flag;
    size_t i;

    *flags = 0;
    if (list != NULL && !json_is_array(list))
        return false;
    json_array_foreach(list, i, flag) {
        if (!json_is_integer(flag) || json_integer_value(flag) < 0 ||
            json_integer_value(flag) >= FLAGS)
            return false;
        *flags |= UINT64_C(1) << json_integer_value(flag);
    }
    return true;
}

/* spec: TS 29.109 5.2 - GBA-UserSecSettings. If they cannot be read there is no answer: what a user
 * may is not guessed. */
static bool read_settings(struct lk_naf_user *user, const json_t *json)
{
    const json_t *settings = json_object_get(json, "gbaUserSecSettings"), *one;
    const json_t *list = json_object_get(settings, "uss");
    size_t i;

    if (settings == NULL)
        return true;
    if (!json_is_array(list) || json_array_size(list) > LK_NAF_SERVICES)
        return false;
    json_array_foreach(list, i, one) {
        const json_t *id = json_object_get(one, "id");

        if (!json_is_integer(id) || json_integer_value(id) < 0 ||
            json_integer_value(id) > UINT32_MAX ||
            !read_flags(&user->service[i].flags, json_object_get(one, "flags")))
            return false;
        user->service[i].id = (uint32_t)json_integer_value(id);
    }
    user->service_count = json_array_size(list);
    return true;
}

/* spec: TS 29.109 5.2 - ME-Key-Material and Key-ExpiryTime, and where we may know, the IMPI. */
static bool read_key(struct lk_naf_outcome *outcome, const json_t *json)
{
    const char *key = NULL, *expires = NULL, *created = NULL, *impi = "";
    size_t len = 0;
    bool fine = json_unpack((json_t *)(uintptr_t)json, "{s:s, s:s, s?s, s?s}", "keyMaterial", &key,
                            "keyExpiryTime", &expires, "bootstrapInfoCreationTime", &created,
                            "impi", &impi) == 0 &&
                lk_hex_decode(outcome->key.octets, sizeof outcome->key.octets, &len,
                              lk_span_text(key)) == LK_OK &&
                len == sizeof outcome->key.octets &&
                read_time(&outcome->user.expires_s, expires) &&
                (created == NULL || read_time(&outcome->user.bootstrapped_s, created)) &&
                strlen(impi) < sizeof outcome->user.impi &&
                read_settings(&outcome->user, json);

    if (fine)
        memcpy(outcome->user.impi, impi, strlen(impi) + 1);
    if (key != NULL)
        lk_wipe((char *)(uintptr_t)key, strlen(key)); /* jansson's copy */
    return fine;
}

static void away(struct lk_naf_outcome *outcome, enum lk_reason why, const char *detail)
{
    outcome->found = LK_NAF_AWAY;
    outcome->why = why;
    (void)snprintf(outcome->detail, sizeof outcome->detail, "%s", detail);
}

/* This user's alone (bsf_zn.c): the BSF is not away, and others have their keys of it. */
static bool is_of_way(const json_t *json)
{
    const char *reason = json_string_value(json_object_get(json, "reason"));

    return reason != NULL && strcmp(reason, lk_reason_row(LK_REASON_MIP_WAY)->code) == 0;
}

static void read_said(struct lk_naf_outcome *outcome, const struct lk_naf_said *said)
{
    char text[64];
    json_t *json;

    if (said->status == 0) {
        away(outcome, LK_REASON_UA_NO_ANSWER, said->error);
        return;
    }
    json = json_loadb(said->text, said->len, JSON_REJECT_DUPLICATES, NULL);
    if (said->status == OK && json != NULL && read_key(outcome, json)) {
        outcome->found = LK_NAF_HERE;
    } else if (said->status == NOT_FOUND && json_object_get(json, "resultCode") != NULL) {
        /* spec: TS 29.109 6.2 - 5401 and 5403: nobody's, to us. A 404 without is no BSF's. */
        outcome->found = LK_NAF_NOBODYS;
        outcome->why = LK_REASON_UA_B_TID;
    } else if (said->status == FORBIDDEN && is_of_way(json)) {
        outcome->found = LK_NAF_NOBODYS;
        outcome->why = LK_REASON_MIP_WAY;
    } else {
        (void)snprintf(text, sizeof text, "it answers HTTP %u%s", said->status,
                       said->status == OK ? " without a key that can be read" : "");
        away(outcome, said->status == FORBIDDEN  ? LK_REASON_UA_NOT_ALLOWED
                      : said->status == TOO_MANY ? LK_REASON_UA_TOO_FAST
                                                 : LK_REASON_UA_NO_ANSWER, text);
    }
    json_decref(json);
}

/* ---- here, or by asking ---- */

/* Under the lock: what is known without asking. */
static void look(struct lk_naf *naf, struct lk_naf_outcome *outcome,
                 const struct lk_naf_question *question)
{
    const uint64_t now_ms = naf->ticks_ms(), now_s = naf->clock_s();
    const struct lk_naf_entry *entry;
    enum lk_reason refused;

    lk_naf_keys_sweep(&naf->keys, now_s, LK_NAF_SWEPT);
    entry = lk_naf_keys_find(&naf->keys, question, now_s);
    refused = lk_naf_stranger_why(&naf->keys, question, now_ms);
    outcome->found = LK_NAF_NOT_HERE;
    outcome->why = LK_REASON_NONE;
    if (entry != NULL) {
        outcome->found = LK_NAF_HERE;
        outcome->key = entry->key;
        outcome->user = entry->user;
    } else if (refused != LK_REASON_NONE) {
        outcome->found = LK_NAF_NOBODYS;
        outcome->why = refused;
    } else if (naf->away_until_ms > now_ms) {
        away(outcome, naf->away, naf->away_detail);
    }
}

/* Under the lock: whether there is budget for a question. */
static bool may_ask_now(struct lk_naf *naf, struct lk_naf_outcome *outcome)
{
    if (lk_budget_take(&naf->budget, naf->questions, naf->questions, naf->ticks_ms())) {
        naf->counts.questions++;
        return true;
    }
    naf->counts.too_fast++;
    away(outcome, LK_REASON_UA_TOO_FAST, "too many users that are not known yet in a second");
    return false;
}

/* Under the lock. T30: what is here stays as it is while the BSF is away. */
static void keep(struct lk_naf *naf, struct lk_naf_outcome *outcome,
                 const struct lk_naf_question *question)
{
    struct lk_naf_entry *entry;

    if (outcome->found == LK_NAF_HERE && outcome->user.expires_s <= naf->clock_s()) {
        outcome->found = LK_NAF_NOBODYS;
        outcome->why = LK_REASON_UA_B_TID;
    }
    if (outcome->found == LK_NAF_HERE) {
        entry = lk_naf_keys_add(&naf->keys, question);
        memcpy(outcome->user.b_tid, question->b_tid, sizeof outcome->user.b_tid);
        entry->key = outcome->key;
        entry->user = outcome->user;
    } else if (outcome->found == LK_NAF_NOBODYS) {
        naf->counts.unknown++;
        lk_naf_stranger_add(&naf->keys, question, outcome->why, naf->ticks_ms());
    } else {
        naf->counts.unanswered++;
        naf->away_until_ms = naf->ticks_ms() + RETRY_MS;
        naf->away = outcome->why;
        memcpy(naf->away_detail, outcome->detail, sizeof naf->away_detail);
    }
}

static void ask(struct lk_naf *naf, struct lk_naf_outcome *outcome,
                const struct lk_naf_question *question)
{
    struct lk_naf_said said = { .status = 0 };
    char *text = write_question(naf, question);

    if (text == NULL)
        (void)snprintf(said.error, sizeof said.error, "no memory");
    else
        naf->ask(naf, &said, lk_span_text(text));
    free(text);
    read_said(outcome, &said);
    lk_wipe(&said, sizeof said);
}

void lk_naf_find(struct lk_naf *naf, struct lk_naf_outcome *outcome,
                 const struct lk_naf_question *question, bool may_ask)
{
    bool asks;

    memset(outcome, 0, sizeof *outcome);
    (void)pthread_mutex_lock(&naf->lock);
    look(naf, outcome, question);
    asks = outcome->found == LK_NAF_NOT_HERE && may_ask && may_ask_now(naf, outcome);
    (void)pthread_mutex_unlock(&naf->lock);
    if (!asks)
        return;
    ask(naf, outcome, question);
    (void)pthread_mutex_lock(&naf->lock);
    keep(naf, outcome, question);
    (void)pthread_mutex_unlock(&naf->lock);
}

static enum lk_naf_verdict verdict_of(enum lk_naf_found found)
{
    switch (found) {
    case LK_NAF_HERE: return LK_NAF_GRANTED;
    case LK_NAF_NOT_HERE: return LK_NAF_LATER;
    case LK_NAF_NOBODYS: return LK_NAF_REFUSED;
    case LK_NAF_AWAY: return LK_NAF_UNAVAILABLE;
    }
    return LK_NAF_REFUSED;
}

enum lk_naf_verdict lk_naf_fetch(struct lk_naf *naf, const char **why, char detail[LK_NAF_ERROR],
                                 const struct lk_naf_question *question)
{
    struct lk_naf_outcome outcome;
    enum lk_naf_verdict verdict;

    lk_naf_find(naf, &outcome, question, true);
    verdict = verdict_of(outcome.found);
    if (why != NULL)
        *why = lk_reason_row(outcome.why)->code;
    if (detail != NULL)
        memcpy(detail, outcome.detail, sizeof outcome.detail);
    lk_wipe(&outcome, sizeof outcome);
    return verdict;
}
