/* Packets of ERP under a key: names of keys, tags written and checked. For peer and server. */
#ifndef LK_PROTO_ERP_PACKET_H
#define LK_PROTO_ERP_PACKET_H

#include "keys/erp.h"
#include "wire/erp.h"

enum {
    LK_ERP_NAME_TEXT = 2 * LK_EMSK_NAME_LEN,
    LK_ERP_REALM_MAX = LK_ERP_NAI_MAX - LK_ERP_NAME_TEXT - 1,
};

/* hex(EMSKname)@realm, which then stands in to. The realm has at most LK_ERP_REALM_MAX octets. */
struct lk_span lk_erp_name_say(char to[LK_ERP_NAI_MAX + 1], const uint8_t name[LK_EMSK_NAME_LEN],
                               struct lk_span realm);
/* False: not of this form, or of another realm. */
bool lk_erp_name_read(uint8_t name[LK_EMSK_NAME_LEN], struct lk_span nai, struct lk_span realm);

/* The packet with its tag, under the rIK of its suite. */
LK_MUST_CHECK enum lk_status lk_erp_seal(struct lk_writer *w, const struct lk_erp *packet,
                                         const struct lk_rrk *rrk);
/* A Re-auth whose tag is right under the rIK of a suite: that suite, or with 0 whichever it is.
 * LK_E_MAC: there is none; or what the decoder says. */
LK_MUST_CHECK enum lk_status lk_erp_open(struct lk_erp *packet, struct lk_span octets,
                                         uint8_t suite, const struct lk_rrk *rrk);

#endif
