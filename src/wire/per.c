/* Packed encoding rules: X.691, basic, aligned and unaligned.
 *
 * Called by wire/xwap (aligned) and wire/rrc (unaligned). Reading first, then writing, form by form
 * in the same order. */
#include "wire/per.h"

#include <string.h>

enum {
    OCTET = 8,
    SHORT_LENGTH_MAX = 127,
    WHOLE_OCTET = 256,      /* ranges where the aligned variant changes its form */
    WHOLE_TWO_OCTETS = 65536,
    LENGTH_LIMIT = 65536,   /* an upper bound from here on is none, for a length */
    SMALL_MAX = 63,
    BITS_UNALIGNED_MAX = 16, /* strings up to here are not aligned, when their size is fixed */
};

static const struct lk_per_size unbounded = { 0, LK_PER_UNBOUNDED, false };

/* Bits that a number up to most needs. */
static unsigned bits_for(uint64_t most)
{
    unsigned bits = 0;

    for (; most > 0; most >>= 1)
        bits++;
    return bits;
}

static unsigned octets_for(uint64_t value)
{
    return value == 0 ? 1 : (bits_for(value) + OCTET - 1) / OCTET;
}

/* ---- reader ---- */

struct lk_per_reader lk_per_reader_of(struct lk_span span, enum lk_per_variant variant)
{
    return (struct lk_per_reader){ .octets = lk_reader_of(span), .variant = variant,
                                   .whole = span.len * OCTET, .left = span.len * OCTET };
}

void lk_per_fail(struct lk_per_reader *r, enum lk_status status)
{
    lk_reader_fail(&r->octets, status);
    r->left = 0;
    r->held_bits = 0;
}

enum lk_status lk_per_status(const struct lk_per_reader *r)
{
    return r->octets.status;
}

static bool failed(const struct lk_per_reader *r)
{
    return r->octets.status != LK_OK;
}

static uint32_t take_bit(struct lk_per_reader *r)
{
    if (r->held_bits == 0) {
        r->held = lk_get_u8(&r->octets);
        r->held_bits = OCTET;
    }
    r->held_bits--;
    r->left--;
    return r->held >> r->held_bits & 1u;
}

uint32_t lk_per_get_bits(struct lk_per_reader *r, unsigned count)
{
    uint32_t value = 0;

    LK_ASSERT(count <= 32);
    if (failed(r) || r->left < count) {
        lk_per_fail(r, LK_E_SHORT);
        return 0;
    }
    for (unsigned i = 0; i < count; i++)
        value = value << 1 | take_bit(r);
    return value;
}

bool lk_per_get_bool(struct lk_per_reader *r)
{
    return lk_per_get_bits(r, 1) != 0;
}

/* What pads an octet is zero. */
static void drop_padding(struct lk_per_reader *r)
{
    unsigned padding = (unsigned)(r->left % OCTET);

    if (lk_per_get_bits(r, padding) != 0)
        lk_per_fail(r, LK_E_VALUE);
}

static void align(struct lk_per_reader *r)
{
    if (r->variant == LK_PER_ALIGNED)
        drop_padding(r);
}

enum lk_status lk_per_end(struct lk_per_reader *r)
{
    /* spec: X.691 11.1 - a whole encoding is padded to octets, and an empty one is an octet of
     * zero. */
    bool empty = r->left == r->whole && r->left == OCTET;

    if (!failed(r) && !empty && r->left >= OCTET)
        return LK_E_TRAILING;
    if (r->whole == 0)
        lk_per_fail(r, LK_E_SHORT);
    if (lk_per_get_bits(r, (unsigned)r->left) != 0)
        lk_per_fail(r, LK_E_VALUE);
    return lk_per_status(r);
}

static uint64_t get_octets_value(struct lk_per_reader *r, unsigned octets)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < octets; i++)
        value = value << OCTET | lk_per_get_bits(r, OCTET);
    if (octets != octets_for(value))
        lk_per_fail(r, LK_E_VALUE);
    return value;
}

static uint64_t get_wide_bits(struct lk_per_reader *r, unsigned bits)
{
    uint64_t high = bits > 32 ? lk_per_get_bits(r, bits - 32) : 0;

    return high << 32 | lk_per_get_bits(r, bits > 32 ? 32 : bits);
}

/* spec: X.691 11.5 - a constrained whole number: as few bits as hold the range; when aligned, from
 * a range of 256 on in an octet, two, or as many as a length says. */
uint64_t lk_per_get_whole(struct lk_per_reader *r, uint64_t low, uint64_t high)
{
    uint64_t most = high - low, value;
    unsigned octets;

    if (r->variant == LK_PER_UNALIGNED || most < WHOLE_OCTET - 1) {
        value = get_wide_bits(r, bits_for(most));
    } else if (most < WHOLE_TWO_OCTETS) {
        align(r);
        value = lk_per_get_bits(r, most < WHOLE_OCTET ? OCTET : 2 * OCTET);
    } else {
        octets = 1 + lk_per_get_bits(r, bits_for(octets_for(most) - 1));
        align(r);
        if (octets > octets_for(most))
            lk_per_fail(r, LK_E_LENGTH);
        value = failed(r) ? 0 : get_octets_value(r, octets);
    }
    if (value > most)
        lk_per_fail(r, LK_E_VALUE);
    return failed(r) ? low : low + value;
}

/* spec: X.691 11.9.3.5 - an octet up to 127, two up to 16K, and fragments beyond, which are refused
 * here. */
static size_t get_free_length(struct lk_per_reader *r)
{
    uint32_t first, length;

    align(r);
    first = lk_per_get_bits(r, OCTET);
    if (first <= SHORT_LENGTH_MAX)
        return first;
    if (first >= 0xc0) {
        lk_per_fail(r, LK_E_UNSUPPORTED);
        return 0;
    }
    length = (first & 0x3f) << OCTET | lk_per_get_bits(r, OCTET);
    if (length <= SHORT_LENGTH_MAX)
        lk_per_fail(r, LK_E_VALUE);
    return length;
}

/* spec: X.691 11.9 - within bounds below 64K a length is a whole number, else it is free; an
 * extensible size says with a bit that it is outside. */
size_t lk_per_get_length(struct lk_per_reader *r, struct lk_per_size size)
{
    bool outside = size.extensible && lk_per_get_bool(r);
    size_t length;

    if (!outside && size.most < LENGTH_LIMIT)
        return (size_t)lk_per_get_whole(r, size.least, size.most);
    length = get_free_length(r);
    if (!failed(r) && (length >= size.least && length <= size.most) == outside)
        lk_per_fail(r, LK_E_LENGTH);
    return failed(r) ? size.least : length;
}

/* spec: X.691 11.6 - a normally small number: six bits, or a length and octets. */
uint32_t lk_per_get_small(struct lk_per_reader *r)
{
    size_t octets;
    uint32_t value;

    if (!lk_per_get_bool(r))
        return lk_per_get_bits(r, 6);
    octets = get_free_length(r);
    if (!failed(r) && (octets == 0 || octets > sizeof value))
        lk_per_fail(r, octets == 0 ? LK_E_LENGTH : LK_E_UNSUPPORTED);
    value = failed(r) ? 0 : (uint32_t)get_octets_value(r, (unsigned)octets);
    if (value <= SMALL_MAX)
        lk_per_fail(r, LK_E_VALUE);
    return failed(r) ? 0 : value;
}

/* spec: X.691 14 - an enumeration in its root is a whole number, beyond it a small one.
 * spec: X.691 23 - so is the index of a choice. */
uint32_t lk_per_get_index(struct lk_per_reader *r, uint32_t root, bool extensible)
{
    uint32_t beyond;

    if (!extensible || !lk_per_get_bool(r))
        return (uint32_t)lk_per_get_whole(r, 0, root - 1);
    beyond = lk_per_get_small(r);
    if (beyond > UINT32_MAX - root)
        lk_per_fail(r, LK_E_UNSUPPORTED);
    return failed(r) ? 0 : root + beyond;
}

static void get_bits_to(struct lk_per_reader *r, uint8_t *to, size_t bits)
{
    size_t len = (bits + OCTET - 1) / OCTET;
    unsigned over = (unsigned)(len * OCTET - bits);

    if (failed(r) || r->left < bits)
        lk_per_fail(r, LK_E_SHORT);
    if (r->held_bits == 0 && over == 0 && !failed(r)) {
        lk_get_copy(&r->octets, to, len);
        r->left -= bits;
        return;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned shift = i + 1 == len ? over : 0;

        to[i] = (uint8_t)(lk_per_get_bits(r, OCTET - shift) << shift);
    }
}

/* spec: X.691 16 - a bit string of a fixed size has no length, and up to 16 bits is not aligned. */
void lk_per_get_bit_string(struct lk_per_reader *r, void *to, size_t bits)
{
    if (bits > BITS_UNALIGNED_MAX)
        align(r);
    get_bits_to(r, to, bits);
}

/* spec: X.691 17 - an octet string of a fixed size has no length, and up to two octets is not
 * aligned. */
void lk_per_get_octets(struct lk_per_reader *r, void *to, size_t len)
{
    lk_per_get_bit_string(r, to, len * OCTET);
}

/* A length in units of so many bits, then the string; cap in octets. */
static size_t get_sized(struct lk_per_reader *r, uint8_t *to, size_t cap, struct lk_per_size size,
                        size_t unit)
{
    size_t len = lk_per_get_length(r, size);

    if (!failed(r) && len * unit > cap * OCTET)
        lk_per_fail(r, LK_E_FULL);
    if (failed(r))
        return 0;
    if (len > 0)
        align(r);
    get_bits_to(r, to, len * unit);
    return failed(r) ? 0 : len;
}

size_t lk_per_get_octet_string(struct lk_per_reader *r, void *to, size_t cap,
                               struct lk_per_size size)
{
    return get_sized(r, to, cap, size, OCTET);
}

size_t lk_per_get_bit_string_of(struct lk_per_reader *r, void *to, size_t cap,
                                struct lk_per_size size)
{
    return get_sized(r, to, cap, size, 1);
}

struct lk_span lk_per_get_view(struct lk_per_reader *r, size_t len)
{
    LK_ASSERT(r->variant == LK_PER_ALIGNED);
    align(r);
    if (!failed(r) && r->left / OCTET < len)
        lk_per_fail(r, LK_E_SHORT);
    if (failed(r))
        return lk_span_of(NULL, 0);
    r->left -= len * OCTET;
    return lk_get_span(&r->octets, len);
}

static void skip_octets(struct lk_per_reader *r, size_t len)
{
    /* Inside an octet as many of its bits are left behind as in front. */
    (void)lk_get_span(&r->octets, r->held_bits == 0 ? len : len - 1);
    if (r->held_bits != 0)
        r->held = lk_get_u8(&r->octets);
    r->left -= len * OCTET;
}

/* spec: X.691 11.2 - an open type is a whole encoding behind its length. */
struct lk_per_reader lk_per_get_open(struct lk_per_reader *r)
{
    size_t len = lk_per_get_length(r, unbounded);
    struct lk_per_reader inner;

    if (!failed(r) && len == 0)
        lk_per_fail(r, LK_E_LENGTH);
    if (!failed(r) && r->left / OCTET < len)
        lk_per_fail(r, LK_E_SHORT);
    inner = *r;
    if (failed(r))
        return inner;
    inner.whole = inner.left = len * OCTET;
    skip_octets(r, len);
    return inner;
}

/* spec: X.691 19.7 - how many additions there can be, less one, as a small length; then a bit for
 * each. */
uint64_t lk_per_get_additions(struct lk_per_reader *r, unsigned *count)
{
    uint64_t present = 0;

    *count = 0;
    if (lk_per_get_bool(r)) {
        lk_per_fail(r, LK_E_UNSUPPORTED);
        return 0;
    }
    *count = 1 + lk_per_get_bits(r, 6);
    for (unsigned i = 0; i < *count; i++)
        present |= (uint64_t)lk_per_get_bits(r, 1) << i;
    if (!failed(r) && present == 0)
        lk_per_fail(r, LK_E_VALUE);
    return failed(r) ? 0 : present;
}

void lk_per_skip_additions(struct lk_per_reader *r)
{
    unsigned count;
    uint64_t present = lk_per_get_additions(r, &count);

    for (; present != 0; present &= present - 1)
        (void)lk_per_get_open(r);
}

/* ---- writer ---- */

struct lk_per_writer lk_per_writer_of(void *at, size_t cap, enum lk_per_variant variant)
{
    return (struct lk_per_writer){ .octets = lk_writer_of(at, cap), .variant = variant };
}

void lk_per_put_fail(struct lk_per_writer *w, enum lk_status status)
{
    if (w->octets.status == LK_OK)
        w->octets.status = status;
}

void lk_per_put_bits(struct lk_per_writer *w, uint32_t value, unsigned count)
{
    LK_ASSERT(count <= 32);
    while (count > 0) {
        count--;
        w->held = (uint8_t)(w->held << 1 | (value >> count & 1u));
        if (++w->held_bits == OCTET) {
            lk_put_u8(&w->octets, w->held);
            w->held = w->held_bits = 0;
        }
    }
}

void lk_per_put_bool(struct lk_per_writer *w, bool value)
{
    lk_per_put_bits(w, value, 1);
}

static void pad(struct lk_per_writer *w)
{
    if (w->held_bits > 0)
        lk_per_put_bits(w, 0, OCTET - w->held_bits);
}

static void put_align(struct lk_per_writer *w)
{
    if (w->variant == LK_PER_ALIGNED)
        pad(w);
}

enum lk_status lk_per_finish(struct lk_per_writer *w)
{
    pad(w);
    if (w->octets.len == 0)
        lk_put_u8(&w->octets, 0);
    return lk_writer_end(&w->octets);
}

struct lk_span lk_per_written(const struct lk_per_writer *w)
{
    return lk_writer_span(&w->octets);
}

static void put_wide_bits(struct lk_per_writer *w, uint64_t value, unsigned bits)
{
    if (bits > 32)
        lk_per_put_bits(w, (uint32_t)(value >> 32), bits - 32);
    lk_per_put_bits(w, (uint32_t)value, bits > 32 ? 32 : bits);
}

void lk_per_put_whole(struct lk_per_writer *w, uint64_t value, uint64_t low, uint64_t high)
{
    uint64_t most = high - low;

    if (value < low || value > high) {
        lk_per_put_fail(w, LK_E_VALUE);
        return;
    }
    value -= low;
    if (w->variant == LK_PER_UNALIGNED || most < WHOLE_OCTET - 1) {
        put_wide_bits(w, value, bits_for(most));
    } else if (most < WHOLE_TWO_OCTETS) {
        put_align(w);
        lk_per_put_bits(w, (uint32_t)value, most < WHOLE_OCTET ? OCTET : 2 * OCTET);
    } else {
        lk_per_put_bits(w, octets_for(value) - 1, bits_for(octets_for(most) - 1));
        put_align(w);
        put_wide_bits(w, value, octets_for(value) * OCTET);
    }
}

static void put_free_length(struct lk_per_writer *w, size_t len)
{
    put_align(w);
    if (len <= SHORT_LENGTH_MAX)
        lk_per_put_bits(w, (uint32_t)len, OCTET);
    else if (len < LK_PER_FRAGMENT)
        lk_per_put_bits(w, (uint32_t)(0x8000 | len), 2 * OCTET);
    else
        lk_per_put_fail(w, LK_E_LENGTH);
}

void lk_per_put_length(struct lk_per_writer *w, size_t len, struct lk_per_size size)
{
    bool outside = len < size.least || len > size.most;

    if (outside && !size.extensible) {
        lk_per_put_fail(w, LK_E_LENGTH);
        return;
    }
    if (size.extensible)
        lk_per_put_bool(w, outside);
    if (!outside && size.most < LENGTH_LIMIT)
        lk_per_put_whole(w, len, size.least, size.most);
    else
        put_free_length(w, len);
}

void lk_per_put_small(struct lk_per_writer *w, uint32_t value)
{
    lk_per_put_bool(w, value > SMALL_MAX);
    if (value <= SMALL_MAX) {
        lk_per_put_bits(w, value, 6);
        return;
    }
    put_free_length(w, octets_for(value));
    lk_per_put_bits(w, value, octets_for(value) * OCTET);
}

void lk_per_put_index(struct lk_per_writer *w, uint32_t index, uint32_t root, bool extensible)
{
    if (index >= root && !extensible)
        lk_per_put_fail(w, LK_E_VALUE);
    if (extensible)
        lk_per_put_bool(w, index >= root);
    if (index >= root)
        lk_per_put_small(w, index - root);
    else
        lk_per_put_whole(w, index, 0, root - 1);
}

static void put_bits_of(struct lk_per_writer *w, const uint8_t *at, size_t bits)
{
    size_t whole = w->held_bits == 0 ? bits / OCTET : 0;

    lk_put_octets(&w->octets, at, whole);
    bits -= whole * OCTET;
    for (size_t i = whole; bits > 0; i++) {
        unsigned count = bits < OCTET ? (unsigned)bits : OCTET;

        lk_per_put_bits(w, at[i] >> (OCTET - count), count);
        bits -= count;
    }
}

void lk_per_put_bit_string(struct lk_per_writer *w, const void *at, size_t bits)
{
    if (bits > BITS_UNALIGNED_MAX)
        put_align(w);
    put_bits_of(w, at, bits);
}

void lk_per_put_octets(struct lk_per_writer *w, const void *at, size_t len)
{
    lk_per_put_bit_string(w, at, len * OCTET);
}

void lk_per_put_octet_string(struct lk_per_writer *w, struct lk_span span, struct lk_per_size size)
{
    lk_per_put_length(w, span.len, size);
    if (span.len > 0)
        lk_per_put_span(w, span);
}

void lk_per_put_bit_string_of(struct lk_per_writer *w, const void *at, size_t bits,
                              struct lk_per_size size)
{
    lk_per_put_length(w, bits, size);
    if (bits > 0)
        put_align(w);
    put_bits_of(w, at, bits);
}

void lk_per_put_span(struct lk_per_writer *w, struct lk_span span)
{
    put_align(w);
    put_bits_of(w, span.at, span.len * OCTET);
}

void lk_per_put_open(struct lk_per_writer *w, struct lk_per_writer *inner)
{
    enum lk_status status = lk_per_finish(inner);

    if (status != LK_OK)
        lk_per_put_fail(w, status);
    else
        lk_per_put_octet_string(w, lk_per_written(inner), unbounded);
}

void lk_per_put_additions(struct lk_per_writer *w, uint64_t present, unsigned count)
{
    LK_ASSERT(count > 0 && count <= LK_PER_ADDITIONS_MAX);
    lk_per_put_bool(w, false);
    lk_per_put_bits(w, count - 1, 6);
    for (unsigned i = 0; i < count; i++)
        lk_per_put_bits(w, present >> i & 1u, 1);
}
