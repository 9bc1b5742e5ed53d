/* Peer and server of ERP, and the table that the server asks. One test program has one rig. */
#ifndef LK_TESTS_ERP_RIG_H
#define LK_TESTS_ERP_RIG_H

#include "proto/erp/peer.h"
#include "proto/erp/server.h"

enum { ERP_NOW_MS = 1000000, ERP_LIFETIME_S = 7200 };

struct erp_packet {
    size_t len;
    uint8_t at[LK_ERP_PACKET_MAX];
};
struct erp_rig {
    struct lk_erp_peer peer;
    struct lk_erp_peer_config peer_config;
    struct lk_erp_server server;
    struct lk_erp_server_config server_config;
    bool through_home; /* what the server hears */
    bool has; /* the table, which has one place */
    struct lk_erp_context context, peer_kept;
    uint64_t now_ms;
    struct lk_erp_outbox at_peer, at_server; /* of the last step */
    struct erp_packet initiate, finish;      /* what was sent last; empty: not in the last step */
    enum lk_reason peer_failed, server_failed;
    bool peer_granted, server_granted;
    struct lk_erp_grant peer_grant, server_grant;
};
extern struct erp_rig erp;

/* Both ends have the context of one EAP run, at home.example. */
void erp_open(void);
struct lk_span erp_span(const struct erp_packet *packet);
enum lk_status erp_peer_event(const struct lk_erp_peer_event *event);
enum lk_status erp_peer_start(void);
enum lk_status erp_peer_expired(void);
enum lk_status erp_peer_hears(struct lk_span octets);
/* The packet through that authenticator, the server's question answered from the table. */
enum lk_status erp_server_hears(struct lk_span octets, const char *authenticator);
enum lk_status erp_server_event(const struct lk_erp_server_event *event);
/* START, both packets, and what must come of it. */
void erp_round(void);
/* The Initiate or Finish with other members, under a right tag. */
struct erp_packet erp_sealed(const struct lk_erp *packet);
struct lk_erp erp_decoded(const struct erp_packet *packet);

#endif
