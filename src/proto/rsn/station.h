/* The station: the device's way into an association with an access point, and out of it, by open
 * system authentication and association (IEEE 802.11 11.3). What comes after it, keys, is the
 * supplicant's.
 *
 *     JOIN     an access point, and the PMKs that there may be in mind
 *     FRAME    a management frame, header and body
 *     EXPIRED  the timer that was asked for
 *     LEAVE    the association, or the way into it, is to end
 *
 * Management frames are not protected here: this is 802.11 without MFP, so whoever can send a frame
 * can deauthenticate a station, or refuse it, in the access point's name. It costs an association
 * and no key. What ends by such a frame is told as it came, and who drives the machine joins again
 * at its own pace. */
#ifndef LK_PROTO_RSN_STATION_H
#define LK_PROTO_RSN_STATION_H

#include "proto/rsn/machine.h"

enum lk_rsn_station_state {
    LK_RSN_STATION_IDLE,
    LK_RSN_STATION_AWAIT_AUTHENTICATION,
    LK_RSN_STATION_AWAIT_ASSOCIATION,
    LK_RSN_STATION_ASSOCIATED,
    LK_RSN_STATION_STATE_COUNT
};

struct lk_rsn_station_config {
    enum lk_akm akm;
    uint32_t retry_ms; /* between the tries of a question */
    uint8_t tries;     /* of each */
};
/* PSK with SHA-256, 100 ms, 4 tries. */
void lk_rsn_station_defaults(struct lk_rsn_station_config *config);

enum {
    LK_RSN_PMKIDS_MAX = 2,         /* the newest PMK, and the one before it */
    LK_RSN_MANAGEMENT_MAX = 192,   /* octets of a frame that we send */
};

struct lk_rsn_join {
    uint8_t ap[LK_STATION_LEN];
    uint8_t ssid_len; /* 1 to LK_80211_SSID_MAX */
    uint8_t ssid[LK_80211_SSID_MAX];
    /* For AKM 1 and 5, which name their PMKs in the association; else none. */
    uint8_t pmkid_count;
    uint8_t pmkid[LK_RSN_PMKIDS_MAX][LK_PMKID_LEN];
};

struct lk_rsn_station {
    enum lk_rsn_station_state state;
    uint8_t own[LK_STATION_LEN], ap[LK_STATION_LEN];
    uint8_t ssid_len;
    uint8_t ssid[LK_80211_SSID_MAX];
    struct lk_rsn_element rsne; /* of the association request */
    uint16_t sequence;          /* of the next frame */
    uint8_t tries;              /* of the question that is out */
    uint64_t due_ms;            /* while an answer is awaited */
};

enum lk_rsn_station_event_kind {
    LK_RSN_STATION_EV_JOIN = 1,
    LK_RSN_STATION_EV_FRAME,
    LK_RSN_STATION_EV_EXPIRED,
    LK_RSN_STATION_EV_LEAVE,
};

struct lk_rsn_station_event {
    enum lk_rsn_station_event_kind kind;
    uint64_t now_ms;
    union {
        struct lk_rsn_join join;
        struct lk_span frame;
        uint16_t reason; /* LEAVE: enum lk_80211_reason */
    };
};

enum lk_rsn_station_output_kind {
    LK_RSN_STATION_OUT_SEND = 1,   /* a frame */
    LK_RSN_STATION_OUT_TIMER,      /* there is one; a later one replaces it */
    LK_RSN_STATION_OUT_ASSOCIATED, /* with the element that `rsne` has */
    LK_RSN_STATION_OUT_REFUSED,    /* by the access point, with that status: not joined */
    LK_RSN_STATION_OUT_FAILED,     /* no answer: not joined */
    LK_RSN_STATION_OUT_ENDED,      /* by the access point, for that reason */
};

struct lk_rsn_station_output {
    enum lk_rsn_station_output_kind kind;
    union {
        struct lk_span send; /* into the outbox */
        uint64_t timer_ms;
        struct {
            uint16_t code; /* REFUSED: enum lk_80211_status; ENDED: enum lk_80211_reason */
            struct lk_refusal why;
        } ended;
    };
};

enum { LK_RSN_STATION_OUTPUTS = 2 };

struct lk_rsn_station_outbox {
    size_t count;
    struct lk_rsn_station_output item[LK_RSN_STATION_OUTPUTS];
    uint8_t octets[LK_RSN_MANAGEMENT_MAX]; /* of the one frame that a step sends */
};

void lk_rsn_station_init(struct lk_rsn_station *station, const uint8_t own[LK_STATION_LEN]);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED for what has no place now, LK_E_NOT_FOUND for a frame that is not between
 * this station and its access point, LK_E_VALUE, LK_E_LENGTH for a JOIN that cannot be, else what
 * the decoder says. */
LK_MUST_CHECK enum lk_status lk_rsn_station_step(struct lk_rsn_station *station,
                                                 const struct lk_rsn_station_config *config,
                                                 const struct lk_rsn_station_event *event,
                                                 struct lk_rsn_station_outbox *out);

extern const struct lk_rule_table lk_rsn_station_rules;

#endif
