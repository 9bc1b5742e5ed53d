/* The home AAA's part of a registration (RFC 3957): is the mobile node who it says, and the nonces
 * that its keys are made of.
 *
 * It proves MN-AAA by the key of the subscriber, makes a nonce for each key that is asked for,
 * derives the keys, and hands out what the agents need. What it keeps of a subscriber are plain
 * values, nothing secret: the nonces that it gave last, and which agents have the keys. The same
 * question again (the same SPIs of the node, the same key with the AAA, within the time of
 * retransmissions) has the same nonces, so that a lost reply changes no key (T26). A key is the
 * first agent's that asks for it: another one, which has overheard the request, is refused (T24,
 * invariant 20).
 *
 *     REQUEST   a Registration Request that was decoded
 *
 *     GRANT     what the home agent gets (proto/mip/ha.h), and the foreign agent. Secret
 *     REFUSED   why there is none
 *
 * The caller knows whose device it is, has found its key with the home AAA by the SPI, and by the
 * B-TID where GBA has made it (T27). */
#ifndef LK_PROTO_MIP_KEYGEN_H
#define LK_PROTO_MIP_KEYGEN_H

#include "proto/mip/ha.h"

struct lk_mip_keygen_config {
    uint16_t algorithm;  /* enum lk_mip_algorithm of the keys */
    uint16_t replay;     /* enum lk_mip_replay of MN-HA */
    uint32_t lifetime_s; /* of the keys; when given not longer than that of the one with the AAA */
    uint8_t key_len;     /* LK_MIP_KEY_SHORT, or all 20 octets */
    uint32_t window_ms;  /* an Identification further from our time leaves nothing behind */
    uint32_t repeat_ms;  /* as long is the same question a retransmission */
};
/* HMAC-MD5, timestamps, a day, 16 octets, 7 s, 120 s. */
void lk_mip_keygen_defaults(struct lk_mip_keygen_config *config);

enum lk_mip_keygen_state {
    LK_MIP_KEYGEN_NONE,
    LK_MIP_KEYGEN_GIVEN,
    LK_MIP_KEYGEN_STATE_COUNT
};

enum { LK_MIP_KEYGEN_AGENT = 16 };

struct lk_mip_keygen_nonce {
    uint32_t mn_spi;    /* that the node has asked for it with; 0: it did not ask */
    uint32_t agent_spi; /* that we give */
    uint8_t octets[LK_MIP_NONCE_LEAST];
    bool taken;       /* an agent has the key */
    uint8_t agent[LK_MIP_KEYGEN_AGENT]; /* a hash of its name */
};

/* Of one subscriber. */
struct lk_mip_keygen {
    uint8_t state;           /* enum lk_mip_keygen_state */
    uint64_t identification; /* of the newest request that nonces were made for */
    uint64_t given_ms, ends_ms;
    uint64_t parent_ends_ms; /* of the key with the AAA that these are made of */
    uint32_t parent_spi;
    struct lk_mip_keygen_nonce home, foreign;
};

enum lk_mip_keygen_event_kind { LK_MIP_KEYGEN_EV_REQUEST = 1 };

enum { LK_MIP_KEYGEN_ENTROPY = 2 * (LK_MIP_NONCE_LEAST + 4) };

struct lk_mip_keygen_event {
    enum lk_mip_keygen_event_kind kind;
    uint64_t now_ms; /* since 1970 */
    uint8_t entropy[LK_MIP_KEYGEN_ENTROPY]; /* fresh random octets */
    const struct lk_mip_request *request;
    struct lk_span agent; /* the name of who asks and is to have its key */
    bool foreign;         /* it is a foreign agent, else a home agent */
    /* What the subscriber and we share: 16 octets or more, of Ks_(ext)_NAF or configured; the
     * algorithm is MN-AAA's. NULL: nothing under the SPI of that request. */
    const struct lk_mip_msa *with;
};

enum lk_mip_keygen_output_kind { LK_MIP_KEYGEN_OUT_GRANT = 1, LK_MIP_KEYGEN_OUT_REFUSED };

struct lk_mip_keygen_output {
    enum lk_mip_keygen_output_kind kind;
    union {
        struct {
            struct lk_mip_grant grant; /* its nonces are in the outbox */
            struct lk_mip_msa foreign; /* MN-FA, where grant.mn_fa: for the foreign agent */
        } given;
        struct lk_refusal refused;
    };
};

enum { LK_MIP_KEYGEN_OUTPUTS = 1 };

/* The caller wipes it. */
struct lk_mip_keygen_outbox {
    size_t count;
    struct lk_mip_keygen_output item[LK_MIP_KEYGEN_OUTPUTS];
    uint8_t nonces[2][LK_MIP_NONCE_LEAST];
};

void lk_mip_keygen_init(struct lk_mip_keygen *keygen);
/* out is emptied first. Anything but LK_OK: nothing has changed and out is empty. */
LK_MUST_CHECK enum lk_status lk_mip_keygen_step(struct lk_mip_keygen *keygen,
                                                const struct lk_mip_keygen_config *config,
                                                const struct lk_mip_keygen_event *event,
                                                struct lk_mip_keygen_outbox *out);
const struct lk_mip_keygen_output *lk_mip_keygen_find(const struct lk_mip_keygen_outbox *out,
                                                      enum lk_mip_keygen_output_kind kind);

extern const struct lk_rule_table lk_mip_keygen_rules;
const char *lk_mip_keygen_state_name(unsigned state);

#endif
