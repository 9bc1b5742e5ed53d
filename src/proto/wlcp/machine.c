/* The outbox of the WLCP machines, and answers kept for repeats. */
#include "proto/wlcp/machine.h"

#include <string.h>

#include "crypto/crypto.h"

void lk_wlcp_outbox_empty(struct lk_wlcp_outbox *out)
{
    out->count = 0;
    out->used = 0;
}

struct lk_wlcp_output *lk_wlcp_outbox_add(struct lk_wlcp_outbox *out,
                                          enum lk_wlcp_output_kind kind)
{
    struct lk_wlcp_output *item;

    if (out->count == LK_WLCP_OUTBOX_MAX)
        return NULL;
    item = &out->item[out->count++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

static enum lk_status add_send(struct lk_wlcp_outbox *out, const struct lk_writer *w)
{
    struct lk_wlcp_output *item = lk_wlcp_outbox_add(out, LK_WLCP_OUT_SEND);

    if (item == NULL)
        return LK_E_FULL;
    item->send = lk_writer_span(w);
    out->used += w->len;
    return LK_OK;
}

enum lk_status lk_wlcp_outbox_send(struct lk_wlcp_outbox *out, const struct lk_wlcp_table *table,
                                   const struct lk_wlcp_message *message)
{
    struct lk_writer w = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
    enum lk_status status = lk_wlcp_encode(&w, table, message);

    return status == LK_OK ? add_send(out, &w) : status;
}

enum lk_status lk_wlcp_outbox_repeat(struct lk_wlcp_outbox *out, struct lk_span octets)
{
    struct lk_writer w = lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);

    lk_put_span(&w, octets);
    return lk_writer_end(&w) == LK_OK ? add_send(out, &w) : LK_E_FULL;
}

enum lk_status lk_wlcp_outbox_timer(struct lk_wlcp_outbox *out, uint32_t which, uint64_t at_ms)
{
    struct lk_wlcp_output *item = lk_wlcp_outbox_add(out, LK_WLCP_OUT_TIMER);

    if (item == NULL)
        return LK_E_FULL;
    item->which = which;
    item->timer_at_ms = at_ms;
    return LK_OK;
}

enum lk_status lk_wlcp_outbox_notice(struct lk_wlcp_outbox *out, enum lk_reason reason,
                                     const char *expected, const char *came)
{
    struct lk_wlcp_output *item = lk_wlcp_outbox_add(out, LK_WLCP_OUT_NOTICE);

    if (item == NULL)
        return LK_E_FULL;
    item->notice = lk_refusal_of(reason, expected, came);
    return LK_OK;
}

void lk_wlcp_outbox_undo(struct lk_wlcp_outbox *out, size_t count, size_t used)
{
    LK_ASSERT(count <= out->count && used <= out->used);
    out->count = count;
    out->used = used;
}

bool lk_wlcp_ends_procedure(uint8_t cause)
{
    return cause == LK_WLCP_CAUSE_PTI_MISMATCH || cause == LK_WLCP_CAUSE_PTI_INVALID ||
           cause == LK_WLCP_CAUSE_TYPE_UNKNOWN || cause == LK_WLCP_CAUSE_TYPE_STATE ||
           cause == LK_WLCP_CAUSE_MESSAGE_STATE;
}

void lk_wlcp_digest(uint8_t digest[LK_WLCP_DIGEST_LEN], struct lk_span octets)
{
    uint8_t whole[LK_SHA256_LEN];

    lk_sha256(whole, &octets, 1);
    memcpy(digest, whole, LK_WLCP_DIGEST_LEN);
}

const struct lk_wlcp_answer *lk_wlcp_answers_find(const struct lk_wlcp_answers *answers,
                                                  const uint8_t digest[LK_WLCP_DIGEST_LEN],
                                                  uint64_t now_ms)
{
    for (size_t i = 0; i < LK_WLCP_ANSWERS; i++)
        if (answers->item[i].until_ms > now_ms &&
            lk_span_equal(LK_SPAN(answers->item[i].digest),
                          lk_span_of(digest, LK_WLCP_DIGEST_LEN)))
            return &answers->item[i];
    return NULL;
}

void lk_wlcp_answers_keep(struct lk_wlcp_answers *answers, const struct lk_wlcp_answer *answer)
{
    struct lk_wlcp_answer *place = &answers->item[0];

    for (size_t i = 1; i < LK_WLCP_ANSWERS; i++)
        if (answers->item[i].until_ms < place->until_ms)
            place = &answers->item[i];
    *place = *answer;
}
