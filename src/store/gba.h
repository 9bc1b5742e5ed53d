/* What came of bootstrappings of GBA, in the store: B-TID -> whose it is, and Ks, which is sealed
 * by whoever keeps it (role/bsf_session.h). All nodes on one store have the same.
 *
 * A subscriber has one, the newest: a new bootstrapping replaces the one before, and an older one
 * never replaces a newer. Plain values. */
#ifndef LK_STORE_GBA_H
#define LK_STORE_GBA_H

#include "keys/gba.h"
#include "store/store.h"

enum { LK_GBA_ROW_IMPI = 253, LK_GBA_ROW_SEALED = 128 };

struct lk_gba_row {
    struct lk_imsi imsi;
    char impi[LK_GBA_ROW_IMPI + 1];
    char b_tid[LK_B_TID_MAX + 1];
    char tmpi[LK_TMPI_MAX + 1];
    uint64_t created_s, expires_s;
    uint16_t sealed_len;
    uint8_t sealed[LK_GBA_ROW_SEALED];
};

enum lk_gba_by { LK_GBA_BY_B_TID, LK_GBA_BY_TMPI };

/* Durable when it returns LK_OK, or with the commit of the transaction that it is in.
 * LK_E_CONFLICT: the subscriber has a newer one, or another of the same second. The same once more
 * is LK_OK. */
LK_MUST_CHECK enum lk_status lk_store_gba_keep(struct lk_store *store,
                                               const struct lk_gba_row *row);
/* LK_E_NOT_FOUND: nobody's, or it expired at or before now_s. */
LK_MUST_CHECK enum lk_status lk_store_gba_find(struct lk_store *store, struct lk_gba_row *row,
                                               enum lk_gba_by by, struct lk_span name,
                                               uint64_t now_s);
/* LK_E_NOT_FOUND: it has none. */
LK_MUST_CHECK enum lk_status lk_store_gba_remove(struct lk_store *store,
                                                 const struct lk_imsi *imsi);
/* Takes away some that expired before now_s: LK_STORE_BATCH at most. */
LK_MUST_CHECK enum lk_status lk_store_gba_sweep(struct lk_store *store, uint64_t now_s);
/* At most LK_STORE_BATCH behind after (0: from the first), in the order of lk_store_list; after
 * moves on. */
LK_MUST_CHECK enum lk_status lk_store_gba_page(struct lk_store *store, int64_t *after,
                                               struct lk_gba_row *rows, size_t *count);

#endif
