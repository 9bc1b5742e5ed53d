/* Whether the anchor lives: Heartbeats of a gateway (RFC 5847), over the channel between the two.
 *
 *     DOWN --up--> BEATING --silence--> asked again --silence--> GONE: hang up, and dial anew
 *
 * DTLS cannot tell a peer that was restarted from one that has nothing to say: what it does not
 * know it drops. So a gateway asks at an interval, and sooner again when no answer comes. Whatever
 * arrives is a sign of life. With each question it tells where its end of the tunnel is, for nobody
 * else can say it on the channel (T13). A plain struct; the caller has channel and clock. */
#ifndef LK_PROTO_PMIP_HEART_H
#define LK_PROTO_PMIP_HEART_H

#include "wire/pmip.h"
#include "wire/pmip_place.h"

enum { LK_PMIP_HEARTBEAT_MAX = 64 }; /* octets of a message */

struct lk_pmip_heart_config {
    uint32_t interval_ms; /* HEARTBEAT_INTERVAL; 0: none but the first, if it tells a place */
    uint32_t answer_ms;   /* before it is asked again */
    uint8_t missing;      /* MISSING_HEARTBEATS_ALLOWED */
    uint32_t enterprise;  /* vendor of the option that tells the place */
    struct lk_mobility_place place; /* of our end of the tunnel; port 0: not told; beats_ms: ours */
};
/* A second, 400 ms, two: gone is noticed within 1.8 s. No place. */
void lk_pmip_heart_defaults(struct lk_pmip_heart_config *config);

/* Zeroed at first. */
struct lk_pmip_heart {
    bool up;
    bool asked;     /* since it is up */
    bool heard;     /* something has come since it is up */
    uint8_t missed; /* questions since the last sign of life */
    uint32_t beat;  /* sequence number of the last question */
    uint64_t due_ms;
};

enum lk_pmip_heart_next {
    LK_PMIP_HEART_NOTHING,
    LK_PMIP_HEART_SEND, /* the question */
    LK_PMIP_HEART_GONE, /* hang up; then call down */
};

void lk_pmip_heart_up(struct lk_pmip_heart *heart, uint64_t now_ms);
void lk_pmip_heart_down(struct lk_pmip_heart *heart);
/* Whether the anchor knows the place: it has answered, or is asked but once, or there is none to be
 * told. What is sent before that might come first, and let strangers be looked at (T13). */
bool lk_pmip_heart_has_told(const struct lk_pmip_heart *heart,
                            const struct lk_pmip_heart_config *config);
/* To be called several times a second. question is written on SEND. */
enum lk_pmip_heart_next lk_pmip_heart_due(struct lk_pmip_heart *heart,
                                          const struct lk_pmip_heart_config *config,
                                          uint64_t now_ms, struct lk_writer *question);
/* Something came. True: it is a Heartbeat, and for nobody else. */
bool lk_pmip_heart_received(struct lk_pmip_heart *heart, const struct lk_pmip_heart_config *config,
                            struct lk_span octets, uint64_t now_ms);

/* The anchor's part: writes the answer to a question, with its Restart Counter. False: the message
 * is none, and nothing is written. */
bool lk_pmip_heart_answer(struct lk_writer *answer, const struct lk_mobility_message *message,
                          uint32_t restarts);

#endif
