/* Which sessions are open, by what access points have told the AAA (RFC 2866): begun, and neither
 * stopped nor swept away by a restart of their access point.
 *
 * A session goes by its RADIUS client and its Acct-Session-Id. It is as true as accounting is: one
 * whose stop was lost stays open until its access point restarts. */
#ifndef LK_ROLE_OPEN_SESSIONS_H
#define LK_ROLE_OPEN_SESSIONS_H

#include "store/store.h"

struct lk_open_sessions {
    struct lk_accounting *item; /* the last record of each, in order of their beginning */
    size_t count, cap;
    uint32_t *bucket; /* place in item, and one more; 0: free */
    size_t buckets;
    bool failed; /* no memory */
};

/* Reads all records of the store. LK_E_STORE; LK_E_SYSTEM without memory. */
LK_MUST_CHECK enum lk_status lk_open_sessions_read(struct lk_open_sessions *sessions,
                                                   struct lk_store *store);
/* One more record; for _read and for tests. Begin with a struct of zeroes. */
void lk_open_sessions_take(struct lk_open_sessions *sessions, const struct lk_accounting *record);
void lk_open_sessions_free(struct lk_open_sessions *sessions);

#endif
