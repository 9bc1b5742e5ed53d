/* Two ends of an SA of MIS, what they send, and what comes of it. One test program has one. */
#ifndef LK_TESTS_MIS_SA_RIG_H
#define LK_TESTS_MIS_SA_RIG_H

#include "proto/mis/sa.h"

enum { MIS_EXPIRES_MS = 3600000 };
#define MIS_CODES (&lk_mis_codes_default)

extern const uint8_t mis_iv[LK_MIS_IV_LEN];
extern struct lk_mis_opened opened; /* the last list that was opened */

struct mis_ends {
    struct lk_mis_sa mn, pos;
};
/* mn1@home.example and tpos@b.example; an SA that an SPoS made. */
struct lk_mis_sa_start mis_start_of(enum lk_mis_role role, const struct lk_mis_agreed *agreed,
                                    const struct lk_mis_keys *keys);
struct mis_ends mis_ends_of(enum lk_mis_suite suite);

struct mis_frame {
    uint8_t at[LK_MIS_LIST_MAX + 1024];
    size_t len;
};
/* Of MIS_Prereg_Xfer. */
struct lk_mis_header mis_header(enum lk_mis_opcode opcode);
enum lk_status mis_protect(struct lk_mis_sa *sa, struct mis_frame *frame, struct lk_span list,
                           uint64_t now_ms);
/* The same of a list of four octets, at once. */
struct mis_frame mis_sent_by(struct lk_mis_sa *sa);
/* Decoded and opened; or the status of what refused it. */
enum lk_status mis_heard_by(struct lk_mis_sa *sa, struct lk_span octets, uint64_t now_ms);
enum lk_status mis_hears(struct lk_mis_sa *sa, const struct mis_frame *frame);

#endif
