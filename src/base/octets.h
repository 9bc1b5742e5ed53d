/* Octets: span, reader, writer. The only code of the project that does buffer arithmetic.
 *
 * A span is a view: it owns nothing and dies with what it looks at. The reader remembers its first
 * failure and yields zeroes and empty spans after it, so that a decoder reads its fields straight
 * down and judges once, with lk_reader_end(). The writer does the same for encoders. Integers are
 * big-endian, as on every wire that we speak but one: in IEEE 802.11 the least octet is first. */
#ifndef LK_BASE_OCTETS_H
#define LK_BASE_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/status.h"

struct lk_span {
    const uint8_t *at;
    size_t len;
};

/* A view of len octets at at. */
struct lk_span lk_span_of(const void *at, size_t len);
/* A view of a C string without its terminator. */
struct lk_span lk_span_text(const char *text);
/* Same length and same octets. For public octets only: secrets go through lk_same_secret. */
bool lk_span_equal(struct lk_span a, struct lk_span b);
/* The whole array, by its own size. */
#define LK_SPAN(array) lk_span_of((array), sizeof(array))

/* Four octets and eight as a number, and back: one load or store each, for what is in every message
 * and in every record. */
static inline uint32_t lk_be32_of(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t lk_be64_of(const uint8_t *at)
{
    return (uint64_t)lk_be32_of(at) << 32 | lk_be32_of(at + 4);
}

static inline void lk_be32_to(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static inline void lk_be64_to(uint8_t *at, uint64_t value)
{
    lk_be32_to(at, (uint32_t)(value >> 32));
    lk_be32_to(at + 4, (uint32_t)value);
}

struct lk_reader {
    const uint8_t *at;
    size_t left;
    enum lk_status status; /* the first failure, or LK_OK */
};

struct lk_reader lk_reader_of(struct lk_span span);
uint8_t lk_get_u8(struct lk_reader *r);
uint16_t lk_get_be16(struct lk_reader *r);
uint32_t lk_get_be24(struct lk_reader *r);
uint32_t lk_get_be32(struct lk_reader *r);
uint64_t lk_get_be64(struct lk_reader *r);
uint16_t lk_get_le16(struct lk_reader *r);
/* The next len octets as a view; empty after a failure. */
struct lk_span lk_get_span(struct lk_reader *r, size_t len);
/* The next len octets copied to to; zeroes after a failure. */
void lk_get_copy(struct lk_reader *r, void *to, size_t len);
/* A length of one or two octets, then that many octets. */
struct lk_span lk_get_lv8(struct lk_reader *r);
struct lk_span lk_get_lv16(struct lk_reader *r);
/* All that is left. */
struct lk_span lk_get_rest(struct lk_reader *r);
/* Records a failure found by the caller (a bad value, say), unless one is there already. */
void lk_reader_fail(struct lk_reader *r, enum lk_status status);
/* LK_OK when all went well and nothing is left; LK_E_TRAILING when octets are left over. */
LK_MUST_CHECK enum lk_status lk_reader_end(const struct lk_reader *r);

struct lk_writer {
    uint8_t *at;
    size_t cap;
    size_t len;
    enum lk_status status;
};

struct lk_writer lk_writer_of(void *at, size_t cap);
void lk_put_u8(struct lk_writer *w, uint8_t value);
void lk_put_be16(struct lk_writer *w, uint16_t value);
void lk_put_be24(struct lk_writer *w, uint32_t value);
void lk_put_be32(struct lk_writer *w, uint32_t value);
void lk_put_be64(struct lk_writer *w, uint64_t value);
void lk_put_le16(struct lk_writer *w, uint16_t value);
void lk_put_span(struct lk_writer *w, struct lk_span span);
void lk_put_octets(struct lk_writer *w, const void *at, size_t len);
void lk_put_zeroes(struct lk_writer *w, size_t len);
void lk_put_lv8(struct lk_writer *w, struct lk_span span);
void lk_put_lv16(struct lk_writer *w, struct lk_span span);
/* Reserves len octets, zeroed, and returns where they are (an offset from the start), so that a
 * length or a MAC can be filled in later with lk_patch_*. */
size_t lk_put_hole(struct lk_writer *w, size_t len);
void lk_patch_u8(struct lk_writer *w, size_t offset, uint8_t value);
void lk_patch_be16(struct lk_writer *w, size_t offset, uint16_t value);
void lk_patch_octets(struct lk_writer *w, size_t offset, const void *at, size_t len);
/* Puts octets in at offset, before what stands there: a length before what it is the length of. */
void lk_insert_octets(struct lk_writer *w, size_t offset, const void *at, size_t len);
/* What has been written so far. */
struct lk_span lk_writer_span(const struct lk_writer *w);
/* LK_OK, or LK_E_FULL when something did not fit, or the status of a failed length. */
LK_MUST_CHECK enum lk_status lk_writer_end(const struct lk_writer *w);

#endif
