/* Packed encoding rules (X.691), aligned for XwAP and unaligned for RRC: bits on a checked cursor.
 *
 * Reader and writer remember their first failure as those of base/octets do: a decoder reads its
 * fields straight down and judges once. Both are strict, so that what decodes has one encoding:
 * padding is zero, a length and a number are as short as they can be. A length of 16K or more would
 * come in fragments; none of our messages is that long, so a fragment is refused. */
#ifndef LK_WIRE_PER_H
#define LK_WIRE_PER_H

#include "base/octets.h"

enum lk_per_variant { LK_PER_ALIGNED, LK_PER_UNALIGNED };

enum {
    LK_PER_FRAGMENT = 16384, /* a length from here on comes in fragments */
    LK_PER_ADDITIONS_MAX = 64, /* extension additions in a row that we look at */
};

/* How many octets, bits or elements there may be. */
struct lk_per_size {
    uint32_t least, most;
    bool extensible; /* values outside are allowed, behind a bit that says so */
};
/* Without an upper bound. */
#define LK_PER_UNBOUNDED UINT32_MAX

struct lk_per_reader {
    struct lk_reader octets;
    enum lk_per_variant variant;
    size_t whole, left; /* bits */
    uint8_t held;       /* the octet in hand */
    uint8_t held_bits;  /* of it not yet read */
};

struct lk_per_reader lk_per_reader_of(struct lk_span span, enum lk_per_variant variant);
void lk_per_fail(struct lk_per_reader *r, enum lk_status status);
/* LK_OK until the first failure. */
LK_MUST_CHECK enum lk_status lk_per_status(const struct lk_per_reader *r);
/* LK_OK when all went well and no more than the padding of the last octet is left. */
LK_MUST_CHECK enum lk_status lk_per_end(struct lk_per_reader *r);

/* The next count bits, at most 32. */
uint32_t lk_per_get_bits(struct lk_per_reader *r, unsigned count);
bool lk_per_get_bool(struct lk_per_reader *r);
/* A constrained whole number: low to high. low after a failure. */
uint64_t lk_per_get_whole(struct lk_per_reader *r, uint64_t low, uint64_t high);
/* A normally small number; LK_E_UNSUPPORTED when it does not fit. */
uint32_t lk_per_get_small(struct lk_per_reader *r);
/* A length, of a SEQUENCE OF for instance. least after a failure. */
size_t lk_per_get_length(struct lk_per_reader *r, struct lk_per_size size);
/* Which value of an ENUMERATED or alternative of a CHOICE with root values before the extension
 * mark; what is beyond it counts on from root. */
uint32_t lk_per_get_index(struct lk_per_reader *r, uint32_t root, bool extensible);
/* OCTET STRING and BIT STRING of a fixed size; bits from the highest of the first octet on. */
void lk_per_get_octets(struct lk_per_reader *r, void *to, size_t len);
void lk_per_get_bit_string(struct lk_per_reader *r, void *to, size_t bits);
/* OCTET STRING and BIT STRING of a size that varies, at most cap octets (else LK_E_FULL). Return
 * how many octets, bits. */
size_t lk_per_get_octet_string(struct lk_per_reader *r, void *to, size_t cap,
                               struct lk_per_size size);
size_t lk_per_get_bit_string_of(struct lk_per_reader *r, void *to, size_t cap,
                                struct lk_per_size size);
/* Aligned only: octets at an octet's boundary as a view. */
struct lk_span lk_per_get_view(struct lk_per_reader *r, size_t len);
/* An open type: a reader of just its octets; the outer reader is behind it. lk_per_end() judges it,
 * and whoever leaves it alone has skipped it. After a failure of the outer reader it has failed. */
struct lk_per_reader lk_per_get_open(struct lk_per_reader *r);
/* What a SEQUENCE with its extension bit set has at its end: which additions are there (bit 0 the
 * first) and how many there can be. Each that is there follows as an open type. LK_E_UNSUPPORTED:
 * more than LK_PER_ADDITIONS_MAX. */
uint64_t lk_per_get_additions(struct lk_per_reader *r, unsigned *count);
/* Passes over additions that nobody knows. */
void lk_per_skip_additions(struct lk_per_reader *r);

struct lk_per_writer {
    struct lk_writer octets;
    enum lk_per_variant variant;
    uint8_t held, held_bits; /* bits not yet written, from the highest */
};

struct lk_per_writer lk_per_writer_of(void *at, size_t cap, enum lk_per_variant variant);
void lk_per_put_fail(struct lk_per_writer *w, enum lk_status status);
/* Pads the last octet; an encoding has at least one. LK_OK, LK_E_FULL, LK_E_VALUE: a value outside
 * its limits, LK_E_LENGTH: a length that would come in fragments. */
LK_MUST_CHECK enum lk_status lk_per_finish(struct lk_per_writer *w);
/* What lk_per_finish() ended. */
struct lk_span lk_per_written(const struct lk_per_writer *w);

void lk_per_put_bits(struct lk_per_writer *w, uint32_t value, unsigned count);
void lk_per_put_bool(struct lk_per_writer *w, bool value);
void lk_per_put_whole(struct lk_per_writer *w, uint64_t value, uint64_t low, uint64_t high);
void lk_per_put_small(struct lk_per_writer *w, uint32_t value);
void lk_per_put_length(struct lk_per_writer *w, size_t len, struct lk_per_size size);
void lk_per_put_index(struct lk_per_writer *w, uint32_t index, uint32_t root, bool extensible);
void lk_per_put_octets(struct lk_per_writer *w, const void *at, size_t len);
void lk_per_put_bit_string(struct lk_per_writer *w, const void *at, size_t bits);
void lk_per_put_octet_string(struct lk_per_writer *w, struct lk_span span, struct lk_per_size size);
void lk_per_put_bit_string_of(struct lk_per_writer *w, const void *at, size_t bits,
                              struct lk_per_size size);
/* Octets at an octet's boundary (aligned), or just where the writer is (unaligned). */
void lk_per_put_span(struct lk_per_writer *w, struct lk_span span);
/* An open type around what inner has, which is finished with it. */
void lk_per_put_open(struct lk_per_writer *w, struct lk_per_writer *inner);
void lk_per_put_additions(struct lk_per_writer *w, uint64_t present, unsigned count);

#endif
