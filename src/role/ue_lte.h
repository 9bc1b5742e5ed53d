/* The device's side of LTE-WLAN aggregation, inside the process of role ue: section ue.lte.
 *
 *     cells --Uu: SRB1 in UDP--> proto/eps/device until there is a context, then node/lwa_device
 *     WT <--air: IEEE 802.11 in UDP--> node/lwa_device
 *
 * Keys stay in here, and only the device's owner is listened to. The card is the one of the WLAN's
 * attach: whichever attach comes second waits for the end of the first. What comes on a socket
 * counts when its sender is a cell, or the WT, by address and port; what it is worth is for the
 * machines to say.
 *
 * ue_lte.c begins, ends and steps the device, ue_lte_uu.c has Uu and the attach, ue_lte_return.c
 * attaches again when the network has lost us, ue_lte_ask.c answers the owner, ue_lte_ping.c sends
 * data over the WLAN. */
#ifndef LK_ROLE_UE_LTE_H
#define LK_ROLE_UE_LTE_H

#include <jansson.h>
#include <uv.h>

#include "io/control.h"
#include "io/datagrams.h"
#include "node/lwa_device.h"
#include "proto/eps/device.h"
#include "role/kinds.h"
#include "role/udp_port.h"
#include "role/wake.h"

struct lk_ue_manager;

enum {
    LK_UE_LTE_WAITERS = 8,
    LK_UE_LTE_WAIT_MAX_MS = 50000,
    LK_UE_LTE_PDU_LEAST = 16, /* octets of a ping: header, token, zeroes */
    LK_UE_LTE_PDU_MOST = 1500,
    LK_UE_LTE_ECHO_MS = 300, /* so long one is waited for */
};

enum lk_ue_lte_state {
    LK_UE_LTE_DETACHED,
    LK_UE_LTE_WAITING, /* for the card */
    LK_UE_LTE_ATTACHING,
    LK_UE_LTE_ATTACHED,
};

/* As lte-status calls them. */
enum lk_ue_lwa_state {
    LK_UE_LWA_OFF,
    LK_UE_LWA_JOINING,
    LK_UE_LWA_ACTIVE,
    LK_UE_LWA_STOPPED, /* T351 is over */
    LK_UE_LWA_STATES
};

/* Who asks for a state and waits for it. */
struct lk_ue_lte_waiter {
    struct lk_control_call *call; /* NULL: free */
    struct lk_ue_manager *ue;
    uv_timer_t timer;
    enum lk_ue_lwa_state state;   /* LK_UE_LWA_STATES: any */
    uint64_t rekeys, handovers, associations; /* at least */
};

struct lk_ue_lte_ping {
    struct lk_control_call *call; /* NULL: none under way */
    uv_timer_t timer;
    uint8_t drb;
    bool is_back; /* the one that is out */
    uint16_t sent, received, wanted;
    uint64_t sent_ns, total_ns;
    size_t len;
    uint8_t pdu[LK_UE_LTE_PDU_MOST];
};

/* The way back, where the network has lost an attach that the owner asked for. */
struct lk_ue_lte_return {
    bool wanted;    /* it is under way, or to begin when the timer ends */
    uv_timer_t ask; /* whether the cell has us still */
    uv_timer_t back;
    uint64_t attached_ms;
    uint32_t wait_ms; /* before the next one */
    size_t cell;
};

struct lk_ue_lte_counters {
    uint64_t strangers, malformed; /* datagrams */
    uint64_t returns;
    uint64_t deauthentications, handovers;
    uint64_t suspended_ms;         /* data of the WLAN that could not pass while LWA was there */
};

struct lk_ue_lte {
    bool is_configured;
    enum lk_ue_lte_state state;
    struct lk_udp_owner udp;
    struct lk_udp_port uu, air;
    struct lk_datagrams *out;
    struct lk_datagram_peer cell[LK_CONFIG_LTE_CELLS], wt;
    bool wt_unreachable;           /* nothing listens there: since we last heard of it */
    uint64_t wt_heard_ms;          /* 0: never */
    struct lk_refusal refused;     /* the last one */
    uint64_t refused_ms;
    /* the attach */
    struct lk_eps_device_config eps_config;
    struct lk_eps_device eps;
    struct lk_wake eps_wake;
    size_t cell_wanted;
    uint32_t connection; /* of HELLO: another one for each attach */
    struct lk_ue_lte_return way_back;
    uint16_t ue_id;                      /* as the cell calls us; 0: not yet */
    struct lk_control_call *attach_call; /* who waits for it; NULL: nobody */
    uv_timer_t patience;                 /* of who waits while the card is the WLAN's */
    /* LTE-WLAN aggregation */
    struct lk_lwa_device_config config;
    struct lk_lwa_device device;
    struct lk_wake wake;
    uint64_t suspended_since_ms; /* 0: data can pass, or there is no LWA */
    struct lk_ue_lte_counters counters;
    struct lk_ue_lte_waiter waiter[LK_UE_LTE_WAITERS];
    struct lk_ue_lte_ping ping;
};

/* ---- ue_lte.c ---- */

/* LK_E_VALUE, LK_E_SYSTEM: error says what. LK_OK too when there is no LTE. */
LK_MUST_CHECK enum lk_status lk_ue_lte_begin(struct lk_ue_manager *ue,
                                             char error[LK_KIND_ERROR_TEXT]);
void lk_ue_lte_end(struct lk_ue_manager *ue);
/* Steps the device and carries out what it says. */
enum lk_status lk_ue_lte_give(struct lk_ue_manager *ue, struct lk_lwa_device_event *event);
enum lk_ue_lwa_state lk_ue_lwa_state_of(const struct lk_ue_lte *lte);
/* How long data could not pass, up to now. */
uint64_t lk_ue_lte_suspended_ms(const struct lk_ue_lte *lte);
bool lk_ue_lte_is_from(const struct lk_datagram_peer *from, const struct lk_datagram_peer *wanted);

/* ---- ue_lte_tell.c ---- */

/* Logs and counts it, and keeps it for who asks, with what is known here of who was asked. */
void lk_ue_lte_refused(struct lk_ue_manager *ue, const struct lk_refusal *why);
/* A port at which nothing listens was sent to. */
lk_udp_unreachable lk_ue_lte_hear_unreachable;
/* The last refusal, if it is not older than that: "reason", "what", "expected", "came" and "fix" in
 * the answer, and what was before "error" with it, too. */
void lk_ue_lte_tell_refusal(const struct lk_ue_manager *ue, json_t *answer, uint64_t since_ms,
                            const char *before);

/* ---- ue_lte_uu.c ---- */

/* An attach that is under way meets a cell's port at which nothing listens. */
void lk_ue_lte_cell_is_unreachable(struct lk_ue_manager *ue);

lk_udp_receive lk_ue_lte_hear_uu;
/* The cell that serves us, by its place in the configuration; LK_CONFIG_LTE_CELLS: none that we
 * know. */
size_t lk_ue_lte_serving(const struct lk_ue_manager *ue);
/* A PDU of SRB1, to the cell that serves us. */
void lk_ue_lte_say_uu(struct lk_ue_manager *ue, struct lk_span pdu);
/* What any datagram to a cell goes through. */
void lk_ue_lte_put_uu(struct lk_ue_manager *ue, size_t cell, struct lk_span datagram);
/* Answers call when it is over; NULL: nobody waits for it. */
void lk_ue_lte_attach(struct lk_ue_manager *ue, struct lk_control_call *call, size_t cell);
/* A time of the attach is over. */
void lk_ue_lte_eps_due(struct lk_wake *wake);
/* All is left, without a word to the network. */
void lk_ue_lte_leave(struct lk_ue_manager *ue);
/* The same, because the owner wants it: nothing brings it back. */
void lk_ue_lte_detach(struct lk_ue_manager *ue);
bool lk_ue_lte_uses_card(const struct lk_ue_manager *ue);
/* An attach to the WLAN is over. */
void lk_ue_lte_card_is_free(struct lk_ue_manager *ue);

/* ---- ue_lte_return.c ---- */

void lk_ue_lte_return_begin(struct lk_ue_manager *ue);
/* An attach went well: from now on the cell is asked. */
void lk_ue_lte_return_watch(struct lk_ue_manager *ue);
/* An attach came to nothing; one that was to bring us back is tried again, later each time. */
void lk_ue_lte_return_again(struct lk_ue_manager *ue);
/* There is no way back any more, nor a need of one. */
void lk_ue_lte_return_stop(struct lk_ue_manager *ue);
/* True: it was of this, and a cell's. */
bool lk_ue_lte_hear_alive(struct lk_ue_manager *ue, const struct lk_datagram_peer *from,
                          struct lk_span datagram);

/* ---- ue_lte_ask.c ---- */

/* The owner asks. */
void lk_ue_lte_ask_attach(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request);
void lk_ue_lte_ask_status(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request);
void lk_ue_lte_ask_detach(struct lk_ue_manager *ue, struct lk_control_call *call,
                          const json_t *request);
/* Something has changed: who waits for it is answered. */
void lk_ue_lte_look(struct lk_ue_manager *ue);
/* Nobody is left waiting. */
void lk_ue_lte_dismiss(struct lk_ue_manager *ue);

/* ---- ue_lte_ping.c ---- */

void lk_ue_lte_ping(struct lk_ue_manager *ue, struct lk_control_call *call, const json_t *request);
/* A PDU came over the WLAN. */
void lk_ue_lte_echo(struct lk_ue_lte *lte, const struct lk_lwaap *down);
/* Goes on when an echo is back. */
void lk_ue_lte_ping_look(struct lk_ue_manager *ue);
void lk_ue_lte_ping_end(struct lk_ue_manager *ue);

#endif
