#include "proto/erp/machine.h"

#include "base/secret.h"

void lk_erp_outbox_wipe(struct lk_erp_outbox *out)
{
    lk_wipe(out, sizeof *out);
}

const struct lk_erp_output *lk_erp_outbox_find(const struct lk_erp_outbox *out,
                                               enum lk_erp_output_kind kind)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->item[i].kind == kind)
            return &out->item[i];
    return NULL;
}

struct lk_erp_output *lk_erp_outbox_add(struct lk_erp_outbox *out, enum lk_erp_output_kind kind)
{
    struct lk_erp_output *item;

    LK_ASSERT(out->count < LK_ERP_OUTPUTS);
    item = &out->item[out->count++];
    *item = (struct lk_erp_output){ .kind = kind };
    return item;
}

enum lk_status lk_erp_outbox_send(struct lk_erp_outbox *out, const struct lk_erp *packet,
                                  const struct lk_rrk *rrk)
{
    struct lk_writer w = lk_writer_of(out->octets, sizeof out->octets);
    enum lk_status status = lk_erp_seal(&w, packet, rrk);

    if (status != LK_OK)
        return status;
    out->used = w.len;
    lk_erp_outbox_add(out, LK_ERP_OUT_SEND)->send = lk_writer_span(&w);
    return LK_OK;
}
