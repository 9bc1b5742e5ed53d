/* liblatchkey-naf by its header, with a BSF that is a function here, and a client of HTTP. */
#ifndef LK_TEST_NAF_RIG_H
#define LK_TEST_NAF_RIG_H

#include "naf/parts.h"

#define BSF "@bsf.example"
#define ALICE "YWxpY2U=" BSF
enum { NOW_S = 1795296600, UNTIL_S = NOW_S + 3600 }; /* 2026-11-21T21:30:00Z */

struct naf_world {
    uint64_t now_s, now_ms;
    unsigned asked;
    char question[512];
    const char *text; /* NULL: the key of whoever it is */
    unsigned status;
};
extern struct naf_world naf_world;
extern struct lk_naf *naf;
extern const char naf_files[]; /* readable; nothing is read in here */

int naf_set_up(void **state);
int naf_tear_down(void **state);
struct lk_naf_setup naf_setup_of(void);
void naf_begin(const struct lk_naf_setup *setup);
/* The key of a B-TID and protocol in this world: its question, as it is. */
struct lk_ks_naf naf_key_of(const char *b_tid, const char *ua);

/* ---- a client ---- */

extern struct lk_naf_answer naf_answer; /* the last */
extern char naf_authorization[LK_NAF_HEADER];

enum lk_naf_verdict naf_request(const char *header);
/* By the last challenge, SHA-256. */
void naf_credentials(const char *b_tid, const struct lk_ks_naf *key, unsigned count);
enum lk_naf_verdict naf_visit(const char *b_tid);
struct lk_naf_counts naf_counts(void);

#endif
