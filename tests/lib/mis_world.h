/* One mobile node, a row of PoS, and what is between them: SAs with real keys, PDUs that are
 * protected and opened, links between PoS, stores, clocks. One test program has one world.
 *
 * Messages are numbered as they go: 1 MN to SPoS, 2 SPoS to TPoS, 3 and 4 back, 5 MN to TPoS,
 * 6 back. A test can lose them, send them twice, or alter what is in them before they leave. */
#ifndef LK_TESTS_MIS_WORLD_H
#define LK_TESTS_MIS_WORLD_H

#include "proto/mis/mn.h"
#include "proto/mis/spos.h"
#include "proto/mis/tpos.h"

enum {
    MIS_POS = 11,
    MIS_STAGES = 7,
    MIS_SEEN = 64,
    MIS_FRAME = 8192,
    MIS_LOG = 256,
};

struct mis_sa {
    bool has, ready;
    struct lk_mis_sa sa;
};

struct mis_pos {
    char name[32];
    struct lk_mis_spos_config spos_config;
    struct lk_mis_tpos_config tpos_config;
    struct lk_mis_spos spos;
    struct lk_mis_tpos tpos;
    struct mis_sa with_mn, coming; /* coming: from where it is half-open */
    size_t mark_len;               /* of the MN that is here */
    uint8_t mark[LK_MIS_START_MARK_MAX];
    uint8_t max;
    struct lk_mis_neighbour neighbour[MIS_POS];
    uint8_t seen[MIS_SEEN][LK_MIS_NONCE_LEN]; /* nonces of the MN */
    size_t seens;
    struct lk_mis_k last_k; /* that it handed out: what who captured it has */
    enum lk_reason refused;
    bool is_home; /* the home's PoS: its AAA gives home_k */
    struct lk_mis_k home_k;
};

struct mis_packet {
    unsigned stage, from, to;
    uint32_t run; /* 2, 3 */
    size_t len;
    uint8_t octets[MIS_FRAME];
};

extern struct mis_world {
    uint64_t now_ms;
    uint64_t drawn; /* counts what entropy gave */
    struct lk_mis_mn_config mn_config;
    struct lk_mis_mn mn;
    unsigned serving; /* where the MN is */
    struct mis_sa spos, target;
    unsigned target_of; /* where target is with */
    uint8_t dh_secret[32], dh_public[32];
    bool mixes;
    bool wants_home;      /* a K of the home: own_k */
    struct lk_mis_k own_k;
    uint8_t stored; /* the MN's durable count */
    bool store_fails, store_waits;
    uint8_t store_due;
    struct mis_pos pos[MIS_POS];
    struct mis_packet queue[16];
    size_t queued;
    struct mis_packet log[MIS_LOG]; /* all that was sent */
    size_t logged;
    unsigned lose[MIS_STAGES], twice; /* lose: so many of that stage; twice: bits */
    void (*alter)(unsigned stage, struct lk_mis_message *m);
    unsigned delivered[MIS_STAGES], refused_pdus;
    enum lk_reason full_auth; /* the last one; NONE: none */
    struct lk_refusal why; /* the same, with its words */
    enum lk_mis_reason told;
    bool background;
    unsigned full_auths;
    const char *home_realm;
    struct lk_home_secret home;
    struct lk_home_key home_key;
} world;

/* The MN is with the first PoS by EAP; all realms are partners of all. */
void mis_world_begin(void);
/* It authenticates in full with that PoS. */
void mis_world_eap(unsigned pos);
/* WANT: with that PoS named, or MIS_POS: by what is known. */
enum lk_status mis_world_want(unsigned target, const struct lk_mis_message *known);
/* Delivers all that is on its way. */
void mis_world_run(void);
/* Time goes on, and what is due then happens. */
void mis_world_wait(uint64_t ms);
/* All of a handover. True: the MN is with that PoS, which has the SA. */
bool mis_world_hop(unsigned target);
/* One packet, as it is, to where it goes. */
void mis_world_deliver(const struct mis_packet *packet);
/* That the half-open SAs of nobody are left, and no K. */
void mis_world_nothing_is_left(void);
void mis_world_draw(uint8_t *to, size_t len);
/* What who has K can say in the target's name: an AUTH-N that fits what m says. Not when mixed. */
void mis_world_forge(struct lk_mis_message *m);
/* A home's mark of that MN. */
size_t mis_world_mark(uint8_t *to, const char *mn, uint64_t start_s, uint32_t lifetime_s,
                      uint8_t max, const struct lk_home_secret *secret);
struct lk_mis_mn_event mis_world_event(enum lk_mis_mn_event_kind kind);
enum lk_status mis_world_mn(const struct lk_mis_mn_event *event);

#endif
