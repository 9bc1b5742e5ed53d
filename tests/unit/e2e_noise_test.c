/* The handshakes of Noise: the published vectors, both ends, and whatever else is no message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "proto/e2e/noise.h"
#include "vectors.h"

static struct end {
    struct lk_noise noise;
    uint8_t e[32], s[32];
    struct lk_noise_point e_public, s_public;
} ends[2];
static uint8_t psk[32];

static void key_of(uint8_t secret[32], struct lk_noise_point *point, const json_t *v,
                   const char *path)
{
    struct vector_octets octets = vector_hex(v, path);

    memset(secret, 0, 32);
    if (octets.len > 0)
        memcpy(secret, octets.at, 32);
    lk_x25519_public(point->octets, secret);
}

static enum lk_noise_pattern pattern_of(const json_t *v)
{
    const char *name = vector_text(v, "pattern");

    return strcmp(name, "NKpsk2") == 0   ? LK_NOISE_NKPSK2
           : strcmp(name, "IKpsk2") == 0 ? LK_NOISE_IKPSK2
                                         : LK_NOISE_KPSK0;
}

static void begin(const json_t *v)
{
    struct vector_octets prologue = vector_hex(v, "prologue"), key = vector_hex(v, "psk");
    enum lk_noise_pattern pattern = pattern_of(v);
    struct end *ue = &ends[0], *server = &ends[1];

    memcpy(psk, key.at, sizeof psk);
    key_of(ue->e, &ue->e_public, v, "init_ephemeral");
    key_of(ue->s, &ue->s_public, v, "init_static");
    key_of(server->e, &server->e_public, v, "resp_ephemeral");
    key_of(server->s, &server->s_public, v, "resp_static");
    lk_noise_start(&ue->noise, pattern, true, vector_span(&prologue), &ue->e_public,
                   pattern == LK_NOISE_NKPSK2 ? NULL : &ue->s_public, &server->s_public);
    lk_noise_start(&server->noise, pattern, false, vector_span(&prologue), &server->e_public,
                   &server->s_public, pattern == LK_NOISE_KPSK0 ? &ue->s_public : NULL);
}

static enum lk_status go(struct end *end)
{
    enum lk_noise_need need;
    enum lk_status status;

    while ((status = lk_noise_go(&end->noise, &need)) == LK_OK && need != LK_NOISE_DONE) {
        uint8_t shared[32];

        if (need == LK_NOISE_PSK) {
            lk_noise_psk(&end->noise, psk);
        } else {
            status = lk_x25519_shared(shared, end->noise.ask.own_static ? end->s : end->e,
                                      end->noise.ask.peer.octets);
            assert_int_equal(status, LK_OK);
            lk_noise_dh(&end->noise, shared);
        }
    }
    return status;
}

static struct lk_span out_of(const struct end *end)
{
    return lk_span_of(end->noise.out.octets, end->noise.out.len);
}

static size_t message_count(void)
{
    return ends[0].noise.pattern == LK_NOISE_KPSK0 ? 1 : 2;
}

static void each(void (*one)(const json_t *v))
{
    json_t *file = vectors_load("noise");
    const json_t *v;
    size_t i;

    json_array_foreach(vectors_list(file, "vectors"), i, v)
        one(v);
    json_decref(file);
}

static void expect_transport(const json_t *messages, size_t first)
{
    uint8_t keys[2][2][32], out[64];

    for (unsigned i = 0; i < 2; i++)
        lk_noise_split(&ends[i].noise, keys[i][0], keys[i][1]);
    assert_memory_equal(keys[0], keys[1], sizeof keys[0]);
    assert_memory_not_equal(keys[0][0], keys[0][1], 32);
    for (size_t i = first; i < first + 2; i++) {
        const json_t *m = json_array_get(messages, i);
        struct vector_octets payload = vector_hex(m, "payload"), sealed = vector_hex(m, "octets");
        const uint8_t *key = keys[0][i - first];

        lk_noise_seal(out, key, 0, lk_span_of(NULL, 0), vector_span(&payload));
        assert_vector(m, "octets", out, sealed.len);
        assert_int_equal(lk_noise_open(out, key, 0, lk_span_of(NULL, 0), vector_span(&sealed)),
                         LK_OK);
        assert_int_equal(lk_noise_open(out, key, 1, lk_span_of(NULL, 0), vector_span(&sealed)),
                         LK_E_MAC);
    }
}

/* spec: Noise 5.2 - MixKey, MixHash, MixKeyAndHash, EncryptAndHash, Split.
 * spec: Noise 5.3 - prologue and known keys. */
/* spec: Noise 7.4 - the tokens of NK, IK and K. */
/* spec: Noise 9.2 - e goes into the key. */
/* spec: Noise 9.4 - where psk stands. */
/* spec: Noise 12.3 - the nonce. */
static void one_vector(const json_t *v)
{
    const json_t *messages = json_object_get(v, "messages");

    begin(v);
    for (size_t i = 0; i < message_count(); i++) {
        const json_t *m = json_array_get(messages, i);
        struct vector_octets payload = vector_hex(m, "payload");
        struct end *from = &ends[i % 2], *to = &ends[1 - i % 2];

        assert_int_equal(lk_noise_say(&from->noise, vector_span(&payload)), LK_OK);
        assert_int_equal(go(from), LK_OK);
        assert_vector(m, "octets", from->noise.out.octets, from->noise.out.len);
        assert_int_equal(lk_noise_take(&to->noise, out_of(from)), LK_OK);
        assert_int_equal(go(to), LK_OK);
        assert_vector(m, "payload", to->noise.out.octets, to->noise.out.len);
        assert_memory_equal(ends[0].noise.h, ends[1].noise.h, 32);
    }
    if (ends[0].noise.pattern == LK_NOISE_IKPSK2)
        assert_memory_equal(ends[1].noise.rs.octets, ends[0].s_public.octets, 32);
    expect_transport(messages, message_count());
}

static void published(void **state)
{
    each(one_vector);
}

/* Each message with one bit other, at every octet, and cut at every length: refused. */
static void one_altered(const json_t *v)
{
    begin(v);
    for (size_t i = 0; i < message_count(); i++) {
        struct end *from = &ends[i % 2], *to = &ends[1 - i % 2], good;
        struct lk_span message;
        uint8_t other[LK_NOISE_TEXT_MAX];

        assert_int_equal(lk_noise_say(&from->noise, lk_span_text("to whom")), LK_OK);
        assert_int_equal(go(from), LK_OK);
        message = out_of(from);
        good = *to;
        for (size_t at = 0; at < 2 * message.len; at++) {
            memcpy(other, message.at, message.len);
            other[at / 2] ^= 1;
            *to = good;
            assert_int_equal(lk_noise_take(&to->noise,
                                           at % 2 == 0 ? lk_span_of(other, message.len)
                                                       : lk_span_of(message.at, at / 2)),
                             LK_OK);
            if (at % 2 == 0)
                assert_int_equal(go(to), LK_E_MAC);
            else
                assert_int_not_equal(go(to), LK_OK);
        }
        *to = good; /* the control */
        assert_int_equal(lk_noise_take(&to->noise, message), LK_OK);
        assert_int_equal(go(to), LK_OK);
        assert_true(lk_span_equal(out_of(to), lk_span_text("to whom")));
    }
}

static void altered(void **state)
{
    each(one_altered);
}

static void one_with_other(const json_t *v)
{
    const size_t count = pattern_of(v) == LK_NOISE_KPSK0 ? 1 : 2;
    uint8_t theirs[32];

    for (unsigned what = 0; what < 2; what++) { /* another psk, another prologue */
        begin(v);
        memcpy(theirs, psk, sizeof theirs);
        theirs[31] ^= 1;
        if (what == 1)
            ends[1].noise.h[0] ^= 1;
        for (size_t i = 0; i < count; i++) {
            struct end *from = &ends[i % 2], *to = &ends[1 - i % 2];
            enum lk_status status;

            assert_int_equal(lk_noise_say(&from->noise, lk_span_of(NULL, 0)), LK_OK);
            assert_int_equal(go(from), LK_OK);
            assert_int_equal(lk_noise_take(&to->noise, out_of(from)), LK_OK);
            if (what == 0 && i + 1 == count)
                memcpy(psk, theirs, sizeof psk);
            status = go(to);
            if (status == LK_OK)
                assert_true(what == 0 && i + 1 < count);
            else
                break;
            if (i + 1 == count)
                fail_msg("%s: opened with another", vector_id(v));
        }
    }
}

static void another_secret_or_prologue(void **state)
{
    each(one_with_other);
}

static void too_long(void **state)
{
    static const uint8_t many[LK_NOISE_TEXT_MAX + 1];
    json_t *file = vectors_load("noise");
    struct lk_noise good;

    begin(vectors_find(file, "vectors", "nkpsk2-0"));
    good = ends[0].noise;
    assert_int_equal(lk_noise_take(&ends[1].noise, LK_SPAN(many)), LK_E_FULL);
    assert_int_equal(lk_noise_say(&ends[0].noise, LK_SPAN(many)), LK_E_FULL);
    assert_int_equal(lk_noise_say(&ends[0].noise,
                                  lk_span_of(many, sizeof many - 1 - 32 - LK_NOISE_TAG + 1)),
                     LK_OK);
    assert_int_equal(go(&ends[0]), LK_E_FULL);
    ends[0].noise = good; /* the most there can be */
    assert_int_equal(lk_noise_say(&ends[0].noise,
                                  lk_span_of(many, sizeof many - 1 - 32 - LK_NOISE_TAG)), LK_OK);
    assert_int_equal(go(&ends[0]), LK_OK);
    assert_int_equal(ends[0].noise.out.len, LK_NOISE_TEXT_MAX);
    json_decref(file);
}

/* spec: Noise 4.2 - REKEY. */
static void rekey(void **state)
{
    static const uint8_t zeroes[32];
    uint8_t key[32] = { 1, 2, 3 }, was[32], want[48];
    uint8_t nonce[12] = { 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255 };

    memcpy(was, key, sizeof was);
    lk_chacha_seal(want, was, nonce, lk_span_of(NULL, 0), LK_SPAN(zeroes));
    lk_noise_rekey(key);
    assert_memory_equal(key, want, 32);
    assert_memory_not_equal(key, was, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published),
        cmocka_unit_test(altered),
        cmocka_unit_test(another_secret_or_prologue),
        cmocka_unit_test(too_long),
        cmocka_unit_test(rekey),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
