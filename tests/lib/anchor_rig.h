/* An anchor with two gateways, and requests for it as a gateway's machine makes them: for tests of
 * the anchor. Addresses: 10.45.0.0/16 and 2001:db8:4500::/40; gateways "mag-1" and "mag-2". */
#ifndef LK_TEST_ANCHOR_RIG_H
#define LK_TEST_ANCHOR_RIG_H

#include "node/anchor.h"
#include "proto/pmip/mag.h"

struct anchor_rig {
    struct lk_anchor_config config;
    struct lk_binding_table *table;
    struct lk_anchor anchor;
    struct lk_anchor_outbox out;
    uint64_t now_ms;
};

/* rows: of the table. anchor_rig_close frees it. */
struct anchor_rig *anchor_rig_open(uint32_t rows);
/* Another anchor on an empty table of that size, with the same configuration: after a restart. */
void anchor_rig_restart(struct anchor_rig *rig, uint32_t rows);
void anchor_rig_close(struct anchor_rig *rig);

/* What the AAA would say: this IMSI (00101 and ten digits of n) attached at that gateway then. */
struct anchor_token {
    uint8_t octets[LK_RADIUS_CLASS_MAX];
    size_t len;
};
struct anchor_token anchor_token_of(const struct anchor_rig *rig, unsigned n, const char *mag,
                                    uint64_t attach_ms);

struct anchor_ask {
    unsigned n;           /* the subscriber */
    uint32_t mag;         /* whose channel it comes through */
    uint64_t attach_ms;   /* 0: now */
    uint16_t lifetime;    /* 0: a release */
    uint8_t handoff;      /* 0: 1 */
    const char *service;  /* NULL: internet */
    unsigned token_n;     /* 0: n */
    uint32_t token_mag;   /* 0: mag */
};
/* Builds the request, as octets in a buffer of its own that the next call uses again. */
struct lk_span anchor_request(const struct anchor_rig *rig, const struct anchor_ask *ask);
/* Gives it to the anchor; the status of the answer, or -1 when there is none. */
int anchor_ask(struct anchor_rig *rig, const struct anchor_ask *ask);
int anchor_give(struct anchor_rig *rig, uint32_t mag, struct lk_span octets);
/* Ticks until nothing is due at that time; outputs of the last tick that said something stay in
 * rig->out. */
void anchor_tick(struct anchor_rig *rig, uint64_t now_ms);

const struct lk_anchor_output *anchor_find(const struct anchor_rig *rig,
                                           enum lk_anchor_output_kind kind);
struct lk_binding *anchor_binding(const struct anchor_rig *rig, unsigned n);
/* The decoded answer in rig->out. */
struct lk_mobility_message anchor_answer(const struct anchor_rig *rig);
struct lk_address anchor_address(const char *text);
/* Where a gateway's channel comes from. */
struct lk_address anchor_mag_address(uint32_t mag);
/* The device's IPv4 address. */
struct lk_address anchor_home(const struct anchor_rig *rig, unsigned n);

#endif
