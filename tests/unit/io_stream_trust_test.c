/* Whose a certificate is: each kind of alternative name, and the common name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "io/stream.h"
#include "io/stream_parts.h"

#define NAME "naf.example"
#define NUL_WITHIN NAME "!.evil" /* the library does not write it: the test does */

struct alternative {
    gnutls_x509_subject_alt_name_t kind;
    const char *octets;
    unsigned len;
};
#define NAME_OF(kind, text) { kind, text, sizeof(text) - 1 }
#define DNS(text) NAME_OF(GNUTLS_SAN_DNSNAME, text)
#define MAIL(text) NAME_OF(GNUTLS_SAN_RFC822NAME, text)
#define URI(text) NAME_OF(GNUTLS_SAN_URI, text)
#define IP(octets) NAME_OF(GNUTLS_SAN_IPADDRESS, octets)
#define NONE { 0, NULL, 0 }

static const struct row {
    const char *what, *common_name;
    struct alternative names[2];
    const char *name;
    bool is, has_dns;
} rows[] = {
    { "a DNS name", "x", { DNS(NAME), NONE }, NAME, true, true },
    { "the second", "x", { DNS("a.example"), DNS(NAME) }, NAME, true, true },
    { "behind another kind", "x", { MAIL("a@b.example"), DNS(NAME) }, NAME, true, true },
    { "in capitals", "x", { DNS("NAF.EXAMPLE"), NONE }, NAME, true, true },
    { "another", NAME, { DNS("other.example"), NONE }, NAME, false, false },
    { "a longer one", NAME, { DNS(NAME ".evil.example"), NONE }, NAME, false, false },
    { "one that it ends with", NAME, { DNS("a." NAME), NONE }, NAME, false, false },
    { "a wildcard", NAME, { DNS("*.example"), NONE }, NAME, false, false },
    { "a wildcard that is asked for", "x", { DNS("*.example"), NONE }, "*.example", false, false },
    { "a NUL within", "x", { DNS(NUL_WITHIN), NONE }, NAME, false, false },
    { "an e-mail address", NAME, { MAIL("root@" NAME), NONE }, NAME, false, false },
    { "one like a name", NAME, { MAIL(NAME), NONE }, NAME, false, false },
    { "a URI", NAME, { URI("https://" NAME), NONE }, NAME, false, false },
    { "one like a name", NAME, { URI(NAME), NONE }, NAME, false, false },
    { "an address", NAME, { IP("\x7f\0\0\1"), NONE }, NAME, false, false },
    { "an address, asked for", "x", { IP("\x7f\0\0\1"), NONE }, "127.0.0.1", true, false },
    { "another address", "127.0.0.1", { IP("\x7f\0\0\2"), NONE }, "127.0.0.1", false, false },
    { "one of IPv6", "x", { IP("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), NONE },
      "2001:DB8::1", true, false },
    { "an address as a DNS name", "x", { DNS("127.0.0.1"), NONE }, "127.0.0.1", true, true },
    { "the common name alone", NAME, { NONE, NONE }, NAME, true, false },
    { "it in capitals", "Naf.Example", { NONE, NONE }, NAME, true, false },
    { "another common name", "other.example", { NONE, NONE }, NAME, false, false },
    { "no name", NULL, { NONE, NONE }, NAME, false, false },
    { "nothing asked for", "x", { NONE, NONE }, "", false, false },
};

static void put(gnutls_x509_crt_t x509, const struct alternative *name)
{
    if (name->octets != NULL)
        assert_int_equal(gnutls_x509_crt_set_subject_alt_name(x509, name->kind, name->octets,
                                                              name->len, GNUTLS_FSAN_APPEND), 0);
}

/* Its octets: what is read of a certificate that has none is not what it will say. */
static void sign(gnutls_datum_t *der, const struct row *row, gnutls_x509_privkey_t key)
{
    gnutls_x509_crt_t x509;

    assert_int_equal(gnutls_x509_crt_init(&x509), 0);
    assert_int_equal(gnutls_x509_crt_set_version(x509, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(x509, "\1", 1), 0);
    assert_int_equal(gnutls_x509_crt_set_activation_time(x509, 0), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(x509, 1), 0);
    assert_int_equal(gnutls_x509_crt_set_key(x509, key), 0);
    if (row->common_name != NULL)
        assert_int_equal(gnutls_x509_crt_set_dn_by_oid(x509, GNUTLS_OID_X520_COMMON_NAME, 0,
                                                       row->common_name,
                                                       (unsigned)strlen(row->common_name)), 0);
    put(x509, &row->names[0]);
    put(x509, &row->names[1]);
    assert_int_equal(gnutls_x509_crt_sign2(x509, x509, key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(x509, GNUTLS_X509_FMT_DER, der), 0);
    gnutls_x509_crt_deinit(x509);
    for (size_t i = 0; i + sizeof NUL_WITHIN <= der->size; i++)
        if (memcmp(der->data + i, NUL_WITHIN, sizeof NUL_WITHIN - 1) == 0)
            der->data[i + sizeof NAME - 1] = '\0';
}

/* T28: what a CA that checks alternative names has not promised gives no right. */
static void a_name_is_an_alternative_name(void **state)
{
    gnutls_x509_privkey_t key;

    (void)state;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(
                         key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                         0), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lk_stream_certificate certificate = { .x509 = NULL };
        const struct row *row = &rows[i];
        gnutls_datum_t der;

        sign(&der, row, key);
        assert_int_equal(gnutls_x509_crt_init(&certificate.x509), 0);
        assert_int_equal(gnutls_x509_crt_import(certificate.x509, &der, GNUTLS_X509_FMT_DER), 0);
        gnutls_free(der.data);
        if (lk_stream_certificate_is(&certificate, row->name) != row->is ||
            lk_stream_certificate_has_dns(&certificate, row->name) != row->has_dns)
            fail_msg("row %zu: %s", i, row->what);
        lk_stream_certificate_close(&certificate);
    }
    gnutls_x509_privkey_deinit(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_name_is_an_alternative_name) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
