/* The MN of MIS (node/mis_device) among PoS made by hand of the machines of proto/mis, and a home
 * of EAP's and ERP's servers. PDUs wait in two queues, so that a test may lose, keep, repeat or
 * alter them; what a PoS says can be altered before it is written, as one that lies would. One test
 * program has one rig. */
#ifndef LK_TESTS_MIS_DEVICE_RIG_H
#define LK_TESTS_MIS_DEVICE_RIG_H

#include "eap_world.h"
#include "node/mis_device.h"
#include "proto/erp/server.h"
#include "proto/mis/pos_auth.h"
#include "proto/mis/spos.h"
#include "proto/mis/tpos.h"
#include "wire/mis_framer.h"

enum {
    MD_PLACES = 6,
    MD_QUEUE = 24,
    MD_NOBODY = -1,
    MD_SEEN = 32,
};

struct md_pdu {
    unsigned place; /* which PoS says or hears it */
    size_t len;
    uint8_t octets[LK_MIS_FRAME_MAX];
};
struct md_queue {
    unsigned count;
    struct md_pdu item[MD_QUEUE];
};

struct md_sa {
    bool has;
    struct lk_mis_sa sa;
};

struct md_place {
    char name[48];
    struct lk_mis_pos pos;
    struct lk_mis_auth_config auth_config;
    struct lk_mis_spos_config spos_config;
    struct lk_mis_tpos_config tpos_config;
    struct lk_mis_pos_auth auth;
    struct lk_mis_spos spos;
    struct lk_mis_tpos tpos;
    struct lk_mis_name once; /* as whom the MN spoke last in clear */
    struct lk_mis_exchange x;
    struct lk_mis_transaction transaction[LK_MIS_DEVICE_TRANSACTIONS];
    struct md_sa sa, coming;
    size_t mark_len; /* of the MN that is here */
    uint8_t mark[LK_MIS_START_MARK_MAX];
    struct lk_mis_neighbour neighbour[MD_PLACES];
    uint8_t seen[MD_SEEN][LK_MIS_NONCE_LEN];
    size_t seens;
    unsigned handed; /* K that it made */
    struct lk_mis_k last_k;
    uint16_t tid; /* of what it heard last */
    enum lk_reason refused;
    bool cut_off; /* its links to other PoS are down */
    bool lies;    /* says that lie is the count so far */
    uint8_t lie;
    unsigned pings, arrivals, lefts;
};

struct md_rig {
    struct lk_mis_device d;
    struct lk_mis_device_config config;
    struct lk_mis_device_outbox out; /* of the last step */
    uint64_t now_ms, wake_ms, drawn;
    struct lk_span partner[MD_PLACES]; /* of the home, at the MN */
    int way[LK_MIS_DEVICE_LINKS];      /* to which place a link is open, or MD_NOBODY */
    struct md_queue to_pos, to_mn;
    /* what is the owner's */
    struct lk_usim usim;
    uint8_t dh_secret[32], dh[32];
    uint8_t stored; /* the count that is written down */
    bool store_fails;
    bool has_psk;
    struct lk_mis_psk psk;
    struct lk_mis_name psk_self;
    /* what the device said */
    unsigned facts[LK_MIS_DEVICE_FACT_COUNT], refusals, link_keys, saves;
    struct lk_mis_device_output fact[LK_MIS_DEVICE_FACT_COUNT]; /* the last of its kind */
    enum lk_reason refusal;
    /* the PoS */
    struct md_place place[MD_PLACES];
    struct lk_span partners_of_pos[MD_PLACES];
    void (*alter)(struct md_place *place, enum lk_mis_action action, struct lk_mis_message *m);
    /* the home */
    struct world home;
    struct lk_erp_server erp;
    struct lk_erp_server_config erp_config;
    bool has_context, refuses_erp;
    struct lk_erp_context context;
    struct lk_home_secret mark_secret;
    struct lk_home_key mark_key;
    uint8_t mark_max;
    struct lk_mis_name mn; /* as the home calls it, since the last authentication */
    unsigned eap_runs, erp_runs;
    struct lk_mis_psk home_psk;
};
extern struct md_rig rig;

/* Realms of the places: home.example, a.example, b.example, b.example, c.example and
 * stranger.example, which is nobody's partner. Over TCP, or UDP. */
void md_open(bool udp);
/* A restart: nothing is left but what was written down. */
void md_restart(void);
struct lk_mis_device_event md_event(enum lk_mis_device_event_kind kind);
/* Time, seed and what the device asks its owner for are the rig's to see to. */
enum lk_status md_step(struct lk_mis_device_event event);
enum lk_status md_attach(unsigned place);
/* MD_PLACES: what is known decides. */
enum lk_status md_hand_over(unsigned place, const struct lk_mis_message *known);
enum lk_status md_switched(void);
enum lk_status md_expire(void); /* what is next, at the MN or a PoS, happens */
/* Carries PDUs over until both queues are empty. */
void md_run(void);
struct md_pdu md_take(struct md_queue *queue);
enum lk_status md_hear(const struct md_pdu *pdu);
/* Attaches in full, and is served there. */
void md_serve(unsigned place);
/* All of an optimised handover. */
void md_hop(unsigned place);
/* The place that the MN is served by; MD_NOBODY: none. And that both have the same SA. */
int md_serving(void);
void md_talk(void);
void md_draw(void *to, size_t len);
struct lk_mis_message md_known(const uint8_t *link_types, size_t count);

/* mis_device_rig_pos.c */
void md_pos_open(unsigned place, bool udp);
void md_pos_hear(const struct md_pdu *pdu);
void md_pos_expire(void);
/* Under the SA with the MN, of itself. */
void md_pos_ask(unsigned place, enum lk_mis_action action, const struct lk_mis_message *m);

/* mis_device_rig_home.c: answers of the home through that PoS. */
void md_home_open(void);
void md_home_hear(struct md_place *place, struct lk_span packet);
/* mis_device_rig_pos.c: from the home */
void md_pos_auth(struct md_place *place, struct lk_mis_auth_event *event);

#endif
