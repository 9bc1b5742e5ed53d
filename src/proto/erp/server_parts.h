/* Between the files of the server only: server.c (rules and step), server_act.c (handlers). */
#ifndef LK_PROTO_ERP_SERVER_PARTS_H
#define LK_PROTO_ERP_SERVER_PARTS_H

#include "proto/erp/server.h"

/* One step under way: s is the draft; packet is set when the event is RECEIVED. */
struct lk_erp_server_work {
    struct lk_erp_server *s;
    const struct lk_erp_server_config *config;
    const struct lk_erp_server_event *event;
    const struct lk_erp *packet;
    struct lk_erp_outbox *out;
};

enum lk_status lk_erp_server_ask(struct lk_erp_server_work *w);
enum lk_status lk_erp_server_judge(struct lk_erp_server_work *w);
enum lk_status lk_erp_server_unknown(struct lk_erp_server_work *w);

#endif
