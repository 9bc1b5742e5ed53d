/* Keys that a subscriber has agreed on, in the store, by the name that they go by on the air: what
 * came of bootstrappings of GBA (B-TID -> whose it is, and Ks), and of authentications for AKMA
 * (A-KID -> whose it is, and K_AKMA). The keys are sealed (role/session_seal.h). All nodes on one
 * store have the same.
 *
 * Of each kind a subscriber has one session, the newest: a new one replaces the one before, and an
 * older one never replaces a newer. Plain values. */
#ifndef LK_STORE_SESSIONS_H
#define LK_STORE_SESSIONS_H

#include "keys/gba.h"
#include "store/store.h"

/* As they are stored: a number stays. */
enum lk_session_kind { LK_SESSION_GBA = 1, LK_SESSION_AKMA = 2 };

enum {
    LK_SESSION_IDENTITY_MAX = 253,
    LK_SESSION_NAME_MAX = LK_B_TID_MAX,
    LK_SESSION_ALIAS_MAX = LK_TMPI_MAX,
    LK_SESSION_SEALED_MAX = 128,
};

struct lk_session_row {
    enum lk_session_kind kind;
    struct lk_imsi imsi;
    char identity[LK_SESSION_IDENTITY_MAX + 1]; /* IMPI; SUPI; never empty */
    char name[LK_SESSION_NAME_MAX + 1];         /* B-TID; A-KID; of its kind no two have the same */
    char alias[LK_SESSION_ALIAS_MAX + 1];       /* TMPI; empty: it has none */
    uint64_t created_ms, expires_s;
    uint16_t sealed_len;
    uint8_t sealed[LK_SESSION_SEALED_MAX];
};

enum lk_session_by { LK_SESSION_BY_NAME, LK_SESSION_BY_ALIAS };

/* Durable when it returns LK_OK, or with the commit of the transaction that it is in.
 * LK_E_CONFLICT: the subscriber has a newer one, or another of the same created_ms, or the name is
 * another subscriber's. The same once more is LK_OK. */
LK_MUST_CHECK enum lk_status lk_store_session_keep(struct lk_store *store,
                                                   const struct lk_session_row *row);
/* LK_E_NOT_FOUND: nobody's, or it expired at or before now_s. */
LK_MUST_CHECK enum lk_status lk_store_session_find(struct lk_store *store,
                                                   struct lk_session_row *row,
                                                   enum lk_session_kind kind, enum lk_session_by by,
                                                   struct lk_span name, uint64_t now_s);
/* No key is left, and until until_s its place is kept against what was agreed before now_s: that
 * does not come back. LK_E_NOT_FOUND: it has none. */
LK_MUST_CHECK enum lk_status lk_store_session_end(struct lk_store *store,
                                                  enum lk_session_kind kind,
                                                  const struct lk_imsi *imsi, uint64_t now_s,
                                                  uint64_t until_s);
/* LK_E_NOT_FOUND: it has none. */
LK_MUST_CHECK enum lk_status lk_store_session_remove(struct lk_store *store,
                                                     enum lk_session_kind kind,
                                                     const struct lk_imsi *imsi);
/* Takes away some, of all kinds, that expired before now_s: LK_STORE_BATCH at most. */
LK_MUST_CHECK enum lk_status lk_store_session_sweep(struct lk_store *store, uint64_t now_s);
/* At most LK_STORE_BATCH behind after (0: from the first), in the order of lk_store_list; after
 * moves on. */
LK_MUST_CHECK enum lk_status lk_store_session_page(struct lk_store *store,
                                                   enum lk_session_kind kind, int64_t *after,
                                                   struct lk_session_row *rows, size_t *count);

#endif
