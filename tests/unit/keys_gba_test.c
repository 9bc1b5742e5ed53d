/* keys/gba and keys/mip: every vector, names, lengths above 255, and what separates keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "keys/gba.h"
#include "keys/mip.h"
#include "vectors.h"

static void ks_of(struct lk_ks *ks, const json_t *v)
{
    struct vector_octets octets = vector_hex(v, "ks");

    assert_int_equal(octets.len, sizeof ks->octets);
    memcpy(ks->octets, octets.at, sizeof ks->octets);
}

/* spec: TS 33.220 4.5.2 - Ks is CK and behind it IK. */
static void ks_is_ck_and_ik(void **state)
{
    json_t *file = vectors_load("gba-kdf"), *aka = vectors_load("digest-aka");
    struct vector_octets ck = vector_hex(aka, "aka.ck"), ik = vector_hex(aka, "aka.ik");
    struct lk_ck lk_ck;
    struct lk_ik lk_ik;
    struct lk_ks ks;

    memcpy(lk_ck.octets, ck.at, sizeof lk_ck.octets);
    memcpy(lk_ik.octets, ik.at, sizeof lk_ik.octets);
    lk_ks_of(&ks, &lk_ck, &lk_ik);
    assert_vector(vectors_find(file, "vectors", "ks_naf-httpdigest"), "ks", ks.octets,
                  sizeof ks.octets);
    json_decref(aka);
    json_decref(file);
}

/* spec: TS 33.220 B.3 - Ks_NAF, Ks_ext_NAF and Ks_int_NAF of every vector. */
static void every_key_of_a_naf(void **state)
{
    json_t *file = vectors_load("gba-kdf");
    const json_t *list = vectors_list(file, "vectors");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct lk_ks_int_naf of_uicc;
        struct lk_naf_id naf;
        struct lk_ua_id ua;
        struct lk_ks_naf key;
        struct lk_ks ks;

        if (!vector_has(v, "naf_fqdn"))
            continue;
        ks_of(&ks, v);
        memcpy(ua.octets, vector_hex(v, "ua_security_protocol_id").at, sizeof ua.octets);
        lk_naf_id_of(&naf, lk_span_text(vector_text(v, "naf_fqdn")), &ua);
        assert_vector(v, "naf_id", naf.octets, naf.len);
        lk_ks_naf_derive(&key, &ks, vector_hex(v, "rand").at,
                         lk_span_text(vector_text(v, "impi")), &naf);
        lk_ks_int_naf_derive(&of_uicc, &ks, vector_hex(v, "rand").at,
                             lk_span_text(vector_text(v, "impi")), &naf);
        if (strcmp(vector_text(v, "p0"), "gba-me") == 0)
            assert_vector(v, "out", key.octets, sizeof key.octets);
        else
            assert_vector(v, "out", of_uicc.octets, sizeof of_uicc.octets);
        assert_memory_not_equal(key.octets, of_uicc.octets, sizeof key.octets);
        count++;
    }
    assert_int_equal(count, 4);
    json_decref(file);
}

/* spec: TS 33.220 B.4 - TMPI. B-TID is that of 4.5.2. */
static void names(void **state)
{
    static const char bsf[] = "bsf.mnc001.mcc001.pub.3gppnetwork.org";
    json_t *file = vectors_load("gba-kdf");
    const json_t *v = vectors_find(file, "vectors", "tmpi");
    const json_t *naf = vectors_find(file, "vectors", "ks_naf-httpdigest");
    struct vector_octets rand = vector_hex(naf, "rand");
    char tmpi[LK_TMPI_MAX + 1], b_tid[LK_B_TID_MAX + 1];
    struct lk_naf_id bsf_id;
    struct lk_ks ks;

    ks_of(&ks, v);
    lk_naf_id_of(&bsf_id, lk_span_text(bsf), &lk_ua_id_tmpi);
    assert_vector(v, "bsf_id", bsf_id.octets, bsf_id.len);
    lk_tmpi_derive(tmpi, &ks, rand.at, lk_span_text(vector_text(naf, "impi")), lk_span_text(bsf));
    assert_string_equal(tmpi, vector_text(v, "tmpi"));
    assert_int_equal(strlen(tmpi), LK_TMPI_MAX);
    lk_b_tid_say(b_tid, rand.at, lk_span_text(bsf));
    assert_string_equal(b_tid, vector_text(file, "b_tid"));
    json_decref(file);
}

/* spec: TS 33.220 B.2.0 - a length above 255 takes both of its octets: public clients have written
 * it as 00 and one octet. */
static void lengths_above_255(void **state)
{
    static char impi[600], fqdn[LK_FQDN_MAX];
    uint8_t s[1 + 8 + 18 + 602 + 260 + 2], want[32];
    struct lk_writer w = lk_writer_of(s, sizeof s);
    const struct lk_ks ks = { { 7 } };
    const uint8_t rand[16] = { 9 };
    struct lk_naf_id naf;
    struct lk_ks_naf key;
    struct lk_span whole;

    memset(impi, 'i', sizeof impi);
    memset(fqdn, 'f', sizeof fqdn);
    lk_naf_id_of(&naf, LK_SPAN(fqdn), &lk_ua_id_http_digest);
    assert_int_equal(naf.len, 258);
    lk_put_octets(&w, "\x01gba-me\x00\x06", 9);
    lk_put_octets(&w, rand, sizeof rand);
    lk_put_be16(&w, 16);
    lk_put_octets(&w, impi, sizeof impi);
    lk_put_octets(&w, "\x02\x58", 2);
    lk_put_octets(&w, naf.octets, naf.len);
    lk_put_octets(&w, "\x01\x02", 2);
    assert_int_equal(lk_writer_end(&w), LK_OK);
    whole = lk_writer_span(&w);
    lk_hmac_sha256(want, LK_SPAN(ks.octets), &whole, 1);
    lk_ks_naf_derive(&key, &ks, rand, LK_SPAN(impi), &naf);
    assert_memory_equal(key.octets, want, sizeof want);
}

/* T28: the same host has another key in each protocol, and another host another in the same; the
 * border between the two cannot be moved. */
static void a_key_is_of_one_host_and_one_protocol(void **state)
{
    static const char *const hosts[] = { "naf.example", "naf.example.", "af.example", "n" };
    static const struct lk_ua_id uas[] = { { { 1, 0, 0, 0, 2 } }, { { 1, 0, 0, 0, 7 } },
                                           { { 1, 0, 1, 0xc0, 0x2f } }, { { 1, 0, 0, 0, 0xf0 } } };
    struct lk_ks_naf keys[LK_COUNT_OF(hosts) * LK_COUNT_OF(uas)];
    const struct lk_ks ks = { { 1 } };
    const uint8_t rand[16] = { 2 };
    size_t count = 0;

    for (size_t i = 0; i < LK_COUNT_OF(hosts); i++)
        for (size_t j = 0; j < LK_COUNT_OF(uas); j++) {
            struct lk_naf_id naf;

            lk_naf_id_of(&naf, lk_span_text(hosts[i]), &uas[j]);
            lk_ks_naf_derive(&keys[count], &ks, rand, lk_span_text("impi"), &naf);
            for (size_t k = 0; k < count; k++)
                assert_memory_not_equal(keys[k].octets, keys[count].octets, 32);
            count++;
        }
}

/* The chain of seed 004 7.3.4: the home AAA as NAF, and its key the AAA key of RFC 3957. */
static void mobile_ip_chain(void **state)
{
    json_t *file = vectors_load("gba-mip-chain");
    const json_t *v = vectors_find(file, "vectors", "aka-ks-mnaaa-mnha-rrp");
    struct vector_octets id = vector_hex(v, "naf_id");
    struct vector_octets nonce = vector_hex(v, "key_generation_nonce");
    struct lk_naf_id naf = { .len = id.len };
    struct lk_mip_key mn_ha;
    struct lk_ks_naf key;
    struct lk_ks ks;

    ks_of(&ks, v);
    memcpy(naf.octets, id.at, id.len);
    lk_ks_naf_derive(&key, &ks, vector_hex(v, "rand").at, lk_span_text(vector_text(v, "impi")),
                     &naf);
    assert_vector(v, "mn_aaa_key", key.octets, sizeof key.octets);
    lk_mip_key_derive(&mn_ha, LK_SPAN(key.octets), vector_span(&nonce),
                      lk_span_text(vector_text(v, "nai")));
    assert_vector(v, "mn_ha_key_sha1", mn_ha.octets, sizeof mn_ha.octets);
    assert_vector(v, "mn_ha_key", mn_ha.octets, LK_MIP_KEY_SHORT);
    json_decref(file);
}

/* spec: RFC 3957 5 - of a NAI, or of a home address. */
static void mobile_ip_keys(void **state)
{
    json_t *file = vectors_load("mip4-rfc3957");
    const json_t *list = vectors_list(file, "vectors");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets key, nonce, identifier;
        struct lk_mip_key mn_ha;

        if (!vector_has(v, "mobile_node_identifier"))
            continue;
        key = vector_hex(v, "aaa_key");
        nonce = vector_hex(v, "key_generation_nonce");
        identifier = vector_hex(v, "mobile_node_identifier");
        lk_mip_key_derive(&mn_ha, vector_span(&key), vector_span(&nonce),
                          vector_span(&identifier));
        assert_vector(v, "key_sha1_20", mn_ha.octets, sizeof mn_ha.octets);
        count++;
    }
    assert_int_equal(count, 3);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ks_is_ck_and_ik),
        cmocka_unit_test(every_key_of_a_naf),
        cmocka_unit_test(names),
        cmocka_unit_test(lengths_above_255),
        cmocka_unit_test(a_key_is_of_one_host_and_one_protocol),
        cmocka_unit_test(mobile_ip_chain),
        cmocka_unit_test(mobile_ip_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
