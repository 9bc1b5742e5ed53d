/* keys/eps: every vector of the EPS hierarchy through its own type, the chain of an LWA session,
 * and 128-EIA2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "keys/eps.h"
#include "keys/kdf.h"
#include "vectors.h"

static json_t *annex, *chain;

static int load(void **state)
{
    annex = vectors_load("kdf_33401");
    chain = vectors_load("lwa_chain");
    return 0;
}

static int unload(void **state)
{
    json_decref(annex);
    json_decref(chain);
    return 0;
}

/* Hex at path into a key of that length. */
static void fill(void *key, size_t len, const json_t *v, const char *path)
{
    struct vector_octets octets = vector_hex(v, path);

    assert_int_equal(octets.len, len);
    memcpy(key, octets.at, len);
}
#define FILL(key, v, path) fill((key).octets, sizeof(key).octets, v, path)
#define ASSERT_KEY(v, path, key) assert_vector(v, path, (key).octets, sizeof(key).octets)

/* Parameter i of a vector, as a number. */
static uint32_t number(const json_t *v, size_t i)
{
    json_t *named = json_pack("{s:O}", "p", json_array_get(json_object_get(v, "p"), i));
    struct vector_octets octets = vector_hex(named, "p");
    uint32_t value = 0;

    for (size_t at = 0; at < octets.len; at++)
        value = value << 8 | octets.at[at];
    json_decref(named);
    return value;
}

/* The next vector of a function code, or NULL. */
static const json_t *next_of(const char *fc, size_t *at)
{
    const json_t *list = vectors_list(annex, "vectors");

    while (*at < json_array_size(list)) {
        const json_t *v = json_array_get(list, (*at)++);

        if (strcmp(vector_text(v, "fc"), fc) == 0)
            return v;
    }
    return NULL;
}

/* spec: TS 33.401 A.2 - KASME of both sets: CK || IK is the key, SN id and SQN xor AK enter. */
static void kasme_vectors(void **state)
{
    static const uint8_t sn_1[3] = { 0x02, 0xf8, 0x39 }, sqn_1[6] = { 1, 2, 3, 4, 5, 6 };
    static const uint8_t sn_2[3] = { 0x00, 0xf1, 0x10 };
    static const uint8_t sqn_2[6] = { 0x5d, 0x69, 0x30, 0x9c, 0xe1, 0x35 };
    const json_t *v = vectors_find(annex, "vectors", "kasme-1");
    struct vector_octets both;
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_kasme kasme;

    for (uint8_t i = 0; i < 16; i++) { /* written as a range in the file */
        ck.octets[i] = i;
        ik.octets[i] = (uint8_t)(16 + i);
    }
    lk_kasme_derive(&kasme, &ck, &ik, sn_1, sqn_1);
    ASSERT_KEY(v, "output", kasme);

    v = vectors_find(annex, "vectors", "kasme-2");
    both = vector_hex(v, "key");
    memcpy(ck.octets, both.at, 16);
    memcpy(ik.octets, both.at + 16, 16);
    lk_kasme_derive(&kasme, &ck, &ik, sn_2, sqn_2);
    ASSERT_KEY(v, "output", kasme);
}

/* spec: TS 33.401 A.2 - the octets of the SN id, with two digits of MNC and with three. */
static void sn_id_of_a_network(void **state)
{
    static const struct {
        const char *plmn;
        enum lk_status status;
        uint8_t sn_id[LK_SN_ID_LEN];
    } rows[] = {
        { "00101", LK_OK, { 0x00, 0xf1, 0x10 } },
        { "208930", LK_OK, { 0x02, 0x08, 0x39 } },
        { "20893", LK_OK, { 0x02, 0xf8, 0x39 } },
        { "310260", LK_OK, { 0x13, 0x00, 0x62 } },
        { "123456", LK_OK, { 0x21, 0x63, 0x54 } },
        { "0010", LK_E_LENGTH, { 0 } },
        { "0010101", LK_E_LENGTH, { 0 } },
        { "", LK_E_LENGTH, { 0 } },
        { "0010/", LK_E_VALUE, { 0 } },
        { ":0101", LK_E_VALUE, { 0 } },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t sn_id[LK_SN_ID_LEN] = { 0 };

        assert_int_equal(lk_sn_id_of_plmn(sn_id, lk_span_text(rows[i].plmn)), rows[i].status);
        assert_memory_equal(sn_id, rows[i].sn_id, sizeof sn_id);
    }
}

/* spec: TS 33.401 A.3 - KeNB; the higher octets of the NAS COUNT count too. */
static void kenb_vectors(void **state)
{
    const struct lk_kasme of = { { 7 } };
    const uint8_t octets[4] = { 0, 0xab, 0xcd, 0xef };
    struct lk_span param = LK_SPAN(octets);
    const json_t *v;
    size_t at = 0, count = 0;
    struct lk_kasme kasme;
    struct lk_kenb kenb;
    uint8_t want[32];

    while ((v = next_of("11", &at)) != NULL) {
        FILL(kasme, v, "key");
        lk_kenb_derive(&kenb, &kasme, number(v, 0));
        ASSERT_KEY(v, "output", kenb);
        count++;
    }
    assert_int_equal(count, 2);
    lk_kdf_3gpp(want, LK_SPAN(of.octets), 0x11, &param, 1);
    lk_kenb_derive(&kenb, &of, 0xabcdef);
    assert_memory_equal(kenb.octets, want, sizeof want);
}

/* spec: TS 33.401 A.4 - NH, of a KeNB and of an NH, which may be the same variable. */
static void nh_vectors(void **state)
{
    const json_t *v;
    size_t at = 0, count = 0;

    while ((v = next_of("12", &at)) != NULL) {
        json_t *named = json_pack("{s:O}", "p", json_array_get(json_object_get(v, "p"), 0));
        struct lk_kasme kasme;
        struct lk_kenb kenb;
        struct lk_nh nh;

        FILL(kasme, v, "key");
        FILL(kenb, named, "p");
        lk_nh_first(&nh, &kasme, &kenb);
        ASSERT_KEY(v, "output", nh);
        FILL(nh, named, "p");
        lk_nh_next(&nh, &kasme, &nh);
        ASSERT_KEY(v, "output", nh);
        json_decref(named);
        count++;
    }
    assert_int_equal(count, 2);
}

/* spec: TS 33.401 A.5 - KeNB* of a KeNB and of an NH; a channel number above 65535 has three
 * octets, 65535 itself two. */
static void kenb_star_vectors(void **state)
{
    static const uint8_t pci[2] = { 0x01, 0xf7 }, edge[2] = { 0xff, 0xff }, over[3] = { 1, 0, 0 };
    const struct lk_kenb source = { { 9 } };
    struct lk_span params[2] = { LK_SPAN(pci), LK_SPAN(edge) };
    const json_t *v;
    size_t at = 0, count = 0;
    struct lk_kenb kenb, target;
    struct lk_nh nh;
    uint8_t want[32];

    while ((v = next_of("13", &at)) != NULL) {
        struct lk_eps_cell cell = { (uint16_t)number(v, 0), number(v, 1) };

        FILL(kenb, v, "key");
        FILL(nh, v, "key");
        lk_kenb_star_vertical(&target, &nh, &cell);
        ASSERT_KEY(v, "output", target);
        lk_kenb_star_horizontal(&kenb, &kenb, &cell); /* the target in the place of the source */
        ASSERT_KEY(v, "output", kenb);
        count++;
    }
    assert_int_equal(count, 3);
    lk_kdf_3gpp(want, LK_SPAN(source.octets), 0x13, params, 2);
    lk_kenb_star_horizontal(&target, &source, &(struct lk_eps_cell){ LK_PCI_MAX, 65535 });
    assert_memory_equal(target.octets, want, sizeof want);
    params[1] = LK_SPAN(over);
    lk_kdf_3gpp(want, LK_SPAN(source.octets), 0x13, params, 2);
    lk_kenb_star_horizontal(&target, &source, &(struct lk_eps_cell){ LK_PCI_MAX, 65536 });
    assert_memory_equal(target.octets, want, sizeof want);
}

/* The lower half of the KDF's output, by its definition. */
static void assert_algorithm_key(const uint8_t key[16], const uint8_t parent[32], uint8_t type,
                                 uint8_t algorithm)
{
    struct lk_span params[2] = { lk_span_of(&type, 1), lk_span_of(&algorithm, 1) };
    uint8_t whole[32];

    lk_kdf_3gpp(whole, lk_span_of(parent, 32), 0x15, params, 2);
    assert_memory_equal(key, whole + 16, 16);
}

/* spec: TS 33.401 A.7 - each use has its type, and a key is the lower half. */
static void algorithm_keys(void **state)
{
    const json_t *v;
    struct vector_octets output;
    struct lk_kasme kasme;
    struct lk_kenb kenb;
    struct lk_k_nas_enc nas_enc;
    struct lk_k_nas_int nas_int;
    struct lk_k_rrc_enc rrc_enc;
    struct lk_k_rrc_int rrc_int;
    struct lk_k_up_enc up_enc;
    struct lk_k_up_int up_int;

    v = vectors_find(annex, "vectors", "alg-nas-enc");
    output = vector_hex(v, "output");
    FILL(kasme, v, "key");
    lk_k_nas_enc_derive(&nas_enc, &kasme, 2);
    assert_memory_equal(nas_enc.octets, output.at + 16, 16);
    v = vectors_find(annex, "vectors", "alg-rrc-enc-eea0");
    output = vector_hex(v, "output");
    FILL(kenb, v, "key");
    lk_k_rrc_enc_derive(&rrc_enc, &kenb, 0);
    assert_memory_equal(rrc_enc.octets, output.at + 16, 16);
    v = vectors_find(annex, "vectors", "alg-rrc-int-eia2");
    output = vector_hex(v, "output");
    FILL(kenb, v, "key");
    lk_k_rrc_int_derive(&rrc_int, &kenb, 2);
    assert_memory_equal(rrc_int.octets, output.at + 16, 16);
    v = vectors_find(annex, "vectors", "alg-up-enc-eea0");
    output = vector_hex(v, "output");
    FILL(kenb, v, "key");
    lk_k_up_enc_derive(&up_enc, &kenb, 0);
    assert_memory_equal(up_enc.octets, output.at + 16, 16);

    lk_k_nas_int_derive(&nas_int, &kasme, 3); /* no vectors of these two */
    assert_algorithm_key(nas_int.octets, kasme.octets, 2, 3);
    lk_k_up_int_derive(&up_int, &kenb, 15);
    assert_algorithm_key(up_int.octets, kenb.octets, 6, 15);
}

/* spec: TS 33.401 A.18 - S-KWT; the function code is the caller's. */
static void s_kwt_vectors(void **state)
{
    static const uint8_t counter[2] = { 0x01, 0x23 };
    struct lk_span param = LK_SPAN(counter);
    const json_t *v;
    size_t at = 0, count = 0;
    struct lk_kenb kenb;
    struct lk_s_kwt s_kwt;
    uint8_t want[32];

    while ((v = next_of("1f", &at)) != NULL) {
        FILL(kenb, v, "key");
        lk_s_kwt_derive(&s_kwt, &kenb, LK_S_KWT_FC, (uint16_t)number(v, 0));
        ASSERT_KEY(v, "output", s_kwt);
        count++;
    }
    assert_int_equal(count, 1);
    lk_kdf_3gpp(want, LK_SPAN(kenb.octets), 0x1b, &param, 1);
    lk_s_kwt_derive(&s_kwt, &kenb, 0x1b, 0x0123);
    assert_memory_equal(s_kwt.octets, want, sizeof want);
}

/* Each member of an object "src_N": hex is the key under counter N. */
static void assert_counters(const char *path, const struct lk_kenb *kenb, size_t want)
{
    json_t *list = json_object_get(chain, path), *hex;
    const char *name;
    size_t count = 0;

    json_object_foreach(list, name, hex)
    {
        struct lk_s_kwt s_kwt;
        unsigned counter;

        assert_int_equal(sscanf(name, "%*3s_%u", &counter), 1);
        lk_s_kwt_derive(&s_kwt, kenb, LK_S_KWT_FC, (uint16_t)counter);
        ASSERT_KEY(list, name, s_kwt);
        count++;
    }
    assert_int_equal(count, want);
}

/* From an authentication vector to the PMK: source cell, handover both ways, each counter's end. */
static void the_chain_of_a_session(void **state)
{
    struct lk_eps_cell cell = { (uint16_t)vector_int(chain, "inputs.pci"),
                                (uint32_t)vector_int(chain, "inputs.earfcn_dl") };
    struct vector_octets sqn_xor_ak = vector_hex(chain, "inputs.sqn_xor_ak");
    uint8_t sn_id[LK_SN_ID_LEN], out[32];
    struct lk_ck ck;
    struct lk_ik ik;
    struct lk_kasme kasme;
    struct lk_kenb kenb, target;
    struct lk_nh nh;

    FILL(ck, chain, "inputs.ck");
    FILL(ik, chain, "inputs.ik");
    assert_int_equal(lk_sn_id_of_plmn(sn_id, lk_span_text("00101")), LK_OK);
    assert_vector(chain, "inputs.sn_id", sn_id, sizeof sn_id);
    lk_kasme_derive(&kasme, &ck, &ik, sn_id, sqn_xor_ak.at);
    ASSERT_KEY(chain, "kasme", kasme);
    lk_kenb_derive(&kenb, &kasme, 0);
    ASSERT_KEY(chain, "kenb", kenb);
    assert_counters("s_kwt_by_wt_counter_source_kenb", &kenb, 7);
    for (uint8_t counter = 0; counter < 2; counter++) { /* not of ours, and of the same KeNB */
        const uint8_t octets[2] = { 0, counter };
        struct lk_span param = LK_SPAN(octets);

        lk_kdf_3gpp(out, LK_SPAN(kenb.octets), 0x1e, &param, 1);
        assert_vector(chain, counter == 0 ? "lwip_psk_counter_0" : "lwip_psk_counter_1", out, 32);
    }

    lk_nh_first(&nh, &kasme, &kenb);
    ASSERT_KEY(chain, "nh_ncc1", nh);
    lk_nh_next(&nh, &kasme, &nh);
    ASSERT_KEY(chain, "nh_ncc2", nh);
    lk_kenb_star_vertical(&target, &nh, &cell);
    ASSERT_KEY(chain, "kenb_star_vertical_from_nh_ncc2", target);
    lk_kenb_star_horizontal(&target, &kenb, &cell);
    ASSERT_KEY(chain, "kenb_star_horizontal", target);
    assert_counters("s_kwt_by_wt_counter_target_kenb_horizontal", &target, 2);
}

/* spec: TS 33.401 B.2.3 - the published sets of whole octets; each input counts, and a MAC-I with
 * one other bit is refused. */
static void eia2_vectors(void **state)
{
    json_t *file = vectors_load("eia2");
    const json_t *list = vectors_list(file, "vectors");

    assert_int_equal(json_array_size(list), 6);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        struct vector_octets count = vector_hex(v, "count"), octets = vector_hex(v, "message");
        struct lk_reader r = lk_reader_of(vector_span(&count));
        struct lk_eia_input input = { lk_get_be32(&r), (uint8_t)vector_int(v, "bearer"),
                                      (enum lk_eia_direction)vector_int(v, "direction") };
        struct lk_span message = vector_span(&octets);
        uint8_t mac_i[LK_MAC_I_LEN];
        struct lk_k_rrc_int key;
        struct lk_k_nas_int nas;

        FILL(key, v, "key");
        FILL(nas, v, "key");
        lk_nas_mac(mac_i, &nas, &input, message);
        assert_vector(v, "mac_i", mac_i, sizeof mac_i);
        assert_int_equal(lk_nas_mac_check(mac_i, &nas, &input, message), LK_OK);
        mac_i[0] ^= 1;
        assert_int_equal(lk_nas_mac_check(mac_i, &nas, &input, message), LK_E_MAC);
        lk_rrc_mac_i(mac_i, &key, &input, message);
        assert_vector(v, "mac_i", mac_i, sizeof mac_i);
        assert_int_equal(lk_rrc_mac_i_check(mac_i, &key, &input, message), LK_OK);
        for (size_t bit = 0; bit < 8 * sizeof mac_i; bit++) {
            mac_i[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(lk_rrc_mac_i_check(mac_i, &key, &input, message), LK_E_MAC);
            mac_i[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        input.direction = input.direction == LK_EIA_UPLINK ? LK_EIA_DOWNLINK : LK_EIA_UPLINK;
        assert_int_equal(lk_rrc_mac_i_check(mac_i, &key, &input, message), LK_E_MAC);
    }
    json_decref(file);
}

/* T52: the name under which a counter is saved. By an independent program, for a restarted eNB must
 * find it again; and whoever reads the store learns nothing of the KeNB. */
static void kenb_print_vectors(void **state)
{
    json_t *file = vectors_load("kenb_print");
    const json_t *list = vectors_list(file, "vectors");

    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        uint8_t print[LK_KENB_PRINT_LEN];
        struct lk_kenb kenb;

        FILL(kenb, v, "kenb");
        lk_kenb_print(print, &kenb);
        assert_vector(v, "print", print, sizeof print);
    }
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kasme_vectors),     cmocka_unit_test(sn_id_of_a_network),
        cmocka_unit_test(kenb_vectors),      cmocka_unit_test(nh_vectors),
        cmocka_unit_test(kenb_star_vectors), cmocka_unit_test(algorithm_keys),
        cmocka_unit_test(s_kwt_vectors),     cmocka_unit_test(the_chain_of_a_session),
        cmocka_unit_test(eia2_vectors),      cmocka_unit_test(kenb_print_vectors),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
