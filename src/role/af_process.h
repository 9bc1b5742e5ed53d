/* What the files of the af process share. */
#ifndef LK_ROLE_AF_PROCESS_H
#define LK_ROLE_AF_PROCESS_H

#include "io/clear.h"
#include "io/log.h"
#include "role/af.h"
#include "role/af_source.h"
#include "role/askers.h"
#include "role/process.h"
#include "role/seen.h"
#include "role/wake.h"

enum {
    LK_AF_LINE = 1024,      /* octets of a question */
    LK_AF_FINGERPRINT = 17, /* as text */
};

struct lk_af_process;

/* A connection. Secret. */
struct lk_af_session {
    struct lk_af_process *af;
    uint32_t number; /* of lk_clear */
    struct lk_address from;
    struct lk_e2e_end *end; /* NULL: no connection is here */
    bool open, resumed;
    unsigned with;                /* of who asks */
    uint8_t row[LK_E2E_KEY_LEN];  /* lk_af_users_row of whom it asked as */
    size_t app;                   /* in the configuration; LK_CONFIG_AF_APPS: not known yet */
    char identity[LK_AF_IDENTITY]; /* whom it proves; "": nobody in particular */
    uint64_t since_ms;            /* of the clock on the wall, once it is open */
    uint64_t order;               /* the later it opened, the greater */
    uint64_t heard_ms;            /* when octets came last, monotonic */
    uint8_t application_key[LK_E2E_KEY_LEN]; /* a key of its own use, as an application would keep
                                              * it: what e2e_memory_test looks for */
    bool waits, asked;            /* for N; and somebody is asked */
    bool denied;                  /* whatever N is */
    enum lk_e2e_source source;
    char key_id[LK_AF_KEY_ID];
    char line[LK_AF_LINE];
    size_t line_len;
};

struct lk_af_process {
    struct lk_process process;
    struct lk_clear *streams;
    struct lk_askers askers;
    uint8_t secret[LK_E2E_KEY_LEN], key[LK_E2E_KEY_LEN], ticket_key[LK_E2E_KEY_LEN];
    uint8_t ua[LK_E2E_UA_LEN];
    struct lk_af_users users[LK_CONFIG_AF_APPS];
    struct lk_af_keys operator_keys;
    struct lk_af_source *source;
    struct lk_seen seen;
    struct lk_af_session *session; /* af.connections */
    uint32_t open;
    uint64_t opened; /* ever */
};

/* ---- af_session.c ---- */

bool lk_af_sessions_begin(struct lk_af_process *af, char error[LK_KIND_ERROR_TEXT]);
void lk_af_sessions_end(struct lk_af_process *af);
/* Ends those that nobody uses. */
void lk_af_sessions_tick(struct lk_af_process *af);
/* Ends those whose user's row is gone, or is not as it was. */
void lk_af_sessions_review(struct lk_af_process *af);
/* Of a session's own use, which says that both ends have the same. */
void lk_af_fingerprint(char text[LK_AF_FINGERPRINT], const struct lk_e2e_end *end);

/* ---- af_serve.c ---- */

/* What has come is answered. False: no more of it. */
bool lk_af_serve(struct lk_af_process *af, struct lk_af_session *session);
/* "n p client-key", or as many of them as there are. */
enum { LK_AF_WITH_TEXT = 24 };
void lk_af_with_text(char text[LK_AF_WITH_TEXT], unsigned with);

#endif
