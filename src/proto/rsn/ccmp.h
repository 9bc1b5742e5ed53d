/* Data frames of an association under its TK (IEEE 802.11 12.5.3), through a change of the TK.
 *
 * One of these at each end of an association. It has up to three keys:
 *
 *     next  prepared: the other end may send with it already; we receive with it, and tell
 *     now   installed: we send with it, and receive
 *     old   the one before: we receive with it until the first frame under `now`, or for a time
 *
 * so that nothing is sent in clear and nothing is lost while two ends change over. All three have
 * key id 0; a frame is tried with each. Packet numbers begin at 1 under a key and only rise, replay
 * counters are a key's own: neither is ever set back, as a key that is there is not installed
 * again, and nor is one of zeroes.
 *
 * Fragments and aggregates are refused: what is never joined is not joined across keys. Frames of
 * groups are not for here: LWA has none. The caller has found the association by the addresses. */
#ifndef LK_PROTO_RSN_CCMP_H
#define LK_PROTO_RSN_CCMP_H

#include "crypto/crypto.h"
#include "keys/types.h"
#include "wire/ccmp.h"

enum {
    LK_RSN_TIDS = 16,
    /* The bound of `old`: T51: message 4 is lost over all tries of message 3, and then those of the
     * next message 1 come under `old` too; and a flight. */
    LK_RSN_OLD_TK_MS = 3000,
    LK_RSN_DATA_MAX = LK_80211_FRAME_MAX - 32 - LK_CCMP_HEADER_LEN - LK_CCMP_MIC_LEN,
};

struct lk_rsn_ccmp_key {
    bool is_set;
    struct lk_tk tk;
    struct lk_aes128 aes;
    uint64_t sent;                  /* the last packet number */
    uint64_t received[LK_RSN_TIDS]; /* the greatest of each TID */
};

struct lk_rsn_ccmp {
    struct lk_rsn_ccmp_key now, next, old;
    uint64_t old_until_ms;
    /* what was dropped */
    uint64_t replayed, altered, in_clear, in_pieces;
};

void lk_rsn_ccmp_init(struct lk_rsn_ccmp *ccmp);
void lk_rsn_ccmp_wipe(struct lk_rsn_ccmp *ccmp);
/* Receive with that key too; and send with it. LK_E_EXISTS: it is there already, and nothing has
 * changed; LK_E_VALUE: it is all zero. */
LK_MUST_CHECK enum lk_status lk_rsn_ccmp_prepare(struct lk_rsn_ccmp *ccmp, const struct lk_tk *tk);
LK_MUST_CHECK enum lk_status lk_rsn_ccmp_install(struct lk_rsn_ccmp *ccmp, const struct lk_tk *tk,
                                                 uint64_t now_ms);
/* When `old` has had its time and is to be wiped, whether or not a frame comes; UINT64_MAX: there
 * is none. */
uint64_t lk_rsn_ccmp_due_ms(const struct lk_rsn_ccmp *ccmp);
void lk_rsn_ccmp_expire(struct lk_rsn_ccmp *ccmp, uint64_t now_ms);

/* Writes header, protected, and data. LK_E_NOT_FOUND: there is no key, and nothing goes out;
 * LK_E_EXPIRED: no packet number is left: a new key is due; LK_E_UNSUPPORTED: a fragment or an
 * aggregate. */
LK_MUST_CHECK enum lk_status lk_rsn_ccmp_seal(struct lk_rsn_ccmp *ccmp, struct lk_writer *w,
                                              const struct lk_80211_header *header,
                                              struct lk_span data);

struct lk_rsn_data {
    struct lk_80211_header header;
    bool by_next; /* under the key that is prepared: the other end has it in, so install it */
    size_t len;
    uint8_t octets[LK_80211_FRAME_MAX]; /* behind the CCMP header, in clear */
};
/* Opens a frame. Otherwise it was dropped and counted: LK_E_DENIED: it is not protected;
 * LK_E_UNSUPPORTED: in pieces; LK_E_SYNC: replayed; LK_E_MAC: altered, or under another key;
 * LK_E_NOT_FOUND: there is no key; else what the decoder says. */
LK_MUST_CHECK enum lk_status lk_rsn_ccmp_open(struct lk_rsn_ccmp *ccmp, struct lk_rsn_data *data,
                                              struct lk_span frame, uint64_t now_ms);

#endif
