#include "role/session_seal.h"

#include <string.h>

#include "base/secret.h"
#include "keys/seal.h"

enum {
    BOUND_MAX = LK_IMSI_MAX_DIGITS + 1 + LK_SESSION_NAME_MAX + 1 + LK_SESSION_IDENTITY_MAX + 1 +
                LK_SESSION_ALIAS_MAX + 1 + 8 + 8
};
_Static_assert((int)LK_SESSION_PLAIN + (int)LK_SEAL_OVERHEAD <= (int)LK_SESSION_SEALED_MAX,
               "a row has room");

/* All that lies in clear: what is read beside a key is as true as the key. */
static struct lk_span bound(uint8_t room[BOUND_MAX], const struct lk_session_row *row)
{
    struct lk_writer w = lk_writer_of(room, BOUND_MAX);

    lk_put_span(&w, lk_span_text(row->imsi.digits));
    lk_put_u8(&w, 0);
    lk_put_span(&w, lk_span_text(row->name));
    lk_put_u8(&w, 0);
    lk_put_span(&w, lk_span_text(row->identity));
    lk_put_u8(&w, 0);
    lk_put_span(&w, lk_span_text(row->alias));
    lk_put_u8(&w, 0);
    lk_put_be64(&w, row->created_ms);
    lk_put_be64(&w, row->expires_s);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return lk_span_of(room, w.len);
}

/* T07: a label of each kind. */
static const char *label_of(enum lk_session_kind kind)
{
    switch (kind) {
    case LK_SESSION_GBA: return "latchkey gba ks";
    case LK_SESSION_AKMA: return "latchkey akma k_akma";
    }
    LK_ASSERT(false);
    return NULL;
}

static void keys_of(struct lk_seal_keys *keys, const struct lk_session_row *row,
                    const struct lk_node_key *key)
{
    lk_seal_keys_derive(keys, key, label_of(row->kind), lk_node_day_of(row->created_ms));
}

void lk_session_seal(struct lk_session_row *row, struct lk_span plain,
                     const struct lk_node_key *key)
{
    uint8_t room[BOUND_MAX];
    struct lk_seal_keys keys;

    LK_ASSERT(plain.len <= LK_SESSION_PLAIN);
    keys_of(&keys, row, key);
    lk_seal(row->sealed, &keys, bound(room, row), plain);
    row->sealed_len = (uint16_t)(plain.len + LK_SEAL_OVERHEAD);
    lk_wipe(&keys, sizeof keys);
}

enum lk_status lk_session_open(uint8_t *plain, size_t len, const struct lk_session_row *row,
                               const struct lk_node_key *key)
{
    uint8_t room[BOUND_MAX];
    struct lk_seal_keys keys;
    enum lk_status status = LK_E_MAC;

    keys_of(&keys, row, key);
    if (row->sealed_len == len + LK_SEAL_OVERHEAD)
        status = lk_unseal(plain, &keys, bound(room, row),
                           lk_span_of(row->sealed, row->sealed_len));
    lk_wipe(&keys, sizeof keys);
    return status;
}
