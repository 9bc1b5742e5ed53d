/* The session link: what a TWAP tells a TWAG on another machine, as RADIUS over TLS (RFC 5176).
 *
 *     SESSION          CoA-Request: Calling-Station-Id, WLCP-Key and IMSI hidden, UE-Generation,
 *                      Session-Timeout, Class, Acct-Session-Id
 *     SESSION_END      Disconnect-Request: Calling-Station-Id, IMSI hidden, UE-Generation,
 *                      Acct-Terminate-Cause
 *     RESTARTED        Disconnect-Request: UE-Generation, Acct-Terminate-Cause NAS Reboot: of what
 *                      is older this TWAP knows nothing
 *
 * TLS is what protects it, and what makes it fresh; the hiding is for who logs packets. The sender
 * keeps each request until it is answered, bounded, and sends again what was out when a connection
 * is lost; ends for which there is no room wait for it. A repeat is answered as before and does
 * nothing (invariant 11). A TWAG listens to its own TWAPs alone: whoever else reaches
 * it by TLS is told 501, and leaves nothing behind. */
#ifndef LK_NODE_WLAN_LINK_H
#define LK_NODE_WLAN_LINK_H

#include "node/wlan_session.h"
#include "proto/radius/ask.h"

enum { LK_WLAN_LINK_OUT = 256, LK_WLAN_LINK_LATER = 4096, LK_WLAN_LINK_SEEN = 512 };

/* What ended, and how. */
struct lk_wlan_gone {
    uint8_t ue_mac[LK_STATION_LEN];
    struct lk_imsi imsi;
    uint64_t generation;
    bool failed; /* SESSION_FAILED */
    enum lk_wlan_end why;
};

struct lk_wlan_link_config {
    const struct lk_radius_secret *secret;
    uint32_t enterprise;
    bool is_twap;    /* at the TWAG: who is at the other end, */
    uint64_t teller; /* and which one: as sessions have it */
};

/* ---- the TWAP's end ---- */

struct lk_wlan_link {
    struct lk_radius_ask ask[LK_WLAN_LINK_OUT]; /* secret; by identifier */
    uint8_t next;  /* identifier: they go round, so that it is the oldest, too */
    uint16_t salt; /* the next one */
    struct lk_wlan_gone later[LK_WLAN_LINK_LATER]; /* a ring: ends that wait for an identifier */
    size_t later_first, later_count;
};

/* The octets to be sent, kept until they are answered. LK_E_FULL: as many as there are identifiers
 * wait for their answers, or the oldest of them does. */
LK_MUST_CHECK enum lk_status lk_wlan_link_session(struct lk_wlan_link *link,
                                                  const struct lk_wlan_link_config *config,
                                                  const struct lk_wlan_session *session,
                                                  uint64_t now_ms, struct lk_span *octets);
/* The same. Without an identifier it waits, and there are no octets; LK_E_FULL: nor can it wait. */
LK_MUST_CHECK enum lk_status lk_wlan_link_gone(struct lk_wlan_link *link,
                                               const struct lk_wlan_link_config *config,
                                               const struct lk_wlan_gone *gone, uint64_t now_ms,
                                               struct lk_span *octets);
/* An end that waited, now that there is room. False: none, or no room. */
bool lk_wlan_link_later(struct lk_wlan_link *link, const struct lk_wlan_link_config *config,
                        uint64_t now_ms, struct lk_span *octets);
/* The TWAP has begun: of generations before that one it knows nothing. */
LK_MUST_CHECK enum lk_status lk_wlan_link_restarted(struct lk_wlan_link *link,
                                                    const struct lk_wlan_link_config *config,
                                                    uint64_t generation, uint64_t now_ms);
/* An answer. LK_E_DENIED: refused, *cause says why. Otherwise as lk_radius_ask_received. */
LK_MUST_CHECK enum lk_status lk_wlan_link_answered(struct lk_wlan_link *link,
                                                   const struct lk_wlan_link_config *config,
                                                   struct lk_span packet, uint32_t *cause);
/* What is out, in the order in which it was said, for a connection that is new: begin with *at 0;
 * false at the end. */
bool lk_wlan_link_again(const struct lk_wlan_link *link, size_t *at, struct lk_span *octets);
size_t lk_wlan_link_count(const struct lk_wlan_link *link);
void lk_wlan_link_wipe(struct lk_wlan_link *link);

/* ---- the TWAG's end ---- */

enum lk_wlan_told {
    LK_WLAN_TOLD_NOTHING, /* dropped, repeated, or refused: send answer if there is one */
    LK_WLAN_TOLD_SESSION,
    LK_WLAN_TOLD_GONE,
    LK_WLAN_TOLD_RESTARTED, /* gone.generation is the first that it knows of */
};

/* What came. Secret. request views the packet. */
struct lk_wlan_told_what {
    struct lk_radius_dynamic_request request;
    bool answer; /* lk_wlan_link_answer is to be called: after lk_wlan_link_settle, when told */
    enum lk_reason reason; /* of what was dropped, or came from no TWAP */
    struct lk_wlan_session session;
    struct lk_wlan_gone gone;
};

/* server: of LK_WLAN_LINK_SEEN or more places. */
enum lk_wlan_told lk_wlan_link_open(struct lk_wlan_told_what *what,
                                    struct lk_radius_dynamic_server *server,
                                    const struct lk_wlan_link_config *config,
                                    struct lk_span packet, uint64_t now_ms);
/* Whether what was told was done. */
void lk_wlan_link_settle(struct lk_wlan_told_what *what, struct lk_radius_dynamic_server *server,
                         enum lk_radius_error_cause cause);
LK_MUST_CHECK enum lk_status lk_wlan_link_answer(struct lk_writer *w,
                                                 const struct lk_wlan_told_what *what,
                                                 const struct lk_wlan_link_config *config);

#endif
