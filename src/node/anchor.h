/* The anchor: LMA, pools and user plane joined, from datagram to answer.
 *
 * Control plane. A request comes with the number of the gateway that its channel proved. What is
 * cheap is looked at first, and nothing is kept of what is not authenticated: the gateway and its
 * budget, the message, its options and its clock, then the token by which the AAA says whose device
 * attached where and when. It must be for this subscriber (T03), for this gateway (T31), and not
 * older than what was accepted before. Only then is a row of the table made or changed.
 *
 * User plane. Whatever comes out of a tunnel must have a bound source address (T33) and come from
 * the binding's owner; whatever has no binding is dropped before anything else is done with it
 * (T16). Octets are counted to the binding and its epoch, never to an address (T14).
 *
 * The caller makes each STORE and MARK of an outbox durable and only then lets its SENDs leave;
 * when it cannot, it lets none of them leave, and the gateway asks again. */
#ifndef LK_NODE_ANCHOR_H
#define LK_NODE_ANCHOR_H

#include "base/budget.h"
#include "base/budgets.h"
#include "node/mip_msas.h"
#include "node/path.h"
#include "node/pool.h"
#include "proto/mip/revoker.h"
#include "proto/radius/private_mip.h"
#include "proto/radius/state.h"
#include "store/bindings.h"
#include "wire/ip.h"
#include "wire/pmip_place.h"

enum {
    LK_ANCHOR_MAGS = 64,
    LK_ANCHOR_SERVICES = 16,
    LK_ANCHOR_PLMNS = 16,
    LK_ANCHOR_POOLS = 8,
    LK_ANCHOR_HELD = 64, /* requests that wait for the old gateway's release */
    LK_ANCHOR_FAS = 16,  /* foreign agents that we know */
    LK_ANCHOR_FA_ADDRESSES = 4,
    LK_ANCHOR_REVOKING = 1024, /* bindings of which foreign agents are being told that they ended */
};

struct lk_anchor_mag {
    char name[LK_BINDING_NAME_MAX + 1]; /* as its channel proves it; its number is its place + 1 */
    bool closed;                        /* may hold a channel, may not register */
};

struct lk_anchor_service {
    char name[LK_BINDING_SERVICE_MAX + 1];
    bool closed;
    bool no_ipv4, no_ipv6;
};

/* A foreign agent that proves itself, and the care-of addresses that it has (T12). */
struct lk_anchor_fa {
    char name[LK_BINDING_NAME_MAX + 1];
    bool closed;
    struct lk_mip_msa msa; /* Foreign-Home. Secret */
    size_t address_count;
    struct lk_address address[LK_ANCHOR_FA_ADDRESSES];
};

/* Mobile IP: the anchor as home agent. */
struct lk_anchor_mip_config {
    bool serves, serves6;    /* Mobile IPv4, MIPv6 */
    struct lk_address agent; /* ours, IPv4 */
    struct lk_mip_ha_config ha;
    struct lk_address agent6; /* the same of MIPv6: as Binding Updates have it */
    struct lk_mip_ha6_config ha6;
    size_t fa_count;
    struct lk_anchor_fa fa[LK_ANCHOR_FAS];
    struct lk_path_key probe_key; /* random: what probes of care-of addresses carry. Secret */
    bool asks;                    /* the BSF, as NAF: who names a B-TID may have a key there */
    struct lk_mip_revoker_config revoker;
    bool asks_keys, asks_pushed;  /* the AAA: for keys of RFC 3957; for one that it pushes */
};

struct lk_anchor_config {
    struct lk_pmip_lma_config lma;
    struct lk_anchor_mip_config mip;
    struct lk_radius_class_key class_key; /* secret: opens the AAA's token */
    uint64_t token_lifetime_ms;
    uint64_t reserve_ms; /* so long, or a token's life, nobody else gets what a device has left */
    uint32_t enterprise; /* vendor of the option that carries the token */
    size_t mag_count, service_count, plmn_count, pool4_count, pool6_count;
    struct lk_anchor_mag mag[LK_ANCHOR_MAGS];
    struct lk_anchor_service service[LK_ANCHOR_SERVICES]; /* the first: when none is named */
    char plmn[LK_ANCHOR_PLMNS][8]; /* first digits of the IMSIs served; none: all */
    struct lk_pool pool4[LK_ANCHOR_POOLS], pool6[LK_ANCHOR_POOLS];
    uint32_t mag_rate, rate;  /* requests a second, of one gateway and of all; as many at once */
    uint32_t policed_octets;  /* a second, of one binding in one direction; 0: any */
    uint32_t icmp_rate;       /* echo replies a second */
    uint32_t restarts;        /* told in heartbeats: another one each time the anchor begins */
};
/* RFC 5213's timers, tokens of a day, 32473, one service "internet", 20,000 requests a second of a
 * gateway and 50,000 of all, no policer, 1,000 echoes; no gateways, no pools, no key. */
void lk_anchor_defaults(struct lk_anchor_config *config);

/* What was seen; sums. */
struct lk_anchor_counters {
    uint64_t requests, accepted, repeated, held, refused;
    uint64_t alarms;      /* refusals that a captured gateway would cause: T03, T31 */
    uint64_t over_budget, malformed, unknown_mag;
    uint64_t release_ignored; /* T11: releases of who is not the owner */
    uint64_t created, renewed, moved, released, returned, ended, revoked;
    uint64_t given_up; /* rows of devices that were away */
    uint64_t up_packets, up_octets, down_packets, down_octets;
    uint64_t up_malformed, up_unbound, up_foreign; /* T33: source unbound; not its gateway */
    uint64_t mip_asked; /* B-TIDs that are to be asked for */
    uint64_t mip_requests, mip_silent; /* T10, T15: of Mobile IP; those that found no answer */
    uint64_t mip_discovered; /* home agents asked for */
    /* RFC 3543: of foreign agents; ours, of them acknowledged, and not */
    uint64_t revocations, revocations_said, revocations_acked, revocations_lost;
    uint64_t probes, reached, unreached; /* T13: care-of addresses asked, proven; packets not sent
                                          * to one that is not */
    uint64_t down_malformed, down_unbound;         /* T16 */
    uint64_t policed, echoed, echo_limited, hops;
};

struct lk_anchor_held {
    uint64_t subject; /* 0: free */
    uint16_t service;
    uint16_t len;
    uint32_t mag;
    uint64_t attach_ms;
    uint64_t until_ms; /* behind it nobody asks for it any more */
    uint8_t octets[LK_PMIP_LMA_OCTETS];
};

/* Refusals that somebody may cause who is not the device (T10, A22): each has a budget. */
enum { LK_ANCHOR_UNPROVEN, LK_ANCHOR_UNTIMELY, LK_ANCHOR_COPIED, LK_ANCHOR_REFUSALS };

/* Where a datagram came from, or goes to. */
struct lk_anchor_place {
    struct lk_address address;
    uint16_t port; /* 0: none */
    uint8_t by;    /* enum lk_binding_protocol_number: whose socket and whose tunnel */
};

/* A foreign agent that is being told. */
struct lk_anchor_revoking {
    uint64_t subject; /* 0: free */
    uint16_t fa;
    struct lk_anchor_place to;
    struct lk_mip_revoker machine;
};

/* Owned by the caller; the tables are its as well. */
struct lk_anchor {
    const struct lk_anchor_config *config;
    struct lk_binding_table *table;
    struct lk_mip_msas *msas;    /* NULL unless it serves Mobile IP; so is the next */
    struct lk_budgets *unproven; /* what places get that have not proven to be there */
    struct lk_anchor_counters counters;
    struct lk_budget mag[LK_ANCHOR_MAGS], all, icmp, refusals[LK_ANCHOR_REFUSALS];
    struct lk_anchor_held held[LK_ANCHOR_HELD];
    struct lk_anchor_revoking revoking[LK_ANCHOR_REVOKING];
    size_t revoking_count;
    uint64_t revoking_ms; /* nothing is to be said again before */
    uint32_t hand;        /* the next row to be looked at when there is no room */
    uint64_t epoch_floor; /* the greatest of rows given up: no epoch of anybody comes twice */
};

enum lk_anchor_event_kind {
    LK_ANCHOR_EV_DATAGRAM = 1, /* a mobility message, with the number of who sent it */
    LK_ANCHOR_EV_MIP,          /* a datagram of Mobile IPv4: a message, or a packet in it */
    LK_ANCHOR_EV_MIP6,         /* the same of MIPv6 */
    LK_ANCHOR_EV_REVOKE,       /* somebody who may ends a binding of Mobile IPv4 */
    LK_ANCHOR_EV_TICK,         /* call it every LK_BINDING_TICK_MS or so, while it says MORE */
    LK_ANCHOR_EV_STORED,       /* a record is durable now */
    LK_ANCHOR_EV_TUNNEL,       /* a packet out of a gateway's tunnel */
    LK_ANCHOR_EV_NETWORK,      /* a packet from the network behind the anchor */
};

struct lk_anchor_event {
    enum lk_anchor_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    uint32_t mag;    /* DATAGRAM, TUNNEL: lk_anchor_mag_number; 0: nobody's */
    struct lk_address from; /* DATAGRAM: the gateway's address, as its channel proved it; MIP,
                             * MIP6 */
    uint16_t port;          /* MIP, MIP6: from there */
    uint64_t subject;       /* REVOKE: lk_imsi_number */
    /* MIP: what the AAA has given for this very request; NULL: it was not asked. */
    const struct lk_mip_grant *grant;
    /* MIP, MIP6: the key that the BSF, or the AAA (pushed), has for the SPI of this very request;
     * NULL: neither was asked. Kept if the request is accepted by it, and of no use otherwise. */
    const struct lk_mip_msa *key;
    struct lk_span octets;
    const struct lk_binding_record *stored;
};

enum lk_anchor_output_kind {
    LK_ANCHOR_OUT_SEND = 1, /* to gateway mag, or to place to, when what is stored beside it is
                             * durable */
    LK_ANCHOR_OUT_STORE,
    LK_ANCHOR_OUT_MARK,
    LK_ANCHOR_OUT_TUNNEL,   /* to gateway mag, or in Mobile IP's tunnel to place to */
    LK_ANCHOR_OUT_NETWORK,  /* to the network behind the anchor */
    LK_ANCHOR_OUT_REFUSED,  /* for the log */
    LK_ANCHOR_OUT_ASK,      /* there is no association for this request: the BSF may be asked whose
                             * the B-TID is, or the AAA (wants), and the event be given again with
                             * key, or with grant */
    LK_ANCHOR_OUT_PLACE,    /* gateway mag says which port of its address its tunnel is at */
    LK_ANCHOR_OUT_MORE,     /* TICK again at once */
};

struct lk_anchor_output {
    enum lk_anchor_output_kind kind;
    uint32_t mag;
    struct lk_anchor_place to; /* SEND, TUNNEL: where mag is 0 */
    union {
        struct lk_span octets; /* in the outbox, or those of the event */
        struct {
            enum lk_binding_change change;
            struct lk_binding_record record;
        } store;
        struct lk_binding_mark mark;
        struct {
            struct lk_imsi imsi; /* as the NAI says; T27: the answer must say the same */
            uint32_t spi;
            struct lk_span b_tid; /* in the event */
            enum lk_radius_mip_wants wants; /* of the AAA; 0: the BSF is asked */
        } ask;
        struct lk_mobility_place place; /* port 0: it does not know, for somebody translates it */
        struct {
            uint8_t status; /* of the answer; 0: there is none */
            bool alarm;
            struct lk_imsi imsi; /* as the request says; empty when it does not */
            struct lk_refusal refusal;
        } refused;
    };
};

enum { LK_ANCHOR_OUTPUTS = 8, LK_ANCHOR_OCTETS = 4096 };

struct lk_anchor_outbox {
    size_t count;
    size_t used;
    struct lk_anchor_output item[LK_ANCHOR_OUTPUTS];
    uint8_t octets[LK_ANCHOR_OCTETS];
};

/* config and table must outlive it. */
void lk_anchor_init(struct lk_anchor *anchor, const struct lk_anchor_config *config,
                    struct lk_binding_table *table, uint64_t now_ms);
/* Puts a record of the store into the table, the newest of a row first. LK_E_EXISTS for an older
 * one, which has no effect; LK_E_VALUE for one of a service that is not ours any more, or with an
 * address that another has; LK_E_FULL. An address that is in no pool any more is left out: the
 * device gets another. */
LK_MUST_CHECK enum lk_status lk_anchor_load(struct lk_anchor *anchor,
                                            const struct lk_binding_record *record,
                                            uint64_t now_ms);
/* That record is loaded soon: what of the table it needs comes nearer, and, at
 * lk_binding_fetch_chained some records later, the rest. */
void lk_anchor_load_soon(const struct lk_anchor *anchor, const struct lk_binding_record *record,
                         struct lk_binding_coming *coming);
/* Before that: whether an older record of it is of no effect, for there is one; and the same two
 * calls (first: the earlier) to fetch what that looks at. subject: lk_imsi_number. */
bool lk_anchor_was_loaded(const struct lk_anchor *anchor, uint64_t subject,
                          struct lk_span service);
void lk_anchor_seen_soon(const struct lk_anchor *anchor, uint64_t subject, struct lk_span service,
                         bool first);
/* The number of the gateway of that name; 0 when there is none. */
uint32_t lk_anchor_mag_number(const struct lk_anchor_config *config, struct lk_span name);
/* The same of a foreign agent. */
uint32_t lk_anchor_fa_number(const struct lk_anchor_config *config, struct lk_span name);
/* How many places have budgets (T13) where there are so many rows: a million at most, which are 16
 * MiB. */
uint32_t lk_anchor_places(uint32_t rows);
/* Before it serves Mobile IP: both tables are the caller's. What is made of a USIM is in the first
 * by lk_anchor_msa_holder; what is configured, and so has no end, is for both protocols, by the
 * number of the IMSI. */
void lk_anchor_serve_mip(struct lk_anchor *anchor, struct lk_mip_msas *msas,
                         struct lk_budgets *unproven);

uint64_t lk_anchor_msa_holder(const struct lk_imsi *imsi, uint8_t protocol);

/* One event; out is emptied first. Never fails: what is wrong with the event is in out or counted.
 */
void lk_anchor_step(struct lk_anchor *anchor, const struct lk_anchor_event *event,
                    struct lk_anchor_outbox *out);

/* lk_binding_digest of its table. */
void lk_anchor_digest(uint8_t digest[LK_BINDING_DIGEST_LEN], const struct lk_anchor *anchor);
/* The row as the store keeps it. */
void lk_anchor_record(struct lk_binding_record *record, const struct lk_anchor *anchor,
                      const struct lk_binding *binding);
#endif
