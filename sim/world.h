/* The world's furniture: what every file of the simulator shares. */
#ifndef LK_SIM_WORLD_H
#define LK_SIM_WORLD_H

#include "node/aaa.h"
#include "node/reply_cache.h"
#include "proto/eap/peer.h"
#include "proto/eap/usim.h"
#include "proto/radius/client.h"
#include "sim/ledger.h"
#include "sim/queue.h"
#include "sim/random.h"
#include "sim/sim.h"
#include "store/reauth.h"
#include "vault/auc.h"

enum {
    SIM_NODES = 2,
    SIM_JOBS = 64,
    SIM_REAUTH = 64,
    SIM_SEEN = 64,            /* datagrams an attacker remembers */
    SIM_REPLY_LIFE_MS = 30000,
    SIM_STATE_LIFE_S = 60,
    SIM_RETRY_MS = 500,
    SIM_TRIES = 6,
    SIM_SETTLE_MS = 5000, /* after the faults: what was down comes up */
    SIM_DATAGRAM_MAX = 4096,
};
#define SIM_EPOCH_MS UINT64_C(1790000000000) /* the wall clock when the world begins */

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

/* What an attacker has seen. */
struct sim_seen {
    unsigned to, from;
    enum sim_event_kind kind;
    size_t len;
    uint8_t octets[SIM_DATAGRAM_MAX];
};

/* The last SEQ that a node used for a UE, and how many corrections there had been. */
struct sim_sequence {
    uint64_t seq, corrections;
};

struct sim_wlan;     /* wlan.h */
struct sim_mobility; /* gateway.h */

struct sim_world {
    const struct lk_sim_options *options;
    struct lk_sim_report *report;
    struct sim_random random;
    struct sim_queue queue;
    uint64_t now_ms;
    bool faults;      /* they are on */
    uint64_t heal_ms; /* when they end */
    enum lk_sqn_mode mode;
    unsigned block;
    struct lk_node_key node_key;
    struct lk_row_key row_key;
    struct lk_radius_client client;
    struct lk_radius_clients clients;
    struct sim_ue *ue;
    struct sim_node node[SIM_NODES];
    struct sim_wlan *wlan;     /* NULL: access points speak to nodes */
    struct sim_mobility *mobility; /* NULL with it */
    struct lk_sealed_row *row; /* the store, one a UE: durable */
    uint64_t durable;          /* counts every change of what lasts: rows, kept contexts */
    uint64_t durable_before;   /* the step that runs */
    uint64_t rows_digest;      /* as it should be */
    struct sim_seen *seen;
    unsigned seen_count;
    struct lk_aaa_out out; /* of the step that runs */
    /* the invariants' memory */
    struct sim_ledger ledger;
    struct sim_sequence *sequence; /* [ue * SIM_NODES + node] */
    uint64_t *corrected_ms;        /* when a verified AUTS last moved a UE's row, */
    uint64_t *corrections;         /* and how many have */
};

uint64_t sim_wall_ms(const struct sim_world *world, const struct sim_node *node);
void sim_event_of(struct sim_world *world, struct lk_event *event, enum lk_event_kind kind,
                  uint64_t now_ms);
/* Puts an event in, delay_ms from now. */
void sim_later(struct sim_world *world, struct sim_event event, uint64_t delay_ms,
               const void *octets, size_t len);
void sim_say(const struct sim_world *world, const char *format, ...) LK_PRINTF(2, 3);

/* link.c: datagrams and what happens to them on the way */
void sim_link_to_node(struct sim_world *world, unsigned ue, unsigned node, struct lk_span octets);
void sim_link_to_point(struct sim_world *world, unsigned node, unsigned ue,
                       struct lk_span octets);
void sim_link_to_twap(struct sim_world *world, unsigned ue, unsigned twap, struct lk_span octets);
void sim_link_twap_to_node(struct sim_world *world, unsigned twap, unsigned node,
                           struct lk_span octets);
void sim_link_node_to_twap(struct sim_world *world, unsigned node, unsigned twap,
                           struct lk_span octets);
void sim_link_twap_to_point(struct sim_world *world, unsigned twap, unsigned ue,
                            struct lk_span octets);

/* ue.c */
void sim_ue_make(struct sim_world *world, struct sim_ue *ue, unsigned index);
void sim_ue_begin(struct sim_world *world, struct sim_ue *ue);
void sim_ue_timer(struct sim_world *world, struct sim_ue *ue, uint64_t life);
void sim_ue_receive(struct sim_world *world, struct sim_ue *ue, struct lk_span datagram);
void sim_ue_card_awake(struct sim_world *world, struct sim_ue *ue, const uint8_t *rand_autn);

/* node.c: an AAA node as a role wires it */
void sim_node_make(struct sim_world *world, struct sim_node *node, unsigned index);
void sim_node_restart(struct sim_world *world, struct sim_node *node);
void sim_node_receive(struct sim_world *world, struct sim_node *node, unsigned from,
                      struct lk_span datagram);
void sim_node_row_read(struct sim_world *world, struct sim_node *node, uint64_t job);
void sim_node_vault_said(struct sim_world *world, struct sim_node *node, uint64_t job,
                         const struct lk_vault_answer *answer);
void sim_node_row_swapped(struct sim_world *world, struct sim_node *node, uint64_t job,
                          const struct sim_swap *swap);
void sim_node_free(struct sim_node *node);

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

/* faults.c */
void sim_faults_plan(struct sim_world *world);
void sim_faults_end(struct sim_world *world);

#endif
