/* RADIUS over TLS (RFC 6614), the client's end: connections to servers that stay.
 *
 * A line is one connection to one peer, dialled again whenever it is lost, less and less often, and
 * asked by Status-Server (proto/radius/watch.h) whether it lives. What is sent over a line is a
 * whole packet, signed for it by the caller: its identifiers are the caller's, 256 a line, and who
 * wants more out takes several lines to the same peer. A line that is not alive takes nothing, so
 * that the caller can turn to another server at once. */
#ifndef LK_ROLE_RADSEC_CLIENT_H
#define LK_ROLE_RADSEC_CLIENT_H

#include "role/radsec.h"

enum { LK_RADSEC_LINES = 64 };

struct lk_radsec_client_calls {
    void *context;
    /* A packet of the peer: an answer, or a request of its own (RFC 5176). tag is the caller's. */
    void (*on_packet)(void *context, uint32_t tag, struct lk_span packet);
    /* It is alive, and was not: what was out on it may be sent again. Or it is not (any more); said
     * with every try that failed. */
    void (*on_alive)(void *context, uint32_t tag, bool alive);
    /* All packets that came at once have been handed over. NULL: nothing to do. */
    void (*on_end)(void *context);
};

struct lk_radsec_client;
/* Reads certificate, key and CA: call it before the confinement. count: failures are counted there
 * by reason. error says what is wrong. */
LK_MUST_CHECK enum lk_status lk_radsec_client_new(struct lk_radsec_client **client,
                                                  uv_loop_t *loop,
                                                  const struct lk_stream_files *files,
                                                  const struct lk_radsec_client_calls *calls,
                                                  struct lk_counters *count,
                                                  char error[LK_RADSEC_ERROR_TEXT]);
void lk_radsec_client_free(struct lk_radsec_client *client);

/* Begins a line, numbered 0, 1, ... in the order of the calls. LK_E_FULL; LK_E_CONFIG: the peer has
 * no address, or one that cannot be. */
LK_MUST_CHECK enum lk_status lk_radsec_client_line(struct lk_radsec_client *client,
                                                   const struct lk_config_peer *peer,
                                                   uint32_t tag);
/* Queues a packet; it leaves before the loop waits again. LK_E_NOT_FOUND: the line is not alive. */
LK_MUST_CHECK enum lk_status lk_radsec_client_send(struct lk_radsec_client *client, size_t line,
                                                   struct lk_span packet);
/* How many there are, and none any more: the numbers begin anew. No callback. */
size_t lk_radsec_client_lines(const struct lk_radsec_client *client);
void lk_radsec_client_clear(struct lk_radsec_client *client);
bool lk_radsec_client_alive(const struct lk_radsec_client *client, size_t line);
/* How many are alive. */
size_t lk_radsec_client_alive_count(const struct lk_radsec_client *client);

#endif
