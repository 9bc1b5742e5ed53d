/* The MAG: the mobility sessions of a gateway towards its anchor, a machine each (proto/pmip/mag).
 *
 * The TWAG registers a PDN connection, refreshes it when the device was authenticated anew, and
 * releases it; what the anchor says comes back as BOUND, REFUSED or UNBOUND. A session goes by the
 * number that its owner gave it, with an epoch, so that an answer to one that is over is known as
 * such. A released session goes on by itself until the anchor has confirmed it; a new one of the
 * same device and service puts an end to that, lest a repeated release took the new one away.
 *
 * Memory is the caller's and bounded; an answer finds its session by the device's identity; the
 * next time to be woken is at the top of a heap. */
#ifndef LK_NODE_MAG_H
#define LK_NODE_MAG_H

#include "proto/pmip/mag.h"
#include "wire/wlcp.h"

enum {
    LK_MAG_REALM = 96,
    LK_MAG_OUT_MAX = 4,
};

struct lk_mag_config {
    struct lk_pmip_mag_config pmip;
    char realm[LK_MAG_REALM]; /* of the identities: "nai.epc.mnc001.mcc001.3gppnetwork.org" */
    uint8_t access;           /* access technology type: LK_ACCESS_80211 */
    uint32_t back_off_ms;     /* told with a refusal for want of room */
};

struct lk_mag_ref {
    uint32_t row;
    uint32_t epoch;
};

struct lk_mag_session {
    struct lk_pmip_mag machine;
    struct lk_mag_ref ref;
    bool used;
    bool wanted; /* not released yet */
    uint64_t subject; /* of the IMSI */
    uint64_t due_ms;
    uint32_t place; /* in the heap */
    uint32_t chain; /* in its bucket; in the list of free ones */
};

struct lk_mag {
    struct lk_mag_session *session;
    uint32_t *bucket;
    uint32_t *heap; /* by due_ms */
    uint32_t *by_ref; /* the wanted session of an owner's row, and one more; 0: none */
    uint32_t cap, rows, count;
    uint32_t free;    /* first of those that are free again */
    uint32_t touched; /* sessions from here on were never used */
    uint64_t seed;
    uint16_t sequence;
};

/* rows: of the owner, whose numbers are below it. There may be as many sessions being released. */
size_t lk_mag_size(uint32_t rows);
void lk_mag_in(struct lk_mag *mag, void *memory, uint32_t rows, uint64_t seed);
/* Timers of proto/pmip/mag, WLAN, a back-off of a minute; no realm. */
void lk_mag_defaults(struct lk_mag_config *config);

enum lk_mag_output_kind {
    LK_MAG_OUT_SEND = 1, /* to the anchor */
    LK_MAG_OUT_BOUND,
    LK_MAG_OUT_REFUSED,  /* the first registration failed; the session is over */
    LK_MAG_OUT_UNBOUND,  /* a later one did; the same */
};

struct lk_mag_output {
    enum lk_mag_output_kind kind;
    struct lk_mag_ref ref;
    union {
        struct lk_span send; /* into the outbox */
        struct lk_pmip_addresses bound;
        struct {
            uint8_t cause; /* of WLCP, for the device */
            uint32_t back_off_ms;
            uint8_t status; /* of the PBA; 0: there was none */
            struct lk_refusal refusal;
        } refused;
    };
};

struct lk_mag_outbox {
    size_t count;
    struct lk_mag_output item[LK_MAG_OUT_MAX];
    struct lk_pmip_mag_outbox machine;
};

struct lk_mag_register {
    struct lk_mag_ref ref;
    struct lk_imsi imsi;
    struct lk_span service; /* access point name, as text */
    struct lk_span token;
    struct lk_span link_layer_id; /* of the device, on the access link */
    bool want_ipv4, want_ipv6;
    bool handover; /* it had the connection on another access */
};
/* Begins a session; or, when ref has one, gives it the token and, when it is bound, says BOUND
 * again. out is emptied first, by each of these. LK_E_FULL; LK_E_EXISTS: this device has a session
 * for this service under another ref; LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_mag_register(struct lk_mag *mag,
                                             const struct lk_mag_config *config,
                                             const struct lk_mag_register *wanted, uint64_t now_ms,
                                             struct lk_mag_outbox *out);
/* LK_E_NOT_FOUND when ref has none (any more). */
LK_MUST_CHECK enum lk_status lk_mag_deregister(struct lk_mag *mag,
                                               const struct lk_mag_config *config,
                                               struct lk_mag_ref ref, uint64_t now_ms,
                                               struct lk_mag_outbox *out);
/* A message of the anchor. LK_E_NOT_FOUND: it answers nothing that is out; or the decoder's. */
LK_MUST_CHECK enum lk_status lk_mag_received(struct lk_mag *mag,
                                             const struct lk_mag_config *config,
                                             struct lk_span octets, uint64_t now_ms,
                                             struct lk_mag_outbox *out);
/* One session whose time has come; false when there is none (any more). */
bool lk_mag_expired(struct lk_mag *mag, const struct lk_mag_config *config, uint64_t now_ms,
                    struct lk_mag_outbox *out);
/* The anchor is there again, and may have been restarted: every session tells it of itself soon, a
 * few in each millisecond, and what waits for an answer asks again. */
void lk_mag_hasten(struct lk_mag *mag, uint64_t now_ms);
/* When it is to be called; UINT64_MAX: never. */
uint64_t lk_mag_due_ms(const struct lk_mag *mag);

#endif
