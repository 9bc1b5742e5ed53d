/* A trace: what a capture holds of the protocols that we know, message by message in order, and the
 * runs they make up.
 *
 * Each protocol is a row of one table (protocol.h), which says which datagrams are its own, how to
 * decode them, which run they belong to, and how to show them. A run of RADIUS is one
 * authentication: it begins with an Access-Request without State, and goes on through the State
 * that each Access-Challenge hands out. Everything here was written by somebody else: what does
 * not decode is kept, with its status, and shown as such. */
#ifndef LK_TRACE_TRACE_H
#define LK_TRACE_TRACE_H

#include "trace/pcapng_read.h"
#include "wire/eap.h"
#include "wire/radius.h"

enum {
    LK_TRACE_MESSAGES_MAX = 200000,
    LK_TRACE_FILE_MAX = 512 * 1024 * 1024,
    LK_TRACE_LOOK_BACK = 4096, /* messages between a request and its answer, a State and its use */
    LK_TRACE_TITLE_MAX = 96,
};

#define LK_TRACE_NONE ((size_t)-1)

/* Rows of the table. */
enum lk_trace_protocol_id { LK_TRACE_RADIUS, LK_TRACE_PROTOCOLS };

/* A RADIUS packet, and the EAP packet inside. */
struct lk_trace_radius {
    struct lk_radius_packet packet;
    bool has_eap;
    struct lk_span eap_octets; /* EAP-Message attributes, joined */
    enum lk_status eap_status;
    struct lk_eap_packet eap;
};

struct lk_trace_message {
    uint64_t at_ns;
    struct lk_capture_end from, to;
    struct lk_span comment;
    struct lk_span octets; /* the message */
    bool opened;           /* given in clear by who ended the encryption */
    enum lk_trace_protocol_id protocol;
    enum lk_status status; /* of its decoder */
    bool request;          /* from the client to the server */
    union {
        struct lk_trace_radius radius;
    };
    size_t run;     /* LK_TRACE_NONE: of no run (accounting, Status-Server, strays) */
    size_t answers; /* the request that this answers, or LK_TRACE_NONE */
    size_t repeats; /* the same message before, or LK_TRACE_NONE */
};

enum lk_trace_outcome {
    LK_TRACE_OPEN,     /* the capture ends, or the client gave up, with a challenge outstanding */
    LK_TRACE_SILENT,   /* the last request has no answer */
    LK_TRACE_ACCEPTED,
    LK_TRACE_REJECTED,
};

struct lk_trace_run {
    char title[LK_TRACE_TITLE_MAX]; /* the comment of its first message, or "run 3" */
    size_t first, last;             /* messages, inclusive; others may lie between */
    size_t count;
    enum lk_trace_outcome outcome;
    struct lk_span outer;    /* identity of the first EAP-Response/Identity */
    struct lk_span identity; /* the last identity the peer sent: it enters the keys */
    uint8_t eap_type;        /* the method, or 0 when none began */
    bool fast;               /* a re-authentication was asked for */
    bool resync;             /* an AUTS was sent */
};

struct lk_trace {
    struct lk_trace_message *messages;
    size_t count;
    struct lk_trace_run *runs;
    size_t run_count;
    size_t packets;   /* in the capture, of any kind */
    bool cut;         /* the capture ends within a block */
    /* owned */
    size_t message_cap, run_cap;
    struct lk_trace_block *blocks; /* copies of octets */
};

/* Reads a capture file. LK_E_SYSTEM (errno), LK_E_FULL (too large), or what the pcapng reader says
 * of a file whose beginning is not a capture; what is read before damage stays. */
LK_MUST_CHECK enum lk_status lk_trace_load(struct lk_trace *trace, const char *path);

/* What a capture has of one datagram. */
struct lk_trace_packet {
    uint64_t at_ns;
    struct lk_datagram datagram;
    struct lk_span comment;
};

/* Or: an empty trace, and one message after another, of a protocol that the caller knows. Octets
 * and comment are copied. */
void lk_trace_init(struct lk_trace *trace);
LK_MUST_CHECK enum lk_status lk_trace_add(struct lk_trace *trace,
                                          enum lk_trace_protocol_id protocol,
                                          const struct lk_trace_packet *packet);
/* Sorts messages into runs; after the last add. */
LK_MUST_CHECK enum lk_status lk_trace_finish(struct lk_trace *trace);
void lk_trace_free(struct lk_trace *trace);

/* The first message of the run at or after index from with that direction, EAP type and subtype (0:
 * any); LK_TRACE_NONE when there is none. Repeats are passed over. */
size_t lk_trace_find(const struct lk_trace *trace, size_t run, size_t from, uint8_t eap_code,
                     uint8_t subtype);

/* The EAP packet inside, or NULL when there is none or it does not decode. */
const struct lk_eap_packet *lk_trace_eap(const struct lk_trace_message *message);

const char *lk_trace_outcome_name(enum lk_trace_outcome outcome);

enum { LK_TRACE_NAME_MAX = 96, LK_TRACE_SUMMARY_MAX = 160 };
/* "RADIUS", ... */
const char *lk_trace_protocol_name(const struct lk_trace_message *message);
/* The name of the message for a ladder: that of what is carried, when something is. */
void lk_trace_message_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message);
/* What carries it: "Access-Request, id 3"; or "". */
void lk_trace_carrier_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message);
/* "Access-Request", "Accounting-Response", ...; "RADIUS 99" for the unknown. Of RADIUS. */
void lk_trace_radius_name(char name[LK_TRACE_NAME_MAX], const struct lk_trace_message *message);
/* One line about what is in it: "RAND, AUTN, MAC, KDF 1, WLAN". */
void lk_trace_summary(char text[LK_TRACE_SUMMARY_MAX], const struct lk_trace_message *message);

#endif
