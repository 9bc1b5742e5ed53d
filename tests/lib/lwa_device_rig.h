/* The device of LTE-WLAN aggregation between an eNB made by hand (lwa_enb_double) and an access
 * point made by hand of proto/rsn/authenticator and ccmp. Frames wait in two queues, so that a test
 * may lose, keep, repeat or alter them.
 *
 * With every frame of the device the rig asserts what must always hold: while there is a TK nothing
 * goes out in clear but management (A05), and under it no packet number comes twice or falls (A02).
 */
#ifndef LK_TEST_LWA_DEVICE_RIG_H
#define LK_TEST_LWA_DEVICE_RIG_H

#include "lwa_enb_double.h"
#include "node/lwa_device.h"
#include "proto/rsn/authenticator.h"

enum { LWA_QUEUE_MAX = 16, LWA_FACTS = LK_LWA_DEVICE_UNUSABLE + 1 };

struct lwa_frame {
    size_t len;
    uint8_t octets[LK_80211_FRAME_MAX];
};

struct lwa_queue {
    unsigned count;
    struct lwa_frame item[LWA_QUEUE_MAX];
};

struct lwa_device_rig {
    struct lk_lwa_device d;
    struct lk_lwa_device_config config;
    struct lk_lwa_device_outbox out; /* of the last step */
    struct lwa_enb enb;
    uint64_t now_ms, drawn, wake_ms;
    /* what the device said */
    struct lwa_queue to_ap;
    unsigned facts[LWA_FACTS], completes, reports, refusals, notices, data_down;
    enum lk_rrc_wlan_status report;
    enum lk_reason reason; /* of the last refusal or notice */
    uint16_t code;         /* of the last fact */
    uint8_t down[64];
    size_t down_len;
    uint8_t down_drb;
    struct lk_tk tk; /* that the last packet number was under */
    uint64_t pn;
    /* the access point */
    struct lk_rsn_authenticator a;
    bool has_ap_pmk;
    struct lk_pmk ap_pmk; /* the last that it was told: each association has it */
    struct lk_rsn_config ap_config;
    struct lk_rsn_ccmp ap_ccmp;
    struct lwa_queue to_device;
    bool silent, shuts_out;  /* does not answer; refuses associations */
    bool in;                 /* the station is associated */
    unsigned ap_opens, ap_failures, ap_data, ap_joins;
    uint8_t up[64];
    size_t up_len;
    uint8_t up_drb, up_to[LK_STATION_LEN];
    uint64_t ap_timer_ms;
};

void lwa_rig_open(struct lwa_device_rig *rig, enum lk_akm akm);
/* Time, entropy and what the device says are the rig's to see to. */
enum lk_status lwa_rig_step(struct lwa_device_rig *rig, struct lk_lwa_device_event event);
enum lk_status lwa_rig_context(struct lwa_device_rig *rig);
/* Asks as the eNB, and wants one Complete. */
void lwa_rig_ask(struct lwa_device_rig *rig, struct lk_rrc_reconfiguration question);
enum lk_status lwa_rig_rrc(struct lwa_device_rig *rig, struct lk_span pdu);
enum lk_status lwa_rig_frame(struct lwa_device_rig *rig, const struct lwa_frame *frame);
enum lk_status lwa_rig_up(struct lwa_device_rig *rig, uint8_t drb, const char *text);
enum lk_status lwa_rig_expire(struct lwa_device_rig *rig); /* when WAKE said */

/* At the access point: a key, a frame of the device, its timer. */
void lwa_ap_pmk(struct lwa_device_rig *rig, struct lk_pmk pmk);
void lwa_ap_hear(struct lwa_device_rig *rig, const struct lwa_frame *frame);
void lwa_ap_expire(struct lwa_device_rig *rig);
void lwa_ap_deauthenticate(struct lwa_device_rig *rig, uint16_t reason);
/* A data frame of the access point: sealed, or in clear. */
struct lwa_frame lwa_ap_data(struct lwa_device_rig *rig, uint16_t ethertype, struct lk_span octets,
                             bool sealed);
void lwa_ap_down(struct lwa_device_rig *rig, uint8_t drb, const char *text); /* queued */

/* The first frame of a queue, taken from it; the test fails when there is none. */
struct lwa_frame lwa_take(struct lwa_queue *queue);
/* Carries frames over until both queues are empty. */
void lwa_run(struct lwa_device_rig *rig);
/* Context, set-up with counter 0, association, keys. */
void lwa_live(struct lwa_device_rig *rig, enum lk_akm akm);
/* Data one way and the other gets through. */
void lwa_talk(struct lwa_device_rig *rig);

#endif
