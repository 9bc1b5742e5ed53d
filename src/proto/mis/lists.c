#include "proto/mis/lists.h"

#include <stdio.h>

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

struct lk_refusal lk_mis_refused_by(const struct lk_mis_message *answer, const char *expected)
{
    bool says_why = lk_mis_has(answer, LK_MIS_TLV_REASON);
    char came[2 * LK_REFUSAL_TEXT];

    (void)snprintf(came, sizeof came, "%s%s%s",
                   lk_mis_has(answer, LK_MIS_TLV_STATUS) ? lk_mis_status_text(answer->status)
                                                         : "no status",
                   says_why ? ": " : "", says_why ? lk_mis_reason_text(answer->reason) : "");
    return lk_refusal_of(LK_REASON_MIS_REFUSED, expected, came);
}
