/* What the files of the PoS share, and nobody else includes. */
#ifndef LK_NODE_POS_PARTS_H
#define LK_NODE_POS_PARTS_H

#include "node/draw.h"
#include "node/due.h"
#include "node/index.h"
#include "node/pos.h"
#include "proto/mis/exchange.h"

#define LK_POS_NONE UINT32_MAX

enum {
    LK_POS_TRANSACTIONS = LK_MIS_TRANSACTIONS_MIN + 2,
    LK_POS_AUTH_TRANSACTIONS = 12, /* EAP has many rounds, and the last ones are kept */
    LK_POS_TIDS = 1024, /* questions over one link at a time; TID 0 is none */
    LK_POS_IDENTIFIERS = 256, /* of RADIUS, of a socket */
    /* What one thing that an event brings may say at most, and WAKE. */
    LK_POS_STEP_MOST = 12,
    LK_POS_STEP_OCTETS = 3 * 5120,
    LK_POS_BEHIND_MOST = 6, /* of that, behind repeats and acknowledgements */
    LK_POS_BEHIND_OCTETS = 6144,
    LK_POS_LIST_SMALL = 256, /* of what the PoS says by itself */
    LK_POS_ERRAND_OCTETS = 2048,
};

/* Transactions with one peer; whoever has none under way needs none. */
struct lk_pos_talk {
    uint32_t next; /* of the free ones */
    struct lk_mis_exchange x;
    struct lk_mis_transaction transaction[LK_POS_TRANSACTIONS];
};

/* What the first request to an MN has that others cannot know: Nonce-N, the EAP identifier, and
 * where the TIDs begin. */
enum { LK_POS_EPOCH_MS = 8000, LK_POS_EAP_ID_AT = LK_MIS_NONCE_LEN,
       LK_POS_TID_AT = LK_POS_EAP_ID_AT + 1, LK_POS_WORDS_LEN = LK_SHA256_LEN };
struct lk_pos_words {
    uint8_t octets[LK_POS_WORDS_LEN];
};

/* A question to the AAA, one at a time. */
struct lk_pos_leg {
    struct lk_radius_nas nas;
    uint32_t whose;      /* a place; from config.auths on, an errand */
    bool asked;          /* the AAA has the question of that identifier */
    uint16_t identifier; /* socket and identifier of it */
    uint64_t due_ms;
};

/* A place for somebody who wants to be authenticated. */
struct lk_pos_auth {
    bool used;
    bool proven;   /* T44: it answered, or its stream did: it is where it says */
    uint32_t next; /* of the free ones */
    uint32_t older, newer; /* of those that are not proven */
    size_t most;           /* Y26: until it is proven: octets that came, less those that went */
    struct lk_pos_peer peer;
    struct lk_mis_name name; /* as it calls itself until there is an SA */
    struct lk_pos_words words;
    struct lk_mis_pos_auth machine;
    struct lk_pos_leg leg;
    struct lk_radius_mis given; /* by the home, for when the SA is there */
    bool over;           /* only repeats are left */
    uint64_t end_ms, machine_due_ms;
    struct lk_mis_exchange x;
    struct lk_mis_transaction transaction[LK_POS_AUTH_TRANSACTIONS];
};

/* A link key that is on its way to the MN, of its SA. */
struct lk_pos_push {
    bool awaited;
    uint16_t tid;
    struct lk_mis_pushed pushed; /* secret */
    uint64_t due_ms;
};

/* A mobile node. sa counts; next is half-open, until the MN is heard under it. */
struct lk_pos_mn {
    bool used;
    bool has_sa, has_next, has_psk, has_channel, has_subscriber;
    bool lost;                   /* the link that spos waits for broke */
    uint32_t free;               /* of the free ones */
    uint32_t talk, next_talk;    /* under sa, under next; or NONE */
    uint32_t link;               /* with has_next: that announced it */
    struct lk_mis_name name;
    struct lk_pos_peer peer;     /* where it was heard last under its SA; way 0: nowhere */
    uint64_t heard_ms;           /* when, there or over its channel, but not through another PoS */
    struct lk_pos_peer next_peer; /* where who speaks under next is */
    struct lk_pos_peer channel;
    struct lk_mis_sa sa, next;   /* without MIAK */
    struct lk_mis_tpos tpos;     /* of next; then of sa */
    struct lk_mis_spos spos;
    struct lk_mis_header asked;  /* the Prereg_Xfer that spos is to answer */
    struct lk_pos_push push;
    unsigned link_keys;          /* that it took, of this SA: the last for each link, */
    struct lk_mis_link_pair link_key[LK_POS_LINK_KEYS]; /* which are the last of all */
    uint64_t relay_ms;           /* until then what it says to spos.target is passed on */
    struct lk_mis_name from;     /* the PoS that handed it over; empty: authenticated here */
    uint8_t max;                 /* of its start mark */
    size_t mark_len;
    uint8_t mark[LK_MIS_START_MARK_MAX];
    struct lk_mis_psk psk;
    char identity[LK_MIS_PSK_IDENTITY_LEN + 1];
    struct lk_mis_subscriber subscriber;
    uint64_t until_ms;           /* of the authentication that all of it stands on */
};

/* A question to the target at the other end. */
struct lk_pos_question {
    uint32_t mn; /* row, from config.mns on an errand, or NONE */
    uint32_t run;
    uint8_t nonce_t[LK_MIS_NONCE_LEN]; /* a row may be another's by now */
};
struct lk_pos_link {
    bool up;
    uint16_t tid;        /* of the last question */
    uint32_t half_opens;
    struct lk_mis_name name;
    struct lk_pos_question question[LK_POS_TIDS];
};

/* Who wants a K of the home: the PoS over that link, with that TID; NONE: a row of ours. */
struct lk_pos_asker {
    uint32_t link;
    uint16_t tid;
    struct lk_pos_question own;
};

/* We are the home's PoS, and somebody asks for a K for an MN of ours and its target: the AAA, then
 * the target is asked. */
struct lk_pos_errand {
    bool used;
    uint32_t next; /* of the free ones */
    struct lk_pos_asker asker;
    struct lk_mis_name mn;
    struct lk_pos_leg leg;
    struct lk_mis_spos spos; /* towards the target, once there is a K */
    bool lost;               /* the link that spos waits for broke */
    uint64_t end_ms;
    size_t len;
    uint8_t list[LK_POS_ERRAND_OCTETS]; /* the wish */
};

struct lk_pos_nonce {
    bool used;
    uint8_t print[LK_MIS_NONCE_LEN];
    uint64_t until_ms;
};

struct lk_pos {
    struct lk_pos_config config;
    struct lk_draw draw;
    uint64_t hash[2];
    uint8_t words_key[LK_SHA256_LEN];
    uint64_t now_ms;  /* of the step */
    uint64_t wake_ms; /* as it was told last */
    struct lk_pos_mn *mn;
    struct lk_index by_name, by_subscriber, by_from, by_said, by_next, by_identity, by_channel;
    uint32_t mn_free, mn_touched, mns;
    struct lk_pos_talk *talk;
    uint32_t talk_free;
    struct lk_pos_auth *auth;
    struct lk_index by_peer, by_source;
    uint32_t auth_free, auths, oldest, newest, unproven;
    struct lk_pos_link *link;
    struct lk_mis_neighbour *neighbour;
    struct lk_pos_nonce *nonce;
    struct lk_index by_nonce;
    uint32_t nonce_next;
    uint32_t *asker;         /* of each identifier of RADIUS: a place, or NONE */
    uint16_t *identifier;    /* the free ones, the one that is free for longest first */
    uint32_t identifier_at, identifiers;
    struct lk_pos_errand *errand;
    uint32_t errand_free;
    struct lk_due due;       /* of rows, then of places, then of errands */
    struct lk_mis_opened opened;
    struct lk_pos_counters counters;
};

/* ---- pos_table.c ---- */
uint64_t lk_pos_hash(const struct lk_pos *pos, struct lk_span octets);
struct lk_pos_mn *lk_pos_mn_of(const struct lk_pos *pos, struct lk_span name);
/* The row whose SA, or half-open one (*is_next), has that SAID. */
struct lk_pos_mn *lk_pos_mn_of_said(const struct lk_pos *pos, const struct lk_mis_said *said,
                                    bool *is_next);
struct lk_pos_mn *lk_pos_mn_of_channel(const struct lk_pos *pos, const struct lk_pos_peer *peer);
struct lk_pos_mn *lk_pos_mn_of_identity(const struct lk_pos *pos, struct lk_span identity);
struct lk_pos_mn *lk_pos_mn_of_subscriber(const struct lk_pos *pos,
                                          const struct lk_mis_subscriber *subscriber);
void lk_pos_subscriber_set(struct lk_pos *pos, struct lk_pos_mn *mn,
                           const struct lk_mis_subscriber *subscriber);
/* The row of that name, a new one where there is none; NULL: there is no room. */
struct lk_pos_mn *lk_pos_mn_add(struct lk_pos *pos, struct lk_span name);
/* Wipes it and gives it back. */
void lk_pos_mn_drop(struct lk_pos *pos, struct lk_pos_mn *mn);
bool lk_pos_has_room(const struct lk_pos *pos);
uint32_t lk_pos_mn_row(const struct lk_pos *pos, const struct lk_pos_mn *mn);
/* That it was handed over by the PoS of that name; empty: it was authenticated here. */
void lk_pos_from_set(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_span name);
/* How many that PoS has handed over, of those that are still here. */
uint32_t lk_pos_count_from(const struct lk_pos *pos, struct lk_span name);
/* T44: of those who were handed over and not authenticated, the one whose time is over first. */
struct lk_pos_mn *lk_pos_mn_first_over(const struct lk_pos *pos);
/* SAs in and out, with what finds them. */
void lk_pos_sa_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_mis_sa *sa);
void lk_pos_sa_drop(struct lk_pos *pos, struct lk_pos_mn *mn);
void lk_pos_next_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_mis_sa *sa,
                     uint32_t link);
void lk_pos_next_drop(struct lk_pos *pos, struct lk_pos_mn *mn);
void lk_pos_psk_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_mis_psk *psk);
void lk_pos_psk_drop(struct lk_pos *pos, struct lk_pos_mn *mn);
void lk_pos_channel_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_pos_peer *peer);
void lk_pos_channel_drop(struct lk_pos *pos, struct lk_pos_mn *mn);
/* When it is to be looked at again; a row that nothing is left of is dropped. */
void lk_pos_settle(struct lk_pos *pos, struct lk_pos_mn *mn);
/* The transactions of that SA, mn.talk or mn.next_talk; NULL: as many as can be are under way. */
struct lk_pos_talk *lk_pos_talk_of(struct lk_pos *pos, uint32_t *talk, bool udp);
/* Whether that nonce of that MN was there; if not it is from now on. */
bool lk_pos_nonce_seen(struct lk_pos *pos, struct lk_span mn, const uint8_t *nonce,
                       uint32_t remember_s);

/* ---- pos_places.c: who is being authenticated ---- */
struct lk_pos_auth *lk_pos_auth_of(const struct lk_pos *pos, const struct lk_pos_peer *peer,
                                   struct lk_span name);
/* T44: NULL: there is none for that source, or none at all. */
struct lk_pos_auth *lk_pos_auth_add(struct lk_pos *pos, const struct lk_pos_peer *peer,
                                    struct lk_span name, const struct lk_pos_words *words);
/* T44: what is said first over UDP to an MN of that name at that address which said that Nonce-T;
 * the same again within an epoch, so that nothing of it has to be kept. */
void lk_pos_words_make(struct lk_pos_words *words, const struct lk_pos *pos,
                       const struct lk_pos_peer *peer, struct lk_span name, struct lk_span nonce_t,
                       uint64_t epoch);
void lk_pos_auth_prove(struct lk_pos *pos, struct lk_pos_auth *auth);
void lk_pos_auth_drop(struct lk_pos *pos, struct lk_pos_auth *auth);
void lk_pos_auths_gone(struct lk_pos *pos, const struct lk_pos_peer *peer);
void lk_pos_auth_settle(struct lk_pos *pos, struct lk_pos_auth *auth);
bool lk_pos_same_peer(const struct lk_pos_peer *a, const struct lk_pos_peer *b);

/* ---- pos_radius.c ---- */
void lk_pos_leg_init(struct lk_pos_leg *leg, uint32_t whose);
/* Nothing is asked any more. */
void lk_pos_leg_end(struct lk_pos *pos, struct lk_pos_leg *leg);
/* False: it cannot be asked, or will not be answered, and why. */
bool lk_pos_leg_ask(struct lk_pos *pos, struct lk_pos_leg *leg, struct lk_span eap,
                    struct lk_refusal *why, struct lk_pos_outbox *out);
bool lk_pos_leg_due(struct lk_pos *pos, struct lk_pos_leg *leg, struct lk_refusal *why,
                    struct lk_pos_outbox *out);
/* What a question comes to that has no answer. */
struct lk_refusal lk_pos_aaa_silent(const struct lk_pos *pos);
enum lk_status lk_pos_on_radius(struct lk_pos *pos, const struct lk_pos_event *event,
                                struct lk_pos_outbox *out);

/* ---- pos_home.c: the PoS of a home ---- */
/* A wish for a K of the home (N2N_Prereg_Xfer with an Initiate, and without a K) that came over
 * that link. */
enum lk_status lk_pos_on_wish(struct lk_pos *pos, uint32_t link,
                              const struct lk_mis_header *header, struct lk_span list,
                              struct lk_pos_outbox *out);
/* The same of an MN that is served here: it is the question of that row. */
enum lk_status lk_pos_own_wish(struct lk_pos *pos, const struct lk_pos_question *own,
                               struct lk_span list, struct lk_pos_outbox *out);
/* Whether it waits for the target's answer to that. */
bool lk_pos_errand_waits(const struct lk_pos_errand *errand,
                         const struct lk_pos_question *question);
void lk_pos_errand_answered(struct lk_pos *pos, struct lk_pos_errand *errand,
                            const struct lk_radius_outcome *outcome, struct lk_pos_outbox *out);
void lk_pos_errand_heard(struct lk_pos *pos, struct lk_pos_errand *errand,
                         const struct lk_mis_message *m, struct lk_pos_outbox *out);
/* That link is down: those who asked over it are gone. And one that waits for its target there. */
void lk_pos_errands_lost(struct lk_pos *pos, uint32_t link);
void lk_pos_errand_lost(struct lk_pos *pos, uint32_t number);
void lk_pos_errand_due(struct lk_pos *pos, struct lk_pos_errand *errand,
                       struct lk_pos_outbox *out);

/* ---- pos.c ---- */
struct lk_pos_output *lk_pos_out(struct lk_pos_outbox *out, enum lk_pos_output_kind kind);
struct lk_writer lk_pos_room(struct lk_pos_outbox *out);
/* Copies octets to where they live until the next step. */
struct lk_span lk_pos_keep(struct lk_pos_outbox *out, struct lk_span octets);
void lk_pos_fact(struct lk_pos_outbox *out, enum lk_pos_fact fact, struct lk_span mn,
                 struct lk_span other, const struct lk_mis_chain *chain,
                 const struct lk_refusal *refusal);
void lk_pos_offer(const struct lk_pos *pos, const struct lk_mis_sa *sa, struct lk_pos_outbox *out);

/* ---- pos_say.c ---- */
/* With whom: in clear, or under an SA. */
struct lk_pos_with {
    struct lk_mis_exchange *x; /* NULL: nothing is kept of it */
    const struct lk_pos_peer *peer;
    struct lk_span name;       /* MISF ID of the other end */
    struct lk_mis_sa *sa;      /* NULL: in clear */
    size_t *most;              /* Y26: octets that may go there yet; NULL: as many as there are */
};
enum lk_status lk_pos_say(struct lk_pos *pos, const struct lk_pos_with *with,
                          const struct lk_mis_header *header, struct lk_span list,
                          struct lk_pos_outbox *out);
enum lk_status lk_pos_say_message(struct lk_pos *pos, const struct lk_pos_with *with,
                                  const struct lk_mis_header *header,
                                  const struct lk_mis_message *m, struct lk_pos_outbox *out);
/* Answers to that request. */
enum lk_status lk_pos_answer_list(struct lk_pos *pos, const struct lk_pos_with *with,
                                  const struct lk_mis_header *request, struct lk_span list,
                                  struct lk_pos_outbox *out);
enum lk_status lk_pos_answer(struct lk_pos *pos, const struct lk_pos_with *with,
                             const struct lk_mis_header *request, const struct lk_mis_message *m,
                             struct lk_pos_outbox *out);
enum lk_status lk_pos_answer_status(struct lk_pos *pos, const struct lk_pos_with *with,
                                    const struct lk_mis_header *request,
                                    enum lk_mis_status result, enum lk_mis_reason reason,
                                    struct lk_pos_outbox *out);
/* Repeats and acknowledgements that are due; true: something was not answered. */
bool lk_pos_talk_due(struct lk_pos *pos, const struct lk_pos_with *with,
                     struct lk_pos_outbox *out);
/* T46: over a link, in clear there; LK_E_NOT_FOUND: it is down. */
enum lk_status lk_pos_say_n2n(struct lk_pos *pos, uint32_t link,
                              const struct lk_mis_header *header, struct lk_span list,
                              struct lk_pos_outbox *out);
/* Octets as they are, to there. */
void lk_pos_pass(struct lk_pos *pos, const struct lk_pos_peer *peer, struct lk_span octets,
                 struct lk_pos_outbox *out);
bool lk_pos_is_udp(const struct lk_pos_peer *peer);

/* ---- pos_hear.c ---- */
enum lk_status lk_pos_hear(struct lk_pos *pos, const struct lk_pos_peer *peer,
                           struct lk_span octets, struct lk_pos_outbox *out);

/* ---- pos_mn.c ---- */
/* Where it was heard last, under that SA of it: mn.sa or mn.next. */
struct lk_pos_with lk_pos_with_mn(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_mis_sa *sa);
/* The MN is there, and nowhere else. */
void lk_pos_place_set(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_pos_peer *peer,
                      struct lk_pos_outbox *out);
/* Its SA ends: it is nowhere, and has no link key. Told. */
void lk_pos_sa_end(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);
/* T46, T22: what the MN has here is over; and, end_old, something else takes its place. */
void lk_pos_forget(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);
void lk_pos_end_old(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);
/* The same, and the MN is told when it can be told. */
void lk_pos_release(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);
/* Repeats and acknowledgements that are due under its SAs; all that is due for it. */
void lk_pos_catch_up(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);
void lk_pos_mn_due(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);

/* ---- pos_push.c ---- */
enum lk_status lk_pos_on_push(struct lk_pos *pos, const struct lk_pos_event *event,
                              struct lk_pos_outbox *out);
/* The MN's answer to Push_key. */
void lk_pos_on_pushed(struct lk_pos *pos, struct lk_pos_mn *mn, const struct lk_mis_header *header,
                      const struct lk_mis_message *m, struct lk_pos_outbox *out);
/* Nothing is awaited any more. */
void lk_pos_push_drop(struct lk_pos_mn *mn);
/* What is on its way does not arrive any more, and why: told. */
void lk_pos_push_ends(struct lk_pos *pos, struct lk_pos_mn *mn, const char *came,
                      struct lk_pos_outbox *out);
/* That its SA ends. */
void lk_pos_push_bereft(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);

/* ---- pos_attach.c ---- */
enum lk_status lk_pos_on_auth(struct lk_pos *pos, const struct lk_pos_peer *peer,
                              const struct lk_mis_pdu *pdu, size_t len,
                              struct lk_pos_outbox *out);
void lk_pos_auth_answered(struct lk_pos *pos, struct lk_pos_auth *auth,
                          const struct lk_radius_outcome *outcome, struct lk_pos_outbox *out);
void lk_pos_auth_due(struct lk_pos *pos, struct lk_pos_auth *auth, struct lk_pos_outbox *out);

/* ---- pos_hand.c: SPoS ---- */
/* A Prereg_Xfer of an MN, under that SA. */
enum lk_status lk_pos_on_request(struct lk_pos *pos, struct lk_pos_mn *mn,
                                 const struct lk_mis_serving *serving,
                                 const struct lk_mis_header *header,
                                 const struct lk_mis_message *m, struct lk_pos_outbox *out);
/* The same over a channel. */
enum lk_status lk_pos_on_tls_request(struct lk_pos *pos, const struct lk_pos_mn *mn,
                                     const struct lk_pos_with *with,
                                     const struct lk_mis_header *header,
                                     const struct lk_mis_message *m, struct lk_pos_outbox *out);
/* What the target answers. */
enum lk_status lk_pos_on_target(struct lk_pos *pos, uint32_t link,
                                const struct lk_mis_header *header,
                                const struct lk_mis_message *m, struct lk_pos_outbox *out);
void lk_pos_spos_tell(struct lk_pos *pos, struct lk_pos_mn *mn, enum lk_mis_spos_event_kind kind,
                      struct lk_pos_outbox *out);
void lk_pos_link_lost(struct lk_pos *pos, uint32_t link);
/* The question to that target, with what its machine says; LK_E_NOT_FOUND: there is no way. */
enum lk_status lk_pos_ask_target(struct lk_pos *pos, const struct lk_pos_question *asker,
                                 const struct lk_mis_spos_output *item,
                                 struct lk_pos_outbox *out);
/* What became of the wish of that row: a list as of a target. */
void lk_pos_spos_heard(struct lk_pos *pos, const struct lk_pos_question *asker,
                       struct lk_span list, struct lk_pos_outbox *out);

/* ---- pos_take.c: TPoS ---- */
/* An N2N_Prereg_Xfer request of the PoS at the other end; event has what was told of it, or not. */
enum lk_status lk_pos_on_offer(struct lk_pos *pos, const struct lk_pos_event *event,
                               const struct lk_mis_header *header,
                               const struct lk_mis_message *m, struct lk_pos_outbox *out);
/* A Prereg_Xfer request with AUTH-T, under the half-open SA, or the one that it became. */
enum lk_status lk_pos_on_confirm(struct lk_pos *pos, struct lk_pos_mn *mn,
                                 const struct lk_mis_header *header,
                                 const struct lk_mis_message *m, struct lk_pos_outbox *out);
/* Another message under the half-open SA. */
void lk_pos_proven(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);
void lk_pos_tpos_expire(struct lk_pos *pos, struct lk_pos_mn *mn, struct lk_pos_outbox *out);

/* ---- pos_link.c ---- */
enum lk_status lk_pos_on_link(struct lk_pos *pos, const struct lk_pos_event *event);
enum lk_status lk_pos_on_n2n(struct lk_pos *pos, const struct lk_pos_event *event,
                             struct lk_pos_outbox *out);
/* The link to that PoS that is up; NONE. */
uint32_t lk_pos_link_of(const struct lk_pos *pos, struct lk_span name);
void lk_pos_refresh_neighbours(struct lk_pos *pos);

#endif
