/* wire/per: each form of the packed encoding rules, octet by octet as another implementation writes
 * it, aligned and unaligned; every truncation; what is not the shortest form is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vectors.h"
#include "wire/per.h"

/* The SEQUENCE of tests/vectors/per.json, with these members:
 *   a 0..254   b 0..255   c 0..65535   d 0..65536   e 3..3   f 0..10^10   g 5..6
 *   i ENUMERATED of three, then two beyond the mark   j ENUMERATED of three
 *   k, l OCTET STRING of 2, 3   m, n BIT STRING of 16, 20   o OCTET STRING of 1..32
 *   p BIT STRING of 1..160 and beyond   q OCTET STRING   s 1..256 of 0..7   t 1..1024 of BOOLEAN
 *   u BOOLEAN   [[ v 0..65535 OPTIONAL ]]   w OCTET STRING of 6 */
enum { LONG = 200, MANY = 4 };
struct members {
    uint64_t a, b, c, d, e, f, g;
    uint32_t i, j;
    uint8_t k[2], l[3], m[2], n[3], o[32], p[32], q[LONG + 1], s[MANY], t[MANY], w[6];
    size_t o_len, p_bits, q_len, s_count, t_count;
    bool u, has_v;
    uint64_t v;
};

static const struct lk_per_size size_o = { 1, 32, false }, size_p = { 1, 160, true },
                                size_q = { 0, LK_PER_UNBOUNDED, false },
                                size_s = { 1, 256, false }, size_t_ = { 1, 1024, false };

static void get_strings(struct members *m, struct lk_per_reader *r)
{
    lk_per_get_octets(r, m->k, sizeof m->k);
    lk_per_get_octets(r, m->l, sizeof m->l);
    lk_per_get_bit_string(r, m->m, 16);
    lk_per_get_bit_string(r, m->n, 20);
    m->o_len = lk_per_get_octet_string(r, m->o, sizeof m->o, size_o);
    m->p_bits = lk_per_get_bit_string_of(r, m->p, sizeof m->p, size_p);
    m->q_len = lk_per_get_octet_string(r, m->q, sizeof m->q, size_q);
}

static enum lk_status get_members(struct members *m, struct lk_per_reader *r)
{
    bool additions = lk_per_get_bool(r);
    struct lk_per_reader inner, w;
    uint64_t present;
    unsigned count;

    memset(m, 0, sizeof *m);
    m->a = lk_per_get_whole(r, 0, 254);
    m->b = lk_per_get_whole(r, 0, 255);
    m->c = lk_per_get_whole(r, 0, 65535);
    m->d = lk_per_get_whole(r, 0, 65536);
    m->e = lk_per_get_whole(r, 3, 3);
    m->f = lk_per_get_whole(r, 0, UINT64_C(10000000000));
    m->g = lk_per_get_whole(r, 5, 6);
    m->i = lk_per_get_index(r, 3, true);
    m->j = lk_per_get_index(r, 3, false);
    get_strings(m, r);
    m->s_count = lk_per_get_length(r, size_s);
    for (size_t i = 0; i < m->s_count; i++)
        m->s[i % MANY] = (uint8_t)lk_per_get_whole(r, 0, 7);
    m->t_count = lk_per_get_length(r, size_t_);
    for (size_t i = 0; i < m->t_count; i++)
        m->t[i % MANY] = lk_per_get_bool(r);
    m->u = lk_per_get_bool(r);
    if (!additions)
        return lk_per_end(r);
    present = lk_per_get_additions(r, &count);
    if (present & 1) {
        inner = lk_per_get_open(r);
        m->has_v = lk_per_get_bool(&inner);
        if (m->has_v)
            m->v = lk_per_get_whole(&inner, 0, 65535);
        if (lk_per_end(&inner) != LK_OK)
            return lk_per_status(r) != LK_OK ? lk_per_status(r) : LK_E_VALUE;
    }
    w = lk_per_get_open(r);
    lk_per_get_octets(&w, m->w, sizeof m->w);
    if (lk_per_status(r) == LK_OK && lk_per_end(&w) != LK_OK)
        return LK_E_VALUE;
    return lk_per_end(r);
}

static void put_additions(const struct members *m, struct lk_per_writer *w)
{
    uint8_t room[16];
    struct lk_per_writer inner = lk_per_writer_of(room, sizeof room, w->variant);

    lk_per_put_additions(w, m->has_v ? 3 : 2, 2);
    if (m->has_v) {
        lk_per_put_bool(&inner, true);
        lk_per_put_whole(&inner, m->v, 0, 65535);
        lk_per_put_open(w, &inner);
    }
    inner = lk_per_writer_of(room, sizeof room, w->variant);
    lk_per_put_octets(&inner, m->w, sizeof m->w);
    lk_per_put_open(w, &inner);
}

static enum lk_status put_members(struct lk_per_writer *w, const struct members *m)
{
    lk_per_put_bool(w, true);
    lk_per_put_whole(w, m->a, 0, 254);
    lk_per_put_whole(w, m->b, 0, 255);
    lk_per_put_whole(w, m->c, 0, 65535);
    lk_per_put_whole(w, m->d, 0, 65536);
    lk_per_put_whole(w, m->e, 3, 3);
    lk_per_put_whole(w, m->f, 0, UINT64_C(10000000000));
    lk_per_put_whole(w, m->g, 5, 6);
    lk_per_put_index(w, m->i, 3, true);
    lk_per_put_index(w, m->j, 3, false);
    lk_per_put_octets(w, m->k, sizeof m->k);
    lk_per_put_octets(w, m->l, sizeof m->l);
    lk_per_put_bit_string(w, m->m, 16);
    lk_per_put_bit_string(w, m->n, 20);
    lk_per_put_octet_string(w, lk_span_of(m->o, m->o_len), size_o);
    lk_per_put_bit_string_of(w, m->p, m->p_bits, size_p);
    lk_per_put_octet_string(w, lk_span_of(m->q, m->q_len), size_q);
    lk_per_put_length(w, m->s_count, size_s);
    for (size_t i = 0; i < m->s_count; i++)
        lk_per_put_whole(w, m->s[i], 0, 7);
    lk_per_put_length(w, m->t_count, size_t_);
    for (size_t i = 0; i < m->t_count; i++)
        lk_per_put_bool(w, m->t[i]);
    lk_per_put_bool(w, m->u);
    put_additions(m, w);
    return lk_per_finish(w);
}

static const struct members high = {
    254, 255, 65535, 65536, 3, UINT64_C(10000000000), 6, 2, 2,
    { 1, 2 }, { 3, 4, 5 }, { 0xab, 0xcd }, { 0xff, 0xff, 0xf0 }, "net", { 10, 0, 0, 1 }, { 0 },
    { 1, 2, 7 }, { 1, 0, 1 }, { 1, 2, 3, 4, 5, 6 }, 3, 32, LONG, 3, 3, true, true, 513,
};
static const struct members low = {
    0, 0, 0, 0, 3, 0, 5, 4, 0, { 0 }, { 0 }, { 0 }, { 0, 0, 0x10 }, "a",
    { [20] = 0x80 }, { 0 }, { 0 }, { 1 }, { 9, 9, 9, 9, 9, 9 }, 1, 161, 0, 1, 1, false, false, 0,
};

static const struct {
    const char *name;
    enum lk_per_variant variant;
} variants[] = { { "aligned", LK_PER_ALIGNED }, { "unaligned", LK_PER_UNALIGNED } };

static void same(const struct members *want, const json_t *v)
{
    for (size_t i = 0; i < LK_COUNT_OF(variants); i++) {
        struct vector_octets octets = vector_hex(v, variants[i].name);
        struct lk_per_reader r = lk_per_reader_of(vector_span(&octets), variants[i].variant);
        uint8_t room[512];
        struct lk_per_writer w = lk_per_writer_of(room, sizeof room, variants[i].variant);
        struct members got;

        assert_int_equal(get_members(&got, &r), LK_OK);
        assert_memory_equal(&got, want, sizeof got);
        assert_int_equal(put_members(&w, want), LK_OK);
        assert_vector(v, variants[i].name, room, lk_per_written(&w).len);
        for (size_t cap = 0; cap < octets.len; cap++) {
            w = lk_per_writer_of(room, cap, variants[i].variant);
            assert_int_equal(put_members(&w, want), LK_E_FULL);
        }
    }
}

/* spec: X.691 11.5 - numbers of each range, from none of a bit to five octets.
 * spec: X.691 11.9 - lengths with and without bounds, one and two octets long.
 * spec: X.691 14 - enumerations in the root and beyond.
 * spec: X.691 16 - bit strings of fixed and of other sizes.
 * spec: X.691 17 - octet strings.
 * spec: X.691 19.7 - extension additions.
 * spec: X.691 11.2 - as open types. */
static void members_are_those_of_another_hand(void **state)
{
    json_t *file = vectors_load("per");
    struct members first = high;

    memset(first.q, 0x5a, LONG);
    same(&first, vectors_find(file, "vectors", "members-high"));
    same(&low, vectors_find(file, "vectors", "members-low"));
    json_decref(file);
}

static void lists_are_those_of_another_hand(void **state)
{
    static const struct lk_per_size size = { 0, 2, true };
    json_t *file = vectors_load("per");

    for (size_t i = 0; i < 2 * LK_COUNT_OF(variants); i++) {
        const json_t *v = vectors_find(file, "vectors", i < 2 ? "list-in-root" : "list-beyond");
        struct vector_octets octets = vector_hex(v, variants[i % 2].name);
        struct lk_per_reader r = lk_per_reader_of(vector_span(&octets), variants[i % 2].variant);
        uint8_t room[4];
        struct lk_per_writer w = lk_per_writer_of(room, sizeof room, variants[i % 2].variant);
        size_t want = i < 2 ? 1 : 3;

        assert_int_equal(lk_per_get_length(&r, size), want);
        lk_per_put_length(&w, want, size);
        for (size_t k = 0; k < want; k++) {
            assert_int_equal(lk_per_get_bool(&r), k < 2);
            lk_per_put_bool(&w, k < 2);
        }
        assert_int_equal(lk_per_end(&r), LK_OK);
        assert_int_equal(lk_per_finish(&w), LK_OK);
        assert_vector(v, variants[i % 2].name, room, lk_per_written(&w).len);
    }
    json_decref(file);
}

static void every_truncation_is_refused(void **state)
{
    json_t *file = vectors_load("per");

    for (size_t i = 0; i < 2 * LK_COUNT_OF(variants); i++) {
        const json_t *v = vectors_find(file, "vectors", i < 2 ? "members-high" : "members-low");
        struct vector_octets octets = vector_hex(v, variants[i % 2].name);
        struct members got;

        for (size_t len = 0; len < octets.len; len++) {
            uint8_t *copy = test_malloc(len + 1);
            struct lk_per_reader r;

            memcpy(copy, octets.at, len);
            r = lk_per_reader_of(lk_span_of(copy, len), variants[i % 2].variant);
            assert_int_equal(get_members(&got, &r), LK_E_SHORT);
            test_free(copy);
        }
        octets.at[octets.len++] = 0;
        {
            struct lk_per_reader r = lk_per_reader_of(vector_span(&octets),
                                                      variants[i % 2].variant);

            assert_int_equal(get_members(&got, &r), LK_E_TRAILING);
        }
    }
    json_decref(file);
}

/* What one read of these octets says. */
enum form { WHOLE, LENGTH, OUTSIDE, INDEX, SMALL, OPEN, ADDITIONS, STRING, ALIGN };

static enum lk_status read_form(enum form form, struct lk_span octets)
{
    static const struct lk_per_size any = { 0, LK_PER_UNBOUNDED, false },
                                    outside = { 1, 3, true };
    struct lk_per_reader r = lk_per_reader_of(octets, LK_PER_ALIGNED), inner;
    uint8_t room[4];

    switch (form) {
    case WHOLE: assert_in_range(lk_per_get_whole(&r, 0, 1000000), 0, 1000000); break;
    case LENGTH: (void)lk_per_get_length(&r, any); break;
    case OUTSIDE: (void)lk_per_get_length(&r, outside); break;
    case INDEX: (void)lk_per_get_index(&r, 3, true); break;
    case SMALL: (void)lk_per_get_small(&r); break;
    case OPEN:
        inner = lk_per_get_open(&r);
        (void)lk_per_get_bits(&inner, 4);
        return lk_per_status(&r) != LK_OK ? lk_per_status(&r) : lk_per_end(&inner);
    case ADDITIONS: lk_per_skip_additions(&r); break;
    case STRING: (void)lk_per_get_octet_string(&r, room, sizeof room, any); break;
    case ALIGN:
        (void)lk_per_get_bool(&r);
        (void)lk_per_get_view(&r, 1);
        break;
    }
    return lk_per_end(&r);
}

/* spec: X.691 11.9.3.5 - fragments are refused.
 * spec: X.691 11.6 - small numbers that are not small.
 * spec: X.691 23 - an index beyond the root of a choice.
 * spec: X.691 11.1 - what pads is zero, and an empty encoding an octet. */
static void only_the_shortest_form_is_read(void **state)
{
    static const struct {
        enum form form;
        uint8_t octets[8];
        size_t len;
        enum lk_status want;
    } rows[] = {
        { WHOLE, { 0x80, 0x0f, 0x42, 0x40 }, 4, LK_OK },         /* a million in three octets */
        { WHOLE, { 0x80, 0x0f, 0x42, 0x41 }, 4, LK_E_VALUE },
        { WHOLE, { 0x80, 0, 0x42, 0x40 }, 4, LK_E_VALUE },       /* two would do */
        { WHOLE, { 0x40, 0, 0xff }, 3, LK_E_VALUE },
        { WHOLE, { 0xc0, 1, 0, 0, 0 }, 5, LK_E_LENGTH },         /* four octets of three */
        { WHOLE, { 0x90, 0x0f, 0x42, 0x40 }, 4, LK_E_VALUE },    /* padding */
        { LENGTH, { 0x7f }, 1, LK_OK },
        { LENGTH, { 0x80, 0x7f }, 2, LK_E_VALUE },
        { LENGTH, { 0x80, 0x80 }, 2, LK_OK },
        { LENGTH, { 0xbf, 0xff }, 2, LK_OK },
        { LENGTH, { 0xc1 }, 1, LK_E_UNSUPPORTED },
        { LENGTH, { 0xff, 0xff }, 2, LK_E_UNSUPPORTED },
        { OUTSIDE, { 0x00 }, 1, LK_OK },
        { OUTSIDE, { 0x60 }, 1, LK_E_VALUE },                    /* a fourth of three */
        { OUTSIDE, { 0x80, 3 }, 2, LK_E_LENGTH },                /* as if it were outside */
        { OUTSIDE, { 0x80, 4 }, 2, LK_OK },
        { OUTSIDE, { 0x80, 0 }, 2, LK_OK },
        { INDEX, { 0x60 }, 1, LK_E_VALUE },
        { INDEX, { 0x80 }, 1, LK_OK },
        { INDEX, { 0xc0, 4, 0xff, 0xff, 0xff, 0xff }, 6, LK_E_UNSUPPORTED },
        { SMALL, { 0x80, 1, 64 }, 3, LK_OK },
        { SMALL, { 0x80, 1, 63 }, 3, LK_E_VALUE },
        { SMALL, { 0x80, 2, 0, 64 }, 4, LK_E_VALUE },
        { SMALL, { 0x80, 0 }, 2, LK_E_LENGTH },
        { SMALL, { 0x80, 5, 1, 0, 0, 0, 0 }, 7, LK_E_UNSUPPORTED },
        { SMALL, { 0x7f }, 1, LK_E_VALUE },                      /* padding */
        { OPEN, { 0 }, 1, LK_E_LENGTH },
        { OPEN, { 1, 0x50 }, 2, LK_OK },
        { OPEN, { 1, 0x51 }, 2, LK_E_VALUE },
        { OPEN, { 2, 0x50, 0 }, 3, LK_E_TRAILING },
        { OPEN, { 2, 0x50 }, 2, LK_E_SHORT },
        { ADDITIONS, { 0 }, 1, LK_E_VALUE },                     /* an addition, not there */
        { ADDITIONS, { 0x80, 65 }, 2, LK_E_UNSUPPORTED }, /* more than 64 */
        { ADDITIONS, { 0x01, 0 }, 2, LK_E_LENGTH },
        { ADDITIONS, { 0x01, 1, 0 }, 3, LK_OK },
        { STRING, { 5, 1, 2, 3, 4, 5 }, 6, LK_E_FULL },
        { STRING, { 4, 1, 2, 3, 4 }, 5, LK_OK },
        { ALIGN, { 0x80, 7 }, 2, LK_OK },
        { ALIGN, { 0x81, 7 }, 2, LK_E_VALUE },
        { ALIGN, { 0x80 }, 1, LK_E_SHORT },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++)
        if (read_form(rows[i].form, lk_span_of(rows[i].octets, rows[i].len)) != rows[i].want)
            fail_msg("row %zu says %s", i,
                     lk_status_name(read_form(rows[i].form,
                                              lk_span_of(rows[i].octets, rows[i].len))));
}

static void an_empty_encoding_is_an_octet(void **state)
{
    static const uint8_t octets[] = { 0, 0 };
    struct lk_per_reader r = lk_per_reader_of(lk_span_of(octets, 1), LK_PER_ALIGNED);
    uint8_t room[4];
    struct lk_per_writer w = lk_per_writer_of(room, sizeof room, LK_PER_UNALIGNED);

    assert_int_equal(lk_per_end(&r), LK_OK);
    r = lk_per_reader_of(lk_span_of(octets, 2), LK_PER_ALIGNED);
    assert_int_equal(lk_per_end(&r), LK_E_TRAILING);
    r = lk_per_reader_of(lk_span_of(octets, 0), LK_PER_ALIGNED);
    assert_int_equal(lk_per_end(&r), LK_E_SHORT);
    assert_int_equal(lk_per_finish(&w), LK_OK);
    assert_int_equal(lk_per_written(&w).len, 1);
}

static void what_has_no_form_is_not_written(void **state)
{
    static const struct lk_per_size bound = { 1, 3, false }, any = { 0, LK_PER_UNBOUNDED, false };
    static const uint8_t many[LK_PER_FRAGMENT];
    static uint8_t room[LK_PER_FRAGMENT + 4];
    struct lk_per_writer inner = lk_per_writer_of(room, 0, LK_PER_ALIGNED);

    for (int row = 0; row < 8; row++) {
        struct lk_per_writer w = lk_per_writer_of(room, sizeof room, LK_PER_ALIGNED);
        enum lk_status want = row < 3 ? LK_E_VALUE : row < 6 ? LK_E_LENGTH : LK_OK;

        switch (row) {
        case 0: lk_per_put_whole(&w, 4, 5, 6); break;
        case 1: lk_per_put_whole(&w, 7, 5, 6); break;
        case 2: lk_per_put_index(&w, 3, 3, false); break;
        case 3: lk_per_put_length(&w, 0, bound); break;
        case 4: lk_per_put_length(&w, 4, bound); break;
        case 5: lk_per_put_octet_string(&w, LK_SPAN(many), any); break;
        case 6: lk_per_put_octet_string(&w, lk_span_of(many, sizeof many - 1), any); break;
        default: lk_per_put_small(&w, 65536); break;
        }
        assert_int_equal(lk_per_finish(&w), want);
    }
    assert_int_equal(lk_per_finish(&inner), LK_E_FULL);
    {
        struct lk_per_writer w = lk_per_writer_of(room, sizeof room, LK_PER_ALIGNED);

        lk_per_put_open(&w, &inner);
        assert_int_equal(lk_per_finish(&w), LK_E_FULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_those_of_another_hand),
        cmocka_unit_test(lists_are_those_of_another_hand),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(only_the_shortest_form_is_read),
        cmocka_unit_test(an_empty_encoding_is_an_octet),
        cmocka_unit_test(what_has_no_form_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
