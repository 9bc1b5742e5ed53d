/* What is inside an end. For src/e2e, and for who must know what an end knows: its tests, and the
 * control of the journey's curious operator. */
#ifndef LK_E2E_PARTS_H
#define LK_E2E_PARTS_H

#include "latchkey/e2e.h"
#include "proto/e2e/server.h"
#include "proto/e2e/ticket.h"
#include "proto/e2e/ue.h"

enum { LK_E2E_WAITING_MAX = 1 << 20 }; /* octets that wait to be sent, or to be read */

struct lk_e2e_buffer {
    uint8_t *at;
    size_t len, cap;
};

/* P and N as they go into a machine. Secret. */
struct lk_e2e_inputs {
    bool has_p, has_n;
    struct lk_e2e_p p;
    struct lk_e2e_n n;
};

struct lk_e2e_end {
    bool is_server, datagrams;
    enum lk_e2e_end_state state;
    enum lk_reason why;
    char server_name[LK_E2E_FQDN_MAX + 1];
    char app[LK_E2E_APP_MAX + 1];
    char identity[LK_E2E_IDENTITY_MAX + 1];
    uint8_t own[LK_NOISE_KEY];       /* our static private key */
    uint8_t ephemeral[LK_NOISE_KEY]; /* of this handshake; wiped with its end */
    struct lk_noise_point client_key;
    bool has_client_key;
    struct lk_e2e_session session; /* from OPEN on */
    bool confirmed;                /* the other end has shown that it is there, too */
    struct lk_e2e_buffer in, out, data, last; /* last: what repeat says again */

    uint8_t sealed[LK_E2E_TICKET_LEN]; /* ticket: a client's next, or the one a server was told */
    bool has_ticket;

    /* a client */
    struct lk_e2e_ue ue;
    struct lk_e2e_ue_config ue_config;

    /* a server */
    struct lk_e2e_server server;
    struct lk_e2e_server_config server_config;
    struct lk_e2e_app *apps;
    enum lk_e2e_answer (*find)(void *user, const struct lk_e2e_peer *peer,
                               struct lk_e2e_secrets *secrets);
    void *user;
    struct lk_node_key ticket_key;
    bool has_ticket_key;
    uint32_t ticket_s;
    unsigned with; /* of who asks */
    char key_id[LK_E2E_KEY_ID_MAX + 1];
    uint8_t row[LK_E2E_KEY_LEN]; /* of the secrets */
    struct lk_e2e_ticket ticket; /* what it came with; wiped when it opens */
    uint64_t tickets_end_ms;     /* no ticket of this session is good for longer */
};

/* What the machine makes of a frame while the handshake lasts. */
LK_MUST_CHECK enum lk_status lk_e2e_client_take(struct lk_e2e_end *end, struct lk_span frame);
LK_MUST_CHECK enum lk_status lk_e2e_server_take(struct lk_e2e_end *end, struct lk_span frame);
/* After a GRANT at a server: what it says first. */
void lk_e2e_server_greet(struct lk_e2e_end *end);

struct lk_e2e_end *lk_e2e_end_new(bool datagrams);
/* It is over: the other end is told. */
void lk_e2e_end_fail(struct lk_e2e_end *end, enum lk_reason why);
void lk_e2e_end_open(struct lk_e2e_end *end, const struct lk_e2e_session *session);
/* Octets of the handshake that are to be sent, and may have to be again. */
void lk_e2e_end_send(struct lk_e2e_end *end, struct lk_span frame);
/* One record. false: there is no more room, or the session is at its end. */
LK_MUST_CHECK bool lk_e2e_end_say(struct lk_e2e_end *end, enum lk_e2e_type type,
                                  struct lk_span text);
/* Diffie-Hellman with our keys. */
LK_MUST_CHECK enum lk_status lk_e2e_multiply(uint8_t shared[LK_NOISE_KEY],
                                             const struct lk_noise_ask *ask, const uint8_t *own,
                                             const uint8_t *ephemeral);
/* LK_E_VALUE: no such secrets can be. The scope is that of the session. */
LK_MUST_CHECK enum lk_status lk_e2e_inputs_of(struct lk_e2e_inputs *inputs,
                                              const struct lk_e2e_scope *scope,
                                              const struct lk_e2e_secrets *secrets);
/* A name of 1 to most octets, copied; false: it is none. */
LK_MUST_CHECK bool lk_e2e_name_copy(char *to, size_t most, const char *name);
LK_MUST_CHECK bool lk_e2e_random(void *to, size_t len);
uint64_t lk_e2e_clock_ms(void); /* of the day */
uint64_t lk_e2e_ticks_ms(void); /* never goes back */

#endif
