/* Closed-loop load over real UDP: a window of authentications in flight, each begun as another
 * ends.
 *
 * The generator is honest - it checks every authenticator and every AT_MAC as an access point and a
 * peer would, and compares the MSK of a sample - and lean: keys only as far as they are needed, one
 * recvmmsg and one sendmmsg a turn. It is a tool for loopback and laboratories, not a peer: it
 * keeps no pseudonyms and no array of sequence numbers.
 *
 * Documents: RFC 2865, RFC 2866, RFC 3579, RFC 4187, RFC 9048. */
#ifndef LK_ROLE_LOAD_H
#define LK_ROLE_LOAD_H

#include <netinet/in.h>

#include "base/imsi.h"
#include "crypto/aka.h"

enum lk_load_kind {
    LK_LOAD_AKA_PRIME, /* full authentications by EAP-AKA' */
    LK_LOAD_AKA,       /* ... by EAP-AKA */
    LK_LOAD_HALF_OPEN, /* EAP-AKA' up to the challenge, which is never answered */
    LK_LOAD_ACCOUNTING, /* start and stop */
    LK_LOAD_FLOOR,     /* datagrams of those sizes, for bench/floor */
    LK_LOAD_KIND_COUNT
};

enum lk_load_error {
    LK_LOAD_OK,
    LK_LOAD_NO_ANSWER,   /* after every repeat */
    LK_LOAD_REJECTED,    /* Access-Reject */
    LK_LOAD_RADIUS_WRONG, /* Response Authenticator or Message-Authenticator */
    LK_LOAD_MALFORMED,
    LK_LOAD_UNEXPECTED,  /* parses, and is not what should come now */
    LK_LOAD_NOTIFIED,    /* a notification of failure: the server will not */
    LK_LOAD_AUTN_WRONG,  /* MAC-A: K or OPc differ */
    LK_LOAD_MAC_WRONG,   /* AT_MAC */
    LK_LOAD_KEYS_DIFFER, /* the MSK in MS-MPPE-*-Key is not the peer's */
    LK_LOAD_ERROR_COUNT
};

const char *lk_load_kind_name(enum lk_load_kind kind);
const char *lk_load_error_name(enum lk_load_error error);

enum {
    LK_LOAD_WINDOW_MAX = 8192,
    LK_LOAD_SECRET_MAX = 128,
    LK_LOAD_REALM_MAX = 96,
};

struct lk_load_options {
    enum lk_load_kind kind;
    struct sockaddr_in server;
    uint8_t secret[LK_LOAD_SECRET_MAX];
    size_t secret_len;
    unsigned window;
    unsigned sockets;  /* 0: as many as the window needs (256 identifiers each) */
    uint64_t count;    /* end after so many; 0: no limit */
    double seconds;    /* end after so long; 0: no limit */
    double warm_up;    /* seconds before the measurement begins */
    struct lk_imsi first_imsi;
    uint64_t subscribers;
    struct lk_aka_card card; /* Milenage */
    bool derive_keys;  /* each subscriber its own K: see lk_load_card */
    char realm[LK_LOAD_REALM_MAX]; /* empty: the wlan realm of the IMSI's PLMN */
    unsigned timeout_ms; /* before a repeat */
    unsigned tries;
    unsigned check_every; /* compare the MSK of every so many; 0: never */
};

struct lk_load_report {
    uint64_t done;  /* ended well, in the measured time */
    uint64_t repeats;
    uint64_t errors[LK_LOAD_ERROR_COUNT];
    double seconds;
    double cpu_user_s, cpu_system_s; /* the generator's own */
    double p50_us, p90_us, p99_us, max_us; /* from first octet out to last octet in */
};

/* The i-th subscriber of the range. */
struct lk_imsi lk_load_imsi(const struct lk_load_options *options, uint64_t i);
/* Its card: the given one, or with derive_keys K = AES-CMAC(given K, the digits of the IMSI). */
struct lk_aka_card lk_load_card(const struct lk_load_options *options, const struct lk_imsi *imsi);

/* Runs to the end. On LK_E_SYSTEM errno says why; LK_E_VALUE: options that make no sense. *stop may
 * be set by a signal handler. */
LK_MUST_CHECK enum lk_status lk_load_run(struct lk_load_report *report,
                                         const struct lk_load_options *options,
                                         const volatile bool *stop);

/* A null responder for the generator's own ceiling: one fixed challenge, its answers signed as they
 * must be and nothing else. Serves fd until it is killed. */
_Noreturn void lk_load_null_responder(int fd, const struct lk_load_options *options);

#endif
