/* The handshakes of Noise (revision 34) that end-to-end keys are made of, with X25519,
 * ChaCha20-Poly1305 and SHA-256:
 *
 *     NKpsk2   <- s  ...  -> e, es         <- e, ee, psk
 *     IKpsk2   <- s  ...  -> e, es, s, ss  <- e, ee, se, psk
 *     Kpsk0    -> s, <- s  ...  -> psk, e, es, ss
 *
 * No private key is ever in here. Where a token needs Diffie-Hellman, the caller is asked which of
 * its own keys is to be multiplied with which point, and tells the result; the same with the
 * pre-shared key:
 *
 *     lk_noise_say(n, payload)  or  lk_noise_take(n, message)
 *     until lk_noise_go(n, &need) says DONE:
 *         DH: lk_noise_dh(n, shared of n->ask)       PSK: lk_noise_psk(n, psk)
 *     n->out is the message to send, or the payload that came
 *
 * What fails cannot be gone on with. Secret as a whole: the caller wipes it. */
#ifndef LK_PROTO_E2E_NOISE_H
#define LK_PROTO_E2E_NOISE_H

#include "base/octets.h"

enum {
    LK_NOISE_KEY = 32,
    LK_NOISE_TAG = 16,
    LK_NOISE_TEXT_MAX = 1024, /* of a message: ours, the standard has 65,535 */
};

enum lk_noise_pattern { LK_NOISE_NKPSK2, LK_NOISE_IKPSK2, LK_NOISE_KPSK0, LK_NOISE_PATTERN_COUNT };
enum lk_noise_need { LK_NOISE_DONE, LK_NOISE_DH, LK_NOISE_PSK };

struct lk_noise_point {
    uint8_t octets[LK_NOISE_KEY];
};

/* Which Diffie-Hellman: our ephemeral key or our static one, with that point. */
struct lk_noise_ask {
    bool own_static;
    struct lk_noise_point peer;
};

struct lk_noise_text {
    uint8_t octets[LK_NOISE_TEXT_MAX];
    size_t len;
};

struct lk_noise {
    enum lk_noise_pattern pattern;
    bool initiator;
    bool busy, saying;       /* a message is under way, and whether it is ours */
    uint8_t message, token;  /* where in the pattern */
    struct lk_noise_point s, e;   /* ours, public; s is zero where the pattern has none */
    struct lk_noise_point rs, re; /* theirs, as far as they are known */
    struct lk_noise_ask ask;
    uint8_t h[LK_NOISE_KEY];
    uint8_t ck[LK_NOISE_KEY];
    uint8_t k[LK_NOISE_KEY];
    bool has_k;
    uint64_t n;
    size_t at;               /* how much of in is read */
    struct lk_noise_text in, out;
};

/* e: public, of a key that is used in this one handshake. A point that the pattern does not know
 * beforehand is NULL. */
void lk_noise_start(struct lk_noise *noise, enum lk_noise_pattern pattern, bool initiator,
                    struct lk_span prologue, const struct lk_noise_point *e,
                    const struct lk_noise_point *s, const struct lk_noise_point *rs);
/* Begins our next message. LK_E_FULL: too long. */
LK_MUST_CHECK enum lk_status lk_noise_say(struct lk_noise *noise, struct lk_span payload);
/* Begins with their next message. LK_E_FULL: too long. */
LK_MUST_CHECK enum lk_status lk_noise_take(struct lk_noise *noise, struct lk_span message);
/* LK_E_SHORT: of a message; LK_E_MAC: it does not prove itself. */
LK_MUST_CHECK enum lk_status lk_noise_go(struct lk_noise *noise, enum lk_noise_need *need);
void lk_noise_dh(struct lk_noise *noise, const uint8_t shared[LK_NOISE_KEY]);
void lk_noise_psk(struct lk_noise *noise, const uint8_t psk[LK_NOISE_KEY]);
/* After the last message: the keys of what the initiator and what the responder sends. */
void lk_noise_split(const struct lk_noise *noise, uint8_t initiator[LK_NOISE_KEY],
                    uint8_t responder[LK_NOISE_KEY]);

/* One octet string under a key, ChaCha20-Poly1305 with the counter as Noise has it. out has the
 * length of in and LK_NOISE_TAG more, or less. */
void lk_noise_seal(uint8_t *out, const uint8_t key[LK_NOISE_KEY], uint64_t n,
                   struct lk_span additional, struct lk_span in);
LK_MUST_CHECK enum lk_status lk_noise_open(uint8_t *out, const uint8_t key[LK_NOISE_KEY],
                                           uint64_t n, struct lk_span additional,
                                           struct lk_span in);
/* The key after this one, from which this one cannot be had. */
void lk_noise_rekey(uint8_t key[LK_NOISE_KEY]);

#endif
