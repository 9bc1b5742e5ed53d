/* proto/eap/identity and base/base64url: NAIs, pseudonyms, re-authentication names, realms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64url.h"
#include "proto/eap/identity.h"
#include "wire/eap.h"

static struct lk_imsi imsi_of(const char *digits)
{
    struct lk_imsi imsi;

    assert_int_equal(lk_imsi_parse(&imsi, lk_span_text(digits)), LK_OK);
    return imsi;
}

static struct lk_pseudonym_key key_of(uint8_t id)
{
    struct lk_pseudonym_key key = { .set = true, .id = id };
    uint8_t octets[LK_SIV_KEY_LEN];

    memset(octets, id, sizeof octets);
    lk_siv_set_key(&key.key, octets);
    return key;
}

struct base64_row {
    const char *octets, *text;
};

static void base64url_goes_both_ways(void **state)
{
    static const struct base64_row rows[] = {
        { "", "" },           { "f", "Zg" },           { "fo", "Zm8" },
        { "foo", "Zm9v" },    { "foob", "Zm9vYg" },    { "fooba", "Zm9vYmE" },
        { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "-__-" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        uint8_t room[16], back[16];
        struct lk_writer w = lk_writer_of(room, sizeof room);
        size_t len = 99;

        lk_base64url_put(&w, lk_span_text(rows[i].octets));
        assert_true(lk_span_equal(lk_writer_span(&w), lk_span_text(rows[i].text)));
        assert_int_equal(w.len, LK_BASE64URL_LEN(strlen(rows[i].octets)));
        assert_int_equal(lk_base64url_decode(back, sizeof back, &len, lk_writer_span(&w)), LK_OK);
        assert_true(lk_span_equal(lk_span_of(back, len), lk_span_text(rows[i].octets)));
    }
}

static void base64url_refuses_what_is_none(void **state)
{
    static const char *const bad[] = { "Z", "Zm9vY", "Zm9+", "Zm9/", "Zg==", "Zh", "Zm9", " Zg" };
    uint8_t room[3];
    size_t len = 0;

    for (size_t i = 0; i < LK_COUNT_OF(bad); i++)
        assert_int_not_equal(lk_base64url_decode(room, sizeof room, &len, lk_span_text(bad[i])),
                             LK_OK);
    assert_int_equal(lk_base64url_decode(room, 2, &len, lk_span_text("Zm9v")), LK_E_FULL);
}

struct nai_row {
    const char *text;
    enum lk_identity_kind kind;
    uint8_t eap_type;
    const char *realm, *via;
};

/* spec: TS 23.003 14.3 - the digit in front says method and kind.
 * spec: TS 23.003 14.4 - decorated: the home realm stands in front. */
static void nais_are_taken_apart(void **state)
{
    static const struct nai_row rows[] = {
        { "0001010000000001@r", LK_IDENTITY_PERMANENT, LK_EAP_AKA, "r", "" },
        { "6001010000000001", LK_IDENTITY_PERMANENT, LK_EAP_AKA_PRIME, "", "" },
        { "2abc@r.x", LK_IDENTITY_PSEUDONYM, LK_EAP_AKA, "r.x", "" },
        { "7abc@r.x", LK_IDENTITY_PSEUDONYM, LK_EAP_AKA_PRIME, "r.x", "" },
        { "4abc@r.x", LK_IDENTITY_REAUTH, LK_EAP_AKA, "r.x", "" },
        { "8abc@r.x", LK_IDENTITY_REAUTH, LK_EAP_AKA_PRIME, "r.x", "" },
        { "home.x!6001010000000001@visited.y", LK_IDENTITY_PERMANENT, LK_EAP_AKA_PRIME, "home.x",
          "visited.y" },
        { "1001010000000001@r", LK_IDENTITY_OTHER, 0, "r", "" },  /* EAP-SIM */
        { "600101@r", LK_IDENTITY_OTHER, 0, "r", "" },            /* five digits */
        { "60010100000000012@r", LK_IDENTITY_OTHER, 0, "r", "" }, /* sixteen */
        { "600101000000000x@r", LK_IDENTITY_OTHER, 0, "r", "" },
        { "6001010000000001@a b", LK_IDENTITY_OTHER, 0, "a b", "" },
        { "home.x!6001010000000001@a b", LK_IDENTITY_OTHER, 0, "home.x", "a b" },
        { "6001010000000001@a@b", LK_IDENTITY_OTHER, 0, "a@b", "" },
        { "6", LK_IDENTITY_OTHER, 0, "", "" },
        { "", LK_IDENTITY_OTHER, 0, "", "" },
        { "@", LK_IDENTITY_OTHER, 0, "", "" },
        { "!", LK_IDENTITY_OTHER, 0, "", "" },
        { "anonymous@x", LK_IDENTITY_OTHER, 0, "x", "" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        struct lk_imsi imsi;
        struct lk_nai nai;

        lk_nai_parse(&nai, lk_span_text(rows[i].text));
        if (nai.kind != rows[i].kind || nai.eap_type != rows[i].eap_type)
            fail_msg("%s", rows[i].text);
        assert_true(lk_span_equal(nai.realm, lk_span_text(rows[i].realm)));
        assert_true(lk_span_equal(nai.via, lk_span_text(rows[i].via)));
        if (nai.kind != LK_IDENTITY_PERMANENT) {
            assert_int_equal(lk_nai_imsi(&imsi, &nai), LK_E_VALUE);
            continue;
        }
        assert_int_equal(lk_nai_imsi(&imsi, &nai), LK_OK);
        assert_string_equal(imsi.digits, "001010000000001");
    }
}

static void a_nai_of_zero_octets_and_nul_is_no_special_case(void **state)
{
    static const uint8_t nul[] = "6001010000000001\0@r";
    struct lk_nai nai;

    lk_nai_parse(&nai, lk_span_of(NULL, 0));
    assert_int_equal(nai.kind, LK_IDENTITY_OTHER);
    lk_nai_parse(&nai, lk_span_of(nul, sizeof nul - 1));
    assert_int_equal(nai.kind, LK_IDENTITY_OTHER);
}

static void permanent_identities_and_realms_are_built(void **state)
{
    struct lk_imsi imsi = imsi_of("001010000000001");
    char room[100];
    struct lk_writer w = lk_writer_of(room, sizeof room);

    lk_permanent_identity_put(&w, LK_EAP_AKA_PRIME, &imsi, lk_span_text("r.x"));
    assert_true(lk_span_equal(lk_writer_span(&w), lk_span_text("6001010000000001@r.x")));
    w = lk_writer_of(room, sizeof room);
    lk_permanent_identity_put(&w, LK_EAP_AKA, &imsi, lk_span_of(NULL, 0));
    assert_true(lk_span_equal(lk_writer_span(&w), lk_span_text("0001010000000001")));
}

/* spec: TS 23.003 14.2 - an MNC of two digits gets a zero in front. */
static void a_realm_tells_the_length_of_the_mnc(void **state)
{
    struct lk_imsi imsi = imsi_of("310150123456789");

    for (unsigned mnc_len = 2; mnc_len <= 3; mnc_len++) {
        char room[100];
        struct lk_writer w = lk_writer_of(room, sizeof room);

        lk_realm_put(&w, mnc_len == 2 ? "wlan" : "nai.epc", &imsi, mnc_len);
        assert_true(lk_span_equal(
            lk_writer_span(&w),
            lk_span_text(mnc_len == 2 ? "wlan.mnc015.mcc310.3gppnetwork.org"
                                      : "nai.epc.mnc150.mcc310.3gppnetwork.org")));
        assert_int_equal(lk_realm_mnc_len(lk_writer_span(&w), &imsi), mnc_len);
    }
    assert_int_equal(lk_realm_mnc_len(lk_span_text("example.org"), &imsi), 0);
    assert_int_equal(lk_realm_mnc_len(lk_span_of(NULL, 0), &imsi), 0);
}

/* A06: a pseudonym opens under its key only, and shows neither IMSI nor kinship. */
static void pseudonyms_open_for_their_key_alone(void **state)
{
    const struct lk_pseudonym_key keys[LK_PSEUDONYM_KEYS] = { key_of(2), key_of(1) };
    const struct lk_pseudonym_key others[LK_PSEUDONYM_KEYS] = { key_of(3), { .id = 2 } };
    static const char *const imsis[] = { "001010", "001010000000001", "31015012345678" };

    for (size_t i = 0; i < LK_COUNT_OF(imsis); i++) {
        struct lk_imsi imsi = imsi_of(imsis[i]), back;
        char text[2][LK_PSEUDONYM_LEN + 2];
        struct lk_nai nai;

        for (size_t k = 0; k < 2; k++) {
            uint8_t salt[LK_PSEUDONYM_SALT_LEN] = { (uint8_t)k };

            memset(text[k], 0, sizeof text[k]);
            lk_pseudonym_make(text[k], LK_EAP_AKA_PRIME, &imsi, &keys[0], salt);
            text[k][LK_PSEUDONYM_LEN] = '@';
            assert_int_equal(text[k][0], '7');
            assert_null(strstr(text[k], imsis[i]));
            lk_nai_parse(&nai, lk_span_text(text[k]));
            assert_int_equal(lk_pseudonym_open(&back, &nai, keys), LK_OK);
            assert_true(lk_imsi_equal(&imsi, &back));
            assert_int_equal(lk_pseudonym_open(&back, &nai, others), LK_E_NOT_FOUND);
        }
        /* behind the key id, which is the same, nothing is */
        assert_memory_not_equal(text[0] + 3, text[1] + 3, 8);
    }
}

static void a_pseudonym_changed_anywhere_does_not_open(void **state)
{
    const struct lk_pseudonym_key keys[LK_PSEUDONYM_KEYS] = { key_of(2), key_of(1) };
    uint8_t salt[LK_PSEUDONYM_SALT_LEN] = { 0 };
    struct lk_imsi imsi = imsi_of("001010000000001"), back;
    char text[LK_PSEUDONYM_LEN];
    struct lk_nai nai;

    lk_pseudonym_make(text, LK_EAP_AKA, &imsi, &keys[1], salt);
    for (size_t i = 1; i < sizeof text; i++) {
        char changed[LK_PSEUDONYM_LEN + 1];

        memcpy(changed, text, sizeof text);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        lk_nai_parse(&nai, lk_span_of(changed, sizeof text));
        assert_int_not_equal(lk_pseudonym_open(&back, &nai, keys), LK_OK);
        lk_nai_parse(&nai, lk_span_of(text, i)); /* cut */
        assert_int_not_equal(lk_pseudonym_open(&back, &nai, keys), LK_OK);
        changed[i] = text[i];
        changed[sizeof text] = 'A'; /* longer */
        lk_nai_parse(&nai, lk_span_of(changed, sizeof changed));
        assert_int_not_equal(lk_pseudonym_open(&back, &nai, keys), LK_OK);
    }
}

static void reauthentication_names_go_both_ways(void **state)
{
    uint8_t name[LK_REAUTH_NAME_LEN], back[LK_REAUTH_NAME_LEN];
    char text[LK_REAUTH_USERNAME_LEN];
    struct lk_nai nai;

    for (size_t i = 0; i < sizeof name; i++)
        name[i] = (uint8_t)(250 + i);
    lk_reauth_name_make(text, LK_EAP_AKA, name);
    assert_int_equal(text[0], '4');
    lk_nai_parse(&nai, LK_SPAN(text));
    assert_int_equal(lk_reauth_name_open(back, &nai), LK_OK);
    assert_memory_equal(name, back, sizeof name);
    lk_nai_parse(&nai, lk_span_of(text, sizeof text - 1));
    assert_int_equal(lk_reauth_name_open(back, &nai), LK_E_NOT_FOUND);
    text[0] = '2';
    lk_nai_parse(&nai, LK_SPAN(text));
    assert_int_equal(lk_reauth_name_open(back, &nai), LK_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64url_goes_both_ways),
        cmocka_unit_test(base64url_refuses_what_is_none),
        cmocka_unit_test(nais_are_taken_apart),
        cmocka_unit_test(a_nai_of_zero_octets_and_nul_is_no_special_case),
        cmocka_unit_test(permanent_identities_and_realms_are_built),
        cmocka_unit_test(a_realm_tells_the_length_of_the_mnc),
        cmocka_unit_test(pseudonyms_open_for_their_key_alone),
        cmocka_unit_test(a_pseudonym_changed_anywhere_does_not_open),
        cmocka_unit_test(reauthentication_names_go_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
