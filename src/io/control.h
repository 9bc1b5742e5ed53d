/* The local control socket: one JSON object a line, both ways, over a unix stream socket.
 *
 * The socket file has mode 0600, and who connects is asked for by the kernel besides (peer
 * credentials): the daemon's own user and root, nobody else, and of those whom the guard lets in. A
 * request is {"op": NAME, ...}; an answer has "ok", and "error" and "fix" when that is false.
 * Secrets may be in a request (adding a subscriber): buffers are wiped. */
#ifndef LK_IO_CONTROL_H
#define LK_IO_CONTROL_H

#include <stdbool.h>
#include <sys/types.h>

#include <sys/socket.h>

#include <jansson.h>
#include <uv.h>

#include "base/check.h"
#include "base/status.h"

enum {
    LK_CONTROL_LINE = 64 * 1024,
    LK_CONTROL_CONNECTIONS = 16,
    LK_CONTROL_STRANGERS = 4, /* most connections of users that nobody knows, */
    LK_CONTROL_OTHERS = 14,   /* and of all that are neither root nor our own user */
    LK_CONTROL_STRIKES = 16,  /* before a connection is closed */
    LK_CONTROL_ERROR_TEXT = 256,
};

struct lk_control;
struct lk_control_call;

/* Whether a process, known to be root's or of our own user, is listened to. */
typedef bool lk_control_guard(void *context, pid_t pid);
/* request is good until the call is answered. */
typedef void lk_control_handler(void *context, struct lk_control_call *call,
                                const json_t *request);

/* LK_E_EXISTS: another daemon answers there. LK_E_SYSTEM. error says why. */
LK_MUST_CHECK enum lk_status lk_control_start(struct lk_control **control, uv_loop_t *loop,
                                              const char *path, lk_control_handler *handler,
                                              lk_control_guard *guard, void *context,
                                              char error[LK_CONTROL_ERROR_TEXT]);
/* Whether a user is one of those that the socket is for. */
typedef bool lk_control_knows(void *context, uid_t uid);
/* From here on any user may connect; the handler judges by lk_control_caller. Some places
 * are for the process's own user and root alone, most for those that are known, of whom nobody has
 * more than half of all; strangers together have a few. */
void lk_control_open_to_all(struct lk_control *control, lk_control_knows *knows);
/* Who asks, as the kernel says. False: it went away. */
bool lk_control_caller(const struct lk_control_call *call, struct ucred *who);
/* The caller has asked for what is none of his business. After some of that his connection is
 * closed. */
void lk_control_strike(struct lk_control_call *call);
/* Answers a call, once, at once or later; takes over answer. */
void lk_control_answer(struct lk_control_call *call, json_t *answer);
/* {"ok": false, "error": ..., "fix": ...} */
void lk_control_refuse(struct lk_control_call *call, const char *error, const char *fix);
/* Removes the socket file. The loop must run once more. */
void lk_control_stop(struct lk_control *control);

/* A word that a user typed, for a request: up to nine digits are a number, all else is text. */
json_t *lk_control_word(const char *text);
/* The command's side: one request, one answer (to be released with json_decref), at most
 * timeout_ms. LK_E_NOT_FOUND: no daemon listens at path. LK_E_DENIED, LK_E_EXPIRED, LK_E_SYSTEM.
 * error says why and what to do. request stays the caller's. */
LK_MUST_CHECK enum lk_status lk_control_ask(json_t **answer, const char *path,
                                            const json_t *request, int timeout_ms,
                                            char error[LK_CONTROL_ERROR_TEXT]);

#endif
