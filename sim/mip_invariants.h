/* The invariants of Mobile IP, checked as things happen. What they are called and say: sim_mip_row
 * in mip.c. */
#ifndef LK_SIM_MIP_INVARIANTS_H
#define LK_SIM_MIP_INVARIANTS_H

#include "sim/mip.h"

/* What a name in the ledger is of. */
enum sim_mip_of {
    SIM_OF_VISITOR = 400, /* of a foreign agent: a home address */
    SIM_OF_HOME,          /* an address: whose it is */
    SIM_OF_HOME6,
    SIM_OF_REQUEST,       /* what a node's proof covers: whose it is */
    SIM_OF_ANSWERED = 410, /* a request whose answer has left; of each protocol */
    SIM_OF_REPLY = 420,   /* to a request, at a place; the same */
    SIM_OF_KEY = 430,     /* whose, and in which role */
    SIM_OF_NONCE,         /* of which question, of whom, in which role */
    SIM_OF_QUESTION,      /* a node's last one, in a life of the AAA */
    SIM_OF_ASKED,         /* and the nonce that it has, */
    SIM_OF_UNTIL,         /* and until when */
    SIM_OF_UNPROVEN,      /* what was sent to a place for a node */
    SIM_OF_RELAYED,       /* a request that a foreign agent has signed */
    SIM_OF_SAID,          /* to a foreign agent: octets of the home agent */
    SIM_OF_STAY,          /* of a device at a foreign agent: its home address */
    SIM_OF_STAY_UP,       /* and octets of it */
    SIM_OF_STAY_DOWN,
};

/* Of a packet of IPv4. */
enum { SIM_SOURCE_AT = 12, SIM_ADDRESS_AT = 16 };

enum sim_mip_role { SIM_ROLE_HA = 1, SIM_ROLE_AAA, SIM_ROLE_FA }; /* the last, and its number */

/* Of a request, or of an answer. */
struct sim_mip_words {
    uint8_t by; /* enum lk_binding_protocol_number */
    struct lk_span nai;
    uint64_t identification; /* Identification, MESG-ID */
    bool accepted;           /* an answer */
    struct sim_name covered; /* a request: what its machine has signed */
};

enum { SIM_REFUSED6 = 128 };

/* mip_words.c. False: it is none. */
bool sim_request_read(struct sim_mip_words *w, bool six, struct lk_span octets);
bool sim_reply_read(struct sim_mip_words *w, bool six, struct lk_span octets);

/* What the world knows of a node's binding. */
struct sim_mip_truth {
    uint64_t epoch;          /* of this life; behind a crash: what was durable, */
    uint64_t identification[2]; /* what was answered, of Mobile IPv4 and MIPv6, */
    uint64_t newest_ms;         /* and the newest time of any protocol */
    uint64_t answered[2], answered_ms;
    uint64_t durable_epoch, durable_ms;
    uint64_t attach_ms;      /* the newest that the AAA has said */
    uint64_t expires_ms;     /* of the binding */
    struct lk_anchor_place bound, proven; /* port 0: none */
    uint32_t home;
    uint8_t owned[4];        /* the address that the anchor has for it; all zero: none */
    /* Octets that were forwarded: in this epoch, each way; ever, less what a crash took; and what
     * marks say, those that are durable too. */
    uint64_t up, down, forwarded, marked, marked_durable;
    uint64_t bound_until_ms; /* by the node, before the step that runs */
    unsigned state;          /* the same */
};

void sim_mip_truth_make(struct sim_world *world);
void sim_mip_truth_unmake(struct sim_world *world);
struct sim_mip_truth *sim_truth_of(const struct sim_world *world, const struct sim_mobile *node);
struct lk_binding *sim_row_of(const struct sim_world *world, const struct sim_mobile *node);
/* Whose home address that is, or a packet goes to; NULL: nobody's. */
struct sim_mobile *sim_owner_of(struct sim_world *world, const uint8_t ipv4[4]);
struct sim_mobile *sim_home_of(struct sim_world *world, struct lk_span packet);

struct sim_mobile *sim_owner6_of(struct sim_world *world, const struct lk_address *home);

/* The anchor: before and behind each step; the power went; a life began. */
void sim_check_agent_before(struct sim_world *world, const struct lk_anchor_event *event);
void sim_check_agent(struct sim_world *world, const struct lk_anchor_event *event);
void sim_check_crash(struct sim_world *world);
void sim_check_life(struct sim_world *world);
/* That is durable now. */
void sim_check_durable(struct sim_world *world, const struct lk_binding_record *record);
void sim_check_mark_durable(struct sim_world *world, const struct lk_binding_mark *mark);
/* mip_volume_invariants.c: the mark of an epoch that is over; a packet that goes on; one that is
 * taken by the home network itself; all of a node's, at rest. */
void sim_check_mark(struct sim_world *world, const struct lk_binding_mark *mark);
void sim_check_packet_on(struct sim_world *world, const struct lk_anchor_output *item);
void sim_check_within(struct sim_world *world, const struct lk_anchor_event *event);
void sim_check_account(struct sim_world *world, const struct sim_mobile *node);
/* mip_fa_invariants.c: what the home agent says to a foreign agent; a step of that; at rest. */
void sim_check_said(struct sim_world *world, unsigned index, struct lk_span octets);
void sim_check_fa(struct sim_world *world, const struct sim_fa *fa,
                  const struct lk_fa_event *event);
void sim_check_visits(struct sim_world *world, const struct sim_fa *fa);
/* That leaves it. */
void sim_check_answer(struct sim_world *world, uint32_t mag, const struct lk_anchor_place *to,
                      struct lk_span octets);
void sim_check_tunnel(struct sim_world *world, const struct lk_anchor_output *item);

/* A node: before and behind each step of its machine; its own request; its address; a packet that
 * it took for its own; a key that it, or an agent, has. */
void sim_check_mobile_before(struct sim_world *world, const struct sim_mobile *node);
void sim_check_mobile(struct sim_world *world, const struct sim_mobile *node,
                      const struct lk_mip_mn_event *event);
void sim_check_request(struct sim_world *world, const struct sim_mobile *node,
                       struct lk_span octets);
void sim_check_home(struct sim_world *world, const struct sim_mobile *node);
/* A foreign agent passes it on, and signs it. */
void sim_check_relayed(struct sim_world *world, const struct sim_fa *fa, struct lk_span octets);
void sim_check_heard(struct sim_world *world, const struct sim_mobile *node, unsigned of);
void sim_check_key(struct sim_world *world, unsigned node, enum sim_mip_role role,
                   const struct lk_mip_msa *msa);
/* mip_key_invariants.c: what the home AAA has granted; what an agent has of it, by its number: 0,
 * the home agent. */
void sim_check_given(struct sim_world *world, const struct lk_aaa_mip *asked,
                     const struct lk_mip_keygen *given);
void sim_check_granted(struct sim_world *world, unsigned who, const struct sim_mip_held *held,
                       const struct lk_mip_aaa_answer *answer);
/* All that a node has of keys. */
void sim_check_node_keys(struct sim_world *world, const struct sim_mobile *node);
void sim_check_attach(struct sim_world *world, const struct sim_mobile *node, uint64_t attach_ms);

void sim_check_mip_event(struct sim_world *world);
void sim_check_mip_end(struct sim_world *world);

#endif
