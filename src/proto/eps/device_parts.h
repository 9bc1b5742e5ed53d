/* Between the files of the device only: device.c (rules, step) and device_act.c (handlers). */
#ifndef LK_PROTO_EPS_DEVICE_PARTS_H
#define LK_PROTO_EPS_DEVICE_PARTS_H

#include "proto/eps/device.h"
#include "proto/eps/parts.h"

/* What the device can do: EEA0 and 128-EIA2. */
enum { LK_EPS_DEVICE_CAPABILITY_LEN = 2 };
extern const uint8_t lk_eps_device_capability[LK_EPS_DEVICE_CAPABILITY_LEN];

/* One step under way: d is the draft. With RECEIVED, rrc is the message, and header and nas the NAS
 * in it: views into rrc. */
struct lk_eps_device_work {
    struct lk_eps_device *d;
    const struct lk_eps_device_config *config;
    const struct lk_eps_event *event;
    struct lk_rrc_attach rrc;
    struct lk_nas_header header;
    struct lk_nas nas;
    struct lk_eps_outbox *out;
};

enum lk_status lk_eps_device_attach(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_challenge(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_card(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_command(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_as_command(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_repeat(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_rejected(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_again(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_late(struct lk_eps_device_work *w);
enum lk_status lk_eps_device_stop(struct lk_eps_device_work *w);

#endif
