/* What the machines of both ends have in common: what they ask for, and what they grant. */
#ifndef LK_PROTO_E2E_SESSION_H
#define LK_PROTO_E2E_SESSION_H

#include "base/reason.h"
#include "keys/e2e.h"
#include "proto/e2e/noise.h"
#include "proto/e2e/record.h"

/* A session that both ends have proven themselves in. Secret. */
struct lk_e2e_session {
    uint8_t flags; /* of wire/e2e.h */
    struct lk_e2e_channel channel;
    struct lk_e2e_exporter exporter;
    struct lk_e2e_resumption resumption;
};

/* Made of a handshake that is done. */
void lk_e2e_session_of(struct lk_e2e_session *session, const struct lk_noise *noise,
                       const struct lk_e2e_scope *scope, uint8_t flags, bool datagrams,
                       uint64_t now_ms);
/* Starts the handshake that such an offer asks for; prologue: a label, and the offer. */
void lk_e2e_noise_start(struct lk_noise *noise, bool initiator, const struct lk_e2e_hello *hello,
                        const struct lk_noise_point *e, const struct lk_noise_point *s,
                        const struct lk_noise_point *rs);
/* Goes on until Diffie-Hellman is asked for or the message is done; psk where it is. */
LK_MUST_CHECK enum lk_status lk_e2e_noise_go(struct lk_noise *noise, enum lk_noise_need *need,
                                             const struct lk_e2e_psk *psk);
/* The frame of a message that is done. */
LK_MUST_CHECK enum lk_status lk_e2e_frame_of(struct lk_writer *w, enum lk_e2e_type type,
                                             struct lk_span first, const struct lk_noise *noise);
/* What cannot be gone on with, by what went wrong. */
enum lk_reason lk_e2e_reason_of(enum lk_status status);

/* What the other end is told of a failure, so that both log the same, and what an ALERT tells: for
 * a log, since nobody proves it. A18: whether a key is unknown or wrong is not told. */
uint8_t lk_e2e_code_of(enum lk_reason reason);
enum lk_reason lk_e2e_reason_told(struct lk_span body);

#endif
