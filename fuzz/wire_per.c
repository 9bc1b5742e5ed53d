/* Octets as a list of forms and an encoding of them, aligned or not: what is read, whatever the
 * forms, is written as the same bits. */
#include "fuzz.h"

#include <string.h>

#include "wire/per.h"

enum { FORMS_MAX = 16, STRING_CAP = 600 };
enum form { BITS, RANGE, WIDE, INDEX, SMALL, LENGTH, OCTETS, STRING, BIT_STRING, OPEN, ADDITIONS };
enum { FORM_COUNT = ADDITIONS + 1 };

static const struct lk_per_size sizes[] = {
    { 0, LK_PER_UNBOUNDED, false }, { 1, 256, false }, { 1, 160, true }, { 0, 3, true },
};

/* Reads one form; writes what it read. */
static void mirror_string(struct lk_per_writer *w, struct lk_per_reader *r, enum form form,
                          uint8_t argument)
{
    struct lk_per_size size = sizes[argument % LK_COUNT_OF(sizes)];
    uint8_t room[STRING_CAP] = { 0 };
    size_t len;

    if (form == OCTETS) {
        lk_per_get_octets(r, room, argument);
        lk_per_put_octets(w, room, argument);
    } else if (form == STRING) {
        len = lk_per_get_octet_string(r, room, sizeof room, size);
        if (lk_per_status(r) == LK_OK)
            lk_per_put_octet_string(w, lk_span_of(room, len), size);
    } else {
        len = lk_per_get_bit_string_of(r, room, sizeof room, size);
        if (lk_per_status(r) == LK_OK)
            lk_per_put_bit_string_of(w, room, len, size);
    }
}

static void mirror_open(struct lk_per_writer *w, struct lk_per_reader *r)
{
    static uint8_t room[LK_PER_FRAGMENT];
    struct lk_per_reader inner = lk_per_get_open(r);
    struct lk_per_writer copy = lk_per_writer_of(room, sizeof room, w->variant);

    if (lk_per_status(r) != LK_OK)
        return;
    LK_ASSERT(inner.left % 8 == 0 && inner.left > 0);
    while (inner.left > 0)
        lk_per_put_bits(&copy, lk_per_get_bits(&inner, 8), 8);
    LK_ASSERT(lk_per_end(&inner) == LK_OK);
    lk_per_put_open(w, &copy);
}

static void mirror(struct lk_per_writer *w, struct lk_per_reader *r, uint8_t what)
{
    uint8_t argument = what / FORM_COUNT;
    enum form form = (enum form)(what % FORM_COUNT);
    struct lk_per_size size = sizes[argument % LK_COUNT_OF(sizes)];
    uint64_t most = form == WIDE ? UINT64_MAX >> 2 * argument : (uint64_t)argument * 53;
    unsigned count;

    switch (form) {
    case BITS: lk_per_put_bits(w, lk_per_get_bits(r, argument), argument); break;
    case RANGE:
    case WIDE: lk_per_put_whole(w, lk_per_get_whole(r, 0, most), 0, most); break;
    case INDEX: lk_per_put_index(w, lk_per_get_index(r, argument + 1u, true), argument + 1u, true);
        break;
    case SMALL: lk_per_put_small(w, lk_per_get_small(r)); break;
    case LENGTH: lk_per_put_length(w, lk_per_get_length(r, size), size); break;
    case OCTETS:
    case STRING:
    case BIT_STRING: mirror_string(w, r, form, argument); break;
    case OPEN: mirror_open(w, r); break;
    case ADDITIONS:
        most = lk_per_get_additions(r, &count);
        if (lk_per_status(r) == LK_OK)
            lk_per_put_additions(w, most, count);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    static uint8_t room[8192];
    struct lk_reader head = lk_reader_of(lk_span_of(octets, len));
    enum lk_per_variant variant = lk_get_u8(&head) & 1 ? LK_PER_ALIGNED : LK_PER_UNALIGNED;
    struct lk_span forms = lk_get_lv8(&head), payload = lk_get_rest(&head);
    struct lk_per_reader r = lk_per_reader_of(payload, variant);
    struct lk_per_writer w = lk_per_writer_of(room, sizeof room, variant);
    size_t bits;

    if (head.status != LK_OK || forms.len > FORMS_MAX || payload.len > sizeof room)
        return 0;
    for (size_t i = 0; i < forms.len && lk_per_status(&r) == LK_OK; i++)
        mirror(&w, &r, forms.at[i]);
    if (lk_per_status(&r) != LK_OK)
        return 0;
    bits = r.whole - r.left;
    LK_ASSERT(bits == w.octets.len * 8 + w.held_bits);
    LK_ASSERT(lk_per_finish(&w) == LK_OK);
    for (size_t i = 0; i < bits; i++)
        LK_ASSERT(((payload.at[i / 8] ^ room[i / 8]) & 0x80 >> i % 8) == 0);
    return 0;
}
