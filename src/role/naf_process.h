/* What the files of the naf process share. */
#ifndef LK_ROLE_NAF_PROCESS_H
#define LK_ROLE_NAF_PROCESS_H

#include "base/address.h"
#include "io/http.h"
#include "io/log.h"
#include "io/peer.h"
#include "latchkey/naf.h"
#include "role/askers.h"
#include "role/naf.h"
#include "role/process.h"

enum {
    LK_NAF_ROLE_BODY = 4096, /* of a request of HTTP */
    LK_NAF_FETCHES = 8,      /* questions to the BSF at the same time */
    LK_NAF_WAITING = 64,     /* requests of HTTP that wait for one */
    LK_NAF_HANDSHAKES = 32,  /* of TLS, at the same time, */
    LK_NAF_HELLOS = 256,     /* connections that are to begin one, and */
    LK_NAF_TLS_A_SOURCE = 4, /* of both, those of one source */
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

/* A connection of TLS whose first record is waited for, or that waits for a thread. */
struct lk_naf_hello {
    int fd; /* -1: free */
    bool whole;
    size_t wanted; /* octets */
    uint64_t since_ms, order;
    struct lk_address from;
    struct lk_address_prefix source;
};

/* A connection of TLS with a thread. */
struct lk_naf_handshake {
    uv_work_t work;
    struct lk_naf_process *naf;
    int fd; /* -1: free */
    struct lk_address from;
    struct lk_address_prefix source;
    bool is_proven, is_cut;
    uint64_t waits_ms; /* atomic: since when for its client; UINT64_MAX: it waits for the BSF */
    const char *why;
    struct lk_naf_user user;
    char error[LK_NAF_ERROR];
};

struct lk_naf_process {
    struct lk_process process;
    struct lk_naf *naf; /* the library: never_wait on the loop */
    struct lk_http *http; /* NULL: none is wanted */
    uv_poll_t tls;
    uv_poll_t hellos;
    int hello_epoll;
    uint64_t hellos_taken;
    bool has_tls;
    struct lk_askers askers;
    char url[LK_CONFIG_FQDN + 32];
    struct lk_naf_fetch fetch[LK_NAF_WAITING];
    struct lk_naf_hello hello[LK_NAF_HELLOS];
    struct lk_naf_handshake handshake[LK_NAF_HANDSHAKES];
};

/* ---- naf_http.c ---- */

void lk_naf_http_request(void *context, struct lk_http_request *request, const char *path);

/* ---- naf_tls.c ---- */

void lk_naf_tls_on_poll(uv_poll_t *poll, int status, int events);
/* Gives threads to those that are ready for one. */
void lk_naf_tls_go_on(struct lk_naf_process *naf);
void lk_naf_tls_tick(struct lk_naf_process *naf);

/* ---- naf_hello.c ---- */

LK_MUST_CHECK bool lk_naf_hello_begin(struct lk_naf_process *naf);
void lk_naf_hello_end(struct lk_naf_process *naf);
/* A connection that has come. May drop the oldest that is silent. False: it is the caller's. */
LK_MUST_CHECK bool lk_naf_hello_take(struct lk_naf_process *naf, int fd,
                                     const struct lk_peer *peer);
unsigned lk_naf_hello_count(const struct lk_naf_process *naf,
                            const struct lk_address_prefix *source);
/* How many are ready for a thread; the oldest of them, which is the caller's then. */
size_t lk_naf_hello_waiting(const struct lk_naf_process *naf);
LK_MUST_CHECK bool lk_naf_hello_next(struct lk_naf_process *naf, struct lk_naf_hello *hello);
/* Drops those that have taken too long. */
void lk_naf_hello_expire(struct lk_naf_process *naf);

/* ---- naf.c ---- */

/* Whether an address may come once more, and whether the BSF may be asked on its behalf, which
 * threads may ask as well. */
bool lk_naf_role_may_come(struct lk_naf_process *naf, const struct lk_address *from);
bool lk_naf_role_may_ask(struct lk_naf_process *naf, const struct lk_address *from);
/* What a user is told: who he is, and until when. Terminated; its length. */
size_t lk_naf_role_greeting(char text[LK_NAF_TEXT], const struct lk_naf_process *naf,
                            const char *how, const struct lk_naf_user *user);
/* Logs, within bounds. reason: a code; "none". The address of a user is known from now on. */
void lk_naf_role_log_user(struct lk_naf_process *naf, const char *how,
                          const struct lk_address *from, const struct lk_naf_user *user);
void lk_naf_role_refused(struct lk_naf_process *naf, const char *how,
                         const struct lk_address *from, const char *code, const char *detail);
/* Nothing waits for a thread. */
bool lk_naf_role_is_idle(const struct lk_naf_process *naf);

#endif
