/* The keys that a server has of its BSF: so many, by B-TID and protocol, the one that was not asked
 * for longest pushed out first; and strangers' B-TIDs, which the BSF has just said to be nobody's
 * or not for that protocol, so that who repeats one costs it a question a second. All of it
 * bounded, whoever comes. */
#ifndef LK_NAF_KEYS_H
#define LK_NAF_KEYS_H

#include "latchkey/naf.h"
#include "node/index.h"
#include "proto/gba/ua.h"

enum { LK_NAF_STRANGERS = 1024, LK_NAF_STRANGER_MS = 1000 };

/* Secret. */
struct lk_naf_entry {
    struct lk_naf_question of;
    struct lk_ks_naf key;
    struct lk_naf_user user;
    struct lk_ua_seen seen;
    uint32_t older, newer; /* by use */
};

struct lk_naf_stranger {
    uint64_t hash, until_ms;
    enum lk_reason why;
};

struct lk_naf_keys {
    struct lk_naf_entry *entry; /* of max */
    struct lk_index index;
    void *index_memory;
    uint32_t max, count;       /* those below count are in use */
    uint32_t oldest, newest;
    uint32_t next;             /* to be looked at, whether it is over */
    uint64_t start, factor;    /* of hashes: random */
    uint64_t forgotten_ms;     /* nonces made then or before may be of somebody pushed out */
    struct lk_naf_stranger *stranger; /* LK_NAF_STRANGERS */
};

/* random: of the system. false: no memory. */
LK_MUST_CHECK bool lk_naf_keys_begin(struct lk_naf_keys *keys, uint32_t max,
                                     const uint64_t random[2]);
void lk_naf_keys_end(struct lk_naf_keys *keys);

/* The newest by use from now on; NULL: it is not there. One that is over is forgotten. */
struct lk_naf_entry *lk_naf_keys_find(struct lk_naf_keys *keys,
                                      const struct lk_naf_question *question, uint64_t now_s);
/* Its key and user are to be filled in; what has been seen of it stays, if it was there. */
struct lk_naf_entry *lk_naf_keys_add(struct lk_naf_keys *keys,
                                     const struct lk_naf_question *question);
/* Looks at so many, in turn: those that are over are forgotten. */
void lk_naf_keys_sweep(struct lk_naf_keys *keys, uint64_t now_s, uint32_t most);
/* All of that B-TID. */
void lk_naf_keys_forget(struct lk_naf_keys *keys, const char *b_tid);

void lk_naf_stranger_add(struct lk_naf_keys *keys, const struct lk_naf_question *question,
                         enum lk_reason why, uint64_t now_ms);
/* Why it has just been refused; NONE: it was not. */
enum lk_reason lk_naf_stranger_why(const struct lk_naf_keys *keys,
                                   const struct lk_naf_question *question, uint64_t now_ms);

#endif
