#include "role/bsf_session.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "keys/seal.h"

#define LABEL "latchkey gba ks"

enum {
    PLAIN = LK_RAND_LEN + sizeof(struct lk_ks),
    BOUND_MAX = LK_B_TID_MAX + 1 + LK_IMPI_MAX + 1 + 8 + 8,
};
_Static_assert((int)PLAIN + (int)LK_SEAL_OVERHEAD <= (int)LK_SESSION_SEALED_MAX, "a row has room");
_Static_assert((int)LK_SESSION_IDENTITY_MAX == (int)LK_IMPI_MAX, "and for the name");

static struct lk_span bound(uint8_t room[BOUND_MAX], const struct lk_session_row *row)
{
    struct lk_writer w = lk_writer_of(room, BOUND_MAX);

    lk_put_span(&w, lk_span_text(row->name));
    lk_put_u8(&w, 0);
    lk_put_span(&w, lk_span_text(row->identity));
    lk_put_u8(&w, 0);
    lk_put_be64(&w, row->created_s);
    lk_put_be64(&w, row->expires_s);
    LK_ASSERT(lk_writer_end(&w) == LK_OK);
    return lk_span_of(room, w.len);
}

static void keys_of(struct lk_seal_keys *keys, const struct lk_session_row *row,
                    const struct lk_node_key *key)
{
    lk_seal_keys_derive(keys, key, LABEL, lk_node_day_of(row->created_s * 1000));
}

void lk_bsf_session_seal(struct lk_session_row *row, const struct lk_gba_session *session,
                         const struct lk_node_key *key)
{
    uint8_t room[BOUND_MAX], plain[PLAIN];
    struct lk_seal_keys keys;

    memset(row, 0, sizeof *row);
    row->kind = LK_SESSION_GBA;
    row->imsi = session->imsi;
    (void)snprintf(row->identity, sizeof row->identity, "%s", session->impi);
    (void)snprintf(row->name, sizeof row->name, "%s", session->b_tid);
    (void)snprintf(row->alias, sizeof row->alias, "%s", session->tmpi);
    row->created_s = session->created_s;
    row->expires_s = session->expires_s;
    memcpy(plain, session->rand, LK_RAND_LEN);
    memcpy(plain + LK_RAND_LEN, session->ks.octets, sizeof session->ks);
    keys_of(&keys, row, key);
    lk_seal(row->sealed, &keys, bound(room, row), LK_SPAN(plain));
    row->sealed_len = sizeof plain + LK_SEAL_OVERHEAD;
    lk_wipe(plain, sizeof plain);
    lk_wipe(&keys, sizeof keys);
}

enum lk_status lk_bsf_session_open(struct lk_gba_session *session, const struct lk_session_row *row,
                                   const struct lk_node_key *key)
{
    uint8_t room[BOUND_MAX], plain[PLAIN];
    struct lk_seal_keys keys;
    enum lk_status status = LK_E_MAC;

    memset(session, 0, sizeof *session);
    keys_of(&keys, row, key);
    if (row->sealed_len == sizeof plain + LK_SEAL_OVERHEAD)
        status = lk_unseal(plain, &keys, bound(room, row),
                           lk_span_of(row->sealed, row->sealed_len));
    if (status == LK_OK) {
        session->imsi = row->imsi;
        (void)snprintf(session->impi, sizeof session->impi, "%s", row->identity);
        (void)snprintf(session->b_tid, sizeof session->b_tid, "%s", row->name);
        (void)snprintf(session->tmpi, sizeof session->tmpi, "%s", row->alias);
        memcpy(session->rand, plain, LK_RAND_LEN);
        memcpy(session->ks.octets, plain + LK_RAND_LEN, sizeof session->ks);
        session->created_s = row->created_s;
        session->expires_s = row->expires_s;
    }
    lk_wipe(plain, sizeof plain);
    lk_wipe(&keys, sizeof keys);
    return status;
}
