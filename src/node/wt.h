/* The WLAN termination: the UEs that eNBs have announced over Xw, each with its machine
 * (proto/lwa/wt), and the access point of their stations: open system authentication and
 * association, the 4-way and group handshakes, CCMP, and LWA data both ways.
 *
 * A UE has a row from the ADDITION of an eNB to its release, and nobody else has one: a station
 * that no eNB has announced gets an answer to its authentication, and its association is refused,
 * without anything being kept. So what strangers send costs no memory, and one half-open handshake
 * a UE is the most there can be.
 *
 * Where frames come from more than one place (UDP), an association has the place that it came from,
 * and who drives the WT says which frames are of another (ELSEWHERE). Those do not touch it. Who
 * asks for an association there is invited: message 1 goes to him, and nothing is kept of it, as
 * its ANonce comes of a secret of the UE and of the place. A message 2 whose MIC is right is the
 * station's: the association is where that came from, from then on, and the one before is over.
 *
 * While an association has a TK, frames of its station count only when they came protected by it,
 * EAPOL too; what goes out is protected. Outputs are in the order in which they are to be carried
 * out. There is no protection of management frames: who can send in a station's name can end its
 * association, and the station comes again.
 *
 * Everything lies in memory that the caller gives once (lk_wt_size). A step is pure: time comes in
 * the event, nonces and the group's key from the seed, and WAKE says when EXPIRED is wanted. */
#ifndef LK_NODE_WT_H
#define LK_NODE_WT_H

#include "proto/lwa/wt.h"
#include "proto/rsn/machine.h"

enum {
    LK_WT_SEED_LEN = 48,
    LK_WT_OUTBOX_MAX = 24,
    LK_WT_OUTBOX_OCTETS = 8192,
    LK_WT_PDU_MAX = 2000, /* a PDCP PDU, either way: a longer one is dropped */
    LK_WT_UES_MAX = 1 << 20,
};

struct lk_wt_config {
    struct lk_lwa_wt_config lwa; /* its MAC address is the access point's */
    struct lk_rsn_config rsn;    /* in_place: A05 */
    uint8_t ssid_len;
    uint8_t ssid[LK_WLAN_SSID_MAX];
    uint32_t ues;            /* most at once */
    uint32_t group_ms;       /* T54: how long a key of the group lives; 0: for ever */
    bool deauth_on_mismatch; /* S3's option 1: a laboratory shows by it what goes wrong */
    bool offer_keys;         /* KEYS: for captures of a laboratory */
};
/* Those of the machines; 1000 UEs, a key of the group for an hour, no SSID. */
void lk_wt_defaults(struct lk_wt_config *config);

/* ---- events ---- */

enum lk_wt_event_kind {
    LK_WT_EV_XW = 1,
    LK_WT_EV_XW_UP,
    LK_WT_EV_XW_DOWN,
    LK_WT_EV_FRAME,     /* of IEEE 802.11, from its MAC header on, without a check sequence */
    LK_WT_EV_ELSEWHERE, /* a frame of another place than that of its station's association */
    LK_WT_EV_DATA_DOWN, /* a PDCP PDU of the eNB, for a bearer of a UE */
    LK_WT_EV_RELEASE,   /* from the operator: release a UE, */
    LK_WT_EV_REMOVE,    /* or one of its bearers */
    LK_WT_EV_EXPIRED,   /* the time that WAKE asked for, or later */
};

struct lk_wt_event {
    enum lk_wt_event_kind kind;
    uint64_t now_ms;
    union {
        struct {
            uint32_t link; /* a number of the caller's for each eNB; a restart does not change it */
            struct lk_span octets;
        } xw;
        struct {
            struct lk_span frame; /* ELSEWHERE too */
            struct lk_span from;  /* names its place, where there is more than one */
        };
        struct {
            uint32_t wt_ue_id;
            uint8_t drb;
            struct lk_span pdu;
        } down;
        struct {
            uint8_t mac[LK_STATION_LEN];
            uint8_t e_rab_id; /* REMOVE */
            struct lk_xwap_cause cause;
        } want;
    };
};

/* ---- outputs: spans live until the next step ---- */

enum lk_wt_output_kind {
    LK_WT_OUT_XW = 1,  /* to the eNB of that link */
    LK_WT_OUT_FRAME,
    LK_WT_OUT_DATA_UP, /* a PDCP PDU of the UE, for the serving eNB */
    LK_WT_OUT_KEYS,
    LK_WT_OUT_FACT,
    LK_WT_OUT_WAKE,    /* EXPIRED at that time; replaces the earlier wish; UINT64_MAX: never */
    LK_WT_OUT_REFUSAL, /* an eNB or a station was turned down */
    LK_WT_OUT_NOTICE,
};

/* For statistics, each with the time of the event. */
enum lk_wt_fact {
    LK_WT_ASSOCIATED,
    LK_WT_HANDSHAKE_BEGAN,
    LK_WT_HANDSHAKE_FINISHED,
    LK_WT_DEAUTHENTICATED, /* by us */
    LK_WT_LEFT,            /* by the station */
    LK_WT_SUSPENDED,       /* data of an association that had keys cannot pass */
    LK_WT_RESUMED,
};

struct lk_wt_output {
    enum lk_wt_output_kind kind;
    uint8_t mac[LK_STATION_LEN]; /* of the UE; zeroes where there is none */
    union {
        struct {
            uint32_t link;
            struct lk_span octets;
        } xw;
        struct lk_span frame;
        struct {
            uint32_t link, enb_ue_id;
            uint8_t drb;
            struct lk_xwap_endpoint endpoint; /* the eNB's */
            struct lk_span pdu;
        } up;
        struct {
            bool has_pmk; /* a handshake begins under it; else a TK is installed */
            struct lk_pmk pmk;
            struct lk_tk tk;
        } keys;
        struct {
            enum lk_wt_fact fact;
            uint64_t at_ms;
            bool rekey;            /* of a handshake: the association had keys */
            uint16_t code;         /* enum lk_80211_reason */
            enum lk_reason reason; /* NONE: it was wanted */
        } fact;
        uint64_t wake_at_ms;
        struct lk_refusal refusal; /* NOTICE too */
    };
};

/* Holds data in clear, and keys where they are offered: wipe it when it has been read. */
struct lk_wt_outbox {
    size_t count, used;
    struct lk_wt_output item[LK_WT_OUTBOX_MAX];
    uint8_t octets[LK_WT_OUTBOX_OCTETS];
};

void lk_wt_outbox_wipe(struct lk_wt_outbox *out);

/* ---- what it has seen: one number each ---- */

struct lk_wt_counters {
    uint64_t xw_messages, xw_malformed, xw_refused, xw_unexpected;
    uint64_t frames, frames_malformed, frames_foreign;
    uint64_t frames_unassociated; /* data of a station without an association */
    uint64_t authentications, associations, associations_refused, strangers_refused;
    uint64_t handshakes, deauthentications;
    uint64_t in_clear; /* A05: without protection where there is a TK */
    uint64_t in_pieces, replayed, altered; /* A04, A02 */
    uint64_t eapol_refused, notices;
    uint64_t installs, installs_refused; /* A02: of a TK that was in, or is none */
    uint64_t data_up, data_down, up_dropped, down_dropped;
};

struct lk_wt;

/* The octets that a WT of that size needs, aligned as malloc aligns. */
size_t lk_wt_size(const struct lk_wt_config *config);
/* Makes one in memory. seed is random, secret and used once: nonces and the group's key come of
 * it. */
struct lk_wt *lk_wt_init(void *memory, const struct lk_wt_config *config,
                         const uint8_t seed[LK_WT_SEED_LEN]);
/* Takes what may change while it runs: all but the number of UEs and the AKM. */
void lk_wt_configure(struct lk_wt *wt, const struct lk_wt_config *config);
/* Wipes keys and everything else. */
void lk_wt_wipe(struct lk_wt *wt);

/* out is emptied first; its outputs count whatever the status says: it tells why an event had no
 * effect. */
LK_MUST_CHECK enum lk_status lk_wt_step(struct lk_wt *wt, const struct lk_wt_event *event,
                                        struct lk_wt_outbox *out);

const struct lk_wt_counters *lk_wt_counted(const struct lk_wt *wt);
/* The RSN element of the beacon. */
struct lk_span lk_wt_rsne(const struct lk_wt *wt);

/* A UE as it is told of. */
struct lk_wt_told {
    uint8_t mac[LK_STATION_LEN];
    enum lk_lwa_wt_state state;
    uint32_t link, enb_ue_id, wt_ue_id;
    bool associated;
    bool has_tk;      /* data can pass */
    uint64_t sent;    /* the last packet number under it */
};
bool lk_wt_told_of(struct lk_wt_told *told, const struct lk_wt *wt,
                   const uint8_t mac[LK_STATION_LEN]);
/* The UEs are at places below lk_wt_places, in no order; false: nobody is at that one. */
bool lk_wt_told_at(struct lk_wt_told *told, const struct lk_wt *wt, uint32_t place);
uint32_t lk_wt_places(const struct lk_wt *wt);
uint32_t lk_wt_ue_count(const struct lk_wt *wt);

#endif
