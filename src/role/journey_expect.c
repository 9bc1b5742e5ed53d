#include "role/journey_expect.h"

#include <stdlib.h>
#include <string.h>

static const char *kind_of_identity(const char *identity)
{
    struct lk_nai nai;

    lk_nai_parse(&nai, lk_span_text(identity));
    switch (nai.kind) {
    case LK_IDENTITY_PERMANENT:
        return "permanent";
    case LK_IDENTITY_PSEUDONYM:
        return "pseudonym";
    case LK_IDENTITY_REAUTH:
        return "reauth";
    case LK_IDENTITY_OTHER:
        break;
    }
    return "other";
}

enum expectation {
    EXPECT_RESULT, EXPECT_METHOD, EXPECT_FAST, EXPECT_IDENTITY, EXPECT_RESYNC, EXPECT_MSK,
    EXPECT_KEY_NAME, EXPECT_REASON, EXPECT_CAUSE, EXPECT_CERTAINTY, EXPECT_REQUESTS,
    EXPECT_COUNTER, EXPECT_MS, EXPECT_COUNT,
};

/* Words allowed, with bars between; "": a code; "#": a number. */
static const struct {
    const char *name, *words;
} rows[EXPECT_COUNT] = {
    [EXPECT_RESULT] = { "result", "accepted|refused" },
    [EXPECT_METHOD] = { "method", "aka-prime|aka" },
    [EXPECT_FAST] = { "fast", "yes|no" },
    [EXPECT_IDENTITY] = { "identity", "permanent|pseudonym|reauth|other" },
    [EXPECT_RESYNC] = { "resynchronised", "yes|no" },
    [EXPECT_MSK] = { "msk", "agrees" },
    [EXPECT_KEY_NAME] = { "key-name", "agrees" },
    [EXPECT_REASON] = { "reason", "" },
    [EXPECT_CAUSE] = { "cause", "" },
    [EXPECT_CERTAINTY] = { "certainty", "proven|possible|ruled out" },
    [EXPECT_REQUESTS] = { "requests", "#" },
    [EXPECT_COUNTER] = { "counter", "#" },
    [EXPECT_MS] = { "at-most-ms", "#" },
};

static enum expectation row_of(const char *name)
{
    int i = 0;

    while (i < EXPECT_COUNT && strcmp(rows[i].name, name) != 0)
        i++;
    return (enum expectation)i;
}

static bool among(const char *words, const char *value)
{
    size_t len = strlen(value);

    for (const char *at = words; len > 0; at++) {
        if (strncmp(at, value, len) == 0 && (at[len] == '|' || at[len] == '\0'))
            return true;
        at = strchr(at, '|');
        if (at == NULL)
            return false;
    }
    return false;
}

const char *lk_journey_expect_check(const char *name, const char *value)
{
    enum expectation e = row_of(name);
    char *end;

    if (e == EXPECT_COUNT)
        return "under one of: result method fast identity resynchronised msk key-name reason cause "
               "certainty requests counter at-most-ms";
    if (strcmp(rows[e].words, "#") == 0) {
        (void)strtoul(value, &end, 10);
        return *value >= '0' && *value <= '9' && *end == '\0' ? NULL : "a number";
    }
    if (rows[e].words[0] == '\0')
        return value[0] != '\0' ? NULL : "a code";
    return among(rows[e].words, value) ? NULL : rows[e].words;
}

/* What came, in the words of the expectation. */
static void came(char text[LK_JOURNEY_TEXT], enum expectation e, const struct lk_ue_result *r,
                 const struct lk_explanation *why)
{
    const struct lk_cause_found *first = why != NULL && why->count > 0 ? &why->causes[0] : NULL;
    const char *word = "";

    switch (e) {
    case EXPECT_RESULT:
        word = r->accepted ? "accepted" : "refused";
        break;
    case EXPECT_METHOD:
        word = !r->accepted ? "none" : r->grant.eap_type == LK_EAP_AKA ? "aka" : "aka-prime";
        break;
    case EXPECT_FAST:
        word = r->accepted && r->grant.fast ? "yes" : "no";
        break;
    case EXPECT_IDENTITY:
        word = kind_of_identity(r->identity);
        break;
    case EXPECT_RESYNC:
        word = r->resynced ? "yes" : "no";
        break;
    case EXPECT_MSK:
        word = r->has_msk && r->msk_same ? "agrees" : r->has_msk ? "differs" : "none";
        break;
    case EXPECT_KEY_NAME:
        word = r->has_key_name && r->key_name_same ? "agrees"
               : r->has_key_name                   ? "differs"
                                                   : "none";
        break;
    case EXPECT_REASON:
        word = lk_reason_row(r->refusal.reason)->code;
        break;
    case EXPECT_CAUSE:
        word = first != NULL ? lk_cause_row(first->cause)->code : "none";
        break;
    case EXPECT_CERTAINTY:
        word = first != NULL ? lk_certainty_name(first->certainty) : "none";
        break;
    case EXPECT_REQUESTS:
        snprintf(text, LK_JOURNEY_TEXT, "%u", r->requests);
        return;
    case EXPECT_COUNTER:
        snprintf(text, LK_JOURNEY_TEXT, "%u", r->grant.counter);
        return;
    case EXPECT_MS:
        snprintf(text, LK_JOURNEY_TEXT, "%.1f", r->ms);
        return;
    case EXPECT_COUNT:
        break;
    }
    snprintf(text, LK_JOURNEY_TEXT, "%s", word);
}

bool lk_journey_judge(char failure[LK_JOURNEY_ERROR], const struct lk_journey *journey,
                      const struct lk_journey_step *step, const struct lk_ue_result *result,
                      const struct lk_explanation *explanation)
{
    char text[LK_JOURNEY_TEXT];

    failure[0] = '\0';
    for (size_t i = 0; i < step->expect_count; i++) {
        const struct lk_journey_expect *expect = &step->expect[i];
        enum expectation e = row_of(expect->name);
        bool holds;

        came(text, e, result, explanation);
        holds = e == EXPECT_MS ? result->ms <= strtod(expect->value, NULL)
                               : strcmp(text, expect->value) == 0;
        if (holds)
            continue;
        snprintf(failure, LK_JOURNEY_ERROR, "%.200s:%d: expect %s: %s; came: %s", journey->file,
                 expect->line, expect->name, expect->value, text);
        return false;
    }
    return true;
}

void lk_journey_sum_up(char text[LK_JOURNEY_TEXT], const struct lk_ue_result *result)
{
    if (!result->accepted) {
        snprintf(text, LK_JOURNEY_TEXT, "refused: %s", lk_reason_row(result->refusal.reason)->code);
        return;
    }
    snprintf(text, LK_JOURNEY_TEXT, "accepted, EAP-AKA%s %s, %s identity, %u requests%s",
             result->grant.eap_type == LK_EAP_AKA ? "" : "'", result->grant.fast ? "fast" : "full",
             kind_of_identity(result->identity), result->requests,
             result->resynced ? ", resynchronised" : "");
}
