/* Messages between an application and its server (docs/rooms/e2e.md), ours: octets to structs and
 * back. Over a stream or in datagrams, each is
 *
 *     type (1) | length of what follows (2) | body
 *
 *     HELLO    version (1) | flags (1) | FQDN of the server | name of the application | message 1
 *     REPLY    message 2
 *     FINISH, DATA, TICKET, CLOSE    epoch (2) | number (8) | sealed
 *     ALERT    code (1)
 *     PARCEL   as HELLO, with the one message of a handed-over key
 *
 * where a name has its length before it (1). What stands before message 1 is the offer: both ends
 * hash it, so nothing of it can be taken away or swapped unnoticed. What stands before `sealed` is
 * sealed with it. */
#ifndef LK_WIRE_E2E_H
#define LK_WIRE_E2E_H

#include "base/octets.h"

enum {
    LK_E2E_VERSION = 1,
    LK_E2E_HEADER = 3,
    LK_E2E_RECORD_HEADER = LK_E2E_HEADER + 2 + 8,
    LK_E2E_TAG = 16,
    LK_E2E_DATA_MAX = 16384, /* octets of a record before it is sealed */
    LK_E2E_BODY_MAX = 2 + 8 + LK_E2E_DATA_MAX + LK_E2E_TAG,
    LK_E2E_FRAME_MAX = LK_E2E_HEADER + LK_E2E_BODY_MAX,
    LK_E2E_OFFER_MAX = 2 + 1 + 253 + 1 + 128,
    LK_E2E_HANDSHAKE_MAX = LK_E2E_HEADER + LK_E2E_OFFER_MAX + 1024,
    LK_E2E_KEY_ID_MAX = 320, /* A-KID, B-TID or ticket */
    LK_E2E_IDENTITY_MAX = 128,
};

enum lk_e2e_type {
    LK_E2E_HELLO = 1,
    LK_E2E_REPLY,
    LK_E2E_FINISH,
    LK_E2E_DATA,
    LK_E2E_TICKET,
    LK_E2E_CLOSE,
    LK_E2E_ALERT,
    LK_E2E_PARCEL,
};

/* What goes into the session: bits of flags. */
enum lk_e2e_flag {
    LK_E2E_WITH_N = 1,
    LK_E2E_WITH_P = 2,
    LK_E2E_WITH_CLIENT_KEY = 4, /* a static key of the application's */
    LK_E2E_RESUMED = 8, /* N and P by a ticket; what the ticket's session had is in the rest */
};
enum {
    LK_E2E_INPUTS = LK_E2E_WITH_N | LK_E2E_WITH_P | LK_E2E_WITH_CLIENT_KEY,
    LK_E2E_FLAGS = LK_E2E_INPUTS | LK_E2E_RESUMED,
};

struct lk_e2e_frame {
    enum lk_e2e_type type;
    struct lk_span body;
};
/* How long the frame is that octets begin with; 0: too few of them to say. LK_E_UNKNOWN,
 * LK_E_LENGTH: no frame begins so. */
LK_MUST_CHECK enum lk_status lk_e2e_frame_size(size_t *size, struct lk_span octets);
LK_MUST_CHECK enum lk_status lk_e2e_frame_decode(struct lk_e2e_frame *frame, struct lk_span octets);

/* Of a HELLO or PARCEL; names are within their limits. */
struct lk_e2e_hello {
    uint8_t flags;
    struct lk_span fqdn, app;
    struct lk_span message;
    struct lk_span offer; /* decoded: what stands before message */
};
/* LK_E_UNKNOWN: of another version. */
LK_MUST_CHECK enum lk_status lk_e2e_hello_decode(struct lk_e2e_hello *hello, struct lk_span body);
void lk_e2e_offer_encode(struct lk_writer *w, const struct lk_e2e_hello *hello);
/* A frame of two parts. */
void lk_e2e_frame_encode(struct lk_writer *w, enum lk_e2e_type type, struct lk_span first,
                         struct lk_span second);

/* What message 1 says, sealed to the server. */
enum lk_e2e_key_kind { LK_E2E_NO_KEY_ID, LK_E2E_B_TID, LK_E2E_A_KID, LK_E2E_BY_TICKET };
struct lk_e2e_who {
    enum lk_e2e_key_kind kind;
    struct lk_span key_id;   /* empty with NO_KEY_ID, and then alone */
    struct lk_span identity; /* of the application's own making; may be empty */
};
LK_MUST_CHECK enum lk_status lk_e2e_who_decode(struct lk_e2e_who *who, struct lk_span octets);
void lk_e2e_who_encode(struct lk_writer *w, const struct lk_e2e_who *who);

struct lk_e2e_sealed {
    uint16_t epoch;
    uint64_t number;
    struct lk_span sealed; /* at least LK_E2E_TAG octets */
};
LK_MUST_CHECK enum lk_status lk_e2e_sealed_decode(struct lk_e2e_sealed *sealed,
                                                  struct lk_span body);
/* All but what is sealed, which has sealed_len octets. */
void lk_e2e_sealed_header(uint8_t out[LK_E2E_RECORD_HEADER], enum lk_e2e_type type, uint16_t epoch,
                          uint64_t number, size_t sealed_len);

#endif
