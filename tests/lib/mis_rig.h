/* PoS, an AAA node that serves them all by RADIUS, a mobile node made of its machines, and what is
 * between them: datagrams, streams and links, which tests can lose frames of, alter, or say things
 * into. One clock; nothing is random.
 *
 * PoS i is "posI@dI.example", and a partner of all others; links are up where rig_link says so. The
 * MN is the subscriber of eap_world. */
#ifndef LK_TESTS_MIS_RIG_H
#define LK_TESTS_MIS_RIG_H

#include "aaa_world.h"
#include "node/pos.h"
#include "proto/mis/exchange.h"
#include "proto/mis/mn.h"
#include "proto/mis/mn_auth.h"

enum {
    RIG_POS = 6,
    RIG_AIR = 64,
    RIG_FRAME = 8192,
    RIG_TRANSACTIONS = 8,
    RIG_MN_STREAM = 7, /* the handle of the MN's stream at any PoS */
    RIG_NOBODY = 99,
};

enum rig_leg { RIG_UP, RIG_DOWN, RIG_N2N, RIG_RADIUS };

/* Something on its way: MN to PoS `to`, PoS `from` to MN, between PoS, RADIUS of PoS `from`. */
struct rig_packet {
    enum rig_leg leg;
    unsigned from, to;
    uint32_t socket;          /* RIG_RADIUS */
    struct lk_pos_peer peer;  /* RIG_UP: whose it is; RIG_DOWN: to whom */
    size_t len;
    uint8_t octets[RIG_FRAME];
};

struct rig_pos {
    char name[40], domain[24];
    struct lk_pos_config config;
    struct lk_pos *pos;
    uint8_t *memory;
    struct lk_pos_outbox out;
    uint64_t wake_ms;
    bool link[RIG_POS]; /* link number is the number of the other PoS */
    unsigned facts[LK_POS_FACT_COUNT];
    enum lk_reason reason[LK_POS_FACT_COUNT]; /* of the last one of each */
    struct lk_mis_chain chain;                /* of the last one */
    unsigned asks, closes, keys, radius, link_keys;
    struct lk_mis_pushed link_key; /* the last */
    struct lk_mis_sa last_keys;
    uint64_t served; /* bit i: the stream of handle i */
    bool mark_lies;                           /* what told says of any mark */
};

/* The MN with one PoS. */
struct rig_sa {
    bool has;
    struct lk_mis_sa sa;
    struct lk_mis_exchange x;
    struct lk_mis_transaction transaction[RIG_TRANSACTIONS];
    bool has_x;
};

struct rig_mn {
    char name[40]; /* as the home calls it; before it does, as it calls itself */
    char once[40]; /* in clear */
    struct lk_mis_auth_config auth_config;
    struct lk_mis_mn_config mn_config;
    struct lk_mis_mn_auth auth;
    unsigned auth_pos;
    struct lk_mis_mn mn;
    struct rig_sa with[RIG_POS];
    unsigned serving, target; /* RIG_NOBODY */
    bool udp, mixes;
    bool keeps_mum;           /* its AUTH-T is not sent */
    uint8_t dh_secret[LK_MIS_DH_LEN], dh_public[LK_MIS_DH_LEN];
    uint8_t stored;
    struct lk_pos_peer peer;
    struct lk_refusal full_auth;
    enum lk_mis_reason told;
    unsigned attached, full_auths, backgrounds, pongs, failed, terminated;
    enum lk_mis_status last_status;
};

/* An MN in place of the rig's own. */
struct mis_rig;
struct rig_other_mn {
    void (*hear)(struct mis_rig *rig, unsigned pos, struct lk_span octets);
    uint64_t (*wake_ms)(const struct mis_rig *rig);
    void (*due)(struct mis_rig *rig);
};

struct mis_rig {
    const struct rig_other_mn *other_mn; /* NULL: the rig's own */
    struct aaa_world a;
    struct lk_home_key home_key;
    struct lk_pos_home home;
    struct lk_span realm[RIG_POS + 1];
    struct lk_mis_neighbour neighbour[RIG_POS];
    struct rig_pos pos[RIG_POS];
    unsigned count;
    struct rig_mn mn;
    uint64_t now_ms;
    uint64_t drawn;
    struct rig_packet air[RIG_AIR];
    size_t flying;
    struct rig_packet last[RIG_RADIUS + 1]; /* the last that was sent of each leg */
    bool (*meddle)(struct mis_rig *rig, struct rig_packet *packet); /* false: lost */
    unsigned met; /* the meddler's own */
    bool aaa_down;
    struct lk_mis_opened opened;
};

/* So many PoS with an open link between any two; the MN by streams. */
void rig_open(struct mis_rig *rig, unsigned count);
/* That PoS is the home's own; all begin anew. */
void rig_at_home(struct mis_rig *rig, unsigned pos);
/* One of them begun anew under its configuration. */
void rig_begin(struct mis_rig *rig, unsigned pos);
void rig_close(struct mis_rig *rig);

void rig_draw(struct mis_rig *rig, uint8_t *to, size_t len);
enum lk_status rig_step(struct mis_rig *rig, unsigned pos, struct lk_pos_event event);
enum lk_status rig_heard(struct mis_rig *rig, unsigned pos, const struct lk_pos_peer *peer,
                         struct lk_span octets);
enum lk_status rig_n2n(struct mis_rig *rig, unsigned pos, unsigned from, struct lk_span octets);
void rig_link(struct mis_rig *rig, unsigned a, unsigned b, bool up);
/* Delivers what is on the air, and what comes of it. */
void rig_run(struct mis_rig *rig);
void rig_send(struct mis_rig *rig, const struct rig_packet *packet);
/* Time passes: what is due happens, and is delivered. */
void rig_wait(struct mis_rig *rig, uint64_t ms);
struct lk_pos_peer rig_udp_peer(uint8_t host, uint16_t port);
bool rig_told(struct mis_rig *rig, unsigned pos, struct lk_pos_mn_told *told);
const struct lk_pos_counters *rig_counted(const struct mis_rig *rig, unsigned pos);
/* Whether these octets stand anywhere in the PoS's memory. */
bool rig_remembers(const struct mis_rig *rig, unsigned pos, const void *octets, size_t len);

/* A message in clear, as anybody can make one; and the indication that an authentication begins
 * with. */
struct lk_span rig_say(struct mis_rig *rig, uint8_t room[512], unsigned pos, const char *name,
                       enum lk_mis_action action, enum lk_mis_opcode opcode,
                       const struct lk_mis_message *m);
struct lk_mis_message rig_indication(const uint8_t nonce[LK_MIS_NONCE_LEN],
                                     const struct lk_mis_offers *offers);

/* ---- the MN ---- */
void rig_mn_begin(struct mis_rig *rig);
/* EAP with that PoS, until it is over. True: there is an SA, at both ends. */
bool rig_attach(struct mis_rig *rig, unsigned pos);
void rig_attach_begin(struct mis_rig *rig, unsigned pos);
/* It wants an SA with that PoS through the serving one; RIG_NOBODY: whichever that one selects. */
void rig_want(struct mis_rig *rig, unsigned target, const struct lk_mis_message *known);
/* All of a handover: true: the MN is with that PoS, both have the SA. */
bool rig_hop(struct mis_rig *rig, unsigned target);
void rig_switched(struct mis_rig *rig);
/* Capability_Discover under the SA with that PoS, and the answer. */
bool rig_ping(struct mis_rig *rig, unsigned pos);
void rig_terminate(struct mis_rig *rig, unsigned pos);
/* A list under its SA with that PoS, or in clear. */
void rig_mn_say(struct mis_rig *rig, unsigned pos, uint16_t id, struct lk_span list, bool clear);
void rig_mn_hear(struct mis_rig *rig, unsigned pos, struct lk_span octets);
void rig_mn_due(struct mis_rig *rig);
uint64_t rig_mn_wake_ms(const struct mis_rig *rig);
uint16_t rig_id(enum lk_mis_action action, enum lk_mis_opcode opcode);

#endif
