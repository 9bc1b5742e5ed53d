/* Inside io/xw: what its files share. xw.c has the associations and when to dial; xw_sctp.c, and
 * xw_tcp.c with xw_plain.c and io/stream below it, carry the messages. */
#ifndef LK_IO_XW_PARTS_H
#define LK_IO_XW_PARTS_H

#include "io/xw.h"

enum lk_xw_state { LK_XW_IDLE, LK_XW_DIALLING, LK_XW_UP };

/* What is between us and one peer. */
struct lk_xw_link {
    enum lk_xw_state state;
    uint64_t id; /* up: its number */
    uint64_t dial_at_ms;
    uint32_t wait_ms;
};

/* A way to carry messages. None of these calls back into xw.c, but for tick and what it began. */
struct lk_xw_carrier {
    enum lk_status (*begin)(struct lk_xw *xw, char error[LK_XW_ERROR_TEXT]);
    /* False: it cannot even begin. Else lk_xw_came_up or lk_xw_went_down follows. */
    bool (*dial)(struct lk_xw *xw, size_t peer);
    enum lk_status (*send)(struct lk_xw *xw, size_t peer, struct lk_span message);
    /* Forgets what it has with that peer, dialled or up. */
    void (*close)(struct lk_xw *xw, size_t peer);
    void (*tick)(struct lk_xw *xw);
    /* What is queued leaves: the loop is about to wait. NULL: it has left already. */
    void (*flush)(struct lk_xw *xw);
    void (*end)(struct lk_xw *xw);
    uint32_t tick_ms;
};

struct lk_xw {
    struct lk_xw_setup setup;
    uv_loop_t *loop;
    uv_timer_t tick;
    uv_prepare_t before_wait;
    unsigned handles; /* of its own, still open */
    const struct lk_xw_carrier *carrier;
    void *carried; /* the carrier's own */
    uint64_t numbered;
    struct lk_xw_counters count;
    struct lk_address foreign; /* who was told of last */
    uint16_t foreign_port;
    struct lk_xw_link link[LK_XW_PEERS];
};

extern const struct lk_xw_carrier lk_xw_sctp, lk_xw_tcp;

/* ---- what a carrier tells; each but the first may end in a call of lk_xw_close ---- */

bool lk_xw_is_up(const struct lk_xw *xw, size_t peer);
/* One that is up already is REPLACED, and its carrier has forgotten it. */
void lk_xw_came_up(struct lk_xw *xw, size_t peer);
/* False: it is not up any more. */
LK_MUST_CHECK bool lk_xw_received(struct lk_xw *xw, size_t peer, struct lk_span message);
/* Nobody's: told for the log. */
void lk_xw_was_stranger(struct lk_xw *xw, enum lk_xw_down why, const char *detail);
/* The same, of who comes from nowhere that a row has. */
void lk_xw_was_foreign(struct lk_xw *xw, const struct lk_datagram_peer *from);
/* The carrier has forgotten it. */
void lk_xw_went_down(struct lk_xw *xw, size_t peer, enum lk_xw_down why, const char *detail);

/* ---- xw_plain.c: TCP without TLS, on loopback ---- */

struct lk_xw_plain;
struct lk_xw_plain_calls {
    void *context;
    void (*on_up)(void *context, size_t peer);
    void (*on_octets)(void *context, size_t peer, struct lk_span octets);
    void (*on_down)(void *context, size_t peer, enum lk_xw_down why, const char *detail);
    void (*on_stranger)(void *context, const struct lk_datagram_peer *from);
};

/* listener: -1 for none; it stays the caller's. NULL when it cannot be. */
struct lk_xw_plain *lk_xw_plain_new(uv_loop_t *loop, const struct lk_xw_setup *setup,
                                    const struct lk_xw_plain_calls *calls);
void lk_xw_plain_free(struct lk_xw_plain *plain);
LK_MUST_CHECK bool lk_xw_plain_dial(struct lk_xw_plain *plain, size_t peer);
/* LK_E_SYSTEM: no memory. */
LK_MUST_CHECK enum lk_status lk_xw_plain_send(struct lk_xw_plain *plain, size_t peer,
                                              struct lk_span head, struct lk_span message);
size_t lk_xw_plain_waiting(const struct lk_xw_plain *plain, size_t peer);
void lk_xw_plain_close(struct lk_xw_plain *plain, size_t peer);

#endif
