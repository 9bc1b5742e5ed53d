/* The TWAP: the AAA proxy of a trusted WLAN, between access points and the AAA (TS 33.402 7.2.3.2).
 *
 * It forwards RADIUS (proto/radius/proxy.h), says in each Access-Request what this WLAN can do, and
 * keeps what the AAA says of WLCP to itself: an Accept with a WLCP key becomes SESSION, the access
 * point sees none of it (T04). What ends a session becomes SESSION_END, a failed re-authentication
 * SESSION_FAILED.
 *
 *     access point            TWAP                     AAA            TWAG
 *          | Access-Request     | + modes, TWAG address |               |
 *          |------------------->|---------------------->|               |
 *          |   Accept, MSK      |  Accept, MSK, WLCP key, IMSI          |
 *          |<-------------------|<----------------------|               |
 *          |                    | SESSION {IMSI, MAC, key, generation}  |
 *          |                    |-------------------------------------->|
 *          | Accounting stop    |                       |               |
 *          |------------------->| SESSION_END           |               |
 *          |                    |-------------------------------------->|
 *
 * Nothing is taken from a packet before it was verified, and no packet that was not leaves anything
 * behind (invariant 12). Of two answers for one device the one to the later request counts (T20):
 * what is overtaken reaches the access point and changes no session. A failure counts against a
 * session only where it is: at another access point anybody may say that he has this MAC. */
#ifndef LK_NODE_TWAP_H
#define LK_NODE_TWAP_H

#include "node/twap_sessions.h"
#include "proto/machine.h"
#include "proto/radius/ask.h"
#include "proto/radius/private.h"
#include "proto/radius/proxy.h"
#include "proto/radius/route.h"

enum {
    LK_TWAP_UPSTREAMS = 8,
    LK_TWAP_ROUTES = 32,
    LK_TWAP_OUT_MAX = 12,
    LK_TWAP_SWEEPS = 4,
    LK_TWAP_BOOTS = 1024,   /* access points whose on and off are remembered */
    LK_TWAP_BOOTS_SEEN = 8, /* of each, those without a timestamp: more are not taken */
    LK_TWAP_ROWS_A_TICK = 256,
};

/* A AAA server, or a proxy towards it. */
struct lk_twap_upstream {
    struct lk_radius_secret secret;
    bool may_carry_keys; /* T04: TLS, or loopback */
    bool reliable;       /* TLS: what is out is not sent again */
};

struct lk_twap_config {
    struct lk_radius_clients clients; /* the access points */
    struct lk_radius_clients askers;  /* who may send Disconnect-Requests as datagrams */
    struct lk_twap_upstream upstream[LK_TWAP_UPSTREAMS];
    size_t upstream_count;
    struct lk_radius_route route[LK_TWAP_ROUTES]; /* server: a place in upstream */
    size_t route_count;
    uint32_t enterprise;
    struct lk_twan_access access;             /* what each Access-Request says */
    struct lk_radius_dynamic_config dynamic;  /* many_nas: we stand for the access points */
    bool disconnect_ap;   /* the access points take Disconnect-Requests */
    uint32_t session_s;   /* of an Accept without Session-Timeout; 0: a day */
    uint32_t retry_ms;    /* of requests of our own; 0: the default of ask.h */
    uint8_t tries;        /* the same; and so many unanswered requests, and a server is dead */
};

/* What the tables hold: fixed at start. */
struct lk_twap_limits {
    size_t upstreams;
    size_t legs;      /* sockets or connections to each upstream, of each port */
    size_t sessions;
    size_t seen;      /* Disconnect-Requests of the last ten minutes */
    size_t asks;      /* Disconnect-Requests to access points that are out: at most 256 */
    uint32_t lifetime_ms; /* of a forwarded request, and of an answer kept for repeats */
};

struct lk_twap_ask {
    struct lk_address ap;
    struct lk_radius_ask ask;
};

/* An access point that has lost all its sessions: they end one after another. */
struct lk_twap_sweep {
    bool on;
    struct lk_address ap;
    uint8_t nas_len; /* 0: whatever it calls itself */
    char nas[LK_TWAP_NAS_MAX];
    uint64_t run;    /* sessions of later requests are none of them */
    uint32_t at;     /* the next row */
};

/* What an access point said last of having lost all its sessions, so that who recorded it says it
 * in vain. */
struct lk_twap_boots {
    struct lk_address ap;
    uint8_t nas_len;
    char nas[LK_TWAP_NAS_MAX];
    uint8_t seen_count;
    uint64_t at_s;                     /* the latest Event-Timestamp; 0: none */
    uint64_t seen[LK_TWAP_BOOTS_SEEN]; /* authenticators of those without one, cut */
};

struct lk_twap {
    struct lk_radius_proxy proxy[LK_TWAP_UPSTREAMS][2]; /* by enum lk_radius_port */
    struct lk_radius_health health[LK_TWAP_UPSTREAMS];
    uint64_t down[LK_TWAP_UPSTREAMS][2]; /* a bit for each leg that is down: the caller's to set */
    size_t upstreams;
    struct lk_twap_sessions sessions;
    struct lk_radius_dynamic_server dynamic;
    struct lk_twap_ask *ask;
    size_t asks;
    uint64_t runs;
    uint32_t scan; /* the next row to be looked at for its age */
    struct lk_twap_sweep sweep[LK_TWAP_SWEEPS];
    uint64_t since_ms; /* of the first event */
    struct lk_twap_boots boots[LK_TWAP_BOOTS];
};

size_t lk_twap_size(const struct lk_twap_limits *limits);
/* memory is aligned to 16 and need not be zeroed. */
void lk_twap_in(struct lk_twap *twap, void *memory, const struct lk_twap_limits *limits,
                uint64_t seed);

enum lk_twap_event_kind {
    LK_TWAP_EV_AP = 1,     /* a datagram of an access point, to one of our ports */
    LK_TWAP_EV_AAA,        /* an answer of an upstream */
    LK_TWAP_EV_DYNAMIC,    /* a request of an upstream, to port 3799 or over its connection */
    LK_TWAP_EV_AP_DYNAMIC, /* an answer of an access point to a request of ours */
    LK_TWAP_EV_END,        /* the operator ends the session of a device, by its mac */
    LK_TWAP_EV_TICK,       /* some times a second; at once again while again is set */
};

struct lk_twap_event {
    enum lk_twap_event_kind kind;
    uint64_t now_ms;
    uint8_t entropy[LK_ENTROPY_LEN];
    struct lk_span octets;
    struct lk_address source; /* AP, AP_DYNAMIC, DYNAMIC */
    uint16_t source_port;
    enum lk_radius_port port; /* AP: which of the two */
    uint8_t door;             /* AP: the caller's, where answers are to leave */
    uint8_t upstream;         /* AAA; DYNAMIC with by_connection */
    uint8_t leg;              /* AAA */
    bool by_connection;       /* DYNAMIC: it came over that upstream's own connection */
    uint8_t mac[LK_STATION_LEN]; /* END */
};

enum lk_twap_output_kind {
    LK_TWAP_OUT_AP = 1,     /* octets to address and port, from door, our port where */
    LK_TWAP_OUT_AAA,        /* octets to upstream, on leg, to its port where */
    LK_TWAP_OUT_DYNAMIC,    /* octets back to where the event came from */
    LK_TWAP_OUT_AP_DYNAMIC, /* octets to address, dynamic authorisation */
    LK_TWAP_OUT_SESSION,
    LK_TWAP_OUT_SESSION_END,
    LK_TWAP_OUT_SESSION_FAILED,
    LK_TWAP_OUT_NOTED, /* for log and counters: why something was dropped, or had no effect */
};

struct lk_twap_output {
    enum lk_twap_output_kind kind;
    union {
        struct {
            struct lk_span octets; /* good until the next step */
            struct lk_address address;
            uint16_t address_port;
            enum lk_radius_port where;
            uint8_t door;
            uint8_t upstream, leg;
        } send;
        struct lk_wlan_session session;
        struct {
            uint8_t ue_mac[LK_STATION_LEN];
            struct lk_imsi imsi;
            uint64_t generation;
            enum lk_wlan_end why; /* of SESSION_END */
        } end;
        struct {
            enum lk_reason noted;
            const char *noted_came; /* a constant, or NULL */
        };
    };
};

/* Owned by the caller, empty before a step, wiped after: it may hold keys. */
struct lk_twap_outbox {
    size_t count;
    bool again; /* TICK: there is more of it to be done now */
    struct lk_twap_output item[LK_TWAP_OUT_MAX];
    uint8_t answer[LK_RADIUS_PACKET_MAX];
};
void lk_twap_outbox_empty(struct lk_twap_outbox *out);
void lk_twap_outbox_wipe(struct lk_twap_outbox *out);

void lk_twap_step(struct lk_twap *twap, const struct lk_twap_config *config,
                  const struct lk_twap_event *event, struct lk_twap_outbox *out);

/* A digest over the table of sessions: equal when every session is. */
void lk_twap_digest(uint8_t digest[LK_SHA256_LEN], const struct lk_twap *twap);

#endif
