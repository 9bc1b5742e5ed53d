/* DTLS 1.2 (RFC 6347) as far as one must read it before an engine may: record and handshake
 * headers, the ClientHello that asks for a cookie, the PSK identity in the ClientKeyExchange
 * (RFC 4279, RFC 5489), and one message put together from fragments.
 *
 * Nothing here knows a key. The cookie is the caller's, and so is the engine that does the rest. */
#ifndef LK_WIRE_DTLS_H
#define LK_WIRE_DTLS_H

#include "base/octets.h"

enum lk_dtls_type {
    LK_DTLS_CHANGE_CIPHER_SPEC = 20,
    LK_DTLS_ALERT = 21,
    LK_DTLS_HANDSHAKE = 22,
    LK_DTLS_APPLICATION_DATA = 23,
};

enum lk_dtls_message_type {
    LK_DTLS_HELLO_REQUEST = 0,
    LK_DTLS_CLIENT_HELLO = 1,
    LK_DTLS_SERVER_HELLO = 2,
    LK_DTLS_HELLO_VERIFY_REQUEST = 3,
    LK_DTLS_SERVER_KEY_EXCHANGE = 12,
    LK_DTLS_SERVER_HELLO_DONE = 14,
    LK_DTLS_CLIENT_KEY_EXCHANGE = 16,
    LK_DTLS_FINISHED = 20,
};

enum lk_dtls_alert_code {
    LK_DTLS_ALERT_HANDSHAKE_FAILURE = 40,
    LK_DTLS_ALERT_DECRYPT_ERROR = 51,
    LK_DTLS_ALERT_PROTOCOL_VERSION = 70,
};

enum {
    LK_DTLS_1_0 = 0xfeff,
    LK_DTLS_1_2 = 0xfefd,
    LK_DTLS_RECORD_HEADER_LEN = 13,
    LK_DTLS_HANDSHAKE_HEADER_LEN = 12,
    LK_DTLS_RANDOM_LEN = 32,
    LK_DTLS_SESSION_ID_MAX = 32,
    LK_DTLS_COOKIE_MAX = 32,
    LK_DTLS_MESSAGE_MAX = 2048, /* of what a peer may claim for one handshake message */
    LK_DTLS_JOIN_MAX = 512,     /* of a message that we put together */
    LK_DTLS_ALERT_LEN = LK_DTLS_RECORD_HEADER_LEN + 2,
};

struct lk_dtls_record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t sequence; /* 48 bits */
    struct lk_span body;
    struct lk_span whole; /* header and body */
};

/* The next record of a datagram. LK_E_SHORT: it ends beyond the datagram; LK_E_VALUE: a type or a
 * version that is none of DTLS 1.0 to 1.2; LK_E_LENGTH: an empty one. */
LK_MUST_CHECK enum lk_status lk_dtls_record_get(struct lk_dtls_record *record,
                                                struct lk_reader *datagram);

/* A handshake message, or a fragment of one. */
struct lk_dtls_message {
    uint8_t type;
    uint32_t length; /* of the whole message */
    uint16_t sequence;
    uint32_t offset;
    struct lk_span fragment;
};

/* The next message in the body of a record. LK_E_SHORT, or LK_E_LENGTH: it claims more than
 * LK_DTLS_MESSAGE_MAX, or the fragment lies outside it or is empty within it. */
LK_MUST_CHECK enum lk_status lk_dtls_message_get(struct lk_dtls_message *message,
                                                 struct lk_reader *body);
/* The message is here as a whole. */
bool lk_dtls_message_is_whole(const struct lk_dtls_message *message);

struct lk_dtls_client_hello {
    uint16_t version;
    struct lk_span random;
    struct lk_span session_id;
    struct lk_span cookie;
    struct lk_span suites; /* two octets each */
    struct lk_span compressions;
    bool extended_master_secret;
};

/* LK_E_SHORT, LK_E_TRAILING, LK_E_LENGTH, LK_E_TWICE for an extension that is there twice,
 * LK_E_VALUE when no compression is not among the compressions. */
LK_MUST_CHECK enum lk_status lk_dtls_client_hello_decode(struct lk_dtls_client_hello *hello,
                                                         struct lk_span body);
bool lk_dtls_client_hello_offers(const struct lk_dtls_client_hello *hello, uint16_t suite);

/* The identity in a ClientKeyExchange, a view; with_point: the suite is one of ECDHE, whose point
 * follows. LK_E_SHORT, LK_E_TRAILING, LK_E_LENGTH. */
LK_MUST_CHECK enum lk_status lk_dtls_psk_identity(struct lk_span *identity, struct lk_span body,
                                                  bool with_point);

/* One message put together, whose number is known beforehand. */
struct lk_dtls_join {
    uint16_t length;
    uint16_t have;
    bool begun;
    uint8_t octets[LK_DTLS_JOIN_MAX];
    uint8_t seen[LK_DTLS_JOIN_MAX / 8];
};

/* Adds a fragment. LK_E_BUSY: more is missing; LK_OK: all is here. LK_E_LENGTH: longer than
 * LK_DTLS_JOIN_MAX; LK_E_CONFLICT: other octets, or another length, than came before: the fragment
 * changed nothing. */
LK_MUST_CHECK enum lk_status lk_dtls_join_add(struct lk_dtls_join *join,
                                              const struct lk_dtls_message *message);

/* Whole records: a HelloVerifyRequest with the client's record number, a handshake message in one
 * piece, a fatal alert in the clear. */
void lk_dtls_put_hello_verify(struct lk_writer *w, uint64_t sequence, struct lk_span cookie);
void lk_dtls_put_message(struct lk_writer *w, uint64_t sequence, uint8_t type,
                         uint16_t message_sequence, struct lk_span body);
void lk_dtls_put_alert(struct lk_writer *w, uint64_t sequence, enum lk_dtls_alert_code code);

#endif
