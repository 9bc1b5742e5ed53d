/* keys/e2e by the vectors, which another hand made; and nothing of what goes in is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/e2e.h"
#include "vectors.h"

static void one_n(const json_t *v, const struct lk_e2e_scope *scope)
{
    struct vector_octets key = vector_hex(v, "key"), ua = vector_hex(v, "ua");
    struct lk_ks_naf ks_naf;
    struct lk_ua_id ua_id;
    struct lk_k_af k_af;
    struct lk_e2e_n n;

    memcpy(ks_naf.octets, key.at, 32);
    memcpy(k_af.octets, key.at, 32);
    memcpy(ua_id.octets, ua.at, sizeof ua_id.octets);
    if (strcmp(vector_text(v, "source"), "k_af") == 0)
        lk_e2e_n_of_k_af(&n, &k_af, scope, &ua_id);
    else
        lk_e2e_n_of_ks_naf(&n, &ks_naf, scope, &ua_id);
    assert_vector(v, "n", n.octets, 32);
}

static void one_psk(const json_t *v, const struct lk_e2e_scope *scope)
{
    struct vector_octets octets[] = { vector_hex(v, "p"), vector_hex(v, "n"),
                                      vector_hex(v, "resumption") };
    struct lk_e2e_resumption resumption;
    struct lk_e2e_psk psk;
    struct lk_e2e_p p;
    struct lk_e2e_n n;

    memcpy(p.octets, octets[0].at, octets[0].len);
    p.len = octets[0].len;
    memcpy(n.octets, octets[1].at, octets[1].len);
    memcpy(resumption.octets, octets[2].at, octets[2].len);
    lk_e2e_psk_combine(&psk, scope, octets[0].len > 0 ? &p : NULL, octets[1].len > 0 ? &n : NULL,
                       octets[2].len > 0 ? &resumption : NULL);
    assert_vector(v, "psk", psk.octets, 32);
}

static void one_after(const json_t *v, const struct lk_e2e_scope *scope)
{
    struct vector_octets ck = vector_hex(v, "ck"), h = vector_hex(v, "h");
    struct vector_octets context = vector_hex(v, "context");
    struct lk_e2e_resumption resumption;
    struct lk_e2e_exporter exporter;
    uint8_t out[40];

    lk_e2e_exporter_derive(&exporter, ck.at, h.at);
    assert_vector(v, "exporter", exporter.octets, 32);
    lk_e2e_resumption_derive(&resumption, &exporter, scope, (uint8_t)vector_int(v, "flags"));
    assert_vector(v, "resumption", resumption.octets, 32);
    lk_e2e_export(out, sizeof out, &exporter, lk_span_text(vector_text(v, "label")),
                  vector_span(&context));
    assert_vector(v, "exported", out, sizeof out);
}

static void vectors(void **state)
{
    json_t *file = vectors_load("e2e");
    const json_t *v;
    size_t i;

    json_array_foreach(vectors_list(file, "vectors"), i, v) {
        const struct lk_e2e_scope scope = { lk_span_text(vector_text(v, "fqdn")),
                                            lk_span_text(vector_text(v, "app")) };
        const char *what = vector_text(v, "what");

        if (strcmp(what, "n") == 0)
            one_n(v, &scope);
        else if (strcmp(what, "psk") == 0)
            one_psk(v, &scope);
        else
            one_after(v, &scope);
    }
    json_decref(file);
}

/* T63: whatever is moved from one name to the next, or is absent and not zero, is another key. */
static void nothing_is_ambiguous(void **state)
{
    static const struct lk_e2e_n zero_n;
    static const struct lk_e2e_resumption zero_r;
    const struct lk_e2e_p zero_p = { .len = 32 }, longer_p = { .len = 64 };
    const struct lk_e2e_scope scopes[] = {
        { lk_span_text("ab"), lk_span_text("c") }, { lk_span_text("a"), lk_span_text("bc") },
    };
    struct lk_e2e_psk psk[14];
    size_t count = 0;

    for (unsigned i = 0; i < 2; i++) {
        lk_e2e_psk_combine(&psk[count++], &scopes[i], NULL, NULL, NULL);
        lk_e2e_psk_combine(&psk[count++], &scopes[i], &zero_p, NULL, NULL);
        lk_e2e_psk_combine(&psk[count++], &scopes[i], &longer_p, NULL, NULL);
        lk_e2e_psk_combine(&psk[count++], &scopes[i], NULL, &zero_n, NULL);
        lk_e2e_psk_combine(&psk[count++], &scopes[i], &zero_p, &zero_n, NULL);
        lk_e2e_psk_combine(&psk[count++], &scopes[i], NULL, NULL, &zero_r);
        lk_e2e_psk_combine(&psk[count++], &scopes[i], NULL, &zero_n, &zero_r);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(&psk[i], &psk[k], sizeof psk[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(nothing_is_ambiguous),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
