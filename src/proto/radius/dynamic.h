/* Dynamic authorisation (RFC 5176): the AAA ends or changes a session that is running.
 *
 * Here the roles are turned round: the AAA is the client that asks, on UDP 3799, and who serves the
 * session answers. The server's side is a table of what was answered lately: a request is known by
 * its authenticator, which is a digest of all its octets and the secret, so that a repeat, from
 * wherever it comes, gets the same answer and does nothing a second time.
 *
 *     open --> DROP                  silence
 *          --> REPEAT, REFUSED       lk_radius_dynamic_answer
 *          --> NEW                   find the session: lk_radius_dynamic_names; then
 *                                    lk_radius_dynamic_decide, lk_radius_dynamic_answer
 * */
#ifndef LK_PROTO_RADIUS_DYNAMIC_H
#define LK_PROTO_RADIUS_DYNAMIC_H

#include "base/address.h"
#include "base/reason.h"
#include "proto/radius/server.h"

enum {
    LK_RADIUS_DYNAMIC_PORT = 3799,
    LK_RADIUS_DYNAMIC_WINDOW_S = 300,
    LK_RADIUS_DYNAMIC_NAS_TEXT = 64,
    LK_RADIUS_DYNAMIC_ANSWER_MAX = LK_RADIUS_HEADER_LEN + 2 + LK_RADIUS_MAC_LEN + 6 +
                                   LK_RADIUS_PROXY_STATES_MAX,
};

/* RFC 5176 3.5. */
enum lk_radius_error_cause {
    LK_RADIUS_CAUSE_NONE = 0,
    LK_RADIUS_CAUSE_RESIDUAL_REMOVED = 201,
    LK_RADIUS_CAUSE_UNSUPPORTED_ATTRIBUTE = 401,
    LK_RADIUS_CAUSE_MISSING_ATTRIBUTE = 402,
    LK_RADIUS_CAUSE_NAS_MISMATCH = 403,
    LK_RADIUS_CAUSE_INVALID_REQUEST = 404,
    LK_RADIUS_CAUSE_UNSUPPORTED_SERVICE = 405,
    LK_RADIUS_CAUSE_UNSUPPORTED_EXTENSION = 406,
    LK_RADIUS_CAUSE_INVALID_VALUE = 407,
    LK_RADIUS_CAUSE_PROHIBITED = 501,
    LK_RADIUS_CAUSE_NOT_ROUTABLE = 502,
    LK_RADIUS_CAUSE_NO_SESSION = 503,
    LK_RADIUS_CAUSE_NOT_REMOVABLE = 504,
    LK_RADIUS_CAUSE_RESOURCES = 506,
    LK_RADIUS_CAUSE_MANY_SESSIONS = 508,
};

/* "503 Session-Context-Not-Found", ... Never NULL. */
const char *lk_radius_error_cause_name(enum lk_radius_error_cause cause);

struct lk_radius_dynamic_config {
    struct lk_address address; /* ours: what NAS-IP-Address or NAS-IPv6-Address must be */
    char identifier[LK_RADIUS_DYNAMIC_NAS_TEXT]; /* what NAS-Identifier must be; "": none is ours */
    bool many_nas;     /* a proxy: whose NAS it is, the session knows */
    bool coa;          /* CoA-Request is served too */
    bool any_session;  /* a request need not say whose: it may be about all of its sender's */
    bool fresh_leg;    /* TLS: the leg itself refuses replays: Event-Timestamp is not looked at */
    uint32_t window_s; /* 0: LK_RADIUS_DYNAMIC_WINDOW_S */
};

/* One answer that was given. */
struct lk_radius_dynamic_seen {
    uint8_t authenticator[LK_RADIUS_AUTHENTICATOR_LEN];
    uint64_t until_ms; /* from then on its timestamp is stale by itself */
    uint16_t cause;    /* NONE: acknowledged */
};

/* A ring in the caller's memory: the oldest first. When all are still needed, a new request is
 * refused, for a place that is given away early would let a replay pass; but on a fresh leg. */
struct lk_radius_dynamic_server {
    struct lk_radius_dynamic_seen *item;
    size_t cap;
    size_t first, count;
};
void lk_radius_dynamic_server_in(struct lk_radius_dynamic_server *server,
                                 struct lk_radius_dynamic_seen *item, size_t cap);

enum lk_radius_dynamic_verdict {
    LK_RADIUS_DYNAMIC_DROP,
    LK_RADIUS_DYNAMIC_REPEAT,
    LK_RADIUS_DYNAMIC_REFUSED, /* cause says why */
    LK_RADIUS_DYNAMIC_NEW,
};

/* A verified request. Spans are views into the datagram. */
struct lk_radius_dynamic_request {
    struct lk_radius_request request;
    bool coa;
    enum lk_radius_error_cause cause; /* of REPEAT and REFUSED; NONE acknowledges */
    uint64_t until_ms;
    bool has_user, has_acct_session, has_mac, has_nas_address, has_nas_identifier;
    struct lk_span user, acct_session, nas_identifier;
    uint8_t mac[LK_STATION_LEN];
    struct lk_address nas_address;
};

/* datagram from a client with that secret. On DROP *reason says which rule was broken:
 *   - what is no RADIUS packet, or another code;
 *   - Request Authenticator or Message-Authenticator wrong, or the latter missing (A01);
 *   - Event-Timestamp outside the window. */
enum lk_radius_dynamic_verdict lk_radius_dynamic_open(
    struct lk_radius_dynamic_request *request, enum lk_reason *reason,
    struct lk_radius_dynamic_server *server, const struct lk_radius_dynamic_config *config,
    const struct lk_radius_secret *secret, struct lk_span datagram, uint64_t now_ms);

/* What a session goes by; empty or false when it has none. */
struct lk_radius_dynamic_session {
    struct lk_span user;         /* User-Name as it was last sent */
    struct lk_span imsi;         /* as good as the User-Name */
    struct lk_span acct_session; /* Acct-Session-Id */
    const uint8_t *mac;
    struct lk_address nas_address;
    struct lk_span nas_identifier;
};
/* True when every attribute of the request that identifies a session is this session's. */
bool lk_radius_dynamic_names(const struct lk_radius_dynamic_request *request,
                             const struct lk_radius_dynamic_config *config,
                             const struct lk_radius_dynamic_session *session);
/* For so many sessions that it names: NONE for one, else the cause. */
enum lk_radius_error_cause lk_radius_dynamic_found(size_t sessions);
/* Settles a NEW request, so that repeats get the same. */
void lk_radius_dynamic_decide(struct lk_radius_dynamic_server *server,
                              struct lk_radius_dynamic_request *request,
                              enum lk_radius_error_cause cause);
/* ACK or NAK by request->cause; the same octets for the same request. */
LK_MUST_CHECK enum lk_status lk_radius_dynamic_answer(
    struct lk_writer *w, const struct lk_radius_dynamic_request *request,
    const struct lk_radius_secret *secret);

#endif
