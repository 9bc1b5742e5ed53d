#include "proto/mis/auth.h"

#include <string.h>

#include "base/secret.h"
#include "proto/mis/auth_parts.h"

enum { ID_LEN = 16 };

void lk_mis_auth_defaults(struct lk_mis_auth_config *config)
{
    *config = (struct lk_mis_auth_config){
        .codes = lk_mis_codes_default,
        .lifetime_s = LK_MIS_SA_LIFETIME_S,
        .deadline_ms = LK_MIS_AUTH_DEADLINE_MS,
        .erp = true,
        .id_len = ID_LEN,
    };
    lk_mis_offers_default(&config->offers, &config->codes);
}

/* ---- outbox ---- */

void lk_mis_auth_outbox_wipe(struct lk_mis_auth_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

struct lk_mis_auth_output *lk_mis_auth_add(struct lk_mis_auth_outbox *out,
                                           enum lk_mis_auth_output_kind kind)
{
    struct lk_mis_auth_output *item;

    LK_ASSERT(out->count < LK_MIS_AUTH_OUTPUTS);
    item = &out->item[out->count++];
    *item = (struct lk_mis_auth_output){ .kind = kind };
    return item;
}

struct lk_mis_header lk_mis_auth_header(const struct lk_mis_auth_config *config,
                                        enum lk_mis_action action, enum lk_mis_opcode opcode)
{
    return (struct lk_mis_header){ .id = lk_mis_message_id(action, opcode, &config->codes) };
}

enum lk_status lk_mis_auth_send(struct lk_mis_auth_outbox *out,
                                const struct lk_mis_auth_config *config,
                                const struct lk_mis_header *header,
                                const struct lk_mis_message *message)
{
    struct lk_span list;
    enum lk_status status = lk_mis_lists_put(&list, &out->lists, message, &config->codes);
    struct lk_mis_auth_output *send;

    if (status != LK_OK)
        return status;
    send = lk_mis_auth_add(out, LK_MIS_AUTH_OUT_SEND);
    send->send.header = *header;
    send->send.list = list;
    return LK_OK;
}

void lk_mis_auth_fail(struct lk_mis_auth_outbox *out, const struct lk_refusal *why,
                      enum lk_mis_reason told)
{
    struct lk_mis_auth_output *failed = lk_mis_auth_add(out, LK_MIS_AUTH_OUT_FAILED);

    failed->failed.why = *why;
    failed->failed.told = told;
}

/* ---- terms ---- */

struct lk_mis_said lk_mis_auth_said(const struct lk_mis_auth_terms *terms)
{
    return (struct lk_mis_said){ .type = LK_MIS_SA_EAP,
                                 .id = lk_span_of(terms->id, terms->id_len) };
}

/* spec: IEEE 802.21 9.2.1 - keys of K, both nonces and the suite; and both ends prove all that they
 * said and heard, the offers of the MN among it (T42). There is no SPoS, and nothing is counted. */
void lk_mis_auth_make_all(struct lk_mis_made *made, const struct lk_mis_auth_terms *terms,
                          const struct lk_mis_k *k, const struct lk_mis_codes *codes,
                          struct lk_span mn_id, struct lk_span pos_id)
{
    uint8_t value[LK_MIS_SAID_VALUE_MAX], offered[LK_MIS_OFFERED_MAX];
    struct lk_mis_said said = lk_mis_auth_said(terms);
    struct lk_mis_transcript transcript = {
        .said = lk_mis_said_value(value, &said),
        .agreed = terms->agreed,
        .mn_id = mn_id,
        .tpos_id = pos_id,
        .lifetime_s = terms->lifetime_s,
        .offered = lk_mis_offered(offered, &terms->offers, codes),
    };

    memcpy(transcript.nonce_t, terms->nonce_t, sizeof transcript.nonce_t);
    memcpy(transcript.nonce_n, terms->nonce_n, sizeof transcript.nonce_n);
    lk_mis_make(made, k, &transcript);
}

enum lk_status lk_mis_auth_put_sa(struct lk_mis_auth_outbox *out,
                                  const struct lk_mis_auth_terms *terms,
                                  const struct lk_mis_sa_start *start, enum lk_mis_run run)
{
    struct lk_mis_auth_output *item = lk_mis_auth_add(out, LK_MIS_AUTH_OUT_SA);
    enum lk_status status;

    item->sa.run = run;
    item->sa.mark_len = terms->mark_len;
    memcpy(item->sa.mark, terms->mark, terms->mark_len);
    status = lk_mis_sa_init(&item->sa.sa, start);
    /* T40: an ER server of the chain has this K, so the SA is not off the chain. */
    if (run == LK_MIS_RUN_ERP_CHAIN)
        item->sa.sa.chain_used = 1;
    return status;
}

uint8_t lk_mis_auth_code(struct lk_span packet)
{
    return packet.len > 0 ? packet.at[0] : 0;
}

bool lk_mis_auth_mark_is_of(struct lk_span octets, struct lk_span mn_id)
{
    struct lk_start_mark mark;

    return lk_start_mark_read(&mark, octets) == LK_OK && lk_span_equal(mark.mn_id, mn_id);
}
