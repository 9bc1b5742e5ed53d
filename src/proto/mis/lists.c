#include "proto/mis/lists.h"

enum lk_status lk_mis_lists_put(struct lk_span *list, struct lk_mis_lists *lists,
                                const struct lk_mis_message *message,
                                const struct lk_mis_codes *codes)
{
    struct lk_writer w =
        lk_writer_of(lists->octets + lists->used, sizeof lists->octets - lists->used);
    enum lk_status status = lk_mis_message_put(&w, message, codes);

    *list = lk_writer_span(&w);
    if (status == LK_OK)
        lists->used += w.len;
    return status;
}
