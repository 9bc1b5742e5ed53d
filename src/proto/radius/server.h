/* The server's side of one RADIUS request: verify and take apart, then build and sign the answer.
 *
 * It remembers nothing between requests: what has to come back travels in State. */
#ifndef LK_PROTO_RADIUS_SERVER_H
#define LK_PROTO_RADIUS_SERVER_H

#include "base/reason.h"
#include "proto/radius/clients.h"

enum {
    LK_RADIUS_PROXY_STATES_MAX = 512, /* octets of Proxy-State attributes, headers included */
};

enum lk_radius_port { LK_RADIUS_AUTH_PORT, LK_RADIUS_ACCT_PORT };

/* A request that has been verified. Spans are views into the datagram, empty when absent. */
struct lk_radius_request {
    struct lk_radius_packet packet;
    bool has_eap;
    bool has_state;
    bool has_vendor;     /* Vendor-Specific, of whomever */
    bool wants_key_name; /* EAP-Key-Name, one zero octet: a request for it */
    struct lk_span state;
    struct lk_span user_name;
    struct lk_span calling_station;
    struct lk_span class_value; /* the first that has the length of ours */
    size_t proxy_states_len;    /* of all Proxy-State attributes, headers included */
};

/* Verifies one datagram from client. On failure *reason says which rule was broken; the datagram is
 * to be dropped without an answer:
 *   - a header or attribute that does not fit, State or Message-Authenticator twice;
 *   - a code that this port does not serve;
 *   - Access-Request, Status-Server: Message-Authenticator missing or wrong;
 *   - Accounting-Request: Request Authenticator wrong, or Message-Authenticator there and wrong;
 *   - more Proxy-State than we would echo. */
LK_MUST_CHECK enum lk_status lk_radius_request_open(struct lk_radius_request *request,
                                                    enum lk_reason *reason,
                                                    const struct lk_radius_client *client,
                                                    enum lk_radius_port port,
                                                    struct lk_span datagram);
/* Copies the Proxy-State attributes, in order, headers included: proxy_states_len octets. */
void lk_radius_proxy_states(uint8_t *to, const struct lk_radius_request *request);

/* What an answer needs of its request. proxy_states as lk_radius_proxy_states made them. */
struct lk_radius_answer {
    enum lk_radius_code code;
    uint8_t request_code;
    uint8_t identifier;
    const uint8_t *authenticator; /* of the request, 16 octets */
    const struct lk_radius_secret *secret;
    struct lk_span proxy_states;
    bool without_mac; /* no Message-Authenticator: of accounting, and only where TLS protects it */
};

/* Header, and Message-Authenticator as the first attribute (to be filled in by end). */
void lk_radius_answer_begin(struct lk_writer *w, const struct lk_radius_answer *answer);
/* Proxy-State, then length, Message-Authenticator and Response Authenticator. */
LK_MUST_CHECK enum lk_status lk_radius_answer_end(struct lk_writer *w,
                                                  const struct lk_radius_answer *answer);

#endif
