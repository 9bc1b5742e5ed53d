/* Where the packets of a peer go, on a wire on which anybody can write any source (T13).
 *
 * The peer's address is that of its channel: a handshake proved it. The port beside it is only seen
 * on datagrams, and a path is this port. Packets go to it once somebody there has sent back what
 * was sent there; until then a small allowance is all that an unproven place gets, whoever asks for
 * more. The token is made of the place, so that nothing is remembered of a question.
 *
 * A peer that can say on its channel which port is its own is believed so far that no other port is
 * looked at any more: strangers at its address are not learned, not asked, and spend nothing. That
 * port is asked as any other, and gets nothing but questions before it has answered: the peer may
 * be mistaken about it, or wish that somebody else were drowned.
 *
 * It says a word beside it, by which it answers: who is asked in another's name, for another told
 * that port, has another word, and proves nothing. */
#ifndef LK_NODE_PATH_H
#define LK_NODE_PATH_H

#include "base/address.h"

enum {
    LK_PATH_ALLOWANCE = 3,    /* packets to unproven places */
    LK_PATH_RENEW_MS = 60000, /* before there is another allowance */
    LK_PATH_AGAIN_MS = 5000,  /* a told place is asked again, allowance or not */
    LK_PATH_TOKEN_LEN = 16,
    LK_PATH_KEY_LEN = 16,
    LK_PATH_ETHER_TYPE = 0x88b5, /* of a frame that carries a token; for local experiments */
};

struct lk_path_key { uint8_t octets[LK_PATH_KEY_LEN]; }; /* random */
struct lk_path_token { uint8_t octets[LK_PATH_TOKEN_LEN]; };

struct lk_path {
    uint16_t port;  /* proven; 0: none */
    uint16_t tried; /* asked since, and not proven; 0: none */
    uint16_t told;  /* said on the channel: the only one that counts; 0: none */
    bool waits;     /* the peer may still say it: until then no port is looked at */
    uint8_t spent;
    uint8_t spent_there; /* of those, at the tried port */
    uint64_t spent_ms;   /* when the first of them was */
    uint64_t asked_ms;   /* the last time */
};

/* Whose path it is: number is never another peer's at the same time. */
struct lk_path_owner {
    uint64_t number;
    const struct lk_address *address;
    const struct lk_path_key *word; /* NULL: a token comes back as it is */
};

enum lk_path_verdict {
    LK_PATH_PROVEN,
    LK_PATH_ASK,     /* send a token there: it is of the allowance */
    LK_PATH_REFUSED, /* the allowance is over: said once, for the log */
    LK_PATH_SILENT,
    LK_PATH_STRANGER, /* not the peer's: what comes from there is nobody's */
};

/* The peer has begun anew, with nothing but what it has spent: else beginning anew were what a
 * victim is drowned with. waits: as in the path. */
void lk_path_anew(struct lk_path *path, bool waits);
/* A datagram of the peer came from there. */
enum lk_path_verdict lk_path_seen(struct lk_path *path, uint16_t port, uint64_t now_ms);
/* The peer says on its channel that this is its port; 0: it does not know. Never STRANGER. Another
 * port than it told before begins anew, with what is left of the allowance. */
enum lk_path_verdict lk_path_told(struct lk_path *path, uint16_t port, uint64_t now_ms);
/* The port for a packet: the proven one, or, where none is and none was told, the one that was
 * asked last, within the allowance; 0: none. */
uint16_t lk_path_to(struct lk_path *path, uint64_t now_ms);
/* The question to that port. */
void lk_path_ask(struct lk_path_token *token, const struct lk_path_key *key,
                 const struct lk_path_owner *owner, uint16_t port);
/* What the peer with that word says to it. */
void lk_path_answer(struct lk_path_token *answer, const struct lk_path_key *word,
                    struct lk_span token);
/* Something came back from that port. True: it is proven now, and what was spent there was nobody
 * else's loss. */
bool lk_path_answered(struct lk_path *path, const struct lk_path_key *key,
                      const struct lk_path_owner *owner, uint16_t port, struct lk_span token);

#endif
