/* Reads BootstrappingInfo (TS 24.109 C.1), by expat (decision 0023). To be given what has proven
 * itself, and nothing else (T29). */
#ifndef LK_IO_GBA_READ_H
#define LK_IO_GBA_READ_H

#include "base/address.h"
#include "keys/gba.h"

struct lk_gba_info {
    char b_tid[LK_B_TID_MAX + 1];
    uint64_t expires_s;
    char home_agent[LK_FQDN_MAX + 1]; /* empty: none is told */
    char home_agent_address[LK_ADDRESS_TEXT]; /* likewise */
};

/* LK_E_VALUE: it is none; a document type, which could make it anything, is refused. What is not
 * known is passed over. */
LK_MUST_CHECK enum lk_status lk_gba_read(struct lk_gba_info *info, struct lk_span body);

#endif
