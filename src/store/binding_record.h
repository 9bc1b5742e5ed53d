/* Between the files of the log of bindings: one record, as its octets. */
#ifndef LK_STORE_BINDING_RECORD_H
#define LK_STORE_BINDING_RECORD_H

#include "store/bindings.h"

/* The first octet of a batch: those of another form are told apart. In batches of form 1 there is
 * PMIPv6 alone, its part amid what all records have; in those of form 2 a record has all that it
 * may have, in form 3 what is there. */
enum { LK_RECORDS_PMIP = 1, LK_RECORDS_FULL = 2, LK_RECORDS = 3 };
/* Length, key, flags, service; epoch, protocol; prefix, address, the owner's name; times and
 * octets, and what else a protocol has. */
enum { LK_RECORD_MAX = 2 + 8 + 1 + 1 + LK_BINDING_SERVICE_MAX + 8 + 1 + 17 + 4 + 1 +
                       LK_BINDING_NAME_MAX + 32 + UINT8_MAX };

/* A record of form 3, its key read: views. */
struct lk_record_unread {
    uint64_t key; /* lk_store_key */
    uint8_t flags;
    struct lk_span service, rest;
};

/* Of form 3. before: the record in front of it in the batch; NULL: it is the first. */
void lk_record_pack(struct lk_writer *w, const struct lk_binding_record *b,
                    const struct lk_binding_record *before);
/* service: that of the record before it. LK_E_STORE. */
LK_MUST_CHECK enum lk_status lk_record_get(struct lk_record_unread *record, struct lk_reader *r,
                                           struct lk_span service);
LK_MUST_CHECK enum lk_status lk_record_unpack(struct lk_binding_record *b,
                                              const struct lk_record_unread *record);
/* Of form 1 or 2. */
LK_MUST_CHECK enum lk_status lk_record_unpack_old(struct lk_binding_record *b, struct lk_reader *r,
                                                  uint8_t form);
/* name has room for cap octets, the terminator among them, and is zeroes. */
void lk_record_get_name(struct lk_reader *r, char *name, size_t cap);

#endif
