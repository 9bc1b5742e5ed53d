/* What the files of the anchor process share; tests look in, too. */
#ifndef LK_ROLE_ANCHOR_PARTS_H
#define LK_ROLE_ANCHOR_PARTS_H

#include "io/channel.h"
#include "io/datagrams.h"
#include "io/entropy.h"
#include "io/log.h"
#include "node/anchor.h"
#include "node/binding_protocol.h"
#include "node/path.h"
#include "role/anchor.h"
#include "role/process.h"
#include "role/seen.h"
#include "wire/mip6.h"

enum {
    LK_ANCHOR_BATCH = LK_STORE_BINDINGS_BATCH / 2, /* as many again go along */
    LK_ANCHOR_ALONG = 32,                          /* at least */
    LK_ANCHOR_ENDS = 256, /* marks of a batch from which on what has ended waits for the next */
    LK_ANCHOR_STEP_ROOM = 4, /* records, marks and answers that one step may have */
    LK_ANCHOR_RETRY_MS = 1000,
    LK_ANCHOR_PORTS = LK_KIND_SOCKETS,
    LK_ANCHOR_TUN_ROUNDS = 64,
};

struct lk_anchor_process;

/* A gateway as it is connected now. Its place is its number less one. */
struct lk_anchor_link {
    uint64_t session; /* of the channel; 0: none */
    struct lk_channel_peer peer;    /* the channel's other end */
    struct lk_path path;            /* of its tunnel, behind that address (T13) */
    struct lk_datagram_peer tunnel; /* the proven one, or, where none is, the one asked last */
    bool has_word;                  /* told on this channel, with what stands beside it */
    struct lk_path_key word;
    uint32_t beats_ms; /* between two Heartbeats; 0: it does not say */
    uint64_t heard_ms; /* anything on its channel */
};

/* What waits to be durable, and the answers that wait for it. */
struct lk_anchor_answer {
    uint32_t mag;
    struct lk_anchor_place to; /* where mag is 0 */
    uint16_t len;
    uint8_t octets[LK_PMIP_LMA_OCTETS];
};
_Static_assert((int)LK_MIP_HA_OCTETS <= (int)LK_PMIP_LMA_OCTETS, "a reply fits");
_Static_assert((int)LK_MIP_HA6_OCTETS + (int)LK_MIP6_HEADERS_MAX <= (int)LK_PMIP_LMA_OCTETS,
               "and an acknowledgement in its packet");
struct lk_anchor_batch {
    size_t records, marks, answers;
    size_t changes; /* the first of the records; the others go along */
    bool ends_round; /* with it, all rows have gone along */
    struct lk_binding_record record[LK_STORE_BINDINGS_BATCH];
    struct lk_binding_mark mark[LK_ANCHOR_BATCH];
    struct lk_anchor_answer answer[LK_ANCHOR_BATCH];
};

struct lk_anchor_writer {
    uv_work_t work;
    struct lk_store *store;
    struct lk_bindings_log log;
    int64_t round_from;   /* the batch that this round began behind */
    uint32_t along;       /* the row that goes along next */
    char why[LK_STORE_ERROR_TEXT]; /* of what failed on the pool */
    struct lk_anchor_batch *filling, *working; /* working: on the pool, or to be tried again */
    bool busy, failed, done;
    uint64_t retry_ms; /* monotonic */
};

struct lk_anchor_port {
    uv_poll_t poll;
    struct lk_anchor_process *process;
    int fd;
    int beside; /* of a tunnel: the channels' socket at the same address; -1: none */
};

struct lk_anchor_process {
    struct lk_process process;
    struct lk_counters *count;
    uint64_t now_ms;
    uv_check_t turn;
    struct lk_anchor node;
    struct lk_anchor_config config;
    struct lk_anchor_outbox out;
    struct lk_anchor_outbox none; /* of events that say nothing */
    struct lk_binding_table *table;
    struct lk_channel *channel;
    struct lk_anchor_link link[LK_ANCHOR_MAGS];
    struct lk_anchor_writer writer;
    bool durable;
    bool more_ends; /* of bindings, whose time has come */
    struct lk_datagrams *in, *to_mags;
    struct lk_anchor_port port[LK_ANCHOR_PORTS];
    size_t ports;
    int tun; /* -1: none; so is the next */
    int mip;
    int mip6[2]; /* over IPv4, over IPv6 */
    struct lk_mip_msas *msas; /* NULL unless it serves Mobile IP */
    struct lk_mip_naf *naf; /* NULL unless it is one */
    struct lk_role_mip_aaa *aaa; /* NULL unless it asks one */
    const char *revokes; /* who, while it is done; NULL: a foreign agent */
    struct lk_path_key path_key;
    uint64_t tun_lost, tunnel_unknown, store_refused;
    struct lk_seen seen;
};

/* anchor.c */
/* Gives the event to the node and carries out what it says. False: the store is behind, so that
 * nothing was done. */
bool lk_anchor_give(struct lk_anchor_process *anchor, struct lk_anchor_event *event);

/* anchor_config.c: the configuration in force. A gateway keeps its number for as long as the
 * process lives. False: error says why it cannot be. */
LK_MUST_CHECK bool lk_anchor_configure(struct lk_anchor_process *anchor,
                                       char error[LK_KIND_ERROR_TEXT]);

/* anchor_control.c */
LK_MUST_CHECK bool lk_anchor_control_begin(struct lk_anchor_process *anchor,
                                           char error[LK_KIND_ERROR_TEXT]);
/* to: where mag is 0. */
void lk_anchor_send(struct lk_anchor_process *anchor, uint32_t mag,
                    const struct lk_anchor_place *to, struct lk_span octets);
/* Ends the sessions of gateways that the configuration has no more. */
void lk_anchor_control_prune(struct lk_anchor_process *anchor);

/* anchor_mip.c */
void lk_anchor_mip_configure(struct lk_anchor_process *anchor);
LK_MUST_CHECK bool lk_anchor_mip_begin(struct lk_anchor_process *anchor);
void lk_anchor_mip_poll(struct lk_anchor_process *anchor, struct lk_anchor_port *port);
/* All that has come at a port of Mobile IP, of either. */
void lk_anchor_mip_read(const struct lk_anchor_port *port, enum lk_anchor_event_kind kind);
void lk_anchor_mip_send(struct lk_anchor_process *anchor, const struct lk_anchor_place *to,
                        struct lk_span message);
void lk_anchor_mip_tunnel(struct lk_anchor_process *anchor, const struct lk_anchor_place *to,
                          struct lk_span packet);
void lk_anchor_mip_end(struct lk_anchor_process *anchor);

/* anchor_mip_nodes.c: associations that are not made of a USIM, at the start and at a reload */
void lk_anchor_mip_nodes_begin(struct lk_anchor_process *anchor);
void lk_anchor_mip_nodes_again(struct lk_anchor_process *anchor);
const char *lk_anchor_reads_again(const struct lk_config *config, size_t index);
bool lk_anchor_fits(const struct lk_config *config, char unfit[LK_KIND_UNFIT_TEXT]);

/* anchor_mip6.c */
/* Behind that of Mobile IPv4, which has the tables. */
void lk_anchor_mip6_configure(struct lk_anchor_process *anchor);
void lk_anchor_mip6_poll(struct lk_anchor_process *anchor, struct lk_anchor_port *port);
void lk_anchor_mip6_send(struct lk_anchor_process *anchor, const struct lk_anchor_place *to,
                         struct lk_span packet);

/* anchor_aaa.c */
LK_MUST_CHECK bool lk_anchor_aaa_begin(struct lk_anchor_process *anchor,
                                       char error[LK_KIND_ERROR_TEXT]);
/* Gives the event again when the AAA has proven it. */
void lk_anchor_ask_aaa(struct lk_anchor_process *anchor, const struct lk_anchor_output *item,
                       const struct lk_anchor_event *event);
void lk_anchor_aaa_end(struct lk_anchor_process *anchor);

/* anchor_naf.c */
LK_MUST_CHECK bool lk_anchor_naf_begin(struct lk_anchor_process *anchor,
                                       char error[LK_KIND_ERROR_TEXT]);
/* Asks on the pool, and gives the event again when the key is there. */
void lk_anchor_ask_bsf(struct lk_anchor_process *anchor, const struct lk_anchor_output *item,
                       const struct lk_anchor_event *event);
void lk_anchor_naf_end(struct lk_anchor_process *anchor);

/* anchor_writer.c */
LK_MUST_CHECK bool lk_anchor_writer_begin(struct lk_anchor_process *anchor,
                                          char error[LK_KIND_ERROR_TEXT]);
bool lk_anchor_writer_has_room(const struct lk_anchor_process *anchor);
bool lk_anchor_writer_takes_ends(const struct lk_anchor_process *anchor);
/* All of the outbox that has to do with the store, and the answers behind it. */
void lk_anchor_writer_take(struct lk_anchor_process *anchor, const struct lk_anchor_outbox *out);
void lk_anchor_writer_flush(struct lk_anchor_process *anchor);
bool lk_anchor_writer_is_idle(const struct lk_anchor_process *anchor);
void lk_anchor_writer_end(struct lk_anchor_process *anchor);

/* anchor_plane.c */
void lk_anchor_plane_begin(struct lk_anchor_process *anchor);
/* to: where mag is 0. */
void lk_anchor_to_tunnel(struct lk_anchor_process *anchor, uint32_t mag,
                         const struct lk_anchor_place *to, struct lk_span packet);
/* Where the gateway says on its channel that its tunnel is; port 0: it does not know. */
void lk_anchor_told(struct lk_anchor_process *anchor, uint32_t mag,
                    const struct lk_mobility_place *place);
void lk_anchor_to_network(struct lk_anchor_process *anchor, struct lk_span packet);
LK_MUST_CHECK enum lk_status lk_anchor_prepare(const struct lk_config *config, lk_prepared_add *add,
                                               void *context, char error[LK_KIND_ERROR_TEXT]);

extern const struct lk_ask lk_anchor_asks[]; /* anchor_ask.c */
/* anchor_revoke.c */
json_t *lk_anchor_ask_revoke(void *context, const json_t *request);
/* A reload: rows that are bound by an association of the configuration, a bit for each, for the
 * caller to free; and the end of those that have none behind it. NULL: no memory, nobody. */
uint8_t *lk_anchor_bound_by_nodes(const struct lk_anchor_process *anchor);
void lk_anchor_revoke_without_key(struct lk_anchor_process *anchor, const uint8_t *rows);

/* anchor.c: what is counted, but for what table and channel are asked for. */
void lk_anchor_own_values(uint64_t values[LK_ANCHOR_OWN_COUNT],
                          const struct lk_anchor_process *anchor,
                          const struct lk_anchor_counters *c);

#endif
