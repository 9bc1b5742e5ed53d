/* The mobile node of Mobile IPv4 and MIPv6, inside the process of role ue: section ue.mip.
 *
 *     owner: mip-register, mip-move ... --> proto/mip/mn, mn6 <--socket of its place--> agent
 *     ue.gba: Ks --> Ks_NAF of the home agent, or of the home AAA
 *     packets of the home address <-- tunnel in UDP (RFC 3519, 5555) --> home, or foreign agent
 *
 * ue_mip.c begins, ends and steps the machine, ue_mip6.c that of MIPv6; ue_mip_way.c has the ways
 * to its keys, one row each; ue_mip_again.c what becomes of a registration that was lost;
 * ue_mip_plane.c sockets, tunnel, echoes and the NAT's keepalive;
 * ue_mip_agent.c foreign agents; ue_mip_ask.c hears the owner, and nobody else; ue_mip_wait.c
 * answers who waits, ue_mip_told.c with what.
 *
 * Registering has three stages: a session of GBA, where the way wants one that is not there;
 * the foreign agent's advertisement, where the place has an agent; the machine's own requests. A
 * move begins with the second: no key is made in the middle of it (T30). */
#ifndef LK_ROLE_UE_MIP_H
#define LK_ROLE_UE_MIP_H

#include <jansson.h>
#include <uv.h>

#include "base/mip_way.h"
#include "io/control.h"
#include "proto/mip/mn.h"
#include "proto/mip/mn6.h"
#include "proto/pmip/identity.h"
#include "role/kinds.h"
#include "role/udp_port.h"
#include "role/wake.h"
#include "wire/ip.h"

struct lk_ue_manager;

enum {
    LK_UE_MIP_WAIT_MS = 20000, /* for what the owner asks, unless he says otherwise */
    LK_UE_MIP_WAIT_MAX_MS = 50000,
    LK_UE_MIP_WAITERS = 4,
    LK_UE_MIP_SOLICITATIONS = 3,
    LK_UE_MIP_SOLICIT_MS = 1000,
    LK_UE_MIP_EARLY = 128,       /* octets of a packet that came before its reply */
    LK_UE_MIP_KEEPALIVE_S = 110, /* RFC 3519 4.9: where the home agent leaves it to us */
    LK_UE_MIP_V4 = 4,            /* Mobile IPv4, MIPv6 */
    LK_UE_MIP_V6 = 6,
};

enum lk_ue_mip_asked {
    LK_UE_MIP_ASKED_NOTHING,
    LK_UE_MIP_ASKED_REGISTER,
    LK_UE_MIP_ASKED_MOVE,
    LK_UE_MIP_ASKED_RENEW,
    LK_UE_MIP_ASKED_RELEASE,
};

enum lk_ue_mip_stage {
    LK_UE_MIP_RESTS,
    LK_UE_MIP_BOOTSTRAPS,
    LK_UE_MIP_SOLICITS,
    LK_UE_MIP_REQUESTS, /* it is the machine's turn */
};

enum lk_ue_mip_came {
    LK_UE_MIP_PENDING,
    LK_UE_MIP_DONE,
    LK_UE_MIP_CAME_TO_NOTHING,
    LK_UE_MIP_LATE, /* the owner waits no longer; it goes on */
};

/* A place of the configuration, by its number there. */
struct lk_ue_mip_place {
    bool open;
    struct lk_udp_port port;
};

/* The other end of the tunnel, and from which place it is spoken to. */
struct lk_ue_mip_tunnel {
    bool there;
    size_t place;
    struct lk_address address;
    uint16_t port;
};

struct lk_ue_mip_waiter {
    struct lk_ue_manager *ue;
    struct lk_control_call *call; /* NULL: free */
    uv_timer_t timer;
    unsigned state; /* enum lk_mip_mn_state; LK_MIP_MN_STATE_COUNT: any */
    uint64_t keys, renewals; /* at least */
};

struct lk_ue_mip_ping {
    struct lk_control_call *call; /* NULL: none under way */
    uv_timer_t timer;
    struct lk_address to;
    uint16_t identifier, sent, received, wanted;
    uint64_t sent_ns, total_ns;
};

struct lk_ue_mip_counters {
    uint64_t sent, heard, dropped;         /* requests; replies; those not believed */
    uint64_t registrations, moves, renewals, keys;
    uint64_t up, down, echoes, keepalives; /* packets in the tunnel; echo requests answered */
    uint64_t strangers, malformed;         /* datagrams of nobody that we speak with */
    uint64_t foreign;                      /* packets in the tunnel that are not for us, or of us */
    uint64_t revoked;                      /* agents that said that they know us no more */
};

struct lk_ue_mip {
    bool is_configured;
    struct lk_imsi imsi;
    char nai[LK_PMIP_NAI_MAX + 1];
    struct lk_mip_mn_config config;
    struct lk_mip_mn mn;         /* secret; so is out */
    struct lk_mip_mn_outbox out;
    unsigned version;            /* LK_UE_MIP_V4, LK_UE_MIP_V6: which machine it is */
    struct lk_mip_mn6_config config6;
    struct lk_mip_mn6 mn6;       /* secret; so is out6 */
    struct lk_mip_mn6_outbox out6;
    struct lk_wake wake;
    enum lk_mip_way way;
    char b_tid[LK_B_TID_MAX + 1]; /* of the session whose key the machine has; "": none */
    uint32_t spi, spi_before;    /* of it; when the owner last asked for another */
    bool doubts_key;             /* the agent did not take it: the next registration has another */
    struct lk_address home_agent; /* that is asked to register */
    /* where we are, or are going */
    enum lk_ue_mip_stage stage;
    size_t at, going;            /* places of the configuration */
    bool gathers;                /* what is sent leaves at the end of the batch that is read */
    struct lk_mip_mn_place here; /* the same for the machine */
    struct lk_ue_mip_place place[LK_CONFIG_UE_PLACES];
    struct lk_wake again;        /* a registration was lost: it is tried again then */
    unsigned agains;             /* the number of the next try; 0: none is wanted */
    size_t lost_at, stood_at;    /* where it was lost; where it was registered last */
    struct lk_udp_owner udp;
    struct lk_datagrams *to;
    char trouble[96]; /* what the network says of where we sent last; "": nothing */
    uv_timer_t solicit;
    unsigned solicitations;
    bool told_anew;              /* it solicits as its agent is said to have begun anew */
    /* bound */
    struct lk_mip_mn_bound bound;
    uint64_t confirmed_ms;       /* when the home agent last said so */
    struct lk_address home4;     /* of MIPv6, beside bound.home; all zero: none */
    struct lk_ue_mip_tunnel tunnel;
    struct lk_address asked_at;  /* where the last request went */
    uint16_t asked_port;
    size_t early_len;            /* 0: none has come early */
    uint8_t early[LK_UE_MIP_EARLY];
    struct lk_wake keepalive;
    uint64_t last_up_ms;
    struct lk_ue_mip_ping ping;
    /* Who takes packets for our home address, and hears when it or being registered has changed;
     * NULL: nobody. Neither may ask anything of this from within. */
    void (*down)(struct lk_ue_manager *ue, struct lk_span packet);
    void (*bound_changed)(struct lk_ue_manager *ue);
    /* the owner */
    struct lk_control_call *call; /* NULL: nobody waits */
    enum lk_ue_mip_asked asked;
    enum lk_ue_mip_came came;
    uv_timer_t patience;
    uint64_t asked_us;
    bool was_nothing;          /* that was released: no request was out */
    struct lk_ue_mip_waiter waiter[LK_UE_MIP_WAITERS];
    struct lk_refusal refused; /* of what was asked last; */
    uint8_t code;              /* of the reply, 0: none; */
    struct lk_refusal last;    /* of all, and when */
    uint64_t last_ms;
    struct lk_ue_mip_counters counters;
    uint64_t revoked_ms; /* the last time that an agent said so */
};

/* ---- ue_mip.c ---- */

/* LK_E_VALUE, LK_E_SYSTEM: error says what. LK_OK too when there is no Mobile IP. */
LK_MUST_CHECK enum lk_status lk_ue_mip_begin(struct lk_ue_manager *ue,
                                             char error[LK_KIND_ERROR_TEXT]);
void lk_ue_mip_end(struct lk_ue_manager *ue);
/* Steps the machine and carries out what it says. Nobody is answered by it. */
enum lk_status lk_ue_mip_give(struct lk_ue_manager *ue, struct lk_mip_mn_event *event);
/* The next stage of what is under way. */
void lk_ue_mip_go_on(struct lk_ue_manager *ue);
/* There is a registration, and packets may pass. */
bool lk_ue_mip_is_bound(const struct lk_ue_manager *ue);
/* Logs and counts it, and keeps it for who asks. code: of a reply; 0: of none. */
void lk_ue_mip_refused(struct lk_ue_manager *ue, const struct lk_refusal *why, uint8_t code);
void lk_ue_mip_refused_at(struct lk_ue_manager *ue, size_t place, const struct lk_refusal *why,
                          uint8_t code);
/* The place that it speaks from: while it asks an agent there to show itself, that one already. */
size_t lk_ue_mip_is_at(const struct lk_ue_mip *mip);
/* Nothing comes of what is under way, as was told. */
void lk_ue_mip_give_up(struct lk_ue_manager *ue);

/* ---- ue_mip_again.c ---- */

/* From that place, as its owner has asked or as was before; a session of GBA comes first, where
 * there is none that will do. */
void lk_ue_mip_register_at(struct lk_ue_manager *ue, size_t place);
/* The registration was lost, and nobody wanted that. */
void lk_ue_mip_again_first(struct lk_ue_manager *ue);
/* Nothing came of one more try, if there was one. */
void lk_ue_mip_again_next(struct lk_ue_manager *ue);
/* The device is registered, or its owner wants something else. */
void lk_ue_mip_again_never(struct lk_ue_manager *ue);
void lk_ue_mip_again(struct lk_wake *wake);

/* ---- ue_mip6.c ---- */

void lk_ue_mip6_begin(struct lk_ue_manager *ue);
/* Steps the machine of MIPv6: its outputs come to be in out. */
LK_MUST_CHECK enum lk_status lk_ue_mip6_step(struct lk_ue_manager *ue,
                                             const struct lk_mip_mn_event *event);
/* The keys with the home agent, of the machine that it is. */
const struct lk_mip_mn_pair *lk_ue_mip_pair(const struct lk_ue_mip *mip);
/* Why MIPv6 cannot be spoken from that place; NULL: it can. */
const char *lk_ue_mip6_lacks(const struct lk_ue_manager *ue, size_t place);

/* ---- ue_mip_way.c ---- */

/* What the key with the home agent comes of, for its owner to read. */
enum { LK_UE_MIP_KEY_WORDS = 96 };
void lk_ue_mip_key_words(char words[LK_UE_MIP_KEY_WORDS], const struct lk_ue_manager *ue);
/* Another way, or version, is another registration: the machine forgets the keys of the one
 * before. */
void lk_ue_mip_take_way(struct lk_ue_manager *ue, enum lk_mip_way way, unsigned version);
/* Gives the machine the key of the session that there is, unless it has it, or is in the middle of
 * a move with one that still proves (T30). LK_E_NOT_FOUND: there is no session; LK_E_VALUE: it
 * does not say what this way needs. */
LK_MUST_CHECK enum lk_status lk_ue_mip_offer_key(struct lk_ue_manager *ue);
/* Begins to register, with the session that there is. */
void lk_ue_mip_set_out(struct lk_ue_manager *ue);
/* A bootstrapping is over; done: there is a new session. */
void lk_ue_mip_bootstrapped(struct lk_ue_manager *ue, bool done);

/* ---- ue_mip_plane.c ---- */

/* False: its address is none of ours, or no socket is to be had; refused says so. */
LK_MUST_CHECK bool lk_ue_mip_open(struct lk_ue_manager *ue, size_t place);
void lk_ue_mip_close(struct lk_ue_manager *ue);
/* The version is another one: so the capture has to know of the sockets that are open. */
void lk_ue_mip_see(struct lk_ue_manager *ue);
/* A datagram from that place, which is open. */
void lk_ue_mip_send(struct lk_ue_manager *ue, size_t place, const struct lk_address *to,
                    uint16_t port, struct lk_span octets);
/* A packet of our home address, through the tunnel. False: there is none, or it is not ours. */
bool lk_ue_mip_packet_up(struct lk_ue_manager *ue, struct lk_span packet);
/* A registration was confirmed, or is over. */
void lk_ue_mip_tunnel_up(struct lk_ue_manager *ue);
void lk_ue_mip_tunnel_down(struct lk_ue_manager *ue);
/* The NAT's time is over. */
void lk_ue_mip_keep_alive(struct lk_wake *wake);
void lk_ue_mip_ping(struct lk_ue_manager *ue, struct lk_control_call *call,
                    const json_t *request);
void lk_ue_mip_ping_end(struct lk_ue_manager *ue);

/* ---- ue_mip_agent.c ---- */

/* Asks the foreign agent of the place for its advertisement. */
void lk_ue_mip_solicit(struct lk_ue_manager *ue);
/* True: the packet was an agent's, and not for our home address. */
bool lk_ue_mip_advertised(struct lk_ue_manager *ue, const struct lk_datagram_peer *from,
                          const struct lk_ip_packet *packet);
/* The timer of solicitations. */
void lk_ue_mip_unadvertised(uv_timer_t *timer);

/* ---- ue_mip_told.c ---- */

/* What came of what the owner has asked; how it stands, and with counters and the last refusal. */
json_t *lk_ue_mip_done_json(const struct lk_ue_manager *ue);
json_t *lk_ue_mip_failed_json(const struct lk_ue_manager *ue);
json_t *lk_ue_mip_late_json(const struct lk_ue_manager *ue);
json_t *lk_ue_mip_state_json(const struct lk_ue_manager *ue);
json_t *lk_ue_mip_status_json(const struct lk_ue_manager *ue);
/* The state of that name (enum lk_mip_mn_state). False: there is none. */
LK_MUST_CHECK bool lk_ue_mip_state_of(unsigned *state, const char *word);

/* ---- ue_mip_ask.c, ue_mip_wait.c ---- */

typedef void lk_ue_mip_question(struct lk_ue_manager *ue, struct lk_control_call *call,
                                const json_t *request);
lk_ue_mip_question lk_ue_mip_ask_register, lk_ue_mip_ask_move, lk_ue_mip_ask_renew,
    lk_ue_mip_ask_release, lk_ue_mip_ask_status;
/* A number that need not be there. False: it is none, or beyond most. */
LK_MUST_CHECK bool lk_ue_mip_take_number(uint64_t *to, const json_t *request, const char *key,
                                         json_int_t most);
/* Answers whoever waits for what has come. Not from within a step: who is answered may ask
 * again. */
void lk_ue_mip_answer(struct lk_ue_manager *ue);
/* Who waits hears that it is late. */
void lk_ue_mip_impatient(uv_timer_t *timer);
/* Nobody is left waiting. */
void lk_ue_mip_dismiss(struct lk_ue_manager *ue);

#endif
