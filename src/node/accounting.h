/* Accounting requests (RFC 2866) as records for the store. */
#ifndef LK_NODE_ACCOUNTING_H
#define LK_NODE_ACCOUNTING_H

#include "proto/radius/server.h"
#include "proto/radius/state.h"
#include "store/store.h"

enum lk_acct_status {
    LK_ACCT_START = 1,
    LK_ACCT_STOP = 2,
    LK_ACCT_INTERIM = 3,
    LK_ACCT_ON = 7,
    LK_ACCT_OFF = 8,
};

/* LK_E_MISSING without Acct-Status-Type, or without Acct-Session-Id where a session is meant;
 * LK_E_VALUE for another status; LK_E_LENGTH for a number that is none. Texts are cut to fit, and
 * octets that do not print become '?'. */
LK_MUST_CHECK enum lk_status lk_accounting_read(struct lk_accounting *record,
                                                const struct lk_radius_request *request,
                                                const struct lk_radius_client *client,
                                                const struct lk_address *source,
                                                const struct lk_radius_class_key *class_key,
                                                uint64_t now_ms);

#endif
