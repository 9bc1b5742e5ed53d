/* The ER server: which event is welcome in which state, and the one step.
 *
 *     IDLE --RECEIVED--> AWAIT_CONTEXT --CONTEXT, NO_CONTEXT--> IDLE
 *
 * It implements the server's part of RFC 6696 5.1 to 5.3 with the keys of its section 4. */
#include "proto/erp/server.h"

#include "proto/erp/server_parts.h"

enum on { ON_RECEIVED, ON_CONTEXT, ON_NO_CONTEXT, ON_COUNT };
static const char *const on_names[ON_COUNT] = {
    [ON_RECEIVED] = "RECEIVED",
    [ON_CONTEXT] = "CONTEXT",
    [ON_NO_CONTEXT] = "NO_CONTEXT",
};
static const char *const state_names[LK_ERP_SERVER_STATE_COUNT] = {
    [LK_ERP_SERVER_IDLE] = "IDLE",
    [LK_ERP_SERVER_AWAIT_CONTEXT] = "AWAIT_CONTEXT",
};

#define TO(state) (1u << (state))
#define IDLE TO(LK_ERP_SERVER_IDLE)
#define AWAIT_CONTEXT TO(LK_ERP_SERVER_AWAIT_CONTEXT)
#define ROW(in, on, act, may_enter, clause) \
    { { in, ON_##on, may_enter, #act, clause }, lk_erp_server_##act }

static const struct server_row {
    struct lk_rule rule;
    enum lk_status (*act)(struct lk_erp_server_work *w);
} rows[] = {
    ROW(IDLE, RECEIVED, ask, AWAIT_CONTEXT | LK_RULE_STAY, "RFC 6696 5.3.2"),
    ROW(AWAIT_CONTEXT, CONTEXT, judge, IDLE, "RFC 6696 5.2"),
    ROW(AWAIT_CONTEXT, NO_CONTEXT, unknown, IDLE, "RFC 6696 5.2"),
};

const struct lk_rule_table lk_erp_server_rules = {
    .name = "erp-server",
    .state_names = state_names,
    .on_names = on_names,
    .state_count = LK_ERP_SERVER_STATE_COUNT,
    .on_count = ON_COUNT,
    .first = IDLE,
    .last = IDLE,
    .rule = &rows[0].rule,
    .row_size = sizeof rows[0],
    .row_count = LK_COUNT_OF(rows),
};

static enum lk_status judge(enum on *on, struct lk_erp *packet,
                            const struct lk_erp_server_event *event)
{
    enum lk_status status = LK_OK;

    *on = ON_COUNT;
    switch (event->kind) {
    case LK_ERP_SERVER_EV_RECEIVED:
        *on = ON_RECEIVED;
        status = lk_erp_decode(packet, event->received.packet, 0);
        if (status == LK_OK &&
            (packet->code != LK_ERP_INITIATE || packet->type != LK_ERP_REAUTH))
            status = LK_E_VALUE;
        if (status == LK_OK && packet->whole.len > LK_ERP_PACKET_MAX)
            status = LK_E_LENGTH;
        break;
    case LK_ERP_SERVER_EV_CONTEXT: *on = ON_CONTEXT; break;
    case LK_ERP_SERVER_EV_NO_CONTEXT: *on = ON_NO_CONTEXT; break;
    }
    return status;
}

enum lk_status lk_erp_server_step(struct lk_erp_server *server,
                                  const struct lk_erp_server_config *config,
                                  const struct lk_erp_server_event *event,
                                  struct lk_erp_outbox *out)
{
    struct lk_erp packet;
    struct lk_erp_server draft;
    struct lk_erp_server_work work = { .s = &draft, .config = config, .event = event,
                                       .packet = &packet, .out = out };
    enum on on;
    enum lk_status status = judge(&on, &packet, event);
    size_t row;

    out->count = out->used = 0;
    if (status == LK_OK)
        status = lk_rule_find(&row, &lk_erp_server_rules, server->state, on);
    if (status != LK_OK)
        return status;
    draft = *server;
    status = rows[row].act(&work);
    if (status == LK_OK) {
        lk_rule_check(&rows[row].rule, server->state, draft.state);
        *server = draft;
    } else {
        lk_erp_outbox_wipe(out);
    }
    return status;
}

void lk_erp_server_defaults(struct lk_erp_server_config *config)
{
    *config = (struct lk_erp_server_config){
        .suites = 1u << LK_ERP_HMAC_SHA256_128 | 1u << LK_ERP_HMAC_SHA256_256,
        .rmsk_lifetime_s = 3600,
        .duplicate_ms = LK_ERP_DUPLICATE_MS,
    };
}

void lk_erp_server_init(struct lk_erp_server *server)
{
    *server = (struct lk_erp_server){ .state = LK_ERP_SERVER_IDLE };
}
