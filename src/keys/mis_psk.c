#include "keys/mis_psk.h"

#include <string.h>

#include "base/secret.h"
#include "keys/erp.h"

/* spec: RFC 5295 3.1 - a usage-specific root key, with who uses it as usage data. */
void lk_mis_psk_derive(struct lk_mis_psk *psk, const struct lk_emsk *emsk, struct lk_span usage,
                       struct lk_span pos_id)
{
    struct lk_usrk usrk;

    _Static_assert(sizeof usrk == sizeof *psk, "it is the PSK as it is");
    lk_usrk_derive(&usrk, emsk, usage, pos_id);
    memcpy(psk->octets, usrk.octets, sizeof psk->octets);
    lk_wipe(&usrk, sizeof usrk);
}

void lk_mis_psk_identity(char identity[LK_MIS_PSK_IDENTITY_LEN + 1], const struct lk_mis_psk *psk)
{
    lk_psk_identity(identity, LK_SPAN(psk->octets), "mis psk id");
}
