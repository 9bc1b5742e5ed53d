/* What the protocols of the table of bindings do each in their own way: a row of functions for each
 * of them. The core, which is the table, the user plane, marks and the store, knows no machine.
 *
 * Requests are not among them: a protocol's messages come as events of its own, and its machine's
 * words go to lk_anchor_carry (node/anchor_parts.h). */
#ifndef LK_NODE_BINDING_PROTOCOL_H
#define LK_NODE_BINDING_PROTOCOL_H

#include "node/binding.h"
#include "store/bindings.h"

/* An owner that is no gateway: the device itself, at a care-of address. */
#define LK_BINDING_DEVICE UINT32_MAX

/* How a binding stands. */
struct lk_binding_standing {
    uint64_t epoch;  /* grows with every owner, and when the binding ends */
    uint64_t expires_ms;
    uint64_t due_ms; /* when the machine wants to be told; 0: never */
    uint32_t owner;  /* whose tunnel leads to the device: a gateway's number, DEVICE; 0: nobody's */
    struct lk_address care_of; /* DEVICE: where it is */
    bool passes;     /* its traffic */
};

/* A device's own tunnel. */
struct lk_binding_tunnel {
    struct lk_address address; /* where it ends */
    uint16_t port;
    struct lk_address home; /* who is there, if it ends where the device is */
};

struct lk_anchor;
struct lk_anchor_config;
struct lk_anchor_outbox;

struct lk_binding_protocol {
    const char *name;
    const char *(*state_name)(const struct lk_binding *binding);
    struct lk_binding_standing (*stands)(const struct lk_binding *binding);
    /* Into the digest: where it is, and what orders requests. */
    void (*put)(struct lk_writer *w, const struct lk_binding *binding);
    /* Its part of a record, and back; what a restart ends is ended there. */
    void (*save)(struct lk_binding_record *record, const struct lk_binding *binding,
                 const struct lk_anchor_config *config);
    void (*load)(struct lk_binding *binding, const struct lk_binding_record *record,
                 const struct lk_anchor_config *config);
    /* Whether the machine is still what the record has. */
    bool (*is_saved)(const struct lk_binding *binding, const struct lk_binding_record *record);
    /* The newest time that it has accepted, in ms since 1970: another protocol that takes the row
     * over begins behind it, so that nothing older brings the row back (invariants 9, 10). */
    uint64_t (*newest_ms)(const struct lk_binding *binding);
    /* By another protocol something was accepted that is as new as that, and ended nothing here:
     * what is older changes nothing, either. */
    void (*follow)(struct lk_binding *binding, uint64_t newest_ms);
    /* NULL: tunnels are gateways'. */
    struct lk_binding_tunnel (*tunnel)(const struct lk_binding *binding);
    /* Its time has come. */
    void (*expire)(struct lk_anchor *anchor, struct lk_binding *binding, uint64_t now_ms,
                   struct lk_anchor_outbox *out);
};

extern const struct lk_binding_protocol lk_binding_pmip; /* node/binding_pmip.c */
extern const struct lk_binding_protocol lk_binding_mip;  /* node/binding_mip.c */
extern const struct lk_binding_protocol lk_binding_mip6; /* node/binding_mip6.c */

/* By enum lk_binding_protocol_number; NULL: none has that number. */
const struct lk_binding_protocol *lk_binding_protocol(uint8_t number);
/* Of a row that has one. */
static inline struct lk_binding_standing lk_binding_stands(const struct lk_binding *binding)
{
    return lk_binding_protocol(binding->protocol)->stands(binding);
}

#endif
