/* Keys between the foreign agent and nodes: as NAF of the BSF (S4 7.3.5), and of the home AAA, or
 * of one on the way to it (RFC 3957, S4 7.3.4). */
#include <stdio.h>

#include "base/secret.h"
#include "proto/pmip/identity.h"
#include "role/fa_process.h"
#include "role/mip_aaa.h"
#include "role/mip_naf.h"

enum { NAI_MAX = 255 };

bool lk_fa_is_naf(const struct lk_config *config)
{
    return (config->roles & LK_ROLE_FA) != 0 && config->fa.naf.name[0] != '\0';
}

bool lk_fa_asks_aaa(const struct lk_config *config)
{
    return (config->roles & LK_ROLE_FA) != 0 && config->fa.aaa.name[0] != '\0';
}

static void refused(struct lk_fa_process *fa, enum lk_reason reason, const char *came,
                    const struct lk_address *whence)
{
    char from[LK_ADDRESS_TEXT];
    const struct lk_log_field fields[] = { { "from", from } };
    const struct lk_refusal refusal = lk_refusal_of(reason, NULL, came);

    lk_process_refused(&fa->process, reason);
    lk_address_text(from, whence);
    lk_log_refusal(&refusal, lk_wall_ms(), fields, LK_COUNT_OF(fields));
}

/* Who a node is in the capture: its IMSI, or the name by which another home has it. */
static void see(struct lk_fa_process *fa, const struct lk_mip_request *request,
                const struct lk_mip_msa *msa)
{
    char name[NAI_MAX + 1];
    struct lk_imsi imsi;
    struct lk_span nai = request->extensions.nai;

    if (lk_pmip_nai_imsi(&imsi, nai) == LK_OK)
        (void)snprintf(name, sizeof name, "%s", imsi.digits);
    else
        (void)snprintf(name, sizeof name, "%.*s", (int)nai.len, (const char *)nai.at);
    lk_seen_mip_key(&fa->seen, LK_APP_KEY_LOG_MN_FA, name, msa->spi_back, &msa->there);
}

/* ---- the BSF ---- */

static void on_bsf(void *context, const struct lk_mip_naf_answer *answer)
{
    const struct lk_mip_naf_question *q = answer->question;
    struct lk_fa_process *fa = context;
    struct lk_fa_event event = { .kind = LK_FA_EV_DATAGRAM, .now_ms = lk_wall_ms(),
                                 .from = { q->from, q->port }, .octets = q->octets };
    struct lk_mip_request request;

    if (answer->reason != LK_REASON_NONE) {
        refused(fa, answer->reason, answer->came, &q->from);
        return;
    }
    if (lk_mip_request_decode(&request, q->octets) != LK_OK)
        return;
    see(fa, &request, &answer->msa);
    event.key = &answer->msa;
    (void)lk_fa_give(fa, &event);
}

/* T27: whose it must be is whom the NAI names. Of another home's naming there is no BSF to ask. */
void lk_fa_ask_bsf(struct lk_fa_process *fa, const struct lk_fa_output *item,
                   const struct lk_fa_event *event)
{
    struct lk_mip_naf_question question = {
        .spi = item->ask.spi, .b_tid = item->ask.b_tid, .from = event->from.address,
        .port = event->from.port, .octets = event->octets,
    };

    enum lk_reason reason;

    if (lk_pmip_nai_imsi(&question.imsi, item->ask.nai) != LK_OK) {
        refused(fa, LK_REASON_MIP_B_TID, "another NAI", &event->from.address);
        return;
    }
    reason = fa->naf == NULL ? LK_REASON_MIP_SPI : lk_mip_naf_ask(fa->naf, &question);
    if (reason != LK_REASON_NONE)
        refused(fa, reason, NULL, &event->from.address);
}

/* ---- the AAA ---- */

static void on_aaa(void *context, const struct lk_role_mip_asked *asked,
                   const struct lk_mip_aaa_answer *answer)
{
    struct lk_fa_process *fa = context;
    struct lk_fa_grant grant = { .reason = answer->reason };
    struct lk_mip_request request;
    struct lk_fa_event event = { .kind = LK_FA_EV_DATAGRAM, .now_ms = lk_wall_ms(),
                                 .from = { asked->from, asked->port }, .octets = asked->octets,
                                 .grant = &grant };

    if (answer->reason != LK_REASON_NONE && answer->told != LK_REASON_NONE)
        refused(fa, answer->reason, lk_reason_row(answer->told)->code, &asked->from);
    grant.has_key = answer->reason == LK_REASON_NONE && answer->mip.secret.len > 0;
    if (grant.has_key) {
        lk_mip_aaa_msa(&grant.key, &answer->mip, event.now_ms);
        if (lk_mip_request_decode(&request, asked->octets) == LK_OK)
            see(fa, &request, &grant.key);
    }
    (void)lk_fa_give(fa, &event);
    lk_wipe(&grant, sizeof grant);
}

void lk_fa_ask_aaa(struct lk_fa_process *fa, const struct lk_fa_event *event)
{
    struct lk_role_mip_asked asked = { .wants = LK_RADIUS_MIP_KEYS, .from = event->from.address,
                                       .port = event->from.port, .octets = event->octets };
    struct lk_mip_request request;

    if (fa->aaa == NULL || lk_mip_request_decode(&request, event->octets) != LK_OK ||
        !lk_role_mip_aaa_ask(fa->aaa, &request, &asked))
        lk_count(&fa->count->pool_full); /* the node asks again */
}

/* ---- beginning and end ---- */

bool lk_fa_keys_begin(struct lk_fa_process *fa, char error[LK_KIND_ERROR_TEXT])
{
    const struct lk_config *config = fa->process.setup->config;
    const struct lk_role_mip_aaa_setup setup = {
        .config = &config->fa.aaa, .section = "fa.aaa", .agent = LK_RADIUS_MIP_FOREIGN,
        .enterprise = config->radius.enterprise, .loop = &fa->process.loop, .count = fa->count,
        .seen = &fa->seen, .done = on_aaa, .context = fa,
    };

    if (lk_fa_is_naf(config)) {
        fa->naf = lk_mip_naf_new(&config->fa.naf, "fa.naf", NULL, &fa->process.loop, &fa->seen,
                                 on_bsf, fa, error);
        if (fa->naf == NULL)
            return false;
    }
    if (lk_fa_asks_aaa(config))
        fa->aaa = lk_role_mip_aaa_new(&setup, error);
    return !lk_fa_asks_aaa(config) || fa->aaa != NULL;
}

void lk_fa_keys_end(struct lk_fa_process *fa)
{
    lk_mip_naf_free(fa->naf);
    lk_role_mip_aaa_free(fa->aaa);
}
