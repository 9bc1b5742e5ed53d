#include "proto/outbox.h"

#include <string.h>

#include "base/secret.h"

void lk_outbox_empty(struct lk_outbox *out)
{
    out->count = 0;
    out->used = 0;
}

void lk_outbox_wipe(struct lk_outbox *out)
{
    lk_wipe(out->item, out->count * sizeof out->item[0]);
    lk_wipe(out->octets, out->used);
    lk_outbox_empty(out);
}

struct lk_outbox_mark lk_outbox_mark(const struct lk_outbox *out)
{
    return (struct lk_outbox_mark){ .count = out->count, .used = out->used };
}

void lk_outbox_undo(struct lk_outbox *out, struct lk_outbox_mark mark)
{
    LK_ASSERT(mark.count <= out->count && mark.used <= out->used);
    lk_wipe(&out->item[mark.count], (out->count - mark.count) * sizeof out->item[0]);
    lk_wipe(out->octets + mark.used, out->used - mark.used);
    out->count = mark.count;
    out->used = mark.used;
}

struct lk_output *lk_outbox_add(struct lk_outbox *out, enum lk_output_kind kind)
{
    struct lk_output *item;

    if (out->count == LK_OUTBOX_MAX)
        return NULL;
    item = &out->item[out->count++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

struct lk_writer lk_outbox_writer(struct lk_outbox *out)
{
    return lk_writer_of(out->octets + out->used, sizeof out->octets - out->used);
}

enum lk_status lk_outbox_send(struct lk_outbox *out, const struct lk_writer *w)
{
    enum lk_status status = lk_writer_end(w);
    struct lk_output *item;

    if (status != LK_OK)
        return status;
    LK_ASSERT(w->at == out->octets + out->used);
    item = lk_outbox_add(out, LK_OUT_SEND);
    if (item == NULL)
        return LK_E_FULL;
    item->send = lk_writer_span(w);
    out->used += w->len;
    return LK_OK;
}

const struct lk_output *lk_outbox_find(const struct lk_outbox *out, enum lk_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}
