#include "proto/pmip/identity.h"

#include <string.h>

/* spec: TS 23.003 19.3.2 - a permanent identity: 0, the IMSI, @ and a realm. */
enum { PERMANENT = '0' };

enum lk_status lk_pmip_nai_put(struct lk_writer *w, const struct lk_imsi *imsi,
                               struct lk_span realm)
{
    size_t from = w->len;

    lk_put_u8(w, PERMANENT);
    lk_put_span(w, lk_span_text(imsi->digits));
    lk_put_u8(w, '@');
    lk_put_span(w, realm);
    if (w->status == LK_OK && w->len - from > LK_PMIP_NAI_MAX)
        w->status = LK_E_FULL;
    return lk_writer_end(w);
}

enum lk_status lk_pmip_nai_imsi(struct lk_imsi *imsi, struct lk_span nai)
{
    size_t end = 0;

    while (end < nai.len && nai.at[end] != '@')
        end++;
    if (end < 1 || end == nai.len || nai.at[0] != PERMANENT)
        return LK_E_VALUE;
    return lk_imsi_parse(imsi, lk_span_of(nai.at + 1, end - 1)) == LK_OK ? LK_OK : LK_E_VALUE;
}
