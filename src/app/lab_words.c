/* What follows from the numbers, in words. Each sentence is of the numbers of this run, and is not
 * said where they do not bear it out. */
#include "app/lab.h"

typedef unsigned long long big;

/* Writes a sentence, or nothing: there is none. */
typedef void sentence(char text[LK_LAB_COMMAND], const struct lk_lab_table *table);

static const struct lk_lab_result *of(const struct lk_lab_table *table, enum lk_lab_way way)
{
    return table->wanted[way] && table->result[way].done > 0 ? &table->result[way] : NULL;
}

static double each(uint64_t number, uint64_t handovers)
{
    return (double)number / (double)handovers;
}

static void on_rrc_first(char text[LK_LAB_COMMAND], const struct lk_lab_table *table)
{
    const struct lk_lab_result *r = of(table, LK_LAB_RRC_FIRST);

    if (r == NULL)
        return;
    snprintf(text, LK_LAB_COMMAND, "RRC first: %llu of %llu handovers ended with equal keys, the "
             "WT ended %llu associations, data was suspended in %llu handovers. The UE has the key "
             "when message 1 comes, and both ends receive under the old TK until the new one is "
             "in; a radio that cannot do so (A05) has to associate anew.", (big)r->equal,
             (big)r->done, (big)r->deauthentications, (big)r->suspended);
}

/* Who was sent away twice in one outage. */
static uint64_t sent_away_again(const struct lk_lab_result *r)
{
    return r->deauthentications > r->suspended ? r->deauthentications - r->suspended : 0;
}

bool lk_lab_rejoin_shows(const struct lk_lab_table *table)
{
    const struct lk_lab_result *r = of(table, LK_LAB_WT_FIRST);
    uint32_t rejoin = table->options.timer[LK_LAB_REJOIN];

    return r != NULL && sent_away_again(r) > 0 && r->suspension.median < rejoin &&
           r->suspension.most >= rejoin;
}

static void on_wt_first(char text[LK_LAB_COMMAND], const struct lk_lab_table *table)
{
    const struct lk_lab_result *r = of(table, LK_LAB_WT_FIRST);
    int len;

    if (r == NULL || r->deauthentications == 0)
        return;
    len = snprintf(text, LK_LAB_COMMAND, "WT first: the WT ended %llu associations, %.2f a "
                   "handover, as S3 says of its option 1; data was suspended for a median of %u "
                   "ms, and for up to %u ms.", (big)r->deauthentications,
                   each(r->deauthentications, r->done), r->suspension.median, r->suspension.most);
    if (sent_away_again(r) > 0)
        snprintf(text + len, LK_LAB_COMMAND - (size_t)len, " %llu of them were of a UE that had "
                 "associated again before it was told%s %u ms.", (big)sent_away_again(r),
                 lk_lab_rejoin_shows(table) ?
                 "; the second peak, of those who then waited, is a timer of ours, --rejoin, from "
                 "one association to the next, here" :
                 "; a timer of ours, --rejoin, did not hold it up much, at",
                 table->options.timer[LK_LAB_REJOIN]);
}

static void on_patience(char text[LK_LAB_COMMAND], const struct lk_lab_table *table)
{
    const struct lk_lab_result *r = of(table, LK_LAB_WT_FIRST_PATIENT);
    const uint32_t *timer = table->options.timer;

    if (r == NULL)
        return;
    if (r->deauthentications == 0)
        snprintf(text, LK_LAB_COMMAND, "WT first, patient: a UE that drops what it does not know, "
                 "and a WT that tries again after %u ms, keep the association in the wrong order "
                 "too: the new key is in use a median of %u ms after the handover. It holds as "
                 "long as the UE is told within %u tries.", timer[LK_LAB_RETRY], r->rekey.median,
                 timer[LK_LAB_TRIES]);
    else
        snprintf(text, LK_LAB_COMMAND, "WT first, patient: patience is not enough: the WT ended "
                 "%llu associations. Its %u tries, %u ms apart, ran out before the UE was told, as "
                 "when the next handover comes first and nobody tells it any more.",
                 (big)r->deauthentications, timer[LK_LAB_TRIES], timer[LK_LAB_RETRY]);
}

static void on_ue_initiated(char text[LK_LAB_COMMAND], const struct lk_lab_table *table)
{
    const struct lk_lab_result *r = of(table, LK_LAB_UE_INITIATED);

    if (r == NULL)
        return;
    snprintf(text, LK_LAB_COMMAND, "UE-initiated: %.2f associations a handover, each with %.1f "
             "frames of management on the air; data was suspended for a median of %u ms, %u at "
             "most.", each(r->associations, r->done),
             r->associations == 0 ? 0 : each(r->message[LK_LAB_M_MANAGEMENT], r->associations),
             r->suspension.median, r->suspension.most);
}

/* As proto/lwa/enb.h has it: a lock must outlast all that the WT may still try. */
static bool has_no_lock(const struct lk_lab_table *table)
{
    const uint32_t *timer = table->options.timer;

    return timer[LK_LAB_LOCK] <= 2 * timer[LK_LAB_TRIES] * timer[LK_LAB_RETRY];
}

/* T51 */
static void on_overlap(char text[LK_LAB_COMMAND], const struct lk_lab_table *table)
{
    const struct lk_lab_result *r = of(table, LK_LAB_RRC_FIRST);

    if (r == NULL || has_no_lock(table) || (r->collapsed == 0 && r->done == r->asked))
        return;
    snprintf(text, LK_LAB_COMMAND, "Handovers came faster than they end: %llu of %llu were "
             "overtaken by the next, and %llu re-keys collapsed into a later one. S3's order alone "
             "does not answer that: models/lwa_rekey.pml loses the association with two handovers. "
             "The lock does: a re-key waits until the WT has finished the last, and the newest "
             "wins.", (big)(r->asked - r->done), (big)r->asked, (big)r->collapsed);
}

static void on_lock(char text[LK_LAB_COMMAND], const struct lk_lab_table *table)
{
    const struct lk_lab_result *r = of(table, LK_LAB_RRC_FIRST);
    const uint32_t *timer = table->options.timer;

    if (r == NULL || !has_no_lock(table))
        return;
    snprintf(text, LK_LAB_COMMAND, "A lock of %u ms does not outlast the tries of the WT "
             "(2 x %u x %u ms): this is S3's order and nothing else, and an eNB that knows these "
             "tries does not run so. The WT ended %llu associations in %llu handovers%s.",
             timer[LK_LAB_LOCK], timer[LK_LAB_TRIES], timer[LK_LAB_RETRY],
             (big)r->deauthentications, (big)r->done, r->deauthentications > 0 ? "" :
             "; the UE keeps the key before the newest, which hides a lot, and "
             "models/lwa_rekey.pml shows what it does not");
}

static void on_seeds(char text[LK_LAB_COMMAND], const struct lk_lab_table *table)
{
    uint64_t seeds = 0;

    for (unsigned i = 0; i < LK_LAB_WAYS; i++)
        seeds += table->wanted[i] ? table->result[i].never_up : 0;
    if (seeds > 0)
        snprintf(text, LK_LAB_COMMAND, "%llu seeds did not end with LWA there and equal keys.",
                 (big)seeds);
}

bool lk_lab_finding(char text[LK_LAB_COMMAND], const struct lk_lab_table *table, size_t index)
{
    static sentence *const sentences[] = { on_rrc_first, on_wt_first, on_patience,
                                           on_ue_initiated, on_overlap, on_lock, on_seeds };
    size_t said = 0;

    for (size_t i = 0; i < LK_COUNT_OF(sentences); i++) {
        text[0] = '\0';
        sentences[i](text, table);
        if (text[0] != '\0' && said++ == index)
            return true;
    }
    return false;
}
