/* A WT between a hand that plays eNBs and stations made of a supplicant and CCMP, with an air
 * between them that tests can stop, lose frames of, or say things into. */
#ifndef LK_TESTS_WT_RIG_H
#define LK_TESTS_WT_RIG_H

#include "node/wt.h"
#include "proto/rsn/ccmp.h"
#include "proto/rsn/supplicant.h"

enum { WT_STATIONS = 3, WT_AIR = 64, WT_SAID = 64, WT_BEARER = 5, WT_DRB = 1, WT_ENB = 0 };

struct wt_frame {
    bool to_wt;
    unsigned station;
    size_t len;
    uint8_t octets[LK_80211_FRAME_MAX];
};

struct wt_station {
    uint8_t mac[LK_STATION_LEN];
    bool associated;
    uint16_t status;   /* of the last association response */
    uint16_t reason;   /* of the last deauthentication */
    unsigned deauthentications, installs, opens, refusals, group_key_id;
    bool group_installed;
    struct lk_rsn_supplicant s;
    struct lk_rsn_ccmp ccmp;
    uint16_t sequence;
    char heard[64];    /* the last LWA PDU */
};

struct wt_rig {
    struct lk_wt_config config;
    struct lk_wt *wt;
    uint8_t *memory;
    struct lk_wt_outbox out;
    uint64_t now_ms, wake_ms, drawn;
    struct wt_station station[WT_STATIONS];
    struct wt_frame air[WT_AIR]; /* those on their way, the first first */
    size_t flying;
    struct lk_span elsewhere;    /* the stations are there, and their associations are not */
    unsigned lose;               /* bit i: the i-th frame to come is lost */
    struct lk_xwap said[WT_SAID]; /* what eNBs were told since rig_forget, with the links */
    uint32_t said_link[WT_SAID];
    unsigned said_count;
    unsigned facts[LK_WT_RESUMED + 1], keys;
    uint64_t suspended_ms, resumed_ms;
    enum lk_reason refusal, notice, deauth_reason;
    char up[64];                 /* the last PDU upwards */
    uint32_t up_link, up_enb_ue_id;
};

void rig_open(struct wt_rig *rig, enum lk_akm akm);
/* The same under that configuration, once the WT is to be begun anew. */
void rig_begin(struct wt_rig *rig);
void rig_close(struct wt_rig *rig);

/* ---- Xw ---- */
struct lk_xwap rig_addition(unsigned station, uint32_t enb_ue_id, uint8_t key);
struct lk_xwap rig_message(const struct wt_rig *rig, unsigned station, enum lk_xwap_type type,
                           uint32_t enb_ue_id);
struct lk_xwap rig_key(const struct wt_rig *rig, unsigned station, uint32_t enb_ue_id,
                       uint8_t key);
enum lk_status rig_xw(struct wt_rig *rig, uint32_t link, const struct lk_xwap *m);
/* How many of a type were said since rig_forget. */
unsigned rig_said(const struct wt_rig *rig, enum lk_xwap_type type);
void rig_forget(struct wt_rig *rig);

/* ---- steps ---- */
enum lk_status rig_step(struct wt_rig *rig, struct lk_wt_event event);
enum lk_status rig_frame(struct wt_rig *rig, struct lk_span frame);
/* Time passes: EXPIRED as often as it is wanted, with the air at work. */
void rig_wait(struct wt_rig *rig, uint64_t ms);
/* Delivers what is on the air, and what comes of it. */
void rig_run(struct wt_rig *rig);
/* So many frames of the air, one after another. */
void rig_pass(struct wt_rig *rig, unsigned frames);
/* The first frame of the air, taken off it. */
struct wt_frame rig_take(struct wt_rig *rig);
void rig_deliver(struct wt_rig *rig, const struct wt_frame *frame);

/* ---- stations ---- */
void rig_station_key(struct wt_rig *rig, unsigned station, uint8_t key);
void rig_authenticate(struct wt_rig *rig, unsigned station);
/* Authentication, then an association as soon as that is answered. */
void rig_associate(struct wt_rig *rig, unsigned station);
struct wt_frame rig_association_request(struct wt_rig *rig, unsigned station, bool again);
struct wt_frame rig_station_data(struct wt_rig *rig, unsigned station, uint16_t ethertype,
                                 struct lk_span octets, bool clear);
enum lk_status rig_send_up(struct wt_rig *rig, unsigned station, const char *text);
enum lk_status rig_send_down(struct wt_rig *rig, unsigned station, const char *text);
struct lk_wt_told rig_told(const struct wt_rig *rig, unsigned station);
/* A station that is added with key 1, associated and open, on eNB 0 with id 100 + station. */
void rig_live(struct wt_rig *rig, unsigned station);
/* Both ends have the same TK, and data passes both ways. */
void rig_assert_agrees(struct wt_rig *rig, unsigned station);

#endif
