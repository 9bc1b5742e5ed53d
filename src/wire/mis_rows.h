/* Between the files of wire/mis: the TLVs, one row a type, in the order in which they are written.
 *
 * A row names the member of struct lk_mis_message, the form of its value, and limits. A new TLV is
 * a row and a member. */
#ifndef LK_WIRE_MIS_ROWS_H
#define LK_WIRE_MIS_ROWS_H

#include "wire/mis.h"

enum { LK_MIS_ROWS = LK_MIS_TLV_COUNT };

struct lk_mis_row {
    enum lk_mis_tlv tlv;
    uint8_t type;             /* 0: one of the codes */
    enum lk_mis_own_tlv own;
    bool secures;             /* bad, or there again: the message is refused */
    bool holds_key;           /* in no clear: neither under an SA that hides nothing, nor told */
    uint16_t least, most;     /* octets, of what is raw, a string or a bitmap; else 0 */
    size_t member, size;
    void (*get)(struct lk_reader *r, void *member, const struct lk_mis_row *row,
                const struct lk_mis_codes *codes);
    void (*put)(struct lk_writer *w, const void *member, const struct lk_mis_row *row,
                const struct lk_mis_codes *codes);
    const char *name;
};

extern const struct lk_mis_row lk_mis_rows[LK_MIS_ROWS];

#endif
