/* keys/erp: prf+ as RFC 5295 uses it, every key of ERP and ERP/AAK, names, and tags of packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "keys/erp.h"
#include "keys/kdf.h"
#include "vectors.h"

static json_t *prfplus, *erp;

static int load(void **state)
{
    prfplus = vectors_load("erp-prfplus");
    erp = vectors_load("erp-kdf");
    return 0;
}

static int unload(void **state)
{
    json_decref(prfplus);
    json_decref(erp);
    return 0;
}

enum { LONGEST = 255 * 32 };

static void published_and_longest(void **state)
{
    const json_t *list = vectors_list(prfplus, "vectors");
    static uint8_t out[LONGEST + 1];
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets key, s;
        struct lk_span part;
        size_t len = (size_t)vector_int(v, "length");

        if (len > LONGEST)
            continue; /* the rule: below */
        key = vector_hex(v, "key");
        s = vector_hex(v, "S");
        part = vector_span(&s);
        memset(out, 0xee, sizeof out);
        lk_prf_prime(out, len, vector_span(&key), &part, 1);
        assert_int_equal(out[len], 0xee);
        assert_vector(v, "output", out, len < LONGEST ? len : 32);
        if (vector_has(v, "output_last32")) {
            struct lk_span all = lk_span_of(out, len);
            uint8_t hash[LK_SHA256_LEN];

            lk_sha256(hash, &all, 1);
            assert_vector(v, "output_last32", out + len - 32, 32);
            assert_vector(v, "sha256_of_output", hash, sizeof hash);
        }
        count++;
    }
    assert_int_equal(count, 7);
}

/* spec: RFC 5295 3.1 - label, 00, data and a length of two octets, in this order: for every vector,
 * whatever its key is. */
static void the_input_of_every_key(void **state)
{
    const json_t *list = vectors_list(erp, "vectors");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets key = vector_hex(v, "key"), data, s;
        struct lk_span part;
        uint8_t out[64], again[64];
        size_t len;

        if (!vector_has(v, "label"))
            continue;
        data = vector_hex(v, "optional_data");
        s = vector_hex(v, "S");
        part = vector_span(&s);
        len = (size_t)vector_int(v, "length");
        lk_erp_kdf(out, len, vector_span(&key), lk_span_text(vector_text(v, "label")),
                   vector_span(&data));
        assert_vector(v, "output", out, len);
        lk_prf_prime(again, len, vector_span(&key), &part, 1);
        assert_memory_equal(again, out, len);
        count++;
    }
    assert_int_equal(count, 30);
}

static const json_t *of(const char *set, const char *name)
{
    char id[64];

    snprintf(id, sizeof id, "%s.%s", set, name);
    return vectors_find(erp, "vectors", id);
}

static void fill(uint8_t to[64], const json_t *v)
{
    struct vector_octets key = vector_hex(v, "key");

    assert_int_equal(key.len, 64);
    memcpy(to, key.at, 64);
}

/* spec: RFC 5295 3.2 - the name of an EMSK comes from the Session-Id. */
/* spec: RFC 5295 4 - the domain enters its root. */
static void assert_domain_keys(const char *set, const struct lk_emsk *emsk, struct lk_dsrk *dsrk)
{
    const json_t *v = of(set, "EMSKname");
    struct vector_octets session_id = vector_hex(v, "key"), domain;
    uint8_t name[LK_EMSK_NAME_LEN];
    struct lk_delivery_key delivery;

    lk_emsk_name(name, vector_span(&session_id));
    assert_vector(v, "output", name, sizeof name);
    v = of(set, "DSRK");
    domain = vector_hex(v, "optional_data");
    lk_dsrk_derive(dsrk, emsk, vector_span(&domain));
    assert_vector(v, "output", dsrk->octets, sizeof dsrk->octets);
    v = of(set, "DSRK-delivery-authorized-key");
    lk_delivery_key_derive(&delivery, emsk, vector_span(&domain));
    assert_vector(v, "output", delivery.octets, sizeof delivery.octets);
}

/* spec: RFC 6696 4.1 - rRK of the EMSK, and of the domain's root; its label begins with EAP. */
/* spec: RFC 6696 4.3 - rIK of each cryptosuite; its label does not begin with EAP. */
/* spec: RFC 6696 4.6 - rMSK of the first, the next and the last SEQ; nor does this one's. */
static void assert_erp_keys(const char *set, const struct lk_emsk *emsk, const struct lk_dsrk *dsrk)
{
    static const char *const rik_names[] = { "rIK.cs1", "rIK.cs2", "rIK.cs3" };
    struct lk_rrk rrk, ds_rrk;
    struct lk_rik rik;
    struct lk_rmsk rmsk;

    lk_rrk_of_emsk(&rrk, emsk);
    assert_vector(of(set, "rRK"), "output", rrk.octets, sizeof rrk.octets);
    lk_rrk_of_dsrk(&ds_rrk, dsrk);
    assert_vector(of(set, "DS-rRK"), "output", ds_rrk.octets, sizeof ds_rrk.octets);
    for (unsigned suite = 1; suite <= 3; suite++) {
        lk_rik_derive(&rik, &rrk, (enum lk_erp_suite)suite);
        assert_vector(of(set, rik_names[suite - 1]), "output", rik.octets, sizeof rik.octets);
    }
    lk_rik_derive(&rik, &ds_rrk, LK_ERP_HMAC_SHA256_128);
    assert_vector(of(set, "DS-rIK.cs2"), "output", rik.octets, sizeof rik.octets);
    lk_rmsk_derive(&rmsk, &rrk, 0);
    assert_vector(of(set, "rMSK.seq0"), "output", rmsk.octets, sizeof rmsk.octets);
    lk_rmsk_derive(&rmsk, &rrk, 1);
    assert_vector(of(set, "rMSK.seq1"), "output", rmsk.octets, sizeof rmsk.octets);
    lk_rmsk_derive(&rmsk, &rrk, 65535);
    assert_vector(of(set, "rMSK.seq65535"), "output", rmsk.octets, sizeof rmsk.octets);
    lk_rmsk_derive(&rmsk, &ds_rrk, 0);
    assert_vector(of(set, "DS-rMSK.seq0"), "output", rmsk.octets, sizeof rmsk.octets);
}

/* spec: RFC 6630 4 - pRK and pMSK; of the domain's root they are others. */
static void assert_early_keys(const char *set, const struct lk_emsk *emsk,
                              const struct lk_dsrk *dsrk)
{
    struct lk_prk prk, ds_prk;
    struct lk_pmsk pmsk, other;

    lk_prk_of_emsk(&prk, emsk);
    assert_vector(of(set, "pRK"), "output", prk.octets, sizeof prk.octets);
    lk_pmsk_derive(&pmsk, &prk, 1);
    assert_vector(of(set, "pMSK.seq1"), "output", pmsk.octets, sizeof pmsk.octets);
    lk_pmsk_derive(&other, &prk, 0x100); /* both octets of a SEQ enter */
    assert_memory_not_equal(other.octets, pmsk.octets, sizeof pmsk.octets);
    lk_prk_of_dsrk(&ds_prk, dsrk);
    lk_erp_kdf(other.octets, 64, LK_SPAN(dsrk->octets),
               lk_span_text("EAP Early-Authentication Root Key@ietf.org"), lk_span_of(NULL, 0));
    assert_memory_equal(ds_prk.octets, other.octets, sizeof ds_prk.octets);
}

static void every_key(void **state)
{
    static const char *const sets[] = { "A", "B" };

    for (size_t i = 0; i < LK_COUNT_OF(sets); i++) {
        struct lk_emsk emsk;
        struct lk_dsrk dsrk;

        fill(emsk.octets, of(sets[i], "rRK"));
        assert_domain_keys(sets[i], &emsk, &dsrk);
        assert_erp_keys(sets[i], &emsk, &dsrk);
        assert_early_keys(sets[i], &emsk, &dsrk);
    }
}

/* Usages by their definition: parent, label, data. */
static void usages(void **state)
{
    const struct lk_emsk emsk = { { 1 } };
    const struct lk_dsrk dsrk = { { 2 } };
    struct lk_span label = lk_span_text("mis@latchkey.example"), data = lk_span_text("pos.example");
    uint8_t want[64];
    struct lk_usrk usrk;
    struct lk_dsusrk dsusrk;

    lk_usrk_derive(&usrk, &emsk, label, data);
    lk_erp_kdf(want, sizeof want, LK_SPAN(emsk.octets), label, data);
    assert_memory_equal(usrk.octets, want, sizeof want);
    lk_dsusrk_derive(&dsusrk, &dsrk, label, data);
    lk_erp_kdf(want, sizeof want, LK_SPAN(dsrk.octets), label, data);
    assert_memory_equal(dsusrk.octets, want, sizeof want);
}

/* spec: RFC 6696 5.3.2 - the tag of Initiate and Finish, of every cryptosuite; one bit of the
 * packet or the tag that is another, or a tag of another length, is refused. */
static void tags_of_packets(void **state)
{
    static const char *const packets[] = { "packet.EAP-Initiate/Re-auth",
                                           "packet.EAP-Finish/Re-auth" };
    static const size_t lengths[] = { 0, 8, 16, 32, 0 };
    uint8_t tag[LK_ERP_TAG_MAX], full[LK_ERP_TAG_MAX];
    struct lk_rik rik;

    for (size_t i = 0; i < 2 * LK_COUNT_OF(packets); i++) {
        const json_t *v = of(i % 2 == 0 ? "A" : "B", packets[i / 2]);
        struct vector_octets covered = vector_hex(v, "authenticated_octets");
        struct lk_span packet = vector_span(&covered);

        fill(rik.octets, v);
        lk_erp_tag(tag, LK_ERP_HMAC_SHA256_128, &rik, packet);
        assert_vector(v, "tag", tag, 16);
        for (uint8_t suite = 0; suite <= 4; suite++) {
            size_t len = lk_erp_tag_len(suite);

            assert_int_equal(len, lengths[suite]);
            if (len == 0) {
                assert_int_equal(lk_erp_tag_check(LK_SPAN(full), (enum lk_erp_suite)suite, &rik,
                                                  packet),
                                 LK_E_LENGTH);
                continue;
            }
            lk_erp_tag(full, (enum lk_erp_suite)suite, &rik, packet);
            assert_memory_equal(full, tag, len < 16 ? len : 16);
            for (size_t some = 0; some <= sizeof full; some++)
                assert_int_equal(lk_erp_tag_check(lk_span_of(full, some), (enum lk_erp_suite)suite,
                                                  &rik, packet),
                                 some == len ? LK_OK : LK_E_LENGTH);
            for (size_t bit = 0; bit < 8 * len; bit++) {
                full[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_equal(lk_erp_tag_check(lk_span_of(full, len), (enum lk_erp_suite)suite,
                                                  &rik, packet),
                                 LK_E_MAC);
                full[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
            for (size_t at = 0; at < covered.len; at++) {
                covered.at[at] ^= 0x10;
                assert_int_equal(lk_erp_tag_check(lk_span_of(full, len), (enum lk_erp_suite)suite,
                                                  &rik, packet),
                                 LK_E_MAC);
                covered.at[at] ^= 0x10;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_and_longest), cmocka_unit_test(the_input_of_every_key),
        cmocka_unit_test(every_key),             cmocka_unit_test(usages),
        cmocka_unit_test(tags_of_packets),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
