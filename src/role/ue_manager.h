/* Inside the process of role ue: the device. It holds the USIM, the WLCP key and the channel, and
 * nobody else does; applications ask it over a local socket (T01).
 *
 *     attach: EAP-AKA' behind the access point --> multi-connection mode, EMSK --> WLCP key
 *             --> DTLS with the TWAG --> node/manager, which speaks WLCP for the applications
 *
 * ue_manager.c begins and ends, ue_manager_attach.c makes keys and the channel, ue_manager_ask.c
 * answers applications, ue_manager_audit.c writes down what they asked, ue_manager_plane.c has the
 * user plane, ue_tun.c the packets of applications.
 * LTE is in ue_lte.h, MIS in ue_mis.h, GBA in ue_gba.h, AKMA
 * in ue_akma.h; who may have keys of both in ue_keys.h. Mobile IP is in ue_mip.h. */
#ifndef LK_ROLE_UE_MANAGER_H
#define LK_ROLE_UE_MANAGER_H

#include <stdio.h>

#include "io/channel.h"
#include "io/control.h"
#include "io/entropy.h"
#include "keys/wlcp.h"
#include "node/manager.h"
#include "role/process.h"
#include "role/seen.h"
#include "role/ue.h"
#include "role/ue_akma.h"
#include "role/ue_gba.h"
#include "role/ue_lte.h"
#include "role/ue_mip.h"
#include "role/ue_mis.h"
#include "role/ue_sqn.h"
#include "role/ue_tun.h"

enum lk_ue_socket { LK_UE_WLCP, LK_UE_USER_PLANE, LK_UE_UU, LK_UE_AIR, LK_UE_MIS,
                    LK_UE_MIS_DTLS_PORT, LK_UE_TUN, LK_UE_TUN_LINE, LK_UE_TUN_SHEET };

enum lk_ue_own_counter {
    LK_UE_ATTACHES,
    LK_UE_ATTACHES_REFUSED,
    LK_UE_CHANNELS,
    LK_UE_ASKED,
    LK_UE_REFUSED,
    LK_UE_LTE_ATTACHES,
    LK_UE_LTE_ATTACHES_REFUSED,
    LK_UE_LTE_STRANGERS,
    LK_UE_MIS_ATTACHES,
    LK_UE_MIS_HANDOVERS,
    LK_UE_MIS_REFUSED,
    LK_UE_MIP_REGISTRATIONS,
    LK_UE_MIP_REFUSED,
    LK_UE_CHANNEL_UP, /* gauge; so are the next */
    LK_UE_LWA_IS_ACTIVE,
    LK_UE_MIP_IS_REGISTERED,
    LK_UE_COUNTERS
};

enum {
    LK_UE_ASKERS = LK_CONTROL_CONNECTIONS,
    LK_UE_PING_WAITS_MS = 1000,
    LK_UE_PINGS = 3,
    LK_UE_PINGS_MAX = 100,
    LK_UE_AUDIT_USERS = 16,
    LK_UE_AUDIT_BURST = 64,      /* lines of one user at once, */
    LK_UE_AUDIT_PER_MINUTE = 60, /* and in the long run */
};

/* What one user may still have written. */
struct lk_ue_audited {
    bool used;
    uid_t uid;
    uint64_t at_ms, left_ms; /* a line costs a minute's share of it */
    unsigned left_out;
};

/* A question that waits for its answer. */
struct lk_ue_asker {
    uint64_t token; /* 0: free */
    struct lk_control_call *call;
    enum lk_manager_event_kind kind;
};

/* One application at a time may ping. */
struct lk_ue_ping {
    struct lk_control_call *call; /* NULL: none under way */
    uv_timer_t timer;
    struct lk_address from, to;
    uint8_t user_plane[LK_WLCP_MAC_LEN];
    uint16_t identifier, sent, received, wanted;
    uint64_t sent_ns, total_ns;
};

struct lk_ue_manager {
    struct lk_process process;
    /* the card and the attach */
    struct lk_ue ue;
    struct lk_ue_slots sqn; /* what the card has accepted, durable */
    struct lk_ue_config attach;
    struct lk_ue_result result;
    bool attaching;                      /* a run is under way */
    struct lk_control_call *attach_call; /* who waits for it; NULL: nobody */
    unsigned attaches;                   /* that went well */
    bool attach_waits, attach_is_fresh;  /* for the card, which LTE's attach has */
    /* the channel */
    struct lk_channel *channel;
    uint64_t channel_id;      /* the one that carries WLCP; 0: none */
    uint64_t dialled_id;      /* one that is to take over; 0: none */
    struct lk_channel_peer twag;
    struct lk_wlcp_kdf kdf;
    char psk_identity[LK_WLCP_IDENTITY_LEN + 1];
    /* applications */
    struct lk_manager manager;
    struct lk_manager_config rules;
    struct lk_wlcp_table table; /* of rules.wlcp */
    uid_t uids[LK_MANAGER_APPLICATIONS]; /* who may be the application of that number */
    struct lk_manager_outbox out;
    struct lk_control *control;
    struct lk_ue_asker askers[LK_UE_ASKERS];
    uint64_t last_token;
    struct lk_wake wakes[LK_MANAGER_TIMERS];
    struct lk_entropy entropy;
    FILE *audit;
    struct lk_ue_audited audited[LK_UE_AUDIT_USERS];
    bool audit_fails;
    bool asking;      /* inside a question, */
    struct ucred who; /* and this is who asks, */
    const char *asked; /* and what */
    struct lk_seen seen; /* its comment is what who asked last gave */
    /* user plane */
    uv_poll_t plane;
    struct lk_ue_ping ping;
    struct lk_ue_tun tun;
    struct lk_ue_lte lte;
    struct lk_ue_mis mis;
    struct lk_ue_gba gba;
    struct lk_ue_akma akma;
    struct lk_ue_mip mip;
};

/* ---- ue_manager.c ---- */

int lk_ue_manager_run(const struct lk_worker_setup *setup);

/* ---- ue_manager_attach.c ---- */

/* LK_E_VALUE: the configuration has no card, and error says what. */
LK_MUST_CHECK enum lk_status lk_ue_manager_card(struct lk_ue_manager *ue,
                                                char error[LK_KIND_ERROR_TEXT]);
LK_MUST_CHECK enum lk_status lk_ue_manager_channel(struct lk_ue_manager *ue);
/* Carries out what the access wants. */
void lk_ue_manager_access(struct lk_ue_manager *ue, const struct lk_access_output *said);
/* Answers call when it is over; NULL: tells nobody. fresh: not by fast re-authentication. */
void lk_ue_manager_attach(struct lk_ue_manager *ue, struct lk_control_call *call, bool fresh);
/* An attach to LTE is over: one that waited for the card begins. */
void lk_ue_manager_card_is_free(struct lk_ue_manager *ue);
/* The access is left: connections end, the channel too. */
void lk_ue_manager_detach(struct lk_ue_manager *ue);
/* A question of the owner: how the access is. */
void lk_ue_manager_state(struct lk_ue_manager *ue, struct lk_control_call *call,
                         const json_t *request);

/* ---- ue_manager_ask.c ---- */

LK_MUST_CHECK enum lk_status lk_ue_manager_rules(struct lk_ue_manager *ue,
                                                 char error[LK_KIND_ERROR_TEXT]);
void lk_ue_manager_asked(void *context, struct lk_control_call *call, const json_t *request);
/* Answers an application; takes over answer. */
void lk_ue_manager_answer(struct lk_ue_manager *ue, struct lk_control_call *call, json_t *answer);
/* A timer of the manager is over. */
void lk_ue_manager_due(struct lk_wake *wake);
/* Steps the manager and carries out what it says. */
enum lk_status lk_ue_manager_step(struct lk_ue_manager *ue, struct lk_manager_event *event);
/* The number of the application that request says it is, when the caller's user may be it;
 * LK_MANAGER_STRANGER. */
uint8_t lk_ue_manager_application(const struct lk_ue_manager *ue,
                                  const struct lk_control_call *call, const json_t *request);
/* Whether that user may be an application. */
bool lk_ue_manager_knows(void *context, uid_t uid);

/* ---- ue_manager_audit.c ---- */

bool lk_ue_manager_audit_open(struct lk_ue_manager *ue, const char *path);
/* A line of the audit log: by whom, when somebody asks, and else of the application's user. */
void lk_ue_manager_audit(struct lk_ue_manager *ue, uint8_t application, const char *what,
                         uint32_t ref, const struct lk_refusal *refusal);

/* ---- ue_manager_plane.c ---- */

void lk_ue_manager_plane(struct lk_ue_manager *ue);
/* A packet of an application, to the TWAG's address of a connection. */
void lk_ue_manager_packet(struct lk_ue_manager *ue, const uint8_t user_plane[LK_WLCP_MAC_LEN],
                          struct lk_span packet);
/* connection is the asker's and active. */
void lk_ue_manager_ping(struct lk_ue_manager *ue, struct lk_control_call *call,
                        const struct lk_wlcp_ue_connection *connection, const json_t *request);

#endif
