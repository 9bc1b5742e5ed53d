/* The mobile node of MIS (IEEE 802.21): the machines of full and of optimised establishment
 * (proto/mis/mn_auth, mn), EAP's and ERP's peers, SAs, transactions and PDUs, as one.
 *
 *     ATTACH    --> mn_auth <--> EAP | ERP -----K----> SA with the PoS that serves, or will
 *     HANDOVER  --> mn -----------------------K----> SA with the target       |
 *                    |-- K of the home, of our own ERP; or else of the chain  |
 *                    `-- cannot, or failed: ATTACH to the target -------------'
 *     SWITCHED  --> the target serves now
 *
 * There are two links: one with the PoS that serves, one with the target; SWITCHED lets them change
 * places. What comes on a link counts only when it is of that link's PoS, and, where there is an SA
 * with it, under that SA; in clear are Capability_Discover and Auth alone.
 *
 * A06: nobody on the way, and no PoS, is told the IMSI by it. The MN's MISF ID is a pseudonym that
 * each authentication by EAP makes anew (keys/mis_mn.h); until it has made one, the MN speaks in
 * clear, and as somebody whom it draws for that run.
 *
 * The MN's count of optimised establishments is its own, and durable (T40): the owner writes down
 * what SAVE says, and begins the device with it. Partners are those of the home, so no PoS can lead
 * the MN elsewhere (T45). An SA by TLS carries messages, and never a K (T41).
 *
 * A step is pure: time and entropy come in the event, and WAKE says when EXPIRED is wanted. What
 * takes scratch from the heap, X25519, is the owner's: it makes the pair before HANDOVER, and
 * answers ASK_SHARED. */
#ifndef LK_NODE_MIS_DEVICE_H
#define LK_NODE_MIS_DEVICE_H

#include "keys/mis_psk.h"
#include "node/draw.h"
#include "proto/eap/peer.h"
#include "proto/erp/peer.h"
#include "proto/mis/exchange.h"
#include "proto/mis/link_keys.h"
#include "proto/mis/mn.h"
#include "proto/mis/mn_auth.h"

enum {
    LK_MIS_DEVICE_LINKS = 2,
    LK_MIS_DEVICE_TRANSACTIONS = 10, /* of a link: a whole EAP run is kept over UDP */
    LK_MIS_DEVICE_OUTPUTS = 24,
    LK_MIS_DEVICE_OCTETS = 32768, /* of all that a step sends */
    LK_MIS_DEVICE_REPEATS = 4,    /* of a link in a step */
};

struct lk_mis_device_config {
    struct lk_mis_mn_config mn; /* codes, offers and lifetime are those of auth, too; its name is
                                 * the device's to find */
    struct lk_mis_auth_config auth;
    struct lk_eap_peer_config eap;
    struct lk_erp_peer_config erp; /* its realm is the home's */
    const struct lk_mis_pos *points; /* that we know of ourselves: ways to them are ours */
    size_t point_count;
    bool udp;               /* else TCP */
    bool use_erp;           /* where an EAP run before left a key for it */
    uint32_t erp_lifetime_s; /* of what an EAP run leaves */
    uint32_t renew_ms;      /* so long before its end the SA with the serving PoS is renewed;
                          * of one that lasts less than twice that, when half of it is over */
};
/* Those of the machines, and TCP; ERP; a minute. Realm, partners and the card's identity remain to
 * be set. */
void lk_mis_device_defaults(struct lk_mis_device_config *config);

/* What there is with the PoS of a link. */
enum lk_mis_device_hold {
    LK_MIS_DEVICE_NOTHING,
    LK_MIS_DEVICE_HALF_OPEN, /* an SA that only the machine of establishment may use */
    LK_MIS_DEVICE_SA,
    LK_MIS_DEVICE_CHANNEL,   /* DTLS: an SA of type TLS */
};

struct lk_mis_device_link {
    enum lk_mis_device_hold holds;
    bool open; /* the owner was asked for a way to it, and has not said that it is gone */
    struct lk_mis_name id; /* empty: a link with nobody */
    struct lk_mis_name once; /* as whom we speak in clear: of the last run */
    struct lk_mis_name self; /* over a channel */
    struct lk_address address;
    uint16_t port;
    struct lk_mis_sa sa; /* without MIAK */
    uint64_t renew_ms; /* when sa is to be renewed */
    struct lk_mis_exchange x;
    struct lk_mis_transaction transaction[LK_MIS_DEVICE_TRANSACTIONS];
};

struct lk_mis_device_counters {
    uint64_t heard, unreadable;
    uint64_t foreign;          /* of others, or to others */
    uint64_t in_clear;         /* where there is an SA */
    uint64_t altered, replayed;
    uint64_t unasked;          /* well made, and of no use now */
    uint64_t attaches, fallbacks, handovers;
};

struct lk_mis_device {
    uint8_t serving; /* which link, when it has an id; the other one is the target's */
    bool authenticating, in_background;
    bool renewed; /* it was tried, of the SA that there is */
    uint8_t auth_link;
    bool asking_shared; /* answer waits for SHARED */
    bool asked_home;    /* for a K of the home: where there is none, one of the chain does */
    struct lk_mis_device_link link[LK_MIS_DEVICE_LINKS];
    struct lk_mis_name named; /* by the authentication that was last: the next SA is under it */
    struct lk_mis_mn mn;
    struct lk_mis_mn_auth auth;
    struct lk_eap_peer eap;
    struct lk_erp_peer erp;
    struct lk_mis_header answer_header;
    struct lk_mis_opened answer; /* of the SPoS: has a K */
    uint64_t mn_due_ms, auth_due_ms, told_ms;
    struct lk_mis_device_counters counters;
};

/* ---- events ---- */

enum lk_mis_device_event_kind {
    LK_MIS_DEVICE_EV_ATTACH = 1, /* authenticate in full; with a second PoS while one serves, too */
    LK_MIS_DEVICE_EV_HANDOVER,
    LK_MIS_DEVICE_EV_SWITCHED,   /* the target's link is ours now */
    LK_MIS_DEVICE_EV_HEARD,      /* a datagram, or a whole frame of a stream */
    LK_MIS_DEVICE_EV_DOWN,       /* the way of that link is gone */
    LK_MIS_DEVICE_EV_CHANNEL,    /* DTLS with pos is up, and proved it: it serves */
    LK_MIS_DEVICE_EV_CARD,
    LK_MIS_DEVICE_EV_SHARED,
    LK_MIS_DEVICE_EV_SAVED,
    LK_MIS_DEVICE_EV_EXPIRED,    /* the time that WAKE asked for, or later */
    LK_MIS_DEVICE_EV_PING,       /* Capability_Discover to the serving PoS, under the SA */
    LK_MIS_DEVICE_EV_DETACH,
};

/* Secret: CARD, SHARED. */
struct lk_mis_device_event {
    enum lk_mis_device_event_kind kind;
    uint64_t now_ms;
    uint8_t seed[LK_DRAW_SEED_LEN]; /* fresh with every event */
    union {
        struct lk_mis_pos pos; /* ATTACH */
        struct {
            struct lk_mis_pos pos;
            struct lk_span self; /* our name, as PSK said */
        } channel;
        struct {
            const struct lk_mis_pos *target;    /* NULL: the SPoS selects one by what is known */
            const struct lk_mis_message *known; /* as of struct lk_mis_mn_event; or NULL */
            const uint8_t *dh;                  /* our X25519 public key; NULL: no mixing */
            bool of_home; /* K of the home, for that target, where ERP can make one */
        } handover;
        struct {
            uint8_t link;
            struct lk_span octets; /* HEARD */
        } way;                     /* HEARD, DOWN */
        struct lk_card_answer card;
        const uint8_t *z; /* SHARED; NULL: it is zero */
        struct {
            uint8_t used;
            bool done;
        } saved;
    };
};

/* ---- outputs: spans live until the next step ---- */

enum lk_mis_device_output_kind {
    LK_MIS_DEVICE_OUT_OPEN = 1, /* a way to that PoS, before what is sent on the link next */
    LK_MIS_DEVICE_OUT_CLOSE,
    LK_MIS_DEVICE_OUT_SEND,
    LK_MIS_DEVICE_OUT_ASK_CARD,
    LK_MIS_DEVICE_OUT_ASK_SHARED, /* of our secret and that public key; then SHARED */
    LK_MIS_DEVICE_OUT_LINK_KEY,   /* that the PoS pushed, and the MSRK makes */
    LK_MIS_DEVICE_OUT_KEYS,       /* of a new SA, with its MIAK: for captures of a laboratory */
    LK_MIS_DEVICE_OUT_SAVE,       /* the count; then SAVED */
    LK_MIS_DEVICE_OUT_PSK,        /* of EAP: for an SA of type TLS with the PoS of that link */
    LK_MIS_DEVICE_OUT_FACT,
    LK_MIS_DEVICE_OUT_WAKE,       /* EXPIRED at that time; replaces the earlier wish */
    LK_MIS_DEVICE_OUT_REFUSAL,    /* the event had no effect, or ended something */
};

enum lk_mis_device_fact {
    LK_MIS_DEVICE_ATTACHED, /* in full, with the PoS of that link */
    LK_MIS_DEVICE_READY,    /* optimised: SWITCHED may come */
    LK_MIS_DEVICE_SERVED,   /* by the PoS of that link, from now on */
    LK_MIS_DEVICE_FALLBACK, /* full establishment begins, and why */
    LK_MIS_DEVICE_STAYS,    /* nothing came of it, and why; the PoS that served still does */
    LK_MIS_DEVICE_PONG,
    LK_MIS_DEVICE_LOST,     /* the SA of that link is over */
    LK_MIS_DEVICE_SILENT,   /* no PONG, and why; another SA is made in the background */
    LK_MIS_DEVICE_FACT_COUNT,
};

/* Secret: PSK, LINK_KEY, KEYS. */
struct lk_mis_device_output {
    enum lk_mis_device_output_kind kind;
    uint8_t link; /* OPEN, CLOSE, SEND, PSK, LINK_KEY, KEYS, FACT */
    union {
        struct {
            struct lk_address address;
            uint16_t port;
        } open;
        struct lk_span send;
        struct lk_mis_pushed link_key; /* under the SA of that link */
        struct lk_mis_sa keys;
        struct {
            uint8_t rand[LK_RAND_LEN];
            uint8_t autn[LK_AUTN_LEN];
        } ask_card;
        uint8_t ask_shared[LK_MIS_DH_LEN];
        uint8_t save; /* used */
        struct {
            struct lk_mis_psk key;
            struct lk_mis_name self; /* whose */
        } psk;
        struct {
            enum lk_mis_device_fact what;
            struct lk_mis_name pos;  /* of that link when it was told: it may be left by now */
            bool by_erp, background;
            bool ended;              /* LOST: terminated, so the PoS has forgotten the MN */
            enum lk_mis_reason told; /* of the wire, by who refused, PoS or we: FALLBACK, STAYS */
            struct lk_refusal why;   /* FALLBACK, STAYS, SILENT */
        } fact;
        uint64_t wake_ms;
        struct lk_refusal why;
    };
};

/* May hold keys: wipe it when it has been read. */
struct lk_mis_device_outbox {
    size_t count, used;
    struct lk_mis_device_output item[LK_MIS_DEVICE_OUTPUTS];
    uint8_t octets[LK_MIS_DEVICE_OCTETS];
};
void lk_mis_device_outbox_wipe(struct lk_mis_device_outbox *out);

/* With the count as it was written down. */
void lk_mis_device_init(struct lk_mis_device *device, const struct lk_mis_chain *chain);
void lk_mis_device_wipe(struct lk_mis_device *device);
/* out is emptied first; its outputs count whatever the status says: it tells why an event had no
 * effect. */
LK_MUST_CHECK enum lk_status lk_mis_device_step(struct lk_mis_device *device,
                                                const struct lk_mis_device_config *config,
                                                const struct lk_mis_device_event *event,
                                                struct lk_mis_device_outbox *out);

/* The link that serves; NULL: none does. */
const struct lk_mis_device_link *lk_mis_device_serving(const struct lk_mis_device *device);
/* As whom it is served; empty: it is not. */
struct lk_span lk_mis_device_named(const struct lk_mis_device *device);

#endif
