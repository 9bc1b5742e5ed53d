/* Who a mobility session is of: the NAI in the mobile node identifier, and the token that proves
 * where its device attached. */
#ifndef LK_PROTO_PMIP_IDENTITY_H
#define LK_PROTO_PMIP_IDENTITY_H

#include "base/imsi.h"
#include "wire/pmip.h"

enum {
    LK_PMIP_NAI_MAX = 128,
    LK_PMIP_SERVICE_MAX = 100, /* TS 23.003 9.1: an access point name */
    LK_PMIP_TOKEN_MAX = 250,   /* data of one vendor-specific option */
    LK_PMIP_TOKEN_SUBTYPE = 1,
};

/* "0<IMSI>@realm"; LK_E_FULL when it is longer than LK_PMIP_NAI_MAX. */
LK_MUST_CHECK enum lk_status lk_pmip_nai_put(struct lk_writer *w, const struct lk_imsi *imsi,
                                             struct lk_span realm);
/* The IMSI of such an identity. LK_E_VALUE for another form. */
LK_MUST_CHECK enum lk_status lk_pmip_nai_imsi(struct lk_imsi *imsi, struct lk_span nai);

#endif
