/* What the generator of registrations, and the floor under the home agent, say in either Mobile IP:
 * messages are made once by the codec, and what differs is written into them. */
#ifndef LK_BENCH_MIP_WORDS_H
#define LK_BENCH_MIP_WORDS_H

#include "base/octets.h"

enum {
    BENCH_MIP_OCTETS = 768,
    /* Of what goes between an agent and its AAA, and of the reply with a nonce. */
    BENCH_MIP_QUESTION = 288,
    BENCH_MIP_TAG = 2, /* its last octets, and those of the answer: whose it is */
    BENCH_MIP_GIVEN = 142,
    BENCH_MIP_KEY_REPLY = 142,
};

enum bench_mip_answer { BENCH_MIP_NONE, BENCH_MIP_ACCEPTED, BENCH_MIP_REFUSED };

struct bench_mip_words {
    const char *algorithm; /* as the file of associations has it */
    void (*begin)(void);
    /* A request of that node; us since 1970 order it. Returns its length. */
    size_t (*request)(uint8_t octets[BENCH_MIP_OCTETS], uint32_t number, uint64_t us);
    enum bench_mip_answer (*answer)(struct lk_span octets);
    /* T13: as any stack answers an echo request in its tunnel. Returns the length; 0: none. */
    size_t (*echo)(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span request);
    /* The floor: verifies the authenticator of a request, and makes an answer as long as a home
     * agent's, with one. Returns its length; 0: it is not proven. */
    size_t (*floor)(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span request);
    /* NULL, or the floor is of two: what the first asks the other for a request, and what it
     * answers when the other has. */
    size_t (*question)(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span request);
    size_t (*reply)(uint8_t octets[BENCH_MIP_OCTETS], struct lk_span given);
};

extern const struct bench_mip_words bench_mip4, bench_mip6, bench_mip_keys;

#endif
