/* The TWAG's WLCP machine: the PDN connections of one UE.
 *
 * A UE has a small record of its own, and its connections are rows of a pool that the caller gives
 * and that all UEs share, so that an idle UE costs what it uses. A row is reached through its UE
 * only: there is no message and no event that finds a connection by something that a peer said
 * about another UE (T02). The anchor is asked in BIND and UNBIND. Answers are made again from the
 * row, never kept as octets. */
#ifndef LK_PROTO_WLCP_TWAG_H
#define LK_PROTO_WLCP_TWAG_H

#include "crypto/crypto.h"
#include "proto/rules.h"
#include "proto/wlcp/machine.h"

enum {
    LK_WLCP_TWAG_CONNECTIONS = 15, /* of one UE, whatever is configured */
    LK_WLCP_TWAG_APNS = 8,
    LK_WLCP_TWAG_PTI_FIRST = 128, /* the UE takes those below */
    LK_WLCP_TWAG_PTI_LAST = 254,
    LK_WLCP_USER_PLANE_KEY_LEN = 16,
};
#define LK_WLCP_NO_ROW UINT32_MAX

enum lk_wlcp_twag_state {
    LK_WLCP_TWAG_INACTIVE,
    LK_WLCP_TWAG_BIND_PENDING,
    LK_WLCP_TWAG_CONNECT_PENDING, /* ACCEPT is out, COMPLETE is awaited */
    LK_WLCP_TWAG_ACTIVE,
    LK_WLCP_TWAG_DISCONNECT_PENDING,
    LK_WLCP_TWAG_MODIFY_PENDING,
    LK_WLCP_TWAG_STATE_COUNT
};

struct lk_wlcp_twag_apn {
    struct lk_wlcp_apn name;
    uint8_t pdn_types; /* LK_WLCP_IPV4, LK_WLCP_IPV6 or both */
    bool congested;    /* 5.1.6: requests are rejected with Tw1 */
};

struct lk_wlcp_twag_config {
    const struct lk_wlcp_table *table;
    uint32_t t_complete_ms;
    uint32_t t_disconnect_ms;
    uint32_t t_modify_ms;
    uint32_t t_bind_ms;  /* how long the anchor may take */
    uint32_t back_off_ms; /* Tw1 of a congested APN */
    uint8_t tries;
    uint8_t connections;            /* T01: quota of one UE */
    uint8_t dns_ipv4[4];            /* told to who asks; zero: none */
    uint8_t dns_ipv6[16];
    size_t apns;
    struct lk_wlcp_twag_apn apn[LK_WLCP_TWAG_APNS]; /* the first is the default */
};

/* A row of the pool. */
struct lk_wlcp_twag_pdn {
    uint8_t state;  /* enum lk_wlcp_twag_state */
    uint8_t pti;    /* of the procedure that runs; 0 when none does */
    uint8_t made_pti; /* of the request that made it */
    uint8_t id;     /* the PDN connection identity */
    uint8_t asked;  /* PDN type */
    uint8_t cause;  /* of ACCEPT (50, 51), or of our DISCONNECT REQUEST */
    uint8_t expiries;
    uint8_t dns;    /* which of our DNS servers it asked for: bits of enum lk_wlcp_pdn_type */
    bool handover : 1;
    bool bound : 1; /* the anchor has a binding, or may have */
    uint32_t owner; /* the caller's number of the UE */
    uint32_t next;  /* free rows: the next one */
    uint32_t epoch; /* rises with each use of the row, so that a late answer is known as such */
    uint32_t channel; /* on which it was asked for */
    uint32_t asked_on; /* on which our modification asks whether it is still known; 0: none */
    uint64_t deadline_ms;
    uint64_t repeat_ms; /* until when that request may come again */
    uint8_t digest[LK_WLCP_DIGEST_LEN]; /* of the request that made it */
    struct lk_wlcp_address address;
    struct lk_wlcp_apn apn; /* the configured name */
};

struct lk_wlcp_twag_pool {
    struct lk_wlcp_twag_pdn *row;
    uint32_t count;
    uint32_t touched; /* rows from here on were never used: their memory is not looked at */
    uint32_t free;    /* the first row that is free again, or LK_WLCP_NO_ROW */
    uint32_t in_use;
    struct lk_aes128 user_plane; /* what makes identities of the user plane */
    uint8_t last_id;  /* identities go round over all UEs: a guessed one is likely nobody's */
};

/* What one UE has. */
struct lk_wlcp_twag {
    uint8_t count;
    uint8_t last_pti;
    bool denied; /* the AAA has turned against it: no new connection */
    uint32_t owner;
    uint32_t row[LK_WLCP_TWAG_CONNECTIONS]; /* count of them */
    struct lk_wlcp_answers answers;
};

extern const struct lk_rule_table lk_wlcp_twag_rules;

void lk_wlcp_twag_defaults(struct lk_wlcp_twag_config *config);
/* key makes the identities of the user plane, and is to be random: who does not know it does not
 * know theirs. */
void lk_wlcp_twag_pool_init(struct lk_wlcp_twag_pool *pool, struct lk_wlcp_twag_pdn *rows,
                            uint32_t count, const uint8_t key[LK_WLCP_USER_PLANE_KEY_LEN]);
void lk_wlcp_twag_init(struct lk_wlcp_twag *ue, uint32_t owner);
/* LK_OK; LK_E_UNEXPECTED for what has no place; a decoder's status for what is not a message. What
 * is answered with an error of ours is LK_OK, with a NOTICE. Events about a row that is not the
 * UE's are LK_E_NOT_FOUND. */
LK_MUST_CHECK enum lk_status lk_wlcp_twag_step(struct lk_wlcp_twag *ue,
                                               struct lk_wlcp_twag_pool *pool,
                                               const struct lk_wlcp_twag_config *config,
                                               const struct lk_wlcp_event *event,
                                               struct lk_wlcp_outbox *out);
/* The user plane connection identity of that use of a row: the MAC address that its UE sends to. */
void lk_wlcp_twag_user_plane(uint8_t mac[LK_WLCP_MAC_LEN], const struct lk_wlcp_twag_pool *pool,
                             uint32_t row, uint32_t epoch);
/* The row of such an address, or LK_WLCP_NO_ROW. */
uint32_t lk_wlcp_twag_row_of(const uint8_t mac[LK_WLCP_MAC_LEN],
                             const struct lk_wlcp_twag_pool *pool);
/* How many of a UE's rows are in that state. */
size_t lk_wlcp_twag_in_state(const struct lk_wlcp_twag *ue, const struct lk_wlcp_twag_pool *pool,
                             enum lk_wlcp_twag_state state);
const char *lk_wlcp_twag_state_name(enum lk_wlcp_twag_state state);

#endif
