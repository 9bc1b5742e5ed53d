/* RADIUS over TLS (RFC 6614), the server's end: packets out of the streams of those we know.
 *
 * A client is a row of radsec.peers without an address: it goes by the name of its certificate,
 * wherever it calls from. Any number of its connections are one client: what is bound to a client
 * (State, the reply cache) is bound to the row's name. All kinds of packets come on one port, so
 * who is asked decides by code.
 *
 * A stream whose packets cannot be told apart any more, or do not verify, is closed (RFC 6613). */
#ifndef LK_ROLE_RADSEC_SERVER_H
#define LK_ROLE_RADSEC_SERVER_H

#include "io/stream.h"
#include "proto/radius/clients.h"
#include "role/radsec.h"

enum { LK_RADSEC_A_CLIENT = 64 /* connections of one client to one process */ };

/* Where a packet came from. */
struct lk_radsec_source {
    uint64_t stream;
    const struct lk_radius_client *client; /* by_name; lives as long as the server */
    struct lk_peer peer;
};

struct lk_radsec_server_calls {
    void *context;
    void (*on_packet)(void *context, const struct lk_radsec_source *source, struct lk_span packet);
    /* All packets that came at once have been handed over. NULL: nothing to do. */
    void (*on_end)(void *context);
};

struct lk_radsec_server;
/* Reads the files that the configuration names: call it before the confinement. The tag of a client
 * is first_tag and the place of its row. What is refused is counted in count by its reason. error
 * says what is wrong. */
LK_MUST_CHECK enum lk_status lk_radsec_server_new(struct lk_radsec_server **server, uv_loop_t *loop,
                                                  const struct lk_config *config,
                                                  const struct lk_radsec_server_calls *calls,
                                                  struct lk_counters *count, uint32_t first_tag,
                                                  char error[LK_RADSEC_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_radsec_server_listen(struct lk_radsec_server *server, int fd);
/* Takes no more connections, and no more packets of those that are there; answers still go out. */
void lk_radsec_server_leave(struct lk_radsec_server *server);
void lk_radsec_server_free(struct lk_radsec_server *server);

/* Queues an answer; it leaves before the loop waits again. False: the stream is over. */
bool lk_radsec_server_send(struct lk_radsec_server *server, uint64_t stream, struct lk_span packet);
/* The connection of a client, by its lk_radius_client_text, that was heard last; NULL: there is
 * none. Good until the loop goes on. */
const struct lk_radsec_source *lk_radsec_server_client(const struct lk_radsec_server *server,
                                                       const char *client);
/* A packet of that stream was refused for reason: closes it when the rule says so. */
void lk_radsec_server_refused(struct lk_radsec_server *server, uint64_t stream,
                              enum lk_reason reason);

#endif
