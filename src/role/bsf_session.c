#include "role/bsf_session.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "role/session_seal.h"

enum { PLAIN = LK_RAND_LEN + sizeof(struct lk_ks), MS = 1000 };
_Static_assert((int)PLAIN <= (int)LK_SESSION_PLAIN, "it may be sealed");
_Static_assert((int)LK_SESSION_IDENTITY_MAX == (int)LK_IMPI_MAX, "a row has room for the name");

void lk_bsf_session_seal(struct lk_session_row *row, const struct lk_gba_session *session,
                         const struct lk_node_key *key)
{
    uint8_t plain[PLAIN];

    memset(row, 0, sizeof *row);
    row->kind = LK_SESSION_GBA;
    row->imsi = session->imsi;
    (void)snprintf(row->identity, sizeof row->identity, "%s", session->impi);
    (void)snprintf(row->name, sizeof row->name, "%s", session->b_tid);
    (void)snprintf(row->alias, sizeof row->alias, "%s", session->tmpi);
    row->created_ms = session->created_s * MS;
    row->expires_s = session->expires_s;
    memcpy(plain, session->rand, LK_RAND_LEN);
    memcpy(plain + LK_RAND_LEN, session->ks.octets, sizeof session->ks);
    lk_session_seal(row, LK_SPAN(plain), key);
    lk_wipe(plain, sizeof plain);
}

enum lk_status lk_bsf_session_open(struct lk_gba_session *session, const struct lk_session_row *row,
                                   const struct lk_node_key *key)
{
    uint8_t plain[PLAIN];
    enum lk_status status = lk_session_open(plain, sizeof plain, row, key);

    memset(session, 0, sizeof *session);
    if (status == LK_OK) {
        session->imsi = row->imsi;
        (void)snprintf(session->impi, sizeof session->impi, "%s", row->identity);
        (void)snprintf(session->b_tid, sizeof session->b_tid, "%s", row->name);
        (void)snprintf(session->tmpi, sizeof session->tmpi, "%s", row->alias);
        memcpy(session->rand, plain, LK_RAND_LEN);
        memcpy(session->ks.octets, plain + LK_RAND_LEN, sizeof session->ks);
        session->created_s = row->created_ms / MS;
        session->expires_s = row->expires_s;
    }
    lk_wipe(plain, sizeof plain);
    return status;
}
