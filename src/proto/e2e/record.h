/* What is said in a session: records, each under a key of its direction and with a number that
 * never comes again.
 *
 * The sender changes its key (Noise' REKEY) after so many records and after so much time, and says
 * so by the next epoch; the key before is gone. Over a stream each record has the number after the
 * last one, and whatever else comes ends the session. In datagrams a number is taken once, in any
 * order within a window, and of the epoch before as well. */
#ifndef LK_PROTO_E2E_RECORD_H
#define LK_PROTO_E2E_RECORD_H

#include "proto/e2e/noise.h"
#include "wire/e2e.h"

enum {
    LK_E2E_WINDOW = 64,     /* numbers */
    LK_E2E_EPOCHS_LOST = 4, /* so many may be skipped in datagrams */
    LK_E2E_EPOCH_LAST = 0xffff,
};
#define LK_E2E_REKEY_RECORDS (UINT64_C(1) << 20)
#define LK_E2E_REKEY_MS (UINT64_C(3600) * 1000)

struct lk_e2e_epoch {
    bool is;
    uint16_t number;
    uint64_t next;   /* above all numbers that were there */
    uint64_t window; /* bit i: next - 1 - i was there */
    uint8_t key[LK_NOISE_KEY];
};

/* Secret as a whole: the caller wipes it. */
struct lk_e2e_channel {
    bool datagrams;
    uint64_t rekey_records, rekey_ms, rekeyed_ms;
    struct lk_e2e_epoch sends, takes, before; /* before: of takes, in datagrams */
};

void lk_e2e_channel_start(struct lk_e2e_channel *channel, bool datagrams,
                          const uint8_t sends[LK_NOISE_KEY], const uint8_t takes[LK_NOISE_KEY],
                          uint64_t now_ms);
/* Puts one frame into w. LK_E_EXPIRED: the session has no more numbers. LK_E_LENGTH: too much. */
LK_MUST_CHECK enum lk_status lk_e2e_channel_say(struct lk_e2e_channel *channel, struct lk_writer *w,
                                                enum lk_e2e_type type, struct lk_span text,
                                                uint64_t now_ms);
/* Opens a frame of type FINISH to CLOSE: writes 10 + LK_E2E_TAG octets less than its body has.
 * Nothing has changed when it is not LK_OK: LK_E_TWICE: was there, or is too old; LK_E_MAC;
 * LK_E_UNEXPECTED: over a stream, not the next. */
LK_MUST_CHECK enum lk_status lk_e2e_channel_take(struct lk_e2e_channel *channel, uint8_t *out,
                                                 size_t *len, const struct lk_e2e_frame *frame);

#endif
