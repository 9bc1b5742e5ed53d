/* What the files of the naf process share. */
#ifndef LK_ROLE_NAF_PROCESS_H
#define LK_ROLE_NAF_PROCESS_H

#include "base/address.h"
#include "io/http.h"
#include "io/log.h"
#include "latchkey/naf.h"
#include "role/budgets.h"
#include "role/naf.h"
#include "role/process.h"

enum {
    LK_NAF_ROLE_BODY = 4096, /* of a request of HTTP */
    LK_NAF_FETCHES = 8,      /* questions to the BSF at the same time */
    LK_NAF_WAITING = 64,     /* requests of HTTP that wait for one */
    LK_NAF_HANDSHAKES = 16,  /* of TLS, at the same time, and */
    LK_NAF_HANDSHAKES_A_SOURCE = 4,
    LK_NAF_THREADS = LK_NAF_FETCHES + LK_NAF_HANDSHAKES,
    LK_NAF_TEXT = 4096,
};

struct lk_naf_process;

/* A request whose user the BSF is asked about. */
struct lk_naf_fetch {
    uv_work_t work;
    struct lk_naf_process *naf;
    struct lk_http_request *request; /* NULL: free */
    struct lk_naf_question question;
};

/* A connection of TLS. */
struct lk_naf_handshake {
    uv_work_t work;
    struct lk_naf_process *naf;
    int fd; /* -1: free */
    struct lk_address from;
    struct lk_address_prefix source;
    bool is_proven;
    const char *why;
    struct lk_naf_user user;
    char error[LK_NAF_ERROR];
};

struct lk_naf_process {
    struct lk_process process;
    struct lk_naf *naf; /* the library: never_wait on the loop */
    struct lk_http *http; /* NULL: none is wanted */
    uv_poll_t tls;
    bool has_tls;
    struct lk_budgets *rates;
    char url[LK_CONFIG_FQDN + 32];
    struct lk_naf_fetch fetch[LK_NAF_WAITING];
    struct lk_naf_handshake handshake[LK_NAF_HANDSHAKES];
};

/* ---- naf_http.c ---- */

void lk_naf_http_request(void *context, struct lk_http_request *request, const char *path);

/* ---- naf_tls.c ---- */

void lk_naf_tls_on_poll(uv_poll_t *poll, int status, int events);

/* ---- naf.c ---- */

/* Whether an address may make us ask the BSF once more. */
bool lk_naf_role_may_ask(struct lk_naf_process *naf, const struct lk_address *from);
/* What a user is told: who he is, and until when. Terminated; its length. */
size_t lk_naf_role_greeting(char text[LK_NAF_TEXT], const struct lk_naf_process *naf,
                            const char *how, const struct lk_naf_user *user);
/* Logs, within bounds. reason: a code; "none". */
void lk_naf_role_log_user(const char *how, const struct lk_address *from,
                          const struct lk_naf_user *user);
void lk_naf_role_refused(struct lk_naf_process *naf, const char *how,
                         const struct lk_address *from, const char *code, const char *detail);
/* Nothing waits for a thread. */
bool lk_naf_role_is_idle(const struct lk_naf_process *naf);

#endif
