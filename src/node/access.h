/* The device's access to a trusted WLAN: attach, channel to the TWAG, and what is done when either
 * is refused or lost.
 *
 * The role carries out ATTACH (an EAP run) and DIAL (DTLS under the key that the run gave) and says
 * how they ended. The machine decides what comes next: a gateway that hangs up, or that does not
 * answer WLCP, is one that has lost us, so the device attaches again, and waits longer and longer
 * while that is refused. The connection manager and the simulator's device are its users. */
#ifndef LK_NODE_ACCESS_H
#define LK_NODE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/reason.h"
#include "base/status.h"
#include "proto/rules.h"

enum lk_access_state {
    LK_ACCESS_OFF,       /* nobody wants it */
    LK_ACCESS_ATTACHING, /* awaits ACCEPTED or REFUSED */
    LK_ACCESS_DIALLING,  /* awaits CHANNEL_UP or CHANNEL_DOWN */
    LK_ACCESS_UP,        /* there is a channel */
    LK_ACCESS_PLAIN,     /* attached in a mode that has no channel */
    LK_ACCESS_WAITING,   /* awaits EXPIRED, and then attaches again */
    LK_ACCESS_STATE_COUNT
};

enum lk_access_event_kind {
    LK_ACCESS_EV_ATTACH,       /* from the owner, and at the start */
    LK_ACCESS_EV_DETACH,
    LK_ACCESS_EV_ACCEPTED,     /* and there is a gateway to dial, when plain is not set */
    LK_ACCESS_EV_REFUSED,
    LK_ACCESS_EV_CHANNEL_UP,   /* the one that was dialled */
    LK_ACCESS_EV_CHANNEL_DOWN, /* that one, or the one that was up */
    LK_ACCESS_EV_SILENT,       /* a WLCP request was never answered */
    LK_ACCESS_EV_EXPIRED,
    LK_ACCESS_EVENT_KIND_COUNT
};

struct lk_access_event {
    enum lk_access_event_kind kind;
    uint64_t now_ms;
    uint32_t entropy;
    bool fresh;                /* ATTACH: begin anew: a full authentication, no old connections */
    bool plain;                /* ACCEPTED */
    struct lk_refusal refusal; /* REFUSED, CHANNEL_DOWN */
};

enum lk_access_output_kind {
    LK_ACCESS_OUT_ATTACH = 1, /* fresh: not by fast re-authentication */
    LK_ACCESS_OUT_DIAL,       /* the channel before is dropped without a word: the new one replaces
                               * it at the TWAG */
    LK_ACCESS_OUT_CLOSE,      /* channels that are up or dialled */
    LK_ACCESS_OUT_OPEN,       /* connections may be asked for */
    LK_ACCESS_OUT_LOST,       /* all connections are over; refusal says why, NONE: it was wanted */
    LK_ACCESS_OUT_SETTLED,    /* the attach is over; refusal: reason NONE when it went well */
    LK_ACCESS_OUT_TIMER,      /* EXPIRED then; replaces the earlier one */
};

struct lk_access_output {
    enum lk_access_output_kind kind;
    bool fresh;
    uint64_t timer_at_ms;
    struct lk_refusal refusal;
};

enum { LK_ACCESS_OUTBOX_MAX = 5 };

struct lk_access_outbox {
    size_t count;
    struct lk_access_output item[LK_ACCESS_OUTBOX_MAX];
};

struct lk_access_config {
    uint32_t retry_ms;     /* the first wait; each is twice the one before, */
    uint32_t retry_max_ms; /* up to this */
};

struct lk_access {
    enum lk_access_state state;
    bool channel; /* one is up, in whatever state */
    bool fresh;   /* how the attach that runs was asked for */
    uint8_t refused; /* attempts in a row */
    uint64_t due_ms; /* WAITING: until then */
    uint64_t up_ms;  /* when the channel came up */
    struct lk_refusal last; /* why there is none, or why there was none before; NONE: never so */
};

extern const struct lk_rule_table lk_access_rules;

void lk_access_defaults(struct lk_access_config *config);
void lk_access_init(struct lk_access *access);
/* LK_E_UNEXPECTED: the event has no place in this state, and nothing changed. The outbox is emptied
 * first. */
LK_MUST_CHECK enum lk_status lk_access_step(struct lk_access *access,
                                            const struct lk_access_config *config,
                                            const struct lk_access_event *event,
                                            struct lk_access_outbox *out);
const char *lk_access_state_name(enum lk_access_state state);

#endif
