/* What is inside a struct lk_naf. For src/naf and its test alone. */
#ifndef LK_NAF_PARTS_H
#define LK_NAF_PARTS_H

#include <pthread.h>

#include "base/budget.h"
#include "latchkey/naf.h"
#include "naf/keys.h"

enum { LK_NAF_SAID_MAX = 4096, LK_NAF_IDLE = 4, LK_NAF_URL = 320, LK_NAF_FILE = 1024 };
/* Keys that are looked at, whether they are over: with every question, and when it is counted. */
enum { LK_NAF_SWEPT = 4, LK_NAF_SWEPT_COUNT = 256 };

/* What the BSF says. Secret. */
struct lk_naf_said {
    unsigned status; /* of HTTP; 0: nothing, and error says why */
    char error[LK_NAF_ERROR];
    size_t len;
    char text[LK_NAF_SAID_MAX];
};

struct lk_naf {
    /* As it was set up. */
    char name[LK_FQDN_MAX + 1], url[LK_NAF_URL], connect_to[LK_NAF_URL];
    char certificate[LK_NAF_FILE], key[LK_NAF_FILE], ca[LK_NAF_FILE];
    unsigned timeout_ms, questions;
    bool never_wait;
    struct lk_ua_config ua;
    /* Of the system; a test has others. */
    void (*ask)(struct lk_naf *naf, struct lk_naf_said *said, struct lk_span question);
    uint64_t (*clock_s)(void);  /* of the day */
    uint64_t (*ticks_ms)(void); /* never goes back */

    pthread_mutex_t lock; /* of all that follows */
    struct lk_naf_keys keys;
    struct lk_budget budget;
    uint64_t away_until_ms; /* the BSF did not answer: it is not asked before */
    enum lk_reason away;
    char away_detail[LK_NAF_ERROR];
    struct lk_naf_counts counts;
    void *idle[LK_NAF_IDLE]; /* CURL: connections that may be used again */
    size_t idle_count;
};

/* ---- https.c ---- */

void lk_naf_https_ask(struct lk_naf *naf, struct lk_naf_said *said, struct lk_span question);
LK_MUST_CHECK bool lk_naf_https_begin(struct lk_naf *naf);
void lk_naf_https_end(struct lk_naf *naf);

/* ---- zn.c ---- */

enum lk_naf_found {
    LK_NAF_HERE,
    LK_NAF_NOT_HERE, /* the BSF was not asked */
    LK_NAF_NOBODYS,
    LK_NAF_AWAY,     /* it cannot be asked now */
};
/* What became of a question. Secret with a key. */
struct lk_naf_outcome {
    enum lk_naf_found found;
    enum lk_reason why;
    char detail[LK_NAF_ERROR];
    struct lk_ks_naf key;
    struct lk_naf_user user;
};
/* Asks the BSF where it must, and may. The caller wipes the outcome. */
void lk_naf_find(struct lk_naf *naf, struct lk_naf_outcome *outcome,
                 const struct lk_naf_question *question, bool may_ask);

/* Of text of the peer's. False: it can be no B-TID: longer, or not of characters that are seen. */
LK_MUST_CHECK bool lk_naf_question_of(struct lk_naf_question *question, struct lk_span b_tid,
                                      const struct lk_ua_id *ua);

#endif
