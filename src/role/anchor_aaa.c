/* The home agent and its AAA (S4 7.3.4, 7.3.6): the key of a node that it does not know, for a
 * request that the AAA has proven. Until then nothing is kept of the node but the question. */
#include "base/secret.h"
#include "role/anchor_parts.h"
#include "role/mip_aaa.h"

bool lk_anchor_asks_aaa(const struct lk_config *config)
{
    return (config->roles & LK_ROLE_ANCHOR) != 0 && config->anchor.mip.port != 0 &&
           config->anchor.mip.aaa.name[0] != '\0';
}

static void refused(struct lk_anchor_process *anchor, const struct lk_role_mip_asked *asked,
                    const struct lk_mip_aaa_answer *answer)
{
    char imsi[LK_IMSI_MAX_DIGITS + 1];
    const struct lk_log_field fields[] = { { "imsi", imsi } };
    const struct lk_refusal refusal = lk_refusal_of(
        answer->reason, NULL,
        answer->told == LK_REASON_NONE ? NULL : lk_reason_row(answer->told)->code);

    lk_count(&anchor->count->refused[answer->reason]);
    lk_log_imsi(imsi, &asked->imsi);
    lk_log_refusal(&refusal, lk_wall_ms(), fields, LK_COUNT_OF(fields));
}

/* T10, T26: what is given is in the event alone until this very request is accepted by it. */
static void granted(struct lk_anchor_process *anchor, const struct lk_role_mip_asked *asked,
                    const struct lk_mip_aaa_answer *answer)
{
    struct lk_anchor_event event = { .kind = LK_ANCHOR_EV_MIP, .now_ms = lk_wall_ms(),
                                     .from = asked->from, .port = asked->port,
                                     .octets = asked->octets };
    struct lk_mip_grant grant;
    struct lk_mip_msa msa;

    lk_mip_aaa_grant(&grant, &answer->mip, event.now_ms);
    if (asked->wants == LK_RADIUS_MIP_KEYS) {
        event.grant = &grant;
        if (grant.mn_ha)
            lk_seen_mip_key(&anchor->seen, LK_APP_KEY_LOG_MN_HA, asked->imsi.digits,
                            grant.msa.spi_back, &grant.msa.there);
    } else if (answer->mip.secret.len > 0) {
        lk_mip_aaa_msa(&msa, &answer->mip, event.now_ms);
        lk_seen_mip_key(&anchor->seen, LK_APP_KEY_LOG_MN_HA, asked->imsi.digits, msa.spi_back,
                        &msa.there);
        event.key = &msa;
    }
    if (!lk_anchor_give(anchor, &event))
        anchor->store_refused++;
    lk_wipe(&grant, sizeof grant);
    lk_wipe(&msa, sizeof msa);
}

static void on_answer(void *context, const struct lk_role_mip_asked *asked,
                      const struct lk_mip_aaa_answer *answer)
{
    (answer->reason == LK_REASON_NONE ? granted : refused)(context, asked, answer);
}

bool lk_anchor_aaa_begin(struct lk_anchor_process *anchor, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_role_mip_aaa_setup setup = {
        .config = &anchor->process.setup->config->anchor.mip.aaa, .section = "anchor.mip.aaa",
        .agent = LK_RADIUS_MIP_HOME, .enterprise = anchor->config.enterprise,
        .loop = &anchor->process.loop, .count = anchor->count,
        .seen = &anchor->seen, .done = on_answer, .context = anchor,
    };

    if (!lk_anchor_asks_aaa(anchor->process.config))
        return true;
    anchor->aaa = lk_role_mip_aaa_new(&setup, error);
    return anchor->aaa != NULL;
}

void lk_anchor_ask_aaa(struct lk_anchor_process *anchor, const struct lk_anchor_output *item,
                       const struct lk_anchor_event *event)
{
    const struct lk_role_mip_asked asked = { .imsi = item->ask.imsi, .wants = item->ask.wants,
                                             .from = event->from, .port = event->port,
                                             .octets = event->octets };
    struct lk_mip_request request;

    if (anchor->aaa == NULL || lk_mip_request_decode(&request, event->octets) != LK_OK ||
        !lk_role_mip_aaa_ask(anchor->aaa, &request, &asked))
        lk_count(&anchor->count->pool_full); /* the mobile node asks again */
}

void lk_anchor_aaa_end(struct lk_anchor_process *anchor)
{
    lk_role_mip_aaa_free(anchor->aaa);
    anchor->aaa = NULL;
}
