/* An agent of Mobile IP towards its AAA: the questions that are out (proto/radius/private_mip.h),
 * sent again until they are answered, as the same octets.
 *
 * A plain table of the caller's. The agent keeps nothing of who is not proven but what is here: so
 * many questions, each for a few seconds; one more finds no room, and its node asks again.
 *
 *     ask      --> send what it gives
 *     due      --> send it again, or it is over: lk_mip_aaa_answer with LK_REASON_MIP_AAA_SILENT
 *     received --> the answer of one that was out */
#ifndef LK_NODE_MIP_AAA_H
#define LK_NODE_MIP_AAA_H

#include "proto/mip/ha.h"
#include "proto/radius/private_mip.h"

enum {
    LK_MIP_AAA_QUESTIONS = 64, /* identifiers of RADIUS: each place has four, in turns */
    LK_MIP_AAA_OCTETS = 2560,
};

struct lk_mip_aaa_config {
    struct lk_radius_secret secret;
    enum lk_radius_mip_agent agent;           /* what we are */
    char name[LK_RADIUS_MIP_NAME_MAX + 1];    /* our name */
    uint32_t enterprise;
    uint32_t retry_ms; /* first wait; doubles; 0: 1,000 */
    uint8_t tries;     /* sendings in all; 0: 3 */
};

struct lk_mip_aaa_question {
    bool out;
    uint8_t sent, turn;
    uint32_t wait_ms;
    uint64_t due_ms;
    uint64_t tag; /* the caller's */
    size_t len;
    uint8_t octets[LK_MIP_AAA_OCTETS];
};

struct lk_mip_aaa {
    struct lk_mip_aaa_question question[LK_MIP_AAA_QUESTIONS];
    uint64_t dropped; /* answers that were none of ours */
};

/* The Registration Request of a node, and its NAI; wants and spi as in lk_radius_mip_ask. entropy:
 * fresh. LK_E_FULL: too many are out, or it does not fit. LK_E_MISSING: it has no NAI. */
LK_MUST_CHECK enum lk_status lk_mip_aaa_ask(struct lk_mip_aaa *aaa, struct lk_span *send,
                                            const struct lk_mip_aaa_config *config,
                                            const struct lk_mip_request *request,
                                            enum lk_radius_mip_wants wants, uint64_t tag,
                                            uint64_t now_ms,
                                            const uint8_t entropy[LK_RADIUS_AUTHENTICATOR_LEN]);

struct lk_mip_aaa_answer {
    uint64_t tag;
    enum lk_reason reason; /* NONE: granted; else MIP_AAA_SILENT or MIP_AAA_REFUSED */
    enum lk_reason told;   /* what the AAA says that it refuses for; NONE */
    struct lk_radius_mip mip; /* secret */
};

/* LK_OK: answer is of one that was out. Otherwise the datagram is dropped. */
LK_MUST_CHECK enum lk_status lk_mip_aaa_received(struct lk_mip_aaa *aaa,
                                                 struct lk_mip_aaa_answer *answer,
                                                 const struct lk_mip_aaa_config *config,
                                                 struct lk_span datagram);

enum lk_mip_aaa_next { LK_MIP_AAA_NOTHING, LK_MIP_AAA_AGAIN, LK_MIP_AAA_OVER };
/* What is due, one at a time, until NOTHING. AGAIN: send is to be sent; OVER: answer says whose it
 * was. */
enum lk_mip_aaa_next lk_mip_aaa_due(struct lk_mip_aaa *aaa, struct lk_span *send,
                                    struct lk_mip_aaa_answer *answer,
                                    const struct lk_mip_aaa_config *config, uint64_t now_ms);

/* What the home agent's machine takes of an answer. Nonces are views into mip. The key's time
 * begins now. */
void lk_mip_aaa_grant(struct lk_mip_grant *grant, const struct lk_radius_mip *mip,
                      uint64_t now_ms);
/* The association of the key that came: MN-HA, or at a foreign agent MN-FA. */
void lk_mip_aaa_msa(struct lk_mip_msa *msa, const struct lk_radius_mip *mip, uint64_t now_ms);

#endif
