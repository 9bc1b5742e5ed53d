/* What a process of the daemon writes into the capture, where the configuration asks for one.
 *
 * Sockets are told of, each with its leg; a watch at datagrams and channels does the rest. A daemon
 * writes what goes over a leg once, both directions of it: where it plays both ends, the one that
 * more comes by does (lk_seen_ours), and the anchor's writes what goes between it and gateways of
 * other daemons. Nothing waits for the capture: what cannot be written is counted, and said. */
#ifndef LK_ROLE_SEEN_H
#define LK_ROLE_SEEN_H

#include "base/budget.h"
#include "io/channel.h"
#include "io/http_watch.h"
#include "io/pcapng.h"
#include "io/xw.h"
#include "keys/gba.h"
#include "keys/log.h"
#include "keys/mip.h"
#include "role/kinds.h"
#include "wire/mis_framer.h"

enum lk_seen_leg {
    LK_SEEN_ACCESS_POINT, /* RADIUS between access point and TWAP */
    LK_SEEN_AAA,          /* RADIUS between TWAP and AAA */
    LK_SEEN_WLCP,         /* DTLS between device and TWAG */
    LK_SEEN_USER_PLANE,   /* frames between them */
    LK_SEEN_PMIP,         /* DTLS between TWAG and anchor */
    LK_SEEN_TUNNEL,       /* packets between them */
    LK_SEEN_UU,           /* RRC between device and eNB */
    LK_SEEN_XW,           /* XwAP between eNB and WT */
    LK_SEEN_AIR,          /* IEEE 802.11 between device and WT */
    LK_SEEN_MIS,          /* MIS between MN and PoS */
    LK_SEEN_MIS_N2N,      /* MIS between two PoS, which TLS hides */
    LK_SEEN_UB,           /* HTTP between device and BSF */
    LK_SEEN_MIP,          /* Mobile IP between mobile node and agent, with its tunnel */
    LK_SEEN_MIP_AGENTS,   /* the same between foreign agent and home agent */
    LK_SEEN_LEGS
};

enum { LK_SEEN_SOCKETS = 64, LK_SEEN_CHANNELS = LK_CONFIG_POINTS, LK_SEEN_COMMENT = 96,
       LK_SEEN_AGENTS = 64 };

struct lk_seen;

/* A channel's messages in clear. */
struct lk_seen_channel {
    struct lk_seen *seen;
    const char *dissector;
};

struct lk_seen {
    struct lk_capture *file; /* NULL: none is asked for */
    const char *path;
    unsigned wanted, legs;   /* bits: of those that the configuration wants; ours of them */
    bool secrets;
    unsigned packets_per_s; /* of applications; 0: all */
    struct lk_budget packets;
    struct lk_mis_codes mis; /* the numbers of its messages */
    char comment[LK_SEEN_COMMENT]; /* of each packet; "": none */
    struct lk_address not_with;    /* the TWAG that writes down what it says to us; any: none */
    size_t sockets, channels, agents;
    struct lk_seen_socket {
        int fd;
        enum lk_seen_leg leg;
        uint16_t spoken; /* Mobile IP: the port of what goes through it; else 0 */
        struct lk_capture_end own;
        bool wild; /* own is not known: it is what the datagram says */
    } socket[LK_SEEN_SOCKETS];
    struct lk_address agent[LK_SEEN_AGENTS]; /* of Mobile IP, that we are an agent with */
    struct lk_seen_channel channel[LK_SEEN_CHANNELS];
    struct {
        uint64_t at_ns; /* 0: there is none */
        struct lk_capture_end from, to;
        size_t len;
        uint8_t octets[LK_DATAGRAM_MAX];
    } held; /* a flight that may bring a key about, which has to lie before it */
    uint64_t lost;
};

extern const struct lk_capture_options lk_seen_options;

/* Goes on with the file that the supervisor opened for it, if it did. */
void lk_seen_begin(struct lk_seen *seen, const struct lk_worker_setup *setup);
/* Says it when half a block was cut off; and when there is no capture, and why. */
void lk_seen_mended(const struct lk_capture *capture, const char *path);
void lk_seen_lost(const char *path, enum lk_status status);
void lk_seen_end(struct lk_seen *seen);
/* It is wanted, and ours to write. */
bool lk_seen_wants(const struct lk_seen *seen, enum lk_seen_leg leg);
/* The legs that a process writes that plays those own of the daemon's roles: bits. */
unsigned lk_seen_ours(unsigned own, unsigned roles);

/* What goes through fd is of that leg, from now on. towards: where to, for the address of ours that
 * is behind a wildcard; NULL: it says that itself. */
void lk_seen_socket(struct lk_seen *seen, int fd, enum lk_seen_leg leg,
                    const struct lk_address *towards);
/* Looks at all of its datagrams; those of sockets that it was told of are written. */
void lk_seen_datagrams(struct lk_seen *seen, struct lk_datagrams *datagrams);
/* Of the sockets that setup has: datagrams, messages in them, and keys where they are wanted. */
void lk_seen_channel(struct lk_seen *seen, struct lk_channel_setup *setup, enum lk_seen_leg leg,
                     const char *dissector);

/* One datagram that nobody watches. */
void lk_seen_datagram(struct lk_seen *seen, const struct lk_datagram_peer *peer, bool out,
                      struct lk_span octets);
/* A message in clear. */
void lk_seen_message(struct lk_seen *seen, const struct lk_capture_opened *about,
                     struct lk_span message);
/* A frame of IEEE 802.11. */
void lk_seen_frame(struct lk_seen *seen, struct lk_span frame);
/* Xw over SCTP: the datagrams of setup's socket. A key in them is written as zeroes unless secrets
 * are wanted. Before lk_xw_new. */
void lk_seen_xw(struct lk_seen *seen, struct lk_xw_setup *setup);
/* Xw over TCP, in TLS or not: one message, in clear, with the ends of its connection. As there. */
void lk_seen_xw_message(struct lk_seen *seen, const struct lk_capture_end *from,
                        const struct lk_capture_end *to, struct lk_span message);
/* Who is to look at Ub; nobody, where it is not wanted. */
struct lk_http_watch lk_seen_ub(struct lk_seen *seen);
/* A key of a UE, where secrets are wanted; the caller wipes entry. */
void lk_seen_key(struct lk_seen *seen, const struct lk_key_log *entry);
/* A whole line of the key log, with its newline. */
void lk_seen_key_line(struct lk_seen *seen, const char *line);
/* MIS that a socket does not show: between two PoS, over TCP, out of DTLS. A key in clear in it is
 * written as zeroes unless secrets are wanted. */
void lk_seen_mis(struct lk_seen *seen, enum lk_seen_leg leg, const struct lk_capture_end *from,
                 const struct lk_capture_end *to, struct lk_span message);
/* A key for applications, or a session of theirs, where secrets are wanted; the caller wipes
 * entry. */
void lk_seen_app_key(struct lk_seen *seen, const struct lk_app_key_log *entry);
/* The same of one with two names: what it goes by, and what it is for (NULL: nothing further). */
void lk_seen_named_key(struct lk_seen *seen, enum lk_app_key_log_kind kind, const char *name,
                       const struct lk_naf_id *use, struct lk_span key);
/* A key of an SA, where secrets are wanted; the caller wipes entry. */
void lk_seen_mis_key(struct lk_seen *seen, const struct lk_mis_key_log *entry);

/* ---- seen_mip.c ---- */

/* Mobile IP goes through fd: port is LK_MIP_PORT or LK_MIP6_PORT, whatever fd is bound to. towards
 * as above. */
void lk_seen_mip(struct lk_seen *seen, int fd, uint16_t port, const struct lk_address *towards);
/* What goes between that agent and such a socket is of the leg between agents. */
void lk_seen_mip_agent(struct lk_seen *seen, const struct lk_address *agent);
bool lk_seen_is_mip_agent(const struct lk_seen *seen, const struct lk_address *address);
/* What an association begins with, where secrets are wanted: LK_APP_KEY_LOG_MN_HA, ... who: the
 * digits of the mobile node's IMSI, or the foreign agent's name. spi_back: of what comes back. */
void lk_seen_mip_key(struct lk_seen *seen, enum lk_app_key_log_kind kind, const char *who,
                     uint32_t spi_back, const struct lk_mip_association *key);

/* ---- seen_mis.c ---- */

/* Copies a PDU into room, which holds as much, with zeroes where it has a key in clear. Of one that
 * does not decode all is zeroes. */
void lk_seen_withhold_mis(uint8_t *room, struct lk_span message,
                          const struct lk_mis_codes *codes);

/* ---- seen_xw.c ---- */

/* Copies an XwAP message into room, which holds as much, with zeroes where it has a key. Of one
 * that does not decode all is zeroes. */
void lk_seen_withhold(uint8_t *room, struct lk_span message);
/* The same for all of a packet of SCTP, with the checksum that it has then. A piece of a message is
 * zeroes as a whole, and so is a packet that cannot be walked to its end. */
void lk_seen_withhold_sctp(uint8_t *room, struct lk_span packet);

struct lk_capture_end lk_seen_end_of(const struct lk_address *address, uint16_t port);

#endif
