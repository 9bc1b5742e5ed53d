/* The device's connection manager: applications ask it for PDN connections, it alone speaks WLCP,
 * and it keeps the device on its access (node/access).
 *
 * S0 leaves the network unable to tell one process of a device from another, so the device has to:
 * an application has a name, a user and rights; it sees its own connections and no others, and
 * what it may not touch looks like what is not there (T01). The manager is pure; a role brings it
 * the questions (who asks is told by the kernel, not by the asker), carries out what it answers,
 * and writes down every AUDIT. It holds no key: the channel does.
 *
 * A connection goes by a number of the manager's own, its ref, never used twice. */
#ifndef LK_NODE_MANAGER_H
#define LK_NODE_MANAGER_H

#include "node/access.h"
#include "proto/wlcp/ue.h"

enum {
    LK_MANAGER_APPLICATIONS = 16,
    LK_MANAGER_APNS = 8,
    LK_MANAGER_NAME = 64,
    LK_MANAGER_STRANGER = 0xff, /* who asks is no application of the configuration */
    LK_MANAGER_ASKS_AGAIN = 3,  /* times, of a network that has a connection we know nothing of */
    /* timers: of the WLCP machine's connections; of owners who ask again; of the access */
    LK_MANAGER_AGAIN_TIMER = LK_WLCP_UE_CONNECTIONS,
    LK_MANAGER_ACCESS_TIMER = 2 * LK_WLCP_UE_CONNECTIONS,
    LK_MANAGER_TIMERS,
};

enum lk_manager_right {
    LK_MANAGER_MAY_CONNECT = 1 << 0,
    LK_MANAGER_MAY_DISCONNECT = 1 << 1,
    LK_MANAGER_MAY_STATUS = 1 << 2,
    LK_MANAGER_MAY_MODIFY = 1 << 3,
};

struct lk_manager_application {
    char name[LK_MANAGER_NAME];
    unsigned rights;
    size_t apn_count; /* 0: any, and the network's default */
    struct lk_wlcp_apn apn[LK_MANAGER_APNS];
};

struct lk_manager_config {
    struct lk_wlcp_ue_config wlcp;
    struct lk_access_config access;
    uint8_t connections_max; /* of all applications; at most LK_WLCP_UE_CONNECTIONS */
    size_t application_count;
    struct lk_manager_application application[LK_MANAGER_APPLICATIONS];
};

/* Of the connection of that ref in the WLCP machine. */
struct lk_manager_owner {
    uint32_t ref; /* 0: free */
    uint8_t application;
    uint8_t request_type, pdn_type; /* as asked */
    uint8_t again;     /* how often it was asked for again */
    uint64_t again_ms; /* 0: the WLCP machine has it; else when it is asked for again */
    uint64_t asker;    /* who waits for an answer; 0: nobody */
    struct lk_wlcp_apn apn;
};

struct lk_manager {
    struct lk_wlcp_ue ue;
    struct lk_access access;
    bool channel_up;
    uint32_t last_ref;
    struct lk_manager_owner owner[LK_WLCP_UE_CONNECTIONS];
};

/* ---- events ---- */

enum lk_manager_event_kind {
    LK_MANAGER_EV_CONNECT = 1,
    LK_MANAGER_EV_DISCONNECT,
    LK_MANAGER_EV_STATUS, /* may it see that ref, or with ref 0 any of its own? */
    LK_MANAGER_EV_RECEIVED,
    LK_MANAGER_EV_EXPIRED,
    LK_MANAGER_EV_ACCESS, /* of node/access; its time is taken from this event's */
};

struct lk_manager_event {
    enum lk_manager_event_kind kind;
    uint64_t now_ms;
    uint8_t application; /* the first three kinds: its number, or LK_MANAGER_STRANGER */
    uint64_t asker;      /* not 0; comes back in ANSWER */
    uint32_t ref;        /* DISCONNECT, STATUS */
    uint8_t request_type, pdn_type; /* CONNECT */
    struct lk_wlcp_apn apn;         /* CONNECT; empty: the network's default */
    struct lk_span octets;          /* RECEIVED */
    uint32_t which;                 /* EXPIRED: of the TIMER */
    uint32_t entropy;               /* EXPIRED, ACCESS */
    struct lk_access_event access;  /* ACCESS */
};

/* ---- outputs ---- */

enum lk_manager_output_kind {
    LK_MANAGER_OUT_SEND = 1, /* one record for the channel */
    LK_MANAGER_OUT_TIMER,    /* EXPIRED {which} at that time; replaces its earlier one */
    LK_MANAGER_OUT_ANSWER,   /* to the asker */
    LK_MANAGER_OUT_LOST,     /* a connection ended that nobody asked to end */
    LK_MANAGER_OUT_AUDIT,    /* for the log: who asked for what, and what came of it */
    LK_MANAGER_OUT_ACCESS,   /* of node/access: ATTACH, DIAL, CLOSE, LOST, SETTLED */
};

struct lk_manager_output {
    enum lk_manager_output_kind kind;
    uint8_t application;
    uint32_t ref, which;
    uint64_t asker, timer_at_ms;
    struct lk_span send;       /* into the outbox's own octets */
    const char *what;          /* AUDIT: "connect", ... */
    struct lk_refusal refusal; /* reason NONE: it was done */
    uint8_t cause;             /* the network's, or NONE */
    uint64_t until_ms;         /* not before then again (Tw1); 0: no such thing */
    struct lk_access_output access;
};

enum { LK_MANAGER_OUTBOX_MAX = 32 };

struct lk_manager_outbox {
    size_t count;
    struct lk_manager_output item[LK_MANAGER_OUTBOX_MAX];
    struct lk_wlcp_outbox wlcp;
};

/* Every application of any name; eight connections. */
void lk_manager_defaults(struct lk_manager_config *config);
void lk_manager_init(struct lk_manager *manager);
/* LK_OK also when an application is refused: that is an ANSWER. Else the status of the WLCP
 * machine for what came through the channel, and nothing has changed. The outbox is emptied
 * first. */
LK_MUST_CHECK enum lk_status lk_manager_step(struct lk_manager *manager,
                                             const struct lk_manager_config *config,
                                             const struct lk_manager_event *event,
                                             struct lk_manager_outbox *out);
/* The next connection of that application behind ref (0: the first); NULL when there is no other.
 * *ref is set to its number. */
const struct lk_wlcp_ue_connection *lk_manager_next(const struct lk_manager *manager,
                                                    uint8_t application, uint32_t *ref);

#endif
