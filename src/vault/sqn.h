/* The sequence number discipline of the authentication centre (TS 33.102 annex C). Pure.
 *
 * SQN is 48 bits: SEQ (43) || IND (5). IND = node number (2) || rolling part (3), the rolling part
 * being (SEQ + epoch) mod 8, where a row's epoch counts the times SEQ has fallen. So an SQN is
 * named by (node, epoch, SEQ), and each part repeats only where another differs.
 *
 * Time mode (default): SEQ = tick + offset of the row; a tick is 0.1 s of the node's logical clock.
 * Nothing is written for a vector. Several vectors for one subscriber in a tick take SEQ + 1, + 2,
 * ... from a bounded table of recent ones. Every tick that is used lies below a ceiling which was
 * made durable before; at start the logical clock begins at the ceiling or the wall clock,
 * whichever is later, and then follows the monotonic clock: nothing repeats, nobody waits.
 *
 * Counter mode: SEQ comes from the row, which reserves a block at a time. A block is used up only
 * while the row in the store is the one that reserved it.
 *
 * In both, a record changes only where the answer says so, and then the changed row must be durable
 * before the vector is used. */
#ifndef LK_VAULT_SQN_H
#define LK_VAULT_SQN_H

#include "base/imsi.h"
#include "base/octets.h"
#include "base/reason.h"
#include "crypto/aka.h"

enum lk_sqn_mode { LK_SQN_TIME = 1, LK_SQN_COUNTER = 2 };

enum {
    LK_SQN_IND_BITS = 5,
    LK_SQN_NODES = 4,
    LK_SQN_ROLLING = 8,
    LK_SQN_TICK_MS = 100,
    LK_SQN_AHEAD_MAX = 16,    /* ticks that one subscriber's SEQ may run ahead of the clock */
    LK_SQN_CEILING_STEP = 10, /* ticks that the ceiling is written ahead: about one second */
    LK_SQN_EPOCH_MAX = 7,     /* falls of SEQ in the life of a row */
    LK_SQN_BLOCK_DEFAULT = 32,
    LK_SQN_BLOCK_MAX = 1024,
};

/* SEQ may not wrap (TS 33.102 C.3): the last that is handed out. */
#define LK_SQN_SEQ_LAST ((UINT64_C(1) << 43) - 1)
/* The farthest jump ahead that a USIM accepts (TS 33.102 C.2.1). */
#define LK_SQN_DELTA (UINT64_C(1) << 28)

uint64_t lk_sqn_seq(const uint8_t sqn[LK_SQN_LEN]);

/* What a row remembers of its sequence number. */
struct lk_sqn_record {
    enum lk_sqn_mode mode;
    int64_t offset;    /* time: SEQ = tick + offset */
    uint64_t floor;    /* no SEQ below it is handed out; counter: the first one free */
    uint64_t seq_ms;   /* the highest SEQ that a verified AUTS showed; 0: none yet */
    uint64_t block_id; /* counter: names the reservation this row made */
    uint8_t epoch;     /* falls of SEQ so far */
};

/* A record whose next SQN is above last, by the clock at tick. LK_E_VALUE at the end of the range.
 */
LK_MUST_CHECK enum lk_status lk_sqn_record_start(struct lk_sqn_record *record,
                                                 enum lk_sqn_mode mode,
                                                 const uint8_t last[LK_SQN_LEN], uint64_t tick);

/* The table of recent ones. The caller gives zeroed memory of lk_sqn_recent_size(). */
struct lk_sqn_recent;
size_t lk_sqn_recent_size(void);

/* A node's state. */
struct lk_sqn {
    enum lk_sqn_mode mode;
    uint8_t node;     /* 0 to 3 */
    uint16_t block;   /* counter: SEQs in a reservation */
    uint64_t ceiling; /* durable: only ticks below it are used */
    struct lk_sqn_recent *recent;
};

/* memory: see lk_sqn_recent_size. LK_E_VALUE when node or block is out of range. */
LK_MUST_CHECK enum lk_status lk_sqn_init(struct lk_sqn *sqn, enum lk_sqn_mode mode, unsigned node,
                                         unsigned block, void *memory);

/* True when the ceiling must be raised before anything is handed out at tick: *ceiling is what to
 * make durable and then to put into sqn->ceiling. */
bool lk_sqn_ceiling_wanted(const struct lk_sqn *sqn, uint64_t tick, uint64_t *ceiling);

/* The next SQN of the subscriber. *changed: record has changed and must be made durable first.
 * random names a reservation. LK_REASON_NONE, or why not; then record is as it was. */
LK_MUST_CHECK enum lk_reason lk_sqn_next(uint8_t out[LK_SQN_LEN], struct lk_sqn *sqn,
                                         const struct lk_imsi *imsi, struct lk_sqn_record *record,
                                         bool *changed, uint64_t tick, uint64_t random);

/* What lk_sqn_next would say to a subscriber who asked as often as this IMSI has been named here,
 * and who is not there. Whoever names many can then not tell by the refusals who is. */
LK_MUST_CHECK enum lk_reason lk_sqn_nobody(struct lk_sqn *sqn, const struct lk_imsi *imsi,
                                           uint64_t tick);

/* Corrects record after a verified AUTS that showed sqn_ms, when the next SQN would not be accepted
 * by that USIM, and leaves it alone otherwise: a repeat of the same AUTS changes nothing. */
LK_MUST_CHECK enum lk_reason lk_sqn_correct(struct lk_sqn *sqn, const struct lk_imsi *imsi,
                                            struct lk_sqn_record *record, bool *changed,
                                            const uint8_t sqn_ms[LK_SQN_LEN], uint64_t tick);

/* The logical clock: begins at the wall clock or the ceiling, whichever is later, and goes on with
 * the monotonic clock. */
struct lk_sqn_clock {
    uint64_t start_tick;
    uint64_t start_mono_ms;
};
void lk_sqn_clock_start(struct lk_sqn_clock *clock, uint64_t wall_ms, uint64_t mono_ms,
                        uint64_t ceiling);
uint64_t lk_sqn_clock_tick(const struct lk_sqn_clock *clock, uint64_t mono_ms);

/* The ceiling on disk: two slots written in turn, so that one is whole whatever is torn. */
enum { LK_CEILING_SLOT_LEN = 64, LK_CEILING_SLOTS = 2, LK_CEILING_STRIDE = 4096 };
struct lk_ceiling {
    uint8_t node;
    uint64_t generation; /* of the last slot written; slot = generation mod 2 */
    uint64_t tick;
};
void lk_ceiling_encode(uint8_t slot[LK_CEILING_SLOT_LEN], const struct lk_ceiling *ceiling);
/* The newer of the slots that are whole. LK_E_NOT_FOUND when neither is. */
LK_MUST_CHECK enum lk_status
lk_ceiling_decode(struct lk_ceiling *ceiling,
                  const uint8_t slots[LK_CEILING_SLOTS][LK_CEILING_SLOT_LEN]);

#endif
