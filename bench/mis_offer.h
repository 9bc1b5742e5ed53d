/* What a serving PoS says to a target: N2N_Prereg_Xfer requests with a K, a public key of X25519
 * and a start mark, all of one length. The generator sends them, and the floor knows what in them
 * takes cryptography without looking for it. */
#ifndef LK_BENCH_MIS_OFFER_H
#define LK_BENCH_MIS_OFFER_H

#include <uv.h>

#include "io/stream.h"
#include "keys/mis.h"
#include "keys/mis_start.h"
#include "proto/mis/agree.h"

#define BENCH_SPOS "pos@a.example"
#define BENCH_TPOS "pos@b.example"
#define BENCH_HOME "home.example"

enum { BENCH_OFFER_MAX = 768, BENCH_MN_MAX = 48, BENCH_TID_AT = 4 };

struct bench_offer {
    size_t len, nonce_at, key_at, dh_at, mark_at, mark_len;
    char mn[BENCH_MN_MAX];
    uint8_t octets[BENCH_OFFER_MAX];
};

/* Of the MN of that number, whose home is the bench's. */
void bench_offer_make(struct bench_offer *offer, uint32_t number);
/* The key of that home. */
void bench_home_key(struct lk_home_key *key);
/* What the bench's PoS of that name trusts: NAME.crt, NAME.key and ca.crt of that folder. */
struct lk_stream_trust *bench_trust(const char *folder, const char *name);
/* Where that stands in it, as it does. */
size_t bench_place_of(struct lk_span what, struct lk_span within);
/* The message that begins there, whole: its length; 0: not yet. */
size_t bench_message_len(struct lk_span octets);

#endif
