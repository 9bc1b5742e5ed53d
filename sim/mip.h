/* The world of Mobile IP: one anchor with its store, foreign agents, gateways of a trusted WLAN,
 * the home network's BSF, and mobile nodes.
 *
 * The anchor is the daemon's node (node/anchor.h), with what role/anchor does about it: group
 * commits, the associations that it asks the BSF for, its crash. The others are machines of the
 * daemon: proto/mip/mn in each device, proto/mip/fa for each visitor, proto/pmip/mag for each
 * device at a gateway.
 *
 * A place is where a device's datagrams come from: an address of its own, an address and a port of
 * a translator, or the link of a foreign agent or gateway. One that was left is taken by the next
 * who moves. What is sent to a place is heard by who holds it when it arrives. */
#ifndef LK_SIM_MIP_H
#define LK_SIM_MIP_H

#include "keys/gba.h"
#include "node/aaa.h"
#include "node/anchor.h"
#include "node/fa.h"
#include "node/mip_aaa.h"
#include "proto/mip/mn.h"
#include "proto/mip/mn6.h"
#include "proto/pmip/mag.h"
#include "sim/world.h"

enum {
    SIM_MIP_UES_MAX = 200000,
    SIM_MIP_FAS = 8,       /* at most; one more is nobody's */
    SIM_MIP_MAGS = 2,
    SIM_MIP_THIEVES = 4,
    SIM_MIP_NAT_PORTS = 64,
    SIM_MIP_NAI = 64,
    SIM_MIP_B_TID = 48,
    SIM_MIP_PORT_HIGH = 4000,
    SIM_MIP_GAPS = 60000,  /* ms that are told apart */
    SIM_MIP_WINDOW_MS = 7000,
    SIM_MIP_DEADLINE_MS = 100000, /* in which whatever a mobile node begins has ended */
};
#define SIM_MIP_NOBODY UINT32_MAX

enum sim_mip_kind {
    SIM_AT_AGENT = 1,   /* a datagram, from a place */
    SIM_AT_PLACE,
    SIM_AT_FA,          /* from the link of a device, or from the agent */
    SIM_MIP_AT_ANCHOR,  /* a mobility message of a gateway */
    SIM_MIP_AT_MAG,     /* its answer */
    SIM_MIP_MAG_UP,     /* a packet, in the tunnel of a gateway */
    SIM_MIP_MAG_DOWN,
    SIM_AGENT_TICK,
    SIM_AGENT_RESTART,
    SIM_AGENT_STORED,
    SIM_AGENT_ASKED,    /* the BSF has answered */
    SIM_FA_TIMER,
    SIM_FA_RESTART,
    SIM_MOBILE_TIMER,
    SIM_MOBILE_MOVES,
    SIM_MOBILE_SPEAKS,
    SIM_MOBILE_REBINDS,
    SIM_MOBILE_KEYS,      /* it bootstraps anew */
    SIM_MOBILE_RETURNS,   /* it tries once more */
    SIM_MOBILE_RESTART,
    SIM_MOBILE_DETACHED,  /* a gateway has noticed that it left */
    SIM_MOBILE_MAG_TIMER,
    SIM_MIP_THIEF,
    SIM_MIP_FLOOD,
    SIM_AT_HOME_AAA,    /* a question of an agent */
    SIM_MIP_AT_CLIENT = SIM_FAULTS_END + 1, /* its answer */
    SIM_HOME_AAA_TOLD,  /* what the BSF has for it */
    SIM_HOME_AAA_RESTART,
    SIM_FA_TICK,
};
_Static_assert((int)SIM_AT_HOME_AAA < (int)SIM_FAULTS_END, "kinds have numbers of their own");

enum sim_mip_word {
    SIM_MIP_FA_COUNT,
    SIM_MIP_MOVE_MS,
    SIM_MIP_SPEAK_MS,
    SIM_MIP_NAT,
    SIM_MIP_WLAN,
    SIM_MIP_REBIND_MS,
    SIM_MIP_KS_S,
    SIM_MIP_THIEF_MS,
    SIM_MIP_FLOOD_S,
    SIM_MIP_BOMBERS,
    SIM_MIP_VOLATILE,
    SIM_MIP_DIES_S,
    SIM_MIP_SETTLE_S,
    SIM_MIP_PUSHED,
    SIM_MIP_BY_AAA,
    SIM_MIP_SIX,
};

enum sim_mip_count {
    SIM_MIP_REGISTRATIONS,
    SIM_MIP_MOVES,
    SIM_MIP_HANDOVERS, /* that are done: registered in the new place */
    SIM_MIP_RELEASES,
    SIM_MIP_FAILURES,
    SIM_MIP_BOOTSTRAPS,
    SIM_MIP_ASKED,
    SIM_MIP_REBOUND,
    SIM_MIP_REUSED,    /* places that another had just left */
    SIM_MIP_FORGED,
    SIM_MIP_FLOODED,
    SIM_MIP_BOMBED,
    SIM_MIP_PROVEN,
    SIM_MIP_PACKETS,   /* that came through, either way */
    SIM_MIP_UNWRITTEN, /* octets that a crash took from the accounts */
    SIM_MIP_CRASHES,
    SIM_MIP_GRANTED,   /* keys of RFC 3957 that an agent got */
    SIM_MIP_GIVEN,     /* and by the AAA that pushes them */
    SIM_MIP_ADVERTISED,
    SIM_MIP_VISITS,    /* stays at foreign agents */
    SIM_MIP_BOUND6,    /* registrations of MIPv6, among them */
    SIM_MIP_COUNTS
};

/* ---- places: what stands in the first octet, and a number below it ---- */

enum sim_place_kind {
    SIM_PLACE_NONE,
    SIM_PLACE_OWN = 1, /* an address of its own */
    SIM_PLACE_NAT,     /* a port of a translator */
    SIM_PLACE_VICTIM,  /* somebody who has no part in this */
    SIM_PLACE_THIEF,
    SIM_PLACE_FA,
    SIM_PLACE_LINK,    /* of a device, at a foreign agent */
    SIM_PLACE_STRANGER,
    SIM_PLACE_AGENT,
};

static inline unsigned sim_place(enum sim_place_kind kind, unsigned number)
{
    return (unsigned)kind << 24 | number;
}
static inline enum sim_place_kind sim_place_kind(unsigned place)
{
    return (enum sim_place_kind)(place >> 24);
}
static inline unsigned sim_place_number(unsigned place)
{
    return place & 0xffffffu;
}

/* To a key with the home agent: by hand; of a USIM, whose B-TID the home agent asks the BSF for, or
 * the AAA for it; of nonces, by what node and home AAA share. */
enum sim_mip_way { SIM_WAY_CONFIGURED, SIM_WAY_NAF, SIM_WAY_AAA };

/* Of a bootstrapping, as device and BSF have it. */
struct sim_gba {
    uint64_t serial; /* 0: none */
    uint64_t ends_ms;
    uint8_t rand[LK_RAND_LEN];
    struct lk_ks ks;
};

enum sim_mip_access { SIM_NOWHERE, SIM_AT_OWN, SIM_AT_AN_FA, SIM_AT_A_MAG };

/* What a move led to, for the table of gaps. */
enum sim_gap { SIM_GAP_OWN, SIM_GAP_NAT, SIM_GAP_FA, SIM_GAP_TO_WLAN, SIM_GAP_FROM_WLAN, SIM_GAPS };

struct sim_mobile {
    unsigned index;
    struct lk_imsi imsi;
    char nai[SIM_MIP_NAI];
    enum sim_mip_way way;
    bool usim;    /* what it has comes of bootstrapping */
    bool both;    /* it can MIPv6, too, */
    bool six;     /* and speaks it now: state and times of that machine stand in mn as well */
    struct lk_mip_mn6 mn6;
    struct lk_address home6; /* all zero: none yet */
    bool wlan;    /* it has a second access */
    bool bombs;   /* its owner names victims as care-of addresses */
    int64_t skew_ms;
    struct lk_mip_mn mn;
    struct sim_gba gba[2]; /* the newest, and the one before */
    enum sim_mip_access access;
    unsigned place;  /* SIM_AT_OWN: where it is; SIM_NOWHERE: 0 */
    unsigned at;     /* which foreign agent or gateway */
    bool leaving;    /* for that gateway, once it is released */
    bool solicited;  /* that foreign agent; */
    uint8_t challenge_len; /* and what it has advertised */
    uint8_t challenge[LK_MIP_MN_CHALLENGE];
    bool idle;       /* the machine waits for its owner */
    uint64_t life, timer, turn;
    struct lk_pmip_mag *mag[SIM_MIP_MAGS];
    uint64_t mag_timer[SIM_MIP_MAGS];
    bool attached;   /* the gateway has registered it */
    uint64_t since_ms; /* of what it awaits; 0: nothing */
    uint64_t moved_ms; /* 0: no move is under way */
    enum sim_gap gap;
    uint32_t home;   /* the address that it has; 0: none yet */
    uint32_t sent, heard; /* serials of the last packets: that it sent, that came through to it */
    uint32_t heard_up, sent_down; /* of the other end */
};

struct sim_fa {
    unsigned index;
    uint64_t life;
    struct lk_mip_msa msa; /* Foreign-Home */
    struct lk_fa_config serves;
    struct lk_fa *node;
    void *memory;
    struct lk_budgets *sources;
    struct lk_fa_outbox out;
    /* Of the one that is nobody's: */
    struct lk_mip_fa_config config;
    struct lk_mip_fa *visitor; /* by device */
    uint64_t *timer;
};

/* ---- what is durable, and what is on its way to be ---- */

struct sim_mip_kept {
    bool there;
    struct lk_binding_record record;
};

struct sim_mip_answer {
    uint32_t mag;
    struct lk_anchor_place to;
    uint16_t len;
    uint8_t octets[LK_MIP_HA_OCTETS];
};

struct sim_mip_batch {
    size_t records, marks, answers;
    struct lk_binding_record *record;
    struct lk_binding_mark *mark;
    struct sim_mip_answer *answer;
};

struct sim_agent {
    uint64_t life, down_until_ms;
    bool durable;    /* it has a store */
    struct lk_anchor_config config;
    struct lk_anchor anchor;
    struct lk_binding_table *table;
    struct lk_mip_msas *msas;
    struct lk_budgets *budgets;
    struct lk_anchor_outbox out;
    struct sim_mip_kept *store; /* by device */
    struct sim_mip_batch batch[2];
    unsigned filling;
    bool busy;       /* the other one is being written, */
    bool dies;       /* and when it is, the power goes */
    unsigned asking; /* questions that are out */
};

/* An agent's questions to the home AAA that are out: role/mip_aaa.c. */
struct sim_mip_held {
    bool taken;
    enum lk_radius_mip_wants wants;
    unsigned from; /* place */
    size_t len;
    uint8_t octets[LK_MIP_MESSAGE_MAX];
};

struct sim_mip_client {
    uint64_t life;
    struct lk_mip_aaa_config config;
    struct lk_mip_aaa node;
    struct sim_mip_held held[LK_MIP_AAA_QUESTIONS];
};

enum { SIM_MIP_JOBS = 64, SIM_MIP_CLIENTS = SIM_MIP_FAS + 1 }; /* the first is the home agent */

/* The home AAA. What it gave to whom its workers share, and it goes with them. */
struct sim_home {
    uint64_t life, down_until_ms;
    struct lk_aaa_config config;
    struct lk_radius_client client[SIM_MIP_CLIENTS];
    struct lk_mip_keygen *given; /* by device */
    struct lk_aaa_out out;
    struct sim_home_job {
        bool used;
        unsigned client;
        struct lk_aaa_job job;
    } job[SIM_MIP_JOBS];
};

struct sim_mip_truth; /* mip_invariants.h */

struct sim_mip {
    struct sim_mobile *node;
    struct sim_agent agent;
    bool pushes; /* the home agent is no NAF: the AAA is, in its name */
    struct sim_home home;
    struct sim_mip_client client[SIM_MIP_CLIENTS];
    struct sim_fa fa[SIM_MIP_FAS + 1];
    unsigned fas; /* with that of nobody's behind them */
    struct lk_radius_class_key class_key;
    struct lk_mip_mn_config mn_config;
    struct lk_mip_mn6_config mn6_config;
    struct lk_mip_mn6_outbox out6;
    struct lk_pmip_mag_config mag_config;
    struct lk_mip_mn_outbox out;
    uint16_t sequence;
    uint64_t serial;
    uint32_t *holder[SIM_PLACE_NAT + 1]; /* by place's number */
    uint32_t *free[SIM_PLACE_NAT + 1];   /* those that nobody has: the last that was left on top */
    unsigned free_count[SIM_PLACE_NAT + 1];
    unsigned places;
    uint32_t *gap[SIM_GAPS]; /* how many took so many ms */
    struct sim_mip_truth *truth;
};

extern const struct lk_sim_row sim_mip_row;
extern const struct lk_sim_table sim_mip_gaps;
extern const struct sim_actor sim_agent_actor, sim_fa_actor, sim_mobile_actor, sim_home_aaa_actor,
    sim_mip_thief_actor;

/* mip.c */
unsigned sim_mip_own(const struct sim_world *world, enum sim_mip_word word);
uint64_t sim_mip_clock(const struct sim_world *world);
/* So long after the faults nothing is begun any more. */
uint64_t sim_mip_settle_ms(const struct sim_world *world);
bool sim_mip_goes_on(const struct sim_world *world);
/* Whose that IMSI, or that NAI is; NULL: nobody's. */
struct sim_mobile *sim_mobile_of(struct sim_world *world, const struct lk_imsi *imsi);
struct sim_mobile *sim_mobile_named(struct sim_world *world, struct lk_span nai);

/* mip_places.c */
void sim_places_make(struct sim_world *world);
void sim_places_unmake(struct sim_world *world);
/* A free one of that kind, held by the device from now on. */
unsigned sim_place_take(struct sim_world *world, enum sim_place_kind kind, unsigned node);
void sim_place_leave(struct sim_world *world, unsigned place);
/* Who has it; SIM_MIP_NOBODY. */
unsigned sim_place_holder(const struct sim_world *world, unsigned place);
struct lk_anchor_place sim_place_address(unsigned place);
/* 0: there is no such place. */
unsigned sim_place_at(const struct sim_world *world, const struct lk_anchor_place *at);
void sim_gap_note(struct sim_world *world, enum sim_gap gap, uint64_t ms);
void sim_gaps_report(struct sim_world *world);

/* mip_anchor.c, mip_writer.c, mip_asks.c */
/* False: it was not able to take it. */
bool sim_agent_give(struct sim_world *world, struct lk_anchor_event *event);
/* The power goes, now. */
void sim_agent_dies(struct sim_world *world);
void sim_agent_send(struct sim_world *world, uint32_t mag, const struct lk_anchor_place *to,
                    struct lk_span octets);
bool sim_writer_has_room(const struct sim_agent *agent);
void sim_writer_take(struct sim_agent *agent);
void sim_writer_flush(struct sim_world *world);
void sim_writer_stored(struct sim_world *world);
/* The power has gone: what was being written is there, or it is not. */
void sim_writer_crash(struct sim_world *world);
void sim_writer_free(struct sim_agent *agent);
void sim_agent_ask(struct sim_world *world, const struct lk_anchor_output *item,
                   const struct lk_anchor_event *event);
void sim_agent_asked(struct sim_world *world, const struct sim_event *event);

/* mip_fa.c; mip_nobody.c: the last of them. */
bool sim_fa_is_nobodys(const struct sim_world *world, unsigned index);
void sim_fa_granted(struct sim_world *world, unsigned index, const struct sim_mip_held *held,
                    const struct lk_mip_aaa_answer *answer);
void sim_nobody_make(struct sim_world *world, struct sim_fa *fa);
void sim_nobody_unmake(struct sim_fa *fa);
void sim_nobody_begin(struct sim_world *world, struct sim_fa *fa);
void sim_nobody_timer(struct sim_world *world, struct sim_fa *fa, const struct sim_event *event);
void sim_nobody_take(struct sim_world *world, struct sim_fa *fa, const struct sim_event *event);

/* mip_home.c: the home AAA. mip_client.c: an agent that asks it, by its number: 0, the home agent.
 */
void sim_client_make(struct sim_world *world, unsigned who);
void sim_client_begin(struct sim_world *world, unsigned who);
void sim_client_tick(struct sim_world *world, unsigned who);
/* Of the node at that place. */
void sim_client_ask(struct sim_world *world, unsigned who, enum lk_radius_mip_wants wants,
                    unsigned from, struct lk_span octets);
void sim_client_take(struct sim_world *world, const struct sim_event *event);
/* mip_asks.c: what came of one of the home agent's. */
void sim_agent_granted(struct sim_world *world, const struct sim_mip_held *held,
                       const struct lk_mip_aaa_answer *answer);

/* mip_keys.c: keys of the home network */
/* What the BSF has under that B-TID, and whose it is; NULL: nothing, or nothing any more. */
const struct sim_gba *sim_mip_bootstrapped(struct sim_world *world, struct lk_span b_tid,
                                           const struct sim_mobile **node);
void sim_mip_bootstrap(struct sim_world *world, struct sim_mobile *node);
void sim_mip_configured(struct lk_mip_msa *msa, unsigned node);
/* With the home AAA, as the device has it now. */
void sim_mip_aaa_msa(struct lk_mip_msa *msa, const struct sim_mobile *node,
                     const struct sim_gba *gba);
void sim_mip_b_tid(char b_tid[SIM_MIP_B_TID], const struct sim_mobile *node,
                   const struct sim_gba *gba);
/* Ks_NAF of the home agent, as an association of that SPI. */
void sim_mip_naf_msa(struct lk_mip_msa *msa, const struct sim_mobile *node,
                     const struct sim_gba *gba, uint32_t spi);
/* The same of MIPv6. */
void sim_mip_naf6_msa(struct lk_mip_msa *msa, const struct sim_mobile *node,
                      const struct sim_gba *gba, uint32_t spi);

/* mip_mobile.c, mip_moves.c, mip_wlan.c */
enum lk_status sim_mobile_step(struct sim_world *world, struct sim_mobile *node,
                               struct lk_mip_mn_event *event);
/* six: on the socket of MIPv6. */
void sim_mobile_hear(struct sim_world *world, struct sim_mobile *node, bool six,
                     struct lk_span octets);
/* mip_mobile6.c: a step of the other machine, in the words of the first; what it speaks from now
 * on. */
enum lk_status sim_mobile6_step(struct sim_world *world, struct sim_mobile *node,
                                const struct lk_mip_mn_event *event);
void sim_mobile_speaks(struct sim_world *world, struct sim_mobile *node, bool six);
void sim_mobile_any(struct sim_world *world, struct sim_mobile *node);
/* A packet out of whatever tunnel. */
void sim_mobile_packet(struct sim_world *world, struct sim_mobile *node, struct lk_span packet);
void sim_mobile_speak(struct sim_world *world, struct sim_mobile *node);
/* Its keys, or new ones where those have ended, go to its machine. */
void sim_mobile_keys(struct sim_world *world, struct sim_mobile *node);
/* Its machine is told where it is, and whatever comes of that. */
void sim_mobile_here(struct sim_world *world, struct sim_mobile *node);
void sim_mobile_moves(struct sim_world *world, struct sim_mobile *node);
/* A foreign agent has advertised itself. */
void sim_mobile_advertised(struct sim_world *world, struct sim_mobile *node, struct lk_span icmp);
void sim_mobile_arrived(struct sim_world *world, struct sim_mobile *node);
void sim_mobile_released(struct sim_world *world, struct sim_mobile *node);
void sim_mobile_rebinds(struct sim_world *world, struct sim_mobile *node);
void sim_mobile_returns(struct sim_world *world, struct sim_mobile *node, uint64_t within_ms);
void sim_mobile_up(struct sim_world *world, struct sim_mobile *node, struct lk_span packet);
void sim_wlan_attach(struct sim_world *world, struct sim_mobile *node);
void sim_wlan_leave(struct sim_world *world, struct sim_mobile *node);
void sim_wlan_take(struct sim_world *world, const struct sim_event *event);

/* Packets of IPv4 between a device and the world, with a serial number in them. */
enum { SIM_MIP_PACKET = 256 };
size_t sim_mip_packet(uint8_t octets[SIM_MIP_PACKET], uint32_t source, uint32_t destination,
                      unsigned node, uint32_t serial, size_t len);
/* False: it is none of these. */
bool sim_mip_packet_read(unsigned *node, uint32_t *serial, struct lk_span packet);

#endif
