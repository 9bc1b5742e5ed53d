/* The server's end of a handshake (docs/rooms/e2e.md).
 *
 *     RECEIVED    a frame from the application
 *     DH          answers ASK_DH; NO_DH: the point was of small order
 *     KEYS        answers ASK_KEYS, with all that the flags name; NO_KEYS: they are not to be had
 *
 * The machine holds no private key, as that of the application's end. GRANT comes when the other
 * end has proven itself, and not before: until then nothing that it says is taken.
 *
 * A18: who names a key that is not there gets the same REPLY, under a psk of random octets, and
 * fails when it is to prove itself. */
#ifndef LK_PROTO_E2E_SERVER_H
#define LK_PROTO_E2E_SERVER_H

#include "proto/e2e/session.h"
#include "proto/rules.h"

enum lk_e2e_server_state {
    LK_E2E_SERVER_IDLE,
    LK_E2E_SERVER_AWAIT_FIRST_DH,
    LK_E2E_SERVER_AWAIT_KEYS,
    LK_E2E_SERVER_AWAIT_SECOND_DH,
    LK_E2E_SERVER_AWAIT_FINISH,
    LK_E2E_SERVER_STATE_COUNT
};

struct lk_e2e_app {
    struct lk_span name;
    uint8_t require; /* of LK_E2E_INPUTS: what a session of it must have */
    bool own;        /* P or a client key: what the operator does not have */
};

struct lk_e2e_server_config {
    struct lk_span fqdn;
    struct lk_noise_point key; /* public, that applications have pinned */
    const struct lk_e2e_app *apps;
    size_t app_count;
    bool datagrams;
};

/* Secret. */
struct lk_e2e_server {
    enum lk_e2e_server_state state;
    uint8_t flags;
    size_t app;        /* which of the configuration */
    bool unknown;      /* psk is nobody's */
    uint8_t hello[32]; /* hash of the HELLO */
    struct lk_e2e_psk psk;
    struct lk_noise noise;
};

enum lk_e2e_server_event_kind {
    LK_E2E_SERVER_EV_RECEIVED = 1,
    LK_E2E_SERVER_EV_DH,
    LK_E2E_SERVER_EV_NO_DH,
    LK_E2E_SERVER_EV_KEYS,
    LK_E2E_SERVER_EV_NO_KEYS,
};
/* Secret but for RECEIVED. */
struct lk_e2e_server_event {
    enum lk_e2e_server_event_kind kind;
    uint64_t now_ms;
    union {
        struct {
            struct lk_span frame;
            struct lk_noise_point e; /* public, of a fresh key: for a HELLO */
        } received;
        uint8_t dh[LK_NOISE_KEY];
        struct {
            const struct lk_e2e_p *p; /* NULL: none */
            const struct lk_e2e_n *n;
            const struct lk_e2e_resumption *resumption;
            uint8_t resumed_flags; /* of the session that the ticket is of */
        } keys;
        uint8_t no_keys[32]; /* random octets */
    };
};

enum lk_e2e_server_output_kind {
    LK_E2E_SERVER_OUT_SEND = 1,
    LK_E2E_SERVER_OUT_ASK_DH,
    LK_E2E_SERVER_OUT_ASK_KEYS,
    LK_E2E_SERVER_OUT_GRANT,
    LK_E2E_SERVER_OUT_FAILED,
};
struct lk_e2e_server_output {
    enum lk_e2e_server_output_kind kind;
    union {
        struct lk_span send;
        struct lk_noise_ask ask_dh;
        struct {
            size_t app;
            uint8_t flags;
            struct lk_e2e_who who; /* views into the machine, until its next step */
            struct lk_noise_point client_key; /* with WITH_CLIENT_KEY: whose is it? */
        } ask_keys;
        struct lk_e2e_session grant;
        struct lk_refusal failed;
    };
};
enum { LK_E2E_SERVER_OUTPUTS = 1 };
/* May hold keys: wipe it when it has been read. */
struct lk_e2e_server_outbox {
    size_t count;
    struct lk_e2e_server_output item[LK_E2E_SERVER_OUTPUTS];
    uint8_t octets[LK_E2E_HANDSHAKE_MAX];
};
void lk_e2e_server_outbox_wipe(struct lk_e2e_server_outbox *out);

void lk_e2e_server_init(struct lk_e2e_server *server);
/* out is emptied first. LK_OK: state may have moved. Otherwise nothing has changed and out is
 * empty: LK_E_UNEXPECTED, or octets that are no message of the handshake. */
LK_MUST_CHECK enum lk_status lk_e2e_server_step(struct lk_e2e_server *server,
                                                const struct lk_e2e_server_config *config,
                                                const struct lk_e2e_server_event *event,
                                                struct lk_e2e_server_outbox *out);

extern const struct lk_rule_table lk_e2e_server_rules;

#endif
