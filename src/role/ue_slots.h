/* What a device may not forget, in a file of two slots that are written in turn: one that was torn
 * leaves the other. The file is opened before the process gives up the right to open files, and is
 * one process's.
 *
 * It belongs to one card: a file of another's is refused. */
#ifndef LK_ROLE_UE_SLOTS_H
#define LK_ROLE_UE_SLOTS_H

#include "base/imsi.h"
#include "base/octets.h"

enum { LK_UE_SLOTS_ERROR_TEXT = 256, LK_UE_SLOTS_DATA_MAX = 256 };

struct lk_ue_slots {
    int fd; /* -1: not open */
    struct lk_imsi imsi;
    uint64_t written; /* how often; 0: the file is new */
};

/* Reads len octets of what it holds into data, which stays as it is where the file is new; and
 * writes it once. key names the file in errors, empty what begins at zero without it. LK_E_DENIED:
 * it is another card's; LK_E_VALUE: neither slot is whole; LK_E_SYSTEM, and when another process
 * has it. error says why. */
LK_MUST_CHECK enum lk_status lk_ue_slots_open(struct lk_ue_slots *slots, const struct lk_imsi *imsi,
                                              uint8_t *data, size_t len, const char *path,
                                              const char *key,
                                              char error[LK_UE_SLOTS_ERROR_TEXT]);
/* LK_E_SYSTEM: it is not durable. */
LK_MUST_CHECK enum lk_status lk_ue_slots_write(struct lk_ue_slots *slots, struct lk_span data);
void lk_ue_slots_close(struct lk_ue_slots *slots);

#endif
