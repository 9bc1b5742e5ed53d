#include "base/octets.h"

#include <string.h>

struct lk_span lk_span_of(const void *at, size_t len)
{
    return (struct lk_span){ .at = at, .len = len };
}

struct lk_span lk_span_text(const char *text)
{
    return lk_span_of(text, strlen(text));
}

bool lk_span_equal(struct lk_span a, struct lk_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* ---- reader ---- */

struct lk_reader lk_reader_of(struct lk_span span)
{
    return (struct lk_reader){ .at = span.at, .left = span.len, .status = LK_OK };
}

void lk_reader_fail(struct lk_reader *r, enum lk_status status)
{
    if (r->status == LK_OK)
        r->status = status;
    r->left = 0;
}

struct lk_span lk_get_span(struct lk_reader *r, size_t len)
{
    struct lk_span taken;

    if (r->status != LK_OK || r->left < len) {
        lk_reader_fail(r, LK_E_SHORT);
        return lk_span_of(NULL, 0);
    }
    taken = lk_span_of(r->at, len);
    if (len > 0)
        r->at += len;
    r->left -= len;
    return taken;
}

static uint64_t get_be(struct lk_reader *r, size_t len)
{
    struct lk_span taken = lk_get_span(r, len);
    uint64_t value = 0;

    for (size_t i = 0; i < taken.len; i++)
        value = value << 8 | taken.at[i];
    return value;
}

uint8_t lk_get_u8(struct lk_reader *r)
{
    return (uint8_t)get_be(r, 1);
}

uint16_t lk_get_be16(struct lk_reader *r)
{
    return (uint16_t)get_be(r, 2);
}

uint32_t lk_get_be24(struct lk_reader *r)
{
    return (uint32_t)get_be(r, 3);
}

uint32_t lk_get_be32(struct lk_reader *r)
{
    uint8_t octets[sizeof(uint32_t)];

    lk_get_copy(r, octets, sizeof octets);
    return lk_be32_of(octets);
}

uint64_t lk_get_be64(struct lk_reader *r)
{
    uint8_t octets[sizeof(uint64_t)];

    lk_get_copy(r, octets, sizeof octets);
    return lk_be64_of(octets);
}

uint16_t lk_get_le16(struct lk_reader *r)
{
    uint16_t low = lk_get_u8(r), high = lk_get_u8(r);

    return r->status == LK_OK ? (uint16_t)(high << 8 | low) : 0;
}

void lk_get_copy(struct lk_reader *r, void *to, size_t len)
{
    struct lk_span taken = lk_get_span(r, len);

    if (len == 0)
        return;
    if (taken.len == len)
        memcpy(to, taken.at, len);
    else
        memset(to, 0, len);
}

struct lk_span lk_get_lv8(struct lk_reader *r)
{
    return lk_get_span(r, lk_get_u8(r));
}

struct lk_span lk_get_lv16(struct lk_reader *r)
{
    return lk_get_span(r, lk_get_be16(r));
}

struct lk_span lk_get_rest(struct lk_reader *r)
{
    return lk_get_span(r, r->left);
}

enum lk_status lk_reader_end(const struct lk_reader *r)
{
    if (r->status != LK_OK)
        return r->status;
    return r->left == 0 ? LK_OK : LK_E_TRAILING;
}

/* ---- writer ---- */

struct lk_writer lk_writer_of(void *at, size_t cap)
{
    return (struct lk_writer){ .at = at, .cap = cap, .len = 0, .status = LK_OK };
}

static uint8_t *room_for(struct lk_writer *w, size_t len)
{
    uint8_t *room;

    if (w->status != LK_OK || w->cap - w->len < len) {
        if (w->status == LK_OK)
            w->status = LK_E_FULL;
        return NULL;
    }
    room = w->at + w->len;
    w->len += len;
    return room;
}

static void put_be(struct lk_writer *w, uint64_t value, size_t len)
{
    uint8_t *room = room_for(w, len);

    if (room == NULL)
        return;
    for (size_t i = len; i > 0; i--) {
        room[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

void lk_put_u8(struct lk_writer *w, uint8_t value)
{
    put_be(w, value, 1);
}

void lk_put_be16(struct lk_writer *w, uint16_t value)
{
    put_be(w, value, 2);
}

void lk_put_be24(struct lk_writer *w, uint32_t value)
{
    put_be(w, value, 3);
}

void lk_put_be32(struct lk_writer *w, uint32_t value)
{
    uint8_t octets[sizeof value];

    lk_be32_to(octets, value);
    lk_put_octets(w, octets, sizeof octets);
}

void lk_put_be64(struct lk_writer *w, uint64_t value)
{
    uint8_t octets[sizeof value];

    lk_be64_to(octets, value);
    lk_put_octets(w, octets, sizeof octets);
}

void lk_put_le16(struct lk_writer *w, uint16_t value)
{
    lk_put_be16(w, (uint16_t)(value << 8 | value >> 8));
}

void lk_put_octets(struct lk_writer *w, const void *at, size_t len)
{
    uint8_t *room = len > 0 ? room_for(w, len) : NULL;

    if (room != NULL)
        memcpy(room, at, len);
}

void lk_put_span(struct lk_writer *w, struct lk_span span)
{
    lk_put_octets(w, span.at, span.len);
}

size_t lk_put_hole(struct lk_writer *w, size_t len)
{
    size_t offset = w->len;
    uint8_t *room = len > 0 ? room_for(w, len) : NULL;

    if (room != NULL)
        memset(room, 0, len);
    return offset;
}

void lk_put_zeroes(struct lk_writer *w, size_t len)
{
    (void)lk_put_hole(w, len);
}

static void put_lv(struct lk_writer *w, struct lk_span span, size_t len_octets)
{
    if (span.len >> (8 * len_octets) != 0) {
        if (w->status == LK_OK)
            w->status = LK_E_LENGTH;
        return;
    }
    put_be(w, span.len, len_octets);
    lk_put_span(w, span);
}

void lk_put_lv8(struct lk_writer *w, struct lk_span span)
{
    put_lv(w, span, 1);
}

void lk_put_lv16(struct lk_writer *w, struct lk_span span)
{
    put_lv(w, span, 2);
}

void lk_patch_octets(struct lk_writer *w, size_t offset, const void *at, size_t len)
{
    if (w->status != LK_OK)
        return;
    LK_ASSERT(offset <= w->len && w->len - offset >= len);
    memcpy(w->at + offset, at, len);
}

void lk_patch_u8(struct lk_writer *w, size_t offset, uint8_t value)
{
    lk_patch_octets(w, offset, &value, 1);
}

void lk_patch_be16(struct lk_writer *w, size_t offset, uint16_t value)
{
    uint8_t octets[2] = { (uint8_t)(value >> 8), (uint8_t)value };

    lk_patch_octets(w, offset, octets, sizeof octets);
}

void lk_insert_octets(struct lk_writer *w, size_t offset, const void *at, size_t len)
{
    size_t behind = w->len - offset;

    LK_ASSERT(offset <= w->len);
    if (len == 0 || room_for(w, len) == NULL)
        return;
    memmove(w->at + offset + len, w->at + offset, behind);
    memcpy(w->at + offset, at, len);
}

struct lk_span lk_writer_span(const struct lk_writer *w)
{
    return lk_span_of(w->at, w->len);
}

enum lk_status lk_writer_end(const struct lk_writer *w)
{
    return w->status;
}
