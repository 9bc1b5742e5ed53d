/* A peer behind an access point, and AAA nodes that share a node key: EAP peer, USIM and RADIUS
 * client machine on one side, the AAA node on the other, with the vault and store of eap_world
 * between them. No network, no clock.
 *
 * The nodes keep nothing: before each datagram the job and the out are overwritten, and which node
 * answers may change from round to round. */
#ifndef LK_TEST_AAA_WORLD_H
#define LK_TEST_AAA_WORLD_H

#include "eap_world.h"
#include "node/aaa.h"
#include "node/reply_cache.h"
#include "store/erp.h"
#include "proto/radius/client.h"

enum { AAA_NODES = 3, AAA_ROUNDS = 16, AAA_ERP_MEMORY = 16 * 1024 };

struct aaa_world;
/* Sees each datagram before it is delivered and may change it. False: it is lost. */
typedef bool (*aaa_meddle)(struct aaa_world *a, bool to_server, uint8_t *octets, size_t *len);

struct aaa_world {
    struct world w; /* vault, USIM, peer, contexts */
    struct lk_radius_nas nas;
    struct lk_radius_nas_config nas_config;
    struct lk_radius_client client[2]; /* 127.0.0.0/8 testing123, 192.0.2.0/24 other */
    struct lk_radius_clients clients;
    struct lk_address source;
    struct lk_node_key node_key;
    struct lk_aaa_config node[AAA_NODES]; /* 0 and 1 share the node key, 2 has another */
    unsigned node_of_round[AAA_ROUNDS];
    uint64_t now_ms;
    uint64_t pause_ms; /* between two rounds */
    aaa_meddle meddle;
    struct lk_aaa_job job;
    struct lk_aaa_out out;
    struct lk_radius_outcome outcome;
    bool store_fails;
    bool is_protected; /* requests come over TLS */
    struct lk_home_secret mark_key; /* of the home, for who has node[].mis.signs set */
    struct lk_erp_table *erp;       /* of all nodes */
    _Alignas(64) uint8_t erp_memory[AAA_ERP_MEMORY];
    struct lk_erp_grant erp_grant;  /* the server's */
    unsigned erp_granted, erp_failed;
    /* what happened */
    unsigned rounds, kept, records, granted, failed;
    enum lk_aaa_verdict verdict; /* the last */
    enum lk_reason reason;       /* of the last drop or reject */
    enum lk_reason withheld;     /* of the last accept */
    struct lk_grant grant;       /* the server's */
    struct lk_accounting record;
    size_t request_len[AAA_ROUNDS], answer_len[AAA_ROUNDS];
    uint8_t request[AAA_ROUNDS][LK_RADIUS_PACKET_MAX];
    uint8_t answer[AAA_ROUNDS][LK_RADIUS_PACKET_MAX];
};

void aaa_init(struct aaa_world *a);
/* Makes all nodes anew from the node key, as after a restart. */
void aaa_restart(struct aaa_world *a);
/* One attach, from EAP-Request/Identity by the access point until Accept, Reject, or silence. */
void aaa_attach(struct aaa_world *a);
void aaa_expect_accept(const struct aaa_world *a);
void aaa_expect_reject(const struct aaa_world *a, enum lk_reason reason);
/* One datagram to a node, its questions answered. The answer is in out. */
enum lk_aaa_verdict aaa_serve(struct aaa_world *a, unsigned node, enum lk_radius_port port,
                              struct lk_span datagram);
/* A request changed by hand, signed again: Message-Authenticator and, for accounting, the header.
 */
void aaa_sign(const struct aaa_world *a, uint8_t *octets, size_t len);

#endif
