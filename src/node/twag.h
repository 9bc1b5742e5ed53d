/* The TWAG: sessions from the AAA, channels, WLCP, and the binding at the anchor, in one record.
 *
 * A session is what the TWAP was told by the AAA: IMSI, the device's MAC address, a WLCP key with
 * its generation, the anchor's token (Class). The key's identity finds the session when a channel
 * comes up; from then on the channel's handle is the session, and whatever comes through it is
 * looked up inside this one record. No event lets a peer name another subscriber (T02), and what
 * goes to the anchor carries the IMSI and the token that the AAA gave (T03).
 *
 * Everything lies in memory that the caller gives once (lk_twag_size), sized by configuration. A
 * step is pure: time comes in the event, and WAKE says when EXPIRED is wanted next. The driver
 * (role/wlan) owns sockets, DTLS and the MAG. */
#ifndef LK_NODE_TWAG_H
#define LK_NODE_TWAG_H

#include "base/address.h"
#include "node/wlan_session.h"
#include "proto/wlcp/twag.h"

enum {
    LK_TWAG_FRAME_MAX = 1600,
    LK_TWAG_SEED_LEN = 48,
    LK_TWAG_DIGEST_LEN = 32,
};

struct lk_twag_config {
    struct lk_wlcp_twag_config wlcp;
    uint32_t sessions;       /* most at once */
    uint32_t connections;    /* most PDN connections of all of them */
    uint32_t overlap_ms;     /* T06: how long a retired key still opens a channel */
    uint32_t old_channel_ms; /* how long an old channel lives when no new one comes, and how long
                              * connections live without any */
    uint32_t rate_burst;     /* T01: messages of one UE at once, */
    uint32_t rate_per_s;     /* and for as long as it likes */
    uint16_t user_port;      /* of a UE's user plane, until another one is proven (T13) */
    bool any_source_port;    /* T01: or else frames come from that port, and from no other */
};

/* A PDN connection towards the MAG: a row and its use. */
struct lk_twag_ref {
    uint32_t row;
    uint32_t epoch;
};

/* ---- events ---- */

enum lk_twag_event_kind {
    LK_TWAG_EV_SESSION = 1,   /* from the TWAP: accepted, or accepted again with a new key */
    LK_TWAG_EV_SESSION_END,
    LK_TWAG_EV_REAUTH_FAILED, /* from the TWAP: the AAA rejected the device that has a session */
    LK_TWAG_EV_TWAP_RESTARTED, /* it knows nothing of what it said before */
    LK_TWAG_EV_CHANNEL_UP,
    LK_TWAG_EV_CHANNEL_DATA,
    LK_TWAG_EV_CHANNEL_DOWN,
    LK_TWAG_EV_BOUND,         /* from the MAG */
    LK_TWAG_EV_REFUSED,
    LK_TWAG_EV_UNBOUND,
    LK_TWAG_EV_USER_FRAME,    /* an Ethernet frame from a device */
    LK_TWAG_EV_TUNNEL_PACKET, /* an IP packet from the anchor */
    LK_TWAG_EV_MODIFY,        /* from the operator */
    LK_TWAG_EV_RELEASE,
    LK_TWAG_EV_EXPIRED,       /* the time that WAKE asked for, or later */
    LK_TWAG_EVENT_KIND_COUNT
};

struct lk_twag_event {
    enum lk_twag_event_kind kind;
    uint64_t now_ms;
    union {
        const struct lk_wlan_session *session;
        struct {
            struct lk_imsi imsi;
            uint8_t ue_mac[LK_STATION_LEN];
            uint64_t generation;
            enum lk_wlan_end why;
        } end; /* SESSION_END, REAUTH_FAILED */
        struct {
            uint64_t teller;
            uint64_t generation; /* of older ones it knows nothing */
        } restart;
        struct {
            uint64_t handle;          /* never 0, never used for another one again */
            struct lk_span identity;  /* UP: as proven by the handshake */
            struct lk_address address; /* UP: the device's */
            struct lk_span octets;    /* DATA: one record */
        } channel;
        struct {
            struct lk_twag_ref ref;
            bool has_ipv4, has_prefix; /* BOUND */
            uint8_t ipv4[4];
            uint8_t prefix[8];         /* the upper half of an IPv6 /64 */
            uint8_t cause;             /* REFUSED, UNBOUND: for the device */
            uint64_t back_off_ms;      /* REFUSED: for Tw1; 0: none */
            bool moved;                /* UNBOUND: it goes on in another access */
        } binding;
        struct {
            struct lk_span octets;
            struct lk_address from; /* USER_FRAME: where the datagram came from */
            uint16_t from_port;
        } packet;
        struct {
            struct lk_twag_ref ref;
            uint8_t cause;
        } connection; /* MODIFY, RELEASE */
    };
};

/* ---- outputs: all spans and pointers live until the next step ---- */

enum lk_twag_output_kind {
    LK_TWAG_OUT_CHANNEL_SEND = 1,
    LK_TWAG_OUT_CHANNEL_CLOSE,
    LK_TWAG_OUT_KEY,            /* the key of this identity is there: who waits for it may go on */
    LK_TWAG_OUT_MAG_REGISTER,   /* make or refresh the binding, and tell BOUND or REFUSED */
    LK_TWAG_OUT_MAG_DEREGISTER, /* end it; nothing comes back */
    LK_TWAG_OUT_FRAME,          /* an Ethernet frame to a device */
    LK_TWAG_OUT_TUNNEL,         /* an IP packet to the anchor */
    LK_TWAG_OUT_PDN_UP,
    LK_TWAG_OUT_PDN_DOWN,       /* of one that was up */
    LK_TWAG_OUT_WAKE,           /* EXPIRED at that time; replaces the earlier wish; MAX: never */
    LK_TWAG_OUT_REFUSAL,
    LK_TWAG_OUTPUT_KIND_COUNT
};

struct lk_twag_output {
    enum lk_twag_output_kind kind;
    const struct lk_imsi *imsi; /* of the session, for all but WAKE; NULL where there is none */
    union {
        struct {
            uint64_t handle;
            struct lk_span octets;
        } channel;
        struct lk_span identity; /* KEY */
        struct {
            struct lk_twag_ref ref;
            struct lk_span token;          /* Class, as the AAA made it */
            const struct lk_wlcp_apn *apn;
            const struct lk_wlcp_address *address; /* PDN_UP */
            uint8_t pdn_id;
            uint8_t pdn_type;              /* what it may be: bits of enum lk_wlcp_pdn_type */
            bool handover;                 /* it was on another access */
            uint8_t cause;                 /* PDN_DOWN; NONE when nobody said one */
            enum lk_reason reason;         /* PDN_DOWN; NONE when it was wanted */
        } pdn; /* MAG_REGISTER, MAG_DEREGISTER, PDN_UP, PDN_DOWN */
        struct {
            struct lk_twag_ref ref;
            struct lk_span octets;
            struct lk_address to; /* FRAME */
            uint16_t to_port;
        } packet;
        uint64_t wake_at_ms;
        struct lk_refusal refusal;
    };
};

enum { LK_TWAG_OUTBOX_MAX = 96, LK_TWAG_OUTBOX_OCTETS = 8192 };

struct lk_twag_outbox {
    size_t count;
    size_t used;
    struct lk_twag_output item[LK_TWAG_OUTBOX_MAX];
    uint8_t octets[LK_TWAG_OUTBOX_OCTETS];
};

void lk_twag_outbox_empty(struct lk_twag_outbox *out);
const struct lk_twag_output *lk_twag_outbox_find(const struct lk_twag_outbox *out,
                                                 enum lk_twag_output_kind kind);

/* ---- what it has seen: one number each ---- */

struct lk_twag_counters {
    uint64_t sessions, sessions_refused, sessions_ended;
    uint64_t channels, channels_refused;
    uint64_t connections_up, connections_down;
    uint64_t alarms;            /* T02: requests about a connection that is not the UE's */
    uint64_t requests_refused;
    uint64_t too_fast;          /* T01 */
    uint64_t malformed;
    uint64_t unexpected;
    uint64_t frames_up, frames_down;
    uint64_t frames_foreign;    /* T33: MAC, user plane identity or source address of another */
    uint64_t frames_unbound;    /* for a connection that is not up */
    uint64_t packets_unbound;   /* from the anchor, for nobody */
    uint64_t late_answers;      /* of the MAG, for a connection that is over */
};

struct lk_twag;

void lk_twag_defaults(struct lk_twag_config *config);
/* The octets that a TWAG of that size needs, aligned as malloc aligns. */
size_t lk_twag_size(const struct lk_twag_config *config);
/* Makes one in memory. seed is random and secret: it keeps strangers from filling one place of
 * the tables, and from answering for a place where they are not. The configuration is copied. */
struct lk_twag *lk_twag_init(void *memory, const struct lk_twag_config *config,
                             const uint8_t seed[LK_TWAG_SEED_LEN]);
/* Takes what may change while it runs: all but sessions and connections. */
void lk_twag_configure(struct lk_twag *twag, const struct lk_twag_config *config);
/* Wipes keys and everything else. */
void lk_twag_wipe(struct lk_twag *twag);

/* The outputs count whatever the status says. LK_E_UNEXPECTED, LK_E_NOT_FOUND, LK_E_FULL, ... say
 * why an event had no effect. */
LK_MUST_CHECK enum lk_status lk_twag_step(struct lk_twag *twag, const struct lk_twag_event *event,
                                          struct lk_twag_outbox *out);

/* The key behind an identity at that time: the current one, or the one before within overlap_ms
 * (T06). The caller wipes it. LK_E_NOT_FOUND: none now; it may still come. */
LK_MUST_CHECK enum lk_status lk_twag_key(struct lk_wlcp_key *key, const struct lk_twag *twag,
                                         struct lk_span identity, uint64_t now_ms);

/* The state digest: which sessions, which channels' keys, which PDN connections in which state,
 * with which addresses. Clocks, counters and what is due to them are not in it. Two tables of equal
 * content have equal digests. */
void lk_twag_digest(uint8_t digest[LK_TWAG_DIGEST_LEN], const struct lk_twag *twag);
const struct lk_twag_counters *lk_twag_counted(const struct lk_twag *twag);

/* A session as it is told of. */
struct lk_twag_told {
    struct lk_imsi imsi;
    uint8_t mac[LK_STATION_LEN];
    bool has_channel;
    size_t connections;
};
/* The sessions have places below that number, not each of them one. False: there is none. */
uint32_t lk_twag_places(const struct lk_twag *twag);
bool lk_twag_told_at(struct lk_twag_told *told, const struct lk_twag *twag, uint32_t place);
bool lk_twag_told_of(struct lk_twag_told *told, const struct lk_twag *twag,
                     const uint8_t mac[LK_STATION_LEN]);
uint32_t lk_twag_session_count(const struct lk_twag *twag);
uint32_t lk_twag_connection_count(const struct lk_twag *twag);

#endif
