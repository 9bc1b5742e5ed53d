/* A point of service of MIS (IEEE 802.21), serving, target and home at once: the mobile nodes that
 * have an SA with it, those that are being authenticated, and its links to other PoS.
 *
 *     MN   <--- MIS over UDP, a stream or a DTLS channel --->  PoS  <--- N2N over TLS --->  PoS
 *                                                               |
 *                                                               +--- RADIUS --->  AAA
 *
 * A mobile node has a row from the moment that somebody vouches for it: the AAA with an
 * Access-Accept, or a partner with a K that its home signed for. T44: nobody else has one. Who asks
 * to be authenticated gets one of a small number of places, of which each address has a share, and
 * those that never answered give way to the next. All else that strangers send is dropped, or
 * answered, with nothing kept.
 *
 * T46: what holds a K leaves only as N2N over a link that is up, which the role makes by TLS with
 * certificates at both ends, or under an SA that encrypts. There is no other way for it.
 *
 * Everything lies in memory that the caller gives once (lk_pos_size). A step is pure: time comes in
 * the event, random octets from the seed, and WAKE says when EXPIRED is wanted. What needs the heap
 * is asked for: N2N that ends in ASK is to be given again, with the answer. */
#ifndef LK_NODE_POS_H
#define LK_NODE_POS_H

#include "keys/mis_psk.h"
#include "keys/mis_start.h"
#include "proto/mis/link_keys.h"
#include "proto/mis/pos_auth.h"
#include "proto/mis/spos.h"
#include "proto/mis/tpos.h"
#include "proto/radius/client.h"

enum {
    LK_POS_SEED_LEN = 64,
    LK_POS_OUTBOX_MAX = 24,
    LK_POS_OUTBOX_OCTETS = 32768,
    LK_POS_MNS_MAX = 1 << 20,
    LK_POS_AUTHS_MAX = 1 << 14,
    LK_POS_LINKS_MAX = 256,
    LK_POS_LINK_KEYS = 8,    /* of one SA, that are told of */
    LK_POS_SOCKETS_MAX = 16, /* of RADIUS, with 256 identifiers each */
    LK_POS_AAA_TEXT = 80,
};

/* A home whose start marks are believed. */
struct lk_pos_home {
    struct lk_span realm;
    struct lk_home_key key;
};

/* Spans and lists are looked into until the PoS is configured anew. */
struct lk_pos_config {
    struct lk_mis_name self;
    /* codes and self of these are set by the PoS, from here and from above */
    struct lk_mis_codes codes;
    struct lk_mis_auth_config auth;
    struct lk_mis_spos_config spos;
    struct lk_mis_tpos_config tpos;
    struct lk_radius_nas_config radius;
    char aaa[LK_POS_AAA_TEXT]; /* "an answer of ...": for what is said of an AAA that is silent */
    const struct lk_pos_home *home;
    size_t homes;
    const struct lk_mis_neighbour *neighbour; /* partner and up are found by the PoS */
    size_t neighbours;                        /* at most places */
    uint8_t per_source;  /* authentications of one address (IPv6: of its /64) at a time */
    uint32_t half_opens; /* MNs that one link has announced, and that have not come yet */
    uint32_t first_ms;   /* to the first repeat of a message over UDP */
    bool offer_keys;     /* KEYS: for captures of a laboratory */
    /* how much there can be; the first configuration has it for good */
    uint32_t mns, auths, links;
    uint32_t talks;      /* MNs with something to repeat, or to know again, at a time */
    uint32_t nonces;     /* of MNs, remembered; the oldest is forgotten (T43) */
    uint32_t places;     /* neighbours */
    uint32_t sockets;    /* of RADIUS */
    uint32_t errands;    /* of the home's PoS: wishes for a K, one link's a quarter of them */
};
/* Those of the machines; 1000 MNs, 128 authentications, 8 of an address, 16 links, one socket, 64
 * errands. No name, no partners, no homes, no AAA. */
void lk_pos_defaults(struct lk_pos_config *config);

/* ---- who is where ---- */

enum lk_pos_way {
    LK_POS_UDP = 1,
    LK_POS_STREAM,  /* of that handle; the address is where it comes from */
    LK_POS_CHANNEL, /* of DTLS, the SA by TLS; the same */
    LK_POS_LINK,    /* through the PoS at the other end of that link */
};
struct lk_pos_peer {
    enum lk_pos_way way;
    uint32_t handle;
    struct lk_address address;
    uint16_t port;
};

/* ---- events ---- */

enum lk_pos_event_kind {
    LK_POS_EV_HEARD = 1,  /* a datagram, or one message of a stream or a channel */
    LK_POS_EV_GONE,       /* that stream or channel */
    LK_POS_EV_CHANNEL_UP, /* with the PSK of that identity (lk_pos_psk) */
    LK_POS_EV_LINK_UP,    /* T46: TLS, and the certificate is that PoS's */
    LK_POS_EV_LINK_DOWN,
    LK_POS_EV_N2N,        /* one message of a link */
    LK_POS_EV_RADIUS,     /* a datagram to that socket, from the AAA */
    LK_POS_EV_RELEASE,    /* from the operator: the SA with that MN */
    LK_POS_EV_PUSH,       /* from the operator: a link key to that MN (lk_pos_may_push) */
    LK_POS_EV_EXPIRED,    /* the time that WAKE asked for, or later */
};

/* What ASK is answered with. Secret. */
struct lk_pos_told {
    bool mark_is_signed; /* lk_start_mark_verify of ask.mark with ask.home */
    bool has_dh;         /* dh is the public key of a fresh pair, z of it and ask.dh: not zero */
    uint8_t dh[LK_MIS_DH_LEN], z[LK_MIS_DH_LEN];
};

struct lk_pos_event {
    enum lk_pos_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    union {
        struct {
            struct lk_pos_peer peer;
            struct lk_span octets;
        } heard;
        struct lk_pos_peer gone;
        struct {
            struct lk_pos_peer peer;
            struct lk_span identity;
        } channel;
        struct {
            uint32_t link; /* a number below config.links */
            struct lk_span name; /* LINK_UP: the MISF ID of the PoS */
            struct lk_span octets; /* N2N */
            const struct lk_pos_told *told; /* N2N: NULL, or the answer to its ASK */
        } link;
        struct {
            uint32_t socket;
            struct lk_span octets;
        } radius;
        struct lk_span release; /* MISF ID */
        struct {
            struct lk_span mn; /* MISF ID */
            struct lk_mis_link_pair link;
        } push;
    };
};

/* ---- outputs: spans live until the next step ---- */

enum lk_pos_output_kind {
    LK_POS_OUT_SEND = 1,
    LK_POS_OUT_N2N,    /* over that link, which is up; may hold a K: on that link alone */
    LK_POS_OUT_RADIUS, /* to the AAA */
    LK_POS_OUT_ASK,    /* give the same N2N again at once, with told */
    LK_POS_OUT_CLOSE,  /* that stream or channel */
    LK_POS_OUT_STREAM, /* T44: an MN is there, or is no more */
    LK_POS_OUT_KEYS,
    LK_POS_OUT_LINK_KEY, /* as KEYS: the MN has it */
    LK_POS_OUT_FACT,
    LK_POS_OUT_WAKE,   /* EXPIRED at that time; replaces the earlier wish; UINT64_MAX: never */
};

/* What the log and statistics have. */
enum lk_pos_fact {
    LK_POS_ATTACHED,    /* in full: EAP, or ERP, with the home */
    LK_POS_REJECTED,    /* an authentication that failed: refusal says why */
    LK_POS_PREPARED,    /* half-open, of the K of `other` */
    LK_POS_NOT_TAKEN,   /* what `other` hands over is refused */
    LK_POS_ARRIVED,     /* the MN came, and proved itself */
    LK_POS_NOT_COME,    /* half-open for too long, or AUTH-T was wrong */
    LK_POS_HANDED_OVER, /* K for `other` is out to both */
    LK_POS_NOT_HANDED,  /* the MN is refused */
    LK_POS_GIVEN,       /* a K of the home is with the target, `other` */
    LK_POS_NOT_GIVEN,   /* `other` asked for one, and is refused */
    LK_POS_LEFT,        /* terminated, by the MN or by us */
    LK_POS_ENDED,       /* the SA is past its lifetime */
    LK_POS_PUSHED,      /* the MN has the key of its link at `other`, a link address */
    LK_POS_NOT_PUSHED,
    LK_POS_CHANNEL_OPEN,
    LK_POS_CHANNEL_SHUT,
    LK_POS_FACT_COUNT
};

struct lk_pos_output {
    enum lk_pos_output_kind kind;
    union {
        struct {
            struct lk_pos_peer peer;
            struct lk_span octets;
        } send;
        struct {
            uint32_t link;
            struct lk_span octets;
        } n2n;
        struct {
            uint32_t socket;
            struct lk_span octets;
        } radius;
        struct {
            struct lk_span mark; /* empty: there is none to verify */
            struct lk_home_key home;
            bool wants_dh;
            uint8_t dh[LK_MIS_DH_LEN]; /* of the MN */
        } ask;
        struct lk_pos_peer close;
        struct {
            uint32_t handle;
            bool served; /* it is the place of an MN with an SA: each has one; else of a stranger */
        } stream;
        struct lk_mis_sa keys; /* secret */
        struct {
            struct lk_mis_said said; /* of the SA */
            struct lk_mis_pushed pushed;
        } link_key; /* secret */
        struct {
            enum lk_pos_fact fact;
            struct lk_span mn, other; /* MISF IDs, unless it is said otherwise */
            struct lk_mis_chain chain;
            struct lk_refusal refusal;
        } fact;
        uint64_t wake_at_ms;
    };
};

/* May hold keys: wipe it when it has been read. */
struct lk_pos_outbox {
    size_t count, used;
    struct lk_pos_output item[LK_POS_OUTBOX_MAX];
    uint8_t octets[LK_POS_OUTBOX_OCTETS];
};
void lk_pos_outbox_wipe(struct lk_pos_outbox *out);
/* The first of that kind, or NULL. */
const struct lk_pos_output *lk_pos_outbox_find(const struct lk_pos_outbox *out,
                                               enum lk_pos_output_kind kind);

/* ---- what it has seen: one number each ---- */

struct lk_pos_counters {
    uint64_t messages, malformed, foreign;
    uint64_t strangers;     /* T44: in clear, what only an SA may say */
    uint64_t unknown_sa;    /* under an SA that is nobody's */
    uint64_t unverified;    /* altered, of another peer, past its lifetime */
    uint64_t replayed;      /* T43: verified, and was there before */
    uint64_t unexpected;
    uint64_t full;          /* dropped, as there is no place */
    uint64_t source_full;   /* of one source more than its share */
    uint64_t displaced;     /* authentications that never answered, and gave way */
    uint64_t attached, rejected;
    uint64_t prepared, not_taken, arrived, not_come;
    uint64_t handed_over, not_handed;
    uint64_t given, not_given; /* of K of the home */
    uint64_t no_link;       /* T46: K that was not sent */
    uint64_t left, ended;
    uint64_t pushed, not_pushed; /* link keys */
    uint64_t relayed;
    uint64_t n2n_messages, n2n_malformed, n2n_unexpected;
    uint64_t radius_sent, radius_dropped;
    uint64_t pings;         /* Capability_Discover and events under an SA */
};

struct lk_pos;

/* The octets that a PoS of that size needs, aligned as malloc aligns. */
size_t lk_pos_size(const struct lk_pos_config *config);
/* Makes one in memory. seed is random, secret and used once. */
struct lk_pos *lk_pos_init(void *memory, const struct lk_pos_config *config,
                           const uint8_t seed[LK_POS_SEED_LEN]);
/* Takes what may change while it runs: all but how much there can be, and its name. */
void lk_pos_configure(struct lk_pos *pos, const struct lk_pos_config *config);
/* Wipes keys and everything else. */
void lk_pos_wipe(struct lk_pos *pos);

/* out is emptied first; its outputs count whatever the status says: it tells why an event had no
 * effect. */
LK_MUST_CHECK enum lk_status lk_pos_step(struct lk_pos *pos, const struct lk_pos_event *event,
                                         struct lk_pos_outbox *out);

const struct lk_pos_counters *lk_pos_counted(const struct lk_pos *pos);
/* The key that a DTLS handshake with that identity is to prove. LK_E_NOT_FOUND. */
LK_MUST_CHECK enum lk_status lk_pos_psk(struct lk_mis_psk *psk, const struct lk_pos *pos,
                                        struct lk_span identity);
/* Whether a link key can be pushed to that MN now; false: why not. */
LK_MUST_CHECK bool lk_pos_may_push(struct lk_refusal *why, const struct lk_pos *pos,
                                   struct lk_span mn);

/* An MN as it is told of. */
struct lk_pos_mn_told {
    struct lk_span name;       /* until the next step */
    bool has_sa;
    uint8_t type;              /* has_sa */
    bool half_open, channel;
    unsigned link_keys;        /* that it took under this SA, and for which links */
    const struct lk_mis_link_pair *link_key; /* until the next step */
    struct lk_mis_chain chain;
    struct lk_span spos;       /* who handed it over; empty: it was authenticated here */
    struct lk_span announcer;  /* half_open: who did, until due_ms */
    uint64_t due_ms;
    struct lk_pos_peer peer;   /* where it was heard last; way 0: nowhere yet */
    uint64_t heard_ms;         /* when, by itself and not through another PoS; 0: not yet */
    uint64_t expires_ms;
};
bool lk_pos_told_of(struct lk_pos_mn_told *told, const struct lk_pos *pos, struct lk_span name);
/* The MNs are at places below lk_pos_places, in no order; false: nobody is at that one. */
bool lk_pos_told_at(struct lk_pos_mn_told *told, const struct lk_pos *pos, uint32_t place);
uint32_t lk_pos_places(const struct lk_pos *pos);
uint32_t lk_pos_mn_count(const struct lk_pos *pos);
uint32_t lk_pos_auth_count(const struct lk_pos *pos);
/* The PoS at the other end; empty: the link is down. */
struct lk_span lk_pos_link_name(const struct lk_pos *pos, uint32_t link);

#endif
