/* Between the files of the foreign agent only: fa.c (events, the table), fa_register.c (requests
 * and replies), fa_packet.c (packets), fa_challenge.c (challenges, advertisements), fa_revoke.c
 * (RFC 3543). */
#ifndef LK_NODE_FA_PARTS_H
#define LK_NODE_FA_PARTS_H

#include "base/budget.h"
#include "node/due.h"
#include "node/fa.h"
#include "node/index.h"

struct lk_fa_visitor {
    struct lk_mip_fa mip;
    struct lk_fa_place at, agent;   /* agent: of what is served */
    struct lk_address home;         /* any while nothing is served */
    uint64_t subject;               /* whose associations are its */
    uint32_t spi;                   /* which has proven its request; 0: none */
    bool there;
    bool heard, known;              /* in by_id; in by_home */
    bool has_key, is_bsfs;          /* of the request that is out, and of no association yet: of
                                     * the BSF, which has proven it; else of the AAA */
    struct lk_mip_msa key;
    uint64_t epoch, since_ms, until_ms;
    uint64_t up_packets, up_octets, down_packets, down_octets;
    char nai[LK_FA_NAI];
};

/* A home agent that is being told. */
struct lk_fa_revoking {
    bool there;
    struct lk_fa_place agent, visitor;
    struct lk_mip_revoker machine;
};

struct lk_fa {
    const struct lk_fa_config *config;
    struct lk_budgets *sources;
    struct lk_budget relays;
    struct lk_mip_msas *msas;
    struct lk_fa_visitor *visitor;
    struct lk_index by_place, by_home, by_id;
    struct lk_due due, waiting; /* what is next of each; whose first request is out, oldest first */
    uint32_t *free, free_count; /* numbers */
    uint32_t served;
    uint64_t seed, epochs, challenges;
    uint16_t sequence;
    uint32_t revoked_s; /* newest identifier that we gave a revocation; 0: none */
    struct lk_fa_revoking revoking[LK_FA_REVOKING];
    struct lk_fa_counters counters;
};

/* fa.c */
struct lk_fa_output *lk_fa_add(struct lk_fa_outbox *out, enum lk_fa_output_kind kind);
/* Copies octets into the outbox: they are those of a machine's, or of the event. */
void lk_fa_send(struct lk_fa_outbox *out, const struct lk_fa_place *to, struct lk_span octets);
void lk_fa_refused(struct lk_fa *fa, const struct lk_fa_event *event, uint8_t code,
                   const struct lk_refusal *refusal, struct lk_fa_outbox *out);
bool lk_fa_same_place(const struct lk_fa_place *a, const struct lk_fa_place *b);
const struct lk_fa_home_agent *lk_fa_agent_at(const struct lk_fa_config *config,
                                              const struct lk_fa_place *at);
struct lk_fa_visitor *lk_fa_at(const struct lk_fa *fa, const struct lk_fa_place *at);
/* Who is served with that address by the home agent there. */
struct lk_fa_visitor *lk_fa_home(const struct lk_fa *fa, const struct lk_address *home,
                                 const struct lk_fa_place *agent);
/* Whose request is out that the reply of the home agent there is to. */
struct lk_fa_visitor *lk_fa_awaiting(const struct lk_fa *fa, const struct lk_mip_reply *reply,
                                     const struct lk_fa_place *agent);
/* Another than this one has a request with that Identification out, at the home agent there: which
 * of the two a reply is to nobody could tell (T12). */
bool lk_fa_is_asked(const struct lk_fa *fa, uint64_t identification,
                    const struct lk_fa_place *agent, const struct lk_fa_visitor *but);
uint64_t lk_fa_hash(const struct lk_fa *fa, struct lk_span octets);
/* There is a row for one more, if need be that of who has waited longest. */
bool lk_fa_has_room(const struct lk_fa *fa);
struct lk_fa_visitor *lk_fa_enter(struct lk_fa *fa, const struct lk_fa_place *at);
/* Its machine has been stepped: what is due, where it is found, and whether it is there at all. */
void lk_fa_settle(struct lk_fa *fa, struct lk_fa_visitor *visitor);
void lk_fa_serve(struct lk_fa *fa, struct lk_fa_visitor *visitor, const struct lk_address *home,
                 const struct lk_fa_place *agent);
/* What it had is over; change says why. */
void lk_fa_leave(struct lk_fa *fa, struct lk_fa_visitor *visitor, enum lk_fa_change change,
                 struct lk_fa_outbox *out);
void lk_fa_changed(const struct lk_fa_visitor *visitor, enum lk_fa_change change,
                   struct lk_fa_outbox *out);

/* fa_register.c */
void lk_fa_request(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out);
void lk_fa_reply(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out);
void lk_fa_unreachable(struct lk_fa *fa, const struct lk_fa_event *event,
                       struct lk_fa_outbox *out);
void lk_fa_tick(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out);

/* fa_packet.c */
void lk_fa_packet(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out);

/* fa_challenge.c */
/* A new one, for who is there. */
struct lk_span lk_fa_challenge(uint8_t challenge[LK_FA_CHALLENGE], struct lk_fa *fa,
                               const struct lk_fa_place *to, uint64_t now_ms);
/* One of ours, for who is there, that is good at that time. */
bool lk_fa_is_challenge(const struct lk_fa *fa, struct lk_span challenge,
                        const struct lk_fa_place *of, uint64_t now_ms);
/* Answers a solicitation. */
void lk_fa_advertise(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out);
/* Tells who was a visitor there that he is none any more. */
void lk_fa_inform(struct lk_fa *fa, const struct lk_fa_place *to, const struct lk_address *home,
                  uint64_t now_ms, struct lk_fa_outbox *out);

/* fa_revoke.c: a Registration Revocation, and the acknowledgement of one. */
void lk_fa_revoked(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out);
void lk_fa_revoke_acked(struct lk_fa *fa, const struct lk_fa_event *event,
                        struct lk_fa_outbox *out);
void lk_fa_revoke(struct lk_fa *fa, const struct lk_fa_event *event, struct lk_fa_outbox *out);
/* Says again what is due, of one; false: nothing is. */
bool lk_fa_revoke_due(struct lk_fa *fa, uint64_t now_ms, struct lk_fa_outbox *out);

#endif
