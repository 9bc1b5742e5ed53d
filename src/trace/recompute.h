/* Recomputation: what the card and the two ends of a run must have calculated, from K and OPc.
 *
 * A challenge carries RAND, AUTN and a MAC, the response RES and a MAC. With K and OPc all of them
 * can be calculated again, for what the standard says and for each of the usual mistakes; the one
 * whose values are those of the wire is what that end did. Pure. */
#ifndef LK_TRACE_RECOMPUTE_H
#define LK_TRACE_RECOMPUTE_H

#include "keys/eap.h"
#include "keys/wlcp.h"
#include "wire/eap.h"

/* K, and OPc in the ways it may have been meant. Secret. */
struct lk_recompute_card {
    struct lk_aka_card card; /* K and OPc */
    bool has_op;
    uint8_t op[LK_TOPC_MAX]; /* the operator's value, when that was given */
    bool has_kdf;
    struct lk_wlcp_kdf kdf;  /* of the WLCP key, when it is not the default */
};

/* Which OPc makes AUTN verify. */
enum lk_card_variant {
    LK_CARD_AS_GIVEN,
    LK_CARD_GIVEN_IS_OP,   /* OPc derived from the OPc given: that was OP already */
    LK_CARD_OP_AS_OPC,     /* OP itself taken for OPc */
    LK_CARD_DERIVED_TWICE, /* what was derived from OP was derived again: as GIVEN_IS_OP */
    LK_CARD_NO_VARIANT,    /* none: K or OPc is another one */
};

struct lk_recomputed_card {
    enum lk_card_variant variant; /* of the network: what AUTN was made with */
    uint8_t sqn[LK_SQN_LEN], amf[LK_AMF_LEN];
    struct lk_aka_output output;  /* of that variant, or as given when there is none */
    struct lk_aka_card card;      /* the same */
};

/* The caller wipes result. */
void lk_recompute_autn(struct lk_recomputed_card *result, const struct lk_recompute_card *given,
                       const uint8_t rand[LK_RAND_LEN], const uint8_t autn[LK_AUTN_LEN]);

/* How CK and IK went into the keys of EAP-AKA'. */
enum lk_prime_times { LK_PRIME_NEVER, LK_PRIME_ONCE, LK_PRIME_TWICE, LK_PRIME_TIMES_COUNT };

/* How one end made its keys: which of the candidates. */
struct lk_key_variant {
    bool found;
    enum lk_prime_times times; /* LK_PRIME_ONCE is right; of no meaning in EAP-AKA */
    size_t name;               /* index of the network names given; 0 is right */
    size_t identity;           /* index of the identities given; 0 is right */
};

enum { LK_RECOMPUTE_CANDIDATES = 16 };

struct lk_key_candidates {
    uint8_t eap_type;
    struct lk_ck ck;
    struct lk_ik ik;
    uint8_t autn[LK_AUTN_LEN];
    struct lk_span names[LK_RECOMPUTE_CANDIDATES];
    size_t name_count;
    struct lk_span identities[LK_RECOMPUTE_CANDIDATES];
    size_t identity_count;
};

/* The keys of one variant. The caller wipes them. */
void lk_recompute_keys(struct lk_eap_keys *keys, const struct lk_key_candidates *candidates,
                       const struct lk_key_variant *variant);
/* The variant whose K_aut makes the packet's AT_MAC verify; extra is what the MAC covers behind the
 * packet (NONCE_S of a re-authentication, else empty). */
void lk_recompute_mac(struct lk_key_variant *variant, const struct lk_key_candidates *candidates,
                      const struct lk_eap_packet *packet, struct lk_span extra);
/* True when AT_MAC of the packet verifies under k_aut. */
bool lk_recompute_mac_is(const struct lk_eap_packet *packet, uint8_t eap_type,
                         const struct lk_k_aut *k_aut, struct lk_span extra);

#endif
