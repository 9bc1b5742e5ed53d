/* What the files of the pos process share. */
#ifndef LK_ROLE_POS_PROCESS_H
#define LK_ROLE_POS_PROCESS_H

#include "io/clear.h"
#include "io/entropy.h"
#include "io/log.h"
#include "io/stream.h"
#include "role/pos.h"
#include "role/process.h"
#include "role/radsec_client.h"
#include "role/seen.h"
#include "role/udp_port.h"
#include "role/wake.h"

enum { LK_POS_CHANNELS = 1024 /* of DTLS, of one point */ };

/* The link to one partner: streams of TLS, of which the last that came up is the one. A partner
 * keeps its line over a reload, and the node knows the link by the line's number. */
struct lk_pos_line {
    struct lk_config_pos_partner partner; /* id "": none */
    uint64_t stream; /* dialled, or up; 0: none */
    bool up;
    bool dials; /* we call */
    bool lasts; /* ... for so long that the other end has let us in */
    uint64_t up_at_ms, dial_at_ms;
    uint32_t wait_ms;
    bool failed; /* the last try, or the last stream; cleared by one that lasts */
    enum lk_stream_down why;
    char detail[LK_STREAM_DETAIL];
    char other[LK_REFUSAL_TEXT]; /* as what it spoke last that is not its id; "": never */
    struct lk_peer peer; /* of the stream; without one, where the partner is */
    struct lk_mis_framer framer;
};

struct lk_pos_session {
    uint64_t id; /* 0: none */
    bool gone;   /* its node has not heard it yet */
    struct lk_pos_peer peer;
};

/* One point of service. */
struct lk_pos_point {
    struct lk_pos_process *process;
    unsigned number;
    struct lk_pos_setting setting;
    struct lk_address address;
    struct lk_pos *node;
    struct lk_wake wake;
    uint64_t wake_at_ms; /* of the clock on the wall */
    struct lk_udp_port udp;
    int udp_fd;
    struct lk_clear *tcp;
    struct lk_mis_framer **framer; /* of each stream; NULL: nothing of a message is there */
    struct lk_stream_trust *trust;
    struct lk_streams *links; /* NULL: no certificate, no links */
    struct lk_pos_line line[LK_CONFIG_PARTNERS];
    struct lk_channel *channel; /* NULL: no DTLS */
    struct lk_pos_session *session;
    struct lk_udp_port radius[LK_POS_SOCKETS_MAX];
    struct lk_datagram_peer aaa[LK_POS_SOCKETS_MAX];
    struct lk_radsec_client *radsec; /* NULL: RADIUS goes over UDP */
};

struct lk_pos_process {
    struct lk_process process;
    struct lk_counters *count;
    struct lk_entropy entropy;
    struct lk_udp_owner udp, radius;
    struct lk_datagrams *to_mn, *to_aaa;
    uv_prepare_t before_wait;
    struct lk_seen seen;
    struct lk_pos_point *point[LK_CONFIG_POINTS];
    size_t points;
    struct lk_pos_outbox out;
    bool stepping;
    uint64_t n2n_unsent, radius_foreign, link_strangers;
};

/* pos.c: steps a point's node, and carries out all that comes of it. Never from within. */
enum lk_status lk_pos_give(struct lk_pos_point *point, struct lk_pos_event *event);
/* One message of an MN. */
void lk_pos_heard(struct lk_pos_point *point, const struct lk_pos_peer *peer,
                  struct lk_span octets);
void lk_pos_own_values(uint64_t values[LK_POS_OWN_COUNT], const struct lk_pos_process *pos);
/* Logs it, not too often: a stranger's, or of one with other numbers. */
void lk_pos_say_unreadable(const struct lk_pos_point *point, const struct lk_address *address,
                           enum lk_status status);
/* The socket of a point that serves that; -1: there is none. */
int lk_pos_socket(const struct lk_pos_point *point, enum lk_pos_serves what);
struct lk_capture_end lk_pos_own_end(const struct lk_pos_point *point, unsigned port);

/* pos_mis.c: UDP and TCP */
bool lk_pos_mis_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT]);
void lk_pos_mis_send(struct lk_pos_point *point, const struct lk_pos_peer *peer,
                     struct lk_span octets);
void lk_pos_mis_close(struct lk_pos_point *point, uint32_t stream);
void lk_pos_mis_end(struct lk_pos_point *point);

/* pos_channel.c: DTLS */
bool lk_pos_channel_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT]);
void lk_pos_channel_send(struct lk_pos_point *point, uint32_t session, struct lk_span octets);
void lk_pos_channel_close(struct lk_pos_point *point, uint32_t session);
/* Tells the node of sessions that ended while it was stepped. */
void lk_pos_channel_late(struct lk_pos_point *point);
void lk_pos_channel_end(struct lk_pos_point *point);

/* pos_link.c: to partners, over TLS */
bool lk_pos_link_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT]);
void lk_pos_link_send(struct lk_pos_point *point, uint32_t link, struct lk_span octets);
void lk_pos_link_tick(struct lk_pos_point *point);
/* What the configuration has of partners now: lines to those that it has as they were go on. */
void lk_pos_link_configure(struct lk_pos_point *point);
/* Why a link is down, or why nothing is taken of it; LK_REASON_NONE: nothing has failed yet. */
enum lk_reason lk_pos_link_reason(const struct lk_pos_line *line);
void lk_pos_link_end(struct lk_pos_point *point);

/* pos_radius.c: to the AAA */
bool lk_pos_radius_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT]);
void lk_pos_radius_send(struct lk_pos_point *point, uint32_t socket, struct lk_span octets);

/* pos_radsec.c: the same over TLS */
bool lk_pos_radsec_begin(struct lk_pos_point *point, char error[LK_KIND_ERROR_TEXT]);
void lk_pos_radsec_send(struct lk_pos_point *point, struct lk_span octets);

#endif
