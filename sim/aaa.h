/* The worlds of access points and AAA nodes: devices with their cards, two nodes with their vaults
 * and one store.
 *
 * In the world aaa access points speak to the nodes themselves; in the world wlan there is a
 * trusted WLAN between them (wlan.h). What lies between is behind struct sim_access. */
#ifndef LK_SIM_AAA_H
#define LK_SIM_AAA_H

#include "node/aaa.h"
#include "node/reply_cache.h"
#include "proto/eap/peer.h"
#include "proto/eap/usim.h"
#include "proto/radius/client.h"
#include "sim/world.h"
#include "store/reauth.h"
#include "vault/auc.h"

enum {
    SIM_UES_MAX = 10000,
    SIM_NODES = 2,
    SIM_JOBS = 64,
    SIM_REAUTH = 64,
    SIM_REPLY_LIFE_MS = 30000,
    SIM_STATE_LIFE_S = 60,
    SIM_RETRY_MS = 500,
    SIM_TRIES = 6,
    SIM_SETTLE_MS = 5000, /* after the faults: what was down comes up */
};

/* Kinds of events. They are in traces: each keeps its number. */
enum sim_aaa_kind {
    SIM_UE_BEGINS = 1, /* an attempt of a UE */
    SIM_CARD_AWAKE,    /* a card that took its time */
    SIM_UE_TIMER,      /* its access point's repeat */
    SIM_AT_NODE,       /* a datagram arrives at a node */
    SIM_AT_POINT,      /* ... at a UE's access point */
    SIM_ROW_READ,      /* the store's answer to a node's job */
    SIM_AT_VAULT,      /* a request reaches the vault */
    SIM_VAULT_SAID,    /* the vault's answer reaches the node */
    SIM_ROW_SWAPPED,   /* the store has written a row, or not */
    SIM_NODE_RESTART,
    SIM_VAULT_RESTART,
    SIM_AT_TWAP,       /* a datagram of an access point arrives at a TWAP */
    SIM_BACK_AT_TWAP,  /* ... of a node */
    SIM_TWAP_TICK,
    SIM_TWAP_RESTART,  /* and of its TWAG and MAG */
    SIM_AT_TWAG,       /* a record of a device; life: the channel's handle */
    SIM_AT_DEVICE,     /* a record of a TWAG; the same */
    SIM_DEVICE_TURN,
    SIM_DEVICE_TIMER,  /* of its WLCP machine's connection from */
    SIM_TWAG_WAKE,
    SIM_MAG_WAKE,
    SIM_AT_ANCHOR,     /* a message of a MAG; life 1: of a captured one */
    SIM_BACK_AT_MAG,
    SIM_ANCHOR_TICK,
    SIM_ANCHOR_RESTART,
    SIM_AAA_KIND_COUNT
};

/* What is counted; from SIM_SESSIONS on in the world wlan only. */
enum sim_aaa_count {
    SIM_ATTEMPTS, SIM_FULL, SIM_FAST, SIM_REFUSED, SIM_UNANSWERED, SIM_RESYNCS,
    SIM_SESSIONS,    /* handed over by TWAPs, */
    SIM_ROLLED,      /* with a new key for the one before */
    SIM_CONNECTIONS, /* PDN connections that came up */
    SIM_AAA_COUNTS
};

/* A device, its card, and the access point before it. */
struct sim_ue {
    unsigned index;
    struct lk_imsi imsi;
    struct lk_aka_card card; /* as the authentication centre has it */
    bool known;              /* there is a row in the store */
    bool hopeless;           /* another key, a lie on purpose: must never get in */
    bool sleepy;             /* its card takes longer than a State lives, now and then */
    struct lk_usim usim;
    struct lk_eap_peer_config config;
    struct lk_eap_peer peer;
    struct lk_radius_nas nas;
    struct lk_radius_nas_config nas_config;
    unsigned node;           /* where the access point turns to */
    bool running;
    bool granted;            /* the attempt that runs */
    uint64_t began_ms;
    uint64_t attempts;
    uint64_t timer_life;
    bool has_msk;            /* of the Accept of this attempt */
    struct lk_msk msk;
    unsigned twap;           /* in a trusted WLAN: where it stands */
    bool multi;              /* it is in multi-connection mode, with this key */
    struct lk_wlcp_key wlcp;
    bool has_granted;        /* a node has agreed to it, at last with this key */
    struct lk_wlcp_key its_key;
    bool last_try, last_won; /* after the faults */
};

/* A request that waits in a node. */
struct sim_job {
    bool used;
    bool marked; /* in the reply cache */
    unsigned from;
    unsigned tries;
    uint64_t id;
    struct lk_reply_key key;
    struct lk_aaa_job job;
    struct lk_vault_request request;
    struct lk_vault_answer answer;
};

struct sim_vault {
    uint64_t life;
    uint64_t down_until_ms;
    struct lk_auc auc;
    void *recent;
    struct lk_sqn_clock clock;
    struct lk_ceiling ceiling; /* as the vault knows it */
    uint8_t disk[LK_CEILING_SLOTS][LK_CEILING_SLOT_LEN];
};

struct sim_node {
    unsigned index;
    uint64_t life;
    uint64_t down_until_ms;
    int64_t skew_ms; /* of the wall clock */
    struct lk_aaa_config config;
    struct lk_reply_cache *cache;
    void *cache_memory;
    struct lk_reauth_table *reauth;
    void *reauth_memory;
    struct sim_job job[SIM_JOBS];
    uint64_t next_job;
    unsigned pending; /* questions out, one a job */
    struct sim_vault vault;
};

/* A row on its way to the store. */
struct sim_swap {
    struct lk_vault_request why; /* its row is what is to be replaced */
    struct lk_sealed_row row;
};

/* The last SEQ that a node used for a UE, and how many corrections there had been. */
struct sim_sequence {
    uint64_t seq, corrections;
};

struct sim_wlan;     /* wlan.h */
struct sim_mobility; /* gateway.h */

/* What lies between access points and nodes. */
struct sim_access {
    bool (*wants_multi)(struct sim_world *world); /* does the next device? */
    void (*stand)(struct sim_world *world, struct sim_ue *ue); /* where it is at first */
    void (*move)(struct sim_world *world, struct sim_ue *ue);  /* before an attempt */
    void (*send)(struct sim_world *world, const struct sim_ue *ue, struct lk_span octets);
    void (*granted)(struct sim_world *world, struct sim_ue *ue, const struct lk_grant *grant);
    unsigned (*asker)(struct sim_world *world); /* somebody whom nodes know: sim_event's from */
};

struct sim_aaa {
    const struct sim_access *access;
    enum lk_sqn_mode mode;
    unsigned block;
    uint64_t choices; /* what nodes are set to */
    struct lk_node_key node_key;
    struct lk_row_key row_key;
    struct lk_radius_client client;
    struct lk_radius_clients clients;
    struct sim_ue *ue;
    struct sim_node node[SIM_NODES];
    struct sim_wlan *wlan;         /* NULL in the world aaa */
    struct sim_mobility *mobility; /* with it */
    struct lk_sealed_row *row; /* the store, one a UE: durable */
    uint64_t durable;          /* counts every change of what lasts: rows, kept contexts */
    uint64_t durable_before;   /* the step that runs */
    uint64_t rows_digest;      /* as it should be */
    struct lk_aaa_out out; /* of the step that runs */
    /* the invariants' memory */
    struct sim_sequence *sequence; /* [ue * SIM_NODES + node] */
    uint64_t *corrected_ms;        /* when a verified AUTS last moved a UE's row, */
    uint64_t *corrections;         /* and how many have */
};

extern const struct sim_actor sim_ue_actor, sim_node_actor;
extern const struct lk_sim_row sim_aaa_row, sim_wlan_row;
/* The first SIM_AAA_INVARIANTS are of the world aaa. */
enum { SIM_AAA_INVARIANTS = 13, SIM_WLAN_INVARIANTS = 19 };
extern const struct lk_sim_invariant sim_aaa_invariants[SIM_WLAN_INVARIANTS];
extern const char *const sim_aaa_counts[SIM_AAA_COUNTS];

/* aaa.c */
void sim_aaa_make(struct sim_world *world, const struct sim_access *access);
void sim_aaa_unmake(struct sim_world *world);
void sim_aaa_calm(struct sim_world *world);
uint64_t sim_wall_ms(const struct sim_world *world, const struct sim_node *node);
void sim_event_of(struct sim_world *world, struct lk_event *event, enum lk_event_kind kind,
                  uint64_t now_ms);

/* legs.c: datagrams of RADIUS, and what nobody may read in them */
void sim_leg_to_node(struct sim_world *world, unsigned ue, unsigned node, struct lk_span octets);
void sim_leg_to_point(struct sim_world *world, unsigned node, unsigned ue, struct lk_span octets);
void sim_leg_to_twap(struct sim_world *world, unsigned ue, unsigned twap, struct lk_span octets);
void sim_leg_twap_to_node(struct sim_world *world, unsigned twap, unsigned node,
                          struct lk_span octets);
void sim_leg_node_to_twap(struct sim_world *world, unsigned node, unsigned twap,
                          struct lk_span octets);
void sim_leg_twap_to_point(struct sim_world *world, unsigned twap, unsigned ue,
                           struct lk_span octets);

/* vault.c: the vault's process, its disk, and the store */
void sim_vault_start(struct sim_world *world, struct sim_node *node);
void sim_vault_restart(struct sim_world *world, struct sim_node *node);
void sim_vault_receive(struct sim_world *world, struct sim_node *node, uint64_t job,
                       const struct lk_vault_request *request);
void sim_row_make(struct sim_world *world, const struct sim_ue *ue,
                  const uint8_t sqn[LK_SQN_LEN]);
/* Compare and swap; counts and checks the change. */
bool sim_row_swap(struct sim_world *world, const struct sim_swap *swap);
/* The UE with that IMSI, or NULL. */
struct sim_ue *sim_ue_of(struct sim_world *world, const struct lk_imsi *imsi);

#endif
