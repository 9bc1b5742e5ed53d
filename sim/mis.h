/* The world of MIS (IEEE 802.21): mobile nodes that go from PoS to PoS, PoS of several networks,
 * partners and others, and the home with its AAA node and its start marks.
 *
 * The nodes are those of the daemon (node/mis_device.h, node/pos.h, node/aaa.h). Datagrams between
 * MN and PoS, and RADIUS, suffer all faults; links between PoS keep their order, say some things
 * twice, and are cut. MNs and PoS die at any event, the home does not.
 *
 * Some PoS are captured: they tell the lowest count that they can, know of no limit and of no
 * strangers, leave marks out, send again what they sent over their links, and hand over MNs that
 * never asked. The thief hears the air as well: what a captured PoS hands out without X25519, and
 * what is handed out under that, he knows; where he alters what goes by, X25519 does not help. */
#ifndef LK_SIM_MIS_H
#define LK_SIM_MIS_H

#include "node/aaa.h"
#include "node/mis_device.h"
#include "node/pos.h"
#include "node/reply_cache.h"
#include "proto/eap/usim.h"
#include "sim/world.h"
#include "store/erp.h"

enum {
    SIM_MIS_UES_MAX = 10000,
    SIM_POS_MOST = 50,
    SIM_REALMS = 8,        /* networks: the last is nobody's partner */
    SIM_MIS_LIMIT = 3,     /* optimised establishments in a row, for an MN */
    SIM_MIS_NOBODY = 99999,
    SIM_KS = 16,
};

/* Kinds of events. They are in traces: each keeps its number. */
enum sim_mis_kind {
    SIM_POS_HEARD = 1, /* a datagram of MN `from`, or of a stranger: from is STRANGER and more */
    SIM_POS_N2N,       /* of PoS `from`; life: of the link */
    SIM_POS_RADIUS,    /* from: the socket */
    SIM_POS_WAKE,
    SIM_POS_RESTART,
    SIM_MN_HEARD,      /* of PoS `from` */
    SIM_MN_SAVED,      /* from: the count */
    SIM_MN_WAKE,
    SIM_MN_RESTART,
    SIM_HOME_RADIUS,   /* of PoS `from`; life: the socket */
    SIM_MN_MOVES,      /* it attaches, or is to go elsewhere */
    SIM_MN_SWITCHES,   /* it is at its target now */
    SIM_LINK_TURNS,    /* between PoS who and from: cut, or whole again */
    SIM_STRANGER,      /* somebody who has nothing to do with us says something */
    SIM_POS_RECORD,    /* of the channel of MN `from`; life: which channel of it */
    SIM_MN_RECORD,
    SIM_MN_DIALS,      /* a channel to the PoS that serves it */
    SIM_POS_STREAM,      /* of MN `from`; life: see sim_stream_life */
    SIM_MN_STREAM,       /* of PoS `from`; the same */
    SIM_MN_CUT,          /* a stream of it breaks; the same */
    SIM_FORGES,          /* a captured PoS hands over somebody who did not ask */
};

enum sim_mis_count {
    SIM_MIS_ATTACHED,  /* in full, with EAP */
    SIM_MIS_BY_ERP,
    SIM_MIS_OPTIMISED,
    SIM_MIS_SERVED,
    SIM_MIS_FALLBACKS,
    SIM_MIS_STAYED,
    SIM_MIS_REFUSED,   /* by a PoS, what another hands over */
    SIM_MIS_CUTS,
    SIM_MIS_STRANGERS,
    SIM_MIS_CHANNELS,  /* SAs by TLS */
    SIM_MIS_PONGS,
    SIM_MIS_KNOWN,     /* SAs that the thief knows */
    SIM_MIS_SELECTED,  /* handovers for which the SPoS selected the target */
    SIM_MIS_BREAKS,    /* of streams */
    SIM_MIS_FORGED,    /* half-open SAs of an MN whose mark a thief has, and who did not ask */
    SIM_MIS_COUNTS
};

/* Its own numbers. */
enum sim_mis_word {
    SIM_MIS_POS,
    SIM_MIS_CAPTURED,
    SIM_MIS_MOVE_MS,
    SIM_MIS_MIX,
    SIM_MIS_CUT_MS,
    SIM_MIS_STRANGER_MS,
    SIM_MIS_TLS,
    SIM_MIS_TCP,
    SIM_MIS_SELECT,
    SIM_MIS_FORGE_MS,
};

/* Whether who captured PoS only listens, or alters what goes by, too. */
enum sim_thief { SIM_LISTENS, SIM_ALTERS, SIM_THIEVES };

struct sim_mn {
    unsigned index;
    char imsi[16];
    struct lk_mis_device device;
    struct lk_mis_device_config config;
    struct lk_usim usim;
    uint64_t sqn;         /* the home's */
    uint64_t life, wake;
    uint8_t stored;       /* the count, durable */
    unsigned way[LK_MIS_DEVICE_LINKS];
    bool mixes, tcp;
    uint64_t stream[LK_MIS_DEVICE_LINKS]; /* counts connections of that link; odd: there is one */
    uint64_t stream_ms[LK_MIS_DEVICE_LINKS][2]; /* when the last message arrives, there and here */
    uint64_t channel;     /* counts channels; odd: there is one, to the PoS of the serving link */
    uint8_t channel_link;
    unsigned psk_of;      /* the PoS */
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];
    struct lk_mis_name psk_self;
    uint8_t dh_secret[LK_MIS_DH_LEN], dh[LK_MIS_DH_LEN];
    /* the invariants' memory */
    bool moved_again;     /* for its SA ended after the faults */
    uint64_t wanted_ms;   /* since then it has wanted an SA; 0: it has all it wants */
    /* known SAs in a row that end with that of this link, and the most there were */
    unsigned row[LK_MIS_DEVICE_LINKS][SIM_THIEVES], longest[SIM_THIEVES];
    char half_name[SIM_POS_MOST][40];
    uint64_t half_ms[SIM_POS_MOST]; /* since then it is half-open there; 0: it is not */
    bool mixing, names_none; /* the handover under way */
};

struct sim_pos {
    unsigned index, realm;
    char name[32];
    bool captured;
    struct lk_pos_config config;
    struct lk_pos *pos;
    void *memory;
    uint64_t life, wake;
    struct lk_pos_outbox out;
    uint64_t last_ms[SIM_POS_MOST]; /* when the last message over that link arrives */
};

struct sim_mis {
    struct sim_mn *mn;
    struct sim_pos *pos;
    unsigned count;                 /* PoS */
    uint64_t link[SIM_POS_MOST][SIM_POS_MOST]; /* lives; odd: it is up; of the lower number first */
    char realm_name[SIM_REALMS][16];
    struct lk_span realm[SIM_REALMS];
    struct lk_mis_neighbour neighbour[SIM_POS_MOST];
    uint8_t link_type[SIM_POS_MOST]; /* of each, its own */
    struct lk_mis_device_outbox out; /* of the MN whose step runs */
    struct {
        size_t len;
        uint8_t octets[LK_MIS_K_MAX];
    } k[SIM_KS];                    /* that PoS handed over last */
    unsigned ks;
    /* the home */
    struct lk_home_secret mark_secret;
    struct lk_home_key mark_key;
    struct lk_pos_home home;
    struct lk_aaa_config aaa;
    struct lk_radius_client client[SIM_POS_MOST];
    struct lk_radius_secret secret;
    struct lk_aaa_job job;
    struct lk_aaa_out answer;
    struct lk_erp_table *erp;
    void *erp_memory, *cache_memory;
    struct lk_reply_cache *cache;
};

extern const struct sim_actor sim_pos_actor, sim_mn_actor, sim_home_actor, sim_journey_actor;
extern const struct lk_sim_row sim_mis_row;

/* mis.c */
uint64_t sim_mis_clock(const struct sim_world *world); /* since 1970 */
uint64_t *sim_mis_link(struct sim_world *world, unsigned a, unsigned b);
bool sim_mis_is_up(struct sim_world *world, unsigned a, unsigned b);
bool sim_mis_goes_on(const struct sim_world *world, uint64_t clock_ms);
/* Its SA is over: once faults have stopped it is moved, once more. */
void sim_mis_lost(struct sim_world *world, struct sim_mn *mn);
/* SIM_MIS_NOBODY: no PoS has that name. */
unsigned sim_pos_named(struct lk_span name);
unsigned sim_mn_of(const struct sim_world *world, const char *imsi);

/* mis_pos.c */
void sim_pos_link(struct sim_world *world, unsigned pos, unsigned other, bool up);
void sim_pos_hear(struct sim_world *world, unsigned pos, const struct lk_pos_peer *peer,
                  struct lk_span octets);
struct lk_pos_peer sim_mn_peer(unsigned index);
struct lk_pos_peer sim_mn_channel(unsigned index);
/* A connection of that link. */
struct lk_pos_peer sim_mn_stream(const struct sim_mn *mn, unsigned link);
void sim_pos_gone(struct sim_world *world, unsigned pos, const struct lk_pos_peer *peer);
/* The channel of that MN: up, or gone. */
void sim_pos_channel(struct sim_world *world, unsigned pos, const struct sim_mn *mn, bool up);

/* mis_mn.c */
void sim_mn_step(struct sim_world *world, struct sim_mn *mn, struct lk_mis_device_event *event);

/* Whatever it had a channel with is gone. */
void sim_mn_hang_up(struct sim_world *world, struct sim_mn *mn);

/* mis_way.c: streams of an MN. A life says which link it is, and which of its connections. */
void sim_stream_open(struct sim_world *world, struct sim_mn *mn, unsigned link);
void sim_stream_send(struct sim_world *world, struct sim_mn *mn, unsigned link,
                     struct lk_span octets);
/* Of the PoS, to the MN whose stream that is. */
void sim_stream_answer(struct sim_world *world, const struct sim_pos *pos,
                       const struct lk_pos_peer *peer, struct lk_span octets);
/* By the MN: the PoS is told. */
void sim_stream_close(struct sim_world *world, struct sim_mn *mn, unsigned link);
/* It is gone: the MN is told; and the PoS, where that lives. */
void sim_stream_break(struct sim_world *world, struct sim_mn *mn, unsigned link, bool pos_lives);
/* Whether that connection is there; *link: of which link. */
bool sim_stream_is(const struct sim_mn *mn, uint64_t life, unsigned *link);
struct sim_leg sim_stream_leg(struct sim_world *world, const struct sim_event *event,
                              struct lk_span octets);

/* mis_thief.c */
void sim_thief_lies(struct sim_world *world, struct sim_pos *pos, const struct lk_pos_event *event);
void sim_thief_lies_to_targets(struct sim_pos *pos);
void sim_thief_forges(struct sim_world *world);
/* An SA has come about, and is of that link. */
void sim_thief_reach(struct sim_world *world, struct sim_mn *mn, unsigned link, bool optimised);
void sim_thief_reach_none(struct sim_world *world);
extern const struct lk_sim_table sim_mis_reach;

/* mis_home.c: before there are actors */
void sim_home_make(struct sim_world *world);
void sim_home_unmake(struct sim_world *world);

#endif
