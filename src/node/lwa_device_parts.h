/* Between the files of the device only: lwa_device.c (events), lwa_device_frame.c (frames in and
 * out) and lwa_device_carry.c (what its machines say is carried out). */
#ifndef LK_NODE_LWA_DEVICE_PARTS_H
#define LK_NODE_LWA_DEVICE_PARTS_H

#include "node/lwa_device.h"

/* One step under way. */
struct lk_lwa_device_work {
    struct lk_lwa_device *d;
    const struct lk_lwa_device_config *config;
    const struct lk_lwa_device_event *event;
    struct lk_lwa_device_outbox *out;
};

struct lk_lwa_device_output *lk_lwa_device_add(struct lk_lwa_device_work *w,
                                               enum lk_lwa_device_output_kind kind);
void lk_lwa_device_refuse(struct lk_lwa_device_work *w, enum lk_reason reason,
                          const char *expected, const char *came);
/* Copies what a machine says into the outbox, as an output of that kind. */
void lk_lwa_device_send(struct lk_lwa_device_work *w, enum lk_lwa_device_output_kind kind,
                        struct lk_span octets);

/* A data frame of the association: protected where there is a TK. */
LK_MUST_CHECK enum lk_status lk_lwa_device_put_frame(struct lk_lwa_device_work *w,
                                                     const uint8_t to[LK_STATION_LEN],
                                                     const struct lk_80211_payload *payload);
enum lk_status lk_lwa_device_take_frame(struct lk_lwa_device_work *w, struct lk_span frame);

/* Steps a machine, and carries out what it says. */
enum lk_status lk_lwa_device_to_ue(struct lk_lwa_device_work *w, struct lk_lwa_ue_event *event);
enum lk_status lk_lwa_device_to_station(struct lk_lwa_device_work *w,
                                        struct lk_rsn_station_event *event);
enum lk_status lk_lwa_device_to_supplicant(struct lk_lwa_device_work *w,
                                           struct lk_rsn_event *event);

#endif
