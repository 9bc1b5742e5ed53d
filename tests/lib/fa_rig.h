/* A foreign agent with two home agents, and its nodes, which make whatever requests a test wants:
 * for tests of node/fa. */
#ifndef LK_TEST_FA_RIG_H
#define LK_TEST_FA_RIG_H

#include "node/fa.h"

#define FA_RIG_START UINT64_C(1767225600500)
enum { FA_RIG_VISITORS = 8, FA_RIG_PENDING = 3, FA_RIG_SPI = 256, FA_RIG_MN_FA = 300 };

struct fa_rig {
    struct lk_fa_config config;
    struct lk_fa *fa;
    struct lk_fa_outbox out;
    struct lk_mip_msa home, foreign; /* MN-HA of all; MN-FA, which the agent does not have yet */
    uint64_t now_ms;
};
extern struct fa_rig rig;

struct fa_node {
    uint8_t who, agent;     /* last octet of its home address; which home agent */
    struct lk_fa_place at;
    uint16_t lifetime_s;
    uint64_t identification;
    uint8_t challenge[64];
    size_t challenge_len;
    const struct lk_mip_msa *foreign;
    bool names, asks_key;           /* a B-TID; 40 and MN-AAA */
    bool named;                     /* its NAI, where it needs none */
    const char *nai;                /* NULL: that of all */
    bool foreign_first;             /* Mobile-Foreign stands before MN-AAA */
    const struct lk_fa_grant *grant;
    const struct lk_mip_msa *key;   /* what the BSF has said, with the request given again */
    const struct lk_mip_msa *nonce; /* of which the reply has one */
};

/* The first of that kind; NULL: there is none. */
const struct lk_fa_output *fa_find(const struct lk_fa_outbox *out, enum lk_fa_output_kind kind);
struct lk_address fa_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
struct lk_mip_msa fa_msa(uint32_t spi, uint8_t octet);
int fa_rig_setup(void **state);
int fa_rig_teardown(void **state);
struct fa_node fa_node_at(uint8_t who, uint8_t place);
/* A datagram from there. */
void fa_give(const struct lk_fa_place *from, struct lk_span octets);
/* What the node asks; what was said is in rig.out. */
void fa_ask(const struct fa_node *n);
/* The home agent's word to that request. */
void fa_answer(const struct fa_node *n, uint8_t code);
/* The reply that the node at that place is sent: its challenge is noted. */
struct lk_mip_reply fa_heard(struct fa_node *n);
/* To its home agent. */
bool fa_is_relayed(const struct fa_node *n);
/* That key is somewhere in the agent. */
bool fa_has(const struct lk_mip_msa *key);
/* NONE: nothing was. */
enum lk_reason fa_refused(void);
/* Asks for a challenge, and then with it. */
void fa_ask_well(struct fa_node *n);

#endif
