/* The mobile node of MIS (IEEE 802.21), inside the process of role ue: section ue.mis.
 *
 *     PoS that serves --UDP, TCP or DTLS--> node/mis_device <--UDP, TCP-- target
 *
 * Keys and SAs stay in here, and only the device's owner is listened to. The card is the one of the
 * other attaches: it answers at once, and what it has accepted is durable before that. The count of
 * optimised establishments is durable before the device goes on (T40). What ERP starts from is not
 * written down: a process that begins anew authenticates by EAP.
 *
 * ue_mis.c begins, ends and steps the device, ue_mis_way.c has the ways to PoS (UDP and TCP),
 * ue_mis_channel.c that over DTLS, ue_mis_keys.c link keys, ue_mis_ask.c answers the owner. */
#ifndef LK_ROLE_UE_MIS_H
#define LK_ROLE_UE_MIS_H

#include <jansson.h>
#include <uv.h>

#include "io/channel.h"
#include "io/control.h"
#include "io/discovery.h"
#include "node/mis_device.h"
#include "role/kinds.h"
#include "role/udp_port.h"
#include "role/ue_slots.h"
#include "role/wake.h"

struct lk_ue_manager;

enum {
    LK_UE_MIS_WAIT_MS = 45000, /* for what the owner asks: more than all tries take */
    LK_UE_MIS_OWED = 4,        /* events that a step leads to */
    LK_UE_MIS_LINK_KEYS = 8,   /* of PoS, that are kept */
    LK_UE_MIS_PLACE_TEXT = LK_ADDRESS_TEXT + sizeof "[]:65535",
    LK_UE_MIS_FOUND = LK_CONFIG_UE_POINTS, /* point: the one that DNS named */
    LK_UE_MIS_NO_POINT,
};

/* What the owner asks and waits for: one at a time. */
enum lk_ue_mis_asked {
    LK_UE_MIS_ASKED_NOTHING,
    LK_UE_MIS_ASKED_ATTACH,
    LK_UE_MIS_ASKED_HANDOVER,
    LK_UE_MIS_ASKED_PING,
    LK_UE_MIS_ASKED_DETACH,
    LK_UE_MIS_ASKED_TLS,
};

enum lk_ue_mis_came {
    LK_UE_MIS_PENDING,
    LK_UE_MIS_DONE,
    LK_UE_MIS_FAILED, /* refused says why */
};

enum lk_ue_mis_carrier {
    LK_UE_MIS_NO_WAY,
    LK_UE_MIS_UDP,
    LK_UE_MIS_TCP,
    LK_UE_MIS_DTLS,
};

struct lk_ue_mis_stream;

/* The way to the PoS of one link of the device. */
struct lk_ue_mis_way {
    enum lk_ue_mis_carrier carrier;
    struct lk_address address;
    uint16_t port;                   /* 0: never opened */
    const char *trouble;             /* NULL: none that we know; UDP: an ICMP message tells it of
                                      * what was sent last */
    struct lk_datagram_peer peer;    /* UDP */
    struct lk_ue_mis_stream *stream; /* TCP */
    bool gone;                       /* the device has not heard it yet */
};

/* The key of a channel with that PoS. Secret. */
struct lk_ue_mis_key {
    struct lk_mis_name pos; /* empty: there is none */
    struct lk_mis_psk psk;
    struct lk_mis_name self; /* as whom */
    uint64_t until_ms;       /* as the SA of its run: no longer than what the home gave */
};

/* Secret. */
struct lk_ue_mis_link_key {
    struct lk_mis_name pos; /* that pushed it */
    uint8_t said[LK_MIS_SA_ID_MAX]; /* of the SA that it is of */
    size_t said_len;
    struct lk_mis_pushed pushed;
    uint64_t until_ms;      /* 0: there is none */
};

struct lk_ue_mis_counters {
    uint64_t strangers; /* datagrams of no PoS that we speak with */
    uint64_t too_long;  /* frames over TCP */
    uint64_t unsent;
};

struct lk_ue_mis {
    bool is_configured;
    struct lk_ue_slots slots; /* the count */
    struct lk_span partner[LK_CONFIG_UE_PARTNERS];
    struct lk_mis_pos point[LK_CONFIG_UE_POINTS + 1]; /* of the configuration; of DNS */
    struct lk_mis_device_config config;
    struct lk_mis_device device;
    struct lk_mis_device_outbox out;
    bool stepping;
    size_t owed_count;
    struct lk_mis_device_event owed[LK_UE_MIS_OWED]; /* secret, as is z */
    uint8_t z[LK_MIS_DH_LEN];
    struct lk_wake wake;
    uint8_t dh_secret[LK_MIS_DH_LEN]; /* of the handover under way */
    /* ways */
    struct lk_udp_owner udp;
    struct lk_udp_port port;
    struct lk_datagrams *to;
    struct lk_ue_mis_way way[LK_MIS_DEVICE_LINKS];
    struct lk_channel *channel;
    uint64_t channel_id, dialled_id; /* 0: none */
    size_t dialled;                  /* which point */
    struct lk_ue_mis_key key[LK_MIS_DEVICE_LINKS];
    struct lk_ue_mis_link_key link_key[LK_UE_MIS_LINK_KEYS];
    struct lk_ue_mis_counters counters;
    struct lk_discovery *discovery; /* NULL: no domain to ask of */
    struct lk_config_ue_point found;
    /* the owner */
    struct lk_control_call *call; /* NULL: nobody waits */
    enum lk_ue_mis_asked asked;
    enum lk_ue_mis_came came;
    bool fell_back;
    /* the last authentication, or key of the home */
    enum { LK_UE_MIS_NEVER, LK_UE_MIS_BY_EAP, LK_UE_MIS_BY_ERP, LK_UE_MIS_BY_HOME } by;
    uint64_t asked_us;
    uv_timer_t patience;
    struct lk_refusal refused; /* of what was asked last */
    struct lk_refusal last;    /* of all */
    uint64_t refused_ms, last_ms; /* when that was */
};

/* ---- ue_mis.c ---- */

/* LK_E_VALUE, LK_E_SYSTEM: error says what. LK_OK too when there is no MIS. */
LK_MUST_CHECK enum lk_status lk_ue_mis_begin(struct lk_ue_manager *ue,
                                             char error[LK_KIND_ERROR_TEXT]);
void lk_ue_mis_end(struct lk_ue_manager *ue);
/* Steps the device and carries out what it says, and what comes of that. Not from within. */
enum lk_status lk_ue_mis_give(struct lk_ue_manager *ue, struct lk_mis_device_event *event);
/* What the configuration says of that PoS, by its MISF ID, or DNS said last;
 * LK_UE_MIS_NO_POINT: nothing. */
size_t lk_ue_mis_point(const struct lk_ue_manager *ue, struct lk_span id);
const struct lk_config_ue_point *lk_ue_mis_point_at(const struct lk_ue_manager *ue, size_t point);
struct lk_mis_pos lk_ue_mis_pos(const struct lk_ue_manager *ue, size_t point);

/* ---- ue_mis_way.c ---- */

lk_udp_receive lk_ue_mis_hear_udp;
lk_udp_unreachable lk_ue_mis_hear_unreachable;
void lk_ue_mis_open(struct lk_ue_manager *ue, uint8_t link, const struct lk_address *address,
                    uint16_t port);
void lk_ue_mis_close(struct lk_ue_manager *ue, uint8_t link);
void lk_ue_mis_send(struct lk_ue_manager *ue, uint8_t link, struct lk_span octets);
void lk_ue_mis_place(char text[LK_UE_MIS_PLACE_TEXT], const struct lk_address *address,
                     uint16_t port);

/* ---- ue_mis_channel.c ---- */

LK_MUST_CHECK enum lk_status lk_ue_mis_channel_begin(struct lk_ue_manager *ue);
/* With the key that EAP left for that PoS. LK_E_NOT_FOUND: there is none; LK_E_VALUE: no port of it
 * is known; LK_E_EXISTS: a channel with it is there. */
LK_MUST_CHECK enum lk_status lk_ue_mis_dial(struct lk_ue_manager *ue, size_t point);
void lk_ue_mis_channel_end(struct lk_ue_manager *ue);

/* ---- ue_mis_keys.c ---- */

void lk_ue_mis_keep_link_key(struct lk_ue_manager *ue, const struct lk_mis_device_output *said);
/* Those whose SA is none of the device's any more; those whose time is over. */
void lk_ue_mis_forget_link_keys(struct lk_ue_mis *mis, uint64_t now_ms);
/* For which links there are some; of which PoS; how long yet. */
json_t *lk_ue_mis_link_keys_json(const struct lk_ue_mis *mis);

/* ---- ue_mis_discover.c ---- */

bool lk_ue_mis_wanted(const struct lk_config *config);
LK_MUST_CHECK bool lk_ue_mis_discovery_begin(struct lk_ue_manager *ue);
/* lk_ue_mis_discovered follows. False: one is under way. */
LK_MUST_CHECK bool lk_ue_mis_discover(struct lk_ue_manager *ue);
/* The point LK_UE_MIS_FOUND. False: nothing of use, which is told. */
LK_MUST_CHECK bool lk_ue_mis_take_found(struct lk_ue_manager *ue,
                                        const struct lk_discovered *found, const char *detail);

/* ---- ue_mis_ask.c ---- */

lk_discovery_done lk_ue_mis_discovered;

typedef void lk_ue_mis_question(struct lk_ue_manager *ue, struct lk_control_call *call,
                                const json_t *request);
lk_ue_mis_question lk_ue_mis_ask_attach, lk_ue_mis_ask_handover, lk_ue_mis_ask_status,
    lk_ue_mis_ask_ping, lk_ue_mis_ask_detach, lk_ue_mis_ask_tls;
/* What the owner waits for has come about, or nothing will come of it. */
void lk_ue_mis_came(struct lk_ue_manager *ue, const struct lk_mis_device_output *fact);
void lk_ue_mis_came_to_nothing(struct lk_ue_manager *ue);
/* Then it is answered. Not from within a step: who is answered may ask again. */
void lk_ue_mis_answer(struct lk_ue_manager *ue);
/* Logs and counts it, and keeps it for who asks. */
void lk_ue_mis_refused(struct lk_ue_manager *ue, const struct lk_refusal *why);

#endif
