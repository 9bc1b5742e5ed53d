/* Between the files of the gateway's machine only: mag.c (rules and step), mag_act.c (handlers). */
#ifndef LK_PROTO_PMIP_MAG_PARTS_H
#define LK_PROTO_PMIP_MAG_PARTS_H

#include "proto/pmip/mag.h"

/* One step under way: mag is the draft, pba is set when the event is RECEIVED. */
struct lk_pmip_mag_serving {
    struct lk_pmip_mag *mag;
    const struct lk_pmip_mag_config *config;
    const struct lk_pmip_mag_event *event;
    const struct lk_mobility_message *pba;
    struct lk_pmip_mag_outbox *out;
};

enum lk_status lk_pmip_mag_attach(struct lk_pmip_mag_serving *s);
enum lk_status lk_pmip_mag_bound(struct lk_pmip_mag_serving *s);
enum lk_status lk_pmip_mag_again(struct lk_pmip_mag_serving *s);
enum lk_status lk_pmip_mag_refused(struct lk_pmip_mag_serving *s);
enum lk_status lk_pmip_mag_retry(struct lk_pmip_mag_serving *s);
enum lk_status lk_pmip_mag_renew(struct lk_pmip_mag_serving *s);
enum lk_status lk_pmip_mag_take_token(struct lk_pmip_mag_serving *s);
enum lk_status lk_pmip_mag_release(struct lk_pmip_mag_serving *s);
enum lk_status lk_pmip_mag_released(struct lk_pmip_mag_serving *s);

#endif
