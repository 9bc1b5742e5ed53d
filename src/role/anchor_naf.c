/* The home agent as NAF (S4 7.3.5): what a mobile node bootstrapped becomes its association. */
#include "base/secret.h"
#include "role/anchor_parts.h"
#include "role/mip_naf.h"

bool lk_anchor_is_naf(const struct lk_config *config)
{
    const struct lk_config_home_agent *mip = &config->anchor.mip;

    return (config->roles & LK_ROLE_ANCHOR) != 0 && (mip->port != 0 || mip->port6 != 0) &&
           mip->naf.name[0] != '\0';
}

static void refused(struct lk_anchor_process *anchor, enum lk_reason reason, const char *came,
                    const struct lk_mip_naf_question *question)
{
    char imsi[LK_IMSI_MAX_DIGITS + 1], from[LK_ADDRESS_TEXT];
    const struct lk_log_field fields[] = { { "imsi", imsi }, { "from", from } };
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, came);

    lk_count(&anchor->count->refused[reason]);
    lk_log_imsi(imsi, &question->imsi);
    lk_address_text(from, &question->from);
    lk_log_refusal(&refusal, lk_wall_ms(), fields, LK_COUNT_OF(fields));
}

static void on_answer(void *context, const struct lk_mip_naf_answer *answer)
{
    struct lk_anchor_process *anchor = context;
    const struct lk_mip_naf_question *question = answer->question;
    struct lk_anchor_event event = { .kind = question->six ? LK_ANCHOR_EV_MIP6
                                                           : LK_ANCHOR_EV_MIP,
                                     .now_ms = lk_wall_ms(), .from = question->from,
                                     .port = question->port, .octets = question->octets };

    if (answer->reason != LK_REASON_NONE) {
        refused(anchor, answer->reason, answer->came, question);
        return;
    }
    lk_seen_mip_key(&anchor->seen, LK_APP_KEY_LOG_MN_HA, question->imsi.digits,
                    answer->msa.spi_back, &answer->msa.there);
    event.key = &answer->msa;
    if (!lk_anchor_give(anchor, &event))
        anchor->store_refused++;
}

bool lk_anchor_naf_begin(struct lk_anchor_process *anchor, char error[LK_KIND_ERROR_TEXT])
{
    if (!lk_anchor_is_naf(anchor->process.config))
        return true;
    anchor->naf = lk_mip_naf_new(&anchor->process.config->anchor.mip.naf, "anchor.mip.naf", NULL,
                                 &anchor->process.loop, &anchor->seen, on_answer, anchor,
                                 error);
    return anchor->naf != NULL;
}

void lk_anchor_ask_bsf(struct lk_anchor_process *anchor, const struct lk_anchor_output *item,
                       const struct lk_anchor_event *event)
{
    const struct lk_mip_naf_question question = {
        .imsi = item->ask.imsi, .spi = item->ask.spi, .b_tid = item->ask.b_tid,
        .six = event->kind == LK_ANCHOR_EV_MIP6, .from = event->from, .port = event->port,
        .octets = event->octets,
    };

    enum lk_reason reason =
        anchor->naf == NULL ? LK_REASON_NONE : lk_mip_naf_ask(anchor->naf, &question);

    if (reason != LK_REASON_NONE)
        refused(anchor, reason, NULL, &question);
}

void lk_anchor_naf_end(struct lk_anchor_process *anchor)
{
    lk_mip_naf_free(anchor->naf);
    anchor->naf = NULL;
}
