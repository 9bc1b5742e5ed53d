/* What authenticator and supplicant share: configuration, events, outputs.
 *
 *     PMK          a new PMK (an S-KWT); the newest wins, when a handshake under way is over
 *     ASSOCIATED   the station is associated (again): its keys are gone, a handshake begins
 *     RECEIVED     an EAPOL frame of the other end, from its 802.1X header on
 *     EXPIRED      the timer that was asked for
 *     GROUP        authenticator: the group's key, and how far it has been used
 *     USED         authenticator: a frame has come under the TK that was prepared
 *     LEFT         the association is over
 *
 * Each event brings fresh random octets, never all zero, of which a nonce is made when one is
 * needed. A timer that comes when nothing is awaited is refused, and that is all. Of a step's
 * outputs the order counts: what is sent before INSTALL goes out under the key before.
 *
 * While an association has a TK, whoever drives a machine gives it only frames that came protected
 * by it (proto/rsn/ccmp), and sends its frames so. */
#ifndef LK_PROTO_RSN_MACHINE_H
#define LK_PROTO_RSN_MACHINE_H

#include "base/reason.h"
#include "keys/rsn.h"
#include "proto/rules.h"
#include "wire/eapol.h"
#include "wire/ieee80211.h"

enum {
    LK_RSN_ELEMENT_MAX = 96, /* octets of an RSN element that we keep: four PMKIDs */
};

struct lk_rsn_config {
    enum lk_akm akm;
    /* A05: keys are changed on a live association; else by a new one, for radios that lose or leak
     * frames when key id 0 changes. */
    bool in_place;
    uint32_t retry_ms; /* authenticator: between the tries of a message */
    uint8_t tries;     /* of a message */
    uint32_t wait_ms;  /* supplicant: for the next message */
    /* Supplicant: answers a message 1 that names none of its keys, under the one in use. S3's
     * option 1: a laboratory shows by it what goes wrong. */
    bool any_pmkid;
};
/* PSK with SHA-256, in place, 250 ms, 4 tries, 2 s. */
void lk_rsn_defaults(struct lk_rsn_config *config);

/* ---- events ---- */

enum lk_rsn_event_kind {
    LK_RSN_EV_PMK = 1,
    LK_RSN_EV_ASSOCIATED,
    LK_RSN_EV_RECEIVED,
    LK_RSN_EV_EXPIRED,
    LK_RSN_EV_GROUP,
    LK_RSN_EV_USED,
    LK_RSN_EV_ASK, /* authenticator: whether the station is there */
    LK_RSN_EV_LEFT,
};

/* The elements are those of beacon and association request, whole. */
struct lk_rsn_associated {
    uint8_t aa[LK_STATION_LEN], spa[LK_STATION_LEN];
    struct lk_span ap_rsne, sta_rsne;
};

/* An RSN element as a machine keeps it. */
struct lk_rsn_element {
    uint8_t octets[LK_RSN_ELEMENT_MAX];
    size_t len;
};

struct lk_rsn_group {
    struct lk_gtk gtk;
    uint8_t key_id; /* 1 or 2, another than the last */
    uint64_t rsc;   /* the last packet number sent under it */
};

struct lk_rsn_event {
    enum lk_rsn_event_kind kind;
    uint64_t now_ms;
    uint8_t entropy[LK_RSN_NONCE_LEN]; /* fresh with every event */
    union {
        struct lk_pmk pmk;
        struct lk_rsn_associated associated;
        struct lk_span received;
        struct lk_rsn_group group;
        struct lk_tk used;
    };
};

/* ---- outputs ---- */

enum lk_rsn_output_kind {
    LK_RSN_OUT_SEND = 1,      /* an EAPOL frame */
    LK_RSN_OUT_TIMER,         /* there is one; a later one replaces it */
    LK_RSN_OUT_PREPARE,       /* authenticator: receive under this TK as well */
    LK_RSN_OUT_INSTALL,       /* send under this TK: once for each */
    LK_RSN_OUT_INSTALL_GROUP, /* supplicant: receive under this GTK, above this number */
    LK_RSN_OUT_OPEN,          /* a 4-way handshake is over, both ends have its keys */
    LK_RSN_OUT_GROUP_DONE,    /* the station has the group's key */
    LK_RSN_OUT_REASSOCIATE,   /* a new association is to bring the new key: this one is over */
    LK_RSN_OUT_REFUSED,       /* the association: answer it with this status */
    LK_RSN_OUT_FAILED,        /* the association is over: deauthenticate, for this reason */
    LK_RSN_OUT_NOTICE,        /* dropped: for the log and the counters */
};

struct lk_rsn_output {
    enum lk_rsn_output_kind kind;
    union {
        struct lk_span send; /* into the outbox */
        uint64_t timer_ms;
        struct lk_tk tk;
        struct lk_rsn_group group;
        bool rekey; /* OPEN: on an association that had keys */
        struct {
            uint16_t code; /* REFUSED: enum lk_80211_status, else enum lk_80211_reason */
            struct lk_refusal why;
        } ended;
        struct lk_refusal notice;
    };
};

enum { LK_RSN_OUTPUTS = 6 };

/* May hold keys: wipe it when it has been read. */
struct lk_rsn_outbox {
    size_t count;
    struct lk_rsn_output item[LK_RSN_OUTPUTS];
    uint8_t octets[LK_EAPOL_KEY_MAX]; /* of the one frame that a step sends */
};

void lk_rsn_outbox_wipe(struct lk_rsn_outbox *out);
/* The first of that kind, or NULL. */
const struct lk_rsn_output *lk_rsn_outbox_find(const struct lk_rsn_outbox *out,
                                               enum lk_rsn_output_kind kind);

#endif
