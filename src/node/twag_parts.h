/* What the files of the TWAG share; tests and fuzzers look in, too. */
#ifndef LK_NODE_TWAG_PARTS_H
#define LK_NODE_TWAG_PARTS_H

#include "base/budget.h"
#include "keys/wlcp.h"
#include "node/path.h"
#include "node/twag.h"

enum { LK_TWAG_KEYS = 2 }; /* the current one, and the one before */

struct lk_twag_key {
    struct lk_wlcp_key key;
    char identity[LK_WLCP_IDENTITY_LEN + 1]; /* "": there is none */
    uint64_t generation;
    uint64_t until_ms; /* of the one before */
};

struct lk_twag_session {
    bool used;
    uint32_t next; /* free ones, and those that are over */
    struct lk_imsi imsi;
    uint8_t mac[LK_STATION_LEN];
    struct lk_twag_key key[LK_TWAG_KEYS];
    uint64_t handle;       /* of the channel; 0: none */
    uint64_t generation;   /* of the key that opened it */
    uint32_t channels;     /* how many there were */
    struct lk_address address; /* of the device, once has_address */
    bool has_address;
    struct lk_path path;   /* of its user plane, behind that address */
    uint64_t alone_ms;     /* when the channel, or the connections without one, end; 0: never */
    uint64_t until_ms;     /* its lifetime: nobody authenticated anew until then */
    uint64_t teller;       /* the TWAP that said it */
    struct lk_budget messages; /* T01 */
    struct lk_wlcp_twag wlcp;
    uint8_t class_len;
    uint8_t class_value[LK_WLAN_CLASS_MAX];
};

/* Beside the row of the pool of the same number. */
struct lk_twag_link {
    bool registered;           /* the MAG was told of it, under that epoch */
    bool up;                   /* PDN_UP was said */
    bool has_ipv4, has_prefix; /* and they are in the index */
    uint32_t epoch;
    uint8_t ipv4[4];
    uint8_t prefix[8];
};

/* What can be found by octets. A session has a node for each of the first five, a row of the pool
 * for each of the last two. */
enum lk_twag_node {
    LK_TWAG_BY_IMSI,
    LK_TWAG_BY_MAC,
    LK_TWAG_BY_KEY,
    LK_TWAG_BY_OLD_KEY,
    LK_TWAG_BY_HANDLE,
    LK_TWAG_SESSION_NODES,
    LK_TWAG_BY_IPV4 = 0,
    LK_TWAG_BY_PREFIX,
    LK_TWAG_ROW_NODES,
};

struct lk_twag {
    struct lk_twag_config config;
    uint64_t seed[2];
    struct lk_path_key path_key;
    uint32_t slots; /* of sessions: two more than there may be, for those that end in a step */
    uint32_t touched;    /* sessions from here on were never used: their memory is not looked at */
    uint32_t free, over; /* lists of sessions */
    uint32_t sessions;
    struct lk_twag_session *session;
    struct lk_wlcp_twag_pool pool;
    struct lk_twag_link *link;
    /* the index */
    uint32_t mask;
    uint32_t *bucket;
    uint32_t *chain; /* of each node */
    /* what is due: a heap of sessions, then rows */
    uint32_t due;
    uint32_t *heap;
    uint32_t *place; /* in the heap, or NO_ROW */
    uint64_t *at_ms;
    uint64_t wake_ms; /* as it was told last */
    uint64_t now_ms;  /* of the step */
    struct lk_wlcp_outbox wlcp_out;
    struct lk_twag_counters counters;
};

/* twag_tables.c */
/* The octets that a node is found by; empty when it is not to be found. */
struct lk_span lk_twag_node_octets(const struct lk_twag *twag, uint32_t node);
void lk_twag_index_add(struct lk_twag *twag, uint32_t node);
void lk_twag_index_remove(struct lk_twag *twag, uint32_t node);
/* Sessions by IMSI, MAC, KEY (the current one or the one before) or HANDLE. NULL: none. */
struct lk_twag_session *lk_twag_find(const struct lk_twag *twag, enum lk_twag_node by,
                                     struct lk_span octets);
/* Rows by IPV4 or PREFIX; LK_WLCP_NO_ROW. */
uint32_t lk_twag_find_row(const struct lk_twag *twag, enum lk_twag_node by,
                          struct lk_span octets);
uint32_t lk_twag_session_node(const struct lk_twag *twag, const struct lk_twag_session *session,
                              enum lk_twag_node by);
uint32_t lk_twag_row_node(const struct lk_twag *twag, uint32_t row, enum lk_twag_node by);
/* who: a session's number, or slots and a row's. 0: never. */
void lk_twag_schedule(struct lk_twag *twag, uint32_t who, uint64_t at_ms);
uint64_t lk_twag_next_ms(const struct lk_twag *twag);

/* twag.c */
struct lk_twag_output *lk_twag_out(struct lk_twag_outbox *out, enum lk_twag_output_kind kind,
                                   const struct lk_twag_session *session);
void lk_twag_refuse(struct lk_twag_outbox *out, const struct lk_twag_session *session,
                    enum lk_reason reason, const char *expected, const char *came);
/* Steps the session's WLCP machine and hands its outputs on. */
enum lk_status lk_twag_feed(struct lk_twag *twag, struct lk_twag_session *session,
                            const struct lk_wlcp_event *event, struct lk_twag_outbox *out);

/* twag_sessions.c */
enum lk_status lk_twag_on_session(struct lk_twag *twag, const struct lk_wlan_session *from,
                                  struct lk_twag_outbox *out);
enum lk_status lk_twag_on_session_end(struct lk_twag *twag, const struct lk_twag_event *event,
                                      struct lk_twag_outbox *out);
enum lk_status lk_twag_on_twap_restarted(struct lk_twag *twag, const struct lk_twag_event *event);
enum lk_status lk_twag_on_channel_up(struct lk_twag *twag, const struct lk_twag_event *event,
                                     struct lk_twag_outbox *out);
enum lk_status lk_twag_on_channel_data(struct lk_twag *twag, const struct lk_twag_event *event,
                                       struct lk_twag_outbox *out);
enum lk_status lk_twag_on_channel_down(struct lk_twag *twag, const struct lk_twag_event *event,
                                       struct lk_twag_outbox *out);
void lk_twag_session_due(struct lk_twag *twag, struct lk_twag_session *session,
                         struct lk_twag_outbox *out);
/* One that is being closed and has nothing left ends. */
void lk_twag_session_settle(struct lk_twag *twag, struct lk_twag_session *session,
                            struct lk_twag_outbox *out);
/* Those that ended in the step before are free now. */
void lk_twag_bury(struct lk_twag *twag);

/* twag_user.c */
enum lk_status lk_twag_on_frame(struct lk_twag *twag, const struct lk_twag_event *event,
                                struct lk_twag_outbox *out);
enum lk_status lk_twag_on_packet(struct lk_twag *twag, const struct lk_twag_event *event,
                                 struct lk_twag_outbox *out);
/* Tells the device of an IPv6 connection its prefix. */
void lk_twag_advertise(struct lk_twag *twag, uint32_t row, struct lk_twag_outbox *out);

#endif
