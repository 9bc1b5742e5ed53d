/* proto/mis/sa: whole PDUs under every suite, by the vectors; what is replayed, reflected, too late
 * or of others. mis_sa_altered_test.c has what is altered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "mis_sa_rig.h"
#include "vectors.h"

static json_t *file;

static int load(void **state)
{
    file = vectors_load("mis-protect");
    return 0;
}

static int unload(void **state)
{
    json_decref(file);
    return 0;
}

/* ---- vectors ---- */

static enum lk_mis_prf prf_named(const char *name)
{
    if (strcmp(name, "CMAC-AES-128") == 0)
        return LK_MIS_PRF_CMAC_AES;
    return strcmp(name, "HMAC-SHA-1") == 0 ? LK_MIS_PRF_HMAC_SHA1 : LK_MIS_PRF_HMAC_SHA256;
}

/* The keys of a vector, from its K. */
static void keys_of(struct lk_mis_agreed *agreed, struct lk_mis_keys *keys, const json_t *v)
{
    struct vector_octets t = vector_hex(v, "nonce_t"), n = vector_hex(v, "nonce_n"), octets;
    uint8_t c = (uint8_t)(vector_id(v)[1] - '0'); /* "c1.HMAC..." */
    struct lk_mis_k k;

    *agreed = (struct lk_mis_agreed){ lk_mis_suite_of(MIS_CODES, c),
                                      prf_named(vector_text(v, "prf")), c, 0 };
    octets = vector_hex(v, "K");
    assert_int_equal(lk_mis_k_set(&k, vector_span(&octets)), LK_OK);
    lk_mis_keys_derive(keys, agreed, &k, t.at, n.at);
    assert_vector(v, "MIIK", keys->miik.octets, keys->miik.len);
    assert_vector(v, "MIEK", keys->miek.octets, keys->miek.len);
}

/* The end with that role, as the vector has it. */
static void end_of(struct lk_mis_sa *sa, const json_t *v, enum lk_mis_role role)
{
    struct lk_mis_sa_start start;
    struct lk_mis_agreed agreed;
    struct lk_mis_keys keys;

    keys_of(&agreed, &keys, v);
    start = mis_start_of(role, &agreed, &keys);
    assert_int_equal(lk_mis_sa_init(sa, &start), LK_OK);
}

/* spec: IEEE 802.21 9 - a PDU of each suite, in both directions, as the vectors have it: what is
 * covered, the counter with its role, the nonce, the blocks; and opened at the other end. */
static void every_vector(void **state)
{
    const json_t *list = vectors_list(file, "vectors");

    assert_int_equal(json_array_size(list), 13);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        enum lk_mis_role role = vector_int(v, "role") == 0 ? LK_MIS_BEGAN : LK_MIS_ANSWERED;
        bool began = role == LK_MIS_BEGAN;
        struct vector_octets tlvs = vector_hex(v, "plaintext_tlvs"), some = { .len = 0 };
        struct vector_octets frame = vector_hex(v, "frame");
        uint8_t octets[512];
        struct lk_writer w = lk_writer_of(octets, sizeof octets);
        struct lk_mis_sa from, to;
        struct lk_mis_pdu pdu;

        end_of(&from, v, role);
        end_of(&to, v, began ? LK_MIS_ANSWERED : LK_MIS_BEGAN);
        if (!json_is_null(json_object_get(v, "iv")))
            some = vector_hex(v, "iv");
        assert_int_equal(lk_mis_decode(&pdu, vector_span(&frame), MIS_CODES), LK_OK);
        pdu.header.secured = false; /* that is not the caller's to say */
        from.sent = (uint64_t)vector_int(v, "sequence") - 1;
        assert_int_equal(
            lk_mis_protect(&from, &w, &pdu.header, vector_span(&tlvs), some.at, 0, MIS_CODES),
            LK_OK);
        assert_vector(v, "frame", octets, w.len);
        assert_vector(v, "aad", pdu.covered.at, pdu.covered.len);
        assert_int_equal(mis_heard_by(&to, vector_span(&frame), 0), LK_OK);
        assert_vector(v, "plaintext_tlvs", opened.octets, opened.len);
        assert_int_equal(mis_heard_by(&to, vector_span(&frame), 0), LK_E_SYNC);
    }
}

static void negatives_and_primitives(void **state)
{
    const json_t *v = vectors_find(file, "vectors", "c1.HMAC-SHA-256.role0.seq1");
    const json_t *list = vectors_list(file, "negative");
    struct vector_octets key, nonce, more, plain;
    struct lk_mis_sa to;
    struct lk_aes128 aes;
    struct lk_span part;
    uint8_t out[64];

    end_of(&to, v, LK_MIS_ANSWERED);
    assert_int_equal(json_array_size(list), 6);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct vector_octets frame = vector_hex(json_array_get(list, i), "frame");

        if (strcmp(vector_id(json_array_get(list, i)), "replayed") == 0)
            assert_int_equal(mis_heard_by(&to, vector_span(&frame), 0), LK_OK); /* the first time */
        assert_int_not_equal(mis_heard_by(&to, vector_span(&frame), 0), LK_OK);
    }
    v = vectors_find(file, "primitives", "RFC3610-PV1");
    key = vector_hex(v, "key");
    nonce = vector_hex(v, "nonce");
    more = vector_hex(v, "aad");
    plain = vector_hex(v, "plaintext");
    lk_aes128_set_key(&aes, key.at);
    lk_ccm128_seal(out, &aes, nonce.at, (size_t)vector_int(v, "tag_octets"), vector_span(&more),
                   vector_span(&plain));
    assert_vector(v, "output", out, plain.len + 8);
    for (unsigned i = 0; i < 2; i++) {
        v = vectors_find(file, "primitives", i == 0 ? "RFC4493-0" : "RFC4493-16");
        key = vector_hex(v, "key");
        plain = vector_hex(v, "plaintext");
        part = vector_span(&plain);
        lk_cmac_aes128(out, key.at, &part, 1);
        assert_vector(v, "output", out, 16);
    }
}

/* ---- counters ---- */

static struct lk_span counter_of(const struct mis_frame *frame)
{
    struct lk_mis_pdu pdu;

    assert_int_equal(lk_mis_decode(&pdu, lk_span_of(frame->at, frame->len), MIS_CODES), LK_OK);
    return lk_span_of(pdu.security.encr.at, LK_MIS_COUNTER_LEN);
}

/* spec: IEEE 802.21 9 - no counter twice under a key: both ends from 1 on, a TID that comes again,
 * a writer that was too small. */
static void no_counter_twice(void **state)
{
    enum { EACH = 8 };
    struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CCM);
    struct lk_mis_header h = mis_header(LK_MIS_REQUEST);
    static struct mis_frame frames[2 * EACH];
    uint8_t small[10];

    for (unsigned i = 0; i < 2 * EACH; i++) {
        struct lk_writer w = lk_writer_of(small, sizeof small);

        assert_int_equal(
            lk_mis_protect(&ends.mn, &w, &h, lk_span_of(NULL, 0), mis_iv, 0, MIS_CODES), LK_E_FULL);
        frames[i] = mis_sent_by(i % 2 == 0 ? &ends.mn : &ends.pos);
        assert_int_equal(counter_of(&frames[i]).at[0], i % 2);
        for (unsigned j = 0; j < i; j++)
            assert_false(lk_span_equal(counter_of(&frames[i]), counter_of(&frames[j])));
    }
    assert_int_equal(counter_of(&frames[1]).at[9], 1);
}

/* Our own PDU, thrown back at us under exchanged names, is of nobody: the role says so. */
static void a_reflection(void **state)
{
    for (unsigned suite = 0; suite < LK_MIS_SUITE_COUNT; suite++) {
        struct mis_ends ends = mis_ends_of((enum lk_mis_suite)suite);
        struct lk_mis_sa same = ends.mn; /* with the names of the other end */
        struct mis_frame frame;

        same.self = ends.pos.self;
        same.peer = ends.pos.peer;
        frame = mis_sent_by(&same);
        assert_int_equal(mis_hears(&ends.mn, &frame), LK_E_VALUE);
        same.role = LK_MIS_ANSWERED;
        frame = mis_sent_by(&same);
        assert_int_equal(mis_hears(&ends.mn, &frame), LK_OK); /* the control */
    }
}

/* T43: what was heard is not heard again; and nothing of it is given out. */
/* spec: IEEE 802.21 9 - a window of 64, moved by what verified alone. */
static void the_window(void **state)
{
    enum { COUNT = 200 };
    static struct mis_frame frames[COUNT + 1];
    static const uint8_t zero[4];
    struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CCM);

    for (unsigned i = 1; i <= COUNT; i++)
        frames[i] = mis_sent_by(&ends.mn);
    assert_int_equal(mis_hears(&ends.pos, &frames[1]), LK_OK);
    assert_int_equal(mis_hears(&ends.pos, &frames[1]), LK_E_SYNC);
    assert_memory_equal(opened.octets, zero, sizeof zero);
    assert_int_equal(opened.len, 0);

    frames[COUNT].at[frames[COUNT].len - 2] ^= 1; /* forged: does not move the window */
    assert_int_equal(mis_hears(&ends.pos, &frames[COUNT]), LK_E_MAC);
    frames[COUNT].at[frames[COUNT].len - 2] ^= 1;
    assert_int_equal(mis_hears(&ends.pos, &frames[70]), LK_OK);
    assert_int_equal(mis_hears(&ends.pos, &frames[6]), LK_E_SYNC); /* 64 back */
    for (unsigned i = 7; i < 70; i++) {                            /* 63 back, and so on */
        assert_int_equal(mis_hears(&ends.pos, &frames[i]), LK_OK);
        assert_int_equal(mis_hears(&ends.pos, &frames[i]), LK_E_SYNC);
    }
    assert_int_equal(mis_hears(&ends.pos, &frames[72]),
                     LK_OK); /* by two: the one between is open */
    for (unsigned i = 9; i <= 70; i++)
        assert_int_equal(mis_hears(&ends.pos, &frames[i]), LK_E_SYNC);
    assert_int_equal(mis_hears(&ends.pos, &frames[71]), LK_OK);
    assert_int_equal(mis_hears(&ends.pos, &frames[136]),
                     LK_OK); /* by 64: nothing before was there */
    assert_int_equal(mis_hears(&ends.pos, &frames[72]), LK_E_SYNC);
    assert_int_equal(mis_hears(&ends.pos, &frames[71]), LK_E_SYNC); /* 65 back */
    assert_int_equal(mis_hears(&ends.pos, &frames[73]), LK_OK);
    assert_int_equal(mis_hears(&ends.pos, &frames[199]), LK_OK); /* by 63 */
    assert_int_equal(mis_hears(&ends.pos, &frames[136]), LK_E_SYNC);
    assert_int_equal(mis_hears(&ends.pos, &frames[COUNT]), LK_OK);
    assert_int_equal(mis_hears(&ends.pos, &frames[COUNT]), LK_E_SYNC);
}

/* spec: IEEE 802.21 9 - at sequence 2^48 there is an end, on both sides; and past the lifetime. */
static void an_end(void **state)
{
    struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_NULL_SHA1);
    struct mis_frame frame;
    struct lk_mis_sa before;

    assert_int_equal(mis_protect(&ends.mn, &frame, lk_span_of(NULL, 0), MIS_EXPIRES_MS - 1), LK_OK);
    assert_int_equal(mis_heard_by(&ends.pos, lk_span_of(frame.at, frame.len), MIS_EXPIRES_MS),
                     LK_E_EXPIRED);
    assert_int_equal(mis_heard_by(&ends.pos, lk_span_of(frame.at, frame.len), MIS_EXPIRES_MS - 1),
                     LK_OK);
    before = ends.mn;
    assert_int_equal(mis_protect(&ends.mn, &frame, lk_span_of(NULL, 0), MIS_EXPIRES_MS),
                     LK_E_EXPIRED);
    assert_int_equal(ends.mn.sent, before.sent);

    ends.mn.sent = LK_MIS_SEQUENCE_END - 2;
    frame = mis_sent_by(&ends.mn);
    assert_int_equal(mis_hears(&ends.pos, &frame), LK_OK);
    assert_int_equal(mis_protect(&ends.mn, &frame, lk_span_of(NULL, 0), 0), LK_E_EXPIRED);
    assert_int_equal(ends.mn.sent, LK_MIS_SEQUENCE_END - 1);
}

/* A counter that no end has: sequence 0, 2^48, or something beside the role. Refused before its MIC
 * is looked at, so the right key does not help. */
static void counters_of_nobody(void **state)
{
    static const struct {
        uint8_t at, octet;
        enum lk_status want;
    } rows[] = {
        { 1, 1, LK_E_VALUE }, { 9, 0, LK_E_VALUE }, { 3, 1, LK_E_VALUE },
        { 2, 1, LK_E_VALUE }, { 0, 2, LK_E_VALUE }, { 4, 1, LK_E_MAC },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CCM);
        struct mis_frame frame = mis_sent_by(&ends.mn);
        size_t counter = (size_t)(counter_of(&frame).at - frame.at);

        frame.at[counter + rows[i].at] = rows[i].octet;
        assert_int_equal(mis_hears(&ends.pos, &frame), rows[i].want);
    }
}

/* ---- who ---- */

/* A PDU that names others than the SA's ends, under right keys: not for us. */
static void names_of_others(void **state)
{
    struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CCM);
    struct lk_mis_sa other = ends.mn;
    struct mis_frame frame;

    memcpy(other.self.octets, "mn2", 3);
    frame = mis_sent_by(&other);
    assert_int_equal(mis_hears(&ends.pos, &frame), LK_E_DENIED);
    other = ends.mn;
    other.peer.len--;
    frame = mis_sent_by(&other);
    assert_int_equal(mis_hears(&ends.pos, &frame), LK_E_DENIED);
    other = ends.mn;
    other.id[0] ^= 1;
    frame = mis_sent_by(&other);
    assert_int_equal(mis_hears(&ends.pos, &frame), LK_E_NOT_FOUND);
    other = ends.mn;
    other.type = LK_MIS_SA_EAP;
    frame = mis_sent_by(&other);
    assert_int_equal(mis_hears(&ends.pos, &frame), LK_E_NOT_FOUND);
    frame = mis_sent_by(&ends.mn);
    assert_int_equal(mis_hears(&ends.pos, &frame), LK_OK);
}

/* A key envelope, or link keys, under a suite that does not encrypt: neither sent nor taken. */
static void no_key_in_clear(void **state)
{
    static const uint8_t types[] = { LK_MIS_OWN_KEY_ENVELOPE, LK_MIS_OWN_LINK_KEYS };

    for (unsigned suite = 0; suite < LK_MIS_SUITE_COUNT; suite++)
        for (size_t i = 0; i < LK_COUNT_OF(types); i++) {
            bool clear = suite >= LK_MIS_SUITE_NULL_SHA1;
            uint8_t list[] = { 3, 1, 0, MIS_CODES->tlv[types[i]], 2, 7, 7 };
            struct mis_ends ends = mis_ends_of((enum lk_mis_suite)suite);
            struct lk_mis_codes others = *MIS_CODES; /* of an end that calls it otherwise */
            struct lk_mis_header h = mis_header(LK_MIS_REQUEST);
            struct mis_frame frame;
            struct lk_writer w = lk_writer_of(frame.at, sizeof frame.at);

            assert_int_equal(mis_protect(&ends.mn, &frame, LK_SPAN(list), 0),
                             clear ? LK_E_DENIED : LK_OK);
            others.tlv[types[i]] = 250;
            assert_int_equal(lk_mis_protect(&ends.mn, &w, &h, LK_SPAN(list), mis_iv, 0, &others),
                             LK_OK);
            assert_int_equal(mis_heard_by(&ends.pos, lk_writer_span(&w), 0),
                             clear ? LK_E_DENIED : LK_OK);
            assert_int_equal(opened.len, clear ? 0 : sizeof list);
        }
}

/* T41: an SA by TLS, or of a group, takes no K; and one that an SPoS made does not do where EAP or
 * TLS is demanded. */
/* spec: IEEE 802.21.1 5.14.2 - the types, and which of them K is for. */
static void types_and_what_they_do(void **state)
{
    static const unsigned tls = 1u << LK_MIS_SA_TLS, eap = 1u << LK_MIS_SA_EAP;
    struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CCM);
    struct lk_mis_sa_start start = mis_start_of(LK_MIS_BEGAN, &ends.mn.agreed, &ends.pos.keys);

    for (unsigned type = 0; type <= 255; type++) {
        bool k = type == LK_MIS_SA_EAP || type == LK_MIS_SA_SPOS;

        start.said.type = (uint8_t)type;
        assert_int_equal(lk_mis_sa_init(&ends.mn, &start), k ? LK_OK : LK_E_DENIED);
        assert_int_equal(lk_mis_type_has_k((uint8_t)type), k);
        assert_int_equal(ends.mn.keys.miek.len, k ? 16 : 0);
        assert_int_equal(lk_mis_type_satisfies((uint8_t)type, tls | eap), type <= LK_MIS_SA_EAP);
        assert_int_equal(lk_mis_type_satisfies((uint8_t)type, eap), type == LK_MIS_SA_EAP);
        assert_int_equal(lk_mis_type_satisfies((uint8_t)type, ~0u), type <= LK_MIS_SA_SPOS);
    }
}

static void names_and_ids_of_every_length(void **state)
{
    static char name[LK_MIS_ID_MAX + 1];
    static const uint8_t id[LK_MIS_SA_ID_MAX + 1];
    struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CCM);
    struct lk_mis_sa_start start = mis_start_of(LK_MIS_BEGAN, &ends.mn.agreed, &ends.mn.keys),
                           longest;
    struct lk_mis_keys keys = ends.mn.keys;
    struct mis_frame frame;

    start.keys = &keys;
    memset(name, 'x', sizeof name);
    for (size_t len = 0; len <= sizeof id; len++) {
        start.said.id = lk_span_of(id, len);
        assert_int_equal(lk_mis_sa_init(&ends.mn, &start),
                         len >= LK_MIS_SA_ID_MIN && len <= LK_MIS_SA_ID_MAX ? LK_OK : LK_E_LENGTH);
    }
    start.said.id = lk_span_of(id, LK_MIS_SA_ID_MAX);
    longest = start;
    for (size_t len = 0; len <= sizeof name; len++) {
        enum lk_status want = len >= 1 && len <= LK_MIS_ID_MAX ? LK_OK : LK_E_LENGTH;

        start.self = lk_span_of(name, len);
        assert_int_equal(lk_mis_sa_init(&ends.mn, &start), want);
        longest.peer = lk_span_of(name, len);
        assert_int_equal(lk_mis_sa_init(&ends.mn, &longest), want);
    }
    longest.self = longest.peer = lk_span_of(name, LK_MIS_ID_MAX); /* all as long as can be */
    assert_int_equal(lk_mis_sa_init(&ends.mn, &longest), LK_OK);
    longest.role = LK_MIS_ANSWERED;
    assert_int_equal(lk_mis_sa_init(&ends.pos, &longest), LK_OK);
    frame = mis_sent_by(&ends.mn);
    assert_int_equal(mis_hears(&ends.pos, &frame), LK_OK);
}

static void what_is_wiped(void **state)
{
    static const struct lk_mis_sa nothing;
    struct mis_ends ends = mis_ends_of(LK_MIS_SUITE_CBC_SHA1);

    assert_int_equal(ends.mn.chain_used, 1);
    assert_true(lk_span_equal(lk_mis_sa_said(&ends.mn).id, lk_span_text("\x5a\1\2\3")));
    lk_mis_sa_wipe(&ends.mn);
    assert_memory_equal(&ends.mn, &nothing, sizeof nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector),
        cmocka_unit_test(negatives_and_primitives),
        cmocka_unit_test(no_counter_twice),
        cmocka_unit_test(a_reflection),
        cmocka_unit_test(the_window),
        cmocka_unit_test(an_end),
        cmocka_unit_test(counters_of_nobody),
        cmocka_unit_test(names_of_others),
        cmocka_unit_test(no_key_in_clear),
        cmocka_unit_test(types_and_what_they_do),
        cmocka_unit_test(names_and_ids_of_every_length),
        cmocka_unit_test(what_is_wiped),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
