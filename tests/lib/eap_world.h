/* An EAP server and an EAP peer back to back, with an authentication centre, a USIM and a store of
 * re-authentication contexts between them: no network, no clock, entropy out of a counter.
 *
 * Between any two messages the server goes through its snapshot, as it does in RADIUS. A test may
 * look at, change, drop or answer each packet in world.meddle. */
#ifndef LK_TEST_EAP_WORLD_H
#define LK_TEST_EAP_WORLD_H

#include "proto/eap/peer.h"
#include "proto/eap/server.h"
#include "proto/eap/usim.h"

enum { WORLD_CONTEXTS = 8, WORLD_PACKETS = 64 };

struct world;
/* Called with each packet before it is delivered; it may change it. False: the packet is lost. */
typedef bool (*world_meddle)(struct world *w, bool to_peer, uint8_t *octets, size_t *len);

struct world {
    struct lk_eap_server_config server_config;
    struct lk_eap_peer_config peer_config;
    struct lk_eap_server server;
    struct lk_eap_peer peer;
    struct lk_usim usim;
    struct lk_aka_card auc; /* the network's copy of the card */
    uint8_t amf[2];         /* the separation bit is added in EAP-AKA' */
    bool amf_fixed;         /* ... unless this is set */
    uint64_t sqn;           /* the last one issued */
    bool known;             /* the subscriber exists */
    struct lk_twan_access access; /* what the access network says with every packet */
    enum lk_reason no_vector; /* refuse vectors with this */
    struct lk_reauth_context context[WORLD_CONTEXTS];
    bool context_used[WORLD_CONTEXTS];
    size_t contexts_kept;
    uint32_t entropy;
    world_meddle meddle;
    void *meddle_with;
    void (*tweak)(struct world *w, struct lk_vector *vector); /* each vector, before it is used */
    /* what happened */
    unsigned packets, vectors, resyncs, resyncs_refused, reauths_asked;
    unsigned permanent_asked;
    char names[WORLD_PACKETS][LK_EAP_NAME_MAX];
    size_t snapshot_max; /* the longest snapshot */
    unsigned server_grants, peer_grants, server_fails, peer_fails;
    struct lk_grant server_grant, peer_grant;
    struct lk_refusal server_refusal, peer_refusal;
    bool forget_server; /* the server keeps nothing but its snapshot: on by default */
};

/* Subscriber 001010000000001 with the keys of Milenage test set 1, both ends alike. */
void world_init(struct world *w);
/* One run from START to the end, or until nobody has anything to say. */
void world_run(struct world *w);
/* What both ends must show after a run that went well. */
void world_expect_success(const struct world *w);
/* ... and after one that did not, with the server's reason (NONE: not looked at). */
void world_expect_failure(const struct world *w, enum lk_reason at_server);
bool world_saw(const struct world *w, const char *name);
unsigned world_count(const struct world *w, const char *name);
/* Feeds octets to one end as they are, and carries out what it says. */
enum lk_status world_to_peer(struct world *w, struct lk_span octets);
enum lk_status world_to_server(struct world *w, struct lk_span octets);
/* Fresh entropy for an event. */
void world_entropy(struct world *w, struct lk_event *event);
/* A vector for the subscriber, as the vault would answer. */
void world_vector(struct world *w, struct lk_vector *vector, bool prime);
/* Answers to ASK_VECTOR and ASK_REAUTH, and KEEP_REAUTH carried out; for who drives a server of his
 * own against this world's vault and store. */
void world_answer_vector(struct world *w, const struct lk_output *ask, struct lk_event *event);
void world_answer_context(struct world *w, const struct lk_output *ask, struct lk_event *event);
void world_keep_context(struct world *w, const struct lk_reauth_context *context);

#endif
