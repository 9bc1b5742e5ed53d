/* Xw: whole messages between an eNB and a WT, in order, over SCTP or TCP, in one loop.
 *
 * The peers are rows of the configuration, and each has at most one association. Who is to be
 * dialled is dialled from the beginning, and anew whenever the association is gone, waiting longer
 * each time; the others are waited for. Everybody else is a stranger, of whom a counter tells.
 *
 * What goes over Xw may be a key, so in the clear it goes over loopback alone (TS 33.401 G.1), and
 * there to whoever has the peer's address: a laboratory's, as the configuration sees to.
 *   SCTP in UDP (RFC 6951), by usrsctp: loopback, for laboratory and judges. One in a process.
 *   TCP without certificates: loopback.
 *   TCP with TLS and certificates at both ends (io/stream): everywhere.
 * On TCP a message has a frame of ours around it (wire/xwap_framer.h) and probes go where nothing
 * else does; on SCTP its heartbeats do that. Either way a peer that is not heard for silent_ms is
 * gone.
 *
 * An association goes by a number that is never used again for another one; 0 is none. All calls
 * come from the loop; each may call any function here except lk_xw_free. */
#ifndef LK_IO_XW_H
#define LK_IO_XW_H

#include "io/datagrams.h"
#include "io/stream.h"
#include "wire/xwap.h"

enum {
    LK_XW_PEERS = 64,
    LK_XW_NOBODY = LK_XW_PEERS,
    LK_XW_QUEUE = 32 * 1024 - 1, /* octets that wait for one peer, below LK_STREAM_PAUSE */
    LK_XW_SILENT_MS = 4000,
    LK_XW_SILENT_MIN_MS = 500,
    LK_XW_RETRY_MS = 500,
    LK_XW_RETRY_MAX_MS = 8000,
    LK_XW_ERROR_TEXT = 256,
};

enum lk_xw_transport { LK_XW_SCTP, LK_XW_TCP };

struct lk_xw_peer {
    struct lk_address address;
    uint16_t port;    /* of UDP: the only one it speaks from; of TCP: where it is dialled */
    bool dial;        /* else it is waited for */
    const char *name; /* TLS: its certificate's, as for lk_stream_dial; outlives this */
};

enum lk_xw_down {
    LK_XW_DOWN_CLOSED,      /* the other end ended it */
    LK_XW_DOWN_SILENT,      /* nothing was heard of it for silent_ms */
    LK_XW_DOWN_UNREACHABLE, /* dialling: nobody there, or nobody who would */
    LK_XW_DOWN_REPLACED,    /* the same peer came anew: it has begun anew itself */
    LK_XW_DOWN_TOO_LONG,    /* a message beyond LK_XWAP_MAX */
    LK_XW_DOWN_TLS,         /* no proof: detail says what was wrong with it */
    LK_XW_DOWN_BROKEN,      /* the transport failed */
    LK_XW_DOWN_NO_PEER,     /* of a stranger: no row has the place that it comes from */
    LK_XW_DOWN_REASONS
};

struct lk_xw_calls {
    void *context;
    /* peer: the place of its row. */
    void (*on_up)(void *context, uint64_t id, size_t peer);
    /* One message. The span dies with the call, and what it lay in is wiped. */
    void (*on_message)(void *context, uint64_t id, struct lk_span message);
    /* The end of an association that was up, or (id 0) of one that would not come up; not after
     * lk_xw_close. With peer LK_XW_NOBODY, of a TLS handshake with a stranger, or of one whose
     * place no row has: once in a row for each place. detail: words for the log. */
    void (*on_down)(void *context, uint64_t id, size_t peer, enum lk_xw_down why,
                    const char *detail);
};

struct lk_xw_setup {
    struct lk_xw_calls calls;
    enum lk_xw_transport transport;
    int socket; /* SCTP: of lk_datagram_socket. TCP: of lk_listener_socket, or -1. The caller's */
    const struct lk_stream_trust *trust; /* TCP: with TLS; NULL: in the clear. Outlives this */
    uint16_t sctp_port;
    uint32_t ppid;
    uint32_t silent_ms;
    uint32_t retry_ms, retry_max_ms;
    struct lk_datagram_watch watch; /* SCTP: is shown the datagrams */
    size_t peers;
    struct lk_xw_peer peer[LK_XW_PEERS];
};

struct lk_xw_counters {
    uint64_t up, down;
    uint64_t unreachable;   /* tries that came to nothing */
    uint64_t strangers;     /* datagrams and connections of nobody's: SCTP has not seen them */
    uint64_t sent, received;
    uint64_t full;          /* messages refused with LK_E_FULL */
    uint64_t ppid_wrong;    /* messages of another protocol, dropped */
};

/* Fills all but calls, transport, socket, trust, watch and peers. */
void lk_xw_setup_defaults(struct lk_xw_setup *setup);
/* LK_E_DENIED: that peer cannot be reached that way in safety; LK_E_VALUE: not at all. error says
 * why. lk_xw_new does this for each. */
LK_MUST_CHECK enum lk_status lk_xw_peer_check(const struct lk_xw_setup *setup,
                                              const struct lk_xw_peer *peer,
                                              char error[LK_XW_ERROR_TEXT]);

struct lk_xw;
/* LK_E_EXISTS: there is one over SCTP in this process; LK_E_SYSTEM; or as lk_xw_peer_check. With
 * SCTP it starts a thread, which sleeps, and asks the system for its interfaces: so with Landlock
 * in force already, and with sockets permitted (LK_FORBID_SOCKETS). */
LK_MUST_CHECK enum lk_status lk_xw_new(struct lk_xw **xw, uv_loop_t *loop,
                                       const struct lk_xw_setup *setup,
                                       char error[LK_XW_ERROR_TEXT]);
/* Ends all associations without a callback. Turn the loop once more after it, so that handles
 * close. */
void lk_xw_free(struct lk_xw *xw);

/* Queues one message, of 1 to LK_XWAP_MAX octets (else LK_E_LENGTH). LK_E_NOT_FOUND: it is not up.
 * LK_E_FULL: LK_XW_QUEUE octets wait already; the message is not sent, the association stays. */
LK_MUST_CHECK enum lk_status lk_xw_send(struct lk_xw *xw, uint64_t id, struct lk_span message);
/* Ends it without a callback; what was queued may be lost. Who is to be dialled is dialled anew. */
void lk_xw_close(struct lk_xw *xw, uint64_t id);
/* The association with that peer that is up, or 0. */
uint64_t lk_xw_of_peer(const struct lk_xw *xw, size_t peer);

const struct lk_xw_counters *lk_xw_counted(const struct lk_xw *xw);
/* "closed", "silent", ... Never NULL. */
const char *lk_xw_down_name(enum lk_xw_down why);

#endif
