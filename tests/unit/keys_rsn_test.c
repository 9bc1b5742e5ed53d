/* keys/rsn and the constructions of IEEE 802.11 in keys/kdf: published vectors, whole handshakes
 * under an S-KWT, and the wrong order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "keys/kdf.h"
#include "keys/rsn.h"
#include "vectors.h"

static const uint8_t lab_aa[6] = { 2, 0, 0, 0, 0, 1 }, lab_spa[6] = { 2, 0, 0, 0, 0, 2 };

static json_t *wifi, *fourway;

static int load(void **state)
{
    wifi = vectors_load("ieee80211");
    fourway = vectors_load("fourway_skwt");
    return 0;
}

static int unload(void **state)
{
    json_decref(wifi);
    json_decref(fourway);
    return 0;
}

static void fill(void *to, size_t len, const json_t *v, const char *path)
{
    struct vector_octets octets = vector_hex(v, path);

    assert_int_equal(octets.len, len);
    memcpy(to, octets.at, len);
}

static struct lk_ptk_input input_of(const json_t *v)
{
    struct lk_ptk_input input;

    memcpy(input.aa, lab_aa, sizeof input.aa);
    memcpy(input.spa, lab_spa, sizeof input.spa);
    if (vector_has(v, "aa")) {
        fill(input.aa, sizeof input.aa, v, "aa");
        fill(input.spa, sizeof input.spa, v, "spa");
    }
    fill(input.anonce, sizeof input.anonce, v, "anonce");
    fill(input.snonce, sizeof input.snonce, v, "snonce");
    return input;
}

static void assert_ptk(const json_t *v, const struct lk_ptk *ptk)
{
    assert_vector(v, "kck", ptk->kck.octets, sizeof ptk->kck.octets);
    assert_vector(v, "kek", ptk->kek.octets, sizeof ptk->kek.octets);
    assert_vector(v, "tk", ptk->tk.octets, sizeof ptk->tk.octets);
}

/* spec: IEEE 802.11 12.7.1.2 - PRF, for every length up to the published 512 bits. */
static void prf_vectors(void **state)
{
    static const char *const ids[] = { "prf-sha1-1", "prf-sha1-2", "prf-sha1-3" };

    for (size_t i = 0; i < LK_COUNT_OF(ids); i++) {
        const json_t *v = vectors_find(wifi, "vectors", ids[i]);
        struct vector_octets key = vector_hex(v, "key"), data = vector_hex(v, "data");
        struct vector_octets want = vector_hex(v, "output");

        assert_int_equal(want.len, 64);
        for (size_t len = 0; len <= want.len; len++) {
            uint8_t out[65];

            memset(out, 0xee, sizeof out);
            lk_prf_80211(out, len, vector_span(&key), vector_text(v, "prefix"), vector_span(&data));
            assert_memory_equal(out, want.at, len);
            assert_int_equal(out[len], 0xee);
        }
    }
}

/* spec: IEEE 802.11 12.7.1.7.2 - KDF: the vector, and over several blocks by its definition. */
static void kdf_vector_and_definition(void **state)
{
    const json_t *v = vectors_find(wifi, "vectors", "kdf-sha256-1");
    struct vector_octets key = vector_hex(v, "key"), context = vector_hex(v, "context");
    static const size_t lengths[] = { 0, 1, 31, 32, 33, 48, 64, 100 };
    uint8_t out[101], want[32];

    lk_kdf_80211(out, (size_t)vector_int(v, "bits") / 8, vector_span(&key), vector_text(v, "label"),
                 vector_span(&context));
    assert_vector(v, "output", out, 32);
    for (size_t n = 0; n < LK_COUNT_OF(lengths); n++) {
        size_t len = lengths[n];
        uint8_t i[2] = { 0, 0 }, bits[2] = { (uint8_t)(8 * len), (uint8_t)(8 * len / 256) };
        struct lk_span s[] = { LK_SPAN(i), lk_span_text("label"), vector_span(&context),
                               LK_SPAN(bits) };

        memset(out, 0xee, sizeof out);
        lk_kdf_80211(out, len, vector_span(&key), "label", vector_span(&context));
        assert_int_equal(out[len], 0xee);
        for (size_t at = 0; at < len; at += 32) {
            i[0]++;
            lk_hmac_sha256(want, vector_span(&key), s, LK_COUNT_OF(s));
            assert_memory_equal(out + at, want, len - at < 32 ? len - at : 32);
        }
    }
}

/* spec: IEEE 802.11 12.7.1.3 - the PTK of the standard's example and of a capture. */
static void published_ptks(void **state)
{
    static const char *const ids[] = { "ptk-ieee-ccmp", "capture-coherer-m2" };

    for (size_t i = 0; i < LK_COUNT_OF(ids); i++) {
        const json_t *v = vectors_find(wifi, "vectors", ids[i]);
        struct lk_ptk_input input = input_of(v), other = input;
        struct lk_pmk pmk;
        struct lk_ptk ptk, same;

        fill(pmk.octets, sizeof pmk.octets, v, "pmk");
        lk_ptk_derive(&ptk, LK_AKM_PSK, &pmk, &input);
        assert_ptk(v, &ptk);
        lk_ptk_derive(&ptk, LK_AKM_8021X, &pmk, &input);
        assert_ptk(v, &ptk);
        /* the lesser comes first, whoever it belongs to */
        memcpy(other.aa, input.spa, sizeof other.aa);
        memcpy(other.spa, input.aa, sizeof other.spa);
        lk_ptk_derive(&same, LK_AKM_PSK, &pmk, &other);
        assert_ptk(v, &same);
        memcpy(other.anonce, input.snonce, sizeof other.anonce);
        memcpy(other.snonce, input.anonce, sizeof other.snonce);
        lk_ptk_derive(&same, LK_AKM_PSK, &pmk, &other);
        assert_ptk(v, &same);
    }
}

/* spec: IEEE 802.11 12.7.1.3 - "lesser" is decided by the first octet that differs, be it the
 * last, and the addresses and nonces stand in that order. */
static void the_lesser_comes_first(void **state)
{
    const struct lk_pmk pmk = { { 3 } };

    for (size_t at = 0; at < LK_RSN_NONCE_LEN; at++) {
        struct lk_ptk_input input = { { 0 }, { 0 }, { 0 }, { 0 } };
        uint8_t data[76] = { 0 }, want[48];
        struct lk_ptk ptk;

        input.aa[at % 6] = 2;
        input.spa[at % 6] = 1;
        memset(input.anonce + at, 0x80, sizeof input.anonce - at);
        memset(input.snonce + at, 0x81, 1);
        memcpy(data, input.spa, 6);
        memcpy(data + 6, input.aa, 6);
        memcpy(data + 12, input.anonce, 32);
        memcpy(data + 44, input.snonce, 32);
        lk_prf_80211(want, sizeof want, LK_SPAN(pmk.octets), "Pairwise key expansion",
                     LK_SPAN(data));
        lk_ptk_derive(&ptk, LK_AKM_PSK, &pmk, &input);
        assert_memory_equal(ptk.kck.octets, want, 16);
        assert_memory_equal(ptk.kek.octets, want + 16, 16);
        assert_memory_equal(ptk.tk.octets, want + 32, 16);
    }
}

/* spec: IEEE 802.11 12.7.1.3 - PMKID: the published one, and with SHA-256 by its definition. */
static void pmkids(void **state)
{
    const json_t *v = vectors_find(wifi, "vectors", "pmkid-hashcat");
    struct vector_octets aa = vector_hex(v, "aa"), spa = vector_hex(v, "spa");
    struct lk_span s[] = { lk_span_text("PMK Name"), vector_span(&aa), vector_span(&spa) };
    uint8_t pmkid[LK_PMKID_LEN], want[32];
    struct lk_pmk pmk;

    fill(pmk.octets, sizeof pmk.octets, v, "pmk");
    lk_pmkid_derive(pmkid, LK_AKM_8021X, &pmk, aa.at, spa.at);
    assert_vector(v, "pmkid", pmkid, sizeof pmkid);
    lk_pmkid_derive(pmkid, LK_AKM_PSK, &pmk, aa.at, spa.at);
    assert_vector(v, "pmkid", pmkid, sizeof pmkid);
    lk_hmac_sha256(want, LK_SPAN(pmk.octets), s, LK_COUNT_OF(s));
    lk_pmkid_derive(pmkid, LK_AKM_8021X_SHA256, &pmk, aa.at, spa.at);
    assert_memory_equal(pmkid, want, sizeof pmkid);
    lk_pmkid_derive(pmkid, LK_AKM_PSK_SHA256, &pmk, aa.at, spa.at);
    assert_memory_equal(pmkid, want, sizeof pmkid);
}

/* Whatever octet of the frame is another, and however it is cut, the MIC is another. */
static void assert_mic(const struct lk_kck *kck, enum lk_key_version version,
                       struct vector_octets frame)
{
    assert_int_equal(lk_eapol_mic_check(kck, version, vector_span(&frame)), LK_OK);
    for (size_t i = 0; i < frame.len; i++) {
        frame.at[i] ^= 0x40;
        assert_int_equal(lk_eapol_mic_check(kck, version, vector_span(&frame)), LK_E_MAC);
        frame.at[i] ^= 0x40;
    }
    for (size_t len = 0; len < frame.len; len++)
        assert_int_equal(lk_eapol_mic_check(kck, version, lk_span_of(frame.at, len)),
                         len < LK_EAPOL_KEY_LEAST ? LK_E_SHORT : LK_E_MAC);
}

/* spec: IEEE 802.11 12.7.2 - the MIC of a captured message 2, whatever stands in its place. */
static void mic_of_a_capture(void **state)
{
    const json_t *v = vectors_find(wifi, "vectors", "capture-coherer-m2");
    struct vector_octets frame = vector_hex(v, "frame");
    uint8_t mic[LK_EAPOL_MIC_LEN];
    struct lk_kck kck;

    fill(kck.octets, sizeof kck.octets, v, "kck");
    assert_mic(&kck, LK_KEY_VERSION_SHA1, frame);
    assert_int_equal(lk_eapol_mic_check(&kck, LK_KEY_VERSION_CMAC, vector_span(&frame)), LK_E_MAC);
    memset(frame.at + LK_EAPOL_MIC_AT, 0x5a, LK_EAPOL_MIC_LEN);
    assert_int_equal(lk_eapol_mic(mic, &kck, LK_KEY_VERSION_SHA1, vector_span(&frame)), LK_OK);
    assert_vector(v, "mic", mic, sizeof mic);
}

/* RSNE and GTK KDE of a message 3, before padding. */
static size_t elements_of(uint8_t *out, const json_t *v)
{
    struct vector_octets gtk = vector_hex(v, "gtk");
    struct lk_writer w = lk_writer_of(out, LK_KEY_DATA_MAX);

    if (vector_has(v, "rsne")) {
        struct vector_octets rsne = vector_hex(v, "rsne");

        lk_put_span(&w, vector_span(&rsne));
    }
    lk_put_octets(&w, "\xdd\x16\x00\x0f\xac\x01", 6);
    lk_put_u8(&w, (uint8_t)vector_int(v, "gtk_key_id"));
    lk_put_u8(&w, 0);
    lk_put_span(&w, vector_span(&gtk));
    assert_int_equal(lk_writer_end(&w), LK_OK);
    return w.len;
}

static void assert_key_data(const json_t *v, const char *plain_path, const char *wrapped_path,
                            const struct lk_kek *kek)
{
    struct vector_octets plain = vector_hex(v, plain_path), wrapped = vector_hex(v, wrapped_path);
    uint8_t elements[LK_KEY_DATA_MAX], out[LK_KEY_DATA_WRAPPED_MAX];
    size_t elements_len = elements_of(elements, v), len;
    struct lk_key_data data;

    assert_memory_equal(elements, plain.at, elements_len);
    assert_int_equal(lk_key_data_wrap(out, &len, kek, lk_span_of(elements, elements_len)), LK_OK);
    assert_vector(v, wrapped_path, out, len);
    assert_int_equal(lk_key_data_unwrap(&data, kek, vector_span(&wrapped)), LK_OK);
    assert_int_equal(data.len, elements_len);
    assert_memory_equal(data.octets, elements, elements_len);
}

/* A whole handshake: PMKID of message 1, MICs of 2 to 4, key data of 3, all under one PTK. */
static void assert_handshake(const json_t *v, enum lk_akm akm)
{
    enum lk_key_version version = lk_akm_key_version(akm);
    struct lk_ptk_input input = input_of(v);
    struct vector_octets m1 = vector_hex(v, "m1"), m3 = vector_hex(v, "m3");
    uint8_t pmkid[LK_PMKID_LEN], mic[LK_EAPOL_MIC_LEN];
    struct lk_s_kwt s_kwt;
    struct lk_pmk pmk;
    struct lk_ptk ptk;

    assert_int_equal(version, vector_int(v, "key_descriptor_version"));
    fill(s_kwt.octets, sizeof s_kwt.octets, v, "pmk");
    lk_pmk_of_s_kwt(&pmk, &s_kwt);
    lk_pmkid_derive(pmkid, akm, &pmk, input.aa, input.spa);
    assert_vector(v, "pmkid", pmkid, sizeof pmkid);
    assert_memory_equal(m1.at + m1.len - sizeof pmkid, pmkid, sizeof pmkid);
    lk_ptk_derive(&ptk, akm, &pmk, &input);
    assert_ptk(v, &ptk);
    for (int n = 2; n <= 4; n++) {
        const char name[] = { 'm', (char)('0' + n), '\0' };
        const char mic_name[] = { 'm', 'i', 'c', (char)('0' + n), '\0' };
        struct vector_octets frame = vector_hex(v, name);

        assert_mic(&ptk.kck, version, frame);
        assert_int_equal(lk_eapol_mic(mic, &ptk.kck, version, vector_span(&frame)), LK_OK);
        assert_vector(v, mic_name, mic, sizeof mic);
    }
    assert_key_data(v, "m3_key_data_plain", "m3_key_data_wrapped", &ptk.kek);
    assert_memory_equal(m3.at + LK_EAPOL_KEY_LEAST, vector_hex(v, "m3_key_data_wrapped").at,
                        m3.len - LK_EAPOL_KEY_LEAST);
}

/* spec: TS 33.401 G.2 - S-KWT is the PMK. */
/* spec: IEEE 802.11 12.7.2 - the descriptor version that follows from the AKM; key data padded and
 * not. */
static void handshakes_under_s_kwt(void **state)
{
    const json_t *v = vectors_find(fourway, "vectors", "group-akm2");
    struct lk_ptk_input input;
    struct lk_pmk pmk;
    struct lk_ptk ptk;

    assert_handshake(vectors_find(fourway, "vectors", "initial-akm2"), LK_AKM_PSK);
    assert_handshake(vectors_find(fourway, "vectors", "rekey-akm2"), LK_AKM_PSK);
    assert_handshake(vectors_find(fourway, "vectors", "initial-akm6"), LK_AKM_PSK_SHA256);
    assert_handshake(vectors_find(fourway, "vectors", "rekey-akm6"), LK_AKM_PSK_SHA256);
    assert_handshake(vectors_find(fourway, "vectors", "initial-akm2"), LK_AKM_8021X);
    assert_handshake(vectors_find(fourway, "vectors", "initial-akm6"), LK_AKM_8021X_SHA256);

    /* the group handshake runs under the PTK of the first */
    input = input_of(vectors_find(fourway, "vectors", "initial-akm2"));
    fill(pmk.octets, sizeof pmk.octets, vectors_find(fourway, "vectors", "initial-akm2"), "pmk");
    lk_ptk_derive(&ptk, LK_AKM_PSK, &pmk, &input);
    assert_mic(&ptk.kck, LK_KEY_VERSION_SHA1, vector_hex(v, "g1"));
    assert_mic(&ptk.kck, LK_KEY_VERSION_SHA1, vector_hex(v, "g2"));
    assert_key_data(v, "key_data_plain", "key_data_wrapped", &ptk.kek);
}

/* The WT has moved on and the UE has not: another PMKID, and its message 2 does not verify. */
static void the_wrong_order(void **state)
{
    const json_t *v = vectors_find(fourway, "vectors", "wrong-order-akm2");
    struct lk_ptk_input input = input_of(vectors_find(fourway, "vectors", "rekey-akm2"));
    struct vector_octets m1 = vector_hex(v, "m1_from_wt"), m2 = vector_hex(v, "m2_from_ue");
    uint8_t pmkid[LK_PMKID_LEN], mic[LK_EAPOL_MIC_LEN];
    struct lk_pmk wt, ue;
    struct lk_ptk wt_ptk, ue_ptk;

    fill(wt.octets, sizeof wt.octets, v, "wt_pmk");
    fill(ue.octets, sizeof ue.octets, v, "ue_pmk");
    lk_pmkid_derive(pmkid, LK_AKM_PSK, &wt, input.aa, input.spa);
    assert_vector(v, "pmkid_in_m1", pmkid, sizeof pmkid);
    assert_memory_equal(m1.at + m1.len - sizeof pmkid, pmkid, sizeof pmkid);
    lk_pmkid_derive(pmkid, LK_AKM_PSK, &ue, input.aa, input.spa);
    assert_vector(v, "pmkid_ue_expects", pmkid, sizeof pmkid);
    lk_ptk_derive(&ue_ptk, LK_AKM_PSK, &ue, &input);
    assert_int_equal(lk_eapol_mic_check(&ue_ptk.kck, LK_KEY_VERSION_SHA1, vector_span(&m2)), LK_OK);
    lk_ptk_derive(&wt_ptk, LK_AKM_PSK, &wt, &input);
    assert_int_equal(lk_eapol_mic_check(&wt_ptk.kck, LK_KEY_VERSION_SHA1, vector_span(&m2)),
                     LK_E_MAC);
    assert_int_equal(lk_eapol_mic(mic, &wt_ptk.kck, LK_KEY_VERSION_SHA1, vector_span(&m2)), LK_OK);
    assert_vector(v, "mic_wt_computes", mic, sizeof mic);
    assert_vector(v, "mic_in_m2", m2.at + LK_EAPOL_MIC_AT, sizeof mic);
}

/* Elements of that many octets in all, of which none is padding. */
static void fill_elements(uint8_t *out, size_t len)
{
    memset(out, 0x11, len);
    for (size_t at = 0; at < len;) {
        size_t content = len - at - 2 < 250 ? len - at - 2 : 250;

        if (len - at - 2 - content == 1)
            content--; /* an element has two octets at least */
        out[at] = 0x30;
        out[at + 1] = (uint8_t)content;
        at += 2 + content;
    }
}

/* spec: IEEE 802.11 12.7.2 - what is padded, with what, and that it is gone on the other side: for
 * every length up to the maximum. */
static void padding_of_key_data(void **state)
{
    const struct lk_kek kek = { { 5 } };
    uint8_t elements[LK_KEY_DATA_MAX + 1], wrapped[LK_KEY_DATA_WRAPPED_MAX];
    uint8_t plain[LK_KEY_DATA_MAX];
    struct lk_key_data data;
    size_t len;

    for (size_t n = 0; n <= LK_KEY_DATA_MAX; n++) {
        size_t padded = n < 16 ? 16 : (n + 7) / 8 * 8;

        if (n == 1)
            continue; /* no element has one octet */
        fill_elements(elements, n);
        assert_int_equal(lk_key_data_wrap(wrapped, &len, &kek, lk_span_of(elements, n)), LK_OK);
        assert_int_equal(len, padded + 8);
        assert_int_equal(lk_aes128_unwrap(plain, kek.octets, lk_span_of(wrapped, len)), LK_OK);
        assert_memory_equal(plain, elements, n);
        for (size_t i = n; i < padded; i++)
            assert_int_equal(plain[i], i == n ? 0xdd : 0);
        assert_int_equal(lk_key_data_unwrap(&data, &kek, lk_span_of(wrapped, len)), LK_OK);
        assert_int_equal(data.len, n);
        assert_memory_equal(data.octets, elements, n);
    }
    assert_int_equal(lk_key_data_wrap(wrapped, &len, &kek, LK_SPAN(elements)), LK_E_LENGTH);
    assert_int_equal(len, 0);
}

/* Only what is behind the elements is padding: not a key that ends like one, not dd with something
 * behind it; what does not parse stays whole. */
static void what_is_no_padding(void **state)
{
    static const struct {
        const char *what;
        uint8_t plain[24];
        size_t want;
    } rows[] = {
        { "an element whose content ends in dd 00",
          { 0xdd, 22, 0, 0x0f, 0xac, 1, 1, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0xdd, 0, 0 },
          24 },
        { "dd, its length, content", { 0x30, 14, [16] = 0xdd, 6, 0, 0x0f, 0xac, 1, 1, 1 }, 24 },
        { "dd and something among the zeroes", { 0x30, 14, [16] = 0xdd, 0, 0, 0, 0, 0, 0, 1 }, 24 },
        { "another element without content", { 0x30, 14, [16] = 0x31 }, 24 },
        { "a lone dd", { 0x30, 21, [23] = 0xdd }, 23 },
        { "dd and zeroes", { 0x30, 14, [16] = 0xdd }, 16 },
        { "nothing but padding", { 0xdd }, 0 },
        { "an element longer than the rest", { 0x30, 23, [23] = 0xdd }, 24 },
    };
    const struct lk_kek kek = { { 6 } };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t wrapped[32];
        struct lk_key_data data;

        assert_int_equal(lk_aes128_wrap(wrapped, kek.octets, LK_SPAN(rows[i].plain)), LK_OK);
        assert_int_equal(lk_key_data_unwrap(&data, &kek, LK_SPAN(wrapped)), LK_OK);
        if (data.len != rows[i].want)
            fail_msg("%s: %zu octets", rows[i].what, data.len);
        assert_memory_equal(data.octets, rows[i].plain, data.len);
    }
}

/* Cut, too long, altered, or under another key: nothing comes out. */
static void key_data_refused(void **state)
{
    static uint8_t wrapped[LK_KEY_DATA_WRAPPED_MAX + 8];
    static const uint8_t zero[LK_KEY_DATA_MAX];
    struct lk_kek kek = { { 7 } };
    uint8_t elements[LK_KEY_DATA_MAX];
    struct lk_key_data data;
    size_t len;

    fill_elements(elements, sizeof elements);
    assert_int_equal(lk_key_data_wrap(wrapped, &len, &kek, LK_SPAN(elements)), LK_OK);
    assert_int_equal(len, LK_KEY_DATA_WRAPPED_MAX);
    for (size_t cut = 0; cut < len; cut++) {
        data.len = 1;
        assert_int_equal(lk_key_data_unwrap(&data, &kek, lk_span_of(wrapped, cut)),
                         cut < 24 || cut % 8 != 0 ? LK_E_LENGTH : LK_E_MAC);
        assert_int_equal(data.len, 0);
    }
    assert_int_equal(lk_key_data_unwrap(&data, &kek, LK_SPAN(wrapped)), LK_E_LENGTH);
    wrapped[100] ^= 1;
    data.len = 1;
    assert_int_equal(lk_key_data_unwrap(&data, &kek, lk_span_of(wrapped, len)), LK_E_MAC);
    assert_int_equal(data.len, 0);
    assert_memory_equal(data.octets, zero, sizeof zero);
    wrapped[100] ^= 1;
    kek.octets[15] ^= 1;
    assert_int_equal(lk_key_data_unwrap(&data, &kek, lk_span_of(wrapped, len)), LK_E_MAC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prf_vectors),
        cmocka_unit_test(kdf_vector_and_definition),
        cmocka_unit_test(published_ptks),
        cmocka_unit_test(the_lesser_comes_first),
        cmocka_unit_test(pmkids),
        cmocka_unit_test(mic_of_a_capture),
        cmocka_unit_test(handshakes_under_s_kwt),
        cmocka_unit_test(the_wrong_order),
        cmocka_unit_test(padding_of_key_data),
        cmocka_unit_test(what_is_no_padding),
        cmocka_unit_test(key_data_refused),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
