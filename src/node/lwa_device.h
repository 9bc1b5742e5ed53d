/* The device of LTE-WLAN aggregation: the machine that its eNB talks to (proto/lwa/ue), its
 * station, its supplicant, and data under their keys (proto/rsn), as one.
 *
 *     RRC   --> ue --PMK---------> supplicant --TK--> ccmp --> data up and down
 *                `--associate--> station --associated--^
 *
 * What is done with frames:
 *
 *   - While there is a TK, what goes out goes under it, and what comes counts only when it came
 *     under it, EAPOL too (A05). One exception: in the first handshake the access point has no TK
 *     before it has message 4. Where that was lost its message 3 comes again, in clear; that one
 *     is let through until a frame has come under the TK. Its answer goes under the TK, and a
 *     message 3 that comes again installs nothing.
 *   - Outputs of the machines are carried out in their order: message 4 leaves before the TK is in.
 *   - With the end of an association its keys are wiped; PMKs stay, until LWA is released.
 *
 * A device is a plain struct. A step is pure: time and entropy come in the event, and WAKE says
 * when EXPIRED is wanted. */
#ifndef LK_NODE_LWA_DEVICE_H
#define LK_NODE_LWA_DEVICE_H

#include "proto/lwa/ue.h"
#include "proto/rsn/ccmp.h"
#include "proto/rsn/station.h"
#include "proto/rsn/supplicant.h"

enum {
    LK_LWA_DEVICE_OUTPUTS = 16,
    LK_LWA_DEVICE_OCTETS = 4096,  /* of all that a step sends */
    LK_LWA_DEVICE_PDU_MAX = 2000, /* a PDCP PDU */
};
#define LK_LWA_DEVICE_NEVER UINT64_MAX

struct lk_lwa_device_config {
    struct lk_lwa_ue_config ue;
    struct lk_rsn_station_config station; /* its AKM is that of rsn */
    struct lk_rsn_config rsn;             /* in_place: A05 */
};
/* Those of the machines. */
void lk_lwa_device_defaults(struct lk_lwa_device_config *config);

struct lk_lwa_device_counters {
    uint64_t rrc, rrc_dropped;       /* T53: changed, played again, of another key */
    uint64_t frames, frames_foreign; /* of others, or to others */
    uint64_t frames_refused;         /* of our access point, and of no use */
    uint64_t in_clear;               /* A05: without protection, where there is a TK */
    uint64_t replayed, altered;      /* A02 */
    uint64_t installs, installs_refused; /* A02: of a TK that was in, or is none */
    uint64_t joins, associations, handshakes, rekeys, losses;
    uint64_t data_up, data_down, up_dropped;
};

struct lk_lwa_device {
    uint8_t mac[LK_STATION_LEN];
    bool ap_has_tk; /* a frame came under it, in this association */
    bool usable;    /* data can pass */
    uint16_t sequence;
    struct lk_lwa_ue ue;
    struct lk_rsn_station station;
    struct lk_rsn_supplicant supplicant;
    struct lk_rsn_ccmp ccmp;
    struct lk_lwa_ue_target target; /* of the association that there is or that is under way */
    uint64_t ue_due_ms, station_due_ms, supplicant_due_ms;
    uint64_t told_ms; /* what WAKE said last */
    struct lk_lwa_device_counters counters;
};

/* ---- events ---- */

enum lk_lwa_device_event_kind {
    LK_LWA_DEVICE_EV_CONTEXT = 1,
    LK_LWA_DEVICE_EV_RRC,     /* a PDU of SRB1 */
    LK_LWA_DEVICE_EV_FRAME,   /* of IEEE 802.11, from its MAC header on, without a check sequence */
    LK_LWA_DEVICE_EV_DATA_UP, /* a PDCP PDU of a bearer, for the WLAN */
    LK_LWA_DEVICE_EV_EXPIRED, /* the time that WAKE asked for, or later */
    LK_LWA_DEVICE_EV_LEAVE,   /* from the owner: nothing is to be kept */
};

struct lk_lwa_device_event {
    enum lk_lwa_device_event_kind kind;
    uint64_t now_ms;
    uint8_t entropy[LK_RSN_NONCE_LEN]; /* fresh with every event */
    union {
        struct lk_lwa_ue_context context;
        struct lk_span octets; /* RRC, FRAME */
        struct lk_lwaap up;    /* bearer and PDU */
    };
};

/* ---- outputs: spans live until the next step ---- */

enum lk_lwa_device_output_kind {
    LK_LWA_DEVICE_OUT_RRC = 1,
    LK_LWA_DEVICE_OUT_FRAME,
    LK_LWA_DEVICE_OUT_DATA_DOWN,
    LK_LWA_DEVICE_OUT_FACT,
    LK_LWA_DEVICE_OUT_WAKE,    /* EXPIRED at that time; replaces the earlier wish */
    LK_LWA_DEVICE_OUT_REFUSAL, /* the event had no effect, or ended something */
    LK_LWA_DEVICE_OUT_NOTICE,
};

/* For statistics, each at the time of the event. */
enum lk_lwa_device_fact {
    LK_LWA_DEVICE_ASSOCIATED,      /* as 802.11 has it: keys are to come */
    LK_LWA_DEVICE_KEYED,           /* the first handshake is over */
    LK_LWA_DEVICE_REKEYED,
    LK_LWA_DEVICE_DEAUTHENTICATED, /* by the access point, with that code */
    LK_LWA_DEVICE_LEFT,            /* by us */
    LK_LWA_DEVICE_USABLE,          /* data can pass from now on */
    LK_LWA_DEVICE_UNUSABLE,
};

struct lk_lwa_device_output {
    enum lk_lwa_device_output_kind kind;
    union {
        struct lk_span send;   /* RRC, FRAME */
        struct lk_lwaap down;
        struct {
            enum lk_lwa_device_fact what;
            uint16_t code;     /* enum lk_80211_reason, where there is one */
        } fact;
        uint64_t wake_ms;
        struct lk_refusal why; /* REFUSAL, NOTICE */
    };
};

/* Holds data in clear: wipe it when it has been read. */
struct lk_lwa_device_outbox {
    size_t count, used;
    struct lk_lwa_device_output item[LK_LWA_DEVICE_OUTPUTS];
    uint8_t octets[LK_LWA_DEVICE_OCTETS];
    struct lk_rsn_data data; /* what DATA_DOWN looks at */
};

void lk_lwa_device_outbox_wipe(struct lk_lwa_device_outbox *out);

void lk_lwa_device_init(struct lk_lwa_device *device, const uint8_t mac[LK_STATION_LEN]);
void lk_lwa_device_wipe(struct lk_lwa_device *device);
/* out is emptied first; its outputs count whatever the status says: it tells why an event had no
 * effect. */
LK_MUST_CHECK enum lk_status lk_lwa_device_step(struct lk_lwa_device *device,
                                                const struct lk_lwa_device_config *config,
                                                const struct lk_lwa_device_event *event,
                                                struct lk_lwa_device_outbox *out);

#endif
