/* trace, keys of applications: each row's mark, what is calculated again, with a control of one
 * bit, and what a printed tree does not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys/akma.h"
#include "trace/keytree.h"
#include "trace/protocol.h"

#define CHALLENGE "nonce=\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\", realm=\"bsf.example\""
#define B_TID "b@bsf.example"
enum {
    BY_BSF = LK_WHO_DEVICE | LK_WHO_BSF,
    BY_AANF = LK_WHO_DEVICE | LK_WHO_AUSF | LK_WHO_AANF,
    BY_EITHER = LK_WHO_DEVICE | LK_WHO_HOME,
    ENDS = LK_WHO_APPLICATION | LK_WHO_SERVER,
};

static const uint8_t rand_seen[LK_RAND_LEN] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
                                                15 };
static const struct lk_ks ks = { { 1, 2, 3 } };
static const struct lk_k_akma k_akma = { { 4, 5, 6 } };
static struct lk_trace trace;
static struct lk_keytree tree;

/* A bootstrapping of that name, by the wire. */
static void bootstrapped(const char *name)
{
    static const char *const end = "\", uri=\"/\", response=\"0123456789abcdef0123456789abcdef\"";
    char said[4][512];
    struct lk_trace_packet packet = { .datagram = { .carrier = LK_CARRIER_OPENED } };

    (void)snprintf(said[0], sizeof said[0], "GET / HTTP/1.1\r\nAuthorization: Digest realm=\"b\", "
                   "nonce=\"\", username=\"%s%s\r\n\r\n", name, end);
    (void)snprintf(said[1], sizeof said[1], "HTTP/1.1 401 N\r\nWWW-Authenticate: Digest %s, "
                   "qop=\"auth-int\", algorithm=AKAv1-MD5\r\n\r\n", CHALLENGE);
    (void)snprintf(said[2], sizeof said[2], "GET / HTTP/1.1\r\nAuthorization: Digest %s, "
                   "username=\"%s%s, qop=auth-int, nc=00000001, cnonce=\"c\"\r\n\r\n", CHALLENGE,
                   name, end);
    (void)snprintf(said[3], sizeof said[3], "HTTP/1.1 200 OK\r\nAuthentication-Info: "
                   "rspauth=\"0123456789abcdef0123456789abcdef\", qop=auth-int, cnonce=\"c\", "
                   "nc=00000001\r\n\r\n<btid>%s</btid>", B_TID);
    for (size_t i = 0; i < 4; i++) {
        packet.datagram.from.port = i % 2 == 0 ? 1000 : 80;
        packet.datagram.to.port = i % 2 == 0 ? 80 : 1000;
        packet.datagram.payload = lk_span_text(said[i]);
        assert_int_equal(lk_trace_add(&trace, LK_TRACE_UB, &packet), LK_OK);
    }
}

static void keep(enum lk_app_key_log_kind kind, const struct lk_span *parts, size_t count,
                 struct lk_span key, uint16_t number)
{
    struct lk_app_key_log entry;

    assert_int_equal(lk_app_key_log_of(&entry, kind, parts, count, key), LK_OK);
    entry.number = number;
    assert_int_equal(lk_trace_keep_app_key(&trace, &entry), LK_OK);
    assert_int_equal(lk_trace_keep_app_key(&trace, &entry), LK_OK); /* once */
}

static void session(const char *key_id, const struct lk_naf_id *server, uint16_t with)
{
    const uint8_t fingerprint[LK_APP_KEY_LOG_FINGERPRINT] = { 0xf0, (uint8_t)with };
    const struct lk_span parts[] = { lk_span_text(key_id), lk_span_text("notes"),
                                     lk_span_text("ann"), lk_span_of(server->octets, server->len) };

    keep(LK_APP_KEY_LOG_E2E, parts, 4, LK_SPAN(fingerprint), with);
}

/* Everything, of one server; an altered bit in the keys of NAF and AF. */
static void fill(const char *name, uint8_t altered)
{
    struct lk_span parts[2] = { lk_span_text(B_TID) };
    struct lk_ks_naf ks_naf;
    struct lk_naf_id naf;
    struct lk_k_af k_af;

    lk_trace_init(&trace);
    bootstrapped(name);
    lk_naf_id_of(&naf, lk_span_text("naf.example"), &lk_ua_id_http_digest);
    lk_ks_naf_derive(&ks_naf, &ks, rand_seen, lk_span_text("u@ims"), &naf);
    lk_k_af_derive(&k_af, &k_akma, &naf);
    ks_naf.octets[31] ^= altered;
    k_af.octets[31] ^= altered;
    keep(LK_APP_KEY_LOG_KS, parts, 1, LK_SPAN(ks.octets), 0);
    parts[1] = lk_span_of(naf.octets, naf.len);
    keep(LK_APP_KEY_LOG_KS_NAF, parts, 2, LK_SPAN(ks_naf.octets), 0);
    parts[0] = lk_span_text("a@akma");
    keep(LK_APP_KEY_LOG_K_AKMA, parts, 1, LK_SPAN(k_akma.octets), 0);
    keep(LK_APP_KEY_LOG_K_AF, parts, 2, LK_SPAN(k_af.octets), 0);
    session(B_TID, &naf, 3);
    session("a@akma", &naf, 1);
    session("", &naf, 2);
    naf.octets[0] = 'N';
    session(B_TID, &naf, 1); /* of another server's key, which the capture does not have */
    assert_int_equal(lk_trace_finish(&trace), LK_OK);
    lk_keytree_applications(&tree, &trace, NULL);
}

/* spec: TS 33.220 4.5.3 - T60: home and device can compute whatever is of Ks; what two ends alone
 * have stays theirs. */
static void each_key_has_its_mark(void **state)
{
    static const struct {
        const char *name, *parent;
        unsigned who;
        const char *naf, *how;
    } rows[] = {
        { "Ks", NULL, BY_BSF, "", "CK || IK" },
        { "Ks_NAF", "Ks", BY_BSF | LK_WHO_NAF, "naf.example", "KDF(Ks" },
        { "N", "Ks_NAF", BY_BSF | LK_WHO_NAF, "naf.example", "HKDF" },
        { "psk", "N", ENDS, "", "of N and the application's P" },
        { "session keys", "psk", ENDS, "", "X25519" },
        { "K_AKMA", NULL, BY_AANF, "", "K_AUSF" },
        { "K_AF", "K_AKMA", BY_AANF | LK_WHO_NAF, "naf.example", "K_AKMA" },
        { "N", "K_AF", BY_AANF | LK_WHO_NAF, "naf.example", "HKDF" },
        { "psk", "N", BY_AANF | LK_WHO_NAF, "naf.example", "of N alone" },
        { "session keys", "psk", ENDS, "", "X25519" },
        { "psk", NULL, ENDS, "", "of the application's P alone" },
        { "session keys", "psk", ENDS, "", "X25519" },
        { "N", NULL, BY_EITHER | LK_WHO_NAF, "Naf.example", "HKDF" },
        { "psk", "N", BY_EITHER | LK_WHO_NAF, "Naf.example", "of N alone" },
        { "session keys", "psk", ENDS, "", "X25519" },
    };

    fill("u@ims", 0);
    assert_int_equal(tree.count, LK_COUNT_OF(rows));
    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        const struct lk_key_node *node = &tree.node[i];

        assert_string_equal(node->name, rows[i].name);
        assert_int_equal(node->who, rows[i].who);
        assert_string_equal(node->naf, rows[i].naf);
        assert_non_null(strstr(node->how, rows[i].how));
        if (node->name[0] == 'p' || node->name[0] == 'N')
            assert_string_equal(node->detail, "of notes");
        assert_int_equal(node->parent == LK_TRACE_NONE, rows[i].parent == NULL);
        if (rows[i].parent != NULL)
            assert_string_equal(tree.node[node->parent].name, rows[i].parent);
    }
    assert_int_equal(tree.node[0].run, 0);
    assert_non_null(strstr(tree.node[9].detail, "the operator can play this user"));
    assert_null(strstr(tree.node[4].detail, "can play"));
    lk_trace_free(&trace);
}

static void marks_are_told(void **state)
{
    static const struct {
        struct lk_key_node node;
        const char *text;
    } rows[] = {
        { { .who = ENDS }, "the application's two ends; operator: no" },
        { { .who = BY_BSF }, "device, BSF; operator: yes" },
        { { .who = BY_BSF | LK_WHO_NAF, .naf = "naf.example" },
          "device, BSF, naf.example; operator: yes" },
        { { .who = BY_AANF | LK_WHO_NAF, .naf = "af.example" },
          "device, AUSF, AAnF, af.example; operator: yes" },
        { { .who = BY_EITHER | LK_WHO_NAF }, "device, BSF or AAnF, NAF or AF; operator: yes" },
        { { .who = 0 }, "" },
    };
    char text[LK_WHO_TEXT];

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        lk_keytree_who_text(text, &rows[i].node);
        assert_string_equal(text, rows[i].text);
    }
}

/* Of a key that was altered the tree says so; who goes by a TMPI has an IMPI that is not shown. */
static void an_altered_key_is_told(void **state)
{
    static const struct {
        const char *name;
        uint8_t altered;
        const char *ks_naf, *k_af;
    } rows[] = {
        { "u@ims", 0, "same", "same" },
        { "u@ims", 1, "another", "another" },
        { "v@ims", 0, "another", "same" },
        { "x@" LK_TMPI_REALM, 0, NULL, "same" },
    };

    for (size_t i = 0; i < LK_COUNT_OF(rows); i++) {
        fill(rows[i].name, rows[i].altered);
        if (rows[i].ks_naf != NULL)
            assert_non_null(strstr(tree.node[1].detail, rows[i].ks_naf));
        else
            assert_null(strstr(tree.node[1].detail, "calculated"));
        assert_non_null(strstr(tree.node[6].detail, rows[i].k_af));
        lk_trace_free(&trace);
    }
}

static bool prints(const char *word, bool values)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    bool found;

    assert_non_null(to);
    lk_keytree_print(to, &tree, values);
    assert_int_equal(fclose(to), 0);
    found = strstr(text, word) != NULL;
    free(text);
    return found;
}

/* T27: names and a fingerprint; values only where they are asked for. */
static void no_value_is_printed_unasked(void **state)
{
    fill("u@ims", 0);
    assert_false(prints("010203000000", false));
    assert_true(prints("010203000000", true));
    assert_true(prints("fingerprint f003", false));
    for (size_t i = 0; i < tree.count; i++)
        assert_int_equal(tree.node[i].has_value, tree.node[i].name[0] == 'K');
    lk_trace_free(&trace);
}

/* More than the tree has room for: what fits is shown. */
static void it_is_bounded(void **state)
{
    struct lk_naf_id naf;
    char name[32];

    lk_trace_init(&trace);
    lk_naf_id_of(&naf, lk_span_text("naf.example"), &lk_ua_id_http_digest);
    for (unsigned i = 0; i < 2 * LK_KEYTREE_MAX; i++) {
        struct lk_span parts[2] = { lk_span_of(name, 0), lk_span_of(naf.octets, naf.len) };

        parts[0].len = (size_t)snprintf(name, sizeof name, "%u@bsf", i / 4);
        keep(i % 4 == 0 ? LK_APP_KEY_LOG_KS : LK_APP_KEY_LOG_KS_NAF, parts, i % 4 == 0 ? 1 : 2,
             lk_span_of((uint8_t[32]){ (uint8_t)i }, 32), 0);
        (void)snprintf(name, sizeof name, "%u@bsf", i / 4);
        session(name, &naf, (uint16_t)(1 + i % 2 * 2));
    }
    lk_keytree_applications(&tree, &trace, NULL);
    assert_in_range(tree.count, LK_KEYTREE_MAX - 3, LK_KEYTREE_MAX);
    lk_trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_has_its_mark),
        cmocka_unit_test(marks_are_told),
        cmocka_unit_test(an_altered_key_is_told),
        cmocka_unit_test(no_value_is_printed_unasked),
        cmocka_unit_test(it_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
