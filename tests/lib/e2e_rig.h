/* Both ends of a handshake of end-to-end keys, with their keys and whoever answers for them. */
#ifndef LK_TEST_E2E_RIG_H
#define LK_TEST_E2E_RIG_H

#include "proto/e2e/server.h"
#include "proto/e2e/ticket.h"
#include "proto/e2e/ue.h"

#define E2E_FQDN "app.example"
#define E2E_APP "notes"

enum { E2E_OTHER_APP = 1 }; /* index of the second application, "chat" */

struct e2e_octets {
    uint8_t at[LK_E2E_FRAME_MAX];
    size_t len;
};

/* Private keys are here, at who has them; the machines have none. */
extern struct e2e_rig {
    struct lk_e2e_ue ue;
    struct lk_e2e_ue_config ue_config;
    struct lk_e2e_ue_outbox ue_out;
    struct lk_e2e_server server;
    struct lk_e2e_server_config server_config;
    struct lk_e2e_server_outbox server_out;
    struct lk_e2e_app apps[2];

    uint8_t s[32], c[32], e[32], f[32]; /* server, application; their ephemeral ones */
    struct lk_noise_point s_public, c_public, e_public, f_public;
    struct lk_e2e_p p, server_p;
    struct lk_e2e_n n, server_n;
    uint8_t flags;       /* what goes into the session */
    bool known;          /* the server has what the application names */
    uint8_t mistold;     /* N, P: told where the offer has none, and the other way round */
    bool other_kind;     /* by a ticket where it is not resumed, and the other way round */
    struct lk_e2e_resumption resumption, server_resumption;
    uint8_t resumed_flags, server_resumed_flags;
    struct lk_node_key ticket_key;
    uint8_t ticket[LK_E2E_TICKET_LEN]; /* with which resumption comes */
    bool opens_tickets;  /* the server has server_resumption from what comes */
    uint64_t now_ms;

    struct e2e_octets hello, reply, finish; /* what was sent */
    unsigned asked;                         /* ASK_KEYS */
    struct lk_e2e_who who;                  /* its lengths; views are gone */
    bool ue_granted, server_granted;
    struct lk_e2e_session ue_session, server_session;
    enum lk_reason ue_failed, server_failed;
    uint8_t draws;
} e2e;

/* All anew; flags of wire/e2e.h say what both ends have. */
void e2e_open(uint8_t flags);
void e2e_close(void);
struct lk_span e2e_span(const struct e2e_octets *octets);
/* Begins: hello is what is sent, unless it failed. */
void e2e_start(void);
/* That frame arrives; what it leads to is in the rig. */
enum lk_status e2e_at_server(struct lk_span frame);
enum lk_status e2e_at_ue(struct lk_span frame);
/* From begin to end, as far as it goes. */
void e2e_run(void);
/* From now on that session is resumed, by a ticket that the server sealed and opens again. */
void e2e_resume(void);
/* ann's tickets, as a server has them. */
void e2e_seal(uint8_t ticket[LK_E2E_TICKET_LEN], const struct lk_node_key *key,
              const struct lk_e2e_resumption *resumption);
LK_MUST_CHECK enum lk_status e2e_unseal(struct lk_e2e_ticket *ticket, const struct lk_node_key *key,
                                        struct lk_span sealed);
/* Says text in one session and takes it in the other. */
enum lk_status e2e_say(struct lk_e2e_session *from, struct lk_e2e_session *to, const char *text);

#endif
