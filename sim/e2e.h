/* The world of end-to-end keys: applications, their server, and the curious operator between them.
 *
 * The machines are those of liblatchkey-e2e (proto/e2e). Every octet goes through the operator, who
 * gives out N, records everything, and in some connections does more than to pass on: answers with
 * keys of its own, puts in points of small order, reflects, takes something off the offer, swaps
 * applications and tickets, gives the two ends different N, says old things again, alters. It comes
 * to the server by itself, too. Applications reconnect, some with tickets, some with less than they
 * should, some with the ticket of somebody else; the server dies.
 *
 * What comes of a connection is compared with what was said at either end: whether anything on the
 * way was touched, is known (struct sim_e2e_path). */
#ifndef LK_SIM_E2E_H
#define LK_SIM_E2E_H

#include "proto/e2e/server.h"
#include "proto/e2e/ticket.h"
#include "proto/e2e/ue.h"
#include "sim/world.h"

enum {
    SIM_E2E_UES_MAX = 2000,
    SIM_E2E_APPS = 3,
    SIM_E2E_OWN = 4,   /* connections of the operator's own at once */
    SIM_E2E_TEXT = 24, /* of a record of data, an identity, a key id */
    SIM_E2E_KEPT = 640, /* octets of a message of a handshake */
};
#define SIM_E2E_FQDN "app.example"

/* They are in traces: each keeps its number. */
enum sim_e2e_kind {
    SIM_E2E_START = 1,  /* an application wants a session */
    SIM_E2E_AT_APP,     /* a frame; life: of its connection */
    SIM_E2E_APP_TIRED,  /* ... has waited long enough */
    SIM_E2E_UP,         /* a frame of an application at the operator */
    SIM_E2E_DOWN,       /* a frame of the server at the operator */
    SIM_E2E_AT_SERVER,  /* a frame; who: which connection, life: of it */
    SIM_E2E_KEYED,      /* N has come for it */
    SIM_E2E_SERVER_TIRED,
    SIM_E2E_RESTART,    /* of the server */
    SIM_E2E_CURIOUS,    /* the operator comes to the server by itself */
};

enum sim_e2e_count {
    SIM_E2E_OPENED,
    SIM_E2E_RESUMED,
    SIM_E2E_RECORDS,  /* of data, that came through */
    SIM_E2E_ACTS,     /* connections in which the operator did more than to pass on */
    SIM_E2E_CALLS,    /* of its own to the server */
    SIM_E2E_NOTICED,  /* by both ends, with one reason */
    SIM_E2E_CUT,      /* by one, after the session had begun */
    SIM_E2E_POOR,     /* offers of too little */
    SIM_E2E_THEFTS,   /* tickets of somebody else */
    SIM_E2E_TRIED,    /* sessions that it tried to read afterwards */
    SIM_E2E_COUNTS
};

/* What the operator does with a connection. */
enum sim_e2e_act {
    SIM_E2E_PASSES,
    SIM_E2E_OWN_KEYS,
    SIM_E2E_SMALL_ORDER,
    SIM_E2E_REFLECTS,
    SIM_E2E_STRIPS,
    SIM_E2E_SWAPS_APP,
    SIM_E2E_CHOOSES_N,
    SIM_E2E_REPLAYS,
    SIM_E2E_SWAPS_TICKET,
    SIM_E2E_REPEATS,
    SIM_E2E_ALTERS,
    SIM_E2E_ACT_COUNT
};

struct sim_e2e_octets {
    uint8_t at[SIM_E2E_KEPT];
    size_t len;
};

enum sim_e2e_state { SIM_E2E_IDLE, SIM_E2E_SHAKING, SIM_E2E_OPEN, SIM_E2E_OVER };

/* A key pair of X25519. */
struct sim_e2e_pair {
    uint8_t secret[32];
    struct lk_noise_point point;
};

/* What an application took home from a session. */
struct sim_e2e_saved {
    bool is;
    uint8_t ticket[LK_E2E_TICKET_LEN], flags;
    struct lk_e2e_resumption resumption;
};

struct sim_e2e_app {
    unsigned index, app;
    uint8_t flags;   /* what its sessions have */
    uint8_t offered; /* in this one */
    char identity[SIM_E2E_TEXT], key_id[SIM_E2E_TEXT];
    struct lk_e2e_p p;
    struct lk_e2e_n n;
    struct sim_e2e_pair own, ephemeral;
    struct lk_e2e_ue_config config;
    struct lk_e2e_ue ue;
    struct lk_e2e_ue_outbox out;
    enum sim_e2e_state state;
    enum lk_reason why;
    struct lk_e2e_session session;
    uint64_t life; /* counts connections */
    unsigned said, heard;
    struct sim_e2e_saved saved;
    struct lk_e2e_resumption used; /* of the ticket of this connection */
    bool opened, poor, stolen; /* this connection: offers too little, has another's ticket */
    bool was_open;     /* since faults ended */
    uint64_t up_ms, down_ms;
};

/* A connection at the server: those of applications by their index, then the operator's own. */
struct sim_e2e_place {
    uint64_t life;
    enum sim_e2e_state state;
    enum lk_reason why;
    struct lk_e2e_server server;
    struct lk_e2e_server_outbox out;
    struct sim_e2e_pair ephemeral;
    struct lk_e2e_session session;
    unsigned app, user; /* of ASK_KEYS; user: SIM_E2E_UES_MAX: nobody's */
    uint8_t flags;
    struct lk_noise_point client_key;
    struct lk_e2e_ticket ticket; /* that it came with */
    bool has_resumption;
    struct lk_e2e_n n;
};

/* A connection as it goes through the operator's hands. */
struct sim_e2e_path {
    enum sim_e2e_act act;
    unsigned at;  /* which frame it is about */
    unsigned frames;
    bool touched; /* the ends have not heard what the other said */
    bool shaken;  /* ... in the handshake */
    bool judged;
    uint64_t server_life;
    struct sim_e2e_octets hello, reply, finish, ticket, last;
    struct sim_e2e_octets old_hello; /* of the connection before */
    uint8_t offered;
    struct lk_noise noise; /* own keys: as the server */
};

struct sim_e2e {
    struct sim_e2e_app *app;
    struct sim_e2e_place *place; /* ues + SIM_E2E_OWN */
    struct sim_e2e_path *path;   /* as many */
    struct sim_e2e_pair server;
    struct lk_e2e_app apps[SIM_E2E_APPS];
    struct lk_e2e_server_config server_config;
    struct lk_node_key ticket_key;
    uint64_t server_life;
    struct sim_e2e_pair own; /* the operator's */
};

extern const struct sim_actor sim_e2e_app_actor, sim_e2e_server_actor, sim_e2e_operator_actor;
extern const struct lk_sim_row sim_e2e_row;

/* e2e.c */
void sim_e2e_draw(struct sim_world *world, struct sim_e2e_pair *pair);
struct lk_e2e_scope sim_e2e_scope(unsigned app);
struct lk_span sim_e2e_span(const struct sim_e2e_octets *octets);
void sim_e2e_keep(struct sim_e2e_octets *octets, struct lk_span span);
/* Nothing overtakes in a connection, and nothing is lost. */
struct sim_leg sim_e2e_leg(struct sim_world *world, const struct sim_event *event,
                           struct lk_span octets);
enum sim_e2e_own { SIM_E2E_ACTIVE, SIM_E2E_PAUSE_MS, SIM_E2E_SAYS };
unsigned sim_e2e_own(const struct sim_world *world, enum sim_e2e_own word);

/* e2e_app.c, e2e_server.c: what an end says goes to the operator */
void sim_e2e_place_start(struct sim_world *world, unsigned place);
/* N that the operator gives the server for that user. */
void sim_e2e_server_n(struct lk_e2e_n *n, struct sim_world *world, unsigned place, unsigned user);

/* e2e_reader.c: whether who has these secrets opens what was recorded */
enum sim_e2e_secrets {
    SIM_E2E_S = 1, SIM_E2E_C = 2, SIM_E2E_E = 4, SIM_E2E_F = 8,
};
bool sim_e2e_reads(struct sim_world *world, unsigned ue, unsigned secrets);

/* e2e_invariants.c */
void sim_e2e_check_frame(struct sim_world *world, const struct sim_e2e_app *app,
                         struct lk_span frame);
void sim_e2e_check_app_open(struct sim_world *world, struct sim_e2e_app *app);
void sim_e2e_check_server_open(struct sim_world *world, unsigned place);
/* Of a connection that is about to be replaced by the next. */
void sim_e2e_check_over(struct sim_world *world, unsigned ue);
void sim_check_e2e_event(struct sim_world *world);
void sim_check_e2e_end(struct sim_world *world);

#endif
