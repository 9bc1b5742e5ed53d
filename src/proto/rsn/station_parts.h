/* Between the files of the station only: station.c (rules, step) and station_act.c (handlers). */
#ifndef LK_PROTO_RSN_STATION_PARTS_H
#define LK_PROTO_RSN_STATION_PARTS_H

#include "proto/rsn/parts.h"
#include "proto/rsn/station.h"

/* One step under way: s is the draft; with FRAME, code is the status or the reason in it. */
struct lk_rsn_station_work {
    struct lk_rsn_station *s;
    const struct lk_rsn_station_config *config;
    const struct lk_rsn_station_event *event;
    uint16_t code;
    struct lk_rsn_station_outbox *out;
};

enum lk_status lk_rsn_station_join(struct lk_rsn_station_work *w);
enum lk_status lk_rsn_station_authenticated(struct lk_rsn_station_work *w);
enum lk_status lk_rsn_station_associated(struct lk_rsn_station_work *w);
enum lk_status lk_rsn_station_ended(struct lk_rsn_station_work *w);
enum lk_status lk_rsn_station_again(struct lk_rsn_station_work *w);
enum lk_status lk_rsn_station_forget(struct lk_rsn_station_work *w);
enum lk_status lk_rsn_station_leave(struct lk_rsn_station_work *w);

#endif
